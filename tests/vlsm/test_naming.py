"""Numbers behind a name: its own or a value."""

from __future__ import annotations

import pytest

from gdt2usd.vlsm.naming import known_name, without_value
from gdt2usd.vlsm.spelled import with_capital, with_figures


@pytest.mark.parametrize(
    ("prompt", "marked", "labels", "name"),
    [
        ("Rinser 3s; Filler", "Rinser 3", [], "Rinser"),
        ("Wrap 60..90 s", "Wrap 60", [], "Wrap"),
        ("Hold Queue 8 / Blender", "Hold Queue 8", ["Hold Queue", "Blender"], "Hold Queue"),
        ("Press 2 then Saw", "Press 2", ["Press 1", "Press 2"], "Press 2"),
        ("Press 2 then Saw", "Press 2", [], "Press 2"),
        ("Press 2 takes 4 s", "Press 2", ["Saw"], "Press 2"),
        ("S #1 to R #1", "S #1", ["S#", "R#"], "S #1"),
        ("Conveyor 1: 6 metres", "Conveyor 1", ["Conveyor 1"], "Conveyor 1"),
        ("Xibrot 953 takes long", "Xibrot 953", ["Xibrot 453 ."], "Xibrot 953"),
        ("Ride U 1..2 min", "Ride U", [], "Ride"),
        ("Wheels 1 per 90 min", "Wheels 1", [], "Wheels"),
        ("Press B (4 s)", "Press B", ["Press A", "Press B"], "Press B"),
        ("Hold Queue 80 / Blender", "Hold Queue 80", ["Hold Queue 15 s", "Blender"], "Hold Queue"),
    ],
)
def test_values_are_no_part_of_a_name(prompt: str, marked: str, labels: list[str], name: str) -> None:
    start = prompt.index(marked)
    assert prompt[start : without_value(prompt, start, start + len(marked), labels)] == name


@pytest.mark.parametrize(
    ("label", "known", "labels", "name"),
    [
        ("Mill 2", ["Mill"], ["Mill 1", "Mill 2", "Mill 3"], "Mill 2"),
        ("Hold Queue 8", ["Hold Queue"], ["Hold Queue 8", "Mill"], "Hold Queue"),
        ("Tablst Press 2.5 min", ["Tablet Press"], [], "Tablst Press"),
        ("S1", ["S1", "S2"], [], "S1"),
        ("51 s", ["S1"], [], None),
    ],
)
def test_known_names_in_labels(label: str, known: list[str], labels: list[str], name: str | None) -> None:
    span = known_name(label, known, labels)
    assert (None if span is None else label[span[0] : span[1]]) == name


def test_a_lost_figure_is_found_again() -> None:
    labels = ["Prober", "Prober 2", "Prober 3"]
    assert [with_figures(label, labels) for label in labels] == ["Prober 1", "Prober 2", "Prober 3"]
    assert with_figures("Press I", ["Press I", "Press 2"]) == "Press 1"
    assert with_figures("Press", ["Press", "Press 2"]) == "Press"
    prompt = "Prober 1, Prober 2 and Prober 3"
    assert without_value(prompt, 0, 8, labels, ["Prober 1", "Prober 2", "Prober 3"]) == 8


def test_capitals_that_look_like_small_letters() -> None:
    assert with_capital("wrapped Pallets", ["Saw", "wrapped Pallets", "Press"]) == "Wrapped Pallets"
    assert with_capital("oven", ["Saw", "oven"]) == "oven"  # nothing says that it is no small letter
    assert with_capital("oven Line", ["saw", "oven Line"]) == "oven Line"
