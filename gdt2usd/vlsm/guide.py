"""Holds the writing to what was read: the dense heads' verdicts and the drawn links weigh on every choice of the language model.

Objects are declared in the order in which they stand in the input, each once, with the kinds that reader and language model find
together; numbers are spent on the object and the parameter that the reader says they belong to, in their own units; drawn
arrows count for a link and missing ones against. Weights are nats added to the language model's logits.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import torch
from torch import Tensor

from gdt2usd.vlsm.mentions import PROMPT
from gdt2usd.vlsm.model import Reading
from gdt2usd.vlsm.numbers import TIME_UNITS
from gdt2usd.vlsm.processor import Encoded, Evidence, Stroke
from gdt2usd.vlsm.script_tokens import (
    CONNECTIONS,
    END,
    FIRST_NUMBER,
    FIRST_OBJECT,
    KINDS,
    MAX_NUMBERS,
    PARAMETERS,
    SUFFIXES,
    TOKENS,
    Grammar,
)

SLOT_OF = {
    "interarrival": "interarrival_time_s", "process": "process_time_s", "setup": "setup_time_s",
    "failure": "breakdown.time_to_failure_s", "repair": "breakdown.time_to_repair_s", "capacity": "capacity", "batch": "batching",
    "batch_wait": "batching", "components": "components", "quantity": "quantity", "length": "length_m", "speed": "speed_m_s",
    "dwell": "dwell_time_s", "load": "load_time_s", "unload": "unload_time_s", "move": "move_time_s",
}  # fmt: skip
NEVER = -30.0
UNLIKELY = -4.0
DRAWN = 5.0
POSSIBLE_OWNER = 0.2
Key = tuple[int, int]


@dataclass(slots=True)
class Guide:
    """Biases for one reading; call `bias` before and `advance` after each choice."""

    encoded: Encoded
    order: list[int]
    kinds: dict[int, list[float]]
    slot: dict[int, str]
    owners: dict[int, list[float]]
    arrows: set[tuple[int, int]]
    lines: set[frozenset[int]]
    told: bool
    spent: set[int] = field(default_factory=set)
    current: Key | None = None
    parameter: str = ""
    kind: str = ""
    last_number: int | None = None

    def waiting(self, grammar: Grammar) -> list[int]:
        """References that are still to be declared, in order."""
        declared = {key[0] for key in grammar.declared}
        return [reference for reference in self.order if reference not in declared]

    def owned(self, slot: str | None, *, surely: bool = False) -> list[int]:
        """Numbers (references) not yet spent that may belong to the current object, for `slot` if given."""
        if self.current is None:
            return []
        out = []
        for reference, shares in self.owners.items():
            said = self.slot.get(reference)
            if said is None or (slot is not None and said != slot) or (reference in self.spent and surely):
                continue
            share = shares[self.current[0]]
            if share == max(shares) if surely else share >= POSSIBLE_OWNER:
                out.append(reference)
        return out

    def bias(self, grammar: Grammar, allowed: list[int]) -> Tensor:
        """Nats to add to the logits of `allowed`."""
        waiting = self.waiting(grammar)
        top = grammar.stack[-1] if grammar.stack else ""
        surely = {self.slot[r] for r in self.owned(None, surely=True)} if top in {"PARAMETERS", "NEW_SUFFIX"} else set()
        return torch.tensor([self._one(token, TOKENS[token], top, waiting, surely, grammar) for token in allowed])

    def _one(self, token: int, text: str, top: str, waiting: list[int], surely: set[str], grammar: Grammar) -> float:
        if text in KINDS:
            leave = UNLIKELY if surely else 0.0
            if not waiting:
                return NEVER if self.current is None or not self.current[1] else leave + UNLIKELY
            return leave + self.kinds[waiting[0]][KINDS.index(text)]
        if text in PARAMETERS:
            return self._parameter(text, surely)
        if token == END or text in CONNECTIONS:
            ready = NEVER if waiting else UNLIKELY if surely else 0.0
            return ready + (UNLIKELY if token == END and self._undrawn(grammar) else 0.0)
        if text in SUFFIXES:
            return -1.0 if top == "NEW_SUFFIX" else 0.0
        if FIRST_OBJECT <= token < FIRST_NUMBER:
            return self._object(token - FIRST_OBJECT, top, waiting, grammar)
        if FIRST_NUMBER <= token < FIRST_NUMBER + MAX_NUMBERS:
            return self._number(token - FIRST_NUMBER)
        if text.startswith("u:"):
            return self._unit(text[2:])
        return 0.0

    def _parameter(self, text: str, surely: set[str]) -> float:
        slot = SLOT_OF.get(text)
        if slot is None:
            return 0.0
        if slot in surely:
            return 2.0
        return UNLIKELY if self.owned(slot) else NEVER / 3

    def _object(self, reference: int, top: str, waiting: list[int], grammar: Grammar) -> float:
        if top != "ENTITY":
            again = self.current is not None and self.current[1] > 0 and reference == self.current[0]
            return 0.0 if (waiting and reference == waiting[0]) or again else NEVER
        if not self.told or grammar._connection != "link":
            return 0.0
        first = grammar._entity
        if first is None:
            return 0.0 if any(a == reference for a, _ in self.arrows) or any(reference in pair for pair in self.lines) else UNLIKELY
        if (first[0], reference) in self.arrows:
            return DRAWN
        if (reference, first[0]) in self.arrows:
            return UNLIKELY
        return DRAWN - 1.0 if frozenset((first[0], reference)) in self.lines else UNLIKELY

    def _undrawn(self, grammar: Grammar) -> bool:
        """Whether a drawn arrow between declared objects is still unsaid."""
        said = {(a[0], b[0]) for _, a, b in grammar._links}
        declared = {key[0] for key in grammar.declared}
        return any(pair not in said and set(pair) <= declared for pair in self.arrows)

    def _number(self, reference: int) -> float:
        slot = SLOT_OF.get(self.parameter)
        if slot is None:
            return 0.0
        wanted = self.owned(slot)
        fresh = [r for r in wanted if r not in self.spent]
        if reference in fresh:
            return 1.0 if reference == fresh[0] else 0.0
        if reference in wanted and not fresh:
            return 0.0
        return UNLIKELY if not wanted else 2 * UNLIKELY

    def _unit(self, unit: str) -> float:
        if self.last_number is None:
            return 0.0
        own = self.encoded.numbers[self.encoded.number_ids.index(self.last_number)].number.unit
        if own not in TIME_UNITS:
            return 0.0
        return 0.0 if unit in (own, f"per_{own}") else NEVER

    def advance(self, token: int, top: str, grammar: Grammar) -> None:
        """Take note of a choice; `top` is what the grammar expected, `grammar` is already advanced."""
        text = TOKENS[token]
        if text in PARAMETERS:
            self.parameter = text
        elif text in CONNECTIONS or text in KINDS or token == END:
            self.parameter = ""
            if text in CONNECTIONS:
                self.current = None
        elif FIRST_NUMBER <= token < FIRST_NUMBER + MAX_NUMBERS:
            self.last_number = token - FIRST_NUMBER
            self.spent.add(self.last_number)
        elif FIRST_OBJECT <= token < FIRST_NUMBER and top != "ENTITY":
            self.current = (token - FIRST_OBJECT, 0)
        elif text in SUFFIXES and top == "NEW_SUFFIX" and self.current is not None:
            self.current = (self.current[0], int(text[1:]))


def guide_of(encoded: Encoded, reading: Reading, evidence: Evidence, slots: tuple[str, ...]) -> Guide:
    """What the reader and the drawing say about this input."""
    kinds = torch.log_softmax(reading.kinds, -1)
    owners = torch.softmax(reading.owners, -1)
    number_slots = torch.softmax(reading.slots, -1)
    kind_of: dict[int, list[Tensor]] = {}
    slot: dict[int, str] = {}
    owner: dict[int, list[float]] = {}
    for at, token in enumerate(encoded.tokens):
        if FIRST_OBJECT <= token < FIRST_NUMBER:
            kind_of.setdefault(token - FIRST_OBJECT, []).append(kinds[at])
        elif FIRST_NUMBER <= token < FIRST_NUMBER + MAX_NUMBERS and token - FIRST_NUMBER not in owner:
            best = int(number_slots[at].argmax())
            owner[token - FIRST_NUMBER] = owners[at].tolist()
            if best < len(slots):
                slot[token - FIRST_NUMBER] = slots[best]
    mean = {reference: torch.stack(rows).mean(0).tolist() for reference, rows in kind_of.items()}
    order = [r for r in kind_of if mean[r][-1] < math.log(0.5)]
    placed = [(i, p.source) for i, named in enumerate(encoded.objects) for p in named.places if p.source != PROMPT]
    reference_of = {source: encoded.object_ids[i] for i, source in placed}
    arrows: set[tuple[int, int]] = set()
    lines: set[frozenset[int]] = set()
    for link in evidence.links:
        a, b = reference_of.get(link.upstream), reference_of.get(link.downstream)
        if a is None or b is None or a == b or link.stroke is Stroke.DASHED:
            continue
        if link.stroke is Stroke.ARROW:
            arrows.add((a, b))
        else:
            lines.add(frozenset((a, b)))
    return Guide(encoded, order, mean, slot, owner, arrows, lines, len(arrows) + len(lines) >= 2)
