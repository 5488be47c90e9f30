"""build(): sketch and words to script, graph, simulation and stage, whole or not at all; the whole flow on one screen."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gdt2usd import __version__
from gdt2usd.diagnostics import Box, Diagnostic, Place, Span, info
from gdt2usd.graph.model import ProcessGraph
from gdt2usd.script.source import Script
from gdt2usd.simulation.experiment import Experiment
from gdt2usd.simulation.report import SimulationReport
from gdt2usd.sketch.sketch import Sketch
from gdt2usd.vlsm.checkpoint import DEFAULT

if TYPE_CHECKING:
    from gdt2usd.vlsm.read import ReadScript

RUN_FILE = "run.json"
RULES = "rules"
"""`--model rules`: the rule-based reader in place of a network."""
PLAYED_S = 1800.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How to build. `source` is a sketch, a script (.fs) or a graph (.json); None reads the prompt alone."""

    source: Path | None
    prompt: str = ""
    model: str = DEFAULT
    seed: int = 1
    repair: bool = True
    stage: bool = True
    horizon_s: float | None = None
    replications: int = 10


@dataclass(frozen=True, slots=True)
class Seen:
    """What the network read, and in what; for a page that an engineer checks it on."""

    sketch: Sketch | None
    read: ReadScript


@dataclass(slots=True)
class Twin:
    """Everything one build made."""

    script: str
    graph: ProcessGraph
    report: SimulationReport
    diagnostics: list[Diagnostic]
    timings_s: dict[str, float] = field(default_factory=dict)
    run: dict[str, Any] = field(default_factory=dict)
    seen: Seen | None = None


@dataclass(slots=True)
class _Clock:
    tell: Callable[[str], None]
    timings_s: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        self.tell(name)
        start = time.perf_counter()
        yield
        self.timings_s[name] = round(time.perf_counter() - start, 3)


def build(options: Options, out: Path, tell: Callable[[str], None] = lambda stage: None) -> Twin:
    """Run the flow and write the contract's files to `out`; `tell` is called with the name of each step.

    Raises:
        GdtError: the input cannot become a factory, or `out` cannot be written. Nothing is left behind.
    """
    from gdt2usd.stage.author_files import whole_folder

    clock = _Clock(tell)
    with whole_folder(out, RUN_FILE, "the build") as folder:
        script, form, boxes, found, seen = _script(options, folder, clock)
        with clock.stage("lower"):
            graph, text, noticed = _graph(script, form, boxes)
        (folder / "2-script.fs").write_text(text, encoding="utf-8")
        _write_json(folder / "3-graph.json", _graph_json(graph))
        with clock.stage("simulate"):
            report = _simulate(graph, options)
        _write_json(folder / "4-simulation.json", report.to_json())
        twin = Twin(text, graph, report, [*found, *noticed, *report.findings], clock.timings_s, seen=seen)
        if options.stage:
            with clock.stage("stage"):
                twin.diagnostics += _stage(graph, report, options, folder)
        twin.run = _run_record(twin, options)
        _write_json(folder / RUN_FILE, twin.run)
    return twin


def _script(
    options: Options, folder: Path, clock: _Clock
) -> tuple[Script, str | None, dict[str, Box], list[Diagnostic], Seen | None]:
    """The script to go on with; layout form, label boxes, doubts and the reading itself if a network read it."""
    (folder / "1-prompt.txt").write_text(options.prompt, encoding="utf-8")
    if options.source is not None and options.source.suffix.lower() in (".fs", ".txt", ".json"):
        return Script(_text_of(options.source), options.source.name), None, {}, [], None
    from gdt2usd.evaluation.executed import becomes_a_factory
    from gdt2usd.vlsm.checkpoint import load
    from gdt2usd.vlsm.read import read_script

    with clock.stage("sketch"):
        sketch, found = _sketch(options.source, folder)
    if options.model == RULES:
        with clock.stage("read"):
            return _by_rules(sketch, options.prompt, found)
    with clock.stage("load model"):
        checkpoint = load(options.model)
    with clock.stage("read"):
        read = read_script(checkpoint, sketch, options.prompt, seed=options.seed, repair=options.repair, accepts=becomes_a_factory)
    boxes = {}
    for thing in read.draft.objects:
        for place in read.evidence.objects[thing.key[0]].places:
            if place.source >= 0 and not thing.key[1]:
                boxes[thing.name] = read.evidence.labels[place.source].box
    return read.script, read.draft.form, boxes, [*found, *read.diagnostics], Seen(sketch, read)


def _by_rules(
    sketch: Sketch | None, prompt: str, found: list[Diagnostic]
) -> tuple[Script, str | None, dict[str, Box], list[Diagnostic], Seen | None]:
    """The same by the rule-based reader: no network, no confidences."""
    from gdt2usd.evaluation.rules import read_by_rules
    from gdt2usd.vlsm.mentions import normalised
    from gdt2usd.vlsm.render import render
    from gdt2usd.vlsm.repair import dead_end_findings

    draft = read_by_rules(sketch, prompt)
    by_name = {normalised(label.text): label.box for label in (sketch.labels if sketch is not None else ())}
    boxes = {thing.name: by_name[normalised(thing.name)] for thing in draft.objects if normalised(thing.name) in by_name}
    notice = info("VL204", "read by rules, which are never in doubt: check every type, value and connection", Place("2-script.fs"))
    return Script(render(draft), "2-script.fs", "rules"), draft.form, boxes, [*found, notice, *dead_end_findings(draft)], None


def _sketch(source: Path | None, folder: Path) -> tuple[Sketch | None, list[Diagnostic]]:
    """The sketch with its labels, and a copy of it for the record."""
    if source is None:
        return None, []
    from PIL import Image

    from gdt2usd.sketch.load import open_sketch
    from gdt2usd.sketch.ocr import read_labels

    opened, found = open_sketch(source)
    sketch = read_labels(opened)
    Image.fromarray(sketch.pixels).save(folder / "1-sketch.png")
    return sketch, list(found)


def _text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8-sig")


def _graph(script: Script, form: str | None, boxes: dict[str, Box]) -> tuple[ProcessGraph, str, list[Diagnostic]]:
    """The checked graph, the script as it is kept, and what was noticed. A script or graph that a person wrote stays as it is."""
    from gdt2usd.graph.emit import emit
    from gdt2usd.graph.lower import lower_script
    from gdt2usd.graph.serial import loads
    from gdt2usd.graph.validate import validate
    from gdt2usd.placing import place_graph

    if script.name.endswith(".json"):
        graph = loads(script.text, script.name)
        return graph, emit(graph), list(validate(graph))
    lowered = lower_script(script)
    if form is None:
        return lowered.graph, script.text, [*lowered.diagnostics, *validate(lowered.graph)]
    graph, _ = place_graph(lowered.graph, form, boxes)
    return graph, emit(graph), [*(d for d in lowered.diagnostics if d.severity != "info"), *validate(graph)]


def _simulate(graph: ProcessGraph, options: Options) -> SimulationReport:
    from gdt2usd.simulation.report import simulate

    horizon_s = options.horizon_s or graph.horizon_s or Experiment().horizon_s
    experiment = Experiment(horizon_s=horizon_s, warm_up_s=graph.warm_up_s, replications=options.replications, seed=options.seed)
    return simulate(graph, experiment)


def _stage(graph: ProcessGraph, report: SimulationReport, options: Options, folder: Path) -> list[Diagnostic]:
    from gdt2usd.simulation.report import trace
    from gdt2usd.stage.author import StageOptions, author_stage
    from gdt2usd.stage.export import write_usdz

    log = trace(graph, Experiment(horizon_s=PLAYED_S, warm_up_s=0.0, replications=1, seed=options.seed))
    title = options.source.stem if options.source is not None else "Factory"
    stage = folder / "5-stage"
    made = author_stage(graph, stage, log=log, report_json=report.to_json(), options=StageOptions(title=title))
    write_usdz(stage, folder / "5-stage.usdz")
    return list(made.diagnostics)


def _graph_json(graph: ProcessGraph) -> dict[str, Any]:
    from gdt2usd.graph.serial import to_json

    return to_json(graph)


def _write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")


def _run_record(twin: Twin, options: Options) -> dict[str, Any]:
    """run.json: what made this build, so that it can be made again."""
    from importlib.metadata import version

    packages = ("torch", "onnxruntime", "usd-core", "simpy", "numpy")
    source = options.source
    return {
        "schema": "gdt2usd.run/1",
        "gdt2usd": __version__,
        "packages": {name: version(name) for name in packages},
        "model": options.model,
        "seed": options.seed,
        "input": {
            "source": source.name if source is not None else None,
            "source_sha256": hashlib.sha256(source.read_bytes()).hexdigest() if source is not None else None,
            "prompt_sha256": hashlib.sha256(options.prompt.encode()).hexdigest(),
        },
        "timings_s": twin.timings_s,
        "diagnostics": [_diagnostic_json(d) for d in twin.diagnostics],
    }


def _diagnostic_json(diagnostic: Diagnostic) -> dict[str, Any]:
    where = diagnostic.where
    return {
        "code": diagnostic.code,
        "severity": str(diagnostic.severity),
        "message": diagnostic.message,
        "line": where.line if isinstance(where, Span) else None,
        "column": where.column if isinstance(where, Span) else None,
        "where": where.what if isinstance(where, Place) else None,
        "hint": diagnostic.hint,
    }
