"""The process graph as an SVG drawing: stations where they stand, links with ports' percentages, resources with whom they serve.

Metres are stretched until no two boxes overlap; a graph without positions is laid out by its flow.
Not covered: looks of machines (`stage`).
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from html import escape
from itertools import combinations

from gdt2usd.graph import flow
from gdt2usd.graph import model as m
from gdt2usd.graph.serial import kind_of
from gdt2usd.graph.words import describe_routing, describe_station

WIDTH, HEIGHT = 150.0, 58.0
GAP_X, GAP_Y = 70.0, 50.0
MARGIN = 60.0
MAX_SIDE = 12_000.0
_LETTERS = 21
_MAX_FLOWS = 400
_LEGEND_HEIGHT = 34.0

_FILL = {
    "source": "#d9f0d3", "queue": "#fde8c8", "processor": "#cfe3f7", "combiner": "#d8d5f2", "separator": "#f6e3a1",
    "multiprocessor": "#f9cdb0", "conveyor": "#e3e6e8", "storage": "#e9dccb", "sink": "#f3cfcf",
}  # fmt: skip
_RESOURCE_FILL = "#ffffff"
_CALL_STROKE = 'stroke="#c08a2d" stroke-width="1.1" stroke-dasharray="5 4"'

# places to try for a resource, in half boxes across and down, the nearest first, then further and further down
_NEAR = (
    *sorted(((i, j) for i in range(-4, 5) for j in range(-6, 7)), key=lambda at: abs(at[0]) * WIDTH + abs(at[1]) * HEIGHT),
    *((0, j) for j in range(7, 120)),
)

Point = tuple[float, float]


def draw(graph: m.ProcessGraph) -> str:
    """The drawing as SVG text."""
    places, width, height = _places(graph)
    legend, needed = _legend(graph, height)
    width, height = max(width, needed), height + (_LEGEND_HEIGHT if legend else 0.0)
    body = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}" '
        'font-family="Helvetica, Arial, sans-serif">',
        '<defs><marker id="head" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" orient="auto">'
        '<path d="M0 0L10 5L0 10z" fill="#44505c"/></marker></defs>',
        f'<rect width="{width:.0f}" height="{height:.0f}" fill="#ffffff"/>',
        *_calls(graph, places),
        *_links(graph, places),
        *(_box(station, places[station.id]) for station in graph.stations),
        *(_disc(resource, places[resource.id]) for resource in graph.resources),
        *legend,
        "</svg>",
    ]
    return "\n".join(body) + "\n"


# ---- places ----


def _places(graph: m.ProcessGraph) -> tuple[dict[str, Point], float, float]:
    """Centres in pixels, and the size of the sheet."""
    things = (*graph.stations, *graph.resources)
    metres = {thing.id: (thing.pose.position_m[0], -thing.pose.position_m[1]) for thing in things}
    stations = [station.id for station in graph.stations]
    if len({metres[name] for name in stations}) < len(stations):
        metres = _by_flow(graph)
    scale = _scale([metres[name] for name in stations])
    pixels = {name: (x * scale, y * scale) for name, (x, y) in metres.items()}
    _spread(graph, pixels)
    if not pixels:
        return {}, 2 * MARGIN, 2 * MARGIN
    left, top = min(x for x, _ in pixels.values()), min(y for _, y in pixels.values())
    right, bottom = max(x for x, _ in pixels.values()), max(y for _, y in pixels.values())
    moved = {name: (x - left + MARGIN + WIDTH / 2, y - top + MARGIN + HEIGHT / 2) for name, (x, y) in pixels.items()}
    return moved, right - left + 2 * MARGIN + WIDTH, bottom - top + 2 * MARGIN + HEIGHT


def _by_flow(graph: m.ProcessGraph) -> dict[str, Point]:
    """One column per step of the flow; resources in a row below."""
    columns = flow.depth(graph)
    filled: dict[int, int] = {}
    found: dict[str, Point] = {}
    for station in graph.stations:
        column = columns[station.id]
        found[station.id] = (float(column), float(filled.get(column, 0)))
        filled[column] = filled.get(column, 0) + 1
    lowest = max(filled.values(), default=0)
    return found | {resource.id: (float(i), float(lowest)) for i, resource in enumerate(graph.resources)}


def _scale(points: list[Point]) -> float:
    """Pixels per metre at which boxes at `points` do not overlap, as far as the sheet allows."""
    needed = 1.0
    for (x1, y1), (x2, y2) in combinations(points[:400], 2):
        across = (WIDTH + GAP_X) / abs(x1 - x2) if x1 != x2 else math.inf
        along = (HEIGHT + GAP_Y) / abs(y1 - y2) if y1 != y2 else math.inf
        needed = max(needed, min(across, along))
    extent = max((max(axis) - min(axis) for axis in zip(*points, strict=True)), default=0.0) if points else 0.0
    return min(needed, MAX_SIDE / extent) if extent > 0 else needed


def _spread(graph: m.ProcessGraph, pixels: dict[str, Point]) -> None:
    """Move resources to the nearest place where they lie on no station, no other resource and no flow."""
    taken = [pixels[station.id] for station in graph.stations]
    flows = [(pixels[link.upstream], pixels[link.downstream]) for link in graph.links][:_MAX_FLOWS]
    for resource in graph.resources:
        x0, y0 = pixels[resource.id]
        for across, down in _NEAR:
            x, y = x0 + across * WIDTH / 2, y0 + down * HEIGHT / 2
            lies_on = any(abs(x - a) < WIDTH and abs(y - b) < HEIGHT + 12 for a, b in taken)
            if not lies_on and not any(_crosses(start, end, (x, y)) for start, end in flows):
                break
        pixels[resource.id] = (x, y)
        taken.append((x, y))


# ---- shapes ----


def _clip(text: str, letters: int = _LETTERS) -> str:
    shown = "".join(character if character.isprintable() else " " for character in text)
    return escape(shown if len(shown) <= letters else shown[: letters - 1] + "…")


def _text(x: float, y: float, text: str, size: int, colour: str = "#1d2733", weight: str = "normal") -> str:
    style = f'font-size="{size}" font-weight="{weight}" fill="{colour}" text-anchor="middle"'
    return f'<text x="{x:.1f}" y="{y:.1f}" {style}>{text}</text>'


def _title(thing: m.Station | m.Resource, words: str) -> str:
    return f"<title>{_clip(thing.id, 200)} ({thing.flexsim_class}) {_clip(words, 400)}</title>"


def _box(station: m.Station, place: Point) -> str:
    x, y = place
    kind, words = kind_of(station), describe_station(station)
    radius = HEIGHT / 2 if kind in ("source", "sink") else 6
    return "".join(
        (
            f'<g>{_title(station, words)}<rect x="{x - WIDTH / 2:.1f}" y="{y - HEIGHT / 2:.1f}" width="{WIDTH:.0f}" '
            f'height="{HEIGHT:.0f}" rx="{radius:.0f}" fill="{_FILL[kind]}" stroke="#44505c" stroke-width="1.2"/>',
            _text(x, y - 10, _clip(station.id), 13, weight="bold"),
            _text(x, y + 6, kind, 11, "#44505c"),
            _text(x, y + 21, _clip(words, 27), 10, "#44505c"),
            "</g>",
        )
    )


def _disc(resource: m.Resource, place: Point) -> str:
    x, y = place
    return "".join(
        (
            f'<g>{_title(resource, "")}<ellipse cx="{x:.1f}" cy="{y:.1f}" rx="{WIDTH / 2.2:.1f}" ry="{HEIGHT / 2.6:.1f}" '
            f'fill="{_RESOURCE_FILL}" stroke="#8a5a00" stroke-width="1.2"/>',
            _text(x, y - 2, _clip(resource.id, 19), 12, weight="bold"),
            _text(x, y + 12, kind_of(resource).replace("_", " "), 10, "#8a5a00"),
            "</g>",
        )
    )


def _legend(graph: m.ProcessGraph, top: float) -> tuple[list[str], float]:
    """What the colours and lines mean, for those that occur, in one row from `top`; and the width that it takes."""
    kinds = {kind_of(station) for station in graph.stations}
    x, y = MARGIN, top + _LEGEND_HEIGHT / 2 - 12
    parts = []
    rows = [(kind, f'height="14" width="22" rx="{7 if kind in ("source", "sink") else 3}" fill="{fill}" stroke="#44505c"')
            for kind, fill in _FILL.items() if kind in kinds]  # fmt: skip
    for kind, shape in rows:
        parts.append(f'<rect x="{x:.0f}" y="{y - 7:.0f}" {shape}/>' + _label(x + 28, y + 4, kind))
        x += 28 + 6.4 * len(kind) + 18
    strokes = [("flow of items", 'stroke="#44505c" stroke-width="1.4" marker-end="url(#head)"', bool(graph.links))]
    strokes.append(("serves, carries, is in the team", _CALL_STROKE, bool(graph.resources)))
    for words, stroke, occurs in strokes:
        if occurs:
            parts.append(f'<path d="M{x:.0f} {y:.0f}h30" fill="none" {stroke}/>' + _label(x + 36, y + 4, words))
            x += 36 + 6.4 * len(words) + 18
    return parts, x + MARGIN / 2 if parts else 0.0


def _label(x: float, y: float, text: str) -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}" font-size="11" fill="#44505c">{text}</text>'


# ---- lines ----


def _edge(centre: Point, towards: Point, width: float = WIDTH, height: float = HEIGHT) -> Point:
    """Where the line from `centre` to `towards` leaves the box."""
    dx, dy = towards[0] - centre[0], towards[1] - centre[1]
    reach = min(width / 2 / abs(dx) if dx else math.inf, height / 2 / abs(dy) if dy else math.inf)
    return (centre[0] + dx * min(reach, 1.0), centre[1] + dy * min(reach, 1.0)) if dx or dy else centre


def _crosses(start: Point, end: Point, box: Point) -> bool:
    """Whether the line passes through a box."""
    if not min(start[0], end[0]) - WIDTH / 2 < box[0] < max(start[0], end[0]) + WIDTH / 2:
        return False
    if not min(start[1], end[1]) - HEIGHT / 2 < box[1] < max(start[1], end[1]) + HEIGHT / 2:
        return False
    for step in range(1, 24):
        share = step / 24
        x, y = start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share
        if abs(x - box[0]) < WIDTH / 2 and abs(y - box[1]) < HEIGHT / 2:
            return True
    return False


class _Boxes:
    """Boxes by the column of the sheet that they stand in, so that a flow is held against those near it only."""

    def __init__(self, boxes: list[tuple[str, Point]]) -> None:
        self.columns: dict[int, list[tuple[str, Point]]] = {}
        for id, place in boxes:
            self.columns.setdefault(int(place[0] // WIDTH), []).append((id, place))
        for column in self.columns.values():
            column.sort(key=lambda box: box[1][1])

    def around(self, start: Point, end: Point) -> Iterator[tuple[str, Point]]:
        """The boxes that the straight line may pass through."""
        first, last = int((min(start[0], end[0]) - WIDTH) // WIDTH), int((max(start[0], end[0]) + WIDTH) // WIDTH)
        for number in range(first, last + 1):
            column = self.columns.get(number, ())
            low, high = self._heights(start, end, number)
            at = bisect_left(column, low, key=lambda box: box[1][1])
            while at < len(column) and column[at][1][1] <= high:
                yield column[at]
                at += 1

    def _heights(self, start: Point, end: Point, column: int) -> tuple[float, float]:
        """Between which heights the line is while it passes a column and half a box on each side of it."""
        (x1, y1), (x2, y2) = sorted((start, end))
        shares = [0.0, 1.0]
        if x1 != x2:
            shares = [min(1.0, max(0.0, (x - x1) / (x2 - x1))) for x in (WIDTH * (column - 0.5), WIDTH * (column + 1.5))]
        heights = [y1 + (y2 - y1) * share for share in shares]
        return min(heights) - HEIGHT, max(heights) + HEIGHT


def _links(graph: m.ProcessGraph, places: dict[str, Point]) -> list[str]:
    pairs = {(link.upstream, link.downstream) for link in graph.links}
    drawn: dict[tuple[str, str], int] = {}
    routing = {station.id: station.routing for station in graph.stations}
    lines = []
    boxes = _Boxes([(station.id, places[station.id]) for station in graph.stations])
    outputs = Counter(link.upstream for link in graph.links)
    for link in graph.links:
        pair = (link.upstream, link.downstream)
        start, end = places[pair[0]], places[pair[1]]
        drawn[pair] = drawn.get(pair, 0) + 1
        others = [place for id, place in boxes.around(start, end) if id not in pair]
        bent = drawn[pair] > 1 or (pair[1], pair[0]) in pairs or any(_crosses(start, end, box) for box in others)
        bow = (70.0 + 25.0 * (drawn[pair] - 1)) if bent else 0.0
        note = _note(link, routing[link.upstream], outputs[link.upstream])
        lines.append(_arrow(start, end, bow, note))
    return lines


def _note(link: m.Link, routing: m.Routing, outputs: int) -> str:
    """What stands on an arrow: its percentage, else its port where the station chooses by a rule."""
    if link.percent is not None:
        return f"{link.percent:g} %"
    return f"{link.out_port}: {describe_routing(routing)}" if outputs > 1 and describe_routing(routing) else ""


def _arrow(start: Point, end: Point, bow: float, note: str) -> str:
    middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
    length = math.dist(start, end)
    if length == 0:
        x, y = start
        loop = f"M{x + WIDTH / 2:.1f} {y:.1f}c60 -60 -60 -110 {-WIDTH / 2:.1f} {-HEIGHT / 2:.1f}"
        return f'<path d="{loop}" fill="none" stroke="#44505c" stroke-width="1.4" marker-end="url(#head)"/>'
    nx, ny = -(end[1] - start[1]) / length, (end[0] - start[0]) / length
    control = (middle[0] + 2 * bow * nx, middle[1] + 2 * bow * ny)
    first, last = _edge(start, control if bow else end), _edge(end, control if bow else start)
    path = f"M{first[0]:.1f} {first[1]:.1f}"
    path += f"Q{control[0]:.1f} {control[1]:.1f} {last[0]:.1f} {last[1]:.1f}" if bow else f"L{last[0]:.1f} {last[1]:.1f}"
    line = f'<path d="{path}" fill="none" stroke="#44505c" stroke-width="1.4" marker-end="url(#head)"/>'
    if not note:
        return line
    x, y = middle[0] + bow * nx, middle[1] + bow * ny
    shown = _clip(note, 24)
    back = f'<rect x="{x - 3.2 * len(note) - 4:.1f}" y="{y - 9:.1f}" width="{6.4 * len(note) + 8:.1f}" height="16" fill="#ffffff"/>'
    return line + back + _text(x, y + 4, shown, 11)


def _calls(graph: m.ProcessGraph, places: dict[str, Point]) -> list[str]:
    """Dashed lines: who serves a machine, who carries from a station, who is in a team."""
    pairs: list[tuple[str, str]] = []
    for station in graph.stations:
        need = getattr(station, "operators", None)
        pairs += [(name, station.id) for name in (need.resources if need else ())]
    pairs += [(link.transport, link.upstream) for link in graph.links if link.transport is not None]
    for resource in graph.resources:
        pairs += [(resource.id, name) for name in (resource.team if isinstance(resource, m.Dispatcher) else ())]
    lines = []
    for first, second in dict.fromkeys(pairs):
        if first in places and second in places:
            (x1, y1), (x2, y2) = places[first], places[second]
            lines.append(f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" {_CALL_STROKE}/>')
    return lines
