"""The geometry of everything in a finished picture, after all distortions, in its pixels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gdt2usd.dataset.drawing_board import Board, Piece
from gdt2usd.dataset.ocr_noise import TextRun
from gdt2usd.dataset.sample import Drawing, DrawnLink, DrawnNote, DrawnObject, Plan
from gdt2usd.diagnostics import Box
from gdt2usd.sketch.draw_canvas import bounds, project

Points = NDArray[np.float64]


def record(
    plan: Plan, pieces: dict[str, Piece], board: Board, matrix: Points, size: tuple[int, int]
) -> tuple[Drawing, list[TextRun]]:
    def box(points: list[Points]) -> Box:
        x0, y0, x1, y1 = bounds([project(matrix, np.concatenate(points))])
        return Box(max(0.0, x0), max(0.0, y0), min(float(size[0]), x1), min(float(size[1]), y1))

    runs = [TextRun(line.text, line.role, owner, box([ink])) for line, owner, ink in board.texts]
    names: dict[str, list[Points]] = {i: [] for i in pieces}
    notes = []
    for line, owner, ink in board.texts:
        if line.role in {"name", "name+tag"}:
            names[owner].append(ink)
        if line.role != "name":
            notes.append(DrawnNote(line.text, box([ink]), line.facts))
    objects = []
    for i, piece in pieces.items():
        assert piece.shape is not None
        outline = box([piece.shape.outline])
        objects.append(DrawnObject(i, piece.kind, outline, plan.labels.get(i, i), box(names[i]) if names[i] else outline))
    links = tuple(
        DrawnLink(a, b, dashed, arrow, tuple((float(x), float(y)) for x, y in project(matrix, line)))
        for a, b, dashed, arrow, line in board.links
    )
    return Drawing(plan.style, tuple(objects), links, tuple(notes)), runs
