"""`gdt2usd validate`: is a stage, an asset or a package sound, by OpenUSD's validators and NVIDIA's?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from . import console


@console.reports_errors
def validate(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A stage's folder, or a .usd, .usda, .usdc or .usdz file.")],
    nvidia: Annotated[
        bool | None, typer.Option("--nvidia/--no-nvidia", help="Demand or leave out NVIDIA's validator (default: if installed).")
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings count as errors.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
) -> None:
    """Validate a stage: each of its assets alone, then the whole."""
    from gdt2usd.diagnostics import Severity
    from gdt2usd.stage.validate import find_program, validate_path

    found = validate_path(path, nvidia=nvidia)
    errors = sum(d.severity is Severity.ERROR for d in found)
    warnings = sum(d.severity is Severity.WARNING for d in found)
    by_nvidia = nvidia is not False and find_program() is not None
    if as_json:
        rows = [console.diagnostic_json(d) for d in found]
        console.print_json({"path": str(path), "validators": ["openusd", *(["nvidia"] if by_nvidia else [])], "diagnostics": rows})
    else:
        console.print_diagnostics(found, name=str(path))
        who = (
            "OpenUSD's and NVIDIA's validators"
            if by_nvidia
            else "OpenUSD's validators (NVIDIA's is not installed: gdt2usd[validate])"
        )
        console.note(f"{path}: {errors} errors, {warnings} warnings by {who}")
    if errors or (strict and warnings):
        raise typer.Exit(console.EXIT_REJECTED)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(validate)
