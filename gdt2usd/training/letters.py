"""Trains the shipped line recogniser further on our own drawings, so that it reads pens, codes and made-up names.

    python -m gdt2usd.training.letters RUN --minutes 100      train (goes on from RUN/state.pt when there is one)
    python -m gdt2usd.training.letters RUN --measure          lines read exactly, before and after
    python -m gdt2usd.training.letters RUN --export FILE      write the network as ONNX, weights in 8 bits

A drawing of the dataset is painted, the detector finds its lines, and each found line that is just one written line (or several
beside each other) is an example; what it found where nothing is written is an example of no text. Loss: CTC (Graves et al. 2006).
Needs the package `onnx`. Not covered: the detector.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from gdt2usd.dataset.ocr_fit import area, shared
from gdt2usd.dataset.ocr_noise import TextRun
from gdt2usd.shipped import models_folder
from gdt2usd.sketch import ocr
from gdt2usd.training.onnx_module import OnnxModule

Pixels = NDArray[np.uint8]
SHIPPED = models_folder() / "ocr" / "recognise.onnx"
#: How often a style is drawn: what is written by hand is what is misread.
WEIGHTS = {
    "paper": 3,
    "pencil": 3,
    "whiteboard": 3,
    "tablet": 2,
    "icons": 2,
    "excalidraw": 1.5,
    "mermaid_hand": 1.5,
    "d2_sketch": 1.5,
}
#: Characters that the alphabet lacks, and how they are read.
LIKE = str.maketrans(
    {"’": "'", "‘": "'", "“": '"', "”": '"', "—": "–", "−": "-", "…": ".", "×": "x", "•": "·", "«": "<", "»": ">", "\u00a0": " "}
)
_BATCH, _POOL, _WIDEST = 32, 1200, 900


def examples(seed: int, weights: dict[str, float] | None = None) -> Iterator[tuple[str, Pixels, str]]:
    """Lines without end: the style, the straightened line (48, W, 3) uint8 RGB, what is written in it ("" for nothing)."""
    from gdt2usd.dataset.drawing import STYLES, draw_with_runs
    from gdt2usd.dataset.generate import draw_line
    from gdt2usd.dataset.plan import plan

    share = np.array([(weights or WEIGHTS).get(style, 1.0) for style in STYLES])
    share /= share.sum()
    k = 0
    while True:
        rng = np.random.default_rng([seed, k])
        k += 1
        graph, categories = draw_line(rng)
        chosen = replace(plan(graph, categories, rng), style=STYLES[int(rng.choice(len(STYLES), p=share))])
        _, pixels, runs = draw_with_runs(graph, chosen, rng)
        for corners, text in labelled(ocr.detect(pixels), runs):
            yield chosen.style, ocr.straightened(pixels, corners), text


def labelled(lines: list[ocr.Points], runs: list[TextRun]) -> Iterator[tuple[ocr.Points, str]]:
    """The found lines of which is known what they say: whole written lines, one or several beside each other, or none at all."""
    boxes = [ocr.TextLine("", 1.0, corners).box for corners in lines]
    inside: list[list[int]] = [[] for _ in lines]
    claimed: Counter[int] = Counter()
    for r, run in enumerate(runs):
        for k, box in enumerate(boxes):
            if shared(box, run.box) > 0.1:
                claimed[r] += 1
                inside[k].append(r)
    for k, corners in enumerate(lines):
        found = [runs[r] for r in inside[k]]
        if not found:
            yield corners, ""
            continue
        whole = all(claimed[r] == 1 and shared(boxes[k], runs[r].box) > 0.85 for r in inside[k])
        middles = [(run.box.y0 + run.box.y1) / 2 for run in found]
        level = max(middles) - min(middles) < 0.3 * min(run.box.y1 - run.box.y0 for run in found)
        covered = sum(area(run.box) for run in found) / max(1.0, area(boxes[k]))
        if whole and level and covered > 0.25:
            yield corners, " ".join(run.text.strip() for run in sorted(found, key=lambda run: run.box.x0))


def shaken(crop: Pixels, rng: np.random.Generator) -> Pixels:
    """The line cut a little differently, softer, sharper, paler or noisier."""
    import cv2

    height, width = crop.shape[:2]
    margin = rng.uniform(-0.05, 0.09, 4) * height
    source = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    left, top, right, bottom = margin
    source += np.array([[-left, -top], [right, -top], [right, bottom], [-left, bottom]], np.float32)
    source += rng.normal(0, 0.02 * height, (4, 2)).astype(np.float32)
    columns = max(16, round(width * rng.uniform(0.9, 1.12)))
    target = np.array([[0, 0], [columns, 0], [columns, height], [0, height]], np.float32)
    matrix = cv2.getPerspectiveTransform(source, target)
    out = cv2.warpPerspective(crop, matrix, (columns, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    out = np.asarray(out, np.float32)
    if rng.random() < 0.25:
        out = cv2.GaussianBlur(out, (0, 0), float(rng.uniform(0.4, 1.3)))
    if rng.random() < 0.3:
        out = out.mean() + (out - out.mean()) * rng.uniform(0.6, 1.2)
    if rng.random() < 0.25:
        out = out + rng.normal(0, rng.uniform(2, 9), out.shape)
    return np.clip(out, 0, 255).astype(np.uint8)


def tensor_of(crops: list[Pixels]) -> torch.Tensor:
    """Lines as the network takes them, of a width that repeats: few shapes keep the primitives that torch caches few."""
    return torch.from_numpy(ocr.as_input(crops, multiple=32))


def classes_of(text: str) -> list[int] | None:
    """The characters of a text as classes of the alphabet (0 is CTC's blank); None when one is not in it."""
    letters = ocr.alphabet()
    found = list(text.translate(LIKE))
    return [letters.index(c) for c in found] if set(found) <= set(letters) else None


def network() -> OnnxModule:
    """The shipped recogniser up to its last softmax."""
    whole = OnnxModule(SHIPPED)
    last = [inputs[0] for op, inputs, outputs, _ in whole.nodes if op == "Softmax" and outputs[0] == whole.output]
    return OnnxModule(SHIPPED, output=last[0])


def batches(seed: int) -> Iterator[tuple[torch.Tensor, list[list[int]]]]:
    """Batches of lines of about one width, each line used twice, out of a pool that is refilled as it is used."""
    rng = np.random.default_rng([seed, 1])
    source = examples(seed)
    pool: list[tuple[Pixels, list[int]]] = []
    while True:
        while len(pool) < _POOL:
            _, crop, text = next(source)
            classes = classes_of(text)
            if classes is None or crop.shape[1] > _WIDEST or (not classes and rng.random() < 0.6):
                continue
            pool += [(crop, classes), (crop, classes)]
        pool = [pool[k] for k in rng.permutation(len(pool))]
        chosen = sorted(pool[: 8 * _BATCH], key=lambda one: one[0].shape[1])
        pool = pool[8 * _BATCH :]
        for k in rng.permutation(8):
            part = chosen[k * _BATCH : (k + 1) * _BATCH]
            yield tensor_of([shaken(crop, rng) for crop, _ in part]), [classes for _, classes in part]


def train(folder: Path, minutes: float, rate: float, seed: int) -> None:
    """Train until `minutes` in all (over restarts) are used, the rate falling to 0; state in `folder` every five minutes."""
    folder.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    net = network()
    optimiser = torch.optim.AdamW(net.parameters(), lr=rate, betas=(0.9, 0.99), weight_decay=1e-4)
    used, step = 0.0, 0
    state = folder / "state.pt"
    if state.exists():
        loaded = torch.load(state, weights_only=True)
        net.weights.load_state_dict(loaded["weights"])
        optimiser.load_state_dict(loaded["optimiser"])
        used, step = loaded["used"], loaded["step"]
    begun = saved = time.monotonic()
    recent: list[float] = []
    for pictures, texts in batches(seed + step):
        spent = used + (time.monotonic() - begun) / 60
        if spent >= minutes:
            break
        for group in optimiser.param_groups:
            group["lr"] = rate * min(1.0, (step + 1) / 150) * min(1.0, (1 - spent / minutes) / 0.7)
        logits = net(pictures.to(memory_format=torch.channels_last)).float()  # (n, steps, classes)
        loss = functional.ctc_loss(
            logits.log_softmax(-1).transpose(0, 1),
            torch.tensor([k for text in texts for k in text]),
            torch.full((len(texts),), logits.shape[1]),
            torch.tensor([len(text) for text in texts]),
            zero_infinity=True,
        )
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        optimiser.step()
        step += 1
        recent.append(loss.item())
        if step % 50 == 0:
            row = {"step": step, "minutes": round(spent, 1), "loss": round(float(np.mean(recent)), 4)}
            recent.clear()
            with (folder / "log.jsonl").open("a", encoding="utf-8") as log:
                log.write(json.dumps(row) + "\n")
            print(row, flush=True)
        if time.monotonic() - saved > 300:
            saved = time.monotonic()
            _save(state, net, optimiser, spent, step)
    _save(state, net, optimiser, used + (time.monotonic() - begun) / 60, step)


def _save(state: Path, net: OnnxModule, optimiser: torch.optim.Optimizer, used: float, step: int) -> None:
    part = state.with_suffix(".part")
    torch.save({"weights": net.weights.state_dict(), "optimiser": optimiser.state_dict(), "used": used, "step": step}, part)
    part.replace(state)


def measure(net: OnnxModule, count: int, seed: int = 8_000_000) -> dict[str, dict[str, float]]:
    """Per style of `count` lines of other drawings: share read exactly, and wrong letters per letter; ghosts count as lines."""
    from rapidfuzz.distance import Levenshtein

    found: dict[str, list[tuple[bool, int, int]]] = {}
    for k, (style, crop, text) in enumerate(examples(seed, dict.fromkeys(WEIGHTS, 1.0))):
        if k >= count:
            break
        with torch.no_grad():
            read = ocr.decode(net(tensor_of([crop]))[0].numpy())[0].strip()
        wanted = text.translate(LIKE)
        row = (read == wanted, Levenshtein.distance(read, wanted), len(wanted))
        for key in (style, "all"):
            found.setdefault(key, []).append(row)
    return {
        style: {
            "lines": len(rows),
            "exact": round(sum(ok for ok, _, _ in rows) / len(rows), 4),
            "wrong letters": round(sum(wrong for _, wrong, _ in rows) / max(1, sum(length for _, _, length in rows)), 4),
        }
        for style, rows in sorted(found.items())
    }


def main() -> None:
    """Train, measure or export."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("run", type=Path)
    options.add_argument("--minutes", type=float, default=100.0)
    options.add_argument("--rate", type=float, default=3e-4)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--measure", type=int, default=0, metavar="LINES")
    options.add_argument("--export", type=Path)
    chosen = options.parse_args()
    if not chosen.measure and not chosen.export:
        train(chosen.run, chosen.minutes, chosen.rate, chosen.seed)
        return
    nets = {"before": network(), "after": network()}
    trained = torch.load(chosen.run / "state.pt", weights_only=True)["weights"]
    nets["after"].weights.load_state_dict(trained)
    if chosen.export:
        whole = OnnxModule(SHIPPED)
        whole.weights.load_state_dict(trained)
        whole.write(chosen.export)
    if chosen.measure:
        for name, net in nets.items():
            print(name, json.dumps(measure(net, chosen.measure), indent=1))


if __name__ == "__main__":
    main()
