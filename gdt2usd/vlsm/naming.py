"""Finds where names are written: the tagger's marks in the prompt and in the labels, and names of the prompt however misread."""

from __future__ import annotations

from gdt2usd.sketch.sketch import Label
from gdt2usd.vlsm.checkpoint import Checkpoint
from gdt2usd.vlsm.likeness import best_window, same_figures, skeleton
from gdt2usd.vlsm.mentions import PROMPT, Place, normalised
from gdt2usd.vlsm.tagger import tag_texts

ALIKE = 0.8
"""Words of a label are a name of the prompt if they are at least so like it."""
LONG = 4
"""Letters that a name needs to be recognised when misread."""


def find_places(checkpoint: Checkpoint, prompt: str, labels: tuple[Label, ...]) -> list[Place]:
    """Where names are written, in labels and in the prompt.

    In a label the words most like a name of the prompt count, however misread; otherwise what the tagger marks.
    """
    in_prompt, in_labels = tag_texts(checkpoint.tagger, prompt, [label.text for label in labels])
    places = [Place(PROMPT, a, b, prompt[a:b]) for a, b in in_prompt]
    known = sorted({p.text for p in places}, key=lambda name: (-len(name), name))
    for i, spans in enumerate(in_labels):
        text = labels[i].text
        span = _known_name(text, known) or ((spans[0][0], spans[-1][1]) if spans else None)
        if span is not None:
            places.append(Place(i, *span, text[span[0] : span[1]], labels[i].confidence))
    return places


def _known_name(text: str, known: list[str]) -> tuple[int, int] | None:
    """Where in a label a name of the prompt stands; short names (`S1`) must be there letter by letter."""
    best, found = ALIKE - 1e-6, None
    for name in known:
        start, end, score = best_window(text, name)
        exact = normalised(text[start:end]) == normalised(name)
        if score > best and (exact or (len(skeleton(name)) >= LONG and same_figures(text[start:end], name))):
            best, found = score, (start, end)
    return found
