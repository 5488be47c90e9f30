"""`gdt2usd check`: every mistake of a script with its place and its fix."""

from __future__ import annotations

from typing import Annotated

import typer

from . import console


@console.reports_errors
def check(
    file: Annotated[str, typer.Argument(metavar="FILE", help="The script; - reads standard input.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the diagnostics as JSON.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings count as errors.")] = False,
) -> None:
    """Check a FlexScript: syntax, names, arguments, properties, and a trial run against an empty model."""
    from gdt2usd.diagnostics import Severity
    from gdt2usd.script.diagnose import diagnose

    from .scripts import read_script

    script = read_script(file)
    found = diagnose(script)
    counted = {severity: sum(d.severity is severity for d in found) for severity in Severity}
    if as_json:
        console.print_json({"diagnostics": [console.diagnostic_json(d) for d in found]})
    else:
        console.print_diagnostics(found, script.text, script.name)
        console.note(
            f"{script.name}: " + ", ".join(f"{n} {s}{'' if n == 1 or s is Severity.INFO else 's'}" for s, n in counted.items())
        )
    if counted[Severity.ERROR] or (strict and counted[Severity.WARNING]):
        raise typer.Exit(console.EXIT_REJECTED)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(check)
