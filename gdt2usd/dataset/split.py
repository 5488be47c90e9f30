"""Which split a line belongs to: by what the line is, so that near-duplicates stay on the same side, whatever the seed.

Two lines are the same here when they differ only in names, numbers and places. Not covered: how samples are stored (`build`).
"""

from __future__ import annotations

import hashlib
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from typing import Any

from gdt2usd.graph.model import ProcessGraph

SPLITS = ("train", "validation", "test")
_SHARES = (0.90, 0.95, 1.0)
_LEFT_OUT = frozenset(
    {"id", "pose", "span", "start_m", "end_m", "dispatcher", "triggers", "name", "flexscript", "text", "flexsim_class"}
)


@cache
def _kept(kind: type[Any]) -> tuple[str, ...]:
    """The fields that make a line what it is."""
    return tuple(field.name for field in fields(kind) if field.name not in _LEFT_OUT)


def _masked(value: Any, place: dict[str, int]) -> Any:
    """Types and structure of a value; numbers become their sign, names their place."""
    if isinstance(value, bool):
        return value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, int | float):
        return 0 if value == 0 else 1
    if isinstance(value, str):
        return place.get(value, "?")
    if isinstance(value, tuple):
        return tuple(_masked(one, place) for one in value)
    if is_dataclass(value):
        kind: Any = type(value)
        return (kind.__name__, *(_masked(getattr(value, name), place) for name in _kept(kind)))
    return None if value is None else str(value)


def identity(graph: ProcessGraph) -> str:
    """A hash (16 hex digits) of the line with names, numbers and places masked."""
    place = {thing.id: index for index, thing in enumerate((*graph.stations, *graph.resources))}
    things = tuple(_masked(thing, place) for thing in (*graph.stations, *graph.resources))
    links = tuple(
        (place[k.upstream], place[k.downstream], k.out_port, k.in_port, k.percent is None, place.get(k.transport or ""))
        for k in graph.links
    )
    return hashlib.sha256(repr((things, links)).encode()).hexdigest()[:16]


def split_of(line_identity: str) -> str:
    """`train`, `validation` or `test` (90, 5, 5 %)."""
    point = int(hashlib.sha256(f"split {line_identity}".encode()).hexdigest()[:13], 16) / 16**13
    return next(split for split, share in zip(SPLITS, _SHARES, strict=True) if point < share)
