"""Cuts training pictures for the perception network out of painted samples, with the maps that it should give.

Truth is the record of the drawing: where links run, where they end, which shape and kind belongs to a name.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from gdt2usd.dataset.sample import DrawnLink, DrawnObject, Sample
from gdt2usd.training.evidence import sketch_truth
from gdt2usd.vlsm.maps import BINS, BOX_UNIT, LINE_STRIDE, OBJECT_STRIDE
from gdt2usd.vlsm.script_tokens import KINDS
from gdt2usd.vlsm.seeing import corners_of, flatten, word_masks, work_scale

Points = NDArray[np.float64]
CUT = 384
"""Side of a training picture in pixels."""
_SHIFT = 4
_BLOB = 2.2
_BACK = 2.5
"""Ends are marked by blobs of this sigma, so far back from the tip, in pixels of the line maps."""


@dataclass(frozen=True, slots=True)
class Cut:
    """One training picture (3, CUT, CUT) uint8 and its truth.

    `directions` (BINS, h, w) 0/1, `ends` (2, h, w) head and tail 0..1, `stroke` (h, w) 0 arrow, 1 line, 2 resource, -1 none,
    `flow` (2, h, w) unit vectors or 0, at every second pixel; `shape` (4, h8, w8) and `kind` (h8, w8), -1 unknown, at every eighth;
    `boxed` and `told` say where these two are known.
    """

    picture: NDArray[np.uint8]
    directions: NDArray[np.uint8]
    ends: NDArray[np.float32]
    stroke: NDArray[np.int8]
    flow: NDArray[np.float32]
    shape: NDArray[np.float32]
    boxed: NDArray[np.bool_]
    kind: NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A painted sample flattened at `scale`."""

    sample: Sample
    ink: NDArray[np.uint8]
    scale: float
    object_of: dict[int, DrawnObject]


def prepare(sample: Sample, rng: np.random.Generator) -> Prepared | None:
    """Flattened at a size around the one used for reading; None without a sketch."""
    if sample.pixels is None or sample.drawing is None:
        return None
    scale = work_scale((sample.pixels.shape[0], sample.pixels.shape[1]), sample.ocr)
    scale *= float(np.exp(rng.normal(0.0, 0.16)))
    return Prepared(sample, flatten(sample.pixels, scale), scale, sketch_truth(sample).object_of)


def _placement(prepared: Prepared, rng: np.random.Generator) -> tuple[NDArray[np.float64], bool]:
    """A matrix (2, 3) from the sketch to a cut around something drawn, turned and mirrored; whether it is still upright."""
    assert prepared.sample.drawing is not None
    drawing = prepared.sample.drawing
    spots = [p for link in drawing.links for p in link.points[:: max(1, len(link.points) // 4)]]
    spots += [((d.box.x0 + d.box.x1) / 2, (d.box.y0 + d.box.y1) / 2) for d in drawing.objects]
    centre = np.array(spots[int(rng.integers(len(spots)))])
    angle = np.radians(float(rng.normal(0.0, 2.5)))
    upright = bool(rng.random() < 0.5)
    linear = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) * prepared.scale
    if rng.random() < 0.5:
        linear = np.diag([-1.0, 1.0]) @ linear
    if not upright:
        turned = np.array([[1.0, 0.0], [0.0, -1.0]]) if rng.random() < 0.5 else np.array([[0.0, 1.0], [1.0, 0.0]])
        linear = turned @ linear
    offset = CUT / 2 + rng.uniform(-0.25, 0.25, 2) * CUT - linear @ centre
    return np.concatenate([linear, offset[:, None]], axis=1), upright


def cut(prepared: Prepared, rng: np.random.Generator) -> Cut:
    """One training picture out of a prepared sample."""
    matrix, upright = _placement(prepared, rng)
    from_ink = matrix.copy()
    from_ink[:, :2] /= prepared.scale
    ink = cv2.warpAffine(prepared.ink, from_ink, (CUT, CUT), flags=cv2.INTER_LINEAR)
    ink = _worn(np.asarray(ink, np.uint8), rng)
    sample = prepared.sample
    kept = [i for i in prepared.object_of if rng.random() > 0.02]
    words = word_masks(sample.ocr, kept, matrix, (CUT, CUT))
    if rng.random() < 0.04:
        words[:] = 0
    assert sample.drawing is not None
    directions, ends, stroke, flow = _line_maps(sample.drawing.links, matrix)
    shape, boxed, kind = _object_maps(prepared, kept, matrix, upright)
    return Cut(np.stack([ink, *words]), directions, ends, stroke, flow, shape, boxed, kind)


def _worn(ink: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Other pens and lenses: thicker, thinner, softer, fainter, noisier ink."""
    mood = rng.random()
    if mood < 0.15:
        ink = np.asarray(cv2.GaussianBlur(ink, (0, 0), float(rng.uniform(0.4, 1.1))), np.uint8)
    elif mood < 0.28:
        ink = np.asarray(cv2.dilate(ink, np.ones((2, 2), np.uint8)), np.uint8)
    out = ink.astype(np.float32)
    if rng.random() < 0.4:
        out = 255.0 * (out / 255.0) ** float(np.exp(rng.normal(0.0, 0.3)))
    if rng.random() < 0.3:
        out *= float(rng.uniform(0.55, 1.0))
    if rng.random() < 0.3:
        out += rng.normal(0.0, float(rng.uniform(2, 14)), out.shape).astype(np.float32)
    return np.asarray(np.clip(out, 0, 255), np.uint8)


def _fixed(points: Points) -> NDArray[np.int32]:
    return np.rint(points * (1 << _SHIFT)).astype(np.int32)


def _line_maps(
    links: tuple[DrawnLink, ...], matrix: NDArray[np.float64]
) -> tuple[NDArray[np.uint8], NDArray[np.float32], NDArray[np.int8], NDArray[np.float32]]:
    side = CUT // LINE_STRIDE
    directions = np.zeros((BINS, side, side), np.uint8)
    ends = np.zeros((2, side, side), np.float32)
    stroke = np.full((side, side), -1, np.int8)
    flow = np.zeros((side, side, 2), np.float32)
    crowd = np.zeros((side, side), np.uint8)
    for link in links:
        line = (np.asarray(link.points) @ matrix[:, :2].T + matrix[:, 2] + 0.5) / LINE_STRIDE - 0.5
        line = line[np.concatenate([[True], np.hypot(*np.diff(line, axis=0).T) > 1e-3])]
        if len(line) < 2 or (line.max(0) < -4).any() or (line.min(0) > side + 4).any():
            continue
        _paint_directions(directions, line)
        mask = np.zeros((side, side), np.uint8)
        cv2.polylines(mask, [_fixed(line)], False, 1, 3, cv2.LINE_8, _SHIFT)
        stroke[mask > 0] = 2 if link.dashed else 0 if link.arrow else 1
        crowd += mask
        if link.arrow:
            steps = np.diff(line, axis=0)
            steps /= np.hypot(*steps.T)[:, None]
            fixed = _fixed(line).tolist()
            for a, b, step in zip(fixed, fixed[1:], steps.tolist(), strict=False):
                cv2.line(flow, a, b, step, 3, cv2.LINE_8, _SHIFT)
        _mark_end(ends[0 if link.arrow else 1], line[-1], line[-2])
        _mark_end(ends[1], line[0], line[1])
    flow[crowd > 1] = 0.0
    return directions, ends, stroke, flow.transpose(2, 0, 1).copy()


def _paint_directions(directions: NDArray[np.uint8], line: Points) -> None:
    """The line in the maps of its directions; in two neighbouring ones where it lies between."""
    steps = np.diff(line, axis=0)
    at = np.degrees(np.arctan2(steps[:, 1], steps[:, 0])) % 180.0 / (180.0 / BINS)
    fixed = _fixed(line).tolist()
    for a, b, place in zip(fixed, fixed[1:], at.tolist(), strict=False):
        for which in {int(place - 0.3 + 0.5), int(place + 0.3 + 0.5)}:
            cv2.line(directions[which % BINS], a, b, 1, 2, cv2.LINE_8, _SHIFT)


def _mark_end(into: NDArray[np.float32], tip: Points, before: Points) -> None:
    towards = before - tip
    x, y = tip + towards / (np.hypot(*towards) + 1e-6) * _BACK
    side = into.shape[0]
    x0, x1 = max(0, int(x) - 7), min(side, int(x) + 8)
    y0, y1 = max(0, int(y) - 7), min(side, int(y) + 8)
    if x0 >= x1 or y0 >= y1:
        return
    ys, xs = np.mgrid[y0:y1, x0:x1]
    blob = np.exp(-((xs - x) ** 2 + (ys - y) ** 2) / (2 * _BLOB**2)).astype(np.float32)
    np.maximum(into[y0:y1, x0:x1], blob, out=into[y0:y1, x0:x1])


def _object_maps(
    prepared: Prepared, kept: list[int], matrix: NDArray[np.float64], upright: bool
) -> tuple[NDArray[np.float32], NDArray[np.bool_], NDArray[np.int8]]:
    """Boxes and kinds at the names whose shape is in the cut as a whole."""
    side = CUT // OBJECT_STRIDE
    shape = np.zeros((4, side, side), np.float32)
    boxed = np.zeros((side, side), np.bool_)
    kind = np.full((side, side), -1, np.int8)
    grid = (np.arange(side) + 0.5) * OBJECT_STRIDE
    for i in kept:
        thing = prepared.object_of[i]
        corners = corners_of(thing.box) @ matrix[:, :2].T + matrix[:, 2]
        (x0, y0), (x1, y1) = corners.min(0), corners.max(0)
        word = corners_of(prepared.sample.ocr[i].box) @ matrix[:, :2].T + matrix[:, 2]
        (a0, b0), (a1, b1) = word.min(0), word.max(0)
        if min(x0, y0, a0, b0) < 0 or max(x1, y1, a1, b1) > CUT:
            continue
        xs = slice(*np.searchsorted(grid, [a0 - 2, a1 + 2]))
        ys = slice(*np.searchsorted(grid, [b0 - 2, b1 + 2]))
        gx, gy = grid[None, xs], grid[ys, None]
        shape[0, ys, xs], shape[2, ys, xs] = gx - x0, x1 - gx
        shape[1, ys, xs], shape[3, ys, xs] = gy - y0, y1 - gy
        boxed[ys, xs] = True
        kind[ys, xs] = KINDS.index(thing.kind) if upright else -1
    return shape / BOX_UNIT, boxed, kind
