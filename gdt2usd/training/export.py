"""Puts trained parts together as a model folder; the tower as ONNX, so that reading a sketch needs neither timm nor open_clip."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file

from gdt2usd.training.vision_links import DEGREES, KindJudge, LinkJudge
from gdt2usd.vlsm.checkpoint import PERCEPTION, save
from gdt2usd.vlsm.drawn import JUDGES
from gdt2usd.vlsm.maps import KIND_COUNT
from gdt2usd.vlsm.model import VlsmConfig
from gdt2usd.vlsm.perception import Perception
from gdt2usd.vlsm.verdicts import FEATURES


def export_perception(perception: Perception, path: Path) -> None:
    """The network as one ONNX file: input pictures (N, 3, H, W) in 0..1, outputs lines and objects (`vlsm.maps`)."""
    torch.onnx.export(
        perception.eval(),
        (torch.zeros(1, 3, 384, 448),),
        str(path),
        input_names=["pictures"],
        output_names=["lines", "objects"],
        dynamic_axes={"pictures": {2: "height", 3: "width"}, "lines": {2: "h", 3: "w"}, "objects": {2: "h8", 3: "w8"}},
        dynamo=False,
    )


def export_judges(links: LinkJudge, kinds: KindJudge, folder: Path) -> None:
    """The judges of links and kinds as ONNX files in `folder`, where `vlsm.drawn` looks for them."""
    torch.onnx.export(
        links.eval(),
        (torch.zeros(2, FEATURES),),
        str(folder / JUDGES[0]),
        input_names=["features"],
        output_names=["logits"],
        dynamic_axes={"features": {0: "n"}, "logits": {0: "n"}},
        dynamo=False,
    )
    torch.onnx.export(
        kinds.eval(),
        (torch.zeros(2, KIND_COUNT), torch.zeros(2, DEGREES)),
        str(folder / JUDGES[1]),
        input_names=["looks", "degrees"],
        output_names=["logits"],
        dynamic_axes={"looks": {0: "n"}, "degrees": {0: "n"}, "logits": {0: "n"}},
        dynamo=False,
    )


def export_checkpoint(
    language: Path, tagger: Path, vision: Path, tokenizer: Path, config: VlsmConfig, out: Path, card: dict[str, Any]
) -> None:
    """The folder that `--model` loads, from the folders of the three parts; `card` says how they were trained.

    Raises:
        OSError: a part has not been saved (state.safetensors, tagger.safetensors, perception.safetensors,
            or the judges' ONNX files).
    """
    state = load_file(language / "state.safetensors")
    network = {key.removeprefix("model."): tensor for key, tensor in state.items() if key.startswith("model.")}
    perception = Perception()
    perception.load_state_dict(load_file(vision / "perception.safetensors"))
    save(out, network, config, load_file(tagger / "tagger.safetensors"), card)
    shutil.copy(tokenizer, out / "tokenizer.json")
    export_perception(perception.eval(), out / PERCEPTION)
    for judge in JUDGES:
        shutil.copy(vision / judge, out / judge)
