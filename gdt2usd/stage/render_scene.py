"""A USD stage at one time as plain arrays: triangles with corner normals, materials, cameras. What every render engine starts from.

Instances, payloads, point instancers, visibility and time samples are resolved; invisible prims and purposes other than
default and render are left out. Not covered: subdivision, curves, textures, volumes (reported as `skipped`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pxr import Usd, UsdGeom, UsdShade

from gdt2usd.diagnostics import GdtError, error

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
I32 = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Shade:
    """A surface: linear `colour` and `glow`, roughness, metallic, opacity; from a UsdPreviewSurface or a display colour."""

    colour: tuple[float, float, float] = (0.45, 0.47, 0.48)
    roughness: float = 0.5
    metallic: float = 0.0
    opacity: float = 1.0
    glow: tuple[float, float, float] = (0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Triangles:
    """One mesh in its own space: corners (m, 3, 3), corner normals (m, 3, 3), index into the scene's shades."""

    corners: F32
    normals: F32
    shade: int


@dataclass(frozen=True, slots=True)
class View:
    """A camera: position and axes in the world, half the opening angle's tangent across and up."""

    name: str
    eye: F64
    right: F64
    up: F64
    forward: F64
    tan_x: float
    tan_y: float


@dataclass(slots=True)
class RenderScene:
    """Meshes, and where each stands: `placed` holds (mesh index, (n, 4, 4) matrices for row vectors)."""

    meshes: list[Triangles] = field(default_factory=list)
    shades: list[Shade] = field(default_factory=list)
    placed: dict[int, list[F64]] = field(default_factory=dict)
    skipped: dict[str, int] = field(default_factory=dict)

    @property
    def triangle_count(self) -> int:
        """Triangles after expanding the instances."""
        return sum(len(self.meshes[i].corners) * sum(len(m) for m in matrices) for i, matrices in self.placed.items())

    def world(self) -> tuple[F32, F32, I32]:
        """All triangles in the world: corners (t, 3, 3), unit corner normals (t, 3, 3), shade per triangle (t,)."""
        corners, normals, shades = [], [], []
        for index, groups in self.placed.items():
            mesh = self.meshes[index]
            for matrix in np.concatenate(groups):
                linear = matrix[:3, :3]
                corners.append((mesh.corners @ linear + matrix[3, :3]).astype(np.float32))
                turned = mesh.normals @ np.linalg.inv(linear).T
                length = np.linalg.norm(turned, axis=2, keepdims=True)
                normals.append((turned / np.maximum(length, 1e-12)).astype(np.float32))
                if np.linalg.det(linear) < 0:
                    corners[-1], normals[-1] = corners[-1][:, ::-1], normals[-1][:, ::-1]
                shades.append(np.full(len(mesh.corners), mesh.shade, np.int32))
        if not corners:
            return np.zeros((0, 3, 3), np.float32), np.zeros((0, 3, 3), np.float32), np.zeros(0, np.int32)
        return np.concatenate(corners), np.concatenate(normals), np.concatenate(shades)


Gathered = list[tuple[int, F64]]  # (mesh index, (n, 4, 4))


class _Reader:
    """Walks a stage once; prototypes are gathered once and reused for all their instances."""

    def __init__(self, time: Usd.TimeCode) -> None:
        self.time = time
        self.scene = RenderScene()
        self.prototypes: dict[str, Gathered] = {}
        self.shade_index: dict[tuple[object, ...], int] = {}

    def gather(self, prim: Usd.Prim) -> Gathered:
        """Everything visible at and below `prim`, relative to its parent."""
        imageable = UsdGeom.Imageable(prim)
        if imageable:
            if imageable.GetVisibilityAttr().Get(self.time) == UsdGeom.Tokens.invisible:
                return []
            if imageable.GetPurposeAttr().Get() in (UsdGeom.Tokens.proxy, UsdGeom.Tokens.guide):
                return []
        if prim.IsA(UsdGeom.PointInstancer):
            found = self._instancer(UsdGeom.PointInstancer(prim))
        elif prim.IsInstance():
            found = self._prototype(prim.GetPrototype())
        else:
            found = self._mesh(UsdGeom.Mesh(prim)) if prim.IsA(UsdGeom.Mesh) else []
            if prim.IsA(UsdGeom.Gprim) and not prim.IsA(UsdGeom.Mesh):
                kind = prim.GetTypeName()
                self.scene.skipped[kind] = self.scene.skipped.get(kind, 0) + 1
            for child in prim.GetChildren():
                found = found + self.gather(child)
        if found and prim.IsA(UsdGeom.Xformable):
            matrix = np.array(UsdGeom.Xformable(prim).GetLocalTransformation(self.time))
            if not np.array_equal(matrix, np.eye(4)):
                found = [(index, stack @ matrix) for index, stack in found]
        return found

    def _prototype(self, prototype: Usd.Prim) -> Gathered:
        key = str(prototype.GetPath())
        if key not in self.prototypes:
            found: Gathered = []
            for child in prototype.GetChildren():
                found = found + self.gather(child)
            self.prototypes[key] = found
        return self.prototypes[key]

    def _instancer(self, instancer: UsdGeom.PointInstancer) -> Gathered:
        indices = np.array(instancer.GetProtoIndicesAttr().Get(self.time) or [], np.int64)
        if not len(indices) or not instancer.GetPositionsAttr().Get(self.time):
            return []
        mask = instancer.ComputeMaskAtTime(self.time)
        kept = np.array(mask, bool) if len(mask) else np.ones(len(indices), bool)
        matrices = np.array(
            instancer.ComputeInstanceTransformsAtTime(
                self.time, self.time, UsdGeom.PointInstancer.ExcludeProtoXform, UsdGeom.PointInstancer.IgnoreMask
            )
        )
        found: Gathered = []
        stage = instancer.GetPrim().GetStage()
        for number, path in enumerate(instancer.GetPrototypesRel().GetForwardedTargets()):
            chosen = matrices[(indices == number) & kept]
            prototype = stage.GetPrimAtPath(path)
            if len(chosen) and prototype:
                for index, stack in self.gather(prototype):
                    found.append((index, np.einsum("aij,bjk->abik", stack, chosen).reshape(-1, 4, 4)))
        return found

    def _mesh(self, mesh: UsdGeom.Mesh) -> Gathered:
        points = np.array(mesh.GetPointsAttr().Get(self.time) or [], np.float32)
        counts = np.array(mesh.GetFaceVertexCountsAttr().Get(self.time) or [], np.int64)
        indices = np.array(mesh.GetFaceVertexIndicesAttr().Get(self.time) or [], np.int64)
        if (
            not len(points)
            or counts.sum() != len(indices)
            or (len(indices) and (indices.min() < 0 or indices.max() >= len(points)))
        ):
            return []
        corner = _fan(counts)
        if mesh.GetOrientationAttr().Get() == UsdGeom.Tokens.leftHanded:
            corner = corner[:, ::-1]
        corners = points[indices[corner]]
        index = len(self.scene.meshes)
        self.scene.meshes.append(Triangles(corners, _normals(mesh, self.time, indices, corner, corners), self._shade(mesh)))
        return [(index, np.eye(4)[None])]

    def _shade(self, mesh: UsdGeom.Mesh) -> int:
        colours = mesh.GetDisplayColorPrimvar().Get(self.time)
        shown = tuple(float(v) for v in colours[0]) if colours else None
        material, _ = UsdShade.MaterialBindingAPI(mesh.GetPrim()).ComputeBoundMaterial()
        key = (str(material.GetPath()) if material else "", shown)
        if key not in self.shade_index:
            self.shade_index[key] = len(self.scene.shades)
            self.scene.shades.append(_read_shade(material, shown, self.time))
        return self.shade_index[key]


def _fan(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Corner numbers (t, 3) of the triangles that faces with `counts` corners fan out into."""
    starts = np.cumsum(counts) - counts
    fans = np.maximum(counts - 2, 0)
    face = np.repeat(np.arange(len(counts)), fans)
    step = np.arange(len(face)) - np.repeat(np.cumsum(fans) - fans, fans)
    return np.stack([starts[face], starts[face] + step + 1, starts[face] + step + 2], axis=1)


def _normals(mesh: UsdGeom.Mesh, time: Usd.TimeCode, indices: NDArray[np.int64], corner: NDArray[np.int64], corners: F32) -> F32:
    primvar = UsdGeom.PrimvarsAPI(mesh).GetPrimvar("normals")
    values = None
    interpolation = ""
    if primvar and primvar.HasValue():
        values, interpolation = primvar.ComputeFlattened(time), primvar.GetInterpolation()
    elif mesh.GetNormalsAttr().HasValue():
        values, interpolation = mesh.GetNormalsAttr().Get(time), mesh.GetNormalsInterpolation()
    if values is not None:
        array = np.array(values, np.float32)
        if interpolation == UsdGeom.Tokens.faceVarying and len(array) == len(indices):
            return np.asarray(array[corner])
        if interpolation in (UsdGeom.Tokens.vertex, UsdGeom.Tokens.varying) and indices.max() < len(array):
            return np.asarray(array[indices[corner]])
    flat = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    flat /= np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-12)
    return np.repeat(flat[:, None, :], 3, axis=1).astype(np.float32)


def _read_shade(material: UsdShade.Material, shown: tuple[float, ...] | None, time: Usd.TimeCode) -> Shade:
    plain = Shade(colour=(shown[0], shown[1], shown[2])) if shown else Shade()
    if not material:
        return plain
    shader, _, _ = material.ComputeSurfaceSource()
    if not shader or shader.GetIdAttr().Get() != "UsdPreviewSurface":
        return plain

    def triple(name: str, otherwise: tuple[float, float, float]) -> tuple[float, float, float]:
        found = shader.GetInput(name)
        if found and found.HasConnectedSource():
            return plain.colour if name == "diffuseColor" else otherwise
        value = found.Get(time) if found else None
        return (float(value[0]), float(value[1]), float(value[2])) if value is not None else otherwise

    def number(name: str, otherwise: float) -> float:
        found = shader.GetInput(name)
        value = found.Get(time) if found and not found.HasConnectedSource() else None
        return float(value) if value is not None else otherwise

    return Shade(
        triple("diffuseColor", (0.18, 0.18, 0.18)),
        min(1.0, max(0.03, number("roughness", 0.5))),
        min(1.0, max(0.0, number("metallic", 0.0))),
        min(1.0, max(0.0, number("opacity", 1.0))),
        triple("emissiveColor", (0.0, 0.0, 0.0)),
    )


def open_stage(path: Path) -> Usd.Stage:
    """The stage of a file, or of a stage folder (its `factory.usda`); raises `GdtError` (ST601)."""
    file = path
    if path.is_dir():
        options = [path / "factory.usda", path / "factory.usdc", path / "5-stage" / "factory.usda"]
        file = next((f for f in options if f.exists()), options[0])
    try:
        stage = Usd.Stage.Open(str(file)) if file.exists() else None
    except Exception as problem:
        raise GdtError([error("ST601", f"{file} is not a USD stage: {str(problem).splitlines()[0]}")]) from None
    if stage is None:
        raise GdtError(
            [error("ST601", f"there is no stage at {file}", hint="give a .usd, .usda, .usdc or .usdz file, or a stage folder")]
        )
    return stage


def read_scene(stage: Usd.Stage, time: float | None = None) -> RenderScene:
    """Everything visible at time code `time` (None: the default time, or the stage's start)."""
    reader = _Reader(Usd.TimeCode(stage.GetStartTimeCode()) if time is None else Usd.TimeCode(time))
    up = np.eye(4)
    if UsdGeom.GetStageUpAxis(stage) == UsdGeom.Tokens.y:
        up = np.array([[1, 0, 0, 0], [0, 0, 1, 0], [0, -1, 0, 0], [0, 0, 0, 1]], float)
    up[:3] *= UsdGeom.GetStageMetersPerUnit(stage) if stage.HasAuthoredMetadata("metersPerUnit") else 1.0
    for child in stage.GetPseudoRoot().GetChildren():
        for index, stack in reader.gather(child):
            reader.scene.placed.setdefault(index, []).append(stack @ up)
    return reader.scene


def camera_prims(stage: Usd.Stage) -> dict[str, Usd.Prim]:
    """The stage's cameras by prim name, in order."""
    return {prim.GetName(): prim for prim in stage.Traverse() if prim.IsA(UsdGeom.Camera)}


def read_view(prim: Usd.Prim, aspect: float, time: float | None = None) -> View:
    """A camera prim as a view, its width kept and its height cut or grown to `aspect` (width / height)."""
    code = Usd.TimeCode(prim.GetStage().GetStartTimeCode()) if time is None else Usd.TimeCode(time)
    camera = UsdGeom.Camera(prim)
    matrix = np.array(UsdGeom.XformCache(code).GetLocalToWorldTransform(prim))
    if UsdGeom.GetStageUpAxis(prim.GetStage()) == UsdGeom.Tokens.y:
        matrix = matrix @ np.array([[1, 0, 0, 0], [0, 0, 1, 0], [0, -1, 0, 0], [0, 0, 0, 1]], float)
    axes = matrix[:3, :3] / np.linalg.norm(matrix[:3, :3], axis=1, keepdims=True)
    across = float(camera.GetHorizontalApertureAttr().Get(code)) / (2 * float(camera.GetFocalLengthAttr().Get(code)))
    return View(prim.GetName(), matrix[3, :3], axes[0], axes[1], -axes[2], across, across / aspect)


def look_at(name: str, eye: F64, target: F64, tan_x: float, aspect: float) -> View:
    """A view from `eye` towards `target`, upright."""
    forward = (target - eye) / np.linalg.norm(target - eye)
    right = np.cross(forward, np.array([0.0, 0.0, 1.0]))
    if np.linalg.norm(right) < 1e-6:
        right = np.array([1.0, 0.0, 0.0])
    right /= np.linalg.norm(right)
    return View(name, eye, right, np.cross(right, forward), forward, tan_x, tan_x / aspect)


def fitted_view(
    low: F64, high: F64, aspect: float, *, azimuth_deg: float = -55.0, elevation_deg: float = 28.0, tan_x: float = 0.36
) -> View:
    """A three-quarter view that shows the whole box from `low` to `high`."""
    azimuth, elevation = np.radians(azimuth_deg), np.radians(elevation_deg)
    back = np.array([np.cos(elevation) * np.cos(azimuth), np.cos(elevation) * np.sin(azimuth), np.sin(elevation)])
    middle = (low + high) / 2
    view = look_at("auto", middle + back, middle, tan_x, aspect)
    corners = np.array([[(low, high)[i][0], (low, high)[j][1], (low, high)[k][2]] for i in (0, 1) for j in (0, 1) for k in (0, 1)])
    offset = corners - middle
    x, y, depth = np.abs(offset @ view.right), np.abs(offset @ view.up), offset @ view.forward
    distance = float(np.max(np.maximum(x / view.tan_x, y / view.tan_y) - depth)) * 1.06
    return View("auto", middle + back * distance, view.right, view.up, view.forward, view.tan_x, view.tan_y)
