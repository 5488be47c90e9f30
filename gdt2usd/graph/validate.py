"""Whether a process graph makes sense: one function a rule, all of them always applied.

A rule yields diagnostics (GR2..), each with what to do. Not covered: throughput (`simulation`), types and keys (`serial`).
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator

from gdt2usd.diagnostics import Diagnostic, Place, Severity, Span
from gdt2usd.graph import distributions as d
from gdt2usd.graph import flow, moments
from gdt2usd.graph import model as m
from gdt2usd.graph.ports import links_out

Rule = Callable[[m.ProcessGraph], Iterator[Diagnostic]]
MACHINES = (m.Processor, m.Combiner, m.Separator, m.MultiProcessor)
UNIT_SLIP = 500.0


def validate(graph: m.ProcessGraph) -> tuple[Diagnostic, ...]:
    """What is wrong with the graph, in the order of `RULES`; those about names first, and alone if there are any."""
    named = [found for rule in NAMING for found in rule(graph)]
    if any(found.severity is Severity.ERROR for found in named):
        return tuple(named)
    return (*named, *(found for rule in RULES for found in rule(graph)))


def _place(thing: m.Station | m.Resource | m.Link) -> Span | Place:
    if thing.span is not None:
        return thing.span
    return Place(f"link {thing.upstream} -> {thing.downstream}" if isinstance(thing, m.Link) else thing.id)


def _error(code: str, message: str, thing: m.Station | m.Resource | m.Link | None, hint: str) -> Diagnostic:
    return Diagnostic(code, Severity.ERROR, message, _place(thing) if thing else None, hint)


def _warning(code: str, message: str, thing: m.Station | m.Resource | m.Link | None, hint: str) -> Diagnostic:
    return Diagnostic(code, Severity.WARNING, message, _place(thing) if thing else None, hint)


# ---- names ----


def unique_ids(graph: m.ProcessGraph) -> Iterator[Diagnostic]:
    seen: set[str] = set()
    for thing in (*graph.stations, *graph.resources):
        if thing.id in seen:
            yield _error("GR201", f"two objects are called {thing.id!r}", thing, "give each its own id")
        seen.add(thing.id)


def no_dangling_link(graph: m.ProcessGraph) -> Iterator[Diagnostic]:
    stations = {station.id for station in graph.stations}
    for link in graph.links:
        for end in (link.upstream, link.downstream):
            if end not in stations:
                yield _error("GR204", f"a link names the station {end!r}, which does not exist", link, "correct or remove the link")


def known_references(graph: m.ProcessGraph) -> Iterator[Diagnostic]:
    resources = {resource.id: resource for resource in graph.resources}
    uses: list[tuple[m.Station | m.Resource | m.Link, str]] = []
    for station in graph.stations:
        need = getattr(station, "operators", None)
        uses += [(station, name) for name in (need.resources if need else ())]
    uses += [(link, link.transport) for link in graph.links if link.transport is not None]
    for resource in graph.resources:
        uses += [(resource, name) for name in (resource.team if isinstance(resource, m.Dispatcher) else ())]
        if resource.dispatcher is not None:
            boss = resources.get(resource.dispatcher)
            if not isinstance(boss, m.Dispatcher) or resource.id not in boss.team:
                hint = "name it in the dispatcher's team, or remove the dispatcher"
                yield _error("GR207", f"{resource.id!r} is not in the team of {resource.dispatcher!r}", resource, hint)
    for thing, name in uses:
        if name not in resources:
            yield _error("GR207", f"there is no resource {name!r}", thing, "add it to the resources, or take another")


# ---- flow ----


def has_source(graph: m.ProcessGraph) -> Iterator[Diagnostic]:
    if not any(isinstance(station, m.Source) for station in graph.stations):
        yield _error("GR202", "the factory has no source: nothing ever arrives", None, 'add one: Object.create("Source")')


def has_sink(graph: m.ProcessGraph) -> Iterator[Diagnostic]:
    if not any(isinstance(station, m.Sink) for station in graph.stations):
        yield _error("GR203", "the factory has no sink: nothing ever leaves", None, 'add one: Object.create("Sink")')


def no_duplicate_link(graph: m.ProcessGraph) -> Iterator[Diagnostic]:
    seen: set[tuple[str, str]] = set()
    combiners = {s.id for s in graph.stations if isinstance(s, m.Combiner)}
    for link in graph.links:
        pair = (link.upstream, link.downstream)
        if pair in seen and link.downstream not in combiners:
            yield _warning("GR205", f"{pair[0]!r} is connected to {pair[1]!r} more than once", link, "remove all but one")
        seen.add(pair)


def ports_without_gaps(graph: m.ProcessGraph) -> Iterator[Diagnostic]:
    for end, port in (("upstream", "out_port"), ("downstream", "in_port")):
        ports: dict[str, list[int]] = {}
        for link in graph.links:
            ports.setdefault(getattr(link, end), []).append(getattr(link, port))
        for station in graph.stations:
            found = sorted(ports.get(station.id, []))
            if found != list(range(1, len(found) + 1)):
                word, listed = port.replace("_", "put "), ", ".join(map(str, found))
                yield _error("GR206", f"the {word}s of {station.id!r} are {listed}", station, f"number them 1 to {len(found)}")


def sources_and_sinks_at_the_ends(graph: m.ProcessGraph) -> Iterator[Diagnostic]:
    into = {link.downstream for link in graph.links}
    out = {link.upstream for link in graph.links}
    for station in graph.stations:
        if isinstance(station, m.Source) and station.id in into:
            yield _error("GR211", f"items are sent into the source {station.id!r}, which takes none", station, "use a queue there")
        if isinstance(station, m.Sink) and station.id in out:
            yield _error("GR211", f"items are to leave the sink {station.id!r}, which releases none", station, "use a queue there")


def reachable(graph: m.ProcessGraph) -> Iterator[Diagnostic]:
    if not any(isinstance(s, m.Source) for s in graph.stations):
        return
    found = flow.reached_from_sources(graph)
    for station in graph.stations:
        if station.id not in found:
            yield _warning("GR208", f"no item ever gets to {station.id!r}", station, "connect it, or remove it")


def no_item_trap(graph: m.ProcessGraph) -> Iterator[Diagnostic]:
    """From every station that items get to, there is a way to a sink."""
    if not any(isinstance(station, m.Sink) for station in graph.stations):
        return
    fed, draining = flow.reached_from_sources(graph), flow.reaching_sinks(graph)
    out = {link.upstream for link in graph.links}
    for station in graph.stations:
        if station.id in draining or station.id not in fed:
            continue
        if station.id not in out:
            hint = "connect it to the next station or to a sink"
            yield _error("GR209", f"items that enter {station.id!r} never leave: it has no output", station, hint)
        else:
            hint = "give the cycle a way out to a sink"
            yield _error("GR210", f"items that enter {station.id!r} go round for ever: no sink can be reached", station, hint)


def percentages_sum(graph: m.ProcessGraph) -> Iterator[Diagnostic]:
    outputs = links_out(graph)
    for station in graph.stations:
        if not isinstance(station.routing, m.Percent):
            continue
        percents = station.routing.percents
        if abs(math.fsum(percents) - 100.0) > 0.01:
            hint = "correct the figures so that they add up to 100"
            yield _error("GR220", f"the percentages of {station.id!r} sum to {math.fsum(percents):g}", station, hint)
        links = outputs.get(station.id, ())
        if len(percents) != len(links):
            hint = "give one percentage per output port"
            message = f"{station.id!r} has {len(percents)} percentages for {len(links)} output ports"
            yield _error("GR221", message, station, hint)
        elif any(link.percent is not None and link.percent != share for link, share in zip(links, percents, strict=True)):
            message = f"the percentages of {station.id!r} and of its links differ"
            yield _warning("GR222", message, station, "leave routing.percents out: the links have the figures")


def routing_ports_exist(graph: m.ProcessGraph) -> Iterator[Diagnostic]:
    outputs = Counter(link.upstream for link in graph.links)
    for station in graph.stations:
        if isinstance(station.routing, m.ToPort) and not 1 <= station.routing.port <= outputs[station.id]:
            message = f"{station.id!r} sends to output port {station.routing.port}, but has {outputs[station.id]}"
            yield _error("GR223", message, station, "connect that port, or choose another")


# ---- stations ----


def _times(graph: m.ProcessGraph) -> Iterator[tuple[m.Station | m.Resource, str, d.Distribution]]:
    """Every time in the graph, with whose it is and its key."""
    for station in graph.stations:
        if isinstance(station, m.Source):
            yield station, "interarrival_time_s", station.interarrival_time_s
        elif isinstance(station, m.Storage):
            yield station, "dwell_time_s", station.dwell_time_s
        elif isinstance(station, MACHINES):
            if not (isinstance(station, m.MultiProcessor) and station.steps):
                yield station, "process_time_s", station.process_time_s
            yield station, "setup_time_s", station.setup_time_s
            if station.breakdown is not None:
                yield station, "time_to_failure_s", station.breakdown.time_to_failure_s
                yield station, "time_to_repair_s", station.breakdown.time_to_repair_s
            for step in station.steps if isinstance(station, m.MultiProcessor) else ():
                yield station, f"process_time_s of {step.name!r}", step.process_time_s
    for resource in graph.resources:
        if not isinstance(resource, m.Dispatcher):
            yield resource, "load_time_s", resource.load_time_s
            yield resource, "unload_time_s", resource.unload_time_s


def possible_times(graph: m.ProcessGraph) -> Iterator[Diagnostic]:
    for thing, key, time in _times(graph):
        if why := moments.impossible(time):
            yield _error("GR214", f"{key} of {thing.id!r} cannot be: {why}", thing, "correct its parameters")
        elif key == "interarrival_time_s" and moments.mean(time) == 0 and not _reaches_sink_at_once(graph, thing.id):
            text = f"{key} of {thing.id!r} is 0: it makes the next item whenever one is taken"
            yield _warning(
                "GR212", text, thing, "so the machines after it are always fed; give it a time above 0 if that is not meant"
            )
        elif key in ("interarrival_time_s", "time_to_failure_s") and moments.mean(time) == 0:
            yield _error(
                "GR212", f"{key} of {thing.id!r} is 0: the run would never get past time 0", thing, "give it a time above 0"
            )
        elif key == "process_time_s" and moments.mean(time) == 0:
            yield _warning("GR212", f"{key} of {thing.id!r} is 0: items pass at once", thing, "give it a time, or use a queue")


def _reaches_sink_at_once(graph: m.ProcessGraph, source: str) -> bool:
    """Whether items can go from `source` to a sink with no time passing."""
    stations = {station.id: station for station in graph.stations}
    timed = {thing.id for thing, _, time in _times(graph) if not isinstance(thing, m.Source) and moments.mean(time) != 0}
    timed |= {station.id for station in graph.stations if isinstance(station, m.Conveyor) and station.length_m > 0.0}
    pending, seen = [source], {source}
    while pending:
        here = pending.pop()
        if isinstance(stations.get(here), m.Sink):
            return True
        after = {link.downstream for link in graph.links if link.upstream == here and link.transport is None} - seen - timed
        seen |= after
        pending += after
    return False


def seldom_negative(graph: m.ProcessGraph) -> Iterator[Diagnostic]:
    for thing, key, time in _times(graph):
        chance = moments.chance_negative(time)
        if chance >= 0.01 and not moments.impossible(time):
            hint = "negative draws count as 0, which raises the mean: use a lognormal or gamma, or a smaller spread"
            yield _warning("GR213", f"{key} of {thing.id!r} is negative in {chance:.1%} of the draws", thing, hint)


def same_unit(graph: m.ProcessGraph) -> Iterator[Diagnostic]:
    """A process time hundreds of times the others' is most likely in another unit."""
    found = [
        (thing, average)
        for thing, key, time in _times(graph)
        if key in ("process_time_s", "interarrival_time_s") and (average := moments.mean(time)) is not None and average > 0
    ]
    if len(found) < 3:
        return
    ordered = sorted(average for _, average in found)
    for thing, average in found:
        usual = _median_without(ordered, average)
        if average / usual >= UNIT_SLIP or usual / average >= UNIT_SLIP:
            ratio = average / usual
            factor = f"{ratio:,.0f} times" if ratio > 1 else f"1/{1 / ratio:,.0f} of"
            message = f"the time of {thing.id!r} ({average:g} s) is {factor} what the others have ({usual:g} s)"
            yield _warning("GR215", message, thing, 'is it in seconds? minutes are [5, "min"] or minutes(5)')


def _median_without(ordered: list[float], value: float) -> float:
    """The median of `ordered` once `value`, which is in it, is taken out."""
    at, left = bisect_left(ordered, value), len(ordered) - 1

    def other(i: int) -> float:
        return ordered[i + (i >= at)]

    return (other((left - 1) // 2) + other(left // 2)) / 2


def positive_capacity(graph: m.ProcessGraph) -> Iterator[Diagnostic]:
    for thing in (*graph.stations, *graph.resources):
        if getattr(thing, "capacity", 1) < 1:
            yield _error("GR216", f"the capacity of {thing.id!r} is {getattr(thing, 'capacity')}", thing, "make it at least 1")  # noqa: B009


def batches_fit(graph: m.ProcessGraph) -> Iterator[Diagnostic]:
    for station in graph.stations:
        if isinstance(station, m.Queue) and station.batching:
            size, wait = station.batching.size, station.batching.max_wait_s
            if size < 1:
                yield _error("GR225", f"the batch size of {station.id!r} is {size}", station, "make it at least 1")
            elif size > station.capacity and wait <= 0:
                message = f"{station.id!r} waits for batches of {size}, but holds only {station.capacity}"
                yield _error("GR225", message, station, "raise its capacity, or lower the batch size")


def combiner_inputs(graph: m.ProcessGraph) -> Iterator[Diagnostic]:
    inputs = Counter(link.downstream for link in graph.links)
    for station in graph.stations:
        if not isinstance(station, m.Combiner):
            continue
        count = inputs[station.id]
        if count < 2:
            hint = "components come through inputs 2, 3, ...: connect another station to it, or use a processor"
            yield _warning(
                "GR217", f"the combiner {station.id!r} has {count} input{'s' * (count != 1)} and combines nothing", station, hint
            )
        elif len(station.components) != count - 1:
            message = f"{station.id!r} has {len(station.components)} component quantities for inputs 2 to {count}"
            yield _error("GR218", message, station, "give one quantity per input from 2 on")
        if any(quantity < 0 for quantity in station.components):
            yield _error("GR218", f"a component quantity of {station.id!r} is negative", station, "use 0 or more")


def separator_quantity(graph: m.ProcessGraph) -> Iterator[Diagnostic]:
    for station in graph.stations:
        if isinstance(station, m.Separator) and station.quantity is not None:
            average = moments.mean(station.quantity)
            if average is not None and average < 1:
                yield _error("GR224", f"{station.id!r} makes {average:g} items of each", station, "the quantity is at least 1")


def moving_belts(graph: m.ProcessGraph) -> Iterator[Diagnostic]:
    for station in graph.stations:
        if isinstance(station, m.Conveyor):
            for key, value in (("length_m", station.length_m), ("speed_m_s", station.speed_m_s)):
                if not value > 0:
                    yield _error("GR226", f"{key} of {station.id!r} is {value:g}", station, "make it greater than 0")


# ---- resources ----


def operators_called(graph: m.ProcessGraph) -> Iterator[Diagnostic]:
    resources = {resource.id: resource for resource in graph.resources}
    called: set[str] = {link.transport for link in graph.links if link.transport is not None}
    for station in graph.stations:
        need = getattr(station, "operators", None)
        called |= set(need.resources) if need else set()
    waiting = list(called)
    while waiting:
        boss = resources.get(waiting.pop())
        for member in boss.team if isinstance(boss, m.Dispatcher) else ():
            if member not in called:
                called.add(member)
                waiting.append(member)
    for resource in graph.resources:
        if resource.id not in called:
            hint = 'connect it with "S" and set UseProcessOperators or UseTransport of the machine to 1, or remove it'
            yield _warning("GR219", f"nobody calls {resource.id!r}", resource, hint)


def operators_available(graph: m.ProcessGraph) -> Iterator[Diagnostic]:
    resources = {resource.id: resource for resource in graph.resources}
    for station in graph.stations:
        need = getattr(station, "operators", None)
        steps = station.steps if isinstance(station, m.MultiProcessor) else ()
        if need is None and any(step.operator_count for step in steps):
            need = m.OperatorNeed((), max(step.operator_count for step in steps))
        if need is None:
            continue
        if not need.resources:
            hint = "connect an operator to it, or let it run without"
            yield _error("GR227", f"{station.id!r} waits for operators that it does not have", station, hint)
        if need.process_count < 1 and need.setup_count < 1:
            yield _warning("GR228", f"{station.id!r} names operators but needs none", station, "set a count, or remove them")
        people = sum(_heads(resources[name], resources) for name in need.resources if name in resources)
        if need.resources and max(need.process_count, need.setup_count) > people:
            message = f"{station.id!r} needs {max(need.process_count, need.setup_count)} operators at a time, it can call {people}"
            yield _error("GR229", message, station, "connect a dispatcher with a large enough team")


def _heads(resource: m.Resource, resources: dict[str, m.Resource]) -> int:
    if not isinstance(resource, m.Dispatcher):
        return 1
    members = [resources[name] for name in resource.team if name in resources]
    return sum(1 for member in members if not isinstance(member, m.Dispatcher)) + 1_000 * any(
        isinstance(member, m.Dispatcher) for member in members
    )


def teams_not_empty(graph: m.ProcessGraph) -> Iterator[Diagnostic]:
    for resource in graph.resources:
        if isinstance(resource, m.Dispatcher) and not resource.team:
            hint = 'connect the dispatcher to its members with "A"'
            yield _warning("GR230", f"the dispatcher {resource.id!r} has no team", resource, hint)
        if not isinstance(resource, m.Dispatcher) and not resource.speed_m_s > 0:
            yield _error("GR231", f"the speed of {resource.id!r} is {resource.speed_m_s:g} m/s", resource, "make it greater than 0")


# ---- layout ----


def not_stacked(graph: m.ProcessGraph) -> Iterator[Diagnostic]:
    seen: dict[tuple[float, float, float], str] = {}
    for station in graph.stations:
        place = station.pose.position_m
        if place in seen:
            message = f"{station.id!r} stands in the same place as {seen[place]!r}"
            yield _warning("GR232", message, station, "give it its own location")
        seen.setdefault(place, station.id)


NAMING: tuple[Rule, ...] = (unique_ids, no_dangling_link, known_references)

RULES: tuple[Rule, ...] = (
    has_source,
    has_sink,
    no_duplicate_link,
    ports_without_gaps,
    sources_and_sinks_at_the_ends,
    reachable,
    no_item_trap,
    percentages_sum,
    routing_ports_exist,
    possible_times,
    seldom_negative,
    same_unit,
    positive_capacity,
    batches_fit,
    combiner_inputs,
    separator_quantity,
    moving_belts,
    operators_called,
    operators_available,
    teams_not_empty,
    not_stacked,
)
