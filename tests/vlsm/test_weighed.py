"""Connections weighed by what is drawn and by who is named together; kinds by the lines at a thing."""

from __future__ import annotations

import re

import pytest
import torch

from gdt2usd.training.targets import SLOTS
from gdt2usd.vlsm.connect import LINK
from gdt2usd.vlsm.consistent import consistent
from gdt2usd.vlsm.mentions import PROMPT, Named, Place
from gdt2usd.vlsm.processor import CandidateLink, Encoded, Evidence, Stroke, encode
from gdt2usd.vlsm.said import Said
from gdt2usd.vlsm.script_tokens import CONNECTIONS, FAMILIES, KINDS, ROLES
from gdt2usd.vlsm.weighed import with_weighed_connections

SERVE = CONNECTIONS.index("serve")


def _read(prompt: str, names: str, *links: tuple[int, int, Stroke]) -> tuple[Evidence, Encoded]:
    """Things of which each has a label; `links` between their labels, all surely seen."""
    objects = tuple(
        Named(name, (Place(i, 0, len(name), name), *(Place(PROMPT, *m.span(), name) for m in re.finditer(rf"\b{name}\b", prompt))))
        for i, name in enumerate(names.split())
    )
    evidence = Evidence(prompt, objects, links=tuple(CandidateLink(a, b, stroke, True) for a, b, stroke in links))
    return evidence, encode(Evidence(prompt, objects), lambda word: [0], 512)


def _said(encoded: Encoded, *kinds: str, logit: float = 0.0) -> Said:
    n, m = len(encoded.objects), len(encoded.numbers)
    rows = torch.full((n, len(KINDS) + 1), -3.0)
    for i, kind in enumerate(kinds):
        rows[i, KINDS.index(kind)] = -0.1
    owners = torch.full((m, n), 1.0 / max(1, n))
    return Said(
        rows.log_softmax(-1), torch.full((m, len(SLOTS) + 1), 1.0 / (len(SLOTS) + 1)), owners, owners.clone(),
        torch.zeros(m, len(ROLES) + 1), torch.zeros(m, len(FAMILIES) + 1), torch.full((len(CONNECTIONS), n, n), logit),
    )  # fmt: skip


def test_a_drawn_arrow_is_a_link_and_no_line_hardly_one() -> None:
    evidence, encoded = _read("", "Saw Mill Drill", (0, 1, Stroke.ARROW), (1, 2, Stroke.ARROW))
    links = with_weighed_connections(_said(encoded, *["processor"] * 3), encoded, evidence).relations[LINK]
    assert min(links[0, 1], links[1, 2]) > 0 > max(links[0, 2], links[1, 0])


def test_a_sketch_without_arrows_says_nothing_of_links() -> None:
    evidence, encoded = _read("", "Saw Mill Drill")
    said = _said(encoded, *["processor"] * 3)
    assert torch.equal(with_weighed_connections(said, encoded, evidence).relations, said.relations)


@pytest.mark.parametrize(
    ("prompt", "served"),
    [
        ("Saw 4 s; Mill 5 s; Clerk at Mill", [False, True]),
        ("Clerk serves the Saw and the Mill. The Saw is slow.", [True, True]),
        ("Saw 4 s, Mill 5 s", [False, False]),
    ],
)
def test_people_work_where_they_are_named(prompt: str, served: list[bool]) -> None:
    evidence, encoded = _read(prompt, "Saw Mill Clerk")
    relations = with_weighed_connections(
        _said(encoded, "processor", "processor", "operator", logit=-1.0), encoded, evidence
    ).relations
    assert [bool(relations[SERVE, 2, i] > 0) for i in range(2)] == served


def test_people_work_at_their_dashed_lines_and_nowhere_else() -> None:
    evidence, encoded = _read("", "Saw Mill Clerk", (2, 0, Stroke.DASHED))
    relations = with_weighed_connections(
        _said(encoded, "processor", "processor", "operator", logit=1.0), encoded, evidence
    ).relations
    assert relations[SERVE, 2, 0] > 0 > relations[SERVE, 2, 1]


def test_a_word_that_numbered_stations_share_means_all_of_them() -> None:
    prompt = "Press 1 and Press 2 cut. Clerk looks after both presses."
    objects = tuple(
        Named(name, tuple(Place(PROMPT, *m.span(), name) for m in re.finditer(name, prompt)))
        for name in ("Press 1", "Press 2", "Clerk")
    )
    evidence = Evidence(prompt, objects)
    encoded = encode(evidence, lambda word: [0], 512)
    relations = with_weighed_connections(
        _said(encoded, "processor", "processor", "operator", logit=-1.0), encoded, evidence
    ).relations
    assert relations[SERVE, 2, 0] > 0 < relations[SERVE, 2, 1]


def test_lines_in_and_out_settle_kinds() -> None:
    arrows = [(a, b, Stroke.ARROW) for a, b in ((0, 1), (1, 2), (2, 3))]
    evidence, encoded = _read("", "Dock Mill Drill Yard Clerk", *arrows, (4, 2, Stroke.DASHED))
    said = _said(encoded, "processor", "sink", "source", "processor", "processor")
    said.kinds[:, [KINDS.index(kind) for kind in ("source", "sink", "processor", "operator")]] += 3.0
    kinds = consistent(said, encoded, evidence, SLOTS).kinds[:, : len(KINDS)].argmax(-1).tolist()
    assert [KINDS[k] for k in kinds] == ["source", "processor", "processor", "sink", "operator"]
