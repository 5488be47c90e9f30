"""Rendering: the right triangle in front, light and shadow where they belong, cameras, instances, files, errors."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from gdt2usd.cli.main import app
from gdt2usd.cli.render import parse_frames, parse_size
from PIL import Image
from pxr import Gf, Sdf, Usd, UsdGeom, Vt
from typer.testing import CliRunner

from gdt2usd.diagnostics import GdtError
from gdt2usd.shipped import assets_folder
from gdt2usd.stage.render import RenderRequest, render, time_codes
from gdt2usd.stage.render_preview import render_preview
from gdt2usd.stage.render_raster import clip_near, rasterise
from gdt2usd.stage.render_scene import RenderScene, Shade, Triangles, camera_prims, look_at, read_scene, read_view

LATHE = assets_folder() / "workstations" / "Lathe" / "Lathe.usda"


def quad(x0: float, y0: float, x1: float, y1: float, z: float) -> np.ndarray:
    a, b, c, d = [x0, y0, z], [x1, y0, z], [x1, y1, z], [x0, y1, z]
    return np.array([[a, b, c], [a, c, d]], np.float32)


def scene_of(*parts: tuple[np.ndarray, Shade]) -> RenderScene:
    scene = RenderScene()
    for number, (corners, shade) in enumerate(parts):
        normals = np.zeros_like(corners)
        normals[..., 2] = 1.0
        scene.meshes.append(Triangles(corners, normals, number))
        scene.shades.append(shade)
        scene.placed[number] = [np.eye(4)[None]]
    return scene


@pytest.mark.parametrize("seed", range(5))
def test_raster_agrees_with_brute_force(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = rng.uniform(-8, 40, (2, 3, 60)).astype(np.float32)
    near = rng.uniform(0.1, 0.9, (3, 60)).astype(np.float32)
    ids, nearness = rasterise(x, y, near, 32, 24)
    px, py = np.meshgrid(np.arange(32) + 0.5, np.arange(24) + 0.5)
    best, owner = np.zeros((24, 32)), np.full((24, 32), -1)
    for t in range(60):
        (ax, bx, cx), (ay, by, cy) = x[:, t].astype(float), y[:, t].astype(float)
        area = (bx - ax) * (cy - ay) - (cx - ax) * (by - ay)
        if area >= 0:
            continue
        u = ((bx - px) * (cy - py) - (cx - px) * (by - py)) / area
        v = ((cx - px) * (ay - py) - (ax - px) * (cy - py)) / area
        depth = u * near[0, t] + v * near[1, t] + (1 - u - v) * near[2, t]
        inside = (u >= 0) & (v >= 0) & (u + v <= 1) & (depth > best)
        best, owner = np.where(inside, depth, best), np.where(inside, t, owner)
    assert (ids == owner).mean() > 0.995
    np.testing.assert_allclose(nearness[ids == owner], best[ids == owner], atol=2e-5)


def test_clipping_keeps_what_is_ahead() -> None:
    corners = np.array([[[0, 1, 0], [0, 0, 1], [-1, 1, 1]]], np.float32).transpose(1, 2, 0)
    cut, owner = clip_near(np.ascontiguousarray(corners), 0.5)
    assert set(owner) == {0}
    assert cut[2].min() >= 0.5 - 1e-6


def test_the_nearer_surface_is_seen_and_casts_a_shadow() -> None:
    floor = (quad(-6, -6, 6, 6, 0), Shade((0.5, 0.5, 0.5), 0.9))
    red = (quad(-1, -1, 1, 1, 1), Shade((0.8, 0.02, 0.02), 0.9))
    view = look_at("v", np.array([0.01, 0.0, 12.0]), np.zeros(3), 0.5, 1.0)
    shadowed = render_preview(scene_of(floor, red), view, 96, 96).astype(int)
    alone = render_preview(scene_of(floor), view, 96, 96).astype(int)
    middle = shadowed[48, 48]
    assert middle[0] > 2 * middle[1]
    darker = (alone.sum(2) - shadowed.sum(2)) > 60
    outside = np.ones((96, 96), bool)
    outside[36:60, 36:60] = False
    assert 20 < (darker & outside).sum() < 2000


def test_glass_lets_through() -> None:
    floor = (quad(-6, -6, 6, 6, 0), Shade((0.7, 0.1, 0.1), 0.9))
    pane = (quad(-2, -2, 2, 2, 1), Shade((0.1, 0.1, 0.7), 0.1, opacity=0.3))
    view = look_at("v", np.array([0.01, 0.0, 12.0]), np.zeros(3), 0.5, 1.0)
    clear = render_preview(scene_of(floor), view, 64, 64)[32, 32].astype(int)
    tinted = render_preview(scene_of(floor, pane), view, 64, 64)[32, 32].astype(int)
    assert tinted[0] > tinted[1] and tinted[2] > clear[2]


def test_the_same_scene_gives_the_same_picture(tmp_path: Path) -> None:
    request = RenderRequest(width=80, height=60)
    first, second = tmp_path / "a.png", tmp_path / "b.png"
    render(LATHE, first, request)
    render(LATHE, second, request)
    assert first.read_bytes() == second.read_bytes()
    picture = np.asarray(Image.open(first))
    assert picture.shape == (60, 80, 3)
    assert picture.std() > 20


@pytest.fixture
def animated(tmp_path: Path) -> Path:
    """A cube-less stage: an instanced asset, a point instancer with a hidden item, a camera that moves, lamp visibility by time."""
    path = tmp_path / "factory.usda"
    stage = Usd.Stage.CreateNew(str(path))
    UsdGeom.SetStageUpAxis(stage, UsdGeom.Tokens.z)
    UsdGeom.SetStageMetersPerUnit(stage, 1.0)
    world = UsdGeom.Xform.Define(stage, "/World")
    stage.SetDefaultPrim(world.GetPrim())
    for i in range(2):
        part = UsdGeom.Xform.Define(stage, f"/World/Part{i}")
        part.GetPrim().GetReferences().AddReference(str(assets_folder() / "items" / "Part" / "Part.usda"))
        part.GetPrim().SetInstanceable(True)
        part.AddTranslateOp().Set(Gf.Vec3d(i, 0, 0))
    UsdGeom.Imageable(stage.GetPrimAtPath("/World/Part1")).CreateVisibilityAttr().Set(UsdGeom.Tokens.invisible, 10.0)
    UsdGeom.Imageable(stage.GetPrimAtPath("/World/Part1")).GetVisibilityAttr().Set(UsdGeom.Tokens.inherited, 0.0)
    items = UsdGeom.PointInstancer.Define(stage, "/World/Items")
    carton = UsdGeom.Xform.Define(stage, "/World/Items/Carton")
    carton.GetPrim().GetReferences().AddReference(str(assets_folder() / "items" / "Carton" / "Carton.usda"))
    items.CreatePrototypesRel().AddTarget(carton.GetPath())
    items.CreateProtoIndicesAttr().Set(Vt.IntArray([0, 0, 0]))
    items.CreatePositionsAttr().Set(Vt.Vec3fArray([(0, 1, 0), (1, 1, 0), (2, 1, 0)]))
    items.CreateIdsAttr().Set(Vt.Int64Array([1, 2, 3]))
    items.CreateInvisibleIdsAttr().Set(Vt.Int64Array([2]))
    camera = UsdGeom.Camera.Define(stage, "/World/Overview")
    camera.CreateFocalLengthAttr().Set(18.0)
    camera.AddTranslateOp().Set(Gf.Vec3d(0.5, 0.5, 6))
    stage.GetRootLayer().Save()
    return path


def test_instances_and_point_instancers_are_read(animated: Path) -> None:
    stage = Usd.Stage.Open(str(animated))
    part = read_scene(Usd.Stage.Open(str(assets_folder() / "items" / "Part" / "Part.usda"))).triangle_count
    carton = read_scene(Usd.Stage.Open(str(assets_folder() / "items" / "Carton" / "Carton.usda"))).triangle_count
    assert read_scene(stage, 0.0).triangle_count == 2 * part + 2 * carton
    assert read_scene(stage, 10.0).triangle_count == part + 2 * carton
    corners, normals, _ = read_scene(stage, 0.0).world()
    assert corners[..., 0].max() == pytest.approx(2.2, abs=0.01)
    np.testing.assert_allclose(np.linalg.norm(normals, axis=2), 1, atol=1e-4)


def test_the_camera_prim_gives_the_view(animated: Path) -> None:
    stage = Usd.Stage.Open(str(animated))
    view = read_view(camera_prims(stage)["Overview"], 16 / 9)
    np.testing.assert_allclose(view.forward, [0, 0, -1], atol=1e-9)
    np.testing.assert_allclose(view.eye, [0.5, 0.5, 6])
    assert view.tan_x == pytest.approx(20.955 / 36, rel=1e-3)


@pytest.mark.parametrize("name", ["film.gif", "film.mp4"])
def test_films(animated: Path, tmp_path: Path, name: str) -> None:
    seen: list[int] = []
    made = render(animated, tmp_path / name, RenderRequest(width=64, height=48, frames=(0, 10, 5)), seen.append)
    assert made.pictures == len(seen) == 3
    assert made.camera == "Overview"
    assert (tmp_path / name).stat().st_size > 500
    if name.endswith("gif"):
        with Image.open(tmp_path / name) as film:
            assert getattr(film, "n_frames", 1) == 2, "two of the three pictures are equal and shown as one"
    assert not list(tmp_path.glob(".*part*"))


def test_time_codes() -> None:
    assert time_codes(RenderRequest(frames=(0, 1, 0.25))) == [0, 0.25, 0.5, 0.75, 1.0]
    assert time_codes(RenderRequest(frame=7)) == [7]


def _text_file(folder: Path) -> Path:
    (folder / "notes.usda").write_text("not usd", encoding="utf-8")
    return folder / "notes.usda"


def _empty_stage(folder: Path) -> Path:
    Sdf.Layer.CreateNew(str(folder / "empty.usda")).Save()
    return folder / "empty.usda"


@pytest.mark.parametrize(
    ("make", "out", "request_", "code"),
    [
        (lambda f: f / "nowhere", "a.png", RenderRequest(), "ST601"),
        (_text_file, "a.png", RenderRequest(), "ST601"),
        (_empty_stage, "a.png", RenderRequest(), "ST604"),
        (lambda _: LATHE, "a.png", RenderRequest(camera="Hero"), "ST602"),
        (lambda _: LATHE, "a.tiff", RenderRequest(), "ST605"),
        (lambda _: LATHE, "a.png", RenderRequest(frames=(0, 5, 1)), "ST605"),
        (lambda _: LATHE, "a.png", RenderRequest(width=90_000), "ST605"),
        (lambda _: LATHE, "no/such/a.png", RenderRequest(), "ST605"),
    ],
)
def test_errors(tmp_path: Path, make: Callable[[Path], Path], out: str, request_: RenderRequest, code: str) -> None:
    with pytest.raises(GdtError) as caught:
        render(make(tmp_path), tmp_path / out, request_)
    assert caught.value.diagnostics[0].code == code
    assert not list(tmp_path.glob("*.png"))


def test_a_missing_camera_lists_those_there_are(animated: Path, tmp_path: Path) -> None:
    with pytest.raises(GdtError) as caught:
        render(animated, tmp_path / "a.png", RenderRequest(camera="Side"))
    assert "Overview" in caught.value.diagnostics[0].hint


def test_missing_engines_say_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mitsuba", None)
    with pytest.raises(GdtError, match=r"ST603.*mitsuba"):
        render(LATHE, tmp_path / "a.png", RenderRequest(engine="mitsuba"))
    monkeypatch.setenv("GDT2USD_BLENDER_PYTHON", str(tmp_path / "no-python"))
    with pytest.raises(GdtError, match=r"ST603.*cycles"):
        render(LATHE, tmp_path / "a.png", RenderRequest(engine="cycles"))


def test_mitsuba_sees_the_same_scene(tmp_path: Path) -> None:
    pytest.importorskip("mitsuba")
    for engine in ("preview", "mitsuba"):
        render(LATHE, tmp_path / f"{engine}.png", RenderRequest(width=64, height=48, engine=engine, samples=8))
    ours, theirs = (np.asarray(Image.open(tmp_path / f"{e}.png").convert("L"), float) for e in ("preview", "mitsuba"))
    machine = np.abs(ours - ours[:, :1]) > 6  # the surroundings differ: dark in one, the light's own colour in the other
    assert 0.1 < machine.mean() < 0.9
    assert np.corrcoef(ours[machine], theirs[machine])[0, 1] > 0.7


def test_the_command(animated: Path, tmp_path: Path) -> None:
    runner = CliRunner()
    out = tmp_path / "a.png"
    done = runner.invoke(app, ["render", str(animated.parent), "--size", "64x48", "--out", str(out)])
    assert done.exit_code == 0, done.output
    assert "64x48" in done.output and out.exists()
    assert runner.invoke(app, ["render", str(animated), "--camera", "X", "--out", str(out)]).exit_code == 1
    assert runner.invoke(app, ["render", str(animated), "--size", "big", "--out", str(out)]).exit_code == 2
    assert runner.invoke(app, ["render", str(animated), "--engine", "quake", "--out", str(out)]).exit_code == 2
    assert runner.invoke(app, ["render", str(animated), "--frames", "9:1", "--out", str(out)]).exit_code == 2


def test_sizes_and_frames() -> None:
    assert parse_size("1280x720") == (1280, 720)
    assert parse_frames("0:240") == (0, 240, 1)
    assert parse_frames("0:10:0.5") == (0, 10, 0.5)
    for wrong in ("12", "0x5", "1280×720p", ""):
        with pytest.raises(ValueError, match="is no size"):
            parse_size(wrong)
    for wrong in ("5", "9:1", "0:1:0", "a:b", "0:nan", "0:inf", "::"):
        with pytest.raises(ValueError, match="is no range"):
            parse_frames(wrong)
