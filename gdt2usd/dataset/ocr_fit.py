"""Fits `ocr_noise.json`: draws pictures, reads them with the real OCR, and counts what it misses, splits, joins and misreads.

Run `python -m gdt2usd.dataset.ocr_fit --count 420 --seed 9000` after the drawing or the reader has changed (about half a second a
picture). `agreement` compares the imitation with the reader on other pictures. Not covered: the imitation itself (`ocr_noise`).
"""

from __future__ import annotations

import argparse
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from gdt2usd.dataset.ocr_noise import ROLES, TABLE, TextRun, neighbours, read_lines_like_ocr, role_group
from gdt2usd.diagnostics import Box
from gdt2usd.sketch.sketch import Label

_QUANTILES = 21
#: How often two lines beside each other are read as one, by `GAPS`, counted as five such pairs beside those measured: drawings
#: have few. Words of one line, a third of a height apart, are nearly always read as one.
USUALLY_JOINED = (0.95, 0.9, 0.4, 0.1, 0.02)


def area(box: Box) -> float:
    return max(0.0, box.x1 - box.x0) * max(0.0, box.y1 - box.y0)


def shared(a: Box, b: Box) -> float:
    """Intersection over the smaller area."""
    common = area(Box(max(a.x0, b.x0), max(a.y0, b.y0), min(a.x1, b.x1), min(a.y1, b.y1)))
    return common / max(1e-9, min(area(a), area(b)))


def alignment(truth: str, read: str) -> list[tuple[str, str]]:
    """Pairs (true letter, read letter) of a shortest edit path, from the end; "" for a letter lost or added."""
    pairs: list[tuple[str, str]] = []
    rows, columns = len(truth) + 1, len(read) + 1
    cost = np.zeros((rows, columns), int)
    cost[:, 0], cost[0] = range(rows), range(columns)
    for i in range(1, rows):
        for j in range(1, columns):
            cost[i, j] = min(cost[i - 1, j - 1] + (truth[i - 1] != read[j - 1]), cost[i - 1, j] + 1, cost[i, j - 1] + 1)
    i, j = rows - 1, columns - 1
    while i or j:
        if i and j and cost[i, j] == cost[i - 1, j - 1] + (truth[i - 1] != read[j - 1]):
            i, j = i - 1, j - 1
            pairs.append((truth[i], read[j]))
        elif i and cost[i, j] == cost[i - 1, j] + 1:
            i -= 1
            pairs.append((truth[i], ""))
        else:
            j -= 1
            pairs.append(("", read[j]))
    return pairs


@dataclass(slots=True)
class Tally:
    """What happened to the lines of one picture."""

    style: str
    letters: int = 0
    wrong: int = 0
    lines: int = 0
    missed: int = 0
    exact: int = 0
    spaces: int = 0
    lost_spaces: int = 0
    split: int = 0
    torn: int = 0
    beside: Counter[int] = field(default_factory=Counter)
    joined: Counter[int] = field(default_factory=Counter)
    ghosts: list[str] = field(default_factory=list)
    by_role: Counter[tuple[str, str]] = field(default_factory=Counter)
    pairs: Counter[tuple[str, str]] = field(default_factory=Counter)
    sides: list[tuple[float, float, float, float]] = field(default_factory=list)
    confidences: list[tuple[int, float]] = field(default_factory=list)


def tally(style: str, runs: Sequence[TextRun], lines: Sequence[Label]) -> Tally:
    """Counts for one picture: which line read what, from boxes."""
    result = Tally(style)
    owners: dict[int, list[int]] = defaultdict(list)
    for k, line in enumerate(lines):
        near = [(shared(line.box, run.box), r) for r, run in enumerate(runs)]
        best = [r for share, r in near if share > 0.5]
        if not best:
            result.ghosts.append(line.text)
        for r in best:
            owners[r].append(k)
    for left, right, gap in neighbours(runs):
        if owners[left] and owners[right]:
            result.beside[gap] += 1
            result.joined[gap] += bool(set(owners[left]) & set(owners[right]))
    claimed = Counter(k for found in owners.values() for k in found)
    for r, run in enumerate(runs):
        _count(result, run, [lines[k] for k in owners[r]], merged=any(claimed[k] > 1 for k in owners[r]))
    return result


def _count(result: Tally, run: TextRun, found: list[Label], *, merged: bool) -> None:
    role, length = role_group(run.role), "short" if len(run.text.strip()) <= 2 else "long"
    result.lines += 1
    result.by_role[role, f"{length} lines"] += 1
    if not found:
        result.missed += 1
        result.by_role[role, f"{length} missed"] += 1
        return
    if merged:
        return
    found = sorted(found, key=lambda one: one.box.x0)
    read = " ".join(one.text.strip() for one in found)
    words = {run.text[:i] for i, c in enumerate(run.text) if c == " "}
    if len(found) > 1:
        result.torn += len(found) - 1 if found[0].text.strip() not in words else 0
        result.split += len(found) - 1 if found[0].text.strip() in words else 0
    wrong = 0
    for true, seen in alignment(run.text, read):
        result.spaces += true == " "
        result.lost_spaces += true == " " and seen == ""
        result.by_role[role, "spaces"] += true == " "
        result.by_role[role, "lost"] += true == " " and seen == ""
        if true not in ("", " "):
            result.letters += 1
            result.by_role[role, "letters"] += 1
        if true != seen:
            wrong += 1
            if true != " ":
                result.wrong += 1
                result.by_role[role, "wrong"] += 1
        if true != " " and seen != " ":
            result.pairs[true, seen] += 1
    result.exact += wrong == 0
    if len(found) == 1:
        box, height = found[0].box, max(4.0, run.box.y1 - run.box.y0)
        a, b = (run.box.x0, run.box.y0, run.box.x1, run.box.y1), (box.x0, box.y0, box.x1, box.y1)
        result.sides.append(tuple((v - u) / height for u, v in zip(a, b, strict=True)))  # type: ignore[arg-type]
        result.confidences.append((min(wrong, 2), found[0].confidence))


def _quantiles(values: Iterable[float], trimmed: float = 0.0) -> list[float]:
    listed = list(values) or [0.0]
    return [round(float(v), 4) for v in np.quantile(listed, np.linspace(trimmed, 1 - trimmed, _QUANTILES))]


def _sorted_means(values: list[float], groups: int = 9) -> list[float]:
    """Quantiles smoothed: means of neighbouring sorted values."""
    ordered = np.sort(values)
    return [round(float(part.mean()), 4) for part in np.array_split(ordered, min(groups, len(ordered)))]


def fit(tallies: Sequence[Tally]) -> dict[str, Any]:
    """The table from counts of many pictures."""
    styles = {style: _manner(_near(style, tallies)) for style in sorted({t.style for t in tallies})}
    styles["all"] = _manner(tallies)
    pairs: Counter[tuple[str, str]] = sum((t.pairs for t in tallies), Counter())
    roles: Counter[tuple[str, str]] = sum((t.by_role for t in tallies), Counter())
    letters, wrong = sum(t.letters for t in tallies), sum(t.wrong for t in tallies)
    mean_missed = float(np.mean([t.missed / t.lines for t in tallies if t.lines]))
    mean_error = float(np.mean([t.wrong / t.letters for t in tallies if t.letters]))
    inserted = [seen for (true, seen), n in pairs.items() if not true for _ in range(n)]
    beside = sum((t.beside for t in tallies), Counter())
    joined = sum((t.joined for t in tallies), Counter())
    return {
        "least_confidence": 0.4,
        "joined": [round((joined[gap] + 5 * usual) / (beside[gap] + 5), 4) for gap, usual in enumerate(USUALLY_JOINED)],
        "styles": styles,
        "letters": _letters(pairs, wrong / letters),
        "insertion": round(len(inserted) / max(1, wrong) * letters / sum(t.lines for t in tallies), 3),
        "inserted": sorted(inserted)[:: max(1, len(inserted) // 60)],
        "error_weight": {
            role: round((roles[role, "wrong"] + 5 * mean_error) / (roles[role, "letters"] + 5) / mean_error, 3) for role in ROLES
        },
        "space_weight": {role: _space_weight(roles, role, tallies) for role in ROLES},
        "missed_weight": {
            role: {
                length: round(
                    (roles[role, f"{length} missed"] + 5 * mean_missed) / (roles[role, f"{length} lines"] + 5) / mean_missed, 3
                )
                for length in ("short", "long")
            }
            for role in ROLES
        },
        "confidence": [_quantiles(c for t in tallies for n, c in t.confidences if n == k) for k in range(3)],
        "sides": {
            side: _quantiles((s[k] for t in tallies for s in t.sides), 0.02)
            for k, side in enumerate(("left", "top", "right", "bottom"))
        },
        "ghosts": sorted(ghost for t in tallies for ghost in t.ghosts)[:400] or ["1"],
    }


def _space_weight(roles: Counter[tuple[str, str]], role: str, tallies: Sequence[Tally]) -> float:
    """How much likelier than average a space is lost in lines of `role`."""
    mean = max(1e-3, sum(t.lost_spaces for t in tallies) / max(1, sum(t.spaces for t in tallies)))
    return round((roles[role, "lost"] + 5 * mean) / (roles[role, "spaces"] + 5) / mean, 3)


#: Styles that are read alike: few pictures of one say little about its worst.
FAMILIES = (
    frozenset({"drawio", "pptx", "graphviz", "mermaid", "d2", "print_photo"}),
    frozenset({"excalidraw", "d2_sketch", "mermaid_hand"}),
    frozenset({"paper", "pencil", "whiteboard", "tablet", "icons"}),
)


def _near(style: str, tallies: Sequence[Tally]) -> list[Tally]:
    """The tallies of `style`, thrice, and those of its family once."""
    family = next((f for f in FAMILIES if style in f), frozenset({style}))
    return [t for t in tallies for _ in range(3 if t.style == style else 1) if t.style in family]


def _manner(tallies: Sequence[Tally]) -> dict[str, Any]:
    order = sorted((t for t in tallies if t.letters), key=lambda t: t.wrong / t.letters + t.missed / t.lines)
    parts = np.array_split(np.arange(len(order)), min(9, max(2, len(order))))
    groups = [[order[int(k)] for k in part] for part in parts]
    spaces = sum(t.spaces for t in tallies)
    return {
        "letter_error": [round(sum(t.wrong for t in g) / max(1, sum(t.letters for t in g)), 4) for g in groups],
        "missed": [round(sum(t.missed for t in g) / max(1, sum(t.lines for t in g)), 4) for g in groups],
        "lost_space": round(sum(t.lost_spaces for t in tallies) / max(1, spaces), 4),
        "split": round(sum(t.split for t in tallies) / max(1, spaces), 4),
        "torn": round(sum(t.torn for t in tallies) / max(1, sum(t.lines for t in tallies)), 4),
        "spurious": _sorted_means([min(8.0, len(t.ghosts)) for t in tallies]),
    }


def _letters(pairs: Counter[tuple[str, str]], mean: float) -> dict[str, Any]:
    """Per letter: how much likelier than average it is misread, and as what (cumulative shares)."""
    table: dict[str, Any] = {}
    seen_as: dict[str, Counter[str]] = defaultdict(Counter)
    for (true, seen), count in pairs.items():
        if true:
            seen_as[true][seen] += count
    for true, counts in sorted(seen_as.items()):
        wrong = {seen: n for seen, n in counts.most_common() if seen != true}
        total = sum(counts.values())
        rate = (sum(wrong.values()) + 10 * mean) / (total + 10)
        options = list(wrong)[:8]
        table[true] = {
            "weight": round(rate / mean, 3),
            "becomes": options,
            "shares": np.cumsum([wrong[o] for o in options]).tolist(),
        }
    table["other"] = {"weight": 1.0, "becomes": [""], "shares": [1]}
    return table


def pictures(seed: int, count: int) -> Iterator[tuple[str, list[TextRun], Any, np.random.Generator]]:
    """Drawings with their lines of text: (style, runs, pixels, generator), the styles in turn."""
    from gdt2usd.dataset.drawing import STYLES, draw_with_runs
    from gdt2usd.dataset.generate import draw_line
    from gdt2usd.dataset.plan import plan

    for k in range(count):
        rng = np.random.default_rng([seed, k])
        graph, categories = draw_line(rng)
        chosen = replace(plan(graph, categories, rng), style=STYLES[k % len(STYLES)])
        _, pixels, runs = draw_with_runs(graph, chosen, rng)
        yield chosen.style, runs, pixels, rng


def measure(seed: int, count: int) -> list[Tally]:
    """Tallies of the real reader on `count` drawings."""
    from gdt2usd.sketch.ocr import MIN_CONFIDENCE, read_lines

    tallies = []
    for style, runs, pixels, _ in pictures(seed, count):
        lines = [Label(line.text, line.box, line.confidence) for line in read_lines(pixels) if line.confidence >= MIN_CONFIDENCE]
        tallies.append(tally(style, runs, lines))
    return tallies


def imitate(seed: int, count: int) -> list[Tally]:
    """Tallies of the imitation on the same drawings."""
    return [
        tally(style, runs, read_lines_like_ocr(runs, style, (pixels.shape[1], pixels.shape[0]), rng))
        for style, runs, pixels, rng in pictures(seed, count)
    ]


def agreement(seed: int, count: int) -> dict[str, dict[str, tuple[float, float]]]:
    """Per style (reader, imitation): shares of lines read exactly, missed and joined, wrong letters, ghosts a picture."""
    real, made = measure(seed, count), imitate(seed, count)
    return {
        style: _compare([t for t in real if t.style == style], [t for t in made if t.style == style])
        for style in sorted({t.style for t in real})
    }


def _compare(real: Sequence[Tally], made: Sequence[Tally]) -> dict[str, tuple[float, float]]:
    def shares(tallies: Sequence[Tally]) -> dict[str, float]:
        lines = max(1, sum(t.lines for t in tallies))
        return {
            "exact": sum(t.exact for t in tallies) / lines,
            "missed": sum(t.missed for t in tallies) / lines,
            "wrong letters": sum(t.wrong for t in tallies) / max(1, sum(t.letters for t in tallies)),
            "ghosts": sum(len(t.ghosts) for t in tallies) / max(1, len(tallies)),
            "joined": sum(t.joined.total() for t in tallies) / max(1, sum(t.beside.total() for t in tallies)),
        }

    a, b = shares(real), shares(made)
    return {key: (round(a[key], 3), round(b[key], 3)) for key in a}


def main() -> None:
    """Measure and write the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--count", type=int, default=420)
    options.add_argument("--seed", type=int, default=9000)
    chosen = options.parse_args()
    table = fit(measure(chosen.seed, chosen.count))
    TABLE.write_text(json.dumps(table, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
