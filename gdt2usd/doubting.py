"""Finds what is doubtful about a reading: unsure decisions, ends that lead nowhere, numbers and labels left over, times not given.

Not covered: numbering and settling (`doubts`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from gdt2usd.diagnostics import Box, Span, span_of
from gdt2usd.doubts import ANY, Doubt
from gdt2usd.graph.model import Combiner, MultiProcessor, ProcessGraph, Processor, Separator, Sink, Source
from gdt2usd.graph.settle import value_of
from gdt2usd.vlsm.processor import Stroke
from gdt2usd.vlsm.repair import DOUBTFUL, drawn_pairs
from gdt2usd.vlsm.script_tokens import KINDS

if TYPE_CHECKING:
    from gdt2usd.vlsm.processor import NumberReference
    from gdt2usd.vlsm.read import ReadScript
    from gdt2usd.vlsm.render import Declared, Draft, Joined

PATHS = {
    "interarrival": "interarrival_time_s", "process": "process_time_s", "setup": "setup_time_s",
    "failure": "breakdown.time_to_failure_s", "repair": "breakdown.time_to_repair_s", "batch": "batching.size",
    "batch_wait": "batching.max_wait_s", "length": "length_m", "speed": "speed_m_s", "dwell": "dwell_time_s", "load": "load_time_s",
    "unload": "unload_time_s", "move": "move_time_s", "at_zero": "arrival_at_zero", "lifo": "discipline", "pack": "mode",
    "join": "mode", "batch_mode": "mode", "split": "mode", "unpack": "mode", "not_accumulating": "accumulating",
    **dict.fromkeys(("round_robin", "by_label", "random_port", "shortest_queue"), "routing"),
}  # fmt: skip
"""Parameter tokens of the network -> keys of `3-graph.json`; the rest are called the same."""
_PROMPT = -1
_LIKELY = 0.03
_TOGETHER = re.compile(
    r"[\s,/+\u00b1()-]*(?:(?:and|to|with|a|of|or|standard|deviation|std|sd|dev|mean|mode|max|min|minimum|maximum)[\s,/+\u00b1()-]*)*",
    re.I,
)
"""What may stand between two numbers that are parameters of one value."""
_OWN_KEY = {
    "source": "interarrival_time_s", "queue": "capacity", "storage": "capacity", "conveyor": "length_m",
    **dict.fromkeys(("processor", "combiner", "separator", "multiprocessor"), "process_time_s"),
}  # fmt: skip
_QUESTIONS = {"serve": "Works there?", "serve_setup": "Sets up there?", "team": "In the team?"}


def doubts_of_reading(read: ReadScript, graph: ProcessGraph) -> list[Doubt]:
    """The doubts of a reading by the network; `graph` is what its script became."""
    told = _Told(read, graph)
    return [
        *told.types(), *told.parameters(), *told.connections(), *told.labels(), *told.undrawn(), *told.numbers(),
        *dead_ends(graph), *untimed(graph, stated(read.draft)),
    ]  # fmt: skip


def doubts_of_draft(draft: Draft, graph: ProcessGraph) -> list[Doubt]:
    """Those of a reading by rules, which has no confidences."""
    return [*dead_ends(graph), *untimed(graph, stated(draft))]


def stated(draft: Draft) -> set[str]:
    """Names of the objects whose own time was read."""
    return {t.name for t in draft.objects if any(p.name in ("process", "interarrival") for p in t.parameters)}


def dead_ends(graph: ProcessGraph) -> Iterator[Doubt]:
    """Stations without a way in or a way out that their kind needs."""
    outs = {link.upstream for link in graph.links}
    ins = {link.downstream for link in graph.links}
    for station in graph.stations:
        if station.id not in ins and not isinstance(station, Source):
            likely = tuple(s.id for s in graph.stations if s.id not in outs and s.id != station.id and not isinstance(s, Sink))[:3]
            yield Doubt("VL306", f"{ANY} -> {station.id}", "nothing", f"What leads to {station.id!r}?", None, likely)
        if station.id not in outs and not isinstance(station, Sink):
            likely = tuple(s.id for s in graph.stations if s.id not in ins and s.id != station.id and not isinstance(s, Source))[:3]
            yield Doubt("VL306", f"{station.id} -> {ANY}", "nothing", f"Where does {station.id!r} lead?", None, likely)


def untimed(graph: ProcessGraph, known: set[str]) -> Iterator[Doubt]:
    """Sources and machines outside `known`: nobody said their time, so that FlexSim's default stands there."""
    for station in graph.stations:
        match station:
            case Source() if station.id not in known and not station.schedule:
                key, what = (
                    "interarrival_time_s",
                    f"How often do items arrive at {station.id!r}? Nobody says.",
                )
            case Processor() | Combiner() | Separator() | MultiProcessor() if station.id not in known:
                key, what = "process_time_s", f"How long does {station.id!r} take? Nobody says."
            case _:
                continue
        yield Doubt("VL307", f"{station.id}.{key}", value_of(graph, f"{station.id}.{key}") or "", what)


class _Told:
    """One reading, with what its objects are called and where they stand."""

    def __init__(self, read: ReadScript, graph: ProcessGraph) -> None:
        self.read = read
        self.graph = graph
        self.names = {t.key: t.name for t in read.draft.objects}
        self.things = {t.key: t for t in read.draft.objects}

    def sure(self, at: tuple[int, int]) -> float:
        """The share of the least sure token; 1 for what a repair added."""
        return min(self.read.written.probabilities[at[0] : at[1]], default=1.0)

    def value(self, key: str) -> str | None:
        try:
            return value_of(self.graph, key)
        except ValueError:
            return None

    def spans(self, starts_ends: Sequence[tuple[int, int]]) -> tuple[Span, ...]:
        return tuple(span_of(self.read.evidence.prompt, a, b) for a, b in starts_ends)

    def place_of(self, index: int) -> tuple[Box | None, tuple[Span, ...]]:
        """Where the name of an object stands: its label's box, its places in the prompt."""
        places = self.read.evidence.objects[index].places
        label = next((p.source for p in places if p.source != _PROMPT), None)
        box = self.read.evidence.labels[label].box if label is not None else None
        return box, self.spans([(p.start, p.end) for p in places if p.source == _PROMPT])

    def other_kinds(self, index: int, but: str) -> tuple[str, ...]:
        """Kinds that the reader thinks possible, likeliest first."""
        shares = self.read.said.kinds[index].exp().tolist()
        order = sorted(range(len(KINDS)), key=lambda k: -shares[k])
        return tuple(f"{KINDS[k]}" for k in order if shares[k] >= _LIKELY and KINDS[k] != but)[:3]

    def types(self) -> Iterator[Doubt]:
        for thing in self.read.draft.objects:
            first = thing.parameters[0].at[0] if thing.parameters else thing.at[1]
            share = self.sure((thing.at[0], first))
            kind = self.value(f"{thing.name}.type")
            if share < DOUBTFUL and kind is not None:
                box, spans = self.place_of(thing.key[0])
                others = self.other_kinds(thing.key[0], kind)
                yield Doubt("VL302", f"{thing.name}.type", kind, f"What is {thing.name!r}?", share, others, box, spans)

    def parameters(self) -> Iterator[Doubt]:
        for thing in self.read.draft.objects:
            for parameter in thing.parameters:
                key = f"{thing.name}.{PATHS.get(parameter.name, parameter.name)}"
                share, value = self.sure(parameter.at), self.value(key)
                if share < DOUBTFUL and value is not None:
                    numbers = [self.read.encoded.numbers[i] for i in parameter.numbers if i is not None]
                    spans = self.spans([(n.number.start, n.number.end) for n in numbers if n.source == _PROMPT])
                    labels = [n.source for n in numbers if n.source != _PROMPT]
                    box = self.read.evidence.labels[labels[0]].box if labels else self.place_of(thing.key[0])[0]
                    yield Doubt("VL302", key, value, self.asks(thing, parameter.name), share, (), box, spans)

    def asks(self, thing: Declared, parameter: str) -> str:
        words = PATHS.get(parameter, parameter).removesuffix("_s").replace("_", " ").replace(".", " ")
        return f"Is the {words} of {thing.name!r} right?"

    def connections(self) -> Iterator[Doubt]:
        for joint in self.read.draft.connections:
            share = self.sure(joint.at)
            if joint.at != (0, 0) and share < DOUBTFUL:
                yield from self.connection(joint, share)

    def connection(self, joint: Joined, share: float) -> Iterator[Doubt]:
        first, second = self.names[joint.first], self.names[joint.second]
        keys = [f"{first} -> {second}"]
        question = _QUESTIONS.get(joint.what, "Does it lead there?")
        if joint.what == "carry":
            keys = [f"{link.upstream} -> {link.downstream}.transport" for link in self.graph.links if link.upstream == second]
            question = f"Does {first!r} carry it?"
        for key in keys:
            if (value := self.value(key)) is not None:
                box, spans = self.place_of(joint.first[0])
                yield Doubt("VL302", key, value, question, share, (), box, spans)

    def labels(self) -> Iterator[Doubt]:
        for index in self.read.found.labels_unused:
            box, spans = self.place_of(index)
            name = self.read.evidence.objects[index].name
            question = f"{name!r} stands in the sketch but not in the model. What is it?"
            yield Doubt("VL303", f"{name}.type", "none", question, None, self.other_kinds(index, ""), box, spans)

    def undrawn(self) -> Iterator[Doubt]:
        for joint in self.read.found.links_undrawn:
            key = f"{self.names[joint.first]} -> {self.names[joint.second]}"
            if (value := self.value(key)) not in (None, "no"):
                box, spans = self.place_of(joint.first[0])
                yield Doubt("VL304", key, value or "", "No line was found in the sketch.", None, (), box, spans)
        for joint in self.against():
            key = f"{self.names[joint.first]} -> {self.names[joint.second]}"
            if (value := self.value(key)) not in (None, "no"):
                yield Doubt("VL304", key, value or "", "The arrow in the sketch points the other way.", None, ("no",))

    def against(self) -> Iterator[Joined]:
        """Links against the only arrow between two objects."""
        drawn = {(a, b) for link, a, b in drawn_pairs(self.read.draft, self.read.evidence) if link.stroke is Stroke.ARROW}
        for joint in self.read.draft.connections:
            ends = (joint.first, joint.second)
            if joint.what == "link" and ends not in drawn and (ends[1], ends[0]) in drawn:
                yield joint

    def numbers(self) -> Iterator[Doubt]:
        """Numbers left over; those that stand close together are one doubt."""
        groups: list[list[int]] = []
        left = sorted(self.read.found.numbers_unspent, key=lambda i: (self.number(i).source, self.number(i).number.start))
        joined = {b for a, b in pairwise(left) if self.together(a, b)}
        for i in left:
            if i in joined:
                groups[-1].append(i)
            else:
                groups.append([i])
        for group in groups:
            first, last = self.number(group[0]), self.number(group[-1])
            labels = self.read.evidence.labels
            text = self.read.evidence.prompt if first.source == _PROMPT else labels[first.source].text
            spans = (
                self.spans([(self.number(i).number.start, self.number(i).number.end) for i in group])
                if first.source == _PROMPT
                else ()
            )
            box = None if first.source == _PROMPT else labels[first.source].box
            value = " ".join(text[first.number.start : last.number.end].split())
            yield Doubt("VL305", "", value, "Whose value is it?", None, self.owners(group[0]), box, spans)

    def number(self, index: int) -> NumberReference:
        return self.read.encoded.numbers[index]

    def together(self, a: int, b: int) -> bool:
        x, y = self.number(a), self.number(b)
        text = self.read.evidence.prompt if x.source == _PROMPT else self.read.evidence.labels[x.source].text
        between = text[x.number.end : y.number.start]
        return x.source == y.source and _TOGETHER.fullmatch(between) is not None

    def owners(self, number: int) -> tuple[str, ...]:
        """Keys that the number may belong to, by the reader's likeliest owners."""
        shares = self.read.said.owners[number].tolist()
        order = sorted(range(len(shares)), key=lambda i: -shares[i])[:2]
        found = [(thing.name, _OWN_KEY.get(thing.kind)) for i in order for thing in self.read.draft.objects if thing.key == (i, 0)]
        return tuple(f"{name}.{key}" for name, key in found if key is not None)
