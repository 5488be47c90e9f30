"""What is wrong, where, and what to do: the one form in which every part of the package reports.

Diagnostics are data; `cli.console` turns them into text. Every code is explained in the
`codes.toml` of the package folder that reports it (`gdt2usd explain CODE`).
Not covered: printing, exit codes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How bad it is: an error stops the flow, a warning does not, an info explains."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of text: `start` and `end` are character offsets (end exclusive), lines and columns start at 1."""

    start: int
    end: int
    line: int
    column: int
    end_line: int
    end_column: int

    def to(self, other: Span) -> Span:
        """The span from the beginning of this one to the end of `other`."""
        return Span(self.start, other.end, self.line, self.column, other.end_line, other.end_column)


def span_of(text: str, start: int, end: int) -> Span:
    """The span of `text[start:end]`, with its lines and columns counted."""

    def position(offset: int) -> tuple[int, int]:
        before = text[:offset]
        return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1

    line, column = position(start)
    end_line, end_column = position(end)
    return Span(start, end, line, column, end_line, end_column)


@dataclass(frozen=True, slots=True)
class Box:
    """An axis-aligned rectangle in a picture, in pixels, origin top left: x0 <= x1, y0 <= y1."""

    x0: float
    y0: float
    x1: float
    y1: float


@dataclass(frozen=True, slots=True)
class Place:
    """Where a diagnostic points when it is not text: a file, an object of the model, a box in the sketch.

    `span` is the text that made the object, where that is known.
    """

    what: str
    box: Box | None = None
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding. `code` is stable (`FS201`), `message` says what and got, `hint` says what next."""

    code: str
    severity: Severity
    message: str
    where: Span | Place | None = None
    hint: str = ""


class GdtError(Exception):
    """Raised when a step cannot give its result; carries every diagnostic found, errors and others.

    `source` is the text that spans refer to (for the caret), `name` the file it came from.
    """

    def __init__(self, diagnostics: Iterable[Diagnostic], *, source: str = "", name: str = "") -> None:
        self.diagnostics: tuple[Diagnostic, ...] = tuple(diagnostics)
        self.source = source
        self.name = name
        super().__init__("; ".join(f"{d.code}: {d.message}" for d in self.diagnostics))


def diagnostic_json(diagnostic: Diagnostic, file: str | None = None) -> dict[str, object]:
    """The form of the contract, in reports and on standard output.

    `where` is the object it is about, or `file` where it points into the text of that file; `line` and `column` are those of the
    text, of the object's origin in it where it is about an object; all null where there is nothing to point at.
    """
    where = diagnostic.where
    span = where.span if isinstance(where, Place) else where
    return {
        "code": diagnostic.code,
        "severity": str(diagnostic.severity),
        "message": diagnostic.message,
        "where": where.what if isinstance(where, Place) else file if where is not None else None,
        "line": None if span is None else span.line,
        "column": None if span is None else span.column,
        "hint": diagnostic.hint,
    }


def error(code: str, message: str, where: Span | Place | None = None, hint: str = "") -> Diagnostic:
    """A diagnostic of severity error."""
    return Diagnostic(code, Severity.ERROR, message, where, hint)


def warning(code: str, message: str, where: Span | Place | None = None, hint: str = "") -> Diagnostic:
    """A diagnostic of severity warning."""
    return Diagnostic(code, Severity.WARNING, message, where, hint)


def info(code: str, message: str, where: Span | Place | None = None, hint: str = "") -> Diagnostic:
    """A diagnostic of severity info."""
    return Diagnostic(code, Severity.INFO, message, where, hint)


def errors(diagnostics: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    """Those of severity error."""
    return (d for d in diagnostics if d.severity is Severity.ERROR)


def excerpt(source: str, span: Span) -> str:
    """The source line of `span` with a caret line under it, both prefixed by a line-number gutter."""
    lines = re.split(r"\r\n|\n|\r", source)
    if not 1 <= span.line <= len(lines):
        return ""
    text = lines[span.line - 1].replace("\t", " ")
    last = span.end_column if span.end_line == span.line else len(text) + 1
    first = max(1, min(span.column, len(text) + 1))
    width = 120
    offset = max(0, first - width // 2) if len(text) > width else 0
    shown = text[offset : offset + width]
    carets = "^" * max(1, min(last, offset + width + 1) - first)
    gutter = f"{span.line:>5} | "
    return f"{gutter}{shown}\n{' ' * (len(gutter) - 2)}| {' ' * (first - 1 - offset)}{carets}"
