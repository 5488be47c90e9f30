"""What state every station and resource is in over time, and the colour that a lamp shows for it.

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
