"""Writes a script: greedy or sampled, only what `Grammar` allows, forced tokens without a choice, deterministic for a seed."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch

from gdt2usd.vlsm.guide import Guide
from gdt2usd.vlsm.lean import LeanVlsm
from gdt2usd.vlsm.model import Reading, Verdicts
from gdt2usd.vlsm.processor import Encoded
from gdt2usd.vlsm.script_tokens import END, FIRST_NUMBER, FIRST_OBJECT, MAX_NUMBERS, MAX_OBJECTS, TOKENS, Grammar

MAX_SCRIPT = 900


@dataclass(frozen=True, slots=True)
class Written:
    """A token sequence, the probability of each token among the allowed ones, and whether it ended by itself."""

    tokens: list[int]
    probabilities: list[float]
    finished: bool

    @property
    def log_probability(self) -> float:
        return sum(math.log(max(p, 1e-12)) for p in self.probabilities)


def write(
    network: LeanVlsm,
    encoded: Encoded,
    reading: Reading,
    *,
    temperature: float = 0.0,
    seed: int = 0,
    free: bool = False,
    guide: Guide | None = None,
    verdicts: Verdicts | None = None,
) -> Written:
    """One script for `encoded` as `network.read` read it; `temperature` 0 is greedy; `verdicts` go into the prefix.

    `guide` holds the choices to what the reader and the drawing say. What becomes too long is cut behind its last whole statement.
    `free` leaves the grammar out (for the ablation): tokens are taken as they come until the end token, grammar or not.
    """
    references = {FIRST_OBJECT + i for i in encoded.object_ids} | {FIRST_NUMBER + i for i in encoded.number_ids}
    grammar = Grammar(MAX_OBJECTS, MAX_NUMBERS)
    generator = torch.Generator().manual_seed(seed)
    logits = network.begin(encoded, reading, verdicts=verdicts, room=MAX_SCRIPT + 1)
    tokens: list[int] = []
    probabilities: list[float] = []
    complete = 0
    while len(tokens) < MAX_SCRIPT:
        allowed = list(range(len(TOKENS))) if free else sorted(grammar.allowed())
        allowed = [t for t in allowed if t < FIRST_OBJECT or t in references]
        if not allowed:
            break
        chosen = logits[allowed] if guide is None or free else logits[allowed] + guide.bias(grammar, allowed)
        shares = torch.softmax(chosen / (temperature or 1.0), 0)
        best = int(torch.multinomial(shares, 1, generator=generator)) if temperature else int(shares.argmax())
        token = allowed[best]
        tokens.append(token)
        probabilities.append(float(shares[best]))
        if not free:
            top = grammar.stack[-1]
            grammar.advance(token)
            if guide is not None:
                guide.advance(token, top, grammar)
        if token == END:
            return Written(tokens, probabilities, True)
        if not free and grammar.stack[-1] in ("BODY", "PARAMETERS", "PERCENT", "COUNT"):
            complete = len(tokens)
        logits = network.next(token)
    kept = len(tokens) if free else complete
    return Written(tokens[:kept], probabilities[:kept], False)
