"""Who is who: groups the places where names are written (prompt and sketch labels) into objects.

Two places mean the same object when they read the same, nearly the same (a misread or mistyped letter, never another digit), when
a legend says so (`M2 = Rinser`, `Rinser (M2)`), or when one is the end of the other's name and of no other's (`the saw`).
Not covered: finding the places (`vlsm.tagger`), how alike two names are (`vlsm.likeness`).
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

from rapidfuzz.distance import OSA

from gdt2usd.vlsm.likeness import matched

SHORTEST_PLURAL = 4
"""Letters of a name that may stand in the plural."""
SHORTEST_PART = 2
"""Letters of a label that can be a part of a name."""
PROMPT = -1  # the source number of the prompt; labels are numbered from 0
_LEGEND = re.compile(r"\s*(?:(=|\(|stands for|means|is short for)|:|is the|is|\u2013|-)\s*", re.I)
LONGEST_CODE = 6
"""Letters of the longest abbreviation."""
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


def opens(prompt: str, place: Place) -> bool:
    """Whether nothing but marks of a heading or a list stands before a place in the prompt."""
    return not prompt[: place.start].strip(" \n\t#*\"'")


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
    return min(len(x), len(y)) >= 4 and OSA.distance(x, y, score_cutoff=limit) <= limit


def similar(a: str, b: str) -> bool:
    """Whether two normalised names differ by no more than misread letters or lost spaces.

    Digits, and short words that tell things apart (`A`, `II`, `NW`), must be the same.
    """
    if a == b or a.replace(" ", "") == b.replace(" ", ""):
        return True
    if a.removesuffix("s") == b.removesuffix("s") and len(a) > SHORTEST_PLURAL and not is_code(a) and not is_code(b):
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
    """Whether `text` looks like an abbreviation that a legend would explain (`M2`, `CV1`, `OP-1`; `Sink 1` is none)."""
    if not _CODE.fullmatch(text.strip()) or len(text) > LONGEST_CODE:
        return False
    return text.isupper() or (any(c.isdigit() for c in text) and sum(c.isalpha() for c in text) <= 3)


def _may_stand_for(code: str, name: str) -> bool:
    """Whether a code can be short for a name: `M2` can be anything, several letters are the name's own, in order."""
    letters = [c for c in code.lower() if c.isalpha()]
    if len(letters) < 2 and any(c.isdigit() for c in code):
        return True
    rest = iter(name.lower())
    return name[:1].lower() == code[:1].lower() and all(letter in rest for letter in letters)


def _legend_pairs(prompt: str, places: list[Place]) -> list[tuple[int, int]]:
    """Index pairs of neighbouring prompt places that a legend joins: a code and a name with `=` or the like between.

    With a sign that says no more than "equals", two codes are joined too if just one of them stands in the sketch; with other
    signs (`OP1: Press` may be a task) a numbered code must stand in the sketch and the name must not, or the letters must fit.
    """
    drawn = {normalised(p.text) for p in places if p.source != PROMPT}
    order = sorted((p.start, i) for i, p in enumerate(places) if p.source == PROMPT)
    pairs = []
    for (_, i), (_, j) in pairwise(order):
        a, b = places[i], places[j]
        between = _LEGEND.fullmatch(prompt[a.end : b.start])
        if between is None or ("(" in between[0] and prompt[b.end : b.end + 1] != ")"):
            continue
        code, name = (a, b) if is_code(a.text) and (a.text[-1:].isdigit() or not is_code(b.text)) else (b, a)
        one_is_code = is_code(code.text) and not is_code(name.text)
        one_is_drawn = (normalised(a.text) in drawn) != (normalised(b.text) in drawn)
        numbered = code.text[-1:].isdigit() and not any(c.isdigit() for c in name.text)
        told = between[1] is not None and (one_is_code or (is_code(code.text) and (one_is_drawn or numbered)))
        shown = one_is_code and one_is_drawn and normalised(code.text) in drawn and code.text[-1:].isdigit()
        if told or shown or (one_is_code and _may_stand_for(code.text, name.text)):
            pairs.append((i, j))
    return pairs


def spelling(places: list[Place]) -> str:
    """The spelling to write: a name rather than a code, a plural or a short form; what is typed counts more than what is read."""
    support: Counter[str] = Counter()
    told: Counter[str] = Counter()
    for place in places:
        text = " ".join(place.text.split())
        support[text] += 1.0 if place.source == PROMPT else 0.5 * place.confidence  # type: ignore[assignment]
        told[text] += place.source == PROMPT
    keys = {text: normalised(text) for text in support}

    def rank(text: str) -> tuple[int, bool, bool, bool, float]:
        code = 0 if not is_code(text) else 2 if any(c.isdigit() for c in text) else 1
        plural = text.endswith("s") and text[:-1] in support
        short = any(other.endswith(" " + keys[text]) for other in keys.values())
        alike = sum(similar(keys[text], other) for other in keys.values())
        quieter = [other for other in keys if keys[other] == keys[text] and not (other.isupper() or other.islower())]
        shouted = text.isupper() and any(not told[other] or told[other] >= told[text] for other in quieter)
        return -code - shouted, not plural, not short, any(c.isupper() for c in text), support[text] + 0.1 * alike

    return max(support, key=rank)


class _Groups:
    """Places joined step by step; `root` names the group of a place."""

    def __init__(self, places: list[Place]) -> None:
        self.places = places
        self.parent = list(range(len(places)))

    def root(self, i: int) -> int:
        while self.parent[i] != i:
            self.parent[i] = self.parent[self.parent[i]]
            i = self.parent[i]
        return i

    def join(self, i: int, j: int) -> None:
        self.parent[self.root(i)] = self.root(j)

    def members(self) -> dict[int, list[Place]]:
        """Places by group, groups in the order of their first place (labels first, then the prompt)."""
        order = sorted(
            range(len(self.places)), key=lambda i: (self.places[i].source == PROMPT, self.places[i].source, self.places[i].start)
        )
        found: dict[int, list[Place]] = {}
        for i in order:
            found.setdefault(self.root(i), []).append(self.places[i])
        return found


def group(prompt: str, places: list[Place]) -> tuple[Named, ...]:
    """Objects in the order of their first place (labels first, then the prompt).

    Two labels of the sketch that read the same stay one object: FlexSim finds objects by name.
    """
    groups = _Groups(places)
    by_name: dict[str, int] = {}
    for i, place in enumerate(places):
        key = normalised(place.text) or place.text
        if key in by_name:
            groups.join(i, by_name[key])
        else:
            by_name[key] = i
    names = list(by_name)
    for a in range(len(names)):
        for b in range(a):
            if similar(names[a], names[b]):
                groups.join(by_name[names[a]], by_name[names[b]])
    for i, j in _legend_pairs(prompt, places):
        groups.join(i, j)
    _join_misread(groups)
    _join_short_forms(groups)
    _join_parts(groups)
    return tuple(Named(spelling(members), tuple(members)) for members in groups.members().values())


def _join_misread(groups: _Groups) -> None:
    """Labels that stand in no prompt place, with names of the prompt that stand in no label: the same thing misread."""
    members = groups.members()
    drawn = [root for root, rows in members.items() if all(p.source != PROMPT for p in rows)]
    told = [root for root, rows in members.items() if all(p.source == PROMPT for p in rows)]
    everything = [spelling(rows) for rows in members.values()]
    for i, j in matched([spelling(members[r]) for r in drawn], [spelling(members[r]) for r in told], among=everything):
        groups.join(drawn[i], told[j])


def _join_short_forms(groups: _Groups) -> None:
    """`the saw` with `Panel Saw`, if no other name ends so and no label of the sketch reads just `Saw`."""
    members = groups.members()
    words = {root: normalised(spelling(rows)).split() for root, rows in members.items()}
    for short, rows in members.items():
        if any(p.source != PROMPT for p in rows) or not words[short]:
            continue
        n = len(words[short])
        longer = [root for root, own in words.items() if len(own) > n and own[-n:] == words[short]]
        if len(longer) == 1:
            groups.join(short, longer[0])


def _join_parts(groups: _Groups) -> None:
    """Labels that stand in no prompt place and read as the beginning or the end of the only name that no label reads (`Arrivals` of
    `Car Arrivals`, where the reader of labels lost or split off a word)."""
    members = groups.members()
    words = {root: normalised(spelling(rows)).split() for root, rows in members.items()}
    told = [root for root, rows in members.items() if all(p.source == PROMPT for p in rows)]
    for part, rows in members.items():
        own = words[part]
        if any(p.source == PROMPT for p in rows) or not own or sum(map(len, own)) < SHORTEST_PART:
            continue
        whole = [
            root
            for root in told
            if (len(own) < len(words[root]) and own in (words[root][: len(own)], words[root][-len(own) :]))
            or (len(own) == len(words[root]) == 1 and words[root][0].startswith(own[0]))
        ]
        if len(whole) == 1 and not any(other != part and words[other] == own for other in members):
            groups.join(part, whole[0])
