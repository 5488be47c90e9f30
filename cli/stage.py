"""`gdt2usd stage`: the OpenUSD stage of a script or a process graph, playing a simulated run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from . import console

if TYPE_CHECKING:
    from gdt2usd.graph.model import ProcessGraph
    from gdt2usd.simulation.records import EventLog


@console.reports_errors
def stage(
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="A script (.fs) or a process graph (3-graph.json); - reads standard input.")
    ],
    out: Annotated[Path, typer.Option("--out", help="The stage's folder; an earlier stage there is replaced.")],
    log: Annotated[Path | None, typer.Option("--log", help="Play this event log (.parquet, .jsonl) and do not simulate.")] = None,
    report: Annotated[Path | None, typer.Option("--report", help="Show the figures of this 4-simulation.json.")] = None,
    static: Annotated[bool, typer.Option("--static", help="No animation.")] = False,
    window: Annotated[str, typer.Option("--window", help="The part of the run that is shown, for example 1h:90min.")] = "0:30min",
    speedup: Annotated[float, typer.Option("--speedup", help="Seconds of the run per second of playback.")] = 20.0,
    seed: Annotated[int, typer.Option("--seed", help="Seed of the simulated run.")] = 1,
    industry: Annotated[str, typer.Option("--industry", help="Helps to choose looks: semiconductor, food, logistics, ...")] = "",
    materials: Annotated[
        str, typer.Option("--materials", help="preview, or openpbr: MaterialX surfaces for RTX beside the portable ones.")
    ] = "preview",
    usdz: Annotated[Path | None, typer.Option("--usdz", help="Write the package too.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was made as JSON.")] = False,
) -> None:
    """Author an OpenUSD stage that opens in NVIDIA Omniverse and plays a run."""
    from gdt2usd.stage.author import StageOptions, author_stage
    from gdt2usd.stage.author_scene import MATERIALS

    from .graphs import read_process_graph

    if materials not in MATERIALS:
        console.usage_error(f"no materials {materials!r}: use one of {', '.join(MATERIALS)}")
    try:
        span = parse_window(window)
    except ValueError as problem:
        console.usage_error(str(problem))
    graph = read_process_graph(file)
    events = None if static else _events(graph, log, span, seed)
    chosen = next(m for m in MATERIALS if m == materials)
    title = Path(file).stem if file != "-" else "Factory"
    options = StageOptions(industry=industry, title=title, window_s=span, speedup=speedup, materials=chosen)
    made = author_stage(graph, out, log=events, report_json=_read_report(report), options=options)
    if usdz is not None:
        from gdt2usd.stage.export import write_usdz

        write_usdz(out, usdz)
    if as_json:
        console.print_json(
            {
                "root": str(made.root),
                "layers": [str(path) for path in made.layers],
                "prims": made.prims,
                "form": made.layout.form,
                "diagnostics": [console.diagnostic_json(d) for d in made.diagnostics],
            }
        )
        return
    console.print_diagnostics(made.diagnostics)
    console.print_text(
        f"{made.root}: {len(graph.stations)} stations, {made.layout.form} layout{'' if events is None else ', animated'}"
    )


def parse_window(text: str) -> tuple[float, float]:
    """`0:30min` as seconds. Raises ValueError that says what is accepted."""
    from gdt2usd.units import parse_duration_s

    start, colon, end = text.partition(":")
    if not colon:
        raise ValueError(f"{text!r} is no window: write START:END, for example 0:30min")
    first, last = parse_duration_s(start or "0"), parse_duration_s(end)
    if last <= first:
        raise ValueError(f"the window {text!r} ends before it begins")
    return first, last


def _events(graph: ProcessGraph, log: Path | None, span: tuple[float, float], seed: int) -> EventLog:
    """The log to play: the given one, or one simulated run up to the window's end."""
    from gdt2usd.simulation.experiment import Experiment
    from gdt2usd.simulation.records import read_log
    from gdt2usd.simulation.report import trace

    if log is not None:
        return read_log(log)
    return trace(graph, Experiment(horizon_s=span[1], warm_up_s=0.0, replications=1, seed=seed))


def _read_report(path: Path | None) -> dict[str, Any] | None:
    """The contents of a 4-simulation.json. Raises GdtError (ST106) if it is none."""
    import json

    from gdt2usd.diagnostics import GdtError, Place, error

    if path is None:
        return None
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(report, dict) or not str(report.get("schema", "")).startswith("gdt2usd.simulation/"):
            raise ValueError("its schema is not gdt2usd.simulation/1")
    except ValueError as problem:
        raise GdtError([error("ST106", f"this is no simulation report: {problem}", Place(str(path)))]) from None
    return report


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(stage)
