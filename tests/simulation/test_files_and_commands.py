"""Event logs, sweeps, plots and the commands."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from gdt2usd.cli.main import app
from typer.testing import CliRunner

from gdt2usd.diagnostics import GdtError
from gdt2usd.graph.distributions import Exponential
from gdt2usd.graph.model import Queue, Source
from gdt2usd.graph.serial import write_graph
from gdt2usd.simulation.experiment import Experiment
from gdt2usd.simulation.plots import spells, wip, write_plots
from gdt2usd.simulation.records import read_log, write_log
from gdt2usd.simulation.report import trace
from gdt2usd.simulation.settings import changed, grid, parse_axis, read_scenarios
from gdt2usd.simulation.sweep import sweep, write_manifest, write_table
from tests.simulation.factories import SINK, chain, machine

FIXED = Experiment(horizon_s=1000.0, warm_up_s=0.0, replications=3)
GRAPH = chain(
    Source(id="Source", interarrival_time_s=Exponential(2.0)),
    Queue(id="Queue 1", capacity=5),
    machine("CNC Mill", Exponential(1.5)),
    SINK,
)
BRANCHED = chain(*GRAPH.stations[:3], machine("Wash", Exponential(1.0), capacity=2), SINK)


@pytest.mark.parametrize("suffix", [".parquet", ".jsonl"])
def test_event_log_survives_its_file(tmp_path: Path, suffix: str) -> None:
    log = trace(GRAPH, FIXED, until_s=100.0)
    path = tmp_path / f"log{suffix}"
    write_log(log, path)
    assert read_log(path) == log
    path.write_bytes(b"nonsense")
    with pytest.raises(GdtError, match="SM109"):
        read_log(path)


def test_spells_fill_the_time_and_wip_returns_to_what_is_there() -> None:
    log = trace(GRAPH, FIXED)
    for row in spells(log).values():
        assert sum(end - start for start, end, _ in row) == pytest.approx(log.horizon_s)
    _, counts = wip(log)
    assert min(counts) == 0
    assert max(counts) <= 8


def test_plots_are_written(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    written = write_plots(GRAPH, trace(GRAPH, FIXED), tmp_path)
    assert {p.name for p in written} == {f"{n}.{s}" for n in ("utilisation", "wip", "gantt") for s in ("png", "svg")}
    assert all(p.stat().st_size > 5000 for p in written)


def test_settings_reach_fields_and_say_what_is_wrong() -> None:
    axes = [parse_axis("CNC Mill.process_time_s.mean=1,2"), parse_axis("Queue 1.capacity=3,4,5")]
    scenarios = grid(axes)
    assert len(scenarios) == 6
    other = changed(GRAPH, scenarios[-1])
    assert other.stations[1].capacity == 5  # type: ignore[union-attr]
    assert other.stations[2].process_time_s == Exponential(2.0)  # type: ignore[union-attr]
    with pytest.raises(GdtError) as caught:
        changed(GRAPH, (("CNC Mil.capacity", "2"), ("Queue 1.capactiy", "2"), ("Queue 1.capacity", "two")))
    text = str(caught.value)
    assert "did you mean CNC Mill" in text
    assert "did you mean capacity" in text
    assert "'two' is no number" in text
    with pytest.raises(ValueError, match="no setting"):
        parse_axis("capacity")


def test_sweep_gives_the_same_by_recursion_and_by_the_engine(tmp_path: Path) -> None:
    scenarios = grid([parse_axis("CNC Mill.process_time_s.mean=1,1.5,2.5")])
    fast = sweep(GRAPH, scenarios, FIXED, jobs=1)
    assert {r.method for r in fast} == {"max-plus"}
    slow = sweep(BRANCHED, scenarios, FIXED, jobs=1)
    assert {r.method for r in slow} == {"engine"}
    rates = [r.throughput_per_hour or 0.0 for r in slow]
    assert rates == sorted(rates, reverse=True)
    table, manifest = tmp_path / "t.csv", tmp_path / "t.manifest.json"
    write_table(fast, table)
    write_manifest(manifest, "input", FIXED, fast)
    assert len(table.read_text().splitlines()) == 4
    assert json.loads(manifest.read_text())["methods"] == {"max-plus": 3}
    rows = tmp_path / "s.csv"
    rows.write_text("CNC Mill.process_time_s.mean,Queue 1.capacity\n1,2\n2,3\n")
    assert read_scenarios(rows)[1] == (("CNC Mill.process_time_s.mean", "2"), ("Queue 1.capacity", "3"))


def test_simulate_command(tmp_path: Path) -> None:
    path = tmp_path / "3-graph.json"
    write_graph(GRAPH, path)
    options = [str(path), "--horizon", "30min", "--replications", "3", "--warm-up", "1min"]
    found = CliRunner().invoke(app, ["simulate", *options, "--json"])
    assert found.exit_code == 0, found.output
    assert json.loads(found.stdout)["throughput_per_hour"]["replications"] == 3
    screen = CliRunner().invoke(app, ["simulate", *options, "--expect", "9000/h"])
    assert screen.exit_code == 1
    assert "throughput" in screen.output
    assert "CNC Mill" in screen.output
    assert CliRunner().invoke(app, ["simulate", *options, "--expect", "many"]).exit_code == 2
    assert CliRunner().invoke(app, ["simulate", str(tmp_path / "nothing.fs")]).exit_code == 2


def test_sweep_command(tmp_path: Path) -> None:
    path, out = tmp_path / "3-graph.json", tmp_path / "t.parquet"
    write_graph(GRAPH, path)
    options = ["--set", "Queue 1.capacity=1,5", "--horizon", "10min", "--replications", "2"]
    found = CliRunner().invoke(app, ["sweep", str(path), *options, "--out", str(out), "--json"])
    assert found.exit_code == 0, found.output
    assert out.exists()
    assert out.with_suffix(".manifest.json").exists()
    assert CliRunner().invoke(app, ["sweep", str(path)]).exit_code == 2


@pytest.mark.benchmark
@pytest.mark.parametrize("stations", [3, 20])
def test_speed_against_plain_simpy(stations: int) -> None:
    from gdt2usd.simulation.bench import engine_against_plain_simpy, recursion_against_plain_simpy

    engine = engine_against_plain_simpy(stations, 60_000 // stations)
    recursion = recursion_against_plain_simpy(stations, 30_000 // stations)
    assert engine.met, engine
    assert recursion.met, recursion


@pytest.mark.benchmark
def test_cost_per_event_is_flat() -> None:
    from gdt2usd.simulation.bench import flatness

    found = flatness()
    assert found.met, found
