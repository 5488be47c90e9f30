"""The clock: SimPy's environment, with reusable events and callbacks instead of processes, and a heap of bare times.

SimPy's heap holds a tuple per event, and every comparison of two tuples costs three; here it holds the times alone, and a
dictionary says what is due at each: half the cost per event with hundreds of stations. Events at the same time happen in
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
from itertools import repeat
from operator import length_hint

from simpy import Environment, Event
from simpy.core import StopSimulation
from simpy.events import NORMAL, URGENT, EventPriority

Action = Callable[[float], "Action | None"]  # what happens at a time; gives what follows from that without time passing

CHUNK = 4096
MOST_STEPS = 100_000  # without time passing, after one event
STEPS = 256  # of these between two looks at the wall clock
IDLE_CHUNKS = 50  # chunks of events without any time passing: an instantaneous loop


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """The most that one simulation (all replications together) may use; what is left undone is reported, never waited for."""

    events: int = 200_000_000
    wall_s: float = 3600.0
    items: int = 5_000_000  # in the system at once: more would fill the memory


class OutOfBudgetError(Exception):
    """The budget is used up, that of `what` (items) if it says so; the clock stands where it stopped."""

    def __init__(self, what: str = "") -> None:
        super().__init__(what)
        self.what = what


class InstantLoopError(Exception):
    """Events follow each other for ever with no time passing; `place`: the station where it was noticed."""

    def __init__(self, place: str = "") -> None:
        super().__init__(place)
        self.place = place


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

    def happen(self, _now: float) -> Action | None:
        """Its time has come."""
        return self.callbacks[0](self)

    def cancel(self) -> None:
        """Let nothing happen when its time comes."""
        self.callbacks = [_nothing]


class Clock(Environment):
    """A SimPy environment whose `advance` runs actions and reusable `Operation`s; `events` counts them.

    `times` is a heap of the different times at which something is due, `enlist(time, action)` puts an action there if there
    is none yet, and returns the one that is there: another one is joined by `join`.
    """

    def __init__(self, budget: Budget | None = None) -> None:
        super().__init__()
        self._now: float = 0.0
        self.times: list[float] = []
        self._due: dict[float, Action] = {}
        self._together: dict[float, deque[tuple[bool, Action]]] = {}  # urgent or not; where several are due at one time
        self.enlist = self._due.setdefault
        self.agenda: deque[Callable[[], None]] = deque()
        self.budget = budget or Budget()
        self.deadline = time.monotonic() + self.budget.wall_s
        self.over: OutOfBudgetError | None = None  # why the run ends when the present action is complete
        self.most_steps = MOST_STEPS
        self.most_idle = IDLE_CHUNKS
        self.events = 0
        self.on_chunk: Callable[[float], None] | None = None
        self.check_room: Callable[[], None] | None = None

    def start(self, operation: Operation, delay: float) -> None:
        """Let `operation` happen in `delay` seconds."""
        self.start_at(operation, self._now + delay)

    def start_at(self, operation: Operation, at: float) -> None:
        """Let `operation` happen at a time, the present one at the earliest."""
        self.put(operation.happen, at, urgent=operation.urgent)

    def put(self, action: Action, at: float, *, urgent: bool = False) -> None:
        """Let `action` happen at a time, the present one at the earliest; `urgent`: before those that are not."""
        at = max(at, self._now) + 0.0  # belts' sums can end a rounding error early; a new object for `advance`
        if at in self._due:  # perhaps by the same action: it happens twice then
            self.join(at, action, urgent=urgent)
        elif urgent:
            self._together[at] = deque([(True, action)])
            self._due[at] = self._next_of_several
            heappush(self.times, at)
        else:
            self._due[at] = action
            heappush(self.times, at)

    def join(self, at: float, action: Action, *, urgent: bool = False) -> None:
        """Add `action` to what is already due `at` that time."""
        members = self._together.get(at)
        if members is None:
            members = self._together[at] = deque([(False, self._due[at])])
            self._due[at] = self._next_of_several
        members.insert(sum(first for first, _ in members) if urgent else len(members), (urgent, action))

    def _next_of_several(self, now: float) -> Action | None:
        """One action that is due now happens, the others are put at the same time again."""
        members = self._together[now]
        _, action = members.popleft()
        if members:
            self._due[now] = self._next_of_several
            heappush(self.times, now + 0.0)  # a new object, so that `advance` can tell it from the present time
        else:
            del self._together[now]
        return action(now)

    def schedule(self, event: Event, priority: EventPriority = NORMAL, delay: float = 0.0) -> None:
        """Schedule one of SimPy's own events (a timeout, the steps of a process)."""
        operation = Operation(self, lambda _operation: _happen(event))
        operation.urgent = priority == URGENT
        self.start(operation, delay)

    def settle(self) -> None:
        """Do everything that happens now without time passing.

        Raises:
            InstantLoopError: it does not end.
            OutOfBudgetError: it takes too long.
        """
        agenda = self.agenda
        steps = 0
        while agenda:
            agenda.popleft()()
            steps += 1
            if self.over or not steps % STEPS:
                self.check_wall()
                if steps > self.most_steps:
                    raise InstantLoopError

    def check_wall(self) -> None:
        """For what takes long without an event; called where the state is whole.

        Raises:
            OutOfBudgetError: the real time is used up.
        """
        if self.over is not None:
            raise self.over
        if time.monotonic() > self.deadline:
            raise OutOfBudgetError

    def end_if_late(self) -> None:
        """For what takes long in the middle of an action: if the real time is used up, the run ends when the action is complete."""
        if self.over is None and time.monotonic() > self.deadline:
            self.end(OutOfBudgetError())

    def end(self, why: OutOfBudgetError) -> None:
        """Let the run end when the present action is complete."""

        def now_end(_now: float) -> None:
            raise why

        self.over = why
        self.put(now_end, self._now, urgent=True)

    def advance(self, until: float) -> None:
        """Run every event before `until`, then stand at `until`.

        A time stays on top of the heap while its action runs, so that one that starts again at once may replace it
        (`heapreplace`: one pass over the heap instead of two); else it is taken off afterwards.

        Raises:
            OutOfBudgetError: too many events or too long.
            InstantLoopError: time does not pass.
        """
        times, take, agenda, settle = self.times, self._due.pop, self.agenda, self.settle
        still, last, turns = 0, -1.0, repeat(None, CHUNK)
        settle()
        self.put(_stop, until, urgent=True)
        try:
            while True:
                for _ in turns:
                    self._now = now = times[0]
                    follow = take(now)(now)
                    while follow is not None:
                        follow = follow(now)
                    if times[0] is now:
                        heappop(times)
                    if agenda:
                        settle()
                still = still + 1 if self._now == last else 0
                last = self._now
                self._account(CHUNK, still)
                turns = repeat(None, CHUNK)
        except (InstantLoopError, OutOfBudgetError):
            if times[0] is self._now:
                heappop(times)  # that of the action that ended it
            raise
        except StopSimulation:
            heappop(times)
            self._account(CHUNK - 1 - length_hint(turns), 0)  # without the stop

    def _account(self, done: int, still: int) -> None:
        """Count `done` more events; end what goes on for ever or too long."""
        self.events += done
        if still > self.most_idle:
            raise InstantLoopError
        if self.events > self.budget.events or time.monotonic() > self.deadline:
            raise OutOfBudgetError
        if self.check_room is not None:
            self.check_room()
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


def _stop(_now: float) -> None:
    raise StopSimulation
