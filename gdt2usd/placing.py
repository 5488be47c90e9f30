"""Where the stations of a read model stand: the layout form that was read, or the sketch's own arrangement where it differs.

Forms put stations on a grid of 8 m by 6 m; the sketch is read in rows and columns of that grid. Not covered: aisles and overlaps
(`stage.layout`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from gdt2usd.dataset.layers.layout import CELL_X_M, CELL_Y_M, COLUMNS, ROWS, place
from gdt2usd.diagnostics import Box
from gdt2usd.graph.model import ProcessGraph, Resource, Station

AGREEMENT = 0.8
"""Share of pairs of stations that must be left/right and above/below each other as in the sketch for the form to stand."""
_GAP = 0.6
"""Two labels are in one column (row) when they are nearer than this share of the usual distance of neighbours."""

Thing = Station | Resource


def place_graph(graph: ProcessGraph, form: str, boxes: Mapping[str, Box]) -> tuple[ProcessGraph, str]:
    """The graph with poses, and how they were found: "form" or "sketch". `boxes` are label boxes by object id, in pixels."""
    formed = place(graph, form)
    if len(boxes) < 3 or agreement(formed, boxes) >= AGREEMENT:
        return formed, "form"
    return arrange(formed, boxes), "sketch"


def agreement(graph: ProcessGraph, boxes: Mapping[str, Box]) -> float:
    """Share of the pairs whose order in x, or in y, in the sketch is that of the plan; 1 when the sketch orders no pair."""
    spots = {t.id: t.pose.position_m for t in graph.stations if t.id in boxes}
    centres = {i: _centre(boxes[i]) for i in spots}
    width = max(b.x1 - b.x0 for b in boxes.values())
    height = max(b.y1 - b.y0 for b in boxes.values())
    right = total = 0
    ids = sorted(spots)
    for n, a in enumerate(ids):
        for b in ids[:n]:
            for axis, least, sign in ((0, 0.5 * width, 1.0), (1, 1.5 * height, -1.0)):
                drawn = (centres[a][axis] - centres[b][axis]) * sign
                planned = spots[a][axis] - spots[b][axis]
                if abs(drawn) > least:
                    total += 1
                    right += drawn * planned > 0
    return right / total if total else 1.0


def _centre(box: Box) -> tuple[float, float]:
    return (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2


def _ranks(values: dict[str, float], most: int) -> dict[str, int]:
    """Grid lines for coordinates: values nearer than a share of the usual gap share a line; gaps twice as wide skip one."""
    ordered = sorted(values, key=lambda i: values[i])
    gaps = sorted(b - a for a, b in zip((values[i] for i in ordered[:-1]), (values[i] for i in ordered[1:]), strict=True))
    wide = [g for g in gaps if g > 0.25 * gaps[-1]] if gaps else []
    usual = wide[len(wide) // 2] if wide else 1.0
    ranks: dict[str, int] = {}
    line, last = 0, values[ordered[0]] if ordered else 0.0
    for i in ordered:
        if values[i] - last > _GAP * usual:
            line += max(1, round((values[i] - last) / usual)) if values[i] - last < 2.5 * usual else 2
            last = values[i]
        ranks[i] = min(line, most - 1)
    return ranks


def arrange(graph: ProcessGraph, boxes: Mapping[str, Box]) -> ProcessGraph:
    """Poses from the sketch's rows and columns; what the sketch does not show keeps its place unless that is taken."""
    centres = {t.id: _centre(boxes[t.id]) for t in (*graph.stations, *graph.resources) if t.id in boxes}
    columns = _ranks({i: c[0] for i, c in centres.items()}, COLUMNS)
    rows = _ranks({i: c[1] for i, c in centres.items()}, ROWS)
    taken: set[tuple[int, int]] = set()

    def moved(thing: Thing) -> Thing:
        x, y, z = thing.pose.position_m
        cell = (columns[thing.id], rows[thing.id]) if thing.id in columns else (round(x / CELL_X_M), round(-y / CELL_Y_M))
        while cell in taken:
            cell = (cell[0], cell[1] + 1)
        taken.add(cell)
        position = (CELL_X_M * cell[0], -CELL_Y_M * cell[1], z)
        changed = replace(thing, pose=replace(thing.pose, position_m=position))
        start, end = getattr(thing, "start_m", None), getattr(thing, "end_m", None)
        if start is not None and end is not None:
            shift = (position[0] - x, position[1] - y)
            ends = {"start_m": _shifted(start, shift), "end_m": _shifted(end, shift)}
            return replace(changed, **ends)
        return changed

    stations = tuple(moved(s) for s in graph.stations)
    resources = tuple(moved(r) for r in graph.resources)
    return replace(graph, stations=stations, resources=resources)  # type: ignore[arg-type]


def _shifted(point: tuple[float, float, float], shift: tuple[float, float]) -> tuple[float, float, float]:
    return point[0] + shift[0], point[1] + shift[1], point[2]
