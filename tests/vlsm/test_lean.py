"""The quick decoder computes what the model of the training computes, on random weights."""

from __future__ import annotations

import pytest
import torch

from gdt2usd.training.collate import collate_inputs
from gdt2usd.vlsm.lean import LeanVlsm, expected_shapes
from gdt2usd.vlsm.model import Vlsm
from gdt2usd.vlsm.script_tokens import FIRST_NUMBER, FIRST_OBJECT, IDS
from tests.vlsm.inputs import encoded, small_config

SCRIPT = [
    IDS["form:u"], FIRST_OBJECT, IDS["processor"], IDS["process"], IDS["~exponential"], FIRST_NUMBER, IDS["u:s"],
    FIRST_OBJECT + 3, IDS["sink"],
]  # fmt: skip


@pytest.fixture(scope="module")
def model() -> Vlsm:
    torch.manual_seed(3)
    made = Vlsm(small_config())
    for parameter in made.parameters():
        parameter.data += 0.05 * torch.randn_like(parameter)
    return made.eval()


def test_the_same_numbers(model: Vlsm) -> None:
    given = encoded()
    lean = LeanVlsm(dict(model.state_dict()), model.config)
    batch = collate_inputs([given], [SCRIPT])
    with torch.inference_mode():
        reading = model.read(batch)
        verdicts = reading.verdicts(batch.tokens)
        prefix, prefix_tokens = model.prefix(batch, reading, verdicts)
        hidden = model.write(batch, prefix)
        q = prefix.shape[1]
        wanted = model.logits(hidden[:, q - 1 :], hidden[:, :q], prefix_tokens)[0]
    quick = lean.read(given)
    n = len(given.tokens)
    assert torch.allclose(quick.states, reading.states[0, :n], atol=1e-4)
    assert torch.allclose(quick.kinds, reading.kinds[0, :n], atol=1e-4)
    assert torch.allclose(quick.owners, reading.owners[0, :n], atol=1e-3)
    assert torch.allclose(quick.relations, reading.relations[0], atol=1e-4)
    got = [lean.begin(given, quick)]
    got += [lean.next(token) for token in SCRIPT]
    here = {FIRST_OBJECT + i for i in given.object_ids} | {FIRST_NUMBER + i for i in given.number_ids}
    kept = [t for t in range(wanted.shape[-1]) if t < FIRST_OBJECT or t in here]
    for step, row in enumerate(got):
        assert torch.allclose(row[kept], wanted[step][kept], atol=1e-4, rtol=1e-4), step


def test_another_weight_gives_other_numbers(model: Vlsm) -> None:
    given = encoded()
    state = {k: v.clone() for k, v in model.state_dict().items()}
    before = LeanVlsm(state, model.config).read(given).states
    state["reader.1.down.weight"] += 0.1
    assert not torch.allclose(LeanVlsm(state, model.config).read(given).states, before, atol=1e-3)


def test_padding_changes_nothing(model: Vlsm) -> None:
    given = encoded()
    longer = encoded()
    longer.tokens.extend(longer.tokens[-40:])
    longer.boxes.extend(longer.boxes[-40:])
    longer.names.extend(longer.names[-40:])
    longer.features.extend(longer.features[-40:])
    longer.roles.extend([(-1, -1, -1)] * 40)
    with torch.inference_mode():
        alone = model.read(collate_inputs([given], [SCRIPT])).states[0]
        beside = model.read(collate_inputs([given, longer], [SCRIPT, SCRIPT])).states[0]
    n = len(given.tokens)
    assert torch.allclose(alone[:n], beside[:n], atol=1e-5)


def test_the_expected_tensors_are_those_of_the_model(model: Vlsm) -> None:
    own = {k: tuple(v.shape) for k, v in model.state_dict().items() if not k.startswith(("connector.", "language_model.lm_head"))}
    assert expected_shapes(model.config) == own
    state = dict(model.state_dict())
    del state["reader.0.out.weight"]
    with pytest.raises(ValueError, match=r"reader\.0\.out"):
        LeanVlsm(state, model.config)
