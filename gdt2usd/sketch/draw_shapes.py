"""What people draw for a source, a queue, a machine: outlines and inner lines as vectors around a centre.

Every shape gives the polygon that links end at and that colour fills, and the pen strokes that make it visible.
Not covered: wobble (`draw_strokes`), which kind gets which shape (`draw_styles`), text.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Shape:
    """`outline` (N, 2) closed without repeating the first point; `strokes` polylines; `corners` marks straight-edged outlines."""

    outline: Points
    strokes: tuple[Points, ...] = field(default=())
    corners: bool = False
    solid: tuple[Points, ...] = field(default=())
    parts: tuple[Points, ...] = field(default=())

    @property
    def bodies(self) -> tuple[Points, ...]:
        """What colour fills: the parts of a picture-like symbol, otherwise the outline."""
        return self.parts or (self.outline,)


def ring(cx: float, cy: float, rx: float, ry: float, n: int = 32, start: float = 0.0) -> Points:
    return np.array([cx, cy]) + np.array([rx, ry]) * _unit_ring(n, start)


@cache
def _unit_ring(n: int, start: float) -> Points:
    """`n` points on the circle of radius 1."""
    angle = start + np.linspace(0.0, 2 * np.pi, n, endpoint=False)
    return np.stack([np.cos(angle), np.sin(angle)], axis=1)


@cache
def _unit_arc(first: float, last: float, n: int) -> Points:
    """`n` points on the circle of radius 1 from one angle to another (degrees)."""
    angle = np.radians(np.linspace(first, last, n))
    return np.stack([np.cos(angle), np.sin(angle)], axis=1)


def closed(points: Points) -> Points:
    return np.concatenate([points, points[:1]])


def polygon(*corners: tuple[float, float]) -> Shape:
    outline = np.asarray(corners, float)
    edges = tuple(np.array([a, b]) for a, b in pairwise((*corners, corners[0])))
    return Shape(outline, edges, corners=True)


def arc(cx: float, cy: float, rx: float, ry: float, first: float, last: float, n: int = 14) -> Points:
    return np.array([cx, cy]) + np.array([rx, ry]) * _unit_arc(first, last, n)


def rectangle(x: float, y: float, w: float, h: float) -> Shape:
    return polygon((x - w / 2, y - h / 2), (x + w / 2, y - h / 2), (x + w / 2, y + h / 2), (x - w / 2, y + h / 2))


def rounded(x: float, y: float, w: float, h: float, radius: float = 0.25) -> Shape:
    r = min(w, h) * radius
    corners = [
        arc(x + w / 2 - r, y - h / 2 + r, r, r, -90, 0, 7),
        arc(x + w / 2 - r, y + h / 2 - r, r, r, 0, 90, 7),
        arc(x - w / 2 + r, y + h / 2 - r, r, r, 90, 180, 7),
        arc(x - w / 2 + r, y - h / 2 + r, r, r, 180, 270, 7),
    ]
    outline = np.concatenate(corners)
    return Shape(outline, (closed(outline),))


def slightly_rounded(x: float, y: float, w: float, h: float) -> Shape:
    return rounded(x, y, w, h, 0.1)


def pill(x: float, y: float, w: float, h: float) -> Shape:
    return rounded(x, y, w, h, 0.5)


def ellipse(x: float, y: float, w: float, h: float) -> Shape:
    outline = ring(x, y, w / 2, h / 2, 40, -2.0)
    return Shape(outline, (closed(outline),))


def double_ellipse(x: float, y: float, w: float, h: float) -> Shape:
    inset = 0.11 * min(w, h)
    return Shape(
        ring(x, y, w / 2, h / 2, 40),
        (closed(ring(x, y, w / 2, h / 2, 40)), closed(ring(x, y, w / 2 - inset, h / 2 - inset, 36))),
    )


def donut(x: float, y: float, w: float, h: float) -> Shape:
    inner = ring(x, y, w * 0.22, h * 0.22, 28)
    return Shape(ring(x, y, w / 2, h / 2, 40), (closed(ring(x, y, w / 2, h / 2, 40)), closed(inner)), solid=(inner,))


def crossed_circle(x: float, y: float, w: float, h: float) -> Shape:
    r = min(w, h) / 2
    d = r * 0.707
    cross = (np.array([[x - d, y - d], [x + d, y + d]]), np.array([[x - d, y + d], [x + d, y - d]]))
    return Shape(ring(x, y, r, r, 40), (closed(ring(x, y, r, r, 40)), *cross))


def triangle_down(x: float, y: float, w: float, h: float) -> Shape:
    return polygon((x - w / 2, y - h / 2), (x + w / 2, y - h / 2), (x, y + h / 2))


def triangle_up(x: float, y: float, w: float, h: float) -> Shape:
    return polygon((x - w / 2, y + h / 2), (x, y - h / 2), (x + w / 2, y + h / 2))


def cylinder(x: float, y: float, w: float, h: float) -> Shape:
    lid = min(h * 0.16, w * 0.2)
    top, bottom = y - h / 2 + lid, y + h / 2 - lid
    outline = np.concatenate([arc(x, top, w / 2, lid, 180, 360), arc(x, bottom, w / 2, lid, 0, 180)])
    return Shape(outline, (closed(outline), arc(x, top, w / 2, lid, 180, 0)))


def lying_cylinder(x: float, y: float, w: float, h: float) -> Shape:
    lid = min(w * 0.1, h * 0.25)
    left, right = x - w / 2 + lid, x + w / 2 - lid
    outline = np.concatenate([arc(right, y, lid, h / 2, -90, 90), arc(left, y, lid, h / 2, 90, 270)])
    return Shape(outline, (closed(outline), arc(right, y, lid, h / 2, 90, 270)))


def open_box(x: float, y: float, w: float, h: float) -> Shape:
    """A bin: no lid."""
    outline = rectangle(x, y, w, h).outline
    return Shape(outline, (outline[[0, 3]], outline[[3, 2]], outline[[2, 1]]), corners=True)


def lane(x: float, y: float, w: float, h: float) -> Shape:
    """A waiting line: open on the left, slots at the right end."""
    box = rectangle(x, y, w, h).outline
    slots = tuple(np.array([[x + w / 2 - k * h * 0.3, y - h / 2], [x + w / 2 - k * h * 0.3, y + h / 2]]) for k in (0, 1, 2))
    return Shape(box, (box[[0, 1]], box[[3, 2]], *slots), corners=True)


def barred_box(x: float, y: float, w: float, h: float) -> Shape:
    """A box with bars at the right: items waiting."""
    box = rectangle(x, y, w, h)
    bars = tuple(np.array([[x + w / 2 - k * 0.07 * w, y - h / 2], [x + w / 2 - k * 0.07 * w, y + h / 2]]) for k in (1, 2))
    return Shape(box.outline, (*box.strokes, *bars), corners=True)


def double_box(x: float, y: float, w: float, h: float) -> Shape:
    """Flow-chart subprocess: a bar at either end."""
    box = rectangle(x, y, w, h)
    bars = tuple(np.array([[x + s * (w / 2 - 0.06 * w), y - h / 2], [x + s * (w / 2 - 0.06 * w), y + h / 2]]) for s in (-1, 1))
    return Shape(box.outline, (*box.strokes, *bars), corners=True)


def hexagon(x: float, y: float, w: float, h: float) -> Shape:
    cut = min(h / 2, w * 0.18)
    a, b = w / 2 - cut, h / 2
    return polygon((x - a, y - b), (x + a, y - b), (x + w / 2, y), (x + a, y + b), (x - a, y + b), (x - w / 2, y))


def diamond(x: float, y: float, w: float, h: float) -> Shape:
    return polygon((x - w / 2, y), (x, y - h / 2), (x + w / 2, y), (x, y + h / 2))


def parallelogram(x: float, y: float, w: float, h: float) -> Shape:
    lean = min(h * 0.3, w * 0.12)
    return polygon((x - w / 2 + lean, y - h / 2), (x + w / 2, y - h / 2), (x + w / 2 - lean, y + h / 2), (x - w / 2, y + h / 2))


def trapezium(x: float, y: float, w: float, h: float) -> Shape:
    cut = w * 0.12
    return polygon((x - w / 2 + cut, y - h / 2), (x + w / 2 - cut, y - h / 2), (x + w / 2, y + h / 2), (x - w / 2, y + h / 2))


def inverted_trapezium(x: float, y: float, w: float, h: float) -> Shape:
    cut = w * 0.12
    return polygon((x - w / 2, y - h / 2), (x + w / 2, y - h / 2), (x + w / 2 - cut, y + h / 2), (x - w / 2 + cut, y + h / 2))


def house_down(x: float, y: float, w: float, h: float) -> Shape:
    """Graphviz's invhouse: a box with a shallow point below."""
    return polygon(
        (x - w / 2, y - h / 2), (x + w / 2, y - h / 2), (x + w / 2, y + h * 0.22), (x, y + h / 2), (x - w / 2, y + h * 0.22)
    )


def house(x: float, y: float, w: float, h: float) -> Shape:
    return polygon(
        (x - w / 2, y + h / 2), (x - w / 2, y - h * 0.22), (x, y - h / 2), (x + w / 2, y - h * 0.22), (x + w / 2, y + h / 2)
    )


def signpost(x: float, y: float, w: float, h: float) -> Shape:
    """A box with a pointed right end."""
    tip = min(h * 0.5, w * 0.14)
    a = x + w / 2 - tip
    return polygon((x - w / 2, y - h / 2), (a, y - h / 2), (x + w / 2, y), (a, y + h / 2), (x - w / 2, y + h / 2))


def chevron(x: float, y: float, w: float, h: float) -> Shape:
    tip = min(h * 0.35, w * 0.12)
    a, b = x + w / 2 - tip, x - w / 2
    return polygon((b, y - h / 2), (a, y - h / 2), (x + w / 2, y), (a, y + h / 2), (b, y + h / 2), (b + tip, y))


def factory(x: float, y: float, w: float, h: float) -> Shape:
    """Value-stream mapping's outside party: a saw-tooth roof."""
    top, low = y - h / 2, y - h * 0.3
    xs = [x - w / 2 + k * w / 3 for k in range(4)]
    roof = [(xs[0], low + 0.06 * h)]
    for a, b in pairwise(xs):
        roof += [(b - 0.02 * w, top + 0.1 * h), (b, low)] if b < xs[3] else [(b, top + 0.08 * h)]
        del a
    return polygon(*roof, (x + w / 2, y + h / 2), (x - w / 2, y + h / 2))


def belt(x: float, y: float, w: float, h: float) -> Shape:
    """A box on two wheels."""
    box = rectangle(x, y, w, h)
    r = min(h * 0.13, 9.0)
    wheels = tuple(closed(ring(x + s * (w / 2 - 1.6 * r), y + h / 2 + r * 0.9, r, r, 14)) for s in (-1, 1))
    return Shape(box.outline, (*box.strokes, *wheels), corners=True)


def rollers(x: float, y: float, w: float, h: float) -> Shape:
    """A belt seen from the side: a band round several rollers, the text above or inside."""
    outer = pill(x, y, w, h)
    r = h * 0.3
    count = max(2, min(7, int(w / (h * 1.1))))
    wheels = tuple(closed(ring(x - w / 2 + h / 2 + k * (w - h) / (count - 1), y, r, r, 14)) for k in range(count))
    return Shape(outer.outline, (*outer.strokes, *wheels))


def ladder(x: float, y: float, w: float, h: float) -> Shape:
    """A roller track seen from above."""
    box = rectangle(x, y, w, h)
    count = max(4, int(w / 14))
    rungs = tuple(
        np.array([[x - w / 2 + k * w / count, y - h / 2], [x - w / 2 + k * w / count, y + h / 2]]) for k in range(1, count)
    )
    return Shape(box.outline, (*box.strokes, *rungs), corners=True)


def rack(x: float, y: float, w: float, h: float) -> Shape:
    """Shelves seen from the front."""
    box = rectangle(x, y, w, h)
    shelves = [np.array([[x - w / 2, y - h / 2 + k * h / 3], [x + w / 2, y - h / 2 + k * h / 3]]) for k in (1, 2)]
    posts = [np.array([[x - w / 2 + k * w / 3, y - h / 2], [x - w / 2 + k * w / 3, y + h / 2]]) for k in (1, 2)]
    return Shape(box.outline, (*box.strokes, *shelves, *posts), corners=True)


def stick_figure(x: float, y: float, w: float, h: float) -> Shape:
    r = h * 0.15
    head = closed(ring(x, y - h / 2 + r, r, r, 18, -1.5))
    neck, hip, arm = y - h / 2 + 2 * r, y + h * 0.18, y - h * 0.08
    body = (
        head,
        np.array([[x, neck], [x, hip]]),
        np.array([[x - w / 2, arm], [x + w / 2, arm]]),
        np.array([[x, hip], [x - w * 0.38, y + h / 2]]),
        np.array([[x, hip], [x + w * 0.38, y + h / 2]]),
    )
    return Shape(rectangle(x, y, w, h).outline, body, parts=(head[:-1],))


def bust(x: float, y: float, w: float, h: float) -> Shape:
    """Head and shoulders."""
    r = min(w, h) * 0.24
    neck = y - h / 2 + 2 * r
    shoulders = np.concatenate([arc(x, y + h / 2, w / 2, h / 2 - 2 * r + h / 2 - h * 0.05, 180, 360, 18)])
    shoulders[:, 1] = np.maximum(shoulders[:, 1], neck - 1)
    outline = np.concatenate([shoulders, [[x + w / 2, y + h / 2], [x - w / 2, y + h / 2]]])
    head = ring(x, y - h / 2 + r, r, r, 20)
    return Shape(rect_of(x, y, w, h), (closed(outline), closed(head)), parts=(outline, head))


def rect_of(x: float, y: float, w: float, h: float) -> Points:
    return rectangle(x, y, w, h).outline


def smiley(x: float, y: float, w: float, h: float) -> Shape:
    eyes = tuple(closed(ring(x + s * w * 0.16, y - h * 0.16, w * 0.05, h * 0.05, 10)) for s in (-1, 1))
    mouth = arc(x, y + h * 0.06, w * 0.26, h * 0.2, 20, 160)
    return Shape(ring(x, y, w / 2, h / 2, 36), (closed(ring(x, y, w / 2, h / 2, 36)), *eyes, mouth))


def cart(x: float, y: float, w: float, h: float) -> Shape:
    """A vehicle: a low body on wheels with a mast."""
    top, floor = y - h * 0.12, y + h * 0.3
    body = np.array([[x - w / 2, top], [x + w * 0.3, top], [x + w * 0.3, floor], [x - w / 2, floor]])
    mast = np.array([[x + w * 0.3, y - h / 2], [x + w * 0.3, floor], [x + w / 2, floor]])
    r = h * 0.17
    wheels = tuple(closed(ring(x + s * w, floor + r * 0.6, r, r, 16)) for s in (-0.32, 0.14))
    return Shape(rect_of(x, y, w, h), (closed(body), mast, *wheels), parts=(body,))


def truck(x: float, y: float, w: float, h: float) -> Shape:
    floor, r = y + h * 0.3, h * 0.17
    box = np.array([[x - w / 2, y - h / 2], [x + w * 0.18, y - h / 2], [x + w * 0.18, floor], [x - w / 2, floor]])
    cab = np.array(
        [
            [x + w * 0.18, y - h * 0.2],
            [x + w * 0.38, y - h * 0.2],
            [x + w / 2, y + h * 0.05],
            [x + w / 2, floor],
            [x + w * 0.18, floor],
        ]
    )
    wheels = tuple(closed(ring(x + s * w, floor + r * 0.5, r, r, 16)) for s in (-0.3, 0.3))
    return Shape(rect_of(x, y, w, h), (closed(box), cab, *wheels), parts=(box, cab))


def robot_arm(x: float, y: float, w: float, h: float) -> Shape:
    base = np.array(
        [[x - w * 0.3, y + h / 2], [x + w * 0.1, y + h / 2], [x + w * 0.02, y + h * 0.22], [x - w * 0.22, y + h * 0.22]]
    )
    arm = np.array(
        [[x - w * 0.1, y + h * 0.22], [x - w * 0.28, y - h * 0.3], [x + w * 0.25, y - h * 0.38], [x + w * 0.36, y - h * 0.05]]
    )
    grip = np.array([[x + w * 0.24, y + h * 0.1], [x + w * 0.36, y - h * 0.05], [x + w / 2, y + h * 0.08]])
    joints = tuple(closed(ring(arm[k][0], arm[k][1], h * 0.06, h * 0.06, 10)) for k in (1, 2))
    return Shape(rect_of(x, y, w, h), (closed(base), arm, grip, *joints), parts=(base,))


def cube(x: float, y: float, w: float, h: float) -> Shape:
    """A box with depth."""
    d = min(w, h) * 0.16
    front = rectangle(x - d / 2, y + d / 2, w - d, h - d)
    a, b, c = front.outline[0], front.outline[1], front.outline[2]
    up = np.array([d, -d])
    outline = np.array([a, a + up, b + up, c + up, c, front.outline[3]])
    extra = (
        np.stack([a, a + up]),
        np.stack([a + up, b + up]),
        np.stack([b + up, c + up]),
        np.stack([c + up, c]),
        np.stack([b, b + up]),
    )
    return Shape(outline, (*front.strokes, *extra), corners=True)


def cloud(x: float, y: float, w: float, h: float) -> Shape:
    angle = np.linspace(0.0, 2 * np.pi, 72, endpoint=False)
    bumps = 1.0 - 0.1 * np.abs(np.sin(angle * 4.5))
    outline = np.stack([x + w / 2 * bumps * np.cos(angle), y + h / 2 * bumps * np.sin(angle)], axis=1)
    return Shape(outline, (closed(outline),))


def note_page(x: float, y: float, w: float, h: float) -> Shape:
    """A page with a wavy lower edge."""
    xs = np.linspace(x + w / 2, x - w / 2, 16)
    wave = np.stack([xs, y + h * 0.42 + h * 0.08 * np.sin((xs - x) / w * 2 * np.pi)], axis=1)
    outline = np.concatenate([[[x - w / 2, y - h / 2], [x + w / 2, y - h / 2]], wave])
    return Shape(outline, (closed(outline),))


def _block(x: float, y: float, w: float, h: float, depth: float) -> tuple[Points, Points, Points]:
    """Front, top and right faces of a box in oblique view that fills `w` x `h`."""
    left, right, top, bottom = x - w / 2, x + w / 2 - depth, y - h / 2 + depth * 0.6, y + h / 2
    up = np.array([depth, -depth * 0.6])
    front = np.array([[left, top], [right, top], [right, bottom], [left, bottom]])
    return (
        front,
        np.array([front[0], front[1], front[1] + up, front[0] + up]),
        np.array([front[1], front[1] + up, front[2] + up, front[2]]),
    )


def _blocks(x: float, y: float, w: float, h: float, *blocks: tuple[float, float, float, float]) -> Shape:
    """A symbol of boxes in oblique view; each block is (x, y, w, h) relative to the symbol, from back to front."""
    faces = [face for bx, by, bw, bh in blocks for face in _block(x + bx * w, y + by * h, bw * w, bh * h, 0.16 * bw * w)]
    return Shape(rect_of(x, y, w, h), tuple(closed(face) for face in faces), corners=False, parts=tuple(faces))


def machine(x: float, y: float, w: float, h: float) -> Shape:
    """A housing with a control box on it."""
    return _blocks(x, y, w, h, (0.16, -0.26, 0.5, 0.48), (0.0, 0.12, 1.0, 0.76))


def scanner(x: float, y: float, w: float, h: float) -> Shape:
    """A wide table on a narrower base with a head above."""
    return _blocks(x, y, w, h, (0.0, 0.3, 0.6, 0.4), (0.0, 0.05, 1.0, 0.34), (0.0, -0.32, 0.45, 0.36))


def cabinet(x: float, y: float, w: float, h: float) -> Shape:
    """A tall cupboard with a door."""
    body = _blocks(x, y, w, h, (0.0, 0.0, 0.8, 1.0))
    door = np.array([[x - w * 0.04, y - h * 0.36], [x - w * 0.04, y + h * 0.44]])
    return Shape(body.outline, (*body.strokes, door), parts=body.parts)


def plate(x: float, y: float, w: float, h: float) -> Shape:
    """A thick leaning plate: a place for items."""
    top = np.array([[x - w * 0.3, y - h / 2], [x + w / 2, y - h / 2], [x + w * 0.3, y + h * 0.38], [x - w / 2, y + h * 0.38]])
    edge = np.array([top[3], top[2], top[2] + np.array([0.0, h * 0.12]), top[3] + np.array([0.0, h * 0.12])])
    return Shape(rect_of(x, y, w, h), (closed(top), closed(edge)), parts=(top, edge))


def table(x: float, y: float, w: float, h: float) -> Shape:
    """A bench on legs."""
    board = np.array([[x - w * 0.35, y - h * 0.3], [x + w / 2, y - h * 0.3], [x + w * 0.35, y], [x - w / 2, y]])
    legs = tuple(np.stack([corner, corner + np.array([0.0, h * 0.5])]) for corner in (board[3], board[2], board[1]))
    return Shape(rect_of(x, y, w, h), (closed(board), *legs), parts=(board,))


def crates(x: float, y: float, w: float, h: float) -> Shape:
    """Stacked boxes."""
    return _blocks(x, y, w, h, (0.0, -0.24, 0.5, 0.5), (-0.25, 0.25, 0.5, 0.5), (0.25, 0.25, 0.5, 0.5))


def worker(x: float, y: float, w: float, h: float) -> Shape:
    """A solid little figure with a cap."""
    r = h * 0.14
    head = ring(x, y - h / 2 + 1.3 * r, r, r, 16)
    cap = np.array([[x - 1.1 * r, y - h / 2 + r], [x + 1.1 * r, y - h / 2 + r], [x + 0.9 * r, y - h / 2], [x - 0.9 * r, y - h / 2]])
    body = np.array(
        [[x - w * 0.3, y - h * 0.18], [x + w * 0.3, y - h * 0.18], [x + w * 0.24, y + h / 2], [x - w * 0.24, y + h / 2]]
    )
    arm = np.array([[x + w * 0.28, y - h * 0.14], [x + w / 2, y + h * 0.12], [x + w * 0.2, y + h * 0.1]])
    return Shape(rect_of(x, y, w, h), (closed(head), closed(cap), closed(body), arm), parts=(head, cap, body))


SHAPES: dict[str, Callable[[float, float, float, float], Shape]] = {
    f.__name__: f
    for f in (
        rectangle, rounded, slightly_rounded, pill, ellipse, double_ellipse, donut, crossed_circle, triangle_down, triangle_up,
        cylinder, lying_cylinder, open_box, lane, barred_box, double_box, hexagon, diamond, parallelogram, trapezium,
        inverted_trapezium, house_down, house, signpost, chevron, factory, belt, rollers, ladder, rack, stick_figure, bust, smiley,
        cart, truck, robot_arm, cube, cloud, note_page, machine, scanner, cabinet, plate, table, crates, worker,
    )
}  # fmt: skip

#: Shapes too small or too busy for words inside: their names stand beside or under them.
NAMED_OUTSIDE = frozenset(
    {"donut", "crossed_circle", "triangle_down", "triangle_up", "lane", "rollers", "ladder", "rack", "stick_figure", "bust"}
    | {"smiley", "cart", "truck", "robot_arm", "machine", "scanner", "cabinet", "plate", "table", "crates", "worker"}
)
