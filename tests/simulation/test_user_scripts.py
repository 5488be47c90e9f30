"""Scripts as FlexSim's users and language models write them, from text to throughput.

The figures are worked out by hand, but for those with shared operators, a robot or machines without queues (a long run's).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from gdt2usd.diagnostics import Severity
from gdt2usd.graph.lower import lower_script
from gdt2usd.graph.validate import validate
from gdt2usd.script.source import Script
from gdt2usd.simulation.experiment import Experiment
from gdt2usd.simulation.report import simulate

SCRIPTS = Path(__file__).parent / "scripts"

# items per hour in the long run, and how far a run of 20 hours may be from it
EXPECTED = {
    "arrays_loop": (300.0, 0.01),  # the painter's 12 s
    "conveyor": (600.0, 0.01),  # arrivals every 6 s
    "combiner": (300.0, 0.02),  # 60 pallets, 240 boxes
    "group": (213.0, 0.03),  # random arrivals held up by machines of 10 to 16 s without queues
    "labels_trigger": (360.0, 0.05),
    "map": (275.5, 0.05),  # the next arrival runs while an item is worked on: 3600 / (9 + 10 exp(-0.9))
    "mtbf": (545.5, 0.03),  # 600 / 660 of 600
    "old_commands": (240.0, 0.06),
    "operator_by_item": (300.0, 0.01),
    "operators": (131.1, 0.03),
    "percent_rework": (120.0, 0.08),
    "rack": (60.0, 0.01),
    "robot": (136.0, 0.05),
    "table": (90.0, 0.01),
    "transport_by_port": (120.0, 0.01),
    "units": (30.0, 0.01),
}


def test_every_script_has_its_figure() -> None:
    assert {path.stem for path in SCRIPTS.glob("*.fs")} == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_throughput(name: str) -> None:
    path = SCRIPTS / f"{name}.fs"
    lowered = lower_script(Script(path.read_text(encoding="utf-8"), path.name))
    assert not [d for d in validate(lowered.graph) if d.severity is Severity.ERROR]
    experiment = Experiment(horizon_s=72_000.0, warm_up_s=3_600.0, replications=2, seed=1)
    report = simulate(lowered.graph, experiment, confirm_bottleneck=False)
    exact, tolerance = EXPECTED[name]
    assert report.throughput_per_hour.mean == pytest.approx(exact, rel=tolerance)


def test_items_choose_their_operator() -> None:
    path = SCRIPTS / "operator_by_item.fs"
    graph = lower_script(Script(path.read_text(encoding="utf-8"), path.name)).graph
    report = simulate(graph, Experiment(horizon_s=36_000.0, warm_up_s=0.0, replications=1), confirm_bottleneck=False)
    served = [r.served for r in report.resources]
    assert sum(served) == pytest.approx(3000, abs=2)
    assert served[0] == pytest.approx(1500, abs=150)
