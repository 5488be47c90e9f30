"""`gdt2usd evaluate`: a model's figures on example sketches or fresh samples, beside the rule-based baseline and the paper's."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from . import console

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gdt2usd.evaluation.suite import Case, Reader, Result
    from gdt2usd.evaluation.tables import Table

_WITHOUT = ("sketch", "labels", "constraint", "repair")
_SAMPLE_TABLES = ("modality", "register", "style", "layout", "automation", "industry")


@console.reports_errors
def evaluate(
    examples: Annotated[Path | None, typer.Option("--examples", help="A folder with examples.json and its pictures.")] = None,
    data: Annotated[
        Path | None, typer.Option("--data", help="A set that `dataset build` wrote; --count N takes its first N.")
    ] = None,
    split: Annotated[str, typer.Option("--split", help="Which split of --data: train, validation or test.")] = "test",
    count: Annotated[int, typer.Option("--count", min=0, help="How many fresh samples of the dataset.")] = 0,
    seed: Annotated[int, typer.Option("--seed", help="Seed of the fresh samples and of reading.")] = 1,
    held_out: Annotated[bool, typer.Option("--held-out", help="Only industries and styles that training leaves out.")] = False,
    labels_as_recorded: Annotated[
        bool, typer.Option("--labels-as-recorded", help="Take the dataset's imitation of an OCR: faster.")
    ] = False,
    model: Annotated[
        str, typer.Option("--model", help="A model shipped with the package, or a folder; none: no model.")
    ] = "vlsm-small",
    baseline: Annotated[bool, typer.Option("--baseline", help="Add the rule-based reader.")] = False,
    no_repair: Annotated[bool, typer.Option("--no-repair", help="Keep the network's first draft as it is.")] = False,
    without: Annotated[
        list[str] | None, typer.Option("--without", help="Leave out sketch, labels, constraint or repair; may be given again.")
    ] = None,
    drawn: Annotated[
        bool, typer.Option("--drawn", help="Only how well drawings are seen: links and kinds of shapes in fresh samples, by style.")
    ] = False,
    out: Annotated[Path | None, typer.Option("--out", help="Write figures.md, .tex, .csv and answers.jsonl there.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Measure how well sketches and prompts become scripts: SVR, PMR, ESR, BLEU-4 and the executed variants."""
    from gdt2usd.dataset.dataset import open_dataset
    from gdt2usd.dataset.split import SPLITS
    from gdt2usd.evaluation.readers import network_reader, rules_reader
    from gdt2usd.evaluation.suite import data_cases, example_cases, sample_cases
    from gdt2usd.evaluation.suite import evaluate as ask
    from gdt2usd.evaluation.tables import breakdown, compare

    left_out = frozenset([*(without or ()), *(["repair"] if no_repair else [])])
    if wrong := sorted(left_out - set(_WITHOUT)):
        console.usage_error(f"--without knows {', '.join(_WITHOUT)}, not {', '.join(wrong)}")
    if (examples is None) == (data is None and count == 0):
        console.usage_error("give one of --examples DIR, --data DIR and --count N")
    if data is not None and (split not in SPLITS or held_out or drawn):
        console.usage_error(f"--data takes --split {', '.join(SPLITS)} and neither --held-out nor --drawn")
    if drawn:
        if count == 0:
            console.usage_error("--drawn measures fresh samples: give --count N")
        return _drawn(model, seed, count, labels_as_recorded)
    readers: dict[str, Reader] = {}
    if model != "none":
        name = model + "".join(f", no {part}" for part in sorted(left_out))
        readers[name] = network_reader(model, seed=seed, without=left_out)
    if baseline or not readers:
        readers["rules"] = rules_reader()
    asked: Iterable[Case]
    categories: tuple[str, ...]
    if examples is not None:
        asked = cases = example_cases(examples)
        total, title, categories = len(cases), f"Examples in {examples.name}", ("style", "prompt", "line")
    elif data is not None:
        whole = open_dataset(data).manifest["splits"].get(split, 0)
        total = min(count or whole, whole)
        title, categories = f"{total} of {whole} samples of the {split} split of {data.name}", _SAMPLE_TABLES
        asked = data_cases(data, split, count, labels_as_recorded=labels_as_recorded)
    else:
        total, title, categories = count, f"{count} {'held-out ' if held_out else ''}samples, seed {seed}", _SAMPLE_TABLES
        asked = sample_cases(count, seed, held_back=_held_back(), held_out=held_out, labels_as_recorded=labels_as_recorded)
    answers: dict[str, list[Result]] = {name: [] for name in readers}
    with console.progress("evaluating", total * len(readers), quiet=as_json) as advance:
        for name, result in ask(asked, readers):
            answers[name].append(result)
            advance(1)
    tables = [compare(title, answers)]
    tables += [breakdown(f"{name}, by {c}", results, c) for name, results in answers.items() for c in categories if results]
    if out is not None:
        _write(out, tables, answers)
    if as_json:
        console.print_json(_json(answers))
    else:
        for table in tables:
            console.print_text(table.title)
            console.print_table(table.header, table.rows)
            console.print_text()


def _drawn(model: str, seed: int, count: int, labels_as_recorded: bool) -> None:
    """Print how well the perception network and its judges see what is drawn."""
    from gdt2usd.training.vision_figures import HEADER, measured, rows_by_style
    from gdt2usd.vlsm.checkpoint import PERCEPTION, folder_of

    answers = measured(folder_of(model) / PERCEPTION, seed, count, as_recorded=labels_as_recorded)
    console.print_text(f"What is drawn, as seen: {count} samples, seed {seed}")
    console.print_table(HEADER, rows_by_style(answers))


def _held_back() -> tuple[tuple[str, ...], tuple[str, ...]]:
    from gdt2usd.training.source import HELD_BACK_INDUSTRIES, HELD_BACK_STYLES

    return HELD_BACK_INDUSTRIES, HELD_BACK_STYLES


def _json(answers: dict[str, list[Result]]) -> dict[str, object]:
    from gdt2usd.evaluation.suite import figures
    from gdt2usd.evaluation.tables import PAPER_BEST

    return {
        "schema": "gdt2usd.evaluation/1",
        "readers": {name: {"cases": len(results), **figures(results)} for name, results in answers.items()},
        "paper": PAPER_BEST,
    }


def _write(out: Path, tables: list[Table], answers: dict[str, list[Result]]) -> None:
    import json

    from gdt2usd.evaluation.tables import csv_text, latex, markdown

    out.mkdir(parents=True, exist_ok=True)
    (out / "figures.md").write_text("\n".join(markdown(t) for t in tables), encoding="utf-8")
    (out / "figures.tex").write_text("\n".join(latex(t) for t in tables), encoding="utf-8")
    (out / "figures.csv").write_text(csv_text(tables), encoding="utf-8")
    with (out / "answers.jsonl").open("w", encoding="utf-8") as file:
        for name, results in answers.items():
            for r in results:
                row = {
                    "reader": name,
                    "case": r.name,
                    **r.categories,
                    "scores": r.scores,
                    "problems": r.problems,
                    "script": r.script,
                }
                file.write(json.dumps(row, ensure_ascii=False) + "\n")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(evaluate)
