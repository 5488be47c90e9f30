"""The clock: SimPy's environment and event queue, run with reusable events and callbacks instead of processes.

One heap entry per operation and nothing else: SimPy's `Timeout` costs an object and two calls each, a process a generator
switch on top. Zero-time consequences (an upstream machine gets its place back) wait in `agenda`, not on the call stack.
Not covered: what the callbacks do (`simulation.units` and what builds on it).
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import count

from simpy import Environment, Event
from simpy.core import StopSimulation

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
    """A SimPy event that calls `action` whenever its time comes, and may be scheduled again afterwards."""

    def __init__(self, clock: Clock, action: Callable[[Event], None]) -> None:
        super().__init__(clock)
        self._ok = True
        self._value = None
        self.callbacks = [action]

    def cancel(self) -> None:
        """Let nothing happen when its time comes."""
        self.callbacks = [_nothing]


class Clock(Environment):
    """A SimPy environment whose `advance` runs reusable `Operation`s; `events` counts them."""

    def __init__(self, budget: Budget | None = None) -> None:
        super().__init__()
        self._now: float = 0.0
        self._queue: list[tuple[float, int, int, Event]] = []  # type: ignore[assignment]
        self._eid: count[int] = count()
        self.agenda: deque[Callable[[], None]] = deque()
        self.budget = budget or Budget()
        self.deadline = time.monotonic() + self.budget.wall_s
        self.events = 0
        self.peeks = 0
        self.on_chunk: Callable[[float], None] | None = None

    def start(self, operation: Operation, delay: float) -> None:
        """Let `operation` happen in `delay` seconds."""
        heappush(self._queue, (self._now + delay, 1, next(self._eid), operation))

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

        An event stays on top of the queue while its callback runs, so that an operation that starts again at once may replace it
        (`heapreplace`: one pass over the heap instead of two); else it is taken off afterwards.

        Raises:
            OutOfBudgetError: too many events or too long.
            InstantLoopError: time does not pass.
        """
        queue, agenda, settle = self._queue, self.agenda, self.settle
        still, last = 0, -1.0
        settle()
        heappush(queue, (until, 0, next(self._eid), Operation(self, _stop)))
        try:
            while True:
                for _ in range(CHUNK):
                    entry = queue[0]
                    self._now, _priority, _eid, event = entry
                    event.callbacks[0](event)
                    if queue[0] is entry:
                        heappop(queue)
                    if agenda:
                        settle()
                still = still + 1 if self._now == last else 0
                last = self._now
                self._account(still)
        except StopSimulation:
            heappop(queue)
            self._account(0)

    def _account(self, still: int) -> None:
        """Count the events so far; end what goes on for ever or too long."""
        self.peeks += 1
        self.events = next(self._eid) - self.peeks - len(self._queue)
        if still > IDLE_CHUNKS:
            raise InstantLoopError
        if self.events > self.budget.events or time.monotonic() > self.deadline:
            raise OutOfBudgetError
        if self.on_chunk is not None:
            self.on_chunk(self._now)


def _nothing(_event: Event) -> None:
    """What a cancelled operation does."""


def _stop(_event: Event) -> None:
    raise StopSimulation
