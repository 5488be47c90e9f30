"""What is doubtful about a reading, numbered, so that a user can settle it: `--answer 3=queue`, `--set 'Saw.type=queue'`, or asked.

A doubt has a key of `graph.settle`, the value as read and how sure that is. Numbers depend on the input alone, so that they stay
the same when some are settled. Not covered: finding the doubts of a reading (`doubting`), carrying settings out (`graph.settle`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from gdt2usd.diagnostics import Box, Diagnostic, GdtError, Place, Span, error, warning
from gdt2usd.graph.model import ProcessGraph
from gdt2usd.graph.settle import value_of

ANY = "?"
"""The end of a link that is missing: `? -> Saw`, `Saw -> ?`."""
AS_READ = ("ok", "as read", "keep")
_DISMISSED = ("no", "none", "nothing", "nobody", "not used")


@dataclass(frozen=True, slots=True)
class Doubt:
    """One thing to check. `code` is its finding's, `key` a setting's key ("" for a number that nobody owns), `value` the reading.

    `confidence` 0..1 or None where there is none; `alternatives` are other values, likeliest first; `box` is its place in the
    sketch (pixels), `spans` its places in the prompt; `outcome` says how it was settled ("" while it is open).
    """

    code: str
    key: str
    value: str
    question: str
    confidence: float | None = None
    alternatives: tuple[str, ...] = ()
    box: Box | None = None
    spans: tuple[Span, ...] = ()
    number: int = 0
    outcome: str = ""

    @property
    def subject(self) -> str:
        """The name of the object that it is about; "" for a number."""
        if "->" in self.key:
            return next((end for end in self.key.split(" -> ") if end != ANY), "")
        return self.key.split(".", maxsplit=1)[0]

    @property
    def reading(self) -> str:
        """`Saw.type = queue`, or the number that is left over."""
        return f"{self.key} = {self.value}" if self.key else f"{self.value!r} is nobody's"

    def to_json(self) -> dict[str, Any]:
        """The row of run.json."""
        box = self.box
        return {
            "number": self.number,
            "code": self.code,
            "key": self.key or None,
            "value": self.value,
            "confidence": None if self.confidence is None else round(self.confidence, 3),
            "question": self.question,
            "alternatives": list(self.alternatives),
            "sketch_box": None if box is None else [round(v, 1) for v in (box.x0, box.y0, box.x1, box.y1)],
            "prompt_spans": [[s.start, s.end] for s in self.spans],
            "settled": self.outcome or None,
        }

    @property
    def finding(self) -> Diagnostic:
        """The doubt as a diagnostic that says how to settle it."""
        sure = "" if self.confidence is None else f" (confidence {self.confidence:.0%})"
        other = f"; perhaps {', '.join(self.alternatives[:3])}" if self.alternatives else ""
        hint = f"--answer {self.number}=VALUE settles it" + (
            f", or --set '{self.key}=VALUE'" if self.key and ANY not in self.key else ""
        )
        if not self.key:
            hint = f"say whose value it is: --answer '{self.number}=Name.parameter', or --answer {self.number}=no"
        where = Place(self.subject or "1-prompt.txt", self.box, None if self.subject else next(iter(self.spans), None))
        return warning(self.code, f"{self.question} {self.reading}{sure}{other}", where, hint)


def from_json(row: Mapping[str, Any]) -> Doubt:
    """The inverse of `Doubt.to_json`, without places in the prompt. Raises KeyError, TypeError, ValueError for another thing."""
    box = row["sketch_box"]
    return Doubt(
        str(row["code"]), str(row["key"] or ""), str(row["value"]), str(row["question"]),
        None if row["confidence"] is None else float(row["confidence"]), tuple(str(a) for a in row["alternatives"]),
        None if box is None else Box(*(float(v) for v in box)), (), int(row["number"]), str(row["settled"] or ""),
    )  # fmt: skip


# The order in which people should look: what breaks the line first, then the least sure, then numbers left over.
_RANK = {"VL306": 0, "VL303": 1, "VL302": 2, "VL304": 2, "VL307": 2, "VL305": 3}


def numbered(doubts: Iterable[Doubt], after: int = 0) -> tuple[Doubt, ...]:
    """Most important first, numbered from `after` + 1; two with one key become one."""
    merged: dict[str, Doubt] = {}
    for doubt in doubts:
        key = doubt.key or f"number {doubt.value} {doubt.spans}"
        other = merged.get(key)
        merged[key] = doubt if other is None else _merged(other, doubt)
    rows = sorted(merged.values(), key=lambda d: (_RANK.get(d.code, 2), d.confidence if d.confidence is not None else 0.5))
    return tuple(replace(d, number=after + i) for i, d in enumerate(rows, 1))


def _merged(a: Doubt, b: Doubt) -> Doubt:
    known = [d.confidence for d in (a, b) if d.confidence is not None]
    questions = dict.fromkeys((a.question, b.question))
    return replace(
        a, confidence=min(known, default=None), question=" ".join(questions), box=a.box or b.box, spans=a.spans or b.spans
    )


def settings_of(doubts: Sequence[Doubt], answers: Sequence[str]) -> tuple[list[str], dict[int, str]]:
    """Settings and outcomes of `N=VALUE` answers; `N=ok` keeps the reading, `all=ok` keeps all that have no other answer.

    Raises:
        GdtError: IO301, an answer that is none, or a number that no doubt has.
    """
    by_number = {d.number: d for d in doubts}
    settings: list[str] = []
    outcomes: dict[int, str] = {}
    problems: list[Diagnostic] = []
    rest = False
    for text in answers:
        number, equals, value = (part.strip() for part in text.partition("="))
        if number.lower() == "all" and value.lower() in AS_READ:
            rest = True
        elif not equals or not value or not (number.isascii() and number.isdigit()) or len(number) > 6:
            problems.append(
                error("IO301", f"{text!r} is no answer", hint="write --answer N=VALUE, N=ok or all=ok; numbers are in run.json")
            )
        elif int(number) not in by_number:
            there = f"there are 1 to {max(by_number)}" if by_number else "nothing is doubtful here"
            problems.append(
                error("IO301", f"no doubt has the number {number}: {there}", hint="numbers belong to one input and model")
            )
        else:
            settings += answered(by_number[int(number)], value, outcomes)
    if problems:
        raise GdtError(problems)
    if rest:
        outcomes |= {n: "kept as read" for n in by_number if n not in outcomes}
    return settings, outcomes


def answered(doubt: Doubt, value: str, outcomes: dict[int, str]) -> list[str]:
    """The settings that an answer means; an answer that needs none is put into `outcomes` at once."""
    word = value.lower()
    if word in AS_READ or word == doubt.value.lower() or (not doubt.key and word in _DISMISSED):
        outcomes[doubt.number] = "kept as read"
        return []
    if not doubt.key:
        outcomes[doubt.number] = value
        return [value if "=" in value else f"{value}={doubt.value}"]
    if ANY in doubt.key:
        outcomes[doubt.number] = "kept as read" if word in _DISMISSED else value
        return [] if word in _DISMISSED else [f"{doubt.key.replace(ANY, value)}=yes"]
    outcomes[doubt.number] = value
    return [f"{doubt.key}={value}"]


def settled(
    doubts: Sequence[Doubt], before: ProcessGraph, after: ProcessGraph, set_keys: Sequence[str], settings: Sequence[str],
    outcomes: Mapping[int, str],
) -> tuple[Doubt, ...]:  # fmt: skip
    """The doubts with their outcomes: answered, set by key, or without an object since another one was settled.

    `set_keys` are the canonical keys of all settings, `settings` their texts.
    """
    figures = {float(x) for s in settings for x in re.findall(r"\d+(?:\.\d+)?", s.partition("=")[2])}
    return tuple(
        d if d.outcome else replace(d, outcome=outcomes.get(d.number, "") or _outcome(d, before, after, set_keys, figures))
        for d in doubts
    )


def _outcome(doubt: Doubt, before: ProcessGraph, after: ProcessGraph, set_keys: Sequence[str], figures: set[float]) -> str:
    if not doubt.key:
        own = {float(x) for x in re.findall(r"\d+(?:\.\d+)?", doubt.value)}
        return "used in a setting" if own and own <= figures else ""
    if ANY in doubt.key:
        first, _, second = doubt.key.partition(" -> ")
        return "connected" if _is_connected(after, first, second) else ""
    if any(k == doubt.key or k.startswith(doubt.key + ".") or doubt.key.startswith(k + ".") for k in set_keys):
        return "set"
    gone = _value(before, doubt.key) is not None and _value(after, doubt.key) is None
    ends = [end for end in doubt.key.split(" -> ") if "->" in doubt.key]
    if gone or any(_value(before, f"{e}.type") is not None and _value(after, f"{e}.type") is None for e in ends):
        return "no longer there"
    return ""


def _value(graph: ProcessGraph, key: str) -> str | None:
    try:
        return value_of(graph, key)
    except ValueError:
        return None


def _is_connected(graph: ProcessGraph, first: str, second: str) -> bool:
    """Whether the missing end is there now, or the station is not."""
    name = second if first == ANY else first
    station = next((s for s in graph.stations if s.id == name), None)
    return station is None or any(name == (link.downstream if first == ANY else link.upstream) for link in graph.links)
