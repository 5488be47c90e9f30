"""The only place that prints: diagnostics with carets, tables, progress, JSON. Nothing heavy is imported at the top.

Results go to standard output; diagnostics, progress and summaries go to standard error when `--json` is on.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import wraps
from typing import NoReturn, ParamSpec, TextIO, TypeVar

from gdt2usd.diagnostics import Diagnostic, GdtError, Place, Severity, Span, excerpt
from gdt2usd.diagnostics import diagnostic_json as diagnostic_json  # noqa: PLC0414 - commands take it from here

EXIT_BUILT = 0
EXIT_REJECTED = 1
EXIT_USAGE = 2
EXIT_STOPPED = 130

_COLOURS = {Severity.ERROR: "31", Severity.WARNING: "33", Severity.INFO: "36"}

P = ParamSpec("P")
R = TypeVar("R")


def _paint(text: str, colour: str, stream: TextIO) -> str:
    return f"\033[{colour}m{text}\033[0m" if stream.isatty() else text


def printable(text: str) -> str:
    """`text` with control characters escaped, so that hostile names cannot drive the terminal."""
    return "".join(c if c.isprintable() or c in "\n\t" else c.encode("unicode_escape").decode() for c in text)


def print_text(text: str = "") -> None:
    """A result for people, on standard output."""
    sys.stdout.write(text + "\n")


def print_json(value: object) -> None:
    """A result for programs, on standard output."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def note(text: str) -> None:
    """A remark for people, on standard error."""
    sys.stderr.write(printable(text) + "\n")


def render_diagnostic(diagnostic: Diagnostic, source: str = "", name: str = "", stream: TextIO | None = None) -> str:
    """`name:line:column: error FS201: message`, the source line with carets, the hint."""
    out = stream or sys.stderr
    where = diagnostic.where
    prefix = name
    if isinstance(where, Span):
        prefix = f"{name}:{where.line}:{where.column}"
    elif isinstance(where, Place) and where.span is not None:
        prefix = f"{name}:{where.span.line}:{where.span.column}: {where.what}" if name else f"line {where.span.line}: {where.what}"
    elif isinstance(where, Place):
        prefix = f"{name}: {where.what}" if name and name != where.what else where.what
    head = _paint(f"{diagnostic.severity} {diagnostic.code}", _COLOURS[diagnostic.severity], out)
    lines = [f"{prefix}: {head}: {diagnostic.message}" if prefix else f"{head}: {diagnostic.message}"]
    if isinstance(where, Span) and source and (shown := excerpt(source, where)):
        lines.append(shown)
    if diagnostic.hint:
        lines.append(f"  help: {diagnostic.hint}")
    return printable("\n".join(lines)) if not out.isatty() else "\n".join(lines)


def print_diagnostics(diagnostics: Iterable[Diagnostic], source: str = "", name: str = "") -> None:
    """All of them, on standard error, errors last so that they stay on the screen."""
    order = {Severity.INFO: 0, Severity.WARNING: 1, Severity.ERROR: 2}
    for diagnostic in sorted(diagnostics, key=lambda d: order[d.severity]):
        sys.stderr.write(render_diagnostic(diagnostic, source, name) + "\n")


def print_table(header: Sequence[str], rows: Iterable[Sequence[str]], align: str = "") -> None:
    """A plain table on standard output; `align` holds one of `<>` per column (default: first left, rest right)."""
    cells = [[printable(c) for c in row] for row in rows]
    sides = align or "<" + ">" * (len(header) - 1)
    widths = [max([len(h), *(len(row[i]) for row in cells)]) for i, h in enumerate(header)]
    for row in ([*header], ["-" * w for w in widths], *cells):
        line = "  ".join(f"{c:{s}{w}}" for c, s, w in zip(row, sides, widths, strict=True))
        sys.stdout.write(line.rstrip() + "\n")


def fail(problem: GdtError, *, as_json: bool = False) -> NoReturn:
    """Report the diagnostics and leave with exit code 1."""
    if as_json:
        print_json({"diagnostics": [diagnostic_json(d) for d in problem.diagnostics]})
    else:
        print_diagnostics(problem.diagnostics, problem.source, problem.name)
    raise SystemExit(EXIT_REJECTED)


def usage_error(message: str) -> NoReturn:
    """Wrong usage: the message on standard error, exit code 2."""
    sys.stderr.write(f"gdt2usd: {printable(message)}\n")
    raise SystemExit(EXIT_USAGE)


def reports_errors(command: Callable[P, R]) -> Callable[P, R]:
    """A command whose `GdtError`s are shown as diagnostics (as JSON if it was called with `as_json=True`), never as tracebacks."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except GdtError as problem:
            fail(problem, as_json=bool(kwargs.get("as_json")))
        except KeyboardInterrupt:
            note("stopped")
            raise SystemExit(EXIT_STOPPED) from None
        except BrokenPipeError:
            sys.stderr.close()
            raise SystemExit(EXIT_BUILT) from None
        except OSError as problem:
            where = f" {problem.filename}" if problem.filename else ""
            usage_error(f"cannot read or write{where}: {problem.strerror or problem}")

    return run


@contextmanager
def progress(title: str, total: int | None, *, quiet: bool = False) -> Iterator[Callable[[int], None]]:
    """A progress bar on standard error when that is a terminal; yields `advance(n)`."""
    if quiet or not sys.stderr.isatty():
        yield lambda _n: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=total)
        yield lambda n: bar.update(task, advance=n)
