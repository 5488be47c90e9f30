"""What moves on those who travel: people's legs and arms as they walk and work, a truck's forks as it takes and puts.

Steps follow playback, not the run: at twenty times its speed nobody could see them. Not covered: ways (`animate_movers`), robots
and cranes (`animate_arms`).
"""

from __future__ import annotations

import bisect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from gdt2usd.simulation.records import EventKind, EventLog
from gdt2usd.stage.animate_arms import author_joint
from gdt2usd.stage.animate_movers import MoverTrack
from gdt2usd.stage.author_scene import Scene

STEPS_PER_PLAYED_S = 2.6
STRIDE_DEG, SWING_DEG = 26.0, 22.0
WORK_DEG, FIDGET_DEG = -48.0, 9.0  # arms forward, and how far hands move at work
FIDGETS_PER_PLAYED_S = 1.6
DIP_PLAYED_S = 0.25
MOST_KEYS = 4000  # of one joint
Curve = list[tuple[float, float]]  # (time in seconds of the run, joint value), even in between


@dataclass(slots=True)
class Lift:
    """How high a truck's forks are; even between `times_s`."""

    times_s: list[float] = field(default_factory=list)
    heights_m: list[float] = field(default_factory=list)

    def add(self, time_s: float, height_m: float) -> None:
        """A key after the last one; others are dropped."""
        if not self.times_s or time_s > self.times_s[-1] + 1e-6:
            self.times_s.append(time_s)
            self.heights_m.append(height_m)

    def at(self, time_s: float) -> float:
        """Metres above the lowest at `time_s`."""
        n = bisect.bisect_right(self.times_s, time_s)
        if n == 0 or n == len(self.times_s):
            return self.heights_m[0 if n == 0 else -1]
        f = (time_s - self.times_s[n - 1]) / (self.times_s[n] - self.times_s[n - 1])
        return self.heights_m[n - 1] + f * (self.heights_m[n] - self.heights_m[n - 1])


def plan_lifts(scene: Scene, log: EventLog, window_s: tuple[float, float], speedup: float) -> dict[str, Lift]:
    """The forks of every truck that takes or puts within the window: up to the port's height and down again."""
    visits: dict[str, list[tuple[float, float]]] = {}
    trucks = {r.id: scene.looks[r.id] for r in scene.graph.resources if scene.looks[r.id].name == "Forklift"}
    for event in log.events if trucks else ():
        look = trucks.get(event.place)
        if look is None or event.kind not in (EventKind.LOAD, EventKind.UNLOAD):
            continue
        body = scene.bodies.get(event.other)
        if body is not None and window_s[0] <= event.time_s <= window_s[1]:
            port = body.exit_m if event.kind is EventKind.LOAD else body.entry_m
            height = min(max(port[2] - look.slots[0][2], 0.0), look.joints[0].upper)
            visits.setdefault(event.place, []).append((event.time_s, height))
    lifts = {}
    dip = max(1.0, DIP_PLAYED_S * speedup)
    for name, stops in visits.items():
        lift = lifts[name] = Lift()
        lift.add(window_s[0], 0.0)
        for n, (time, height) in enumerate(stops):
            before = stops[n - 1][0] if n else window_s[0]
            after = stops[n + 1][0] if n + 1 < len(stops) else window_s[1]
            lift.add(max(time - dip, time - 0.4 * (time - before)), 0.0)
            lift.add(time, height)
            lift.add(min(time + dip, time + 0.4 * (after - time)), 0.0)
    return lifts


def gaits(
    scene: Scene, log: EventLog, movers: Mapping[str, MoverTrack], window_s: tuple[float, float], speedup: float
) -> dict[str, dict[str, Curve]]:
    """For everybody who walks or works within the window, a curve by joint name."""
    people = {name for name, look in scene.looks.items() if look.family == "person" and look.joints}
    busy = _busy(log, people, window_s)
    found = {}
    for name in sorted(people):
        walks = _walks(movers[name].window(*window_s)) if name in movers else []
        if not walks and not busy.get(name):
            continue
        legs: Curve = [(window_s[0], 0.0)]
        for start, end in walks:
            _swing(legs, start, end, 0.0, STRIDE_DEG, STEPS_PER_PLAYED_S * (end - start) / speedup)
        arms = _arms(walks, busy.get(name, []), window_s, speedup)
        found[name] = {
            "LeftLeg": legs,
            "RightLeg": [(t, -v) for t, v in legs],
            "LeftArm": arms,
            "RightArm": _mirrored(arms),
        }
    return found


def _busy(log: EventLog, people: set[str], window_s: tuple[float, float]) -> dict[str, list[tuple[float, float]]]:
    """When each person has their hands full: serving, or carrying."""
    since: dict[str, float] = {}
    spans: dict[str, list[tuple[float, float]]] = {}
    for event in log.events if people else ():
        if event.place not in people or event.time_s > window_s[1]:
            continue
        if event.kind in (EventKind.SERVE, EventKind.LOAD):
            since.setdefault(event.place, max(event.time_s, window_s[0]))
        elif event.kind in (EventKind.RELEASE, EventKind.UNLOAD) and event.place in since:
            start = since.pop(event.place)
            if event.time_s > start:
                spans.setdefault(event.place, []).append((start, event.time_s))
    for name, start in since.items():
        spans.setdefault(name, []).append((start, window_s[1]))
    return spans


def _walks(track: MoverTrack) -> list[tuple[float, float]]:
    """From when to when somebody is on the move, without pauses."""
    spans: list[tuple[float, float]] = []
    for n, (a, b) in enumerate(pairwise(track.spots_m)):
        if abs(a[0] - b[0]) + abs(a[1] - b[1]) < 0.02:
            continue
        start, end = track.times_s[n], track.times_s[n + 1]
        if spans and start - spans[-1][1] < 1e-6:
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
    return spans


def _swing(curve: Curve, start: float, end: float, rest: float, size: float, half_turns: float) -> None:
    """To and fro about `rest` from `start` to `end`, at rest at both ends."""
    count = max(1, round(half_turns))
    if len(curve) + count > MOST_KEYS:
        return
    points = [(start, rest)]
    points += [(start + (end - start) * (n + 0.5) / count, rest + (size if n % 2 == 0 else -size)) for n in range(count)]
    curve += [(t, v) for t, v in [*points, (end, rest)] if not curve or t > curve[-1][0] + 1e-6]


def _arms(
    walks: list[tuple[float, float]], busy: list[tuple[float, float]], window_s: tuple[float, float], speedup: float
) -> Curve:
    """The left arm: swinging on the way, forward while the hands are full."""
    curve: Curve = [(window_s[0], 0.0)]
    ease = 0.1 * speedup
    spans = sorted([(a, b, False) for a, b in walks] + [(a, b, True) for a, b in busy])
    for first, end, working in spans:
        start = max(first, curve[-1][0])
        if end - start < 1e-3:
            continue
        if not working:
            _swing(curve, start, end, 0.0, -SWING_DEG, STEPS_PER_PLAYED_S * (end - start) / speedup)
            continue
        ramp = min(ease, 0.25 * (end - start))
        _swing(curve, start, start + 1e-3, 0.0, 0.0, 1)
        _swing(curve, start + ramp, end - ramp, WORK_DEG, FIDGET_DEG, FIDGETS_PER_PLAYED_S * (end - start) / speedup)
        curve.append((end, 0.0))
    return curve


def _mirrored(arms: Curve) -> Curve:
    """The right arm: against the left when it swings, with it when it works."""
    return [(t, -v if v > WORK_DEG / 2 else 2 * WORK_DEG - v) for t, v in arms]


def author_bodies(
    layer: Any, scene: Scene, curves: Mapping[str, Mapping[str, Curve]], lifts: Mapping[str, Lift], code: Callable[[float], float]
) -> None:
    """Samples on the joints of people and trucks."""
    for name, by_joint in curves.items():
        for joint in scene.looks[name].joints:
            if joint.name in by_joint:
                author_joint(layer, scene.paths[name], joint, by_joint[joint.name], code)
    for name, lift in lifts.items():
        author_joint(layer, scene.paths[name], scene.looks[name].joints[0], zip(lift.times_s, lift.heights_m, strict=True), code)
