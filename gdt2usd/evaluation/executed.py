"""A script as it runs: parsed, checked, interpreted, lowered; each step as far as it comes. Metrics are measured on this.

Not covered: simulating it (`esr`).
"""

from __future__ import annotations

from dataclasses import dataclass

from gdt2usd.diagnostics import Diagnostic, GdtError, errors
from gdt2usd.graph.model import ProcessGraph
from gdt2usd.script.model_tree import ModelTree
from gdt2usd.script.source import Script


@dataclass(frozen=True, slots=True)
class Executed:
    """`tree` is what the script built before it ended or failed (None: not FlexScript); `lowered` None if a step up to lowering
    had an error; `graph` None if any had, validation included: only a valid graph is simulated.
    """

    text: str
    tree: ModelTree | None
    graph: ProcessGraph | None
    diagnostics: tuple[Diagnostic, ...]
    lowered: ProcessGraph | None = None


def execute(text: str) -> Executed:
    """Run a script; never raises for a bad one."""
    from gdt2usd.graph.lower import lower
    from gdt2usd.graph.validate import validate
    from gdt2usd.script.checker import check
    from gdt2usd.script.interpreter import interpret
    from gdt2usd.script.parser import parse

    try:
        program = parse(Script(text, "2-script.fs", "vlsm"))
    except GdtError as problem:
        return Executed(text, None, None, problem.diagnostics)
    found = list(check(program))
    interpreted = interpret(program)
    found += interpreted.diagnostics
    if any(errors(found)):
        return Executed(text, interpreted.model, None, tuple(found))
    try:
        lowered = lower(interpreted.model)
    except GdtError as problem:
        return Executed(text, interpreted.model, None, (*found, *problem.diagnostics))
    found += lowered.diagnostics
    sound = None if any(errors(found)) else lowered.graph
    found += validate(lowered.graph)
    graph = None if any(errors(found)) else sound
    return Executed(text, interpreted.model, graph, tuple(found), sound)


def becomes_a_factory(script: Script) -> bool:
    """Whether a script passes check, interpretation and lowering, and its graph the rules without an error."""
    return execute(script.text).graph is not None


def truth_of(graph: ProcessGraph) -> Executed:
    """The truth as a script that ran: `emit`'s text of `graph`, so that both sides went the same way.

    Raises:
        GdtError: EV101, the truth itself does not run.
    """
    from gdt2usd.diagnostics import Place, error
    from gdt2usd.graph.emit import emit

    executed = execute(emit(graph))
    if executed.graph is None:
        raise GdtError([error("EV101", "the truth of this case does not run", Place("truth")), *executed.diagnostics])
    return executed
