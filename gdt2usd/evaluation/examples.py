"""Reads a folder of example lines (examples.json and pictures) into truths, pictures and prompts.

Times are seconds, lengths metres; a lognormal is given by its own mean and standard deviation; `count` n > 1 of a resource stands
for n of them named "X 1" .. "X n". A centre connection of an operator is a machine that needs it, of a vehicle, and of anybody at
a station without work, a station whose items it carries, of a resource and a dispatcher membership of its team; a dispatcher counts
as its team does.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from gdt2usd.diagnostics import GdtError, Place, error
from gdt2usd.graph import distributions as d
from gdt2usd.graph import model as m
from gdt2usd.graph.serial_fields import RESOURCE_FIELDS, STATION_FIELDS

_TYPES: dict[str, type] = {kind: row[0] for kind, row in (STATION_FIELDS | RESOURCE_FIELDS).items()}
_TIMES = {
    "interarrival_time": "interarrival_time_s", "process_time": "process_time_s", "setup_time": "setup_time_s",
    "dwell_time": "dwell_time_s", "load_time": "load_time_s", "unload_time": "unload_time_s", "move_time": "move_time_s",
}  # fmt: skip
_PLAIN = {"capacity": ("capacity", int), "length_m": ("length_m", float), "speed_mps": ("speed_m_s", float)}
_CARRIERS = (m.Transporter, m.AGV, m.Robot, m.Crane, m.TaskExecuter)


def _refuse(code: str, message: str, where: str, hint: str = "") -> GdtError:
    return GdtError([error(code, message, Place(where), hint)])


def distribution(written: Any, where: str) -> d.Distribution:
    """A distribution of examples.json."""
    if isinstance(written, int | float):
        return d.Constant(float(written))
    try:
        v = {key: float(value) for key, value in written.items() if key != "dist"}
        match written["dist"]:
            case "constant":
                return d.Constant(v["value"])
            case "exponential":
                return d.Exponential(v["mean"])
            case "normal":
                return d.Normal(v["mean"], v["sd"])
            case "triangular":
                return d.Triangular(v["min"], v["mode"], v["max"])
            case "uniform":
                return d.Uniform(v["min"], v["max"])
            case "lognormal":
                variance = math.log1p((v["sd"] / v["mean"]) ** 2)
                return d.Lognormal(math.log(v["mean"]) - variance / 2, math.sqrt(variance))
            case "gamma":
                return d.Gamma(v["shape"], v["scale"])
            case "weibull":
                return d.Weibull(v["shape"], v["scale"])
            case "poisson":
                return d.Poisson(v["mean"])
    except (KeyError, TypeError, ValueError, AttributeError, ZeroDivisionError) as problem:
        raise _refuse("EV104", f"{written!r} is no distribution: {problem}", where) from None
    raise _refuse("EV104", f"there is no distribution {written['dist']!r}", where)


def _fields(written: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in written.items():
        if key in _TIMES:
            found[_TIMES[key]] = distribution(value, name)
        elif key in _PLAIN:
            field, kind = _PLAIN[key]
            found[field] = kind(value)
        elif key == "mode":
            found["mode"] = value
        elif key == "components":
            found["components"] = tuple(int(x) for x in (value if isinstance(value, list) else [value]))
        elif key == "quantity":
            found["quantity"] = d.Constant(float(value))
        elif key not in ("mtbf", "mttr", "count"):
            raise _refuse("EV104", f"there is no parameter {key!r}", name)
    if "mtbf" in written:
        repair = distribution(written.get("mttr", 0), name)
        found["breakdown"] = m.Breakdown(time_to_failure_s=distribution(written["mtbf"], name), time_to_repair_s=repair)
    return found


def _thing(written: dict[str, Any], name: str) -> Any:
    kind = _TYPES.get(written["type"])
    if kind is None:
        raise _refuse("EV104", f"there is no type {written['type']!r}", name, f"one of {', '.join(_TYPES)}")
    found = _fields(written.get("params") or {}, name)
    if "mode" in found:
        found["mode"] = {m.Combiner: m.CombinerMode, m.Separator: m.SeparatorMode}.get(kind, str)(found["mode"])
    try:
        return kind(id=name, **found)
    except TypeError as problem:
        raise _refuse("EV104", f"a {written['type']} cannot have these parameters: {problem}", name) from None


def _links(connections: list[dict[str, Any]]) -> tuple[m.Link, ...]:
    outs: dict[str, int] = {}
    ins: dict[str, int] = {}
    links = []
    for row in connections:
        a, b = row["from"], row["to"]
        outs[a], ins[b] = outs.get(a, 0) + 1, ins.get(b, 0) + 1
        percent = row.get("percent")
        links.append(
            m.Link(upstream=a, downstream=b, out_port=outs[a], in_port=ins[b], percent=None if percent is None else float(percent))
        )
    return tuple(links)


def _members(written: dict[str, Any]) -> list[str]:
    count = int((written.get("params") or {}).get("count", 1))
    return [written["name"]] if count == 1 else [f"{written['name']} {i}" for i in range(1, count + 1)]


def graph_of(line: dict[str, Any]) -> m.ProcessGraph:
    """The truth of one line.

    Raises:
        GdtError: EV103 or EV104, the line is incomplete or has something unknown.
    """
    try:
        return _graph_of(line)
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        raise _refuse("EV103", f"the line cannot be read: {problem!r}", str(line.get("id", "line"))) from None


def _graph_of(line: dict[str, Any]) -> m.ProcessGraph:
    stations: dict[str, Any] = {}
    resources: dict[str, Any] = {}
    members = {written["name"]: _members(written) for written in line["objects"]}
    for written in line["objects"]:
        for name in members[written["name"]]:
            thing = _thing(written, name)
            (resources if written["type"] in RESOURCE_FIELDS else stations)[name] = thing
    links = list(_links(line["connections"]))
    needs: dict[str, list[str]] = {}
    carriers = {name for name, resource in resources.items() if isinstance(resource, _CARRIERS)}
    for dispatcher in (name for name, resource in resources.items() if isinstance(resource, m.Dispatcher)):
        team = {end for ends in line.get("centre_connections") or [] if dispatcher in ends for end in ends} & members.keys()
        people = [name for end in team - {dispatcher} for name in members[end] if name in resources]
        if people and carriers.issuperset(people):
            carriers.add(dispatcher)
    for ends in line.get("centre_connections") or []:
        a, b = (end for end in ends)
        if members[a][0] in stations:
            a, b = b, a
        for name in members[a]:
            if b in stations and (name in carriers or not hasattr(stations[b], "operators")):
                links = [replace(k, transport=name) if k.upstream == b and k.transport is None else k for k in links]
            elif b in stations:
                needs.setdefault(b, []).append(name)
            else:
                leader, member = (b, name) if isinstance(resources.get(b), m.Dispatcher) else (name, members[b][0])
                resources[leader] = replace(resources[leader], team=(*resources[leader].team, member))
                resources[member] = replace(resources[member], dispatcher=leader)
    for name, crew in needs.items():
        stations[name] = replace(stations[name], operators=m.OperatorNeed(resources=tuple(crew)))
    for name, station in stations.items():
        shares = tuple(k.percent for k in links if k.upstream == name)
        if shares and all(share is not None for share in shares):
            stations[name] = replace(station, routing=m.Percent(tuple(share for share in shares if share is not None)))
    return m.ProcessGraph(stations=tuple(stations.values()), links=tuple(links), resources=tuple(resources.values()))


def read_lines(folder: Path) -> list[dict[str, Any]]:
    """The lines of `folder/examples.json`.

    Raises:
        GdtError: EV103, there is no such file or it is no JSON of lines.
    """
    path = folder / "examples.json"
    try:
        lines = json.loads(path.read_text(encoding="utf-8"))["lines"]
        return [dict(line) for line in lines]
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise _refuse("EV103", f"the examples cannot be read: {problem}", str(path)) from None


def pictures_of(line: dict[str, Any], folder: Path) -> Iterator[tuple[Path, str]]:
    """Path and style of the line's pictures; a picture that is not there is an error.

    Raises:
        GdtError: EV103.
    """
    for row in line.get("images", ()):
        path = folder / str(row["file"])
        if not path.is_file():
            raise _refuse("EV103", f"there is no picture {row['file']}", str(folder))
        yield path, str(row.get("style", ""))
