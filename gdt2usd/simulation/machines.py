"""Machines: processors, multiprocessors, combiners, separators; setup, crews, breakdowns, blocking after service.

An item goes through the machine's phases (setup, process, or the steps of a multiprocessor) in a slot of its own; a phase with a
crew first waits for its operators. A breakdown comes after a time-to-failure that runs while the machine is not down (working or
not, as FlexSim's MTBF/MTTR does by default), stops what it is doing, and lets it finish the remaining time after the repair.
A combiner takes one item through its first input, then its components; it packs, joins or batches when the process ends.
A separator lets the contents go first and the container when they have left; a split makes copies that are created then.
Not covered: how operators travel (`simulation.resources`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from simpy import Event

from gdt2usd.graph.model import CombinerMode, SeparatorMode
from gdt2usd.simulation.clock import Operation, OutOfBudgetError
from gdt2usd.simulation.items import Item, Line
from gdt2usd.simulation.units import (
    BLOCKED,
    DOWN,
    PROCESSING,
    SETUP,
    SHUT,
    STARVED,
    WAITING_FOR_OPERATOR,
    WAITING_FOR_TRANSPORT,
    CallOf,
    Hook,
    Lane,
    Unit,
)
from gdt2usd.simulation.variates import Draw

if TYPE_CHECKING:
    from gdt2usd.simulation.resources import Mover, Pool

TimeOf = Callable[[Item], float]


@dataclass(frozen=True, slots=True)
class Phase:
    """One stretch of work: the state it shows, its time for an item, how many operators it needs."""

    state: int
    time_of: TimeOf
    crew: int = 0


class Slot:
    """The place of one item in a machine while it is worked on."""

    __slots__ = ("crew", "end_s", "item", "machine", "operation", "remaining_s", "running", "step")

    def __init__(self, machine: MachineUnit) -> None:
        self.machine = machine
        self.operation = Operation(machine.clock, self.ended)
        self.item: Item
        self.step = -1
        self.end_s = 0.0
        self.remaining_s = 0.0
        self.running = False
        self.crew: list[Mover] = []

    def ended(self, _event: Event) -> None:
        self.machine.phase_ended(self)


class MachineUnit(Unit):
    """A machine in general: `capacity` items at a time, phases, crews, breakdowns."""

    def __init__(self, id: str, line: Line, capacity: int, phases: tuple[Phase, ...]) -> None:
        super().__init__(id, line, capacity)
        self.phases = phases
        self.counts = [0] * 8
        self.spare: list[Slot] = []
        self.active: dict[Slot, None] = {}
        self.operators: Pool | None = None
        self.crew_of: CallOf | None = None  # where who works on an item depends on it
        self.crew_priority = 0.0
        self.on_finish: Hook | None = None
        self.busy = 0
        self.busy_moment = 0.0
        self.breakdowns: Breakdowns | None = None

    def begin(self) -> None:
        """Start the clock of the breakdowns."""
        if self.breakdowns is not None:
            self.breakdowns.next_failure()

    def busy_s(self, seconds: list[float]) -> float:
        return self.busy * self.clock._now + self.busy_moment

    def show(self) -> None:
        """Set the state that the slots call for."""
        counts = self.counts
        if self.down:
            state = DOWN
        elif counts[PROCESSING]:
            state = PROCESSING
        elif counts[SETUP]:
            state = SETUP
        elif counts[WAITING_FOR_OPERATOR]:
            state = WAITING_FOR_OPERATOR
        elif counts[WAITING_FOR_TRANSPORT]:
            state = WAITING_FOR_TRANSPORT
        elif counts[BLOCKED]:
            state = BLOCKED
        else:
            state = STARVED
        if state != self.state:
            self.set_state(state)

    def refill(self) -> None:
        super().refill()
        self.show()

    def received(self, item: Item, lane: Lane | None) -> None:
        self.work_on(item)

    def work_on(self, item: Item) -> None:
        """Give `item` a slot and begin its first phase."""
        slot = self.spare.pop() if self.spare else Slot(self)
        slot.item = item
        slot.step = -1
        self.active[slot] = None
        self.next_phase(slot)
        self.show()

    def next_phase(self, slot: Slot) -> None:
        """Begin the phase after the present one, or finish."""
        slot.step += 1
        if slot.step == len(self.phases):
            del self.active[slot]
            self.spare.append(slot)
            self.finished(slot.item)
            return
        phase = self.phases[slot.step]
        if phase.crew and self.operators is not None:
            self.counts[WAITING_FOR_OPERATOR] += 1
            pool = self.operators if self.crew_of is None else self.crew_of(slot.item, 1) or self.operators
            pool.serve(self, phase.crew, lambda crew: self.staffed(slot, crew), self.crew_priority)
        else:
            self.run(slot, phase)

    def staffed(self, slot: Slot, crew: list[Mover]) -> None:
        """The crew is here."""
        self.counts[WAITING_FOR_OPERATOR] -= 1
        slot.crew = crew
        self.run(slot, self.phases[slot.step])
        self.show()

    def run(self, slot: Slot, phase: Phase) -> None:
        """Let the time of `phase` run (after the repair, if the machine is down)."""
        delay = phase.time_of(slot.item)
        self.counts[phase.state] += 1
        if self.down:
            slot.remaining_s = delay
            return
        self.busy += 1
        self.busy_moment -= self.clock._now
        slot.running = True
        slot.end_s = self.clock._now + delay
        self.clock.start(slot.operation, delay)

    def phase_ended(self, slot: Slot) -> None:
        self.counts[self.phases[slot.step].state] -= 1
        self.busy -= 1
        self.busy_moment += self.clock._now
        slot.running = False
        if slot.crew:
            crew, slot.crew = slot.crew, []
            for operator in crew:
                operator.released()
        self.next_phase(slot)
        if not self.refilling:
            self.show()

    def finished(self, item: Item) -> None:
        """All phases of `item` are over: let it go."""
        if self.on_finish is not None:
            self.on_finish(item, self, 0)
        self.let_go(item)

    def let_go(self, item: Item) -> None:
        self.counts[BLOCKED] += 1
        self.release(item)

    def wait_for_carrier(self, item: Item) -> None:
        item.carried = True
        self.counts[BLOCKED] -= 1
        self.counts[WAITING_FOR_TRANSPORT] += 1
        self.show()

    def departed(self, item: Item) -> None:
        self.uncount(item)
        self.free += 1
        self.reopen()

    def uncount(self, item: Item) -> None:
        """`item` waits for nothing here any more."""
        if item.carried:
            item.carried = False
            self.counts[WAITING_FOR_TRANSPORT] -= 1
        else:
            self.counts[BLOCKED] -= 1

    def stop(self) -> None:
        """Break down: nothing comes in, goes out or goes on."""
        self.down = True
        self.free -= SHUT
        for slot in self.active:
            if slot.running:
                slot.running = False
                slot.remaining_s = slot.end_s - self.clock._now
                slot.operation.cancel()
                slot.operation = Operation(self.clock, slot.ended)
                self.busy -= 1
                self.busy_moment += self.clock._now
        self.show()

    def resume(self) -> None:
        """Repaired: go on with the remaining times."""
        self.down = False
        self.free += SHUT
        for slot in self.active:
            if slot.step >= 0 and self._is_held(slot):
                self.busy += 1
                self.busy_moment -= self.clock._now
                slot.running = True
                slot.end_s = self.clock._now + slot.remaining_s
                self.clock.start(slot.operation, slot.remaining_s)
        for lane in self.outs:
            lane.target.reopen()
        self.reopen()
        self.show()

    def _is_held(self, slot: Slot) -> bool:
        phase = self.phases[slot.step]
        return not slot.running and (not phase.crew or self.operators is None or bool(slot.crew))

    def holding(self) -> list[Item]:
        return [*super().holding(), *(slot.item for slot in self.active)]

    def working(self) -> bool:
        counts = self.counts
        return self.down or bool(counts[PROCESSING] or counts[SETUP])


class Breakdowns:
    """Fails and repairs a machine, for ever."""

    def __init__(self, machine: MachineUnit, time_to_failure: Draw, time_to_repair: Draw) -> None:
        self.machine = machine
        self.time_to_failure = time_to_failure
        self.time_to_repair = time_to_repair
        self.failure = Operation(machine.clock, self.fail)
        self.repair = Operation(machine.clock, self.repaired)

    def next_failure(self) -> None:
        self.machine.clock.start(self.failure, self.time_to_failure())

    def fail(self, _event: Event) -> None:
        self.machine.stop()
        self.machine.clock.start(self.repair, self.time_to_repair())

    def repaired(self, _event: Event) -> None:
        self.machine.resume()
        self.next_failure()


class CombinerUnit(MachineUnit):
    """One item through input 1, then `components[i]` items through input i + 2, then the phases; one assembly at a time."""

    def __init__(self, id: str, line: Line, phases: tuple[Phase, ...], mode: CombinerMode, components: tuple[int, ...]) -> None:
        super().__init__(id, line, 1, phases)
        self.selective = True
        self.mode = mode
        self.components = components
        self.container: Item | None = None
        self.expected = False  # a container is here or on its way
        self.missing: list[int] = []
        self.collected: list[Item] = []

    def accepts(self, lane: Lane) -> bool:
        if self.down:
            return False
        if lane.in_index == 0:
            return not self.expected
        return self.container is not None and lane.in_index <= len(self.missing) and self.missing[lane.in_index - 1] > 0

    def reserve(self, lane: Lane) -> None:
        if lane.in_index == 0:
            self.expected = True
        else:
            self.missing[lane.in_index - 1] -= 1

    def received(self, item: Item, lane: Lane | None) -> None:
        if lane is None or lane.in_index == 0:
            self.container = item
            self.missing = list(self.components)
            self.reopen()
        else:
            self.collected.append(item)
        if len(self.collected) == sum(self.components) and self.container is not None:
            self.work_on(self.container)

    def finished(self, item: Item) -> None:
        line, now = self.line, self.clock._now
        parts, self.collected = self.collected, []
        if self.mode is CombinerMode.BATCH:
            released = [item, *parts]
        else:
            released = [item]
            for part in parts:
                self.content -= 1
                self.moment += now
                if self.mode is CombinerMode.PACK:
                    line.pack(part, item, self.id)
                else:
                    line.end_item(part, self.id)
        if self.on_finish is not None:
            self.on_finish(item, self, 0)
        for part in released:
            self.let_go(part)

    def departed(self, item: Item) -> None:
        self.uncount(item)
        if self.content == 0:
            self.container = None
            self.expected = False
            self.missing = []
            self.reopen()
        elif not self.refilling:
            self.show()

    def holding(self) -> list[Item]:
        waiting = self.container is not None and not (self.active or self.counts[BLOCKED] or self.counts[WAITING_FOR_TRANSPORT])
        return [*super().holding(), *self.collected, *([self.container] if waiting and self.container else [])]

    def wants(self) -> list[Lane]:
        if self.container is None or self.active or self.counts[BLOCKED] or self.counts[WAITING_FOR_TRANSPORT]:
            return []
        return [lane for lane in self.ins[1:] if lane.in_index <= len(self.missing) and self.missing[lane.in_index - 1] > 0]


class SeparatorUnit(MachineUnit):
    """Unpacks (up to `quantity` items, all if None) or splits (into `quantity` items in total) when the process ends."""

    def __init__(
        self, id: str, line: Line, capacity: int, phases: tuple[Phase, ...], mode: SeparatorMode, quantity: TimeOf | None
    ) -> None:
        super().__init__(id, line, capacity, phases)
        self.mode = mode
        self.quantity = quantity
        self.groups: dict[Item, _Group] = {}

    def finished(self, item: Item) -> None:
        if self.on_finish is not None:
            self.on_finish(item, self, 0)
        if self.mode is SeparatorMode.UNPACK:
            parts, last = self._unpacked(item), item
        else:
            parts, last = [item, *self._copies(item)], None
        self.content += len(parts) - (last is None)
        self.peak = max(self.peak, self.content)
        self.moment -= self.clock._now * (len(parts) - (last is None))
        if last is not None and not parts:
            parts, last = [last], None
        group = _Group(len(parts), last)
        for part in parts:
            self.groups[part] = group
        for part in parts:
            self.let_go(part)

    def _unpacked(self, item: Item) -> list[Item]:
        contents = item.contents or []
        count = len(contents) if self.quantity is None else max(0, round(self.quantity(item)))
        parts, item.contents = contents[:count], contents[count:] or None
        for part in parts:
            self.line.unpack(part, item, self.id)
        return parts

    def _copies(self, item: Item) -> list[Item]:
        count = 2 if self.quantity is None else max(1, round(self.quantity(item)))
        copies = []
        if count > self.line.room:
            count = max(1, self.line.room)
            self.clock.end(OutOfBudgetError("items"))
        for _ in range(count - 1):
            copy = self.line.new_item(self.id)
            copy.labels = dict(item.labels) if item.labels else None
            copies.append(copy)
        return copies

    def departed(self, item: Item) -> None:
        self.uncount(item)
        group = self.groups.pop(item)
        group.left -= 1
        if group.left == 0:
            if group.container is None:
                self.free += 1
                self.reopen()
                return
            container, group.container, group.left = group.container, None, 1
            self.groups[container] = group
            self.clock.agenda.append(lambda: self._let_container_go(container))
        if not self.refilling:
            self.show()

    def holding(self) -> list[Item]:
        return [*super().holding(), *(group.container for group in self.groups.values() if group.container is not None)]

    def _let_container_go(self, container: Item) -> None:
        self.let_go(container)
        if not self.refilling:
            self.show()


class _Group:
    """The items that one separation lets go; `container` follows when they have left."""

    __slots__ = ("container", "left")

    def __init__(self, left: int, container: Item | None) -> None:
        self.left = left
        self.container = container
