"""Members, methods and indices of values: one table per kind of value, and the dispatcher.

Arrays, texts, maps and vectors are here; nodes of the model are in `interpreter_objects`; other kinds bring their own
(`Accessible`). Not covered: static members (`interpreter_statics`).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cmp_to_key
from typing import Any

from gdt2usd.script import interpreter_objects as objects
from gdt2usd.script.interpreter_frame import Frame
from gdt2usd.script.interpreter_values import (
    MAX_ARRAY,
    Array,
    Map,
    Moment,
    ScriptFault,
    Value,
    Vector,
    bounded_text,
    format_number,
    number,
    same,
    text,
    type_name,
    whole,
)

Method = Callable[..., Value]


class Accessible:
    """A value that resolves its own members; used for what a running simulation shows to a code body."""

    __slots__ = ()
    type_name = "an object"

    def member(self, frame: Frame, name: str) -> Value:
        """`value.name`."""
        raise _no_member(self, name)

    def set_member(self, frame: Frame, name: str, value: Value) -> None:
        """`value.name = ...`."""
        raise ScriptFault("FS314", f"{name!r} of {self.type_name} cannot be set")

    def call(self, frame: Frame, name: str, arguments: list[Value]) -> Value:
        """`value.name(...)`."""
        raise _no_member(self, name + "()")

    def item(self, frame: Frame, index: Value) -> Value:
        """`value[index]`."""
        raise ScriptFault("FS314", f"{self.type_name} has no elements")


def _no_member(value: Value, name: str) -> ScriptFault:
    return ScriptFault("FS314", f"{type_name(value)} has no member {name!r}")


def _null(name: str) -> ScriptFault:
    return ScriptFault("FS315", f"{name!r} of NULL: there is no object here", "does the name given to Model.find() exist?")


# ---- dispatcher ----


def get_member(frame: Frame, value: Value, name: str) -> Value:
    """`value.name`. Raises ScriptFault."""
    if isinstance(value, objects.NODES):
        return objects.get_member(frame, value, name)
    match value:
        case Vector():
            return _vector_member(value, name)
        case Array():
            if name == "length":
                return len(value.items)
        case str():
            if name == "length":
                return len(value)
        case Map():
            if name in ("keys", "stringKeys"):
                return Array(list(value.items))
            if name == "values":
                return Array(list(value.items.values()))
            if name == "length":
                return len(value.items)
        case Accessible():
            return value.member(frame, name)
        case Moment():
            return value.seconds
        case None:
            raise _null(name)
    if name in ("value", "name") and isinstance(value, int | float | str):
        return value
    raise _no_member(value, name)


def set_member(frame: Frame, value: Value, name: str, new: Value) -> None:
    """`value.name = new`. Raises ScriptFault."""
    if isinstance(value, objects.NODES):
        objects.set_member(frame, value, name, new)
    elif isinstance(value, Vector) and name in value.axes:
        value.parts[value.axes.index(name)] = float(number(new))
    elif isinstance(value, Accessible):
        value.set_member(frame, name, new)
    elif value is None:
        raise _null(name)
    else:
        raise _no_member(value, name)


def call_method(frame: Frame, value: Value, name: str, arguments: list[Value]) -> Value:
    """`value.name(arguments)`. Raises ScriptFault."""
    if isinstance(value, objects.NODES):
        return objects.call_method(frame, value, name, arguments)
    if isinstance(value, Accessible):
        return value.call(frame, name, arguments)
    if value is None:
        raise _null(name + "()")
    table = _METHODS.get(type(value), {})
    method = table.get(name)
    if method is None:
        if name == "as" and arguments:
            return value
        raise _no_member(value, name + "()")
    try:
        return method(frame, value, *arguments)
    except TypeError:
        raise ScriptFault("FS312", f"{name}() does not take {len(arguments)} arguments of these types") from None


def get_index(frame: Frame, value: Value, index: Value) -> Value:
    """`value[index]`. Raises ScriptFault."""
    match value:
        case Array():
            return value.items[value.position(index)]
        case Map():
            return value.items.get(_key(index))
        case Accessible():
            return value.item(frame, index)
        case Vector():
            return value.parts[_axis(value, index)]
        case None:
            raise _null("[...]")
    if isinstance(value, objects.NODES):
        return objects.get_index(frame, value, index)
    raise ScriptFault("FS314", f"{type_name(value)} has no elements")


def set_index(frame: Frame, value: Value, index: Value, new: Value) -> None:
    """`value[index] = new`. Raises ScriptFault."""
    match value:
        case Array():
            value.items[value.position(index)] = new
        case Map():
            frame.hold(0)
            value.items[_key(index)] = new
        case Vector():
            value.parts[_axis(value, index)] = float(number(new))
        case None:
            raise _null("[...]")
        case _ if isinstance(value, objects.NODES):
            objects.set_index(frame, value, index, new)
        case Accessible():
            raise ScriptFault("FS314", f"elements of {value.type_name} cannot be set")
        case _:
            raise ScriptFault("FS314", f"{type_name(value)} has no elements")


def _key(index: Value) -> Any:
    if isinstance(index, Array | Map | Vector):
        raise ScriptFault("FS322", f"{type_name(index)} cannot be the key of a Map")
    return index


def _axis(value: Vector, index: Value) -> int:
    found = whole(index)
    if not 1 <= found <= len(value.parts):
        raise ScriptFault("FS321", f"component {found} of {type_name(value)} does not exist")
    return found - 1


# ---- vectors ----


def _vector_member(value: Vector, name: str) -> Value:
    if name in value.axes:
        return value.parts[value.axes.index(name)]
    length = math.sqrt(sum(part * part for part in value.parts))
    if name == "magnitude":
        return length
    if name == "normalized":
        return Vector(value.axes, [part / length if length else 0.0 for part in value.parts])
    raise _no_member(value, name)


def _other(value: Vector, other: Value) -> Vector:
    if not isinstance(other, Vector) or other.axes != value.axes:
        raise ScriptFault("FS322", f"expected {type_name(value)}, got {type_name(other)}")
    return other


def _dot(frame: Frame, value: Vector, other: Value) -> Value:
    return sum(a * b for a, b in zip(value.parts, _other(value, other).parts, strict=True))


def _cross(frame: Frame, value: Vector, other: Value) -> Value:
    if value.axes != "xyz":
        raise _no_member(value, "cross()")
    (a, b, c), (x, y, z) = value.parts, _other(value, other).parts
    return Vector("xyz", [b * z - c * y, c * x - a * z, a * y - b * x])


def _lerp(frame: Frame, value: Vector, other: Value, share: Value) -> Value:
    t = number(share)
    return Vector(value.axes, [a + (b - a) * t for a, b in zip(value.parts, _other(value, other).parts, strict=True)])


def _angle(frame: Frame, value: Vector, other: Value) -> Value:
    lengths = _vector_member(value, "magnitude") * _vector_member(_other(value, other), "magnitude")
    return math.degrees(math.acos(max(-1.0, min(1.0, _dot(frame, value, other) / lengths)))) if lengths else 0.0


# ---- arrays ----


def _push(frame: Frame, array: Array, *values: Value) -> Value:
    frame.hold(len(values) - 1)
    for value in values:
        array.push(value.copy() if isinstance(value, Vector) else value)
    return array


def _pop(frame: Frame, array: Array) -> Value:
    if not array.items:
        raise ScriptFault("FS321", "pop() of an empty Array")
    return array.items.pop()


def _shift(frame: Frame, array: Array) -> Value:
    if not array.items:
        raise ScriptFault("FS321", "shift() of an empty Array")
    frame.spend(len(array.items) // 64)
    return array.items.pop(0)


def _unshift(frame: Frame, array: Array, value: Value) -> Value:
    frame.hold(len(array.items) // 64)
    array.items.insert(0, value)
    return _limited(array)


def _limited(array: Array) -> Array:
    if len(array.items) > MAX_ARRAY:
        raise ScriptFault("FS303", f"an array has grown to more than {MAX_ARRAY} elements")
    return array


def _elements(value: Value) -> list[Value]:
    if not isinstance(value, Array):
        raise ScriptFault("FS322", f"expected an Array, got {type_name(value)}")
    return value.items


def _append(frame: Frame, array: Array, other: Value) -> Value:
    more = list(_elements(other))
    frame.hold(len(more))
    array.items.extend(more)
    return _limited(array)


def _concat(frame: Frame, array: Array, other: Value) -> Value:
    frame.hold(len(array.items) + len(_elements(other)))
    return _limited(Array(array.items + _elements(other)))


def _clone(frame: Frame, array: Array) -> Value:
    frame.hold(len(array.items))
    return Array(array.items.copy())


def _fill(frame: Frame, array: Array, value: Value) -> Value:
    frame.spend(len(array.items))
    array.items[:] = [value] * len(array.items)
    return array


def _index_of(frame: Frame, array: Array, value: Value) -> Value:
    frame.spend(len(array.items) // 16)
    return next((i for i, element in enumerate(array.items, 1) if same(element, value)), -1)


def _join(frame: Frame, array: Array, separator: Value = ",") -> Value:
    parts = [element if isinstance(element, str) else format_number(number(element)) for element in array.items]
    made = text(separator).join(parts) if len(parts) < MAX_ARRAY else ""
    frame.spend(len(made))
    return bounded_text(made)


def _reverse(frame: Frame, array: Array) -> Value:
    frame.spend(len(array.items) // 16)
    array.items.reverse()
    return array


def _slice(frame: Frame, array: Array, first: Value, last: Value = 0) -> Value:
    start, end = whole(first) - 1, whole(last)
    if start < 0:
        raise ScriptFault("FS321", f"slice() from {start + 1}: arrays count from 1")
    found = array.items[start : end - 1] if end > 0 else array.items[start:]
    frame.hold(len(found))
    return Array(found)


def _sort(frame: Frame, array: Array) -> Value:
    frame.spend(16 * len(array.items))
    if all(isinstance(element, int | float) for element in array.items):
        array.items.sort()
    else:
        array.items.sort(key=cmp_to_key(_order))
    return array


def _order(left: Value, right: Value) -> int:
    if isinstance(left, str) and isinstance(right, str):
        return (left > right) - (left < right)
    a, b = number(left), number(right)
    return (a > b) - (a < b)


def _splice(frame: Frame, array: Array, first: Value, count: Value, *new: Value) -> Value:
    start, removed = whole(first) - 1, max(0, whole(count))
    if not 0 <= start <= len(array.items):
        raise ScriptFault("FS321", f"splice() from {start + 1} in an array of {len(array.items)}")
    found = array.items[start : start + removed]
    array.items[start : start + removed] = list(new)
    frame.hold(len(found) + len(array.items) // 64)
    _limited(array)
    return Array(found)


# ---- texts ----


def _position(found: int) -> int:
    return found + 1 if found >= 0 else -1


def _substr(frame: Frame, value: str, first: Value, count: Value) -> Value:
    start = max(0, whole(first) - 1)
    return _made(frame, value[start : start + max(0, whole(count))])


def _made(frame: Frame, value: str) -> str:
    frame.spend(len(value))
    return bounded_text(value)


def _slice_text(frame: Frame, value: str, first: Value, last: Value = 0) -> Value:
    start, end = whole(first), whole(last)
    start = start - 1 if start > 0 else max(0, len(value) + start)
    stop = end - 1 if end > 0 else len(value) + end
    return _made(frame, value[start:stop])


def _split(frame: Frame, value: str, separator: Value = "", limit: Value = -1) -> Value:
    parts = value.split(text(separator)) if separator else list(value)
    frame.hold(len(parts))
    count = whole(limit)
    return _limited(Array(list(parts[:count] if count >= 0 else parts)))


def _pad(frame: Frame, value: str, width: Value, pad: Value, *, at_end: bool) -> Value:
    missing, filler = min(whole(width), 100_000) - len(value), text(pad)
    if missing <= 0 or not filler:
        return value
    padding = (filler * (missing // len(filler) + 1))[:missing]
    return _made(frame, value + padding if at_end else padding + value)


def _repeat(frame: Frame, value: str, count: Value) -> Value:
    times = max(0, whole(count))
    frame.spend(times * len(value))
    return bounded_text(value * times) if times * len(value) <= 2_000_000 else bounded_text("x" * 2_000_000)


def _replace(frame: Frame, value: str, old: Value, new: Value, every: Value = 0) -> Value:
    found, put = text(old), text(new)
    if not found:
        return value
    count = value.count(found) if every else 1
    frame.spend(len(value) + count * len(put))
    return bounded_text(value.replace(found, put, count))


def _to_num(frame: Frame, value: str) -> Value:
    try:
        found = float(value.strip())
    except ValueError:
        return 0.0
    return found if math.isfinite(found) else 0.0


_TEXT: dict[str, Method] = {
    "charAt": lambda frame, value, index: value[max(0, whole(index) - 1) : whole(index)],
    "endsWith": lambda frame, value, part: int(value.endswith(text(part))),
    "startsWith": lambda frame, value, part: int(value.startswith(text(part))),
    "includes": lambda frame, value, part: int(text(part) in value),
    "indexOf": lambda frame, value, part: _position(value.find(text(part))),
    "lastIndexOf": lambda frame, value, part: _position(value.rfind(text(part))),
    "search": lambda frame, value, part: _position(value.find(text(part))),
    "padEnd": lambda frame, value, width, pad=" ": _pad(frame, value, width, pad, at_end=True),
    "padStart": lambda frame, value, width, pad=" ": _pad(frame, value, width, pad, at_end=False),
    "repeat": _repeat,
    "replace": _replace,
    "slice": _slice_text,
    "split": _split,
    "substr": _substr,
    "toLowerCase": lambda frame, value: _made(frame, value.lower()),
    "toUpperCase": lambda frame, value: _made(frame, value.upper()),
    "trim": lambda frame, value: _made(frame, value.strip()),
    "toNum": _to_num,
    "byteToCharIndex": lambda frame, value, index: whole(index),
    "charToByteIndex": lambda frame, value, index: whole(index),
}

_ARRAY: dict[str, Method] = {
    "push": _push,
    "pop": _pop,
    "shift": _shift,
    "unshift": _unshift,
    "append": _append,
    "concat": _concat,
    "clone": _clone,
    "fill": _fill,
    "indexOf": _index_of,
    "includes": lambda frame, array, value: int(_index_of(frame, array, value) > 0),
    "join": _join,
    "reverse": _reverse,
    "slice": _slice,
    "sort": _sort,
    "splice": _splice,
    "toArray": lambda frame, array: array,
}

_MAP: dict[str, Method] = {
    "clear": lambda frame, value: value.items.clear(),
    "clone": lambda frame, value: frame.hold(len(value.items)) or Map(dict(value.items)),
    "remove": lambda frame, value, key: int(value.items.pop(_key(key), None) is not None),
    "find": lambda frame, value, key: value.items.get(_key(key)),
}

_VECTOR: dict[str, Method] = {
    "dot": _dot,
    "cross": _cross,
    "lerp": _lerp,
    "angle": _angle,
    "project": lambda frame, value, *nodes: value.copy(),
    "projectRotation": lambda frame, value, *nodes: value.copy(),
}

_METHODS: dict[type, dict[str, Method]] = {str: _TEXT, Array: _ARRAY, Map: _MAP, Vector: _VECTOR}
