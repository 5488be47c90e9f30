"""How many there are of a thing, as the prompt and the labels say it: `Line Operator x2`, `3 forklifts called Reach Truck`, `two of
them`, `4 cells per housing`.

Not covered: what else numbers mean (the network's part).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gdt2usd.vlsm.clauses import HELPER_WORDS, SENTENCE, any_of, clause_at, kinds_of_word, numbers_in, separators
from gdt2usd.vlsm.mentions import PROMPT, Place
from gdt2usd.vlsm.numbers import Number
from gdt2usd.vlsm.processor import Encoded, Evidence, NumberReference

COMBINER = frozenset(("combiner",))
SEPARATOR = frozenset(("separator",))

_INTO = re.compile(
    r"\s?(?:x\s)?(?:[A-Za-z-]+\s+){1,3}?(?:(?:from|of)\s+(?:the\s+)?[\w -]{1,24}?\s+)?"
    r"(?:(?:in|into|onto|on|to|for)\s+(?:each|every|one|an?)\b|per\s+[a-z])|\s?[a-z]+s?/[a-z]+",
)
_CALLED = (
    r"(?:called|named|call (?:it|them|him|her)"
    r"|(?:of|with|from|in) (?:the )?(?:type|kind|class|name|role|group|(?:job )?title|position)"
    r"|we call(?: them)?|known as|as|behind|in the"
    r"|of the|of)(?: the)?"
)
_COUNT_BEFORE = re.compile(
    rf"\s?(?:x|\u00d7|of(?=\s))?\s*(?:(?:identical|equal|more|small|new)\s+)?"
    rf"(?:(?P<type>{any_of(HELPER_WORDS)})\s*,?\s*)?\(?(?:each (?:of them )?an?\s+)?(?:{_CALLED}\s+)?(?:the\s+)?[\"'\u201c]?",
    re.I,
)
_COUNT_AFTER = re.compile(
    rf"\)?\s*(?:[:=,(]|-(?=\s)|is|are)?\s*(?:an?\s+)?(?:(?P<type>{any_of(HELPER_WORDS)})\s*)?[:=,(]?\s*(?P<sign>x|\u00d7|qty\.?|quantity)?\s?",
    re.I,
)
_PIECES = re.compile(
    rf"\s?(?:x|\u00d7|of (?:them|these|those)|pieces?|pcs\.?|units?|heads?|off"
    rf"|in (?:all|total)|altogether|(?P<type>{any_of(HELPER_WORDS)}))(?!\w)",
    re.I,
)
_CREW = re.compile(
    r"\s(?:people|persons?|heads?|ops|m[ae]n|women|colleagues?|workers?|operators?|technicians?|helpers?|hands|vehicles?|trucks?"
    r"|of (?:them|these|those)|(?:small |big |identical )?(?:agvs?|amrs?|forklifts?|robots?))\b",
    re.I,
)
"""Behind a number that counts people or vehicles."""
_WE_HAVE = re.compile(
    r"\b(?:we (?:have|have got|'ve got|got|run|roster|own|use|employ|need)|we've got"
    r"|there (?:are|is)|of (?:which|whom) there (?:are|is))(?: got| just| only| about)?(?: the)?\s*$",
    re.I,
)
_AT_WORK = re.compile(r"\b(?:at|on|in|for|to|of|with)(?: the)? ?$", re.I)
_ALONE = re.compile(r"\s*(?:[.;,\n)]|$)")
_OF_NAME = re.compile(r"\w\s*(?:[:=,\u2013-]|is|are)\s*(?:just |only )?$")
"""A number alone behind a name (`Feeder Crew: four.`)."""
_NOUN = re.compile(
    r"\s(?!(?:to|and|or|at|in|on|of|is|are|if|for|per|each|every|until|till|operators?|people|persons?|x|by|from|with|sec|min|max|mean|sd|std|mode|shape|scale|sigma|theta|ops?|AGVs?)\b)"
    r"[A-Za-z][A-Za-z-]+"
)
"""Behind a number that counts things."""
_GOES_ON = re.compile(r"\s*(?:It|This|That)\s")
_PARTED = re.compile(r"\b(?:into|split(?:s|ting)?(?: in| by)?|in|makes?|gives?|1\s?(?::|->|to))\s*$", re.I)
_HOLDS = re.compile(r"\b(?:cap(?:acity)?|max(?:imum)?|holds?|room|up to|at most|loads? of)\b", re.I)
_NEAR = 16
_LINE_END = re.compile(r"\n|\s[|/]{1,2}\s")
_PARTS_WITHIN = 170
"""Letters behind the name of a combiner in which its parts are counted."""
_LABEL_COUNT = re.compile(
    r"(?:\d{1,2}\s?[x\u00d7]?\s*@|@\s*(?:[x\u00d7]\s?\d{1,2}|\(\s?[x\u00d7]?\s?\d{1,2}\s?[x\u00d7]?\s?\)|\d{1,2}\s?[x\u00d7]))"
)
"""How a label counts what it names (`@`): `3x @`, `@ x3`, `@ (3)`."""


def components(
    prompt: str, encoded: Encoded, rows: list[tuple[Place, int]], kinds: dict[int, frozenset[str]]
) -> Iterator[tuple[int, int]]:
    """(number index, object index) of numbers that say how many parts a combiner puts into one: `4 cells per housing`, `1 frame + 2
    panes`. The 1 of two numbers is what they are put into."""
    for place, thing in rows:
        if kinds.get(thing) != COMBINER:
            continue
        end = SENTENCE.search(prompt, place.end)
        sentence = end.start() if end is not None else len(prompt)
        stop = min(max(sentence, _end_of_talk(prompt, place.end)), place.end + _PARTS_WITHIN)
        line = _LINE_END.search(prompt, place.end)
        ends = [a for a, _ in separators(prompt) if a > place.end] + ([line.start()] if line is not None else [])
        stop = min([stop, *ends, *(p.start for p, i in rows if p.start > place.end and kinds.get(i) == COMBINER)])
        found = [k for k in numbers_in(encoded, place.end, stop) if _counts_parts(prompt, encoded.numbers[k].number)]
        into = [k for k in found if _INTO.match(prompt, encoded.numbers[k].number.end)]
        more = [k for k in found if encoded.numbers[k].number.value > 1]
        if into and len(found) == 1:
            yield into[0], thing
        elif len(found) in (1, 2) and len(more) == 1:
            yield more[0], thing
        elif len(found) == 2 and not more:
            yield found[1], thing


def _end_of_talk(prompt: str, start: int) -> int:
    """Where the clause at `start` ends, or the sentence behind it if that goes on about the same thing (`... It cuts`)."""
    end = clause_at(prompt, start)[1]
    while (going_on := _GOES_ON.match(prompt, end)) is not None:
        end = clause_at(prompt, going_on.end())[1]
    return end


def quantities(
    prompt: str, encoded: Encoded, rows: list[tuple[Place, int]], kinds: dict[int, frozenset[str]]
) -> Iterator[tuple[int, int]]:
    """(number index, object index) of numbers that say into how many a separator makes one: `split into 24 loaves`, `50 shirts per
    bundle`, where its clause counts one thing only."""
    for place, thing in rows:
        if kinds.get(thing) != SEPARATOR:
            continue
        stop = min(
            [
                _end_of_talk(prompt, place.end),
                place.end + _PARTS_WITHIN,
                *(p.start for p, i in rows if p.start > place.end and i in kinds and i != thing),
            ]
        )
        found = []
        for k in numbers_in(encoded, place.end, stop):
            number = encoded.numbers[k].number
            before, behind = prompt[place.end : number.start], prompt[number.end :]
            into = _PARTED.search(before) is not None or _NOUN.match(behind) is not None
            if _is_whole(number) and number.value > 1 and into and _HOLDS.search(before[-_NEAR:]) is None:
                found.append(k)
        if len(found) == 1:
            yield found[0], thing


def _counts_parts(prompt: str, number: Number) -> bool:
    """Whether a number counts things: whole, without a unit, a noun behind it."""
    return _is_whole(number) and _NOUN.match(prompt, number.end) is not None


def _is_whole(number: Number) -> bool:
    """Whether a number can count: 1 or more, whole, without a unit."""
    return number.unit is None and number.value >= 1 and number.value == int(number.value)


def counts(evidence: Evidence, encoded: Encoded, rows: list[tuple[Place, int]]) -> Iterator[tuple[int, int, frozenset[str]]]:
    """(number index, object index, kinds) of numbers that say how many there are of what is named beside them, in the prompt or in
    a label (`Mechanic x3`)."""
    prompt = evidence.prompt
    for k, reference in enumerate(encoded.numbers):
        number = reference.number
        if not _is_whole(number) or number.text.lower() == "both":
            continue
        if reference.source != PROMPT:
            thing = _counted_in_label(evidence, reference)
            if thing is not None:
                yield k, thing, frozenset()
            continue
        following = next(((p, i) for p, i in rows if p.start >= number.end), None)
        ahead = None if following is None else _COUNT_BEFORE.fullmatch(prompt, number.end, following[0].start)
        before = next(((p, i) for p, i in reversed(rows) if p.end <= number.start), None)
        behind = None if before is None else _COUNT_AFTER.fullmatch(prompt, before[0].end, number.start)
        pieces = _PIECES.match(prompt, number.end)
        if before is not None and _AT_WORK.search(prompt, max(0, before[0].start - 12), before[0].start):
            pieces = None  # `the crew is at the Ironer, 4 people`
        if before is not None and behind is not None and (behind["sign"] or pieces is not None):
            near = pieces is not None and pieces["type"] and "," not in behind[0]
            if ahead is None or near or "," in ahead[0] or "\n" in ahead[0]:
                said = behind["type"] or (pieces["type"] if pieces is not None else None)
                yield k, before[1], kinds_of_word(said) if said else frozenset()
                continue
        if following is not None and ahead is not None and "\n" not in ahead[0]:
            yield k, following[1], kinds_of_word(ahead["type"]) if ahead["type"] else frozenset()


def crews(evidence: Evidence, encoded: Encoded, rows: list[tuple[Place, int]]) -> Iterator[tuple[int, int]]:
    """(number index, object index) of numbers that count people or vehicles, with what their clause names, the nearest first."""
    prompt = evidence.prompt
    for k, reference in enumerate(encoded.numbers):
        number = reference.number
        if reference.source != PROMPT or not _is_whole(number):
            continue
        if (
            _CREW.match(prompt, number.end)
            or _WE_HAVE.search(prompt, 0, number.start)
            or (_ALONE.match(prompt, number.end) and _OF_NAME.search(prompt, 0, number.start))
        ):
            start, end = clause_at(prompt, number.start)
            here = [(p, i) for p, i in rows if start <= p.start < end]
            nearest = sorted(here, key=lambda row: _gap(row[0], number))
            yield from ((k, i) for i in dict.fromkeys(i for _, i in nearest))


def _gap(place: Place, number: Number) -> int:
    return max(place.start - number.end, number.start - place.end)


def _counted_in_label(evidence: Evidence, reference: NumberReference) -> int | None:
    """The object that a label names if the number beside the name is said to count it."""
    text, number = evidence.labels[reference.source].text, reference.number
    for i, named in enumerate(evidence.objects):
        for place in named.places:
            if place.source == reference.source:
                rest = text[: place.start] + "@" + text[place.end :]
                if _LABEL_COUNT.fullmatch(rest.strip()) and not place.start <= number.start < place.end:
                    return i
    return None
