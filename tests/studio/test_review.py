"""The review shows every object, connection and doubt, escapes what users write, and needs nothing from a network."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from gdt2usd.diagnostics import Box, GdtError, warning
from gdt2usd.sketch.sketch import Sketch
from gdt2usd.studio.review import Item, Review, Stated, Wire, write_review
from gdt2usd.studio.review_html import page
from gdt2usd.studio.review_png import picture
from gdt2usd.studio.review_shapes import line

HOSTILE = "<script>alert('x')</script>"


def _review(*, with_sketch: bool = True) -> Review:
    pixels = np.full((300, 800, 3), 255, np.uint8)
    items = (
        Item("Saw", "processor", Box(80, 120, 180, 150), 0.98, (Stated("process normal: 40 s, 4 s", 0.95, "prompt"),)),
        Item(HOSTILE, "queue", Box(500, 120, 620, 150), 0.4, ()),
    )
    wires = (Wire("link", "Saw", HOSTILE, "90 %", 0.9, False), Wire("link", HOSTILE, "Saw", "", 0.0, True))
    return Review(
        "Line 1", Sketch(pixels) if with_sketch else None, f"The Saw takes 40 s {HOSTILE}", items, wires,
        ((4, 7, "name", False), (14, 18, "number", True)), (warning("VL302", f"not certain: {HOSTILE}"),), "return 1;",
    )  # fmt: skip


def test_the_page_says_everything_and_runs_nothing() -> None:
    text = page(_review())
    assert "<script" not in text
    assert not re.search(r"(?:src|href)=['\"]http", text)
    assert text.count("<rect") == 4  # a frame and a tag for each object
    assert "process normal: 40 s, 4 s" in text
    assert "added from the sketch, check" in text and "40%, check" in text and "3 to check" not in text
    assert "<mark class='name'>Saw</mark>" in text and "<mark class='number unused'>40 s</mark>" in text
    assert "VL302" in text


def test_the_picture_marks_what_is_doubtful(tmp_path: Path) -> None:
    shown = np.asarray(picture(_review()))
    assert shown.shape == (300, 800, 3)
    red = (shown[..., 0] > 180) & (shown[..., 1] < 80) & (shown[..., 2] < 80)
    assert red[:, 480:].sum() > 5 * red[:, :200].sum()
    write_review(_review(), tmp_path / "review.png")
    assert (tmp_path / "review.png").stat().st_size > 1000


def test_without_a_sketch_there_is_a_page_and_no_picture(tmp_path: Path) -> None:
    assert "<svg" not in page(_review(with_sketch=False))
    for name in ("review.png", "review.docx"):
        with pytest.raises(GdtError) as caught:
            write_review(_review(with_sketch=False), tmp_path / name)
        assert caught.value.diagnostics[0].code == "IO201"


def test_lines_end_at_the_frames() -> None:
    start, end = line(Box(0, 0, 10, 10), Box(40, 0, 60, 10))
    assert start == pytest.approx((10, 5))
    assert end == pytest.approx((40, 5))
