"""Letters as outlines: font files and stroke alphabets become polygons that the rasteriser fills like any other shape.

A font is read once and kept as flattened contours, so that text can be rotated, slanted and seen in perspective exactly.
Not covered: shaping, kerning, scripts other than Latin.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
#: Fonts with free licences (SIL OFL 1.1 or Apache 2.0; texts in `fonts/licences`).
FONTS = Path(__file__).parent / "fonts"
CHARACTERS = "".join(chr(code) for code in range(32, 127)) + "±·×°µ«»–½"


@dataclass(frozen=True, slots=True)
class Glyph:
    """One letter in cap heights (a capital H is 1 high, y down, baseline 0): `groups` are an outer contour and its holes each."""

    advance: float
    groups: tuple[tuple[Points, ...], ...]


@dataclass(frozen=True, slots=True)
class Typeface:
    """All letters of one font, made `stretch` times as wide."""

    name: str
    glyphs: dict[str, Glyph] = field(compare=False)
    stretch: float = 1.0

    def width(self, text: str, size: float) -> float:
        """Width of `text` in pixels when a capital is `size` high."""
        return size * self.stretch * sum(self.glyph(c).advance for c in text)

    def glyph(self, character: str) -> Glyph:
        """The letter, or the question mark for one that the font lacks."""
        return self.glyphs.get(character) or self.glyphs["?"]


def _flatten(commands: list[tuple[str, tuple[Any, ...]]], scale: float) -> list[Points]:
    contours: list[Points] = []
    points: list[tuple[float, float]] = []
    for name, arguments in commands:
        if name == "moveTo":
            points = [arguments[0]]
        elif name == "lineTo":
            points.append(arguments[0])
        elif name == "qCurveTo":
            if arguments[-1] is None:
                ring = arguments[:-1]
                middle = tuple((a + b) / 2 for a, b in zip(ring[-1], ring[0], strict=True))
                points = [middle]
                points.extend(_quadratics(middle, (*ring, middle)))
            else:
                points.extend(_quadratics(points[-1], arguments))
        elif name == "curveTo":
            points.extend(_cubic(points[-1], *arguments))
        elif len(points) > 2:
            contours.append(np.asarray(points) * (scale, -scale))
    return contours


def _quadratics(start: tuple[float, float], controls: tuple[Any, ...]) -> list[tuple[float, float]]:
    points = []
    for i, control in enumerate(controls[:-1]):
        last = i == len(controls) - 2
        end = controls[-1] if last else tuple((a + b) / 2 for a, b in zip(control, controls[i + 1], strict=True))
        for t in (0.34, 0.67, 1.0):
            points.append(
                tuple((1 - t) ** 2 * s + 2 * t * (1 - t) * c + t * t * e for s, c, e in zip(start, control, end, strict=True))
            )
        start = end
    return points


def _cubic(start: tuple[float, float], c1: Any, c2: Any, end: Any) -> list[tuple[float, float]]:
    return [
        tuple(
            (1 - t) ** 3 * s + 3 * t * (1 - t) ** 2 * a + 3 * t * t * (1 - t) * b + t**3 * e
            for s, a, b, e in zip(start, c1, c2, end, strict=True)
        )
        for t in (0.25, 0.5, 0.75, 1.0)
    ]


def _area(contour: Points) -> float:
    x, y = contour[:, 0], contour[:, 1]
    return float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2


def _inside(point: Points, contour: Points) -> bool:
    x, y = contour[:, 0], contour[:, 1]
    x2, y2 = np.roll(x, -1), np.roll(y, -1)
    crosses = (y > point[1]) != (y2 > point[1])
    with np.errstate(divide="ignore", invalid="ignore"):
        at = x + (point[1] - y) * (x2 - x) / (y2 - y)
    return bool(np.count_nonzero(crosses & (point[0] < at)) % 2)


def _group(contours: list[Points]) -> tuple[tuple[Points, ...], ...]:
    """Outer contours with their holes, so that overlapping strokes of one letter unite instead of cancelling."""
    if not contours:
        return ()
    outward = np.sign(_area(max(contours, key=lambda c: abs(_area(c)))))
    outers = [c for c in contours if np.sign(_area(c)) == outward]
    holes = [c for c in contours if np.sign(_area(c)) != outward]
    return tuple((outer, *(hole for hole in holes if _inside(hole[0], outer))) for outer in outers)


@cache
def load_typeface(path: Path) -> Typeface:
    """The font file (TrueType, OpenType or WOFF) at `path` as outlines."""
    from fontTools.pens.recordingPen import DecomposingRecordingPen
    from fontTools.ttLib import TTFont

    with TTFont(path, lazy=True) as font:
        glyph_set, names = font.getGlyphSet(), font.getBestCmap()

        def contours(character: str, scale: float) -> list[Points]:
            pen = DecomposingRecordingPen(glyph_set)
            glyph_set[names[ord(character)]].draw(pen)
            return _flatten(pen.value, scale)

        height = -min(c[:, 1].min() for c in contours("H", 1.0))
        x_height = -min(c[:, 1].min() for c in contours("x", 1.0))
        scale = 1.0 / max(height, 1.35 * x_height)
        glyphs = {
            c: Glyph(glyph_set[names[ord(c)]].width * scale, _group(contours(c, scale))) for c in CHARACTERS if ord(c) in names
        }
    return Typeface(path.stem, glyphs)


@dataclass(frozen=True, slots=True)
class Writing:
    """How letters are set: `slant` (x per y), `jitter` in cap heights per letter, `drift` of the baseline over a line.

    `shake` bends each outline anew so that no two letters are alike, `weight` is an extra pen width in
    cap heights round the outlines.
    """

    slant: float = 0.0
    jitter: float = 0.0
    drift: float = 0.0
    spacing: float = 0.0
    shake: float = 0.0
    weight: float = 0.0


def _bend(contour: Points, bend: Points, shake: float) -> Points:
    """The outline pushed about by a slow wave in x and y."""
    x, y = contour[:, 0], contour[:, 1]
    push = np.stack([np.sin(2.6 * y + 3 * bend[0]) * bend[1], np.sin(2.9 * x + 3 * bend[2]) * bend[3]], axis=1)
    return np.asarray(contour + shake * push)


def set_text(
    face: Typeface, text: str, x: float, baseline: float, size: float, writing: Writing, rng: np.random.Generator
) -> list[tuple[Points, ...]]:
    """Outlines of one line of `text` whose first letter starts at (`x`, `baseline`), capitals `size` pixels high."""
    groups: list[tuple[Points, ...]] = []
    jitter = rng.normal(0.0, 1.0, (len(text), 4)) * writing.jitter if writing.jitter else None
    slope = writing.drift * float(rng.normal())
    bends = rng.normal(0.0, 1.0, (len(text), 4)) if writing.shake else None
    pen_x, wander = 0.0, 0.0
    for i, character in enumerate(text):
        glyph = face.glyph(character)
        if glyph.groups:
            matrix = np.array([[size * face.stretch, -writing.slant * size], [0.0, size]])
            offset = np.array([x + pen_x * size, baseline + slope * pen_x * size])
            if jitter is not None:
                a, b, c, d = jitter[i]
                wander = 0.8 * wander + 0.5 * a
                matrix = matrix @ np.array([[1 + 0.5 * c, 0.6 * b], [-0.6 * b, 1 + 0.5 * d]])
                offset[1] += wander * size
            for group in glyph.groups:
                bent = group if bends is None else tuple(_bend(contour, bends[i], writing.shake) for contour in group)
                groups.append(tuple(contour @ matrix.T + offset for contour in bent))
        pen_x += glyph.advance * face.stretch + writing.spacing
    return groups
