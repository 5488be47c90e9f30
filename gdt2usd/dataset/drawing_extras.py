"""What else stands on a sketch: a title, a frame, a question mark, a date; none of it states anything about the line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gdt2usd.dataset.drawing_text import Line
from gdt2usd.sketch.draw_canvas import bounds
from gdt2usd.sketch.draw_styles import pick

if TYPE_CHECKING:
    from gdt2usd.dataset.drawing_board import Board

_TITLES = (
    "{} line",
    "{} line",
    "Layout {}",
    "{} - draft",
    "{} cell",
    "{} flow",
    "Production line {}",
    "{}",
    "{} (as is)",
    "{} concept v2",
)
_SUBJECTS = (
    "Assembly",
    "Line 2",
    "Packaging",
    "Hall 3",
    "Module B",
    "New",
    "Pilot",
    "Semiconductor",
    "Bottling",
    "Final",
    "Test",
    "Main",
    "Plant",
    "Cell 4",
)
_REMARKS = ("draft", "v2", "??", "ok?", "TBD", "check!", "not to scale", "rev B", "12.03.", "ask Tom", "later", "see mail", "!")


def add_extras(board: Board, centres: list[tuple[float, float]]) -> None:
    """A title and remarks beside the drawing, now and then."""
    rng, look = board.rng, board.look
    x0, y0, x1, y1 = bounds(board.extents)
    if rng.random() < look.title_share:
        size = look.size * float(rng.uniform(1.15, 1.7))
        title = pick(rng, _TITLES).format(pick(rng, _SUBJECTS))
        x = (x0 + x1) / 2 if rng.random() < 0.5 else x0 + board.face.width(title, size) / 2
        board.write(Line(title, "title", size), "", x, y0 - size * 1.8, look.text_ink)
    if look.hand.wobble and rng.random() < 0.08 and len(centres) > 1:
        remark = pick(rng, _REMARKS)
        corner = np.array([x1 - look.size * 3 if rng.random() < 0.5 else x0 + look.size * 4, y1 + look.size * 2.5])
        board.write(Line(remark, "word", look.size), "", float(corner[0]), float(corner[1]), look.note_ink)
    if rng.random() < 0.04:
        pad = look.size * 2.5
        frame = np.array([[x0 - pad, y0 - pad * 1.6], [x1 + pad, y0 - pad * 1.6], [x1 + pad, y1 + pad], [x0 - pad, y1 + pad]])
        for a, b in zip(frame, np.roll(frame, -1, axis=0), strict=True):
            board.stroke(np.stack([a, b]), look.width, look.ink, look.hand)
