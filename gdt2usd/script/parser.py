"""FlexScript text to a syntax tree, by the LALR table made from `flexscript.lark`; reports every syntax error it can find.

After an error the parser goes on at the next statement. Nesting and size are bounded, so that no later pass over the tree
runs out of stack. Not covered: meaning (`checker`), comments (`formatter`).
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from gdt2usd.diagnostics import Diagnostic, GdtError, Span, error, errors
from gdt2usd.script import ast
from gdt2usd.script.builder import Parts, builders
from gdt2usd.script.lexer import Token, tokenize
from gdt2usd.script.source import Script

MAX_DEPTH = 160
MAX_DIAGNOSTICS = 100


class _Rule(NamedTuple):
    left: str
    length: int
    build: Any


class _Table(NamedTuple):
    states: list[dict[str, int]]
    rules: list[_Rule]


@cache
def _table() -> _Table:
    raw = json.loads((Path(__file__).parent / "flexscript_table.json").read_text(encoding="utf-8"))
    made = builders()
    rules = [_Rule(left, length, made[alias] if alias else None) for left, length, alias in raw["rules"]]
    return _Table(raw["states"], rules)


def parse(script: Script) -> ast.Program:
    """The syntax tree of a script. Raises GdtError with every syntax error found, spans into `script.text`."""
    lexed = tokenize(script.text)
    statements, diagnostics = _run(lexed.tokens, lexed.diagnostics)
    if any(errors(diagnostics)):
        raise GdtError(sorted(diagnostics, key=_position), source=script.text, name=script.name)
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
    first = lexed.tokens[0]
    expression, diagnostics = _run([Token("EXPRESSION_START", "", first.span), *lexed.tokens], lexed.diagnostics)
    if any(errors(diagnostics)):
        raise GdtError(sorted(diagnostics, key=_position), source=text, name="expression")
    return expression  # type: ignore[no-any-return]


def _position(diagnostic: Diagnostic) -> int:
    return diagnostic.where.start if isinstance(diagnostic.where, Span) else 0


def _run(tokens: list[Token], diagnostics: list[Diagnostic]) -> tuple[Any, list[Diagnostic]]:
    """Drive the table over the tokens; the value of the start rule, and all diagnostics."""
    states_of, rules = _table()
    states, values = [0], []
    position = 0
    while True:
        token = tokens[position]
        action = states_of[states[-1]].get(token.kind)
        if action is None:
            diagnostics.append(error("FS104", f"unexpected {token.text}", token.span))
            return [], diagnostics
        if action > 0:
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
            return values[0], diagnostics
