"""Cameras and lights: views that fit the layout, named for what they show.

`Overview` from the front corner, `Form_<form>` along the line's form, `Top` straight down, `Bottleneck` close to the busiest
machine. Light intensities suit Omniverse's RTX. Not covered: rendering.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pxr import Gf, Sdf, Vt

from gdt2usd.stage.author_usd import Types, attribute, define, new_layer, transform, world
from gdt2usd.stage.layout import Layout
from gdt2usd.stage.layout_parts import Placement

_APERTURE_MM = (36.0, 20.25)
_FOCAL_MM = 28.0
_HEIGHT_M = 3.0
_VIEW_FROM = {
    "linear": (-0.55, -1.0, 0.45),
    "u": (-0.75, -0.9, 0.75),
    "parallel": (1.0, -0.6, 0.6),
    "loop": (-0.6, -0.8, 1.1),
    "free": (0.6, -1.0, 0.7),
}


def author_cameras(layout: Layout, bottleneck: str | None) -> Any:
    """The layer with /World/Cameras."""
    layer = new_layer(".usda")
    with Sdf.ChangeBlock():
        root = define(world(layer), "Cameras", "Scope")
        x0, y0, x1, y1 = layout.bounds_m
        box = (x0, y0, 0.0, x1, y1, _HEIGHT_M)
        _camera(root, "Overview", box, _overview(layout), margin=1.03)
        _camera(root, f"Form_{layout.form}", box, _VIEW_FROM[layout.form], margin=1.06)
        _camera(root, "Top", box, (0.0, 0.0, 1.0), margin=1.1)
        placed = layout.placements.get(bottleneck) if bottleneck else None
        if placed is not None:
            _camera(root, "Bottleneck", _around(placed), _front(placed), margin=1.15)
    return layer


def _overview(layout: Layout) -> tuple[float, float, float]:
    """From the front left and above: the longer the line for its depth, the lower and the more along it."""
    x0, y0, x1, y1 = layout.bounds_m
    thin = min(1.0, max(0.0, ((x1 - x0) / max(y1 - y0, 1.0) - 1.5) / 3.0))
    return -0.62 - 0.33 * thin, -1.0, 0.58 - 0.1 * thin


def _around(placed: Placement) -> tuple[float, float, float, float, float, float]:
    x0, y0, x1, y1 = placed.rect(0.8)
    return x0, y0, 0.0, x1, y1, max(2.2, placed.size_m[2])


def _front(placed: Placement) -> tuple[float, float, float]:
    """A direction towards the viewer: the machine's service side, a little from above."""
    angle = math.radians(placed.yaw_deg - 90.0 - 35.0)
    return math.cos(angle), math.sin(angle), 0.5


def _camera(
    parent: Any,
    name: str,
    box: tuple[float, float, float, float, float, float],
    towards: tuple[float, float, float],
    *,
    margin: float,
) -> None:
    """A camera that sees the whole box, looking along minus `towards`."""
    back = np.asarray(towards) / np.linalg.norm(towards)
    up = np.array([0.0, 0.0, 1.0]) if abs(back[2]) < 0.99 else np.array([0.0, 1.0, 0.0])
    right = np.cross(up, back)
    right /= np.linalg.norm(right)
    up = np.cross(back, right)
    low, high = np.asarray(box[:3]), np.asarray(box[3:])
    corners = np.array([[x, y, z] for x in (low[0], high[0]) for y in (low[1], high[1]) for z in (low[2], high[2])])
    half = np.array(_APERTURE_MM) / (2 * _FOCAL_MM) / margin
    axes = np.stack([right, up, back])  # (3, 3)
    seen = corners @ axes.T  # (8, 3): right, up, towards the viewer
    eye = seen.mean(axis=0)
    for _ in range(12):
        # as near as the widest corner allows, then sideways until opposite edges of the picture are equally full
        eye[2] = float(np.max(seen[:, 2, None] + np.abs(seen[:, :2] - eye[:2]) / half))
        spread = (seen[:, :2] - eye[:2]) / (eye[2] - seen[:, 2, None])
        eye[:2] += 0.5 * (spread.max(axis=0) + spread.min(axis=0)) * (eye[2] - seen[:, 2].mean())
    eye[2] = max(float(np.max(seen[:, 2, None] + np.abs(seen[:, :2] - eye[:2]) / half)), seen[:, 2].max() + 1.0)
    distance = float(eye[2] - seen[:, 2].mean())
    _define_camera(parent, name, right, up, back, eye @ axes, distance)


def _define_camera(
    parent: Any,
    name: str,
    right: NDArray[np.float64],
    up: NDArray[np.float64],
    back: NDArray[np.float64],
    eye: NDArray[np.float64],
    distance: float,
) -> None:
    spec = define(parent, name, "Camera")
    rows = [[*right, 0.0], [*up, 0.0], [*back, 0.0], [*eye, 1.0]]
    attribute(spec, "xformOp:transform", Types.Matrix4d, Gf.Matrix4d([[float(v) for v in row] for row in rows]))
    attribute(spec, "xformOpOrder", Types.TokenArray, Vt.TokenArray(["xformOp:transform"]), uniform=True)
    attribute(spec, "focalLength", Types.Float, _FOCAL_MM)
    attribute(spec, "horizontalAperture", Types.Float, _APERTURE_MM[0])
    attribute(spec, "verticalAperture", Types.Float, _APERTURE_MM[1])
    attribute(spec, "focusDistance", Types.Float, distance)
    attribute(spec, "clippingRange", Types.Float2, Gf.Vec2f(0.1, 4.0 * distance + 200.0))


def author_lighting(layout: Layout) -> Any:
    """The layer with /World/Lighting: a sky dome and a sun with soft edges."""
    layer = new_layer(".usda")
    with Sdf.ChangeBlock():
        root = define(world(layer), "Lighting", "Xform", kind="group")
        dome = define(root, "Sky", "DomeLight")
        attribute(dome, "inputs:intensity", Types.Float, 700.0)
        attribute(dome, "inputs:color", Types.Color3f, Gf.Vec3f(0.93, 0.96, 1.0))
        sun = define(root, "Sun", "DistantLight")
        attribute(sun, "inputs:intensity", Types.Float, 2200.0)
        attribute(sun, "inputs:angle", Types.Float, 4.0)
        attribute(sun, "inputs:color", Types.Color3f, Gf.Vec3f(1.0, 0.965, 0.91))
        x0, y0, x1, y1 = layout.bounds_m
        attribute(sun, "xformOp:translate", Types.Double3, Gf.Vec3d((x0 + x1) / 2, (y0 + y1) / 2, 12.0))
        attribute(sun, "xformOp:rotateXYZ", Types.Float3, Gf.Vec3f(38.0, -24.0, 0.0))
        attribute(sun, "xformOpOrder", Types.TokenArray, Vt.TokenArray(["xformOp:translate", "xformOp:rotateXYZ"]), uniform=True)
        transform(root, (0.0, 0.0, 0.0))
    return layer
