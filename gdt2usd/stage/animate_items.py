"""Where every item is seen over time: the event log turned into one pool of instances per place.

The law: at any time the visible instances of a place's pool are as many as the log says the place holds. It holds by
construction, because a pool's instances are switched on and off only by the log's events, at their very times. Motion is drawn
inside that frame (`animate_motion`). Times are seconds of the simulation, positions metres in the world.
Not covered: what items look like (`animate_looks`), writing USD (`animate`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from gdt2usd.simulation.records import Event, EventKind, EventLog
from gdt2usd.stage.animate_motion import Arrival, Belt, Carrier, Ground, Moment, Position, Slots, moved

_ARRIVALS = (EventKind.CREATE, EventKind.ENTER, EventKind.UNPACK, EventKind.LOAD)
_DEPARTURES = (EventKind.LEAVE, EventKind.DESTROY, EventKind.PACK, EventKind.UNLOAD)
_AT_ONCE = (EventKind.CREATE, EventKind.UNPACK)

Way = Callable[[str, str], tuple[Position, ...]]
"""The points an item passes from one place to another, both ends left out."""


class Looks(Protocol):
    """What an item looks like: the number of a look, as it is loaded with `load` now."""

    def of(self, item: int, load: tuple[int, ...]) -> int:
        """The look's number."""


@dataclass(slots=True)
class ItemTrack:
    """The pool of one place: `size` instances; positions (size, 3), who is shown (size,) and looks at their times."""

    place: str
    size: int = 0
    times_s: list[float] = field(default_factory=list)
    positions_m: list[NDArray[np.float32]] = field(default_factory=list)
    switch_times_s: list[float] = field(default_factory=list)
    shown: list[NDArray[np.bool_]] = field(default_factory=list)
    look_times_s: list[float] = field(default_factory=list)
    looks: list[NDArray[np.int64]] = field(default_factory=list)


class _Row:
    """A row of numbers that grows at its end and is taken from anywhere; a `view` given out never changes."""

    __slots__ = ("_buffer", "_end", "_start")

    def __init__(self) -> None:
        self._buffer = np.zeros(8, dtype=np.int64)
        self._start = self._end = 0

    def view(self) -> NDArray[np.int64]:
        """The row now."""
        return self._buffer[self._start : self._end]

    def append(self, value: int) -> None:
        """One more at the end."""
        if self._end == len(self._buffer):
            self._renew(self.view())
        self._buffer[self._end] = value
        self._end += 1

    def remove(self, rank: int) -> None:
        """Without the number at `rank`."""
        if rank == 0:
            self._start += 1
        else:
            self._renew(np.delete(self.view(), rank))

    def put(self, rank: int, value: int) -> None:
        """Another number at `rank`."""
        self._renew(self.view())
        self._buffer[self._start + rank] = value

    def _renew(self, row: NDArray[np.int64]) -> None:
        self._buffer = np.zeros(2 * len(row) + 8, dtype=np.int64)
        self._buffer[: len(row)] = row
        self._start, self._end = 0, len(row)


@dataclass(slots=True)
class _Place:
    """What a place holds: items in order of coming, their pool slots and looks, and the slots that are free (and since when)."""

    stays: bool = False
    order: list[int] = field(default_factory=list)
    slots: _Row = field(default_factory=_Row)
    looks: _Row = field(default_factory=_Row)
    free: list[tuple[float, int]] = field(default_factory=list)
    size: int = 0
    moments: list[Moment] = field(default_factory=list)
    newcomers: dict[int, Arrival] = field(default_factory=dict)
    inside: dict[int, Arrival] = field(default_factory=dict)

    def arrive(self, item: int, time_s: float, way: tuple[Position, ...], look: int) -> None:
        if item in self.inside:
            return
        slot = self._free_slot(time_s)
        self.order.append(item)
        self.slots.append(slot)
        self.looks.append(look)
        self.newcomers[item] = self.inside[item] = Arrival(slot, time_s, way)

    def _free_slot(self, time_s: float) -> int:
        """One that has been free for a while: where items stay, the first; else the one that has been free for longest."""
        ready = [f for f in (self.free if self.stays else self.free[:1]) if f[0] < time_s]
        if not ready:
            self.size += 1
            return self.size - 1
        chosen = min(ready, key=lambda f: f[1])
        self.free.remove(chosen)
        return chosen[1]

    def depart(self, item: int, time_s: float) -> None:
        if item not in self.inside:
            return
        rank = self.order.index(item)
        del self.order[rank]
        self.slots.remove(rank)
        self.looks.remove(rank)
        self.newcomers.pop(item, None)
        gone = self.inside.pop(item)
        gone.leaves_s = time_s
        self.free.append((time_s, gone.slot))

    def show(self, item: int, look: int) -> None:
        """An item here looks different from now on."""
        self.looks.put(self.order.index(item), look)


@dataclass(slots=True)
class _Replay:
    """The log played once: every place's moments within the window; where each item was last, and in which place."""

    grounds: Mapping[str, Ground]
    ways: Way
    looks: Looks
    places: dict[str, _Place] = field(default_factory=dict)
    last: dict[int, tuple[str, Position]] = field(default_factory=dict)
    packed: dict[int, tuple[int, ...]] = field(default_factory=dict)

    def play(self, events: Iterable[Event], start_s: float, end_s: float) -> None:
        """All events up to `end_s`; moments are kept from `start_s` on."""
        dirty: dict[str, _Place] = {}
        now = start_s
        begun = False
        for event in events:
            if event.time_s > end_s:
                break
            if not begun and event.time_s >= start_s:
                begun, dirty = True, dict(self.places)
            if begun and event.time_s > now:
                self._record(dirty, now)
                now = event.time_s
            self._apply(event, dirty)
        self._record(dirty if begun else dict(self.places), now)

    def _apply(self, event: Event, dirty: dict[str, _Place]) -> None:
        if event.kind in _ARRIVALS:
            place = dirty[event.place] = self._place(event.place)
            if event.kind is EventKind.UNPACK:
                container = _container(event)
                self.packed[container] = tuple(i for i in self.packed.get(container, ()) if i != event.item)
                self._touch(container, dirty)
            place.arrive(event.item, event.time_s, self._way(event), self._look(event.item))
        elif event.kind in _DEPARTURES:
            place = dirty[event.place] = self._place(event.place)
            self._remember(event, place)
            place.depart(event.item, event.time_s)
            if event.kind is EventKind.PACK:
                container = _container(event)
                self.packed[container] = (*self.packed.get(container, ()), event.item)
                self._touch(container, dirty)

    def _touch(self, container: int, dirty: dict[str, _Place]) -> None:
        """The place that holds a container whose load changes."""
        for name, place in self.places.items():
            if container in place.inside:
                place.show(container, self._look(container))
                dirty[name] = place

    def _look(self, item: int) -> int:
        return self.looks.of(item, self.packed.get(item, ()))

    def _way(self, event: Event) -> tuple[Position, ...]:
        """Where an item comes from and what it passes; nothing for one that was nowhere."""
        known = self.last.get(_container(event) if event.kind is EventKind.UNPACK else event.item)
        if known is None:
            return ()
        origin, position = known
        if event.kind in _AT_ONCE or origin == event.place:
            return (position,)
        return (position, *self.ways(origin, event.place))

    def _place(self, name: str) -> _Place:
        if name not in self.places:
            ground = self.grounds.get(name)
            self.places[name] = _Place(stays=isinstance(ground, Slots) and ground.stays)
        return self.places[name]

    def _remember(self, event: Event, place: _Place) -> None:
        ground, item = self.grounds.get(event.place), event.item
        if ground is None or item not in place.inside:
            return
        match ground:
            case Slots(points, stays):
                rank = place.inside[item].slot if stays else place.order.index(item)
                spot: Position = tuple(points(rank + 1)[rank].tolist())
            case Belt():
                spot = ground.end_m
            case Carrier():
                spot = ground.where(event.time_s)
        self.last[item] = (event.place, spot)

    def _record(self, dirty: dict[str, _Place], time_s: float) -> None:
        for place in dirty.values():
            place.moments.append(Moment(time_s, place.slots.view(), place.looks.view(), list(place.newcomers.values())))
            place.newcomers.clear()
        dirty.clear()


def _container(event: Event) -> int:
    try:
        return int(event.other)
    except ValueError:
        return -1


def item_tracks(
    log: EventLog, grounds: Mapping[str, Ground], ways: Way, looks: Looks, window_s: tuple[float, float], speedup: float
) -> list[ItemTrack]:
    """The pools of all places of `grounds` that hold anything within the window, in the order of `grounds`.

    `speedup`: seconds of the run per second of playback; nothing is so fast that it cannot be seen, if its stay leaves the time.
    """
    replay = _Replay(grounds, ways, looks)
    replay.play(log.events, *window_s)
    tracks = []
    for name, ground in grounds.items():
        held = replay.places.get(name)
        if held is not None and any(len(m.slots) for m in held.moments):
            tracks.append(_track(name, held, ground, window_s[1], speedup))
    return tracks


def _track(name: str, place: _Place, ground: Ground, end_s: float, speedup: float) -> ItemTrack:
    track = ItemTrack(name, place.size)
    moments = _merged(place.moments)
    _switches(track, moments)
    keys = moved(place.size, moments, ground, end_s, speedup)
    track.times_s, track.positions_m = keys.times_s, keys.positions_m
    return track


def _merged(moments: list[Moment]) -> list[Moment]:
    """Moments at one time become one: the last, with all newcomers."""
    merged: list[Moment] = []
    for moment in moments:
        if merged and merged[-1].time_s == moment.time_s:
            moment.arrivals = merged.pop().arrivals + moment.arrivals
        merged.append(moment)
    return merged


def _switches(track: ItemTrack, moments: list[Moment]) -> None:
    """When instances are switched on and off, and what they look like."""
    looks = np.zeros(track.size, dtype=np.int64)
    shown: NDArray[np.bool_] | None = None
    for moment in moments:
        seen = np.zeros(track.size, dtype=np.bool_)
        seen[moment.slots] = True
        if shown is None or not np.array_equal(seen, shown):
            track.switch_times_s.append(moment.time_s)
            track.shown.append(seen)
            shown = seen
        if not track.looks or not np.array_equal(looks.take(moment.slots), moment.looks):
            looks = looks.copy()
            looks[moment.slots] = moment.looks
            track.look_times_s.append(moment.time_s)
            track.looks.append(looks)
