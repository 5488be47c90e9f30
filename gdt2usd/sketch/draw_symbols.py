"""More of what people draw: waiting items, roller tracks, pallets, docks, monitors, machines in a stack, or no shape at all.

`ALL_SHAPES` joins these with the plain ones of `draw_shapes`. Not covered: which kind gets which symbol (`draw_options`).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from gdt2usd.sketch import draw_shapes
from gdt2usd.sketch.draw_shapes import Shape, arc, closed, pill, rect_of, rectangle, ring

Points = NDArray[np.float64]


def _line(*points: tuple[float, float]) -> Points:
    return np.asarray(points, float)


def _box(x0: float, y0: float, x1: float, y1: float) -> Points:
    return _line((x0, y0), (x1, y0), (x1, y1), (x0, y1))


def bare(x: float, y: float, w: float, h: float) -> Shape:
    """Words without a shape round them."""
    return Shape(rect_of(x, y, w, h))


def underlined(x: float, y: float, w: float, h: float) -> Shape:
    """Words with a line under them."""
    return Shape(rect_of(x, y, w, h), (_line((x - w * 0.45, y + h * 0.42), (x + w * 0.45, y + h * 0.42)),))


def row_of_boxes(x: float, y: float, w: float, h: float) -> Shape:
    """Places in a row, as a queue is drawn in queueing theory."""
    count = max(3, min(6, round(w / h)))
    edges = tuple(_line((x - w / 2 + k * w / count, y - h / 2), (x - w / 2 + k * w / count, y + h / 2)) for k in range(1, count))
    box = rectangle(x, y, w, h)
    return Shape(box.outline, (*box.strokes, *edges), corners=True)


def waiting_items(x: float, y: float, w: float, h: float) -> Shape:
    """Items one behind the other: small circles in a row."""
    count = max(3, min(6, round(w / h)))
    r = 0.42 * w / count
    rings = tuple(ring(x - w / 2 + (k + 0.5) * w / count, y, r, min(r, h / 2), 16) for k in range(count))
    return Shape(rect_of(x, y, w, max(2 * r, 0.6 * h)), tuple(closed(one) for one in rings), parts=rings)


def stacked_boxes(x: float, y: float, w: float, h: float) -> Shape:
    """Machines one behind the other."""
    d = min(w, h) * 0.09
    front = rectangle(x - d, y + d, w - 2 * d, h - 2 * d)
    behind = []
    for k in (1, 2):
        right, top = x + w / 2 - 2 * d + k * d, y - h / 2 + 2 * d - k * d
        left, bottom = x - w / 2 + k * d, y + h / 2 - k * d
        behind.append(_line((left, top + d), (left, top), (right, top), (right, bottom), (right - d, bottom)))
    return Shape(rect_of(x, y, w, h), (*front.strokes, *behind), corners=True, parts=(rect_of(x, y, w, h),))


def headed_box(x: float, y: float, w: float, h: float) -> Shape:
    """A box with a bar along its top."""
    box = rectangle(x, y, w, h)
    bar = y - h / 2 + min(0.14 * h, 8.0)
    return Shape(box.outline, (*box.strokes, _line((x - w / 2, bar), (x + w / 2, bar))), corners=True)


def foot_box(x: float, y: float, w: float, h: float) -> Shape:
    """A machine on two feet."""
    box = rectangle(x, y, w, h)
    foot = min(h * 0.16, 9.0)
    feet = tuple(_line((x + s * w * 0.34, y + h / 2), (x + s * w * 0.34, y + h / 2 + foot)) for s in (-1, 1))
    return Shape(box.outline, (*box.strokes, *feet), corners=True)


def double_line(x: float, y: float, w: float, h: float) -> Shape:
    """A belt seen from above: two long lines."""
    low, high = _line((x - w / 2, y - h / 2), (x + w / 2, y - h / 2)), _line((x - w / 2, y + h / 2), (x + w / 2, y + h / 2))
    return Shape(rect_of(x, y, w, h), (low, high), corners=True)


def arrowed_band(x: float, y: float, w: float, h: float) -> Shape:
    """A belt seen from above with its direction drawn on it."""
    band = rectangle(x, y, w, h)
    marks = [
        _line((x + s * w - 0.2 * h, y - 0.25 * h), (x + s * w + 0.1 * h, y), (x + s * w - 0.2 * h, y + 0.25 * h))
        for s in (-0.3, 0.0, 0.3)
    ]
    return Shape(band.outline, (*band.strokes, *marks), corners=True)


def pulleys(x: float, y: float, w: float, h: float) -> Shape:
    """A belt seen from the side: a loop round two wheels."""
    outer = pill(x, y, w, h)
    r = h * 0.32
    wheels = tuple(closed(ring(x + s * (w / 2 - h / 2), y, r, r, 16)) for s in (-1, 1))
    return Shape(outer.outline, (*outer.strokes, *wheels))


def supported_belt(x: float, y: float, w: float, h: float) -> Shape:
    """A belt on legs with rollers under it."""
    top, low = y - h * 0.35, y + h * 0.05
    r = min(h * 0.14, w * 0.04)
    count = max(3, min(8, int(w / (4 * r + 1e-9))))
    wheels = tuple(closed(ring(x - w / 2 + (k + 0.5) * w / count, low + r, r, r, 12)) for k in range(count))
    legs = tuple(_line((x + s * w * 0.42, low + 2 * r), (x + s * w * 0.42, y + h / 2)) for s in (-1, 1))
    return Shape(rect_of(x, y, w, h), (closed(_box(x - w / 2, top, x + w / 2, low)), *wheels, *legs))


def seen_from_above(x: float, y: float, w: float, h: float) -> Shape:
    """A person seen from above: a head with an arc of arms under it."""
    r = min(w, h) * 0.28
    head = ring(x, y - h * 0.1, r, r, 20)
    return Shape(rect_of(x, y, w, h), (closed(head), arc(x, y - h * 0.1, w / 2, h * 0.6, 20, 160, 16)), parts=(head,))


def walking_figure(x: float, y: float, w: float, h: float) -> Shape:
    """A stick figure in one go: bent arms, one leg forward."""
    r = h * 0.14
    head = closed(ring(x + 0.05 * w, y - h / 2 + r, r, r, 18, -1.0))
    neck, hip = y - h / 2 + 2 * r, y + h * 0.14
    strokes = (
        head,
        _line((x, neck), (x - 0.03 * w, hip), (x - 0.42 * w, y + h / 2)),
        _line((x - 0.03 * w, hip), (x + 0.2 * w, y + 0.3 * h), (x + 0.3 * w, y + h / 2)),
        _line((x - 0.45 * w, y + 0.02 * h), (x - 0.02 * w, neck + 0.06 * h), (x + 0.45 * w, y - 0.04 * h)),
    )
    return Shape(rect_of(x, y, w, h), strokes, parts=(head[:-1],))


def helmet(x: float, y: float, w: float, h: float) -> Shape:
    """A head with a hard hat and shoulders."""
    r = min(w, h) * 0.24
    middle = y - h / 2 + 1.5 * r
    hat = np.concatenate([arc(x, middle - 0.2 * r, 1.15 * r, 1.2 * r, 180, 360, 12), _line((x + 1.5 * r, middle - 0.2 * r))])
    hat = np.concatenate([hat, _line((x - 1.5 * r, middle - 0.2 * r))])
    shoulders = np.concatenate([arc(x, y + h / 2, w / 2, h * 0.4, 180, 360, 16)])
    return Shape(
        rect_of(x, y, w, h),
        (closed(hat), arc(x, middle - 0.2 * r, r, 1.3 * r, 0, 180, 12), closed(shoulders)),
        parts=(hat, shoulders),
    )


def pallet(x: float, y: float, w: float, h: float) -> Shape:
    """Goods on a pallet."""
    deck, floor = y + h * 0.26, y + h / 2
    goods = _box(x - 0.4 * w, y - h / 2, x + 0.4 * w, deck)
    boards = (_line((x - w / 2, deck), (x + w / 2, deck)), _line((x - w / 2, floor), (x + w / 2, floor)))
    blocks = tuple(_line((x + s * w, deck), (x + s * w, floor)) for s in (-0.45, 0.0, 0.45))
    return Shape(rect_of(x, y, w, h), (closed(goods), *boards, *blocks), parts=(goods,))


def dock(x: float, y: float, w: float, h: float) -> Shape:
    """A roller door in a frame."""
    frame, door = _box(x - w / 2, y - h / 2, x + w / 2, y + h / 2), _box(x - w * 0.3, y - h * 0.2, x + w * 0.3, y + h / 2)
    slats = tuple(_line((x - w * 0.3, y + s * h), (x + w * 0.3, y + s * h)) for s in (0.0, 0.17, 0.34))
    return Shape(frame, (closed(frame), closed(door), *slats), corners=True)


def warehouse(x: float, y: float, w: float, h: float) -> Shape:
    """A hall with a gable and a door."""
    hall = draw_shapes.house(x, y, w, h)
    door = _line((x - w * 0.16, y + h / 2), (x - w * 0.16, y + h * 0.08), (x + w * 0.16, y + h * 0.08), (x + w * 0.16, y + h / 2))
    return Shape(hall.outline, (*hall.strokes, door), corners=True)


def monitor(x: float, y: float, w: float, h: float) -> Shape:
    """A screen on a foot: control of vehicles or people."""
    screen = _box(x - w / 2, y - h / 2, x + w / 2, y + h * 0.25)
    foot = (_line((x, y + h * 0.25), (x, y + h / 2)), _line((x - w * 0.25, y + h / 2), (x + w * 0.25, y + h / 2)))
    return Shape(rect_of(x, y, w, h), (closed(screen), *foot), parts=(screen,))


def gantry(x: float, y: float, w: float, h: float) -> Shape:
    """A crane: a beam on two legs with a hook."""
    top = y - h / 2
    beam = _box(x - w / 2, top, x + w / 2, top + h * 0.14)
    legs = tuple(_line((x + s * w * 0.45, top + h * 0.14), (x + s * w * 0.45, y + h / 2)) for s in (-1, 1))
    rope = _line((x + 0.1 * w, top + h * 0.14), (x + 0.1 * w, y + 0.1 * h))
    return Shape(rect_of(x, y, w, h), (closed(beam), *legs, rope, arc(x + 0.1 * w, y + 0.17 * h, 0.07 * w, 0.07 * h, -90, 160, 9)))


def forklift(x: float, y: float, w: float, h: float) -> Shape:
    """A truck with a mast and forks at its front."""
    floor, r = y + h * 0.3, h * 0.16
    body = _line((x - w / 2, floor), (x - w / 2, y), (x - w * 0.3, y - h * 0.05), (x - w * 0.3, y - h / 2))
    body = np.concatenate([body, _line((x + w * 0.05, y - h / 2), (x + w * 0.15, floor))])
    mast = _line((x + w * 0.22, y - h / 2), (x + w * 0.22, floor + r), (x + w / 2, floor + r))
    wheels = tuple(closed(ring(x + s * w, floor + r * 0.4, r, r, 14)) for s in (-0.3, 0.06))
    return Shape(rect_of(x, y, w, h), (closed(body), mast, *wheels), parts=(body,))


def plus_circle(x: float, y: float, w: float, h: float) -> Shape:
    """A circle with a plus: parts come together."""
    r = min(w, h) / 2
    cross = (_line((x - r * 0.55, y), (x + r * 0.55, y)), _line((x, y - r * 0.55), (x, y + r * 0.55)))
    return Shape(ring(x, y, r, r, 40), (closed(ring(x, y, r, r, 40, 1.0)), *cross))


def triangle_right(x: float, y: float, w: float, h: float) -> Shape:
    """A wedge: many in, one out, or the other way round."""
    return draw_shapes.polygon((x - w / 2, y - h / 2), (x + w / 2, y), (x - w / 2, y + h / 2))


def triangle_left(x: float, y: float, w: float, h: float) -> Shape:
    """The same the other way round."""
    return draw_shapes.polygon((x + w / 2, y - h / 2), (x + w / 2, y + h / 2), (x - w / 2, y))


def gear(x: float, y: float, w: float, h: float) -> Shape:
    """A cog wheel."""
    r = min(w, h) / 2
    angle = np.linspace(0.0, 2 * np.pi, 64, endpoint=False)
    reach = np.where(np.sin(8 * angle) > 0, r, 0.8 * r)
    teeth = np.stack([x + reach * np.cos(angle), y + reach * np.sin(angle)], axis=1)
    return Shape(teeth, (closed(teeth), closed(ring(x, y, 0.35 * r, 0.35 * r, 16))))


SYMBOL_SHAPES: dict[str, Callable[[float, float, float, float], Shape]] = {
    f.__name__: f
    for f in (
        bare, underlined, row_of_boxes, waiting_items, stacked_boxes, headed_box, foot_box, double_line, arrowed_band, pulleys,
        supported_belt, seen_from_above, walking_figure, helmet, pallet, dock, warehouse, monitor, gantry, forklift, plus_circle,
        triangle_right, triangle_left, gear,
    )
}  # fmt: skip
ALL_SHAPES = {**draw_shapes.SHAPES, **SYMBOL_SHAPES}

#: Shapes too small or too busy for words inside: their names stand beside or under them.
NAMED_OUTSIDE = draw_shapes.NAMED_OUTSIDE | {
    "row_of_boxes", "waiting_items", "arrowed_band", "pulleys", "supported_belt", "seen_from_above", "walking_figure", "helmet",
    "pallet", "dock", "warehouse", "monitor", "gantry", "forklift", "plus_circle", "triangle_right", "triangle_left", "gear",
}  # fmt: skip

#: Shapes whose first strokes are the sides of their outline, one after the other.
SIDED = frozenset({
    "rectangle", "triangle_down", "triangle_up", "barred_box", "double_box", "hexagon", "diamond", "parallelogram", "trapezium",
    "inverted_trapezium", "house_down", "house", "signpost", "chevron", "belt", "row_of_boxes", "headed_box", "foot_box",
    "triangle_right", "triangle_left",
})  # fmt: skip

#: Width and height of a symbol with nothing inside, in units of its usual size.
WIDE = {
    "stick_figure": 0.55, "truck": 1.7, "cart": 1.4, "rollers": 2.6, "ladder": 2.8, "lane": 2.0, "rack": 1.4, "belt": 2.2,
    "cube": 1.3, "double_box": 1.5, "barred_box": 1.5, "smiley": 0.7, "parallelogram": 1.5, "cylinder": 0.9, "bust": 0.9,
    "row_of_boxes": 2.0, "waiting_items": 2.2, "arrowed_band": 2.8, "pulleys": 2.8, "supported_belt": 2.6, "walking_figure": 0.65,
    "helmet": 0.9, "pallet": 1.2, "dock": 1.3, "warehouse": 1.4, "monitor": 1.1, "gantry": 1.5, "forklift": 1.5, "double_line": 2.6,
    "seen_from_above": 0.9,
}  # fmt: skip
TALL = {
    "stick_figure": 1.5, "rollers": 0.55, "ladder": 0.6, "belt": 0.6, "row_of_boxes": 0.6, "waiting_items": 0.5,
    "arrowed_band": 0.5, "pulleys": 0.5, "supported_belt": 0.8, "walking_figure": 1.5, "helmet": 1.1, "double_line": 0.5,
}  # fmt: skip
