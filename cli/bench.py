"""`gdt2usd bench`: speed ratios against a reference in the same run. Other parts of the package add theirs to `BENCHES`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from . import console

if TYPE_CHECKING:
    from gdt2usd.simulation.bench import Measurement


def _engine() -> Iterator[Measurement]:
    from gdt2usd.simulation.bench import engine_against_plain_simpy

    yield engine_against_plain_simpy(3, 30_000)
    yield engine_against_plain_simpy(20, 4_000)


def _flatness() -> Iterator[Measurement]:
    from gdt2usd.simulation.bench import flatness

    yield flatness()


def _maxplus() -> Iterator[Measurement]:
    from gdt2usd.simulation.bench import recursion_against_plain_simpy

    yield recursion_against_plain_simpy(3, 10_000)
    yield recursion_against_plain_simpy(20, 4_000)


def _stage() -> Iterator[Measurement]:
    from gdt2usd.stage.author_bench import stage_measurements

    yield from stage_measurements()


# name -> measurements, made when asked for
BENCHES: dict[str, Callable[[], Iterator[Measurement]]] = {
    "engine": _engine,
    "flatness": _flatness,
    "maxplus": _maxplus,
    "stage": _stage,
}


@console.reports_errors
def bench(
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", help="Which ones (default: all).")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the ratios as JSON.")] = False,
) -> None:
    """Measure speed as ratios against a reference on the same work; exit code 1 if a target is missed."""
    unknown = sorted(set(names or ()) - set(BENCHES))
    if unknown:
        console.usage_error(f"no benchmark {', '.join(unknown)}; there are {', '.join(BENCHES)}")
    chosen = names or list(BENCHES)
    found: list[Measurement] = []
    with console.progress("measuring", len(chosen), quiet=as_json) as advance:
        for name in chosen:
            found.extend(BENCHES[name]())
            advance(1)
    if as_json:
        rows = [{"name": m.name, "ratio": m.ratio, "target": m.target, "met": m.met, "detail": m.detail} for m in found]
        console.print_json({"measurements": rows})
    else:
        header = ("benchmark", "ratio", "target", "", "figures")
        rows_of_text = [(m.name, f"{m.ratio:.3g}", f"{m.target:.3g}", "met" if m.met else "missed", m.detail) for m in found]
        console.print_table(header, rows_of_text, "<>><<")
    if not all(m.met for m in found):
        raise typer.Exit(console.EXIT_REJECTED)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(bench)
