"""What a max-plus recursion works on: the stations of a serial line as nodes, and their times for all replications at once.

Queues become the buffers of the nodes behind them. Not covered: the recursion (`simulation.maxplus`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from gdt2usd.graph.distributions import Constant, Distribution, Exponential, Expression
from gdt2usd.graph.model import (
    Conveyor,
    Discipline,
    FirstAvailable,
    MultiProcessor,
    ProcessGraph,
    Processor,
    Queue,
    Sink,
    Source,
    Station,
)
from gdt2usd.simulation.variates import Floats, Streams, sample

FIRST_DRAW, LAST_DRAW = 60, 480  # times that a stream gives at once
PADDING = 9  # keeps streams out of the same cache lines, which makes turning their table twice as fast
MOST_DRAWN = 8_000_000  # values held at once
BLOCK = 120_000  # values that the recursion works on before it draws more: they stay in the processor's cache


@dataclass(frozen=True, slots=True)
class Node:
    """A station that takes time: `phases` are its times and their streams, `buffer` the places of the queues before it."""

    id: str
    phases: tuple[tuple[Distribution, str], ...]
    capacity: int = 1
    buffer: int = 0
    travel_s: float | None = None  # conveyors
    pitch_s: float = 0.0
    at_zero: bool = False


@dataclass(frozen=True, slots=True)
class SerialLine:
    """A graph that qualifies: the source first; queues have become buffers; the sink is the end."""

    nodes: tuple[Node, ...]


def as_line(graph: ProcessGraph) -> SerialLine | str:
    """The graph as a line, or in words why it is none."""
    chain = _chain(graph)
    if isinstance(chain, str):
        return chain
    nodes: list[Node] = []
    buffer = 0
    for station in chain[:-1]:
        if isinstance(station, Queue):
            if station.discipline is not Discipline.FIFO or station.batching is not None:
                return f"{station.id} is not a plain FIFO queue"
            buffer += station.capacity
            continue
        node = as_node(station, buffer)
        if isinstance(node, str):
            return node
        nodes.append(node)
        buffer = 0
    return SerialLine(tuple(nodes)) if buffer == 0 else "a queue stands directly before the sink"


def _chain(graph: ProcessGraph) -> list[Station] | str:
    sources = [s for s in graph.stations if isinstance(s, Source)]
    if len(sources) != 1:
        return f"{len(sources)} sources"
    following = {}
    for link in graph.links:
        if link.transport is not None:
            return f"{link.upstream} needs a vehicle"
        if link.upstream in following:
            return f"{link.upstream} has more than one way out"
        following[link.upstream] = link.downstream
    if len(set(following.values())) != len(following):
        return "ways merge"
    by_id = {s.id: s for s in graph.stations}
    chain: list[Station] = [sources[0]]
    while chain[-1].id in following and len(chain) <= len(graph.stations):
        chain.append(by_id[following[chain[-1].id]])
    if not isinstance(chain[-1], Sink) or len(chain) != len(graph.stations):
        return "not all stations lie on the way from the source to the sink"
    for station in chain:
        rules = station.triggers or station.pull_requirement or station.pull_strategy
        if rules or not isinstance(station.routing, FirstAvailable):
            return f"{station.id} has a routing rule or trigger"
    return chain


def as_node(station: Station, buffer: int) -> Node | str:
    """A source, machine or conveyor with `buffer` places before it, or in words why it is none."""
    if isinstance(station, Source):
        if station.schedule or isinstance(station.interarrival_time_s, Expression):
            return f"{station.id} has a schedule or code"
        return Node(station.id, ((station.interarrival_time_s, "arrival"),), at_zero=station.arrival_at_zero)
    if isinstance(station, Conveyor):
        pitch = station.item_length_m + station.item_spacing_m
        if not station.accumulating or not 0.0 < pitch <= station.length_m or station.speed_m_s <= 0.0:
            return f"{station.id} is not an accumulating conveyor with room for an item"
        places = max(1, int(station.length_m / pitch + 1e-9))
        return Node(station.id, (), places, buffer, station.length_m / station.speed_m_s, pitch / station.speed_m_s)
    if isinstance(station, Processor | MultiProcessor):
        return as_machine(station, buffer)
    return f"{station.id} is a {type(station).__name__.lower()}"


def as_machine(station: Processor | MultiProcessor, buffer: int) -> Node | str:
    """A machine without operators, breakdowns and code, or in words why it is none."""
    if station.breakdown is not None:
        return f"{station.id} breaks down"
    phases: list[tuple[Distribution, str]] = []
    if station.setup_time_s != Constant(0.0):
        phases.append((station.setup_time_s, "setup"))
    if isinstance(station, MultiProcessor) and station.steps:
        phases += [(step.process_time_s, f"process {n}") for n, step in enumerate(station.steps)]
        if any(step.operator_count for step in station.steps):
            return f"{station.id} needs operators"
    else:
        phases.append((station.process_time_s, "process"))
    need = station.operators
    if need is not None and (need.process_count or need.setup_count):
        return f"{station.id} needs operators"
    if any(isinstance(d, Expression) for d, _ in phases):
        return f"{station.id} has code for its time"
    if station.capacity > 1 and not all(isinstance(d, Constant) for d, _ in phases):
        return f"{station.id} works on several items for random times"
    return Node(station.id, tuple(phases), station.capacity, buffer)


def same_shape(one: SerialLine, other: SerialLine) -> bool:
    """Whether two lines differ in the distributions of their times only."""
    return [_shape(n) for n in one.nodes] == [_shape(n) for n in other.nodes]


def _shape(node: Node) -> tuple[object, ...]:
    return (*(getattr(node, f.name) for f in fields(node) if f.name != "phases"), *(purpose for _, purpose in node.phases))


class Times:
    """The times of one phase of one node, part by part; column k belongs to `distributions[k]` and its own stream."""

    def __init__(self, distributions: Sequence[Distribution], id: str, purpose: str, streams: Sequence[Streams]) -> None:
        self.distributions = distributions
        self.id = id
        self.constant = all(isinstance(d, Constant) for d in distributions)
        unshifted = [d.mean for d in distributions if isinstance(d, Exponential) and d.location == 0.0 and d.mean >= 0.0]
        self.means = np.array(unshifted) if len(unshifted) == len(distributions) else None
        self.generators = [] if self.constant else [s.generator(id, purpose) for s in streams]
        self.drawn: Floats = np.empty((len(self.generators), 0))
        self.used = 0

    def table(self, rows: int) -> Floats:
        """The next `rows` times: (rows, columns)."""
        times = np.empty((rows, len(self.distributions)))
        self.fill(times)
        return times

    def fill(self, table: Floats) -> None:
        """Write the next times into `table`: (rows, columns)."""
        if self.constant:
            table[:] = [max(0.0, d.value) for d in self.distributions if isinstance(d, Constant)]
            return
        row = 0
        while row < len(table):
            if self.used == self.drawn.shape[1]:
                self._draw()
            count = min(len(table) - row, self.drawn.shape[1] - self.used)
            following = self.drawn[:, self.used : self.used + count].T
            np.multiply(following, 1.0 if self.means is None else self.means, out=table[row : row + count])
            self.used += count
            row += count

    def _draw(self) -> None:
        """Take the next times from every stream."""
        streams, earlier = self.drawn.shape
        count = min(max(FIRST_DRAW, 2 * earlier), LAST_DRAW, max(16, MOST_DRAWN // streams))
        if count != earlier:
            self.drawn = np.empty((streams, count + PADDING))[:, :count]
        self.used = 0
        if self.means is not None:  # the same numbers as `sample`, without a call and an array per column
            for row, generator in zip(self.drawn, self.generators, strict=True):
                generator.standard_exponential(out=row)
        else:
            for k, (distribution, generator) in enumerate(zip(self.distributions, self.generators, strict=True)):
                self.drawn[k] = sample(distribution, generator, count, self.id)


def block_rows(phases: int, columns: int) -> int:
    """How many parts to work on at once where each has `phases` times in each column."""
    return max(8, min(LAST_DRAW, BLOCK // (columns * max(1, phases))))
