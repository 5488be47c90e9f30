"""Misread names are the same thing, other figures never; short forms and legends find their name."""

from __future__ import annotations

import pytest

from gdt2usd.vlsm.likeness import best_window, likeness, matched, same_figures
from gdt2usd.vlsm.mentions import PROMPT, Place, group


@pytest.mark.parametrize(
    ("a", "b"),
    [("SMIF Buffer", "SHiF Buffer"), ("Press 1", "Press I"), ("Brine Injector", "Brne Injector"), ("Haze Scan", "Hzae Scan")],
)
def test_misread_names_are_alike(a: str, b: str) -> None:
    assert likeness(a, b) >= 0.8
    assert same_figures(a, b)


@pytest.mark.parametrize(("a", "b"), [("Press 1", "Press 2"), ("Saw 12", "Saw 21"), ("Cell 3", "Cell 8")])
def test_other_figures_are_other_things(a: str, b: str) -> None:
    assert not same_figures(a, b)


def test_the_window_leaves_notes_out() -> None:
    start, end, score = best_window("SHiF Buffer 8ize !2", "SMIF Buffer")
    assert "SHiF Buffer 8ize !2"[start:end] == "SHiF Buffer"
    assert score > 0.8


def test_matching_is_one_to_one_and_keeps_siblings_apart() -> None:
    assert matched(["Presz 1", "Presz 2"], ["Press 2", "Press 1"]) in ([(1, 0), (0, 1)], [(0, 1), (1, 0)])
    assert matched(["Oven"], ["Lathe", "Mill"]) == []


def _grouped(prompt: str, names: list[str], labels: list[str]) -> set[frozenset[str]]:
    places = [Place(i, 0, len(text), text) for i, text in enumerate(labels)]
    at = 0
    for name in names:
        at = prompt.index(name, at)
        places.append(Place(PROMPT, at, at + len(name), name))
        at += len(name)
    return {frozenset(p.text for p in named.places) for named in group(prompt, places)}


def test_a_short_form_means_the_only_name_that_ends_so() -> None:
    prompt = "Panel Saw feeds Edge Bander. The saw needs 3 s, the Press Queue holds 4 for the Press."
    got = _grouped(prompt, ["Panel Saw", "Edge Bander", "saw", "Press Queue", "Press"], [])
    assert got == {frozenset({"Panel Saw", "saw"}), frozenset({"Edge Bander"}), frozenset({"Press Queue"}), frozenset({"Press"})}


def test_a_label_of_its_own_is_no_short_form() -> None:
    got = _grouped("Panel Saw, then Saw.", ["Panel Saw", "Saw"], ["Panel Saw", "Saw"])
    assert got == {frozenset({"Panel Saw"}), frozenset({"Saw"})}


@pytest.mark.parametrize("sign", [" = ", " stands for ", ": "])
def test_legends(sign: str) -> None:
    prompt = f"M1{sign}Blanking Press, Q1{sign}Marriage Queue."
    got = _grouped(prompt, ["M1", "Blanking Press", "Q1", "Marriage Queue"], ["M1", "Q1"])
    assert got == {frozenset({"M1", "Blanking Press"}), frozenset({"Q1", "Marriage Queue"})}


def test_a_task_is_no_legend() -> None:
    got = _grouped("SW1: Team Leader", ["SW1", "Team Leader"], ["SW1", "Team Leader"])
    assert got == {frozenset({"SW1"}), frozenset({"Team Leader"})}


def test_misread_labels_find_their_name() -> None:
    got = _grouped("Lojiop-Z49 then Vur-Z44", ["Lojiop-Z49", "Vur-Z44"], ["Lojiop49", "Vur0Z44"])
    assert got == {frozenset({"Lojiop-Z49", "Lojiop49"}), frozenset({"Vur-Z44", "Vur0Z44"})}
