"""What the prompt says outright of a named object: its type (`High Bay, a rack for 480`), its mode (`combiner, join`), how many
there are (`Line Operator x2`, `3 forklifts called Reach Truck`).

Such words overrule what a name or a drawn shape makes likely. Not covered: what is only implied (the network's part).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from gdt2usd.vlsm.clauses import (
    HELPER_WORDS,
    KIND_WORDS,
    SENTENCE,
    STATION_WORDS,
    any_of,
    chains,
    continues,
    kinds_of_word,
    next_name,
)
from gdt2usd.vlsm.counted import COMBINER, SEPARATOR, components, counts, crews, quantities
from gdt2usd.vlsm.mentions import Place
from gdt2usd.vlsm.processor import Encoded, Evidence
from gdt2usd.vlsm.settings import default_unit, settings, warm_ups
from gdt2usd.vlsm.spoken import families, heads, in_common, in_lines, shared, topics

_FILLER = (
    r"(?:(?:an?|the|our|my|one|two|three|four|just|only|simply|ordinary|normal|plain|simple|regular|real|separate|second|first|another"
    r"|main|small|big|large|long|short|slow|fast|also|really|all|both|each|new|old|single|shared|usual|classic|standard|\d+|\w+-axis"
    r"|fifo|lifo|identical|1st|2nd|3rd|third|further|extra)\s+){0,4}"
)
_WAIT = r"(?:wait|queue|stand|park|store|kept|hold|sit)"
_TREAT = r"(?:think of|model(?:led)?|treat(?:ed)?|take|taken|handle[d]?|count(?:ed)?|regard(?:ed)?|use[d]?|see|seen)"
_BE = (
    rf"(?:is|are|was|(?:acts?|works?|serves?|counts?) as|being|as|(?:is |are )?{_TREAT} (?:(?:it|them|this|that) )?as|means)"
    r"(?: for (?:the|this|our) \w+)?"
)
_INTO_WHAT = r"(?:x ?\d|\d+\s*(?:->|:|[a-z])|(?:in|into|each|every|an?|the|one)\s)"
_DOES = r"\s*[:,(-]?\s*(?:then |shall |will |it )?"
_VERBS: tuple[tuple[re.Pattern[str], frozenset[str], str], ...] = (
    (re.compile(_DOES + r"(?:joins?|marries|assembles?)\b(?=[^.;\n]{0,60}(?:\d|\bone\b|\btwo\b))", re.I), COMBINER, "join"),
    (re.compile(_DOES + r"packs?\s(?=(?:\d+|six|ten|twelve|a dozen)\s)", re.I), COMBINER, "pack"),
    (re.compile(_DOES + rf"(?:splits?(?=\s+{_INTO_WHAT})|breaks? (?:up )?(?:each|every|one))\b", re.I), SEPARATOR, "split"),
    (re.compile(_DOES + r"unpacks?\b", re.I), SEPARATOR, "unpack"),
)  # fmt: skip
"""What a thing does between its name and how many."""
_GOES_ON = r"(?:again|but|with|mode)\b|join|pack|batch|split"
_BEFORE_THAT = r"[^.;\n]{0,60}[.;]\s+(?:I|we|please|you can)"
_TYPE = rf"(?P<type>{any_of(KIND_WORDS)})"
_AFTER = (
    re.compile(rf"\s*,?\s*(?:(?:which|that|it|this|these|they)\s+)?(?:simply |really |just |only )?{_BE}\s+{_FILLER}{_TYPE}", re.I),
    re.compile(rf"\s*[=:]\s*(?:{_TREAT} (?:it |them )?as\s+)?{_FILLER}{_TYPE}", re.I),
    re.compile(rf"\s*[|;\t]\s*(?:-\s*[|;\t]\s*)?{_FILLER}{_TYPE}(?=\s*(?:[|;,(\t\n\d]|$))", re.I),
    re.compile(rf"\s*,\s*(?:also |again )?(?:an? )?(?P<type>{any_of(STATION_WORDS)})(?=\s*(?:[,;:(.|]|{_GOES_ON}|$))", re.I),
    re.compile(rf"[^.;\n]{{0,60}}?\b{_TREAT} (?:it|him|her|them) as\s+{_FILLER}{_TYPE}", re.I),
    re.compile(rf"{_BEFORE_THAT}\s+(?:can |could )?{_TREAT} (?:it|this|that|them|these)\s+as\s+{_FILLER}{_TYPE}", re.I),
    re.compile(rf"\s*\(\s*{_FILLER}{_TYPE}", re.I),
    re.compile(rf"\s*,\s*(?=(?:just |only )?(?:an?|the|our|my|another|one)\s){_FILLER}{_TYPE}", re.I),
    re.compile(rf"\s+(?P<type>{any_of(STATION_WORDS)})(?=\s*(?:[(/,:;=@]|\d|cap\b|max\b|with\b|for\b|mode\b|of\b|at\b|pack|join|batch|split|$))"),
    re.compile(rf"\s+(?P<type>{any_of(HELPER_WORDS)})(?=\s*(?:[(/,:;=@]|for\b|of\b|at\b|under\b|with\b|$))", re.I),
    re.compile(rf"\s*,\s*(?:small|big|large|electric|new|old)?\s*(?P<type>{any_of(HELPER_WORDS)})(?=\s*(?:[.,;)\n]|$))", re.I),
    re.compile(rf"\s+(?:is |are )?the\s+(?P<type>{any_of(HELPER_WORDS)})(?=\s*(?:[.,;)\n]|for\b|of\b|at\b|$))", re.I),
    re.compile(rf"[^.;\n]{{0,60}}?\b{_WAIT}\w*\s+(?:up )?in an? (?:\w+ )?(?P<type>queue|buffer|rack)\b", re.I),
    re.compile(rf"[^.;\n]{{0,60}}?\b(?:it|this|that|he|she|they)(?: is| are|'s|\u2019s)\s+{_FILLER}{_TYPE}", re.I),
)  # fmt: skip
_THEY = re.compile(rf"[^.\n]{{0,160}}?\b(?:they|these|both|all)\s+{_BE}\s+{_FILLER}{_TYPE}", re.I)
_BEFORE = re.compile(rf"(?:^|(?<=[\s(+])){_TYPE}[^\S\n]+(?:called |named |is |= ?|: ?)?[\"'\u201c]?$", re.I)
_HEADING = re.compile(rf"(?P<type>{any_of(STATION_WORDS)})\s*:\s*$", re.I)
_COMBINE = re.compile(r"\b(pack|join|batch)(?:ing|ed|es|s)?\b", re.I)
_PART = re.compile(r"\b(split|unpack)(?:ting|ing|ted|ed|s)?\b", re.I)
_MODES = r"(?:pack|join|batch|split|unpack)"
_MODE = rf"\(\s?{_MODES}\b|\bmode:? (?:is )?{_MODES}\b|\b{_MODES} mode\b"
_OUTRIGHT = re.compile(r"\bmode:? (?:is )?(\w+)|\b(\w+)(?= mode\b)", re.I)
MODES = {"pack": "pack", "join": "join", "batch": "batch_mode", "split": "split", "unpack": "unpack"}
_WINDOW = 110


@dataclass(frozen=True, slots=True)
class Stated:
    """By index of the object: the kinds that it can be, its mode as a script token. By index of the number: the objects of the row
    of names that it follows, the only object that its clause names or a pronoun there means, what was spoken of last where the
    clause names nothing, and the distribution that is named beside a number alone. Of objects what is said of them without a
    number, as script tokens, and which numbers are the warm-up. (number index, object index) of how many there
    are of a thing, of what a number of people or vehicles may count, the likeliest first, and of how many parts a combiner puts
    into one, and (last) into how many a separator makes one; the unit of times without one."""

    kinds: dict[int, frozenset[str]]
    modes: dict[int, str]
    counts: tuple[tuple[int, int], ...]
    crews: tuple[tuple[int, int], ...]
    chains: dict[int, tuple[int, ...]]
    heads: dict[int, int]
    topics: dict[int, int]
    components: tuple[tuple[int, int], ...]
    families: dict[int, str]
    settings: dict[int, frozenset[str]]
    warm_ups: tuple[int, ...]
    quantities: tuple[tuple[int, int], ...]
    unit: str | None


def stated(evidence: Evidence, encoded: Encoded) -> Stated:
    """What the prompt says outright of the objects; a type that is said of a chain of names holds for all of them."""
    prompt = evidence.prompt
    rows = evidence.named_in_prompt()
    votes: dict[int, list[frozenset[str]]] = {}
    for objects, kinds in _types(prompt, rows):
        for i in objects:
            votes.setdefault(i, []).append(kinds)
    counted = list(counts(evidence, encoded, rows))
    for _, thing, kinds in counted:
        if kinds:
            votes.setdefault(thing, []).append(kinds)
    kinds_by = {
        i: said[0] if len(said) == 1 or not frozenset.intersection(*said) else frozenset.intersection(*said)
        for i, said in votes.items()
    }
    set_by: dict[int, frozenset[str]] = {}
    for i, token in settings(prompt, rows):
        set_by[i] = set_by.get(i, frozenset()) | {token}
    return Stated(
        kinds_by,
        dict(_modes(prompt, rows, kinds_by)),
        tuple((number, thing) for number, thing, _ in counted),
        tuple(crews(evidence, encoded, rows)),
        dict(in_common(prompt, encoded, evidence, rows)) | dict(shared(prompt, encoded, rows)),
        dict(heads(prompt, encoded, rows)) | dict(in_lines(prompt, encoded, rows)),
        dict(topics(prompt, encoded, rows)),
        tuple(components(prompt, encoded, rows, kinds_by)),
        dict(families(prompt, encoded, rows)),
        set_by,
        tuple(warm_ups(prompt, encoded)),
        tuple(quantities(prompt, encoded, rows, kinds_by)),
        default_unit(prompt),
    )


def _types(prompt: str, rows: list[tuple[Place, int]]) -> Iterator[tuple[list[int], frozenset[str]]]:
    starts = {place.start for place, _ in rows}
    for chain in chains(prompt, rows):
        place, thing = rows[chain[-1]]
        following = next_name(prompt, rows, chain)
        for k, pattern in enumerate(_AFTER):
            match = pattern.match(prompt, place.end)
            if match is None or match.end("type") > following:
                continue
            behind = re.match(r"\s*[\"'\u201c]?", prompt[match.end() :])
            if behind is not None and match.end() + behind.end() in starts and not prompt[place.end : match.start("type")].strip():
                continue  # the type of what comes next
            several = k < 2 or match["type"].lower().endswith("s")
            yield [rows[j][1] for j in chain] if several else [thing], kinds_of_word(match["type"])
            break
        else:
            before = _BEFORE.search(prompt, max(0, place.start - 40), place.start)
            if before is not None and not any(
                p.end <= before.start() and not prompt[p.end : before.start()].strip() for p, _ in rows
            ):
                yield [thing], kinds_of_word(before["type"])
            elif (doing := next((kinds for verb, kinds, _ in _VERBS if verb.match(prompt, place.end)), None)) is not None:
                yield [thing], doing
        if (told := _of_them(prompt, rows, chain)) is not None:
            yield [rows[j][1] for j in chain], kinds_of_word(told["type"])
        heading = _HEADING.search(prompt, max(0, place.start - 25), place.start)
        if heading is not None and heading["type"].lower().endswith("s"):
            end = SENTENCE.search(prompt, place.end)
            stop = end.start() if end is not None else len(prompt)
            yield [i for p, i in rows if place.start <= p.start < stop], kinds_of_word(heading["type"])


def _of_them(prompt: str, rows: list[tuple[Place, int]], chain: list[int]) -> re.Match[str] | None:
    """What is said of a whole row of names: `...; they are combiners`."""
    if len(chain) < 2 or continues(prompt, rows, chain):
        return None
    return _THEY.match(prompt, rows[chain[-1]][0].end)


def _modes(prompt: str, rows: list[tuple[Place, int]], kinds: dict[int, frozenset[str]]) -> Iterator[tuple[int, str]]:
    """The mode said of a machine between its name and the next one, in the same sentence."""
    for chain in chains(prompt, rows):
        place, _ = rows[chain[-1]]
        following = next_name(prompt, rows, chain)
        end = SENTENCE.search(prompt, place.end)
        text = prompt[place.end : min(following, place.end + _WINDOW, end.start() if end is not None else len(prompt))]
        told = _of_them(prompt, rows, chain)
        if told is not None:
            text = prompt[told.start("type") : told.end() + 40]
        elif re.search(r"\b(?:they|these|both)\b.*(?:combiner|separator)", text, re.I):
            continue
        doing = next((mode for verb, _, mode in _VERBS if verb.match(prompt, place.end)), None)
        if doing is not None:
            yield rows[chain[-1]][1], MODES[doing]
            continue
        for what, pattern in (("combiner", _COMBINE), ("separator", _PART)):
            said = {m[1].lower() for m in pattern.finditer(text)}
            words = [(m[1] or m[2]).lower() for m in _OUTRIGHT.finditer(text)]
            outright = {word for word in words if pattern.fullmatch(word) and word in MODES}
            said = outright if len(outright) == 1 else said
            known = all(kinds.get(rows[j][1]) == frozenset((what,)) for j in chain)
            if (known or re.search(rf"\b{what}|{_MODE}", text, re.I)) and len(said) == 1:
                for j in chain:
                    yield rows[j][1], MODES[next(iter(said))]
