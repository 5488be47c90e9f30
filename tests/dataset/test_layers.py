"""The five layers: what is drawn is a factory that can be built, in the shares asked for, the same for the same seed."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from gdt2usd.dataset.fit import frozen_of, mean_of
from gdt2usd.dataset.generate import LAYOUTS, Config, draw_line, streams
from gdt2usd.dataset.layers.automation import AUTOMATIONS, MOVE_S, draw_crews, slowest_takt_s
from gdt2usd.dataset.layers.draft import MACHINES, Draft
from gdt2usd.dataset.layers.draw import pick
from gdt2usd.dataset.layers.industry import INDUSTRIES, vocabulary
from gdt2usd.dataset.layers.layout import COLUMNS, FORMS, ROWS, levels_of, place
from gdt2usd.dataset.layers.line import MACHINE_COUNTS, draw_wild
from gdt2usd.dataset.layers.line import draw_line as draw_topology
from gdt2usd.dataset.layers.parameters import SERVICES, draw_distribution, draw_parameters, draw_time, lognormal_of
from gdt2usd.graph.distributions import Lognormal, Normal, Triangular, Uniform
from gdt2usd.graph.model import (
    Combiner,
    Conveyor,
    Dispatcher,
    MultiProcessor,
    Percent,
    ProcessGraph,
    Processor,
    Queue,
    Separator,
    Sink,
    Source,
    Station,
)
from gdt2usd.graph.serial import kind_of

COUNT = 400


@pytest.fixture(scope="module")
def lines() -> list[ProcessGraph]:
    return [draw_line(streams(11, index)[0])[0] for index in range(COUNT)]


def test_ids_are_unique_and_names_are_words(lines: list[ProcessGraph]) -> None:
    for graph in lines:
        ids = [thing.id for thing in (*graph.stations, *graph.resources)]
        assert len({name.lower() for name in ids}) == len(ids)
        assert all(name == name.strip() and name and '"' not in name and "/" not in name and "\\" not in name for name in ids)


def test_items_can_flow_from_source_to_sink(lines: list[ProcessGraph]) -> None:
    for graph in lines:
        outs = Counter(link.upstream for link in graph.links)
        ins = Counter(link.downstream for link in graph.links)
        for station in graph.stations:
            assert isinstance(station, Sink) == (outs[station.id] == 0), station.id
            assert isinstance(station, Source) == (ins[station.id] == 0), station.id


def test_ports_are_ranks_in_the_order_of_links(lines: list[ProcessGraph]) -> None:
    for graph in lines:
        outs: Counter[str] = Counter()
        ins: Counter[str] = Counter()
        place_of = {station.id: index for index, station in enumerate(graph.stations)}
        assert [place_of[link.upstream] for link in graph.links] == sorted(place_of[link.upstream] for link in graph.links)
        for link in graph.links:
            outs[link.upstream] += 1
            ins[link.downstream] += 1
            assert (link.out_port, link.in_port) == (outs[link.upstream], ins[link.downstream])


def test_percentages_sum_to_hundred_and_stand_on_the_links(lines: list[ProcessGraph]) -> None:
    seen = 0
    for graph in lines:
        for station in graph.stations:
            said = tuple(link.percent for link in graph.links if link.upstream == station.id)
            if isinstance(station.routing, Percent):
                seen += 1
                assert station.routing.percents == said
                assert sum(station.routing.percents) == pytest.approx(100)
            else:
                assert not any(said)
    assert seen > COUNT / 20


def test_stations_are_in_flow_order_except_rework(lines: list[ProcessGraph]) -> None:
    backwards = forwards = 0
    for graph in lines:
        place_of = {station.id: index for index, station in enumerate(graph.stations)}
        for link in graph.links:
            back = place_of[link.upstream] >= place_of[link.downstream]
            backwards += back
            forwards += not back
            assert not back or link.percent is not None
    assert 0 < backwards < forwards / 20


def test_every_object_has_a_cell_of_the_grid_of_its_own(lines: list[ProcessGraph]) -> None:
    for graph in lines:
        cells = set()
        for thing in (*graph.stations, *graph.resources):
            x, y, z = thing.pose.position_m
            assert x % 8 == 0 and y % 6 == 0 and z == 0
            assert 0 <= x / 8 < COLUMNS and 0 <= -y / 6 < ROWS
            cells.add((x, y))
        assert len(cells) == len(graph.stations) + len(graph.resources)


@pytest.mark.parametrize("form", FORMS)
def test_places_are_a_function_of_topology_and_form(form: str, lines: list[ProcessGraph]) -> None:
    for graph in lines[:60]:
        placed = place(graph, form)
        assert placed == place(place(graph, "linear"), form)
        for belt in (station for station in placed.stations if isinstance(station, Conveyor)):
            assert belt.start_m is not None and belt.end_m is not None
            assert np.hypot(belt.end_m[0] - belt.start_m[0], belt.end_m[1] - belt.start_m[1]) == pytest.approx(belt.length_m)


def test_an_unknown_form_is_refused(lines: list[ProcessGraph]) -> None:
    with pytest.raises(ValueError, match="no form"):
        place(lines[0], "spiral")


def test_crowded_lines_still_fit_on_the_grid() -> None:
    """Forty stations in a row, each belt 25 m long, take a cell each in any form."""
    stations: tuple[Station, ...] = (Source(id="in"), *(Conveyor(id=f"belt {i}", length_m=25.0) for i in range(38)), Sink(id="out"))
    graph = ProcessGraph(stations=stations)
    for form in FORMS:
        placed = place(graph, form)
        cells = {station.pose.position_m for station in placed.stations}
        assert len(cells) == 40
        assert all(0 <= x <= 8 * (COLUMNS - 1) and -6 * (ROWS - 1) <= y <= 0 for x, y, _ in cells)


def test_levels_put_feeders_beside_what_they_feed(lines: list[ProcessGraph]) -> None:
    found = 0
    for graph in lines:
        level = {graph.stations[index].id: depth for depth, row in enumerate(levels_of(graph)) for index in row}
        sources = [station.id for station in graph.stations if isinstance(station, Source)]
        for link in graph.links:
            if link.upstream in sources[1:] and isinstance(next(s for s in graph.stations if s.id == link.downstream), Combiner):
                found += 1
                assert level[link.upstream] == level[link.downstream] - 1
    assert found > 3


def test_teams_and_calls_name_resources_that_exist(lines: list[ProcessGraph]) -> None:
    dispatched = 0
    for graph in lines:
        resources = {resource.id: resource for resource in graph.resources}
        for resource in graph.resources:
            if isinstance(resource, Dispatcher):
                dispatched += 1
                assert resource.team and all(resources[member].dispatcher == resource.id for member in resource.team)
        for link in graph.links:
            assert link.transport is None or link.transport in resources
        for station in graph.stations:
            carried = {link.transport for link in graph.links if link.upstream == station.id}
            assert len(carried) <= 1
            need = getattr(station, "operators", None)
            assert need is None or all(name in resources for name in need.resources)
    assert dispatched > COUNT / 20


def test_shares_of_categories_are_those_asked_for() -> None:
    config = Config(
        automations={"agv": 1.0},
        industries={"food": 1.0, "textile": 3.0},
        line_types={"conveyor": 1.0},
        machine_counts={3: 1.0},
        wild=0.0,
    )
    industries: Counter[str] = Counter()
    for index in range(300):
        graph, categories = draw_line(streams(3, index)[0], config)
        industries[categories.industry] += 1
        assert categories.line[0] == "conveyor"
        assert categories.automation in ("agv", "manual")
        assert sum(kind_of(station) in MACHINES for station in graph.stations) >= 3
    assert 0.65 < industries["textile"] / 300 < 0.85
    assert set(industries) == {"food", "textile"}


def test_standard_shares_leave_no_category_out(lines: list[ProcessGraph]) -> None:
    drawn = [draw_line(streams(12, index)[0])[1] for index in range(1500)]
    assert {categories.industry for categories in drawn} == set(INDUSTRIES)
    assert {categories.layout for categories in drawn} == set(FORMS)
    assert {categories.automation for categories in drawn} == {"manual", "operator", "robot", "agv", "task_executer", "forklift"}
    features = {feature for categories in drawn for feature in categories.line}
    assert features >= {
        "workstation", "conveyor", "parallel", "assembly", "split", "rework", "bypass", "several_sources", "several_sinks", "merge",
        "rack", "lanes", "reject", "separation", "wild",
    }  # fmt: skip
    families = {family for categories in drawn for family in categories.parameters}
    assert families == {"constant", "exponential", "normal", "triangular", "uniform", "lognormal", "weibull", "gamma", "poisson"}
    machines = [sum(kind_of(station) in MACHINES for station in graph.stations) for graph in lines]
    assert 2.5 < np.mean(machines) < 4.0


def test_the_same_seed_gives_the_same_line_and_another_seed_another() -> None:
    assert draw_line(streams(5, 77)[0]) == draw_line(streams(5, 77)[0])
    assert draw_line(streams(5, 77)[0]) != draw_line(streams(6, 77)[0])
    assert draw_line(streams(5, 77)[0]) != draw_line(streams(5, 78)[0])


def test_times_are_round_in_some_unit() -> None:
    rng = np.random.default_rng(1)
    for seconds in (0.7, 3.3, 47.0, 130.0, 1234.0, 9000.0, 90000.0):
        for _ in range(50):
            time = draw_time(rng, seconds)
            assert 0.6 * seconds < time < 1.6 * seconds
            assert any(abs(time / unit - float(f"{time / unit:.3g}")) < 1e-9 for unit in (1, 60, 3600))


@pytest.mark.parametrize(
    "family", ["constant", "exponential", "normal", "triangular", "uniform", "lognormal", "weibull", "gamma", "poisson"]
)
def test_distributions_are_valid_and_near_the_mean_asked_for(family: str) -> None:
    rng = np.random.default_rng(2)
    for mean in (5.0, 60.0, 900.0, 20000.0):
        for _ in range(40):
            drawn = draw_distribution(rng, family, mean)
            match drawn:
                case Triangular(low, mode, high):
                    assert 0 <= low <= mode <= high and low < high
                case Uniform(low, high):
                    assert 0 <= low < high
                case Normal(centre, std):
                    assert 0 < std < centre / 2
            if family != "constant":
                assert 0.5 * mean < frozen_of(drawn).mean() < 1.7 * mean


def test_a_lognormal_by_its_own_mean_and_deviation() -> None:
    drawn = lognormal_of(80.0, 25.0)
    assert isinstance(drawn, Lognormal)
    assert np.exp(drawn.mu + drawn.sigma**2 / 2) == pytest.approx(80, rel=1e-6)
    assert np.sqrt(np.expm1(drawn.sigma**2)) * 80 == pytest.approx(25, rel=1e-6)


@pytest.mark.parametrize("industry", INDUSTRIES)
def test_vocabularies_have_hundreds_of_names(industry: str) -> None:
    words = vocabulary(industry).words
    machines = set(words["machines"]) | set(words["combiners"]) | set(words["separators"]) | set(words["multiprocessors"])
    composed = {f"{process} {noun}" for process in words["processes"] for noun in words["nouns"]}
    assert len(machines | composed) > 200
    assert len(words["machines"]) == len(set(words["machines"]))
    assert all(len(name.split()) <= 5 for group in words.values() for name in group)


def test_an_unknown_industry_is_refused() -> None:
    with pytest.raises(ValueError, match="no industry"):
        vocabulary("mining")


def test_names_hardly_repeat(lines: list[ProcessGraph]) -> None:
    names = Counter(thing.id for graph in lines for thing in (*graph.stations, *graph.resources))
    assert len(names) > 5 * COUNT
    assert max(names.values()) < COUNT / 10


def _busiest(draft: Draft, rng: np.random.Generator) -> float:
    """Offered load of the slowest machine: its mean setup and process time a place, times its flow, over the takt."""
    drawn = draw_parameters(rng, draft, (10.0, 300.0), 0.0, SERVICES)
    loads: list[float] = []
    for node in draft.machines():
        fields = drawn.fields[node.key]
        busy = sum(mean_of(fields[name]) for name in ("process_time_s", "setup_time_s") if name in fields)
        loads.append(busy / fields["capacity"] * node.flow / drawn.takt_s)
    return max(loads)


def test_most_lines_are_neither_empty_nor_hopeless() -> None:
    loads: list[float] = []
    for index in range(300):
        rng = np.random.default_rng([4, index])
        draft = draw_topology(rng, "workstation", 1 + index % 8)[0] if index % 4 else draw_wild(rng, 1 + index % 6)[0]
        assert all(0 < node.flow < 200 for node in draft.nodes)
        loads.append(_busiest(draft, rng))
    assert np.mean([0.5 < load < 1.2 for load in loads]) > 0.75
    assert 0.02 < np.mean([load > 1.05 for load in loads]) < 0.4


def test_queues_hold_at_least_a_batch(lines: list[ProcessGraph]) -> None:
    for graph in lines:
        for queue in (station for station in graph.stations if isinstance(station, Queue)):
            assert queue.capacity >= 1
            assert queue.batching is None or 2 <= queue.batching.size <= queue.capacity


def test_a_renamed_line_is_placed_alike(lines: list[ProcessGraph]) -> None:
    graph = lines[3]
    new = {station.id: f"Station {index}" for index, station in enumerate(graph.stations)}
    stations = tuple(replace(station, id=new[station.id]) for station in graph.stations)
    links = tuple(replace(link, upstream=new[link.upstream], downstream=new[link.downstream]) for link in graph.links)
    other = place(replace(graph, stations=stations, links=links), "u")
    assert [s.pose for s in other.stations] == [s.pose for s in place(graph, "u").stations]


def test_layouts_and_machines_come_in_the_asked_shares() -> None:
    count = 2500
    layouts: Counter[str] = Counter()
    machines: Counter[int] = Counter()
    for index in range(count):
        graph, categories = draw_line(streams(97, index)[0])
        layouts[categories.layout] += 1
        machines[sum(isinstance(one, Processor | Combiner | Separator | MultiProcessor) for one in graph.stations)] += 1
    assert set(machines) <= set(range(1, 13))
    for asked, drawn in ((LAYOUTS, layouts), (MACHINE_COUNTS, machines)):
        for key, share in asked.items():
            noise = 3.5 * (share * (1 - share) / count) ** 0.5
            assert abs(drawn[key] / count - share) < noise + 0.12 * share, (key, drawn[key] / count, share)  # type: ignore[index]


def _suits(industry: str, automation: str, index: int) -> tuple[bool, float, list[float]]:
    """Whether the takt is the industry's, the load of the busiest machine, and that of each crew that carries or works."""
    rng = np.random.default_rng([21, index, *industry.encode(), *automation.encode()])
    words = vocabulary(industry)
    draft, _ = draw_topology(rng, pick(rng, ("workstation", "conveyor")), 1 + index % 6)
    slowest = slowest_takt_s(rng, automation)
    drawn = draw_parameters(rng, draft, words.cycle_s, slowest, SERVICES)
    usual = max(words.cycle_s[0], slowest) <= drawn.takt_s <= max(words.cycle_s[1], slowest)
    busiest = max(drawn.service_s[node.key] * node.flow / drawn.takt_s for node in draft.machines())
    loads = []
    for crew in draw_crews(rng, draft, drawn, automation):
        moves = sum(draft.produced(draft.nodes[key]) for key in crew.carries)
        work = sum(drawn.service_s[key] * draft.nodes[key].flow for key in crew.serves) if crew.process_count else 0.0
        move_s = MOVE_S.get(automation, 17.0)
        loads.append((moves * move_s + work * crew.process_count) / drawn.takt_s / crew.count)
    return usual, busiest, loads


def test_times_and_crews_suit_industry_and_automation() -> None:
    """By industry and level of automation: the industry's takt, machines neither idle nor hopeless, crews that can keep up."""
    machines: dict[str, list[float]] = {}
    crews: dict[str, list[float]] = {}
    for industry in INDUSTRIES:
        for automation in AUTOMATIONS:
            for index in range(10):
                usual, busiest, loads = _suits(industry, automation, index)
                assert usual, (industry, automation, index)
                machines.setdefault(industry, []).append(busiest)
                machines.setdefault(automation, []).append(busiest)
                crews.setdefault(automation, []).extend(loads)
    for level, found in machines.items():
        assert np.mean([0.5 < load <= 1.1 for load in found]) > 0.8, level
        assert np.mean([load > 1.0 for load in found]) < 0.25, level
    for level, found in crews.items():
        assert (len(found) == 0) == (level == "manual")
        if found:
            assert np.mean([load < 1.0 for load in found]) > 0.8, level
            assert np.mean([load > 0.1 for load in found]) > 0.6, level
