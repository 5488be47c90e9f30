"""Random numbers: one stream per station and purpose, drawn in blocks, each distribution from its definition.

A stream is seeded by (seed, replication, station name, purpose), so adding or removing a machine changes no other machine's
numbers, and two scenarios with the same seed share theirs (common random numbers). Negative times count as 0, as in FlexSim.
Not covered: code bodies evaluated per item (`simulation.bodies`).
"""

from __future__ import annotations

import hashlib
import math
from array import array
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import chain
from typing import assert_never

import numpy as np
from numpy.typing import NDArray

from gdt2usd.diagnostics import GdtError, error
from gdt2usd.graph.distributions import (
    Constant,
    Distribution,
    Exponential,
    Expression,
    FlexSimDistribution,
    Gamma,
    Lognormal,
    Normal,
    Poisson,
    Triangular,
    Uniform,
    Weibull,
)

Floats = NDArray[np.float64]
Draw = Callable[[], float]
_Sampler = Callable[[np.random.Generator, tuple[float, ...], int], Floats]

FIRST_BLOCK = 32
LAST_BLOCK = 512


@lru_cache(4096)
def _hash(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")


class Streams:
    """The random streams of one replication."""

    def __init__(self, seed: int, replication: int) -> None:
        self.seed = seed
        self.replication = replication

    def generator(self, station: str, purpose: str) -> np.random.Generator:
        """The generator of `station` for `purpose` ("process", "setup", "routing", ...); the same on every call."""
        key = (self.replication, _hash(station), _hash(purpose))
        return np.random.Generator(np.random.PCG64(np.random.SeedSequence(self.seed, spawn_key=key)))

    def draws(self, distribution: Distribution, station: str, purpose: str, factor: float = 1.0) -> Draw:
        """A function that gives the next value (>= 0) on each call; `factor` multiplies every value.

        Raises:
            GdtError: SM101 for parameters that no distribution has, SM102 for a command without a sampler.
        """
        if isinstance(distribution, Constant):
            value = max(0.0, distribution.value * factor)
            _check(distribution, station, value)
            return lambda: value
        if not _has_values(distribution):
            sample(distribution, np.random.default_rng(0), 1, station)
        return chain.from_iterable(_blocks(distribution, self.generator(station, purpose), station, factor)).__next__

    def block(self, distribution: Distribution, station: str, purpose: str, count: int) -> Floats:
        """The first `count` values that `draws` would give, at once: float64 (count,)."""
        if isinstance(distribution, Constant):
            return np.full(count, max(0.0, distribution.value))
        return sample(distribution, self.generator(station, purpose), count, station)


@lru_cache(4096)
def _has_values(distribution: Distribution) -> bool:
    """Whether `distribution` can be drawn; remembered, because the question costs as much as the stream itself."""
    try:
        sample(distribution, np.random.default_rng(0), 1)
    except GdtError:
        return False
    return True


def _blocks(distribution: Distribution, rng: np.random.Generator, station: str, factor: float) -> Iterator[array[float]]:
    """Blocks of values as C doubles: an eighth of the memory of as many objects, which long lines feel in their caches."""
    size = FIRST_BLOCK
    while True:
        values = sample(distribution, rng, size, station)
        yield array("d", (values if factor == 1.0 else values * factor).tobytes())
        size = min(2 * size, LAST_BLOCK)


def _check(distribution: Distribution, station: str, value: float) -> None:
    if not math.isfinite(value):
        message = f"{station}: {distribution} gives {value}"
        raise GdtError([error("SM101", message, hint="correct the parameters of this distribution")])


def sample(distribution: Distribution, rng: np.random.Generator, count: int, station: str = "") -> Floats:
    """`count` values of `distribution`, negative ones as 0: float64 (count,).

    Raises:
        GdtError: SM101 for parameters that no distribution has, SM102 for one that cannot be drawn without an item.
    """
    try:
        values = _sample(distribution, rng, count)
    except (ValueError, OverflowError, ZeroDivisionError) as problem:
        message = f"{station}: {distribution} cannot be drawn: {problem}"
        raise GdtError([error("SM101", message, hint="correct the parameters of this distribution")]) from problem
    if isinstance(distribution, Exponential) and distribution.location == 0.0:
        return values  # finite and not negative by construction
    if not math.isfinite(values.sum()):
        raise GdtError([error("SM101", f"{station}: {distribution} gives values that are not finite")])
    return values if values.min() >= 0.0 else np.maximum(values, 0.0)


def _sample(distribution: Distribution, rng: np.random.Generator, count: int) -> Floats:
    match distribution:
        case Constant(value):
            return np.full(count, value)
        case Exponential(mean, location):
            return rng.exponential(mean, count) if location == 0.0 else location + rng.exponential(mean, count)
        case Normal(mean, std):
            return rng.normal(mean, std, count)
        case Triangular(low, mode, high):
            return np.full(count, low) if low == mode == high else rng.triangular(low, mode, high, count)
        case Uniform(low, high):
            return rng.uniform(low, high, count)
        case Lognormal(mu, sigma, location):
            return location + rng.lognormal(mu, sigma, count)
        case Weibull(shape, scale, location):
            return location + scale * rng.weibull(shape, count)
        case Gamma(shape, scale, location):
            return location + rng.gamma(shape, scale, count)
        case Poisson(mean):
            return rng.poisson(mean, count).astype(np.float64)
        case FlexSimDistribution(command, arguments, scale):
            return scale * _flexsim(command, arguments, rng, count)
        case Expression():
            raise GdtError([error("SM102", "a code body cannot be drawn in advance: it depends on the item")])
        case _:
            assert_never(distribution)


def _uniform(rng: np.random.Generator, n: int) -> Floats:
    return 1.0 - rng.random(n)  # in (0, 1]: safe for logarithms and reciprocals


def _open(rng: np.random.Generator, n: int) -> Floats:
    return np.clip(rng.random(n), 1e-16, 1.0 - 1e-16)


# FlexSim's commands, arguments in FlexScript's order without the stream; forms as in Law, "Simulation Modeling and Analysis"
FLEXSIM_SAMPLERS: dict[str, _Sampler] = {
    "exponential": lambda g, a, n: a[0] + g.exponential(a[1], n),
    "normal": lambda g, a, n: g.normal(a[0], a[1], n),
    "triangular": lambda g, a, n: g.triangular(a[0], a[2], a[1], n),
    "uniform": lambda g, a, n: g.uniform(a[0], a[1], n),
    "duniform": lambda g, a, n: g.integers(round(a[0]), round(a[1]) + 1, n).astype(np.float64),
    "lognormal": lambda g, a, n: a[0] + g.lognormal(a[1], a[2], n),
    "lognormal2": lambda g, a, n: a[0] + a[1] * g.lognormal(0.0, a[2], n),
    "lognormalmeanstdev": lambda g, a, n: _lognormal_by_moments(g, a[0], a[1], n),
    "weibull": lambda g, a, n: a[0] + a[1] * g.weibull(a[2], n),
    "gamma": lambda g, a, n: a[0] + g.gamma(a[2], a[1], n),
    "erlang": lambda g, a, n: a[0] + g.gamma(round(a[2]), a[1], n),
    "beta": lambda g, a, n: a[0] + (a[1] - a[0]) * g.beta(a[2], a[3], n),
    "pearsont5": lambda g, a, n: a[0] + a[1] / g.gamma(a[2], 1.0, n),
    "pearsont6": lambda g, a, n: a[0] + a[1] * g.gamma(a[2], 1.0, n) / g.gamma(a[3], 1.0, n),
    "loglogistic": lambda g, a, n: a[0] + a[1] * np.exp(g.logistic(0.0, 1.0, n) / a[2]),
    "logistic": lambda g, a, n: g.logistic(a[0], a[1], n),
    "laplace": lambda g, a, n: g.laplace(a[0], a[1], n),
    "johnsonbounded": lambda g, a, n: a[0] + (a[1] - a[0]) / (1.0 + np.exp(-(g.normal(size=n) - a[2]) / a[3])),
    "johnsonunbounded": lambda g, a, n: a[0] + a[1] * np.sinh((g.normal(size=n) - a[2]) / a[3]),
    "inversegaussian": lambda g, a, n: a[0] + g.wald(a[1], a[2], n),
    "inverseweibull": lambda g, a, n: a[0] + a[1] * (-np.log(_open(g, n))) ** (-1.0 / a[2]),
    "invertedweibull": lambda g, a, n: a[0] + a[1] * (-np.log(_open(g, n))) ** (-1.0 / a[2]),
    "extremevalue1a": lambda g, a, n: g.gumbel(a[0], a[1], n),
    "extremevalue1b": lambda g, a, n: a[0] + a[1] * np.log(-np.log(_open(g, n))),
    "pareto": lambda g, a, n: a[0] * _uniform(g, n) ** (-1.0 / a[1]),
    "cauchy": lambda g, a, n: a[0] + a[1] * g.standard_cauchy(n),
    "randomwalk": lambda g, a, n: a[0] + 1.0 / g.wald(a[1], a[2], n),
    "poisson": lambda g, a, n: g.poisson(a[0], n).astype(np.float64),
    "bernoulli": lambda g, a, n: np.where(g.random(n) * 100.0 < a[0], a[1], a[2]),
    "binomial": lambda g, a, n: g.binomial(round(a[0]), a[1], n).astype(np.float64),
    "geometric": lambda g, a, n: g.geometric(a[0], n).astype(np.float64) - 1.0,
    "negbinomial": lambda g, a, n: g.negative_binomial(a[0], a[1], n).astype(np.float64),
    "hypergeometric": lambda g, a, n: g.hypergeometric(round(a[1]), round(a[2] - a[1]), round(a[0]), n).astype(np.float64),
    "logarithmic": lambda g, a, n: g.logseries(a[0], n).astype(np.float64),
}


def _lognormal_by_moments(rng: np.random.Generator, mean: float, std: float, count: int) -> Floats:
    sigma2 = math.log(1.0 + (std / mean) ** 2)
    return rng.lognormal(math.log(mean) - sigma2 / 2.0, math.sqrt(sigma2), count)


def _flexsim(command: str, arguments: tuple[float, ...], rng: np.random.Generator, count: int) -> Floats:
    sampler = FLEXSIM_SAMPLERS.get(command)
    if sampler is None:
        hint = "give the times by one of FlexSim's parametric distributions"
        raise GdtError([error("SM102", f"{command}() cannot be drawn outside FlexSim", hint=hint)])
    try:
        return np.asarray(sampler(rng, arguments, count), dtype=np.float64)
    except IndexError as problem:
        raise ValueError(f"{command} has too few arguments: {arguments}") from problem


def mean_of(distribution: Distribution) -> float | None:
    """The mean of the values that are drawn (negative ones as 0); None for code bodies, whose mean depends on the items."""
    match distribution:
        case Constant(value):
            return max(0.0, value)
        case Exponential(mean, location) if location >= 0.0:
            return location + mean
        case Normal(mean, std) if std > 0.0:
            z = mean / std
            return mean * 0.5 * math.erfc(-z / math.sqrt(2.0)) + std * math.exp(-z * z / 2.0) / math.sqrt(2.0 * math.pi)
        case Triangular(low, mode, high) if low >= 0.0:
            return (low + mode + high) / 3.0
        case Uniform(low, high) if low >= 0.0:
            return (low + high) / 2.0
        case Lognormal(mu, sigma, location) if location >= 0.0:
            return location + math.exp(mu + sigma * sigma / 2.0)
        case Weibull(shape, scale, location) if location >= 0.0:
            return location + scale * math.gamma(1.0 + 1.0 / shape)
        case Gamma(shape, scale, location) if location >= 0.0:
            return location + shape * scale
        case Poisson(mean):
            return mean
        case Expression():
            return None
        case _:
            return float(sample(distribution, np.random.default_rng(20261121), 200_000).mean())
