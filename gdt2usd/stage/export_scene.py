"""A composed stage as glTF: instances share their meshes, moving prims become tracks, pools of items become nodes.

glTF has no visibility and no animated colour that every viewer knows, so what is switched off is scaled to nothing (STEP), and a
lamp is one node per colour. Meshes have no names and moving nodes have names of their own, because three.js finds what a track
moves by its name. Static parts without motion of a prim become one mesh per instance prototype.
Not covered: textures, curves, points; the file format (`export_glb`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdt2usd.diagnostics import GdtError, Place, error
from gdt2usd.stage.export_glb import Document

_NOTHING = 1e-6
_Z_UP_TO_Y_UP = [-0.7071067811865476, 0.0, 0.0, 0.7071067811865476]


@dataclass(slots=True)
class _Export:
    """What is known while a stage is walked."""

    stage: Any
    document: Document
    rate: float
    meshes: dict[str, int | None] = field(default_factory=dict)
    materials: dict[str, int] = field(default_factory=dict)


def glb_of(root: Path) -> bytes:
    """The stage at `root` as the bytes of a `.glb`. Raises GdtError ST402."""
    from pxr import Tf, Usd

    try:
        stage = Usd.Stage.Open(str(root))
    except Tf.ErrorException as problem:
        raise GdtError([error("ST402", f"USD cannot open it: {str(problem).splitlines()[0]}", Place(str(root)))]) from problem
    document = Document()
    export = _Export(stage, document, stage.GetTimeCodesPerSecond() or 24.0)
    top = document.node("Factory", rotation=_Z_UP_TO_Y_UP)
    speed = stage.GetRootLayer().customLayerData.get("gdt2usd:simulationSecondsPerSecond")
    if speed is not None:
        document.extras["simulationSecondsPerSecond"] = float(speed)
    for prim in stage.GetDefaultPrim().GetChildren():
        _prim(export, prim, top)
    return document.to_bytes(top)


def _prim(export: _Export, prim: Any, parent: int) -> None:
    """A prim and what is below it: a node if it has a transform, a mesh or a name worth keeping."""
    from pxr import UsdGeom

    if prim.IsA(UsdGeom.Camera) or not prim.IsA(UsdGeom.Imageable) or prim.GetTypeName() in ("DomeLight", "DistantLight"):
        return
    if prim.IsA(UsdGeom.PointInstancer):
        _pool(export, prim, parent)
        return
    if prim.IsA(UsdGeom.Mesh) and prim.GetAttribute("primvars:displayColor").GetNumTimeSamples():
        _lamp(export, prim, parent)
        return
    mesh = None
    if prim.IsInstance() or prim.IsA(UsdGeom.Mesh):
        mesh = _shared_mesh(export, prim)
    node = export.document.node(prim.GetDisplayName() or prim.GetName(), parent, mesh=mesh, extras=_extras(prim))
    _place(export, prim, node)
    if not prim.IsInstance():
        for child in prim.GetChildren():
            _prim(export, child, node)


def _extras(prim: Any) -> dict[str, Any] | None:
    """The plain `gdt:` facts of a prim, for a viewer's tooltip."""
    found = {}
    for attribute in prim.GetAuthoredPropertiesInNamespace("gdt"):
        value = attribute.Get() if hasattr(attribute, "Get") else None
        if isinstance(value, str | int) or (isinstance(value, float) and math.isfinite(value)):
            found[attribute.GetName()[4:]] = value
    return found or None


def _place(export: _Export, prim: Any, node: int) -> None:
    """The prim's own transform, with tracks if it moves."""
    from pxr import UsdGeom

    xform = UsdGeom.Xformable(prim)
    if not xform:
        return
    times = sorted(set(xform.GetTimeSamples()))
    first = times[0] if times else 0.0
    move, turn, scale = _parts(xform.GetLocalTransformation(first))
    target = export.document.nodes[node]
    target |= {"translation": move.tolist(), "rotation": turn.tolist(), "scale": scale.tolist()}
    if len(times) < 2:
        return
    parts = [_parts(xform.GetLocalTransformation(t)) for t in times]
    seconds = np.array(times) / export.rate
    moves, turns = np.array([p[0] for p in parts]), _continuous(np.array([p[1] for p in parts]))
    scales = np.array([p[2] for p in parts])
    if np.ptp(scales, axis=0).max() > 1e-6:
        export.document.track(node, "scale", seconds, scales)
    if np.ptp(moves, axis=0).max() > 1e-6:
        export.document.track(node, "translation", seconds, moves)
    if np.ptp(turns, axis=0).max() > 1e-6:
        export.document.track(node, "rotation", seconds, turns)


def _parts(matrix: Any) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Translation (3,), rotation as quaternion x, y, z, w (4,), scale (3,) of a matrix without shear."""
    from pxr import Gf

    rows = np.array(matrix)
    scale = np.linalg.norm(rows[:3, :3], axis=1)
    if np.linalg.det(rows[:3, :3]) < 0.0:
        scale[1] = -scale[1]  # mirrored, as the layout mirrors machines
    turn = Gf.Matrix3d(*(rows[:3, :3] / scale[:, None]).reshape(-1).tolist()).ExtractRotation().GetQuat()
    imaginary = turn.GetImaginary()
    return rows[3, :3], np.array([*imaginary, turn.GetReal()]), scale


def _continuous(turns: NDArray[np.float64]) -> NDArray[np.float64]:
    """Quaternions with signs so that neighbours are near."""
    flips = np.where((turns[1:] * turns[:-1]).sum(axis=1) < 0, -1.0, 1.0)
    signs: NDArray[np.float64] = np.concatenate([[1.0], np.cumprod(flips)])
    return np.asarray(turns * signs[:, None])


# ---- meshes ----


def _shared_mesh(export: _Export, prim: Any) -> int | None:
    """The mesh of a prim, or of all that an instance shows; the same for all instances of a prototype."""
    source = prim.GetPrototype() if prim.IsInstance() else prim
    key = str(source.GetPath())
    if key not in export.meshes:
        primitives = _primitives(export, prim)
        export.meshes[key] = None
        if primitives:
            export.document.meshes.append({"primitives": primitives})
            export.meshes[key] = len(export.document.meshes) - 1
    return export.meshes[key]


def _primitives(export: _Export, top: Any) -> list[dict[str, Any]]:
    """All meshes of `top` in its own frame, one primitive per material."""
    from pxr import Usd, UsdGeom, UsdShade

    cache = UsdGeom.XformCache(0.0)
    home = np.linalg.inv(np.array(cache.GetLocalToWorldTransform(top)))
    grouped: dict[int, list[tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.uint32]]]] = {}
    for prim in Usd.PrimRange(top, Usd.TraverseInstanceProxies()):
        if not prim.IsA(UsdGeom.Mesh):
            continue
        surface = _surface(prim, np.array(cache.GetLocalToWorldTransform(prim)) @ home)
        if surface is None:
            continue
        bound = UsdShade.MaterialBindingAPI(prim).ComputeBoundMaterial()[0]
        grouped.setdefault(_material(export, bound, prim), []).append(surface)
    return [_joined(export, material, surfaces) for material, surfaces in grouped.items()]


def _joined(export: _Export, material: int, surfaces: list[Any]) -> dict[str, Any]:
    first = np.cumsum([0, *(len(points) for points, _, _ in surfaces)])
    points = np.concatenate([s[0] for s in surfaces])
    normals = np.concatenate([s[1] for s in surfaces])
    triangles = np.concatenate([s[2] + np.uint32(n) for s, n in zip(surfaces, first, strict=False)])
    return export.document.primitive(points, normals, triangles, material)


def _surface(prim: Any, matrix: NDArray[np.float64]) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.uint32]] | None:
    """Points, normals and triangles of a mesh, corners with the same point and normal joined."""
    from pxr import UsdGeom

    mesh = UsdGeom.Mesh(prim)
    points = np.array(mesh.GetPointsAttr().Get() or np.zeros((0, 3)), dtype=np.float64)
    counts = np.array(mesh.GetFaceVertexCountsAttr().Get() or [], dtype=np.int64)
    indices = np.array(mesh.GetFaceVertexIndicesAttr().Get() or [], dtype=np.int64)
    if len(points) == 0 or len(indices) == 0:
        return None
    normals, triangles = _corner_normals(prim, points, counts, indices), _fans(counts)
    placed = points @ matrix[:3, :3] + matrix[3, :3]
    turned = normals @ np.linalg.inv(matrix[:3, :3]).T
    turned /= np.maximum(np.linalg.norm(turned, axis=1, keepdims=True), 1e-12)
    corners = np.concatenate([placed[indices], turned], axis=1).astype(np.float32)
    unique, inverse = np.unique(np.round(corners, 5), axis=0, return_inverse=True)
    return unique[:, :3], unique[:, 3:], inverse.reshape(-1)[triangles].astype(np.uint32)


def _corner_normals(
    prim: Any, points: NDArray[np.float64], counts: NDArray[np.int64], indices: NDArray[np.int64]
) -> NDArray[np.float64]:
    """One normal per corner: the mesh's own if they are per corner, else the faces'."""
    from pxr import UsdGeom

    primvar = UsdGeom.PrimvarsAPI(prim).GetPrimvar("normals")
    if primvar and primvar.HasValue() and primvar.GetInterpolation() == UsdGeom.Tokens.faceVarying:
        flat = np.array(primvar.ComputeFlattened(), dtype=np.float64)
        if len(flat) == len(indices):
            return flat
    starts = np.cumsum(counts) - counts
    a, b, c = (points[indices[starts + n]] for n in range(3))
    face = np.cross(b - a, c - a)
    return np.repeat(face, counts, axis=0)


def _fans(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Corners of the triangles that fan out of each polygon's first, (t, 3)."""
    starts = np.cumsum(counts) - counts
    face = np.repeat(np.arange(len(counts)), np.maximum(counts - 2, 0))
    rank = np.arange(len(face)) - np.repeat(
        np.cumsum(np.maximum(counts - 2, 0)) - np.maximum(counts - 2, 0), np.maximum(counts - 2, 0)
    )
    first = starts[face]
    return np.stack([first, first + rank + 1, first + rank + 2], axis=1)


def _material(export: _Export, bound: Any, prim: Any) -> int:
    """The glTF material of a UsdPreviewSurface; grey if there is none."""
    key = str(bound.GetPath()) if bound else ""
    source = bound.GetPrim().GetPrimInPrototype() if bound and bound.GetPrim().IsInstanceProxy() else None
    key = str(source.GetPath()) if source else key
    if key not in export.materials:
        export.materials[key] = _preview(export.document, bound, prim)
    return export.materials[key]


def _preview(document: Document, bound: Any, prim: Any, colour: tuple[float, ...] | None = None) -> int:
    shader = bound.ComputeSurfaceSource()[0] if bound else None

    def value(name: str, default: Any) -> Any:
        port = shader.GetInput(name) if shader else None
        found = port.Get() if port else None
        return default if found is None else found

    diffuse = colour or tuple(float(c) for c in value("diffuseColor", (0.6, 0.6, 0.6)))
    glow = colour or tuple(float(c) for c in value("emissiveColor", (0.0, 0.0, 0.0)))
    return document.material(
        bound.GetPrim().GetName() if bound else prim.GetName(),
        diffuse,
        metallic=float(value("metallic", 0.0)),
        roughness=float(value("roughness", 0.5)),
        glow=glow,
        opacity=float(value("opacity", 1.0)),
    )


# ---- what moves ----


def _shown(export: _Export, node: int, codes: list[float], visible: list[bool]) -> None:
    """A node that is there only at times: scale 1 or next to nothing, held."""
    if all(visible):
        return
    scales = np.where(np.array(visible)[:, None], 1.0, _NOTHING) * np.ones(3)
    export.document.nodes[node]["scale"] = scales[0].tolist()
    if len(codes) > 1:
        export.document.track(node, "scale", np.array(codes) / export.rate, scales, step=True)


def _lamp(export: _Export, prim: Any, parent: int) -> None:
    """One node per colour of a lamp, shown while the lamp has it."""
    attribute = prim.GetAttribute("primvars:displayColor")
    codes = attribute.GetTimeSamples()
    colours = [tuple(round(float(c), 3) for c in attribute.Get(t)[0]) for t in codes]
    surface = _surface(prim, np.eye(4))
    if surface is None:
        return
    for colour in dict.fromkeys(colours):
        key = f"lamp {colour}"
        if key not in export.materials:
            export.materials[key] = _preview(export.document, None, prim, colour)
        export.document.meshes.append({"primitives": [export.document.primitive(*surface, export.materials[key])]})
        name = f"{prim.GetDisplayName() or prim.GetName()}, colour {colour}"
        node = export.document.node(name, parent, mesh=len(export.document.meshes) - 1)
        _shown(export, node, codes, [c == colour for c in colours])


def _pool(export: _Export, prim: Any, parent: int) -> None:
    """A pool of items: one node per instance and look, moved and switched by tracks."""
    from pxr import UsdGeom

    pool = UsdGeom.PointInstancer(prim)
    group = export.document.node(prim.GetDisplayName() or prim.GetName(), parent)
    position, hidden, looks = pool.GetPositionsAttr(), pool.GetInvisibleIdsAttr(), pool.GetProtoIndicesAttr()
    codes = position.GetTimeSamples() or [0.0]
    frames = np.array([position.Get(t) for t in codes], dtype=np.float64)  # (k, n, 3)
    switches = sorted(set(hidden.GetTimeSamples()) | set(looks.GetTimeSamples())) or [0.0]
    size = frames.shape[1]
    visible = np.ones((len(switches), size), dtype=bool)
    kinds = np.zeros((len(switches), size), dtype=np.int64)
    for n, code in enumerate(switches):
        visible[n, np.array(hidden.Get(code) or [], dtype=np.int64)] = False
        kinds[n] = looks.Get(code)
    for rank, target in enumerate(pool.GetPrototypesRel().GetTargets()):
        mesh = _prototype_mesh(export, export.stage.GetPrimAtPath(target))
        for slot in np.flatnonzero((visible & (kinds == rank)).any(axis=0)).tolist():
            name = f"{prim.GetDisplayName() or prim.GetName()}, {target.name.replace('_', ' ').lower()} {slot + 1}"
            node = export.document.node(name, group, mesh=mesh, translation=frames[0, slot].tolist())
            _moves(export, node, codes, frames[:, slot])
            _shown(export, node, switches, (visible[:, slot] & (kinds[:, slot] == rank)).tolist())


def _prototype_mesh(export: _Export, prim: Any) -> int | None:
    """The mesh of an item's look, the same for all pools that show the same assets."""
    parts = "+".join(
        str(child.GetPrototype().GetPath()) if child.IsInstance() else str(child.GetPath()) for child in prim.GetChildren()
    )
    key = f"item {parts}"
    if key not in export.meshes:
        primitives = _primitives(export, prim)
        export.meshes[key] = None
        if primitives:
            export.document.meshes.append({"primitives": primitives})
            export.meshes[key] = len(export.document.meshes) - 1
    return export.meshes[key]


def _moves(export: _Export, node: int, codes: list[float], positions: NDArray[np.float64]) -> None:
    """A translation track without the keys that lie on the way between their neighbours."""
    if len(codes) < 2 or np.ptp(positions, axis=0).max() < 1e-6:
        return
    times = np.array(codes) / export.rate
    same = np.abs(np.diff(positions, axis=0)).max(axis=1) < 1e-6  # (k - 1,)
    needed = np.ones(len(times), dtype=bool)
    needed[1:-1] = ~(same[:-1] & same[1:])
    export.document.track(node, "translation", times[needed], positions[needed])
