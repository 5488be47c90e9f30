"""Overrules verdicts of the reader that the words beside a number or a name contradict.

What the prompt says outright of a type or a number of things (`vlsm.stated`) counts. A number is a setup time only where a word
for setup stands near it; what stands before the colon that opens a prompt is a title; names in the plural mean objects that have
numbers of their own. Not covered: what the drawing says (`vlsm.guide`).
"""

from __future__ import annotations

import math
import re
from dataclasses import replace

from torch import Tensor

from gdt2usd.diagnostics import Box
from gdt2usd.vlsm.clauses import clause_at
from gdt2usd.vlsm.consistent import (
    MOVES,
    consistent,
    with_bare_numbers,
    with_corrections,
    with_drawn_shares,
    with_groups,
    with_needs,
    with_whole_shares,
)
from gdt2usd.vlsm.guide import NEVER
from gdt2usd.vlsm.likeness import likeness, split_index
from gdt2usd.vlsm.mentions import PROMPT, Named, normalised, opens
from gdt2usd.vlsm.owners import sharpened, with_chains, with_heads, with_topics
from gdt2usd.vlsm.processor import Encoded, Evidence, NumberReference
from gdt2usd.vlsm.said import Said
from gdt2usd.vlsm.script_tokens import KINDS, RESOURCE_CLASSES, SUFFIXES
from gdt2usd.vlsm.stated import Stated
from gdt2usd.vlsm.weighed import with_weighed_connections

_SETUP = re.compile(r"set[\s-]?up|set\s+(?:it|them)\s+up|change[\s-]?over|r\u00fcst|prepar|retool|adjust|warm|ready", re.I)
_BREAKS = re.compile(
    r"mtb|mtt|fail|break|broke|repair|down|jam|stop|fault|outage|up-?time|trouble|defect|malfunction|crash|fix|stand-?still|block"
    r"|out of order|st\u00f6r|ausfall|maint|service",
    re.I,
)
_BREAKS_NEAR = 160
_BASE_CLASS = re.compile(r"task ?execut[eo]rs?\b", re.I)
_TITLE_END = re.compile(r"\s*(?::|\.\s|\n|\s[\u2013-]\s)")
_RANGE_BEFORE = re.compile(r"\d\s?(?:[\u2013-]|\.\.|to)\s?$")
_RANGE_BEHIND = re.compile(r"\s?(?:[\u2013-]|\.\.|to)\s?\d")
_AFTER = 30
ALIKE = 0.9
"""Stems of names that are at least so alike are the same, misread."""
FRAMED = 3.6
"""A shape so many times as large as the label in it is drawn around it; what the tower makes of a label without one is smaller."""
SHOWN = 0.7
"""Share of the objects with a label in the sketch from which on it is taken to show all stations."""
COUNTED = 2.0
"""Nats for a helper of which it is said how many there are."""
OPENING = 60
"""Letters of the prompt within which its title stands."""
DRAWN = 3
"""Objects with a label in the sketch from which on the sketch is taken to show the line."""


def plausible(said: Said, encoded: Encoded, evidence: Evidence, slots: tuple[str, ...], told: Stated) -> Said:
    """The verdicts with what the prompt states, with setup times that no word speaks of given to the next likeliest parameter, with
    percentages given to the arrows at which they stand, and made consistent.

    `slots` are the network's words for parameters; what they lack is not overruled.
    """
    kinds, shares, owned = _with_stated_kinds(_with_persons(said, evidence), told), said.slots.clone(), said.owners.clone()
    _count_helpers(kinds, told)
    counts: dict[int, int] = {}
    if len(encoded.objects) and len(encoded.numbers):
        best, owners = said.slots.argmax(-1).tolist(), said.owners.argmax(-1).tolist()
        if {"setup_time_s", "process_time_s"} <= set(slots):
            _without_setups(shares, best, owners, encoded, evidence, slots, told)
        if {"count", "other"} <= set(slots):
            counts = _counts(kinds, encoded, evidence, told)
            for i, thing in counts.items():
                shares[i], owned[i] = 0.0, 0.0
                shares[i, slots.index("count")] = owned[i, thing] = 1.0
            _without_odd_counts(shares, counts, encoded, evidence, slots, told)
        if {"breakdown.time_to_failure_s", "breakdown.time_to_repair_s", "process_time_s"} <= set(slots):
            _without_breakdowns(shares, encoded, evidence, slots, told)
        for i, reference in enumerate(encoded.numbers):
            number = reference.number
            if (number.unit == "%" and number.value > 100) or (number.unit != "%" and number.value == 0):  # misread
                shares[i] = 0.0
                shares[i, -1] = 1.0
        if "warm_up_s" in slots:
            for i in told.warm_ups:
                shares[i] = 0.0
                shares[i, slots.index("warm_up_s")] = 1.0
        for slot, rows in (("components", told.components), ("quantity", told.quantities)):
            for i, thing in rows if slot in slots else ():
                shares[i], owned[i] = 0.0, 0.0
                shares[i, slots.index(slot)] = owned[i, thing] = 1.0
    settled = with_topics(replace(said, kinds=kinds, slots=shares, owners=owned), told.topics)
    settled = with_groups(settled, encoded, evidence, slots)
    settled = with_bare_numbers(settled, encoded, evidence, slots, told)
    counted = {*counts, *(k for k, _ in (*told.counts, *told.components, *told.quantities))}
    heads = {k: thing for k, thing in told.heads.items() if k not in counted}
    chains = {k: things for k, things in told.chains.items() if k not in counted}
    settled = with_heads(settled, heads, encoded.objects)
    settled = with_corrections(settled, encoded, evidence)
    settled = with_drawn_shares(settled, encoded, evidence, slots)
    settled = with_whole_shares(settled, encoded, evidence, slots)
    settled = with_drawn_shares(settled, encoded, evidence, slots)
    settled = with_needs(consistent(settled, encoded, evidence, slots), encoded, slots, heads)
    settled = with_chains(sharpened(settled), chains, heads)
    return with_weighed_connections(settled, encoded, evidence)


def _without_setups(
    shares: Tensor,
    best: list[int],
    owners: list[int],
    encoded: Encoded,
    evidence: Evidence,
    slots: tuple[str, ...],
    told: Stated,
) -> None:
    """Take the share of setup from numbers beside which no word speaks of it, where their machine has no process time."""
    setup, process = slots.index("setup_time_s"), slots.index("process_time_s")
    times = {(owners[i], encoded.numbers[i].number.value) for i, slot in enumerate(best) if slot == process}
    for i, slot in enumerate(best):
        own = encoded.numbers[i].number.value
        other = any(owner == owners[i] and value != own for owner, value in times)
        plain = (
            i in told.heads and _SETUP.search(evidence.prompt, *clause_at(evidence.prompt, encoded.numbers[i].number.start)) is None
        )
        if slot == setup and not other and (plain or _is_first_and_plain(evidence, encoded, i, owners[i])):
            shares[i, setup] = 0.0
            shares[i] /= shares[i].sum().clamp(min=1e-9)


def _without_breakdowns(shares: Tensor, encoded: Encoded, evidence: Evidence, slots: tuple[str, ...], told: Stated) -> None:
    """Give the shares of breakdowns to the process time where no word near a number of the prompt speaks of them.

    In a clause that names one object the word must stand in it.
    """
    broken = [slots.index("breakdown.time_to_failure_s"), slots.index("breakdown.time_to_repair_s")]
    for k, reference in enumerate(encoded.numbers):
        number = reference.number
        near = evidence.prompt[max(0, number.start - _BREAKS_NEAR) : number.end + _BREAKS_NEAR // 2]
        if k in told.heads:
            start, end = clause_at(evidence.prompt, number.start)
            near = evidence.prompt[start:end]
        if reference.source == PROMPT and int(shares[k].argmax()) in broken and _BREAKS.search(near) is None:
            shares[k, slots.index("process_time_s")] += shares[k, broken].sum()
            shares[k, broken] = 0.0


def _count_helpers(kinds: Tensor, told: Stated) -> None:
    """Weigh for a helper what is counted (`3x Mechanic`) and what no word says to be anything else."""
    nearest = dict(reversed(told.crews))
    for things, weight in (({thing for _, thing in told.counts}, COUNTED), ({*nearest.values()}, COUNTED / 2)):
        for thing in things - told.kinds.keys():
            kinds[thing, [KINDS.index(kind) for kind in RESOURCE_CLASSES]] += weight
            kinds[thing] = kinds[thing].log_softmax(-1)


def _counts(kinds: Tensor, encoded: Encoded, evidence: Evidence, told: Stated) -> dict[int, int]:
    """Numbers that count a resource without a number of its own, with the resource; each number and each resource once."""
    out: dict[int, int] = {}
    for k, thing in (*told.counts, *told.crews):
        fitting = (
            _can_count(k, encoded.numbers[k], evidence, told)
            and KINDS[int(kinds[thing, : len(KINDS)].argmax())] in RESOURCE_CLASSES.keys() - {"dispatcher"}
            and not split_index(evidence.objects[thing].name)[1]
        )
        if fitting and k not in out and ((k, thing) in told.counts or thing not in out.values()):
            out[k] = thing
    return out


def _without_odd_counts(
    shares: Tensor, counts: dict[int, int], encoded: Encoded, evidence: Evidence, slots: tuple[str, ...], told: Stated
) -> None:
    """Take the share of a count from numbers that cannot be one, and from a `both` without the things behind it."""
    count = slots.index("count")
    for i, reference in enumerate(encoded.numbers):
        if reference.source != PROMPT or i in counts or int(shares[i].argmax()) != count:
            continue
        number, behind = reference.number, evidence.prompt[reference.number.end :].lower()
        nobody = number.text.lower() == "both" and not any(
            re.match(rf"(?: of)?(?: the)? {re.escape(normalised(p.text).lower())}", behind)
            for n in evidence.objects
            for p in n.places
        )
        if nobody or not _can_count(i, reference, evidence, told):
            shares[i, count] = 0.0
            shares[i] /= shares[i].sum().clamp(min=1e-9)


def _can_count(index: int, reference: NumberReference, evidence: Evidence, told: Stated) -> bool:
    """Whether a number can be how many there are of a thing: whole, without a unit, no part of a range or a distribution."""
    number = reference.number
    text = evidence.prompt if reference.source == PROMPT else ""
    ranged = _RANGE_BEFORE.search(text[: number.start]) is not None or _RANGE_BEHIND.match(text, number.end) is not None
    whole = number.unit is None and number.value == int(number.value) and number.value <= len(SUFFIXES)
    return whole and not ranged and index not in told.families


def _with_stated_kinds(kinds: Tensor, told: Stated) -> Tensor:
    """Log shares of the kinds with those left out that the prompt's words for a type do not mean."""
    out = kinds.clone()
    for i, possible in told.kinds.items():
        allowed = [KINDS.index(kind) for kind in KINDS if kind in possible]
        out[i] = NEVER
        out[i, allowed] = kinds[i, allowed].log_softmax(-1)
    return out


def _likeliest(said: Said, index: int) -> str:
    return KINDS[int(said.kinds[index, : len(KINDS)].argmax())]


def _with_persons(said: Said, evidence: Evidence) -> Tensor:
    """Log shares of the kinds in which what is drawn as a person and read as a mover is an operator, and so is what is only called
    `Task Executer` and drawn as nothing else: FlexSim's base class has no shape, an operator does all that it does."""
    kinds = said.kinds.clone()
    for i, named in enumerate(evidence.objects):
        drawn = {evidence.kinds.get(p.source) for p in named.places if p.source != PROMPT}
        if MOVES.search(named.name):
            continue
        plain = _BASE_CLASS.match(named.name) is not None and drawn.isdisjoint(("agv", "transporter", "robot", "crane"))
        if _likeliest(said, i) in ("task_executer", "agv", "transporter") and ("operator" in drawn or (plain and drawn)):
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


def is_heading(evidence: Evidence, encoded: Encoded, said: Said, slots: tuple[str, ...], index: int) -> bool:
    """Whether a name of the sketch is its heading: no line leads to it, no shape is drawn around it, it owns no number.

    It is none where the text speaks of it after its beginning, or where there would be no sink or source without it.
    """
    kind = _likeliest(said, index)
    told = [p for p in evidence.objects[index].places if p.source == PROMPT]
    if any(p.start > OPENING for p in told):
        return False
    if told and kind in ("source", "sink") and all(_likeliest(said, i) != kind for i in range(len(evidence.objects)) if i != index):
        return False
    labels = [p.source for p in evidence.objects[index].places if p.source != PROMPT]
    linked = {end for link in evidence.links for end in (link.upstream, link.downstream)}
    others = {p.source for named in evidence.objects for p in named.places if p.source != PROMPT} - set(labels)
    if not labels or linked.intersection(labels) or len(linked & others) < max(DRAWN, 0.6 * len(others)):
        return False
    if _likeliest(said, index) in RESOURCE_CLASSES and said.no_object(index) < math.log(0.3):
        return False
    if any(_owns(said, slots, index, k) for k in range(len(encoded.numbers))):
        return False
    return all(_area(evidence.shapes[i]) < FRAMED * _area(evidence.labels[i].box) for i in labels if i in evidence.shapes)


def is_beside(evidence: Evidence, encoded: Encoded, said: Said, slots: tuple[str, ...], told: Stated, index: int) -> bool:
    """Whether a name that the sketch lacks, though it shows the line, is only a word of the text: nothing is said of it.

    It may still be the only source or sink, work at the line, or be where a percentage goes.
    """
    drawn = {i for i, named in enumerate(evidence.objects) for p in named.places if p.source != PROMPT}
    if index in drawn or index in told.kinds or len(drawn) < max(DRAWN, SHOWN * len(evidence.objects)):
        return False
    kind = _likeliest(said, index)
    if kind in RESOURCE_CLASSES or (kind in ("source", "sink") and all(_likeliest(said, i) != kind for i in drawn)):
        return False
    for k in range(len(encoded.numbers)):
        meant = int(said.slots[k].argmax())
        aimed = meant < len(slots) and slots[meant] == "percent" and int(said.targets[k].argmax()) == index
        if aimed or _owns(said, slots, index, k):
            return False
    return True


def _owns(said: Said, slots: tuple[str, ...], index: int, number: int) -> bool:
    """Whether a number is likeliest a parameter of an object."""
    meant = int(said.slots[number].argmax()) < len(slots) and said.no_parameter(number) < 0.5
    return meant and int(said.owners[number].argmax()) == index


def _area(box: Box) -> float:
    return max(0.0, box.x1 - box.x0) * max(0.0, box.y1 - box.y0)


def is_title(evidence: Evidence, index: int) -> bool:
    """Whether a name stands only at the very beginning of the prompt, as a heading, and not in the sketch that shows the others."""
    own = evidence.objects[index]
    drawn = sum(any(place.source != PROMPT for place in other.places) for other in evidence.objects)
    if drawn < DRAWN or len(own.places) != 1 or own.places[0].source != PROMPT:
        return False
    place = own.places[0]
    return opens(evidence.prompt, place) and _TITLE_END.match(evidence.prompt, place.end) is not None
