"""Event logs made by a small random walk over the log's rules, for laws that must hold for every log."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from hypothesis import strategies as st

from gdt2usd.simulation.records import Event, EventKind, EventLog, State

STATIONS = ("In", "Queue", "Belt", "Machine", "Pack", "Out")
CARRIER = "Cart"
_CONTAINER_AT = "Pack"


@dataclass
class _World:
    """Who is where while a log is being made."""

    where: dict[int, str] = field(default_factory=dict)
    inside: dict[int, int] = field(default_factory=dict)
    carried: set[int] = field(default_factory=set)
    made: int = 0

    def step(self, time_s: float, choice: int, pick: int) -> list[Event]:
        """The events of one random thing that the rules allow now."""
        loose = sorted(self.where)
        if not loose or choice == 0:
            self.made += 1
            self.where[self.made] = "In"
            return [Event(time_s, EventKind.CREATE, "In", self.made)]
        item = loose[pick % len(loose)]
        place = self.where[item]
        rank = STATIONS.index(place)
        mates = [i for i in loose if self.where[i] == place and i != item and i not in self.inside.values()]
        if choice == 1 and place == _CONTAINER_AT and mates:
            mate = mates[pick % len(mates)]
            del self.where[mate]
            self.inside[mate] = item
            return [Event(time_s, EventKind.PACK, place, mate, str(item))]
        packed = sorted(i for i, c in self.inside.items() if c == item)
        if choice == 2 and packed:
            freed = packed[0]
            del self.inside[freed]
            self.where[freed] = place
            return [Event(time_s, EventKind.UNPACK, place, freed, str(item))]
        if place == "Out" or (choice == 3 and not packed):
            del self.where[item]
            return [Event(time_s, EventKind.DESTROY, place, item)]
        goal = STATIONS[(rank + 1 + pick % 2) % len(STATIONS)]
        self.where[item] = goal
        leave = Event(time_s, EventKind.LEAVE, place, item, goal)
        enter = Event(time_s, EventKind.ENTER, goal, item, place)
        if choice == 4:
            load = Event(time_s, EventKind.LOAD, CARRIER, item, place)
            return [
                leave,
                load,
                Event(time_s + 3.0, EventKind.UNLOAD, CARRIER, item, goal),
                Event(time_s + 3.0, EventKind.ENTER, goal, item, place),
            ]
        return [leave, enter, Event(time_s, EventKind.STATE, place, -1, State.PROCESSING)]


@st.composite
def event_logs(draw: st.DrawFn, max_steps: int = 40) -> EventLog:
    """A log over `STATIONS` and one carrier; many events share their times, carried items are out of stations for 3 s."""
    steps = draw(
        st.lists(st.tuples(st.sampled_from([0.0, 0.0, 0.5, 1.0, 7.0]), st.integers(0, 5), st.integers(0, 9)), max_size=max_steps)
    )
    world, now = _World(), 0.0
    events: list[Event] = []
    for gap, choice, pick in steps:
        now += gap
        made = world.step(now, choice, pick)
        events.extend(made)
        now = max(now, made[-1].time_s)
    return EventLog(tuple(events), now + 5.0)


def content(log: EventLog, time_s: float) -> Counter[str]:
    """How many items each place holds at `time_s`, from the log's rows (a created item may also be logged to enter)."""
    held: dict[str, set[int]] = {}
    for event in log.events:
        if event.time_s > time_s:
            break
        if event.kind in (EventKind.CREATE, EventKind.ENTER, EventKind.UNPACK, EventKind.LOAD):
            held.setdefault(event.place, set()).add(event.item)
        elif event.kind in (EventKind.LEAVE, EventKind.DESTROY, EventKind.PACK, EventKind.UNLOAD):
            held.setdefault(event.place, set()).discard(event.item)
    return Counter({place: len(items) for place, items in held.items()})
