"""Execution Success Rate (arXiv 2512.20387): the share of scripts that run in the simulator without an error.

    ESR = |scripts that build and run| / |scripts|

The paper runs them in FlexSim. Chosen here: a script succeeds if it parses, checks and interprets without an error, lowers to a
graph without an error, the graph is valid, and the simulation of it runs to its horizon. Beside it the executed variant: the
throughput of script and truth, simulated alike with common random numbers,

    throughput error = min(1, |made - truth| / truth),     1 for a script that does not run.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from gdt2usd.diagnostics import GdtError
from gdt2usd.evaluation.executed import Executed
from gdt2usd.graph.model import ProcessGraph, Source
from gdt2usd.graph.moments import mean

ARRIVALS = 150
LONGEST_S = 30 * 86400.0
EVENTS = 300_000
WALL_S = 8.0


@dataclass(frozen=True, slots=True)
class Run:
    """Whether the simulation came to its end, and items per hour that left."""

    succeeded: bool
    per_hour: float


def horizon_of(graph: ProcessGraph) -> float:
    """Seconds in which the slowest source makes about `ARRIVALS` items."""
    means = [mean(s.interarrival_time_s) for s in graph.stations if isinstance(s, Source)]
    slowest = max((m for m in means if m is not None and m > 0), default=60.0)
    return float(min(LONGEST_S, max(600.0, ARRIVALS * slowest)))


def simulated(graph: ProcessGraph | None, horizon_s: float, seed: int = 1) -> Run:
    """One replication from empty; a graph of None does not run."""
    from gdt2usd.simulation.clock import Budget
    from gdt2usd.simulation.experiment import Experiment
    from gdt2usd.simulation.report import simulate

    if graph is None:
        return Run(False, 0.0)
    experiment = Experiment(horizon_s=horizon_s, warm_up_s=0.0, replications=1, seed=seed)
    try:
        report = simulate(graph, experiment, budget=Budget(events=EVENTS, wall_s=WALL_S), confirm_bottleneck=False)
    except GdtError:
        return Run(False, 0.0)
    figure = report.throughput_per_hour.mean
    return Run(True, 0.0 if math.isnan(figure) else figure)


def throughput_error(truth: Run, made: Run) -> float:
    """The relative error, at most 1."""
    if not made.succeeded:
        return 1.0
    if truth.per_hour <= 0:
        return float(made.per_hour > 0)
    return min(1.0, abs(made.per_hour - truth.per_hour) / truth.per_hour)


def runs(executed: Executed, horizon_s: float) -> Run:
    """The simulation of a script as it ran."""
    return simulated(executed.graph, horizon_s)
