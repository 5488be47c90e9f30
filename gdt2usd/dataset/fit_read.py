"""Reads measured times out of a table as people keep them: units, decimal commas, missing entries, remarks, clock times.

Not covered: spreadsheets (`.xlsx`), fitting (`fit`).
"""

from __future__ import annotations

import csv
import math
import re
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path

from gdt2usd.diagnostics import Diagnostic, GdtError, Place, error, info, warning

LARGEST_BYTES = 200_000_000
_MISSING = frozenset(
    {
        "",
        "-",
        "--",
        "—",
        "n/a",
        "na",
        "nan",
        "null",
        "none",
        "#n/a",
        "?",
        "missing",
        "fehlt",
        "k.a.",
        "nil",
        ".",
        "x",
        "#value!",
        "inf",
    }
)
UNITS = {
    "ms": 1e-3, "msec": 1e-3, "s": 1.0, "sec": 1.0, "secs": 1.0, "second": 1.0, "seconds": 1.0, "sek": 1.0, "''": 1.0, '"': 1.0,
    "min": 60.0, "mins": 60.0, "minute": 60.0, "minutes": 60.0, "minuten": 60.0, "m": 60.0, "'": 60.0, "h": 3600.0, "hr": 3600.0,
    "hrs": 3600.0, "hour": 3600.0, "hours": 3600.0, "std": 3600.0, "stunden": 3600.0, "d": 86400.0, "day": 86400.0, "days": 86400.0,
}  # fmt: skip
_NUMBER = r"[-+−]?(?:\d{1,3}(?:[ '\u00a0\u202f]\d{3})+|\d+(?:\.\d{3})*,\d+|\d+(?:,\d{3})*\.\d*|\d+|\.\d+)(?:[eE][-+]?\d+)?"
_QUANTITY = re.compile(rf"[~≈=]?\s*({_NUMBER})\s*([A-Za-z'\"]+\.?)?")
_PARTS = re.compile(r"(\d+(?:[.,]\d+)?)\s*(hrs?|h|std|min|m|''|'|sec|sek|s|\")\s*", re.IGNORECASE)
_CLOCK = re.compile(r"(?:(\d+):)?(\d{1,3}):(\d{2}(?:[.,]\d+)?)\s*([AaPp])?\.?[Mm]?\.?")
_STAMPS = (
    "%Y-%m-%dT%H:%M:%S.%f", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M",
    "%Y/%m/%d %H:%M:%S",
    "%d.%m.%Y %H:%M:%S.%f", "%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%d.%m.%y %H:%M:%S", "%d.%m.%y %H:%M", "%m/%d/%Y %I:%M:%S %p",
    "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M", "%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%d-%m-%Y %H:%M:%S", "%Y%m%d %H%M%S",
    "%Y%m%dT%H%M%S",
)  # fmt: skip
_HEAD_UNIT = re.compile(
    r"[\[(_/ ]\s*(?:in\s+)?(ms|msec|s|sec|seconds?|sek|min|mins|minutes?|minuten|h|hrs?|hours?|std|d|days?)\s*[\])]?\s*$",
    re.IGNORECASE,
)
_TIME_WORDS = re.compile(
    r"time|dauer|zeit|dur|cycle|takt|process|service|elapsed|tiempo|temps|interarrival|\bct\b|[\[(_ ](s|sec|min|ms|h)[\])]?$",
    re.IGNORECASE,
)
_START = re.compile(r"start|begin|from|\bin\b|arriv|von", re.IGNORECASE)
_END = re.compile(r"end|stop|finish|\bto\b|\bout\b|depart|bis|complet", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Times:
    """`values_s` read from `column`; `how` says how they were understood; `left_out` entries that are no times."""

    values_s: tuple[float, ...]
    column: str
    how: str
    left_out: tuple[str, ...]
    diagnostics: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True)
class _Column:
    name: str
    cells: tuple[str, ...]


# ---- one cell ----


def parse_number(text: str) -> float | None:
    """A number with decimal point or comma and thousands separators; None if it is none."""
    cleaned = text.strip().replace("−", "-").translate({0xA0: None, 0x202F: None, 0x27: None, 0x20: None})
    if "," in cleaned and "." in cleaned:
        cleaned = (
            cleaned.replace(".", "").replace(",", ".") if cleaned.rfind(",") > cleaned.rfind(".") else cleaned.replace(",", "")
        )
    elif cleaned.count(",") > 1:
        cleaned = cleaned.replace(",", "")
    else:
        cleaned = cleaned.replace(",", ".")
    if cleaned.count(".") > 1:
        cleaned = cleaned.replace(".", "")
    try:
        value = float(cleaned)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def parse_time_s(text: str, unit_s: float = 1.0) -> float | None:
    """Seconds in `12,4`, `12.4 s`, `2 min`, `1:23`, `0:01:23.5`, `2m30s`, `1 h 5 min`; None if it is no time."""
    text = text.strip()
    text = text[1:-1].strip() if len(text) > 1 and text[0] == text[-1] == '"' else text
    whole = _QUANTITY.fullmatch(text)
    if whole:
        value = parse_number(whole[1])
        unit = (whole[2] or "").lower().rstrip(".")
        if value is None or (unit and unit not in UNITS):
            return None
        return value * (UNITS[unit] if unit else unit_s)
    clock = _CLOCK.fullmatch(text)
    if clock:
        hours, minutes, seconds = int(clock[1] or 0), int(clock[2]), float(clock[3].replace(",", "."))
        if clock[4]:
            hours = hours % 12 + (12 if clock[4].lower() == "p" else 0)
        return hours * 3600.0 + minutes * 60.0 + seconds
    parts = _PARTS.findall(text)
    if parts and not _PARTS.sub("", text).strip():
        return sum(float(number.replace(",", ".")) * UNITS[unit.lower()] for number, unit in parts)
    return None


def parse_stamp(text: str) -> float | None:
    """Seconds since 1970 (no zone) of a date with a time; None if it is none."""
    cleaned = re.sub(r"(Z|[+-]\d{2}:?\d{2})$", "", text.strip().strip('"'))
    if len(cleaned) < 11 or not cleaned[:1].isdigit():
        return None
    cleaned = re.sub(r"(\d{2}:\d{2}:\d{2}),(\d+)$", r"\1.\2", cleaned)
    cleaned = re.sub(r"(\.\d{6})\d+$", r"\1", cleaned)
    for form in _STAMPS:
        try:
            return (datetime.strptime(cleaned, form) - datetime(1970, 1, 1)).total_seconds()
        except ValueError:
            continue
    return None


# ---- the table ----


def _problem(code: str, message: str, where: str, hint: str) -> GdtError:
    return GdtError([error(code, message, Place(where), hint)])


def decode(data: bytes, name: str) -> str:
    """The text of a file: UTF-8, UTF-16 with a mark, or Windows-1252.

    Raises:
        GdtError: DS201 the bytes are no text.
    """
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"\x1f\x8b", b"%PDF", b"PAR1")):
        raise _problem("DS201", f"{name} is a spreadsheet, archive or document, no text table", name, "save the sheet as CSV first")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    if b"\0" in data[:4096]:
        raise _problem("DS201", f"{name} is no text file", name, "give a CSV file")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _delimiter(lines: list[str]) -> str | None:
    """What separates cells: the candidate that cuts most lines into the same number (> 1) of cells; None: one column."""
    sample = lines[:200]
    if (
        all(re.fullmatch(rf"\s*\"?{_NUMBER}\"?\s*\w{{0,3}}\s*", line) for line in sample[1:])
        and sum("," in line for line in sample) > 0
    ):
        return None
    best, best_share = None, 0.5
    for candidate in (";", "\t", "|", ","):
        counts = [line.count(candidate) for line in sample]
        common = max(set(counts), key=counts.count)
        share = counts.count(common) / len(counts) if common else 0.0
        if share > best_share:
            best, best_share = candidate, share
    return best


def _columns(text: str, name: str) -> list[_Column]:
    """The table's columns; without a header they are called `column 1` and so on."""
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith(("#", "//"))]
    if not lines:
        raise _problem("DS203", f"{name} is empty", name, "give a file with at least ten times")
    mark = re.fullmatch(r"sep=(.)", lines[0].strip(), re.IGNORECASE)
    lines = lines[1:] if mark else lines
    delimiter = mark[1] if mark else _delimiter(lines)
    try:
        rows = [[line] for line in lines] if delimiter is None else list(csv.reader(lines, delimiter=delimiter))
    except csv.Error as problem:
        raise _problem("DS201", f"{name} is no table: {problem}", name, "save it as CSV") from None
    rows = [[cell.strip() for cell in row] for row in rows]
    widths = [len(row) for row in rows]
    width = max(set(widths), key=lambda w: (widths.count(w), w))
    while len(rows) > 1 and len(rows[0]) < width:
        rows.pop(0)
    header = rows[0] if not any(parse_time_s(cell) is not None or parse_stamp(cell) is not None for cell in rows[0]) else None
    body = rows[1:] if header else rows
    names = [(header[i] if header and i < len(header) and header[i] else f"column {i + 1}") for i in range(width)]
    return [_Column(names[i], tuple(row[i] if i < len(row) else "" for row in body)) for i in range(width)]


def _share(cells: tuple[str, ...], stamps: bool) -> float:
    """How many of the non-missing cells are times (or time stamps)."""
    said = [cell for cell in cells[:2000] if cell.lower() not in _MISSING]
    if len(said) < 3:
        return 0.0
    return sum((parse_stamp(cell) if stamps else parse_time_s(cell)) is not None for cell in said) / len(said)


def _is_count(column: _Column) -> bool:
    """Whether the column only numbers its rows."""
    found = [parse_time_s(cell) for cell in column.cells]
    values = [value for value in found if value is not None]
    steps = {b - a for a, b in pairwise(values)}
    return len(values) > 2 and steps == {1.0}


def _chosen(columns: list[_Column], wanted: str | None, name: str) -> _Column | tuple[_Column, _Column]:
    """The column to read, or start and end columns."""
    if wanted is not None:
        for index, column in enumerate(columns, 1):
            if column.name.strip().lower() == wanted.strip().lower() or wanted == str(index):
                return column
        listed = ", ".join(f"{index} {column.name!r}" for index, column in enumerate(columns, 1))
        raise _problem("DS202", f"{name} has no column {wanted!r}", name, f"columns are {listed}")
    stamps = [column for column in columns if _share(column.cells, True) > 0.6]
    starts = [column for column in stamps if _START.search(column.name)]
    ends = [column for column in stamps if _END.search(column.name) and column not in starts]
    times = [column for column in columns if column not in stamps and _share(column.cells, False) > 0.4]
    times = [column for column in times if not _is_count(column)] or times
    hinted = [column for column in times if _TIME_WORDS.search(column.name)]
    if len(hinted) == 1 or len(times) == 1:
        return (hinted or times)[0]
    if len(starts) == 1 and len(ends) == 1 and not hinted:
        return starts[0], ends[0]
    if len(stamps) == 1 and not times:
        return stamps[0]
    listed = ", ".join(repr(column.name) for column in (hinted or times or stamps))
    if listed:
        raise _problem("DS203", f"several columns of {name} could be the times: {listed}", name, "choose one with --column")
    raise _problem("DS203", f"no column of {name} holds times", name, "give a file with one time a row, with or without a header")


def read_times(path: Path, column: str | None = None, unit: str | None = None) -> Times:
    """The times in a text table, in seconds.

    `column` is a name or a number from 1 (None: the one that looks like times); `unit` that of bare numbers (None: as the header
    says, else seconds). Dates with times become differences between rows, or between a start and an end column.

    Raises:
        GdtError: DS201 no text table, DS202 no such column, DS203 no column of times.
        OSError: the file cannot be read.
    """
    if path.stat().st_size > LARGEST_BYTES:
        raise _problem("DS201", f"{path.name} has more than {LARGEST_BYTES // 1_000_000} MB", path.name, "give a part of it")
    if unit is not None and unit.lower() not in UNITS:
        raise _problem("DS203", f"{unit!r} is no unit of time", path.name, "s, ms, min, h or d")
    chosen = _chosen(_columns(decode(path.read_bytes(), path.name), path.name), column, path.name)
    if isinstance(chosen, tuple):
        return _between(*chosen)
    if _share(chosen.cells, True) > 0.6:
        return _differences(chosen, [parse_stamp(cell) for cell in chosen.cells], "differences of consecutive time stamps")
    head = _HEAD_UNIT.search(chosen.name)
    unit_s = UNITS[(unit or (head[1] if head else "s")).lower()]
    values = [parse_time_s(cell, unit_s) for cell in chosen.cells]
    if _clock_column(chosen, values):
        return _differences(chosen, values, "differences of consecutive clock times")
    if _epoch_column(values):
        return _differences(chosen, values, "differences of consecutive epoch times")
    return _finished(chosen.name, values, chosen.cells, f"times, bare numbers in units of {unit_s:g} s")


def _clock_column(column: _Column, values: list[float | None]) -> bool:
    """Clock times run upwards through the day; durations like 1:23 go up and down."""
    known = [value for value in values if value is not None]
    clocks = sum(bool(_CLOCK.fullmatch(cell.strip())) for cell in column.cells) > 0.9 * len(known)
    falls = sum(b < a for a, b in pairwise(known))
    return clocks and len(known) > 4 and falls <= len(known) // 200 + (1 if known[-1] < known[0] else 0)


def _epoch_column(values: list[float | None]) -> bool:
    known = [value for value in values if value is not None]
    return len(known) > 4 and min(known) > 1e8 and all(b >= a for a, b in pairwise(known))


def _differences(column: _Column, stamps: list[float | None], how: str) -> Times:
    """Times between rows in time order; a fall of clock times is midnight."""
    known = [value for value in stamps if value is not None]
    if known and max(known) <= 86400:
        gaps = [b - a if b >= a else b - a + 86400 for a, b in pairwise(known)]
    else:
        gaps = [b - a for a, b in pairwise(sorted(known))]
    left_out = tuple(
        cell for cell, value in zip(column.cells, stamps, strict=True) if value is None and cell.lower() not in _MISSING
    )
    return Times(tuple(gaps), column.name, how, left_out, _remarks(left_out, 0, column.name, how))


def _between(start: _Column, end: _Column) -> Times:
    """Row by row from a start to an end column."""
    values = []
    for a, b in zip(start.cells, end.cells, strict=True):
        first, last = parse_stamp(a), parse_stamp(b)
        values.append(last - first if first is not None and last is not None else None)
    name = f"{start.name} to {end.name}"
    return _finished(
        name, values, tuple(f"{a} / {b}" for a, b in zip(start.cells, end.cells, strict=True)), "time from start to end of each row"
    )


def _finished(name: str, values: list[float | None], cells: tuple[str, ...], how: str) -> Times:
    known = [value for value in values if value is not None]
    left_out = tuple(cell for cell, value in zip(cells, values, strict=True) if value is None and cell.lower() not in _MISSING)
    negative = sum(value < 0 for value in known)
    return Times(tuple(value for value in known if value >= 0), name, how, left_out, _remarks(left_out, negative, name, how))


def _remarks(left_out: tuple[str, ...], negative: int, name: str, how: str) -> tuple[Diagnostic, ...]:
    remarks = [info("DS210", f"column {name!r}: {how}")]
    if left_out:
        shown = ", ".join(repr(cell[:24]) for cell in left_out[:4])
        remarks.append(warning("DS205", f"{len(left_out)} entries of {name!r} are no times: {shown}", None, "they were left out"))
    if negative:
        remarks.append(warning("DS206", f"{negative} negative times in {name!r}", None, "they were left out"))
    return tuple(remarks)
