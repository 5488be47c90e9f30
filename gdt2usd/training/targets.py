"""From a sample of the dataset to what the network is taught: its evidence, the script tokens, and what each number means.

Ground truth comes from the sample's record (mentions, drawing), never from reading it again. A sample whose truth cannot be
said with references (a name written nowhere, a number misread in the sketch and said nowhere else) is left out or loses that
parameter, as a reader could not know it either. Not covered: batching (`training.collate`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from gdt2usd.dataset.prompt_facts import groups_of, kind_of, location_of, parameters_of
from gdt2usd.dataset.sample import Sample
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
from gdt2usd.training.evidence import Find, SketchTruth, UntellableError, Who, evidence_of, find_objects
from gdt2usd.vlsm.mentions import PROMPT
from gdt2usd.vlsm.processor import Encoded, NumberReference, Pieces, encode
from gdt2usd.vlsm.script_tokens import FAMILIES, FIRST_NUMBER, FIRST_OBJECT, IDS, ROLES

_UNIT_SECONDS = {"s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0, "ms": 1e-3}

SLOTS = (
    "interarrival_time_s", "process_time_s", "setup_time_s", "breakdown.time_to_failure_s", "breakdown.time_to_repair_s",
    "dwell_time_s", "load_time_s", "unload_time_s", "move_time_s", "capacity", "batching", "components", "quantity",
    "length_m", "speed_m_s", "percent", "count", "horizon_s", "warm_up_s", "other",
)  # fmt: skip

RESOURCES = (Operator, Transporter, Robot, AGV, TaskExecuter, Crane, Dispatcher)


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
        for k, value in self.stated[(subject, slot)]:  # said twice, in the prompt and in the sketch: each means it
            if k == stated[0] or _unit(self.encoded.numbers[k], value, slot) is not None:
                self.note_number(k, subject, slot)
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
        said_by = [k for p in wanted for k, value in self.stated[(subject, f"{path}.{p}")] if k in self.slots]
        self.families |= dict.fromkeys(said_by, list(FAMILIES).index(name))

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
        for k, value in self.stated.get((resource.id, "count"), ()):
            if self.encoded.numbers[k].number.value == float(value):
                self.note_number(k, resource.id, "count")
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


def example(
    sample: Sample, pieces: Pieces, buckets: int, rng: np.random.Generator, *, find: Find | None = None, shuffle: bool = True
) -> Example:
    """The training example of `sample`, with names where `find` finds them; references are numbered at random with `shuffle`.

    Raises:
        UntellableError: the truth cannot be said with the references of the input.
    """
    evidence, truth, subjects = evidence_of(sample, rng, find)
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
