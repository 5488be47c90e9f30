"""Overrules verdicts of the reader that the words beside a number or a name contradict.

A number is a setup time only where a word for setup stands near it; what stands before the colon that opens a prompt is a title;
names in the plural mean objects that have numbers of their own. Not covered: what the drawing says (`vlsm.guide`).
"""

from __future__ import annotations

import re
from dataclasses import replace

from torch import Tensor

from gdt2usd.vlsm.guide import NEVER
from gdt2usd.vlsm.likeness import likeness, split_index
from gdt2usd.vlsm.mentions import PROMPT, Named, normalised, opens
from gdt2usd.vlsm.processor import Encoded, Evidence
from gdt2usd.vlsm.said import Said
from gdt2usd.vlsm.script_tokens import KINDS, RESOURCE_CLASSES, SUFFIXES

_SETUP = re.compile(r"set[\s-]?up|set\s+(?:it|them)\s+up|change[\s-]?over|r\u00fcst|prepar|retool|adjust|warm|ready", re.I)
_TITLE_END = re.compile(r"\s*(?::|\.\s|\n|\s[\u2013-]\s)")
_TIMES = re.compile(r"\s?(?:x|\u00d7)?\s+|\s?[x\u00d7]\s?")
_AFTER = 30
ALIKE = 0.9
"""Stems of names that are at least so alike are the same, misread."""
DRAWN = 3
"""Objects with a label in the sketch from which on the sketch is taken to show the line."""


def plausible(said: Said, encoded: Encoded, evidence: Evidence, slots: tuple[str, ...]) -> Said:
    """The verdicts, with setup times that no word speaks of given to the next likeliest parameter, and with what is counted.

    `slots` are the network's words for parameters; what they lack is not overruled.
    """
    kinds, shares, owned = _with_persons(said, evidence), said.slots.clone(), said.owners.clone()
    if len(encoded.objects) and len(encoded.numbers):
        best, owners = said.slots.argmax(-1).tolist(), said.owners.argmax(-1).tolist()
        if {"setup_time_s", "process_time_s"} <= set(slots):
            _without_setups(shares, best, owners, encoded, evidence, slots)
        if {"count", "other"} <= set(slots):
            free = {slots.index("other"), slots.index("count"), len(slots)}
            for i, thing in _counts(said, encoded, evidence):
                if best[i] in free or owners[i] == thing:
                    shares[i], owned[i] = 0.0, 0.0
                    shares[i, slots.index("count")] = owned[i, thing] = 1.0
    return replace(said, kinds=kinds, slots=shares, owners=owned)


def _without_setups(
    shares: Tensor, best: list[int], owners: list[int], encoded: Encoded, evidence: Evidence, slots: tuple[str, ...]
) -> None:
    """Take the share of setup from numbers beside which no word speaks of it, where their machine has no process time."""
    setup, process = slots.index("setup_time_s"), slots.index("process_time_s")
    with_process = {owners[i] for i, slot in enumerate(best) if slot == process}
    for i, slot in enumerate(best):
        if slot == setup and owners[i] not in with_process and _is_first_and_plain(evidence, encoded, i, owners[i]):
            shares[i, setup] = 0.0
            shares[i] /= shares[i].sum().clamp(min=1e-9)


def _counts(said: Said, encoded: Encoded, evidence: Evidence) -> list[tuple[int, int]]:
    """Numbers right before the name of a resource, with what they count: `two Task Executers`, `3 x AGV`."""
    prompt = [(p, i) for i, named in enumerate(evidence.objects) for p in named.places if p.source == PROMPT]
    resources = {
        i
        for i in range(len(encoded.objects))
        if _likeliest(said, i) in RESOURCE_CLASSES and not split_index(evidence.objects[i].name)[1]
    }
    return [
        (k, i)
        for k, reference in enumerate(encoded.numbers)
        if reference.source == PROMPT and reference.number.unit is None and reference.number.value in range(2, len(SUFFIXES) + 1)
        for place, i in prompt
        if i in resources and _TIMES.fullmatch(evidence.prompt[reference.number.end : place.start])
    ]


def _likeliest(said: Said, index: int) -> str:
    return KINDS[int(said.kinds[index, : len(KINDS)].argmax())]


def _with_persons(said: Said, evidence: Evidence) -> Tensor:
    """Log shares of the kinds in which what is drawn as a person and read as a mover (`Task Executer`) is an operator."""
    kinds = said.kinds.clone()
    for i, named in enumerate(evidence.objects):
        person = any(p.source != PROMPT and evidence.kinds.get(p.source) == "operator" for p in named.places)
        if person and _likeliest(said, i) in ("task_executer", "agv", "transporter"):
            kinds[i] = NEVER
            kinds[i, KINDS.index("operator")] = 0.0
    return kinds


def _is_first_and_plain(evidence: Evidence, encoded: Encoded, index: int, owner: int) -> bool:
    """Whether the number follows its owner's name in the prompt, with no number, name or word for setup between or just behind."""
    reference = encoded.numbers[index]
    if reference.source != PROMPT:
        return False
    start, end = reference.number.start, reference.number.end
    places = [p for named in evidence.objects for p in named.places if p.source == PROMPT]
    before = max((p for p in places if p.end <= start), key=lambda p: p.end, default=None)
    if before is None or before not in evidence.objects[owner].places:
        return False
    others = [n.number for n in encoded.numbers if n.source == PROMPT and n.number.start != start]
    if any(before.end <= n.start < start for n in others) or "|" in evidence.prompt[before.end : start]:
        return False
    following = min([end + _AFTER, *(n.start for n in others if n.start >= end), *(p.start for p in places if p.start >= end)])
    return not _SETUP.search(evidence.prompt[before.start : following])


def means_several(objects: tuple[Named, ...], index: int) -> bool:
    """Whether a name that stands only in the prompt means objects with a number of their own (`the AGVs`: AGV A and AGV B).

    In the plural one such object is enough; in the singular it takes two that the sketch shows.
    """
    own = objects[index]
    if any(place.source != PROMPT for place in own.places):
        return False
    name = normalised(own.name)
    stems = [
        (normalised(split_index(other.name)[0]), any(place.source != PROMPT for place in other.places))
        for i, other in enumerate(objects)
        if i != index and split_index(other.name)[1]
    ]
    plural = name.endswith("s") and any(likeness(stem, name.removesuffix("s")) >= ALIKE for stem, _ in stems)
    return plural or sum(drawn for stem, drawn in stems if likeness(stem, name) >= ALIKE) >= 2


def is_title(evidence: Evidence, index: int) -> bool:
    """Whether a name stands only at the very beginning of the prompt, as a heading, and not in the sketch that shows the others."""
    own = evidence.objects[index]
    drawn = sum(any(place.source != PROMPT for place in other.places) for other in evidence.objects)
    if drawn < DRAWN or len(own.places) != 1 or own.places[0].source != PROMPT:
        return False
    place = own.places[0]
    return opens(evidence.prompt, place) and _TITLE_END.match(evidence.prompt, place.end) is not None
