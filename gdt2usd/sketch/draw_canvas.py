"""The one rasteriser: strokes, fills and letters given as vectors, in final pixels, become an RGB picture.

Ink of one colour is drawn into a coverage mask, small drawings at twice the size and averaged down, and laid over the picture.
Not covered: where things stand (`dataset.drawing`), what light and lens do to them (`draw_photo`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
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


def as_pixels(image: Any) -> NDArray[np.uint8]:
    """What OpenCV returned, as the bytes that it is."""
    return np.asarray(image, dtype=np.uint8)


@dataclass(slots=True)
class Layer:
    """Things of one colour that touch each other without order: strokes (points, width), fills, letters."""

    colour: Colour
    opacity: float = 1.0
    strokes: list[tuple[Points, float]] = field(default_factory=list)
    fills: list[Points] = field(default_factory=list)
    letters: list[tuple[Points, ...]] = field(default_factory=list)


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


def _coverage(layer: Layer, matrix: Points, shape: tuple[int, int]) -> tuple[NDArray[np.uint8], int, int] | None:
    """The layer's coverage (h, w) uint8 and its top-left corner (x, y), cut to the picture."""
    contours = [contour for group in layer.letters for contour in group]
    parts = [*(points for points, _ in layer.strokes), *layer.fills, *contours]
    if not parts:
        return None
    everything = project(matrix, np.concatenate(parts))
    scale = local_scale(matrix, parts[0][0])
    finer = _FINER if scale < _LARGE else 1
    thickness = [max(1, round(max(0.5, width * scale) * finer)) for _, width in layer.strokes]
    pad = max(thickness, default=0) / (2 * finer) + 2
    low = np.maximum(np.floor(everything.min(axis=0) - pad), 0.0)
    high = np.minimum(np.ceil(everything.max(axis=0) + pad), (shape[1], shape[0]))
    width, height = (int(side) for side in high - low)
    if width <= 0 or height <= 0:
        return None
    fixed = np.rint(((everything - low) * finer + (finer - 1) / 2) * (1 << _SHIFT)).astype(np.int32)
    ends = np.cumsum([len(part) for part in parts]).tolist()
    lines = [fixed[a:b] for a, b in pairwise([0, *ends])]
    mask = np.zeros((height * finer, width * finer), np.uint8)
    strokes, fills = lines[: len(thickness)], lines[len(thickness) : len(thickness) + len(layer.fills)]
    for points in fills:
        cv2.fillPoly(mask, [points], 255, cv2.LINE_AA, _SHIFT)
    for pen in set(thickness):
        cv2.polylines(mask, [p for p, t in zip(strokes, thickness, strict=True) if t == pen], False, 255, pen, cv2.LINE_AA, _SHIFT)
    letters = iter(lines[len(thickness) + len(fills) :])
    for group in layer.letters:
        cv2.fillPoly(mask, [next(letters) for _ in group], 255, cv2.LINE_8 if finer > 1 else cv2.LINE_AA, _SHIFT)
    if finer == 1:
        return mask, int(low[0]), int(low[1])
    return as_pixels(cv2.resize(mask, (width, height), interpolation=cv2.INTER_AREA)), int(low[0]), int(low[1])


def rasterise(
    scene: Scene, matrix: Points, picture: NDArray[np.uint8], grain: NDArray[np.uint8] | None = None
) -> NDArray[np.uint8]:
    """Draws `scene` through the homography `matrix` onto `picture` (H, W, 3) in place; `grain` (H, W) thins the ink."""
    for layer in scene.ordered():
        covered = _coverage(layer, matrix, (picture.shape[0], picture.shape[1]))
        if covered is None:
            continue
        mask, x, y = covered
        height, width = mask.shape
        if grain is not None:
            mask = as_pixels(cv2.multiply(mask, grain[y : y + height, x : x + width], scale=1 / 255))
        at = np.flatnonzero(mask)
        alpha = (mask.ravel()[at].astype(np.float32) * np.float32(layer.opacity / 255))[:, None]
        place = (at // width + y) * picture.shape[1] + at % width + x
        flat = picture.reshape(-1, 3)
        below = flat[place].astype(np.float32)
        flat[place] = (below + alpha * (np.asarray(layer.colour, np.float32) - below) + 0.5).astype(np.uint8)
    return picture


def bounds(points: Sequence[Points]) -> tuple[float, float, float, float]:
    """x0, y0, x1, y1 around all `points`."""
    everything = np.concatenate(list(points))
    low, high = everything.min(axis=0), everything.max(axis=0)
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])
