"""A deterministic stand-in for a simulation: enough of a run to look at, following the log's rules for any graph."""

from __future__ import annotations

import heapq
from itertools import count

from gdt2usd.graph import model as m
from gdt2usd.simulation.records import Event, EventKind, EventLog, State

_TRAVEL_S = 6.0
_STAY_S = 14.0


def tiny_run(graph: m.ProcessGraph, horizon_s: float = 300.0, every_s: float = 20.0) -> EventLog:
    """Items leave each source every `every_s`, stay at each station for a while and take each output in turn.

    Links with transport use their vehicle for `_TRAVEL_S`; machines with operators have one walk over; no capacities.
    """
    stations = {s.id: s for s in graph.stations}
    out: dict[str, list[m.Link]] = {s.id: [] for s in graph.stations}
    for link in graph.links:
        out[link.upstream].append(link)
    teams = {r.id: r.team for r in graph.resources if isinstance(r, m.Dispatcher)}
    events: list[tuple[float, int, Event]] = []
    rank, items, turns = count(), count(1), dict.fromkeys(stations, 0)
    todo: list[tuple[float, int, str, int]] = []

    def log(time: float, kind: EventKind, place: str, item: int = -1, other: str = "", value: float = 0.0) -> None:
        events.append((time, next(rank), Event(time, kind, place, item, other, value)))

    def arrive(time: float, place: str, item: int) -> None:
        station = stations[place]
        stay = station.length_m / station.speed_m_s if isinstance(station, m.Conveyor) else _STAY_S + (item * 7 + len(place)) % 5
        need = getattr(station, "operators", None)
        if need:
            worker = need.resources[0]
            log(time, EventKind.STATE, place, other=State.WAITING_FOR_OPERATOR)
            log(time, EventKind.TRAVEL, worker, other=place, value=time + 3.0)
            log(time + 3.0, EventKind.SERVE, worker, other=place)
            stay += 3.0
        log(time + (3.0 if need else 0.0), EventKind.STATE, place, other=State.PROCESSING)
        heapq.heappush(todo, (time + stay, next(rank), place, item))

    for station in graph.stations:
        if isinstance(station, m.Source):
            time = every_s / 2
            while time < horizon_s:
                heapq.heappush(todo, (time, next(rank), station.id, -next(items)))
                time += every_s
    while todo and todo[0][0] < horizon_s:
        time, _, place, item = heapq.heappop(todo)
        if item < 0:
            item = -item
            log(time, EventKind.CREATE, place, item)
        log(time, EventKind.STATE, place, other=State.STARVED)
        links = out[place]
        if isinstance(stations[place], m.Sink) or not links:
            log(time, EventKind.DESTROY, place, item)
            continue
        link = links[turns[place] % len(links)]
        turns[place] += 1
        log(time, EventKind.LEAVE, place, item, link.downstream)
        arrival = time
        if link.transport:
            mover = teams.get(link.transport, (link.transport,))[0]
            arrival = time + _TRAVEL_S
            log(time, EventKind.LOAD, mover, item, place)
            log(time, EventKind.TRAVEL, mover, other=link.downstream, value=arrival)
            log(arrival, EventKind.UNLOAD, mover, item, link.downstream)
            log(arrival, EventKind.TRAVEL, mover, other=place, value=arrival + 4.0)
        log(arrival, EventKind.ENTER, link.downstream, item, place)
        arrive(arrival, link.downstream, item)
    rows = [event for time, _, event in sorted(events, key=lambda row: row[:2]) if time <= horizon_s]
    return EventLog(tuple(rows), horizon_s)
