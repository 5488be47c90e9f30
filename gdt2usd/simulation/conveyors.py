"""Conveyors: a belt with a length, a speed, a pitch (item length + spacing); accumulating or not.

An item may enter when the one before it has moved on by one pitch and fewer than floor(length / pitch) items are on the belt.
Accumulating: item k reaches the end at max(entry + length / speed, departure of k - 1 + pitch / speed): behind a stopped item the
others close up, and when it leaves all of them move at once (exact for equal speeds; acceleration is not modelled).
Not accumulating: the whole belt stands while the first item cannot leave.
States: idle when empty, blocked while the first item stands at the end, else processing (conveying).
Not covered: curves and slopes (their length counts), merges along the belt, decision points.
"""

from __future__ import annotations

from collections import deque

from simpy import Event

from gdt2usd.simulation.clock import Operation
from gdt2usd.simulation.items import Item, Line
from gdt2usd.simulation.units import BLOCKED, IDLE, PROCESSING, WAITING_FOR_TRANSPORT, Lane, Unit


class ConveyorUnit(Unit):
    """An accumulating conveyor."""

    rest = IDLE

    def __init__(self, id: str, line: Line, length_m: float, speed_m_s: float, pitch_m: float) -> None:
        places = max(1, int(length_m / pitch_m + 1e-9)) if pitch_m > 0.0 else 1 << 30
        super().__init__(id, line, places)
        self.travel_s = length_m / speed_m_s
        self.pitch_s = min(pitch_m, length_m) / speed_m_s
        self.belt: deque[tuple[Item, float]] = deque()  # with the time (or belt time) at which the item reaches the end
        self.coming = 0
        self.gate = Operation(self.clock, self.gate_clear)
        self.gate_busy = False
        self.front = Operation(self.clock, self.front_arrived)
        self.standing = False
        self.carrying = False
        self.free = 1

    def update_free(self) -> None:
        """Open or shut the entry; upstream is told when it opens."""
        free = 0 if self.gate_busy or len(self.belt) + self.coming >= self.capacity or not self.can_take() else 1
        opened = free > self.free
        self.free = free
        if opened:
            self.reopen()

    def can_take(self) -> bool:
        """Whether the belt moves at its entry."""
        return True

    def reserve(self, lane: Lane) -> None:
        self.coming += 1
        self.update_free()

    def received(self, item: Item, lane: Lane | None) -> None:
        self.coming -= 1
        self.belt.append((item, self.reach_time()))
        self.close_gate()
        if len(self.belt) == 1:
            self.clock.start(self.front, self.travel_s)
        self.update_free()
        self.show()

    def reach_time(self) -> float:
        """When an item that enters now reaches the end, if nothing stops it."""
        return self.clock._now + self.travel_s

    def close_gate(self) -> None:
        if self.pitch_s > 0.0:
            self.gate_busy = True
            self.clock.start(self.gate, self.pitch_s)

    def gate_clear(self, _event: Event) -> None:
        self.gate_busy = False
        self.update_free()

    def front_arrived(self, _event: Event) -> None:
        item, _ = self.belt[0]
        if not self.release(item):
            self.standing = True
            self.stand()
        self.show()

    def stand(self) -> None:
        """The first item cannot leave."""

    def wait_for_carrier(self, item: Item) -> None:
        self.carrying = True
        self.stand()
        self.show()

    def departed(self, item: Item) -> None:
        self.belt.popleft()
        self.standing = self.carrying = False
        self.move_on()
        self.update_free()
        self.show()

    def move_on(self) -> None:
        """The first item has gone: the next one comes to the end."""
        if self.belt:
            self.clock.start(self.front, max(self.belt[0][1] - self.clock._now, self.pitch_s))

    def show(self) -> None:
        """Set the state that the belt is in."""
        state = WAITING_FOR_TRANSPORT if self.carrying else BLOCKED if self.standing else PROCESSING if self.belt else IDLE
        if state != self.state:
            self.set_state(state)

    def holding(self) -> list[Item]:
        return [item for item, _ in self.belt]

    def working(self) -> bool:
        return bool(self.belt) and not self.standing and not self.carrying


class RigidConveyorUnit(ConveyorUnit):
    """A conveyor that does not accumulate: times on the belt run in belt time, which stands while the belt stands."""

    def __init__(self, id: str, line: Line, length_m: float, speed_m_s: float, pitch_m: float) -> None:
        super().__init__(id, line, length_m, speed_m_s, pitch_m)
        self.stopped_s = 0.0  # in total, up to the last restart
        self.stopped_since: float | None = None
        self.gate_due = 0.0

    def belt_time(self) -> float:
        """Seconds for which the belt has moved."""
        return (self.clock._now if self.stopped_since is None else self.stopped_since) - self.stopped_s

    def can_take(self) -> bool:
        return self.stopped_since is None

    def reach_time(self) -> float:
        return self.belt_time() + self.travel_s

    def close_gate(self) -> None:
        super().close_gate()
        self.gate_due = self.belt_time() + self.pitch_s

    def stand(self) -> None:
        if self.stopped_since is None:
            self.stopped_since = self.clock._now
            if self.gate_busy:
                self.gate.cancel()
                self.gate = Operation(self.clock, self.gate_clear)
            self.update_free()

    def move_on(self) -> None:
        if self.stopped_since is not None:
            self.stopped_s += self.clock._now - self.stopped_since
            self.stopped_since = None
            if self.gate_busy:
                self.clock.start(self.gate, max(0.0, self.gate_due - self.belt_time()))
        if self.belt:
            self.clock.start(self.front, max(0.0, self.belt[0][1] - self.belt_time()))
