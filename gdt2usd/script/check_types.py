"""Rules on types: sums of numbers and strings, values that a variable cannot hold, indices, conditions."""

from __future__ import annotations

from collections.abc import Iterator

from gdt2usd.diagnostics import Diagnostic, Severity, Span, error, warning
from gdt2usd.script import ast
from gdt2usd.script.check_names import may_be_from_model
from gdt2usd.script.inference import Facts
from gdt2usd.script.values import NUMERIC, Value

_PORTS = frozenset(("inObjects", "outObjects", "centerObjects", "subnodes"))
# methods all of whose arguments are strings (True) or numbers (False)
STRICT_METHODS = {
    ("Object", "setLocation"): False,
    ("Object", "setSize"): False,
    ("Object", "setRotation"): False,
    ("string", "fromNum"): False,
    ("Model", "find"): True,
}
_COMPOUND = frozenset(("Array", "Vec2", "Vec3", "Vec4", "Color", "Map", "Table", "DateTime"))


def number_plus_string(facts: Facts) -> Iterator[Diagnostic]:
    """FS212: + joins strings only (a warning in code out of a model: some releases are said to accept it)."""
    severity = Severity.WARNING if may_be_from_model(facts) else Severity.ERROR
    for node in facts.all(ast.Binary):
        if node.operator == "+":
            yield from _sum(severity, node.left, facts.value_of(node.left), node.right, facts.value_of(node.right))
    for assign in facts.all(ast.Assign):
        if assign.operator == "+=":
            yield from _sum(severity, assign.target, facts.value_of(assign.target), assign.value, facts.value_of(assign.value))


def _sum(
    severity: Severity, left_node: ast.Expression, left: Value, right_node: ast.Expression, right: Value
) -> Iterator[Diagnostic]:
    for string, number, node in ((left, right, right_node), (right, left, left_node)):
        if string.is_string and number.is_number:
            hint = f"write string.fromNum({_spelling(node)})"
            yield Diagnostic("FS212", severity, "a number cannot be joined to a string", node.span, hint)


def _spelling(node: ast.Expression) -> str:
    match node:
        case ast.Name(name=name):
            return name
        case ast.Number(text=text) if text:
            return text
        case _:
            return "..."


def wrong_arithmetic(facts: Facts) -> Iterator[Diagnostic]:
    """FS212: arithmetic on strings, and % on numbers that are not whole."""
    for node in facts.all(ast.Binary):
        left, right = facts.value_of(node.left), facts.value_of(node.right)
        if node.operator in ("-", "*", "/", "%") and (left.is_string or right.is_string):
            side = node.left if left.is_string else node.right
            yield error(
                "FS212", f"{node.operator} works on numbers, and this is a string", side.span, "write text.toNum() for its number"
            )
        elif node.operator == "%" and "double" in (left.type, right.type):
            side = node.left if left.type == "double" else node.right
            yield error("FS212", "% works on whole numbers (int)", side.span, "write Math.fmod(a, b)")


def wrong_assignment(facts: Facts) -> Iterator[Diagnostic]:
    """FS213: a value that the variable's type cannot hold."""
    for declaration in facts.all(ast.Declaration):
        for declarator in declaration.declarators:
            if declarator.initial is not None and not declarator.sizes:
                yield from _held(
                    declaration.type.name, facts.value_of(declarator.initial), declarator.initial.span, declarator.name
                )
    for node in facts.all(ast.Assign):
        if node.operator == "=" and isinstance(node.target, ast.Name):
            yield from _held(facts.value_of(node.target).type, facts.value_of(node.value), node.value.span, node.target.name)
        elif node.operator == "=" and not isinstance(
            node.target, ast.Name | ast.Member | ast.Index | ast.Call | ast.AsType | ast.Macro
        ):
            yield error(
                "FS213", "this cannot be assigned to", node.target.span, "a variable, a property or an element stands left of ="
            )
    for update in facts.all(ast.Update):
        if isinstance(update.target, ast.Number | ast.String | ast.Binary):
            yield error("FS213", "this cannot be counted up or down", update.target.span)


def _held(declared: str, value: Value, span: Span, name: str) -> Iterator[Diagnostic]:
    if declared in NUMERIC and value.is_string:
        yield error("FS213", f"{name} is of type {declared} and cannot hold a string", span, "write text.toNum() for its number")
    elif declared in NUMERIC and (value.type in _COMPOUND and not value.static):
        yield error("FS213", f"{name} is of type {declared} and cannot hold a value of type {value.type}", span)
    elif declared == "string" and value.is_number:
        yield error("FS213", f"{name} is a string and cannot hold a number", span, "write string.fromNum(...)")
    elif declared == "string" and value.type in (*_COMPOUND, "Object") and not value.static:
        yield error("FS213", f"{name} is a string and cannot hold a value of type {value.type}", span)
    elif declared in ("Object", "treenode") and (value.is_string or value.type in _COMPOUND) and not value.static:
        hint = 'write Model.find("...") for the object of that name' if value.is_string else ""
        yield error("FS213", f"{name} is of type {declared} and cannot hold a value of type {value.type}", span, hint)
    elif declared in ("Object", "treenode") and value.number:
        hint = f"without a declaration {name} is a node: write int {name} = ..." if name in ("a", "c", "i") else ""
        yield error("FS213", f"{name} is of type {declared} and cannot hold a number", span, hint)
    elif declared == "Array" and (value.is_string or value.is_number or value.type in ("Object", "Map")) and not value.static:
        hint = "write Array(n), or [a, b]" if value.is_number else ""
        yield error("FS213", f"{name} is an Array and cannot hold a value of type {value.type}", span, hint)


def index_zero(facts: Facts) -> Iterator[Diagnostic]:
    """FS230: arrays and ports are counted from 1."""
    for node in facts.all(ast.Index):
        owner = facts.value_of(node.object)
        ports = isinstance(node.object, ast.Member) and node.object.name in _PORTS
        if (owner.type == "Array" or ports) and facts.value_of(node.index).number == 0 and not owner.static:
            yield error(
                "FS230", "arrays and ports are counted from 1", node.index.span, "the first is [1], the last [array.length]"
            )


def loop_from_zero(facts: Facts) -> Iterator[Diagnostic]:
    """FS230: a loop from 0 whose counter is used as an index of an array."""
    for loop in facts.all(ast.For):
        declaration = loop.initial
        if not isinstance(declaration, ast.Declaration) or loop.condition is None:
            continue
        first = declaration.declarators[0]
        if not isinstance(first.initial, ast.Number) or first.initial.value != 0:
            continue
        for inner in ast.walk(loop.body):
            if (
                isinstance(inner, ast.Index)
                and inner.index == ast.Name(first.name)
                and facts.value_of(inner.object).type == "Array"
            ):
                hint = f"write for (int {first.name} = 1; {first.name} <= ...length; {first.name}++)"
                yield error("FS230", f"arrays are counted from 1, and {first.name} begins at 0", inner.index.span, hint)
                break


def assignment_as_condition(facts: Facts) -> Iterator[Diagnostic]:
    """FS226: `if (a = b)` assigns."""
    nodes: list[ast.If | ast.While | ast.DoWhile] = [*facts.all(ast.If), *facts.all(ast.While), *facts.all(ast.DoWhile)]
    for condition in (node.condition for node in nodes):
        if isinstance(condition, ast.Assign) and condition.operator == "=" and not isinstance(condition.value, ast.Call):
            yield warning("FS226", "this assigns, it does not compare", condition.span, "write == to compare")


def no_effect(facts: Facts) -> Iterator[Diagnostic]:
    """FS233: a statement that computes something and drops it."""
    statements = facts.all(ast.ExpressionStatement)
    if len(facts.program.statements) <= 1:
        return
    for statement in statements:
        expression = statement.expression
        if isinstance(expression, ast.Binary) and expression.operator == "==":
            yield warning("FS233", "this compares and drops the result", expression.span, "write = to assign")
        elif isinstance(expression, ast.Binary | ast.Number | ast.String):
            yield warning("FS233", "this statement has no effect", expression.span)


def single_quotes(facts: Facts) -> Iterator[Diagnostic]:
    """FS235: a string in single quotes, which hold one character."""
    strings = {id(d.initial) for d in facts.all(ast.Declarator)} if facts.all(ast.Character) else set()
    typed = {id(d.initial) for node in facts.all(ast.Declaration) if node.type.name == "string" for d in node.declarators}
    for node in facts.all(ast.Character):
        if len(node.value) != 1 or id(node) in strings & typed:
            yield error("FS235", "single quotes hold one character, not a string", node.span, f'write "{node.value}"')


def method_argument(facts: Facts) -> Iterator[Diagnostic]:
    """FS213: a string where a method wants a number, or the other way round."""
    for call in facts.all(ast.Call):
        if (
            not isinstance(call.function, ast.Member)
            or (facts.value_of(call.function.object).type, call.function.name) not in STRICT_METHODS
        ):
            continue
        wants_string = STRICT_METHODS[facts.value_of(call.function.object).type, call.function.name]
        for argument in call.arguments:
            value = facts.value_of(argument)
            if value.is_number and wants_string:
                yield error("FS213", f"{call.function.name} wants a string here, not a number", argument.span)
            elif value.is_string and not wants_string:
                yield error("FS213", f"{call.function.name} wants a number here, not a string", argument.span)
