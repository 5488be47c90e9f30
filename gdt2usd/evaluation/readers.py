"""Readers that the suite can ask: a checkpoint's network, whole or with a part taken away, and the rules.

Not covered: what a reader may be (`suite.Reader`).
"""

from __future__ import annotations

from dataclasses import replace

from gdt2usd.evaluation.suite import Reader
from gdt2usd.sketch.sketch import Sketch

WITHOUT = ("sketch", "labels", "constraint", "repair")


def network_reader(model: str, *, seed: int = 1, without: frozenset[str] = frozenset()) -> Reader:
    """The network of a shipped model or folder; `without` names parts of `WITHOUT` to leave out.

    Raises:
        GdtError: VL101, the model cannot be loaded.
    """
    from gdt2usd.evaluation.executed import becomes_a_factory
    from gdt2usd.vlsm.checkpoint import load
    from gdt2usd.vlsm.read import read_script

    checkpoint = load(model)
    constrained = "constraint" not in without

    def read(sketch: Sketch | None, prompt: str) -> str:
        if sketch is not None and "labels" in without:
            sketch = replace(sketch, labels=())
        shown = None if "sketch" in without else sketch
        try:
            done = read_script(
                checkpoint, shown, prompt, seed=seed, repair="repair" not in without, constrained=constrained,
                accepts=becomes_a_factory,
            )  # fmt: skip
        except (KeyError, IndexError, ValueError, StopIteration):
            if constrained:
                raise
            return ""  # a token sequence without grammar need not say anything
        return done.script.text

    return read


def rules_reader() -> Reader:
    """The rule-based baseline."""
    from gdt2usd.evaluation.rules import script_by_rules

    return script_by_rules
