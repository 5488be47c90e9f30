"""Text with facts attached: drafts of pieces, joined into a prompt whose mentions have exact spans.

A draft is a list of pieces; a piece is a run of characters with the facts it states (none for plain words). Typing errors
are made here, piece by piece, so that spans stay exact. Not covered: what to say (`prompt_station`, `prompt_flow`).
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from gdt2usd.dataset.sample import Fact, Mention, Prompt


class Piece(NamedTuple):
    """`text` states `facts`; `is_name` marks a place where an object's name is written."""

    text: str
    facts: tuple[Fact, ...] = ()
    is_name: bool = False


Draft = list[Piece]


def plain(text: str) -> Draft:
    return [Piece(text)] if text else []


def text_of(draft: Iterable[Piece]) -> str:
    return "".join(piece.text for piece in draft)


def join(drafts: Sequence[Draft], separator: str) -> Draft:
    """The drafts with `separator` between them."""
    joined: Draft = []
    for index, draft in enumerate(drafts):
        if index and separator:
            joined.append(Piece(separator))
        joined.extend(draft)
    return joined


def listed(drafts: Sequence[Draft], last: str = " and ", between: str = ", ") -> Draft:
    """`a, b and c`."""
    if len(drafts) < 2:
        return list(drafts[0]) if drafts else []
    return [*join(drafts[:-1], between), Piece(last), *drafts[-1]]


def capitalised(draft: Draft) -> Draft:
    """The first letter large, unless the draft begins with a name (which is copied as it is)."""
    if draft and not draft[0].is_name and draft[0].text[:1].islower():
        first = draft[0]
        return [first._replace(text=first.text[0].upper() + first.text[1:]), *draft[1:]]
    return draft


def closed(draft: Draft, mark: str = ".") -> Draft:
    """The draft with a final `mark`, unless it ends in one."""
    if not draft or draft[-1].text.rstrip().endswith((".", "!", "?", ":", ";")):
        return draft
    return [*draft, Piece(mark)]


NEIGHBOURS = {
    "a": "sq", "b": "vn", "c": "xv", "d": "sf", "e": "wr", "f": "dg", "g": "fh", "h": "gj", "i": "uo", "j": "hk", "k": "jl",
    "l": "k", "m": "n", "n": "bm", "o": "ip", "p": "o", "q": "w", "r": "et", "s": "ad", "t": "ry", "u": "yi", "v": "cb",
    "w": "qe", "x": "zc", "y": "tu", "z": "x",
}  # fmt: skip


def mistyped(word: str, rnd: random.Random) -> str:
    """`word` with one slip of the fingers: letters swapped, left out, doubled, or a neighbouring key."""
    if len(word) < 4 or not word.isalpha():
        return word
    at = rnd.randrange(1, len(word) - 1)
    kind = rnd.random()
    if kind < 0.4:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if kind < 0.65:
        return word[:at] + word[at + 1 :]
    if kind < 0.8:
        return word[:at] + word[at] + word[at:]
    near = NEIGHBOURS.get(word[at].lower(), word[at])
    return word[:at] + rnd.choice(near) + word[at + 1 :]


def with_typos(draft: Draft, rnd: random.Random, rate: float, name_rate: float) -> Draft:
    """Slips in `rate` of the plain words and `name_rate` of the names; numbers and distribution words stay."""
    if rate <= 0 and name_rate <= 0:
        return draft
    slipped: Draft = []
    for piece in draft:
        chance = name_rate if piece.is_name else (0.0 if piece.facts else rate)
        if chance <= 0 or not any(letter.isalpha() for letter in piece.text):
            slipped.append(piece)
            continue
        words = piece.text.split(" ")
        slipped.append(piece._replace(text=" ".join(mistyped(w, rnd) if rnd.random() < chance else w for w in words)))
    return slipped


_POINT = re.compile(r"(?<=\d)\.(?=\d)")


def with_decimal_commas(draft: Draft) -> Draft:
    """Numbers as much of Europe writes them, `3,5 s`; a comma that stood between two numbers becomes a semicolon."""
    changed: Draft = []
    for at, piece in enumerate(draft):
        after = draft[at + 1].text if at + 1 < len(draft) else ""
        if not piece.is_name and (piece.facts or piece.text[:1].isdigit()):
            changed.append(piece._replace(text=_POINT.sub(",", piece.text)))
        elif piece.text.strip() == "," and changed and changed[-1].text[-1:].isdigit() and after[:1].isdigit():
            changed.append(piece._replace(text=piece.text.replace(",", ";")))
        else:
            changed.append(piece)
    return changed


def finished(draft: Draft, register: str) -> Prompt:
    """The text and, for every piece with facts, one mention per fact."""
    parts: list[str] = []
    mentions: list[Mention] = []
    at = 0
    for piece in draft:
        end = at + len(piece.text)
        mentions.extend(Mention(fact, at, end) for fact in piece.facts)
        parts.append(piece.text)
        at = end
    return Prompt("".join(parts), register, tuple(mentions))
