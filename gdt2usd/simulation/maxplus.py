"""An exact second opinion: serial lines as a max-plus recursion in numpy, over all replications at once.

For part j at node i (a machine, conveyor or the source), with B places in the queues before node i + 1:

    enters  x[j, i] = max(d[j, i-1], admitted)           admitted: d[j - capacity, i]; conveyors: x[j-1, i] + pitch as well
    is done c[j, i] = x[j, i] + its time                 conveyors: max(x[j, i] + travel, d[j-1, i] + pitch)
    leaves  d[j, i] = max(c[j, i], x[j - B, i + 1])      B = 0: the admission of node i + 1

The random numbers are those of the SimPy engine, in the same order, so both give the same departure times.
Assembly trees: `simulation.maxplus_assembly`. Not covered (the engine is the judge there): branches, merges, operators, vehicles,
breakdowns, code, machines with several places and random times.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, fields

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
from gdt2usd.simulation.experiment import Experiment
from gdt2usd.simulation.variates import Floats, Streams, sample

FIRST_BLOCK, LAST_BLOCK = 60, 480  # parts whose times are drawn at once
PADDING = 9  # keeps columns out of the same cache lines, which makes turning the table twice as fast
MOST_VALUES = 8_000_000  # held at once


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
        node = _node(station, buffer)
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
        if station.triggers or not isinstance(station.routing, FirstAvailable):
            return f"{station.id} has a routing rule or trigger"
    return chain


def _node(station: Station, buffer: int) -> Node | str:
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
        return _machine(station, buffer)
    return f"{station.id} is a {type(station).__name__.lower()}"


def _machine(station: Processor | MultiProcessor, buffer: int) -> Node | str:
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


class _Times:
    """The times of one phase of one node, part by part; column k belongs to `distributions[k]` and its own stream."""

    def __init__(self, distributions: Sequence[Distribution], id: str, purpose: str, streams: Sequence[Streams]) -> None:
        self.distributions = distributions
        self.id = id
        self.constant = all(isinstance(d, Constant) for d in distributions)
        unshifted = [d.mean for d in distributions if isinstance(d, Exponential) and d.location == 0.0 and d.mean >= 0.0]
        self.means = np.array(unshifted) if len(unshifted) == len(distributions) else None
        self.generators = [] if self.constant else [s.generator(id, purpose) for s in streams]

    def table(self, rows: int) -> Floats:
        """The next `rows` times: (rows, columns)."""
        if self.constant:
            return np.tile([max(0.0, d.value) for d in self.distributions if isinstance(d, Constant)], (rows, 1))
        drawn = np.empty((len(self.generators), rows + PADDING))[:, :rows]
        if self.means is not None:  # the same numbers as `sample`, without a call and an array per column
            for row, generator in zip(drawn, self.generators, strict=True):
                generator.standard_exponential(out=row)
            times: Floats = np.multiply(drawn.T, self.means, order="C")
            return times
        for k, (distribution, generator) in enumerate(zip(self.distributions, self.generators, strict=True)):
            drawn[k] = sample(distribution, generator, rows, self.id)
        return drawn.T.copy()


@dataclass(slots=True)
class _History:
    """Departures and entries of one node: as many earlier parts as the recursion looks back."""

    depth: int
    runs: int
    left: list[Floats] = field(default_factory=list)
    entered: list[Floats] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.left = [np.full(self.runs, -np.inf) for _ in range(self.depth + 1)]
        self.entered = [np.full(self.runs, -np.inf) for _ in range(self.depth + 1)]


def blocks(lines: Sequence[SerialLine], streams: Sequence[Streams]) -> Iterator[tuple[Floats, Floats]]:
    """Creation and departure times of parts 1, 2, ..., for ever, in blocks (rows, columns): one row per part, growing blocks.

    Column k is `lines[k]` on `streams[k]`; the lines differ in their times only (`same_shape`).
    """
    nodes, columns = lines[0].nodes, len(streams)
    times = [
        [_Times([x.nodes[i].phases[p][0] for x in lines], node.id, purpose, streams) for p, (_, purpose) in enumerate(node.phases)]
        for i, node in enumerate(nodes)
    ]
    history = [_History(max(node.capacity, node.buffer, 1), columns) for node in nodes]
    steps = _steps(nodes, history, columns)
    largest = max(16, min(LAST_BLOCK, MOST_VALUES // (columns * max(1, sum(len(t) for t in times)))))
    rows, j = min(FIRST_BLOCK, largest), 0
    while True:
        tables = [[t.table(rows) for t in phases] for phases in times]
        created, left = np.empty((rows, columns)), np.empty((rows, columns))
        first, later = tables[0], list(zip(steps[1:], tables[1:], strict=True))
        source = steps[0]
        for row in range(rows):
            at = source(j, row, created[row], first)
            for step, spent in later:
                at = step(j, row, at, spent)
            left[row] = at
            j += 1
        yield created, left
        rows = min(2 * rows, largest)


def same_shape(one: SerialLine, other: SerialLine) -> bool:
    """Whether two lines differ in the distributions of their times only."""
    return [_shape(n) for n in one.nodes] == [_shape(n) for n in other.nodes]


def _shape(node: Node) -> tuple[object, ...]:
    return (*(getattr(node, f.name) for f in fields(node) if f.name != "phases"), *(purpose for _, purpose in node.phases))


_Step = Callable[[int, int, Floats, list[Floats]], Floats]


def _steps(nodes: tuple[Node, ...], history: list[_History], runs: int) -> list[_Step]:
    return [_source_step(nodes, history, runs), *(_node_step(nodes, history, i) for i in range(1, len(nodes)))]


def _gate(nodes: tuple[Node, ...], history: list[_History], i: int) -> Callable[[int, Floats, Floats], Floats]:
    """The time at which node i + 1, or the buffer before it, has room for part j: applied to the end of its process."""
    if i + 1 == len(nodes):
        return lambda _j, done, _out: done
    node, past = nodes[i + 1], history[i + 1]
    size, maximum = past.depth + 1, np.maximum
    if node.buffer:
        buffer = node.buffer
        return lambda j, done, out: maximum(done, past.entered[(j - buffer) % size], out=out)
    capacity, pitch = node.capacity, node.pitch_s
    if node.travel_s is None:
        return lambda j, done, out: maximum(done, past.left[(j - capacity) % size], out=out)

    def conveyor(j: int, done: Floats, out: Floats) -> Floats:
        maximum(done, past.left[(j - capacity) % size], out=out)
        return maximum(out, past.entered[(j - 1) % size] + pitch, out=out)

    return conveyor


def _source_step(nodes: tuple[Node, ...], history: list[_History], runs: int) -> _Step:
    gate, at_zero = _gate(nodes, history, 0), nodes[0].at_zero
    last = np.zeros(runs)
    spare = np.empty((2, runs))
    delayed: list[Floats] = []

    def step(j: int, row: int, created: Floats, spent: list[Floats]) -> Floats:
        nonlocal last
        if at_zero:  # the first item needs no draw
            delayed.append(spent[0][row])
            np.add(last, 0.0 if j == 0 else delayed.pop(0), out=created)
        else:
            np.add(last, spent[0][row], out=created)
        last = gate(j, created, spare[j % 2])
        return last

    return step


def _node_step(nodes: tuple[Node, ...], history: list[_History], i: int) -> _Step:
    node, past, gate = nodes[i], history[i], _gate(nodes, history, i)
    size, capacity, maximum, add = past.depth + 1, node.capacity, np.maximum, np.add
    entered, left = past.entered, past.left
    last = i + 1 == len(nodes)

    after = history[i + 1].entered if i + 1 < len(nodes) and nodes[i + 1].buffer else None
    if after is not None and node.travel_s is None and len(node.phases) == 1:
        places, places_size = nodes[i + 1].buffer, len(after)

        def plain(j: int, row: int, arrived: Floats, spent: list[Floats]) -> Floats:
            """`machine` and its gate at once for the common case: one phase, a queue behind it."""
            slot = j % size
            done: Floats = add(maximum(arrived, left[(j - capacity) % size], out=entered[slot]), spent[0][row], left[slot])
            maximum(done, after[(j - places) % places_size], out=done)
            return done

        return plain

    def machine(j: int, row: int, arrived: Floats, spent: list[Floats]) -> Floats:
        slot = j % size
        began = maximum(arrived, left[(j - capacity) % size], out=entered[slot])
        done = add(began, spent[0][row], left[slot])
        for more in spent[1:]:
            done += more[row]
        return done if last else gate(j, done, done)

    def belt(j: int, _row: int, arrived: Floats, _spent: list[Floats]) -> Floats:
        slot = j % size
        began = maximum(arrived, left[(j - capacity) % size], out=entered[slot])
        maximum(began, entered[(j - 1) % size] + node.pitch_s, out=began)
        done = maximum(began + node.travel_s, left[(j - 1) % size] + node.pitch_s, out=left[slot])
        return gate(j, done, done)

    return machine if node.travel_s is None else belt


def departures(graph: ProcessGraph, seed: int, replications: int, count: int) -> tuple[Floats, Floats]:
    """Creation and departure times of the first `count` parts: two arrays (replications, count).

    Raises:
        ValueError: the graph is no line; the message says why.
    """
    line = as_line(graph)
    if isinstance(line, str):
        raise ValueError(line)
    all_created, all_left = np.empty((count, replications)), np.empty((count, replications))
    done = 0
    for created, left in blocks([line] * replications, [Streams(seed, r) for r in range(replications)]):
        rows = min(len(created), count - done)
        all_created[done : done + rows], all_left[done : done + rows] = created[:rows], left[:rows]
        done += rows
        if done == count:
            break
    return all_created.T, all_left.T


@dataclass(frozen=True, slots=True)
class LineFigures:
    """Per replication (R,): items per hour, WIP, mean flow time in seconds (NaN without exits), all after the warm-up."""

    throughput_per_hour: Floats
    wip: Floats
    flow_time_s: Floats


def evaluate(lines: Sequence[SerialLine], experiment: Experiment, max_parts: int = 5_000_000) -> list[LineFigures] | str:
    """The figures of `experiment` (its warm-up given) for each of `lines`, which have one shape; in words why not, if it cannot.

    The engine gives the same figures, up to rounding, on the same seed.
    """
    horizon, start, runs = experiment.horizon_s, experiment.warm_up_s or 0.0, experiment.replications
    streams = [Streams(experiment.seed, r) for r in range(runs)] * len(lines)
    exits, flow, area = np.zeros((3, len(streams)))
    done = 0
    for created, left in blocks([line for line in lines for _ in range(runs)], streams):
        counted = (left > start) & (left < horizon)
        exits += counted.sum(axis=0)
        flow += np.where(counted, left - created, 0.0).sum(axis=0)
        area += np.maximum(np.minimum(left, horizon) - np.maximum(created, start), 0.0).sum(axis=0)
        done += len(created)
        if created[-1].min() >= horizon:
            break
        if done >= max_parts:
            return f"more than {max_parts} parts"
    duration = horizon - start
    with np.errstate(divide="ignore", invalid="ignore"):
        table = np.stack([3600.0 * exits / duration, area / duration, flow / exits]).reshape(3, len(lines), runs)
    return [LineFigures(*table[:, k]) for k in range(len(lines))]
