"""Commands that build the model: creating, connecting, old position, name, variable, label and table commands, run times.

Not covered: methods and properties (`interpreter_objects`), commands that are the same everywhere (`interpreter_commands`).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Literal

from gdt2usd.diagnostics import Severity, Span
from gdt2usd.script import reference
from gdt2usd.script.interpreter_commands import COMMON, nothing, refused
from gdt2usd.script.interpreter_frame import Command, Frame, Run
from gdt2usd.script.interpreter_members import call_method, get_index, get_member, set_index, set_member
from gdt2usd.script.interpreter_model import variable_node
from gdt2usd.script.interpreter_nodes import (
    LibraryNode,
    Node,
    ObjectNode,
    Ports,
    PropertyNode,
    TableNode,
    connect,
    remove_wire,
)
from gdt2usd.script.interpreter_properties import get_property, label, spatial, store_property, variable_property
from gdt2usd.script.interpreter_values import ScriptFault, Value, number, text, type_name, vec3, whole

Key = Literal["A", "S", "D"]
_KEYS: dict[str, Key] = {"A": "A", "S": "S", "D": "D"}
_UNDO: dict[str, Key] = {"Q": "A", "W": "S", "E": "D"}


def thing(frame: Frame, value: Value, what: str) -> ObjectNode:
    """`value` if it is an object of the model. Raises ScriptFault with what was looked for last."""
    if isinstance(value, ObjectNode):
        if value.exists:
            return value
        raise ScriptFault("FS315", f"{what} has been destroyed")
    if value is None or value == 0:
        raise ScriptFault("FS315", f"{what} is NULL", frame.host.suggestion(frame))
    raise ScriptFault("FS322", f"{what} is {type_name(value)}, not an object of the model")


# ---- connections ----


def _drag(frame: Frame, first: Value, second: Value, key: Value) -> Value:
    """`contextdragconnection`: a bad end is reported, so that the rest of the script is still read."""
    pressed = chr(int(key)) if isinstance(key, int | float) and 0 < key < 128 else str(key)
    try:
        upstream, downstream = thing(frame, first, "the first object"), thing(frame, second, "the second object")
    except ScriptFault as fault:
        frame.report(Severity.ERROR, fault.code, fault.message, fault.hint)
        return 0
    letter = pressed.upper()
    if letter in _KEYS:
        frame.host.count()
        connect(upstream, downstream, _KEYS[letter], frame.span)
    elif letter in _UNDO:
        _undo(upstream, downstream, _UNDO[letter])
    else:
        frame.report(Severity.ERROR, "FS328", f"no connection is made with the key {pressed[:20]!r}", 'use "A", "S" or "D"')
    return 1


def _undo(upstream: ObjectNode, downstream: ObjectNode, key: Key) -> None:
    if key == "A":
        wires = [wire for wire in upstream.outputs if wire.downstream is downstream]
    else:
        ports = upstream.centres if key == "S" else upstream.extended
        wires = [wire for wire in ports if downstream in (wire.upstream, wire.downstream)]
    if wires:
        remove_wire(wires[0])


def _connect_old(frame: Frame, first: Value, second: Value, *rest: Value) -> Value:
    return _drag(frame, first, second, "A")


def _connect_ports(frame: Frame, first: Value, port1: Value, second: Value, port2: Value) -> Value:
    return _drag(frame, first, second, "A")


def _port(side: Literal["outputs", "inputs", "centres"], frame: Frame, owner: Value, rank: Value) -> Value:
    row = Ports(thing(frame, owner, "the object"), side).objects()
    index = whole(rank)
    return row[index - 1] if 1 <= index <= len(row) else None


def _port_count(side: Literal["outputs", "inputs", "centres"], frame: Frame, owner: Value) -> Value:
    return len(Ports(thing(frame, owner, "the object"), side).objects())


# ---- creating, finding ----


def _create_instance(frame: Frame, kind: Value, place: Value = None) -> Value:
    if isinstance(kind, LibraryNode):
        made = frame.host.new_object(kind.name, frame.span)
    elif isinstance(kind, ObjectNode):
        made = frame.host.copy(kind, None, frame)
    else:
        raise ScriptFault("FS315", "createinstance() was given no class", 'write library().find("?Queue")')
    if isinstance(place, ObjectNode):
        made.detach()
        place.add(made)
    return made


def _node(frame: Frame, path: Value, start: Value = None) -> Value:
    wanted = text(path, "a path")
    if start is None:
        return frame.host.find(wanted, frame)
    return frame.host.find_from(start, wanted, frame) if isinstance(start, Node) else None


def _copy(frame: Frame, source: Value, place: Value = None, *rest: Value) -> Value:
    if not isinstance(source, Node):
        raise ScriptFault("FS315", "there is nothing to copy", frame.host.suggestion(frame))
    return frame.host.copy(source, place if isinstance(place, Node) else None, frame)


def _destroy(frame: Frame, node: Value) -> Value:
    if isinstance(node, Node):
        frame.host.destroy(node)
    return 0


# ---- position ----


def _set_triple(method: str, frame: Frame, owner: Value, *parts: Value) -> Value:
    call_method(frame, thing(frame, owner, "the object"), method, list(parts))
    return 1


def _get_spatial(head: str, axis: int, frame: Frame, owner: Value) -> Value:
    return spatial(thing(frame, owner, "the object"), head)[axis]


def _centre(axis: int, frame: Frame, owner: Value) -> Value:
    place = call_method(frame, thing(frame, owner, "the object"), "getLocation", [0.5, 0.5, 0.0])
    return place.parts[axis]


# ---- names, variables, labels, nodes ----


def _set_name(frame: Frame, node: Value, name: Value) -> Value:
    set_member(frame, node, "name", name)
    return 1


def _get_variable(frame: Frame, owner: Value, name: Value) -> Value:
    found = thing(frame, owner, "the object")
    return get_property(frame, found, variable_property(found, text(name)))


def _set_variable(frame: Frame, owner: Value, name: Value, value: Value) -> Value:
    found = thing(frame, owner, "the object")
    store_property(frame, found, variable_property(found, text(name)), value)
    return 1


def _variable_node(frame: Frame, owner: Value, name: Value) -> Value:
    return variable_node(thing(frame, owner, "the object"), text(name))


def _set_label(frame: Frame, owner: Value, name: Value, value: Value = None) -> Value:
    found = label(thing(frame, owner, "the object"), text(name))
    found.value = value
    return found


def _get_label(frame: Frame, owner: Value, name: Value) -> Value:
    found = thing(frame, owner, "the object").labels.get(text(name))
    return found.value if found else 0


def _label_node(frame: Frame, owner: Value, name: Value) -> Value:
    return thing(frame, owner, "the object").labels.get(text(name))


def _set_value(frame: Frame, node: Value, value: Value) -> Value:
    set_member(frame, node, "value", value)
    return 1


def _add_node(frame: Frame, parent: Value, name: Value = "", *rest: Value) -> Value:
    if not isinstance(parent, Node):
        raise ScriptFault("FS315", "there is no node to add to", frame.host.suggestion(frame))
    frame.host.count()
    made = Node(text(name))
    parent.add(made)
    return made


def _member(name: str, frame: Frame, node: Value) -> Value:
    return get_member(frame, node, name)


def _class_object(frame: Frame, node: Value) -> Value:
    return LibraryNode(thing(frame, node, "the object").flexsim_class)


def _is_class(frame: Frame, node: Value, kind: Value) -> Value:
    wanted = text(kind) if isinstance(kind, str) else str(getattr(kind, "name", ""))
    return int(thing(frame, node, "the object").flexsim_class == wanted)


# ---- tables ----


def _table(frame: Frame, table: Value) -> TableNode:
    found = frame.host.table(table)
    if not isinstance(found, TableNode):
        raise ScriptFault("FS322", f"expected a table, got {type_name(found)}")
    return found


def _get_cell(frame: Frame, table: Value, row: Value, column: Value) -> Value:
    return get_index(frame, get_index(frame, _table(frame, table), row), column)


def _set_cell(frame: Frame, table: Value, row: Value, column: Value, value: Value) -> Value:
    set_index(frame, get_index(frame, _table(frame, table), row), column, value)
    return 1


def _table_call(method: str, frame: Frame, table: Value, *arguments: Value) -> Value:
    return call_method(frame, _table(frame, table), method, list(arguments))


# ---- run times ----


def _stop_time(frame: Frame, when: Value, which: Value = 1) -> Value:
    if number(when) >= 0:
        frame.host.set_run_time("STOP_TIME_NODE", when)
    return frame.host.stop_time or 0


def _model_unit(frame: Frame, which: Value) -> Value:
    return _RunTime(str(which))


class _RunTime(Node):
    """The node of a run time, as `getmodelunit()` gives it."""

    __slots__ = ()


def _function_s(frame: Frame, node: Value, name: Value, *arguments: Value) -> Value:
    if isinstance(node, _RunTime):
        if name == "setModelTime" and arguments:
            frame.host.set_run_time(node.name, arguments[0])
        return 0
    if isinstance(node, Node) and isinstance(node.parent, _RunTime):
        return _function_s(frame, node.parent, name, *arguments)
    frame.report(
        Severity.WARNING, "FS305", f"function_s(..., {str(name)[:40]!r}) is not run here", "only run times are set this way"
    )
    return 0


_SETTERS = {"setloc": "setLocation", "setsize": "setSize", "setrot": "setRotation"}
_GETTERS: dict[str, Callable[..., Value]] = {
    **{f"{axis}loc": partial(_centre, i) for i, axis in enumerate("xyz")},
    **{f"{axis}size": partial(_get_spatial, "Size", i) for i, axis in enumerate("xyz")},
    **{f"{axis}rot": partial(_get_spatial, "Rotation", i) for i, axis in enumerate("xyz")},
    **{f"spatial{axis}": partial(_get_spatial, "Location", i) for i, axis in enumerate("xyz")},
    **{f"spatials{axis}": partial(_get_spatial, "Size", i) for i, axis in enumerate("xyz")},
    **{f"spatialr{axis}": partial(_get_spatial, "Rotation", i) for i, axis in enumerate("xyz")},
}

QUIET_COMMANDS = [
    *("switch_destroyonreset", "switch_flexscript", "buildnodeflexscript", "enablecode", "repaintall", "repaintallactive"),
    *("repaintview", "refreshview", "setselectedobject", "deselectall", "select", "selectall", "resetmodel", "reset", "go"),
    *("stop", "step", "resetstats", "updatestates", "runspeed", "realtime", "clearconsole", "showprogressbar"),
    *("setprogressbar", "hideprogressbar", "beginignoreundo", "endignoreundo", "beginaggregatedundo", "endaggregatedundo"),
    *("setresetposition", "updatelocations", "updatestate", "switch_noselect", "switch_protected", "switch_hideconnectors"),
    *("switch_hidelabel", "switch_hideshape", "switch_hidecontents", "switch_showobject", "switch_selected"),
    *("switch_expanded", "switch_stateused", "switch_statelocked", "switch_enablestats", "switch_hidden", "switch_cppfunc"),
    *("setcolor", "colorred", "colorgreen", "colorblue", "coloraqua", "coloryellow", "colorpurple", "colororange"),
    *("colorwhite", "colorblack", "colorgray", "colorrandom", "colorpalette", "setframe", "applyshapefactors"),
    *("setobjectshapeindex", "setobjecttextureindex", "getshapeindex", "getobjectshapeindex", "rebindobjectattributes"),
    *("fastforward", "suspenddraw", "setlabelviews", "refreshcommandlist", "integrityscan", "validatename", "runfunction"),
    *("setcameradirection", "hideports", "openip", "openop", "closeip", "closeop", "openallip", "openallop", "closeallip"),
    *("closeallop", "openinput", "openoutput", "closeinput", "closeoutput", "randinit", "stick", "consoleexecutefs"),
    *("setpriority", "setpreempt", "setvarviews", "reassignnetnode", "optimizenetwork"),
]  # fmt: skip

BUILD: dict[str, Command] = {
    **COMMON,
    **{name: Command(nothing, 0, -1) for name in QUIET_COMMANDS},
    **{name: Command(partial(_set_triple, method), 2, 7) for name, method in _SETTERS.items()},
    **{name: Command(getter, 1, 1) for name, getter in _GETTERS.items()},
    "contextdragconnection": Command(_drag, 3, 3),
    "objectconnect": Command(_connect_old, 2, 4),
    "defaultdragconnection": Command(_connect_old, 2, 4),
    "connect": Command(_connect_ports, 4, 4),
    "outobject": Command(partial(_port, "outputs"), 2, 2),
    "inobject": Command(partial(_port, "inputs"), 2, 2),
    "centerobject": Command(partial(_port, "centres"), 2, 2),
    "nrop": Command(partial(_port_count, "outputs"), 1, 1),
    "nrip": Command(partial(_port_count, "inputs"), 1, 1),
    "nrcp": Command(partial(_port_count, "centres"), 1, 1),
    "createinstance": Command(_create_instance, 1, 2),
    "library": Command(lambda frame: frame.host.library, 0, 0),
    "model": Command(lambda frame: frame.host.root, 0, 0),
    "maintree": Command(lambda frame: frame.host.root, 0, 0),
    "node": Command(_node, 1, 2),
    "createcopy": Command(_copy, 1, 6),
    "destroyobject": Command(_destroy, 1, 1),
    "destroynode": Command(_destroy, 1, 1),
    "setname": Command(_set_name, 2, 2),
    "setnodename": Command(_set_name, 2, 2),
    "getname": Command(partial(_member, "name"), 1, 1),
    "getnodename": Command(partial(_member, "name"), 1, 1),
    "first": Command(partial(_member, "first"), 1, 1),
    "last": Command(partial(_member, "last"), 1, 1),
    "next": Command(partial(_member, "next"), 1, 1),
    "prev": Command(partial(_member, "prev"), 1, 1),
    "up": Command(partial(_member, "up"), 1, 1),
    "getrank": Command(partial(_member, "rank"), 1, 1),
    "content": Command(lambda frame, node: len(node.children) if isinstance(node, Node) else 0, 1, 1),
    "rank": Command(lambda frame, node, index: get_index(frame, get_member(frame, node, "subnodes"), index), 2, 2),
    "classobject": Command(_class_object, 1, 1),
    "isclasstype": Command(_is_class, 2, 2),
    "getvarnum": Command(_get_variable, 2, 2),
    "getvarstr": Command(_get_variable, 2, 2),
    "setvarnum": Command(_set_variable, 3, 3),
    "setvarstr": Command(_set_variable, 3, 3),
    "getvarnode": Command(_variable_node, 2, 2),
    "getproperty": Command(lambda frame, o, name: get_property(frame, thing(frame, o, "the object"), text(name)), 2, 3),
    "setproperty": Command(
        lambda frame, o, *rest: call_method(frame, thing(frame, o, "the object"), "setProperty", list(rest)), 3, 3
    ),
    "setlabelnum": Command(_set_label, 3, 3),
    "setlabelstr": Command(_set_label, 3, 3),
    "setlabel": Command(_set_label, 3, 3),
    "addlabel": Command(_set_label, 2, 3),
    "getlabelnum": Command(_get_label, 2, 2),
    "getlabelstr": Command(_get_label, 2, 2),
    "getlabel": Command(_get_label, 2, 2),
    "label": Command(_label_node, 2, 2),
    "setnodenum": Command(_set_value, 2, 2),
    "setnodestr": Command(_set_value, 2, 2),
    "sets": Command(_set_value, 2, 2),
    "set": Command(_set_value, 2, 2),
    "inc": Command(lambda frame, node, by: _set_value(frame, node, number(get_member(frame, node, "value")) + number(by)), 2, 2),
    "getnodenum": Command(partial(_member, "value"), 1, 1),
    "getnodestr": Command(partial(_member, "value"), 1, 1),
    "get": Command(partial(_member, "value"), 1, 1),
    "gets": Command(partial(_member, "value"), 1, 1),
    "nodeinsertinto": Command(_add_node, 1, 2),
    "nodeadddata": Command(nothing, 2, 2),
    "gettablenum": Command(_get_cell, 3, 3),
    "gettablestr": Command(_get_cell, 3, 3),
    "settablenum": Command(_set_cell, 4, 4),
    "settablestr": Command(_set_cell, 4, 4),
    "gettablerows": Command(lambda frame, table: len(_table(frame, table).rows), 1, 1),
    "gettablecols": Command(lambda frame, table: len(_table(frame, table).column_names), 1, 1),
    "settablesize": Command(partial(_table_call, "setSize"), 3, 5),
    "addtablerow": Command(partial(_table_call, "addRow"), 1, 3),
    "addtablecol": Command(partial(_table_call, "addCol"), 1, 3),
    "stoptime": Command(_stop_time, 1, 2),
    "getmodelunit": Command(_model_unit, 1, 1),
    "function_s": Command(_function_s, 2, -1),
    "getsdtvalue": Command(lambda frame, node, name: frame.host.stop_time or 0, 2, 2),
    "executestring": Command(refused("executestring", "code made at run time is not compiled"), 1, -1),
}
"""What a script in the console can call while it builds a model."""

_REACHES_OUT = {
    "file": "the file system", "excel": "a spreadsheet", "db": "a database", "socket": "the network", "server": "the network",
    "client": "the network", "run": "other programs", "dll": "a DLL", "win": "the window system", "save": "the file system",
    "load": "the file system", "export": "the file system", "import": "the file system", "open": "the user interface",
    "msg": "the user interface", "user": "the user interface", "popup": "the user interface", "python": "Python",
    "cmd": "the application", "execute": "code from elsewhere", "backup": "the file system", "web": "the network",
    "pick": "the user interface", "get": "the running application", "create": "the running application",
}  # fmt: skip


def missing(name: str, span: Span) -> Run:
    """What happens at a command that is not run here: reported if FlexSim has it, a fault if it does not."""
    known = reference.load()
    if known.command(name) is None and name not in known.attribute_commands:

        def fail(frame: Frame) -> Value:
            near = known.nearest_command(name) if frame.may_suggest() else ""
            raise ScriptFault("FS310", f"FlexSim has no command {name[:80]!r}", f"did you mean {near!r}?" if near else "", span)

        return fail
    why = next((what for prefix, what in _REACHES_OUT.items() if name.startswith(prefix)), "")
    run = refused(name, f"it reaches {why}" if why else "it has no effect on what is built, or is not covered")
    return run


__all__ = ["BUILD", "PropertyNode", "missing", "thing", "vec3"]
