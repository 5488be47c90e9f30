"""Means of distributions, and the chance that a normal is negative.

Sources: the usual formulae (Law, Simulation Modeling and Analysis, ch. 6). None where there is no closed form here.
"""

from __future__ import annotations

import math

from gdt2usd.graph import distributions as d


def mean(value: d.Distribution) -> float | None:
    """The mean; None for expressions and FlexSim's rarer distributions, or where it does not exist."""
    match value:
        case d.Constant():
            return value.value
        case d.Exponential():
            return value.location + value.mean
        case d.Normal() | d.Poisson():
            return value.mean
        case d.Triangular():
            return (value.min + value.mode + value.max) / 3
        case d.Uniform():
            return (value.min + value.max) / 2
        case d.Lognormal():
            exponent = value.mu + value.sigma**2 / 2
            return value.location + math.exp(exponent) if exponent < 700 else None
        case d.Weibull():
            if value.shape <= 0.01:
                return None
            return value.location + value.scale * math.gamma(1 + 1 / value.shape)
        case d.Gamma():
            return value.location + value.shape * value.scale
        case d.FlexSimDistribution():
            found = _flexsim_mean(value.command, value.arguments)
            return None if found is None else found * value.scale
        case d.Expression():
            return None


def _flexsim_mean(command: str, arguments: tuple[float, ...]) -> float | None:
    match command, arguments:
        case "poisson", (average,):
            return average
        case "duniform", (low, high):
            return (low + high) / 2
        case "erlang", (location, scale, shape):
            return location + scale * shape
        case "beta", (low, high, a, b) if a + b > 0:
            return low + (high - low) * a / (a + b)
        case "bernoulli", (percent, success, failure):
            return (percent * success + (100 - percent) * failure) / 100
    return None


def chance_negative(value: d.Distribution) -> float:
    """The probability of a draw below 0; 0 for distributions that are never negative by their form."""
    if isinstance(value, d.Normal) and value.std > 0:
        return 0.5 * math.erfc(value.mean / (value.std * math.sqrt(2)))
    return 0.0


def impossible(value: d.Distribution) -> str:
    """Why the parameters describe no distribution of times; "" if they do."""
    match value:
        case d.Constant() if value.value < 0:
            return f"{value.value:g} is negative"
        case d.Exponential() if value.mean < 0 or value.location < 0:
            return f"mean {value.mean:g} and location {value.location:g} must not be negative"
        case d.Normal() if value.std < 0:
            return f"standard deviation {value.std:g} is negative"
        case d.Normal() if value.mean <= 0:
            return f"mean {value.mean:g} is not positive"
        case d.Triangular() if not 0 <= value.min <= value.mode <= value.max:
            return f"min {value.min:g}, mode {value.mode:g}, max {value.max:g} must rise from 0"
        case d.Uniform() if not 0 <= value.min <= value.max:
            return f"min {value.min:g}, max {value.max:g} must rise from 0"
        case d.Lognormal() if value.sigma < 0:
            return f"sigma {value.sigma:g} is negative"
        case d.Weibull() | d.Gamma() if value.shape <= 0 or value.scale <= 0:
            return f"shape {value.shape:g} and scale {value.scale:g} must be positive"
        case d.Poisson() if value.mean < 0:
            return f"mean {value.mean:g} is negative"
    return ""
