"""How a writer writes numbers: units, spacing, number words, and which form is exact.

A habit is drawn once per prompt (unit words, spacing, whether minutes are used, bare seconds). Every number that is printed
reads back as the graph's value within 1e-9. Not covered: which number is said where.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

FACTOR = {"s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
UNIT_WORDS: dict[str, dict[str, tuple[str, str]]] = {
    "short": {"s": ("s", "s"), "min": ("min", "min"), "h": ("h", "h"), "d": ("d", "d")},
    "sec": {"s": ("sec", "sec"), "min": ("min", "min"), "h": ("hr", "hrs"), "d": ("day", "days")},
    "secs": {"s": ("sec", "secs"), "min": ("min", "mins"), "h": ("hr", "hrs"), "d": ("day", "days")},
    "long": {"s": ("second", "seconds"), "min": ("minute", "minutes"), "h": ("hour", "hours"), "d": ("day", "days")},
    "sec_dot": {"s": ("sec.", "sec."), "min": ("min.", "min."), "h": ("h", "h"), "d": ("d", "d")},
    "mixed": {"s": ("s", "s"), "min": ("minute", "minutes"), "h": ("hour", "hours"), "d": ("day", "days")},
}
WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
TENS = {
    13: "thirteen", 14: "fourteen", 15: "fifteen", 16: "sixteen", 18: "eighteen", 20: "twenty", 25: "twenty-five", 30: "thirty",
    35: "thirty-five", 40: "forty", 45: "forty-five", 50: "fifty", 60: "sixty", 70: "seventy", 75: "seventy-five", 80: "eighty",
    90: "ninety",
}  # fmt: skip
IDIOMS = {
    30.0: ("half a minute",),
    60.0: ("a minute", "one minute"),
    900.0: ("a quarter of an hour", "fifteen minutes"),
    1800.0: ("half an hour", "thirty minutes"),
    2700.0: ("three quarters of an hour", "45 minutes"),
    3600.0: ("an hour", "one hour"),
    5400.0: ("an hour and a half",),
    7200.0: ("two hours", "a couple of hours"),
    28800.0: ("a full shift of 8 hours", "eight hours"),
    43200.0: ("half a day",),
    86400.0: ("a day", "one day"),
}


def exact(value: float) -> str:
    """The shortest plain decimal that reads back as `value` within 1e-9 of it."""
    text = f"{value:.10g}"
    if "e" in text:
        text = f"{value:.12f}".rstrip("0").rstrip(".")
    if abs(float(text) - value) > 1e-9 * max(abs(value), 1e-12):
        return repr(value)
    return text


def reads_well(value: float) -> bool:
    text = f"{value:.10g}"
    return len(text) <= 5 and "e" not in text and abs(float(text) - value) <= 1e-9 * abs(value)


@dataclass(frozen=True, slots=True)
class Habit:
    """One writer's way with numbers; `bare`: times are plain seconds and one sentence says so."""

    words: str
    space: str
    bare: bool
    minutes: float
    number_words: float
    idioms: float
    metres: str


def draw_habit(rnd: random.Random, register: str) -> Habit:
    terse = register in ("telegraph", "table", "bullets")
    spoken = register == "spoken"
    styles = (
        ("short", "short", "short", "sec", "secs", "sec_dot")
        if terse
        else ("short", "short", "long", "long", "sec", "secs", "mixed")
    )
    words = "long" if spoken and rnd.random() < 0.7 else rnd.choice(styles)
    space = " " if words in ("long", "mixed") or rnd.random() < (0.5 if terse else 0.85) else ""
    bare = rnd.random() < (0.2 if terse else 0.1) and not spoken
    number_words = 0.5 if spoken else rnd.choice((0.0, 0.0, 0.3, 0.7)) if not terse else 0.05
    idioms = 0.5 if spoken else 0.0 if terse else 0.12
    metres = rnd.choice(("m", "m", "m", " metres" if not terse else "m", " meters" if not terse else "m"))
    return Habit(words, space, bare, rnd.choice((0.0, 0.2, 0.6, 0.9)), number_words, idioms, metres)


def choose_unit(values: Sequence[float], habit: Habit, rnd: random.Random) -> str:
    """The unit in which all `values` (seconds) read well: s, min, h or d."""
    if habit.bare and max(values, default=0.0) < 7200:
        return "s"
    top = max((abs(value) for value in values), default=0.0)
    hours = top >= 1800 and all(reads_well(value / 3600) for value in values)
    minutes = top >= 60 and all(reads_well(value / 60) for value in values)
    days = top >= 86400 and all(reads_well(value / 86400) for value in values)
    wish = max(habit.minutes, 0.75) if top >= 3600 else habit.minutes
    if days and rnd.random() < 0.6:
        return "d"
    if hours and rnd.random() < wish * (0.85 if top >= 3600 else 0.25):
        return "h"
    if minutes and rnd.random() < wish:
        return "min"
    return "s"


def unit_word(unit: str, number: float, habit: Habit) -> str:
    one, many = UNIT_WORDS[habit.words][unit]
    return one if math.isclose(number, 1.0) else many


def time_text(value_s: float, unit: str, habit: Habit, rnd: random.Random, *, digits: bool = False) -> str:
    """`value_s` seconds in `unit` with its unit's word: `3.5 s`, `4 min`; unless `digits` also `half an hour`, `ten minutes`."""
    idioms = None if digits else IDIOMS.get(value_s)
    if idioms and not habit.bare and rnd.random() < habit.idioms:
        return rnd.choice(idioms)
    number = value_s / FACTOR[unit]
    if habit.bare and unit == "s":
        return exact(number)
    word = unit_word(unit, number, habit)
    if (
        not digits
        and habit.words in ("long", "mixed")
        and len(word) > 3
        and rnd.random() < habit.number_words
        and (spelt := spelled(number))
    ):
        return f"{spelt} {word}"
    return f"{exact(number)}{habit.space}{word}"


def spelled(number: float) -> str | None:
    """The number as an English word where writers spell it out, else None."""
    if number != int(number):
        return None
    if 1 <= number <= 12:
        return WORDS[int(number)]
    return TENS.get(int(number))


def count_text(count: int, habit: Habit, rnd: random.Random) -> str:
    """A count in digits or, by habit, as a word."""
    if 1 <= count <= 12 and rnd.random() < habit.number_words:
        return WORDS[count]
    return str(count)


def length_text(value_m: float, habit: Habit, rnd: random.Random) -> str:
    """A length with its unit: `12 m`, `12m`, `80 cm`."""
    if value_m < 1.5 and rnd.random() < 0.3 and reads_well(value_m * 100):
        return f"{exact(value_m * 100)}{habit.space}cm"
    if habit.metres == "m":
        return f"{exact(value_m)}{habit.space}m"
    word = habit.metres if value_m != 1 else habit.metres[:-1]
    return f"{exact(value_m)}{word}"


def speed_text(value_m_s: float, habit: Habit, rnd: random.Random) -> str:
    """A speed with its unit: `0.8 m/s`, `48 m/min`, `800 mm/s`."""
    if rnd.random() < 0.15 and reads_well(value_m_s * 60):
        return f"{exact(value_m_s * 60)}{habit.space}m/min"
    if rnd.random() < 0.05 and value_m_s < 2 and reads_well(value_m_s * 1000):
        return f"{exact(value_m_s * 1000)}{habit.space}mm/s"
    if habit.words == "long" and rnd.random() < 0.4:
        return f"{exact(value_m_s)} {'metres' if 'r' in habit.metres[-3:-1] else 'meters'} per second"
    return f"{exact(value_m_s)}{habit.space}m/s"
