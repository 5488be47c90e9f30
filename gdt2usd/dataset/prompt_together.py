"""Several numbered objects named in one breath: `Pick Bench A and B`, `Ovens 1/2`, `Press 1-3`; the stem that they share.

Not covered: objects with names of their own (`prompt_writer` lists those).
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from functools import cache

NUMBERED = re.compile(r"(.*?[^\s_#(-])(?:[\s_#-]*(?:No\. ?|\()?\d{1,3}\)?|[\s_-](?:[A-H]|I{1,3}|IV|VI{0,3}))")
_SUFFIX = re.compile(r"([\s_#-]*)(\d{1,3}|[A-H]|I{1,3}|IV|VI{0,3})")
_BETWEEN = (" and ", " and ", " & ", "/", "/", ", ", " + ", "+", " or ")


@cache
def stem_and_number(name: str) -> str | None:
    """`Wafer Prober` of `Wafer Prober 1`, `Wafer Prober #1`, `Wafer Prober A`, `wafer_prober_1`."""
    match = NUMBERED.fullmatch(name)
    return match[1] if match is not None and len(match[1]) > 1 else None


def stem_of(ids: Sequence[str]) -> str | None:
    """`Wafer Prober` for `Wafer Prober 1` .. `Wafer Prober 3`; None if the ids are not numbered alike."""
    stems = {stem_and_number(one) for one in ids}
    return stems.pop() if len(ids) > 1 and len(stems) == 1 else None


def in_one_breath(ids: Sequence[str], rnd: random.Random, plural: str) -> list[tuple[str, tuple[str, ...]]] | None:
    """Runs of text with the ids that each names: the stem (or its `plural`) with the first number, then the other numbers.

    In `Press 1-3` the 3 also stands for the 2. None if the names are not numbered alike.
    """
    stem = stem_of(ids)
    found = [_SUFFIX.fullmatch(one[len(stem) :]) for one in ids] if stem is not None else []
    parts = [match for match in found if match is not None]
    if not parts or len(parts) < len(ids) or len({match[1] for match in parts}) > 1:
        return None
    gap, marks = parts[0][1], [match[2] for match in parts]
    head = f"{plural}{gap or ' '}" if gap in ("", " ") and rnd.random() < 0.3 else f"{stem}{gap}"
    first = [(head + marks[0], (ids[0],))]
    row = all(mark.isdigit() for mark in marks) and [int(mark) for mark in marks] == list(
        range(int(marks[0]), int(marks[0]) + len(marks))
    )
    if row and gap in ("", " ") and rnd.random() < (0.6 if len(marks) > 2 else 0.1):
        return [*first, (rnd.choice(("-", "-", "–", " to ", "..", " - ")), ()), (marks[-1], tuple(ids[1:]))]
    last = rnd.choice(_BETWEEN)
    between = last if "/" in last or "+" in last else ", "
    rest = [
        run for at, one in enumerate(ids[1:], 1) for run in ((last if at == len(ids) - 1 else between, ()), (marks[at], (one,)))
    ]
    return [*first, *rest]
