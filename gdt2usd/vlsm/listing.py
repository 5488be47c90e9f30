"""Finds names that a text has in another form than a tagger marks: the labels of the sketch echoed in the prompt, indices in a row
(`Pick Bench A and B`, `Press 1-3`), and drops what is marked but no name (a type word, `the layers`).

Not covered: codes and their legend (`vlsm.legend`).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from gdt2usd.sketch.sketch import Label
from gdt2usd.vlsm.likeness import likeness, skeleton, split_index
from gdt2usd.vlsm.mentions import PROMPT, Place, is_code, normalised

ALIKE = 0.85
"""A place so like a label is that label's name, misread."""
SHORTEST = 4
"""Letters that a label needs to be looked for in the prompt."""
DRAWN = 3
"""Objects with a label in the sketch from which on the sketch is taken to show the line."""
CAPITALISED = 0.7
"""Share of the sketch's names that the prompt writes with a capital from which on a small word is no name."""
SMALLER = 0.85
"""A type word so much smaller than the name beside it is a tag; one in brackets is in any case."""
_UNIT = r"\s?(?:s|secs?|seconds?|min|mins|minutes?|h|hrs?|hours?|m|metres?|meters?|%|percent|pcs|x)\b"
_AND = re.compile(rf"\s?(?:,(?: and)?|/|&|\+|\band\b|\bor\b|\|)\s?(?P<i>\d{{1,2}}|[A-H]|I{{1,3}}|IV|V)(?!\w|[.,/]\d|{_UNIT})")
_TO = re.compile(rf"\s?(?:-|\u2013|\.\.|\bto\b|\bthrough\b)\s?(?P<i>\d{{1,2}})(?!\w|[.,/]\d|{_UNIT})")
_TYPES = frozenset(
    ("source", "queue", "buffer", "processor", "machine", "combiner", "separator", "multiprocessor", "conveyor", "belt", "rack",
     "storage", "sink", "operator", "worker", "person", "people", "forklift", "transporter", "agv", "amr", "robot", "crane",
     "vehicle", "dispatcher", "task executer", "station", "workstation", "symbol", "drawing", "sketch", "note", "arrow", "line",
     "object")
)  # fmt: skip
_RESOURCE = re.compile(
    r"operator|worker|technician|people|person|staff|crew|forklift|truck|agv|amr|robot|crane|vehicle|cart|dispatcher|executer|tugger",
    re.I,
)
_APPOSED = re.compile(r"(?:[:(=,]|\bis|\bare)\s*(?:(?:an?|the|\d+|one|two|three|four|five|six)\s)?$")
_FUNCTION = re.compile(
    r"(?:both|how|which(?:ever)?|what(?:ever)?|where|when|who|why|each|every|all|either|neither|it|its|they|their|we|our|you|your|he"
    r"|she|this|that|these|those|then|next|after(?:wards)?|before|behind|from|some|any|one|two|three|four|five|six|seven|eight|nine|ten"
    r"|hello|hi|dear|thanks?|regards|best|please|good|here|there|also|and|or|but|if|so|only|for|as|at|in|on|of|to|by|with|re|fw|fwd)"
    r"(?:$|\s+(?-i:[a-z]))",
    re.I,
)
"""What begins so and goes on with a small word is no name."""
_BEGINS = re.compile(r"(?:^|[.!?:;\n]\s*)$")
_GERUND = re.compile(r"([A-Za-z]{3,}?)(?:ning|ting|ping|ging|ming|king|ing)")
_COUNTED = re.compile(
    r"\)?\s*[,(:-]?\s*(?:\d{1,2}|two|three|four|five|six|an?|some|the|our)\s*(?:x\s)?(?:small |big |identical |electric )?", re.I
)
"""Between a name and the type word that says what so many of it are: `Cart Bot 2 AGVs`."""
_CALLS = re.compile(
    r"s?\s*,?\s*\(?(?:called|named|call (?:it|them|him|her)|(?:of|with|in) (?:the )?(?:type|name|role|kind)(?: of)?)?"
    r"\s*(?:the\s)?\s*$",
    re.I,
)


def overlaps(place: Place, start: int, end: int) -> bool:
    """Whether a place shares a letter with [start, end)."""
    return place.start < end and start < place.end


def with_echoes(prompt: str, places: Sequence[Place]) -> list[Place]:
    """The places with those prompt places that are a label's name letter by letter: spaces, hyphens and capitals do not count.

    A longer or shifted place (`Mould Maker source` for the label `Mould Maker`) gives way; one with an index of its own does not.
    """
    names = {normalised(p.text): p.text for p in places if p.source != PROMPT and not is_code(p.text)}
    out = list(places)
    locked: list[tuple[int, int]] = []
    for key in sorted(names, key=len, reverse=True):
        letters = key.replace(" ", "")
        if sum(c.isalpha() for c in letters) < SHORTEST:
            continue
        spaced = r"[\s_-]{0,2}".join(map(re.escape, letters)) + ("?" if letters.endswith("s") else "")
        for match in re.finditer(rf"(?<!\w){spaced}(?!\w)", prompt, re.I):
            start, end = match.span()
            if any(a < end and start < b for a, b in locked):
                continue
            found = [p for p in out if p.source == PROMPT and overlaps(p, start, end)]
            if any(_own(p, letters, names.values()) for p in found):
                continue
            locked.append((start, end))
            text = match[0] if normalised(match[0]).replace(" ", "") == letters else names[key]
            if [(p.start, p.end) for p in found] != [(start, end)] or text != match[0]:
                out = [p for p in out if p not in found] + [Place(PROMPT, start, end, text)]
    return out


def _own(place: Place, letters: str, drawn: Iterable[str]) -> bool:
    """Whether a place that holds a label's letters is another name: a longer one of the sketch, or one with an index."""
    own = normalised(place.text).replace(" ", "")
    if own == letters or letters not in own:
        return False
    rest = [word for word in re.findall(r"[^\W\d_]+", place.text) if word.lower() not in letters]
    shouted = any(word.isupper() and len(word) > SHORTEST for word in rest) and not place.text.isupper()
    proper = all(word[0].isupper() and not is_type(word.lower()) for word in rest)
    if rest and len(rest) < len(place.text.split()) and proper and not shouted:
        return not any(normalised(name).startswith(normalised(place.text)) for name in drawn)
    stem = normalised(split_index(place.text)[0]).replace(" ", "")
    return stem == letters or any(likeness(name, place.text) >= ALIKE for name in drawn)


def with_gerunds(prompt: str, places: Sequence[Place]) -> list[Place]:
    """The places with the name of a drawn thing for the word that says what it does (`Debarking` for `Debarker`), where only one
    drawn name has such a word; where several numbered ones have it (`Curing` of `Curing Press 1`), what they have in common."""
    drawn = {normalised(p.text): p.text for p in places if p.source != PROMPT and not is_code(p.text)}
    if len(drawn) < DRAWN:
        return list(places)
    out = []
    for place in places:
        word = _GERUND.fullmatch(place.text) if place.source == PROMPT and normalised(place.text) not in drawn else None
        of_it = [] if word is None else [text for name, text in drawn.items() if _does(name, word[1].lower())]
        whole = [text for text in of_it if place.text.lower() in normalised(text).split()]
        of_it = whole or of_it
        stems = {split_index(text)[0] for text in of_it}
        out.append(replace(place, text=next(iter(stems if len(of_it) > 1 else of_it))) if of_it and len(stems) == 1 else place)
    return out


def _does(name: str, stem: str) -> bool:
    """Whether a word of a name begins with the stem of a verb and goes on as such a name does."""
    return any(re.fullmatch(rf"{re.escape(stem)}[a-z]?(?:e|er|or|ing|ed)?", word) is not None for word in name.split())


def with_series(prompt: str, places: Sequence[Place], labels: Sequence[str]) -> list[Place]:
    """The places with the indices that follow a name with an index, each under its whole name; the labels say which exist."""
    known = {normalised(label) for label in labels}
    out = list(places)
    for place in [p for p in places if p.source == PROMPT]:
        stem, index = split_index(place.text)
        stem = next((s for s in _singulars(stem) if normalised(f"{s} {index}") in known), stem)
        if not index:
            continue
        added = list(_following(prompt, place, stem, index, known))
        if added:
            out = [p for p in out if not any(p.source == PROMPT and overlaps(p, a.start, a.end) for a in added)] + added
            out = [replace(p, text=f"{stem} {index}") if p == place else p for p in out]
    return out


def is_type(key: str) -> bool:
    """Whether a normalised text is a type word, in the singular or plural."""
    return any(stem in _TYPES for stem in _singulars(key))


def _singulars(stem: str) -> tuple[str, ...]:
    return (stem, stem.removesuffix("s"), stem.removesuffix("es"))


def _following(prompt: str, place: Place, stem: str, index: str, known: set[str]) -> Iterator[Place]:
    through = _TO.match(prompt, place.end)
    if through is not None and index.isdigit() and int(index) < int(through["i"]) <= int(index) + 8:
        numbers = range(int(index) + 1, int(through["i"]))
        if all(normalised(f"{stem} {k}") in known for k in (*numbers, int(through["i"]))):
            for offset, k in enumerate(numbers[: through.start("i") - place.end]):
                yield Place(PROMPT, place.end + offset, place.end + offset + 1, f"{stem} {k}")
            yield Place(PROMPT, *through.span("i"), f"{stem} {through['i']}")
            return
    at, last = place.end, index
    while (match := _AND.match(prompt, at)) is not None:
        name = f"{stem} {match['i']}"
        if not (normalised(name) in known or (not known and _follows(last, match["i"]))):
            return
        yield Place(PROMPT, *match.span("i"), name)
        at, last = match.end(), match["i"]


def _follows(index: str, following: str) -> bool:
    if index.isdigit() and following.isdigit():
        return int(following) == int(index) + 1
    return len(index) == len(following) == 1 and ord(following) == ord(index) + 1


def type_tags(labels: Sequence[Label], named: Collection[int]) -> dict[int, int]:
    """Labels that only say of what type the thing above or below them is (`(Combiner)` under a name), with that thing's label."""
    found: dict[int, int] = {}
    for i in named:
        if not is_type(normalised(labels[i].text)):
            continue
        own = labels[i].box
        height = own.y1 - own.y0
        marked = re.match(r"\W", labels[i].text.strip()) is not None
        near = [
            (gap, j)
            for j in named
            if j != i
            and (marked or height < SMALLER * (labels[j].box.y1 - labels[j].box.y0))
            and not is_type(normalised(labels[j].text))
            and (gap := max(labels[j].box.y0 - own.y1, own.y0 - labels[j].box.y1)) < height
            and min(own.x1, labels[j].box.x1) - max(own.x0, labels[j].box.x0)
            > 0.5 * min(own.x1 - own.x0, labels[j].box.x1 - labels[j].box.x0)
        ]
        if near:
            found[i] = min(near)[1]
    return found


def _as_inside(prompt: str, place: Place) -> str:
    """What is written at a place as it would be inside a sentence: `empty pallets` of `Empty pallets come from ...`."""
    begins = place.source == PROMPT and " " in place.text and _BEGINS.search(prompt, 0, place.start) is not None
    return place.text[0].lower() + place.text[1:] if begins else place.text


def without_common_words(prompt: str, places: Sequence[Place]) -> list[Place]:
    """The places without type words and small words, where the sketch shows the line and its names are written with capitals.

    What works at the line (`two operators`) may be small and undrawn, and so may the end of a name (`the saw`).
    """
    labels = {normalised(p.text) for p in places if p.source != PROMPT}
    if len(labels) < DRAWN:
        return list(places)
    shown = [p for p in places if p.source == PROMPT and normalised(p.text) in labels and not is_code(p.text)]
    capital = sum(any(c.isupper() for c in p.text) for p in shown) >= CAPITALISED * len(shown) and len(shown) >= DRAWN
    written = [p for p in places if p.source == PROMPT and any(c.isupper() for c in _as_inside(prompt, p))]
    names = [*labels, *(normalised(p.text) for p in written)]
    skeletons, drawn = {skeleton(name) for name in names}, {skeleton(label) for label in labels}
    starts = {p.start for p in places if p.source == PROMPT}
    ends = {p.end for p in places if p.source == PROMPT}

    def is_name(place: Place) -> bool:
        key = normalised(place.text)
        text = _as_inside(prompt, place)
        if place.source == PROMPT and key not in labels and (_FUNCTION.match(text) or prompt[place.end : place.end + 1] == "?"):
            return False
        if place.source != PROMPT or key in labels or skeleton(key) in drawn:
            return True
        if is_type(key):
            said = any(_CALLS.fullmatch(prompt, place.end, start) for start in starts if place.end < start <= place.end + 16)
            apposed = _APPOSED.search(prompt, 0, place.start) or any(_COUNTED.fullmatch(prompt, end, place.start) for end in ends)
            return _RESOURCE.search(key) is not None and not said and not apposed
        small = not any(c.isupper() or c.isdigit() for c in text)
        if not (small and capital) or _RESOURCE.search(key):
            return True
        return any(name.endswith(f" {stem}") for stem in _singulars(key) for name in names) or skeleton(key) in skeletons

    return [p for p in places if is_name(p)]
