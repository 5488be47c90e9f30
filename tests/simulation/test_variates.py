"""Every distribution draws what its parameters say, and a stream belongs to its station."""

from __future__ import annotations

import numpy as np
import pytest

from gdt2usd.diagnostics import GdtError
from gdt2usd.graph.distributions import (
    Distribution,
    Exponential,
    FlexSimDistribution,
    Gamma,
    Lognormal,
    Normal,
    Poisson,
    Triangular,
    Uniform,
    Weibull,
)
from gdt2usd.simulation.resources import travel_time_s
from gdt2usd.simulation.statistics import estimate, mser
from gdt2usd.simulation.variates import FLEXSIM_SAMPLERS, Streams, mean_of, sample

CASES: list[tuple[Distribution, float]] = [
    (Exponential(3.0, 1.0), 4.0),
    (Normal(10.0, 2.0), 10.0),
    (Triangular(1.0, 2.0, 6.0), 3.0),
    (Uniform(2.0, 4.0), 3.0),
    (Lognormal(0.0, 0.5), 1.1331),
    (Weibull(2.0, 5.0), 4.4311),
    (Gamma(2.0, 3.0), 6.0),
    (Poisson(4.0), 4.0),
    (FlexSimDistribution("triangular", (1.0, 6.0, 2.0)), 3.0),
    (FlexSimDistribution("erlang", (1.0, 2.0, 3.0)), 7.0),
    (FlexSimDistribution("bernoulli", (25.0, 1.0, 5.0)), 4.0),
    (FlexSimDistribution("beta", (2.0, 4.0, 3.0, 1.0), 60.0), 210.0),
    (FlexSimDistribution("lognormalmeanstdev", (8.0, 3.0)), 8.0),
    (FlexSimDistribution("inversegaussian", (1.0, 4.0, 9.0)), 5.0),
    (FlexSimDistribution("geometric", (0.25,)), 3.0),
]


@pytest.mark.parametrize(("distribution", "mean"), CASES)
def test_means(distribution: Distribution, mean: float) -> None:
    values = sample(distribution, np.random.default_rng(1), 200_000)
    assert values.min() >= 0.0
    assert float(values.mean()) == pytest.approx(mean, rel=0.02)
    assert mean_of(distribution) == pytest.approx(mean, rel=0.02)


def test_negative_normals_count_as_zero() -> None:
    assert mean_of(Normal(0.0, 1.0)) == pytest.approx(0.39894, abs=1e-4)


def test_every_command_has_a_sampler_that_draws() -> None:
    arguments = {"bernoulli": (50.0, 1.0, 2.0), "hypergeometric": (3.0, 5.0, 9.0), "logarithmic": (0.4,), "geometric": (0.4,)}
    arguments |= {"binomial": (5.0, 0.4), "negbinomial": (3.0, 0.4), "poisson": (3.0,), "triangular": (1.0, 3.0, 2.0)}
    for command in FLEXSIM_SAMPLERS:
        values = sample(FlexSimDistribution(command, arguments.get(command, (1.0, 2.0, 3.0, 2.0))), np.random.default_rng(1), 100)
        assert len(set(values.tolist())) > 1, command


def test_impossible_parameters_are_diagnosed() -> None:
    for bad in (Triangular(9.0, 6.0, 4.0), Exponential(-1.0), Normal(1.0, -1.0), FlexSimDistribution("gamma", (1.0,))):
        with pytest.raises(GdtError, match="SM101"):
            Streams(1, 0).draws(bad, "M", "process")
    with pytest.raises(GdtError, match="SM102"):
        Streams(1, 0).draws(FlexSimDistribution("dempirical", (1.0,)), "M", "process")


def test_streams_differ_by_station_purpose_replication_and_seed() -> None:
    keys = [(1, 0, "A", "process"), (1, 0, "A", "setup"), (1, 0, "B", "process"), (1, 1, "A", "process"), (2, 0, "A", "process")]
    firsts = {Streams(seed, r).draws(Exponential(1.0), name, purpose)() for seed, r, name, purpose in keys}
    assert len(firsts) == len(keys)


def test_mser_cuts_a_ramp_and_leaves_noise() -> None:
    rng = np.random.default_rng(3)
    noise = rng.normal(10.0, 1.0, 200)
    ramp = noise.copy()
    ramp[:40] -= np.linspace(10.0, 0.0, 40)
    assert 15 <= mser(ramp) <= 60
    assert mser(np.full(50, 2.0)) == 0


def test_t_interval() -> None:
    found = estimate([9.0, 10.0, 11.0], 0.95)
    assert found.mean == 10.0
    assert found.half_width == pytest.approx(4.30265 / 3**0.5, rel=1e-4)


def test_travel_times() -> None:
    assert travel_time_s(10.0, 2.0, 0.0, 0.0) == 5.0
    assert travel_time_s(10.0, 2.0, 1.0, 1.0) == 7.0
    assert travel_time_s(1.0, 2.0, 1.0, 1.0) == 2.0  # never reaches its speed
    assert travel_time_s(0.0, 2.0, 1.0, 1.0) == 0.0
