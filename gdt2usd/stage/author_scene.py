"""Everything the authors of a stage's layers share: each object's asset, size on the floor, prim path and place.

Not covered: writing layers (`author_*`), choosing looks (`catalog`), placing (`layout`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal, get_args

from gdt2usd.diagnostics import Diagnostic, Place, warning
from gdt2usd.graph.model import Conveyor, ProcessGraph, Resource, Station
from gdt2usd.graph.serial import kind_of
from gdt2usd.script.library_sizes import default_size_m
from gdt2usd.stage.catalog import Asset, Catalog, Port, Vec3
from gdt2usd.stage.layout import Layout, arrange
from gdt2usd.stage.layout_parts import Body, Door
from gdt2usd.stage.naming import unique_identifiers

STATIONS, RESOURCES = "/World/Stations", "/World/Resources"
DEFAULT_WINDOW_S = 1800.0

Materials = Literal["preview", "openpbr"]
MATERIALS: tuple[Materials, ...] = get_args(Materials)

_NUMBER = re.compile(r"[\s_\-#.]*\d+\s*\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class StageOptions:
    """How to author a stage.

    `industry` helps the catalogue; `library` is another assets folder; `title` names the factory. The animation shows the
    log from `window_s[0]` to `window_s[1]` (None: the first half hour, or what there is), `speedup` times as fast as it was.
    `materials`: openpbr adds MaterialX surfaces for RTX beside the portable ones.
    """

    industry: str = ""
    title: str = "Factory"
    library: Path | None = None
    window_s: tuple[float, float] | None = None
    speedup: float = 20.0
    materials: Materials = "preview"


@dataclass(frozen=True)
class Scene:
    """A graph with its looks and floor plan; dictionaries are by station or resource id."""

    graph: ProcessGraph
    catalog: Catalog
    options: StageOptions
    looks: dict[str, Asset]
    scales: dict[str, float]
    bodies: dict[str, Body]
    layout: Layout
    names: dict[str, str]
    paths: dict[str, str]
    diagnostics: tuple[Diagnostic, ...]

    @cached_property
    def stations(self) -> dict[str, Station]:
        """Stations by id."""
        return {s.id: s for s in self.graph.stations}


def make_scene(graph: ProcessGraph, catalog: Catalog, options: StageOptions) -> Scene:
    """Choose looks, sizes, prim names and places for all of `graph`."""
    things: list[Station | Resource] = [*graph.stations, *graph.resources]
    looks, scales, bodies = _looks(things, catalog, options.industry)
    layout = arrange(graph, bodies)
    names, paths = _paths(graph)
    findings = list(layout.diagnostics)
    known = {s.id for s in graph.stations}
    for link in graph.links:
        if link.upstream not in known or link.downstream not in known:
            missing = link.downstream if link.upstream in known else link.upstream
            findings.append(warning("ST104", f"the link {link.upstream!r} to {link.downstream!r} is not drawn", Place(missing)))
    return Scene(graph, catalog, options, looks, scales, bodies, layout, names, paths, tuple(findings))


def _looks(
    things: list[Station | Resource], catalog: Catalog, industry: str
) -> tuple[dict[str, Asset], dict[str, float], dict[str, Body]]:
    looks: dict[str, Asset] = {}
    scales: dict[str, float] = {}
    bodies: dict[str, Body] = {}
    known: dict[tuple[str, str], Asset] = {}
    for thing in things:
        stem = _NUMBER.sub("", thing.id[:200])
        kind = _kind(thing, catalog)
        asset = known.get((kind, stem))
        if asset is None:
            asset = known[kind, stem] = catalog.look(kind, thing.id[:200], industry)
        scale = _scale(thing, asset)
        looks[thing.id], scales[thing.id], bodies[thing.id] = asset, scale, _body(asset, scale)
    return looks, scales, bodies


def _kind(thing: Station | Resource, catalog: Catalog) -> str:
    """The FlexSim class where the catalogue has a look of its own for it, unless the graph knows better (AGV)."""
    kind = kind_of(thing)
    special = catalog.classes.get(thing.flexsim_class)
    return thing.flexsim_class if special is not None and kind in ("storage", "conveyor") else kind


def _scale(thing: Station | Resource, asset: Asset) -> float:
    """How large to draw the asset: 1, unless the script sets a size of its own; then by the ratio of floor areas."""
    if isinstance(thing, Conveyor) or asset.family in ("person", "vehicle", "robot"):
        return 1.0
    size = thing.pose.size_m
    if size in ((1.0, 1.0, 1.0), default_size_m(thing.flexsim_class)) or not all(0.05 < v < 200.0 for v in size[:2]):
        return 1.0
    ratio = (size[0] * size[1] / (asset.size_m[0] * asset.size_m[1])) ** 0.5
    scale = round(min(max(ratio, 0.6), 2.0), 2)
    return 1.0 if abs(scale - 1.0) < 0.08 else scale


def _body(asset: Asset, scale: float) -> Body:
    def scaled(v: Vec3) -> Vec3:
        return v[0] * scale, v[1] * scale, v[2] * scale

    half = asset.size_m[0] / 2
    entry = asset.inputs[0].position_m if asset.inputs else (-half, 0.0, 0.9)
    leave = asset.outputs[0].position_m if asset.outputs else (half, 0.0, 0.9)

    def doors(ports: tuple[Port, ...]) -> tuple[Door, ...]:
        return tuple(Door(scaled(p.position_m), p.yaw_deg) for p in ports) if len(ports) > 1 else ()

    size, service = scaled(asset.size_m), scaled(asset.service_m)
    return Body(size, scaled(entry), scaled(leave), service, doors(asset.inputs), doors(asset.outputs))


def _paths(graph: ProcessGraph) -> tuple[dict[str, str], dict[str, str]]:
    names: dict[str, str] = {}
    paths: dict[str, str] = {}
    groups: tuple[tuple[str, list[Station | Resource]], ...] = (
        (STATIONS, list(graph.stations)),
        (RESOURCES, list(graph.resources)),
    )
    for group, things in groups:
        words = unique_identifiers((t.id, kind_of(t).title().replace("_", "")) for t in things)
        for thing, word in zip(things, words, strict=True):
            names[thing.id] = word
            paths[thing.id] = f"{group}/{word}"
    return names, paths
