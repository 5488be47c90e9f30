"""What the prompt says without a number, whose numbers warm up, and which unit is meant."""

from __future__ import annotations

import pytest

from gdt2usd.training.targets import SLOTS
from gdt2usd.vlsm.clauses import clause_at
from gdt2usd.vlsm.consistent import with_bare_numbers, with_needs
from gdt2usd.vlsm.numbers import find_numbers
from gdt2usd.vlsm.settings import default_unit
from gdt2usd.vlsm.stated import Stated, stated
from tests.vlsm.test_stated import _read, _said

NAMES = ("Feed Belt", "Tool Rack", "Dock", "Mill")


def _told(prompt: str) -> Stated:
    return stated(*_read(prompt, *NAMES))


@pytest.mark.parametrize(
    ("prompt", "name", "token"),
    [
        ("Feed Belt: 6 m, 0.1 m/s, non-accumulating", "Feed Belt", "not_accumulating"),
        ("When the end of the Feed Belt is blocked the whole belt stops.", "Feed Belt", "not_accumulating"),
        ("Feed Belt is a belt. It is 15 m long. It is not accumulating.", "Feed Belt", "not_accumulating"),
        ("Tool Rack - LIFO, cap: 80", "Tool Rack", "lifo"),
        ("At the Tool Rack the last part in is the first one out.", "Tool Rack", "lifo"),
        ("At the Dock the first arrival happens immediately.", "Dock", "at_zero"),
        ("Dock - every 120 s, arrival at time 0", "Dock", "at_zero"),
        ("Dock sends parts to Mill and Tool Rack round robin.", "Dock", "round_robin"),
        ("Mill sends each part to the shortest queue.", "Mill", "shortest_queue"),
        ("Which way a part takes after the Dock is random.", "Dock", "random_port"),
    ],
)
def test_settings(prompt: str, name: str, token: str) -> None:
    told = _told(prompt).settings
    assert {NAMES[i]: set(tokens) for i, tokens in told.items()} == {name: {token}}


def test_an_ordinary_belt_has_no_setting() -> None:
    assert _told("The Feed Belt is 6 m long; in turn we clean it. First the Dock, then the Mill at once a day.").settings == {}


@pytest.mark.parametrize(
    ("prompt", "value"),
    [
        ("run 8 h, warm-up 30 min", 30.0),
        ("Throw away the first 1 hr of statistics.", 1.0),
        ("skip first 3600", 3600.0),
        ("run 8 h", None),
    ],
)
def test_warm_up(prompt: str, value: float | None) -> None:
    evidence, encoded = _read(prompt, "Dock")
    found = [encoded.numbers[k].number.value for k in stated(evidence, encoded).warm_ups]
    assert found == ([] if value is None else [value])


@pytest.mark.parametrize(
    ("prompt", "unit"),
    [
        ("All times in s.", "s"),
        ("Numbers without a unit are seconds.", "s"),
        ("Time unit is min.", "min"),
        ("sec everywhere", "s"),
        ("all in s; see sketch", "s"),
        ("All operators work in the hall.", None),
        ("The time is 5 s.", None),
    ],
)
def test_the_unit_of_times_without_one(prompt: str, unit: str | None) -> None:
    assert default_unit(prompt) == unit


@pytest.mark.parametrize(
    ("prompt", "values"),
    [
        ("Mill is a separator in split mode, it makes 50 single shirts out of each bundle in 40 s", [50.0]),
        ("Mill: separator, split into 24 loaves, 50-70 s", [24.0]),
        ("Mill is a separator with mode split. It cuts out of each log 10 rolls, 42 s", [10.0]),
        ("Mill is a separator, capacity 12, 40 s", []),
        ("Mill is a processor for 24 loaves", []),
    ],
)
def test_into_how_many_a_separator_makes_one(prompt: str, values: list[float]) -> None:
    evidence, encoded = _read(prompt, "Mill")
    assert [encoded.numbers[k].number.value for k, _ in stated(evidence, encoded).quantities] == values


def test_the_unit_behind_brackets_is_the_last_numbers() -> None:
    assert [(n.value, n.unit) for n in find_numbers("triangular(20, 25, 40) s")] == [(20.0, None), (25.0, None), (40.0, "s")]
    assert [(n.value, n.unit) for n in find_numbers("(each 2) sinks")] == [(2.0, None)]


def test_a_sign_that_stands_between_all_pieces_parts_them() -> None:
    telegram = "Dock 6 min / Mill 6 h, cap 80 / Rack 500 / Saw 5 s / Sink"
    start, end = clause_at(telegram, telegram.index("cap"))
    assert telegram[start:end].strip(" /") == "Mill 6 h, cap 80"
    limits = "Mill 40 / 55 / 80 s and Saw 5 / 6 / 7 s"
    assert clause_at(limits, 3) == (0, len(limits))  # between figures it parts none


def _verdicts(prompt: str, kinds: list[dict[str, float]], slots: list[dict[str, float]], owners: list[int]) -> list[str]:
    evidence, encoded = _read(prompt, "Dock", "Mill", "Bath")
    said = _said(encoded, kinds, slots, owners)
    told = stated(evidence, encoded)
    said = with_needs(with_bare_numbers(said, encoded, evidence, SLOTS, told), encoded, SLOTS, told.heads)
    return [(*SLOTS, "none")[int(row.argmax())] for row in said.slots]


def test_a_bare_number_among_times_with_units_is_what_a_thing_holds() -> None:
    prompt = "Dock every 60 s. Mill takes 5 min, setup 2 min, then 3 h between failures, 9 min to repair. Bath 80."
    times = ("process_time_s", "setup_time_s", "breakdown.time_to_failure_s", "breakdown.time_to_repair_s")
    slots = [{"interarrival_time_s": 0.9}, *({slot: 0.9} for slot in times), {"process_time_s": 0.6}]
    kinds = [{"source": 0.9}, {"processor": 0.9}, {"queue": 0.5, "processor": 0.4}]
    owners = [0, 1, 1, 1, 1, 2]
    assert _verdicts(prompt, kinds, slots, owners)[-1] == "capacity"
    assert _verdicts(f"All times in s. {prompt}", kinds, slots, owners)[-1] == "process_time_s"


def test_a_time_of_nothing_is_not_given_to_a_machine_that_lacks_one() -> None:
    kinds = [{"source": 0.9}, {"processor": 0.9}, {"queue": 0.9}]
    assert (
        _verdicts("Dock every 60 s. Mill 4 s.", kinds, [{"interarrival_time_s": 0.9}, {"other": 0.9}], [0, 1])[1]
        == "process_time_s"
    )
    assert _verdicts("Dock every 60 s. Mill 0 s.", kinds, [{"interarrival_time_s": 0.9}, {"other": 0.9}], [0, 1])[1] == "other"
