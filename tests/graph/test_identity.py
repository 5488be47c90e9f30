"""Graph -> JSON -> graph and graph -> script -> graph are the identity."""

from __future__ import annotations

import json

import jsonschema
from hypothesis import HealthCheck, given, settings

from gdt2usd.diagnostics import errors
from gdt2usd.graph import model as m
from gdt2usd.graph.emit import emit
from gdt2usd.graph.lower import lower
from gdt2usd.graph.serial import from_json, json_schema, to_json
from gdt2usd.script.interpreter import interpret
from gdt2usd.script.parser import parse_text
from tests.graph.strategies import valid_graphs

FEW = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
VALIDATOR = jsonschema.Draft202012Validator(json_schema())


@FEW
@given(valid_graphs())
def test_json_round_trip(graph: m.ProcessGraph) -> None:
    document = json.loads(json.dumps(to_json(graph), allow_nan=False))
    assert from_json(document) == graph
    VALIDATOR.validate(document)


@FEW
@given(valid_graphs())
def test_script_round_trip(graph: m.ProcessGraph) -> None:
    script = emit(graph)
    interpreted = interpret(parse_text(script))
    assert not list(errors(interpreted.diagnostics)), script
    lowered = lower(interpreted.model)
    assert not list(errors(lowered.diagnostics)), script
    assert lowered.graph == graph, script
