"""Statements as Python closures, and a whole program of them: compiled once, run often.

A statement's closure takes the `Frame` of the run and gives None, or how it left: BREAK, CONTINUE, RETURN.
Not covered: expressions (`interpreter_expressions`), what commands and members do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import assert_never

from gdt2usd.diagnostics import Span
from gdt2usd.script import ast
from gdt2usd.script.interpreter_expressions import Scope, constant, expression, fault_run, fresh, placed_run, slot_store
from gdt2usd.script.interpreter_frame import Command, Frame, Run
from gdt2usd.script.interpreter_nodes import Node, ObjectNode
from gdt2usd.script.interpreter_operators import default_of
from gdt2usd.script.interpreter_statics import CONSTRUCTORS
from gdt2usd.script.interpreter_values import ScriptFault, truth, whole

Signal = str | None
Step = Callable[[Frame], Signal]

BREAK, CONTINUE, RETURN = "break", "continue", "return"


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
            fail = fault_run(node.span, "FS304", "FlexScript has no function definitions", "write the code where it is needed")
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
    type_name = "Array" if node.type.name in ast.OLD_ARRAYS else node.type.name
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
        initial = placed_run(lambda frame: CONSTRUCTORS["Array"].run(frame, sizes[0](frame)), node.span)
        type_name = "Array"
    elif node.arguments is not None:
        call = ast.Call(ast.Name(type_name, span=node.span), node.arguments, span=node.span)
        initial = expression(call, scope)
    elif node.initial is not None:
        initial = expression(node.initial, scope)
    else:
        initial = lambda frame: default_of(type_name)  # noqa: E731
    store = slot_store(scope.declare(node.name, type_name), type_name)
    span = node.span

    def declare(frame: Frame) -> None:
        value = fresh(initial(frame))
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
        root = arguments[0] if arguments else constant(None)
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
    run = expression(node.value, scope) if node.value is not None else constant(None)

    def execute(frame: Frame) -> Signal:
        frame.result = run(frame)
        return RETURN

    return execute
