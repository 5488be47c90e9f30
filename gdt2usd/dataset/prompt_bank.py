"""The phrase bank: sentence patterns written by hand, one a line, in `phrases/*.txt`.

A header `@ topic : registers` opens a section. In a pattern `{slot}` is filled by the writer, `[word]` states the section's
choice (a distribution, a mode, a discipline) and `<a|b>` is one of several wordings. The groups that a pattern expresses
follow from its slots. Not covered: what fills the slots (`prompt_writer` and its neighbours).
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import NamedTuple

TOKEN = re.compile(r"\{([^{}]+)\}|\[([^\[\]]+)\]|<([^<>]*\|[^<>]*)>")
PARAMETERS = frozenset({"mean", "std", "min", "mode", "max", "value", "shape", "scale", "mu", "sigma", "location", "unit"})
GROUP_OF_SLOT = {
    "P": "time", "S": "setup_time_s", "F": "breakdown", "R": "breakdown", "Q": "quantity", "L": "load_time_s",
    "U": "unload_time_s", "M": "move_time_s", "cap": "capacity", "len": "length_m", "spd": "speed_m_s", "qty": "quantity",
    "comps": "components", "comp": "components", "parts": "components", "recipe": "components", "steps": "steps", "next": "link",
    "batch": "batching", "wait": "wait", "shares": "percent", "rows": "schedule", "stations": "serves",
}  # fmt: skip
WORD_GROUP = {
    "combiner": "mode", "separator": "mode", "queue": "discipline", "conveyor": "accumulating", "zero": "arrival_at_zero",
    "routing": "routing",
}  # fmt: skip
SKETCHY = re.compile(
    r"\b(sketch|sketched|drawing|drawn|picture|photo|whiteboard|shown|arrows?|attached|dashed|box|boxes)\b", re.IGNORECASE
)
SUBJECTS = ("", "group ", "it ", "they ")
"""What begins a topic: sentences about one object or several by name, and those that go on about what was just named."""
ALWAYS = frozenset({"item", "items", "Items"})


class Part(NamedTuple):
    """A piece of a pattern: `kind` is text, slot, word or choice."""

    kind: str
    text: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pattern:
    """One authored line: where it stands, its parts, the parameter groups it expresses; `sketchy` if it speaks of a picture."""

    text: str
    topic: str
    parts: tuple[Part, ...]
    slots: frozenset[str]
    groups: frozenset[str]
    needs: frozenset[str]
    sketchy: bool


def parts_of(text: str) -> tuple[Part, ...]:
    parts: list[Part] = []
    at = 0
    for match in TOKEN.finditer(text):
        if match.start() > at:
            parts.append(Part("text", text[at : match.start()]))
        if match[1] is not None:
            parts.append(Part("slot", match[1]))
        elif match[2] is not None:
            parts.append(Part("word", match[2]))
        else:
            parts.append(Part("choice", match[3], tuple(match[3].split("|"))))
        at = match.end()
    if at < len(text):
        parts.append(Part("text", text[at:]))
    return tuple(parts)


def group_of(slot: str) -> str | None:
    """The parameter group that a slot states: `P:T` -> time, `cap` -> capacity, `n` -> none."""
    stem = slot.split(":", maxsplit=1)[0].rstrip(".").split(".")[0]
    return "time" if stem in PARAMETERS else GROUP_OF_SLOT.get(stem)


def topic_of(topic: str) -> str:
    """The topic without what it says of the subject: `service normal` of `it service normal`."""
    return next((topic.removeprefix(one) for one in SUBJECTS[1:] if topic.startswith(one)), topic)


def need_of(slot: str) -> str:
    """What a scope must have for `slot`: a time (`P:`, `S:` ...) or a draft of that name."""
    letter, mark, _ = slot.partition(":")
    if mark:
        return f"{letter}:"
    letter, dot, rest = slot.partition(".")
    if letter in PARAMETERS:
        return "P:"
    return f"{letter}:" if dot and rest else slot


def compiled(text: str, topic: str) -> Pattern:
    parts = parts_of(text)
    slots = frozenset(part.text for part in parts if part.kind == "slot")
    groups = {group for slot in slots if (group := group_of(slot)) is not None}
    word_group = WORD_GROUP.get(topic_of(topic).split(" ")[0])
    if word_group is not None and any(part.kind == "word" for part in parts):
        groups.add(word_group)
    needs = frozenset(need_of(slot) for slot in slots) - ALWAYS
    return Pattern(text, topic, parts, slots, frozenset(groups), needs, SKETCHY.search(text) is not None)


@dataclass(frozen=True, slots=True)
class Bank:
    """All patterns by (topic, register)."""

    sections: dict[tuple[str, str], tuple[Pattern, ...]]

    def patterns(self, topic: str, register: str) -> tuple[Pattern, ...]:
        return self.sections.get((topic, register), ())

    def pick(
        self, rnd: random.Random, topic: str, register: str, offered: frozenset[str] = frozenset(), *, sketch: bool = True
    ) -> Pattern:
        """One pattern of the topic in the register, or in plain prose if the register has none of its own.

        Only patterns that need no more than `offered` count; without `sketch` none that speaks of a picture.

        Raises:
            KeyError: the bank has no such pattern.
        """
        for tag in (register, "prose"):
            found = self.sections.get((topic, tag), ())
            if found:
                chosen = found[rnd.randrange(len(found))]
                if chosen.needs <= offered and (sketch or not chosen.sketchy):
                    return chosen
                fitting = [one for one in found if one.needs <= offered and (sketch or not one.sketchy)]
                if fitting:
                    return fitting[rnd.randrange(len(fitting))]
        raise KeyError(f"the phrase bank has nothing for [{topic} : {register}] with {sorted(offered)}")

    def all_patterns(self) -> tuple[Pattern, ...]:
        seen: dict[tuple[str, str], Pattern] = {}
        for section in self.sections.values():
            for pattern in section:
                seen.setdefault((pattern.topic, pattern.text), pattern)
        return tuple(seen.values())


@cache
def load_bank() -> Bank:
    """The bank shipped with the package.

    Raises:
        ValueError: a phrase file has a pattern before its first header.
    """
    sections: dict[tuple[str, str], list[Pattern]] = {}
    folder = resources.files("gdt2usd.dataset").joinpath("phrases")
    for entry in sorted(folder.iterdir(), key=lambda item: item.name):
        if not entry.name.endswith(".txt"):
            continue
        topic, registers = "", ("",)
        for line in entry.read_text(encoding="utf-8").splitlines():
            stripped = line.strip()
            if not stripped or stripped.startswith("#"):
                continue
            if header := re.fullmatch(r"@ ([a-z_ ]+?)(?: : ([a-z_ ]+))?", stripped):
                topic = header[1]
                registers = tuple((header[2] or "prose").split())
            elif not topic:
                raise ValueError(f"{entry.name}: {stripped!r} stands before the first header")
            else:
                pattern = compiled(stripped, topic)
                for register in registers:
                    sections.setdefault((topic, register), []).append(pattern)
    return Bank({key: tuple(dict.fromkeys(found)) for key, found in sections.items()})
