"""Before the network: what is written and drawn where. The drawing -> kinds of shapes and candidate links."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from gdt2usd.diagnostics import Box
from gdt2usd.sketch.labels import Role, role_of
from gdt2usd.sketch.sketch import Label, Sketch
from gdt2usd.vlsm.checkpoint import Checkpoint
from gdt2usd.vlsm.clauses import kinds_of_word
from gdt2usd.vlsm.drawn import Drawn, DrawnWay, look
from gdt2usd.vlsm.listing import is_type, type_tags
from gdt2usd.vlsm.mentions import PROMPT, Place, group, normalised
from gdt2usd.vlsm.misread import with_even_capitals, with_seen_words, with_signs, with_whole_words
from gdt2usd.vlsm.naming import find_places
from gdt2usd.vlsm.numbers import find_numbers
from gdt2usd.vlsm.processor import CandidateLink, Evidence, Stroke
from gdt2usd.vlsm.spelled import joined

SURE = 0.85
"""Share from which a link's sense and stroke count as seen clearly."""
FEWEST = 3
"""Names from which on a sketch shows how large names are written."""
ROUGHLY = 1.5
"""How many times smaller or larger a name may be written than most are."""
LARGER = 1.5
"""A shape so many times as large as its label is drawn around it."""
_WORDS = re.compile(r"[A-Z][a-z]{2,}(?:[ -][A-Za-z]{2,})+")
_KIND_SHARE = 0.5
_STROKES = {"forward": Stroke.ARROW, "line": Stroke.LINE, "resource": Stroke.DASHED}


def _percent_labels(labels: tuple[Label, ...], named: set[int]) -> list[int]:
    out = []
    for i, label in enumerate(labels):
        numbers = find_numbers(label.text)
        if i not in named and len(numbers) == 1 and numbers[0].unit == "%" and numbers[0].value <= 100 and len(label.text) <= 12:
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


def _overlooked(labels: tuple[Label, ...], named: Sequence[int]) -> list[int]:
    """Labels that may be names though they were not taken for any: several words, written as large as the names are."""
    if len(named) < FEWEST:
        return []
    heights = sorted(labels[i].box.y1 - labels[i].box.y0 for i in named)
    low, high = heights[len(heights) // 4] / ROUGHLY, heights[3 * len(heights) // 4] * ROUGHLY
    return [
        i
        for i, label in enumerate(labels)
        if i not in named
        and _WORDS.fullmatch(label.text.strip()) is not None
        and role_of(label.text) is Role.NAME
        and low <= label.box.y1 - label.box.y0 <= high
        and not is_type(normalised(label.text))
    ]


def _around(shape: Box, label: Box) -> bool:
    """Whether a shape goes around a label."""
    return (shape.x1 - shape.x0) * (shape.y1 - shape.y0) > LARGER * (label.x1 - label.x0) * (label.y1 - label.y0)


def understand(checkpoint: Checkpoint, sketch: Sketch | None, prompt: str) -> Evidence:
    """The evidence of one sketch (with its labels read) and prompt; either may be missing."""
    drawn_labels = sketch.labels if sketch is not None else ()
    read = with_even_capitals(with_seen_words([with_signs(label.text) for label in drawn_labels], prompt))
    mended = [replace(label, text=with_whole_words(text)) for label, text in zip(drawn_labels, read, strict=True)]
    labels = joined(mended, prompt)
    places = find_places(checkpoint.tagger, prompt, labels)
    if sketch is None:
        return Evidence(prompt, group(prompt, places))
    height, width = sketch.pixels.shape[:2]
    named = sorted({p.source for p in places if p.source != PROMPT})
    drawn = look(checkpoint.perception, sketch.pixels, labels, named)
    if more := _overlooked(labels, named):
        again = look(checkpoint.perception, sketch.pixels, labels, sorted((*named, *more)))
        joined_to = {end for link in again.links if link.share >= SURE for end in (link.first, link.second)}
        shown = {s.label for s in again.shapes if s.share >= SURE and _around(s.box, labels[s.label].box)}
        candidates, more = more, [i for i in more if i in joined_to and i in shown]
        places += [Place(i, 0, len(labels[i].text), labels[i].text, labels[i].confidence) for i in more]
        named = sorted((*named, *more))
        if more:
            drawn = again if more == candidates else look(checkpoint.perception, sketch.pixels, labels, named)
    objects = group(prompt, places)
    kinds = {shape.label: shape.kind for shape in drawn.shapes if shape.share >= _KIND_SHARE}
    for tag, label in type_tags(labels, range(len(labels))).items():
        if label in named and len(told := kinds_of_word(normalised(labels[tag].text))) == 1:
            kinds[label] = next(iter(told))
    shapes = {shape.label: shape.box for shape in drawn.shapes}
    return Evidence(prompt, objects, labels, (width, height), kinds, candidate_links(drawn, labels, set(named)), shapes)
