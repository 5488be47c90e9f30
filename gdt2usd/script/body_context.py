"""What a code body sees while it runs for one item: the protocol between the interpreter and the simulation.

    from gdt2usd.script.body import compile_body
    body = compile_body('Object current = ownerobject(c);\nObject item = param(1);\nreturn item.Type == 2 ? 30 : 12;')
    value = body(BodyContext(current=station, item=item, port=1, time_s=41.5, rng=rng, find=by_name))

`compile_body(text: str) -> CompiledBody` parses and compiles once (raises GdtError: FS1.. syntax, FS3.. unsupported).
`CompiledBody(context) -> float | str | StationView | ItemView | None` runs it; `body.diagnostics` holds warnings.
A run that fails (unknown label, endless loop, budget) raises GdtError with an FS3.. diagnostic; nothing else is raised.
A body never reaches anything but the views it is given. Not covered: scheduling, state changes (`simulation`).
"""

from __future__ import annotations

from collections.abc import Callable, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

Label = Any
"""A label's value: float, str, or a view."""


class ItemView(Protocol):
    """A flow item. `labels` is live: a body may write to it (`item.Type = 2`)."""

    @property
    def labels(self) -> MutableMapping[str, Label]: ...

    @property
    def number(self) -> int:
        """The item's number in the event log."""
        ...

    @property
    def contents(self) -> Sequence[ItemView]:
        """Items packed into this one."""
        ...


class StationView(Protocol):
    """A station or resource as a body sees it. Sequences are in port order, rank 1 first."""

    @property
    def name(self) -> str: ...

    @property
    def flexsim_class(self) -> str: ...

    @property
    def labels(self) -> MutableMapping[str, Label]: ...

    @property
    def contents(self) -> Sequence[ItemView]:
        """Items in the station now, oldest first (`current.subnodes`)."""
        ...

    @property
    def input_count(self) -> int:
        """Items that have entered so far (`current.stats.input.value`)."""
        ...

    @property
    def output_count(self) -> int: ...

    @property
    def state(self) -> str:
        """A value of `simulation.records.State`."""
        ...

    @property
    def in_objects(self) -> Sequence[StationView]: ...

    @property
    def out_objects(self) -> Sequence[StationView]: ...

    @property
    def centre_objects(self) -> Sequence[StationView]: ...


@dataclass(slots=True)
class BodyContext:
    """One run of a body. `port` is `param(2)`; `find` resolves `Model.find(name)`; `max_steps` bounds one run.

    `rng` serves all random draws of the body, whatever stream the script names, so that a station keeps its own numbers.
    """

    current: StationView
    item: ItemView | None = None
    port: int = 0
    time_s: float = 0.0
    rng: np.random.Generator | None = None
    find: Callable[[str], StationView | None] | None = None
    tables: MutableMapping[str, list[list[Any]]] | None = None
    max_steps: int = 20_000
