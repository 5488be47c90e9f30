"""Layer 3, automation: who operates the machines and who carries the items, in numbers that the line can bear.

Six levels (paper, section 3.2): manual, operator, robot, AGV, task executer, forklift; some lines mix two.
Not covered: where the resources stand (`layout`), their names' words (`industry`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gdt2usd.dataset.layers.draft import MACHINES, Draft, Node
from gdt2usd.dataset.layers.draw import between, chance, integer, log_between, pick, sample, weighted
from gdt2usd.dataset.layers.parameters import Parameters, draw_distribution, draw_time
from gdt2usd.graph.distributions import Constant

AUTOMATIONS = {"manual": 0.3, "operator": 0.24, "task_executer": 0.13, "agv": 0.12, "robot": 0.11, "forklift": 0.1}
MOVE_S = {"agv": 18.0, "task_executer": 17.0, "forklift": 20.0, "robot": 9.0, "operator": 17.0}
KIND_OF = {"agv": "agv", "task_executer": "task_executer", "forklift": "transporter", "robot": "robot", "operator": "operator"}


@dataclass(slots=True)
class Crew:
    """`count` alike resources of `kind`, named together; with `dispatched` they are the team of one dispatcher.

    `serves` are the keys of machines they operate, `carries` those whose items they take away.
    """

    kind: str
    count: int
    dispatched: bool = False
    serves: list[int] = field(default_factory=list)
    carries: list[int] = field(default_factory=list)
    process_count: int = 1
    setup_count: int = 0
    fields: dict[str, Any] = field(default_factory=dict)


def slowest_takt_s(rng: np.random.Generator, automation: str) -> float:
    """The takt below which carrying item by item with a vehicle or by hand makes no sense."""
    return between(rng, 20.0, 45.0) if automation in ("agv", "task_executer", "forklift", "robot") else 0.0


def _transportable(draft: Draft) -> list[Node]:
    """Stations whose items somebody may carry on (a belt brings its items itself)."""
    found = []
    for node in draft.nodes:
        if node.kind in ("conveyor", "sink"):
            continue
        downstream = [draft.nodes[edge.downstream] for edge in draft.outs(node)]
        if downstream and (node.kind != "source" or downstream[0].kind != "sink"):
            found.append(node)
    return found


def _carriers(rng: np.random.Generator, draft: Draft, drawn: Parameters, automation: str) -> Crew | None:
    """A crew that carries: from all stations, from machines, or from a few of them."""
    candidates = _transportable(draft)
    if not candidates:
        return None
    machines = [node for node in candidates if node.kind in MACHINES] or candidates
    extent = weighted(rng, {"few": 0.45, "machines": 0.3, "all": 0.25})
    chosen = {"few": sample(rng, candidates, integer(rng, 1, 3)), "machines": machines, "all": candidates}[extent]
    load = sum(draft.produced(node) for node in chosen) * MOVE_S[automation] / drawn.takt_s
    while load > 3.2 and len(chosen) > 1:
        chosen = chosen[: len(chosen) // 2]
        load = sum(draft.produced(node) for node in chosen) * MOVE_S[automation] / drawn.takt_s
    most = {"robot": 3, "operator": 4}.get(automation, 6)
    needed = min(most, max(1, round(load / 0.8 + 0.35)))
    count = needed + (1 if chance(rng, 0.16) else 0)
    crew = Crew(KIND_OF[automation], count, carries=[node.key for node in chosen])
    if automation == "robot" and chance(rng, 0.08):
        crew.kind = "crane"
    crew.dispatched = count > 1 or (automation == "task_executer" and chance(rng, 0.45)) or chance(rng, 0.05)
    crew.fields = _mover_fields(rng, crew.kind)
    return crew


def _mover_fields(rng: np.random.Generator, kind: str) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    if kind == "robot":
        if chance(rng, 0.35):
            fields["move_time_s"] = Constant(float(pick(rng, (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8))))
        return fields
    if chance(rng, 0.3):
        fields["speed_m_s"] = pick(rng, (0.5, 0.8, 1.0, 1.0, 1.2, 1.4, 1.5, 1.5, 1.8, 2.2, 2.5, 3.0))
    if chance(rng, 0.12):
        fields["capacity"] = pick(rng, (2, 2, 3, 4, 5, 6, 10))
    if chance(rng, 0.15):
        seconds = log_between(rng, 2, 20)
        fields["load_time_s"] = draw_distribution(rng, weighted(rng, {"constant": 0.85, "uniform": 0.15}), seconds)
        fields["unload_time_s"] = fields["load_time_s"] if chance(rng, 0.6) else Constant(draw_time(rng, log_between(rng, 2, 20)))
    return fields


def _operators(rng: np.random.Generator, draft: Draft, drawn: Parameters, taken: set[int]) -> Crew | None:
    """A crew that stands at machines: during the process, the setup or both; mostly not more than it can do."""
    machines = [n for n in draft.machines() if n.kind != "multiprocessor" and n.key not in taken]
    if not machines:
        return None
    few = integer(rng, 1, min(4, len(machines)))
    chosen = machines if chance(rng, 0.3) else sample(rng, machines, few)
    if chance(rng, 0.3):
        group = pick(rng, machines).group
        chosen = [n for n in machines if n.group == group]
    setups = [n for n in chosen if "setup_time_s" in drawn.fields[n.key]]
    mode = weighted(rng, {"process": 0.8, "both": 0.1, "setup": 0.1})
    if mode != "process" and not setups:
        mode = "process"
    chosen = setups if mode != "process" else chosen
    count = weighted(rng, {1: 0.5, 2: 0.3, 3: 0.13, 4: 0.05, 5: 0.02})
    if chance(rng, 0.85) and mode != "setup":
        while len(chosen) > 1 and sum(drawn.service_s[n.key] * n.flow for n in chosen) / drawn.takt_s > 0.9 * count:
            if count < 4 and chance(rng, 0.5):
                count += 1
            else:
                chosen = chosen[:-1]
    count = min(count, len(chosen) + 1 if chance(rng, 0.12) else len(chosen))
    crew = Crew("operator", count, serves=[n.key for n in chosen])
    crew.process_count, crew.setup_count = {"process": (1, 0), "both": (1, 1), "setup": (0, 1)}[mode]
    crew.dispatched = count > 1 and chance(rng, 0.5)
    if crew.dispatched and mode == "process" and chance(rng, 0.12):
        crew.process_count = 2
    crew.fields = {"speed_m_s": pick(rng, (0.8, 1.0, 1.2, 1.4, 1.5))} if chance(rng, 0.08) else {}
    return crew


def draw_crews(rng: np.random.Generator, draft: Draft, drawn: Parameters, automation: str) -> list[Crew]:
    """The crews of a line; a second kind joins in a tenth of them."""
    crews: list[Crew] = []
    taken: set[int] = set()
    if automation == "operator":
        while len(crews) < 3 and (not crews or chance(rng, 0.22)):
            crew = (
                _operators(rng, draft, drawn, taken) if crews or not chance(rng, 0.1) else _carriers(rng, draft, drawn, automation)
            )
            if crew is None:
                break
            taken.update(crew.serves)
            crews.append(crew)
    elif automation != "manual":
        carrier = _carriers(rng, draft, drawn, automation)
        crews.extend([carrier] if carrier else [])
        if chance(rng, 0.12):
            operators = _operators(rng, draft, drawn, taken)
            crews.extend([operators] if operators else [])
    return crews
