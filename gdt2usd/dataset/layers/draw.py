"""Drawing from a seeded generator: one of several, by weight, within a range, round as people say numbers.

Not covered: what is drawn (the layers).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TypeVar

import numpy as np

T = TypeVar("T")

# mantissas that people write; the last one closes the decade
_MANTISSAS = (
    1.0,
    1.2,
    1.5,
    1.6,
    1.8,
    2.0,
    2.2,
    2.4,
    2.5,
    2.8,
    3.0,
    3.2,
    3.5,
    4.0,
    4.5,
    5.0,
    5.5,
    6.0,
    6.5,
    7.0,
    7.5,
    8.0,
    8.5,
    9.0,
    9.5,
    10.0,
)


def chance(rng: np.random.Generator, probability: float) -> bool:
    """True with `probability`."""
    return bool(rng.random() < probability)


def pick(rng: np.random.Generator, values: Sequence[T]) -> T:
    """One of `values`, all alike; `values` must not be empty."""
    return values[int(rng.random() * len(values))]


def weighted(rng: np.random.Generator, weights: Mapping[T, float]) -> T:
    """One of the keys, with probability in proportion to its weight."""
    left = rng.random() * sum(weights.values())
    for value, weight in weights.items():
        left -= weight
        if left < 0:
            return value
    return max(weights, key=lambda value: weights[value])


def integer(rng: np.random.Generator, low: int, high: int) -> int:
    """An integer from `low` to `high`, both included."""
    return low + int(rng.random() * (high - low + 1))


def between(rng: np.random.Generator, low: float, high: float) -> float:
    """Uniform on [low, high)."""
    return low + rng.random() * (high - low)


def log_between(rng: np.random.Generator, low: float, high: float) -> float:
    """Log-uniform on [low, high); both positive."""
    return math.exp(between(rng, math.log(low), math.log(high)))


def sample(rng: np.random.Generator, values: Sequence[T], count: int) -> list[T]:
    """`count` different elements (fewer if there are fewer), in their order in `values`."""
    places = list(range(len(values)))
    chosen = sorted(places.pop(int(rng.random() * len(places))) for _ in range(min(count, len(values))))
    return [values[place] for place in chosen]


def shuffled(rng: np.random.Generator, values: Sequence[T]) -> list[T]:
    """All of `values` in random order."""
    left = list(values)
    return [left.pop(int(rng.random() * len(left))) for _ in range(len(left))]


def significant(value: float, digits: int) -> float:
    """`value` rounded to `digits` significant digits."""
    if value == 0:
        return 0.0
    return round(value, digits - 1 - math.floor(math.log10(abs(value))))


def nice(rng: np.random.Generator, value: float, *, coarse: bool = False) -> float:
    """A number near `value` (> 0) as people write it: mostly round (2.5, 80, 120), sometimes with more digits (13, 117, 4.7).

    `coarse`: never more than two digits that count.
    """
    exactness = rng.random()
    if exactness < 0.18:
        return significant(value, 2)
    if exactness < 0.24 and not coarse:
        return significant(value, 3 if value < 1000 else 2)
    decade = 10.0 ** math.floor(math.log10(value))
    mantissa = min(_MANTISSAS, key=lambda m: abs(m * decade - value))
    return significant(mantissa * decade, 3)
