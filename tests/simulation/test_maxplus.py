"""The recursion and the engine give the same departure times on the same random numbers."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gdt2usd.graph.distributions import Constant, Distribution, Exponential, Lognormal, Normal, Triangular, Uniform
from gdt2usd.graph.model import (
    Combiner,
    CombinerMode,
    Conveyor,
    MultiProcessor,
    ProcessGraph,
    ProcessStep,
    Queue,
    Separator,
    SeparatorMode,
    Source,
    Station,
)
from gdt2usd.simulation.engine import run
from gdt2usd.simulation.experiment import Experiment
from gdt2usd.simulation.maxplus import LineFigures, departures, evaluate, node_by_node
from gdt2usd.simulation.maxplus_assembly import assembly_departures, evaluate_assembly
from gdt2usd.simulation.maxplus_nodes import as_line
from gdt2usd.simulation.maxplus_wave import fits, wave
from gdt2usd.simulation.report import simulate
from gdt2usd.simulation.sweep import sweep
from gdt2usd.simulation.variates import Streams
from tests.simulation.factories import SINK, chain, machine, network, source

TIMES: list[Distribution] = [
    Constant(1.0),
    Constant(0.0),
    Exponential(1.0),
    Normal(1.0, 0.8),
    Uniform(0.5, 1.5),
    Triangular(0.2, 0.4, 3.0),
    Lognormal(0.0, 0.5),
]


@st.composite
def lines(draw: st.DrawFn) -> ProcessGraph:
    """Lines of queues, machines with and without setup, multiprocessors and conveyors."""
    times = st.sampled_from(TIMES)
    first = Source(id="Source", interarrival_time_s=draw(times), arrival_at_zero=draw(st.booleans()))
    stations: list[Station] = [first]
    for number in range(draw(st.integers(1, 5))):
        if draw(st.booleans()):
            stations.append(Queue(id=f"Q{number}", capacity=draw(st.integers(1, 4))))
        kind = draw(st.sampled_from(("plain", "setup", "multi", "belt")))
        if kind == "belt":
            speed, length = draw(st.sampled_from((0.5, 2.0))), draw(st.sampled_from((1.0, 3.0, 4.5)))
            stations.append(Conveyor(id=f"B{number}", length_m=length, speed_m_s=speed, item_length_m=0.75))
        elif kind == "multi":
            steps = tuple(ProcessStep(name=str(n), process_time_s=draw(times)) for n in range(2))
            stations.append(MultiProcessor(id=f"M{number}", steps=steps))
        else:
            setup: Distribution = draw(times) if kind == "setup" else Constant(0.0)
            stations.append(machine(f"M{number}", draw(times), setup_time_s=setup))
    # one station with a time of its own, so that time passes
    return chain(*stations, machine("Last", Exponential(0.7)), SINK)


@settings(max_examples=60, deadline=None)
@given(lines(), st.integers(0, 3))
def test_same_departures_as_the_engine(graph: ProcessGraph, seed: int) -> None:
    _, left = departures(graph, seed, 2, 120)
    for number in range(2):
        horizon = float(left[number, -1])
        found = run(graph, seed=seed, replication=number, horizon_s=horizon, warm_up_s=0.0).exits_s
        expected = left[number][left[number] < horizon]
        np.testing.assert_allclose(found[: len(expected)], expected, rtol=1e-12, atol=1e-9)
        assert len(found) == len(expected)


def test_plain_lines_agree_to_the_last_bit() -> None:
    graph = chain(source(0), machine("A", Exponential(1.0)), Queue(id="Q", capacity=2), machine("B", Exponential(1.0)), SINK)
    _, left = departures(graph, 3, 2, 3000)
    found = run(graph, seed=3, replication=1, horizon_s=float(left[1, -1]), warm_up_s=0.0).exits_s
    assert np.array_equal(found, left[1, :-1])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.sampled_from(TIMES), st.booleans()), min_size=1, max_size=70), st.booleans())
def test_wave_and_node_by_node_agree_to_the_last_bit(machines: list[tuple[int, Distribution, bool]], at_zero: bool) -> None:
    """Any mixture of buffers, machines with and without setup; lines longer than the first block, too."""
    stations: list[Station] = [Source(id="S", interarrival_time_s=Exponential(0.5), arrival_at_zero=at_zero)]
    for number, (places, time, setup) in enumerate(machines):
        stations += [Queue(id=f"Q{number}", capacity=places)] if places else []
        stations.append(machine(f"M{number}", time, setup_time_s=Uniform(0.0, 0.1) if setup else Constant(0.0)))
    line = as_line(chain(*stations, SINK))
    assert not isinstance(line, str) and fits(line.nodes)
    streams = [Streams(4, r) for r in range(3)]
    one, other = wave([line] * 3, streams), node_by_node([line] * 3, streams)
    created, left = (np.concatenate(x) for x in zip(*(np.copy(next(one)) for _ in range(3)), strict=True))
    expected_created, expected_left = (np.concatenate(x) for x in zip(*(np.copy(next(other)) for _ in range(3)), strict=True))
    shorter = min(len(left), len(expected_left))
    assert shorter > 60
    assert np.array_equal(created[:shorter], expected_created[:shorter])
    assert np.array_equal(left[:shorter], expected_left[:shorter])


def test_same_figures_as_the_report() -> None:
    graph = chain(
        Source(id="S", interarrival_time_s=Exponential(1.2)), Queue(id="Q", capacity=5), machine("A", Exponential(1.0)), SINK
    )
    experiment = Experiment(horizon_s=3000.0, warm_up_s=300.0, replications=4, seed=5)
    line = as_line(graph)
    assert not isinstance(line, str)
    figures = evaluate([line], experiment)
    assert not isinstance(figures, str)
    one: LineFigures = figures[0]
    report = simulate(graph, experiment, confirm_bottleneck=False)
    assert float(one.throughput_per_hour.mean()) == pytest.approx(report.throughput_per_hour.mean, rel=1e-9)
    assert float(one.wip.mean()) == pytest.approx(report.wip.mean, rel=1e-9)
    assert float(one.flow_time_s.mean()) == pytest.approx(report.flow_time_s.mean, rel=1e-9)


def test_what_does_not_qualify_says_why() -> None:
    merge = network(
        [source(1), machine("A", 1), machine("B", 1), SINK], ("Source", "A"), ("Source", "B"), ("A", "Sink"), ("B", "Sink")
    )
    assert as_line(merge) == "Source has more than one way out"
    assert (
        as_line(chain(source(1), machine("A", Exponential(1.0), capacity=2), SINK)) == "A works on several items for random times"
    )
    with pytest.raises(ValueError, match="several items"):
        departures(chain(source(1), machine("A", Exponential(1.0), capacity=2), SINK), 1, 1, 1)


def assembly(needs: list[int], places: list[int], mode: CombinerMode) -> ProcessGraph:
    """A combiner with `needs` components, a queue of `places` before each of its inputs, and a machine behind it."""
    stations: list[Station] = []
    links: list[tuple[str, str]] = []
    for number in range(len(needs) + 1):
        names = [f"S{number}", f"M{number}", *([f"Q{number}"] if places[number] else []), "C"]
        stations += [Source(id=names[0], interarrival_time_s=Exponential(1.0)), machine(names[1], Exponential(0.6))]
        stations += [Queue(id=names[2], capacity=places[number])] if places[number] else []
        links += list(pairwise(names))
    stations += [Combiner(id="C", components=tuple(needs), mode=mode, process_time_s=Exponential(1.0)), machine("Last", 0.9), SINK]
    return network(stations, *links, ("C", "Last"), ("Last", "Sink"))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(1, 3), min_size=1, max_size=3), st.lists(st.integers(0, 3), min_size=4, max_size=4), st.integers(0, 3))
def test_assemblies_depart_as_in_the_engine(needs: list[int], places: list[int], seed: int) -> None:
    graph = assembly(needs, places, CombinerMode.JOIN if seed % 2 else CombinerMode.PACK)
    left = assembly_departures(graph, seed, 2, 60)
    for number in range(2):
        found = run(graph, seed=seed, replication=number, horizon_s=float(left[number, -1]) + 1e-6, warm_up_s=0.0).exits_s
        np.testing.assert_allclose(found[:60], left[number], rtol=1e-12, atol=1e-9)


def separation(mode: SeparatorMode, quantity: int | None, needs: list[int], places: list[int]) -> ProcessGraph:
    """An assembly of `needs` (none: a source) that a separator takes apart, with a queue of `places` before and behind it."""
    if needs:
        packing = assembly(needs, [1] * 4, CombinerMode.PACK)
        stations: list[Station] = [s for s in packing.stations if s.id != "Sink"]
        links = [(x.upstream, x.downstream) for x in packing.links if x.downstream != "Sink"]
    else:
        stations, links = [Source(id="S", interarrival_time_s=Exponential(1.0)), machine("Last", Exponential(0.9))], [("S", "Last")]
    copies = None if quantity is None else Constant(quantity)
    stations += [
        Separator(id="P", mode=mode, quantity=copies, process_time_s=Exponential(0.8)),
        machine("End", Exponential(0.5)),
        SINK,
    ]
    names = ["Last", *(["Before"] if places[0] else []), "P", *(["Behind"] if places[1] else []), "End", "Sink"]
    stations += [Queue(id=name, capacity=p) for name, p in zip(("Before", "Behind"), places, strict=True) if p]
    return network(stations, *links, *pairwise(names))


@settings(max_examples=30, deadline=None)
@given(
    st.sampled_from(SeparatorMode),
    st.none() | st.integers(1, 4),
    st.lists(st.integers(1, 2), max_size=2),
    st.lists(st.integers(0, 3), min_size=2, max_size=2),
    st.integers(0, 3),
)
def test_separations_depart_as_in_the_engine(
    mode: SeparatorMode, quantity: int | None, needs: list[int], places: list[int], seed: int
) -> None:
    graph = separation(mode, quantity, needs, places)
    left = assembly_departures(graph, seed, 2, 60)
    for number in range(2):
        found = run(graph, seed=seed, replication=number, horizon_s=float(left[number, -1]) + 1e-6, warm_up_s=0.0).exits_s
        np.testing.assert_allclose(found[:60], left[number], rtol=1e-12, atol=1e-9)


@pytest.mark.parametrize("mode", [CombinerMode.JOIN, CombinerMode.PACK])
def test_assembly_figures_are_those_of_the_report(mode: CombinerMode) -> None:
    graph = assembly([2, 1], [3, 0, 2, 0], mode)
    experiment = Experiment(horizon_s=2000.0, warm_up_s=200.0, replications=3, seed=5)
    found = evaluate_assembly(graph, experiment)
    assert isinstance(found, LineFigures)
    report = simulate(graph, experiment, confirm_bottleneck=False)
    assert float(found.throughput_per_hour.mean()) == pytest.approx(report.throughput_per_hour.mean, rel=1e-9)
    assert float(found.wip.mean()) == pytest.approx(report.wip.mean, rel=1e-9)
    assert float(found.flow_time_s.mean()) == pytest.approx(report.flow_time_s.mean, rel=1e-9)


def test_sweeps_of_assemblies_take_the_recursion() -> None:
    graph = assembly([1], [2, 2], CombinerMode.JOIN)
    scenarios = [(("Last.process_time_s.value", value),) for value in ("0.5", "2")]
    found = sweep(graph, scenarios, Experiment(horizon_s=500.0, warm_up_s=50.0, replications=2), jobs=1)
    assert [row.method for row in found] == ["max-plus", "max-plus"]
    assert (found[0].throughput_per_hour or 0.0) > (found[1].throughput_per_hour or 0.0)
