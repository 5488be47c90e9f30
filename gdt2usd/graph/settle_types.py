"""What an object is, changed by hand in the JSON form of a graph: another kind, gone, or there at last.

A new kind keeps the parameters that both kinds have; what it needs besides has FlexSim's default. Links that the new kind cannot
have go. Raises ValueError for a kind that is none. Not covered: keys and values (`settle`).
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

from gdt2usd.graph.serial_fields import KINDS, RESOURCE_FIELDS, STATION_FIELDS
from gdt2usd.graph.settle_links import links_of, remove_link

Document = dict[str, Any]
_GONE = ("none", "no", "nothing", "remove", "delete")
_OTHER_WORDS = {
    "buffer": "queue", "machine": "processor", "server": "processor", "workstation": "processor", "station": "processor",
    "assembler": "combiner", "rack": "storage", "store": "storage", "belt": "conveyor", "straightconveyor": "conveyor",
    "worker": "operator", "forklift": "transporter", "taskexecuter": "task_executer", "task executer": "task_executer",
    "exit": "sink", "end": "sink", "start": "source", "conveyor::straightconveyor": "conveyor", "multi processor": "multiprocessor",
}  # fmt: skip
_DEFAULTS: dict[str, Any] = {
    "process_time_s": {"distribution": "constant", "value": 10.0},
    "interarrival_time_s": {"distribution": "exponential", "mean": 10.0},
    "length_m": 10.0,
}
_GROUPS = (("processor", "combiner", "separator", "multiprocessor"), ("queue", "storage"), tuple(RESOURCE_FIELDS))
_ALWAYS_KEPT = ("routing", "pull", "triggers")
_FREE_PITCH_M = 8.0


def kind_named(text: str) -> str | None:
    """The contract's kind that a person means; None for no object at all. Raises ValueError with the nearest."""
    word = " ".join(text.lower().replace("_", " ").split())
    if word in _GONE:
        return None
    known = {kind.replace("_", " "): kind for kind in KINDS.values()}
    found = known.get(word) or _OTHER_WORDS.get(word)
    if found is None:
        near = get_close_matches(word, known, 1)
        raise ValueError(
            f"{text!r} is no type" + (f"; did you mean {known[near[0]]}?" if near else f": {', '.join(KINDS.values())}")
        )
    return found


def retype(document: Document, name: str, value: str) -> None:
    """Give the object another kind, or take it out (`none`)."""
    kind = kind_named(value)
    group = "stations" if any(row["id"] == name for row in document["stations"]) else "resources"
    at = next(i for i, row in enumerate(document[group]) if row["id"] == name)
    row = document[group][at]
    if kind == row["kind"]:
        return
    goal = "stations" if kind in STATION_FIELDS else "resources"
    served = _drop_links(document, name, kind)
    if kind is None or goal != group:
        _forget(document, name)
        del document[group][at]
    if kind is None:
        return
    made = _converted(row, kind)
    if goal == group:
        document[group][at] = made
        if kind not in _GROUPS[0]:
            _drop_calls(made)
    else:
        document[goal].append(made)
        _serve(document, name, served, kind)


def add(document: Document, name: str, value: str) -> None:
    """A new object of that kind, beside the others until it is placed."""
    kind = kind_named(value)
    if kind is None:
        return
    rows = (*document["stations"], *document["resources"])
    right = max((row["position_m"][0] for row in rows), default=-_FREE_PITCH_M) + _FREE_PITCH_M
    made = _converted({"id": name, "kind": "", "position_m": [right, 0.0, 0.0], "yaw_deg": 0.0}, kind)
    document["stations" if kind in STATION_FIELDS else "resources"].append(made)


def _converted(row: Document, kind: str) -> Document:
    table = (STATION_FIELDS | RESOURCE_FIELDS)[kind][1]
    alike = any(kind in group and row["kind"] in group for group in _GROUPS)
    made = {"id": row["id"], "kind": kind, "position_m": row["position_m"], "yaw_deg": row["yaw_deg"]}
    for field in table:
        if field.key in row and (alike or field.key in _ALWAYS_KEPT):
            made[field.key] = row[field.key]
        elif not field.optional:
            made[field.key] = _DEFAULTS[field.key]
    if alike and kind in _GROUPS[0]:
        made |= {key: row[key] for key in ("operators", "operator_counts") if key in row}
    return made


def _drop_links(document: Document, name: str, kind: str | None) -> list[str]:
    """Take out the links that `kind` cannot have; the other ends of all of them, if it is no station."""
    ends = []
    for link in links_of(document, name):
        forward = link["upstream"] == name
        if kind not in STATION_FIELDS or (kind == "sink" and forward) or (kind == "source" and not forward):
            remove_link(document, link)
            ends.append(link["downstream"] if forward else link["upstream"])
    return ends


def _drop_calls(row: Document) -> None:
    for key in ("operators", "operator_counts"):
        row.pop(key, None)


def _forget(document: Document, name: str) -> None:
    """Nothing calls the object any more."""
    for station in document["stations"]:
        if name in station.get("operators", ()):
            station["operators"] = [x for x in station["operators"] if x != name]
    for link in document["links"]:
        if link.get("transport") == name:
            link["transport"] = None
    for resource in document["resources"]:
        if resource.get("dispatcher") == name:
            resource["dispatcher"] = None
        if name in resource.get("team", ()):
            resource["team"] = [x for x in resource["team"] if x != name]


def _serve(document: Document, name: str, served: list[str], kind: str) -> None:
    """An operator that was read as a station works at the machines it was linked to."""
    if kind in ("operator", "robot"):
        for station in document["stations"]:
            if station["id"] in served and station["kind"] in _GROUPS[0]:
                station["operators"] = [*station.get("operators", []), name]
