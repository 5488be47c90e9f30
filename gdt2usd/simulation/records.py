"""The event log: everything that happened in one replication, in order; statistics, plots and animation read only this.

Columns are the fields of `Event`. Not covered: computing figures (`simulation.statistics`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from gdt2usd.diagnostics import GdtError, Place, error


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


COLUMNS = ("time_s", "kind", "place", "item", "other", "value")


def write_log(log: EventLog, path: Path) -> None:
    """Write `log` as Parquet (suffix .parquet; the horizon is in the metadata) or as JSON Lines (any other; the horizon first).

    Raises:
        OSError: the file cannot be written.
    """
    if path.suffix == ".parquet":
        import pyarrow as pa
        import pyarrow.parquet as pq

        columns = {name: [getattr(e, name) for e in log.events] for name in COLUMNS}
        columns["kind"] = [str(kind) for kind in columns["kind"]]
        columns["other"] = [str(other) for other in columns["other"]]
        types = (pa.float64(), pa.string(), pa.string(), pa.int64(), pa.string(), pa.float64())
        schema = pa.schema(list(zip(COLUMNS, types, strict=True)), metadata={"horizon_s": repr(log.horizon_s)})
        pq.write_table(pa.table(columns, schema=schema), path)
        return
    with path.open("w", encoding="utf-8") as stream:
        stream.write(json.dumps({"horizon_s": log.horizon_s, "columns": COLUMNS}) + "\n")
        for e in log.events:
            stream.write(json.dumps([e.time_s, str(e.kind), e.place, e.item, str(e.other), e.value], ensure_ascii=False) + "\n")


def read_log(path: Path) -> EventLog:
    """The log that `write_log` wrote.

    Raises:
        GdtError: SM109, the file is no event log.
        OSError: it cannot be read.
    """
    try:
        rows, horizon_s = _read_parquet(path) if path.suffix == ".parquet" else _read_lines(path)
        events = tuple(Event(float(t), EventKind(k), str(p), int(i), str(o), float(v)) for t, k, p, i, o, v in rows)  # type: ignore[arg-type, call-overload]
    except (ValueError, KeyError, TypeError) as problem:
        raise GdtError([error("SM109", f"{path} is no event log: {problem}", Place(str(path)))]) from problem
    return EventLog(events, horizon_s)


def _read_parquet(path: Path) -> tuple[list[tuple[object, ...]], float]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path)
    except pa.ArrowInvalid as problem:
        raise ValueError(str(problem)) from problem
    columns = [table.column(name).to_pylist() for name in COLUMNS]
    return list(zip(*columns, strict=True)), float((table.schema.metadata or {})[b"horizon_s"].decode())


def _read_lines(path: Path) -> tuple[list[tuple[object, ...]], float]:
    with path.open(encoding="utf-8") as stream:
        head = json.loads(next(stream, ""))
        return [tuple(json.loads(line)) for line in stream], float(head["horizon_s"])
