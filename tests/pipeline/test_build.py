"""`gdt2usd build` from the command line: what it writes, what settles doubts, and that bad input is told, never half built."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gdt2usd.cli.main import app
from PIL import Image
from typer.testing import CliRunner

from gdt2usd.graph.lower import lower_script
from gdt2usd.graph.serial import read_graph, to_json
from gdt2usd.script.source import Script

EXAMPLE = Path(__file__).parents[1] / "golden" / "readme"
SKETCH = ["--prompt-file", str(EXAMPLE / "prompt.txt"), str(EXAMPLE / "sketch.png")]
LINE = "Parts arrive at Goods In every 60 s. The Lathe takes 45 s and feeds the Mill. The Mill takes 50 s. Then Goods Out."
FILES = {"1-prompt.txt", "2-script.fs", "3-graph.json", "4-simulation.json", "run.json"}


def _build(out: Path, *arguments: str) -> Any:
    return CliRunner().invoke(app, ["build", "--no-stage", "--replications", "2", "--horizon", "1h", "--out", str(out), *arguments])


def _run(out: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((out / "run.json").read_text())
    return found


@pytest.fixture(scope="module")
def twin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The README's example as the network reads it."""
    out = tmp_path_factory.mktemp("example") / "twin"
    done = _build(out, *SKETCH)
    assert done.exit_code == 0, done.output
    return out


@pytest.fixture(scope="module")
def ruled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A prompt as the rules read it: quick, and never in doubt but about what is missing."""
    out = tmp_path_factory.mktemp("ruled") / "twin"
    done = _build(out, "--model", "rules", "--prompt", LINE)
    assert done.exit_code == 0, done.output
    return out


def test_a_build_holds_the_contract_files_and_says_what_made_it(twin: Path) -> None:
    assert {p.name for p in twin.iterdir()} == FILES | {"1-sketch.png"}
    run = _run(twin)
    assert run["schema"] == "gdt2usd.run/1" and run["settings"] == [] and run["peak_memory_mb"] > 10
    assert {"sketch", "load model", "read", "lower", "simulate"} <= set(run["timings_s"])
    assert set(run["timings_s"]) == set(run["cpu_s"])
    assert [d["number"] for d in run["doubts"]] == list(range(1, len(run["doubts"]) + 1))


def test_script_and_graph_agree(twin: Path) -> None:
    lowered = lower_script(Script((twin / "2-script.fs").read_text(), "2-script.fs")).graph
    assert to_json(lowered) == json.loads((twin / "3-graph.json").read_text())  # places in the script included


def test_the_same_input_is_read_the_same(twin: Path, tmp_path: Path) -> None:
    assert _build(tmp_path / "again", *SKETCH).exit_code == 0
    assert (tmp_path / "again" / "2-script.fs").read_text() == (twin / "2-script.fs").read_text()
    assert _run(tmp_path / "again")["doubts"] == _run(twin)["doubts"]


def test_settings_change_script_and_graph_and_are_kept(tmp_path: Path) -> None:
    out = tmp_path / "twin"
    wanted = ["Slicer.process_time_s=normal(33, 2) s", "Dough Buffer.capacity=7"]
    done = _build(out, *SKETCH, "--set", wanted[0], "--set", wanted[1], "--answer", "all=ok")
    assert done.exit_code == 0, done.output
    graph = {s["id"]: s for s in json.loads((out / "3-graph.json").read_text())["stations"]}
    assert graph["Slicer"]["process_time_s"] == {"distribution": "normal", "mean": 33.0, "std": 2.0}
    assert graph["Dough Buffer"]["capacity"] == 7 and "normal(33, 2" in (out / "2-script.fs").read_text()
    run = _run(out)
    assert run["settings"] == wanted and run["answers"] == ["all=ok"]
    assert all(d["settled"] for d in run["doubts"])
    codes = [d["code"] for d in run["diagnostics"]]
    assert codes.count("GR503") == 2 and not {"VL302", "VL305", "VL306"} & set(codes)


@pytest.mark.parametrize("name", ["2-script.fs", "3-graph.json"])
def test_settings_work_on_what_a_person_corrected(ruled: Path, tmp_path: Path, name: str) -> None:
    done = _build(tmp_path / "next", str(ruled / name), "--set", "Mill.process_time_s=2 min", "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["settings"] == ["Mill.process_time_s=2 min"]
    graph = read_graph(tmp_path / "next" / "3-graph.json")
    assert lower_script(Script((tmp_path / "next" / "2-script.fs").read_text())).graph == graph
    assert "minutes" in (tmp_path / "next" / "2-script.fs").read_text() or "120" in (tmp_path / "next" / "2-script.fs").read_text()


def test_doubts_go_along_with_the_folder(tmp_path: Path) -> None:
    first = tmp_path / "first"
    assert _build(first, "--model", "rules", "--prompt", LINE.replace("takes 50 s", "comes next")).exit_code == 0
    open_ = {d["key"]: d["number"] for d in _run(first)["doubts"]}
    assert "Mill.process_time_s" in open_
    done = _build(tmp_path / "next", str(first / "3-graph.json"), "--answer", f"{open_['Mill.process_time_s']}=50 s")
    assert done.exit_code == 0, done.output
    after = {d["key"]: d["settled"] for d in _run(tmp_path / "next")["doubts"]}
    assert after["Mill.process_time_s"] == "50 s"


def test_a_script_that_is_right_stays_as_it_is(ruled: Path, tmp_path: Path) -> None:
    text = "// mine\n" + (ruled / "2-script.fs").read_text()
    (tmp_path / "mine.fs").write_text(text)
    assert _build(tmp_path / "next", str(tmp_path / "mine.fs")).exit_code == 0
    assert (tmp_path / "next" / "2-script.fs").read_text() == text


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--set", "Lathee.type=queue"], "Lathe.type"),
        (["--set", "Lathe.type=quue"], "did you mean queue"),
        (["--set", "Lathe"], "KEY=VALUE"),
        (["--answer", "99=queue"], "IO301"),
        (["--answer", "queue"], "N=VALUE"),
    ],
)
def test_a_setting_that_cannot_be_leaves_nothing(tmp_path: Path, arguments: list[str], told: str) -> None:
    done = _build(tmp_path / "twin", "--model", "rules", "--prompt", LINE, *arguments)
    assert done.exit_code == 1 and told in done.output
    assert list(tmp_path.iterdir()) == []


def _picture(path: Path, kind: str) -> Path:
    """A bad picture of each kind."""
    good = (EXAMPLE / "sketch.png").read_bytes()
    match kind:
        case "text.png":
            path.write_text("this is no picture")
        case "empty.png":
            path.write_bytes(b"")
        case "cut.png":
            path.write_bytes(good[: len(good) // 2])
        case "bomb.png":
            Image.new("1", (20_000, 20_000)).save(path)
        case "blank.png":
            Image.new("RGB", (800, 600), "white").save(path)
        case "pages.pdf":
            pages = [Image.new("RGB", (300, 200), "white") for _ in range(2)]
            pages[0].save(path, save_all=True, append_images=pages[1:])
        case _:
            entity = '<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
            path.write_text(f'{entity}<svg xmlns="http://www.w3.org/2000/svg" width="300" height="300"><text>&x;</text></svg>')
    return path


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("text.png", "SK103"), ("empty.png", "SK102"), ("cut.png", "SK104"), ("bomb.png", "SK105"), ("blank.png", "SK107"),
        ("pages.pdf", "SK110"), ("entity.svg", "SK112"),
    ],
)  # fmt: skip
def test_a_bad_picture_is_told(tmp_path: Path, kind: str, code: str) -> None:
    done = _build(tmp_path / "twin", str(_picture(tmp_path / kind, kind)))
    assert done.exit_code == 1 and code in done.output and kind in done.output
    assert "Traceback" not in done.output and [p.name for p in tmp_path.iterdir()] == [kind]


def test_wrong_usage_is_told(tmp_path: Path) -> None:
    (tmp_path / "latin1.txt").write_bytes(b"Die S\xe4ge")
    (tmp_path / "long.txt").write_text("The Saw takes 40 s. " * 5200)
    sketch = str(EXAMPLE / "sketch.png")
    for arguments, told in (
        ([], "a sketch, a prompt, or both"),
        (["--prompt", "  \n "], "a sketch, a prompt, or both"),
        ([sketch, sketch], "one picture, but 2 were given"),
        ([str(tmp_path)], "is a folder"),
        ([str(tmp_path / "none.png")], "there is no file"),
        (["--prompt", "x", "--prompt-file", sketch], "exclude each other"),
        (["--prompt-file", str(tmp_path / "latin1.txt")], "no text file"),
        (["--prompt-file", str(tmp_path / "long.txt")], "characters"),
        (["--prompt", LINE, "--ask"], "--ask needs a terminal"),
        (["--prompt", LINE, "--horizon", "soon"], "no duration"),
        (["--prompt", LINE, "--review", "page.docx"], "--review writes"),
    ):
        done = _build(tmp_path / "twin", *arguments)
        assert done.exit_code == 2 and told in done.output, (arguments, done.output)
    assert not (tmp_path / "twin").exists()


@pytest.mark.parametrize("prompt", ["\U0001f600\U0001f600\U0001f3ed", "Write a poem about the sea.", "please simulate", "42"])
def test_words_about_nothing_make_no_factory(tmp_path: Path, prompt: str) -> None:
    done = _build(tmp_path / "twin", "--prompt", prompt)
    assert done.exit_code == 1 and ("VL201" in done.output or "VL205" in done.output), done.output
    assert list(tmp_path.iterdir()) == []


def test_a_picture_of_nothing_makes_no_factory(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (300, 400, 3), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / "noise.png")
    done = _build(tmp_path / "twin", str(tmp_path / "noise.png"))
    assert done.exit_code == 1 and "VL201" in done.output, done.output
    assert not (tmp_path / "twin").exists()


def test_another_language_and_no_device_are_told(tmp_path: Path) -> None:
    german = "Das Brett kommt alle 60 s an der Quelle an. Die Saege braucht 45 s und dann geht es in den Versand."
    done = _build(tmp_path / "twin", "--prompt", german)
    assert "Traceback" not in done.output
    assert done.exit_code == 1 or "VL206" in [d["code"] for d in _run(tmp_path / "twin")["diagnostics"]]
    done = _build(tmp_path / "other", "--prompt", LINE, "--device", "abacus")
    assert done.exit_code == 1 and "VL102" in done.output and not (tmp_path / "other").exists()


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "twin").mkdir()
    (tmp_path / "twin" / "note").write_text("mine")
    done = _build(tmp_path / "twin", "--model", "rules", "--prompt", LINE)
    assert done.exit_code == 1 and "ST201" in done.output
    assert [p.name for p in (tmp_path / "twin").iterdir()] == ["note"]


def test_json_stands_alone_on_standard_output(tmp_path: Path) -> None:
    done = _build(tmp_path / "twin", "--model", "rules", "--prompt", LINE, "--json")
    assert json.loads(done.stdout) == _run(tmp_path / "twin")


def test_the_summary_fits_a_terminal(ruled: Path, tmp_path: Path) -> None:
    done = _build(tmp_path / "twin", "--model", "rules", "--prompt", LINE.replace("takes 50 s", "comes next"))
    assert max(map(len, done.stdout.splitlines())) <= 80 + len(str(tmp_path))
    for word in ("line", "throughput", "to check", "--answer", "Goods In -> Lathe -> Mill -> Goods Out"):
        assert word in done.stdout


def test_an_interrupt_leaves_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "from gdt2usd.cli.main import main; main()", "build", "--model", "rules", "--prompt", LINE]
    command += ["--horizon", "100d", "--out", str(tmp_path / "twin")]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith("simulate"):
                process.send_signal(signal.SIGINT)
                break
        rest = process.stderr.read()
    assert process.returncode == 130 and "stopped" in rest and "Traceback" not in rest
    assert list(tmp_path.iterdir()) == []
