"""Random factories: items are conserved, Little's law holds, state times add up, whatever is connected to whatever."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st

from gdt2usd.graph.distributions import Constant, Distribution, Exponential, Normal, Uniform
from gdt2usd.graph.model import (
    AGV,
    Arrival,
    Batching,
    Breakdown,
    ByLabel,
    Combiner,
    CombinerMode,
    Conveyor,
    Discipline,
    Dispatcher,
    FirstAvailable,
    Link,
    MultiProcessor,
    Operator,
    OperatorNeed,
    Percent,
    Pose,
    ProcessGraph,
    Processor,
    ProcessStep,
    Queue,
    RandomPort,
    RoundRobin,
    Routing,
    Separator,
    SeparatorMode,
    ShortestQueue,
    Sink,
    Source,
    Station,
    Storage,
    ToPort,
)
from gdt2usd.simulation.clock import Budget
from gdt2usd.simulation.engine import run
from gdt2usd.simulation.items import Row
from tests.simulation.factories import assert_sound

TIMES: list[Distribution] = [Constant(0.0), Constant(3.0), Exponential(4.0), Normal(3.0, 2.0), Uniform(0.0, 6.0)]
times = st.sampled_from(TIMES)
places = st.integers(1, 3)


def needs(draw: st.DrawFn) -> OperatorNeed | None:
    return draw(st.sampled_from((None, None, OperatorNeed(("O1",)), OperatorNeed(("D",), process_count=2, setup_count=1))))


def pose(draw: st.DrawFn) -> Pose:
    return Pose((float(draw(st.integers(0, 9))), float(draw(st.integers(0, 9))), 0.0))


def breakdown(draw: st.DrawFn) -> Breakdown | None:
    return draw(st.sampled_from((None, None, Breakdown(Exponential(30.0), Uniform(1.0, 9.0)))))


def station(draw: st.DrawFn, name: str) -> Station:
    kind = draw(
        st.sampled_from(("queue", "batch", "plain", "plain", "processor", "combiner", "separator", "multi", "belt", "rack"))
    )
    where = pose(draw)
    if kind == "queue":
        return Queue(id=name, capacity=draw(places), discipline=draw(st.sampled_from(Discipline)), pose=where)
    if kind == "batch":
        return Queue(id=name, capacity=5, batching=Batching(draw(places), draw(st.sampled_from((0.0, 7.0)))), pose=where)
    if kind == "plain":
        return Processor(id=name, process_time_s=draw(times), pose=where)
    if kind == "belt":
        return Conveyor(id=name, length_m=4.0, item_length_m=1.1, accumulating=draw(st.booleans()), pose=where)
    if kind == "rack":
        return Storage(id=name, capacity=draw(places), dwell_time_s=draw(times), pose=where)
    common = {
        "process_time_s": draw(times),
        "setup_time_s": draw(times),
        "breakdown": breakdown(draw),
        "operators": needs(draw),
        "pose": where,
    }
    if kind == "processor":
        return Processor(id=name, capacity=draw(places), **common)  # type: ignore[arg-type]
    if kind == "combiner":
        parts = draw(st.lists(st.integers(0, 2), min_size=1, max_size=2))
        return Combiner(id=name, mode=draw(st.sampled_from(CombinerMode)), components=tuple(parts), **common)  # type: ignore[arg-type]
    if kind == "separator":
        quantity = draw(st.sampled_from((None, Constant(2.0), Uniform(0.0, 3.0))))
        mode = draw(st.sampled_from(SeparatorMode))
        return Separator(id=name, mode=mode, quantity=quantity, capacity=draw(st.integers(1, 2)), **common)  # type: ignore[arg-type]
    steps = tuple(ProcessStep(name=str(n), process_time_s=draw(times)) for n in range(draw(st.integers(0, 2))))
    return MultiProcessor(id=name, steps=steps, **common)  # type: ignore[arg-type]


def routing(draw: st.DrawFn, ways: int) -> Routing:
    rules: list[Routing] = [FirstAvailable(), ToPort(ways), RoundRobin(), RandomPort(), ShortestQueue(), ByLabel()]
    rules.append(Percent(tuple(100.0 / ways for _ in range(ways))))
    return draw(st.sampled_from(rules))


@st.composite
def graphs(draw: st.DrawFn) -> ProcessGraph:
    """Any stations with any links among them, one or two sources, a sink, sometimes rework and vehicles."""
    from dataclasses import replace

    sources: list[Station] = [Source(id="S1", interarrival_time_s=draw(st.sampled_from(TIMES[1:])))]
    if draw(st.booleans()):
        rows = (Arrival(time_s=0.0, quantity=2), Arrival(time_s=9.0, quantity=3, item_type=2.0))
        sources.append(Source(id="S2", schedule=rows, repeat_schedule=draw(st.booleans())))
    inner = [station(draw, f"T{n}") for n in range(draw(st.integers(1, 7)))]
    order = [*sources, *inner, Sink(id="K")]
    pairs = []
    for at, one in enumerate(order[:-1]):
        first = max(at + 1, len(sources))
        targets = draw(st.lists(st.integers(first, len(order) - 1), min_size=1, max_size=3, unique=True))
        if one in inner and draw(st.integers(0, 7)) == 0:
            targets.append(draw(st.integers(len(sources), len(order) - 2)))  # rework
        pairs += [(one.id, order[t].id) for t in dict.fromkeys(targets)]
    ins: dict[str, int] = {}
    outs: dict[str, int] = {}
    links = []
    for a, b in pairs:
        ins[b], outs[a] = ins.get(b, 0) + 1, outs.get(a, 0) + 1
        carrier = draw(st.sampled_from((None, None, None, "V", "D")))
        links.append(Link(upstream=a, downstream=b, out_port=outs[a], in_port=ins[b], transport=carrier))
    stations = tuple(replace(s, routing=routing(draw, outs[s.id])) if s.id in outs else s for s in order)
    resources = (
        Operator(id="O1"),
        Operator(id="O2", load_time_s=Constant(1.0)),
        AGV(id="V", capacity=draw(st.integers(1, 2)), unload_time_s=Exponential(1.0)),
        Dispatcher(id="D", team=("O1", "O2")),
    )
    return ProcessGraph(stations=stations, links=tuple(links), resources=resources)


@settings(max_examples=60, deadline=None, phases=(Phase.explicit, Phase.generate))
@given(graphs(), st.integers(0, 5))
def test_conservation_and_littles_law(graph: ProcessGraph, seed: int) -> None:
    budget = Budget(events=20_000)
    plain = run(graph, seed=seed, replication=0, horizon_s=200.0, warm_up_s=0.0, budget=budget)
    assume(plain.stopped != "loop")  # hypothesis fails the test if most examples are of that kind
    assert_sound(plain)
    log: list[Row] = []
    logged = run(graph, seed=seed, replication=0, horizon_s=200.0, warm_up_s=0.0, budget=budget, log=log)
    assert_sound(logged)
    if not plain.stopped and not logged.stopped:
        assert plain.created == logged.created or any(
            s.process_time_s == Constant(0.0) for s in graph.stations if isinstance(s, Processor)
        )
    kinds = [row[1] for row in log]
    assert kinds.count("create") == logged.created
    assert kinds.count("destroy") <= logged.ended
    assert all(a[0] <= b[0] for a, b in pairwise(log))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from((0.7, 1.0, 1.6))), min_size=1, max_size=6), st.integers(0, 9))
def test_in_place_hand_over_changes_nothing(stages: list[tuple[int, float]], seed: int) -> None:
    """Plain neighbours are served in place unless a log is kept: the same exits and the same accumulators."""
    order: list[Station] = [Source(id="S", interarrival_time_s=Exponential(0.8))]
    for number, (buffer, mean) in enumerate(stages):
        if buffer:
            order.append(Queue(id=f"Q{number}", capacity=buffer))
        order.append(Processor(id=f"M{number}", process_time_s=Exponential(mean)))
    order.append(Sink(id="K"))
    links = tuple(Link(upstream=a.id, downstream=b.id) for a, b in pairwise(order))
    graph = ProcessGraph(stations=tuple(order), links=links)
    plain = run(graph, seed=seed, replication=0, horizon_s=300.0, warm_up_s=0.0)
    logged = run(graph, seed=seed, replication=0, horizon_s=300.0, warm_up_s=0.0, log=[])
    assert plain.exits_s.tolist() == logged.exits_s.tolist()
    np.testing.assert_allclose(plain.stations, logged.stations, rtol=1e-9, atol=1e-6)
    assert_sound(plain)
