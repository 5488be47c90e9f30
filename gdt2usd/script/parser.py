"""FlexScript text to a syntax tree, by the LALR table made from `flexscript.lark`; reports every syntax error it can find.

After an error the parser goes on (`recovery`). Nesting and size are bounded, so that no later pass over the tree runs out of
stack. Not covered: meaning (`checker`), comments (`formatter`).
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from gdt2usd.diagnostics import Diagnostic, GdtError, Span, error, errors
from gdt2usd.script import ast
from gdt2usd.script.builder import Parts, builders
from gdt2usd.script.lexer import Token, mark_types, tokenize
from gdt2usd.script.macros import expand
from gdt2usd.script.pause import paused_collection
from gdt2usd.script.recovery import Recovery
from gdt2usd.script.source import Script

MAX_DEPTH = 160
MAX_DIAGNOSTICS = 100


class _Rule(NamedTuple):
    left: str
    length: int
    build: Any


class Table(NamedTuple):
    """The parse table, see `make_table`."""

    states: list[dict[str, int]]
    rules: list[_Rule]


_LINK = ["STRING", "STRING", "$END"]  # a body that names a library and a function in it, as a DLL's or Python's


@cache
def table() -> Table:
    """The packaged table, read once."""
    raw = json.loads((Path(__file__).parent / "flexscript_table.json").read_text(encoding="utf-8"))
    made = builders()
    rules = [_Rule(left, length, made[alias] if alias else None) for left, length, alias in raw["rules"]]
    return Table(raw["states"], rules)


def parse(script: Script) -> ast.Program:
    """The syntax tree of a script. Raises GdtError with every syntax error found, spans into `script.text`."""
    with paused_collection():
        return _parse(script)


def _parse(script: Script) -> ast.Program:
    lexed = tokenize(script.text)
    diagnostics = list(lexed.diagnostics)
    tokens = mark_types(expand(lexed.tokens, diagnostics, _macro_expression))
    if [token.kind for token in tokens] == _LINK:
        tokens.insert(1, Token(";", ";", tokens[0].span))
    statements = _run(tokens, diagnostics)
    if not any(errors(diagnostics)):
        diagnostics += _too_deep(statements)
    if any(errors(diagnostics)):
        raise GdtError(sorted(diagnostics, key=_position)[:MAX_DIAGNOSTICS], source=script.text, name=script.name)
    last = lexed.tokens[-1].span
    return ast.Program(tuple(statements), script, span=Span(0, last.end, 1, 1, last.end_line, last.end_column))


def parse_text(text: str, name: str = "script.fs") -> ast.Program:
    """As `parse`, from plain text."""
    return parse(Script(text, name))


def parse_body(text: str) -> ast.Program:
    """A code body as properties hold it (the same language); spans are offsets into `text`."""
    return parse(Script(text, "code body"))


def parse_expression(text: str) -> ast.Expression:
    """One expression, without a semicolon. Raises GdtError."""
    lexed = tokenize(text)
    diagnostics = list(lexed.diagnostics)
    expression = _run(_as_expression(mark_types(lexed.tokens)), diagnostics)
    if not any(errors(diagnostics)):
        diagnostics += _too_deep([expression])
    if any(errors(diagnostics)):
        raise GdtError(sorted(diagnostics, key=_position), source=text, name="expression")
    return expression  # type: ignore[no-any-return]


def _as_expression(tokens: list[Token]) -> list[Token]:
    return [Token("EXPRESSION_START", "", tokens[0].span), *tokens]


def _macro_expression(tokens: list[Token]) -> ast.Expression | None:
    diagnostics: list[Diagnostic] = []
    expression: ast.Expression | None = _run(_as_expression(mark_types(tokens)), diagnostics)
    return None if diagnostics or expression is None else expression


def _position(diagnostic: Diagnostic) -> int:
    return diagnostic.where.start if isinstance(diagnostic.where, Span) else 0


def _run(tokens: list[Token], diagnostics: list[Diagnostic]) -> Any:
    """Drive the table over the tokens; the value of the start rule (without meaning once there are errors)."""
    states_of, rules = table()
    states: list[int] = [0]
    values: list[Any] = []
    recovery: Recovery | None = None
    position = 0
    while True:
        token = tokens[position]
        action = states_of[states[-1]].get(token.kind)
        if action is None:
            recovery = recovery or Recovery(table(), tokens, diagnostics)
            repaired = recovery.repair(states, values, position)
            if repaired is None:
                return []
            tokens, position = recovery.tokens, repaired
        elif action > 0:
            states.append(action - 1)
            values.append(token)
            position += 1
        elif action < 0:
            left, length, build = rules[-action - 1]
            if length:
                parts: Parts = values[-length:]
                del states[-length:], values[-length:]
            else:
                parts = []
            values.append(build(parts) if build else parts[0])
            states.append(states_of[states[-1]][left] - 1)
        else:
            return values[0]


def _too_deep(statements: list[Any]) -> list[Diagnostic]:
    """An error at the first node that is nested deeper than `MAX_DEPTH`."""
    stack: list[tuple[ast.Node, int]] = [(statement, 1) for statement in statements]
    while stack:
        node, depth = stack.pop()
        if depth > MAX_DEPTH:
            hint = "split it: give parts a name of their own"
            return [error("FS108", f"this is nested more than {MAX_DEPTH} levels deep", node.span, hint)]
        stack.extend((child, depth + 1) for child in ast.children(node))
    return []
