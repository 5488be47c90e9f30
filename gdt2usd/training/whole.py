"""Trains a whole model by a preset: text pieces, tagger, tower, language part, and puts them together as a checkpoint folder.

The parts share the time as the preset says. What is done is written down after every part, so a killed training goes on with
`resume` from the last save of the part it was in. Not covered: the loops themselves (`tagging`, `vision`, `loop`).
"""

from __future__ import annotations

import json
import shutil
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from gdt2usd.diagnostics import GdtError, Place, error
from gdt2usd.shipped import models_folder
from gdt2usd.training.device import Device
from gdt2usd.training.export import export_checkpoint
from gdt2usd.training.loop import CPU, Recipe, train
from gdt2usd.training.tagging import load_tagger
from gdt2usd.training.targets import SLOTS
from gdt2usd.vlsm.checkpoint import load, save
from gdt2usd.vlsm.model import Vlsm, VlsmConfig
from gdt2usd.vlsm.pieces import load_pieces
from gdt2usd.vlsm.processor import FIRST_PIECE

DONE = "done.json"
WORK = "training"
"""The folder inside the model's folder with everything that only training needs."""


@dataclass(frozen=True, slots=True)
class Preset:
    """A preset as read: sizes, text pieces, shares of the time by part, the recipe's fields, stages of the language part."""

    name: str
    network: dict[str, Any]
    pieces: dict[str, int]
    minutes: dict[str, float]
    recipe: dict[str, Any]
    stages: tuple[dict[str, Any], ...]


def presets() -> list[str]:
    """The names of the presets that are shipped."""
    return sorted(path.stem for path in models_folder().glob("*.toml"))


def read_preset(name: str) -> Preset:
    """A shipped preset by name, or a .toml file.

    Raises:
        GdtError: TR103, there is none or it cannot be used.
    """
    path = models_folder() / f"{name}.toml"
    if not path.is_file():
        path = Path(name)
    try:
        rows = tomllib.loads(path.read_text(encoding="utf-8"))
        preset = Preset(path.stem, rows["network"], rows["pieces"], rows["minutes"], rows["recipe"], tuple(rows["stages"]))
        VlsmConfig(vocabulary=FIRST_PIECE, slots=SLOTS, **preset.network)
        Recipe(minutes=1.0, **preset.recipe)
        if not 0 < sum(preset.minutes[part] for part in ("tagger", "vision", "language")) <= 1.0 + 1e-9:
            raise ValueError("the shares of [minutes] must add up to 1")
        if not all(0 < stage["share"] <= 1 and stage["longest"] > 0 and stage["decay_share"] > 0 for stage in preset.stages):
            raise ValueError("every stage needs share, longest and decay_share above 0")
    except (OSError, KeyError, TypeError, ValueError, IsADirectoryError) as problem:
        hint = f"presets are {', '.join(presets())}"
        raise GdtError([error("TR103", f"the preset cannot be used: {problem}", Place(str(name)), hint)]) from None
    return preset


def train_whole(
    preset: Preset,
    out: Path,
    *,
    minutes: float,
    resume: bool = False,
    parts_from: str | None = None,
    device: Device = CPU,
    seed: int = 1,
    tell: Callable[[str, dict[str, Any]], None] = lambda part, row: None,
) -> Path:
    """Train for `minutes` of wall time and write a model folder that `--model` loads; returns it.

    With `parts_from`, a shipped model or a folder, its text pieces, tagger and tower are taken as they are, and the whole time goes
    into the language part; that one starts from the model's own weights if the sizes are the same.

    Raises:
        GdtError: TR102, `out` holds an earlier training and `resume` is not set; VL101, `parts_from` is no model.
    """
    work = out / WORK
    ready = load(parts_from) if parts_from is not None else None
    done = _done(work, resume=resume)
    tokenizer = work / "tokenizer.json"
    if device.leads:
        work.mkdir(parents=True, exist_ok=True)
        if ready is None:
            _small_parts(preset, work, minutes, done, tell)
        else:
            shutil.copy(ready.perception.parent / "tokenizer.json", tokenizer)
    if device.world > 1:
        torch.distributed.barrier()
    torch.manual_seed(seed)
    size = FIRST_PIECE + load_pieces(tokenizer).size
    model = Vlsm(VlsmConfig(vocabulary=size, slots=SLOTS, **preset.network))
    if ready is not None:
        _start_from(model, ready.network.state)
    tagger = ready.tagger if ready is not None else load_tagger(work / "tagger")
    language = minutes * (1.0 if ready is not None else preset.minutes["language"])
    for number, stage in enumerate(preset.stages):
        part = f"language {number + 1}"
        if part in done:
            continue
        fields = {**preset.recipe, **{k: v for k, v in stage.items() if k != "share"}}
        recipe = Recipe(minutes=language * stage["share"], seed=seed, **fields)
        said = lambda row, part=part: tell(part, row)  # noqa: E731
        train(model, tokenizer, work / "language", recipe, said, device, tagger)
        _finish(work, done, part, device)
    if device.leads:
        card = {"preset": preset.name, "minutes": minutes, "seed": seed, "device": device.kind, "processes": device.world}
        if ready is None:
            export_checkpoint(work / "language", work / "tagger", work / "vision", tokenizer, model.config, out, card)
        else:
            save(out, model.state_dict(), model.config, ready.tagger.state_dict(), {**card, "parts": ready.name})
            for path in ready.perception.parent.iterdir():
                if path.name == "tokenizer.json" or path.suffix == ".onnx":
                    shutil.copy(path, out / path.name)
    return out


def _start_from(model: Vlsm, state: dict[str, torch.Tensor]) -> None:
    """Take over the weights of another model of the same sizes; other sizes start afresh."""
    own = model.state_dict()
    fitting = {name: tensor for name, tensor in state.items() if name in own and own[name].shape == tensor.shape}
    if len(fitting) == len(state):
        model.load_state_dict(fitting, strict=False)


def _small_parts(preset: Preset, work: Path, minutes: float, done: list[str], tell: Callable[[str, dict[str, Any]], None]) -> None:
    """Text pieces, tagger and tower: on the CPU, in the first process only."""
    from gdt2usd.training.tagging import train_tagger
    from gdt2usd.training.vision import train_vision
    from gdt2usd.training.words import learn_pieces

    torch.set_num_threads(int(preset.recipe.get("threads", 1)))
    if "pieces" not in done:
        learn_pieces(preset.pieces["size"], preset.pieces["samples"]).save(work / "tokenizer.json")
        _finish(work, done, "pieces", CPU)
    for part, run in (("tagger", train_tagger), ("vision", train_vision)):
        if part not in done:
            tell(part, {})
            run(work / part, minutes=minutes * preset.minutes[part])
            _finish(work, done, part, CPU)


def _done(work: Path, *, resume: bool) -> list[str]:
    path = work / DONE
    if not work.exists():
        return []
    if not resume:
        raise GdtError([error("TR102", "the folder holds an earlier training", Place(str(work)), "add --resume to go on from it")])
    return [str(part) for part in json.loads(path.read_text())] if path.exists() else []


def _finish(work: Path, done: list[str], part: str, device: Device) -> None:
    done.append(part)
    if device.leads:
        temporary = work / f"{DONE}.tmp"
        temporary.write_text(json.dumps(done))
        temporary.replace(work / DONE)
