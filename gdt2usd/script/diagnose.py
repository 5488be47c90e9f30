"""Everything that can be said about a script at once: syntax, checks, and a trial run against an empty model."""

from __future__ import annotations

from gdt2usd.diagnostics import Diagnostic, GdtError, Severity, Span
from gdt2usd.script import ast
from gdt2usd.script.check_names import reads_its_event
from gdt2usd.script.checker import check
from gdt2usd.script.interpreter import interpret
from gdt2usd.script.parser import parse
from gdt2usd.script.source import Script


def diagnose(script: Script) -> tuple[Diagnostic, ...]:
    """All diagnostics of a script in the order of the text. Never raises."""
    try:
        program = parse(script)
    except GdtError as problem:
        return problem.diagnostics
    found = check(program)
    return tuple(sorted((*found, *_of_run(program, found)), key=_position))


def _of_run(program: ast.Program, found: tuple[Diagnostic, ...]) -> list[Diagnostic]:
    """What running the script adds: not where the checker already reported something as bad, at the same place.

    Code out of a model is not run: without its event there is nothing to run it for.
    """
    if reads_its_event(node for node in ast.walk(program) if isinstance(node, ast.Call)):
        return []
    try:
        diagnostics = interpret(program).diagnostics
    except GdtError as problem:
        diagnostics = problem.diagnostics
    taken = [d.where for d in found if isinstance(d.where, Span) and d.severity is Severity.ERROR]
    return [d for d in diagnostics if not (isinstance(d.where, Span) and any(_touch(d.where, other) for other in taken))]


def _touch(left: Span, right: Span) -> bool:
    """Whether one place lies within the other."""
    return (left.start <= right.start and right.end <= left.end) or (right.start <= left.start and left.end <= right.end)


def _position(diagnostic: Diagnostic) -> tuple[int, str]:
    return (diagnostic.where.start if isinstance(diagnostic.where, Span) else 0, diagnostic.code)
