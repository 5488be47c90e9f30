"""From training examples to padded batches: inputs of `Vlsm`, and truths for the script and the dense heads.

Lengths are padded to multiples of 32: free shapes cost memory and speed on a CPU. Not covered: making examples.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from gdt2usd.training.targets import SLOTS, Example
from gdt2usd.vlsm.model import Batch
from gdt2usd.vlsm.processor import NAME_PIECES, PAD
from gdt2usd.vlsm.script_tokens import FIRST_NUMBER, FIRST_OBJECT, KINDS, MAX_NUMBERS

IGNORE = -100


@dataclass(slots=True)
class Truth:
    """script (B, S) next tokens; kinds (B, P), slots (B, P), owners (B, P) at input positions; IGNORE where none.

    links (K, 3): (sample, upstream reference, downstream reference); objects (M, 2): (sample, reference) that are declared.
    """

    script: Tensor
    kinds: Tensor
    slots: Tensor
    owners: Tensor
    links: Tensor
    objects: Tensor


def _round(n: int) -> int:
    return (n + 31) // 32 * 32


def collate_inputs(encoded: list[tuple[list[int], Example]]) -> Batch:
    """Batch of (script ids so far, example) pairs."""
    b = len(encoded)
    p = max(len(e.encoded.tokens) for _, e in encoded)
    t = _round(max(len(e.encoded.tokens) + len(script) for script, e in encoded))
    tokens = torch.full((b, t), PAD, dtype=torch.long)
    boxes = torch.zeros(b, p, 4)
    names = torch.zeros(b, p, NAME_PIECES, dtype=torch.long)
    features = torch.zeros(b, p, 2, dtype=torch.long)
    prefix = torch.zeros(b, dtype=torch.long)
    length = torch.zeros(b, dtype=torch.long)
    for row, (script, example) in enumerate(encoded):
        e = example.encoded
        n = len(e.tokens)
        tokens[row, : n + len(script)] = torch.tensor(e.tokens + script)
        boxes[row, : len(e.boxes)] = torch.tensor(e.boxes)
        features[row, : len(e.features)] = torch.tensor(e.features)
        for at, pieces in enumerate(e.names):
            if pieces:
                names[row, at, : len(pieces)] = torch.tensor(pieces)
        prefix[row], length[row] = n, n + len(script)
    return Batch(tokens, prefix, length, boxes, names, features)


def collate(examples: list[Example]) -> tuple[Batch, Truth]:
    """A training batch."""
    batch = collate_inputs([(e.target[:-1], e) for e in examples])
    b, p = batch.boxes.shape[:2]
    s = _round(max(len(e.target) for e in examples))
    truth = Truth(
        torch.full((b, s), IGNORE),
        torch.full((b, p), IGNORE),
        torch.full((b, p), IGNORE),
        torch.full((b, p), IGNORE),
        torch.zeros(0, 3, dtype=torch.long),
        torch.zeros(0, 2, dtype=torch.long),
    )
    links: list[tuple[int, int, int]] = []
    objects: list[tuple[int, int]] = []
    for row, example in enumerate(examples):
        e = example.encoded
        truth.script[row, : len(example.target)] = torch.tensor(example.target)
        kind_of = {e.object_ids[i]: KINDS.index(k) for i, k in example.kinds}
        slot_of = {e.number_ids[i]: s for i, s in example.slots}
        owner_of = {e.number_ids[i]: e.object_ids[o] for i, o in example.owners}
        for at, token in enumerate(e.tokens):
            if FIRST_OBJECT <= token < FIRST_NUMBER:
                truth.kinds[row, at] = kind_of.get(token - FIRST_OBJECT, len(KINDS))
            elif FIRST_NUMBER <= token < FIRST_NUMBER + MAX_NUMBERS:
                reference = token - FIRST_NUMBER
                truth.slots[row, at] = slot_of.get(reference, len(SLOTS))
                truth.owners[row, at] = owner_of.get(reference, IGNORE)
        objects += [(row, e.object_ids[i]) for i, _ in example.kinds]
        links += [(row, e.object_ids[a], e.object_ids[c]) for a, c in example.links]
    truth.links = torch.tensor(links, dtype=torch.long).reshape(-1, 3)
    truth.objects = torch.tensor(objects, dtype=torch.long).reshape(-1, 2)
    return batch, truth
