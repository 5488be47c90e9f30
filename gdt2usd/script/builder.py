"""Makes the nodes of the tree: one function per alternative of the grammar, named as its alias in `flexscript.lark`.

Each takes the parts of the alternative (tokens for terminals, nodes or lists for the rest) and gives the node.
Not covered: which parts follow each other (the table), meaning (the checker).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from gdt2usd.diagnostics import Span
from gdt2usd.script import ast
from gdt2usd.script.lexer import Token, define_parts

Parts = list[Any]

# C's precedence; all of these group to the left
PRECEDENCE = {
    operator: level
    for level, row in enumerate(("||", "&&", "|", "^", "&", "== !=", "< > <= >=", "<< >>", "+ -", "* / %"))
    for operator in row.split()
}

_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}
_ESCAPE = re.compile(r"\\(\r\n|[\s\S])")


def unescape(text: str) -> str:
    """The value of what stands between the quotes: escapes resolved, a backslash before a line break joins the lines."""

    def resolve(match: re.Match[str]) -> str:
        escape = match.group(1)
        if escape in ("\n", "\r\n"):
            return ""
        return _ESCAPES.get(escape, escape)

    return _ESCAPE.sub(resolve, text) if "\\" in text else text


def escape_lengths(literal: str) -> list[int]:
    """How many characters of a literal (quotes included) each character of its value takes up."""
    text = literal[1:-1]
    lengths: list[int] = []
    position = 0
    pending = 0
    while position < len(text):
        match = _ESCAPE.match(text, position)
        length = len(match.group()) if match else 1
        if match and match.group(1) in ("\n", "\r\n"):
            pending += length
            if lengths:
                lengths[-1] += length
                pending -= length
        else:
            lengths.append(length + pending)
            pending = 0
        position += length
    return lengths


def _between(first: Span, last: Span) -> Span:
    return Span(first.start, last.end, first.line, first.column, last.end_line, last.end_column)


def _around(p: Parts) -> Span:
    return _between(p[0].span, p[-1].span)


def program(p: Parts) -> Parts:
    return p[0]  # type: ignore[no-any-return]


def lone_expression(p: Parts) -> ast.Expression:
    return p[1]  # type: ignore[no-any-return]


def no_items(p: Parts) -> Parts:
    del p
    return []


def nothing(p: Parts) -> None:
    del p


def one(p: Parts) -> Parts:
    return [p[0]]


def more(p: Parts) -> Parts:
    p[0].append(p[1])
    return p[0]  # type: ignore[no-any-return]


more_statements = more


def one_more(p: Parts) -> Parts:
    p[0].append(p[2])
    return p[0]  # type: ignore[no-any-return]


def terminated(p: Parts) -> ast.Node:
    return p[0]  # type: ignore[no-any-return]


def function_definition(p: Parts) -> ast.FunctionDefinition:
    return ast.FunctionDefinition(p[0], p[1].text, tuple(x for x in p[3] if isinstance(x, ast.Parameter)), p[5], span=_around(p))


def expression_statement(p: Parts) -> ast.ExpressionStatement:
    return ast.ExpressionStatement(p[0], span=p[0].span)


def empty(p: Parts) -> ast.Empty:
    return ast.Empty(span=p[0].span)


def define(p: Parts) -> ast.Define:
    name, text = define_parts(p[0].text) or ("", p[0].text)
    return ast.Define(name, text, span=p[0].span)


def if_(p: Parts) -> ast.If:
    return ast.If(p[2], p[4], None, span=_around(p))


def if_else(p: Parts) -> ast.If:
    return ast.If(p[2], p[4], p[6], span=_around(p))


def while_(p: Parts) -> ast.While:
    return ast.While(p[2], p[4], span=_around(p))


def do_while(p: Parts) -> ast.DoWhile:
    return ast.DoWhile(p[1], p[4], span=_around(p))


def for_(p: Parts) -> ast.For:
    return ast.For(p[2], p[3], p[5], p[7], span=_around(p))


def forobjecttreeunder(p: Parts) -> ast.ForObjectTreeUnder:
    return ast.ForObjectTreeUnder(p[2], p[4], span=_around(p))


def legacy_loop(p: Parts) -> ast.LegacyLoop:
    return ast.LegacyLoop(p[0].text, tuple(p[2]), p[4], span=_around(p))


def switch(p: Parts) -> ast.Switch:
    return ast.Switch(p[2], tuple(p[5]), span=_around(p))


def case(p: Parts) -> ast.Case:
    return ast.Case(p[1], tuple(p[3]), span=_between(p[0].span, p[3][-1].span if p[3] else p[2].span))


def default(p: Parts) -> ast.Case:
    return ast.Case(None, tuple(p[2]), span=_between(p[0].span, p[2][-1].span if p[2] else p[1].span))


def break_(p: Parts) -> ast.Break:
    return ast.Break(span=p[0].span)


def continue_(p: Parts) -> ast.Continue:
    return ast.Continue(span=p[0].span)


def return_nothing(p: Parts) -> ast.Return:
    return ast.Return(None, span=p[0].span)


def return_(p: Parts) -> ast.Return:
    return ast.Return(p[1], span=_between(p[0].span, p[1].span))


def block(p: Parts) -> ast.Block:
    return ast.Block(tuple(p[1]), span=_around(p))


def declaration(p: Parts) -> ast.Declaration:
    return ast.Declaration(p[0], tuple(p[1]), span=_between(p[0].span, p[1][-1].span))


def type(p: Parts) -> ast.TypeName:
    return ast.TypeName(p[0].text, span=p[0].span)


def declarator(p: Parts) -> ast.Declarator:
    return ast.Declarator(p[0].text, None, tuple(p[1]), span=p[0].span)


def declarator_initial(p: Parts) -> ast.Declarator:
    return ast.Declarator(p[0].text, p[3], tuple(p[1]), span=_around(p))


def declarator_arguments(p: Parts) -> ast.Declarator:
    return ast.Declarator(p[0].text, None, (), tuple(p[2]), span=_around(p))


def size(p: Parts) -> Parts:
    p[0].append(p[2])
    return p[0]  # type: ignore[no-any-return]


def parameter(p: Parts) -> ast.Parameter:
    return ast.Parameter(ast.TypeName(p[0].text, span=p[0].span), p[1].text, span=_around(p))


def two(p: Parts) -> Parts:
    return [p[0], p[2]]


def sequence(p: Parts) -> ast.Sequence:
    return ast.Sequence(tuple(p[0]), span=_between(p[0][0].span, p[0][-1].span))


def assign(p: Parts) -> ast.Assign:
    return ast.Assign(p[1].text, p[0], p[2], span=_around(p))


def conditional(p: Parts) -> ast.Conditional:
    return ast.Conditional(p[0], p[2], p[4], span=_around(p))


def link(p: Parts) -> Parts:
    p[0].append(p[1])
    p[0].append(p[2])
    return p[0]  # type: ignore[no-any-return]


def operation(p: Parts) -> ast.Expression:
    """Operand, operator, operand, ... grouped by `PRECEDENCE` (operator-precedence parsing with two stacks)."""
    chain: Parts = p[0]
    operands: list[Any] = [chain[0]]
    waiting: list[str] = []
    for n in range(1, len(chain), 2):
        operator: str = chain[n].text
        while waiting and PRECEDENCE[waiting[-1]] >= PRECEDENCE[operator]:
            _group(operands, waiting)
        waiting.append(operator)
        operands.append(chain[n + 1])
    while waiting:
        _group(operands, waiting)
    return operands[0]  # type: ignore[no-any-return]


def _group(operands: list[Any], waiting: list[str]) -> None:
    right = operands.pop()
    left = operands.pop()
    operands.append(ast.Binary(waiting.pop(), left, right, span=_between(left.span, right.span)))


def unary(p: Parts) -> ast.Unary:
    return ast.Unary(p[0].text, p[1], span=_around(p))


def update_first(p: Parts) -> ast.Update:
    return ast.Update(p[0].text, p[1], True, span=_around(p))


def update_last(p: Parts) -> ast.Update:
    return ast.Update(p[1].text, p[0], False, span=_around(p))


def cast(p: Parts) -> ast.Cast:
    return ast.Cast(ast.TypeName(p[0].text, span=p[0].span), p[1], span=_around(p))


def await_(p: Parts) -> ast.Await:
    return ast.Await(p[1], span=_around(p))


def member(p: Parts) -> ast.Member:
    return ast.Member(p[0], p[2].text, p[1].text == "?.", span=_around(p))


member_optional = member


def index(p: Parts) -> ast.Index:
    return ast.Index(p[0], p[2], span=_around(p))


def if_present(p: Parts) -> ast.IfPresent:
    return ast.IfPresent(p[0], span=_around(p))


def call(p: Parts) -> ast.Expression:
    function, arguments, span = p[0], p[2], _around(p)
    if isinstance(function, ast.Member) and function.name in ("as", "is") and len(arguments) == 1:
        name = _dotted(arguments[0])
        if name:
            made = ast.AsType if function.name == "as" else ast.IsType
            return made(function.object, ast.TypeName(name, span=arguments[0].span), function.optional, span=span)
    return ast.Call(function, tuple(arguments), span=span)


def _dotted(node: ast.Node) -> str:
    if isinstance(node, ast.Name):
        return node.name
    if isinstance(node, ast.Member) and (left := _dotted(node.object)):
        return f"{left}.{node.name}"
    return ""


def name(p: Parts) -> ast.Name:
    return ast.Name(p[0].text, span=p[0].span)


def number(p: Parts) -> ast.Number:
    text: str = p[0].text
    if text[:2] in ("0x", "0X"):
        return ast.Number(int(text, 16), text, span=p[0].span)
    whole = text.isdigit() and len(text) <= 4000
    return ast.Number(int(text) if whole else float(text), text, span=p[0].span)


def string(p: Parts) -> ast.String:
    return ast.String(unescape(p[0].text[1:-1]), p[0].text, span=p[0].span)


def character(p: Parts) -> ast.Character:
    return ast.Character(unescape(p[0].text[1:-1]), span=p[0].span)


def regex(p: Parts) -> ast.Regex:
    body, _, flags = p[0].text[1:].rpartition("/")
    return ast.Regex(body, flags, span=p[0].span)


def constant(p: Parts) -> ast.Constant:
    return ast.Constant(p[0].text, span=p[0].span)


def macro(p: Parts) -> ast.Macro:
    return ast.Macro(p[0].text, p[0].value, span=p[0].span)


def parenthesised(p: Parts) -> ast.Expression:
    return p[1]  # type: ignore[no-any-return]


def array_empty(p: Parts) -> ast.ArrayLiteral:
    return ast.ArrayLiteral((), span=_around(p))


def array(p: Parts) -> ast.ArrayLiteral:
    return ast.ArrayLiteral(tuple(p[1]), span=_around(p))


def builders() -> dict[str, Callable[[Parts], Any]]:
    """Alias to function."""
    return {name: value for name, value in globals().items() if callable(value) and getattr(value, "__module__", "") == __name__}


__all__ = ["PRECEDENCE", "Token", "builders", "unescape"]
