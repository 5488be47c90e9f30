"""Labels as the OCR would read them, without running it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gdt2usd.diagnostics import Box
from gdt2usd.sketch.sketch import Label


@dataclass(frozen=True, slots=True)
class TextRun:
    """One line of text in a picture as it was drawn: `role` name, name+tag, tag, note, percent, title, word; `owner` an object id."""

    text: str
    role: str
    owner: str
    box: Box


def union(boxes: Sequence[Box]) -> Box:
    """The smallest box around all `boxes`."""
    return Box(min(b.x0 for b in boxes), min(b.y0 for b in boxes), max(b.x1 for b in boxes), max(b.y1 for b in boxes))


def read_like_ocr(runs: Sequence[TextRun], style: str, rng: np.random.Generator) -> tuple[Label, ...]:
    """Labels in reading order: the lines of a name joined."""
    names: dict[str, list[TextRun]] = {}
    labels = []
    for run in runs:
        if run.role == "name":
            names.setdefault(run.owner, []).append(run)
        else:
            labels.append(Label(run.text, run.box, float(rng.uniform(0.85, 1.0))))
    labels += [
        Label(" ".join(r.text for r in lines), union([r.box for r in lines]), float(rng.uniform(0.85, 1.0)))
        for lines in names.values()
    ]
    return tuple(sorted(labels, key=lambda label: (round(label.box.y0 / 40), label.box.x0)))
