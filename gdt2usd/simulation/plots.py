"""Pictures of one replication from its event log: time per state, WIP over time, Gantt chart; PNG and SVG.

Not covered: intervals over replications (the report has them).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gdt2usd.diagnostics import GdtError, error
from gdt2usd.graph.model import ProcessGraph
from gdt2usd.simulation.records import EventKind, EventLog, State

# distinguishable in print and for colour-blind readers (Okabe & Ito)
COLOURS = {
    State.PROCESSING: "#009E73",
    State.SETUP: "#F0E442",
    State.BLOCKED: "#D55E00",
    State.WAITING_FOR_OPERATOR: "#CC79A7",
    State.WAITING_FOR_TRANSPORT: "#E69F00",
    State.DOWN: "#000000",
    State.STARVED: "#B8D8EC",
    State.IDLE: "#E8E8E8",
    State.BUSY: "#009E73",
    State.TRAVEL_LOADED: "#0072B2",
    State.TRAVEL_EMPTY: "#56B4E9",
    State.LOADING: "#F0E442",
    State.UNLOADING: "#E69F00",
}
MOST_ROWS = 60
GANTT_CHANGES = 700  # bars that still can be told apart

Spell = tuple[float, float, State]  # from, to, state


def spells(log: EventLog) -> dict[str, list[Spell]]:
    """The state spells of every station and resource, in the order in which they first appear."""
    found: dict[str, list[Spell]] = {}
    since: dict[str, tuple[float, State]] = {}
    for event in log.events:
        if event.kind is EventKind.STATE:
            found.setdefault(event.place, [])
            if event.place in since:
                start, state = since[event.place]
                if event.time_s > start:
                    found[event.place].append((start, event.time_s, state))
            since[event.place] = (event.time_s, State(event.other))
    for place, (start, state) in since.items():
        if log.horizon_s > start:
            found[place].append((start, log.horizon_s, state))
    return found


def wip(log: EventLog) -> tuple[list[float], list[int]]:
    """Times and the number of items in the system from then on; items inside containers do not count."""
    change = {EventKind.CREATE: 1, EventKind.DESTROY: -1, EventKind.PACK: -1, EventKind.UNPACK: 1}
    times, counts = [0.0], [0]
    for event in log.events:
        step = change.get(event.kind)
        if step:
            times.append(event.time_s)
            counts.append(counts[-1] + step)
    times.append(log.horizon_s)
    counts.append(counts[-1])
    return times, counts


def write_plots(graph: ProcessGraph, log: EventLog, folder: Path) -> list[Path]:
    """`utilisation`, `wip` and `gantt` as .png and .svg in `folder`.

    Raises:
        GdtError: SM108, matplotlib is missing.
        OSError: a file cannot be written.
    """
    try:
        import matplotlib as mpl
        from matplotlib.figure import Figure
    except ImportError as problem:
        raise GdtError([error("SM108", "plots need matplotlib", hint="pip install gdt2usd[plot]")]) from problem
    mpl.rcParams["svg.hashsalt"] = "gdt2usd"
    folder.mkdir(parents=True, exist_ok=True)
    names = [s.id for s in graph.stations] + [r.id for r in graph.resources]
    by_place = spells(log)
    rows = [(name, by_place[name]) for name in names if by_place.get(name)][:MOST_ROWS]
    unit_s, unit = (3600.0, "h") if log.horizon_s >= 7200.0 else (60.0, "min") if log.horizon_s >= 120.0 else (1.0, "s")
    written = []
    for name, draw in (("utilisation", _utilisation), ("wip", _wip), ("gantt", _gantt)):
        height = 3.6 if name == "wip" else 1.6 + 0.28 * max(3, len(rows))
        figure = Figure(figsize=(10.0, height), layout="constrained")
        draw(figure, rows, log, unit_s, unit)
        for suffix in (".png", ".svg"):
            path = folder / f"{name}{suffix}"
            figure.savefig(path, dpi=150, metadata={"Date": None} if suffix == ".svg" else None)
            written.append(path)
    return written


_Rows = Sequence[tuple[str, list[Spell]]]


def _label(name: str) -> str:
    text = name.replace("$", r"\$")
    return text if len(text) <= 32 else text[:31] + "…"


def _legend(figure: Any, states: Sequence[State]) -> None:
    from matplotlib.patches import Patch

    handles = [Patch(facecolor=COLOURS[s], edgecolor="#888888", linewidth=0.4, label=s.replace("_", " ")) for s in states]
    figure.legend(handles=handles, loc="outside upper center", ncols=min(7, len(handles)), frameon=False, fontsize=8)


def _axis(axes: Any, rows: _Rows) -> None:
    axes.set_yticks(range(len(rows)), [_label(name) for name, _ in rows], fontsize=8)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.spines[["top", "right"]].set_visible(False)


def _utilisation(figure: Any, rows: _Rows, log: EventLog, _unit_s: float, _unit: str) -> None:
    axes = figure.subplots()
    used = [s for s in COLOURS if any(spell[2] is s for _, row in rows for spell in row)]
    for y, (_, row) in enumerate(rows):
        left = 0.0
        for state in used:
            share = 100.0 * sum(end - start for start, end, s in row if s is state) / log.horizon_s
            if share > 0.0:
                axes.barh(y, share, left=left, height=0.7, color=COLOURS[state], edgecolor="white", linewidth=0.3)
            left += share
    axes.set_xlim(0, 100)
    axes.set_xlabel("share of time, %")
    _axis(axes, rows)
    _legend(figure, used)


def _wip(figure: Any, _rows: _Rows, log: EventLog, unit_s: float, unit: str) -> None:
    axes = figure.subplots()
    times, counts = wip(log)
    axes.step([t / unit_s for t in times], counts, where="post", linewidth=0.9, color="#0072B2")
    axes.set_xlim(0, log.horizon_s / unit_s)
    axes.set_ylim(bottom=0)
    axes.set_xlabel(f"time, {unit}")
    axes.set_ylabel("items in the system")
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", linewidth=0.3)


def _gantt(figure: Any, rows: _Rows, log: EventLog, unit_s: float, unit: str) -> None:
    axes = figure.subplots()
    end = _readable_end(rows, log.horizon_s)
    if end < 2.0 * unit_s:
        unit_s, unit = (60.0, "min") if end >= 120.0 else (1.0, "s")
    used = [s for s in COLOURS if any(spell[2] is s and spell[0] < end for _, row in rows for spell in row)]
    for y, (_, row) in enumerate(rows):
        shown = [spell for spell in row if spell[0] < end]
        bars = [(start / unit_s, (min(stop, end) - start) / unit_s) for start, stop, _ in shown]
        axes.broken_barh(bars, (y - 0.35, 0.7), facecolors=[COLOURS[state] for _, _, state in shown])
    axes.set_xlim(0, end / unit_s)
    axes.set_xlabel(f"time, {unit}" + ("" if end >= log.horizon_s else " (the beginning of the run)"))
    _axis(axes, rows)
    _legend(figure, used)


def _readable_end(rows: _Rows, horizon_s: float) -> float:
    """Until when bars can still be told apart."""
    starts = sorted(spell[0] for _, row in rows for spell in row)
    return horizon_s if len(starts) <= GANTT_CHANGES else max(starts[GANTT_CHANGES], horizon_s / 1000.0)
