"""Trains the two small judges that follow the perception network: which ways are links, and which kind a shape with such links is.

Both learn from what the trained perception network makes of fresh painted samples, so that they know its weaknesses.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from gdt2usd.dataset.sample import DrawnLink, DrawnObject, Sample
from gdt2usd.sketch.sketch import Label
from gdt2usd.training.evidence import sketch_truth
from gdt2usd.training.source import training_sample
from gdt2usd.vlsm.maps import KIND_COUNT
from gdt2usd.vlsm.script_tokens import KINDS
from gdt2usd.vlsm.seeing import LETTER, Maps, see, shapes_of
from gdt2usd.vlsm.tracing import Way, find_ways, to_sketch
from gdt2usd.vlsm.verdicts import CLASSES, FEATURES, features, reversed_features

DEGREES = 4
_NEAR = 0.7
"""A way follows a drawn link where it is nearer than this many heights of a letter."""


@dataclass(frozen=True, slots=True)
class Case:
    """One sketch as perceived: per way its features and true class (-1 leave out), per name its kind logits and true kind."""

    sample: Sample
    ways: tuple[Way, ...]
    rows: Maps
    truth: NDArray[np.int64]
    kinds: Maps
    true_kinds: NDArray[np.int64]
    ids: tuple[str, ...]


def true_class(way: NDArray[np.float64], first: str, second: str, links: Sequence[DrawnLink], letter: float) -> int:
    """The class of a way (points in the sketch) between two objects; -1 if they are linked, but not along here."""
    best, found = np.inf, 0
    for link in links:
        if {link.upstream, link.downstream} != {first, second} or first == second:
            continue
        line = np.asarray(link.points)
        off = _distance(way, line)
        if off < best:
            name = "resource" if link.dashed else "line" if not link.arrow else "forward" if link.upstream == first else "backward"
            best, found = off, CLASSES.index(name)
    return found if best == np.inf or best < _NEAR * letter else -1


def _distance(points: NDArray[np.float64], line: NDArray[np.float64]) -> float:
    """Mean distance of `points` from a polyline."""
    a, b = line[:-1], line[1:]
    step = b - a
    share = ((points[:, None] - a) * step).sum(-1) / ((step * step).sum(-1) + 1e-9)
    foot = a + np.clip(share, 0, 1)[..., None] * step
    return float(np.hypot(*(points[:, None] - foot).transpose(2, 0, 1)).min(1).mean())


def perceive(sample: Sample, labels: tuple[Label, ...], object_of: dict[int, DrawnObject], network: Path) -> Case | None:
    """What the network sees of a sample whose names are the labels of `object_of`; the ways of both searches."""
    if sample.pixels is None or sample.drawing is None or not object_of:
        return None
    named = list(object_of)
    seen = see(network, sample.pixels, labels, named)
    areas, kinds = shapes_of(seen, labels, named)
    ids = tuple(object_of[i].id for i in named)
    links = sample.drawing.links

    def truth_of(way: Way) -> int:
        points = to_sketch(way.points, seen.scale)[::4]
        return true_class(points, ids[way.first], ids[way.second], links, LETTER / seen.scale)

    ways = find_ways(seen, areas)
    truth = [truth_of(way) for way in ways]
    kept = [way for way, found in zip(ways, truth, strict=True) if found > 0]
    joined = {(way.first, way.second) for way in kept}
    more = [way for way in find_ways(seen, areas, kept) if (way.first, way.second) not in joined]
    truth += [truth_of(way) for way in more]
    ways += more
    true_kinds = np.array([KINDS.index(object_of[i].kind) for i in named])
    return Case(sample, tuple(ways), features(seen, ways, areas), np.array(truth, np.int64), kinds, true_kinds, ids)


def cases(seed: int, first: int, count: int, network: Path) -> Iterator[Case]:
    """Cases of the training series."""
    for index in range(first, first + count):
        sample = training_sample(seed, index, paint=True)
        found = perceive(sample, sample.ocr, sketch_truth(sample).object_of, network)
        if found is not None:
            yield found


class LinkJudge(nn.Module):
    """Features (N, FEATURES) -> logits (N, 5): the mean of what several small networks hold likely."""

    mean: Tensor
    spread: Tensor

    def __init__(self, width: int = 96, members: int = 4) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(FEATURES))
        self.register_buffer("spread", torch.ones(FEATURES))
        self.members = nn.ModuleList(_small_network(FEATURES, width, len(CLASSES)) for _ in range(members))

    def each(self, rows: Tensor) -> Tensor:
        """(members, N, 5) logarithms of shares; while training every member sees its own noise."""
        x = ((rows - self.mean) / self.spread).clamp(-4, 4)
        noise = 0.2 if self.training else 0.0
        return torch.stack([torch.log_softmax(m(x + noise * torch.randn_like(x) if noise else x), -1) for m in self.members])

    def forward(self, rows: Tensor) -> Tensor:
        return torch.logsumexp(self.each(rows), 0)


def _small_network(inputs: int, width: int, outputs: int) -> nn.Sequential:
    hidden = (nn.Linear(inputs, width), nn.ReLU(), nn.Dropout(0.3), nn.Linear(width, width), nn.ReLU(), nn.Dropout(0.3))
    return nn.Sequential(*hidden, nn.Linear(width, outputs))


class KindJudge(nn.Module):
    """Kind logits (N, KIND_COUNT) of the picture and numbers of links (N, DEGREES) -> logits (N, KIND_COUNT)."""

    def __init__(self, width: int = 64) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(2 * KIND_COUNT + DEGREES * 3, width), nn.ReLU(), nn.Linear(width, KIND_COUNT))

    def forward(self, kinds: Tensor, degrees: Tensor) -> Tensor:
        some = torch.cat([degrees.clamp(0, 1), degrees.clamp(0, 2) / 2, degrees / 4], -1)
        out: Tensor = torch.log_softmax(kinds, -1) + self.layers(torch.cat([kinds.softmax(-1), kinds / 4, some], -1))
        return out


def train_link_judge(rows: Maps, truth: NDArray[np.int64], *, epochs: int = 20, seed: int = 0) -> LinkJudge:
    """Fit on ways with known truth, each read from both sides."""
    swap = np.array([0, 2, 1, 3, 4])
    known = truth >= 0
    rows, truth = rows[known], truth[known]
    x = torch.from_numpy(np.concatenate([rows, reversed_features(rows)]))
    y = torch.from_numpy(np.concatenate([truth, swap[truth]]))
    torch.manual_seed(seed)
    judge = LinkJudge()
    judge.mean, judge.spread = x.mean(0), x.std(0) + 0.05
    optimiser = torch.optim.AdamW(judge.parameters(), lr=2e-3, weight_decay=0.1)
    step, steps = 0, epochs * (len(x) // 256 + 1)
    for _ in range(epochs):
        order = torch.randperm(len(x))
        for start in range(0, len(x), 256):
            at = order[start : start + 256]
            for g in optimiser.param_groups:
                g["lr"] = 2e-3 * min(1.0, (step + 1) / 50) * (1 - step / steps)
            loss = -judge.each(x[at])[:, torch.arange(len(at)), y[at]].mean()
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            step += 1
    return judge.eval()


def true_degrees(case: Case) -> Maps:
    """(names, DEGREES) numbers of links at each name as drawn: arrows in, arrows out, lines, connections of resources."""
    out = np.zeros((len(case.ids), DEGREES), np.float32)
    assert case.sample.drawing is not None
    for link in case.sample.drawing.links:
        for side, end in enumerate((link.downstream, link.upstream)):
            which = 3 if link.dashed else side if link.arrow else 2
            for row, name in enumerate(case.ids):
                out[row, which] += name == end
    return out


def train_kind_judge(found: Sequence[Case], *, epochs: int = 40, seed: int = 0) -> KindJudge:
    """Fit on names with known kinds, a few of their links forgotten."""
    looks = torch.from_numpy(np.concatenate([case.kinds for case in found]))
    degrees = torch.from_numpy(np.concatenate([true_degrees(case) for case in found]))
    truth = torch.from_numpy(np.concatenate([case.true_kinds for case in found]))
    torch.manual_seed(seed)
    judge = KindJudge()
    optimiser = torch.optim.AdamW(judge.parameters(), lr=2e-3, weight_decay=0.05)
    for epoch in range(epochs):
        for g in optimiser.param_groups:
            g["lr"] = 2e-3 * (1 - epoch / epochs)
        order = torch.randperm(len(looks))
        for start in range(0, len(looks), 128):
            at = order[start : start + 128]
            kept = torch.binomial(degrees[at], torch.full_like(degrees[at], 0.96))
            loss = F.cross_entropy(judge(looks[at], kept), truth[at])
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
    return judge.eval()
