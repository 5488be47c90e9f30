"""Reading a stage back: the process graph that it was made of, and where everything stands.

Names come from the facts, positions as drawn from the transforms, links from the relationships and arrays beside them.
Not covered: stages made by other programs (ST107 says what is missing).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gdt2usd.diagnostics import GdtError, Place, error
from gdt2usd.graph.model import ProcessGraph
from gdt2usd.graph.serial import SCHEMA, from_json
from gdt2usd.stage.author_text import PREFIX, facts, plain_value

_DERIVED = ("script_line", "links", "result", "state", "content", "graph", "downstream")


@dataclass(frozen=True, slots=True)
class Drawn:
    """One object as it is in the stage: its prim, its display name, where its bottom centre is and its heading."""

    prim: str
    display_name: str
    position_m: tuple[float, float, float]
    yaw_deg: float


@dataclass(frozen=True, slots=True)
class StageContents:
    """What `read_stage` finds; `drawn` is by station or resource id."""

    graph: ProcessGraph
    drawn: dict[str, Drawn]


def read_stage(path: Path) -> StageContents:
    """The graph in a stage folder, its root layer or its package. Raises GdtError ST401, ST402, ST107 or the graph's own codes."""
    from pxr import Tf, Usd

    from gdt2usd.stage.validate import root_of

    root = root_of(path)
    if root is None:
        raise GdtError([error("ST401", "there is no stage here", Place(str(path)), "give the folder that `gdt2usd stage` wrote")])
    try:
        stage = Usd.Stage.Open(str(root), Usd.Stage.LoadNone)
    except Tf.ErrorException as problem:
        raise GdtError([error("ST402", f"USD cannot open it: {str(problem).splitlines()[0]}", Place(str(path)))]) from problem
    world = stage.GetPrimAtPath("/World")
    if not world or not world.GetChild("Stations"):
        raise GdtError([error("ST107", "the stage has no /World/Stations: it is none of ours", Place(str(path)))])
    own_layers = set(stage.GetLayerStack())
    drawn: dict[str, Drawn] = {}
    document: dict[str, Any] = {"schema": SCHEMA, "links": []}
    found: list[tuple[Any, str, Any]] = []
    for group in ("Stations", "Resources"):
        rows = document[group.lower()] = []
        parent = world.GetChild(group)
        for prim in parent.GetAllChildren() if parent else ():
            record = facts(dict(_facts_of(prim, own_layers)))
            own = {k: v for k, v in record.items() if k not in _DERIVED}
            rows.append(own)
            drawn[str(own.get("id"))] = _drawn(prim)
            found.append((prim, str(own.get("id")), record.get("links")))
    ids = {str(prim.GetPath()): name for prim, name, _ in found}
    ranked = [row for prim, name, columns in found for row in _links_of(prim, name, columns, ids)]
    document["links"] = [link for _, link in sorted(ranked, key=lambda row: row[0])]
    overall = facts(dict(_facts_of(world, own_layers))).get("graph", {})
    document |= {key: overall[key] for key in ("horizon_s", "warm_up_s") if key in overall}
    return StageContents(from_json(document, str(path)), drawn)


def _facts_of(prim: Any, own: set[Any]) -> Iterator[tuple[str, Any]]:
    """The `gdt:` attributes of a prim that the layers `own` state (its asset may have others), by name without the prefix."""
    for attribute in prim.GetAuthoredAttributes():
        name = attribute.GetName()
        if name.startswith(f"{PREFIX}:") and any(spec.layer in own for spec in attribute.GetPropertyStack()):
            yield name[len(PREFIX) + 1 :], plain_value(attribute.Get(), str(attribute.GetTypeName()))


def _links_of(prim: Any, upstream: str, columns: Any, ids: dict[str, str]) -> Iterator[tuple[int, dict[str, Any]]]:
    """The links of a station from its relationship and its `gdt:links:*` arrays, with their ranks in the graph."""
    if not isinstance(columns, dict):
        return
    targets = [ids[str(t)] for t in prim.GetRelationship(f"{PREFIX}:downstream").GetTargets()]
    count = len(columns["rank"])
    rows = zip(
        columns.get("to", targets),
        columns["rank"],
        columns.get("out_port", range(1, count + 1)),
        columns.get("in_port", [1] * count),
        columns.get("percent", [math.nan] * count),
        columns.get("transport", [""] * count),
        strict=True,
    )
    for downstream, rank, out_port, in_port, percent, transport in rows:
        yield (
            int(rank),
            {
                "upstream": upstream,
                "downstream": str(downstream),
                "out_port": int(out_port),
                "in_port": int(in_port),
                "percent": None if math.isnan(percent) else float(percent),
                "transport": str(transport) or None,
            },
        )


def _drawn(prim: Any) -> Drawn:
    move = prim.GetAttribute("xformOp:translate").Get() or (0.0, 0.0, 0.0)
    turn = prim.GetAttribute("xformOp:rotateZ").Get() or 0.0
    return Drawn(str(prim.GetPath()), prim.GetDisplayName(), (float(move[0]), float(move[1]), float(move[2])), float(turn))
