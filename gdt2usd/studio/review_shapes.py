"""Where the overlay of a review stands on the sketch: colours by kind, and lines from label to label that end at their boxes."""

from __future__ import annotations

import math

from gdt2usd.diagnostics import Box

_GREEN, _AMBER, _BLUE, _TEAL, _GREY, _PLUM = "#2f7d4f", "#b26a00", "#2458a6", "#1d7a82", "#5a6270", "#7a3b8f"
COLOURS = {
    "source": _GREEN, "sink": _GREY, "queue": _AMBER, "storage": _AMBER, "conveyor": _TEAL,
    "processor": _BLUE, "combiner": _BLUE, "separator": _BLUE, "multiprocessor": _BLUE,
}  # fmt: skip
RESOURCE = _PLUM
DOUBT = "#c62828"
MARGIN = 0.35
"""Room around a label, as a share of its height."""

Point = tuple[float, float]


def colour_of(kind: str) -> str:
    """The colour of an object's box; resources share one."""
    return COLOURS.get(kind, RESOURCE)


def framed(box: Box) -> Box:
    """A label's box with room around it."""
    room = max(4.0, MARGIN * (box.y1 - box.y0))
    return Box(box.x0 - room, box.y0 - room, box.x1 + room, box.y1 + room)


def centre(box: Box) -> Point:
    return (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2


def edge_point(box: Box, towards: Point) -> Point:
    """Where the line from the box's centre to a point leaves the box."""
    x, y = centre(box)
    dx, dy = towards[0] - x, towards[1] - y
    if dx == 0 and dy == 0:
        return x, y
    reach = min(
        (box.x1 - box.x0) / 2 / abs(dx) if dx else math.inf,
        (box.y1 - box.y0) / 2 / abs(dy) if dy else math.inf,
    )
    reach = min(1.0, reach)
    return x + dx * reach, y + dy * reach


def line(a: Box, b: Box) -> tuple[Point, Point]:
    """From the edge of one framed label to the edge of the other; between the middles where the frames overlap."""
    start, end = edge_point(a, centre(b)), edge_point(b, centre(a))
    (ax, ay), (bx, by) = centre(a), centre(b)
    if (end[0] - start[0]) * (bx - ax) + (end[1] - start[1]) * (by - ay) > 0:
        return start, end
    return (ax + 0.3 * (bx - ax), ay + 0.3 * (by - ay)), (ax + 0.7 * (bx - ax), ay + 0.7 * (by - ay))
