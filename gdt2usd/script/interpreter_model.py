"""The empty FlexSim model that a script builds in: creating, naming, finding, copying, destroying objects and tools.

Not covered: commands (`interpreter_build`), the finished `ModelTree` (`interpreter_export`).
"""

from __future__ import annotations

from difflib import get_close_matches

import numpy as np

from gdt2usd.diagnostics import Severity, Span
from gdt2usd.script import reference
from gdt2usd.script.interpreter_frame import Frame, Limits
from gdt2usd.script.interpreter_nodes import LibraryNode, Node, ObjectNode, PropertyNode, Quiet, TableNode, Wire
from gdt2usd.script.interpreter_properties import label, variable_property
from gdt2usd.script.interpreter_values import ScriptFault, Value, number, text, type_name

MAX_NAME = 1000
MAX_OUTPUT = 1000
MAX_CANDIDATES = 500
MAX_MISSING = 50
VISUAL_LIBRARY = "/project/exec/globals/visuallibrary/"


class Model:
    """The host of a script that builds a model."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.root = Node("model")
        self.tools = Node("Tools")
        self.library = Node("library")
        self.stop_time: float | None = None
        self.warm_up_time: float | None = None
        self.output: list[str] = []
        self.missing: dict[str, Span | None] = {}
        self.missed = ""
        self.rng = np.random.default_rng(0)
        self._counts: dict[str, int] = {}
        self._made = 0

    # ---- creating ----

    def count(self, amount: int = 1) -> None:
        """Charge `amount` objects. Raises ScriptFault when there are too many."""
        self._made += amount
        if self._made > self.limits.objects:
            raise ScriptFault("FS303", f"the script has made more than {self.limits.objects} objects")

    def _default_name(self, bare: str) -> str:
        self._counts[bare] = self._counts.get(bare, 0) + 1
        return f"{bare}{self._counts[bare]}"

    def create(self, frame: Frame, kind: Value, *rest: Value) -> Value:
        """`Object.create(kind)`. Raises ScriptFault for a class that does not exist."""
        if rest:
            frame.report(
                Severity.WARNING, "FS318", "Object.create() has one documented parameter", "move the object with o.up = parent;"
            )
        return self.new_object(text(kind, "the name of a class"), frame.span)

    def new_object(self, kind: str, span: Span | None) -> ObjectNode:
        """A new object of a library class, placed in the model. Raises ScriptFault."""
        known = reference.load()
        full = kind if kind in known.creatable else known.full_class(known.bare_class(kind)) if known.bare_class(kind) else ""
        if not full:
            near = known.nearest_class(kind)
            raise ScriptFault("FS319", f"FlexSim has no class {kind[:80]!r}", f"did you mean {near!r}?" if near else "")
        self.count()
        made = ObjectNode(self._default_name(known.bare_class(full)), full, span)
        self.root.add(made)
        return made

    def create_tool(self, frame: Frame, kind: Value, sub: Value = "") -> Value:
        """`Tools.create(kind, sub)`. Raises ScriptFault for a tool that does not exist."""
        name = text(kind, "the type of a tool")
        types = reference.load().notes["tools"]["types"]
        if name not in types:
            near = reference.nearest(name, types)
            raise ScriptFault("FS319", f"FlexSim has no tool {name[:80]!r}", f"did you mean {near!r}?" if near else "")
        self.count()
        made = TableNode(self._default_name(name), name, frame.span) if name == "GlobalTable" else None
        tool = made or ObjectNode(self._default_name(name), name, frame.span)
        if sub:
            tool.properties["SubType"] = text(sub)
        self.tools.add(tool)
        return tool

    def get_tool(self, frame: Frame, kind: Value, name: Value) -> Value:
        """`Tools.get(kind, name)`: NULL if there is none."""
        wanted = text(name)
        return next((t for t in self.tools.children if t.name == wanted and getattr(t, "flexsim_class", "") == kind), None)

    def named_tool(self, name: str, kind: str) -> Value:
        """The tool of a kind and name, made if it is not there."""
        found = next((t for t in self.tools.children if t.name == name and getattr(t, "flexsim_class", "") == kind), None)
        if found is None:
            self.count()
            found = ObjectNode(name, kind)
            self.tools.add(found)
        return found

    def group(self, name: str) -> Value:
        """`Group(name)`."""
        return self.named_tool(name, "Group")

    def table(self, name: Value) -> Value:
        """`Table(name)` or `Table(node)`. Raises ScriptFault."""
        if isinstance(name, Node):
            return name
        wanted = text(name, "the name of a table")
        found = next((t for t in self.tools.children if isinstance(t, TableNode) and t.name == wanted), None)
        if found is None:
            raise ScriptFault("FS320", f"there is no global table {wanted[:80]!r}", 'make it with Tools.create("GlobalTable")')
        return found

    # ---- naming, finding ----

    def rename(self, node: Node, name: str) -> None:
        """`node.name = name`. Raises ScriptFault for a name that no object can have."""
        if len(name) > MAX_NAME:
            raise ScriptFault("FS303", f"a name of {len(name)} characters is too long")
        if not name:
            raise ScriptFault("FS320", "an object needs a name", "names are not empty")
        node.name = name

    def find(self, path: Value, frame: Frame) -> Value:
        """`Model.find(path)`: the first match, or NULL."""
        wanted = text(path, "the name of an object")
        found = self.find_from(self.root, wanted, frame)
        if found is None:
            self.missed = wanted[:80]
            if len(self.missing) < MAX_MISSING:
                self.missing.setdefault(self.missed, frame.span)
        return found

    def find_from(self, start: Node, path: str, frame: Frame) -> Value:
        """`node.find(path)` with `/`, `?name`, `..` and `>`: the first match, or NULL."""
        frame.spend(len(path) + len(start.children) // 16)
        for prefix in ("MAIN:", "MODEL:", "VIEW:"):
            path = path.removeprefix(prefix)
        if path.startswith(VISUAL_LIBRARY):
            return LibraryNode("VisualTool")
        for prefix, top in (("/project/", self.root), ("Tools/", self.tools), ("/Tools/", self.tools)):
            if path.startswith(prefix):
                start, path = top, path.removeprefix(prefix)
        whole_name = next((child for child in start.children if child.name == path), None)
        if whole_name is not None:
            return whole_name
        here: Node | None = start
        for part in path.replace(">", "/>").split("/"):
            if part and here is not None:
                here = self._step(here, part, frame)
        return here if here is not start or path.strip("/") == "" else None

    def _step(self, here: Node, part: str, frame: Frame) -> Node | None:
        if part == "..":
            return here.parent
        if part.startswith("?"):
            wanted = part[1:]
            if here is self.library:
                return LibraryNode(wanted)
            frame.spend(1000)
            return next((node for node in here.below() if node.name == wanted), None)
        if part.startswith(">"):
            return self._attribute(here, part[1:])
        if isinstance(here, _Attribute):
            return here.child(part)
        if here is self.library:
            return Node(part) if part in ("fixedresources", "taskexecuters", "visual") else LibraryNode(part)
        if here.parent is None and here.name in ("fixedresources", "taskexecuters", "visual"):
            return LibraryNode(part)
        return next((child for child in here.children if child.name == part), None)

    def _attribute(self, here: Node, name: str) -> Node | None:
        return _Attribute(here, name) if isinstance(here, ObjectNode) and name in ("variables", "labels") else None

    def suggestion(self, frame: Frame) -> str:
        """What to do about the name that was looked for last and not found."""
        if not self.missed:
            return ""
        near = self.near(self.missed) if frame.may_suggest() else ""
        found = f'Model.find("{self.missed}") found nothing'
        return f"{found}; did you mean {near!r}?" if near else found

    def near(self, wanted: str) -> str:
        """The object that `wanted` was most likely meant to be, or ""."""
        names = [child.name for child in self.root.children[:MAX_CANDIDATES]]
        return next(iter(get_close_matches(wanted, names, 1)), "")

    # ---- copying, destroying ----

    def copy(self, node: Node, destination: Node | None, frame: Frame) -> Value:
        """`node.copy()`: a copy without connections, in the same place or in `destination`."""
        if isinstance(node, LibraryNode):
            return self.new_object(node.name, frame.span)
        size = 1 + sum(1 for _ in node.below())
        self.count(size)
        made = self._copied(node, frame.span)
        (destination or node.parent or self.root).add(made)
        return made

    def _copied(self, node: Node, span: Span | None) -> Node:
        if not isinstance(node, ObjectNode):
            return Node(node.name, node.value)
        if isinstance(node, TableNode):
            table = TableNode(node.name, node.flexsim_class, span)
            table.rows = [row.copy() for row in node.rows]
            table.column_names, table.row_names = node.column_names.copy(), node.row_names.copy()
            return table
        made = ObjectNode(node.name, node.flexsim_class, span)
        made.anchor, made.point, made.size, made.rotation = node.anchor, node.point, node.size, node.rotation
        made.colour, made.properties = node.colour, node.properties.copy()
        made.property_spans = node.property_spans.copy()
        for name, found in node.labels.items():
            label(made, name).value = found.value
        for child in node.children:
            made.add(self._copied(child, span))
        return made

    def destroy(self, node: Node) -> None:
        """Take a node with everything below it out of the model, connections first."""
        if node in (self.root, self.tools, self.library):
            raise ScriptFault("FS320", f"the {node.name} itself cannot be destroyed")
        for gone in (node, *node.below()):
            gone.exists = False
            if isinstance(gone, ObjectNode):
                gone.disconnect()
        owner = node.parent
        if isinstance(owner, ObjectNode) and owner.labels.get(node.name) is node:
            del owner.labels[node.name]
        node.detach()

    # ---- the rest of a host ----

    def parameter(self, index: int) -> Value:
        """`param(n)` of a script in the console: nothing was passed."""
        return None

    def code_owner(self) -> Value:
        """A script in the console belongs to no object."""
        return None

    def time(self) -> float:
        """A model that is being built stands at time 0."""
        return 0.0

    def model_value(self, frame: Frame, name: str) -> Value:
        """`Model.name`. Raises ScriptFault."""
        match name:
            case "time" | "statisticalTime":
                return 0.0
            case "nextStopTime":
                return self.stop_time or 0.0
            case "warmupTime":
                return self.warm_up_time or 0.0
            case "find":
                return None
            case "dateTime" | "startDateTime" | "parameters" | "performanceMeasures" | "nextStopDateTime" | "warmupDateTime":
                return Quiet(f"Model.{name}")
            case "subnodes":
                from gdt2usd.script.interpreter_nodes import Children

                return Children(self.root)
        raise ScriptFault("FS313", f"Model has no member {name!r}")

    def print(self, line: str) -> None:
        """Keep what the script prints, the first lines of it."""
        if len(self.output) < MAX_OUTPUT:
            self.output.append(line[:1000])

    def set_run_time(self, which: str, value: Value) -> None:
        """Stop time or warm-up, in seconds; not positive: none."""
        found = float(number(value))
        chosen = found if 0 < found < 1e300 else None
        if which == "STOP_TIME_NODE":
            self.stop_time = chosen
        elif which == "WARMUP_TIME_NODE":
            self.warm_up_time = chosen


class _Attribute(Node):
    """`>variables` or `>labels` of an object."""

    __slots__ = ("owner",)

    def __init__(self, owner: ObjectNode, name: str) -> None:
        super().__init__(name)
        self.owner = owner

    def child(self, name: str) -> Node | None:
        """The variable or label of that name."""
        if self.name == "labels":
            return self.owner.labels.get(name)
        return variable_node(self.owner, name)


def variable_node(owner: ObjectNode, variable: str) -> Node:
    """The tree variable of an object; a combiner's component list has a row per component input."""
    if variable == "componentlist" and owner.flexsim_class == "Combiner":
        return ComponentList(owner)
    return PropertyNode(owner, variable, variable_property(owner, variable))


class ComponentList(Node):
    """The tree variable `componentlist`: one row per input port from 2 on, its first cell the quantity."""

    __slots__ = ("owner",)

    def __init__(self, owner: ObjectNode) -> None:
        super().__init__("componentlist")
        self.owner = owner
        wires: list[Wire] = owner.inputs[1:]
        rows = owner.properties.get("ComponentsList", ())
        found = list(rows) if isinstance(rows, tuple) else []
        for index in range(max(len(wires), len(found))):
            row = Node(f"Input {index + 2}")
            quantity = _quantity(found[index]) if index < len(found) else 1
            row.add(_QuantityNode(owner, index, quantity))
            self.add(row)


def _quantity(row: Value) -> Value:
    return row[0] if isinstance(row, tuple) and row else row


class _QuantityNode(Node):
    """A cell of a component list; writing it writes the property."""

    __slots__ = ("index", "owner")

    def __init__(self, owner: ObjectNode, index: int, quantity: Value) -> None:
        self.owner, self.index = owner, index
        super().__init__("Quantity", quantity)

    def __setattr__(self, name: str, value: Value) -> None:
        super().__setattr__(name, value)
        if name == "value" and hasattr(self, "parent"):
            rows = list(self.owner.properties.get("ComponentsList", ()) or ())
            rows += [(1,)] * (self.index + 1 - len(rows))
            rows[self.index] = (value,)
            self.owner.properties["ComponentsList"] = tuple(rows)


__all__ = ["ComponentList", "Model", "type_name", "variable_node"]
