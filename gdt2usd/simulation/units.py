"""What items move between: lanes and the part that every running station shares.

A `Unit` is a station while it runs. It offers finished items to its lanes (`release`), takes items that wait upstream when it has
room (`refill`), and keeps the accumulators from which every figure is computed: time per state, counts, and the integral of its
content as `moment` (each entry subtracts its time, each exit adds it: area over [0, t] = content * t + moment).
FlexSim's rules: push, lowest-ranked open port first, blocked after service, a stopped station neither receives nor sends.
Not covered: what each kind of station does with its items (`simulation.stations`, `simulation.machines`, `simulation.conveyors`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

from gdt2usd.simulation.clock import STEPS, InstantLoopError
from gdt2usd.simulation.items import Item, Line
from gdt2usd.simulation.records import EventKind, State

if TYPE_CHECKING:
    from gdt2usd.simulation.resources import Pool

# the contract's states, in its order; a unit's `state` is an index into this
STATES = (
    State.IDLE,
    State.SETUP,
    State.PROCESSING,
    State.BLOCKED,
    State.STARVED,
    State.WAITING_FOR_OPERATOR,
    State.WAITING_FOR_TRANSPORT,
    State.DOWN,
)
IDLE, SETUP, PROCESSING, BLOCKED, STARVED, WAITING_FOR_OPERATOR, WAITING_FOR_TRANSPORT, DOWN = range(8)

SHUT = 1 << 40  # taken off `free` while a unit receives nothing

Route = Callable[["Item"], int]
CallOf = Callable[["Item", int], "Pool | None"]  # item, output port -> who is called
Hook = Callable[["Item", "Unit", int], None]


class Lane:
    """A link while it runs; `ready` holds the items that may leave through this lane only, `sent` counts those that did."""

    __slots__ = ("deferred", "in_index", "out_index", "pool", "ready", "sent", "source", "target")

    def __init__(self, source: Unit, target: Unit, out_index: int, in_index: int) -> None:
        self.source = source
        self.target = target
        self.out_index = out_index
        self.in_index = in_index
        self.pool: Pool | None = None
        self.ready: deque[Item] = deque()
        self.sent = 0
        self.deferred = False


class Unit:
    """A station while it runs. `free` is the number of items it would accept now (negative while shut)."""

    __slots__ = (
        "capacity",
        "carrier_of",
        "clock",
        "content",
        "down",
        "entered",
        "entry_m",
        "exit_m",
        "free",
        "id",
        "ins",
        "kept",
        "left",
        "lifo",
        "line",
        "moment",
        "on_entry",
        "on_exit",
        "outs",
        "peak",
        "picky",
        "priority",
        "pulls",
        "pulls_from",
        "ready",
        "refilling",
        "requirement",
        "route",
        "selective",
        "since",
        "state",
        "state_s",
    )
    passes = False  # True: an item may go through with no time passing
    rest = STARVED  # the state when there is nothing to do

    def __init__(self, id: str, line: Line, capacity: int = 1) -> None:
        self.id = id
        self.line = line
        self.clock = line.clock
        self.capacity = capacity
        self.free = capacity
        self.content = 0
        self.entered = 0
        self.left = 0
        self.peak = 0
        self.moment = 0.0
        self.state = self.rest
        self.since = 0.0
        self.state_s = [0.0] * 8
        self.ins: list[Lane] = []
        self.outs: list[Lane] = []
        self.ready: deque[Item] = deque()
        self.kept: list[Item] = []  # never released
        self.lifo = False
        self.down = False
        self.selective = False
        self.refilling = False
        self.route: Route | None = None
        self.requirement: Callable[[Item], bool] | None = None  # which items this unit takes (None: any)
        self.picky = False  # some unit downstream has a requirement
        self.pulls: Callable[[], int] | None = None  # the input port of which this unit takes its next item (None: any)
        self.pulls_from: int | None = None  # what `pulls` has said for the next item
        self.priority = 0.0  # of calls for carriers
        self.carrier_of: CallOf | None = None  # where who carries an item away depends on it
        self.on_entry: Hook | None = None
        self.on_exit: Hook | None = None
        self.entry_m = self.exit_m = (0.0, 0.0, 0.0)  # where carriers put items down and where they take them

    # ---- states and figures ----

    def set_state(self, state: int) -> None:
        """Change state now."""
        if state == self.state:
            return
        now = self.clock._now
        self.state_s[self.state] += now - self.since
        self.since = now
        self.state = state
        if self.line.log is not None:
            self.line.log.append((now, EventKind.STATE, self.id, -1, STATES[state], 0.0))

    def figures(self) -> list[float]:
        """Accumulators up to now: entered, left, content area, server-busy seconds, then seconds in each of `STATES`."""
        now = self.clock._now
        seconds = self.state_s.copy()
        seconds[self.state] += now - self.since
        return [self.entered, self.left, self.content * now + self.moment, self.busy_s(seconds), *seconds]

    def busy_s(self, seconds: list[float]) -> float:
        """Server-seconds of setup and processing so far; `seconds` are those per state."""
        return seconds[SETUP] + seconds[PROCESSING]

    # ---- in ----

    def accepts(self, lane: Lane) -> bool:
        """Whether an item may come in through `lane` now."""
        return self.free > 0 and (self.pulls is None or self.is_pulled(lane))

    def is_pulled(self, lane: Lane) -> bool:
        """Whether the next item is one from `lane`, by what `pulls` says when this unit first looks for it."""
        if self.pulls is None:
            return True
        if self.pulls_from is None:
            self.pulls_from = self.pulls()
        return self.pulls_from in (0, lane.in_index + 1)

    def reserve(self, lane: Lane) -> None:
        """Keep a place for an item that is about to come through `lane`."""
        self.free -= 1
        self.pulls_from = None

    def enter(self, item: Item, lane: Lane | None) -> None:
        """Receive `item`, for which a place was reserved."""
        now = self.clock._now
        self.entered += 1
        self.content += 1
        self.peak = max(self.peak, self.content)
        self.moment -= now
        if self.line.log is not None:
            self.line.log.append((now, EventKind.ENTER, self.id, item.number, lane.source.id if lane else "", 0.0))
        if self.on_entry is not None:
            self.on_entry(item, self, lane.in_index + 1 if lane else 0)
        self.received(item, lane)

    def received(self, item: Item, lane: Lane | None) -> None:
        """What this kind of station does with an item that has come in."""
        raise NotImplementedError

    def refill(self) -> None:
        """Take items that wait upstream for a place here, lowest-ranked input port first."""
        self.refilling = False
        for lane in self.ins:
            source = lane.source
            if self.requirement is not None:
                self._choose(lane, self.requirement)
            elif (source.ready or lane.ready) and not source.down:
                turns = 0
                while (source.ready or lane.ready) and self.accepts(lane):
                    source.send(source.take(lane), lane)
                    if self.clock.over is not None:
                        raise self.clock.over
                    turns += 1
                    if (
                        turns > self.clock.most_steps
                    ):  # what is sent on comes back at once, round a loop in which nothing takes time
                        self.reopen()  # it is not over
                        raise InstantLoopError(self.id)
                if not self.selective and self.free <= 0:
                    return

    def _choose(self, lane: Lane, requirement: Callable[[Item], bool]) -> None:
        """Take the items that fit from those that wait at the other end of `lane`."""
        source = lane.source
        turns = 0
        while not source.down and self.accepts(lane):
            turns += 1
            if not turns % STEPS:
                self.clock.check_wall()
            if turns > self.clock.most_steps:  # as in `refill`
                self.reopen()
                raise InstantLoopError(self.id)
            fitting = [self._first_fitting(source.in_turn(pool), requirement) for pool in (source.ready, lane.ready)]
            chosen = min((item for item in fitting if item is not None), key=lambda item: item.offered_s, default=None)
            if chosen is None:
                return
            (source.ready if chosen is fitting[0] else lane.ready).remove(chosen)
            source.send(chosen, lane)

    def _first_fitting(self, items: list[Item], requirement: Callable[[Item], bool]) -> Item | None:
        for item in items:
            if requirement(item):
                return item
            if self.clock.over is not None:
                raise self.clock.over
        return None

    def in_turn(self, pool: deque[Item]) -> list[Item]:
        """The items of `pool` in the order in which they leave."""
        return list(reversed(pool)) if self.lifo else list(pool)

    def reopen(self) -> None:
        """There is room again: upstream gets its chance as soon as the present action is complete."""
        if not self.refilling:
            self.refilling = True
            self.clock.agenda.append(self.refill)

    # ---- out ----

    def release(self, item: Item) -> bool:
        """Offer `item` downstream; True if it left at once, False if it waits here."""
        route = self.route
        if route is None:
            port = 0
        else:
            port = route(item)
            if port < 0:
                return self._keep(item)
        if port == 0:
            if not self.ready or self.picky:
                for lane in self.outs:
                    target = lane.target
                    takes = not self.ready if target.requirement is None else target.requirement(item)
                    if takes and target.accepts(lane) and not lane.deferred:
                        self.send(item, lane)
                        return True
            self.ready.append(item)
            self._defer(self.outs)
        else:
            if port > len(self.outs):
                self.line.remarks[("SM301", self.id)] = f"sends items to output port {port}, and it has {len(self.outs)}"
                return self._keep(item)
            lane = self.outs[port - 1]
            target = lane.target
            takes = not lane.ready if target.requirement is None else target.requirement(item)
            if takes and not lane.deferred and target.accepts(lane):
                self.send(item, lane)
                return True
            lane.ready.append(item)
            if lane.deferred:
                lane.target.reopen()
        item.offered_s = self.clock._now
        return False

    def _defer(self, lanes: list[Lane]) -> None:
        for lane in lanes:
            if lane.deferred and lane.target.free > 0:
                lane.target.reopen()

    def _keep(self, item: Item) -> bool:
        """`item` is never released (send to port -1)."""
        self.kept.append(item)
        self.line.remarks.setdefault(("SM302", self.id), "keeps items that its routing does not release")
        return False

    def take(self, lane: Lane) -> Item:
        """Remove and return the waiting item that goes through `lane` next."""
        anywhere, here = self.ready, lane.ready
        if self.lifo:
            if not here or (anywhere and anywhere[-1].offered_s >= here[-1].offered_s):
                return anywhere.pop()
            return here.pop()
        if not here or (anywhere and anywhere[0].offered_s <= here[0].offered_s):
            return anywhere.popleft()
        return here.popleft()

    def send(self, item: Item, lane: Lane) -> None:
        """Let `item` go through `lane`, which accepts it; a lane with transport calls a carrier first."""
        target = lane.target
        target.reserve(lane)
        lane.sent += 1
        pool = lane.pool if self.carrier_of is None else self.carrier_of(item, lane.out_index + 1)
        if pool is None:
            self.depart(item, target.id, lane)
            target.enter(item, lane)
        else:
            self.wait_for_carrier(item)
            pool.carry(item, lane)

    def wait_for_carrier(self, item: Item) -> None:
        """`item` has somewhere to go and waits for its carrier."""

    def depart(self, item: Item, to: str, lane: Lane) -> None:
        """`item` is no longer here; its place is free."""
        now = self.clock._now
        if self.on_exit is not None:
            self.on_exit(item, self, lane.out_index + 1)
        self.left += 1
        self.content -= 1
        self.moment += now
        if self.line.log is not None:
            self.line.log.append((now, EventKind.LEAVE, self.id, item.number, to, 0.0))
        self.departed(item)

    def departed(self, item: Item) -> None:
        """What this kind of station does when an item has gone."""
        self.free += 1
        self.reopen()

    # ---- for checks and the search for deadlocks ----

    @property
    def pending(self) -> int:
        """How many items wait here for a place downstream."""
        return len(self.ready) + sum(len(lane.ready) for lane in self.outs)

    def held_up(self) -> list[Lane]:
        """The ways out for which items wait here."""
        return [lane for lane in self.outs if self.ready or lane.ready]

    def holding(self) -> list[Item]:
        """The items that are here, by looking (those that wait for a carrier are found at the carrier)."""
        return [*self.ready, *(item for lane in self.outs for item in lane.ready), *self.kept]

    def working(self) -> bool:
        """Whether something happens here that will end by itself."""
        return False

    def wants(self) -> list[Lane]:
        """Input lanes of which at least one must deliver before this unit can go on with what it holds ([]: it needs nothing)."""
        return []
