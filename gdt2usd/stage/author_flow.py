"""The flow on the floor: an arrow for every link that no conveyor shows, in a layer that can be switched off.

Arrows leave a station's exit and reach the next one's entry at right angles; links that a vehicle serves are blue lanes.
Not covered: links as data (relationships on the stations, `author_facts`).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pxr import Sdf

from gdt2usd.graph.model import Conveyor, Link
from gdt2usd.stage.author_scene import Scene
from gdt2usd.stage.author_usd import Faces, define, flat, material, mesh, new_layer, together, world

Point = NDArray[np.float64]

_LINE_M = 0.14
_HEAD_M = 0.55
_STUB_M = 0.6
_SHORTEST_M = 0.7
_SKEW_M = 0.5  # ports less far apart sideways are joined by a straight, slightly turned arrow
_HEIGHT_M = 0.008
_LAYER_M = 1e-4  # strips that may cross lie this far above each other
_FLOW_COLOUR = (0.05, 0.55, 0.60)
_LANE_COLOUR = (0.08, 0.24, 0.75)


def author_flow(scene: Scene) -> Any:
    """The layer with /World/FlowArrows; empty but valid where every link is a conveyor's."""
    layer = new_layer(".usdc")
    links = [
        k
        for k in scene.graph.links
        if k.upstream in scene.stations and k.downstream in scene.stations and k.upstream != k.downstream
    ]
    with Sdf.ChangeBlock():
        root = define(world(layer), "FlowArrows", "Xform", kind="component")
        scope = define(root, "Materials", "Scope")
        if not links:
            return layer
        start, end, leaving, entering = _ends(scene, links)
        for name, carried, colour in (("Flow", False, _FLOW_COLOUR), ("Lanes", True, _LANE_COLOUR)):
            chosen = np.array([bool(k.transport) is carried for k in links])
            faces = _arrows(start[chosen], end[chosen], leaving[chosen], entering[chosen])
            if faces is not None:
                mesh(root, f"{name}Marks", faces, material(scope, name, colour, roughness=0.6))
    return layer


def _ends(scene: Scene, links: list[Link]) -> tuple[Point, Point, Point, Point]:
    """Exit, entry, heading at the exit and at the entry of each link, all (n, 2)."""
    ids = list(scene.stations)
    rank = {name: n for n, name in enumerate(ids)}
    placed = [scene.layout.placements[i] for i in ids]
    angle = np.radians([p.yaw_deg for p in placed])
    heading = np.column_stack([np.cos(angle), np.sin(angle)])
    aside = np.column_stack([-heading[:, 1], heading[:, 0]]) * np.array([[p.hand] for p in placed])
    at = np.array([p.position_m[:2] for p in placed])
    ports = []
    for exits in (True, False):
        local = np.array([_outside(b.exit_m if exits else b.entry_m, b.size_m) for b in (scene.bodies[i] for i in ids)])
        port = at + local[:, :1] * heading + local[:, 1:] * aside
        for n, p in enumerate(placed):
            own = p.end_m if exits else p.start_m
            if own is not None and isinstance(scene.stations[ids[n]], Conveyor):
                port[n] = own[:2]
        ports.append(port)
    up = np.array([rank[k.upstream] for k in links])
    down = np.array([rank[k.downstream] for k in links])
    start, end, leaving, entering = ports[0][up], ports[1][down], heading[up], heading[down]
    for n, link in enumerate(links) if scene.layout.exits or scene.layout.entries else ():
        if scene.layout.door(link.upstream, link.downstream, exits=True):
            start[n], leaving[n] = _floor_port(scene, link.upstream, link.downstream, exits=True)
        if scene.layout.door(link.downstream, link.upstream, exits=False):
            end[n], entering[n] = _floor_port(scene, link.downstream, link.upstream, exits=False)
    return start, end, leaving, entering


def arrow_way(scene: Scene, upstream: str, downstream: str) -> list[Point]:
    """The corners (2,) of the arrow from one station to another, both ends included."""
    start, leaving = _floor_port(scene, upstream, downstream, exits=True)
    end, entering = _floor_port(scene, downstream, upstream, exits=False)
    gap = end - start
    ahead = all(
        float(gap @ heading) > 0 and abs(gap[0] * heading[1] - gap[1] * heading[0]) < _SKEW_M for heading in (leaving, entering)
    )
    return [start, end] if ahead else bent_way(start, leaving, end, entering)


def _floor_port(scene: Scene, name: str, neighbour: str, *, exits: bool) -> tuple[Point, Point]:
    """Where the arrow to (from) a neighbour leaves (reaches) a station, and its heading there, both (2,)."""
    placed, body = scene.layout.placements[name], scene.bodies[name]
    door = scene.layout.door(name, neighbour, exits=exits)
    angle = math.radians(placed.yaw_deg + (placed.hand * door.yaw_deg if door else 0.0))
    heading = np.array([math.cos(angle), math.sin(angle)])
    own = placed.end_m if exits else placed.start_m
    if own is not None and isinstance(scene.stations[name], Conveyor):
        return np.array(own[:2]), heading
    x, y = _outside(door.at_m if door else body.exit_m if exits else body.entry_m, body.size_m)
    return np.array(placed.world((x, y, 0.0))[:2]), heading


def _outside(port: tuple[float, float, float], size_m: tuple[float, float, float]) -> tuple[float, float]:
    """The port on the floor; one ahead or behind inside the footprint moves to its edge, so that arrows end in sight."""
    x, y, _ = port
    if abs(x) > 0.25 * size_m[0] and abs(y) < 0.25 * size_m[1]:
        x = math.copysign(max(abs(x), size_m[0] / 2 + 0.05), x)
    return x, y


def _arrows(start: Point, end: Point, leaving: Point, entering: Point) -> Faces | None:
    """The strips and heads of many links; None if there is nothing to draw."""
    gap = end - start
    ahead = np.ones(len(gap), dtype=bool)
    for heading in (leaving, entering):
        along = (gap * heading).sum(axis=1)
        across = np.abs(gap[:, 0] * heading[:, 1] - gap[:, 1] * heading[:, 0])
        ahead &= (along > 0) & ((across < 0.12) | (across < np.minimum(_SKEW_M, 0.25 * along)))
    long = np.abs(gap).sum(axis=1) >= _SHORTEST_M
    straight = ahead & long
    firsts, seconds = [start[straight]], [end[straight]]
    first, last = [np.ones(int(straight.sum()), bool)], [np.ones(int(straight.sum()), bool)]
    for n in np.flatnonzero(long & ~ahead).tolist():
        way = np.array(bent_way(start[n], leaving[n], end[n], entering[n]))
        count = len(way) - 1
        firsts.append(way[:-1])
        seconds.append(way[1:])
        first.append(np.arange(count) == 0)
        last.append(np.arange(count) == count - 1)
    a, b = np.concatenate(firsts), np.concatenate(seconds)
    return _strips(a, b, np.concatenate(first), np.concatenate(last)) if len(a) else None


def _strips(a: Point, b: Point, first: NDArray[np.bool_], last: NDArray[np.bool_]) -> Faces:
    """A quad per segment from `a` to `b` (s, 2), overlapping at corners; a triangle at each last one's end."""
    length = np.linalg.norm(b - a, axis=1, keepdims=True)
    along = (b - a) / length
    side = np.column_stack([-along[:, 1], along[:, 0]]) * _LINE_M / 2
    head = np.where(last[:, None], np.minimum(_HEAD_M, 0.8 * length), 0.0)
    start = a - along * np.where(first[:, None], 0.0, _LINE_M / 2)
    stop = b - along * np.where(last[:, None], head, -_LINE_M / 2)
    quads = np.stack([start - side, stop - side, stop + side, start + side], axis=1)  # (s, 4, 2)
    wing = side[last] / (_LINE_M / 2) * head[last] * 0.42
    heads = np.stack([stop[last] - wing, b[last], stop[last] + wing], axis=1)  # (h, 3, 2)
    rank = np.arange(len(quads)) % 40
    return together([_layered(quads, rank), _layered(heads, rank[last] + 40)])


def _layered(polygons: NDArray[np.float64], rank: NDArray[np.int64]) -> Faces:
    count, corners, _ = polygons.shape
    heights = np.repeat(_HEIGHT_M + _LAYER_M * rank, corners)
    return flat(polygons.reshape(-1, 2), np.arange(count * corners).reshape(count, corners), heights)


def bent_way(start: Point, leaving: Point, end: Point, entering: Point) -> list[Point]:
    """The polyline from an exit to an entry that is not straight ahead, with right angles."""
    stub = min(_STUB_M, 0.4 * max(float(np.abs(end - start).max()), 0.5))
    out, into = start + stub * leaving, end - stub * entering
    return _without_doubles([start, out, *_corners(out, leaving, into, entering), into, end])


def _corners(out: Point, leaving: Point, into: Point, entering: Point) -> list[Point]:
    """The corners between two stubs: one if that turns back nowhere, else two."""
    axis = 0 if abs(leaving[0]) > abs(leaving[1]) else 1
    first = into.copy()
    first[1 - axis] = out[1 - axis]
    if float((first - out) @ leaving) >= -1e-6 and float((into - first) @ entering) >= -1e-6:
        return [first]
    away = max(out[axis], into[axis]) if leaving[axis] > 0 else min(out[axis], into[axis])
    turned = float(leaving @ entering) < 0
    level = away if turned else (out[axis] + into[axis]) / 2
    one, two = out.copy(), into.copy()
    if (level - out[axis]) * leaving[axis] < 0:
        one[1 - axis] = two[1 - axis] = (out[1 - axis] + into[1 - axis]) / 2
    else:
        one[axis] = two[axis] = level
    return [one, two]


def _without_doubles(points: list[Point]) -> list[Point]:
    """Neither repeated points nor points on a straight line between their neighbours."""
    kept: list[Point] = []
    for p in points:
        if kept and np.abs(p - kept[-1]).max() < 1e-3:
            continue
        if len(kept) > 1:
            a, b = kept[-1] - kept[-2], p - kept[-1]
            if abs(a[0] * b[1] - a[1] * b[0]) < 1e-6 and float(a @ b) > 0:
                kept.pop()
        kept.append(p)
    return kept
