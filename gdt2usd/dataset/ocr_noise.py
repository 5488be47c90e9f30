"""Labels as the OCR would read them, without running it: an error model fitted to what it makes of our own drawings.

Per picture a legibility is drawn from those measured in its style; it scales missed lines, lost spaces and wrong letters. The lines
then go through the same composition as real ones (`sketch.labels`). The figures are in `ocr_noise.json`, made by `ocr_fit`.
Not covered: the pixels.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from gdt2usd.diagnostics import Box
from gdt2usd.sketch.labels import compose
from gdt2usd.sketch.sketch import Label

TABLE = Path(__file__).parent / "ocr_noise.json"
ROLES = ("name", "tag", "note", "percent", "title")
#: Gaps between lines beside each other that are told apart, in line heights.
GAPS = (0.2, 0.5, 0.9, 1.5, 2.5)


@dataclass(frozen=True, slots=True)
class TextRun:
    """One line of text as drawn: `role` is name, name+tag, tag, note, percent, title or word; `owner` an object id or ""."""

    text: str
    role: str
    owner: str
    box: Box


def role_group(role: str) -> str:
    """The role under which errors are counted."""
    return role if role in ROLES else "name" if role == "name+tag" else "title"


@cache
def _table() -> Mapping[str, Any]:
    loaded: Mapping[str, Any] = json.loads(TABLE.read_text(encoding="utf-8"))
    return loaded


def _draw(rng: np.random.Generator, quantiles: Sequence[float]) -> float:
    """A value between the measured quantiles."""
    at = rng.random() * (len(quantiles) - 1)
    low = int(at)
    return float(quantiles[low] + (quantiles[min(low + 1, len(quantiles) - 1)] - quantiles[low]) * (at - low))


def _misread(text: str, rate: float, lost_space: float, table: Mapping[str, Any], rng: np.random.Generator) -> tuple[str, int]:
    """`text` with letters lost, changed or added, and the number of changes; `rate` is the mean per letter."""
    out: list[str] = []
    changes = 0
    weights, letters = table["letters"], rng.random((len(text), 3))
    for i, character in enumerate(text):
        if character == " ":
            if letters[i, 0] < lost_space:
                changes += 1
            else:
                out.append(" ")
            continue
        entry = weights.get(character) or weights["other"]
        if letters[i, 0] >= min(0.9, rate * entry["weight"]):
            out.append(character)
            continue
        changes += 1
        options, shares = entry["becomes"], entry["shares"]
        out.append(options[int(np.searchsorted(shares, letters[i, 1] * shares[-1]))] if options else "")
    if letters.size and rng.random() < rate * table["insertion"]:
        out.insert(int(rng.integers(len(out) + 1)), table["inserted"][int(rng.integers(len(table["inserted"])))])
        changes += 1
    return "".join(out), changes


def _shaken(box: Box, table: Mapping[str, Any], rng: np.random.Generator) -> Box:
    """The detector's box for ink in `box`: offsets of the four sides in line heights."""
    height = max(4.0, box.y1 - box.y0)
    left, top, right, bottom = (height * _draw(rng, table["sides"][side]) for side in ("left", "top", "right", "bottom"))
    x0, y0 = max(0.0, box.x0 + left), max(0.0, box.y0 + top)
    return Box(x0, y0, max(x0 + 0.3 * height, box.x1 + right), max(y0 + 0.3 * height, box.y1 + bottom))


def _split(run: TextRun, manner: Mapping[str, Any], rng: np.random.Generator) -> list[TextRun]:
    """The line in two where the detector saw a gap: between words, now and then within one."""
    spaces = [i for i, c in enumerate(run.text) if c == " "]
    draw = rng.random()
    if draw < manner["split"] * len(spaces):
        at = spaces[int(rng.integers(len(spaces)))]
        after = at + 1
    elif draw > 1 - manner["torn"] and len(run.text) > 3:
        at = after = int(rng.integers(1, len(run.text)))
    else:
        return [run]
    cut = run.box.x0 + (run.box.x1 - run.box.x0) * (at + 0.5) / len(run.text)
    left = TextRun(run.text[:at], run.role, run.owner, Box(run.box.x0, run.box.y0, cut, run.box.y1))
    return [left, TextRun(run.text[after:], run.role, run.owner, Box(cut, run.box.y0, run.box.x1, run.box.y1))]


def neighbours(runs: Sequence[TextRun]) -> Iterator[tuple[int, int, int]]:
    """Lines that stand beside each other with little between: their numbers, left first, and the class of the gap."""
    for i, left in enumerate(runs):
        for j, right in enumerate(runs):
            height = min(left.box.y1 - left.box.y0, right.box.y1 - right.box.y0)
            gap = (right.box.x0 - left.box.x1) / max(height, 4.0)
            if i == j or not -0.3 < gap < GAPS[-1]:
                continue
            off = abs(left.box.y0 + left.box.y1 - right.box.y0 - right.box.y1) / 2
            if off < 0.4 * height:
                yield i, j, next(k for k, most in enumerate(GAPS) if gap < most)


def _joined(runs: Sequence[TextRun], shares: Sequence[float], rng: np.random.Generator) -> list[TextRun]:
    """The lines with some neighbours run into one, each with one other at most: `shares` by the gap between them."""
    taken: set[int] = set()
    whole = []
    for i, j, gap in neighbours(runs):
        if i in taken or j in taken or rng.random() >= shares[gap]:
            continue
        taken |= {i, j}
        a, b = runs[i], runs[j]
        box = Box(a.box.x0, min(a.box.y0, b.box.y0), max(a.box.x1, b.box.x1), max(a.box.y1, b.box.y1))
        whole.append(TextRun(f"{a.text} {b.text}", a.role, a.owner, box))
    return [*(run for k, run in enumerate(runs) if k not in taken), *whole] if taken else list(runs)


def read_lines_like_ocr(runs: Sequence[TextRun], style: str, size: tuple[int, int], rng: np.random.Generator) -> list[Label]:
    """The lines that the reader finds in a picture of `size` (width, height), before they are composed."""
    table = _table()
    manner = table["styles"].get(style) or table["styles"]["all"]
    legibility = rng.random()
    rate, missing = (_at(manner[key], legibility) for key in ("letter_error", "missed"))
    lines = []
    for run in (part for whole in _joined(runs, table["joined"], rng) for part in _split(whole, manner, rng)):
        role = role_group(run.role)
        short = "short" if len(run.text.strip()) <= 2 else "long"
        if rng.random() < min(0.9, missing * table["missed_weight"][role][short]):
            continue
        text, changes = _misread(
            run.text,
            rate * table["error_weight"][role],
            min(0.9, manner["lost_space"] * table["space_weight"][role] * (0.5 + legibility)),
            table,
            rng,
        )
        confidence = _draw(rng, table["confidence"][min(changes, 2)])
        if text.strip() and confidence >= table["least_confidence"]:
            lines.append(Label(text, _shaken(run.box, table, rng), round(confidence, 3)))
    for _ in range(int(_at(manner["spurious"], rng.random()) + rng.random())):
        at = rng.random(2) * size
        side = float(rng.uniform(8, 22))
        text = table["ghosts"][int(rng.integers(len(table["ghosts"])))]
        lines.append(
            Label(text, Box(at[0], at[1], at[0] + side * (0.5 + len(text)), at[1] + side), round(float(rng.uniform(0.4, 0.8)), 3))
        )
    return lines


def _at(quantiles: Sequence[float], where: float) -> float:
    at = where * (len(quantiles) - 1)
    low = min(int(at), len(quantiles) - 2)
    return float(quantiles[low] + (quantiles[low + 1] - quantiles[low]) * (at - low))


def read_like_ocr(runs: Sequence[TextRun], style: str, size: tuple[int, int], rng: np.random.Generator) -> tuple[Label, ...]:
    """Labels in reading order as `sketch.ocr.read_labels` gives them for a picture of `size` (width, height) in `style`."""
    return compose(read_lines_like_ocr(runs, style, size, rng))
