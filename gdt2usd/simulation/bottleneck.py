"""The bottleneck: candidates by activity, confirmed by making each of them 10 % faster with the same random streams.

Activity is the share of time that a station is neither starved nor blocked; where shares are within 2 % of each other, the station
whose active periods last longer comes first (Roser, Nakano, Tanaka 2001; measured on the event log of one replication). Every
source is a candidate too: where it gains most, demand is the limit, not a machine; the machine to improve next is named beside it.
The confirmation is bounded in cost: few candidates, few replications, none where the experiment itself took long.
Not covered: bottlenecks that move during a run.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from gdt2usd.graph.model import ProcessGraph, Source
from gdt2usd.simulation.engine import Replication
from gdt2usd.simulation.records import EventKind, EventLog
from gdt2usd.simulation.statistics import Estimate, ResourceFigures, StationFigures, estimate, finite

SPEEDUP = 1.1
SAME_SHARE = 0.02  # shares of active time that differ by less count as equal
MACHINES = 4  # candidates among the stations with work to do
RESOURCES = 2
MOST_EVENTS = 4_000_000  # of all reruns together
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
    active_period_s: float = math.nan  # mean length of the stretches without starving or blocking

    def to_json(self) -> dict[str, object]:
        return {
            "id": self.id,
            "kind": self.kind,
            "active_fraction": self.active,
            "active_period_s": finite(self.active_period_s),
            "gain_percent": None if self.gain_percent is None else finite(self.gain_percent.mean),
            "gain_half_width": None if self.gain_percent is None else finite(self.gain_percent.half_width),
        }


@dataclass(frozen=True, slots=True)
class Bottleneck:
    """The candidate that limits the throughput; `confirmed` if making it faster gained more than chance explains."""

    chosen: Candidate
    confirmed: bool
    candidates: tuple[Candidate, ...]

    @property
    def machine(self) -> Candidate | None:
        """The busiest candidate that is no source: the machine to improve, now or when more items arrive."""
        if self.chosen.kind != "source":
            return self.chosen
        return max((c for c in self.candidates if c.kind != "source"), key=lambda c: c.active, default=None)

    def to_json(self) -> dict[str, object]:
        """The contract's `bottleneck`."""
        return {
            "station": self.chosen.id,
            **{k: v for k, v in self.chosen.to_json().items() if k != "id"},
            "confirmed": self.confirmed,
            "limit": "arrivals" if self.chosen.kind == "source" else self.chosen.kind,
            "machine": None if self.machine is None else self.machine.id,
            "candidates": [c.to_json() for c in self.candidates],
        }


def active_periods_s(log: EventLog) -> dict[str, float]:
    """Mean length of the active periods of every station in `log`: stretches in `ACTIVE` states, the last one cut by the end."""
    since: dict[str, float] = {}
    total: dict[str, float] = {}
    count: dict[str, int] = {}
    for event in log:
        if event.kind is EventKind.STATE and (event.other in ACTIVE) != (event.place in since):
            if event.place in since:
                total[event.place] = total.get(event.place, 0.0) + event.time_s - since.pop(event.place)
            else:
                since[event.place] = event.time_s
                count[event.place] = count.get(event.place, 0) + 1
    for place, start in since.items():
        total[place] = total.get(place, 0.0) + log.horizon_s - start
    return {place: total[place] / count[place] for place in count}


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
    periods_s: Mapping[str, float],
    most_events: int = MOST_EVENTS,
) -> Bottleneck | None:
    """The bottleneck; None where nothing flows. `periods_s`: `active_periods_s`.

    Reruns end after `wall_s` seconds or about `most_events` events, of which every candidate takes as many as its runs had; where
    that is not enough for all, each gets three runs, and the busiest machine and the source are tried first.
    """
    if not base or not any(value > 0.0 for value in base):
        return None
    candidates = _candidates(graph, stations, resources, periods_s)
    if not candidates:
        return None
    count = min(len(base), 5)
    if len(candidates) * _events(runs, count) > most_events:
        count = min(count, 3)
    cost, spent = _events(runs, count), 0
    deadline = time.monotonic() + wall_s
    gains: dict[str, Estimate] = {}
    for candidate in _telling(candidates):
        if time.monotonic() > deadline or cost > MOST_EVENTS or (spent and spent + cost > most_events):
            break
        spent += cost
        faster = rerun(candidate.id, count)
        changes = [100.0 * (f / b - 1.0) for f, b in zip(faster, base, strict=False) if b > 0.0]
        gains[candidate.id] = estimate(changes, confidence)
    tried = [replace(c, gain_percent=gains.get(c.id)) for c in candidates]
    measured = [c for c in tried if c.gain_percent is not None and math.isfinite(c.gain_percent.mean)]
    chosen = max(measured, key=_gain, default=tried[0])
    return Bottleneck(chosen, _is_certain(chosen), tuple(tried))


def _events(runs: Sequence[Replication], count: int) -> int:
    return sum(r.events for r in runs[:count])


def _telling(candidates: Sequence[Candidate]) -> list[Candidate]:
    """The busiest machine, then the first source, then the rest as ranked."""
    first = [*candidates[:1], *[c for c in candidates if c.kind == "source"][:1]]
    return [*dict.fromkeys([*first, *candidates])]


def _gain(candidate: Candidate) -> float:
    return candidate.gain_percent.mean if candidate.gain_percent is not None else -math.inf


def _is_certain(candidate: Candidate) -> bool:
    gain = candidate.gain_percent
    return gain is not None and math.isfinite(gain.half_width) and gain.low > 0.0


def _candidates(
    graph: ProcessGraph, stations: Sequence[StationFigures], resources: Sequence[ResourceFigures], periods_s: Mapping[str, float]
) -> list[Candidate]:
    def rank(station: StationFigures) -> tuple[int, float]:
        return round(active_share(station) / SAME_SHARE), periods_s.get(station.id, 0.0)

    machines = sorted((s for s in stations if s.kind in WORKING_KINDS and s.entered > 0), key=rank, reverse=True)
    movers = sorted((r for r in resources if r.served > 0), key=lambda r: r.utilisation, reverse=True)
    chosen = [Candidate(s.id, s.kind, active_share(s), None, periods_s.get(s.id, math.nan)) for s in machines[:MACHINES]]
    chosen += [Candidate(r.id, "resource", r.utilisation, None) for r in movers[:RESOURCES]]
    sources = {s.id for s in graph.stations if isinstance(s, Source) and not s.schedule}
    active = [s for s in stations if s.id in sources and s.states["processing"] > 0.05]
    chosen += [Candidate(s.id, "source", s.states["processing"], None) for s in active[:2]]
    return chosen
