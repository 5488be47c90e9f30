"""Scripts to graphs: every class and property by its meaning; golden cases in several styles."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from gdt2usd.diagnostics import GdtError
from gdt2usd.graph import distributions as d
from gdt2usd.graph import model as m
from gdt2usd.graph import serial
from gdt2usd.graph.code_bodies import scaled, unscaled
from gdt2usd.graph.emit import emit
from gdt2usd.graph.lower import lower, lower_script
from gdt2usd.script.interpreter import interpret
from gdt2usd.script.parser import parse_text
from gdt2usd.script.source import Script

GOLDEN = Path(__file__).parents[1] / "golden"
HEADER = "Object current = ownerobject(c);\\nObject item = param(1);\\n"


def graph_of(text: str) -> m.ProcessGraph:
    """The graph of a script, through the interpreter only."""
    interpreted = interpret(parse_text(text))
    assert interpreted.diagnostics == (), interpreted.diagnostics
    return lower(interpreted.model).graph


def station_of(kind: str, *lines: str) -> Any:
    """The one station of a script that makes `o` of a class and runs `lines`."""
    return graph_of(f'Object o = Object.create("{kind}");\n' + "\n".join(lines)).stations[0]


GRAPHS = ("scanner_line", "old_commands", "rework_cell", "tablets", "cmp_loop", "pellicle", "seed_line", "three_lines")


@pytest.mark.parametrize("case", GRAPHS)
def test_golden(case: str) -> None:
    script = (GOLDEN / case / "2-script.fs").read_text(encoding="utf-8")
    graph = lower_script(Script(script, "2-script.fs")).graph
    expected = serial.read_graph(GOLDEN / case / "3-graph.json")
    assert serial.to_json(graph) == serial.to_json(expected)
    again = lower_script(Script(emit(graph), "2-script.fs")).graph
    assert again == graph


@pytest.mark.parametrize("case", GRAPHS)
def test_golden_follows_the_published_schema(case: str) -> None:
    document = json.loads((GOLDEN / case / "3-graph.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(serial.json_schema()).validate(document)
    document["stations"][0]["capacity"] = "many"
    document["stations"][0]["kind"] = "queue"
    assert not jsonschema.Draft202012Validator(serial.json_schema()).is_valid(document)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("return (item.x + 1) * 2;", "return 60 * ((item.x + 1) * 2);"),
        ("return(item.x);", "return 60 * ((item.x));"),
        (
            "if (item.a) return item.b ? (1) : (2);\nreturn (3);",
            "if (item.a) return 60 * (item.b ? (1) : (2));\nreturn 60 * ((3));",
        ),
        ("return /**/(a) + (b)/**direct;*/;", "return 60 * (/**/(a) + (b))/**direct;*/;"),
    ],
)
def test_unit_of_a_code_body_multiplies_all_of_what_is_returned(code: str, expected: str) -> None:
    assert scaled(code, 60.0) == expected
    assert unscaled(expected)[1] == 60.0
    assert unscaled(expected)[0].replace(" ", "") == code.replace(" ", "")


def test_paper_idiom_builds_two_parallel_lines() -> None:
    graph = serial.read_graph(GOLDEN / "scanner_line" / "3-graph.json")
    pairs = [(link.upstream, link.downstream) for link in graph.links]
    for line in ("1", "2"):
        way = ["Input Buffer", f"Wait Buffer {line}", f"Scanner {line}", f"Track System {line}", f"CD SEM {line}", "Output Buffer"]
        assert all(step in pairs for step in pairwise(way))
    assert len(pairs) == 10
    assert {link.transport for link in graph.links if link.upstream == "Scanner 1"} == {"Dispatcher"}


@pytest.mark.parametrize(
    ("kind", "line", "field", "value"),
    [
        ("Source", 'o.setProperty("InterArrivalTime", [2, "min"]);', "interarrival_time_s", d.Constant(120.0)),
        ("Source", 'o.setProperty("TimeZeroArrival", 1);', "arrival_at_zero", True),
        ("Source", 'o.setProperty("ArrivalStyle", 2); o.labels.assert("arrivals").value = [[5, 3, 2]];', "schedule",
         (m.Arrival(time_s=5.0, quantity=3, item_type=2.0),)),
        ("Queue", 'o.setProperty("MaxContent", 12);', "capacity", 12),
        ("Queue", 'o.setProperty("LIFO", 1);', "discipline", m.Discipline.LIFO),
        ("Queue", 'o.setProperty("DoBatching", 1); o.setProperty("BatchSize", 6); o.setProperty("MaxBatchTime", [1, "h"]);',
         "batching", m.Batching(6, 3600.0)),
        ("Queue", 'o.setProperty("Pull", 1);', "pull", True),
        ("Queue", 'o.setProperty("Pull", 1); o.setProperty("PullStrategy", 2);', "pull_strategy", "return 2;"),
        ("Queue", 'o.setProperty("Pull", 1); o.setProperty("PullStrategy", "return 0;");', "pull_strategy", ""),
        ("Queue", 'o.setProperty("PullStrategy", "return 2;");', "pull_strategy", ""),
        ("Processor", 'o.setProperty("OperatorPriority", 3);', "operator_priority", 3.0),
        ("Queue", 'o.setProperty("TransportPriority", 2);', "transport_priority", 2.0),
        ("Processor", 'o.setProperty("ProcessTime", minutes(2));', "process_time_s", d.Constant(120.0)),
        ("Processor", 'o.setProperty("SetupTime", [15, "s"]);', "setup_time_s", d.Constant(15.0)),
        ("Processor", 'o.setProperty("MaxContent", 3);', "capacity", 3),
        ("Processor", 'setvarnum(o, "cycletime", 7);', "process_time_s", d.Constant(7.0)),
        ("Processor", 'getvarnode(o, "cycletime").value = 8;', "process_time_s", d.Constant(8.0)),
        ("Processor", 'o.find(">variables/cycletime").value = 9;', "process_time_s", d.Constant(9.0)),
        ("Combiner", 'o.setProperty("CombineMode", "Join");', "mode", m.CombinerMode.JOIN),
        ("Combiner", 'o.setProperty("CombineMode", 3);', "mode", m.CombinerMode.BATCH),
        ("Separator", 'o.setProperty("SeparateMode", "Split"); o.setProperty("SeparateQty", 2);', "quantity", d.Constant(2.0)),
        ("Separator", 'o.setProperty("SeparateMode", 0);', "mode", m.SeparatorMode.SPLIT),
        ("Rack", 'o.setProperty("MinimumDwellTime", [1, "h"]);', "dwell_time_s", d.Constant(3600.0)),
        ("FloorStorage", 'o.setProperty("MaxContent", 40);', "capacity", 40),
        ("Conveyor::StraightConveyor", 'o.setProperty("Speed", [60, "m/min"]);', "speed_m_s", 1.0),
        ("Conveyor::StraightConveyor", 'o.setProperty("IsAccumulating", 0);', "accumulating", False),
        ("Conveyor::StraightConveyor", 'o.setProperty("StartLocation", [0,0,0]); o.setProperty("EndLocation", [3,4,0]);',
         "length_m", 5.0),
        ("Conveyor::CurvedConveyor", 'o.setProperty("Radius", 2); o.setProperty("SweepAngle", 180);',
         "length_m", pytest.approx(6.2832, abs=1e-4)),
    ],
)  # fmt: skip
def test_station_property(kind: str, line: str, field: str, value: Any) -> None:
    assert getattr(station_of(kind, line), field) == value


@pytest.mark.parametrize(
    ("kind", "line", "field", "value"),
    [
        ("Operator", "", "speed_m_s", 2.0),
        ("Operator", 'o.setProperty("MaxSpeed", [120, "m/min"]);', "speed_m_s", 2.0),
        ("Transporter", 'o.setProperty("Capacity", 4);', "capacity", 4),
        ("Transporter", 'setvarnum(o, "maxcontent", 5);', "capacity", 5),
        ("TaskExecuter", 'o.setProperty("LoadTime", 3);', "load_time_s", d.Constant(3.0)),
        ("Crane", 'o.setProperty("Acceleration", 0.5);', "acceleration_m_s2", 0.5),
        ("Robot", 'o.setProperty("MotionMode", "Move Time"); o.setProperty("MoveTime", 4);', "move_time_s", d.Constant(4.0)),
    ],
)
def test_resource_property(kind: str, line: str, field: str, value: Any) -> None:
    graph = graph_of(f'Object o = Object.create("{kind}");\n{line}')
    assert getattr(graph.resources[0], field) == value


@pytest.mark.parametrize(
    ("name", "expected"), [("AGV 1", m.AGV), ("Tray AGV", m.AGV), ("Wagon", m.TaskExecuter), ("DAGV", m.TaskExecuter)]
)
def test_task_executer_called_an_agv_is_one(name: str, expected: type) -> None:
    assert type(graph_of(f'Object o = Object.create("TaskExecuter"); o.name = "{name}";').resources[0]) is expected


@pytest.mark.parametrize(
    ("line", "centre"),
    [
        ("o.setLocation(10, 4, 1, 0.5, 0.5, 0);", (10.0, 4.0, 1.0)),
        ("o.setLocation(10, 4, 1);", (12.0, 2.5, 1.0)),
        ("o.setLocation(Vec3(10, 4, 1));", (12.0, 2.5, 1.0)),
        ("o.setLocation(Vec3(10, 4, 1), Vec3(0.5, 0.5, 0));", (10.0, 4.0, 1.0)),
        ("o.location = Vec3(10, 4, 1);", (12.0, 2.5, 1.0)),
        ("o.location.x += 5; o.location.y -= 1;", (7.0, -2.5, 0.0)),
        ('o.setProperty("Location", [10, 4, 1]);', (12.0, 2.5, 1.0)),
        ('o.setProperty("Location.X", 10);', (12.0, -1.5, 0.0)),
        ("setloc(o, 10, 4, 1);", (12.0, 2.5, 1.0)),
        ("o.setSize(2, 2, 2); o.setLocation(10, 4, 1);", (11.0, 3.0, 1.0)),
        ("o.setLocation(10, 4, 1, 0.5, 0.5, 0); o.setSize(2, 2, 2);", (9.0, 4.5, 1.0)),
    ],
)
def test_location_is_the_bottom_centre(line: str, centre: tuple[float, float, float]) -> None:
    assert station_of("Processor", line).pose.position_m == pytest.approx(centre)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("return 2;", m.ToPort(2)),
        ("return 0;", m.FirstAvailable()),
        ("return item.Type;", m.ByLabel("Type")),
        ('return item.labels[\\"Grade\\"].value;', m.ByLabel("Grade")),
        ('return getlabelnum(item, \\"Grade\\");', m.ByLabel("Grade")),
        ("return bernoulli(70, 1, 2, getstream(current));", m.Percent((70.0, 30.0, 0.0))),
        ("return bernoulli(90, 2, 3);", m.Percent((0.0, 90.0, 10.0))),
        ("return duniform(1, 3, getstream(current));", m.RandomPort()),
        ("return duniform(1, 2);", m.Percent((50.0, 50.0, 0.0))),
        ("double r = uniform(0, 1); if (r < 0.5) return 1; if (r < 0.75) { return 2; } return 3;", m.Percent((50.0, 25.0, 25.0))),
        ("return uniform(0, 100) <= 93 ? 1 : 3;", m.Percent((93.0, 0.0, 7.0))),
        ('return dempirical(\\"Shares\\", getstream(current));', m.Percent((20.0, 30.0, 50.0))),
        ("int n = current.labels.assert(\\\"n\\\", 0).value; n = n % nrop(current) + 1; current.n = n; return n;", m.RoundRobin()),
    ],
)  # fmt: skip
def test_send_to_port(code: str, expected: m.Routing) -> None:
    text = f"""
Object q = Object.create("Queue");
Table shares = Tools.create("GlobalTable");
shares.name = "Shares";
shares.setSize(3, 2);
for (int i = 1; i <= 3; i++) {{
    contextdragconnection(q, Object.create("Sink"), "A");
    shares[i][1] = [20, 30, 50][i];
    shares[i][2] = i;
}}
q.setProperty("SendToPort", "{HEADER}{code}");
"""
    graph = graph_of(text)
    assert graph.stations[0].routing == expected
    if isinstance(expected, m.Percent):
        assert tuple(link.percent for link in graph.links) == expected.percents


def test_unrecognised_routing_is_kept_as_code() -> None:
    code = "Object item = param(1);\nreturn item.Type == 1 ? 2 : 1;"
    graph = graph_of(f'Object q = Object.create("Queue"); q.setProperty("SendToPort", "{code.replace(chr(10), chr(92) + "n")}");')
    assert graph.stations[0].routing == m.RoutingExpression(code)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("return exponential(0, 10, getstream(current));", d.Exponential(10.0)),
        ("exponential(2, 10)", d.Exponential(10.0, 2.0)),
        ("return /**/normal(10, 2, getstream(current))/**direct*/;", d.Normal(10.0, 2.0)),
        ("return triangular(4, 9, 6, getstream(current));", d.Triangular(4.0, 6.0, 9.0)),
        ("return lognormal2(0, Math.exp(4.1), 0.3);", d.Lognormal(4.1, 0.3)),
        ("return lognormal(0, 4.1, 0.3);", d.Lognormal(4.1, 0.3)),
        ("return weibull(1, 20, 1.5);", d.Weibull(1.5, 20.0, 1.0)),
        ("return gamma(0, 5, 2);", d.Gamma(2.0, 5.0)),
        ("return poisson(7);", d.Poisson(7.0)),
        ("return minutes(uniform(1, 2));", d.Uniform(60.0, 120.0)),
        ("return /***unitConversion:min*/ 60 * (exponential(0, 2));", d.Exponential(120.0)),
        ("return 5 + gamma(0, 5, 2);", d.Gamma(2.0, 5.0, 5.0)),
        ("return normal(10, 2) / 2;", d.Normal(5.0, 1.0)),
        ("double m = 6 * 2; return exponential(0, m, 1);", d.Exponential(12.0)),
        ("#define MEAN 12\\nreturn exponential(0, MEAN, 1);", d.Exponential(12.0)),
        ("return erlang(0, 2, 3, getstream(current));", d.FlexSimDistribution("erlang", (0.0, 2.0, 3.0))),
        ("return beta(1, 2, 3, 4) * 60;", d.FlexSimDistribution("beta", (1.0, 2.0, 3.0, 4.0), 60.0)),
        ("return 7 / 2;", d.Constant(3.0)),
    ],
)  # fmt: skip
def test_process_time_code(code: str, expected: d.Distribution) -> None:
    found = station_of("Processor", f'o.setProperty("ProcessTime", "{code}");').process_time_s
    assert found == expected


def test_lognormal_by_its_own_mean_and_deviation() -> None:
    found = station_of("Processor", 'o.setProperty("ProcessTime", "return lognormalmeanstdev(80, 25);");').process_time_s
    assert isinstance(found, d.Lognormal)
    from gdt2usd.graph.moments import mean

    assert mean(found) == pytest.approx(80.0)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ('o.setProperty("ProcessTime", "return exponental(0, 10);");', "GR105"),
        ('o.setProperty("ProcessTime", [5, "fortnights"]);', "GR106"),
        ('o.setProperty("MaxContent", "many");', "GR104"),
        ('o.setProperty("MaxContent", 2.5);', "GR112"),
        ('o.setProperty("UseProcessOperators", 1);', "GR107"),
        ('o.setProperty("TransportPreempt", 1);', "GR108"),
        ('Object.create("Queue").name = "Processor1";', "GR103"),
        ('Object.create("NetworkNode");', "GR101"),
        ('contextdragconnection(o, Object.create("Operator"), "A");', "GR102"),
        ('o.setProperty("MTBFMTTRs", [Tools.create("MTBFMTTR")]);', "GR110"),
    ],
)
def test_reported(line: str, code: str) -> None:
    interpreted = interpret(parse_text(f'Object o = Object.create("Processor");\n{line}'))
    assert code in [x.code for x in lower(interpreted.model).diagnostics]


@pytest.mark.parametrize(
    ("line", "pass_to", "strategy", "reported"),
    [
        ("", "", "", False),
        ('d.setProperty("PassTo", 2);', "return 2;", "", False),
        ('d.setProperty("PassTo", 0);', "", "", False),
        ('d.setProperty("PassTo", "return 0;");', "", "", False),
        ('d.setProperty("PassTo", "return duniform(1, 2);");', "return duniform(1, 2);", "", False),
        ('d.setProperty("QueueStrategy", "return Model.time;");', "", "return Model.time;", False),
        ('d.setProperty("QueueStrategy", "TaskSequence ts = param(1);\\nreturn /**/ts.priority/**/;");', "", "", False),
        ('d.setProperty("QueueStrategy", "return gettasksequencepriority(parnode(1));");', "", "", False),
        ('d.setProperty("QueueStrategy", "TaskSequence ts = param(1);\\nreturn ts.totalTasks;");', "", "", True),
        ('d.setProperty("PassTo", "TaskSequence ts = param(1);\\nreturn ts.priority;");', "", "", True),
    ],
)
def test_dispatchers(line: str, pass_to: str, strategy: str, reported: bool) -> None:
    """Their code is kept unless it looks at the request itself."""
    interpreted = interpret(parse_text(f'Object d = Object.create("Dispatcher");\n{line}'))
    lowered = lower(interpreted.model)
    (chief,) = lowered.graph.resources
    assert chief == m.Dispatcher(id="Dispatcher1", pose=chief.pose, pass_to=pass_to, queue_strategy=strategy)
    assert [x.code for x in lowered.diagnostics if x.code == "GR108"] == ["GR108"] * reported


def test_who_is_called() -> None:
    graph = graph_of("""
Object p = Object.create("Processor"), q = Object.create("Queue"), s = Object.create("Sink");
Object op1 = Object.create("Operator"), op2 = Object.create("Operator"), fork = Object.create("Transporter");
contextdragconnection(q, p, "A");
contextdragconnection(p, s, "A");
contextdragconnection(p, op1, "S");
contextdragconnection(op2, p, "S");
contextdragconnection(fork, q, "S");
p.setProperty("UseProcessOperators", 1);
p.setProperty("OperatorRef", "Object current = ownerobject(c);\\nreturn current.centerObjects[2];");
q.setProperty("UseTransport", 1);
""")
    machine = graph.stations[0]
    assert isinstance(machine, m.Processor)
    assert machine.operators == m.OperatorNeed(("Operator2",))
    assert graph.links[0].transport == "Transporter1"
    assert graph.links[1].transport is None


CALLING = """
Object p = Object.create("Processor"), q = Object.create("Queue"), s = Object.create("Sink");
Object op1 = Object.create("Operator"), op2 = Object.create("Operator");
contextdragconnection(p, q, "A");
contextdragconnection(p, s, "A");
contextdragconnection(p, op1, "S");
contextdragconnection(p, op2, "S");
p.setProperty("{use}", 1);
p.setProperty("{name}", "Object current = ownerobject(c);\\nObject item = param(1);\\nint port = param(2);\\n{code}");
"""


@pytest.mark.parametrize(
    "code",
    [
        "return item.Type == 1 ? current.centerObjects[1] : current.centerObjects[2];",
        "Object a = current.centerObjects[1];\\nreturn a.stats.state().value == 1 ? a : current.centerObjects[2];",
        "return current.centerObjects[duniform(1, 2, getstream(current))];",
        "if (current.subnodes.length > 3) return current.centerObjects[2];\\nreturn current.centerObjects[1];",
    ],
)
def test_who_depends_on_the_item_chance_or_the_moment_stays_code(code: str) -> None:
    both = ("Operator1", "Operator2")
    machine = graph_of(CALLING.format(use="UseProcessOperators", name="OperatorRef", code=code)).stations[0]
    assert isinstance(machine, m.Processor) and machine.operator_call is not None
    assert machine.operator_call.resources == both and machine.operators == m.OperatorNeed(both)
    graph = graph_of(CALLING.format(use="UseTransport", name="TransportRef", code=code))
    assert graph.stations[0].transport_call is not None and graph.stations[0].transport_call.resources == both
    assert [link.transport for link in graph.links] == ["Operator1", "Operator1"]
    # and it comes back from the script that is made of it
    assert lower(interpret(parse_text(emit(graph))).model).graph == graph


def test_a_transport_by_port_is_no_code() -> None:
    graph = graph_of(CALLING.format(use="UseTransport", name="TransportRef", code="return current.centerObjects[port];"))
    assert graph.stations[0].transport_call is None
    assert [link.transport for link in graph.links] == ["Operator1", "Operator2"]


def test_ports_are_ranked_by_connection_and_move_up_when_one_is_removed() -> None:
    graph = graph_of("""
Object q = Object.create("Queue");
Array sinks = [];
for (int i = 1; i <= 3; i++) { sinks.push(Object.create("Sink")); contextdragconnection(q, sinks[i], "A"); }
contextdragconnection(q, sinks[1], "Q");
contextdragconnection(q, sinks[1], "A");
""")
    assert [(link.downstream, link.out_port) for link in graph.links] == [("Sink2", 1), ("Sink3", 2), ("Sink1", 3)]


def test_lower_script_raises_with_everything() -> None:
    text = 'Object a = Object.create("Prozessor");\nObject b = Object.create("Queue");\nb.setProperty("Capacity", 3);\n'
    with pytest.raises(GdtError) as caught:
        lower_script(Script(text))
    assert len(caught.value.diagnostics) >= 2
    assert caught.value.source == text


def test_provenance() -> None:
    text = 'Object q = Object.create("Queue");\nObject s = Object.create("Sink");\ncontextdragconnection(q, s, "A");'
    graph = graph_of(text)
    assert [station.span.line for station in graph.stations if station.span] == [1, 2]
    span = graph.links[0].span
    assert span is not None
    assert text[span.start : span.end].startswith("contextdragconnection")


def test_pull_requirements() -> None:
    text = """
Object p = Object.create("Processor");
p.setProperty("Pull", {pull});
p.setProperty("PullRequirement", {value});
"""
    code = "Object item = param(1);\nreturn item.Type == 2;"
    quoted = '"' + code.replace("\n", "\\n") + '"'
    assert graph_of(text.format(pull=1, value=quoted)).stations[0].pull_requirement == code
    assert graph_of(text.format(pull=0, value=quoted)).stations[0].pull_requirement == ""
    assert graph_of(text.format(pull=1, value='"return 1;"')).stations[0].pull_requirement == ""
    assert graph_of(text.format(pull=1, value="0")).stations[0].pull_requirement == "return 0;"
