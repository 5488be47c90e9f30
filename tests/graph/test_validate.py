"""Every rule fires on a graph that breaks it; valid graphs pass."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from gdt2usd.diagnostics import errors
from gdt2usd.graph import distributions as d
from gdt2usd.graph import flow
from gdt2usd.graph import model as m
from gdt2usd.graph.drawing import draw
from gdt2usd.graph.emit import emit
from gdt2usd.graph.validate import validate
from tests.graph.strategies import valid_graphs


def _line(*middle: m.Station, links: Any = None, resources: tuple[m.Resource, ...] = ()) -> m.ProcessGraph:
    """Source - middle ... - sink, spaced out, or with other links."""
    stations: tuple[m.Station, ...] = (m.Source(id="In"), *middle, m.Sink(id="Out"))
    placed = tuple(replace(s, pose=m.Pose((10.0 * i, 0.0, 0.0))) for i, s in enumerate(stations))
    ids = [s.id for s in placed]
    chain = tuple(m.Link(upstream=a, downstream=b) for a, b in pairwise(ids))
    return m.ProcessGraph(stations=placed, links=chain if links is None else tuple(links), resources=resources)


def _link(a: str, b: str, out: int = 1, into: int = 1, **more: Any) -> m.Link:
    return m.Link(upstream=a, downstream=b, out_port=out, in_port=into, **more)


P = m.Processor(id="P")
Q = m.Queue(id="Q")
C = m.Combiner(id="C")
OP = m.Operator(id="Op")
FORK = [_link("In", "Q"), _link("Q", "P"), _link("Q", "Out", 2), _link("P", "Out", 1, 2)]

BROKEN: dict[str, m.ProcessGraph] = {
    "GR201": _line(P, replace(P)),
    "GR202": replace(_line(Q), stations=(Q, m.Sink(id="Out")), links=(_link("Q", "Out"),)),
    "GR203": replace(_line(Q), stations=(m.Source(id="In"), Q), links=(_link("In", "Q"),)),
    "GR204": _line(P, links=[_link("In", "Nowhere")]),
    "GR205": _line(P, links=[_link("In", "P"), _link("In", "P", 2, 2), _link("P", "Out")]),
    "GR206": _line(P, links=[_link("In", "P", 2), _link("P", "Out")]),
    "GR207": _line(replace(P, operators=m.OperatorNeed(("Nobody",)))),
    "GR208": _line(P, Q, links=[_link("In", "P"), _link("P", "Out"), _link("Q", "Out", 1, 2)]),
    "GR209": _line(P, Q, links=[_link("In", "P"), _link("P", "Out"), _link("P", "Q", 2)]),
    "GR210": _line(P, Q, links=[_link("In", "P"), _link("P", "Q"), _link("Q", "P", 1, 2)]),
    "GR211": _line(P, links=[_link("In", "P"), _link("P", "Out"), _link("Out", "P", 1, 2)]),
    "GR212": _line(replace(P, process_time_s=d.Constant(0.0))),
    "GR213": _line(replace(P, process_time_s=d.Normal(10.0, 8.0))),
    "GR214": _line(replace(P, process_time_s=d.Triangular(9.0, 6.0, 4.0))),
    "GR215": _line(P, replace(P, id="P2"), replace(P, id="P3", process_time_s=d.Constant(60_000.0))),
    "GR216": _line(replace(Q, capacity=0)),
    "GR217": _line(C),
    "GR218": _line(
        Q, C, links=[_link("In", "Q"), _link("Q", "C"), _link("Q", "C", 2, 2), _link("Q", "C", 3, 3), _link("C", "Out")]
    ),
    "GR219": _line(P, resources=(OP,)),
    "GR220": _line(replace(Q, routing=m.Percent((70.0, 20.0))), P, links=FORK),
    "GR221": _line(replace(Q, routing=m.Percent((70.0, 20.0, 10.0))), P, links=FORK),
    "GR222": _line(replace(Q, routing=m.Percent((70.0, 30.0))), P, links=[replace(x, percent=50.0) for x in FORK]),
    "GR223": _line(replace(Q, routing=m.ToPort(2))),
    "GR224": _line(m.Separator(id="Sep", quantity=d.Constant(0.0))),
    "GR225": _line(replace(Q, capacity=5, batching=m.Batching(9))),
    "GR226": _line(m.Conveyor(id="Belt", speed_m_s=0.0)),
    "GR227": _line(replace(P, operators=m.OperatorNeed(()))),
    "GR228": _line(replace(P, operators=m.OperatorNeed(("Op",), 0, 0)), resources=(OP,)),
    "GR229": _line(replace(P, operators=m.OperatorNeed(("Op",), 2, 0)), resources=(OP,)),
    "GR230": _line(P, resources=(m.Dispatcher(id="D"),)),
    "GR231": _line(P, resources=(replace(OP, speed_m_s=0.0),)),
    "GR232": replace(_line(P), stations=(m.Source(id="In"), P, m.Sink(id="Out"))),
}


@pytest.mark.parametrize(("middle", "severity"), [((m.Queue(id="Q"),), "error"), ((m.Queue(id="Q"), P), "warning")])
def test_a_source_that_is_always_ready(middle: tuple[m.Station, ...], severity: str) -> None:
    """An error only where items would reach the sink with no time passing."""
    graph = _line(*middle)
    endless = m.Source(id="In", interarrival_time_s=d.Constant(0.0))
    found = validate(replace(graph, stations=(endless, *graph.stations[1:])))
    assert [(x.code, x.severity.value) for x in found if x.code == "GR212"] == [("GR212", severity)]


@pytest.mark.parametrize("code", BROKEN)
def test_rule_fires(code: str) -> None:
    found = {x.code: x for x in validate(BROKEN[code])}
    assert code in found
    assert found[code].hint


def test_a_sound_line_has_nothing_to_report() -> None:
    assert validate(_line(Q, P)) == ()


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(valid_graphs())
def test_valid_graphs_have_no_structural_errors(graph: m.ProcessGraph) -> None:
    allowed = {"GR214", "GR229", "GR225", "GR224", "GR227"}
    assert [x for x in errors(validate(graph)) if x.code not in allowed] == []


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(valid_graphs())
def test_views_and_drawing_hold_every_station(graph: m.ProcessGraph) -> None:
    ids = {station.id for station in graph.stations}
    assert set(flow.flow_order(graph)) == ids
    assert set(flow.depth(graph)) == ids
    order = {name: i for i, name in enumerate(flow.flow_order(graph))}
    assert all(order[link.upstream] < order[link.downstream] for link in graph.links)
    from xml.etree import ElementTree

    root = ElementTree.fromstring(draw(graph))
    assert len(root.findall("{http://www.w3.org/2000/svg}g")) == len(graph.stations) + len(graph.resources)


def test_cycles_and_longest_path() -> None:
    graph = _line(Q, P, links=[_link("In", "Q"), _link("Q", "P"), _link("P", "Q", 1, 2), _link("P", "Out", 2)])
    assert flow.cycles(graph) == (("Q", "P"),)
    assert flow.longest_path(graph) == ("In", "Q", "Out")
    assert flow.flow_order(graph) == ("In", "Q", "P", "Out")


def test_contradicting_ports_cannot_be_emitted() -> None:
    from gdt2usd.diagnostics import GdtError

    stations = (m.Queue(id="A"), m.Queue(id="B"), m.Queue(id="X"), m.Queue(id="Y"))
    links = (_link("A", "X", 1, 2), _link("A", "Y", 2, 1), _link("B", "Y", 1, 2), _link("B", "X", 2, 1))
    with pytest.raises(GdtError) as caught:
        emit(m.ProcessGraph(stations=stations, links=links))
    assert [x.code for x in caught.value.diagnostics] == ["GR403"]
