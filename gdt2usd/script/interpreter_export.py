"""The model a script has built as a `ModelTree`: objects in the order of the tree, connections in the order they were made.

Not covered: what it means (`graph.lower`).
"""

from __future__ import annotations

import math

from gdt2usd.script.interpreter_model import Model
from gdt2usd.script.interpreter_nodes import CENTRE, CORNER, Node, ObjectNode, TableNode, Triple, Wire
from gdt2usd.script.interpreter_properties import default_size, frozen
from gdt2usd.script.interpreter_values import Array, Map, ScriptFault, Vector
from gdt2usd.script.model_tree import ModelObject, ModelTree, ObjectRef, PortConnection, Value

MAX_DEPTH = 20


def export(model: Model) -> ModelTree:
    """The finished tree."""
    nodes = [node for node in model.root.below() if isinstance(node, ObjectNode)]
    index = {id(node): i for i, node in enumerate(nodes)}
    tools = [tool for tool in model.tools.children if isinstance(tool, ObjectNode)]
    return ModelTree(
        objects=tuple(_object(node, index) for node in nodes),
        connections=tuple(_connections(nodes, index)),
        tools=tuple(_tool(tool, index) for tool in tools),
        stop_time=model.stop_time,
        warm_up_time=model.warm_up_time,
    )


def _object(node: ObjectNode, index: dict[int, int]) -> ModelObject:
    return ModelObject(
        name=node.name,
        flexsim_class=node.flexsim_class,
        location=_place(node),
        rotation=node.rotation,
        size=node.size,
        properties={name: _value(value, index) for name, value in node.properties.items()},
        labels={name: _value(found.value, index) for name, found in node.labels.items()},
        span=node.span,
        property_spans=dict(node.property_spans),
    )


def _tool(node: ObjectNode, index: dict[int, int]) -> ModelObject:
    made = _object(node, index)
    if isinstance(node, TableNode):
        made.properties["Rows"] = tuple(tuple(_value(cell, index) for cell in row) for row in node.rows)
        made.properties["Columns"] = tuple(node.column_names)
    elif node.flexsim_class == "Group":
        made.properties["Members"] = tuple(_value(child, index) for child in node.children)
    return made


def _place(node: ObjectNode) -> Triple | None:
    """The bottom centre, in metres; an object in a container adds the container's corner."""
    if node.point is None:
        return None
    place = node.location(CENTRE, default_size(node.flexsim_class))
    if node.anchor != CENTRE:
        place = (round(place[0], 9), round(place[1], 9), round(place[2], 9))
    above = node.parent
    while isinstance(above, ObjectNode):
        corner = above.location(CORNER, default_size(above.flexsim_class))
        place = (place[0] + corner[0], place[1] + corner[1], place[2] + corner[2])
        above = above.parent
    return place if all(math.isfinite(part) for part in place) else None


def _value(value: object, index: dict[int, int], depth: int = 0) -> Value:
    """A script's value as the tree keeps it; what cannot be kept (NULL, lost objects, too deep) is None."""
    if depth > MAX_DEPTH:
        return None
    match value:
        case int() | float():
            return float(value) if -(2**63) <= value < 2**63 else math.inf
        case str():
            return value
        case tuple():
            return tuple(_value(element, index, depth + 1) for element in value)
        case ObjectNode() if id(value) in index:
            return ObjectRef(index[id(value)])
        case ObjectNode():
            return value.name if value.exists else None
        case Node():
            return _value(value.value, index, depth + 1)
        case Array() | Vector():
            try:
                return _value(frozen(value), index, depth + 1)
            except (ScriptFault, RecursionError):
                return None
        case Map():
            return tuple((str(key), _value(element, index, depth + 1)) for key, element in value.items.items())
    return None


def _connections(nodes: list[ObjectNode], index: dict[int, int]) -> list[PortConnection]:
    """All connections in the order in which they were made, with the port ranks they have now."""
    wires: dict[int, Wire] = {}
    ranks: dict[tuple[int, int, str], int] = {}
    for node in nodes:
        for key, ports in (("out", node.outputs), ("in", node.inputs), ("S", node.centres), ("D", node.extended)):
            for rank, wire in enumerate(ports, 1):
                ranks[wire.number, id(node), key] = rank
                if id(wire.upstream) in index and id(wire.downstream) in index:
                    wires[wire.number] = wire
    return [_connection(wires[number], index, ranks) for number in sorted(wires)]


def _connection(wire: Wire, index: dict[int, int], ranks: dict[tuple[int, int, str], int]) -> PortConnection:
    out, into = ("out", "in") if wire.key == "A" else (wire.key, wire.key)
    return PortConnection(
        upstream=index[id(wire.upstream)],
        out_port=ranks[wire.number, id(wire.upstream), out],
        downstream=index[id(wire.downstream)],
        in_port=ranks[wire.number, id(wire.downstream), into],
        key=wire.key,
        span=wire.span,
    )
