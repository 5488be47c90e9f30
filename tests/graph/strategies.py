"""Random process graphs for property tests: valid ones (`valid_graphs`) and any that the types allow (`any_graphs`).

A valid graph has a source and a sink, every station on a way from one to the other, ports without gaps.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from gdt2usd.graph import distributions as d
from gdt2usd.graph import model as m
from gdt2usd.graph.emit import belt_pose
from gdt2usd.script.library_sizes import default_size_m

_finite = st.floats(min_value=0.01, max_value=5000.0, allow_nan=False).map(lambda x: round(x, 3))
_coordinates = st.floats(min_value=-500.0, max_value=500.0).map(lambda x: round(x, 3) + 0.0)
_points = st.tuples(_coordinates, _coordinates, _coordinates)
_sizes = st.tuples(_finite, _finite, _finite)
_texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=12)
_names = st.one_of(
    _texts, st.sampled_from(["Queue 1", "Scanner", "AGV 1", "Line 3 Q", 'say "hi"', "back\\slash", "two\nlines", "Wägen"])
)


def exact_ints(low: int = 1, high: int = 50) -> st.SearchStrategy[int]:
    """Whole numbers, small ones first."""
    return st.integers(min_value=low, max_value=high)


@st.composite
def distributions(draw: st.DrawFn) -> d.Distribution:
    """Positive times of every family."""
    a, b, c = sorted(draw(st.tuples(_finite, _finite, _finite)))
    location = draw(st.sampled_from([0.0, 0.0, 1.5]))
    options: list[d.Distribution] = [
        d.Constant(a),
        d.Exponential(b, location),
        d.Normal(c, a),
        d.Triangular(a, b, c),
        d.Uniform(a, c),
        d.Lognormal(draw(st.floats(-3, 6).map(lambda x: round(x, 3))), 0.5, location),
        d.Weibull(1.5, b, location),
        d.Gamma(2.0, b, location),
        d.Poisson(min(b, 500.0)),
        d.FlexSimDistribution("erlang", (location, a, 3.0)),
        d.FlexSimDistribution("beta", (a, c, 2.0, 3.0), 60.0),
        d.FlexSimDistribution("duniform", (1.0, 6.0)),
        d.Expression("Object current = ownerobject(c);\nObject item = param(1);\nreturn item.Type == 2 ? 30 : 12;"),
        d.Expression("Object item = param(1);\nif (item.Type) { return (item.Type + 1) * 2; }\nreturn item.x ? 3 : 1;", 60.0),
    ]
    return draw(st.sampled_from(options))


@st.composite
def poses(draw: st.DrawFn, flexsim_class: str) -> m.Pose:
    """Anywhere, often of the library's size."""
    size = draw(st.one_of(st.just(default_size_m(flexsim_class)), _sizes))
    return m.Pose(draw(_points), draw(st.sampled_from([0.0, 90.0, -45.0, 33.125])), size)


_breakdowns = st.builds(m.Breakdown, time_to_failure_s=distributions(), time_to_repair_s=distributions())
_triggers = st.lists(
    st.builds(
        m.Trigger,
        event=st.sampled_from(["OnEntry", "OnExit", "OnProcessFinish"]),
        flexscript=st.sampled_from(
            [
                "Object current = ownerobject(c);\nObject item = param(1);\nitem.Type = duniform(1, 3, getstream(current));",
                'Object item = param(1);\nitem.labels.assert("seen", 0).value = 1;',
            ]
        ),
    ),
    max_size=2,
    unique_by=lambda t: t.event,
).map(tuple)


def _machine(draw: st.DrawFn) -> dict[str, Any]:
    return {
        "capacity": draw(exact_ints(1, 5)),
        "process_time_s": draw(distributions()),
        "setup_time_s": draw(st.one_of(st.just(d.Constant(0.0)), distributions())),
        "breakdown": draw(st.one_of(st.none(), _breakdowns)),
    }


@st.composite
def stations(draw: st.DrawFn, kind: type[Any], name: str) -> m.Station:
    """A station of a kind, without routing, operators and components, which need the links."""
    flexsim_class = {m.Storage: draw(st.sampled_from(["Rack", "FloorStorage"]))}.get(
        kind, kind.__dataclass_fields__["flexsim_class"].default
    )
    common: dict[str, Any] = {
        "id": name,
        "flexsim_class": flexsim_class,
        "pose": draw(poses(flexsim_class)),
        "pull": draw(st.booleans()),
        "triggers": draw(_triggers),
    }
    if kind is m.Source:
        times = sorted(draw(st.lists(_finite, max_size=3)))
        common |= {
            "interarrival_time_s": draw(distributions()),
            "arrival_at_zero": draw(st.booleans()),
            "schedule": tuple(m.Arrival(time_s=t, quantity=draw(exact_ints(1, 9)), item_type=2.0) for t in times),
            "repeat_schedule": draw(st.booleans()),
        }
    elif kind is m.Queue:
        common |= {
            "capacity": draw(exact_ints()),
            "discipline": draw(st.sampled_from(m.Discipline)),
            "batching": draw(st.one_of(st.none(), st.builds(m.Batching, size=exact_ints(2, 9), max_wait_s=_finite))),
        }
    elif kind in (m.Processor, m.Combiner, m.Separator, m.MultiProcessor):
        common |= _machine(draw)
    if kind is m.Combiner:
        common["mode"] = draw(st.sampled_from(m.CombinerMode))
    elif kind is m.Separator:
        common |= {"mode": draw(st.sampled_from(m.SeparatorMode)), "quantity": draw(st.one_of(st.none(), st.just(d.Constant(3.0))))}
    elif kind is m.MultiProcessor:
        steps = draw(st.lists(st.tuples(_texts, distributions(), exact_ints(0, 3)), max_size=3))
        common["steps"] = tuple(m.ProcessStep(name=n, process_time_s=t, operator_count=c) for n, t, c in steps)
    elif kind is m.Storage:
        common |= {"capacity": draw(exact_ints()), "dwell_time_s": draw(st.one_of(st.just(d.Constant(0.0)), distributions()))}
    elif kind is m.Conveyor:
        common |= _belt(draw, common["pose"])
    made: m.Station = kind(**common)
    return made


def _belt(draw: st.DrawFn, pose: m.Pose) -> dict[str, Any]:
    length, width = draw(_finite), draw(st.sampled_from([1.0, 0.6]))
    found: dict[str, Any] = {
        "length_m": length,
        "speed_m_s": draw(st.sampled_from([1.0, 0.25])),
        "accumulating": draw(st.booleans()),
        "item_length_m": draw(st.sampled_from([0.61, 0.3])),
        "item_spacing_m": draw(st.sampled_from([0.0, 0.1])),
        "width_m": width,
    }
    if draw(st.booleans()):
        start, end = draw(_points), draw(_points)
        own = draw(st.booleans())
        found |= {"start_m": start, "end_m": end, "pose": belt_pose(start, end, length, width) if own else pose}
    return found


_MIDDLE = (m.Queue, m.Processor, m.Combiner, m.Separator, m.MultiProcessor, m.Conveyor, m.Storage)
_MOVERS = (m.Operator, m.Transporter, m.Robot, m.AGV, m.TaskExecuter, m.Crane)


@st.composite
def valid_graphs(draw: st.DrawFn, max_middle: int = 5) -> m.ProcessGraph:
    """A factory that makes sense: sources first, sinks last, links forward, every port rank used once."""
    kinds: list[type[Any]] = [m.Source] * draw(exact_ints(1, 2))
    kinds += draw(st.lists(st.sampled_from(_MIDDLE), max_size=max_middle))
    kinds += [m.Sink] * draw(exact_ints(1, 2))
    movers = draw(st.lists(st.sampled_from(_MOVERS), max_size=4))
    dispatchers = draw(exact_ints(0, 1)) if movers else 0
    names = draw(
        st.lists(
            _names, min_size=len(kinds) + len(movers) + dispatchers, max_size=len(kinds) + len(movers) + dispatchers, unique=True
        )
    )
    bare = [draw(stations(kind, name)) for kind, name in zip(kinds, names, strict=False)]
    resources = _resources(draw, movers, names[len(kinds) :])
    links = _links(draw, bare, [r.id for r in resources])
    finished = tuple(_finished(draw, s, links, [r.id for r in resources]) for s in bare)
    percents = {s.id: s.routing.percents for s in finished if isinstance(s.routing, m.Percent)}
    return m.ProcessGraph(
        stations=finished,
        links=tuple(_with_percent(link, percents) for link in links),
        resources=resources,
        horizon_s=draw(st.sampled_from([None, 28800.0, 1234.5])),
        warm_up_s=draw(st.sampled_from([None, 1800.0])),
    )


def _resources(draw: st.DrawFn, movers: list[type[Any]], names: list[str]) -> tuple[m.Resource, ...]:
    boss = names[len(movers)] if len(names) > len(movers) else None
    team = tuple(name for name in names[: len(movers)] if boss is not None and draw(st.booleans()))
    found: list[m.Resource] = []
    for kind, name in zip(movers, names, strict=False):
        flexsim_class = kind.__dataclass_fields__["flexsim_class"].default
        own = {"move_time_s": draw(st.one_of(st.none(), distributions()))} if kind is m.Robot else {}
        found.append(
            kind(
                id=name,
                pose=draw(poses(flexsim_class)),
                dispatcher=boss if name in team else None,
                capacity=draw(exact_ints(1, 4)),
                speed_m_s=draw(_finite),
                acceleration_m_s2=draw(st.sampled_from([1.0, 0.5])),
                load_time_s=draw(st.one_of(st.just(d.Constant(0.0)), distributions())),
                **own,
            )
        )
    if boss is not None:
        pass_to = draw(st.sampled_from(["", "", "return duniform(0, 1, getstream(ownerobject(c)));"]))
        strategy = draw(st.sampled_from(["", "", "return Model.time;"]))
        found.append(m.Dispatcher(id=boss, pose=draw(poses("Dispatcher")), team=team, pass_to=pass_to, queue_strategy=strategy))
    return tuple(found)


def _links(draw: st.DrawFn, bare: list[m.Station], resources: list[str]) -> list[m.Link]:
    """Every station gets a way in from an earlier and a way out to a later one; then some more."""
    pairs: list[tuple[int, int]] = []
    sources = sum(isinstance(s, m.Source) for s in bare)
    last_middle = max((i for i, s in enumerate(bare) if not isinstance(s, m.Sink)), default=0)
    for at, station in enumerate(bare):
        needed = 2 if isinstance(station, m.Combiner) else 1
        if at >= sources:
            earlier = list(range(min(at, last_middle + 1)))
            pairs += [(draw(st.sampled_from(earlier)), at) for _ in range(needed)]
    for at, station in enumerate(bare):
        if not isinstance(station, m.Sink) and not any(up == at for up, _ in pairs):
            later = list(range(max(at + 1, sources), len(bare)))
            pairs.append((at, draw(st.sampled_from(later))))
    out: dict[int, int] = {}
    into: dict[int, int] = {}
    found = []
    for up, down in draw(st.permutations(pairs)):
        out[up], into[down] = out.get(up, 0) + 1, into.get(down, 0) + 1
        transport = draw(st.sampled_from([None, *resources])) if resources else None
        found.append(
            m.Link(upstream=bare[up].id, downstream=bare[down].id, out_port=out[up], in_port=into[down], transport=transport)
        )
    return found


def _finished(draw: st.DrawFn, station: m.Station, links: list[m.Link], resources: list[str]) -> m.Station:
    from dataclasses import replace

    changes: dict[str, Any] = {}
    outputs = sum(link.upstream == station.id for link in links)
    inputs = sum(link.downstream == station.id for link in links)
    if not isinstance(station, m.Sink):
        changes["routing"] = draw(routings(outputs))
    if station.pull and not isinstance(station, m.Conveyor) and draw(st.booleans()):
        changes["pull_requirement"] = "Object item = param(1);\nreturn item.Type == 2;"
        changes["pull_strategy"] = draw(st.sampled_from(("", "return 2;")))
    if not isinstance(station, m.Conveyor):
        changes["transport_priority"] = float(draw(exact_ints(0, 2)))
    if isinstance(station, m.Processor | m.Combiner | m.Separator):
        changes["operator_priority"] = float(draw(exact_ints(0, 2)))
    if isinstance(station, m.Combiner):
        changes["components"] = tuple(draw(exact_ints(1, 4)) for _ in range(inputs - 1))
    if isinstance(station, m.Processor | m.Combiner | m.Separator | m.MultiProcessor) and resources and draw(st.booleans()):
        called = tuple(draw(st.lists(st.sampled_from(resources), min_size=1, max_size=3, unique=True)))
        changes["operators"] = m.OperatorNeed(called, draw(exact_ints(1, 2)), draw(exact_ints(0, 2)))
        carriers = [link.transport for link in links if link.upstream == station.id and link.transport]
        if not isinstance(station, m.MultiProcessor) and draw(st.booleans()) and set(carriers) <= set(called):
            changes["operator_call"] = m.CallCode(called, BY_ITEM)
    return replace(station, **changes)


# no stand-in item has this label: who is called is only known while the simulation runs
BY_ITEM = "Object current = ownerobject(c);\nObject item = param(1);\nreturn current.centerObjects[item.Grade];"


@st.composite
def routings(draw: st.DrawFn, outputs: int) -> m.Routing:
    """A rule for a station with `outputs` output ports."""
    options: list[m.Routing] = [
        m.FirstAvailable(),
        m.FirstAvailable(),
        m.ToPort(draw(exact_ints(1, max(1, outputs)))),
        m.ByLabel("Type"),
    ]
    if outputs > 1:
        cuts = sorted(draw(st.lists(st.integers(1, 99), min_size=outputs - 1, max_size=outputs - 1)))
        shares = [b - a for a, b in zip([0, *cuts], [*cuts, 100], strict=True)]
        options += [
            m.Percent(tuple(float(share) for share in shares)),
            m.RoundRobin(),
            m.RandomPort(),
            m.ShortestQueue(),
            m.ByLabel("my label"),
            m.RoutingExpression("Object item = param(1);\nreturn item.Type > 2 ? 1 : 2;"),
        ]
    return draw(st.sampled_from(options))


def _with_percent(link: m.Link, percents: dict[str, tuple[float, ...]]) -> m.Link:
    from dataclasses import replace

    found = percents.get(link.upstream)
    return replace(link, percent=found[link.out_port - 1]) if found else link
