"""FlexSim's rules station by station, against departure times worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gdt2usd.diagnostics import GdtError
from gdt2usd.graph.distributions import Constant
from gdt2usd.graph.model import (
    Arrival,
    Batching,
    Breakdown,
    ByLabel,
    CallCode,
    Combiner,
    CombinerMode,
    Conveyor,
    Discipline,
    Dispatcher,
    FirstAvailable,
    Link,
    MultiProcessor,
    Operator,
    OperatorNeed,
    Percent,
    Pose,
    ProcessGraph,
    ProcessStep,
    Queue,
    RandomPort,
    RoundRobin,
    Routing,
    Separator,
    SeparatorMode,
    ShortestQueue,
    Sink,
    Source,
    Station,
    Storage,
    ToPort,
    Transporter,
)
from gdt2usd.simulation.items import Row
from tests.simulation.factories import SINK, chain, exits, machine, network, simulated, source


def at(x: float) -> Pose:
    return Pose((x, 0.0, 0.0))


def test_source_waits_an_interarrival_time_after_each_exit() -> None:
    assert exits(chain(source(10), SINK), 35) == [10, 20, 30]
    blocked = chain(source(10), machine("M", 25), SINK)  # item 2 is made at 20, taken at 35, so item 3 is made at 45
    assert exits(blocked, 120) == [35, 60, 85, 110]


def test_source_with_arrival_at_zero() -> None:
    first = Source(id="Source", interarrival_time_s=Constant(10.0), arrival_at_zero=True)
    assert exits(chain(first, SINK), 25) == [0, 10, 20]


def test_schedule_makes_batches_with_types_and_repeats() -> None:
    rows = (Arrival(time_s=0, quantity=2, item_type=1), Arrival(time_s=10, quantity=1, item_type=2))
    once = Source(id="Source", schedule=rows, routing=ByLabel())
    graph = network([once, Sink(id="A"), Sink(id="B")], ("Source", "A"), ("Source", "B"))
    one = simulated(graph, 30)
    assert one.exits_s.tolist() == [0, 0, 10]
    assert one.sent == (2, 1)
    again = Source(id="Source", schedule=rows, repeat_schedule=True)
    assert exits(chain(again, SINK), 25) == [0, 0, 10, 10, 10, 20, 20, 20]


def test_setup_precedes_every_process() -> None:
    assert exits(chain(source(10), machine("M", 5, setup_time_s=Constant(2.0)), SINK), 40) == [17, 27, 37]


def test_capacity_works_on_several_items() -> None:
    assert exits(chain(source(1), machine("M", 5, capacity=2), SINK), 20) == [6, 7, 11, 12, 16, 17]


def test_machine_is_blocked_after_service() -> None:
    one = simulated(chain(source(0), machine("A", 1), machine("B", 4), SINK), 101)
    assert one.exits_s.tolist()[:3] == [5, 9, 13]
    blocked = one.stations[-1][1][4 + 3]
    assert blocked == pytest.approx(3 * 25 - 1, abs=3)  # A works 1 s and waits 3 s of every 4


def test_queue_is_fifo_or_lifo() -> None:
    for discipline, numbers in ((Discipline.FIFO, [1, 2, 3, 4, 5]), (Discipline.LIFO, [1, 3, 6, 8, 11])):
        log: list[Row] = []
        simulated(chain(source(1), Queue(id="Q", discipline=discipline), machine("M", 2.6), SINK), 14.1, log=log)
        assert [row[3] for row in log if row[1] == "destroy"] == numbers


def test_queue_does_not_hold_up_items_behind_one_that_waits() -> None:
    rows = tuple(Arrival(time_s=float(t), item_type=kind) for t, kind in ((0, 1), (1, 1), (2, 2)))
    stations: list[Station] = [
        Source(id="S", schedule=rows),
        Queue(id="Q", routing=ByLabel()),
        machine("A", 50),
        machine("B", 5),
        SINK,
    ]
    graph = network(stations, ("S", "Q"), ("Q", "A"), ("Q", "B"), ("A", "Sink"), ("B", "Sink"))
    assert exits(graph, 110) == [7, 50, 100]


def test_batching_releases_full_batches_or_after_the_longest_wait() -> None:
    assert exits(chain(source(10), Queue(id="Q", batching=Batching(3)), SINK), 70) == [30, 30, 30, 60, 60, 60]
    assert exits(chain(source(10), Queue(id="Q", batching=Batching(3, 15.0)), SINK), 50) == [25, 25, 45, 45]


def test_storage_keeps_items_for_their_dwell_time() -> None:
    assert exits(chain(source(10), Storage(id="Rack", dwell_time_s=Constant(25.0)), SINK), 60) == [35, 45, 55]


def test_multiprocessor_does_its_steps_in_order() -> None:
    steps = (ProcessStep(name="cut", process_time_s=Constant(2.0)), ProcessStep(name="drill", process_time_s=Constant(3.0)))
    assert exits(chain(source(1), MultiProcessor(id="M", steps=steps), SINK), 20) == [6, 11, 16]


def test_breakdown_stops_the_work_and_the_clock_runs_on_up_time() -> None:
    worn = machine("M", 4, breakdown=Breakdown(Constant(10.0), Constant(5.0)))
    assert exits(chain(source(0), worn, SINK), 50) == [4, 8, 17, 21, 30, 34, 38, 47]
    one = simulated(chain(source(0), worn, SINK), 150)
    assert one.stations[-1][1][4 + 7] == pytest.approx(50)


def test_stopped_machine_neither_takes_nor_gives() -> None:
    worn = machine("M", 1, breakdown=Breakdown(Constant(10.0), Constant(100.0)))
    assert exits(chain(source(8), worn, SINK), 115) == [9, 111]


# ---- combiners and separators ----


def assembly(mode: CombinerMode, count: int = 2) -> ProcessGraph:
    frames = Source(id="Frames", interarrival_time_s=Constant(5.0))
    parts = Source(id="Parts", interarrival_time_s=Constant(3.0))
    combiner = Combiner(id="C", mode=mode, components=(count,), process_time_s=Constant(1.0))
    return network([frames, parts, combiner, SINK], ("Frames", "C"), ("Parts", "C"), ("C", "Sink"))


@pytest.mark.parametrize(("mode", "items"), [(CombinerMode.PACK, 1), (CombinerMode.JOIN, 1), (CombinerMode.BATCH, 3)])
def test_combiner_takes_its_container_first(mode: CombinerMode, items: int) -> None:
    # part 1 is made at 3 and waits for the frame of 5; part 2 comes at 8; done at 9; frame 2 comes at 10, parts at 11 and 14
    assert exits(assembly(mode), 22) == [9] * items + [15] * items + [21] * items


def test_packed_items_leave_with_their_container_and_joined_ones_end() -> None:
    packed, joined = simulated(assembly(CombinerMode.PACK), 16), simulated(assembly(CombinerMode.JOIN), 16)
    assert packed.ended == joined.ended == 6
    assert len(packed.exits_s) == len(joined.exits_s) == 2


def test_separator_unpacks_contents_first() -> None:
    log: list[Row] = []
    stations: list[Station] = [
        *assembly(CombinerMode.PACK).stations[:3],
        Separator(id="U", process_time_s=Constant(1.0)),
        machine("M", 2),
        SINK,
    ]
    graph = network(stations, ("Frames", "C"), ("Parts", "C"), ("C", "U"), ("U", "M"), ("M", "Sink"))
    one = simulated(graph, 100, log=log)
    assert one.exits_s.tolist()[:3] == [12, 14, 16]  # packed at 9, unpacked at 10
    frame = next(row[3] for row in log if row[1] == "create" and row[2] == "Frames")
    assert [row[3] for row in log if row[1] == "destroy"][2] == frame


def test_separator_splits_into_a_quantity_in_total() -> None:
    splitter = Separator(id="U", mode=SeparatorMode.SPLIT, quantity=Constant(3.0), process_time_s=Constant(2.0))
    assert exits(chain(source(10), splitter, SINK), 25) == [12, 12, 12, 22, 22, 22]
    held = chain(source(0), splitter, machine("M", 1), SINK)  # the third copy leaves for M at 4, so the next item begins then
    assert exits(held, 12) == [3, 4, 5, 7, 8, 9, 11]


# ---- conveyors ----


def belt(accumulating: bool = True, **options: object) -> Conveyor:
    return Conveyor(id="Belt", length_m=5.0, item_length_m=1.0, accumulating=accumulating, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("accumulating", [True, False])
def test_conveyor_carries_with_its_delay_and_pitch(accumulating: bool) -> None:
    assert exits(chain(source(3), belt(accumulating), SINK), 18) == [8, 11, 14, 17]
    assert exits(chain(source(0), belt(accumulating, speed_m_s=0.5), SINK), 17) == [10, 12, 14, 16]


def test_accumulating_conveyor_closes_up_and_a_rigid_one_stands() -> None:
    # items enter at 0, 1, 2, ...; the machine takes one every 10 s from 5 on
    slow = machine("M", 10)
    gathering = simulated(chain(source(0), belt(), slow, SINK), 14.5)
    standing = simulated(chain(source(0), belt(accumulating=False), slow, SINK), 14.5)
    assert gathering.stations[-1][1][0] == 6  # five on the belt, one in the machine
    assert standing.stations[-1][1][0] == 6
    apart = chain(source(2.5), belt(), slow, SINK)
    assert simulated(apart, 14.9).stations[-1][1][0] == 5
    rigid = chain(source(2.5), belt(accumulating=False), slow, SINK)
    assert simulated(rigid, 14.9).stations[-1][1][0] == 3  # the belt stands from 10 to 17.5 and takes nothing


def test_item_behind_a_stopped_one_needs_its_pitch_to_reach_the_end() -> None:
    stations = chain(source(0), belt(speed_m_s=0.5), machine("M", 3), SINK)
    assert exits(stations, 22) == [13, 16, 19]  # the belt delivers every 2 s, the machine takes every 3 s


# ---- operators and vehicles ----


def test_operator_walks_once_and_stays() -> None:
    walker = Operator(id="O", pose=at(0), acceleration_m_s2=0.0, deceleration_m_s2=0.0)
    served = machine("M", 4, pose=at(10), operators=OperatorNeed(("O",)))
    assert exits(chain(source(0), served, SINK, resources=[walker]), 20) == [9, 13, 17]


def test_operator_accelerates_and_a_dispatcher_sends_its_team() -> None:
    first, second = Operator(id="A", pose=at(0)), Operator(id="B", pose=at(5))
    team = Dispatcher(id="D", team=("A", "B"))
    served = machine("M", 4, pose=at(10), operators=OperatorNeed(("D",), process_count=2))
    # 10 m at 2 m/s with 1 m/s2 up and down: 7 s
    assert exits(chain(source(0), served, SINK, resources=[first, second, team]), 16) == [11, 15]


def test_one_operator_serves_two_machines_in_turn() -> None:
    alone = Operator(id="O", acceleration_m_s2=0.0, deceleration_m_s2=0.0)
    need = OperatorNeed(("O",))
    stations: list[Station] = [source(0), machine("A", 4, operators=need), machine("B", 4, operators=need), SINK]
    graph = network(stations, ("Source", "A"), ("Source", "B"), ("A", "Sink"), ("B", "Sink"), resources=[alone])
    assert exits(graph, 21) == [4, 8, 12, 16, 20]


def carried(capacity: int, first: float) -> ProcessGraph:
    truck = Transporter(
        id="T",
        capacity=capacity,
        acceleration_m_s2=0.0,
        deceleration_m_s2=0.0,
        load_time_s=Constant(1.0),
        unload_time_s=Constant(2.0),
    )
    stations = (source(0), machine("M", first, pose=at(10)), Queue(id="Q", pose=at(30)), SINK)
    links = (
        Link(upstream="Source", downstream="M"),
        Link(upstream="M", downstream="Q", transport="T"),
        Link(upstream="Q", downstream="Sink"),
    )
    return ProcessGraph(stations=stations, links=links, resources=(truck,))


def test_vehicle_fetches_carries_and_comes_back() -> None:
    # done at 4, truck there at 9, loaded at 10, there at 20, down at 22; back at 32, loaded at 33, down at 45
    assert exits(carried(1, 4.0), 70) == [22, 45, 68]


def test_vehicle_with_room_takes_what_waits() -> None:
    truck = Transporter(id="T", capacity=2, acceleration_m_s2=0.0, deceleration_m_s2=0.0)
    stations = (source(0), Queue(id="A", capacity=5), Queue(id="B", pose=at(30)), SINK)
    links = (
        Link(upstream="Source", downstream="A"),
        Link(upstream="A", downstream="B", transport="T"),
        Link(upstream="B", downstream="Sink"),
    )
    graph = ProcessGraph(stations=stations, links=links, resources=(truck,))
    assert exits(graph, 80) == [15, 15, 45, 45, 75, 75]


def test_item_under_way_takes_a_place_downstream() -> None:
    graph = carried(1, 4.0)
    stations = (*graph.stations[:2], machine("Q", 100.0, pose=at(30)), graph.stations[3])
    one = simulated(ProcessGraph(stations=stations, links=graph.links, resources=graph.resources), 121)
    assert one.exits_s.tolist() == []  # 22 + 100 is later
    assert one.created == 3  # one in the second machine, one blocked in the first, one in the source
    assert one.stations[-1][1][4 + 3] == pytest.approx(121 - 14)


# ---- routing ----


def forked(rule: Routing, count: int = 2) -> ProcessGraph:
    machines = [machine(f"M{n}", 10) for n in range(1, count + 1)]
    split = Source(id="S", interarrival_time_s=Constant(1.0), routing=rule)
    ways = [("S", m.id) for m in machines] + [(m.id, "Sink") for m in machines]
    return network([split, *machines, SINK], *ways)


def test_first_available_takes_the_lowest_open_port() -> None:
    assert exits(forked(FirstAvailable()), 23) == [11, 12, 21, 22]
    few = simulated(
        network(
            [source(12), machine("A", 10), machine("B", 10), SINK], ("Source", "A"), ("Source", "B"), ("A", "Sink"), ("B", "Sink")
        )
    )
    assert few.sent[1] == 0


@pytest.mark.parametrize(
    ("rule", "times"),
    [
        (ToPort(2), [11, 21, 31]),
        (RoundRobin(), [11, 12, 21, 22, 31, 32]),
        (ShortestQueue(), [11, 12, 21, 22, 31, 32]),
        (Percent((0.0, 100.0)), [11, 21, 31]),
    ],
)
def test_routing_rules(rule: Routing, times: list[float]) -> None:
    assert exits(forked(rule), 33) == times


def test_random_rules_split_as_they_say() -> None:
    sinks = [Sink(id="A"), Sink(id="B"), Sink(id="C")]
    for rule, shares in ((Percent((20.0, 30.0, 50.0)), (0.2, 0.3, 0.5)), (RandomPort(), (1 / 3, 1 / 3, 1 / 3))):
        split = Source(id="S", interarrival_time_s=Constant(1.0), routing=rule)
        one = simulated(network([split, *sinks], ("S", "A"), ("S", "B"), ("S", "C")), 20_000)
        assert [n / sum(one.sent) for n in one.sent] == pytest.approx(shares, abs=0.015)


def test_lowest_input_port_is_served_first() -> None:
    a, b = Source(id="A", interarrival_time_s=Constant(0.0)), Source(id="B", interarrival_time_s=Constant(0.0))
    one = simulated(network([b, a, machine("M", 1), SINK], ("A", "M"), ("B", "M"), ("M", "Sink")), 50)
    assert one.sent[1] <= 1  # B never gets a turn after the start


def test_what_cannot_run_is_said_all_at_once() -> None:
    bad: list[Station] = [source(1), Queue(id="Q", capacity=0), machine("M", 1, operators=OperatorNeed(("nobody",))), SINK]
    with pytest.raises(GdtError) as caught:
        simulated(chain(*bad))
    assert {d.code for d in caught.value.diagnostics} == {"SM104"}
    with pytest.raises(GdtError) as caught:
        simulated(chain(source(1), machine("M", 1, operators=OperatorNeed(("nobody",))), SINK))
    assert {d.code for d in caught.value.diagnostics} == {"SM105"}


def test_who_works_and_who_carries_may_depend_on_the_item() -> None:
    """Items of two types: the code of OperatorRef and of TransportRef picks among the resources at the centre ports."""

    schedule = tuple(Arrival(time_s=20.0 * i, item_type=1.0 + (i % 3 == 0)) for i in range(30))
    code = "Object current = ownerobject(c);\nObject item = param(1);\nreturn current.centerObjects[item.Type];"
    team = tuple(Operator(id=name) for name in ("Ann", "Bob"))
    forks = tuple(Transporter(id=name) for name in ("F1", "F2"))
    bench = machine(
        "Bench",
        5.0,
        operators=OperatorNeed(("Ann", "Bob")),
        operator_call=CallCode(("Ann", "Bob"), code),
    )
    dock = Queue(id="Dock", transport_call=CallCode(("F1", "F2"), code))
    links = (
        Link(upstream="S", downstream="Bench"),
        Link(upstream="Bench", downstream="Dock"),
        Link(upstream="Dock", downstream="Sink", transport="F1"),
    )
    graph = ProcessGraph(stations=(Source(id="S", schedule=schedule), bench, dock, SINK), links=links, resources=(*team, *forks))
    one = simulated(graph, 1000.0)
    assert len(one.exits_s) == 30
    assert one.movers[-1][:, 0].tolist() == [20.0, 10.0, 20.0, 10.0]


def test_code_that_calls_nobody_is_remembered_and_the_first_is_taken() -> None:

    bench = machine("M", 1.0, operators=OperatorNeed(("Ann",)), operator_call=CallCode(("Ann",), "return 7;"))
    graph = chain(source(10), bench, SINK, resources=(Operator(id="Ann"),))
    one = simulated(graph, 95.0)
    assert one.movers[-1][0, 0] == len(one.exits_s) == 9
    assert ("SM304", "M") in one.remarks


@pytest.mark.parametrize("logged", [False, True])
def test_a_machine_pulls_the_items_that_fit(logged: bool) -> None:
    """Two machines take from one queue: the first only items of type 2, the second only of type 1; neither holds up the other."""
    schedule = tuple(Arrival(time_s=float(i), item_type=2.0 if i in (0, 1) else 1.0) for i in range(6))
    code = "Object item = param(1);\nreturn item.Type == {};"
    first = machine("First", 10.0, pull=True, pull_requirement=code.format(2))
    second = machine("Second", 1.0, pull=True, pull_requirement=code.format(1))
    stations: list[Station] = [Source(id="S", schedule=schedule), Queue(id="Q"), first, second, SINK]
    graph = network(stations, ("S", "Q"), ("Q", "First"), ("Q", "Second"), ("First", "Sink"), ("Second", "Sink"))
    one = simulated(graph, 100.0, log=[] if logged else None)
    assert one.exits_s.tolist() == [3.0, 4.0, 5.0, 6.0, 10.0, 20.0]


def two_feeds(**options: Any) -> ProcessGraph:
    """Two queues that hold five items each before one machine of 1 s; who is first at the sinks shows who was taken."""
    stations: list[Station] = []
    links: list[tuple[str, str]] = []
    for name, kind in (("A", 1.0), ("B", 2.0)):
        stations += [Source(id=f"S{name}", schedule=(Arrival(time_s=0.0, quantity=5, item_type=kind),)), Queue(id=name)]
        links += [(f"S{name}", name), (name, "M")]
    by_type = ByLabel(label="Type")
    stations += [machine("M", 1.0, pull=True, routing=by_type, **options), Sink(id="ToA"), Sink(id="ToB")]
    return network(stations, *links, ("M", "ToA"), ("M", "ToB"))


@pytest.mark.parametrize(
    ("code", "of_a"),
    [
        ("return 2;", 0),
        ("return current.inObjects[1].subnodes.length >= current.inObjects[2].subnodes.length ? 1 : 2;", 2),
        ("if (Model.time < 2) return 2;\nreturn 1;", 2),
        ("return 0;", 4),
    ],
)
def test_a_pull_strategy_chooses_the_input_port(code: str, of_a: int) -> None:
    graph = two_feeds(pull_strategy="Object current = ownerobject(c);\n" + code)
    one = simulated(graph, 4.5)
    left = {sink: int(one.stations[-1, index, 1]) for index, sink in ((5, "ToA"), (6, "ToB"))}
    assert left == {"ToA": of_a, "ToB": 4 - of_a}


def test_calls_of_higher_priority_are_answered_first() -> None:
    """One operator, three machines that all call at 0: the second is served first, then the others in turn."""
    stations: list[Station] = []
    links: list[tuple[str, str]] = []
    for name, priority in (("A", 0.0), ("B", 0.0), ("C", 5.0)):
        arrivals = Source(id=f"S{name}", schedule=(Arrival(time_s=0.0, quantity=1, item_type=1.0),))
        stations += [
            arrivals,
            machine(name, 10.0, operators=OperatorNeed(("O",)), operator_priority=priority),
            Sink(id=f"To{name}"),
        ]
        links += [(f"S{name}", name), (name, f"To{name}")]
    graph = replace(network(stations, *links), resources=(Operator(id="O"),))
    one = simulated(graph, 15.0)
    assert [int(one.stations[-1, index, 1]) for index in (2, 5, 8)] == [1, 0, 0]
    assert [int(n) for n in simulated(graph, 25.0).stations[-1, [2, 5, 8], 1]] == [1, 0, 1]


def dispatched(pass_to: str = "", strategy: str = "") -> tuple[list[tuple[str, str]], list[float]]:
    """Who works at which of four machines that call a team of two at 1, 2, 3 and 4 s for 10 s each; when the parts leave."""
    chief = Dispatcher(id="Chief", team=("X", "Y"), pass_to=pass_to, queue_strategy=strategy)
    team = [Operator(id=name, acceleration_m_s2=0.0, deceleration_m_s2=0.0) for name in chief.team]
    stations: list[Station] = []
    links = []
    for number, name in enumerate("ABCD", start=1):
        start = Source(id=f"S{name}", schedule=(Arrival(time_s=float(number)),))
        stations += [start, machine(name, 10.0, operators=OperatorNeed(("Chief",)))]
        links += [(start.id, name), (name, "Sink")]
    graph = network([*stations, SINK], *links, resources=[*team, chief])
    log: list[Row] = []
    one = simulated(graph, 200.0, log=log)
    return [(row[2], row[4]) for row in log if row[1] == "serve"], one.exits_s.tolist()


def test_a_dispatcher_passes_requests_as_its_code_says() -> None:
    assert dispatched() == ([("X", "A"), ("Y", "B"), ("X", "C"), ("Y", "D")], [11, 12, 21, 22])
    assert dispatched("return 2;") == ([("Y", "A"), ("Y", "B"), ("Y", "C"), ("Y", "D")], [11, 21, 31, 41])
    in_turn = 'Object current = ownerobject(c);\nint last = current.labels.assert("last", 0).value;\n'
    in_turn += "last = last % current.outObjects.length + 1;\ncurrent.last = last;\nreturn current.outObjects.length + 1 - last;"
    assert dispatched(in_turn) == ([("Y", "A"), ("X", "B"), ("Y", "C"), ("X", "D")], [11, 12, 21, 22])


def test_a_dispatcher_ranks_what_waits_as_its_code_says() -> None:
    assert dispatched(strategy="return Model.time;") == ([("X", "A"), ("Y", "B"), ("X", "D"), ("Y", "C")], [11, 12, 21, 22])


def test_a_dispatcher_whose_code_names_nobody_says_so() -> None:
    chief = Dispatcher(id="D", team=("O",), pass_to="return 7;")
    served = machine("M", 5.0, operators=OperatorNeed(("D",)))
    one = simulated(chain(source(10), served, SINK, resources=[Operator(id="O"), chief]), 100.0)
    assert len(one.exits_s) > 5
    assert "port 7" in one.remarks["SM304", "D"]


def test_teams_that_pass_to_each_other_end() -> None:
    one, two = (Dispatcher(id=a, team=(b, "O"), pass_to="return 1;") for a, b in (("D", "E"), ("E", "D")))
    served = machine("M", 5.0, operators=OperatorNeed(("D",)))
    graph = chain(source(10), served, SINK, resources=[Operator(id="O"), one, two])
    assert len(simulated(graph, 100.0).exits_s) == 9
