"""What a draft leaves hanging is connected, has ends, and every mend is told."""

from __future__ import annotations

import torch

from gdt2usd.vlsm.connect import LINK, connect, with_ends, with_enough_people
from gdt2usd.vlsm.render import Declared, Draft, Joined
from gdt2usd.vlsm.said import Said
from gdt2usd.vlsm.script_tokens import CONNECTIONS, KINDS


def _said(n: int) -> Said:
    kinds = torch.full((n, len(KINDS) + 1), -5.0)
    none = torch.zeros(0, n)
    return Said(
        kinds, torch.zeros(0, 1), none, none, torch.zeros(0, 1), torch.zeros(0, 1), torch.full((len(CONNECTIONS), n, n), -4.0)
    )


def _draft(kinds: str, links: list[tuple[int, int]]) -> Draft:
    names = {"s": "source", "q": "queue", "p": "processor", "k": "sink"}
    objects = tuple(Declared((i, 0), names[kind], f"{kind}{i}", (), (0, 0)) for i, kind in enumerate(kinds))
    return Draft("linear", objects, tuple(Joined("link", (a, 0), (b, 0), None, (1, 1)) for a, b in links))


def _links(draft: Draft) -> set[tuple[int, int]]:
    return {(c.first[0], c.second[0]) for c in draft.connections}


def test_the_likeliest_link_closes_the_gap() -> None:
    said = _said(4)
    said.relations[LINK, 1, 2] = -1.0
    draft, findings = connect(_draft("sqpk", [(0, 1), (2, 3)]), said)
    assert _links(draft) == {(0, 1), (2, 3), (1, 2)}
    assert [d.code for d in findings] == ["VL310"]


def test_a_round_trip_gets_a_way_out() -> None:
    said = _said(4)
    said.relations[LINK, 2, 3] = 0.5
    draft, _ = connect(_draft("sqpk", [(0, 1), (1, 2), (2, 1)]), said)
    assert _links(draft) == {(0, 1), (1, 2), (2, 1), (2, 3)}


def test_a_whole_draft_stays_as_it_is() -> None:
    draft = _draft("sqpk", [(0, 1), (1, 2), (2, 3)])
    assert connect(draft, _said(4)) == (draft, [])
    assert with_ends(draft, _said(4)) == (draft, [])


def test_the_likeliest_station_becomes_the_missing_source() -> None:
    said = _said(3)
    said.kinds[1, KINDS.index("source")] = -0.5
    draft, findings = with_ends(_draft("pqk", [(0, 1), (1, 2)]), said)
    assert [t.kind for t in draft.objects] == ["processor", "source", "sink"]
    assert _links(draft) == {(1, 2)}  # nothing flows into a source
    assert [d.code for d in findings] == ["VL311"]


def test_no_more_people_are_called_than_there_are() -> None:
    things = tuple(
        Declared((i, 0), kind, name, (), (0, 0))
        for i, (kind, name) in enumerate(
            (("processor", "Saw"), ("operator", "Ann"), ("dispatcher", "Desk"), ("dispatcher", "Empty"))
        )
    )
    wanted = (
        Joined("team", (2, 0), (1, 0), None, (0, 0)),
        Joined("serve", (2, 0), (0, 0), 2.0, (0, 0)),
        Joined("serve_setup", (3, 0), (0, 0), None, (0, 0)),
    )
    draft, findings = with_enough_people(Draft("linear", things, wanted))
    assert [(c.what, c.first[0], c.number) for c in draft.connections] == [("team", 2, None), ("serve", 2, None)]
    assert [f.code for f in findings] == ["VL312", "VL312"]
    assert with_enough_people(draft) == (draft, [])


def test_a_dispatcher_without_a_team_leads_the_idle() -> None:
    kinds = ("processor", "dispatcher", "agv", "agv", "operator")
    things = tuple(Declared((i, 0), kind, f"{kind}{i}", (), (0, 0)) for i, kind in enumerate(kinds))
    calls = (Joined("carry", (1, 0), (0, 0), None, (1, 1)), Joined("serve", (4, 0), (0, 0), None, (1, 1)))
    draft, findings = with_enough_people(Draft("linear", things, calls))
    made = {(c.what, c.first[0], c.second[0]) for c in draft.connections}
    assert made == {("team", 1, 2), ("team", 1, 3), ("carry", 1, 0), ("serve", 4, 0)}
    assert [f.code for f in findings] == ["VL312"]
    alone, findings = with_enough_people(Draft("linear", things[:2], calls[:1]))
    assert alone.connections == ()
    assert [f.code for f in findings] == ["VL312"]
