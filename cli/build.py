"""`gdt2usd build`: the main job, from a sketch and words to the five artefacts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from . import console

if TYPE_CHECKING:
    from gdt2usd.pipeline import Twin

MAX_PROMPT = 20_000


@console.reports_errors
def build(
    sources: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[SKETCH]", help="A picture, PDF or SVG of the layout; or a corrected 2-script.fs or 3-graph.json."),
    ] = None,
    prompt: Annotated[str | None, typer.Option("--prompt", help="What the sketch does not say.")] = None,
    prompt_file: Annotated[Path | None, typer.Option("--prompt-file", help="The same, from a text file.")] = None,
    out: Annotated[Path, typer.Option("--out", help="The folder for the results; an earlier build there is replaced.")] = Path(
        "twin"
    ),
    model: Annotated[str, typer.Option("--model", help="A model shipped with the package, or a folder.")] = "vlsm-small",
    seed: Annotated[int, typer.Option("--seed", help="Seed of reading and simulation.")] = 1,
    horizon: Annotated[str | None, typer.Option("--horizon", help="Time to simulate: 30min, 8h, 2d.")] = None,
    replications: Annotated[int, typer.Option("--replications", help="Independent simulation runs.")] = 10,
    no_stage: Annotated[bool, typer.Option("--no-stage", help="Stop after the simulation.")] = False,
    no_repair: Annotated[bool, typer.Option("--no-repair", help="Keep the network's first draft as it is.")] = False,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="KEY=VALUE", help="Settle a value: 'Saw.type=queue', 'Saw.process_time_s=40 s', 'Saw -> Bin=30%'."
        ),
    ] = None,
    answers: Annotated[
        list[str] | None,
        typer.Option("--answer", metavar="N=VALUE", help="Settle the doubt numbered N; N=ok and all=ok keep readings."),
    ] = None,
    page: Annotated[int | None, typer.Option("--page", help="The page of a PDF that is the sketch, from 1.")] = None,
    ask: Annotated[bool, typer.Option("--ask", help="Ask about every doubt, in a terminal.")] = False,
    device: Annotated[str, typer.Option("--device", help="Where the network runs: auto, cpu or cuda.")] = "auto",
    review: Annotated[
        Path | None, typer.Option("--review", help="Also write a page (.html) or picture (.png) of what was understood.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print run.json and nothing else on standard output.")] = False,
) -> None:
    """Turn a sketch and a prompt into FlexScript, process graph, simulation and an animated OpenUSD stage."""
    from gdt2usd.pipeline import Options, build
    from gdt2usd.units import parse_duration_s

    from .ask import ask_doubts, is_terminal
    from .summary import print_summary

    text = _prompt(prompt, prompt_file)
    source = _one_source(sources or [])
    if source is None and not text.strip():
        console.usage_error("give a sketch, a prompt, or both: gdt2usd build sketch.png --prompt '...'")
    if review is not None:
        _check_review(review, source)
    if ask and (as_json or not is_terminal()):
        console.usage_error("--ask needs a terminal to ask in; settle with --answer N=VALUE or --set KEY=VALUE instead")
    try:
        horizon_s = parse_duration_s(horizon) if horizon else None
    except ValueError as problem:
        console.usage_error(str(problem))
    options = Options(
        source=source, prompt=text, model=model, seed=seed, repair=not no_repair, stage=not no_stage,
        horizon_s=horizon_s, replications=replications,
        settings=tuple(settings or ()), answers=tuple(answers or ()), device=device, page=page,
    )  # fmt: skip
    twin = build(options, out, lambda step: None if as_json else console.note(f"{step} ..."), ask_doubts if ask else None)
    if review is not None:
        _review(twin, source, review)
    if as_json:
        console.print_json(twin.run)
    else:
        print_summary(twin, out)


def _one_source(sources: list[Path]) -> Path | None:
    """The one file to read; usage errors for more, and for what is none."""
    if len(sources) > 1:
        names = ", ".join(str(s) for s in sources[:4])
        console.usage_error(
            f"a sketch is one picture, but {len(sources)} were given ({names}): put the layout on one, or build each"
        )
    for source in sources:
        if source.is_dir():
            console.usage_error(f"{source} is a folder: give one picture, or the 2-script.fs or 3-graph.json in it")
        if not source.exists():
            console.usage_error(f"there is no file {source}")
    return sources[0] if sources else None


def _check_review(path: Path, source: Path | None) -> None:
    """Refuse before the work what could not be written after it."""
    if source is not None and source.suffix.lower() in (".fs", ".txt", ".json"):
        console.usage_error("--review shows what was read of a sketch or a prompt; a script or a graph is taken as it is")
    endings = (".html", ".htm", ".png") if source is not None else (".html", ".htm")
    if path.suffix.lower() not in endings:
        console.usage_error(f"--review writes {' or '.join(endings)}, not {path.name}")


def _review(twin: Twin, source: Path | None, path: Path) -> None:
    from gdt2usd.studio.review import review_of, write_review

    title = source.stem if source is not None else "Prompt"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_review(review_of(twin, title), path)


def _prompt(prompt: str | None, prompt_file: Path | None) -> str:
    if prompt is not None and prompt_file is not None:
        console.usage_error("--prompt and --prompt-file exclude each other")
    if prompt_file is not None:
        try:
            prompt = prompt_file.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError:
            console.usage_error(f"{prompt_file} is no text file (UTF-8)")
    text = prompt or ""
    if len(text) > MAX_PROMPT:
        console.usage_error(
            f"the prompt has {len(text)} characters; at most {MAX_PROMPT} are read: say what the line does and leave out the rest"
        )
    return text


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(build)
