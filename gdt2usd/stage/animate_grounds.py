"""Where items can be: slots of machines and buffers, belts, loads of movers; and where movers stop.

Not covered: which item is where when (`animate_items`), writing USD (`animate`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import cache

import numpy as np
from numpy.typing import NDArray

from gdt2usd.graph.model import Combiner, Conveyor, Crane, Dispatcher, Operator, Robot, Station
from gdt2usd.simulation.records import EventLog
from gdt2usd.stage.animate_arms import Arm
from gdt2usd.stage.animate_bodies import Lift
from gdt2usd.stage.animate_looks import ItemLooks, load_places
from gdt2usd.stage.animate_motion import Belt, Carrier, Ground, Position, Slots
from gdt2usd.stage.animate_movers import Errand, MoverTrack, mover_tracks
from gdt2usd.stage.author_flow import arrow_way
from gdt2usd.stage.author_scene import Scene
from gdt2usd.stage.catalog import Asset
from gdt2usd.stage.layout_parts import Placement, outward
from gdt2usd.stage.layout_paths import Floor, Spot
from gdt2usd.stage.layout_spread import Rect

_GAP_M = 0.06
_ABREAST_M = 0.75
_RAMP_M = 0.4  # from a port down to the floor, in the plan
_NEAR_M = 2.3  # ports nearer than this are joined in the air
_LOAD_M, _CLEAR_M = 0.3, 0.15  # half a load, and what is left between a vehicle and a machine
AISLE_M = 1.1  # from where people stand to the middle of a vehicle that cannot get to the port
_SHELVES = ("storage",)  # families in which items keep their place until they leave


def grounds_of(
    scene: Scene, movers: Mapping[str, MoverTrack], arms: Mapping[str, Arm], lifts: Mapping[str, Lift], looks: ItemLooks
) -> dict[str, Ground]:
    """One ground per station and resource that can hold items."""
    grounds: dict[str, Ground] = {}
    for station in scene.graph.stations:
        if isinstance(station, Conveyor):
            grounds[station.id] = _belt(scene, station, looks.size_at(station.id)[0])
        else:
            asset = scene.looks[station.id]
            stays = asset.family in _SHELVES or asset.name == "QueueRack"
            grounds[station.id] = Slots(_slots(scene, station, looks), stays)
    for resource in scene.graph.resources:
        if isinstance(resource, Dispatcher):
            continue
        grounds[resource.id] = _carrier(scene, resource.id, movers.get(resource.id), arms.get(resource.id), lifts.get(resource.id))
    return grounds


def _belt(scene: Scene, station: Conveyor, item_m: float) -> Belt:
    """The drawn belt; its speed is the model's, scaled so that the ride takes the model's time."""
    top = scene.bodies[station.id].entry_m[2]
    start, end = _ends_of(scene, station)
    drawn = math.dist(start[:2], end[:2])
    length = station.length_m if station.length_m > 0 else drawn
    ratio = drawn / length
    speed = max(station.speed_m_s, 1e-3) * ratio
    pitch = max(station.item_length_m + station.item_spacing_m, 0.05) * ratio
    return Belt((start[0], start[1], start[2] + top), (end[0], end[1], end[2] + top), speed, max(pitch, min(item_m, 0.3)))


def _ends_of(scene: Scene, station: Conveyor) -> tuple[Position, Position]:
    """Where the drawn belt starts and ends, on the floor."""
    placed = scene.layout.placements[station.id]
    half = placed.size_m[0] / 2
    return placed.start_m or placed.world((-half, 0.0, 0.0)), placed.end_m or placed.world((half, 0.0, 0.0))


def _slots(scene: Scene, station: Station, looks: ItemLooks) -> Callable[[int], NDArray[np.float64]]:
    """Where items stand in a station; more items than slots stand in further layers on top.

    A buffer's slots are those of its asset that leave each item room, a machine with one slot gets a grid around it, and what a
    combiner gathers stands on the container at once.
    """
    asset, scale = scene.looks[station.id], scene.scales[station.id]
    size = looks.size_at(station.id)
    base = np.array(asset.slots or ((0.0, 0.0, asset.size_m[2]),)) * scale
    container = looks.container_at(station.id)
    if isinstance(station, Combiner) and container is not None:
        product = next((a for a in looks.seen_at[station.id].values() if a is not container), looks.product)
        base = np.concatenate([base[:1], base[0] + np.array(load_places(container, product))])
        size = (size[0], size[1], product.size_m[2])
    elif len(base) == 1:
        base = _grid(base[0], asset, scale, size)
    else:
        roomy = _roomy(_inside(base, scene.bodies[station.id].size_m, size), size)
        large = asset.name == "Queue" and len(roomy) < len(base)
        base = _rows_on_floor(scene.bodies[station.id].size_m, float(base[0, 2]), size) if large else roomy
    return _stacked(_in_world(scene, station.id, base), size[2] + 0.01)


def _in_world(scene: Scene, name: str, points: NDArray[np.float64]) -> NDArray[np.float64]:
    placed = scene.layout.placements[name]
    angle = math.radians(placed.yaw_deg)
    c, s = math.cos(angle), math.sin(angle)
    along, aside = points[:, 0], placed.hand * points[:, 1]
    turned = np.column_stack([c * along - s * aside, s * along + c * aside, points[:, 2]])
    return np.asarray(turned + np.array(placed.position_m))


def _stacked(first: NDArray[np.float64], height: float) -> Callable[[int], NDArray[np.float64]]:
    """`first` (m, 3), then the same places again, each layer `height` above the last."""
    layer = float(first[:, 2].max() - first[:, 2].min()) + height
    known = first

    def points(n: int) -> NDArray[np.float64]:
        nonlocal known
        while len(known) < n:
            level = len(known) // len(first)
            known = np.concatenate([known, first + np.array([0.0, 0.0, level * layer])])
        return known[:n]

    return points


def _inside(slots: NDArray[np.float64], body: tuple[float, ...], size: tuple[float, ...]) -> NDArray[np.float64]:
    """The slots, drawn in so far that items of `size` do not stand out of the station's footprint."""
    most = np.maximum((np.array(body[:2]) - np.array(size[:2])) / 2, 0.0)
    held = slots.copy()
    held[:, :2] = np.clip(slots[:, :2], -most, most)
    return held


def _roomy(slots: NDArray[np.float64], size: tuple[float, ...]) -> NDArray[np.float64]:
    """The slots, in order, whose items of `size` do not stand in those of a slot before."""
    kept: list[NDArray[np.float64]] = []
    room = np.array(size) - 0.02
    for slot in slots:
        if not any((np.abs(slot - other) < room).all() for other in kept):
            kept.append(slot)
    return np.array(kept)


def _rows_on_floor(area_m: tuple[float, ...], height: float, item_m: tuple[float, ...]) -> NDArray[np.float64]:
    """Places for items that are too large for a floor buffer's slots: as many rows as fit its area, from the exit on."""
    step = [item_m[axis] + _GAP_M for axis in (0, 1)]
    count = [max(1, int((area_m[axis] - 0.1 + _GAP_M) / step[axis])) for axis in (0, 1)]
    xs, ys = ((np.arange(n) - (n - 1) / 2) * step[axis] for axis, n in enumerate(count))
    return np.array([[x, y, height] for x in xs[::-1] for y in ys])


def _grid(first: NDArray[np.float64], asset: Asset, scale: float, item_m: tuple[float, ...]) -> NDArray[np.float64]:
    """Places around a machine's one slot, nearest first, within the inner part of its footprint."""
    step_x, step_y = item_m[0] + _GAP_M, item_m[1] + _GAP_M
    nx = max(0, int(0.3 * asset.size_m[0] * scale / step_x))
    ny = max(0, int(0.25 * asset.size_m[1] * scale / step_y))
    cells = [(i, j) for i in range(-nx, nx + 1) for j in range(-ny, ny + 1)]
    cells.sort(key=lambda c: (math.hypot(c[0] * step_x, c[1] * step_y), c))
    return np.array([[first[0] + i * step_x, first[1] + j * step_y, first[2]] for i, j in cells])


def ways_of(scene: Scene) -> Callable[[str, str], tuple[Position, ...]]:
    """The way of an item from one place to another: from port to port, along the arrow on the floor where they are apart."""

    @cache
    def way(origin: str, goal: str) -> tuple[Position, ...]:
        leaving = _port(scene, origin, goal, exits=True)
        entering = _port(scene, goal, origin, exits=False)
        if leaving is None or entering is None:
            return tuple(port for port in (leaving, entering) if port is not None)
        if math.dist(leaving[:2], entering[:2]) < _NEAR_M:
            return leaving, entering
        corners = arrow_way(scene, origin, goal)
        floor = [(float(x), float(y), 0.0) for x, y in _with_ramps(corners)]
        return leaving, *floor, entering

    return way


def _with_ramps(corners: list[NDArray[np.float64]]) -> list[NDArray[np.float64]]:
    """The arrow's points, its ends drawn in by what an item needs to get down to the floor and up again."""
    first, last = corners[1] - corners[0], corners[-1] - corners[-2]
    down = min(_RAMP_M / max(float(np.linalg.norm(first)), 1e-6), 0.4)
    up = min(_RAMP_M / max(float(np.linalg.norm(last)), 1e-6), 0.4)
    return [corners[0] + down * first, *corners[1:-1], corners[-1] - up * last]


def _port(scene: Scene, name: str, neighbour: str, *, exits: bool) -> Position | None:
    """Where items leave (enter) a station for (from) a neighbour, in the world; None for movers."""
    station = scene.stations.get(name)
    if station is None:
        return None
    body = scene.bodies[name]
    door = scene.layout.door(name, neighbour, exits=exits)
    port = door.at_m if door else body.exit_m if exits else body.entry_m
    if isinstance(station, Conveyor):
        x, y, z = _ends_of(scene, station)[1 if exits else 0]
        return x, y, z + port[2]
    return scene.layout.placements[name].world(port)


def _carrier(scene: Scene, name: str, track: MoverTrack | None, arm: Arm | None, lift: Lift | None) -> Carrier:
    """What a mover carries lies on its first slot; an arm holds it in its hand."""
    if arm is not None:
        return Carrier(arm.hand, arm.key_times())
    placed, asset = scene.layout.placements[name], scene.looks[name]
    load = asset.slots[0] if asset.slots else (0.0, 0.0, asset.size_m[2])
    home: tuple[Spot, float] = ((placed.position_m[0], placed.position_m[1]), placed.yaw_deg)

    def where(time_s: float) -> Position:
        (x, y), yaw = track.at(time_s) if track is not None else home
        angle = math.radians(yaw)
        c, s = math.cos(angle), math.sin(angle)
        return (
            x + c * load[0] - s * load[1],
            y + s * load[0] + c * load[1],
            load[2] + (lift.at(time_s) if lift is not None else 0.0),
        )

    keys = {*(track.times_s if track is not None else ()), *(lift.times_s if lift is not None else ())}
    return Carrier(where, tuple(sorted(keys)))


def movers_of(scene: Scene, log: EventLog) -> dict[str, MoverTrack]:
    """The tracks of everyone who travels on the floor in `log`."""
    at = scene.layout.placements
    rects = {s.id: at[s.id].rect() for s in scene.graph.stations}
    people = [r.id for r in scene.graph.resources if isinstance(r, Operator)]
    homes = {
        r.id: ((at[r.id].position_m[0], at[r.id].position_m[1]), at[r.id].yaw_deg)
        for r in scene.graph.resources
        if not isinstance(r, Robot | Dispatcher | Crane) and scene.looks[r.id].family not in ("robot", "crane")
    }

    @cache
    def stop(mover: str, place: str, errand: Errand) -> tuple[Spot, float] | None:
        if place not in at or place == mover:
            return None
        abreast = people.index(mover) % 3 if mover in people else 0
        if errand is not Errand.SERVE and (spot := _at_port(scene, mover, place, errand, rects)) is not None:
            return spot
        return _at_service(scene, at[place], place, abreast, 0.0 if mover in people else AISLE_M)

    floor = Floor(scene.layout.bounds_m, list(rects.values()), body_m=0.7)
    return mover_tracks(log, homes, stop, floor)


def _at_port(scene: Scene, mover: str, place: str, errand: Errand, rects: Mapping[str, Rect]) -> tuple[Spot, float] | None:
    """In front of the port that a mover takes from (brings to), facing it; None where something else stands there."""
    placed, body = scene.layout.placements[place], scene.bodies[place]
    if place not in scene.stations or isinstance(scene.stations[place], Conveyor):
        return None
    port = body.exit_m if errand is Errand.TAKE else body.entry_m
    x, y = outward(port, body.size_m)
    asset = scene.looks[mover]
    ahead = max(asset.size_m[0] / 2, (asset.slots[0][0] if asset.slots else 0.0) + _LOAD_M) + _CLEAR_M
    edge = (math.copysign(max(abs(port[0]), abs(x) * body.size_m[0] / 2), port[0]), port[1])
    if y:
        edge = (port[0], math.copysign(max(abs(port[1]), body.size_m[1] / 2), port[1]))
    spot = placed.world((edge[0] + ahead * x, edge[1] + ahead * y, 0.0))
    yaw = placed.yaw_deg + math.degrees(math.atan2(-placed.hand * y, -x))
    room = Placement(mover, spot, yaw, (2 * ahead - 2 * _CLEAR_M, asset.size_m[1], 1.0)).rect(-0.05)
    for name, (x0, y0, x1, y1) in rects.items():
        if name != place and room[0] < x1 and room[2] > x0 and room[1] < y1 and room[3] > y0:
            return None
    return (round(spot[0], 3), round(spot[1], 3)), yaw


def _at_service(scene: Scene, placed: Placement, name: str, abreast: int, out: float) -> tuple[Spot, float]:
    """Where a mover stands at the service side of `name`: people side by side, vehicles one step further out."""
    x, y, _ = scene.bodies[name].service_m
    if isinstance(scene.stations.get(name), Conveyor):
        x = 0.0
    shift = (0.0, _ABREAST_M, -_ABREAST_M)[abreast]
    spot = placed.world((x + shift, y - out, 0.0))
    return (round(spot[0], 3), round(spot[1], 3)), placed.yaw_deg if out else placed.front_deg + 180.0
