"""The phrase bank: thousands of authored sentences, none from the examples, nothing that a graph can need missing."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from gdt2usd.dataset.prompt_bank import compiled, load_bank
from gdt2usd.dataset.prompt_together import NUMBERED

FAMILIES = (
    "constant",
    "exponential",
    "normal",
    "triangular",
    "uniform",
    "lognormal",
    "lognormallog",
    "weibull",
    "gamma",
    "poisson",
)
EXAMPLES = Path(__file__).parent / "example_sentences.json"


def skeleton(text: str) -> str:
    """Words and signs in lower case, names, numbers, units and slots as one sign."""
    text = re.sub(r"\{[^{}]*\}", "#", text)
    text = re.sub(r"\[([^\[\]]*)\]", r"\1", text)
    text = re.sub(r"\d+(?:\.\d+)?\s*(?:s|sec|min|h|m|m/s|seconds|minutes|hours|%)?(?![\w/])", "#", text)
    return " ".join(re.findall(r"\w+|[^\w\s.]", text.lower()))


def test_three_thousand_authored_sentences(capsys: pytest.CaptureFixture[str]) -> None:
    patterns = load_bank().all_patterns()
    words = {p.text: len(re.findall(r"[a-zA-Z]{2,}", re.sub(r"\{[^{}]*\}", " ", p.text))) for p in patterns}
    sentences = {text for text, count in words.items() if count >= 3 or (count >= 2 and "{" in text)}
    with capsys.disabled():
        print(f" {len(words)} distinct patterns, of them {len(sentences)} sentences or clauses")
    assert len(words) >= 4000
    assert len(sentences) >= 3000
    assert len({skeleton(text) for text in sentences}) >= 2800


def test_no_sentence_of_the_examples_is_in_the_bank() -> None:
    sentences = [
        one for one in json.loads(EXAMPLES.read_text(encoding="utf-8")) if len(re.findall(r"[a-z]{2,}", skeleton(one))) > 1
    ]
    assert len(sentences) > 60
    ours = {skeleton(pattern.text): pattern.text for pattern in load_bank().all_patterns()}
    same = [f"{sentence!r} is {ours[skeleton(sentence)]!r}" for sentence in sentences if skeleton(sentence) in ours]
    assert not same, "\n".join(same)


def test_words_that_state_a_choice_hold_no_slot() -> None:
    for pattern in load_bank().all_patterns():
        assert not any("{" in part.text for part in pattern.parts if part.kind in ("word", "text", "choice")), pattern.text


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("form", ["t", "d", "a", "z", "e"])
def test_every_family_has_phrases_that_name_it(family: str, form: str) -> None:
    patterns = load_bank().patterns(f"dist {family} {form}", "prose")
    assert patterns
    for pattern in patterns:
        assert family == "constant" or any(part.kind == "word" for part in pattern.parts), pattern.text


GROUPS = {
    "source": ("time", "arrival_at_zero", "schedule"),
    "service": ("time", "setup_time_s", "capacity", "breakdown"),
    "queue": ("capacity", "discipline", "batching", "wait"),
    "conveyor": ("length_m", "speed_m_s", "accumulating"),
    "storage": ("capacity", "time"),
    "combiner pack": ("mode", "components"), "combiner join": ("mode", "components"), "combiner batch": ("mode", "components"),
    "separator split": ("mode", "quantity"), "separator unpack": ("mode", "quantity"),
    "multiprocessor": ("steps",),
    "mover": ("speed_m_s", "capacity", "load_time_s", "unload_time_s", "move_time_s"),
}  # fmt: skip
MORE = {
    "source": ("zero", "schedule"),
    "service": ("setup", "breakdown"),
    **{f"combiner {mode}": ("combiner",) for mode in ("pack", "join", "batch")},
    **{f"separator {mode}": ("separator",) for mode in ("split", "unpack")},
}


@pytest.mark.parametrize("prefix", ["", "group "])
@pytest.mark.parametrize("tag", ["prose", "terse"])
@pytest.mark.parametrize("topic", list(GROUPS))
def test_every_group_can_be_said_alone(topic: str, tag: str, prefix: str) -> None:
    bank = load_bank()
    plain = {
        "name",
        "n",
        "N",
        "names",
        "Names",
        "types",
        "both",
        "cap",
        "len",
        "spd",
        "batch",
        "wait",
        "comps",
        "qty",
        "steps",
        "rows",
    }
    offered = plain | {f"{letter}:" for letter in "PSFRLUM"}
    for group in GROUPS[topic]:
        found = [
            pattern
            for one in (topic, *MORE.get(topic, ()))
            for pattern in bank.patterns(f"{prefix}{one}", tag)
            if pattern.groups == {group} and pattern.needs <= offered
        ]
        assert found, f"nothing says {group} alone in [{prefix}{topic} : {tag}]"


def test_slots_are_read_as_groups() -> None:
    pattern = compiled("{N} takes {P:T}, setup {S:T}, holds {cap}.", "service")
    assert pattern.groups == {"time", "setup_time_s", "capacity"}
    assert pattern.needs == {"N", "P:", "S:", "cap"}
    assert compiled("{N} [packs] {comp}.", "combiner pack").groups == {"mode", "components"}
    assert compiled("{N}: {mean} [±] {std.} {unit}", "service normal").groups == {"time"}


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("Wafer Prober 3", "Wafer Prober"),
        ("Saw #2", "Saw"),
        ("Saw No. 2", "Saw"),
        ("press_01", "press"),
        ("Oven B", "Oven"),
        ("Line (2)", "Line"),
    ],
)
def test_stems_of_numbered_names(name: str, stem: str) -> None:
    match = NUMBERED.fullmatch(name)
    assert match is not None
    assert match[1] == stem


def test_plain_names_have_no_stem() -> None:
    assert NUMBERED.fullmatch("CARD") is None
    assert NUMBERED.fullmatch("Final Wrap") is None
