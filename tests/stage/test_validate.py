"""Stages of all forms are sound by OpenUSD's validators and, where installed, NVIDIA's; unsound ones are found out."""

from __future__ import annotations

from pathlib import Path

import pytest
from pxr import Sdf, Usd

from gdt2usd.dataset.layers.layout import FORMS, place
from gdt2usd.diagnostics import Severity
from gdt2usd.shipped import assets_folder
from gdt2usd.simulation.experiment import Experiment
from gdt2usd.simulation.report import trace
from gdt2usd.stage.author import StageOptions, author_stage
from gdt2usd.stage.export import write_usdz
from gdt2usd.stage.validate import find_program, nvidia_findings, validate_path
from tests.stage import factories

_ALL_FORMS = (*factories.FORMS, "three lines")


def _stage(form: str, out: Path, *, animated: bool) -> Path:
    graph = factories.factory_40() if form == "three lines" else factories.form(form)
    log = trace(graph, Experiment(horizon_s=300.0, warm_up_s=0.0, replications=1, seed=1)) if animated else None
    return author_stage(graph, out, log=log).root


@pytest.mark.parametrize("form", factories.FORMS)
@pytest.mark.parametrize("animated", [False, True])
def test_no_findings_for_any_form(form: str, animated: bool, tmp_path: Path) -> None:
    root = _stage(form, tmp_path / "stage", animated=animated)
    assert validate_path(root.parent, nvidia=False) == ()


@pytest.mark.parametrize("form", FORMS)
def test_no_findings_for_any_form_of_drawn_sketches(form: str, tmp_path: Path) -> None:
    graph = place(factories.parallel(2, 3), form)
    log = trace(graph, Experiment(horizon_s=200.0, warm_up_s=0.0, replications=1, seed=1))
    root = author_stage(graph, tmp_path / "stage", log=log).root
    assert validate_path(root.parent, nvidia=False) == ()


def test_no_findings_with_the_look_layer(tmp_path: Path) -> None:
    made = author_stage(factories.loop(), tmp_path / "stage", options=StageOptions(materials="openpbr"))
    assert validate_path(made.root.parent, nvidia=False) == ()
    assert validate_path(write_usdz(made.root.parent, tmp_path / "factory.usdz"), nvidia=False) == ()
    stage = Usd.Stage.Open(str(made.root))
    looked_at = [p for p in stage.Traverse(Usd.TraverseInstanceProxies()) if p.GetName() == "OpenPBR"]
    assert len(looked_at) > 20


def test_a_shader_that_nobody_knows_is_found(tmp_path: Path) -> None:
    file = tmp_path / "odd.usda"
    file.write_text(
        '#usda 1.0\n(\n    defaultPrim = "A"\n    metersPerUnit = 1\n    upAxis = "Z"\n)\ndef Xform "A"\n{\n'
        '    def Material "M"\n    {\n        token outputs:surface.connect = </A/M/S.outputs:surface>\n'
        '        def Shader "S"\n        {\n            uniform token info:id = "NoSuchSurface"\n'
        "            token outputs:surface\n        }\n    }\n}\n",
        encoding="utf-8",
    )
    assert any("NoSuchSurface" in d.message for d in validate_path(file, nvidia=False))


def test_no_findings_for_packages_and_flat_files(tmp_path: Path) -> None:
    root = _stage("linear", tmp_path / "stage", animated=True)
    assert validate_path(write_usdz(root.parent, tmp_path / "factory.usdz"), nvidia=False) == ()
    stage = Usd.Stage.Open(str(root))
    for suffix in (".usda", ".usdc"):
        flat = root.parent / f"flat{suffix}"
        stage.Export(str(flat))
        assert validate_path(flat, nvidia=False) == (), suffix


@pytest.mark.skipif(find_program() is None, reason="NVIDIA's validator is not installed here")
def test_nvidia_has_no_findings_for_any_asset() -> None:
    program = find_program()
    assert program is not None
    assert nvidia_findings(program, assets_folder(), "assets", instances=True) == []


@pytest.mark.skipif(find_program() is None, reason="NVIDIA's validator is not installed here")
def test_nvidia_finds_what_breaks_the_opt_in_rules(tmp_path: Path) -> None:
    program = find_program()
    assert program is not None
    (tmp_path / "lying.usda").write_text(
        '#usda 1.0\n(\n    defaultPrim = "A"\n    metersPerUnit = 0.01\n    upAxis = "Y"\n)\ndef Xform "A"\n{\n}\n',
        encoding="utf-8",
    )
    said = " ".join(d.message for d in nvidia_findings(program, tmp_path, "lying", instances=True))
    assert "up" in said.lower() and "meter" in said.lower()


@pytest.mark.skipif(find_program() is None, reason="NVIDIA's validator is not installed here")
@pytest.mark.parametrize("form", _ALL_FORMS)
def test_nvidia_has_no_findings(form: str, tmp_path: Path) -> None:
    program = find_program()
    assert program is not None
    for animated in (False, True):
        root = _stage(form, tmp_path / f"stage-{animated}", animated=animated)
        assert nvidia_findings(program, root, "stage", instances=False) == []
    package = write_usdz(root.parent, tmp_path / "factory.usdz")
    assert nvidia_findings(program, package, "package", instances=False) == []


def test_a_missing_asset_is_found(tmp_path: Path) -> None:
    root = _stage("linear", tmp_path / "stage", animated=False)
    for file in (root.parent / "assets").glob("*/MachiningCentre/*"):
        file.unlink()
    found = validate_path(root, nvidia=False)
    assert any(d.severity is Severity.ERROR and "MachiningCentre" in d.message for d in found)


def test_a_wrong_kind_of_stage_is_found(tmp_path: Path) -> None:
    layer = Sdf.Layer.CreateNew(str(tmp_path / "bare.usda"))
    Sdf.PrimSpec(layer, "A", Sdf.SpecifierDef, "Xform")
    layer.Save()
    assert {d.code for d in validate_path(tmp_path / "bare.usda", nvidia=False)} == {"ST403"}


@pytest.mark.parametrize(
    ("name", "content", "code"), [("a.usda", b"nonsense", "ST402"), ("a.usdz", b"PK\x03\x04", "ST402"), ("a.pdf", b"%PDF", "ST401")]
)
def test_what_is_no_stage_is_said(name: str, content: bytes, code: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    assert [d.code for d in validate_path(tmp_path / name, nvidia=False)] == [code]
    assert [d.code for d in validate_path(tmp_path / "nowhere", nvidia=False)] == ["ST401"]
