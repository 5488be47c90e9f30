"""Where everything stands: from a graph's rough poses to a floor plan without overlaps, each machine facing the flow.

The passes are listed in `arrange`. The sketch's order and form are kept: positions are only stretched where machines would
overlap, and made from the flow where the graph has none. Metres, Z up, positions are bottom centres, yaw about Z in degrees.
Not covered: what things look like (`stage.catalog`), paths of movers (`stage.layout_paths`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Literal

from gdt2usd.diagnostics import Diagnostic, Place, info
from gdt2usd.graph.model import Conveyor, ProcessGraph, Station
from gdt2usd.stage.layout_doors import Doors, choose_doors
from gdt2usd.stage.layout_flow import flow_positions
from gdt2usd.stage.layout_parts import Body, Door, Placement, Vec3, bounds_of, usable
from gdt2usd.stage.layout_resources import place_all
from gdt2usd.stage.layout_spread import Rect, find_overlaps, stretch

Form = Literal["linear", "u", "parallel", "loop", "free"]

CLEARANCE_M = 1.0  # between machines that had to be moved apart
TOUCHING_M = 0.2  # machines closer than this are moved apart
ROW_M = 1.2  # linked stations whose middles are closer than this across the flow were meant to stand in a row
LEAST_ASIDE_M, MOST_ASIDE_M = 0.2, 0.6  # ports this far from a machine's middle let it move for a belt; nearer ones do not show
BELT_REACH_M = 8.0  # a belt is drawn this much longer at an end, or its own length, to meet a port; farther ones get an arrow
BELT_TOLERANCE_DEG = 12.0  # a belt follows the line between two ports if it deviates less from the flow


@dataclass(frozen=True, slots=True)
class Layout:
    """The floor plan: stations and resources by id, the box around everything (x0, y0, x1, y1), the line's form."""

    placements: dict[str, Placement]
    bounds_m: Rect
    form: Form
    diagnostics: tuple[Diagnostic, ...] = ()
    exits: Doors = field(default_factory=dict)
    entries: Doors = field(default_factory=dict)

    def door(self, station: str, neighbour: str, *, exits: bool) -> Door | None:
        """The door through which items go between two stations; None: the first one."""
        return (self.exits if exits else self.entries).get((station, neighbour))

    @property
    def open_side(self) -> float:
        """The side without a wall, where the cameras stand: -1 left; 1 right, for plans much deeper than wide."""
        return _open_side(self.bounds_m)


def _open_side(bounds: Rect) -> float:
    x0, y0, x1, y1 = bounds
    return 1.0 if x1 - x0 < 0.75 * (y1 - y0) else -1.0


@dataclass(slots=True)
class _Plan:
    """What the passes work on: everything by station id."""

    graph: ProcessGraph
    bodies: Mapping[str, Body]
    stations: dict[str, Station]
    upstream: dict[str, list[str]]
    downstream: dict[str, list[str]]
    at: dict[str, Placement] = field(default_factory=dict)
    findings: list[Diagnostic] = field(default_factory=list)
    exits: Doors = field(default_factory=dict)
    entries: Doors = field(default_factory=dict)


def arrange(graph: ProcessGraph, bodies: Mapping[str, Body]) -> Layout:
    """The floor plan of `graph`; `bodies` holds one entry per station and resource id."""
    stations: dict[str, Station] = {s.id: s for s in graph.stations}
    upstream: dict[str, list[str]] = {i: [] for i in stations}
    downstream: dict[str, list[str]] = {i: [] for i in stations}
    for link in graph.links:
        if link.upstream in stations and link.downstream in stations:
            downstream[link.upstream].append(link.downstream)
            upstream[link.downstream].append(link.upstream)
    plan = _Plan(graph, bodies, stations, upstream, downstream)
    for step in PASSES:
        step(plan)
    form = form_of(plan.at, plan.graph)
    return Layout(plan.at, bounds_of(plan.at.values()), form, tuple(plan.findings), plan.exits, plan.entries)


def _given(station: Station) -> Vec3:
    """The pose's position with anything that is no usable number taken as 0."""
    x, y, z = map(usable, station.pose.position_m)
    return x, y, max(0.0, z)


def place_stations(plan: _Plan) -> None:
    """Positions of the graph; made from the flow if it has none; a station on top of another is put beside its neighbour."""
    given = {s.id: _given(s) for s in plan.stations.values()}
    distinct = {(round(p[0], 2), round(p[1], 2)) for p in given.values()}
    if len(given) > 1 and len(distinct) <= max(1, len(given) // 3):
        given = flow_positions(plan.graph, {i: plan.bodies[i].size_m for i in plan.stations})
        plan.findings.append(
            info("ST101", f"{len(given)} stations have no positions of their own: placed along the flow", None,
                 "give each object a location in the script to place it yourself")
        )  # fmt: skip
    else:
        _separate_coincident(plan, given)
    for station in plan.stations.values():
        size = plan.bodies[station.id].size_m
        if isinstance(station, Conveyor):
            size = (max(station.length_m, 0.5), size[1], size[2])
        plan.at[station.id] = Placement(station.id, given[station.id], 0.0, size)


def _separate_coincident(plan: _Plan, given: dict[str, Vec3]) -> None:
    """Stations at exactly another's position move to the middle of their neighbours, or just beside."""
    seen: dict[tuple[float, float], str] = {}
    for i, position in list(given.items()):
        key = (round(position[0], 2), round(position[1], 2))
        if key not in seen:
            seen[key] = i
            continue
        around = [given[n] for n in (*plan.upstream[i][:1], *plan.downstream[i][:1]) if given[n] != position]
        x = sum(p[0] for p in around) / len(around) if around else position[0]
        y = sum(p[1] for p in around) / len(around) if around else position[1]
        while (round(x, 2), round(y, 2)) in seen:
            x += 1.0
        given[i] = (x, y, position[2])
        seen[(round(x, 2), round(y, 2))] = i


def face_flow(plan: _Plan) -> None:
    """Yaw: the script's if it is not 0; a belt's own ends; else the flow's direction, a multiple of 90 degrees."""
    for i, station in plan.stations.items():
        placed = plan.at[i]
        if isinstance(station, Conveyor) and station.start_m and station.end_m:
            plan.at[i] = _between(placed, station.start_m, station.end_m)
            continue
        yaw = station.pose.yaw_deg if math.isfinite(station.pose.yaw_deg) else 0.0
        if yaw == 0.0:
            yaw = _flow_yaw(plan, i)
        if yaw:
            plan.at[i] = replace(placed, yaw_deg=yaw)


def _flow_yaw(plan: _Plan, i: str) -> float:
    x, y, _ = plan.at[i].position_m
    before = [plan.at[n].position_m for n in plan.upstream[i] if n != i]
    after = [plan.at[n].position_m for n in plan.downstream[i] if n != i]
    straight = _straight_on((x, y), before, after)
    if straight is not None:
        return straight
    ix = x - sum(p[0] for p in before) / len(before) if before else 0.0
    iy = y - sum(p[1] for p in before) / len(before) if before else 0.0
    ox = sum(p[0] for p in after) / len(after) - x if after else 0.0
    oy = sum(p[1] for p in after) / len(after) - y if after else 0.0
    if max(abs(ix), abs(iy)) >= max(abs(ox), abs(oy)):
        vx, vy = (ix + 0.5 * ox, iy + 0.5 * oy)
    else:
        vx, vy = (ox + 0.5 * ix, oy + 0.5 * iy)
    if vx == vy == 0.0:
        return 0.0
    if abs(vx) >= 0.8 * abs(vy):
        return 0.0 if vx >= 0 else 180.0
    return 90.0 if vy > 0 else -90.0


def _straight_on(at: tuple[float, float], before: list[Vec3], after: list[Vec3]) -> float | None:
    """The yaw along an axis that some link comes in along and another goes on along: branches do not turn a machine."""
    for axis, sign, yaw in ((0, 1.0, 0.0), (0, -1.0, 180.0), (1, 1.0, 90.0), (1, -1.0, -90.0)):
        into = any(_along(p, (*at, 0.0), axis, sign) for p in before)
        if into and any(_along((*at, 0.0), p, axis, sign) for p in after):
            return yaw
    return None


def _along(start: Vec3, end: Vec3, axis: int, sign: float) -> bool:
    """Whether the way from `start` to `end` leads along an axis in the direction of `sign`, to within about 12 degrees."""
    forward = (end[axis] - start[axis]) * sign
    return forward > 0.0 and abs(end[1 - axis] - start[1 - axis]) < 0.2 * forward


def _between(placed: Placement, start: Vec3, end: Vec3) -> Placement:
    """The placement of a belt from `start` to `end` (its length at least 0.2 m)."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = math.hypot(dx, dy)
    if length < 0.2:
        return placed
    middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2, 0.0)
    size = (length, placed.size_m[1], placed.size_m[2])
    return replace(placed, position_m=middle, yaw_deg=math.degrees(math.atan2(dy, dx)), size_m=size, start_m=start, end_m=end)


def straighten(plan: _Plan) -> None:
    """Linked stations that lie almost on one axis move onto it: FlexSim places corners, so that sizes shift the middles."""
    for axis in (1, 0):
        names = [i for i, p in plan.at.items() if round(p.yaw_deg / 90.0) % 2 == 1 - axis and p.start_m is None]
        moved = 0.0
        for row in _almost_rows(plan, names, axis):
            level = sorted(plan.at[i].position_m[axis] for i in row)[len(row) // 2]
            for i in row:
                moved = max(moved, _set_across(plan, i, axis, level))
        if moved > 0.0:
            said = f"rows made straight: stations moved up to {moved:.1f} m sideways, since sizes shift their middles"
            plan.findings.append(info("ST102", said))


def _almost_rows(plan: _Plan, names: list[str], axis: int) -> list[list[str]]:
    """Groups of linked stations whose middles lie within `ROW_M` of each other across the flow, one behind the other."""
    row_of = {i: [i] for i in names}
    for i in names:
        for n in plan.downstream[i]:
            if n not in row_of or row_of[n] is row_of[i]:
                continue
            if abs(plan.at[i].position_m[axis] - plan.at[n].position_m[axis]) > ROW_M:
                continue
            more, fewer = sorted((row_of[i], row_of[n]), key=len, reverse=True)
            more += fewer
            row_of |= dict.fromkeys(fewer, more)
    rows: list[list[str]] = []
    for row in {id(r): r for r in row_of.values()}.values():
        across = [plan.at[i].position_m[axis] for i in row]
        along = sorted(plan.at[i].position_m[1 - axis] for i in row)
        if 1e-3 < max(across) - min(across) <= ROW_M and all(b - a >= ROW_M for a, b in pairwise(along)):
            rows.append(row)
    return rows


def _set_across(plan: _Plan, i: str, axis: int, level: float) -> float:
    """Move a station sideways to `level`; how far that is."""
    placed = plan.at[i]
    x, y, z = placed.position_m
    distance = abs(placed.position_m[axis] - level)
    if distance < 1e-6:
        return 0.0
    plan.at[i] = replace(placed, position_m=(level, y, z) if axis == 0 else (x, level, z), moved_m=distance)
    return distance


def clear_overlaps(plan: _Plan) -> None:
    """Stretch the plan where footprints overlap; say what moved."""
    ids = list(plan.at)
    rects = [_collision(plan, i, TOUCHING_M / 2) for i in ids]
    if not find_overlaps(rects):
        return
    wide = [_collision(plan, i, CLEARANCE_M / 2) for i in ids]
    shifts = stretch(wide)
    moved = []
    for i, (dx, dy) in zip(ids, shifts, strict=True):
        if dx == dy == 0.0:
            continue
        placed = plan.at[i]
        x, y, z = placed.position_m
        distance = math.hypot(dx, dy)
        start, end = _shifted(placed.start_m, dx, dy), _shifted(placed.end_m, dx, dy)
        plan.at[i] = replace(placed, position_m=(x + dx, y + dy, z), moved_m=placed.moved_m + distance, start_m=start, end_m=end)
        moved.append((i, distance))
    _report_moves(plan, moved)


def _report_moves(plan: _Plan, moved: list[tuple[str, float]]) -> None:
    for i, distance in moved[:20]:
        plan.findings.append(info("ST102", f"moved {distance:.1f} m so that machines do not overlap", Place(i)))
    if len(moved) > 20:
        plan.findings.append(info("ST102", f"{len(moved) - 20} more stations moved so that machines do not overlap"))


def _shifted(point: Vec3 | None, dx: float, dy: float) -> Vec3 | None:
    return None if point is None else (point[0] + dx, point[1] + dy, point[2])


def _collision(plan: _Plan, i: str, margin: float) -> Rect:
    """What must stay free: a belt may touch what it joins, so its ends are drawn in."""
    placed = plan.at[i]
    if isinstance(plan.stations[i], Conveyor):
        length = max(0.3, placed.size_m[0] - 2 * margin - TOUCHING_M)
        placed = replace(placed, size_m=(length, placed.size_m[1] * 0.9, placed.size_m[2]))
        if placed.start_m is not None:
            margin = 0.0
    return placed.rect(margin)


def meet_belts(plan: _Plan) -> None:
    """A machine at a belt whose ports are not in its middle moves sideways by as much, so that the belt runs straight into it."""
    for i, station in plan.stations.items():
        body, placed = plan.bodies[i], plan.at[i]
        aside = body.entry_m[1]
        near = (*plan.upstream[i], *plan.downstream[i])
        belts = any(isinstance(plan.stations[n], Conveyor) for n in near)
        if isinstance(station, Conveyor) or not belts or aside != body.exit_m[1] or not LEAST_ASIDE_M < abs(aside) <= MOST_ASIDE_M:
            continue
        plan.at[i] = replace(placed, position_m=placed.world((0.0, -aside, 0.0)))


def open_doors(plan: _Plan) -> None:
    """Which of its doors a machine with several uses for which neighbour."""
    plan.exits, plan.entries = choose_doors(plan.graph.links, plan.bodies, plan.at)


def span_belts(plan: _Plan) -> None:
    """A conveyor without ends of its own runs from the exit of what feeds it to the entry of what it feeds."""
    for i, station in plan.stations.items():
        if not isinstance(station, Conveyor):
            continue
        placed = plan.at[i]
        if placed.start_m is not None:
            continue
        half = placed.size_m[0] / 2
        start, end = placed.world((-half, 0.0, 0.0)), placed.world((half, 0.0, 0.0))
        start = _joint(plan, plan.upstream[i], start, placed, exits=True)
        end = _joint(plan, plan.downstream[i], end, placed, exits=False)
        drawn = _between(placed, start, end)
        plan.at[i] = drawn if drawn.start_m else replace(placed, start_m=start, end_m=end)
        if abs(drawn.size_m[0] - station.length_m) > max(0.5, 0.1 * station.length_m):
            said = f"drawn {drawn.size_m[0]:.1f} m long to reach its neighbours; the model says {station.length_m:g} m"
            plan.findings.append(info("ST103", said, Place(i)))


def _joint(plan: _Plan, neighbours: list[str], own: Vec3, belt: Placement, *, exits: bool) -> Vec3:
    """The port that a belt's end should meet: the neighbour's, if it lies straight ahead, else the belt's own end."""
    if len(neighbours) != 1:
        return own
    other = plan.at[neighbours[0]]
    if isinstance(plan.stations[other.id], Conveyor):
        port = other.end_m if exits else other.start_m
        if port is None:
            half = other.size_m[0] / 2
            port = other.world((half if exits else -half, 0.0, 0.0))
            port = ((port[0] + own[0]) / 2, (port[1] + own[1]) / 2, 0.0)
    else:
        body = plan.bodies[other.id]
        door = (plan.exits if exits else plan.entries).get((other.id, belt.id))
        port = other.world(door.at_m if door else body.exit_m if exits else body.entry_m)
    dx, dy = port[0] - belt.position_m[0], port[1] - belt.position_m[1]
    if math.hypot(dx, dy) < 0.4:
        return own
    heading = math.degrees(math.atan2(dy, dx)) + (180.0 if exits else 0.0)
    off = abs((heading - belt.yaw_deg + 180.0) % 360.0 - 180.0)
    far = math.dist(port[:2], own[:2]) > max(BELT_REACH_M, belt.size_m[0])
    return own if far or off > BELT_TOLERANCE_DEG else (port[0], port[1], 0.0)


def show_fronts(plan: _Plan) -> None:
    """Machines that the flow, not the script, has turned are mirrored where they would show their backs to the open sides.

    So a row that flows back is worked at from the same side as the others, by the left-handed versions of its machines.
    """
    side = _open_side(bounds_of(plan.at.values()))
    for i, station in plan.stations.items():
        placed = plan.at[i]
        if isinstance(station, Conveyor) or station.pose.yaw_deg == placed.yaw_deg:
            continue
        front = math.radians(placed.front_deg)
        if 0.6 * side * math.cos(front) - math.sin(front) < -0.1:
            plan.at[i] = replace(placed, mirrored=True)


def place_resources(plan: _Plan) -> None:
    """People, vehicles, robots, cranes and desks."""
    plan.at |= place_all(plan.graph, plan.bodies, plan.at)


PASSES = (place_stations, face_flow, straighten, clear_overlaps, show_fronts, meet_belts, open_doors, span_belts, place_resources)


def form_of(at: Mapping[str, Placement], graph: ProcessGraph) -> Form:
    """The line's form, from where the flow goes: a way back to an earlier station is a loop, a turned row a U, forks parallel."""
    stations = [s.id for s in graph.stations if s.id in at]
    if len(stations) < 2:
        return "linear"
    order = {i: n for n, i in enumerate(stations)}
    directions = {round(at[s].yaw_deg / 90.0) % 4 for s in stations}
    back = sum(order.get(link.downstream, 0) < order.get(link.upstream, 0) for link in graph.links)
    if {0, 2} <= directions or {1, 3} <= directions:
        return "loop" if back else "u"
    rows = _rows([at[s] for s in stations])
    if len(rows) > 1 and sum(len(row) > 1 for row in rows) > 1:
        return "parallel"
    xs, ys = [at[s].position_m[0] for s in stations], [at[s].position_m[1] for s in stations]
    longest = max(len(row) for row in rows)
    thin = min(max(xs) - min(xs), max(ys) - min(ys)) < 3.0
    return "linear" if thin or longest >= 0.6 * len(stations) else "free"


def _rows(placements: list[Placement]) -> list[list[Placement]]:
    """Stations in rows along the flow: same direction, each within 1.5 m of the next one across it."""
    rows: list[list[Placement]] = []
    for along_y in (False, True):
        axis = 0 if along_y else 1
        found = [p for p in placements if (round(p.yaw_deg / 90.0) % 2 == 1) is along_y]
        last = -math.inf
        for placed in sorted(found, key=lambda p: p.position_m[axis]):
            if placed.position_m[axis] - last > 1.5:
                rows.append([])
            rows[-1].append(placed)
            last = placed.position_m[axis]
    return rows
