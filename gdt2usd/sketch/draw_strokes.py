"""The hand: straight vectors become wobbling, overshooting, doubled pen strokes; dashes, hatching and arrow heads.

Not covered: where lines run (`draw_links`), colour and light.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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

    @property
    def steady(self) -> bool:
        """Whether it draws exactly what is asked."""
        return self.wobble == 0.0 and self.bow == 0.0 and self.overshoot == 0.0

    @property
    def strokes(self) -> int:
        """How many strokes it draws for one."""
        return 1 if self.steady else self.passes


STEADY = Hand()
#: Polylines of more points than this are curves.
_ANGULAR = 12
#: Points of a closed curve drawn by hand.
_ROUND = 56


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


def by_hand(lines: Sequence[Points], hands: Sequence[Hand], rng: np.random.Generator) -> list[Points]:
    """Each polyline of `lines` as its hand draws it; a hand of several passes gives a polyline for each, one after the other."""
    drawn: list[Points] = []
    jobs: list[tuple[int, Points, Hand]] = []
    for line, hand in zip(lines, hands, strict=True):
        for _ in range(hand.strokes):
            if not hand.steady and np.abs(line - line[0]).max() > 1e-6:
                jobs.append((len(drawn), line, hand))
            drawn.append(line)
    if jobs:
        wavering = _waver([line for _, line, _ in jobs], [hand for _, _, hand in jobs], rng)
        for (place, _, _), line in zip(jobs, wavering, strict=True):
            drawn[place] = line
    return drawn


def _waver(lines: list[Points], hands: list[Hand], rng: np.random.Generator) -> list[Points]:
    """All polylines at once, each sampled about every nine units and at its corners, pushed about by a slow noise."""
    wobble, bow, overshoot = np.array([(hand.wobble, hand.bow, hand.overshoot) for hand in hands]).T
    line, first, count, total = _sampled(lines)
    last = first + count - 1
    which = np.repeat(np.arange(len(lines)), count)
    part = (np.arange(len(line)) - first[which]) / (count - 1)[which]  # 0..1 along each line
    knots = np.maximum(3, (total / 45.0).astype(int) + 2)
    ends = np.cumsum(knots)
    noise = rng.normal(0.0, 1.0, (int(ends[-1]), 2)) * np.repeat(wobble, knots)[:, None]
    at = part * (knots - 1)[which]
    low = np.minimum(at.astype(int), (knots - 2)[which])
    share = (at - low)[:, None]
    low += (ends - knots)[which]
    before = noise[low]
    line += before + (noise[low + 1] - before) * (share * share * (3 - 2 * share))
    if bow.any():
        straight = np.array([len(points) == 2 for points in lines])
        run = np.array([points[-1] - points[0] for points in lines])
        depth = rng.normal(0.0, 1.0, len(lines)) * bow * straight * np.minimum(1.0, total / 120.0) / total
        across = run[:, ::-1] * (-1.0, 1.0) * depth[:, None]
        line += across[which] * (4 * part * (1 - part))[:, None]
    if overshoot.any():
        for end, inner in ((first, first + 1), (last, last - 1)):
            away = line[end] - line[inner]
            reach = rng.normal(0.4, 1.0, len(lines)) * overshoot / (np.hypot(away[:, 0], away[:, 1]) + 1e-9)
            line[end] += away * reach[:, None]
    return [line[a : b + 1] for a, b in zip(first.tolist(), last.tolist(), strict=True)]


def _sampled(lines: list[Points]) -> tuple[Points, NDArray[np.intp], NDArray[np.intp], Points]:
    """Points evenly along each polyline and at its corners: the points, where each line begins, how many it has, its length."""
    sizes = np.array([len(line) for line in lines])
    ends = np.cumsum(sizes)
    begins = ends - sizes
    corners = np.concatenate(lines)
    step = np.zeros(len(corners))
    step[1:] = np.hypot(*(corners[1:] - corners[:-1]).T)
    step[begins] = 1.0  # a gap, so that all lines lie on one axis
    along = np.cumsum(step)
    total = along[ends - 1] - along[begins]
    curved = sizes > _ANGULAR  # finer polylines are curves: more points instead of corners
    count = np.where(
        curved, np.clip((total / 5.0).astype(int), np.minimum(sizes, 26), 110), np.clip((total / 9.0).astype(int), 4, 90)
    )
    each = np.repeat(np.arange(len(lines)), count)
    place = np.arange(len(each)) - (np.cumsum(count) - count)[each]
    even = along[begins][each] + (total / (count - 1))[each] * place
    inner = np.ones(len(corners), bool)
    inner[begins] = inner[ends - 1] = False
    inner &= np.repeat(~curved, sizes)
    at = np.sort(np.concatenate([even, along[inner]]))
    count = count + np.add.reduceat(inner.astype(int), begins)
    sampled = np.stack([np.interp(at, along, corners[:, 0]), np.interp(at, along, corners[:, 1])], axis=1)
    return sampled, np.cumsum(count) - count, count, total


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
    ring = resample(points, _ROUND + 1)[:-1]  # evenly, so that what is left out is short whatever the shape
    ring = np.roll(ring, -int(rng.integers(_ROUND)), axis=0)
    more = 1 + int(np.clip(round(rng.normal(0.6, 1.6)), -3, 4))
    return np.concatenate([ring, ring[:more]]) if more > 0 else ring[: len(ring) + more]


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
    a = outline @ turn
    b = np.concatenate([a[1:], a[:1]])
    y = np.arange(a[:, 1].min() + spacing * 0.6, a[:, 1].max(), spacing)[:, None]
    rise = b[:, 1] - a[:, 1]
    x = a[:, 0] + (y - a[:, 1]) * (b[:, 0] - a[:, 0]) / np.where(rise == 0.0, 1.0, rise)
    crossings = np.sort(np.where((a[:, 1] > y) != (b[:, 1] > y), x, np.inf), axis=1)
    left, right = crossings[:, :-1:2], crossings[:, 1::2]
    row, pair = np.nonzero(np.isfinite(right))
    level = y[row, 0]
    ends = np.stack([np.stack([left[row, pair], level], axis=1), np.stack([right[row, pair], level], axis=1)], axis=1)
    return list((ends + rng.normal(0.0, spacing * 0.12, ends.shape)) @ turn.T)


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
