"""Where things stand on the sheet: the graph's own places or a program's layered arrangement, spread so that nothing overlaps.

Not covered: lines between them, text.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from gdt2usd.graph.model import Dispatcher, ProcessGraph

Points = NDArray[np.float64]
GRID_X_M = 8.0
GRID_Y_M = -6.0


def centre_connections(graph: ProcessGraph, *, both_ends: bool = True) -> tuple[tuple[str, str], ...]:
    """(resource, station) and (team member, dispatcher) pairs, each once, in the graph's order.

    A vehicle is joined to the station it fetches from and, with `both_ends`, to the one it brings to.
    """
    pairs: dict[tuple[str, str], None] = {}
    for station in graph.stations:
        need = getattr(station, "operators", None)
        for resource in need.resources if need is not None else ():
            pairs[resource, station.id] = None
    for link in graph.links:
        if link.transport is not None:
            pairs[link.transport, link.upstream] = None
            if both_ends:
                pairs[link.transport, link.downstream] = None
    for thing in graph.resources:
        if isinstance(thing, Dispatcher):
            for member in thing.team:
                pairs[member, thing.id] = None
        elif thing.dispatcher is not None:
            pairs[thing.id, thing.dispatcher] = None
    return tuple(pairs)


def grid_cells(graph: ProcessGraph) -> dict[str, tuple[float, float]]:
    """(column, row) of stations and resources from their poses; one without a place of its own stands below those it serves."""
    cells = {s.id: (s.pose.position_m[0] / GRID_X_M, s.pose.position_m[1] / GRID_Y_M) for s in graph.stations}
    lowest = max((row for _, row in cells.values()), default=0.0)
    served = _served(graph)
    for resource in graph.resources:
        cell = (resource.pose.position_m[0] / GRID_X_M, resource.pose.position_m[1] / GRID_Y_M)
        while _upon_a_link(cell, cells, graph):
            cell = (cell[0] + 0.5, cell[1] + 0.25)
        if any(abs(cell[0] - c) < 0.45 and abs(cell[1] - r) < 0.6 for c, r in cells.values()):
            columns = [cells[i][0] for i in served.get(resource.id, ()) if i in cells]
            column = float(np.mean(columns)) if columns else 0.0
            cell = (column, lowest + 1.0)
            while any(abs(cell[0] - c) < 0.8 and abs(cell[1] - r) < 0.6 for c, r in cells.values()):
                cell = (cell[0] + 1.0, cell[1])
        cells[resource.id] = cell
    return cells


def _upon_a_link(cell: tuple[float, float], cells: dict[str, tuple[float, float]], graph: ProcessGraph) -> bool:
    """Whether something in `cell` would stand on the straight line between two linked stations of one row or column."""
    x, y = cell
    for link in graph.links:
        (x0, y0), (x1, y1) = cells[link.upstream], cells[link.downstream]
        if abs(x0 - x1) < 0.3 and abs(x - x0) < 0.4 and min(y0, y1) + 0.3 < y < max(y0, y1) - 0.3:
            return True
        if abs(y0 - y1) < 0.3 and abs(y - y0) < 0.3 and min(x0, x1) + 0.3 < x < max(x0, x1) - 0.3:
            return True
    return False


def _served(graph: ProcessGraph) -> dict[str, list[str]]:
    served: dict[str, list[str]] = {}
    for resource, station in centre_connections(graph):
        served.setdefault(resource, []).append(station)
    return served


def layered_cells(graph: ProcessGraph, *, downwards: bool) -> dict[str, tuple[float, float]]:
    """(column, row) as layout programs arrange: layers by longest path, each layer centred and ordered by its neighbours."""
    ids = [s.id for s in graph.stations]
    edges = _forward(ids, [(link.upstream, link.downstream) for link in graph.links])
    layer = dict.fromkeys(ids, 0)
    for _ in ids:
        for a, b in edges:
            layer[b] = max(layer[b], layer[a] + 1)
    extra = [(r, s) for r, s in centre_connections(graph)]
    for resource in graph.resources:
        near = [layer[s] for r, s in extra if r == resource.id and s in layer]
        layer[resource.id] = max(0, min(near) - 1) if near else 0
    rows: dict[int, list[str]] = {}
    for i in (*ids, *(r.id for r in graph.resources)):
        rows.setdefault(layer[i], []).append(i)
    place: dict[str, float] = {}
    links = [(link.upstream, link.downstream) for link in graph.links] + extra
    for _ in range(3):
        for k in sorted(rows):
            rows[k].sort(key=lambda i: _pull(i, links, place))
            for n, i in enumerate(rows[k]):
                place[i] = n - (len(rows[k]) - 1) / 2
    return {i: ((place[i], float(layer[i])) if downwards else (float(layer[i]), place[i])) for i in layer}


def folded(cells: dict[str, tuple[float, float]], folds: int) -> dict[str, tuple[float, float]]:
    """A long row of cells in `folds` rows one below the other, each begun at the left, as one writes on when the sheet is full."""
    first = min(column for column, _ in cells.values())
    length = max(1.0, np.ceil((max(column for column, _ in cells.values()) - first + 1) / folds))
    top, bottom = min(row for _, row in cells.values()), max(row for _, row in cells.values())
    turns = {i: int((column - first + 1e-6) // length) for i, (column, _) in cells.items()}
    return {i: (column - turns[i] * length, row + turns[i] * (bottom - top + 1.0)) for i, (column, row) in cells.items()}


def _pull(i: str, links: Sequence[tuple[str, str]], place: dict[str, float]) -> float:
    """The mean place of the neighbours of `i`."""
    near = [place[a] for a, b in links if b == i and a in place] + [place[b] for a, b in links if a == i and b in place]
    return float(np.mean(near)) if near else 0.0


def _forward(ids: Sequence[str], edges: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """The edges without those that close a loop (found in depth-first order)."""
    state: dict[str, int] = {}
    kept: list[tuple[str, str]] = []
    following: dict[str, list[str]] = {i: [b for a, b in edges if a == i] for i in ids}

    def visit(start: str) -> None:
        stack = [(start, iter(following[start]))]
        state[start] = 1
        while stack:
            node, rest = stack[-1]
            for after in rest:
                if state.get(after) == 1:
                    continue
                kept.append((node, after))
                if after not in state:
                    state[after] = 1
                    stack.append((after, iter(following[after])))
                    break
            else:
                state[node] = 2
                stack.pop()

    for i in ids:
        if i not in state:
            visit(i)
    return kept


def spread(
    cells: dict[str, tuple[float, float]], sizes: dict[str, tuple[float, float]], gap: float, row_gap: float
) -> dict[str, tuple[float, float]]:
    """Sheet coordinates of the centres: columns and rows as wide as their widest member plus gaps, cell distances kept roughly."""
    xs = _axis([(cells[i][0], sizes[i][0]) for i in cells], gap)
    ys = _axis([(cells[i][1], sizes[i][1]) for i in cells], row_gap)
    return {i: (xs[k], ys[k]) for k, i in enumerate(cells)}


def _axis(items: list[tuple[float, float]], gap: float) -> list[float]:
    """Positions along one axis for (cell coordinate, size): equal coordinates share a line."""
    lines: list[tuple[float, float]] = []
    for at, size in sorted(items):
        if lines and at - lines[-1][0] < 0.2:
            lines[-1] = (lines[-1][0], max(lines[-1][1], size))
        else:
            lines.append((at, size))
    positions = [0.0]
    for (a, size_a), (b, size_b) in pairwise(lines):
        step = b - a
        need = (size_a + size_b) / 2 + gap
        positions.append(positions[-1] + need * float(np.clip(step, 0.35, 1.6)))
    known = [at for at, _ in lines]
    return [float(np.interp(at, known, positions)) for at, _ in items]
