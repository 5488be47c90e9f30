"""What plays: visible items equal the log's content in the stage itself, lamps and movers follow the log, windows cut."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pxr import Usd, UsdGeom

from gdt2usd.diagnostics import GdtError
from gdt2usd.graph import model as m
from gdt2usd.simulation.experiment import Experiment
from gdt2usd.simulation.records import Event, EventKind, EventLog, State
from gdt2usd.simulation.report import trace
from gdt2usd.stage.animate_states import lamp_colour
from gdt2usd.stage.author import StageOptions, author_stage
from gdt2usd.stage.catalog import load
from tests.stage import factories
from tests.stage.event_logs import CARRIER, STATIONS, content, event_logs
from tests.stage.tiny_runs import tiny_run


def _graph() -> m.ProcessGraph:
    kinds = (m.Source, m.Queue, m.Conveyor, m.Processor, m.Combiner, m.Sink)
    stations = tuple(
        kind(id=name, pose=m.Pose((8.0 * n, 0.0, 0.0))) for n, (kind, name) in enumerate(zip(kinds, STATIONS, strict=True))
    )
    links = tuple(m.Link(upstream=a, downstream=b) for a, b in itertools.pairwise(STATIONS))
    return m.ProcessGraph(stations=stations, links=links, resources=(m.AGV(id=CARRIER),))


def _seen(stage: Usd.Stage, name: str, code: float) -> int:
    """How many instances of a place's pool are visible, as a renderer would count them."""
    prim = stage.GetPrimAtPath(f"/World/Items/{name}")
    if not prim:
        return 0
    pool = UsdGeom.PointInstancer(prim)
    mask = pool.ComputeMaskAtTime(code)
    total = len(pool.GetPositionsAttr().Get(code))
    assert total == len(pool.GetProtoIndicesAttr().Get(code))
    return sum(mask) if len(mask) else total


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(log=event_logs())
def test_visible_items_equal_the_content_at_any_time(log: EventLog, tmp_path: Path) -> None:
    options = StageOptions(window_s=(0.0, log.horizon_s), speedup=2.0)
    stage = Usd.Stage.Open(str(author_stage(_graph(), tmp_path / "stage", log=log, options=options).root))
    times = sorted({e.time_s for e in log.events} | {0.0, log.horizon_s})
    for time in [t + offset for t in times for offset in (0.0, 0.2)]:
        held = content(log, time)
        for place in (*STATIONS, CARRIER):
            assert _seen(stage, place, time / 2.0 * 24.0) == held[place], (place, time)


@pytest.mark.parametrize("form", factories.FORMS)
def test_a_simulated_run_is_seen_as_it_was(form: str, tmp_path: Path) -> None:
    graph = factories.form(form)
    log = trace(graph, Experiment(horizon_s=900.0, warm_up_s=0.0, replications=1, seed=3))
    options = StageOptions(window_s=(300.0, 900.0), speedup=20.0)
    made = author_stage(graph, tmp_path / "stage", log=log, options=options)
    stage = Usd.Stage.Open(str(made.root))
    for time in (300.0, 301.7, 444.4, 600.0, 899.0):
        held = content(log, time)
        for name, path in made.prims.items():
            assert _seen(stage, path.rsplit("/", 1)[1], (time - 300.0) / 20.0 * 24.0) == held[name], (name, time)


@st.composite
def factories_with_carriers(draw: st.DrawFn) -> m.ProcessGraph:
    """Lines of random stations, some fed from the side, at rough places, with people and machines that carry and serve."""
    movers = (m.Operator, m.AGV, m.Transporter, m.Robot, m.Crane, m.TaskExecuter)
    resources: list[Any] = [draw(st.sampled_from(movers))(id=f"Mover {n}") for n in range(draw(st.integers(1, 3)))]
    resources += [m.Dispatcher(id="Desk", team=(resources[0].id,)), m.Operator(id="Helper")]
    carriers = st.sampled_from([None, None, *(r.id for r in resources if r.id != "Helper")])
    kinds = (m.Queue, m.Processor, m.Conveyor, m.Combiner, m.Separator, m.Storage, m.MultiProcessor)
    middle: list[m.Station] = []
    for n, kind in enumerate(draw(st.lists(st.sampled_from(kinds), min_size=1, max_size=5))):
        spot = m.Pose((7.0 * n + 7.0 + draw(st.integers(-3, 3)), float(draw(st.integers(-8, 8))), 0.0))
        need = m.OperatorNeed(("Helper",)) if kind in (m.Processor, m.Combiner) and draw(st.booleans()) else None
        middle.append(kind(id=f"{kind.__name__} {n}", pose=spot, **({"operators": need} if need else {})))
    line: list[m.Station] = [m.Source(id="Source"), *middle, m.Sink(id="Sink", pose=m.Pose((49.0, 0.0, 0.0)))]
    links = [m.Link(upstream=a.id, downstream=b.id, transport=draw(carriers)) for a, b in itertools.pairwise(line)]
    for station in middle:
        if isinstance(station, m.Combiner):
            side = m.Source(id=f"Pallets for {station.id}", pose=m.Pose((station.pose.position_m[0], 12.0, 0.0)))
            line.append(side)
            links = [replace(k, in_port=2) if k.downstream == station.id else k for k in links]
            links.append(m.Link(upstream=side.id, downstream=station.id, transport=draw(carriers)))
    return m.ProcessGraph(stations=tuple(line), links=tuple(links), resources=tuple(resources))


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(graph=factories_with_carriers(), start=st.sampled_from([0.0, 61.3]))
def test_any_run_is_seen_as_it_was(graph: m.ProcessGraph, start: float, tmp_path: Path) -> None:
    log = trace(graph, Experiment(horizon_s=200.0, warm_up_s=0.0, replications=1, seed=5))
    made = author_stage(graph, tmp_path / "stage", log=log, options=StageOptions(window_s=(start, 200.0), speedup=5.0))
    stage = Usd.Stage.Open(str(made.root))
    x0, y0, x1, y1 = made.layout.bounds_m
    for time in (start, 70.0, 99.9, 137.25, 199.0):
        held, code = content(log, time), (time - start) / 5.0 * 24.0
        for name, path in made.prims.items():
            assert _seen(stage, path.rsplit("/", 1)[1], code) == held[name], (name, time)
            pool = UsdGeom.PointInstancer(stage.GetPrimAtPath(f"/World/Items/{path.rsplit('/', 1)[1]}"))
            if pool and held[name]:
                mask = pool.ComputeMaskAtTime(code) or [True] * held[name]
                spots = [p for p, shown in zip(pool.GetPositionsAttr().Get(code), mask, strict=True) if shown]
                assert all(x0 - 5 < x < x1 + 5 and y0 - 5 < y < y1 + 5 and -0.01 < z < 12.0 for x, y, z in spots), (name, time)


def test_lamps_show_states_and_jump(tmp_path: Path) -> None:
    rows = [(10.0, State.PROCESSING), (30.0, State.BLOCKED), (50.0, State.DOWN)]
    log = EventLog(tuple(Event(t, EventKind.STATE, "Machine", other=s) for t, s in rows), 60.0)
    made = author_stage(_graph(), tmp_path / "stage", log=log, options=StageOptions(speedup=1.0))
    stage = Usd.Stage.Open(str(made.root))
    colour = stage.GetPrimAtPath("/World/Lamps/Machine").GetAttribute("primvars:displayColor")
    state = stage.GetPrimAtPath(made.prims["Machine"]).GetAttribute("gdt:state")
    for time, expected in (
        (5.0, State.IDLE),
        (10.0, State.PROCESSING),
        (29.9, State.PROCESSING),
        (30.0, State.BLOCKED),
        (59.0, State.DOWN),
    ):
        assert tuple(colour.Get(24.0 * time)[0]) == pytest.approx(lamp_colour(expected)), time
        assert state.Get(24.0 * time) == expected


def test_an_operator_walks_and_is_there_in_time(tmp_path: Path) -> None:
    graph = factories.linear()
    log = EventLog(
        (
            Event(5.0, EventKind.TRAVEL, "Operator 1", other="Inspection", value=15.0),
            Event(20.0, EventKind.TRAVEL, "Operator 1", other="", value=30.0),
        ),
        40.0,
    )
    made = author_stage(graph, tmp_path / "stage", log=log, options=StageOptions(speedup=1.0))
    stage = Usd.Stage.Open(str(made.root))
    prim = stage.GetPrimAtPath(made.prims["Operator 1"])
    spots = {t: prim.GetAttribute("xformOp:translate").Get(24.0 * t) for t in (0.0, 5.0, 10.0, 15.0, 20.0, 30.0)}
    home = made.layout.placements["Operator 1"].position_m
    goal = made.layout.placements["Inspection"]
    assert tuple(spots[0.0]) == pytest.approx(home)
    assert tuple(spots[5.0]) == pytest.approx(home)
    assert (spots[15.0] - spots[20.0]).GetLength() < 1e-6
    assert abs(spots[15.0][0] - goal.position_m[0]) < 1.5
    assert goal.rect()[1] - 1.5 < spots[15.0][1] < goal.rect()[1] + 0.05
    assert tuple(spots[30.0]) == pytest.approx(home, abs=1e-3)
    assert min(home[0], spots[15.0][0]) < spots[10.0][0] < max(home[0], spots[15.0][0])


def test_legs_swing_only_on_the_way(tmp_path: Path) -> None:
    graph = factories.linear()
    log = EventLog((Event(5.0, EventKind.TRAVEL, "Operator 1", other="Inspection", value=15.0),), 40.0)
    made = author_stage(graph, tmp_path / "stage", log=log, options=StageOptions(speedup=1.0))
    stage = Usd.Stage.Open(str(made.root))
    legs = [
        stage.GetPrimAtPath(f"{made.prims['Operator 1']}/Geometry/{s}Leg").GetAttribute("xformOp:rotateY")
        for s in ("Left", "Right")
    ]
    angles = {t: [float(leg.Get(24.0 * t)) for leg in legs] for t in (0.0, 5.0, *(5.0 + 0.1 * n for n in range(100)), 20.0)}
    assert angles[0.0] == angles[5.0] == angles[20.0] == [0.0, 0.0]
    assert max(a for a, _ in angles.values()) > 15.0 and min(a for a, _ in angles.values()) < -15.0
    assert all(a == pytest.approx(-b) for a, b in angles.values())


def test_a_truck_lifts_what_it_takes(tmp_path: Path) -> None:
    graph = _cell(m.Transporter(id="R"))
    log = EventLog((Event(20.0, EventKind.LOAD, "R", 1, "Weld"), Event(30.0, EventKind.UNLOAD, "R", 1, "Grind")), 40.0)
    made = author_stage(graph, tmp_path / "stage", log=log, options=StageOptions(speedup=1.0))
    stage = Usd.Stage.Open(str(made.root))
    forks = stage.GetPrimAtPath(f"{made.prims['R']}/Geometry/Carriage").GetAttribute("xformOp:translate:shift")
    pool = UsdGeom.PointInstancer(stage.GetPrimAtPath("/World/Items/R"))
    assert [round(forks.Get(24.0 * t)[2], 2) for t in (0.0, 20.0, 25.0, 30.0, 35.0)] == [0.0, 0.8, 0.0, 0.8, 0.0]
    assert pool.GetPositionsAttr().Get(24.0 * 25.0)[0][2] == pytest.approx(0.105, abs=0.01)
    assert pool.GetPositionsAttr().Get(24.0 * 29.99)[0][2] == pytest.approx(0.9, abs=0.03)


def _cell(carrier: m.Resource) -> m.ProcessGraph:
    """Two machines, 6 m apart, and what carries from one to the other."""
    stations = tuple(m.Processor(id=name, pose=m.Pose((x, 0.0, 0.0))) for name, x in (("Weld", 0.0), ("Grind", 6.0)))
    link = m.Link(upstream="Weld", downstream="Grind", transport=carrier.id)
    return m.ProcessGraph(stations=stations, links=(link,), resources=(carrier,))


@pytest.mark.parametrize(
    ("carrier", "hand"), [(m.Robot(id="R"), "Geometry/J1/J2/J3/J4/J5/J6"), (m.Crane(id="R"), "Geometry/Bridge/Trolley/Hook")]
)
def test_a_hand_is_over_the_ports_when_it_takes_and_puts(carrier: m.Resource, hand: str, tmp_path: Path) -> None:
    graph = _cell(carrier)
    log = EventLog((Event(20.0, EventKind.LOAD, "R", 1, "Weld"), Event(30.0, EventKind.UNLOAD, "R", 1, "Grind")), 40.0)
    made = author_stage(graph, tmp_path / "stage", log=log, options=StageOptions(speedup=1.0))
    stage = Usd.Stage.Open(str(made.root))
    prim = UsdGeom.Xformable(stage.GetPrimAtPath(f"{made.prims['R']}/{hand}"))
    asset = load().look("processor", "Weld")
    weld, grind = (made.layout.placements[i] for i in ("Weld", "Grind"))
    ports = {
        20.0: weld.world(asset.outputs[0].position_m),
        30.0: grind.world(load().look("processor", "Grind").inputs[0].position_m),
    }
    for time, port in ports.items():
        at = prim.ComputeLocalToWorldTransform(24.0 * time).ExtractTranslation()
        assert math.dist((at[0], at[1]), port[:2]) < 0.3, time
        above = prim.ComputeLocalToWorldTransform(24.0 * (time + 1.0)).ExtractTranslation()
        assert above[2] > at[2] + 0.2  # lifted again
    pool = UsdGeom.PointInstancer(stage.GetPrimAtPath("/World/Items/R"))
    for time in (24.0, 26.0, 28.0):
        at = prim.ComputeLocalToWorldTransform(24.0 * time).ExtractTranslation()
        item = pool.GetPositionsAttr().Get(24.0 * time)[0]
        assert math.dist((at[0], at[1]), (item[0], item[1])) < 0.15, time
        assert 0.2 < at[2] - item[2] < 1.0


@pytest.mark.parametrize(
    ("window", "speedup", "code"), [((50.0, 60.0), 1.0, "ST301"), ((0.0, 10.0), 0.0, "ST302"), ((5.0, 5.0), 1.0, "ST301")]
)
def test_impossible_windows_are_refused(window: tuple[float, float], speedup: float, code: str, tmp_path: Path) -> None:
    log = EventLog((), 30.0)
    with pytest.raises(GdtError, match=code):
        author_stage(_graph(), tmp_path / "stage", log=log, options=StageOptions(window_s=window, speedup=speedup))
    assert list(tmp_path.iterdir()) == []


def test_keys_are_only_where_something_happens(tmp_path: Path) -> None:
    """A pool's keys are a few per event of its place, however long the run."""
    graph = factories.u_shape()
    log = tiny_run(graph, 300.0)
    made = author_stage(graph, tmp_path / "stage", log=log, options=StageOptions(speedup=1.0))
    stage = Usd.Stage.Open(str(made.root))
    for name in ("Saw", "Oven"):
        events = {e.time_s for e in log.events if e.place == name and e.kind is not EventKind.STATE}
        keys = stage.GetPrimAtPath(f"/World/Items/{name}").GetAttribute("positions").GetNumTimeSamples()
        assert 0 < keys <= 5 * len(events) + 2
