"""The sheet while it is being drawn: objects with their text, pen strokes, words, links, in sheet units.

Not covered: what is drawn where (`drawing`, `drawing_lines`).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from gdt2usd.dataset import drawing_text as words
from gdt2usd.dataset.drawing_text import Line
from gdt2usd.sketch.draw_canvas import WORD, Colour, Scene
from gdt2usd.sketch.draw_glyphs import Typeface, set_text, text_frame
from gdt2usd.sketch.draw_shapes import Shape
from gdt2usd.sketch.draw_strokes import Hand, by_hand
from gdt2usd.sketch.draw_styles import Look

Points = NDArray[np.float64]


@dataclass(slots=True)
class Piece:
    """One object to draw: text inside its shape and text outside, the shape's size, and its centre once placed."""

    id: str
    kind: str
    shape_name: str
    inside: list[Line]
    outside: list[Line]
    size: tuple[float, float]
    place: str = "below"
    centre: tuple[float, float] = (0.0, 0.0)
    shape: Shape | None = None
    text_box: tuple[float, float, float, float] | None = None

    def footprint(self, face: Typeface) -> tuple[float, float]:
        """Width and height with the text outside (height as if it were above and below, so that rows stay apart)."""
        if self.place == "beside":
            reach = self.size[0] + 2.2 * words.width(self.outside, face)
            return reach, max(self.size[1], words.height(self.outside))
        return max(self.size[0], words.width(self.outside, face)), self.size[1] + 1.2 * words.height(self.outside)


@dataclass(slots=True)
class Board:
    """The drawing in progress: the scene, and what was written and drawn where, in sheet units."""

    look: Look
    face: Typeface
    rng: np.random.Generator
    paint: bool = True
    scene: Scene = field(default_factory=Scene)
    strokes: list[tuple[Points, float, Colour, Hand]] = field(default_factory=list)
    texts: list[tuple[Line, str, Points]] = field(default_factory=list)
    pending: list[tuple[Line, str, tuple[float, float], Colour]] = field(default_factory=list)
    links: list[tuple[str, str, bool, bool, Points]] = field(default_factory=list)
    extents: list[Points] = field(default_factory=list)

    def stroke(self, points: Points, width: float, ink: Colour, hand: Hand) -> None:
        """One pen stroke, drawn at the end."""
        if self.paint:
            self.strokes.append((points, width, ink, hand))
        self.extents.append(points)

    def write(self, line: Line, owner: str, centre_x: float, baseline: float, ink: Colour) -> None:
        """One line of text centred at `centre_x`; letters are laid over everything else at the end."""
        self.pending.append((line, owner, (centre_x, baseline), ink))

    def finish(self) -> None:
        """Draw all strokes and set all lines; unpainted only the boxes round the lines."""
        if not self.paint:
            self._frame_text()
            return
        drawn = iter(by_hand([points for points, *_ in self.strokes], [hand for *_, hand in self.strokes], self.rng))
        for _, width, ink, hand in self.strokes:
            self.scene.layer(ink).strokes.extend((next(drawn), width) for _ in range(hand.strokes))
        self._set_text()

    def _left(self, line: Line, x: float) -> float:
        """Where the first letter of a line centred at `x` stands."""
        return x - (self.face.width(line.text, line.size) + self.look.writing.spacing * line.size * len(line.text)) / 2

    def _set_text(self) -> None:
        placed = [(line.text, self._left(line, x), baseline, line.size) for line, _, (x, baseline), _ in self.pending]
        if not placed:
            return
        for (line, owner, _, ink), word in zip(self.pending, set_text(self.face, placed, self.look.writing, self.rng), strict=True):
            if word is None:
                continue
            self.scene.layer(ink, WORD).words.append(word)
            self.texts.append((line, owner, word.points))
            self.extents.append(word.points)

    def _frame_text(self) -> None:
        look, face = self.look, self.face
        for line, owner, (x, baseline), _ in self.pending:
            left = self._left(line, x)
            frame = text_frame(face, line.text, left, baseline, line.size, look.writing, self.rng)
            if frame is not None:
                self.texts.append((line, owner, frame))
                self.extents.append(frame)
