"""What the reader says in terms of the input's objects and numbers, whatever reference numbers they were given."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from gdt2usd.vlsm.model import Reading, Verdicts
from gdt2usd.vlsm.processor import Encoded
from gdt2usd.vlsm.script_tokens import FIRST_NUMBER, FIRST_OBJECT, KINDS, MAX_NUMBERS


@dataclass(frozen=True, slots=True)
class Said:
    """Of N objects and M numbers, by their index in the input.

    kinds (N, K + 1) log shares, the last is "no object"; slots (M, S + 1) shares, the last is "no parameter";
    owners, targets (M, N) shares; roles (M, ROLES + 1) and families (M, FAMILIES + 1) log shares, the last for none;
    relations (R, N, N) logits of each of `CONNECTIONS` from the first object to the second.
    """

    kinds: Tensor
    slots: Tensor
    owners: Tensor
    targets: Tensor
    roles: Tensor
    families: Tensor
    relations: Tensor

    def no_object(self, index: int) -> float:
        """Log share of the verdict that the name is no object of the line."""
        return float(self.kinds[index, len(KINDS)])

    def no_parameter(self, index: int) -> float:
        """Share of the verdict that the number is no parameter."""
        return float(self.slots[index, -1])


def said_of(encoded: Encoded, reading: Reading) -> Said:
    """One reading (without a batch dimension) in the input's own terms; several places of an object or number are averaged."""
    tokens = torch.tensor(encoded.tokens)
    ids = torch.tensor(encoded.object_ids, dtype=torch.long)
    number_ids = torch.tensor(encoded.number_ids, dtype=torch.long)
    at_object = (tokens[:, None] == FIRST_OBJECT + ids[None]).float()  # (P, N)
    at_number = (tokens[:, None] == FIRST_NUMBER + number_ids[None]).float()  # (P, M)
    of_number = at_number.T / at_number.sum(0).clamp(min=1)[:, None]  # (M, P)
    kinds = at_object.T @ torch.log_softmax(reading.kinds, -1) / at_object.sum(0).clamp(min=1)[:, None]
    absent = at_object.sum(0) == 0  # cut off with the end of a long prompt
    kinds[absent] = -20.0
    kinds[absent, len(KINDS)] = 0.0
    return Said(
        kinds,
        of_number @ torch.softmax(reading.slots, -1),
        of_number @ torch.softmax(reading.owners[:, ids], -1),
        of_number @ torch.softmax(reading.targets[:, ids], -1),
        of_number @ torch.log_softmax(reading.roles, -1),
        of_number @ torch.log_softmax(reading.families, -1),
        reading.relations[:, ids][:, :, ids],
    )


def verdicts_of(encoded: Encoded, said: Said) -> Verdicts:
    """The likeliest classes at the places of names and numbers, as the language model's prefix takes them."""
    n = len(encoded.tokens)
    out = Verdicts(torch.full((n,), -1), torch.full((n,), -1), torch.full((n,), -1))
    object_at = {FIRST_OBJECT + reference: i for i, reference in enumerate(encoded.object_ids)}
    number_at = {FIRST_NUMBER + reference: i for i, reference in enumerate(encoded.number_ids)}
    for at, token in enumerate(encoded.tokens):
        if token in object_at:
            out.kinds[at] = int(said.kinds[object_at[token]].argmax())
        elif FIRST_NUMBER <= token < FIRST_NUMBER + MAX_NUMBERS:
            index = number_at[token]
            slot = int(said.slots[index].argmax())
            out.slots[at] = slot
            if slot < said.slots.shape[1] - 1 and len(encoded.object_ids):
                out.owners[at] = encoded.object_ids[int(said.owners[index].argmax())]
    return out
