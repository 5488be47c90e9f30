"""An exact second opinion: serial lines as a max-plus recursion in numpy, over all replications at once.

For part j at node i (a machine, conveyor or the source), with B places in the queues before node i + 1:

    enters  x[j, i] = max(d[j, i-1], admitted)           admitted: d[j - capacity, i]; conveyors: x[j-1, i] + pitch as well
    is done c[j, i] = x[j, i] + its time                 conveyors: max(x[j, i] + travel, d[j-1, i] + pitch)
    leaves  d[j, i] = max(c[j, i], x[j - B, i + 1])      B = 0: the admission of node i + 1

The random numbers are those of the SimPy engine, in the same order, so both give the same departure times.
Lines of machines go as a wave (`simulation.maxplus_wave`), assembly trees by `simulation.maxplus_assembly`.
Not covered (the engine is the judge there): branches, merges, operators, vehicles, breakdowns, code, machines with several places
and random times.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from gdt2usd.graph.model import ProcessGraph
from gdt2usd.simulation.experiment import Experiment
from gdt2usd.simulation.maxplus_nodes import Node, SerialLine, Times, as_line, block_rows
from gdt2usd.simulation.maxplus_wave import fits, wave
from gdt2usd.simulation.variates import Floats, Streams


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
    """Creation and departure times of parts 1, 2, ..., for ever, in blocks (rows, columns): one row per part.

    A block is valid until the next one.

    Column k is `lines[k]` on `streams[k]`; the lines differ in their times only (`same_shape`).
    """
    return wave(lines, streams) if fits(lines[0].nodes) else node_by_node(lines, streams)


def node_by_node(lines: Sequence[SerialLine], streams: Sequence[Streams]) -> Iterator[tuple[Floats, Floats]]:
    """`blocks` for every kind of node: one part after the other, node by node."""
    nodes, columns = lines[0].nodes, len(streams)
    times = [
        [Times([x.nodes[i].phases[p][0] for x in lines], node.id, purpose, streams) for p, (_, purpose) in enumerate(node.phases)]
        for i, node in enumerate(nodes)
    ]
    history = [_History(max(node.capacity, node.buffer, 1), columns) for node in nodes]
    steps = _steps(nodes, history, columns)
    rows, j = block_rows(sum(map(len, times)), columns), 0
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
