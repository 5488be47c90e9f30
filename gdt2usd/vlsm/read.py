"""Sketch and prompt to FlexScript: understand, write, hold against the evidence, write again if needed, mend, report doubts.

Alternatives come from other numberings of the references (the network was trained under random numberings, so each is an
independent reading). Not covered: checking, interpreting and simulating what was written (the pipeline).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial

import numpy as np

from gdt2usd.diagnostics import Diagnostic, GdtError, Place, error, warning
from gdt2usd.script.source import Script
from gdt2usd.sketch.sketch import Sketch
from gdt2usd.vlsm.checkpoint import Checkpoint
from gdt2usd.vlsm.decoding import Written, write
from gdt2usd.vlsm.guide import guide_of
from gdt2usd.vlsm.lean import LeanVlsm, on_one_thread
from gdt2usd.vlsm.processor import Encoded, Evidence, encode
from gdt2usd.vlsm.render import Draft, read_tokens, render
from gdt2usd.vlsm.repair import Misfit, counting_numbers, doubts, mend, misfit, misfit_findings, spent_numbers
from gdt2usd.vlsm.said import Said, said_of, verdicts_of
from gdt2usd.vlsm.sanity import is_beside, is_heading, is_title, means_several, plausible
from gdt2usd.vlsm.stated import Stated, stated
from gdt2usd.vlsm.understand import understand

READINGS = 5
BUDGET_S = 60.0
"""No further reading is begun after this long. It is no part of the result: `READINGS` ends the search everywhere but on a
machine that has stopped, so that one input is read alike on every machine."""
MISFIT_COST = 3.0
"""One point of misfit weighs as much as this many nats of log-probability."""


@dataclass(frozen=True, slots=True)
class ReadScript:
    """The script as read, what it was read from, and what to check. `tried` counts the readings that were compared."""

    script: Script
    draft: Draft
    evidence: Evidence
    encoded: Encoded
    written: Written
    diagnostics: tuple[Diagnostic, ...]
    tried: int
    found: Misfit
    said: Said


@dataclass(frozen=True, slots=True)
class _Candidate:
    draft: Draft
    mended: Draft
    mends: list[Diagnostic]
    written: Written
    encoded: Encoded
    said: Said
    found: Misfit
    accepted: bool

    @property
    def cost(self) -> float:
        unfinished = 0.0 if self.written.finished else 100.0
        refused = 0.0 if self.accepted else 50.0
        return MISFIT_COST * self.found.score - self.written.log_probability + unfinished + refused


@dataclass(slots=True)
class _Reader:
    """Reads one input under as many reference numberings as asked for."""

    checkpoint: Checkpoint
    evidence: Evidence
    seed: int

    def encoding(self, number: int) -> Encoded:
        rng = np.random.default_rng([self.seed, number])
        buckets = self.checkpoint.network.config.name_buckets
        return encode(self.evidence, self.checkpoint.pieces, buckets, partial(_permuted, rng))

    def left_out(self, encoded: Encoded, said: Said, told: Stated) -> frozenset[int]:
        """Names that are no objects, whatever the network thinks of them."""
        evidence, slots = self.evidence, self.checkpoint.network.config.slots
        return frozenset(
            i
            for i in range(len(evidence.objects))
            if means_several(evidence.objects, i)
            or is_title(evidence, i)
            or is_heading(evidence, encoded, said, slots, i)
            or is_beside(evidence, encoded, said, slots, told, i)
        )

    def candidate(self, number: int, accepts: Callable[[Script], bool], *, constrained: bool) -> _Candidate:
        """One script, read and written under the numbering `number`."""
        network, encoded = self.checkpoint.network, self.encoding(number)
        reading = network.read(encoded)
        slots = network.config.slots
        told = stated(self.evidence, encoded)
        said = plausible(said_of(encoded, reading), encoded, self.evidence, slots, told)
        guide = guide_of(encoded, said, slots, self.left_out(encoded, said, told), told) if constrained else None
        written = write(network, encoded, reading, free=not constrained, guide=guide, verdicts=verdicts_of(encoded, said))
        draft = read_tokens(written.tokens, encoded)
        spent = spent_numbers(draft) | counting_numbers(draft, encoded, said, slots)
        found = misfit(draft, self.evidence, encoded, spent, said)
        mended, mends = mend(draft, self.evidence, said)
        return _Candidate(draft, mended, mends, written, encoded, said, found, accepts(_script_of(mended)))


def _permuted(rng: np.random.Generator, n: int) -> list[int]:
    return [int(i) for i in rng.permutation(n)]


def _script_of(draft: Draft) -> Script:
    return Script(render(draft), "2-script.fs", "vlsm")


def read_script(
    checkpoint: Checkpoint,
    sketch: Sketch | None,
    prompt: str,
    *,
    seed: int = 0,
    repair: bool = True,
    constrained: bool = True,
    budget_s: float = BUDGET_S,
    accepts: Callable[[Script], bool] = lambda script: True,
) -> ReadScript:
    """The FlexScript for a sketch (with labels) and a prompt; one of them may be missing.

    `accepts` says whether a script can become a factory (checked, interpreted, lowered); a reading that cannot is the last choice.

    Raises:
        GdtError: VL201, neither names a station.
    """
    with on_one_thread() if isinstance(checkpoint.network, LeanVlsm) else nullcontext():
        evidence = understand(checkpoint, sketch, prompt)
        return write_script(
            checkpoint, evidence, seed=seed, repair=repair, constrained=constrained, budget_s=budget_s, accepts=accepts
        )


def write_script(
    checkpoint: Checkpoint,
    evidence: Evidence,
    *,
    seed: int = 0,
    repair: bool = True,
    constrained: bool = True,
    budget_s: float = BUDGET_S,
    accepts: Callable[[Script], bool] = lambda script: True,
) -> ReadScript:
    """As `read_script`, from what was read of sketch and prompt before.

    Raises:
        GdtError: VL201, nothing is named.
    """
    if not evidence.objects:
        hint = "write the names of the stations beside their boxes, or name them in the prompt"
        raise GdtError([error("VL201", "no station is named in the sketch or in the prompt", Place("input"), hint)])
    start = time.monotonic()
    reader = _Reader(checkpoint, evidence, seed)
    best = reader.candidate(0, accepts, constrained=constrained)
    tried = 1
    while repair and not (best.accepted and best.written.finished) and tried < READINGS and time.monotonic() - start < budget_s:
        other = reader.candidate(tried, accepts, constrained=constrained)
        tried += 1
        if other.cost < best.cost:
            best = other
    draft, findings = (best.mended, list(best.mends)) if repair else (best.draft, [])
    findings += doubts(draft, best.written)
    findings += misfit_findings(best.found, draft, evidence, best.encoded)
    if best.encoded.truncated:
        findings.append(warning("VL202", "the prompt is longer than the network reads; its end was left out", Place("prompt")))
    if not best.written.finished:
        findings.append(warning("VL203", "the script became too long and was cut", Place("2-script.fs")))
    return ReadScript(_script_of(draft), draft, evidence, best.encoded, best.written, tuple(findings), tried, best.found, best.said)
