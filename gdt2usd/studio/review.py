"""What was understood of a sketch and a prompt, as rows to look at: objects, connections, doubts. The page and picture show it.

Not covered: drawing it (`review_html`, `review_png`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gdt2usd.diagnostics import Box, Diagnostic, GdtError, Place, error
from gdt2usd.sketch.sketch import Sketch
from gdt2usd.vlsm.mentions import PROMPT
from gdt2usd.vlsm.read import ReadScript
from gdt2usd.vlsm.render import Parameter
from gdt2usd.vlsm.repair import DOUBTFUL

_FAMILY_WORDS = {"lognormal_meanstd": "lognormal", "gamma_meanshape": "gamma (shape, mean)", "lognormal": "lognormal (mu, sigma)"}
_UNITS = {"per_h": "per hour", "per_min": "per minute"}
_WORDS = {"link": "to", "serve": "works at", "serve_setup": "sets up", "carry": "carries from", "team": "leads"}


@dataclass(frozen=True, slots=True)
class Stated:
    """A parameter in words, how sure its least sure decision was (0..1), and where its figures stand."""

    text: str
    confidence: float
    sources: str


@dataclass(frozen=True, slots=True)
class Item:
    """An object: `box` is its label in the sketch (pixels) or None, `confidence` that of name and kind."""

    name: str
    kind: str
    box: Box | None
    confidence: float
    parameters: tuple[Stated, ...]

    @property
    def doubtful(self) -> bool:
        return self.confidence < DOUBTFUL or any(p.confidence < DOUBTFUL for p in self.parameters)


@dataclass(frozen=True, slots=True)
class Wire:
    """A connection between two objects by name; `added` if a repair made it; `share` a percentage if one was said."""

    what: str
    first: str
    second: str
    share: str
    confidence: float
    added: bool

    @property
    def doubtful(self) -> bool:
        return self.added or self.confidence < DOUBTFUL

    @property
    def words(self) -> str:
        return _WORDS.get(self.what, self.what)


@dataclass(frozen=True, slots=True)
class Review:
    """Everything that the page shows. `marks` are (start, end, "name" | "number", unused) stretches of the prompt."""

    title: str
    sketch: Sketch | None
    prompt: str
    items: tuple[Item, ...]
    wires: tuple[Wire, ...]
    marks: tuple[tuple[int, int, str, bool], ...]
    findings: tuple[Diagnostic, ...]
    script: str


def _figure(value: float, unit: str | None) -> str:
    if math.isnan(value):
        return "the rest"
    return f"{value:g} {_UNITS.get(unit, unit)}" if unit else f"{value:g}"


def _in_words(parameter: Parameter) -> str:
    figures = ", ".join(_figure(*argument) for argument in parameter.arguments)
    name = parameter.name.replace("_", " ")
    if parameter.family in (None, "constant"):
        return f"{name} {figures}".strip()
    family = _FAMILY_WORDS.get(parameter.family or "", parameter.family)
    return f"{name} {family}: {figures}"


def _least(read: ReadScript, at: tuple[int, int]) -> float:
    return min(read.written.probabilities[at[0] : at[1]], default=1.0)


def _stated(read: ReadScript, parameter: Parameter) -> Stated:
    places = {read.encoded.numbers[i].source for i in parameter.numbers if i is not None}
    words = sorted({"prompt" if p == PROMPT else "sketch" for p in places})
    return Stated(_in_words(parameter), _least(read, parameter.at), " and ".join(words))


def review_of(read: ReadScript, sketch: Sketch | None, title: str, findings: Sequence[Diagnostic] = ()) -> Review:
    """The rows of a reading; `findings` defaults to the reading's own."""
    items = []
    for thing in read.draft.objects:
        named = read.evidence.objects[thing.key[0]]
        label = next((p.source for p in named.places if p.source != PROMPT), None)
        box = read.evidence.labels[label].box if label is not None and sketch is not None else None
        first = thing.parameters[0].at[0] if thing.parameters else thing.at[1]
        rows = tuple(_stated(read, p) for p in thing.parameters)
        items.append(Item(thing.name, thing.kind, box, _least(read, (thing.at[0], first)), rows))
    names = {thing.key: thing.name for thing in read.draft.objects}
    wires = []
    for joint in read.draft.connections:
        share = "" if joint.number is None else _figure(joint.number, "%" if joint.what == "link" else None)
        added = joint.at == (0, 0)
        sure = 0.0 if added else _least(read, joint.at)
        wires.append(Wire(joint.what, names[joint.first], names[joint.second], share, sure, added))
    return Review(
        title, sketch, read.evidence.prompt, tuple(items), tuple(wires), _marks(read), tuple(findings or read.diagnostics),
        read.script.text,
    )  # fmt: skip


def _marks(read: ReadScript) -> tuple[tuple[int, int, str, bool], ...]:
    used = {i for t in read.draft.objects for p in t.parameters for i in p.numbers if i is not None}
    declared = {t.key[0] for t in read.draft.objects}
    found = [
        (p.start, p.end, "name", i not in declared)
        for i, o in enumerate(read.evidence.objects)
        for p in o.places
        if p.source == PROMPT
    ]
    for i, reference in enumerate(read.encoded.numbers):
        if reference.source == PROMPT:
            found.append((reference.number.start, reference.number.end, "number", i not in used))
    return tuple(sorted(found))


def write_review(review: Review, path: Path) -> None:
    """Write a page (.html) or a picture (.png).

    Raises:
        GdtError: IO201, another ending, or a picture of a reading without a sketch.
    """
    ending = path.suffix.lower()
    if ending in (".html", ".htm"):
        from gdt2usd.studio.review_html import page

        path.write_text(page(review), encoding="utf-8")
    elif ending == ".png" and review.sketch is not None:
        from gdt2usd.studio.review_png import picture

        picture(review).save(path)
    else:
        what = (
            "there is no sketch to draw on"
            if ending == ".png"
            else f"a review cannot be written as {ending or 'a file without ending'}"
        )
        raise GdtError([error("IO201", what, Place(str(path)), "name a file that ends in .html, or in .png for a sketch")])
