"""`gdt2usd export`: a stage in one file, for USD programs (.usdz) or for browsers (.glb, .html)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from . import console


@console.reports_errors
def export(
    path: Annotated[Path, typer.Argument(metavar="DIR", help="The stage's folder or its root layer.")],
    usdz: Annotated[Path | None, typer.Option("--usdz", metavar="FILE", help="A package with everything inside.")] = None,
    glb: Annotated[
        Path | None, typer.Option("--glb", metavar="FILE", help="Binary glTF with shared meshes and the animation.")
    ] = None,
    page: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="One page that plays it in a browser, offline.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was written as JSON.")] = False,
) -> None:
    """Export a stage as .usdz, .glb or .html."""
    from gdt2usd.stage.export import write_glb, write_html, write_usdz

    if usdz is None and glb is None and page is None:
        console.usage_error("nothing to export: give --usdz FILE, --glb FILE or --html FILE")
    written = []
    if usdz is not None:
        written.append(write_usdz(path, usdz))
    if glb is not None:
        written.append(write_glb(path, glb))
    if page is not None:
        written.append(write_html(path, page))
    if as_json:
        console.print_json({"files": [{"path": str(f), "bytes": f.stat().st_size} for f in written]})
        return
    for file in written:
        console.print_text(f"{file}: {file.stat().st_size / 1e6:.2f} MB")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(export)
