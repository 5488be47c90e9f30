"""Sets on disk: the same bytes whatever the workers, resumable, readable by other libraries, no near-duplicates across splits."""

from __future__ import annotations

import errno
import hashlib
import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from gdt2usd.dataset.build import Order, build, build_block, in_processes, on_cluster
from gdt2usd.dataset.code import STYLES, restyled
from gdt2usd.dataset.dataset import open_dataset, stream
from gdt2usd.dataset.generate import Config, draw_line, sample, streams
from gdt2usd.dataset.plan import plan
from gdt2usd.dataset.prompt_facts import must_say
from gdt2usd.dataset.records import FEATURES, from_row, to_row
from gdt2usd.dataset.sample import Modality
from gdt2usd.dataset.split import SPLITS, identity, split_of
from gdt2usd.dataset.variety import Counting, masked, masked_by_names, skeletons
from gdt2usd.dataset.verify import STEPS, prove, verify_drawn, verify_set
from gdt2usd.diagnostics import GdtError
from gdt2usd.graph.emit import emit
from gdt2usd.graph.model import ProcessGraph
from gdt2usd.graph.serial import from_json, to_json
from gdt2usd.script.interpreter import interpret
from gdt2usd.script.parser import parse_text

ORDER = Order(20, 42, block=5)


def _hashes(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("set") / "one"
    build(ORDER, folder)
    return folder


def test_samples_are_the_same_in_any_order_and_process() -> None:
    one, other = sample(8, 3), sample(8, 3)
    assert one == other and one.pixels is not None and other.pixels is not None
    assert np.array_equal(one.pixels, other.pixels)
    from itertools import islice

    assert list(islice(stream(8, start=1, step=2), 2))[1] == one


def test_workers_do_not_change_a_byte(built: Path, tmp_path: Path) -> None:
    build(ORDER, tmp_path / "two", run=in_processes(2))
    assert _hashes(tmp_path / "two") == _hashes(built)


def test_a_killed_build_goes_on(built: Path, tmp_path: Path) -> None:
    folder = tmp_path / "set"

    class StoppedError(Exception):
        pass

    def stop(done: int) -> None:
        if done and stop_after.pop() == 0:
            raise StoppedError

    stop_after = [0, 1]
    with pytest.raises(StoppedError):
        build(ORDER, folder, advance=stop)
    with pytest.raises(GdtError, match="DS111"):
        open_dataset(folder)
    (folder / "data" / "train-00003.partial").write_bytes(b"half")
    damaged = sorted((folder / "data").glob("train-00000.parquet"))
    again = build(ORDER, folder)
    assert again.reused_blocks >= 1 and damaged
    assert _hashes(folder) == _hashes(built)
    (folder / "data" / "train-00001.parquet").write_bytes(b"damaged")
    assert build(ORDER, folder).reused_blocks == 3
    assert _hashes(folder) == _hashes(built)


def test_a_folder_with_something_else_is_left_alone(built: Path, tmp_path: Path) -> None:
    with pytest.raises(GdtError, match="DS101"):
        build(replace(ORDER, seed=43), built)
    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(GdtError, match="DS102"):
        build(ORDER, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]
    with pytest.raises(GdtError, match="DS104"):
        build(Order(0, 1), tmp_path / "none")


def test_a_full_disk_is_said_and_finished_blocks_are_kept(tmp_path: Path) -> None:
    order, folder = Order(6, 3, Config(pictures=False), block=2), tmp_path / "set"

    def until_full(order: Order, blocks: list[int], folder: Path) -> Iterator[dict[str, Any]]:
        yield build_block(order, blocks[0], folder)
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(GdtError) as caught:
        build(order, folder, run=until_full)
    assert caught.value.diagnostics[0].code == "DS106" and "1 of 3 blocks" in caught.value.diagnostics[0].message
    assert build(order, folder).reused_blocks == 1


def test_a_damaged_order_is_said(tmp_path: Path) -> None:
    folder = tmp_path / "set"
    folder.mkdir()
    (folder / "order.json").write_text("garbage", encoding="utf-8")
    with pytest.raises(GdtError) as caught:
        build(Order(2, 3), folder)
    assert caught.value.diagnostics[0].code == "DS101" and "damaged" in caught.value.diagnostics[0].message
    with pytest.raises(GdtError) as caught:
        build(Order(2, 3), folder / "order.json")
    assert caught.value.diagnostics[0].code == "DS102" and "is a file" in caught.value.diagnostics[0].message


def test_no_ray_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(GdtError, match="DS103"):
        build(ORDER, tmp_path / "set", run=on_cluster("local"))


def test_rows_become_the_samples_again(built: Path) -> None:
    found = {one.index: one for one in open_dataset(built).samples()}
    assert sorted(found) == list(range(ORDER.count))
    for index in (0, 7, 12, 19):
        made = sample(ORDER.seed, index)
        read = found[index]
        assert read.graph == made.graph and read.script == made.script and read.prompt == made.prompt
        assert read.categories == made.categories and read.modality == made.modality and read.script_style == made.script_style
        assert (read.pixels is None) == (made.pixels is None) == (made.modality is Modality.NO_SKETCH)
        if made.pixels is not None and read.pixels is not None and made.drawing is not None and read.drawing is not None:
            assert read.pixels.shape == made.pixels.shape
            assert np.mean(np.abs(read.pixels.astype(int) - made.pixels.astype(int))) < 4
            assert [thing.id for thing in read.drawing.objects] == [thing.id for thing in made.drawing.objects]
            assert [label.text for label in read.ocr] == [label.text for label in made.ocr]


def test_one_sample_by_index(built: Path) -> None:
    data = open_dataset(built)
    assert data.sample(5).index == 5 and len(data) == ORDER.count
    with pytest.raises(GdtError, match="DS113"):
        data.sample(99)


def test_pandas_polars_and_arrow_read_the_shards(built: Path) -> None:
    import pyarrow.parquet as pq

    path = next((built / "data").glob("train-*.parquet"))
    table = pq.read_table(path)
    assert table.column_names == list(FEATURES)
    pandas = pytest.importorskip("pandas")
    frame = pandas.read_parquet(path)
    assert list(frame.columns) == list(FEATURES) and len(frame) == table.num_rows
    polars = pytest.importorskip("polars")
    assert polars.read_parquet(path).height == table.num_rows


def test_the_datasets_library_decodes_the_pictures(built: Path, tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    loaded = datasets.load_dataset(str(built), cache_dir=str(tmp_path / "cache"))
    assert {split: len(rows) for split, rows in loaded.items()} == {
        k: v for k, v in open_dataset(built).manifest["splits"].items() if v
    }
    assert type(loaded["train"].features["image"]).__name__ == "Image"
    row = next(row for row in loaded["train"] if row["image"] is not None)
    assert row["image"].size[0] > 50 and row["prompt"]
    assert row["line"][0] in ("workstation", "conveyor")


def test_the_manifest_says_where_it_comes_from(built: Path) -> None:
    manifest = json.loads((built / "manifest.json").read_text())
    assert (manifest["seed"], manifest["count"], sum(manifest["splits"].values())) == (42, 20, 20)
    for name, entry in manifest["files"].items():
        assert hashlib.sha256((built / name).read_bytes()).hexdigest() == entry["sha256"]
    assert {"gdt2usd", "numpy", "pyarrow"} <= set(manifest["versions"])


def test_a_damaged_set_gives_a_diagnostic(built: Path, tmp_path: Path) -> None:
    import shutil

    with pytest.raises(GdtError, match="DS111"):
        open_dataset(tmp_path)
    copy = tmp_path / "copy"
    shutil.copytree(built, copy)
    victim = next((copy / "data").glob("train-*.parquet"))
    victim.write_bytes(victim.read_bytes()[:100])
    with pytest.raises(GdtError, match="DS112"):
        list(open_dataset(copy).samples(pictures=False))
    for broken in ("{", "[]", '{"schema": "x"}', '{"schema": "gdt2usd.dataset/1", "files": 3, "splits": {}}'):
        (copy / "manifest.json").write_text(broken)
        with pytest.raises(GdtError, match="DS111"):
            open_dataset(copy)


# ---- splits ----


def _drawn(seed: int, count: int) -> list[ProcessGraph]:
    return [draw_line(streams(seed, index)[0])[0] for index in range(count)]


def _renamed(graph: ProcessGraph) -> ProcessGraph:
    """`graph` by way of its JSON with other names, places and, where there are any, means."""
    new = {thing.id: f"Thing {index}" for index, thing in enumerate((*graph.stations, *graph.resources))}

    def change(value: Any, key: str) -> Any:
        if isinstance(value, dict):
            return {name: change(one, name) for name, one in value.items()}
        if isinstance(value, list):
            return [9.0, -3.0, 0.0] if key == "position_m" else [change(one, key) for one in value]
        if isinstance(value, str):
            return value if key in ("kind", "flexsim_class", "rule", "mode") else new.get(value, value)
        return value * 2 if key == "mean" else value

    return from_json(change(to_json(graph), ""))


def test_names_numbers_and_places_do_not_change_what_a_line_is() -> None:
    for graph in _drawn(2, 60):
        other = _renamed(graph)
        assert other != graph and identity(other) == identity(graph)


def test_lines_that_differ_in_structure_have_other_identities() -> None:
    graphs = _drawn(2, 200)
    by_identity: dict[str, list[ProcessGraph]] = {}
    for graph in graphs:
        by_identity.setdefault(identity(graph), []).append(graph)
    assert len(by_identity) > 150
    for alike in by_identity.values():
        kinds = {tuple(type(station).__name__ for station in graph.stations) for graph in alike}
        assert len(kinds) == 1


def test_shares_of_the_splits() -> None:
    lines = [identity(graph) for graph in _drawn(7, 2000)]
    shares = [sum(split_of(line) == split for line in lines) / len(lines) for split in SPLITS]
    assert shares[0] == pytest.approx(0.9, abs=0.02)
    assert shares[1] == pytest.approx(0.05, abs=0.015) and shares[2] == pytest.approx(0.05, abs=0.015)
    assert max(lines.count(line) for line in set(lines)) < 60


def test_no_line_is_in_two_splits(built: Path) -> None:
    where: dict[str, set[str]] = {}
    data = open_dataset(built)
    for split in SPLITS:
        for row in data.rows(split, ["identity"]):
            where.setdefault(row["identity"], set()).add(split)
    assert where and all(len(splits) == 1 for splits in where.values())


# ---- views ----


@pytest.mark.parametrize("style", STYLES)
def test_every_script_style_builds_the_same_model(style: str) -> None:
    for index, graph in enumerate(_drawn(31, 60)):
        canonical = emit(graph)
        plain = interpret(parse_text(canonical))
        other = interpret(parse_text(restyled(canonical, style, np.random.default_rng(index))))
        assert not plain.diagnostics and not other.diagnostics
        strip = [[replace(thing, span=None, property_spans={}) for thing in found.model.objects] for found in (plain, other)]
        assert strip[0] == strip[1]
        ports = [{replace(one, span=None) for one in found.model.connections} for found in (plain, other)]
        assert ports[0] == ports[1]


def test_every_fact_has_a_place_in_the_plan() -> None:
    seen = set()
    for index in range(300):
        line, choice, *_ = streams(13, index)
        graph, categories = draw_line(line)
        chosen = plan(graph, categories, choice)
        seen.add(chosen.modality)
        pairs = set(must_say(graph))
        assert chosen.noted <= pairs and chosen.unsaid <= pairs and not chosen.noted & chosen.unsaid
        assert set(chosen.labels) == {thing.id for thing in (*graph.stations, *graph.resources)}
        assert len(set(chosen.labels.values())) == len(chosen.labels)
        if chosen.modality is Modality.NO_SKETCH:
            assert not chosen.noted and chosen.topology_in_prompt
        if chosen.modality is Modality.TITLE_ONLY:
            assert chosen.noted | chosen.unsaid == pairs and not chosen.legend_in_prompt
        assert chosen.legend_in_prompt == any(label != name for name, label in chosen.labels.items())
    assert seen == set(Modality)


def test_a_row_survives_without_a_picture() -> None:
    made = next(one for index in range(50) if (one := sample(4, index, Config(pictures=False))).drawing is not None)
    again = from_row(to_row(made, "0"), pictures=False)
    assert again.graph == made.graph and again.pixels is None


# ---- measures ----


def test_masking() -> None:
    assert masked("Saw 1 takes 12.5 s", [(0, 5)]) == "NAME takes 0 s"
    assert masked_by_names("the saw feeds Saw Two, 3 pcs", ["Saw", "Saw Two"]) == "the NAME feeds NAME, 0 pcs"
    assert skeletons("A takes 3 s. It is fast.\nOk") == ["a takes 3 s .", "it is fast ."]


def test_repeated_prompts_are_no_variety() -> None:
    same, various = Counting(), Counting()
    for index in range(60):
        same.add("NAME takes 0 s on average.")
        various.add(" ".join("abcdefghijklmnopqrstuvwxyz"[(index * 7 + k * k) % 26] * (1 + k % 5) for k in range(12)))
    flat, rich = same.result(), various.result()
    assert flat.skeletons == 1 and flat.seen_once == 0.0 and flat.compression > rich.compression
    assert rich.distinct_ngrams[3] > flat.distinct_ngrams[3]
    assert same.coverage("NAME takes 0 s on average.")[4] == 1.0
    assert various.coverage("NAME takes 0 s")[2] == 0.0


def test_commands(built: Path, tmp_path: Path) -> None:
    from gdt2usd.cli.main import app

    run = CliRunner().invoke
    shown = run(app, ["dataset", "stats", str(built), "--json"])
    report = json.loads(shown.stdout)
    assert report["samples"] == 20 and report["masked_prompts"]["distinct_ngrams"]["3"] > 100
    page = tmp_path / "page.html"
    assert run(app, ["dataset", "show", "3", "--from", str(built), "--out", str(page)]).exit_code == 0
    assert page.read_text().count("<section>") == 3 and "<script" not in page.read_text()
    sheet = tmp_path / "sheet.png"
    assert run(app, ["dataset", "show", "8", "--from", str(built), "--out", str(sheet)]).exit_code == 0
    assert sheet.read_bytes().startswith(b"\x89PNG")
    assert run(app, ["dataset", "stats", str(tmp_path)]).exit_code == 1
    wrong = run(app, ["dataset", "build", "--count", "10", "--seed", "1", "--out", str(built)])
    assert wrong.exit_code == 1 and "DS101" in wrong.output


def test_every_step_holds_for_drawn_samples() -> None:
    report = verify_drawn(1000, 24, 1)
    assert report.holds and report.passed == dict.fromkeys(STEPS, 24), report.diagnostics


def test_a_set_is_proved_and_damage_is_found(built: Path, tmp_path: Path) -> None:
    import shutil

    assert verify_set(built, 0, 1).holds
    copy = tmp_path / "copy"
    shutil.copytree(built, copy)
    (copy / "data" / "validation-00000.parquet").unlink(missing_ok=True)
    train, other = sorted((copy / "data").glob("train-*.parquet"))[:2]
    train.write_bytes(other.read_bytes())
    codes = {diagnostic.code for diagnostic in verify_set(copy, 3, 1).diagnostics} if train.exists() else set()
    assert "DS121" in codes


def test_wrong_scripts_are_caught_at_their_step() -> None:
    made = sample(1000, 0, Config(pictures=False))
    assert prove(made).failed is None
    assert prove(replace(made, script=made.script + "\nfoo((;")).failed == "parse"
    assert prove(replace(made, script=made.script.replace("setLocation", "setPlace"))).failed == "check"
    capacity = 'Object extra = Object.create("Queue");\nreturn "ok";'
    assert prove(replace(made, script=made.script.replace('return "ok";', capacity))).failed == "same graph"


@pytest.mark.slow
def test_a_local_ray_gives_the_same_bytes(built: Path, tmp_path: Path) -> None:
    pytest.importorskip("ray")
    build(ORDER, tmp_path / "ray", run=on_cluster("local"))
    assert _hashes(tmp_path / "ray") == _hashes(built)


@pytest.mark.benchmark
def test_speed(tmp_path: Path) -> None:
    """At least 25 samples a second on one core, pictures and files included (50 on two), once the fonts are read."""
    build_block(Order(100, 2, block=100), 0, _prepared(tmp_path / "warm"))
    start = time.process_time()
    build_block(Order(200, 1, block=200), 0, _prepared(tmp_path / "set"))
    rate = 200 / (time.process_time() - start)
    print(f"{rate:.1f} samples a second and core")
    assert rate > 25


@pytest.mark.benchmark
def test_speed_without_painting() -> None:
    """At least 70 training samples a second on one core, words and geometry only."""
    from gdt2usd.training.source import training_sample

    for index in range(200):
        training_sample(2, index)
    start = time.process_time()
    for index in range(300):
        training_sample(1, index)
    rate = 300 / (time.process_time() - start)
    print(f"{rate:.1f} samples a second and core")
    assert rate > 70


def _prepared(folder: Path) -> Path:
    for part in ("data", "blocks"):
        (folder / part).mkdir(parents=True)
    return folder
