"""A running simulation as a code body sees it: stations, items, their labels, ports and statistics.

Wraps the views of `body_context`. Not covered: running a body (`body`).
"""

from __future__ import annotations

from collections.abc import Callable, MutableMapping, Sequence
from typing import Any

from gdt2usd.script.body_context import ItemView, StationView
from gdt2usd.script.interpreter_frame import Frame
from gdt2usd.script.interpreter_members import Accessible
from gdt2usd.script.interpreter_nodes import Quiet
from gdt2usd.script.interpreter_values import Array, ScriptFault, Value, Vector, text, whole

_SPATIAL = frozenset(["location", "size", "rotation"])
_QUIET = frozenset(["color", "flags", "attrs", "animations", "input", "output", "resetPosition", "events"])
STATE_NUMBERS = {
    "idle": 1, "starved": 1, "processing": 2, "busy": 3, "blocked": 4, "waiting_for_operator": 9, "waiting_for_transport": 10,
    "down": 11, "travel_empty": 14, "travel_loaded": 15, "loading": 18, "unloading": 19, "setup": 21,
}  # fmt: skip
"""State of the simulation -> FlexSim's state number."""


def wrap(value: Any) -> Value:
    """A view as a value of the script; other values as they are."""
    if value is None or isinstance(value, int | float | str | Accessible):
        return value
    if hasattr(value, "out_objects"):
        return StationValue(value)
    return ItemValue(value) if hasattr(value, "number") else value


def unwrap(value: Value) -> Any:
    """A value of the script as the simulation knows it."""
    return value.view if isinstance(value, StationValue | ItemValue) else value


class _Thing(Accessible):
    """A station or an item."""

    __slots__ = ("view",)

    def __init__(self, view: Any) -> None:
        self.view = view

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Thing) and other.view is self.view

    def __hash__(self) -> int:
        return id(self.view)

    def labelled(self) -> MutableMapping[str, Any]:
        """The labels, live."""
        found: MutableMapping[str, Any] = self.view.labels
        return found

    def own(self, name: str) -> Value:
        """A member that is no label; NotImplemented if there is none."""
        return NotImplemented

    def member(self, frame: Frame, name: str) -> Value:
        if name == "labels":
            return LabelsValue(self)
        if name in ("subnodes", "first", "last"):
            return self._contents(name)
        found = self.own(name)
        if found is not NotImplemented:
            return found
        labels = self.labelled()
        if name in labels:
            return wrap(labels[name])
        if name in _QUIET:
            return Quiet(name)
        if name in _SPATIAL:
            return Vector("xyz", [0.0, 0.0, 0.0])
        hint = f"labels here: {', '.join(list(labels)[:8])}" if labels else "it has no labels yet: set them in a trigger upstream"
        raise ScriptFault("FS314", f"{self.type_name} has no member or label {name!r}", hint)

    def _contents(self, name: str) -> Value:
        row = ListValue([ItemValue(item) for item in self.view.contents])
        if name == "subnodes":
            return row
        return row.values[0 if name == "first" else -1] if row.values else None

    def set_member(self, frame: Frame, name: str, value: Value) -> None:
        if name not in _QUIET and name not in _SPATIAL and name != "name":
            self.labelled()[name] = unwrap(value)

    def call(self, frame: Frame, name: str, arguments: list[Value]) -> Value:
        if name == "as":
            return self
        if name in ("setProperty", "setLocation", "setSize", "setRotation", "setState", "stop", "resume", "message", "destroy"):
            return frame.host.not_done(frame, f"{name}()")
        if name == "getProperty":
            raise ScriptFault("FS329", "getProperty() is not known while the simulation runs", "use a label")
        return super().call(frame, name, arguments)


class StationValue(_Thing):
    """A station or resource."""

    __slots__ = ()
    type_name = "this object"
    view: StationView

    def own(self, name: str) -> Value:
        view = self.view
        match name:
            case "name":
                return view.name
            case "outObjects":
                return ListValue([StationValue(o) for o in view.out_objects])
            case "inObjects":
                return ListValue([StationValue(o) for o in view.in_objects])
            case "centerObjects":
                return ListValue([StationValue(o) for o in view.centre_objects])
            case "stats":
                return StatsValue(view)
        return NotImplemented


class ItemValue(_Thing):
    """A flow item."""

    __slots__ = ()
    type_name = "the item"
    view: ItemView

    def own(self, name: str) -> Value:
        if name == "rank":
            return self.view.number
        return self.view.labels.get("name", "Item") if name == "name" else NotImplemented


class ListValue(Accessible):
    """Ports or contents, indices from 1."""

    __slots__ = ("values",)
    type_name = "a list of objects"

    def __init__(self, values: Sequence[Value]) -> None:
        self.values = values

    def member(self, frame: Frame, name: str) -> Value:
        if name == "length":
            return len(self.values)
        return super().member(frame, name)

    def item(self, frame: Frame, index: Value) -> Value:
        found = whole(index, "an index")
        if not 1 <= found <= len(self.values):
            raise ScriptFault(
                "FS321", f"{found} is outside a list of {len(self.values)} objects", "ports and subnodes count from 1"
            )
        return self.values[found - 1]

    def call(self, frame: Frame, name: str, arguments: list[Value]) -> Value:
        if name == "toArray":
            return Array(list(self.values))
        return super().call(frame, name, arguments)


class LabelsValue(Accessible):
    """`item.labels`."""

    __slots__ = ("owner",)
    type_name = "labels"

    def __init__(self, owner: _Thing) -> None:
        self.owner = owner

    def member(self, frame: Frame, name: str) -> Value:
        if name == "length":
            return len(self.owner.labelled())
        return self.owner.member(frame, name)

    def set_member(self, frame: Frame, name: str, value: Value) -> None:
        self.owner.set_member(frame, name, value)

    def item(self, frame: Frame, index: Value) -> Value:
        name = text(index, "the name of a label")
        return LabelValue(self.owner, name) if name in self.owner.labelled() else None

    def call(self, frame: Frame, name: str, arguments: list[Value]) -> Value:
        if name == "assert" and 1 <= len(arguments) <= 2:
            key = text(arguments[0])
            self.owner.labelled().setdefault(key, unwrap(arguments[1]) if len(arguments) == 2 else None)
            return LabelValue(self.owner, key)
        return super().call(frame, name, arguments)


class LabelValue(Accessible):
    """One label as a node."""

    __slots__ = ("name", "owner")
    type_name = "a label"

    def __init__(self, owner: _Thing, name: str) -> None:
        self.owner, self.name = owner, name

    def member(self, frame: Frame, name: str) -> Value:
        if name == "value":
            return wrap(self.owner.labelled().get(self.name))
        return self.name if name == "name" else super().member(frame, name)

    def set_member(self, frame: Frame, name: str, value: Value) -> None:
        if name != "value":
            super().set_member(frame, name, value)
        self.owner.labelled()[self.name] = unwrap(value)


_STATISTICS: dict[str, Callable[[StationView], float]] = {
    "input": lambda view: view.input_count,
    "output": lambda view: view.output_count,
    "content": lambda view: len(view.contents),
}


class StatsValue(Accessible):
    """`o.stats`, then `.input`, `.output`, `.content`, `.state()`, then `.value`."""

    __slots__ = ("view", "which")
    type_name = "statistics"

    def __init__(self, view: StationView, which: str = "") -> None:
        self.view, self.which = view, which

    def member(self, frame: Frame, name: str) -> Value:
        if not self.which and name in _STATISTICS:
            return StatsValue(self.view, name)
        if self.which in _STATISTICS and name == "value":
            return _STATISTICS[self.which](self.view)
        if self.which == "state" and name in ("value", "valueString"):
            return STATE_NUMBERS.get(self.view.state, 1) if name == "value" else self.view.state
        raise ScriptFault(
            "FS329", f"statistic {name!r} is not known while the simulation runs", "input, output, content and state are"
        )

    def call(self, frame: Frame, name: str, arguments: list[Value]) -> Value:
        if not self.which and name == "state":
            return StatsValue(self.view, "state")
        return self.member(frame, name)
