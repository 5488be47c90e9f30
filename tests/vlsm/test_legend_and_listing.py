"""Legends of codes, labels echoed in the prompt, indices in a row, type words that are no names."""

from __future__ import annotations

import pytest

from gdt2usd.diagnostics import Box
from gdt2usd.sketch.sketch import Label
from gdt2usd.vlsm.legend import legend_of
from gdt2usd.vlsm.listing import type_tags, with_echoes, with_series, without_common_words
from gdt2usd.vlsm.mentions import PROMPT, Place

NAMES = {"M1": "Lathe", "M2": "Ring Press", "Q1": "Hub Buffer"}


@pytest.mark.parametrize(
    "prompt",
    [
        "M1 = Lathe, M2 = Ring Press, Q1 = Hub Buffer. M1 takes 20 s.",
        "Legend: M1 Lathe, M2 Ring Press, Q1 Hub Buffer. M2 30 s, Q1 max 12.",
        "M1 Lathe exp 40 s | M2 Ring Press 30 s | Q1 Hub Buffer cap 12",
        "M1: Lathe\nM2: Ring Press\nQ1: Hub Buffer\nM1 8-10 s",
        "In the sketch M1 is the Lathe, M2 the Ring Press and Q1 the Hub Buffer.",
        "Lathe (M1) feeds Hub Buffer (Q1), then Ring Press (M2), 30 s.",
        "M1 stands for Lathe, M2 for Ring Press and Q1 for Hub Buffer. M1: 20 s",
        "Q1=Hub Buffer cap 12, M1=Lathe conv 4 m, M2=Ring Press dispatcher for M1",
        "M1 [Lathe] | 20 s\nQ1 [Hub Buffer] | 12 max\nM2 [Ring Press] | 30 s",
    ],
)
def test_a_legend_in_any_layout(prompt: str) -> None:
    legend = legend_of(prompt, ["M1", "MZ", "Q1", "30 s"])
    assert legend is not None
    assert legend.names == NAMES
    assert legend.name_of("MZ", ["M1", "MZ", "Q1"]) == (0, 2, "Ring Press")
    assert legend.name_of("M1 20 s", ["M1", "MZ"]) == (0, 2, "Lathe")
    assert legend.name_of("Exit", ["Exit"]) is None
    assert legend.name_of("m2. 00", ["M1", "m2. 00", "Q1"]) == (0, 2, "Ring Press")
    assert legend.name_of("M2 Motor", ["M2 Motor"]) is None
    for place in legend.places:
        assert prompt[place.start : place.end] in {*NAMES, *NAMES.values()}
        assert place.text in NAMES.values()


def test_two_codes_explained_together() -> None:
    prompt = "CK = Check-in Row, X1 and X2 = Screening 1 and Screening 2, SR = Search Room, PH = Police Hold. X2 trips."
    legend = legend_of(prompt, ["CK", "X1", "X2", "SR", "PH"])
    assert legend is not None
    assert legend.names == {
        "CK": "Check-in Row",
        "X1": "Screening 1",
        "X2": "Screening 2",
        "SR": "Search Room",
        "PH": "Police Hold",
    }


def test_a_legend_of_numbered_codes_in_one_go() -> None:
    legend = legend_of("IMM1, IMM2 and IMM3 in the sketch are Moulding Press 1, 2 and 3.", ["IMM1", "IMM2", "IMM3", "Hopper"])
    assert legend is not None
    assert legend.names == {f"IMM{k}": f"Moulding Press {k}" for k in (1, 2, 3)}


@pytest.mark.parametrize(
    ("prompt", "labels"),
    [
        ("M1 takes 20 s, M2 30 s and Q1 holds 12.", ["M1", "M2", "Q1"]),  # nothing explains them
        ("M1 = Lathe. M2 30 s, Q1 12 max.", ["M1", "M2", "Q1"]),  # one alone is no legend
        ("S1 = Lathe, S2 = Press, S3 = Drill", ["Lathe", "Press", "Drill"]),  # the sketch has no codes
    ],
)
def test_no_legend(prompt: str, labels: list[str]) -> None:
    assert legend_of(prompt, labels) is None


def _found(prompt: str, *names: str) -> list[Place]:
    return [Place(PROMPT, prompt.index(n), prompt.index(n) + len(n), n) for n in names]


def _texts(places: list[Place]) -> list[tuple[int, str]]:
    return sorted((p.start, p.text) for p in places if p.source == PROMPT)


def test_labels_are_found_in_the_prompt_letter_by_letter() -> None:
    prompt = "Shakeout separator 55 s, then the Hub  buffer and press 2; hot-press last"
    labels = [Place(0, 0, 8, "Shakeout"), Place(1, 0, 10, "Hub Buffer"), Place(2, 0, 5, "Press"), Place(3, 0, 9, "Hot Press")]
    places = with_echoes(prompt, [*labels, *_found(prompt, "Shakeout separator", "press 2")])
    wanted = ["Shakeout", "Hub  buffer", "press 2", "hot-press"]
    assert [text for _, text in _texts(places)] == wanted


def test_a_misread_label_keeps_its_longer_name() -> None:
    prompt = "30% to Flatness Check Queue, then Flatness Check"
    queue, check = "Flatness Check Queue", "Flatness Check"
    named = [Place(PROMPT, 7, 7 + len(queue), queue), Place(PROMPT, 34, 48, check)]
    labels = [Place(0, 0, 19, "Flatness Check Qeue"), Place(1, 0, 14, check)]
    assert [text for _, text in _texts(with_echoes(prompt, [*labels, *named]))] == [queue, check]


@pytest.mark.parametrize(
    ("prompt", "first", "wanted"),
    [
        ("Pick Bench A and B: 95 s", "Pick Bench A", ["Pick Bench A", "Pick Bench B"]),
        ("Press 1, 2 and 3 each 40 s", "Press 1", ["Press 1", "Press 2", "Press 3"]),
        ("Press 1-3: 40 s", "Press 1", ["Press 1", "Press 2", "Press 3"]),
        ("Press 1/2 take 40 s", "Press 1", ["Press 1", "Press 2"]),
        ("Press 1, 2 min and 4 s", "Press 1", ["Press 1"]),
        ("Press 1, 9 of them", "Press 1", ["Press 1"]),
    ],
)
def test_indices_in_a_row(prompt: str, first: str, wanted: list[str]) -> None:
    labels = ["Press 1", "Press 2", "Press 3", "Pick Bench A", "Pick Bench B"]
    assert [text for _, text in _texts(with_series(prompt, _found(prompt, first), labels))] == wanted


def test_small_words_and_type_words_are_no_names_beside_a_sketch() -> None:
    prompt = "Layers go to the High Bay, the saw cuts them; Panel Saw and Edge Press; one operator; Combiner: pack; some layers"
    labels = [Place(i, 0, len(n), n) for i, n in enumerate(("High Bay", "Panel Saw", "Edge Press"))]
    told = _found(prompt, "High Bay", "saw", "Panel Saw", "Edge Press", "operator", "Combiner", "layers")
    kept = [text for _, text in _texts(without_common_words(prompt, [*labels, *told]))]
    assert kept == ["High Bay", "saw", "Panel Saw", "Edge Press", "operator"]
    without_sketch = without_common_words(prompt, told)
    assert len(without_sketch) == len(told)


def test_a_type_word_under_a_name_is_a_tag() -> None:
    labels = [
        Label("Marriage Station", Box(100, 100, 260, 124), 0.9),
        Label("(Combiner)", Box(130, 128, 230, 146), 0.9),
        Label("Dispatcher", Box(400, 100, 520, 124), 0.9),
    ]
    assert type_tags(labels, [0, 1, 2]) == {1: 0}
