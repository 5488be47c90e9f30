"""Evidence and encodings for the tests of the network, made without pictures."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gdt2usd.diagnostics import Box
from gdt2usd.sketch.sketch import Label
from gdt2usd.vlsm.mentions import PROMPT, Named, Place
from gdt2usd.vlsm.model import VlsmConfig
from gdt2usd.vlsm.processor import FIRST_PIECE, CandidateLink, Encoded, Evidence, Stroke, encode

PIECES = 40
PROMPT_TEXT = 'Saw "A" takes 3.5 min, Press 12 s, cap 4; Mill (exp 90), 2 h, then Pack 0.25 and Exit 60%.'
NAMES = ('Saw "A"', "Press", "Mill", "Pack", "Exit")


def pieces(word: str) -> list[int]:
    return [1 + sum(map(ord, word)) % (PIECES - 1)]


def evidence() -> Evidence:
    """Five names in the prompt, the first three also in a sketch, with a drawn link and a note."""
    labels = tuple(Label(text, Box(40 + 200 * i, 60, 140 + 200 * i, 84)) for i, text in enumerate((*NAMES[:3], "max 7")))
    objects = []
    for i, name in enumerate(NAMES):
        at = PROMPT_TEXT.index(name)
        places = [Place(PROMPT, at, at + len(name), name)]
        if i < len(labels) - 1:
            places.insert(0, Place(i, 0, len(name), name))
        objects.append(Named(name, tuple(places)))
    links = (CandidateLink(0, 1, Stroke.ARROW, True), CandidateLink(1, 2, Stroke.DASHED, False))
    return Evidence(PROMPT_TEXT, tuple(objects), labels, (900, 300), {0: "source", 1: "queue"}, links)


def encoded(order: Callable[[int], Sequence[int]] = range) -> Encoded:
    return encode(evidence(), pieces, 512, order)


def small_config(connector: str = "mlp") -> VlsmConfig:
    return VlsmConfig(
        vocabulary=FIRST_PIECE + PIECES, d_model=48, reader_layers=2, layers=2, heads=4, d_feed_forward=64, connector=connector,
        d_vision=24, name_buckets=512, slots=("process_time_s", "capacity", "other"),
    )  # fmt: skip
