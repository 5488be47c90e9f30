"""How a picture looks: for each style the fonts, pens, shapes, arrows and backgrounds to choose from, and one choice per picture.

Styles are those in which users' sketches come: pens on paper, whiteboards, tablets, and the common diagram programs.
Not covered: drawing (`draw_shapes`, `draw_strokes`), arranging (`dataset.drawing`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from gdt2usd.sketch.draw_canvas import Colour
from gdt2usd.sketch.draw_cast import choose_shapes, pick
from gdt2usd.sketch.draw_glyphs import Writing
from gdt2usd.sketch.draw_manner import Manner, choose_manner
from gdt2usd.sketch.draw_options import (
    ACCENTS,
    BLACK,
    DRAWN,
    MARKERS,
    PALETTES,
    PENS,
    RARE_WRITERS,
    RESOURCES,
    SANS,
    STATIONS,
    STYLES,
    WRITERS,
)
from gdt2usd.sketch.draw_strokes import Hand

__all__ = ["STYLES", "Look", "choose_look", "pick"]


@dataclass(frozen=True, slots=True)
class Look:
    """Everything chosen for one picture. Lengths are sheet units (a capital letter is `size` high); shares are 0..1.

    `shapes` and `fills` are by kind; `tag` is a format for the type word ("" none) drawn for a `tag_share` of the objects;
    `route` is straight, elbow, rounded or curve; `arrange` is poses, right or down; `note_place` inside, below, above or beside.
    """

    style: str
    face: str
    size: float
    writing: Writing
    hand: Hand
    width: float
    link_width: float
    ink: Colour
    text_ink: Colour
    link_ink: Colour
    dashed_ink: Colour
    note_ink: Colour
    shapes: dict[str, str]
    fills: dict[str, Colour]
    hatched: bool
    white_on_dark: bool
    head: str
    head_size: float
    route: str
    arrange: str
    tag: str
    tag_share: float
    note_place: str
    note_scale: float
    gap: float
    padding: float
    link_gap: float
    solid_centre: bool
    uniform: bool
    backdrop: str
    title_share: float
    shadow: bool = False
    stretch: float = 1.0
    manner: Manner = field(default_factory=Manner)


def _fills(rng: np.random.Generator, share: float, palettes: Sequence[int]) -> dict[str, Colour]:
    if rng.random() > share:
        return {}
    palette = PALETTES[pick(rng, palettes)]
    groups = {**dict.fromkeys(STATIONS, "processor"), **dict.fromkeys(RESOURCES, "resource")}
    groups |= {"source": "source", "sink": "sink", "queue": "queue", "storage": "queue"}
    if rng.random() < 0.2:
        return dict.fromkeys(groups, palette["processor"])
    return {kind: palette[group] for kind, group in groups.items()}


def _tag(rng: np.random.Generator) -> tuple[str, float]:
    """The form of type words, and for which share of the objects they are written."""
    mood = rng.random()
    if mood < 0.45:
        return "", 0.0
    form = pick(rng, ("({})", "({})", "({})", "<<{}>>", "[{}]", "{}", "«{}»", "- {} -", "[{!s:.1}]"))
    return form, float(1.0 if mood < 0.7 else rng.uniform(0.4, 0.95))


def _base(style: str, rng: np.random.Generator) -> dict[str, object]:
    ink = BLACK
    tag, tag_share = _tag(rng)
    return {
        "style": style,
        "face": pick(rng, SANS),
        "size": float(rng.uniform(9.0, 15.0)),
        "writing": Writing(),
        "hand": Hand(),
        "width": float(rng.uniform(1.0, 2.0)),
        "link_width": float(rng.uniform(1.0, 2.0)),
        "ink": ink,
        "text_ink": ink,
        "link_ink": ink,
        "dashed_ink": ink,
        "note_ink": ink,
        "shapes": choose_shapes(style, rng),
        "fills": {},
        "hatched": False,
        "white_on_dark": False,
        "head": pick(rng, ("filled", "filled", "barbed", "open")),
        "head_size": float(rng.uniform(7.0, 13.0)),
        "route": pick(rng, ("straight", "elbow", "rounded", "straight")),
        "arrange": "poses",
        "tag": tag,
        "tag_share": tag_share,
        "note_place": pick(rng, ("below", "below", "inside", "above")),
        "note_scale": float(rng.uniform(0.75, 1.0)),
        "gap": float(rng.uniform(38.0, 90.0)),
        "padding": float(rng.uniform(3.0, 17.0)),
        "link_gap": 0.0,
        "solid_centre": bool(rng.random() < 0.07),
        "uniform": bool(rng.random() < 0.4),
        "backdrop": "white",
        "title_share": 0.12,
    }


def _handwriting(rng: np.random.Generator, rough: float) -> dict[str, object]:
    return {
        "face": pick(rng, RARE_WRITERS if rng.random() < 0.05 else WRITERS),
        "writing": Writing(
            float(rng.normal(0.0, 0.08)),
            float(rng.uniform(0.004, 0.03)),
            float(rng.uniform(0.0, 0.025)),
            float(rng.normal(0.0, 0.02)),
            float(rng.uniform(0.0, 0.035)),
            float(rng.uniform(0.02, 0.06)) if rng.random() < 0.25 else 0.0,
        ),
        "stretch": float(rng.uniform(0.85, 1.2)),
        "hand": Hand(
            rough * float(rng.uniform(0.3, 0.9)), rough * float(rng.uniform(0.5, 3.0)), rough * float(rng.uniform(0.0, 3.0)), 1
        ),
        "head": pick(rng, ("open", "open", "wide", "filled", "half", "open")) if rng.random() < 0.93 else "none",
        "link_gap": float(rng.uniform(0.0, 7.0)),
        "size": float(rng.uniform(11.0, 17.0)),
        "width": float(rng.uniform(1.2, 2.4)),
        "link_width": float(rng.uniform(1.2, 2.4)),
        "route": pick(rng, ("straight", "straight", "straight", "elbow", "curve")),
        "head_size": float(rng.uniform(9.0, 16.0)),
    }


def _pen(style: str, rng: np.random.Generator) -> dict[str, object]:
    ink = pick(rng, PENS)
    look: dict[str, object] = {
        **_handwriting(rng, 1.0),
        "ink": ink,
        "text_ink": ink,
        "link_ink": ink,
        "dashed_ink": ink,
        "note_ink": ink,
    }
    look["backdrop"] = pick(rng, ("squared", "squared", "lined", "blank", "dotted"))
    if style == "pencil":
        grey = int(rng.integers(60, 120))
        look |= dict.fromkeys(("ink", "text_ink", "link_ink", "dashed_ink", "note_ink"), (grey, grey, grey + 4))
        look["hand"] = Hand(
            float(rng.uniform(0.4, 1.0)), float(rng.uniform(0.5, 2.5)), float(rng.uniform(0.5, 3.0)), int(rng.integers(1, 3))
        )
        look["width"] = look["link_width"] = float(rng.uniform(1.0, 1.8))
    if rng.random() < 0.25:
        look["note_ink"] = look["dashed_ink"] = pick(rng, ACCENTS) if style != "pencil" else look["ink"]
    return look


def _marker(rng: np.random.Generator) -> dict[str, object]:
    ink, other = pick(rng, MARKERS), pick(rng, MARKERS)
    look: dict[str, object] = {**_handwriting(rng, 1.3), "ink": ink, "text_ink": ink if rng.random() < 0.75 else other}
    look["link_ink"] = ink if rng.random() < 0.55 else other
    look["dashed_ink"] = ink if rng.random() < 0.5 else pick(rng, MARKERS)
    look["note_ink"] = ink if rng.random() < 0.5 else pick(rng, MARKERS)
    look["width"] = look["link_width"] = float(rng.uniform(2.0, 3.6))
    look["backdrop"] = pick(rng, ("whiteboard", "whiteboard", "board_sheet"))
    return look


def _tablet(rng: np.random.Generator) -> dict[str, object]:
    ink = pick(rng, (BLACK, (20, 28, 44), (20, 40, 120), (60, 60, 66)))
    look: dict[str, object] = {
        **_handwriting(rng, 0.9),
        "ink": ink,
        "text_ink": ink,
        "link_ink": ink,
        "note_ink": ink,
        "dashed_ink": ink,
    }
    if rng.random() < 0.45:
        look["dashed_ink"] = pick(rng, ACCENTS)
    if rng.random() < 0.3:
        look["note_ink"] = pick(rng, ACCENTS)
    look["width"] = look["link_width"] = float(rng.uniform(1.5, 3.0))
    look["backdrop"] = pick(rng, ("tablet_lined", "tablet_dotted", "tablet_squared", "white", "cream"))
    return look


def _excalidraw(rng: np.random.Generator) -> dict[str, object]:
    ink = pick(rng, ((30, 30, 30), (30, 30, 30), (25, 113, 194), (47, 158, 68), (224, 49, 49)))
    clean = rng.random() < 0.25
    return {
        "face": pick(rng, DRAWN) if rng.random() < 0.75 else pick(rng, ("nunito-400", "arimo-400", "cousine-400")),
        "hand": Hand(0.35, 0.8, 0.6, 1) if clean else Hand(float(rng.uniform(0.6, 1.1)), float(rng.uniform(1.0, 2.2)), 0.8, 2),
        "ink": ink,
        "text_ink": ink if rng.random() < 0.6 else (30, 30, 30),
        "link_ink": ink,
        "dashed_ink": (30, 30, 30),
        "note_ink": pick(rng, ((25, 113, 194), ink, (224, 49, 49), (100, 100, 100))),
        "fills": _fills(rng, 0.5, (2, 0)),
        "hatched": bool(rng.random() < 0.6),
        "head": "open",
        "head_size": float(rng.uniform(11, 17)),
        "link_gap": float(rng.uniform(2, 9)),
        "route": pick(rng, ("straight", "straight", "curve", "elbow")),
        "width": float(rng.uniform(1.0, 2.2)),
        "link_width": float(rng.uniform(1.0, 2.2)),
        "size": float(rng.uniform(10.0, 15.0)),
        "uniform": bool(rng.random() < 0.3),
    }


def _drawio(style: str, down: bool, rng: np.random.Generator) -> dict[str, object]:
    return {
        "face": pick(rng, ("arimo-400", "inter-400")),
        "fills": _fills(rng, 0.6, (0, 0, 4)),
        "size": float(rng.uniform(8.5, 12)),
        "head": pick(rng, ("barbed", "filled")),
        "head_size": float(rng.uniform(6, 9)),
        "width": 1.0,
        "link_width": 1.0,
        "route": pick(rng, ("elbow", "elbow", "rounded", "straight")),
        "shadow": bool(rng.random() < 0.25),
        "title_share": 0.2,
    }


def _pptx(style: str, down: bool, rng: np.random.Generator) -> dict[str, object]:
    fills = _fills(rng, 0.85, (1, 5, 0))
    dark = bool(fills) and sum(fills["processor"]) < 480
    return {
        "face": pick(rng, ("carlito-400", "arimo-400", "lato-400")),
        "fills": fills,
        "white_on_dark": dark,
        "size": float(rng.uniform(9, 13)),
        "ink": (47, 82, 143) if dark else BLACK,
        "link_ink": (64, 64, 64) if dark else BLACK,
        "dashed_ink": (64, 64, 64),
        "route": pick(rng, ("elbow", "straight")),
        "shadow": bool(rng.random() < 0.3),
        "head": "filled",
        "backdrop": "slide",
        "title_share": 0.4,
    }


def _mermaid(style: str, down: bool, rng: np.random.Generator) -> dict[str, object]:
    hand = style.endswith("hand")
    violet = rng.random() < 0.7
    return {
        "face": pick(rng, ("fira-sans-400", "open-sans-400", "arimo-400")) if not hand else pick(rng, (*DRAWN, "fira-sans-400")),
        "fills": _fills(rng, 1.0, (3,)) if violet else _fills(rng, 0.4, (0, 4)),
        "ink": (147, 112, 219) if violet else (51, 51, 51),
        "text_ink": (51, 51, 51),
        "link_ink": (51, 51, 51),
        "note_ink": (51, 51, 51),
        "dashed_ink": (51, 51, 51),
        "hand": Hand(0.7, 1.2, 0.6, 2) if hand else Hand(),
        "hatched": hand and bool(rng.random() < 0.6),
        "size": float(rng.uniform(10, 13)),
        "route": "curve",
        "arrange": "down" if down else "right",
        "head": "filled",
        "head_size": 8.0,
        "width": 1.0,
        "link_width": 1.2 + hand,
        "note_place": pick(rng, ("inside", "inside", "below")),
        "title_share": 0.04,
    }


def _d2(style: str, down: bool, rng: np.random.Generator) -> dict[str, object]:
    hand = style.endswith("sketch")
    blue = rng.random() < 0.75
    ink: Colour = (13, 50, 178) if blue else pick(rng, (BLACK, (10, 15, 37), (74, 111, 165)))
    return {
        "face": pick(rng, ("source-sans-3-700", "source-sans-3-400")) if not hand else pick(rng, DRAWN),
        "ink": ink if not hand else (10, 15, 37),
        "text_ink": (10, 15, 37),
        "link_ink": ink if not hand else (10, 15, 37),
        "dashed_ink": ink,
        "note_ink": (103, 108, 126),
        "fills": _fills(rng, 0.9, (3, 3, 0)),
        "hand": Hand(0.7, 1.3, 0.4, 2) if hand else Hand(),
        "route": pick(rng, ("curve", "curve", "elbow", "rounded")),
        "arrange": "down" if down else "right",
        "width": 2.0,
        "link_width": 2.0,
        "padding": float(rng.uniform(16, 30)),
        "head": pick(rng, ("filled", "barbed")),
        "head_size": 10.0,
        "note_place": pick(rng, ("inside", "below")),
        "hatched": False,
        "title_share": 0.04,
    }


def _graphviz(style: str, down: bool, rng: np.random.Generator) -> dict[str, object]:
    return {
        "face": pick(rng, ("tinos-400", "dejavu-sans-400", "arimo-400")),
        "fills": _fills(rng, 0.2, (4, 0)),
        "route": "curve",
        "arrange": "down" if down else "right",
        "width": 1.0,
        "link_width": 1.0,
        "head": "filled",
        "head_size": 9.0,
        "note_place": "inside",
        "size": float(rng.uniform(9, 12)),
        "padding": float(rng.uniform(5, 10)),
        "gap": float(rng.uniform(28, 50)),
        "uniform": False,
        "title_share": 0.03,
    }


_PROGRAMS = {"drawio": _drawio, "pptx": _pptx, "mermaid": _mermaid, "d2": _d2, "graphviz": _graphviz}


def _program(style: str, rng: np.random.Generator) -> dict[str, object]:
    """The diagram programs: draw.io, PowerPoint, and those that lay out by themselves, from left to right or downwards."""
    down = bool(rng.random() < 0.3)
    return _PROGRAMS[style.split("_", maxsplit=1)[0]](style, down, rng)


def choose_look(style: str, rng: np.random.Generator) -> Look:
    """One picture's look in `style` (one of `STYLES`); KeyError for another word."""
    if style not in STYLES:
        raise KeyError(f"no sketch style {style!r}; known: {', '.join(STYLES)}")
    look = _base(style, rng)
    if style in {"paper", "pencil"}:
        look |= _pen(style, rng)
    elif style == "whiteboard":
        look |= _marker(rng)
    elif style == "tablet":
        look |= _tablet(rng)
    elif style == "excalidraw":
        look |= _excalidraw(rng)
    elif style == "print_photo":
        look |= _program(pick(rng, ("drawio", "drawio", "pptx", "graphviz", "mermaid", "d2")), rng) | {"backdrop": "print"}
    elif style == "icons":
        look |= _icons(rng)
    else:
        look |= _program(style, rng)
    look["manner"] = choose_manner(style, rng)
    return Look(**look)  # type: ignore[arg-type]


def _icons(rng: np.random.Generator) -> dict[str, object]:
    """The paper's figure: small shaded machines, names under them, thin lines."""
    grey = int(rng.integers(50, 110))
    ink = (grey, grey, grey)
    boxes = ("machine", "scanner", "cabinet", "plate", "table", "crates", "cube", "machine", "scanner")
    shapes = {kind: pick(rng, boxes) for kind in STATIONS} | {
        kind: pick(rng, ("worker", "stick_figure", "bust")) for kind in RESOURCES
    }
    shapes |= {"agv": "cart", "transporter": "cart", "robot": "robot_arm", "dispatcher": pick(rng, ("worker", "cabinet", "table"))}
    fills = dict.fromkeys((*STATIONS, *RESOURCES), (grey + 70, grey + 70, grey + 70))
    look: dict[str, object] = {
        **_handwriting(rng, 0.7),
        "ink": ink,
        "text_ink": (30, 30, 30),
        "link_ink": ink,
        "dashed_ink": ink,
        "note_ink": ink,
    }
    return look | {
        "shapes": shapes,
        "fills": fills,
        "hatched": bool(rng.random() < 0.6),
        "head": pick(rng, ("none", "none", "open")),
        "backdrop": "grey_grid",
        "width": 1.3,
        "link_width": 1.2,
        "link_gap": 0.0,
        "solid_centre": bool(rng.random() < 0.6),
        "tag": "",
        "route": "straight",
    }
