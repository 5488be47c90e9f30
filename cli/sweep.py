"""`gdt2usd sweep`: what-if tables with common random numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from . import console


@console.reports_errors
def sweep(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A FlexScript or 3-graph.json; - reads standard input.")],
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME.FIELD=V,V,...", help="Values to try; several make a grid.")
    ] = None,
    table: Annotated[
        Path | None, typer.Option(metavar="CSV", help="Scenarios from a file: settings in the header, one per row.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the table (.csv or .parquet) and a manifest beside it.")
    ] = None,
    horizon: Annotated[str | None, typer.Option(help="Time to simulate (default: the script's stop time, or 8h).")] = None,
    warm_up: Annotated[str, typer.Option(help="Time cut from the start, or auto (MSER-5 per scenario).")] = "0",
    replications: Annotated[int, typer.Option(help="Independent runs per scenario.")] = 10,
    seed: Annotated[int, typer.Option(help="Seed; all scenarios share the random numbers.")] = 1,
    confidence: Annotated[float, typer.Option(help="Confidence of the intervals.")] = 0.95,
    jobs: Annotated[int, typer.Option(help="Processes; -1 for one per core.")] = -1,
    cluster: Annotated[str | None, typer.Option(metavar="ADDRESS", help="Run on a Ray cluster; local starts one here.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the rows as JSON.")] = False,
) -> None:
    """Simulate many variants of a factory and compare them."""
    from gdt2usd.graph.serial import dumps
    from gdt2usd.simulation.settings import grid, parse_axis, read_scenarios
    from gdt2usd.simulation.sweep import sweep as run
    from gdt2usd.simulation.sweep import write_manifest, write_table

    from .graphs import read_factory
    from .simulate import make_experiment

    if bool(settings) == bool(table):
        console.usage_error("give the scenarios either by --set (one or more) or by --table")
    try:
        scenarios = read_scenarios(table) if table is not None else grid([parse_axis(s) for s in settings or ()])
        if out is not None and out.suffix not in (".csv", ".parquet"):
            raise ValueError(f"{out} is neither .csv nor .parquet")
        graph = read_factory(file)
        experiment = make_experiment(graph, horizon, warm_up, replications, seed, confidence)
    except ValueError as problem:
        console.usage_error(str(problem))
    with console.progress("simulating", len(scenarios), quiet=as_json) as advance:
        results = run(graph, scenarios, experiment, jobs=jobs, cluster=cluster, progress=advance)
    if out is not None:
        write_table(results, out)
        write_manifest(out.with_suffix(".manifest.json"), dumps(graph), experiment, results)
        console.note(f"wrote {out} and {out.with_suffix('.manifest.json')}")
    if as_json:
        console.print_json({"results": [r.row() for r in results]})
        return
    names = [path for path, _ in scenarios[0]]
    rows = [
        (
            *(dict(r.scenario)[name] for name in names),
            _figure(r.throughput_per_hour, r.throughput_half_width),
            _figure(r.wip, r.wip_half_width),
            _figure(r.flow_time_s, r.flow_time_half_width),
            r.method,
        )
        for r in results
    ]
    console.print_table((*names, "items/h", "WIP", "flow time s", "method"), rows, ">" * (len(names) + 3) + "<")


def _figure(mean: float | None, half_width: float | None) -> str:
    if mean is None:
        return "-"
    return f"{mean:.4g}" if half_width is None else f"{mean:.4g} +- {half_width:.2g}"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(sweep)
