"""Which facts of a graph a description has to state: per object the parameter groups that are not nothing.

A group is silent when its value says nothing (no setup, no breakdown, capacity 1 of a machine, FIFO, default speed of a
mover); every other group is said in the text, noted in the sketch or left unsaid by the plan. Not covered: the words.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import assert_never

from gdt2usd.dataset.sample import Fact
from gdt2usd.graph.distributions import (
    Constant,
    Distribution,
    Exponential,
    Expression,
    FlexSimDistribution,
    Gamma,
    Lognormal,
    Normal,
    Poisson,
    Triangular,
    Uniform,
    Weibull,
)
from gdt2usd.graph.model import (
    AGV,
    Combiner,
    Conveyor,
    Crane,
    Discipline,
    Dispatcher,
    FirstAvailable,
    MultiProcessor,
    Operator,
    Percent,
    ProcessGraph,
    Processor,
    Queue,
    Resource,
    Robot,
    Separator,
    Sink,
    Source,
    Station,
    Storage,
    TaskExecuter,
    Transporter,
)

Machine = Processor | Combiner | Separator | MultiProcessor
MAIN_TIME = {
    "source": "interarrival_time_s",
    "processor": "process_time_s",
    "combiner": "process_time_s",
    "separator": "process_time_s",
    "multiprocessor": "process_time_s",
    "storage": "dwell_time_s",
}


def kind_of(thing: Station | Resource) -> str:
    """The contract's kind: `processor`, `task_executer` ..."""
    match thing:
        case TaskExecuter():
            return "task_executer"
        case _:
            return type(thing).__name__.lower()


@dataclass(frozen=True, slots=True)
class Parameter:
    """One number of a distribution: contract name, value, whether it is a time in seconds."""

    name: str
    value: float
    is_time: bool = True


def own_moments(dist: Lognormal) -> tuple[float, float] | None:
    """Mean and standard deviation of the lognormal itself if they are round numbers that give back mu and sigma."""
    mean = math.exp(dist.mu + dist.sigma**2 / 2)
    std = mean * math.sqrt(math.expm1(dist.sigma**2))
    mean, std = float(f"{mean:.6g}"), float(f"{std:.6g}")
    if mean <= 0 or std <= 0:
        return None
    variance = math.log1p((std / mean) ** 2)
    mu = math.log(mean) - variance / 2
    near = math.isclose(mu, dist.mu, rel_tol=1e-6, abs_tol=1e-6) and math.isclose(math.sqrt(variance), dist.sigma, rel_tol=1e-6)
    return (mean, std) if near else None


def parameters_of(dist: Distribution) -> tuple[str, tuple[Parameter, ...]]:
    """The family's phrase topic and the numbers that a writer can state; `lognormallog` has mu and sigma only."""
    match dist:
        case Constant(value):
            return "constant", (Parameter("value", value),)
        case Exponential(mean):
            return "exponential", (Parameter("mean", mean),)
        case Normal(mean, std):
            return "normal", (Parameter("mean", mean), Parameter("std", std))
        case Triangular(low, mode, high):
            return "triangular", (Parameter("min", low), Parameter("mode", mode), Parameter("max", high))
        case Uniform(low, high):
            return "uniform", (Parameter("min", low), Parameter("max", high))
        case Lognormal(mu, sigma):
            moments = own_moments(dist)
            if moments is not None and dist.location == 0:
                return "lognormal", (Parameter("mean", moments[0]), Parameter("std", moments[1]))
            return "lognormallog", (Parameter("mu", mu, False), Parameter("sigma", sigma, False))
        case Weibull(shape, scale):
            return "weibull", (Parameter("shape", shape, False), Parameter("scale", scale))
        case Gamma(shape, scale):
            mean = float(f"{shape * scale:.10g}")
            return "gamma", (Parameter("shape", shape, False), Parameter("scale", scale), Parameter("mean", mean))
        case Poisson(mean):
            return "poisson", (Parameter("mean", mean),)
        case FlexSimDistribution() | Expression():
            return "expression", ()
    assert_never(dist)


def location_of(dist: Distribution) -> float:
    return dist.location if isinstance(dist, Exponential | Lognormal | Weibull | Gamma) else 0.0


def distribution_name(dist: Distribution) -> str:
    """The contract's word: `normal`, `lognormal` ..."""
    return "flexsim" if isinstance(dist, FlexSimDistribution) else type(dist).__name__.lower()


def is_nothing(dist: Distribution) -> bool:
    return isinstance(dist, Constant) and dist.value == 0


def machine_groups(machine: Machine) -> list[str]:
    groups = ["steps"] if isinstance(machine, MultiProcessor) and machine.steps else ["process_time_s"]
    if isinstance(machine, Combiner):
        groups += ["mode", "components"] if machine.components else ["mode"]
    if isinstance(machine, Separator):
        groups += ["mode", "quantity"] if machine.quantity is not None else ["mode"]
    if not is_nothing(machine.setup_time_s):
        groups.append("setup_time_s")
    if machine.capacity != 1:
        groups.append("capacity")
    if machine.breakdown is not None:
        groups.append("breakdown")
    if machine.operators is not None:
        groups.append("operators")
    return groups


def queue_groups(queue: Queue) -> list[str]:
    groups = ["capacity"]
    if queue.discipline is not Discipline.FIFO:
        groups.append("discipline")
    if queue.batching is not None:
        groups.append("batching")
    return groups


def mover_groups(mover: Operator | Transporter | Robot | AGV | TaskExecuter | Crane) -> list[str]:
    groups = []
    if mover.capacity != 1:
        groups.append("capacity")
    if mover.speed_m_s != 2.0:
        groups.append("speed_m_s")
    if not is_nothing(mover.load_time_s):
        groups.append("load_time_s")
    if not is_nothing(mover.unload_time_s):
        groups.append("unload_time_s")
    if isinstance(mover, Robot) and mover.move_time_s is not None:
        groups.append("move_time_s")
    return groups


def groups_of(thing: Station | Resource) -> tuple[str, ...]:
    """The parameter groups of `thing` whose values say something, in the order in which people say them."""
    match thing:
        case Source():
            groups = ["schedule"] if thing.schedule else ["interarrival_time_s"]
            groups += ["arrival_at_zero"] if thing.arrival_at_zero else []
        case Queue():
            groups = queue_groups(thing)
        case Processor() | Combiner() | Separator() | MultiProcessor():
            groups = machine_groups(thing)
        case Conveyor():
            groups = ["length_m", "speed_m_s"] + ([] if thing.accumulating else ["accumulating"])
        case Storage():
            groups = ["capacity"] + ([] if is_nothing(thing.dwell_time_s) else ["dwell_time_s"])
        case Sink():
            groups = []
        case Operator() | Transporter() | Robot() | AGV() | TaskExecuter() | Crane():
            groups = mover_groups(thing)
        case Dispatcher():
            groups = ["team"] if thing.team else []
        case _:
            assert_never(thing)
    if not isinstance(thing, Operator | Transporter | Robot | AGV | TaskExecuter | Crane | Dispatcher):
        if isinstance(thing.routing, Percent):
            groups.append("percent")
        elif not isinstance(thing.routing, FirstAvailable):
            groups.append("routing")
    return tuple(groups)


def must_say(graph: ProcessGraph) -> tuple[tuple[str, str], ...]:
    """All (object id, group) pairs that are said, noted or left unsaid by the plan; the line itself is ""."""
    pairs = [(thing.id, group) for thing in (*graph.stations, *graph.resources) for group in groups_of(thing)]
    if graph.horizon_s is not None:
        pairs.append(("", "horizon_s"))
    if graph.warm_up_s is not None:
        pairs.append(("", "warm_up_s"))
    return tuple(pairs)


def time_facts(owners: tuple[str, ...], path: str, name: str, value: str) -> tuple[Fact, ...]:
    return tuple(Fact(owner, f"{path}.{name}", value) for owner in owners)
