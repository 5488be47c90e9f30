"""How various prompts are: n-grams, sentence skeletons and compression once names and numbers are masked.

A masked prompt has `NAME` for every place where an object's name (or its label) stands and `0` for every number, so that what is
counted is how people write, not what. Not covered: pictures and shares of categories (`stats`).
"""

from __future__ import annotations

import json
import re
import zlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gdt2usd.dataset.sample import Prompt
from gdt2usd.diagnostics import GdtError, Place, error

LENGTHS = (1, 2, 3, 4)
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_TOKEN = re.compile(r"[^\W\d_]+(?:'[a-z]+)?|\d+|[^\w\s]|_")
_SENTENCE = re.compile(r"(?<=[.!?;:])\s+|\n+")


def masked(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """`text` with `spans` (of names) and all numbers masked."""
    parts = []
    at = 0
    for start, end in sorted(spans, key=lambda span: (span[0], -span[1])):
        if start < at:
            continue
        parts += [text[at:start], "NAME"]
        at = end
    parts.append(text[at:])
    return _NUMBER.sub("0", "".join(parts))


def masked_prompt(prompt: Prompt) -> str:
    """A sample's prompt, masked by its record of where names stand."""
    return masked(prompt.text, ((m.start, m.end) for m in prompt.mentions if m.fact.slot == "name"))


def masked_by_names(text: str, names: Iterable[str]) -> str:
    """A text whose names are known but not where they stand; longer names first, any case."""
    found = []
    for name in sorted(names, key=len, reverse=True):
        found += [match.span() for match in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.IGNORECASE)]
    return masked(text, found)


def tokens(text: str) -> list[str]:
    """Lower-case words, single punctuation marks, masks."""
    return [token if token == "NAME" else token.lower() for token in _TOKEN.findall(text)]


def ngrams(words: list[str], length: int) -> list[tuple[str, ...]]:
    """All runs of `length` tokens."""
    return [tuple(words[i : i + length]) for i in range(len(words) - length + 1)]


def skeletons(text: str) -> list[str]:
    """The masked sentences (and lines, and clauses after a colon or semicolon) of at least two tokens."""
    return [" ".join(words) for part in _SENTENCE.split(text) if len(words := tokens(part)) > 1]


@dataclass(frozen=True, slots=True)
class Variety:
    """Counts over `prompts` masked prompts.

    `distinct_ngrams` by length; `skeletons` distinct sentence skeletons, `seen_once` the share of them that occur once;
    `compression` the size of all masked prompts over their zlib size (lower: more various).
    """

    prompts: int
    tokens: int
    distinct_ngrams: dict[int, int]
    sentences: int
    skeletons: int
    seen_once: float
    compression: float


class Counting:
    """Gathers masked prompts one by one."""

    def __init__(self) -> None:
        self.prompts = 0
        self.tokens = 0
        self.grams: dict[int, set[int]] = {length: set() for length in LENGTHS}
        self.sentences: Counter[int] = Counter()
        self._plain = 0
        self._small = 0
        self._packer = zlib.compressobj(9)

    def add(self, text: str) -> None:
        """Count one masked prompt."""
        self.prompts += 1
        words = tokens(text)
        self.tokens += len(words)
        for length in LENGTHS:
            self.grams[length].update(hash(gram) for gram in ngrams(words, length))
        self.sentences.update(hash(skeleton) for skeleton in skeletons(text))
        data = text.encode() + b"\n"
        self._plain += len(data)
        self._small += len(self._packer.compress(data))

    def result(self) -> Variety:
        """The counts so far; nothing can be added afterwards."""
        self._small += len(self._packer.flush())
        once = sum(count == 1 for count in self.sentences.values())
        return Variety(
            self.prompts,
            self.tokens,
            {length: len(found) for length, found in self.grams.items()},
            self.sentences.total(),
            len(self.sentences),
            once / max(1, len(self.sentences)),
            self._plain / max(1, self._small),
        )

    def coverage(self, text: str) -> dict[int, float]:
        """Share of a masked text's n-grams that were counted, by length."""
        words = tokens(text)
        return {
            length: sum(hash(gram) in self.grams[length] for gram in grams) / len(grams)
            for length in LENGTHS
            if (grams := ngrams(words, length))
        }


def read_examples(path: Path) -> list[tuple[str, str]]:
    """(name, masked prompt) of every prompt in a file of example lines (`{"lines": [{"id", "objects", "prompts"}]}`).

    Raises:
        GdtError: DS114 the file is not of that form.
    """
    try:
        document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return [
            (f"{line['id']} {way}", masked_by_names(text, [thing["name"] for thing in line["objects"]]))
            for line in document["lines"]
            for way, text in line["prompts"].items()
        ]
    except (ValueError, KeyError, TypeError, AttributeError) as problem:
        hint = 'give a JSON file with {"lines": [{"id": ..., "objects": [{"name": ...}], "prompts": {...}}]}'
        raise GdtError([error("DS114", f"{path.name} holds no example lines: {problem}", Place(str(path)), hint)]) from None
