"""Graphs that no generator of ours draws: every distribution, rule and resource is still written, in every register."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from gdt2usd.dataset.prompt import write_prompt
from gdt2usd.dataset.prompt_facts import must_say
from gdt2usd.dataset.sample import Categories, Modality, Plan
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
    Arrival,
    Batching,
    Breakdown,
    ByLabel,
    Combiner,
    CombinerMode,
    Conveyor,
    Crane,
    Discipline,
    Dispatcher,
    Link,
    MultiProcessor,
    Operator,
    OperatorNeed,
    Percent,
    ProcessGraph,
    Processor,
    ProcessStep,
    Queue,
    RandomPort,
    Robot,
    RoundRobin,
    Routing,
    RoutingExpression,
    Separator,
    SeparatorMode,
    ShortestQueue,
    Sink,
    Source,
    Storage,
    TaskExecuter,
    ToPort,
    Transporter,
)

REGISTERS = ("prose", "paper", "telegraph", "bullets", "table", "email", "spoken", "broken")
DISTRIBUTIONS: tuple[Distribution, ...] = (
    Constant(0.37),
    Exponential(90.0, 12.5),
    Normal(1 / 3, 0.1),
    Triangular(61.0, 90.5, 7200.0),
    Uniform(1e-4, 2e6),
    Lognormal(2.123456, 0.31),
    Lognormal(3.0, 0.5, 7.0),
    Weibull(1.7, 86400.0, 30.0),
    Gamma(2.5, 33.3, 4.0),
    Poisson(12.0),
    FlexSimDistribution("beta", (1.0, 2.0, 3.0, 4.0)),
    Expression("item.Type == 2 ? 30 : 12"),
)
ROUTINGS: tuple[Routing, ...] = (
    ByLabel("Sort"),
    ToPort(2),
    RoundRobin(),
    RandomPort(),
    ShortestQueue(),
    RoutingExpression("return item.Type;"),
    Percent((99.5, 0.5)),
)


def odd_graph(dist: Distribution, routing: Routing) -> ProcessGraph:
    stations = (
        Source(id="in", interarrival_time_s=dist, arrival_at_zero=True),
        Source(id="Plan 'B'", schedule=(Arrival(time_s=0.0, quantity=3), Arrival(time_s=61.5, item_type=2.0))),
        Queue(id="Q-1", capacity=1, discipline=Discipline.LIFO, batching=Batching(4, 90.0)),
        Combiner(id="Kit & Pack", mode=CombinerMode.BATCH, components=(2, 5), process_time_s=dist, setup_time_s=dist),
        Separator(id="Étape {x}", mode=SeparatorMode.UNPACK, quantity=Uniform(2.0, 5.0), process_time_s=dist),
        MultiProcessor(
            id="MP", steps=(ProcessStep(name="wash", process_time_s=dist), ProcessStep(name="dry", process_time_s=Constant(5.0)))
        ),
        Processor(
            id="Heavy Press 1",
            process_time_s=dist,
            capacity=7,
            breakdown=Breakdown(dist, Constant(3601.0)),
            operators=OperatorNeed(("Boss",), 0, 2),
            routing=routing,
        ),
        Processor(id="Heavy Press 2", process_time_s=dist, operators=OperatorNeed(("Ann", "Joe"), 2, 1)),
        Conveyor(id="Belt", length_m=0.9, speed_m_s=1 / 3, accumulating=False),
        Storage(id="Rack", capacity=3, dwell_time_s=dist),
        Sink(id="out"),
        Sink(id="Lonely"),
    )
    pairs = (
        ("in", "Q-1"), ("Plan 'B'", "Kit & Pack"), ("Q-1", "Kit & Pack"), ("in", "Kit & Pack"), ("Kit & Pack", "Étape {x}"),
        ("Étape {x}", "MP"), ("MP", "Heavy Press 1"), ("MP", "Heavy Press 2"), ("Heavy Press 1", "Belt"),
        ("Heavy Press 1", "Q-1"), ("Heavy Press 2", "Belt"), ("Belt", "Rack"), ("Rack", "out"),
    )  # fmt: skip
    outs: dict[str, int] = {}
    ins: dict[str, int] = {}
    links = []
    for upstream, downstream in pairs:
        outs[upstream] = outs.get(upstream, 0) + 1
        ins[downstream] = ins.get(downstream, 0) + 1
        transport = "AGV 7" if upstream == "MP" else None
        links.append(
            Link(upstream=upstream, downstream=downstream, out_port=outs[upstream], in_port=ins[downstream], transport=transport)
        )
    resources = (
        Dispatcher(id="Boss", team=("Ann", "Joe")),
        Operator(id="Ann", dispatcher="Boss", speed_m_s=1.25),
        Operator(id="Joe", dispatcher="Boss"),
        AGV(id="AGV 7", capacity=3, load_time_s=dist, unload_time_s=Constant(2.0)),
        Robot(id="Arm", move_time_s=dist),
        TaskExecuter(id="TE 1"),
        TaskExecuter(id="TE 2"),
        Crane(id="Crane"),
        Transporter(id="Lift", speed_m_s=0.7),
        Dispatcher(id="Idle"),
    )
    return ProcessGraph(stations=stations, links=tuple(links), resources=resources, horizon_s=28800.0, warm_up_s=61.0)


@pytest.mark.parametrize("register", REGISTERS)
@pytest.mark.parametrize("modality", [Modality.FULL_TEXT, Modality.TOPOLOGY_IN_SKETCH, Modality.NO_SKETCH])
def test_odd_graphs_are_written_in_full(register: str, modality: Modality) -> None:
    categories = Categories(("workstation",), (), "manual", "ship building", "spiral")
    for seed, (dist, routing) in enumerate(itertools.product(DISTRIBUTIONS, ROUTINGS)):
        graph = odd_graph(dist, routing)
        labels = {thing.id: thing.id for thing in (*graph.stations, *graph.resources)}
        chosen = Plan(modality, register, "paper", labels, topology_in_prompt=modality is not Modality.TOPOLOGY_IN_SKETCH)
        prompt = write_prompt(graph, categories, chosen, np.random.default_rng(seed))
        said = {(m.fact.subject, m.fact.slot.split(".")[0].split(":")[0]) for m in prompt.mentions}
        for subject, group in must_say(graph):
            told = {"operators": "operators", "team": "team", "percent": "percent", "routing": "routing"}.get(group, group)
            if told == "operators" and subject == "Heavy Press 1":
                continue
            assert (subject, told) in said, f"{group} of {subject} is missing in:\n{prompt.text}"


def test_an_empty_graph_is_no_crash() -> None:
    categories = Categories((), (), "manual", "food", "linear")
    for register in REGISTERS:
        prompt = write_prompt(
            ProcessGraph(stations=()), categories, Plan(Modality.FULL_TEXT, register, "paper", {}), np.random.default_rng(2)
        )
        assert prompt.register == register
