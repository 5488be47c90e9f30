"""simulate() and trace(): an experiment on a graph, and its verdict. The front door of this folder.

Not covered: the model of time and stations (`simulation.engine` and below), drawing (`simulation.plots`), printing (`cli`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from gdt2usd.diagnostics import Diagnostic, GdtError, Place, Span, error
from gdt2usd.graph.model import Dispatcher, ProcessGraph, Station
from gdt2usd.simulation.clock import Budget
from gdt2usd.simulation.engine import Replication, run
from gdt2usd.simulation.experiment import Experiment
from gdt2usd.simulation.records import Event, EventKind, EventLog
from gdt2usd.simulation.statistics import (
    Estimate,
    ResourceFigures,
    StationFigures,
    WarmUp,
    Window,
    estimate,
    find_warm_up,
    resource_figures,
    station_figures,
    window,
)
from gdt2usd.simulation.units import Row

SCHEMA = "gdt2usd.simulation/1"

Progress = Callable[[float], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulationReport:
    """The verdict on a factory. Averages are over the time after the warm-up; `findings` are what an engineer should know."""

    experiment: Experiment
    throughput_per_hour: Estimate
    wip: Estimate
    flow_time_s: Estimate
    warm_up: WarmUp
    stations: tuple[StationFigures, ...]
    resources: tuple[ResourceFigures, ...]
    link_counts: tuple[tuple[str, str, float], ...]
    findings: tuple[Diagnostic, ...] = ()
    flow_time_quantiles_s: Mapping[str, float] = field(default_factory=dict)
    events: int = 0
    stopped: str = ""

    def to_json(self) -> dict[str, object]:
        """The contents of 4-simulation.json."""
        return {
            "schema": SCHEMA,
            "throughput_per_hour": self.throughput_per_hour.to_json(),
            "wip": self.wip.to_json(),
            "flow_time_s": self.flow_time_s.to_json(),
            "stations": [s.to_json() for s in self.stations],
            "resources": [r.to_json() for r in self.resources],
            "findings": [finding_json(d) for d in self.findings],
        }


def finding_json(diagnostic: Diagnostic) -> dict[str, object]:
    """A finding in the form of the contract's diagnostics, with the station it is about (`where`)."""
    where = diagnostic.where
    return {
        "code": diagnostic.code,
        "severity": str(diagnostic.severity),
        "message": diagnostic.message,
        "where": where.what if isinstance(where, Place) else None,
        "line": where.line if isinstance(where, Span) else None,
        "column": where.column if isinstance(where, Span) else None,
        "hint": diagnostic.hint,
    }


def kind_of(station: Station) -> str:
    """The contract's name of a station's kind: `processor`, `multiprocessor`, ..."""
    return type(station).__name__.lower()


def capacity_of(station: Station) -> int:
    """How many items a station works on at once; 1 where that has no meaning."""
    return int(getattr(station, "capacity", 1))


def simulate(
    graph: ProcessGraph,
    experiment: Experiment,
    *,
    expectations: Sequence[object] = (),
    progress: Progress | None = None,
    budget: Budget | None = None,
) -> SimulationReport:
    """Run the experiment. `progress(fraction)` is called now and then.

    Raises:
        GdtError: the graph or the experiment cannot be simulated.
    """
    runs = replicate(graph, experiment, progress=progress, budget=budget)
    return summarise(graph, experiment, runs)


def replicate(
    graph: ProcessGraph,
    experiment: Experiment,
    *,
    progress: Progress | None = None,
    budget: Budget | None = None,
    speedups: Mapping[str, float] | None = None,
) -> list[Replication]:
    """All replications; fewer if the budget or the user ended them."""
    check_experiment(experiment)
    total = experiment.horizon_s * experiment.replications
    runs: list[Replication] = []
    for number in range(experiment.replications):
        done = number * experiment.horizon_s
        one = run(
            graph,
            seed=experiment.seed,
            replication=number,
            horizon_s=experiment.horizon_s,
            warm_up_s=experiment.warm_up_s,
            budget=budget,
            speedups=speedups,
            on_chunk=_share(progress, done, total),
        )
        if one.stopped and runs:
            break
        runs.append(one)
        if one.stopped:
            break
    return runs


def _share(progress: Progress | None, done_s: float, total_s: float) -> Progress | None:
    return None if progress is None else lambda now: progress((done_s + now) / total_s)


def check_experiment(experiment: Experiment) -> None:
    """Raises:
    GdtError: SM001 for lengths and counts that are none.
    """
    problems = []
    if not (math.isfinite(experiment.horizon_s) and experiment.horizon_s > 0.0):
        problems.append(
            error("SM001", f"a horizon of {experiment.horizon_s} s is no time to simulate", hint="give a positive duration")
        )
    if experiment.replications < 1:
        problems.append(error("SM001", f"{experiment.replications} replications give no figure", hint="run at least 1"))
    warm_up = experiment.warm_up_s
    if warm_up is not None and not 0.0 <= warm_up < experiment.horizon_s:
        message = f"a warm-up of {warm_up} s leaves nothing of a horizon of {experiment.horizon_s} s"
        problems.append(error("SM001", message, hint="the warm-up is part of the horizon: make it shorter"))
    if not 0.0 < experiment.confidence < 1.0:
        problems.append(error("SM001", f"a confidence of {experiment.confidence} is none", hint="give a number between 0 and 1"))
    if experiment.seed < 0:
        problems.append(error("SM001", f"a seed of {experiment.seed} is negative", hint="give 0 or more"))
    if problems:
        raise GdtError(problems)


def summarise(graph: ProcessGraph, experiment: Experiment, runs: Sequence[Replication]) -> SimulationReport:
    """Figures of `runs` after the warm-up; no findings yet."""
    warm_up = find_warm_up(runs, experiment.warm_up_s)
    windows = [window(r, warm_up.end_s) for r in runs]
    confidence = experiment.confidence
    flows = np.concatenate([w.flow_times_s for w in windows])
    resources = [r.id for r in graph.resources if not isinstance(r, Dispatcher)]
    return SimulationReport(
        experiment=experiment,
        throughput_per_hour=estimate([throughput(w) for w in windows], confidence),
        wip=estimate([w.wip for w in windows], confidence),
        flow_time_s=estimate([float(w.flow_times_s.mean()) if len(w.flow_times_s) else math.nan for w in windows], confidence),
        warm_up=warm_up,
        stations=station_figures([(s.id, kind_of(s), capacity_of(s)) for s in graph.stations], windows, [r.peaks for r in runs]),
        resources=resource_figures(resources, windows),
        link_counts=tuple((x.upstream, x.downstream, sum(r.sent[k] for r in runs) / len(runs)) for k, x in enumerate(graph.links)),
        flow_time_quantiles_s={f"p{q}": float(np.percentile(flows, q)) for q in (5, 50, 95)} if len(flows) else {},
        events=sum(r.events for r in runs),
        stopped=next((r.stopped for r in runs if r.stopped), ""),
    )


def throughput(w: Window) -> float:
    """Exits per hour; NaN for an empty window."""
    return 3600.0 * w.exits / w.duration_s if w.duration_s > 0.0 else math.nan


def trace(graph: ProcessGraph, experiment: Experiment, replication: int = 0, until_s: float | None = None) -> EventLog:
    """The event log of one replication, the same as in `simulate`, up to `until_s` (default: the horizon).

    Raises:
        GdtError: the graph or the experiment cannot be simulated.
    """
    horizon = experiment.horizon_s if until_s is None else min(until_s, experiment.horizon_s)
    shortened = replace(experiment, horizon_s=horizon, warm_up_s=0.0)
    check_experiment(shortened)
    rows: list[Row] = []
    one = run(graph, seed=experiment.seed, replication=replication, horizon_s=horizon, warm_up_s=0.0, log=rows)
    events = tuple(Event(time_s, EventKind(kind), place, item, other, value) for time_s, kind, place, item, other, value in rows)
    return EventLog(events, one.horizon_s)
