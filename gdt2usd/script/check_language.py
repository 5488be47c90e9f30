"""Rules on statements that other languages have and FlexScript has not."""

from __future__ import annotations

from collections.abc import Iterator

from gdt2usd.diagnostics import Diagnostic, error, warning
from gdt2usd.script import ast
from gdt2usd.script.inference import Facts


def bare_return(facts: Facts) -> Iterator[Diagnostic]:
    """FS214: `return;` without a value."""
    for node in facts.all(ast.Return):
        if node.value is None:
            yield error("FS214", "return needs a value", node.span, "write return 0;")


def function_definition(facts: Facts) -> Iterator[Diagnostic]:
    """FS215: a function defined in a script."""
    for node in facts.all(ast.FunctionDefinition):
        hint = "write its code where it is used, or make a user command in the model"
        yield error("FS215", f"FlexScript has no function definitions ({node.name})", node.type.span.to(node.span), hint)


def do_while(facts: Facts) -> Iterator[Diagnostic]:
    """FS224: do ... while is not in FlexSim's reference."""
    for node in facts.all(ast.DoWhile):
        yield warning("FS224", "do ... while is not documented for FlexScript", node.span, "write while (...) { ... }")


def outside_loop(facts: Facts) -> Iterator[Diagnostic]:
    """FS228: break or continue where there is nothing to leave."""
    nodes: list[ast.Break | ast.Continue] = [*facts.all(ast.Break), *facts.all(ast.Continue)]
    for node in nodes:
        if not facts.loops.get(id(node), True):
            word = "break" if isinstance(node, ast.Break) else "continue"
            yield error("FS228", f"{word} stands outside a loop", node.span)


def deprecated_loop(facts: Facts) -> Iterator[Diagnostic]:
    """FS202: loops of old code."""
    for node in facts.all(ast.LegacyLoop):
        yield warning("FS202", f"{node.name} is deprecated", node.span, "write a for loop")
