"""Stations without a process: sources, queues, stores, sinks.

Conventions (FlexSim's): a source holds the item it made until it is accepted, and the next interarrival time begins when that item
leaves; a queue releases every item when it enters (an item whose port is shut does not hold up the others).
States: a queue or store is idle when empty, blocked when full, else processing (holding). A source is processing while the time to
the next item runs, blocked while it holds one.
Not covered: machines, conveyors.
"""

from __future__ import annotations

from collections import deque

from simpy import Event

from gdt2usd.graph.model import Arrival
from gdt2usd.simulation.clock import STEPS, InstantLoopError, Operation
from gdt2usd.simulation.items import Item, Line
from gdt2usd.simulation.records import EventKind
from gdt2usd.simulation.units import BLOCKED, IDLE, PROCESSING, STATES, WAITING_FOR_TRANSPORT, Hook, Lane, Unit
from gdt2usd.simulation.variates import Draw


class SourceUnit(Unit):
    """Makes items: one at a time by interarrival times, or batches by a schedule."""

    rest = PROCESSING

    def __init__(self, id: str, line: Line, interarrival: Draw, *, at_zero: bool) -> None:
        super().__init__(id, line, 0)
        self.interarrival = interarrival
        self.at_zero = at_zero
        self.arrival = Operation(self.clock, self.arrive)
        self.on_creation: Hook | None = None
        self.waiting = False
        self.instant = False  # the time between items is always 0

    def begin(self) -> None:
        """Schedule the first item."""
        if self.at_zero:
            self.clock.agenda.append(self.make)
        else:
            self.next_item()

    def next_item(self) -> None:
        self.waiting = True
        delay = self.interarrival()
        if delay > 0.0:
            self.set_state(PROCESSING)
            self.clock.start(self.arrival, delay)
        else:
            self.clock.agenda.append(self.make)

    def arrive(self, _event: Event) -> None:
        self.make()

    def make(self) -> None:
        """Create an item and offer it."""
        self.waiting = False
        self.hold(1.0, typed=False)

    def hold(self, item_type: float, *, typed: bool) -> None:
        """One new item, here until it is accepted."""
        line = self.line
        item = line.new_item(self.id)
        if typed:
            item.labels = {"Type": item_type}
        self.entered += 1
        self.content += 1
        self.peak = max(self.peak, self.content)
        self.moment -= self.clock._now
        if line.log is not None:
            line.log.append((self.clock._now, EventKind.ENTER, self.id, item.number, "", 0.0))
        if self.on_creation is not None:
            self.on_creation(item, self, 0)
        if not self.release(item):
            self.set_state(BLOCKED)

    def wait_for_carrier(self, item: Item) -> None:
        self.set_state(WAITING_FOR_TRANSPORT)

    def departed(self, item: Item) -> None:
        self.next_item()

    def figures(self) -> list[float]:
        return [self.left + self.content, *super().figures()[1:]]

    def taken(self, now: float) -> None:
        """The plain machine downstream has taken the waiting item: go on to the next one, in place."""
        self.left += 1
        delay = self.interarrival()
        if delay > 0.0:
            self.content -= 1
            self.moment += now
            self.state_s[self.state] += now - self.since
            self.since = now
            self.state = PROCESSING
            self.waiting = True
            self.clock.start(self.arrival, delay)
        else:
            self.ready.append(self.line.another_item(now))

    def working(self) -> bool:
        return self.waiting


class ScheduledSourceUnit(SourceUnit):
    """Makes `quantity` items at each time of a schedule; those that are not accepted wait here."""

    def __init__(self, id: str, line: Line, schedule: tuple[Arrival, ...], *, repeat: bool) -> None:
        super().__init__(id, line, lambda: 0.0, at_zero=False)
        self.schedule = sorted(schedule, key=lambda a: a.time_s)
        self.repeat = repeat
        self.index = 0
        self.offset_s = 0.0

    def begin(self) -> None:
        self.next_row()

    def next_row(self) -> None:
        if self.index == len(self.schedule):
            if not self.repeat or not self.schedule:
                self.waiting = False
                return
            if self.offset_s == self.clock._now and self.schedule[-1].time_s <= 0.0:
                raise InstantLoopError(self.id)  # all its times are 0: it repeats for ever
            self.offset_s = self.clock._now
            self.index = 0
        self.waiting = True
        self.clock.start(self.arrival, max(0.0, self.offset_s + self.schedule[self.index].time_s - self.clock._now))

    def arrive(self, _event: Event) -> None:
        row = self.schedule[self.index]
        self.index += 1
        for made in range(row.quantity):
            self.hold(row.item_type, typed=True)
            if self.clock.over is not None or not made % STEPS:
                self.clock.check_wall()
                self.line.check_room()
        self.next_row()

    def departed(self, item: Item) -> None:
        if not self.content:
            self.set_state(PROCESSING)


class QueueUnit(Unit):
    """A buffer that releases each item when it comes in."""

    __slots__ = ()
    passes = True
    rest = IDLE

    def __init__(self, id: str, line: Line, capacity: int) -> None:
        super().__init__(id, line, capacity)

    def figures(self) -> list[float]:
        now = self.clock._now
        seconds = self.state_s.copy()
        seconds[self.state] += now
        return [self.left + self.content, self.left, self.content * now + self.moment, 0.0, *seconds]

    def set_state(self, state: int) -> None:
        """Change state now; `state_s` holds moments (each beginning taken off, each end added)."""
        now = self.clock._now
        self.state_s[self.state] += now
        self.state_s[state] -= now
        self.since = now
        self.state = state
        if self.line.log is not None:
            self.line.log.append((now, EventKind.STATE, self.id, -1, STATES[state], 0.0))

    def received(self, item: Item, lane: Lane | None) -> None:
        if not self.release(item):
            self.show()

    def show(self) -> None:
        """Set the state that the content calls for."""
        state = IDLE if self.content == 0 else BLOCKED if self.content >= self.capacity else PROCESSING
        if state != self.state:
            self.set_state(state)

    def departed(self, item: Item) -> None:
        self.free += 1
        if self.free == 1:
            self.reopen()
        self.show()


class BatchQueueUnit(QueueUnit):
    """A queue that releases its items in batches of `size`, earlier once the oldest has waited `max_wait_s` (0: never earlier)."""

    def __init__(self, id: str, line: Line, capacity: int, size: int, max_wait_s: float) -> None:
        super().__init__(id, line, capacity)
        self.size = size
        self.max_wait_s = max_wait_s
        self.gathering: deque[Item] = deque()
        self.timer: Operation | None = None

    def received(self, item: Item, lane: Lane | None) -> None:
        self.gathering.append(item)
        if len(self.gathering) >= self.size:
            self.let_go()
        elif len(self.gathering) == 1 and self.max_wait_s > 0.0:
            self.timer = Operation(self.clock, self.timed_out)
            self.clock.start(self.timer, self.max_wait_s)
        self.show()

    def timed_out(self, event: Event) -> None:
        if event is self.timer:
            self.let_go()
            self.show()

    def let_go(self) -> None:
        self.timer = None
        batch, self.gathering = self.gathering, deque()
        for item in batch:
            self.release(item)

    def holding(self) -> list[Item]:
        return [*super().holding(), *self.gathering]

    def working(self) -> bool:
        return self.timer is not None

    def wants(self) -> list[Lane]:
        return self.ins if self.gathering and self.timer is None and not self.pending else []


class StorageUnit(QueueUnit):
    """A rack or floor store: each item stays at least its dwell time."""

    passes = False

    def __init__(self, id: str, line: Line, capacity: int, dwell: Draw) -> None:
        super().__init__(id, line, capacity)
        self.dwell = dwell
        self.resting: dict[Item, None] = {}

    def received(self, item: Item, lane: Lane | None) -> None:
        self.resting[item] = None
        self.clock.start(Operation(self.clock, lambda _event: self.rested(item)), self.dwell())
        self.show()

    def rested(self, item: Item) -> None:
        del self.resting[item]
        self.release(item)
        self.show()

    def holding(self) -> list[Item]:
        return [*super().holding(), *self.resting]

    def working(self) -> bool:
        return bool(self.resting)


class SinkUnit(Unit):
    """Where items leave; records when, and how long they were in the system."""

    rest = IDLE

    def __init__(self, id: str, line: Line) -> None:
        super().__init__(id, line, SINK_PLACES)

    def enter(self, item: Item, lane: Lane | None) -> None:
        line = self.line
        now = self.clock._now
        self.entered += 1
        self.left += 1
        if line.log is not None:
            line.log.append((now, EventKind.ENTER, self.id, item.number, lane.source.id if lane else "", 0.0))
        if self.on_entry is not None:
            self.on_entry(item, self, lane.in_index + 1 if lane else 0)
        line.exit_item(item, self.id)

    def figures(self) -> list[float]:
        return [self.left, *super().figures()[1:]]

    def reserve(self, lane: Lane) -> None:
        """A sink has room for everything."""

    def received(self, item: Item, lane: Lane | None) -> None:
        """Nothing: `enter` does it all."""


SINK_PLACES = 1 << 30
