"""Training pictures and their maps agree with the record of the drawing; judges learn what is told apart by their features."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from gdt2usd.dataset.sample import DrawnLink, Sample
from gdt2usd.training.source import training_sample
from gdt2usd.training.vision import losses
from gdt2usd.training.vision_figures import HEADER, count, rows_by_style
from gdt2usd.training.vision_links import train_link_judge, true_class
from gdt2usd.training.vision_targets import CUT, cut, prepare
from gdt2usd.vlsm.drawn import Drawn, DrawnShape, DrawnWay
from gdt2usd.vlsm.maps import BINS, LINE_MAPS, LINE_STRIDE, OBJECT_MAPS, OBJECT_STRIDE
from gdt2usd.vlsm.perception import Perception
from gdt2usd.vlsm.verdicts import CLASSES, FEATURES


@pytest.fixture(scope="module")
def sample() -> Sample:
    made = (training_sample(5, index, paint=True) for index in range(20))
    return next(s for s in made if s.drawing is not None and len(s.drawing.links) >= 3)


def test_a_cut_shows_ink_where_its_maps_say_lines_are(sample: Sample) -> None:
    rng = np.random.default_rng(1)
    prepared = prepare(sample, rng)
    assert prepared is not None
    pieces = [cut(prepared, rng) for _ in range(6)]
    lines = np.stack([p.directions.max(0) > 0 for p in pieces])
    ink = np.stack([p.picture[0].reshape(CUT // LINE_STRIDE, LINE_STRIDE, -1, LINE_STRIDE).max((1, 3)) for p in pieces])
    assert lines.any()
    assert ink[lines].mean() > 3 * ink[~lines].mean()
    for piece in pieces:
        assert piece.picture.shape == (3, CUT, CUT)
        assert piece.directions.shape == (BINS, CUT // LINE_STRIDE, CUT // LINE_STRIDE)
        assert piece.kind.shape == piece.boxed.shape == (CUT // OBJECT_STRIDE, CUT // OBJECT_STRIDE)
        assert not (piece.stroke < 0)[np.abs(piece.flow).sum(0) > 0].any()


def test_the_network_gives_maps_and_a_loss_that_falls(sample: Sample) -> None:
    torch.manual_seed(0)
    rng = np.random.default_rng(2)
    prepared = prepare(sample, rng)
    assert prepared is not None
    model = Perception()
    lines, objects = model(torch.zeros(1, 3, 64, 96))
    assert lines.shape == (1, LINE_MAPS, 32, 48)
    assert objects.shape == (1, OBJECT_MAPS, 8, 12)
    batch = [cut(prepared, rng) for _ in range(2)]
    optimiser = torch.optim.AdamW(model.parameters(), lr=2e-3)
    seen = []
    for _ in range(24):
        loss = torch.stack(list(losses(model, batch).values())).sum()
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        seen.append(float(loss.detach()))
    # the same pieces again and again: on any machine the loss is far below the first one after so many steps
    assert min(seen) < 0.6 * seen[0], seen


def test_a_way_has_the_class_of_the_link_along_which_it_runs() -> None:
    links = (
        DrawnLink("a", "b", False, True, ((0.0, 0.0), (100.0, 0.0))),
        DrawnLink("b", "a", False, True, ((0.0, 40.0), (100.0, 40.0))),
        DrawnLink("c", "b", True, False, ((0.0, 90.0), (100.0, 90.0))),
    )
    level = np.stack([np.arange(0.0, 101.0, 10.0), np.zeros(11)], 1)
    assert CLASSES[true_class(level, "a", "b", links, 10.0)] == "forward"
    assert CLASSES[true_class(level + np.array([0.0, 41.0]), "a", "b", links, 10.0)] == "backward"
    assert CLASSES[true_class(level + np.array([0.0, 91.0]), "b", "c", links, 10.0)] == "resource"
    assert CLASSES[true_class(level, "a", "c", links, 10.0)] == "none"
    assert true_class(level + np.array([0.0, 20.0]), "a", "b", links, 10.0) == -1


def test_the_judge_of_links_learns_what_is_plain() -> None:
    rng = np.random.default_rng(3)
    truth = rng.integers(0, 5, 300)
    rows = rng.normal(0, 0.1, (300, FEATURES)).astype(np.float32)
    rows[:, -8:] = 0
    rows[np.arange(300), -8 + truth] = 1.0  # scalars of the whole way do not change sides
    known = np.isin(truth, (0, 3, 4))
    judge = train_link_judge(rows[known], truth[known], epochs=150)
    with torch.no_grad():
        assert (judge(torch.from_numpy(rows[known])).argmax(-1).numpy() == truth[known]).mean() > 0.97


def test_figures_count_links_senses_and_kinds(sample: Sample) -> None:
    assert sample.drawing is not None
    things = dict(enumerate(sample.drawing.objects))
    label_of = {thing.id: i for i, thing in things.items()}
    points = np.zeros((2, 2))
    links = [
        DrawnWay(
            label_of[k.upstream],
            label_of[k.downstream],
            "resource" if k.dashed else "forward" if k.arrow else "line",
            0.9,
            0.9,
            points,
        )
        for k in sample.drawing.links
    ]
    shapes = tuple(DrawnShape(i, thing.box, thing.kind, 0.9) for i, thing in things.items())
    right = dict(zip(HEADER, rows_by_style([("x", count(sample, things, Drawn(shapes, tuple(links))))])[-1], strict=True))
    assert (right["found"], right["right"], right["false"], right["kinds"], right["boxes"]) == (
        "1.000",
        "1.000",
        "0.000",
        "1.000",
        "1.000",
    )
    first = links[0]
    turned = DrawnWay(first.second, first.first, first.name, 0.9, 0.9, points)
    n = count(sample, things, Drawn(shapes, (turned, *links[2:])))
    assert n["found"] == n["links"] - 1
    assert n["right"] == n["links"] - (2 if first.name == "forward" else 1)
    assert n["false"] == 0
