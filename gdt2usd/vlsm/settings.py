"""What the prompt says of a thing without a number: belts that do not accumulate, last in first out, an arrival at the start, the
way on (`round robin`, `shortest queue`); which numbers are the warm-up; the unit of times without one.

Not covered: types and modes (`vlsm.stated`), which numbers belong to things (`vlsm.spoken`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gdt2usd.vlsm.clauses import chains, clause_at
from gdt2usd.vlsm.mentions import PROMPT, Place
from gdt2usd.vlsm.numbers import TIME_UNITS
from gdt2usd.vlsm.processor import Encoded

_START = r"(?:(?:(?:time )?(?:zero|0|t ?= ?0)|the (?:very )?(?:start|beginning))\b)"
SETTINGS: dict[str, re.Pattern[str]] = {
    "not_accumulating": re.compile(
        r"\b(?:non|not|no|without|does(?:n[\u2019']t| not))[- ]?accumulat\w+|\b(?:whole )?(?:belt|conveyor|line) (?:then )?stops\b"
        r"|\bstops (?:completely|entirely|altogether|as a whole)\b",
        re.I,
    ),
    "lifo": re.compile(
        r"\blifo\b|\blast[- ]in[, -]*(?:is |comes )?first[- ]out"
        r"|\blast (?:[a-z]+ )?in (?:is |goes |comes )?(?:the )?first (?:one )?out",
        re.I,
    ),
    "at_zero": re.compile(
        r"\bfirst (?:arrival|one|item|[a-z]+) [^.,;\n]{0,40}?\b(?:at once|immediately|right away|straight away"
        rf"|(?:right )?at {_START})|\barriv\w* (?:right )?at {_START}",
        re.I,
    ),
    "round_robin": re.compile(r"\bround[- ]?robin\b|\bcyclic(?:ally)?\b|\bin turn\b(?=\s*(?:[.;,)\n]|$))", re.I),
    "random_port": re.compile(
        r"\brandom(?:ly)? (?:which way|output|port|to one)|\b(?:way|port|output)s? at random\b"
        r"|\bwhich way\b[^.;\n]{0,60}\bis random\b",
        re.I,
    ),
    "shortest_queue": re.compile(r"\b(?:shortest|shorter) (?:queue|line)\b|\bleast (?:full|filled)\b", re.I),
}
"""Words for what a script token says."""
_OF_THE_FIRST = frozenset(("round_robin", "random_port", "shortest_queue"))
"""Said of what a clause begins with: the names that follow are where things go."""
_BACK = 3
"""Clauses back to the one that names what a setting is said of."""
_WARM_UP = re.compile(
    r"\bwarm[- ]?up(?: (?:time|period|phase))?(?: (?:is|of|takes|lasts))?\s?[:=(]?\s?$"
    r"|\b(?:skip|ignore|discard|drop|throw away|cut|leave out|without|not count|forget)(?: the)?(?: statistics of the)? first ?$",
    re.I,
)
_WARMING = re.compile(r"\s?(?:of )?(?:the )?warm[- ]?up\b", re.I)


_UNIT = r"(?P<unit>s|secs?|seconds?|mins?|minutes?|h|hrs?|hours?)"
_DEFAULT_UNIT = re.compile(
    rf"\b(?:all|times?|numbers?|values?|figures?|units?|everything|durations?)\b[^.;\n\d]{{0,40}}?"
    rf"(?:\bin\b|\bare\b|\bis\b|=|:)\s*(?:the )?{_UNIT}\b(?=\s*(?:[.;,)\n/|\u00b7]|$|unless|if not|throughout|everywhere))"
    r"|\b(?P<again>s|secs?|seconds?|mins?|minutes?|hours?) (?:everywhere|throughout)\b",
    re.I,
)


def default_unit(prompt: str) -> str | None:
    """The unit of times that are written without one, where the prompt says it: `all times in s`, `numbers without a unit are
    seconds`."""
    match = _DEFAULT_UNIT.search(prompt)
    said = match and (match["unit"] or match["again"])
    return None if not said else "min" if said.lower().startswith("min") else said[0].lower()


def settings(prompt: str, rows: list[tuple[Place, int]]) -> Iterator[tuple[int, str]]:
    """(object index, script token) of what is said of an object: of the name before the words in their clause, or of what the
    clause before speaks of; of a way on, of the first name of the clause."""
    row_of = {chain[-1]: [rows[k][1] for k in chain] for chain in chains(prompt, rows)}
    for token, pattern in SETTINGS.items():
        for match in pattern.finditer(prompt):
            at, _ = clause_at(prompt, match.start())
            here = [k for k, (p, _) in enumerate(rows) if at <= p.start < match.end()]
            for _ in range(0 if here else _BACK):
                earlier, _ = clause_at(prompt, max(0, at - 2))
                here = here or [k for k, (p, _) in enumerate(rows) if earlier <= p.start < at][:1]
                at = earlier
            if here:
                things = [rows[here[0]][1]] if token in _OF_THE_FIRST else row_of[here[-1]]
                yield from ((thing, token) for thing in things)


def warm_ups(prompt: str, encoded: Encoded) -> Iterator[int]:
    """Indices of the numbers that say how long the line warms up."""
    for k, reference in enumerate(encoded.numbers):
        number = reference.number
        if reference.source != PROMPT or number.unit not in (None, *TIME_UNITS):
            continue
        if _WARM_UP.search(prompt, max(0, number.start - 60), number.start) or _WARMING.match(prompt, number.end):
            yield k
