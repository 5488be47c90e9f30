"""The hall around the line: floor, marked aisles and work areas, columns, two back walls with windows, sized to the layout.

Walls stand only where the default cameras do not look through them (left and back). Not covered: machines.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from pxr import Sdf

from gdt2usd.stage.author_usd import Faces, boxes, define, flat, material, mesh, new_layer, together, world
from gdt2usd.stage.layout import Layout, Placement
from gdt2usd.stage.layout_spread import Rect

MARGIN_M = 5.0
AISLE_WIDTH_M = 2.4
BAY_M = 8.0
WALL_M = 5.5
_LINE_M = 0.1

_MATERIALS: dict[str, tuple[tuple[float, float, float], float]] = {
    "Floor": ((0.36, 0.37, 0.38), 0.55),
    "Aisle": ((0.23, 0.25, 0.27), 0.6),
    "Marking": ((0.80, 0.56, 0.04), 0.5),
    "Wall": ((0.66, 0.68, 0.69), 0.8),
    "Plinth": ((0.20, 0.24, 0.29), 0.7),
    "Window": ((0.42, 0.58, 0.68), 0.15),
    "Steel": ((0.24, 0.29, 0.36), 0.45),
}


def hall_bounds(layout: Layout) -> Rect:
    """The inside of the hall: the layout with a margin, in whole metres."""
    x0, y0, x1, y1 = layout.bounds_m
    return (
        float(np.floor(x0 - MARGIN_M)), float(np.floor(y0 - MARGIN_M)), float(np.ceil(x1 + MARGIN_M)), float(np.ceil(y1 + MARGIN_M)),
    )  # fmt: skip


def author_hall(layout: Layout, stations: list[str]) -> Any:
    """The layer with /World/Building; `stations` are the ids whose work areas are marked."""
    layer = new_layer(".usdc")
    hall = hall_bounds(layout)
    with Sdf.ChangeBlock():
        building = define(world(layer), "Building", "Xform", kind="component")
        scope = define(building, "Materials", "Scope")
        shape = define(building, "Geometry", "Scope")
        lines = _frames([_inset(hall, 1.0), _inset(hall, 1.0 + AISLE_WIDTH_M - _LINE_M)], _LINE_M, 0.005)
        areas = _areas([layout.placements[i] for i in stations])
        parts = {
            "Floor": boxes([(hall[0], hall[1], -0.2, hall[2], hall[3], 0.0)]),
            "Aisle": _frames([_inset(hall, 1.0)], AISLE_WIDTH_M, 0.002),
            "Marking": together([lines, areas, boxes(_guards(hall))]),
            "Steel": boxes([*_columns(hall), *_posts(hall)]),
        } | _walls(hall)
        for name, faces in parts.items():
            colour, rough = _MATERIALS[name]
            mesh(shape, name, faces, material(scope, name, colour, roughness=rough))
    return layer


def _frames(rects: list[Rect], width: float, height: float) -> Faces:
    """Rectangles' outlines, `width` wide, inside them, each of four mitred strips."""
    parts = []
    ring = np.array([[n, (n + 1) % 4, 4 + (n + 1) % 4, 4 + n] for n in range(4)])
    for x0, y0, x1, y1 in rects:
        outer = np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]])
        inner = outer + width * np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]])
        parts.append(flat(np.concatenate([outer, inner]), ring, height))
    return together(parts)


def _inset(hall: Rect, by: float) -> Rect:
    return hall[0] + by, hall[1] + by, hall[2] - by, hall[3] - by


def _areas(placements: list[Placement]) -> Faces:
    """Corner brackets around each station's area, each of two mitred strips."""
    width = 0.06
    rects = np.array([placed.rect(0.12) for placed in placements])  # (n, 4)
    leg = np.minimum(0.5, 0.25 * np.minimum(rects[:, 2] - rects[:, 0], rects[:, 3] - rects[:, 1]))
    points, quads = [], []
    for x, sx in ((0, 1.0), (2, -1.0)):
        for y, sy in ((1, 1.0), (3, -1.0)):
            wide = np.full_like(leg, width)
            zero = np.zeros_like(leg)
            offsets = [(zero, zero), (leg, zero), (leg, wide), (wide, wide), (wide, leg), (zero, leg)]
            corner = np.stack([np.column_stack([rects[:, x] + sx * a, rects[:, y] + sy * b]) for a, b in offsets], axis=1)  # (n, 6, 2)
            turn = 1 if sx * sy > 0 else -1
            order = np.array([[0, 1, 2, 3][::turn], [0, 3, 4, 5][::turn]])
            first = 6 * (len(points) * len(rects) + np.arange(len(rects)))
            points.append(corner.reshape(-1, 2))
            quads.append((first[:, None, None] + order[None]).reshape(-1, 4))
    return flat(np.concatenate(points), np.concatenate(quads), 0.006)


def _bays(low: float, high: float) -> list[float]:
    """Column positions from `low` to `high`, evenly spaced near `BAY_M`."""
    count = max(1, round((high - low) / BAY_M))
    return [low + n * (high - low) / count for n in range(count + 1)]


_Box = tuple[float, float, float, float, float, float]


def _columns(hall: Rect) -> list[_Box]:
    """H-section columns along the left and back walls: two flanges and a web each."""
    x0, y0, x1, y1 = hall
    parts: list[_Box] = []
    spots = [(x, y1 - 0.35, True) for x in _bays(x0 + 0.35, x1 - 0.35)]
    spots += [(x0 + 0.35, y, False) for y in _bays(y0 + 0.35, y1 - 0.35)[:-1]]
    for x, y, along_x in spots:
        a, b, t = 0.15, 0.15, 0.02
        if along_x:
            parts += [(x - a, y - b, 0.0, x + a, y - b + t, WALL_M), (x - a, y + b - t, 0.0, x + a, y + b, WALL_M)]
            parts.append((x - t / 2, y - b + t + 0.001, 0.0, x + t / 2, y + b - t - 0.001, WALL_M))
        else:
            parts += [(x - a, y - b, 0.0, x - a + t, y + b, WALL_M), (x + a - t, y - b, 0.0, x + a, y + b, WALL_M)]
            parts.append((x - a + t + 0.001, y - t / 2, 0.0, x + a - t - 0.001, y + t / 2, WALL_M))
    return parts


def _guards(hall: Rect) -> list[_Box]:
    """A yellow bumper in front of each column of the back wall."""
    x0, _, x1, y1 = hall
    y = y1 - 0.35
    return [(x - 0.2, y - 0.26, 0.0, x + 0.2, y - 0.2, 0.9) for x in _bays(x0 + 0.35, x1 - 0.35)]


def _walls(hall: Rect) -> dict[str, Faces]:
    """The left and the back wall by material: plinth, sheet, a band of windows, sheet."""
    x0, y0, x1, y1 = hall
    t = 0.15
    levels: dict[str, list[_Box]] = {"Plinth": [], "Wall": [], "Window": []}
    for what, low, high in (("Plinth", 0.0, 1.1), ("Wall", 1.1, 2.6), ("Window", 2.6, 4.2), ("Wall", 4.2, WALL_M)):
        thin = 0.05 if what == "Window" else 0.0
        levels[what] += [(x0 - t, y1 + thin, low, x1, y1 + t - thin, high), (x0 - t + thin, y0, low, x0 - thin, y1 - 0.002, high)]
    return {what: boxes(parts) for what, parts in levels.items()}


def _posts(hall: Rect) -> list[_Box]:
    """The posts of the window bands."""
    x0, y0, x1, y1 = hall
    back: list[_Box] = [(x - 0.06, y1 - 0.01, 2.6, x + 0.06, y1 + 0.04, 4.2) for x in _bays(x0 + 2.0, x1 - 2.0)]
    return back + [(x0 - 0.04, y - 0.06, 2.6, x0 + 0.01, y + 0.06, 4.2) for y in _bays(y0 + 2.0, y1 - 2.0)]
