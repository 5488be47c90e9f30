"""The one rasteriser: strokes, fills and letters given as vectors, in final pixels, become an RGB picture.

Lines and fills are drawn onto the picture itself; small letters into a mask of twice the size that is averaged down.
Not covered: where things stand (`dataset.drawing`), what light and lens do to them (`draw_photo`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Colour = tuple[int, int, int]
Points = NDArray[np.float64]
_FINER = 2
#: Pixels per sheet unit from which letters and pens are wide enough to be drawn at their own size.
_LARGE = 1.2
_SHIFT = 4
#: How much wider than asked a line with smooth edges looks, in pixels.
_BLEED = 0.3


def as_pixels(image: Any) -> NDArray[np.uint8]:
    """What OpenCV returned, as the bytes that it is."""
    return np.asarray(image, dtype=np.uint8)


@dataclass(frozen=True, slots=True)
class Word:
    """One line of letters: all its outlines `points` (N, 2), `contours` (class, first, end) and a pen `weight` round them.

    Contours of one class are filled together and cut holes into each other; neighbours and overlapping strokes of one letter
    are of different classes.
    """

    points: Points
    contours: tuple[tuple[int, int, int], ...]
    weight: float = 0.0


@dataclass(slots=True)
class Layer:
    """Things of one colour that touch each other without order: strokes (points, width), fills, words."""

    colour: Colour
    opacity: float = 1.0
    strokes: list[tuple[Points, float]] = field(default_factory=list)
    fills: list[Points] = field(default_factory=list)
    words: list[Word] = field(default_factory=list)


#: What lies over what: shadows, colour fills, pen strokes, links, patches that interrupt them, words.
SHADE, FILL, PEN, LINK, MASK, WORD = range(6)


@dataclass(slots=True)
class Scene:
    """Layers by depth, opacity and colour, in sheet units."""

    layers: dict[tuple[int, float, Colour], Layer] = field(default_factory=dict)

    def layer(self, colour: Colour, depth: int = PEN, opacity: float = 1.0) -> Layer:
        """The layer of this colour at this depth."""
        return self.layers.setdefault((depth, opacity, colour), Layer(colour, opacity))

    def ordered(self) -> list[Layer]:
        """From back to front; within a depth in the order in which the colours were first used."""
        return [layer for _, layer in sorted(self.layers.items(), key=lambda item: item[0][0])]


def project(matrix: Points, points: Points) -> Points:
    """`points` (N, 2) through the homography `matrix` (3, 3)."""
    x, y = points[:, 0], points[:, 1]  # written out: a product of so narrow matrices costs more in threads than it saves
    (a, b, c), (d, e, f), (g, h, i) = matrix.tolist()
    if g == h == 0.0 and i == 1.0:
        return np.stack([a * x + b * y + c, d * x + e * y + f], axis=1)
    depth = g * x + h * y + i
    return np.stack([(a * x + b * y + c) / depth, (d * x + e * y + f) / depth], axis=1)


def local_scale(matrix: Points, point: Points) -> float:
    """How many pixels one sheet unit is at `point`."""
    corners = project(matrix, np.asarray(point) + np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]))
    a, b = corners[1] - corners[0], corners[2] - corners[0]
    return float(np.sqrt(abs(a[0] * b[1] - a[1] * b[0])))


def _split(points: NDArray[Any], parts: Sequence[Points]) -> list[NDArray[Any]]:
    """`points`, which are those of `parts` one after the other, in parts again."""
    ends = accumulate((len(part) for part in parts), initial=0)
    return [points[a:b] for a, b in pairwise(ends)]


def _fixed(points: Points) -> NDArray[np.int32]:
    """Pixels as OpenCV's fixed-point numbers."""
    return np.rint(points * (1 << _SHIFT)).astype(np.int32)


def _classes(word: Word, points: NDArray[np.int32]) -> list[list[NDArray[np.int32]]]:
    """The contours of `word` that are filled together."""
    together: dict[int, list[NDArray[np.int32]]] = {}
    for kind, first, end in word.contours:
        together.setdefault(kind, []).append(points[first:end])
    return list(together.values())


def _ink_word(picture: NDArray[np.uint8], word: Word, seen: Points, scale: float, colour: Colour) -> None:
    """Letters too small for their own pixels: drawn twice as large in a mask, averaged down and laid over the picture."""
    pad = 3 + int(word.weight * scale)
    x, y, w, h = cv2.boundingRect(seen.astype(np.int32))
    x0, y0 = max(x - pad, 0), max(y - pad, 0)
    x1, y1 = min(x + w + pad, picture.shape[1]), min(y + h + pad, picture.shape[0])
    width, height = x1 - x0, y1 - y0
    if width <= 0 or height <= 0:
        return
    one = _FINER << _SHIFT
    fixed = np.rint(seen * one + ((1 << _SHIFT) * (_FINER - 1) / 2 - np.array([x0 * one, y0 * one]))).astype(np.int32)
    mask = np.zeros((height * _FINER, width * _FINER), np.uint8)
    for contours in _classes(word, fixed):
        cv2.fillPoly(mask, contours, 255, cv2.LINE_8, _SHIFT)
        if word.weight:
            cv2.polylines(mask, contours, True, 255, max(1, round(word.weight * scale * _FINER)), cv2.LINE_AA, _SHIFT)
    small = cv2.resize(mask, (width, height), interpolation=cv2.INTER_AREA)
    ink = cv2.merge([small] * 3)
    below = picture[y0:y1, x0:x1]
    paper = cv2.multiply(below, cv2.bitwise_not(ink), scale=1 / 255)
    cv2.add(paper, cv2.multiply(ink, np.array([*colour, 0.0]), scale=1 / 255), dst=below)


def _ink(picture: NDArray[np.uint8], layer: Layer, seen: list[Points], scale: float) -> None:
    """One layer drawn onto `picture`: `seen` are the points of its strokes, fills and words in pixels."""
    strokes, others = seen[: len(layer.strokes)], seen[len(layer.strokes) :]
    for points in others[: len(layer.fills)]:
        cv2.fillPoly(picture, [_fixed(points)], layer.colour, cv2.LINE_AA, _SHIFT)
    if strokes:
        whole = _fixed(np.concatenate(strokes))
        by_pen: dict[int, list[NDArray[np.int32]]] = {}
        for (_, width), line in zip(layer.strokes, _split(whole, strokes), strict=True):
            by_pen.setdefault(max(1, round(width * scale - _BLEED)), []).append(line)
        for pen, lines in by_pen.items():
            cv2.polylines(picture, lines, False, layer.colour, pen, cv2.LINE_AA, _SHIFT)
    for word, places in zip(layer.words, others[len(layer.fills) :], strict=True):
        if scale < _LARGE:
            _ink_word(picture, word, places, scale, layer.colour)
            continue
        for contours in _classes(word, _fixed(places)):
            cv2.fillPoly(picture, contours, layer.colour, cv2.LINE_AA, _SHIFT)
            if word.weight:
                cv2.polylines(picture, contours, True, layer.colour, max(1, round(word.weight * scale)), cv2.LINE_AA, _SHIFT)


def rasterise(
    scene: Scene, matrix: Points, picture: NDArray[np.uint8], grain: NDArray[np.uint8] | None = None
) -> NDArray[np.uint8]:
    """Draws `scene` through the homography `matrix` onto `picture` (H, W, 3) in place; `grain` (H, W, 3) thins dark ink."""
    layers = scene.ordered()
    parts = [[*(line for line, _ in layer.strokes), *layer.fills, *(word.points for word in layer.words)] for layer in layers]
    flat = [points for part in parts for points in part]
    if not flat:
        return picture
    seen = iter(_split(project(matrix, np.concatenate(flat)), flat))
    scale = local_scale(matrix, flat[0][0])
    empty = picture.copy() if grain is not None else None
    for layer, part in zip(layers, parts, strict=True):
        places = [next(seen) for _ in part]
        if layer.opacity == 1.0:
            _ink(picture, layer, places, scale)
        else:
            covered = picture.copy()
            _ink(covered, layer, places, scale)
            cv2.addWeighted(covered, layer.opacity, picture, 1 - layer.opacity, 0.0, dst=picture)
    if empty is not None and grain is not None:
        darker = cv2.subtract(empty, picture)
        cv2.subtract(empty, cv2.multiply(darker, grain, dst=darker, scale=1 / 255), dst=picture)
    return picture


def bounds(points: Sequence[Points]) -> tuple[float, float, float, float]:
    """x0, y0, x1, y1 around all `points`."""
    everything = np.concatenate(list(points))
    x, y = everything[:, 0], everything[:, 1]  # by columns: minima along an axis of two are slow
    return float(x.min()), float(y.min()), float(x.max()), float(y.max())
