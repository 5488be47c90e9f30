"""A model folder gives back what was saved, and refuses what is missing or does not fit."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from gdt2usd.diagnostics import GdtError
from gdt2usd.vlsm.checkpoint import PERCEPTION, load, save
from gdt2usd.vlsm.model import Vlsm
from gdt2usd.vlsm.pieces import train_pieces
from gdt2usd.vlsm.tagger import Tagger
from tests.vlsm.inputs import encoded, small_config


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    torch.manual_seed(1)
    model = Vlsm(small_config())
    save(folder, model.state_dict(), model.config, Tagger().state_dict(), {"preset": "test"})
    train_pieces(["saw", "press", "minutes"], 300).save(folder / "tokenizer.json")
    (folder / PERCEPTION).write_bytes(b"opened when a sketch is read")
    return folder


def _copy(saved: Path, to: Path) -> Path:
    to.mkdir()
    for path in saved.iterdir():
        (to / path.name).write_bytes(path.read_bytes())
    return to


def test_round_trip(saved: Path) -> None:
    torch.manual_seed(1)
    model = Vlsm(small_config()).eval()
    checkpoint = load(str(saved))
    assert checkpoint.network.config == model.config
    rounded = 0
    for name, tensor in checkpoint.network.state.items():
        given = model.state_dict()[name]
        if torch.equal(tensor, given.to(torch.bfloat16).float()):
            continue
        off = (tensor - given).abs().amax(1) / given.abs().amax(1).clamp(min=1e-9)
        assert off.max() <= 0.5 / 127 + 1e-6, name
        rounded += 1
    assert rounded
    given = encoded()
    assert torch.isfinite(checkpoint.network.read(given).states).all()


@pytest.mark.parametrize("missing", ["config.json", "tokenizer.json", PERCEPTION, "model-00001-of-00001.safetensors"])
def test_a_missing_file_is_an_error(saved: Path, tmp_path: Path, missing: str) -> None:
    folder = _copy(saved, tmp_path / "m")
    (folder / missing).unlink()
    with pytest.raises(GdtError) as caught:
        load(str(folder))
    assert caught.value.diagnostics[0].code == "VL101"


def test_weights_of_16_bits_are_read(saved: Path, tmp_path: Path) -> None:
    folder = _copy(saved, tmp_path / "m")
    torch.manual_seed(1)
    network = {f"language.{k}": v.to(torch.bfloat16) for k, v in Vlsm(small_config()).state_dict().items() if "lm_head" not in k}
    tagger = {f"tagger.{k}": v.to(torch.bfloat16) for k, v in load(str(saved)).tagger.state_dict().items()}
    save_file(network | tagger, folder / "model-00001-of-00001.safetensors")
    for name, tensor in load(str(folder)).network.state.items():
        assert torch.equal(tensor, network[f"language.{name}"].float()), name


@pytest.mark.parametrize("damage", ["config", "weights", "size", "scale"])
def test_what_does_not_fit_is_an_error(saved: Path, tmp_path: Path, damage: str) -> None:
    folder = _copy(saved, tmp_path / "m")
    shard = folder / "model-00001-of-00001.safetensors"
    if damage == "config":
        (folder / "config.json").write_text("{}")
    elif damage == "weights":
        shard.write_bytes(shard.read_bytes()[:1000])
    elif damage == "scale":
        tensors = load_file(shard)
        del tensors[next(name for name in tensors if name.endswith(".scale"))]
        save_file(tensors, shard)
    else:
        written = json.loads((folder / "config.json").read_text())
        written["vlsm"]["unheard_of"] = 3
        (folder / "config.json").write_text(json.dumps(written))
    with pytest.raises(GdtError) as caught:
        load(str(folder))
    assert caught.value.diagnostics[0].code == "VL101"


def test_no_such_model() -> None:
    with pytest.raises(GdtError, match="there is no model"):
        load("no-such-model")
