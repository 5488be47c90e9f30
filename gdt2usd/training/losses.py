"""The losses: next script token, and beside it the dense heads (type, meaning, owner, links) that teach the reading early."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from gdt2usd.training.collate import IGNORE, Truth
from gdt2usd.vlsm.model import Batch, Reading, Verdicts, Vlsm
from gdt2usd.vlsm.script_tokens import KINDS, MAX_OBJECTS


@dataclass(frozen=True, slots=True)
class Losses:
    """Means per token or decision; `exact` is the share of samples whose script is right token by token under teacher forcing."""

    total: Tensor
    script: float
    kinds: float
    slots: float
    owners: float
    relations: float
    exact: float
    token_error: float
    kinds_right: float
    slots_right: float
    owners_right: float
    roles_right: float
    families_right: float
    relations_right: float


def _mean(logits: Tensor, truth: Tensor) -> Tensor:
    kept = truth != IGNORE
    if not bool(kept.any()):
        return logits.sum() * 0.0
    return F.cross_entropy(logits[kept].float(), truth[kept])


def _relations(scores: Tensor, truth: Truth) -> tuple[Tensor, float]:
    """Loss of the relation logits (B, R, O, O) over pairs of declared objects, and the share of true relations that are found."""
    present = torch.zeros(scores.shape[0], MAX_OBJECTS, dtype=torch.bool, device=scores.device)
    present[truth.objects[:, 0], truth.objects[:, 1]] = True
    pairs = present[:, :, None] & present[:, None, :] & ~torch.eye(MAX_OBJECTS, dtype=torch.bool, device=scores.device)
    wanted = torch.zeros_like(scores)
    sample, what, first, second = truth.relations.unbind(1)
    wanted[sample, what, first, second] = 1.0
    every = pairs[:, None].expand_as(scores)
    if not bool(every.any()):
        return scores.sum() * 0.0, 1.0
    loss = F.binary_cross_entropy_with_logits(scores[every], wanted[every], reduction="sum")
    found = float(((scores > 0) & (wanted > 0) & every).sum())
    asked = float((wanted * every).sum() + ((scores > 0) & (wanted == 0) & every).sum())
    return loss / max(1, len(truth.relations)), found / max(1.0, asked)


def _noised(truth: Tensor, classes: int, wrong: float, missing: float) -> Tensor:
    """Truth at input positions as verdicts: -1 where nothing is said, some wrong, some missing."""
    out = truth.masked_fill(truth == IGNORE, -1)
    draw = torch.rand(out.shape, device=out.device)
    said = out >= 0
    out = torch.where(said & (draw < wrong), torch.randint_like(out, classes), out)
    return out.masked_fill(said & (draw > 1 - missing), -1)


def compute(
    model: Vlsm, batch: Batch, truth: Truth, *, own_verdicts: bool, heads_weight: float = 1.0, with_script: bool = True
) -> Losses:
    """All losses of one batch, in one pass; the language model is given the heads' own verdicts, or the truth with noise.

    Without `with_script` only the reader is trained, which is what the answers hang on most, at half the cost of a step.
    """
    reading = model.read(batch)
    kinds, slots, owners, roles, families, targets = (
        _mean(getattr(reading, name), getattr(truth, name)) for name in ("kinds", "slots", "owners", "roles", "families", "targets")
    )
    relations, relations_right = _relations(reading.relations, truth)
    total = heads_weight * (kinds + slots + owners + 0.5 * (roles + families) + 0.25 * targets + 0.5 * relations)
    script, exact, token_error = torch.zeros(()), 0.0, 0.0
    if with_script:
        script, exact, token_error = _script(model, batch, truth, reading, own_verdicts=own_verdicts)
        total = total + script
    right = {
        f"{name}_right": _share_right(getattr(reading, name), getattr(truth, name))
        for name in ("kinds", "slots", "owners", "roles", "families")
    }
    losses = {"script": script, "kinds": kinds, "slots": slots, "owners": owners, "relations": relations}
    return Losses(
        total,
        **{name: float(loss.detach()) for name, loss in losses.items()},
        **right,
        exact=exact,
        token_error=token_error,
        relations_right=relations_right,
    )


def _script(model: Vlsm, batch: Batch, truth: Truth, reading: Reading, *, own_verdicts: bool) -> tuple[Tensor, float, float]:
    """Loss of the next script token, share of samples right token by token, share of wrong tokens."""
    if own_verdicts:
        verdicts = reading.verdicts(batch.tokens)
    else:
        verdicts = Verdicts(
            _noised(truth.kinds, len(KINDS), 0.02, 0.02),
            _noised(truth.slots, len(model.config.slots), 0.02, 0.02),
            _noised(truth.owners, MAX_OBJECTS, 0.02, 0.02),
        )
    prefix, prefix_tokens = model.prefix(batch, reading, verdicts)
    hidden = model.write(batch, prefix)  # (B, Q + S, d)
    q = prefix.shape[1]
    logits = model.logits(hidden[:, q - 1 :], hidden[:, :q], prefix_tokens)
    asked = truth.script != IGNORE
    wrong = (logits.argmax(-1) != truth.script) & asked
    return _mean(logits, truth.script), 1.0 - float(wrong.any(1).float().mean()), float(wrong.sum() / asked.sum())


def _share_right(logits: Tensor, truth: Tensor) -> float:
    kept = truth != IGNORE
    return float((logits[kept].argmax(-1) == truth[kept]).float().mean()) if bool(kept.any()) else 1.0
