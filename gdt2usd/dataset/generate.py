"""Draws factories and whole samples: the five layers put together, reproducible from (seed, index) in any process.

Not covered: files (`build`), which facts stand in the text and which in the picture (`plan`), the words, the drawing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from gdt2usd.dataset.layers import automation as layer3
from gdt2usd.dataset.layers import industry as layer4
from gdt2usd.dataset.layers import line as layer1
from gdt2usd.dataset.layers import parameters as layer2
from gdt2usd.dataset.layers.draft import Draft, Node
from gdt2usd.dataset.layers.draw import chance, pick, weighted
from gdt2usd.dataset.layers.forms import LineClass, weights_by_line
from gdt2usd.dataset.layers.layout import FORMS, place
from gdt2usd.dataset.plan import MODALITIES, plan
from gdt2usd.dataset.sample import Categories, Modality, Plan, Sample
from gdt2usd.graph.distributions import Constant
from gdt2usd.graph.model import (
    AGV,
    Combiner,
    CombinerMode,
    Conveyor,
    Crane,
    Dispatcher,
    FirstAvailable,
    Link,
    MultiProcessor,
    Operator,
    OperatorNeed,
    Percent,
    ProcessGraph,
    Processor,
    Queue,
    RandomPort,
    Resource,
    Robot,
    RoundRobin,
    Routing,
    Separator,
    SeparatorMode,
    ShortestQueue,
    Sink,
    Source,
    Station,
    Storage,
    TaskExecuter,
    Transporter,
)

LAYOUTS = {
    "linear": 0.3,
    "u": 0.12,
    "parallel": 0.13,
    "conveyor": 0.09,
    "vertical": 0.1,
    "snake": 0.08,
    "loop": 0.07,
    "network": 0.11,
}

#: Items per item of the first source from which a line is drawn anew: a splitter in a rework loop multiplies them without end.
MOST_FLOW = 300.0

_STATIONS: dict[str, type[Any]] = {
    "source": Source, "queue": Queue, "processor": Processor, "combiner": Combiner, "separator": Separator,
    "multiprocessor": MultiProcessor, "conveyor": Conveyor, "storage": Storage, "sink": Sink,
}  # fmt: skip
_RESOURCES: dict[str, type[Any]] = {
    "operator": Operator, "transporter": Transporter, "robot": Robot, "agv": AGV, "task_executer": TaskExecuter, "crane": Crane,
}  # fmt: skip


_FAN_OUTS: dict[Routing, float] = {RoundRobin(): 0.5, ShortestQueue(): 0.25, RandomPort(): 0.25}


@dataclass(frozen=True, slots=True)
class Config:
    """The shares of each layer's categories (weights, any scale); `wild` is the share of random networks.

    `paper_scripts` is the share of scripts in the paper's style; `pictures` False
    leaves the sketch unpainted: its geometry and labels are there, its pixels are None.
    """

    line_types: Mapping[str, float] = field(default_factory=lambda: layer1.LINE_TYPES)
    machine_counts: Mapping[int, float] = field(default_factory=lambda: layer1.MACHINE_COUNTS)
    services: Mapping[str, float] = field(default_factory=lambda: layer2.SERVICES)
    automations: Mapping[str, float] = field(default_factory=lambda: layer3.AUTOMATIONS)
    industries: Mapping[str, float] = field(default_factory=lambda: dict.fromkeys(layer4.INDUSTRIES, 1.0))
    layouts: Mapping[str, float] = field(default_factory=lambda: LAYOUTS)
    name_bases: Mapping[str, float] = field(default_factory=lambda: layer4.BASES)
    modalities: Mapping[Modality, float] = field(default_factory=lambda: MODALITIES)
    wild: float = 0.05
    paper_scripts: float = 0.12
    pictures: bool = True


def _kind_fields(node: Node, fields: dict[str, Any], inputs: int) -> dict[str, Any]:
    """The fields of a station as the graph wants them."""
    if node.kind == "combiner":
        components = (max(node.quantity, 1),) if inputs > 1 else ()
        return {**fields, "mode": CombinerMode(node.mode), "components": components}
    if node.kind == "separator":
        if node.mode == "split":
            return {**fields, "mode": SeparatorMode.SPLIT, "quantity": Constant(float(node.quantity))}
        return {**fields, "mode": SeparatorMode.UNPACK}
    return fields


def _routing(rng: np.random.Generator, draft: Draft, node: Node) -> Routing:
    """Percentages where the edges have them; rules that spread the items more often where buffers would swallow them all."""
    percents = [edge.percent for edge in draft.outs(node)]
    if len(percents) < 2:
        return FirstAvailable()
    if percents[0] is not None:
        return Percent(tuple(p for p in percents if p is not None))
    first = draft.nodes[draft.outs(node)[0].downstream].kind
    swallowed = first in ("queue", "storage", "conveyor")
    if node.kind in ("queue", "source", "processor", "storage") and chance(rng, 0.5 if swallowed else 0.12):
        return weighted(rng, _FAN_OUTS)
    return FirstAvailable()


def _links(draft: Draft, ordered: list[Node], names: dict[int, str], transports: dict[int, str]) -> tuple[Link, ...]:
    """Links by upstream's order, then out port; input ports in the order of the links."""
    out_count: dict[int, int] = {}
    in_count: dict[int, int] = {}
    links = []
    for edge in draft.sorted_edges(ordered):
        out_count[edge.upstream] = out_count.get(edge.upstream, 0) + 1
        in_count[edge.downstream] = in_count.get(edge.downstream, 0) + 1
        links.append(
            Link(
                upstream=names[edge.upstream],
                downstream=names[edge.downstream],
                out_port=out_count[edge.upstream],
                in_port=in_count[edge.downstream],
                percent=edge.percent,
                transport=transports.get(edge.upstream),
            )
        )
    return tuple(links)


@dataclass(slots=True)
class _Crewed:
    """Resources by name, and who operates and carries what."""

    resources: list[Resource] = field(default_factory=list)
    needs: dict[int, OperatorNeed] = field(default_factory=dict)
    transports: dict[int, str] = field(default_factory=dict)


def _crew(namer: layer4.Namer, crews: list[layer3.Crew]) -> _Crewed:
    crewed = _Crewed()
    for crew in crews:
        members = namer.name_group(crew.kind, crew.count)
        chief = namer.name_group("dispatcher", 1)[0] if crew.dispatched else None
        if chief is not None:
            crewed.resources.append(Dispatcher(id=chief, flexsim_class="Dispatcher", team=tuple(members)))
        crewed.resources.extend(_RESOURCES[crew.kind](id=name, dispatcher=chief, **crew.fields) for name in members)
        caller = chief or members[0]
        need = OperatorNeed((chief,) if chief is not None else tuple(members), crew.process_count, crew.setup_count)
        crewed.needs.update({key: need for key in crew.serves if key not in crewed.needs})
        crewed.transports.update(dict.fromkeys(crew.carries, caller))
    return crewed


def _form(rng: np.random.Generator, draft: Draft, line_type: str, config: Config) -> str:
    """A layout that suits the line: belts like the conveyor form, single lines are never `parallel`."""
    branched = any(node.rank > 1 for node in draft.nodes) or len(draft.edges) >= len(draft.nodes)
    suited = weights_by_line(tuple(config.layouts.items()))
    return weighted(rng, suited[LineClass(branched, line_type == "conveyor", len(draft.nodes) < 5)])


def draw_line(rng: np.random.Generator, config: Config | None = None) -> tuple[ProcessGraph, Categories]:
    """One factory and the choices of its five layers."""
    config = config or Config()
    line_type = weighted(rng, config.line_types)
    count = weighted(rng, config.machine_counts)
    wild = chance(rng, config.wild)
    while True:
        draft, features = layer1.draw_wild(rng, count) if wild else layer1.draw_line(rng, line_type, count)
        if max(node.flow for node in draft.nodes) <= MOST_FLOW:
            break
    words = layer4.vocabulary(weighted(rng, config.industries))
    automation = weighted(rng, config.automations)
    drawn = layer2.draw_parameters(rng, draft, words.cycle_s, layer3.slowest_takt_s(rng, automation), config.services)
    crews = layer3.draw_crews(rng, draft, drawn, automation)
    ordered = draft.in_flow_order()
    namer = layer4.Namer.draw(rng, words, config.name_bases)
    names = layer4.name_stations(namer, draft, ordered)
    crewed = _crew(namer, crews)
    stations = []
    for node in ordered:
        fields = _kind_fields(node, drawn.fields[node.key], len(draft.ins(node)))
        if node.key in crewed.needs:
            fields = {**fields, "operators": crewed.needs[node.key]}
        routing = _routing(rng, draft, node)
        station: Station = _STATIONS[node.kind](id=names[node.key], routing=routing, **fields)
        stations.append(station)
    graph = ProcessGraph(
        stations=tuple(stations),
        links=_links(draft, ordered, names, crewed.transports),
        resources=tuple(crewed.resources),
        horizon_s=float(pick(rng, (1, 2, 4, 8, 8, 8, 10, 12, 16, 24, 24, 40, 48)) * 3600) if chance(rng, 0.12) else None,
    )
    if graph.horizon_s is not None and chance(rng, 0.3):
        graph = replace(graph, warm_up_s=float(pick(rng, (600, 900, 1800, 3600))))
    form = _form(rng, draft, line_type, config)
    actual = automation if crews else "manual"
    categories = Categories(
        (line_type, *sorted(features)), tuple(sorted(drawn.families)), actual, words.industry, form if form in FORMS else "linear"
    )
    return place(graph, form), categories


def streams(seed: int, index: int) -> list[np.random.Generator]:
    """Five independent generators of one sample: line, plan, prompt, sketch, script."""
    return [np.random.Generator(np.random.PCG64(child)) for child in np.random.SeedSequence([seed, index]).spawn(5)]


def sample(seed: int, index: int, config: Config | None = None) -> Sample:
    """Sample `index` of the set with `seed`: the same whatever the process, the order or the machine."""
    from gdt2usd.dataset.code import write_script
    from gdt2usd.dataset.prompt import write_prompt

    config = config or Config()
    line_rng, plan_rng, prompt_rng, sketch_rng, script_rng = streams(seed, index)
    graph, categories = draw_line(line_rng, config)
    chosen: Plan = plan(graph, categories, plan_rng, config.modalities)
    prompt = write_prompt(graph, categories, chosen, prompt_rng)
    script, style = write_script(graph, script_rng, config.paper_scripts)
    made = Sample(index, categories, chosen.modality, graph, script, style, prompt)
    if chosen.modality is Modality.NO_SKETCH:
        return made
    from gdt2usd.dataset.drawing import draw_sketch

    drawing, pixels, ocr = draw_sketch(graph, chosen, sketch_rng, paint=config.pictures)
    return replace(made, drawing=drawing, pixels=pixels if config.pictures else None, ocr=tuple(ocr))


def stream(seed: int, config: Config | None = None, *, start: int = 0, step: int = 1) -> Iterator[Sample]:
    """Endless samples of `seed` from index `start` on, every `step`-th (one worker of `step`): no files."""
    index = start
    while True:
        yield sample(seed, index, config)
        index += step
