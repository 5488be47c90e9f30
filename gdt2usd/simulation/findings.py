"""Findings: what an engineer should know about a simulated factory, in words that say what to do. A visible tuple of passes.

Not covered: the figures themselves (`simulation.statistics`), the user's targets (`simulation.expectations`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from gdt2usd.diagnostics import Diagnostic, Place, Severity, error, info, warning
from gdt2usd.graph.model import (
    AGV,
    Conveyor,
    Crane,
    Dispatcher,
    ProcessGraph,
    Queue,
    Robot,
    Source,
)
from gdt2usd.simulation.bottleneck import Bottleneck
from gdt2usd.simulation.capacity import FlowBalance
from gdt2usd.simulation.engine import Replication
from gdt2usd.simulation.experiment import Experiment
from gdt2usd.simulation.statistics import Estimate, ResourceFigures, StationFigures, WarmUp
from gdt2usd.units import format_duration


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Everything that findings are drawn from."""

    graph: ProcessGraph
    experiment: Experiment
    runs: Sequence[Replication]
    stations: Sequence[StationFigures]
    resources: Sequence[ResourceFigures]
    throughput: Estimate
    wip: Estimate
    flow_time_s: Estimate
    warm_up: WarmUp
    balance: FlowBalance | None
    bottleneck: Bottleneck | None

    def where(self, id: str) -> Place:
        """A station or resource, with the text of the script that made it."""
        things = (*self.graph.stations, *self.graph.resources)
        return Place(id, span=next((t.span for t in things if t.id == id), None))


def findings(evidence: Evidence) -> tuple[Diagnostic, ...]:
    """All findings, errors first."""
    found = [finding for rule in RULES for finding in rule(evidence)]
    order = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}
    return tuple(sorted(found, key=lambda d: order[d.severity]))


def ended_early(e: Evidence) -> Iterator[Diagnostic]:
    """A run that did not reach its horizon."""
    for run in e.runs:
        if run.stopped == "budget":
            reached, wanted = format_duration(run.horizon_s), format_duration(e.experiment.horizon_s)
            message = f"the run was ended by its budget after {reached} of {wanted}"
            yield error("SM203", message, hint="shorten the horizon, run fewer replications or raise the budget")
        elif run.stopped == "items":
            message = (
                f"{run.content + run.contained:,} items are in the system after {format_duration(run.horizon_s)}: the run was ended"
            )
            yield error(
                "SM203", message, hint="more comes than is worked on: look for the overloaded station, or a source without end"
            )
        elif run.stopped == "loop":
            names = ", ".join(run.loop[:6]) or "the sources"
            message = f"from {format_duration(run.horizon_s)} on items move for ever with no time passing: {names}"
            yield error("SM204", message, hint="give one of these stations a process time, or the source a time between items")
        elif run.stopped == "interrupt":
            yield warning("SM205", f"interrupted: the figures are those of {len(e.runs)} replication(s)")
        if run.stopped:
            return
    if len(e.runs) < e.experiment.replications:
        message = f"{len(e.runs)} of {e.experiment.replications} replications were run"
        yield warning("SM205", message, hint="the rest was interrupted or did not fit the budget")


def conserves_items(e: Evidence) -> Iterator[Diagnostic]:
    """Items are neither lost nor made: created = ended + present + packed, and those present are found by looking."""
    for number, run in enumerate(r for r in e.runs if r.stopped not in ("loop", "interrupt")):
        if run.created != run.ended + run.content + run.contained or run.content != run.found:
            message = (
                f"replication {number + 1} made {run.created} items; {run.ended} ended, {run.content} are counted as present "
                f"({run.found} found), {run.contained} are in containers: the simulation has miscounted"
            )
            yield error("SM206", message, hint="do not trust these figures; please report the model")
            return


def obeys_little(e: Evidence) -> Iterator[Diagnostic]:
    """The integral of WIP is the time that all items together were present."""
    for number, run in enumerate(r for r in e.runs if r.stopped not in ("loop", "interrupt")):
        if not math.isclose(run.area_s, run.residence_s, rel_tol=1e-6, abs_tol=1e-6 * max(1.0, run.horizon_s)):
            message = (
                f"replication {number + 1}: WIP adds up to {run.area_s:.6g} item-seconds, the items' stays to {run.residence_s:.6g}"
            )
            yield error("SM207", message, hint="do not trust these figures; please report the model")
            return


def deadlocks(e: Evidence) -> Iterator[Diagnostic]:
    """Stations that wait for each other for ever."""
    knots = [run.knot for run in e.runs if run.knot is not None]
    if not knots:
        return
    knot = knots[0]
    chain = "; ".join(f"{id} waits for {' or '.join(targets) or 'nothing'}" for id, targets in knot.waits[:6])
    share = f" ({len(knots)} of {len(e.runs)} replications)" if len(e.runs) > 1 else ""
    if knot.cycle:
        message = f"deadlock at {format_duration(knot.since_s)}{share}: {' -> '.join([*knot.cycle, knot.cycle[0]])}. {chain}"
        hint = "give the loop a way out: more capacity in it, fewer items let into it, or another route"
        yield error("SM201", message, e.where(knot.cycle[0]), hint)
    else:
        message = f"{knot.items} items stand still from {format_duration(knot.since_s)} on{share}: {chain}"
        hint = "what they wait for never comes: check the sources and the component counts"
        yield warning("SM202", message, e.where(knot.waits[0][0]), hint)


def nothing_leaves(e: Evidence) -> Iterator[Diagnostic]:
    """No item reached a sink."""
    if not any(len(run.exits_s) for run in e.runs):
        made = max((run.created for run in e.runs), default=0)
        message = f"no item reached a sink in {format_duration(e.experiment.horizon_s)} ({made} were made)"
        yield error("SM216", message, hint="check the links, or simulate a longer horizon")


def overloads(e: Evidence) -> Iterator[Diagnostic]:
    """Stations to which more comes than they can take, by flow balance."""
    if e.balance is None:
        return
    for load in e.balance.loads:
        limit = 1.02 if e.balance.saturated else 1.0 - 1e-9  # behind a saturated source equal machines are at 1
        if math.isfinite(load.ratio) and load.ratio >= limit and load.offered_per_hour < 1e9:
            message = (
                f"{load.id} is overloaded: {load.offered_per_hour:.4g} items/h arrive, it can take {load.capacity_per_hour:.4g}/h "
                f"(offered load {load.ratio:.2f})"
            )
            hint = (
                f"make it {100 * (load.ratio - 1):.0f} % faster or more, or put {math.ceil(load.ratio + 1e-9)} in parallel"
                if load.ratio > 1.005
                else "as much arrives as it can take: with any variation the queue before it grows without end; make it faster"
            )
            yield warning("SM210", message, e.where(load.id), hint)


def bound_holds(e: Evidence) -> Iterator[Diagnostic]:
    """What flow balance allows against what was simulated."""
    if e.balance is None or not math.isfinite(e.throughput.mean) or not 0.0 < e.balance.bound_per_hour < 1e9:
        return
    bound, mean = e.balance.bound_per_hour, e.throughput.mean
    slack = 0.02 * bound + (e.throughput.half_width if math.isfinite(e.throughput.half_width) else 0.05 * bound)
    share = mean / bound
    if mean > bound + slack:
        message = f"simulated {mean:.4g}/h, more than the {bound:.4g}/h that flow balance allows"
        yield warning("SM214", message, hint="the run may be too short for its variation, or the branches depend on the state")
    elif share < 0.9:
        allowed = f"{share:.0%} of the {bound:.4g}/h that the capacities allow"
        message = f"simulated {mean:.4g}/h, {allowed}: waiting and blocking cost the rest"
        yield info("SM214", message, hint="larger buffers and less variation win it back; faster machines hardly do")
    else:
        yield info("SM214", f"simulated {mean:.4g}/h; flow balance allows {bound:.4g}/h")


def starvation(e: Evidence) -> Iterator[Diagnostic]:
    """Machines that mostly wait for items."""
    chosen = e.bottleneck.chosen.id if e.bottleneck else ""
    for s in e.stations:
        if s.kind in ("processor", "combiner", "separator", "multiprocessor") and s.id != chosen and s.states["starved"] > 0.6:
            if s.entered == 0 and s.max_content:
                yield warning(
                    "SM213", f"no item reaches {s.id} after the warm-up", e.where(s.id), "shorten the warm-up (--warm-up 0)"
                )
            elif s.entered == 0:
                yield warning("SM213", f"no item ever reaches {s.id}", e.where(s.id), "check the links and the routing before it")
            else:
                yield info("SM211", f"{s.id} waits for items {s.states['starved']:.0%} of the time", e.where(s.id))


def blocking_chains(e: Evidence) -> Iterator[Diagnostic]:
    """Stations that are blocked, followed downstream to the one that holds them up."""
    blocked = {s.id: s.states["blocked"] for s in e.stations if s.kind not in ("queue", "storage") and s.states["blocked"] > 0.2}
    full = {s.id: s.states["blocked"] for s in e.stations if s.kind in ("queue", "storage") and s.states["blocked"] > 0.2}
    held = blocked | full
    heads = [id for id in held if not any(x.downstream == id and x.upstream in held for x in e.graph.links)]
    for head in heads:
        chain = _chain(e.graph, head, held)
        culprit = next((x.downstream for x in e.graph.links if x.upstream == chain[-1] and x.downstream not in held), "")
        if not culprit or not any(id in blocked for id in chain):
            continue
        parts = ", ".join(f"{id} {held[id]:.0%}" for id in chain[:6])
        message = f"{culprit} holds up {len(chain)} station(s) before it; blocked or full: {parts}"
        hint = f"speed up {culprit} or give it a parallel machine; more buffer before it only helps against variation"
        yield warning("SM212", message, e.where(culprit), hint)


def _chain(graph: ProcessGraph, head: str, held: dict[str, float]) -> list[str]:
    chain = [head]
    while True:
        following = next((x.downstream for x in graph.links if x.upstream == chain[-1] and x.downstream in held), None)
        if following is None or following in chain:
            return chain
        chain.append(following)


def branches_never_taken(e: Evidence) -> Iterator[Diagnostic]:
    """Links through which no item went although their station sent some."""
    sent = [sum(run.sent[n] for run in e.runs) for n in range(len(e.graph.links))]
    numbered = sorted(enumerate(e.graph.links), key=lambda pair: pair[1].upstream)
    for upstream, group in groupby(numbered, key=lambda pair: pair[1].upstream):
        links = list(group)
        total = sum(sent[n] for n, _ in links)
        for n, link in links:
            if total >= 20 and sent[n] == 0:
                message = f"none of {total} items from {upstream} went to {link.downstream} (port {link.out_port})"
                yield warning("SM213", message, e.where(link.downstream), "check the routing rule, or remove the link")


def throttled_sources(e: Evidence) -> Iterator[Diagnostic]:
    """Sources that could make more than is taken."""
    saturated = e.balance is not None and e.balance.saturated
    for s, station in zip(e.stations, e.graph.stations, strict=True):
        if isinstance(station, Source) and s.states["blocked"] > 0.02 and not saturated and not station.schedule:
            message = f"{s.id} is held up {s.states['blocked']:.0%} of the time: fewer items enter than it would deliver"
            yield warning("SM215", message, e.where(s.id), "nothing is lost in the model, but real arrivals would not wait")


def busy_resources(e: Evidence) -> Iterator[Diagnostic]:
    """Operators and vehicles that are nearly always busy, and those that nobody calls."""
    for r in e.resources:
        if r.utilisation > 0.9:
            yield warning("SM218", f"{r.id} is busy {r.utilisation:.0%} of the time", e.where(r.id), "add one, or shorten its ways")
        elif r.served == 0:
            yield info(
                "SM218", f"{r.id} was never called", e.where(r.id), "connect it to the stations that need it, or leave it out"
            )


def warm_up_doubts(e: Evidence) -> Iterator[Diagnostic]:
    """An automatic warm-up that did not settle within the first half."""
    if e.warm_up.doubtful:
        message = (
            f"the start-up has not faded by {format_duration(e.warm_up.end_s)}: the factory may never settle (growing queues?)"
        )
        yield warning("SM217", message, hint="simulate a longer horizon, or look for the overloaded station")


def arrivals_limit(e: Evidence) -> Iterator[Diagnostic]:
    """Where a source is the bottleneck: the machine that would be the next one."""
    if e.bottleneck is None or e.bottleneck.chosen.kind != "source":
        return
    chosen, machine = e.bottleneck.chosen, e.bottleneck.machine
    if machine is None:
        yield info("SM219", f"arrivals are the limit: {chosen.id} makes all that is processed", e.where(chosen.id))
        return
    message = f"arrivals are the limit ({chosen.id}); the busiest machine is {machine.id} at {machine.active:.0%}"
    hint = f"faster machines gain nothing now; when more items come, improve {machine.id} first"
    yield info("SM219", message, e.where(machine.id), hint)


def remarks(e: Evidence) -> Iterator[Diagnostic]:
    """What stations remarked while running (routing to ports that do not exist, failing code)."""
    seen: dict[tuple[str, str], str] = {}
    for run in e.runs:
        seen.update(run.remarks)
    for (code, id), text in seen.items():
        yield warning(code, f"{id} {text}", e.where(id), "correct the rule or code at this station")


def departures_from_flexsim(e: Evidence) -> Iterator[Diagnostic]:
    """Where this simulation is simpler than FlexSim's."""
    graph = e.graph
    carriers = {x.transport for x in graph.links if x.transport}
    moving = [r for r in graph.resources if not isinstance(r, Dispatcher | Robot)]
    if moving and (carriers or any(getattr(s, "operators", None) for s in graph.stations)):
        yield info(
            "SM230", "ways are straight lines between the objects; FlexSim would use its path network and avoid obstacles if set up"
        )
    if any(isinstance(r, AGV) for r in graph.resources):
        yield info("SM230", "AGVs do not hold each other up here: no path reservations, no battery")
    if any(isinstance(r, Crane) for r in graph.resources):
        yield info("SM230", "cranes travel in a straight line; FlexSim moves bridge, trolley and hoist in turn")
    if any(isinstance(r, Robot) and r.move_time_s is None for r in graph.resources):
        yield info(
            "SM230", "a robot without a move time takes only its load and unload times; FlexSim would derive it from its joints"
        )
    if any(isinstance(s, Conveyor) for s in graph.stations):
        yield info("SM230", "conveyors start and stop at once; FlexSim can accelerate")
    if any(s.pull for s in graph.stations if not isinstance(s, Queue)):
        yield info("SM230", "pull takes from the lowest-ranked input that has a fitting item; PullStrategy is not evaluated")


RULES: tuple[Callable[[Evidence], Iterator[Diagnostic]], ...] = (
    ended_early,
    conserves_items,
    obeys_little,
    deadlocks,
    nothing_leaves,
    overloads,
    blocking_chains,
    throttled_sources,
    busy_resources,
    branches_never_taken,
    starvation,
    bound_holds,
    arrivals_limit,
    warm_up_doubts,
    remarks,
    departures_from_flexsim,
)
