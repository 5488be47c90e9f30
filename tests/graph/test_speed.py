"""Work on a graph grows with its size, not with the square: ten times the stations take about ten times as long."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from gdt2usd.graph import model as m
from gdt2usd.graph.distributions import Constant, Exponential
from gdt2usd.graph.drawing import draw
from gdt2usd.graph.emit import emit
from gdt2usd.graph.lower import lower
from gdt2usd.graph.serial import dumps, loads
from gdt2usd.graph.validate import validate
from gdt2usd.script.interpreter import interpret
from gdt2usd.script.parser import parse_text


def factory(count: int) -> m.ProcessGraph:
    """Stations in rows of 50, every tenth with two ways out by percentages."""
    stations: list[m.Station] = [m.Source(id="Source", interarrival_time_s=Exponential(1.0))]
    links: list[m.Link] = []
    for i in range(count):
        routing: m.Routing = m.Percent((40.0, 60.0)) if i % 10 == 9 and i + 2 < count else m.FirstAvailable()
        pose = m.Pose((5.0 * (i % 50 + 1), 5.0 * (i // 50), 0.0))
        stations.append(m.Processor(id=f"M{i}", process_time_s=Constant(1.0 + i % 7), pose=pose, routing=routing))
        links.append(m.Link(upstream="Source" if i == 0 else f"M{i - 1}", downstream=f"M{i}"))
        if isinstance(routing, m.Percent):
            links.append(m.Link(upstream=f"M{i}", downstream=f"M{i + 2}", out_port=2, in_port=2, percent=60.0))
    links.append(m.Link(upstream=f"M{count - 1}", downstream="Sink"))
    return m.ProcessGraph(stations=(*stations, m.Sink(id="Sink", pose=m.Pose((0.0, -9.0, 0.0)))), links=tuple(links))


def seconds(work: Callable[[], object]) -> float:
    """Of the processor, the best of three."""
    found = []
    for _ in range(3):
        began = time.process_time()
        work()
        found.append(time.process_time() - began)
    return min(found)


@pytest.mark.benchmark
@pytest.mark.parametrize("work", [validate, emit, dumps, draw, lambda graph: loads(dumps(graph))])
def test_ten_times_the_stations_take_at_most_twenty_times_as_long(work: Callable[[m.ProcessGraph], object]) -> None:
    few, many = factory(400), factory(4000)
    assert seconds(lambda: work(many)) < 20 * max(seconds(lambda: work(few)), 0.002)


@pytest.mark.benchmark
def test_scripts_are_interpreted_and_lowered_in_linear_time() -> None:
    few, many = (parse_text(emit(factory(count))) for count in (400, 4000))
    assert seconds(lambda: interpret(many)) < 20 * seconds(lambda: interpret(few))
    one, other = interpret(few).model, interpret(many).model
    assert seconds(lambda: lower(other)) < 20 * seconds(lambda: lower(one))
