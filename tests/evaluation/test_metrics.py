"""Every figure is 1 for the truth and falls by the right amount for a planted error."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gdt2usd.diagnostics import GdtError
from gdt2usd.evaluation import bleu, esr, pmr, svr
from gdt2usd.evaluation.executed import execute, truth_of
from gdt2usd.evaluation.suite import Case, Result, evaluate, figures, score
from gdt2usd.graph.distributions import Normal
from gdt2usd.graph.emit import emit
from gdt2usd.graph.model import FirstAvailable, Link, ProcessGraph, Processor, Queue, Sink
from gdt2usd.sketch.sketch import Sketch
from tests.evaluation.lines import line


def _scored(made: ProcessGraph | str) -> Result:
    text = made if isinstance(made, str) else emit(made)
    return score(Case("case", line(), lambda: None, ""), text)


def test_the_truth_has_every_figure() -> None:
    scores = _scored(line()).scores
    assert {k: v for k, v in scores.items() if k not in ("seconds", "throughput error")} == dict.fromkeys(
        ("SVR", "PMR", "ESR", "CS", "OS", "link precision", "within type", "exact graph"), 1.0
    )
    assert scores["throughput error"] == 0.0


def test_a_missing_link_lowers_the_connection_score() -> None:
    graph = line()
    stations = tuple(replace(s, routing=FirstAvailable()) if s.id == "Mill" else s for s in graph.stations)
    links = tuple(replace(k, percent=None) for k in graph.links if k.downstream != "Scrap")
    got = _scored(replace(graph, stations=stations, links=links)).scores
    assert got["CS"] == pytest.approx(5 / 6)  # four links and two centre connections in all
    assert got["SVR"] == pytest.approx(0.6 * 5 / 6 + 0.4)
    assert got["link precision"] == 1.0
    assert got["PMR"] < 1.0  # the percentages went with it
    assert got["exact graph"] == 0.0


def test_a_link_too_many_is_seen_in_precision_only() -> None:
    text = emit(line()).replace('return "ok";', 'contextdragconnection(q1, snk2, "A");\nreturn "ok";')
    got = _scored(text).scores
    assert got["CS"] == 1.0
    assert got["link precision"] == pytest.approx(6 / 7)
    assert got["exact graph"] == 0.0


def test_a_turned_link_does_not_count() -> None:
    text = emit(line()).replace('contextdragconnection(src1, q1, "A");', 'contextdragconnection(q1, src1, "A");')
    assert _scored(text).scores["CS"] == pytest.approx(5 / 6)


def test_centre_connections_have_no_direction() -> None:
    a, b = 'Object a = Object.create("Processor"); Object b = Object.create("Operator");', 'contextdragconnection({}, {}, "S");'
    one, two = (execute(a + b.format(*ends)).tree for ends in (("a", "b"), ("b", "a")))
    assert one is not None and two is not None
    assert svr.structure(one, two).connections == 1.0


def test_names_are_compared_with_their_capitals() -> None:
    got = _scored(emit(line()).replace('"Buffer"', '"buffer"')).scores
    assert got["OS"] == pytest.approx(6 / 7)
    assert got["CS"] == pytest.approx(3 / 6)  # two links and the carrier's connection hang on that name


def test_a_wrong_type_lowers_objects_and_parameters() -> None:
    graph = line()
    stations = tuple(Sink(id="Buffer") if isinstance(s, Queue) else s for s in graph.stations)
    made = replace(graph, stations=stations, links=tuple(k for k in graph.links if k.upstream != "Buffer"))
    structure = svr.structure(*(t for t in (truth_of(graph).tree, execute(emit(made)).tree) if t is not None))
    assert structure.objects == pytest.approx(6 / 7)
    found = pmr.match(graph, made)
    assert ("Buffer", "capacity") in found.wrong
    assert found.typed_total == found.total - 1


@pytest.mark.parametrize(("std", "right"), [(4.0, True), (4.0 + 1e-9, True), (4.001, False), (5.0, False)])
def test_one_wrong_figure_is_one_wrong_parameter(std: float, right: bool) -> None:
    graph = line()
    stations = tuple(replace(s, process_time_s=Normal(40.0, std)) if isinstance(s, Processor) else s for s in graph.stations)
    found = pmr.match(graph, replace(graph, stations=stations))
    assert found.total == 6
    assert found.matched == (6 if right else 5)
    assert found.wrong == (() if right else (("Mill", "process_time_s"),))


def test_swapped_percentages_are_wrong() -> None:
    graph = line()
    links = (*graph.links[:2], replace(graph.links[2], percent=10.0), replace(graph.links[3], percent=90.0))
    assert pmr.match(graph, replace(graph, links=links)).wrong == (("Mill", "percent"),)


@pytest.mark.parametrize(
    "text", ["", "this is no script", 'Object a = Object.create("Source"', 'Object a = Object.create("Teleporter");']
)
def test_what_does_not_run_scores_nothing(text: str) -> None:
    got = _scored(text).scores
    assert got["ESR"] == 0.0
    assert got["PMR"] == 0.0
    assert got["SVR"] <= 0.4
    assert got["throughput error"] == 1.0


def test_a_script_that_runs_but_is_no_factory_does_not_succeed() -> None:
    assert _scored('Object a = Object.create("Queue"); a.name = "Buffer";').scores["ESR"] == 0.0


def test_a_slower_machine_shows_in_the_throughput() -> None:
    text = emit(line()).replace("normal(40, 4", "normal(120, 4")
    got = _scored(text).scores
    assert 0.3 < got["throughput error"] < 0.7
    assert got["SVR"] == 1.0


def test_a_loop_counts_as_what_it_makes() -> None:
    loop = 'Object last = Object.create("Source"); last.name = "S";\nfor (int i = 1; i <= 3; i++) {\n' + (
        'Object q = Object.create("Queue"); q.name = "Q" + string.fromNum(i);\ncontextdragconnection(last, q, "A");\nlast = q;\n}'
    )
    tree = execute(loop).tree
    assert tree is not None
    assert len(svr.connections_of(tree)) == 3


def test_bleu_sees_content_not_order() -> None:
    graph = line()
    turned = replace(graph, stations=graph.stations[::-1], resources=graph.resources[::-1])
    one, two = (bleu.canonical_text(truth_of(g)) for g in (graph, turned))
    assert bleu.bleu4([two], [one]) == 1.0
    other = bleu.canonical_text(execute(emit(graph).replace("Buffer", "Rework Lane 7")))
    assert 0.3 < bleu.bleu4([other], [one]) < 0.995
    assert bleu.bleu4([""], [one]) == 0.0


def test_a_refusal_is_an_answer_without_points() -> None:
    def refuses(sketch: Sketch | None, prompt: str) -> str:
        from gdt2usd.diagnostics import error

        raise GdtError([error("VL201", "no station is named")])

    ((name, result),) = evaluate([Case("c", line(), lambda: None, "x")], {"none": refuses})
    assert (name, result.scores["SVR"]) == ("none", 0.0)
    assert result.problems[0].startswith("VL201")


def test_figures_are_means() -> None:
    good, bad = _scored(line()), _scored("")
    found = figures([good, bad])
    assert found["SVR"] == pytest.approx(0.5)
    assert found["ESR"] == pytest.approx(0.5)
    assert figures([]) == {}


def test_a_truth_that_does_not_run_is_an_error() -> None:
    graph = line()
    with pytest.raises(GdtError):
        truth_of(replace(graph, links=(*graph.links, Link(upstream="Good", downstream="Nowhere"))))


def test_simulation_of_nothing_fails() -> None:
    assert not esr.simulated(None, 600.0).succeeded
    assert esr.horizon_of(line()) == pytest.approx(esr.ARRIVALS * 60.0)
