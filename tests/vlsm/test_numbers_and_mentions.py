"""Numbers with units as people write them; who is who between labels and prompt."""

from __future__ import annotations

import pytest

from gdt2usd.vlsm.mentions import PROMPT, Place, group, normalised, similar
from gdt2usd.vlsm.numbers import find_numbers


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("exp mean 4 sec", [(4.0, "s")]),
        ("3.5±0.2 s", [(3.5, None), (0.2, "s")]),
        ("tri 60/120/300", [(60.0, None), (120.0, None), (300.0, None)]),
        ("U(8,12)", [(8.0, None), (12.0, None)]),
        ("60..90 s uniform", [(60.0, None), (90.0, "s")]),
        ("2 min ± 15 s", [(2.0, "min"), (15.0, "s")]),
        ("12m 0.8m/s", [(12.0, "m"), (0.8, "m/s")]),
        ("M2 and CNC-3 take 5 h", [(5.0, "h")]),
        ("two operators, half an hour", [(2.0, None), (0.5, "h")]),
        ("28,800 s", [(28800.0, "s")]),
        ("93% ok, 7 per cent back", [(93.0, "%"), (7.0, "%")]),
        ("2x Task Executer", [(2.0, None)]),
        ("480 bottles per 8-hour shift", [(60.0, "s")]),
        ("900 per day (24 h), 4 min each", [(96.0, "s"), (4.0, "min")]),
        ("960 per shift of 8 hours; 12 every 30 min", [(30.0, "s"), (150.0, "s")]),
        ("2 operators per 8 h shift", [(2.0, None), (8.0, "h")]),
        ("setup 5 min per 2 h", [(5.0, "min"), (2.0, "h")]),
        ("uniform 4/8 h, tri 4/6/8 h", [(4.0, None), (8.0, "h"), (4.0, None), (6.0, None), (8.0, "h")]),
        ("30 per hour", [(30.0, None)]),
        ("18 m, 3 m/min", [(18.0, "m"), (0.05, "m/s")]),
        ("eighteen metres long, three metres per minute", [(18.0, "m"), (0.05, "m/s")]),
        ("creeps at 18 meters a minute, a minute each", [(0.3, "m/s"), (1.0, "min")]),
        ("twenty-five seconds, 15 cm/s", [(25.0, "s"), (0.15, "m/s")]),
        ("12 m at 0.8 m per second", [(12.0, "m"), (0.8, "m/s")]),
        ("no figures here", []),
    ],
)
def test_find_numbers(text: str, wanted: list[tuple[float, str | None]]) -> None:
    found = find_numbers(text)
    assert [(n.value, n.unit) for n in found] == wanted
    assert all(text[n.start : n.end] == n.text for n in found)


def test_numbers_of_names_are_left_alone() -> None:
    text = "Wafer Prober 2 takes 40 s"
    assert [n.value for n in find_numbers(text, outside=((0, 14),))] == [40.0]


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("Tablet Press", "tablet press", True),
        ("Tablet Press", "Tablel Press", True),
        ("TabletPress", "Tablet Press", True),
        ("Prober 1", "Prober 2", False),
        ("Oven A", "Oven B", False),
        ("Saw", "Raw", False),
        ("Line II", "Line I", False),
        ("Edge Bander", "Hardware Fitting", False),
    ],
)
def test_similar(a: str, b: str, same: bool) -> None:
    assert similar(normalised(a), normalised(b)) is same
    assert similar(normalised(b), normalised(a)) is same


def test_group_joins_misreadings_and_legends() -> None:
    prompt = "M2 = Rinser. The Rinser takes 3 s, the Capper 2 s."

    def told(text: str, nth: int = 0) -> Place:
        at = -1
        for _ in range(nth + 1):
            at = prompt.index(text, at + 1)
        return Place(PROMPT, at, at + len(text), text)

    places = [Place(0, 0, 2, "M2"), Place(1, 0, 6, "Cappor", 0.8), told("M2"), told("Rinser"), told("Rinser", 1), told("Capper")]
    objects = group(prompt, places)
    assert [o.name for o in objects] == ["Rinser", "Capper"]
    assert [len(o.places) for o in objects] == [4, 2]


def test_group_keeps_numbered_names_apart() -> None:
    places = [Place(i, 0, 8, f"Prober {i}") for i in range(1, 4)]
    assert len(group("", places)) == 3
