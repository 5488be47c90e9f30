"""Trains the tagger that finds where names are written, on prompts and labels of samples."""

from __future__ import annotations

import json
import time
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch.nn import functional as F

from gdt2usd.dataset.sample import Sample
from gdt2usd.training.evidence import gold_places, sketch_truth
from gdt2usd.training.source import training_sample
from gdt2usd.vlsm.mentions import PROMPT, normalised
from gdt2usd.vlsm.tagger import Tagger, TaggerInput, features, pad, runs_of

IGNORE = -100


def tagged(sample: Sample) -> list[tuple[TaggerInput, list[int]]]:
    """Texts of a sample (prompt first, then labels) with the tags of their words."""
    places, _ = gold_places(sample, sketch_truth(sample))
    labels = [label.text for label in sample.ocr] if sample.pixels is not None else []
    others = {normalised(label) for label in labels} - {""}
    runs = runs_of(sample.prompt.text) if labels else set()
    out = []
    for source, text in [(PROMPT, sample.prompt.text), *enumerate(labels)]:
        words, row = features(text, is_label=source != PROMPT, others=others if source == PROMPT else runs)
        spans = [(p.start, p.end) for p in places if p.source == source]
        tags = []
        for word in words:
            inside = next(((a, b) for a, b in spans if a <= word.start < b), None)
            begins = inside is not None and not any(inside[0] <= w.start < word.start for w in words)
            tags.append(0 if inside is None else 1 if begins else 2)
        if words:
            out.append((row, tags))
    return out


def load_tagger(folder: Path) -> Tagger:
    """The tagger that `train_tagger` saved in `folder`."""
    model = Tagger()
    model.load_state_dict(load_file(folder / "tagger.safetensors"))
    return model.eval()


def train_tagger(folder: Path, *, minutes: float, seed: int = 5, samples_per_step: int = 16, learning_rate: float = 2e-3) -> Tagger:
    """Train for `minutes`, going on from `folder/tagger.safetensors`; logs to `folder/tagger.jsonl`."""
    folder.mkdir(parents=True, exist_ok=True)
    path, log_path = folder / "tagger.safetensors", folder / "tagger.jsonl"
    model = Tagger()
    index = 0
    if path.exists():
        model.load_state_dict(load_file(path))
        index = json.loads(log_path.read_text().splitlines()[-1])["samples"]
    optimiser = torch.optim.AdamW(model.parameters(), lr=learning_rate, weight_decay=0.02)
    start = time.monotonic()
    step, losses, wrong, words = 0, 0.0, 0, 0
    rng = np.random.default_rng([seed, index])
    kept: list[Sample] = []
    while (share := (time.monotonic() - start) / (60 * minutes)) < 1:
        drawn = []
        for _ in range(samples_per_step):
            if len(kept) > 500 and rng.random() < 0.5:
                drawn.append(kept[int(rng.integers(len(kept)))])
            else:
                kept.append(training_sample(seed, index))
                drawn.append(kept[-1])
                index += 1
        kept = kept[-3000:]
        rows = [row for sample in drawn for row in tagged(sample)]
        prompts = [r for r in rows if len(r[1]) > 12]
        labels = [r for r in rows if len(r[1]) <= 12]
        loss = torch.zeros(())
        for part in (prompts, labels):
            if not part:
                continue
            inputs = pad([r[0] for r in part])
            truth = torch.full(inputs[0].shape, IGNORE)
            for k, (_, tags) in enumerate(part):
                truth[k, : len(tags)] = torch.tensor(tags)
            logits = model(*inputs)
            kept_at = truth != IGNORE
            loss = loss + F.cross_entropy(logits[kept_at], truth[kept_at])
            wrong += int((logits.argmax(-1)[kept_at] != truth[kept_at]).sum())
            words += int(kept_at.sum())
        for g in optimiser.param_groups:
            g["lr"] = learning_rate * min(1.0, (step + 1) / 50) * min(1.0, (1 - share) / 0.4)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        step += 1
        losses += float(loss.detach())
        if step % 25 == 0:
            row = {"samples": index, "seconds": time.monotonic() - start, "loss": losses / 25, "word_error": wrong / max(1, words)}
            with log_path.open("a") as log:
                log.write(json.dumps(row) + "\n")
            save_file(model.state_dict(), path)
            losses, wrong, words = 0.0, 0, 0
    save_file(model.state_dict(), path)
    return model
