"""Runs a reader over cases and scores every answer; figures are means over cases, whole or by what the cases have in common.

A case is a sketch, a prompt and a truth; a reader turns the first two into FlexScript. A reader that refuses (GdtError) gives an
empty script, which scores 0 everywhere. Not covered: how figures are laid out (`tables`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import islice
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Any

from gdt2usd.diagnostics import GdtError
from gdt2usd.evaluation import bleu, esr, examples, pmr, svr
from gdt2usd.evaluation.executed import Executed, execute, truth_of
from gdt2usd.graph.model import ProcessGraph
from gdt2usd.sketch.sketch import Sketch

if TYPE_CHECKING:
    from gdt2usd.dataset.sample import Sample

Reader = Callable[[Sketch | None, str], str]
FIGURES = (
    "SVR", "PMR", "ESR", "BLEU-4", "CS", "OS", "link precision", "within type", "exact graph", "throughput error", "seconds",
)  # fmt: skip
"""The paper's four, then the executed variants: shares in 0..1 (the error: smaller is better), and seconds for one answer."""


@dataclass(frozen=True, slots=True)
class Case:
    """One question. `sketch` makes the picture with its labels when called; `categories` are what tables are broken down by."""

    name: str
    truth: ProcessGraph
    sketch: Callable[[], Sketch | None]
    prompt: str
    categories: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Result:
    """Scores of one answer by name (`FIGURES` without BLEU-4), the two canonical texts, and what was wrong."""

    name: str
    categories: dict[str, str]
    scores: dict[str, float]
    text: str
    truth_text: str
    problems: tuple[str, ...] = ()
    script: str = ""


def exact_graph(truth: ProcessGraph, made: ProcessGraph | None, structure: svr.Structure, same_objects: bool) -> bool:
    """Whether the graph has the truth's objects, connections and parameters, and nothing more."""
    if made is None or structure.svr < 1.0 or structure.precision < 1.0 or not same_objects:
        return False
    wanted, got = pmr.parameters_of(truth), pmr.parameters_of(made)
    return wanted.keys() == got.keys() and all(pmr.same(value, got[key]) for key, value in wanted.items())


def score(case: Case, script: str, seconds: float = 0.0, truth: Executed | None = None) -> Result:
    """Score one script against the case's truth."""
    truth = truth or truth_of(case.truth)
    assert truth.tree is not None and truth.graph is not None
    made = execute(script)
    structure = svr.structure(truth.tree, made.tree)
    parameters = pmr.match(truth.graph, made.lowered)
    same_objects = made.tree is not None and svr.objects_of(truth.tree) == svr.objects_of(made.tree)
    horizon_s = esr.horizon_of(truth.graph)
    run = esr.runs(made, horizon_s)
    scores = {
        "SVR": structure.svr,
        "PMR": parameters.pmr,
        "ESR": float(run.succeeded),
        "CS": structure.connections,
        "OS": structure.objects,
        "link precision": structure.precision,
        "within type": parameters.within_type,
        "exact graph": float(exact_graph(truth.graph, made.graph, structure, same_objects)),
        "throughput error": esr.throughput_error(esr.runs(truth, horizon_s), run),
        "seconds": seconds,
    }
    problems = [f"{d.code} {d.message}" for d in made.diagnostics if d.severity == "error"]
    problems += [f"{key} of {name!r}" for name, key in parameters.wrong]
    problems += _differences(truth, made)
    return Result(
        case.name, case.categories, scores, bleu.canonical_text(made), bleu.canonical_text(truth), tuple(problems), script
    )


def _differences(truth: Executed, made: Executed) -> list[str]:
    assert truth.tree is not None
    if made.tree is None:
        return ["not FlexScript"]
    wanted, got = svr.connections_of(truth.tree), svr.connections_of(made.tree)
    rows = [f"missing {key} {' -> '.join(ends)}" for key, ends in wanted - got]
    rows += [f"too many {key} {' -> '.join(ends)}" for key, ends in got - wanted]
    objects, made_objects = svr.objects_of(truth.tree), svr.objects_of(made.tree)
    rows += [f"missing {kind} {name!r}" for name, kind in objects - made_objects]
    return rows + [f"too many {kind} {name!r}" for name, kind in made_objects - objects]


def evaluate(cases: Iterable[Case], readers: Mapping[str, Reader]) -> Iterator[tuple[str, Result]]:
    """Ask every reader every case, and score; pairs of reader name and result, case by case."""
    for case in cases:
        truth = truth_of(case.truth)
        for name, reader in readers.items():
            start = time.perf_counter()
            try:
                sketch = case.sketch()
                start = time.perf_counter()
                script = reader(sketch, case.prompt)
                refused: tuple[str, ...] = ()
            except GdtError as problem:
                script, refused = "", tuple(f"{d.code} {d.message}" for d in problem.diagnostics)
            seconds = time.perf_counter() - start
            result = score(case, script, seconds, truth)
            yield name, replace(result, problems=(*refused, *result.problems))


def figures(results: Sequence[Result]) -> dict[str, float]:
    """The figures of a set of results: means, and corpus BLEU-4."""
    if not results:
        return {}
    found = {name: fmean(r.scores[name] for r in results) for name in FIGURES if name != "BLEU-4"}
    found["BLEU-4"] = bleu.bleu4([r.text for r in results], [r.truth_text for r in results])
    return {name: found[name] for name in FIGURES}


def by(results: Sequence[Result], category: str) -> dict[str, list[Result]]:
    """Results by a category's value, in alphabetical order."""
    groups: dict[str, list[Result]] = {}
    for result in results:
        groups.setdefault(result.categories.get(category, ""), []).append(result)
    return dict(sorted(groups.items()))


def example_cases(folder: Path, *, without_sketch: bool = False) -> list[Case]:
    """Every picture of a folder of examples with each of its line's prompts; a picture is read by OCR once.

    Raises:
        GdtError: EV103, EV104 (`examples`).
    """
    cases = []
    for line in examples.read_lines(folder):
        truth = examples.graph_of(line)
        for path, style in examples.pictures_of(line, folder):
            sketch = cache(lambda path=path: None if without_sketch else _read(path))
            for register, prompt in line["prompts"].items():
                categories = {"line": str(line["id"]), "style": style, "prompt": register}
                categories |= {"industry": str(line.get("industry", "")), "layout": str(line.get("form", ""))}
                cases.append(Case(f"{path.name} / {register}", truth, sketch, str(prompt), categories))
    return cases


def _read(path: Path) -> Sketch:
    from gdt2usd.sketch.load import open_sketch
    from gdt2usd.sketch.ocr import read_labels

    return read_labels(open_sketch(path)[0])


def sample_cases(
    count: int,
    seed: int,
    *,
    held_back: tuple[Sequence[str], Sequence[str]] = ((), ()),
    held_out: bool = False,
    labels_as_recorded: bool = False,
    config: Any = None,
) -> Iterator[Case]:
    """Fresh samples of the dataset. `held_back` are the industries and styles that training leaves out: with `held_out` only
    samples of those, else only samples of the others.

    Pictures are painted and read by OCR, or with `labels_as_recorded` carry the labels of the dataset's imitation of an OCR.
    """
    from gdt2usd.dataset.generate import Config, sample

    config = config or Config()
    shown = replace(config, pictures=True)
    made = index = 0
    while made < count:
        row = sample(seed, index, replace(config, pictures=False))
        index += 1
        style = row.drawing.style if row.drawing is not None else "none"
        back = (row.categories.industry in held_back[0], style in held_back[1])
        if any(back) != held_out:
            continue
        made += 1
        painted = cache(lambda i=row.index: _sketch_of(sample(seed, i, shown), recorded=labels_as_recorded))
        yield _case_of(row, painted)


def data_cases(folder: Path, split: str, count: int = 0, *, labels_as_recorded: bool = False) -> Iterator[Case]:
    """The samples of one split of a set on disk in their order, the first `count` of them (0: all).

    Raises:
        GdtError: DS111, DS112 (`dataset.dataset`).
    """
    from gdt2usd.dataset.dataset import open_dataset

    for row in islice(open_dataset(folder).samples(split), count or None):
        yield _case_of(row, cache(lambda row=row: _sketch_of(row, recorded=labels_as_recorded)))


def _case_of(row: Sample, sketch: Callable[[], Sketch | None]) -> Case:
    categories = {
        "industry": row.categories.industry, "layout": row.categories.layout, "automation": row.categories.automation,
        "style": row.drawing.style if row.drawing is not None else "none", "register": row.prompt.register,
        "modality": str(row.modality),
    }  # fmt: skip
    return Case(f"sample {row.index}", row.graph, sketch, row.prompt.text, categories)


def _sketch_of(row: Sample, *, recorded: bool) -> Sketch | None:
    """The painted sketch with its labels read by OCR, or as the record has them."""
    from gdt2usd.sketch.ocr import read_labels

    if row.pixels is None:
        return None
    sketch = Sketch(row.pixels, row.ocr if recorded else (), f"sample {row.index}")
    return sketch if recorded else read_labels(sketch)
