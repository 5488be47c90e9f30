"""Layer 4, industry: thirteen vocabularies, and names as people give them to stations and resources.

Names are read and copied by the network, never recited: besides the vocabularies there are composed names, invented ones, codes,
names that contain another type's word, abbreviations, numbering habits and case habits. Not covered: the words of prompts.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from gdt2usd.dataset.layers.draft import MACHINES, Draft, Node
from gdt2usd.dataset.layers.draw import chance, integer, pick, sample, weighted

INDUSTRIES = (
    "semiconductor", "electronics", "photomask", "food", "automotive", "pharma", "packaging", "metalworking",
    "textile", "furniture",
    "medical_devices", "logistics", "battery",
)  # fmt: skip

BASES = {"vocabulary": 0.62, "composed": 0.13, "invented": 0.11, "generic": 0.08, "code": 0.06}
CASES = {"title": 0.8, "upper": 0.06, "lower": 0.06, "sentence": 0.05, "camel": 0.015, "snake": 0.015}
NUMBERINGS = {
    "{b} {n}": 0.5, "{b} {a}": 0.13, "{b} #{n}": 0.06, "{b}-{n}": 0.06, "{b} No. {n}": 0.03, "{b}{n}": 0.06, "{b}_{n}": 0.03,
    "Line {n} {b}": 0.05, "{b} {r}": 0.02, "{b} 0{n}": 0.02, "{b} Line {n}": 0.02, "{b} ({n})": 0.01, "L{n} {b}": 0.01,
}  # fmt: skip
ABBREVIATIONS = {
    "Inspection": "Insp", "Station": "Stn", "Assembly": "Assy", "Machine": "Mach", "Conveyor": "Conv",
    "Buffer": "Buf", "Quality": "QC",
    "Packing": "Pkg", "Temperature": "Temp", "Storage": "Stor", "Operator": "Op", "Equipment": "Eqpt", "Material": "Matl",
    "Warehouse": "WH", "Finished Goods": "FG", "Production": "Prod", "Maintenance": "Maint", "Transfer": "Xfer",
    "Department": "Dept",
    "Measurement": "Meas", "Automatic": "Auto", "Receiving": "Recv", "Number": "No", "Polisher": "Pol", "Welding": "Weld",
}  # fmt: skip
TYPE_WORDS = {
    "processor": (
        "Queue {b}",
        "Separator {b}",
        "{b} Separator",
        "Sink {b}",
        "{b} Combiner",
        "Conveyor {b}",
        "Buffer {b}",
        "Source {b}",
        "Pack {b}",
    ),
    "queue": (
        "{b} Processor Buffer",
        "Machine Queue {b}",
        "Combiner Buffer",
        "Separator Queue",
        "{b} Source Rack",
        "Processor Wait",
    ),
    "sink": ("Queue Out", "Processor Out", "Outgoing Buffer", "Output Rack", "Final Queue", "Conveyor End"),
    "source": ("Queue In", "Conveyor Start", "Sink Parts Supply", "Feeding Processor", "Incoming Rack"),
    "combiner": ("Split and Pack {b}", "{b} Processor", "Queue Merger"),
    "separator": ("Pack Splitter", "{b} Processor", "Queue Divider"),
}
CODES = {
    "source": ("S", "SRC", "IN"), "sink": ("K", "OUT", "SNK", "END"), "queue": ("Q", "B", "BUF", "WIP"),
    "conveyor": ("CV", "C", "BELT"),
    "storage": ("R", "ST", "RACK"), "combiner": ("CB", "A", "ASM", "J"), "separator": ("SP", "SEP", "D"),
    "multiprocessor": ("MP", "MC"),
    "processor": ("M", "P", "WS", "CNC", "ST", "OP", "MC", "T"), "operator": ("OP", "W"), "agv": ("AGV", "V"),
    "robot": ("R", "ROB"),
    "transporter": ("FL", "T"), "task_executer": ("TE", "T"), "crane": ("CR",), "dispatcher": ("DISP", "D"),
}  # fmt: skip
GENERIC = {
    "source": "Source", "sink": "Sink", "queue": "Queue", "processor": "Processor", "combiner": "Combiner",
    "separator": "Separator",
    "multiprocessor": "MultiProcessor", "conveyor": "Conveyor", "storage": "Rack", "operator": "Operator",
    "agv": "AGV", "robot": "Robot",
    "transporter": "Transporter", "task_executer": "Task Executer", "crane": "Crane", "dispatcher": "Dispatcher",
}  # fmt: skip
PLURAL = {
    "source": "sources", "sink": "sinks", "queue": "queues", "processor": "machines", "combiner": "combiners",
    "separator": "separators",
    "multiprocessor": "multiprocessors", "conveyor": "conveyors", "storage": "racks", "operator": "operators",
    "agv": "agvs", "robot": "robots",
    "transporter": "transporters", "task_executer": "task_executers", "crane": "cranes", "dispatcher": "dispatchers",
}  # fmt: skip
_ONSETS = (
    "b",
    "br",
    "c",
    "ch",
    "d",
    "dr",
    "f",
    "fl",
    "g",
    "gr",
    "h",
    "j",
    "k",
    "kl",
    "l",
    "m",
    "n",
    "p",
    "pr",
    "qu",
    "r",
    "s",
    "st",
    "t",
    "tr",
    "v",
    "w",
    "x",
    "z",
    "",
)
_VOWELS = ("a", "e", "i", "o", "u", "ea", "io", "y", "ou", "ai")
_CODAS = ("", "", "", "n", "r", "s", "x", "l", "m", "t", "nd", "rk", "st", "ck", "p")
_LONGEST = 34


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """An industry's words; `words` maps `machines`, `queues`, `items` ... to names, machines in process order."""

    industry: str
    cycle_s: tuple[float, float]
    words: Mapping[str, tuple[str, ...]]


@cache
def vocabulary(industry: str) -> Vocabulary:
    """The vocabulary of one of `INDUSTRIES`.

    Raises:
        ValueError: there is no such industry.
    """
    if industry not in INDUSTRIES:
        raise ValueError(f"{industry!r} is no industry of the data set: one of {', '.join(INDUSTRIES)}")
    data = _read(industry)
    words = {key: tuple(value) for key, value in data.items() if key != "cycle_s"}
    low, high = data["cycle_s"]
    return Vocabulary(industry, (float(low), float(high)), words)


@cache
def _common() -> dict[str, tuple[str, ...]]:
    return {key: tuple(value) for key, value in _read("common").items()}


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((files("gdt2usd.dataset.layers") / "industries" / f"{name}.toml").read_text(encoding="utf-8"))


@dataclass(slots=True)
class Namer:
    """Gives names that are unique, in the habits of one author."""

    rng: np.random.Generator
    vocabulary: Vocabulary
    base: str = "vocabulary"
    case: str = "title"
    numbering: str = "{b} {n}"
    taken: set[str] = field(default_factory=set)

    @classmethod
    def draw(cls, rng: np.random.Generator, words: Vocabulary, bases: Mapping[str, float]) -> Namer:
        """The habits of one author."""
        return cls(rng, words, weighted(rng, bases), weighted(rng, CASES), weighted(rng, NUMBERINGS))

    # ---- stems ----

    def stem(self, kind: str, after: str = "", role: str = "") -> str:
        """A name without number for a station or resource of `kind`; `after` is the name of the machine it stands before."""
        base = self.base if not chance(self.rng, 0.1) else weighted(self.rng, BASES)
        if role == "reject":
            base = "vocabulary"
        if kind in TYPE_WORDS and chance(self.rng, 0.035):
            return pick(self.rng, TYPE_WORDS[kind]).format(b=self._single("nouns"))
        if base == "generic":
            return GENERIC[kind]
        if base == "code":
            return pick(self.rng, CODES[kind])
        if base == "invented" and kind not in ("dispatcher",):
            return self._invented(kind)
        if base == "composed" and kind in MACHINES:
            return self._composed()
        if kind == "queue" and chance(self.rng, 0.42):
            return self._queue(after)
        if kind in ("source", "sink") and chance(self.rng, 0.14):
            item = self._single("items").title()
            shapes = (
                ("{i} Arrival", "{i} In", "{i} Supply", "Raw {i}", "{i} Input")
                if kind == "source"
                else ("{i} Out", "Finished {i}", "{i} Exit", "{i} Store")
            )
            return pick(self.rng, shapes).format(i=item)
        return self._word(PLURAL[kind] if role != "reject" else "rejects")

    def _single(self, key: str) -> str:
        return pick(self.rng, self.vocabulary.words.get(key) or _common()[key])

    def _word(self, key: str) -> str:
        own = self.vocabulary.words.get(key, ())
        common = _common().get(key, ())
        return pick(self.rng, own) if own and (not common or chance(self.rng, 0.82)) else pick(self.rng, common)

    def _composed(self) -> str:
        process = self._single("processes")
        shape = weighted(
            self.rng, {"{p} {n}": 0.6, "{i} {p}": 0.16, "{p} {p2}": 0.06, "{i} {p} {n}": 0.12, "{p} and {p2} {n}": 0.06}
        )
        other = self._single("processes")
        item = self._single("items")
        return shape.format(
            p=process, p2=other if other != process else "Check", n=self._word("nouns"), i=item[:1].upper() + item[1:]
        )

    def _queue(self, after: str) -> str:
        item = self._single("items").title()
        subject = after if after and chance(self.rng, 0.65) else item
        shapes = {
            "{s} Queue": 0.42,
            "{s} Buffer": 0.28,
            "{s} WIP": 0.08,
            "Queue {s}": 0.04,
            "{s} Input": 0.05,
            "Before {s}": 0.03,
            "Wait {s}": 0.03,
            "{s} Rack": 0.07,
        }
        return weighted(self.rng, shapes).format(s=subject)

    def _invented(self, kind: str) -> str:
        syllables = weighted(self.rng, {1: 0.25, 2: 0.55, 3: 0.2})
        word = "".join(
            pick(self.rng, _ONSETS) + pick(self.rng, _VOWELS if chance(self.rng, 0.2) else "aeiou") for _ in range(syllables)
        )
        word += pick(self.rng, _CODAS)
        word = (word if len(word) > 2 else word + "tex").capitalize()
        tail = self.rng.random()
        if tail < 0.4:
            return word
        if tail < 0.62:
            return (
                f"{word} {integer(self.rng, 2, 990)}"
                if chance(self.rng, 0.5)
                else f"{word}-{pick(self.rng, ('A', 'B', 'C', 'X', 'Z'))}{integer(self.rng, 1, 99)}"
            )
        if tail < 0.85:
            return f"{word} {self._word('nouns') if kind in MACHINES else GENERIC[kind]}"
        return f"{self._word(PLURAL[kind])} {word}"

    # ---- whole names ----

    def styled(self, name: str) -> str:
        """`name` in this author's case, here and there with an abbreviation."""
        if chance(self.rng, 0.05):
            for word, short in ABBREVIATIONS.items():
                name = re.sub(rf"\b{word}\b", short, name)
        match self.case:
            case "upper":
                return name.upper()
            case "lower":
                return name.lower()
            case "sentence":
                return name[:1] + "".join(
                    w if w[:1].isupper() and w[1:2].isupper() else w.lower() for w in re.split(r"(\W)", name[1:])
                )
            case "camel":
                return re.sub(r"[^A-Za-z0-9]", "", name)
            case "snake":
                return re.sub(r"[^A-Za-z0-9]+", "_", name)
        return name

    def free(self, names: list[str]) -> bool:
        """Whether none of `names` is taken and none too long."""
        lowered = [name.lower() for name in names]
        return (
            len(set(lowered)) == len(lowered)
            and not self.taken.intersection(lowered)
            and all(0 < len(n) <= _LONGEST for n in names)
        )

    def name_group(self, kind: str, count: int, after: str = "", role: str = "") -> list[str]:
        """Names for `count` alike objects: one stem, numbered if more than one (or if the plain stem is taken)."""
        for attempt in range(60):
            stem = self.styled(self.stem(kind, after, role)) if attempt < 50 else f"{GENERIC[kind]} {self._invented(kind)}"
            if count > 1:
                names = [self._numbered(stem, number) for number in range(1, count + 1)]
            elif (self.base in ("code", "generic") and role != "reject") or chance(self.rng, 0.04):
                names = [self._numbered(stem, self._next(stem))]
            else:
                names = [stem]
            if self.free(names):
                self.taken.update(name.lower() for name in names)
                return names
        raise AssertionError("sixty attempts at a free name failed")

    def _numbered(self, stem: str, number: int) -> str:
        return self.numbering.format(
            b=stem, n=number, a=chr(64 + min(number, 26)), r=("I", "II", "III", "IV", "V", "VI", "VII", "VIII")[min(number, 8) - 1]
        )

    def _next(self, stem: str) -> int:
        number = 1
        while self._numbered(stem, number).lower() in self.taken and number < 90:
            number += 1
        return number


def name_stations(namer: Namer, draft: Draft, ordered: list[Node]) -> dict[int, str]:
    """A name for every node: machines first, in process order along the line, then what stands before them."""
    names: dict[int, str] = {}
    groups: dict[int, list[Node]] = {}
    for node in ordered:
        groups.setdefault(node.group, []).append(node)
    machines = [group for group in groups.values() if group[0].kind in MACHINES]
    others = [group for group in groups.values() if group[0].kind not in MACHINES]
    plain = [group for group in machines if group[0].kind == "processor"]
    stations = (
        sample(namer.rng, namer.vocabulary.words["machines"], len(plain))
        if namer.base == "vocabulary" and chance(namer.rng, 0.75)
        else []
    )
    for group in machines:
        stem = stations[plain.index(group)] if stations and group in plain and plain.index(group) < len(stations) else None
        names.update(zip((n.key for n in group), _name(namer, group, stem, ""), strict=True))
    for group in others:
        after = ""
        if group[0].kind == "queue":
            downstream = [names.get(edge.downstream, "") for edge in draft.outs(group[0])]
            after = re.sub(r"[\s#_(-]*(?:No\. )?\d*[)A-C]?$", "", downstream[0]) if downstream and len(downstream[0]) < 22 else ""
        names.update(zip((n.key for n in group), _name(namer, group, None, after), strict=True))
    return names


def _name(namer: Namer, group: list[Node], stem: str | None, after: str) -> list[str]:
    if stem is not None:
        styled = namer.styled(stem)
        names = [styled] if len(group) == 1 else [namer._numbered(styled, rank) for rank in range(1, len(group) + 1)]
        if namer.free(names):
            namer.taken.update(name.lower() for name in names)
            return names
    return namer.name_group(group[0].kind, len(group), after, group[0].role)
