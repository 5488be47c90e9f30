"""Assembles the commands. Importing this imports nothing heavy: each command imports what it needs when it runs."""

from __future__ import annotations

import importlib
from importlib.util import find_spec
from typing import Annotated

import typer

from gdt2usd import __version__

# module of this package, in the order of `--help`; each has `register(app)`
COMMANDS = (
    "build",
    "check",
    "fmt",
    "lower",
    "simulate",
    "sweep",
    "stage",
    "validate",
    "export",
    "render",
    "dataset",
    "fit",
    "train",
    "evaluate",
    "explain",
    "bench",
)

app = typer.Typer(
    name="gdt2usd",
    help="From a layout sketch and a paragraph of text to a simulated, animated OpenUSD factory.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    add_completion=False,
)


def _show_version(value: bool) -> None:
    if value:
        typer.echo(f"gdt2usd {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version.")] = False,
) -> None:
    del version


for _name in (name for name in COMMANDS if find_spec(f"gdt2usd.cli.{name}")):
    importlib.import_module(f"gdt2usd.cli.{_name}").register(app)


def main() -> None:
    """Entry point of the `gdt2usd` script."""
    app()
