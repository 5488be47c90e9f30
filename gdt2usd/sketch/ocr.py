"""Reads the words in a sketch: a text detector and a line recogniser, both small networks run by ONNX Runtime.

The networks are PaddleOCR's PP-OCRv4 mobile models (Apache-2.0), shipped in `models/ocr`, the recogniser's alphabet cut to Latin
and trained further on our drawings (`training.letters`). Pre- and post-processing follow their published definitions (DB: Liao et
al. 2020, arXiv 1911.08947; CTC decoding).
Not covered: which lines belong together (`labels`), turning a photo upright (`normalise`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdt2usd.diagnostics import Box, GdtError, error
from gdt2usd.shipped import models_folder
from gdt2usd.sketch.sketch import Label, Sketch

Pixels = NDArray[np.uint8]
Points = NDArray[np.float64]

DETECT_LONGEST = 1280
THREADS = 2
MIN_CONFIDENCE = 0.4
_INK_THRESHOLD = 0.3
_BOX_THRESHOLD = 0.5
_GROW = 1.6
_LINE_HEIGHT = 48
_BATCH_WIDTH = 2400
_MAX_LINES = 400


@dataclass(frozen=True, slots=True)
class TextLine:
    """One line as read: `corners` (4, 2) in pixels from the top left clockwise along the reading direction."""

    text: str
    confidence: float
    corners: Points

    @property
    def box(self) -> Box:
        """The upright box around the corners."""
        (x0, y0), (x1, y1) = self.corners.min(axis=0), self.corners.max(axis=0)
        return Box(float(x0), float(y0), float(x1), float(y1))

    @property
    def height(self) -> float:
        """Height of the line across the reading direction, in pixels."""
        return float(np.hypot(*(self.corners[3] - self.corners[0])))

    @property
    def angle_deg(self) -> float:
        """Direction of reading, clockwise from the picture's right."""
        across = self.corners[1] - self.corners[0]
        return float(np.degrees(np.arctan2(across[1], across[0])))


@cache
def _session(name: str) -> Any:
    """The network `name` of `models/ocr`, loaded once. GdtError SK201 when the file is missing."""
    import onnxruntime

    path = models_folder() / "ocr" / f"{name}.onnx"
    if not path.is_file():
        raise GdtError(
            [
                error(
                    "SK201",
                    f"the text reader's network {path.name} is missing",
                    hint="reinstall gdt2usd: its models/ocr folder is incomplete",
                )
            ]
        )
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = THREADS
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


@cache
def alphabet() -> tuple[str, ...]:
    """Characters by class index; class 0 is CTC's blank, the last one the space."""
    return ("", *_session("recognise").get_modelmeta().custom_metadata_map["character"].split("\n"), " ")


def detect(pixels: Pixels, longest: int = DETECT_LONGEST) -> list[Points]:
    """Corners (4, 2) of text lines in `pixels` (H, W, 3) RGB, each from its top left clockwise; unsorted."""
    import cv2

    height, width = pixels.shape[:2]
    scale = min(longest / max(height, width), 2.0)
    size = tuple(max(32, round(side * scale / 32) * 32) for side in (width, height))
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    tensor = ((small[..., ::-1].astype(np.float32) / 255.0 - 0.5) / 0.5).transpose(2, 0, 1)[None]
    heat = _session("detect").run(None, {"x": np.ascontiguousarray(tensor)})[0][0, 0]  # (h, w)
    ink = cv2.dilate((heat > _INK_THRESHOLD).astype(np.uint8), np.ones((2, 2), np.uint8))
    contours, _ = cv2.findContours(ink, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    stretch = np.array([width / size[0], height / size[1]])
    found = []
    for contour in sorted(contours, key=len, reverse=True)[:_MAX_LINES]:
        (cx, cy), (w, h), angle = cv2.minAreaRect(contour)
        if min(w, h) < 2.5 or _mean_inside(heat, contour) < _BOX_THRESHOLD:
            continue
        grow = 2 * w * h * _GROW / (2 * (w + h))
        corners = cv2.boxPoints(((cx, cy), (w + grow, h + grow), angle)).astype(float) * stretch
        found.append(_from_top_left(corners))
    return found


def _mean_inside(heat: NDArray[np.float32], contour: Any) -> float:
    import cv2

    x, y, w, h = cv2.boundingRect(contour)
    mask = np.zeros((h, w), np.uint8)
    cv2.fillPoly(mask, [contour - (x, y)], 1)
    return float(cv2.mean(heat[y : y + h, x : x + w], mask)[0])


def _from_top_left(corners: Points) -> Points:
    """The corners in reading order: the long side runs rightwards (or down, for a steep line)."""
    by_x = corners[np.argsort(corners[:, 0])]
    left, right = by_x[:2][np.argsort(by_x[:2, 1])], by_x[2:][np.argsort(by_x[2:, 1])]
    return np.array([left[0], right[0], right[1], left[1]])


def recognise(pixels: Pixels, lines: list[Points]) -> list[TextLine]:
    """What stands in each of `lines` (corners as from `detect`); lines in which nothing is read are left out."""
    crops = [straightened(pixels, corners) for corners in lines]
    order = sorted(range(len(crops)), key=lambda k: crops[k].shape[1])
    read: dict[int, tuple[str, float]] = {}
    batch: list[int] = []
    for k in order:
        if batch and crops[k].shape[1] * (len(batch) + 1) > _BATCH_WIDTH:
            read.update(_read_batch(crops, batch))
            batch = []
        batch.append(k)
    read.update(_read_batch(crops, batch))
    return [TextLine(read[k][0], read[k][1], lines[k]) for k in range(len(lines)) if read[k][0].strip()]


def straightened(pixels: Pixels, corners: Points) -> Pixels:
    """The line straightened, `_LINE_HEIGHT` pixels high."""
    import cv2

    width = max(np.hypot(*(corners[1] - corners[0])), np.hypot(*(corners[2] - corners[3])))
    height = max(np.hypot(*(corners[3] - corners[0])), np.hypot(*(corners[2] - corners[1])))
    columns = int(np.clip(round(width * _LINE_HEIGHT / max(height, 1.0)), 16, 1600))
    target = np.array([[0, 0], [columns, 0], [columns, _LINE_HEIGHT], [0, _LINE_HEIGHT]], np.float32)
    matrix = cv2.getPerspectiveTransform(corners.astype(np.float32), target)
    straight = cv2.warpPerspective(pixels, matrix, (columns, _LINE_HEIGHT), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(straight, dtype=np.uint8)


def as_input(crops: list[Pixels], multiple: int = 1) -> NDArray[np.float32]:
    """Straightened lines as the network takes them, (N, 3, 48, W): BGR in -1..1, short ones filled up with 0, W a `multiple`."""
    width = -(-max(64, *(crop.shape[1] for crop in crops)) // multiple) * multiple
    tensor = np.zeros((len(crops), 3, _LINE_HEIGHT, width), np.float32)
    for row, crop in enumerate(crops):
        tensor[row, :, :, : crop.shape[1]] = (crop[..., ::-1].astype(np.float32).transpose(2, 0, 1) / 255.0 - 0.5) / 0.5
    return tensor


def _read_batch(crops: list[Pixels], batch: list[int]) -> dict[int, tuple[str, float]]:
    if not batch:
        return {}
    scores = _session("recognise").run(None, {"x": as_input([crops[k] for k in batch])})[0]  # (n, steps, classes)
    return {k: decode(scores[row]) for row, k in enumerate(batch)}


def decode(scores: NDArray[np.float32]) -> tuple[str, float]:
    """Greedy CTC of `scores` (steps, classes): the text and the mean score of its characters."""
    best = scores.argmax(axis=1)
    fresh = (best != 0) & np.concatenate([[True], best[1:] != best[:-1]])
    if not fresh.any():
        return "", 0.0
    letters = alphabet()
    return "".join(letters[k] for k in best[fresh]), float(scores.max(axis=1)[fresh].mean())


def read_lines(pixels: Pixels, longest: int = DETECT_LONGEST) -> list[TextLine]:
    """All lines of text in `pixels` (H, W, 3) RGB."""
    return recognise(pixels, detect(pixels, longest))


def read_labels(sketch: Sketch) -> Sketch:
    """`sketch` turned upright by its words, with its labels: text, box in pixels, confidence 0..1, in reading order.

    GdtError SK201 when the shipped networks are missing. A picture without words keeps its pixels and has no labels.
    """
    from gdt2usd.sketch.labels import compose
    from gdt2usd.sketch.normalise import quarter_turns

    lines = detect(sketch.pixels)
    turns, read = quarter_turns(sketch.pixels, lines)
    pixels = sketch.pixels
    if turns:
        pixels = np.ascontiguousarray(np.rot90(pixels, turns))
        read = read_lines(pixels)
    kept = [line for line in read if line.confidence >= MIN_CONFIDENCE]
    return Sketch(pixels, compose([Label(line.text, line.box, line.confidence) for line in kept]), sketch.source)
