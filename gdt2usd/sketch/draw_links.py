"""Where a line between two drawn things runs: straight, bent, curved, or round the others.

Not covered: pen and arrow heads (`draw_strokes`).
"""

from __future__ import annotations

from collections.abc import Sequence
from math import hypot

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
Point = tuple[float, float]
Bounds = tuple[float, float, float, float]


def blocked(start: Points, end: Points, boxes: Points) -> NDArray[np.bool_]:
    """Which of `boxes` (M, 4) each stretch `start` to `end` (N, 2) runs through (slab test): (N, M)."""
    step = end - start
    step = np.where(np.abs(step) < 1e-9, 1e-9, step)[:, None, :]
    near = (boxes[None, :, :2] - start[:, None, :]) / step
    far = (boxes[None, :, 2:] - start[:, None, :]) / step
    low, high = np.minimum(near, far), np.maximum(near, far)
    into = np.maximum(np.maximum(low[..., 0], low[..., 1]), 0.0)
    out = np.minimum(np.minimum(high[..., 0], high[..., 1]), 1.0)
    return np.asarray(into < out)


def crosses(start: Point, end: Point, box: Sequence[float]) -> bool:
    """Whether the stretch runs through `box` (x0, y0, x1, y1): `blocked` for one."""
    into, out = 0.0, 1.0
    for a, b, low, high in ((start[0], end[0], box[0], box[2]), (start[1], end[1], box[1], box[3])):
        if (a <= low and b <= low) or (a >= high and b >= high):
            return False
        step = b - a
        if abs(step) < 1e-9:
            continue
        near, far = (low - a) / step, (high - a) / step
        into, out = max(into, min(near, far)), min(out, max(near, far))
    return into < out


def upon(start: Point, end: Point, first: Point, last: Point, tolerance: float = 4.0) -> bool:
    """Whether the level or upright stretch `start` to `end` lies upon the stretch `first` to `last`: `hidden` for one."""
    for along, across in ((0, 1), (1, 0)):
        if (
            abs(start[across] - end[across]) < tolerance
            and abs(start[across] - first[across]) < tolerance
            and abs(first[across] - last[across]) < tolerance
            and min(first[along], last[along]) < (start[along] + end[along]) / 2 < max(first[along], last[along])
        ):
            return True
    return False


def hidden(start: Points, end: Points, taken: Points, tolerance: float = 4.0) -> NDArray[np.intp]:
    """Upon how many stretches of `taken` (M, 2, 2) each level or upright one of the stretches `start` to `end` (N, 2) lies."""
    count = np.zeros(len(start), np.intp)
    if not len(taken):
        return count
    middle = (start + end) / 2
    first, last = taken[:, 0], taken[:, 1]
    least, most = np.minimum(first, last), np.maximum(first, last)
    for along, across in ((0, 1), (1, 0)):
        level = np.abs(start[:, across] - end[:, across]) < tolerance
        if not level.any():
            continue
        upon = (np.abs(start[:, None, across] - first[None, :, across]) < tolerance) & (most - least < tolerance)[None, :, across]
        upon &= (least[None, :, along] < middle[:, None, along]) & (middle[:, None, along] < most[None, :, along])
        count += np.where(level, np.count_nonzero(upon, axis=1), 0)
    return count


def candidates(a: Point, b: Point, extent: Bounds, clearance: float, beside: Points, route: str) -> list[list[Point]]:
    """Centre lines from `a` to `b`, the most natural first: direct, with one or two corners, past a neighbour, round everything.

    `beside` (2,) is how far to step aside to pass a box of usual size.
    """
    ax, ay = a
    bx, by = b
    top, bottom = extent[1] - clearance, extent[3] + clearance
    left, right = extent[0] - clearance, extent[2] + clearance
    middle = (ax + bx) / 2
    half = (ay + by) / 2
    across, down = beside.tolist()
    direct: list[list[Point]] = [[a, b]]
    bent: list[list[Point]] = [
        [a, (middle, ay), (middle, by), b],
        [a, (bx, ay), b],
        [a, (ax, by), b],
        [a, (ax, half), (bx, half), b],
    ]
    round_about: list[list[Point]] = [
        [a, (ax, bottom), (bx, bottom), b],
        [a, (ax, top), (bx, top), b],
        [a, (right, ay), (right, by), b],
        [a, (left, ay), (left, by), b],
    ]
    past: list[list[Point]] = [
        [a, (ax + step * across, ay), (ax + step * across, by), b]
        if abs(ax - bx) < abs(ay - by)
        else [a, (ax, ay + step * down), (bx, by + step * down), b]
        for step in (1, -1)
    ]
    aligned = abs(ax - bx) < 8 or abs(ay - by) < 8
    first = direct + bent if route in {"straight", "curve"} or aligned else bent + direct
    return [*first, *past, *round_about]


def round_corners(points: Points, radius: float, steps: int = 6) -> Points:
    """The polyline with its corners rounded (quadratic)."""
    if len(points) < 3:
        return points
    out = [points[0]]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        into, away = corner - before, after - corner
        r1 = min(radius, 0.5 * float(np.hypot(*into)))
        r2 = min(radius, 0.5 * float(np.hypot(*away)))
        start = corner - into / (np.hypot(*into) + 1e-9) * r1
        end = corner + away / (np.hypot(*away) + 1e-9) * r2
        t = np.linspace(0.0, 1.0, steps)[:, None]
        out.extend((1 - t) ** 2 * start + 2 * t * (1 - t) * corner + t * t * end)
    out.append(points[-1])
    return np.asarray(out)


def bow(points: Points, depth: float, steps: int = 18) -> Points:
    """A straight line made a shallow S or arc of the given `depth`."""
    a, b = points[0], points[-1]
    t = np.linspace(0.0, 1.0, steps)[:, None]
    run = b - a
    if abs(run[0]) >= abs(run[1]):
        half = np.array([run[0] * 0.5, 0.0])
    else:
        half = np.array([0.0, run[1] * 0.5])
    normal = np.array([-run[1], run[0]]) / (np.hypot(*run) + 1e-9) * depth
    c1, c2 = a + half + normal, b - half + normal
    return np.asarray((1 - t) ** 3 * a + 3 * t * (1 - t) ** 2 * c1 + 3 * t * t * (1 - t) * c2 + t**3 * b)


def clip_ends(points: Points, first: tuple[Points, ...], last: tuple[Points, ...], gaps: tuple[float, float]) -> Points:
    """The centre line cut where it leaves the outlines `first` and enters `last`, with `gaps` left free at its two ends.

    Of several outlines one after the other counts: the words under a shape begin where the shape ends.
    """
    line = points
    for reverse, outlines, gap in ((False, first, gaps[0]), (True, last, gaps[1])):
        for outline in outlines:
            ordered = line[::-1] if reverse else line
            cut = _leave(ordered, outline, gap)
            line = cut[::-1] if reverse else cut
    return line


def _leave(points: Points, outline: Points, gap: float) -> Points:
    """Drops the beginning of `points` up to the last place where it crosses `outline`."""
    places, corners = points.tolist(), outline.tolist()
    for k in range(len(places) - 2, -1, -1):
        (ax, ay), (bx, by) = places[k], places[k + 1]
        share = _last_crossing(ax, ay, bx, by, corners)
        if share is None:
            continue
        reach = hypot(bx - ax, by - ay)
        x, y = ax + share * (bx - ax), ay + share * (by - ay)
        more = min(gap, 0.6 * hypot(places[-1][0] - x, places[-1][1] - y), 0.9 * (1 - share) * reach) / (reach + 1e-9)
        start = (x + more * (bx - ax), y + more * (by - ay))
        return np.array([start, *places[k + 1 :]])
    return points


def _last_crossing(ax: float, ay: float, bx: float, by: float, corners: list[list[float]]) -> float | None:
    """How far along (0..1) the stretch from a to b it crosses the closed outline of `corners` for the last time."""
    sx, sy = bx - ax, by - ay
    last = -1.0
    px, py = corners[-1]
    side = sx * (py - ay) - sy * (px - ax)
    for qx, qy in corners:
        other = sx * (qy - ay) - sy * (qx - ax)
        if side * other <= 0 and side != other:  # the corners p and q are on two sides of the line
            u = side / (side - other)
            ex, ey = px + u * (qx - px) - ax, py + u * (qy - py) - ay
            t = ex / sx if abs(sx) >= abs(sy) else ey / sy
            if last < t <= 1:
                last = t
        px, py, side = qx, qy, other
    return last if last >= 0 else None
