"""Sweeps on a Ray cluster give what the cores of this machine give; needs ray (the extra `cluster`)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pytest

from gdt2usd.graph.distributions import Exponential
from gdt2usd.simulation.experiment import Experiment
from gdt2usd.simulation.settings import grid, parse_axis
from gdt2usd.simulation.sweep import sweep
from tests.simulation.factories import SINK, chain, machine, source


@pytest.fixture
def quiet(recwarn: pytest.WarningsRecorder) -> Iterator[None]:
    """Ray leaves sockets and files to the collector; its warnings are not ours."""
    pytest.importorskip("ray")
    yield


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.usefixtures("quiet")
def test_local_ray_gives_the_same_rows() -> None:
    graph = chain(source(10), machine("M", Exponential(8.0), capacity=2), SINK)
    scenarios = grid([parse_axis("M.process_time_s.mean=5,8,12,16")])
    experiment = Experiment(horizon_s=2000.0, replications=2)
    here = sweep(graph, scenarios, experiment, jobs=1)
    there = sweep(graph, scenarios, experiment, cluster="local")
    assert there == here
    assert all(one.flow_time_s < other.flow_time_s for one, other in pairwise(there) if one.flow_time_s and other.flow_time_s)
