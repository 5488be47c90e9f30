"""Flow balance: how much would arrive at each station, how much it can take, and the throughput that follows.

A fluid calculation without randomness or buffers. Rates run along the links from the sources; every station passes on at most its
capacity, a combiner the least of what its inputs allow, a separator as many as it makes. Branches split as the routing says, or as
was simulated where that depends on the state. The result bounds the throughput from above (up to how well the split is known).
Not covered: operators and vehicles, queueing (`simulation.theory`, the simulation itself).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from gdt2usd.graph.distributions import Distribution
from gdt2usd.graph.model import (
    Breakdown,
    Combiner,
    CombinerMode,
    Conveyor,
    MultiProcessor,
    Percent,
    ProcessGraph,
    Processor,
    RandomPort,
    RoundRobin,
    Separator,
    Sink,
    Source,
    Station,
    ToPort,
)
from gdt2usd.simulation.statistics import StationFigures
from gdt2usd.simulation.variates import mean_of

SATURATED_PER_S = 1e9  # the rate of a source that is never the limit


@dataclass(frozen=True, slots=True)
class Load:
    """What would arrive at a station and what it can take, both in items (combiners: assemblies) per hour."""

    id: str
    offered_per_hour: float
    capacity_per_hour: float

    @property
    def ratio(self) -> float:
        """The offered load: 1 or more means that it cannot keep up."""
        return self.offered_per_hour / self.capacity_per_hour if self.capacity_per_hour > 0.0 else math.inf


@dataclass(frozen=True, slots=True)
class FlowBalance:
    """Loads of the stations that have a capacity, in graph order; the sinks' bound together; whether a source is saturated."""

    loads: tuple[Load, ...]
    bound_per_hour: float
    saturated: bool


def flow_balance(graph: ProcessGraph, figures: Mapping[str, StationFigures], sent: Mapping[int, float]) -> FlowBalance:
    """The balance of `graph`; `figures` and `sent` (items per link index) of a simulation fill in what the graph does not say."""
    outs: dict[str, list[int]] = {s.id: [] for s in graph.stations}
    ins: dict[str, list[int]] = {s.id: [] for s in graph.stations}
    for number, link in enumerate(graph.links):
        outs[link.upstream].append(number)
        ins[link.downstream].append(number)
    for ids in outs.values():
        ids.sort(key=lambda n: graph.links[n].out_port)
    for ids in ins.values():
        ids.sort(key=lambda n: graph.links[n].in_port)
    shares = {n: x for s in graph.stations for n, x in _shares(s, outs[s.id], sent).items()}
    limits = {s.id: _capacity_per_s(s, figures[s.id]) for s in graph.stations}
    flow = dict.fromkeys(range(len(graph.links)), 0.0)
    offered: dict[str, float] = {}
    for _ in range(len(graph.stations) + 60):
        before = dict(flow)
        for station in graph.stations:
            offered[station.id] = _offered(station, [flow[n] for n in ins[station.id]])
            passed = min(offered[station.id], limits[station.id]) * _gain(station, figures[station.id])
            for n in outs[station.id]:
                flow[n] = passed * shares[n]
        if all(math.isclose(flow[n], before[n], rel_tol=1e-9, abs_tol=1e-15) for n in flow):
            break
    loads = tuple(
        Load(s.id, 3600.0 * offered[s.id], 3600.0 * limits[s.id])
        for s in graph.stations
        if math.isfinite(limits[s.id]) and not isinstance(s, Source)
    )
    exits = sum(offered[s.id] for s in graph.stations if isinstance(s, Sink))
    return FlowBalance(loads, 3600.0 * exits, any(_is_saturated(s) for s in graph.stations))


def _shares(station: Station, outs: list[int], sent: Mapping[int, float]) -> dict[int, float]:
    weights = [sent.get(n, 0.0) for n in outs]
    match station.routing:
        case Percent(percents) if len(percents) == len(outs):
            weights = list(percents)
        case RoundRobin() | RandomPort():
            weights = [1.0] * len(outs)
        case ToPort(port) if 1 <= port <= len(outs):
            weights = [float(k == port - 1) for k in range(len(outs))]
    total = sum(weights)
    return {n: w / total if total > 0.0 else 1.0 / len(outs) for n, w in zip(outs, weights, strict=True)}


def _is_saturated(station: Station) -> bool:
    return isinstance(station, Source) and not station.schedule and mean_of(station.interarrival_time_s) == 0.0


def _capacity_per_s(station: Station, figures: StationFigures) -> float:
    match station:
        case Source():
            return _source_rate(station, figures)
        case Conveyor():
            pitch = station.item_length_m + station.item_spacing_m
            return station.speed_m_s / pitch if pitch > 0.0 else math.inf
        case Processor() | MultiProcessor() | Combiner() | Separator():
            time_s = service_time_s(station, figures)
            servers = 1 if isinstance(station, Combiner) else station.capacity
            return servers * availability(station.breakdown) / time_s if time_s > 0.0 else math.inf
        case _:
            return math.inf


def _source_rate(station: Source, figures: StationFigures) -> float:
    if station.schedule:
        if station.repeat_schedule and max(a.time_s for a in station.schedule) > 0.0:
            return sum(a.quantity for a in station.schedule) / max(a.time_s for a in station.schedule)
        return figures.throughput_per_hour / 3600.0 if math.isfinite(figures.throughput_per_hour) else 0.0
    mean = mean_of(station.interarrival_time_s)
    if mean is None:
        return figures.throughput_per_hour / 3600.0 if math.isfinite(figures.throughput_per_hour) else 0.0
    return 1.0 / mean if mean > 0.0 else SATURATED_PER_S


def service_time_s(station: Processor | MultiProcessor | Combiner | Separator, figures: StationFigures) -> float:
    """Mean setup and process time per item, by the distributions where they say it, else as simulated."""
    times: list[Distribution] = [station.setup_time_s]
    if isinstance(station, MultiProcessor) and station.steps:
        times += [step.process_time_s for step in station.steps]
    else:
        times.append(station.process_time_s)
    means = [mean_of(t) for t in times]
    known = [m for m in means if m is not None]
    if len(known) == len(means):
        return sum(known)
    servers = station.capacity
    done = figures.throughput_per_hour / 3600.0
    return figures.utilisation * servers / done if math.isfinite(done) and done > 0.0 else math.nan


def availability(breakdown: Breakdown | None) -> float:
    """Share of time a machine is up: MTTF / (MTTF + MTTR); 1 without breakdowns or where the means are not known."""
    if breakdown is None:
        return 1.0
    up, down = mean_of(breakdown.time_to_failure_s), mean_of(breakdown.time_to_repair_s)
    if up is None or down is None or up + down <= 0.0:
        return 1.0
    return up / (up + down)


def _offered(station: Station, flows: list[float]) -> float:
    if isinstance(station, Source):
        return math.inf
    if isinstance(station, Combiner):
        needs = [1, *station.components][: len(flows)]
        return min((f / n for f, n in zip(flows, needs, strict=False) if n > 0), default=0.0)
    return sum(flows)


def _gain(station: Station, figures: StationFigures) -> float:
    """Items out per item (combiner: assembly) in."""
    if isinstance(station, Combiner):
        return 1.0 + sum(station.components) if station.mode is CombinerMode.BATCH else 1.0
    if isinstance(station, Separator):
        return figures.left / figures.entered if figures.entered > 0 else 1.0
    return 1.0
