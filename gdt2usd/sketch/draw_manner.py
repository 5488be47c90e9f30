"""How careful one person is: gaps at line ends, shapes in one stroke, words under a shape, percentages on lines, dashes.

Drawn once per picture; the programs are exact, hands are not. Not covered: pens, colours and fonts (`draw_styles`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

BY_HAND = frozenset({"paper", "pencil", "whiteboard", "tablet", "icons"})
LOOSE = BY_HAND | {"excalidraw"}


@dataclass(frozen=True, slots=True)
class Manner:
    """Lengths in cap heights, the rest shares.

    `slack`: deviation of the gap between a line's end and its shape (below zero: into the shape); `gaping`: share of lines with
    a wide gap; `past_words`: a line begins under the words under a shape. `one_stroke`: share of angular shapes in one stroke
    that ends where it began, more or less; `cut`: how round their corners are; `soft`: radius of bends in lines.
    `left_aligned`: words outside begin at one edge; `beside`: words of small figures stand to their right.
    `percent_on`: percentages interrupt their line; `percent_at`: how far along it; `percent_words`: "7% rework".
    `dash`, `dash_gap`, `dash_headed`: lines of
    operators and vehicles. `stub`: an arrow from nowhere into the line and out of it.
    """

    slack: float = 0.0
    gaping: float = 0.0
    past_words: bool = False
    one_stroke: float = 0.0
    cut: float = 0.0
    soft: float = 0.0
    left_aligned: bool = False
    beside: bool = False
    percent_on: bool = False
    percent_at: float = 0.5
    percent_form: str = "{}%"
    percent_words: bool = False
    dash: float = 0.7
    dash_gap: float = 0.55
    dash_headed: bool = False
    stub: bool = False


PERCENT_FORMS = ("{}%",) * 10 + ("{} %",) * 3 + ("({}%)", "~{}%")


def _pick(rng: np.random.Generator, options: tuple[str, ...]) -> str:
    return options[int(rng.integers(len(options)))]


def choose_manner(style: str, rng: np.random.Generator) -> Manner:
    """The habits of one picture in `style`."""
    hand, loose = style in BY_HAND, style in LOOSE
    dotted = rng.random() < (0.12 if hand else 0.2)
    return Manner(
        slack=float(rng.uniform(0.0, 0.45)) if hand else float(rng.uniform(0.0, 0.12)) if loose else 0.0,
        gaping=float(rng.choice([0.0, 0.0, 0.06, 0.2])) if loose else 0.0,
        past_words=bool(rng.random() < (0.45 if loose or style in {"pptx", "drawio"} else 0.1)),
        one_stroke=float(rng.choice([0.0, 0.0, 0.4, 1.0])) if hand and style != "icons" else 0.0,
        cut=float(rng.uniform(0.0, 0.8)),
        soft=float(rng.choice([0.0, rng.uniform(0.2, 1.6)])) if loose else 0.0,
        left_aligned=bool(rng.random() < (0.45 if style == "excalidraw" else 0.12 if hand else 0.03)),
        beside=bool(rng.random() < (0.15 if hand else 0.06)),
        percent_on=bool(rng.random() < (0.85 if style[:2] in {"d2", "me"} else 0.3 if style in {"drawio", "pptx"} else 0.0)),
        percent_at=float(rng.choice([0.5, 0.5, 0.5, 0.3, 0.2, 0.7])),
        percent_form=_pick(rng, PERCENT_FORMS),
        percent_words=bool(rng.random() < 0.1),
        dash=float(rng.uniform(0.1, 0.25) if dotted else rng.uniform(0.4, 1.3)),
        dash_gap=float(rng.uniform(0.25, 0.5) if dotted else rng.uniform(0.3, 1.0)),
        dash_headed=bool(rng.random() < 0.1),
        stub=bool(rng.random() < (0.05 if hand else 0.02)),
    )
