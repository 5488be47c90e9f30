"""Floor plans: nothing overlaps, order and given positions are kept, machines face the flow, belts reach what they join."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gdt2usd.graph import model as m
from gdt2usd.stage.author_scene import Scene, StageOptions, make_scene
from gdt2usd.stage.catalog import load
from gdt2usd.stage.layout_paths import Floor
from gdt2usd.stage.layout_spread import find_overlaps, stretch
from gdt2usd.stage.naming import identifier, unique_identifiers
from tests.stage import factories


def _scene(graph: m.ProcessGraph) -> Scene:
    return make_scene(graph, load(), StageOptions())


def _overlaps(scene: Scene) -> list[tuple[str, str]]:
    """Pairs of machines (no conveyors, which touch what they join) whose footprints overlap."""
    names = [s.id for s in scene.graph.stations if not isinstance(s, m.Conveyor)]
    rects = [scene.layout.placements[i].rect() for i in names]
    return [(names[a], names[b]) for a, b in find_overlaps(rects)]


@pytest.mark.parametrize("form", factories.FORMS)
@pytest.mark.parametrize("squeeze", [1.0, 0.5, 0.2])
def test_no_machines_overlap(form: str, squeeze: float) -> None:
    graph = factories.form(form)
    tight = tuple(
        replace(s, pose=replace(s.pose, position_m=(s.pose.position_m[0] * squeeze, s.pose.position_m[1] * squeeze, 0.0)))
        for s in graph.stations
    )
    scene = _scene(replace(graph, stations=tight))
    assert _overlaps(scene) == []
    if squeeze < 0.5:
        assert any(d.code == "ST102" for d in scene.diagnostics)


@pytest.mark.parametrize("form", factories.FORMS)
def test_missing_positions_are_made_from_the_flow(form: str) -> None:
    scene = _scene(factories.without_positions(factories.form(form)))
    assert _overlaps(scene) == []
    assert any(d.code == "ST101" for d in scene.diagnostics)


def test_the_order_of_the_sketch_is_kept() -> None:
    graph = factories.linear()
    tight = tuple(
        replace(s, pose=replace(s.pose, position_m=(0.3 * s.pose.position_m[0], s.pose.position_m[1], 0.0))) for s in graph.stations
    )
    placed = _scene(replace(graph, stations=tight)).layout.placements
    row = ["Raw Parts", "Queue 1", "CNC Mill 1", "Inspection", "Good"]
    assert all(placed[a].position_m[0] < placed[b].position_m[0] for a, b in pairwise(row))
    assert all(placed[i].position_m[1] == pytest.approx(0.0) for i in row)


def test_good_positions_stay() -> None:
    scene = _scene(factories.u_shape())
    for station in scene.graph.stations:
        assert scene.layout.placements[station.id].position_m == pytest.approx(station.pose.position_m)


def test_machines_face_the_flow() -> None:
    placed = _scene(factories.u_shape()).layout.placements
    assert placed["Drill"].yaw_deg == 0.0
    assert abs(placed["Packing"].yaw_deg) == 180.0


def test_a_belt_spans_between_ports() -> None:
    scene = _scene(factories.linear())
    belt = scene.layout.placements["Belt"]
    mill, check = scene.layout.placements["CNC Mill 1"], scene.layout.placements["Inspection"]
    assert belt.start_m is not None and belt.end_m is not None
    assert math.dist(belt.start_m[:2], mill.world(scene.bodies["CNC Mill 1"].exit_m)[:2]) < 0.05
    assert math.dist(belt.end_m[:2], check.world(scene.bodies["Inspection"].entry_m)[:2]) < 0.05


def test_operators_stand_beside_their_machines() -> None:
    scene = _scene(factories.linear())
    worker, mill = scene.layout.placements["Operator 1"], scene.layout.placements["CNC Mill 1"]
    assert math.dist(worker.position_m[:2], mill.position_m[:2]) < 3.5
    x0, y0, x1, y1 = mill.rect()
    assert not (x0 < worker.position_m[0] < x1 and y0 < worker.position_m[1] < y1)


_RECTS = st.lists(
    st.tuples(st.floats(-20, 20), st.floats(-20, 20), st.floats(0.2, 6), st.floats(0.2, 6)).map(
        lambda r: (r[0], r[1], r[0] + r[2], r[1] + r[3])
    ),
    max_size=12,
)


@settings(max_examples=200, deadline=None)
@given(_RECTS)
def test_stretching_always_ends_without_overlaps(rects: list[tuple[float, float, float, float]]) -> None:
    if not rects:
        return
    moved = [(x0 + dx, y0 + dy, x1 + dx, y1 + dy) for (x0, y0, x1, y1), (dx, dy) in zip(rects, stretch(rects), strict=True)]
    assert find_overlaps(moved) == []


def test_ways_lead_around_machines() -> None:
    floor = Floor((0.0, 0.0, 10.0, 10.0), [(4.0, 1.0, 6.0, 9.0)], body_m=0.6)
    way = floor.way((2.0, 5.0), (8.0, 5.0))
    assert way[0] == (2.0, 5.0) and way[-1] == (8.0, 5.0)
    assert len(way) > 2
    for (ax, ay), (bx, by) in pairwise(way):
        for n in range(21):
            x, y = ax + (bx - ax) * n / 20, ay + (by - ay) * n / 20
            assert not (4.0 < x < 6.0 and 1.0 < y < 9.0)


@given(st.lists(st.text(max_size=80), max_size=12))
def test_identifiers_are_valid_and_unique(names: list[str]) -> None:
    made = unique_identifiers((n, "Station") for n in names)
    assert len({w.lower() for w in made}) == len(names)
    assert all(w.isidentifier() and w.isascii() and len(w) <= 72 for w in made)


def test_identifiers_look_like_their_names() -> None:
    assert [identifier(n) for n in ("CNC Mill 1", "Prüfung", "3D Print", "def", "", "🚜")] == [
        "CNC_Mill_1",
        "Prufung",
        "_3D_Print",
        "_def",
        "Object",
        "Object",
    ]


def test_a_branch_to_rework_does_not_turn_a_machine() -> None:
    def at(x: float, y: float) -> m.Pose:
        return m.Pose((x, y, 0.0))

    names = ["In", "Mill", "Check", "Pack", "Out"]
    stations: tuple[m.Station, ...] = (
        m.Source(id="In", pose=at(0, 0)),
        *(m.Processor(id=n, pose=at(7.0 * k, 0)) for k, n in ((1, "Mill"), (2, "Check"), (3, "Pack"))),
        m.Sink(id="Out", pose=at(28, 0)),
        m.Processor(id="Rework", pose=at(14, 16)),
    )
    links = [m.Link(upstream=a, downstream=b) for a, b in pairwise(names)]
    links += [m.Link(upstream="Check", downstream="Rework", out_port=2), m.Link(upstream="Rework", downstream="Pack", in_port=2)]
    placed = _scene(m.ProcessGraph(stations=stations, links=tuple(links))).layout.placements
    assert [placed[i].yaw_deg for i in names] == [0.0] * 5


def test_rows_that_corners_have_shifted_are_made_straight() -> None:
    graph = factories.u_shape()
    shifted = tuple(
        replace(s, pose=replace(s.pose, position_m=(s.pose.position_m[0], s.pose.position_m[1] - 0.5 * (n % 2), 0.0)))
        for n, s in enumerate(graph.stations)
    )
    scene = _scene(replace(graph, stations=shifted))
    placed = scene.layout.placements
    rows = [{round(placed[s.id].position_m[1], 6) for s in row} for row in (graph.stations[:4], graph.stations[4:])]
    assert [len(row) for row in rows] == [1, 1]
    assert scene.layout.form == "u"
    assert any(d.code == "ST102" for d in scene.diagnostics)


def test_rows_that_flow_back_show_their_fronts() -> None:
    scene = _scene(factories.u_shape())
    for name in ("Saw", "Paint Booth", "Packing"):
        placed = scene.layout.placements[name]
        front = placed.world(scene.bodies[name].service_m)
        assert front[1] < placed.position_m[1], name
    packing = scene.layout.placements["Packing"]
    assert packing.mirrored
    assert packing.world(scene.bodies["Packing"].entry_m)[0] > packing.position_m[0]


def test_a_yaw_of_the_script_is_kept() -> None:
    graph = factories.u_shape()
    turned = tuple(replace(s, pose=replace(s.pose, yaw_deg=180.0)) if s.id == "Packing" else s for s in graph.stations)
    placed = _scene(replace(graph, stations=turned)).layout.placements["Packing"]
    assert (placed.yaw_deg, placed.mirrored) == (180.0, False)


@pytest.mark.parametrize("first", [4.0, -4.0])
def test_both_outlets_of_a_separator_are_used(first: float) -> None:
    graph = m.ProcessGraph(
        stations=(
            m.Source(id="S"),
            m.Separator(id="Split", pose=m.Pose((8.0, 0.0, 0.0))),
            m.Queue(id="A", pose=m.Pose((16.0, first, 0.0))),
            m.Queue(id="B", pose=m.Pose((16.0, -first, 0.0))),
        ),
        links=(
            m.Link(upstream="S", downstream="Split"),
            m.Link(upstream="Split", downstream="A"),
            m.Link(upstream="Split", downstream="B", out_port=2),
        ),
    )
    layout = _scene(graph).layout
    sides = {n for n in ("A", "B") if layout.door("Split", n, exits=True)}
    assert sides == {"A" if first > 0 else "B"}


def test_a_belt_far_from_what_it_feeds_keeps_its_length() -> None:
    stations = (
        m.Source(id="S"),
        m.Conveyor(id="Belt", pose=m.Pose((5.0, 0.0, 0.0)), length_m=4.0),
        m.Sink(id="K", pose=m.Pose((40.0, 0.0, 0.0))),
    )
    links = (m.Link(upstream="S", downstream="Belt"), m.Link(upstream="Belt", downstream="K"))
    belt = _scene(m.ProcessGraph(stations=stations, links=links)).layout.placements["Belt"]
    assert belt.end_m is not None and belt.end_m[0] == pytest.approx(7.0, abs=0.3)


def test_a_belt_runs_straight_into_a_machine_whose_ports_are_aside() -> None:
    stations = (
        m.Source(id="S"),
        m.Conveyor(id="Belt", pose=m.Pose((6.0, 0.0, 0.0)), length_m=5.0),
        m.Processor(id="Bottle Filler", pose=m.Pose((12.0, 0.0, 0.0))),
        m.Sink(id="K", pose=m.Pose((18.0, 0.0, 0.0))),
    )
    links = tuple(m.Link(upstream=a.id, downstream=b.id) for a, b in pairwise(stations))
    scene = _scene(m.ProcessGraph(stations=stations, links=links))
    belt, filler = scene.layout.placements["Belt"], scene.layout.placements["Bottle Filler"]
    body = scene.bodies["Bottle Filler"]
    assert body.entry_m[1] != 0.0
    assert belt.yaw_deg == pytest.approx(0.0, abs=0.1)
    assert belt.end_m is not None
    assert math.dist(belt.end_m[:2], filler.world(body.entry_m)[:2]) < 0.05
