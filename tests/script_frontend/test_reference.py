"""The packaged reference: what FlexSim has, and the nearest right name."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from gdt2usd.script.make_reference import arguments_of, make_reference, options_of
from gdt2usd.script.reference import load, nearest


def test_it_knows_its_release_and_size() -> None:
    reference = load()
    assert reference.flexsim == "2026"
    assert len(reference.raw["commands"]) == 1215
    assert len(reference.raw["objects"]) == 242


@pytest.mark.parametrize(
    ("signature", "limits"),
    [
        ("exponential(num location, num scale [, num stream]) -> num", (2, 3)),
        ("print([var value, var value2, ...])", (0, None)),
        ("model() -> node", (0, 0)),
        ("a<no parentheses> -> node", None),
        ("getcurrentundorecord(obj view[, int flags = 0x1]) -> obj", (1, 2)),
        ("bcgetitemkinematics(obj bc, obj item, num kind {0-main : 1-time, 2-other}) -> node", (3, 3)),
        ("drawshadow(num phase (1,2,3))", (1, 1)),
        ("x(num a [, num b [, num c]])", (1, 3)),
    ],
)
def test_numbers_of_arguments_are_read_from_signatures(signature: str, limits: tuple[int, int | None] | None) -> None:
    assert arguments_of(signature) == limits


def test_commands() -> None:
    reference = load()
    old = reference.command("createinstance")
    assert old is not None and old.deprecated and old.replacement == "Object.create"
    new = reference.command("contextdragconnection")
    assert new is not None and not new.deprecated and (new.least, new.greatest) == (3, 3)
    assert reference.command("createObject") is None
    assert reference.nearest_command("exponentail") == "exponential"


def test_classes_and_properties() -> None:
    reference = load()
    assert "ProcessTime" in reference.properties("Processor")
    assert "ProcessTime" in reference.properties("Combiner")
    assert "UseTransport" in reference.properties("Sink")
    assert "HorizontalLength" in reference.properties("Conveyor::StraightConveyor")
    assert "Capacity" not in reference.properties("Processor")
    assert "Operator" in reference.classes_with("Capacity")
    assert reference.properties("Source")["ArrivalStyle"].options["Inter-Arrival Time"] == 1
    assert reference.properties("NoSuchClass") == {}
    assert reference.nearest_class("TaskExecutor") == "TaskExecuter"
    assert reference.full_class("StraightConveyor") == "Conveyor::StraightConveyor"
    assert "Object" in reference.type_names and "Storage.Slot" in reference.type_names


def test_nearest() -> None:
    assert nearest("max content", ("MaxContent", "MaxSpeed")) == "MaxContent"
    assert nearest("zzz", ("MaxContent",)) == ""
    assert nearest("", ("a",)) == ""
    assert nearest("x" * 10_000, ("x",)) == ""


def test_options_of() -> None:
    assert options_of("Pack=1; Join=2;None=0") == {"Pack": 1, "Join": 2, "None": 0}
    assert options_of("X|Y|Z") == {}


def test_a_new_release_is_a_new_table(tmp_path: Path) -> None:
    (tmp_path / "commands.tsv").write_text(
        "name\tsignature\tdeprecated\treplacedBy\tgroup\nassertvariable\tassertvariable(obj o)\tfalse\t\tx\n"
    )
    (tmp_path / "class_members.tsv").write_text("class\tkind\tmember\tsignature\nA::B\tmethod\tm\tint A::B.m(int x)\n")
    (tmp_path / "classes.tsv").write_text("schema_class\town_library_path\tinherits_property_paths\nNew\tx/New\tBase; x/New\n")
    header = "class\tproperty\ttype\tvalue_kind\tsource\tcategory\tcomponents\toptions\n"
    (tmp_path / "properties.tsv").write_text(header + "New\tSpeed\tComboProperty\tenum\tclass\tx\t\tFast=1; Slow=2\n")
    made = make_reference(tmp_path, "2030")
    assert made["flexsim"] == "2030"
    assert made["commands"]["assertvariable"] == ["assertvariable(obj o)", 2, 3, None]
    assert made["classes"]["A.B"]["methods"] == {"m": "int A::B.m(int x)"}
    assert made["objects"] == {"New": [["Base"], [0]]}
    assert made["properties"] == [["Speed", "ComboProperty", "enum", {"Fast": 1, "Slow": 2}]]


def test_loading_is_light() -> None:
    """Neither lark nor numpy is imported to check a script."""
    code = (
        "import sys, gdt2usd.script.checker as c; c.load(); print(sorted({'lark', 'numpy', 'torch', 'simpy'} & set(sys.modules)))"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert shown.strip() == "[]"


def test_successors_are_those_of_deprecated_commands() -> None:
    reference = load()
    commands = {name: reference.command(name) for name in reference.successors}
    assert [name for name, command in commands.items() if command is None or not command.deprecated or command.replacement] == []
