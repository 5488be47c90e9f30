"""`layers/layout.usda` and `layers/results.usda`: every station and resource as an instance of its asset, with its facts.

A station is a prim with the object's name as display name, its facts as `gdt:` attributes and its links as relationship
`gdt:downstream` with arrays `gdt:links:*` alongside. Results of a simulation are `over`s in a layer of their own.
Not covered: geometry of the hall, arrows, cameras, animation.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from gdt2usd.graph.model import Conveyor
from gdt2usd.graph.serial import to_json
from gdt2usd.stage.author_scene import Scene
from gdt2usd.stage.author_text import PREFIX, attribute_lines, point, quoted
from gdt2usd.stage.author_usd import TIME_CODES_PER_SECOND
from gdt2usd.stage.catalog import Asset
from gdt2usd.stage.layout import Placement

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
    document = to_json(scene.graph)
    outgoing = _links_by_station(document["links"])
    lines = [_HEADER, 'def Xform "World" (\n    kind = "assembly"\n)\n{\n']
    lines += (f"    {line}\n" for line in _graph_facts(document))
    lines.append('    def Xform "Stations" (\n        kind = "group"\n    )\n    {\n')
    for record in document["stations"]:
        lines.append(_thing_text(scene, record, outgoing.get(record["id"], [])))
    lines.append('    }\n\n    def Xform "Resources" (\n        kind = "group"\n    )\n    {\n')
    for record in document["resources"]:
        lines.append(_thing_text(scene, record, []))
    lines.append("    }\n}\n")
    return "".join(lines)


def _graph_facts(document: Mapping[str, Any]) -> Iterator[str]:
    for key in ("schema", "horizon_s", "warm_up_s"):
        if key in document:
            yield from attribute_lines(f"{PREFIX}:graph:{key}", document[key])


def _links_by_station(links: list[dict[str, Any]]) -> dict[str, list[tuple[int, dict[str, Any]]]]:
    found: dict[str, list[tuple[int, dict[str, Any]]]] = {}
    for rank, link in enumerate(links):
        found.setdefault(link["upstream"], []).append((rank, link))
    return found


def _thing_text(scene: Scene, record: dict[str, Any], links: list[tuple[int, dict[str, Any]]]) -> str:
    """One station or resource."""
    name = record["id"]
    asset, placed = scene.looks[name], scene.layout.placements[name]
    shown = quoted(name)
    reference = f"@{ASSETS_FROM_LAYERS}/{asset.path}@"
    belt = asset.stretch is not None and isinstance(scene.stations.get(name), Conveyor)
    if belt:
        head = f'        def Xform "{scene.names[name]}" (\n            displayName = {shown}\n            kind = "group"\n        )\n'
    else:
        head = (
            f'        def Xform "{scene.names[name]}" (\n            displayName = {shown}\n'
            f"            instanceable = true\n            prepend references = {reference}\n        )\n"
        )
    lines = [*_fact_lines(record), *_link_lines(scene, links), *_pose_lines(placed, scene.scales[name])]
    body = "".join(f"            {line}\n" for line in lines)
    modules = _module_text(asset, placed, reference) if belt else ""
    return f"{head}        {{\n{body}{modules}        }}\n\n"


def _pose_lines(placed: Placement, scale: float) -> Iterator[str]:
    yield f"double3 xformOp:translate = {point(tuple(float(v) for v in placed.position_m))}"
    yield f"double xformOp:rotateZ = {float(placed.yaw_deg)!r}"
    if scale != 1.0:
        yield f"float3 xformOp:scale = ({scale!r}, {scale!r}, {scale!r})"
    yield _ORDER_SCALED if scale != 1.0 else _ORDER


def _fact_lines(record: dict[str, Any]) -> Iterator[str]:
    span = record.get("script_span")
    for key, value in record.items():
        yield from attribute_lines(f"{PREFIX}:{key}", value)
    if span:
        yield f"custom int64 {PREFIX}:script_line = {span[2]}"


def _link_lines(scene: Scene, links: list[tuple[int, dict[str, Any]]]) -> Iterator[str]:
    drawn = [(rank, link) for rank, link in links if link["downstream"] in scene.stations]
    if not drawn:
        return
    yield f"custom rel {PREFIX}:downstream = [{', '.join(f'<{p}>' for p in dict.fromkeys(scene.paths[k['downstream']] for _, k in drawn))}]"
    yield f"custom string[] {PREFIX}:links:to = [{', '.join(quoted(link['downstream']) for _, link in drawn)}]"
    yield f"custom int64[] {PREFIX}:links:rank = {[rank for rank, _ in drawn]}"
    yield f"custom int64[] {PREFIX}:links:out_port = {[link['out_port'] for _, link in drawn]}"
    yield f"custom int64[] {PREFIX}:links:in_port = {[link['in_port'] for _, link in drawn]}"
    percents = [link.get("percent") for _, link in drawn]
    if any(p is not None for p in percents):
        yield f"custom double[] {PREFIX}:links:percent = [{', '.join('nan' if p is None else repr(p) for p in percents)}]"
    transports = [link.get("transport") for _, link in drawn]
    if any(t is not None for t in transports):
        yield f"custom string[] {PREFIX}:links:transport = [{', '.join(quoted(t or '') for t in transports)}]"


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
