"""The one screen at the end of a build: the line as understood, the verdict, and what to check, the most important first.

Not covered: the full tables (`gdt2usd simulate`), everything that was noticed (`run.json`).
"""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

from . import console

if TYPE_CHECKING:
    from gdt2usd.diagnostics import Diagnostic
    from gdt2usd.doubts import Doubt
    from gdt2usd.graph.model import Link, ProcessGraph
    from gdt2usd.pipeline import Twin
    from gdt2usd.simulation.report import SimulationReport

WIDTH = 80
MOST_TRAILS, MOST_STATIONS, MOST_DOUBTS, MOST_FINDINGS = 8, 12, 9, 5
_INDENT = " " * 12
_SAID_BY_DOUBTS = {"GR208": "VL306", "GR209": "VL306", "SM213": "VL306"}
"""Findings that only repeat, for the same object, what a doubt says."""
_ABOUT_LINE = "SM"
_LEVELS = {"error": 0, "warning": 1, "info": 2}


def print_summary(twin: Twin, out: Path) -> None:
    """Everything that a person needs to decide what to do next."""
    _field("line", _trails(twin.graph))
    _field("", [_counts(twin.graph)])
    _verdict(twin.report)
    console.print_text()
    _stations(twin.report)
    _to_check(twin)
    seconds = sum(twin.timings_s.values())
    console.print_text(f"\nwrote {out} in {seconds:.1f} s")
    if twin.open_doubts:
        first = twin.open_doubts[0].number
        _paragraph(f"settle with --answer {first}=VALUE (or {first}=ok), --set 'KEY=VALUE', or --ask; or correct {out}/2-script.fs "
                   "and build from it")  # fmt: skip


def _field(title: str, lines: list[str]) -> None:
    for line in lines:
        for piece in textwrap.wrap(console.printable(line), WIDTH - 12, subsequent_indent="  ", break_long_words=True) or [""]:
            console.print_text(f"{title:<12}{piece}")
            title = ""


def _paragraph(text: str, indent: str = "") -> None:
    console.print_text(textwrap.fill(console.printable(text), WIDTH, subsequent_indent=indent, break_long_words=False))


# ---- the line as understood ----


def _trails(graph: ProcessGraph) -> list[str]:
    """The links as ways through the line, each link once; loose stations by name."""
    ways: dict[str, list[Link]] = {}
    for link in graph.links:
        ways.setdefault(link.upstream, []).append(link)
    entered = {link.downstream for link in graph.links}
    starts = [s.id for s in graph.stations if s.id not in entered] + [s.id for s in graph.stations]
    seen: set[str] = set()
    trails = []
    for start in starts:
        while ways.get(start):
            trails.append(_trail(start, ways, seen))
    loose = [s.id for s in graph.stations if s.id not in seen]
    if len(trails) > MOST_TRAILS:
        trails = [*trails[: MOST_TRAILS - 1], f"and {len(trails) - MOST_TRAILS + 1} more ways: see 3-graph.json"]
    return trails + ([f"not connected: {', '.join(loose)}"] if loose else [])


def _trail(start: str, ways: dict[str, list[Link]], seen: set[str]) -> str:
    words, here = start, start
    fresh = True
    while fresh and ways.get(here):
        seen.add(here)
        link = ways[here].pop(0)
        share = f"({link.percent:g} %) " if link.percent is not None else ""
        words += f" -> {share}{link.downstream}"
        here = link.downstream
        fresh = here not in seen
    seen.add(here)
    return words


def _counts(graph: ProcessGraph) -> str:
    from gdt2usd.graph.words import describe_resource

    words = f"{len(graph.stations)} stations, {len(graph.links)} links"
    helpers = [f"{r.id} ({describe_resource(r, graph)})" for r in graph.resources[:3]]
    more = f" and {len(graph.resources) - 3} more" if len(graph.resources) > 3 else ""
    return words + (f"; {'; '.join(helpers)}{more}" if helpers else "")


# ---- the verdict ----


def _verdict(report: SimulationReport) -> None:
    from gdt2usd.units import format_duration

    from .simulate import bottleneck_words, figure

    flow = report.flow_time_s
    half = f" +- {format_duration(flow.half_width)}" if flow.half_width == flow.half_width else ""
    passing = format_duration(flow.mean) + half if flow.mean == flow.mean else "no item left"
    _field("throughput", [f"{figure(report.throughput_per_hour)} items/h"])
    _field("", [f"WIP {figure(report.wip)}; flow time {passing}"])
    runs = f"{report.replications_done} x {format_duration(report.experiment.horizon_s)}"
    cut = f"{format_duration(report.warm_up.end_s)} warm-up cut"
    _field("", [f"{runs}, {cut}, seed {report.experiment.seed}, {report.experiment.confidence:.0%} intervals"])
    if report.bottleneck is not None:
        _field("bottleneck", [bottleneck_words(report)])


def _stations(report: SimulationReport) -> None:
    """The stations in the line's order; of a long line the busiest."""
    shown = list(report.stations)
    if len(shown) > MOST_STATIONS:
        busiest = sorted(shown, key=lambda s: -_busy(s.states))[:MOST_STATIONS]
        shown = [s for s in shown if s in busiest]
    rows = [
        (
            textwrap.shorten(s.id, 24, placeholder="..."),
            s.kind,
            *(_share(s.states[key]) for key in ("processing", "setup", "blocked", "starved", "down")),
            _share(s.states["waiting_for_operator"] + s.states["waiting_for_transport"]),
            f"{s.left:.5g}",
        )
        for s in shown
    ]
    console.print_table(("station", "kind", "work", "setup", "blkd", "starv", "down", "waits", "out"), rows, "<<" + ">" * 7)
    if len(report.stations) > len(shown):
        console.print_text(f"({len(report.stations) - len(shown)} more in 4-simulation.json)")


def _busy(states: object) -> float:
    assert hasattr(states, "get")
    return float(states.get("processing", 0.0)) + float(states.get("setup", 0.0)) + float(states.get("blocked", 0.0))


def _share(value: float) -> str:
    return f"{value:.0%}" if value >= 0.0005 else ""


# ---- what to check ----


def _to_check(twin: Twin) -> None:
    doubts = twin.open_doubts
    settled = sum(1 for d in twin.doubts if d.outcome)
    findings = _worth_showing(twin)
    if doubts or findings:
        note = f" ({settled} settled)" if settled else ""
        console.print_text(f"\nto check: {len(doubts)} doubtful{note}, {len(findings)} other findings; all of them in run.json")
    for diagnostic in (d for d in findings if str(d.severity) == "error"):
        _finding(diagnostic)
    for doubt in doubts[:MOST_DOUBTS]:
        _doubt(doubt)
    if len(doubts) > MOST_DOUBTS:
        console.print_text(f"      and {len(doubts) - MOST_DOUBTS} more; --ask goes through all of them")
    rest = [d for d in findings if str(d.severity) != "error"]
    for diagnostic in rest[:MOST_FINDINGS]:
        _finding(diagnostic)
    if len(rest) > MOST_FINDINGS:
        console.print_text(f"      and {len(rest) - MOST_FINDINGS} more")


def _worth_showing(twin: Twin) -> list[Diagnostic]:
    """Findings that are no doubts and do not repeat one, errors first, then what the simulation says about the line."""
    from gdt2usd.diagnostics import Place

    numbered = {d.code for d in twin.doubts}
    subjects = {(d.code, d.subject) for d in twin.open_doubts}
    found: list[Diagnostic] = []
    for diagnostic in twin.diagnostics:
        subject = diagnostic.where.what if isinstance(diagnostic.where, Place) else ""
        quoted = {name for code, name in subjects if code == _SAID_BY_DOUBTS.get(diagnostic.code) and name in diagnostic.message}
        if diagnostic.code in numbered or quoted or diagnostic.code == "GR503" or (diagnostic.code, subject) in subjects:
            continue
        if diagnostic.message not in {d.message for d in found}:
            found.append(diagnostic)
    return sorted(found, key=_order)


def _order(diagnostic: Diagnostic) -> tuple[int, bool]:
    """Errors first, those of the model before what the simulation makes of them; of the rest the simulation's first."""
    level = _LEVELS[str(diagnostic.severity)]
    return level, diagnostic.code.startswith(_ABOUT_LINE) == (level == 0)


def _doubt(doubt: Doubt) -> None:
    sure = "" if doubt.confidence is None else f"{doubt.confidence:.0%}"
    told = ", ".join(doubt.alternatives)
    plain = doubt.code == "VL302"
    words = doubt.reading if plain else f"{doubt.question}{_value(doubt)}"
    if told:
        words += f" Perhaps {told}." if words.endswith("?") else f"; perhaps {told}"
    _paragraph(f"{doubt.number:>4}  {sure:>4}  {words}", " " * 12)


def _value(doubt: Doubt) -> str:
    if doubt.code in ("VL307", "VL304"):
        return f" {doubt.reading}"
    return f" {doubt.value!r}" if doubt.code == "VL305" else ""


def _finding(diagnostic: Diagnostic) -> None:
    hint = f": {diagnostic.hint}" if diagnostic.hint else ""
    _paragraph(f"{'':>4}{diagnostic.code:>6}  {diagnostic.message}{hint}", " " * 12)
