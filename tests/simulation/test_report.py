"""The report: contract, findings in words, bottleneck, expectations, reproducibility, runs that end early."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from gdt2usd.diagnostics import GdtError, diagnostic_json, span_of
from gdt2usd.graph.distributions import Constant, Exponential, Expression
from gdt2usd.graph.model import (
    Combiner,
    Operator,
    OperatorNeed,
    Percent,
    ProcessGraph,
    Queue,
    RoutingExpression,
    Sink,
    Source,
    Station,
    Trigger,
)
from gdt2usd.simulation.bottleneck import active_periods_s
from gdt2usd.simulation.clock import Budget
from gdt2usd.simulation.expectations import parse_expectations
from gdt2usd.simulation.experiment import Experiment
from gdt2usd.simulation.records import Event, EventKind, EventLog
from gdt2usd.simulation.report import SimulationReport, simulate, trace
from gdt2usd.simulation.variates import Streams
from tests.simulation.factories import SINK, chain, machine, network, source

SHORT = Experiment(horizon_s=2000.0, warm_up_s=100.0, replications=4)
STATES = {"idle", "setup", "processing", "blocked", "starved", "waiting_for_operator", "waiting_for_transport", "down"}


def codes(report: SimulationReport) -> set[str]:
    return {f.code for f in report.findings}


def uneven() -> ProcessGraph:
    arrivals = Source(id="Source", interarrival_time_s=Exponential(1.0))
    slow = machine("Slow", Exponential(2.0))
    return chain(
        arrivals, machine("Fast", Exponential(0.5)), Queue(id="Q", capacity=3), slow, machine("Last", Exponential(0.5)), SINK
    )


def test_json_is_the_contract() -> None:
    document = json.loads(json.dumps(simulate(uneven(), SHORT).to_json(), allow_nan=False))
    assert document["schema"] == "gdt2usd.simulation/1"
    for key in ("throughput_per_hour", "wip", "flow_time_s"):
        assert set(document[key]) == {"mean", "half_width", "replications", "confidence"}
    for station in document["stations"]:
        assert set(station["states"]) == STATES
        assert sum(station["states"].values()) == pytest.approx(1.0)
    assert abs(document["littles_law"]["relative_gap"]) < 0.1
    assert document["bottleneck"]["station"] == "Slow"


def test_findings_name_the_station_and_the_figure() -> None:
    report = simulate(uneven(), SHORT)
    overloaded = next(f for f in report.findings if f.code == "SM210")
    assert "Slow is overloaded" in overloaded.message
    assert "offered load 2.0" in overloaded.message
    assert "SM212" in codes(report)
    assert report.bottleneck is not None
    assert report.bottleneck.confirmed
    assert report.bound_per_hour == pytest.approx(1800.0)


def test_demand_is_the_bottleneck_where_machines_wait() -> None:
    graph = chain(source(10), machine("M", Exponential(2.0)), SINK)
    report = simulate(graph, SHORT)
    assert report.bottleneck is not None
    assert report.bottleneck.chosen.id == "Source"


def test_expectations_are_judged_with_confidence() -> None:
    wanted = parse_expectations("20/min", 2.0, "1min")
    report = simulate(uneven(), SHORT, expectations=wanted)
    assert [o.met for o in report.outcomes] == [True, False, True]
    assert report.outcomes[0].confidence > 0.99
    assert not report.met
    assert {"SM220", "SM221"} <= codes(report)
    with pytest.raises(ValueError, match="no rate"):
        parse_expectations("20 apples", None, None)


def test_the_same_seed_gives_the_same_report_and_adding_a_machine_keeps_the_others_numbers() -> None:
    assert simulate(uneven(), SHORT).to_json() == simulate(uneven(), SHORT).to_json()
    assert simulate(uneven(), replace(SHORT, seed=2)).wip.mean != simulate(uneven(), SHORT).wip.mean
    draws = [Streams(1, 0).draws(Exponential(2.0), "Slow", "process") for _ in range(2)]
    assert [draws[0]() for _ in range(500)] == [draws[1]() for _ in range(500)]


def test_automatic_warm_up_cuts_the_filling_of_a_line() -> None:
    stations: list[Station] = [machine(f"M{n}", Exponential(10.0)) for n in range(8)]
    graph = chain(source(0), *(s for n, m in enumerate(stations) for s in (Queue(id=f"Q{n}", capacity=30), m)), SINK)
    report = simulate(graph, Experiment(horizon_s=20_000.0, replications=4), confirm_bottleneck=False)
    assert report.warm_up.method == "mser-5"
    assert report.warm_up.end_s > 200.0


def test_deadlock_is_named() -> None:
    stations: list[Station] = [source(1), Queue(id="Q", capacity=1), machine("P", 10), machine("R", 10), SINK]
    graph = network(stations, ("Source", "Q"), ("Q", "P"), ("P", "R"), ("R", "Q"))
    report = simulate(graph, SHORT)
    found = next(f for f in report.findings if f.code == "SM201")
    assert "Q -> P -> R -> Q" in found.message
    assert "SM216" in codes(report)


def test_missing_components_are_not_a_deadlock() -> None:
    from gdt2usd.graph.model import Arrival

    few = Source(id="Few", schedule=(Arrival(time_s=0.0, quantity=2),))
    stations: list[Station] = [source(5), few, Combiner(id="C", components=(1,), process_time_s=Constant(1.0)), SINK]
    report = simulate(network(stations, ("Source", "C"), ("Few", "C"), ("C", "Sink")), SHORT)
    assert "SM202" in codes(report)
    assert "SM201" not in codes(report)


def test_loops_without_time_end() -> None:
    stations: list[Station] = [source(1), Queue(id="A"), Queue(id="B"), SINK]
    report = simulate(network(stations, ("Source", "A"), ("A", "B"), ("B", "A")), SHORT)
    assert "SM204" in codes(report)
    assert "A" in next(f.message for f in report.findings if f.code == "SM204")
    assert "SM204" in codes(simulate(chain(source(0), SINK), SHORT))


def test_budget_ends_a_run_and_says_so() -> None:
    report = simulate(uneven(), replace(SHORT, horizon_s=1e7), budget=Budget(events=20_000))
    assert report.stopped == "budget"
    assert "SM203" in codes(report)
    assert report.throughput_per_hour.mean > 0


def test_interrupt_keeps_what_there_is() -> None:
    def progress(fraction: float) -> None:
        if fraction > 0.6:
            raise KeyboardInterrupt

    report = simulate(uneven(), replace(SHORT, horizon_s=20_000.0), progress=progress)
    assert 0 < report.replications_done < 4
    assert report.throughput_per_hour.mean > 0
    assert "SM205" in codes(report)


def test_branches_never_taken() -> None:
    split = Source(id="S", interarrival_time_s=Constant(1.0), routing=Percent((100.0, 0.0)))
    report = simulate(network([split, Sink(id="A"), Sink(id="B")], ("S", "A"), ("S", "B")), SHORT)
    assert "SM213" in codes(report)


def test_code_bodies_see_the_item() -> None:
    header = "Object current = ownerobject(c);\nObject item = param(1);\n"
    arrivals = Source(
        id="S",
        interarrival_time_s=Constant(10.0),
        triggers=(Trigger("OnCreation", header + "item.Type = duniform(1, 2, getstream(current));"),),
    )
    timed = machine("A", 1.0, routing=RoutingExpression(header + "return item.Type;"))
    timed = replace(timed, process_time_s=Expression(header + "return item.Type == 1 ? 2 : 6;"))
    graph = network([arrivals, timed, Sink(id="One"), Sink(id="Two")], ("S", "A"), ("A", "One"), ("A", "Two"))
    report = simulate(graph, SHORT, confirm_bottleneck=False)
    one, two = (n for a, _, n in report.link_counts if a == "A")
    assert one + two == pytest.approx(199, abs=1)
    assert one / (one + two) == pytest.approx(0.5, abs=0.1)
    assert report.stations[1].utilisation == pytest.approx(0.4, abs=0.05)
    broken = replace(timed, process_time_s=Expression("return ;;; ("))
    with pytest.raises(GdtError) as caught:
        simulate(chain(source(1), broken, SINK), SHORT)
    assert {d.code for d in caught.value.diagnostics} == {"SM102"}


def test_nonsense_experiments_are_refused_together() -> None:
    with pytest.raises(GdtError) as caught:
        simulate(uneven(), Experiment(horizon_s=-1.0, replications=0, confidence=2.0))
    assert len(caught.value.diagnostics) == 3


def test_trace_is_the_replication_of_the_report() -> None:
    log = trace(uneven(), SHORT, until_s=500.0)
    times = [e.time_s for e in log]
    assert times == sorted(times)
    assert log.horizon_s == 500.0
    assert {e.place for e in log if e.time_s == 0.0} >= {"Source", "Fast", "Q", "Slow", "Last", "Sink"}


@pytest.mark.parametrize("length", [400])
def test_long_lines_do_not_exhaust_the_stack(length: int) -> None:
    line = chain(source(0), *(machine(f"M{n}", 1.0) for n in range(length)), machine("Slow", 30.0), SINK)
    report = simulate(line, Experiment(horizon_s=1000.0, warm_up_s=0.0, replications=1), confirm_bottleneck=False)
    assert report.throughput_per_hour.mean > 0
    queues = chain(source(5), *(Queue(id=f"Q{n}", capacity=2) for n in range(length)), machine("Slow", 30.0), SINK)
    assert simulate(queues, Experiment(horizon_s=300.0, warm_up_s=0.0, replications=1), confirm_bottleneck=False).wip.mean > 5


def test_findings_point_at_the_script() -> None:
    span = span_of("first line\n  second line", 13, 19)
    graph = uneven()
    marked = replace(graph, stations=tuple(replace(s, span=span) for s in graph.stations))
    rows = [diagnostic_json(f) for f in simulate(marked, SHORT, confirm_bottleneck=False).findings]
    overloaded = next(row for row in rows if row["code"] == "SM210")
    assert (overloaded["where"], overloaded["line"], overloaded["column"]) == ("Slow", 2, 3)


def test_arrivals_as_the_limit_are_said_and_the_busiest_machine_is_named() -> None:
    report = simulate(chain(source(10), machine("M", Exponential(8.0)), Queue(id="Q"), machine("N", 2), SINK), SHORT)
    assert report.bottleneck is not None
    assert report.bottleneck.to_json()["limit"] == "arrivals"
    assert report.bottleneck.to_json()["machine"] == "M"
    assert "the busiest machine is M" in next(f.message for f in report.findings if f.code == "SM219")


def test_active_periods_are_cut_by_the_end_of_the_log() -> None:
    states = (("A", 0, "starved"), ("A", 2, "setup"), ("A", 3, "processing"), ("A", 6, "blocked"), ("A", 8, "processing"))
    log = EventLog(tuple(Event(float(t), EventKind.STATE, place, other=other) for place, t, other in states), 10.0)
    assert active_periods_s(log) == {"A": 3.0}


def test_code_bodies_see_who_stands_at_the_centre_ports() -> None:
    body = "Object current = ownerobject(c);\nreturn current.centerObjects.length;"
    timed = replace(machine("M", 1.0, operators=OperatorNeed(("O",))), process_time_s=Expression(body))
    graph = chain(source(10), timed, SINK, resources=[Operator(id="O")])
    report = simulate(graph, SHORT, confirm_bottleneck=False)
    assert report.stations[1].states["processing"] == pytest.approx(0.1, abs=0.01)
    assert "SM304" not in codes(report)
