"""Queueing theory against scripts: each model is written in FlexScript, as an engineer would, and read, lowered and simulated.

The verdict is that of `test_exact_list`: the list as a whole is held to what 95 % intervals promise. What is here and not there:
laws that only FlexSim's commands name, arrivals that are not Poisson, servers that are operators or vehicles, priorities by port
rank, batches, splits by code, loss with several servers, closed loops with delays, assembly fed by chance.
`pytest -m slow -s` prints the table.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

import pytest

from gdt2usd.diagnostics import Severity
from gdt2usd.graph.lower import lower_script
from gdt2usd.graph.model import ProcessGraph
from gdt2usd.script.source import Script
from gdt2usd.simulation import theory
from gdt2usd.simulation.engine import run
from gdt2usd.simulation.statistics import Window, window
from tests.simulation.factories import assert_sound
from tests.simulation.test_exact_list import Case, rate, verdict

STREAM = "getstream(current)"
HEAD = "Object current = ownerobject(c);\\nObject item = param(1);\\n"
CODE = ("InterArrivalTime", "ProcessTime", "SetupTime", "SendToPort", "SeparateQty")
BIG = 100_000


def exponential(mean: float) -> str:
    return f"exponential(0, {mean:.12g}, {STREAM})"


class Model:
    """A script in the making: objects in a row, named; connections; whatever else."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.names: list[str] = []

    def add(self, flexsim_class: str, name: str, **properties: float | str) -> None:
        self.lines.append(f'Object {name} = Object.create("{flexsim_class}");\n{name}.name = "{name}";')
        self.lines.append(f"{name}.setLocation({5 * len(self.lines)}, 0, 0);")
        self.names.append(name)
        for key, value in properties.items():
            shown = str(value)
            if isinstance(value, str):
                shown = f'"{HEAD}return {value};"' if key in CODE else f'"{value}"'
            self.lines.append(f'{name}.setProperty("{key}", {shown});')

    def source(self, interval: float | str, name: str = "S", **more: float | str) -> None:
        self.add("Source", name, InterArrivalTime=interval, **more)

    def queue(self, name: str, places: int = BIG, **more: float | str) -> None:
        self.add("Queue", name, MaxContent=places, **more)

    def machine(self, name: str, time: float | str, **more: float | str) -> None:
        self.add("Processor", name, ProcessTime=time, **more)

    def flow(self, *names: str, key: str = "A") -> None:
        self.lines += [f'contextdragconnection({a}, {b}, "{key}");' for a, b in pairwise(names)]

    def graph(self) -> ProcessGraph:
        lowered = lower_script(Script("\n".join(self.lines), "model.fs"))
        assert not [d for d in lowered.diagnostics if d.severity is Severity.ERROR]
        return lowered.graph


def content(graph: ProcessGraph, *names: str) -> Callable[[Window], float]:
    places = [k for k, station in enumerate(graph.stations) if station.id in names]
    return lambda w: sum(float(w.stations[k][2]) for k in places) / w.duration_s


def passed(graph: ProcessGraph, name: str) -> Callable[[Window], float]:
    place = next(k for k, station in enumerate(graph.stations) if station.id == name)
    return lambda w: float(w.stations[place][1]) / w.duration_s


def share(graph: ProcessGraph, name: str, of: str) -> Callable[[Window], float]:
    part, whole = passed(graph, name), passed(graph, of)
    return lambda w: part(w) / whole(w)


def one_server(interval: float | str, time: float | str, **more: float | str) -> Model:
    model = Model()
    model.source(interval)
    model.queue("Q")
    model.machine("P", time, **more)
    model.add("Sink", "K")
    model.flow("S", "Q", "P", "K")
    return model


def waiting(name: str, model: Model, exact: float, per_s: float = 0.8, *places: str) -> Case:
    graph = model.graph()
    return Case(name, graph, exact, per_s, content(graph, *(places or ("Q",))), warm_up_parts=2_000)


def services() -> list[Case]:
    """M/G/1 at 0.8, mean service 1: (code, variance)."""
    sigma = 0.6
    median = math.exp(-sigma * sigma / 2.0)
    shape = 1.5
    scale = 1.0 / math.gamma(1.0 + 1.0 / shape)
    laws: dict[str, tuple[str, float]] = {
        "lognormal2": (f"lognormal2(0, {median:.12g}, {sigma}, {STREAM})", math.exp(sigma * sigma) - 1.0),
        "weibull": (f"weibull(0, {scale:.12g}, {shape}, {STREAM})", scale**2 * math.gamma(1.0 + 2.0 / shape) - 1.0),
        "erlang": (f"erlang(0, 0.25, 4, {STREAM})", 0.25),
        "triangular": (f"triangular(0, 2, 1, {STREAM})", 1.0 / 6.0),
        "beta": (f"beta(0, 2, 2, 2, {STREAM})", 0.2),
        "duniform": (f"duniform(0, 2, {STREAM})", 2.0 / 3.0),
        "sum of two": (f"{exponential(0.5)} + {exponential(0.5)}", 0.5),
        "one of two": (f"bernoulli(50, {exponential(0.5)}, {exponential(1.5)}, {STREAM})", 1.5),
    }
    found = [
        waiting(f"M/G/1, {name}", one_server(exponential(1.25), law), theory.mg1_waiting(0.8, 1.0, variance))
        for name, (law, variance) in laws.items()
    ]
    setup = one_server(exponential(1.25), exponential(0.5), SetupTime=0.5)
    found.append(waiting("M/G/1, setup and process", setup, theory.mg1_waiting(0.8, 1.0, 0.25)))
    by_type = one_server(exponential(1.25), "item.Type == 2 ? 0.5 : 1.5")
    by_type.lines.append(f'S.setProperty("Triggers.OnCreation", "{HEAD}item.Type = duniform(1, 2, {STREAM});");')
    found.append(waiting("M/G/1, by type", by_type, theory.mg1_waiting(0.8, 1.0, 0.25)))
    return found


def waiting_behind(transform: Callable[[float], float], per_s: float) -> float:
    """Mean number waiting in G/M/1 with service rate 1; `transform`: Laplace-Stieltjes transform of the interarrival time."""
    root = 0.5
    for _ in range(10_000):
        root = transform(1.0 - root)
    return per_s * root / (1.0 - root)


def arrivals() -> list[Case]:
    laws: dict[str, tuple[float | str, Callable[[float], float]]] = {
        "D/M/1": (1.25, lambda z: math.exp(-1.25 * z)),
        "U/M/1": (f"uniform(0.5, 2, {STREAM})", lambda z: (math.exp(-0.5 * z) - math.exp(-2.0 * z)) / (1.5 * z)),
        "E3/M/1": (f"erlang(0, {1.25 / 3:.12g}, 3, {STREAM})", lambda z: (1.0 + 1.25 / 3.0 * z) ** -3),
        "gamma/M/1": (f"gamma(0, 2.5, 0.5, {STREAM})", lambda z: (1.0 + 2.5 * z) ** -0.5),
    }
    return [
        waiting(name, one_server(interval, exponential(1.0)), waiting_behind(transform, 0.8))
        for name, (interval, transform) in laws.items()
    ]


def splits() -> list[Case]:
    """Two queues: filled in turn (E2/M/1), by chance, by what the items are."""
    cases = []
    rules: dict[str, tuple[str, float, float]] = {
        "in turn: E2/M/1": (
            "current.stats.output.value % current.outObjects.length + 1",
            0.7,
            waiting_behind(lambda z: (1.0 + 0.7 * z) ** -2, 1.0 / 1.4),
        ),
        "by percentage": (f"bernoulli(60, 1, 2, {STREAM})", 0.8, 0.75 / 0.25 - 0.75),
        "by label": ("item.Type", 1.0, 0.7 / 0.3 - 0.7),
    }
    for name, (rule, interval, exact) in rules.items():
        model = Model()
        model.source(exponential(interval), SendToPort=rule)
        model.lines.append(f'S.setProperty("Triggers.OnCreation", "{HEAD}item.Type = bernoulli(70, 1, 2, {STREAM});");')
        for number in (1, 2):
            model.queue(f"Q{number}")
            model.machine(f"P{number}", exponential(1.0))
        model.add("Sink", "K")
        for number in (1, 2):
            model.flow("S", f"Q{number}", f"P{number}", "K")
        cases.append(waiting(f"split {name}", model, exact, 1.0 / interval, "Q1"))
    return cases


def losses() -> list[Case]:
    """M/M/c/K: what finds no room goes to a second sink. And Erlang B with a setup and a law that is not exponential."""
    cases = []
    for servers, room in ((1, 5), (2, 6)):
        model = Model()
        model.source(exponential(1.0 / (0.9 * servers)))
        model.queue("Q", room - servers)
        model.machine("P", exponential(1.0), MaxContent=servers)
        model.add("Sink", "K")
        model.add("Sink", "Lost")
        model.flow("S", "Q", "P", "K")
        model.flow("S", "Lost")
        weights = [1.0]
        for n in range(1, room + 1):
            weights.append(weights[-1] * 0.9 * servers / min(n, servers))
        graph, exact = model.graph(), weights[-1] / sum(weights)
        cases.append(Case(f"M/M/{servers}/{room}: lost", graph, exact, 0.9 * servers, share(graph, "Lost", "S")))
    model = Model()
    model.source(exponential(0.5))
    model.machine("P", f"uniform(0, 1, {STREAM})", MaxContent=3, SetupTime=0.5)
    model.add("Sink", "K")
    model.add("Sink", "Lost")
    model.flow("S", "P", "K")
    model.flow("S", "Lost")
    graph = model.graph()
    cases.append(Case("M/G/3/3: lost", graph, theory.erlang_b(3, 2.0), 2.0, share(graph, "Lost", "S")))
    return cases


def by_rank() -> list[Case]:
    """Two queues before one machine, which takes from the lower port first: non-preemptive priority (Cobham 1954)."""
    model = Model()
    model.source(exponential(1.0 / 0.3), "S1")
    model.source(exponential(1.0 / 0.5), "S2")
    model.queue("Q1")
    model.queue("Q2")
    model.machine("P", exponential(1.0))
    model.add("Sink", "K")
    model.flow("S1", "Q1", "P", "K")
    model.flow("S2", "Q2", "P")
    return [
        waiting("priority by port: first", model, 0.3 * 0.8 / 0.7, 0.8, "Q1"),
        waiting("priority by port: second", model, 0.5 * 0.8 / (0.7 * 0.2), 0.8, "Q2"),
    ]


def helpers() -> list[Case]:
    """Servers that are operators of a team, an operator shared by two machines, a vehicle."""
    team = Model()
    team.source(exponential(1.0 / 1.6))
    team.machine("P", exponential(1.0), MaxContent=1000, UseProcessOperators=1)
    team.add("Sink", "K")
    for name in ("D", "O1", "O2"):
        team.add("Dispatcher" if name == "D" else "Operator", name)
    team.lines.append("O1.setLocation(P.location);\nO2.setLocation(P.location);")
    team.flow("S", "P", "K")
    team.flow("D", "O1")
    team.flow("D", "O2")
    team.flow("P", "D", key="S")
    shared = Model()
    shared.source(exponential(1.25))
    shared.queue("Q")
    shared.add("Sink", "K")
    shared.add("Operator", "O")
    shared.flow("S", "Q")
    for name in ("P1", "P2"):
        shared.machine(name, exponential(1.0), UseProcessOperators=1)
        shared.flow("Q", name, "K")
        shared.flow(name, "O", key="S")
        shared.lines.append(f"{name}.setLocation(10, 10, 0);")
    shared.lines.append("O.setLocation(10, 10, 0);")
    carried = Model()
    carried.source(exponential(10.0 / 0.8))
    carried.queue("Q", UseTransport=1)
    carried.add("Sink", "K")
    carried.add("TaskExecuter", "T", MaxSpeed=2, Acceleration=0, Deceleration=0, LoadTime=1, UnloadTime=1)
    carried.lines += [f"{name}.setLocation({x}, 0, 0, 0.5, 0.5, 0);" for name, x in (("Q", 0), ("K", 8), ("T", 8))]
    carried.flow("S", "Q", "K")
    carried.flow("Q", "T", key="S")
    pickup = 4.0 + 1.0  # the way there and loading, before the item has left the queue
    return [
        waiting("operators: M/M/2", team, theory.mmc_waiting(1.6, 1.0, 2) + 1.6, 1.6, "P"),
        waiting("two machines, one operator: M/M/1", shared, 4.0, 0.8, "Q", "P1", "P2"),
        waiting("vehicle: M/D/1", carried, 1.6 + 0.08 * pickup, 0.08, "Q"),
    ]


def batches() -> list[Case]:
    """Items that come three at a time, out of a separator: M[3]/M/1."""
    model = Model()
    model.source(exponential(3.0 / 0.7))
    model.add("Separator", "X", SeparateMode="Split", SeparateQty=3, ProcessTime=0)
    model.queue("Q")
    model.machine("P", exponential(1.0))
    model.add("Sink", "K")
    model.flow("S", "X", "Q", "P", "K")
    return [waiting("M[3]/M/1", model, 0.7 * (3 + 1) / (2 * 0.3), 0.7, "Q", "P")]


def closed() -> list[Case]:
    """Pallets in a ring of one machine, two parallel ones and a delay: product form by convolution (Buzen 1973)."""
    stations: tuple[tuple[float | str, float, int], ...] = ((exponential(1.0), 1.0, 1), (exponential(1.5), 1.5, 2), (5, 5.0, 1000))
    pallets = 6
    model = Model()
    model.add("Source", "S", ArrivalStyle="Arrival Schedule")
    model.lines.append(f'S.labels.assert("arrivals", 0).value = [[0, {pallets}, 1]];')
    weights = [1.0] + [0.0] * pallets
    for number, (time, mean, servers) in enumerate(stations):
        model.queue(f"Q{number}", 1000)
        model.machine(f"M{number}", time, MaxContent=servers)
        own = [1.0]
        for n in range(1, pallets + 1):
            own.append(own[-1] * mean / min(n, servers))
        weights = [sum(own[k] * weights[n - k] for k in range(n + 1)) for n in range(pallets + 1)]
    model.flow("S", "Q0")
    for number in range(len(stations)):
        model.flow(f"Q{number}", f"M{number}", f"Q{(number + 1) % len(stations)}")
    graph, exact = model.graph(), weights[pallets - 1] / weights[pallets]
    return [Case("closed loop with a delay and parallel machines", graph, exact, exact, passed(graph, "M0"))]


def two_phases(places: int) -> float:
    """Saturated line of two machines with Erlang-2 times of mean 1: (finished by the first only, phase, phase)."""

    def moves(state: tuple[int, ...]) -> Mapping[tuple[int, ...], float]:
        between, first, second = state
        found: dict[tuple[int, ...], float] = {}
        if between < places + 2:
            found[(between + 1, 0, second) if first else (between, 1, second)] = 2.0
        if between:
            found[(between - 1, first, 0) if second else (between, first, 1)] = 2.0
        return found

    chances = theory.stationary((0, 0, 0), moves)
    return 2.0 * sum(chance for (between, _, second), chance in chances.items() if between and second)


def lines() -> list[Case]:
    """A source that is always ready; unequal machines, seven without queues, machines that are not exponential."""
    cases = []
    gamma = f"erlang(0, 0.5, 2, {STREAM})"
    shapes: list[tuple[str, list[str], tuple[int, ...], float]] = [
        ("Erlang-2, 2 places", [gamma, gamma], (2,), two_phases(2)),
    ]
    exponentials: list[tuple[Sequence[float], tuple[int, ...]]] = [
        ((1.0, 0.8, 1.3, 1.0), (0, 2, 1)),
        ((1.0,) * 7, (0,) * 6),
        ((1.2, 1.0, 0.9, 1.1, 1.0), (1, 1, 1, 1)),
    ]
    for means, places in exponentials:
        exact = theory.line_throughput([1.0 / mean for mean in means], places)
        shapes.append((f"{means}, {places}", [exponential(mean) for mean in means], places, exact))
    for name, times, places, exact in shapes:
        model = Model()
        model.source(0)
        way = ["S"]
        for number, time in enumerate(times):
            model.machine(f"M{number}", time)
            way.append(f"M{number}")
            if number < len(places) and places[number]:
                model.queue(f"B{number}", places[number])
                way.append(f"B{number}")
        model.add("Sink", "K")
        model.flow(*way, "K")
        cases.append(Case(f"line {name}", model.graph(), exact, exact, rate))
    return cases


def assembly() -> list[Case]:
    """Frames and parts come by chance to finite queues, what finds no room is lost; a lone frame waits inside the combiner."""
    frames_s, parts_s, assembled_s, places = 1.0, 1.1, 1.0 / 0.6, (3, 4)

    def settled(frames: int, parts: int, inside: int, busy: int) -> tuple[int, ...]:
        if not busy and not inside and frames:
            frames, inside = frames - 1, 1
        return (frames, parts - 1, 0, 1) if inside and parts and not busy else (frames, parts, inside, busy)

    def moves(state: tuple[int, ...]) -> Mapping[tuple[int, ...], float]:
        frames, parts, inside, busy = state
        found: dict[tuple[int, ...], float] = {}
        if frames < places[0] or not (busy or inside):
            found[settled(frames + 1, parts, inside, busy)] = frames_s
        if parts < places[1] or inside:
            found[settled(frames, parts + 1, inside, busy)] = parts_s
        if busy:
            found[settled(frames, parts, inside, 0)] = assembled_s
        return found

    exact = assembled_s * sum(chance for state, chance in theory.stationary((0, 0, 0, 0), moves).items() if state[3])
    model = Model()
    model.source(exponential(1.0 / frames_s), "S1")
    model.source(exponential(1.0 / parts_s), "S2")
    model.queue("Q1", places[0])
    model.queue("Q2", places[1])
    model.add("Combiner", "C", CombineMode="Join", ProcessTime=exponential(1.0 / assembled_s))
    for name in ("K", "L1", "L2"):
        model.add("Sink", name)
    model.flow("S1", "Q1", "C", "K")
    model.flow("S2", "Q2", "C")
    model.flow("S1", "L1")
    model.flow("S2", "L2")
    graph = model.graph()
    return [Case("assembly fed by chance", graph, exact, exact, passed(graph, "C"))]


def delays() -> list[Case]:
    """Servers without end: M/G/inf as a machine, M/D/inf as a rack."""
    many, rack = Model(), Model()
    for model in (many, rack):
        model.source(exponential(1.0))
    many.machine("P", f"lognormal2(0, 5, 0.5, {STREAM})", MaxContent=10_000)
    rack.add("Rack", "P", MaxContent=10_000, MinimumDwellTime=7)
    for model in (many, rack):
        model.add("Sink", "K")
        model.flow("S", "P", "K")
    return [
        waiting("M/G/inf", many, 5.0 * math.exp(0.125), 1.0, "P"),
        waiting("rack: M/D/inf", rack, 7.0, 1.0, "P"),
    ]


GROUPS = (services, arrivals, splits, losses, by_rank, helpers, batches, closed, lines, assembly, delays)


@pytest.mark.slow
def test_scripts_at_100_000_parts() -> None:
    verdict([case for group in GROUPS for case in group()])


@pytest.mark.parametrize("group", GROUPS)
def test_a_first_look(group: Callable[[], list[Case]]) -> None:
    """One replication of every model: of the right size. (The slow test is the measurement.)"""
    for number, case in enumerate(group()):
        one = run(case.graph, seed=number, replication=0, horizon_s=11_000.0 / case.rate, warm_up_s=1_000.0 / case.rate)
        assert_sound(one)
        assert case.figure(window(one, 1_000.0 / case.rate)) == pytest.approx(case.exact, rel=0.5), case.name
