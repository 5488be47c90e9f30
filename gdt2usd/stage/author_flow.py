"""The flow on the floor: an arrow for every link that no conveyor shows, in a layer that can be switched off.

Arrows leave a station's exit and reach the next one's entry at right angles; links that a vehicle serves are blue lanes.
Not covered: links as data (relationships on the stations, `author_layout`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pxr import Sdf

from gdt2usd.graph.model import Conveyor, Link, ProcessGraph
from gdt2usd.stage.author_usd import define, flat, material, mesh, new_layer, world
from gdt2usd.stage.layout import Body, Placement

Point = NDArray[np.float64]

_LINE_M = 0.09
_HEAD_M = 0.42
_STUB_M = 0.6
_SHORTEST_M = 0.7
_HEIGHT_M = 0.008
_FLOW_COLOUR = (0.05, 0.55, 0.60)
_LANE_COLOUR = (0.08, 0.24, 0.75)


def author_flow(graph: ProcessGraph, placements: Mapping[str, Placement], bodies: Mapping[str, Body]) -> Any:
    """The layer with /World/FlowArrows; empty but valid where every link is a conveyor's."""
    layer = new_layer(".usdc")
    belts = {s.id for s in graph.stations if isinstance(s, Conveyor)}
    flows: list[NDArray[np.float64]] = []
    lanes: list[NDArray[np.float64]] = []
    for link in graph.links:
        if link.upstream not in placements or link.downstream not in placements or link.upstream == link.downstream:
            continue
        way = link_way(link, placements, bodies, belts)
        if sum(math.dist(a, b) for a, b in zip(way, way[1:], strict=False)) >= _SHORTEST_M:
            (lanes if link.transport else flows).extend(_arrow(way))
    with Sdf.ChangeBlock():
        root = define(world(layer), "FlowArrows", "Xform", kind="component")
        scope = define(root, "Materials", "Scope")
        for name, polygons, colour in (("Flow", flows, _FLOW_COLOUR), ("Lanes", lanes, _LANE_COLOUR)):
            if polygons:
                paint = material(scope, name, colour, roughness=0.6)
                mesh(root, f"{name}Marks", flat(polygons, _HEIGHT_M, layered=True), paint)
    return layer


def link_way(link: Link, placements: Mapping[str, Placement], bodies: Mapping[str, Body], belts: set[str]) -> list[Point]:
    """The polyline (k, 2) of a link from exit to entry, with right angles."""
    start, leaving = _end(link.upstream, placements, bodies, belts, exits=True)
    end, entering = _end(link.downstream, placements, bodies, belts, exits=False)
    if _ahead(start, leaving, end) and _ahead(start, entering, end):
        return [start, end]
    stub = min(_STUB_M, 0.4 * max(abs(end - start).max(), 0.5))
    out, into = start + stub * leaving, end - stub * entering
    corner = _corner(out, leaving, into, entering)
    return _without_doubles([start, out, *corner, into, end])


def _end(
    name: str, placements: Mapping[str, Placement], bodies: Mapping[str, Body], belts: set[str], *, exits: bool
) -> tuple[Point, Point]:
    placed = placements[name]
    angle = math.radians(placed.yaw_deg)
    heading = np.array([math.cos(angle), math.sin(angle)])
    own = placed.end_m if exits else placed.start_m
    if name not in belts or own is None:
        own = placed.world(bodies[name].exit_m if exits else bodies[name].entry_m)
    return np.array(own[:2]), heading


def _ahead(start: Point, heading: Point, end: Point) -> bool:
    """Whether `end` lies straight ahead of `start` along `heading`."""
    gap = end - start
    along = float(gap @ heading)
    return along > 0 and abs(float(gap[0] * heading[1] - gap[1] * heading[0])) < 0.12


def _corner(out: Point, leaving: Point, into: Point, entering: Point) -> list[Point]:
    """The corners between two stubs: one if that turns back nowhere, else two."""
    first = np.array([into[0], out[1]]) if abs(leaving[0]) > abs(leaving[1]) else np.array([out[0], into[1]])
    if float((first - out) @ leaving) >= -1e-6 and float((into - first) @ entering) >= -1e-6:
        return [first]
    middle = (out + into) / 2
    if abs(leaving[0]) > abs(leaving[1]):
        beyond = max(out[0], into[0]) if leaving[0] > 0 else min(out[0], into[0])
        x = beyond if float(leaving @ entering) < 0 else middle[0]
        if (x - out[0]) * leaving[0] < 0:
            return [np.array([out[0], middle[1]]), np.array([into[0], middle[1]])]
        return [np.array([x, out[1]]), np.array([x, into[1]])]
    beyond = max(out[1], into[1]) if leaving[1] > 0 else min(out[1], into[1])
    y = beyond if float(leaving @ entering) < 0 else middle[1]
    if (y - out[1]) * leaving[1] < 0:
        return [np.array([middle[0], out[1]]), np.array([middle[0], into[1]])]
    return [np.array([out[0], y]), np.array([into[0], y])]


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


def _arrow(way: list[Point]) -> list[NDArray[np.float64]]:
    """Strips for the segments and a head at the end, counter-clockwise."""
    polygons: list[NDArray[np.float64]] = []
    last = len(way) - 2
    for n, (a, b) in enumerate(zip(way, way[1:], strict=False)):
        length = float(np.linalg.norm(b - a))
        along = (b - a) / length
        side = np.array([-along[1], along[0]]) * _LINE_M / 2
        head = min(_HEAD_M, 0.8 * length) if n == last else 0.0
        start = a - along * (_LINE_M / 2 if n > 0 else 0.0)
        stop = b - along * head if n == last else b + along * _LINE_M / 2
        polygons.append(np.array([start - side, stop - side, stop + side, start + side]))
        if n == last:
            wing = side / np.linalg.norm(side) * head * 0.42
            polygons.append(np.array([stop - wing, b, stop + wing]))
    return polygons
