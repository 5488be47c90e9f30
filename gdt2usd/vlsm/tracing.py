"""Follows lines through the maps of the perception network: the cheapest way along drawn lines between every two shapes.

A place on the way is a pixel and a direction (`maps.BINS` of them), so that a way goes straight on at crossings: turning on the
spot costs. Not covered: which of the ways are links (`vlsm.verdicts`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix, csr_matrix
from scipy.sparse.csgraph import dijkstra

from gdt2usd.vlsm.maps import BINS, DIRECTIONS, HEAD, LINE_STRIDE, TAIL
from gdt2usd.vlsm.seeing import Areas, Maps, Seen

FAINT = 0.2
"""Share from which a pixel belongs to a line."""
_PRICE, _PLAIN = 1.0, 0.25
_TURN = 2.5
"""Price of turning by one bin on the spot, and of drifting by one bin per step, in pixels of a clear line."""
_DRIFT = 0.3
_JUMPS = (3, 6, 10)
_JUMP_PRICE = 2.5
REACH = 13.0
"""How far from a shape or its name a line may end, in pixels of the maps."""
_END_PRICE, _NO_END = 1.0, 10.0
_SPENT = 4.0
"""How many times dearer a line is over which a link has been found already."""
_DEAREST = 450.0
MAX_PLACES = 120_000


@dataclass(frozen=True, slots=True)
class Way:
    """A way along drawn lines from shape `first` to shape `second` (places in the list of shapes): `points` (n, 2) in pixels of the
    line maps, the direction `bins` (n,) taken there, and what it cost."""

    first: int
    second: int
    points: NDArray[np.int32]
    bins: NDArray[np.int32]
    cost: float


@dataclass(frozen=True, slots=True)
class _Places:
    """Pixels on lines by direction: `bins`, `ys`, `xs` (n,), their prices, and `index` (BINS, h, w) to find them, -1 none."""

    bins: NDArray[np.int64]
    ys: NDArray[np.int64]
    xs: NDArray[np.int64]
    price: NDArray[np.float32]
    index: NDArray[np.int64]


def sigmoid(x: Maps) -> Maps:
    """1 / (1 + exp(-x)), also far out."""
    out: Maps = (0.5 * (1.0 + np.tanh(0.5 * x))).astype(np.float32)
    return out


def _places(shares: Maps) -> _Places:
    level = FAINT
    while np.count_nonzero(shares > level) > MAX_PLACES:
        level += 0.1
    bins, ys, xs = np.nonzero(shares > level)
    index = np.full(shares.shape, -1, np.int64)
    index[bins, ys, xs] = np.arange(len(bins))
    price = _PLAIN - _PRICE * np.log(np.clip(shares[bins, ys, xs], 1e-3, 1.0))
    return _Places(bins, ys, xs, price.astype(np.float32), index)


def _offsets(direction: int) -> list[tuple[int, int, float]]:
    """Steps (dx, dy, length) that keep to a direction within about 30 degrees."""
    angle = np.pi * direction / BINS
    out = []
    for dx, dy in ((1, 0), (1, 1), (0, 1), (-1, 1), (2, 1), (1, 2), (-1, 2), (-2, 1)):
        off = abs((np.arctan2(dy, dx) - angle + np.pi / 2) % np.pi - np.pi / 2)
        if off < np.radians(35):
            out.append((dx, dy, float(np.hypot(dx, dy))))
    return out


class _Edges:
    """Edges of the graph of places, both ways."""

    def __init__(self, places: _Places) -> None:
        self.places = places
        self.rows: list[NDArray[np.int64]] = []
        self.columns: list[NDArray[np.int64]] = []
        self.costs: list[NDArray[np.float64]] = []

    def add(self, here: NDArray[np.int64], there: NDArray[np.int64], length: float, extra: float) -> None:
        price = self.places.price
        cost = np.asarray(length * 0.5 * (price[here] + price[there]) + extra, np.float64)
        self.rows += [here, there]
        self.columns += [there, here]
        self.costs += [cost, cost]

    def step(self, direction: int, to: int, dx: int, dy: int, length: float, extra: float) -> None:
        """All steps by (dx, dy) from places of one direction to places of another."""
        p = self.places
        at = np.flatnonzero(p.bins == direction)
        x, y = p.xs[at] + dx, p.ys[at] + dy
        inside = (x >= 0) & (y >= 0) & (x < p.index.shape[2]) & (y < p.index.shape[1])
        at, x, y = at[inside], x[inside], y[inside]
        there = p.index[to, y, x]
        found = there >= 0
        self.add(at[found], there[found], length, extra)


def _edges(places: _Places) -> _Edges:
    edges = _Edges(places)
    for direction in range(BINS):
        angle = np.pi * direction / BINS
        for near in (-1, 0, 1):
            to, drift = (direction + near) % BINS, _DRIFT * abs(near)
            for dx, dy, length in _offsets(direction):
                edges.step(direction, to, dx, dy, length, drift)
            for jump in _JUMPS:
                dx, dy = round(jump * np.cos(angle)), round(jump * np.sin(angle))
                edges.step(direction, to, dx, dy, 0.0, jump * _JUMP_PRICE + drift)
        for turn in range(1, BINS // 2 + (direction < BINS // 2)):
            edges.step(direction, (direction + turn) % BINS, 0, 0, 0.0, _TURN * turn)
    return edges


def distance_to(xs: NDArray[Any], ys: NDArray[Any], areas: Areas) -> NDArray[np.float64]:
    """How far from the nearest of a shape's areas each point is; 0 inside."""
    dx = np.maximum(np.maximum(areas[:, :1] - xs, xs - areas[:, 2:3]), 0.0)
    dy = np.maximum(np.maximum(areas[:, 1:2] - ys, ys - areas[:, 3:]), 0.0)
    return np.asarray(np.hypot(dx, dy).min(0))


def find_ways(seen: Seen, shapes: list[Areas], spent: Sequence[Way] = ()) -> list[Way]:
    """The cheapest way between every two shapes, where there is one; the lines of the ways in `spent` are dear."""
    places = _places(sigmoid(seen.lines[DIRECTIONS]))
    n, count = len(places.bins), len(shapes)
    if n == 0 or count < 2:
        return []
    for way in spent:
        for turn in (-1, 0, 1):
            at = places.index[(way.bins + turn) % BINS, way.points[:, 1], way.points[:, 0]]
            places.price[at[at >= 0]] = _SPENT
    graph = _graph(places, sigmoid(seen.lines[HEAD : TAIL + 1]).max(0), shapes)
    out: list[Way] = []
    for first in range(count - 1):
        distance, previous = dijkstra(graph, indices=n + first, return_predecessors=True, limit=_DEAREST)
        for second in range(first + 1, count):
            end = n + count + second
            if np.isfinite(distance[end]):
                out.append(_way(first, second, previous, end, places, float(distance[end])))
    return out


def _graph(places: _Places, ends: Maps, shapes: list[Areas]) -> csr_matrix:
    """Places, then for each shape a node to leave it by, then one to enter it by; no two places have more than one edge."""
    n, count = len(places.bins), len(shapes)
    edges = _edges(places)
    no_end = _NO_END * (1.0 - ends[places.ys, places.xs])
    for k, areas in enumerate(shapes):
        far = distance_to(places.xs, places.ys, areas)
        at = np.flatnonzero(far <= REACH)
        cost = _END_PRICE * far[at] + no_end[at] + 1e-3
        edges.rows += [np.full(len(at), n + k), at]
        edges.columns += [at, np.full(len(at), n + count + k)]
        edges.costs += [cost, cost]
    rows, columns, costs = np.concatenate(edges.rows), np.concatenate(edges.columns), np.concatenate(edges.costs)
    total = n + 2 * count
    return coo_matrix((costs, (rows, columns)), shape=(total, total)).tocsr()


def _way(first: int, second: int, previous: NDArray[np.int32], end: int, places: _Places, cost: float) -> Way:
    path = []
    at = int(previous[end])
    while at < len(places.bins):
        path.append(at)
        at = int(previous[at])
    path.reverse()
    points = np.stack([places.xs[path], places.ys[path]], 1).astype(np.int32)
    return Way(first, second, points, places.bins[path].astype(np.int32), cost)


def to_sketch(points: NDArray[np.int32] | NDArray[np.float64], scale: float) -> NDArray[np.float64]:
    """Pixels of the line maps as pixels of the sketch."""
    return np.asarray(((points + 0.5) * LINE_STRIDE - 0.5) / scale)
