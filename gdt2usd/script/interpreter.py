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

_FATAL = ("FS301", "FS302", "FS303")


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
        compiled = compile_program(program, BUILD, missing)
    except RecursionError:
        return Interpretation(export(model), (error("FS303", "the script is nested too deeply", program.span),))
    frame = Frame(model, compiled.slots, bounds)
    _run(compiled, frame)
    return Interpretation(export(model), tuple(frame.diagnostics), tuple(model.output))


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
