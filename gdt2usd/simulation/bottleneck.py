"""The bottleneck: candidates by activity, confirmed by making each of them 10 % faster with the same random streams.

Activity is the share of time that a station is neither starved nor blocked (the longest mean active period breaks ties of meaning:
Roser, Nakano, Tanaka 2001). Every source is a candidate too: where it gains most, demand is the limit, not a machine.
The confirmation is bounded in cost: few candidates, few replications, none where the experiment itself took long.
Not covered: bottlenecks that move during a run.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gdt2usd.graph.model import ProcessGraph, Source
from gdt2usd.simulation.engine import Replication
from gdt2usd.simulation.statistics import Estimate, ResourceFigures, StationFigures, estimate, finite

SPEEDUP = 1.1
MACHINES = 4  # candidates among the stations with work to do
RESOURCES = 2
ACTIVE = ("setup", "processing", "down", "waiting_for_operator")
WORKING_KINDS = ("processor", "combiner", "separator", "multiprocessor", "conveyor")

Rerun = Callable[[str, int], Sequence[float]]  # (station, replications) -> throughputs with that station faster


@dataclass(frozen=True, slots=True)
class Candidate:
    """A station or resource: share of active time, and throughput gain in percent when it is 10 % faster (None: not tried)."""

    id: str
    kind: str
    active: float
    gain_percent: Estimate | None

    def to_json(self) -> dict[str, object]:
        return {
            "id": self.id,
            "kind": self.kind,
            "active_fraction": self.active,
            "gain_percent": None if self.gain_percent is None else finite(self.gain_percent.mean),
            "gain_half_width": None if self.gain_percent is None else finite(self.gain_percent.half_width),
        }


@dataclass(frozen=True, slots=True)
class Bottleneck:
    """The candidate that limits the throughput; `confirmed` if making it faster gained more than chance explains."""

    chosen: Candidate
    confirmed: bool
    candidates: tuple[Candidate, ...]

    def to_json(self) -> dict[str, object]:
        """The contract's `bottleneck`."""
        return {
            "station": self.chosen.id,
            **{k: v for k, v in self.chosen.to_json().items() if k != "id"},
            "confirmed": self.confirmed,
            "candidates": [c.to_json() for c in self.candidates],
        }


def active_share(station: StationFigures) -> float:
    """Share of time in which the station is neither starved nor blocked nor idle."""
    return sum(station.states[state] for state in ACTIVE)


def find_bottleneck(
    graph: ProcessGraph,
    runs: Sequence[Replication],
    stations: Sequence[StationFigures],
    resources: Sequence[ResourceFigures],
    base: Sequence[float],
    rerun: Rerun,
    confidence: float,
    wall_s: float,
) -> Bottleneck | None:
    """The bottleneck; None where nothing flows. `wall_s` bounds the time spent on reruns."""
    if not base or not any(value > 0.0 for value in base):
        return None
    candidates = _candidates(graph, stations, resources)
    if not candidates:
        return None
    count = min(len(base), 5)
    deadline = time.monotonic() + wall_s
    events = sum(r.events for r in runs[:count])
    tried: list[Candidate] = []
    for candidate in candidates:
        if time.monotonic() > deadline or events > 4_000_000:
            tried.append(candidate)
            continue
        faster = rerun(candidate.id, count)
        gains = [100.0 * (f / b - 1.0) for f, b in zip(faster, base, strict=False) if b > 0.0]
        tried.append(Candidate(candidate.id, candidate.kind, candidate.active, estimate(gains, confidence)))
    measured = [c for c in tried if c.gain_percent is not None and math.isfinite(c.gain_percent.mean)]
    chosen = max(measured, key=_gain, default=tried[0])
    return Bottleneck(chosen, _is_certain(chosen), tuple(tried))


def _gain(candidate: Candidate) -> float:
    return candidate.gain_percent.mean if candidate.gain_percent is not None else -math.inf


def _is_certain(candidate: Candidate) -> bool:
    gain = candidate.gain_percent
    return gain is not None and math.isfinite(gain.half_width) and gain.low > 0.0


def _candidates(graph: ProcessGraph, stations: Sequence[StationFigures], resources: Sequence[ResourceFigures]) -> list[Candidate]:
    machines = sorted((s for s in stations if s.kind in WORKING_KINDS and s.entered > 0), key=active_share, reverse=True)
    movers = sorted((r for r in resources if r.served > 0), key=lambda r: r.utilisation, reverse=True)
    chosen = [Candidate(s.id, s.kind, active_share(s), None) for s in machines[:MACHINES]]
    chosen += [Candidate(r.id, "resource", r.utilisation, None) for r in movers[:RESOURCES]]
    sources = {s.id for s in graph.stations if isinstance(s, Source) and not s.schedule}
    active = [s for s in stations if s.id in sources and s.states["processing"] > 0.05]
    chosen += [Candidate(s.id, "source", s.states["processing"], None) for s in active[:2]]
    return chosen
