"""Mutates scripts, has them parsed, checked, printed, run and lowered: `python -m tests.script_frontend.fuzz [COUNT] [SEED]`.

Every mutant must give a graph or diagnostics, in bounded time: no exception, no hang, no diagnostic without text or place.
"""

from __future__ import annotations

import random
import re
import sys
import time
from dataclasses import dataclass

from gdt2usd.diagnostics import Diagnostic, GdtError, Severity, Span
from gdt2usd.graph.lower import lower
from gdt2usd.script.ast import Program
from gdt2usd.script.checker import check
from gdt2usd.script.interpreter import interpret
from gdt2usd.script.interpreter_frame import Limits
from gdt2usd.script.parser import parse
from gdt2usd.script.printer import print_program
from gdt2usd.script.source import Script
from tests.script_frontend.scripts import ALL

_WORD = re.compile(r"\w+|\s+|[^\w\s]")
_SPLICES = (
    *"{}()[];,?:\"'/\\\n#%$@.+-=\0\x7f\ufeffé“\r",
    *(
        "?.",
        "/*",
        "*/",
        "//",
        "#define X ",
        "0x",
        "1e999",
        "99999999999999999999999",
        "..",
        "::",
        "++",
        "&&",
        "==",
        "[1, 2",
        '"\\',
        "/x/g",
    ),
    *(
        "return",
        "else",
        "if (",
        "for (;;)",
        "await ",
        "switch (1) {",
        "case 1:",
        "Object ",
        "int x = ",
        "x = ",
        "(int)",
        "exponential(",
    ),
    *('Object.create("Queue")', '.setProperty("ProcessTime", "return ;")', 'Model.find("X").stats'),
)
SLOW_S = 5.0  # of processor time: other work on the machine makes no failure
LIMITS = Limits(steps=2_000, objects=500, memory=4_000_000, seconds=1.0)


@dataclass(frozen=True)
class Failure:
    """A mutant that broke the rules, and how."""

    text: str
    why: str


def mutant(rng: random.Random) -> str:
    """A script with one to eight mutations: words dropped, doubled, swapped, replaced; fragments put in; scripts spliced."""
    text = rng.choice(ALL)
    for _ in range(rng.choice((1, 1, 2, 3, 5, 8))):
        words = _WORD.findall(text)
        if not words:
            return text
        at, to = rng.randrange(len(words)), rng.randrange(len(words))
        match rng.randrange(8):
            case 0:
                del words[at]
            case 1:
                words.insert(at, words[at])
            case 2:
                words[at], words[to] = words[to], words[at]
            case 3:
                words.insert(at, rng.choice(_SPLICES))
            case 4:
                words[at] = rng.choice(_SPLICES)
            case 5:
                del words[min(at, to) : max(at, to)]
            case 6:
                words[at:at] = _WORD.findall(rng.choice(ALL))[: rng.randrange(60)]
            case _:
                words[at:at] = [rng.choice(_SPLICES)] * rng.choice((2, 30, 400))
        text = "".join(words)
    return text


def examine(text: str) -> str:
    """What is wrong with how `text` is taken; "" if nothing."""
    began = time.process_time()
    try:
        program = parse(Script(text))
    except GdtError as problem:
        why = _judge(problem.diagnostics, text) or (
            "" if any(d.severity is Severity.ERROR for d in problem.diagnostics) else "no error"
        )
    else:
        why = _judge(check(program), text)
        if not why and parse(Script(print_program(program))).statements != program.statements:
            why = "printing changed the tree"
        why = why or _judge(_of_run(program), text)
    took = time.process_time() - began
    return why or (f"took {took:.1f} s" if took > SLOW_S else "")


def _of_run(program: Program) -> tuple[Diagnostic, ...]:
    """What running and lowering say; diagnostics without a place in the text are left out."""
    interpretation = interpret(program, LIMITS)
    found = (*interpretation.diagnostics, *lower(interpretation.model).diagnostics)
    return tuple(d for d in found if isinstance(d.where, Span))


def _judge(diagnostics: tuple[Diagnostic, ...], text: str) -> str:
    for diagnostic in diagnostics:
        where = diagnostic.where
        if not diagnostic.message:
            return f"{diagnostic.code} without a message"
        if not isinstance(where, Span) or not 0 <= where.start <= where.end <= len(text) + 1 or where.line < 1 or where.column < 1:
            return f"{diagnostic.code} at {where}"
    return ""


def fuzz(count: int, seed: int) -> list[Failure]:
    """Examine `count` mutants; the failures."""
    rng = random.Random(seed)
    failures = []
    for _ in range(count):
        text = mutant(rng)
        try:
            why = examine(text)
        except Exception as problem:
            why = f"{type(problem).__name__}: {problem}"
        if why:
            failures.append(Failure(text, why))
    return failures


if __name__ == "__main__":
    number, start = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000, int(sys.argv[2]) if len(sys.argv) > 2 else 1
    begin = time.perf_counter()
    found = fuzz(number, start)
    for failure in found[:5]:
        print(f"--- {failure.why}\n{failure.text}")
    print(f"{number} mutants, {len(found)} failures, {time.perf_counter() - begin:.1f} s")
    raise SystemExit(bool(found))
