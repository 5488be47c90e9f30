"""What was understood of a sketch and a prompt, as rows to look at: objects, connections, doubts. The page and picture show it.

Rows are those of the finished graph, settings included. Not covered: drawing them (`review_html`, `review_png`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gdt2usd.diagnostics import Box, Diagnostic, GdtError, Place, Severity, error
from gdt2usd.doubts import Doubt
from gdt2usd.graph.model import ProcessGraph, Resource, Station
from gdt2usd.graph.serial import kind_of
from gdt2usd.graph.words import describe_resource, describe_station
from gdt2usd.sketch.sketch import Sketch
from gdt2usd.vlsm.mentions import PROMPT

if TYPE_CHECKING:
    from gdt2usd.pipeline import Seen, Twin
    from gdt2usd.vlsm.read import ReadScript

_WORDS = {"link": "to", "serve": "works at", "team": "leads"}
_MOST_FINDINGS = 12


@dataclass(frozen=True, slots=True)
class Item:
    """An object: `box` is its shape or label in the sketch (pixels) or None, `confidence` its least sure decision's if known."""

    name: str
    kind: str
    box: Box | None
    facts: str
    confidence: float | None = None
    doubts: tuple[Doubt, ...] = ()


@dataclass(frozen=True, slots=True)
class Wire:
    """A connection between two objects by name; `note` says that it was added, or who carries; `share` a percentage if any."""

    what: str
    first: str
    second: str
    share: str = ""
    note: str = ""
    confidence: float | None = None
    doubts: tuple[Doubt, ...] = ()

    @property
    def words(self) -> str:
        """How the first relates to the second."""
        return _WORDS.get(self.what, self.what)


@dataclass(frozen=True, slots=True)
class Review:
    """Everything that the page shows. `marks` are (start, end, "name" | "number", unused) stretches of the prompt."""

    title: str
    sketch: Sketch | None
    prompt: str
    items: tuple[Item, ...]
    wires: tuple[Wire, ...]
    doubts: tuple[Doubt, ...]
    marks: tuple[tuple[int, int, str, bool], ...]
    findings: tuple[Diagnostic, ...]
    script: str
    verdict: tuple[str, ...] = ()

    def numbers(self, doubts: tuple[Doubt, ...]) -> str:
        """`3, 8`: the doubts of a row."""
        return ", ".join(str(d.number) for d in doubts)


def review_of(twin: Twin, title: str) -> Review:
    """The rows of a build that read a sketch or a prompt."""
    seen = twin.seen
    assert seen is not None
    told = _Told(twin, seen)
    shown = [d for d in twin.diagnostics if not d.code.startswith("VL30") and d.severity is not Severity.INFO]
    things = (*twin.graph.stations, *twin.graph.resources)
    return Review(
        title, seen.sketch, seen.prompt, tuple(told.item(t) for t in things), tuple(told.wires()), twin.open_doubts,
        _marks(seen.read) if seen.read is not None else (), tuple(shown[:_MOST_FINDINGS]), twin.script, _verdict(twin),
    )  # fmt: skip


def _verdict(twin: Twin) -> tuple[str, ...]:
    throughput, bottleneck = twin.report.throughput_per_hour, twin.report.bottleneck
    half = f" \u00b1 {throughput.half_width:.2g}" if throughput.half_width == throughput.half_width else ""
    rate = f"{throughput.mean:.4g}{half} items/h" if throughput.mean == throughput.mean else "no throughput"
    return (rate, *([f"bottleneck {bottleneck.chosen.id}"] if bottleneck is not None else []))


class _Told:
    """What the rows of one build need to know."""

    def __init__(self, twin: Twin, seen: Seen) -> None:
        self.graph: ProcessGraph = twin.graph
        self.doubts = twin.open_doubts
        self.boxes = dict(seen.boxes)
        self.sure: dict[str, float] = {}
        self.added: set[tuple[str, str]] = set()
        if seen.read is not None:
            self._from(seen.read)

    def _from(self, read: ReadScript) -> None:
        """Shapes instead of labels where they were found; how sure every decision was."""
        probabilities = read.written.probabilities
        names = {t.key: t.name for t in read.draft.objects}
        for thing in read.draft.objects:
            self.sure[thing.name] = min(probabilities[thing.at[0] : thing.at[1]], default=1.0)
            labels = [p.source for p in read.evidence.objects[thing.key[0]].places if p.source != PROMPT]
            shape = next((read.evidence.shapes[n] for n in labels if n in read.evidence.shapes), None)
            if shape is not None and (thing.name in self.boxes or thing.key[1] == 1):  # the first of several alike stands for all
                self.boxes[thing.name] = shape
        for joint in read.draft.connections:
            key = f"{names[joint.first]} -> {names[joint.second]}"
            self.sure[key] = min(probabilities[joint.at[0] : joint.at[1]], default=1.0)
            if joint.at == (0, 0):
                self.added.add((names[joint.first], names[joint.second]))

    def item(self, thing: Station | Resource) -> Item:
        facts = describe_station(thing) if isinstance(thing, Station) else describe_resource(thing, self.graph)
        own = tuple(d for d in self.doubts if d.key and ("->" not in d.key or "?" in d.key) and d.subject == thing.id)
        return Item(thing.id, kind_of(thing), self.boxes.get(thing.id), facts, self.sure.get(thing.id), own)

    def wires(self) -> Iterator[Wire]:
        for link in self.graph.links:
            share = f"{link.percent:g} %" if link.percent is not None else ""
            carried = f"carried by {link.transport}" if link.transport else ""
            added = "added from the sketch" if (link.upstream, link.downstream) in self.added else ""
            yield self._wire("link", link.upstream, link.downstream, share, "; ".join(filter(None, (carried, added))))
        for station in self.graph.stations:
            need = getattr(station, "operators", None)
            for name in need.resources if need else ():
                yield self._wire("serve", name, station.id)
        for resource in self.graph.resources:
            for member in getattr(resource, "team", ()):
                yield self._wire("team", resource.id, member)

    def _wire(self, what: str, first: str, second: str, share: str = "", note: str = "") -> Wire:
        key = f"{first} -> {second}"
        own = tuple(d for d in self.doubts if d.key == key or d.key.startswith(key + "."))
        return Wire(what, first, second, share, note, self.sure.get(key), own)


def _marks(read: ReadScript) -> tuple[tuple[int, int, str, bool], ...]:
    used = {i for t in read.draft.objects for p in t.parameters for i in p.numbers if i is not None}
    declared = {t.key[0] for t in read.draft.objects}
    left = set(read.found.numbers_unspent)
    found = [
        (p.start, p.end, "name", i not in declared)
        for i, o in enumerate(read.evidence.objects)
        for p in o.places
        if p.source == PROMPT
    ]
    for i, reference in enumerate(read.encoded.numbers):
        if reference.source == PROMPT and (i in used or i in left):
            found.append((reference.number.start, reference.number.end, "number", i in left))
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
