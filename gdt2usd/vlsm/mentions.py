"""Who is who: groups the places where names are written (prompt and sketch labels) into objects.

Two places mean the same object when they read the same, nearly the same (a misread or mistyped letter, never another digit), or
when a legend says so (`M2 = Rinser`, `Rinser (M2)`). Not covered: finding the places (`vlsm.tagger`).
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

from rapidfuzz.distance import Levenshtein

PROMPT = -1  # the source number of the prompt; labels are numbered from 0
_LEGEND = re.compile(r"\s*(=|:|\(|->|is the|is|\u2013|-)\s*", re.I)
_CODE = re.compile(r"[A-Za-z]{1,4}[- ]?\d{0,3}[A-Za-z]?")


@dataclass(frozen=True, slots=True)
class Place:
    """`text` stands at [start, end) of source `source` (`PROMPT` or a label's number); `confidence` of the reading."""

    source: int
    start: int
    end: int
    text: str
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Named:
    """One object as far as its name goes: its best spelling and every place where it is written."""

    name: str
    places: tuple[Place, ...]


def normalised(text: str) -> str:
    """Lower case, words and digits only, one space between: what two spellings are compared by."""
    return " ".join(re.findall(r"[^\W\d_]+|\d+", text.lower()))


def _digits(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r"\d+", text))


def _close(x: str, y: str) -> bool:
    """Whether two words differ by no more than misread letters: never in a short word, 1 edit in 5 letters, at most 3."""
    if x == y:
        return True
    longest = max(len(x), len(y))
    limit = max(1, min(3, longest // 5))
    return min(len(x), len(y)) >= 4 and Levenshtein.distance(x, y, score_cutoff=limit) <= limit


def similar(a: str, b: str) -> bool:
    """Whether two normalised names differ by no more than misread letters or lost spaces.

    Digits, and short words that tell things apart (`A`, `II`, `NW`), must be the same.
    """
    if a == b or a.replace(" ", "") == b.replace(" ", ""):
        return True
    if _digits(a) != _digits(b):
        return False
    x, y = a.split(), b.split()
    if len(x) == len(y):
        return all(_close(u, v) for u, v in zip(x, y, strict=True))
    shorts = [[w for w in words if len(w) < 4 and not w.isdigit()] for words in (x, y)]
    if x and y and (len(x[-1]) < 4 or len(y[-1]) < 4) and shorts[0] != shorts[1]:
        return False
    return _close("".join(x), "".join(y))


def is_code(text: str) -> bool:
    """Whether `text` looks like an abbreviation that a legend would explain (`M2`, `CV1`, `OP-1`)."""
    return bool(_CODE.fullmatch(text.strip())) and (any(c.isdigit() for c in text) or text.isupper()) and len(text) <= 6


def _legend_pairs(prompt: str, places: list[Place]) -> list[tuple[int, int]]:
    """Index pairs of neighbouring prompt places that a legend joins: one is a code, the other a name, `=` or the like between."""
    order = sorted((p.start, i) for i, p in enumerate(places) if p.source == PROMPT)
    pairs = []
    for (_, i), (_, j) in pairwise(order):
        a, b = places[i], places[j]
        if is_code(a.text) != is_code(b.text) and _LEGEND.fullmatch(prompt[a.end : b.start]):
            bracket = "(" in prompt[a.end : b.start]
            if not bracket or prompt[b.end : b.end + 1] == ")":
                pairs.append((i, j))
    return pairs


def spelling(places: list[Place]) -> str:
    """The spelling to write: the commonest, codes last, capitals and sure readings first."""
    votes: Counter[str] = Counter()
    for place in places:
        text = " ".join(place.text.split())
        votes[text] += 1
    best = {}
    for text, count in votes.items():
        sure = max(p.confidence for p in places if " ".join(p.text.split()) == text)
        best[text] = (not is_code(text), any(c.isupper() for c in text), count + sure)
    return max(best, key=lambda text: best[text])


def group(prompt: str, places: list[Place]) -> tuple[Named, ...]:
    """Objects in the order of their first place (labels first, then the prompt).

    Two labels of the sketch that read the same stay one object: FlexSim finds objects by name.
    """
    parent = list(range(len(places)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    by_name: dict[str, int] = {}
    for i, place in enumerate(places):
        key = normalised(place.text) or place.text
        if key in by_name:
            parent[root(i)] = root(by_name[key])
        else:
            by_name[key] = i
    names = list(by_name)
    for a in range(len(names)):
        for b in range(a):
            if similar(names[a], names[b]):
                parent[root(by_name[names[a]])] = root(by_name[names[b]])
    for i, j in _legend_pairs(prompt, places):
        parent[root(i)] = root(j)
    groups: dict[int, list[Place]] = {}
    order = sorted(range(len(places)), key=lambda i: (places[i].source == PROMPT, places[i].source, places[i].start))
    for i in order:
        groups.setdefault(root(i), []).append(places[i])
    return tuple(Named(spelling(members), tuple(members)) for members in groups.values())
