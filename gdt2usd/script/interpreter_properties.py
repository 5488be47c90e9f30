"""Properties of objects: FlexSim's names and defaults, old variable names, the ones that are geometry in disguise.

Defaults are those of unedited library objects in published models. Not covered: what a property means (`graph.lower`).
"""

from __future__ import annotations

from typing import Any

from gdt2usd.diagnostics import Severity
from gdt2usd.script import reference
from gdt2usd.script.interpreter_frame import Frame
from gdt2usd.script.interpreter_nodes import CORNER, Node, ObjectNode, TableNode, Triple
from gdt2usd.script.interpreter_values import Array, Moment, ScriptFault, Value, Vector, number, text, type_name
from gdt2usd.script.library_sizes import default_size_m

VARIABLES: dict[str, str] = {
    "arrivalmode": "ArrivalStyle", "interarrivaltime": "InterArrivalTime", "timezerocreate": "TimeZeroArrival",
    "itemclass": "FlowItemClass", "schedule": "ArrivalSchedule", "sequence": "ArrivalSequence", "repeat": "RepeatTable",
    "usebatching": "DoBatching", "batchsize": "BatchSize", "maxwaittime": "MaxBatchTime", "flush": "FlushContent",
    "placemode": "ItemPlacement", "stackinitz": "StackBaseZ", "lifo": "LIFO", "cycletime": "ProcessTime",
    "setuptime": "SetupTime", "useprocessoperators": "UseProcessOperators", "nrofprocessoperators": "NumProcessOperators",
    "usesetupoperators": "UseSetupOperators", "nrofsetupoperators": "NumSetupOperators",
    "processoperatorpriority": "OperatorPriority", "preemptprocessoperators": "OperatorPreempt", "processdispatcher": "OperatorRef",
    "usesameop": "UseSameNumOperators", "componentlist": "ComponentsList", "pull": "Pull", "sendtoport": "SendToPort",
    "receivefromport": "PullStrategy", "pullrequirement": "PullRequirement", "usetransport": "UseTransport",
    "transportpriority": "TransportPriority", "preempttransport": "TransportPreempt", "transportdispatcher": "TransportRef",
    "loadtime": "LoadTime", "unloadtime": "UnloadTime", "maxspeed": "MaxSpeed", "acceleration": "Acceleration",
    "deceleration": "Deceleration", "navigator": "Navigator", "breakto": "BreakTo", "useoffsets": "OffsetTravel",
    "modifyrotation": "RotateTraveling", "flipthreshold": "FlipThreshold", "passto": "PassTo", "queuestrategy": "QueueStrategy",
    "forkspeed": "LiftSpeed", "speed": "Speed", "length": "HorizontalLength", "rise": "Rise", "width": "Width",
    "accumType": "IsAccumulating", "useVirtualLength": "UseVirtualLength", "virtualLength": "VirtualLength",
    "resettrigger": "Triggers.OnReset", "entrytrigger": "Triggers.OnEntry", "exittrigger": "Triggers.OnExit",
    "messagetrigger": "Triggers.OnMessage", "creationtrigger": "Triggers.OnCreation",
    "processfinishtrigger": "Triggers.OnProcessFinish", "loadtrigger": "Triggers.OnLoad", "unloadtrigger": "Triggers.OnUnload",
}  # fmt: skip
"""Variable in the tree (`getvarnum(o, "cycletime")`) -> property."""

MOVERS = frozenset(["TaskExecuter", "Operator", "Transporter", "Robot", "Crane", "Elevator", "ASRSvehicle", "BasicTE"])

_FLOW: dict[str, Value] = {"UseTransport": 0, "Pull": 0}
_MACHINE: dict[str, Value] = {
    "MaxContent": 1, "ProcessTime": 10, "SetupTime": 0, "UseProcessOperators": 0, "NumProcessOperators": 1, "UseSetupOperators": 0,
    "NumSetupOperators": 1, **_FLOW,
}  # fmt: skip
_MOVER: dict[str, Value] = {
    "Capacity": 1, "MaxSpeed": 2, "Acceleration": 1, "Deceleration": 1, "LoadTime": 0, "UnloadTime": 0, "OffsetTravel": 1,
    "FlipThreshold": 180,
}  # fmt: skip
INTER_ARRIVAL = "Object current = ownerobject(c);\nreturn exponential(0, 10, getstream(current));"

DEFAULTS: dict[str, dict[str, Value]] = {
    "Source": {"ArrivalStyle": 1, "InterArrivalTime": INTER_ARRIVAL, "TimeZeroArrival": 0, "RepeatTable": 0, **_FLOW},
    "Queue": {
        "MaxContent": 1000, "LIFO": 0, "DoBatching": 0, "BatchSize": 2, "MaxBatchTime": 0, "ItemPlacement": 3, "StackBaseZ": 0.1,
        **_FLOW,
    },
    "Processor": _MACHINE,
    "Combiner": _MACHINE | {"CombineMode": 1},
    "Separator": _MACHINE | {"SeparateMode": 1},
    "MultiProcessor": _FLOW,
    "Sink": _FLOW,
    "Rack": {"MaxContent": 1000, "MinimumDwellTime": 0, **_FLOW},
    "Conveyor::StraightConveyor": {"Speed": 1, "Acceleration": 0, "Width": 1, "IsAccumulating": 1, "HorizontalLength": 10},
    **dict.fromkeys(MOVERS, _MOVER),
    "Transporter": _MOVER | {"LiftSpeed": 1},
}  # fmt: skip
"""Library class -> property -> value before any script touches it."""

MAX_PROPERTIES = 1000
_SPATIAL = ("Location", "Size", "Rotation")
_AXES = {"X": 0, "Y": 1, "Z": 2}


def default_size(flexsim_class: str) -> Triple:
    """Size of a new object of a class, in metres."""
    return default_size_m(flexsim_class)


def frozen(value: Value) -> Any:
    """`value` as a property keeps it: arrays and vectors become tuples; objects stay nodes."""
    match value:
        case Array():
            return tuple(frozen(element) for element in value.items[:5000])
        case Vector():
            return tuple(value.parts)
        case Moment():
            return value.seconds
        case int() | float() | str() | None | Node() | tuple():
            return value
        case _:
            raise ScriptFault("FS322", f"{type_name(value)} cannot be the value of a property")


def thawed(value: Any) -> Value:
    """A property's value as the script sees it: tuples become arrays."""
    return Array([thawed(element) for element in value]) if isinstance(value, tuple) else value


def triple(value: Value, what: str) -> Triple:
    """Three numbers from a Vec3, an array or a text `[1,2,3]`. Raises ScriptFault."""
    parts = value.parts if isinstance(value, Vector) else value.items if isinstance(value, Array) else None
    if isinstance(value, str):
        try:
            parts = [float(part) for part in value.strip().strip("[]()").split(",")]
        except ValueError:
            parts = None
    if parts is None or len(parts) < 2:
        raise ScriptFault("FS322", f"{what} needs three numbers, got {type_name(value)}", "write [x, y, z]")
    found = [float(number(part)) for part in parts[:3]]
    return found[0], found[1], found[2] if len(found) > 2 else 0.0


def set_property(frame: Frame, thing: ObjectNode, name: str, value: Value) -> None:
    """`thing.setProperty(name, value)`. A name that the class lacks is reported; geometry goes to the geometry."""
    head, _, axis = name.partition(".")
    if head in _SPATIAL:
        _set_spatial(thing, head, axis, value)
    elif name == "Name":
        frame.host.rename(thing, text(value))
    elif head == "Color":
        thing.colour = thing.colour if axis else frozen(value)
    elif head == "Labels" and axis:
        label(thing, axis).value = value
    elif head in ("InObjects", "OutObjects", "CenterObjects", "Groups"):
        frame.report(Severity.WARNING, "FS317", f"setting {name} has no effect here", "connect with contextdragconnection()")
    else:
        check_property(frame, thing, name)
        store_property(frame, thing, name, value)


def store_property(frame: Frame, thing: ObjectNode, name: str, value: Value) -> None:
    """Keep the value of a property and where it was set."""
    stored = frozen(value)
    if isinstance(stored, tuple | str):
        frame.spend(len(stored))
    if len(thing.properties) >= MAX_PROPERTIES and name not in thing.properties:
        raise ScriptFault("FS303", f"{thing.name!r} has more than {MAX_PROPERTIES} properties")
    thing.properties[name] = stored
    if frame.span is not None:
        thing.property_spans[name] = frame.span


def check_property(frame: Frame, thing: ObjectNode, name: str) -> None:
    """Report a property that the object's class does not have."""
    if name.startswith(("Triggers.", "Labels.")) or type(thing) is TableNode:
        return
    known = reference.load()
    properties = known.properties(thing.flexsim_class)
    if not properties or name in properties or name.partition(".")[0] in properties:
        return
    near = reference.nearest(name, properties)
    hint = f"did you mean {near!r}?" if near else ""
    message = f"{thing.flexsim_class} has no property {name!r}"
    tool = thing.flexsim_class in known.notes["tools"]["types"]  # the tables hold only what all tools have
    frame.report(Severity.WARNING if tool else Severity.ERROR, "FS316", message, hint)


def _set_spatial(thing: ObjectNode, head: str, axis: str, value: Value) -> None:
    size = default_size(thing.flexsim_class)
    if axis:
        if axis not in _AXES:
            raise ScriptFault("FS316", f"{head} has no component {axis!r}", "X, Y or Z")
        found = list(spatial(thing, head))
        found[_AXES[axis]] = float(number(value))
        new = (found[0], found[1], found[2])
    else:
        new = triple(value, head)
    if head == "Location":
        thing.place(new, CORNER)
    elif head == "Size":
        thing.resize(new, size)
    else:
        thing.rotation = new


def spatial(thing: ObjectNode, head: str) -> Triple:
    """Location (corner), size or rotation of an object."""
    size = default_size(thing.flexsim_class)
    if head == "Location":
        return thing.location(CORNER, size)
    return thing.size or size if head == "Size" else thing.rotation or (0.0, 0.0, 0.0)


def get_property(frame: Frame, thing: ObjectNode, name: str) -> Value:
    """`thing.getProperty(name)`: what was set, else the default of the class, else 0."""
    head, _, axis = name.partition(".")
    if head in _SPATIAL:
        found = spatial(thing, head)
        return found[_AXES[axis]] if axis in _AXES else Array(list(found))
    if name == "Name":
        return thing.name
    if name == "Class":
        return thing.flexsim_class
    if head == "Labels" and axis:
        return label(thing, axis).value
    if name in thing.properties:
        return thawed(thing.properties[name])
    check_property(frame, thing, name)
    return DEFAULTS.get(thing.flexsim_class, {}).get(name, 0)


def label(thing: ObjectNode, name: str, initial: Value = None) -> Node:
    """The label node `name`, made if it is not there."""
    found = thing.labels.get(name)
    if found is None:
        if len(thing.labels) >= 10_000:
            raise ScriptFault("FS303", f"{thing.name!r} has more than 10000 labels")
        found = thing.labels[name] = Node(name, initial)
        found.parent = thing
    return found


def variable_property(thing: ObjectNode, variable: str) -> str:
    """The property behind a tree variable; the variable's own name if it is not known."""
    if variable == "maxcontent":
        return "Capacity" if thing.flexsim_class in MOVERS else "MaxContent"
    return VARIABLES.get(variable, variable)
