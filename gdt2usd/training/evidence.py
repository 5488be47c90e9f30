"""What would be read of a sample: its evidence, with names where they truly stand or where a tagger finds them, and drawn links as
seen, not always rightly.

Ground truth comes from the sample's record (mentions, drawing), never from reading it again. Not covered: the script that is to be
written from it (`training.targets`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from gdt2usd.dataset.sample import DrawnLink, DrawnObject, Sample
from gdt2usd.diagnostics import Box
from gdt2usd.graph.model import ProcessGraph
from gdt2usd.sketch.sketch import Label
from gdt2usd.vlsm.likeness import best_window
from gdt2usd.vlsm.mentions import PROMPT, Named, Place, group, is_code, normalised, similar
from gdt2usd.vlsm.processor import CandidateLink, Evidence, Stroke

_NUMBERED = re.compile(r"(.+?)[ \-_#]*(\d+)")
MISTAKEN_KINDS = ("processor", "queue", "source", "sink", "conveyor", "operator")
Find = Callable[[str, tuple[Label, ...]], list[Place]]
"""Where names are written in a prompt and labels, as `vlsm.naming.find_places` says with a tagger."""
Subjects = dict[tuple[int, int, int], set[str]]
SHORT = 2
"""Letters of what stands for a name only beside others (`B`, `12`)."""
READABLE = 0.55
"""A label is its object's name if the likest words in it are at least so like what was drawn."""


class UntellableError(Exception):
    """The sample's truth cannot be said with the references of its input."""


def overlap(a: Box, b: Box) -> float:
    """Shared area over the smaller area."""
    width = min(a.x1, b.x1) - max(a.x0, b.x0)
    height = min(a.y1, b.y1) - max(a.y0, b.y0)
    if width <= 0 or height <= 0:
        return 0.0
    return width * height / max(1e-6, min((a.x1 - a.x0) * (a.y1 - a.y0), (b.x1 - b.x0) * (b.y1 - b.y0)))


@dataclass(frozen=True, slots=True)
class SketchTruth:
    """Which label belongs to which drawn object, and which labels are notes about what."""

    object_of: dict[int, DrawnObject]
    note_of: dict[int, int]


def sketch_truth(sample: Sample) -> SketchTruth:
    """Match the labels as read with what was drawn, by overlap."""
    objects: dict[int, DrawnObject] = {}
    notes: dict[int, int] = {}
    if sample.drawing is None:
        return SketchTruth(objects, notes)
    for i, label in enumerate(sample.ocr):
        best, thing, note = 0.4, None, -1
        for drawn in sample.drawing.objects:
            if (share := overlap(label.box, drawn.label_box)) > best:
                best, thing, note = share, drawn, -1
        for j, drawn_note in enumerate(sample.drawing.notes):
            if (share := overlap(label.box, drawn_note.box)) > best:
                best, thing, note = share, None, j
        if thing is not None:
            objects[i] = thing
        elif note >= 0:
            notes[i] = note
    return SketchTruth(objects, notes)


def _label_name_span(text: str, label: str) -> tuple[int, int] | None:
    """Where in an OCR text the drawn label stands: usually all of it."""
    whole, wanted = normalised(text), normalised(label)
    if similar(whole, wanted) or not wanted:
        return (0, len(text)) if whole else None
    at = text.lower().find(label.lower())
    if at >= 0:
        return at, at + len(label)
    start, end, score = best_window(text, label)
    return (start, end) if score >= READABLE else None


def gold_places(sample: Sample, truth: SketchTruth) -> tuple[list[Place], Subjects]:
    """Every place where a name is written, and the object ids each place stands for."""
    places: dict[tuple[int, int, int], Place] = {}
    subjects: Subjects = {}
    for i, drawn in truth.object_of.items():
        label = sample.ocr[i]
        span = _label_name_span(label.text, drawn.label)
        if span is not None:
            key = (i, *span)
            places[key] = Place(i, span[0], span[1], label.text[span[0] : span[1]], label.confidence)
            subjects.setdefault(key, set()).add(drawn.id)
    taken: list[tuple[int, int]] = []
    for mention in sorted(sample.prompt.mentions, key=lambda m: (m.start, -m.end)):
        if mention.fact.slot != "name":
            continue
        key = (PROMPT, mention.start, mention.end)
        if key not in places:
            if any(mention.start < b and a < mention.end for a, b in taken):
                continue
            taken.append((mention.start, mention.end))
            text = sample.prompt.text[mention.start : mention.end]
            places[key] = Place(PROMPT, mention.start, mention.end, text)
        subjects.setdefault(key, set()).add(mention.fact.subject)
    return _with_names(places, subjects, sample), subjects


def _with_names(places: dict[tuple[int, int, int], Place], subjects: Subjects, sample: Sample) -> list[Place]:
    """The places, with codes and bare indices (`B` of `Press A and B`) under the name that the prompt has for their object."""
    told: dict[str, str] = {}
    for key, place in places.items():
        if key[0] == PROMPT and len(subjects[key]) == 1 and not is_code(place.text) and len(place.text) > SHORT:
            told.setdefault(next(iter(subjects[key])), place.text)
    ids = {thing.id for thing in (*sample.graph.stations, *sample.graph.resources)}
    out = []
    for key, place in places.items():
        one = next(iter(subjects[key])) if len(subjects[key]) == 1 else None
        short = is_code(place.text) or len(place.text) <= SHORT
        if one is not None and short and (one in told or (key[0] == PROMPT and len(place.text) <= SHORT and one in ids)):
            place = replace(place, text=told.get(one, one))  # noqa: PLW2901
        out.append(place)
    return out


def found_places(sample: Sample, gold: Subjects, find: Find) -> tuple[list[Place], Subjects]:
    """The places that `find` reports, each with the object ids of the true place that it covers best; none if it is no name."""
    places = find(sample.prompt.text, sample.ocr if sample.pixels is not None else ())
    subjects: Subjects = {}
    for place in places:
        best, ids = 0.5, frozenset[str]()
        for (source, start, end), wanted in gold.items():
            shared = min(end, place.end) - max(start, place.start)
            if source == place.source and shared > best * min(end - start, place.end - place.start):
                best, ids = shared / min(end - start, place.end - place.start), frozenset(wanted)
        subjects[_key(place)] = set(ids)
    return places, subjects


@dataclass(frozen=True, slots=True)
class Who:
    """Where an object id is in the input: index of the named object, and a number to append when only the stem is written."""

    index: int
    suffix: int = 0


def find_objects(graph: ProcessGraph, objects: Sequence[Named], subjects: Subjects) -> dict[str, Who]:
    """For each object id the named object that stands for it.

    Raises:
        UntellableError: an id is written nowhere.
    """
    found: dict[str, Who] = {}
    for thing in (*graph.stations, *graph.resources):
        votes: dict[int, float] = {}
        for index, named in enumerate(objects):
            for place in named.places:
                ids = subjects.get((place.source, place.start, place.end), set())
                if thing.id in ids:
                    votes[index] = (
                        votes.get(index, 0.0)
                        + 1.0 / len(ids)
                        + (1.0 if similar(normalised(named.name), normalised(thing.id)) else 0)
                    )
        own = {i: v for i, v in votes.items() if not _is_stem(objects[i].name, thing.id)}
        if own:
            found[thing.id] = Who(max(own, key=lambda i: own[i]))
            continue
        match = _NUMBERED.fullmatch(thing.id)
        if not votes or match is None or not 1 <= int(match[2]) <= 12:
            raise UntellableError(thing.id)
        found[thing.id] = Who(max(votes, key=lambda i: votes[i]), int(match[2]))
    if len(set(found.values())) < len(found):
        raise UntellableError("two objects are one in the input")
    plain = {who.index for who in found.values() if not who.suffix}
    if any(who.suffix and who.index in plain for who in found.values()):
        raise UntellableError("a stem is an object too")
    return found


def _is_stem(name: str, thing_id: str) -> bool:
    match = _NUMBERED.fullmatch(thing_id)
    return (
        match is not None
        and similar(normalised(name), normalised(match[1]))
        and not similar(normalised(name), normalised(thing_id))
    )


def seen_links(sample: Sample, truth: SketchTruth, trouble: float, rng: np.random.Generator) -> tuple[CandidateLink, ...]:
    """The drawn links as a link finder would report them: some missed, some turned round, some that are not there.

    `trouble` (0..1) is how hard the picture is; the shares are those that the finder had on fresh sketches.
    """
    drawing = sample.drawing
    if drawing is None:
        return ()
    label_of = {drawn.id: i for i, drawn in truth.object_of.items()}
    out: list[CandidateLink] = []
    percents = _percent_labels(sample, truth)
    for link in drawing.links:
        if link.upstream not in label_of or link.downstream not in label_of or rng.random() < 0.6 * trouble:
            continue
        out.append(_seen(link, label_of, percents, trouble, rng))
    labels = list(label_of.values())
    for _ in range(int(rng.poisson(0.2 * trouble * len(drawing.links))) if len(labels) > 2 else 0):
        a, b = rng.choice(len(labels), 2, replace=False)
        stroke = Stroke(str(rng.choice(["arrow", "line", "dashed"], p=[0.4, 0.4, 0.2])))
        out.append(CandidateLink(labels[a], labels[b], stroke, bool(rng.random() < 0.3)))
    order = sorted(range(len(out)), key=lambda i: (out[i].upstream, out[i].downstream))
    return tuple(out[i] for i in order)


def _percent_labels(sample: Sample, truth: SketchTruth) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    for label, note in truth.note_of.items():
        for fact in sample.drawing.notes[note].facts if sample.drawing is not None else ():
            if fact.slot.startswith("percent:"):
                found[(fact.subject, fact.slot.removeprefix("percent:"))] = label
    return found


def _seen(
    link: DrawnLink, label_of: dict[str, int], percents: dict[tuple[str, str], int], trouble: float, rng: np.random.Generator
) -> CandidateLink:
    a, b = label_of[link.upstream], label_of[link.downstream]
    stroke = Stroke.DASHED if link.dashed else (Stroke.ARROW if link.arrow else Stroke.LINE)
    wrong = rng.random() < 0.15 * trouble
    if wrong:
        stroke = Stroke(str(rng.choice(["arrow", "line", "dashed"])))
    turned = rng.random() < (0.2 * trouble if stroke is Stroke.ARROW else 0.5)
    percent = percents.get((link.upstream, link.downstream)) if rng.random() > 0.15 * trouble else None
    if turned:
        a, b = b, a
    sure = rng.random() > (0.5 if wrong or (turned and stroke is Stroke.ARROW) else 0.5 * trouble)
    return CandidateLink(a, b, stroke, bool(sure), percent)


def evidence_of(sample: Sample, rng: np.random.Generator, find: Find | None = None) -> tuple[Evidence, SketchTruth, Subjects]:
    """What would be read of the sample: kinds of shapes and links as seen, names where `find` finds them, or without it where they
    truly stand, with a little noise."""
    truth = sketch_truth(sample)
    places, subjects = gold_places(sample, truth)
    if find is not None:
        places, subjects = found_places(sample, subjects, find)
    elif rng.random() < 0.25 and len(places) > 3:
        twice = {i for i, p in enumerate(places) if sum(subjects[_key(p)] == subjects[_key(q)] for q in places) > 1}
        drop = {i for i in twice if rng.random() < 0.05}
        places = [p for i, p in enumerate(places) if i not in drop]
    kinds: dict[int, str] = {}
    trouble = float(rng.beta(1.0, 2.0))
    for i, drawn in truth.object_of.items():
        if rng.random() > 0.05 + 0.6 * trouble:
            kinds[i] = drawn.kind if rng.random() > 0.04 + 0.2 * trouble else str(rng.choice(MISTAKEN_KINDS))
    for place in places:
        if place.source != PROMPT and place.source not in truth.object_of and rng.random() < 0.3:
            kinds[place.source] = str(rng.choice(MISTAKEN_KINDS))
    size = None if sample.pixels is None else (sample.pixels.shape[1], sample.pixels.shape[0])
    labels = sample.ocr if size is not None else ()
    objects = group(sample.prompt.text, places)
    evidence = Evidence(sample.prompt.text, objects, labels, size, kinds, seen_links(sample, truth, trouble, rng))
    return evidence, truth, subjects


def _key(place: Place) -> tuple[int, int, int]:
    return place.source, place.start, place.end
