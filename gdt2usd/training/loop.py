"""The training loop of the VLSM: one plain loop, endless data from the generator, resumable, logged to jsonl.

The learning rate is constant after a short warm-up and falls linearly to zero over the last part of the time budget. A checkpoint
is written whole (temporary name, then rename) and holds model, optimiser, counters. Data is made in worker processes.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file, save_file

from gdt2usd.dataset.sample import Sample
from gdt2usd.training.collate import collate
from gdt2usd.training.device import Device, agreed, average_gradients, moved, same_weights
from gdt2usd.training.evidence import Find, UntellableError
from gdt2usd.training.losses import compute
from gdt2usd.training.source import training_sample
from gdt2usd.training.targets import Example, example
from gdt2usd.vlsm.model import Vlsm
from gdt2usd.vlsm.naming import find_places
from gdt2usd.vlsm.pieces import TextPieces, load_pieces
from gdt2usd.vlsm.tagger import Tagger

REPLAY = 4000
"""Samples kept for use again, each time with other noise and other reference numbers: drawing one costs more than a step on it."""
REPLAY_SHARE = 0.6

FOUND_SHARE = 0.5
"""Share of the examples with names where the tagger finds them, with its mistakes; the others have them where they truly stand."""

CPU = Device("cpu")
LOGGED = ("script", "relations", "exact", "token_error", "kinds_right", "slots_right", "owners_right", "roles_right",
          "families_right", "relations_right")  # fmt: skip
WRITTEN = ("script", "exact", "token_error")


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to train: `minutes` is this run's budget of wall time; `tokens_per_batch` counts padded tokens.

    `script_every` n trains the language model in every nth step only, the reader in all.
    `compiled` lets torch fuse each layer's arithmetic (1.5 x on a CPU): it needs a C++ compiler and a minute at the start.
    """

    minutes: float
    learning_rate: float = 1e-3
    decay_share: float = 0.4
    warm_up_steps: int = 200
    tokens_per_batch: int = 4096
    weight_decay: float = 0.05
    workers: int = 1
    seed: int = 1
    threads: int = 1
    log_every: int = 50
    longest: int = 1024
    save_minutes: float = 5.0
    compiled: bool = False
    script_every: int = 1


class ExampleStream(torch.utils.data.IterableDataset[list[Example]]):
    """Endless batches of examples of like length; each worker draws its own sample indices.

    `first` is where the indices start (samples already seen are not drawn again), `pool` how many examples are sorted by length.
    Examples longer than `recipe.longest` tokens are left out (short lines first is the curriculum).
    """

    def __init__(
        self, tokenizer: Path, buckets: int, recipe: Recipe, first: int, *, find: Find | None = None, pool: int = 256,
        device: Device = CPU,
    ) -> None:  # fmt: skip
        self.device = device
        self.tokenizer = tokenizer
        self.buckets = buckets
        self.seed = recipe.seed
        self.first = first
        self.tokens_per_batch = recipe.tokens_per_batch
        self.longest = recipe.longest
        self.pool = pool
        self.find = find

    def __iter__(self) -> Iterator[list[Example]]:
        info = torch.utils.data.get_worker_info()
        worker, workers = (info.id, info.num_workers) if info is not None else (0, 1)
        worker, workers = worker + self.device.rank * workers, workers * self.device.world
        pieces = load_pieces(self.tokenizer)
        index = self.first + worker
        rng = np.random.default_rng([self.seed, index])
        kept: list[Sample] = []
        while True:
            examples: list[Example] = []
            while len(examples) < self.pool:
                if len(kept) > REPLAY // 4 and rng.random() < REPLAY_SHARE:
                    drawn = kept[int(rng.integers(len(kept)))]
                else:
                    drawn = training_sample(self.seed, index)
                    index += workers
                    if len(kept) < REPLAY:
                        kept.append(drawn)
                    else:
                        kept[int(rng.integers(REPLAY))] = drawn
                made = make_example(drawn, pieces, self.buckets, rng, self.find)
                if made is not None and len(made.encoded.tokens) + len(made.target) <= self.longest:
                    examples.append(made)
            batches = list(batched(examples, self.tokens_per_batch))
            for i in rng.permutation(len(batches)):
                yield batches[int(i)]


def make_example(
    drawn: Sample, pieces: TextPieces, buckets: int, rng: np.random.Generator, find: Find | None = None
) -> Example | None:
    """One example of a sample, with its own noise and reference numbers; None if the sample's truth cannot be told."""
    for finder in (find, None) if find is not None and rng.random() < FOUND_SHARE else (None,):
        try:
            return example(drawn, pieces, buckets, rng, find=finder)
        except UntellableError:
            continue
    return None


def batched(examples: list[Example], tokens_per_batch: int) -> Iterator[list[Example]]:
    """Batches of like length of at most `tokens_per_batch` padded tokens."""

    def size(e: Example) -> int:
        return (len(e.encoded.tokens) + len(e.target) + 31) // 32 * 32

    batch: list[Example] = []
    for item in sorted(examples, key=size):
        if batch and size(item) * (len(batch) + 1) > tokens_per_batch:
            yield batch
            batch = []
        batch.append(item)
    if batch:
        yield batch


@dataclass(slots=True)
class Progress:
    """Counters over all runs of a model."""

    samples: int = 0
    steps: int = 0
    seconds: float = 0.0


def optimiser_of(model: Vlsm, recipe: Recipe) -> torch.optim.AdamW:
    """AdamW with decay on matrices only."""
    matrices = [p for p in model.parameters() if p.dim() >= 2]
    others = [p for p in model.parameters() if p.dim() < 2]
    groups = [{"params": matrices, "weight_decay": recipe.weight_decay}, {"params": others, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=recipe.learning_rate, betas=(0.9, 0.98))


def save_state(folder: Path, model: Vlsm, optimiser: torch.optim.Optimizer, progress: Progress) -> None:
    """Model, optimiser moments and counters as safetensors and JSON; whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {f"model.{k}": v.contiguous().clone() for k, v in model.state_dict().items()}
    for number, parameter in enumerate(p for g in optimiser.param_groups for p in g["params"]):
        for key, value in optimiser.state.get(parameter, {}).items():
            if isinstance(value, torch.Tensor):
                tensors[f"optimiser.{number}.{key}"] = value.clone()
    save_file(tensors, folder / "state.tmp", metadata={"progress": json.dumps(asdict(progress))})
    (folder / "state.tmp").replace(folder / "state.safetensors")


def load_state(folder: Path, model: Vlsm, optimiser: torch.optim.Optimizer | None) -> Progress:
    """Read what `save_state` wrote; a fresh `Progress` if there is nothing."""
    path = folder / "state.safetensors"
    if not path.exists():
        return Progress()
    from safetensors import safe_open

    tensors = load_file(path)
    model.load_state_dict({k.removeprefix("model."): v for k, v in tensors.items() if k.startswith("model.")})
    for number, parameter in enumerate(p for g in (optimiser.param_groups if optimiser else ()) for p in g["params"]):
        state = {k.split(".", 2)[2]: v for k, v in tensors.items() if k.startswith(f"optimiser.{number}.")}
        if state and optimiser is not None:
            optimiser.state[parameter] = {k: v if k == "step" else v.to(parameter.device) for k, v in state.items()}
    with safe_open(path, "pt") as file:
        return Progress(**json.loads(file.metadata()["progress"]))


def rate(recipe: Recipe, step: int, elapsed_share: float) -> float:
    """The learning rate at a step of this run."""
    warm = min(1.0, (step + 1) / recipe.warm_up_steps)
    left = min(1.0, (1.0 - elapsed_share) / recipe.decay_share)
    return recipe.learning_rate * warm * max(left, 0.0)


def train(
    model: Vlsm,
    tokenizer: Path,
    folder: Path,
    recipe: Recipe,
    report: Callable[[dict[str, Any]], None] = lambda row: None,
    device: Device = CPU,
    tagger: Tagger | None = None,
) -> Progress:
    """Train for `recipe.minutes`, going on from what is in `folder`; appends to `folder/log.jsonl`.

    With `tagger`, names stand where it finds them in a share of the examples, so that its mistakes are known.

    On a GPU, and with several processes under torchrun, `device` says where; the first process writes.
    """
    torch.set_num_threads(recipe.threads)
    torch.manual_seed(recipe.seed)
    model.to(device.torch)
    if recipe.compiled:
        for layer in (*model.reader, *model.language_model.get_decoder().layers):
            layer.compile(dynamic=True)
    optimiser = optimiser_of(model, recipe)
    progress = load_state(folder, model, optimiser)
    same_weights(model, device)
    find = None if tagger is None else partial(find_places, tagger.eval())
    stream = ExampleStream(tokenizer, model.config.name_buckets, recipe, progress.samples * 2, find=find, device=device)
    loader = torch.utils.data.DataLoader(
        stream, batch_size=None, num_workers=recipe.workers, collate_fn=collate, prefetch_factor=8 if recipe.workers else None,
        pin_memory=device.kind == "cuda",
    )  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    start = saved = time.monotonic()
    before = progress.seconds
    run_step = 0
    sums: dict[str, float] = {}
    model.train()
    with (folder / "log.jsonl").open("a") as log:
        for loaded in loader:
            share = (time.monotonic() - start) / (60 * recipe.minutes)
            if agreed(share >= 1, device):
                break
            batch, truth = (moved(part, device) for part in loaded)
            for g in optimiser.param_groups:
                g["lr"] = rate(recipe, run_step, share)
            with torch.autocast(device.kind, dtype=torch.bfloat16):
                written = run_step % recipe.script_every == 0
                own = run_step // recipe.script_every % 2 == 0
                losses = compute(model, batch, truth, own_verdicts=own, with_script=written)
            optimiser.zero_grad(set_to_none=True)
            losses.total.backward()  # type: ignore[no-untyped-call]
            average_gradients(model, device)
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            run_step += 1
            progress.steps += 1
            progress.samples += len(truth.script) * device.world
            progress.seconds = before + time.monotonic() - start
            for key in LOGGED:
                sums[key] = sums.get(key, 0.0) + float(getattr(losses, key))
            if run_step % recipe.log_every == 0 and device.leads:
                row = {
                    **asdict(progress),
                    "lr": optimiser.param_groups[0]["lr"],
                    **{k: v / recipe.log_every * (recipe.script_every if k in WRITTEN else 1) for k, v in sums.items()},
                }
                log.write(json.dumps(row) + "\n")
                log.flush()
                report(row)
                sums = {}
            if time.monotonic() - saved > 60 * recipe.save_minutes and device.leads:
                save_state(folder, model, optimiser, progress)
                saved = time.monotonic()
    if device.leads:
        save_state(folder, model, optimiser, progress)
    return progress
