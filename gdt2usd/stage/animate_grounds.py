"""Where items can be: slots of machines and buffers, belts, loads of movers; and where movers stop.

Not covered: which item is where when (`animate_items`), writing USD (`animate`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from gdt2usd.graph.model import Conveyor, Dispatcher, Operator, Robot, Station
from gdt2usd.simulation.records import EventLog
from gdt2usd.stage.animate_arms import Arm
from gdt2usd.stage.animate_items import Belt, Carrier, Ground, Position, Slots
from gdt2usd.stage.animate_movers import MoverTrack, mover_tracks
from gdt2usd.stage.author_scene import Scene
from gdt2usd.stage.catalog import Asset
from gdt2usd.stage.layout import AISLE_M, Placement
from gdt2usd.stage.layout_paths import Floor, Spot

_GAP_M = 0.06
_ABREAST_M = 0.75


def grounds_of(scene: Scene, movers: Mapping[str, MoverTrack], arms: Mapping[str, Arm]) -> dict[str, Ground]:
    """One ground per station and resource that can hold items."""
    from gdt2usd.stage.animate import item_assets

    product, _container = item_assets(scene)
    size = tuple(max(a, b) for a, b in zip(product.size_m, (0.1, 0.1, 0.03), strict=True))
    grounds: dict[str, Ground] = {}
    for station in scene.graph.stations:
        if isinstance(station, Conveyor):
            grounds[station.id] = _belt(scene, station, size[0])
        else:
            grounds[station.id] = Slots(_slots(scene, station, size))
    for resource in scene.graph.resources:
        if isinstance(resource, Dispatcher):
            continue
        grounds[resource.id] = _carrier(scene, resource.id, movers.get(resource.id), arms.get(resource.id))
    return grounds


def _belt(scene: Scene, station: Conveyor, item_m: float) -> Belt:
    """The drawn belt; its speed is the model's, scaled so that the ride takes the model's time."""
    placed = scene.layout.placements[station.id]
    top = scene.bodies[station.id].entry_m[2]
    half = placed.size_m[0] / 2
    start = placed.start_m or placed.world((-half, 0.0, 0.0))
    end = placed.end_m or placed.world((half, 0.0, 0.0))
    drawn = math.dist(start[:2], end[:2])
    length = station.length_m if station.length_m > 0 else drawn
    ratio = drawn / length
    speed = max(station.speed_m_s, 1e-3) * ratio
    pitch = max(station.item_length_m + station.item_spacing_m, 0.05) * ratio
    return Belt((start[0], start[1], start[2] + top), (end[0], end[1], end[2] + top), speed, max(pitch, min(item_m, 0.3)))


def _slots(scene: Scene, station: Station, item_m: tuple[float, ...]) -> Callable[[int], NDArray[np.float64]]:
    """The slots of the station's asset; more items than slots stand in further layers on top, machines get a grid of their own."""
    placed, asset, scale = scene.layout.placements[station.id], scene.looks[station.id], scene.scales[station.id]
    base = np.array(asset.slots or ((0.0, 0.0, asset.size_m[2]),)) * scale
    if len(base) == 1:
        base = _grid(base[0], asset, scale, item_m)
    base = base + np.array([0.0, 0.0, placed.position_m[2]])
    layer = float(base[:, 2].max() - base[:, 2].min()) + item_m[2] + 0.01
    angle = math.radians(placed.yaw_deg)
    c, s = math.cos(angle), math.sin(angle)
    turned = np.column_stack([c * base[:, 0] - s * base[:, 1], s * base[:, 0] + c * base[:, 1], base[:, 2]])
    turned[:, :2] += placed.position_m[:2]
    known = turned

    def points(n: int) -> NDArray[np.float64]:
        nonlocal known
        while len(known) < n:
            level = len(known) // len(turned)
            known = np.concatenate([known, turned + np.array([0.0, 0.0, level * layer])])
        return known[:n]

    return points


def _grid(first: NDArray[np.float64], asset: Asset, scale: float, item_m: tuple[float, ...]) -> NDArray[np.float64]:
    """Places around a machine's one slot, nearest first, within the inner part of its footprint."""
    step_x, step_y = item_m[0] + _GAP_M, item_m[1] + _GAP_M
    nx = max(0, int(0.3 * asset.size_m[0] * scale / step_x))
    ny = max(0, int(0.25 * asset.size_m[1] * scale / step_y))
    cells = [(i, j) for i in range(-nx, nx + 1) for j in range(-ny, ny + 1)]
    cells.sort(key=lambda c: (math.hypot(c[0] * step_x, c[1] * step_y), c))
    return np.array([[first[0] + i * step_x, first[1] + j * step_y, first[2]] for i, j in cells])


def _carrier(scene: Scene, name: str, track: MoverTrack | None, arm: Arm | None) -> Carrier:
    """What a mover carries lies on its first slot; an arm holds it in its hand."""
    if arm is not None:
        return Carrier(arm.hand, tuple(arm.track.times_s))
    placed, asset = scene.layout.placements[name], scene.looks[name]
    load = asset.slots[0] if asset.slots else (0.0, 0.0, asset.size_m[2])
    home: tuple[Spot, float] = ((placed.position_m[0], placed.position_m[1]), placed.yaw_deg)

    def where(time_s: float) -> Position:
        (x, y), yaw = track.at(time_s) if track is not None else home
        angle = math.radians(yaw)
        c, s = math.cos(angle), math.sin(angle)
        return x + c * load[0] - s * load[1], y + s * load[0] + c * load[1], load[2]

    return Carrier(where, tuple(track.times_s) if track is not None else ())


def movers_of(scene: Scene, log: EventLog) -> dict[str, MoverTrack]:
    """The tracks of everyone who travels in `log`."""
    at = scene.layout.placements
    homes: dict[str, tuple[Spot, float]] = {}
    stops: dict[tuple[str, str], tuple[Spot, float]] = {}
    people = [r for r in scene.graph.resources if isinstance(r, Operator)]
    for resource in scene.graph.resources:
        if isinstance(resource, Robot | Dispatcher):
            continue
        placed = at[resource.id]
        homes[resource.id] = ((placed.position_m[0], placed.position_m[1]), placed.yaw_deg)
        abreast = people.index(resource) % 3 if isinstance(resource, Operator) else 0
        out = 0.0 if isinstance(resource, Operator) else AISLE_M
        for other in (*scene.graph.stations, *scene.graph.resources):
            if other.id != resource.id:
                stops[resource.id, other.id] = _stop(scene, at[other.id], other.id, abreast, out)
    floor = Floor(scene.layout.bounds_m, [at[s.id].rect() for s in scene.graph.stations], body_m=0.7)
    return mover_tracks(log, homes, stops, floor)


def _stop(scene: Scene, placed: Placement, name: str, abreast: int, out: float) -> tuple[Spot, float]:
    """Where a mover stands at `name`: the service side, people side by side, vehicles one step further out."""
    x, y, _ = scene.bodies[name].service_m
    if isinstance(scene.stations.get(name), Conveyor):
        x = 0.0
    shift = (0.0, _ABREAST_M, -_ABREAST_M)[abreast]
    spot = placed.world((x + shift, y - out, 0.0))
    return (round(spot[0], 3), round(spot[1], 3)), placed.yaw_deg + (0.0 if out else 90.0)
