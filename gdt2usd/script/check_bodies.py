"""Rules on the code that scripts put into properties and triggers: it is checked too, and problems point into the string."""

from __future__ import annotations

import dataclasses
from bisect import bisect_right
from collections.abc import Callable, Iterator

from gdt2usd.diagnostics import Diagnostic, GdtError, Span, warning
from gdt2usd.script import ast
from gdt2usd.script.builder import escape_lengths
from gdt2usd.script.check_calls import command_calls
from gdt2usd.script.check_objects import method_calls
from gdt2usd.script.inference import Facts
from gdt2usd.script.lexer import Lines
from gdt2usd.script.parser import parse_body

CheckBody = Callable[[ast.Program], tuple[Diagnostic, ...]]


class BodyText:
    """A constant string made of literals, and where each of its characters stands in the script."""

    def __init__(self, pieces: tuple[ast.String, ...], lines: Lines) -> None:
        self.text = "".join(piece.value for piece in pieces)
        self.lines = lines
        self.starts: list[int] = []
        self.offsets: list[list[int]] = []
        position = 0
        for piece in pieces:
            self.starts.append(position)
            position += len(piece.value)
            offsets = [piece.span.start + 1]
            for length in escape_lengths(piece.text):
                offsets.append(offsets[-1] + length)
            self.offsets.append(offsets)

    def ends(self, position: int) -> tuple[int, int]:
        """The offsets in the script where the character at `position` of the body begins and ends."""
        piece = max(0, bisect_right(self.starts, position) - 1)
        inside, known = position - self.starts[piece], self.offsets[piece]
        return (known[inside], known[inside + 1]) if inside + 1 < len(known) else (known[-1], known[-1] + 1)

    def span(self, span: Span) -> Span:
        """A span of the body as a span of the script."""
        start = self.ends(span.start)[0]
        end = self.ends(max(span.start, span.end - 1))[1]
        return self.lines.span(start, max(end, start + 1))


def code_bodies(facts: Facts) -> Iterator[tuple[str, ast.Expression, tuple[ast.String, ...]]]:
    """The property (or command), the node and the literals of each constant string that holds FlexScript."""
    code = frozenset(facts.reference.notes["properties"]["code"])
    for call, _ in method_calls(facts, "setProperty"):
        if len(call.arguments) != 2:
            continue
        name, value = facts.value_of(call.arguments[0]).text, facts.value_of(call.arguments[1])
        if name and value.pieces and (name in code or name.startswith("Triggers.")) and looks_like_code(value.text or ""):
            yield name, call.arguments[1], value.pieces
    for call, name in command_calls(facts):
        if name == "executestring" and call.arguments and (pieces := facts.value_of(call.arguments[0]).pieces):
            yield name, call.arguments[0], pieces


def looks_like_code(text: str) -> bool:
    """Whether a property's string is a code body, and not a number, a name or a path."""
    return any(sign in text for sign in (";", "(", "return", "\n"))


def check_bodies(facts: Facts, check: CheckBody) -> Iterator[Diagnostic]:
    """Every problem of the code bodies, at its place in the script; FS222 where a time or a port is not returned."""
    lines = Lines(facts.program.script.text)
    seen: set[tuple[int, ...]] = set()
    for name, node, pieces in code_bodies(facts):
        key = tuple(piece.span.start for piece in pieces)
        if key in seen or any(not piece.text for piece in pieces):
            continue
        seen.add(key)
        body = BodyText(pieces, lines)
        try:
            program = parse_body(body.text)
        except GdtError as problem:
            found: tuple[Diagnostic, ...] = problem.diagnostics
        else:
            found = check(program)
            yield from _returns(facts, name, program, node)
        for diagnostic in found:
            where = body.span(diagnostic.where) if isinstance(diagnostic.where, Span) else node.span
            yield dataclasses.replace(diagnostic, where=where, message=f"{diagnostic.message} (in the code of {name})")


def _returns(facts: Facts, name: str, program: ast.Program, node: ast.Expression) -> Iterator[Diagnostic]:
    """FS222: the code of a property that has to give a value, without any `return`."""
    if name not in facts.reference.notes["properties"]["code"]:
        return
    if not any(isinstance(inner, ast.Return) for inner in ast.walk(program)):
        hint = 'write "Object current = ownerobject(c);\\nreturn ...;"'
        yield warning("FS222", f"the code of {name} returns nothing", node.span, hint)
