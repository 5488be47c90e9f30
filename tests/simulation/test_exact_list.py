"""The list of exact values at 100,000 parts each: what a 95 % interval promises, counted over the whole list.

Each case runs 10 replications of 10,000 parts and forms the report's own t interval. A 95 % interval misses 1 in 20 by law, so no
single miss is a failure: the test asks that (a) no more cases miss than chance explains (the binomial 99.9 % point), and (b) every
case lies in the wider interval that holds for the whole list at once with 99.9 % (Bonferroni). Each case has its number in the list
as its seed (one seed for all would give them the same arrivals, and they would miss together), so the verdict is fixed.
`pytest -m slow -s` prints the table.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pytest

from gdt2usd.graph.distributions import Constant, Distribution, Exponential, Gamma, Lognormal, Uniform
from gdt2usd.graph.model import (
    Arrival,
    Batching,
    Breakdown,
    Combiner,
    CombinerMode,
    Conveyor,
    Discipline,
    Percent,
    ProcessGraph,
    Queue,
    Sink,
    Source,
    Station,
)
from gdt2usd.simulation import theory
from gdt2usd.simulation.engine import run
from gdt2usd.simulation.statistics import Window, estimate, window
from tests.simulation.factories import SINK, assert_sound, chain, machine, network
from tests.simulation.test_exact import BIG, saturated, single

REPLICATIONS, PARTS = 10, 10_000


@dataclass(frozen=True)
class Case:
    """`figure` of `graph`, whose exact value is known; `rate`: parts per second that pass."""

    name: str
    graph: ProcessGraph
    exact: float
    rate: float
    figure: Callable[[Window], float]
    warm_up_parts: int = 1_000

    def values(self, seed: int) -> list[float]:
        """One per replication, each checked for conservation and Little's law."""
        warm_up = self.warm_up_parts / self.rate
        found = []
        for number in range(REPLICATIONS):
            one = run(self.graph, seed=seed, replication=number, horizon_s=warm_up + PARTS / self.rate, warm_up_s=warm_up)
            assert_sound(one)
            found.append(self.figure(window(one, warm_up)))
        return found


def rate(w: Window) -> float:
    return w.exits / w.duration_s


def content(*stations: int) -> Callable[[Window], float]:
    return lambda w: sum(float(w.stations[s][2]) for s in stations) / w.duration_s


def left_rate(station: int) -> Callable[[Window], float]:
    return lambda w: float(w.stations[station][1]) / w.duration_s


def line(machines: Sequence[float], buffers: Sequence[int]) -> Case:
    exact = theory.line_throughput(tuple(machines), tuple(buffers))
    return Case(f"line {machines} buffers {buffers}", saturated(machines, buffers), exact, exact, rate)


def one_server(name: str, time: Distribution, waiting: float) -> Case:
    return Case(f"{name} at 0.8: Lq", single(time), waiting, 0.8, content(1), warm_up_parts=2_000)


def loss() -> Case:
    """Three servers without a queue; what finds them busy goes to a second sink: Erlang B."""
    arrivals = Source(id="S", interarrival_time_s=Exponential(0.5))
    stations: list[Station] = [arrivals, machine("M", Exponential(1.0), capacity=3), SINK, Sink(id="Lost")]
    graph = network(stations, ("S", "M"), ("S", "Lost"), ("M", "Sink"))
    return Case("Erlang-B(3, 2)", graph, theory.erlang_b(3, 2.0), 2.0, lambda w: float(w.stations[3][1]) / float(w.stations[0][1]))


def jackson(machine_at: int) -> Case:
    """Three stations, rework from the last to the first and from the second to itself."""
    arrivals = Source(id="S", interarrival_time_s=Exponential(2.5))
    stations: list[Station] = [arrivals]
    for name, mean in (("A", 1.0), ("B", 1.2), ("C", 0.9)):
        routing = {"B": Percent((20.0, 80.0)), "C": Percent((30.0, 70.0))}.get(name)
        options = {} if routing is None else {"routing": routing}
        stations += [Queue(id=f"Q{name}", capacity=BIG), machine(name, Exponential(mean), **options)]
    links = [("S", "QA"), ("QA", "A"), ("A", "QB"), ("QB", "B"), ("B", "QB"), ("B", "QC"), ("QC", "C"), ("C", "QA"), ("C", "Sink")]
    routing_table = ((0.0, 1.0, 0.0), (0.0, 0.2, 0.8), (0.3, 0.0, 0.0))
    exact = theory.jackson_contents((0.4, 0.0, 0.0), (1.0, 1 / 1.2, 1 / 0.9), routing_table)
    at = 2 * machine_at + 1
    return Case(
        f"Jackson network with rework: L of {'ABC'[machine_at]}",
        network([*stations, SINK], *links),
        float(exact[machine_at]),
        0.4,
        content(at, at + 1),
        warm_up_parts=2_000,
    )


def unreliable() -> Case:
    worn = machine("M", 1.0, breakdown=Breakdown(Exponential(90.0), Exponential(10.0)))
    graph = chain(Source(id="S", interarrival_time_s=Constant(0.0)), worn, SINK)
    return Case("MTBF 90, MTTR 10, always fed", graph, theory.availability(90.0, 10.0), 0.9, rate)


def unreliable_queue() -> Case:
    """M/M/1 whose server breaks down, working or not, and goes on where it stopped: solved as a chain."""
    arrive, serve, fail, repair, most = 0.6, 1.0, 0.02, 0.1, 250

    def moves(state: tuple[int, ...]) -> dict[tuple[int, ...], float]:
        n, up = state
        found: dict[tuple[int, ...], float] = {(n, 1 - up): fail if up else repair}
        if n < most:
            found[n + 1, up] = arrive
        if n and up:
            found[n - 1, up] = serve
        return found

    exact = sum(state[0] * chance for state, chance in theory.stationary((0, 1), moves).items())
    worn = machine("M", Exponential(1.0 / serve), breakdown=Breakdown(Exponential(1.0 / fail), Exponential(1.0 / repair)))
    graph = chain(Source(id="S", interarrival_time_s=Exponential(1.0 / arrive)), Queue(id="Q", capacity=BIG), worn, SINK)
    return Case("M/M/1 with breakdowns: L", graph, exact, arrive, content(1, 2), warm_up_parts=2_000)


def assembly(left: float, right: float, places: tuple[int, int], rate_of_assembly: float) -> Case:
    """Two saturated machines, queues, a combiner that holds a lone frame: (frames waiting, components waiting, at work)."""
    k1, k2 = places

    def settled(frames: int, components: int, busy: int) -> tuple[int, ...]:
        return (frames - 1, components - 1, 1) if not busy and frames and components else (frames, components, busy)

    def moves(state: tuple[int, ...]) -> dict[tuple[int, ...], float]:
        frames, components, busy = state
        found: dict[tuple[int, ...], float] = {}
        if frames < k1 + 1 + (not busy):
            found[settled(frames + 1, components, busy)] = left
        if components < k2 + 1:
            found[settled(frames, components + 1, busy)] = right
        if busy:
            found[settled(frames, components, 0)] = rate_of_assembly
        return found

    exact = rate_of_assembly * sum(chance for state, chance in theory.stationary((0, 0, 0), moves).items() if state[2])
    sources = [Source(id=s, interarrival_time_s=Constant(0.0)) for s in ("SL", "SR")]
    combiner = Combiner(id="C", mode=CombinerMode.JOIN, components=(1,), process_time_s=Exponential(1.0 / rate_of_assembly))
    stations: list[Station] = [*sources, machine("L", Exponential(1.0 / left)), machine("R", Exponential(1.0 / right))]
    stations += [Queue(id="QL", capacity=k1), Queue(id="QR", capacity=k2), combiner, SINK]
    links = (("SL", "L"), ("SR", "R"), ("L", "QL"), ("R", "QR"), ("QL", "C"), ("QR", "C"), ("C", "Sink"))
    return Case(f"assembly {left}, {right}, places {places}", network(stations, *links), exact, exact, rate)


def closed_loop(rates: Sequence[float], pallets: int) -> Case:
    start = Source(id="S", schedule=(Arrival(time_s=0.0, quantity=pallets),))
    names = [f"M{i}" for i in range(len(rates))]
    stations: list[Station] = [start]
    links = [("S", "Q0")]
    for i, mu in enumerate(rates):
        stations += [Queue(id=f"Q{i}", capacity=pallets), machine(names[i], Exponential(1.0 / mu))]
        links += [(f"Q{i}", names[i]), (names[i], f"Q{(i + 1) % len(rates)}")]
    exact = theory.closed_loop_throughput(tuple(rates), pallets)
    return Case(f"closed loop {rates}, {pallets} pallets", network(stations, *links), exact, exact, left_rate(2))


def belt(figure: str) -> Case:
    """Poisson arrivals before a belt: its entry is a server with a constant time, the belt itself a delay."""
    conveyor = Conveyor(id="B", length_m=10.0, speed_m_s=0.5, item_length_m=0.5)
    arrivals = Source(id="S", interarrival_time_s=Exponential(1.25))
    graph = chain(arrivals, Queue(id="Q", capacity=BIG), conveyor, SINK)
    if figure == "queue":
        return Case("entry of a belt as M/D/1: Lq", graph, 1.6, 0.8, content(1), warm_up_parts=2_000)
    return Case("items on a belt", graph, 0.8 * 20.0, 0.8, content(2), warm_up_parts=2_000)


def batches() -> Case:
    graph = chain(Source(id="S", interarrival_time_s=Exponential(1.0)), Queue(id="Q", capacity=99, batching=Batching(size=5)), SINK)
    return Case("Poisson arrivals gathered in batches of 5", graph, 2.0, 1.0, content(1))


def last_first() -> Case:
    arrivals = Source(id="S", interarrival_time_s=Exponential(1.25))
    graph = chain(arrivals, Queue(id="Q", capacity=BIG, discipline=Discipline.LIFO), machine("M", Exponential(1.0)), SINK)
    return Case("M/M/1 last come first served: Lq", graph, 3.2, 0.8, content(1), warm_up_parts=2_000)


def cases() -> list[Case]:
    lognormal_variance = math.exp(2 * -0.125 + 0.25) * (math.exp(0.25) - 1)
    return [
        *(line((1.0, 1.0), (places,)) for places in (0, 1, 4, 10)),
        line((1.0, 1.0, 1.0), (0, 0)),
        line((1.0, 1.2, 0.9), (2, 1)),
        line((0.9, 1.2, 1.0), (1, 2)),
        line((1.3, 1.0, 1.0, 1.1), (1, 0, 1)),
        line((1.0,) * 5, (1,) * 4),
        line((1.0, 1.1, 0.9, 1.0, 1.2, 1.0), (0, 1, 0, 1, 0)),
        one_server("M/M/1", Exponential(1.0), 3.2),
        one_server("M/D/1", Constant(1.0), 1.6),
        one_server("M/G/1, gamma", Gamma(2.0, 0.5), theory.mg1_waiting(0.8, 1.0, 0.5)),
        one_server("M/G/1, uniform", Uniform(0.2, 1.8), theory.mg1_waiting(0.8, 1.0, 1.6**2 / 12)),
        one_server("M/G/1, lognormal", Lognormal(-0.125, 0.5), theory.mg1_waiting(0.8, 1.0, lognormal_variance)),
        last_first(),
        *(
            Case(
                f"M/M/{c} at 0.8: Lq", single(Exponential(1.0), c), theory.mmc_waiting(0.8 * c, 1.0, c), 0.8 * c, content(1), 2_000
            )
            for c in (2, 3)
        ),
        loss(),
        *(jackson(at) for at in range(3)),
        unreliable(),
        unreliable_queue(),
        assembly(1.0, 1.0, (2, 2), 1.0),
        assembly(1.2, 0.9, (1, 3), 1.5),
        closed_loop((1.0, 1.25), 3),
        closed_loop((1.0, 1.2, 0.8, 1.5), 6),
        belt("queue"),
        belt("belt"),
        batches(),
    ]


def most_misses(count: int, chance: float = 0.05, risk: float = 0.001) -> int:
    """The number of misses among `count` that chance exceeds with a probability of `risk` at most."""
    beyond, k = 1.0, 0
    while True:
        beyond -= math.comb(count, k) * chance**k * (1.0 - chance) ** (count - k)
        if beyond <= risk:
            return k
        k += 1


def verdict(chosen: Sequence[Case]) -> None:
    """Measure all, print the table, and hold the list as a whole to its law."""
    missed, wide = [], []
    for number, case in enumerate(chosen):
        values = case.values(seed=number)
        usual, joint = estimate(values, 0.95), estimate(values, 1.0 - 0.001 / len(chosen))
        inside = usual.low <= case.exact <= usual.high
        shown = f"exact {case.exact:9.5f}  found {usual.mean:9.5f} +- {usual.half_width:.5f}"
        print(f"{case.name:52s} {shown}  {'' if inside else 'outside'}", flush=True)
        if not inside:
            missed.append(case.name)
        if not joint.low <= case.exact <= joint.high:
            wide.append(case.name)
        # an interval that holds everything proves nothing: it must be narrow
        assert usual.half_width < 0.2 * abs(case.exact), case.name
    print(f"{len(missed)} of {len(chosen)} outside their 95 % interval; expected {0.05 * len(chosen):.1f}")
    assert not wide
    assert len(missed) <= most_misses(len(chosen)), missed


@pytest.mark.slow
def test_the_list_of_exact_values_at_100_000_parts() -> None:
    verdict(cases())


def test_a_wrong_value_is_found() -> None:
    """The test can fail: 2 % off is outside, alone and jointly."""
    right = line((1.0, 1.0), (4,))
    wrong = Case(right.name, right.graph, 1.02 * right.exact, right.rate, right.figure)
    with pytest.raises(AssertionError):
        verdict([wrong] * 3)
    assert most_misses(20) == 5 and most_misses(1) == 1
    assert np.isfinite(right.exact)
