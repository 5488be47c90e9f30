"""The line recogniser as a module that can be trained: it computes what ONNX Runtime computes, learns, and is written back."""

from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import torch

from gdt2usd.dataset.ocr_noise import TextRun
from gdt2usd.diagnostics import Box
from gdt2usd.sketch import ocr
from gdt2usd.training import letters
from gdt2usd.training.onnx_module import OnnxModule, _Depthwise, eight_bits

pytest.importorskip("onnx")


def lines(count: int, seed: int = 3) -> list[tuple[str, np.ndarray, str]]:
    return list(islice(letters.examples(seed, dict.fromkeys(letters.WEIGHTS, 1.0)), count))


def test_the_module_computes_what_onnx_runtime_computes() -> None:
    import onnxruntime

    x = torch.rand(2, 3, 48, 224, generator=torch.Generator().manual_seed(1)) * 2 - 1
    with torch.no_grad():
        ours = OnnxModule(letters.SHIPPED)(x).numpy()
    theirs = onnxruntime.InferenceSession(str(letters.SHIPPED)).run(None, {"x": x.numpy()})[0]
    assert ours.shape == theirs.shape
    np.testing.assert_allclose(ours, theirs, atol=2e-4)


@pytest.mark.parametrize("strides", [[1, 1], [2, 1], [1, 2]])
def test_gradients_of_a_depthwise_convolution(strides: list[int]) -> None:
    x = torch.randn(2, 3, 8, 11, dtype=torch.double, requires_grad=True)
    weight = torch.randn(3, 1, 5, 5, dtype=torch.double, requires_grad=True)
    assert torch.autograd.gradcheck(lambda *a: _Depthwise.apply(*a, strides, [2, 2]), (x, weight))  # type: ignore[no-untyped-call]


def test_a_written_network_reads_as_before(tmp_path: Path) -> None:
    import onnxruntime

    net = OnnxModule(letters.SHIPPED)
    net.write(tmp_path / "again.onnx")
    session = onnxruntime.InferenceSession(str(tmp_path / "again.onnx"))
    assert session.get_modelmeta().custom_metadata_map["character"].startswith("!")
    x = torch.rand(2, 3, 48, 160) * 2 - 1
    with torch.no_grad():
        np.testing.assert_allclose(session.run(None, {"x": x.numpy()})[0], net(x).numpy(), atol=0.05)
    assert (tmp_path / "again.onnx").stat().st_size < 2.5e6


def test_eight_bits_lose_at_most_half_a_step() -> None:
    for shape in ((6, 4, 3, 3), (5, 7)):
        matrix = np.random.default_rng(0).normal(size=shape).astype(np.float32)
        whole, scale = eight_bits(matrix)
        assert whole.dtype == np.int8 and np.abs(whole).max() == 127
        assert (np.abs(whole * scale - matrix) <= scale / 2 + 1e-6).all()


def test_an_example_is_a_line_of_which_is_known_what_it_says() -> None:
    def corners(x0: float, y0: float, x1: float, y1: float) -> np.ndarray:
        return np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], float)

    runs = [
        TextRun("Wash", "name", "a", Box(10, 10, 50, 30)),
        TextRun("Tank", "name", "a", Box(58, 10, 100, 30)),
        TextRun("cap 5", "note", "a", Box(10, 60, 60, 80)),
        TextRun("Split Name", "name", "b", Box(10, 100, 120, 120)),
    ]
    found = [
        corners(8, 8, 102, 32),
        corners(8, 58, 62, 82),
        corners(300, 10, 340, 30),
        corners(8, 98, 60, 122),
        corners(70, 98, 122, 122),
    ]
    assert [text for _, text in letters.labelled(found, runs)] == ["Wash Tank", "cap 5", ""]


def test_texts_become_classes_and_back() -> None:
    classes = letters.classes_of("Press 2 «max 5×»")
    assert classes is not None and letters.classes_of("漢") is None
    steps = np.full((2 * len(classes), len(ocr.alphabet())), -9.0, np.float32)
    for at, k in enumerate(classes):
        steps[2 * at, k] = steps[2 * at + 1, 0] = 9.0
    assert ocr.decode(steps)[0] == "Press 2 <max 5x>"


def test_it_learns_and_goes_on_after_a_stop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(letters, "_POOL", 40)
    monkeypatch.setattr(letters, "_BATCH", 4)
    before = letters.network().weights.state_dict()
    letters.train(tmp_path, minutes=0.05, rate=1e-4, seed=1)
    first = torch.load(tmp_path / "state.pt", weights_only=True)
    assert first["step"] >= 1 and any(not torch.equal(before[k], first["weights"][k]) for k in before)
    letters.train(tmp_path, minutes=first["used"] + 0.05, rate=1e-4, seed=1)
    assert torch.load(tmp_path / "state.pt", weights_only=True)["step"] > first["step"]


@pytest.mark.slow
def test_the_shipped_recogniser_reads_our_drawings() -> None:
    """The network as it was before it was trained further reads 80 % of such lines."""
    assert letters.measure(letters.network(), 400)["all"]["exact"] > 0.9
