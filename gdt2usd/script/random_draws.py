"""Random draws behind FlexScript's distribution commands: one table from command name to sampler.

Arguments are FlexScript's, in its order, without the stream. Every sampler draws from a numpy Generator that the caller gives.
Sources: FlexSim's command reference for parameters; textbook forms (Law, Simulation Modeling and Analysis, ch. 6) for the rest.
Not covered: tables of empirical distributions, means (`simulation`).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from numpy.random import Generator

Sampler = Callable[..., float]


@dataclass(frozen=True, slots=True)
class Draw:
    """A distribution command: names of its arguments, in order, and how to draw."""

    parameters: tuple[str, ...]
    sample: Sampler


class ParameterError(ValueError):
    """Parameters for which the distribution does not exist."""


def _positive(**values: float) -> None:
    for name, value in values.items():
        if not value > 0:
            raise ParameterError(f"{name} must be greater than 0, got {value:g}")


def exponential(rng: Generator, location: float, scale: float) -> float:
    _not_negative(scale=scale)
    return location + rng.exponential(scale)


def _not_negative(**values: float) -> None:
    for name, value in values.items():
        if not value >= 0:
            raise ParameterError(f"{name} must not be negative, got {value:g}")


def normal(rng: Generator, mean: float, std: float) -> float:
    _not_negative(std=std)
    return rng.normal(mean, std)


def triangular(rng: Generator, low: float, high: float, mode: float) -> float:
    if not low <= mode <= high:
        raise ParameterError(f"triangular(min, max, mode) needs min <= mode <= max, got min {low:g}, max {high:g}, mode {mode:g}")
    return low if low == high else rng.triangular(low, mode, high)


def uniform(rng: Generator, low: float, high: float) -> float:
    low, high = min(low, high), max(low, high)
    return low + (high - low) * rng.random()


def duniform(rng: Generator, low: float, high: float) -> float:
    first, last = math.ceil(min(low, high)), math.floor(max(low, high))
    if last < first or last - first >= 2**62:
        raise ParameterError(f"duniform({low:g}, {high:g}) holds no whole number, or too many")
    return int(rng.integers(first, last, endpoint=True))


def lognormal2(rng: Generator, location: float, scale: float, shape: float) -> float:
    _positive(scale=scale)
    _not_negative(shape=shape)
    return location + scale * math.exp(min(700.0, shape * rng.standard_normal()))


def lognormal(rng: Generator, location: float, normal_mean: float, normal_std: float) -> float:
    _not_negative(normal_std=normal_std)
    return location + math.exp(min(700.0, normal_mean + normal_std * rng.standard_normal()))


def log_parameters(mean: float, std: float) -> tuple[float, float]:
    """mu and sigma of the lognormal whose own mean and standard deviation are `mean` > 0 and `std` >= 0."""
    _positive(mean=mean)
    _not_negative(std=std)
    variance = math.log1p((std / mean) ** 2)
    return math.log(mean) - variance / 2, math.sqrt(variance)


def lognormalmeanstdev(rng: Generator, mean: float, std: float) -> float:
    return lognormal(rng, 0.0, *log_parameters(mean, std))


def weibull(rng: Generator, location: float, scale: float, shape: float) -> float:
    _positive(scale=scale, shape=shape)
    return location + scale * rng.weibull(shape)


def gamma(rng: Generator, location: float, scale: float, shape: float) -> float:
    _positive(scale=scale, shape=shape)
    return location + rng.gamma(shape, scale)


def erlang(rng: Generator, location: float, scale: float, shape: float) -> float:
    return gamma(rng, location, scale, max(1, round(shape)))


def beta(rng: Generator, low: float, high: float, shape1: float, shape2: float) -> float:
    _positive(shape1=shape1, shape2=shape2)
    return low + (high - low) * rng.beta(shape1, shape2)


def pearsont5(rng: Generator, location: float, scale: float, shape: float) -> float:
    _positive(scale=scale, shape=shape)
    return location + scale / max(rng.gamma(shape), 1e-300)


def pearsont6(rng: Generator, location: float, scale: float, shape1: float, shape2: float) -> float:
    _positive(scale=scale, shape1=shape1, shape2=shape2)
    return location + scale * rng.gamma(shape1) / max(rng.gamma(shape2), 1e-300)


def loglogistic(rng: Generator, location: float, scale: float, shape: float) -> float:
    _positive(scale=scale, shape=shape)
    u = _inner(rng)
    return location + scale * float((u / (1 - u)) ** (1 / shape))


def logistic(rng: Generator, location: float, scale: float) -> float:
    u = _inner(rng)
    return location + scale * math.log(u / (1 - u))


def loglaplace(rng: Generator, location: float, scale: float, shape: float) -> float:
    _positive(scale=scale, shape=shape)
    return location + scale * math.exp(min(700.0, laplace(rng, 0.0, 1 / shape)))


def laplace(rng: Generator, location: float, scale: float) -> float:
    _not_negative(scale=scale)
    return rng.laplace(location, scale)


def johnsonbounded(rng: Generator, low: float, high: float, shape1: float, shape2: float) -> float:
    _positive(shape2=shape2)
    z = (rng.standard_normal() - shape1) / shape2
    return low + (high - low) / (1 + math.exp(min(700.0, -z)))


def johnsonunbounded(rng: Generator, location: float, scale: float, shape1: float, shape2: float) -> float:
    _positive(shape2=shape2)
    return location + scale * math.sinh(max(-700.0, min(700.0, (rng.standard_normal() - shape1) / shape2)))


def inversegaussian(rng: Generator, location: float, scale: float, shape: float) -> float:
    _positive(scale=scale, shape=shape)
    return location + rng.wald(scale, shape)


def inverseweibull(rng: Generator, location: float, scale: float, shape: float) -> float:
    _positive(scale=scale, shape=shape)
    return location + scale * float((-math.log(_inner(rng))) ** (-1 / shape))


def extremevalue1a(rng: Generator, location: float, scale: float) -> float:
    return location - scale * math.log(-math.log(_inner(rng)))


def extremevalue1b(rng: Generator, location: float, scale: float) -> float:
    return location + scale * math.log(-math.log(_inner(rng)))


def pareto(rng: Generator, low: float, shape: float) -> float:
    _positive(low=low, shape=shape)
    return low * float(_inner(rng) ** (-1 / shape))


def cauchy(rng: Generator, location: float, scale: float) -> float:
    return location + scale * math.tan(math.pi * (_inner(rng) - 0.5))


def randomwalk(rng: Generator, location: float, scale: float, shape: float) -> float:
    _positive(scale=scale, shape=shape)
    return location + 1 / rng.wald(1 / scale, shape)


def bernoulli(rng: Generator, percent: float, success: float = 1.0, failure: float = 0.0) -> float:
    return success if rng.random() * 100.0 < percent else failure


def binomial(rng: Generator, trials: float, probability: float) -> float:
    _not_negative(trials=trials)
    return int(rng.binomial(min(int(trials), 2**31), _share(probability)))


def _share(probability: float) -> float:
    """FlexSim's probabilities: 0 to 1, or percent."""
    share = probability / 100.0 if probability > 1.0 else probability
    if not 0.0 <= share <= 1.0:
        raise ParameterError(f"a probability must lie between 0 and 1, got {probability:g}")
    return share


def geometric(rng: Generator, probability: float) -> float:
    share = _share(probability)
    _positive(probability=share)
    return int(rng.geometric(share)) - 1


def negbinomial(rng: Generator, successes: float, probability: float) -> float:
    share = _share(probability)
    _positive(successes=successes, probability=share)
    return int(rng.negative_binomial(successes, share))


def hypergeometric(rng: Generator, trials: float, successes: float, size: float) -> float:
    good, total, drawn = int(successes), int(size), int(trials)
    if not 0 <= good <= total <= 10**9 or not 0 <= drawn <= total:
        raise ParameterError("hypergeometric(trials, successes, size) needs trials and successes from 0 to size")
    return int(rng.hypergeometric(good, total - good, drawn))


def logarithmic(rng: Generator, theta: float) -> float:
    if not 0 < theta < 1:
        raise ParameterError(f"theta must lie between 0 and 1, got {theta:g}")
    return int(rng.logseries(theta))


def poisson(rng: Generator, mean: float) -> float:
    if not 0 <= mean <= 1e9:
        raise ParameterError(f"mean must lie between 0 and 1e9, got {mean:g}")
    return int(rng.poisson(mean))


def _inner(rng: Generator) -> float:
    """Uniform on the open interval (0, 1)."""
    return min(max(rng.random(), 1e-300), 1 - 2**-53)


_LSS = ("location", "scale", "shape")
_LS = ("location", "scale")

DRAWS: dict[str, Draw] = {
    "exponential": Draw(_LS, exponential),
    "normal": Draw(("mean", "std"), normal),
    "triangular": Draw(("min", "max", "mode"), triangular),
    "uniform": Draw(("min", "max"), uniform),
    "duniform": Draw(("min", "max"), duniform),
    "lognormal2": Draw(_LSS, lognormal2),
    "lognormal": Draw(("location", "normalmean", "normalstdev"), lognormal),
    "lognormalmeanstdev": Draw(("mean", "std"), lognormalmeanstdev),
    "weibull": Draw(_LSS, weibull),
    "gamma": Draw(_LSS, gamma),
    "erlang": Draw(_LSS, erlang),
    "beta": Draw(("min", "max", "shape1", "shape2"), beta),
    "pearsont5": Draw(_LSS, pearsont5),
    "pearsont6": Draw((*_LS, "shape1", "shape2"), pearsont6),
    "loglogistic": Draw(_LSS, loglogistic),
    "logistic": Draw(_LS, logistic),
    "loglaplace": Draw(_LSS, loglaplace),
    "laplace": Draw(_LS, laplace),
    "johnsonbounded": Draw(("min", "max", "shape1", "shape2"), johnsonbounded),
    "johnsonunbounded": Draw((*_LS, "shape1", "shape2"), johnsonunbounded),
    "inversegaussian": Draw(_LSS, inversegaussian),
    "inverseweibull": Draw(_LSS, inverseweibull),
    "invertedweibull": Draw(_LSS, inverseweibull),
    "extremevalue1a": Draw(_LS, extremevalue1a),
    "extremevalue1b": Draw(_LS, extremevalue1b),
    "pareto": Draw(("min", "scale"), pareto),
    "cauchy": Draw(_LS, cauchy),
    "randomwalk": Draw(_LSS, randomwalk),
    "bernoulli": Draw(("prob", "succeedvalue", "failvalue"), bernoulli),
    "binomial": Draw(("trials", "prob"), binomial),
    "geometric": Draw(("prob",), geometric),
    "negbinomial": Draw(("successes", "prob"), negbinomial),
    "hypergeometric": Draw(("trials", "successes", "size"), hypergeometric),
    "logarithmic": Draw(("theta",), logarithmic),
    "poisson": Draw(("mean",), poisson),
}


def draw(command: str, arguments: tuple[float, ...], rng: Generator) -> float:
    """One draw of a distribution command. Raises KeyError (unknown command), ParameterError (impossible parameters)."""
    row = DRAWS[command]
    if len(arguments) != len(row.parameters):
        raise ParameterError(f"{command}({', '.join(row.parameters)}) takes {len(row.parameters)} arguments, got {len(arguments)}")
    return float(row.sample(rng, *arguments))
