"""Doubts keep their numbers, are settled by answers and settings, and what is settled is no longer doubtful."""

from __future__ import annotations

import json

import pytest

from gdt2usd.diagnostics import Box, GdtError
from gdt2usd.doubting import dead_ends, untimed
from gdt2usd.doubts import Doubt, from_json, numbered, settings_of, settled
from gdt2usd.graph import model as m
from gdt2usd.graph.settle import settle

LINE = m.ProcessGraph(
    stations=(m.Source(id="Infeed"), m.Processor(id="Saw"), m.Queue(id="Rack"), m.Sink(id="Out")),
    links=(m.Link(upstream="Infeed", downstream="Saw"), m.Link(upstream="Saw", downstream="Out")),
)
KIND = Doubt("VL302", "Rack.type", "queue", "What is 'Rack'?", 0.4, ("storage",), Box(1, 2, 3, 4))
WAY = Doubt("VL302", "Saw -> Out", "yes", "Does it lead there?", 0.3)
LEFT = Doubt("VL305", "", "20, 25 and 34 s", "Whose value is it?", None, ("Saw.process_time_s",))
TITLE = Doubt("VL303", "Line 2.type", "none", "'Line 2' stands in the sketch but not in the model. What is it?")


def _doubts() -> tuple[Doubt, ...]:
    return numbered([LEFT, KIND, WAY, TITLE, *dead_ends(LINE), *untimed(LINE, {"Infeed"})])


def _after(*answers: str, more: tuple[str, ...] = ()) -> tuple[m.ProcessGraph, dict[str, str]]:
    doubts = _doubts()
    told, outcomes = settings_of(doubts, answers)
    done = settle(LINE, [*told, *more], ["Line 2"])
    after = settled(doubts, LINE, done.graph, [c.key for c in done.changes], [*told, *more], outcomes)
    return done.graph, {d.key or d.value: d.outcome for d in after}


def test_what_breaks_the_line_comes_first_and_leftovers_last() -> None:
    rows = [(d.number, d.key) for d in _doubts()]
    assert [n for n, _ in rows] == list(range(1, 8))
    assert [k for _, k in rows] == ["? -> Rack", "Rack -> ?", "Line 2.type", "Saw -> Out", "Rack.type", "Saw.process_time_s", ""]


def test_two_doubts_about_one_key_are_one() -> None:
    other = Doubt("VL304", "Saw -> Out", "yes", "No line was found in the sketch.")
    found = numbered([WAY, other])
    assert len(found) == 1 and found[0].confidence == 0.3
    assert found[0].question == "Does it lead there? No line was found in the sketch."


def test_answers_are_settings_and_settle() -> None:
    graph, outcomes = _after("5=storage", "4=ok", "6=triangular(20, 25, 34) s", "1=Saw", "2=Out")
    assert outcomes == {
        "? -> Rack": "Saw", "Rack -> ?": "Out", "Line 2.type": "", "Saw -> Out": "kept as read", "Rack.type": "storage",
        "Saw.process_time_s": "triangular(20, 25, 34) s", "20, 25 and 34 s": "used in a setting",
    }  # fmt: skip
    assert {(x.upstream, x.downstream) for x in graph.links} >= {("Saw", "Rack"), ("Rack", "Out")}


def test_a_number_gets_an_owner_or_none() -> None:
    assert _after("7=Saw.process_time_s=tri(20, 25, 34) s")[1]["20, 25 and 34 s"]
    assert _after("7=no")[1]["20, 25 and 34 s"] == "kept as read"
    with pytest.raises(GdtError, match="which distribution"):
        _after("7=Saw.process_time_s")


def test_an_object_that_goes_takes_its_doubts_along() -> None:
    _, outcomes = _after("5=none")
    assert outcomes["? -> Rack"] == "connected" and outcomes["Rack -> ?"] == "connected"  # nothing left to connect
    _, outcomes = _after(more=("Saw.type=none",))
    assert outcomes["Saw.process_time_s"] == "no longer there" and outcomes["Saw -> Out"] == "no longer there"


def test_a_setting_of_a_part_settles_the_whole() -> None:
    _, outcomes = _after(more=("Saw.process_time_s=40 s", "Saw -> Out=100%"))
    assert outcomes["Saw.process_time_s"] == "set" and outcomes["Saw -> Out"] == "set"
    _, outcomes = _after(more=("Line 2.type=none",))
    assert outcomes["Line 2.type"] == "set"


def test_all_ok_keeps_every_reading() -> None:
    graph, outcomes = _after("all=ok", "5=storage")
    assert all(outcomes.values()) and outcomes["Rack.type"] == "storage"
    assert len(graph.stations) == len(LINE.stations)


@pytest.mark.parametrize("answer", ["9=queue", "0=queue", "x=queue", "5", "5=", "all=queue", "-1=ok", "1e3=ok", "\u00b2=ok"])
def test_an_answer_that_is_none_is_an_error(answer: str) -> None:
    with pytest.raises(GdtError) as caught:
        settings_of(_doubts(), [answer])
    assert [d.code for d in caught.value.diagnostics] == ["IO301"]


def test_doubts_survive_run_json() -> None:
    for doubt in _doubts():
        assert from_json(json.loads(json.dumps(doubt.to_json()))) == doubt
    with pytest.raises(KeyError):
        from_json({"number": 1})


def test_findings_say_how_to_settle() -> None:
    told = {d.number: d.finding.hint for d in _doubts()}
    assert "--answer 5=VALUE" in told[5] and "--set 'Rack.type=VALUE'" in told[5]
    assert "--answer '7=Name.parameter'" in told[7]
