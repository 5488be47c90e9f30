"""The hand: straight vectors become wobbling, overshooting, doubled pen strokes; dashes, hatching and arrow heads.

Not covered: where lines run (`draw_links`), colour and light.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Hand:
    """How unsteady: `wobble` and `bow` in sheet units, `overshoot` at stroke ends, `passes` over the same line."""

    wobble: float = 0.0
    bow: float = 0.0
    overshoot: float = 0.0
    passes: int = 1


STEADY = Hand()


def length(points: Points) -> float:
    """Arc length of a polyline."""
    step = points[1:] - points[:-1]
    return float(np.sqrt((step * step).sum(axis=1)).sum())


def resample(points: Points, count: int) -> Points:
    """`count` points evenly spaced along the polyline."""
    steps = np.hypot(*(points[1:] - points[:-1]).T)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    at = np.linspace(0.0, along[-1], count)
    return np.stack([np.interp(at, along, points[:, 0]), np.interp(at, along, points[:, 1])], axis=1)


def by_hand(points: Points, hand: Hand, rng: np.random.Generator) -> list[Points]:
    """The polyline as `hand` draws it, one polyline per pass."""
    if hand.wobble == 0.0 and hand.bow == 0.0 and hand.overshoot == 0.0:
        return [points]
    return [_one_pass(points, hand, rng) for _ in range(hand.passes)]


def _one_pass(points: Points, hand: Hand, rng: np.random.Generator) -> Points:
    total = length(points)
    if total < 1e-6:
        return points
    count = min(max(int(total / 9.0), 4), 90)
    line = points[0] + _evenly(count)[:, None] * (points[1] - points[0]) if len(points) == 2 else _with_corners(points, count)
    low, part = _between_knots(len(line), knots := max(3, int(total / 45.0) + 2))
    noise = rng.normal(0.0, hand.wobble, (knots, 2))
    before = noise[low]
    line = line + before + (noise[low + 1] - before) * part
    if hand.bow and len(points) == 2:
        across = (points[1] - points[0])[::-1] * (-1.0, 1.0) / total
        depth = rng.normal(0.0, hand.bow) * min(1.0, total / 120.0)
        line = line + across * (depth * 4 * (u := _evenly(count)) * (1 - u))[:, None]
    if hand.overshoot:
        for end, inner in ((0, 1), (-1, -2)):
            away = line[end] - line[inner]
            line[end] = line[end] + away / (np.hypot(*away) + 1e-9) * rng.normal(0.4, 1.0) * hand.overshoot
    return np.asarray(line)


def in_one_go(outline: Points, cut: float, miss: float, rng: np.random.Generator) -> Points:
    """The sides of `outline` as one stroke: corners rounded by `cut`, the end off its beginning by about `miss`."""
    start = 0 if rng.random() < 0.7 else int(rng.integers(len(outline)))
    ring = np.roll(outline, -start, axis=0)
    if rng.random() < 0.2:
        ring = np.concatenate([ring[:1], ring[:0:-1]])
    off = rng.normal(0.0, miss, (2, 2))
    ring = np.concatenate([ring, ring[:1] + off[:1]])
    ring[0] += off[1]
    if cut <= 0.5:
        return np.asarray(ring)
    out = [ring[0]]
    for before, corner, after in zip(ring, ring[1:], ring[2:], strict=False):
        for other in (before, after):
            reach = other - corner
            out.append(corner + reach * min(0.3, cut * rng.random() / (np.hypot(*reach) + 1e-9)))
    return np.asarray([*out, ring[-1]])


def loosely_closed(points: Points, rng: np.random.Generator) -> Points:
    """A closed polyline (first point = last) begun anywhere, its end a little short of its beginning or past it."""
    if len(points) < 9 or np.abs(points[0] - points[-1]).max() > 1e-6:
        return points
    ring = np.roll(points[:-1], -int(rng.integers(len(points) - 1)), axis=0)
    more = int(np.clip(round(rng.normal(0.6, 1.6)), -3, 4))
    return np.concatenate([ring, ring[:more]]) if more > 0 else ring[: len(ring) + min(more + 1, 0)]


@cache
def _evenly(count: int) -> Points:
    """`count` numbers from 0 to 1."""
    return np.linspace(0.0, 1.0, count)


@cache
def _between_knots(count: int, knots: int) -> tuple[NDArray[np.intp], Points]:
    """For each of `count` points the knot before it (N,) and how far it is on the way to the next (N, 1), eased."""
    at = np.linspace(0, knots - 1, count)
    low = np.floor(at).astype(np.intp).clip(0, knots - 2)
    part = (at - low)[:, None]
    return low, part * part * (3 - 2 * part)


def _with_corners(points: Points, count: int) -> Points:
    """Evenly spaced points, the polyline's own corners kept."""
    steps = np.hypot(*(points[1:] - points[:-1]).T)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    at = np.sort(np.concatenate([_evenly(count) * along[-1], along[1 : -1 : max(1, len(along) // count)]]))
    return np.stack([np.interp(at, along, points[:, 0]), np.interp(at, along, points[:, 1])], axis=1)


def dashes(points: Points, dash: float, gap: float) -> list[Points]:
    """The polyline cut into dashes."""
    total = length(points)
    if total <= dash:
        return [points]
    line = resample(points, max(8, int(total / 2.0)))
    step = total / (len(line) - 1)
    period, on = max(2, round((dash + gap) / step)), max(1, round(dash / step))
    return [line[k : k + on + 1] for k in range(0, len(line) - 1, period)]


def hatch(outline: Points, spacing: float, rng: np.random.Generator, angle: float = -0.72) -> list[Points]:
    """Slanted strokes that fill the closed `outline`."""
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    turned = outline @ turn
    following = np.roll(turned, -1, axis=0)
    lines = []
    for y in np.arange(turned[:, 1].min() + spacing * 0.6, turned[:, 1].max(), spacing):
        crosses = (turned[:, 1] > y) != (following[:, 1] > y)
        if not crosses.any():
            continue
        a, b = turned[crosses], following[crosses]
        xs = np.sort(a[:, 0] + (y - a[:, 1]) * (b[:, 0] - a[:, 0]) / (b[:, 1] - a[:, 1]))
        for x0, x1 in zip(xs[::2], xs[1::2], strict=False):
            ends = np.array([[x0, y], [x1, y]]) + rng.normal(0.0, spacing * 0.12, (2, 2))
            lines.append(ends @ turn.T)
    return lines


def arrow_head(tip: Points, towards: Points, size: float, kind: str) -> tuple[list[Points], list[Points]]:
    """Strokes and fills of a head of `kind` (none, open, filled, hollow, barbed, half, dot) whose point is at `tip`."""
    direction = towards / (np.hypot(*towards) + 1e-9)
    side = np.array([-direction[1], direction[0]])

    def corner(back: float, out: float) -> Points:
        return np.asarray(tip - direction * size * back + side * size * out)

    if kind == "open":
        return [np.stack([corner(1.0, 0.45), tip, corner(1.0, -0.45)])], []
    if kind == "wide":
        return [np.stack([corner(0.8, 0.62), tip, corner(0.85, -0.58)])], []
    if kind == "half":
        return [np.stack([corner(1.0, 0.5), tip])], []
    if kind == "filled":
        return [], [np.stack([corner(1.0, 0.4), tip, corner(1.0, -0.4)])]
    if kind == "barbed":
        return [], [np.stack([corner(1.1, 0.45), tip, corner(1.1, -0.45), corner(0.75, 0.0)])]
    if kind == "hollow":
        return [np.stack([corner(1.0, 0.42), tip, corner(1.0, -0.42), corner(1.0, 0.42)])], []
    if kind == "dot":
        angle = np.linspace(0, 2 * np.pi, 12, endpoint=False)
        return [], [tip + 0.25 * size * np.stack([np.cos(angle), np.sin(angle)], axis=1)]
    return [], []
