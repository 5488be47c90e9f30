"""Prim names from people's names: every name gives a valid, unique USD identifier; the original stays as display name.

Identifiers are plain ASCII, at most `MAX_LENGTH` characters, and unique without regard to case (file systems and some
readers fold case). Not covered: display names themselves, which are stored unchanged.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

MAX_LENGTH = 64

_NOT_IDENTIFIER = re.compile(r"[^A-Za-z0-9_]+")
# words that readers of USD text or of Python bindings treat specially, folded
_RESERVED = frozenset(
    [
        "def",
        "over",
        "class",
        "world",
        "none",
        "true",
        "false",
        "rel",
        "payload",
        "references",
        "inherits",
        "specializes",
        "variants",
        "variantset",
        "custom",
        "uniform",
        "subdivision",
        "prepend",
        "append",
        "delete",
        "add",
        "reorder",
        "timesamples",
        "connect",
        "varying",
        "config",
        "offset",
        "scale",
    ]
)


def identifier(name: str, fallback: str = "Object") -> str:
    """A valid prim name that looks like `name`: accents dropped, other characters turned into underscores.

    A name without any usable character (empty, emoji, a script other than Latin) becomes `fallback`.
    """
    plain = unicodedata.normalize("NFKD", name[: 4 * MAX_LENGTH]).encode("ascii", "ignore").decode()
    word = _NOT_IDENTIFIER.sub("_", plain).strip("_")[:MAX_LENGTH].strip("_")
    if not word:
        return fallback
    if word[0].isdigit() or word.lower() in _RESERVED:
        word = f"_{word}"
    return word


def unique_identifiers(names: Iterable[tuple[str, str]]) -> list[str]:
    """One identifier per (name, fallback), in order, all different without regard to case."""
    taken: set[str] = set()
    counters: dict[str, int] = {}
    result = []
    for name, fallback in names:
        word = identifier(name, fallback)
        key = word.lower()
        if key in taken:
            stem = word[: MAX_LENGTH - 8]
            count = counters.get(stem.lower(), 1)
            while key in taken:
                count += 1
                word = f"{stem}_{count}"
                key = word.lower()
            counters[stem.lower()] = count
        taken.add(key)
        result.append(word)
    return result
