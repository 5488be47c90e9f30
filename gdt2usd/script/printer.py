"""Syntax tree to FlexScript text; parsing the text gives an equal tree again.

One statement per line, four spaces per level, parentheses only where the tree needs them. Literals keep their spelling if
they came from a text. Not covered: comments and a user's own line breaks (`formatter` keeps those).
"""

from __future__ import annotations

from collections.abc import Iterator

from gdt2usd.script import ast
from gdt2usd.script.builder import PRECEDENCE

INDENT = "    "

# how tightly an expression binds; an operand that binds less than its place asks for is put in parentheses
SEQUENCE, ASSIGNMENT, CONDITIONAL, BINARY, UNARY, POSTFIX = 0, 1, 2, 3, 13, 14

_CAST_FOLLOWS = (ast.Name, ast.Number, ast.String, ast.Constant)


def print_program(program: ast.Program) -> str:
    """The text of a program, ending in a line break."""
    return "".join(line + "\n" for statement in program.statements for line in _statement(statement))


def print_expression(expression: ast.Expression) -> str:
    """The text of one expression."""
    return _expression(expression, SEQUENCE)


def quote(value: str) -> str:
    """A string literal for `value`."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")
    return f'"{escaped}"'


# --- expressions -----------------------------------------------------------------------------------------------------


def _expression(node: ast.Expression, least: int) -> str:
    """The text of `node` where something that binds at least as `least` is needed."""
    text, level = _text_and_level(node)
    return f"({text})" if level < least else text


def _text_and_level(node: ast.Expression) -> tuple[str, int]:
    match node:
        case ast.Number():
            return _number(node)
        case ast.String(value=value, text=text):
            return text or quote(value), POSTFIX
        case ast.Character(value=value):
            return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'", POSTFIX
        case ast.Regex(pattern=pattern, flags=flags):
            return f"/{pattern}/{flags}", POSTFIX
        case ast.Constant(name=name) | ast.Name(name=name) | ast.Macro(name=name):
            return name, POSTFIX
        case ast.ArrayLiteral(items=items):
            return f"[{_list(items)}]", POSTFIX
        case ast.Unary(operator=operator, operand=operand):
            text = _expression(operand, UNARY)
            return operator + (" " if operator in "+-" and text[0] == operator else "") + text, UNARY
        case ast.Update(operator=operator, target=target, prefix=True):
            return operator + _expression(target, UNARY), UNARY
        case ast.Update(operator=operator, target=target):
            return _expression(target, POSTFIX) + operator, POSTFIX
        case ast.Binary(operator=operator, left=left, right=right):
            level = BINARY + PRECEDENCE[operator]
            return f"{_expression(left, level)} {operator} {_expression(right, level + 1)}", level
        case ast.Conditional(condition=condition, then=then, otherwise=otherwise):
            parts = (_expression(condition, BINARY), _expression(then, SEQUENCE), _expression(otherwise, ASSIGNMENT))
            return f"{parts[0]} ? {parts[1]} : {parts[2]}", CONDITIONAL
        case ast.Assign(operator=operator, target=target, value=value):
            return f"{_expression(target, UNARY)} {operator} {_expression(value, ASSIGNMENT)}", ASSIGNMENT
        case ast.Member(object=object, name=name, optional=optional):
            return f"{_owner(object)}{'?.' if optional else '.'}{name}", POSTFIX
        case ast.Index(object=object, index=index):
            return f"{_expression(object, POSTFIX)}[{_expression(index, SEQUENCE)}]", POSTFIX
        case ast.Call(function=function, arguments=arguments):
            return f"{_expression(function, POSTFIX)}({_list(arguments)})", POSTFIX
        case ast.IfPresent(object=object):
            return f"{_expression(object, POSTFIX)}?", ASSIGNMENT
        case ast.AsType(object=object, type=type, optional=optional):
            return f"{_owner(object)}{'?.' if optional else '.'}as({type.name})", POSTFIX
        case ast.IsType(object=object, type=type, optional=optional):
            return f"{_owner(object)}{'?.' if optional else '.'}is({type.name})", POSTFIX
        case ast.Cast(type=type, operand=operand):
            text = _expression(operand, POSTFIX)
            return f"({type.name}){text if isinstance(operand, _CAST_FOLLOWS) or text[0] == '(' else f'({text})'}", UNARY
        case ast.Await(operand=operand):
            return f"await {_expression(operand, UNARY)}", UNARY
        case ast.Sequence(items=items):
            return _list(items), SEQUENCE


def _number(node: ast.Number) -> tuple[str, int]:
    if node.text:
        return node.text, POSTFIX
    if node.value != node.value or node.value in (float("inf"), float("-inf")):
        raise ValueError(f"FlexScript has no literal for {node.value}")
    return repr(node.value), UNARY if node.value < 0 else POSTFIX


def _owner(node: ast.Expression) -> str:
    text = _expression(node, POSTFIX)
    return f"({text})" if isinstance(node, ast.Number) and text[0] != "(" else text


def _list(items: tuple[ast.Expression, ...]) -> str:
    return ", ".join(_expression(item, ASSIGNMENT) for item in items)


# --- statements ------------------------------------------------------------------------------------------------------


def _statement(node: ast.Statement) -> Iterator[str]:
    """The lines of a statement, not indented."""
    match node:
        case ast.Declaration():
            yield _declaration(node) + ";"
        case ast.ExpressionStatement(expression=expression):
            yield _statement_expression(expression) + ";"
        case ast.If():
            yield from _if(node)
        case ast.While(condition=condition, body=body):
            yield from _with_body(f"while ({print_expression(condition)})", body)
        case ast.DoWhile(body=body, condition=condition):
            lines = list(_with_body("do", body))
            end = f"while ({print_expression(condition)});"
            yield from (*lines[:-1], f"{lines[-1]} {end}") if lines[-1] == "}" else (*lines, end)
        case ast.For():
            yield from _with_body(_for_head(node), node.body)
        case ast.ForObjectTreeUnder(root=root, body=body):
            yield from _with_body(f"forobjecttreeunder({print_expression(root)})", body)
        case ast.LegacyLoop(name=name, arguments=arguments, body=body):
            yield from _with_body(f"{name}({_list(arguments)})", body)
        case ast.Switch():
            yield from _switch(node)
        case ast.Break():
            yield "break;"
        case ast.Continue():
            yield "continue;"
        case ast.Return(value=value):
            yield "return;" if value is None else f"return {print_expression(value)};"
        case ast.Block(statements=statements):
            yield "{"
            yield from _indented(statements)
            yield "}"
        case ast.Empty():
            yield ";"
        case ast.Define(name=name, text=text):
            yield f"#define {name} {text}".rstrip()
        case ast.FunctionDefinition(type=type, name=name, parameters=parameters, body=body):
            listed = ", ".join(f"{p.type.name} {p.name}" for p in parameters)
            yield from _with_body(f"{type.name} {name}({listed})", body)


def _indented(statements: tuple[ast.Statement, ...]) -> Iterator[str]:
    for statement in statements:
        for line in _statement(statement):
            yield line if line.startswith("#") else _indent(line)


def _indent(line: str) -> str:
    """One level deeper; a literal that spans lines keeps its own line starts."""
    return INDENT + line


def _statement_expression(expression: ast.Expression) -> str:
    """A cast at the start of a statement would read as a call of what stands before it."""
    text = print_expression(expression)
    return f"({text})" if text.startswith("(") and _begins_with_cast(expression) else text


def _begins_with_cast(node: ast.Expression) -> bool:
    while True:
        match node:
            case ast.Cast():
                return True
            case ast.Binary(left=inner) | ast.Conditional(condition=inner) | ast.Assign(target=inner):
                node = inner
            case ast.Sequence(items=items):
                node = items[0]
            case _:
                return False


def _with_body(head: str, body: ast.Statement) -> Iterator[str]:
    if isinstance(body, ast.Block):
        yield f"{head} {{"
        yield from _indented(body.statements)
        yield "}"
    else:
        yield head
        yield from _indented((body,))


def _if(node: ast.If) -> Iterator[str]:
    """An inner `if` that would take this one's `else` is put in braces."""
    then = node.then
    if node.otherwise is not None and _ends_open(then):
        then = ast.Block((then,), span=then.span)
    lines = list(_with_body(f"if ({print_expression(node.condition)})", then))
    if node.otherwise is None:
        yield from lines
        return
    head = "else"
    if isinstance(then, ast.Block):
        lines.pop()
        head = "} else"
    yield from lines
    if isinstance(node.otherwise, ast.If):
        rest = list(_if(node.otherwise))
        yield f"{head} {rest[0]}"
        yield from rest[1:]
    else:
        yield from _with_body(head, node.otherwise)


def _ends_open(node: ast.Statement) -> bool:
    """Whether an `else` right after this statement would belong to an `if` inside it."""
    while True:
        match node:
            case ast.If(otherwise=None):
                return True
            case ast.If(otherwise=inner) if inner is not None:
                node = inner
            case ast.While(body=inner) | ast.For(body=inner) | ast.ForObjectTreeUnder(body=inner) | ast.LegacyLoop(body=inner):
                node = inner
            case _:
                return False


def _for_head(node: ast.For) -> str:
    initial = ""
    if isinstance(node.initial, ast.Declaration):
        initial = _declaration(node.initial)
    elif node.initial is not None:
        initial = print_expression(node.initial.expression)
    condition = f" {print_expression(node.condition)}" if node.condition is not None else ""
    update = f" {print_expression(node.update)}" if node.update is not None else ""
    return f"for ({initial};{condition};{update})"


def _switch(node: ast.Switch) -> Iterator[str]:
    yield f"switch ({print_expression(node.subject)}) {{"
    for case in node.cases:
        label = "default:" if case.value is None else f"case {print_expression(case.value)}:"
        yield INDENT + label
        for line in _indented(case.statements):
            yield line if line.startswith("#") else INDENT + line
    yield "}"


def _declaration(node: ast.Declaration) -> str:
    return f"{node.type.name} {', '.join(_declarator(d) for d in node.declarators)}"


def _declarator(node: ast.Declarator) -> str:
    text = node.name + "".join(f"[{print_expression(size)}]" for size in node.sizes)
    if node.arguments is not None:
        return f"{text}({_list(node.arguments)})"
    return f"{text} = {_expression(node.initial, ASSIGNMENT)}" if node.initial is not None else text
