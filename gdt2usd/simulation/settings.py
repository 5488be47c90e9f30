"""What-if settings: `CNC Mill.process_time_s.mean=20,25,30` is a field of a station or resource and the values to try.

Fields are those of `graph.model`, below them those of distributions; a number given for a whole distribution makes it constant.
Not covered: running the scenarios (`simulation.sweep`).
"""

from __future__ import annotations

import csv
import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from difflib import get_close_matches
from enum import Enum
from pathlib import Path
from typing import Any, get_args

from gdt2usd.diagnostics import GdtError, error
from gdt2usd.graph.distributions import Constant, Distribution
from gdt2usd.graph.model import ProcessGraph

MOST_SCENARIOS = 100_000

Scenario = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Axis:
    """One setting and the values that it takes."""

    path: str
    values: tuple[str, ...]


def parse_axis(text: str) -> Axis:
    """`NAME.field[.field]=value,value,...`.

    Raises:
        ValueError: it is not written so.
    """
    path, equals, values = text.rpartition("=")
    parts = tuple(v.strip() for v in values.split(",") if v.strip())
    if not equals or "." not in path or not parts:
        raise ValueError(f"{text!r} is no setting: write 'CNC Mill.process_time_s.mean=20,25,30'")
    return Axis(path.strip(), parts)


def grid(axes: Sequence[Axis]) -> list[Scenario]:
    """Every combination of the values of `axes`.

    Raises:
        GdtError: SM107, too many.
    """
    count = math.prod(len(a.values) for a in axes)
    if count > MOST_SCENARIOS:
        raise GdtError([error("SM107", f"{count} scenarios are too many (at most {MOST_SCENARIOS})", hint="give fewer values")])
    return [tuple(zip((a.path for a in axes), values, strict=True)) for values in itertools.product(*(a.values for a in axes))]


def read_scenarios(path: Path) -> list[Scenario]:
    """Scenarios of a CSV file: settings in the header, one scenario per row.

    Raises:
        GdtError: SM107, the file holds none.
        OSError: it cannot be read.
    """
    with path.open(newline="", encoding="utf-8-sig") as stream:
        rows = [row for row in csv.reader(stream) if any(cell.strip() for cell in row)]
    if len(rows) < 2 or any(len(row) != len(rows[0]) for row in rows):
        hint = "write the settings in the first row and one scenario in every other"
        raise GdtError([error("SM107", f"{path} holds no table of scenarios", hint=hint)])
    header = [cell.strip() for cell in rows[0]]
    return [tuple(zip(header, (cell.strip() for cell in row), strict=True)) for row in rows[1:]]


def changed(graph: ProcessGraph, scenario: Scenario) -> ProcessGraph:
    """`graph` with the settings of `scenario`.

    Raises:
        GdtError: SM107 for names and values that do not fit, all of them together.
    """
    problems = []
    for path, value in scenario:
        try:
            graph = _with(graph, path, value)
        except ValueError as problem:
            problems.append(
                error("SM107", f"{path}={value}: {problem}", hint="names are those of the graph, fields those of 3-graph.json")
            )
    if problems:
        raise GdtError(problems)
    return graph


def _with(graph: ProcessGraph, path: str, value: str) -> ProcessGraph:
    things = {t.id: t for t in (*graph.stations, *graph.resources)}
    name = next((n for n in sorted(things, key=len, reverse=True) if path.startswith(n + ".")), None)
    if name is None:
        near = get_close_matches(path.split(".", maxsplit=1)[0], things, 1)
        raise ValueError("there is no station or resource of that name" + (f"; did you mean {near[0]}?" if near else ""))
    other = _replaced(things[name], path[len(name) + 1 :].split("."), value)
    return replace(
        graph,
        stations=tuple(other if s.id == name else s for s in graph.stations),
        resources=tuple(other if r.id == name else r for r in graph.resources),
    )


def _replaced(thing: Any, keys: Sequence[str], value: str) -> Any:
    names = [f.name for f in fields(thing) if f.name not in ("id", "span")]
    key = keys[0]
    if key not in names:
        near = get_close_matches(key, names, 1)
        raise ValueError(
            f"{type(thing).__name__.lower()} has no {key}"
            + (f"; did you mean {near[0]}?" if near else f": it has {', '.join(names)}")
        )
    present = getattr(thing, key)
    if len(keys) > 1:
        if not is_dataclass(present):
            raise ValueError(f"{key} has no {keys[1]}")
        return replace(thing, **{key: _replaced(present, keys[1:], value)})
    return replace(thing, **{key: _value(present, value)})


def _value(present: object, text: str) -> object:
    if isinstance(present, bool):
        if text.lower() in ("true", "1", "yes", "false", "0", "no"):
            return text.lower() in ("true", "1", "yes")
        raise ValueError(f"{text!r} is neither true nor false")
    if isinstance(present, Enum):
        return type(present)(text)
    if isinstance(present, str):
        return text
    try:
        number = float(text)
    except ValueError as problem:
        raise ValueError(f"{text!r} is no number") from problem
    if not math.isfinite(number):
        raise ValueError(f"{text!r} is no finite number")
    if isinstance(present, int):
        if number != int(number):
            raise ValueError(f"{text!r} is no whole number")
        return int(number)
    if isinstance(present, float):
        return number
    if present is None or isinstance(present, get_args(Distribution)):
        return Constant(number)
    raise ValueError("a whole structure cannot be set to a number: name one of its fields")
