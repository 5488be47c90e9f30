"""Factories without mercy: no run hangs or crashes, items are conserved and Little's law holds, whatever leads where."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from types import FrameType

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from gdt2usd.diagnostics import GdtError
from gdt2usd.graph.distributions import Constant, Exponential, Expression
from gdt2usd.graph.model import (
    Arrival,
    Combiner,
    Conveyor,
    ProcessGraph,
    Processor,
    Queue,
    RoutingExpression,
    Separator,
    SeparatorMode,
    Sink,
    Source,
    Station,
    Storage,
    ToPort,
    Transporter,
)
from gdt2usd.simulation.clock import Budget
from gdt2usd.simulation.engine import Replication, run
from gdt2usd.simulation.experiment import Experiment
from gdt2usd.simulation.items import Row
from gdt2usd.simulation.report import replicate, simulate
from tests.simulation.factories import SINK, assert_sound, chain, machine, network
from tests.simulation.wild_graphs import wild_graph

BUDGET = Budget(events=20_000, wall_s=10.0)
NOW = Constant(0.0)


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """What takes longer is interrupted and fails, as a hang would otherwise hold up all tests."""

    def ring(_signal: int, _frame: FrameType | None) -> None:
        raise TimeoutError(f"more than {seconds:g} s")

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)


def endure(seed: int) -> None:
    """Both ways of running the graph of this number end in time and count right, also where they end in a loop."""
    graph = wild_graph(seed)
    for log in (None, list[Row]()):
        with at_most(60.0):
            one = run(graph, seed=seed, replication=0, horizon_s=200.0, warm_up_s=0.0, budget=BUDGET, log=log)
        assert_sound(one)
        if one.stopped == "loop":
            assert one.loop, "a loop without a name"


@settings(max_examples=60, deadline=None, phases=(Phase.explicit, Phase.generate))
@given(st.integers(0, 2**32))
def test_random_factories_endure(seed: int) -> None:
    endure(seed)


@pytest.mark.slow
def test_thousands_of_factories_endure() -> None:
    for seed in range(5000):
        endure(seed)


def test_reports_on_them_are_written() -> None:
    experiment = Experiment(horizon_s=100.0, warm_up_s=None, replications=2)
    for seed in range(15):
        with at_most(120.0):
            report = simulate(wild_graph(seed), experiment, budget=BUDGET)
        assert report.to_json()["stopped"] == report.stopped
        assert not {"SM206", "SM207"} & {f.code for f in report.findings}


def stopped(graph: ProcessGraph, budget: Budget | None = None) -> Replication:
    with at_most(60.0):
        one = run(graph, seed=1, replication=0, horizon_s=1e4, warm_up_s=0.0, budget=budget)
    assert_sound(one)
    return one


def ring(*stations: Station) -> ProcessGraph:
    """One item comes at 100 s and goes round through `stations` for ever."""
    names = [s.id for s in stations]
    start = Source(id="S", schedule=(Arrival(time_s=100.0),))
    links = [("S", names[0]), *zip(names, [*names[1:], names[0]], strict=True), (names[-1], "Sink")]
    last = stations[-1]
    return network([start, *stations[:-1], last, SINK], *links)


PICKY = "Object item = param(1);\nreturn 1;"
TO_FIRST = ToPort(1)

LOOPS = {
    "machines": ring(machine("A", NOW), machine("B", NOW, routing=TO_FIRST)),
    "queues": ring(Queue(id="A"), Queue(id="B", routing=TO_FIRST)),
    "one that sends to itself": ring(machine("A", NOW, capacity=2, routing=TO_FIRST)),
    "a queue that sends to itself": ring(Queue(id="A", routing=TO_FIRST)),
    "a queue and a machine": ring(Queue(id="A"), machine("B", NOW, routing=TO_FIRST)),
    "many places": ring(machine("A", NOW, capacity=9), Queue(id="B", capacity=10**9, routing=TO_FIRST)),
    "code": ring(Queue(id="A"), machine("B", Expression("return 0;"), routing=RoutingExpression("return 1;"))),
    "pull": ring(Queue(id="A", pull=True, pull_requirement=PICKY), Queue(id="B", routing=TO_FIRST)),
    "pull strategy": ring(machine("A", NOW, pull=True, pull_strategy="return 0;"), machine("B", NOW, routing=TO_FIRST)),
    "a belt without length": ring(Conveyor(id="A", length_m=0.0, item_length_m=0.0), machine("B", NOW, routing=TO_FIRST)),
    "a rack": ring(Storage(id="A", dwell_time_s=NOW), machine("B", NOW, routing=TO_FIRST)),
    "a separator": ring(Separator(id="A", process_time_s=NOW), machine("B", NOW, routing=TO_FIRST)),
    "steps that are too short for the clock": ring(machine("A", Constant(1e-300)), machine("B", NOW, routing=TO_FIRST)),
}


@pytest.mark.parametrize("name", LOOPS)
def test_a_loop_without_time_is_named(name: str) -> None:
    one = stopped(LOOPS[name])
    assert one.stopped == "loop"
    assert one.horizon_s == 100.0
    assert set(one.loop) == {s.id for s in LOOPS[name].stations[1:-1]}


def test_a_vehicle_that_takes_no_time_goes_round() -> None:
    graph = ring(Queue(id="A"), Queue(id="B", routing=TO_FIRST))
    links = tuple(replace(link, transport="T") for link in graph.links)
    one = stopped(ProcessGraph(stations=graph.stations, links=links, resources=(Transporter(id="T"),)))
    assert (one.stopped, set(one.loop)) == ("loop", {"A", "B"})


def test_copies_that_make_copies() -> None:
    """A separator that feeds itself doubles what it holds until there are too many."""
    splitter = Separator(id="A", mode=SeparatorMode.SPLIT, process_time_s=Constant(1.0), capacity=10**9, routing=TO_FIRST)
    assert stopped(ring(Queue(id="Q", capacity=10**9), splitter), Budget(items=2_000)).stopped == "items"


def test_a_separator_asked_for_a_thousand_million() -> None:
    graph = chain(
        Source(id="S", interarrival_time_s=Constant(5.0)),
        Separator(id="A", mode=SeparatorMode.SPLIT, quantity=Constant(1e9), process_time_s=Constant(1.0)),
        SINK,
    )
    assert stopped(graph, Budget(items=5_000)).stopped == "items"


def test_a_schedule_of_a_thousand_million() -> None:
    graph = chain(Source(id="S", schedule=(Arrival(time_s=1.0, quantity=10**9),)), Queue(id="Q"), machine("A", 1.0), SINK)
    one = stopped(graph, Budget(items=5_000))
    assert (one.stopped, one.horizon_s) == ("items", 1.0)


def test_a_queue_that_grows_for_ever() -> None:
    graph = chain(Source(id="S", interarrival_time_s=Constant(0.01)), Queue(id="Q", capacity=10**9), machine("A", 5.0), SINK)
    one = stopped(graph, Budget(items=20_000))
    assert one.stopped == "items"
    report = simulate(graph, Experiment(horizon_s=1e4, warm_up_s=0.0, replications=2), budget=Budget(items=20_000))
    assert any(f.code == "SM203" and "items are in the system" in f.message for f in report.findings)


def test_a_schedule_that_repeats_at_once() -> None:
    start = Source(id="S", schedule=(Arrival(time_s=0.0, quantity=40),), repeat_schedule=True)
    one = stopped(chain(start, Queue(id="Q"), machine("A", 1.0), SINK))
    assert (one.stopped, one.loop) == ("loop", ("S",))


def test_boxes_in_boxes_in_boxes() -> None:
    """Every round a pallet is packed into the next: thousands deep."""
    packer = Combiner(id="C", components=(1,), process_time_s=Constant(0.5), routing=TO_FIRST)
    stations: list[Station] = [Source(id="S", interarrival_time_s=Constant(1.0)), Queue(id="Q"), packer, Queue(id="R", capacity=1)]
    stations += [Source(id="First", schedule=(Arrival(time_s=0.0),)), SINK]
    graph = network(stations, ("S", "Q"), ("Q", "C"), ("R", "C"), ("First", "R"), ("C", "R"))
    one = stopped(graph)
    assert one.stopped == "" and one.contained > 5_000


def test_slow_code_ends_with_the_wall_clock() -> None:
    """A body that takes as long as it may, asked for thousands of items at once."""
    slow = "double sum = 0;\nfor (int i = 0; i < 5000; i++) { sum += i; }\nreturn sum > 0;"
    start = Source(id="S", schedule=(Arrival(time_s=1.0, quantity=5_000),))
    graph = chain(start, Queue(id="Q"), machine("A", 1.0, pull=True, pull_requirement=slow), SINK)
    began = time.monotonic()
    one = stopped(graph, Budget(wall_s=0.5))
    assert one.stopped == "budget"
    assert time.monotonic() - began < 10.0


def test_the_wall_clock_runs_for_all_replications_together() -> None:
    graph = chain(
        Source(id="S", interarrival_time_s=Exponential(1.0)), Queue(id="Q", capacity=10**6), machine("A", Exponential(0.9)), SINK
    )
    began = time.monotonic()
    experiment = Experiment(horizon_s=1e9, warm_up_s=0.0, replications=10)
    assert replicate(graph, experiment, budget=Budget(wall_s=0.5))[-1].stopped == "budget"
    assert time.monotonic() - began < 5.0


def test_a_loop_in_a_later_replication_is_told() -> None:
    """Half of the items turn into a loop; the first replications may be spared."""
    coin = "Object current = ownerobject(c);\nreturn bernoulli(1, 1, 2, getstream(current));"
    start = Source(id="S", schedule=(Arrival(time_s=5.0, quantity=10),))
    stations: list[Station] = [start, Queue(id="Q", routing=RoutingExpression(coin)), machine("A", NOW, capacity=2), SINK]
    graph = network(stations, ("S", "Q"), ("Q", "A"), ("Q", "Sink"), ("A", "A"))
    for seed in range(1, 40):
        report = simulate(graph, Experiment(horizon_s=10.0, warm_up_s=0.0, replications=10, seed=seed), confirm_bottleneck=False)
        if 1 < report.replications_done < 10:
            assert any(f.code == "SM204" and "A" in f.message for f in report.findings)
            return
    raise AssertionError("no seed spares the first replication")


def test_kinds_are_all_made() -> None:
    """The random graphs reach every kind of station and every rule of routing."""
    graphs = [wild_graph(seed) for seed in range(300)]
    kinds = {type(s).__name__ for g in graphs for s in g.stations}
    assert {"Queue", "Processor", "Combiner", "Separator", "MultiProcessor", "Conveyor", "Storage", "Sink", "Source"} <= kinds
    rules = {type(s.routing).__name__ for g in graphs for s in g.stations if not isinstance(s, Sink)}
    assert len(rules) == 8
    assert any(s.breakdown for g in graphs for s in g.stations if isinstance(s, Processor))


def test_two_things_of_one_name_are_refused() -> None:
    graph = chain(Source(id="S"), machine("A", 1.0), machine("A", 2.0), SINK)
    with pytest.raises(GdtError, match="2 stations or resources are called A"):
        run(graph, seed=1, replication=0, horizon_s=10.0, warm_up_s=0.0)
