"""Prompts: every fact is said, noted, unsaid or drawn, and every mention's characters state its fact."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from gdt2usd.dataset.generate import draw_line, streams
from gdt2usd.dataset.plan import plan
from gdt2usd.dataset.prompt import new_writer, write_prompt
from gdt2usd.dataset.prompt_facts import kind_of, must_say, own_moments
from gdt2usd.dataset.prompt_flow import RESTS
from gdt2usd.dataset.prompt_numbers import IDIOMS, TENS, WORDS
from gdt2usd.dataset.prompt_people import PAIRS
from gdt2usd.dataset.prompt_places import places_in_line
from gdt2usd.dataset.prompt_station import MACHINES, RATIOS
from gdt2usd.dataset.prompt_text import Piece, text_of, with_decimal_commas
from gdt2usd.dataset.prompt_work import DOES, verbs_of, work_of
from gdt2usd.dataset.sample import Categories, Fact, Mention, Modality, Plan, Prompt
from gdt2usd.graph.distributions import Constant, Distribution, Exponential, Lognormal, Normal
from gdt2usd.graph.model import (
    Combiner,
    Link,
    MultiProcessor,
    Operator,
    OperatorNeed,
    ProcessGraph,
    Processor,
    Queue,
    Resource,
    Separator,
    Sink,
    Source,
    Transporter,
)
from gdt2usd.vlsm.numbers import find_numbers

COUNT = 1200
MACHINE_TYPES = Processor | Combiner | Separator | MultiProcessor
PATHS = {"operators", "team", "percent", "routing"}
SCALE = {"ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "c": 0.01}


@pytest.fixture(scope="module")
def written() -> list[tuple[ProcessGraph, Plan, Prompt]]:
    found = []
    for index in range(COUNT):
        line_rng, plan_rng, prompt_rng, _, _ = streams(20261121, index)
        graph, categories = draw_line(line_rng)
        chosen = plan(graph, categories, plan_rng)
        found.append((graph, chosen, write_prompt(graph, categories, chosen, prompt_rng)))
    return found


def silent(chosen: Plan, subject: str, group: str) -> bool:
    return (subject, group) in chosen.noted or (subject, group) in chosen.unsaid


def test_every_parameter_is_said_noted_or_unsaid(written: list[tuple[ProcessGraph, Plan, Prompt]]) -> None:
    said_count = 0
    for graph, chosen, prompt in written:
        said = {(m.fact.subject, m.fact.slot.split(".")[0]) for m in prompt.mentions}
        for subject, group in must_say(graph):
            if silent(chosen, subject, group) or group in PATHS or prompt.register == "title":
                continue
            assert (subject, group) in said, f"{group} of {subject} is missing in:\n{prompt.text}"
            said_count += 1
    assert said_count > 3 * COUNT


def numbers_of(path: str, dist: Distribution) -> set[str]:
    """The slots by which a reader knows all of `dist`."""
    match dist:
        case Lognormal() if own_moments(dist) is not None and dist.location == 0:
            return {f"{path}.mean", f"{path}.std"}
        case _:
            return {f"{path}.{name}" for name in dist.__slots__ if name != "location" or getattr(dist, name)}


def test_every_number_of_a_process_time_is_said(written: list[tuple[ProcessGraph, Plan, Prompt]]) -> None:
    for graph, chosen, prompt in written:
        said = {(m.fact.subject, m.fact.slot) for m in prompt.mentions}
        for station in graph.stations:
            if not isinstance(station, Processor) or silent(chosen, station.id, "process_time_s") or prompt.register == "title":
                continue
            numbers = numbers_of("process_time_s", station.process_time_s)
            if numbers == {"process_time_s.shape", "process_time_s.scale"} and (station.id, "process_time_s.mean") in said:
                numbers = {"process_time_s.shape", "process_time_s.mean"}
            assert {(station.id, slot) for slot in numbers} <= said, prompt.text
            if not isinstance(station.process_time_s, Constant):
                assert (station.id, "process_time_s.distribution") in said, prompt.text


def test_topology_is_told_or_drawn(written: list[tuple[ProcessGraph, Plan, Prompt]]) -> None:
    told = 0
    for graph, chosen, prompt in written:
        if not chosen.topology_in_prompt or prompt.register == "title":
            continue
        said = {(m.fact.subject, m.fact.slot) for m in prompt.mentions}
        for link in graph.links:
            assert (link.upstream, f"link:{link.downstream}") in said, prompt.text
            told += 1
            if link.percent is not None and not silent(chosen, link.upstream, "percent"):
                assert (link.upstream, f"percent:{link.downstream}") in said, prompt.text
    assert told > COUNT


def test_without_a_sketch_every_object_is_named_in_full(written: list[tuple[ProcessGraph, Plan, Prompt]]) -> None:
    seen = 0
    for graph, chosen, prompt in written:
        if chosen.modality is not Modality.NO_SKETCH:
            continue
        seen += 1
        counted = {m.fact.subject.rstrip("0123456789 ") for m in prompt.mentions if m.fact.slot == "count"}
        for thing in (*graph.stations, *graph.resources):
            stem = thing.id.rstrip("0123456789 ")
            several = thing in graph.resources and stem in counted and stem in prompt.text  # `Mail Operator x2`
            assert several or thing.id in prompt.text, f"{thing.id} is missing in:\n{prompt.text}"
    assert seen > COUNT / 30


def read_seconds(text: str, value: float) -> bool:
    """Whether `text` can be read as `value` seconds (metres, pieces ...) in some unit a person would use."""
    if any(text in ratios for ratios in RATIOS.values()) or text in RESTS:
        return True
    text = re.sub(r"(?<=\d),(?=\d)", ".", text).lower()
    if text in PAIRS and value == 2:
        return True
    for idiom_value, idioms in IDIOMS.items():
        if text in idioms:
            return idiom_value == value
    words = {word: float(number) for number, word in enumerate(WORDS)} | {word: float(number) for number, word in TENS.items()}
    number = re.match(r"[\d.]+(?:e[+-]?\d+)?|[a-z-]+", text)
    assert number is not None, text
    stated = words[number[0]] if number[0] in words else float(number[0].rstrip("."))
    factors = (1.0, 60.0, 3600.0, 86400.0, 0.01, 1e-3, 1 / 60)
    return any(abs(stated * factor - value) <= 1e-8 * abs(value) for factor in factors)


def test_every_mention_states_its_fact(written: list[tuple[ProcessGraph, Plan, Prompt]]) -> None:
    checked = 0
    for _, chosen, prompt in written:
        for mention in prompt.mentions:
            text = prompt.text[mention.start : mention.end]
            assert text == text.strip() != ""
            checked += check(chosen, mention, text)
    assert checked > 20 * COUNT


def is_number_of(text: str, name: str, stem: str) -> bool:
    """Whether `text` tells `name` from others with its stem, as in `Press 1 and 2`; the 3 of `Press 1-3` is the 2 as well."""
    own = re.sub(r"[\s_#-]", "", name[len(stem) :])
    return text == own or (text.isdigit() and own.isdigit() and int(own) < int(text) < 20)


def check(chosen: Plan, mention: Mention, text: str) -> bool:
    fact = mention.fact
    last = fact.slot.split(".")[-1]
    if fact.slot == "name":
        stem = re.sub(r"(?:[\s_#-]*(?:No\. ?|\()?\d{1,3}\)?|[\s_-](?:[A-H]|[IV]+))$", "", fact.value)
        known = {fact.value, chosen.labels.get(fact.subject, fact.value), stem, fact.value.split(" ")[-1].lower()}
        own = fact.value[len(stem) :].lstrip(" ")
        plurals = {f"{many} {own}" for many in (f"{stem}s", f"{stem}es", f"{stem[:-1]}ies")}
        if text in plurals or (len(text) < 4 and is_number_of(text, fact.value, stem)):
            return True
        near = (
            known
            | {f"{one}s" for one in known}
            | {f"{one}es" for one in known}
            | {f"{one[:-1]}ies" for one in known if one[-1:] == "y"}
        )
        assert text in near or min(abs(len(text) - len(one)) for one in known) <= 3, (text, fact)
        return text in near
    if (last in ("mean", "std", "min", "mode", "max", "value", "scale") and fact.slot != "mode") or fact.slot in (
        "length_m",
        "speed_m_s",
        "horizon_s",
    ):
        rate = (
            fact.slot.startswith("interarrival_time_s")
            and text.isdigit()
            and float(fact.value) in [period / int(text) for period in (60, 3600, 28800, 86400)]
        )
        assert rate or read_seconds(text, float(fact.value)), (text, fact)
        return True
    if last in ("shape", "mu", "sigma") or fact.slot in ("capacity", "count") or fact.slot.startswith("percent:"):
        number = text if text in RESTS or text.lower() in PAIRS else text.split(" ", maxsplit=1)[0].rstrip("%")
        assert read_seconds(number, float(fact.value)), (text, fact)
        return True
    return False


def test_same_generator_same_prompt() -> None:
    graph, categories = draw_line(np.random.default_rng(5))
    chosen = plan(graph, categories, np.random.default_rng(6))
    first = write_prompt(graph, categories, chosen, np.random.default_rng(7))
    assert first == write_prompt(graph, categories, chosen, np.random.default_rng(7))
    others = {write_prompt(graph, categories, chosen, np.random.default_rng(seed)).text for seed in range(20)}
    assert len(others) > 15


def small_line() -> tuple[ProcessGraph, Categories, Plan]:
    graph = ProcessGraph(
        stations=(
            Source(id="Blank Feed", interarrival_time_s=Exponential(90.0)),
            Queue(id="Waiting Table", capacity=12),
            Processor(id="Lathe", process_time_s=Normal(80.0, 5.0), setup_time_s=Constant(240.0)),
            Sink(id="Finished Shafts"),
        ),
        links=(
            Link(upstream="Blank Feed", downstream="Waiting Table"),
            Link(upstream="Waiting Table", downstream="Lathe"),
            Link(upstream="Lathe", downstream="Finished Shafts"),
        ),
    )
    categories = Categories(("workstation",), ("normal",), "manual", "metalworking", "linear")
    labels = {station.id: station.id for station in graph.stations}
    return graph, categories, Plan(Modality.FULL_TEXT, "prose", "paper", labels)


def _written(line: tuple[ProcessGraph, Categories, Plan], register: str, count: int) -> Iterator[Prompt]:
    """A line told so many times in one register."""
    graph, categories, chosen = line
    for seed in range(count):
        yield write_prompt(graph, categories, replace(chosen, register=register), np.random.default_rng(seed))


@pytest.mark.parametrize("register", ["prose", "paper", "telegraph", "bullets", "table", "email", "spoken", "broken"])
def test_registers_state_the_same_facts(register: str) -> None:
    for prompt in _written(small_line(), register, 40):
        facts = {(m.fact.slot, m.fact.value) for m in prompt.mentions if m.fact.subject == "Lathe"}
        assert {("process_time_s.mean", "80.0"), ("process_time_s.std", "5.0"), ("setup_time_s.value", "240.0")} <= facts
        assert ("link:Finished Shafts", "Finished Shafts") in facts
        assert prompt.register == register


def test_a_title_says_nothing_but_the_line() -> None:
    graph, categories, chosen = small_line()
    chosen = Plan(Modality.TITLE_ONLY, "prose", "paper", chosen.labels)
    prompt = write_prompt(graph, categories, chosen, np.random.default_rng(1))
    assert prompt.register == "title"
    assert len(prompt.text) < 80
    assert {m.fact.slot for m in prompt.mentions} <= {"layout"}


def test_unknown_register_is_an_error() -> None:
    graph, categories, chosen = small_line()
    chosen = Plan(Modality.FULL_TEXT, "sonnet", "paper", chosen.labels)
    with pytest.raises(KeyError):
        write_prompt(graph, categories, chosen, np.random.default_rng(1))


def test_distractor_numbers_have_no_mention(written: list[tuple[ProcessGraph, Plan, Prompt]]) -> None:
    allowed = {"layout", "horizon_s", "horizon_s.value", "warm_up_s", "warm_up_s.value"}
    for graph, _, prompt in written:
        ids = {thing.id for thing in (*graph.stations, *graph.resources)}
        for mention in prompt.mentions:
            assert mention.fact.subject in ids or mention.fact.slot in allowed
    assert Fact("", "layout", "u") != Fact("", "layout", "linear")


def test_prompts_are_written_fast() -> None:
    lines = []
    for index in range(150):
        line_rng, plan_rng, prompt_rng, _, _ = streams(3, index)
        graph, categories = draw_line(line_rng)
        lines.append((graph, categories, plan(graph, categories, plan_rng), prompt_rng))
    write_prompt(*lines[0])
    start = time.process_time()
    for graph, categories, chosen, prompt_rng in lines:
        write_prompt(graph, categories, chosen, prompt_rng)
    assert (time.process_time() - start) / len(lines) < 0.006


def test_relative_times_name_the_right_multiple(written: list[tuple[ProcessGraph, Plan, Prompt]]) -> None:
    found = 0
    for graph, _, prompt in written:
        times = {
            s.id: s.process_time_s.value
            for s in graph.stations
            if isinstance(s, MACHINE_TYPES) and isinstance(s.process_time_s, Constant)
        }
        for mention in prompt.mentions:
            text = prompt.text[mention.start : mention.end]
            ratios = [ratio for ratio, words in RATIOS.items() if text in words]
            if ratios:
                found += 1
                assert any(
                    float(mention.fact.value) == ratios[0] * time for name, time in times.items() if name != mention.fact.subject
                )
    assert found > 0


def test_a_rate_stands_for_the_time_between_two(written: list[tuple[ProcessGraph, Plan, Prompt]]) -> None:
    found = 0
    for _, _, prompt in written:
        for mention in prompt.mentions:
            after = prompt.text[mention.end :]
            period = re.match(r"(?: [^.,:\n]{1,30}?)?(?: ?/| per | an? | every )(h|min|shift of 8|8.h(?:our)? shift|24 h)", after)
            text = prompt.text[mention.start : mention.end]
            if mention.fact.slot in ("interarrival_time_s.value", "interarrival_time_s.mean") and text.isdigit() and period:
                seconds = 28800.0 if "8" in period[1] else 86400.0 if "24" in period[1] else 3600.0 if period[1] == "h" else 60.0
                found += float(mention.fact.value) * int(text) == pytest.approx(seconds)
    assert found > 3


def test_a_rate_may_be_told_by_the_shift() -> None:
    source = Source(id="Dock", flexsim_class="Source", interarrival_time_s=Constant(36.0))
    sink = Sink(id="Out", flexsim_class="Sink")
    graph = ProcessGraph(stations=(source, sink), links=(Link(upstream="Dock", downstream="Out"),))
    categories = Categories(("workstation",), ("constant",), "manual", "food", "linear")
    modalities = {Modality.FULL_TEXT: 1.0}
    after = []
    for seed in range(300):
        rng = np.random.default_rng(seed)
        prompt = write_prompt(graph, categories, plan(graph, categories, rng, modalities), rng)
        stated = [m for m in prompt.mentions if m.fact.slot == "interarrival_time_s.value"]
        after += [prompt.text[m.end :] for m in stated if prompt.text[m.start : m.end] == "800"]
    assert len(after) > 2
    assert all(re.match(r"[^.]*\b(8.h|8 hours)", text) for text in after)


def test_decimal_commas_keep_numbers_apart() -> None:
    facts = (Fact("A", "process_time_s.mean", "3.5"),)
    draft = [Piece("A No. 1.5", (), True), Piece(" takes N("), Piece("3.5", facts), Piece(","), Piece("0.25", facts), Piece(") s.")]
    assert text_of(with_decimal_commas(draft)) == "A No. 1.5 takes N(3,5;0,25) s."
    named = [Piece("3.5 s", facts), Piece(", "), Piece("then the saw")]
    assert text_of(with_decimal_commas(named)) == "3,5 s, then the saw"


def test_decimal_commas_are_read_as_written(written: list[tuple[ProcessGraph, Plan, Prompt]]) -> None:
    commas = [prompt for _, _, prompt in written if re.search(r"\d,\d{1,2} ?(?:s|min)\b", prompt.text)]
    assert len(commas) > COUNT / 100
    for prompt in commas:
        assert not [m for m in prompt.mentions if re.fullmatch(r"\d+\.\d+", prompt.text[m.start : m.end])]


def test_what_is_corrected_is_stated_once(written: list[tuple[ProcessGraph, Plan, Prompt]]) -> None:
    """Of a value that was first written wrong only the right version carries the fact."""
    words = r"\b(?:sorry|correction|corr\.|update|instead of|mistake|forget the|correct myself|erratum|corrected)\b"
    mark = re.compile(words, re.IGNORECASE)
    corrected = [one for one in written if mark.search(one[2].text)]
    assert len(corrected) > COUNT / 60
    for graph, _, prompt in corrected:
        for station in graph.stations:
            if not isinstance(station, Queue):
                continue
            said = {m.fact.value for m in prompt.mentions if m.fact.subject == station.id and m.fact.slot == "capacity"}
            assert said <= {str(int(station.capacity))}


def test_places_in_line_tell_one_object_each() -> None:
    seen = 0
    for index in range(150):
        line_rng, plan_rng, prompt_rng, _, _ = streams(77, index)
        graph, categories = draw_line(line_rng)
        chosen = plan(graph, categories, plan_rng)
        writer = new_writer(graph, categories, chosen, random.Random(int(prompt_rng.integers(2**31))), "prose")
        found = places_in_line(writer)
        assert len(set(found.values())) == len(found)
        assert set(found) <= {station.id for station in graph.stations}
        seen += len(found)
    assert seen > 150


def test_machines_are_told_by_what_they_do() -> None:
    def does(name: str) -> set[str]:
        return {verb for word in re.split(r"[ -]", name.lower()) for verb in DOES.get(word, ())}

    seen = 0
    for index in range(150):
        line_rng, plan_rng, prompt_rng, _, _ = streams(78, index)
        graph, categories = draw_line(line_rng)
        chosen = plan(graph, categories, plan_rng)
        writer = new_writer(graph, categories, chosen, random.Random(int(prompt_rng.integers(2**31))), "prose")
        for thing, phrase in places_in_line(writer).items():
            if verb := phrase.partition(" that ")[2]:
                seen += 1
                machines = [one.id for one in graph.stations if kind_of(one) in MACHINES]
                assert [one for one in machines if verb in does(one)] == [thing], phrase
    assert seen > 10


def test_what_a_machine_does_follows_from_its_name() -> None:
    assert work_of("Tray Washer") == "washing"
    assert work_of("Wire Cutter 2") == "cutting"
    assert work_of("Spin Dryer") == "drying"
    assert work_of("Bag Opener") == "opening"
    assert work_of("Lindqvist Cell") == ""
    assert verbs_of("Rip Saw") == ("saws", "cuts")


def test_sentences_that_go_on_state_the_same_facts() -> None:
    graph, categories, chosen = small_line()
    went_on = 0
    for seed in range(300):
        prompt = write_prompt(graph, categories, chosen, np.random.default_rng(seed))
        about = [m for m in prompt.mentions if m.fact.subject == "Lathe" and m.fact.slot == "process_time_s.mean"]
        assert [m.fact.value for m in about] == ["80.0"]
        before = prompt.text[: about[0].start].lower()
        sentence = before.rpartition(". ")[2] + prompt.text[about[0].start :].partition(". ")[0].lower()
        if re.match(r"(it|its|this|that|the (cycle|work|job|step)|turning|a cycle)\b", sentence) and "lathe" not in sentence:
            went_on += 1
            assert before.rfind("athe") > max(before.rfind(name) for name in ("blank feed", "finished shafts"))
    assert went_on > 10


def crewed_line() -> tuple[ProcessGraph, Categories, Plan]:
    """A lathe for four at once that three turners run and one cart clears."""
    graph, categories, small = small_line()
    feed, table, _, sink = graph.stations
    need = OperatorNeed(resources=("Turner 1", "Turner 2", "Turner 3"), process_count=1)
    lathe = Processor(id="Lathe", process_time_s=Normal(80.0, 5.0), capacity=4, operators=need)
    links = (*graph.links[:2], Link(upstream="Lathe", downstream="Finished Shafts", transport="Cart"))
    resources: tuple[Resource, ...] = (*(Operator(id=f"Turner {k}") for k in (1, 2, 3)), Transporter(id="Cart"))
    whole = ProcessGraph(stations=(feed, table, lathe, sink), links=links, resources=resources)
    labels = {thing.id: thing.id for thing in (*whole.stations, *whole.resources)}
    return whole, categories, replace(small, labels=labels)


@pytest.mark.parametrize("register", ["prose", "telegraph", "bullets", "spoken"])
def test_crews_are_told_once_wherever_they_are_told(register: str) -> None:
    at_station = 0
    for prompt in _written(crewed_line(), register, 150):
        facts = [(m.fact.subject, m.fact.slot, prompt.text[m.start : m.end]) for m in prompt.mentions]
        said = {(subject, slot) for subject, slot, _ in facts}
        assert {(f"Turner {k}", "serves:Lathe") for k in (1, 2, 3)} <= said, prompt.text
        assert ("Cart", "carries:Lathe") in said, prompt.text
        counts = [text for subject, slot, text in facts if (subject, slot) == ("Turner 1", "count")]
        assert counts
        assert all(text.lower() in ("3", "three") for text in counts), prompt.text
        capacity = [text for subject, slot, text in facts if (subject, slot) == ("Lathe", "capacity")]
        assert all(text.lower() in ("4", "four") for text in capacity)
        assert len(capacity) == 1
        at_station += any(slot == "serves:Lathe" and "urner" in text for _, slot, text in facts)
    assert at_station > 20


def test_a_sign_of_times_is_followed_by_digits(written: list[tuple[ProcessGraph, Plan, Prompt]]) -> None:
    for _, _, prompt in written:
        for mention in prompt.mentions:
            if mention.fact.slot in ("count", "capacity") and prompt.text[mention.start - 1 : mention.start] in ("x", "×"):
                assert prompt.text[mention.start : mention.end].isdigit(), prompt.text


def numbers_read(prompt: Prompt) -> tuple[int, int]:
    """How many mentions of numbers there are, and how many of them the reader finds with a value that fits."""
    names = tuple((m.start, m.end) for m in prompt.mentions if m.fact.slot == "name")
    found = find_numbers(prompt.text, outside=names)
    asked = [m for m in prompt.mentions if re.fullmatch(r"-?[\d.]+(e-?\d+)?", m.fact.value) and m.fact.slot != "name"]
    asked = [m for m in asked if ":" not in m.fact.slot and not m.fact.slot.startswith("operators")]
    good = 0
    for mention in asked:
        value = float(mention.fact.value)
        here = [n for n in found if n.start < mention.end and mention.start < n.end and n.value]
        factors = (1.0, 60.0, 3600.0, 86400.0)
        good += any(
            any(abs(n.value * f - value) <= 1e-6 * abs(value) + 1e-9 for f in factors)
            or any(abs(period / n.value - value) <= 1e-3 * value for period in (60.0, 3600.0))
            for n in here
        )
    return len(asked), good


def test_the_reader_finds_the_numbers_that_are_meant(written: list[tuple[ProcessGraph, Plan, Prompt]]) -> None:
    counts = [numbers_read(prompt) for _, _, prompt in written]
    asked, good = sum(a for a, _ in counts), sum(g for _, g in counts)
    assert asked > 8 * COUNT
    assert asked - good < 0.002 * asked, f"{asked - good} of {asked} numbers have lost their marks"


def test_a_number_put_right_is_meant_once() -> None:
    put_right = 0
    for prompt in _written(small_line(), "spoken", 800):
        for mention in prompt.mentions:
            before = prompt.text[: mention.start]
            if mention.fact.slot.split(".")[-1] in ("mean", "value") and re.search(r"(no wait,|make that|I mean,) $", before):
                put_right += 1
                assert read_seconds(prompt.text[mention.start : mention.end], float(mention.fact.value))
                wrong = find_numbers(before)[-1]
                assert not any(m.start < wrong.end and wrong.start < m.end for m in prompt.mentions)
    assert put_right > 5


def test_values_stand_behind_the_names_where_they_first_come_up() -> None:
    strung = 0
    for prompt in _written(small_line(), "telegraph", 300):
        times = [m for m in prompt.mentions if m.fact.slot == "process_time_s.mean"]
        assert len(times) == 1
        strung += re.search(r"Lathe[^>→\n]* (80|1\.33)[^>→\n]*(->|→|>|=>)", prompt.text) is not None
    assert strung > 20
