"""The syntax tree as Python closures: compiled once, run often.

Variables are resolved to slots when compiling; every closure takes the `Frame` of the run. No text is ever evaluated by Python.
Not covered: operators on values (`interpreter_operators`), statements' effects on the model (commands, members).
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
from gdt2usd.script.interpreter_operators import BINARY, COERCE, binary, default_of, step_value, unary
from gdt2usd.script.interpreter_statics import CONSTANTS, CONSTRUCTORS, is_static, static_method, static_value
from gdt2usd.script.interpreter_values import Array, Pattern, ScriptFault, StaticClass, Value, Vector, truth, whole

Store = Callable[[Frame, Value], None]
Signal = str | None
Step = Callable[[Frame], Signal]

BREAK, CONTINUE, RETURN = "break", "continue", "return"


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


@dataclass(frozen=True, slots=True)
class Compiled:
    """A program: its top-level statements with their spans, and how many slots a frame needs."""

    steps: tuple[tuple[Step, Span], ...]
    slots: int


def compile_program(program: ast.Program, commands: Mapping[str, Command], missing: Callable[[str, Span], Run]) -> Compiled:
    """Compile a whole script or code body."""
    scope = Scope(commands, missing)
    steps = tuple((statement(node, scope), node.span) for node in program.statements)
    return Compiled(steps, scope.slots)


# ---- expressions ----


def expression(node: ast.Expression, scope: Scope) -> Run:
    """The closure that evaluates `node`."""
    match node:
        case ast.Number() | ast.String() | ast.Character():
            return _constant(node.value)
        case ast.Regex():
            return _constant(Pattern(node.pattern))
        case ast.Constant():
            return _constant({"true": 1, "false": 0}.get(node.name))
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
            return _fault(node.span, "FS304", "await has no meaning while a script builds a model", "leave it out")
        case ast.Sequence():
            return _sequence(node, scope)
        case ast.IfPresent():
            return _if_present(node, scope)
        case _:
            assert_never(node)


def _constant(value: Value) -> Run:
    return lambda frame: value


def _fault(span: Span, code: str, message: str, hint: str = "") -> Run:
    def fail(frame: Frame) -> Value:
        raise ScriptFault(code, message, hint, span)

    return fail


def _placed(run: Run, span: Span) -> Run:
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
        return _constant(CONSTANTS[name])
    if is_static(name):
        return _constant(StaticClass(name))
    return _fault(node.span, "FS311", f"{name!r} is not declared", "declare it before use, with its type")


CODE_NODE = Node("c")
"""The code node `c`; `ownerobject(c)` is the host's."""


def _array(node: ast.ArrayLiteral, scope: Scope) -> Run:
    runs = [expression(item, scope) for item in node.items]

    def make(frame: Frame) -> Value:
        frame.spend(len(runs) + 1)
        return Array([_fresh(run(frame)) for run in runs])

    return _placed(make, node.span)


def _fresh(value: Value) -> Value:
    return value.copy() if type(value) is Vector else value


def _unary(node: ast.Unary, scope: Scope) -> Run:
    run, operator = expression(node.operand, scope), node.operator
    if operator == "!":
        return lambda frame: 0 if truth(run(frame)) else 1
    return _placed(lambda frame: unary(operator, run(frame)), node.span)


def _binary(node: ast.Binary, scope: Scope) -> Run:
    left, right, operator = expression(node.left, scope), expression(node.right, scope), node.operator
    if operator == "&&":
        return lambda frame: 1 if truth(left(frame)) and truth(right(frame)) else 0
    if operator == "||":
        return lambda frame: 1 if truth(left(frame)) or truth(right(frame)) else 0
    if operator not in BINARY:
        return _fault(node.span, "FS304", f"operator {operator} is not FlexScript")
    apply = BINARY[operator]
    return _placed(lambda frame: apply(frame, left(frame), right(frame)), node.span)


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
    return _placed((lambda frame: coerce(operand(frame))) if coerce else operand, node.span)


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
        return _placed(lambda frame: static_value(frame, owner, name), node.span)
    base, optional = expression(node.object, scope), node.optional

    def read(frame: Frame) -> Value:
        value = base(frame)
        if value is None and optional:
            return None
        return get_member(frame, value, name)

    return _placed(read, node.span)


def _static(node: ast.Name, scope: Scope) -> bool:
    return scope.look_up(node.name) is None and is_static(node.name)


def _index(node: ast.Index, scope: Scope) -> Run:
    base, index = expression(node.object, scope), expression(node.index, scope)
    return _placed(lambda frame: get_index(frame, base(frame), index(frame)), node.span)


def _call(node: ast.Call, scope: Scope) -> Run:
    arguments = [expression(argument, scope) for argument in node.arguments]
    function = node.function
    if isinstance(function, ast.Member):
        return _placed(_method(function, arguments, scope, node.span), node.span)
    if not isinstance(function, ast.Name):
        return _fault(node.span, "FS304", "only commands and methods can be called")
    name = function.name
    command = CONSTRUCTORS.get(name) or scope.commands.get(name)
    if command is None:
        missing = scope.missing(name, node.span)

        def run_missing(frame: Frame) -> Value:
            for argument in arguments:
                argument(frame)
            return missing(frame)

        return _placed(run_missing, node.span)
    if len(arguments) < command.least or 0 <= command.most < len(arguments):
        return _fault(node.span, "FS312", _arity(name, command, len(arguments)))
    run = command.run
    return _placed(lambda frame: _run_command(frame, run, arguments, node.span), node.span)


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
            assigned = _fresh(value(frame))
            frame.span = node.span
            store(frame, assigned)
            return assigned

        return _placed(assign, node.span)
    reference, operator = _reference(node.target, scope), node.operator[:-1]

    def combine(frame: Frame) -> Value:
        load, store = reference(frame)
        result = binary(frame, operator, load(), value(frame))
        frame.span = node.span
        store(result)
        return result

    return _placed(combine, node.span)


def _update(node: ast.Update, scope: Scope) -> Run:
    reference, change, prefix = _reference(node.target, scope), 1 if node.operator == "++" else -1, node.prefix

    def update(frame: Frame) -> Value:
        load, store = reference(frame)
        before = load()
        after = step_value(before, change)
        store(after)
        return after if prefix else before

    return _placed(update, node.span)


def _store(target: ast.Expression, scope: Scope) -> Store:
    """The closure that puts a value where `target` says."""
    if isinstance(target, ast.Name):
        found = scope.look_up(target.name)
        if found is not None:
            return _slot_store(*found)
    reference = _reference(target, scope)
    return lambda frame, value: reference(frame)[1](value)


def _slot_store(slot: int, type: str) -> Store:
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
    slot, store = found[0], _slot_store(*found)
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


# ---- statements ----


def statement(node: ast.Statement, scope: Scope) -> Step:
    """The closure that executes `node` and gives None, or how it left: BREAK, CONTINUE, RETURN."""
    match node:
        case ast.Declaration():
            return _declaration(node, scope)
        case ast.ExpressionStatement():
            return _expression_statement(node, scope)
        case ast.If():
            return _if(node, scope)
        case ast.While():
            return _loop(expression(node.condition, scope), statement(node.body, scope), None, node.span)
        case ast.DoWhile():
            return _loop(expression(node.condition, scope), statement(node.body, scope), None, node.span, test_first=False)
        case ast.For():
            return _for(node, scope)
        case ast.ForObjectTreeUnder():
            return _for_tree(node, scope)
        case ast.LegacyLoop():
            return _legacy_loop(node, scope)
        case ast.Switch():
            return _switch(node, scope)
        case ast.Break():
            return lambda frame: BREAK
        case ast.Continue():
            return lambda frame: CONTINUE
        case ast.Return():
            return _return(node, scope)
        case ast.Block():
            return _block(node.statements, scope)
        case ast.Empty() | ast.Define():
            return lambda frame: None
        case ast.FunctionDefinition():
            fail = _fault(node.span, "FS304", "FlexScript has no function definitions", "write the code where it is needed")
            return fail
        case _:
            assert_never(node)


def _expression_statement(node: ast.ExpressionStatement, scope: Scope) -> Step:
    run = expression(node.expression, scope)

    def execute(frame: Frame) -> Signal:
        run(frame)
        return None

    return execute


def _declaration(node: ast.Declaration, scope: Scope) -> Step:
    type_name = node.type.name
    runs: list[Callable[[Frame], None]] = []
    for declarator in node.declarators:
        runs.append(_declarator(declarator, type_name, scope))
    if len(runs) == 1:
        only = runs[0]
        return only

    def declare(frame: Frame) -> Signal:
        for run in runs:
            run(frame)
        return None

    return declare


def _declarator(node: ast.Declarator, type_name: str, scope: Scope) -> Callable[[Frame], None]:
    initial: Run
    if node.sizes:
        sizes = [expression(size, scope) for size in node.sizes]
        initial = _placed(lambda frame: CONSTRUCTORS["Array"].run(frame, sizes[0](frame)), node.span)
        type_name = "Array"
    elif node.arguments is not None:
        call = ast.Call(ast.Name(type_name, span=node.span), node.arguments, span=node.span)
        initial = expression(call, scope)
    elif node.initial is not None:
        initial = expression(node.initial, scope)
    else:
        initial = lambda frame: default_of(type_name)  # noqa: E731
    store = _slot_store(scope.declare(node.name, type_name), type_name)
    span = node.span

    def declare(frame: Frame) -> None:
        value = _fresh(initial(frame))
        try:
            store(frame, value)
        except ScriptFault as fault:
            fault.span = fault.span or span
            raise

    return declare


def _block(statements: tuple[ast.Statement, ...], scope: Scope) -> Step:
    scope.blocks.append({})
    steps = tuple(statement(node, scope) for node in statements)
    scope.blocks.pop()

    def execute(frame: Frame) -> Signal:
        for step in steps:
            signal = step(frame)
            if signal is not None:
                return signal
        return None

    return execute


def _if(node: ast.If, scope: Scope) -> Step:
    """A chain of `else if`s as one closure, so that long chains need no stack."""
    branches: list[tuple[Run, Step]] = []
    rest: ast.Statement | None = node
    while isinstance(rest, ast.If):
        branches.append((expression(rest.condition, scope), statement(rest.then, scope)))
        rest = rest.otherwise
    otherwise = statement(rest, scope) if rest is not None else None

    def execute(frame: Frame) -> Signal:
        for test, then in branches:
            if truth(test(frame)):
                return then(frame)
        return otherwise(frame) if otherwise else None

    return execute


def _loop(test: Run | None, body: Step, update: Run | None, span: Span, *, test_first: bool = True) -> Step:
    def execute(frame: Frame) -> Signal:
        rounds = 0
        try:
            while (not test_first and rounds == 0) or test is None or truth(test(frame)):
                rounds += 1
                frame.tick()
                signal = body(frame)
                if signal is not None:
                    if signal == BREAK:
                        break
                    if signal == RETURN:
                        return signal
                if update is not None:
                    update(frame)
        except ScriptFault as fault:
            blame(fault, rounds, span)
            raise
        return None

    return execute


def blame(fault: ScriptFault, rounds: int, span: Span) -> None:
    """Of nested loops, the one that has turned most often is the endless one."""
    if fault.code in ("FS301", "FS302") and rounds > fault.rounds:
        fault.span = span
        fault.rounds = rounds


def _for(node: ast.For, scope: Scope) -> Step:
    scope.blocks.append({})
    initial = statement(node.initial, scope) if node.initial else None
    test = expression(node.condition, scope) if node.condition else None
    update = expression(node.update, scope) if node.update else None
    loop = _loop(test, statement(node.body, scope), update, node.span)
    scope.blocks.pop()

    def execute(frame: Frame) -> Signal:
        if initial is not None:
            initial(frame)
        return loop(frame)

    return execute


def _for_tree(node: ast.ForObjectTreeUnder, scope: Scope) -> Step:
    return _over_objects(expression(node.root, scope), node.body, scope, node.span, _objects_under)


def _objects_under(top: Node) -> list[Node]:
    return [node for node in top.below() if isinstance(node, ObjectNode)]


def _objects_behind(top: Node) -> list[Node]:
    row = top.parent.children if top.parent else []
    at = next((i for i, child in enumerate(row) if child is top), len(row))
    return row[at:]


def _over_objects(root: Run, inner: ast.Statement, scope: Scope, span: Span, choose: Callable[[Node], list[Node]]) -> Step:
    """A loop whose variable is `a`."""
    scope.blocks.append({})
    slot = scope.declare("a", "treenode")
    body = statement(inner, scope)
    scope.blocks.pop()

    def execute(frame: Frame) -> Signal:
        top = root(frame)
        if not isinstance(top, Node):
            raise ScriptFault("FS322", "this loop needs an object or the model", "", span)
        for found in choose(top):
            frame.tick()
            frame.slots[slot] = found
            signal = body(frame)
            if signal == BREAK:
                break
            if signal == RETURN:
                return signal
        return None

    return execute


def _legacy_loop(node: ast.LegacyLoop, scope: Scope) -> Step:
    """`iterate(first, last, step)` counts in `count`; the loops over objects are those before dot syntax."""
    arguments = [expression(argument, scope) for argument in node.arguments]
    if node.name != "iterate":
        choose = _objects_behind if "behind" in node.name else _objects_under
        root = arguments[0] if arguments else _constant(None)
        return _over_objects(root, node.body, scope, node.span, choose)
    scope.blocks.append({})
    slot = scope.declare("count", "int")
    body = statement(node.body, scope)
    scope.blocks.pop()

    def execute(frame: Frame) -> Signal:
        first, last, step = ([whole(argument(frame)) for argument in arguments] + [1, 1, 1])[:3]
        if step == 0 or abs(last - first) // abs(step) > frame.limits.steps:
            raise ScriptFault("FS301", "iterate() never ends", "check its step", node.span)
        for number in range(first, last + (1 if step > 0 else -1), step):
            frame.tick()
            frame.slots[slot] = number
            signal = body(frame)
            if signal == BREAK:
                break
            if signal == RETURN:
                return signal
        return None

    return execute


def _switch(node: ast.Switch, scope: Scope) -> Step:
    subject = expression(node.subject, scope)
    scope.blocks.append({})
    labels: list[tuple[Run | None, int]] = []
    steps: list[Step] = []
    for case in node.cases:
        labels.append((expression(case.value, scope) if case.value is not None else None, len(steps)))
        steps += [statement(inner, scope) for inner in case.statements]
    scope.blocks.pop()

    def execute(frame: Frame) -> Signal:
        value = subject(frame)
        start = next((at for label, at in labels if label is not None and label(frame) == value), None)
        if start is None:
            start = next((at for label, at in labels if label is None), len(steps))
        for step in steps[start:]:
            signal = step(frame)
            if signal is not None:
                return None if signal == BREAK else signal
        return None

    return execute


def _return(node: ast.Return, scope: Scope) -> Step:
    run = expression(node.value, scope) if node.value is not None else _constant(None)

    def execute(frame: Frame) -> Signal:
        frame.result = run(frame)
        return RETURN

    return execute
