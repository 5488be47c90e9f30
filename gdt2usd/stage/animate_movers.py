"""Where people and vehicles are over time, from the log's TRAVEL events: along ways around the machines, at the log's times.

Not covered: what they carry (`stage.animate_items`), arms of robots and cranes (`stage.animate_arms`).
"""

from __future__ import annotations

import bisect
import itertools
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from gdt2usd.simulation.records import EventKind, EventLog
from gdt2usd.stage.layout_paths import Floor, Spot

TURN_S = 0.4  # a turn on the spot takes at most this long


@dataclass(slots=True)
class MoverTrack:
    """Positions (x, y) and headings (degrees, unwrapped) of one mover at `times_s`; linear in between."""

    place: str
    times_s: list[float] = field(default_factory=list)
    spots_m: list[Spot] = field(default_factory=list)
    yaws_deg: list[float] = field(default_factory=list)

    def add(self, time_s: float, spot: Spot, yaw_deg: float) -> None:
        """A key at `time_s`; a key at or before the last one replaces it."""
        while self.times_s and time_s <= self.times_s[-1]:
            self.times_s.pop()
            self.spots_m.pop()
            self.yaws_deg.pop()
        self.times_s.append(time_s)
        self.spots_m.append(spot)
        self.yaws_deg.append(yaw_deg)

    def at(self, time_s: float) -> tuple[Spot, float]:
        """Spot and heading at `time_s`."""
        n = bisect.bisect_right(self.times_s, time_s)
        if n == 0:
            return self.spots_m[0], self.yaws_deg[0]
        if n == len(self.times_s):
            return self.spots_m[-1], self.yaws_deg[-1]
        t0, t1 = self.times_s[n - 1], self.times_s[n]
        f = (time_s - t0) / (t1 - t0)
        (ax, ay), (bx, by) = self.spots_m[n - 1], self.spots_m[n]
        yaw = self.yaws_deg[n - 1] + f * (self.yaws_deg[n] - self.yaws_deg[n - 1])
        return (ax + f * (bx - ax), ay + f * (by - ay)), yaw

    def cut(self, time_s: float) -> None:
        """Forget everything after `time_s`, where a key is put."""
        spot, yaw = self.at(time_s)
        while self.times_s and self.times_s[-1] > time_s:
            self.times_s.pop()
            self.spots_m.pop()
            self.yaws_deg.pop()
        if not self.times_s or self.times_s[-1] < time_s:
            self.add(time_s, spot, yaw)

    def window(self, start_s: float, end_s: float) -> MoverTrack:
        """The keys within [start_s, end_s], with one at each end."""
        first, last = self.at(start_s), self.at(end_s)
        inside = [n for n, t in enumerate(self.times_s) if start_s < t < end_s]
        times = [start_s, *(self.times_s[n] for n in inside)]
        spots = [first[0], *(self.spots_m[n] for n in inside)]
        yaws = [first[1], *(self.yaws_deg[n] for n in inside)]
        if end_s > start_s:
            times.append(end_s)
            spots.append(last[0])
            yaws.append(last[1])
        return MoverTrack(self.place, times, spots, yaws)


class Errand(Enum):
    """What a mover is at a place for."""

    TAKE = "take"
    BRING = "bring"
    SERVE = "serve"


Stop = Callable[[str, str, Errand], tuple[Spot, float] | None]
"""Spot and heading of a mover at a place on an errand; None if there is no such place."""


def _errands(log: EventLog, homes: Mapping[str, tuple[Spot, float]]) -> list[Errand]:
    """For each event of the log, what its mover does next."""
    kinds = {EventKind.LOAD: Errand.TAKE, EventKind.UNLOAD: Errand.BRING, EventKind.SERVE: Errand.SERVE}
    following: dict[str, Errand] = {}
    errands = []
    for event in reversed(log.events):
        if event.place in homes and event.kind in kinds:
            following[event.place] = kinds[event.kind]
        errands.append(following.get(event.place, Errand.SERVE))
    return errands[::-1]


def mover_tracks(log: EventLog, homes: Mapping[str, tuple[Spot, float]], stop: Stop, floor: Floor) -> dict[str, MoverTrack]:
    """One track per mover that travels. `homes`: spot and heading at rest; `stop`: where a mover stands at a place."""
    tracks: dict[str, MoverTrack] = {}
    for event, errand in zip(log.events, _errands(log, homes), strict=True):
        if event.kind is not EventKind.TRAVEL or event.place not in homes:
            continue
        home = homes[event.place]
        track = tracks.get(event.place)
        if track is None:
            track = tracks[event.place] = MoverTrack(event.place)
            track.add(0.0, *home)
        start = max(event.time_s, 0.0)
        track.cut(start)
        target = (stop(event.place, event.other, errand) if event.other else None) or home
        origin, heading = track.at(start)
        way = floor.way(_rounded(origin), _rounded(target[0]))
        _travel(track, start, max(event.value, start), heading, way, target[1])
    return tracks


def _rounded(spot: Spot) -> Spot:
    return round(spot[0], 3), round(spot[1], 3)


def _travel(track: MoverTrack, start: float, end: float, heading: float, way: tuple[Spot, ...], facing: float) -> None:
    """Along `way` at even speed from `start` to `end`, turning on the spot at corners, then to `facing`."""
    lengths = [math.dist(a, b) for a, b in itertools.pairwise(way)]
    total = sum(lengths)
    if total < 1e-6 or end <= start:
        if end > start:
            track.add(end, way[-1], _turned(heading, facing))
        else:
            track.spots_m[-1] = way[-1]
        return
    done = 0.0
    duration = end - start
    turn = min(TURN_S, 0.08 * duration)
    for (a, b), length in zip(itertools.pairwise(way), lengths, strict=True):
        if length < 1e-6:
            continue
        heading = _turned(heading, math.degrees(math.atan2(b[1] - a[1], b[0] - a[0])))
        leg_start = start + duration * done / total
        leg_end = start + duration * (done + length) / total
        f = min(0.5, turn / (leg_end - leg_start))
        track.add(leg_start + f * (leg_end - leg_start), (a[0] + f * (b[0] - a[0]), a[1] + f * (b[1] - a[1])), heading)
        track.add(leg_end, b, heading)
        done += length
    track.yaws_deg[-1] = heading
    track.times_s[-1] = end
    track.spots_m[-1] = way[-1]
    before = max(end - turn, track.times_s[-2] + 1e-6) if len(track.times_s) > 1 else end
    if before < end:
        spot, _ = track.at(before)
        track.times_s.insert(-1, before)
        track.spots_m.insert(-1, spot)
        track.yaws_deg.insert(-1, heading)
    track.yaws_deg[-1] = _turned(heading, facing)


def _turned(heading: float, towards: float) -> float:
    """`towards` as the nearest angle to `heading`, so that the turn is the short one."""
    return heading + (towards - heading + 180.0) % 360.0 - 180.0
