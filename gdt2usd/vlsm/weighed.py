"""Weighs the reader's verdicts on connections against the drawn lines and against who is named with whom in a clause.

The reader was trained on drawings of our own; on drawings of others a line that was found is a connection whatever it thinks of it,
and stations that the sketch shows without a line between them are hardly ever connected. Offsets in nats, from counts over pictures
drawn and prompts written by others (of 5,000 pairs with an arrow 0.4 % were no links; of pairs of drawn stations without a line
that the reader found as likely as not 6 % were). Not covered: stations that are not in the sketch, where the reader's word stands.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from torch import Tensor

from gdt2usd.vlsm.clauses import AND, clause_at
from gdt2usd.vlsm.connect import LINK
from gdt2usd.vlsm.mentions import Place
from gdt2usd.vlsm.processor import Encoded, Evidence, Stroke
from gdt2usd.vlsm.said import Said
from gdt2usd.vlsm.script_tokens import CONNECTIONS, ENDS, KINDS, RESOURCE_CLASSES
from gdt2usd.vlsm.spoken import class_words

DRAWN_LINKS = 2
"""So many arrows or lines make a sketch that shows the flow."""
LONG_CLAUSE = 5
"""Stations in a clause from which on it is no clause but a list."""
_NEW_TOPIC = re.compile(r"[=;:|]|\d\s?(?:s|sec|min|h|m|%)\b|\d%|\b(?:exp|tri|unif?|norm|cap|max|const)", re.I)
SURE = 4.0
UNSURE = 2.0
UNDRAWN = 2.5
NAMED_TOGETHER = 2.5
"""For a resource and a station named in one clause."""
FEW_ARROWS = 2
"""So many arrows make a prompt that writes the flow with arrows."""
SAID, SAID_AT_LEAST = 4.0, 3.0
"""For a connection that the prompt writes with an arrow or says in words."""
_BRACKETS = re.compile(r"\([^()]{0,200}\)")
_ARROW = re.compile(r"\s?(?:-{1,2}>|=>|\u2192|\u21d2|\u2794|\u279c)\s?|\s>{1,2}\s")
_PIECE_END = re.compile(r"[;|\n]|[.!?](?=\s|$)")
_BACK = re.compile(
    r"\b(?:(?:go(?:es)?|come|comes|sent|fed|flow|flows|travel|travels) back (?:to|into|in)|rejoins?|re-?enters?"
    r"|returns? (?:to|into)|returned (?:to|into)|back (?:to|into))\s(?:the\s)?",
    re.I,
)
ELSEWHERE = 5.0
"""Against a station where others are drawn or named with the resource, and this one is not."""


def with_weighed_connections(said: Said, encoded: Encoded, evidence: Evidence) -> Said:
    """The verdicts with the logits of connections shifted by what is drawn and by who is named together."""
    count = len(encoded.objects)
    if count < 2:
        return said
    relations = said.relations.clone()
    best = [KINDS[int(row.argmax())] for row in said.kinds[:, : len(KINDS)]]
    drawn = _drawn(evidence, count)
    shown = {i for i in evidence.object_of_label().values() if i < count}
    _weigh_links(relations, drawn, shown)
    for a, b in said_links(evidence, best):
        relations[LINK, a, b] = max(float(relations[LINK, a, b]) + SAID, SAID_AT_LEAST)
    _weigh_resources(relations, drawn, shown, best, _together(evidence, best))
    return replace(said, relations=relations)


def _drawn(evidence: Evidence, count: int) -> dict[tuple[int, int], tuple[Stroke, bool]]:
    """Stroke and sureness of what is drawn from one object to another; a line without a head stands in both senses."""
    out: dict[tuple[int, int], tuple[Stroke, bool]] = {}
    for link, a, b in evidence.drawn_between(count):
        out[a, b] = (link.stroke, link.sure)
        if link.stroke is not Stroke.ARROW:
            out.setdefault((b, a), (link.stroke, link.sure))
    return out


def _weigh_links(relations: Tensor, drawn: dict[tuple[int, int], tuple[Stroke, bool]], shown: set[int]) -> None:
    if sum(stroke is not Stroke.DASHED for stroke, _ in drawn.values()) < DRAWN_LINKS:
        return
    for a in shown:
        for b in shown - {a}:
            stroke, sure = drawn.get((a, b), (None, False))
            if stroke is Stroke.ARROW:
                relations[LINK, a, b] = max(float(relations[LINK, a, b]) + UNSURE, SURE if sure else -SURE)
            elif stroke is not Stroke.LINE:
                relations[LINK, a, b] -= UNDRAWN


def _weigh_resources(
    relations: Tensor,
    drawn: dict[tuple[int, int], tuple[Stroke, bool]],
    shown: set[int],
    best: list[str],
    together: dict[int, set[int]],
) -> None:
    helpers = [i for i, kind in enumerate(best) if kind in RESOURCE_CLASSES]
    for i in helpers:
        dashed = {b for (a, b), (stroke, _) in drawn.items() if a == i and stroke is Stroke.DASHED}
        for j, kind in enumerate(best):
            ways = [
                (w, first, second)
                for w, what in enumerate(CONNECTIONS)
                for first, second in ((i, j), (j, i))
                if w != LINK and i != j and best[first] in ENDS[what][0] and best[second] in ENDS[what][1]
            ]
            if not ways:
                continue
            likeliest = max(ways, key=lambda way: float(relations[way]))
            if j in dashed:
                relations[likeliest] = max(float(relations[likeliest]), SURE)
                continue
            if kind in RESOURCE_CLASSES:
                continue
            named = j in together[i]
            if named:
                relations[likeliest] += NAMED_TOGETHER
            if (together[i] and not named) or (dashed and j in shown and i in shown and not named):
                for way in ways:
                    relations[way] -= ELSEWHERE


def said_links(evidence: Evidence, best: Sequence[str]) -> set[tuple[int, int]]:
    """Pairs of stations between which the prompt writes an arrow (`Mill 5 s > Washer A, Washer B > Store`), or says that items go
    back (`repaired at the Fix Stand and rejoin the Test Queue`). What stands in brackets is passed over."""
    prompt = evidence.prompt
    for _ in range(2):  # brackets in brackets
        prompt = _BRACKETS.sub(lambda m: " " * len(m[0]), prompt)
    rows = [
        (p, i)
        for p, i in evidence.named_in_prompt(len(best))
        if best[i] not in RESOURCE_CLASSES and prompt[p.start : p.end].strip()
    ]
    found: set[tuple[int, int]] = set()
    arrows = [m.span() for m in _ARROW.finditer(prompt) if not any(p.start < m.end() and m.start() < p.end for p, _ in rows)]
    edges = sorted({0, len(prompt), *(m.start() for m in _PIECE_END.finditer(prompt))})
    if len(arrows) >= FEW_ARROWS:
        for start, end in arrows:
            opens = max([e for e in edges if e <= start] + [b for _, b in arrows if b <= start])
            closes = min([e for e in edges if e >= end] + [a for a, _ in arrows if a >= end])
            before = _in_a_row(prompt, [row for row in rows if opens <= row[0].start < start][::-1])
            behind = _in_a_row(prompt, [row for row in rows if end <= row[0].start < closes])
            found |= {(a, b) for a in before for b in behind}
    for back in _BACK.finditer(prompt):
        target = next((i for p, i in rows if 0 <= p.start - back.end() <= 1), None)
        opens = max([e for e in edges if e <= back.start()] + [m.end() for m in re.finditer("%", prompt[: back.start()])])
        before = [i for p, i in rows if opens <= p.start < back.start()][-1:]
        found |= {(a, target) for a in before if target is not None}
    return {(a, b) for a, b in found if a != b and best[a] in ENDS["link"][0] and best[b] in ENDS["link"][1]}


def _in_a_row(prompt: str, rows: Sequence[tuple[Place, int]]) -> list[int]:
    """The first of `rows` and those that follow it in a list (`Washer A, Washer B`), forwards or backwards."""
    out = [i for _, i in rows[:1]]
    for (p, _), (q, i) in pairwise(rows):
        if AND.fullmatch(prompt[min(p.end, q.end) : max(p.start, q.start)]) is None:
            break
        out.append(i)
    return out


def _together(evidence: Evidence, best: list[str]) -> dict[int, set[int]]:
    """For each resource the stations that are named with it in a clause of the prompt."""
    rows = evidence.named_in_prompt(len(best))
    out: dict[int, set[int]] = {i: set() for i in range(len(best))}
    several = class_words(evidence)
    for k, (place, i) in enumerate(rows):
        if best[i] not in RESOURCE_CLASSES:
            continue
        start, end = clause_at(evidence.prompt, place.start)
        here = {j for p, j in rows if start <= p.start < end and best[j] not in RESOURCE_CLASSES}
        if len(here) > LONG_CLAUSE:  # telegraph style in one go
            start, end = _beside(evidence.prompt, rows, k)
            here = {j for p, j in rows if start <= p.start < end and best[j] not in RESOURCE_CLASSES}
        out[i] |= here
        out[i] |= {
            j
            for word, members in several.items()
            if re.search(word, evidence.prompt[start:end], re.I)
            for j in members
            if j < len(best)
        }
    return out


def _beside(prompt: str, rows: list[tuple[Place, int]], at: int) -> tuple[int, int]:
    """The stretch of the prompt around the name at `at` of `rows` in which names follow each other without a value between them;
    before it without a comma either."""
    start, end = rows[at][0].start, rows[at][0].end
    for place, _ in rows[at + 1 :]:
        if _NEW_TOPIC.search(prompt, end, place.start):
            break
        end = place.end
    for place, _ in reversed(rows[:at]):
        if _NEW_TOPIC.search(prompt, place.end, start) or "," in prompt[place.end : start]:
            break
        start = place.start
    return start, end
