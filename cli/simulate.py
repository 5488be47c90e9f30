"""`gdt2usd simulate`: the verdict on a factory, on one screen or as 4-simulation.json."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from . import console

if TYPE_CHECKING:
    from gdt2usd.graph.model import ProcessGraph
    from gdt2usd.simulation.experiment import Experiment
    from gdt2usd.simulation.report import SimulationReport
    from gdt2usd.simulation.statistics import Estimate

STATES = (
    ("setup", "setup"),
    ("processing", "work"),
    ("blocked", "blocked"),
    ("starved", "starved"),
    ("idle", "idle"),
    ("waiting_for_operator", "no op."),
    ("waiting_for_transport", "no trsp."),
    ("down", "down"),
)


@console.reports_errors
def simulate(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A FlexScript or 3-graph.json; - reads standard input.")],
    horizon: Annotated[
        str | None, typer.Option(help="Time to simulate: 90s, 30min, 8h, 2d (default: the script's stop time, or 8h).")
    ] = None,
    warm_up: Annotated[
        str | None, typer.Option(help="Time cut from the start of the horizon, or auto (MSER-5, the default).")
    ] = None,
    replications: Annotated[int, typer.Option(help="Independent runs.")] = 10,
    seed: Annotated[int, typer.Option(help="Seed of all random streams.")] = 1,
    confidence: Annotated[float, typer.Option(help="Confidence of the intervals.")] = 0.95,
    expect: Annotated[
        str | None, typer.Option(metavar="RATE", help="Fail unless the throughput is at least this: 30/h, 0.5/min.")
    ] = None,
    expect_max_wip: Annotated[float | None, typer.Option(metavar="ITEMS", help="Fail if more items are in the system.")] = None,
    expect_flow_time: Annotated[str | None, typer.Option(metavar="TIME", help="Fail if items take longer: 20min.")] = None,
    plots: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write utilisation, WIP and Gantt pictures (PNG, SVG) there.")
    ] = None,
    log: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the event log of the first run (.parquet or .jsonl).")
    ] = None,
    max_wall: Annotated[str, typer.Option(metavar="TIME", help="Stop after this much real time with what there is.")] = "1h",
    max_events: Annotated[int, typer.Option(help="Stop a replication after this many events.")] = 200_000_000,
    as_json: Annotated[bool, typer.Option("--json", help="Print the contents of 4-simulation.json.")] = False,
) -> None:
    """Simulate a factory: throughput, WIP and flow time with intervals, the bottleneck, and what to do about it."""
    from gdt2usd.simulation.clock import Budget
    from gdt2usd.simulation.expectations import parse_expectations
    from gdt2usd.simulation.report import simulate as run
    from gdt2usd.units import parse_duration_s

    from .graphs import read_factory

    try:
        expectations = parse_expectations(expect, expect_max_wip, expect_flow_time)
        budget = Budget(events=max_events, wall_s=parse_duration_s(max_wall))
        if log is not None and log.suffix not in (".parquet", ".jsonl"):
            raise ValueError(f"{log} is neither .parquet nor .jsonl")
        graph = read_factory(file)
        experiment = make_experiment(graph, horizon, warm_up, replications, seed, confidence)
    except ValueError as problem:
        console.usage_error(str(problem))
    with console.progress("simulating", 1000, quiet=as_json) as advance:
        report = run(graph, experiment, expectations=expectations, progress=_steps(advance), budget=budget)
    if as_json:
        console.print_json(report.to_json())
    else:
        print_report(graph, report)
    if plots is not None or log is not None:
        write_extras(graph, experiment, plots, log)
    if not report.met:
        raise typer.Exit(console.EXIT_REJECTED)


def make_experiment(
    graph: ProcessGraph, horizon: str | None, warm_up: str | None, replications: int, seed: int, confidence: float
) -> Experiment:
    """The experiment of the options; horizon and warm-up default to the script's.

    Raises:
        ValueError: a duration is not written as it should be.
    """
    from gdt2usd.simulation.experiment import Experiment
    from gdt2usd.units import parse_duration_s

    horizon_s = parse_duration_s(horizon) if horizon is not None else graph.horizon_s or 8 * 3600.0
    if warm_up is None:
        warm_up_s = graph.warm_up_s if horizon is None else None
    else:
        warm_up_s = None if warm_up == "auto" else parse_duration_s(warm_up)
    return Experiment(horizon_s=horizon_s, warm_up_s=warm_up_s, replications=replications, seed=seed, confidence=confidence)


def _steps(advance: Callable[[int], None]) -> Callable[[float], None]:
    """Progress in thousandths for a bar that advances by whole steps."""
    done = 0

    def progress(fraction: float) -> None:
        nonlocal done
        step = int(1000 * fraction) - done
        if step > 0:
            done += step
            advance(step)

    return progress


def write_extras(graph: ProcessGraph, experiment: Experiment, plots: Path | None, log: Path | None) -> None:
    """Pictures and the event log of the first replication."""
    from gdt2usd.simulation.report import trace
    from gdt2usd.units import format_duration

    events = trace(graph, experiment)
    if events.horizon_s < experiment.horizon_s:
        console.note(f"the event log ends after {format_duration(events.horizon_s)}: it would be too long")
    if log is not None:
        from gdt2usd.simulation.records import write_log

        write_log(events, log)
        console.note(f"wrote {log}")
    if plots is not None:
        from gdt2usd.simulation.plots import write_plots

        for path in write_plots(graph, events, plots):
            console.note(f"wrote {path}")


def print_report(graph: ProcessGraph, report: SimulationReport) -> None:
    """The verdict on one screen."""
    from gdt2usd.units import format_duration

    experiment = report.experiment
    console.print_text(f"throughput  {figure(report.throughput_per_hour)} items/h")
    console.print_text(f"WIP         {figure(report.wip)} items")
    flow = report.flow_time_s
    half = f" +- {format_duration(flow.half_width)}" if flow.half_width == flow.half_width else ""
    console.print_text(f"flow time   {format_duration(flow.mean) if flow.mean == flow.mean else 'no item left'}{half}")
    cut = f"{format_duration(report.warm_up.end_s)} warm-up cut ({report.warm_up.method})"
    runs = f"{report.replications_done} x {format_duration(experiment.horizon_s)}"
    console.print_text(f"            {runs}, {cut}, seed {experiment.seed}, {experiment.confidence:.0%} intervals")
    if report.bottleneck is not None:
        console.print_text(f"bottleneck  {bottleneck_words(report)}")
    console.print_text()
    _stations(report)
    if report.resources:
        console.print_text()
        console.print_table(
            ("resource", "busy", "calls", "metres"),
            ((r.id, f"{r.utilisation:.1%}", f"{r.served:.4g}", f"{r.travelled_m:.4g}") for r in report.resources),
        )
    console.print_text()
    sys.stdout.flush()
    console.print_diagnostics(report.findings)


def figure(estimate: Estimate) -> str:
    """Mean and half-width of an interval."""
    if estimate.mean != estimate.mean:
        return "-"
    half = f" +- {estimate.half_width:.2g}" if estimate.half_width == estimate.half_width else " (one replication: no interval)"
    return f"{estimate.mean:.4g}{half}"


def bottleneck_words(report: SimulationReport) -> str:
    """What limits the throughput, and how sure that is."""
    assert report.bottleneck is not None
    chosen = report.bottleneck.chosen
    gain, machine = chosen.gain_percent, report.bottleneck.machine
    if chosen.kind == "source":
        busiest = f"; the busiest machine is {machine.id} at {machine.active:.0%}" if machine else ""
        sure = "" if report.bottleneck.confirmed else " (not confirmed by a rerun)"
        return f"arrivals are the limit: {chosen.id}{sure}{busiest}"
    if gain is None:
        return f"{chosen.id} (active {chosen.active:.0%} of the time; not confirmed by a rerun)"
    half = f" +- {gain.half_width:.1f}" if gain.half_width == gain.half_width else ""
    sure = "" if report.bottleneck.confirmed else ", no more than chance"
    return f"{chosen.id} (active {chosen.active:.0%} of the time; 10 % faster gives {gain.mean:+.1f}{half} % throughput{sure})"


def _stations(report: SimulationReport) -> None:
    used = [(key, title) for key, title in STATES if any(s.states[key] > 0.0005 for s in report.stations)]
    rows = [
        (
            s.id,
            s.kind,
            *(f"{s.states[key]:.0%}" if s.states[key] >= 0.0005 else "" for key, _ in used),
            f"{s.left:.5g}",
            f"{s.mean_content:.3g}" if s.mean_content == s.mean_content else "-",
            str(s.max_content),
        )
        for s in report.stations
    ]
    header = ("station", "kind", *(title for _, title in used), "out", "content", "max")
    console.print_table(header, rows, "<<" + ">" * (len(header) - 2))


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(simulate)
