"""From training examples to padded batches: inputs of `Vlsm`, and truths for the script and the dense heads.

Lengths are padded to multiples of 32: free shapes cost memory and speed on a CPU. Not covered: making examples.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, fields

import torch
from torch import Tensor

from gdt2usd.training.targets import SLOTS, Example
from gdt2usd.vlsm.model import Batch
from gdt2usd.vlsm.processor import FIRST_PIECE, NAME_PIECES, PAD, Encoded
from gdt2usd.vlsm.script_tokens import CONNECTIONS, FAMILIES, FIRST_NUMBER, FIRST_OBJECT, KINDS, MAX_NUMBERS, ROLES

IGNORE = -100


@dataclass(slots=True)
class Truth:
    """script (B, S) next tokens; kinds (B, P), slots (B, P), owners (B, P) at input positions; IGNORE where none.

    roles, families, targets (B, P): of numbers, at input positions; a number of several owners has one of them by chance.
    relations (K, 4): (sample, index into `CONNECTIONS`, first reference, second); objects (M, 2): (sample, reference) declared.
    """

    script: Tensor
    kinds: Tensor
    slots: Tensor
    owners: Tensor
    roles: Tensor
    families: Tensor
    targets: Tensor
    relations: Tensor
    objects: Tensor

    def pin_memory(self) -> Truth:
        """In page-locked memory, from which a GPU copies without waiting; the data loader calls this."""
        return Truth(*(getattr(self, row.name).pin_memory() for row in fields(self)))


def _round(n: int, step: int = 32) -> int:
    return (n + step - 1) // step * step


def chosen_positions(tokens: list[int]) -> list[int]:
    """Positions of the input that go into the language model's prefix: everything but plain words."""
    return [at for at, token in enumerate(tokens) if token < FIRST_PIECE]


def collate_inputs(encoded: list[Encoded], scripts: list[list[int]]) -> Batch:
    """Batch of inputs and the script ids so far; the prefix is padded at its front, so that the script follows it at once."""
    b = len(encoded)
    p = _round(max(len(e.tokens) for e in encoded))
    picked = [chosen_positions(e.tokens) for e in encoded]
    q = _round(max(len(c) for c in picked), 16)
    tokens = torch.full((b, p), PAD, dtype=torch.long)
    boxes = torch.zeros(b, p, 4)
    names = torch.zeros(b, p, NAME_PIECES, dtype=torch.long)
    features = torch.zeros(b, p, 2, dtype=torch.long)
    roles = torch.full((b, p, 3), -1, dtype=torch.long)
    chosen = torch.full((b, q), -1, dtype=torch.long)
    script = torch.full((b, max(1, _round(max(len(x) for x in scripts), 16))), PAD, dtype=torch.long)
    for row, (e, written) in enumerate(zip(encoded, scripts, strict=True)):
        n = len(e.tokens)
        tokens[row, :n] = torch.tensor(e.tokens)
        boxes[row, :n] = torch.tensor(e.boxes)
        features[row, :n] = torch.tensor(e.features)
        roles[row, :n] = torch.tensor(e.roles)
        for at, pieces in enumerate(e.names):
            if pieces:
                names[row, at, : len(pieces)] = torch.tensor(pieces)
        chosen[row, q - len(picked[row]) :] = torch.tensor(picked[row])
        script[row, : len(written)] = torch.tensor(written, dtype=torch.long)
    length = torch.tensor([len(e.tokens) for e in encoded])
    return Batch(tokens, length, boxes, names, features, roles, chosen, script)


def collate(examples: list[Example]) -> tuple[Batch, Truth]:
    """A training batch."""
    batch = collate_inputs([e.encoded for e in examples], [e.target[:-1] for e in examples])
    b, p = batch.tokens.shape
    kinds, slots, owners, roles, families, targets = (torch.full((b, p), IGNORE) for _ in range(6))
    script = torch.full((b, batch.script.shape[1] + 1), IGNORE)
    none = torch.zeros(0, 4, dtype=torch.long)
    truth = Truth(script, kinds, slots, owners, roles, families, targets, none, none)
    relations: list[tuple[int, int, int, int]] = []
    objects: list[tuple[int, int]] = []
    for row, example in enumerate(examples):
        e = example.encoded
        truth.script[row, : len(example.target)] = torch.tensor(example.target)
        kind_of = {e.object_ids[i]: KINDS.index(k) for i, k in example.kinds}
        slot_of = {e.number_ids[i]: s for i, s in example.slots}
        owners_of: dict[int, list[int]] = {}
        for i, o in example.owners:
            owners_of.setdefault(e.number_ids[i], []).append(e.object_ids[o])
        owner_of = {k: random.choice(those) for k, those in owners_of.items()}
        role_of, family_of = dict(example.roles), dict(example.families)
        target_of = {i: e.object_ids[o] for i, o in example.targets}
        index_of = {reference: i for i, reference in enumerate(e.number_ids)}
        for at, token in enumerate(e.tokens):
            if FIRST_OBJECT <= token < FIRST_NUMBER:
                truth.kinds[row, at] = kind_of.get(token - FIRST_OBJECT, len(KINDS))
            elif FIRST_NUMBER <= token < FIRST_NUMBER + MAX_NUMBERS:
                reference = token - FIRST_NUMBER
                truth.slots[row, at] = slot_of.get(reference, len(SLOTS))
                truth.owners[row, at] = owner_of.get(reference, IGNORE)
                index = index_of[reference]
                truth.roles[row, at] = role_of.get(index, len(ROLES))
                truth.families[row, at] = family_of.get(index, len(FAMILIES))
                truth.targets[row, at] = target_of.get(index, IGNORE)
        objects += [(row, e.object_ids[i]) for i, _ in example.kinds]
        relations += [(row, CONNECTIONS.index(what), e.object_ids[a], e.object_ids[c]) for what, a, c in example.relations]
    truth.relations = torch.tensor(relations, dtype=torch.long).reshape(-1, 4)
    truth.objects = torch.tensor(objects, dtype=torch.long).reshape(-1, 2)
    return batch, truth
