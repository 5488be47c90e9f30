"""How well the drawing itself is seen: links, their sense, kinds of shapes, by style; against the record of fresh samples.

The names are given (which labels are names is the language side's task), the labels are as an OCR reads them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from gdt2usd.dataset.sample import DrawnObject, Sample
from gdt2usd.sketch.sketch import Sketch
from gdt2usd.training.evidence import sketch_truth
from gdt2usd.vlsm.drawn import Drawn, look

PLAIN = frozenset({"rectangle", "rounded", "slightly_rounded", "double_box", "bare", ""})
"""Symbols that say nothing about the kind."""
HEADER = ("style", "sketches", "links", "found", "right", "false", "senses", "kinds", "kinds told", "boxes")


@dataclass(slots=True)
class Tally:
    """Counts over sketches of one style."""

    counts: Counter[str] = field(default_factory=Counter)

    def row(self, name: str) -> tuple[str, ...]:
        """Cells of `HEADER`: shares of drawn links found and rightly understood, of found ones that are false, and so on."""
        n = self.counts

        def share(part: str, whole: int) -> str:
            return f"{n[part] / whole:.3f}" if whole else ""

        return (
            name, str(n["sketches"]), str(n["links"]), share("found", n["links"]), share("right", n["links"]),
            share("false", n["found"] + n["false"]), share("sensed", n["arrows found"]), share("kinds right", n["shapes"]),
            share("told right", n["told"]), share("boxes right", n["shapes"]),
        )  # fmt: skip


def count(sample: Sample, object_of: dict[int, DrawnObject], drawn: Drawn) -> Counter[str]:
    """What of a sample's record is in `drawn`; links of which an end was not read are left out."""
    n: Counter[str] = Counter(sketches=1)
    if sample.drawing is None:
        return n
    ids = {thing.id for thing in object_of.values()}
    n["unread"] += sum(not {link.upstream, link.downstream} <= ids for link in sample.drawing.links)
    wanted = {
        (link.upstream, link.downstream): "resource" if link.dashed else "forward" if link.arrow else "line"
        for link in sample.drawing.links
        if {link.upstream, link.downstream} <= ids and link.upstream != link.downstream
    }
    found = {(object_of[way.first].id, object_of[way.second].id): way.name for way in drawn.links}
    found = {pair: name for pair, name in found.items() if pair[0] != pair[1]}
    for (a, b), name in wanted.items():
        seen = found.get((a, b)), found.get((b, a))
        n["links"] += 1
        n["found"] += seen != (None, None)
        n["right"] += name == seen[0] or (name != "forward" and name == seen[1])
        if name == "forward" and seen != (None, None):
            n["arrows found"] += 1
            n["sensed"] += seen[0] == "forward"
    n["false"] += sum((a, b) not in wanted and (b, a) not in wanted for a, b in found)
    for shape in drawn.shapes:
        thing = object_of[shape.label]
        n["shapes"] += 1
        n["kinds right"] += shape.kind == thing.kind
        n["told"] += thing.symbol not in PLAIN
        n["told right"] += thing.symbol not in PLAIN and shape.kind == thing.kind
        box, true = shape.box, thing.box
        width, height = max(true.x1 - true.x0, 20.0), max(true.y1 - true.y0, 20.0)
        off = max(abs(box.x0 - true.x0) / width, abs(box.x1 - true.x1) / width)
        off = max(off, abs(box.y0 - true.y0) / height, abs(box.y1 - true.y1) / height)
        n["boxes right"] += off < 0.25
    return n


def measured(network: Path, seed: int, samples: int, *, as_recorded: bool) -> Iterator[tuple[str, Counter[str]]]:
    """Style and counts of fresh samples of the dataset, those of families held back from training among them.

    Labels are read by the OCR, or with `as_recorded` those of the dataset's imitation of it.
    """
    from gdt2usd.dataset.generate import Config, sample
    from gdt2usd.sketch.ocr import read_labels

    config = replace(Config(), pictures=True)
    for index in range(samples):
        row = sample(seed, index, config)
        pixels = row.pixels
        if pixels is None or row.drawing is None:
            continue
        if not as_recorded:
            read = read_labels(Sketch(pixels, (), f"sample {index}"))
            upright = read.pixels.shape == pixels.shape
            row = replace(row, ocr=read.labels if upright else ())
        object_of = sketch_truth(row).object_of
        style = row.drawing.style if row.drawing is not None else ""
        yield style, count(row, object_of, look(network, pixels, row.ocr, list(object_of)))


def rows_by_style(answers: Iterable[tuple[str, Counter[str]]]) -> tuple[tuple[str, ...], ...]:
    """Rows of `HEADER`: one per style, and one for all."""
    tallies: dict[str, Tally] = {}
    total = Tally()
    for style, counts in answers:
        tallies.setdefault(style, Tally()).counts.update(counts)
        total.counts.update(counts)
    return (*(tally.row(style) for style, tally in sorted(tallies.items())), total.row("all"))
