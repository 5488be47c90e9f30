"""Small factories and the times at which items leave them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from gdt2usd.graph.distributions import Constant, Distribution
from gdt2usd.graph.model import Link, ProcessGraph, Processor, Resource, Sink, Source, Station
from gdt2usd.simulation.engine import Replication, run
from gdt2usd.simulation.items import Row

SINK = Sink(id="Sink")


def source(interval_s: float = 10.0) -> Source:
    """A source with a constant time between items."""
    return Source(id="Source", interarrival_time_s=Constant(interval_s))


def machine(name: str, time: float | Distribution, **options: object) -> Processor:
    """A processor with a constant or random process time."""
    distribution = Constant(time) if isinstance(time, int | float) else time
    return Processor(id=name, process_time_s=distribution, **options)  # type: ignore[arg-type]


def chain(*stations: Station, resources: Sequence[Resource] = ()) -> ProcessGraph:
    """The stations one after the other."""
    links = tuple(Link(upstream=a.id, downstream=b.id) for a, b in pairwise(stations))
    return ProcessGraph(stations=stations, links=links, resources=tuple(resources))


def network(stations: Sequence[Station], *links: tuple[str, str], resources: Sequence[Resource] = ()) -> ProcessGraph:
    """Stations and links; ports are ranked in the order of the links."""
    outs: dict[str, int] = {}
    ins: dict[str, int] = {}
    made = []
    for a, b in links:
        outs[a], ins[b] = outs.get(a, 0) + 1, ins.get(b, 0) + 1
        made.append(Link(upstream=a, downstream=b, out_port=outs[a], in_port=ins[b]))
    return ProcessGraph(stations=tuple(stations), links=tuple(made), resources=tuple(resources))


def simulated(graph: ProcessGraph, horizon_s: float = 100.0, seed: int = 1, log: list[Row] | None = None) -> Replication:
    """One replication, checked for conservation and Little's law."""
    one = run(graph, seed=seed, replication=0, horizon_s=horizon_s, warm_up_s=0.0, log=log)
    assert_sound(one)
    return one


def assert_sound(one: Replication) -> None:
    """Items are conserved, WIP and stays agree, state times add up."""
    assert one.created == one.ended + one.content + one.contained
    assert one.content == one.found
    assert abs(one.area_s - one.residence_s) <= 1e-6 * max(1.0, one.area_s)
    states = one.stations[-1][:, 4:].sum(axis=1)
    assert abs(states - one.horizon_s).max() <= 1e-6 * one.horizon_s
    assert (one.stations[-1][:, 4:] >= -1e-6 * one.horizon_s).all()


def exits(graph: ProcessGraph, horizon_s: float = 100.0) -> list[float]:
    """The times at which items leave, the same with and without the event log (which takes the general way everywhere)."""
    plain = simulated(graph, horizon_s).exits_s.tolist()
    logged = simulated(graph, horizon_s, log=[]).exits_s.tolist()
    assert plain == logged
    return [round(float(time), 6) for time in plain]
