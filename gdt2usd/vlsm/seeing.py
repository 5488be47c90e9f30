"""A sketch as the perception network sees it: evenly lit ink at a size set by its letters, and where words stand.

Not covered: the network (`vlsm.perception`), following lines in its maps (`vlsm.tracing`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from gdt2usd.diagnostics import Box
from gdt2usd.sketch.sketch import Label
from gdt2usd.vlsm.maps import BOX_UNIT, KIND, LINE_STRIDE, OBJECT_STRIDE, SHAPE_BOX

Maps = NDArray[np.float32]
Areas = NDArray[np.float64]
"""(n, 4) upright boxes x0, y0, x1, y1 that belong to one shape, in pixels of the line maps."""
LETTER = 14.5
"""Height in pixels of a line of text (its box) in the picture that is looked at."""
MOST_PIXELS = 1_200_000
LARGEST_SCALE = 1.6
PAD = 32


@dataclass(frozen=True, slots=True)
class Seen:
    """What the network said: lines (LINE_MAPS, h, w) at every second pixel and objects (OBJECT_MAPS, h, w) at every eighth of the
    picture that is `scale` times the sketch; logits, vectors and distances as in `vlsm.maps`."""

    lines: Maps
    objects: Maps
    scale: float


def _line_height(label: Label) -> float:
    """Height of a line of a label that may have several: letters are about half as wide as a line's box is high."""
    width, height = label.box.x1 - label.box.x0, label.box.y1 - label.box.y0
    lines = round((height * len(label.text) / (2.3 * max(width, 1.0))) ** 0.5)
    return min(height / max(float(lines), 1.0), width)


def work_scale(size: tuple[int, int], labels: Sequence[Label]) -> float:
    """Scale from the sketch (H, W) to the picture that is looked at: lines of text `LETTER` high."""
    heights = sorted(_line_height(label) for label in labels)
    wanted = LETTER / max(heights[len(heights) // 3], 2.0) if heights else 900.0 / max(size)
    return float(min(wanted, LARGEST_SCALE, (MOST_PIXELS / (size[0] * size[1])) ** 0.5))


def flatten(pixels: NDArray[np.uint8], scale: float) -> NDArray[np.uint8]:
    """Ink of the picture at `scale`, (H, W): 0 background, 255 full ink; uneven light is taken out."""
    height, width = pixels.shape[:2]
    size = (max(16, round(width * scale)), max(16, round(height * scale)))
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    coarse = cv2.resize(small, (max(8, size[0] // 8), max(8, size[1] // 8)), interpolation=cv2.INTER_AREA)
    background = cv2.medianBlur(coarse, 33 if min(coarse.shape[:2]) > 33 else 11)
    background = cv2.resize(background, size, interpolation=cv2.INTER_LINEAR)
    difference = cv2.absdiff(background, small).max(2).astype(np.float32)
    strong = max(40.0, float(np.percentile(difference[::2, ::2], 99.3)))
    out: NDArray[np.uint8] = np.clip(difference * (255.0 / strong), 0, 255).astype(np.uint8)
    return out


def corners_of(box: Box) -> NDArray[np.float64]:
    """(4, 2) corners of an upright box."""
    return np.array([[box.x0, box.y0], [box.x1, box.y0], [box.x1, box.y1], [box.x0, box.y1]])


def word_masks(
    labels: Sequence[Label], named: Sequence[int], matrix: NDArray[np.float64], size: tuple[int, int]
) -> NDArray[np.uint8]:
    """(2, H, W) 0/255: where labels stand and where names stand; `matrix` (2, 3) leads from the sketch to the picture."""
    out = np.zeros((2, *size), np.uint8)
    wanted = set(named)
    for i, label in enumerate(labels):
        corners = np.rint(corners_of(label.box) @ matrix[:, :2].T + matrix[:, 2]).astype(np.int32)
        cv2.fillConvexPoly(out[0], corners, 255)
        if i in wanted:
            cv2.fillConvexPoly(out[1], corners, 255)
    return out


@cache
def session(path: Path) -> Any:
    """The network in the file `path`, loaded once."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 2
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def picture_of(pixels: NDArray[np.uint8], labels: Sequence[Label], named: Sequence[int]) -> tuple[Maps, float]:
    """The network's input (3, H, W) in 0..1, padded to multiples of `PAD`, and its scale to the sketch."""
    scale = work_scale((pixels.shape[0], pixels.shape[1]), labels)
    ink = flatten(pixels, scale)
    height, width = ink.shape
    scaling = np.array([[scale, 0.0, 0.0], [0.0, scale, 0.0]])
    words = word_masks(labels, named, scaling, (height, width))
    out = np.zeros((3, -(-height // PAD) * PAD, -(-width // PAD) * PAD), np.float32)
    out[0, :height, :width] = ink
    out[1:, :height, :width] = words
    return np.asarray(out / 255.0, np.float32), scale


def see(network: Path, pixels: NDArray[np.uint8], labels: Sequence[Label], named: Sequence[int]) -> Seen:
    """What the `network` (ONNX) makes of a sketch whose `labels` are read; `named` are the indices of those that are names."""
    picture, scale = picture_of(pixels, labels, named)
    lines, objects = session(network).run(["lines", "objects"], {"pictures": picture[None]})
    return Seen(lines[0], objects[0], scale)


def shapes_of(seen: Seen, labels: Sequence[Label], named: Sequence[int]) -> tuple[list[Areas], Maps]:
    """For each name the areas of its shape in pixels of the line maps, and its logits of kinds (n, KIND_COUNT).

    The first area is the box of the shape, the others those of its name and of what is written in one stack with the name.
    """
    kinds = np.zeros((len(named), KIND.stop - KIND.start), np.float32)
    words = np.array([[v * seen.scale / LINE_STRIDE for v in (b.x0, b.y0, b.x1, b.y1)] for b in (k.box for k in labels)])
    owners = _stacks(words, named)
    out: list[Areas] = []
    for row, i in enumerate(named):
        frame, kinds[row] = _shape_at(seen, words[i])
        out.append(np.array([frame, *(words[k] for k, owner in enumerate(owners) if owner == i)]))
    return out, kinds


def _shape_at(seen: Seen, word: NDArray[np.float64]) -> tuple[list[float], Maps]:
    """The box of the shape that a name (box in pixels of the line maps) names, and the logits of its kinds."""
    height, width = seen.objects.shape[1:]
    x0, y0, x1, y1 = word * LINE_STRIDE / OBJECT_STRIDE
    xs = np.arange(max(0, min(int(x0), width - 1)), min(max(int(np.ceil(x1)), int(x0) + 1), width))
    ys = np.arange(max(0, min(int(y0), height - 1)), min(max(int(np.ceil(y1)), int(y0) + 1), height))
    here = seen.objects[:, ys[0] : ys[-1] + 1, xs[0] : xs[-1] + 1]
    gx, gy = ((xs + 0.5) * OBJECT_STRIDE)[None], ((ys + 0.5) * OBJECT_STRIDE)[:, None]
    left, top, right, bottom = here[SHAPE_BOX] * BOX_UNIT
    frame = [float(np.median(v)) / LINE_STRIDE for v in (gx - left, gy - top, gx + right, gy + bottom)]
    kinds: Maps = here[KIND].mean((1, 2))
    return [frame[0], frame[1], max(frame[2], frame[0] + 2), max(frame[3], frame[1] + 2)], kinds


def _stacks(words: NDArray[np.float64], named: Sequence[int]) -> list[int]:
    """For each label (boxes (n, 4)) the name with which it stands in one stack: itself for a name, -1 for none."""
    owners = [i if i in set(named) else -1 for i in range(len(words))]
    for _ in range(4):  # lines of a stack
        for i, (x0, y0, x1, y1) in enumerate(words):
            if owners[i] >= 0:
                continue
            for k, (a0, b0, a1, b1) in enumerate(words):
                line = min(y1 - y0, b1 - b0)
                near = max(y0 - b1, b0 - y1) < 0.7 * line and min(x1, a1) - max(x0, a0) > 0.4 * min(x1 - x0, a1 - a0)
                if owners[k] >= 0 and near:
                    owners[i] = owners[k]
                    break
    return owners
