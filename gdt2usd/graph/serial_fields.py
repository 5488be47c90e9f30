"""The JSON form of the process graph as a table: for each type, which key holds which attribute, and how.

`serial` writes and reads by this table; `graph.schema.json` publishes it. Not covered: files, the envelope of the document.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields
from enum import StrEnum
from typing import Any

from gdt2usd.diagnostics import Span
from gdt2usd.graph import distributions as d
from gdt2usd.graph import model as m


class JsonError(Exception):
    """What is wrong at `path` of a document, and what to write instead."""

    def __init__(self, path: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.path = path
        self.message = message
        self.hint = hint


Reader = Callable[[Any, str], Any]
Writer = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Field:
    """`key` of the document for attribute `name`; `optional` keys may be missing and are left out when at their default."""

    key: str
    name: str
    read: Reader
    write: Writer
    optional: bool = False
    always: bool = True


def number(value: Any, path: str) -> float:
    """A finite JSON number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise JsonError(path, f"expected a number, got {_shown(value)}")
    if (isinstance(value, int) and abs(value) > 10**300) or not math.isfinite(value):
        raise JsonError(path, "expected a finite number")
    return float(value)


def integer(value: Any, path: str) -> int:
    """A whole number that fits in 53 bits; `4.0` counts."""
    found = number(value, path)
    if found != int(found) or abs(found) > 2**53:
        raise JsonError(path, f"expected a whole number, got {_shown(value)}")
    return int(found)


def text(value: Any, path: str) -> str:
    """A string that can be written in UTF-8."""
    if not isinstance(value, str):
        raise JsonError(path, f"expected a text, got {_shown(value)}")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raise JsonError(path, "expected a text of whole characters, got half a surrogate pair") from None
    return value


def boolean(value: Any, path: str) -> bool:
    """`true` or `false`."""
    if not isinstance(value, bool):
        raise JsonError(path, f"expected true or false, got {_shown(value)}")
    return value


def array_of(read: Reader) -> Reader:
    """An array whose elements `read` reads; gives a tuple."""

    def read_array(value: Any, path: str) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise JsonError(path, f"expected an array, got {_shown(value)}")
        return tuple(read(element, f"{path}[{i}]") for i, element in enumerate(value))

    return read_array


def nullable(read: Reader) -> Reader:
    """`null`, or what `read` reads."""
    return lambda value, path: None if value is None else read(value, path)


def vector(value: Any, path: str) -> tuple[float, float, float]:
    """Three numbers."""
    found = array_of(number)(value, path)
    if len(found) != 3:
        raise JsonError(path, f"expected 3 numbers, got {len(found)}")
    return (found[0], found[1], found[2])


def choice(kind: type[StrEnum]) -> Reader:
    """One of the values of `kind`."""

    def read_choice(value: Any, path: str) -> StrEnum:
        options = [str(option) for option in kind]
        if value not in options:
            raise JsonError(path, f"expected one of {', '.join(options)}, got {_shown(value)}")
        return kind(value)

    return read_choice


def record(value: Any, path: str) -> dict[str, Any]:
    """A JSON object."""
    if not isinstance(value, dict):
        raise JsonError(path, f"expected an object, got {_shown(value)}")
    return value


def _shown(value: Any) -> str:
    found = "null" if value is None else repr(value)
    return found if len(found) <= 60 else found[:57] + "..."


def plain(value: Any) -> Any:
    """A number, text or tuple as JSON has it; whole floats stay floats."""
    if isinstance(value, tuple):
        return [plain(element) for element in value]
    return str(value) if isinstance(value, StrEnum) else value


# ---- distributions ----

DISTRIBUTIONS: dict[str, tuple[type, tuple[str, ...], bool]] = {
    "constant": (d.Constant, ("value",), False),
    "exponential": (d.Exponential, ("mean",), True),
    "normal": (d.Normal, ("mean", "std"), False),
    "triangular": (d.Triangular, ("min", "mode", "max"), False),
    "uniform": (d.Uniform, ("min", "max"), False),
    "lognormal": (d.Lognormal, ("mu", "sigma"), True),
    "weibull": (d.Weibull, ("shape", "scale"), True),
    "gamma": (d.Gamma, ("shape", "scale"), True),
    "poisson": (d.Poisson, ("mean",), False),
}
"""Name in the document -> type, parameters, may be shifted by `location`."""

DISTRIBUTION_NAMES = {row[0]: name for name, row in DISTRIBUTIONS.items()}


def write_distribution(value: d.Distribution) -> dict[str, Any]:
    """`{"distribution": "normal", "mean": 50.0, "std": 5.0}`."""
    match value:
        case d.FlexSimDistribution():
            found = {"distribution": "flexsim", "command": value.command, "arguments": list(value.arguments)}
            return found | ({"scale": value.scale} if value.scale != 1.0 else {})
        case d.Expression():
            return {"distribution": "expression", "flexscript": value.flexscript} | (
                {"scale": value.scale} if value.scale != 1.0 else {}
            )
        case _:
            name = DISTRIBUTION_NAMES[type(value)]
            _, parameters, shiftable = DISTRIBUTIONS[name]
            found = {"distribution": name} | {p: getattr(value, p) for p in parameters}
            if shiftable and getattr(value, "location") != 0.0:  # noqa: B009
                found["location"] = getattr(value, "location")  # noqa: B009
            return found


def read_distribution(value: Any, path: str) -> d.Distribution:
    """The inverse of `write_distribution`; a plain number is a constant."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return d.Constant(number(value, path))
    data = record(value, path)
    name = data.get("distribution")
    if name == "flexsim":
        only(data, path, ("distribution", "command", "arguments"), ("scale",))
        arguments = array_of(number)(data["arguments"], f"{path}.arguments")
        command = text(data["command"], f"{path}.command")
        return d.FlexSimDistribution(command, arguments, number(data.get("scale", 1.0), f"{path}.scale"))
    if name == "expression":
        only(data, path, ("distribution", "flexscript"), ("scale",))
        return d.Expression(text(data["flexscript"], f"{path}.flexscript"), number(data.get("scale", 1.0), f"{path}.scale"))
    if not isinstance(name, str) or name not in DISTRIBUTIONS:
        known = ", ".join((*DISTRIBUTIONS, "flexsim", "expression"))
        raise JsonError(f"{path}.distribution", f"unknown distribution {_shown(name)}", f"one of {known}")
    kind, parameters, shiftable = DISTRIBUTIONS[name]
    only(data, path, ("distribution", *parameters), ("location",) if shiftable else ())
    values = {key: number(data[key], f"{path}.{key}") for key in data if key != "distribution"}
    return kind(**values)  # type: ignore[no-any-return]


def only(data: dict[str, Any], path: str, required: tuple[str, ...], optional: tuple[str, ...] = ()) -> None:
    """Raises JsonError when a required key is missing or an unknown one is there, with the nearest known key."""
    from difflib import get_close_matches

    for key in required:
        if key not in data:
            raise JsonError(path, f"{key!r} is missing", f"an object here has the keys {', '.join(required)}")
    for key in data:
        if key not in required and key not in optional:
            near = get_close_matches(key, (*required, *optional), 1)
            known = ", ".join((*required, *optional))
            raise JsonError(f"{path}.{key}", f"unknown key {_shown(key)}", f"write {near[0]!r}" if near else f"known keys: {known}")


# ---- routing and other parts ----

ROUTINGS: dict[str, tuple[type, tuple[str, ...]]] = {
    "first_available": (m.FirstAvailable, ()),
    "percent": (m.Percent, ()),
    "port": (m.ToPort, ("port",)),
    "by_label": (m.ByLabel, ("label",)),
    "round_robin": (m.RoundRobin, ()),
    "random_port": (m.RandomPort, ()),
    "shortest_queue": (m.ShortestQueue, ()),
    "expression": (m.RoutingExpression, ("flexscript",)),
}

ROUTING_NAMES = {row[0]: name for name, row in ROUTINGS.items()}


def write_routing(value: m.Routing) -> dict[str, Any]:
    """`{"rule": "port", "port": 2}`; the figures of "percent" stand at the links."""
    name = ROUTING_NAMES[type(value)]
    found: dict[str, Any] = {"rule": name}
    if isinstance(value, m.Percent):
        found["percents"] = list(value.percents)
    for key in ROUTINGS[name][1]:
        found[key] = getattr(value, key)
    return found


def read_routing(value: Any, path: str) -> m.Routing:
    """The inverse of `write_routing`; "percent" without figures gets them from the links (`serial`)."""
    data = record(value, path)
    rule = data.get("rule")
    if not isinstance(rule, str) or rule not in ROUTINGS:
        raise JsonError(f"{path}.rule", f"unknown rule {_shown(rule)}", f"one of {', '.join(ROUTINGS)}")
    match rule:
        case "percent":
            only(data, path, ("rule",), ("percents",))
            return m.Percent(array_of(number)(data.get("percents", []), f"{path}.percents"))
        case "port":
            only(data, path, ("rule", "port"))
            return m.ToPort(integer(data["port"], f"{path}.port"))
        case "by_label":
            only(data, path, ("rule",), ("label",))
            return m.ByLabel(text(data.get("label", "Type"), f"{path}.label"))
        case "expression":
            only(data, path, ("rule", "flexscript"))
            return m.RoutingExpression(text(data["flexscript"], f"{path}.flexscript"))
        case _:
            only(data, path, ("rule",))
            return ROUTINGS[rule][0]()  # type: ignore[no-any-return]


def _parts(kind: type, readers: dict[str, Reader], writers: dict[str, Writer] | None = None) -> tuple[Reader, Writer]:
    """Reader and writer of a small record whose keys are its attributes; attributes with a default may be missing."""
    required = tuple(f.name for f in fields(kind) if f.default is MISSING)
    optional = tuple(f.name for f in fields(kind) if f.default is not MISSING)

    def read(value: Any, path: str) -> Any:
        data = record(value, path)
        only(data, path, required, optional)
        return kind(**{key: readers[key](data[key], f"{path}.{key}") for key in data})

    def write(value: Any) -> dict[str, Any]:
        return {key: (writers or {}).get(key, plain)(getattr(value, key)) for key in (*required, *optional)}

    return read, write


_breakdown = _parts(
    m.Breakdown,
    {"time_to_failure_s": read_distribution, "time_to_repair_s": read_distribution},
    {"time_to_failure_s": write_distribution, "time_to_repair_s": write_distribution},
)
_batching = _parts(m.Batching, {"size": integer, "max_wait_s": number})
_trigger = _parts(m.Trigger, {"event": text, "flexscript": text})
_call = _parts(m.CallCode, {"resources": array_of(text), "flexscript": text}, {"resources": list})
_arrival = _parts(m.Arrival, {"time_s": number, "quantity": integer, "item_type": number})
_step = _parts(
    m.ProcessStep,
    {"name": text, "process_time_s": read_distribution, "operator_count": integer},
    {"process_time_s": write_distribution},
)


def _each(write: Writer) -> Writer:
    return lambda values: [write(value) for value in values]


def _maybe(write: Writer) -> Writer:
    return lambda value: None if value is None else write(value)


def write_span(span: Span) -> list[int]:
    """Provenance: start, end, line, column, end line, end column in the script."""
    return [span.start, span.end, span.line, span.column, span.end_line, span.end_column]


def read_span(value: Any, path: str) -> Span:
    """The inverse of `write_span`."""
    found = array_of(integer)(value, path)
    if len(found) != 6:
        raise JsonError(path, f"expected 6 whole numbers, got {len(found)}")
    return Span(*found)


# ---- stations and resources ----


def _time(key: str, *, optional: bool = False) -> Field:
    return Field(key, key, read_distribution, write_distribution, optional, always=True)


def _extra(key: str, read: Reader, write: Writer = plain) -> Field:
    return Field(key, key, read, write, optional=True, always=False)


_CAPACITY = Field("capacity", "capacity", integer, plain, optional=True)
_MACHINE = (
    _CAPACITY,
    _time("process_time_s"),
    _time("setup_time_s", optional=True),
    Field("breakdown", "breakdown", nullable(_breakdown[0]), _maybe(_breakdown[1]), optional=True),
    _extra("operator_call", nullable(_call[0]), _maybe(_call[1])),
)
_SPAN = Field("script_span", "span", read_span, write_span, optional=True, always=False)
_STATION_TAIL = (
    Field("routing", "routing", read_routing, write_routing, optional=True),
    _extra("pull", boolean),
    _extra("pull_requirement", text),
    _extra("pull_strategy", text),
    _extra("operator_priority", number),
    _extra("transport_priority", number),
    _extra("transport_call", nullable(_call[0]), _maybe(_call[1])),
    _extra("triggers", array_of(_trigger[0]), _each(_trigger[1])),
    _SPAN,
)
_MOVER = (
    _CAPACITY,
    Field("speed_m_s", "speed_m_s", number, plain, optional=True),
    _extra("acceleration_m_s2", number),
    _extra("deceleration_m_s2", number),
    _extra("load_time_s", read_distribution, write_distribution),
    _extra("unload_time_s", read_distribution, write_distribution),
)
_RESOURCE_TAIL = (Field("dispatcher", "dispatcher", nullable(text), plain, optional=True), _SPAN)

STATION_FIELDS: dict[str, tuple[type, tuple[Field, ...]]] = {
    "source": (
        m.Source,
        (
            _time("interarrival_time_s"),
            _extra("arrival_at_zero", boolean),
            _extra("schedule", array_of(_arrival[0]), _each(_arrival[1])),
            _extra("repeat_schedule", boolean),
            *_STATION_TAIL,
        ),
    ),
    "queue": (
        m.Queue,
        (
            _CAPACITY,
            Field("discipline", "discipline", choice(m.Discipline), plain, optional=True),
            _extra("batching", nullable(_batching[0]), _maybe(_batching[1])),
            *_STATION_TAIL,
        ),
    ),
    "processor": (m.Processor, (*_MACHINE, *_STATION_TAIL)),
    "combiner": (
        m.Combiner,
        (
            *_MACHINE,
            Field("mode", "mode", choice(m.CombinerMode), plain, optional=True),
            Field("components", "components", array_of(integer), plain, optional=True),
            *_STATION_TAIL,
        ),
    ),
    "separator": (
        m.Separator,
        (
            *_MACHINE,
            Field("mode", "mode", choice(m.SeparatorMode), plain, optional=True),
            Field("quantity", "quantity", nullable(read_distribution), _maybe(write_distribution), optional=True),
            *_STATION_TAIL,
        ),
    ),
    "multiprocessor": (m.MultiProcessor, (*_MACHINE, _extra("steps", array_of(_step[0]), _each(_step[1])), *_STATION_TAIL)),
    "conveyor": (
        m.Conveyor,
        (
            Field("length_m", "length_m", number, plain),
            Field("speed_m_s", "speed_m_s", number, plain, optional=True),
            _extra("accumulating", boolean),
            _extra("item_length_m", number),
            _extra("item_spacing_m", number),
            _extra("width_m", number),
            _extra("start_m", nullable(vector)),
            _extra("end_m", nullable(vector)),
            *_STATION_TAIL,
        ),
    ),
    "storage": (m.Storage, (_CAPACITY, _extra("dwell_time_s", read_distribution, write_distribution), *_STATION_TAIL)),
    "sink": (m.Sink, _STATION_TAIL),
}

RESOURCE_FIELDS: dict[str, tuple[type, tuple[Field, ...]]] = {
    "operator": (m.Operator, (*_MOVER, *_RESOURCE_TAIL)),
    "transporter": (m.Transporter, (*_MOVER, *_RESOURCE_TAIL)),
    "robot": (m.Robot, (*_MOVER, _extra("move_time_s", nullable(read_distribution), _maybe(write_distribution)), *_RESOURCE_TAIL)),
    "agv": (m.AGV, (*_MOVER, *_RESOURCE_TAIL)),
    "task_executer": (m.TaskExecuter, (*_MOVER, *_RESOURCE_TAIL)),
    "crane": (m.Crane, (*_MOVER, *_RESOURCE_TAIL)),
    "dispatcher": (
        m.Dispatcher,
        (
            Field("team", "team", array_of(text), plain, optional=True),
            _extra("pass_to", text),
            _extra("queue_strategy", text),
            *_RESOURCE_TAIL,
        ),
    ),
}

LINK_FIELDS = (
    Field("upstream", "upstream", text, plain),
    Field("downstream", "downstream", text, plain),
    Field("out_port", "out_port", integer, plain, optional=True),
    Field("in_port", "in_port", integer, plain, optional=True),
    Field("percent", "percent", nullable(number), plain, optional=True),
    Field("transport", "transport", nullable(text), plain, optional=True),
    _SPAN,
)

KINDS = {row[0]: kind for kind, row in (STATION_FIELDS | RESOURCE_FIELDS).items()}
"""Type of station or resource -> its kind in the document."""
