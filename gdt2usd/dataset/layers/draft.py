"""The topology of a line while it is being drawn: nodes without names, edges with percentages, and the flow through them.

Not covered: which topology is drawn (`line`), names (`industry`), times (`parameters`).
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field

MACHINES = frozenset({"processor", "combiner", "separator", "multiprocessor"})
BUFFERS = frozenset({"queue", "storage"})


@dataclass(slots=True)
class Node:
    """A station to be: `group` joins alike stations (a name stem and parameters are shared), `rank` counts within it from 1.

    `role` of a combiner: "boxed" when its containers come from the feeder; of a source: "feeder" when it serves a combiner.
    `order` is the position people would mention it at. `quantity` is the components per container of a combiner (0: a single
    input) or the copies of a splitting separator. `flow` is items per item of the first source (per run of a combiner).
    """

    key: int
    kind: str
    order: float
    group: int
    rank: int = 0
    role: str = ""
    mode: str = ""
    quantity: int = 1
    flow: float = 1.0


@dataclass(slots=True)
class Edge:
    """A way for items; `back` marks rework."""

    upstream: int
    downstream: int
    percent: float | None = None
    back: bool = False


@dataclass(slots=True)
class Draft:
    """Nodes and edges; edges of one node in the order of its output ports."""

    nodes: list[Node] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)

    def add(self, kind: str, order: float, group: int | None = None, rank: int = 0, role: str = "") -> Node:
        """A new node; without `group` it is alone in its group."""
        key = len(self.nodes)
        node = Node(key, kind, order, key if group is None else group, rank, role)
        self.nodes.append(node)
        return node

    def link(self, upstream: Node, downstream: Node, percent: float | None = None, *, back: bool = False) -> Edge:
        """A new edge."""
        edge = Edge(upstream.key, downstream.key, percent, back)
        self.edges.append(edge)
        return edge

    def outs(self, node: Node) -> list[Edge]:
        """Edges leaving `node`, by port."""
        return [edge for edge in self.edges if edge.upstream == node.key]

    def ins(self, node: Node) -> list[Edge]:
        """Edges entering `node`."""
        return [edge for edge in self.edges if edge.downstream == node.key]

    def machines(self) -> list[Node]:
        """Those that process."""
        return [node for node in self.nodes if node.kind in MACHINES]

    def in_flow_order(self) -> list[Node]:
        """Topological over forward edges, ties by `order`: the order of the stations in the graph."""
        waiting = [0] * len(self.nodes)
        for edge in self.edges:
            if not edge.back:
                waiting[edge.downstream] += 1
        ready = [(node.order, node.key) for node in self.nodes if not waiting[node.key]]
        heapq.heapify(ready)
        ordered: list[Node] = []
        while ready:
            _, key = heapq.heappop(ready)
            ordered.append(self.nodes[key])
            for edge in self.edges:
                if edge.upstream == key and not edge.back:
                    waiting[edge.downstream] -= 1
                    if not waiting[edge.downstream]:
                        heapq.heappush(ready, (self.nodes[edge.downstream].order, edge.downstream))
        return ordered

    def sorted_edges(self, ordered: list[Node]) -> list[Edge]:
        """Edges by their upstream's place in `ordered`, then by port."""
        place = {node.key: index for index, node in enumerate(ordered)}
        return sorted(self.edges, key=lambda edge: place[edge.upstream])

    def spread_flow(self) -> None:
        """Set every `flow`: first source 1, further ones 1 each, feeders of combiners what the combiner takes.

        Splits without percentages share equally; a combiner runs as often as a container comes (its first input edge).
        """
        ordered = self.in_flow_order()
        edges = self.sorted_edges(ordered)
        incoming: dict[int, list[tuple[Edge, float]]] = {node.key: [] for node in ordered}
        first_in: dict[int, int] = {}
        for node in ordered:
            outs = [edge for edge in edges if edge.upstream == node.key]
            for edge in outs:
                share = 1 / len(outs) if edge.percent is None else edge.percent / 100
                incoming[edge.downstream].append((edge, share))
                first_in.setdefault(edge.downstream, edge.upstream)
        for node in self.nodes:
            node.flow = 1.0 if node.kind == "source" else 0.0
        for _ in range(25):
            change = 0.0
            for node in ordered:
                flow = self._flow_into(node, incoming[node.key], first_in.get(node.key, -1))
                change = max(change, abs(flow - node.flow))
                node.flow = flow
            if change < 1e-4:
                break

    def _flow_into(self, node: Node, incoming: list[tuple[Edge, float]], first: int) -> float:
        if node.kind == "source":
            return self._feeder_flow(node)
        flows = [(edge.upstream == first, self.produced(self.nodes[edge.upstream]) * share) for edge, share in incoming]
        if node.kind != "combiner" or not node.quantity:
            return sum(flow for _, flow in flows)
        if node.role == "boxed":
            return sum(flow for is_first, flow in flows if not is_first) / node.quantity
        return sum(flow for is_first, flow in flows if is_first)

    def _feeder_flow(self, source: Node) -> float:
        if source.role != "feeder":
            return source.flow
        combiner = self._combiner_fed_by(source)
        if combiner is None:
            return source.flow
        return max(combiner.flow, 0.01) * (1 if combiner.role == "boxed" else max(combiner.quantity, 1))

    def _combiner_fed_by(self, source: Node) -> Node | None:
        node = source
        for _ in range(4):
            outs = self.outs(node)
            if not outs:
                return None
            node = self.nodes[outs[0].downstream]
            if node.kind == "combiner":
                return node
        return None

    def produced(self, node: Node) -> float:
        """Items leaving `node` per item of the first source."""
        if node.kind == "separator" and node.mode == "split":
            return node.flow * node.quantity
        if node.kind == "combiner" and node.mode == "batch":
            return node.flow * (1 + node.quantity)
        if node.kind == "separator" and node.mode == "unpack":
            return node.flow * (1 + node.quantity)
        return node.flow
