"""Commands that mean the same everywhere: numbers, old text commands, units, random draws, parameters.

Each takes the frame and its arguments. Not covered: commands that build the model (`interpreter_model`).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

from gdt2usd.diagnostics import Severity
from gdt2usd.script.interpreter_frame import Command, Frame
from gdt2usd.script.interpreter_nodes import Node, ObjectNode
from gdt2usd.script.interpreter_statics import CONSTRUCTORS, MATH, call_math
from gdt2usd.script.interpreter_values import (
    ScriptFault,
    Value,
    bounded_text,
    format_number,
    number,
    text,
    truth,
    type_name,
    whole,
)
from gdt2usd.script.random_draws import DRAWS, ParameterError


def _draw(command: str, frame: Frame, *arguments: Value) -> Value:
    row = DRAWS[command]
    values = [float(number(argument)) for argument in arguments[: len(row.parameters)]]
    if any(not math.isfinite(value) for value in values):
        raise ScriptFault("FS326", f"{command}() of a number that is not finite")
    try:
        drawn = row.sample(frame.host.rng, *values)
    except (ParameterError, ValueError, OverflowError) as problem:
        raise ScriptFault("FS326", f"{command}(): {problem}") from None
    return drawn


def _math(name: str, frame: Frame, *arguments: Value) -> Value:
    return call_math(name, list(arguments))


def _scaled(factor: float, frame: Frame, value: Value) -> Value:
    return number(value) * factor


def _parameter(frame: Frame, index: Value) -> Value:
    return frame.host.parameter(whole(index))


def _owner(frame: Frame, node: Value) -> Value:
    if isinstance(node, Node):
        if node.name == "c" and node.parent is None and not isinstance(node, ObjectNode):
            return frame.host.code_owner()
        above: Node | None = node
        while above is not None and not isinstance(above, ObjectNode):
            above = above.parent
        return above
    return node


def _num_to_string(frame: Frame, value: Value, width: Value = 0, precision: Value = -1) -> Value:
    return format_number(number(value), whole(precision)).rjust(min(max(whole(width), 0), 1000))


def _string_to_num(frame: Frame, value: Value) -> Value:
    try:
        found = float(text(value).strip())
    except ValueError:
        return 0.0
    return found if math.isfinite(found) else 0.0


def _concat(frame: Frame, *parts: Value) -> Value:
    made = "".join(text(part) for part in parts)
    frame.spend(len(made))
    return bounded_text(made)


def _string_part(frame: Frame, value: Value, start: Value, count: Value) -> Value:
    first = max(0, whole(start))
    return text(value)[first : first + max(0, whole(count))]


def _print(frame: Frame, *values: Value) -> Value:
    frame.host.print(" ".join(_printed(value) for value in values))
    return 0


def _printed(value: Value) -> str:
    if isinstance(value, int | float):
        return format_number(value)
    return value if isinstance(value, str) else str(getattr(value, "name", type_name(value)))


def nothing(frame: Frame, *arguments: Value) -> Value:
    """A command without effect on what is built."""
    return 0


def _to_string(frame: Frame, value: Value) -> Value:
    return _printed(value)


def refused(name: str, why: str) -> Callable[..., Value]:
    """A command that is reported and not run."""

    def run(frame: Frame, *arguments: Value) -> Value:
        frame.report(Severity.WARNING, "FS305", f"{name}() is not run here: {why}", "the script is only read for what it builds")
        return 0

    return run


# the last argument of each is the random stream, which a run replaces by its own generator
_OPTIONAL = {"bernoulli": 2, "uniform": 2, "duniform": 2}

COMMON: dict[str, Command] = {
    **{
        name: Command(partial(_draw, name), _OPTIONAL.get(name, len(row.parameters)), len(row.parameters) + 1)
        for name, row in DRAWS.items()
    },
    **{name: Command(partial(_math, name), 1, 2) for name in MATH if name not in ("abs", "degrees", "radians", "trunc", "sign")},
    "getstream": Command(lambda frame, node=None: 0, 0, 1),
    "hours": Command(partial(_scaled, 3600.0), 1, 1),
    "minutes": Command(partial(_scaled, 60.0), 1, 1),
    "seconds": Command(partial(_scaled, 1.0), 1, 1),
    "days": Command(partial(_scaled, 86400.0), 1, 1),
    "cm": Command(partial(_scaled, 0.01), 1, 1),
    "ft": Command(partial(_scaled, 0.3048), 1, 1),
    "in": Command(partial(_scaled, 0.0254), 1, 1),
    "fpm": Command(partial(_scaled, 0.3048 / 60), 1, 1),
    "fps": Command(partial(_scaled, 0.3048), 1, 1),
    "mph": Command(partial(_scaled, 0.44704), 1, 1),
    "param": Command(_parameter, 1, 1),
    "parnode": Command(_parameter, 1, 1),
    "parval": Command(_parameter, 1, 1),
    "parstr": Command(_parameter, 1, 1),
    "parqty": Command(nothing, 0, 0),
    "msgparam": Command(lambda frame, index: None, 1, 1),
    "ownerobject": Command(_owner, 1, 1),
    "time": Command(lambda frame: frame.host.time(), 0, 0),
    "numtostring": Command(_num_to_string, 1, 3),
    "stringtonum": Command(_string_to_num, 1, 1),
    "concat": Command(_concat, 1, -1),
    "stringlen": Command(lambda frame, value: len(text(value)), 1, 1),
    "stringpart": Command(_string_part, 3, 3),
    "stringcompare": Command(lambda frame, a, b: (text(a) > text(b)) - (text(a) < text(b)), 2, 2),
    "strascii": Command(lambda frame, value: chr(whole(value) % 0xD800), 1, 1),
    "apchar": Command(lambda frame, value: chr(whole(value) % 0xD800), 1, 1),
    "asciistr": Command(lambda frame, value: ord(text(value)[0]) if value else 0, 1, 1),
    "tostring": Command(_to_string, 1, 1),
    "tonum": Command(lambda frame, value: number(value) if not isinstance(value, Node) else 1, 1, 1),
    "objectexists": Command(lambda frame, node=None: 1 if truth(node) else 0, 0, 1),
    "makearray": Command(CONSTRUCTORS["Array"].run, 1, 1),
    "print": Command(_print, 0, -1),
    "pt": Command(_print, 0, -1),
    "pf": Command(_print, 0, -1),
    "pd": Command(_print, 0, -1),
    "pr": Command(nothing, 0, 0),
    "mpt": Command(_print, 0, -1),
    "mpf": Command(_print, 0, -1),
    "mpd": Command(_print, 0, -1),
    "mpr": Command(nothing, 0, 0),
}
