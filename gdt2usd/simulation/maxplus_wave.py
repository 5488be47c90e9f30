"""The max-plus recursion of lines of machines as a wave: at step s node i works on part s - lag, all nodes in a few calls.

With two places or more before node i + 1 it may be one step behind node i: what lets part j go, the entry of part j - B into
node i + 1, is known already. With fewer places the two nodes take turns within a step, so a step has one or two halves. The source
comes first in each step: row 0 of the wave holds what it offers to the first machine.
The sums and maxima are those of `simulation.maxplus`, so the departure times are the same to the last bit.
Not covered: conveyors, machines with several places.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gdt2usd.simulation.maxplus_nodes import Node, SerialLine, Times, block_rows
from gdt2usd.simulation.variates import Floats, Streams


@dataclass(frozen=True, slots=True)
class _Gate:
    """Rows `at` go when rows `beyond` have entered, `delay` steps ago; None: when these have left."""

    at: slice
    beyond: slice
    delay: int | None


@dataclass(frozen=True, slots=True)
class _Half:
    """The nodes that move in one half of a step: their rows, those of the nodes before them, and what lets them go."""

    rows: slice
    before: slice | NDArray[np.intp]
    gates: tuple[_Gate, ...]


def fits(nodes: Sequence[Node]) -> bool:
    """Whether the line consists of machines with one place."""
    return len(nodes) > 1 and all(node.travel_s is None and node.capacity == 1 for node in nodes)


@dataclass(frozen=True, slots=True)
class _Plan:
    """Machine i has row `row_of[i]` and is `lags[i]` half steps behind the first."""

    lags: list[int]
    row_of: list[int]
    halves: tuple[_Half, ...]


def _plan(nodes: Sequence[Node]) -> _Plan:
    lags = [0]
    for node in nodes[1:]:
        lags.append(lags[-1] + (2 if node.buffer >= 2 else 1))
    order = sorted(range(len(nodes)), key=lambda i: lags[i] % 2)
    row_of = [0] * len(nodes)
    for row, i in enumerate(order, start=1):
        row_of[i] = row
    halves = []
    for parity in (0, 1):
        members = [i for i in order if lags[i] % 2 == parity]
        if members:
            rows = slice(row_of[members[0]], row_of[members[-1]] + 1)
            before = np.array([row_of[i - 1] if i else 0 for i in members])  # row 0: the source
            in_a_row = bool((np.diff(before) == 1).all())
            gates = tuple(_gates(nodes, lags, row_of, members))
            halves.append(_Half(rows, slice(int(before[0]), int(before[-1]) + 1) if in_a_row else before, gates))
    return _Plan(lags, row_of, tuple(halves))


def _gates(nodes: Sequence[Node], lags: list[int], row_of: list[int], members: list[int]) -> Iterator[_Gate]:
    """What lets `members` go; neighbouring rows with the same rule together."""
    runs: list[list[tuple[int, int, int | None]]] = []
    for i in members:
        if i + 1 == len(nodes):
            continue
        places = nodes[i + 1].buffer
        # the steps since part j - places entered node i + 1, when node i is on part j
        steps = places - 1 if lags[i + 1] - lags[i] == 2 else 1 - lags[i] % 2
        rule = (row_of[i], row_of[i + 1], steps if places else None)
        last = runs[-1][-1] if runs else (-1, -1, None)
        if runs and rule == (last[0] + 1, last[1] + 1, last[2]):
            runs[-1].append(rule)
        else:
            runs.append([rule])
    for run in runs:
        (at, beyond, delay), count = run[0], len(run)
        yield _Gate(slice(at, at + count), slice(beyond, beyond + count), delay)


def wave(lines: Sequence[SerialLine], streams: Sequence[Streams]) -> Iterator[tuple[Floats, Floats]]:
    """Creation and departure times of parts 1, 2, ..., for ever, as `simulation.maxplus.blocks`; valid until the next block."""
    nodes, columns = lines[0].nodes, len(streams)
    plan = _plan(nodes[1:])
    depth, behind = max(2, *(node.buffer + 1 for node in nodes)), plan.lags[-1] // 2
    entered = np.full((depth, len(nodes), columns), -np.inf)
    left = np.full((len(nodes), columns), -np.inf)
    tables = _Tables(lines, streams, plan)
    rows, step = block_rows(len(nodes) * len(tables.phases), columns), 0
    times = tables.make(rows)
    offer = _offering(nodes[1].buffer, entered, left, times)
    movers = [_mover(half, entered, left, times) for half in plan.halves]
    last = left[plan.row_of[-1]]
    created, departed = np.empty((behind + rows, columns)), np.empty((rows, columns))
    leaving = list(departed)
    while True:
        tables.fill()
        older = min(step, behind)  # parts in the line: their creation times stay in front
        arriving = list(created[older:])
        for row in range(rows):
            slot = step % depth
            offer(slot, row, arriving[row])
            for move in movers:
                move(slot, row)
            leaving[row][:] = last
            step += 1
        ready = min(rows, max(0, step - behind))
        if ready:
            yield created[:ready], departed[rows - ready : rows]
        kept = older + rows - ready
        created[:kept] = created[ready : ready + kept].copy()


def _offering(buffer: int, entered: Floats, left: Floats, times: Floats) -> Callable[[int, int, Floats], None]:
    """What the source does in one step: create the next part, and offer it once there is a place in the `buffer` behind it.

    Without a buffer a part leaves the source when it enters the first machine.
    """
    maximum, add = np.maximum, np.add
    offered = left[0]
    offered[:] = entered[-1, 1] = 0.0  # the clock of the first item starts at 0
    depth, spent = len(entered), list(times[:, 0, 0])
    freed = [entered[(slot - max(buffer, 1)) % depth, 1] for slot in range(depth)]

    def offer(slot: int, row: int, created: Floats) -> None:
        if buffer:
            add(offered, spent[row], created)
            maximum(created, freed[slot], out=offered)
        else:
            add(freed[slot], spent[row], created)
            offered[:] = created

    return offer


def _mover(half: _Half, entered: Floats, left: Floats, times: Floats) -> Callable[[int, int], None]:
    """What the nodes of `half` do in one step."""
    maximum, add = np.maximum, np.add
    here, index = left[half.rows], half.before
    inside = list(entered[:, half.rows])
    spent = list(times[:, 0, half.rows])
    later = [tuple(phases) for phases in times[:, 1:, half.rows]]
    gates = [(left[g.at], _known(g, entered, left)) for g in half.gates]
    before = left[index]  # a view where the rows lie in a row
    scattered = not isinstance(index, slice)

    def move(slot: int, row: int) -> None:
        began = inside[slot]
        maximum(left[index] if scattered else before, here, out=began)
        add(began, spent[row], here)
        for more in later[row]:
            add(here, more, here)
        for goes, known in gates:
            maximum(goes, known[slot], out=goes)

    return move


def _known(gate: _Gate, entered: Floats, left: Floats) -> list[Floats]:
    """Per slot of the step, what lets the rows of `gate` go."""
    depth = len(entered)
    if gate.delay is None:
        return [left[gate.beyond]] * depth
    return [entered[(slot - gate.delay) % depth, gate.beyond] for slot in range(depth)]


class _Tables:
    """The times of all nodes step by step, each node's shifted by its lag."""

    def __init__(self, lines: Sequence[SerialLine], streams: Sequence[Streams], plan: _Plan) -> None:
        nodes = lines[0].nodes
        self.row_of = [0, *plan.row_of]
        # the first item of a source that sends one at once needs no draw: a step that takes no time
        self.idle = [int(nodes[0].at_zero), *(lag // 2 for lag in plan.lags)]
        self.phases: list[list[tuple[int, Times]]] = [[] for _ in range(max(len(node.phases) for node in nodes))]
        for i, node in enumerate(nodes):
            for p, (_, purpose) in enumerate(node.phases):
                self.phases[p].append((i, Times([x.nodes[i].phases[p][0] for x in lines], node.id, purpose, streams)))
        self.lasting: set[tuple[int, int]] = set()  # constant times that are in the table already
        self.table = np.zeros((0, len(self.phases), len(nodes), len(streams)))

    def make(self, rows: int) -> Floats:
        """The table of the times of so many steps, 0 where a node has none: (rows, phases, nodes, columns); `fill` fills it."""
        self.table = np.zeros((rows, *self.table.shape[1:]))
        return self.table

    def fill(self) -> None:
        """Put the times of the next steps into the table."""
        rows = len(self.table)
        for p, phase in enumerate(self.phases):
            for i, times in phase:
                start = min(self.idle[i], rows)
                if (p, i) not in self.lasting:
                    times.fill(self.table[start:, p, self.row_of[i]])
                    if times.constant and start == 0:
                        self.lasting.add((p, i))
        self.idle = [max(0, idle - rows) for idle in self.idle]
