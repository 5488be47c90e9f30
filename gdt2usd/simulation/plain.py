"""The common machine made fast: one item at a time, one phase drawn in advance, no crew, no breakdown, no trigger.

Where its neighbours are plain too (a FIFO queue between two such machines, a source, a sink; one way, no carrier, no log), items
are handed over in place: the same steps as `Unit.release`, `send`, `enter` and `refill` in one function, without their calls. What
these do and count is the same; tests compare both on random graphs.
Not covered: everything else about machines (`simulation.machines`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from heapq import heappush, heapreplace

from simpy import Event

from gdt2usd.simulation.clock import Operation
from gdt2usd.simulation.records import EventKind
from gdt2usd.simulation.stations import QueueUnit, SinkUnit, SourceUnit
from gdt2usd.simulation.units import BLOCKED, IDLE, PROCESSING, STARVED, WAITING_FOR_TRANSPORT, Item, Lane, Line, Unit
from gdt2usd.simulation.variates import Draw


class PlainMachineUnit(Unit):
    """A machine without options. `drain`, `sink`, `feed`, `source`: plain neighbours that are served in place, or None."""

    __slots__ = ("drain", "draw", "feed", "heap", "item", "next_id", "operation", "sink", "source", "vacant")

    def __init__(self, id: str, line: Line, draw: Draw) -> None:
        super().__init__(id, line, 1)
        self.draw = draw
        self.item: Item | None = None
        self.vacant = False  # its item has just left and none has come yet
        self.operation = Operation(self.clock, self.ended)
        self.heap = self.clock._queue
        self.next_id = self.clock._eid.__next__
        self.drain: QueueUnit | None = None
        self.sink: SinkUnit | None = None
        self.feed: QueueUnit | None = None
        self.source: SourceUnit | None = None

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
        return [self.left + self.content, self.left, sum(seconds) - seconds[STARVED], seconds[PROCESSING], *seconds]

    # ---- the general way ----

    def enter(self, item: Item, lane: Lane | None) -> None:
        now = self.clock._now
        self.item = item
        self.vacant = False
        heappush(self.heap, (now + self.draw(), 1, self.next_id(), self.operation))
        if self.line.log is not None:
            self.line.log.append((now, EventKind.ENTER, self.id, item.number, lane.source.id if lane else "", 0.0))
        if self.state != PROCESSING:
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

    # ---- in place ----

    def take_next(self, now: float) -> None:
        """Start the next item that waits before this machine, or starve."""
        feed, source = self.feed, self.source
        if feed is not None and feed.ready:
            self.item = feed.ready.popleft()
            feed.content -= 1
            feed.moment += now
            feed.free += 1
            feed.show()
            if feed.free == 1:
                self.place_behind()
        elif source is not None and source.ready:
            self.item = source.ready.popleft()
            source.taken(now)
        else:
            self.starve(now)
            return
        heappush(self.heap, (now + self.draw(), 1, self.next_id(), self.operation))
        self.set_state(PROCESSING)

    def starve(self, now: float) -> None:
        """Nothing waits in the queue or source before this machine: it is free."""
        self.free = 1
        self.state_s[self.state] += now - self.since
        self.since = now
        self.state = STARVED
        if self.feed is None and self.source is None:
            self.reopen()

    def place_behind(self) -> None:
        """The queue before this machine has its first free place."""
        feed = self.feed
        if feed is None:
            return
        if feed.behind is None:
            feed.reopen()
        elif feed.behind.state == BLOCKED:
            self.clock.agenda.append(feed.behind.unblock)

    def unblock(self) -> None:
        """There is a place in the queue behind this machine again."""
        if self.state == BLOCKED and self.ready:
            self.item = self.ready.popleft()
            now = self.clock._now
            self.state_s[BLOCKED] += now - self.since
            self.since = now
            self.state = PROCESSING
            self.operation.callbacks[0](self.operation)

    def holding(self) -> list[Item]:
        return [*super().holding(), *([self.item] if self.item else [])]

    def working(self) -> bool:
        return self.item is not None


def _step(machine: PlainMachineUnit) -> Callable[[Event], None]:
    """What happens when `machine`, which has a drain or a sink, ends its process: hand over, take the next item.

    One closure instead of methods: this is the innermost loop of a simulation.
    """
    clock, heap, next_id, line = machine.clock, machine.heap, machine.next_id, machine.line
    draw, operation, state_s = machine.draw, machine.operation, machine.state_s
    drain, sink, feed, source = machine.drain, machine.sink, machine.feed, machine.source
    beyond = drain.beyond if drain is not None else None
    filled = drain.ready if drain is not None else deque[Item]()
    waiting = feed.ready if feed is not None else source.ready if source is not None else deque[Item]()
    beyond_draw, beyond_operation = (beyond.draw, beyond.operation) if beyond is not None else (draw, operation)
    beyond_s = beyond.state_s if beyond is not None else []
    filled_s = drain.state_s if drain is not None else []
    instant = source is not None and source.instant
    waiting_s = feed.state_s if feed is not None else []
    unserved, agenda = feed is None and source is None, clock.agenda
    exited, flowed = line.exits.append, line.flow_times.append

    def step(_event: Event) -> None:
        now = clock._now
        item: Item = machine.item  # type: ignore[assignment]
        if drain is not None and beyond is not None:
            if beyond.free and not filled:
                beyond.item = item
                beyond.free = 0
                heappush(heap, (now + beyond_draw(), 1, next_id(), beyond_operation))
                beyond_s[beyond.state] += now - beyond.since
                beyond.since = now
                beyond.state = PROCESSING
            elif drain.free:
                drain.free = free = drain.free - 1
                drain.content = content = drain.content + 1
                drain.moment -= now
                filled.append(item)
                if content > drain.peak:  # noqa: PLR1730 - a call costs a tenth of the step
                    drain.peak = content
                if content == 1 or not free:
                    filled_s[drain.state] += now
                    drain.state = state = PROCESSING if free else BLOCKED
                    filled_s[state] -= now
            else:
                machine.ready.append(item)
                machine.item = None
                state_s[PROCESSING] += now - machine.since
                machine.since = now
                machine.state = BLOCKED
                return
        elif item.bare:
            sink.left += 1  # type: ignore[union-attr]
            exited(now)
            flowed(now - item.created_s)
        else:
            sink.enter(item, None)  # type: ignore[union-attr]
        machine.left += 1
        if not waiting:
            machine.item = None
            machine.free = 1
            state_s[machine.state] += now - machine.since
            machine.since = now
            machine.state = STARVED
            if unserved:
                machine.reopen()
            return
        machine.item = waiting.popleft()
        if heap[0][3] is operation:
            heapreplace(heap, (now + draw(), 1, next_id(), operation))
        else:
            heappush(heap, (now + draw(), 1, next_id(), operation))
        if feed is None:
            if instant:
                source.left += 1  # type: ignore[union-attr]
                line.created = number = line.created + 1
                line.moment -= now
                waiting.append(Item(number, now))
            else:
                source.taken(now)  # type: ignore[union-attr]
            return
        feed.moment += now
        feed.content = content = feed.content - 1
        feed.free = free = feed.free + 1
        if free == 1 or not content:
            waiting_s[feed.state] += now
            feed.state = state = PROCESSING if content else IDLE
            waiting_s[state] -= now
            if free == 1:
                behind = feed.behind
                if behind is None:
                    feed.reopen()
                elif behind.state == BLOCKED:
                    agenda.append(behind.unblock)

    return step


def shorten(units: Iterable[Unit]) -> None:
    """Let plain machines serve their plain neighbours in place."""
    machines = [unit for unit in units if type(unit) is PlainMachineUnit]
    for machine in machines:
        before = _only(machine.ins)
        if before is None or _only(before.source.outs) is not before or not _is_bare(before.source):
            continue
        upstream = before.source
        if type(upstream) is QueueUnit and not upstream.lifo:
            machine.feed = upstream
            upstream.beyond = machine
        elif type(upstream) is SourceUnit and upstream.on_creation is None:
            machine.source = upstream
    for machine in machines:
        after = _only(machine.outs)
        if after is None or not _is_bare(machine) or not _is_bare(after.target):
            continue
        target = after.target
        if type(target) is SinkUnit:
            machine.sink = target
        elif type(target) is QueueUnit and target.beyond is not None:
            machine.drain = target
            target.behind = machine if len(target.ins) == 1 else None
        else:
            continue
        machine.operation.callbacks = [_step(machine)]


def _only(lanes: list[Lane]) -> Lane | None:
    return lanes[0] if len(lanes) == 1 and lanes[0].pool is None else None


def _is_bare(unit: Unit) -> bool:
    deferred = any(lane.deferred for lane in unit.outs)
    return unit.route is None and unit.on_entry is None and unit.on_exit is None and not deferred
