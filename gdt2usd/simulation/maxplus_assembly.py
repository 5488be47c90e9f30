"""Assembly trees as a max-plus recursion: lines that meet in combiners, and separators in them, over all replications at once.

For assembly a of a combiner whose container arrives at t0 and whose components of input k arrive at t[k, i], c[k] per assembly:

    x0[a] = max(t0[a], left[a - 1])          x[k, i] = max(t[k, i], x0[i // c[k]])
    done[a] = max(x0[a], x[k, i] of a) + its time

and a part leaves the station before as in `simulation.maxplus`. A separator that makes n parts of each item lets them go one after
the other, each when there is room, and takes its next item when the last has left:

    x[j] = max(t[j], left[n j - 1])          done[j] = x[j] + its time

The random numbers are the engine's, so are the departure times.
Not covered: conveyors, Batch mode, separators of random quantities or with several ways out, what `simulation.maxplus` does not
cover either; figures behind separators (`evaluate_assembly`).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from gdt2usd.graph.distributions import Constant
from gdt2usd.graph.model import (
    Combiner,
    CombinerMode,
    Discipline,
    FirstAvailable,
    Link,
    ProcessGraph,
    Processor,
    Queue,
    Separator,
    SeparatorMode,
    Sink,
    Source,
    Station,
)
from gdt2usd.simulation.experiment import Experiment
from gdt2usd.simulation.maxplus import LineFigures
from gdt2usd.simulation.maxplus_nodes import Node, Times, as_machine, as_node
from gdt2usd.simulation.variates import Floats, Streams

Pull = Callable[[], Floats]  # the time at which the next part leaves, (R,)
Gate = Callable[[int, Floats], Floats]  # part number, end of its process -> when it leaves


class _Tree:
    """Builds the recursion from the sink upwards."""

    def __init__(self, graph: ProcessGraph, seed: int, replications: int, count: int) -> None:
        self.stations = {s.id: s for s in graph.stations}
        self.ins: dict[str, list[Link]] = {s.id: [] for s in graph.stations}
        for link in sorted(graph.links, key=lambda x: x.in_port):
            self.ins[link.downstream].append(link)
        self.streams = [Streams(seed, r) for r in range(replications)]
        self.count = count
        self.nothing = np.full(replications, -np.inf)
        self.created: dict[str, list[Floats]] = {}  # per source, part by part
        self.packed: dict[str, list[Floats]] = {}  # per source of components, when they end as items of their own

    def past(self, times: list[Floats], number: int) -> Floats:
        return times[number] if number >= 0 else self.nothing

    def spent(self, node: Node, parts: int) -> Floats:
        """Times of all phases of `node` together: (parts, R)."""
        total = np.zeros((parts, len(self.streams)))
        for distribution, purpose in node.phases:
            total += Times([distribution] * len(self.streams), node.id, purpose, self.streams).table(parts)
        return total

    def before(self, link: Link, entered: list[Floats], admitted: Callable[[int], Floats], parts: int) -> Pull:
        """The parts that come through `link`, queues included; `entered` fills as they are taken."""
        station, places = self.stations[link.upstream], 0
        while isinstance(station, Queue):
            if station.discipline is not Discipline.FIFO or station.batching is not None:
                raise ValueError(f"{station.id} is not a plain FIFO queue")
            places += station.capacity
            (link,) = self.single(station.id)
            station = self.stations[link.upstream]
        gate: Gate = lambda j, done: np.maximum(done, self.past(entered, j - places) if places else admitted(j))  # noqa: E731
        return self.pull(station.id, gate, parts)

    def single(self, id: str) -> list[Link]:
        if len(self.ins[id]) != 1:
            raise ValueError(f"{len(self.ins[id])} ways lead to {id}")
        return self.ins[id]

    def origin(self, id: str) -> str:
        """The source whose items leave station `id`: of a combiner, that of its containers."""
        while self.ins[id]:
            id = self.ins[id][0].upstream
        return id

    def pull(self, id: str, gate: Gate, parts: int) -> Pull:
        station = self.stations[id]
        if isinstance(station, Combiner):
            return self.combiner(station, gate, parts)
        if isinstance(station, Separator):
            return self.separator(station, gate, parts)
        node = as_node(station, 0)
        if isinstance(node, str) or node.travel_s is not None:
            raise ValueError(node if isinstance(node, str) else f"{id} is a conveyor")
        spent, left, entered = self.spent(node, parts), list[Floats](), list[Floats]()
        if isinstance(station, Source):
            created = self.created.setdefault(id, [])

            def create() -> Floats:
                j = len(left)
                before: Floats = left[-1] if left else np.zeros(len(self.streams))
                delay = spent[j] if not node.at_zero else spent[j - 1] if j else np.zeros(len(self.streams))
                created.append(before + delay)
                left.append(gate(j, created[-1]))
                return left[-1]

            return create
        arrive = self.before(self.single(id)[0], entered, lambda j: self.past(left, j - node.capacity), parts)

        def work() -> Floats:
            j = len(left)
            entered.append(np.maximum(arrive(), self.past(left, j - node.capacity)))
            left.append(gate(j, entered[-1] + spent[j]))
            return left[-1]

        return work

    def combiner(self, station: Combiner, gate: Gate, parts: int) -> Pull:
        links, needs = self.ins[station.id], station.components
        if station.mode is CombinerMode.BATCH or len(links) != len(needs) + 1 or min(needs, default=0) < 1:
            raise ValueError(f"{station.id} is not an assembly of known components")
        node = as_machine(_as_processor(station), 0)
        if isinstance(node, str):
            raise ValueError(node)
        spent, left = self.spent(node, parts), list[Floats]()
        taken: list[list[Floats]] = [[] for _ in links]
        frames = self.before(links[0], taken[0], lambda j: self.past(left, j - 1), parts)
        feeds = [
            self.before(link, taken[k + 1], lambda i, c=needs[k]: taken[0][i // c], parts * needs[k])  # type: ignore[misc]
            for k, link in enumerate(links[1:])
        ]

        packed = [self.packed.setdefault(self.origin(link.upstream), []) for link in links[1:]]

        def assemble() -> Floats:
            a = len(left)
            frame = np.maximum(frames(), self.past(left, a - 1))
            taken[0].append(frame)
            start = frame
            for feed, need, into in zip(feeds, needs, taken[1:], strict=True):
                for _ in range(need):
                    into.append(np.maximum(feed(), frame))
                start = np.maximum(start, into[-1])
            done = start + spent[a]
            for into_packed, need in zip(packed, needs, strict=True):
                into_packed.extend([done] * need)
            left.append(gate(a, done))
            return left[-1]

        return assemble

    def separator(self, station: Separator, gate: Gate, parts: int) -> Pull:
        node = as_machine(_as_processor(station), 0)
        if isinstance(node, str):
            raise ValueError(node)
        each = self.parts_of(station)
        items = -(-parts // each)
        spent, left = self.spent(node, items), list[Floats]()
        entered: list[Floats] = []
        arrive = self.before(self.single(station.id)[0], entered, lambda j: self.past(left, each * j - 1), items)

        def separate() -> Floats:
            k = len(left)
            if k % each == 0:
                entered.append(np.maximum(arrive(), self.past(left, k - 1)))
            left.append(gate(k, entered[-1] + spent[k // each]))
            return left[-1]

        return separate

    def parts_of(self, station: Separator) -> int:
        """How many parts `station` makes of each item."""
        quantity = station.quantity
        if station.capacity != 1 or not (quantity is None or isinstance(quantity, Constant)):
            raise ValueError(f"{station.id} has several places or a random quantity")
        count = None if quantity is None else max(0, round(quantity.value))
        if station.mode is SeparatorMode.SPLIT:
            return 2 if count is None else max(1, count)
        contents = self.contents(self.single(station.id)[0].upstream)
        return 1 + (contents if count is None else min(count, contents))

    def contents(self, id: str) -> int:
        """How many items each item that leaves station `id` contains."""
        station: Station = self.stations[id]
        if isinstance(station, Separator):
            raise ValueError(f"what leaves {id} is not always alike")
        if isinstance(station, Source):
            return 0
        inside = self.contents(self.ins[id][0].upstream)
        return inside + sum(station.components) if isinstance(station, Combiner) and station.mode is CombinerMode.PACK else inside


def _as_processor(station: Combiner | Separator) -> Processor:
    return Processor(
        id=station.id,
        process_time_s=station.process_time_s,
        setup_time_s=station.setup_time_s,
        breakdown=station.breakdown,
        operators=station.operators,
    )


def _checked(graph: ProcessGraph) -> str:
    """The id of the only sink of an assembly tree.

    Raises:
        ValueError: the graph is none; the message says why.
    """
    sinks = [s.id for s in graph.stations if isinstance(s, Sink)]
    upstream = [link.upstream for link in graph.links]
    if len(sinks) != 1 or len(set(upstream)) != len(upstream):
        raise ValueError("not a tree that ends in one sink")
    for link in graph.links:
        if link.transport is not None:
            raise ValueError(f"{link.upstream} needs a vehicle")
    for station in graph.stations:
        rules = station.triggers or station.pull_requirement or station.pull_strategy
        if rules or not isinstance(station.routing, FirstAvailable):
            raise ValueError(f"{station.id} has a routing rule or trigger")
    return sinks[0]


def _grown(graph: ProcessGraph, seed: int, replications: int, count: int) -> tuple[_Tree, Floats]:
    """The tree after `count` exits, and when they were: (count, replications). Raises ValueError as `_checked`."""
    sink = _checked(graph)
    tree = _Tree(graph, seed, replications, count)
    last = tree.single(sink)[0].upstream
    if isinstance(tree.stations[last], Queue):
        raise ValueError("a queue stands directly before the sink")
    pull = tree.pull(last, lambda _j, done: done, count)
    left = np.stack([pull() for _ in range(count)])
    if sum(len(tree.ins[id]) == 0 for id in tree.stations) != len(tree.created):
        raise ValueError("not all stations lie on a way to the sink")
    return tree, left


def assembly_departures(graph: ProcessGraph, seed: int, replications: int, count: int) -> Floats:
    """Departure times of the first `count` parts from the only sink: (replications, count).

    Raises:
        ValueError: the graph is no assembly tree, with separators or without; the message says why.
    """
    return _grown(graph, seed, replications, count)[1].T


def evaluate_assembly(graph: ProcessGraph, experiment: Experiment, most_parts: int = 400_000) -> LineFigures | str:
    """The figures of `experiment` (its warm-up given) for an assembly tree; in words why not, if it cannot.

    The engine gives the same figures, up to rounding, on the same seed.
    """
    if any(isinstance(station, Separator) for station in graph.stations):
        return "a separator makes new items"
    horizon, start = experiment.horizon_s, experiment.warm_up_s or 0.0
    count = 256
    while True:
        try:
            tree, left = _grown(graph, experiment.seed, experiment.replications, count)
        except ValueError as problem:
            return str(problem)
        except RecursionError:
            return "too many stations one after the other"
        created = {id: np.stack(times) for id, times in tree.created.items()}
        if left[-1].min() >= horizon and all(times[-1].min() >= horizon for times in created.values()):
            break
        count *= 2
        if count * experiment.replications > most_parts:
            return f"more than {most_parts} parts"
    containers = next(iter(created.keys() - tree.packed.keys()))
    area = np.zeros(experiment.replications)
    for id, times in created.items():
        ended = np.stack(tree.packed[id]) if id in tree.packed else left
        ended = np.concatenate([ended, np.full((len(times) - len(ended), len(area)), np.inf)])
        area += np.maximum(np.minimum(ended, horizon) - np.maximum(times, start), 0.0).sum(axis=0)
    counted = (left > start) & (left < horizon)
    exits = counted.sum(axis=0)
    flow = np.where(counted, left - created[containers][: len(left)], 0.0).sum(axis=0)
    duration = horizon - start
    with np.errstate(divide="ignore", invalid="ignore"):
        return LineFigures(3600.0 * exits / duration, area / duration, flow / exits)
