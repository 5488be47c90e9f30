"""Cameras and lights: views that fit the layout, named for what they show.

`Overview` from the front corner, `Form_<form>` along the line's form, `Top` straight down, `Bottleneck` close to the busiest
machine. Not covered: rendering.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pxr import Gf, Sdf, Vt

from gdt2usd.stage.author_layout import ASSETS_FROM_LAYERS
from gdt2usd.stage.author_usd import Types, attribute, define, new_layer, transform, world
from gdt2usd.stage.catalog import Asset
from gdt2usd.stage.layout import Layout
from gdt2usd.stage.layout_parts import Placement

_APERTURE_MM = (36.0, 20.25)
_FOCAL_MM = 32.0
_LEAST_HEIGHT_M = 1.2
_VIEW_FROM = {  # towards the open side, to the back, up
    "linear": (0.25, -1.0, 0.4),
    "u": (0.75, -0.9, 0.75),
    "parallel": (1.0, -0.6, 0.6),
    "loop": (0.6, -0.8, 1.1),
    "free": (0.6, -1.0, 0.7),
}


def author_cameras(layout: Layout, bottleneck: str | None) -> Any:
    """The layer with /World/Cameras."""
    layer = new_layer(".usda")
    with Sdf.ChangeBlock():
        root = define(world(layer), "Cameras", "Scope")
        everything = _corners(layout.placements.values())
        _camera(root, "Overview", everything, _overview(layout, everything), margin=1.06)
        aside, back, up = _VIEW_FROM[layout.form]
        _camera(root, f"Form_{layout.form}", everything, (aside * layout.open_side, back, up), margin=1.06)
        _camera(root, "Top", everything, (0.0, 0.0, 1.0), margin=1.1)
        placed = layout.placements.get(bottleneck) if bottleneck else None
        if placed is not None:
            _camera(root, "Bottleneck", _corners([placed], grow_m=0.8), _front(placed), margin=1.1)
    return layer


def _corners(placements: Iterable[Placement], grow_m: float = 0.3) -> NDArray[np.float64]:
    """The corners of all boxes that must be seen, (n, 3)."""
    boxes = np.array([(*p.rect(grow_m), max(p.size_m[2], _LEAST_HEIGHT_M)) for p in placements]).reshape(-1, 5)
    if not len(boxes):
        boxes = np.array([[-5.0, -5.0, 5.0, 5.0, _LEAST_HEIGHT_M]])
    x0, y0, x1, y1, top = boxes.T
    low = np.zeros_like(top)
    spots = [(x, y, z) for x in (x0, x1) for y in (y0, y1) for z in (low, top)]
    return np.concatenate([np.column_stack(spot) for spot in spots])


def _overview(layout: Layout, seen_m: NDArray[np.float64]) -> tuple[float, float, float]:
    """From the front and above, from the open right side for deep plans: turned so that things are large in the picture."""
    x0, y0, x1, y1 = layout.bounds_m
    shape = (x1 - x0) / max(y1 - y0, 1.0)
    elevation = math.radians(24.0 if shape > 3.5 else 30.0)

    def towards(azimuth_deg: int) -> tuple[float, float, float]:
        angle = math.radians(azimuth_deg)
        out = math.cos(elevation)
        return layout.open_side * out * math.sin(angle), -out * math.cos(angle), math.sin(elevation)

    return max(map(towards, range(15, 56, 5)), key=lambda t: _scale(*_fitted(seen_m, t, 1.06)[:2]))


def _scale(seen: NDArray[np.float64], eye: NDArray[np.float64]) -> float:
    """The mean logarithm of how large things are in the picture."""
    return -float(np.log(eye[2] - seen[:, 2]).mean())


def _front(placed: Placement) -> tuple[float, float, float]:
    """A direction towards the viewer: the machine's service side, a little from above."""
    angle = math.radians(placed.front_deg - 35.0 * placed.hand)
    return math.cos(angle), math.sin(angle), 0.5


def _fitted(
    seen_m: NDArray[np.float64], towards: tuple[float, float, float], margin: float
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """The nearest eye that sees all points (n, 3), looking along minus `towards`: all along right, up, back."""
    back = np.asarray(towards) / np.linalg.norm(towards)
    up = np.array([0.0, 0.0, 1.0]) if abs(back[2]) < 0.99 else np.array([0.0, 1.0, 0.0])
    right = np.cross(up, back)
    right /= np.linalg.norm(right)
    axes = np.stack([right, np.cross(back, right), back])  # (3, 3)
    seen = seen_m @ axes.T
    half = np.array(_APERTURE_MM) / (2 * _FOCAL_MM) / margin
    # a point is in sight if |its offset| <= half * its distance; both bounds of each axis meet at the nearest eye
    high = (seen[:, :2] + half * seen[:, 2:]).max(axis=0)
    low = (seen[:, :2] - half * seen[:, 2:]).min(axis=0)
    distance = max(float(((high - low) / (2 * half)).max()), float(seen[:, 2].max()) + 1.0)
    return seen, np.array([*(high + low) / 2, distance]), axes


def _camera(parent: Any, name: str, seen_m: NDArray[np.float64], towards: tuple[float, float, float], *, margin: float) -> None:
    """A camera as near as it can be to see all points `seen_m` (n, 3), looking along minus `towards`."""
    seen, eye, axes = _fitted(seen_m, towards, margin)
    _define_camera(parent, name, axes, eye @ axes, float(eye[2] - seen[:, 2].mean()))


def _define_camera(parent: Any, name: str, axes: NDArray[np.float64], eye: NDArray[np.float64], distance: float) -> None:
    spec = define(parent, name, "Camera")
    rows = [*([*axis, 0.0] for axis in axes), [*eye, 1.0]]
    attribute(spec, "xformOp:transform", Types.Matrix4d, Gf.Matrix4d([[float(v) for v in row] for row in rows]))
    attribute(spec, "xformOpOrder", Types.TokenArray, Vt.TokenArray(["xformOp:transform"]), uniform=True)
    attribute(spec, "focalLength", Types.Float, _FOCAL_MM)
    attribute(spec, "horizontalAperture", Types.Float, _APERTURE_MM[0])
    attribute(spec, "verticalAperture", Types.Float, _APERTURE_MM[1])
    attribute(spec, "focusDistance", Types.Float, distance)
    attribute(spec, "clippingRange", Types.Float2, Gf.Vec2f(0.1, 4.0 * distance + 200.0))


def author_lighting(layout: Layout, daylight: Asset) -> Any:
    """The layer with /World/Lighting: the library's daylight over the middle of the plan; its variant set `mood` changes it."""
    layer = new_layer(".usda")
    x0, y0, x1, y1 = layout.bounds_m
    with Sdf.ChangeBlock():
        root = define(world(layer), "Lighting", "Xform")
        root.SetInfo(
            "references", Sdf.ReferenceListOp.Create(prependedItems=[Sdf.Reference(f"{ASSETS_FROM_LAYERS}/{daylight.path}")])
        )
        transform(root, ((x0 + x1) / 2, (y0 + y1) / 2, 0.0))
    return layer
