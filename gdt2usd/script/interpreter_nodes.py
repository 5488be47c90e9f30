"""The model that a script builds: a tree of nodes with objects, labels, ports, tables and tools.

Geometry keeps the reference point a script gave (corner or centre), so that what was written comes back exactly.
Not covered: FlexScript's access to it (`interpreter_members`), the finished `ModelTree` (`interpreter_export`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Literal

from gdt2usd.diagnostics import Span
from gdt2usd.script.interpreter_values import Array, ScriptFault, Value

Triple = tuple[float, float, float]
MAX_CELLS = 1_000_000
_NUMBERS = count(1)
CORNER: Triple = (0.0, 0.0, 0.0)
CENTRE: Triple = (0.5, 0.5, 0.0)


class Node:
    """A tree node: a name, a value, children; `exists` turns false when it is destroyed."""

    __slots__ = ("children", "exists", "name", "parent", "value")
    type_name = "a treenode"

    def __init__(self, name: str, value: Value = None) -> None:
        self.name = name
        self.value = value
        self.children: list[Node] = []
        self.parent: Node | None = None
        self.exists = True

    def add(self, child: Node) -> None:
        """Append `child` as the last child."""
        child.parent = self
        self.children.append(child)

    def detach(self) -> None:
        """Take this node out of its parent."""
        if self.parent is not None:
            self.parent.children = [child for child in self.parent.children if child is not self]
            self.parent = None

    def below(self) -> Iterator[Node]:
        """All nodes below this one, parents first."""
        stack = list(reversed(self.children))
        while stack:
            top = stack.pop()
            yield top
            stack.extend(reversed(top.children))


@dataclass(slots=True, eq=False)
class Wire:
    """One connection; its port ranks are its places in the lists of the two objects."""

    upstream: ObjectNode
    downstream: ObjectNode
    key: Literal["A", "S", "D"]
    span: Span | None
    number: int


class ObjectNode(Node):
    """An object in the model (or a tool), with everything a script has set."""

    __slots__ = (
        "anchor", "centres", "colour", "extended", "flexsim_class", "inputs", "labels", "outputs", "point", "properties",
        "property_spans", "rotation", "size", "span",
    )  # fmt: skip
    type_name = "an Object"

    def __init__(self, name: str, flexsim_class: str, span: Span | None = None) -> None:
        super().__init__(name)
        self.flexsim_class = flexsim_class
        self.span = span
        self.anchor: Triple = CORNER
        self.point: Triple | None = None
        self.size: Triple | None = None
        self.rotation: Triple | None = None
        self.colour: tuple[float, ...] | None = None
        self.properties: dict[str, Value] = {}
        self.property_spans: dict[str, Span] = {}
        self.labels: dict[str, Node] = {}
        self.outputs: list[Wire] = []
        self.inputs: list[Wire] = []
        self.centres: list[Wire] = []
        self.extended: list[Wire] = []

    # ---- geometry ----

    def location(self, factors: Triple, default_size: Triple) -> Triple:
        """The point of the object at `factors` (0 back left bottom ... 1 front right top), in metres."""
        if self.point is None:
            return self._at(CORNER, CORNER, factors, default_size)
        return self.point if factors == self.anchor else self._at(self.anchor, self.point, factors, default_size)

    def _at(self, anchor: Triple, point: Triple, factors: Triple, default_size: Triple) -> Triple:
        sx, sy, sz = self.size or default_size
        fx, fy, fz = (factors[i] - anchor[i] for i in range(3))
        return point[0] + fx * sx, point[1] - fy * sy, point[2] + fz * sz

    def place(self, point: Triple, factors: Triple) -> None:
        """Put the point at `factors` of the object to `point`."""
        self.point, self.anchor = point, factors

    def resize(self, size: Triple, default_size: Triple) -> None:
        """A new size; the back left bottom corner stays."""
        if self.point is not None and size != (self.size or default_size):
            self.point, self.anchor = self.location(CORNER, default_size), CORNER
        self.size = size

    # ---- connections ----

    def disconnect(self) -> None:
        """Remove every connection of this object."""
        for wire in (*self.outputs, *self.inputs, *self.centres, *self.extended):
            remove_wire(wire)


class LibraryNode(Node):
    """A class in the library, to be instantiated."""

    __slots__ = ()
    type_name = "a library object"


class TableNode(ObjectNode):
    """A global table: rows of cells, headers."""

    __slots__ = ("column_names", "row_names", "rows")
    type_name = "a Table"

    def __init__(self, name: str, flexsim_class: str = "GlobalTable", span: Span | None = None) -> None:
        super().__init__(name, flexsim_class, span)
        self.rows: list[list[Value]] = []
        self.column_names: list[str] = []
        self.row_names: list[str] = []

    def resize_table(self, rows: int, columns: int) -> None:
        """Cut or pad with 0 to `rows` x `columns`. Raises ScriptFault when that is too much."""
        if rows < 0 or columns < 0 or rows * max(columns, 1) > MAX_CELLS:
            raise ScriptFault("FS303", f"a table of {rows} x {columns} cells is more than this model holds")
        self.rows = [(row + [0] * (columns - len(row)))[:columns] for row in self.rows[:rows]]
        self.rows += [[0] * columns for _ in range(rows - len(self.rows))]
        self.column_names = (self.column_names + [f"Col {i + 1}" for i in range(len(self.column_names), columns)])[:columns]
        self.row_names = (self.row_names + [f"Row {i + 1}" for i in range(len(self.row_names), rows)])[:rows]

    def row_number(self, key: Value) -> int:
        """The Python index of a row given by number or header. Raises ScriptFault."""
        return self._position(key, self.row_names, len(self.rows), "row")

    def column_number(self, key: Value) -> int:
        """The Python index of a column given by number or header. Raises ScriptFault."""
        return self._position(key, self.column_names, len(self.column_names), "column")

    def _position(self, key: Value, names: list[str], count: int, what: str) -> int:
        if isinstance(key, str):
            if key in names:
                return names.index(key)
            raise ScriptFault("FS321", f"table {self.name!r} has no {what} {key!r}")
        found = int(key) if isinstance(key, int | float) else 0
        if not 1 <= found <= count:
            raise ScriptFault("FS321", f"{what} {found} is outside table {self.name!r}, which has {count} {what}s")
        return found - 1


class PropertyNode(Node):
    """A variable of an object in the tree (`>variables/cycletime`): reads and writes the property behind it."""

    __slots__ = ("owner", "property")
    type_name = "a variable node"

    def __init__(self, owner: ObjectNode, variable: str, property_name: str) -> None:
        super().__init__(variable)
        self.owner = owner
        self.property = property_name


@dataclass(frozen=True, slots=True)
class Ports:
    """`o.outObjects`, `o.inObjects`, `o.centerObjects`."""

    owner: ObjectNode
    side: Literal["outputs", "inputs", "centres"]

    type_name = "a list of ports"

    def objects(self) -> list[Value]:
        """The connected objects by rank."""
        owner = self.owner
        match self.side:
            case "outputs":
                return [wire.downstream for wire in owner.outputs]
            case "inputs":
                return [wire.upstream for wire in owner.inputs]
            case "centres":
                return [wire.downstream if wire.upstream is owner else wire.upstream for wire in owner.centres]


@dataclass(frozen=True, slots=True)
class Labels:
    """`o.labels`."""

    owner: ObjectNode

    type_name = "labels"


@dataclass(frozen=True, slots=True)
class Children:
    """`o.subnodes`."""

    owner: Node

    type_name = "subnodes"


@dataclass(frozen=True, slots=True)
class Row:
    """`table[row]`, to be indexed by column."""

    table: TableNode
    index: int

    type_name = "a row of a table"


class Quiet:
    """Something that exists in FlexSim but has no effect on what is built (`o.stats`, `o.flags`): reads as 0, swallows writes."""

    __slots__ = ("what",)
    type_name = "a value of the running model"

    def __init__(self, what: str) -> None:
        self.what = what


def connect(upstream: ObjectNode, downstream: ObjectNode, key: Literal["A", "S", "D"], span: Span | None) -> Wire:
    """A new connection; each end gets the next port rank."""
    wire = Wire(upstream, downstream, key, span, next(_NUMBERS))
    if key == "A":
        upstream.outputs.append(wire)
        downstream.inputs.append(wire)
    else:
        for end in (upstream, downstream) if upstream is not downstream else (upstream,):
            (end.centres if key == "S" else end.extended).append(wire)
    return wire


def remove_wire(wire: Wire) -> None:
    """Take a connection away; later ports move up."""
    for end in (wire.upstream, wire.downstream):
        for ports in (end.outputs, end.inputs, end.centres, end.extended):
            if wire in ports:
                ports.remove(wire)


def to_array(values: list[Value]) -> Array:
    """A FlexScript array of `values`."""
    return Array(list(values))
