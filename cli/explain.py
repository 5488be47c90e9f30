"""`gdt2usd explain CODE`: what a diagnostic means, with an example."""

from __future__ import annotations

from typing import Annotated

import typer

from . import console


@console.reports_errors
def explain(
    code: Annotated[str, typer.Argument(metavar="[CODE]", help="A code such as FS205; none lists all.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Explain a diagnostic's code."""
    from .codes import all_codes

    known = all_codes()
    wanted = code.strip().upper()
    if not wanted:
        if as_json:
            console.print_json(known)
        else:
            console.print_table(("code", "title"), ((c, entry["title"]) for c, entry in known.items()), "<<")
        return
    entry = known.get(wanted)
    if entry is None:
        near = [c for c in known if c[:3] == wanted[:3]]
        console.usage_error(f"there is no code {wanted}" + (f"; codes beginning alike: {', '.join(near)}" if near else ""))
    if as_json:
        console.print_json({"code": wanted, **entry})
        return
    console.print_text(f"{wanted}: {entry['title']}\n\n{entry['explanation'].strip()}")
    if entry.get("example"):
        console.print_text("\nExample:\n" + "\n".join(f"    {line}" for line in entry["example"].strip().splitlines()))


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(explain)
