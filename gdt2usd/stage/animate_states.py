"""What state every station and resource is in over time, the colour that a lamp shows for it, and when arms reach out.

Not covered: writing USD (`stage.animate`).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from gdt2usd.simulation.records import EventKind, EventLog, State

# linear RGB, in the sense of IEC 60073 and common stack lights: green runs, amber waits, red is down
LAMP_COLOURS: dict[str, tuple[float, float, float]] = {
    State.IDLE: (0.20, 0.22, 0.24),
    State.STARVED: (0.75, 0.75, 0.70),
    State.PROCESSING: (0.02, 0.70, 0.08),
    State.BUSY: (0.02, 0.70, 0.08),
    State.SETUP: (0.05, 0.20, 0.95),
    State.BLOCKED: (1.00, 0.42, 0.00),
    State.WAITING_FOR_OPERATOR: (0.62, 0.08, 0.85),
    State.WAITING_FOR_TRANSPORT: (0.30, 0.10, 0.85),
    State.DOWN: (0.95, 0.01, 0.01),
}

_REACH_S = 3.0


def lamp_colour(state: str) -> tuple[float, float, float]:
    """The lamp's colour in `state`; resources that travel or load count as busy."""
    return LAMP_COLOURS.get(state, LAMP_COLOURS[State.BUSY])


@dataclass(slots=True)
class StateTrack:
    """States of one place: `states[n]` holds from `times_s[n]` on."""

    place: str
    times_s: list[float] = field(default_factory=list)
    states: list[str] = field(default_factory=list)


def state_tracks(log: EventLog, start_s: float, end_s: float) -> dict[str, StateTrack]:
    """The states of every place that reports any, from `start_s` (idle if it has not reported yet) to `end_s`."""
    tracks: dict[str, StateTrack] = {}
    for event in log.events:
        if event.time_s > end_s:
            break
        if event.kind is not EventKind.STATE:
            continue
        track = tracks.setdefault(event.place, StateTrack(event.place, [start_s], [State.IDLE.value]))
        time = max(event.time_s, start_s)
        if time == track.times_s[-1]:
            track.states[-1] = event.other
        elif track.states[-1] != event.other:
            track.times_s.append(time)
            track.states.append(event.other)
    return tracks


@dataclass(slots=True)
class ReachTrack:
    """An arm: at `times_s` it turns to `bearings_deg` (about its base, 0 is its own front) and reaches out by `reach` (0..1)."""

    place: str
    times_s: list[float] = field(default_factory=list)
    bearings_deg: list[float] = field(default_factory=list)
    reach: list[float] = field(default_factory=list)

    def add(self, time_s: float, bearing_deg: float, reach: float) -> None:
        """A key after the last one; an earlier or equal time is dropped."""
        if self.times_s and time_s <= self.times_s[-1]:
            return
        if self.bearings_deg:
            last = self.bearings_deg[-1]
            bearing_deg = last + (bearing_deg - last + 180.0) % 360.0 - 180.0
        self.times_s.append(time_s)
        self.bearings_deg.append(bearing_deg)
        self.reach.append(reach)


def reach_tracks(log: EventLog, bearings: dict[tuple[str, str], float], start_s: float, end_s: float) -> dict[str, ReachTrack]:
    """Arms at LOAD and UNLOAD: they reach out to the station's bearing at that time and draw back before and after.

    `bearings`: degrees from the arm's front to each place, by (arm, place).
    """
    moments: dict[str, list[tuple[float, float]]] = {}
    for event in log.events:
        visit = event.kind in (EventKind.LOAD, EventKind.UNLOAD) and (event.place, event.other) in bearings
        if visit and start_s <= event.time_s <= end_s:
            moments.setdefault(event.place, []).append((event.time_s, bearings[event.place, event.other]))
    tracks = {}
    for name, visits in moments.items():
        track = tracks[name] = ReachTrack(name)
        track.add(start_s, visits[0][1], 0.0)
        for n, (time, bearing) in enumerate(visits):
            before = visits[n - 1][0] if n else start_s
            after = visits[n + 1][0] if n + 1 < len(visits) else end_s
            track.add(max(time - _REACH_S, (before + time) / 2), bearing, 0.15)
            track.add(time, bearing, 1.0)
            track.add(min(time + _REACH_S, time + 0.45 * (after - time)), bearing, 0.15)
    return tracks
