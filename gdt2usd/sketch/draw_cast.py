"""Which shape each kind of station and resource gets in one picture: plain boxes, a few symbols, a symbol for everything, or none.

Not covered: the shapes themselves (`draw_shapes`, `draw_symbols`), what people draw for a kind (`draw_options`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

from gdt2usd.sketch.draw_options import RESOURCES, STATIONS, SYMBOLS

T = TypeVar("T")

#: Programs that lay out by themselves have few shapes: what they show for a symbol.
AUTOMATIC = frozenset({"mermaid", "mermaid_hand", "graphviz", "d2", "d2_sketch"})
_PROGRAMMATIC = {
    "rack": "cylinder", "robot_arm": "hexagon", "rollers": "signpost", "ladder": "signpost", "belt": "signpost",
    "donut": "double_ellipse", "crossed_circle": "ellipse", "lane": "barred_box", "factory": "house_down",
    "row_of_boxes": "cylinder", "waiting_items": "cylinder", "pallet": "cylinder", "pulleys": "signpost",
    "supported_belt": "signpost", "arrowed_band": "signpost", "double_line": "signpost", "triangle_right": "signpost",
    "dock": "house", "warehouse": "house", "plus_circle": "diamond", "triangle_left": "diamond", "crates": "cylinder",
}  # fmt: skip
_PERSONS = ("stick_figure", "walking_figure", "helmet", "seen_from_above", "worker")
_BOXED = ("smiley", "truck", "cart", "monitor", "gantry", "forklift", "foot_box", "gear", "machine")


def pick(rng: np.random.Generator, options: Sequence[T]) -> T:
    """One of `options`, each as likely."""
    return options[int(rng.integers(len(options)))]


def choose_shapes(style: str, rng: np.random.Generator) -> dict[str, str]:
    """A shape for every kind in a picture of `style`."""
    mood = rng.random()
    box = pick(rng, ("rectangle", "rectangle", "rounded", "slightly_rounded"))
    chosen = dict.fromkeys((*STATIONS, *RESOURCES), box)
    if style in AUTOMATIC:
        share = 0.3 if mood < 0.5 else 0.8
    else:
        share = 0.05 if mood < 0.3 else 0.55 if mood < 0.65 else 0.95
    for kind, symbols in SYMBOLS.items():
        if rng.random() < share:
            known = rng.random() < 0.65
            chosen[kind] = symbols[min(int(rng.exponential(1.6)), len(symbols) - 1)] if known else pick(rng, symbols)
    if style in AUTOMATIC:
        person = "bust" if style.startswith("d2") else box
        plain = {**_PROGRAMMATIC, **dict.fromkeys(_PERSONS, person), **dict.fromkeys(_BOXED, box)}
        chosen = {kind: plain.get(shape, shape) for kind, shape in chosen.items()}
    elif rng.random() < 0.05:
        without = dict.fromkeys(chosen, pick(rng, ("bare", "bare", "underlined")))
        chosen = without | ({kind: chosen[kind] for kind in RESOURCES} if rng.random() < 0.5 else {})
    elif rng.random() < 0.08:
        chosen["source"] = chosen["sink"] = "bare"
    if rng.random() < 0.24 and chosen["source"] != "factory":
        chosen["sink"] = chosen["source"]
    return chosen
