"""What happens when the process of a plain machine ends: hand over in place, take the next item, go on.

This is the innermost loop of a simulation. Each machine has a generator of its own that keeps what it needs in local variables
and receives the times at which the process ends; the variables of a method or a closure are looked up or copied every time. There
are four, by what stands before and behind the machine, and they are written out: a call costs a twentieth of a step.
Each gives what follows from it without time passing, if anything does: the machine upstream gets its place back.
Not covered: which machines are plain, and what else they do (`simulation.plain`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator
from heapq import heappush, heapreplace
from typing import TYPE_CHECKING

from gdt2usd.simulation.clock import Action
from gdt2usd.simulation.items import Item
from gdt2usd.simulation.units import BLOCKED, PROCESSING

if TYPE_CHECKING:
    from gdt2usd.simulation.plain import PlainMachineUnit, ServedQueueUnit
    from gdt2usd.simulation.stations import SinkUnit, SourceUnit

Steps = Generator[Action | None, float, None]


def steps_of(machine: PlainMachineUnit, *, bare: bool, reuse: bool) -> Steps | None:
    """What `machine` does at the ends of its process, or None if it cannot serve its neighbours in place.

    `bare`: items are never packed; `reuse`: nobody looks at an item that has left.
    """
    drain, sink, feed = machine.drain, machine.sink, machine.feed
    if drain is not None:
        return _between(machine, feed, drain) if feed is not None else _first(machine, machine.source, drain)
    if sink is not None:
        return _last(machine, feed, sink, bare, reuse) if feed is not None else _alone(machine, machine.source, sink, bare, reuse)
    return None


def _first(machine: PlainMachineUnit, source: SourceUnit | None, drain: ServedQueueUnit) -> Steps:
    """Before a queue; behind a source that is served in place, or whatever is not (None)."""
    line, clock, draw = machine.line, machine.clock, machine.draw
    times, enlist, join, spent = clock.times, clock.enlist, clock.join, line.spent
    beyond, filled, places, alone = drain.beyond, drain.ready, drain.capacity, drain.behind is machine
    brim, onward, waiting = drain.last, beyond.draw, source.ready if source is not None else deque[Item]()
    while True:
        now = yield None
        if beyond.free:
            beyond.item = machine.item
            beyond.free = 0
            beyond.starved_s += now - beyond.since
            beyond.state = PROCESSING
            at = now + onward()
            if enlist(at, beyond.step) is beyond.step:
                heappush(times, at)
            else:
                join(at, beyond.step)
        else:
            content = len(filled)
            if content == places:
                machine.since = now
                machine.state = BLOCKED
                if not alone:
                    machine.hold_back()
                continue
            filled.append(machine.item)  # type: ignore[arg-type]
            drain.moment -= now
            if not content:
                drain.held -= now
            if content == brim:
                drain.full -= now
            if content >= drain.highest:
                drain.highest = content + 1
        machine.left += 1
        if not waiting:
            machine.starve(now)
            continue
        machine.item = waiting.popleft()
        at = now + draw()
        if enlist(at, machine.step) is not machine.step:
            join(at, machine.step)
        elif times[0] is now:  # its own time is still on top
            heapreplace(times, at)
        else:
            heappush(times, at)
        if source.instant:  # type: ignore[union-attr]
            source.left += 1  # type: ignore[union-attr]
            line.moment -= now
            item = spent.pop() if spent else Item()
            item.number = line.created = line.created + 1
            item.created_s = now
            waiting.append(item)
        else:
            source.taken(now)  # type: ignore[union-attr]


def _between(machine: PlainMachineUnit, feed: ServedQueueUnit, drain: ServedQueueUnit) -> Steps:
    """Between two queues."""
    clock, draw = machine.clock, machine.draw
    times, enlist, join = clock.times, clock.enlist, clock.join
    beyond, filled, places, alone = drain.beyond, drain.ready, drain.capacity, drain.behind is machine
    brim, onward, waiting, last, behind = drain.last, beyond.draw, feed.ready, feed.last, feed.behind
    follow = None
    while True:
        now = yield follow
        follow = None
        if beyond.free:
            beyond.item = machine.item
            beyond.free = 0
            beyond.starved_s += now - beyond.since
            beyond.state = PROCESSING
            at = now + onward()
            if enlist(at, beyond.step) is beyond.step:
                heappush(times, at)
            else:
                join(at, beyond.step)
        else:
            content = len(filled)
            if content == places:
                machine.since = now
                machine.state = BLOCKED
                if not alone:
                    machine.hold_back()
                continue
            filled.append(machine.item)  # type: ignore[arg-type]
            drain.moment -= now
            if not content:
                drain.held -= now
            if content == brim:
                drain.full -= now
            if content >= drain.highest:
                drain.highest = content + 1
        machine.left += 1
        if not waiting:
            machine.starve(now)
            continue
        machine.item = waiting.popleft()
        at = now + draw()
        if enlist(at, machine.step) is not machine.step:
            join(at, machine.step)
        elif times[0] is now:  # its own time is still on top
            heapreplace(times, at)
        else:
            heappush(times, at)
        feed.moment += now
        content = len(waiting)
        if not content:
            feed.held += now
        if content == last:
            feed.full += now
            if behind is None:
                feed.reopen()
            elif behind.state == BLOCKED:
                behind.blocked_s += now - behind.since
                behind.state = PROCESSING
                follow = behind.step


def _last(machine: PlainMachineUnit, feed: ServedQueueUnit, sink: SinkUnit, bare: bool, reuse: bool) -> Steps:
    """Between a queue and a sink."""
    line, clock, draw = machine.line, machine.clock, machine.draw
    times, enlist, join = clock.times, clock.enlist, clock.join
    waiting, last, behind = feed.ready, feed.last, feed.behind
    exited, born, spend = line.exits.append, line.births.append, line.spent.append
    follow = None
    while True:
        now = yield follow
        follow = None
        item: Item = machine.item  # type: ignore[assignment]
        if bare or item.bare:
            sink.left += 1
            exited(now)
            born(item.created_s)
            if reuse:
                spend(item)
        else:
            sink.enter(item, None)
        machine.left += 1
        if not waiting:
            machine.starve(now)
            continue
        machine.item = waiting.popleft()
        at = now + draw()
        if enlist(at, machine.step) is machine.step:
            heapreplace(times, at)  # its own time is on top
        else:
            join(at, machine.step)
        feed.moment += now
        content = len(waiting)
        if not content:
            feed.held += now
        if content == last:
            feed.full += now
            if behind is None:
                feed.reopen()
            elif behind.state == BLOCKED:
                behind.blocked_s += now - behind.since
                behind.state = PROCESSING
                follow = behind.step


def _alone(machine: PlainMachineUnit, source: SourceUnit | None, sink: SinkUnit, bare: bool, reuse: bool) -> Steps:
    """Before a sink; behind a source that is served in place, or whatever is not (None)."""
    line, clock, draw = machine.line, machine.clock, machine.draw
    times, enlist, join = clock.times, clock.enlist, clock.join
    waiting = source.ready if source is not None else deque[Item]()
    exited, born, spend = line.exits.append, line.births.append, line.spent.append
    while True:
        now = yield None
        item: Item = machine.item  # type: ignore[assignment]
        if bare or item.bare:
            sink.left += 1
            exited(now)
            born(item.created_s)
            if reuse:
                spend(item)
        else:
            sink.enter(item, None)
        machine.left += 1
        if not waiting:
            machine.starve(now)
            continue
        machine.item = waiting.popleft()
        at = now + draw()
        if enlist(at, machine.step) is machine.step:
            heapreplace(times, at)  # its own time is on top
        else:
            join(at, machine.step)
        source.taken(now)  # type: ignore[union-attr]
