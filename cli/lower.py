"""`gdt2usd lower`: the typed process graph of a script, as a table, JSON, a drawing, or canonical FlexScript."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from . import console

if TYPE_CHECKING:
    from gdt2usd.diagnostics import Diagnostic
    from gdt2usd.graph.model import ProcessGraph
    from gdt2usd.script.source import Script


@console.reports_errors
def lower(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A script or 3-graph.json; - reads standard input.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the graph as JSON.")] = False,
    script: Annotated[bool, typer.Option("--script", help="Print the graph as canonical FlexScript.")] = False,
    svg: Annotated[Path | None, typer.Option("--svg", metavar="OUT", help="Draw the graph as SVG.")] = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write the graph as 3-graph.json.")] = None,
) -> None:
    """Read a script as a process graph, and say whether the factory makes sense."""
    from gdt2usd.diagnostics import GdtError, errors
    from gdt2usd.graph.emit import emit
    from gdt2usd.graph.serial import to_json, write_graph
    from gdt2usd.graph.validate import validate

    from .scripts import read_script

    source = read_script(file)
    graph, noticed, text = _graph_of(source)
    found = (*noticed, *validate(graph))
    if any(errors(found)):
        raise GdtError(found, source=text, name=source.name)
    console.print_diagnostics(found, text, source.name)
    if out is not None:
        write_graph(graph, out)
    if svg is not None:
        from gdt2usd.graph.drawing import draw

        svg.write_text(draw(graph), encoding="utf-8")
    if as_json:
        console.print_json(to_json(graph))
    elif script:
        console.print_text(emit(graph).rstrip("\n"))
    elif out is None and svg is None:
        _print_tables(graph)


def _graph_of(source: Script) -> tuple[ProcessGraph, tuple[Diagnostic, ...], str]:
    """The graph in a script or in JSON, what was noticed, and the text that its spans refer to. Raises GdtError."""
    from gdt2usd.graph.lower import lower_script
    from gdt2usd.graph.serial import loads

    if source.text.lstrip().startswith("{") and '"stations"' in source.text:
        return loads(source.text, source.name), (), ""
    lowered = lower_script(source)
    return lowered.graph, lowered.diagnostics, source.text


def _print_tables(graph: ProcessGraph) -> None:
    from gdt2usd.graph.flow import flow_order
    from gdt2usd.graph.serial import kind_of
    from gdt2usd.graph.words import describe_resource, describe_routing, describe_station

    stations = {station.id: station for station in graph.stations}
    rows = []
    for name in flow_order(graph):
        to = [link.downstream for link in sorted(graph.links, key=lambda link: link.out_port) if link.upstream == name]
        rows.append(
            (
                name,
                kind_of(stations[name]),
                describe_station(stations[name]),
                ", ".join(to),
                describe_routing(stations[name].routing),
            )
        )
    console.print_table(("station", "kind", "parameters", "to", "routing"), rows, "<<<<<")
    if graph.resources:
        console.print_text()
        called = [(r.id, kind_of(r), describe_resource(r, graph)) for r in graph.resources]
        console.print_table(("resource", "kind", "parameters"), called, "<<<")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(lower)
