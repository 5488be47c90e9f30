"""FlexScript code bodies during a simulation: times, ports, labels and triggers evaluated per item.

Each body gets views of the item and of its station, and random numbers from a stream of its own. A body that fails at run time
(an unknown label, an endless loop) counts as 0 and is remembered as a remark on its station, so that the run goes on and says so.
Not covered: parsing and evaluating (`script.body`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, MutableMapping, Sequence
from typing import TYPE_CHECKING, Any

from gdt2usd.diagnostics import GdtError, Place, error
from gdt2usd.graph.distributions import Expression
from gdt2usd.graph.model import CallCode, Dispatcher, ProcessGraph, Trigger
from gdt2usd.script.body_context import BodyContext, StationView
from gdt2usd.simulation.items import Item, Line
from gdt2usd.simulation.records import State
from gdt2usd.simulation.resources import MOVER_STATES, Mover, Pool
from gdt2usd.simulation.stations import SourceUnit
from gdt2usd.simulation.units import STATES, CallOf, Hook, Unit
from gdt2usd.simulation.variates import Draw, Streams

if TYPE_CHECKING:
    from gdt2usd.script.body import CompiledBody

CompileBody = Callable[[str], "CompiledBody"]

TIMES_KEPT = ("OnReset", "OnRunStart")  # run once at time 0
ON_ENTRY, ON_EXIT, ON_FINISH, ON_CREATION = "OnEntry", "OnExit", "OnProcessFinish", "OnCreation"


class ItemProxy:
    """An item as a body sees it."""

    __slots__ = ("item",)

    def __init__(self, item: Item) -> None:
        self.item = item

    @property
    def labels(self) -> MutableMapping[str, Any]:
        if self.item.labels is None:
            self.item.labels = {}
        return self.item.labels

    @property
    def number(self) -> int:
        return self.item.number

    @property
    def contents(self) -> Sequence[ItemProxy]:
        return [ItemProxy(inner) for inner in self.item.contents or ()]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ItemProxy) and other.item is self.item

    def __hash__(self) -> int:
        return hash(self.item.number)


class UnitProxy:
    """A station as a body sees it."""

    def __init__(self, unit: Unit, flexsim_class: str, bodies: Bodies) -> None:
        self.unit = unit
        self.flexsim_class = flexsim_class
        self.labels: MutableMapping[str, Any] = {}
        self._bodies = bodies

    @property
    def name(self) -> str:
        return self.unit.id

    @property
    def contents(self) -> Sequence[ItemProxy]:
        return [ItemProxy(item) for item in sorted(self.unit.holding(), key=lambda i: i.since_s)]

    @property
    def input_count(self) -> int:
        return int(self.unit.figures()[0])

    @property
    def output_count(self) -> int:
        return self.unit.left

    @property
    def state(self) -> str:
        return str(STATES[self.unit.state])

    @property
    def in_objects(self) -> Sequence[StationView]:
        return [self._bodies.view(lane.source) for lane in self.unit.ins]

    @property
    def out_objects(self) -> Sequence[StationView]:
        return [self._bodies.view(lane.target) for lane in self.unit.outs]

    @property
    def centre_objects(self) -> Sequence[StationView]:
        return [self._bodies.resource(id) for id in self._bodies.centres.get(self.unit.id, ())]


class MoverProxy:
    """An operator, vehicle or dispatcher as a body sees it: what it carries and does is not told."""

    contents: Sequence[ItemProxy] = ()
    in_objects: Sequence[StationView] = ()
    centre_objects: Sequence[StationView] = ()
    output_count = 0

    def __init__(self, name: str, flexsim_class: str, mover: Mover | None) -> None:
        self.name = name
        self.out_objects: Sequence[StationView] = ()  # a dispatcher's team
        self.flexsim_class = flexsim_class
        self.labels: MutableMapping[str, Any] = {}
        self._mover = mover

    @property
    def input_count(self) -> int:
        """Calls served so far."""
        return self._mover.served if self._mover else 0

    @property
    def state(self) -> str:
        return str(MOVER_STATES[self._mover.state]) if self._mover else str(State.IDLE)


class Bodies:
    """Compiles and runs the code bodies of one replication; `units` and `movers` are those of the plant, by id."""

    def __init__(self, graph: ProcessGraph, line: Line, streams: Streams, units: dict[str, Unit], movers: dict[str, Mover]) -> None:
        self.centres = _centres(graph)
        self.teams = {thing.id: thing.team for thing in graph.resources if isinstance(thing, Dispatcher)}
        self.movers = movers
        self.called: dict[str, MoverProxy] = {}
        self.line = line
        self.streams = streams
        self.units = units
        self.classes = {thing.id: thing.flexsim_class for thing in (*graph.stations, *graph.resources)}
        self.proxies: dict[str, UnitProxy] = {}
        self.compiled: dict[str, CompiledBody] = {}

    def view(self, unit: Unit) -> UnitProxy:
        """The station as bodies see it: one object per station, so that its labels last."""
        if unit.id not in self.proxies:
            self.proxies[unit.id] = UnitProxy(unit, self.classes.get(unit.id, ""), self)
        return self.proxies[unit.id]

    def resource(self, id: str) -> MoverProxy:
        """The resource as bodies see it: one object each, as `view`."""
        if id not in self.called:
            self.called[id] = proxy = MoverProxy(id, self.classes.get(id, ""), self.movers.get(id))
            proxy.out_objects = [self.resource(member) for member in self.teams.get(id, ()) if member != id]
        return self.called[id]

    def find(self, name: str) -> StationView | None:
        """`Model.find(name)`."""
        if name in self.units:
            return self.view(self.units[name])
        return self.resource(name) if name in self.classes else None

    def _compile(self, text: str, id: str) -> CompiledBody:
        if text not in self.compiled:
            try:
                from gdt2usd.script.body import compile_body
            except ImportError as problem:
                raise GdtError([error("SM102", f"{id}: code bodies cannot be evaluated", Place(id))]) from problem
            try:
                self.compiled[text] = compile_body(text)
            except GdtError as problem:
                reasons = "; ".join(d.message for d in problem.diagnostics)
                message = f"{id}: a code body cannot be evaluated: {reasons}"
                raise GdtError([error("SM102", message, Place(id), "replace it by a distribution or simplify it")]) from problem
        return self.compiled[text]

    def _runner(self, text: str, id: str, purpose: str) -> Callable[[Item | None, int], object]:
        body = self._compile(text, id)
        rng = self.streams.generator(id, purpose)
        line, clock = self.line, self.line.clock

        def evaluate(item: Item | None, port: int) -> object:
            seen = None if item is None else ItemProxy(item)
            current = self.view(self.units[id]) if id in self.units else self.resource(id)
            context = BodyContext(current=current, item=seen, port=port, time_s=clock._now, rng=rng, find=self.find)
            clock.end_if_late()
            try:
                return body(context)
            except GdtError as problem:
                line.remarks.setdefault(
                    ("SM304", id), f"its {purpose} code fails and counts as 0: {problem.diagnostics[0].message}"
                )
                return 0.0

        return evaluate

    def _number(self, value: object, id: str, purpose: str) -> float:
        if isinstance(value, int | float) and math.isfinite(value):
            return float(value)
        self.line.remarks.setdefault(("SM304", id), f"its {purpose} code gives {value!r}, which is no number; it counts as 0")
        return 0.0

    def time_of(self, expression: Expression, id: str, purpose: str, factor: float) -> Callable[[Item], float]:
        """The body as a time of the item, in seconds, negative ones as 0."""
        evaluate = self._runner(expression.flexscript, id, purpose)
        scale = expression.scale * factor
        return lambda item: max(0.0, scale * self._number(evaluate(item, 0), id, purpose))

    def draw(self, expression: Expression, id: str, purpose: str) -> Draw:
        """The body where there is no item (interarrival times, breakdowns)."""
        evaluate = self._runner(expression.flexscript, id, purpose)
        return lambda: max(0.0, expression.scale * self._number(evaluate(None, 0), id, purpose))

    def port_of(self, flexscript: str, unit: Unit) -> Callable[[Item], float]:
        """The body as the output port of an item."""
        evaluate = self._runner(flexscript, unit.id, "routing")
        return lambda item: self._number(evaluate(item, 0), unit.id, "routing")

    def requirement(self, flexscript: str, unit: Unit) -> Callable[[Item], bool]:
        """The body as whether `unit` takes an item."""
        evaluate = self._runner(flexscript, unit.id, "PullRequirement")
        return lambda item: bool(evaluate(item, 0))

    def puller(self, flexscript: str, unit: Unit) -> Callable[[], int]:
        """The body as the input port of which `unit` takes its next item (0: any)."""
        evaluate = self._runner(flexscript, unit.id, "PullStrategy")
        return lambda: round(self._number(evaluate(None, 0), unit.id, "PullStrategy"))

    def passer(self, flexscript: str, id: str, members: Sequence[Pool]) -> Callable[[], Pool | None]:
        """The body as the member of the team of dispatcher `id` that a request goes to (0: the first free one)."""
        evaluate = self._runner(flexscript, id, "PassTo")

        def member() -> Pool | None:
            port = round(self._number(evaluate(None, 0), id, "PassTo"))
            if 0 < port <= len(members):
                return members[port - 1]
            if port:
                message = f"passes requests to port {port}, and it has {len(members)}: the first free member takes them"
                self.line.remarks.setdefault(("SM304", id), message)
            return None

        return member

    def ranker(self, flexscript: str, id: str) -> Callable[[], float]:
        """The body as the rank of a request that waits at dispatcher `id`."""
        evaluate = self._runner(flexscript, id, "QueueStrategy")
        return lambda: self._number(evaluate(None, 0), id, "QueueStrategy")

    def caller(self, code: CallCode, unit: Unit, purpose: str, pool_of: Callable[[str], Pool], least: int) -> CallOf:
        """Who `code` calls for an item: a resource, or nobody (NULL). What it gives otherwise counts as the first of its resources.

        A pool of fewer than `least` movers would let the item wait for ever: the first one's is taken then, too.
        """
        evaluate = self._runner(code.flexscript, unit.id, purpose)
        remarks = unit.line.remarks

        def call(item: Item, port: int) -> Pool | None:
            found = evaluate(item, port)
            if found is None:
                return None
            if isinstance(found, MoverProxy):
                pool = pool_of(found.name)
                if len(pool.movers) >= least:
                    return pool
                remarks.setdefault(("SM304", unit.id), f"its {purpose} code calls {found.name}, who is too few for {least}")
            else:
                remarks.setdefault(("SM304", unit.id), f"its {purpose} code gives {found!r}, which is nobody to call")
            return pool_of(code.resources[0])

        return call

    def attach(self, triggers: tuple[Trigger, ...], unit: Unit) -> None:
        """Let `unit` run its triggers; those of other events are remembered as a remark."""
        from gdt2usd.simulation.machines import MachineUnit

        for trigger in triggers:
            evaluate = self._runner(trigger.flexscript, unit.id, trigger.event)

            def hook(item: Item, _unit: Unit, port: int, evaluate: Callable[[Item | None, int], object] = evaluate) -> None:
                evaluate(item, port)

            run: Hook = hook
            if trigger.event == ON_ENTRY:
                unit.on_entry = run
            elif trigger.event == ON_EXIT:
                unit.on_exit = run
            elif trigger.event == ON_FINISH and isinstance(unit, MachineUnit):
                unit.on_finish = run
            elif trigger.event == ON_CREATION and isinstance(unit, SourceUnit):
                unit.on_creation = run
            elif trigger.event in TIMES_KEPT:
                self.line.clock.agenda.append(lambda evaluate=evaluate: evaluate(None, 0))  # type: ignore[misc]
            else:
                self.line.remarks.setdefault(("SM305", unit.id), f"its {trigger.event} trigger is not run here")


def _centres(graph: ProcessGraph) -> dict[str, tuple[str, ...]]:
    """The resources that each station calls, operators first: what the graph keeps of its centre ports."""
    found: dict[str, dict[str, None]] = {}
    for station in graph.stations:
        need = getattr(station, "operators", None)
        codes = (getattr(station, "operator_call", None), station.transport_call)
        coded = [name for code in codes if code is not None for name in code.resources]
        found[station.id] = dict.fromkeys([*coded, *(need.resources if need is not None else ())])
    for link in graph.links:
        if link.transport is not None and link.upstream in found:
            found[link.upstream][link.transport] = None
    return {id: tuple(names) for id, names in found.items()}
