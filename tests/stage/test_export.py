"""Exports: a package that plays as the folder does, and a GLB that follows the glTF specification and shows the same."""

from __future__ import annotations

import base64
import json
import re
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pxr import Usd, UsdGeom, UsdUtils

from gdt2usd.diagnostics import GdtError
from gdt2usd.stage.author import StageOptions, author_stage
from gdt2usd.stage.author_read import read_stage
from gdt2usd.stage.export import write_glb, write_html, write_usdz
from tests.stage import factories
from tests.stage.tiny_runs import tiny_run


@pytest.fixture(scope="module")
def stage_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    graph = factories.linear()
    out: Path = tmp_path_factory.mktemp("made") / "stage"
    author_stage(graph, out, log=tiny_run(graph, 200.0), options=StageOptions(speedup=10.0))
    return out


def test_a_package_holds_everything(stage_dir: Path, tmp_path: Path) -> None:
    package = write_usdz(stage_dir, tmp_path / "factory.usdz")
    stage = Usd.Stage.Open(str(package))
    assert not stage.GetCompositionErrors()
    assert stage.GetEndTimeCode() == pytest.approx(200.0 / 10.0 * 24.0)
    assert all(str(tmp_path) in layer.realPath or layer.anonymous for layer in stage.GetUsedLayers())
    assert read_stage(package).graph == factories.linear()
    assert [p.name for p in tmp_path.iterdir()] == ["factory.usdz"]


def _read(path: Path) -> tuple[dict[str, Any], bytes]:
    content = path.read_bytes()
    magic, version, length = struct.unpack_from("<III", content)
    assert (magic, version, length) == (0x46546C67, 2, len(content))
    size, kind = struct.unpack_from("<II", content, 12)
    assert kind == 0x4E4F534A and size % 4 == 0
    binary, kind = struct.unpack_from("<II", content, 20 + size)
    assert kind == 0x004E4942
    return json.loads(content[20 : 20 + size]), content[28 + size : 28 + size + binary]


def _values(document: dict[str, Any], binary: bytes, index: int) -> np.ndarray[Any, Any]:
    accessor = document["accessors"][index]
    view = document["bufferViews"][accessor["bufferView"]]
    kind = {5126: np.float32, 5125: np.uint32}[accessor["componentType"]]
    width = {"SCALAR": 1, "VEC3": 3, "VEC4": 4}[accessor["type"]]
    return np.frombuffer(binary, kind, accessor["count"] * width, view["byteOffset"]).reshape(-1, width)


def test_a_glb_is_valid_and_shares_meshes(stage_dir: Path, tmp_path: Path) -> None:
    document, binary = _read(write_glb(stage_dir, tmp_path / "factory.glb"))
    assert document["asset"]["version"] == "2.0"
    assert document["buffers"][0]["byteLength"] == len(binary)
    for mesh in document["meshes"]:
        for part in mesh["primitives"]:
            points = _values(document, binary, part["attributes"]["POSITION"])
            normals = _values(document, binary, part["attributes"]["NORMAL"])
            indices = _values(document, binary, part["indices"])
            assert len(points) == len(normals) and indices.max() < len(points) and indices.size % 3 == 0
            assert np.abs(np.linalg.norm(normals, axis=1) - 1.0).max() < 1e-3
    shown = [node["mesh"] for node in document["nodes"] if "mesh" in node]
    assert len(set(shown)) < 0.6 * len(shown)  # people who walk and arms that turn are not instances
    names = {node["name"] for node in document["nodes"]}
    assert {s.id for s in factories.linear().stations} <= names


def test_tracks_show_the_content(stage_dir: Path, tmp_path: Path) -> None:
    """The nodes of a pool that are not scaled away are as many as the stage's visible instances."""
    document, binary = _read(write_glb(stage_dir, tmp_path / "factory.glb"))
    (animation,) = document["animations"]
    scales: dict[int, tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]] = {}
    for channel in animation["channels"]:
        sampler = animation["samplers"][channel["sampler"]]
        times = _values(document, binary, sampler["input"])[:, 0]
        assert (np.diff(times) > 0).all()
        if channel["target"]["path"] == "scale":
            assert sampler["interpolation"] == "STEP"
            scales[channel["target"]["node"]] = (times, _values(document, binary, sampler["output"])[:, 0])
    moved = [document["nodes"][channel["target"]["node"]]["name"] for channel in animation["channels"]]
    assert len(set(moved)) == len({channel["target"]["node"] for channel in animation["channels"]})
    stage = Usd.Stage.Open(str(stage_dir / "factory.usda"))
    for prim in stage.GetPrimAtPath("/World/Items").GetChildren():
        group = next(n for n in document["nodes"] if n["name"] == prim.GetDisplayName())
        for code in (0.0, 61.0, 200.3, 480.0):
            seen = 0
            for child in group.get("children", []):
                times, values = scales.get(child, (np.zeros(1), np.array([document["nodes"][child].get("scale", [1.0])[0]])))
                seen += bool(values[max(int(np.searchsorted(times, np.float32(code / 24.0), side="right")) - 1, 0)] > 0.5)
            mask = UsdGeom.PointInstancer(prim).ComputeMaskAtTime(code)
            total = len(UsdGeom.PointInstancer(prim).GetPositionsAttr().Get(code))
            assert seen == (sum(mask) if len(mask) else total), (prim.GetName(), code)


def test_exports_of_nothing_are_refused(tmp_path: Path) -> None:
    for write in (write_usdz, write_glb):
        with pytest.raises(GdtError, match="ST401"):
            write(tmp_path, tmp_path / "out.bin")
    assert list(tmp_path.iterdir()) == []


def test_a_failed_export_leaves_nothing(stage_dir: Path, tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    with pytest.raises(GdtError, match="ST202"):
        write_glb(stage_dir, tmp_path / "taken")
    assert [p.name for p in tmp_path.iterdir()] == ["taken"]


def test_a_page_needs_nothing_else(stage_dir: Path, tmp_path: Path) -> None:
    page = write_html(stage_dir, tmp_path / "factory.html", "<b>Line & co</b>").read_text(encoding="utf-8")
    glb = write_glb(stage_dir, tmp_path / "factory.glb").read_bytes()
    assert base64.b64encode(glb).decode() in page
    assert "&lt;b&gt;Line &amp; co" in page and "<b>" not in page
    assert "@VIEWER@" not in page and not re.search(r'(src|href)="', page)
    assert page.count("</script>") == 2
    assert "The MIT License" in page


def test_a_package_cut_off_by_a_full_disk_is_not_kept(stage_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def cut_off(_root: str, out: str) -> bool:
        Path(out).write_bytes(b"PK\x03\x04" + bytes(2000))
        return True

    monkeypatch.setattr(UsdUtils, "CreateNewUsdzPackage", cut_off)
    with pytest.raises(GdtError, match="ST202"):
        write_usdz(stage_dir, tmp_path / "factory.usdz")
    assert list(tmp_path.glob("*.usdz")) == []


def test_mirrored_machines_stand_as_they_do_in_the_stage(tmp_path: Path) -> None:
    made = author_stage(factories.u_shape(), tmp_path / "stage")
    document, _ = _read(write_glb(made.root.parent, tmp_path / "u.glb"))
    node = next(n for n in document["nodes"] if n.get("name") == "Packing")
    x, y, z, w = node["rotation"]
    turned = np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )
    stage = Usd.Stage.Open(str(made.root))
    matrix = np.array(UsdGeom.Xformable(stage.GetPrimAtPath(made.prims["Packing"])).GetLocalTransformation())
    assert made.layout.placements["Packing"].mirrored
    np.testing.assert_allclose((turned * node["scale"]).T, matrix[:3, :3], atol=1e-6)
