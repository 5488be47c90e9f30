"""Links by rules: ink that leads from one shape to another; an arrow's head is where more ink lies beside the line.

Without a sketch, or when no ink is found, the stations follow each other as the prompt names them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from gdt2usd.sketch.sketch import Label, Sketch
from gdt2usd.vlsm.mentions import PROMPT, Named
from gdt2usd.vlsm.regions import Regions, Trace, find_regions, strip

MOST_GAP = 0.75
DASHED_GAP = 0.18
HEAD = 1.4
"""How many times the ink beside the line must be more at one end to be a head."""


@dataclass(frozen=True, slots=True)
class Wire:
    """A link between two objects by number; `dashed` is a centre connection, `middle` its half-way point in pixels."""

    first: int
    second: int
    dashed: bool
    middle: tuple[float, float]
    told: bool = False


def _direction(regions: Regions, trace: Trace) -> int:
    """1: the head is at the second shape; -1: at the first; 0: no head."""
    ink = 1.0 - strip(regions, trace)
    rows = ink.shape[0]
    beside = np.concatenate([ink[: rows // 2 - 3], ink[rows // 2 + 3 :]])
    first, second = float(beside[:, 8:38].sum()), float(beside[:, -38:-8].sum())
    least = 6.0
    if second > HEAD * first and second > least:
        return 1
    return -1 if first > HEAD * second and first > least else 0


def _in_prompt(named: Named) -> bool:
    return any(p.source == PROMPT for p in named.places)


def wires_of(sketch: Sketch, objects: list[Named]) -> list[Wire]:
    """What the ink joins, directed by heads, else in the prompt's order, else from left to right, or down."""
    of_label = {p.source: i for i, named in enumerate(objects) for p in named.places if p.source != PROMPT}
    if len(of_label) < 2:
        return []
    told = {i: min(p.start for p in o.places if p.source == PROMPT) for i, o in enumerate(objects) if _in_prompt(o)}
    regions = find_regions(sketch.pixels, sketch.labels, sorted(of_label))
    found: dict[frozenset[int], tuple[float, Wire]] = {}
    for trace in regions.traces:
        a, b = of_label[trace.first], of_label[trace.second]
        if a == b or trace.gap > MOST_GAP or len(trace.points) < 2:
            continue
        way = _direction(regions, trace)
        if way == 0 and a in told and b in told:
            way = 1 if told[a] < told[b] else -1
        if way == 0:
            step = trace.points[-1] - trace.points[0]
            way = 1 if (step[0] if abs(step[0]) >= abs(step[1]) else step[1]) >= 0 else -1
        x, y = trace.points[len(trace.points) // 2]
        ends = (a, b) if way > 0 else (b, a)
        wire = Wire(*ends, trace.gap > DASHED_GAP, (float(x), float(y)))
        key, length = frozenset(ends), float(len(trace.points))
        if key not in found or length < found[key][0]:
            found[key] = (length, wire)
    return [wire for _, wire in found.values()]


def in_order(objects: list[Named], stations: list[int]) -> list[Wire]:
    """Stations one after the other as the prompt first names them; those it does not name come as in the sketch."""
    first = {i: min((p.start for p in objects[i].places if p.source == PROMPT), default=10**9 + i) for i in stations}
    order = sorted(stations, key=lambda i: first[i])
    return [Wire(a, b, False, (0.0, 0.0), True) for a, b in pairwise(order)]


def percents_of(prompt: str, objects: list[Named], labels: tuple[Label, ...], wires: list[Wire]) -> dict[tuple[int, int], float]:
    """Percentages by link: "93% Next Module" in the prompt, or a label beside the middle of a wire."""
    branching = {w.first for w in wires if sum(v.first == w.first and not v.dashed for v in wires) > 1}
    found: dict[tuple[int, int], float] = {}
    for match in re.finditer(r"(\d+(?:\.\d+)?)\s*(?:%|per ?cent)", prompt):
        behind = [
            (p.start, i)
            for i, named in enumerate(objects)
            for p in named.places
            if p.source == PROMPT and match.end() <= p.start < match.end() + 60 and "%" not in prompt[match.end() : p.start]
        ]
        for _, target in sorted(behind)[:1]:
            for wire in wires:
                if wire.second == target and wire.first in branching:
                    found.setdefault((wire.first, target), float(match[1]))
    for label in labels:
        text = re.fullmatch(r"\D{0,3}(\d+(?:\.\d+)?)\s*%.{0,6}", label.text.strip())
        near = [w for w in wires if w.first in branching and not w.told]
        if text and near:
            x, y = (label.box.x0 + label.box.x1) / 2, (label.box.y0 + label.box.y1) / 2
            best = min(near, key=lambda w: np.hypot(w.middle[0] - x, w.middle[1] - y))
            found.setdefault((best.first, best.second), float(text[1]))
    return found
