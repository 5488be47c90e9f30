"""Where every item is seen over time: the event log turned into one pool of instances per place.

The law: at any time the visible instances of a place's pool are as many as the log says the place holds. It holds by
construction, because a pool's instances are switched on and off only by the log's events, at their very times. Motion is drawn
inside that frame: an item that has just come glides to its slot, those behind move up, a belt carries what lies on it.
Times are seconds of the simulation, positions metres in the world. Not covered: writing USD (`stage.animate`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from gdt2usd.simulation.records import Event, EventKind, EventLog

Floats = NDArray[np.float64]
Position = tuple[float, float, float]

PRODUCT, CONTAINER, FULL_CONTAINER = 0, 1, 2
STEP_S = 1e-6  # the pause between two keys that stand for a jump

_ARRIVALS = (EventKind.CREATE, EventKind.ENTER, EventKind.UNPACK)
_DEPARTURES = (EventKind.LEAVE, EventKind.DESTROY, EventKind.PACK)


@dataclass(frozen=True, slots=True)
class Slots:
    """Where a place's items stand by rank: rank r at `points(n)[r]` for n items; (n, 3) metres."""

    points: Callable[[int], Floats]


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
class ItemTrack:
    """The pool of one place: `size` instances; positions (size, 3), switched-off instances and looks at their times."""

    place: str
    size: int = 0
    times_s: list[float] = field(default_factory=list)
    positions_m: list[NDArray[np.float32]] = field(default_factory=list)
    switch_times_s: list[float] = field(default_factory=list)
    visible: list[NDArray[np.int64]] = field(default_factory=list)
    look_times_s: list[float] = field(default_factory=list)
    looks: list[NDArray[np.int32]] = field(default_factory=list)


@dataclass(slots=True)
class _Moment:
    """What a place holds just after `time_s`: pool slots by rank, and where the newcomers came from."""

    time_s: float
    slots: NDArray[np.int64]
    looks: NDArray[np.int32]
    newcomers: list[tuple[int, Position | None]]


@dataclass(slots=True)
class _Place:
    order: list[int] = field(default_factory=list)
    slots: list[int] = field(default_factory=list)
    slot_of: dict[int, int] = field(default_factory=dict)
    free: deque[tuple[float, int]] = field(default_factory=deque)
    size: int = 0
    moments: list[_Moment] = field(default_factory=list)
    newcomers: dict[int, Position | None] = field(default_factory=dict)

    def arrive(self, item: int, time_s: float, origin: Position | None) -> None:
        if item in self.slot_of:
            return
        if self.free and self.free[0][0] < time_s:
            slot = self.free.popleft()[1]
        else:
            slot = self.size
            self.size += 1
        self.slot_of[item] = slot
        self.order.append(item)
        self.slots.append(slot)
        self.newcomers[item] = origin

    def depart(self, item: int, time_s: float) -> None:
        if item in self.slot_of:
            rank = self.order.index(item)
            del self.order[rank], self.slots[rank]
            self.free.append((time_s, self.slot_of.pop(item)))
            self.newcomers.pop(item, None)


@dataclass(slots=True)
class _Replay:
    """The log played once: every place's moments within the window, and each item's last known position."""

    grounds: Mapping[str, Ground]
    start_s: float
    places: dict[str, _Place] = field(default_factory=dict)
    last: dict[int, Position] = field(default_factory=dict)
    packed: dict[int, int] = field(default_factory=dict)
    containers: frozenset[int] = frozenset()

    def play(self, events: Iterable[Event], end_s: float) -> None:
        dirty: dict[str, _Place] = {}
        now = self.start_s
        for event in events:
            if event.time_s > end_s:
                break
            if event.time_s > now:
                self._record(dirty, now)
                now = event.time_s
            self._apply(event, dirty)
        self._record(dirty, now)

    def _apply(self, event: Event, dirty: dict[str, _Place]) -> None:
        kind, item = event.kind, event.item
        if kind in _ARRIVALS:
            dirty[event.place] = place = self._place(event.place)
            origin = self.last.get(_container(event)) if kind is EventKind.UNPACK else self.last.get(item)
            place.arrive(item, event.time_s, origin)
            self._count(event, -1 if kind is EventKind.UNPACK else 0)
        elif kind in _DEPARTURES:
            dirty[event.place] = place = self._place(event.place)
            self._remember(event.place, place, item, event.time_s)
            place.depart(item, event.time_s)
            self._count(event, 1 if kind is EventKind.PACK else 0)
        elif kind is EventKind.LOAD:
            dirty[event.place] = place = self._place(event.place)
            place.arrive(item, event.time_s, self.last.get(item))
        elif kind is EventKind.UNLOAD:
            dirty[event.place] = place = self._place(event.place)
            self._remember(event.place, place, item, event.time_s)
            place.depart(item, event.time_s)

    def _count(self, event: Event, change: int) -> None:
        if change:
            container = _container(event)
            self.packed[container] = self.packed.get(container, 0) + change

    def _place(self, name: str) -> _Place:
        return self.places.setdefault(name, _Place())

    def _remember(self, name: str, place: _Place, item: int, time_s: float) -> None:
        ground = self.grounds.get(name)
        if ground is None or item not in place.slot_of:
            return
        match ground:
            case Slots():
                points = ground.points(len(place.order))
                self.last[item] = tuple(points[place.order.index(item)].tolist())
            case Belt():
                self.last[item] = ground.end_m
            case Carrier():
                self.last[item] = ground.where(time_s)

    def _record(self, dirty: dict[str, _Place], time_s: float) -> None:
        if time_s < self.start_s:
            for place in dirty.values():
                place.newcomers.clear()
            dirty.clear()
            return
        for place in dirty.values():
            slots = np.array(place.slots, dtype=np.int64)
            looks = np.zeros(len(slots), dtype=np.int32)
            if self.containers:
                looks[:] = [self._look(i) for i in place.order]
            newcomers = [(place.slot_of[i], origin) for i, origin in place.newcomers.items()]
            place.moments.append(_Moment(time_s, slots, looks, newcomers))
            place.newcomers.clear()
        dirty.clear()

    def _look(self, item: int) -> int:
        if item not in self.containers:
            return PRODUCT
        return FULL_CONTAINER if self.packed.get(item, 0) > 0 else CONTAINER


def _container(event: Event) -> int:
    try:
        return int(event.other)
    except ValueError:
        return -1


def item_tracks(log: EventLog, grounds: Mapping[str, Ground], start_s: float, end_s: float, glide_s: float) -> list[ItemTrack]:
    """The pools of all places of `grounds` that hold anything between `start_s` and `end_s`, in the order of `grounds`.

    `glide_s`: how long an item takes to its slot if the next event there leaves it the time.
    """
    packs = (EventKind.PACK, EventKind.UNPACK)
    containers = frozenset(_container(e) for e in log.events if e.kind in packs)
    replay = _Replay(grounds, start_s, containers=containers)
    before = [e for e in log.events if e.time_s < start_s]
    for event in before:
        replay._apply(event, {})
    for place in replay.places.values():
        place.newcomers.clear()
    replay._record(dict(replay.places), start_s)
    replay.play((e for e in log.events if e.time_s >= start_s), end_s)
    tracks = []
    for name, ground in grounds.items():
        held = replay.places.get(name)
        if held is not None and any(len(m.slots) for m in held.moments):
            tracks.append(_track(name, held, ground, end_s, glide_s))
    return tracks


def _track(name: str, place: _Place, ground: Ground, end_s: float, glide_s: float) -> ItemTrack:
    track = ItemTrack(name, place.size)
    moments = _merged(place.moments)
    _switches(track, moments)
    match ground:
        case Slots():
            _stand(track, moments, ground, end_s, glide_s)
        case Belt():
            _ride(track, moments, ground, end_s)
        case Carrier():
            _carry(track, moments, ground, end_s)
    return track


def _merged(moments: list[_Moment]) -> list[_Moment]:
    """Moments at one time become one: the last, with all newcomers that are still there."""
    merged: list[_Moment] = []
    for moment in moments:
        if merged and merged[-1].time_s == moment.time_s:
            moment.newcomers = merged.pop().newcomers + moment.newcomers
        merged.append(moment)
    return merged


def _switches(track: ItemTrack, moments: list[_Moment]) -> None:
    """When instances are switched on and off, and what they look like."""
    looks = np.zeros(track.size, dtype=np.int32)
    shown: bytes | None = None
    for moment in moments:
        visible = np.sort(moment.slots)
        if shown != visible.tobytes():
            track.switch_times_s.append(moment.time_s)
            track.visible.append(visible)
            shown = visible.tobytes()
        if not track.looks or (looks[moment.slots] != moment.looks).any():
            looks = looks.copy()
            looks[moment.slots] = moment.looks
            track.look_times_s.append(moment.time_s)
            track.looks.append(looks)


def _key(track: ItemTrack, time_s: float, positions: Floats) -> None:
    if track.times_s and time_s <= track.times_s[-1]:
        track.positions_m[-1] = positions.astype(np.float32)
        return
    track.times_s.append(time_s)
    track.positions_m.append(positions.astype(np.float32))


def _stand(track: ItemTrack, moments: list[_Moment], ground: Slots, end_s: float, glide_s: float) -> None:
    """Two keys per event: where all stand when it happens, and where they stand once they have moved up."""
    positions = np.zeros((track.size, 3))
    for moment, following in zip(moments, [*moments[1:], None], strict=True):
        points = ground.points(len(moment.slots))
        target = positions.copy()
        target[moment.slots] = points
        origins = dict(moment.newcomers)
        if not track.times_s:
            positions = target.copy()
        for slot, origin in origins.items():
            positions[slot] = target[slot] if origin is None else origin
        _key(track, moment.time_s, positions)
        gap = (following.time_s if following else end_s) - moment.time_s
        glide = min(glide_s, 0.9 * gap)
        if glide > STEP_S and not np.array_equal(positions, target):
            _key(track, moment.time_s + glide, target)
        positions = target
        newcomers = _starts(following, ground, positions)
        if following is not None and gap > glide + 2 * STEP_S and not np.array_equal(positions, newcomers):
            _key(track, following.time_s - STEP_S, positions)


def _starts(moment: _Moment | None, ground: Slots, positions: Floats) -> Floats:
    """`positions` with the next moment's newcomers already where they will come from."""
    if moment is None or not moment.newcomers:
        return positions
    starts = positions.copy()
    for slot, origin in moment.newcomers:
        rank = int(np.flatnonzero(moment.slots == slot)[0])
        starts[slot] = ground.points(len(moment.slots))[rank] if origin is None else origin
    return starts


def _ride(track: ItemTrack, moments: list[_Moment], belt: Belt, end_s: float) -> None:
    """Items advance at the belt's speed until they close up behind the one before them; keys where anything starts or stops."""
    start, end = np.asarray(belt.start_m), np.asarray(belt.end_m)
    length = float(np.linalg.norm(end - start))
    direction = (end - start) / length if length > 0 else np.zeros(3)
    along = np.zeros(track.size)
    known = np.zeros(track.size, dtype=bool)
    speed = max(belt.speed_m_s, 1e-6)
    for moment, following in zip(moments, [*moments[1:], None], strict=True):
        until = following.time_s if following else end_s
        slots = moment.slots
        rank = np.arange(len(slots))
        cap = np.maximum(length - belt.pitch_m * rank, 0.0)  # (n,) where each has to stop
        if not track.times_s:
            along[slots] = cap
            known[slots] = True
        for slot, _ in moment.newcomers:
            along[slot] = 0.0
        at = along[slots]
        room = np.maximum(cap - at, 0.0)
        stops = moment.time_s + room / speed
        keys = np.unique(
            np.concatenate([[moment.time_s], stops[(room > 0) & (stops < until)], [max(until - STEP_S, moment.time_s)]])
        )
        for key in keys.tolist():
            along[slots] = at + np.minimum(room, speed * (key - moment.time_s))
            _key(track, key, start + along[:, None] * direction)


def _carry(track: ItemTrack, moments: list[_Moment], carrier: Carrier, end_s: float) -> None:
    """The load goes where its mover goes; several pieces are stacked."""
    for moment, following in zip(moments, [*moments[1:], None], strict=True):
        until = (following.time_s if following else end_s) - STEP_S
        stack = np.zeros((track.size, 3))
        stack[moment.slots, 2] = 0.35 * np.arange(len(moment.slots))
        between = [t for t in carrier.key_times if moment.time_s < t < until] if len(moment.slots) else []
        for key in (moment.time_s, *between, max(until, moment.time_s)):
            _key(track, key, np.asarray(carrier.where(key)) + stack)
