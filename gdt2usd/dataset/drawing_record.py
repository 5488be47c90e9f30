"""The geometry of everything in a finished picture, after all distortions, in its pixels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gdt2usd.dataset.drawing_board import Board, Piece
from gdt2usd.dataset.ocr_noise import TextRun
from gdt2usd.dataset.sample import Drawing, DrawnLink, DrawnNote, DrawnObject, Plan
from gdt2usd.diagnostics import Box
from gdt2usd.sketch.draw_canvas import project

Points = NDArray[np.float64]


def record(
    plan: Plan, pieces: dict[str, Piece], board: Board, matrix: Points, size: tuple[int, int]
) -> tuple[Drawing, list[TextRun]]:
    inks = [ink for _, _, ink in board.texts]
    outlines = [piece.shape.outline for piece in pieces.values() if piece.shape is not None]
    boxes = _boxes([*inks, *outlines], matrix, size)
    written, drawn = boxes[: len(inks)], boxes[len(inks) :]
    runs = [TextRun(line.text, line.role, owner, box) for (line, owner, _), box in zip(board.texts, written, strict=True)]
    names: dict[str, list[Box]] = {i: [] for i in pieces}
    notes = []
    for (line, owner, _), box in zip(board.texts, written, strict=True):
        if line.role in {"name", "name+tag"}:
            names[owner].append(box)
        if line.role != "name":
            notes.append(DrawnNote(line.text, box, line.facts))
    objects = []
    for (i, piece), outline in zip(pieces.items(), drawn, strict=True):
        around = _around(names[i]) if names[i] else outline
        objects.append(DrawnObject(i, piece.kind, outline, plan.labels.get(i, i), around, piece.shape_name))
    links = tuple(
        DrawnLink(a, b, dashed, arrow, tuple((x, y) for x, y in project(matrix, line).tolist()))
        for a, b, dashed, arrow, line in board.links
    )
    return Drawing(plan.style, tuple(objects), links, tuple(notes)), runs


def _boxes(parts: list[Points], matrix: Points, size: tuple[int, int]) -> list[Box]:
    """The boxes round `parts` as seen, cut to the picture."""
    starts = np.cumsum([0, *(len(part) for part in parts[:-1])])
    seen = project(matrix, np.concatenate(parts))
    low, high = np.minimum.reduceat(seen, starts), np.maximum.reduceat(seen, starts)
    low, high = np.maximum(low, 0.0), np.minimum(high, size)
    return [Box(x0, y0, x1, y1) for (x0, y0), (x1, y1) in zip(low.tolist(), high.tolist(), strict=True)]


def _around(boxes: list[Box]) -> Box:
    return Box(min(b.x0 for b in boxes), min(b.y0 for b in boxes), max(b.x1 for b in boxes), max(b.y1 for b in boxes))
