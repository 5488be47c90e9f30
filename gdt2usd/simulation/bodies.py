"""FlexScript code bodies during a simulation: times, ports and triggers evaluated per item.

Not covered: parsing and evaluating (`script.body`).
"""

from __future__ import annotations

from collections.abc import Callable

from gdt2usd.diagnostics import GdtError, Place, error
from gdt2usd.graph.distributions import Expression
from gdt2usd.graph.model import Trigger
from gdt2usd.simulation.units import Item, Line, Unit
from gdt2usd.simulation.variates import Draw, Streams


class Bodies:
    """Compiles the code bodies of one replication."""

    def __init__(self, line: Line, streams: Streams) -> None:
        self.line = line
        self.streams = streams

    def time_of(self, expression: Expression, unit: Callable[[], Unit], id: str, factor: float) -> Callable[[Item], float]:
        """The body as a function of the item, in seconds."""
        raise GdtError([error("SM102", f"{id}: code bodies cannot be evaluated", Place(id))])

    def draw(self, expression: Expression, unit: Callable[[], Unit], id: str) -> Draw:
        """The body where there is no item."""
        raise GdtError([error("SM102", f"{id}: code bodies cannot be evaluated", Place(id))])

    def port_of(self, flexscript: str, unit: Unit) -> Callable[[Item], float]:
        """The body as the output port of an item."""
        raise GdtError([error("SM102", f"{unit.id}: code bodies cannot be evaluated", Place(unit.id))])

    def attach(self, triggers: tuple[Trigger, ...], unit: Unit) -> None:
        """Let `unit` run its triggers."""
