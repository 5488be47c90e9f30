"""Runs replications: the plant of the graph, from 0 to the horizon, and what it leaves behind as records.

A `Replication` holds the accumulators of all stations and movers at a few times (`at_s`), of the whole system on a fine grid
(`grid_s`), every exit with its flow time, and the event log if it was asked for. Statistics are functions of these records only, so
that a warm-up found after the run can still be cut.
Not covered: statistics (`simulation.statistics`), several replications and findings (`simulation.report`).
"""

from __future__ import annotations

import gc
import math
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

import numpy as np

from gdt2usd.graph.model import ProcessGraph
from gdt2usd.simulation.assembly import Assembler, Plant
from gdt2usd.simulation.clock import Budget, Clock, InstantLoopError, OutOfBudgetError
from gdt2usd.simulation.deadlock import Knot, find_knot, living
from gdt2usd.simulation.items import Item, Line, Row
from gdt2usd.simulation.variates import Floats, Streams

GRID = 200  # intervals of the system's records: the batches of MSER-5
CUTS = 40  # station records up to the middle of the run: the possible ends of an automatic warm-up


@dataclass(frozen=True, slots=True, kw_only=True)
class Replication:
    """What one replication leaves behind.

    `stations[k, s]` are `Unit.figures` of station s at `at_s[k]`: entered, left, content area, busy seconds, seconds per state.
    `movers[k, m]` are `Mover.figures`: served, metres, seconds per state. `system[g]` is (content, content area, created, exits)
    at `grid_s[g]`. Conservation: created = ended + content + contained, and content = found (counted by looking). `residence_s` is
    the time for which all items together have counted as content, `area_s` the integral of WIP: equal by Little's law.
    `stopped`: "" if it reached the horizon, else "budget", "items" (too many at once), "loop" or "interrupt".
    """

    horizon_s: float
    at_s: Floats
    stations: Floats
    movers: Floats
    grid_s: Floats
    system: Floats
    exits_s: Floats
    flow_times_s: Floats
    created: int
    ended: int
    contained: int
    content: int
    found: int
    residence_s: float
    area_s: float
    peaks: tuple[int, ...]
    sent: tuple[int, ...]
    events: int
    stopped: str = ""
    remarks: Mapping[tuple[str, str], str] = field(default_factory=dict)
    knot: Knot | None = None
    loop: tuple[str, ...] = ()


def run(
    graph: ProcessGraph,
    *,
    seed: int,
    replication: int,
    horizon_s: float,
    warm_up_s: float | None,
    budget: Budget | None = None,
    speedups: Mapping[str, float] | None = None,
    log: list[Row] | None = None,
    on_chunk: Callable[[float], None] | None = None,
) -> Replication:
    """Simulate one replication.

    Raises:
        GdtError: the graph cannot be simulated.
    """
    clock = Clock(budget)
    clock.on_chunk = on_chunk
    line = Line(clock, log=log)
    plant = Assembler(graph, Streams(seed, replication), line, speedups or {}).plant()
    recorder = _Recorder(plant, horizon_s, warm_up_s)
    clock.check_room = line.check_room
    stopped, loop = "", tuple[str, ...]()
    collecting = gc.isenabled()
    gc.disable()  # items make no cycles; looking for some costs a twentieth of the run
    try:
        plant.begin()
        for time_s in recorder.times():
            clock.advance(time_s)
            recorder.record(time_s)
    except OutOfBudgetError as problem:
        stopped = problem.what or "budget"
    except InstantLoopError as problem:
        stopped = "loop"
        loop = tuple(dict.fromkeys(name for name in (problem.place, *_in_loop(plant)) if name))
    except KeyboardInterrupt:
        stopped = "interrupt"
    finally:
        if collecting:
            gc.enable()
    return recorder.replication(stopped, loop)


class _Recorder:
    """Takes the records of one replication."""

    def __init__(self, plant: Plant, horizon_s: float, warm_up_s: float | None) -> None:
        self.plant = plant
        self.grid = [horizon_s * k / GRID for k in range(1, GRID)] + [horizon_s]
        if warm_up_s is None:
            cuts = {self.grid[GRID // 2 // CUTS * k - 1] if k else 0.0 for k in range(CUTS + 1)}
        else:
            cuts = {min(max(0.0, warm_up_s), horizon_s)}
        self.cuts = cuts | {horizon_s}
        self.fine = set(self.grid)
        self.at: list[float] = []
        self.stations: list[list[list[float]]] = []
        self.movers: list[list[list[float]]] = []
        self.exits: list[Floats] = []
        self.births: list[Floats] = []
        self.exit_moment = 0.0
        self.on_grid: list[float] = []
        self.system: list[list[float]] = []

    def times(self) -> list[float]:
        return sorted(self.fine | self.cuts)

    def record(self, time_s: float) -> None:
        line = self.plant.line
        self._take_out()
        if time_s in self.fine:
            self.on_grid.append(time_s)
            self.system.append([line.content, self.area_s(time_s), line.created, line.exited])
        if time_s in self.cuts:
            self.at.append(time_s)
            self.stations.append([unit.figures() for unit in self.plant.units.values()])
            self.movers.append([mover.figures() for mover in self.plant.movers])

    def area_s(self, now: float) -> float:
        """The integral of WIP up to `now`, the time of the last record."""
        line = self.plant.line
        return line.content * now + line.moment + self.exit_moment

    def _take_out(self) -> None:
        exits, births = self.plant.line.taken_out()
        self.exits.append(exits)
        self.births.append(births)
        self.exit_moment += float(exits.sum())

    def replication(self, stopped: str, loop: tuple[str, ...]) -> Replication:
        plant, line = self.plant, self.plant.line
        if stopped:
            self.cuts.add(line.clock._now)
            self.record(line.clock._now)
        self._take_out()
        now = line.clock._now
        exits_s = np.concatenate(self.exits)
        flow_times_s = exits_s - np.concatenate(self.births)
        units = list(plant.units.values())
        alive = living(plant)
        return Replication(
            horizon_s=now,
            at_s=np.array(self.at),
            stations=np.array(self.stations, dtype=np.float64).reshape(len(self.at), len(units), 12),
            movers=np.array(self.movers, dtype=np.float64).reshape(len(self.at), len(plant.movers), 8),
            grid_s=np.array(self.on_grid),
            system=np.array(self.system, dtype=np.float64).reshape(len(self.on_grid), 4),
            exits_s=exits_s,
            flow_times_s=flow_times_s,
            created=line.created,
            ended=line.ended,
            contained=sum(1 for item in alive for _ in item.inside()),
            content=sum(unit.content for unit in units) + sum(len(mover.loads) for mover in plant.movers),
            found=len(alive),
            residence_s=line.other_residence_s + float(flow_times_s.sum()) + sum(_residence_s(item, now) for item in alive),
            area_s=self.area_s(now),
            peaks=tuple(unit.peak for unit in units),
            sent=tuple(lane.source.left if len(lane.source.outs) == 1 else lane.sent for lane in plant.lanes),
            events=line.clock.events,
            stopped=stopped,
            remarks=dict(line.remarks),
            knot=find_knot(plant),
            loop=loop,
        )


def _residence_s(item: Item, now: float) -> float:
    return item.residence_s + now - item.since_s + sum(inner.residence_s for inner in item.inside())


def _in_loop(plant: Plant) -> tuple[str, ...]:
    """The stations through which items go while no time passes: those that more enter if it is let go on a little."""
    clock, units = plant.line.clock, plant.units.values()
    before = [unit.figures()[0] for unit in units]
    clock.most_steps, clock.most_idle = 4096, 2
    with suppress(InstantLoopError, OutOfBudgetError):
        clock.advance(math.nextafter(clock._now, math.inf))
    return tuple(unit.id for unit, entered in zip(units, before, strict=True) if unit.figures()[0] > entered)
