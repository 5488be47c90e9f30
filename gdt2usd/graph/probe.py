"""Code bodies understood by running them on a stand-in station: who they call, whether they take turns.

Nothing random or dependent on an item can be understood this way; such bodies are run per item in the simulation.
Not covered: bodies that are plain to read (`recognise`).
"""

from __future__ import annotations

from collections.abc import Collection, MutableMapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gdt2usd.diagnostics import GdtError
from gdt2usd.script.body import compile_body
from gdt2usd.script.body_context import BodyContext, ItemView, StationView

_RANDOM_WORDS = ("uniform", "bernoulli", "empirical", "random", "normal", "exponential")


@dataclass(slots=True)
class StandIn:
    """A station with nothing in it."""

    name: str
    flexsim_class: str = "Processor"
    labels: MutableMapping[str, Any] = field(default_factory=dict)
    contents: Sequence[ItemView] = ()
    input_count: int = 0
    output_count: int = 0
    state: str = "idle"
    in_objects: Sequence[StationView] = ()
    out_objects: Sequence[StationView] = ()
    centre_objects: Sequence[StationView] = ()


class _LookedError(Exception):
    """A body has looked at what is only known while the simulation runs."""


class _Watched:
    """An item or object of which only its name and ports are known."""

    flexsim_class = ""

    def __init__(self, name: str = "") -> None:
        self.name = name
        self.in_objects: Sequence[StationView] = ()
        self.out_objects: Sequence[StationView] = ()
        self.centre_objects: Sequence[StationView] = ()

    def __getattr__(self, name: str) -> Any:
        raise _LookedError(name)


@dataclass(slots=True)
class _Item:
    labels: MutableMapping[str, Any] = field(default_factory=dict)
    number: int = 1
    contents: Sequence[ItemView] = ()


def called_resource(text: str, centres: Sequence[str], ports: int, port: int, names: Collection[str]) -> str | None:
    """The name of the object that a reference body returns for output port `port`; "" for NULL, None if it cannot be told."""
    if any(word in text for word in _RANDOM_WORDS):
        return None
    station: Any = _Watched("station")
    others: dict[str, Any] = {name: _Watched(name) for name in (*names, *centres)}
    station.centre_objects = [others[name] for name in centres]
    station.out_objects = [_Watched(f"output {i + 1}") for i in range(ports)]
    item: Any = _Watched()
    try:
        found = compile_body(text)(BodyContext(station, item, port, find=others.get, max_steps=2000))
    except (GdtError, _LookedError):
        return None
    if found is None or found == 0:
        return ""
    if isinstance(found, int | float) and 1 <= found <= len(centres):
        return centres[int(found) - 1]
    return found.name if isinstance(found, _Watched) and found.name in others else None


def takes_turns(text: str, ports: int) -> bool:
    """Whether a SendToPort body gives 1, 2, ..., n, 1, 2, ... whatever the item and the random numbers."""
    if ports < 2 or any(word in text for word in _RANDOM_WORDS):
        return False
    station = StandIn("station", out_objects=[StandIn(f"output {i + 1}") for i in range(ports)])
    try:
        body = compile_body(text)
        found = []
        for turn in range(2 * ports + 1):
            station.input_count = station.output_count = turn
            found.append(body(BodyContext(station, _Item(number=7), max_steps=2000)))
    except GdtError:
        return False
    return found == [turn % ports + 1 for turn in range(2 * ports + 1)]
