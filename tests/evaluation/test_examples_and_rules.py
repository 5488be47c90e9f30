"""The loader of example lines, the rule-based baseline, tables, and the command."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from gdt2usd.diagnostics import GdtError
from gdt2usd.evaluation import examples, pmr
from gdt2usd.evaluation.rules import read_by_rules, script_by_rules
from gdt2usd.evaluation.rules_parameters import parameters_in
from gdt2usd.evaluation.suite import Case, score
from gdt2usd.evaluation.tables import Table, breakdown, compare, csv_text, latex, markdown
from gdt2usd.graph import distributions as d
from gdt2usd.graph import model as m

LINE: dict[str, Any] = {
    "id": "stamps", "industry": "metal", "form": "linear",
    "objects": [
        {"name": "Coil", "type": "source", "params": {"interarrival_time": {"dist": "exponential", "mean": 30}}},
        {"name": "Stamp Press", "type": "processor", "params": {
            "process_time": {"dist": "lognormal", "mean": 20, "sd": 5}, "mtbf": {"dist": "exponential", "mean": 3600},
            "mttr": {"dist": "uniform", "min": 60, "max": 120}}},
        {"name": "Crate", "type": "sink", "params": {}},
        {"name": "Setter", "type": "operator", "params": {"count": 2}},
        {"name": "Boss", "type": "dispatcher", "params": {}},
        {"name": "Cart", "type": "agv", "params": {"count": 1}},
    ],
    "connections": [
        {"from": "Coil", "to": "Stamp Press", "percent": None}, {"from": "Stamp Press", "to": "Crate", "percent": None},
    ],
    "centre_connections": [["Boss", "Stamp Press"], ["Setter", "Boss"], ["Cart", "Coil"]],
    "prompts": {"prose": "Coil sends strip every exponential 30 s to the Stamp Press; then Crate."},
    "images": [],
}  # fmt: skip


def test_an_example_becomes_a_graph() -> None:
    graph = examples.graph_of(LINE)
    press = next(s for s in graph.stations if s.id == "Stamp Press")
    assert isinstance(press, m.Processor)
    assert isinstance(press.process_time_s, d.Lognormal)
    assert press.operators == m.OperatorNeed(resources=("Boss",))
    assert press.breakdown == m.Breakdown(time_to_failure_s=d.Exponential(3600.0), time_to_repair_s=d.Uniform(60.0, 120.0))
    assert [r.id for r in graph.resources] == ["Setter 1", "Setter 2", "Boss", "Cart"]
    boss = next(r for r in graph.resources if isinstance(r, m.Dispatcher))
    assert boss.team == ("Setter 1", "Setter 2")
    assert next(k for k in graph.links if k.upstream == "Coil").transport == "Cart"
    assert pmr.parameters_of(graph)["Stamp Press", "time_to_failure_s"] == d.Exponential(3600.0)


def test_lognormal_by_its_own_mean() -> None:
    from gdt2usd.graph.moments import mean

    assert mean(examples.distribution({"dist": "lognormal", "mean": 80, "sd": 25}, "x")) == pytest.approx(80.0)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"objects": [{"name": "A", "type": "teleporter"}]}, "EV104"),
        ({"objects": [{"name": "A", "type": "source", "params": {"colour": 3}}]}, "EV104"),
        ({"objects": [{"name": "A", "type": "source", "params": {"interarrival_time": {"dist": "zipf"}}}]}, "EV104"),
        ({"objects": [{"name": "A"}]}, "EV103"),
        ({"connections": [{"from": "Coil"}]}, "EV103"),
    ],
)
def test_an_unknown_thing_is_an_error(change: dict[str, Any], code: str) -> None:
    with pytest.raises(GdtError) as caught:
        examples.graph_of({**LINE, **change})
    assert caught.value.diagnostics[0].code == code


PROSE = (
    "Parts leave Raw Store with exponential inter-arrival times, mean 45 s. They wait in Saw Buffer (capacity 12), then Band Saw "
    "takes normal 30 s with standard deviation 3 s, setup 2 min, and Deburr Cell triangular 10/15/25 s, MTBF exp 4 h, "
    "MTTR uniform 5-10 min. Finished parts leave at Ship Dock."
)


def test_rules_read_a_plain_line() -> None:
    graph = m.ProcessGraph(
        stations=(
            m.Source(id="Raw Store", interarrival_time_s=d.Exponential(45.0)),
            m.Queue(id="Saw Buffer", capacity=12),
            m.Processor(id="Band Saw", process_time_s=d.Normal(30.0, 3.0), setup_time_s=d.Constant(120.0)),
            m.Processor(
                id="Deburr Cell",
                process_time_s=d.Triangular(10.0, 15.0, 25.0),
                breakdown=m.Breakdown(time_to_failure_s=d.Exponential(14400.0), time_to_repair_s=d.Uniform(300.0, 600.0)),
            ),
            m.Sink(id="Ship Dock"),
        ),
        links=tuple(
            m.Link(upstream=a, downstream=b)
            for a, b in (
                ("Raw Store", "Saw Buffer"), ("Saw Buffer", "Band Saw"), ("Band Saw", "Deburr Cell"), ("Deburr Cell", "Ship Dock"),
            )
        ),
    )  # fmt: skip
    result = score(Case("c", graph, lambda: None, PROSE), script_by_rules(None, PROSE))
    assert result.problems == ()
    assert result.scores["exact graph"] == 1.0


@pytest.mark.parametrize(
    ("text", "family", "arguments"),
    [
        (" 155±12 s", "normal", ((155.0, "s"), (12.0, "s"))),
        (" 2 min ± 15 s", "normal", ((2.0, "min"), (15.0, "s"))),
        (" tri 1/2/5 min", "triangular", ((1.0, "min"), (2.0, "min"), (5.0, "min"))),
        (" U(8,12) s", "uniform", ((8.0, "s"), (12.0, "s"))),
        (" lognormal mean 80 sd 25", "lognormal_meanstd", ((80.0, "s"), (25.0, "s"))),
        (" gamma(5, 80 s)", "gamma", ((5.0, None), (80.0, "s"))),
        (" exp 2.5 min", "exponential", ((2.5, "min"),)),
        (" 7 min", "constant", ((7.0, "min"),)),
    ],
)
def test_times_by_rules(text: str, family: str, arguments: tuple[tuple[float, str | None], ...]) -> None:
    time = parameters_in(text).time
    assert time is not None
    assert (time.family, time.arguments) == (family, arguments)


def test_rules_refuse_what_names_nothing() -> None:
    with pytest.raises(GdtError) as caught:
        read_by_rules(None, "please simulate something nice")
    assert caught.value.diagnostics[0].code == "VL201"


def test_tables_hold_the_paper_and_escape() -> None:
    good = score(Case("c", examples.graph_of(LINE), lambda: None, "", {"style": "a|b"}), "")
    table = compare("All 50%", {"rules": [good]})
    assert "0.9990" in markdown(table) and "0.8820" in markdown(table)
    assert r"All 50\%" in latex(table)
    assert r"a\|b" in markdown(breakdown("by style", [good], "style"))
    rows = csv_text([Table("t", ("x", "y"), (("1", "2,3"),))]).splitlines()
    assert rows == ["table,x,y", 't,1,"2,3"']


def test_the_command(tmp_path: Path) -> None:
    import cv2
    import numpy as np
    from gdt2usd.cli.main import app

    picture = np.full((240, 700, 3), 255, np.uint8)
    for i, name in enumerate(("Coil", "Stamp Press", "Crate")):
        cv2.rectangle(picture, (20 + 230 * i, 80), (200 + 230 * i, 160), (0, 0, 0), 2)
        cv2.putText(picture, name, (34 + 230 * i, 128), cv2.FONT_HERSHEY_SIMPLEX, 0.8, (0, 0, 0), 2)
    cv2.imwrite(str(tmp_path / "drawn.png"), picture)
    cv2.imwrite(str(tmp_path / "blank.png"), np.full((200, 300, 3), 255, np.uint8))
    line = {**LINE, "images": [{"file": "drawn.png", "style": "tablet"}, {"file": "blank.png", "style": "blank"}]}
    (tmp_path / "examples.json").write_text(json.dumps({"lines": [line]}))
    out = tmp_path / "out"
    run = CliRunner().invoke(app, ["evaluate", "--examples", str(tmp_path), "--model", "none", "--out", str(out), "--json"])
    assert run.exit_code == 0, run.output
    found = json.loads(run.stdout)
    assert found["readers"]["rules"]["cases"] == 2
    assert 0.1 < found["readers"]["rules"]["SVR"] < 0.5  # the blank page is refused and counts as nothing
    assert {p.name for p in out.iterdir()} == {"figures.md", "figures.tex", "figures.csv", "answers.jsonl"}


def test_evaluate_reads_a_split_of_a_set_on_disk(tmp_path: Path) -> None:
    from gdt2usd.cli.main import app

    from gdt2usd.dataset.build import Order, build
    from gdt2usd.dataset.dataset import open_dataset

    folder = tmp_path / "set"
    build(Order(40, seed=5), folder)
    wanted = open_dataset(folder).manifest["splits"]["test"]
    assert wanted > 0
    command = ["evaluate", "--data", str(folder), "--model", "none", "--labels-as-recorded", "--json"]
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["readers"]["rules"]["cases"] == wanted
    done = CliRunner().invoke(app, [*command, "--split", "train", "--count", "2"])
    assert json.loads(done.stdout)["readers"]["rules"]["cases"] == 2
    done = CliRunner().invoke(app, ["evaluate", "--data", str(tmp_path), "--model", "none"])
    assert done.exit_code == 1
    assert "DS111" in done.output


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--examples", "x", "--count", "3"],
        ["--count", "1", "--without", "eyes"],
        ["--examples", "x", "--data", "y"],
        ["--data", "y", "--split", "rest"],
        ["--data", "y", "--held-out"],
    ],
)
def test_wrong_usage(arguments: list[str]) -> None:
    from gdt2usd.cli.main import app

    assert CliRunner().invoke(app, ["evaluate", *arguments]).exit_code == 2
