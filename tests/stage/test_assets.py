"""The asset library on disk keeps its contract: structure, geometry, ports, states, size; and the scripts still make it."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pxr import Kind, Sdf, Usd, UsdGeom, UsdLux, UsdSemantics, UsdShade, UsdValidation

from gdt2usd.shipped import assets_folder
from gdt2usd.stage import catalog, make_assets, make_looks
from gdt2usd.stage.materials import STATE_COLOURS
from gdt2usd.stage.meshes import ball, box, cylinder, surface, union

NAMES = sorted(catalog.load().assets)
CATALOG = catalog.load()
METRE_LIMIT = 12_000_000


@cache
def stage_of(name: str) -> Usd.Stage:
    return Usd.Stage.Open(str(CATALOG.file(CATALOG.assets[name])))


def meshes_of(name: str) -> list[UsdGeom.Mesh]:
    return [UsdGeom.Mesh(prim) for prim in stage_of(name).Traverse() if prim.IsA(UsdGeom.Mesh)]


def test_the_library_is_large_enough_and_small_enough() -> None:
    workstations = [n for n in NAMES if CATALOG.assets[n].path.startswith("workstations/")]
    assert len(workstations) >= 30
    size = sum(f.stat().st_size for f in assets_folder().rglob("*") if f.is_file() and "__pycache__" not in f.parts)
    assert size < METRE_LIMIT
    on_disk = {f.stem for f in assets_folder().glob("*/*/*.usda")}
    assert on_disk == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_interface(name: str) -> None:
    stage = stage_of(name)
    prim = stage.GetDefaultPrim()
    assert prim.GetPath() == Sdf.Path(f"/{name}")
    assert [str(p.GetPath()) for p in stage.GetPseudoRoot().GetChildren()] == [f"/{name}"]
    assert UsdGeom.GetStageUpAxis(stage) == UsdGeom.Tokens.z
    assert UsdGeom.GetStageMetersPerUnit(stage) == 1.0
    assert Usd.ModelAPI(prim).GetKind() == Kind.Tokens.component
    assert prim.HasAuthoredPayloads()
    assert prim.GetDisplayName()
    assert UsdSemantics.LabelsAPI(prim, "class").GetLabelsAttr().Get()
    assert all(p.GetTypeName() for p in stage.Traverse())
    if CATALOG.assets[name].family == "light":
        return
    hint = np.array(UsdGeom.ModelAPI(prim).GetExtentsHintAttr().Get())
    box_ = UsdGeom.BBoxCache(Usd.TimeCode.Default(), ["default"]).ComputeWorldBound(prim).ComputeAlignedRange()
    np.testing.assert_allclose(hint[:2], [list(box_.GetMin()), list(box_.GetMax())], atol=2e-3)


@pytest.mark.parametrize("name", [n for n in NAMES if CATALOG.assets[n].family == "light"])
def test_lights_have_moods(name: str) -> None:
    stage = Usd.Stage.Open(str(CATALOG.file(CATALOG.assets[name])))
    moods = stage.GetDefaultPrim().GetVariantSet("mood")
    assert len(moods.GetVariantNames()) >= 2
    seen = set()
    for mood in moods.GetVariantNames():
        moods.SetVariantSelection(mood)
        lights = [UsdLux.LightAPI(p) for p in stage.Traverse() if p.HasAPI(UsdLux.LightAPI)]
        assert lights
        seen.add(tuple(light.GetIntensityAttr().Get() for light in lights))
    assert len(seen) == len(moods.GetVariantNames())


@pytest.mark.parametrize("name", [n for n in NAMES if CATALOG.assets[n].family != "light"])
def test_geometry(name: str) -> None:
    found = meshes_of(name)
    assert found
    for mesh in found:
        points = np.array(mesh.GetPointsAttr().Get())
        triangles = np.array(mesh.GetFaceVertexIndicesAttr().Get()).reshape(-1, 3)
        assert mesh.GetSubdivisionSchemeAttr().Get() == UsdGeom.Tokens.none
        edges = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
        assert len(np.unique(edges, axis=0)) == len(edges), "an edge runs twice in the same direction"
        assert {tuple(e) for e in edges} == {(b, a) for a, b in edges}, "not closed"
        normals = UsdGeom.PrimvarsAPI(mesh).GetPrimvar("normals")
        assert normals.IsIndexed() and normals.GetInterpolation() == UsdGeom.Tokens.faceVarying
        corner = np.array(normals.ComputeFlattened()).reshape(-1, 3, 3)
        np.testing.assert_allclose(np.linalg.norm(corner, axis=2), 1.0, atol=1e-4)
        a, b, c = (points[triangles[:, i]].astype(np.float64) for i in range(3))
        flat = np.cross(b - a, c - a)
        assert (np.einsum("ij,ikj->ik", flat, corner) > 0).all(), "a normal points inwards"
        assert UsdGeom.PrimvarsAPI(mesh).GetPrimvar("st").IsIndexed()
        np.testing.assert_allclose(np.array(mesh.GetExtentAttr().Get()), [points.min(0), points.max(0)], atol=1e-6)
        material, _ = UsdShade.MaterialBindingAPI(mesh.GetPrim()).ComputeBoundMaterial()
        assert material.ComputeSurfaceSource()[0].GetIdAttr().Get() == "UsdPreviewSurface"


@pytest.mark.parametrize("name", NAMES)
def test_no_finding_of_usd_validation(name: str) -> None:
    validators = UsdValidation.ValidationRegistry().GetOrLoadAllValidators()
    findings = UsdValidation.ValidationContext(validators).Validate(stage_of(name))
    assert [f"{f.GetName()}: {f.GetMessage()}" for f in findings] == []


@pytest.mark.parametrize("name", NAMES)
def test_the_file_says_what_the_library_says(name: str) -> None:
    asset, stage = CATALOG.assets[name], stage_of(name)
    for port in asset.inputs + asset.outputs:
        prim = stage.GetPrimAtPath(f"/{name}/Ports/{port.name}")
        matrix = UsdGeom.XformCache().GetLocalToWorldTransform(prim)
        np.testing.assert_allclose(list(matrix.ExtractTranslation()), port.position_m, atol=1e-4)
    for joint in asset.joints:
        ops = UsdGeom.Xformable(stage.GetPrimAtPath(f"/{name}/{joint.prim_path}")).GetOrderedXformOps()
        assert len(ops) == 2
        assert joint.lower <= (1 if joint.op.startswith("scale") else 0) <= joint.upper
    if asset.lamp_m is not None:
        lens = UsdGeom.Mesh(stage.GetPrimAtPath(f"/{name}/{asset.lamp_prim}"))
        bottom = np.array(lens.GetExtentAttr().Get())[0][2]
        assert bottom == pytest.approx(asset.lamp_m[2], abs=2e-3)
    footprint = stage.GetDefaultPrim().GetAttribute("gdt:footprint").Get()
    assert tuple(footprint) == pytest.approx(asset.size_m[:2], abs=1e-3)


@pytest.mark.parametrize("name", [n for n in NAMES if CATALOG.assets[n].lamp_m and n != "StatusLamp"])
def test_states_colour_the_lamp(name: str) -> None:
    stage = Usd.Stage.Open(str(CATALOG.file(CATALOG.assets[name])))
    variants = stage.GetDefaultPrim().GetVariantSet("state")
    assert sorted(variants.GetVariantNames()) == sorted(STATE_COLOURS)
    colours = set()
    for state in STATE_COLOURS:
        variants.SetVariantSelection(state)
        lens = UsdGeom.Mesh(stage.GetPrimAtPath(f"/{name}/Geometry/StatusLamp"))
        material, _ = UsdShade.MaterialBindingAPI(lens.GetPrim()).ComputeBoundMaterial()
        shader, _, _ = material.ComputeSurfaceSource()
        colours.add((tuple(lens.GetDisplayColorPrimvar().Get()[0]), tuple(shader.GetInput("emissiveColor").Get())))
    assert len(colours) == len(STATE_COLOURS)


def test_the_look_layer_paints_every_material_of_every_asset() -> None:
    looks = Sdf.Layer.FindOrOpen(str(assets_folder() / make_looks.FILE))
    for name in NAMES:
        stage = Usd.Stage.CreateInMemory()
        stage.GetRootLayer().subLayerPaths.append(looks.identifier)
        prim = stage.DefinePrim("/World/Thing", "Xform")
        prim.GetReferences().AddReference(str(CATALOG.file(CATALOG.assets[name])))
        prim.SetInstanceable(True)
        materials = [UsdShade.Material(p) for p in stage.Traverse(Usd.TraverseInstanceProxies()) if p.IsA(UsdShade.Material)]
        for material in materials:
            assert material.ComputeSurfaceSource()[0].GetIdAttr().Get() == "UsdPreviewSurface"
            if material.GetPrim().GetName() == "StatusLamp":
                continue
            source = material.ComputeSurfaceSource("mtlx")[0]
            assert source.GetIdAttr().Get() == make_looks.SHADER_ID, material.GetPath()
            plain = material.ComputeSurfaceSource()[0].GetInput("diffuseColor").Get()
            np.testing.assert_allclose(source.GetInput("base_color").Get(), plain, atol=1e-4)


def test_the_scripts_make_the_committed_look_layer(tmp_path: Path) -> None:
    made = make_looks.write_looks(tmp_path).read_bytes()
    assert made == (assets_folder() / make_looks.FILE).read_bytes()


@pytest.mark.parametrize("name", ["Robot", "Part"])
def test_the_scripts_make_what_is_committed(name: str, tmp_path: Path) -> None:
    rows: dict[str, Any] = make_assets.make(tmp_path, [name])
    shipped = json.loads((assets_folder() / "library.json").read_text(encoding="utf-8"))["assets"]
    assert rows[name] == shipped[name]
    again = Usd.Stage.Open(str(tmp_path / rows[name]["path"]))
    for mesh in meshes_of(name):
        made = UsdGeom.Mesh(again.GetPrimAtPath(mesh.GetPath()))
        assert made.GetPointsAttr().Get() == mesh.GetPointsAttr().Get()


def test_corner_normals_round_a_cylinder_and_keep_a_cube_sharp() -> None:
    cube = surface(box((1, 1, 1)))
    assert len(cube.normals) == 6
    tube = surface(cylinder(0.5, 1.0, segments=32))
    sides = tube.normals[np.abs(tube.normals[:, 2]) < 0.5]
    assert len(sides) == 32
    around = np.degrees(np.arctan2(sides[:, 1], sides[:, 0])) % 11.25
    np.testing.assert_allclose(np.minimum(around, 11.25 - around), 0, atol=0.2)


def test_a_union_hides_what_is_inside() -> None:
    alone = surface(ball(1.0))
    both = surface(union([ball(1.0), box((0.4, 0.4, 0.4))]))
    assert len(both.triangles) == len(alone.triangles)
