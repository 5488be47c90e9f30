"""The law of the animation: what is seen at a place is what the log says it holds."""

from __future__ import annotations

import bisect

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gdt2usd.simulation.records import Event, EventKind, EventLog
from gdt2usd.stage.animate_items import ItemTrack, item_tracks
from gdt2usd.stage.animate_motion import Belt, Carrier, Ground, Slots
from tests.stage.event_logs import CARRIER, STATIONS, content, event_logs

_SLOTS = Slots(lambda n: np.column_stack([0.5 * np.arange(n), np.zeros(n), np.zeros(n)]))


def _grounds() -> dict[str, Ground]:
    grounds: dict[str, Ground] = dict.fromkeys(STATIONS, _SLOTS)
    grounds["Belt"] = Belt((0.0, 0.0, 0.9), (6.0, 0.0, 0.9), 0.5, 0.6)
    grounds[CARRIER] = Carrier(lambda t: (t, 0.0, 0.5))
    return grounds


class _Plain:
    """Everything looks the same, a container with a load another way."""

    def of(self, item: int, load: tuple[int, ...]) -> int:
        return min(len(load), 1)


def _tracks(log: EventLog, start_s: float, end_s: float, speedup: float = 4.0) -> list[ItemTrack]:
    return item_tracks(log, _grounds(), lambda _from, _to: (), _Plain(), (start_s, end_s), speedup)


def _visible(track: ItemTrack, time_s: float) -> int:
    n = bisect.bisect_right(track.switch_times_s, time_s)
    return int(track.shown[n - 1].sum()) if n else 0


@settings(deadline=None)
@given(event_logs(), st.sampled_from([0.0, 2.0, 11.5]), st.data())
def test_visible_items_are_the_content(log: EventLog, start_s: float, data: st.DataObject) -> None:
    tracks = {t.place: t for t in _tracks(log, start_s, log.horizon_s)}
    times = sorted({e.time_s for e in log.events if e.time_s >= start_s} | {start_s, log.horizon_s})
    probes = times + [t + 0.25 for t in times] + [data.draw(st.floats(start_s, max(start_s, log.horizon_s)))]
    for time in probes:
        if time < start_s:
            continue
        held = content(log, time)
        for place in (*STATIONS, CARRIER):
            seen = _visible(tracks[place], time) if place in tracks else 0
            assert seen == held[place], (place, time)


@settings(deadline=None)
@given(event_logs())
def test_keys_are_in_order_and_whole(log: EventLog) -> None:
    for track in _tracks(log, 0.0, log.horizon_s):
        assert all(a < b for a, b in zip(track.times_s, track.times_s[1:], strict=False))
        assert len(track.times_s) == len(track.positions_m)
        assert all(p.shape == (track.size, 3) and np.isfinite(p).all() for p in track.positions_m)


def test_a_queue_moves_up_when_its_first_item_leaves() -> None:
    events = [Event(float(n), EventKind.ENTER, "Queue", n + 1, "In") for n in range(3)]
    events += [Event(10.0, EventKind.LEAVE, "Queue", 1, "Machine"), Event(10.0, EventKind.ENTER, "Machine", 1, "Queue")]
    tracks = {t.place: t for t in _tracks(EventLog(tuple(events), 20.0), 0.0, 20.0)}
    queue = tracks["Queue"]
    assert queue.times_s[-1] == pytest.approx(11.0)
    last = {round(float(queue.positions_m[-1][slot, 0]), 3) for slot in np.flatnonzero(queue.shown[-1])}
    assert last == {0.0, 0.5}


def test_a_belt_carries_at_its_speed_and_closes_up() -> None:
    events = [Event(0.0, EventKind.ENTER, "Belt", 1, "In"), Event(4.0, EventKind.ENTER, "Belt", 2, "In")]
    (belt,) = _tracks(EventLog(tuple(events), 40.0), 0.0, 40.0)

    def at(slot: int, time: float) -> float:
        return float(np.interp(time, belt.times_s, [p[slot, 0] for p in belt.positions_m]))

    assert at(0, 2.0) == pytest.approx(1.0)
    assert at(0, 12.0) == pytest.approx(6.0, abs=1e-3)
    assert at(0, 30.0) == pytest.approx(6.0, abs=1e-3)
    assert at(1, 30.0) == pytest.approx(5.4, abs=1e-3)


def test_an_item_from_afar_is_seen_on_its_way_to_the_belt() -> None:
    events = (
        Event(0.0, EventKind.ENTER, "Queue", 1, "In"),
        Event(10.0, EventKind.LEAVE, "Queue", 1, "Belt"),
        Event(10.0, EventKind.ENTER, "Belt", 1, "Queue"),
    )
    way = ((0.0, -6.0, 0.0),)
    log = EventLog(events, 60.0)
    tracks = item_tracks(log, _grounds(), lambda _from, _to: way, _Plain(), (0.0, 60.0), 4.0)
    belt = next(t for t in tracks if t.place == "Belt")

    def at(time: float) -> list[float]:
        return [float(np.interp(time, belt.times_s, [p[0, axis] for p in belt.positions_m])) for axis in range(3)]

    assert at(10.0) == pytest.approx([0.0, 0.0, 0.0], abs=1e-3)  # the place in the queue
    assert at(15.0)[1] == pytest.approx(-6.0, abs=0.1)
    assert at(59.0) == pytest.approx([6.0, 0.0, 0.9], abs=1e-3)


def test_an_item_that_only_passes_is_never_seen() -> None:
    events = (
        Event(1.0, EventKind.ENTER, "Queue", 1, "In"),
        Event(1.0, EventKind.LEAVE, "Queue", 1, "Machine"),
        Event(1.0, EventKind.ENTER, "Machine", 1, "Queue"),
    )
    tracks = _tracks(EventLog(events, 5.0), 0.0, 5.0)
    assert [t.place for t in tracks] == ["Machine"]
