"""Expressions as Python closures: compiled once, run often.

Variables are resolved to slots when compiling; every closure takes the `Frame` of the run. No text is ever evaluated by Python.
Not covered: statements (`interpreter_compile`), operators on values (`interpreter_operators`), what commands and members do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import assert_never

from gdt2usd.diagnostics import Span
from gdt2usd.script import ast
from gdt2usd.script.interpreter_frame import Command, Frame, Run
from gdt2usd.script.interpreter_members import call_method, get_index, get_member, set_index, set_member
from gdt2usd.script.interpreter_nodes import Node, ObjectNode
from gdt2usd.script.interpreter_operators import BINARY, COERCE, binary, step_value, unary
from gdt2usd.script.interpreter_statics import CONSTANTS, CONSTRUCTORS, is_static, static_method, static_value
from gdt2usd.script.interpreter_values import Array, Pattern, ScriptFault, StaticClass, Value, Vector, truth

Store = Callable[[Frame, Value], None]


@dataclass(slots=True)
class Scope:
    """Names visible while compiling; `commands` are those of the host, `missing` makes the closure for any other."""

    commands: Mapping[str, Command]
    missing: Callable[[str, Span], Run]
    blocks: list[dict[str, tuple[int, str]]] = field(default_factory=lambda: [{}])
    slots: int = 0

    def declare(self, name: str, type: str) -> int:
        """A new slot for `name` in the innermost block."""
        self.blocks[-1][name] = (self.slots, type)
        self.slots += 1
        return self.slots - 1

    def look_up(self, name: str) -> tuple[int, str] | None:
        """Slot and declared type of a variable."""
        for block in reversed(self.blocks):
            if name in block:
                return block[name]
        return None


# ---- expressions ----


def expression(node: ast.Expression, scope: Scope) -> Run:
    """The closure that evaluates `node`."""
    match node:
        case ast.Number() | ast.String() | ast.Character():
            return constant(node.value)
        case ast.Regex():
            return constant(Pattern(node.pattern))
        case ast.Constant():
            return constant({"true": 1, "false": 0}.get(node.name))
        case ast.Macro():
            return expression(node.value, scope)
        case ast.Name():
            return _name(node, scope)
        case ast.ArrayLiteral():
            return _array(node, scope)
        case ast.Unary():
            return _unary(node, scope)
        case ast.Update():
            return _update(node, scope)
        case ast.Binary():
            return _binary(node, scope)
        case ast.Conditional():
            return _conditional(node, scope)
        case ast.Assign():
            return _assign(node, scope)
        case ast.Member():
            return _member(node, scope)
        case ast.Index():
            return _index(node, scope)
        case ast.Call():
            return _call(node, scope)
        case ast.AsType() | ast.Cast():
            return _cast(node, scope)
        case ast.IsType():
            return _is_type(node, scope)
        case ast.Await():
            return fault_run(node.span, "FS304", "await has no meaning while a script builds a model", "leave it out")
        case ast.Sequence():
            return _sequence(node, scope)
        case ast.IfPresent():
            return _if_present(node, scope)
        case _:
            assert_never(node)


def constant(value: Value) -> Run:
    return lambda frame: value


def fault_run(span: Span, code: str, message: str, hint: str = "") -> Run:
    def fail(frame: Frame) -> Value:
        raise ScriptFault(code, message, hint, span)

    return fail


def placed_run(run: Run, span: Span) -> Run:
    """`run`, whose faults are given a place."""

    def placed(frame: Frame) -> Value:
        frame.span = span
        try:
            return run(frame)
        except ScriptFault as fault:
            if fault.span is None:
                fault.span = span
            raise

    return placed


def _name(node: ast.Name, scope: Scope) -> Run:
    found = scope.look_up(node.name)
    if found is not None:
        slot = found[0]
        return lambda frame: frame.slots[slot]
    name = node.name
    if name == "c":
        return lambda frame: CODE_NODE
    if name in CONSTANTS:
        return constant(CONSTANTS[name])
    if is_static(name):
        return constant(StaticClass(name))
    return fault_run(node.span, "FS311", f"{name!r} is not declared", "declare it before use, with its type")


CODE_NODE = Node("c")
"""The code node `c`; `ownerobject(c)` is the host's."""


def _array(node: ast.ArrayLiteral, scope: Scope) -> Run:
    runs = [expression(item, scope) for item in node.items]

    def make(frame: Frame) -> Value:
        frame.hold(len(runs))
        return Array([fresh(run(frame)) for run in runs])

    return placed_run(make, node.span)


def fresh(value: Value) -> Value:
    return value.copy() if type(value) is Vector else value


def _unary(node: ast.Unary, scope: Scope) -> Run:
    run, operator = expression(node.operand, scope), node.operator
    if operator == "!":
        return lambda frame: 0 if truth(run(frame)) else 1
    return placed_run(lambda frame: unary(operator, run(frame)), node.span)


def _binary(node: ast.Binary, scope: Scope) -> Run:
    left, right, operator = expression(node.left, scope), expression(node.right, scope), node.operator
    if operator == "&&":
        return lambda frame: 1 if truth(left(frame)) and truth(right(frame)) else 0
    if operator == "||":
        return lambda frame: 1 if truth(left(frame)) or truth(right(frame)) else 0
    if operator not in BINARY:
        return fault_run(node.span, "FS304", f"operator {operator} is not FlexScript")
    apply = BINARY[operator]
    return placed_run(lambda frame: apply(frame, left(frame), right(frame)), node.span)


def _conditional(node: ast.Conditional, scope: Scope) -> Run:
    test, then, other = (expression(part, scope) for part in (node.condition, node.then, node.otherwise))
    return lambda frame: then(frame) if truth(test(frame)) else other(frame)


def _sequence(node: ast.Sequence, scope: Scope) -> Run:
    runs = [expression(item, scope) for item in node.items]

    def run_all(frame: Frame) -> Value:
        value = None
        for run in runs:
            value = run(frame)
        return value

    return run_all


def _if_present(node: ast.IfPresent, scope: Scope) -> Run:
    run = expression(node.object, scope)

    def read(frame: Frame) -> Value:
        try:
            return run(frame)
        except ScriptFault as fault:
            if fault.code in ("FS314", "FS315"):
                return None
            raise

    return read


def _cast(node: ast.AsType | ast.Cast, scope: Scope) -> Run:
    operand = expression(node.object if isinstance(node, ast.AsType) else node.operand, scope)
    coerce = COERCE.get(node.type.name)
    return placed_run((lambda frame: coerce(operand(frame))) if coerce else operand, node.span)


def _is_type(node: ast.IsType, scope: Scope) -> Run:
    operand, wanted = expression(node.object, scope), node.type.name

    def test(frame: Frame) -> Value:
        value = operand(frame)
        if isinstance(value, ObjectNode):
            return 1 if wanted in ("Object", "treenode", value.flexsim_class) else 0
        kinds = {int: ("int", "double"), float: ("double",), str: ("string",), Array: ("Array",), Node: ("treenode",)}
        return 1 if wanted in kinds.get(type(value), ()) else 0

    return test


# ---- members, indices, calls ----


def _member(node: ast.Member, scope: Scope) -> Run:
    name = node.name
    if isinstance(node.object, ast.Name) and _static(node.object, scope):
        owner = node.object.name
        return placed_run(lambda frame: static_value(frame, owner, name), node.span)
    base, optional = expression(node.object, scope), node.optional

    def read(frame: Frame) -> Value:
        value = base(frame)
        if value is None and optional:
            return None
        return get_member(frame, value, name)

    return placed_run(read, node.span)


def _static(node: ast.Name, scope: Scope) -> bool:
    return scope.look_up(node.name) is None and is_static(node.name)


def _index(node: ast.Index, scope: Scope) -> Run:
    base, index = expression(node.object, scope), expression(node.index, scope)
    return placed_run(lambda frame: get_index(frame, base(frame), index(frame)), node.span)


def _call(node: ast.Call, scope: Scope) -> Run:
    arguments = [expression(argument, scope) for argument in node.arguments]
    function = node.function
    if isinstance(function, ast.Member):
        return placed_run(_method(function, arguments, scope, node.span), node.span)
    if not isinstance(function, ast.Name):
        return fault_run(node.span, "FS304", "only commands and methods can be called")
    name = function.name
    command = CONSTRUCTORS.get(name) or scope.commands.get(name)
    if command is None:
        missing = scope.missing(name, node.span)

        def run_missing(frame: Frame) -> Value:
            for argument in arguments:
                argument(frame)
            return missing(frame)

        return placed_run(run_missing, node.span)
    if len(arguments) < command.least or 0 <= command.most < len(arguments):
        return fault_run(node.span, "FS312", _arity(name, command, len(arguments)))
    run = command.run
    return placed_run(lambda frame: _run_command(frame, run, arguments, node.span), node.span)


def _run_command(frame: Frame, run: Callable[..., Value], arguments: list[Run], span: Span) -> Value:
    values = [argument(frame) for argument in arguments]
    frame.span = span
    return run(frame, *values)


def _arity(name: str, command: Command, got: int) -> str:
    if command.most < 0:
        wanted = f"at least {command.least}"
    else:
        wanted = str(command.least) if command.least == command.most else f"{command.least} to {command.most}"
    return f"{name}() takes {wanted} argument{'s' * (wanted != '1')}, got {got}"


def _method(function: ast.Member, arguments: list[Run], scope: Scope, span: Span) -> Run:
    name = function.name
    if isinstance(function.object, ast.Name) and _static(function.object, scope):
        owner = function.object.name
        return lambda frame: static_method(frame, owner, name, [argument(frame) for argument in arguments])
    base, optional = expression(function.object, scope), function.optional

    def call(frame: Frame) -> Value:
        value = base(frame)
        if value is None and optional:
            return None
        values = [argument(frame) for argument in arguments]
        frame.span = span
        return call_method(frame, value, name, values)

    return call


# ---- assignment ----


def _assign(node: ast.Assign, scope: Scope) -> Run:
    value = expression(node.value, scope)
    if node.operator == "=":
        store = _store(node.target, scope)

        def assign(frame: Frame) -> Value:
            assigned = fresh(value(frame))
            frame.span = node.span
            store(frame, assigned)
            return assigned

        return placed_run(assign, node.span)
    reference, operator = _reference(node.target, scope), node.operator[:-1]

    def combine(frame: Frame) -> Value:
        load, store = reference(frame)
        result = binary(frame, operator, load(), value(frame))
        frame.span = node.span
        store(result)
        return result

    return placed_run(combine, node.span)


def _update(node: ast.Update, scope: Scope) -> Run:
    reference, change, prefix = _reference(node.target, scope), 1 if node.operator == "++" else -1, node.prefix

    def update(frame: Frame) -> Value:
        load, store = reference(frame)
        before = load()
        after = step_value(before, change)
        store(after)
        return after if prefix else before

    return placed_run(update, node.span)


def _store(target: ast.Expression, scope: Scope) -> Store:
    """The closure that puts a value where `target` says."""
    if isinstance(target, ast.Name):
        found = scope.look_up(target.name)
        if found is not None:
            return slot_store(*found)
    reference = _reference(target, scope)
    return lambda frame, value: reference(frame)[1](value)


def slot_store(slot: int, type: str) -> Store:
    coerce = COERCE.get(type)

    def store(frame: Frame, value: Value) -> None:
        frame.slots[slot] = coerce(value) if coerce else value

    return store


Reference = Callable[[Frame], tuple[Callable[[], Value], Callable[[Value], None]]]


def _reference(target: ast.Expression, scope: Scope) -> Reference:
    """The closure that evaluates the parts of `target` once and gives how to load and store there."""
    match target:
        case ast.Macro():
            return _reference(target.value, scope)
        case ast.Name():
            return _name_reference(target, scope)
        case ast.Member():
            return _member_reference(target, scope)
        case ast.Index():
            base, index = expression(target.object, scope), expression(target.index, scope)

            def locate_element(frame: Frame) -> tuple[Callable[[], Value], Callable[[Value], None]]:
                owner, key = base(frame), index(frame)
                return lambda: get_index(frame, owner, key), lambda value: set_index(frame, owner, key, value)

            return locate_element
        case ast.AsType():
            return _reference(target.object, scope)
        case _:

            def refuse(frame: Frame) -> tuple[Callable[[], Value], Callable[[Value], None]]:
                raise ScriptFault("FS304", "this cannot be assigned to", "", target.span)

            return refuse


def _name_reference(target: ast.Name, scope: Scope) -> Reference:
    found = scope.look_up(target.name)
    if found is None:
        read = _name(target, scope)

        def undeclared(frame: Frame) -> tuple[Callable[[], Value], Callable[[Value], None]]:
            read(frame)
            raise ScriptFault("FS304", f"{target.name!r} cannot be assigned to", "", target.span)

        return undeclared
    slot, store = found[0], slot_store(*found)
    return lambda frame: (lambda: frame.slots[slot], lambda value: store(frame, value))


def _member_reference(target: ast.Member, scope: Scope) -> Reference:
    name = target.name
    base = expression(target.object, scope)
    holder = _reference(target.object, scope) if isinstance(target.object, ast.Member | ast.Index | ast.Name) else None

    def locate(frame: Frame) -> tuple[Callable[[], Value], Callable[[Value], None]]:
        owner = base(frame)
        if isinstance(owner, Vector) and holder is not None:
            _, put_back = holder(frame)

            def store_part(value: Value) -> None:
                changed = owner.copy()
                set_member(frame, changed, name, value)
                put_back(changed)

            return lambda: get_member(frame, owner, name), store_part
        return lambda: get_member(frame, owner, name), lambda value: set_member(frame, owner, name, value)

    return locate
