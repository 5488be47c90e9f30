"""The process graph as JSON: `3-graph.json`, schema "gdt2usd.graph/1" (published in `graph.schema.json`).

`from_json(to_json(graph)) == graph` for every graph, spans included. Reading is strict: an unknown key is an error with the
nearest known one. Keys beyond the contract hold what it has no place for and appear only when they differ from the default.
Not covered: whether the graph makes sense (`validate`).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import MISSING, fields, replace
from pathlib import Path
from typing import Any

from gdt2usd.diagnostics import Diagnostic, GdtError, Place, error
from gdt2usd.graph import model as m
from gdt2usd.graph.ports import links_out
from gdt2usd.graph.serial_fields import (
    KINDS,
    LINK_FIELDS,
    RESOURCE_FIELDS,
    STATION_FIELDS,
    Field,
    JsonError,
    number,
    only,
    plain,
    record,
    text,
    vector,
)
from gdt2usd.script.library_sizes import default_size_m
from gdt2usd.script.pause import paused_collection

SCHEMA = "gdt2usd.graph/1"
MAX_BYTES = 64 * 1024 * 1024
MAX_DIAGNOSTICS = 100
_PLACE = ("id", "kind", "position_m")
_PLACE_OPTIONAL = ("flexsim_class", "yaw_deg", "size_m")


def kind_of(thing: m.Station | m.Resource) -> str:
    """The contract's word: "processor", "agv" ..."""
    return KINDS[type(thing)]


def json_schema() -> dict[str, Any]:
    """The JSON Schema of `3-graph.json`."""
    found: dict[str, Any] = json.loads((Path(__file__).parent / "graph.schema.json").read_text(encoding="utf-8"))
    return found


# ---- writing ----


def to_json(graph: m.ProcessGraph) -> dict[str, Any]:
    """The document, of plain dicts, lists, texts and numbers."""
    document: dict[str, Any] = {"schema": SCHEMA, "time_unit": graph.time_unit, "length_unit": graph.length_unit}
    for key in ("horizon_s", "warm_up_s"):
        if (value := getattr(graph, key)) is not None:
            document[key] = value
    outputs = links_out(graph)
    document["stations"] = [_write_station(station, outputs.get(station.id, ())) for station in graph.stations]
    document["links"] = [_write_fields(link, LINK_FIELDS) for link in graph.links]
    document["resources"] = [_write_thing(r, RESOURCE_FIELDS[kind_of(r)][1]) for r in graph.resources]
    return document


def write_graph(graph: m.ProcessGraph, path: Path) -> None:
    """`to_json` as a file, UTF-8, indented. Raises OSError."""
    path.write_text(dumps(graph), encoding="utf-8")


def dumps(graph: m.ProcessGraph) -> str:
    """`to_json` as text."""
    return json.dumps(to_json(graph), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _write_thing(thing: m.Station | m.Resource, table: tuple[Field, ...]) -> dict[str, Any]:
    pose = thing.pose
    head = {
        "id": thing.id,
        "kind": kind_of(thing),
        "flexsim_class": thing.flexsim_class,
        "position_m": plain(pose.position_m),
        "yaw_deg": pose.yaw_deg,
        "size_m": plain(pose.size_m),
    }
    return head | _write_fields(thing, table)


def _write_fields(thing: Any, table: tuple[Field, ...]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for row in table:
        value = getattr(thing, row.name)
        if row.always or value != _default(type(thing), row.name):
            found[row.key] = row.write(value)
    return found


def _write_station(station: m.Station, links: Sequence[m.Link]) -> dict[str, Any]:
    found = _write_thing(station, STATION_FIELDS[kind_of(station)][1])
    if hasattr(station, "operators"):
        need = station.operators
        found["operators"] = list(need.resources) if need else []
        if need and (not need.resources or (need.process_count, need.setup_count) != (1, 0)):
            found["operator_counts"] = {"process": need.process_count, "setup": need.setup_count}
    if isinstance(station.routing, m.Percent) and _percents(links) == station.routing.percents:
        del found["routing"]["percents"]
    return found


def _percents(links: Sequence[m.Link]) -> tuple[float, ...]:
    """The percentages of a station's links out, which are in the order of the ports; a link without one counts as 0."""
    return tuple(0.0 if link.percent is None else link.percent for link in links)


def _default(kind: type, name: str) -> Any:
    row = next(f for f in fields(kind) if f.name == name)
    return row.default_factory() if row.default_factory is not MISSING else row.default


# ---- reading ----


def from_json(document: Any, name: str = "3-graph.json") -> m.ProcessGraph:
    """The graph of a document. Raises GdtError with every problem found (GR301 ... GR303), each with its path."""
    problems: list[Diagnostic] = []
    try:
        with paused_collection():
            graph = _read_document(document, problems)
    except JsonError as problem:
        problems.append(_report(problem))
        graph = m.ProcessGraph(stations=())
    if problems:
        raise GdtError(problems[:MAX_DIAGNOSTICS], name=name)
    return graph


def loads(source: str, name: str = "3-graph.json") -> m.ProcessGraph:
    """The graph in a JSON text. Raises GdtError."""
    if len(source) > MAX_BYTES:
        raise GdtError([error("GR302", f"the document has {len(source)} characters, more than {MAX_BYTES}")], name=name)
    try:
        document = json.loads(source, parse_constant=_no_constant)
    except RecursionError:
        raise GdtError([error("GR302", "the document is nested too deeply")], name=name) from None
    except json.JSONDecodeError as problem:
        where = Place(f"line {problem.lineno}, column {problem.colno}")
        raise GdtError([error("GR302", f"this is no JSON: {problem.msg}", where)], name=name) from None
    except ValueError as problem:
        raise GdtError([error("GR302", f"this is no JSON: {problem}")], name=name) from None
    return from_json(document, name)


def read_graph(path: Path) -> m.ProcessGraph:
    """The graph in a file. Raises GdtError, OSError."""
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise GdtError([error("GR302", f"the file has {size} bytes, more than {MAX_BYTES}")], name=path.name)
    try:
        source = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise GdtError([error("GR302", "the file is not UTF-8 text")], name=path.name) from None
    return loads(source, path.name)


def _no_constant(word: str) -> float:
    raise ValueError(f"{word} is not a JSON number")


def _report(problem: JsonError) -> Diagnostic:
    code = "GR301" if problem.path == "$.schema" else "GR303"
    return error(code, problem.message, Place(problem.path), problem.hint)


def _read_document(document: Any, problems: list[Diagnostic]) -> m.ProcessGraph:
    data = record(document, "$")
    if data.get("schema") != SCHEMA:
        raise JsonError(
            "$.schema", f"expected {SCHEMA!r}, got {data.get('schema')!r}", "is this a process graph of another version?"
        )
    only(data, "$", ("schema", "stations"), ("time_unit", "length_unit", "links", "resources", "horizon_s", "warm_up_s"))
    for key, unit in (("time_unit", "s"), ("length_unit", "m")):
        if data.get(key, unit) != unit:
            raise JsonError(f"$.{key}", f"only {unit!r} is read, got {data[key]!r}", f"convert the figures to {unit!r}")
    stations = _read_all(data["stations"], "$.stations", _read_station, problems)
    links = _read_all(data.get("links", []), "$.links", _read_link, problems)
    resources = _read_all(data.get("resources", []), "$.resources", _read_resource, problems)
    times: dict[str, Any] = {key: number(data[key], f"$.{key}") for key in ("horizon_s", "warm_up_s") if data.get(key) is not None}
    if problems:
        return m.ProcessGraph(stations=())
    found = m.ProcessGraph(stations=stations, links=links, resources=resources, **times)
    outputs = links_out(found)
    return replace(found, stations=tuple(_with_percents(s, outputs.get(s.id, ())) for s in stations))


def _read_all(value: Any, path: str, read: Any, problems: list[Diagnostic]) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise JsonError(path, "expected an array")
    found = []
    for i, element in enumerate(value):
        try:
            found.append(read(element, f"{path}[{i}]"))
        except JsonError as problem:
            problems.append(_report(problem))
            if len(problems) >= MAX_DIAGNOSTICS:
                break
    return tuple(found)


def _with_percents(station: m.Station, links: Sequence[m.Link]) -> m.Station:
    if isinstance(station.routing, m.Percent) and not station.routing.percents:
        return replace(station, routing=m.Percent(_percents(links)))
    return station


def _read_thing(value: Any, path: str, tables: dict[str, tuple[type, tuple[Field, ...]]], more: tuple[str, ...] = ()) -> Any:
    data = record(value, path)
    kind = data.get("kind")
    if not isinstance(kind, str) or kind not in tables:
        raise JsonError(f"{path}.kind", f"unknown kind {kind!r}"[:80], f"one of {', '.join(tables)}")
    made, table = tables[kind]
    required = (*_PLACE, *(row.key for row in table if not row.optional))
    only(data, path, required, (*_PLACE_OPTIONAL, *(row.key for row in table if row.optional), *more))
    values = {row.name: row.read(data[row.key], f"{path}.{row.key}") for row in table if row.key in data}
    if (values.get("start_m") is None) != (values.get("end_m") is None):
        raise JsonError(path, "start_m and end_m go together: one of them is missing")
    if "flexsim_class" in data:
        values["flexsim_class"] = text(data["flexsim_class"], f"{path}.flexsim_class")
    flexsim_class = values.get("flexsim_class", _default(made, "flexsim_class"))
    size = default_size_m(flexsim_class, values.get("length_m", 0.0), values.get("width_m", 1.0))
    pose = m.Pose(
        vector(data["position_m"], f"{path}.position_m"),
        number(data.get("yaw_deg", 0.0), f"{path}.yaw_deg"),
        vector(data["size_m"], f"{path}.size_m") if "size_m" in data else size,
    )
    if "operators" in data or "operator_counts" in data:
        values["operators"] = _read_operators(data, path)
    return made(id=text(data["id"], f"{path}.id"), pose=pose, **values)


def _read_operators(data: dict[str, Any], path: str) -> m.OperatorNeed | None:
    names = data.get("operators", [])
    if not isinstance(names, list):
        raise JsonError(f"{path}.operators", "expected an array of ids")
    resources = tuple(text(name, f"{path}.operators[{i}]") for i, name in enumerate(names))
    if "operator_counts" not in data:
        return m.OperatorNeed(resources) if resources else None
    where = f"{path}.operator_counts"
    counts = record(data["operator_counts"], where)
    only(counts, where, ("process", "setup"))
    whole = {key: number(counts[key], f"{where}.{key}") for key in counts}
    if any(value != int(value) or value < 0 for value in whole.values()):
        raise JsonError(where, "expected whole numbers from 0")
    return m.OperatorNeed(resources, int(whole["process"]), int(whole["setup"]))


def _read_station(value: Any, path: str) -> m.Station:
    machine = isinstance(value, dict) and value.get("kind") in ("processor", "combiner", "separator", "multiprocessor")
    more = ("operators", "operator_counts") if machine else ()
    found: m.Station = _read_thing(value, path, STATION_FIELDS, more)
    return found


def _read_resource(value: Any, path: str) -> m.Resource:
    found: m.Resource = _read_thing(value, path, RESOURCE_FIELDS)
    return found


def _read_link(value: Any, path: str) -> m.Link:
    data = record(value, path)
    required = tuple(row.key for row in LINK_FIELDS if not row.optional)
    only(data, path, required, tuple(row.key for row in LINK_FIELDS if row.optional))
    return m.Link(**{row.name: row.read(data[row.key], f"{path}.{row.key}") for row in LINK_FIELDS if row.key in data})
