"""How many labels of example sketches are read exactly: `python -m tests.sketch.label_accuracy FOLDER` (holding `examples.json`).

A label counts as exact when one of the labels read equals the written one (capitals and spaces ignored in the second figure).
"""

from __future__ import annotations

import json
import sys
import time
from collections import defaultdict
from pathlib import Path

from gdt2usd.sketch.load import load_sketch
from gdt2usd.sketch.ocr import read_labels


def folded(text: str) -> str:
    return "".join(text.split()).lower()


def main(folder: Path) -> None:
    lines = json.loads((folder / "examples.json").read_text(encoding="utf-8"))["lines"]
    scores: dict[str, list[tuple[int, int, int, float]]] = defaultdict(list)
    for line in lines:
        written = [thing["label"] for thing in line["objects"]]
        for image in line["images"]:
            start = time.perf_counter()
            sketch = read_labels(load_sketch(folder / image["file"]))
            seconds = time.perf_counter() - start
            read = [label.text for label in sketch.labels]
            exact = sum(text in read for text in written)
            near = sum(folded(text) in {folded(r) for r in read} for text in written)
            scores[image["style"]].append((len(written), exact, near, seconds))
            missed = [text for text in written if folded(text) not in {folded(r) for r in read}]
            sys.stdout.write(f"{image['file']:32} {exact}/{len(written)} exact, {near} folded, {seconds:.2f} s {missed or ''}\n")
    scores["all"] = [row for rows in scores.values() for row in rows]
    for style, rows in scores.items():
        count, exact, near = sum(row[0] for row in rows), sum(row[1] for row in rows), sum(row[2] for row in rows)
        seconds = sum(row[3] for row in rows) / len(rows)
        sys.stdout.write(f"{style:14} {100 * exact / count:5.1f} % exact {100 * near / count:5.1f} % folded {seconds:5.2f} s\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
