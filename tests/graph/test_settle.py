"""Settings by hand: what people write is read as they mean it, unknown keys say the nearest, ports and shares stay whole."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gdt2usd.diagnostics import GdtError
from gdt2usd.graph import distributions as d
from gdt2usd.graph import model as m
from gdt2usd.graph.emit import emit
from gdt2usd.graph.lower import lower_script
from gdt2usd.graph.settle import settle, value_of
from gdt2usd.graph.validate import validate
from gdt2usd.graph.written import distribution, duration_s, length_m, speed_m_s
from gdt2usd.script.source import Script

LINE = m.ProcessGraph(
    stations=(
        m.Source(id="Infeed", interarrival_time_s=d.Exponential(30.0)),
        m.Queue(id="Buffer 1", capacity=12),
        m.Processor(id="Saw", process_time_s=d.Normal(40.0, 4.0)),
        m.Processor(id="Saw 2"),
        m.Combiner(id="Packer", components=(4, 2)),
        m.Sink(id="Out"),
    ),
    links=(
        m.Link(upstream="Infeed", downstream="Buffer 1"),
        m.Link(upstream="Buffer 1", downstream="Saw", out_port=1),
        m.Link(upstream="Buffer 1", downstream="Saw 2", out_port=2),
        m.Link(upstream="Saw", downstream="Packer", in_port=1),
        m.Link(upstream="Saw 2", downstream="Packer", in_port=2),
        m.Link(upstream="Buffer 1", downstream="Packer", out_port=3, in_port=3),
        m.Link(upstream="Packer", downstream="Out"),
    ),
    resources=(m.Operator(id="Ann"), m.Operator(id="Bob"), m.AGV(id="Cart")),
)


def _after(*texts: str) -> m.ProcessGraph:
    return settle(LINE, texts).graph


def _station(graph: m.ProcessGraph, name: str) -> Any:
    return next(s for s in graph.stations if s.id == name)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3.5 min", {"distribution": "constant", "value": 210.0}),
        ("3,5 min", {"distribution": "constant", "value": 210.0}),
        ("12", {"distribution": "constant", "value": 12.0}),
        ("1 h 30 min", {"distribution": "constant", "value": 5400.0}),
        ("60/h", {"distribution": "constant", "value": 60.0}),
        ("30 parts per hour", {"distribution": "constant", "value": 120.0}),
        ("exp 4 s", {"distribution": "exponential", "mean": 4.0}),
        ("exp(60/h)", {"distribution": "exponential", "mean": 60.0}),
        ("exp(40) s + 5 s", {"distribution": "exponential", "mean": 40.0, "location": 5.0}),
        ("normal(3.5, 0.2) s", {"distribution": "normal", "mean": 3.5, "std": 0.2}),
        ("normal(3,5; 0,2) min", {"distribution": "normal", "mean": 210.0, "std": 12.0}),
        ("Normal mean 70 s sd 6 s", {"distribution": "normal", "mean": 70.0, "std": 6.0}),
        ("normal(1 min, 6 s)", {"distribution": "normal", "mean": 60.0, "std": 6.0}),
        ("50 +- 5 s", {"distribution": "normal", "mean": 50.0, "std": 5.0}),
        ("20-25 s", {"distribution": "uniform", "min": 20.0, "max": 25.0}),
        ("between 2 and 3 min", {"distribution": "uniform", "min": 120.0, "max": 180.0}),
        ("triangular 20, 25 and 34 s", {"distribution": "triangular", "min": 20.0, "mode": 25.0, "max": 34.0}),
        ("tri(max 34, min 20, mode 25) s", {"distribution": "triangular", "min": 20.0, "mode": 25.0, "max": 34.0}),
        ("weibull(1.5, 2 h)", {"distribution": "weibull", "shape": 1.5, "scale": 7200.0}),
        ("gamma(mean 60, shape 2) s", {"distribution": "gamma", "shape": 2.0, "scale": 30.0}),
    ],
)
def test_times_are_read_as_people_write_them(text: str, expected: dict[str, Any]) -> None:
    assert distribution(text) == expected


def test_a_lognormal_takes_its_mean_or_its_logarithm() -> None:
    read = distribution("lognormal(mean 80 s, std 25 s)")
    mean = math.exp(read["mu"] + read["sigma"] ** 2 / 2)
    assert mean == pytest.approx(80.0)
    assert math.sqrt(math.expm1(read["sigma"] ** 2)) * mean == pytest.approx(25.0)
    assert distribution("lognormal(0, 0.3) min")["mu"] == pytest.approx(math.log(60.0))
    with pytest.raises(ValueError, match="logarithm"):
        distribution("lognormal(80, 25) s")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "fast",
        "-3 s",
        "nornal(3, 4)",
        "tri(3, 2, 1)",
        "normal(3)",
        "normal(1, 2, 3)",
        "0/h",
        "1e999",
        "20, 25 and 34 s",
        "{bad",
        "3 apples",
    ],
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        distribution(text)


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet='0123456789.,;()+-= /enormalxpuifthsgdw{}"', max_size=30))
def test_any_text_is_a_distribution_or_a_value_error(text: str) -> None:
    for read in (distribution, duration_s, length_m, speed_m_s):
        try:
            read(text)
        except ValueError as problem:
            assert str(problem)


@pytest.mark.parametrize(
    ("text", "key", "value"),
    [
        ("Saw.process_time_s=triangular(20, 25, 34) s", "Saw.process_time_s", "tri(20, 25, 34) s"),
        ("saw.process_time_s.mean = 1 min", "Saw.process_time_s", "normal(60, 4) s"),
        ("Buffer 1.capacity=20 trays", "Buffer 1.capacity", "20"),
        ("Saw.operators=ann, Bob", "Saw.operators", "Ann, Bob"),
        ("Saw 2.type=queue", "Saw 2.type", "queue"),
        ("Saw 2.kind=Buffer", "Saw 2.type", "queue"),
        ("Saw 2.type=conveyor", "Saw 2.length_m", "10"),
        ("Saw 2.type=none", "Saw 2.type", None),
        ("Saw.routing=round robin", "Saw.routing", "rule round_robin"),
        ("Ann.speed_m_s=90 m/min", "Ann.speed_m_s", "1.5"),
        ("Ann -> Saw=yes", "Saw.operators", "Ann"),
        ("Saw -> Packer.transport=cart", "Saw -> Packer.transport", "Cart"),
        ("Saw -> Out=yes", "Saw -> Out", "yes"),
        ("Buffer 1 -> Saw=30%", "Buffer 1 -> Saw 2", "35 %"),
        ("horizon_s=2 h", "horizon_s", "7200"),
    ],
)
def test_a_setting_changes_what_it_names(text: str, key: str, value: str | None) -> None:
    assert value_of(_after(text), key) == value


@pytest.mark.parametrize(
    ("text", "code", "told"),
    [
        ("Sew.type=queue", "GR501", "Saw.type"),
        ("Saw.proces_time=4", "GR501", "process_time_s"),
        ("Saw.process_time_s.median=4", "GR501", "mean"),
        ("Buffer -> Saw=no", "GR501", "Buffer 1"),
        ("Saw", "GR501", "KEY=VALUE"),
        ("Saw.type=quue", "GR502", "queue"),
        ("Saw.process_time_s=fast", "GR502", "normal(40, 4) s"),
        ("Saw.operators=Carl", "GR502", "Cart"),
        ("Out -> Saw=yes", "GR502", "sink"),
        ("Saw -> Packer=40%", "GR502", "only one way out"),
        ("Saw.breakdown.time_to_failure_s=8 h", "GR502", "time_to_repair_s"),
        ("Saw.mode=pack", "GR501", "process_time_s"),
        ("Packer.mode=stack", "GR502", "pack"),
    ],
)
def test_a_setting_that_cannot_be_says_why(text: str, code: str, told: str) -> None:
    with pytest.raises(GdtError) as caught:
        settle(LINE, [text])
    found = caught.value.diagnostics
    assert [f.code for f in found] == [code]
    assert told in found[0].message + found[0].hint


def test_all_wrong_settings_are_told_at_once() -> None:
    with pytest.raises(GdtError) as caught:
        settle(LINE, ["Sew.type=queue", "Buffer 1.capacity=9", "Saw.capacity=lots"])
    assert [f.code for f in caught.value.diagnostics] == ["GR501", "GR502"]


def test_two_settings_make_a_breakdown() -> None:
    made = _station(_after("Saw.breakdown.time_to_failure_s=exp 8 h", "Saw.breakdown.time_to_repair_s=20 min"), "Saw")
    assert made.breakdown == m.Breakdown(d.Exponential(28800.0), d.Constant(1200.0))


def test_a_link_that_goes_leaves_no_gap() -> None:
    graph = _after("Buffer 1 -> Saw=no")
    ports = {(x.upstream, x.downstream): (x.out_port, x.in_port) for x in graph.links}
    assert ports["Buffer 1", "Saw 2"] == (1, 1) and ports["Buffer 1", "Packer"] == (2, 3)
    graph = _after("Saw 2 -> Packer=no")
    assert _station(graph, "Packer").components == (2,)
    assert {x.upstream: x.in_port for x in graph.links if x.downstream == "Packer"} == {"Saw": 1, "Buffer 1": 2}


def test_shares_make_a_hundred() -> None:
    graph = _after("Buffer 1 -> Saw=60%", "Buffer 1 -> Saw 2=30%")
    assert [x.percent for x in graph.links if x.upstream == "Buffer 1"] == [60.0, 30.0, 10.0]
    assert _station(graph, "Buffer 1").routing == m.Percent((60.0, 30.0, 10.0))
    graph = settle(graph, ["Buffer 1 -> Packer=no"]).graph
    assert [x.percent for x in graph.links if x.upstream == "Buffer 1"] == [pytest.approx(66.666667), pytest.approx(33.333333)]
    with pytest.raises(GdtError, match="make 110"):
        settle(LINE, ["Buffer 1 -> Saw=60%", "Buffer 1 -> Saw 2=50%"])


def test_a_station_that_is_an_operator_serves_where_it_was_linked() -> None:
    graph = settle(_after("Saw 2.type=none", "Saw -> Out=yes"), ["Buffer 1.type=operator"]).graph
    assert [r.id for r in graph.resources] == ["Ann", "Bob", "Cart", "Buffer 1"]
    assert _station(graph, "Saw").operators.resources == ("Buffer 1",)
    assert all("Buffer 1" not in (x.upstream, x.downstream) for x in graph.links)
    gone = settle(graph, ["Buffer 1.type=none"]).graph
    assert _station(gone, "Saw").operators is None


def test_only_what_was_seen_can_be_added() -> None:
    graph = settle(LINE, ["Oven.type=processor", "Saw -> Oven=yes", "Oven -> Out=yes"], ["Oven"]).graph
    assert _station(graph, "Oven") and value_of(graph, "Saw -> Oven") == "yes"
    with pytest.raises(GdtError, match="no 'Ofen"):
        settle(LINE, ["Ofen.type=processor"], ["Oven"])


def test_changes_say_before_and_after() -> None:
    told = [f.message for f in settle(LINE, ["Saw.type=queue", "Buffer 1.capacity=12"]).findings]
    assert told == ["Saw.type set to queue (read: processor)", "Buffer 1.capacity set to 12"]


_KEYS = [f"{s.id}.type" for s in (*LINE.stations, *LINE.resources)] + [
    f"{a.id} -> {b.id}" for a in LINE.stations for b in LINE.stations if a is not b
]  # fmt: skip
_VALUES = st.sampled_from(("yes", "no", "30%", "queue", "processor", "combiner", "conveyor", "operator", "sink", "source", "none"))


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.sampled_from(_KEYS), _VALUES), max_size=6))
def test_any_settings_give_a_script_of_the_same_graph_or_an_error(pairs: list[tuple[str, str]]) -> None:
    try:
        graph = settle(LINE, [f"{key}={value}" for key, value in pairs]).graph
    except GdtError as problem:
        assert {f.code for f in problem.diagnostics} <= {"GR501", "GR502"}
        return
    structural = {"GR201", "GR204", "GR206", "GR207", "GR220"}
    assert not structural & {f.code for f in validate(graph)}
    try:
        text = emit(graph)
    except GdtError as problem:
        assert {f.code for f in problem.diagnostics} == {"GR403"}  # an order of ports that no script can make
        return
    again = lower_script(Script(text)).graph
    assert _unordered(again) == _unordered(graph)


def _unordered(graph: m.ProcessGraph) -> m.ProcessGraph:
    return replace(graph, links=tuple(sorted(graph.links, key=lambda x: (x.upstream, x.out_port))))
