"""What moves: flow items, and the line that counts them: the log, item numbers, exits and other ends.

Not covered: what they move between (`simulation.units`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from gdt2usd.simulation.clock import Clock, OutOfBudgetError
from gdt2usd.simulation.records import EventKind
from gdt2usd.simulation.variates import Floats

Row = tuple[float, str, str, int, str, float]


class Item:
    """One flow item. `residence_s` is the time it has counted as content so far, `since_s` when it last began to."""

    offered_s = 0.0
    carried = False
    residence_s = 0.0
    labels: dict[str, Any] | None = None
    contents: list[Item] | None = None
    unpacked_s: float | None = None
    bare = True  # never packed, holds nothing

    number: int
    created_s: float

    @property
    def since_s(self) -> float:
        return self.created_s if self.unpacked_s is None else self.unpacked_s

    def inside(self) -> Iterator[Item]:
        """What it holds, and what that holds, however deep."""
        pending = list(self.contents or ())
        while pending:
            inner = pending.pop()
            yield inner
            pending += inner.contents or ()


class Line:
    """What all units of one replication share: the clock, the log (None: not kept), item numbers, exits and other ends.

    `exits` and `births` are the times at which the items that left through sinks since the last `taken_out` left and were created,
    `exited` counts those before. `moment` is that of the items in the system without those that left through sinks, whose moment
    is the sum of the times at which they did. `spent`: items that have left and may be used again.
    """

    __slots__ = (
        "births",
        "clock",
        "created",
        "exited",
        "exits",
        "inside",
        "log",
        "moment",
        "other_ends",
        "other_residence_s",
        "remarks",
        "spent",
    )

    def __init__(self, clock: Clock, *, log: list[Row] | None = None) -> None:
        self.clock = clock
        self.log = log
        self.created = 0
        self.inside = 0  # containers
        self.other_ends = 0  # joined, or inside a container that ended
        self.other_residence_s = 0.0
        self.moment = 0.0
        self.exited = 0
        self.exits: list[float] = []
        self.births: list[float] = []
        self.spent: list[Item] = []
        self.remarks: dict[tuple[str, str], str] = {}

    @property
    def ended(self) -> int:
        """Items that have ceased to be."""
        return self.exited + len(self.exits) + self.other_ends

    @property
    def content(self) -> int:
        """Items in the system, those inside containers not counted."""
        return self.created - self.ended - self.inside

    @property
    def room(self) -> int:
        """How many more items the memory is meant to hold."""
        return self.clock.budget.items - self.content - self.inside

    def check_room(self) -> None:
        """Called where the state is whole.

        Raises:
            OutOfBudgetError: there are too many items.
        """
        if self.room < 0:
            raise OutOfBudgetError("items")

    def taken_out(self) -> tuple[Floats, Floats]:
        """When the items that have left since the last call left, and when they were created."""
        rows = np.array(self.exits), np.array(self.births)
        self.exited += len(self.exits)
        self.exits.clear()
        self.births.clear()
        return rows

    def new_item(self, place: str) -> Item:
        """An item that comes into being at `place` now."""
        now = self.clock._now
        item = self.another_item(now)
        if self.log is not None:
            self.log.append((now, EventKind.CREATE, place, item.number, "", 0.0))
        return item

    def another_item(self, now: float) -> Item:
        """The next item; not logged."""
        self.created = number = self.created + 1
        self.moment -= now
        item = self.spent.pop() if self.spent else Item()  # and its fields here: half the time of a constructor
        item.number = number
        item.created_s = now
        return item

    def exit_item(self, item: Item, place: str) -> None:
        """`item` leaves the system through a sink."""
        now = self.clock._now
        self.exits.append(now)
        self.births.append(item.created_s)
        if item.unpacked_s is not None:
            self.other_residence_s += item.residence_s + item.created_s - item.unpacked_s
        if item.contents:
            self._end_contents(item)
        if self.log is not None:
            self.log.append((now, EventKind.DESTROY, place, item.number, "", 0.0))

    def end_item(self, item: Item, place: str) -> None:
        """`item` ceases to be inside the system (joined), and with it what it contains."""
        now = self.clock._now
        self.other_ends += 1
        self.moment += now
        self.other_residence_s += item.residence_s + now - item.since_s
        if item.contents:
            self._end_contents(item)
        if self.log is not None:
            self.log.append((now, EventKind.DESTROY, place, item.number, "", 0.0))

    def _end_contents(self, item: Item) -> None:
        for inner in item.inside():
            self.other_ends += 1
            self.inside -= 1
            self.other_residence_s += inner.residence_s

    def pack(self, item: Item, container: Item, place: str) -> None:
        """`item` goes into `container` and no longer counts as content."""
        now = self.clock._now
        self.inside += 1
        self.moment += now
        item.residence_s += now - item.since_s
        if container.contents is None:
            container.contents = []
        item.bare = container.bare = False
        container.contents.append(item)
        if self.log is not None:
            self.log.append((now, EventKind.PACK, place, item.number, str(container.number), 0.0))

    def unpack(self, item: Item, container: Item, place: str) -> None:
        """`item` comes out of `container` and counts as content again."""
        now = self.clock._now
        self.inside -= 1
        self.moment -= now
        item.unpacked_s = now
        if self.log is not None:
            self.log.append((now, EventKind.UNPACK, place, item.number, str(container.number), 0.0))
