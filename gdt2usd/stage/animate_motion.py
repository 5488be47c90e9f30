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

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Position = tuple[float, float, float]

GLIDE_M_S = 1.2  # how fast an item goes by itself
SHORTEST_PLAYED_S = 0.35  # a glide is seen at least this long, in seconds of playback
MOVE_UP_PLAYED_S = 0.25  # how long those behind take to move up
_STAY_SHARE = 0.6  # a glide takes at most this share of the item's stay
_SOON_S = 1e-6


@dataclass(frozen=True, slots=True)
class Slots:
    """Where a place's items stand: `points(n)[r]` for n items, (n, 3) metres, r an item's rank, or its own slot if it `stays`."""

    points: Callable[[int], Floats]
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
    positions_m: list[NDArray[np.float32]] = field(default_factory=list)

    def add(self, time_s: float, positions: Floats) -> None:
        """A key; one at or before the last time replaces it."""
        if self.times_s and time_s <= self.times_s[-1]:
            self.positions_m[-1] = positions.astype(np.float32)
            return
        self.times_s.append(time_s)
        self.positions_m.append(positions.astype(np.float32))


def moved(size: int, moments: Sequence[Moment], ground: Ground, end_s: float, speedup: float) -> Keys:
    """The keys of a pool of `size` instances from its first moment to `end_s`; `speedup`: seconds of the run per second played."""
    match ground:
        case Slots():
            return _stand(size, moments, ground, end_s, speedup)
        case Belt():
            return _ride(size, moments, ground, end_s)
        case Carrier():
            return _carry(size, moments, ground, end_s, speedup)


def _length(way: Sequence[Position]) -> float:
    return sum(math.dist(a, b) for a, b in pairwise(way))


class _Legs:
    """Straight legs of all instances of a pool: from `start` at `since` to `goal` at `until`, then the next leg of a way."""

    def __init__(self, size: int) -> None:
        self.start = np.zeros((size, 3))
        self.goal = np.zeros((size, 3))
        self.since = np.zeros(size)
        self.until = np.full(size, -math.inf)
        self.ends: list[float] = []
        self.following: dict[int, list[tuple[float, Position]]] = {}

    def at(self, time_s: float) -> Floats:
        """Positions (n, 3) at `time_s`."""
        going = np.flatnonzero(self.until > time_s)
        if not len(going):
            return self.goal
        now = self.goal.copy()
        share = ((time_s - self.since[going]) / (self.until[going] - self.since[going]))[:, None]
        now[going] = self.start[going] + share * (self.goal[going] - self.start[going])
        return now

    def send(self, now: Floats, chosen: Ints, goals: Floats, time_s: float, until_s: float) -> None:
        """The `chosen` set off for `goals` from where they are `now`, to be there at `until_s`."""
        for slot in [s for s in self.following if s in chosen]:
            del self.following[slot]
        if now is self.goal:
            now = now.copy()
        self.start[chosen] = now[chosen]
        self.goal[chosen] = goals
        self.since[chosen] = time_s
        self.until[chosen] = until_s
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
        n = bisect.bisect_left(self.ends, time_s)
        if n == len(self.ends) or self.ends[n] > time_s + _SOON_S:
            self.ends.insert(n, time_s)

    def next_end(self, before_s: float) -> float | None:
        """The next time at which a leg ends, if that is before `before_s`."""
        return self.ends.pop(0) if self.ends and self.ends[0] < before_s - _SOON_S else None


def _stand(size: int, moments: Sequence[Moment], ground: Slots, end_s: float, speedup: float) -> Keys:
    """Newcomers go their way to their slots, the others move up; keys at events and where a leg ends."""
    keys, legs = Keys(), _Legs(size)
    pause: tuple[float, Floats] | None = None  # a moment at which nobody moved, in case somebody jumps at the next
    for n, moment in enumerate(moments):
        until = moments[n + 1].time_s if n + 1 < len(moments) else end_s
        while legs.ends and legs.ends[0] <= moment.time_s + _SOON_S:
            legs.ends.pop(0)
        legs.turn(moment.time_s)
        before = legs.at(moment.time_s)
        if before is legs.goal:
            before = before.copy()
        jumped = _set_off(legs, moment, ground, before, speedup, first=not keys.times_s)
        now = legs.at(moment.time_s)
        if not keys.times_s or jumped or legs.ends:
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


def _set_off(legs: _Legs, moment: Moment, ground: Slots, before: Floats, speedup: float, *, first: bool) -> bool:
    """Everybody's new goal at `moment`; whether anybody has to jump to get to its start."""
    slots = moment.slots
    goals = ground.points(legs.goal.shape[0])[slots] if ground.stays else ground.points(len(slots))
    if first:
        legs.start[slots] = legs.goal[slots] = goals
        return False
    coming = {a.slot: a for a in moment.arrivals}
    restless = np.abs(legs.goal[slots] - goals).max(axis=1) > 1e-6
    if legs.following:
        restless |= np.isin(slots, list(legs.following))
    jumped = False
    if coming:
        new = np.isin(slots, list(coming))
        restless &= ~new
        for rank in np.flatnonzero(new).tolist():
            jumped |= _come(legs, coming[int(slots[rank])], tuple(goals[rank].tolist()), before, speedup)
    if restless.any():
        _move_up(legs, slots[restless], goals[restless], before, moment.time_s, speedup)
    return jumped


def _come(legs: _Legs, arrival: Arrival, goal: Position, before: Floats, speedup: float) -> bool:
    """One newcomer; whether it has to jump to its start."""
    length = _length([*arrival.way, goal])
    needed = max(length / GLIDE_M_S, SHORTEST_PLAYED_S * speedup)
    spent = min(needed, _STAY_SHARE * (arrival.leaves_s - arrival.time_s))
    if length < 1e-3 or spent < 1e-3:
        legs.stand(arrival.slot, goal)
    else:
        legs.follow(arrival, goal, arrival.time_s + spent)
    return bool(np.abs(before[arrival.slot] - legs.start[arrival.slot]).max() > 1e-6)


def _move_up(legs: _Legs, chosen: Ints, goals: Floats, before: Floats, time_s: float, speedup: float) -> None:
    """The others go straight to their goals; one still on its way gets the new goal as its way's end."""
    until = time_s + MOVE_UP_PLAYED_S * speedup
    on_way = [s for s in chosen.tolist() if legs.following.get(s)]
    for slot in on_way:
        end, _ = legs.following[slot][-1]
        legs.following[slot][-1] = (end, tuple(goals[int(np.flatnonzero(chosen == slot)[0])].tolist()))
    if on_way:
        rest = ~np.isin(chosen, on_way)
        chosen, goals = chosen[rest], goals[rest]
    if len(chosen):
        legs.send(before, chosen, goals, time_s, until)


def _ride(size: int, moments: Sequence[Moment], belt: Belt, end_s: float) -> Keys:
    """Items advance at the belt's speed until they close up behind the one before them; keys where anything starts or stops."""
    keys = Keys()
    start, end = np.asarray(belt.start_m), np.asarray(belt.end_m)
    length = float(np.linalg.norm(end - start))
    direction = (end - start) / length if length > 0 else np.zeros(3)
    along = np.zeros(size)
    speed = max(belt.speed_m_s, 1e-6)
    for n, moment in enumerate(moments):
        until = moments[n + 1].time_s if n + 1 < len(moments) else end_s
        slots = moment.slots
        cap = np.maximum(length - belt.pitch_m * np.arange(len(slots)), 0.0)  # (n,) where each has to stop
        for arrival in moment.arrivals:
            along[arrival.slot] = speed * (moment.time_s - arrival.time_s)
        at = np.minimum(along[slots], np.maximum(cap, along[slots] if keys.times_s else 0.0))
        room = np.maximum(cap - at, 0.0)
        stops = moment.time_s + room / speed
        times = np.unique(np.concatenate([[moment.time_s], stops[(room > 0) & (stops < until - _SOON_S)]]))
        for key in times.tolist():
            along[slots] = at + np.minimum(room, speed * (key - moment.time_s))
            keys.add(key, start + along[:, None] * direction)
        along[slots] = at + np.minimum(room, speed * (until - moment.time_s))
    if end_s > keys.times_s[-1]:
        keys.add(end_s, start + along[:, None] * direction)
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
