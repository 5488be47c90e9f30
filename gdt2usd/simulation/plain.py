"""The common machine made fast: one item at a time, one phase drawn in advance, no crew, no breakdown, no trigger.

Where its neighbours are plain too (a FIFO queue before such a machine, a source, a sink; one way, no carrier, no log), items are
handed over in place (`simulation.plain_steps`): the same steps as `Unit.release`, `send`, `enter` and `refill`, without their
calls. What these do and count is the same; tests compare both on random graphs.
Not covered: everything else about machines (`simulation.machines`).
"""

from __future__ import annotations

from collections.abc import Iterable

from gdt2usd.simulation.clock import Action
from gdt2usd.simulation.items import Item, Line
from gdt2usd.simulation.machines import CombinerUnit
from gdt2usd.simulation.plain_steps import steps_of
from gdt2usd.simulation.records import EventKind
from gdt2usd.simulation.stations import QueueUnit, SinkUnit, SourceUnit
from gdt2usd.simulation.units import BLOCKED, IDLE, PROCESSING, STARVED, WAITING_FOR_TRANSPORT, Lane, Unit
from gdt2usd.simulation.variates import Draw


class PlainMachineUnit(Unit):
    """A machine without options. `drain`, `sink`, `feed`, `source`: plain neighbours that are served in place, or None.

    `state_s[PROCESSING]` is not kept: it is what the other states leave of the time so far. `blocked_s` and `starved_s` are seconds
    in these states besides those in `state_s`.
    """

    __slots__ = ("blocked_s", "drain", "draw", "feed", "item", "sink", "source", "starved_s", "step", "vacant")

    def __init__(self, id: str, line: Line, draw: Draw) -> None:
        super().__init__(id, line, 1)
        self.draw = draw
        self.item: Item | None = None
        self.vacant = False  # its item has just left and none has come yet
        self.blocked_s = self.starved_s = 0.0
        self.step: Action = self.ended  # what happens when the process ends
        self.drain: ServedQueueUnit | None = None
        self.sink: SinkUnit | None = None
        self.feed: ServedQueueUnit | None = None
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
        seconds[BLOCKED] += self.blocked_s
        seconds[STARVED] += self.starved_s
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
        self.clock.put(self.step, self.clock._now + self.draw())
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

    def ended(self, _now: float) -> None:
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

    def hold_back(self) -> None:
        """There is no place for its item in `drain`, which others fill too: they get their places in turn."""
        if self.item is not None:
            self.ready.append(self.item)
            self.item = None

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
        now = self.clock._now
        self.blocked_s += now - self.since
        self.state = PROCESSING
        follow = self.step(now)
        while follow is not None:
            follow = follow(now)

    def holding(self) -> list[Item]:
        return [*super().holding(), *([self.item] if self.item else [])]

    @property
    def pending(self) -> int:
        """How many items wait here for a place downstream."""
        return super().pending + self._waits_in_place()

    def held_up(self) -> list[Lane]:
        return self.outs if self._waits_in_place() else super().held_up()

    def _waits_in_place(self) -> bool:
        return self.item is not None and self.state == BLOCKED

    def working(self) -> bool:
        return self.item is not None and not self._waits_in_place()


class ServedQueueUnit(QueueUnit):
    """A FIFO queue whose only way out is a plain machine, `beyond`, that takes the items itself.

    `held` and `full` are the moments of the times when it is not empty, and full; `behind`: the plain machine that is the only
    way in, or None.
    """

    __slots__ = ("behind", "beyond", "full", "held", "highest", "last")

    def __init__(self, id: str, line: Line, capacity: int) -> None:
        super().__init__(id, line, capacity)
        self.held = 0.0
        self.full = 0.0
        self.highest = 0
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
        if content == self.last:
            self.full -= now
        if content >= self.highest:
            self.highest = content + 1

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
    bare = not any(isinstance(unit, CombinerUnit) for unit in units)
    simple = all(type(unit) in _SIMPLE and _is_bare(unit) and all(lane.pool is None for lane in unit.outs) for unit in units)
    simple = simple and all(unit.on_creation is None for unit in units if isinstance(unit, SourceUnit))
    for machine in [machine for machine in machines if _finds_target(machine)]:
        steps = steps_of(machine, bare=bare, reuse=simple)
        if steps is not None:
            next(steps)
            machine.step = steps.send


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


_SIMPLE = (PlainMachineUnit, ServedQueueUnit, QueueUnit, SinkUnit, SourceUnit)  # what keeps no item that has left


def _only(lanes: list[Lane]) -> Lane | None:
    return lanes[0] if len(lanes) == 1 and lanes[0].pool is None else None


def _is_bare(unit: Unit) -> bool:
    deferred = any(lane.deferred for lane in unit.outs)
    free = unit.on_entry is None and unit.on_exit is None and unit.requirement is None and not unit.picky
    return unit.route is None and free and not deferred
