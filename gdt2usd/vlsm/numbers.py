"""Finds the numbers of a text, with their units, so that the network can point at them instead of spelling them.

Digits inside words (`M2`, `CNC-3`) are no numbers. Number words (`two`, `half an hour`) are. Not covered: what a number means.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

TIME_UNITS = {"ms": 1e-3, "s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}  # seconds per unit

_UNIT_WORDS = {
    "ms": "ms", "msec": "ms", "milliseconds": "ms",
    "s": "s", "sec": "s", "secs": "s", "second": "s", "seconds": "s", "seg": "s", "sek": "s",
    "m": "m", "metre": "m", "metres": "m", "meter": "m", "meters": "m", "mtr": "m",
    "min": "min", "mins": "min", "minute": "min", "minutes": "min", "mn": "min",
    "h": "h", "hr": "h", "hrs": "h", "hour": "h", "hours": "h", "std": "h",
    "d": "d", "day": "d", "days": "d",
    "m/s": "m/s", "mps": "m/s", "m/sec": "m/s", "%": "%", "percent": "%", "pct": "%", "per cent": "%",
}  # fmt: skip
_SPEEDS = (
    (r"(?:m|metres?|meters?) ?(?:/|per|a) ?(?:s|sec|second)", 1.0),
    (r"(?:m|metres?|meters?) ?(?:/|per|a) ?(?:min|minute)|mpm", 1 / 60),
    (r"cm ?(?:/|per) ?(?:s|sec|second)", 0.01),
    (r"mm ?(?:/|per) ?(?:s|sec|second)", 0.001),
    (r"km ?(?:/|per) ?(?:h|hour)|kmh|kph", 1 / 3.6),
)
"""Units of speed and how many m/s they are."""
_WORDS = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18,
    "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
    "single": 1, "couple": 2, "pair": 2, "both": 2, "twin": 2, "dozen": 12,
}  # fmt: skip
_PHRASES = (
    (re.compile(r"\b(?:an?|one) hour and a half\b", re.I), 1.5, "h"),
    (re.compile(r"\b(?:an?|one) hour and a quarter\b", re.I), 1.25, "h"),
    (re.compile(r"\b(?:a|one) minute and a half\b", re.I), 1.5, "min"),
    (re.compile(r"\b(?:a|one) day and a half\b", re.I), 1.5, "d"),
    (re.compile(r"\bhalf a second\b", re.I), 0.5, "s"),
    (re.compile(r"\bhalf a met(?:re|er) (?:per|a|each) second\b", re.I), 0.5, "m/s"),
    (re.compile(r"\b(?:a|one) met(?:re|er) (?:per|a|each) second\b", re.I), 1.0, "m/s"),
    (re.compile(r"\bhalf an? hour\b", re.I), 0.5, "h"),
    (re.compile(r"\bhalf a minute\b", re.I), 0.5, "min"),
    (re.compile(r"\bhalf a day\b", re.I), 0.5, "d"),
    (re.compile(r"\ba quarter of an hour\b|\ba quarter hour\b|\bquarter of an hour\b", re.I), 0.25, "h"),
    (re.compile(r"\bthree quarters of an hour\b", re.I), 0.75, "h"),
    (re.compile(r"\b(?:an|one) hour\b", re.I), 1.0, "h"),
    (re.compile(r"(?<!metres )(?<!meters )(?<!\dm )(?<!\d m )\b(?:a|one) minute\b", re.I), 1.0, "min"),
    (re.compile(r"\b(?:a|one) day\b", re.I), 1.0, "d"),
)
_SPEED = "|".join(pattern for pattern, _ in _SPEEDS)
_UNIT = (
    r"milliseconds|msec|ms|m/sec|m/s|mps"
    r"|seconds|second|secs|sec|sek|seg|s|minutes|minute|mins|min|mn"
    r"|hours|hour|hrs|hr|h|days|day|d|per cent|percent|pct|%|metres|meters|metre|meter|mtr|m"
)
_UNIT = rf"{_SPEED}|{_UNIT}"
_DIGITS = re.compile(
    rf"(?<!\u00a7)(?<!\u00a7 )(?<![A-WYZa-wyz_\d])(?<![A-Za-z\d][xX])(?<!\d\.)(?<![A-Za-z]-)"
    rf"(?P<number>\d{{1,3}}(?:,\d{{3}})+(?=\s?(?:{_UNIT})\b)|\d+,\d{{1,2}}(?=\s?(?:s|sec|min|h|m)\b)|\d+(?:\.\d+)?|(?<!\.)\.\d+)"
    rf"(?:(?P<gap>[ \u00a0]?)(?P<unit>{_UNIT})(?![A-Za-z\d]))?",
    re.I,
)
_UNIT_BEHIND = re.compile(rf"\)\s?(?P<unit>{_UNIT})(?![A-Za-z\d])", re.I)
"""The unit of the last number in brackets: `triangular(20, 25, 40) s`."""
_TENS = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
_WORD = re.compile(
    rf"\b(?:(?P<tens>{_TENS})[- ](?P<ones>one|two|three|four|five|six|seven|eight|nine)"
    rf"|(?P<word>{'|'.join(sorted(_WORDS, key=len, reverse=True))}))\b(?:[ -](?P<unit>{_UNIT})(?![A-Za-z\d]))?",
    re.I,
)
_AND_A_HALF = re.compile(
    rf"\b(?P<word>one|two|three|four|five|six|seven|eight|nine|ten|twelve) and a half[ -](?P<unit>{_UNIT})(?![A-Za-z\d])", re.I
)
_CLOCK = re.compile(
    r"\[\s?\d{1,2}[:.]\d{2}(?:[:.]\d{2})?\s?(?:am|pm|h)?\s?\]|(?<![\d.:])[0-2]?\d:[0-5]\d(?::[0-5]\d)?(?![\d:]|\s?(?:min|h|s)\b)",
    re.I,
)
"""A time of day, which is no number of the model."""
_PEOPLE = r"shifts?|operators?|workers?|people|persons?|men|staff|technicians?"
_HOURS = r"(?:hours|hour|hrs|hr|h)\b"
_RATE = re.compile(
    rf"(?<![\w.,:/])(?<! of )(?P<items>\d{{1,5}})(?: (?!(?:{_UNIT}|{_PEOPLE})\b)[A-Za-z][a-z]+){{0,3}}"
    rf"(?: ?(?:per|every|a|each|in an?)[ -](?:(?:shift|day)(?:,? of|,? \(| =)? ?(?P<hours>\d{{1,2}}) ?-?{_HOURS}\)?"
    rf"|(?P<period>\d{{1,3}})[ -]?(?P<unit>hours|hour|hrs|hr|h|minutes|minute|mins|min)\b(?: (?:shift|day))?)"
    rf"| in (?P<in>24) ?{_HOURS}|(?<=[a-z]) ?/ ?(?P<slash>\d{{1,2}}) ?{_HOURS})",
)
"""So many items in a stretch of time: `480 bottles per 8-hour shift`, `12 every 30 min`, `900 per day (24 h)`."""


@dataclass(frozen=True, slots=True)
class Number:
    """`text[start:end]` says `value`, in `unit` if one stands beside it ("s", "min", "h", "d", "ms", "m", "m/s", "%").

    So many items in a stretch of time (`480 bottles per 8-hour shift`) are one number: the seconds from one item to the next.
    """

    start: int
    end: int
    value: float
    unit: str | None
    text: str


_COMMA_UNIT = re.compile(rf"(?:\d,\d{{1,2}}|(?<!\d)0,\d{{3}})\s?(?:{_UNIT})(?![A-Za-z\d])", re.I)
_POINT = re.compile(r"\d\.\d")
_COMMA = re.compile(r"(?<=\d),(?=\d{1,3}(?!\d))")


def writes_decimal_commas(text: str) -> bool:
    """Whether the writer means 3.5 by `3,5`: a unit follows such a number somewhere, and no number has a point."""
    return _COMMA_UNIT.search(text) is not None and _POINT.search(text) is None


def _unit_of(written: str | None) -> tuple[str | None, float]:
    """The unit that a word means, and how many of it one of the written one is."""
    if not written:
        return None, 1.0
    for pattern, metres_a_second in _SPEEDS:
        if re.fullmatch(pattern, written, re.I):
            return "m/s", metres_a_second
    return _UNIT_WORDS.get(written.lower()), 1.0


def _value(digits: str) -> float:
    if re.fullmatch(r"\d{1,3}(?:,\d{3})+", digits):
        return float(digits.replace(",", ""))
    return float(digits.replace(",", "."))


def _inside_brackets(text: str, position: int) -> bool:
    return text.rfind("(", max(0, position - 40), position) > text.rfind(")", max(0, position - 40), position)


def _gaps(text: str) -> list[tuple[int, int, float]]:
    """(start, end, seconds between items) wherever items are counted over a stretch of time."""
    found = []
    for match in _RATE.finditer(text):
        items = int(match["items"])
        unit = _UNIT_WORDS[(match["unit"] or "h").lower()]
        period_s = int(match["period"] or match["hours"] or match["in"] or match["slash"]) * TIME_UNITS[unit]
        if items > 1 and period_s:
            found.append((match.start(), match.end(), period_s / items))
    return found


def find_numbers(text: str, *, outside: tuple[tuple[int, int], ...] = ()) -> tuple[Number, ...]:
    """The numbers of `text` in order, none overlapping another or a stretch of `outside` (names with digits in them)."""
    if writes_decimal_commas(text):
        text = _COMMA.sub(".", text)
    taken: list[tuple[int, int]] = list(outside)
    found: list[Number] = []

    def free(start: int, end: int) -> bool:
        return all(end <= a or start >= b for a, b in taken)

    def add(start: int, end: int, value: float, unit: str | None) -> None:
        if free(start, end):
            taken.append((start, end))
            found.append(Number(start, end, value, unit, text[start:end]))

    taken += [match.span() for match in _CLOCK.finditer(text)]
    for start, end, gap_s in _gaps(text):
        add(start, end, gap_s, "s")
    for pattern, value, unit in _PHRASES:
        for match in pattern.finditer(text):
            add(match.start(), match.end(), value, unit)
    for match in _AND_A_HALF.finditer(text):
        unit_word, factor = _unit_of(match["unit"])
        add(match.start(), match.end(), (_WORDS[match["word"].lower()] + 0.5) * factor, unit_word)
    for match in _DIGITS.finditer(text):
        digits, start = match["number"], match.start()
        unit_word, factor = _unit_of(match["unit"])
        if "," in digits and _inside_brackets(text, start):
            for part in re.finditer(r"\d+", digits):
                last = start + part.end() == match.end("number")
                add(start + part.start(), match.end() if last else start + part.end(), float(part[0]), unit_word if last else None)
        else:
            behind = _UNIT_BEHIND.match(text, match.end()) if unit_word is None and _inside_brackets(text, start) else None
            unit_word, factor = _unit_of(behind["unit"]) if behind is not None else (unit_word, factor)
            add(start, match.end(), _value(digits) * factor, unit_word)
    for match in _WORD.finditer(text):
        unit_word, factor = _unit_of(match["unit"])
        parts = [match["word"]] if match["word"] else [match["tens"], match["ones"]]
        add(match.start(), match.end(), sum(_WORDS[part.lower()] for part in parts) * factor, unit_word)
    return tuple(sorted(found, key=lambda n: n.start))
