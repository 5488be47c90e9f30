"""Who waits for whom for ever: stations that hold items and cannot go on, found from the state in which a run stopped.

A unit can go on if something in it ends by itself, or if one of the units it waits for can go on (for a combiner: every upstream
that it misses something from). The least fixed point of that rule leaves the stuck ones; the rest is congestion, not deadlock.
Not covered: preventing it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gdt2usd.simulation.items import Item
from gdt2usd.simulation.machines import MachineUnit
from gdt2usd.simulation.resources import BUSY
from gdt2usd.simulation.units import WAITING_FOR_OPERATOR, Unit

if TYPE_CHECKING:
    from gdt2usd.simulation.assembly import Plant


@dataclass(frozen=True, slots=True)
class Knot:
    """Stuck stations and what each waits for (ids); `cycle`: a closed chain of them, if any; `since_s`: when it closed."""

    waits: tuple[tuple[str, tuple[str, ...]], ...]
    cycle: tuple[str, ...]
    since_s: float
    items: int


def find_knot(plant: Plant) -> Knot | None:
    """The stations that can never go on, None if there are none."""
    going = _going(plant)
    stuck = [
        u for u in plant.units.values() if u.content > 0 and u.id not in going and (u.pending or u.wants() or _short_of_crew(u))
    ]
    if not stuck:
        return None
    waits = tuple((unit.id, tuple(dict.fromkeys(_waits_for(unit)))) for unit in stuck)
    since = max(unit.since for unit in stuck)
    return Knot(waits, _cycle(dict(waits)), since, sum(unit.content for unit in stuck))


def _going(plant: Plant) -> set[str]:
    units = list(plant.units.values())
    going = {unit.id for unit in units if unit.working()}
    for mover in plant.movers:
        for call in [*mover.loads, *([mover.call] if mover.call else [])]:
            if call.lane is not None:
                going.update((call.lane.target.id, call.unit.id))
            elif mover.state != BUSY:
                going.add(call.unit.id)
    waiting = [unit for unit in units if unit.id not in going]
    while True:  # forth and back along the flow, so that a long line takes two passes and not one per station
        before = len(waiting)
        still = []
        for unit in waiting:
            if _can_go_on(unit, going):
                going.add(unit.id)
            else:
                still.append(unit)
        if len(still) == before:
            return going
        waiting = still[::-1]


def _can_go_on(unit: Unit, going: set[str]) -> bool:
    if _short_of_crew(unit):
        assert isinstance(unit, MachineUnit) and unit.operators is not None
        return any(mover.call is None or mover.call.unit.id in going for mover in unit.operators.movers)
    wanted = unit.wants()
    if wanted:
        return all(lane.source.id in going or lane.source.pending for lane in wanted)
    if unit.pending:
        return any(lane.target.id in going or lane.target.accepts(lane) for lane in unit.held_up())
    return any(lane.source.id in going for lane in unit.ins)


def _short_of_crew(unit: Unit) -> bool:
    return isinstance(unit, MachineUnit) and unit.operators is not None and unit.counts[WAITING_FOR_OPERATOR] > 0


def _waits_for(unit: Unit) -> list[str]:
    if isinstance(unit, MachineUnit) and _short_of_crew(unit) and unit.operators is not None:
        return [mover.id for mover in unit.operators.movers]
    wanted = unit.wants()
    if wanted:
        return [lane.source.id for lane in wanted]
    return [lane.target.id for lane in unit.held_up()]


def _cycle(waits: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    for start in waits:
        path = [start]
        while True:
            following = next((id for id in waits[path[-1]] if id in waits), None)
            if following is None:
                break
            if following in path:
                return tuple(path[path.index(following) :])
            path.append(following)
    return ()


def living(plant: Plant) -> list[Item]:
    """Every item that counts as content somewhere, found by looking, not by counting."""
    found: dict[Item, None] = {}
    for unit in plant.units.values():
        found.update(dict.fromkeys(unit.holding()))
    for mover in plant.movers:
        for call in [*mover.loads, *([mover.call] if mover.call else [])]:
            if call.item is not None:
                found[call.item] = None
        for pool in mover.pools:
            found.update((call.item, None) for *_, call in pool.calls if call.item is not None)
    return list(found)
