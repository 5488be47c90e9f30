"""The hall around the line: floor with marked aisles and work areas, walls and columns at the back and one side.

Walls stand only where the default cameras do not look through them. Racks, cabinets and lamps along the walls are scenery: they
belong to the building, not to the model. Not covered: machines.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pxr import Sdf

from gdt2usd.stage.author_layout import ASSETS_FROM_LAYERS
from gdt2usd.stage.author_scene import Scene
from gdt2usd.stage.author_usd import Faces, boxes, define, flat, material, mesh, new_layer, together, transform, world
from gdt2usd.stage.catalog import Asset
from gdt2usd.stage.layout import Layout
from gdt2usd.stage.layout_parts import Placement
from gdt2usd.stage.layout_spread import Rect

MARGIN_M = 4.0
STORE_M = 1.8  # the strip along the back wall with racks and cabinets
AISLE_WIDTH_M = 2.2
HALL_ASSETS = ("WallBay", "Column", "ToolCabinet", "StockRack", "HallLamp", "Crossing")
MOST_RACKS = 24
_LINE_M = 0.1
_ROW_GAP_M = 3.4  # rows further apart than this have an aisle between them

_MATERIALS: dict[str, tuple[tuple[float, float, float], float]] = {
    "Floor": ((0.35, 0.36, 0.365), 0.34),
    "Aisle": ((0.15, 0.21, 0.27), 0.4),
    "Area": ((0.43, 0.445, 0.455), 0.3),
    "Joint": ((0.30, 0.31, 0.31), 0.7),
    "Marking": ((0.86, 0.58, 0.02), 0.45),
}


def hall_bounds(layout: Layout) -> Rect:
    """The inside of the hall: the layout with a margin and the strip for racks at the back, in whole metres."""
    x0, y0, x1, y1 = layout.bounds_m
    low = (math.floor(x0 - MARGIN_M), math.floor(y0 - MARGIN_M))
    return float(low[0]), float(low[1]), float(math.ceil(x1 + MARGIN_M)), float(math.ceil(y1 + MARGIN_M + STORE_M))


def author_hall(scene: Scene) -> Any:
    """The layer with /World/Building."""
    layer = new_layer(".usdc")
    layout = scene.layout
    hall = hall_bounds(layout)
    placed = [layout.placements[s.id] for s in scene.graph.stations]
    with Sdf.ChangeBlock():
        building = world(layer, "Building")
        shell = define(building, "Floor", "Xform", kind="component")
        scope = define(shell, "Materials", "Scope")
        ring = (hall[0], hall[1], hall[2], hall[3] - STORE_M + 0.8)
        aisles = [_inset(ring, 0.8), *_between_rows(placed, hall)]
        lines = _frames([aisles[0], _inset(ring, 0.8 + AISLE_WIDTH_M - _LINE_M), *aisles[1:]], _LINE_M, 0.005)
        parts = {
            "Floor": boxes([(hall[0], hall[1], -0.2, hall[2], hall[3], 0.0)]),
            "Aisle": together([_frames(aisles[:1], AISLE_WIDTH_M, 0.002), *_slabs(aisles[1:], 0.0035)]),
            "Area": together(_slabs([p.rect(0.12) for p in placed], 0.003)),
            "Joint": together(_joints(hall)),
            "Marking": together([lines, _areas(placed)]),
        }
        for name, faces in parts.items():
            colour, rough = _MATERIALS[name]
            mesh(shell, f"{name}Mesh", faces, material(scope, name, colour, roughness=rough))
        _walls(scene, building, hall, layout.open_side)
        _scenery(scene, building, hall)
    return layer


def _between_rows(placed: list[Placement], hall: Rect) -> list[Rect]:
    """The gangways along x between rows of stations, inside the outer aisle."""
    spans = sorted((p.rect(0.2)[1], p.rect(0.2)[3]) for p in placed)
    gaps, top = [], spans[0][1]
    for low, high in spans[1:]:
        if low - top > _ROW_GAP_M:
            middle = (low + top) / 2
            gaps.append((middle - 1.2, middle + 1.2))
        top = max(top, high)
    side = 0.8 + AISLE_WIDTH_M + 0.05
    return [(hall[0] + side, low, hall[2] - side, high) for low, high in gaps]


def _joints(hall: Rect) -> list[Faces]:
    """The joints between the floor's slabs, about six metres apart, under the paint."""
    x0, y0, x1, y1 = hall
    half = 0.012
    across = [x0 + 6.0 * n for n in range(1, math.ceil((x1 - x0) / 6.0))]
    along = [y0 + 6.0 * n for n in range(1, math.ceil((y1 - y0) / 6.0))]
    return _slabs([(x - half, y0, x + half, y1) for x in across] + [(x0, y - half, x1, y + half) for y in along], 0.0012)


def _slabs(rects: list[Rect], height: float) -> list[Faces]:
    quad = np.array([[0, 1, 2, 3]])
    return [flat(np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]]), quad, height) for x0, y0, x1, y1 in rects]


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
    points: list[NDArray[np.float64]] = []
    quads: list[NDArray[np.int64]] = []
    for x, sx in ((0, 1.0), (2, -1.0)):
        for y, sy in ((1, 1.0), (3, -1.0)):
            wide = np.full_like(leg, width)
            zero = np.zeros_like(leg)
            offsets = [(zero, zero), (leg, zero), (leg, wide), (wide, wide), (wide, leg), (zero, leg)]
            corner = np.stack(
                [np.column_stack([rects[:, x] + sx * a, rects[:, y] + sy * b]) for a, b in offsets], axis=1
            )  # (n, 6, 2)
            turn = 1 if sx * sy > 0 else -1
            order = np.array([[0, 1, 2, 3][::turn], [0, 3, 4, 5][::turn]])
            first = 6 * (len(points) * len(rects) + np.arange(len(rects)))
            points.append(corner.reshape(-1, 2))
            quads.append((first[:, None, None] + order[None]).reshape(-1, 4))
    return flat(np.concatenate(points), np.concatenate(quads), 0.006)


def _walls(scene: Scene, building: Any, hall: Rect, open_side: float) -> None:
    """Wall bays along the back and the side that is not open, columns where bays meet."""
    bay, column = (scene.catalog.asset(name) for name in HALL_ASSETS[:2])
    walls = define(building, "Walls", "Xform", kind="group")
    columns = define(building, "Columns", "Xform", kind="group")
    x0, y0, x1, y1 = hall
    thick = bay.size_m[1] / 2
    left = open_side > 0
    post, wall = (x0 + 0.3, x0 - thick) if left else (x1 - 0.3, x1 + thick)
    for side, start, length in (("Back", x0, x1 - x0), ("Left" if left else "Right", y0, y1 - y0)):
        assert bay.stretch is not None
        count = bay.stretch.count(length)
        each = length / count
        for n in range(count + 1):
            at = start + n * each
            inside = min(max(at, start + 0.3), start + length - 0.3)
            foot = (inside, y1 - 0.3, 0.0) if side == "Back" else (post, inside, 0.0)
            if side == "Back" or n < count:
                _place(columns, f"{side}_{n + 1}", column, foot)
            if n < count:
                middle = at + each / 2
                spot = (middle, y1 + thick, 0.0) if side == "Back" else (wall, middle, 0.0)
                _place(
                    walls, f"{side}_{n + 1}", bay, spot, 0.0 if side == "Back" else (90.0 if left else -90.0), each / bay.size_m[0]
                )


def _scenery(scene: Scene, building: Any, hall: Rect) -> None:
    """Racks in most bays of the back wall, a cabinet in the others, lamps over the aisle there, crossings in the front aisle."""
    bay, cabinet, rack, lamp, crossing = (scene.catalog.asset(n) for n in ("WallBay", *HALL_ASSETS[2:]))
    assert bay.stretch is not None
    x0, y0, x1, y1 = hall
    count = bay.stretch.count(x1 - x0)
    each = (x1 - x0) / count
    fits = each > rack.size_m[0] - 0.3
    step = max(1, math.ceil(count / MOST_RACKS))
    groups = {n: define(building, n, "Xform", kind="group") for n in ("Racks", "Cabinets", "Lamps", "Crossings")}
    for n in range(0, count, step):
        x = x0 + (n + 0.5) * each
        if fits and n % 3 != 1:
            _place(groups["Racks"], f"Rack_{n + 1}", rack, (x, y1 - 1.2, 0.0))
        else:
            _place(groups["Cabinets"], f"Cabinet_{n + 1}", cabinet, (x - 1.2, y1 - 0.5, 0.0))
        _place(groups["Lamps"], f"Lamp_{n + 1}", lamp, (x, y1 - STORE_M - 1.1, 0.0))
    for n in range(1, max(2, math.floor((x1 - x0) / 24.0) + 1)):
        x = x0 + (x1 - x0) * n / (max(2, math.floor((x1 - x0) / 24.0) + 1))
        _place(groups["Crossings"], f"Crossing_{n}", crossing, (x, y0 + 0.8 + AISLE_WIDTH_M / 2, 0.0), 90.0)


def _place(
    parent: Any, name: str, asset: Asset, at: tuple[float, float, float], yaw_deg: float = 0.0, stretch: float = 1.0
) -> None:
    """An instance of a hall asset."""
    spec = define(parent, name, "Xform")
    spec.SetInfo("references", Sdf.ReferenceListOp.Create(prependedItems=[Sdf.Reference(f"{ASSETS_FROM_LAYERS}/{asset.path}")]))
    spec.instanceable = True
    transform(spec, at, yaw_deg, None if stretch == 1.0 else (stretch, 1.0, 1.0))
