"""Makes the network's input: sketch labels, candidate links and the prompt, with references at every name and number.

    <sketch> (<label> [kind] name and its notes ...)* <links> (arrow [percent])* <text> words ... <script>

A drawn link is one token that carries the references of its two ends (and of its number) as roles.

Not covered: reading labels (`sketch.ocr`), finding names (`vlsm.tagger`), finding links (`vlsm.drawn`).
"""

from __future__ import annotations

import math
import re
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from gdt2usd.diagnostics import Box
from gdt2usd.sketch.sketch import Label
from gdt2usd.vlsm.mentions import PROMPT, Named, Place, normalised
from gdt2usd.vlsm.numbers import Number, find_numbers
from gdt2usd.vlsm.script_tokens import FIRST_NUMBER, FIRST_OBJECT, IDS, MAX_NUMBERS, MAX_OBJECTS, TOKENS

SPECIALS = (
    "<pad>", "<sketch>", "<no sketch>", "<label>", "<note>", "<links>", "<text>", "<script>", "<line break>", "<unknown>",
    "arrow!", "arrow?", "line!", "line?", "dashed!", "dashed?",
)  # fmt: skip
STROKES = 6  # the last of the specials
SPECIAL_IDS = {name: len(TOKENS) + i for i, name in enumerate(SPECIALS)}
FIRST_PIECE = len(TOKENS) + len(SPECIALS)
FIRST_STROKE = FIRST_PIECE - STROKES
PAD = SPECIAL_IDS["<pad>"]
MAX_INPUT = 1024
NAME_PIECES = 24
_WORDS = re.compile(r"[^\W\d_]+|\d+|\n|[^\s\w]|_")
_UNIT_IDS = {None: 1, "s": 2, "min": 3, "h": 4, "d": 5, "ms": 6, "m": 7, "m/s": 8, "%": 9}

Pieces = Callable[[str], list[int]]
"""Splits one lower-case word into ids of text pieces, from 0."""


class Stroke(StrEnum):
    """How a candidate link is drawn."""

    ARROW = "arrow"
    LINE = "line"
    DASHED = "dashed"


@dataclass(frozen=True, slots=True)
class CandidateLink:
    """A drawn connection between the labels numbered `upstream` and `downstream`; `percent` is a label's number beside it.

    `confidence` is how likely it is a link at all, `points` where it runs in the sketch, in pixels.
    """

    upstream: int
    downstream: int
    stroke: Stroke
    sure: bool
    percent: int | None = None
    confidence: float = 1.0
    points: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class NumberReference:
    """A number that the script may use: `source` is `PROMPT` or a label's number, `number` its place there."""

    source: int
    number: Number


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was read before the network: labels, kinds and boxes of drawn shapes by label number, links, prompt, named objects."""

    prompt: str
    objects: tuple[Named, ...]
    labels: tuple[Label, ...] = ()
    size: tuple[int, int] | None = None
    kinds: dict[int, str] = field(default_factory=dict)
    links: tuple[CandidateLink, ...] = ()
    shapes: dict[int, Box] = field(default_factory=dict)

    def object_of_label(self) -> dict[int, int]:
        """Index of the object that each label of the sketch names."""
        return {p.source: i for i, named in enumerate(self.objects) for p in named.places if p.source != PROMPT}

    def named_in_prompt(self, count: int | None = None) -> list[tuple[Place, int]]:
        """Where the prompt names one of the first `count` objects (all without it), in order, with the object's index."""
        found = ((p, i) for i, named in enumerate(self.objects[:count]) for p in named.places if p.source == PROMPT)
        return sorted(found, key=lambda row: row[0].start)

    def drawn_between(self, count: int) -> Iterator[tuple[CandidateLink, int, int]]:
        """The candidate links between two of the first `count` objects, with the indices of the upstream and the downstream one."""
        of_label = self.object_of_label()
        for link in self.links:
            a, b = of_label.get(link.upstream, -1), of_label.get(link.downstream, -1)
            if a != b and min(a, b) >= 0 and max(a, b) < count:
                yield link, a, b


@dataclass(slots=True)
class Encoded:
    """One input: ids with their extras, and what the references stand for.

    roles: for a drawn link the ids of the references that it leaves, that it enters and that is its number; -1 where none.
    """

    tokens: list[int]
    boxes: list[tuple[float, float, float, float]]
    names: list[list[int]]
    features: list[tuple[int, int]]
    roles: list[tuple[int, int, int]]
    objects: tuple[Named, ...]
    numbers: tuple[NumberReference, ...]
    object_ids: list[int]
    number_ids: list[int]
    truncated: bool = False


def words_of_text(text: str) -> list[str]:
    """The lower-case words, numbers and signs of a text, line breaks left out: what `Pieces` is asked for."""
    return [word for word in _WORDS.findall(text.lower()) if word != "\n"]


def name_pieces(name: str, buckets: int) -> list[int]:
    """Hashed words and letter triples of a name, 1..buckets-1 (0 is padding): how the network sees an unknown name."""
    pieces = []
    for word in normalised(name).split():
        padded = f"^{word}$"
        pieces.append(word)
        pieces.extend(padded[i : i + 3] for i in range(len(padded) - 2))
    return [1 + zlib.crc32(p.encode()) % (buckets - 1) for p in pieces[:NAME_PIECES]]


def magnitude(value: float) -> int:
    """A bucket 1..47 of a number: whole or not, and its decimal logarithm in halves."""
    level = 0 if value <= 0 else min(22, max(1, round(2 * math.log10(value)) + 9))
    return 1 + level * 2 + (value == int(value))


def _distance(a: Box, b: Box) -> float:
    dx = max(a.x0 - b.x1, b.x0 - a.x1, 0.0)
    dy = max(a.y0 - b.y1, b.y0 - a.y1, 0.0)
    return math.hypot(dx, dy)


class Assembler:
    """Builds one `Encoded`; `order` gives the reference numbers of objects and of numbers (a permutation while training)."""

    def __init__(self, evidence: Evidence, pieces: Pieces, buckets: int, order: Callable[[int], Sequence[int]] = range) -> None:
        self.evidence = evidence
        self.pieces = pieces
        self.buckets = buckets
        self.tokens: list[int] = []
        self.boxes: list[tuple[float, float, float, float]] = []
        self.names: list[list[int]] = []
        self.features: list[tuple[int, int]] = []
        self.roles: list[tuple[int, int, int]] = []
        objects = evidence.objects[:MAX_OBJECTS]
        self.objects = objects
        self.object_ids = list(order(MAX_OBJECTS))[: len(objects)]
        self.places: dict[int, list[tuple[int, int, int]]] = {}
        for index, named in enumerate(objects):
            for place in named.places:
                self.places.setdefault(place.source, []).append((place.start, place.end, index))
        self.numbers: list[NumberReference] = []
        self.by_source: dict[int, list[int]] = {}
        for source, text in [*enumerate(label.text for label in evidence.labels), (PROMPT, evidence.prompt)]:
            outside = tuple((a, b) for a, b, _ in self.places.get(source, ()))
            for number in find_numbers(text, outside=outside):
                if len(self.numbers) < MAX_NUMBERS:
                    self.by_source.setdefault(source, []).append(len(self.numbers))
                    self.numbers.append(NumberReference(source, number))
        self.number_ids = list(order(MAX_NUMBERS))[: len(self.numbers)]

    def add(
        self,
        token: int,
        box: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0),
        name: list[int] | None = None,
        feature: tuple[int, int] = (0, 0),
        roles: tuple[int, int, int] = (-1, -1, -1),
    ) -> None:
        self.tokens.append(token)
        self.boxes.append(box)
        self.names.append(name or [])
        self.features.append(feature)
        self.roles.append(roles)

    def special(self, name: str) -> None:
        self.add(SPECIAL_IDS[name])

    def object(self, index: int, box: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)) -> None:
        pieces = name_pieces(self.objects[index].name, self.buckets)
        self.add(FIRST_OBJECT + self.object_ids[index], box, pieces)

    def number(self, index: int, box: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)) -> None:
        number = self.numbers[index].number
        self.add(FIRST_NUMBER + self.number_ids[index], box, None, (magnitude(number.value), _UNIT_IDS[number.unit]))

    def text(self, source: int, text: str, box: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)) -> None:
        """The words of `text`, with references where names and numbers stand."""
        marks: list[tuple[int, int, bool, int]] = [(a, b, True, i) for a, b, i in self.places.get(source, ())]
        for index in self.by_source.get(source, ()):
            number = self.numbers[index].number
            marks.append((number.start, number.end, False, index))
        at = 0
        for start, end, is_object, index in sorted(marks):
            if start < at:
                continue
            self.words(text[at:start], box)
            if is_object:
                self.object(index, box)
            else:
                self.number(index, box)
            at = end
        self.words(text[at:], box)

    def words(self, text: str, box: tuple[float, float, float, float]) -> None:
        for word in _WORDS.findall(text.lower()):
            if word == "\n":
                self.special("<line break>")
            else:
                for piece in self.pieces(word):
                    self.add(FIRST_PIECE + piece, box)

    def sketch(self) -> None:
        evidence = self.evidence
        if evidence.size is None:
            self.special("<no sketch>")
            return
        self.special("<sketch>")
        width, height = evidence.size
        named = [i for i in range(len(evidence.labels)) if self.places.get(i)]
        notes: dict[int, list[int]] = {}
        percents = {link.percent for link in evidence.links if link.percent is not None}
        for i, label in enumerate(evidence.labels):
            if i not in named and i not in percents:
                near = min(named, key=lambda j: _distance(label.box, evidence.labels[j].box), default=-1)
                if near >= 0 and _distance(label.box, evidence.labels[near].box) > 0.2 * max(width, height):
                    near = -1
                notes.setdefault(near, []).append(i)
        for i in [*named, -1]:
            if i >= 0:
                self.special("<label>")
                if kind := evidence.kinds.get(i):
                    self.add(IDS[kind])
                self.text(i, evidence.labels[i].text, self.relative(i))
            for j in notes.get(i, ()):
                self.special("<note>")
                self.text(j, evidence.labels[j].text, self.relative(j))
        self.links()

    def links(self) -> None:
        self.special("<links>")
        for link in self.evidence.links:
            ends = [self.places.get(i, [(0, 0, -1)])[0][2] for i in (link.upstream, link.downstream)]
            if -1 in ends:
                continue
            first, second = (FIRST_OBJECT + self.object_ids[end] for end in ends)
            token = SPECIAL_IDS[f"{link.stroke}{'!' if link.sure else '?'}"]
            numbers = self.by_source.get(link.percent, []) if link.percent is not None else []
            self.add(token, roles=(first, second, FIRST_NUMBER + self.number_ids[numbers[0]] if numbers else -1))
            if numbers:
                self.number(numbers[0])

    def relative(self, label: int) -> tuple[float, float, float, float]:
        width, height = self.evidence.size or (1, 1)
        box = self.evidence.labels[label].box
        centre = (box.x0 + box.x1) / 2 / width, (box.y0 + box.y1) / 2 / height
        return (max(centre[0], 1e-3), centre[1], (box.x1 - box.x0) / width, (box.y1 - box.y0) / height)

    def finish(self) -> Encoded:
        self.sketch()
        self.special("<text>")
        self.text(PROMPT, self.evidence.prompt)
        truncated = len(self.tokens) > MAX_INPUT - 1
        for row in (self.tokens, self.boxes, self.names, self.features, self.roles):
            del row[MAX_INPUT - 1 :]
        self.special("<script>")
        return Encoded(
            self.tokens, self.boxes, self.names, self.features, self.roles, self.objects, tuple(self.numbers),
            self.object_ids, self.number_ids, truncated,
        )  # fmt: skip


def encode(evidence: Evidence, pieces: Pieces, buckets: int, order: Callable[[int], Sequence[int]] = range) -> Encoded:
    """The network's input for `evidence`; at most `MAX_INPUT` tokens (`truncated` says whether some were cut)."""
    return Assembler(evidence, pieces, buckets, order).finish()
