"""A sketch as the rest of the package sees it: pixels, and the labels read in it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from gdt2usd.diagnostics import Box


@dataclass(frozen=True, slots=True)
class Label:
    """A piece of text in the picture: what it says, where (pixels), how sure the reader is (0..1)."""

    text: str
    box: Box
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Sketch:
    """`pixels` (H, W, 3) uint8 RGB, upright; `labels` in reading order; `source` a file name for messages."""

    pixels: NDArray[np.uint8] = field(compare=False)
    labels: tuple[Label, ...] = ()
    source: str = ""
