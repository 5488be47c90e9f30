"""Members, methods and indices of the model's nodes: objects, labels, ports, tables, tools.

Not covered: values that are no nodes (`interpreter_members`), properties (`interpreter_properties`).
"""

from __future__ import annotations

from collections.abc import Callable

from gdt2usd.diagnostics import Severity
from gdt2usd.script.interpreter_frame import Frame
from gdt2usd.script.interpreter_nodes import (
    CORNER,
    Children,
    Labels,
    Node,
    ObjectNode,
    Ports,
    PropertyNode,
    Quiet,
    Row,
    TableNode,
    Triple,
    to_array,
)
from gdt2usd.script.interpreter_properties import (
    default_size,
    frozen,
    get_property,
    label,
    set_property,
    spatial,
    store_property,
    triple,
    variable_property,
)
from gdt2usd.script.interpreter_tables import call_table, cell, set_cell
from gdt2usd.script.interpreter_values import Array, ScriptFault, Value, Vector, number, same, text, type_name, vec3, whole

NODES = (Node, Ports, Labels, Children, Row, Quiet)

MAX_NESTING = 50
_SPATIAL = {"location": "Location", "size": "Size", "rotation": "Rotation"}
_QUIET = frozenset(
    ["stats", "flags", "attrs", "animations", "input", "output", "resetPosition", "stopCount", "events", "navigator"]
)
_PORTS = {"outObjects": "outputs", "inObjects": "inputs", "centerObjects": "centres"}


def _missing(value: Value, name: str, hint: str = "") -> ScriptFault:
    return ScriptFault("FS314", f"{type_name(value)} has no member {name!r}", hint)


# ---- reading ----


def get_member(frame: Frame, value: Value, name: str) -> Value:
    """`value.name`. Raises ScriptFault."""
    match value:
        case PropertyNode() if name == "value":
            return get_property(frame, value.owner, value.property)
        case TableNode() if name in ("numRows", "numCols"):
            return len(value.rows) if name == "numRows" else len(value.column_names)
        case ObjectNode():
            return _object_member(frame, value, name)
        case Node():
            return _node_member(frame, value, name)
        case Ports() | Children() | Labels() | Row():
            return _list_member(value, name)
        case Quiet():
            return Quiet(f"{value.what}.{name}") if name not in ("value", "length") else 0
    raise _missing(value, name)


def _object_member(frame: Frame, thing: ObjectNode, name: str) -> Value:
    if name in _SPATIAL:
        return vec3(*spatial(thing, _SPATIAL[name]))
    if name in _PORTS:
        return Ports(thing, _PORTS[name])  # type: ignore[arg-type]
    if name == "labels":
        return Labels(thing)
    if name == "color":
        return Vector("rgba", [*(thing.colour or (0.5, 0.5, 0.5)), 1.0][:4])
    if name == "length" and thing.flexsim_class == "Group":
        return len(thing.children)
    if name in _QUIET:
        return Quiet(name)
    if name in _NODE_MEMBERS:
        return _node_member(frame, thing, name)
    if name in thing.labels:
        return thing.labels[name].value
    near = f"a label? labels here: {', '.join(list(thing.labels)[:8])}" if thing.labels else ""
    raise ScriptFault("FS314", f"{thing.name!r} ({thing.flexsim_class}) has no member or label {name!r}", near)


def _sibling(node: Node, offset: int) -> Node | None:
    row = node.parent.children if node.parent else []
    at = next((i for i, child in enumerate(row) if child is node), -1) + offset
    return row[at] if node.parent and 0 <= at < len(row) else None


def _rank(node: Node) -> int:
    row = node.parent.children if node.parent else []
    return next((i for i, child in enumerate(row, 1) if child is node), 1)


_NODE_MEMBERS: dict[str, Callable[[Node], Value]] = {
    "name": lambda node: node.name,
    "value": lambda node: node.value if node.value is not None else (node if isinstance(node, ObjectNode) else None),
    "subnodes": Children,
    "first": lambda node: node.children[0] if node.children else None,
    "last": lambda node: node.children[-1] if node.children else None,
    "next": lambda node: _sibling(node, 1),
    "prev": lambda node: _sibling(node, -1),
    "up": lambda node: node.parent,
    "rank": _rank,
    "dataType": lambda node: 4 if isinstance(node, ObjectNode) else 2 if isinstance(node.value, str) else 1,
    "length": lambda node: len(node.children),
}


def _node_member(frame: Frame, node: Node, name: str) -> Value:
    if name in _NODE_MEMBERS:
        return _NODE_MEMBERS[name](node)
    if name == "labels":
        raise ScriptFault("FS314", f"{node.name!r} is no object and has no labels")
    child = next((child for child in node.children if child.name == name), None)
    if child is not None:
        return child
    raise _missing(node, name)


def _list_member(value: Ports | Children | Labels | Row, name: str) -> Value:
    if name == "length":
        return len(_list(value))
    if isinstance(value, Labels) and name in value.owner.labels:
        return value.owner.labels[name].value
    raise _missing(value, name)


def _list(value: Ports | Children | Labels | Row) -> list[Value]:
    match value:
        case Ports():
            return value.objects()
        case Children():
            return list(value.owner.children)
        case Labels():
            return list(value.owner.labels.values())
        case Row():
            return value.table.rows[value.index]


# ---- writing ----


def set_member(frame: Frame, value: Value, name: str, new: Value) -> None:
    """`value.name = new`. Raises ScriptFault."""
    match value:
        case PropertyNode() if name == "value":
            store_property(frame, value.owner, value.property, new)
        case ObjectNode():
            _set_object_member(frame, value, name, new)
        case Node():
            _set_node_member(frame, value, name, new)
        case Labels():
            label(value.owner, name).value = new
        case Quiet():
            return
        case _:
            raise _missing(value, name)


def _set_object_member(frame: Frame, thing: ObjectNode, name: str, new: Value) -> None:
    if name in _SPATIAL:
        set_property(frame, thing, _SPATIAL[name], new)
    elif name == "color":
        thing.colour = frozen(new)
    elif name in _NODE_MEMBERS:
        _set_node_member(frame, thing, name, new)
    elif name not in _QUIET and name not in _PORTS:
        label(thing, name).value = new


def _set_node_member(frame: Frame, node: Node, name: str, new: Value) -> None:
    if name == "name":
        frame.host.rename(node, text(new, "a name"))
    elif name == "value":
        node.value = new
    elif name == "up":
        _move(node, new)
    elif name == "rank":
        _set_rank(node, whole(new))
    else:
        raise ScriptFault("FS314", f"{name!r} of {type_name(node)} cannot be set")


def _move(node: Node, parent: Value) -> None:
    if not isinstance(parent, Node):
        raise ScriptFault("FS322", f"an object can only be moved into an object, got {type_name(parent)}")
    above: Node | None = parent
    for _ in range(MAX_NESTING):
        if above is node:
            raise ScriptFault("FS322", f"{node.name!r} cannot be moved into itself")
        if above is None:
            break
        above = above.parent
    else:
        raise ScriptFault("FS303", f"objects are nested more than {MAX_NESTING} deep")
    node.detach()
    parent.add(node)


def _set_rank(node: Node, rank: int) -> None:
    if node.parent is not None:
        row = node.parent.children
        row.remove(node)
        row.insert(max(0, min(rank, len(row) + 1) - 1), node)


# ---- indices ----


def get_index(frame: Frame, value: Value, index: Value) -> Value:
    """`value[index]`. Raises ScriptFault."""
    match value:
        case TableNode():
            return Row(value, value.row_number(index))
        case Row():
            return cell(value, index)
        case Labels():
            return _label_at(value, index)
        case Quiet():
            return Quiet(value.what)
        case Ports() | Children():
            return _at(_list(value), index, value)
        case ObjectNode() if value.flexsim_class == "Group":
            return _at(list(value.children), index, value)
        case Node():
            return _at(list(value.children), index, value)
    raise ScriptFault("FS314", f"{type_name(value)} has no elements")


def _at(row: list[Value], index: Value, value: Value) -> Value:
    if isinstance(index, str):
        return next((child for child in row if child.name == index), None)
    found = whole(index, "an index")
    if not 1 <= found <= len(row):
        what = type_name(value)
        raise ScriptFault("FS321", f"{found} is outside {what} with {len(row)} entries", "ports and subnodes count from 1")
    return row[found - 1]


def _label_at(value: Labels, index: Value) -> Value:
    if isinstance(index, str):
        return value.owner.labels.get(index)
    return _at(_list(value), index, value)


def set_index(frame: Frame, value: Value, index: Value, new: Value) -> None:
    """`value[index] = new`. Raises ScriptFault."""
    match value:
        case Row():
            set_cell(frame, value, index, new)
        case Labels():
            label(value.owner, text(index, "the name of a label")).value = new
        case Quiet():
            return
        case _:
            raise ScriptFault("FS314", f"elements of {type_name(value)} cannot be set")


# ---- methods ----


def call_method(frame: Frame, value: Value, name: str, arguments: list[Value]) -> Value:
    """`value.name(arguments)`. Raises ScriptFault."""
    if isinstance(value, TableNode) and (found := call_table(frame, value, name, arguments)) is not NotImplemented:
        return found
    table: dict[str, Callable[..., Value]] = {}
    match value:
        case ObjectNode():
            table = _OBJECT_METHODS if value.flexsim_class != "Group" else _OBJECT_METHODS | _GROUP_METHODS
        case Node():
            table = _NODE_METHODS
        case Ports() | Children():
            table = {"toArray": lambda frame, ports: to_array(_list(ports))}
        case Labels():
            table = {
                "assert": lambda frame, labels, key, initial=None: label(labels.owner, text(key), initial),
                "toArray": lambda frame, labels: to_array(_list(labels)),
            }
        case Quiet():
            return 0
    method = table.get(name)
    if method is None:
        raise _missing(value, name + "()")
    try:
        return method(frame, value, *arguments)
    except TypeError:
        raise ScriptFault("FS312", f"{name}() does not take {len(arguments)} arguments of these types") from None


def _factors(arguments: tuple[Value, ...]) -> tuple[Triple, Triple]:
    """Point and factors of setLocation in any of its forms."""
    flat: list[float] = []
    for argument in arguments:
        flat += argument.parts if isinstance(argument, Vector) else [float(number(argument, "a coordinate"))]
    if len(flat) not in (2, 3, 6):
        raise ScriptFault("FS312", f"setLocation() takes 3 or 6 coordinates, got {len(flat)}", "write (x, y, z, 0.5, 0.5, 0)")
    flat += [0.0] * (3 - len(flat))
    point = (flat[0], flat[1], flat[2])
    return point, (flat[3], flat[4], flat[5]) if len(flat) == 6 else CORNER


def _set_location(frame: Frame, thing: ObjectNode, *arguments: Value) -> Value:
    thing.place(*_factors(arguments))
    return thing


def _get_location(frame: Frame, thing: ObjectNode, *factors: Value) -> Value:
    parts = factors[0].parts if factors and isinstance(factors[0], Vector) else [float(number(f)) for f in factors]
    parts = [*parts, 0.0, 0.0, 0.0][:3]
    return vec3(*thing.location((parts[0], parts[1], parts[2]), default_size(thing.flexsim_class)))


def _three(arguments: tuple[Value, ...], what: str) -> Triple:
    if len(arguments) == 1:
        return triple(arguments[0], what)
    if len(arguments) != 3:
        raise ScriptFault("FS312", f"{what} takes 3 numbers, got {len(arguments)}")
    x, y, z = (float(number(part)) for part in arguments)
    return x, y, z


def _set_size(frame: Frame, thing: ObjectNode, *arguments: Value) -> Value:
    thing.resize(_three(arguments, "setSize()"), default_size(thing.flexsim_class))
    return thing


def _set_rotation(frame: Frame, thing: ObjectNode, *arguments: Value) -> Value:
    thing.rotation = _three(arguments, "setRotation()")
    return thing


def _set_property(frame: Frame, thing: ObjectNode, name: Value, value: Value) -> Value:
    set_property(frame, thing, text(name, "the name of a property"), value)
    return None


def _find(frame: Frame, node: Node, path: Value) -> Value:
    return frame.host.find_from(node, text(path, "a path"), frame)


def _copy(frame: Frame, node: Node, destination: Value = None, flags: Value = 0) -> Value:
    return frame.host.copy(node, destination if isinstance(destination, Node) else None, frame)


def _destroy(frame: Frame, node: Node) -> Value:
    frame.host.destroy(node)
    return None


def _path(frame: Frame, node: Node, *rest: Value) -> Value:
    names: list[str] = []
    above: Node | None = node
    while above is not None and above.parent is not None:
        names.append(above.name)
        above = above.parent
    return "/".join(reversed(names))


def _quiet(frame: Frame, node: Node, *arguments: Value) -> Value:
    return None


def _evaluate(frame: Frame, node: Node, *arguments: Value) -> Value:
    frame.report(Severity.WARNING, "FS305", "code is not evaluated while the model is built", "its result is taken as 0")
    return 0


def _get_variable(frame: Frame, thing: ObjectNode, variable: Value) -> Value:
    return get_property(frame, thing, variable_property(thing, text(variable)))


def _set_variable(frame: Frame, thing: ObjectNode, variable: Value, value: Value) -> Value:
    store_property(frame, thing, variable_property(thing, text(variable)), value)
    return None


_NODE_METHODS: dict[str, Callable[..., Value]] = {
    "find": _find,
    "copy": _copy,
    "destroy": _destroy,
    "getPath": _path,
    "evaluate": _evaluate,
    "coevaluate": _evaluate,
    "as": lambda frame, node, kind=None: node,
}

_OBJECT_METHODS: dict[str, Callable[..., Value]] = _NODE_METHODS | {
    "setLocation": _set_location,
    "getLocation": _get_location,
    "setSize": _set_size,
    "setRotation": _set_rotation,
    "setProperty": _set_property,
    "getProperty": lambda frame, thing, name, flags=0: get_property(frame, thing, text(name)),
    "setVariable": _set_variable,
    "getVariable": _get_variable,
    "applyProperties": _quiet,
    "setState": _quiet,
    "stop": _quiet,
    "resume": _quiet,
    "message": _quiet,
    "event": lambda frame, thing, *arguments: Quiet("event"),
}


def _add_member(frame: Frame, group: ObjectNode, member: Value) -> Value:
    if not isinstance(member, Node):
        raise ScriptFault("FS322", f"a member of a group is an object, got {type_name(member)}")
    if not any(same(member, child) for child in group.children):
        group.children.append(member)
    return None


def _remove_member(frame: Frame, group: ObjectNode, member: Value) -> Value:
    group.children = [child for child in group.children if child is not member]
    return None


_GROUP_METHODS: dict[str, Callable[..., Value]] = {
    "addMember": _add_member,
    "removeMember": _remove_member,
    "indexOf": lambda frame, group, member: next((i for i, c in enumerate(group.children, 1) if c is member), 0),
    "isMember": lambda frame, group, member, deep=0: int(any(child is member for child in group.children)),
    "toFlatArray": lambda frame, group: Array(list(group.children)),
}
