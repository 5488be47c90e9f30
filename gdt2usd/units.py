"""Time and length in one place: the package computes in seconds and metres.

Not covered: units inside FlexScript (`[5.7, "min"]`), which `graph.lower` resolves with these tables.
"""

from __future__ import annotations

import math
import re

SECONDS_PER = {
    "ms": 1e-3, "s": 1.0, "sec": 1.0, "min": 60.0, "h": 3600.0, "hr": 3600.0, "d": 86400.0, "day": 86400.0, "wk": 604800.0,
}  # fmt: skip
METRES_PER = {"mm": 1e-3, "cm": 1e-2, "m": 1.0, "km": 1e3, "in": 0.0254, "ft": 0.3048, "yd": 0.9144, "mi": 1609.344}

_DURATION = re.compile(r"\s*(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)\s*(ms|s|sec|min|h|hr|d|wk)?\s*")


def parse_duration_s(text: str) -> float:
    """Seconds in `90s`, `30min`, `8h`, `2d`, or a plain number of seconds.

    Raises:
        ValueError: `text` is no duration; the message says what is accepted.
    """
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no duration: write 90s, 30min, 8h, 2d or plain seconds")
    seconds = float(match[1]) * SECONDS_PER[match[2] or "s"]
    if not math.isfinite(seconds):
        raise ValueError(f"{text!r} is no finite duration")
    return seconds


def format_duration(seconds: float) -> str:
    """A duration for people: `45 s`, `12.5 min`, `8 h`, `2 d`."""
    for unit, size in (("d", 86400.0), ("h", 3600.0), ("min", 60.0)):
        if seconds >= 2 * size or (seconds >= size and seconds % size == 0):
            return f"{seconds / size:.4g} {unit}"
    return f"{seconds:.4g} s"
