"""The links of a graph by the station that they leave. Not covered: ways through the graph (`flow`)."""

from __future__ import annotations

from gdt2usd.graph import model as m


def links_out(graph: m.ProcessGraph) -> dict[str, list[m.Link]]:
    """The links out of each station that has some, by output port."""
    found: dict[str, list[m.Link]] = {}
    for link in graph.links:
        found.setdefault(link.upstream, []).append(link)
    for links in found.values():
        links.sort(key=lambda link: link.out_port)
    return found
