"""Names of the sketch spelled as the writer would, and lines of a name joined."""

from __future__ import annotations

import pytest

from gdt2usd.diagnostics import Box
from gdt2usd.sketch.sketch import Label
from gdt2usd.vlsm.legend import legend_of, with_marked
from gdt2usd.vlsm.misread import with_known_words, with_whole_words
from gdt2usd.vlsm.spelled import Told, cased, joined, with_figures, with_index_style


@pytest.mark.parametrize(
    ("prompt", "read", "name"),
    [
        ("CV1 feeds CB1", "CVI", "CV1"),
        ("SP 1 and M 2", "M2", "M 2"),
        ("the Rinser takes 4 s", "R1nser", "Rinser"),
        ("the Rinser takes 4 s", "Filler", None),
        ("S5 is a source, SS is not", "S5", "S5"),
        ("it is also new", "Al", None),  # `al` of a word is no name
        ("Worker = 2 people", "Worker 2", None),  # what stands between is no part of a name
        ("HOUSING PARTS every 5 s", "Hous1ng Par+s", "Housing Parts"),
        ("blister queue", "BLISTER QUEVE", "BLISTER QUEUE"),
    ],
)
def test_a_name_is_spelled_as_told(prompt: str, read: str, name: str | None) -> None:
    assert Told(prompt, {"Worker", "S5", "SS"}).spelling(read) == name


@pytest.mark.parametrize(
    ("name", "told", "others", "written"),
    [
        ("B1", ["SP 1", "M 1", "DISP 1"], [], "B 1"),
        ("Queue 1", ["Source1", "Sink1", "Rack1"], [], "Queue1"),
        ("Queue I", [], ["Source 1", "Sink 1", "Queue I"], "Queue 1"),
        ("Queue I", [], ["Queue I", "Queue II", "Press 1", "Press 2"], "Queue I"),
        ("Source Ol", [], ["Sink 01", "Source Ol"], "Source 01"),
        ("Helper No.2", [], [], "Helper No. 2"),
        ("B1", ["M1", "SP 1"], [], "B1"),
    ],
)
def test_an_index_is_written_as_in_other_names(name: str, told: list[str], others: list[str], written: str) -> None:
    assert with_index_style(name, told, others) == written


def test_capitals_are_the_sketchs_where_the_prompt_has_none_or_all() -> None:
    assert cased("ROLL SLITTER", "Roll Slitter") == "Roll Slitter"
    assert cased("roll slitter", "ROLL SLlTTER") == "ROLL SLITTER"
    assert cased("Roll Slitter", "ROLL SLITTER") == "Roll Slitter"
    assert cased("PCB TEST", "PCB Test") == "PCB Test"
    assert cased("M2", "m2") == "M2"


def _label(text: str, x0: float, y0: float, x1: float, y1: float) -> Label:
    return Label(text, Box(x0, y0, x1, y1), 0.9)


def test_two_lines_of_a_name_are_joined_only_if_the_prompt_has_them_together() -> None:
    lines = (_label("Table top", 0, 0, 80, 20), _label("queue", 20, 24, 60, 44), _label("Saw", 200, 0, 240, 20))
    texts = [label.text for label in joined(lines, "Table top queue, then the Saw. Table top queue holds 4.")]
    assert texts == ["Table top queue", "Saw"]
    assert joined(lines, "Table top queue holds 4, Table top is new") == lines  # the first line stands alone somewhere
    tagged = (_label("Building Drum", 0, 0, 80, 20), _label("combiner", 20, 24, 60, 44))
    assert joined(tagged, "Building Drum combiner 40 s") == tagged  # the second says of what type it is
    far = (_label("Table top", 0, 0, 80, 20), _label("queue", 20, 200, 60, 220))
    assert joined(far, "Table top queue holds 4") == far


def test_a_lost_number_comes_from_its_siblings_and_from_counts() -> None:
    assert with_figures("HANDLER", ["HANDLER", "HANDLER 2"], "CREW has 2 HANDLERs.") == "HANDLER 1"
    assert with_figures("Cart #", ["Cart #", "Cart #2"], "two carts") == "Cart #1"
    assert with_figures("Packer", ["Packer", "Packer B"], "Packer (2 people)") == "Packer A"
    assert with_figures("Saw", ["Saw", "Saw 2"], "the Saw and the Saw 2") == "Saw"


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("Proc es sing Plant", "Processing Plant"),
        ("Gr ading Table", "Grading Table"),
        ("Work Station 2", "Work Station 2"),
        ("Tray Queue s", "Tray Queue s"),  # a misread 5
    ],
)
def test_pieces_of_a_word_are_put_together(read: str, meant: str) -> None:
    assert with_whole_words(read) == meant


def test_words_with_two_wrong_signs_are_corrected_where_only_one_is_near() -> None:
    assert with_known_words("Techniclan Techndtian") == "Technician Technician"
    assert with_known_words("Gefagron") == "Gefagron"
    assert with_known_words("Filler Mailer") == "Filler Mailer"


def test_legends_of_initials_and_of_small_words() -> None:
    prompt = "The Data Wipe (DW) feeds the Pack Bench (PB). Repair Tech (RT) helps at the Grading Desk (GD)."
    legend = legend_of(prompt, ["DW", "PB", "GD"])
    assert legend is not None
    assert legend.names == {"DW": "Data Wipe", "PB": "Pack Bench", "RT": "Repair Tech", "GD": "Grading Desk"}
    told = "M1 = Sock pair Folding, M2 = Mill, M3 = Press"
    legend = legend_of(told, ["M1", "M2", "M3"])
    assert legend is not None
    start = told.index("Sock")
    marked = with_marked(legend, told, [(start, start + len("Sock pair Folding"))])
    assert marked.names["M1"] == "Sock pair Folding"
    assert marked.name_of("M1", ["M1"]) == (0, 2, "Sock pair Folding")
    again = f"{told}; P1 = Sock"  # a name that begins alike and that nothing marks
    assert (
        with_marked(legend_of(again, ["M1", "M2", "M3", "P1"]) or legend, again, [(start, start + 17)]).names["M1"]
        == "Sock pair Folding"
    )


def test_a_series_gives_no_names_that_the_prompt_does_not_have() -> None:
    prompt = "OP1 Calibration 1, OP2 Calibration 2, OP3 Cassette Assembly, K1 Expedition"
    legend = legend_of(prompt, ["OP1", "OP2", "OP3", "K1"])
    assert legend is not None
    assert legend.names["OP3"] == "Cassette Assembly"
