"""Composition of labels from lines, and the reader on drawn words."""

from __future__ import annotations

import numpy as np
import pytest

from gdt2usd.diagnostics import Box, GdtError
from gdt2usd.sketch import ocr
from gdt2usd.sketch.draw_canvas import WORD, Scene, rasterise
from gdt2usd.sketch.draw_glyphs import FONTS, Writing, load_typeface, set_text
from gdt2usd.sketch.labels import Role, compose, in_reading_order, role_of
from gdt2usd.sketch.sketch import Label, Sketch


def line(text: str, x: float, y: float, height: float = 20.0) -> Label:
    return Label(text, Box(x, y, x + 0.55 * height * len(text), y + height), 0.9)


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("Wafer Prober 1", Role.NAME),
        ("CVD-204", Role.NAME),
        ("M3", Role.NAME),
        ("Q2", Role.NAME),
        ("Load 1", Role.NAME),
        ("Batch Oven 3", Role.NAME),
        ("Line 2 Packer", Role.NAME),
        ("U-Cell 4", Role.NAME),
        ("Queue", Role.NAME),
        ("(processor)", Role.TAG),
        ("<<queue>>", Role.TAG),
        ("[Q]", Role.TAG),
        ("queue", Role.TAG),
        ("max 25", Role.NOTE),
        ("155±12 s", Role.NOTE),
        ("S00±40 s", Role.NOTE),
        ("exp(90)", Role.NOTE),
        ("tri 80/100/130", Role.NOTE),
        ("U(8,12)", Role.NOTE),
        ("60-90 s", Role.NOTE),
        ("93%", Role.NOTE),
        ("12 m", Role.NOTE),
        ("0.8 m/s", Role.NOTE),
        ("MTBF exp 60 min", Role.NOTE),
        ("setup 4 min", Role.NOTE),
        ("gamma(5,80)", Role.NOTE),
        ("t=2.8 s", Role.NOTE),
        ("batch 4", Role.NOTE),
        ("load 3 s", Role.NOTE),
    ],
)
def test_roles_by_characters(text: str, role: Role) -> None:
    assert role_of(text) is role


def texts(*lines: Label) -> list[str]:
    return [label.text for label in compose(lines)]


def test_lines_of_one_name_are_joined() -> None:
    assert texts(line("Bottle", 130, 100), line("Unscrambler", 100, 126)) == ["Bottle Unscrambler"]
    assert texts(line("Known", 100, 100), line("Good", 104, 126), line("Die", 108, 152)) == ["Known Good Die"]


def test_words_read_apart_are_joined() -> None:
    assert texts(line("Track", 100, 100), line("System", 160, 101)) == ["Track System"]
    assert texts(line("Track", 100, 100), line("System", 300, 101)) == ["Track", "System"]


def test_notes_and_type_words_stay_apart() -> None:
    assert texts(line("Panel Saw", 100, 100), line("(processor)", 96, 126), line("95 s", 125, 152)) == [
        "Panel Saw",
        "(processor)",
        "95 s",
    ]
    assert texts(line("Filler", 100, 100), line("3.5±0.2 s", 90, 126)) == ["Filler", "3.5±0.2 s"]


def test_a_type_word_in_the_same_line_is_cut_off() -> None:
    name, tag = compose([line("Panel Stack (source)", 100, 100)])
    assert (name.text, tag.text) == ("Panel Stack", "(source)")
    assert name.box.x1 <= tag.box.x0 + 1 and tag.box.x1 == pytest.approx(100 + 11.0 * 20)


def test_names_one_below_the_other_with_room_between_are_two() -> None:
    assert texts(line("Mill 1", 100, 100), line("Mill 2", 100, 160)) == ["Mill 1", "Mill 2"]
    assert texts(line("Press", 100, 100), line("(queue)", 100, 126), line("Oven", 100, 152)) == ["Press", "(queue)", "Oven"]


def test_reading_order_is_by_rows() -> None:
    labels = [line("C", 50, 200), line("B", 300, 104), line("A", 40, 100), line("D", 400, 207)]
    assert [label.text for label in in_reading_order(labels)] == ["A", "B", "C", "D"]


def picture(words: list[tuple[str, float, float]], face: str = "arimo-400") -> np.ndarray:
    pixels = np.full((420, 760, 3), 255, np.uint8)
    scene, rng = Scene(), np.random.default_rng(1)
    lines = [(text, x, y, 15.0) for text, x, y in words]
    for word in set_text(load_typeface(FONTS / f"{face}.woff"), lines, Writing(), rng):
        assert word is not None
        scene.layer((20, 20, 30), WORD).words.append(word)
    return rasterise(scene, np.eye(3), pixels)


WORDS = [
    ("Wafer Prober 1", 60.0, 80.0),
    ("gamma(5,80)", 64.0, 130.0),
    ("Dicing Saw", 420.0, 80.0),
    ("93%", 330.0, 240.0),
    ("Known Good Die", 420.0, 330.0),
]


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_labels_are_read_and_the_picture_is_turned_upright(turns: int) -> None:
    upright = picture(WORDS)
    read = ocr.read_labels(Sketch(np.ascontiguousarray(np.rot90(upright, turns)), source="x.png"))
    assert [label.text for label in read.labels] == ["Wafer Prober 1", "Dicing Saw", "gamma(5,80)", "93%", "Known Good Die"]
    assert np.array_equal(read.pixels, upright) and read.source == "x.png"
    for label, (_, x, y) in zip(read.labels, [WORDS[k] for k in (0, 2, 1, 3, 4)], strict=True):
        assert label.confidence > 0.85
        assert abs(label.box.x0 - x) < 12 and label.box.y0 < y - 10 < label.box.y1


def test_handwriting_keeps_its_spaces() -> None:
    read = ocr.read_labels(Sketch(picture(WORDS[:3], "patrick-hand-400")))
    assert {"Wafer Prober 1", "Dicing Saw"} <= {label.text for label in read.labels}


def test_a_picture_without_words_has_no_labels() -> None:
    pixels = np.full((300, 500, 3), 240, np.uint8)
    pixels[100:200, 100:104] = 0
    assert ocr.read_labels(Sketch(pixels)).labels == ()


def test_missing_networks_are_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.setattr(ocr, "models_folder", lambda: tmp_path)
    ocr._session.cache_clear()
    with pytest.raises(GdtError) as caught:
        ocr.read_labels(Sketch(picture(WORDS)))
    assert caught.value.diagnostics[0].code == "SK201"
    monkeypatch.undo()
    ocr._session.cache_clear()
