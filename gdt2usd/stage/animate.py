"""The run in motion: an event log becomes `layers/animation.usdc`, with keys only where something happens.

Items are one pooled `PointInstancer` per place (constant pool, held `invisibleIds`), lamps are meshes whose display colour
follows the state, people and vehicles move, and every station carries its state and content as held attributes.
Not covered: where things are when (`animate_items`, `animate_movers`, `animate_states`), arms (`animate_arms`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pxr import Gf, Sdf, Vt

from gdt2usd.diagnostics import GdtError, error
from gdt2usd.simulation.records import EventLog
from gdt2usd.stage.animate_arms import author_arms, plan_arms
from gdt2usd.stage.animate_bodies import author_bodies, gaits, plan_lifts
from gdt2usd.stage.animate_grounds import grounds_of, movers_of, ways_of
from gdt2usd.stage.animate_items import ItemTrack, item_tracks
from gdt2usd.stage.animate_looks import ItemLooks, Part, item_looks
from gdt2usd.stage.animate_movers import MoverTrack
from gdt2usd.stage.animate_states import StateTrack, lamp_colour, state_tracks
from gdt2usd.stage.author_layout import ASSETS_FROM_LAYERS
from gdt2usd.stage.author_scene import DEFAULT_WINDOW_S, Scene
from gdt2usd.stage.author_usd import (
    TIME_CODES_PER_SECOND,
    Faces,
    Types,
    attribute,
    define,
    mesh,
    new_layer,
    relationship,
    world,
)
from gdt2usd.stage.catalog import Asset

STEP_S = 1e-6  # the pause between two keys that stand for a jump
_LAMP_RADIUS_M, _LAMP_HEIGHT_M, _LAMP_SIDES = 0.085, 0.25, 16


@dataclass(frozen=True, slots=True)
class Clock:
    """Simulation seconds to time codes: the window's start is time code 0."""

    start_s: float
    end_s: float
    speedup: float

    def code(self, time_s: float) -> float:
        """The time code at which `time_s` is shown."""
        return (time_s - self.start_s) / self.speedup * TIME_CODES_PER_SECOND


@dataclass(frozen=True, slots=True)
class Animation:
    """The layer, its first and last time code, the pools of items in it, and the assets they use."""

    layer: Any
    codes: tuple[float, float]
    items: tuple[ItemTrack, ...]
    assets: tuple[Asset, ...]


def clock_of(scene: Scene, log: EventLog) -> Clock:
    """The window of the options, cut to the log. Raises GdtError ST301 (nothing in the window), ST302 (speed-up not positive)."""
    speedup = scene.options.speedup
    if not 0.0 < speedup < 1e9:
        raise GdtError([error("ST302", f"the speed-up must be a positive number, got {speedup:g}", hint="for example 20")])
    start, end = scene.options.window_s or (0.0, DEFAULT_WINDOW_S)
    end = min(end, log.horizon_s)
    if not 0.0 <= start < end:
        message = f"the window {start:g} s to {end:g} s is empty; the log ends at {log.horizon_s:g} s"
        raise GdtError([error("ST301", message, hint="choose a window within the run, for example 0:30min")])
    return Clock(start, end, speedup)


def author_animation(scene: Scene, log: EventLog) -> Animation:
    """The layer that plays `log` over the layout of `scene`."""
    clock = clock_of(scene, log)
    movers = movers_of(scene, log) if scene.graph.resources else {}
    arms = plan_arms(scene, log, clock.start_s, clock.end_s, clock.speedup)
    window = (clock.start_s, clock.end_s)
    lifts = plan_lifts(scene, log, window, clock.speedup)
    bodies = gaits(scene, log, movers, window, clock.speedup)
    looks = item_looks(scene, log)
    grounds = grounds_of(scene, movers, arms, lifts, looks)
    items = item_tracks(log, grounds, ways_of(scene), looks, window, clock.speedup)
    states = state_tracks(log, clock.start_s, clock.end_s)
    layer = new_layer(".usdc")
    with Sdf.ChangeBlock():
        _author_items(layer, scene, items, clock, looks)
        _author_lamps(layer, scene, states, clock)
        _author_facts(layer, scene, states, items, clock)
        _author_movers(layer, scene, movers, clock)
        author_arms(layer, scene, arms, clock.code)
        author_bodies(layer, scene, bodies, lifts, clock.code)
    return Animation(layer, (0.0, clock.code(clock.end_s)), tuple(items), tuple(looks.assets()))


# ---- items ----


def _author_items(layer: Any, scene: Scene, items: list[ItemTrack], clock: Clock, looks: ItemLooks) -> None:
    root = world(layer, "Items")
    boxes = np.array([_look_box(parts) for parts in looks.parts]).reshape(-1, 2, 3)
    for track in items:
        spec = define(root, scene.names[track.place], "PointInstancer")
        spec.SetInfo("displayName", f"Items at {track.place}"[:400])
        used, local = _used_looks(track)
        relationship(spec, "prototypes", [_prototype(spec, looks.names[n], looks.parts[n]) for n in used.tolist()])
        attribute(spec, "ids", Types.Int64Array, Vt.Int64Array.FromNumpy(np.arange(track.size, dtype=np.int64)))
        _author_looks(layer, spec, track, local, clock)
        _author_switches(layer, spec, track, clock)
        _author_positions(layer, spec, track, clock, boxes[used])


def _used_looks(track: ItemTrack) -> tuple[NDArray[np.int64], list[NDArray[np.int32]]]:
    """The looks that a pool's visible instances have, and `track.looks` numbered by their rank among them."""
    shown = [np.unique(looks) for looks in track.looks]
    used = np.unique(np.concatenate(shown))
    return used, [np.searchsorted(used, looks).astype(np.int32) for looks in track.looks]


def _prototype(spec: Any, name: str, parts: tuple[Part, ...]) -> str:
    """An Xform below the instancer with the parts at their places; its path."""
    prototype = define(spec, name, "Xform")
    for n, (asset, place) in enumerate(parts):
        part = define(prototype, f"Part_{n + 1}", "Xform", kind="subcomponent")
        part.SetInfo("references", Sdf.ReferenceListOp.Create(prependedItems=[Sdf.Reference(f"{ASSETS_FROM_LAYERS}/{asset.path}")]))
        part.instanceable = True
        if any(place):
            attribute(part, "xformOp:translate", Types.Double3, Gf.Vec3d(*place))
            attribute(part, "xformOpOrder", Types.TokenArray, Vt.TokenArray(["xformOp:translate"]), uniform=True)
    return str(prototype.path)


def _look_box(parts: tuple[Part, ...]) -> NDArray[np.float64]:
    """Low and high corner of a look, (2, 3)."""
    places = np.array([place for _, place in parts])
    size = np.array([asset.size_m for asset, _ in parts])
    half = size * np.array([0.5, 0.5, 0.0])
    return np.stack([(places - half).min(axis=0), (places + size - half).max(axis=0)])


def _author_looks(layer: Any, spec: Any, track: ItemTrack, looks: list[NDArray[np.int32]], clock: Clock) -> None:
    path = attribute(spec, "protoIndices", Types.IntArray, Vt.IntArray.FromNumpy(looks[0])).path
    if len(looks) > 1:
        for time, numbers in zip(track.look_times_s, looks, strict=True):
            layer.SetTimeSample(path, clock.code(time), Vt.IntArray.FromNumpy(numbers))


def _author_switches(layer: Any, spec: Any, track: ItemTrack, clock: Clock) -> None:
    """`invisibleIds` over time; before the first switch nothing is seen."""
    everything = np.arange(track.size, dtype=np.int64)
    path = attribute(spec, "invisibleIds", Types.Int64Array, Vt.Int64Array.FromNumpy(everything)).path
    if track.switch_times_s[0] > clock.start_s:
        layer.SetTimeSample(path, clock.code(clock.start_s), Vt.Int64Array.FromNumpy(everything))
    for time, shown in zip(track.switch_times_s, track.shown, strict=True):
        layer.SetTimeSample(path, clock.code(time), Vt.Int64Array.FromNumpy(np.flatnonzero(~shown)))


def _author_positions(layer: Any, spec: Any, track: ItemTrack, clock: Clock, boxes: NDArray[np.float64]) -> None:
    """Positions and the extent of all instances, seen or not, at every key."""
    first = np.ascontiguousarray(track.positions_m[0])
    path = attribute(spec, "positions", Types.Point3fArray, Vt.Vec3fArray.FromNumpy(first)).path
    low, high = boxes[:, 0].min(axis=0), boxes[:, 1].max(axis=0)
    extents = _extents(track.positions_m, low, high)
    extent = attribute(spec, "extent", Types.Float3Array, Vt.Vec3fArray.FromNumpy(extents[0])).path
    if len(track.times_s) == 1:
        return
    same = (extents[1:] == extents[:-1]).all(axis=(1, 2))
    for n, (time, positions) in enumerate(zip(track.times_s, track.positions_m, strict=True)):
        code = clock.code(time)
        layer.SetTimeSample(path, code, Vt.Vec3fArray.FromNumpy(positions))
        if n in (0, len(same)) or not (same[n - 1] and same[n]):
            layer.SetTimeSample(extent, code, Vt.Vec3fArray.FromNumpy(extents[n]))


def _extents(frames: list[NDArray[np.float32]], low: NDArray[np.float64], high: NDArray[np.float64]) -> NDArray[np.float32]:
    """The box around all instances at every key, (k, 2, 3)."""
    found = np.empty((len(frames), 2, 3), dtype=np.float32)
    for first in range(0, len(frames), 64):
        columns = np.ascontiguousarray(np.stack(frames[first : first + 64]).transpose(0, 2, 1))  # (64, 3, n): fast to reduce
        found[first : first + 64, 0] = columns.min(axis=2) + low
        found[first : first + 64, 1] = columns.max(axis=2) + high
    return found


# ---- states ----


def _author_lamps(layer: Any, scene: Scene, states: dict[str, StateTrack], clock: Clock) -> None:
    lit = [(scene.looks[name].lamp_m, track) for name, track in states.items() if name in scene.stations]
    shown = [(at, track) for at, track in lit if at is not None]
    if not shown:
        return
    root = define(world(layer), "Lamps", "Xform", kind="component")
    paint = _lamp_material(define(root, "Materials", "Scope"))
    for at, track in shown:
        name = track.place
        scale = scene.scales[name]
        foot = scene.layout.placements[name].world((at[0] * scale, at[1] * scale, at[2] * scale))
        spec = mesh(root, scene.names[name], _lens(foot), paint)
        spec.SetInfo("displayName", f"Lamp of {name}"[:400])
        colour = attribute(spec, "primvars:displayColor", Types.Color3fArray, _colour(track.states[0]))
        colour.SetInfo("interpolation", "constant")
        _steps(layer, colour.path, [(t, _colour(s)) for t, s in zip(track.times_s, track.states, strict=True)], clock)


def _steps(layer: Any, path: Any, keys: list[tuple[float, Any]], clock: Clock) -> None:
    """Values that jump although their type would interpolate: each is repeated just before the next."""
    for n, (time, value) in enumerate(keys):
        if n and time - keys[n - 1][0] > 2 * STEP_S:
            layer.SetTimeSample(path, clock.code(time - STEP_S), keys[n - 1][1])
        layer.SetTimeSample(path, clock.code(time), value)


def _colour(state: str) -> Any:
    return Vt.Vec3fArray([Gf.Vec3f(*lamp_colour(state))])


def _lens(foot: tuple[float, float, float]) -> Faces:
    """A closed prism around the asset's own lamp."""
    angles = 2 * np.pi * np.arange(_LAMP_SIDES) / _LAMP_SIDES
    ring = np.column_stack([np.cos(angles), np.sin(angles)]) * _LAMP_RADIUS_M
    n = _LAMP_SIDES
    low = np.column_stack([ring, np.full(n, -0.005)])
    points = np.concatenate([low, low + np.array([0.0, 0.0, _LAMP_HEIGHT_M])]) + np.asarray(foot)
    following = (np.arange(n) + 1) % n
    sides = np.column_stack([np.arange(n), following, following + n, np.arange(n) + n])
    indices = np.concatenate([sides.reshape(-1), np.arange(n)[::-1], np.arange(n) + n])
    middle = angles + np.pi / n
    outward = np.column_stack([np.cos(middle), np.sin(middle), np.zeros(n)])
    normals = np.concatenate([outward, [[0.0, 0.0, -1.0], [0.0, 0.0, 1.0]]]).astype(np.float32)
    counts = np.array([4] * n + [n, n], dtype=np.int32)
    return Faces(points.astype(np.float32), counts, indices.astype(np.int32), normals, np.arange(n + 2, dtype=np.int32))


def _lamp_material(scope: Any) -> str:
    """A glowing surface in the mesh's own display colour."""
    spec = define(scope, "Lamp", "Material")
    reader = define(spec, "Colour", "Shader")
    attribute(reader, "info:id", Types.Token, "UsdPrimvarReader_float3", uniform=True)
    attribute(reader, "inputs:varname", Types.String, "displayColor")
    result = attribute(reader, "outputs:result", Types.Float3).path
    shader = define(spec, "Surface", "Shader")
    attribute(shader, "info:id", Types.Token, "UsdPreviewSurface", uniform=True)
    attribute(shader, "inputs:roughness", Types.Float, 0.3)
    for channel in ("diffuseColor", "emissiveColor"):
        attribute(shader, f"inputs:{channel}", Types.Color3f).connectionPathList.explicitItems = [result]
    surface = attribute(shader, "outputs:surface", Types.Token).path
    attribute(spec, "outputs:surface", Types.Token).connectionPathList.explicitItems = [surface]
    return str(spec.path)


def _author_facts(layer: Any, scene: Scene, states: dict[str, StateTrack], items: list[ItemTrack], clock: Clock) -> None:
    """`gdt:state` and `gdt:content` over time on stations and resources: both hold until the next sample."""
    for name, track in states.items():
        if name not in scene.paths:
            continue
        path = attribute(_over(layer, scene.paths[name]), "gdt:state", Types.Token, custom=True).path
        for time, state in zip(track.times_s, track.states, strict=True):
            layer.SetTimeSample(path, clock.code(time), state)
    for pool in items:
        path = attribute(_over(layer, scene.paths[pool.place]), "gdt:content", Types.Int, custom=True).path
        layer.SetTimeSample(path, 0.0, 0)
        for time, shown in zip(pool.switch_times_s, pool.shown, strict=True):
            layer.SetTimeSample(path, clock.code(time), int(np.count_nonzero(shown)))


def _over(layer: Any, path: str) -> Any:
    return layer.GetPrimAtPath(path) or Sdf.CreatePrimInLayer(layer, path)


# ---- movers ----


def _author_movers(layer: Any, scene: Scene, movers: dict[str, MoverTrack], clock: Clock) -> None:
    for name, whole in movers.items():
        track = whole.window(clock.start_s, clock.end_s)
        spec = _over(layer, scene.paths[name])
        height = scene.layout.placements[name].position_m[2]
        move = attribute(spec, "xformOp:translate", Types.Double3).path
        turn = attribute(spec, "xformOp:rotateZ", Types.Double).path
        for time, (x, y), yaw in zip(track.times_s, track.spots_m, track.yaws_deg, strict=True):
            layer.SetTimeSample(move, clock.code(time), Gf.Vec3d(x, y, height))
            layer.SetTimeSample(turn, clock.code(time), float(yaw))
