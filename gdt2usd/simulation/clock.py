"""The clock: SimPy's environment, with reusable events and callbacks instead of processes, and a heap of bare times.

SimPy's heap holds a tuple per event, and every comparison of two tuples costs three; here it holds the times alone, and a
dictionary says which event is due at each: half the cost per event with hundreds of stations. Events at the same time happen in
the order in which they were scheduled, as in SimPy. Zero-time consequences (an upstream machine gets its place back) wait in
`agenda`, not on the call stack. SimPy's own timeouts and processes run on this clock too.
Not covered: what the callbacks do (`simulation.units` and what builds on it); `Environment.run`, `step` and `peek` (use `advance`).
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from heapq import heappop, heappush

from simpy import Environment, Event
from simpy.core import StopSimulation
from simpy.events import NORMAL, URGENT, EventPriority

Follow = Callable[[], "Follow | None"]  # what happens next without time passing; gives what follows from that

CHUNK = 4096
MOST_STEPS = 100_000  # without time passing, after one event
IDLE_CHUNKS = 50  # chunks of events without any time passing: an instantaneous loop


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """The most that one simulation (all replications together) may use; what is left undone is reported, never waited for."""

    events: int = 200_000_000
    wall_s: float = 3600.0


class OutOfBudgetError(Exception):
    """The budget is used up; the clock stands where it stopped."""


class InstantLoopError(Exception):
    """Events follow each other for ever with no time passing."""


class Operation(Event):
    """A SimPy event that calls `action` whenever its time comes, and may be scheduled again afterwards.

    `urgent`: it comes before those that are not, at the same time.
    """

    urgent = False

    def __init__(self, clock: Clock, action: Callable[[Event], object]) -> None:
        super().__init__(clock)
        self._ok = True
        self._value = None
        self.callbacks = [action]  # type: ignore[list-item]

    def cancel(self) -> None:
        """Let nothing happen when its time comes."""
        self.callbacks = [_nothing]


class _Together(Event):
    """Several operations at one time, in order: one happens, the others are put at the same time again."""

    def __init__(self, clock: Clock, first: Operation) -> None:
        super().__init__(clock)
        self.clock = clock
        self.members = deque([first])
        self.callbacks = [self.run]  # type: ignore[list-item]

    def add(self, operation: Operation) -> None:
        before = sum(member.urgent for member in self.members) if operation.urgent else len(self.members)
        self.members.insert(before, operation)

    def run(self, _event: Event) -> object:
        clock, members = self.clock, self.members
        event = members.popleft()
        if members:
            clock.enlist(clock._now, self)
            heappush(clock.times, clock._now + 0.0)  # a new object, so that `advance` can tell it from the present time
        return event.callbacks[0](event)


class Clock(Environment):
    """A SimPy environment whose `advance` runs reusable `Operation`s; `events` counts them.

    `times` is a heap of the different times at which something is due, `enlist(time, operation)` puts an operation there if there
    is none yet, and returns the one that is there: another one is joined by `join`.
    """

    def __init__(self, budget: Budget | None = None) -> None:
        super().__init__()
        self._now: float = 0.0
        self.times: list[float] = []
        self._due: dict[float, Operation | _Together] = {}
        self.enlist = self._due.setdefault
        self.agenda: deque[Callable[[], None]] = deque()
        self.budget = budget or Budget()
        self.deadline = time.monotonic() + self.budget.wall_s
        self.events = 0
        self.on_chunk: Callable[[float], None] | None = None

    def start(self, operation: Operation, delay: float) -> None:
        """Let `operation` happen in `delay` seconds."""
        self.start_at(operation, self._now + delay)

    def start_at(self, operation: Operation, at: float) -> None:
        """Let `operation` happen at a time, the present one at the earliest."""
        at = max(at, self._now) + 0.0  # belts' sums can end a rounding error early; a new object for `advance`
        if at in self._due:  # perhaps by the same operation: it happens twice then
            self.join(at, operation)
        else:
            self._due[at] = operation
            heappush(self.times, at)

    def join(self, at: float, operation: Operation) -> None:
        """Add `operation` to what is already due `at` that time."""
        there = self._due[at]
        together = there if isinstance(there, _Together) else _Together(self, there)
        self._due[at] = together
        together.add(operation)

    def schedule(self, event: Event, priority: EventPriority = NORMAL, delay: float = 0.0) -> None:
        """Schedule one of SimPy's own events (a timeout, the steps of a process)."""
        operation = Operation(self, lambda _operation: _happen(event))
        operation.urgent = priority == URGENT
        self.start(operation, delay)

    def settle(self) -> None:
        """Do everything that happens now without time passing.

        Raises:
            InstantLoopError: it does not end.
        """
        agenda = self.agenda
        steps = 0
        while agenda:
            agenda.popleft()()
            steps += 1
            if steps > MOST_STEPS:
                raise InstantLoopError

    def advance(self, until: float) -> None:
        """Run every event before `until`, then stand at `until`.

        A time stays on top of the heap while its event runs, so that an operation that starts again at once may replace it
        (`heapreplace`: one pass over the heap instead of two); else it is taken off afterwards.

        Raises:
            OutOfBudgetError: too many events or too long.
            InstantLoopError: time does not pass.
        """
        times, take, agenda, settle = self.times, self._due.pop, self.agenda, self.settle
        still, last, done = 0, -1.0, 0
        settle()
        stop = Operation(self, _stop)
        stop.urgent = True
        self.start_at(stop, until)
        try:
            while True:
                for done in range(CHUNK):  # noqa: B007 - counts what a stop leaves of the chunk
                    self._now = now = times[0]
                    event = take(now)
                    follow: Follow | None = event.callbacks[0](event)
                    while follow is not None:
                        follow = follow()
                    if times[0] is now:
                        heappop(times)
                    if agenda:
                        settle()
                still = still + 1 if self._now == last else 0
                last = self._now
                self._account(CHUNK, still)
        except StopSimulation:
            heappop(times)
            self._account(done, 0)

    def _account(self, done: int, still: int) -> None:
        """Count `done` more events; end what goes on for ever or too long."""
        self.events += done
        if still > IDLE_CHUNKS:
            raise InstantLoopError
        if self.events > self.budget.events or time.monotonic() > self.deadline:
            raise OutOfBudgetError
        if self.on_chunk is not None:
            self.on_chunk(self._now)


def _happen(event: Event) -> None:
    """What SimPy's own environment does when `event` is due."""
    callbacks, event.callbacks = event.callbacks, None  # type: ignore[assignment]
    for callback in callbacks:
        callback(event)
    if not event._ok and not hasattr(event, "_defused"):
        raise event._value


def _nothing(_event: Event) -> None:
    """What a cancelled operation does."""


def _stop(_event: Event) -> None:
    raise StopSimulation
