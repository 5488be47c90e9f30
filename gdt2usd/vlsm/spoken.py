"""Whose numbers a clause says, and which distribution they make, as far as the words beside them tell.

Not covered: what the numbers mean (the network's part), how many there are of a thing (`vlsm.counted`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from gdt2usd.vlsm.clauses import END_OF_SENTENCE, SENTENCE, chains, clause_at, continues, cuts_of, next_name, numbers_in
from gdt2usd.vlsm.likeness import split_index
from gdt2usd.vlsm.mentions import PROMPT, Place, normalised
from gdt2usd.vlsm.processor import Encoded, Evidence
from gdt2usd.vlsm.script_tokens import FAMILIES

_NAMES_OF = {
    "exponential": re.compile(r"\b(?:neg\w*[. ]+)?exp(?:on(?:ential(?:ly)?)?)?\b|\bpoisson process", re.I),
    "lognormal_meanstd": re.compile(r"\blog-?\s?n(?:orm)?\w*", re.I),
    "normal": re.compile(r"(?i:\bnorm(?:al(?:ly)?)?\b|\bgauss\w*|\bbell curve)|\bN(?=\s?\()|\u00b1|\+/-"),
    "gamma": re.compile(r"\bgamma\b", re.I),
    "weibull": re.compile(r"\bweibull\b", re.I),
    "triangular": re.compile(r"\btri(?:ang(?:ular(?:ly)?|le)?)?\b", re.I),
    "uniform": re.compile(
        r"(?i:\bunif?(?:orm(?:ly)?)?\b|\bequally (?:likely|probable)|\bevenly (?:spread|distributed))|\bU(?=\s?[\d(])"
    ),
}
"""Words for distributions."""
_PART_OF = (
    r"(?:s\.?d\.?|st\.?\s?dev\.?|std\.?(?:\s?dev\.?)?|sigma|\u03c3|standard deviation|scale|shape|mean|average|mode|theta|\u03b8|k"
    r"|alpha|beta|min(?:imum)?|max(?:imum)?|most likely|typically|usually|at (?:best|worst|least|most))"
)
_WITHIN_ONE = re.compile(
    rf"\s*(?:{_PART_OF})?[\s,;/|\u2013-]*(?:\.\.\.?|\u2026|to|and|until|till|up to)?[\s,]*(?:\u00b1|\+/-|\+-)?\s*"
    rf"(?:with |an? |the |its )*(?:{_PART_OF})?\s*(?:of|=|:|is)?\s*",
    re.I,
)
"""Between the numbers of one distribution."""
_MEAN = re.compile(r"\b(?:mean|average|avg)\b", re.I)
_NEAR, _BEHIND = 34, 26
"""Letters before and behind the numbers of a distribution in which it is named."""
_SCATTER = {
    "exponential": re.compile(r"\b(?:neg\w*[. ]+)?exp(?:onential(?:ly)?)?\b|\bpoisson process|\bat random\b", re.I),
    "constant": re.compile(r"\bconst(?:ant(?:ly)?)?\b|\bfix(?:ed)?\b|\bflat\b|\bexactly\b|\balways\b|\bon the dot\b", re.I),
}
_EVERY = re.compile(r"\b(?:every|each)\s+\d|\bone each\b", re.I)
_ROUGHLY = re.compile(r"average|mean|avg|about|around|random|approx|poisson|rough|~|\bca\b|distribut|normal|gamma|weibull", re.I)
TABLE = 4
"""Lines that begin with a name from which on they are a table."""
_OPENING = 14
"""Letters in which a clause comes to its subject, and within which a number behind a name is likely its own."""
_ITS_OWN = re.compile(r"\s*(?:\([^()]*\)\s*)?(?:[A-Za-z.]{1,12}\s?){0,2}[(:=]?\s*")
"""Between a name and a number that is likely its own: `Butyl Robot (processor) tri(40`."""
_RIGHT_BEHIND = re.compile(r"\s?[:=]?\s")
"""Between a name and a time that is its own: `Data Wipe 15 min`."""
_PREPOSITION = re.compile(r"\b(?:from|to|into|of|by|with|on|onto|in|at|for|after|before)(?: the| each| a| every)?\s*$", re.I)
_EACH = re.compile(r"\b(?:each|apiece|both)\b", re.I)
_PRONOUN = re.compile(r"\s*(?:and )?(?:it|this|that|which)\b", re.I)
_BRACKETED = re.compile(r"\s*\([^()]*(?:\([^()]*\)[^()]*)*\)")


def shared(prompt: str, encoded: Encoded, rows: list[tuple[Place, int]]) -> Iterator[tuple[int, tuple[int, ...]]]:
    """(number index, objects) of the numbers behind a row of names alike (`CNC Mill 1 | CNC Mill 2 (each ...)`, `A and B: ...`)."""
    for chain in chains(prompt, rows):
        things = tuple(dict.fromkeys(rows[j][1] for j in chain))
        last = rows[chain[-1]][0]
        following = next_name(prompt, rows, chain)
        if len(things) < 2 or continues(prompt, rows, chain):
            continue
        stop = min(following, clause_at(prompt, last.end)[1])
        text = prompt[last.end : stop]
        between = [prompt[rows[i][0].end : rows[j][0].start] for i, j in pairwise(chain)]
        alike = len({normalised(split_index(rows[j][0].text)[0]) for j in chain}) == 1
        if (
            alike
            or re.search(r"\b(?:each|both|all|identical|alike)\b", text, re.I)
            or all(re.search(r"and|&|\+", joint) for joint in between)
        ):
            yield from ((k, things) for k in numbers_in(encoded, last.end, stop))
        they = re.compile(r"[^.\n]*?;\s*(?=(?:they|these|both|all|each)\b)", re.I).match(prompt, last.end)
        if they is not None:
            end = END_OF_SENTENCE.search(prompt, they.end())
            stop = min([end.start() if end is not None else len(prompt), *(p.start for p, _ in rows if p.start >= they.end())])
            yield from ((k, things) for k in numbers_in(encoded, they.end(), stop))


def class_words(evidence: Evidence) -> dict[str, tuple[int, ...]]:
    """Which numbered things have a word in common (`press` of `Press 1`, `Press 2`): in the plural, or with `either`, `each` ..."""
    stems: dict[str, list[int]] = {}
    for i, named in enumerate(evidence.objects):
        stem, index = split_index(named.name)
        if index:
            stems.setdefault(stem.split()[-1].lower(), []).append(i)
    return {
        rf"\b{re.escape(word)}(?:e?s)\b|\b(?:each|either|every|whichever|which)\s+(?:\w+\s+)?{re.escape(word)}\b": tuple(members)
        for word, members in stems.items()
        if len(members) > 1
    }


def in_common(
    prompt: str, encoded: Encoded, evidence: Evidence, rows: list[tuple[Place, int]]
) -> Iterator[tuple[int, tuple[int, ...]]]:
    """(number index, objects) of numbers in a clause that names none but speaks of several alike (`Both presses: 110 s`), or that
    follows one and says `each`."""
    words = class_words(evidence)
    chain: tuple[int, ...] = ()
    for start, end in pairwise(cuts_of(prompt)):
        here = {i for p, i in rows if start <= p.start < end}
        text = prompt[start:end]
        spoken = [members for word, members in words.items() if re.search(word, text, re.I)]
        if not here and len(spoken) == 1:
            chain = spoken[0]
            yield from ((k, chain) for k in numbers_in(encoded, start, end))
        elif not here and len(chain) > 1 and _EACH.search(text):
            yield from ((k, chain) for k in numbers_in(encoded, start, end))
        elif here or any(numbers_in(encoded, start, end)):
            alike = [members for members in words.values() if here and here <= set(members) and len(here) > 1]
            chain = alike[0] if alike else ()


def heads(prompt: str, encoded: Encoded, rows: list[tuple[Place, int]]) -> Iterator[tuple[int, int]]:
    """(number index, object) of numbers in brackets behind a name, or in a clause that names one object only."""
    brackets = {}
    begins = {rows[chain[-1]][0]: rows[chain[0]][0].start for chain in chains(prompt, rows)}
    joined = {rows[chain[-1]][0] for chain in chains(prompt, rows) if len(chain) > 1}
    for place, thing in rows:
        inside = _BRACKETED.match(prompt, place.end)
        each = inside is not None and place in joined and re.search(r"\b(?:each|both|all)\b", inside[0], re.I)
        if inside is not None and not each and not any(inside.start() < p.start < inside.end() for p, _ in rows):
            brackets[inside.span()] = thing
    for k, reference in enumerate(encoded.numbers):
        number = reference.number
        if reference.source != PROMPT or number.unit == "%":
            continue
        behind = next((thing for (a, b), thing in brackets.items() if a <= number.start < b), None)
        if behind is None and number.unit is not None:
            own = (thing for p, thing in rows if p not in joined and _RIGHT_BEHIND.fullmatch(prompt, p.end, number.start))
            behind = next(own, None)
        if behind is not None:
            yield k, behind
            continue
        start, end = clause_at(prompt, number.start)
        here = [(p, thing) for p, thing in rows if start <= p.start < end]
        here = here[:1] + [(p, thing) for p, thing in here[1:] if not _is_material(prompt, p)]
        named = {thing for _, thing in here}
        if here and begins[here[0][0]] < start:
            continue  # the last of a row of names
        if len(named) == 1 or (named and _leads(prompt, start, here, number.start)):
            yield k, here[0][1]
        elif not named and _PRONOUN.match(prompt, start):
            earlier, _ = clause_at(prompt, max(0, start - 1))
            before = [(p, thing) for p, thing in rows if earlier <= p.start < start]
            if before:
                yield k, before[0 if _leads(prompt, earlier, before, number.start) else -1][1]


def _is_material(prompt: str, place: Place) -> bool:
    """Whether a name with capitals is written small, as what is worked on: `one cushion set is joined to each seat frame`."""
    written = prompt[place.start : place.end]
    return written.islower() and not place.text.islower()


def in_lines(prompt: str, encoded: Encoded, rows: list[tuple[Place, int]]) -> Iterator[tuple[int, int]]:
    """(number index, object) of a table: lines that begin with a name, each with its numbers in cells of their own."""
    lines = []
    for match in re.finditer(r"[^\n]+", prompt):
        here = [(p, i) for p, i in rows if match.start() <= p.start < match.end()]
        if here and here[0][0].start - match.start() <= 2 and re.match(r"\s*[;|\t]", prompt[here[0][0].end :]):
            lines.append((match.span(), here))
    if len(lines) < TABLE:
        return
    for (start, end), here in lines:
        told = SENTENCE.search(prompt, start, end)
        for k in numbers_in(encoded, start, told.start() if told is not None else end):
            if encoded.numbers[k].number.unit != "%":
                yield k, here[0][1]


def topics(prompt: str, encoded: Encoded, rows: list[tuple[Place, int]]) -> Iterator[tuple[int, int]]:
    """(number index, object) of numbers whose clause names nothing: what the last clause that names something speaks of."""
    for k, reference in enumerate(encoded.numbers):
        number = reference.number
        if reference.source != PROMPT or number.unit == "%":
            continue
        start, end = clause_at(prompt, number.start)
        if any(start <= p.start < end for p, _ in rows):
            continue
        before = [(p, i) for p, i in rows if p.end <= start]
        if not before:
            continue
        opening, _ = clause_at(prompt, before[-1][0].start)
        spoken = [(p, i) for p, i in before if p.start >= opening]
        yield k, spoken[0][1] if _leads(prompt, opening, spoken, number.start) else spoken[-1][1]


def _leads(prompt: str, start: int, inside: list[tuple[Place, int]], number: int) -> bool:
    """Whether the first name of a clause is what it speaks of: the others only follow `from`, `to` and the like."""
    if inside[0][0].start - start > _OPENING or inside[0][0].start > number:
        return False
    others = [p for p, thing in inside[1:] if thing != inside[0][1]]
    return all(_PREPOSITION.search(prompt, 0, p.start) and (p.start > number or _beyond(prompt, p.end, number)) for p in others)


def _beyond(prompt: str, name_end: int, number: int) -> bool:
    """Whether a number is too far behind a name, or parted from it by a comma, to be its own."""
    far = number - name_end > _OPENING or prompt.startswith(",", name_end)
    return far and _ITS_OWN.fullmatch(prompt, name_end, number) is None


def families(prompt: str, encoded: Encoded, rows: list[tuple[Place, int]]) -> Iterator[tuple[int, str]]:
    """(number index, family) of numbers that make one distribution, with a word for it beside them: `gamma k=3, theta=8 s`,
    `120/h, exp`, `N(30, 2) s`; a number alone behind `every` that nothing says to scatter is constant."""
    cuts = sorted({*cuts_of(prompt), *(p.start for p, _ in rows)})
    for run in _runs(prompt, encoded):
        first, last = encoded.numbers[run[0]].number, encoded.numbers[run[-1]].number
        start = max(cut for cut in cuts if cut <= first.start)
        end = min(cut for cut in cuts if cut > last.start)
        others = [n.number for k, n in enumerate(encoded.numbers) if n.source == PROMPT and k not in run]
        before = max([start, *(n.end for n in others if n.end <= first.start)])
        after = min([end, *(n.start for n in others if n.start >= last.end)])
        said = _family_said(prompt, before, first.start, last.end, after, len(run))
        if said is None and len(run) == 1 and before == start and after == end:
            said = _said_alone(prompt, start, end)
        if said is not None:
            yield from ((k, said) for k in run)


def _runs(prompt: str, encoded: Encoded) -> Iterator[list[int]]:
    """Indices of numbers of the prompt, those together between which nothing stands but what they are in a distribution."""
    run: list[int] = []
    for k, reference in enumerate(encoded.numbers):
        if reference.source != PROMPT or reference.number.unit in ("%", "m", "m/s"):
            continue
        if run and _WITHIN_ONE.fullmatch(prompt, encoded.numbers[run[-1]].number.end, reference.number.start) is None:
            yield run
            run = []
        run.append(k)
    if run:
        yield run


def _family_said(prompt: str, before: int, first: int, last: int, after: int, count: int) -> str | None:
    """The distribution of `count` numbers at [first, last) that the words in [before, after) name; None if none or several do."""
    found = []
    behind = prompt[last : min(after, last + _BEHIND)].lstrip(" ,([\n")
    for text in (prompt[max(before, first - _NEAR) : first], prompt[first:last]):
        said = {family for family, pattern in _NAMES_OF.items() if pattern.search(text)}
        found.append(said - {"normal"} if "lognormal_meanstd" in said else said)
    found.append({family for family, pattern in _NAMES_OF.items() if pattern.match(behind)})
    said = found[0] | found[1] or found[2]
    if (found[0] and found[2] and found[0] != found[2] and count > 1) or len(said) != 1:
        return None
    family = next(iter(said))
    if family == "gamma" and _MEAN.search(prompt, max(before, first - _NEAR), last) is not None:
        family = "gamma_meanshape"
    return family if len(FAMILIES[family][0]) == count else None


def _said_alone(prompt: str, start: int, end: int) -> str | None:
    """The distribution of the only number of a stretch, by all words in it; constant behind a bare `every`."""
    said = {family for family, pattern in _SCATTER.items() if pattern.search(prompt, start, end)}
    if not said and _EVERY.search(prompt, start, end) and not _ROUGHLY.search(prompt, start, end):
        return "constant"
    return next(iter(said)) if len(said) == 1 else None
