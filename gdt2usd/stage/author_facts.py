"""The facts of a station or resource as `gdt:` attribute lines: the keys and values of `3-graph.json`, written fast.

Goes by the field tables of `graph.serial`; what two stations have in common is turned into text once.
Not covered: reading facts back (`author_read`), the text of one value (`author_text`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from gdt2usd.graph.model import Link, Resource, Station
from gdt2usd.graph.serial import kind_of
from gdt2usd.graph.serial_fields import RESOURCE_FIELDS, STATION_FIELDS, Field
from gdt2usd.stage.author_text import PREFIX, attribute_lines, quoted

_TABLES: dict[str, tuple[Field, ...]] = {kind: rows for kind, (_, rows) in (STATION_FIELDS | RESOURCE_FIELDS).items()}


def fact_lines(thing: Station | Resource) -> list[str]:
    """All facts of `thing`, and the line of the script that made it."""
    kind = kind_of(thing)
    pose = thing.pose
    x, y, z = pose.position_m
    lines = [
        f"custom string {PREFIX}:id = {quoted(thing.id)}",
        _head(kind, thing.flexsim_class, pose.size_m),
        f"custom double[] {PREFIX}:position_m = [{float(x)!r}, {float(y)!r}, {float(z)!r}]",
        f"custom double {PREFIX}:yaw_deg = {float(pose.yaw_deg)!r}",
    ]
    lines += [text for index, row in enumerate(_TABLES[kind]) if (text := _field(kind, index, getattr(thing, row.name)))]
    if (need := getattr(thing, "operators", None)) is not None:
        lines.append(_operators(need))
    if thing.span is not None:
        lines.append(f"custom int64 {PREFIX}:script_line = {thing.span.line}")
    return lines


@lru_cache(maxsize=4096)
def _head(kind: str, flexsim_class: str, size: tuple[float, ...]) -> str:
    lines = [*attribute_lines(f"{PREFIX}:kind", kind), *attribute_lines(f"{PREFIX}:flexsim_class", flexsim_class)]
    return "\n".join([*lines, *attribute_lines(f"{PREFIX}:size_m", [float(v) for v in size])])


@lru_cache(maxsize=65536, typed=True)
def _field(kind: str, index: int, value: Any) -> str:
    """One row of the table; nothing for a value that `3-graph.json` leaves out."""
    row = _TABLES[kind][index]
    if value is None or (not row.always and _is_default(kind, row.name, value)):
        return ""
    return "\n".join(attribute_lines(f"{PREFIX}:{row.key}", row.write(value)))


def _is_default(kind: str, name: str, value: Any) -> bool:
    made = (STATION_FIELDS | RESOURCE_FIELDS)[kind][0]
    return bool(getattr(made(id=""), name) == value)


@lru_cache(maxsize=1024)
def _operators(need: Any) -> str:
    found: dict[str, Any] = {"operators": list(need.resources)}
    if not need.resources or (need.process_count, need.setup_count) != (1, 0):
        found["operator_counts"] = {"process": need.process_count, "setup": need.setup_count}
    return "\n".join(line for key, value in found.items() for line in attribute_lines(f"{PREFIX}:{key}", value))


def link_lines(links: Sequence[tuple[int, Link]], paths: Mapping[str, str]) -> list[str]:
    """The links of one station, each with its rank in the graph: a relationship, and arrays for what is not the usual.

    Left out where usual: output ports 1, 2, ..., n; input ports 1; no percentage; no transport.
    """
    if not links:
        return []
    targets = list(dict.fromkeys(paths[link.downstream] for _, link in links))
    lines = [f"custom rel {PREFIX}:downstream = [{', '.join(f'<{t}>' for t in targets)}]"]
    lines.append(f"custom int64[] {PREFIX}:links:rank = {[rank for rank, _ in links]}")
    if len(targets) < len(links):
        lines.append(f"custom string[] {PREFIX}:links:to = [{', '.join(quoted(link.downstream) for _, link in links)}]")
    out_ports = [link.out_port for _, link in links]
    if out_ports != list(range(1, len(links) + 1)):
        lines.append(f"custom int64[] {PREFIX}:links:out_port = {out_ports}")
    in_ports = [link.in_port for _, link in links]
    if any(port != 1 for port in in_ports):
        lines.append(f"custom int64[] {PREFIX}:links:in_port = {in_ports}")
    if any(link.percent is not None for _, link in links):
        percents = ("nan" if link.percent is None else repr(float(link.percent)) for _, link in links)
        lines.append(f"custom double[] {PREFIX}:links:percent = [{', '.join(percents)}]")
    if any(link.transport is not None for _, link in links):
        lines.append(f"custom string[] {PREFIX}:links:transport = [{', '.join(quoted(link.transport or '') for _, link in links)}]")
    return lines
