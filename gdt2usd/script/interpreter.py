"""Runs a script against an empty FlexSim model, in a sandbox: no files, no network, no Python, bounded in time and space.

A statement that fails is reported and the next top-level statement goes on, so that one run reports many mistakes.
Not covered: syntax (`parser`), names and types before running (`checker`), what the model means (`graph.lower`).
"""

from __future__ import annotations

from dataclasses import dataclass

from gdt2usd.diagnostics import Diagnostic, Severity, error
from gdt2usd.script import ast
from gdt2usd.script.interpreter_build import BUILD, missing
from gdt2usd.script.interpreter_compile import RETURN, Compiled, compile_program
from gdt2usd.script.interpreter_export import export
from gdt2usd.script.interpreter_frame import Frame, Limits
from gdt2usd.script.interpreter_model import Model
from gdt2usd.script.interpreter_values import ScriptFault
from gdt2usd.script.model_tree import ModelTree
from gdt2usd.script.pause import paused_collection

_FATAL = ("FS301", "FS302", "FS303")
_MANY = 3
_EMPTY = "a script is read against an empty model: create them first, with Object.create() and .name"


@dataclass(frozen=True, slots=True)
class Interpretation:
    """What a script built, what was found wrong while it ran, and the lines it printed."""

    model: ModelTree
    diagnostics: tuple[Diagnostic, ...]
    output: tuple[str, ...] = ()


def interpret(program: ast.Program, limits: Limits | None = None) -> Interpretation:
    """Run `program` against an empty model. Never raises: errors are in the diagnostics, the model holds what was built."""
    bounds = limits or Limits()
    model = Model(bounds)
    try:
        with paused_collection():
            compiled = compile_program(program, BUILD, missing)
    except RecursionError:
        return Interpretation(export(model), (error("FS303", "the script is nested too deeply", program.span),))
    frame = Frame(model, compiled.slots, bounds)
    with paused_collection():  # what a script makes in all is bounded, garbage or not
        _run(compiled, frame)
    return Interpretation(export(model), _with_seed(model, frame.diagnostics), tuple(model.output))


def _with_seed(model: Model, found: list[Diagnostic]) -> tuple[Diagnostic, ...]:
    """What was found, where a script that works on an open model is told so once instead of at every use of what it lacks."""
    made = {child.name for child in model.root.children}
    lacking = {name: span for name, span in model.missing.items() if name not in made}
    failed = [d for d in found if d.code == "FS315"]
    nulls = [d for d in failed if "did you mean" not in d.hint]
    if not lacking or (failed and len(nulls) < _MANY) or any(d.code in _FATAL for d in found):
        return tuple(found)
    names = ", ".join(f'"{name}"' for name in list(lacking)[:5]) + (f" and {len(lacking) - 5} more" if len(lacking) > 5 else "")
    where = next(iter(lacking.values()))
    if not nulls:
        hint = "if they belong to an open model, what depends on them is left out here"
        return (
            *found,
            Diagnostic("FS330", Severity.INFO, f"the script looks for objects that it does not create: {names}", where, hint),
        )
    message = f"the script expects objects of an open model: {names}; {len(nulls)} uses of them fail here"
    near = model.near(next(iter(lacking)))
    hint = f"did you mean '{near}'? An object is called by its class and a number until its .name is set" if near else _EMPTY
    return (*(d for d in found if d not in nulls), Diagnostic("FS330", Severity.ERROR, message, where, hint))


def _run(compiled: Compiled, frame: Frame) -> None:
    for step, span in compiled.steps:
        try:
            frame.check_clock()
            if step(frame) == RETURN:
                return
        except ScriptFault as fault:
            frame.report(Severity.ERROR, fault.code, fault.message, fault.hint, fault.span or span)
            if fault.code in _FATAL:
                return
        except ArithmeticError:
            frame.report(Severity.ERROR, "FS326", "the numbers have become too large", "", span)
        except RecursionError:
            frame.report(Severity.ERROR, "FS303", "the script is nested too deeply", "", span)
            return
        except MemoryError:
            frame.report(Severity.ERROR, "FS303", "the script needs more memory than there is", "", span)
            return


__all__ = ["Interpretation", "Limits", "interpret"]
