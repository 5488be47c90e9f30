"""Classes used by name (`Math.sqrt`, `Object.create`, `Model.time`), constructors (`Vec3(...)`) and constants.

Not covered: what `Object.create` builds (the host), members of values (`interpreter_members`).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from gdt2usd.script.interpreter_frame import Command, Frame
from gdt2usd.script.interpreter_values import (
    MAX_ARRAY,
    Array,
    Map,
    Moment,
    ScriptFault,
    Value,
    Vector,
    bounded,
    format_number,
    number,
    text,
    vec3,
    whole,
)

CONSTANTS: dict[str, Value] = {
    "STATE_IDLE": 1, "STATE_PROCESSING": 2, "STATE_BUSY": 3, "STATE_BLOCKED": 4, "STATE_GENERATING": 5, "STATE_EMPTY": 6,
    "STATE_COLLECTING": 7, "STATE_RELEASING": 8, "STATE_WAITING_FOR_OPERATOR": 9, "STATE_WAITING_FOR_TRANSPORT": 10,
    "STATE_BREAKDOWN": 11, "STATE_SCHEDULED_DOWN": 12, "STATE_CONVEYING": 13, "STATE_TRAVEL_EMPTY": 14, "STATE_TRAVEL_LOADED": 15,
    "STATE_OFFSET_TRAVEL_EMPTY": 16, "STATE_OFFSET_TRAVEL_LOADED": 17, "STATE_LOADING": 18, "STATE_UNLOADING": 19,
    "STATE_DOWN": 20, "STATE_SETUP": 21, "STATE_UTILIZE": 22, "DATATYPE_NUMBER": 1, "DATATYPE_STRING": 2, "DATATYPE_COUPLING": 3,
    "STOP_TIME_NODE": "STOP_TIME_NODE", "WARMUP_TIME_NODE": "WARMUP_TIME_NODE", "START_TIME_NODE": "START_TIME_NODE",
    "STAT_CURRENT": 1, "STAT_AVERAGE": 2, "STAT_MIN": 3, "STAT_MAX": 4, "PI": math.pi,
}  # fmt: skip

_STATIC = frozenset(
    [
        *("Object", "Math", "Model", "Tools", "string", "Color", "Table", "Group", "List", "DateTime", "Vec2", "Vec3", "Vec4"),
        *("Array", "Map", "Storage", "Conveyor", "AGV", "AStar", "USD", "Http", "Database", "Empirical", "Token", "Variant"),
    ]
)


def is_static(name: str) -> bool:
    """Whether `name` is a class that can be used without a value."""
    return name in _STATIC


# ---- Math ----


def _round(value: Value, precision: Value = 0) -> Value:
    digits, found = whole(precision), number(value)
    if not math.isfinite(found) or not -300 < digits < 300:
        return found
    factor = 10.0 ** max(-300, digits)
    scaled = found * factor
    if not math.isfinite(scaled):
        return found
    rounded = math.floor(abs(scaled) + 0.5) / factor
    result = math.copysign(rounded, scaled)
    return int(result) if digits <= 0 and abs(result) < 2**63 else result


def _power(base: Value, exponent: Value) -> Value:
    found = float(number(base)) ** float(number(exponent))
    if isinstance(found, complex):
        raise ValueError
    return found


def _factorial(value: Value) -> Value:
    found = whole(value)
    if not 0 <= found <= 170:
        raise ValueError
    return float(math.factorial(found))


def _one(apply: Callable[[float], float]) -> Callable[..., Value]:
    return lambda value: bounded(apply(number(value)))


def _two(apply: Callable[[Any, Any], float]) -> Callable[..., Value]:
    return lambda a, b: bounded(apply(number(a), number(b)))


MATH: dict[str, Callable[..., Value]] = {
    "acos": _one(math.acos), "asin": _one(math.asin), "atan": _one(math.atan), "atan2": _two(math.atan2), "ceil": _one(math.ceil),
    "cos": _one(math.cos), "degrees": _one(math.degrees), "exp": _one(math.exp), "fabs": _one(math.fabs), "abs": _one(abs),
    "factorial": _factorial, "floor": _one(math.floor), "fmod": _two(math.fmod), "frac": _one(lambda x: x - math.trunc(x)),
    "log": _one(math.log), "log10": _one(math.log10), "max": _two(max), "min": _two(min), "pow": _power,
    "radians": _one(math.radians), "round": _round, "sign": _one(lambda x: (x > 0) - (x < 0)), "sin": _one(math.sin),
    "sqr": _one(lambda x: x * x), "sqrt": _one(math.sqrt), "tan": _one(math.tan), "trunc": _one(math.trunc),
}  # fmt: skip


def call_math(name: str, arguments: list[Value]) -> Value:
    """`Math.name(...)`. Raises ScriptFault."""
    run = MATH.get(name)
    if run is None:
        raise ScriptFault("FS313", f"Math has no method {name!r}")
    try:
        return run(*arguments)
    except TypeError:
        raise ScriptFault("FS312", f"Math.{name}() does not take {len(arguments)} arguments") from None
    except (ValueError, OverflowError, ZeroDivisionError):
        raise ScriptFault("FS326", f"Math.{name}() has no result for these numbers") from None


# ---- static members ----

_COLOURS: dict[str, tuple[float, float, float]] = {
    "red": (1, 0, 0), "green": (0, 1, 0), "blue": (0, 0, 1), "yellow": (1, 1, 0), "aqua": (0, 1, 1), "purple": (0.5, 0, 0.5),
    "orange": (1, 0.5, 0), "lime": (0.5, 1, 0), "pink": (1, 0.75, 0.8), "brown": (0.6, 0.3, 0.1), "black": (0, 0, 0),
    "white": (1, 1, 1), "gray": (0.5, 0.5, 0.5), "silver": (0.75, 0.75, 0.75), "teal": (0, 0.5, 0.5), "lightBlue": (0.6, 0.8, 1),
}  # fmt: skip


def colour(red: float, green: float, blue: float, alpha: float = 1.0) -> Vector:
    """A Color, channels from 0 to 1."""
    return Vector("rgba", [float(red), float(green), float(blue), float(alpha)])


def static_value(frame: Frame, owner: str, name: str) -> Value:
    """`Owner.name`. Raises ScriptFault."""
    if owner == "Math" and name == "pi":
        return math.pi
    if owner == "Color" and name in _COLOURS:
        return colour(*_COLOURS[name])
    if owner == "Model":
        return frame.host.model_value(frame, name)
    raise ScriptFault("FS313", f"{owner} has no member {name!r} that a script can use here")


def static_method(frame: Frame, owner: str, name: str, arguments: list[Value]) -> Value:
    """`Owner.name(...)`. Raises ScriptFault."""
    if owner == "Math":
        return call_math(name, arguments)
    run = _STATIC_METHODS.get((owner, name))
    if run is None:
        raise ScriptFault("FS313", f"{owner} has no method {name}() that a script can use here")
    if len(arguments) < run.least or len(arguments) > run.most:
        raise ScriptFault("FS312", f"{owner}.{name}() does not take {len(arguments)} arguments")
    return run.run(frame, *arguments)


def _from_num(frame: Frame, value: Value, precision: Value = -1) -> Value:
    made = format_number(number(value), whole(precision))
    frame.spend(len(made))
    return made


def _colour_by_number(frame: Frame, index: Value) -> Value:
    names = list(_COLOURS)
    return colour(*_COLOURS[names[(whole(index) - 1) % len(names)]])


def _random_colour(frame: Frame, stream: Value = 0) -> Value:
    return colour(*(float(part) for part in frame.host.rng.random(3)))


def _no_query(frame: Frame, *arguments: Value) -> Value:
    raise ScriptFault("FS305", "Table.query() runs SQL on the tables of a running FlexSim model", "read the cells in a loop")


_STATIC_METHODS: dict[tuple[str, str], Command] = {
    ("Object", "create"): Command(lambda frame, kind, *rest: frame.host.create(frame, kind, *rest), 1, 2),
    ("Model", "find"): Command(lambda frame, path: frame.host.find(path, frame), 1, 1),
    ("Model", "getTime"): Command(lambda frame, moment: getattr(moment, "seconds", 0.0), 1, 1),
    ("Model", "getDateTime"): Command(lambda frame, seconds: Moment(number(seconds)), 1, 1),
    ("Tools", "create"): Command(lambda frame, kind, sub="": frame.host.create_tool(frame, kind, sub), 1, 2),
    ("Tools", "get"): Command(lambda frame, kind, name: frame.host.get_tool(frame, kind, name), 2, 2),
    ("string", "fromNum"): Command(_from_num, 1, 2),
    ("Color", "random"): Command(_random_colour, 0, 1),
    ("Color", "byNumber"): Command(_colour_by_number, 1, 1),
    ("Color", "fromPalette"): Command(lambda frame, value, palette=None: colour(0.5, 0.5, 0.5), 1, 2),
    ("Table", "query"): Command(_no_query, 1, 10),
}


# ---- constructors ----


def _new_array(frame: Frame, *sizes: Value) -> Value:
    if len(sizes) != 1:
        return Array(list(sizes))
    count = whole(sizes[0], "the size of an Array")
    if not 0 <= count <= MAX_ARRAY:
        raise ScriptFault("FS303", f"an Array of {count} elements is more than this model holds")
    frame.hold(count)
    return Array([None] * count)


def _new_vec3(frame: Frame, x: Value = 0.0, y: Value = 0.0, z: Value = 0.0) -> Value:
    return x.copy() if isinstance(x, Vector) else vec3(float(number(x)), float(number(y)), float(number(z)))


def _new_vector(axes: str) -> Callable[..., Value]:
    return lambda frame, *parts: Vector(axes, [float(number(part)) for part in (*parts, *[0.0] * (len(axes) - len(parts)))])


def _as_text(frame: Frame, value: Value) -> Value:
    return text(value) if isinstance(value, str) else _from_num(frame, value)


def _new_colour(frame: Frame, red: Value = 0.0, green: Value = 0.0, blue: Value = 0.0, alpha: Value = 1.0) -> Value:
    return colour(number(red), number(green), number(blue), number(alpha))


CONSTRUCTORS: dict[str, Command] = {
    "Array": Command(_new_array, 0, 64),
    "Map": Command(lambda frame: Map(), 0, 0),
    "Vec2": Command(_new_vector("xy"), 0, 2),
    "Vec3": Command(_new_vec3, 0, 3),
    "Vec4": Command(_new_vector("xyzw"), 0, 4),
    "Color": Command(_new_colour, 0, 4),
    "Table": Command(lambda frame, name: frame.host.table(name), 1, 1),
    "Group": Command(lambda frame, name: frame.host.group(text(name)), 1, 1),
    "List": Command(lambda frame, name: frame.host.named_tool(text(name), "List"), 1, 1),
    "DateTime": Command(lambda frame, *parts: Moment(0.0), 0, 8),
    "Object": Command(lambda frame, value: value, 1, 1),
    "treenode": Command(lambda frame, value: value, 1, 1),
    "string": Command(_as_text, 1, 1),
    "Variant": Command(lambda frame, value=None: value, 0, 1),
}
