"""How the items of one place move: legs between keys for what stands in slots, rides for belts, loads for carriers.

A key is written where something starts or stops; in between everything moves in straight lines, as USD interpolates. What is
switched off may be anywhere. Not covered: who is where when (`animate_items`), writing USD (`animate`).
"""

from __future__ import annotations

import bisect
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Position = tuple[float, float, float]

GLIDE_M_S = 1.2  # how fast an item goes by itself
SHORTEST_PLAYED_S = 0.35  # a glide is seen at least this long, in seconds of playback
MOVE_UP_PLAYED_S = 0.25  # how long those behind take to move up
_STAY_SHARE = 0.6  # a glide takes at most this share of the item's stay
_SOON_S = 1e-6


@dataclass(frozen=True, slots=True)
class Slots:
    """Where a place's items stand: `points(n)[r]` for n items or more, (n, 3) metres.

    r is an item's rank, or its own slot where it `stays`.
    """

    points: Callable[[int], NDArray[np.float64]]
    stays: bool = False


@dataclass(frozen=True, slots=True)
class Belt:
    """A conveyor's top from `start_m` to `end_m` at `speed_m_s`; items keep `pitch_m` between their middles."""

    start_m: Position
    end_m: Position
    speed_m_s: float
    pitch_m: float


@dataclass(frozen=True, slots=True)
class Carrier:
    """A mover: what it carries is at `where(t)`, the load's place on the mover."""

    where: Callable[[float], Position]
    key_times: tuple[float, ...] = ()


Ground = Slots | Belt | Carrier


@dataclass(slots=True)
class Arrival:
    """An item that comes to a place: its pool slot, the points of its way (where it comes from first), when it leaves again."""

    slot: int
    time_s: float
    way: tuple[Position, ...] = ()
    leaves_s: float = math.inf


@dataclass(slots=True)
class Moment:
    """What a place holds just after `time_s`: pool slots by rank, their looks, and who has just come."""

    time_s: float
    slots: Ints
    looks: Ints
    arrivals: list[Arrival]


@dataclass(slots=True)
class Keys:
    """Times and positions (n, 3) of one pool."""

    times_s: list[float] = field(default_factory=list)
    positions_m: list[Floats] = field(default_factory=list)

    def add(self, time_s: float, positions: NDArray[np.floating]) -> None:
        """A key; one at or before the last time replaces it."""
        if self.times_s and time_s <= self.times_s[-1]:
            self.times_s.pop()
            self.positions_m.pop()
        self.times_s.append(time_s)
        self.positions_m.append(positions.astype(np.float32))


def moved(size: int, moments: Sequence[Moment], ground: Ground, end_s: float, speedup: float) -> Keys:
    """The keys of a pool of `size` instances from its first moment to `end_s`; `speedup`: seconds of the run per second played."""
    match ground:
        case Slots():
            return _stand(size, moments, ground, end_s, speedup)
        case Belt():
            return _ride(size, moments, ground, end_s, speedup)
        case Carrier():
            return _carry(size, moments, ground, end_s, speedup)


def _length(way: Sequence[Position]) -> float:
    return sum(math.dist(a, b) for a, b in pairwise(way))


class _Legs:
    """Straight legs of all instances of a pool: from `start` at `since` to `goal` at `until`, then the next leg of a way."""

    def __init__(self, size: int) -> None:
        self.start = np.zeros((size, 3), dtype=np.float32)
        self.goal = np.zeros((size, 3), dtype=np.float32)
        self.since = np.zeros(size)
        self.until = np.full(size, -math.inf)
        self.latest = -math.inf
        self.ends: list[float] = []
        self.following: dict[int, list[tuple[float, Position]]] = {}

    def at(self, time_s: float) -> Floats:
        """Positions (n, 3) at `time_s`, to be read only."""
        if time_s >= self.latest:
            return self.goal
        going = np.flatnonzero(self.until > time_s)
        now = self.goal.copy()
        since = self.since[going]
        share = ((time_s - since) / (self.until[going] - since)).astype(np.float32)[:, None]
        now[going] = self.start[going] + share * (self.goal[going] - self.start[going])
        return now

    def send(self, now: Floats, chosen: Ints, goals: Floats, time_s: float, until_s: float) -> None:
        """The `chosen` set off for `goals` (as many or more) from where they are `now`, to be there at `until_s`."""
        if self.following:
            self.start[chosen] = now[chosen]
            self.goal = self.goal.copy()
            self.goal[chosen] = goals[: len(chosen)]
            self.since[chosen], self.until[chosen] = time_s, until_s
        else:
            rank = np.zeros(len(self.goal), dtype=np.int64)  # those who are switched off may go anywhere
            rank[chosen] = np.arange(len(chosen))
            self.start, self.goal = now, goals.take(rank, axis=0)
            self.since.fill(time_s)
            self.until.fill(until_s)
        self._note(until_s)

    def follow(self, arrival: Arrival, goal: Position, until_s: float) -> None:
        """A newcomer goes its way to `goal` at even speed, from now to `until_s`."""
        way = [*arrival.way, goal]
        lengths = [math.dist(a, b) for a, b in pairwise(way)]
        total, done, legs = sum(lengths), 0.0, []
        for point, length in zip(way[1:], lengths, strict=True):
            if length > 1e-4:
                done += length
                legs.append((arrival.time_s + (until_s - arrival.time_s) * done / total, point))
        self.start[arrival.slot] = way[0]
        self.since[arrival.slot] = arrival.time_s
        self.until[arrival.slot], self.goal[arrival.slot] = legs[0]
        self.following[arrival.slot] = legs[1:]
        self._note(legs[0][0])

    def stand(self, slot: int, goal: Position) -> None:
        """A newcomer is there at once."""
        self.following.pop(slot, None)
        self.start[slot] = self.goal[slot] = goal
        self.until[slot] = -math.inf

    def turn(self, time_s: float) -> None:
        """Those whose leg ends at `time_s` begin the next one."""
        for slot, legs in list(self.following.items()):
            if self.until[slot] > time_s + _SOON_S:
                continue
            if not legs:
                del self.following[slot]
                continue
            self.start[slot] = self.goal[slot]
            self.since[slot] = self.until[slot]
            self.until[slot], self.goal[slot] = legs.pop(0)
            self._note(float(self.until[slot]))

    def _note(self, time_s: float) -> None:
        self.latest = max(self.latest, time_s)
        n = bisect.bisect_left(self.ends, time_s)
        if n == len(self.ends) or self.ends[n] > time_s + _SOON_S:
            self.ends.insert(n, time_s)

    def pass_over(self, time_s: float) -> None:
        """Ends up to `time_s` need no key of their own any more."""
        while self.ends and self.ends[0] <= time_s + _SOON_S:
            self.ends.pop(0)
        self.turn(time_s)

    def next_end(self, before_s: float) -> float | None:
        """The next time at which a leg ends, if that is before `before_s`."""
        return self.ends.pop(0) if self.ends and self.ends[0] < before_s - _SOON_S else None


def _stand(size: int, moments: Sequence[Moment], ground: Slots, end_s: float, speedup: float) -> Keys:
    """Newcomers go their way to their slots, the others move up; keys at events and where a leg ends."""
    keys, legs = Keys(), _Legs(size)
    table = ground.points(max(size, 1)).astype(np.float32)
    pause: tuple[float, Floats] | None = None  # a moment at which nobody moved, in case somebody jumps at the next
    before = np.zeros(0, dtype=np.int64)
    for n, moment in enumerate(moments):
        until = moments[n + 1].time_s if n + 1 < len(moments) else end_s
        legs.pass_over(moment.time_s)
        if n == 0:
            slots = moment.slots
            legs.start[slots] = legs.goal[slots] = table[slots if ground.stays else slice(len(slots))]
            now, jumped = legs.goal, False
        else:
            now, jumped = _set_off(legs, moment, before, table, speedup, stays=ground.stays)
        before = moment.slots
        if n == 0 or jumped or legs.ends:
            if pause is not None and jumped:
                keys.add(*pause)
            keys.add(moment.time_s, now)
            pause = None
        else:
            pause = (moment.time_s, now.copy())
        while (end := legs.next_end(until)) is not None:
            keys.add(end, legs.at(end))
            legs.turn(end)
    if legs.ends and end_s > keys.times_s[-1]:
        keys.add(end_s, legs.at(end_s))
    return keys


def _set_off(legs: _Legs, moment: Moment, before: Ints, table: Floats, speedup: float, *, stays: bool) -> tuple[Floats, bool]:
    """Everybody sets off for their place in `table` at `moment`: where all are now, and whether anybody has jumped there."""
    slots = moment.slots
    now = legs.at(moment.time_s)
    coming = [a for a in moment.arrivals if a.leaves_s > moment.time_s]  # they are the last in order
    others = len(slots) - len(coming)
    if not stays and others and not np.array_equal(slots[:others], before[:others]):
        _move_up(legs, slots[:others], table, now, moment.time_s, speedup)
    if not coming:
        return now, False
    now = now.copy()
    goals = (table[slots[others:]] if stays else table[others : len(slots)]).tolist()
    for arrival, goal in zip(coming, goals, strict=True):
        _come(legs, arrival, tuple(goal), speedup)
        now[arrival.slot] = legs.start[arrival.slot]
    return now, True


def _come(legs: _Legs, arrival: Arrival, goal: Position, speedup: float) -> None:
    """One newcomer."""
    length = _length([*arrival.way, goal])
    needed = max(length / GLIDE_M_S, SHORTEST_PLAYED_S * speedup)
    spent = min(needed, _STAY_SHARE * (arrival.leaves_s - arrival.time_s))
    if length < 1e-3 or spent < 1e-3:
        legs.stand(arrival.slot, goal)
    else:
        legs.follow(arrival, goal, arrival.time_s + spent)


def _move_up(legs: _Legs, chosen: Ints, table: Floats, now: Floats, time_s: float, speedup: float) -> None:
    """The `chosen`, by rank, go straight to their places; one still on its way gets the new place as its way's end."""
    goals = table
    if legs.following:
        going = np.array([bool(legs.following.get(slot)) for slot in chosen.tolist()])
        goals = table[: len(chosen)]
        for slot, goal in zip(chosen[going].tolist(), goals[going].tolist(), strict=True):
            end, _ = legs.following[slot][-1]
            legs.following[slot][-1] = (end, tuple(goal))
        chosen, goals = chosen[~going], goals[~going]
    if len(chosen):
        legs.send(now, chosen, goals, time_s, time_s + MOVE_UP_PLAYED_S * speedup)


@dataclass(slots=True)
class _Approach:
    """How far an item still is from its place on a belt: offsets (k, 3) at `times_s` (k,), from its way to nothing."""

    times_s: NDArray[np.float64]
    offsets_m: NDArray[np.float64]

    def at(self, time_s: float) -> NDArray[np.float64]:
        """The offset (3,) at a time."""
        return np.array([np.interp(time_s, self.times_s, self.offsets_m[:, axis]) for axis in range(3)])


def _approach(arrival: Arrival, start_m: Position, speedup: float) -> _Approach | None:
    """The way of a newcomer to the belt's start while the belt takes its place along; None if it starts there."""
    points = np.array([*arrival.way, start_m], dtype=np.float64)
    done = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
    needed = max(done[-1] / GLIDE_M_S, SHORTEST_PLAYED_S * speedup)
    spent = min(needed, _STAY_SHARE * (arrival.leaves_s - arrival.time_s))
    if done[-1] < 0.05 or spent < 1e-3:
        return None
    kept = np.concatenate([[True], np.diff(done) > 1e-6])
    return _Approach(arrival.time_s + spent * done[kept] / done[-1], (points - points[-1])[kept])


def _ride(size: int, moments: Sequence[Moment], belt: Belt, end_s: float, speedup: float) -> Keys:
    """Items advance at the belt's speed until they close up behind the one before them; keys where anything starts or stops.

    One that comes from afar is first seen there, and on its way to the belt.
    """
    keys = Keys()
    start, end = np.asarray(belt.start_m, dtype=np.float64), np.asarray(belt.end_m, dtype=np.float64)
    length = float(np.linalg.norm(end - start))
    direction = (end - start) / length if length > 0 else np.zeros(3)
    along = np.zeros(size)
    speed = max(belt.speed_m_s, 1e-6)
    coming: dict[int, _Approach] = {}

    def key(time: float) -> None:
        at = start + along[:, None] * direction
        for slot, approach in coming.items():
            at[slot] += approach.at(time)
        keys.add(time, at)

    for n, moment in enumerate(moments):
        until = moments[n + 1].time_s if n + 1 < len(moments) else end_s
        slots = moment.slots
        cap = np.maximum(length - belt.pitch_m * np.arange(len(slots)), 0.0)  # (n,) where each has to stop
        for arrival in moment.arrivals:
            along[arrival.slot] = speed * (moment.time_s - arrival.time_s)
            approach = _approach(arrival, belt.start_m, speedup)
            coming.pop(arrival.slot, None)
            if approach is not None and approach.times_s[-1] > moment.time_s:
                coming[arrival.slot] = approach
        at = np.minimum(along[slots], np.maximum(cap, along[slots] if keys.times_s else 0.0))
        room = np.maximum(cap - at, 0.0)
        stops = moment.time_s + room / speed
        bends = [a.times_s[(a.times_s > moment.time_s) & (a.times_s < until - _SOON_S)] for a in coming.values()]
        times = np.unique(np.concatenate([[moment.time_s], stops[(room > 0) & (stops < until - _SOON_S)], *bends]))
        for time in times.tolist():
            along[slots] = at + np.minimum(room, speed * (time - moment.time_s))
            key(time)
        coming = {slot: a for slot, a in coming.items() if a.times_s[-1] > until}
        along[slots] = at + np.minimum(room, speed * (until - moment.time_s))
    if end_s > keys.times_s[-1]:
        key(end_s)
    return keys


def _carry(size: int, moments: Sequence[Moment], carrier: Carrier, end_s: float, speedup: float) -> Keys:
    """The load goes where its mover goes, several pieces stacked; one that is picked up comes aboard from where it was."""
    keys = Keys()
    offset = np.zeros((size, 3))  # from the load's place when picked up, fading
    since, until = np.zeros(size), np.full(size, -math.inf)
    stack = np.zeros((size, 3))
    for n, moment in enumerate(moments):
        last = moments[n + 1].time_s if n + 1 < len(moments) else end_s
        stack[:] = 0.0
        stack[moment.slots, 2] = 0.35 * np.arange(len(moment.slots))
        for arrival in moment.arrivals:
            slot = arrival.slot
            until[slot] = -math.inf
            if arrival.way:
                offset[slot] = np.asarray(arrival.way[0]) - carrier.where(moment.time_s) - stack[slot]
                spent = min(max(1.0, SHORTEST_PLAYED_S * speedup), 0.3 * (arrival.leaves_s - arrival.time_s))
                since[slot], until[slot] = moment.time_s, moment.time_s + spent

        def key(time: float) -> None:
            fading = until > time
            share = np.where(fading, (until - time) / np.where(fading, until - since, 1.0), 0.0)
            keys.add(time, np.asarray(carrier.where(time)) + stack + np.clip(share, 0.0, 1.0)[:, None] * offset)

        inside = {t for t in carrier.key_times if moment.time_s < t < last} if len(moment.slots) else set()
        inside |= {t for t in until.tolist() if moment.time_s < t < last}
        for time in (moment.time_s, *sorted(inside)):
            key(time)
        if last > moment.time_s and len(moment.slots):
            key(last - min(_SOON_S, 0.5 * (last - moment.time_s)) if n + 1 < len(moments) else last)
    return keys
