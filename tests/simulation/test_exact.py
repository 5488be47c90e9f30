"""Exact results of queueing theory in short runs: within 4 standard errors. At 100,000 parts and 95 %: `test_exact_list`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from gdt2usd.graph.distributions import Constant, Exponential
from gdt2usd.graph.model import (
    Breakdown,
    Combiner,
    CombinerMode,
    Conveyor,
    Percent,
    ProcessGraph,
    Queue,
    Sink,
    Source,
    Station,
)
from gdt2usd.simulation import theory
from gdt2usd.simulation.engine import Replication, run
from gdt2usd.simulation.statistics import Window, window
from tests.simulation.factories import SINK, assert_sound, chain, machine, network, source

BIG = 1_000_000


def windows(graph: ProcessGraph, horizon_s: float, warm_up_s: float, replications: int) -> list[Window]:
    runs: list[Replication] = []
    for number in range(replications):
        runs.append(run(graph, seed=7, replication=number, horizon_s=horizon_s, warm_up_s=warm_up_s))
        assert_sound(runs[-1])
    return [window(r, warm_up_s) for r in runs]


def agrees(values: Sequence[float], exact: float, relative_floor: float) -> bool:
    """Whether the mean is within 4 standard errors, or `relative_floor`, of `exact`."""
    error = float(np.std(values, ddof=1)) / np.sqrt(len(values))
    return bool(abs(float(np.mean(values)) - exact) <= max(4.0 * error, relative_floor * exact))


def rates(found: Sequence[Window]) -> list[float]:
    return [w.exits / w.duration_s for w in found]


def saturated(rate_by_machine: Sequence[float], buffers: Sequence[int]) -> ProcessGraph:
    stations: list[Station] = [source(0)]
    for number, rate in enumerate(rate_by_machine):
        if number and buffers[number - 1]:
            stations.append(Queue(id=f"Queue {number}", capacity=buffers[number - 1]))
        stations.append(machine(f"Machine {number}", Exponential(1.0 / rate)))
    return chain(*stations, SINK)


LINES = [
    ((1.0, 1.0), (0,)),
    ((1.0, 1.0), (4,)),
    ((1.0, 1.0, 1.0), (0, 0)),
    ((1.0, 1.2, 0.9), (2, 1)),
    ((1.3, 1.0, 1.0, 1.1), (1, 0, 1)),
]


@pytest.mark.parametrize(("machines", "buffers"), LINES)
def test_saturated_lines(machines: tuple[float, ...], buffers: tuple[int, ...]) -> None:
    exact = theory.line_throughput(machines, buffers)
    found = windows(saturated(machines, buffers), 6000.0, 200.0, 5)
    assert agrees(rates(found), exact, 0.01)


def test_closed_forms_agree_with_the_solved_chains() -> None:
    assert theory.line_throughput((1, 1), (2,)) == pytest.approx(4 / 5)
    assert theory.line_throughput((1, 1, 1), (0, 0)) == pytest.approx(22 / 39)
    for buffer in range(4):
        assert theory.two_station_throughput(buffer) == pytest.approx((buffer + 2) / (buffer + 3))
        assert theory.two_station_throughput(buffer, 1.3, 0.8) == pytest.approx(theory.line_throughput((1.3, 0.8), (buffer,)))
    assert theory.line_throughput((1, 2, 3), (1, 2)) == pytest.approx(theory.line_throughput((3, 2, 1), (2, 1)))
    assert theory.erlang_b(3, 2.0) == pytest.approx(0.210526, abs=1e-6)
    assert theory.mg1_waiting(0.8, 1.0, 1.0) == pytest.approx(3.2)
    assert theory.mmc_waiting(0.8, 1.0, 1) == pytest.approx(3.2)


def single(process: object, servers: int = 1, load: float = 0.8) -> ProcessGraph:
    arrivals = Source(id="Source", interarrival_time_s=Exponential(1.0 / (load * servers)))
    return chain(arrivals, Queue(id="Queue", capacity=BIG), machine("Machine", process, capacity=servers), SINK)  # type: ignore[arg-type]


QUEUES = [
    (Exponential(1.0), 1, 3.2),
    (Constant(1.0), 1, 1.6),
    (Exponential(1.0), 3, theory.mmc_waiting(2.4, 1.0, 3)),
]


@pytest.mark.parametrize(("process", "servers", "waiting"), QUEUES)
def test_queues_with_one_and_more_servers(process: object, servers: int, waiting: float) -> None:
    found = windows(single(process, servers), 12_000.0, 500.0, 8)
    assert agrees([w.stations[1][2] / w.duration_s for w in found], waiting, 0.0)
    load = [w.stations[2][3] / w.duration_s / servers for w in found]
    assert agrees(load, 0.8, 0.0)


def test_jackson_network_with_rework() -> None:
    arrivals = Source(id="S", interarrival_time_s=Exponential(2.0))
    stations: list[Station] = [
        arrivals,
        Queue(id="QA", capacity=BIG),
        machine("A", Exponential(1.0)),
        Queue(id="QB", capacity=BIG),
        machine("B", Exponential(1.0), routing=Percent((25.0, 75.0))),
        SINK,
    ]
    graph = network(stations, ("S", "QA"), ("QA", "A"), ("A", "QB"), ("QB", "B"), ("B", "QA"), ("B", "Sink"))
    exact = theory.jackson_contents((0.5, 0.0), (1.0, 1.0), ((0.0, 1.0), (0.25, 0.0)))
    found = windows(graph, 10_000.0, 500.0, 8)
    for queue, server, wanted in ((1, 2, exact[0]), (3, 4, exact[1])):
        assert agrees([(w.stations[queue][2] + w.stations[server][2]) / w.duration_s for w in found], float(wanted), 0.0)


def test_unreliable_machine() -> None:
    worn = machine("M", 1.0, breakdown=Breakdown(Exponential(90.0), Exponential(10.0)))
    found = windows(chain(source(0), worn, SINK), 40_000.0, 100.0, 6)
    assert agrees(rates(found), theory.availability(90.0, 10.0), 0.0)
    assert agrees([w.stations[1][4 + 7] / w.duration_s for w in found], 0.1, 0.0)


def test_assembly_of_two_lines() -> None:
    left, right = (Source(id=s, interarrival_time_s=Constant(0.0)) for s in ("SL", "SR"))
    combiner = Combiner(id="C", mode=CombinerMode.JOIN, components=(1,), process_time_s=Exponential(1.0))
    stations: list[Station] = [
        left,
        right,
        machine("L", Exponential(1.0)),
        machine("R", Exponential(1.0)),
        Queue(id="QL", capacity=2),
    ]
    stations += [Queue(id="QR", capacity=2), combiner, SINK]
    links = (("SL", "L"), ("SR", "R"), ("L", "QL"), ("R", "QR"), ("QL", "C"), ("QR", "C"), ("C", "Sink"))
    found = windows(network(stations, *links), 8000.0, 200.0, 5)
    # a lone frame waits inside the combiner, so its side has one more place while nothing is assembled
    low = theory.assembly_throughput((1.0, 1.0), (2, 2), 1.0)
    high = theory.assembly_throughput((1.0, 1.0), (3, 2), 1.0)
    assert low * 0.99 <= float(np.mean(rates(found))) <= high * 1.01


def test_closed_loop() -> None:
    """Three pallets go round two machines: a source that ends after three, and no way out but back."""
    from gdt2usd.graph.model import Arrival

    start = Source(id="S", schedule=(Arrival(time_s=0.0, quantity=3),))
    stations: list[Station] = [start, Queue(id="QA", capacity=9), machine("A", Exponential(1.0)), Queue(id="QB", capacity=9)]
    stations += [machine("B", Exponential(0.8))]
    graph = network(stations, ("S", "QA"), ("QA", "A"), ("A", "QB"), ("QB", "B"), ("B", "QA"))
    found = windows(graph, 10_000.0, 100.0, 5)
    assert agrees([w.stations[2][1] / w.duration_s for w in found], theory.closed_loop_throughput((1.0, 1.25), 3), 0.01)


def test_loss_at_a_full_station_is_blocking_not_loss() -> None:
    """A source before c exponential servers without a queue: it waits, so the flow is that of the two-station line."""
    graph = chain(Source(id="S", interarrival_time_s=Exponential(1.0)), machine("M", Exponential(1.0)), SINK)
    assert agrees(rates(windows(graph, 10_000.0, 100.0, 6)), theory.two_station_throughput(0), 0.01)


def test_conveyor_feeds_a_machine_at_its_rate() -> None:
    belt = Conveyor(id="Belt", length_m=6.0, speed_m_s=0.5, item_length_m=1.0)
    found = windows(chain(source(0), belt, machine("M", Exponential(1.0)), SINK), 20_000.0, 200.0, 4)
    assert max(rates(found)) < 0.5  # the belt gives at most one item every 2 s
    slow = windows(chain(source(0), belt, machine("M", Exponential(10.0)), SINK), 40_000.0, 200.0, 6)
    assert agrees(rates(slow), 0.1, 0.01)


def test_a_line_and_its_mirror_image_have_the_same_throughput() -> None:
    forth = windows(saturated((1.0, 1.5, 0.8), (1, 3)), 8000.0, 200.0, 6)
    back = windows(saturated((0.8, 1.5, 1.0), (3, 1)), 8000.0, 200.0, 6)
    assert float(np.mean(rates(forth))) == pytest.approx(float(np.mean(rates(back))), rel=0.02)


def test_sinks_only() -> None:
    graph = network([source(2), Sink(id="A"), Sink(id="B")], ("Source", "A"), ("Source", "B"))
    assert rates(windows(graph, 1000.0, 0.0, 2)) == [pytest.approx(0.499)] * 2
