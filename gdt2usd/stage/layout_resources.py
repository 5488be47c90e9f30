"""Where people, vehicles, robots, cranes and desks stand: beside, between or over the stations that they serve.

A usable place of their own, near what they serve, is kept. Not covered: where they go (`animate_movers`), stations (`layout`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from gdt2usd.graph.model import Crane, Dispatcher, Operator, ProcessGraph, Resource, Robot
from gdt2usd.stage.layout_parts import Body, Placement, Vec3, bounds_of, usable
from gdt2usd.stage.layout_spread import Rect

NEAR_M = 9.0  # a place of its own is kept if something that the resource serves is nearer
DESK_OUT_M = 0.8  # a desk stands this much further out than people
ROBOT_REACH_M = 1.72  # of the asset at scale 1, in the plan, at the height of belts
CRANE_SPAN_M = (3.3, 2.3)  # how far bridge and trolley go from the middle, at scale 1
CRANE_LEGS_M = (3.75, 2.75)  # inner edges of its columns, at scale 1
CRANE_CLEAR_M = 4.2  # under the bridge, at scale 1
CRANE_TIMES = 3.0  # no crane is stretched more than this
ROBOT_TIMES = 1.5


@dataclass(slots=True)
class _Floor:
    """What stands where, while resources are placed one after the other."""

    graph: ProcessGraph
    bodies: Mapping[str, Body]
    at: dict[str, Placement]
    rects: list[Rect]
    taken: set[tuple[float, float]]
    bounds: Rect

    def is_free(self, placed: Placement) -> bool:
        """Whether nothing is in the way of `placed`."""
        x0, y0, x1, y1 = placed.rect()
        if (round(placed.position_m[0]), round(placed.position_m[1])) in self.taken:
            return False
        return all(x1 <= r[0] or x0 >= r[2] or y1 <= r[1] or y0 >= r[3] for r in self.rects)


def place_all(graph: ProcessGraph, bodies: Mapping[str, Body], stations: Mapping[str, Placement]) -> dict[str, Placement]:
    """The placements of all resources of `graph`; `stations` are placed already."""
    at = dict(stations)
    floor = _Floor(graph, bodies, at, [p.rect() for p in at.values()], set(), bounds_of(at.values()))
    served = _served_by(graph)
    found: dict[str, Placement] = {}
    for number, resource in enumerate(graph.resources):
        homes = [stations[s] for s in served.get(resource.id, ()) if s in stations]
        placed = _place(floor, resource, homes, number)
        if not isinstance(resource, Crane):
            floor.taken.add((round(placed.position_m[0]), round(placed.position_m[1])))
            floor.rects.append(placed.rect())
        found[resource.id] = placed
    return found


def _place(floor: _Floor, resource: Resource, homes: list[Placement], number: int) -> Placement:
    size = floor.bodies[resource.id].size_m
    x, y, _ = map(usable, resource.pose.position_m)
    yaw = resource.pose.yaw_deg if math.isfinite(resource.pose.yaw_deg) else 0.0
    own = Placement(resource.id, (x, y, 0.0), yaw, size)
    if isinstance(resource, Crane) and homes:
        return _over(floor, own, homes)
    if isinstance(resource, Robot) and (between := _between(floor, own)) is not None:
        return between
    near = not homes or any(math.dist(own.position_m[:2], h.position_m[:2]) < NEAR_M for h in homes)
    if (x, y) != (0.0, 0.0) and near and not isinstance(resource, Robot) and floor.is_free(own):
        return own
    return _beside(floor, own, homes, number, resource)


def _served_by(graph: ProcessGraph) -> dict[str, list[str]]:
    """Resource id -> stations it serves or carries from; members of a dispatcher's team serve what it is asked for."""
    served: dict[str, list[str]] = {}
    for station in graph.stations:
        need = getattr(station, "operators", None)
        for name in need.resources if need else ():
            served.setdefault(name, []).append(station.id)
    for link in graph.links:
        if link.transport:
            served.setdefault(link.transport, []).extend((link.upstream, link.downstream))
    for resource in graph.resources:
        if isinstance(resource, Dispatcher):
            asked = served.get(resource.id, [])
            for rank, member in enumerate(resource.team):
                turn = rank % len(asked) if asked else 0
                served.setdefault(member, []).extend(asked[turn:] + asked[:turn])
    return served


def _transfers(floor: _Floor, name: str) -> list[tuple[Vec3, Vec3]]:
    """The exit and entry ports, in the world, of the links that resource `name` carries along."""
    ports = []
    asked = {name, *(r.id for r in floor.graph.resources if isinstance(r, Dispatcher) and name in r.team)}
    for link in floor.graph.links:
        if link.transport in asked and link.upstream in floor.at and link.downstream in floor.at:
            leaving = floor.at[link.upstream].world(floor.bodies[link.upstream].exit_m)
            entering = floor.at[link.downstream].world(floor.bodies[link.downstream].entry_m)
            ports.append((leaving, entering))
    return ports


def _between(floor: _Floor, own: Placement) -> Placement | None:
    """A robot in the middle between the ports it carries between, larger where they are far apart; None if there is no room."""
    for leaving, entering in _transfers(floor, own.id):
        gap = math.dist(leaving[:2], entering[:2])
        if gap > 2 * ROBOT_REACH_M * ROBOT_TIMES + 1.0:
            continue
        times = round(min(max(gap / 2 / ROBOT_REACH_M, 1.0), ROBOT_TIMES), 2)
        bearing = math.degrees(math.atan2(entering[1] - leaving[1], entering[0] - leaving[0]))
        middle = ((leaving[0] + entering[0]) / 2, (leaving[1] + entering[1]) / 2)
        size = (own.size_m[0] * times, own.size_m[1] * times, own.size_m[2] * times)
        for aside in (0.0, -0.7, 0.7, -1.2, 1.2):
            a = math.radians(bearing + 90.0)
            spot = (middle[0] + aside * math.cos(a), middle[1] + aside * math.sin(a), 0.0)
            placed = replace(own, position_m=spot, yaw_deg=bearing - 90.0, size_m=size, scale=(times, times, times))
            if floor.is_free(placed):
                return placed
    return None


def _over(floor: _Floor, own: Placement, homes: list[Placement]) -> Placement:
    """A crane over the ports that it serves: as long, wide and high as it has to be, its legs outside the machines."""
    spots = [p for pair in _transfers(floor, own.id) for p in pair] or [h.position_m for h in homes]
    xs, ys = [p[0] for p in spots], [p[1] for p in spots]
    along_y = max(ys) - min(ys) > max(xs) - min(xs)
    x, y = (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2
    long, across = (max(ys) - min(ys), max(xs) - min(xs)) if along_y else (max(xs) - min(xs), max(ys) - min(ys))
    box = bounds_of(homes)
    depth = max(abs(v - (x if along_y else y)) for v in ((box[0], box[2]) if along_y else (box[1], box[3])))
    tallest = max(h.size_m[2] for h in homes)
    needed = (
        (long / 2 + 0.4) / CRANE_SPAN_M[0],
        max((across / 2 + 0.4) / CRANE_SPAN_M[1], (depth + 0.35) / CRANE_LEGS_M[1]),
        (tallest + 0.6) / CRANE_CLEAR_M,
    )
    times = (_times(needed[0]), _times(needed[1]), _times(needed[2]))
    size = (own.size_m[0] * times[0], own.size_m[1] * times[1], own.size_m[2] * times[2])
    return replace(own, position_m=(x, y, 0.0), yaw_deg=90.0 if along_y else 0.0, size_m=size, scale=times)


def _times(needed: float) -> float:
    return round(min(max(needed, 1.0), CRANE_TIMES), 3)


def _beside(floor: _Floor, own: Placement, homes: list[Placement], number: int, resource: Resource) -> Placement:
    """A free place at the first machine's service side, moved along the machine's front until nothing is in the way."""
    if not homes:
        return replace(own, position_m=(floor.bounds[0] + 1.5 * number, floor.bounds[1] - 2.5, 0.0))
    home = homes[0]
    out = 0.9 + own.size_m[1] / 2
    if isinstance(resource, Operator | Robot | Dispatcher):
        out = DESK_OUT_M if isinstance(resource, Dispatcher) else 0.0
    # a desk stands beside the machine, not between it and whoever looks at it
    aside = (home.size_m[0] + own.size_m[0]) / 2 + 0.6 if isinstance(resource, Dispatcher) else 0.0
    sx, sy, _ = floor.bodies[home.id].service_m
    base = own
    for attempt in range(24):
        along = (attempt + 1) // 2 * 0.9 * (1 if attempt % 2 else -1) + aside
        spot = home.world((sx + along, sy - out - 0.4 * (attempt // 8), 0.0))
        yaw = home.front_deg + 180.0 if isinstance(resource, Operator | Robot) else home.yaw_deg
        if isinstance(resource, Dispatcher):
            yaw = 0.0  # its screens face the cameras, which look from the front
        base = replace(own, position_m=(spot[0], spot[1], 0.0), yaw_deg=yaw)
        if floor.is_free(base):
            return base
    return base
