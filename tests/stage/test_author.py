"""The authored stage says what the graph says: names, places, facts and links, for every form and for hostile names."""

from __future__ import annotations

import itertools
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pxr import Kind, Sdf, Usd, UsdGeom

from gdt2usd.diagnostics import GdtError, Severity
from gdt2usd.graph import model as m
from gdt2usd.stage.author import AuthoredStage, StageOptions, author_stage
from gdt2usd.stage.author_read import read_stage
from gdt2usd.stage.author_text import attribute_lines, facts, plain_value
from tests.stage import factories
from tests.stage.tiny_runs import tiny_run

HOSTILE = (
    *("", " ", "x" * 300, "🚜🏭", "a/b\\c", "../../etc", "Queue 1", "queue 1", "Queue  1", "World", "def", "class", "over"),
    *("مكبس", "压机 3", 'He said "no"', "line\nbreak", "tab\there", "\x00nul", "\x1b[31mred", "{curly}", "@asset@"),
    *("</World>", "123", "Ünïcödé", "a:b", "\ud800half"),
)


@pytest.mark.parametrize("form", factories.FORMS)
@pytest.mark.parametrize("animated", [False, True])
def test_a_stage_reads_back_as_its_graph(form: str, animated: bool, tmp_path: Path) -> None:
    graph = factories.form(form)
    log = tiny_run(graph, 120.0) if animated else None
    made = author_stage(graph, tmp_path / "stage", log=log)
    read = read_stage(made.root)
    assert read.graph == graph
    for station in graph.stations:
        placed, drawn = made.layout.placements[station.id], read.drawn[station.id]
        assert drawn.position_m == pytest.approx(placed.position_m)
        assert drawn.display_name == station.id
        if placed.moved_m == 0.0 and not isinstance(station, m.Conveyor):
            assert drawn.position_m == pytest.approx(station.pose.position_m)
    assert made.layout.form == form


def test_the_stage_is_built_as_promised(tmp_path: Path) -> None:
    made = author_stage(factories.linear(), tmp_path / "stage", log=tiny_run(factories.linear(), 60.0))
    stage = Usd.Stage.Open(str(made.root))
    world = stage.GetDefaultPrim()
    assert world.GetPath() == Sdf.Path("/World")
    assert Usd.ModelAPI(world).GetKind() == Kind.Tokens.assembly
    assert UsdGeom.GetStageMetersPerUnit(stage) == 1.0
    assert UsdGeom.GetStageUpAxis(stage) == "Z"
    assert (stage.GetTimeCodesPerSecond(), stage.GetStartTimeCode()) == (24.0, 0.0)
    assert stage.GetEndTimeCode() == pytest.approx(60.0 / 20.0 * 24.0)
    mill = stage.GetPrimAtPath(made.prims["CNC Mill 1"])
    assert mill.IsInstance()
    assert Usd.ModelAPI(mill).GetKind() == Kind.Tokens.component
    assert mill.GetAttribute("gdt:process_time_s:mean").Get() == 15.0
    assert mill.GetAttribute("gdt:process_time_s:distribution").Get() == "normal"
    assert [str(t) for t in mill.GetRelationship("gdt:downstream").GetTargets()] == [made.prims["Belt"]]
    for layer in (found for found in stage.GetUsedLayers() if not found.anonymous):
        assert layer.pseudoRoot.GetInfo("upAxis") == "Z"
        assert layer.defaultPrim
        for path in layer.GetExternalReferences():
            assert not Path(path).is_absolute()


def test_a_stage_can_be_moved(tmp_path: Path) -> None:
    author_stage(factories.loop(), tmp_path / "here")
    shutil.move(tmp_path / "here", tmp_path / "elsewhere")
    stage = Usd.Stage.Open(str(tmp_path / "elsewhere" / "factory.usda"))
    assert not stage.GetCompositionErrors()
    assert stage.GetPrimAtPath("/World/Stations/Weld").IsInstance()


def test_results_are_on_the_stations(tmp_path: Path) -> None:
    report = {
        "schema": "gdt2usd.simulation/1",
        "throughput_per_hour": {"mean": 31.5, "half_width": 0.5, "replications": 10, "confidence": 0.95},
        "bottleneck": "Drill",
        "stations": [{"id": "Drill", "states": {"processing": 0.9, "blocked": 0.1}, "mean_content": float("nan")}],
    }
    made = author_stage(factories.u_shape(), tmp_path / "stage", report_json=report)
    stage = Usd.Stage.Open(str(made.root))
    assert stage.GetPrimAtPath("/World").GetAttribute("gdt:result:throughput_per_hour:mean").Get() == 31.5
    drill = stage.GetPrimAtPath(made.prims["Drill"])
    assert drill.GetAttribute("gdt:result:states:processing").Get() == 0.9
    assert stage.GetPrimAtPath("/World/Cameras/Bottleneck")
    assert read_stage(made.root).graph == factories.u_shape()


def _named(names: tuple[str, ...]) -> m.ProcessGraph:
    stations = tuple(m.Processor(id=name, pose=m.Pose((6.0 * n, 0.0, 0.0))) for n, name in enumerate(names))
    links = tuple(m.Link(upstream=a, downstream=b) for a, b in itertools.pairwise(names))
    return m.ProcessGraph(stations=stations, links=links)


def test_hostile_names_keep_their_display_names(tmp_path: Path) -> None:
    made = author_stage(_named(HOSTILE), tmp_path / "stage")
    stage = Usd.Stage.Open(str(made.root))
    paths = [made.prims[name] for name in HOSTILE]
    assert len({p.lower() for p in paths}) == len(HOSTILE)
    for name, path in zip(HOSTILE, paths, strict=True):
        prim = stage.GetPrimAtPath(path)
        assert prim, name
        assert prim.GetDisplayName() == name.replace("\x00", "\ufffd").replace("\ud800", "\ufffd")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    names=st.lists(
        st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=40),
        min_size=1,
        max_size=4,
        unique=True,
    )
)
def test_any_names_read_back(names: list[str], tmp_path: Path) -> None:
    graph = _named(tuple(names))
    assert read_stage(author_stage(graph, tmp_path / "stage").root).graph == graph


_LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**52), 2**52)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=20)
)
_KEYS = st.from_regex(r"[a-z][a-z_]{0,8}", fullmatch=True).filter(lambda k: k != "as_json")
_RECORDS = st.dictionaries(
    _KEYS,
    st.recursive(
        _LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, min_size=1, max_size=3), max_leaves=8
    ),
    max_size=5,
)


@settings(deadline=None)
@given(_RECORDS)
def test_facts_survive_the_text(record: dict[str, object]) -> None:
    lines = [line for key, value in record.items() for line in attribute_lines(f"gdt:{key}", value)]
    layer = Sdf.Layer.CreateAnonymous(".usda")
    layer.ImportFromString('#usda 1.0\ndef Xform "A"\n{\n' + "\n".join(lines) + "\n}\n")
    spec = layer.GetPrimAtPath("/A")
    values = {a.name[4:]: plain_value(a.default, str(a.typeName)) for a in spec.attributes}
    assert facts(values) == record


def test_a_graph_without_stations_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GdtError, match="ST105"):
        author_stage(m.ProcessGraph(stations=()), tmp_path / "stage")
    assert list(tmp_path.iterdir()) == []


def test_a_missing_asset_is_an_error_and_leaves_nothing(tmp_path: Path) -> None:
    library = tmp_path / "library"
    from gdt2usd.shipped import assets_folder

    library.mkdir()
    for name in ("catalog.toml", "library.json"):
        shutil.copy(assets_folder() / name, library / name)
    with pytest.raises(GdtError, match="ST003"):
        author_stage(factories.linear(), tmp_path / "out" / "stage", options=StageOptions(library=library))
    assert list((tmp_path / "out").iterdir()) == []


def test_dangling_links_are_said_and_not_drawn(tmp_path: Path) -> None:
    graph = factories.u_shape()
    graph = replace(graph, links=(*graph.links, m.Link(upstream="Saw", downstream="Nowhere")))
    made = author_stage(graph, tmp_path / "stage")
    assert [d.code for d in made.diagnostics if d.severity is Severity.WARNING] == ["ST104"]


def _made(tmp_path: Path, name: str) -> AuthoredStage:
    return author_stage(factories.linear(), tmp_path / name)


def test_authoring_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    first, second = _made(tmp_path, "a"), _made(tmp_path, "b")
    for one, two in zip((first.root, *first.layers), (second.root, *second.layers), strict=True):
        assert one.read_bytes() == two.read_bytes(), one.name
