"""What else stands on a sketch: titles, frames, areas, legends, scale bars, clouds with remarks, dates, doodles, scribbles.

None of it states anything about the line, so a reader has to leave it alone. Not covered: objects, links, notes with facts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from gdt2usd.dataset.drawing_board import Board, Piece
from gdt2usd.dataset.drawing_text import TYPE_WORDS, Line
from gdt2usd.dataset.headings import heading_of
from gdt2usd.sketch.draw_canvas import bounds
from gdt2usd.sketch.draw_shapes import cloud
from gdt2usd.sketch.draw_strokes import arrow_head, dashes
from gdt2usd.sketch.draw_styles import pick
from gdt2usd.sketch.draw_symbols import ALL_SHAPES, TALL, WIDE

Points = NDArray[np.float64]
Pieces = Mapping[str, Piece]

_TITLES = (
    "{} line", "{} line", "Layout {}", "{} - draft", "{} cell", "{} flow", "Production line {}", "{}", "{} (as is)",
    "{} concept v2", "Process map: {}", "{} simulation", "Material flow {}", "{} / rev. C",
)  # fmt: skip
_SUBJECTS = (
    "Assembly", "Line 2", "Packaging", "Hall 3", "Module B", "New", "Pilot", "Semiconductor", "Bottling", "Final", "Test", "Main",
    "Plant", "Cell 4", "Shop floor", "Building 7", "Goods in", "Press shop", "Clean room", "Warehouse",
)  # fmt: skip
_REMARKS = (
    "draft", "v2", "??", "ok?", "TBD", "check!", "not to scale", "rev B", "12.03.", "ask Tom", "later", "see mail", "!", "new",
    "bottleneck?", "to be confirmed", "old", "as discussed", "phase 2", "noisy", "shift lead knows", "measure again",
)  # fmt: skip
_AREAS = (
    "Cell 1", "Cell B", "Clean room", "Hall 2", "Zone A", "Zone 3", "Assembly area", "Shop floor", "Line 1", "Area C", "Building 4",
    "ESD area", "Buffer zone", "Phase 1",
)  # fmt: skip
_PEOPLE = ("M. Weber", "jk", "Sara", "T.B.", "drawn: Li", "Ana P.", "by Tom", "K. Sato")
_DATES = ("12.03.", "2024-05-17", "3/11", "14 Feb", "KW 23", "Oct 9", "21.11.25", "week 7", "07/04/2023")
_MORE = ("material flow", "dashed = operator", "times in sec", "arrow = material", "flow", "N", "in", "out", "aisle")


LEAST_TITLES = 0.1
"""Share of the sketches of any style that have a title at least."""


def add_extras(board: Board, pieces: Pieces) -> None:
    """Things beside the drawing, now and then."""
    rng, look = board.rng, board.look
    by_hand = bool(look.hand.wobble)
    for share, by_hand_share, add in _EXTRAS:
        if rng.random() < (by_hand_share if by_hand else share):
            add(board, pieces)
    if rng.random() < max(look.title_share, LEAST_TITLES):
        _title(board, pieces)


def _title(board: Board, pieces: Pieces) -> None:
    rng, look = board.rng, board.look
    x0, y0, x1, _ = bounds(board.extents)
    size = look.size * float(rng.uniform(1.15, 1.9))
    title = pick(rng, _TITLES).format(pick(rng, _SUBJECTS))
    if (own := rng.random()) < 0.6:
        title = heading_of(pieces, 0 if own < 0.45 else int(rng.integers(1, 1000)))
    wide = board.face.width(title, size)
    x = (x0 + x1) / 2 if rng.random() < 0.5 else x0 + wide / 2
    board.write(Line(title, "title", size), "", x, y0 - size * 1.8, look.text_ink)
    if look.hand.wobble and rng.random() < 0.4:
        y = y0 - size * 1.4
        board.stroke(np.array([[x - wide / 2, y], [x + wide / 2, y]]), look.width, look.ink, look.hand)


def _word(board: Board, text: str, x: float, y: float, size: float | None = None) -> None:
    board.write(Line(text, "word", size or board.look.size), "", x, y, board.look.note_ink)


def _remark(board: Board, pieces: Pieces) -> None:
    """A few words in a lower corner."""
    rng, size = board.rng, board.look.size
    x0, _, x1, y1 = bounds(board.extents)
    _word(board, pick(rng, _REMARKS), x1 - size * 3 if rng.random() < 0.5 else x0 + size * 4, y1 + size * 2.5)


def _signature(board: Board, pieces: Pieces) -> None:
    """Date and name in a corner."""
    rng, size = board.rng, board.look.size
    _, y0, x1, y1 = bounds(board.extents)
    text = pick(rng, _DATES) if rng.random() < 0.6 else f"{pick(rng, _PEOPLE)} {pick(rng, _DATES)}"
    _word(
        board, text, x1 - board.face.width(text, size * 0.8) / 2, y1 + size * 3 if rng.random() < 0.6 else y0 - size * 2, size * 0.8
    )


def _box_stroke(board: Board, x0: float, y0: float, x1: float, y1: float, *, dashed: bool = False) -> None:
    corners = np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]])
    look = board.look
    for a, b in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        side = np.stack([a, b])
        for part in dashes(side, look.size * 0.8, look.size * 0.5) if dashed and board.paint else [side]:
            board.stroke(part, look.width, look.ink, look.hand)


def _frame(board: Board, pieces: Pieces) -> None:
    """A line round everything."""
    x0, y0, x1, y1 = bounds(board.extents)
    pad = board.look.size * 2.5
    _box_stroke(board, x0 - pad, y0 - pad * 1.6, x1 + pad, y1 + pad)


def _area(board: Board, pieces: Pieces) -> None:
    """A line round some neighbours, with a word: a cell, a hall, a zone."""
    rng, size = board.rng, board.look.size
    if len(pieces) < 4:
        return
    first = pick(rng, tuple(pieces.values()))
    ordered = sorted(pieces.values(), key=lambda p: abs(p.centre[0] - first.centre[0]) + abs(p.centre[1] - first.centre[1]))
    chosen = ordered[: int(rng.integers(2, max(3, len(pieces) // 2 + 1)))]
    foot = [(p, *p.footprint(board.face)) for p in chosen]
    pad = size * 1.2
    x0, x1 = min(p.centre[0] - w / 2 for p, w, _ in foot) - pad, max(p.centre[0] + w / 2 for p, w, _ in foot) + pad
    y0, y1 = min(p.centre[1] - h / 2 for p, _, h in foot) - 2.4 * size, max(p.centre[1] + h / 2 for p, _, h in foot) + pad
    for piece in pieces.values():
        half_w, half_h = piece.size[0] / 2 + 2, piece.size[1] / 2 + 2
        (x, y) = piece.centre
        cuts_x = x - half_w < x0 < x + half_w or x - half_w < x1 < x + half_w
        cuts_y = y - half_h < y0 < y + half_h or y - half_h < y1 < y + half_h
        if (cuts_x and y0 < y + half_h and y - half_h < y1) or (cuts_y and x0 < x + half_w and x - half_w < x1):
            return
    _box_stroke(board, x0, y0, x1, y1, dashed=bool(rng.random() < 0.6))
    text = pick(rng, _AREAS)
    _word(board, text, x0 + size * 0.8 + board.face.width(text, size * 0.9) / 2, y0 + size * 1.4, size * 0.9)


def _legend(board: Board, pieces: Pieces) -> None:
    """The symbols of some kinds with their words, in a lower corner."""
    rng, look, face = board.rng, board.look, board.face
    x0, _, x1, y1 = bounds(board.extents)
    kinds = list(dict.fromkeys(piece.kind for piece in pieces.values()))[: int(rng.integers(2, 5))]
    size = look.size * 0.8
    left = x0 if rng.random() < 0.5 else max(x0, x1 - size * 14)
    y = y1 + size * 4
    for kind in kinds:
        shape = look.shapes[kind]
        w, h = 2.2 * size * min(1.6, WIDE.get(shape, 1.2)), 1.5 * size * min(1.3, TALL.get(shape, 1.0))
        for stroke in ALL_SHAPES[shape](left + 1.8 * size, y, w, h).strokes:
            board.stroke(stroke, look.width, look.ink, look.hand)
        text = f"{'= ' if rng.random() < 0.3 else ''}{pick(rng, TYPE_WORDS[kind])}"
        _word(board, text, left + 4.5 * size + face.width(text, size) / 2, y + size * 0.5, size)
        y += 2.6 * size


def _cloud(board: Board, pieces: Pieces) -> None:
    """A remark in a cloud or on a sticky note above or below the drawing, sometimes with a line to what it is about."""
    rng, look = board.rng, board.look
    x0, y0, x1, y1 = bounds(board.extents)
    text = pick(rng, _REMARKS)
    size = look.size * 0.9
    w, h = board.face.width(text, size) * 1.35 + 2 * size, size * 3.2
    x = float(rng.uniform(x0 + w / 2, max(x1 - w / 2, x0 + w / 2 + 1)))
    below = rng.random() < 0.6
    y = y1 + h * 0.9 if below else y0 - h * 0.9
    if rng.random() < 0.5:
        for stroke in cloud(x, y, w, h).strokes:
            board.stroke(stroke, look.width, look.note_ink, look.hand)
    else:
        _box_stroke(board, x - w / 2, y - h / 2, x + w / 2, y + h / 2)
    _word(board, text, x, y + size * 0.5, size)


def _scale_bar(board: Board, pieces: Pieces) -> None:
    """A measured length at the lower edge."""
    rng, look = board.rng, board.look
    x0, _, x1, y1 = bounds(board.extents)
    length = (x1 - x0) * float(rng.uniform(0.08, 0.25))
    left, y, tick = x0 + float(rng.random()) * (x1 - x0 - length), y1 + look.size * 2.5, look.size * 0.4
    board.stroke(np.array([[left, y], [left + length, y]]), look.width, look.ink, look.hand)
    for x in (left, left + length):
        board.stroke(np.array([[x, y - tick], [x, y + tick]]), look.width, look.ink, look.hand)
    _word(
        board, pick(rng, ("5 m", "10 m", "2 m", "1:100", "20 m", "3 m")), left + length / 2, y + look.size * 1.7, look.size * 0.85
    )


def _direction(board: Board, pieces: Pieces) -> None:
    """A loose arrow that shows the direction of flow, or north."""
    rng, look = board.rng, board.look
    x0, y0, x1, _ = bounds(board.extents)
    length = look.size * float(rng.uniform(3.5, 7.0))
    start = np.array([float(rng.uniform(x0, max(x0 + 1, x1 - length))), y0 - look.size * 2.2])
    end = np.array([start[0] + length, start[1]])
    board.stroke(np.stack([start, end]), look.link_width, look.ink, look.hand)
    for part in arrow_head(end, end - start, look.head_size, "open")[0]:
        board.stroke(part, look.link_width, look.ink, look.hand)
    _word(board, pick(rng, _MORE), float(start[0]) + length / 2, float(start[1]) - look.size * 0.6, look.size * 0.85)


def _scribble(board: Board, pieces: Pieces) -> None:
    """Something crossed out: a zigzag beside the drawing."""
    rng, look = board.rng, board.look
    x0, _, x1, y1 = bounds(board.extents)
    w, h = look.size * float(rng.uniform(2.5, 6.0)), look.size * float(rng.uniform(0.7, 1.3))
    left, top = float(rng.uniform(x0, max(x0 + 1, x1 - w))), y1 + look.size * 1.2
    turns = int(rng.integers(6, 14))
    xs = left + np.linspace(0, w, turns) + rng.normal(0, 0.3 * look.size, turns)
    board.stroke(np.stack([xs, top + h * (np.arange(turns) % 2)], axis=1), look.width, look.ink, look.hand)


def _numbers(board: Board, pieces: Pieces) -> None:
    """The stations numbered in circles at their upper left corners."""
    look = board.look
    size = look.size * 0.75
    for number, piece in enumerate(pieces.values(), 1):
        x, y = piece.centre[0] - piece.size[0] / 2 - size * 0.8, piece.centre[1] - piece.size[1] / 2 - size * 0.8
        for stroke in ALL_SHAPES["ellipse"](x, y, size * 2.3, size * 2.3).strokes:
            board.stroke(stroke, look.width * 0.8, look.ink, look.hand)
        _word(board, str(number), x, y + size * 0.5, size)


#: Share in programs, share by hand, what is added.
_EXTRAS: tuple[tuple[float, float, Callable[[Board, Pieces], None]], ...] = (
    (0.03, 0.02, _area),
    (0.01, 0.02, _numbers),
    (0.03, 0.08, _remark),
    (0.02, 0.05, _signature),
    (0.03, 0.04, _legend),
    (0.02, 0.05, _cloud),
    (0.01, 0.02, _scale_bar),
    (0.01, 0.03, _direction),
    (0.0, 0.04, _scribble),
    (0.04, 0.03, _frame),
)
