"""Makes pictures alike before anything is read: working size, and a photo that lies on its side turned upright.

Not covered: file formats and their orientation tags (`load`), perspective.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gdt2usd.sketch.ocr import TextLine, recognise

Pixels = NDArray[np.uint8]
Points = NDArray[np.float64]

WORKING_LONGEST = 1600
_SAMPLE = 12
_MARGIN = 0.06


def working_size(pixels: Pixels) -> Pixels:
    """`pixels` (H, W, 3) reduced so that the longer side is at most `WORKING_LONGEST`; smaller pictures stay as they are."""
    import cv2

    height, width = pixels.shape[:2]
    scale = WORKING_LONGEST / max(height, width)
    if scale >= 1.0:
        return pixels
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _turned(corners: Points, turns: int) -> Points:
    """The same line with its reading direction turned by quarter turns clockwise."""
    return np.roll(corners, -turns, axis=0)


def _legibility(lines: list[TextLine]) -> float:
    """How sure the reader is, weighted by letters."""
    letters = sum(len(line.text) for line in lines)
    return sum(line.confidence * len(line.text) for line in lines) / letters if letters else 0.0


def _is_upright(corners: Points) -> bool:
    across = np.hypot(*(corners[1] - corners[0]))
    down = np.hypot(*(corners[3] - corners[0]))
    return bool(across >= 1.3 * down)


def _is_steep(corners: Points) -> bool:
    across = np.hypot(*(corners[1] - corners[0]))
    down = np.hypot(*(corners[3] - corners[0]))
    return bool(down >= 1.3 * across)


def quarter_turns(pixels: Pixels, lines: list[Points]) -> tuple[int, list[TextLine]]:
    """How many quarter turns counter-clockwise (`numpy.rot90`) make the words upright, and the lines as read without turning.

    Most lines wide: 0 or 2 turns; most lines tall: 1 or 3; the reader's confidence on a sample decides.
    """
    wide, steep = [c for c in lines if _is_upright(c)], [c for c in lines if _is_steep(c)]
    if len(steep) > len(wide) and len(steep) >= 2:
        sample = sorted(steep, key=lambda c: -float(np.ptp(c[:, 1])))[:_SAMPLE]
        up = _legibility(recognise(pixels, [_turned(c, 1) for c in sample]))
        down = _legibility(recognise(pixels, [_turned(c, 3) for c in sample]))
        if max(up, down) > _legibility(recognise(pixels, sample)) + _MARGIN:
            return (1 if up > down else 3), []
    read = recognise(pixels, lines)
    if _legibility(read) < 0.82 and len(wide) >= 2:
        sample = sorted(wide, key=lambda c: -float(np.ptp(c[:, 0])))[:_SAMPLE]
        upside_down = _legibility(recognise(pixels, [_turned(c, 2) for c in sample]))
        if upside_down > _legibility(recognise(pixels, sample)) + _MARGIN:
            return 2, []
    return 0, read
