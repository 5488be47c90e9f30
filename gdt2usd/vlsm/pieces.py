"""Text pieces: a small byte-pair vocabulary for the words around names and numbers; `tokenizer.json` is its file.

Trained on the prompts of the dataset with names and numbers taken out; any other word falls apart into letters.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any


class TextPieces:
    """Callable word -> ids; ids start at 0, `size` many; unknown characters are one id."""

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        self.size: int = tokenizer.get_vocab_size()
        self._split = lru_cache(maxsize=65536)(self._encode)

    def _encode(self, word: str) -> tuple[int, ...]:
        return tuple(self._tokenizer.encode(word[:64], add_special_tokens=False).ids)

    def __call__(self, word: str) -> list[int]:
        return list(self._split(word))

    def save(self, path: Path) -> None:
        self._tokenizer.save(str(path))


def load_pieces(path: Path) -> TextPieces:
    """Read `tokenizer.json`."""
    from tokenizers import Tokenizer

    return TextPieces(Tokenizer.from_file(str(path)))


def train_pieces(words: Iterable[str], size: int) -> TextPieces:
    """Byte-pair merges over lower-case words (each counted as often as it comes), with all printable ASCII kept."""
    from tokenizers import Tokenizer, models, trainers

    tokenizer = Tokenizer(models.BPE(unk_token="<unk>"))
    alphabet = [chr(c) for c in range(33, 127)] + list("±µ°·–—×äöüßéèñçøå≈≤≥²³")
    trainer = trainers.BpeTrainer(vocab_size=size, special_tokens=["<unk>"], initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator(words, trainer)
    return TextPieces(tokenizer)
