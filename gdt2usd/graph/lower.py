"""The model tree as a process graph: the only place where FlexSim's words become the simulation's.

    lowered = lower_script(Script(text))      # parse, check, interpret, lower; GdtError with every problem
    lowered.graph, lowered.diagnostics

Not covered: whether the graph makes sense (`validate`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from gdt2usd.diagnostics import Diagnostic, GdtError, Place, Severity, Span, errors
from gdt2usd.graph import distributions as d
from gdt2usd.graph import model as m
from gdt2usd.graph import recognise
from gdt2usd.graph.kinds import KIND_LABEL, usual_type
from gdt2usd.graph.lower_stations import Around, pose, station, transports
from gdt2usd.graph.lower_values import Reader
from gdt2usd.graph.serial_fields import RESOURCE_FIELDS, STATION_FIELDS
from gdt2usd.script.model_tree import ModelObject, ModelTree, PortConnection
from gdt2usd.script.pause import paused_collection
from gdt2usd.script.source import Script

_TYPES: dict[str, type] = {kind: row[0] for kind, row in (STATION_FIELDS | RESOURCE_FIELDS).items()}
_STATIONS = frozenset(row[0] for row in STATION_FIELDS.values())
_SCENERY = ("VisualTool", "Text", "Walls", "Pillar", "Prop", "USDStage", "Container", "Plane")
_MATTERS = frozenset(
    [
        *("PullRequirement", "PullStrategy", "TransportPreempt", "OperatorPreempt"),
        *("FlushContent", "TimeTables", "BreakTo", "PassTo", "QueueStrategy", "ProcessFlows", "Navigator", "RestartDelay"),
        *("MoveSpacePadding", "EntrySpacePadding", "StopSpaceSizeFactor", "MoveSpaceSizeFactor", "SlotAssignmentStrategy"),
    ]
)


@dataclass(frozen=True, slots=True)
class Lowered:
    """A graph, and what was noticed on the way to it."""

    graph: m.ProcessGraph
    diagnostics: tuple[Diagnostic, ...]


def lower_script(script: Script) -> Lowered:
    """Parse, check, interpret and lower. Raises GdtError with every diagnostic when any of them is an error."""
    from gdt2usd.script.checker import check
    from gdt2usd.script.interpreter import interpret
    from gdt2usd.script.parser import parse

    program = parse(script)
    found = list(check(program))
    taken = [x.where for x in errors(found) if isinstance(x.where, Span)]
    interpreted = interpret(program)
    found += [x for x in interpreted.diagnostics if not any(_within(x.where, span) for span in taken)]
    if any(errors(found)):
        raise GdtError(found, source=script.text, name=script.name)
    lowered = lower(interpreted.model)
    found += lowered.diagnostics
    if any(errors(found)):
        raise GdtError(found, source=script.text, name=script.name)
    return Lowered(lowered.graph, tuple(found))


def _within(where: object, span: Span) -> bool:
    """Whether one of two places holds the other: the same mistake seen twice."""
    if not isinstance(where, Span):
        return False
    return (span.start <= where.start and where.end <= span.end) or (where.start <= span.start and span.end <= where.end)


def lower(model: ModelTree) -> Lowered:
    """The graph of a model. Never raises: errors are in the diagnostics, and what they concern has its default."""
    with paused_collection():
        return _Lowering(model).run()


class _Lowering:
    """One lowering: names and types of the objects by index, and the diagnostics so far."""

    def __init__(self, model: ModelTree) -> None:
        self.model = model
        self.diagnostics: list[Diagnostic] = []
        self.names = self._unique_names()
        self.types = [self._type(thing) for thing in model.objects]
        self.tools = {tool.name: tool for tool in model.tools}
        self.flow = self._flow()
        self.inputs = Counter(wire.downstream for wire in self.flow)
        self.outputs = Counter(wire.upstream for wire in self.flow)
        self.centres = self._all_centres()
        self.resources = dict.fromkeys(name for i, name in enumerate(self.names) if self._is_resource(i))

    def run(self) -> Lowered:
        """All stations, links and resources."""
        resources = tuple(self._resources())
        stations, carried = [], {}
        for index, kind in enumerate(self.types):
            if kind in _STATIONS and kind is not None:
                read = Reader(self.model.objects[index], self.diagnostics)
                around = self._around(index)
                stations.append(station(kind, read, around, self.names[index]))
                carried[index] = transports(read, around)
                self._unused(read)
        links = tuple(self._links({s.id: s for s in stations}, carried))
        self._report_other_connections()
        graph = m.ProcessGraph(
            stations=tuple(stations),
            links=links,
            resources=resources,
            horizon_s=self.model.stop_time,
            warm_up_s=self.model.warm_up_time,
        )
        return Lowered(graph, tuple(self.diagnostics))

    def report(self, severity: Severity, code: str, message: str, thing: ModelObject, hint: str = "") -> None:
        """Collect a diagnostic about an object."""
        self.diagnostics.append(Diagnostic(code, severity, message, thing.span or Place(thing.name), hint))

    # ---- names and types ----

    def _unique_names(self) -> list[str]:
        taken = {thing.name for thing in self.model.objects}
        used: set[str] = set()
        numbers: dict[str, int] = {}
        found = []
        for thing in self.model.objects:
            name = thing.name
            while name in used or (name != thing.name and name in taken):
                numbers[thing.name] = numbers.get(thing.name, 1) + 1
                name = f"{thing.name} ({numbers[thing.name]})"
            if name != thing.name:
                hint = "give each object its own name; Model.find() only finds the first"
                self.report(
                    Severity.WARNING, "GR103", f"another object is called {thing.name!r}; this one is {name!r} here", thing, hint
                )
            used.add(name)
            found.append(name)
        return found

    def _type(self, thing: ModelObject) -> type[Any] | None:
        label = thing.labels.get(KIND_LABEL)
        if isinstance(label, str) and label in _TYPES:
            return _TYPES[label]
        kind = usual_type(thing.flexsim_class, thing.name)
        if kind is None and thing.flexsim_class not in _SCENERY:
            message = f"{thing.name!r} ({thing.flexsim_class}) takes no part in the process graph"
            self.report(Severity.INFO, "GR101", message, thing)
        return kind

    def _is_resource(self, index: int) -> bool:
        kind = self.types[index]
        return kind is not None and kind not in _STATIONS

    # ---- connections ----

    def _flow(self) -> list[PortConnection]:
        """Connections from station to station."""
        return [
            wire
            for wire in self.model.connections
            if wire.key == "A" and self.types[wire.upstream] in _STATIONS and self.types[wire.downstream] in _STATIONS
        ]

    def _ranks(self, wires: list[PortConnection]) -> dict[int, tuple[int, int]]:
        """Output and input port of each flow connection, ranked among flow connections only."""
        found = {id(wire): [0, 0] for wire in wires}
        for side, (end, port) in enumerate((("upstream", "out_port"), ("downstream", "in_port"))):
            count: dict[int, int] = {}
            for wire in sorted(wires, key=attrgetter(port)):
                count[getattr(wire, end)] = count.get(getattr(wire, end), 0) + 1
                found[id(wire)][side] = count[getattr(wire, end)]
        return {key: (out, into) for key, (out, into) in found.items()}

    def _links(self, stations: dict[str, m.Station], carried: dict[int, tuple[str | None, ...]]) -> Iterator[m.Link]:
        ranks = self._ranks(self.flow)
        for wire in self.flow:
            out, into = ranks[id(wire)]
            routing = stations[self.names[wire.upstream]].routing
            percent = None
            if isinstance(routing, m.Percent) and out <= len(routing.percents):
                percent = routing.percents[out - 1]
            yield m.Link(
                upstream=self.names[wire.upstream],
                downstream=self.names[wire.downstream],
                out_port=out,
                in_port=into,
                percent=percent,
                transport=carried[wire.upstream][out - 1],
                span=wire.span,
            )

    def _around(self, index: int) -> Around:
        centres = [name for _, name in sorted(self.centres.get(index, ()))]
        return Around(self.inputs[index], self.outputs[index], centres, self.resources, self.tools)

    def _all_centres(self) -> dict[int, list[tuple[int, str]]]:
        """Port rank and name of what stands at the centre ports of each object."""
        found: dict[int, list[tuple[int, str]]] = {}
        for wire in self.model.connections:
            if wire.key == "S":
                found.setdefault(wire.upstream, []).append((wire.out_port, self.names[wire.downstream]))
                if wire.downstream != wire.upstream:
                    found.setdefault(wire.downstream, []).append((wire.in_port, self.names[wire.upstream]))
        return found

    def _report_other_connections(self) -> None:
        for wire in self.model.connections:
            ends = (self.types[wire.upstream], self.types[wire.downstream])
            mixed = (
                wire.key == "A" and None not in ends and any(e in _STATIONS for e in ends) and any(e not in _STATIONS for e in ends)
            )
            if mixed:
                names = f"{self.names[wire.upstream]!r} and {self.names[wire.downstream]!r}"
                where = wire.span or Place(self.names[wire.upstream])
                hint = 'a machine calls an operator or vehicle through a centre port: use "S"'
                self.diagnostics.append(
                    Diagnostic("GR102", Severity.WARNING, f'connecting {names} with "A" moves no items', where, hint)
                )

    # ---- resources ----

    def _resources(self) -> Iterator[m.Resource]:
        teams = self._teams()
        leader = {member: boss for boss, members in reversed(teams.items()) for member in members}
        for index, kind in enumerate(self.types):
            if not self._is_resource(index) or kind is None:
                continue
            read = Reader(self.model.objects[index], self.diagnostics)
            thing = read.thing
            common: dict[str, Any] = {
                "id": self.names[index],
                "flexsim_class": thing.flexsim_class,
                "pose": pose(thing),
                "dispatcher": self.names[leader[index]] if index in leader else None,
                "span": thing.span,
            }
            if kind is m.Dispatcher:
                team = tuple(self.names[i] for i in teams.get(index, ()))
                yield m.Dispatcher(**common, team=team, **_dispatching(read))
            else:
                yield kind(**common, **_mover(read), **(_robot(read) if kind is m.Robot else {}))
            self._unused(read)

    def _teams(self) -> dict[int, list[int]]:
        teams: dict[int, list[tuple[int, int]]] = {}
        for wire in self.model.connections:
            if wire.key == "A" and self.types[wire.upstream] is m.Dispatcher and self._is_resource(wire.downstream):
                teams.setdefault(wire.upstream, []).append((wire.out_port, wire.downstream))
        return {boss: [member for _, member in sorted(members)] for boss, members in sorted(teams.items())}

    def _unused(self, read: Reader) -> None:
        for name in read.thing.properties:
            if name in _MATTERS and name not in read.used:
                read.report(Severity.INFO, "GR108", f"{name} has no counterpart in the process graph and is left out", name)


def _dispatching(read: Reader) -> dict[str, Any]:
    """Code that looks at the request itself (its first parameter) is left out, but for that which ranks it by its priority."""
    found: dict[str, Any] = {}
    for key, name in (("pass_to", "PassTo"), ("queue_strategy", "QueueStrategy")):
        value = read.raw(name)
        if isinstance(value, float):
            value = f"return {value:g};"
        if not isinstance(value, str) or not value.strip():
            continue
        if _OWN_PRIORITY.search(value) and name == "QueueStrategy":
            continue
        result = recognise.result_expression(value)
        if result is not None and recognise.fold(*result) == 0 and name == "PassTo":
            continue
        if _OF_REQUEST.search(value):
            read.used.discard(name)
        elif read.compiles(name, value):
            found[key] = value
    return found


_OF_REQUEST = re.compile(r"\b(param|parnode|parval)\s*\(\s*1\s*\)")
_OWN_PRIORITY = re.compile(r"return\s+(/\*.*?\*/\s*)*([\w.]+\.priority|gettasksequencepriority\s*\([^;]*\))\s*(/\*.*?\*/\s*)*;")


def _mover(read: Reader) -> dict[str, Any]:
    return {
        "capacity": read.whole("Capacity", 1),
        "speed_m_s": read.number("MaxSpeed", 2.0, "m/s"),
        "acceleration_m_s2": read.number("Acceleration", 1.0, "m/s/s"),
        "deceleration_m_s2": read.number("Deceleration", 1.0, "m/s/s"),
        "load_time_s": read.distribution("LoadTime", d.Constant(0.0)),
        "unload_time_s": read.distribution("UnloadTime", d.Constant(0.0)),
    }


_MOTION = {"Simple Motion Method": 1, "Move Time": 2, "Joint Speeds": 3, "Motion Paths": 4}


def _robot(read: Reader) -> dict[str, Any]:
    mode = read.option("MotionMode", _MOTION, "Simple Motion Method")
    if mode != "Move Time" or read.raw("MoveTime") is None:
        return {"move_time_s": None}
    return {"move_time_s": read.distribution("MoveTime", d.Constant(10.0))}
