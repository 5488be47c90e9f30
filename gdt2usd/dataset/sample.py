"""One aligned triplet (prompt, sketch, script) with a record of which fact is expressed where.

A fact is a triple (object id, slot, value as a string): slots are `type`, `exists`, parameter paths as in `3-graph.json`
(`process_time_s.mean`, `capacity`, `breakdown.time_to_failure_s.mean` ...), `link:<downstream id>`, `percent:<downstream id>`,
`serves:<station id>`, `carries:<station id>`, `count`, `layout`, and `name` for every place where an object's name is written.
A parameter group is the slot up to its first dot (`process_time_s`, `breakdown`, `interarrival_time_s`, `capacity` ...).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from gdt2usd.diagnostics import Box
from gdt2usd.graph.model import ProcessGraph
from gdt2usd.sketch.sketch import Label


class Modality(StrEnum):
    """Where the facts are: everything in the text; topology in the sketch only; some parameters as notes in the sketch; ..."""

    FULL_TEXT = "full_text"
    TOPOLOGY_IN_SKETCH = "topology_in_sketch"
    NOTES_IN_SKETCH = "notes_in_sketch"
    NO_SKETCH = "no_sketch"
    TITLE_ONLY = "title_only"


@dataclass(frozen=True, slots=True)
class Fact:
    """Something true of the factory: `subject` is an object id ("" for the whole line)."""

    subject: str
    slot: str
    value: str


@dataclass(frozen=True, slots=True)
class Mention:
    """`fact` is expressed by `prompt.text[start:end]`."""

    fact: Fact
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Prompt:
    """`register` is the way of writing (prose, paper, telegraph, bullets, table, email, spoken, broken); typos included."""

    text: str
    register: str
    mentions: tuple[Mention, ...] = ()


@dataclass(frozen=True, slots=True)
class DrawnObject:
    """A station or resource as drawn: `id`, contract kind, the shape's box and the label's text and box (pixels), the symbol."""

    id: str
    kind: str
    box: Box
    label: str
    label_box: Box
    symbol: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class DrawnLink:
    """A line between two drawn objects: `dashed` for centre connections, `arrow` if it has a head at `downstream`.

    `points` is its polyline in pixels, from `upstream` to `downstream`.
    """

    upstream: str
    downstream: str
    dashed: bool
    arrow: bool
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class DrawnNote:
    """A piece of text that states facts (a parameter note, a percentage on an arrow) or none (a title, a doodle's words)."""

    text: str
    box: Box
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class Drawing:
    """The vector record of a sketch after all distortions, in pixels of `Sample.pixels`."""

    style: str
    objects: tuple[DrawnObject, ...]
    links: tuple[DrawnLink, ...]
    notes: tuple[DrawnNote, ...] = ()


@dataclass(frozen=True, slots=True)
class Categories:
    """The five layers' choices of one sample (paper, section 3.2)."""

    line: tuple[str, ...]
    parameters: tuple[str, ...]
    automation: str
    industry: str
    layout: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What the prompt says and what the sketch says, decided before either is made.

    `labels` maps object ids to the text written at them in the sketch (the name, or an abbreviation that the prompt's legend
    explains); `noted` holds (subject, parameter group) pairs stated as notes in the sketch and not in the prompt; percentages
    are ("station id", "percent"). `unsaid` pairs are stated nowhere: their values are FlexSim's defaults.
    """

    modality: Modality
    register: str
    style: str
    labels: dict[str, str]
    noted: frozenset[tuple[str, str]] = frozenset()
    unsaid: frozenset[tuple[str, str]] = frozenset()
    topology_in_prompt: bool = True
    legend_in_prompt: bool = False


@dataclass(frozen=True, slots=True)
class Sample:
    """`pixels` (H, W, 3) uint8 or None without a sketch; `ocr` the labels as an OCR would read them."""

    index: int
    categories: Categories
    modality: Modality
    graph: ProcessGraph
    script: str
    script_style: str
    prompt: Prompt
    drawing: Drawing | None = None
    pixels: NDArray[np.uint8] | None = field(default=None, compare=False)
    ocr: tuple[Label, ...] = ()
