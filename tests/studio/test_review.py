"""The review shows every object, connection and doubt, escapes what users write, and needs nothing from a network."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from gdt2usd.diagnostics import Box, GdtError, warning
from gdt2usd.doubts import Doubt
from gdt2usd.sketch.sketch import Sketch
from gdt2usd.studio.review import Item, Review, Wire, write_review
from gdt2usd.studio.review_html import page
from gdt2usd.studio.review_png import picture
from gdt2usd.studio.review_shapes import line

HOSTILE = "<script>alert('x')</script>"
KIND = Doubt("VL302", f"{HOSTILE}.type", "queue", f"What is {HOSTILE!r}?", 0.4, ("storage",), number=1)
LINK = Doubt("VL304", f"{HOSTILE} -> Saw", "yes", "No line was found in the sketch.", number=2)


def _review() -> Review:
    pixels = np.full((300, 800, 3), 255, np.uint8)
    items = (
        Item("Saw", "processor", Box(80, 120, 180, 150), "normal(40, 4) s", 0.98),
        Item(HOSTILE, "queue", Box(500, 120, 620, 150), "holds 12", 0.4, (KIND,)),
    )
    wires = (Wire("link", "Saw", HOSTILE, "90 %", "", 0.9), Wire("link", HOSTILE, "Saw", "", "added from the sketch", 0.0, (LINK,)))
    return Review(
        "Line 1", Sketch(pixels), f"The Saw takes 40 s {HOSTILE}", items, wires, (KIND, LINK),
        ((4, 7, "name", False), (14, 18, "number", True)),
        (warning("SM210", f"overloaded: {HOSTILE}"),), "return 1;", ("51 items/h",),
    )  # fmt: skip


def test_the_page_says_everything_and_runs_nothing() -> None:
    text = page(_review())
    assert "<script" not in text
    assert not re.search(r"(?:src|href)=['\"]http", text)
    assert text.count("<rect") == 4  # a frame and a tag for each object
    assert "normal(40, 4) s" in text and "51 items/h" in text
    assert "40% check 1" in text and "added from the sketch" in text and "check 2" in text and "2 to check" in text
    assert "--answer 1=VALUE" in text and "<td>storage</td>" in text
    assert "<mark class='name'>Saw</mark>" in text and "<mark class='number unused'>40 s</mark>" in text
    assert "SM210" in text


def test_the_picture_marks_what_is_doubtful(tmp_path: Path) -> None:
    shown = np.asarray(picture(_review()))
    assert shown.shape == (300, 800, 3)
    red = (shown[..., 0] > 180) & (shown[..., 1] < 80) & (shown[..., 2] < 80)
    assert red[:, 480:].sum() > 5 * red[:, :200].sum()
    write_review(_review(), tmp_path / "review.png")
    assert (tmp_path / "review.png").stat().st_size > 1000


def test_without_a_sketch_there_is_a_page_and_no_picture(tmp_path: Path) -> None:
    review = replace(_review(), sketch=None)
    assert "<svg" not in page(review)
    for name in ("review.png", "review.docx"):
        with pytest.raises(GdtError) as caught:
            write_review(review, tmp_path / name)
        assert caught.value.diagnostics[0].code == "IO201"


def test_lines_end_at_the_frames() -> None:
    start, end = line(Box(0, 0, 10, 10), Box(40, 0, 60, 10))
    assert start == pytest.approx((10, 5))
    assert end == pytest.approx((40, 5))
