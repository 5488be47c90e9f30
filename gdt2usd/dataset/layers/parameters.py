"""Layer 2, parameters: times, capacities, setups, breakdowns, lengths and speeds, as people say them and as a line can bear them.

Every time is round in some unit (4 s, 2.5 min, 0.5 h). The slowest machine is mostly used 60 to 110 %.
Not covered: who transports and operates (`automation`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np

from gdt2usd.dataset.layers.draft import MACHINES, Draft, Node
from gdt2usd.dataset.layers.draw import between, chance, integer, log_between, nice, pick, significant, weighted
from gdt2usd.graph.distributions import (
    Constant,
    Distribution,
    Exponential,
    Gamma,
    Lognormal,
    Normal,
    Poisson,
    Triangular,
    Uniform,
    Weibull,
)
from gdt2usd.graph.model import Batching, Breakdown, Discipline

ARRIVALS = {"exponential": 0.44, "constant": 0.24, "normal": 0.12, "uniform": 0.11, "triangular": 0.09}
SERVICES = {
    "constant": 0.3, "normal": 0.2, "triangular": 0.13, "uniform": 0.11, "exponential": 0.08,
    "lognormal": 0.06, "gamma": 0.05, "weibull": 0.045, "poisson": 0.025,
}  # fmt: skip
REPAIRS = {
    "exponential": 0.4,
    "constant": 0.15,
    "uniform": 0.15,
    "triangular": 0.15,
    "normal": 0.08,
    "lognormal": 0.04,
    "gamma": 0.03,
}
FAILURES = {"exponential": 0.75, "constant": 0.07, "weibull": 0.1, "uniform": 0.04, "normal": 0.04}
CAPACITIES = (
    1,
    2,
    3,
    4,
    5,
    6,
    8,
    10,
    12,
    15,
    16,
    18,
    20,
    24,
    25,
    30,
    32,
    35,
    40,
    45,
    48,
    50,
    60,
    64,
    75,
    80,
    100,
    120,
    150,
    200,
    250,
    300,
    500,
)
LENGTHS_M = (2, 2.5, 3, 3.5, 4, 4.5, 5, 5, 6, 6, 7, 8, 8, 9, 10, 10, 10, 12, 12, 14, 15, 15, 16, 18, 20, 20, 24, 25, 30)
SPEEDS_M_S = (0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.5, 0.6, 0.7, 0.75, 0.8, 0.9, 1.0, 1.2, 1.5, 1.8, 2.0)


@dataclass(slots=True)
class Parameters:
    """Per node key the fields of its station beyond name and pose; `takt_s` the mean time between items of the first source."""

    takt_s: float
    fields: dict[int, dict[str, Any]] = field(default_factory=dict)
    service_s: dict[int, float] = field(default_factory=dict)
    families: set[str] = field(default_factory=set)


#: No service is shorter, however many items a machine would have to keep up with.
_SHORTEST_S = 0.05


def _unit_s(rng: np.random.Generator, seconds: float) -> float:
    """The unit (in seconds) in which somebody would say a time of about `seconds`."""
    if seconds < 90:
        return 1.0
    if seconds < 600:
        return weighted(rng, {1.0: 0.62, 60.0: 0.38})
    if seconds < 5400:
        return weighted(rng, {1.0: 0.3, 60.0: 0.64, 3600.0: 0.06})
    if seconds < 28800:
        return weighted(rng, {1.0: 0.16, 60.0: 0.34, 3600.0: 0.5})
    return weighted(rng, {1.0: 0.08, 60.0: 0.1, 3600.0: 0.82})


def _said(value: float, unit_s: float) -> float:
    return round(value * unit_s, 6)


def draw_time(rng: np.random.Generator, seconds: float) -> float:
    """A round time near `seconds` (> 0), in seconds."""
    unit = _unit_s(rng, seconds)
    return _said(nice(rng, seconds / unit, coarse=unit > 1), unit)


def _distinct(rng: np.random.Generator, values: tuple[float, ...], unit: float) -> tuple[float, ...]:
    """Round `values` (ascending) so that they stay ascending and different."""
    rounded = tuple(nice(rng, value, coarse=unit > 1) for value in values)
    if all(a < b for a, b in pairwise(rounded)):
        return rounded
    return tuple(significant(value, 3) for value in values)


def draw_distribution(rng: np.random.Generator, family: str, mean_s: float) -> Distribution:
    """A distribution of `family` with a mean near `mean_s` (> 0) and round parameters, all in one unit."""
    unit = _unit_s(rng, mean_s)
    mean = mean_s / unit

    def near(value: float) -> float:
        return nice(rng, value, coarse=unit > 1)

    match family:
        case "constant":
            return Constant(_said(near(mean), unit))
        case "exponential":
            return Exponential(_said(near(mean), unit))
        case "normal":
            spread = pick(rng, (0.03, 0.05, 0.08, 0.1, 0.1, 0.12, 0.15, 0.2, 0.25))
            return Normal(_said(near(mean), unit), _said(near(mean * spread), unit))
        case "triangular":
            low, high = mean * between(rng, 0.45, 0.92), mean * between(rng, 1.1, 1.9)
            a, m, b = _distinct(rng, (low, min(max(3 * mean - low - high, low * 1.06), high * 0.95), high), unit)
            return Triangular(_said(a, unit), _said(m, unit), _said(b, unit))
        case "uniform":
            half = mean * between(rng, 0.08, 0.6)
            a, b = _distinct(rng, (mean - half, mean + half), unit)
            return Uniform(_said(a, unit), _said(b, unit))
        case "lognormal":
            m, s = near(mean), near(mean * pick(rng, (0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5)))
            return lognormal_of(_said(m, unit), _said(s, unit))
        case "weibull":
            shape = pick(rng, (0.8, 1.2, 1.5, 1.5, 1.8, 2.0, 2.0, 2.2, 2.5, 3.0, 3.5, 4.0))
            return Weibull(shape, _said(near(mean / math.gamma(1 + 1 / shape)), unit))
        case "gamma":
            shape = pick(rng, (1.5, 2.0, 2.0, 2.5, 3.0, 3.0, 4.0, 4.0, 5.0, 6.0, 8.0, 9.0))
            return Gamma(shape, _said(near(mean / shape), unit))
        case "poisson":
            return Poisson(float(max(1, round(nice(rng, mean_s)))))
        case _:
            raise ValueError(f"{family!r} is no distribution family of the data set")


def lognormal_of(mean_s: float, std_s: float) -> Lognormal:
    """The lognormal whose own mean and standard deviation are given (how people say it); mu and sigma rounded to nine digits."""
    variance = math.log1p((std_s / mean_s) ** 2)
    return Lognormal(round(math.log(mean_s) - variance / 2, 9), round(math.sqrt(variance), 9))


def _service(rng: np.random.Generator, mean_s: float, weights: Mapping[str, float], drawn: Parameters) -> Distribution:
    family, mean_s = weighted(rng, weights), max(mean_s, _SHORTEST_S)
    if (family == "poisson" and mean_s < 4) or (family == "constant" and mean_s < 0.2):
        family = "constant"
    drawn.families.add(family)
    return draw_distribution(rng, family, mean_s)


def _machine(
    rng: np.random.Generator, node: Node, mean_s: float, services: Mapping[str, float], drawn: Parameters
) -> dict[str, Any]:
    """Fields of one machine that is to be busy `mean_s` an item in all."""
    capacity = pick(rng, (2, 2, 3, 4, 5, 6, 8, 10, 10, 12, 20)) if node.kind == "processor" and chance(rng, 0.1) else 1
    busy_s = mean_s * capacity
    fields: dict[str, Any] = {"capacity": capacity}
    if chance(rng, 0.02):
        fields["process_time_s"] = Constant(10.0)
        return fields
    if chance(rng, 0.15):
        breakdown, available = _breakdown(rng, busy_s)
        fields["breakdown"] = breakdown
        busy_s *= available
    if node.kind != "multiprocessor" and chance(rng, 0.22):
        share = between(rng, 0.05, 0.4)
        family = weighted(rng, {"constant": 0.8, "uniform": 0.07, "normal": 0.06, "triangular": 0.05, "exponential": 0.02})
        longer = between(rng, 1.5, 6.0) if chance(rng, 0.08) else 1.0
        fields["setup_time_s"] = draw_distribution(rng, family, max(busy_s * share, 0.5) * longer)
        busy_s *= 1 - share
    fields["process_time_s"] = _service(rng, busy_s, services, drawn)
    return fields


def _breakdown(rng: np.random.Generator, busy_s: float) -> tuple[Breakdown, float]:
    """Failures and repairs, and the share of time that is left."""
    up_s = max(log_between(rng, 900, 100_000), 12 * busy_s)
    down_s = up_s * log_between(rng, 0.008, 0.16)
    failure = draw_distribution(rng, weighted(rng, FAILURES), up_s)
    repair = draw_distribution(rng, weighted(rng, REPAIRS), max(down_s, 5.0))
    return Breakdown(failure, repair), up_s / (up_s + max(down_s, 5.0))


def _queue(rng: np.random.Generator) -> dict[str, Any]:
    fields: dict[str, Any] = {"capacity": 1000 if chance(rng, 0.22) else int(log_between(rng, 2, 120))}
    if fields["capacity"] != 1000:
        fields["capacity"] = (
            min(CAPACITIES, key=lambda c: abs(math.log(c / fields["capacity"]))) if chance(rng, 0.8) else fields["capacity"]
        )
    if chance(rng, 0.03):
        fields["discipline"] = Discipline.LIFO
    if chance(rng, 0.03):
        size = integer(rng, 2, min(12, fields["capacity"])) if fields["capacity"] > 2 else 0
        if size:
            fields["batching"] = Batching(size, draw_time(rng, log_between(rng, 30, 3600)) if chance(rng, 0.3) else 0.0)
    return fields


def _conveyor(rng: np.random.Generator) -> dict[str, Any]:
    fields: dict[str, Any] = {"length_m": float(pick(rng, LENGTHS_M)), "speed_m_s": pick(rng, SPEEDS_M_S)}
    if chance(rng, 0.2):
        fields["speed_m_s"] = 1.0
    if chance(rng, 0.07):
        fields["accumulating"] = False
    return fields


def draw_parameters(
    rng: np.random.Generator, draft: Draft, cycle_s: tuple[float, float], slowest_takt_s: float, services: Mapping[str, float]
) -> Parameters:
    """Fields for every node; `cycle_s`: the industry's usual takt times, `slowest_takt_s`: what the automation needs at least."""
    takt = max(log_between(rng, *cycle_s), slowest_takt_s)
    drawn = Parameters(takt)
    target = between(rng, 0.55, 1.0) if chance(rng, 0.9) else between(rng, 1.0, 1.5)
    stems: dict[int, dict[str, Any]] = {}
    machines = draft.machines()
    slowest = pick(rng, machines).group if machines else -1
    even = chance(rng, 0.45)
    for node in draft.nodes:
        if node.kind in MACHINES:
            share = target if node.group == slowest else target * (between(rng, 0.72, 1.0) if even else between(rng, 0.25, 1.0))
            mean_s = takt * share / max(node.flow, 0.02)
            drawn.service_s[node.key] = mean_s
            alike = node.group in stems and not chance(rng, 0.12)
            drawn.fields[node.key] = dict(stems[node.group]) if alike else _machine(rng, node, mean_s, services, drawn)
        else:
            drawn.fields[node.key] = dict(stems[node.group]) if node.group in stems else _other(rng, node, takt, drawn)
        stems.setdefault(node.group, drawn.fields[node.key])
    for edge in draft.edges:
        back_into = drawn.fields[edge.downstream]
        if edge.back and "capacity" in back_into and draft.nodes[edge.downstream].kind == "queue":
            back_into["capacity"] = max(back_into["capacity"], pick(rng, (20, 25, 30, 40, 50, 100)))
    return drawn


def _other(rng: np.random.Generator, node: Node, takt_s: float, drawn: Parameters) -> dict[str, Any]:
    match node.kind:
        case "source":
            family = weighted(rng, ARRIVALS)
            drawn.families.add(family)
            interarrival = Exponential(10.0) if takt_s == 10 else draw_distribution(rng, family, takt_s / max(node.flow, 0.02))
            fields: dict[str, Any] = {"interarrival_time_s": interarrival}
            if chance(rng, 0.03):
                fields["arrival_at_zero"] = True
            return fields
        case "queue":
            return _queue(rng)
        case "conveyor":
            return _conveyor(rng)
        case "storage":
            fields = {
                "capacity": 1000 if chance(rng, 0.4) else pick(rng, (20, 24, 30, 40, 48, 50, 60, 80, 100, 120, 150, 200, 300, 500))
            }
            if chance(rng, 0.3):
                fields["dwell_time_s"] = draw_distribution(
                    rng, weighted(rng, {"constant": 0.8, "uniform": 0.2}), log_between(rng, 60, 14400)
                )
            return fields
        case _:
            return {}
