"""Which of the ways along drawn lines are links: what lies along each way, judged by a small network, and the best of those that
share ink kept.

Not covered: finding the ways (`vlsm.tracing`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from gdt2usd.vlsm.maps import BINS, DIRECTIONS, FLOW, HEAD, STROKES, TAIL
from gdt2usd.vlsm.seeing import Areas, Maps, Seen
from gdt2usd.vlsm.tracing import Way, distance_to, sigmoid

CLASSES = ("none", "forward", "backward", "line", "resource")
AT_END, BETWEEN = 9, 14
"""Samples at either end of a way (one per 1.5 pixels of the line maps) and between."""
CHANNELS = 8
SCALARS = 16
FEATURES = (2 * AT_END + BETWEEN) * CHANNELS + SCALARS
_END_STEP = 1.5
_AHEAD = np.arange(0.0, 26.0, 2.0)
LIKELY = 0.35
"""Share from which a way is reported as a link at all."""
_NEW_SHARE, _NEW_LENGTH = 0.3, 14.0
_AT_SHAPE = 5.0
"""Lines may share ink so near to a shape, in pixels of the line maps."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """A way that is a link: `way` is its place in the list of ways, `name` one of `CLASSES`, `share` that it is a link at all,
    `sure` that it is this class if it is one."""

    way: int
    name: str
    share: float
    sure: float


def choose(ways: Sequence[Way], shares: Maps, size: tuple[int, int]) -> list[Verdict]:
    """The likeliest ways, each with some ink of its own: `shares` (n, 5) of `CLASSES`, `size` (h, w) of the line maps."""
    taken = np.zeros(size, np.uint8)
    out: list[Verdict] = []
    for k in np.argsort(-(1.0 - shares[:, 0]), kind="stable"):
        likely = 1.0 - float(shares[k, 0])
        if likely < LIKELY:
            break
        points = _apart(ways[k])
        fresh = taken[points[:, 1], points[:, 0]] == 0
        length = float(_along(ways[k])[-1])
        if fresh.mean() < _NEW_SHARE and fresh.mean() * length < _NEW_LENGTH:
            continue
        cv2.polylines(taken, [ways[k].points], False, 1, 5)
        best = 1 + int(shares[k, 1:].argmax())
        out.append(Verdict(int(k), CLASSES[best], likely, float(shares[k, best]) / max(likely, 1e-6)))
    return out


def _apart(way: Way) -> NDArray[np.int32]:
    """The points of a way that are not close to its ends; the middle one at least."""
    along = _along(way)
    keep = (along > _AT_SHAPE) & (along < along[-1] - _AT_SHAPE)
    keep[len(keep) // 2] = True
    return np.asarray(way.points[keep])


def degrees_of(verdicts: Sequence[Verdict], ways: Sequence[Way], count: int) -> Maps:
    """(count, 4) for each shape: arrows in, arrows out, plain lines, connections of resources."""
    out = np.zeros((count, 4), np.float32)
    for verdict in verdicts:
        a, b = ways[verdict.way].first, ways[verdict.way].second
        at_first, at_second = {"forward": (1, 0), "backward": (0, 1), "line": (2, 2)}.get(verdict.name, (3, 3))
        out[a, at_first] += 1
        out[b, at_second] += 1
    return out


def soft_maps(seen: Seen) -> Maps:
    """(BINS + 7, h, w): shares of directions, head, tail, strokes, and the flow vector."""
    lines = seen.lines
    strokes = np.exp(lines[STROKES] - lines[STROKES].max(0))
    out: Maps = np.concatenate([sigmoid(lines[DIRECTIONS]), sigmoid(lines[HEAD : TAIL + 1]), strokes / strokes.sum(0), lines[FLOW]])
    return out


def features(seen: Seen, ways: Sequence[Way], shapes: Sequence[Areas]) -> Maps:
    """(n, FEATURES) of each way, read from its first shape to its second."""
    if not ways:
        return np.zeros((0, FEATURES), np.float32)
    maps = soft_maps(seen)
    cores = [_core(areas[0]) for areas in shapes]
    rows = [np.concatenate([_profile(maps, way).ravel(), _at_ends(way, shapes), _scalars(way, cores)]) for way in ways]
    return np.stack(rows).astype(np.float32)


def reversed_features(rows: Maps) -> Maps:
    """The features of the same ways read from the second shape to the first."""
    count = 2 * AT_END + BETWEEN
    profile = rows[:, : count * CHANNELS].reshape(-1, count, CHANNELS)[:, ::-1].copy()
    profile[..., 7] *= -1.0
    scalars = rows[:, count * CHANNELS :].copy()
    scalars[:, :8] = scalars[:, [1, 0, 3, 2, 5, 4, 7, 6]]
    return np.concatenate([profile.reshape(len(rows), -1), scalars], 1)


def _along(way: Way) -> NDArray[np.float64]:
    """Arc length at each point."""
    steps = np.hypot(*np.diff(way.points, axis=0).T) if len(way.points) > 1 else np.zeros(0)
    return np.concatenate([[0.0], np.cumsum(steps)])


def _profile(maps: Maps, way: Way) -> Maps:
    """(samples, CHANNELS): share in the way's own direction, share in any, head, tail, three strokes, flow along the way."""
    along = _along(way)
    length = float(along[-1])
    near = np.minimum(np.arange(AT_END) * _END_STEP, length)
    at = np.concatenate([near, np.linspace(0.1, 0.9, BETWEEN) * length, length - near[::-1]])
    places = np.rint(np.interp(at, along, np.arange(len(along)))).astype(np.intp)
    x, y = way.points[places].T
    tangent = _tangents(way, along)[places]
    here = maps[:, y, x]  # (channels, samples)
    own = np.maximum(here[way.bins[places], np.arange(len(places))], here[(way.bins[places] + 1) % BINS, np.arange(len(places))])
    flow = here[BINS + 5] * tangent[:, 0] + here[BINS + 6] * tangent[:, 1]
    return np.concatenate([own[None], here[:BINS].max(0)[None], here[BINS : BINS + 5], flow[None]]).T.astype(np.float32)


def _tangents(way: Way, along: NDArray[np.float64]) -> NDArray[np.float64]:
    """Unit vectors along the way, over about six pixels."""
    if len(way.points) < 2:
        return np.zeros((len(way.points), 2))
    ahead = np.clip(along + 3.0, 0, along[-1])
    behind = np.clip(along - 3.0, 0, along[-1])
    x, y = way.points.T.astype(np.float64)
    out = np.stack([np.interp(ahead, along, v) - np.interp(behind, along, v) for v in (x, y)], 1)
    return np.asarray(out / (np.hypot(*out.T)[:, None] + 1e-6))


def _at_ends(way: Way, shapes: Sequence[Areas]) -> Maps:
    """(8,) in tens of pixels, at the first and second end: to the end's own shape and to the nearest other one, as the crow flies
    and from the line carried on straight."""
    out = np.zeros((4, 2), np.float32)
    along = _along(way)
    x, y = way.points.T.astype(np.float64)
    inner = min(8.0, float(along[-1]))
    for side, (end, back) in enumerate(((0, inner), (-1, along[-1] - inner))):
        step = np.array([x[end] - np.interp(back, along, x), y[end] - np.interp(back, along, y)])
        step /= np.hypot(*step) + 1e-6
        px, py = x[end] + step[0] * _AHEAD, y[end] + step[1] * _AHEAD
        own = (way.first, way.second)[side]
        far = np.array([distance_to(px, py, areas) for areas in shapes])  # (shapes, steps)
        others = np.delete(far, own, 0)
        near = others.min(0) if len(others) else np.full(len(_AHEAD), 50.0)
        out[:, side] = far[own, 0], near[0], far[own].min(), near.min()
    return np.asarray(np.minimum(out, 50.0).ravel() / 10, np.float32)


def _scalars(way: Way, cores: Sequence[Areas]) -> Maps:
    """(8,) of the whole way: length, price, turns, gaps, whether it runs through other shapes, detour."""
    x, y = way.points.T
    along = _along(way)
    length = float(along[-1])
    steps = np.hypot(*np.diff(way.points, axis=0).T) if len(x) > 1 else np.zeros(1)
    turns = np.abs((np.diff(way.bins) + BINS // 2) % BINS - BINS // 2) if len(x) > 1 else np.zeros(1)
    on_spot = turns[steps == 0]
    inside = [float((distance_to(x, y, core) == 0).mean()) for k, core in enumerate(cores) if k not in (way.first, way.second)]
    span = float(np.hypot(*(way.points[-1] - way.points[0])))
    return np.array(
        [
            min(length, 400.0) / 100,
            way.cost / (length + 20.0),
            float(on_spot.sum()) / 4,
            float(on_spot.max(initial=0)) / 4,
            float(turns.sum()) / 16,
            float(steps.max(initial=0.0)) / 10,
            max(inside, default=0.0),
            length / (span + 10.0),
        ],
        np.float32,
    )


def _core(box: Areas) -> Areas:
    """The inner seven tenths of a box."""
    margin = 0.15 * (box[2:] - box[:2])
    return np.concatenate([box[:2] + margin, box[2:] - margin])[None]
