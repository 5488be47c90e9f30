"""The commands check, fmt and explain."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from gdt2usd.cli.codes import all_codes
from gdt2usd.cli.main import app
from typer.testing import CliRunner

from tests.script_frontend.scripts import BODY, LINE

run = CliRunner().invoke


def test_a_good_script_passes(tmp_path: Path) -> None:
    file = tmp_path / "line.fs"
    file.write_text(LINE, encoding="utf-8")
    result = run(app, ["check", str(file)])
    assert result.exit_code == 0, result.output
    assert "0 errors" in result.stderr


def test_errors_with_carets_and_exit_code(tmp_path: Path) -> None:
    file = tmp_path / "bad.fs"
    file.write_text('Object p = Object.create("Processor");\np.setProperty("Capacity", 2);\nint x = ;\n', encoding="utf-8")
    result = run(app, ["check", str(file)])
    assert result.exit_code == 1
    assert f"{file}:3:9: error FS104" in result.stderr and "^" in result.stderr
    file.write_text('Object p = Object.create("Processor");\np.setProperty("Capacity", 2);\n', encoding="utf-8")
    result = run(app, ["check", str(file)])
    assert result.exit_code == 1
    assert "error FS206" in result.stderr and "write MaxContent" in result.stderr


def test_json_for_programs() -> None:
    result = run(app, ["check", "-", "--json"], input='p = Object.create("Queu");\n')
    assert result.exit_code == 1
    rows = json.loads(result.stdout)["diagnostics"]
    assert {"code", "severity", "message", "line", "column", "hint"} <= set(rows[0])
    assert ("FS204", "error", 1, 19) in [(r["code"], r["severity"], r["line"], r["column"]) for r in rows]


def test_json_of_a_syntax_error() -> None:
    result = run(app, ["check", "-", "--json"], input="int x = (1;\n")
    assert result.exit_code == 1
    assert [row["code"] for row in json.loads(result.stdout)["diagnostics"]] == ["FS107"]


def test_code_out_of_a_model_is_checked_but_not_run() -> None:
    result = run(app, ["check", "-", "--json"], input=BODY)
    assert result.exit_code == 0
    assert json.loads(result.stdout) == {"diagnostics": []}


def test_what_only_running_shows_is_reported() -> None:
    script = 'Array a = [1];\nint n = 5;\nObject o = Model.find("Nothing");\no.setLocation(a[1], n, 0);\n'
    result = run(app, ["check", "-", "--json"], input=script)
    assert result.exit_code == 1
    assert [(row["code"][:3], row["line"]) for row in json.loads(result.stdout)["diagnostics"]] == [("FS3", 4)]


def test_warnings_pass_unless_strict() -> None:
    script = 'Object p = Object.create("Processor");\nsetloc(p, 1, 2, 3);\n'
    assert run(app, ["check", "-"], input=script).exit_code == 0
    assert run(app, ["check", "-", "--strict"], input=script).exit_code == 1


@pytest.mark.parametrize(
    "content", [LINE.encode("utf-8-sig"), LINE.encode("utf-16"), LINE.replace("\n", "\r\n").encode(), b"// caf\xe9\nint x = 1;\n"]
)
def test_any_encoding(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "line.fs"
    file.write_bytes(content)
    assert run(app, ["check", str(file)]).exit_code == 0


def test_a_missing_file_is_wrong_usage(tmp_path: Path) -> None:
    result = run(app, ["check", str(tmp_path / "none.fs")])
    assert result.exit_code == 2
    assert "none.fs" in result.stderr


def test_fmt_prints_checks_and_writes(tmp_path: Path) -> None:
    file = tmp_path / "a.fs"
    file.write_text("int x=1 ;", encoding="utf-8")
    assert run(app, ["fmt", str(file)]).stdout == "int x = 1;\n"
    assert file.read_text(encoding="utf-8") == "int x=1 ;"
    assert run(app, ["fmt", "--check", str(file)]).exit_code == 1
    assert run(app, ["fmt", "--write", str(file)]).exit_code == 0
    assert file.read_text(encoding="utf-8") == "int x = 1;\n"
    assert run(app, ["fmt", "--check", str(file)]).exit_code == 0
    assert run(app, ["fmt", "-"], input="x=1;").stdout == "x = 1;\n"
    assert run(app, ["fmt", "--check", "--write", str(file)]).exit_code == 2
    assert run(app, ["fmt", "-"], input="x=;").exit_code == 1


def test_explain() -> None:
    shown = run(app, ["explain", "fs206"])
    assert shown.exit_code == 0 and "MaxContent" in shown.stdout
    assert json.loads(run(app, ["explain", "FS206", "--json"]).stdout)["code"] == "FS206"
    assert run(app, ["explain", "XX999"]).exit_code == 2
    listed = run(app, ["explain"]).stdout
    assert all(code in listed for code in ("FS101", "FS206"))


def test_all_codes_are_complete() -> None:
    for code, entry in all_codes().items():
        assert code[:2].isupper() and code[2:].isdigit()
        assert entry["title"].strip() and entry["explanation"].strip()
