"""The losses: next script token, and beside it the dense heads (type, meaning, owner, links) that teach the reading early."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from gdt2usd.training.collate import IGNORE, Truth
from gdt2usd.vlsm.model import Batch, Vlsm
from gdt2usd.vlsm.script_tokens import MAX_OBJECTS


@dataclass(frozen=True, slots=True)
class Losses:
    """Means per token or decision; `exact` is the share of samples whose script is right token by token under teacher forcing."""

    total: Tensor
    script: float
    kinds: float
    slots: float
    owners: float
    links: float
    exact: float
    token_error: float


def _mean(logits: Tensor, truth: Tensor) -> Tensor:
    kept = truth != IGNORE
    if not bool(kept.any()):
        return logits.sum() * 0.0
    return F.cross_entropy(logits[kept].float(), truth[kept])


def _links(model: Vlsm, states: Tensor, tokens: Tensor, truth: Truth) -> Tensor:
    scores = model.link_scores(states, tokens)  # (B, O, O)
    present = torch.zeros(scores.shape[:2], dtype=torch.bool)
    present[truth.objects[:, 0], truth.objects[:, 1]] = True
    pairs = present[:, :, None] & present[:, None, :] & ~torch.eye(MAX_OBJECTS, dtype=torch.bool)
    wanted = torch.zeros_like(scores)
    if len(truth.links):
        wanted[truth.links[:, 0], truth.links[:, 1], truth.links[:, 2]] = 1.0
    if not bool(pairs.any()):
        return scores.sum() * 0.0
    return F.binary_cross_entropy_with_logits(scores[pairs], wanted[pairs])


def compute(model: Vlsm, batch: Batch, truth: Truth, heads_weight: float = 0.3) -> Losses:
    """All losses of one batch, in one pass."""
    hidden = model.hidden(batch)  # (B, T, d)
    p = batch.boxes.shape[1]
    s = truth.script.shape[1]
    at = (batch.prefix[:, None] - 1 + torch.arange(s)[None]).clamp(max=hidden.shape[1] - 1)  # (B, S)
    states = hidden.gather(1, at[..., None].expand(-1, -1, hidden.shape[-1]))  # (B, S, d)
    prefix_states, prefix_tokens = hidden[:, :p], batch.tokens[:, :p].masked_fill(torch.arange(p)[None] >= batch.prefix[:, None], 0)
    logits = model.logits(states, prefix_states, prefix_tokens)
    script = _mean(logits, truth.script)
    kinds = _mean(model.kind_head(prefix_states), truth.kinds)
    slots = _mean(model.slot_head(prefix_states), truth.slots)
    owners = _mean(model.owner_scores(prefix_states, prefix_tokens), truth.owners)
    links = _links(model, prefix_states, prefix_tokens, truth)
    wrong = (logits.argmax(-1) != truth.script) & (truth.script != IGNORE)
    exact = 1.0 - float(wrong.any(1).float().mean())
    error = float(wrong.sum() / (truth.script != IGNORE).sum())
    total = script + heads_weight * (kinds + slots + owners + 2.0 * links)
    return Losses(total, float(script), float(kinds), float(slots), float(owners), float(links), exact, error)
