"""The catalogue chooses the look that an engineer expects, and always one."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdt2usd.diagnostics import GdtError
from gdt2usd.shipped import assets_folder
from gdt2usd.stage.catalog import load, words_of


@pytest.mark.parametrize(
    ("kind", "name", "industry", "expected"),
    [
        ("Processor", "Reflow Oven 2", "", "Furnace"),
        ("processor", "CNC-3", "", "MachiningCentre"),
        ("Processor", "AOI", "electronics", "Inspection"),
        ("Processor", "Wet Bench", "", "WetBench"),
        ("Processor", "Work Bench", "", "Bench"),
        ("Processor", "Laser Weld Cell", "", "WeldingCell"),
        ("Processor", "Drill Press", "", "MachiningCentre"),
        ("Processor", "LeakTest1", "", "Inspection"),
        ("Processor", "Fräsmaschine 1", "", "MachiningCentre"),
        ("Processor", "Pellicle Mounter", "photomask", "Scanner"),
        ("Processor", "Station 4", "", "Processor"),
        ("Processor", "Station 4", "photomask", "Scanner"),
        ("Processor", "", "", "Processor"),
        ("Source", "Receiving Dock", "", "DockIn"),
        ("Sink", "Scrap", "", "ScrapBin"),
        ("Conveyor::StraightConveyor", "Main Belt", "", "ConveyorBelt"),
        ("Conveyor::StraightConveyor", "C1", "", "ConveyorRoller"),
        ("Operator", "Operator 1", "semiconductor", "OperatorCleanroom"),
        ("TaskExecuter", "Reach Truck", "", "Forklift"),
        ("item", "empty bottle", "", "Bottle"),
        ("item", "gizmo", "", "Part"),
        ("no such kind", "Lathe", "", "Lathe"),
    ],
)
def test_look(kind: str, name: str, industry: str, expected: str) -> None:
    assert load().look(kind, name, industry).name == expected


@given(st.sampled_from(sorted(load().classes)), st.text(max_size=300), st.text(max_size=30))
def test_every_name_has_a_look(kind: str, name: str, industry: str) -> None:
    asset = load().look(kind, name, industry)
    assert load().file(asset).is_file()


def test_every_kind_has_its_own_plain_look() -> None:
    catalogue = load()
    plain = [family.plain for kind, family in catalogue.families.items() if kind not in ("floor_storage", "flow_rack", "agv")]
    assert len(plain) == len(set(plain))


def test_words() -> None:
    assert words_of("SMTPlacer-2 Überprüfung") == ("smt", "placer", "2", "uberprufung")


def test_an_unknown_asset_is_an_error() -> None:
    with pytest.raises(GdtError, match="ST001"):
        load().asset("Teapot")


def test_an_incomplete_library_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(GdtError, match="ST002"):
        load(tmp_path)
    shutil.copy(assets_folder() / "catalog.toml", tmp_path)
    (tmp_path / "library.json").write_text('{"assets": {}}', encoding="utf-8")
    with pytest.raises(GdtError, match=r"ST001.*Lathe"):
        load(tmp_path)
