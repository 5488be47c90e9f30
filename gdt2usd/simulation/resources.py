"""Operators, vehicles, robots and cranes: who answers a call, how long the way is, what they do there.

A `Pool` is the set of movers that may answer a call (one mover, or the team of a dispatcher, in order): the first free one goes;
if none is free the call waits: those of higher priority first, then first come first served. A dispatcher's code may give a call to
one member, who it waits for then, and rank those that wait. Movers stay where their last work
ended, as FlexSim's do.
Ways are straight lines between the bottom centres of the objects; travel accelerates, cruises and brakes. A carrier whose capacity
allows takes further items that wait at the same station for the same team, and puts them down in the order of loading.
Not covered: path networks and their traffic, calls that pre-empt others.
"""

from __future__ import annotations

import math
from bisect import insort
from collections.abc import Callable

from simpy import Event

from gdt2usd.simulation.clock import Clock, Operation
from gdt2usd.simulation.items import Item, Line
from gdt2usd.simulation.records import EventKind, State
from gdt2usd.simulation.units import Lane, Unit
from gdt2usd.simulation.variates import Draw

MOVER_STATES = (
    State.IDLE,
    State.TRAVEL_EMPTY,
    State.TRAVEL_LOADED,
    State.LOADING,
    State.UNLOADING,
    State.BUSY,
)
IDLE, TRAVEL_EMPTY, TRAVEL_LOADED, LOADING, UNLOADING, BUSY = range(6)

Position = tuple[float, float, float]


def travel_time_s(distance_m: float, speed_m_s: float, acceleration_m_s2: float, deceleration_m_s2: float) -> float:
    """Time to go `distance_m` from rest to rest; an acceleration or deceleration of 0 means at once (FlexSim's convention)."""
    if distance_m <= 0.0:
        return 0.0
    up = 1.0 / acceleration_m_s2 if acceleration_m_s2 > 0.0 else 0.0
    down = 1.0 / deceleration_m_s2 if deceleration_m_s2 > 0.0 else 0.0
    ramps = up + down
    if speed_m_s * speed_m_s * ramps / 2.0 <= distance_m:
        return distance_m / speed_m_s + speed_m_s * ramps / 2.0
    return math.sqrt(2.0 * distance_m * ramps)


class Call:
    """A request of a station: a crew of `count` for `on_ready`, or (with a lane) one carrier for `item`."""

    __slots__ = ("count", "crew", "item", "lane", "on_ready", "pool", "priority", "unit", "wanted")

    def __init__(
        self,
        pool: Pool,
        unit: Unit,
        count: int = 1,
        on_ready: Callable[[list[Mover]], None] | None = None,
        item: Item | None = None,
        lane: Lane | None = None,
        priority: float = 0.0,
    ) -> None:
        self.pool = pool
        self.priority = priority
        self.unit = unit
        self.count = count
        self.wanted = count
        self.crew: list[Mover] = []
        self.on_ready = on_ready
        self.item = item
        self.lane = lane


class Pool:
    """The movers that may answer the same calls, and the calls that wait for one of them."""

    def __init__(self, movers: tuple[Mover, ...]) -> None:
        self.movers = movers
        self.pass_to: Callable[[], Pool | None] | None = None  # who a request for one is given to (None: the first free mover)
        self.rank: Callable[[], float] | None = None  # of a request that waits (None: its priority)
        self.calls: list[tuple[float, int, Call]] = []  # minus the priority, number
        for mover in movers:
            mover.pools.append(self)

    def serve(self, unit: Unit, count: int, on_ready: Callable[[list[Mover]], None], priority: float = 0.0) -> None:
        """Ask for `count` operators at `unit`; `on_ready(crew)` when all of them are there."""
        self._place(Call(self, unit, count, on_ready, priority=priority))

    def carry(self, item: Item, lane: Lane) -> None:
        """Ask for a carrier that brings `item` from the lane's source to its target."""
        self._place(Call(self, lane.source, 1, None, item, lane, lane.source.priority))

    def _place(self, call: Call) -> None:
        pool, passed = self, {self}
        while pool.pass_to is not None and call.count == 1:
            member = pool.pass_to()
            if member is None or member in passed:  # teams that pass to each other in a circle
                break
            pool = call.pool = member
            passed.add(pool)
        pool._queue(call)

    def _queue(self, call: Call) -> None:
        if not self.calls:
            for mover in self.movers:
                if mover.state == IDLE:
                    call.wanted -= 1
                    mover.answer(call)
                    if call.wanted == 0:
                        return
        rank = call.priority if self.rank is None else self.rank()
        insort(self.calls, (-rank, self.movers[0].roster.next_number(), call))

    def first(self) -> tuple[float, int]:
        """What the first call here is ordered by."""
        return self.calls[0][:2]

    def next_call(self) -> Call:
        """One place in the first call; the call stays until all its places are taken."""
        call = self.calls[0][2]
        call.wanted -= 1
        if call.wanted == 0:
            del self.calls[0]
        return call

    def more_from(self, unit: Unit, count: int) -> list[Call]:
        """Up to `count` further items that wait for a carrier at `unit`; they no longer wait."""
        chosen = [entry for entry in self.calls if entry[2].lane is not None and entry[2].unit is unit][:count]
        for entry in chosen:
            self.calls.remove(entry)
        return [call for *_, call in chosen]


class Roster:
    """Numbers the calls of one replication, so that a mover of several pools answers the oldest."""

    def __init__(self) -> None:
        self.number = 0

    def next_number(self) -> int:
        self.number += 1
        return self.number


class Mover:
    """An operator or vehicle while it runs."""

    def __init__(
        self,
        id: str,
        line: Line,
        roster: Roster,
        position: Position,
        capacity: int,
        speed: tuple[float, float, float],
        load: Draw,
        unload: Draw,
        move: Draw | None = None,
    ) -> None:
        self.id = id
        self.line = line
        self.clock: Clock = line.clock
        self.roster = roster
        self.home = position
        self.position = position
        self.capacity = max(1, capacity)
        self.speed = speed
        self.load = load
        self.unload = unload
        self.move = move
        self.pools: list[Pool] = []
        self.state = IDLE
        self.since = 0.0
        self.state_s = [0.0] * 6
        self.served = 0
        self.travelled_m = 0.0
        self.call: Call | None = None
        self.loads: list[Call] = []
        self.then: Callable[[], None] = self.rest
        self.operation = Operation(self.clock, self._next)

    # ---- states ----

    def set_state(self, state: int) -> None:
        """Change state now."""
        now = self.clock._now
        self.state_s[self.state] += now - self.since
        self.since = now
        if state != self.state:
            self.state = state
            self._log(EventKind.STATE, -1, MOVER_STATES[state])

    def figures(self) -> list[float]:
        """Accumulators up to now: calls served, metres travelled, then seconds in each of `MOVER_STATES`."""
        seconds = self.state_s.copy()
        seconds[self.state] += self.clock._now - self.since
        return [self.served, self.travelled_m, *seconds]

    def _log(self, kind: EventKind, item: int, other: str, value: float = 0.0) -> None:
        if self.line.log is not None:
            self.line.log.append((self.clock._now, kind, self.id, item, other, value))

    # ---- work ----

    def _next(self, _event: Event) -> None:
        self.then()

    def _after(self, delay: float, then: Callable[[], None]) -> None:
        self.then = then
        self.clock.start(self.operation, delay)

    def travel(self, to: Unit, place: Position, then: Callable[[], None], state: int) -> None:
        """Go to `place` at station `to`, then go on with `then`."""
        if self.move is not None:
            delay = self.move()
        else:
            distance = math.dist(self.position, place)
            self.travelled_m += distance
            delay = travel_time_s(distance, *self.speed)
        self.set_state(state)
        self._log(EventKind.TRAVEL, -1, to.id, self.clock._now + delay)
        self.position = place
        self._after(delay, then)

    def answer(self, call: Call) -> None:
        """Set off for the station that calls."""
        self.call = call
        self.travel(call.unit, call.unit.exit_m, self.arrived, TRAVEL_EMPTY)

    def arrived(self) -> None:
        """At the station: begin to serve, or load."""
        call = self.call
        assert call is not None
        if call.lane is None:
            self.set_state(BUSY)
            self._log(EventKind.SERVE, -1, call.unit.id)
            call.crew.append(self)
            if len(call.crew) == call.count and call.on_ready is not None:
                call.on_ready(call.crew)
            return
        self.set_state(LOADING)
        self._after(self.load(), self.loaded)

    def released(self) -> None:
        """The station needs this operator no longer."""
        call = self.call
        assert call is not None
        self.served += 1
        self._log(EventKind.RELEASE, -1, call.unit.id)
        self.rest()

    def loaded(self) -> None:
        """One item is on board; take another that waits here, or go."""
        call = self.call
        assert call is not None and call.item is not None and call.lane is not None
        self._log(EventKind.LOAD, call.item.number, call.unit.id)
        call.unit.depart(call.item, call.lane.target.id, call.lane)
        self.loads.append(call)
        if len(self.loads) < self.capacity:
            more = call.pool.more_from(call.unit, 1)
            if more:
                self.call = more[0]
                self.set_state(LOADING)
                self._after(self.load(), self.loaded)
                return
        self.deliver()

    def deliver(self) -> None:
        """Bring the first item on board to its station."""
        lane = self.loads[0].lane
        assert lane is not None
        self.travel(lane.target, lane.target.entry_m, self.at_target, TRAVEL_LOADED)

    def at_target(self) -> None:
        self.set_state(UNLOADING)
        self._after(self.unload(), self.unloaded)

    def unloaded(self) -> None:
        """Put the item down; go on with the next, or rest."""
        call = self.loads.pop(0)
        assert call.item is not None and call.lane is not None
        self.served += 1
        self._log(EventKind.UNLOAD, call.item.number, call.lane.target.id)
        call.lane.target.enter(call.item, call.lane)
        if self.loads:
            self.deliver()
        else:
            self.rest()

    def rest(self) -> None:
        """Free: answer the first call, or stay here."""
        self.call = None
        waiting = [pool for pool in self.pools if pool.calls]
        if waiting:
            self.answer(min(waiting, key=Pool.first).next_call())
        else:
            self.set_state(IDLE)
