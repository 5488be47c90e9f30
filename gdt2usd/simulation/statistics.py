"""Figures from records: t intervals over replications, MSER-5 warm-up, averages per station after the warm-up.

Everything here is a pure function of `Replication` records. Mean stay follows from Little's law at the station (content area /
departures); flow time is measured item by item.
Not covered: what the figures mean for the factory (`simulation.findings`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gdt2usd.simulation.engine import Replication
from gdt2usd.simulation.resources import MOVER_STATES
from gdt2usd.simulation.units import STATES
from gdt2usd.simulation.variates import Floats

ENTERED, LEFT, AREA, BUSY, FIRST_STATE = range(5)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over replications with the half width of its t interval; NaN where there is no figure (JSON: null)."""

    mean: float
    half_width: float
    replications: int
    confidence: float

    @property
    def low(self) -> float:
        return self.mean - self.half_width

    @property
    def high(self) -> float:
        return self.mean + self.half_width

    def to_json(self) -> dict[str, object]:
        """The contract's form."""
        return {
            "mean": finite(self.mean),
            "half_width": finite(self.half_width),
            "replications": self.replications,
            "confidence": self.confidence,
        }


def finite(value: float) -> float | None:
    """`value`, None if it is not finite (JSON has no NaN)."""
    return float(value) if math.isfinite(value) else None


def estimate(values: Sequence[float], confidence: float) -> Estimate:
    """Mean and t half width of independent `values` (one per replication; NaN ones are left out)."""
    from scipy.special import stdtrit

    known = np.array([v for v in values if math.isfinite(v)])
    n = len(known)
    if n == 0:
        return Estimate(math.nan, math.nan, 0, confidence)
    if n == 1:
        return Estimate(float(known[0]), math.nan, 1, confidence)
    half = float(stdtrit(n - 1, 0.5 + confidence / 2.0)) * float(known.std(ddof=1)) / math.sqrt(n)
    return Estimate(float(known.mean()), half, n, confidence)


def mser(series: Floats) -> int:
    """How many leading values of `series` to cut: MSER (White 1997), on values that are already means of batches.

    Minimises the squared standard error of the mean of what remains, over cuts up to the middle.
    """
    n = len(series)
    if n < 4:
        return 0
    tail = series[::-1]
    counts = np.arange(1, n + 1)
    sums, squares = np.cumsum(tail), np.cumsum(tail * tail)
    errors = np.maximum(squares - sums * sums / counts, 0.0) / (counts * counts)
    errors = errors[::-1]  # errors[d]: after cutting d values
    return int(np.argmin(errors[: n // 2 + 1]))


@dataclass(frozen=True, slots=True)
class WarmUp:
    """What is cut: `end_s`, how it was found ("given", "mser-5", "none"), whether the run was too short to tell."""

    end_s: float
    method: str
    doubtful: bool = False


def find_warm_up(replications: Sequence[Replication], given_s: float | None) -> WarmUp:
    """The given warm-up, or MSER-5 on the mean over replications of WIP and of throughput per grid interval (the later wins)."""
    if given_s is not None:
        return WarmUp(given_s, "given")
    complete = [r for r in replications if not r.stopped]
    if not complete:
        return WarmUp(0.0, "none")
    grid = complete[0].grid_s
    wip = np.mean([np.diff(r.system[:, 1], prepend=0.0) for r in complete], axis=0)
    exits = np.mean([np.diff(r.system[:, 3], prepend=0.0) for r in complete], axis=0)
    cut = max(mser(wip), mser(exits))
    doubtful = cut >= len(grid) // 2 - 1
    earliest = grid[cut - 1] if cut else 0.0
    at = complete[0].at_s[:-1]
    later = at[at >= earliest - 1e-9]
    return WarmUp(float(later[0] if len(later) else at[-1]), "mser-5", doubtful)


@dataclass(frozen=True, slots=True)
class Window:
    """The figures of one replication after the warm-up: `stations` (S, 12), `movers` (M, 8) as differences of accumulators."""

    duration_s: float
    stations: Floats
    movers: Floats
    exits: int
    wip: float
    flow_times_s: Floats


def window(replication: Replication, start_s: float) -> Window:
    """What happened in `replication` from the first record at or after `start_s` to its end."""
    r = replication
    first = int(np.argmin(np.where(r.at_s >= start_s - 1e-9, r.at_s, np.inf)))
    begin = float(r.at_s[first]) if first < len(r.at_s) - 1 else 0.0
    duration = r.horizon_s - begin
    base_s, base_m = (r.stations[first], r.movers[first]) if first < len(r.at_s) - 1 else (0.0, 0.0)
    before = int(np.searchsorted(r.exits_s, begin, side="right"))
    return Window(
        duration_s=duration,
        stations=r.stations[-1] - base_s,
        movers=r.movers[-1] - base_m,
        exits=len(r.exits_s) - before,
        wip=_wip(r, begin),
        flow_times_s=r.flow_times_s[before:],
    )


def _wip(r: Replication, begin: float) -> float:
    """Time-average of the items in the system from `begin` to the end."""
    if not len(r.grid_s) or r.horizon_s <= begin:
        return math.nan
    before = float(np.interp(begin, np.concatenate([[0.0], r.grid_s]), np.concatenate([[0.0], r.system[:, 1]])))
    return (r.area_s - before) / (r.horizon_s - begin)


@dataclass(frozen=True, slots=True)
class StationFigures:
    """Averages of one station over replications; `states` in the contract's order, fractions that sum to 1."""

    id: str
    kind: str
    states: dict[str, float]
    entered: float
    left: float
    mean_content: float
    max_content: int
    mean_stay_s: float
    utilisation: float
    throughput_per_hour: float

    def to_json(self) -> dict[str, object]:
        return {
            "id": self.id,
            "kind": self.kind,
            "states": self.states,
            "entered": self.entered,
            "left": self.left,
            "mean_content": finite(self.mean_content),
            "max_content": self.max_content,
            "mean_stay_s": finite(self.mean_stay_s),
            "utilisation": self.utilisation,
            "throughput_per_hour": finite(self.throughput_per_hour),
        }


@dataclass(frozen=True, slots=True)
class ResourceFigures:
    """Averages of one operator or vehicle: fractions of time per state, utilisation (not idle), calls served, metres."""

    id: str
    states: dict[str, float]
    utilisation: float
    served: float
    travelled_m: float

    def to_json(self) -> dict[str, object]:
        return {
            "id": self.id,
            "states": self.states,
            "utilisation": self.utilisation,
            "served": self.served,
            "travelled_m": self.travelled_m,
        }


def station_figures(
    ids: Sequence[tuple[str, str, int]], windows: Sequence[Window], peaks: Sequence[Sequence[int]]
) -> tuple[StationFigures, ...]:
    """Per station (id, kind, capacity): averages of its windows."""
    rows = []
    for s, (id, kind, capacity) in enumerate(ids):
        table = np.array([w.stations[s] for w in windows])  # (R, 12)
        seconds = np.maximum(table[:, FIRST_STATE:].sum(axis=0), 0.0)  # differences of sums: not below 0 by rounding
        total = float(seconds.sum())
        duration = sum(w.duration_s for w in windows)
        entered, left, area, busy = table[:, :FIRST_STATE].sum(axis=0)
        rows.append(
            StationFigures(
                id=id,
                kind=kind,
                states={str(name): float(x / total) if total > 0 else 0.0 for name, x in zip(STATES, seconds, strict=True)},
                entered=float(entered) / len(windows),
                left=float(left) / len(windows),
                mean_content=float(area) / duration if duration > 0 else math.nan,
                max_content=max(p[s] for p in peaks),
                mean_stay_s=float(area / left) if left > 0 else math.nan,
                utilisation=min(1.0, float(busy) / (duration * capacity)) if duration > 0 else 0.0,
                throughput_per_hour=3600.0 * float(left) / duration if duration > 0 else math.nan,
            )
        )
    return tuple(rows)


def resource_figures(ids: Sequence[str], windows: Sequence[Window]) -> tuple[ResourceFigures, ...]:
    """Per mover: averages of its windows."""
    rows = []
    for m, id in enumerate(ids):
        table = np.array([w.movers[m] for w in windows])  # (R, 8)
        seconds = table[:, 2:].sum(axis=0)
        total = float(seconds.sum()) or 1.0
        states = {str(name): float(x / total) for name, x in zip(MOVER_STATES, seconds, strict=True)}
        served, metres = table[:, :2].mean(axis=0)
        rows.append(ResourceFigures(id, states, 1.0 - states["idle"], float(served), float(metres)))
    return tuple(rows)
