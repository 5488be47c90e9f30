"""Parameters of stations and resources in a few words, for tables and drawings.

Not covered: JSON (`serial`), FlexScript (`code_bodies`).
"""

from __future__ import annotations

import math

from gdt2usd.graph import distributions as d
from gdt2usd.graph import model as m


def describe_time(value: d.Distribution) -> str:
    """`normal(50, 5) s`; parameters in the contract's order, a lognormal by its own mean and deviation."""
    match value:
        case d.Constant():
            return f"{value.value:g} s"
        case d.Exponential():
            return f"exp({value.mean:g}) s" + _shift(value.location)
        case d.Normal():
            return f"normal({value.mean:g}, {value.std:g}) s"
        case d.Triangular():
            return f"tri({value.min:g}, {value.mode:g}, {value.max:g}) s"
        case d.Uniform():
            return f"uniform({value.min:g}, {value.max:g}) s"
        case d.Lognormal():
            mean = math.exp(min(700.0, value.mu + value.sigma**2 / 2))
            std = mean * math.sqrt(math.expm1(min(700.0, value.sigma**2)))
            return f"lognormal(mean {mean:.5g}, std {std:.5g}) s" + _shift(value.location)
        case d.Weibull():
            return f"weibull({value.shape:g}, {value.scale:g}) s" + _shift(value.location)
        case d.Gamma():
            return f"gamma({value.shape:g}, {value.scale:g}) s" + _shift(value.location)
        case d.Poisson():
            return f"poisson({value.mean:g}) s"
        case d.FlexSimDistribution():
            factor = f"{value.scale:g} x " if value.scale != 1 else ""
            return f"{factor}{value.command}({', '.join(f'{a:g}' for a in value.arguments)}) s"
        case d.Expression():
            return "by code"


def _shift(location: float) -> str:
    return f" + {location:g} s" if location else ""


def describe_routing(routing: m.Routing) -> str:
    """`70 / 30 %`, `port 2`, `by label Type`; "" for the first available."""
    match routing:
        case m.FirstAvailable():
            return ""
        case m.ToPort():
            return f"port {routing.port}"
        case m.Percent():
            return " / ".join(f"{share:g}" for share in routing.percents) + " %"
        case m.ByLabel():
            return f"by label {routing.label}"
        case m.RoundRobin():
            return "in turn"
        case m.RandomPort():
            return "random"
        case m.ShortestQueue():
            return "shortest queue"
        case m.RoutingExpression():
            return "by code"


def describe_station(station: m.Station) -> str:
    """The parameters that matter for the flow."""
    match station:
        case m.Source():
            return (
                f"{len(station.schedule)} arrivals" if station.schedule else f"every {describe_time(station.interarrival_time_s)}"
            )
        case m.Queue():
            batch = f", batches of {station.batching.size}" if station.batching else ""
            return f"holds {station.capacity}{', LIFO' * (station.discipline is m.Discipline.LIFO)}{batch}"
        case m.Conveyor():
            return f"{station.length_m:g} m at {station.speed_m_s:g} m/s"
        case m.Storage():
            return f"holds {station.capacity}"
        case m.Sink():
            return ""
        case m.MultiProcessor() if station.steps:
            return "; ".join(f"{step.name} {describe_time(step.process_time_s)}" for step in station.steps)
        case _:
            return _describe_machine(station)


def _describe_machine(machine: m.Processor | m.Combiner | m.Separator | m.MultiProcessor) -> str:
    parts = [describe_time(machine.process_time_s)]
    if machine.setup_time_s != d.Constant(0.0):
        parts.append(f"setup {describe_time(machine.setup_time_s)}")
    if machine.capacity != 1:
        parts.append(f"{machine.capacity} at a time")
    if isinstance(machine, m.Combiner):
        parts.append(f"{machine.mode} {' + '.join(map(str, (1, *machine.components)))}")
    if isinstance(machine, m.Separator):
        parts.append(str(machine.mode))
    if machine.breakdown:
        failure, repair = machine.breakdown.time_to_failure_s, machine.breakdown.time_to_repair_s
        parts.append(f"fails after {describe_time(failure)}, repair {describe_time(repair)}")
    if machine.operators:
        parts.append(f"operator {', '.join(machine.operators.resources) or 'none'}")
    return ", ".join(parts)


def describe_resource(resource: m.Resource, graph: m.ProcessGraph) -> str:
    """What it is and whom it serves."""
    serves = [s.id for s in graph.stations if (need := getattr(s, "operators", None)) and resource.id in need.resources]
    carries = [f"{link.upstream} -> {link.downstream}" for link in graph.links if link.transport == resource.id]
    parts = []
    if isinstance(resource, m.Dispatcher):
        parts.append(f"team {', '.join(resource.team)}")
    else:
        parts.append(f"{resource.speed_m_s:g} m/s" + (f", carries {resource.capacity}" if resource.capacity != 1 else ""))
    if serves:
        parts.append(f"serves {', '.join(serves)}")
    if carries:
        parts.append(f"carries {', '.join(carries)}")
    return "; ".join(parts)
