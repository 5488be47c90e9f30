"""Which door of a machine each link uses: a combiner or separator with doors on several sides uses them all.

Each neighbour gets the door that it is nearest to, so that no door stands idle while two links share another; what is carried by a
mover stays at the first one, where movers stop. Not covered: machines with one door each way (`Body.entry_m`, `Body.exit_m`).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping

from gdt2usd.graph.model import Link
from gdt2usd.stage.layout_parts import Body, Door, Placement

Doors = dict[tuple[str, str], Door]
"""By station and neighbour; only where it is not the first door."""


def choose_doors(links: Iterable[Link], bodies: Mapping[str, Body], at: Mapping[str, Placement]) -> tuple[Doors, Doors]:
    """The exits by (upstream, downstream) and the entries by (downstream, upstream) that are not the first ones."""
    out: dict[str, dict[str, bool]] = {}
    into: dict[str, dict[str, bool]] = {}
    for link in links:
        up, down = link.upstream, link.downstream
        if up == down or up not in at or down not in at:
            continue
        if bodies[up].exits:
            out.setdefault(up, {})[down] = bool(link.transport)
        if bodies[down].entries:
            into.setdefault(down, {})[up] = bool(link.transport)
    exits = {key: door for i, near in out.items() for key, door in _chosen(at, i, bodies[i].exits, near)}
    entries = {key: door for i, near in into.items() for key, door in _chosen(at, i, bodies[i].entries, near)}
    return exits, entries


def _chosen(
    at: Mapping[str, Placement], station: str, doors: tuple[Door, ...], near: Mapping[str, bool]
) -> list[tuple[tuple[str, str], Door]]:
    """The neighbours of `station` that do not use its first door; `near`: neighbour -> whether a mover carries."""
    names = list(near)
    if len(names) < 2:
        return []

    def cost(name: str, door: int) -> float:
        if near[name] and door:
            return 1e6
        return math.dist(at[station].world(doors[door].at_m)[:2], at[name].position_m[:2])

    if len(names) <= len(doors):
        orders = itertools.permutations(range(len(doors)), len(names))
        best = min(orders, key=lambda order: sum(map(cost, names, order)))
    else:
        best = tuple(min(range(len(doors)), key=lambda door: cost(name, door)) for name in names)
    return [((station, name), doors[door]) for name, door in zip(names, best, strict=True) if door]
