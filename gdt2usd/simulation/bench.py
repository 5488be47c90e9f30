"""The references that the engine is measured against, and the measurements: ratios in the same run, never absolute figures.

Not covered: printing (`cli.bench`).
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from gdt2usd.graph.distributions import Constant, Exponential
from gdt2usd.graph.model import Link, ProcessGraph, Processor, Queue, Sink, Source, Station


@dataclass(frozen=True, slots=True)
class Measurement:
    """`ratio` of the reference's time to ours on the same work; `target` is what is asked for."""

    name: str
    ratio: float
    target: float
    detail: str

    @property
    def met(self) -> bool:
        return self.ratio >= self.target


def serial_line(stations: int, buffer: int = 2) -> ProcessGraph:
    """A saturated line: exponential(1) machines with `buffer` places between them, blocking after service."""
    made: list[Station] = [Source(id="Source", interarrival_time_s=Constant(0.0))]
    for number in range(1, stations + 1):
        if number > 1 and buffer:
            made.append(Queue(id=f"Queue {number}", capacity=buffer))
        made.append(Processor(id=f"Machine {number}", process_time_s=Exponential(1.0)))
    made.append(Sink(id="Sink"))
    links = tuple(Link(upstream=a.id, downstream=b.id) for a, b in pairwise(made))
    return ProcessGraph(stations=tuple(made), links=links)


def plain_simpy_line(stations: int, parts: int, buffer: int = 2, seed: int = 1) -> float:
    """The line as SimPy's own examples write it: one process per station, `Store` between them. Returns the end of the run."""
    import random

    import simpy

    env = simpy.Environment()
    rng = random.Random(seed)
    stores = [simpy.Store(env, capacity=buffer) for _ in range(stations - 1)]

    def first() -> Generator[Any, Any, None]:
        for part in range(parts):
            yield env.timeout(rng.expovariate(1.0))
            yield stores[0].put(part)

    def middle(index: int) -> Generator[Any, Any, None]:
        while True:
            part = yield stores[index - 1].get()
            yield env.timeout(rng.expovariate(1.0))
            yield stores[index].put(part)

    def last() -> Generator[Any, Any, None]:
        for _ in range(parts):
            yield stores[-1].get()
            yield env.timeout(rng.expovariate(1.0))

    env.process(first())
    for index in range(1, stations - 1):
        env.process(middle(index))
    env.run(until=env.process(last()))
    return float(env.now)


@dataclass(frozen=True, slots=True)
class Race:
    """CPU seconds of two works in rounds, one after the other in each."""

    theirs: tuple[float, ...]
    own: tuple[float, ...]

    def ratio(self, theirs_done: float, own_done: float) -> float:
        """How much longer the first work took for the same amount, the median of the rounds; each did so much in a round."""
        return statistics.median(t / o for t, o in zip(self.theirs, self.own, strict=True)) * own_done / theirs_done


def race(theirs: Callable[[], object], own: Callable[[], object], rounds: int = 7) -> Race:
    """Let both works run in rounds, each first in every other round, after one run each that does not count.

    Alike for both: the garbage collector has done its work before and is off meanwhile.
    """
    taken: tuple[list[float], list[float]] = ([], [])
    collecting = gc.isenabled()
    gc.disable()
    try:
        for number in range(-1, rounds):
            for which in (0, 1) if number % 2 else (1, 0):
                gc.collect()
                start = time.process_time()
                (theirs, own)[which]()
                if number >= 0:
                    taken[which].append(time.process_time() - start)
    finally:
        if collecting:
            gc.enable()
    return Race(tuple(taken[0]), tuple(taken[1]))


def engine_against_plain_simpy(stations: int, parts: int) -> Measurement:
    """The engine with statistics on against the plain SimPy line, per part."""
    from gdt2usd.simulation.engine import run

    graph = serial_line(stations)
    horizon = plain_simpy_line(stations, parts)
    exits = 0

    def ours() -> None:
        nonlocal exits
        exits = len(run(graph, seed=1, replication=0, horizon_s=horizon, warm_up_s=None).exits_s)

    raced = race(lambda: plain_simpy_line(stations, parts), ours)
    return Measurement(f"SimPy engine, {stations} stations", raced.ratio(parts, exits), 3.5, _rates(raced, parts, exits))


def _rates(raced: Race, theirs_done: float, own_done: float) -> str:
    theirs, own = theirs_done / statistics.median(raced.theirs), own_done / statistics.median(raced.own)
    return f"{1e-3 * own:.1f} k parts/s against {1e-3 * theirs:.1f} k parts/s"


def flatness(few: int = 3, many: int = 300) -> Measurement:
    """Cost per event on a short line against a long one, in long runs: 1 / 1.5 or more means flat within 1.5 x."""
    from gdt2usd.simulation.engine import run

    events = {few: 1, many: 1}

    def work(stations: int, horizon: float) -> None:
        events[stations] = run(serial_line(stations), seed=1, replication=0, horizon_s=horizon, warm_up_s=0.0).events

    raced = race(lambda: work(few, 100_000.0), lambda: work(many, 4_000.0), rounds=3)
    short, long = (statistics.median(t) / n for t, n in ((raced.theirs, events[few]), (raced.own, events[many])))
    detail = f"{1e6 * short:.2f} us per event with {few} stations, {1e6 * long:.2f} us with {many}"
    return Measurement(f"cost per event, {few} against {many} stations", raced.ratio(events[few], events[many]), 1 / 1.5, detail)


def recursion_against_plain_simpy(stations: int, parts: int, replications: int = 256) -> Measurement:
    """The max-plus recursion, all replications at once, against the plain SimPy line, per part."""
    from gdt2usd.simulation.maxplus import departures

    graph = serial_line(stations)
    simpy_parts = 60_000 // stations
    raced = race(lambda: plain_simpy_line(stations, simpy_parts), lambda: departures(graph, 1, replications, parts), rounds=5)
    name, done = f"max-plus, {stations} stations, {replications} replications", parts * replications
    return Measurement(name, raced.ratio(simpy_parts, done), 150.0, _rates(raced, simpy_parts, done))
