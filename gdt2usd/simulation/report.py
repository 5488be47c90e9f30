"""simulate() and trace(): an experiment on a graph, and its verdict. The front door of this folder.

Not covered: the model of time and stations (`simulation.engine` and below), drawing (`simulation.plots`), printing (`cli`).
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from gdt2usd.diagnostics import Diagnostic, GdtError, diagnostic_json, error
from gdt2usd.graph.model import Dispatcher, ProcessGraph, Station
from gdt2usd.simulation.bottleneck import MOST_EVENTS, SPEEDUP, Bottleneck, active_periods_s, find_bottleneck
from gdt2usd.simulation.capacity import FlowBalance, flow_balance
from gdt2usd.simulation.clock import Budget
from gdt2usd.simulation.engine import Replication, run
from gdt2usd.simulation.expectations import Expectation, Outcome, judge, outcome_finding
from gdt2usd.simulation.experiment import Experiment
from gdt2usd.simulation.findings import Evidence, findings
from gdt2usd.simulation.items import Row
from gdt2usd.simulation.records import Event, EventKind, EventLog
from gdt2usd.simulation.statistics import (
    Estimate,
    ResourceFigures,
    StationFigures,
    WarmUp,
    Window,
    estimate,
    find_warm_up,
    finite,
    resource_figures,
    station_figures,
    window,
)
from gdt2usd.units import format_duration

SCHEMA = "gdt2usd.simulation/1"
TRACED_EVENTS = 20_000  # of the run on which active periods are measured
MOST_LOGGED = 5_000_000  # events of a run that is logged

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
    bottleneck: Bottleneck | None = None
    outcomes: tuple[Outcome, ...] = ()
    bound_per_hour: float | None = None
    littles_law: Mapping[str, float] = field(default_factory=dict)
    replications_done: int = 0
    events: int = 0
    stopped: str = ""

    @property
    def met(self) -> bool:
        """Whether every expectation is met."""
        return all(outcome.met for outcome in self.outcomes)

    def to_json(self) -> dict[str, object]:
        """The contents of 4-simulation.json."""
        return {
            "schema": SCHEMA,
            "throughput_per_hour": self.throughput_per_hour.to_json(),
            "wip": self.wip.to_json(),
            "flow_time_s": self.flow_time_s.to_json(),
            "stations": [s.to_json() for s in self.stations],
            "resources": [r.to_json() for r in self.resources],
            "bottleneck": None if self.bottleneck is None else self.bottleneck.to_json(),
            "findings": [diagnostic_json(d) for d in self.findings],
            "expectations": [o.to_json() for o in self.outcomes],
            "warm_up": {"end_s": self.warm_up.end_s, "method": self.warm_up.method, "doubtful": self.warm_up.doubtful},
            "experiment": {
                "horizon_s": self.experiment.horizon_s,
                "replications": self.experiment.replications,
                "replications_done": self.replications_done,
                "seed": self.experiment.seed,
                "confidence": self.experiment.confidence,
            },
            "capacity_bound_per_hour": self.bound_per_hour,
            "flow_time_quantiles_s": dict(self.flow_time_quantiles_s),
            "littles_law": {k: finite(v) for k, v in self.littles_law.items()},
            "links": [{"upstream": a, "downstream": b, "items": n} for a, b, n in self.link_counts],
            "events": self.events,
            "stopped": self.stopped,
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
    expectations: Sequence[Expectation] = (),
    progress: Progress | None = None,
    budget: Budget | None = None,
    confirm_bottleneck: bool = True,
    rerun_events: int = MOST_EVENTS,
    whole: bool = False,
) -> SimulationReport:
    """Run the experiment and judge it. `progress(fraction)` is called now and then; `confirm_bottleneck` False saves its reruns,
    `rerun_events` bounds them. An interrupt ends it with what there is, or, if the report must be `whole`, goes on to the caller.

    Raises:
        GdtError: the graph or the experiment cannot be simulated.
    """
    started = time.monotonic()
    runs = replicate(graph, experiment, progress=progress, budget=budget)
    wall_s = time.monotonic() - started
    if whole and any(r.stopped == "interrupt" for r in runs):
        raise KeyboardInterrupt
    report = summarise(graph, experiment, runs)
    bottleneck = None
    if confirm_bottleneck and not report.stopped:
        bottleneck = _bottleneck(graph, experiment, runs, report, min(60.0, 3.0 * wall_s + 2.0), rerun_events, whole=whole)
    balance = _balance(graph, runs, report)
    outcomes = tuple(judge(e, getattr(report, e.quantity)) for e in expectations)
    evidence = Evidence(
        graph=graph,
        experiment=experiment,
        runs=runs,
        stations=report.stations,
        resources=report.resources,
        throughput=report.throughput_per_hour,
        wip=report.wip,
        flow_time_s=report.flow_time_s,
        warm_up=report.warm_up,
        balance=balance,
        bottleneck=bottleneck,
    )
    bound = balance.bound_per_hour if balance is not None else math.inf
    return replace(
        report,
        bottleneck=bottleneck,
        outcomes=outcomes,
        findings=(*(outcome_finding(o) for o in outcomes), *findings(evidence)),
        bound_per_hour=bound if bound < 1e9 else None,
    )


def _balance(graph: ProcessGraph, runs: Sequence[Replication], report: SimulationReport) -> FlowBalance | None:
    if any(r.knot is not None or r.stopped for r in runs):
        return None
    sent = {n: float(sum(r.sent[n] for r in runs)) for n in range(len(graph.links))}
    return flow_balance(graph, {s.id: s for s in report.stations}, sent)


def _bottleneck(
    graph: ProcessGraph,
    experiment: Experiment,
    runs: Sequence[Replication],
    report: SimulationReport,
    wall_s: float,
    most_events: int,
    *,
    whole: bool,
) -> Bottleneck | None:
    start = report.warm_up.end_s

    def rerun(id: str, count: int) -> list[float]:
        fixed = replace(experiment, replications=count, warm_up_s=start)
        most = Budget(events=10 * max(r.events for r in runs) + 100_000, wall_s=wall_s)
        faster = replicate(graph, fixed, speedups={id: SPEEDUP}, budget=most)
        return [throughput(window(r, start)) for r in faster if not r.stopped]

    base = [throughput(window(r, start)) for r in runs]
    try:
        share = min(1.0, TRACED_EVENTS / max(1, runs[0].events))
        periods_s = active_periods_s(trace(graph, experiment, until_s=share * experiment.horizon_s))
        confidence = experiment.confidence
        return find_bottleneck(
            graph, runs, report.stations, report.resources, base, rerun, confidence, wall_s, periods_s, most_events
        )
    except KeyboardInterrupt:
        if whole:
            raise
        return None


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
    budget = budget or Budget()
    deadline = time.monotonic() + budget.wall_s
    runs: list[Replication] = []
    for number in range(experiment.replications):
        done = number * experiment.horizon_s
        left = replace(budget, wall_s=deadline - time.monotonic())
        one = run(
            graph,
            seed=experiment.seed,
            replication=number,
            horizon_s=experiment.horizon_s,
            warm_up_s=experiment.warm_up_s,
            budget=left,
            speedups=speedups,
            on_chunk=_share(progress, done, total),
        )
        if one.stopped and runs:
            if one.stopped == "loop":
                runs[-1] = replace(runs[-1], remarks={**runs[-1].remarks, **_loop_remark(one, number)})
            break
        runs.append(one)
        if one.stopped:
            break
    return runs


def _loop_remark(one: Replication, number: int) -> dict[tuple[str, str], str]:
    names = ", ".join(one.loop[:6])
    text = f"move items for ever with no time passing in replication {number + 1} from {format_duration(one.horizon_s)} on"
    return {("SM204", names): f"{text}: no further replications were run"}


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
        littles_law=_little(windows),
        replications_done=len(runs),
        events=sum(r.events for r in runs),
        stopped=next((r.stopped for r in runs if r.stopped), ""),
    )


def _little(windows: Sequence[Window]) -> dict[str, float]:
    """Means over replications of WIP and of exit rate x flow time: equal up to what is under way at both ends of the window."""
    wip = float(np.mean([w.wip for w in windows]))
    rate = float(np.mean([throughput(w) / 3600.0 for w in windows]))
    flow = [float(w.flow_times_s.mean()) for w in windows if len(w.flow_times_s)]
    product = rate * float(np.mean(flow)) if flow else 0.0
    return {"wip": wip, "rate_times_flow_time": product, "relative_gap": (wip - product) / wip if wip > 0.0 else 0.0}


def throughput(w: Window) -> float:
    """Exits per hour; NaN for an empty window."""
    return 3600.0 * w.exits / w.duration_s if w.duration_s > 0.0 else math.nan


def trace(graph: ProcessGraph, experiment: Experiment, replication: int = 0, until_s: float | None = None) -> EventLog:
    """The event log of one replication, the same as in `simulate`, up to `until_s` (default: the horizon).

    It ends early, as its `horizon_s` tells, where there is more than fits the memory.

    Raises:
        GdtError: the graph or the experiment cannot be simulated.
    """
    horizon = experiment.horizon_s if until_s is None else min(until_s, experiment.horizon_s)
    shortened = replace(experiment, horizon_s=horizon, warm_up_s=0.0)
    check_experiment(shortened)
    rows: list[Row] = []
    budget = Budget(events=MOST_LOGGED)
    one = run(graph, seed=experiment.seed, replication=replication, horizon_s=horizon, warm_up_s=0.0, log=rows, budget=budget)
    events = tuple(Event(time_s, EventKind(kind), place, item, other, value) for time_s, kind, place, item, other, value in rows)
    return EventLog(events, one.horizon_s)
