"""Layer 1, the production line: which stations there are and how items flow between them.

Lines grow station by station from one or more open ends; features (parallel stations, lanes, assembly, splits, rework, bypasses,
merges, conveyors, racks) are drawn on the way. Not covered: the long tail of random networks (`wild`), names, times.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from gdt2usd.dataset.layers.draft import Draft, Node
from gdt2usd.dataset.layers.draw import between, chance, integer, pick, weighted

# machines per line: mean three (paper, section 3.2), up to twelve
MACHINE_COUNTS = {1: 0.19, 2: 0.26, 3: 0.21, 4: 0.13, 5: 0.08, 6: 0.05, 7: 0.03, 8: 0.02, 9: 0.012, 10: 0.008, 11: 0.005, 12: 0.005}
LINE_TYPES = {"workstation": 0.78, "conveyor": 0.22}
SPLITS = ((50, 50), (60, 40), (70, 30), (80, 20), (75, 25), (65, 35), (90, 10), (55, 45), (40, 60), (30, 70), (20, 80))
TRIPLE_SPLITS = ((50, 30, 20), (60, 25, 15), (40, 40, 20), (70, 20, 10), (34, 33, 33), (50, 25, 25), (80, 15, 5))
SMALL_SHARES = (1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 25, 2.5, 1.5)


@dataclass(slots=True)
class Habits:
    """How this line is made, drawn once: probabilities that hold along the line."""

    conveyors: float
    buffers: float
    own_queues: float
    racks: float
    kinds: dict[str, float] = field(default_factory=dict)


@dataclass(slots=True)
class Composer:
    """Grows a draft: `ends` are the nodes whose output is still open, `left` the machines still to be placed."""

    rng: np.random.Generator
    habits: Habits
    left: int
    draft: Draft = field(default_factory=Draft)
    ends: list[Node] = field(default_factory=list)
    features: set[str] = field(default_factory=set)
    pending: list[tuple[Node, str, float]] = field(default_factory=list)
    clock: float = 0.0

    def tick(self) -> float:
        self.clock += 1.0
        return self.clock

    def put(self, kind: str, role: str = "") -> Node:
        """One station after all open ends."""
        if len(self.ends) > 1:
            self.features.add("merge")
        node = self.draft.add(kind, self.tick(), role=role)
        for end in self.ends:
            self.draft.link(end, node)
        self.ends = [node]
        return node

    def fan(self, chain: list[str], count: int, percents: tuple[float, ...] | None = None) -> None:
        """`count` alike branches of `chain` after the open ends; lanes go on where as many ends are open."""
        groups = [len(self.draft.nodes) + position * count for position in range(len(chain))]
        orders = [self.tick() for _ in chain]
        starts = self.ends if len(self.ends) == count and percents is None else []
        heads = list(self.ends)
        rows: list[list[Node]] = [
            [self.draft.add(kind, orders[i] + rank / 100, groups[i], rank) for rank in range(1, count + 1)]
            for i, kind in enumerate(chain)
        ]
        for rank in range(count):
            for head in [starts[rank]] if starts else heads:
                self.draft.link(head, rows[0][rank], percents[rank] if percents else None)
        for upper, lower in pairwise(rows):
            for before, after in zip(upper, lower, strict=True):
                self.draft.link(before, after)
        self.ends = rows[-1]

    # ---- sections: each appends to the line ----

    def machine(self) -> None:
        """A single machine with, perhaps, a buffer or belt before it and an inspection's split after it."""
        self.before_machine()
        kind = weighted(self.rng, self.habits.kinds)
        if kind == "combiner":
            self.assembly()
            return
        if kind == "parallel" and self.left > 1:
            self.parallel()
            return
        if kind == "split":
            self.split()
            return
        node = self.put("processor" if kind == "parallel" else kind)
        self.left -= 1
        if kind == "separator":
            self.separate(node)
        elif chance(self.rng, 0.13) and len(self.draft.nodes) > 2:
            outcome = "reject" if chance(self.rng, 0.5) else "rework"
            self.pending.append((node, outcome, float(pick(self.rng, SMALL_SHARES))))

    def before_machine(self) -> None:
        if chance(self.rng, self.habits.conveyors):
            self.put("conveyor")
        elif chance(self.rng, self.habits.racks):
            self.put("storage")
            self.features.add("rack")
        elif (chance(self.rng, self.habits.buffers) or len(self.ends) > 2) and self.ends[0].kind != "queue":
            self.put("queue")

    def parallel(self) -> None:
        """Alike machines side by side, behind a common queue, with a queue each, or directly."""
        count = min(self.left, weighted(self.rng, {2: 0.55, 3: 0.28, 4: 0.1, 5: 0.05, 6: 0.02}))
        if len(self.ends) > 1 and len(self.ends) != count:
            self.put("queue")
        chain = ["queue", "processor"] if chance(self.rng, self.habits.own_queues) else ["processor"]
        kind = weighted(self.rng, {"processor": 0.9, "multiprocessor": 0.05, "separator": 0.05})
        chain[-1] = kind
        self.fan(chain, count)
        self.left -= count
        self.features.add("parallel")

    def split(self) -> None:
        """Different machines that each get a percentage."""
        if len(self.ends) > 1 or self.left < 2 or self.ends[0].kind == "conveyor" or self.ends[0] in [p[0] for p in self.pending]:
            self.put("processor")
            self.left -= 1
            return
        start = self.ends[0]
        shares = pick(self.rng, TRIPLE_SPLITS if self.left > 2 and chance(self.rng, 0.3) else SPLITS)
        ends = []
        for share in shares:
            head = self.draft.add("queue" if chance(self.rng, self.habits.own_queues) else "processor", self.tick())
            self.draft.link(start, head, float(share))
            if head.kind == "queue":
                after = self.draft.add("processor", self.tick())
                self.draft.link(head, after)
                head = after
            ends.append(head)
            self.left -= 1
        self.ends = ends
        self.features.add("split")

    def assembly(self) -> None:
        """A combiner: the main flow and a feeder, or (as in the paper's figure) a combiner with a single input."""
        if len(self.ends) > 1:
            self.put("queue")
        rng = self.rng
        if chance(rng, 0.1):
            node = self.put("combiner")
            node.quantity, node.mode = 0, "pack"
            self.left -= 1
            return
        boxed = chance(rng, 0.3)
        feeder_order = self.ends[0].order - 0.5 if boxed else self.tick()
        feeder = self.draft.add("source", feeder_order, role="feeder")
        end = feeder
        for kind, probability in (
            ("queue", 0.45),
            ("processor", 0.12 if self.left > 1 else 0.0),
            ("conveyor", self.habits.conveyors / 2),
        ):
            if chance(rng, probability):
                after = self.draft.add(kind, end.order + 0.1)
                self.draft.link(end, after)
                end = after
                self.left -= kind == "processor"
        ends = [end, self.ends[0]] if boxed else [self.ends[0], end]
        node = self.draft.add("combiner", self.tick(), role="boxed" if boxed else "")
        for before in ends:
            self.draft.link(before, node)
        node.quantity = weighted(rng, {1: 0.4, 2: 0.2, 3: 0.06, 4: 0.12, 5: 0.03, 6: 0.08, 8: 0.03, 10: 0.04, 12: 0.03, 24: 0.01})
        node.mode = weighted(rng, {"pack": 0.5, "join": 0.42, "batch": 0.08})
        self.ends = [node]
        self.left -= 1
        self.features.add("assembly")

    def separate(self, node: Node) -> None:
        """Set the mode of a separator: unpack what an earlier combiner packed, or split."""
        packers = [n for n in self.draft.nodes if n.kind == "combiner" and n.mode == "pack"]
        if packers and chance(self.rng, 0.7):
            node.mode, node.quantity = "unpack", packers[-1].quantity
        elif chance(self.rng, 0.12):
            node.mode, node.quantity = "unpack", 0
        else:
            node.mode, node.quantity = "split", weighted(self.rng, {2: 0.5, 3: 0.15, 4: 0.15, 5: 0.06, 6: 0.08, 10: 0.04, 12: 0.02})
        self.features.add("separation")

    # ---- ends ----

    def open_line(self) -> None:
        """The source or sources; several merge, or feed lanes of their own."""
        count = weighted(self.rng, {1: 0.88, 2: 0.1, 3: 0.02})
        if count == 1:
            self.put("source")
            return
        alike = chance(self.rng, 0.4)
        if alike:
            self.fan(["source", "queue"] if chance(self.rng, 0.4) else ["source"], count)
        else:
            self.ends = [self.draft.add("source", self.tick()) for _ in range(count)]
        self.features.add("several_sources")
        if chance(self.rng, 0.7):
            self.put("queue")

    def close_line(self) -> None:
        """The sink or sinks."""
        rng = self.rng
        if chance(rng, 0.12) and self.ends[0].kind != "queue":
            self.put(weighted(rng, {"queue": 0.6, "storage": 0.4}))
        if len(self.ends) > 1 and chance(rng, 0.3):
            for end in self.ends:
                self.draft.link(end, self.draft.add("sink", self.tick()))
            self.features.add("several_sinks")
        elif (
            len(self.ends) == 1
            and self.ends[0].kind in ("processor", "separator")
            and not self._is_split(self.ends[0])
            and chance(rng, 0.08)
        ):
            for share in pick(rng, TRIPLE_SPLITS if chance(rng, 0.15) else SPLITS):
                self.draft.link(self.ends[0], self.draft.add("sink", self.tick()), float(share))
            self.features.add("several_sinks")
            self.features.add("split")
        else:
            self.put("sink")

    def _is_split(self, node: Node) -> bool:
        return any(pending[0] is node for pending in self.pending)

    def settle(self) -> None:
        """Add what was decided on the way: rejects, rework and a bypass."""
        for node, outcome, share in self.pending:
            outs = self.draft.outs(node)
            if len(outs) != 1 or outs[0].percent is not None:
                continue
            target = self._rework_target(node) if outcome == "rework" else None
            if target is None:
                target = next((n for n in self.draft.nodes if n.role == "reject"), None) or self.draft.add(
                    "sink", 900.0, role="reject"
                )
                self.features.add("reject")
                self.draft.link(node, target, share)
            else:
                self.features.add("rework")
                self.draft.link(node, target, share, back=True)
            outs[0].percent = 100.0 - share
            if chance(self.rng, 0.2):
                self.draft.edges.remove(outs[0])
                self.draft.edges.append(outs[0])
        if chance(self.rng, 0.25):
            self._bypass()

    def _rework_target(self, node: Node) -> Node | None:
        """An earlier queue or storage, else an earlier machine, from which items come back to `node`."""
        found: list[Node] = []
        here = node
        for _ in range(12):
            before = [self.draft.nodes[edge.upstream] for edge in self.draft.ins(here)]
            if len(before) != 1 or before[0].kind in ("source", "combiner"):
                break
            here = before[0]
            if here.kind in ("queue", "storage", "processor") and len(self.draft.outs(here)) == 1:
                found.append(here)
        queues = [n for n in found if n.kind != "processor"]
        if queues and chance(self.rng, 0.85):
            return pick(self.rng, queues)
        return pick(self.rng, found) if found and chance(self.rng, 0.12) else None

    def _bypass(self) -> None:
        """A share of the items skips one machine."""
        for start in self.draft.nodes:
            outs = self.draft.outs(start)
            if start.kind != "processor" or len(outs) != 1 or outs[0].percent is not None:
                continue
            middle = self.draft.nodes[outs[0].downstream]
            after = self.draft.outs(middle)
            if middle.kind != "processor" or len(after) != 1 or after[0].back or len(self.draft.ins(middle)) != 1:
                continue
            end = self.draft.nodes[after[0].downstream]
            if end.kind in ("queue", "processor", "conveyor"):
                share = float(pick(self.rng, (10, 15, 20, 25, 30, 40, 50)))
                outs[0].percent = 100.0 - share
                self.draft.link(start, end, share)
                self.features.add("bypass")
                return


def _habits(rng: np.random.Generator, line_type: str) -> Habits:
    kinds = {
        "processor": 0.56, "parallel": 0.17, "combiner": 0.09, "separator": 0.06, "multiprocessor": 0.06, "split": 0.06,
    }  # fmt: skip
    if chance(rng, 0.3):
        kinds = {"processor": 1.0}
    return Habits(
        conveyors=between(rng, 0.35, 1.0) if line_type == "conveyor" else 0.04,
        buffers=pick(rng, (0.0, 0.15, 0.3, 0.5, 0.5, 0.8, 1.0)),
        own_queues=pick(rng, (0.0, 0.2, 0.5, 1.0)),
        racks=pick(rng, (0.0, 0.0, 0.0, 0.05, 0.25)),
        kinds=kinds,
    )


def _lanes(composer: Composer) -> None:
    """Lanes as in the paper's figure: alike chains from one source, into one sink or queue."""
    rng = composer.rng
    composer.put("source")
    count = weighted(rng, {2: 0.7, 3: 0.22, 4: 0.08})
    if chance(rng, 0.25):
        composer.put("queue")
    chain: list[str] = []
    length = max(1, min(4, 11 // count, round(composer.left / count)))
    for _ in range(length):
        if chance(rng, max(composer.habits.buffers, 0.4)):
            chain.append("queue")
        elif chance(rng, composer.habits.conveyors):
            chain.append("conveyor")
        chain.append(weighted(rng, {"processor": 0.76, "combiner": 0.1, "separator": 0.08, "multiprocessor": 0.06}))
    composer.fan(chain, count)
    for node in composer.draft.nodes:
        if node.kind == "combiner":
            node.mode, node.quantity = "pack", 0
        elif node.kind == "separator":
            peers = [n for n in composer.draft.nodes if n.group == node.group]
            node.mode, node.quantity = peers[0].mode, peers[0].quantity
            if not node.mode:
                composer.separate(node)
    composer.features.update({"parallel", "lanes"})
    if chance(rng, 0.3):
        composer.put("queue")
        if chance(rng, 0.6):
            composer.put("processor")
    composer.close_line()


def draw_line(rng: np.random.Generator, line_type: str, machines: int) -> tuple[Draft, set[str]]:
    """A draft with about `machines` machines and the features it has; flows are set."""
    composer = Composer(rng, _habits(rng, line_type), machines)
    if machines > 1 and chance(rng, 0.1):
        _lanes(composer)
    else:
        composer.open_line()
        while composer.left > 0:
            composer.machine()
        for group in {n.group for n in composer.draft.nodes if n.kind == "separator" and not n.mode}:
            peers = [n for n in composer.draft.nodes if n.group == group]
            composer.separate(peers[0])
            for peer in peers[1:]:
                peer.mode, peer.quantity = peers[0].mode, peers[0].quantity
        if chance(rng, composer.habits.conveyors / 2):
            composer.put("conveyor")
        composer.close_line()
    composer.settle()
    composer.draft.spread_flow()
    return composer.draft, composer.features


def draw_machine_count(rng: np.random.Generator) -> int:
    """How many machines: `MACHINE_COUNTS`."""
    return weighted(rng, MACHINE_COUNTS)


def draw_wild(rng: np.random.Generator, machines: int) -> tuple[Draft, set[str]]:
    """A random valid network: layers of stations with random links between neighbours, skips and back links to queues."""
    draft = Draft()
    layers: list[list[Node]] = [[draft.add("source", float(i)) for i in range(integer(rng, 1, 2))]]
    order = 10.0
    left = machines
    while left > 0:
        width = min(left, integer(rng, 1, 3))
        row = []
        for _ in range(width):
            order += 1.0
            kind = weighted(
                rng, {"processor": 0.52, "queue": 0.2, "separator": 0.06, "multiprocessor": 0.08, "conveyor": 0.08, "storage": 0.06}
            )
            node = draft.add(kind, order)
            if kind == "separator":
                node.mode, node.quantity = "split", integer(rng, 2, 4)
            row.append(node)
            left -= kind in ("processor", "separator", "multiprocessor")
        layers.append(row)
    layers.append([draft.add("sink", order + 1 + i) for i in range(integer(rng, 1, min(2, len(layers[-1]))))])
    for upper, lower in pairwise(layers):
        for node in upper:
            for target in {int(rng.random() * len(lower)) for _ in range(integer(rng, 1, 2))}:
                draft.link(node, lower[target])
        for node in lower:
            if not draft.ins(node):
                draft.link(pick(rng, upper), node)
    for node in draft.nodes:
        if node.kind == "conveyor" and len(draft.outs(node)) > 1:
            node.kind = "queue"
    _wild_percents(rng, draft)
    draft.spread_flow()
    return draft, {"wild"}


def _wild_percents(rng: np.random.Generator, draft: Draft) -> None:
    """Percentages on some splits, and here and there a way back to an earlier queue."""
    for node in draft.nodes:
        outs = draft.outs(node)
        if node.kind not in ("processor", "separator", "multiprocessor"):
            continue
        if len(outs) in (2, 3) and chance(rng, 0.6):
            shares: tuple[int, ...] = pick(rng, SPLITS) if len(outs) == 2 else pick(rng, TRIPLE_SPLITS)
            for edge, whole in zip(outs, shares, strict=True):
                edge.percent = float(whole)
        elif len(outs) == 1 and chance(rng, 0.12):
            earlier = [n for n in draft.nodes if n.kind == "queue" and n.order < node.order]
            if earlier:
                share = float(pick(rng, SMALL_SHARES))
                outs[0].percent = 100.0 - share
                draft.link(node, pick(rng, earlier), share, back=True)
