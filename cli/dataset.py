"""`gdt2usd dataset`: build, verify, describe and show sets of triplets (prompt, sketch, FlexScript)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from . import console

if TYPE_CHECKING:
    from gdt2usd.dataset.sample import Sample
    from gdt2usd.dataset.stats import Statistics

BYTES_PER_SAMPLE = 70_000

Out = Annotated[Path, typer.Option("--out", "-o", help="Folder of the set; a build that was stopped goes on there.")]
Count = Annotated[int, typer.Option(min=1, help="Number of samples.")]
Seed = Annotated[int, typer.Option(min=0, help="Seed: the same seed gives the same set, whatever the machine or the workers.")]
From = Annotated[Path | None, typer.Option("--from", help="A set on disk; without it samples are drawn from the seed.")]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


def register(app: typer.Typer) -> None:
    """Add the group of commands."""
    group = typer.Typer(no_args_is_help=True, help="Sets of triplets (prompt, sketch, FlexScript) for training and evaluation.")
    for command in (build, stats, show, verify):
        group.command(command.__name__)(console.reports_errors(command))
    app.add_typer(group, name="dataset")


def build(
    out: Out,
    count: Count = 1000,
    seed: Seed = 0,
    workers: Annotated[int, typer.Option(min=0, help="Processes; 0: one for each core.")] = 0,
    cluster: Annotated[str | None, typer.Option(help="Address of a Ray cluster (`auto`, `local`, ray://...).")] = None,
    as_json: Json = False,
) -> None:
    """Build a set: Parquet shards by split with pictures, and a manifest."""
    import os

    from gdt2usd.dataset.build import Order, free_bytes, in_processes, on_cluster
    from gdt2usd.dataset.build import build as build_set
    from gdt2usd.diagnostics import GdtError, Place, error

    order = Order(count, seed)
    if free_bytes(out) < count * BYTES_PER_SAMPLE:
        message = f"{count} samples need about {count * BYTES_PER_SAMPLE / 1e9:.1f} GB, {free_bytes(out) / 1e9:.1f} GB are free"
        raise GdtError([error("DS105", message, Place(str(out)), "choose another disk or a smaller count")])
    processes = min(workers or os.cpu_count() or 1, len(order.blocks()))
    with console.progress("samples", count, quiet=as_json) as advance:
        if cluster is not None:
            built = build_set(order, out, run=on_cluster(cluster), advance=advance)
        elif processes > 1:
            built = build_set(order, out, run=in_processes(processes), advance=advance)
        else:
            built = build_set(order, out, advance=advance)
    if as_json:
        console.print_json({"folder": str(out), "splits": built.rows, "files": built.files, "reused_blocks": built.reused_blocks})
        return
    splits = ", ".join(f"{rows} {split}" for split, rows in built.rows.items())
    console.print_text(f"{count} samples in {out}: {splits}")


def _samples(folder: Path | None, count: int, seed: int, *, pictures: bool) -> Iterator[Sample]:
    """From a set on disk, or drawn from the seed."""
    from itertools import islice

    from gdt2usd.dataset.dataset import Config, open_dataset, stream

    source = open_dataset(folder).samples(pictures=pictures) if folder else stream(seed, Config(pictures=pictures))
    yield from source if folder and count == 0 else islice(source, count)


def stats(
    folder: Annotated[Path | None, typer.Argument(help="A set on disk; without it samples are drawn from the seed.")] = None,
    count: Annotated[int, typer.Option(min=0, help="Number of samples; 0: all of the set, or 10,000 drawn ones.")] = 0,
    seed: Seed = 0,
    examples: Annotated[Path | None, typer.Option(help="JSON file of example lines: are their prompts covered?")] = None,
    plot: Annotated[Path | None, typer.Option(help="Draw the shares to this file (.png, .svg, .pdf).")] = None,
    as_json: Json = False,
) -> None:
    """Shares of every layer's categories, and how various prompts, names and pictures are."""
    from gdt2usd.dataset.stats import as_json as statistics_json
    from gdt2usd.dataset.stats import gather
    from gdt2usd.dataset.variety import read_examples

    wanted = read_examples(examples) if examples else []
    total = count or (None if folder else 10_000)
    with console.progress("samples", total, quiet=as_json) as advance:

        def watched() -> Iterator[Sample]:
            for one in _samples(folder, total or 0, seed, pictures=False):
                yield one
                advance(1)

        statistics = gather(watched(), wanted)
    if plot is not None:
        from gdt2usd.dataset.stats_plot import plot_statistics

        plot_statistics(statistics, plot)
    if as_json:
        console.print_json(statistics_json(statistics))
    else:
        _print_statistics(statistics)


def _print_statistics(statistics: Statistics) -> None:
    from gdt2usd.dataset.stats import asked

    samples = max(1, statistics.samples)
    console.print_text(f"{statistics.samples} samples, {statistics.mean_machines:.2f} machines a line")
    console.print_text(f"{statistics.words_per_prompt:.1f} words a prompt, {statistics.lines_per_script:.1f} lines a script")
    wanted = asked()
    for aspect, found in statistics.counts.items():
        weights = wanted.get(aspect, {})
        whole = sum(weights.values())
        rows = [
            (
                name,
                str(number),
                f"{100 * number / samples:.1f} %",
                f"{100 * weights[name] / whole:.1f} %" if name in weights else "",
            )
            for name, number in found.items()
        ]
        console.print_text()
        console.print_table((aspect.replace("_", " "), "count", "share", "asked"), rows)
    console.print_text()
    by_count = [(str(machines), str(lines), f"{100 * lines / samples:.1f} %") for machines, lines in statistics.machines.items()]
    console.print_table(("machines", "lines", "share"), by_count, ">>>")
    _print_variety(statistics)


def _print_variety(statistics: Statistics) -> None:
    variety = statistics.variety
    console.print_text()
    grams = ", ".join(f"{count} {length}-grams" for length, count in variety.distinct_ngrams.items())
    console.print_text(f"masked prompts: {grams} in {variety.prompts} prompts ({variety.tokens} tokens)")
    once = f"{100 * variety.seen_once:.1f} % of them seen once"
    console.print_text(f"sentence skeletons: {variety.skeletons} distinct in {variety.sentences} sentences, {once}")
    console.print_text(f"compression ratio of masked prompts: {variety.compression:.2f}")
    console.print_text(f"names: {statistics.names} distinct, {100 * statistics.names_once:.1f} % of them seen once")
    if statistics.coverage:
        console.print_text()
        rows = [(name, *(f"{100 * found.get(n, 0.0):.0f} %" for n in (1, 2, 3, 4))) for name, found in statistics.coverage.items()]
        console.print_table(("example prompt", "1-grams", "2-grams", "3-grams", "4-grams"), rows)


def show(
    count: Annotated[int, typer.Argument(min=1, help="How many samples.")] = 12,
    folder: From = None,
    seed: Seed = 0,
    first: Annotated[int, typer.Option(min=0, help="Index of the first sample.")] = 0,
    out: Annotated[Path, typer.Option("--out", "-o", help="The page (.html), or a sheet of pictures (.png).")] = Path(
        "samples.html"
    ),
) -> None:
    """Write a page of samples: picture, prompt with its facts marked, script, graph."""
    from itertools import islice

    from gdt2usd.dataset.dataset import open_dataset, stream
    from gdt2usd.dataset.show import contact_sheet, page

    if out.suffix.lower() not in (".html", ".png"):
        console.usage_error(f"{out.name}: the page is .html, a sheet of pictures .png")
    samples = islice(open_dataset(folder).samples(), first, first + count) if folder else islice(stream(seed, start=first), count)
    if out.suffix.lower() == ".png":
        console.print_text(f"{contact_sheet(samples, out)} pictures in {out}")
        return
    out.write_text(page(samples, f"Samples of {folder or f'seed {seed}'}"), encoding="utf-8")
    console.print_text(f"{count} samples in {out}")


def verify(
    folder: Annotated[Path | None, typer.Argument(help="A set on disk; without it samples are drawn from the seed.")] = None,
    count: Annotated[int, typer.Option(min=0, help="Number of samples; 0: all of the set, or 2,000 drawn ones.")] = 0,
    seed: Seed = 0,
    workers: Annotated[int, typer.Option(min=0, help="Processes; 0: one for each core.")] = 0,
    as_json: Json = False,
) -> None:
    """Prove a set: files as in the manifest, every script parses, checks, runs, gives its graph back and simulates."""
    import os

    from gdt2usd.dataset.verify import verify_drawn, verify_set

    processes = workers or os.cpu_count() or 1
    with console.progress("samples", count or None, quiet=as_json) as advance:
        if folder is not None:
            report = verify_set(folder, count, processes, advance)
        else:
            report = verify_drawn(seed, count or 2000, processes, advance)
    if as_json:
        console.print_json({**report.as_json(), "diagnostics": [console.diagnostic_json(d) for d in report.diagnostics]})
    else:
        console.print_diagnostics(report.diagnostics)
        rows = [(step, str(number), f"{100 * number / max(1, report.samples):.2f} %") for step, number in report.passed.items()]
        console.print_table(("step", "passed", f"of {report.samples}"), rows)
    if not report.holds:
        raise SystemExit(console.EXIT_REJECTED)
