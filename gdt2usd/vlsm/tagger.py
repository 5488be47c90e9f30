"""Finds where names of stations and vehicles are written: a small convolutional network that tags the words of a text.

Works on the prompt and on every label of the sketch; words are known by hashed spelling, letter triples, form of their capitals
and whether the same words stand in the sketch (or in the prompt, for a label). Tags: 0 outside, 1 begins a name, 2 goes on.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from gdt2usd.vlsm.mentions import normalised

_WORDS = re.compile(r"[^\W\d_]+|\d+|\n|[^\s\w]|_")
WORD_BUCKETS = 8192
PIECE_BUCKETS = 4096
PIECES = 6
FLAGS = 8
TAGS = 3


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a text at [start, end)."""

    text: str
    start: int
    end: int


def words_of(text: str) -> list[Word]:
    """Words, numbers, line breaks and single signs, in order."""
    return [Word(m[0], m.start(), m.end()) for m in _WORDS.finditer(text)]


def _echoes(words: list[Word], others: set[str]) -> list[bool]:
    """For each word: whether it belongs to a run of up to five words that stands in `others` (normalised texts)."""
    flags = [False] * len(words)
    if not others:
        return flags
    for i in range(len(words)):
        for n in range(5, 0, -1):
            run = words[i : i + n]
            if len(run) == n and normalised(" ".join(w.text for w in run)) in others:
                flags[i : i + n] = [True] * n
                break
    return flags


@dataclass(slots=True)
class TaggerInput:
    """Features of one text of L words: words (L,), pieces (L, PIECES) hashed ids from 1, flags (L, FLAGS) 0/1."""

    words: list[int]
    pieces: list[list[int]]
    flags: list[list[float]]


def features(text: str, *, is_label: bool, others: set[str]) -> tuple[list[Word], TaggerInput]:
    """Words of `text` and their features; `others` are normalised texts of the other view (labels, or name-like runs)."""
    words = words_of(text)
    echo = _echoes(words, others)
    counts: dict[str, int] = {}
    for word in words:
        counts[word.text] = counts.get(word.text, 0) + 1
    out = TaggerInput([], [], [])
    for word, echoed in zip(words, echo, strict=True):
        lower = word.text.lower()
        padded = f"^{lower}$"
        digits = word.text.isdigit()
        out.words.append(1 + zlib.crc32(b"#" * len(lower) if digits else lower.encode()) % (WORD_BUCKETS - 1))
        triples = [padded[i : i + 3] for i in range(len(padded) - 2)][:PIECES]
        ids = [] if digits else [1 + zlib.crc32(t.encode()) % (PIECE_BUCKETS - 1) for t in triples]
        out.pieces.append(ids + [0] * (PIECES - len(ids)))
        glued = word.start > 0 and not text[word.start - 1].isspace()
        out.flags.append(
            [
                float(word.text[:1].isupper()),
                float(word.text.isupper() and len(word.text) > 1),
                float(digits),
                float(glued),
                float(echoed),
                float(is_label),
                float(counts[word.text] > 1),
                float(bool(others)),
            ]
        )
    return words, out


class Tagger(nn.Module):
    """Residual dilated convolutions over word embeddings; (B, L) words -> (B, L, TAGS) logits."""

    def __init__(self, d: int = 128, dilations: tuple[int, ...] = (1, 2, 4, 8, 1)) -> None:
        super().__init__()
        self.words = nn.Embedding(WORD_BUCKETS, d, padding_idx=0)
        self.pieces = nn.EmbeddingBag(PIECE_BUCKETS, d, mode="sum", padding_idx=0)
        nn.init.normal_(self.words.weight, std=0.1)
        nn.init.normal_(self.pieces.weight, std=0.1)
        self.flags = nn.Linear(FLAGS, d)
        self.blocks = nn.ModuleList(
            nn.Sequential(nn.Conv1d(d, 2 * d, 3, padding=k, dilation=k), nn.GLU(1), nn.Conv1d(d, d, 1)) for k in dilations
        )
        self.norms = nn.ModuleList(nn.LayerNorm(d) for _ in dilations)
        self.head = nn.Linear(d, TAGS)

    def forward(self, words: Tensor, pieces: Tensor, flags: Tensor) -> Tensor:
        """words (B, L), pieces (B, L, PIECES), flags (B, L, FLAGS) -> logits (B, L, TAGS)."""
        b, n = words.shape
        inside = (words > 0).to(flags.dtype)[..., None]  # (B, L, 1)
        x = self.words(words) + self.pieces(pieces.flatten(0, 1)).view(b, n, -1) + self.flags(flags)
        for block, norm in zip(self.blocks, self.norms, strict=True):
            y = norm(x) * inside
            x = x + block(y.transpose(1, 2)).transpose(1, 2)
        out: Tensor = self.head(x)
        return out


def pad(inputs: list[TaggerInput]) -> tuple[Tensor, Tensor, Tensor]:
    """Stack inputs, padded to the longest (to a multiple of 16)."""
    longest = max(1, *(len(i.words) for i in inputs))
    n = (longest + 15) // 16 * 16
    words = torch.zeros(len(inputs), n, dtype=torch.long)
    pieces = torch.zeros(len(inputs), n, PIECES, dtype=torch.long)
    flags = torch.zeros(len(inputs), n, FLAGS)
    for row, item in enumerate(inputs):
        if item.words:
            k = len(item.words)
            words[row, :k] = torch.tensor(item.words)
            pieces[row, :k] = torch.tensor(item.pieces)
            flags[row, :k] = torch.tensor(item.flags)
    return words, pieces, flags


def spans(words: list[Word], tags: list[int]) -> list[tuple[int, int]]:
    """Character stretches of the names that `tags` mark."""
    found: list[tuple[int, int]] = []
    for word, tag in zip(words, tags, strict=True):
        if tag == 1 or (tag == 2 and not found):
            found.append((word.start, word.end))
        elif tag == 2 and found:
            last = found[-1]
            previous = next((i for i, w in enumerate(words) if w.end == last[1]), -1)
            if previous >= 0 and words[previous + 1].start == word.start:
                found[-1] = (last[0], word.end)
            else:
                found.append((word.start, word.end))
    return found


def tag_texts(tagger: Tagger, prompt: str, labels: list[str]) -> tuple[list[tuple[int, int]], list[list[tuple[int, int]]]]:
    """Name spans of the prompt and of every label."""
    label_names = {normalised(label) for label in labels} - {""}
    prompt_runs = runs_of(prompt) if labels else set()
    in_prompt = _tagged(tagger, [features(prompt, is_label=False, others=label_names)])
    return in_prompt[0], _tagged(tagger, [features(label, is_label=True, others=prompt_runs) for label in labels])


def _tagged(tagger: Tagger, rows: list[tuple[list[Word], TaggerInput]]) -> list[list[tuple[int, int]]]:
    """Name spans of texts of like length: all are padded to the longest."""
    if not rows:
        return []
    with torch.inference_mode():
        tags = tagger(*pad([r[1] for r in rows])).argmax(-1).tolist()
    return [spans(words, tag[: len(words)]) for (words, _), tag in zip(rows, tags, strict=True)]


def runs_of(prompt: str) -> set[str]:
    """Normalised runs of up to five words of the prompt: what a label can echo."""
    words = normalised(prompt).split()[:2000]
    return {" ".join(words[i : i + n]) for n in range(1, 6) for i in range(len(words) - n + 1)}
