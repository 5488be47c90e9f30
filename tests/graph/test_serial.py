"""Reading is strict and says where; the contract's keys are there."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gdt2usd.diagnostics import GdtError, Place
from gdt2usd.graph import model as m
from gdt2usd.graph.serial import dumps, from_json, loads, to_json

SOURCE = {"id": "S", "kind": "source", "position_m": [0, 0, 0], "interarrival_time_s": {"distribution": "exponential", "mean": 5}}
QUEUE = {"id": "Q", "kind": "queue", "position_m": [5, 0, 0]}


def _document(*stations: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"schema": "gdt2usd.graph/1", "stations": list(stations), **more}


def test_contract_keys_of_a_processor() -> None:
    (row,) = to_json(m.ProcessGraph(stations=(m.Processor(id="Scanner 1"),)))["stations"]
    assert list(row)[:6] == ["id", "kind", "flexsim_class", "position_m", "yaw_deg", "size_m"]
    assert {"capacity", "process_time_s", "setup_time_s", "breakdown", "operators", "routing"} <= set(row)
    assert row["process_time_s"] == {"distribution": "constant", "value": 10.0}


def test_percentages_come_from_the_links() -> None:
    station = QUEUE | {"routing": {"rule": "percent"}}
    links = [
        {"upstream": "Q", "downstream": "Q", "out_port": i + 1, "in_port": i + 1, "percent": p} for i, p in enumerate((60, 40))
    ]
    graph = from_json(_document(station, links=links))
    assert graph.stations[0].routing == m.Percent((60.0, 40.0))


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ({"schema": "gdt2usd.graph/9", "stations": []}, "$.schema"),
        ([], "$"),
        (_document(QUEUE | {"capactiy": 4}), "$.stations[0].capactiy"),
        (_document(QUEUE | {"capacity": 2.5}), "$.stations[0].capacity"),
        (_document(QUEUE | {"capacity": True}), "$.stations[0].capacity"),
        (_document(SOURCE, QUEUE | {"position_m": [1, 2]}), "$.stations[1].position_m"),
        (_document(QUEUE | {"position_m": [1, 2, float("inf")]}), "$.stations[0].position_m[2]"),
        (_document({"id": "Q", "kind": "queue"}), "$.stations[0]"),
        (_document(QUEUE | {"kind": "buffer"}), "$.stations[0].kind"),
        (_document(QUEUE | {"kind": ["queue"]}), "$.stations[0].kind"),
        (
            _document(SOURCE | {"interarrival_time_s": {"distribution": "exponential", "rate": 5}}),
            "$.stations[0].interarrival_time_s",
        ),
        (_document(SOURCE | {"interarrival_time_s": {"distribution": {}}}), "$.stations[0].interarrival_time_s.distribution"),
        (_document(QUEUE | {"id": "\ud800"}), "$.stations[0].id"),
        (_document(QUEUE, links=[{"upstream": "Q"}]), "$.links[0]"),
        (_document(QUEUE, links={}), "$.links"),
        (_document(QUEUE, time_unit="min"), "$.time_unit"),
    ],
)
def test_refused_with_its_path(document: Any, path: str) -> None:
    with pytest.raises(GdtError) as caught:
        from_json(document)
    (found,) = caught.value.diagnostics
    assert isinstance(found.where, Place)
    assert found.where.what == path


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, '{"schema": NaN}', "null", '{"a": 1e999}'])
def test_text_that_is_no_document(text: str) -> None:
    with pytest.raises(GdtError):
        loads(text)


def test_all_problems_at_once() -> None:
    with pytest.raises(GdtError) as caught:
        from_json(_document({"kind": "queue"}, {"id": "x"}, QUEUE | {"yaw_deg": "left"}))
    assert len(caught.value.diagnostics) == 3


def test_text_round_trip() -> None:
    graph = from_json(_document(SOURCE, QUEUE))
    assert loads(dumps(graph)) == graph
    assert json.loads(dumps(graph))["schema"] == "gdt2usd.graph/1"
