"""One run of compiled FlexScript: variables, budgets, and the host it runs in.

Only loops and growing values can take long or much, so only they are charged. Not covered: what commands do.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from numpy.random import Generator

from gdt2usd.diagnostics import Diagnostic, Severity, Span
from gdt2usd.script.interpreter_values import ScriptFault, Value

CLOCK_EVERY = 128
MAX_SUGGESTIONS = 25
ELEMENT = 100  # bytes that an array, one of its elements, or a cell of a table takes with what it holds


@dataclass(frozen=True, slots=True)
class Limits:
    """Budgets of one run: loop iterations, objects, memory (bytes made in all), seconds of processor time, diagnostics.

    Processor time, not wall clock: a busy machine does not make a script fail. Building a model takes a fraction of a second.
    """

    steps: int = 200_000
    objects: int = 10_000
    memory: int = 60_000_000
    seconds: float = 3.0
    diagnostics: int = 100


class Host(Protocol):
    """Where a script runs: an empty model that it builds, or a machine of a running simulation."""

    @property
    def rng(self) -> Generator: ...

    def parameter(self, number: int) -> Value:
        """`param(number)`."""
        ...

    def code_owner(self) -> Value:
        """`ownerobject(c)`."""
        ...

    def find(self, path: str, frame: Frame) -> Value:
        """`Model.find(path)`."""
        ...

    def time(self) -> float:
        """`Model.time`."""
        ...

    def table(self, name: str) -> Value:
        """`Table(name)`."""
        ...


class Frame:
    """The state of one run."""

    __slots__ = (
        "_deadline",
        "_seen",
        "_suggestions",
        "_until_clock",
        "diagnostics",
        "host",
        "limits",
        "memory",
        "result",
        "slots",
        "span",
        "steps",
    )

    def __init__(self, host: Any, slots: int, limits: Limits) -> None:
        self.host = host
        self.slots: list[Value] = [None] * slots
        self.limits = limits
        self.steps = limits.steps
        self.memory = limits.memory
        self.result: Value = None
        self.span: Span | None = None
        self.diagnostics: list[Diagnostic] = []
        self._seen: set[tuple[str, int, str]] = set()
        self._until_clock = CLOCK_EVERY
        self._suggestions = MAX_SUGGESTIONS
        self._deadline = 0.0  # set by the first look at the clock, which most code bodies end before

    def tick(self) -> None:
        """One more iteration of a loop. Raises ScriptFault when the budget or the time is spent."""
        self.steps -= 1
        if self.steps < 0:
            raise ScriptFault("FS301", f"the loop has not ended after {self.limits.steps} iterations", "check its condition")
        self._until_clock -= 1
        if self._until_clock < 0:
            self._until_clock = CLOCK_EVERY
            self.check_clock()

    def check_clock(self) -> None:
        """Raises ScriptFault when the time is spent."""
        now = time.thread_time()
        if not self._deadline:
            self._deadline = now + self.limits.seconds
        elif now > self._deadline:
            hint = "building a model takes a fraction of a second: check the loops"
            raise ScriptFault("FS302", f"the script has not ended after {self.limits.seconds:g} s of processor time", hint)

    def spend(self, amount: int) -> None:
        """Charge `amount` characters, or as much work. Raises ScriptFault when the budget is spent."""
        self.memory -= amount
        if self.memory < 0:
            raise ScriptFault("FS303", f"the script has made more than {self.limits.memory / 1e6:g} MB of arrays and texts")

    def hold(self, elements: int) -> None:
        """Charge a container of so many elements. Raises ScriptFault when the budget is spent."""
        self.spend(ELEMENT * (elements + 1))

    def may_suggest(self) -> bool:
        """Whether to look for what a wrong name was meant to be: slow, so only for the first of a script."""
        self._suggestions -= 1
        return self._suggestions >= 0

    def report(self, severity: Severity, code: str, message: str, hint: str = "", span: Span | None = None) -> None:
        """Collect a diagnostic, once per place and message."""
        where = span or self.span
        key = (code, where.start if where else -1, message)
        if key not in self._seen and len(self.diagnostics) < self.limits.diagnostics:
            self._seen.add(key)
            self.diagnostics.append(Diagnostic(code, severity, message, where, hint))


Run = Callable[[Frame], Value]


@dataclass(frozen=True, slots=True)
class Command:
    """A command by its implementation `run(frame, *arguments)` and how many arguments it takes (`most` -1: any number)."""

    run: Callable[..., Value]
    least: int
    most: int
