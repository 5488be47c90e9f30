"""What came to light on lines of other writers: endless lists of parts, counts that are none, legends in cells, arrows in text."""

from types import SimpleNamespace
from typing import Any

import pytest

from gdt2usd.vlsm.guide import Guide
from gdt2usd.vlsm.legend import legend_of
from gdt2usd.vlsm.mentions import PROMPT
from gdt2usd.vlsm.misread import with_even_capitals, with_seen_words
from gdt2usd.vlsm.numbers import Number
from gdt2usd.vlsm.script_tokens import FIRST_NUMBER


@pytest.mark.parametrize(
    "prompt",
    [
        "Sketch | Name\nS1 | Order Release\nOP1 | Lot Grind\nK1 | Tested Lots. S1 every 74 sec.",
        "Pos; Object\nS1; Order Release\nOP1; Lot Grind\nK1; Tested Lots",
        "What is what:\nOrder Release, S1\nLot Grind, OP1\nTested Lots, K1\nsee sketch",
        "Names: S 1 Order Release. OP 1 Lot Grind. K 1 Tested Lots.",
        "S1=Order Release OP1=Lot Grind K1=Tested Lots. S1 74 s.",
    ],
)
def test_a_legend_in_cells(prompt: str) -> None:
    legend = legend_of(prompt, ["KI", "OPI", "S1", "(exit)"])
    assert legend is not None
    assert {code.replace(" ", ""): name for code, name in legend.names.items()} == {
        "S1": "Order Release", "OP1": "Lot Grind", "K1": "Tested Lots"
    }  # fmt: skip


def test_a_legend_of_small_names_in_a_list() -> None:
    lines = ("S10 mdf sheets – every 350 s", "R10 door rack / storage – room for 80", "K10 output rack (sink)", "OP10 finisher = 1")
    prompt = "\n".join("• " + line for line in lines)
    legend = legend_of(prompt, ["SIO", "RIO", "KI0", "OPIO"])
    assert legend is not None
    assert legend.names == {"S10": "mdf sheets", "R10": "door rack", "K10": "output rack", "OP10": "finisher"}


def test_values_behind_codes_are_no_legend() -> None:
    prompt = "S 1 expo 510; CNC 1 TRIA(720,1020,1620); CNC 3 proc time tri 720/1020; CNC 4 service 720/1020; SNK 1; all in s"
    assert legend_of(prompt, ["S1", "CNC 1", "CNC 3", "CNC 4", "SNK 1"]) is None


def test_a_code_with_a_space_in_the_sketch() -> None:
    legend = legend_of("S1 = Order Release, M1 = Lot Grind, K1 = Tested Lots", ["S 1", "M 1", "K1"])
    assert legend is not None
    assert legend.name_of("M 1", ["S 1", "M 1", "K1"]) == (0, 3, "Lot Grind")


def test_figures_read_in_words() -> None:
    read = ["MR1 Scanner A", "Roller Rai1", "Bike Boxin8", "M12", "Queue1", "80-110 s"]
    assert with_seen_words(read, "the MRI Scanner A and Bike Boxing") == [
        "MRI Scanner A", "Roller Rail", "Bike Boxing", "M12", "Queue1", "80-110 s"
    ]  # fmt: skip
    assert with_seen_words(["AO1 Camera"], "AO1 Camera takes 5 s") == ["AO1 Camera"]


def test_capitals_inside_words() -> None:
    assert with_even_capitals(["Print CreW", "Clean EXit", "UnscrewW Robot", "FabricWaste", "PCBs", "AOI"]) == [
        "Print Crew", "Clean Exit", "Unscrew Robot", "FabricWaste", "PCBs", "AOI"
    ]  # fmt: skip
    assert with_even_capitals(["WORN CasiNGs", "BUFFING LaThe", "MoNorail CraNE", "TrEAD", "M1"]) == [
        "Worn Casings", "Buffing Lathe", "Monorail Crane", "Tread", "M1"
    ]  # fmt: skip


def test_a_number_that_several_share_is_said_once_of_each() -> None:
    """Else a combiner is said to have parts without end, and the rest of the factory is lost."""
    number = Number(0, 1, 1.0, None, "1")
    encoded: Any = SimpleNamespace(number_ids=[7], numbers=[SimpleNamespace(number=number, source=PROMPT)])
    guide = Guide(
        encoded, [0, 1], {}, {7: "components"}, {7: {0: 0.6, 1: 0.5}}, [], {}, {}, {}, {}, {}, {}, {}, None, current=(0, 0)
    )
    assert guide.owned("components", surely=True) == [7]
    guide.advance(FIRST_NUMBER + 7, "NUMBER", SimpleNamespace(connection="", entity=None, second=None))  # type: ignore[arg-type]
    assert guide.owned("components", surely=True) == []
    guide.current = (1, 0)
    assert guide.owned("components", surely=True) == [7]
