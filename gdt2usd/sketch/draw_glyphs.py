"""Letters as outlines: font files and stroke alphabets become polygons that the rasteriser fills like any other shape.

A font is read once and kept as flattened contours, so that text can be rotated, slanted and seen in perspective exactly.
Not covered: shaping, kerning, scripts other than Latin.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdt2usd.sketch.draw_canvas import Word

Points = NDArray[np.float64]
#: Fonts with free licences (SIL OFL 1.1 or Apache 2.0; texts in `fonts/licences`).
FONTS = Path(__file__).parent / "fonts"
CHARACTERS = "".join(chr(code) for code in range(32, 127)) + "±·×°µ«»–½"


@dataclass(frozen=True)
class Glyph:
    """One letter in cap heights (a capital H is 1 high, y down, baseline 0): `groups` are an outer contour and its holes each."""

    advance: float
    groups: tuple[tuple[Points, ...], ...]

    @cached_property
    def points(self) -> Points:
        """All contours one after the other, (N, 2)."""
        return np.concatenate([contour for group in self.groups for contour in group])

    @cached_property
    def contours(self) -> tuple[tuple[int, int, int], ...]:
        """Group, first and end of each contour within `points`."""
        ends = [0, *accumulate(len(contour) for group in self.groups for contour in group)]
        groups = [number for number, group in enumerate(self.groups) for _ in group]
        return tuple((number, first, end) for number, (first, end) in zip(groups, pairwise(ends), strict=True))

    @cached_property
    def frame(self) -> tuple[float, float, float, float]:
        """The box round the ink: x0, y0, x1, y1."""
        (x0, y0), (x1, y1) = self.points.min(axis=0).tolist(), self.points.max(axis=0).tolist()
        return x0, y0, x1, y1


class _Advances(dict[str, float]):
    """How far each letter moves on, as it is asked for."""

    def __init__(self, outlines: Outlines) -> None:
        super().__init__()
        self._outlines = outlines

    def __missing__(self, character: str) -> float:
        self[character] = self._outlines[character].advance
        return self[character]


class Outlines(dict[str, Glyph]):
    """Letters of one font file by character, each flattened when it is first asked for; those it lacks are question marks."""

    def __init__(self, names: dict[int, str], glyph_set: Any, scale: float) -> None:
        super().__init__()
        self.advances = _Advances(self)
        self._names, self._glyph_set, self._scale = names, glyph_set, scale

    def __missing__(self, character: str) -> Glyph:
        name = self._names.get(ord(character))
        if name is None or character not in CHARACTERS:
            self[character] = self["?"]
        else:
            groups = _group(_contours(self._glyph_set, name, self._scale))
            self[character] = Glyph(self._glyph_set[name].width * self._scale, groups)
        return self[character]


@dataclass(frozen=True, slots=True)
class Typeface:
    """All letters of one font, made `stretch` times as wide."""

    name: str
    glyphs: Outlines = field(compare=False)
    stretch: float = 1.0

    def width(self, text: str, size: float) -> float:
        """Width of `text` in pixels when a capital is `size` high."""
        return size * self.stretch * sum(map(self.glyphs.advances.__getitem__, text))


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
    sx, sy = start
    for i, (cx, cy) in enumerate(controls[:-1]):
        ex, ey = controls[-1] if i == len(controls) - 2 else ((cx + controls[i + 1][0]) / 2, (cy + controls[i + 1][1]) / 2)
        for t in (0.34, 0.67):
            a, b, c = (1 - t) * (1 - t), 2 * t * (1 - t), t * t
            points.append((a * sx + b * cx + c * ex, a * sy + b * cy + c * ey))
        points.append((ex, ey))
        sx, sy = ex, ey
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
    points = contour.tolist()
    return float(sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise([*points, points[0]]))) / 2


def _inside(point: Points, contour: Points) -> bool:
    (px, py), points = point, contour.tolist()
    crossings = 0
    for (x, y), (x2, y2) in pairwise([*points, points[0]]):
        if (y > py) != (y2 > py) and px < x + (py - y) * (x2 - x) / (y2 - y):
            crossings += 1
    return crossings % 2 == 1


def _group(contours: list[Points]) -> tuple[tuple[Points, ...], ...]:
    """Outer contours with their holes, so that overlapping strokes of one letter unite instead of cancelling."""
    if not contours:
        return ()
    areas = [_area(contour) for contour in contours]
    outward = max(areas, key=abs) > 0
    outers = [c for c, area in zip(contours, areas, strict=True) if (area > 0) == outward]
    holes = [c for c, area in zip(contours, areas, strict=True) if (area > 0) != outward]
    return tuple((outer, *(hole for hole in holes if _inside(hole[0], outer))) for outer in outers)


def _contours(glyph_set: Any, name: str, scale: float) -> list[Points]:
    from fontTools.pens.recordingPen import DecomposingRecordingPen

    pen = DecomposingRecordingPen(glyph_set)
    glyph_set[name].draw(pen)
    return _flatten(pen.value, scale)


@cache
def load_typeface(path: Path) -> Typeface:
    """The font file (TrueType, OpenType or WOFF) at `path` as outlines."""
    from fontTools.ttLib import TTFont

    logging.getLogger("fontTools").setLevel(logging.ERROR)  # it warns about the dates in some files
    font = TTFont(path)
    glyph_set, names = font.getGlyphSet(), font.getBestCmap()
    height = -min(c[:, 1].min() for c in _contours(glyph_set, names[ord("H")], 1.0))
    x_height = -min(c[:, 1].min() for c in _contours(glyph_set, names[ord("x")], 1.0))
    return Typeface(path.stem, Outlines(names, glyph_set, 1.0 / max(height, 1.35 * x_height)))


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


Placed = tuple[str, float, float, float]


def set_text(face: Typeface, lines: Sequence[Placed], writing: Writing, rng: np.random.Generator) -> list[Word | None]:
    """Outlines of each of `lines` (text, x of its first letter, baseline, height of a capital); None where nothing is inked."""
    rows = [[face.glyphs[character] for character in text] for text, *_ in lines]
    glyphs = [glyph for row in rows for glyph in row]
    inked = [i for i, glyph in enumerate(glyphs) if glyph.groups]
    if not inked:
        return [None] * len(lines)
    row = np.repeat(np.arange(len(lines)), [len(one) for one in rows])  # of each letter
    jitter = rng.normal(0.0, 1.0, (len(glyphs), 4)) * writing.jitter
    slope = (writing.drift * rng.normal(0.0, 1.0, len(lines)))[row]
    parts = [glyphs[i].points for i in inked]
    points = np.concatenate(parts)
    letter = np.repeat(inked, [len(part) for part in parts])
    if writing.shake:
        points = _bent(points, rng.normal(0.0, 1.0, (len(glyphs), 4))[letter], writing.shake)
    steps = np.array([glyph.advance for glyph in glyphs]) * face.stretch + writing.spacing
    starts = np.cumsum(steps) - steps
    starts -= starts[np.searchsorted(row, row)]
    x, baseline, size = (np.array([line[k] for line in lines])[row] for k in (1, 2, 3))
    wander = _wander(jitter[:, 0].tolist(), row.tolist())
    wide, lean, narrow, tall = (1 + 0.5 * jitter[:, 2]), 0.6 * jitter[:, 1], -writing.slant, (1 + 0.5 * jitter[:, 3])
    of_letter = np.stack(
        [
            size * (face.stretch * wide + narrow * -lean),
            size * (face.stretch * lean + narrow * tall),
            x + size * starts,
            -size * lean,
            size * tall,
            baseline + size * (slope * starts + wander),
        ],
        axis=1,
    )[letter]
    across, up = points[:, 0], points[:, 1]
    placed = np.empty_like(points)
    placed[:, 0] = of_letter[:, 0] * across + of_letter[:, 1] * up + of_letter[:, 2]
    placed[:, 1] = of_letter[:, 3] * across + of_letter[:, 4] * up + of_letter[:, 5]
    return _words(placed, rows, [line[3] * writing.weight for line in lines])


def _words(points: Points, rows: list[list[Glyph]], weights: list[float]) -> list[Word | None]:
    """The outlines of all lines one after the other, line by line; neighbouring letters in different classes."""
    words: list[Word | None] = []
    at = 0
    for row, weight in zip(rows, weights, strict=True):
        first, contours = at, []
        for place, glyph in enumerate(row):
            if glyph.groups:
                start = at - first
                contours += [(2 * group + place % 2, start + a, start + b) for group, a, b in glyph.contours]
                at += len(glyph.points)
        words.append(Word(points[first:at], tuple(contours), weight) if contours else None)
    return words


def text_frame(
    face: Typeface, text: str, x: float, baseline: float, size: float, writing: Writing, rng: np.random.Generator
) -> Points | None:
    """The corners (4, 2) of a box round what `set_text` would write, nearly; None where nothing is written."""
    glyphs = [face.glyphs[character] for character in text]
    inked = [i for i, glyph in enumerate(glyphs) if glyph.groups]
    if not inked:
        return None
    frames = [glyphs[i].frame for i in inked]
    starts = [0.0, *accumulate(glyph.advance * face.stretch + writing.spacing for glyph in glyphs[:-1])]
    left, right = starts[inked[0]] + face.stretch * frames[0][0], starts[inked[-1]] + face.stretch * frames[-1][2]
    high, low = min(frame[1] for frame in frames), max(frame[3] for frame in frames)
    rise = writing.drift * float(rng.normal()) * (right - left)
    corners = ((left, high), (right, high + rise), (right, low + rise), (left, low))
    return np.array([[x + size * (u - writing.slant * v), baseline + size * v] for u, v in corners])


def _bent(points: Points, bend: Points, shake: float) -> Points:
    """The outlines pushed about by a slow wave in x and y, another one for each letter: `bend` (N, 4)."""
    x, y = points[:, 0], points[:, 1]
    push = np.stack([np.sin(2.6 * y + 3 * bend[:, 0]) * bend[:, 1], np.sin(2.9 * x + 3 * bend[:, 2]) * bend[:, 3]], axis=1)
    return np.asarray(points + shake * push)


def _wander(steps: list[float], rows: list[int]) -> Points:
    """How far the pen has drifted off the line at each letter; every row begins upon its line."""
    at, row, places = 0.0, -1, []
    for step, of in zip(steps, rows, strict=True):
        at = (0.8 * at if of == row else 0.0) + 0.5 * step
        row = of
        places.append(at)
    return np.asarray(places)
