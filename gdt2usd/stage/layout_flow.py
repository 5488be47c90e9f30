"""Positions from the flow alone: stations in the order items pass them, parallel lanes side by side, long lines folded.

For graphs without positions of their own. Not covered: graphs with positions (`stage.layout`).
"""

from __future__ import annotations

from collections.abc import Mapping

from gdt2usd.graph.model import Conveyor, ProcessGraph

GAP_M = 2.0  # between neighbours along the flow
LANE_M = 3.5  # between lanes
ROW_M = 7.0  # between the rows of a folded line
LONGEST_ROW_M = 60.0


def flow_positions(graph: ProcessGraph, sizes: Mapping[str, tuple[float, float, float]]) -> dict[str, tuple[float, float, float]]:
    """Bottom-centre positions by station id: one column per step of the flow, folded when longer than `LONGEST_ROW_M`."""
    columns = _columns(graph)
    lanes = _lanes(graph, columns)
    lengths = {s.id: max(s.length_m, 0.5) if isinstance(s, Conveyor) else sizes[s.id][0] for s in graph.stations}
    widths = [max(lengths[i] for i in column) for column in columns]
    depth = max((sizes[s.id][1] for s in graph.stations), default=1.0) + LANE_M
    total = sum(widths) + GAP_M * (len(widths) - 1)
    rows = max(1, round(total / LONGEST_ROW_M + 0.4)) if total > LONGEST_ROW_M else 1
    row_length = total / rows
    tallest = max(len(column) for column in columns) if columns else 1
    row_depth = tallest * depth + ROW_M
    positions: dict[str, tuple[float, float, float]] = {}
    x, row = 0.0, 0
    for column, width in zip(columns, widths, strict=True):
        if x > 0.0 and x + width / 2 > row_length and row < rows - 1:
            x, row = 0.0, row + 1
        along = x + width / 2
        for i in column:
            position = along if row % 2 == 0 else row_length - along
            positions[i] = (position, -row * row_depth - lanes[i] * depth, 0.0)
        x += width + GAP_M
    return positions


def _columns(graph: ProcessGraph) -> list[list[str]]:
    """Stations by the longest way from a start, ignoring links that lead back."""
    ids = [s.id for s in graph.stations]
    after: dict[str, list[str]] = {i: [] for i in ids}
    for link in graph.links:
        if link.upstream in after and link.downstream in after and link.upstream != link.downstream:
            after[link.upstream].append(link.downstream)
    forward = _without_back_links(ids, after)
    incoming = dict.fromkeys(ids, 0)
    for targets in forward.values():
        for target in targets:
            incoming[target] += 1
    rank = dict.fromkeys(ids, 0)
    ready = [i for i in ids if incoming[i] == 0]
    for i in ready:
        for target in forward[i]:
            rank[target] = max(rank[target], rank[i] + 1)
            incoming[target] -= 1
            if incoming[target] == 0:
                ready.append(target)
    columns: list[list[str]] = [[] for _ in range(max(rank.values(), default=-1) + 1)]
    for i in ids:
        columns[rank[i]].append(i)
    return [column for column in columns if column]


def _without_back_links(ids: list[str], after: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """The links that a depth-first walk from the first stations does not find to close a circle."""
    state: dict[str, int] = {}
    forward: dict[str, list[str]] = {i: [] for i in ids}
    reached = {t for targets in after.values() for t in targets}
    for root in sorted(ids, key=lambda i: i in reached):
        if root in state:
            continue
        state[root] = 1
        stack = [(root, iter(after[root]))]
        while stack:
            node, targets = stack[-1]
            for target in targets:
                if state.get(target) == 1:
                    continue
                forward[node].append(target)
                if target not in state:
                    state[target] = 1
                    stack.append((target, iter(after[target])))
                    break
            else:
                state[node] = 2
                stack.pop()
    return forward


def _lanes(graph: ProcessGraph, columns: list[list[str]]) -> dict[str, float]:
    """Lane of each station: that of what feeds it, kept apart within a column, centred on the column's middle."""
    before: dict[str, list[str]] = {}
    for link in graph.links:
        before.setdefault(link.downstream, []).append(link.upstream)
    lanes: dict[str, float] = {}
    for column in columns:
        wish = {i: _mean([lanes[n] for n in before.get(i, ()) if n in lanes]) for i in column}
        ordered = sorted(column, key=lambda i: wish[i])
        centre = _mean([wish[i] for i in column])
        first = centre - (len(ordered) - 1) / 2
        for n, i in enumerate(ordered):
            lanes[i] = wish[i] if len(ordered) == 1 else first + n
    lowest = min(lanes.values(), default=0.0)
    return {i: lane - lowest for i, lane in lanes.items()}


def _mean(values: list[float]) -> float:
    return sum(values) / len(values) if values else 0.0
