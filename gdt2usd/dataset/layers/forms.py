"""Which form of layout suits which line, such that over many lines every form has the share that was asked.

Not covered: where a form puts the stations (`layout`).
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np


class LineClass(NamedTuple):
    """What matters for the form: whether the line branches, whether belts carry it, whether it has fewer than five stations."""

    branched: bool
    belts: bool
    short: bool


#: How often each class is drawn with the default shares of the other layers (measured over 6,000 lines).
FREQUENCIES: dict[LineClass, float] = {
    LineClass(True, True, True): 0.0005,
    LineClass(True, True, False): 0.0903,
    LineClass(True, False, True): 0.0118,
    LineClass(True, False, False): 0.3305,
    LineClass(False, True, True): 0.0220,
    LineClass(False, True, False): 0.1105,
    LineClass(False, False, True): 0.1377,
    LineClass(False, False, False): 0.2967,
}


def _fit(form: str, line: LineClass) -> float:
    """How well `form` suits `line`, 0 to 1."""
    if form in ("parallel", "network"):
        return 1.0 if line.branched else 0.0
    if form == "conveyor":
        return 1.0 if line.belts else 0.1
    if form in ("snake", "loop", "u"):
        return 0.3 if line.short else 1.0
    return 1.0


@cache
def weights_by_line(shares: tuple[tuple[str, float], ...]) -> dict[LineClass, dict[str, float]]:
    """Weights of the forms for each class of lines, so that together the forms have `shares` (form, weight on any scale).

    Suitability is scaled by rows and columns in turn until both the classes' frequencies and the forms' shares come out
    (iterative proportional fitting; Deming and Stephan 1940). Shares that no suitable line can give are met as far as possible,
    a class that suits none of the forms takes them as they are asked.
    """
    classes = tuple(FREQUENCIES)
    asked = np.array([share for _, share in shares])
    rows = np.array([FREQUENCIES[line] for line in classes])
    joint = np.array([[_fit(form, line) if share > 0 else 0.0 for form, share in shares] for line in classes])
    joint[joint.sum(axis=1) == 0] = asked
    for _ in range(300):
        columns = joint.sum(axis=0)
        joint = joint * np.where(columns > 0, asked / asked.sum() * rows.sum() / np.maximum(columns, 1e-12), 0.0)
        joint = joint * (rows / np.maximum(joint.sum(axis=1), 1e-12))[:, None]
    forms = [form for form, _ in shares]
    return {line: dict(zip(forms, weights.tolist(), strict=True)) for line, weights in zip(classes, joint, strict=True)}
