"""How alike two written names are when one of them was read by an OCR or typed in haste.

Letters and figures that readers confuse (`0 o`, `1 l i`, `5 s`, `8 b` ...) count as the same; spaces and signs do not count.
Names that differ in their figures beyond that are different things (`Press 1`, `Press 2`), however alike the rest.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from rapidfuzz.distance import OSA

_CONFUSED = str.maketrans(
    {
        "0": "o", "q": "o", "1": "l", "i": "l", "|": "l", "!": "l", "j": "l", "[": "l", "]": "l", "5": "s", "$": "s", "8": "b",
        "6": "b", "2": "z", "9": "g", "+": "t", "7": "t", "4": "a", "@": "a", "v": "u", "é": "e", "ö": "o", "ü": "u", "ä": "a",
    }
)  # fmt: skip
_WORD = re.compile(r"[^\W_]+")
_INDEXED = re.compile(r"(.*?[^\W\d_])(?:[\s_#-]*(?:\bN[or]\.? ?)?\(?(\d{1,2})\)?|[\s_#-]+([A-Z]|I{2,3}|IV|VI{0,3}|l|\|))\W*", re.S)
_SIGNS = re.compile(r"[^a-z0-9]+")


@lru_cache(maxsize=8192)
def skeleton(text: str) -> str:
    """The text as a hasty eye keeps it: lower case, confusable signs alike, nothing between words."""
    return _SIGNS.sub("", text.lower().translate(_CONFUSED))


@lru_cache(maxsize=8192)
def figures(text: str) -> tuple[str, ...]:
    """The words of a name with figures in them, as skeletons; their leading letters left out."""
    return tuple(skeleton(m) for m in re.findall(r"\d+", text))


def likeness(a: str, b: str) -> float:
    """1 for the same skeleton, less by each letter that differs (a swap counts once), 0 for nothing in common."""
    return float(OSA.normalized_similarity(skeleton(a), skeleton(b)))


def same_figures(a: str, b: str) -> bool:
    """Whether no figure tells the two apart; a figure that one of them shows as a letter (`Press I`) does not."""
    x, y = figures(a), figures(b)
    if x == y:
        return True
    if x and y and len(x) == len(y):
        return False
    more, fewer = (a, b) if len(x) > len(y) else (b, a)
    rest = [f for f in figures(more) if f not in figures(fewer)]
    tail = skeleton(fewer)
    return all(f in tail[-len(f) - 1 :] for f in rest) and skeleton(more)[-2:] == tail[-2:]


def best_window(text: str, name: str) -> tuple[int, int, float]:
    """The stretch of whole words of `text` that is most like `name`: start, end, likeness (0, 0, 0.0 without words)."""
    words = [(m.start(), m.end()) for m in _WORD.finditer(text)]
    wanted = max(1, len(_WORD.findall(name)))
    best = (0, 0, 0.0)
    for size in range(max(1, wanted - 1), wanted + 3):
        for first in range(len(words) - size + 1):
            start, end = words[first][0], words[first + size - 1][1]
            score = likeness(text[start:end], name)
            if score > best[2] + 1e-9:
                best = (start, end, score)
    return best


def split_index(text: str) -> tuple[str, str]:
    """A name without the figure, capital letter or Roman number at its end, and that index (`""` without one)."""
    match = _INDEXED.fullmatch(text.strip())
    return (match[1], match[2] or match[3]) if match is not None else (text.strip(), "")


def one_of_several(name: str, others: Sequence[str]) -> bool:
    """Whether others have the same words with another index: `Press B` beside `Press A`."""
    stem, index = split_index(name)
    return any(i and skeleton(i) != skeleton(index) and likeness(s, stem) >= 0.8 for s, i in map(split_index, others))


def matched(
    labels: Sequence[str], names: Sequence[str], *, surely: float = 0.8, maybe: float = 0.6, among: Sequence[str] = ()
) -> list[tuple[int, int]]:
    """Pairs of (label, name) that are likely the same thing misread, each at most once, the most alike first.

    Above `surely` the best pair counts; down to `maybe` only if both have no other nearly as good. Figures must agree unless there
    is no second name that the label could be. A name with an index of which there are several (`among` all names) is no name
    without.
    """
    scores = [[likeness(label, name) for name in names] for label in labels]
    pairs = sorted(((s, i, j) for i, row in enumerate(scores) for j, s in enumerate(row) if s >= maybe), reverse=True)
    out: list[tuple[int, int]] = []
    for score, i, j in pairs:
        if any(i == a or j == b for a, b in out):
            continue
        rivals = [s for b, s in enumerate(scores[i]) if b != j] + [row[j] for a, row in enumerate(scores) if a != i]
        alone = score - max(rivals, default=0.0) >= 0.15
        one_has_index = (split_index(labels[i])[1] == "") != (split_index(names[j])[1] == "")
        if one_has_index and (one_of_several(labels[i], (*labels, *among)) or one_of_several(names[j], (*names, *among))):
            continue
        if (score >= surely and same_figures(labels[i], names[j])) or alone:
            out.append((i, j))
    return out
