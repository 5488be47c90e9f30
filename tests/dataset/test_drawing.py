"""Drawing: the record agrees with the pixels, the same seed gives the same picture, every style and every fact gets drawn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gdt2usd.dataset.drawing import STYLES, draw_sketch
from gdt2usd.dataset.drawing_layout import centre_connections
from gdt2usd.dataset.drawing_notes import note_habit, notes_of
from gdt2usd.dataset.generate import draw_line
from gdt2usd.dataset.ocr_noise import TextRun, read_lines_like_ocr
from gdt2usd.dataset.plan import FIGURES, plan
from gdt2usd.dataset.prompt_facts import groups_of
from gdt2usd.dataset.sample import Drawing, Plan
from gdt2usd.diagnostics import Box
from gdt2usd.graph.distributions import Constant, Exponential, Lognormal, Normal
from gdt2usd.graph.model import ProcessGraph, Processor
from gdt2usd.sketch.draw_glyphs import FONTS, Writing, load_typeface, set_text, text_frame


def line_and_plan(seed: int, style: str) -> tuple[ProcessGraph, Plan, np.random.Generator]:
    rng = np.random.default_rng([404, seed])
    graph, categories = draw_line(rng)
    return graph, replace(plan(graph, categories, rng), style=style), rng


def contrast_inside(pixels: np.ndarray, box: Box) -> float:
    """Spread of the brightness within `box`: ink on paper spreads, bare paper does not."""
    part = pixels[int(box.y0) : int(np.ceil(box.y1)) + 1, int(box.x0) : int(np.ceil(box.x1)) + 1].astype(float).mean(axis=2)
    return float(np.percentile(part, 97) - np.percentile(part, 3))


def distance_to_box(point: tuple[float, float], box: Box) -> float:
    dx = max(box.x0 - point[0], 0.0, point[0] - box.x1)
    dy = max(box.y0 - point[1], 0.0, point[1] - box.y1)
    return float(np.hypot(dx, dy))


@pytest.mark.parametrize("style", STYLES)
def test_a_picture_and_its_record_agree(style: str) -> None:
    for seed in range(3):
        graph, chosen, rng = line_and_plan(seed, style)
        drawing, pixels, labels = draw_sketch(graph, chosen, rng)
        height, width = pixels.shape[:2]
        assert pixels.dtype == np.uint8 and pixels.shape[2] == 3 and max(height, width) <= 1600
        assert drawing.style == style
        assert [o.id for o in drawing.objects] == [x.id for x in (*graph.stations, *graph.resources)]
        everything = [o.box for o in drawing.objects] + [o.label_box for o in drawing.objects] + [n.box for n in drawing.notes]
        assert all(0 <= b.x0 < b.x1 <= width and 0 <= b.y0 < b.y1 <= height for b in everything)
        inked = [contrast_inside(pixels, o.label_box) for o in drawing.objects]
        assert np.median(inked) > 40 and min(inked) > 8
        for label in labels:
            assert label.text.strip() and 0 < label.confidence <= 1 and label.box.x0 < label.box.x1


@pytest.mark.parametrize("style", STYLES)
def test_links_run_from_box_to_box(style: str) -> None:
    graph, chosen, rng = line_and_plan(11, style)
    drawing, pixels, _ = draw_sketch(graph, chosen, rng)
    boxes = {o.id: o.box for o in drawing.objects}
    labels = {o.id: o.label_box for o in drawing.objects}
    reach = 0.045 * max(pixels.shape)
    solid = [(link.upstream, link.downstream) for link in drawing.links if not link.dashed]
    assert solid == [(link.upstream, link.downstream) for link in graph.links]
    assert {(d.upstream, d.downstream) for d in drawing.links if d.dashed} <= set(centre_connections(graph))
    for link in drawing.links:
        for point, end in ((link.points[0], link.upstream), (link.points[-1], link.downstream)):
            assert min(distance_to_box(point, boxes[end]), distance_to_box(point, labels[end])) < reach


def test_objects_do_not_stand_upon_each_other() -> None:
    for seed in range(25):
        graph, chosen, rng = line_and_plan(seed, STYLES[seed % len(STYLES)])
        drawing, _, _ = draw_sketch(graph, chosen, rng)
        for i, a in enumerate(drawing.objects):
            for b in drawing.objects[i + 1 :]:
                wide = min(a.box.x1, b.box.x1) - max(a.box.x0, b.box.x0)
                high = min(a.box.y1, b.box.y1) - max(a.box.y0, b.box.y0)
                smaller = min((o.box.x1 - o.box.x0) * (o.box.y1 - o.box.y0) for o in (a, b))
                assert max(0.0, wide) * max(0.0, high) < 0.15 * smaller, (seed, a.id, b.id)


def drawn(seed: int, style: str) -> tuple[Drawing, bytes, object]:
    graph, chosen, rng = line_and_plan(seed, style)
    drawing, pixels, labels = draw_sketch(graph, chosen, rng)
    return drawing, pixels.tobytes(), labels


@pytest.mark.parametrize("style", ["paper", "excalidraw", "graphviz"])
def test_the_same_seed_draws_the_same(style: str) -> None:
    assert drawn(3, style) == drawn(3, style)
    assert drawn(3, style)[1] != drawn(4, style)[1]


def test_noted_facts_stand_in_the_picture() -> None:
    found = 0
    for seed in range(40):
        graph, chosen, rng = line_and_plan(seed, "drawio")
        pairs = {(s.id, group) for s in graph.stations for group in groups_of(s) if group in FIGURES}
        drawing, _, _ = draw_sketch(graph, replace(chosen, noted=frozenset(pairs), unsaid=frozenset()), rng)
        stated = {(fact.subject, fact.slot.split(".")[0]) for note in drawing.notes for fact in note.facts}
        missing = {pair for pair in pairs if pair not in stated}
        assert not missing
        found += len(pairs)
    assert found > 200


def test_unsaid_facts_stay_out_of_the_picture() -> None:
    for seed in range(30):
        graph, chosen, rng = line_and_plan(seed, "tablet")
        pairs = {(s.id, group) for s in (*graph.stations, *graph.resources) for group in groups_of(s)}
        drawing, _, _ = draw_sketch(graph, replace(chosen, noted=frozenset(), unsaid=frozenset(pairs)), rng)
        assert not [note for note in drawing.notes for fact in note.facts if fact.slot != "type"]


def test_notes_say_what_people_say() -> None:
    rng = np.random.default_rng(0)
    machine = Processor(id="M", process_time_s=Normal(155.0, 12.0), setup_time_s=Constant(240.0))
    texts = {notes_of(machine, "process_time_s", note_habit(rng))[0][0] for _ in range(200)}
    assert {"155±12 s", "155±12", "N(155,12)"} <= texts
    assert {"setup 240 s", "setup 4 min"} <= {notes_of(machine, "setup_time_s", note_habit(rng))[0][0] for _ in range(200)}
    late = replace(machine, process_time_s=Exponential(90.0, location=5.0))
    assert {"5 + exp 90 s", "5 + exp(90)"} <= {notes_of(late, "process_time_s", note_habit(rng))[0][0] for _ in range(200)}
    odd = replace(machine, process_time_s=Lognormal(3.25, 0.4, location=2.0))
    assert any("mu=3.25" in notes_of(odd, "process_time_s", note_habit(rng))[0][0] for _ in range(5))


def test_an_unknown_style_is_an_error() -> None:
    graph, chosen, rng = line_and_plan(0, "crayon")
    with pytest.raises(KeyError, match="crayon"):
        draw_sketch(graph, chosen, rng)


def test_notes_with_decimal_commas() -> None:
    machine = Processor(id="M", process_time_s=Normal(15.5, 1.25))
    habit = replace(note_habit(np.random.default_rng(0)), comma=True, call=True, minutes=False, joiner=",")
    assert notes_of(machine, "process_time_s", habit)[0][0].startswith("N(15,5;1,25)")


def test_what_stands_beside_the_drawing_states_nothing() -> None:
    words = 0
    for seed in range(40):
        graph, chosen, rng = line_and_plan(seed, "paper")
        drawing, _, _ = draw_sketch(graph, chosen, rng, paint=False)
        facts = {(fact.subject, fact.slot.split(".")[0].split(":")[0]) for note in drawing.notes for fact in note.facts}
        assert all(subject for subject, _ in facts)
        words += sum(not note.facts for note in drawing.notes)
    assert words > 8


def test_words_framed_at_once_stand_where_they_would_be_written() -> None:
    face = load_typeface(FONTS / "patrick-hand-400.woff")
    writing = Writing(slant=0.1)
    for text in ("Blender", "MTBF exp(90)", "a g p"):
        (word,) = set_text(face, [(text, 40.0, 100.0, 14.0)], writing, np.random.default_rng(1))
        assert word is not None
        written = word.points
        framed = text_frame(face, text, 40.0, 100.0, 14.0, writing, np.random.default_rng(1))
        assert framed is not None
        assert np.abs(framed.min(axis=0) - written.min(axis=0)).max() < 3.0
        assert np.abs(framed.max(axis=0) - written.max(axis=0)).max() < 3.0
    assert text_frame(face, " ", 0.0, 0.0, 9.0, writing, np.random.default_rng(1)) is None


def test_the_imitated_reader_errs_as_often_as_the_real_one() -> None:
    """Letters wrong and lines missed over many pictures, against what was measured (`ocr_fit`)."""
    rng = np.random.default_rng(3)
    runs = [TextRun("Tablet Press", "name", "a", Box(20.0, 30.0 + 40 * k, 120.0, 45.0 + 40 * k)) for k in range(12)]
    for style, least, most in (("drawio", 0.85, 1.0), ("pencil", 0.35, 0.85)):
        read = [line.text.strip() for _ in range(60) for line in read_lines_like_ocr(runs, style, (400, 600), rng)]
        exact = sum(text == "Tablet Press" for text in read) / (60 * len(runs))
        assert least < exact < most, (style, exact)


def test_labels_that_nearly_touch_are_read_as_one() -> None:
    rng = np.random.default_rng(4)
    for gap, least, most in ((2.0, 0.7, 1.0), (60.0, 0.0, 0.0)):
        runs = [
            TextRun("Saw", "name", "a", Box(20.0, 30.0, 60.0, 45.0)),
            TextRun("Press", "name", "b", Box(60.0 + gap, 31.0, 120.0 + gap, 45.0)),
        ]
        read = [read_lines_like_ocr(runs, "drawio", (400, 100), rng) for _ in range(60)]
        together = np.mean([any("w" in one.text and "P" in one.text for one in lines) for lines in read])
        assert least <= together <= most
