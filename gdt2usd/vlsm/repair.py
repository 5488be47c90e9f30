"""Holds a draft against the evidence and mends what disagrees: drawn links left out, stations that lead nowhere, numbers unspent.

Every mend is a finding, and so is every doubt that stays. `misfit` scores a draft, so that of several the best can be chosen.
Not covered: checking and simulating the script (the pipeline).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

from gdt2usd.diagnostics import Box, Diagnostic, Place, Span, info, span_of, warning
from gdt2usd.vlsm.connect import connect, with_ends, with_enough_people
from gdt2usd.vlsm.decoding import Written
from gdt2usd.vlsm.mentions import PROMPT
from gdt2usd.vlsm.numbers import TIME_UNITS, Number
from gdt2usd.vlsm.processor import CandidateLink, Encoded, Evidence, Stroke
from gdt2usd.vlsm.render import Draft, Joined, Key, Parameter
from gdt2usd.vlsm.said import Said
from gdt2usd.vlsm.script_tokens import CONNECTIONS, ENDS, STATION_CLASSES

DOUBTFUL = 0.7
"""A decision whose least sure token has a smaller share than this is reported."""


SURELY_NOT = 0.1
"""A number is expected in the script if the reader's share for "no parameter" is below this."""


@dataclass(frozen=True, slots=True)
class Misfit:
    """Where a draft and the evidence disagree; each counts in `score`."""

    links_missing: tuple[CandidateLink, ...] = ()
    links_undrawn: tuple[Joined, ...] = ()
    labels_unused: tuple[int, ...] = ()
    numbers_unspent: tuple[int, ...] = ()
    dead_ends: tuple[Key, ...] = ()

    @property
    def score(self) -> float:
        return (
            1.0 * len(self.links_missing)
            + 0.5 * len(self.links_undrawn)
            + 1.0 * len(self.labels_unused)
            + 0.7 * len(self.numbers_unspent)
            + 1.5 * len(self.dead_ends)
        )


def _station_keys(draft: Draft) -> dict[int, Key]:
    return {t.key[0]: t.key for t in draft.objects if t.key[1] == 0}


def drawn_pairs(draft: Draft, evidence: Evidence) -> list[tuple[CandidateLink, Key, Key]]:
    """Candidate links whose two ends are objects of the draft."""
    of_label, keys = evidence.object_of_label(), _station_keys(draft)
    out = []
    for link in evidence.links:
        a, b = keys.get(of_label.get(link.upstream, -1)), keys.get(of_label.get(link.downstream, -1))
        if a is not None and b is not None and a != b:
            out.append((link, a, b))
    return out


def _may_link(upstream: str, downstream: str) -> bool:
    return upstream in STATION_CLASSES and downstream in STATION_CLASSES and upstream != "sink" and downstream != "source"


def misfit(draft: Draft, evidence: Evidence, encoded: Encoded, spent: set[int], said: Said) -> Misfit:
    """Compare a draft with what was drawn and said; `spent` are the numbers it uses."""
    kinds = {t.key: t.kind for t in draft.objects}
    joined = {frozenset((c.first, c.second)) for c in draft.connections}
    pairs = drawn_pairs(draft, evidence)
    missing = tuple(
        link
        for link, a, b in pairs
        if link.sure
        and link.stroke is not Stroke.DASHED
        and frozenset((a, b)) not in joined
        and {kinds[a], kinds[b]} <= set(STATION_CLASSES)
    )
    drawn = {frozenset((a, b)) for _, a, b in pairs}
    labelled = set(evidence.object_of_label().values())
    undrawn = tuple(
        c
        for c in draft.connections
        if c.what == "link"
        and len(drawn) >= 2
        and {c.first[0], c.second[0]} <= labelled
        and frozenset((c.first, c.second)) not in drawn
    )
    used = {t.key[0] for t in draft.objects}
    unused = tuple(sorted(i for i in labelled - used))
    return Misfit(missing, undrawn, unused, unspent_numbers(encoded, spent, said), dead_ends(draft))


def unspent_numbers(encoded: Encoded, spent: set[int], said: Said) -> tuple[int, ...]:
    """Numbers that the reader is sure are parameters and that the draft does not use, nor their like elsewhere in the input."""
    used = {(encoded.numbers[i].number.value, encoded.numbers[i].number.unit) for i in spent}
    values = {value for value, _ in used}

    def is_used(number: Number) -> bool:
        return (number.value, number.unit) in used or (number.unit is None and number.value in values)  # `34` beside `34 s`

    return tuple(
        i for i, reference in enumerate(encoded.numbers) if said.no_parameter(i) < SURELY_NOT and not is_used(reference.number)
    )


def dead_ends(draft: Draft) -> tuple[Key, ...]:
    """Stations without the links that their kind needs."""
    outs = {c.first for c in draft.connections if c.what == "link"}
    ins = {c.second for c in draft.connections if c.what == "link"}
    return tuple(
        t.key
        for t in draft.objects
        if t.kind in STATION_CLASSES and ((t.kind != "sink" and t.key not in outs) or (t.kind != "source" and t.key not in ins))
    )


def mend(draft: Draft, evidence: Evidence, said: Said) -> tuple[Draft, list[Diagnostic]]:
    """Put arguments in order, add the surely drawn links that are left out, connect what hangs loose; every mend is a finding."""
    draft, ordered = in_order(draft)
    draft, ended = with_ends(draft, said)
    draft, drawn = _with_drawn_links(draft, evidence)
    draft, helping = _with_drawn_resources(draft, evidence, said)
    draft = _with_people_at_machines(draft, evidence)
    draft, connected = connect(draft, said)
    draft, fitted = _with_fitting_components(draft)
    draft, called = with_enough_people(draft)
    return draft, [*ordered, *ended, *drawn, *helping, *connected, *fitted, *called]


def _with_fitting_components(draft: Draft) -> tuple[Draft, list[Diagnostic]]:
    """Combiners with one quantity for each input from the second on: those too many cut, those missing 1."""
    findings: list[Diagnostic] = []
    objects = []
    for thing in draft.objects:
        given = [p for p in thing.parameters if p.name == "components"]
        inputs = sum(c.what == "link" and c.second == thing.key for c in draft.connections)
        if given and len(given) != inputs - 1:
            one = Parameter("components", None, ((1.0, None),), (None,), (0, 0))
            fitting = [*given, *[one] * inputs][: max(0, inputs - 1)]
            others = tuple(p for p in thing.parameters if p.name != "components")
            thing = replace(thing, parameters=(*others, *fitting))  # noqa: PLW2901
            message = f"{thing.name!r} has {inputs} inputs: it got {len(fitting)} component quantities instead of {len(given)}"
            findings.append(warning("VL309", message, Place(thing.name), "check how many of each part it takes"))
        objects.append(thing)
    return replace(draft, objects=tuple(objects)), findings


def in_order(draft: Draft) -> tuple[Draft, list[Diagnostic]]:
    """The limits and the mode of uniform and triangular times from small to large, whatever order they were written in."""
    findings: list[Diagnostic] = []
    objects = []
    for thing in draft.objects:
        parameters = tuple(_ordered(parameter) for parameter in thing.parameters)
        for old, new in zip(thing.parameters, parameters, strict=True):
            if new is not old:
                findings.append(info("VL308", f"the numbers of {old.name} of {thing.name!r} were put in order", Place(thing.name)))
        objects.append(replace(thing, parameters=parameters))
    return replace(draft, objects=tuple(objects)), findings


def _ordered(parameter: Parameter) -> Parameter:
    if parameter.family not in ("uniform", "triangular"):
        return parameter
    order = sorted(range(len(parameter.arguments)), key=lambda i: _seconds(*parameter.arguments[i]))
    if order == list(range(len(order))):
        return parameter
    arguments = tuple(parameter.arguments[i] for i in order)
    return replace(parameter, arguments=arguments, numbers=tuple(parameter.numbers[i] for i in order))


def _seconds(value: float, unit: str | None) -> float:
    return value * TIME_UNITS.get(unit or "s", 1.0)


def _with_drawn_links(draft: Draft, evidence: Evidence) -> tuple[Draft, list[Diagnostic]]:
    """The draft with the surely drawn links that it leaves out, where the kinds of both ends allow it."""
    findings: list[Diagnostic] = []
    kinds = {t.key: t.kind for t in draft.objects}
    names = {t.key: t.name for t in draft.objects}
    joined = {frozenset((c.first, c.second)) for c in draft.connections}
    added: list[Joined] = []
    for link, a, b in drawn_pairs(draft, evidence):
        if not link.sure or link.stroke is not Stroke.ARROW or frozenset((a, b)) in joined:
            continue
        if _may_link(kinds[a], kinds[b]):
            added.append(Joined("link", a, b, None, (0, 0)))
            joined.add(frozenset((a, b)))
            message = f"the arrow drawn from {names[a]!r} to {names[b]!r} was missing in the draft and has been added"
            findings.append(info("VL301", message, Place(names[a])))
    return replace(draft, connections=(*draft.connections, *added)), findings


def _with_drawn_resources(draft: Draft, evidence: Evidence, said: Said) -> tuple[Draft, list[Diagnostic]]:
    """The draft with the dashed lines between a resource and what it works at, where it leaves them out.

    A line stands for all of several alike; what the resource does there is what the reader finds likeliest.
    """
    findings: list[Diagnostic] = []
    things = {t.key: t for t in draft.objects}
    joined = {frozenset((c.first[0], c.second[0])) for c in draft.connections}
    added: list[Joined] = []
    for link, a, b in drawn_pairs(draft, evidence):
        if link.stroke is not Stroke.DASHED or frozenset((a[0], b[0])) in joined:
            continue
        ways = [
            (float(said.relations[CONNECTIONS.index(what), first[0], second[0]]), what, first, second)
            for what in CONNECTIONS
            if what != "link"
            for first, second in ((a, b), (b, a))
            if things[first].kind in ENDS[what][0] and things[second].kind in ENDS[what][1]
        ]
        if not ways:
            continue
        _, what, first, second = max(ways)
        joined.add(frozenset((a[0], b[0])))
        alike = [t.key for t in draft.objects if t.key[0] == second[0]] if what == "team" else [second]
        added += [Joined(what, first, key, None, (0, 0)) for key in alike]
        message = (
            f"the line drawn between {things[first].name!r} and {things[second].name!r} was missing in the draft and was added"
        )
        findings.append(warning("VL301", message, Place(things[first].name), "check what is done there"))
    return replace(draft, connections=(*draft.connections, *added)), findings


def _with_people_at_machines(draft: Draft, evidence: Evidence) -> Draft:
    """The draft in which people whose line is drawn to a machine run that machine; vehicles and robots carry, as they were read."""
    kinds = {t.key: t.kind for t in draft.objects}
    teams: dict[Key, list[str]] = {}
    for joint in draft.connections:
        if joint.what == "team":
            teams.setdefault(joint.first, []).append(kinds[joint.second])
    people = {key for key, kind in kinds.items() if kind == "operator" or (key in teams and set(teams[key]) == {"operator"})}
    drawn = {frozenset((a, b)) for link, a, b in drawn_pairs(draft, evidence) if link.stroke is Stroke.DASHED}
    said = {(c.what, c.first, c.second) for c in draft.connections}

    def at_machine(joint: Joined) -> bool:
        return (
            joint.what == "carry"
            and joint.first in people
            and kinds[joint.second] in ENDS["serve"][1]
            and frozenset((joint.first, joint.second)) in drawn
            and ("serve", joint.first, joint.second) not in said
        )

    return replace(draft, connections=tuple(replace(c, what="serve") if at_machine(c) else c for c in draft.connections))


def doubts(draft: Draft, written: Written) -> list[Diagnostic]:
    """Objects, parameters and links whose least sure token is below `DOUBTFUL`."""
    findings: list[Diagnostic] = []
    names = {t.key: t.name for t in draft.objects}

    def least(at: tuple[int, int]) -> float:
        return min(written.probabilities[at[0] : at[1]], default=1.0)

    for thing in draft.objects:
        first = thing.parameters[0].at[0] if thing.parameters else thing.at[1]
        if (share := least((thing.at[0], first))) < DOUBTFUL:
            findings.append(_doubt(f"{thing.name!r} is read as a {thing.kind}", thing.name, share))
        for parameter in thing.parameters:
            if (share := least(parameter.at)) < DOUBTFUL:
                findings.append(_doubt(f"{parameter.name} of {thing.name!r}", thing.name, share))
    for joint in draft.connections:
        if joint.at != (0, 0) and (share := least(joint.at)) < DOUBTFUL:
            findings.append(_doubt(f"{joint.what} {names[joint.first]!r} -> {names[joint.second]!r}", names[joint.first], share))
    return findings


def _doubt(what: str, where: str, share: float) -> Diagnostic:
    return warning("VL302", f"not certain: {what} (confidence {share:.0%})", Place(where), "check it in 2-script.fs")


def misfit_findings(found: Misfit, draft: Draft, evidence: Evidence, encoded: Encoded) -> list[Diagnostic]:
    """What still disagrees, in words, pointing at the sketch or the prompt."""
    names = {t.key: t.name for t in draft.objects}
    findings = [
        warning("VL303", f"{evidence.objects[i].name!r} stands in the sketch but not in the model", _label_place(evidence, i))
        for i in found.labels_unused
    ]
    for joint in found.links_undrawn:
        message = f"no line was found in the sketch from {names[joint.first]!r} to {names[joint.second]!r}"
        findings.append(warning("VL304", message, Place(names[joint.first]), "check this connection"))
    for index in found.numbers_unspent:
        reference = encoded.numbers[index]
        where: Span | Place = Place("sketch")
        if reference.source == PROMPT:
            where = span_of(evidence.prompt, reference.number.start, reference.number.end)
        findings.append(warning("VL305", f"{reference.number.text!r} is not used in the model", where, "say whose value it is"))
    return [*findings, *dead_end_findings(draft)]


def dead_end_findings(draft: Draft) -> list[Diagnostic]:
    """Stations that lack an input or an output, in words."""
    names = {t.key: t.name for t in draft.objects}
    return [warning("VL306", f"{names[key]!r} is not connected on both sides", Place(names[key])) for key in dead_ends(draft)]


def _label_place(evidence: Evidence, index: int) -> Place:
    label = next((p.source for p in evidence.objects[index].places if p.source != PROMPT), None)
    box: Box | None = evidence.labels[label].box if label is not None else None
    return Place(evidence.objects[index].name, box)


def counting_numbers(draft: Draft, encoded: Encoded, said: Said, slots: tuple[str, ...]) -> set[int]:
    """Indices of the numbers that say how many there are of an object of which the draft has so many."""
    if "count" not in slots or not len(encoded.objects):
        return set()
    alike = Counter(t.key[0] for t in draft.objects)
    return {
        i
        for i, reference in enumerate(encoded.numbers)
        if int(said.slots[i].argmax()) == slots.index("count") and alike[int(said.owners[i].argmax())] == reference.number.value
    }


def spent_numbers(draft: Draft) -> set[int]:
    """Indices of the numbers that parameters use."""
    return {n for t in draft.objects for p in t.parameters for n in p.numbers if n is not None}
