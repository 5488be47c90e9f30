"""Graphs of every layout form, with and without positions, for the tests of the stage."""

from __future__ import annotations

import itertools
from dataclasses import replace

from gdt2usd.graph import distributions as d
from gdt2usd.graph import model as m

FORMS = ("linear", "u", "parallel", "loop")


def _at(x: float, y: float, yaw_deg: float = 0.0, size_m: tuple[float, float, float] = (1.0, 1.0, 1.0)) -> m.Pose:
    return m.Pose((x, y, 0.0), yaw_deg, size_m)


def _chain(names: list[str]) -> tuple[m.Link, ...]:
    return tuple(m.Link(upstream=a, downstream=b) for a, b in itertools.pairwise(names))


def linear() -> m.ProcessGraph:
    """Source, queue, milling machine, belt, inspection, sink on a row; an operator and an AGV."""
    stations: tuple[m.Station, ...] = (
        m.Source(id="Raw Parts", pose=_at(0, 0), interarrival_time_s=d.Exponential(20.0)),
        m.Queue(id="Queue 1", pose=_at(8, 0), capacity=12),
        m.Processor(
            id="CNC Mill 1",
            pose=_at(16, 0),
            process_time_s=d.Normal(15.0, 2.0),
            setup_time_s=d.Constant(1.0),
            operators=m.OperatorNeed(("Operator 1",)),
            breakdown=m.Breakdown(d.Exponential(3600.0), d.Triangular(60.0, 120.0, 300.0)),
            triggers=(m.Trigger("OnEntry", 'print("in");'),),
        ),
        m.Conveyor(id="Belt", pose=_at(24, 0), length_m=12.0, speed_m_s=0.5),
        m.Processor(id="Inspection", pose=_at(32, 0), routing=m.Percent((93.0, 7.0))),
        m.Sink(id="Good", pose=_at(40, 0)),
        m.Sink(id="Scrap", pose=_at(32, -6)),
    )
    links = (
        *_chain(["Raw Parts", "Queue 1", "CNC Mill 1", "Belt", "Inspection"]),
        m.Link(upstream="Inspection", downstream="Good", out_port=1, percent=93.0, transport="AGV 1"),
        m.Link(upstream="Inspection", downstream="Scrap", out_port=2, percent=7.0),
    )
    resources = (m.Operator(id="Operator 1"), m.AGV(id="AGV 1", speed_m_s=1.0))
    return m.ProcessGraph(stations=stations, links=links, resources=resources, horizon_s=3600.0)


def u_shape() -> m.ProcessGraph:
    """Eight stations: out along one row, back along the other."""
    names = ["In", "Saw", "Drill", "Press", "Oven", "Paint Booth", "Packing", "Out"]
    spots = [(0, 0), (8, 0), (16, 0), (24, 0), (24, -8), (16, -8), (8, -8), (0, -8)]
    stations: list[m.Station] = [m.Source(id="In", pose=_at(*spots[0]))]
    stations += [m.Processor(id=n, pose=_at(*p)) for n, p in zip(names[1:-1], spots[1:-1], strict=True)]
    stations.append(m.Sink(id="Out", pose=_at(*spots[-1])))
    return m.ProcessGraph(stations=tuple(stations), links=_chain(names))


def parallel(lanes: int = 3, machines: int = 4) -> m.ProcessGraph:
    """One source feeding `lanes` rows that end in a combiner and a sink; a dispatcher with two task executers."""
    stations: list[m.Station] = [m.Source(id="Input", pose=_at(0, 0))]
    links: list[m.Link] = []
    for lane in range(lanes):
        y = -7.0 * (lane - (lanes - 1) / 2)
        row: list[m.Station] = [m.Queue(id=f"Buffer {lane + 1}", pose=_at(7, y), capacity=20)]
        row += [m.Processor(id=f"Scanner {lane + 1}-{n + 1}", pose=_at(14 + 7 * n, y), capacity=2) for n in range(machines)]
        stations += row
        links.append(m.Link(upstream="Input", downstream=row[0].id, out_port=lane + 1))
        links += _chain([s.id for s in row])
        links.append(m.Link(upstream=row[-1].id, downstream="Track", in_port=lane + 1, transport="Dispatcher"))
    end = 14.0 + 7 * machines
    stations += [m.Combiner(id="Track", pose=_at(end, 0), components=(1,) * (lanes - 1)), m.Sink(id="Output", pose=_at(end + 7, 0))]
    links.append(m.Link(upstream="Track", downstream="Output"))
    team = tuple(m.TaskExecuter(id=f"Task Executer {n}") for n in (1, 2))
    desk = m.Dispatcher(id="Dispatcher", team=tuple(t.id for t in team))
    return m.ProcessGraph(stations=tuple(stations), links=tuple(links), resources=(desk, *team))


def loop() -> m.ProcessGraph:
    """A ring with rework: the last station sends items back to the first queue."""
    names = ["Load", "Ring Queue", "Weld", "Grind", "Check"]
    spots = [(-8, 0), (0, 0), (8, 0), (8, -8), (0, -8)]
    stations: list[m.Station] = [m.Source(id="Load", pose=_at(*spots[0])), m.Queue(id="Ring Queue", pose=_at(*spots[1]))]
    stations += [m.Processor(id=n, pose=_at(*p)) for n, p in zip(names[2:], spots[2:], strict=True)]
    stations.append(m.Sink(id="Unload", pose=_at(-8, -8)))
    links = (
        *_chain(names),
        m.Link(upstream="Check", downstream="Unload", out_port=1),
        m.Link(upstream="Check", downstream="Ring Queue", out_port=2, in_port=2),
    )
    robot = m.Robot(id="Robot 1")
    return m.ProcessGraph(stations=tuple(stations), links=links, resources=(robot,))


def form(name: str) -> m.ProcessGraph:
    """The graph of one of `FORMS`."""
    return {"linear": linear, "u": u_shape, "parallel": parallel, "loop": loop}[name]()


def without_positions(graph: m.ProcessGraph) -> m.ProcessGraph:
    """The same graph with everything at the origin."""
    bare = tuple(replace(s, pose=m.Pose(size_m=s.pose.size_m)) for s in graph.stations)
    return replace(graph, stations=bare)


def factory_40() -> m.ProcessGraph:
    """Three lines and 40 stations: machining, assembly, packing; operators, AGVs, forklift, belts between the lines."""
    lines = (
        (
            "Machining",
            ["Lathe", "CNC Mill", "Drill", "Deburring", "Washing", "Measuring", "Heat Treatment Oven", "Grinding", "Inspection"],
        ),
        (
            "Assembly",
            ["Press Fit", "Welding", "Robot Cell", "Screwing", "Paint Booth", "Curing Oven", "Leak Test", "Label", "Final Check"],
        ),
        (
            "Packing",
            ["Kitting Bench", "Carton Erector", "Filler", "Sealer", "Labeller", "Case Packer", "Weigh", "Wrapper", "Palletiser"],
        ),
    )
    stations: list[m.Station] = []
    links: list[m.Link] = []
    resources: list[m.Resource] = []
    for row, (line, machines) in enumerate(lines):
        y = -12.0 * row
        names = [f"{line} In"]
        stations.append(m.Source(id=names[0], pose=_at(0, y), interarrival_time_s=d.Exponential(30.0)))
        x = 6.0
        for n, machine in enumerate(machines):
            if n in (0, 4):
                names.append(f"{line} Buffer {n // 4 + 1}")
                stations.append(m.Queue(id=names[-1], pose=_at(x, y), capacity=20))
                x += 6.0
            if n == 6:
                names.append(f"{line} Belt")
                stations.append(m.Conveyor(id=names[-1], pose=_at(x + 2.0, y), length_m=8.0))
                x += 10.0
            names.append(f"{line} {machine}")
            need = m.OperatorNeed((f"{line} Operator {n // 3 + 1}",)) if n % 3 == 0 else None
            stations.append(m.Processor(id=names[-1], pose=_at(x, y), process_time_s=d.Normal(25.0, 3.0), operators=need))
            x += 7.0
        stations.append(m.Sink(id=f"{line} Out", pose=_at(x, y)))
        names.append(f"{line} Out")
        links += _chain(names)
        links[-1] = replace(links[-1], transport=f"AGV {row + 1}")
        resources += [m.Operator(id=f"{line} Operator {n}") for n in (1, 2, 3)]
        resources.append(m.AGV(id=f"AGV {row + 1}"))
    stations.append(m.Storage(id="Finished Goods Rack", pose=_at(40.0, -36.0)))
    resources.append(m.Transporter(id="Forklift 1", pose=_at(30.0, -34.0)))
    return m.ProcessGraph(stations=tuple(stations), links=tuple(links), resources=tuple(resources))


def grid(count: int) -> m.ProcessGraph:
    """`count` stations in rows of a hundred, linked along the rows: for measuring."""
    stations = tuple(
        m.Processor(id=f"Machine {n}", pose=_at(7.0 * (n % 100), 7.0 * (n // 100)), process_time_s=d.Normal(10.0 + n % 7, 1.0))
        for n in range(count)
    )
    links = tuple(m.Link(upstream=stations[n].id, downstream=stations[n + 1].id) for n in range(count - 1) if (n + 1) % 100)
    return m.ProcessGraph(stations=stations, links=links)
