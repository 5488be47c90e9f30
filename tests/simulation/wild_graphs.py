"""Random factories without mercy: zero times, loops, pulls, code, teams, breakdowns that never end, belts without length.

A graph is a function of one number (`wild_graph(seed)`), so that one that goes wrong can be made again. Everything that the types
and the assembler allow may occur; what makes no sense at all (capacity 0) is left to the tests of the messages.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from gdt2usd.graph.distributions import Constant, Distribution, Exponential, Expression, FlexSimDistribution, Normal, Uniform
from gdt2usd.graph.model import (
    AGV,
    Arrival,
    Batching,
    Breakdown,
    ByLabel,
    CallCode,
    Combiner,
    CombinerMode,
    Conveyor,
    Discipline,
    Dispatcher,
    FirstAvailable,
    Link,
    MultiProcessor,
    Operator,
    OperatorNeed,
    Percent,
    Pose,
    ProcessGraph,
    Processor,
    ProcessStep,
    Queue,
    RandomPort,
    Resource,
    Robot,
    RoundRobin,
    Routing,
    RoutingExpression,
    Separator,
    SeparatorMode,
    ShortestQueue,
    Sink,
    Source,
    Station,
    Storage,
    ToPort,
    Transporter,
    Trigger,
)

T = TypeVar("T")

NOTHING: list[Distribution] = [
    Constant(0.0),
    Constant(0.0),
    Normal(-5.0, 1.0),
    Expression("return 0;"),
    FlexSimDistribution("poisson", (0.0,)),
]

HEAD = "Object current = ownerobject(c);\nObject item = param(1);\n"
TIME_BODIES = (
    HEAD + "return item.Type == 2 ? 0 : 3;",
    HEAD + "if (item.seen?) return 0; item.seen = 1; return exponential(0, 4, getstream(current));",
    HEAD + "return item.none.thing;",
    HEAD + "return current.subnodes.length;",
    "return 0;",
)
PORT_BODIES = (
    HEAD + "return duniform(0, 3, getstream(current));",
    HEAD + "return item.Type == 2 ? 1 : 2;",
    HEAD + "return bernoulli(50, -1, 1, getstream(current));",
    HEAD + "return current.outObjects[1].subnodes.length > 2 ? 2 : 1;",
)
PULL_BODIES = (
    HEAD + "return item.Type == 2;",
    HEAD + "return 1;",
    HEAD + "return 0;",
    HEAD + "return bernoulli(50, 1, 0, getstream(current));",
    HEAD + "return item.seen ? 1 : 0;",
)
TRIGGER_BODIES = (
    HEAD + "item.Type = duniform(1, 3, getstream(current));",
    HEAD + "item.seen = 1;",
    HEAD + "item.Type += 1;",
)


class Chance(random.Random):
    """A random generator that picks by weights."""

    def of(self, *options: T) -> T:
        return self.choice(options)

    def few(self, high: int) -> int:
        """1 to `high`, small ones more often."""
        return min(self.randint(1, high), self.randint(1, high))

    def once_in(self, number: int) -> bool:
        return self.randrange(number) == 0


def time_of(chance: Chance, zeros: float) -> Distribution:
    """A time, with the probability `zeros` that it is 0."""
    if chance.random() < zeros:
        return chance.choice(NOTHING)
    times: list[Distribution] = [
        Constant(3.0),
        Exponential(4.0),
        Normal(3.0, 2.0),
        Uniform(0.0, 6.0),
        FlexSimDistribution("poisson", (2.0,)),
        FlexSimDistribution("bernoulli", (50.0, 0.0, 5.0)),
        Expression(chance.choice(TIME_BODIES)),
        Constant(1e-12),
        Constant(1e7),
    ]
    return chance.choice(times)


def _breakdown(chance: Chance, zeros: float) -> Breakdown | None:
    if not chance.once_in(3):
        return None
    return Breakdown(time_of(chance, zeros / 4), time_of(chance, zeros / 2))


def _need(chance: Chance) -> OperatorNeed | None:
    team = chance.of(("O1",), ("O2", "O1"), ("D",), ("V", "O1"))
    most = 1 if len(team) == 1 and team != ("D",) else 2
    return (
        None
        if chance.once_in(2)
        else OperatorNeed(team, process_count=chance.randint(0, most), setup_count=chance.randint(0, most))
    )


def _common(chance: Chance, name: str, zeros: float) -> dict[str, object]:
    common: dict[str, object] = {
        "id": name,
        "pose": Pose((float(chance.randint(0, 3)), float(chance.randint(0, 3)), 0.0)),
        "pull": chance.once_in(4),
        "transport_priority": float(chance.randint(-1, 1)),
    }
    if chance.once_in(4):
        common["triggers"] = (Trigger(chance.of("OnEntry", "OnExit", "OnProcessFinish", "OnReset"), chance.choice(TRIGGER_BODIES)),)
    if chance.once_in(6):
        common["pull_requirement"] = chance.choice(PULL_BODIES)
    if chance.once_in(8):
        common["pull_strategy"] = chance.of("return 1;", "return 0;", "return duniform(0, 2);", "return 7;")
    return common


def _station(chance: Chance, name: str, zeros: float) -> Station:
    kind = chance.of(Queue, Queue, Processor, Processor, "plain", "plain", Combiner, Separator, MultiProcessor, Conveyor, Storage)
    common = _common(chance, name, zeros)
    if kind == "plain":
        return Processor(id=name, process_time_s=time_of(chance, zeros), pose=common["pose"])  # type: ignore[arg-type]
    if kind is Queue:
        batching = Batching(chance.few(6), chance.of(0.0, 0.0, 7.0, 1e-9)) if chance.once_in(3) else None
        places = chance.of(1, 1, 2, 3, 50, 10**9)
        return Queue(capacity=places, discipline=chance.choice(list(Discipline)), batching=batching, **common)  # type: ignore[arg-type]
    if kind is Conveyor:
        belt = {"length_m": chance.of(0.0, 4.0, 4.0), "item_length_m": chance.of(0.0, 1.1), "item_spacing_m": chance.of(0.0, 0.3)}
        return Conveyor(speed_m_s=chance.of(1.0, 1e9), accumulating=chance.once_in(2), **belt, **common)  # type: ignore[arg-type]
    if kind is Storage:
        return Storage(capacity=chance.few(4), dwell_time_s=time_of(chance, zeros), **common)  # type: ignore[arg-type]
    machine = common | {
        "process_time_s": time_of(chance, zeros),
        "setup_time_s": time_of(chance, max(zeros, 0.5)),
        "breakdown": _breakdown(chance, zeros),
        "operators": _need(chance),
        "operator_priority": float(chance.randint(-1, 1)),
    }
    need = machine["operators"]
    if isinstance(need, OperatorNeed) and chance.once_in(5):
        code = "return current.centerObjects[1];", "return NULL;", 'return Model.find("O2");'
        machine["operator_call"] = CallCode(need.resources, HEAD + chance.choice(code))
    if kind is Combiner:
        parts = tuple(chance.randint(0, 2) for _ in range(chance.randint(1, 3)))
        return Combiner(mode=chance.choice(list(CombinerMode)), components=parts, **machine)  # type: ignore[arg-type]
    if kind is Separator:
        quantity = chance.of(None, Constant(0.0), Constant(2.0), Uniform(0.0, 3.0), Expression("return 2;"))
        mode = chance.choice(list(SeparatorMode))
        return Separator(mode=mode, quantity=quantity, capacity=chance.few(3), **machine)  # type: ignore[arg-type]
    if kind is MultiProcessor:
        count = chance.randint(0, 3)
        steps = tuple(ProcessStep(name=str(n), process_time_s=time_of(chance, zeros), operator_count=0) for n in range(count))
        return MultiProcessor(steps=steps, **machine)  # type: ignore[arg-type]
    return Processor(capacity=chance.of(1, 2, 3, 100), **machine)  # type: ignore[arg-type]


def _routing(chance: Chance, ways: int) -> Routing:
    rules: list[Routing] = [
        FirstAvailable(),
        FirstAvailable(),
        FirstAvailable(),
        ToPort(chance.randint(1, ways)),
        RoundRobin(),
        RandomPort(),
        ShortestQueue(),
        ByLabel(),
        Percent(tuple(100.0 / ways for _ in range(ways))),
        RoutingExpression(chance.choice(PORT_BODIES)),
    ]
    return chance.choice(rules)


def _sources(chance: Chance, zeros: float) -> list[Station]:
    first: Station = Source(id="S1", interarrival_time_s=time_of(chance, zeros / 2), arrival_at_zero=chance.once_in(2))
    found = [first]
    if chance.once_in(2):
        times = chance.of((0.0,), (0.0, 9.0), (0.0, 0.0, 5.0))
        rows = tuple(Arrival(time_s=t, quantity=chance.of(0, 1, 3, 40), item_type=float(chance.few(3))) for t in times)
        found.append(Source(id="S2", schedule=rows, repeat_schedule=chance.once_in(2)))
    return found


def _pairs(chance: Chance, order: Sequence[Station], sources: int) -> list[tuple[int, int]]:
    """Links forward and, sometimes, back, to itself, or twice the same."""
    pairs = []
    for at in range(len(order) - 1):
        first = max(at + 1, sources)
        targets = [chance.randint(first, min(first + 2, len(order) - 1)) for _ in range(chance.few(3))]
        if at >= sources and chance.once_in(4):
            targets.append(chance.randint(sources, len(order) - 2))
        chance.shuffle(targets)
        pairs += [(at, target) for target in targets]
    return pairs


def wild_graph(seed: int) -> ProcessGraph:
    """The graph of this number."""
    chance = Chance(seed)
    zeros = chance.of(0.0, 0.2, 0.5, 0.9)
    sources = _sources(chance, zeros)
    inner = [_station(chance, f"T{n}", zeros) for n in range(chance.few(9))]
    order: list[Station] = [*sources, *inner, Sink(id="K")]
    ins: dict[int, int] = {}
    outs: dict[int, int] = {}
    links = []
    carriers = chance.of((None,), (None, None, None, "V", "D", "R"))
    for a, b in _pairs(chance, order, len(sources)):
        ins[b], outs[a] = ins.get(b, 0) + 1, outs.get(a, 0) + 1
        carrier = chance.choice(carriers)
        links.append(Link(upstream=order[a].id, downstream=order[b].id, out_port=outs[a], in_port=ins[b], transport=carrier))
    stations = tuple(replace(s, routing=_routing(chance, outs[at])) if at in outs else s for at, s in enumerate(order))
    handling = Constant(0.0) if zeros else Exponential(1.0)
    resources: tuple[Resource, ...] = (
        Operator(id="O1", load_time_s=handling),
        Operator(id="O2", load_time_s=handling, pose=Pose((2.0, 1.0, 0.0))),
        AGV(id="V", capacity=chance.randint(1, 3), unload_time_s=handling, speed_m_s=chance.of(2.0, 1e12), acceleration_m_s2=0.0),
        Robot(id="R", move_time_s=chance.of(None, Constant(0.0), Exponential(1.0))),
        Transporter(id="F", dispatcher="D"),
        Dispatcher(id="D", team=("O1", "O2", "F")),
    )
    return ProcessGraph(stations=stations, links=tuple(links), resources=resources)
