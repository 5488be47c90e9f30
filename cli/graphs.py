"""Reads the process graph that a command works on: a FlexScript, a 3-graph.json, or either from standard input."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import console

if TYPE_CHECKING:
    from gdt2usd.graph.model import ProcessGraph


def read_factory(file: str) -> ProcessGraph:
    """`read_process_graph` for a simulation: what is wrong with the graph is told on standard error.

    Raises:
        GdtError: nothing can happen in it: no source, or names that lead nowhere.
        OSError: it cannot be read.
    """
    from gdt2usd.diagnostics import GdtError, errors
    from gdt2usd.graph.validate import NAMING, validate

    graph = read_process_graph(file)
    found = validate(graph)
    names_wrong = any(errors(d for rule in NAMING for d in rule(graph)))
    if names_wrong or any(d.code == "GR202" for d in found):
        raise GdtError(errors(found))
    console.print_diagnostics([*errors(found)])
    return graph


def read_process_graph(file: str) -> ProcessGraph:
    """The graph in `file`: JSON if it looks like an object, else FlexScript; "-" is standard input.

    What of a script has no counterpart in the graph is told on standard error: results would be those of another factory.

    Raises:
        GdtError: the file cannot become a graph.
        OSError: it cannot be read.
    """
    from .scripts import read_script

    script = read_script(file)
    if script.text.lstrip().startswith("{") and '"stations"' in script.text:
        from gdt2usd.graph.serial import loads

        return loads(script.text, script.name)
    from gdt2usd.diagnostics import Severity
    from gdt2usd.graph.lower import lower_script

    lowered = lower_script(script)
    departures = [d for d in lowered.diagnostics if d.severity is Severity.WARNING and d.code.startswith("GR1")]
    console.print_diagnostics(departures, script.text, script.name)
    return lowered.graph
