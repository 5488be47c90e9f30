"""Finds the mistakes of a script without running it: names, arguments, properties, types, other languages' habits.

`RULES` is what is checked, in this order; each takes the facts of a program and gives diagnostics. All problems come in one
go. Not covered: syntax (`parser`), what only running shows (`interpreter`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice

from gdt2usd.diagnostics import Diagnostic, Span
from gdt2usd.script import ast, check_calls, check_language, check_names, check_objects, check_types
from gdt2usd.script.check_bodies import check_bodies
from gdt2usd.script.inference import Facts, infer
from gdt2usd.script.pause import paused_collection
from gdt2usd.script.reference import Reference, load

MAX_DIAGNOSTICS = 200
MAX_BODY_DEPTH = 3

Rule = Callable[[Facts], Iterator[Diagnostic]]

RULES: tuple[Rule, ...] = (
    check_names.unknown_type,
    check_names.undeclared_variable,
    check_names.redeclared_variable,
    check_names.unknown_command,
    check_names.deprecated_command,
    check_names.unknown_member,
    check_names.stats_of_treenode,
    check_names.spatial_of_treenode,
    check_names.method_written_to,
    check_names.called_variable,
    check_calls.wrong_count,
    check_calls.wrong_method_count,
    check_calls.wrong_kind,
    check_calls.distribution_arguments,
    check_calls.missing_stream,
    check_calls.connection_key,
    check_calls.colour_range,
    check_objects.created_class,
    check_objects.library_class,
    check_objects.tool_type,
    check_objects.known_property,
    check_objects.property_value,
    check_objects.drawn_once,
    check_types.number_plus_string,
    check_types.wrong_arithmetic,
    check_types.wrong_assignment,
    check_types.index_zero,
    check_types.loop_from_zero,
    check_types.assignment_as_condition,
    check_types.no_effect,
    check_types.single_quotes,
    check_types.method_argument,
    check_language.bare_return,
    check_language.function_definition,
    check_language.do_while,
    check_language.outside_loop,
    check_language.deprecated_loop,
)


def check(program: ast.Program) -> tuple[Diagnostic, ...]:
    """Every problem of a program and of the code bodies in it, in the order of the text."""
    with paused_collection():
        return _check(program, load(), depth=0)


def _check(program: ast.Program, reference: Reference, depth: int) -> tuple[Diagnostic, ...]:
    facts = infer(program, reference, is_body=depth > 0)
    found = [diagnostic for rule in RULES for diagnostic in islice(rule(facts), MAX_DIAGNOSTICS)]
    if depth < MAX_BODY_DEPTH:
        found += check_bodies(facts, lambda body: _check(body, reference, depth + 1))
    unique = dict.fromkeys(found)
    return tuple(sorted(unique, key=_position)[:MAX_DIAGNOSTICS])


def _position(diagnostic: Diagnostic) -> tuple[int, str]:
    return (diagnostic.where.start if isinstance(diagnostic.where, Span) else 0, diagnostic.code)
