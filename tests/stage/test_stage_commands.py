"""The commands stage, validate and export, as a user runs them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from gdt2usd.cli.main import app
from typer.testing import CliRunner, Result

from gdt2usd.graph.serial import write_graph
from gdt2usd.simulation.experiment import Experiment
from gdt2usd.simulation.records import write_log
from gdt2usd.simulation.report import trace
from gdt2usd.stage.author_read import read_stage
from tests.stage import factories


def _run(*words: str | Path) -> Result:
    return CliRunner().invoke(app, [str(w) for w in words])


@pytest.fixture
def graph_file(tmp_path: Path) -> Path:
    path = tmp_path / "3-graph.json"
    write_graph(factories.linear(), path)
    return path


def test_stage_validate_export(graph_file: Path, tmp_path: Path) -> None:
    out = tmp_path / "stage"
    done = _run("stage", graph_file, "--out", out, "--window", "0:10min", "--speedup", "40", "--json")
    assert done.exit_code == 0, done.output
    made = json.loads(done.stdout)
    assert made["form"] == "linear"
    assert made["prims"]["CNC Mill 1"] == "/World/Stations/CNC_Mill_1"
    assert read_stage(out).graph == factories.linear()
    assert _run("validate", out, "--no-nvidia").exit_code == 0
    assert _run("export", out, "--usdz", tmp_path / "a.usdz", "--glb", tmp_path / "a.glb").exit_code == 0
    checked = _run("validate", tmp_path / "a.usdz", "--no-nvidia", "--json")
    assert checked.exit_code == 0
    assert json.loads(checked.stdout) == {"path": str(tmp_path / "a.usdz"), "validators": ["openusd"], "diagnostics": []}


def test_stage_plays_a_given_log(graph_file: Path, tmp_path: Path) -> None:
    log = tmp_path / "events.jsonl"
    write_log(trace(factories.linear(), Experiment(horizon_s=120.0, warm_up_s=0.0, replications=1, seed=5)), log)
    assert _run("stage", graph_file, "--log", log, "--out", tmp_path / "stage").exit_code == 0
    assert (tmp_path / "stage" / "layers" / "animation.usdc").is_file()
    assert _run("stage", graph_file, "--static", "--out", tmp_path / "still").exit_code == 0
    assert not (tmp_path / "still" / "layers" / "animation.usdc").exists()


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--window", "soon"], 2),
        (["--window", "30min:10min"], 2),
        (["--speedup", "-1"], 1),
        (["--report", "3-graph.json"], 1),
        (["--log", "3-graph.json"], 1),
    ],
)
def test_wrong_options_are_said(
    words: list[str], code: int, graph_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = _run("stage", graph_file, "--out", "stage", *words)
    assert done.exit_code == code, done.output
    assert not (tmp_path / "stage").exists()


def test_export_needs_a_goal_and_validate_a_stage(tmp_path: Path) -> None:
    assert _run("export", tmp_path).exit_code == 2
    assert _run("export", tmp_path, "--glb", tmp_path / "a.glb").exit_code == 1
    assert _run("validate", tmp_path).exit_code == 1
