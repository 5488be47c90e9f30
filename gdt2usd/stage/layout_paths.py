"""Ways across the floor: shortest walkable polylines between two spots around everything that stands there.

A grid of `CELL_M` over the hall; footprints (with half a body's width) are closed; A* with diagonal steps, then straightened.
Where no way exists, or the hall is too large for the grid, the way is the straight line. Not covered: when who walks.
"""

from __future__ import annotations

import heapq
import math

import numpy as np
from numpy.typing import NDArray

from gdt2usd.stage.layout_spread import Rect

CELL_M = 0.4
MAX_CELLS = 400_000
MAX_VISITS = 60_000  # of one search
MAX_SEARCHED = 3_000_000  # of all searches of a floor together: about ten seconds

Spot = tuple[float, float]


class Floor:
    """The walkable floor; `way` answers are kept, so that a mover's daily way is found once."""

    def __init__(self, bounds: Rect, obstacles: list[Rect], *, body_m: float) -> None:
        self._x0, self._y0 = bounds[0] - 4.0, bounds[1] - 4.0
        self._nx = int((bounds[2] + 4.0 - self._x0) / CELL_M) + 1
        self._ny = int((bounds[3] + 4.0 - self._y0) / CELL_M) + 1
        self._known: dict[tuple[Spot, Spot], tuple[Spot, ...]] = {}
        self._closed: NDArray[np.bool_] | None = None
        self._searched = 0
        if self._nx * self._ny <= MAX_CELLS:
            self._closed = np.zeros((self._nx, self._ny), dtype=np.bool_)
            half = body_m / 2
            for x0, y0, x1, y1 in obstacles:
                i0, j0 = self._cell((x0 - half + CELL_M / 2, y0 - half + CELL_M / 2))
                i1, j1 = self._cell((x1 + half - CELL_M / 2, y1 + half - CELL_M / 2))
                self._closed[i0 : i1 + 1, j0 : j1 + 1] = True

    def _cell(self, spot: Spot) -> tuple[int, int]:
        i = round((spot[0] - self._x0) / CELL_M)
        j = round((spot[1] - self._y0) / CELL_M)
        return min(max(i, 0), self._nx - 1), min(max(j, 0), self._ny - 1)

    def _spot(self, cell: tuple[int, int]) -> Spot:
        return self._x0 + cell[0] * CELL_M, self._y0 + cell[1] * CELL_M

    def way(self, start: Spot, end: Spot) -> tuple[Spot, ...]:
        """The polyline from `start` to `end`, both included; (start,) if they are the same."""
        if math.dist(start, end) < 1e-6:
            return (start,)
        key = (start, end)
        if key not in self._known:
            self._known[key] = self._find(start, end)
        return self._known[key]

    def _find(self, start: Spot, end: Spot) -> tuple[Spot, ...]:
        if self._closed is None or self._searched > MAX_SEARCHED:
            return (start, end)
        closed = self._closed
        first, last = self._cell(start), self._cell(end)
        if first == last or self._clear(start, end, closed):
            return (start, end)
        cells = self._search(first, last, closed)
        if cells is None:
            return (start, end)
        return self._straightened([start, *(self._spot(c) for c in cells[1:-1]), end], closed)

    def _search(self, first: tuple[int, int], last: tuple[int, int], closed: NDArray[np.bool_]) -> list[tuple[int, int]] | None:
        """A*; closed cells may be crossed at ten times the cost, so that spots inside footprints can be left."""
        came: dict[tuple[int, int], tuple[int, int]] = {}
        cost = {first: 0.0}
        heap = [(0.0, first)]
        visits = 0
        while heap and visits < MAX_VISITS:
            _, cell = heapq.heappop(heap)
            visits += 1
            self._searched += 1
            if cell == last:
                way = [cell]
                while cell in came:
                    cell = came[cell]
                    way.append(cell)
                return way[::-1]
            for di, dj in ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (1, -1), (-1, 1), (-1, -1)):
                other = (cell[0] + di, cell[1] + dj)
                if not (0 <= other[0] < self._nx and 0 <= other[1] < self._ny):
                    continue
                step = math.hypot(di, dj) * (10.0 if closed[other] else 1.0)
                total = cost[cell] + step
                if total < cost.get(other, math.inf):
                    cost[other] = total
                    came[other] = cell
                    heapq.heappush(heap, (total + math.dist(other, last), other))
        return None

    def _clear(self, a: Spot, b: Spot, closed: NDArray[np.bool_]) -> bool:
        steps = max(2, int(math.dist(a, b) / (CELL_M / 2)))
        for n in range(1, steps):
            f = n / steps
            if closed[self._cell((a[0] + f * (b[0] - a[0]), a[1] + f * (b[1] - a[1])))]:
                return False
        return True

    def _straightened(self, points: list[Spot], closed: NDArray[np.bool_]) -> tuple[Spot, ...]:
        """Points that are needed: each next one is the farthest in sight."""
        way = [points[0]]
        at = 0
        while at < len(points) - 1:
            ahead = min(len(points) - 1, at + 60)
            while ahead > at + 1 and not self._clear(points[at], points[ahead], closed):
                ahead -= 1
            way.append(points[ahead])
            at = ahead
        return tuple(way)
