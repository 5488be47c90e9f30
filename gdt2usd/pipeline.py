"""build(): sketch and words to script, graph, simulation and stage, whole or not at all; the whole flow on one screen."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gdt2usd import __version__
from gdt2usd.diagnostics import Box, Diagnostic, GdtError, Place, Severity, diagnostic_json, error, info
from gdt2usd.graph.model import ProcessGraph, Sink, Source
from gdt2usd.script.source import Script
from gdt2usd.shipped import DEFAULT_MODEL
from gdt2usd.simulation.experiment import Experiment
from gdt2usd.simulation.report import SimulationReport
from gdt2usd.sketch.sketch import Sketch

if TYPE_CHECKING:
    from gdt2usd.doubts import Doubt
    from gdt2usd.vlsm.read import ReadScript

RUN_FILE = "run.json"
SCRIPT_FILE = "2-script.fs"
RULES = "rules"
"""`--model rules`: the rule-based reader in place of a network."""
PLAYED_S = 1800.0
RERUN_EVENTS = 400_000
"""Of confirming the bottleneck: seconds on a laptop. `gdt2usd simulate` takes as long as it needs."""
WRITTEN = (".fs", ".txt", ".json")
"""Endings of scripts and graphs, which are taken as they are."""

Ask = Callable[[Sequence["Doubt"], ProcessGraph], list[str]]
"""Asks a user; gives answers `N=VALUE`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How to build. `source` is a sketch, a script (.fs) or a graph (.json); None reads the prompt alone.

    `settings` (`KEY=VALUE`) and `answers` (`N=VALUE`) settle what is doubtful; `device` is where the network runs; `page` (from 1)
    chooses a page of a PDF.
    """

    source: Path | None
    prompt: str = ""
    model: str = DEFAULT_MODEL
    seed: int = 1
    repair: bool = True
    stage: bool = True
    horizon_s: float | None = None
    replications: int = 10
    settings: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    device: str = "auto"
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """What was read, and in what; for a page that an engineer checks it on. `read` is None after reading by rules."""

    sketch: Sketch | None
    prompt: str
    read: ReadScript | None
    boxes: dict[str, Box]


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
    doubts: tuple[Doubt, ...] = ()

    @property
    def open_doubts(self) -> tuple[Doubt, ...]:
        """What is still to check, the most important first."""
        return tuple(d for d in self.doubts if not d.outcome)


@dataclass(frozen=True, slots=True)
class _Taken:
    """What there is to go on with: a script or graph text, the layout form and label boxes if it was read, how doubts are found."""

    script: Script
    found: tuple[Diagnostic, ...] = ()
    form: str | None = None
    seen: Seen | None = None
    doubts_of: Callable[[ProcessGraph], Sequence[Doubt]] = lambda graph: ()


@dataclass(slots=True)
class _Clock:
    tell: Callable[[str], None]
    timings_s: dict[str, float] = field(default_factory=dict)
    cpu_s: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        self.tell(name)
        start, cpu = time.perf_counter(), time.process_time()
        yield
        self.timings_s[name] = round(time.perf_counter() - start, 3)
        self.cpu_s[name] = round(time.process_time() - cpu, 3)


def build(options: Options, out: Path, tell: Callable[[str], None] = lambda stage: None, ask: Ask | None = None) -> Twin:
    """Run the flow and write the contract's files to `out`; `tell` is called with the name of each step, `ask` with the doubts.

    Raises:
        GdtError: the input cannot become a factory, or `out` cannot be written. Nothing is left behind.
    """
    from gdt2usd.stage.author_files import whole_folder

    clock = _Clock(tell)
    with whole_folder(out, RUN_FILE, "the build") as folder:
        taken = _taken(options, folder, clock)
        with clock.stage("lower"):
            graph, noticed = _lowered(taken)
            doubts = _numbered(taken.doubts_of(graph))
        settling = _settle(graph, doubts, options, ask)
        if taken.form is not None:
            _refuse_nothing(settling, taken)
        with clock.stage("script"):
            graph, text, found = _finished(taken, graph, settling, noticed)
        (folder / SCRIPT_FILE).write_text(text, encoding="utf-8")
        _write_json(folder / "3-graph.json", _graph_json(graph))
        with clock.stage("simulate"):
            report = _simulate(graph, options)
        _write_json(folder / "4-simulation.json", report.to_json())
        noted = [*taken.found, *settling.findings, *found, *report.findings]
        twin = Twin(text, graph, report, noted, clock.timings_s, seen=taken.seen, doubts=settling.doubts)
        if options.stage:
            with clock.stage("stage"):
                twin.diagnostics += _stage(graph, report, options, folder)
        twin.run = _run_record(twin, options, settling, clock)
        _write_json(folder / RUN_FILE, twin.run)
    return twin


# ---- reading ----


def _taken(options: Options, folder: Path, clock: _Clock) -> _Taken:
    """The script to go on with: written by a person, or read of sketch and prompt."""
    (folder / "1-prompt.txt").write_text(options.prompt, encoding="utf-8")
    if options.source is not None and options.source.suffix.lower() in WRITTEN:
        carried = _carried(options.source)
        return _Taken(Script(_text_of(options.source), options.source.name), doubts_of=lambda graph: carried)
    with clock.stage("sketch"):
        sketch, found = _sketch(options, folder)
    return (_by_rules if options.model == RULES else _by_network)(options, sketch, found, clock)


def _by_network(options: Options, sketch: Sketch | None, found: list[Diagnostic], clock: _Clock) -> _Taken:
    from gdt2usd.doubting import doubts_of_reading
    from gdt2usd.evaluation.executed import becomes_a_factory
    from gdt2usd.vlsm.checkpoint import device_of, load
    from gdt2usd.vlsm.language import prompt_language
    from gdt2usd.vlsm.read import read_script

    device = device_of(options.device)
    with clock.stage("load model"):
        checkpoint = load(options.model, device)
    with clock.stage("read"), device:
        found += prompt_language(options.prompt)
        read = read_script(checkpoint, sketch, options.prompt, seed=options.seed, repair=options.repair, accepts=becomes_a_factory)
    boxes = {}
    for thing in read.draft.objects:
        for place in read.evidence.objects[thing.key[0]].places:
            if place.source >= 0 and not thing.key[1]:
                boxes[thing.name] = read.evidence.labels[place.source].box
    rest = tuple(d for d in read.diagnostics if d.code in ("VL202", "VL203", "VL301"))  # the others are doubts
    seen = Seen(sketch, options.prompt, read, boxes)
    return _Taken(read.script, (*found, *rest), read.draft.form, seen, lambda graph: doubts_of_reading(read, graph))


def _by_rules(options: Options, sketch: Sketch | None, found: list[Diagnostic], clock: _Clock) -> _Taken:
    """The same by the rule-based reader: no network, no confidences."""
    from gdt2usd.doubting import doubts_of_draft
    from gdt2usd.evaluation.rules import read_by_rules
    from gdt2usd.vlsm.mentions import normalised
    from gdt2usd.vlsm.render import render

    with clock.stage("read"):
        draft = read_by_rules(sketch, options.prompt)
    by_name = {normalised(label.text): label.box for label in (sketch.labels if sketch is not None else ())}
    boxes = {thing.name: by_name[normalised(thing.name)] for thing in draft.objects if normalised(thing.name) in by_name}
    notice = info("VL204", "read by rules, which are never in doubt: check every type, value and connection", Place(SCRIPT_FILE))
    script = Script(render(draft), SCRIPT_FILE, "rules")
    seen = Seen(sketch, options.prompt, None, boxes)
    return _Taken(script, (*found, notice), draft.form, seen, lambda graph: doubts_of_draft(draft, graph))


def _carried(source: Path) -> tuple[Doubt, ...]:
    """The doubts that a build left open, if `source` lies in its folder."""
    from gdt2usd.doubts import from_json

    try:
        run = json.loads((source.parent / RUN_FILE).read_text(encoding="utf-8"))
        return tuple(d for d in map(from_json, run["doubts"]) if not d.outcome)
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return ()


def _sketch(options: Options, folder: Path) -> tuple[Sketch | None, list[Diagnostic]]:
    """The sketch with its labels, and a copy of it for the record."""
    if options.source is None:
        return None, []
    from PIL import Image

    from gdt2usd.sketch.load import open_sketch
    from gdt2usd.sketch.ocr import read_labels

    opened, found = open_sketch(options.source, page=options.page)
    sketch = read_labels(opened)
    Image.fromarray(sketch.pixels).save(folder / "1-sketch.png")
    return sketch, list(found)


def _text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8-sig")


# ---- settling ----


@dataclass(frozen=True, slots=True)
class _Settling:
    """The graph as settled, what was set, and every doubt with its outcome."""

    graph: ProcessGraph
    doubts: tuple[Doubt, ...]
    settings: tuple[str, ...]
    answers: tuple[str, ...]
    changes: tuple[Diagnostic, ...]

    @property
    def findings(self) -> tuple[Diagnostic, ...]:
        return (*self.changes, *(d.finding for d in self.doubts if not d.outcome))


def _numbered(doubts: Sequence[Doubt]) -> tuple[Doubt, ...]:
    from gdt2usd.doubts import numbered

    return tuple(doubts) if any(d.number for d in doubts) else numbered(doubts)


def _settle(graph: ProcessGraph, doubts: tuple[Doubt, ...], options: Options, ask: Ask | None) -> _Settling:
    """Answers and settings carried out; then what is still open is asked for, if somebody is there to ask."""
    from gdt2usd.doubts import settings_of, settled
    from gdt2usd.graph.settle import settle

    addable = [d.subject for d in doubts if d.code == "VL303"]
    answers, asked = list(options.answers), False
    while True:
        told, outcomes = settings_of(doubts, answers)
        settings = [*told, *options.settings]
        done = settle(graph, settings, addable)
        after = settled(doubts, graph, done.graph, [c.key for c in done.changes], settings, outcomes)
        opened = [d for d in after if not d.outcome]
        if ask is None or asked or not opened:
            return _Settling(done.graph, after, tuple(settings), tuple(answers), done.findings)
        answers += ask(opened, done.graph)
        asked = True


def _refuse_nothing(settling: _Settling, taken: _Taken) -> None:
    """Names without links, or links without a beginning and an end, are no factory: GdtError VL205."""
    graph = settling.graph
    kinds = {type(station) for station in graph.stations}
    if graph.links and kinds & {Source, Sink}:
        return
    names = ", ".join(repr(t.id) for t in (*graph.stations, *graph.resources)[:5])
    missing = "nothing arrives and nothing leaves" if graph.links else "there is no way from one to another"
    hint = "say in the prompt where items come from, what leads where and where they leave; or --set 'A -> B=yes', 'A.type=source'"
    message = f"this is no production line: {names} could be read, but {missing}"
    raise GdtError([error("VL205", message, Place("input"), hint), *taken.found])


# ---- the graph and its script ----


def _lowered(taken: _Taken) -> tuple[ProcessGraph, tuple[Diagnostic, ...]]:
    from gdt2usd.graph.lower import lower_script
    from gdt2usd.graph.serial import loads

    if taken.script.name.lower().endswith(".json"):
        return loads(taken.script.text, taken.script.name), ()
    lowered = lower_script(taken.script)
    return lowered.graph, lowered.diagnostics


def _finished(
    taken: _Taken, before: ProcessGraph, settling: _Settling, noticed: tuple[Diagnostic, ...]
) -> tuple[ProcessGraph, str, list[Diagnostic]]:
    """The checked graph, the script as it is kept, and what was noticed. A script that a person wrote stays as it is."""
    from gdt2usd.graph.emit import emit
    from gdt2usd.graph.lower import lower_script
    from gdt2usd.graph.validate import validate
    from gdt2usd.placing import place_graph

    graph = settling.graph
    if taken.form is None and graph == before and not taken.script.name.lower().endswith(".json"):
        return before, taken.script.text, [*noticed, *validate(before)]
    if taken.form is not None:
        graph, _ = place_graph(graph, taken.form, taken.seen.boxes if taken.seen is not None else {})
    text = emit(graph)
    lowered = lower_script(Script(text, SCRIPT_FILE))  # the graph with its places in the script that is kept
    return lowered.graph, text, [*(d for d in lowered.diagnostics if d.severity is not Severity.INFO), *validate(lowered.graph)]


def _simulate(graph: ProcessGraph, options: Options) -> SimulationReport:
    from gdt2usd.simulation.report import simulate

    horizon_s = options.horizon_s or graph.horizon_s or Experiment().horizon_s
    experiment = Experiment(horizon_s=horizon_s, warm_up_s=graph.warm_up_s, replications=options.replications, seed=options.seed)
    return simulate(graph, experiment, rerun_events=RERUN_EVENTS, whole=True)


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


def _run_record(twin: Twin, options: Options, settling: _Settling, clock: _Clock) -> dict[str, Any]:
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
        "settings": list(settling.settings),
        "answers": list(settling.answers),
        "doubts": [d.to_json() for d in twin.doubts],
        "timings_s": twin.timings_s,
        "cpu_s": clock.cpu_s,
        "peak_memory_mb": _peak_memory_mb(),
        "diagnostics": [diagnostic_json(d, SCRIPT_FILE) for d in twin.diagnostics],
    }


def _peak_memory_mb() -> float | None:
    """The most that this process has held, in megabytes; None where the system does not tell."""
    try:
        import resource
    except ImportError:
        return None
    import sys

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(most / (1e6 if sys.platform == "darwin" else 1e3), 1)
