"""Asks a person in a terminal about what is doubtful, one thing at a time; the reading is the default.

Not covered: what an answer does (`gdt2usd.doubts`, `gdt2usd.graph.settle`).
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from . import console

if TYPE_CHECKING:
    from gdt2usd.doubts import Doubt
    from gdt2usd.graph.model import ProcessGraph

_QUIT = ("q", "quit", "exit")


def is_terminal() -> bool:
    """Whether somebody can be asked."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def ask_doubts(doubts: Sequence[Doubt], graph: ProcessGraph) -> list[str]:
    """Answers `N=VALUE` to the open doubts; `q` or the end of the input leaves the rest open."""
    console.print_text(f"\n{len(doubts)} to check. Return keeps the reading in brackets, - leaves it open, q stops asking.")
    answers: list[str] = []
    for place, doubt in enumerate(doubts, 1):
        given = _ask(doubt, f"{place}/{len(doubts)}", graph, doubts)
        if given is None:
            break
        if given:
            answers.append(given)
    if answers:
        told = " ".join(f"--answer {_quoted(a)}" for a in answers)
        console.print_text(f"\nthe same without asking: {told}\n")
    return answers


def _quoted(text: str) -> str:
    import shlex

    return shlex.quote(text)


def _ask(doubt: Doubt, place: str, graph: ProcessGraph, doubts: Sequence[Doubt]) -> str | None:
    """One answer, "" if it is left open, None to stop."""
    from gdt2usd.diagnostics import GdtError
    from gdt2usd.doubts import settings_of
    from gdt2usd.graph.settle import settle

    addable = [d.subject for d in doubts if d.code == "VL303"]
    console.print_text(f"\n{place}  {doubt.question}")
    if doubt.alternatives:
        console.print_text(f"      perhaps {', '.join(doubt.alternatives)}")
    while True:
        sure = f", {doubt.confidence:.0%} sure" if doubt.confidence is not None else ""
        prompt = f"      {doubt.key + ' ' if doubt.key else ''}[{doubt.value}{sure}] "
        try:
            line = input(console.printable(prompt)).strip()
        except EOFError:
            console.print_text()
            return None
        if line.lower() in _QUIT:
            return None
        if line == "-":
            return ""
        answer = f"{doubt.number}={line or 'ok'}"
        try:
            settle(graph, settings_of([doubt], [answer])[0], addable)
        except GdtError as problem:
            console.print_text(
                "      " + "; ".join(f"{d.message}" + (f" ({d.hint})" if d.hint else "") for d in problem.diagnostics)
            )
            continue
        return answer
