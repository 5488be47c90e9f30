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
    texts: list[tuple[Line, str, Points]] = field(default_factory=list)
    pending: list[tuple[Line, str, tuple[float, float], Colour]] = field(default_factory=list)
    links: list[tuple[str, str, bool, bool, Points]] = field(default_factory=list)
    extents: list[Points] = field(default_factory=list)

    def stroke(self, points: Points, width: float, ink: Colour, hand: Hand) -> None:
        """One pen stroke."""
        if self.paint:
            self.scene.layer(ink).strokes.extend((line, width) for line in by_hand(points, hand, self.rng))
        self.extents.append(points)

    def write(self, line: Line, owner: str, centre_x: float, baseline: float, ink: Colour) -> None:
        """One line of text centred at `centre_x`; letters are laid over everything else at the end."""
        self.pending.append((line, owner, (centre_x, baseline), ink))

    def finish_text(self) -> None:
        """Set all lines, those of one colour together; unpainted only the boxes round them."""
        if not self.paint:
            self._frame_text()
            return
        for ink in dict.fromkeys(item[3] for item in self.pending):
            layer = self.scene.layer(ink, WORD)
            for line, owner, (x, baseline), colour in self.pending:
                if colour != ink:
                    continue
                writing = self.look.writing
                left = x - (self.face.width(line.text, line.size) + writing.spacing * line.size * len(line.text)) / 2
                groups = set_text(self.face, line.text, left, baseline, line.size, writing, self.rng)
                layer.letters.extend(groups)
                contours = [contour for group in groups for contour in group]
                if writing.weight:
                    layer.strokes.extend((np.concatenate([c, c[:1]]), writing.weight * line.size) for c in contours)
                if contours:
                    self.texts.append((line, owner, np.concatenate(contours)))
                    self.extents.append(self.texts[-1][2])

    def _frame_text(self) -> None:
        look, face = self.look, self.face
        for line, owner, (x, baseline), _ in self.pending:
            left = x - (face.width(line.text, line.size) + look.writing.spacing * line.size * len(line.text)) / 2
            frame = text_frame(face, line.text, left, baseline, line.size, look.writing, self.rng)
            if frame is not None:
                self.texts.append((line, owner, frame))
                self.extents.append(frame)
