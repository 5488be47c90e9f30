"""Trains the perception network on pictures cut from painted samples.

Truth is the record of the drawing (`vision_targets`). Not covered: judging the ways between shapes (`vision_links`), the language
side (`training.loop`).
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.nn import functional as F

from gdt2usd.training.source import training_sample
from gdt2usd.training.vision_targets import Cut, cut, prepare
from gdt2usd.vlsm.maps import DIRECTIONS, FLOW, HEAD, KIND, SHAPE_BOX, STROKES, TAIL
from gdt2usd.vlsm.perception import Perception

CUTS_PER_SKETCH = 4
_SHELF = 160
_BATCH = 8


def cuts(seed: int, first: int) -> Iterator[tuple[int, Cut]]:
    """Training pictures of the endless series of `seed`, mixed, with the number of the newest sketch among them."""
    rng = np.random.default_rng([seed, first])
    shelf: list[Cut] = []
    index = first
    while True:
        while len(shelf) < _SHELF:
            prepared = prepare(training_sample(seed, index, paint=True), rng)
            index += 1
            if prepared is not None:
                shelf.extend(cut(prepared, rng) for _ in range(CUTS_PER_SKETCH))
        yield index, shelf.pop(int(rng.integers(len(shelf))))


def _stack(batch: list[Cut], name: str) -> Tensor:
    return torch.from_numpy(np.stack([getattr(c, name) for c in batch]))


def losses(model: Perception, batch: list[Cut]) -> dict[str, Tensor]:
    """The parts of the loss on a batch of cuts, weighted."""
    with torch.autocast("cpu", dtype=torch.bfloat16):
        lines, objects = model(_stack(batch, "picture").float().contiguous(memory_format=torch.channels_last) / 255)
    lines, objects = lines.float(), objects.float()
    directions = _stack(batch, "directions").float()
    ends = _stack(batch, "ends")
    stroke = _stack(batch, "stroke").long()
    flow = _stack(batch, "flow")
    out = {}
    miss = F.binary_cross_entropy_with_logits(lines[:, DIRECTIONS], directions, reduction="none")
    out["directions"] = (miss * (1 + 3 * directions)).sum() / (directions.sum() + 200)
    miss = F.binary_cross_entropy_with_logits(lines[:, HEAD : TAIL + 1], ends, reduction="none")
    out["ends"] = (miss * (1 + 4 * ends)).sum() / (ends.sum() + 50) * 0.5
    known = stroke >= 0
    if known.any():
        out["strokes"] = F.cross_entropy(lines[:, STROKES].permute(0, 2, 3, 1)[known], stroke[known])
        directed = flow.abs().sum(1) > 0
        error = (lines[:, FLOW] - flow).square().sum(1)
        out["flow"] = error[directed].sum() / (directed.sum() + 200)
    boxed = _stack(batch, "boxed")
    if boxed.any():
        wanted = _stack(batch, "shape").permute(0, 2, 3, 1)[boxed]
        out["shapes"] = F.l1_loss(objects[:, SHAPE_BOX].permute(0, 2, 3, 1)[boxed], wanted) * 2
    kind = _stack(batch, "kind").long()
    if (kind >= 0).any():
        out["kinds"] = 0.5 * F.cross_entropy(objects[:, KIND].permute(0, 2, 3, 1)[kind >= 0], kind[kind >= 0])
    return out


def _save(model: Perception, folder: Path) -> None:
    save_file({k: v.contiguous() for k, v in model.state_dict().items()}, folder / "perception.safetensors")


def train_vision(folder: Path, *, minutes: float, seed: int = 3, learning_rate: float = 2e-3, decay: float = 0.4) -> Perception:
    """Train for `minutes`, going on from `folder/perception.safetensors`; logs to `folder/vision.jsonl`."""
    folder.mkdir(parents=True, exist_ok=True)
    path, log_path = folder / "perception.safetensors", folder / "vision.jsonl"
    model: Perception = Perception().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    first = 0
    if path.exists():
        model.load_state_dict(load_file(path))
        first = json.loads(log_path.read_text().splitlines()[-1])["sketches"]
    optimiser = torch.optim.AdamW(model.parameters(), lr=learning_rate, weight_decay=0.02, fused=True)
    stream = cuts(seed, first)
    start = time.monotonic()
    sums: dict[str, float] = {}
    step, sketches = 0, first
    model.train()
    while (share := (time.monotonic() - start) / (60 * minutes)) < 1:
        batch = []
        for _ in range(_BATCH):
            sketches, piece = next(stream)
            batch.append(piece)
        for g in optimiser.param_groups:
            g["lr"] = learning_rate * min(1.0, (step + 1) / 150) * min(1.0, max(0.01, (1 - share) / decay))
        parts = losses(model, batch)
        optimiser.zero_grad(set_to_none=True)
        torch.stack(list(parts.values())).sum().backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(model.parameters(), 2.0)
        optimiser.step()
        step += 1
        for name, value in parts.items():
            sums[name] = sums.get(name, 0.0) + float(value.detach()) / 50
        if step % 50 == 0:
            row = {"sketches": sketches, "step": step, "seconds": round(time.monotonic() - start, 1)}
            with log_path.open("a") as log:
                log.write(json.dumps(row | {k: round(v, 4) for k, v in sums.items()}) + "\n")
            _save(model, folder)
            sums.clear()
    _save(model, folder)
    return model
