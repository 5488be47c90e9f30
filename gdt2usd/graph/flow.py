"""The graph as a directed network: order of flow, cycles, what reaches what, the longest way.

Not covered: flow rates (`simulation.theory`).
"""

from __future__ import annotations

from typing import Any

import networkx as nx

from gdt2usd.graph import model as m


def network(graph: m.ProcessGraph) -> Any:
    """A networkx.DiGraph of station ids; edges carry the lowest `out_port` between two stations and its `percent`."""
    found = nx.DiGraph()
    found.add_nodes_from(station.id for station in graph.stations)
    for link in sorted(graph.links, key=lambda link: -link.out_port):
        if link.upstream in found and link.downstream in found:
            found.add_edge(link.upstream, link.downstream, out_port=link.out_port, percent=link.percent)
    return found


def flow_order(graph: m.ProcessGraph) -> tuple[str, ...]:
    """Station ids from sources to sinks; stations of one cycle stand together, ties in the graph's order."""
    net = network(graph)
    rank = {station.id: i for i, station in enumerate(graph.stations)}
    condensed = nx.condensation(net)
    first = {node: min(rank[s] for s in data["members"]) for node, data in condensed.nodes(data=True)}
    found: list[str] = []
    for node in nx.lexicographical_topological_sort(condensed, key=first.__getitem__):
        found += sorted(condensed.nodes[node]["members"], key=rank.__getitem__)
    return tuple(found)


def cycles(graph: m.ProcessGraph) -> tuple[tuple[str, ...], ...]:
    """The groups of stations between which items can go round, in the graph's order."""
    net = network(graph)
    rank = {station.id: i for i, station in enumerate(graph.stations)}
    groups = [tuple(sorted(group, key=rank.__getitem__)) for group in nx.strongly_connected_components(net)]
    return tuple(sorted((g for g in groups if len(g) > 1 or net.has_edge(g[0], g[0])), key=lambda g: rank[g[0]]))


def reached_from_sources(graph: m.ProcessGraph) -> frozenset[str]:
    """Ids of the stations that an item can get to, sources included."""
    return _reached(network(graph), [s.id for s in graph.stations if isinstance(s, m.Source)])


def reaching_sinks(graph: m.ProcessGraph) -> frozenset[str]:
    """Ids of the stations from which an item can get to a sink, sinks included."""
    return _reached(network(graph).reverse(copy=False), [s.id for s in graph.stations if isinstance(s, m.Sink)])


def _reached(net: Any, starts: list[str]) -> frozenset[str]:
    found = set(starts)
    waiting = list(found)
    while waiting:
        for after in net.successors(waiting.pop()):
            if after not in found:
                found.add(after)
                waiting.append(after)
    return frozenset(found)


def depth(graph: m.ProcessGraph) -> dict[str, int]:
    """For each station the number of steps on the longest way to it, cycles counting as one step."""
    condensed = nx.condensation(network(graph))
    steps: dict[int, int] = {}
    found: dict[str, int] = {}
    for node in nx.topological_sort(condensed):
        steps[node] = max((steps[before] + 1 for before in condensed.predecessors(node)), default=0)
        for station in condensed.nodes[node]["members"]:
            found[station] = steps[node]
    return found


def longest_path(graph: m.ProcessGraph) -> tuple[str, ...]:
    """Station ids on a longest way through the factory, the first station of each cycle standing for it."""
    net = network(graph)
    rank = {station.id: i for i, station in enumerate(graph.stations)}
    condensed = nx.condensation(net)
    if not condensed:
        return ()
    path = nx.dag_longest_path(condensed)
    return tuple(min(condensed.nodes[node]["members"], key=rank.__getitem__) for node in path)
