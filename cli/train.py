"""`gdt2usd train`: a model of one's own from the dataset's generator, by a preset."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from . import console


@console.reports_errors
def train(
    minutes: Annotated[float, typer.Option("--minutes", min=0.01, help="Wall time for the whole training.")] = 600.0,
    preset: Annotated[str, typer.Option("--preset", help="cpu-small, gpu-small, or a .toml file.")] = "cpu-small",
    out: Annotated[Path, typer.Option("--out", help="The folder for the model; `build --model` takes it.")] = Path("model"),
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the training in that folder.")] = False,
    parts_from: Annotated[
        str | None, typer.Option("--parts-from", help="Take tagger and tower of this model; train the language part alone.")
    ] = None,
    device: Annotated[str, typer.Option("--device", help="auto, cpu or cuda; start with torchrun for several GPUs.")] = "auto",
    seed: Annotated[int, typer.Option("--seed", help="Seed of weights and data.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print the model's card as JSON.")] = False,
) -> None:
    """Train text pieces, tagger, vision and language part one after the other, and write a model folder."""
    if device not in ("auto", "cpu", "cuda"):
        console.usage_error(f"--device knows auto, cpu and cuda, not {device}")
    from gdt2usd.training.device import open_device
    from gdt2usd.training.whole import read_preset, train_whole

    chosen, where = read_preset(preset), open_device(device)

    def tell(part: str, row: dict[str, Any]) -> None:
        figures = ", ".join(f"{key} {value:.4g}" for key, value in row.items() if isinstance(value, int | float))
        if where.leads:
            console.note(f"{part}: {figures}" if figures else f"{part} ...")

    folder = train_whole(chosen, out, minutes=minutes, resume=resume, parts_from=parts_from, device=where, seed=seed, tell=tell)
    if not where.leads:
        return
    if as_json:
        console.print_json({"model": str(folder), "preset": chosen.name, "minutes": minutes, "seed": seed, "device": where.kind})
    else:
        console.print_text(f"wrote {folder}; try it: gdt2usd evaluate --examples DIR --model {folder}")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(train)
