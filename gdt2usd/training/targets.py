"""From a sample of the dataset to what the network is taught: its evidence, the script tokens, and what each number means.

Ground truth comes from the sample's record (mentions, drawing), never from reading it again. A sample whose truth cannot be
said with references (a name written nowhere, a number misread in the sketch and said nowhere else) is left out or loses that
parameter, as a reader could not know it either. Not covered: batching (`training.collate`).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from gdt2usd.dataset.prompt_facts import groups_of, kind_of, location_of, parameters_of
from gdt2usd.dataset.sample import DrawnLink, DrawnObject, Sample
from gdt2usd.diagnostics import Box
from gdt2usd.graph.distributions import Constant, Distribution
from gdt2usd.graph.model import (
    AGV,
    Combiner,
    Conveyor,
    Crane,
    Discipline,
    Dispatcher,
    Link,
    MultiProcessor,
    Operator,
    OperatorNeed,
    ProcessGraph,
    Processor,
    Queue,
    Resource,
    Robot,
    Separator,
    Sink,
    Source,
    Station,
    Storage,
    TaskExecuter,
    Transporter,
)
from gdt2usd.vlsm.likeness import best_window
from gdt2usd.vlsm.mentions import PROMPT, Named, Place, group, normalised, similar
from gdt2usd.vlsm.processor import CandidateLink, Encoded, Evidence, NumberReference, Pieces, Stroke, encode
from gdt2usd.vlsm.script_tokens import FAMILIES, FIRST_NUMBER, FIRST_OBJECT, IDS, ROLES

_NUMBERED = re.compile(r"(.+?)[ \-_#]*(\d+)")
_UNIT_SECONDS = {"s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0, "ms": 1e-3}

SLOTS = (
    "interarrival_time_s", "process_time_s", "setup_time_s", "breakdown.time_to_failure_s", "breakdown.time_to_repair_s",
    "dwell_time_s", "load_time_s", "unload_time_s", "move_time_s", "capacity", "batching", "components", "quantity",
    "length_m", "speed_m_s", "percent", "count", "horizon_s", "warm_up_s", "other",
)  # fmt: skip

READABLE = 0.55
"""A label is its object's name if the likest words in it are at least so like what was drawn."""
MISTAKEN_KINDS = ("processor", "queue", "source", "sink", "conveyor", "operator")

RESOURCES = (Operator, Transporter, Robot, AGV, TaskExecuter, Crane, Dispatcher)


class UntellableError(Exception):
    """The sample's truth cannot be said with the references of its input."""


@dataclass(frozen=True, slots=True)
class Example:
    """One training example: input, target script ids, and truths of the dense heads.

    kinds: (object index, kind name); slots: (number index, SLOTS index); owners: (number index, object index);
    relations: (one of `CONNECTIONS`, object index, object index); roles, families: (number index, index into ROLES, FAMILIES);
    targets: (number index of a percentage, object index where that share goes).
    """

    encoded: Encoded
    target: list[int]
    kinds: list[tuple[int, str]]
    slots: list[tuple[int, int]]
    owners: list[tuple[int, int]]
    relations: list[tuple[str, int, int]]
    roles: list[tuple[int, int]]
    families: list[tuple[int, int]]
    targets: list[tuple[int, int]]


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


def gold_places(sample: Sample, truth: SketchTruth) -> tuple[list[Place], dict[tuple[int, int, int], set[str]]]:
    """Every place where a name is written, and the object ids each place stands for."""
    places: dict[tuple[int, int, int], Place] = {}
    subjects: dict[tuple[int, int, int], set[str]] = {}
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
    return list(places.values()), subjects


@dataclass(frozen=True, slots=True)
class Who:
    """Where an object id is in the input: index of the named object, and a number to append when only the stem is written."""

    index: int
    suffix: int = 0


def find_objects(graph: ProcessGraph, objects: Sequence[Named], subjects: dict[tuple[int, int, int], set[str]]) -> dict[str, Who]:
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


class _Writer:
    """Writes the target tokens of one sample."""

    def __init__(self, sample: Sample, truth: SketchTruth, encoded: Encoded, who: dict[str, Who]) -> None:
        self.sample = sample
        self.encoded = encoded
        self.who = who
        self.tokens: list[int] = []
        self.slots: dict[int, int] = {}
        self.owners: list[tuple[int, int]] = []
        self.relations: list[tuple[str, int, int]] = []
        self.roles: dict[int, int] = {}
        self.families: dict[int, int] = {}
        self.targets: dict[int, int] = {}
        self.stated: dict[tuple[str, str], list[tuple[int, str]]] = {}
        prompt_numbers = [(k, n) for k, n in enumerate(encoded.numbers) if n.source == PROMPT]
        for mention in sample.prompt.mentions:
            for k, reference in prompt_numbers:
                if reference.number.start < mention.end and mention.start < reference.number.end:
                    self.stated.setdefault((mention.fact.subject, mention.fact.slot), []).append((k, mention.fact.value))
        for label, note in truth.note_of.items():
            numbers = [k for k, n in enumerate(encoded.numbers) if n.source == label]
            drawing = sample.drawing
            for fact in drawing.notes[note].facts if drawing is not None else ():
                for k in numbers:
                    if _unit(encoded.numbers[k], fact.value, fact.slot) is not None:
                        self.stated.setdefault((fact.subject, fact.slot), []).append((k, fact.value))

    def entity(self, thing_id: str) -> None:
        who = self.who[thing_id]
        self.tokens.append(FIRST_OBJECT + self.encoded.object_ids[who.index])
        if who.suffix:
            self.tokens.append(IDS[f"#{who.suffix}"])

    def find(self, subject: str, slot: str) -> tuple[int, str] | None:
        """(number index, unit) of a stated fact: the first mention that fits its value."""
        for k, value in self.stated.get((subject, slot), ()):
            unit = _unit(self.encoded.numbers[k], value, slot)
            if unit is not None:
                return k, unit
        return None

    def note_number(self, k: int, subject: str, slot: str) -> None:
        self.slots[k] = next((i for i, s in enumerate(SLOTS) if slot.startswith(s)), len(SLOTS) - 1)
        if subject in self.who:
            self.owners.append((k, self.who[subject].index))
        if (role := slot.rsplit(".", 1)[-1]) in ROLES:
            self.roles[k] = ROLES.index(role)
        if (target := slot.removeprefix("percent:")) != slot and target in self.who:
            self.targets[k] = self.who[target].index

    def numeral(self, subject: str, slot: str, *, unit: bool = False) -> list[int] | None:
        stated = self.find(subject, slot)
        if stated is None:
            return None
        self.note_number(stated[0], subject, slot)
        token = FIRST_NUMBER + self.encoded.number_ids[stated[0]]
        return [token, IDS[f"u:{stated[1]}"]] if unit else [token]

    def count(self, subject: str, slot: str, value: int) -> list[int] | None:
        numeral = self.numeral(subject, slot)
        if numeral is None and 1 <= value <= 12 and (subject, slot) in self.stated:
            return [IDS[f"<{value}>"]]
        return numeral

    def random_time(self, token: str, subject: str, path: str, dist: Distribution) -> None:
        """`token ~family number unit ...` if every number of it is stated."""
        family, parameters = parameters_of(dist)
        if not parameters or location_of(dist):
            return
        said = {p.name: p for p in parameters}
        match family:
            case "lognormal":
                name, wanted = "lognormal_meanstd", ["mean", "std"]
            case "lognormallog":
                name, wanted = "lognormal", ["mu", "sigma"]
            case "gamma":
                by_mean = self.find(subject, f"{path}.scale") is None and self.find(subject, f"{path}.mean") is not None
                name, wanted = ("gamma_meanshape", ["shape", "mean"]) if by_mean else ("gamma", ["shape", "scale"])
            case _:
                name, wanted = family, [p.name for p in parameters]
        out = [IDS[token], IDS[f"~{name}"]]
        for parameter in wanted:
            numeral = self.numeral(subject, f"{path}.{parameter}", unit=said[parameter].is_time)
            if numeral is None:
                return
            out += numeral
        self.tokens += out
        number_at = {FIRST_NUMBER + reference: k for k, reference in enumerate(self.encoded.number_ids)}
        self.families |= {number_at[t]: list(FAMILIES).index(name) for t in out if t in number_at}

    def value(self, token: str, subject: str, slot: str, value: float) -> None:
        numeral = self.count(subject, slot, int(value)) if value == int(value) else self.numeral(subject, slot)
        if numeral is not None:
            self.tokens += [IDS[token], *numeral]

    def flag(self, token: str, present: bool) -> None:
        if present:
            self.tokens.append(IDS[token])

    def station(self, station: Station) -> None:
        self.entity(station.id)
        self.tokens.append(IDS[kind_of(station)])
        match station:
            case Source():
                self.random_time("interarrival", station.id, "interarrival_time_s", station.interarrival_time_s)
                self.flag("at_zero", station.arrival_at_zero)
            case Queue():
                self.value("capacity", station.id, "capacity", station.capacity)
                self.flag("lifo", station.discipline is Discipline.LIFO)
                if station.batching is not None:
                    self.value("batch", station.id, "batching.size", station.batching.size)
                    wait = self.numeral(station.id, "batching.max_wait_s", unit=True)
                    self.tokens += [IDS["batch_wait"], *wait] if wait else []
            case Processor() | Combiner() | Separator() | MultiProcessor():
                self.machine(station)
            case Conveyor():
                self.value("length", station.id, "length_m", station.length_m)
                self.value("speed", station.id, "speed_m_s", station.speed_m_s)
                self.flag("not_accumulating", not station.accumulating)
            case Storage():
                self.value("capacity", station.id, "capacity", station.capacity)
                self.random_time("dwell", station.id, "dwell_time_s", station.dwell_time_s)
            case Sink():
                pass
        rule = type(station.routing).__name__
        names = {"RoundRobin": "round_robin", "ByLabel": "by_label", "RandomPort": "random_port", "ShortestQueue": "shortest_queue"}
        self.flag(names.get(rule, "round_robin"), rule in names)

    def machine(self, station: Processor | Combiner | Separator | MultiProcessor) -> None:
        me = station.id
        if isinstance(station, Combiner):
            self.tokens.append(IDS[{"batch": "batch_mode"}.get(station.mode.value, station.mode.value)])
            for i, count in enumerate(station.components):
                numeral = self.count(me, f"components.{i}", count)
                if numeral is not None:
                    self.tokens += [IDS["components"], *numeral]
                elif count != 1:
                    self.tokens += [IDS["components"], IDS[f"<{min(count, 12)}>"]]
        if isinstance(station, Separator):
            self.tokens.append(IDS[station.mode.value])
            if isinstance(station.quantity, Constant):
                self.value("quantity", me, "quantity.value", station.quantity.value)
        self.random_time("process", me, "process_time_s", station.process_time_s)
        self.random_time("setup", me, "setup_time_s", station.setup_time_s)
        self.value("capacity", me, "capacity", station.capacity)
        if station.breakdown is not None:
            self.random_time("failure", me, "breakdown.time_to_failure_s", station.breakdown.time_to_failure_s)
            self.random_time("repair", me, "breakdown.time_to_repair_s", station.breakdown.time_to_repair_s)

    def resource(self, resource: Resource) -> None:
        self.entity(resource.id)
        self.tokens.append(IDS[kind_of(resource)])
        if isinstance(resource, Dispatcher):
            return
        groups = groups_of(resource)
        if "capacity" in groups:
            self.value("capacity", resource.id, "capacity", resource.capacity)
        if "speed_m_s" in groups:
            self.value("speed", resource.id, "speed_m_s", resource.speed_m_s)
        for token, group_name in (("load", "load_time_s"), ("unload", "unload_time_s"), ("move", "move_time_s")):
            if group_name in groups:
                dist = resource.move_time_s if isinstance(resource, Robot) and token == "move" else getattr(resource, group_name)
                if dist is not None:
                    self.random_time(token, resource.id, group_name, dist)

    def link(self, link: Link) -> None:
        self.pair("link", link.upstream, link.downstream)
        if link.percent is not None:
            numeral = self.numeral(link.upstream, f"percent:{link.downstream}") or [IDS["<rest>"]]
            self.tokens += [IDS["percent"], *numeral]

    def script(self, graph: ProcessGraph, form: str) -> None:
        self.tokens.append(IDS[f"form:{form}"])
        for thing in sorted((*graph.stations, *graph.resources), key=self.appearance):
            if isinstance(thing, RESOURCES):
                self.resource(thing)
            else:
                self.station(thing)
        by_id = {station.id: station for station in graph.stations}
        for link in sorted(graph.links, key=lambda link: (self.appearance(by_id[link.upstream]), link.out_port)):
            self.link(link)
        for station in graph.stations:
            need: OperatorNeed | None = getattr(station, "operators", None)
            if need is not None:
                self.operators(station, need)
        for station in graph.stations:
            carriers = {link.transport for link in graph.links if link.upstream == station.id and link.transport is not None}
            for carrier in sorted(carriers):
                self.pair("carry", carrier, station.id)
        for resource in graph.resources:
            for member in resource.team if isinstance(resource, Dispatcher) else ():
                self.pair("team", resource.id, member)
        for token, slot, value in (("horizon", "horizon_s", graph.horizon_s), ("warm_up", "warm_up_s", graph.warm_up_s)):
            numeral = self.numeral("", slot, unit=True) if value is not None else None
            self.tokens += [IDS[token], *numeral] if numeral else []
        self.tokens.append(IDS["<end>"])

    def operators(self, station: Station, need: OperatorNeed) -> None:
        for worker in need.resources:
            if need.process_count:
                self.pair("serve", worker, station.id)
                self.tokens += [IDS["count"], IDS[f"<{min(12, need.process_count)}>"]] if need.process_count > 1 else []
            if need.setup_count:
                self.pair("serve_setup", worker, station.id)

    def appearance(self, thing: Station | Resource) -> tuple[int, int]:
        """Where the object's reference first stands in the input: the order in which the network declares."""
        who = self.who[thing.id]
        token = FIRST_OBJECT + self.encoded.object_ids[who.index]
        return self.encoded.tokens.index(token), who.suffix

    def pair(self, token: str, first: str, second: str) -> None:
        self.tokens.append(IDS[token])
        self.entity(first)
        self.entity(second)
        self.relations.append((token, self.who[first].index, self.who[second].index))


def _unit(reference: NumberReference, value: str, slot: str) -> str | None:
    """The time unit in which the number says `value` (seconds, or a plain figure), None if it does not."""
    try:
        wanted = float(value)
    except ValueError:
        return None
    said, unit = reference.number.value, reference.number.unit
    if "_s" not in slot.replace("_m_s", ""):
        return "s" if math.isclose(said, wanted, rel_tol=1e-6) else None
    candidates = [unit] if unit in _UNIT_SECONDS else list(_UNIT_SECONDS)
    for candidate in candidates:
        if math.isclose(said * _UNIT_SECONDS[candidate], wanted, rel_tol=1e-6, abs_tol=1e-9):
            return candidate
    if said and math.isclose(3600 / said, wanted, rel_tol=1e-3):
        return "per_h"
    if said and math.isclose(60 / said, wanted, rel_tol=1e-3):
        return "per_min"
    return "s" if slot.endswith(("shape", "sigma", "mu")) and math.isclose(said, wanted, rel_tol=1e-6) else None


def seen_links(sample: Sample, truth: SketchTruth, rng: np.random.Generator) -> tuple[CandidateLink, ...]:
    """The drawn links as a link finder would report them: some missed, some turned round, some that are not there."""
    drawing = sample.drawing
    if drawing is None:
        return ()
    label_of = {drawn.id: i for i, drawn in truth.object_of.items()}
    trouble = float(rng.choice([0.0, 0.3, 1.0], p=[0.4, 0.35, 0.25]))
    out: list[CandidateLink] = []
    percents = _percent_labels(sample, truth)
    for link in drawing.links:
        if link.upstream not in label_of or link.downstream not in label_of or rng.random() < 0.06 * trouble:
            continue
        out.append(_seen(link, label_of, percents, trouble, rng))
    labels = list(label_of.values())
    for _ in range(int(rng.poisson(0.5 * trouble)) if len(labels) > 2 else 0):
        a, b = rng.choice(len(labels), 2, replace=False)
        out.append(
            CandidateLink(labels[a], labels[b], Stroke(str(rng.choice(["arrow", "line", "dashed"], p=[0.3, 0.5, 0.2]))), False)
        )
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
    if rng.random() < 0.08 * trouble:
        stroke = Stroke(str(rng.choice(["arrow", "line", "dashed"])))
    turned = rng.random() < (0.02 * trouble if stroke is Stroke.ARROW else 0.5)
    percent = percents.get((link.upstream, link.downstream)) if rng.random() > 0.08 * trouble else None
    if turned:
        a, b = b, a
    return CandidateLink(a, b, stroke, bool(rng.random() > 0.3 * trouble), percent)


def evidence_of(sample: Sample, rng: np.random.Generator) -> tuple[Evidence, SketchTruth, dict[tuple[int, int, int], set[str]]]:
    """What would be read of the sample: gold places with a little noise, kinds of shapes and links as seen."""
    truth = sketch_truth(sample)
    places, subjects = gold_places(sample, truth)
    if rng.random() < 0.25 and len(places) > 3:
        twice = {i for i, p in enumerate(places) if sum(subjects[_key(p)] == subjects[_key(q)] for q in places) > 1}
        drop = {i for i in twice if rng.random() < 0.05}
        places = [p for i, p in enumerate(places) if i not in drop]
    kinds: dict[int, str] = {}
    for i, drawn in truth.object_of.items():
        draw = rng.random()
        if draw > 0.15:
            kinds[i] = (
                drawn.kind if draw > 0.2 else str(rng.choice(["processor", "queue", "source", "sink", "conveyor", "operator"]))
            )
    size = None if sample.pixels is None else (sample.pixels.shape[1], sample.pixels.shape[0])
    labels = sample.ocr if size is not None else ()
    objects = group(sample.prompt.text, places)
    evidence = Evidence(sample.prompt.text, objects, labels, size, kinds, seen_links(sample, truth, rng))
    return evidence, truth, subjects


def _key(place: Place) -> tuple[int, int, int]:
    return place.source, place.start, place.end


def example(sample: Sample, pieces: Pieces, buckets: int, rng: np.random.Generator, *, shuffle: bool = True) -> Example:
    """The training example of `sample`; references are numbered at random with `shuffle`.

    Raises:
        UntellableError: the truth cannot be said with the references of the input.
    """
    evidence, truth, subjects = evidence_of(sample, rng)
    order: Callable[[int], Sequence[int]] = (lambda n: [int(i) for i in rng.permutation(n)]) if shuffle else range
    encoded = encode(evidence, pieces, buckets, order)
    if encoded.truncated:
        raise UntellableError("the input is too long")
    who = find_objects(sample.graph, encoded.objects, subjects)
    if any(isinstance(s, MultiProcessor) and s.steps for s in sample.graph.stations) or any(
        isinstance(s, Source) and s.schedule for s in sample.graph.stations
    ):
        raise UntellableError("steps and schedules have no tokens")
    writer = _Writer(sample, truth, encoded, who)
    writer.script(sample.graph, sample.categories.layout)
    kinds = [(who[thing.id].index, kind_of(thing)) for thing in (*sample.graph.stations, *sample.graph.resources)]
    relations = sorted(set(writer.relations))
    return Example(
        encoded, writer.tokens, kinds, sorted(writer.slots.items()), sorted(set(writer.owners)), relations,
        sorted(writer.roles.items()), sorted(writer.families.items()), sorted(writer.targets.items()),
    )  # fmt: skip
