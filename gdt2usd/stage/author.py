"""From a process graph to an OpenUSD stage on disk: `factory.usda` over layers by subject, with the assets it uses.

    factory.usda            the interface: /World, time codes, the layers in order of strength
    layers/animation.usdc   items, lamps, people and vehicles over time (with an event log)
    layers/results.usda     the simulation's figures (with a report)
    layers/flow.usdc        arrows on the floor; mute it to hide them
    layers/cameras.usda, layers/lighting.usda, layers/hall.usdc, layers/layout.usda
    layers/looks.usda       OpenPBR surfaces beside the others (with `materials`)
    assets/                 the assets used, copied, so that the folder can be moved

All paths are relative. Not covered: choosing looks (`catalog`), checking the result (`validate`), other formats (`export`).
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pxr import Sdf, Tf

from gdt2usd import __version__
from gdt2usd.diagnostics import Diagnostic, GdtError, Place, error
from gdt2usd.graph.model import ProcessGraph
from gdt2usd.simulation.records import EventLog
from gdt2usd.stage.author_files import whole_folder, write_failed
from gdt2usd.stage.author_flow import author_flow
from gdt2usd.stage.author_hall import HALL_ASSETS, author_hall
from gdt2usd.stage.author_layout import layout_text, report_rows, results_text
from gdt2usd.stage.author_scene import Scene, StageOptions, make_scene
from gdt2usd.stage.author_usd import new_layer, world
from gdt2usd.stage.author_views import author_cameras, author_lighting
from gdt2usd.stage.catalog import Asset, load
from gdt2usd.stage.layout import Layout
from gdt2usd.stage.validate import SUFFIXES

ROOT_LAYER = "factory.usda"
DAYLIGHT = "Daylight"
LOOKS = "looks/OpenPBR.usda"

__all__ = ["ROOT_LAYER", "AuthoredStage", "StageOptions", "author_stage"]


@dataclass(frozen=True, slots=True)
class AuthoredStage:
    """A stage on disk: its root layer, its sublayers in order of strength, prim path by object id, what was noticed."""

    root: Path
    layers: tuple[Path, ...]
    prims: dict[str, str]
    layout: Layout
    diagnostics: tuple[Diagnostic, ...]


def author_stage(
    graph: ProcessGraph,
    out: Path,
    *,
    log: EventLog | None = None,
    report_json: Mapping[str, Any] | None = None,
    options: StageOptions | None = None,
) -> AuthoredStage:
    """Write the stage of `graph` to the folder `out`, whole or not at all; an earlier stage there is replaced.

    `log` (one replication) animates it; `report_json` (contents of `4-simulation.json`) adds figures and the bottleneck's camera.

    Raises:
        GdtError: ST105 no stations; ST201, ST202 `out` cannot be written; ST001, ST002 the asset library is incomplete.
    """
    if not graph.stations:
        raise GdtError(
            [error("ST105", "the graph has no stations: there is nothing to show", hint="check the script or the graph")]
        )
    options = options or StageOptions()
    scene = make_scene(graph, load(options.library), options)
    with whole_folder(out, ROOT_LAYER) as folder:
        try:
            names, moving = _write_layers(scene, folder, log, report_json)
        except Tf.ErrorException as problem:
            raise write_failed(out, problem) from problem
        _copy_assets(scene, folder, moving)
    layers = tuple(out / "layers" / name for name in names)
    return AuthoredStage(out / ROOT_LAYER, layers, scene.paths, scene.layout, scene.diagnostics)


def _write_layers(
    scene: Scene, folder: Path, log: EventLog | None, report: Mapping[str, Any] | None
) -> tuple[list[str], tuple[Asset, ...]]:
    """All layers into `folder`; their names in order of strength, and the assets of moving items."""
    layers = folder / "layers"
    layers.mkdir()
    made: dict[str, Any] = {}
    span: tuple[float, float] | None = None
    moving: tuple[Asset, ...] = ()
    if log is not None:
        from gdt2usd.stage.animate import author_animation

        animation = author_animation(scene, log)
        made["animation.usdc"] = animation.layer
        span, moving = animation.codes, animation.assets
    if report is not None:
        made["results.usda"] = results_text(scene, report)
    made["flow.usdc"] = author_flow(scene)
    made["cameras.usda"] = author_cameras(scene.layout, bottleneck(report, scene))
    made["lighting.usda"] = author_lighting(scene.layout, scene.catalog.asset(DAYLIGHT))
    made["hall.usdc"] = author_hall(scene)
    made["layout.usda"] = layout_text(scene)
    if scene.options.materials == "openpbr":
        made["looks.usda"] = _looks_text(scene)
    for name, content in made.items():
        if isinstance(content, str):
            (layers / name).write_text(content, encoding="utf-8")
        else:
            _export(content, layers / name)
    _export(_root_layer(scene, list(made), span, log), folder / ROOT_LAYER)
    return list(made), moving


def _looks_text(scene: Scene) -> str:
    """The library's look layer."""
    path = scene.catalog.folder / LOOKS
    if not path.is_file():
        raise GdtError([error("ST003", "the look layer is missing", Place(str(path)), "reinstall gdt2usd")])
    return path.read_text(encoding="utf-8")


def _export(layer: Any, path: Path) -> None:
    if not layer.Export(str(path)):
        raise OSError(None, "USD could not write the layer", str(path))


def _root_layer(scene: Scene, names: list[str], span: tuple[float, float] | None, log: EventLog | None) -> Any:
    root = new_layer(".usda")
    with Sdf.ChangeBlock():
        spec = world(root)
        spec.SetInfo("displayName", scene.options.title)
        for name in names:
            root.subLayerPaths.append(f"./layers/{name}")
        data: dict[str, Any] = {"gdt2usd:version": __version__, "gdt2usd:form": scene.layout.form}
        if span is not None and log is not None:
            root.startTimeCode, root.endTimeCode = span
            data["gdt2usd:simulationSecondsPerSecond"] = float(scene.options.speedup)
            data["gdt2usd:windowStart_s"] = (scene.options.window_s or (0.0, 0.0))[0]
        root.customLayerData = data
    return root


def bottleneck(report: Mapping[str, Any] | None, scene: Scene) -> str | None:
    """The machine that the report names as bottleneck (not a source that feeds too little), or the one that works most."""
    if report is None:
        return None
    named = report.get("bottleneck")
    if isinstance(named, Mapping):
        named = next((named[k] for k in ("machine", "station", "id", "name") if isinstance(named.get(k), str)), None)
    if isinstance(named, str) and named in scene.stations:
        return named
    busy: dict[str, float] = {}
    for name, row in report_rows(report.get("stations")):
        states = row.get("states", row)
        if name in scene.stations and isinstance(states, Mapping):
            busy[name] = sum(float(states.get(k) or 0.0) for k in ("processing", "setup") if isinstance(states.get(k), int | float))
    return max(busy, key=lambda k: busy[k]) if busy else None


def _copy_assets(scene: Scene, folder: Path, moving: tuple[Asset, ...]) -> None:
    """The folders of the assets in use, those of moving items included."""
    fixed = (*scene.looks.values(), *map(scene.catalog.asset, (*HALL_ASSETS, DAYLIGHT)))
    used: dict[str, Asset] = {asset.folder: asset for asset in (*fixed, *moving)}
    for name, asset in used.items():
        source = scene.catalog.folder / name
        if not scene.catalog.file(asset).is_file():
            raise GdtError([error("ST003", f"the asset {asset.name!r} is missing", Place(str(source)), "reinstall gdt2usd")])
        target = folder / "assets" / name
        target.mkdir(parents=True)
        for file in source.iterdir():
            if file.suffix in SUFFIXES:
                shutil.copyfile(file, target / file.name)
