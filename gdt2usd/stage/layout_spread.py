"""Making room: stretch a floor plan until no two footprints overlap, keeping order and alignment.

Rather than pushing single machines aside, everything beyond a tight spot moves on by the same distance, so rows and columns
of the sketch stay rows and columns. Not covered: which machines may touch (`stage.layout` shrinks their boxes).
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

Rect = tuple[float, float, float, float]

_SAME_COLUMN_M = 0.5
_ROUNDS = 40


def find_overlaps(rects: list[Rect]) -> list[tuple[int, int]]:
    """Pairs (i < j) of boxes x0, y0, x1, y1 whose insides overlap by more than 1 mm."""
    if len(rects) < 2:
        return []
    edges = np.asarray(rects, dtype=np.float64)  # (n, 4)
    inner = edges + np.array([5e-4, 5e-4, -5e-4, -5e-4])
    boxes = shapely.box(inner[:, 0], inner[:, 1], inner[:, 2], inner[:, 3])
    first, second = shapely.STRtree(boxes).query(boxes, predicate="intersects")
    keep = first < second
    return sorted(zip(first[keep].tolist(), second[keep].tolist(), strict=True))


def stretch(rects: list[Rect]) -> list[tuple[float, float]]:
    """Displacement (dx, dy) of each box after which none overlap; (0, 0) for boxes before the first tight spot.

    Each round opens every tight spot along the axis where the boxes are already further apart, as cuts across the whole
    plan. Boxes with the very same middle are parted along x in the given order.
    """
    edges = np.asarray(rects, dtype=np.float64)  # (n, 4)
    half = np.stack([edges[:, 2] - edges[:, 0], edges[:, 3] - edges[:, 1]], axis=1) / 2
    middle = np.stack([edges[:, 0] + edges[:, 2], edges[:, 1] + edges[:, 3]], axis=1) / 2  # (n, 2)
    start = middle.copy()
    for _ in range(_ROUNDS):
        pairs = find_overlaps(_boxes(middle, half))
        if not pairs:
            return _shifts(middle, start)
        axes = [_axis(middle, half, i, j) for i, j in pairs]
        for axis in (0, 1):
            chosen = [p for p, a in zip(pairs, axes, strict=True) if a == axis]
            if chosen:
                _open(middle, half, chosen, axis)
    _sweep(middle, half)
    return _shifts(middle, start)


def _boxes(middle: NDArray[np.float64], half: NDArray[np.float64]) -> list[Rect]:
    low, high = middle - half, middle + half
    return [tuple(row) for row in np.concatenate([low, high], axis=1).tolist()]


def _shifts(middle: NDArray[np.float64], start: NDArray[np.float64]) -> list[tuple[float, float]]:
    moved = np.round(middle - start, 4)
    return [(dx, dy) for dx, dy in moved.tolist()]


def _axis(middle: NDArray[np.float64], half: NDArray[np.float64], i: int, j: int) -> int:
    apart = np.abs(middle[i] - middle[j]) / (half[i] + half[j])
    return 1 if apart[1] > apart[0] else 0


def _open(middle: NDArray[np.float64], half: NDArray[np.float64], pairs: list[tuple[int, int]], axis: int) -> None:
    """Cut the plan across `axis` between the boxes of each pair and move the far side on, columns as one."""
    place = middle[:, axis]
    needed: dict[int, list[tuple[int, float]]] = {}
    for i, j in pairs:
        near, far = (i, j) if (place[i], i) <= (place[j], j) else (j, i)
        needed.setdefault(far, []).append((near, half[i, axis] + half[j, axis]))
    order = np.lexsort((np.arange(len(place)), place))
    moved = place.copy()
    shift = 0.0
    column: list[int] = []
    for index in order.tolist():
        alone = any(abs(place[near] - place[index]) < _SAME_COLUMN_M for near, _ in needed.get(index, ()))
        if column and (place[index] - place[column[0]] > _SAME_COLUMN_M or alone):
            column = []
        room = max((moved[near] + gap - place[index] for near, gap in needed.get(index, ())), default=shift)
        if room > shift:
            shift = room
            for other in column:
                moved[other] = place[other] + shift
        moved[index] = place[index] + shift
        column.append(index)
    middle[:, axis] = moved


def _sweep(middle: NDArray[np.float64], half: NDArray[np.float64]) -> None:
    """The last resort, which always ends: from left to right, each box goes right of all earlier ones in its rows."""
    done: list[int] = []
    for index in np.lexsort((middle[:, 1], middle[:, 0])).tolist():
        for other in done:
            in_row = abs(middle[index, 1] - middle[other, 1]) < half[index, 1] + half[other, 1]
            if in_row:
                middle[index, 0] = max(middle[index, 0], middle[other, 0] + half[index, 0] + half[other, 0])
        done.append(index)
