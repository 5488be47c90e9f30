"""`layers/layout.usda` and `layers/results.usda`: every station and resource as an instance of its asset, with its facts.

A station is a prim with the object's name as display name, its facts as `gdt:` attributes and its links as relationship
`gdt:downstream` with arrays `gdt:links:*` alongside (`author_facts`). Results of a simulation are `over`s in a layer of their own.
Not covered: geometry of the hall, arrows, cameras, animation.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from gdt2usd.graph.model import Conveyor, Link, Resource, Station
from gdt2usd.stage.author_facts import fact_lines, link_lines
from gdt2usd.stage.author_scene import Scene
from gdt2usd.stage.author_text import PREFIX, attribute_lines, quoted
from gdt2usd.stage.author_usd import TIME_CODES_PER_SECOND
from gdt2usd.stage.catalog import Asset
from gdt2usd.stage.layout_parts import Placement

ASSETS_FROM_LAYERS = "../assets"

_HEADER = f"""#usda 1.0
(
    defaultPrim = "World"
    framesPerSecond = {TIME_CODES_PER_SECOND:g}
    metersPerUnit = 1
    timeCodesPerSecond = {TIME_CODES_PER_SECOND:g}
    upAxis = "Z"
)

"""
_ORDER = 'uniform token[] xformOpOrder = ["xformOp:translate", "xformOp:rotateZ"]'
_ORDER_SCALED = 'uniform token[] xformOpOrder = ["xformOp:translate", "xformOp:rotateZ", "xformOp:scale"]'


def layout_text(scene: Scene) -> str:
    """The text of the layer with /World/Stations and /World/Resources."""
    outgoing: dict[str, list[tuple[int, Link]]] = {}
    for rank, link in enumerate(scene.graph.links):
        if link.downstream in scene.stations:
            outgoing.setdefault(link.upstream, []).append((rank, link))
    lines = [_HEADER, 'def Xform "World" (\n    kind = "assembly"\n)\n{\n']
    for key in ("horizon_s", "warm_up_s"):
        if (value := getattr(scene.graph, key)) is not None:
            lines += (f"    {line}\n" for line in attribute_lines(f"{PREFIX}:graph:{key}", value))
    lines.append('    def Xform "Stations" (\n        kind = "group"\n    )\n    {\n')
    lines += (_thing_text(scene, station, outgoing.get(station.id, [])) for station in scene.graph.stations)
    lines.append('    }\n\n    def Xform "Resources" (\n        kind = "group"\n    )\n    {\n')
    lines += (_thing_text(scene, resource, []) for resource in scene.graph.resources)
    lines.append("    }\n}\n")
    return "".join(lines)


def _thing_text(scene: Scene, thing: Station | Resource, links: list[tuple[int, Link]]) -> str:
    """One station or resource."""
    name = thing.id
    asset, placed = scene.looks[name], scene.layout.placements[name]
    reference = f"@{ASSETS_FROM_LAYERS}/{asset.path}@"
    belt = asset.stretch is not None and isinstance(thing, Conveyor)
    what = 'kind = "group"' if belt else f"instanceable = true\n            prepend references = {reference}"
    body = "\n".join([*fact_lines(thing), *link_lines(links, scene.paths), _pose_text(placed, scene.scales[name])])
    modules = _module_text(asset, placed, reference) if belt else ""
    return (
        f'        def Xform "{scene.names[name]}" (\n            displayName = {quoted(name)}\n            {what}\n        )\n'
        f"        {{\n{body}\n{modules}        }}\n\n"
    )


def _pose_text(placed: Placement, own: float) -> str:
    x, y, z = placed.position_m
    move = f"double3 xformOp:translate = ({float(x)!r}, {float(y)!r}, {float(z)!r})\n"
    move += f"double xformOp:rotateZ = {float(placed.yaw_deg)!r}\n"
    x, y, z = (own * axis for axis in placed.scale)
    y *= placed.hand
    if x == y == z == 1.0:
        return move + _ORDER
    return f"{move}float3 xformOp:scale = ({x!r}, {y!r}, {z!r})\n{_ORDER_SCALED}"


def _module_text(asset: Asset, placed: Placement, reference: str) -> str:
    """The repeated modules of a belt, each stretched a little so that they fill the length."""
    assert asset.stretch is not None
    length = placed.size_m[0]
    count = min(asset.stretch.count(length), 400)
    each = length / count
    stretch = each / asset.size_m[0]
    parts = []
    for n in range(count):
        x = -length / 2 + (n + 0.5) * each
        parts.append(
            f'\n            def Xform "Module_{n + 1}" (\n                instanceable = true\n'
            f"                prepend references = {reference}\n            )\n            {{\n"
            f"                double3 xformOp:translate = ({x!r}, 0, 0)\n"
            f"                float3 xformOp:scale = ({stretch!r}, 1, 1)\n"
            f'                uniform token[] xformOpOrder = ["xformOp:translate", "xformOp:scale"]\n            }}\n'
        )
    return "".join(parts)


def results_text(scene: Scene, report: Mapping[str, Any]) -> str:
    """The text of the layer with the simulation's figures: on /World those of the line, on each station its own."""
    lines = [_HEADER, 'over "World"\n{\n']
    overall = {k: v for k, v in report.items() if k not in ("stations", "resources", "findings", "schema")}
    lines += (f"    {line}\n" for line in attribute_lines(f"{PREFIX}:result", _finite(overall)))
    for group, key in (("Stations", "stations"), ("Resources", "resources")):
        rows = [(name, row) for name, row in report_rows(report.get(key)) if name in scene.paths]
        if not rows:
            continue
        lines.append(f'    over "{group}"\n    {{\n')
        for name, row in rows:
            body = "".join(f"            {line}\n" for line in attribute_lines(f"{PREFIX}:result", _finite(row)))
            lines.append(f'        over "{scene.names[name]}"\n        {{\n{body}        }}\n\n')
        lines.append("    }\n")
    lines.append("}\n")
    return "".join(lines)


def report_rows(section: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """(id, figures) of a report's `stations` or `resources`, whether that is a list of records or a dictionary by id."""
    if isinstance(section, Mapping):
        yield from ((str(name), dict(row)) for name, row in section.items() if isinstance(row, Mapping))
    elif isinstance(section, list):
        for row in section:
            if isinstance(row, Mapping) and "id" in row:
                yield str(row["id"]), {k: v for k, v in row.items() if k != "id"}


def _finite(value: Any) -> Any:
    """`value` without numbers that are none, which a property panel cannot show."""
    if isinstance(value, Mapping):
        return {str(k): _finite(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(v) for v in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
