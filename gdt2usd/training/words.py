"""The text pieces of a new model: byte-pair merges learnt from prompts and labels, with names and numbers taken out."""

from __future__ import annotations

from collections.abc import Iterator

from gdt2usd.training.source import training_sample
from gdt2usd.vlsm.numbers import find_numbers
from gdt2usd.vlsm.pieces import TextPieces, train_pieces
from gdt2usd.vlsm.processor import words_of_text


def words(samples: int, seed: int) -> Iterator[str]:
    """Lower-case words of `samples` training samples: prompts without their names and numbers, and labels whole."""
    for index in range(samples):
        sample = training_sample(seed, index)
        text = sample.prompt.text
        names = tuple(sorted({(m.start, m.end) for m in sample.prompt.mentions if m.fact.slot == "name"}))
        letters = list(text)
        for start, end in [*names, *((n.start, n.end) for n in find_numbers(text, outside=names))]:
            letters[start:end] = " " * (end - start)
        yield from words_of_text("".join(letters))
        for label in sample.ocr:
            yield from words_of_text(label.text)


def learn_pieces(size: int, samples: int, seed: int = 99) -> TextPieces:
    """Pieces from the training series of `seed`."""
    return train_pieces(words(samples, seed), size)
