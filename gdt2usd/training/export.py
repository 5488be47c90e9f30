"""Puts trained parts together as a model folder; the tower as ONNX, so that reading a sketch needs neither timm nor open_clip."""

from __future__ import annotations

import copy
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from gdt2usd.training.vision import Pieces, endless
from gdt2usd.vlsm.checkpoint import PERCEPTION, save
from gdt2usd.vlsm.model import VlsmConfig
from gdt2usd.vlsm.perception import Perception, stack
from gdt2usd.vlsm.regions import CROP, STRIP


class _Both(nn.Module):
    """Crops, strips and facts in; kind logits and link logits out."""

    def __init__(self, on_crops: Perception, on_strips: Perception) -> None:
        super().__init__()
        self.on_crops = on_crops
        self.on_strips = on_strips

    def forward(self, crops: Tensor, strips: Tensor, facts: Tensor) -> tuple[Tensor, Tensor]:
        return self.on_crops.kinds(crops), self.on_strips.strips(strips, facts)


def calibrated(perception: Perception, pieces: Sequence[Pieces]) -> _Both:
    """Two copies whose batch norms hold the statistics of crops, and of strips, over `pieces`: they differ widely."""
    copies = (copy.deepcopy(perception), copy.deepcopy(perception))
    for model in copies:
        model.train()
        for layer in model.modules():
            if isinstance(layer, nn.BatchNorm2d):
                layer.reset_running_stats()
                layer.momentum = None  # a plain average over all batches
    with torch.no_grad():
        for start in range(0, len(pieces), 8):
            group = pieces[start : start + 8]
            copies[0].kinds(stack([c for p in group for c in p.crops]))
            if any(p.strips for p in group):
                facts = torch.tensor([f for p in group for f in p.facts])
                copies[1].strips(stack([s for p in group for s in p.strips]), facts)
    return _Both(*copies)


def export_perception(perception: Perception, path: Path, *, sketches: int = 64, seed: int = 11) -> None:
    """The tower, calibrated on fresh `sketches`, as one ONNX file.

    It has inputs crops (N, CROP, CROP), strips (M, *STRIP), facts (M, 2) and outputs kinds, links.
    """
    stream = endless(seed, 0)
    pieces = [next(stream) for _ in range(sketches)]
    inputs = (torch.ones(2, CROP, CROP), torch.ones(3, *STRIP), torch.zeros(3, 2))
    torch.onnx.export(
        calibrated(perception, pieces).eval(),
        inputs,
        str(path),
        input_names=["crops", "strips", "facts"],
        output_names=["kinds", "links"],
        dynamic_axes={"crops": {0: "n"}, "strips": {0: "m"}, "facts": {0: "m"}, "kinds": {0: "n"}, "links": {0: "m"}},
        dynamo=False,
    )


def export_checkpoint(
    language: Path, tagger: Path, vision: Path, tokenizer: Path, config: VlsmConfig, out: Path, card: dict[str, Any]
) -> None:
    """The folder that `--model` loads, from the folders of the three parts; `card` says how they were trained.

    Raises:
        OSError: a part has not been saved (state.safetensors, tagger.safetensors, perception.safetensors).
    """
    state = load_file(language / "state.safetensors")
    network = {key.removeprefix("model."): tensor for key, tensor in state.items() if key.startswith("model.")}
    perception = Perception()
    perception.load_state_dict(load_file(vision / "perception.safetensors"))
    save(out, network, config, load_file(tagger / "tagger.safetensors"), card)
    shutil.copy(tokenizer, out / "tokenizer.json")
    export_perception(perception.eval(), out / PERCEPTION)
