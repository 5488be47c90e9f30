"""Verdicts that the words around a number or a name contradict are overruled, others stay."""

from __future__ import annotations

import torch

from gdt2usd.vlsm.guide import guide_of
from gdt2usd.vlsm.mentions import PROMPT, Named, Place
from gdt2usd.vlsm.processor import CandidateLink, Encoded, Evidence, Stroke, encode
from gdt2usd.vlsm.render import Declared, Draft, Joined
from gdt2usd.vlsm.repair import mend
from gdt2usd.vlsm.said import Said
from gdt2usd.vlsm.sanity import is_title, means_several, plausible
from gdt2usd.vlsm.script_tokens import (
    CONNECTIONS,
    END,
    FAMILIES,
    FIRST_OBJECT,
    IDS,
    KINDS,
    MAX_NUMBERS,
    MAX_OBJECTS,
    ROLES,
    Grammar,
)
from gdt2usd.vlsm.stated import stated
from tests.vlsm.inputs import pieces

SLOTS = ("process_time_s", "setup_time_s", "capacity", "move_time_s", "count", "other")


def _named(prompt: str, *names: str, drawn: int = 0) -> tuple[Named, ...]:
    """Objects named in the prompt, the first `drawn` of them in the sketch too."""
    out = []
    for i, name in enumerate(names):
        at = prompt.find(name)
        places = [Place(PROMPT, at, at + len(name), name)] if at >= 0 else []
        out.append(Named(name, (*([Place(i, 0, len(name), name)] if i < drawn else []), *places)))
    return tuple(out)


def _said(encoded: Encoded, kinds: list[str], slots: list[str], owners: list[int]) -> Said:
    n, m = len(encoded.objects), len(encoded.numbers)
    log_kinds = torch.full((n, len(KINDS) + 1), -5.0)
    shares, owned = torch.full((m, len(SLOTS) + 1), 0.01), torch.full((m, n), 0.01)
    for i, kind in enumerate(kinds):
        log_kinds[i, KINDS.index(kind)] = 0.0
    for i, (slot, owner) in enumerate(zip(slots, owners, strict=True)):
        shares[i, SLOTS.index(slot)] = 0.9
        shares[i, 0] += 0.05
        owned[i, owner] = 0.9
    nothing = (torch.zeros(m, len(ROLES) + 1), torch.zeros(m, len(FAMILIES) + 1), torch.full((len(CONNECTIONS), n, n), -6.0))
    return Said(log_kinds, shares, owned, owned.clone(), *nothing)


def _plausible(said: Said, encoded: Encoded, evidence: Evidence, slots: tuple[str, ...]) -> Said:
    return plausible(said, encoded, evidence, slots, stated(evidence, encoded))


def _best(said: Said) -> list[str]:
    return [SLOTS[i] for i in said.slots.argmax(-1).tolist()]


def test_a_setup_time_needs_a_word_for_it() -> None:
    prompt = "Coater 8 min, setup 20 min / Packer 7 min"
    evidence = Evidence(prompt, _named(prompt, "Coater", "Packer"))
    encoded = encode(evidence, pieces, 512, range)
    said = _said(encoded, ["processor"] * 2, ["process_time_s", "setup_time_s", "setup_time_s"], [0, 0, 1])
    assert _best(_plausible(said, encoded, evidence, SLOTS)) == ["process_time_s", "setup_time_s", "process_time_s"]
    spoken = prompt.replace("Packer 7", "Packer set-up 7")
    evidence = Evidence(spoken, _named(spoken, "Coater", "Packer"))
    encoded = encode(evidence, pieces, 512, range)
    assert _best(_plausible(said, encoded, evidence, SLOTS)) == ["process_time_s", "setup_time_s", "setup_time_s"]


def test_a_number_before_a_resource_counts_it() -> None:
    for words, counted in (("two Carriers", True), ("2 x Carriers", True), ("2 min Carriers", False), ("Carriers 2", False)):
        prompt = f"Saw 4 s, then {words}"
        evidence = Evidence(prompt, _named(prompt, "Saw", "Carriers"))
        encoded = encode(evidence, pieces, 512, range)
        said = _said(encoded, ["processor", "agv"], ["process_time_s", "move_time_s"], [0, 1])
        assert (_best(_plausible(said, encoded, evidence, SLOTS))[1] == "count") is counted, words


def test_a_person_is_an_operator() -> None:
    evidence = Evidence("", _named("", "Task Executer", drawn=1), kinds={0: "operator"})
    encoded = encode(evidence, pieces, 512, range)
    said = _said(encoded, ["task_executer"], [], [])
    assert KINDS[int(_plausible(said, encoded, evidence, SLOTS).kinds[0].argmax())] == "operator"
    carts = Evidence("", _named("", "Cart", drawn=1))
    assert KINDS[int(_plausible(said, encode(carts, pieces, 512, range), carts, SLOTS).kinds[0].argmax())] == "task_executer"


def test_the_base_class_is_an_operator_unless_a_vehicle_is_drawn() -> None:
    for drawn, kind in ((None, "operator"), ("agv", "task_executer")):
        evidence = Evidence("", _named("", "Task Executer", drawn=1), kinds={0: drawn} if drawn else {})
        encoded = encode(evidence, pieces, 512, range)
        assert KINDS[int(_plausible(_said(encoded, ["task_executer"], [], []), encoded, evidence, SLOTS).kinds[0].argmax())] == kind


def test_a_network_without_those_words_is_not_overruled() -> None:
    prompt = "Saw 4 s"
    evidence = Evidence(prompt, _named(prompt, "Saw"))
    encoded = encode(evidence, pieces, 512, range)
    said = _said(encoded, ["processor"], ["process_time_s"], [0])
    assert torch.equal(_plausible(said, encoded, evidence, ("process_time_s",)).slots, said.slots)


def test_words_for_several_and_titles_are_no_objects() -> None:
    objects = _named("The AGVs of CMP", "AGV A", "AGV B", "AGVs", drawn=2)
    assert [means_several(objects, i) for i in range(3)] == [False, False, True]
    assert not means_several(_named("Press and Saw 2", "Press", "Saw 2"), 0)
    prompt = "CMP: Track 4 s"
    evidence = Evidence(prompt, _named(prompt, "Track", "Clean", "Polish", "CMP", drawn=3))
    assert [is_title(evidence, i) for i in range(4)] == [False, False, False, True]
    assert not is_title(Evidence(prompt, _named(prompt, "Track", "CMP")), 1)  # no sketch shows the line without it


def test_the_reader_counts_after_a_parameter_too() -> None:
    """A connection that the reader sees outweighs the end wherever the grammar stands."""
    evidence = Evidence("Saw and Ann", _named("Saw and Ann", "Saw", "Ann"))
    encoded = encode(evidence, pieces, 512, range)
    said = _said(encoded, ["processor", "operator"], [], [])
    said.relations[CONNECTIONS.index("serve"), 1, 0] = 4.0
    guide = guide_of(encoded, said, SLOTS)
    grammar = Grammar(MAX_OBJECTS, MAX_NUMBERS)
    for token in (IDS["form:linear"], FIRST_OBJECT, IDS["processor"], FIRST_OBJECT + 1, IDS["operator"]):
        top = grammar.stack[-1]
        assert token in grammar.allowed()
        grammar.advance(token)
        guide.advance(token, top, grammar)
    assert grammar.stack[-1] != "BODY"
    allowed = sorted(t for t in grammar.allowed() if t < FIRST_OBJECT)
    weights = dict(zip(allowed, guide.bias(grammar, allowed).tolist(), strict=True))
    assert weights[IDS["serve"]] > weights[END] + 8
    assert weights[IDS["horizon"]] == weights[END]


def test_a_drawn_resource_is_kept_and_people_run_machines() -> None:
    names = ("Saw", "Press", "Ann", "Cart", "In", "Out")
    links = tuple(CandidateLink(a, b, Stroke.DASHED, True) for a, b in ((0, 2), (1, 2), (1, 3)))
    evidence = Evidence("", _named("", *names, drawn=6), links=links)
    encoded = encode(evidence, pieces, 512, range)
    kinds = ["processor", "processor", "operator", "agv", "source", "sink"]
    said = _said(encoded, kinds, [], [])
    said.relations[CONNECTIONS.index("carry")] = 0.0
    objects = tuple(Declared((i, 0), kind, name, (), (0, 0)) for i, (kind, name) in enumerate(zip(kinds, names, strict=True)))
    draft = Draft("linear", objects, (Joined("carry", (2, 0), (0, 0), None, (1, 1)),))
    mended, findings = mend(draft, evidence, said)
    made = {(c.what, names[c.first[0]], names[c.second[0]]) for c in mended.connections if c.what != "link"}
    assert made == {("serve", "Ann", "Saw"), ("serve", "Ann", "Press"), ("carry", "Cart", "Press")}
    assert [f.code for f in findings].count("VL301") == 2
