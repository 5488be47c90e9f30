"""Trains the tower on crops and strips cut from painted samples: kinds of shapes, and which strips are links and which way.

Truth is the record of the drawing. Not covered: the language side (`training.loop`).
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file
from torch.nn import functional as F

from gdt2usd.dataset.sample import DrawnObject, Sample
from gdt2usd.training.source import training_sample
from gdt2usd.training.targets import sketch_truth
from gdt2usd.vlsm.perception import STRIP_CLASSES, Perception, stack
from gdt2usd.vlsm.regions import Trace, crop, find_regions, strip
from gdt2usd.vlsm.script_tokens import KINDS


@dataclass(frozen=True, slots=True)
class Pieces:
    """Labelled pieces of one sketch; `found` of `drawn` links have a trace at all."""

    crops: list[NDArray[np.float32]]
    kinds: list[int]
    strips: list[NDArray[np.float32]]
    facts: list[tuple[float, float]]
    links: list[int]
    found: int
    drawn: int


def pieces_of(sample: Sample) -> Pieces | None:
    """Cut a painted sample; None without a sketch."""
    if sample.pixels is None or sample.drawing is None:
        return None
    object_of = sketch_truth(sample).object_of
    regions = find_regions(sample.pixels, sample.ocr, list(object_of))
    truth = {}
    for link in sample.drawing.links:
        truth[link.upstream, link.downstream] = "dashed" if link.dashed else "forward" if link.arrow else "line"
    out = Pieces([], [], [], [], [], *coverage(sample, object_of, regions.traces))
    for region in regions.regions:
        out.crops.append(crop(regions, region))
        out.kinds.append(KINDS.index(object_of[region.label].kind))
    width = sample.pixels.shape[1]
    for trace in regions.traces:
        a, b = object_of[trace.first].id, object_of[trace.second].id
        name = truth.get((a, b)) or {"forward": "backward"}.get(truth.get((b, a), ""), truth.get((b, a), "none"))
        out.strips.append(strip(regions, trace))
        out.facts.append((trace.gap, len(trace.points) / width))
        out.links.append(STRIP_CLASSES.index(name))
    return out


def coverage(sample: Sample, object_of: dict[int, DrawnObject], traces: tuple[Trace, ...]) -> tuple[int, int]:
    """How many of the drawn links between read labels have a trace, and how many there are."""
    ids = {thing.id for thing in object_of.values()}
    wanted = {frozenset((k.upstream, k.downstream)) for k in (sample.drawing.links if sample.drawing else ())}
    wanted = {pair for pair in wanted if pair <= ids and len(pair) == 2}
    seen = {frozenset((object_of[t.first].id, object_of[t.second].id)) for t in traces}
    return len(wanted & seen), len(wanted)


def endless(seed: int, first: int) -> Iterator[Pieces]:
    """Pieces of painted training samples, one sketch after the other."""
    index = first
    while True:
        made = pieces_of(training_sample(seed, index, paint=True))
        index += 1
        if made is not None and made.crops:
            yield made


def train_vision(
    folder: Path, *, minutes: float, seed: int = 3, sketches_per_step: int = 8, learning_rate: float = 2e-3
) -> Perception:
    """Train for `minutes`, going on from `folder/perception.safetensors`; logs to `folder/vision.jsonl`."""
    folder.mkdir(parents=True, exist_ok=True)
    path, log_path = folder / "perception.safetensors", folder / "vision.jsonl"
    model = Perception()
    first = 0
    if path.exists():
        model.load_state_dict(load_file(path))
        first = json.loads(log_path.read_text().splitlines()[-1])["sketches"]
    optimiser = torch.optim.AdamW(model.parameters(), lr=learning_rate, weight_decay=0.05)
    stream = endless(seed, first)
    start = time.monotonic()
    sums = np.zeros(7)
    step = 0
    model.train()
    while (share := (time.monotonic() - start) / (60 * minutes)) < 1:
        batch = [next(stream) for _ in range(sketches_per_step)]
        for g in optimiser.param_groups:
            g["lr"] = learning_rate * min(1.0, (step + 1) / 100) * min(1.0, (1 - share) / 0.4)
        kinds = torch.tensor([k for b in batch for k in b.kinds])
        links = torch.tensor([k for b in batch for k in b.links])
        kind_logits = model.kinds(stack([c for b in batch for c in b.crops]))
        loss = F.cross_entropy(kind_logits, kinds, label_smoothing=0.05)
        right = float((kind_logits.argmax(-1) == kinds).float().mean())
        link_right = 1.0
        if len(links):
            strips, facts = stack([s for b in batch for s in b.strips]), torch.tensor([f for b in batch for f in b.facts])
            link_logits = model.strips(strips, facts)
            loss = loss + F.cross_entropy(link_logits, links, label_smoothing=0.02)
            link_right = float((link_logits.argmax(-1) == links).float().mean())
        optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        step += 1
        sums += [float(loss), right, link_right, sum(b.found for b in batch), sum(b.drawn for b in batch), len(links), 1]
        if step % 25 == 0:
            row = {
                "sketches": first + step * sketches_per_step,
                "seconds": time.monotonic() - start,
                "loss": sums[0] / sums[6],
                "kinds_right": sums[1] / sums[6],
                "strips_right": sums[2] / sums[6],
                "links_traced": sums[3] / max(1.0, sums[4]),
            }
            with log_path.open("a") as log:
                log.write(json.dumps(row) + "\n")
            save_file({k: v.contiguous() for k, v in model.state_dict().items()}, path)
            sums[:] = 0
    save_file({k: v.contiguous() for k, v in model.state_dict().items()}, path)
    return model
