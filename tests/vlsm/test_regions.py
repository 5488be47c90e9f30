"""Shapes and lines of a drawn sketch: every arrow leaves a trace between its two boxes, and none is made up."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from gdt2usd.diagnostics import Box
from gdt2usd.sketch.sketch import Label
from gdt2usd.vlsm.regions import CROP, STRIP, crop, find_regions, strip

BOXES = [(60, 60, 220, 140), (360, 60, 520, 140), (360, 260, 520, 340), (60, 260, 220, 340)]


def _drawn() -> tuple[NDArray[np.uint8], tuple[Label, ...]]:
    """Four boxes; arrows 0 -> 1 and 1 -> 2, nothing at 3."""
    picture = np.full((400, 600, 3), 255, np.uint8)
    labels = []
    for i, (x0, y0, x1, y1) in enumerate(BOXES):
        cv2.rectangle(picture, (x0, y0), (x1, y1), (20, 20, 20), 2)
        cv2.putText(picture, f"Box {i}", (x0 + 45, y0 + 48), cv2.FONT_HERSHEY_SIMPLEX, 0.7, (20, 20, 20), 2)
        labels.append(Label(f"Box {i}", Box(x0 + 42, y0 + 28, x0 + 118, y0 + 54)))
    cv2.arrowedLine(picture, (224, 100), (356, 100), (20, 20, 20), 2, tipLength=0.12)
    cv2.arrowedLine(picture, (440, 144), (440, 256), (20, 20, 20), 2, tipLength=0.14)
    return picture, tuple(labels)


def test_boxes_enclose_their_labels() -> None:
    picture, labels = _drawn()
    regions = find_regions(picture, labels, [0, 1, 2, 3])
    assert [r.label for r in regions.regions] == [0, 1, 2, 3]
    for region, (x0, y0, x1, y1) in zip(regions.regions, BOXES, strict=True):
        assert region.enclosed
        assert np.allclose((region.box.x0, region.box.y0, region.box.x1, region.box.y1), (x0, y0, x1, y1), atol=8)
        assert crop(regions, region).shape == (CROP, CROP)


def test_traces_join_what_is_joined() -> None:
    picture, labels = _drawn()
    regions = find_regions(picture, labels, [0, 1, 2, 3])
    assert {frozenset((t.first, t.second)) for t in regions.traces} == {frozenset((0, 1)), frozenset((1, 2))}
    for trace in regions.traces:
        cut = strip(regions, trace)
        assert cut.shape == STRIP
        assert float(cut.min()) < 0.5 < float(cut.max())


def test_a_blank_page_has_no_traces() -> None:
    _, labels = _drawn()
    blank = np.full((400, 600, 3), 255, np.uint8)
    regions = find_regions(blank, labels, [0, 1, 2, 3])
    assert regions.traces == ()
    assert not any(r.enclosed for r in regions.regions)
