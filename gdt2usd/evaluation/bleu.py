"""BLEU-4 (Papineni et al. 2002) by sacrebleu on the canonical text of the scripts.

    BLEU-4 = BP exp(1/4 sum_{n=1..4} log p_n),     corpus level, in [0, 1]

The paper does not say how it tokenises. Chosen here: sacrebleu's defaults (13a, exponential smoothing), one script a segment. Many
FlexScript texts build the same model, so both sides are written anew in one form: objects in the order of the flow and then by
name, no positions, defaults left out. A script that does not lower stays as it was written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from gdt2usd.diagnostics import GdtError, Place, error
from gdt2usd.evaluation.executed import Executed
from gdt2usd.graph.model import Conveyor, Pose, ProcessGraph, Station


def _in_flow_order(graph: ProcessGraph) -> dict[str, tuple[int, str]]:
    """Links from the nearest station without inputs, then the name."""
    depth = {s.id: 0 for s in graph.stations if not any(link.downstream == s.id for link in graph.links)}
    front = list(depth)
    while front:
        reached = []
        for link in graph.links:
            if link.upstream in front and link.downstream not in depth:
                depth[link.downstream] = depth[link.upstream] + 1
                reached.append(link.downstream)
        front = reached
    return {s.id: (depth.get(s.id, len(graph.stations)), s.id) for s in graph.stations}


def canonical_text(executed: Executed) -> str:
    """The script in the one form in which scripts are compared."""
    from gdt2usd.graph.emit import emit

    if executed.lowered is None:
        return executed.text
    graph = executed.lowered
    order = _in_flow_order(graph)
    stations: list[Station] = []
    for station in sorted(graph.stations, key=lambda s: order[s.id]):
        plain = replace(station, pose=Pose())
        if isinstance(plain, Conveyor):
            plain = replace(plain, start_m=None, end_m=None)
        stations.append(plain)
    resources = [replace(r, pose=Pose()) for r in sorted(graph.resources, key=lambda r: r.id)]
    links = sorted(graph.links, key=lambda k: (order[k.upstream], k.out_port, order[k.downstream]))
    try:
        return emit(replace(graph, stations=tuple(stations), resources=tuple(resources), links=tuple(links)))
    except GdtError:
        return executed.text


def bleu4(made: Sequence[str], truth: Sequence[str]) -> float:
    """Corpus BLEU-4 of scripts against their truths, in [0, 1].

    Raises:
        GdtError: EV102, sacrebleu is not installed.
    """
    try:
        import sacrebleu
    except ImportError:
        raise GdtError([error("EV102", "sacrebleu is not installed", Place("BLEU-4"), 'pip install "gdt2usd[train]"')]) from None
    score = sacrebleu.corpus_bleu([" ".join(t.split()) for t in made], [[" ".join(t.split()) for t in truth]], force=True)
    return min(1.0, float(score.score) / 100.0)
