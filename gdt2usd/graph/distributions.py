"""Random times and quantities: frozen parameter records, in seconds where they are times.

Parameters are those of the output contract (`3-graph.json`); FlexScript's argument orders are `graph.lower`'s business.
Not covered: sampling (`simulation`), fitting (`dataset.fit`).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Constant:
    """Always `value`."""

    value: float


@dataclass(frozen=True, slots=True)
class Exponential:
    """`location` + exponential with mean `mean`: the distribution's mean is `location + mean`."""

    mean: float
    location: float = 0.0


@dataclass(frozen=True, slots=True)
class Normal:
    """Normal with `mean` and standard deviation `std`; a negative draw counts as 0, as in FlexSim."""

    mean: float
    std: float


@dataclass(frozen=True, slots=True)
class Triangular:
    """Triangular on [`min`, `max`] with mode `mode`."""

    min: float
    mode: float
    max: float


@dataclass(frozen=True, slots=True)
class Uniform:
    """Continuous uniform on [`min`, `max`]."""

    min: float
    max: float


@dataclass(frozen=True, slots=True)
class Lognormal:
    """`location` + exp(N(`mu`, `sigma`)): `mu` and `sigma` belong to the logarithm."""

    mu: float
    sigma: float
    location: float = 0.0


@dataclass(frozen=True, slots=True)
class Weibull:
    """`location` + Weibull with `shape` k and `scale` lambda."""

    shape: float
    scale: float
    location: float = 0.0


@dataclass(frozen=True, slots=True)
class Gamma:
    """`location` + gamma with `shape` alpha and `scale` theta: mean `location + shape * scale`."""

    shape: float
    scale: float
    location: float = 0.0


@dataclass(frozen=True, slots=True)
class Poisson:
    """Poisson counts with `mean`."""

    mean: float


@dataclass(frozen=True, slots=True)
class FlexSimDistribution:
    """Another of FlexSim's distributions, by its FlexScript command name and arguments in FlexScript's order.

    `arguments` exclude the random stream; `scale` multiplies the result (unit conversion to seconds).
    """

    command: str
    arguments: tuple[float, ...]
    scale: float = 1.0


@dataclass(frozen=True, slots=True)
class Expression:
    """A FlexScript code body evaluated per item during the simulation; `scale` converts its result to seconds."""

    flexscript: str
    scale: float = 1.0


Distribution = (
    Constant
    | Exponential
    | Normal
    | Triangular
    | Uniform
    | Lognormal
    | Weibull
    | Gamma
    | Poisson
    | FlexSimDistribution
    | Expression
)
