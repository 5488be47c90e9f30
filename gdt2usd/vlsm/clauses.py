"""Cuts a prompt into clauses and rows of names, and knows the words for types.

Not covered: what the clauses say (`vlsm.stated`, `vlsm.spoken`, `vlsm.counted`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from gdt2usd.vlsm.likeness import split_index
from gdt2usd.vlsm.mentions import PROMPT, Place
from gdt2usd.vlsm.processor import Encoded

_MACHINES = frozenset(("processor", "combiner", "separator", "multiprocessor"))
_MOVERS = frozenset(("transporter", "agv", "task_executer", "robot", "crane"))
STATION_WORDS: tuple[tuple[str, frozenset[str]], ...] = (
    (r"sources?", frozenset(("source",))),
    (r"sinks?|exits?", frozenset(("sink",))),
    (r"queues?|buffers?|waiting lines?", frozenset(("queue",))),
    (r"combiners?", frozenset(("combiner",))),
    (r"separators?", frozenset(("separator",))),
    (r"multi-?processors?", frozenset(("multiprocessor",))),
    (r"processors?", frozenset(("processor",))),
    (r"(?:belt )?conveyors?|conveyor belts?", frozenset(("conveyor",))),
    (r"(?:storage )?racks?|high[- ]bay (?:rack|storage|warehouse)", frozenset(("storage",))),
)  # fmt: skip
HELPER_WORDS: tuple[tuple[str, frozenset[str]], ...] = (
    (r"dispatchers?", frozenset(("dispatcher",))),
    (
        r"operators?|ops|workers?|people|persons?|m[ae]n|guys|technicians?|(?:members of (?:the )?)?staff|employees?",
        frozenset(("operator",)),
    ),
    (r"forklifts?|fork ?lift trucks?|fork trucks?|transporters?|reach trucks?|pallet trucks?", frozenset(("transporter",))),
    (r"agvs?|amrs?|automated guided vehicles?", frozenset(("agv",))),
    (r"robots?|robot arms?", frozenset(("robot",))),
    (r"cranes?", frozenset(("crane",))),
    (r"task executers?|task executors?", frozenset(("task_executer",))),
    (r"vehicles?|carts?|trucks?|tuggers?|shuttles?", _MOVERS),
)  # fmt: skip
_LOOSE: tuple[tuple[str, frozenset[str]], ...] = ((r"machines?", _MACHINES),)
KIND_WORDS = (*STATION_WORDS, *HELPER_WORDS, *_LOOSE)


SEPARATORS = 4
"""So many times a sign stands between pieces that it is taken to part them."""
_SEPARATOR = re.compile(r"(?<=[^\d\s])\s(/|--|>|=>|\u00b7)\s(?=\S)|(?<=\S)\s(/|--|>|=>|\u00b7)\s(?=[^\d\s])")
_SAME = re.compile(r"\s*[(=:]?\s*")
"""Between a code and its name."""
_BRACKETS = re.compile(r"\([^()\n]{1,60}\)")


def any_of(rows: tuple[tuple[str, frozenset[str]], ...]) -> str:
    return "(?:" + "|".join(pattern for pattern, _ in rows) + r")(?![\w-])"


AND = re.compile(r"\)?\s*(?:,\s*(?:and|or)\b|,|and\b|or\b|&|//?|\+|\|)\s*(?:the |our )?", re.I)
SENTENCE = re.compile(r"[.!?](?=\s|$)|\n\s*\n")
CLAUSE = re.compile(r"[;|\n]|->|\u2192| // |[.!?](?=\s+[A-Z\d]|\s*$)")
END_OF_SENTENCE = re.compile(r"[;\n]|[.!?](?=\s|$)")


def kinds_of_word(text: str) -> frozenset[str]:
    """The kinds that a type word of any writer can mean; none if it is no type word."""
    for pattern, kinds in KIND_WORDS:
        if re.fullmatch(pattern, text, re.I):
            return kinds
    return frozenset()


@lru_cache(maxsize=64)
def separators(prompt: str) -> tuple[tuple[int, int], ...]:
    """Where a sign with spaces around it parts the pieces of a telegram (`A 5 s / B 7 s / C`): the same one several times."""
    found: dict[str, list[tuple[int, int]]] = {}
    for match in _SEPARATOR.finditer(prompt):
        found.setdefault(match[1] or match[2], []).append(match.span())
    return tuple(span for spans in found.values() if len(spans) >= SEPARATORS for span in spans)


@lru_cache(maxsize=64)
def cuts_of(prompt: str) -> tuple[int, ...]:
    """Where clauses begin, from 0 to the length of the prompt; nothing is cut inside brackets."""
    inside = [m.span() for m in _BRACKETS.finditer(prompt)]
    ends = [m.end() for m in CLAUSE.finditer(prompt) if not any(a < m.start() < b for a, b in inside)]
    ends += [end for start, end in separators(prompt) if not any(a < start < b for a, b in inside)]
    return tuple(sorted({0, *ends, len(prompt)}))


def clause_at(prompt: str, position: int) -> tuple[int, int]:
    """Start and end of the clause around a position."""
    cuts = cuts_of(prompt)
    return max(cut for cut in cuts if cut <= position), min((cut for cut in cuts if cut > position), default=len(prompt))


def chains(prompt: str, rows: list[tuple[Place, int]]) -> Iterator[list[int]]:
    """For each place the indices of `rows` of the chain of names that ends there: `Packer 1, Packer 2`."""
    chain: list[int] = []
    for k, (place, _) in enumerate(rows):
        gap = prompt[rows[chain[-1]][0].end : place.start] if chain else ""
        alike = chain and split_index(rows[chain[-1]][0].text)[0] == split_index(place.text)[0]
        parted = chain and not alike and any(rows[chain[-1]][0].end <= a < place.start for a, _ in separators(prompt))
        joined = chain and not parted and (AND.fullmatch(gap) or (rows[chain[-1]][1] == rows[k][1] and _SAME.fullmatch(gap)))
        chain = [*chain, k] if joined else [k]
        yield chain


def continues(prompt: str, rows: list[tuple[Place, int]], chain: list[int]) -> bool:
    """Whether the row of names goes on behind this chain."""
    last = chain[-1]
    return last + 1 < len(rows) and AND.fullmatch(prompt[rows[last][0].end : rows[last + 1][0].start]) is not None


def next_name(prompt: str, rows: list[tuple[Place, int]], chain: list[int]) -> int:
    """Where the next name behind a row of names starts; the end of the prompt if there is none."""
    return rows[chain[-1] + 1][0].start if chain[-1] + 1 < len(rows) else len(prompt)


def numbers_in(encoded: Encoded, start: int, stop: int) -> Iterator[int]:
    """Indices of the numbers that start in [start, stop) of the prompt."""
    return (k for k, n in enumerate(encoded.numbers) if n.source == PROMPT and start <= n.number.start < stop)
