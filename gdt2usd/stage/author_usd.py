"""Small builders on Sdf: layers with the stage's metadata, typed prims, attributes, meshes, materials.

Everything is authored with Sdf inside a `ChangeBlock` by the caller; the high-level API is 30 times slower for large stages.
Not covered: what is authored (`author_*`, `animate`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pxr import Gf, Sdf, Vt

TIME_CODES_PER_SECOND = 24.0

Types = Sdf.ValueTypeNames


def new_layer(suffix: str = ".usdc") -> Any:
    """An empty layer that states what every layer of a stage states: /World, Z up, metres, time codes."""
    layer = Sdf.Layer.CreateAnonymous(suffix)
    root = layer.pseudoRoot
    layer.defaultPrim = "World"
    root.SetInfo("upAxis", "Z")
    root.SetInfo("metersPerUnit", 1.0)
    root.SetInfo("timeCodesPerSecond", TIME_CODES_PER_SECOND)
    root.SetInfo("framesPerSecond", TIME_CODES_PER_SECOND)
    return layer


def define(parent: Any, name: str, type_name: str, *, kind: str = "", schemas: Iterable[str] = ()) -> Any:
    """A typed prim below `parent` (a layer's pseudo-root or a prim spec)."""
    spec = Sdf.PrimSpec(parent, name, Sdf.SpecifierDef, type_name)
    if kind:
        spec.SetInfo("kind", kind)
    names = list(schemas)
    if names:
        spec.SetInfo("apiSchemas", Sdf.TokenListOp.Create(prependedItems=names))
    return spec


def world(layer: Any, *groups: str) -> Any:
    """/World and the named groups below it in `layer`; the last group's spec (or /World's)."""
    spec = layer.GetPrimAtPath("/World") or define(layer.pseudoRoot, "World", "Xform", kind="assembly")
    for name in groups:
        path = spec.path.AppendChild(name)
        spec = layer.GetPrimAtPath(path) or define(spec, name, "Xform", kind="group")
    return spec


def attribute(spec: Any, name: str, type_name: Any, value: object = None, *, uniform: bool = False, custom: bool = False) -> Any:
    """An attribute with a default value (none if None)."""
    variability = Sdf.VariabilityUniform if uniform else Sdf.VariabilityVarying
    result = Sdf.AttributeSpec(spec, name, type_name, variability, custom)
    if value is not None:
        result.default = value
    return result


def relationship(spec: Any, name: str, targets: Iterable[str]) -> None:
    """A relationship to the prims at `targets`."""
    rel = Sdf.RelationshipSpec(spec, name, False, Sdf.VariabilityUniform)
    rel.targetPathList.explicitItems = [Sdf.Path(t) for t in targets]


def transform(
    spec: Any, position: tuple[float, float, float], yaw_deg: float = 0.0, scale: tuple[float, float, float] | None = None
) -> None:
    """xformOps translate, rotateZ and, if given, scale."""
    attribute(spec, "xformOp:translate", Types.Double3, Gf.Vec3d(*position))
    attribute(spec, "xformOp:rotateZ", Types.Double, float(yaw_deg))
    order = ["xformOp:translate", "xformOp:rotateZ"]
    if scale is not None:
        attribute(spec, "xformOp:scale", Types.Float3, Gf.Vec3f(*scale))
        order.append("xformOp:scale")
    attribute(spec, "xformOpOrder", Types.TokenArray, Vt.TokenArray(order), uniform=True)


@dataclass(frozen=True, slots=True)
class Faces:
    """A polygon mesh with one normal per face.

    `points` (n, 3), no two at one place unless in different solids; `counts` (f,), `indices` (sum counts,); `normals` (k, 3), and
    which of them each face has, `normal_of` (f,).
    """

    points: NDArray[np.float32]
    counts: NDArray[np.int32]
    indices: NDArray[np.int32]
    normals: NDArray[np.float32]
    normal_of: NDArray[np.int32]


_CORNERS = np.array([[x, y, z] for z in (0, 1) for y in (0, 1) for x in (0, 1)], dtype=np.float32)
_SIDES = np.array([[0, 2, 3, 1], [4, 5, 7, 6], [0, 1, 5, 4], [2, 6, 7, 3], [0, 4, 6, 2], [1, 3, 7, 5]], dtype=np.int32)
_OUTWARD = np.array([[0, 0, -1], [0, 0, 1], [0, -1, 0], [0, 1, 0], [-1, 0, 0], [1, 0, 0]], dtype=np.float32)
_UP = np.array([[0, 0, 1]], dtype=np.float32)


def boxes(corners: Iterable[tuple[float, float, float, float, float, float]]) -> Faces:
    """Axis-aligned boxes x0, y0, z0, x1, y1, z1 as one mesh."""
    edges = np.asarray(list(corners), dtype=np.float32).reshape(-1, 2, 3)
    low, high = edges[:, 0], edges[:, 1]
    points = low[:, None] + _CORNERS[None] * (high - low)[:, None]
    n = len(edges)
    indices = (_SIDES.reshape(-1)[None] + 8 * np.arange(n, dtype=np.int32)[:, None]).reshape(-1)
    sides = np.tile(np.arange(6, dtype=np.int32), n)
    return Faces(points.reshape(-1, 3), np.full(6 * n, 4, np.int32), indices.astype(np.int32), _OUTWARD, sides)


def flat(points: NDArray[np.float64], polygons: NDArray[np.int64], height: float | NDArray[np.float64]) -> Faces:
    """Quads or triangles `polygons` (f, 3 or 4) over `points` (n, 2), counter-clockwise, facing up at `height` (one or (n,))."""
    lifted = np.column_stack([points, np.broadcast_to(height, len(points))]).astype(np.float32)
    counts = np.full(len(polygons), polygons.shape[1], np.int32)
    return Faces(lifted, counts, polygons.reshape(-1).astype(np.int32), _UP, np.zeros(len(polygons), np.int32))


def together(parts: Iterable[Faces]) -> Faces:
    """Meshes as one."""
    made = list(parts)
    first = np.cumsum([0, *(len(p.points) for p in made)])
    normal = np.cumsum([0, *(len(p.normals) for p in made)])
    return Faces(
        np.concatenate([p.points for p in made]),
        np.concatenate([p.counts for p in made]),
        np.concatenate([p.indices + n for p, n in zip(made, first, strict=False)]).astype(np.int32),
        np.concatenate([p.normals for p in made]),
        np.concatenate([p.normal_of + n for p, n in zip(made, normal, strict=False)]).astype(np.int32),
    )


def mesh(parent: Any, name: str, faces: Faces, material: str, *, display_name: str = "") -> Any:
    """A polygon mesh with indexed face-varying normals, its extent, and a bound material."""
    spec = define(parent, name, "Mesh", schemas=["MaterialBindingAPI"])
    if display_name:
        spec.SetInfo("displayName", display_name)
    attribute(spec, "points", Types.Point3fArray, Vt.Vec3fArray.FromNumpy(np.ascontiguousarray(faces.points)))
    attribute(spec, "faceVertexCounts", Types.IntArray, Vt.IntArray.FromNumpy(faces.counts))
    attribute(spec, "faceVertexIndices", Types.IntArray, Vt.IntArray.FromNumpy(np.ascontiguousarray(faces.indices)))
    attribute(spec, "subdivisionScheme", Types.Token, "none", uniform=True)
    normals = attribute(spec, "primvars:normals", Types.Normal3fArray, Vt.Vec3fArray.FromNumpy(np.ascontiguousarray(faces.normals)))
    normals.SetInfo("interpolation", "faceVarying")
    corner = np.repeat(faces.normal_of, faces.counts).astype(np.int32)
    attribute(spec, "primvars:normals:indices", Types.IntArray, Vt.IntArray.FromNumpy(corner))
    low, high = faces.points.min(axis=0), faces.points.max(axis=0)
    attribute(spec, "extent", Types.Float3Array, Vt.Vec3fArray([Gf.Vec3f(*low.tolist()), Gf.Vec3f(*high.tolist())]))
    relationship(spec, "material:binding", [material])
    return spec


def material(
    parent: Any,
    name: str,
    colour: tuple[float, float, float],
    *,
    roughness: float = 0.6,
    metallic: float = 0.0,
    emissive: tuple[float, float, float] | None = None,
    opacity: float = 1.0,
) -> str:
    """A UsdPreviewSurface material below `parent`; its path. `colour` is linear RGB."""
    spec = define(parent, name, "Material")
    shader = define(spec, "Surface", "Shader")
    attribute(shader, "info:id", Types.Token, "UsdPreviewSurface", uniform=True)
    attribute(shader, "inputs:diffuseColor", Types.Color3f, Gf.Vec3f(*colour))
    attribute(shader, "inputs:roughness", Types.Float, roughness)
    attribute(shader, "inputs:metallic", Types.Float, metallic)
    if emissive is not None:
        attribute(shader, "inputs:emissiveColor", Types.Color3f, Gf.Vec3f(*emissive))
    if opacity < 1.0:
        attribute(shader, "inputs:opacity", Types.Float, opacity)
    attribute(shader, "outputs:surface", Types.Token)
    surface = attribute(spec, "outputs:surface", Types.Token)
    surface.connectionPathList.explicitItems = [shader.path.AppendProperty("outputs:surface")]
    return str(spec.path)
