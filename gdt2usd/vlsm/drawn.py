"""What is drawn in a sketch: for each name its shape and kind, and the links between the shapes, with how sure each is.

Networks and graph search in order: the perception network (`seeing`), ways along lines (`tracing`), verdicts on them (`verdicts`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gdt2usd.diagnostics import Box
from gdt2usd.sketch.sketch import Label
from gdt2usd.vlsm.maps import LINE_STRIDE
from gdt2usd.vlsm.script_tokens import KINDS
from gdt2usd.vlsm.seeing import Areas, Maps, Seen, see, session, shapes_of
from gdt2usd.vlsm.tracing import Way, find_ways, to_sketch
from gdt2usd.vlsm.verdicts import Verdict, choose, degrees_of, features

JUDGES = ("judge_links.onnx", "judge_kinds.onnx")
"""Beside the perception network's file."""


@dataclass(frozen=True, slots=True)
class DrawnShape:
    """The shape of the label numbered `label`: its box in pixels of the sketch, its likeliest kind and that kind's share."""

    label: int
    box: Box
    kind: str
    share: float


@dataclass(frozen=True, slots=True)
class DrawnWay:
    """A link from label `first` to label `second`, along `points` (n, 2) in pixels of the sketch.

    `name` is forward, line or resource; `share` how likely it is a link at all, `sure` that it is one of this name and sense.
    """

    first: int
    second: int
    name: str
    share: float
    sure: float
    points: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Drawn:
    """Everything found in one sketch."""

    shapes: tuple[DrawnShape, ...] = ()
    links: tuple[DrawnWay, ...] = ()


def _softmax(logits: Maps) -> Maps:
    shifted = np.exp(logits - logits.max(-1, keepdims=True))
    out: Maps = shifted / shifted.sum(-1, keepdims=True)
    return out


def judged(network: Path, seen: Seen, shapes: list[Areas]) -> tuple[list[Way], list[Verdict]]:
    """The ways between the shapes, and those that are links; what runs over lines of other links is found by a second search."""
    judge = session(network.with_name(JUDGES[0]))
    size = (seen.lines.shape[1], seen.lines.shape[2])
    ways = find_ways(seen, shapes)
    if not ways:
        return [], []
    shares = _softmax(judge.run(None, {"features": features(seen, ways, shapes)})[0])
    first = choose(ways, shares, size)
    kept = [ways[v.way] for v in first]
    joined = {(way.first, way.second) for way in kept}
    more = [way for way in find_ways(seen, shapes, kept) if (way.first, way.second) not in joined]
    if not more:
        return ways, first
    ways += more
    shares = np.concatenate([shares, _softmax(judge.run(None, {"features": features(seen, more, shapes)})[0])])
    return ways, choose(ways, shares, size)


def look(network: Path, pixels: NDArray[np.uint8], labels: Sequence[Label], named: Sequence[int]) -> Drawn:
    """What is drawn around the labels numbered `named`; `network` is the perception network's file, its judges lie beside it."""
    if not named:
        return Drawn()
    seen = see(network, pixels, labels, named)
    areas, looks = shapes_of(seen, labels, named)
    ways, verdicts = judged(network, seen, areas)
    degrees = degrees_of(verdicts, ways, len(named))
    (logits,) = session(network.with_name(JUDGES[1])).run(None, {"looks": looks, "degrees": degrees})
    shares = _softmax(logits)
    scale = LINE_STRIDE / seen.scale
    shapes = tuple(
        DrawnShape(i, Box(*(area[0] * scale).tolist()), KINDS[int(row.argmax())], float(row.max()))
        for i, area, row in zip(named, areas, shares, strict=True)
    )
    return Drawn(shapes, tuple(_drawn_way(verdict, ways, named, seen.scale) for verdict in verdicts))


def _drawn_way(verdict: Verdict, ways: list[Way], named: Sequence[int], scale: float) -> DrawnWay:
    way = ways[verdict.way]
    points = to_sketch(way.points, scale)
    if verdict.name == "backward":
        return DrawnWay(named[way.second], named[way.first], "forward", verdict.share, verdict.sure, points[::-1])
    return DrawnWay(named[way.first], named[way.second], verdict.name, verdict.share, verdict.sure, points)
