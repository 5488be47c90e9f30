"""The values of a running FlexScript: numbers, texts, arrays, maps, vectors; what counts as true, equal, printable.

int and float are Python's; text is str; NULL and nullvar are None; objects are `interpreter_nodes.Node` or views.
Not covered: operators (`interpreter_compile`), members and methods (`interpreter_members`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from gdt2usd.diagnostics import Span

Value = Any

MAX_ARRAY = 200_000
MAX_TEXT = 1_000_000
_INT_LIMIT = 2**63


class ScriptFault(Exception):  # noqa: N818
    """The script cannot go on from here: what is wrong, where, and what to do."""

    def __init__(self, code: str, message: str, hint: str = "", span: Span | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint
        self.span = span
        self.rounds = 0


@dataclass(slots=True, eq=False)
class Array:
    """A FlexScript Array: indices from 1, shared when assigned."""

    items: list[Value] = field(default_factory=list)

    def position(self, index: Value) -> int:
        """The Python index of element `index`. Raises ScriptFault outside 1 ... length."""
        found = whole(index, "an array index")
        if not 1 <= found <= len(self.items):
            length = len(self.items)
            hint = "arrays count from 1" if found == 0 else ""
            raise ScriptFault("FS321", f"index {found} is outside an array of {length} element{'s' * (length != 1)}", hint)
        return found - 1

    def push(self, value: Value) -> None:
        """Append, within the limit on length."""
        self.items.append(value)
        if len(self.items) > MAX_ARRAY:
            raise ScriptFault("FS303", f"an array has grown to more than {MAX_ARRAY} elements")


@dataclass(slots=True, eq=False)
class Map:
    """A FlexScript Map, shared when assigned."""

    items: dict[Value, Value] = field(default_factory=dict)


@dataclass(slots=True)
class Vector:
    """Vec2, Vec3, Vec4 or Color by its component names; copied when assigned."""

    axes: str
    parts: list[float]

    def copy(self) -> Vector:
        return Vector(self.axes, self.parts.copy())


def vec3(x: float = 0.0, y: float = 0.0, z: float = 0.0) -> Vector:
    """A Vec3."""
    return Vector("xyz", [x, y, z])


@dataclass(frozen=True, slots=True)
class Moment:
    """A DateTime, in seconds of model time."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regular expression literal; never run."""

    source: str


@dataclass(frozen=True, slots=True)
class StaticClass:
    """A FlexScript class used by name: `Math`, `Model`, `Tools`."""

    name: str


def type_name(value: Value) -> str:
    """What a value is, for messages."""
    match value:
        case None:
            return "NULL"
        case int() | float():
            return "a number"
        case str():
            return "a string"
        case Array():
            return "an Array"
        case Map():
            return "a Map"
        case Vector():
            return {"xyz": "a Vec3", "xy": "a Vec2", "rgba": "a Color"}.get(value.axes, "a vector")
        case StaticClass():
            return f"the class {value.name}"
        case _:
            return str(getattr(value, "type_name", "a value of another kind"))


def truth(value: Value) -> bool:
    """Whether a condition holds: numbers other than 0, objects that exist, texts that are not empty."""
    if value is None:
        return False
    if isinstance(value, int | float | str):
        return bool(value)
    return getattr(value, "exists", True) is True


def number(value: Value, what: str = "a number") -> int | float:
    """`value` as int or float; NULL counts as 0. Raises ScriptFault."""
    if isinstance(value, int | float):
        return value
    if value is None:
        return 0
    raise ScriptFault("FS322", f"expected {what}, got {type_name(value)}{_shown(value)}", _number_hint(value))


def _number_hint(value: Value) -> str:
    return "string.toNum() makes a number of a text" if isinstance(value, str) else ""


def _shown(value: Value) -> str:
    return f" {value[:40]!r}" if isinstance(value, str) else ""


def whole(value: Value, what: str = "a whole number") -> int:
    """`value` cut to an int. Raises ScriptFault."""
    found = number(value, what)
    if isinstance(found, float):
        if not math.isfinite(found):
            raise ScriptFault("FS322", f"expected {what}, got {found}")
        found = int(found)
    return max(-_INT_LIMIT, min(_INT_LIMIT - 1, found))


def text(value: Value, what: str = "a string") -> str:
    """`value` if it is a text. Raises ScriptFault."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    raise ScriptFault("FS322", f"expected {what}, got {type_name(value)}", _text_hint(value))


def _text_hint(value: Value) -> str:
    return "string.fromNum(x) makes a string of a number" if isinstance(value, int | float) else ""


def bounded(value: float) -> float:
    """An int that FlexScript can hold, else the float nearest to it."""
    if isinstance(value, int) and not -_INT_LIMIT <= value < _INT_LIMIT:
        return float(value) if abs(value) < 10**300 else math.inf if value > 0 else -math.inf
    return value


def bounded_text(value: str) -> str:
    """`value` within the limit on length. Raises ScriptFault."""
    if len(value) > MAX_TEXT:
        raise ScriptFault("FS303", f"a string has grown to more than {MAX_TEXT} characters")
    return value


def format_number(value: float, precision: int = -1) -> str:
    """`string.fromNum`: as short as the number allows, or with `precision` decimals."""
    if precision >= 0:
        return f"{value:.{min(precision, 15)}f}"
    if isinstance(value, float) and math.isfinite(value) and value == int(value) and abs(value) < 1e15:
        return str(int(value))
    return str(value)


def same(left: Value, right: Value) -> bool:
    """`==`."""
    if isinstance(left, int | float) and isinstance(right, int | float):
        return left == right
    if isinstance(left, str) or isinstance(right, str):
        return bool(left == right)
    if isinstance(left, Vector) and isinstance(right, Vector):
        return left.parts == right.parts
    if left is None or right is None:
        other = right if left is None else left
        return other is None or other == 0 if isinstance(other, int | float) or other is None else not truth(other)
    return left is right or (type(left) is type(right) and bool(left == right))
