"""Code bodies as the simulation runs them, and the draws behind the distribution commands."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest

from gdt2usd.diagnostics import GdtError
from gdt2usd.graph import code_bodies
from gdt2usd.graph.probe import StandIn, takes_turns
from gdt2usd.script.body import compile_body
from gdt2usd.script.body_context import BodyContext
from gdt2usd.script.random_draws import DRAWS, ParameterError, draw, log_parameters

HEADER = code_bodies.ITEM_HEADER


class Item:
    """A flow item."""

    def __init__(self, **labels: Any) -> None:
        self.labels: dict[str, Any] = labels
        self.number = 1
        self.contents: list[Item] = []


def context(**labels: Any) -> BodyContext:
    """A station with three outputs that hold 2, 0 and 1 items, and an operator."""
    outputs = [StandIn(f"Q{i + 1}", contents=[Item()] * count) for i, count in enumerate((2, 0, 1))]
    station = StandIn("P", labels={"shift": 2}, out_objects=outputs, centre_objects=[StandIn("Op", state="busy"), StandIn("Op2")])
    station.output_count = 5
    return BodyContext(
        station, Item(**labels), 2, 90.0, np.random.default_rng(3), {"Q1": outputs[0]}.get, {"T": [[60, 1], [40, 2]]}
    )


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("return item.Type == 2 ? 30 : 12;", 30),
        ("return item.Type * 10 + current.shift;", 22),
        ("return Model.time;", 90.0),
        ("return param(2);", 2),
        ("return current.outObjects[1].subnodes.length;", 2),
        ("return current.stats.output.value;", 5),
        ("return current.stats.state().value;", 1),
        ("item.Type = 7; return item.labels[\"Type\"].value;", 7),
        ("item.labels.assert(\"n\", 3).value += 1; return item.n;", 4),
        ("setlabelnum(item, \"n\", 5); return getlabelnum(item, \"n\");", 5),
        ("return Model.find(\"Q1\").name;", "Q1"),
        ("return Table(\"T\")[2][1];", 40),
        ("return current.centerObjects[2].name;", "Op2"),
        ("return current.name == \"P\";", 1),
        ("if (item.Type > 1) { return 1; } else { return 2; }", 1),
    ],
)  # fmt: skip
def test_value(code: str, expected: Any) -> None:
    assert compile_body(HEADER + code)(context(Type=2)) == expected


def test_labels_are_live_and_views_come_back() -> None:
    run = context(Type=1)
    compile_body(HEADER + "item.Type = 4; current.count = 1;")(run)
    assert run.item is not None
    assert (run.item.labels["Type"], run.current.labels["count"]) == (4, 1)
    assert compile_body(HEADER + "return current.centerObjects[1];")(run) is run.current.centre_objects[0]
    assert compile_body(code_bodies.first_free_body(2))(run) is run.current.centre_objects[1]
    assert compile_body(code_bodies.SHORTEST_QUEUE)(run) == 2


def test_shares_of_the_canonical_bodies() -> None:
    run = context()
    body = compile_body(code_bodies.percent_body((50.0, 30.0, 20.0)))
    found = Counter(body(run) for _ in range(4000))
    assert [round(found[port] / 4000, 1) for port in (1, 2, 3)] == [0.5, 0.3, 0.2]
    table = compile_body(HEADER + 'return dempirical("T", getstream(current));')
    assert abs(sum(table(run) == 1 for _ in range(4000)) / 4000 - 0.6) < 0.03
    assert takes_turns(code_bodies.ROUND_ROBIN, 3)
    assert not takes_turns(code_bodies.RANDOM_PORT, 3)


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        ("return item.Colour;", "FS314"),
        ("while (1) { }", "FS301"),
        ("return current.outObjects[4];", "FS321"),
        ('Object.create("Queue"); return 1;', "FS329"),
        ('return current.getProperty("MaxContent");', "FS329"),
        ("int x = 3; while (1) x = x * x;", "FS301"),
        ("return item.__class__;", "FS314"),
        ("return current.view;", "FS314"),
    ],
)
def test_failing_runs_raise_a_diagnostic(code: str, problem: str) -> None:
    with pytest.raises(GdtError) as caught:
        compile_body(HEADER + code)(context(Type=1))
    assert caught.value.diagnostics[0].code == problem


@pytest.mark.parametrize("code", ["return exponental(0, 10);", "return (;", 'string s = "'])
def test_what_does_not_compile(code: str) -> None:
    with pytest.raises(GdtError):
        compile_body(code)


def test_commands_without_effect_are_reported_once() -> None:
    body = compile_body(HEADER + 'moveobject(item, current); setcolor(item, 1); msg("a", "b"); return 1;')
    assert [body(context()) for _ in range(3)] == [1, 1, 1]
    assert [x.message.split("(")[0] for x in body.diagnostics] == ["moveobject", "msg"]


MEANS = {
    "exponential": ((2.0, 10.0), 12.0),
    "normal": ((10.0, 2.0), 10.0),
    "triangular": ((4.0, 9.0, 5.0), 6.0),
    "uniform": ((2.0, 6.0), 4.0),
    "duniform": ((1.0, 5.0), 3.0),
    "lognormal2": ((1.0, 5.0, 0.5), 1 + 5 * np.exp(0.125)),
    "lognormalmeanstdev": ((80.0, 25.0), 80.0),
    "weibull": ((0.0, 10.0, 1.0), 10.0),
    "gamma": ((1.0, 5.0, 2.0), 11.0),
    "erlang": ((0.0, 2.0, 3.0), 6.0),
    "beta": ((0.0, 10.0, 2.0, 3.0), 4.0),
    "poisson": ((7.0,), 7.0),
    "bernoulli": ((25.0, 4.0, 8.0), 7.0),
    "binomial": ((10.0, 0.3), 3.0),
    "negbinomial": ((3.0, 0.5), 3.0),
    "hypergeometric": ((5.0, 10.0, 20.0), 2.5),
    "laplace": ((3.0, 1.0), 3.0),
    "logistic": ((3.0, 1.0), 3.0),
    "inversegaussian": ((0.0, 4.0, 8.0), 4.0),
    "pearsont5": ((0.0, 6.0, 4.0), 2.0),
    "pearsont6": ((0.0, 2.0, 3.0, 4.0), 2.0),
    "extremevalue1a": ((0.0, 1.0), 0.5772),
    "loglogistic": ((0.0, 3.0, 4.0), 3 * (np.pi / 4) / np.sin(np.pi / 4)),
}


@pytest.mark.parametrize("command", MEANS)
def test_mean_of_draws(command: str) -> None:
    arguments, expected = MEANS[command]
    rng = np.random.default_rng(11)
    found = np.array([draw(command, arguments, rng) for _ in range(20_000)])
    assert found.mean() == pytest.approx(expected, abs=5 * found.std() / np.sqrt(found.size))


def test_every_draw_refuses_or_gives_a_finite_number() -> None:
    rng = np.random.default_rng(2)
    for command, row in DRAWS.items():
        for fill in (-1.0, 0.0, 0.5, 3.0, 1e6):
            try:
                found = draw(command, (fill,) * len(row.parameters), rng)
            except (ParameterError, ValueError, OverflowError):
                continue
            assert isinstance(found, float)


def test_lognormal_parameters() -> None:
    mu, sigma = log_parameters(80.0, 25.0)
    assert np.exp(mu + sigma**2 / 2) == pytest.approx(80.0)
    assert np.sqrt(np.exp(sigma**2) - 1) * 80 == pytest.approx(25.0)
