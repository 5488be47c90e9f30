"""Cuts a sketch into what the vision tower looks at: a crop around every label, and a strip along every line between two labels.

Ink is what differs from the background; letters are taken away where labels were read; what encloses a label is its shape; a
connected piece of the remaining ink that touches two shapes may be a link. A strip follows the ink from one shape to the other
and is straightened, so that arrow heads stand at its ends. Deciding what a crop or strip shows is the network's work.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import dijkstra

from gdt2usd.diagnostics import Box
from gdt2usd.sketch.sketch import Label

Mask = NDArray[np.uint8]
Rectangle = tuple[int, int, int, int]
WORK_SIZE = 900
"""Longest side in pixels at which ink is traced, unless letters would be lower than `LETTER`."""
LETTER = 16
CROP = 64
STRIP = (32, 128)
MAX_STRIPS = 96


@dataclass(frozen=True, slots=True)
class Region:
    """Where a label's shape is (pixels of the sketch), and whether an outline encloses the label."""

    label: int
    box: Box
    enclosed: bool


@dataclass(frozen=True, slots=True)
class Trace:
    """A way along ink from label `first` to label `second`: points (n, 2) in pixels of the sketch, `gap` the share without ink."""

    first: int
    second: int
    points: NDArray[np.float32]
    gap: float


@dataclass(frozen=True, slots=True)
class Regions:
    """What was found: regions by label, traces between them, and the grey picture (0 ink .. 1 paper) they were cut from."""

    regions: tuple[Region, ...]
    traces: tuple[Trace, ...]
    paper: NDArray[np.float32]
    scale: float


def work_scale(size: tuple[int, int], labels: tuple[Label, ...]) -> float:
    """Scale from the sketch to the picture at which ink is traced: letters `LETTER` high, never above the sketch's own size."""
    heights = sorted(min(label.box.y1 - label.box.y0, label.box.x1 - label.box.x0) for label in labels)
    letter = heights[len(heights) // 2] if heights else LETTER
    return min(1.0, max(WORK_SIZE / max(size), LETTER / max(letter, 1.0)))


def flatten(pixels: NDArray[np.uint8], scale: float) -> NDArray[np.float32]:
    """The picture at `scale` with an even background: 1 paper, 0 full ink."""
    height, width = pixels.shape[:2]
    small = cv2.resize(pixels, (max(1, round(width * scale)), max(1, round(height * scale))), interpolation=cv2.INTER_AREA)
    coarse = cv2.resize(small, (max(8, small.shape[1] // 6), max(8, small.shape[0] // 6)), interpolation=cv2.INTER_AREA)
    background = cv2.medianBlur(coarse, 21 if min(coarse.shape[:2]) > 42 else 5)
    background = cv2.resize(background, (small.shape[1], small.shape[0]), interpolation=cv2.INTER_LINEAR)
    difference = np.abs(background.astype(np.int16) - small.astype(np.int16)).max(2).astype(np.float32)
    strong = max(40.0, float(np.percentile(difference, 99.3)))
    out: NDArray[np.float32] = np.clip(1.0 - difference / strong, 0.0, 1.0).astype(np.float32)
    return out


def ink_mask(paper: NDArray[np.float32]) -> Mask:
    """Ink pixels (255): Otsu's threshold between 0.25 and 0.6 of full ink, specks removed."""
    ink = ((1.0 - paper) * 255).astype(np.uint8)
    level, _ = cv2.threshold(ink, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    mask = (ink > min(150.0, max(60.0, 0.8 * float(level)))).astype(np.uint8) * 255
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    keep = np.zeros(count, np.uint8)
    keep[1:] = (stats[1:, cv2.CC_STAT_AREA] >= 4) * 255
    out: Mask = keep[labels]
    return out


def without_letters(mask: Mask, labels: tuple[Label, ...], scale: float) -> Mask:
    """Ink without the pieces that lie inside a label's box; lines that run through or touch a label stay."""
    count, pieces, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    letters = np.zeros(count, np.bool_)
    left, top = stats[:, cv2.CC_STAT_LEFT], stats[:, cv2.CC_STAT_TOP]
    right, bottom = left + stats[:, cv2.CC_STAT_WIDTH], top + stats[:, cv2.CC_STAT_HEIGHT]
    for label in labels:
        x0, y0, x1, y1 = _rectangle(label.box, scale, mask.shape, 3)
        letters |= (left >= x0) & (top >= y0) & (right <= x1) & (bottom <= y1)
    letters[0] = False
    out: Mask = np.where(letters[pieces], 0, mask).astype(np.uint8)
    return out


def _rectangle(box: Box, scale: float, shape: tuple[int, ...], margin: float = 0.0) -> tuple[int, int, int, int]:
    x0 = max(0, int(box.x0 * scale - margin))
    y0 = max(0, int(box.y0 * scale - margin))
    x1 = min(shape[1], int(np.ceil(box.x1 * scale + margin)))
    y1 = min(shape[0], int(np.ceil(box.y1 * scale + margin)))
    return x0, y0, max(x0 + 1, x1), max(y0 + 1, y1)


def _solids(mask: Mask, labels: tuple[Label, ...], named: list[int], scale: float) -> NDArray[np.int32]:
    """Numbered solid shapes (0 none): outlines filled, hatching too, and thin lines opened away.

    Filled are small holes (hatching, letters) and the holes in which a named label stands, if they fit the label.
    """
    sealed = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    count, holes, stats, _ = cv2.connectedComponentsWithStats((sealed == 0).astype(np.uint8), connectivity=4)
    x, y, w, h, area = (stats[:, k] for k in range(5))
    inner = (x > 0) & (y > 0) & (x + w < mask.shape[1]) & (y + h < mask.shape[0])
    fill = inner & (area < 2 * LETTER * LETTER)
    for i in named:
        x0, y0, x1, y1 = _rectangle(labels[i].box, scale, mask.shape)
        ids, shared = np.unique(holes[y0:y1, x0:x1], return_counts=True)
        fits = (w[ids] < 4 * (x1 - x0) + 60) & (h[ids] < 8 * (y1 - y0) + 60) & (area[ids] < 0.2 * mask.size)
        within = shared >= 0.3 * np.minimum(area[ids], (x1 - x0) * (y1 - y0))
        fill[ids] |= inner[ids] & fits & within
    fill[0] = False
    solid = np.where(fill[holes], 255, sealed).astype(np.uint8) if count > 1 else sealed
    opened = cv2.morphologyEx(solid, cv2.MORPH_OPEN, np.ones((11, 11), np.uint8))
    return np.asarray(cv2.connectedComponents(opened, connectivity=4)[1], dtype=np.int32)


def _enclosures(mask: Mask, labels: tuple[Label, ...], named: list[int], scale: float) -> dict[int, tuple[Mask, Rectangle]]:
    """For each named label that stands inside a shape: the shape's mask and its rectangle."""
    solids = _solids(mask, labels, named, scale)
    found: dict[int, tuple[Mask, Rectangle]] = {}
    for i in named:
        x0, y0, x1, y1 = _rectangle(labels[i].box, scale, mask.shape)
        ids, sizes = np.unique(solids[y0:y1, x0:x1], return_counts=True)
        inside = [(int(n), int(k)) for k, n in zip(ids, sizes, strict=True) if k]
        if not inside or max(inside)[0] < 0.4 * (x1 - x0) * (y1 - y0):
            continue
        shape = (solids == max(inside)[1]).astype(np.uint8) * 255
        x, y, w, h = cv2.boundingRect(shape)
        if w < 5 * (x1 - x0) + 80 and h < 10 * (y1 - y0) + 80:
            found[i] = (shape, (x, y, x + w, y + h))
    return found


def _open_body(mask: Mask, rectangle: Rectangle) -> tuple[Mask, Rectangle]:
    """A label without an outline, and the icon above (or below) it: the pieces of ink nearest to its middle that fit."""
    x0, y0, x1, y1 = rectangle
    height = y1 - y0
    reach = int(min(max(3 * height, 0.9 * (x1 - x0)), 6 * LETTER))
    body = np.zeros_like(mask)
    body[y0:y1, x0:x1] = 255
    middle, half = (x0 + x1) // 2, max((x1 - x0) // 3, height)
    best: tuple[int, Rectangle] | None = None
    for top, bottom in ((max(0, y0 - reach), y0), (y1, min(mask.shape[0], y1 + reach))):
        left, right = max(0, middle - half), min(mask.shape[1], middle + half)
        band = mask[top:bottom, left:right]
        ink = int(np.count_nonzero(band)) if band.size else 0
        if ink > 30 and (best is None or ink > best[0]):
            ys, xs = np.nonzero(band)
            best = ink, (left + int(xs.min()), top + int(ys.min()), left + int(xs.max()) + 1, top + int(ys.max()) + 1)
    if best is None:
        return body, rectangle
    _, (a, b, c, d) = best
    body[b:d, a:c] = 255
    return body, (min(x0, a), min(y0, b), max(x1, c), max(y1, d))


def find_regions(pixels: NDArray[np.uint8], labels: tuple[Label, ...], named: list[int]) -> Regions:
    """Shapes of the `named` labels and traces of ink between them."""
    scale = work_scale((pixels.shape[0], pixels.shape[1]), labels)
    paper = flatten(pixels, scale)
    mask = without_letters(ink_mask(paper), labels, scale)
    enclosed = _enclosures(mask, labels, named, scale)
    links = mask.copy()
    owner = np.full(mask.shape, -1, np.int16)
    regions: list[Region] = []
    for i in named:
        if i in enclosed:
            inside, rectangle = enclosed[i]
            body = cv2.dilate(inside, np.ones((7, 7), np.uint8))
        else:
            body, rectangle = _open_body(links, _rectangle(labels[i].box, scale, mask.shape, 2))
        links[body > 0] = 0
        ring = cv2.dilate(body, np.ones((21, 21), np.uint8)) > 0
        owner[ring & (owner < 0)] = i
        x0, y0, x1, y1 = rectangle
        regions.append(Region(i, Box(x0 / scale, y0 / scale, x1 / scale, y1 / scale), i in enclosed))
    traces = _traces(links, owner, scale)
    return Regions(tuple(regions), tuple(traces), paper, scale)


def _traces(links: Mask, owner: NDArray[np.int16], scale: float) -> list[Trace]:
    """Ways along pieces of ink (small gaps closed, for dashes) that touch two shapes or more."""
    joined = cv2.morphologyEx(links, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (11, 11)))
    half = cv2.resize(joined, (joined.shape[1] // 2, joined.shape[0] // 2), interpolation=cv2.INTER_AREA) > 60
    inked = cv2.resize(links, (links.shape[1] // 2, links.shape[0] // 2), interpolation=cv2.INTER_AREA) > 40
    owners = owner[: half.shape[0] * 2 : 2, : half.shape[1] * 2 : 2]
    count, pieces, stats, _ = cv2.connectedComponentsWithStats(half.astype(np.uint8), connectivity=8)
    out: list[Trace] = []
    for k in range(1, count):
        if stats[k, cv2.CC_STAT_AREA] < 4 or max(stats[k, cv2.CC_STAT_WIDTH], stats[k, cv2.CC_STAT_HEIGHT]) < 4:
            continue
        ys, xs = np.nonzero(pieces == k)
        touched = [int(o) for o in np.unique(owners[ys, xs]) if o >= 0]
        if 2 <= len(touched) <= 14:
            out += _paths(xs, ys, owners, inked, touched, scale)
        if len(out) >= MAX_STRIPS:
            break
    return out[:MAX_STRIPS]


def _paths(
    xs: NDArray[np.intp],
    ys: NDArray[np.intp],
    owners: NDArray[np.int16],
    inked: NDArray[np.bool_],
    touched: list[int],
    scale: float,
) -> list[Trace]:
    """Shortest ways through the pixels (xs, ys) between the shapes in `touched`."""
    n = len(xs)
    index = np.full(owners.shape, -1, np.int64)
    index[ys, xs] = np.arange(n)
    rows, columns, costs = [], [], []
    price = np.where(inked[ys, xs], 1.0, 2.0)
    for dx, dy in ((1, 0), (0, 1), (1, 1), (1, -1)):
        x, y = xs + dx, ys + dy
        ok = (x >= 0) & (y >= 0) & (x < owners.shape[1]) & (y < owners.shape[0])
        neighbour = np.where(ok, index[np.clip(y, 0, owners.shape[0] - 1), np.clip(x, 0, owners.shape[1] - 1)], -1)
        here = np.flatnonzero(neighbour >= 0)
        rows.append(here)
        columns.append(neighbour[here])
        costs.append(np.hypot(dx, dy) * (price[here] + price[neighbour[here]]) / 2)
    graph = coo_matrix((np.concatenate(costs), (np.concatenate(rows), np.concatenate(columns))), shape=(n, n)).tocsr()
    at_shape = owners[ys, xs]
    out: list[Trace] = []
    for place, first in enumerate(touched[:-1]):
        starts = np.flatnonzero(at_shape == first)
        distance, previous, _ = dijkstra(graph, directed=False, indices=starts, min_only=True, return_predecessors=True)
        for second in touched[place + 1 :]:
            ends = np.flatnonzero(at_shape == second)
            end = int(ends[np.argmin(distance[ends])])
            if not np.isfinite(distance[end]):
                continue
            path = [end]
            while previous[path[-1]] >= 0 and len(path) < 4000:
                path.append(int(previous[path[-1]]))
            path.reverse()
            through = {int(o) for o in at_shape[path] if o >= 0} - {first, second}
            if through and len(path) > 6:
                continue
            points = np.stack([xs[path], ys[path]], 1).astype(np.float32) * 2 / scale
            gap = 1.0 - float(inked[ys[path], xs[path]].mean())
            out.append(Trace(first, second, points, gap))
    return out


def crop(regions: Regions, region: Region) -> NDArray[np.float32]:
    """(CROP, CROP) grey picture of a region with a margin, its longer side filling the crop; paper is 1."""
    x0, y0, x1, y1 = (v * regions.scale for v in (region.box.x0, region.box.y0, region.box.x1, region.box.y1))
    side = 1.25 * max(x1 - x0, y1 - y0) + 6
    matrix = np.array(
        [[CROP / side, 0, CROP / 2 - (x0 + x1) / 2 * CROP / side], [0, CROP / side, CROP / 2 - (y0 + y1) / 2 * CROP / side]]
    )
    return cv2.warpAffine(regions.paper, matrix, (CROP, CROP), flags=cv2.INTER_AREA, borderValue=1.0).astype(np.float32)


def strip(regions: Regions, trace: Trace) -> NDArray[np.float32]:
    """STRIP grey picture along a trace, straightened: column 0 at the first shape, the last column at the second."""
    points = trace.points * regions.scale
    if len(points) < 2:
        points = np.repeat(points, 2, 0)
    kernel = np.ones(7) / 7
    if len(points) > 14:
        padded = np.pad(points, ((3, 3), (0, 0)), mode="edge")
        points = np.stack([np.convolve(padded[:, k], kernel, "valid") for k in (0, 1)], 1)
    steps = np.hypot(*np.diff(points, axis=0).T)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    length = max(float(along[-1]), 1e-3)
    height, width = STRIP
    reach = 18.0  # pixels of the work picture on either side, and beyond both ends
    at = np.linspace(-reach, length + reach, width)
    inside = np.clip(at, 0, length)
    x = np.interp(inside, along, points[:, 0])
    y = np.interp(inside, along, points[:, 1])
    span = max(4.0, length / 12)
    ahead, behind = np.clip(inside + span, 0, length), np.clip(inside - span, 0, length)
    tx = np.interp(ahead, along, points[:, 0]) - np.interp(behind, along, points[:, 0])
    ty = np.interp(ahead, along, points[:, 1]) - np.interp(behind, along, points[:, 1])
    norm = np.maximum(np.hypot(tx, ty), 1e-6)
    tx, ty = tx / norm, ty / norm
    x, y = x + tx * (at - inside), y + ty * (at - inside)
    across = np.linspace(-12.0, 12.0, height)[:, None]
    map_x = (x[None] - ty[None] * across).astype(np.float32)
    map_y = (y[None] + tx[None] * across).astype(np.float32)
    return cv2.remap(regions.paper, map_x, map_y, cv2.INTER_LINEAR, borderValue=1.0).astype(np.float32)
