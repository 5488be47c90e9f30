"""From a process graph to running units: one unit per station, one lane per link, one mover per resource.

Not covered: running them (`simulation.engine`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import assert_never

from gdt2usd.diagnostics import Diagnostic, GdtError, Place, error
from gdt2usd.graph.distributions import Constant, Distribution, Expression
from gdt2usd.graph.model import (
    Combiner,
    Conveyor,
    Discipline,
    Dispatcher,
    FirstAvailable,
    Link,
    MultiProcessor,
    OperatorNeed,
    ProcessGraph,
    Processor,
    Queue,
    Resource,
    Robot,
    Separator,
    Sink,
    Source,
    Station,
    Storage,
)
from gdt2usd.simulation.bodies import Bodies
from gdt2usd.simulation.conveyors import ConveyorUnit, RigidConveyorUnit
from gdt2usd.simulation.items import Line
from gdt2usd.simulation.machines import (
    Breakdowns,
    CombinerUnit,
    MachineUnit,
    Phase,
    SeparatorUnit,
    TimeOf,
)
from gdt2usd.simulation.plain import PlainMachineUnit, ServedQueueUnit, shorten
from gdt2usd.simulation.records import EventKind, State
from gdt2usd.simulation.resources import Mover, Pool, Roster
from gdt2usd.simulation.routing import route_of
from gdt2usd.simulation.stations import (
    BatchQueueUnit,
    QueueUnit,
    ScheduledSourceUnit,
    SinkUnit,
    SourceUnit,
    StorageUnit,
)
from gdt2usd.simulation.units import PROCESSING, SETUP, STATES, Lane, Unit
from gdt2usd.simulation.variates import Draw, Streams

Machine = Processor | MultiProcessor | Combiner | Separator


@dataclass(frozen=True, slots=True)
class Plant:
    """The factory of one replication: units, lanes and movers in the order of the graph."""

    line: Line
    units: dict[str, Unit]
    lanes: tuple[Lane, ...]
    movers: tuple[Mover, ...]

    def begin(self) -> None:
        """Start sources and breakdown clocks; the log begins with everyone's state."""
        if self.line.log is not None:
            self.line.log.extend((0.0, EventKind.STATE, unit.id, -1, STATES[unit.state], 0.0) for unit in self.units.values())
            self.line.log.extend((0.0, EventKind.STATE, mover.id, -1, State.IDLE, 0.0) for mover in self.movers)
        for unit in self.units.values():
            if isinstance(unit, SourceUnit | MachineUnit):
                unit.begin()


class Assembler:
    """Builds the plant of one replication. `speedups[id]` divides the times of a station, multiplies a mover's speed."""

    def __init__(self, graph: ProcessGraph, streams: Streams, line: Line, speedups: Mapping[str, float]) -> None:
        self.graph = graph
        self.streams = streams
        self.line = line
        self.speedups = speedups
        self.units: dict[str, Unit] = {}
        self.movers: dict[str, Mover] = {}
        self.bodies = Bodies(graph, line, streams, self.units, self.movers)
        self.pools: dict[tuple[str, ...], Pool] = {}
        self.served = _served_queues(graph) if line.log is None else frozenset[str]()
        self.dispatchers = {r.id: r for r in graph.resources if isinstance(r, Dispatcher)}

    def plant(self) -> Plant:
        """All of it.

        Raises:
            GdtError: what cannot be simulated, all problems together.
        """
        problems: list[Diagnostic] = []
        names = Counter(thing.id for thing in (*self.graph.stations, *self.graph.resources))
        for id in (id for id, count in names.items() if count > 1):
            problems.append(
                error("SM106", f"{names[id]} stations or resources are called {id}", Place(id), "give each a name of its own")
            )
        roster = Roster()
        for resource in self.graph.resources:
            if not isinstance(resource, Dispatcher):
                _collect(problems, lambda r=resource: self._add_mover(r, roster))
        for station in self.graph.stations:
            _collect(problems, lambda s=station: self._add_unit(s))
        if problems:
            raise GdtError(problems)
        lanes = self._lanes()
        for station in self.graph.stations:
            _collect(problems, lambda s=station: self._finish(s))
        if problems:
            raise GdtError(problems)
        if self.line.log is None:
            shorten(self.units.values())
        return Plant(self.line, self.units, lanes, tuple(self.movers.values()))

    # ---- stations ----

    def _add_unit(self, station: Station) -> None:
        self.units[station.id] = self._unit(station)

    def _unit(self, station: Station) -> Unit:
        line, id = self.line, station.id
        match station:
            case Source():
                if station.schedule:
                    return ScheduledSourceUnit(id, line, station.schedule, repeat=station.repeat_schedule)
                source = SourceUnit(
                    id, line, self._draw(station.interarrival_time_s, id, "arrival"), at_zero=station.arrival_at_zero
                )
                source.instant = station.interarrival_time_s == Constant(0.0)
                return source
            case Queue(batching=None):
                kind = ServedQueueUnit if id in self.served else QueueUnit
                queue = kind(id, line, _places(station.capacity, id))
            case Queue(batching=batching):
                assert batching is not None
                queue = BatchQueueUnit(id, line, _places(station.capacity, id), max(1, batching.size), batching.max_wait_s)
            case Storage():
                return StorageUnit(id, line, _places(station.capacity, id), self._draw(station.dwell_time_s, id, "dwell"))
            case Sink():
                return SinkUnit(id, line)
            case Conveyor():
                return self._conveyor(station)
            case Processor() | MultiProcessor() | Combiner() | Separator():
                return self._machine(station)
            case _:
                assert_never(station)
        queue.lifo = station.discipline is Discipline.LIFO
        return queue

    def _conveyor(self, station: Conveyor) -> Unit:
        if not (station.speed_m_s > 0.0 and station.length_m >= 0.0):
            message = f"{station.id}: a belt of {station.length_m} m at {station.speed_m_s} m/s never delivers"
            raise GdtError([error("SM104", message, Place(station.id), "give a positive speed and length")])
        kind = ConveyorUnit if station.accumulating else RigidConveyorUnit
        pitch = max(0.0, station.item_length_m + station.item_spacing_m)
        unit = kind(station.id, self.line, station.length_m, station.speed_m_s, pitch)
        return unit

    def _machine(self, station: Machine) -> Unit:
        id, line = station.id, self.line
        if _is_plain(station):
            return PlainMachineUnit(id, line, self._draw(station.process_time_s, id, "process"))
        phases = self._phases(station)
        unit: MachineUnit
        if isinstance(station, Combiner):
            unit = CombinerUnit(id, line, phases, station.mode, tuple(max(0, c) for c in station.components))
        elif isinstance(station, Separator):
            quantity = None if station.quantity is None else self._time_of(station.quantity, id, "quantity", 1.0)
            unit = SeparatorUnit(id, line, _places(station.capacity, id), phases, station.mode, quantity)
        else:
            unit = MachineUnit(id, line, _places(station.capacity, id), phases)
        if station.breakdown is not None:
            to_failure = self._draw(station.breakdown.time_to_failure_s, id, "failure")
            to_repair = self._draw(station.breakdown.time_to_repair_s, id, "repair")
            unit.breakdowns = Breakdowns(unit, to_failure, to_repair)
        return unit

    def _phases(self, station: Machine) -> tuple[Phase, ...]:
        need = station.operators
        factor = 1.0 / self.speedups.get(station.id, 1.0)
        phases = []
        if station.setup_time_s != Constant(0.0) or (need is not None and need.setup_count):
            time_of = self._time_of(station.setup_time_s, station.id, "setup", factor)
            phases.append(Phase(SETUP, time_of, need.setup_count if need else 0))
        if isinstance(station, MultiProcessor) and station.steps:
            for number, step in enumerate(station.steps):
                time_of = self._time_of(step.process_time_s, station.id, f"process {number}", factor)
                phases.append(Phase(PROCESSING, time_of, step.operator_count))
        else:
            time_of = self._time_of(station.process_time_s, station.id, "process", factor)
            phases.append(Phase(PROCESSING, time_of, need.process_count if need else 0))
        return tuple(phases)

    def _draw(self, distribution: Distribution, id: str, purpose: str) -> Draw:
        factor = 1.0 / self.speedups.get(id, 1.0) if purpose in ("process", "arrival") else 1.0
        if isinstance(distribution, Expression):
            return self.bodies.draw(distribution, id, purpose)
        return self.streams.draws(distribution, id, purpose, factor)

    def _time_of(self, distribution: Distribution, id: str, purpose: str, factor: float) -> TimeOf:
        if isinstance(distribution, Expression):
            return self.bodies.time_of(distribution, id, purpose, factor)
        draw = self.streams.draws(distribution, id, purpose, factor)
        return lambda _item: draw()

    # ---- resources ----

    def _add_mover(self, resource: Resource, roster: Roster) -> None:
        assert not isinstance(resource, Dispatcher)
        if not resource.speed_m_s > 0.0:
            message = f"{resource.id}: a speed of {resource.speed_m_s} m/s goes nowhere"
            raise GdtError([error("SM104", message, Place(resource.id), "give a positive speed")])
        moves = isinstance(resource, Robot)
        move_time = resource.move_time_s if isinstance(resource, Robot) else None
        faster = self.speedups.get(resource.id, 1.0)
        self.movers[resource.id] = Mover(
            resource.id,
            self.line,
            roster,
            resource.pose.position_m,
            resource.capacity,
            (resource.speed_m_s * faster, resource.acceleration_m_s2 * faster, resource.deceleration_m_s2 * faster),
            self._draw(resource.load_time_s, resource.id, "load"),
            self._draw(resource.unload_time_s, resource.id, "unload"),
            self._draw(move_time or Constant(0.0), resource.id, "move") if moves else None,
        )

    def _pool(self, ids: tuple[str, ...], asker: str) -> Pool:
        members: dict[str, None] = {}
        pending, seen = list(reversed(ids)), set()
        while pending:
            id = pending.pop()
            if id in seen:
                continue
            seen.add(id)
            if id in self.movers:
                members[id] = None
            else:
                pending.extend(reversed(self.dispatchers[id].team if id in self.dispatchers else ()))
        key = tuple(members)
        if not key:
            message = f"{asker} calls {', '.join(ids)}, and there is nobody" if ids else f"{asker} needs operators and calls nobody"
            raise GdtError([error("SM105", message, Place(asker), "connect an operator or vehicle, or a dispatcher with a team")])
        movers = tuple(self.movers[id] for id in key)
        chief = self.dispatchers.get(ids[0]) if len(ids) == 1 else None
        if chief is not None and (chief.pass_to or chief.queue_strategy):
            key = ids
        if key not in self.pools:
            self.pools[key] = pool = Pool(movers)
            if chief is not None:
                self._follow(chief, pool)
        return self.pools[key]

    def _follow(self, chief: Dispatcher, pool: Pool) -> None:
        """Let `pool` do as the code of its dispatcher says."""
        if chief.pass_to:
            members = [self._pool((id,), chief.id) for id in chief.team if id != chief.id]
            pool.pass_to = self.bodies.passer(chief.pass_to, chief.id, members)
        if chief.queue_strategy:
            pool.rank = self.bodies.ranker(chief.queue_strategy, chief.id)

    # ---- links ----

    def _lanes(self) -> tuple[Lane, ...]:
        lanes: dict[int, Lane] = {}
        links = list(enumerate(self.graph.links))
        unknown = sorted({id for _, x in links for id in (x.upstream, x.downstream)} - set(self.units))
        if unknown:
            raise GdtError([error("SM106", f"links name stations that do not exist: {', '.join(unknown)}")])
        for number, link in sorted(links, key=lambda pair: (pair[1].out_port, pair[0])):
            source, target = self.units[link.upstream], self.units[link.downstream]
            lanes[number] = Lane(source, target, len(source.outs), 0)
            source.outs.append(lanes[number])
        for number, link in sorted(links, key=lambda pair: (pair[1].in_port, pair[0])):
            lane = lanes[number]
            lane.in_index = len(lane.target.ins)
            lane.target.ins.append(lane)
            if link.transport is not None:
                lane.pool = self._pool((link.transport,), link.upstream)
        return tuple(lanes[number] for number, _ in links)

    def _finish(self, station: Station) -> None:
        """What needs the lanes: routing, crews, triggers."""
        unit = self.units[station.id]
        unit.entry_m = unit.exit_m = station.pose.position_m
        if isinstance(station, Conveyor):
            unit.entry_m, unit.exit_m = station.start_m or unit.entry_m, station.end_m or unit.exit_m
        if unit.passes and any(lane.target.passes for lane in unit.outs):
            for lane in unit.outs:
                lane.deferred = True
        unit.route = route_of(station.routing, unit, self.streams, self.bodies.port_of)
        self.bodies.attach(station.triggers, unit)
        if station.pull_requirement:
            unit.requirement = self.bodies.requirement(station.pull_requirement, unit)
            for lane in unit.ins:
                lane.source.picky = True
        if station.pull_strategy:
            unit.pulls = self.bodies.puller(station.pull_strategy, unit)
        unit.priority = station.transport_priority
        if station.transport_call is not None:
            unit.carrier_of = self.bodies.caller(station.transport_call, unit, "TransportRef", self._pool_of(station.id), 1)
        if isinstance(unit, MachineUnit) and isinstance(station, Processor | MultiProcessor | Combiner | Separator):
            need = station.operators
            if any(phase.crew for phase in unit.phases):
                count = max(phase.crew for phase in unit.phases)
                unit.crew_priority = station.operator_priority
                unit.operators = self._crew_pool(need, station.id, count)
                if station.operator_call is not None:
                    unit.crew_of = self.bodies.caller(station.operator_call, unit, "OperatorRef", self._pool_of(station.id), count)

    def _pool_of(self, asker: str) -> Callable[[str], Pool]:
        return lambda called: self._pool((called,), asker)

    def _crew_pool(self, need: OperatorNeed | None, id: str, count: int) -> Pool:
        pool = self._pool(need.resources if need else (), id)
        if count > len(pool.movers):
            message = f"{id} needs {count} operators at once, and {len(pool.movers)} may answer: it would wait for ever"
            raise GdtError([error("SM105", message, Place(id), "add operators to the team or ask for fewer")])
        return pool


def _collect(problems: list[Diagnostic], step: object) -> None:
    try:
        assert callable(step)
        step()
    except GdtError as problem:
        problems.extend(problem.diagnostics)


def _places(capacity: int, id: str) -> int:
    if capacity < 1:
        raise GdtError(
            [error("SM104", f"{id}: a capacity of {capacity} holds nothing", Place(id), "give a capacity of at least 1")]
        )
    return capacity


def _is_plain(station: Machine) -> bool:
    return (
        isinstance(station, Processor)
        and station.capacity == 1
        and station.setup_time_s == Constant(0.0)
        and not isinstance(station.process_time_s, Expression)
        and station.breakdown is None
        and (station.operators is None or not (station.operators.process_count or station.operators.setup_count))
        and not station.triggers
        and not (station.pull_requirement or station.pull_strategy)
    )


def _served_queues(graph: ProcessGraph) -> frozenset[str]:
    """Plain FIFO queues whose only way out is the only way into a plain machine, without carriers around them."""
    outs: dict[str, list[Link]] = {s.id: [] for s in graph.stations}
    ins: dict[str, list[Link]] = {s.id: [] for s in graph.stations}
    for link in graph.links:
        outs.setdefault(link.upstream, []).append(link)
        ins.setdefault(link.downstream, []).append(link)
    plain = {s.id for s in graph.stations if isinstance(s, Processor) and _is_plain(s) and len(ins[s.id]) == 1}
    return frozenset(
        s.id
        for s in graph.stations
        if isinstance(s, Queue)
        and s.batching is None
        and s.discipline is Discipline.FIFO
        and not (s.triggers or s.pull_requirement or s.pull_strategy)
        and isinstance(s.routing, FirstAvailable)
        and len(outs[s.id]) == 1
        and outs[s.id][0].downstream in plain
        and all(link.transport is None for link in (*outs[s.id], *ins[s.id]))
    )
