"""Robot arms and bridge cranes: their hands go to the very ports they pick from and place at, when the log says so.

A mechanism turns a spot for its hand into joint values and back; between keys joints move evenly, and what the hand carries
follows them. Not covered: when the log's moves happen (`animate_movers` has those who travel on the floor).
"""

from __future__ import annotations

import bisect
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Protocol

from pxr import Gf, Sdf

from gdt2usd.graph.model import Crane, Dispatcher
from gdt2usd.simulation.records import EventKind, EventLog
from gdt2usd.stage.animate_motion import Position
from gdt2usd.stage.author_scene import Scene
from gdt2usd.stage.author_usd import Types, attribute
from gdt2usd.stage.catalog import Joint
from gdt2usd.stage.layout_parts import Placement, outward

Values = tuple[float, ...]

LIFT_M = 0.35  # how far the hand goes up before it turns
DIP_PLAYED_S = 0.25  # how long lifting and lowering are seen, in seconds of playback
_ON_THE_WAY = 6  # keys of the load between two keys of the joints
_INSIDE_M = 0.15  # a port is approached this far inside the machine's edge


class Mechanism(Protocol):
    """Joints of one kind of arm at one place."""

    def solve(self, hand: Position) -> Values:
        """Joint values that bring the hand to a spot in the world, or as near as it gets."""

    def hand(self, values: Values) -> Position:
        """Where joint values put the hand."""


@dataclass(frozen=True, slots=True)
class RobotArm:
    """The six-axis arm of the asset library: turns about the vertical, shoulder and elbow bend, the wrist keeps the hand upright.

    Measures are those of `make_machines.robot`: shoulder, elbow, wrist and grip in the arm's own plane (out, up) at rest.
    """

    placed: Placement

    SHOULDER = (0.15, 1.10)
    ELBOW = (0.03, 1.87)
    WRIST = (0.95, 2.00)
    GRIP_BELOW_WRIST = 0.78

    def solve(self, hand: Position) -> Values:
        """Bearing (-175 to 175), shoulder, elbow, wrist in degrees."""
        times = self.placed.scale[0]
        x, y, z = (h - p for h, p in zip(hand, self.placed.position_m, strict=True))
        bearing = (math.degrees(math.atan2(y, x)) - self.placed.yaw_deg + 180.0) % 360.0 - 180.0
        lower, upper, rest_lower, rest_upper = self._links()
        out, up = math.hypot(x, y) / times - self.SHOULDER[0], z / times + self.GRIP_BELOW_WRIST - self.SHOULDER[1]
        far = min(max(math.hypot(out, up), abs(lower - upper) + 0.15), lower + upper - 0.005)
        lean = math.atan2(out, up)
        cosine = (lower**2 + far**2 - upper**2) / (2 * lower * far)
        first = lean - math.acos(min(1.0, max(-1.0, cosine)))
        tip = (far * math.sin(lean) - lower * math.sin(first), far * math.cos(lean) - lower * math.cos(first))
        second = math.atan2(*tip)
        shoulder = min(75.0, max(-60.0, math.degrees(first - rest_lower)))
        elbow = min(70.0, max(-80.0, math.degrees(second - rest_upper) - shoulder))
        return min(175.0, max(-175.0, bearing)), shoulder, elbow, -(shoulder + elbow)

    def hand(self, values: Values) -> Position:
        """The grip, in the world."""
        lower, upper, rest_lower, rest_upper = self._links()
        first = rest_lower + math.radians(values[1])
        second = rest_upper + math.radians(values[1] + values[2])
        out = self.SHOULDER[0] + lower * math.sin(first) + upper * math.sin(second)
        up = self.SHOULDER[1] + lower * math.cos(first) + upper * math.cos(second) - self.GRIP_BELOW_WRIST
        angle, times = math.radians(self.placed.yaw_deg + values[0]), self.placed.scale[0]
        x, y, z = self.placed.position_m
        return x + times * out * math.cos(angle), y + times * out * math.sin(angle), z + times * up

    def _links(self) -> tuple[float, float, float, float]:
        """Lengths of the two links and their leans from the vertical at rest."""
        ax, az = self.ELBOW[0] - self.SHOULDER[0], self.ELBOW[1] - self.SHOULDER[1]
        bx, bz = self.WRIST[0] - self.ELBOW[0], self.WRIST[1] - self.ELBOW[1]
        return math.hypot(ax, az), math.hypot(bx, bz), math.atan2(ax, az), math.atan2(bx, bz)


@dataclass(frozen=True, slots=True)
class BridgeCrane:
    """The portal crane: bridge along its x, trolley along its y, hook up and down; the hand hangs under the hook."""

    placed: Placement

    HOOK_M = 2.35  # the hand's height with all joints at 0
    SPAN_M = (3.3, 2.3)
    DROP_M = (-2.4, 1.2)
    ROPE_M = 2.0

    def solve(self, hand: Position) -> Values:
        """Shifts of bridge, trolley and hook in the asset's own metres, and how long the ropes are for their length at rest."""
        dx, dy = hand[0] - self.placed.position_m[0], hand[1] - self.placed.position_m[1]
        angle = math.radians(-self.placed.yaw_deg)
        sx, sy, sz = self.placed.scale
        x, y = math.cos(angle) * dx - math.sin(angle) * dy, math.sin(angle) * dx + math.cos(angle) * dy
        limits = ((-self.SPAN_M[0], self.SPAN_M[0]), (-self.SPAN_M[1], self.SPAN_M[1]), self.DROP_M)
        wanted = (x / sx, y / sy, hand[2] / sz - self.HOOK_M)
        bridge, trolley, hook = (min(high, max(low, v)) for v, (low, high) in zip(wanted, limits, strict=True))
        return bridge, trolley, hook, (self.ROPE_M - hook) / self.ROPE_M

    def hand(self, values: Values) -> Position:
        """Under the hook, in the world."""
        sx, sy, sz = self.placed.scale
        return self.placed.world((values[0] * sx, values[1] * sy, (values[2] + self.HOOK_M) * sz))


@dataclass(slots=True)
class Arm:
    """One arm's joint values at `times_s`; even in between."""

    mechanism: Mechanism
    times_s: list[float] = field(default_factory=list)
    values: list[Values] = field(default_factory=list)

    def add(self, time_s: float, hand: Position) -> None:
        """The hand is at a spot; a time not after the last one is dropped."""
        if self.times_s and time_s <= self.times_s[-1] + 1e-6:
            return
        values = self.mechanism.solve(hand)
        if self.values and isinstance(self.mechanism, RobotArm):
            last = self.values[-1][0]
            turned = last + (values[0] - last + 180.0) % 360.0 - 180.0
            values = (turned if abs(turned) <= 175.0 else values[0], *values[1:])
        self.times_s.append(time_s)
        self.values.append(values)

    def at(self, time_s: float) -> Values:
        """Joint values at `time_s`."""
        n = bisect.bisect_right(self.times_s, time_s)
        if n == 0:
            return self.values[0]
        if n == len(self.times_s):
            return self.values[-1]
        f = (time_s - self.times_s[n - 1]) / (self.times_s[n] - self.times_s[n - 1])
        return tuple(a + f * (b - a) for a, b in zip(self.values[n - 1], self.values[n], strict=True))

    def hand(self, time_s: float) -> Position:
        """Where the hand is, in the world."""
        return self.mechanism.hand(self.at(time_s))

    def key_times(self) -> tuple[float, ...]:
        """Times between which the hand goes straight enough."""
        times = list(self.times_s[:1])
        for a, b in pairwise(self.times_s):
            times += [a + (b - a) * n / _ON_THE_WAY for n in range(1, _ON_THE_WAY + 1)]
        return tuple(times)


def plan_arms(scene: Scene, log: EventLog, start_s: float, end_s: float, speedup: float) -> dict[str, Arm]:
    """An arm per robot and crane with joints that loads or unloads within the window."""
    visits: dict[str, list[tuple[float, Position]]] = {}
    arms = {r.id: r for r in scene.graph.resources if not isinstance(r, Dispatcher) and scene.looks[r.id].joints}
    arms = {name: r for name, r in arms.items() if scene.looks[name].family in ("robot", "crane")}
    for event in log.events if arms else ():
        if event.kind in (EventKind.LOAD, EventKind.UNLOAD) and event.place in arms and start_s <= event.time_s <= end_s:
            spot = _spot(scene, event.other, exits=event.kind is EventKind.LOAD)
            if spot is not None:
                visits.setdefault(event.place, []).append((event.time_s, spot))
    planned = {}
    for name, stops in visits.items():
        placed = scene.layout.placements[name]
        crane = isinstance(arms[name], Crane) or scene.looks[name].family == "crane"
        planned[name] = _plan(Arm(BridgeCrane(placed) if crane else RobotArm(placed)), stops, (start_s, end_s), speedup)
    return planned


def _spot(scene: Scene, station: str, *, exits: bool) -> Position | None:
    """Where a hand takes from (puts into) a station: at the port, a little inside."""
    placed, body = scene.layout.placements.get(station), scene.bodies.get(station)
    if placed is None or body is None:
        return None
    port = body.exit_m if exits else body.entry_m
    x, y = outward(port, body.size_m)
    return placed.world((port[0] - _INSIDE_M * x, port[1] - _INSIDE_M * y, max(port[2], 0.25) + 0.1))


def _plan(arm: Arm, visits: list[tuple[float, Position]], window_s: tuple[float, float], speedup: float) -> Arm:
    """Down at each visit, up before and after; it turns as late as it can when it waits, all the way when it carries."""
    dip = max(0.8, DIP_PLAYED_S * speedup)
    arm.add(window_s[0], _above(visits[0][1]))
    for n, (time, spot) in enumerate(visits):
        before = visits[n - 1][0] if n else window_s[0]
        after = visits[n + 1][0] if n + 1 < len(visits) else window_s[1]
        wait = time - before
        if n and wait > 6 * dip:
            arm.add(time - 3 * dip, _above(visits[n - 1][1]))
        arm.add(max(time - dip, time - 0.3 * wait), _above(spot))
        arm.add(time, spot)
        arm.add(min(time + dip, time + 0.3 * (after - time)), _above(spot))
    return arm


def _above(spot: Position) -> Position:
    return spot[0], spot[1], spot[2] + LIFT_M


def author_arms(layer: Any, scene: Scene, arms: dict[str, Arm], code: Callable[[float], float]) -> None:
    """Samples on the joints' ops."""
    for name, arm in arms.items():
        for joint, rank in _driven(scene.looks[name].joints, arm.mechanism):
            author_joint(layer, scene.paths[name], joint, zip(arm.times_s, (v[rank] for v in arm.values), strict=True), code)


def author_joint(
    layer: Any, root_path: str, joint: Joint, keys: Iterable[tuple[float, float]], code: Callable[[float], float]
) -> None:
    """The op of one joint below `root_path` at (time, value). An instance cannot move its parts, so the root is not instanced."""
    path = Sdf.Path(root_path)
    root = layer.GetPrimAtPath(path) or Sdf.CreatePrimInLayer(layer, path)
    root.instanceable = False
    target = path.AppendPath(joint.prim_path)
    op, made = _op(layer.GetPrimAtPath(target) or Sdf.CreatePrimInLayer(layer, target), joint)
    for time, value in keys:
        layer.SetTimeSample(op, code(time), made(value))


def _op(spec: Any, joint: Joint) -> tuple[Any, Callable[[float], Any]]:
    """The path of the joint's op, and how a value of the joint becomes one of the op."""
    axis = "XYZ".index(joint.op[-1])
    if joint.op.startswith("rotate"):
        return attribute(spec, f"xformOp:{joint.op}", Types.Float).path, float
    if joint.op.startswith("scale"):
        return attribute(spec, "xformOp:scale", Types.Float3).path, lambda v: Gf.Vec3f(*(v if n == axis else 1.0 for n in range(3)))
    path = attribute(spec, "xformOp:translate:shift", Types.Double3).path
    return path, lambda v: Gf.Vec3d(*(v if n == axis else 0.0 for n in range(3)))


def _driven(joints: tuple[Joint, ...], mechanism: Mechanism) -> list[tuple[Joint, int]]:
    """Which joint shows which value: of a robot's six, the turn, shoulder, elbow and the wrist that bends."""
    if isinstance(mechanism, BridgeCrane):
        return list(zip(joints[:4], range(4), strict=False))
    return [(joints[n], rank) for rank, n in enumerate((0, 1, 2, 4)) if n < len(joints)]
