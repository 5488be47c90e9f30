"""A model folder gives back what was saved, and refuses what is missing or does not fit."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

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
    for name, tensor in checkpoint.network.state.items():
        assert torch.equal(tensor, model.state_dict()[name].to(torch.bfloat16).float()), name
    given = encoded()
    assert torch.isfinite(checkpoint.network.read(given).states).all()


@pytest.mark.parametrize("missing", ["config.json", "tokenizer.json", PERCEPTION, "model-00001-of-00001.safetensors"])
def test_a_missing_file_is_an_error(saved: Path, tmp_path: Path, missing: str) -> None:
    folder = _copy(saved, tmp_path / "m")
    (folder / missing).unlink()
    with pytest.raises(GdtError) as caught:
        load(str(folder))
    assert caught.value.diagnostics[0].code == "VL101"


@pytest.mark.parametrize("damage", ["config", "weights", "size"])
def test_what_does_not_fit_is_an_error(saved: Path, tmp_path: Path, damage: str) -> None:
    folder = _copy(saved, tmp_path / "m")
    shard = folder / "model-00001-of-00001.safetensors"
    if damage == "config":
        (folder / "config.json").write_text("{}")
    elif damage == "weights":
        shard.write_bytes(shard.read_bytes()[:1000])
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
