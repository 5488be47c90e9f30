"""Solids from which assets are built: rounded boxes, cylinders, tubes, extrusions, revolved profiles; their normals and UVs.

A solid is a `manifold3d.Manifold`, so that every result is closed and welded, whatever is added to or cut from it. Metres, Z up.
`surface` turns a solid into the arrays that USD stores. Not covered: colours (`stage.materials`), assets (`stage.make_*`).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from manifold3d import CrossSection, JoinType, Manifold, OpType
from numpy.typing import NDArray

Solid = Any  # manifold3d ships no types
CREASE_DEG = 35.0  # edges sharper than this stay hard
ROUND_SEGMENTS = 16  # per full turn, of rounded corners
TURN_SEGMENTS = 28  # of cylinders


@dataclass(frozen=True, slots=True)
class Surface:
    """A triangle mesh: points (n, 3), triangles (m, 3), unique normals (k, 3) and UVs (u, 2) with corner indices (3 m,)."""

    points: NDArray[np.float32]
    triangles: NDArray[np.int32]
    normals: NDArray[np.float32]
    normal_indices: NDArray[np.int32]
    uvs: NDArray[np.float32]
    uv_indices: NDArray[np.int32]


def box(size: Sequence[float], at: Sequence[float] = (0.0, 0.0, 0.0), chamfer: float = 0.0, turn_deg: float = 0.0) -> Solid:
    """A box of `size` with its bottom centre at `at`; `chamfer` cuts all its edges; `turn_deg` turns it about Z."""
    x, y, z = size
    if chamfer <= 0.0:
        solid = Manifold.cube([x, y, z], True)
    else:
        c = min(chamfer, 0.45 * min(size))
        solid = Manifold.batch_hull(
            [
                Manifold.cube([x, y - 2 * c, z - 2 * c], True),
                Manifold.cube([x - 2 * c, y, z - 2 * c], True),
                Manifold.cube([x - 2 * c, y - 2 * c, z], True),
            ]
        )
    return solid.rotate([0, 0, turn_deg]).translate([at[0], at[1], at[2] + z / 2])


def rounded(size: Sequence[float], at: Sequence[float] = (0.0, 0.0, 0.0), radius: float = 0.05, top: float = 0.0) -> Solid:
    """A box with vertical edges rounded to `radius` and, if `top` > 0, its upper and lower edges chamfered by `top`."""
    x, y, z = size
    r = min(radius, 0.49 * min(x, y))
    outline = CrossSection.square([x - 2 * r, y - 2 * r], True).offset(r, JoinType.Round, 2.0, ROUND_SEGMENTS)
    if top <= 0.0:
        solid = Manifold.extrude(outline, z)
    else:
        inner = outline.offset(-top, JoinType.Miter)
        solid = Manifold.batch_hull([Manifold.extrude(outline, z - 2 * top).translate([0, 0, top]), Manifold.extrude(inner, z)])
    return solid.translate(list(at))


def cylinder(
    radius: float,
    height: float,
    at: Sequence[float] = (0.0, 0.0, 0.0),
    axis: str = "z",
    *,
    top_radius: float | None = None,
    chamfer: float = 0.0,
    segments: int = TURN_SEGMENTS,
) -> Solid:
    """A cylinder or cone along `axis`, its bottom centre at `at` for Z, its middle at `at` for X and Y."""
    upper = radius if top_radius is None else top_radius
    if chamfer > 0.0:
        c = min(chamfer, 0.45 * height, 0.9 * min(radius, upper))
        profile = [(0, 0), (radius - c, 0), (radius, c), (upper, height - c), (upper - c, height), (0, height)]
        solid = revolved(profile, segments=segments)
    else:
        solid = Manifold.cylinder(height, radius, upper, segments)
    if axis == "x":
        solid = solid.translate([0, 0, -height / 2]).rotate([0, 90, 0])
    elif axis == "y":
        solid = solid.translate([0, 0, -height / 2]).rotate([-90, 0, 0])
    return solid.translate(list(at))


def ball(
    radius: float, at: Sequence[float] = (0.0, 0.0, 0.0), scale: Sequence[float] = (1.0, 1.0, 1.0), segments: int = 20
) -> Solid:
    """A ball with its middle at `at`, stretched by `scale`."""
    return Manifold.sphere(radius, segments).scale(list(scale)).translate(list(at))


def revolved(profile: Sequence[Sequence[float]], at: Sequence[float] = (0.0, 0.0, 0.0), segments: int = TURN_SEGMENTS) -> Solid:
    """A profile of (radius, z) points, counter-clockwise, turned about Z."""
    return Manifold.revolve(CrossSection([[tuple(p) for p in profile]]), segments).translate(list(at))


def extruded(outline: Sequence[Sequence[float]], depth: float, axis: str = "z", at: Sequence[float] = (0.0, 0.0, 0.0)) -> Solid:
    """An outline pushed along an axis, centred on `at` along it.

    The outline is in (x, y) for Z, in (x, z) for Y, in (y, z) for X.
    """
    solid = Manifold.extrude(CrossSection([[tuple(p) for p in outline]]), depth).translate([0, 0, -depth / 2])
    if solid.is_empty():
        solid = Manifold.extrude(CrossSection([[tuple(p) for p in reversed(outline)]]), depth).translate([0, 0, -depth / 2])
    if axis == "y":
        solid = solid.rotate([90, 0, 0])
    elif axis == "x":
        solid = solid.rotate([90, 0, 90])
    return solid.translate(list(at))


def rod(
    start: Sequence[float], end: Sequence[float], radius: float, *, end_radius: float | None = None, segments: int = 12
) -> Solid:
    """A round bar between two points."""
    a, b = np.asarray(start, float), np.asarray(end, float)
    d = b - a
    length = float(np.linalg.norm(d))
    pitch = math.degrees(math.acos(max(-1.0, min(1.0, d[2] / length))))
    yaw = math.degrees(math.atan2(d[1], d[0]))
    solid = Manifold.cylinder(length, radius, radius if end_radius is None else end_radius, segments)
    return solid.rotate([0, pitch, 0]).rotate([0, 0, yaw]).translate(a.tolist())


def beam(start: Sequence[float], end: Sequence[float], width: float, height: float | None = None) -> Solid:
    """A square bar between two points, its cross section `width` (across) by `height`."""
    a, b = np.asarray(start, float), np.asarray(end, float)
    d = b - a
    length = float(np.linalg.norm(d))
    pitch = math.degrees(math.asin(max(-1.0, min(1.0, d[2] / length))))
    yaw = math.degrees(math.atan2(d[1], d[0]))
    solid = Manifold.cube([length, width, height or width], True).translate([length / 2, 0, 0])
    return solid.rotate([0, -pitch, 0]).rotate([0, 0, yaw]).translate(a.tolist())


def limb(points: Sequence[Sequence[float]], radii: Sequence[float], segments: int = 14) -> Solid:
    """Balls at `points` joined by hulls: arms, legs, cables."""
    balls = [ball(r, p, segments=segments) for p, r in zip(points, radii, strict=True)]
    return union(Manifold.batch_hull([a, b]) for a, b in pairwise(balls))


def hull(solids: Iterable[Solid]) -> Solid:
    """The convex hull of several solids."""
    return Manifold.batch_hull(list(solids))


def union(solids: Iterable[Solid]) -> Solid:
    """All of them as one solid."""
    return Manifold.batch_boolean(list(solids), OpType.Add)


def moved(solid: Solid, at: Sequence[float] = (0.0, 0.0, 0.0), turn_deg: Sequence[float] = (0.0, 0.0, 0.0)) -> Solid:
    """`solid` turned about X, Y, Z in that order, then shifted."""
    return solid.rotate(list(turn_deg)).translate(list(at))


def mirrored(solid: Solid, axis: str = "x") -> Solid:
    """`solid` together with its mirror image."""
    normal = {"x": [1, 0, 0], "y": [0, 1, 0]}[axis]
    return union([solid, solid.mirror(normal)])


def row(solid: Solid, count: int, step: Sequence[float]) -> Solid:
    """`count` copies, `step` apart, centred on where `solid` is."""
    middle = (count - 1) / 2
    return union(solid.translate([(i - middle) * s for s in step]) for i in range(count))


def surface(solid: Solid) -> Surface:
    """The arrays of a solid: hard edges above `CREASE_DEG`, UVs in metres projected along each face's main axis."""
    mesh = solid.to_mesh()
    points = np.asarray(mesh.vert_properties[:, :3], np.float64)
    triangles = np.asarray(mesh.tri_verts, np.int64)
    points, triangles = _clean(points, triangles)
    corners = _corner_normals(points, triangles)
    normals, normal_indices = np.unique(np.round(corners.reshape(-1, 3), 4), axis=0, return_inverse=True)
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    uvs, uv_indices = np.unique(_box_uvs(points, triangles), axis=0, return_inverse=True)
    return Surface(
        points.astype(np.float32),
        triangles.astype(np.int32),
        normals.astype(np.float32),
        normal_indices.reshape(-1).astype(np.int32),
        uvs.astype(np.float32),
        uv_indices.reshape(-1).astype(np.int32),
    )


def _clean(points: NDArray[np.float64], triangles: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Points on a 10 micrometre grid, unused ones dropped; triangles that lost their area dropped."""
    points = np.round(points, 5) + 0.0
    a, b, c = (points[triangles[:, i]] for i in range(3))
    keep = np.linalg.norm(np.cross(b - a, c - a), axis=1) > 1e-9
    triangles = triangles[keep]
    used, inverse = np.unique(triangles, return_inverse=True)
    return points[used], inverse.reshape(-1, 3)


def _corner_normals(points: NDArray[np.float64], triangles: NDArray[np.int64]) -> NDArray[np.float64]:
    """Per corner (m, 3, 3): the angle-weighted mean of the normals of those faces at the point that bend less than the crease."""
    a, b, c = (points[triangles[:, i]] for i in range(3))
    flat = np.cross(b - a, c - a)
    flat /= np.linalg.norm(flat, axis=1, keepdims=True)
    angles = np.stack([_angle(b - a, c - a), _angle(c - b, a - b), _angle(a - c, b - c)], axis=1).reshape(-1)
    order = np.argsort(triangles.reshape(-1), kind="stable")
    vertex = triangles.reshape(-1)[order]
    face, angle = order // 3, angles[order]
    starts = np.flatnonzero(np.r_[True, vertex[1:] != vertex[:-1]])
    counts = np.diff(np.r_[starts, len(vertex)])
    run = np.repeat(np.arange(len(starts)), counts)
    sizes = counts[run]
    left = np.repeat(np.arange(len(vertex)), sizes)
    offset = np.arange(len(left)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    right = starts[run[left]] + offset
    close = np.einsum("ij,ij->i", flat[face[left]], flat[face[right]]) > math.cos(math.radians(CREASE_DEG))
    total = np.zeros((len(vertex), 3))
    near = right[close]
    np.add.at(total, left[close], flat[face[near]] * angle[near, None])
    total /= np.linalg.norm(total, axis=1, keepdims=True)
    corners = np.empty((len(triangles) * 3, 3))
    corners[order] = total
    return corners.reshape(-1, 3, 3)


def _angle(u: NDArray[np.float64], v: NDArray[np.float64]) -> NDArray[np.float64]:
    """The angles (m,) between rows of `u` and `v`, in radians."""
    return np.asarray(np.arctan2(np.linalg.norm(np.cross(u, v), axis=1), np.einsum("ij,ij->i", u, v)))


def _box_uvs(points: NDArray[np.float64], triangles: NDArray[np.int64]) -> NDArray[np.float64]:
    """Corner UVs (3 m, 2) in metres: each face projected along the axis that it faces most."""
    a, b, c = (points[triangles[:, i]] for i in range(3))
    axis = np.argmax(np.abs(np.cross(b - a, c - a)), axis=1)
    first = np.array([1, 0, 0])[axis]
    second = np.array([2, 2, 1])[axis]
    corners = points[triangles]
    u = np.take_along_axis(corners, first[:, None, None], axis=2)[..., 0]
    v = np.take_along_axis(corners, second[:, None, None], axis=2)[..., 0]
    return np.round(np.stack([u, v], axis=-1).reshape(-1, 2), 4)
