"""Decides where each fact of a line is expressed: in the text, in the sketch, or nowhere because it is FlexSim's default.

Also how the sketch labels its objects: with their names, or with abbreviations that the prompt explains.
Not covered: the words (`prompt`), the picture (`drawing`).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from gdt2usd.dataset.layers.draw import between, chance, pick, weighted
from gdt2usd.dataset.layers.industry import CODES
from gdt2usd.dataset.prompt_facts import kind_of, must_say
from gdt2usd.dataset.sample import Categories, Modality, Plan
from gdt2usd.graph.distributions import Constant, Exponential
from gdt2usd.graph.model import CombinerMode, ProcessGraph, Resource, SeparatorMode, Station

MODALITIES = {
    Modality.FULL_TEXT: 0.3, Modality.TOPOLOGY_IN_SKETCH: 0.34, Modality.NOTES_IN_SKETCH: 0.19, Modality.NO_SKETCH: 0.11,
    Modality.TITLE_ONLY: 0.06,
}  # fmt: skip
REGISTERS = {
    "prose": 0.25,
    "paper": 0.12,
    "telegraph": 0.16,
    "bullets": 0.12,
    "table": 0.07,
    "email": 0.09,
    "spoken": 0.08,
    "broken": 0.11,
}
STYLE_WEIGHTS = {
    "graphviz": 0.7,
    "mermaid": 0.7,
    "mermaid_hand": 0.6,
    "d2": 0.6,
    "d2_sketch": 0.6,
    "paper": 1.5,
    "whiteboard": 1.4,
    "pencil": 1.1,
}
# groups whose value is a figure that people write beside a box; the others are words
FIGURES = frozenset({
    "interarrival_time_s", "process_time_s", "setup_time_s", "breakdown", "capacity", "length_m", "speed_m_s", "dwell_time_s",
    "components", "quantity", "batching", "load_time_s", "unload_time_s", "move_time_s",
})  # fmt: skip
# groups that a drawing shows by its lines
DRAWN_AS_LINES = frozenset({"operators", "team"})


def _default(thing: Station | Resource, group: str) -> float:
    """How probable it is that nobody states `group` of `thing`, because its value is FlexSim's default."""
    value = getattr(thing, group, None)
    match group:
        case "capacity":
            return 0.94 if value == 1000 else 0.0
        case "process_time_s":
            return 0.85 if value == Constant(10.0) else 0.0
        case "interarrival_time_s":
            return 0.7 if value == Exponential(10.0) else 0.0
        case "speed_m_s":
            return 0.75 if value == 1.0 and kind_of(thing) == "conveyor" else 0.0
        case "mode":
            return 0.45 if value in (CombinerMode.PACK, SeparatorMode.UNPACK) else 0.0
        case "components":
            return 1.0 if value == () else 0.6 if value == (1,) else 0.0
        case _:
            return 0.0


CODE_FORMS = {
    ("{}{}", 1): 0.72, ("{}{}", 10): 0.08, ("{}-{}", 1): 0.05, ("{} {}", 1): 0.05, ("{}. {}", 10): 0.04, ("{}{:02}", 1): 0.06,
}  # fmt: skip
"""How a code and its number are written, and the step of the numbers (`OP10`, `OP20`)."""
SERIES = ("St", "WS", "OP", "P", "A", "ST", "Pos", "No", "")
"""Codes for all stations alike, whatever they are; with none they are just numbered."""


def _labels(rng: np.random.Generator, graph: ProcessGraph, abbreviated: bool) -> dict[str, str]:
    """What is written at each object in the sketch."""
    things: list[Station | Resource] = [*graph.stations, *graph.resources]
    if not abbreviated:
        return {thing.id: thing.id for thing in things}
    by_initials = chance(rng, 0.25)
    form, step = weighted(rng, CODE_FORMS)
    one_series = pick(rng, SERIES) if chance(rng, 0.08) else None
    codes = {kind: options[0] if chance(rng, 0.7) else pick(rng, options) for kind, options in CODES.items()}
    count: dict[str, int] = {}
    labels: dict[str, str] = {}
    taken = {thing.id for thing in things}
    for thing in things:
        code = one_series if one_series is not None and isinstance(thing, Station) else codes[kind_of(thing)]
        initials = "".join(word[0] for word in thing.id.replace("_", " ").replace("-", " ").split() if word[:1].isalnum()).upper()
        if by_initials and 2 <= len(initials) <= 4 and initials not in taken:
            labels[thing.id] = initials
            taken.add(initials)
            continue
        label = ""
        while not label or label in taken:
            count[code] = count.get(code, 0) + 1
            label = (form if code else "{}{}").format(code, count[code] * (step if code else 1))
        labels[thing.id] = label
        taken.add(label)
    return labels


def _noted(rng: np.random.Generator, open_pairs: list[tuple[str, str]], modality: Modality) -> set[tuple[str, str]]:
    """Which of `open_pairs` stand in the sketch and not in the text."""
    if modality is Modality.NO_SKETCH:
        return set()
    if modality is Modality.TITLE_ONLY:
        return {pair for pair in open_pairs if pair[0]}
    percent = {Modality.TOPOLOGY_IN_SKETCH: 0.6, Modality.NOTES_IN_SKETCH: 0.75}.get(modality, 0.1)
    noted = {pair for pair in open_pairs if pair[1] == "percent" and chance(rng, percent)}
    if modality is Modality.NOTES_IN_SKETCH:
        share = pick(rng, (0.25, 0.5, 0.75, 1.0))
        whole_objects = chance(rng, 0.6)
        chosen = {pair[0] for pair in open_pairs if chance(rng, share)}
        noted |= {p for p in open_pairs if p[1] in FIGURES and (p[0] in chosen if whole_objects else chance(rng, share))}
    elif modality is Modality.TOPOLOGY_IN_SKETCH and chance(rng, 0.2):
        few = between(rng, 0.05, 0.3)
        noted |= {pair for pair in open_pairs if pair[1] in FIGURES and chance(rng, few)}
    return noted


def plan(
    graph: ProcessGraph, categories: Categories, rng: np.random.Generator, modalities: Mapping[Modality, float] = MODALITIES
) -> Plan:
    """Where the facts of `graph` go; every pair of `prompt_facts.must_say` is said, noted or unsaid."""
    from gdt2usd.sketch.draw_styles import STYLES

    del categories
    modality = weighted(rng, modalities)
    things: dict[str, Station | Resource] = {thing.id: thing for thing in (*graph.stations, *graph.resources)}
    pairs = must_say(graph)
    if modality is Modality.TITLE_ONLY and any(
        not subject or group not in FIGURES | DRAWN_AS_LINES | {"percent", "mode"} for subject, group in pairs
    ):
        modality = Modality.TOPOLOGY_IN_SKETCH
    unsaid = {(subject, group) for subject, group in pairs if subject and chance(rng, _default(things[subject], group))}
    noted = _noted(rng, [pair for pair in pairs if pair not in unsaid], modality)
    speaks = modality not in (Modality.TITLE_ONLY, Modality.NO_SKETCH)
    long_names = sum(len(one) > 7 for one in things) > 0.7 * len(things)
    abbreviated = speaks and chance(rng, 0.2) and long_names
    in_prompt = modality in (Modality.FULL_TEXT, Modality.NO_SKETCH) or (modality is Modality.NOTES_IN_SKETCH and chance(rng, 0.5))
    return Plan(
        modality=modality,
        register=weighted(rng, REGISTERS),
        style=weighted(rng, {style: STYLE_WEIGHTS.get(style, 1.0) for style in STYLES}),
        labels=_labels(rng, graph, abbreviated),
        noted=frozenset(noted),
        unsaid=frozenset(unsaid),
        topology_in_prompt=in_prompt,
        legend_in_prompt=abbreviated,
    )
