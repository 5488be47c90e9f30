"""Robot arms: turned and stretched towards what they pick and place, when the log says they load and unload.

The asset's joints move within their limits; the hand, which the carried item follows, is computed from the same angles' bearing.
Not covered: inverse kinematics to the millimetre; what is shown is where the arm turns and whether it reaches out.
"""

from __future__ import annotations

import bisect
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pxr import Sdf

from gdt2usd.graph.model import Dispatcher
from gdt2usd.simulation.records import EventLog
from gdt2usd.stage.animate_states import ReachTrack, reach_tracks
from gdt2usd.stage.author_scene import Scene
from gdt2usd.stage.author_usd import Types, attribute
from gdt2usd.stage.catalog import Joint

_NEAR_M, _FAR_M, _HIGH_M, _LOW_M = 0.75, 1.45, 1.45, 1.0


@dataclass(frozen=True, slots=True)
class Arm:
    """One arm's reaching over time and where it stands."""

    track: ReachTrack
    base_m: tuple[float, float, float]
    yaw_deg: float

    def at(self, time_s: float) -> tuple[float, float]:
        """Bearing in degrees (about its own front) and reach 0..1."""
        times = self.track.times_s
        n = bisect.bisect_right(times, time_s)
        if n == 0:
            return self.track.bearings_deg[0], self.track.reach[0]
        if n == len(times):
            return self.track.bearings_deg[-1], self.track.reach[-1]
        f = (time_s - times[n - 1]) / (times[n] - times[n - 1])
        a, b = self.track.bearings_deg[n - 1], self.track.bearings_deg[n]
        c, d = self.track.reach[n - 1], self.track.reach[n]
        return a + f * (b - a), c + f * (d - c)

    def hand(self, time_s: float) -> tuple[float, float, float]:
        """Where the hand is, in the world."""
        bearing, reach = self.at(time_s)
        angle = math.radians(self.yaw_deg + bearing)
        out = _NEAR_M + (_FAR_M - _NEAR_M) * reach
        x, y, z = self.base_m
        return x + out * math.cos(angle), y + out * math.sin(angle), z + _HIGH_M + (_LOW_M - _HIGH_M) * reach


def plan_arms(scene: Scene, log: EventLog, start_s: float, end_s: float) -> dict[str, Arm]:
    """An arm per resource whose asset has joints and that loads or unloads within the window."""
    at = scene.layout.placements
    bearings: dict[tuple[str, str], float] = {}
    for resource in scene.graph.resources:
        if isinstance(resource, Dispatcher) or not scene.looks[resource.id].joints:
            continue
        if scene.looks[resource.id].family != "robot":
            continue
        own = at[resource.id]
        for station in scene.graph.stations:
            there = at[station.id].position_m
            angle = math.degrees(math.atan2(there[1] - own.position_m[1], there[0] - own.position_m[0]))
            bearings[resource.id, station.id] = (angle - own.yaw_deg + 180.0) % 360.0 - 180.0
    tracks = reach_tracks(log, bearings, start_s, end_s)
    return {name: Arm(track, at[name].position_m, at[name].yaw_deg) for name, track in tracks.items()}


def author_arms(layer: Any, scene: Scene, arms: dict[str, Arm], code: Callable[[float], float]) -> None:
    """Samples on the joints' ops. An instance cannot move its parts, so animated arms are not instanced."""
    for name, arm in arms.items():
        path = Sdf.Path(scene.paths[name])
        root = layer.GetPrimAtPath(path) or Sdf.CreatePrimInLayer(layer, path)
        root.instanceable = False
        for rank, joint in enumerate(scene.looks[name].joints):
            target = path.AppendPath(joint.prim_path)
            spec = layer.GetPrimAtPath(target) or Sdf.CreatePrimInLayer(layer, target)
            kind = Types.Double if joint.op.startswith("translate") or joint.op.startswith("rotate") else Types.Float
            op = attribute(spec, f"xformOp:{joint.op}", kind).path
            for time, bearing, reach in zip(arm.track.times_s, arm.track.bearings_deg, arm.track.reach, strict=True):
                layer.SetTimeSample(op, code(time), _joint_value(joint, rank, bearing, reach))


def _joint_value(joint: Joint, rank: int, bearing: float, reach: float) -> float:
    """The first joint that turns about the vertical takes the bearing, the others bend out with the reach."""
    if rank == 0 and joint.op.endswith("Z"):
        return bearing
    share = (0.0, 0.45, 0.4, 0.35, 0.3, 0.25)[min(rank, 5)]
    limit = joint.upper if abs(joint.upper) >= abs(joint.lower) else joint.lower
    return limit * share * reach
