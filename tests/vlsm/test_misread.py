"""What an OCR misreads is mended where only one reading is left, and left alone otherwise."""

from __future__ import annotations

import pytest

from gdt2usd.dataset.words import vocabulary
from gdt2usd.vlsm.misread import is_note, known_words, with_capitals, with_known_words, with_signs


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("Mask Vaul+", "Mask Vault"),
        ("Moun+er", "Mounter"),
        ("process0r", "processor"),
        ("S00\u00b140 s", "500\u00b140 s"),
        ("1o0 s", "100 s"),
        ("S12", "S12"),
        ("3.5+-0.2", "3.5+-0.2"),
        ("A+B", "A+B"),
        ("Press 2", "Press 2"),
        ("M10", "M10"),
    ],
)
def test_signs_inside_words_and_numbers(read: str, meant: str) -> None:
    assert with_signs(read) == meant
    assert len(with_signs(read)) == len(read)


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("Welgh Desk 1", "Weigh Desk 1"),
        ("Weighing Queve", "Weighing Queue"),
        ("nfeed CONVEYDR", "infeed CONVEYOR"),
        ("Troley", "Trolley"),
        ("Filler", "Filler"),
        ("Mailer", "Mailer"),
        ("Palletiser", "Palletiser"),
        ("Zibrok", "Zibrok"),
    ],
)
def test_words_one_letter_off_a_known_one(read: str, meant: str) -> None:
    assert with_known_words(read) == meant


def test_words_of_the_prompt_stay() -> None:
    assert with_known_words("Queve", {"queve"}) == "Queve"


def test_no_known_word_is_changed_and_the_list_is_up_to_date() -> None:
    assert all(with_known_words(word) == word for word in known_words())
    assert sorted(known_words()) == vocabulary()


@pytest.mark.parametrize("text", ["MAX15", "cap 8", "mex 100", "exp(4)", "tri 80/100"])
def test_values_are_no_names(text: str) -> None:
    assert is_note(text)


@pytest.mark.parametrize("text", ["Press 2", "Unit 1", "unit 2", "Oven 3", "M2", "Saw", "Max Planck Line"])
def test_names_with_numbers_are_names(text: str) -> None:
    assert not is_note(text)


def test_capitals_follow_the_other_names() -> None:
    names = ["Panel stack", "Panel Saw", "Edge Bander", "CNC Drill", "Truck"]
    assert with_capitals("Panel stack", names) == "Panel Stack"
    assert with_capitals("Dock and Door", names) == "Dock and Door"
    assert with_capitals("panel stack", ["panel stack", "panel saw", "edge bander"]) == "panel stack"
