"""Which triangle covers which sample: a z-buffer made of array operations, for pictures and for shadow maps.

Triangles are cut into rows, rows into samples; the nearest wins by one `minimum.at` on (depth, triangle) packed into 64 bits.
Not covered: shading (`stage.render_preview`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]
I32 = NDArray[np.int32]
U64 = NDArray[np.uint64]

CHUNK = 3_000_000  # samples expanded at a time
EMPTY = np.uint64(0xFFFFFFFFFFFFFFFF)
_DEPTH = np.float64(2**32 - 2)


def rasterise(screen: F32, width: int, height: int, *, cull: bool = True) -> tuple[I32, F32]:
    """The nearest triangle per sample (-1: none) and its depth (1: none), both (height, width).

    `screen` is (t, 3, 3): x and y in samples (y down), depth in 0..1 that is linear on the screen.
    """
    buffer = np.full(width * height, EMPTY, np.uint64)
    rows, left, right, triangle, plane = _spans(screen, width, height, cull=cull)
    counts = right - left
    ends = np.cumsum(counts)
    begin = 0
    while begin < len(counts):
        done = ends[begin - 1] if begin else 0
        end = max(begin + 1, int(np.searchsorted(ends, done + CHUNK, side="right")))
        part = slice(begin, end)
        n = counts[part]
        total = int(n.sum())
        first = np.repeat(np.cumsum(n) - n, n)
        x = np.arange(total, dtype=np.int32) - first.astype(np.int32) + np.repeat(left[part], n)
        owner = np.repeat(triangle[part], n)
        line = np.repeat(rows[part], n)
        start = plane[part, 0]
        depth = np.repeat(start, n) + np.repeat(plane[part, 1], n) * x
        keys = (np.clip(depth, 0.0, 1.0) * _DEPTH).astype(np.uint64) << np.uint64(32) | owner.astype(np.uint64)
        np.minimum.at(buffer, line.astype(np.int64) * width + x, keys)
        begin = end
    hit = buffer != EMPTY
    ids = np.where(hit, (buffer & np.uint64(0xFFFFFFFF)).astype(np.int64), -1).astype(np.int32)
    depths = np.where(hit, (buffer >> np.uint64(32)).astype(np.float64) / _DEPTH, 1.0).astype(np.float32)
    return ids.reshape(height, width), depths.reshape(height, width)


def _spans(
    screen: F32, width: int, height: int, *, cull: bool
) -> tuple[I32, I32, I32, I32, NDArray[np.float64]]:
    """The rows of all triangles: row, first and last + 1 column, triangle, and depth as a line in x (offset, slope)."""
    x, y, z = (screen[:, :, i].astype(np.float64) for i in range(3))
    area = (x[:, 1] - x[:, 0]) * (y[:, 2] - y[:, 0]) - (x[:, 2] - x[:, 0]) * (y[:, 1] - y[:, 0])
    top = np.maximum(np.ceil(y.min(axis=1) - 0.5), 0)
    bottom = np.minimum(np.ceil(y.max(axis=1) - 0.5), height)
    side = (np.ceil(x.max(axis=1) - 0.5) > 0) & (np.ceil(x.min(axis=1) - 0.5) < width)
    front = (area < 0) if cull else (area != 0)
    wide = np.ceil(x.max(axis=1) - 0.5) > np.ceil(x.min(axis=1) - 0.5)
    keep = np.flatnonzero((bottom > top) & side & front & wide & (z.min(axis=1) < 1.0) & np.isfinite(area))
    x, y, z, area = x[keep], y[keep], z[keep], area[keep]
    top, bottom = top[keep].astype(np.int64), bottom[keep].astype(np.int64)
    order = np.argsort(y, axis=1)
    ys, xs = np.take_along_axis(y, order, 1), np.take_along_axis(x, order, 1)
    slope_x = ((z[:, 1] - z[:, 0]) * (y[:, 2] - y[:, 0]) - (z[:, 2] - z[:, 0]) * (y[:, 1] - y[:, 0])) / area
    slope_y = ((x[:, 1] - x[:, 0]) * (z[:, 2] - z[:, 0]) - (x[:, 2] - x[:, 0]) * (z[:, 1] - z[:, 0])) / area
    with np.errstate(divide="ignore", invalid="ignore"):
        long = (xs[:, 2] - xs[:, 0]) / (ys[:, 2] - ys[:, 0])
        upper = np.where(ys[:, 1] > ys[:, 0], (xs[:, 1] - xs[:, 0]) / (ys[:, 1] - ys[:, 0]), 0.0)
        lower = np.where(ys[:, 2] > ys[:, 1], (xs[:, 2] - xs[:, 1]) / (ys[:, 2] - ys[:, 1]), 0.0)
    n = bottom - top
    t = np.repeat(np.arange(len(keep)), n)
    row = np.arange(int(n.sum())) - np.repeat(np.cumsum(n) - n, n) + top[t]
    level = row + 0.5
    a = xs[t, 0] + long[t] * (level - ys[t, 0])
    above = level < ys[t, 1]
    b = np.where(above, xs[t, 0] + upper[t] * (level - ys[t, 0]), xs[t, 1] + lower[t] * (level - ys[t, 1]))
    left = np.clip(np.ceil(np.minimum(a, b) - 0.5), 0, width)
    right = np.clip(np.ceil(np.maximum(a, b) - 0.5), 0, width)
    full = np.flatnonzero(right > left)
    t, row = t[full], row[full]
    offset = z[t, 0] + slope_y[t] * (row + 0.5 - y[t, 0]) + slope_x[t] * (0.5 - x[t, 0])
    plane = np.stack([offset, slope_x[t]], axis=1)
    return row.astype(np.int32), left[full].astype(np.int32), right[full].astype(np.int32), keep[t].astype(np.int32), plane


def clip_near(corners: F32, near: float) -> tuple[F32, I32]:
    """Triangles in camera space (depth = third coordinate, ahead is positive) cut at `near`; and which each came from."""
    depth = corners[:, :, 2]
    inside = depth > near
    count = inside.sum(axis=1)
    whole = np.flatnonzero(count == 3)
    parts, owners = [corners[whole]], [whole]
    for wanted in (1, 2):
        cut = np.flatnonzero(count == wanted)
        if not len(cut):
            continue
        alone = np.argmax(inside[cut] if wanted == 1 else ~inside[cut], axis=1)
        rolled = np.take_along_axis(corners[cut], ((alone[:, None] + np.arange(3)) % 3)[:, :, None], axis=1)
        a, b, c = rolled[:, 0], rolled[:, 1], rolled[:, 2]
        ab = a + (b - a) * ((near - a[:, 2:]) / (b[:, 2:] - a[:, 2:]))
        ac = a + (c - a) * ((near - a[:, 2:]) / (c[:, 2:] - a[:, 2:]))
        if wanted == 1:
            parts.append(np.stack([a, ab, ac], axis=1))
            owners.append(cut)
        else:
            parts += [np.stack([ab, b, c], axis=1), np.stack([ab, c, ac], axis=1)]
            owners += [cut, cut]
    return np.concatenate(parts).astype(np.float32), np.concatenate(owners).astype(np.int32)
