"""Exact results of queueing theory, to check the simulation against and to explain its figures.

All rates are per second, all times in seconds; formulas as in Gross & Harris, "Fundamentals of Queueing Theory", and Buzacott &
Shanthikumar, "Stochastic Models of Manufacturing Systems". Small Markov chains are solved, not approximated.
Not covered: approximations (use the simulation).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from gdt2usd.simulation.variates import Floats

State = Any  # hashable


def stationary(start: State, moves: Callable[[State], Mapping[State, float]]) -> dict[State, float]:
    """The stationary distribution of the Markov chain that `moves` (state -> rates to other states) spans from `start`."""
    order: dict[State, int] = {start: 0}
    pending, rates = [start], []
    while pending:
        state = pending.pop()
        for target, rate in moves(state).items():
            if target not in order:
                order[target] = len(order)
                pending.append(target)
            rates.append((order[state], order[target], rate))
    size = len(order)
    balance = np.zeros((size + 1, size))
    for source, target, rate in rates:
        balance[target, source] += rate
        balance[source, source] -= rate
    balance[size] = 1.0
    wanted = np.zeros(size + 1)
    wanted[size] = 1.0
    solution = np.linalg.lstsq(balance, wanted, rcond=None)[0]
    return {state: float(solution[number]) for state, number in order.items()}


def mm1_content(arrival_rate: float, service_rate: float) -> float:
    """Mean number in an M/M/1 system."""
    load = arrival_rate / service_rate
    return load / (1.0 - load)


def mg1_waiting(arrival_rate: float, mean_s: float, variance_s2: float) -> float:
    """Mean number waiting in an M/G/1 queue (Pollaczek-Khinchine)."""
    load = arrival_rate * mean_s
    return (load * load + arrival_rate * arrival_rate * variance_s2) / (2.0 * (1.0 - load))


def erlang_b(servers: int, load: float) -> float:
    """Probability that all of `servers` are busy where nothing waits; `load` in erlangs."""
    blocked = 1.0
    for n in range(1, servers + 1):
        blocked = load * blocked / (n + load * blocked)
    return blocked


def erlang_c(servers: int, load: float) -> float:
    """Probability that an arrival waits in M/M/c; `load` < `servers` in erlangs."""
    blocked = erlang_b(servers, load)
    return servers * blocked / (servers - load * (1.0 - blocked))


def mmc_waiting(arrival_rate: float, service_rate: float, servers: int) -> float:
    """Mean number waiting in M/M/c."""
    load = arrival_rate / service_rate
    return erlang_c(servers, load) * load / (servers - load)


def jackson_contents(arrivals: Sequence[float], service_rates: Sequence[float], routing: Sequence[Sequence[float]]) -> Floats:
    """Mean number at each single-server station of an open Jackson network; `routing[i][j]`: share of i's items that go to j."""
    share = np.asarray(routing, dtype=np.float64)
    rates = np.linalg.solve(np.eye(len(arrivals)) - share.T, np.asarray(arrivals, dtype=np.float64))
    loads = rates / np.asarray(service_rates)
    contents: Floats = loads / (1.0 - loads)
    return contents


def closed_loop_throughput(service_rates: Sequence[float], items: int) -> float:
    """Rate at the first station of a closed cycle of exponential single-server stations with enough room (Buzen 1973)."""
    weights = [1.0] + [0.0] * items
    for rate in service_rates:
        for n in range(1, items + 1):
            weights[n] += weights[n - 1] / rate
    return weights[items - 1] / weights[items]


def availability(mean_up_s: float, mean_down_s: float) -> float:
    """Share of time that a machine is up, when the clock to the next failure runs while it is not down."""
    return mean_up_s / (mean_up_s + mean_down_s)


def two_station_throughput(buffer: int, first_rate: float = 1.0, second_rate: float = 1.0) -> float:
    """Saturated line of two exponential machines, blocking after service, `buffer` places between them.

    Birth-death chain on the number of items that the first machine has finished and the second has not: 0 .. buffer + 2.
    """
    weights = [(first_rate / second_rate) ** n for n in range(buffer + 3)]
    return second_rate * (1.0 - weights[0] / sum(weights))


def line_throughput(rates: Sequence[float], buffers: Sequence[int]) -> float:
    """Saturated line of exponential machines, blocking after service: the Markov chain, solved (small lines).

    `buffers[i]` places between machine i and i + 1.
    """
    last = len(rates) - 1

    def settle(content: list[int], status: list[str]) -> State:
        # status per machine: "w" working, "b" blocked, "s" starved; content: items in the buffer after machine i
        changed = True
        while changed:
            changed = False
            for i in range(last, -1, -1):
                if status[i] == "b" and (status[i + 1] == "s" or content[i] < buffers[i]):
                    if status[i + 1] == "s":
                        status[i + 1] = "w"
                    else:
                        content[i] += 1
                    status[i] = "w" if i == 0 else "s"
                    changed = True
                if status[i] == "s" and i > 0 and content[i - 1] > 0:
                    content[i - 1] -= 1
                    status[i] = "w"
                    changed = True
        return tuple(content), tuple(status)

    def moves(state: State) -> dict[State, float]:
        content, status = state
        out: dict[State, float] = {}
        for i, mode in enumerate(status):
            if mode == "w":
                after = list(status)
                after[i] = "b" if i < last else ("w" if i == 0 else "s")
                target = settle(list(content), after)
                out[target] = out.get(target, 0.0) + rates[i]
        return out

    start = settle([0] * last, ["w"] + ["s"] * last)
    chances = stationary(start, moves)
    return float(rates[last]) * sum(p for (_, status), p in chances.items() if status[last] == "w")


def assembly_throughput(rates: Sequence[float], places: Sequence[int], assembly_rate: float) -> float:
    """Saturated exponential machines that feed one exponential assembly, each through a queue of `places` items.

    The assembly takes one item of every queue at once when it begins (a part in assembly occupies no queue place).
    """
    size = len(rates)

    def moves(state: State) -> dict[State, float]:
        content, busy = state
        out: dict[State, float] = {}
        for i in range(size):
            if content[i] <= places[i]:  # places + 1: the machine is blocked with one more
                after = list(content)
                after[i] += 1
                target = _assemble(after, busy)
                out[target] = out.get(target, 0.0) + rates[i]
        if busy:
            target = _assemble(list(content), False)
            out[target] = out.get(target, 0.0) + assembly_rate
        return out

    chances = stationary(((0,) * size, False), moves)
    return float(assembly_rate) * sum(p for (_, busy), p in chances.items() if busy)


def _assemble(content: list[int], busy: bool) -> State:
    if not busy and all(content):
        return tuple(c - 1 for c in content), True
    return tuple(content), busy
