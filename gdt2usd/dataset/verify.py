"""Proves a set: files as the manifest says, every script parses, checks, runs, lowers to its own graph, and simulates.

Not covered: whether a model can learn from it.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, fields, replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from gdt2usd.dataset.dataset import Config, Dataset, open_dataset, sample
from gdt2usd.dataset.records import FEATURES, Row, from_row
from gdt2usd.dataset.sample import Sample
from gdt2usd.dataset.split import split_of
from gdt2usd.diagnostics import Diagnostic, GdtError, Place, error, errors
from gdt2usd.graph.model import ProcessGraph

STEPS = ("parse", "check", "run", "lower", "same graph", "simulate")
_ITEMS = 30.0
_MOST_EVENTS = 60_000
_CHUNK = 25

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one script passed, the step where it ended (None: all passed), and the diagnostics of that step."""

    index: int
    passed: tuple[str, ...]
    failed: str | None
    messages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Verification:
    """How many of `samples` passed each step; `diagnostics` names files and scripts that do not hold."""

    samples: int
    passed: dict[str, int]
    diagnostics: tuple[Diagnostic, ...]

    @property
    def holds(self) -> bool:
        """Whether everything is in order."""
        return not any(errors(self.diagnostics))

    def as_json(self) -> dict[str, object]:
        """The figures for programs."""
        return {"samples": self.samples, "passed": self.passed, "holds": self.holds}


def comparable(graph: ProcessGraph) -> ProcessGraph:
    """`graph` with its links by upstream station and output port, the order that scripts need not keep."""
    place = {station.id: index for index, station in enumerate(graph.stations)}
    return replace(graph, links=tuple(sorted(graph.links, key=lambda link: (place.get(link.upstream, -1), link.out_port))))


def difference(a: ProcessGraph, b: ProcessGraph) -> str:
    """The first thing in which two graphs differ, for people; empty if they are equal."""
    for name in ("stations", "resources", "links"):
        first, second = getattr(a, name), getattr(b, name)
        if len(first) != len(second):
            return f"{len(first)} {name}, {len(second)} after the script"
        for one, other in zip(first, second, strict=True):
            if one != other:
                return f"{name}: {_apart(one, other)}"
    return "" if a == b else "horizon or warm-up"


def _apart(one: Any, other: Any) -> str:
    """Which fields of two stations, resources or links differ."""
    who = getattr(one, "id", "") or f"{one.upstream} -> {one.downstream}"
    if type(one) is not type(other):
        return f"{who}: {type(one).__name__} / {type(other).__name__}"
    pairs = [(f.name, getattr(one, f.name), getattr(other, f.name)) for f in fields(one) if f.compare]
    return f"{who}: " + ", ".join(f"{name} {a!r} / {b!r}" for name, a, b in pairs if a != b)


def prove(made: Sample) -> Outcome:
    """Run every step on one sample."""
    passed: list[str] = []
    try:
        for step, messages in zip(STEPS, _steps(made), strict=False):
            if messages:
                return Outcome(made.index, tuple(passed), step, messages)
            passed.append(step)
    except GdtError as problem:
        return Outcome(made.index, tuple(passed), STEPS[len(passed)], tuple(f"{d.code} {d.message}" for d in problem.diagnostics))
    return Outcome(made.index, tuple(passed), None, ())


def _said(diagnostics: Iterable[Diagnostic]) -> tuple[str, ...]:
    return tuple(f"{d.code} {d.message}" for d in errors(diagnostics))


def _steps(made: Sample) -> Iterator[tuple[str, ...]]:
    """Yield the problems of each of `STEPS` in turn."""
    from gdt2usd.graph.lower import lower
    from gdt2usd.script.checker import check
    from gdt2usd.script.interpreter import interpret
    from gdt2usd.script.parser import parse_text

    program = parse_text(made.script)
    yield ()
    yield _said(check(program))
    interpreted = interpret(program)
    yield _said(interpreted.diagnostics)
    lowered = lower(interpreted.model)
    yield _said(lowered.diagnostics)
    apart = difference(comparable(made.graph), comparable(lowered.graph))
    yield (apart,) if apart else ()
    yield _simulated(lowered.graph)


def _simulated(graph: ProcessGraph) -> tuple[str, ...]:
    """One short replication: about `_ITEMS` interarrival times of the slowest source."""
    from gdt2usd.dataset.fit import mean_of
    from gdt2usd.graph.model import Source
    from gdt2usd.simulation.clock import Budget
    from gdt2usd.simulation.engine import run

    gap_s = max((mean_of(station.interarrival_time_s) for station in graph.stations if isinstance(station, Source)), default=60.0)
    done = run(
        graph, seed=1, replication=0, horizon_s=_ITEMS * gap_s, warm_up_s=0.0, budget=Budget(events=_MOST_EVENTS, wall_s=20.0)
    )
    return () if done.created > 0 else ("no item was made",)


# ---- many samples ----


def _prove_drawn(seed: int, indices: tuple[int, ...]) -> list[Outcome]:
    config = Config(pictures=False)
    return [prove(sample(seed, index, config)) for index in indices]


def _prove_rows(rows: list[Row]) -> list[Outcome]:
    return [prove(from_row({"image": None, **row}, pictures=False)) for row in rows]


def _report(outcomes: Iterable[Outcome], found: list[Diagnostic]) -> Verification:
    passed: Counter[str] = Counter(dict.fromkeys(STEPS, 0))
    total = 0
    for one in outcomes:
        total += 1
        passed.update(one.passed)
        if one.failed is not None:
            found.append(error("DS122", f"step {one.failed!r}: {'; '.join(one.messages[:3])}", Place(f"sample {one.index}")))
    return Verification(total, {step: passed[step] for step in STEPS}, tuple(found))


Advance = Callable[[int], None]


def verify_drawn(seed: int, count: int, workers: int, advance: Advance = lambda _n: None) -> Verification:
    """Draw `count` samples of `seed` and prove each."""
    chunks = [tuple(range(start, min(count, start + _CHUNK))) for start in range(0, count, _CHUNK)]
    return _report(_spread(partial(_prove_drawn, seed), chunks, workers, advance), [])


def _spread(prove_chunk: Callable[[T], list[Outcome]], chunks: Iterable[T], workers: int, advance: Advance) -> Iterator[Outcome]:
    """Outcomes of all chunks, in order, by `workers` processes."""
    if workers <= 1:
        for outcomes in map(prove_chunk, chunks):
            advance(len(outcomes))
            yield from outcomes
        return
    import multiprocessing

    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        for outcomes in pool.map(prove_chunk, chunks):
            advance(len(outcomes))
            yield from outcomes


def verify_set(folder: Path, count: int, workers: int, advance: Advance = lambda _n: None) -> Verification:
    """Prove the files, the splits and `count` scripts (0: all) of a set.

    Files that are missing or differ from the manifest are named (DS121) and left out of the rest.

    Raises:
        GdtError: DS111 there is no finished set.
    """
    data = open_dataset(folder)
    damaged = _damaged(data)
    found = list(damaged.values())
    data = replace(data, files={split: tuple(path for path in paths if path not in damaged) for split, paths in data.files.items()})
    found += _crossing(data)
    rows = data.rows(columns=[name for name in FEATURES if name not in ("image", "drawing", "ocr")])
    wanted = ({**row, "drawing": "", "ocr": "[]"} for row in (islice(rows, count) if count else rows))
    return _report(_spread(_prove_rows, _chunks(wanted), workers, advance), found)


def _chunks(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while chunk := list(islice(rows, _CHUNK)):
        yield chunk


def _damaged(data: Dataset) -> dict[Path, Diagnostic]:
    """Files whose hash is not the manifest's."""
    found = {}
    for name, entry in data.manifest["files"].items():
        path = data.folder / name
        if not path.exists():
            found[path] = error("DS121", f"{name} is missing", Place(str(path)), "build the set again")
        elif hashlib.sha256(path.read_bytes()).hexdigest() != entry["sha256"]:
            found[path] = error("DS121", f"{name} is not the file that was built", Place(str(path)), "build the set again")
    return found


def _crossing(data: Dataset) -> Iterator[Diagnostic]:
    """Rows that are in another split than their line belongs to, or whose recorded identity is not their line's."""
    for split in data.files:
        for row in data.rows(split, ["index", "identity"]):
            if split_of(row["identity"]) != split:
                said = f"sample {row['index']} is in {split}, its line belongs to {split_of(row['identity'])}"
                yield error("DS123", said, Place(str(data.folder)))
