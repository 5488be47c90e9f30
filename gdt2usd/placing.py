"""Where the stations of a read model stand: the layout form that was read, or the sketch's own arrangement where it differs.

Forms put stations on a grid of 8 m by 6 m; the sketch is read in rows and columns of that grid. Not covered: aisles and overlaps
(`stage.layout`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from gdt2usd.dataset.layers.layout import CELL_X_M, CELL_Y_M, COLUMNS, ROWS, place
from gdt2usd.diagnostics import Box
from gdt2usd.graph.model import Conveyor, Dispatcher, Pose, ProcessGraph, Resource, Source, Station

AGREEMENT = 0.8
"""Share of pairs of stations that must be left/right and above/below each other as in the sketch for the form to stand."""
_GAP = 0.6
"""Two labels are in one column (row) when they are nearer than this share of the usual distance of neighbours."""

Thing = Station | Resource


def in_flow_order(graph: ProcessGraph) -> ProcessGraph:
    """The same graph, stations from sources to sinks (ties, and ways back, by the graph's order), links by station and port.

    A cycle is entered at the station nearest to a source. Dispatchers come before their teams.
    """
    rank = {station.id: i for i, station in enumerate(graph.stations)}
    after: dict[str, list[str]] = {i: [] for i in rank}
    waits = dict.fromkeys(rank, 0)
    for link in graph.links:
        if link.upstream in rank and link.downstream in rank:
            after[link.upstream].append(link.downstream)
            waits[link.downstream] += 1
    near = _steps_from_sources(graph, after)
    order: list[str] = []
    left = set(rank)
    while left:
        free = [i for i in left if waits[i] == 0]
        chosen = min(free, key=rank.__getitem__) if free else min(left, key=lambda i: (near.get(i, len(rank)), rank[i]))
        order.append(chosen)
        left.discard(chosen)
        for target in after[chosen]:
            waits[target] -= 1
    place_of = {i: n for n, i in enumerate(order)}
    stations = tuple(sorted(graph.stations, key=lambda s: place_of[s.id]))
    links = tuple(sorted(graph.links, key=lambda link: (place_of.get(link.upstream, len(rank)), link.out_port)))
    resources = tuple(sorted(graph.resources, key=lambda r: not isinstance(r, Dispatcher)))
    return replace(graph, stations=stations, links=links, resources=resources)


def _steps_from_sources(graph: ProcessGraph, after: dict[str, list[str]]) -> dict[str, int]:
    """Links between each station and the nearest source."""
    steps = {s.id: 0 for s in graph.stations if isinstance(s, Source)}
    waiting = list(steps)
    for here in waiting:
        for target in after[here]:
            if target not in steps:
                steps[target] = steps[here] + 1
                waiting.append(target)
    return steps


def place_graph(graph: ProcessGraph, form: str, boxes: Mapping[str, Box]) -> tuple[ProcessGraph, str]:
    """The graph with poses, and how they were found: "form" or "sketch". `boxes` are label boxes by object id, in pixels."""
    formed = place(in_flow_order(graph), form)
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

    def cell_of(thing: Thing) -> Pose:
        x, y, z = thing.pose.position_m
        cell = (columns[thing.id], rows[thing.id]) if thing.id in columns else (round(x / CELL_X_M), round(-y / CELL_Y_M))
        while cell in taken:
            cell = (cell[0], cell[1] + 1)
        taken.add(cell)
        return replace(thing.pose, position_m=(CELL_X_M * cell[0], -CELL_Y_M * cell[1], z))

    stations = tuple(_moved(station, cell_of(station)) for station in graph.stations)
    resources = tuple(replace(resource, pose=cell_of(resource)) for resource in graph.resources)
    return replace(graph, stations=stations, resources=resources)


def _moved(station: Station, pose: Pose) -> Station:
    if isinstance(station, Conveyor) and station.start_m is not None and station.end_m is not None:
        shift = (pose.position_m[0] - station.pose.position_m[0], pose.position_m[1] - station.pose.position_m[1])
        return replace(station, pose=pose, start_m=_shifted(station.start_m, shift), end_m=_shifted(station.end_m, shift))
    return replace(station, pose=pose)


def _shifted(point: tuple[float, float, float], shift: tuple[float, float]) -> tuple[float, float, float]:
    return point[0] + shift[0], point[1] + shift[1], point[2]
