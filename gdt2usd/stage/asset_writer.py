"""One asset on disk: an interface layer (`X.usda`) over a payload (`payload.usdc`), from the parts that a builder put together.

`Builder` collects solids by part, with ports, item slots, joints and the status lamp; `write` authors the USD; `record` gives the
asset's row of `library.json`. The contract of an asset is in `assets/README.md`.
Not covered: what an asset looks like (`stage.make_*`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pxr import Gf, Kind, Sdf, Tf, Usd, UsdGeom, UsdLux, UsdSemantics, UsdShade, Vt

from gdt2usd.stage.make_looks import CLASSES
from gdt2usd.stage.materials import MATERIALS, STATE_COLOURS, Material, lamp_material
from gdt2usd.stage.meshes import Solid, Surface, cylinder, revolved, surface, union

Vec3 = tuple[float, float, float]
LAMP_HEIGHT_M = 0.24
LAMP_RADIUS_M = 0.07
LAMP_PART = "StatusLamp"


@dataclass(slots=True)
class Pivot:
    """A moving Xform: its place in its parent, the op that moves it and how far it may go."""

    name: str
    parent: str
    at: Vec3
    op: str
    lower: float
    upper: float


@dataclass(slots=True)
class Part:
    """Solids of one mesh prim: below the Xform `parent` ("" for the asset itself), with one material."""

    parent: str
    material: str
    solids: list[Solid] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Light:
    """A light prim: its type (`DomeLight`, `DistantLight`), how wide a distant one is and where it points."""

    name: str
    type_name: str
    angle_deg: float = 0.0
    rotate_deg: Vec3 = (0.0, 0.0, 0.0)


Moods = dict[str, dict[str, tuple[float, Vec3]]]
"""Intensity and colour by mood and light."""


@dataclass(slots=True)
class Builder:
    """Collects an asset. `folder` is workstations, items or hall; `labels` are semantic class names, the most general last."""

    name: str
    family: str
    labels: tuple[str, ...]
    title: str
    folder: str = "workstations"
    parts: dict[str, Part] = field(default_factory=dict)
    pivots: dict[str, Pivot] = field(default_factory=dict)
    inputs: list[tuple[Vec3, float]] = field(default_factory=list)
    outputs: list[tuple[Vec3, float]] = field(default_factory=list)
    slots: list[Vec3] = field(default_factory=list)
    service_m: Vec3 | None = None
    lamp_m: Vec3 | None = None
    stretch_m: float | None = None
    footprint_m: tuple[float, float] | None = None
    lights: list[Light] = field(default_factory=list)
    moods: Moods = field(default_factory=dict)

    def add(self, part: str, material: str, *solids: Solid, parent: str = "") -> None:
        """Add solids to the mesh prim `part`; a second material under the same name is a mistake."""
        if material not in MATERIALS:
            raise KeyError(f"{self.name}: no material {material!r}")
        entry = self.parts.setdefault(part, Part(parent, material))
        if (entry.parent, entry.material) != (parent, material):
            raise ValueError(f"{self.name}/{part}: already has parent {entry.parent!r} and material {entry.material!r}")
        entry.solids.extend(solids)

    def pivot(self, name: str, at: Vec3, op: str, lower: float, upper: float, parent: str = "") -> str:
        """A moving Xform at `at` in its parent's space; solids added with `parent=name` are in its own space."""
        self.pivots[name] = Pivot(name, parent, at, op, lower, upper)
        return name

    def flow(self, half_length: float, height: float, *, y: float = 0.0) -> None:
        """The usual ports: one in at -X, one out at +X, and the item in process in the middle."""
        self.inputs.append(((-half_length, y, height), 0.0))
        self.outputs.append(((half_length, y, height), 0.0))
        if not self.slots:
            self.slots.append((0.0, y, height))

    def lamp(self, x: float, y: float, z: float, *, pole: float = 0.22) -> None:
        """A status lamp on a pole that stands at (x, y, z)."""
        r, h = LAMP_RADIUS_M, LAMP_HEIGHT_M
        self.add("LampPole", "DarkSteel", cylinder(0.02, pole + 0.02, (x, y, z - 0.02)), cylinder(0.05, 0.03, (x, y, z)))
        base = z + pole
        self.add("LampCap", "Charcoal", cylinder(r + 0.008, 0.03, (x, y, base - 0.03)))
        self.add("LampCap", "Charcoal", cylinder(r + 0.008, 0.03, (x, y, base + h), chamfer=0.012))
        self.parts.setdefault(LAMP_PART, Part("", LAMP_PART)).solids.append(lens((x, y, base)))
        self.lamp_m = (x, y, base)

    def turn_round(self) -> None:
        """Turn everything by 180 degrees about Z, so that what was at -X is at +X; for assets without moving parts."""

        def turned(at: Vec3) -> Vec3:
            return (-at[0], -at[1], at[2])

        for part in self.parts.values():
            part.solids = [solid.rotate([0, 0, 180]) for solid in part.solids]
        self.inputs = [(turned(at), (yaw + 180.0) % 360.0) for at, yaw in self.inputs]
        self.outputs = [(turned(at), (yaw + 180.0) % 360.0) for at, yaw in self.outputs]
        self.slots = [turned(slot) for slot in self.slots]
        self.lamp_m = turned(self.lamp_m) if self.lamp_m else None


def lens(at: Vec3, *, grow: float = 0.0) -> Solid:
    """The lamp's lens: three rings, bottom centre at `at`."""
    r, h = LAMP_RADIUS_M + grow, LAMP_HEIGHT_M
    waist = r - 0.012
    profile = [(0, 0), (r, 0), (r, 0.07), (waist, 0.08), (r, 0.09), (r, 0.15), (waist, 0.16), (r, 0.17), (r, h), (0, h)]
    return revolved(profile, at, segments=24)


def _matrix_chain(builder: Builder, name: str) -> Vec3:
    """Where the pivot `name` is in asset space at rest."""
    x = y = z = 0.0
    while name:
        pivot = builder.pivots[name]
        x, y, z = x + pivot.at[0], y + pivot.at[1], z + pivot.at[2]
        name = pivot.parent
    return x, y, z


def _pivot_path(builder: Builder, name: str) -> str:
    if not name:
        return "Geometry"
    return f"{_pivot_path(builder, builder.pivots[name].parent)}/{name}"


def _bounds(builder: Builder, surfaces: dict[str, Surface]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    low, high = np.full(3, np.inf), np.full(3, -np.inf)
    for name, mesh in surfaces.items():
        at = np.array(_matrix_chain(builder, builder.parts[name].parent))
        low = np.minimum(low, mesh.points.min(axis=0) + at)
        high = np.maximum(high, mesh.points.max(axis=0) + at)
    return low, high


def define_material(stage: Usd.Stage, path: str, material: Material) -> UsdShade.Material:
    """A Material prim at `path` with one UsdPreviewSurface shader."""
    prim = UsdShade.Material.Define(stage, path)
    shader = UsdShade.Shader.Define(stage, f"{path}/Preview")
    shader.CreateIdAttr("UsdPreviewSurface")
    shader.CreateInput("diffuseColor", Sdf.ValueTypeNames.Color3f).Set(Gf.Vec3f(*material.colour))
    shader.CreateInput("emissiveColor", Sdf.ValueTypeNames.Color3f).Set(Gf.Vec3f(*material.glow))
    shader.CreateInput("roughness", Sdf.ValueTypeNames.Float).Set(material.roughness)
    shader.CreateInput("metallic", Sdf.ValueTypeNames.Float).Set(material.metallic)
    shader.CreateInput("opacity", Sdf.ValueTypeNames.Float).Set(material.opacity)
    prim.CreateSurfaceOutput().ConnectToSource(shader.CreateOutput("surface", Sdf.ValueTypeNames.Token))
    return prim


def define_mesh(stage: Usd.Stage, path: str, mesh: Surface, colour: Vec3) -> UsdGeom.Mesh:
    """A Mesh prim at `path`: triangles, indexed face-varying normals and st, constant display colour."""
    prim = UsdGeom.Mesh.Define(stage, path)
    prim.CreateSubdivisionSchemeAttr(UsdGeom.Tokens.none)
    prim.CreatePointsAttr(Vt.Vec3fArray.FromNumpy(mesh.points))
    prim.CreateFaceVertexCountsAttr(Vt.IntArray.FromNumpy(np.full(len(mesh.triangles), 3, np.int32)))
    prim.CreateFaceVertexIndicesAttr(Vt.IntArray.FromNumpy(np.ascontiguousarray(mesh.triangles.reshape(-1))))
    prim.CreateExtentAttr(Vt.Vec3fArray([Gf.Vec3f(*map(float, mesh.points.min(0))), Gf.Vec3f(*map(float, mesh.points.max(0)))]))
    api = UsdGeom.PrimvarsAPI(prim)
    normals = api.CreatePrimvar("normals", Sdf.ValueTypeNames.Normal3fArray, UsdGeom.Tokens.faceVarying)
    normals.Set(Vt.Vec3fArray.FromNumpy(mesh.normals))
    normals.SetIndices(Vt.IntArray.FromNumpy(mesh.normal_indices))
    uvs = api.CreatePrimvar("st", Sdf.ValueTypeNames.TexCoord2fArray, UsdGeom.Tokens.faceVarying)
    uvs.Set(Vt.Vec2fArray.FromNumpy(mesh.uvs))
    uvs.SetIndices(Vt.IntArray.FromNumpy(mesh.uv_indices))
    prim.CreateDisplayColorPrimvar(UsdGeom.Tokens.constant).Set(Vt.Vec3fArray([Gf.Vec3f(*colour)]))
    return prim


def _new_layer(path: Path, name: str) -> Usd.Stage:
    path.unlink(missing_ok=True)
    stage = Usd.Stage.CreateNew(str(path))
    UsdGeom.SetStageUpAxis(stage, UsdGeom.Tokens.z)
    UsdGeom.SetStageMetersPerUnit(stage, 1.0)
    stage.SetDefaultPrim(UsdGeom.Xform.Define(stage, f"/{name}").GetPrim())
    return stage


def _material_of(name: str) -> Material:
    return lamp_material("idle") if name == LAMP_PART else MATERIALS[name]


def _write_payload(builder: Builder, path: Path, surfaces: dict[str, Surface]) -> None:
    stage = _new_layer(path, builder.name)
    root = f"/{builder.name}"
    for light in builder.lights:
        _write_light(stage, f"{root}/{light.name}", light)
    if builder.parts:
        UsdGeom.Xform.Define(stage, f"{root}/Geometry")
        UsdGeom.Scope.Define(stage, f"{root}/Materials")
    materials = {}
    for name in sorted({part.material for part in builder.parts.values()}):
        materials[name] = define_material(stage, f"{root}/Materials/{name}", _material_of(name))
    for pivot in builder.pivots.values():
        xform = UsdGeom.Xform.Define(stage, f"{root}/{_pivot_path(builder, pivot.name)}")
        xform.AddTranslateOp().Set(Gf.Vec3d(*pivot.at))
        if pivot.op.startswith("rotate"):
            getattr(xform, f"Add{pivot.op[0].upper()}{pivot.op[1:]}Op")().Set(0.0)
        elif pivot.op.startswith("scale"):
            xform.AddScaleOp().Set(Gf.Vec3f(1))
        else:
            xform.AddTranslateOp(opSuffix="shift").Set(Gf.Vec3d(0))
    for name, mesh in surfaces.items():
        part = builder.parts[name]
        prim = define_mesh(stage, f"{root}/{_pivot_path(builder, part.parent)}/{name}", mesh, _material_of(part.material).colour)
        UsdShade.MaterialBindingAPI.Apply(prim.GetPrim()).Bind(materials[part.material])
    stage.GetRootLayer().Save()


def _write_light(stage: Usd.Stage, path: str, light: Light) -> None:
    prim = stage.DefinePrim(path, light.type_name)
    if light.type_name == "DistantLight":
        UsdLux.DistantLight(prim).CreateAngleAttr(light.angle_deg)
        UsdGeom.Xformable(prim).AddRotateXYZOp().Set(Gf.Vec3f(*light.rotate_deg))


def _write_interface(builder: Builder, path: Path, payload: str, low: Vec3, high: Vec3) -> None:
    stage = _new_layer(path, builder.name)
    root = f"/{builder.name}"
    prim = stage.GetDefaultPrim()
    model = Usd.ModelAPI(prim)
    model.SetKind(Kind.Tokens.component)
    model.SetAssetName(builder.name)
    model.SetAssetIdentifier(Sdf.AssetPath(f"./{path.name}"))
    prim.SetDisplayName(builder.title)
    prim.SetDocumentation(
        f"{builder.title}. Metres, Z up, origin at the middle of the footprint on the floor; items flow along +X."
        if builder.parts
        else f"{builder.title}. Metres, Z up; choose its mood."
    )
    prim.GetPayloads().AddPayload(f"./{payload}")
    if builder.parts:
        UsdGeom.ModelAPI.Apply(prim).SetExtentsHint(Vt.Vec3fArray([Gf.Vec3f(*low), Gf.Vec3f(*high)]))
    UsdSemantics.LabelsAPI.Apply(prim, "class").CreateLabelsAttr().Set(Vt.TokenArray(list(builder.labels)))
    footprint = prim.CreateAttribute("gdt:footprint", Sdf.ValueTypeNames.Float2, custom=True)
    footprint.Set(Gf.Vec2f(*_size(builder, low, high)[:2]))
    prim.CreateAttribute("gdt:family", Sdf.ValueTypeNames.Token, custom=True).Set(builder.family)
    if builder.slots:
        slots = prim.CreateAttribute("gdt:itemSlots", Sdf.ValueTypeNames.Point3fArray, custom=True)
        slots.Set(Vt.Vec3fArray([Gf.Vec3f(*slot) for slot in builder.slots]))
    if builder.inputs or builder.outputs:
        UsdGeom.Xform.Define(stage, f"{root}/Ports")
    for direction, rows in (("in", builder.inputs), ("out", builder.outputs)):
        for index, (at, yaw) in enumerate(rows, 1):
            port = UsdGeom.Xform.Define(stage, f"{root}/Ports/{direction}_{index}")
            port.AddTranslateOp().Set(Gf.Vec3d(*at))
            port.AddRotateZOp().Set(yaw)
    for name in sorted({part.material for part in builder.parts.values()} - {LAMP_PART}):
        stage.OverridePrim(f"{root}/Materials/{name}").GetInherits().AddInherit(f"{CLASSES}/{name}")
    if builder.lamp_m:
        _write_states(stage, root)
    if builder.moods:
        _write_moods(stage, root, builder.moods)
    stage.GetRootLayer().Save()


def _write_moods(stage: Usd.Stage, root: str, moods: Moods) -> None:
    """The variant set `mood`: intensities and colours of the lights."""
    variants = stage.GetDefaultPrim().GetVariantSets().AddVariantSet("mood")
    for mood, lights in moods.items():
        variants.AddVariant(mood)
        variants.SetVariantSelection(mood)
        with variants.GetVariantEditContext():
            for name, (intensity, colour) in lights.items():
                light = UsdLux.LightAPI(stage.OverridePrim(f"{root}/{name}"))
                light.CreateIntensityAttr(intensity)
                light.CreateColorAttr(Gf.Vec3f(*colour))
    variants.SetVariantSelection(next(iter(moods)))


def _write_states(stage: Usd.Stage, root: str) -> None:
    """The variant set `state`: each colours the lamp's material and its display colour."""
    states = stage.GetDefaultPrim().GetVariantSets().AddVariantSet("state")
    for state in STATE_COLOURS:
        states.AddVariant(state)
        states.SetVariantSelection(state)
        material = lamp_material(state)
        with states.GetVariantEditContext():
            shader = UsdShade.Shader(stage.OverridePrim(f"{root}/Materials/{LAMP_PART}/Preview"))
            shader.CreateInput("diffuseColor", Sdf.ValueTypeNames.Color3f).Set(Gf.Vec3f(*material.colour))
            shader.CreateInput("emissiveColor", Sdf.ValueTypeNames.Color3f).Set(Gf.Vec3f(*material.glow))
            mesh = UsdGeom.Mesh(stage.OverridePrim(f"{root}/Geometry/{LAMP_PART}"))
            mesh.CreateDisplayColorPrimvar(UsdGeom.Tokens.constant).Set(Vt.Vec3fArray([Gf.Vec3f(*material.colour)]))
    states.SetVariantSelection("idle")


def _size(builder: Builder, low: Vec3, high: Vec3) -> Vec3:
    """The footprint (centred on the origin) and the height."""
    if builder.footprint_m:
        return (*builder.footprint_m, high[2])
    return (2 * max(-low[0], high[0]), 2 * max(-low[1], high[1]), high[2])


def record(builder: Builder, low: Vec3, high: Vec3, triangles: int) -> dict[str, Any]:
    """The asset's row of `library.json`."""

    def rounded_off(values: Vec3) -> list[float]:
        return [round(float(v), 4) for v in values]

    def ports(direction: str, rows: list[tuple[Vec3, float]]) -> list[dict[str, Any]]:
        return [{"name": f"{direction}_{i}", "position_m": rounded_off(at), "yaw_deg": yaw} for i, (at, yaw) in enumerate(rows, 1)]

    size = _size(builder, low, high)
    row: dict[str, Any] = {
        "path": f"{builder.folder}/{builder.name}/{builder.name}.usda",
        "family": builder.family,
        "title": builder.title,
        "size_m": rounded_off(size),
        "labels": list(builder.labels),
        "triangles": triangles,
    }
    if builder.inputs or builder.outputs:
        row |= {"inputs": ports("in", builder.inputs), "outputs": ports("out", builder.outputs)}
    if builder.folder == "workstations":
        row["service_m"] = rounded_off(builder.service_m or (0.0, -(size[1] / 2 + 0.4), 0.0))
    if builder.slots:
        row["slots"] = [rounded_off(slot) for slot in builder.slots]
    if builder.lamp_m:
        row |= {"lamp_m": rounded_off(builder.lamp_m), "lamp_prim": f"Geometry/{LAMP_PART}"}
    if builder.pivots:
        row["joints"] = [
            {"name": p.name, "prim_path": _pivot_path(builder, p.name), "op": p.op, "lower": p.lower, "upper": p.upper}
            for p in builder.pivots.values()
        ]
    if builder.stretch_m:
        row["stretch"] = {"axis": "x", "module_m": builder.stretch_m}
    return row


def write(builder: Builder, assets: Path) -> dict[str, Any]:
    """Write the asset below the folder `assets`; returns its row of `library.json`."""
    if not Tf.IsValidIdentifier(builder.name):
        raise ValueError(f"{builder.name!r} is no prim name")
    surfaces = {name: surface(union(part.solids)) for name, part in builder.parts.items()}
    low_array, high_array = _bounds(builder, surfaces) if surfaces else (np.zeros(3), np.zeros(3))
    low: Vec3 = tuple(low_array.tolist())
    high: Vec3 = tuple(high_array.tolist())
    folder = assets / builder.folder / builder.name
    folder.mkdir(parents=True, exist_ok=True)
    payload = "payload.usdc"
    _write_payload(builder, folder / payload, surfaces)
    _write_interface(builder, folder / f"{builder.name}.usda", payload, low, high)
    return record(builder, low, high, sum(len(mesh.triangles) for mesh in surfaces.values()))
