"""The event log: everything that happened in one replication, in order; statistics, plots and animation read only this.

Columns are the fields of `Event`. Not covered: computing figures (`simulation.statistics`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class EventKind(StrEnum):
    """What an event means; `place` is a station or resource id, `item` an item number (from 1), -1 for none.

    CREATE   item comes into being in station `place` (sources, split copies)
    ENTER    item is now in station `place`; `other` is the station it came from
    LEAVE    item leaves station `place` for station `other`; with transport it leaves when loaded and enters when unloaded
    DESTROY  item ends in station `place` (sink, joined components)
    PACK     item goes into container item number `other` in station `place`; it no longer counts as content
    UNPACK   item comes out of container item number `other` in station `place`; it counts as content again
    STATE    station or resource `place` changes to state `other` (a `State` value)
    TRAVEL   resource `place` sets off to `other` (station or resource id, "" for home); it arrives at time `value`
    LOAD     resource `place` has taken item at station `other`
    UNLOAD   resource `place` has put item down at station `other`
    SERVE    resource `place` begins to serve station `other` (operator at a machine)
    RELEASE  resource `place` stops serving station `other`
    """

    CREATE = "create"
    ENTER = "enter"
    LEAVE = "leave"
    DESTROY = "destroy"
    PACK = "pack"
    UNPACK = "unpack"
    STATE = "state"
    TRAVEL = "travel"
    LOAD = "load"
    UNLOAD = "unload"
    SERVE = "serve"
    RELEASE = "release"


class State(StrEnum):
    """States of stations (the first eight, contract section 4) and of resources."""

    IDLE = "idle"
    SETUP = "setup"
    PROCESSING = "processing"
    BLOCKED = "blocked"
    STARVED = "starved"
    WAITING_FOR_OPERATOR = "waiting_for_operator"
    WAITING_FOR_TRANSPORT = "waiting_for_transport"
    DOWN = "down"
    TRAVEL_EMPTY = "travel_empty"
    TRAVEL_LOADED = "travel_loaded"
    LOADING = "loading"
    UNLOADING = "unloading"
    BUSY = "busy"


@dataclass(frozen=True, slots=True)
class Event:
    """One row of the log; `time_s` from the start of the replication, warm-up included."""

    time_s: float
    kind: EventKind
    place: str
    item: int = -1
    other: str = ""
    value: float = 0.0


@dataclass(frozen=True, slots=True)
class EventLog:
    """The events of one replication in time order, up to `horizon_s`."""

    events: tuple[Event, ...]
    horizon_s: float

    def __iter__(self) -> Iterator[Event]:
        return iter(self.events)
