"""Writes the list of words that the reader corrects misread labels by: `python -m gdt2usd.dataset.words`.

The words are those of the thirteen industries' vocabularies and of the phrase bank. Not covered: correcting (`vlsm.misread`).
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from gdt2usd.vlsm.misread import WORDS_FILE

_FOLDER = Path(__file__).parent
SHORTEST = 4
"""Letters; shorter words look too much alike to be corrected."""


def vocabulary() -> list[str]:
    """All words of at least `SHORTEST` letters, in small letters, sorted."""
    found: set[str] = set()
    for path in sorted((_FOLDER / "layers" / "industries").glob("*.toml")):
        found.update(_words(" ".join(_texts(tomllib.loads(path.read_text(encoding="utf-8"))))))
    for path in sorted((_FOLDER / "phrases").glob("*.txt")):
        found.update(_words(re.sub(r"[{<\[][^}>\]]*[}>\]]", " ", path.read_text(encoding="utf-8"))))
    return sorted(found)


def _words(text: str) -> set[str]:
    return {word.lower() for word in re.findall(r"[A-Za-z]+", text) if len(word) >= SHORTEST}


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for part in inner for text in _texts(part)]


if __name__ == "__main__":
    WORDS_FILE.write_text("\n".join(vocabulary()) + "\n", encoding="utf-8")
