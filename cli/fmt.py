"""`gdt2usd fmt`: a script laid out tidily, words and comments untouched."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from . import console


@console.reports_errors
def fmt(
    files: Annotated[list[str], typer.Argument(metavar="FILE...", help="Scripts; - reads standard input.")],
    check: Annotated[bool, typer.Option("--check", help="Change nothing; exit 1 if a file is not tidy.")] = False,
    write: Annotated[bool, typer.Option("--write", help="Write the tidy text back into the files.")] = False,
) -> None:
    """Lay out FlexScript: indentation, spaces, blank lines. Prints the result unless --check or --write is given."""
    from gdt2usd.script.formatter import format_script

    from .scripts import read_script

    if check and write:
        console.usage_error("--check and --write exclude each other")
    untidy = 0
    for file in files:
        script = read_script(file)
        text = format_script(script)
        if not (check or write):
            sys.stdout.write(text)
        elif text != script.text:
            untidy += 1
            console.note(f"{'would change' if check else 'changed'} {script.name}")
            if write and file != "-":
                Path(file).write_text(text, encoding="utf-8", newline="\n")
    if check and untidy:
        raise typer.Exit(console.EXIT_REJECTED)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(fmt)
