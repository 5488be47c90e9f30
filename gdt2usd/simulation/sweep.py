"""What-if tables: many scenarios of one factory, with common random numbers, on all cores or on a cluster.

Serial lines whose times alone differ are evaluated together by the max-plus recursion, assembly trees one by one by theirs;
everything else runs in the engine.
Results are rows of a table and a manifest that says what made them.
Not covered: how settings are written (`simulation.settings`).
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from gdt2usd import __version__
from gdt2usd.diagnostics import GdtError, error
from gdt2usd.graph.model import ProcessGraph
from gdt2usd.simulation.experiment import Experiment
from gdt2usd.simulation.maxplus import LineFigures, evaluate
from gdt2usd.simulation.maxplus_assembly import evaluate_assembly
from gdt2usd.simulation.maxplus_nodes import SerialLine, as_line, same_shape
from gdt2usd.simulation.report import simulate
from gdt2usd.simulation.settings import Scenario, changed
from gdt2usd.simulation.statistics import estimate, finite

TOGETHER = 64  # scenarios per max-plus evaluation


@dataclass(frozen=True, slots=True)
class Result:
    """One row: the settings, the figures with their half widths (None: no figure), what computed them."""

    scenario: Scenario
    method: str
    throughput_per_hour: float | None
    throughput_half_width: float | None
    wip: float | None
    wip_half_width: float | None
    flow_time_s: float | None
    flow_time_half_width: float | None

    def row(self) -> dict[str, object]:
        """The settings as columns, then the figures."""
        figures = {k: v for k, v in asdict(self).items() if k != "scenario"}
        return {**{path: _number(value) for path, value in self.scenario}, **figures}


def _number(text: str) -> object:
    try:
        return float(text)
    except ValueError:
        return text


def sweep(
    graph: ProcessGraph,
    scenarios: Sequence[Scenario],
    experiment: Experiment,
    *,
    jobs: int = -1,
    cluster: str | None = None,
    progress: Callable[[int], None] | None = None,
) -> list[Result]:
    """Simulate every scenario. `jobs` processes (-1: one per core), or the Ray cluster at `cluster` ("local" starts one here).

    Raises:
        GdtError: a setting does not fit, a scenario cannot be simulated, or Ray is missing.
    """
    graphs = [changed(graph, scenario) for scenario in scenarios]
    results: dict[int, Result] = {}
    if experiment.warm_up_s is not None:
        for number, figures in _by_recursion(graphs, experiment):
            results[number] = _from_line(scenarios[number], figures, experiment)
            if progress:
                progress(1)
    left = [n for n in range(len(scenarios)) if n not in results]
    work = [(graphs[n], scenarios[n], experiment) for n in left]
    run = _on_cores(work, jobs) if cluster is None else _on_cluster(work, cluster)
    for number, result in zip(left, run, strict=True):
        results[number] = result
        if progress:
            progress(1)
    return [results[n] for n in range(len(scenarios))]


def _by_recursion(graphs: Sequence[ProcessGraph], experiment: Experiment) -> Iterator[tuple[int, LineFigures]]:
    groups: list[list[tuple[int, SerialLine]]] = []
    for number, graph in enumerate(graphs):
        line = as_line(graph)
        if isinstance(line, str):
            tree = evaluate_assembly(graph, experiment)
            if not isinstance(tree, str):
                yield number, tree
            continue
        group = next((g for g in groups if len(g) < TOGETHER and same_shape(g[0][1], line)), None)
        if group is None:
            groups.append([(number, line)])
        else:
            group.append((number, line))
    for group in groups:
        figures = evaluate([line for _, line in group], experiment)
        if not isinstance(figures, str):
            yield from zip((number for number, _ in group), figures, strict=True)


def _from_line(scenario: Scenario, figures: LineFigures, experiment: Experiment) -> Result:
    means = [
        estimate(values.tolist(), experiment.confidence)
        for values in (figures.throughput_per_hour, figures.wip, figures.flow_time_s)
    ]
    numbers = [finite(x) for e in means for x in (e.mean, e.half_width)]
    return Result(scenario, "max-plus", *numbers)


def _one(graph: ProcessGraph, scenario: Scenario, experiment: Experiment) -> Result:
    report = simulate(graph, experiment, confirm_bottleneck=False)
    means = (report.throughput_per_hour, report.wip, report.flow_time_s)
    numbers = [finite(x) for e in means for x in (e.mean, e.half_width)]
    return Result(scenario, "engine", *numbers)


_Work = Sequence[tuple[ProcessGraph, Scenario, Experiment]]


def _on_cores(work: _Work, jobs: int) -> Iterator[Result]:
    if jobs == 1 or len(work) < 2:
        yield from (_one(*item) for item in work)
        return
    from joblib import Parallel, delayed

    yield from Parallel(n_jobs=jobs, return_as="generator")(delayed(_one)(*item) for item in work)


def _on_cluster(work: _Work, address: str) -> Iterator[Result]:
    try:
        import ray
    except ImportError as problem:
        raise GdtError([error("SM108", "--cluster needs ray", hint="pip install gdt2usd[cluster]")]) from problem
    ray.init(
        address=None if address == "local" else address, ignore_reinit_error=True, include_dashboard=False, log_to_driver=False
    )
    try:
        remote = ray.remote(_one)
        for reference in [remote.remote(*item) for item in work]:
            result: Result = ray.get(reference)
            yield result
    finally:
        ray.shutdown()


def write_table(results: Sequence[Result], path: Path) -> None:
    """The rows as CSV, or as Parquet where the suffix says so.

    Raises:
        OSError: the file cannot be written.
    """
    rows = [r.row() for r in results]
    columns = list(dict.fromkeys(key for row in rows for key in row))
    if path.suffix == ".parquet":
        import pyarrow as pa
        import pyarrow.parquet as pq

        pq.write_table(pa.table({c: [row.get(c) for row in rows] for c in columns}), path)
        return
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, columns)
        writer.writeheader()
        writer.writerows(rows)


def write_manifest(path: Path, source: str, experiment: Experiment, results: Sequence[Result]) -> None:
    """Beside the table: program version, hash of the input, experiment, how each row was computed."""
    manifest = {
        "schema": "gdt2usd.sweep/1",
        "version": __version__,
        "input_sha256": hashlib.sha256(source.encode()).hexdigest(),
        "experiment": asdict(experiment),
        "scenarios": len(results),
        "methods": {m: sum(r.method == m for r in results) for m in sorted({r.method for r in results})},
        "common_random_numbers": True,
        "cores": os.cpu_count(),
    }
    path.write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
