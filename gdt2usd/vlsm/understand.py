"""Before the network: what is written and drawn where. The drawing -> kinds of shapes and candidate links."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gdt2usd.diagnostics import Box
from gdt2usd.sketch.sketch import Label, Sketch
from gdt2usd.vlsm.checkpoint import Checkpoint
from gdt2usd.vlsm.clauses import kinds_of_word
from gdt2usd.vlsm.drawn import Drawn, DrawnWay, look
from gdt2usd.vlsm.listing import type_tags
from gdt2usd.vlsm.mentions import PROMPT, group, normalised
from gdt2usd.vlsm.misread import with_signs
from gdt2usd.vlsm.naming import find_places
from gdt2usd.vlsm.numbers import find_numbers
from gdt2usd.vlsm.processor import CandidateLink, Evidence, Stroke

SURE = 0.85
"""Share from which a link's sense and stroke count as seen clearly."""
_KIND_SHARE = 0.5
_STROKES = {"forward": Stroke.ARROW, "line": Stroke.LINE, "resource": Stroke.DASHED}


def _percent_labels(labels: tuple[Label, ...], named: set[int]) -> list[int]:
    out = []
    for i, label in enumerate(labels):
        numbers = find_numbers(label.text)
        if i not in named and len(numbers) == 1 and numbers[0].unit == "%" and len(label.text) <= 12:
            out.append(i)
    return out


def _near(way: DrawnWay, box: Box) -> float:
    """Distance in pixels from a label's centre to a link."""
    centre = np.array([(box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2])
    return float(np.hypot(*(way.points - centre).T).min())


def candidate_links(drawn: Drawn, labels: tuple[Label, ...], named: set[int]) -> tuple[CandidateLink, ...]:
    """The links as the language model takes them, each percentage at the arrow nearest to it."""
    links = [
        CandidateLink(
            way.first,
            way.second,
            _STROKES[way.name],
            way.share * way.sure >= SURE,
            None,
            way.share,
            tuple((x, y) for x, y in way.points[:: max(1, len(way.points) // 24)].round(1).tolist()),
        )
        for way in drawn.links
    ]
    pairs = []
    for i in _percent_labels(labels, named):
        box = labels[i].box
        limit = 4 * (box.y1 - box.y0) + 12
        for k, way in enumerate(drawn.links):
            if way.name != "resource" and (off := _near(way, box)) <= limit:
                pairs.append((off, i, k))
    spent: set[int] = set()
    for _, i, k in sorted(pairs):
        if i not in spent and links[k].percent is None:
            links[k] = replace(links[k], percent=i)
            spent.add(i)
    return tuple(sorted(links, key=lambda link: (link.upstream, link.downstream)))


def understand(checkpoint: Checkpoint, sketch: Sketch | None, prompt: str) -> Evidence:
    """The evidence of one sketch (with its labels read) and prompt; either may be missing."""
    labels = tuple(replace(label, text=with_signs(label.text)) for label in sketch.labels) if sketch is not None else ()
    places = find_places(checkpoint.tagger, prompt, labels)
    objects = group(prompt, places)
    if sketch is None:
        return Evidence(prompt, objects)
    height, width = sketch.pixels.shape[:2]
    named = sorted({p.source for p in places if p.source != PROMPT})
    drawn = look(checkpoint.perception, sketch.pixels, labels, named)
    kinds = {shape.label: shape.kind for shape in drawn.shapes if shape.share >= _KIND_SHARE}
    for tag, label in type_tags(labels, range(len(labels))).items():
        if label in named and len(told := kinds_of_word(normalised(labels[tag].text))) == 1:
            kinds[label] = next(iter(told))
    shapes = {shape.label: shape.box for shape in drawn.shapes}
    return Evidence(prompt, objects, labels, (width, height), kinds, candidate_links(drawn, labels, set(named)), shapes)
