"""What each map of the perception network says: its place among the channels, and what it is measured in."""

from __future__ import annotations

from gdt2usd.vlsm.script_tokens import KINDS

BINS = 8
"""Directions of a line without sense, 0..180 degrees clockwise from the picture's right, in steps of 180/BINS."""
DIRECTIONS = slice(0, BINS)
HEAD = BINS
TAIL = BINS + 1
STROKES = slice(BINS + 2, BINS + 5)
"""On a line: arrow, plain line, connection of a resource (dashed, as a rule)."""
FLOW = slice(BINS + 5, BINS + 7)
"""On an arrow: unit vector (x, y) along which items flow."""
LINE_MAPS = BINS + 7
LINE_STRIDE = 2
KIND_COUNT = len(KINDS)
SHAPE_BOX = slice(0, 4)
"""On a name: from here to the left, top, right, bottom of the shape that it names, in units of `BOX_UNIT` pixels."""
KIND = slice(4, 4 + KIND_COUNT)
OBJECT_MAPS = 4 + KIND_COUNT
OBJECT_STRIDE = 8
BOX_UNIT = 32.0
