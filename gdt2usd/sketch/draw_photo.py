"""What the drawing is on and how it was caught: screens, paper on a desk, whiteboards; perspective, light, lens, sensor.

A surface gives the empty picture and the homography from sheet units to pixels; the drawing goes onto it; then it is developed.
Not covered: the drawing itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from gdt2usd.sketch.draw_canvas import Colour, as_pixels, project

Points = NDArray[np.float64]
Pixels = NDArray[np.uint8]
_PAPERS = frozenset({"squared", "lined", "blank", "dotted", "board_sheet", "print", "whiteboard"})
LONGEST = 1560
_LEAST_CAPITAL = 10.0


Rectangle = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class View:
    """Where the drawing stands: `matrix` (3, 3) sheet to pixels, `frame` (width, height) pixels, the paper's rectangle `sheet`.

    `flat`: seen straight from above. `photographed`: caught by a camera, not by a screen.
    """

    matrix: Points
    frame: tuple[int, int]
    sheet: Rectangle
    flat: bool
    photographed: bool


@dataclass(frozen=True, slots=True)
class Surface:
    """`picture` (H, W, 3) to draw on, `grain` (H, W, 3) ink coverage or None, `photographed`."""

    picture: Pixels
    grain: Pixels | None
    photographed: bool


@cache
def _plate(*, coloured: bool = False) -> Pixels:
    """Film grain: (2048, 2048, 3) normal around 128 with deviation 32, made once; the same in all channels or not."""
    rng = np.random.default_rng(7)
    channels = [rng.standard_normal((2048, 2048), np.float32) * 32 + 128 for _ in range(3 if coloured else 1)]
    plates = [as_pixels(np.clip(channel, 0, 255).astype(np.uint8)) for channel in channels]
    return as_pixels(cv2.merge(plates if coloured else plates * 3))


@cache
def _soft_plate() -> Pixels:
    """The same, smoothed, strongly stretched: the grain of a desk, at half size."""
    return as_pixels(cv2.GaussianBlur(_plate()[:1024, :1024], (0, 0), 1.0))


@cache
def _rough_plate(*, fine: bool) -> Pixels:
    """Paper tooth: film grain smoothed a little and stretched; with `fine` half of it."""
    soft = cv2.GaussianBlur(_plate()[..., 0].astype(np.float32), (0, 0), 0.9)
    tooth = np.clip((soft - 128) * 3.0 + 225, 30, 255)
    return as_pixels(cv2.merge([(tooth * 0.5 + 127 if fine else tooth).astype(np.uint8)] * 3))


def _cut(plate: Pixels, height: int, width: int, rng: np.random.Generator) -> Pixels:
    """A piece of `plate` from anywhere in it."""
    y, x = int(rng.integers(plate.shape[0] - height)), int(rng.integers(plate.shape[1] - width))
    return plate[y : y + height, x : x + width]


def _plain(width: int, height: int, colour: Sequence[float] | Points) -> Pixels:
    """An empty picture of one colour."""
    picture = np.empty((height, width, 3), np.uint8)
    picture[:] = np.tile(np.asarray(colour, np.uint8), (width, 1))  # whole rows: by single pixels takes forty times as long
    return picture


def view(backdrop: str, bounds: Rectangle, size: float, rng: np.random.Generator) -> View:
    """How a drawing that fills `bounds` (sheet units, capitals `size` high) is seen."""
    if backdrop in _PAPERS or backdrop == "grey_grid":
        return _photo_view(backdrop, bounds, size, rng)
    return _screen_view(backdrop, bounds, size, rng)


def surface(backdrop: str, sight: View, size: float, style: str, rng: np.random.Generator) -> Surface:
    """What is drawn on, still empty, seen as `sight`."""
    if sight.photographed:
        return _photo(backdrop, sight, size, style, rng)
    return _screen(backdrop, sight, rng)


def _scale(width: float, height: float, size: float, rng: np.random.Generator, limit: float) -> float:
    """Pixels per sheet unit, so that capitals are 8.5 to 26 pixels high and the picture stays within bounds."""
    capital = float(np.clip(13.5 * np.exp(rng.normal(0.0, 0.25)), 8.5, 26.0))
    return min(capital / size, limit / max(width, height))


def _screen_view(backdrop: str, bounds: Rectangle, size: float, rng: np.random.Generator) -> View:
    x0, y0, x1, y1 = bounds
    margins = rng.uniform(6, 30, 4) if rng.random() < 0.6 else rng.uniform(30, 120, 4)
    if backdrop == "slide" and x1 - x0 > y1 - y0:  # a tall drawing is cut out of its slide
        width, height = x1 - x0, y1 - y0
        grow = max(width / 16, height / 9) * float(rng.uniform(1.05, 1.35))
        margins = np.array([16 * grow - width, 9 * grow - height, 16 * grow - width, 9 * grow - height]) / 2 + 1
    low = np.array([x0 - margins[0], y0 - margins[1]])
    extent = np.array([x1 + margins[2], y1 + margins[3]]) - low
    scale = _scale(extent[0], extent[1], size, rng, LONGEST * 0.99)
    width, height = (int(v) for v in np.maximum(np.round(extent * scale), 64))
    matrix = np.array([[scale, 0.0, -low[0] * scale], [0.0, scale, -low[1] * scale], [0.0, 0.0, 1.0]])
    return View(matrix, (width, height), (x0, y0, x1, y1), flat=True, photographed=False)


def _screen(backdrop: str, sight: View, rng: np.random.Generator) -> Surface:
    width, height = sight.frame
    paper: Colour = {"cream": (253, 250, 240)}.get(backdrop, (255, 255, 255) if rng.random() < 0.85 else (248, 249, 250))
    picture = _plain(width, height, paper)
    pitch, line = float(rng.uniform(20, 38)), int(rng.integers(205, 240))
    if backdrop in {"tablet_lined", "tablet_squared"}:
        for y in np.arange(pitch, height, pitch):
            picture[int(y)] = (line - 15, line, 250)
    if backdrop == "tablet_squared":
        for x in np.arange(pitch, width, pitch):
            picture[:, int(x)] = (line - 15, line, 250)
    if backdrop == "tablet_dotted":
        for y in np.arange(pitch, height, pitch).astype(int):
            picture[y, np.arange(pitch, width, pitch).astype(int)] = line - 20
    return Surface(picture, None, False)


def _photo_view(backdrop: str, bounds: Rectangle, size: float, rng: np.random.Generator) -> View:
    x0, y0, x1, y1 = bounds
    width, height = x1 - x0, y1 - y0
    sheet = _sheet(bounds, rng)
    aspect = float(rng.choice([4 / 3, 16 / 9, 1.5, 1.41, 3 / 4, width / height * 0.9]))
    aspect = float(np.clip(aspect, 0.7, 2.6))
    if aspect < 1 and width > 1.2 * height:
        aspect = 1 / aspect
    elif aspect > 1 and height > 1.2 * width:
        aspect = max(1 / aspect, 0.5)
    share = float(rng.uniform(0.62, 0.94))
    frame_w = max(width / share, height / share * aspect)
    scale = _scale(frame_w, frame_w / aspect, size, rng, LONGEST * 0.999)
    if scale * size < _LEAST_CAPITAL:  # step closer until the words can be read
        closer = min(_LEAST_CAPITAL / (scale * size), 0.96 / share)
        frame_w, scale = frame_w / closer, scale * closer
    pixel_w, pixel_h = int(frame_w * scale), int(frame_w / aspect * scale)
    matrix = _view(bounds, (pixel_w, pixel_h), scale, rng)
    flat = backdrop == "grey_grid" or rng.random() < 0.12
    if flat:
        matrix = np.array(
            [[scale, 0, pixel_w / 2 - (x0 + x1) / 2 * scale], [0, scale, pixel_h / 2 - (y0 + y1) / 2 * scale], [0, 0, 1.0]]
        )
    if flat or backdrop == "whiteboard":
        reach = max(width, height, frame_w)
        sheet = (x0 - reach, y0 - reach, x1 + reach, y1 + reach)
    return View(matrix, (pixel_w, pixel_h), sheet, flat, photographed=True)


def _photo(backdrop: str, sight: View, size: float, style: str, rng: np.random.Generator) -> Surface:
    (pixel_w, pixel_h), sheet, matrix = sight.frame, sight.sheet, sight.matrix
    corners = np.array([[sheet[0], sheet[1]], [sheet[2], sheet[1]], [sheet[2], sheet[3]], [sheet[0], sheet[3]]])
    picture = _ground(pixel_w, pixel_h, backdrop, project(matrix, corners), sight.flat, rng)
    _rule(picture, backdrop, sheet, matrix, size, rng)
    grain = None
    if style in {"pencil", "icons"} or (style in {"paper", "whiteboard"} and rng.random() < 0.5):
        grain = _cut(_rough_plate(fine=style != "pencil"), pixel_h, pixel_w, rng)
    return Surface(picture, grain, True)


def _sheet(bounds: Rectangle, rng: np.random.Generator) -> Rectangle:
    """The paper's rectangle around the drawing."""
    x0, y0, x1, y1 = bounds
    reach = max(x1 - x0, y1 - y0)
    pads = rng.uniform(0.03, 0.22, 4) * reach
    if rng.random() < 0.35:
        pads += reach
    return x0 - pads[0], y0 - pads[1], x1 + pads[2], y1 + pads[3]


def _view(bounds: Rectangle, frame: tuple[int, int], scale: float, rng: np.random.Generator) -> Points:
    """The homography of a camera held by hand: turned, tilted, not quite centred."""
    x0, y0, x1, y1 = bounds
    centre = np.array([(x0 + x1) / 2, (y0 + y1) / 2])
    half = np.array([(x1 - x0) / 2, (y1 - y0) / 2])
    angle = float(np.clip(rng.normal(0.0, 0.035), -0.12, 0.12))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    room = np.maximum(np.array(frame) / 2 - half * scale * 1.03, 0.0)
    offset = np.array(frame) / 2 + rng.uniform(-0.6, 0.6, 2) * room
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * half
    seen = (corners * (1 + rng.normal(0.0, 0.03, (4, 2)))) @ turn.T * scale + offset
    seen = np.clip(seen, 4, np.array(frame) - 4)
    return np.asarray(cv2.getPerspectiveTransform((corners + centre).astype(np.float32), seen.astype(np.float32)), dtype=np.float64)


def _ground(width: int, height: int, backdrop: str, corners: Points, flat: bool, rng: np.random.Generator) -> Pixels:
    """Desk or wall, and the sheet upon it with its shadow: a picture of `width` x `height`."""
    tint = rng.normal(0, 2.2, 3)
    base = {"whiteboard": 228, "board_sheet": 240, "grey_grid": 228, "print": 232}.get(backdrop, float(rng.uniform(205, 248)))
    warm = np.array([6.0, 2.0, -10.0]) * rng.uniform(0, 2.2) if backdrop in {"squared", "lined", "blank", "dotted"} else np.zeros(3)
    paper = np.clip(base + tint + warm, 0, 255)
    desk = rng.choice([60, 90, 130, 165, 190]) + rng.normal(0, 12) + np.array([14.0, 4.0, -8.0]) * rng.uniform(-0.5, 2.0)
    rough, shade = rng.random() < 0.6, corners + rng.uniform(-6, 14, 2)
    frame = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    crease = backdrop not in {"whiteboard", "grey_grid", "board_sheet"} and rng.random() < 0.14
    if flat or backdrop == "whiteboard" or _covers(corners, frame):
        picture = _plain(width, height, paper)
        if crease:
            _fold(picture, paper, corners, rng)
        return picture
    small = _plain(width // 2 + 1, height // 2 + 1, np.clip(desk, 10, 250))  # the desk is out of focus anyway
    if rough:
        cv2.addWeighted(small, 1.0, _cut(_soft_plate(), small.shape[0], small.shape[1], rng), 0.6, -77, dst=small)
    less = 4
    dark = np.zeros((small.shape[0] // less + 1, small.shape[1] // less + 1), np.uint8)
    cv2.fillPoly(dark, [np.rint(shade / (2 * less)).astype(np.int32)], 90)
    dark = cv2.resize(cv2.GaussianBlur(dark, (0, 0), 1.6), small.shape[1::-1])
    cv2.subtract(small, cv2.merge([dark] * 3), dst=small)
    picture = as_pixels(cv2.resize(small, (width, height)))
    cv2.fillPoly(picture, [np.rint(corners * 16).astype(np.int32)], tuple(float(v) for v in paper), cv2.LINE_AA, 4)
    if crease:
        _fold(picture, paper, corners, rng)
    return picture


def _fold(picture: Pixels, paper: Points, corners: Points, rng: np.random.Generator) -> None:
    """The trace of a fold across the sheet: one half a little darker, a dark line and a bright one."""
    ring = corners if rng.random() < 0.7 else np.roll(corners, 1, axis=0)
    share = 0.5 if rng.random() < 0.6 else float(rng.uniform(0.3, 0.7))
    a, b = ring[0] + share * (ring[1] - ring[0]), ring[3] + share * (ring[2] - ring[3])
    half = np.rint(np.clip(np.stack([a, ring[1], ring[2], b]), -4000, 4000) * 16).astype(np.int32)
    shades = (1 - float(rng.uniform(0.01, 0.05)), 1 - float(rng.uniform(0.05, 0.2)), 1 + float(rng.uniform(0.0, 0.06)))
    darker, dark, bright = (tuple(float(v) for v in np.clip(paper * shade, 0, 255)) for shade in shades)
    cv2.fillPoly(picture, [half], darker, cv2.LINE_AA, 4)
    for colour, aside in ((dark, 0), (bright, 2)):
        line = half[[0, 3]] + np.array([aside * 16, aside * 16], np.int32)
        cv2.polylines(picture, [line], False, colour, int(rng.integers(1, 3)), cv2.LINE_AA, 4)


def _covers(corners: Points, frame: NDArray[np.float32]) -> bool:
    """Whether the sheet with these corners covers the whole frame."""
    outline = corners.astype(np.float32)
    return all(cv2.pointPolygonTest(outline, (float(x), float(y)), False) > 0 for x, y in frame)


def _rule(picture: Pixels, backdrop: str, sheet: Rectangle, matrix: Points, size: float, rng: np.random.Generator) -> None:
    """Printed squares, lines or dots of the paper."""
    if backdrop not in {"squared", "lined", "dotted", "grey_grid"}:
        return
    pitch = size * float(rng.uniform(1.3, 2.6)) * (1.5 if backdrop == "lined" else 1.0)
    x0, y0, x1, y1 = sheet
    xs, ys = np.arange(x0 + pitch * rng.random(), x1, pitch), np.arange(y0 + pitch * rng.random(), y1, pitch)
    paper = picture[picture.shape[0] // 2, picture.shape[1] // 2].astype(float)
    depth = float(rng.uniform(0.05, 0.2)) if backdrop != "grey_grid" else 0.05
    colour = tuple(float(v) for v in paper * (1 - depth * np.array([1.3, 1.0, 0.6])))
    if backdrop == "dotted":
        grid = np.stack(np.meshgrid(xs, ys), axis=-1).reshape(-1, 2)
        at = np.rint(project(matrix, grid)).astype(int)
        inside = (at >= 1).all(axis=1) & (at[:, 0] < picture.shape[1] - 1) & (at[:, 1] < picture.shape[0] - 1)
        picture[at[inside, 1], at[inside, 0]] = np.array(colour) * 0.85
        return
    ends = [np.array([[x0, y], [x1, y]]) for y in ys]
    if backdrop != "lined":
        ends += [np.array([[x, y0], [x, y1]]) for x in xs]
    if ends:
        lines = project(matrix, np.concatenate(ends)).reshape(-1, 2, 2)
        cv2.polylines(picture, list(np.rint(np.clip(lines, -4000, 4000) * 16).astype(np.int32)), False, colour, 1, cv2.LINE_AA, 4)


def smudges(picture: Pixels, rng: np.random.Generator) -> None:
    """Half-wiped marks of an earlier drawing on a whiteboard."""
    height, width = picture.shape[:2]
    small = 6
    ghost = np.zeros((height // small, width // small), np.uint8)
    for _ in range(int(rng.integers(1, 4))):
        start = rng.random(2) * (ghost.shape[1], ghost.shape[0])
        walk = start + np.cumsum(rng.normal(0, 6, (int(rng.integers(4, 9)), 2)), axis=0)
        cv2.polylines(ghost, [np.rint(walk).astype(np.int32)], False, int(rng.integers(10, 40)), int(rng.integers(1, 4)))
    ghost = cv2.resize(cv2.GaussianBlur(ghost, (0, 0), 1.2), (width, height))
    cv2.subtract(picture, cv2.merge([ghost, ghost, (ghost * 0.7).astype(np.uint8)]), dst=picture)


def develop(surface: Surface, style: str, rng: np.random.Generator) -> Pixels:
    """The finished picture: light, blur and noise for photographs (compression is the file's: `dataset.records`)."""
    picture = surface.picture
    if surface.photographed:
        picture = _light(picture, style, rng)
        blur = float(rng.uniform(0.0, 0.8)) * (picture.shape[1] / 1300)
        if blur > 0.35:
            picture = as_pixels(cv2.GaussianBlur(picture, (3, 3), blur))
        if rng.random() < 0.8:
            height, width = picture.shape[:2]
            strength = float(rng.uniform(0.02, 0.14))
            grain = _cut(_plate(coloured=bool(rng.random() < 0.4)), height, width, rng)
            cv2.addWeighted(picture, 1.0, grain, strength, -128 * strength, dst=picture)
    return np.ascontiguousarray(picture)


def _light(picture: Pixels, style: str, rng: np.random.Generator) -> Pixels:
    """Uneven light: a slope, a lamp's spot or a shadow, vignetting, a colour cast."""
    height, width = picture.shape[:2]
    y, x = np.mgrid[0:1:36j, 0:1:52j]
    slope = rng.normal(0.0, 0.16, 2)
    field = 1.0 + slope[0] * (x - 0.5) + slope[1] * (y - 0.5)
    field -= float(rng.uniform(0.0, 0.35)) * ((x - 0.5) ** 2 + (y - 0.5) ** 2)
    if rng.random() < 0.3:
        field -= float(rng.uniform(0.05, 0.25)) / (
            1 + np.exp(-((x - rng.random()) * rng.normal(0, 14) + (y - rng.random()) * rng.normal(0, 14)))
        )
    if (style == "whiteboard" and rng.random() < 0.7) or rng.random() < 0.15:
        cx, cy, r = rng.random(), rng.random() * 0.7, float(rng.uniform(0.06, 0.2))
        field += float(rng.uniform(0.1, 0.45)) * np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (2 * r * r))
    field *= float(rng.uniform(0.72, 1.04))
    cast = 1.0 + rng.normal(0.0, 0.02, 3)
    small = np.clip(field[..., None] * cast * 150.0, 0, 255).astype(np.uint8)
    light = cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)
    return as_pixels(cv2.multiply(picture, light, dst=picture, scale=1 / 150.0))


def within(points: Sequence[Points], picture: Pixels) -> bool:
    """Whether all `points` lie in the picture."""
    everything = np.concatenate(list(points))
    return bool(
        (everything >= 0).all() and (everything[:, 0] < picture.shape[1]).all() and (everything[:, 1] < picture.shape[0]).all()
    )
