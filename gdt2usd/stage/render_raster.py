"""Which triangle covers which sample: a z-buffer made of array operations, for pictures and for shadow maps.

Triangles are cut into rows, rows into samples; the nearest wins by one `maximum.at` on (nearness, triangle) packed into 64 bits.
Coordinates come as arrays (3, t), one row per corner. Not covered: shading (`stage.render_preview`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
I32 = NDArray[np.int32]

CHUNK = 1_500_000  # samples expanded at a time


@dataclass(frozen=True, slots=True)
class _Spans:
    """Rows of triangles: row, first column, number of samples, triangle, nearness at the first sample and its slope in x."""

    row: NDArray[np.int64]
    left: NDArray[np.int64]
    count: NDArray[np.int64]
    triangle: NDArray[np.int64]
    start: F32
    slope: F32


def rasterise(x: F32, y: F32, nearness: F32, width: int, height: int) -> tuple[I32, F32]:
    """The nearest triangle per sample (-1: none) and its nearness (0: none), both (height, width); back faces are left out.

    x and y (3, t) are in samples, y down; `nearness` (3, t) in 0..1 is linear on the screen, more is nearer.
    """
    buffer = np.zeros(width * height, np.uint64)
    for cell, near, triangle in _samples(_spans(x, y, nearness, width, height, cull=True), width):
        keys = near.view(np.uint32).astype(np.uint64) << np.uint64(32) | (triangle + 1).astype(np.uint64)
        np.maximum.at(buffer, cell, keys)
    ids = (buffer & np.uint64(0xFFFFFFFF)).astype(np.int64) - 1
    near = (buffer >> np.uint64(32)).astype(np.uint32).view(np.float32)
    return ids.astype(np.int32).reshape(height, width), near.reshape(height, width)


def nearness_map(x: F32, y: F32, nearness: F32, size: int) -> F32:
    """The largest nearness per sample (0: nothing there), (size, size); front and back faces count."""
    buffer = np.zeros(size * size, np.float32)
    for cell, near, _ in _samples(_spans(x, y, nearness, size, size, cull=False), size):
        np.maximum.at(buffer, cell, near)
    return buffer.reshape(size, size)


def _samples(spans: _Spans, width: int) -> Iterator[tuple[NDArray[np.int64], F32, NDArray[np.int64]]]:
    """All samples of the spans, a chunk at a time: cell number, nearness, triangle."""
    ends = np.cumsum(spans.count)
    begin = 0
    while begin < len(ends):
        done = ends[begin - 1] if begin else 0
        end = max(begin + 1, int(np.searchsorted(ends, done + CHUNK, side="right")))
        part = slice(begin, end)
        n = spans.count[part]
        step = np.arange(int(n.sum())) - np.repeat(np.cumsum(n) - n, n)
        cell = np.repeat(spans.row[part] * width + spans.left[part], n) + step
        near = np.repeat(spans.start[part], n) + np.repeat(spans.slope[part], n) * step.astype(np.float32)
        yield cell, np.clip(near, 1e-9, 1.0), np.repeat(spans.triangle[part], n)
        begin = end


def _worth_drawing(x: F32, y: F32, nearness: F32, width: int, height: int, *, cull: bool) -> NDArray[np.int64]:
    """The triangles that face the camera (if `cull`), are on the screen, and cross the middle of a row and of a column."""
    area = (x[1] - x[0]) * (y[2] - y[0]) - (x[2] - x[0]) * (y[1] - y[0])
    keep = np.flatnonzero(((area < 0) if cull else (area != 0)) & np.isfinite(area))
    x, y, nearness = x[:, keep], y[:, keep], nearness[:, keep]
    half = np.float32(0.5)
    low_y, high_y = np.minimum(np.minimum(y[0], y[1]), y[2]), np.maximum(np.maximum(y[0], y[1]), y[2])
    low_x, high_x = np.minimum(np.minimum(x[0], x[1]), x[2]), np.maximum(np.maximum(x[0], x[1]), x[2])
    crosses = (np.ceil(high_y - half) > np.ceil(low_y - half)) & (np.ceil(high_x - half) > np.ceil(low_x - half))
    inside = (high_y > 0.5) & (low_y < height - 0.5) & (high_x > 0.5) & (low_x < width - 0.5)
    ahead = np.maximum(np.maximum(nearness[0], nearness[1]), nearness[2]) > 0
    return np.asarray(keep[crosses & inside & ahead])


def _spans(x32: F32, y32: F32, near32: F32, width: int, height: int, *, cull: bool) -> _Spans:
    keep = _worth_drawing(x32, y32, near32, width, height, cull=cull)
    x, y, z = (a[:, keep].astype(np.float64) for a in (x32, y32, near32))
    area = (x[1] - x[0]) * (y[2] - y[0]) - (x[2] - x[0]) * (y[1] - y[0])
    slope_x = ((z[1] - z[0]) * (y[2] - y[0]) - (z[2] - z[0]) * (y[1] - y[0])) / area
    slope_y = ((x[1] - x[0]) * (z[2] - z[0]) - (x[2] - x[0]) * (z[1] - z[0])) / area
    plane = z[0] - slope_x * x[0] - slope_y * y[0]
    order = np.argsort(y, axis=0)
    ys, xs = np.take_along_axis(y, order, 0), np.take_along_axis(x, order, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        long = (xs[2] - xs[0]) / (ys[2] - ys[0])
        upper = np.where(ys[1] > ys[0], (xs[1] - xs[0]) / (ys[1] - ys[0]), 0.0)
        lower = np.where(ys[2] > ys[1], (xs[2] - xs[1]) / (ys[2] - ys[1]), 0.0)
    top = np.maximum(np.ceil(ys[0] - 0.5), 0).astype(np.int64)
    bottom = np.minimum(np.ceil(ys[2] - 0.5), height).astype(np.int64)
    n = np.maximum(bottom - top, 0)
    t = np.repeat(np.arange(len(keep)), n)
    row = np.arange(int(n.sum())) - np.repeat(np.cumsum(n) - n, n) + top[t]
    level = row + 0.5
    a = xs[0][t] + long[t] * (level - ys[0][t])
    above = level < ys[1][t]
    b = np.where(above, xs[0][t] + upper[t] * (level - ys[0][t]), xs[1][t] + lower[t] * (level - ys[1][t]))
    left = np.clip(np.ceil(np.minimum(a, b) - 0.5), 0, width).astype(np.int64)
    right = np.clip(np.ceil(np.maximum(a, b) - 0.5), 0, width).astype(np.int64)
    full = np.flatnonzero(right > left)
    t, row, left = t[full], row[full], left[full]
    start = plane[t] + slope_x[t] * (left + 0.5) + slope_y[t] * (row + 0.5)
    return _Spans(row, left, right[full] - left, keep[t], start.astype(np.float32), slope_x[t].astype(np.float32))


def clip_near(camera: F32, near: float) -> tuple[F32, I32]:
    """Triangles in camera space (3 coordinates, 3 corners, t), the third coordinate ahead, cut at `near`; and whose they were."""
    inside = camera[2] > near
    count = inside.sum(axis=0)
    whole = np.flatnonzero(count == 3)
    parts, owners = [camera[:, :, whole]], [whole]
    for wanted in (1, 2):
        cut = np.flatnonzero(count == wanted)
        if not len(cut):
            continue
        alone = np.argmax(inside[:, cut] if wanted == 1 else ~inside[:, cut], axis=0)
        turn = (alone[None, :] + np.arange(3)[:, None]) % 3
        a, b, c = np.take_along_axis(camera[:, :, cut], turn[None], axis=1).transpose(1, 0, 2)
        ab = a + (b - a) * ((near - a[2]) / (b[2] - a[2]))
        ac = a + (c - a) * ((near - a[2]) / (c[2] - a[2]))
        if wanted == 1:
            parts.append(np.stack([a, ab, ac], axis=1))
            owners.append(cut)
        else:
            parts += [np.stack([ab, b, c], axis=1), np.stack([ab, c, ac], axis=1)]
            owners += [cut, cut]
    return np.concatenate(parts, axis=2).astype(np.float32), np.concatenate(owners).astype(np.int32)
