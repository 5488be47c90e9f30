"""The clock: order of what happens at one time, SimPy's own processes beside reusable operations, budgets."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from simpy import Environment, Event

from gdt2usd.simulation.clock import Budget, Clock, InstantLoopError, Operation, OutOfBudgetError


@given(st.lists(st.integers(0, 5), min_size=1, max_size=30))
def test_operations_happen_in_order_of_time_then_of_scheduling(delays: list[int]) -> None:
    clock, seen = Clock(), list[tuple[float, int]]()

    def noting(number: int) -> Callable[[Event], None]:
        return lambda _event: seen.append((clock._now, number))

    for number, delay in enumerate(delays):
        clock.start(Operation(clock, noting(number)), float(delay))
    clock.advance(3.0)
    assert seen == sorted((float(d), n) for n, d in enumerate(delays) if d < 3)
    assert clock.events == len(seen)
    clock.advance(9.0)
    assert seen == sorted((float(d), n) for n, d in enumerate(delays))


def test_what_is_scheduled_for_now_comes_after_what_is_already_due() -> None:
    clock, seen = Clock(), list[str]()

    def first(_event: Event) -> None:
        seen.append("first")
        clock.start(Operation(clock, lambda _e: seen.append("later")), 0.0)

    clock.start(Operation(clock, first), 1.0)
    clock.start(Operation(clock, lambda _e: seen.append("second")), 1.0)
    clock.start(Operation(clock, lambda _e: seen.append("third")), 1.0)
    clock.advance(2.0)
    assert seen == ["first", "second", "third", "later"]


def test_simpy_processes_run_on_the_clock_as_in_simpy() -> None:
    def traces(env: Environment, seen: list[tuple[float, str]]) -> None:
        store = Event(env)

        def worker(name: str, step: float) -> Generator[Event, Any, None]:
            for _ in range(4):
                yield env.timeout(step)
                seen.append((env._now, name))
            if name == "b":
                store.succeed("key")
            else:
                value = yield store
                seen.append((env._now, f"{name} has the {value}"))

        for name, step in (("a", 1.0), ("b", 1.5), ("c", 1.0)):
            env.process(worker(name, step))

    plain, ours = list[tuple[float, str]](), list[tuple[float, str]]()
    env = Environment()
    traces(env, plain)
    env.run(until=20.0)
    clock = Clock()
    traces(clock, ours)
    clock.start(Operation(clock, lambda _e: ours.append((clock._now, "operation"))), 2.5)
    clock.advance(20.0)
    assert (2.5, "operation") in ours
    assert [row for row in ours if row[1] != "operation"] == plain


def test_a_failure_in_a_simpy_process_is_raised() -> None:
    clock = Clock()

    def broken() -> Generator[Event, Any, None]:
        yield clock.timeout(1.0)
        raise RuntimeError("broken")

    clock.process(broken())
    with pytest.raises(RuntimeError, match="broken"):
        clock.advance(2.0)


def test_budgets_and_instant_loops_end() -> None:
    clock = Clock(Budget(events=10_000))
    again = Operation(clock, lambda _event: clock.start(again, 0.1))
    clock.start(again, 0.1)
    with pytest.raises(OutOfBudgetError):
        clock.advance(1e9)
    still = Clock()
    stuck = Operation(still, lambda _event: still.start(stuck, 0.0))
    still.start(stuck, 1.0)
    with pytest.raises(InstantLoopError):
        still.advance(2.0)


def test_an_operation_scheduled_twice_for_one_time_happens_twice() -> None:
    clock, seen = Clock(), list[float]()
    again = Operation(clock, lambda _event: seen.append(clock._now))
    clock.start(again, 2.0)
    clock.start(again, 2.0)
    clock.start(Operation(clock, lambda _event: seen.append(clock._now)), 3.0)
    clock.advance(5.0)
    assert seen == [2.0, 2.0, 3.0]


def test_a_time_before_the_present_is_the_present() -> None:
    clock, seen = Clock(), list[float]()

    def late(_event: Event) -> None:
        clock.start_at(Operation(clock, lambda _e: seen.append(clock._now)), 1.0 - 1e-12)

    clock.start(Operation(clock, late), 1.0)
    clock.advance(2.0)
    assert seen == [1.0]
