"""Parameter Match Rate (arXiv 2512.20387): parameters of the truth that the script sets to the same value, over all of them.

    PMR = |{(object, parameter) of the truth with the same value in the script}| / |{(object, parameter) of the truth}|

The paper does not say what one parameter is, nor how values are compared. Chosen here: a parameter is what a person states as one
thing (a process time with its distribution, a capacity, a percentage split, a time to failure); it matches only if the family and
every figure agree to 1 in 10^6 after the script has run, so `minutes(2)` is 120. Values that say nothing (no setup, capacity 1 of
a machine) are not counted. An object that is missing, or of another kind, has none of its parameters right. `within_type` is the
same rate over the objects that exist with the right kind.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, is_dataclass

from gdt2usd.dataset.prompt_facts import groups_of, kind_of
from gdt2usd.graph.model import ProcessGraph, Resource, Station

TOLERANCE = 1e-6
_STRUCTURE = frozenset({"team"})
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class ParameterScore:
    """`matched` of `total` parameters; `typed_matched` of `typed_total` of those whose object has the right kind."""

    matched: int
    total: int
    typed_matched: int
    typed_total: int
    wrong: tuple[Key, ...] = ()

    @property
    def pmr(self) -> float:
        return self.matched / self.total if self.total else 1.0

    @property
    def within_type(self) -> float:
        return self.typed_matched / self.typed_total if self.typed_total else float(not self.total)


def _values(graph: ProcessGraph, thing: Station | Resource, group: str) -> dict[str, object]:
    if group == "breakdown":
        stops = getattr(thing, group)
        return {"time_to_failure_s": stops.time_to_failure_s, "time_to_repair_s": stops.time_to_repair_s}
    if group == "operators":
        need = getattr(thing, group)
        return {group: (need.process_count, need.setup_count)}
    if group == "percent":
        return {group: tuple(sorted((x.downstream, x.percent) for x in graph.links if x.upstream == thing.id))}
    return {group: getattr(thing, group)}


def parameters_of(graph: ProcessGraph) -> dict[Key, object]:
    """What the graph states: (object, parameter) to value; the line itself is object ""."""
    found: dict[Key, object] = {}
    for thing in (*graph.stations, *graph.resources):
        for group in groups_of(thing):
            if group not in _STRUCTURE:
                found |= {(thing.id, name): value for name, value in _values(graph, thing, group).items()}
    for name in ("horizon_s", "warm_up_s"):
        if (value := getattr(graph, name)) is not None:
            found["", name] = value
    return found


def same(a: object, b: object) -> bool:
    """Whether two values agree: records field by field, numbers to `TOLERANCE`."""
    if isinstance(a, bool) or isinstance(b, bool) or isinstance(a, str) or isinstance(b, str):
        return a == b
    if isinstance(a, int | float) and isinstance(b, int | float):
        return math.isclose(a, b, rel_tol=TOLERANCE, abs_tol=TOLERANCE * 1e-3)
    if isinstance(a, tuple) and isinstance(b, tuple):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b, strict=True))
    if is_dataclass(a) and type(a) is type(b):
        return all(same(getattr(a, f.name), getattr(b, f.name)) for f in fields(a))
    return a == b


def match(truth: ProcessGraph, made: ProcessGraph | None) -> ParameterScore:
    """Compare the parameters of a graph (None: nothing ran) with the truth's."""
    wanted = parameters_of(truth)
    got = parameters_of(made) if made is not None else {}
    kinds = {t.id: kind_of(t) for t in (*truth.stations, *truth.resources)} | {"": "line"}
    made_kinds = {t.id: kind_of(t) for t in (*made.stations, *made.resources)} | {"": "line"} if made is not None else {}
    typed = {key for key in wanted if made_kinds.get(key[0]) == kinds[key[0]]}
    right = {key for key in typed if key in got and same(wanted[key], got[key])}
    return ParameterScore(len(right), len(wanted), len(right), len(typed), tuple(sorted(set(wanted) - right)))
