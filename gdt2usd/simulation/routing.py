"""Which output port a finished item takes: each rule of the graph as a function of the item (0: first available).

Decided when the item is released, as FlexSim's send-to-port is; only `ShortestQueue` looks at the stations, at that moment.
Not covered: waiting for the port and first-available itself (`simulation.units`).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from itertools import accumulate, cycle
from typing import assert_never

from gdt2usd.diagnostics import GdtError, Place, error
from gdt2usd.graph.model import (
    ByLabel,
    FirstAvailable,
    Percent,
    RandomPort,
    RoundRobin,
    Routing,
    RoutingExpression,
    ShortestQueue,
    ToPort,
)
from gdt2usd.simulation.items import Item
from gdt2usd.simulation.units import Route, Unit
from gdt2usd.simulation.variates import Streams

Compiler = Callable[[str, Unit], Callable[[Item], float]]


def route_of(routing: Routing, unit: Unit, streams: Streams, compile_body: Compiler) -> Route | None:
    """The rule for `unit`, whose lanes are in place; None for first available.

    Raises:
        GdtError: SM103 for percentages that are none.
    """
    match routing:
        case FirstAvailable():
            return None
        case ToPort(port):
            return lambda _item: port
        case Percent(percents):
            return _by_percent(percents, unit, streams)
        case ByLabel(label):
            return _by_label(label, unit)
        case RoundRobin():
            ports = cycle(range(1, len(unit.outs) + 1))
            return (lambda _item: next(ports)) if unit.outs else None
        case RandomPort():
            return _by_percent((1.0,) * len(unit.outs), unit, streams) if unit.outs else None
        case ShortestQueue():
            return lambda _item: _shortest(unit)
        case RoutingExpression(flexscript):
            body = compile_body(flexscript, unit)
            return lambda item: int(body(item))
        case _:
            assert_never(routing)


def _by_percent(percents: tuple[float, ...], unit: Unit, streams: Streams) -> Route:
    total = sum(percents)
    if not total > 0.0 or min(percents) < 0.0:
        raise GdtError(
            [error("SM103", f"{unit.id}: {percents} are no percentages", Place(unit.id), "give positive figures that sum to 100")]
        )
    limits = [limit / total for limit in accumulate(percents)][:-1]
    rng = streams.generator(unit.id, "routing")

    def draws() -> Iterator[int]:
        while True:
            yield from (bisect_right(limits, u) + 1 for u in rng.random(256).tolist())

    following = draws().__next__
    return lambda _item: following()


def _by_label(label: str, unit: Unit) -> Route:
    def route(item: Item) -> int:
        value = item.labels.get(label) if item.labels else None
        if isinstance(value, int | float) and value >= 1:
            return int(value)
        message = f"routes by label {label}, and items come without it: they take the first available port"
        unit.line.remarks.setdefault(("SM303", unit.id), message)
        return 0

    return route


def _shortest(unit: Unit) -> int:
    if not unit.outs:
        return 0
    loads = [lane.target.content + len(lane.ready) for lane in unit.outs]
    return loads.index(min(loads)) + 1
