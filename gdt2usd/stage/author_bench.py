"""How fast stages are authored, measured in one run against the floor: bare Sdf, or a bare PointInstancer, of the same size.

The floor for stations writes as many prims as our stage has, each with reference, instanceable, translate, rotateZ and one string
attribute, by Sdf in a ChangeBlock, saved as one `.usda` (the faster of its two formats). Ours is a whole stage in seven layers:
looks chosen, overlaps looked for, hall, arrows, cameras, twenty facts a station, links.
The floor for items writes the same number of arrays of the same length into one PointInstancer and saves it.
Not covered: copying the assets' files, rendering.
"""

from __future__ import annotations

import gc
import itertools
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from pxr import Gf, Sdf, Usd, Vt

from gdt2usd.graph import distributions as d
from gdt2usd.graph import model as m
from gdt2usd.simulation.bench import Measurement
from gdt2usd.simulation.records import Event, EventKind, EventLog
from gdt2usd.stage.author import author_stage
from gdt2usd.stage.author_scene import StageOptions, make_scene
from gdt2usd.stage.author_usd import Types, attribute, define, new_layer, relationship, world

STATION_COUNTS = (100, 1000, 10_000)
ITEMS, KEYS = 1000, 1000


def bench_stage(counts: tuple[int, ...] = STATION_COUNTS, rounds: int = 5) -> list[dict[str, Any]]:
    """Rows of `what`, `ours_s`, `floor_s`, `ratio` (best of `rounds` each, interleaved) and `open_s` where a stage is opened."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for count in counts:
            rows.append(_stations(count, Path(folder), rounds))
        rows.append(_items(Path(folder), rounds))
    return rows


def grid_graph(count: int) -> m.ProcessGraph:
    """`count` processors in rows of a hundred, linked along the rows, each with figures of its own."""
    stations = tuple(
        m.Processor(
            id=f"Machine {n}",
            pose=m.Pose((7.0 * (n % 100), 7.0 * (n // 100), 0.0)),
            process_time_s=d.Normal(10.0 + 0.01 * n, 1.0),
            setup_time_s=d.Constant(0.5),
        )
        for n in range(count)
    )
    links = tuple(m.Link(upstream=stations[n].id, downstream=stations[n + 1].id) for n in range(count - 1) if (n + 1) % 100)
    return m.ProcessGraph(stations=stations, links=links)


def _stations(count: int, folder: Path, rounds: int) -> dict[str, Any]:
    graph = grid_graph(count)
    numbers = itertools.count()
    out = folder / f"stage-{count}"
    prims = _prim_count(author_stage(graph, out).layers)
    asset = folder / "asset.usda"
    asset.write_text('#usda 1.0\n(\n    defaultPrim = "A"\n)\ndef Xform "A" (\n    kind = "component"\n)\n{\n}\n')
    ours, floor = _interleaved(
        lambda: author_stage(graph, folder / f"{count}-{next(numbers)}"),
        lambda: _bare_stations(prims, folder / f"bare-{count}-{next(numbers)}.usda"),
        rounds,
    )
    opened = min(_timed(lambda: Usd.Stage.Open(str(out / "factory.usda"))) for _ in range(rounds))
    return {"what": f"{count} stations, {prims} prims", "ours_s": ours, "floor_s": floor, "ratio": ours / floor, "open_s": opened}


def _prim_count(layers: tuple[Path, ...]) -> int:
    found: list[Any] = []
    for path in layers:
        layer = Sdf.Layer.FindOrOpen(str(path))
        layer.Traverse("/", lambda at: found.append(at) if at.IsPrimPath() else None)
    return len(found)


def _bare_stations(count: int, path: Path) -> None:
    layer = Sdf.Layer.CreateNew(str(path))
    with Sdf.ChangeBlock():
        group = Sdf.PrimSpec(Sdf.PrimSpec(layer, "World", Sdf.SpecifierDef, "Xform"), "G", Sdf.SpecifierDef, "Xform")
        for n in range(count):
            spec = Sdf.PrimSpec(group, f"S{n}", Sdf.SpecifierDef, "Xform")
            spec.referenceList.Prepend(Sdf.Reference("./asset.usda"))
            spec.instanceable = True
            Sdf.AttributeSpec(spec, "xformOp:translate", Types.Double3).default = Gf.Vec3d(n, 0, 0)
            Sdf.AttributeSpec(spec, "xformOp:rotateZ", Types.Float).default = 0.0
            order = Sdf.AttributeSpec(spec, "xformOpOrder", Types.TokenArray, Sdf.VariabilityUniform)
            order.default = Vt.TokenArray(["xformOp:translate", "xformOp:rotateZ"])
            Sdf.AttributeSpec(spec, "gdt:objectClass", Types.String).default = "Processor"
    layer.Save()


def busy_queue_log(items: int, events: int) -> EventLog:
    """A queue that holds `items` and sees `events` times one item come and one leave."""
    rows = [Event(0.0, EventKind.ENTER, "Queue", n + 1, "Source") for n in range(items)]
    for n in range(events):
        time_s = 10.0 * (n + 1)
        rows.append(Event(time_s, EventKind.LEAVE, "Queue", n + 1, "Sink"))
        rows.append(Event(time_s, EventKind.ENTER, "Queue", items + n + 1, "Source"))
    return EventLog(tuple(rows), 10.0 * (events + 1))


def _items(folder: Path, rounds: int) -> dict[str, Any]:
    """`ITEMS` items over `KEYS` keys: two keys an event."""
    from gdt2usd.stage.animate import author_animation
    from gdt2usd.stage.catalog import load

    graph = m.ProcessGraph(stations=(m.Queue(id="Queue", capacity=ITEMS),))
    log = busy_queue_log(ITEMS, KEYS // 2)
    options = StageOptions(window_s=(0.0, log.horizon_s), speedup=20.0)
    scene = make_scene(graph, load(), options)
    made = author_animation(scene, log)
    pool = made.items[0]
    keys = len(pool.times_s)
    ours, floor = _interleaved(
        lambda: author_animation(scene, log).layer.Export(str(folder / "ours.usdc")),
        lambda: _bare_items(pool.size, keys, folder / "bare.usdc"),
        rounds,
    )
    return {"what": f"{pool.size} items x {keys} keys", "ours_s": ours, "floor_s": floor, "ratio": ours / floor}


def _bare_items(size: int, keys: int, path: Path) -> None:
    layer = new_layer(".usdc")
    rng = np.random.default_rng(1)
    frames = rng.random((keys, size, 3), dtype=np.float32)
    with Sdf.ChangeBlock():
        spec = define(world(layer), "Items", "PointInstancer")
        relationship(spec, "prototypes", ["/World/Items/P"])
        define(spec, "P", "Xform")
        attribute(spec, "protoIndices", Types.IntArray, Vt.IntArray.FromNumpy(np.zeros(size, dtype=np.int32)))
        positions = attribute(spec, "positions", Types.Point3fArray).path
        for n, frame in enumerate(frames):
            layer.SetTimeSample(positions, float(n), Vt.Vec3fArray.FromNumpy(frame))
    layer.Export(str(path))


def _interleaved(ours: Callable[[], object], floor: Callable[[], object], rounds: int) -> tuple[float, float]:
    """The best time of each, taking turns, so that a busy machine slows both."""
    ours(), floor()
    times = [(_timed(ours), _timed(floor)) for _ in range(rounds)]
    return min(t[0] for t in times), min(t[1] for t in times)


def _timed(action: Callable[[], object]) -> float:
    gc.collect()
    start = time.perf_counter()
    kept = action()
    spent = time.perf_counter() - start
    del kept
    return spent


def stage_measurements() -> Iterator[Measurement]:
    """The rows of `bench_stage` as ratios of the floor's time to ours; 0.5 or more is within twice the floor."""
    for row in bench_stage():
        opened = f", opens in {row['open_s']:.2f} s" if "open_s" in row else ""
        detail = f"{row['ours_s']:.3f} s against {row['floor_s']:.3f} s{opened}"
        yield Measurement(f"stage: {row['what']}", 1.0 / row["ratio"], 0.5, detail)
