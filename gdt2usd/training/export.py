"""Puts trained parts together as a model folder; the tower as ONNX, so that reading a sketch needs neither timm nor open_clip."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from gdt2usd.vlsm.checkpoint import PERCEPTION, save
from gdt2usd.vlsm.model import VlsmConfig
from gdt2usd.vlsm.perception import Perception
from gdt2usd.vlsm.regions import CROP, STRIP


class _Both(nn.Module):
    """Crops, strips and facts in; kind logits and link logits out."""

    def __init__(self, perception: Perception) -> None:
        super().__init__()
        self.perception = perception

    def forward(self, crops: Tensor, strips: Tensor, facts: Tensor) -> tuple[Tensor, Tensor]:
        return self.perception.kinds(crops), self.perception.strips(strips, facts)


def export_perception(perception: Perception, path: Path) -> None:
    """One ONNX file with inputs crops (N, CROP, CROP), strips (M, *STRIP), facts (M, 2) and outputs kinds, links."""
    inputs = (torch.ones(2, CROP, CROP), torch.ones(3, *STRIP), torch.zeros(3, 2))
    torch.onnx.export(
        _Both(perception).eval(),
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
