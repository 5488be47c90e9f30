"""A model on disk: a folder with config.json, tokenizer.json, safetensors shards of at most 15 MB, and the tower as ONNX.

Matrices are stored as 8-bit whole numbers with one scale a row (`NAME.scale`), the rest as bfloat16; all is computed in float32.
Matrices of bfloat16 are read too. A missing file or a tensor of another shape is an error, never a random
model. Not covered: training state (`training.loop`).
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from gdt2usd.diagnostics import GdtError, Place, error
from gdt2usd.shipped import DEFAULT_MODEL, models_folder
from gdt2usd.vlsm.lean import LeanVlsm
from gdt2usd.vlsm.model import VlsmConfig
from gdt2usd.vlsm.pieces import TextPieces, load_pieces
from gdt2usd.vlsm.tagger import Tagger

SHARD_BYTES = 15_000_000
PACKED_FROM = 4096
"""Numbers that a matrix has at least to be stored in 8 bits."""
SCALE = ".scale"
PERCEPTION = "perception.onnx"
STATE = ("language", "tagger")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A loaded model, ready to read: the network, its text pieces, the tagger, and where the tower's ONNX file is."""

    name: str
    network: LeanVlsm
    pieces: TextPieces
    tagger: Tagger
    perception: Path


def _refuse(path: Path, what: str) -> GdtError:
    hint = "name a preset shipped in models/ or a folder written by `gdt2usd train`"
    return GdtError([error("VL101", what, Place(str(path)), hint)])


def folder_of(name_or_path: str) -> Path:
    """The folder of a shipped preset or of a path.

    Raises:
        GdtError: VL101, there is no such model.
    """
    for folder in (models_folder() / name_or_path, Path(name_or_path)):
        if (folder / "config.json").is_file():
            return folder
    raise _refuse(Path(name_or_path), f"there is no model {name_or_path!r}")


def save(folder: Path, network: dict[str, Tensor], config: VlsmConfig, tagger: dict[str, Tensor], card: dict[str, Any]) -> None:
    """Write config and shards; the tokenizer and the tower are copied there by the caller. `card` says how it was trained."""
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {f"language.{k}": v for k, v in network.items() if not k.endswith("lm_head.weight")}
    tensors |= {f"tagger.{k}": v for k, v in tagger.items()}
    shards: list[dict[str, Tensor]] = [{}]
    size = 0
    for name, tensor in sorted(tensors.items()):
        parts = _packed(name, tensor)
        nbytes = sum(part.nbytes for part in parts.values())
        if size + nbytes > SHARD_BYTES and shards[-1]:
            shards.append({})
            size = 0
        shards[-1] |= parts
        size += nbytes
    for old in folder.glob("model-*.safetensors"):
        old.unlink()
    for number, shard in enumerate(shards, start=1):
        save_file(shard, folder / f"model-{number:05}-of-{len(shards):05}.safetensors")
    (folder / "config.json").write_text(json.dumps({"vlsm": asdict(config), "card": card}, indent=2) + "\n")


def _packed(name: str, tensor: Tensor) -> dict[str, Tensor]:
    """A tensor as it is stored: a matrix of float (rows, columns) as int8 with a float32 scale (rows, 1), anything else in 16 bits.

    A weight is off by half of a 127th of the largest in its row at most.
    """
    if tensor.ndim != 2 or tensor.numel() < PACKED_FROM:
        return {name: tensor.to(torch.bfloat16).contiguous()}
    scale = tensor.float().abs().amax(1, keepdim=True).clamp(min=1e-12) / 127
    return {name: torch.round(tensor.float() / scale).to(torch.int8).contiguous(), name + SCALE: scale}


def _unpacked(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """Stored tensors by name, those in 8 bits times their scales."""
    return {
        name: tensor.float() * tensors[name + SCALE] if tensor.dtype is torch.int8 else tensor
        for name, tensor in tensors.items()
        if not name.endswith(SCALE)
    }


def device_of(name: str) -> torch.device:
    """The device that `auto`, `cpu` or `cuda` means. `auto` is the processor: the network is small and read once.

    Raises:
        GdtError: VL102, there is no such device here.
    """
    if name in ("auto", "cpu"):
        return torch.device("cpu")
    if name == "cuda" and torch.cuda.is_available():
        return torch.device("cuda")
    what = "no GPU with CUDA was found" if name == "cuda" else f"there is no device {name!r}"
    raise GdtError(
        [error("VL102", what, Place("--device"), "give auto or cpu, or cuda where there is a GPU and a torch built for it")]
    )


def load(name_or_path: str = DEFAULT_MODEL, device: torch.device | None = None) -> Checkpoint:
    """Load a shipped preset or a folder; on a `device` other than the processor, read inside `with device:`.

    Raises:
        GdtError: VL101, a file is missing, damaged or does not fit the configuration.
    """
    folder = folder_of(name_or_path)
    try:
        written = json.loads((folder / "config.json").read_text())["vlsm"]
        written["slots"] = tuple(written["slots"])
        config = VlsmConfig(**written)
        tensors: dict[str, Tensor] = {}
        shards = sorted(folder.glob("model-*.safetensors"))
        for shard in shards:
            tensors |= load_file(shard)
        tensors = _unpacked(tensors)
    except (OSError, ValueError, KeyError, TypeError, SafetensorError) as problem:
        raise _refuse(folder, f"the model cannot be read: {problem}") from None
    if not shards:
        raise _refuse(folder, "the model has no weights (model-*.safetensors)")
    for needed in ("tokenizer.json", PERCEPTION):
        if not (folder / needed).is_file():
            raise _refuse(folder / needed, "the model is not complete: this file is missing")
    parts = {part: {k.removeprefix(f"{part}."): v for k, v in tensors.items() if k.startswith(f"{part}.")} for part in STATE}
    where = device or torch.device("cpu")
    try:
        with where:
            network = LeanVlsm({k: v.to(where) for k, v in parts["language"].items()}, config)
            tagger = Tagger()
        tagger.load_state_dict({k: v.float() for k, v in parts["tagger"].items()})
    except (KeyError, RuntimeError, ValueError) as problem:
        raise _refuse(folder, f"the weights do not fit the configuration: {problem}") from None
    return Checkpoint(folder.name, network, load_pieces(folder / "tokenizer.json"), tagger.eval(), folder / PERCEPTION)
