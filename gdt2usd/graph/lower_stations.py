"""Objects that items flow through, as stations: each property by its meaning.

Not covered: links and resources (`lower`), values (`lower_values`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gdt2usd.diagnostics import Severity
from gdt2usd.graph import distributions as d
from gdt2usd.graph import model as m
from gdt2usd.graph import probe, recognise
from gdt2usd.graph.emit import belt_ends, belt_pose
from gdt2usd.graph.lower_values import Reader
from gdt2usd.script.library_sizes import default_size_m
from gdt2usd.script.model_tree import ModelObject, Value

ARRIVAL_STYLES = {"Inter-Arrival Time": 1, "Arrival Schedule": 2, "Arrival Sequence": 3}
COMBINE_MODES = {"Pack": 1, "Join": 2, "Batch": 3}
SEPARATE_MODES = {"Unpack": 1, "Split": 0}
_UP = ("uptime", "mtbf", "timetofailure", "time_to_failure", "meantimebetweenfailures")
_DOWN = ("downtime", "mttr", "timetorepair", "time_to_repair", "meantimetorepair")


@dataclass(frozen=True, slots=True)
class Around:
    """What a station needs to know of the model: connected names by port rank, tools by name."""

    inputs: int
    outputs: int
    centres: Sequence[str]
    resources: Collection[str]
    tools: Mapping[str, ModelObject]


def station(kind: type[Any], read: Reader, around: Around, name: str) -> m.Station:
    """The station that an object is."""
    common: dict[str, Any] = {
        "id": name,
        "flexsim_class": read.thing.flexsim_class,
        "pose": pose(read.thing),
        "routing": _routing(read, around),
        "pull": read.flag("Pull", read.thing.labels.get("pull") == 1.0),
        "pull_requirement": _pull_requirement(read),
        "pull_strategy": _pull_strategy(read),
        "operator_priority": read.number("OperatorPriority", 0.0),
        "transport_priority": read.number("TransportPriority", 0.0),
        "triggers": _triggers(read),
        "transport_call": transport_code(read, around),
        "span": read.thing.span,
    }
    made: m.Station = kind(**(common | _OWN[kind](read, around)))
    return made


def pose(thing: ModelObject) -> m.Pose:
    """Where an object stands; never placed: the origin."""
    return m.Pose(
        thing.location or (0.0, 0.0, 0.0),
        thing.rotation[2] if thing.rotation else 0.0,
        thing.size or default_size_m(thing.flexsim_class),
    )


# ---- what every station has ----


def _triggers(read: Reader) -> tuple[m.Trigger, ...]:
    found = []
    for name, value in read.thing.properties.items():
        if name.startswith("Triggers."):
            read.used.add(name)
            if isinstance(value, str) and value.strip() and read.compiles(name, value):
                found.append(m.Trigger(name.removeprefix("Triggers."), value))
    return tuple(found)


def _pull_requirement(read: Reader) -> str:
    value = read.raw("PullRequirement")
    if not read.flag("Pull") or value is None:
        return ""
    if isinstance(value, str):
        found = recognise.result_expression(value)
        always = found is not None and recognise.fold(*found) not in (None, 0)
        return "" if always or not value.strip() or not read.compiles("PullRequirement", value) else value
    return "return 0;" if value == 0.0 else ""


def _pull_strategy(read: Reader) -> str:
    value = read.raw("PullStrategy")
    if not read.flag("Pull") or value is None or value == 0.0:
        return ""
    if isinstance(value, str):
        found = recognise.result_expression(value)
        anywhere = found is not None and recognise.fold(*found) == 0
        return "" if anywhere or not value.strip() or not read.compiles("PullStrategy", value) else value
    return f"return {value:g};" if isinstance(value, float) else ""


def _routing(read: Reader, around: Around) -> m.Routing:
    value = read.raw("SendToPort")
    if value is None and "send_to_port" in read.thing.labels:
        value = read.thing.labels["send_to_port"]
    if value is None:
        return m.FirstAvailable()
    found: m.Routing | None = None
    if isinstance(value, float):
        found = recognise.to_port(value)
    elif isinstance(value, str):
        found = recognise.routing(value, around.outputs) or _table_routing(value, around)
        if found is None and read.compiles("SendToPort", value):
            found = m.RoundRobin() if probe.takes_turns(value, around.outputs) else m.RoutingExpression(value)
        elif found is None:
            return m.FirstAvailable()
    if found is None:
        read.report(Severity.ERROR, "GR104", f"SendToPort should be a port or code, got {str(value)[:60]!r}", "SendToPort")
        return m.FirstAvailable()
    return found


def _table_routing(text: str, around: Around) -> m.Routing | None:
    """`dempirical("Table1")` with its table: percentages in column 1, ports in column 2."""
    found = recognise.result_expression(text)
    table = around.tools.get(recognise.text_argument(found[0], "dempirical")) if found else None
    rows = table.properties.get("Rows") if table else None
    if not isinstance(rows, tuple):
        return None
    shares: dict[int, float] = {}
    for row in rows:
        match row:
            case (float() as share, float() as port, *_) if port == int(port):
                shares[int(port)] = shares.get(int(port), 0.0) + share
            case _:
                return None
    return recognise.percentages(shares, around.outputs) if shares else None


# ---- sources, queues ----


def _source(read: Reader, around: Around) -> dict[str, Any]:
    style = read.option("ArrivalStyle", ARRIVAL_STYLES, "Inter-Arrival Time")
    schedule = _arrivals(read) if style != "Inter-Arrival Time" else ()
    if style != "Inter-Arrival Time" and not schedule:
        read.report(
            Severity.WARNING, "GR111", f"the rows of its {style} are not known", "ArrivalStyle", "give them in the label arrivals"
        )
    return {
        "interarrival_time_s": read.distribution("InterArrivalTime", d.Exponential(10.0)),
        "arrival_at_zero": read.flag("TimeZeroArrival"),
        "repeat_schedule": read.flag("RepeatTable"),
        "schedule": schedule,
    }


def _arrivals(read: Reader) -> tuple[m.Arrival, ...]:
    rows = read.thing.labels.get("arrivals") or read.raw("ArrivalSchedule") or read.raw("ArrivalSequence")
    found = []
    for row in rows if isinstance(rows, tuple) else ():
        numbers = [part for part in row if isinstance(part, float) and math.isfinite(part)] if isinstance(row, tuple) else []
        if len(numbers) >= 2 and numbers[1] == int(numbers[1]):
            found.append(m.Arrival(time_s=numbers[0], quantity=int(numbers[1]), item_type=numbers[2] if len(numbers) > 2 else 1.0))
    return tuple(found)


def _queue(read: Reader, around: Around) -> dict[str, Any]:
    batching = None
    size, wait = read.whole("BatchSize", 2), read.number("MaxBatchTime", 0.0, "s")
    if read.flag("DoBatching"):
        batching = m.Batching(size, wait)
    return {
        "capacity": read.whole("MaxContent", 1000),
        "discipline": m.Discipline.LIFO if read.flag("LIFO") else m.Discipline.FIFO,
        "batching": batching,
    }


def _storage(read: Reader, around: Around) -> dict[str, Any]:
    return {
        "capacity": read.whole("MaxContent", 1000),
        "dwell_time_s": read.distribution("MinimumDwellTime", d.Constant(0.0)),
    }


def _sink(read: Reader, around: Around) -> dict[str, Any]:
    return {}


# ---- machines ----


def _machine(read: Reader, around: Around) -> dict[str, Any]:
    return {
        "capacity": read.whole("MaxContent", 1),
        "process_time_s": read.distribution("ProcessTime", d.Constant(10.0)),
        "setup_time_s": read.distribution("SetupTime", d.Constant(0.0)),
        "breakdown": _breakdown(read, around),
        **_operators(read, around),
    }


def _combiner(read: Reader, around: Around) -> dict[str, Any]:
    mode = read.option("CombineMode", COMBINE_MODES, "Pack")
    return _machine(read, around) | {"mode": m.CombinerMode(mode.lower()), "components": _components(read, around)}


def _components(read: Reader, around: Around) -> tuple[int, ...]:
    inputs = max(0, around.inputs - 1)
    labelled = read.label_numbers("components")
    rows = read.raw("ComponentsList")
    quantities = labelled if labelled is not None else _quantities(rows)
    if quantities is None:
        if rows not in (None, ()):
            read.report(
                Severity.WARNING, "GR104", "the rows of ComponentsList are not understood, taken as 1 each", "ComponentsList"
            )
        return (1,) * inputs
    found = tuple(max(0, int(quantity)) for quantity in quantities)
    return found if labelled is not None else found + (1,) * (inputs - len(found))


def _quantities(rows: Value) -> tuple[float, ...] | None:
    if isinstance(rows, float):
        return (rows,)
    found = []
    for row in rows if isinstance(rows, tuple) else ():
        numbers = [part for part in (row if isinstance(row, tuple) else (row,)) if isinstance(part, float) and abs(part) < 1e9]
        if not numbers:
            return None
        found.append(numbers[0])
    return tuple(found) if found else None


def _separator(read: Reader, around: Around) -> dict[str, Any]:
    mode = read.option("SeparateMode", SEPARATE_MODES, "Unpack")
    quantity = None
    if read.raw("SeparateQty") is not None:
        quantity = read.distribution("SeparateQty", d.Constant(2.0), "")
    return _machine(read, around) | {"mode": m.SeparatorMode(mode.lower()), "quantity": quantity}


def _multiprocessor(read: Reader, around: Around) -> dict[str, Any]:
    """Its process list is out of scripts' reach: labels carry it."""
    labels = read.thing.labels
    found = _machine(read, around)
    if "process_time" in labels:
        found["process_time_s"] = read.as_distribution("process_time", labels["process_time"], d.Constant(10.0))
    if "setup_time" in labels:
        found["setup_time_s"] = read.as_distribution("setup_time", labels["setup_time"], d.Constant(0.0))
    capacity = labels.get("capacity")
    if isinstance(capacity, float):
        found["capacity"] = int(capacity)
    need = read.label_numbers("operators", 3)
    if need is not None:
        found["operators"] = m.OperatorNeed(tuple(around.centres[: int(need[2])]), int(need[0]), int(need[1]))
    rows = labels.get("processes")
    steps = []
    for row in rows if isinstance(rows, tuple) else ():
        match row:
            case (str() as name, time, float() as operators):
                steps.append(m.ProcessStep(name=name, process_time_s=_step_time(read, time), operator_count=int(operators)))
    return found | {"steps": tuple(steps)}


def _step_time(read: Reader, value: Value) -> d.Distribution:
    return read.as_distribution("processes", value, d.Constant(10.0))


def _breakdown(read: Reader, around: Around) -> m.Breakdown | None:
    members = read.raw("MTBFMTTRs")
    own = read.thing.labels.get("breakdown")
    if isinstance(own, tuple) and len(own) == 2:
        times = [read.as_distribution("breakdown", time, d.Constant(0.0)) for time in own]
        return m.Breakdown(times[0], times[1])
    names = members if isinstance(members, tuple) else (members,)
    for tool in (around.tools[name] for name in names if isinstance(name, str) and name in around.tools):
        values = {key.replace(" ", "").lower(): value for key, value in (tool.properties | tool.labels).items()}
        up, down = _first(values, _UP), _first(values, _DOWN)
        if up is not None and down is not None:
            failure = read.as_distribution("MTBFMTTRs", up, d.Constant(0.0))
            return m.Breakdown(failure, read.as_distribution("MTBFMTTRs", down, d.Constant(0.0)))
        read.report(
            Severity.WARNING, "GR110", f"the up and down times of {tool.name!r} are not known", "MTBFMTTRs",
            "give the station a label breakdown with both",
        )  # fmt: skip
    return None


def _first(values: Mapping[str, Value], keys: tuple[str, ...]) -> Value:
    return next((values[key] for key in keys if values.get(key) is not None), None)


# ---- who is called ----


def _operators(read: Reader, around: Around) -> dict[str, Any]:
    """`operators`, and `operator_call` where code chooses for each item."""
    process = read.whole("NumProcessOperators", 1) if read.flag("UseProcessOperators") else 0
    same = read.flag("UseSameNumOperators")
    setup = read.whole("NumSetupOperators", 1) if read.flag("UseSetupOperators") or (same and process) else 0
    value = read.raw("OperatorRef")
    if not process and not setup:
        return {}
    if (code := _call_code(read, around, "OperatorRef", (1,))) is not None:
        return {"operators": m.OperatorNeed(code.resources, process, setup), "operator_call": code}
    if isinstance(value, str) and (count := recognise.first_free_count(value)) is not None:
        called: tuple[str, ...] = tuple(name for name in around.centres[:count] if name in around.resources)
    else:
        found = called_by(read, around, "OperatorRef", 1, around.outputs)
        called = (found,) if found else ()
    if not called:
        hint = 'connect one with contextdragconnection(machine, operator, "S")'
        read.report(Severity.WARNING, "GR107", "it needs operators but calls none that is connected", "UseProcessOperators", hint)
    return {"operators": m.OperatorNeed(called, process, setup)}


def _call_code(read: Reader, around: Around, name: str, ports: Sequence[int]) -> m.CallCode | None:
    """The code of a reference property, where who it calls is only known per item; None where it is plain or cannot be run."""
    value = read.raw(name)
    if not isinstance(value, str) or value.strip("/") in around.resources or recognise.first_free_count(value) is not None:
        return None
    told = (probe.called_resource(value, around.centres, around.outputs, port, around.resources) for port in ports)
    if all(found is not None for found in told) or not around.centres or not read.compiles(name, value):
        return None
    if not all(centre in around.resources for centre in around.centres):
        return None  # its centre ports cannot be told by the resources alone
    return m.CallCode(tuple(around.centres), value)


def transport_code(read: Reader, around: Around) -> m.CallCode | None:
    """The code of TransportRef, where who carries depends on the item."""
    if read.label_numbers("transport") is not None or not read.flag("UseTransport"):
        return None
    return _call_code(read, around, "TransportRef", range(1, around.outputs + 1))


def called_by(read: Reader, around: Around, name: str, port: int, ports: int) -> str | None:
    """The resource that a reference property returns for an output port: centre port 1 if it was never set."""
    value = read.raw(name)
    first = next(iter(around.centres), None)
    found: str | None = None
    match value:
        case None:
            found = first
        case float() if 1 <= value <= len(around.centres):
            found = around.centres[int(value) - 1]
        case str() if value.strip("/") in around.resources:
            found = value.strip("/")
        case str():
            found = probe.called_resource(value, around.centres, ports, port, around.resources)
            if found is None:
                hint = "the one at centre port 1 is taken"
                read.report(Severity.WARNING, "GR113", f"who {name} calls is only known when it runs", name, hint)
                found = first
    return found if found in around.resources else None


def transports(read: Reader, around: Around) -> tuple[str | None, ...]:
    """The resource that carries items, by output port."""
    none = (None,) * around.outputs
    belt = read.label_numbers("transport")
    if belt is not None and len(belt) == around.outputs:
        return tuple(around.centres[int(port) - 1] if 1 <= port <= len(around.centres) else None for port in belt)
    if not read.flag("UseTransport"):
        read.used.add("TransportRef")
        return none
    if (code := transport_code(read, around)) is not None:
        return (code.resources[0],) * around.outputs
    found = tuple(called_by(read, around, "TransportRef", port, around.outputs) for port in range(1, around.outputs + 1))
    if around.outputs and not any(found):
        hint = 'connect one with contextdragconnection(station, transporter, "S")'
        read.report(Severity.WARNING, "GR107", "it uses transport but calls none that is connected", "UseTransport", hint)
    return found


# ---- conveyors ----


def _conveyor(read: Reader, around: Around) -> dict[str, Any]:
    start, end = read.triple("StartLocation"), read.triple("EndLocation")
    length = _length(read, start, end)
    width = read.number("Width", 1.0, "m")
    thing = read.thing
    found: dict[str, Any] = {
        "length_m": length,
        "speed_m_s": read.number("Speed", 1.0, "m/s"),
        "accumulating": read.flag("IsAccumulating", True),
        "item_spacing_m": read.number("StopSpacePadding", 0.0, "m"),
        "width_m": width,
    }
    item_length = thing.labels.get("item_length")
    if isinstance(item_length, float):
        found["item_length_m"] = item_length
    place = pose(thing)
    labelled, drawn = read.label_numbers("pose", 4), read.label_numbers("drawn_at", 4)
    if start is not None and end is not None:
        place = belt_pose(start, end, length, width)
        own = m.Pose((labelled[0], labelled[1], labelled[2]), labelled[3], place.size_m) if labelled else None
        if own is not None and belt_ends(own, length) == (start, end):
            place, start, end = own, None, None
        elif drawn:
            place = m.Pose((drawn[0], drawn[1], drawn[2]), drawn[3], place.size_m)
    size = read.label_numbers("size", 3) or thing.size or default_size_m(thing.flexsim_class, length, width)
    found["pose"] = m.Pose(place.position_m, place.yaw_deg, (size[0], size[1], size[2]))
    if start is not None and end is not None:
        found |= {"start_m": start, "end_m": end}
    return found


def _length(read: Reader, start: tuple[float, ...] | None, end: tuple[float, ...] | None) -> float:
    if read.thing.flexsim_class.endswith("CurvedConveyor"):
        radius, sweep = read.number("Radius", 5.0, "m"), read.number("SweepAngle", 90.0)
        default = abs(math.radians(sweep)) * radius
    else:
        default = math.dist(start, end) if start and end else 10.0
    virtual = read.number("VirtualLength", default, "m")
    length = read.number("HorizontalLength", default, "m")
    return virtual if read.flag("UseVirtualLength") else length


_OWN: dict[type, Callable[[Reader, Around], dict[str, Any]]] = {
    m.Source: _source,
    m.Queue: _queue,
    m.Processor: _machine,
    m.Combiner: _combiner,
    m.Separator: _separator,
    m.MultiProcessor: _multiprocessor,
    m.Conveyor: _conveyor,
    m.Storage: _storage,
    m.Sink: _sink,
}
