"""The common machine made fast: one item at a time, one phase drawn in advance, no crew, no breakdown, no trigger.

Where its neighbours are plain too (a FIFO queue before such a machine, a source, a sink; one way, no carrier, no log), items are
handed over in place: the same steps as `Unit.release`, `send`, `enter` and `refill` in one function, without their calls. What
these do and count is the same; tests compare both on random graphs.
Not covered: everything else about machines (`simulation.machines`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from heapq import heappush, heapreplace

from simpy import Event

from gdt2usd.simulation.clock import Follow, Operation
from gdt2usd.simulation.machines import CombinerUnit
from gdt2usd.simulation.records import EventKind
from gdt2usd.simulation.stations import QueueUnit, SinkUnit, SourceUnit
from gdt2usd.simulation.units import BLOCKED, IDLE, PROCESSING, STARVED, WAITING_FOR_TRANSPORT, Item, Lane, Line, Unit
from gdt2usd.simulation.variates import Draw


class PlainMachineUnit(Unit):
    """A machine without options. `drain`, `sink`, `feed`, `source`: plain neighbours that are served in place, or None.

    `state_s[PROCESSING]` is not kept: it is what the other states leave of the time so far.
    """

    __slots__ = ("drain", "draw", "feed", "item", "operation", "resume", "sink", "source", "vacant")

    def __init__(self, id: str, line: Line, draw: Draw) -> None:
        super().__init__(id, line, 1)
        self.draw = draw
        self.item: Item | None = None
        self.vacant = False  # its item has just left and none has come yet
        self.operation = Operation(self.clock, self.ended)
        self.drain: ServedQueueUnit | None = None
        self.sink: SinkUnit | None = None
        self.feed: ServedQueueUnit | None = None
        self.source: SourceUnit | None = None
        self.resume: Follow | None = None  # goes on with the blocked item: there is a place in `drain`

    @property
    def content(self) -> int:
        """1 while an item is here."""
        return 0 if self.state == STARVED else 1

    @content.setter
    def content(self, value: int) -> None:
        """Nothing to keep: it follows from the state."""

    @property
    def peak(self) -> int:
        """The most items that were here at once."""
        return min(1, self.left + self.content)

    @peak.setter
    def peak(self, value: int) -> None:
        """Nothing to keep."""

    def figures(self) -> list[float]:
        now = self.clock._now
        seconds = self.state_s.copy()
        seconds[self.state] += now - self.since
        seconds[PROCESSING] = 0.0
        seconds[PROCESSING] = now - sum(seconds)
        return [self.left + self.content, self.left, now - seconds[STARVED], seconds[PROCESSING], *seconds]

    # ---- the general way ----

    def enter(self, item: Item, lane: Lane | None) -> None:
        if self.line.log is not None:
            self.line.log.append((self.clock._now, EventKind.ENTER, self.id, item.number, lane.source.id if lane else "", 0.0))
        self.start(item)

    def start(self, item: Item) -> None:
        """Let the process of `item` begin."""
        self.item = item
        self.free = 0
        self.vacant = False
        self.clock.start(self.operation, self.draw())
        self.set_state(PROCESSING)

    def refill(self) -> None:
        super().refill()
        if self.vacant:
            self.vacant = False
            self.set_state(STARVED)

    def departed(self, item: Item) -> None:
        if self.feed is not None or self.source is not None:
            self.take_next(self.clock._now)
        else:
            self.free = 1
            self.vacant = True
            self.reopen()

    def wait_for_carrier(self, item: Item) -> None:
        self.set_state(WAITING_FOR_TRANSPORT)

    def ended(self, _event: Event) -> None:
        """The process is over."""
        item = self.item
        assert item is not None
        self.item = None
        if not self.release(item):
            self.set_state(BLOCKED)

    def take_next(self, now: float) -> None:
        """Start the next item that waits in the plain queue or source before this machine, or starve."""
        feed, source = self.feed, self.source
        if feed is not None and feed.ready:
            self.start(feed.take_next(now))
        elif source is not None and source.ready:
            self.start(source.ready.popleft())
            source.taken(now)
        else:
            self.free = 1
            self.set_state(STARVED)

    def block(self, item: Item, now: float) -> None:
        """There is no place for `item` in `drain`."""
        self.ready.append(item)
        self.item = None
        self.since = now
        self.state = BLOCKED

    def starve(self, now: float) -> None:
        """Nothing waits before this machine: it is free."""
        self.item = None
        self.free = 1
        self.since = now
        self.state = STARVED
        if self.feed is None and self.source is None:
            self.reopen()

    def unblock(self) -> None:
        """There is a place in `drain` again, of which this machine is the only user."""
        follow = self.resume
        while follow is not None:
            follow = follow()

    def holding(self) -> list[Item]:
        return [*super().holding(), *([self.item] if self.item else [])]

    def working(self) -> bool:
        return self.item is not None


class ServedQueueUnit(QueueUnit):
    """A FIFO queue whose only way out is a plain machine, `beyond`, that takes the items itself.

    `held` and `full` are the moments of the times when it is not empty, and full; `behind`: the plain machine that is the only
    way in, or None.
    """

    def __init__(self, id: str, line: Line, capacity: int) -> None:
        super().__init__(id, line, capacity)
        self.held = 0.0
        self.full = 0.0
        self.highest = 0
        self.mark = 0  # from this content on, an arrival fills the queue or is more than ever
        self.last = capacity - 1
        self.beyond: PlainMachineUnit
        self.behind: PlainMachineUnit | None = None

    @property
    def content(self) -> int:
        """All items here wait for the machine."""
        return len(self.ready)

    @content.setter
    def content(self, value: int) -> None:
        """Nothing to keep."""

    @property
    def free(self) -> int:
        """Places without an item."""
        return self.capacity - len(self.ready)

    @free.setter
    def free(self, value: int) -> None:
        """Nothing to keep."""

    @property
    def left(self) -> int:
        """Items that the machine beyond has taken."""
        return self.beyond.left + self.beyond.content

    @left.setter
    def left(self, value: int) -> None:
        """Nothing to keep."""

    @property
    def peak(self) -> int:
        """The most items that were here at once."""
        return max(self.highest, min(1, self.left))

    @peak.setter
    def peak(self, value: int) -> None:
        """Nothing to keep."""

    def figures(self) -> list[float]:
        now, content = self.clock._now, len(self.ready)
        held = self.held + (now if content else 0.0)
        full = self.full + (now if content >= self.capacity else 0.0)
        seconds = [0.0] * len(self.state_s)
        seconds[IDLE], seconds[PROCESSING], seconds[BLOCKED] = now - held, held - full, full
        return [self.left + content, self.left, content * now + self.moment, 0.0, *seconds]

    def enter(self, item: Item, lane: Lane | None) -> None:
        beyond = self.beyond
        if beyond.free:
            beyond.start(item)
            return
        now, content = self.clock._now, len(self.ready)
        self.ready.append(item)
        self.moment -= now
        if not content:
            self.held -= now
        if content >= self.mark:
            self.rise(content, now)

    def rise(self, content: int, now: float) -> None:
        """One item more than the `content` items there were, at or above `mark`."""
        if content == self.last:
            self.full -= now
        if content >= self.highest:
            self.highest = content + 1
            self.mark = min(content + 1, self.last)

    def take_next(self, now: float) -> Item:
        """The first item leaves for the machine beyond; whoever waits for its place gets it."""
        item = self.ready.popleft()
        content = len(self.ready)
        self.moment += now
        if not content:
            self.held += now
        if content == self.last:
            self.full += now
            if self.behind is None:
                self.reopen()
            elif self.behind.state == BLOCKED:
                self.clock.agenda.append(self.behind.unblock)
        return item


def _stepper(line: Line, bare: bool) -> Callable[[PlainMachineUnit], Callable[[Event | None], Follow | None]]:
    """Makes, for each plain machine, what happens when its process ends: hand over in place, take the next item.

    One closure per machine instead of methods, and what is common to all in cells that they share: this is the innermost loop of a
    simulation, and every call that it is split into costs a twentieth. `bare`: items are never packed.
    """
    clock = line.clock
    times, enlist, join = clock.times, clock.enlist, clock.join
    exited, flowed = line.exits.append, line.flow_times.append

    def stepping(machine: PlainMachineUnit) -> Callable[[Event | None], Follow | None]:
        draw, operation = machine.draw, machine.operation
        drain, sink, feed, source = machine.drain, machine.sink, machine.feed, machine.source
        beyond = drain.beyond if drain is not None else machine
        filled, places = (drain.ready, drain.capacity) if drain is not None else (deque[Item](), 0)
        waiting = feed.ready if feed is not None else source.ready if source is not None else deque[Item]()
        instant = source is not None and source.instant
        last, behind = (feed.last, feed.behind) if feed is not None else (0, None)

        def step(event: Event | None) -> Follow | None:
            now = clock._now
            item: Item = machine.item  # type: ignore[assignment]
            if drain is None:
                if bare or item.bare:
                    sink.left += 1  # type: ignore[union-attr]
                    exited(now)
                    flowed(now - item.created_s)
                else:
                    sink.enter(item, None)  # type: ignore[union-attr]
            elif beyond.free:
                beyond.item = item
                beyond.free = 0
                beyond.state_s[STARVED] += now - beyond.since
                beyond.state = PROCESSING
                at = now + beyond.draw()
                if enlist(at, beyond.operation) is beyond.operation:
                    heappush(times, at)
                else:
                    join(at, beyond.operation)
            else:
                content = len(filled)
                if content == places:
                    machine.block(item, now)
                    return None
                filled.append(item)
                drain.moment -= now
                if not content:
                    drain.held -= now
                if content >= drain.mark:
                    drain.rise(content, now)
            machine.left += 1
            if not waiting:
                machine.starve(now)
                return None
            machine.item = waiting.popleft()
            at = now + draw()
            if enlist(at, operation) is not operation:
                join(at, operation)
            elif event is None:
                heappush(times, at)
            else:  # its own time is still on top
                heapreplace(times, at)
            if feed is None:
                if instant:
                    source.left += 1  # type: ignore[union-attr]
                    waiting.append(line.another_item(now))
                else:
                    source.taken(now)  # type: ignore[union-attr]
                return None
            feed.moment += now
            content = len(waiting)
            if not content:
                feed.held += now
            if content == last:
                feed.full += now
                if behind is None:
                    feed.reopen()
                elif behind.state == BLOCKED:
                    return behind.resume
            return None

        return step

    return stepping


def _resuming(machine: PlainMachineUnit, step: Callable[[Event | None], Follow | None]) -> Follow:
    """What `machine`, blocked, does when it gets its place."""
    state_s, clock = machine.state_s, machine.clock

    def resume() -> Follow | None:
        machine.item = machine.ready.popleft()
        state_s[BLOCKED] += clock._now - machine.since
        machine.state = PROCESSING
        return step(None)

    return resume


def shorten(units: Iterable[Unit]) -> None:
    """Let plain machines serve their plain neighbours in place."""
    units = list(units)
    machines = [unit for unit in units if type(unit) is PlainMachineUnit]
    for machine in machines:
        before = _only(machine.ins)
        if before is None or _only(before.source.outs) is not before or not _is_bare(before.source):
            continue
        upstream = before.source
        if type(upstream) is ServedQueueUnit:
            machine.feed = upstream
            upstream.beyond = machine
        elif type(upstream) is SourceUnit and upstream.on_creation is None:
            machine.source = upstream
    handing = [machine for machine in machines if _finds_target(machine)]
    if handing:
        stepping = _stepper(handing[0].line, not any(isinstance(unit, CombinerUnit) for unit in units))
        for machine in handing:
            step = stepping(machine)
            machine.operation.callbacks = [step]  # type: ignore[list-item]
            machine.resume = _resuming(machine, step)


def _finds_target(machine: PlainMachineUnit) -> bool:
    """Whether `machine` hands its items over in place; its `drain` or `sink` is set then."""
    after = _only(machine.outs)
    if after is None or not _is_bare(machine) or not _is_bare(after.target):
        return False
    target = after.target
    if type(target) is SinkUnit:
        machine.sink = target
    elif type(target) is ServedQueueUnit:
        machine.drain = target
        target.behind = machine if len(target.ins) == 1 else None
    return machine.sink is not None or machine.drain is not None


def _only(lanes: list[Lane]) -> Lane | None:
    return lanes[0] if len(lanes) == 1 and lanes[0].pool is None else None


def _is_bare(unit: Unit) -> bool:
    deferred = any(lane.deferred for lane in unit.outs)
    free = unit.on_entry is None and unit.on_exit is None and unit.requirement is None and not unit.picky
    return unit.route is None and free and not deferred
