"""What the prompt says outright: types, modes, how many; and how verdicts are made to agree."""

from __future__ import annotations

import re

import pytest
import torch

from gdt2usd.training.targets import SLOTS
from gdt2usd.vlsm.consistent import (
    consistent,
    with_corrections,
    with_drawn_shares,
    with_groups,
    with_whole_shares,
)
from gdt2usd.vlsm.mentions import PROMPT, Named, Place
from gdt2usd.vlsm.numbers import find_numbers
from gdt2usd.vlsm.owners import with_chains, with_heads
from gdt2usd.vlsm.processor import CandidateLink, Encoded, Evidence, Stroke, encode
from gdt2usd.vlsm.said import Said
from gdt2usd.vlsm.script_tokens import CONNECTIONS, FAMILIES, KINDS, ROLES
from gdt2usd.vlsm.stated import Stated, stated


def _read(prompt: str, *names: str) -> tuple[Evidence, Encoded]:
    objects = []
    for name in names:
        places = tuple(Place(PROMPT, m.start(), m.end(), name) for m in re.finditer(rf"\b{name}\b", prompt))
        objects.append(Named(name, places))
    evidence = Evidence(prompt, tuple(objects))
    return evidence, encode(evidence, lambda word: [0], 512)


def _told(prompt: str, *names: str) -> Stated:
    return stated(*_read(prompt, *names))


@pytest.mark.parametrize(
    ("prompt", "kind"),
    [
        ("Hub Bay, a rack for 480 loads", "storage"),
        ("Hub Bay (rack, 50)", "storage"),
        ("Hub Bay is a separator in split mode", "separator"),
        ("Hub Bay = source too, 1 carton / 20 s", "source"),
        ("Hub Bay: conveyor, 30 m", "conveyor"),
        ("Hub Bay conveyor 48 m, 1.5 m/min", "conveyor"),
        ("the sink Hub Bay takes all", "sink"),
        ("first the Hub Bay, take it as the source, it lets one out", "source"),
        ("Don't let the name Hub Bay fool you, it is an ordinary processor", "processor"),
        ("3 forklifts called Hub Bay", "transporter"),
        ("Hub Bay: AGV, two of them", "agv"),
        ("Two people (Hub Bay) look after it", "operator"),
        ("Hub Bay | queue (no rack) | 30 max", "queue"),
        ("Hub Bay; -; queue, max: see sketch", "queue"),
        ("Then the Hub Bay, also a combiner but with mode batch", "combiner"),
        ("Pots stay in the Hub Bay. I model it as rack with 600 places", "storage"),
        ("Left in the Hub Bay, where 15 cars can wait in a queue", "queue"),
        ("Hub Bay: treat as source, one frame every 100 s", "source"),
        ("Two of the Hub Bay, small AGVs.", "agv"),
        ("Hub Bay dispatcher for M1 and M2", "dispatcher"),
        ("Hub Bay splits every cart into 4 slings", "separator"),
        ("Hub Bay then joins the axle with 2 wheels", "combiner"),
    ],
)
def test_types(prompt: str, kind: str) -> None:
    assert _told(prompt, "Hub Bay").kinds == {0: frozenset({kind})}


def test_a_type_of_the_next_thing_is_not_taken() -> None:
    assert _told("Saw, conveyor Belt, 12 m", "Saw", "Belt").kinds == {1: frozenset({"conveyor"})}
    assert _told("Saw 4 s -> queue -> Drill", "Saw", "Drill").kinds == {}
    assert _told("Saw takes 4 s. A queue follows.", "Saw").kinds == {}


def test_a_type_holds_for_a_row_of_names_and_after_a_heading() -> None:
    assert _told("Exit and Scrap are sinks", "Exit", "Scrap").kinds == dict.fromkeys((0, 1), frozenset({"sink"}))
    told = _told("Sources: Mould constant 100 s, Core normal(95, 10) s. Setter 40 s", "Mould", "Core", "Setter")
    assert told.kinds == dict.fromkeys((0, 1), frozenset({"source"}))
    told = _told(
        "Both stations, Pack A and Pack B, get orders from Wall; they are combiners in pack mode, 65 s each",
        "Pack A",
        "Pack B",
        "Wall",
    )
    assert told.kinds == dict.fromkeys((0, 1), frozenset({"combiner"}))
    assert told.modes == {0: "pack", 1: "pack"}
    assert told.chains == {1: (0, 1)}  # number 0 is `Both`
    assert _told("Saw: a machine", "Saw").kinds == {0: frozenset({"processor", "combiner", "separator", "multiprocessor"})}


@pytest.mark.parametrize(
    ("prompt", "mode"),
    [
        ("Setter is a combiner in join mode", "join"),
        ("Setter = combiner (pack), 60 cartons", "pack"),
        ("Setter: combiner, batch of 4, 45 min", "batch_mode"),
        ("Setter separator/unpack 55 s", "unpack"),
        ("Setter, a separator: splits each into 3", "split"),
        ("Setter is a combiner. Batch follows.", None),
    ],
)
def test_modes(prompt: str, mode: str | None) -> None:
    assert _told(prompt, "Setter").modes == ({} if mode is None else {0: mode})


@pytest.mark.parametrize(
    ("prompt", "count"),
    [
        ("Ann x2: Press", 2), ("2x Ann for Press", 2), ("two Ann", 2), ("3 x Ann", 3), ("Ann (3 persons)", 3), ("Ann: 2 people", 2),
        ("Ann is an AGV, 4 pieces", 4), ("Ann, two of them", 2), ("dispatcher for 3 x Ann", 3), ("4 vehicles (Ann)", 4),
        ("Two AGVs of type Ann", 2), ("Ann = AGV, 3 pcs, for Press", 3), ("Ann takes 2 min", None), ("Ann 2 at Press", None),
    ],
)  # fmt: skip
def test_counts(prompt: str, count: int | None) -> None:
    evidence, encoded = _read(prompt, "Ann", "Press")
    counts = stated(evidence, encoded).counts
    assert [(encoded.numbers[k].number.value, thing) for k, thing in counts] == ([] if count is None else [(float(count), 0)])


@pytest.mark.parametrize(
    ("prompt", "found"),
    [
        ("Setter is a combiner in pack mode: it puts 4 washed cells into each housing, 80 s", True),
        ("Setter = combiner, pack, 4 cells per housing", True),
        ("Setter combiner pack 4 cartons/pallet 20 s", True),
        ("Setter: combiner (pack), 4 cartons onto each blank pallet, 20 s", True),
        ("Setter: combiner, 4 s per housing", False),
        ("Setter takes 4 parts to the wall", False),
    ],
)
def test_how_many_go_into_one(prompt: str, found: bool) -> None:
    evidence, encoded = _read(prompt, "Setter")
    assert [(encoded.numbers[k].number.value, i) for k, i in stated(evidence, encoded).components] == ([(4.0, 0)] if found else [])


def _said(encoded: Encoded, kinds: list[dict[str, float]], slots: list[dict[str, float]], owners: list[int]) -> Said:
    n, m = len(encoded.objects), len(encoded.numbers)
    log_kinds = torch.full((n, len(KINDS) + 1), -8.0)
    for i, shares in enumerate(kinds):
        for kind, share in shares.items():
            log_kinds[i, KINDS.index(kind)] = float(torch.tensor(share).log())
    given, owned = torch.full((m, len(SLOTS) + 1), 0.001), torch.full((m, n), 0.01)
    for k, shares in enumerate(slots):
        for slot, share in shares.items():
            given[k, SLOTS.index(slot)] = share
        owned[k, owners[k]] = 0.95
    zeros = (torch.zeros(m, len(ROLES) + 1), torch.zeros(m, len(FAMILIES) + 1), torch.full((len(CONNECTIONS), n, n), -6.0))
    return Said(log_kinds, given, owned, owned.clone(), *zeros)


def _kinds(said: Said) -> list[str]:
    return [KINDS[i] for i in said.kinds.argmax(-1).tolist()]


def test_numbers_and_arrows_settle_kinds() -> None:
    evidence, encoded = _read("Whirl 20 s, Hopper 4", "Whirl", "Hopper")
    assert [n.value for n in find_numbers(evidence.prompt)] == [20.0, 4.0]
    said = _said(
        encoded, [{"queue": 0.6, "processor": 0.4}, {"source": 0.6, "queue": 0.4}],
        [{"process_time_s": 0.95}, {"capacity": 0.8, "process_time_s": 0.1}], [0, 1],
    )  # fmt: skip
    assert _kinds(consistent(said, encoded, evidence, SLOTS)) == ["processor", "queue"]
    labels = tuple(Named(o.name, (*o.places, Place(i, 0, 5, o.name))) for i, o in enumerate(evidence.objects))
    drawn = Evidence(evidence.prompt, labels, links=(CandidateLink(0, 1, Stroke.ARROW, True),))
    said = _said(encoded, [{"sink": 0.6, "source": 0.4}, {"source": 0.7, "sink": 0.3}], [{"other": 0.9}, {"other": 0.9}], [0, 1])
    assert _kinds(consistent(said, encoded, drawn, SLOTS)) == ["source", "sink"]


def test_a_bare_time_of_a_source_is_the_one_between_arrivals() -> None:
    evidence, encoded = _read("Dryer 15 s", "Dryer")
    said = _said(encoded, [{"source": 0.9}], [{"process_time_s": 0.9}], [0])
    out = consistent(said, encoded, evidence, SLOTS)
    assert SLOTS[int(out.slots[0].argmax())] == "interarrival_time_s"
    out = consistent(_said(encoded, [{"processor": 0.9}], [{"interarrival_time_s": 0.9}], [0]), encoded, evidence, SLOTS)
    assert SLOTS[int(out.slots[0].argmax())] == "process_time_s"


def test_a_row_of_machines_shares_its_numbers() -> None:
    evidence, encoded = _read("Saw A and Saw B: 42 s. Drill 9 s", "Saw A", "Saw B", "Drill")
    said = _said(encoded, [{"processor": 0.9}] * 3, [{"process_time_s": 0.9}] * 2, [1, 2])
    chains = stated(evidence, encoded).chains
    assert chains == {0: (0, 1)}
    owners = with_chains(said, chains, stated(evidence, encoded).heads).owners
    assert owners[0].tolist() == [0.5, 0.5, 0.0]
    assert int(owners[1].argmax()) == 2


def test_a_percentage_at_an_arrow_belongs_to_it() -> None:
    from gdt2usd.diagnostics import Box
    from gdt2usd.sketch.sketch import Label

    labels = tuple(Label(t, Box(100.0 * i, 0, 100.0 * i + 60, 20), 0.9) for i, t in enumerate(("Test", "Scrap", "7%", "Good")))
    objects = tuple(Named(labels[i].text, (Place(i, 0, len(labels[i].text), labels[i].text),)) for i in (0, 1, 3))
    arrow, other = CandidateLink(0, 1, Stroke.ARROW, True, percent=2), CandidateLink(0, 3, Stroke.ARROW, True)
    evidence = Evidence("", objects, labels, (400, 100), links=(arrow, other))
    encoded = encode(evidence, lambda word: [0], 512)
    said = _said(encoded, [{"processor": 0.9}, {"sink": 0.9}, {"sink": 0.9}], [{"capacity": 0.9}], [1])
    out = with_drawn_shares(said, encoded, evidence, SLOTS)
    assert SLOTS[int(out.slots[0].argmax())] == "percent"
    assert (int(out.owners[0].argmax()), int(out.targets[0].argmax())) == (0, 1)
    alone = Evidence("", objects, labels, (400, 100), links=(arrow,))  # no share of the only way on
    assert torch.equal(with_drawn_shares(said, encoded, alone, SLOTS).slots, said.slots)


def test_a_name_for_several_gives_its_numbers_to_all() -> None:
    evidence, encoded = _read("each Prober gamma 5 80 s", "Prober")
    objects = (*evidence.objects, Named("Prober 1", ()), Named("Prober 2", ()))
    both = Evidence(evidence.prompt, objects)
    encoded = encode(both, lambda word: [0], 512)
    said = _said(encoded, [{"processor": 0.9}] * 3, [{"process_time_s": 0.9}] * 2, [0, 0])
    owners = with_heads(said, stated(both, encoded).heads, encoded.objects).owners
    assert owners.tolist() == [[0.0, 0.5, 0.5]] * 2


def test_whose_numbers_a_clause_says() -> None:
    prompt = (
        "The Case Pack (combiner) loads 60 boxes from the Gluer on one pallet, 20 s a pallet. The Gluer jams; it takes 8 s. "
        "Saw (30 s) and Drill then 9 s; this runs 4 s"
    )
    evidence, encoded = _read(prompt, "Case Pack", "Gluer", "Saw", "Drill")
    names = [named.name for named in evidence.objects]
    heads = {encoded.numbers[k].number.text: names[i] for k, i in stated(evidence, encoded).heads.items()}
    assert heads["60"] == heads["20 s"] == "Case Pack"
    assert heads["8 s"] == "Gluer"
    assert heads["30 s"] == "Saw"


@pytest.mark.parametrize(
    ("prompt", "family"),
    [
        ("Saw 120/h, exp -> Drill", "exponential"), ("Saw exponential mean 30 s", "exponential"), ("Saw 30 s flat", "constant"),
        ("Saw 30 s", None), ("Saw normal 30 s, 4 s exp", None), ("Saw 30 s; Drill exp 4 s", None),
    ],
)  # fmt: skip
def test_a_word_for_how_a_lone_number_scatters(prompt: str, family: str | None) -> None:
    assert _told(prompt, "Saw", "Drill").families.get(0) == family


def test_numbers_written_as_one_mean_one_thing() -> None:
    evidence, encoded = _read("Whirl uniform(1200, 1800) s, 4 m", "Whirl", "Saw")
    said = _said(
        encoded, [{"processor": 0.9}] * 2,
        [{"capacity": 0.6, "process_time_s": 0.3}, {"process_time_s": 0.9}, {"capacity": 0.7, "length_m": 0.2}], [1, 0, 0],
    )  # fmt: skip
    said.owners[0, 0] = 0.4
    out = with_groups(said, encoded, evidence, SLOTS)
    assert [SLOTS[i] for i in out.slots.argmax(-1).tolist()] == ["process_time_s", "process_time_s", "length_m"]
    assert out.owners.argmax(-1).tolist() == [0, 0, 0]


@pytest.mark.parametrize(
    "prompt",
    [
        "Two operators of class Hub Bay serve the Saw", "Hub Bay: 2 operators @ Saw", "Hub Bay 2x at the Saw",
        "Hub Bay, 2 people, at the Saw",
        "Hub Bay 2 persons\nSaw: see sketch", "There are two people behind Hub Bay", "1 Saw, 2 x Hub Bay",
    ],
)  # fmt: skip
def test_how_many_there_are(prompt: str) -> None:
    evidence, encoded = _read(prompt, "Hub Bay", "Saw")
    counted = {encoded.numbers[k].number.value: i for k, i in stated(evidence, encoded).counts}
    assert counted[2.0] == 0


def test_a_place_of_work_is_not_counted() -> None:
    told = _told("Crew is at the Ironer, 4 people, nowhere else", "Crew", "Ironer")
    assert told.counts == ()
    assert {i for _, i in told.crews} == {0, 1}


@pytest.mark.parametrize(
    ("prompt", "families"),
    [
        ("Saw gamma k=3 theta=8 s", ["gamma"] * 2), ("Saw N(30, 2) s", ["normal"] * 2), ("Saw 9\u00b10.5 s", ["normal"] * 2),
        ("Saw logn mean 90 s sd 20 s", ["lognormal_meanstd"] * 2), ("Saw 5 to 15 min (uniform)", ["uniform"] * 2),
        ("Saw tri 5/9/20 min", ["triangular"] * 3), ("Saw 18 s, MTBF exp 2 h", [None, "exponential"]),
        ("Saw normal 4, 5, 6 s", [None] * 3),
    ],
)  # fmt: skip
def test_distributions_of_several_numbers(prompt: str, families: list[str | None]) -> None:
    told = _told(prompt, "Saw").families
    assert [told.get(k) for k in range(len(families))] == families


def test_numbers_of_things_with_a_word_in_common() -> None:
    evidence, encoded = _read("Press 1 and Press 2 follow. Both presses: 110 s. Saw 4 s", "Press 1", "Press 2", "Saw")
    chains = {encoded.numbers[k].number.text: things for k, things in stated(evidence, encoded).chains.items()}
    assert chains["110 s"] == (0, 1)
    assert "4 s" not in chains


def test_lines_of_a_table_own_their_numbers() -> None:
    evidence, encoded = _read("Saw; 4 s; old\nMill; -; 5 s\nDrill; 6 s\nLathe; 7 s", "Saw", "Mill", "Drill", "Lathe")
    heads = {encoded.numbers[k].number.value: i for k, i in stated(evidence, encoded).heads.items()}
    assert heads == {4.0: 0, 5.0: 1, 6.0: 2, 7.0: 3}


@pytest.mark.parametrize(
    ("prompt", "value"),
    [
        ("Pack: combiner, join; it takes 1 frame + 2 panes, 85 s", 2.0),
        ("Pack (combiner, pack) puts 48 cans on one pallet, 12 s", 48.0),
        ("Pack combiner: one frame from the Saw plus three panes", 3.0),
        ("Pack is a combiner, tri 5/6/8 s", None),
    ],
)
def test_parts_of_a_combiner(prompt: str, value: float | None) -> None:
    evidence, encoded = _read(prompt, "Pack", "Saw")
    found = [encoded.numbers[k].number.value for k, i in stated(evidence, encoded).components if i == 0]
    assert found == ([] if value is None else [value])


def _shares(prompt: str, *names: str) -> tuple[Said, Encoded, Evidence]:
    evidence, encoded = _read(prompt, *names)
    n, m = len(encoded.objects), len(encoded.numbers)
    slots = torch.zeros(m, len(SLOTS) + 1)
    slots[:, SLOTS.index("process_time_s")] = 1.0
    even = torch.full((m, n), 1.0 / n)
    said = Said(
        torch.zeros(n, len(KINDS) + 1), slots, even, even.clone(), torch.zeros(m, len(ROLES) + 1),
        torch.zeros(m, len(FAMILIES) + 1), torch.zeros(len(CONNECTIONS), n, n),
    )  # fmt: skip
    return said, encoded, evidence


@pytest.mark.parametrize(
    ("prompt", "kept"),
    [
        ("Saw 12 s, no wait, since then it is 14 s", [14.0]), ("Saw 5 s, sorry, scratch that, 6 s", [6.0]),
        ("Saw takes 48 min, not 44", [48.0]),
        ("Saw 12 s and 14 s", [12.0, 14.0]),
    ],
)  # fmt: skip
def test_what_the_writer_takes_back_is_dropped(prompt: str, kept: list[float]) -> None:
    said, encoded, evidence = _shares(prompt, "Saw")
    corrected = with_corrections(said, encoded, evidence).slots
    assert [r.number.value for k, r in enumerate(encoded.numbers) if corrected[k, -1] < 1] == kept


def test_percentages_that_make_a_hundred_have_one_owner_and_point_behind_themselves() -> None:
    said, encoded, evidence = _shares("Saw 4 s, 96 % to Drill, 4 % to Yard. Mill 3 s", "Saw", "Drill", "Yard", "Mill")
    said.slots[1:3] = 0.0
    said.slots[1:3, SLOTS.index("percent")] = 1.0
    said.owners[1] = torch.tensor([0.7, 0.1, 0.1, 0.1])
    settled = with_whole_shares(said, encoded, evidence, SLOTS)
    assert settled.owners[1:3].argmax(-1).tolist() == [0, 0]
    assert settled.targets[1:3].argmax(-1).tolist() == [1, 2]
