"""FlexScript's operators on values, and conversion to declared types.

Two ints divide to an int (towards 0); `+` joins two texts, never a text and a number. Not covered: `&&`, `||`, `!` (compiled).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

from gdt2usd.script.interpreter_frame import Frame
from gdt2usd.script.interpreter_nodes import Node, ObjectNode
from gdt2usd.script.interpreter_values import (
    Array,
    Map,
    ScriptFault,
    Value,
    Vector,
    bounded,
    bounded_text,
    number,
    same,
    text,
    type_name,
    vec3,
    whole,
)

Apply = Callable[[Frame, Value, Value], Value]


def _add(frame: Frame, left: Value, right: Value) -> Value:
    if isinstance(left, int | float) and isinstance(right, int | float):
        return bounded(left + right)
    if isinstance(left, str) and isinstance(right, str):
        made = left + right
        frame.spend(len(made) if made.isascii() else 4 * len(made))  # as many bytes
        return bounded_text(made)
    if isinstance(left, Vector) and isinstance(right, Vector):
        return _each(left, right, lambda a, b: a + b)
    if isinstance(left, str) or isinstance(right, str):
        if left is None or right is None:
            return left or right or ""
        raise ScriptFault(
            "FS323", f"+ cannot join {type_name(left)} and {type_name(right)}", "write string.fromNum(x) around the number"
        )
    return bounded(number(left) + number(right))


def _each(left: Vector, right: Vector, apply: Callable[[float, float], float]) -> Vector:
    if left.axes != right.axes:
        raise ScriptFault("FS322", f"{type_name(left)} and {type_name(right)} have different components")
    return Vector(left.axes, [apply(a, b) for a, b in zip(left.parts, right.parts, strict=True)])


def _subtract(frame: Frame, left: Value, right: Value) -> Value:
    if isinstance(left, Vector) and isinstance(right, Vector):
        return _each(left, right, lambda a, b: a - b)
    return bounded(_operand(left, "-") - _operand(right, "-"))


def _operand(value: Value, operator: str) -> float:
    return number(value, f"a number for {operator}")


def _multiply(frame: Frame, left: Value, right: Value) -> Value:
    if isinstance(left, Vector) or isinstance(right, Vector):
        vector, factor = (left, right) if isinstance(left, Vector) else (right, left)
        if isinstance(factor, Vector):
            return _each(vector, factor, lambda a, b: a * b)
        scale = _operand(factor, "*")
        return Vector(vector.axes, [part * scale for part in vector.parts])
    return bounded(_operand(left, "*") * _operand(right, "*"))


def _divide(frame: Frame, left: Value, right: Value) -> Value:
    divisor = _operand(right, "/")
    if divisor == 0:
        raise ScriptFault("FS324", "division by 0")
    if isinstance(left, Vector):
        return Vector(left.axes, [part / divisor for part in left.parts])
    dividend = _operand(left, "/")
    if isinstance(dividend, int) and isinstance(divisor, int):
        quotient = abs(dividend) // abs(divisor)
        return quotient if (dividend < 0) == (divisor < 0) else -quotient
    return dividend / divisor


def _remainder(frame: Frame, left: Value, right: Value) -> Value:
    divisor, dividend = whole(_operand(right, "%")), whole(_operand(left, "%"))
    if divisor == 0:
        raise ScriptFault("FS324", "remainder of a division by 0")
    return int(math.copysign(abs(dividend) % abs(divisor), dividend))


def _compare(apply: Callable[[Value, Value], bool], frame: Frame, left: Value, right: Value) -> Value:
    if isinstance(left, str) and isinstance(right, str):
        return 1 if apply(left, right) else 0
    return 1 if apply(number(left, "a number to compare"), number(right, "a number to compare")) else 0


def _bits(apply: Callable[[int, int], int], frame: Frame, left: Value, right: Value) -> Value:
    return bounded(apply(whole(left), whole(right)))


def _shift_left(left: int, right: int) -> int:
    return left << right if 0 <= right < 63 else 0


def _shift_right(left: int, right: int) -> int:
    return left >> right if 0 <= right < 63 else 0


BINARY: dict[str, Apply] = {
    "+": _add,
    "-": _subtract,
    "*": _multiply,
    "/": _divide,
    "%": _remainder,
    "==": lambda frame, left, right: 1 if same(left, right) else 0,
    "!=": lambda frame, left, right: 0 if same(left, right) else 1,
    "<": partial(_compare, lambda a, b: a < b),
    ">": partial(_compare, lambda a, b: a > b),
    "<=": partial(_compare, lambda a, b: a <= b),
    ">=": partial(_compare, lambda a, b: a >= b),
    "&": partial(_bits, lambda a, b: a & b),
    "|": partial(_bits, lambda a, b: a | b),
    "^": partial(_bits, lambda a, b: a ^ b),
    "<<": partial(_bits, _shift_left),
    ">>": partial(_bits, _shift_right),
}


def binary(frame: Frame, operator: str, left: Value, right: Value) -> Value:
    """`left operator right`. Raises ScriptFault."""
    if operator not in BINARY:
        raise ScriptFault("FS304", f"operator {operator} is not FlexScript")
    return BINARY[operator](frame, left, right)


def unary(operator: str, value: Value) -> Value:
    """`-x`, `+x`, `~x`. Raises ScriptFault."""
    if operator == "-":
        if isinstance(value, Vector):
            return Vector(value.axes, [-part for part in value.parts])
        return bounded(-_operand(value, "-"))
    return _operand(value, "+") if operator == "+" else ~whole(value)


def step_value(value: Value, change: int) -> Value:
    """`x++` and `x--`. Raises ScriptFault."""
    return bounded(number(value, "a number to count") + change)


# ---- declared types ----


def _to_int(value: Value) -> Value:
    return whole(value, "an int")


def _to_double(value: Value) -> Value:
    return float(number(value, "a double"))


def _to_string(value: Value) -> Value:
    return text(value)


def _to_object(value: Value) -> Value:
    if isinstance(value, int | float) and value == 0:
        return None
    if isinstance(value, Node) and not isinstance(value, ObjectNode):
        raise ScriptFault("FS325", f"invalid cast: {type_name(value)} is no Object")
    return _to_node(value)


def _to_node(value: Value) -> Value:
    if isinstance(value, int | float) and value == 0:
        return None
    if isinstance(value, int | float | str | Array | Map | Vector):
        raise ScriptFault("FS325", f"expected an object, got {type_name(value)}", "Model.find(name) gives the object of a name")
    return value


def _to_array(value: Value) -> Value:
    if value is None or isinstance(value, Array):
        return value
    return value if hasattr(value, "owner") else _refuse(value, "an Array")


def _refuse(value: Value, wanted: str) -> Value:
    raise ScriptFault("FS325", f"expected {wanted}, got {type_name(value)}")


def _to_vector(value: Value) -> Value:
    if isinstance(value, Array) and 2 <= len(value.items) <= 4:
        axes = {2: "xy", 3: "xyz", 4: "xyzw"}[len(value.items)]
        return Vector(axes, [float(number(part)) for part in value.items])
    return value if isinstance(value, Vector) else _refuse(value, "a vector")


COERCE: dict[str, Callable[[Value], Value]] = {
    "int": _to_int,
    "unsigned int": _to_int,
    "double": _to_double,
    "string": _to_string,
    "treenode": _to_node,
    "Object": _to_object,
    "TaskExecuter": _to_object,
    "Dispatcher": _to_object,
    "Array": _to_array,
    "Vec2": _to_vector,
    "Vec3": _to_vector,
    "Vec4": _to_vector,
    "Color": _to_vector,
}
"""Declared type -> conversion of an assigned value; types that are not here take anything."""

_DEFAULTS: dict[str, Callable[[], Value]] = {
    "int": lambda: 0,
    "unsigned int": lambda: 0,
    "double": lambda: 0.0,
    "string": lambda: "",
    "Array": Array,
    "Map": Map,
    "Vec2": lambda: Vector("xy", [0.0, 0.0]),
    "Vec3": vec3,
    "Vec4": lambda: Vector("xyzw", [0.0, 0.0, 0.0, 0.0]),
    "Color": lambda: Vector("rgba", [0.0, 0.0, 0.0, 1.0]),
}


def default_of(type: str) -> Value:
    """The value of a variable declared without one."""
    make = _DEFAULTS.get(type)
    return make() if make else None
