"""The checker: one case or more per rule, and what it must keep silent about."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

import gdt2usd.script
from gdt2usd.diagnostics import Diagnostic, Severity, Span
from gdt2usd.script.checker import RULES, check
from gdt2usd.script.diagnose import diagnose
from gdt2usd.script.parser import parse_text
from gdt2usd.script.source import Script
from tests.script_frontend.scripts import ALL, BODY, LINE, LOOPS

PROCESSOR = 'Object p = Object.create("Processor");\n'
OPERATOR = 'Object o = Object.create("Operator");\n'

# script, code, the text it points at, what the hint must contain
ERRORS = [
    ('createObject("Queue");', "FS201", "createObject", 'Object.create("Processor")'),
    ("print(exponentail(0, 10));", "FS201", "exponentail", "exponential"),
    ("double t = getmodeltime();", "FS201", "getmodeltime", "Model.time"),
    (PROCESSOR + "setprocesstime(p, 10);", "FS201", "setprocesstime", "ProcessTime"),
    ("double t = exponential(10);", "FS203", "exponential(10)", "location comes first"),
    ("double t = normal(10);", "FS203", "normal(10)", "standard deviation"),
    ("double t = triangular(1, 2);", "FS203", "triangular(1, 2)", "mode comes last"),
    (PROCESSOR + "p.setLocation(1, 2);", "FS203", "p.setLocation(1, 2)", "setLocation(x, y, z)"),
    (PROCESSOR + 'contextdragconnection(p, "A");', "FS203", 'contextdragconnection(p, "A")', "from, to"),
    ("Vec3 v = Vec3(1, 2);", "FS203", "Vec3(1, 2)", "Vec3(x, y, z)"),
    ('Object x = Object.create("Procesor");', "FS204", '"Procesor"', '"Processor"'),
    ('Object x = Object.create("TaskExecutor");', "FS204", '"TaskExecutor"', '"TaskExecuter"'),
    ('Object x = Object.create("StraightConveyor");', "FS204", '"StraightConveyor"', "Conveyor::StraightConveyor"),
    ('Object x = Object.create("AStarNavigator");', "FS204", '"AStarNavigator"', ""),
    ('treenode t = library().find("?Qeue");', "FS204", '"?Qeue"', "?Queue"),
    (PROCESSOR + 'p.setProperty("Max Content", 3);', "FS205", '"Max Content"', "MaxContent"),
    (PROCESSOR + 'p.setProperty("ProcesTime", 3);', "FS205", '"ProcesTime"', "ProcessTime"),
    ('Object q = Model.find("Q");\nq.setProperty("PackQuantity", 3);', "FS205", '"PackQuantity"', "ComponentsList"),
    (PROCESSOR + 'p.setProperty("Capacity", 3);', "FS206", '"Capacity"', "MaxContent"),
    (OPERATOR + 'o.setProperty("MaxContent", 3);', "FS206", '"MaxContent"', "Capacity"),
    (OPERATOR + 'o.setProperty("Speed", 3);', "FS206", '"Speed"', "MaxSpeed"),
    (PROCESSOR + 'p.setProperty("UseOperators", 1);', "FS206", '"UseOperators"', "UseProcessOperators"),
    ('createinstance(library().find("?Queue"), model()).setProperty("ProcessTime", 3);', "FS206", '"ProcessTime"', "Processor"),
    ('Array m = [Object.create("Sink")];\nm[1].setProperty("ProcessTime", 3);', "FS206", '"ProcessTime"', ""),
    (
        'Object q = Object.create("Queue");\nq.name = "B";\nObject r = Model.find("B");\nr.setProperty("SetupTime", 1);',
        "FS206",
        '"SetupTime"',
        "",
    ),
    (PROCESSOR + 'p.setName("x");', "FS207", "setName", 'name = "..."'),
    (PROCESSOR + "p.setLocaton(1, 2, 3);", "FS207", "setLocaton", "setLocation"),
    ("double x = Math.squareroot(2);", "FS207", "squareroot", ""),
    ("Array a = [1];\na.add(2);", "FS207", "add", "push"),
    ("Array a = [1];\nint n = a.size;", "FS207", "size", "length"),
    ("Variant v = param(1);\nv.setLabel(1);", "FS207", "setLabel", "labelname"),
    (PROCESSOR + "print(p.className);", "FS207", "className", "Class"),
    ("string s = 'Queue';", "FS235", "'Queue'", '"Queue"'),
    ("string s = 'Q';", "FS235", "'Q'", '"Q"'),
    ("for (i = 1; i <= 3; i++) { print(i); }", "FS213", "1", "int i"),
    (PROCESSOR + 'p.setLocation("1", 2, 3);', "FS213", '"1"', ""),
    (PROCESSOR + 'p.setProperty("OnExit", "return 1;");', "FS205", '"OnExit"', "Triggers.OnExit"),
    ("Array m = [1];\nint n = m.length();", "FS207", "length", "parentheses"),
    (PROCESSOR + "p.setLocation = Vec3(1, 2, 3);", "FS207", "setLocation", "setLocation(...)"),
    ("string s = string(5);", "FS201", "string", "fromNum"),
    (PROCESSOR + "p.setProperty(MaxContent, 5);", "FS209", "MaxContent", '"MaxContent"'),
    ('Object o = createinstance("Processor", model());', "FS213", '"Processor"', ""),
    (PROCESSOR + 'p.setProperty("Triggers.onExit", "return 1;");', "FS205", '"Triggers.onExit"', "Triggers.OnExit"),
    ("bool b = 1;", "FS208", "bool", "int"),
    ("float f = 1;", "FS208", "float", "double"),
    ("auto f = 1;", "FS208", "auto", "var"),
    ('Processor p = Object.create("Processor");', "FS208", "Processor", "Object p"),
    ('TaskExecutor t = Model.find("T");', "FS208", "TaskExecutor", "TaskExecuter"),
    ("foo\nbar = 3;", "FS208", "foo", "missing"),
    ("x = 3;", "FS209", "x", "declare"),
    ("int count1 = 0;\ncuont1 = 3;", "FS209", "cuont1", "count1"),
    ("if (1) { int x = 1; print(x); }\nprint(x);", "FS209", "x", "outside"),
    ("treenode t = null;", "FS209", "null", "NULL"),
    ("print(y);\nint y = 1;", "FS210", "y", ""),
    ("int x = 1;\nint x = 2;", "FS211", "x = 2", ""),
    ('string s = "Queue" + 1;', "FS212", "1", "string.fromNum(1)"),
    ('int i = 1;\nstring s = "Queue" + i + "a";', "FS212", "i", "string.fromNum(i)"),
    ('string s = "a";\ns += 2.5;', "FS212", "2.5", "fromNum"),
    ('double d = "3" * 2;', "FS212", '"3"', "toNum"),
    ("int d = 3.5 % 2;", "FS212", "3.5", "fmod"),
    ('int x = "three";', "FS213", '"three"', "toNum"),
    ("string s = 3;", "FS213", "3", "fromNum"),
    ("Object o = 3;", "FS213", "3", ""),
    ('Object o = "Queue1";', "FS213", '"Queue1"', "Model.find"),
    ("Array a = 5;", "FS213", "5", "Array(n)"),
    (PROCESSOR + 'contextdragconnection("Source1", p, "A");', "FS213", '"Source1"', 'Model.find("Source1")'),
    ('double t = normal("10", 2);', "FS213", '"10"', ""),
    ("1 = 2;", "FS213", "1", "left of ="),
    ("if (1) { return; }", "FS214", "return", "return 0"),
    ("double twice(double x) { return 2 * x; }", "FS215", "double twice(double x) { return 2 * x; }", ""),
    (PROCESSOR + 'contextdragconnection(p, p, "X");', "FS216", '"X"', '"A"'),
    (
        'Object s = Object.create("Source");\ns.setProperty("ArrivalStyle", "Interarrival Time");',
        "FS217",
        '"Interarrival Time"',
        "Inter-Arrival Time",
    ),
    ('Object q = Object.create("Queue");\nq.setProperty("ItemPlacement", 9);', "FS217", "9", "Stack Vertically"),
    (PROCESSOR + 'p.setProperty("UseTransport", "true");', "FS218", '"true"', "1"),
    (PROCESSOR + 'p.setProperty("ProcessTime", [1, 2, 3]);', "FS218", "[1, 2, 3]", "min"),
    (PROCESSOR + 'p.setProperty("Location", 5);', "FS218", "5", "[x, y, z]"),
    ('print(Model.find("X").stats.input.value);', "FS219", 'Model.find("X").stats', "Object o"),
    ('treenode t = Model.find("X");\nt.setLocation(1, 2, 3);', "FS219", "setLocation", "Object"),
    ("double t = triangular(5, 8, 15, 1);", "FS220", "triangular(5, 8, 15, 1)", "triangular(5, 15, 8"),
    ("double t = uniform(9, 3, 1);", "FS220", "uniform(9, 3, 1)", "uniform(3, 9"),
    ("double t = bernoulli(170, 1, 2, 1);", "FS220", "170", ""),
    ("double t = exponential(10, 0, 1);", "FS220", "0", "exponential(0, 10"),
    ('treenode t = Tools.create("GlobalTabel");', "FS225", '"GlobalTabel"', "GlobalTable"),
    ("int print = 3;\nprint(1);", "FS227", "print", ""),
    ("if (1) { break; }", "FS228", "break", ""),
    ("Array a = Array(3);\na[0] = 1;", "FS230", "0", "[1]"),
    (PROCESSOR + "Object n = p.outObjects[0];", "FS230", "0", "[1]"),
    ("Array a = Array(3);\nfor (int i = 0; i < 3; i++) { a[i] = i; }", "FS230", "i", "int i = 1"),
]

WARNINGS = [
    (PROCESSOR + "setloc(p, 1, 2, 3);", "FS202", "setloc", "location"),
    (PROCESSOR + "setcolor(p, 255, 0, 0);", "FS202", "setcolor", "Color("),
    ('pt("x");', "FS202", "pt", "print"),
    ("stringarray days;", "FS202", "stringarray", "Array"),
    ("iterate(1, 3, 1) { print(1); }", "FS202", "iterate(1, 3, 1) { print(1); }", "for"),
    ("double t = bernoulli(0.7, 1, 2, 1);", "FS220", "0.7", "70"),
    (PROCESSOR + 'p.setProperty("ProcessTime", "exponential(0, 10, 1)");', "FS222", '"exponential(0, 10, 1)"', "return"),
    ("int i = 1;\ndo { i++; } while (i < 3);", "FS224", "do { i++; } while (i < 3);", "while"),
    ("int i = 1;\nif (i = 2) { print(i); }", "FS226", "i = 2", "=="),
    ('Object q = Object.create("Queue", model());', "FS231", "model()", ".up"),
    (PROCESSOR + "p.color = Color(255, 0, 0);", "FS232", "Color(255, 0, 0)", "Color(1, 0, 0)"),
    (PROCESSOR + 'p.setProperty("ProcessTime", normal(10, 2, 1));', "FS234", "normal(10, 2, 1)", "string"),
    (PROCESSOR + "p.processTime = 5;", "FS236", "processTime", "setProperty"),
    ('Model.find("X").location = Vec3(1, 2, 3);', "FS219", "location", ".as(Object)"),
    ("int x = 1;\nx == 3;", "FS233", "x == 3", "="),
    (PROCESSOR + 'contextdragconnection(p, p, "a");', "FS216", '"a"', ""),
    ('treenode t = library().find("Queue");', "FS204", '"Queue"', ""),
]


def findings(text: str) -> list[tuple[str, str, Severity, str]]:
    """Code, the text it points at, severity, hint."""
    found = []
    for diagnostic in check(parse_text(text)):
        assert isinstance(diagnostic.where, Span)
        found.append((diagnostic.code, text[diagnostic.where.start : diagnostic.where.end], diagnostic.severity, diagnostic.hint))
    return found


@pytest.mark.parametrize(("text", "code", "at", "hint"), ERRORS)
def test_errors(text: str, code: str, at: str, hint: str) -> None:
    found = [f for f in findings(text) if f[2] is Severity.ERROR]
    assert [(c, a) for c, a, _, _ in found] == [(code, at)]
    assert hint in found[0][3]


@pytest.mark.parametrize(("text", "code", "at", "hint"), WARNINGS)
def test_warnings(text: str, code: str, at: str, hint: str) -> None:
    found = findings(text)
    assert [(c, a) for c, a, s, _ in found if s is Severity.WARNING and c == code] == [(code, at)]
    assert not [f for f in found if f[2] is Severity.ERROR]
    assert hint in next(h for c, _, _, h in found if c == code)


def test_a_missing_stream_is_mentioned() -> None:
    assert [(c, s) for c, _, s, _ in findings("double t = normal(10, 2);")] == [("FS221", Severity.INFO)]
    assert not findings("double t = normal(10, 2, 1);")


def test_all_problems_in_one_go_in_order() -> None:
    text = "\n".join(text.replace("Object p", f"Object p{n}").replace("p.", f"p{n}.") for n, (text, *_) in enumerate(ERRORS[:8]))
    lines = [d.where.line for d in check(parse_text(text)) if isinstance(d.where, Span)]
    assert lines == sorted(lines)
    assert {c for c, _, s, _ in findings(text) if s is Severity.ERROR} >= {"FS201", "FS203"}


@pytest.mark.parametrize("text", [LINE, LOOPS, BODY])
def test_good_scripts_give_nothing(text: str) -> None:
    assert check(parse_text(text)) == ()


@pytest.mark.parametrize(
    "text",
    [
        # a variable that may hold several classes: the property exists on one of them
        'Object o = Object.create("Queue");\nif (o.rank > 1) o = Object.create("Processor");\no.setProperty("ProcessTime", 3);',
        'Object o;\nfor (int i = 1; i < 3; i++) {\n  if (i == 1) o = Object.create("Sink");\n  o.setProperty("MaxSpeed", 1);\n}',
        'Array a = [];\na.push(Object.create("Queue"));\na.push(Object.create("Processor"));\na[2].setProperty("ProcessTime", 1);',
        'Array a = [];\nArray b = a;\nb[1] = Object.create("Processor");\na[1] = b[1];\na[1].setProperty("SetupTime", 1);',
        'Object o = Object.create(Model.parameters.kind);\no.setProperty("ProcessTime", 1);',
        # labels
        'Object o = Model.find("X");\no.batchSize = 3;\nint n = o.batchSize + o.other.value;\nint m = o.labels["x"].value;',
        # values that are not known
        'Variant v = Model.find("X").subnodes[1].value;\nstring s = v + "a";\nint n = v;\nObject o = v;',
        'treenode t = 0;\nObject o = NULL;\nt = Model.find("X");\nt.someLabel = 3;',
        'Array loc = Model.find("X").as(Object).location;',
        # names from elsewhere
        "Object current = ownerobject(c);\nprint(current.name, i.name, STATE_IDLE, MY_CONSTANT);",
        'Table t = Table("T");\nt[1]["A"] = t.numRows;\nfor (int i = 0; i < 3; i++) print(t[1][i + 1]);',
        'Object s = Object.create("Sink");\ns.setProperty("UseTransport", 1);\ns.setProperty("Triggers.OnEntry", "");',
        'Object s = Object.create("Source");\ns.setProperty("InterArrivalTime", 5);\ns.setProperty("Location.X", 5);',
        'Object s = Object.create("Source");\ns.setProperty("ArrivalStyle", 2);',
        'treenode m = Tools.create("MTBFMTTR");\nm.as(Object).setProperty("Members", [1]);',
        "int a = 7 / 2 % 3;\ndouble b = 5;\nint c1 = 1.5;",
        'string s = "a" + "b" + string.fromNum(3);\ns += "c";',
        "Array loop = [3, 1];\nloop.sort();\nint i = loop.indexOf(3);\nwhile (i = loop.pop()) { }",
    ],
)
def test_silent_where_it_cannot_know(text: str) -> None:
    assert [d for d in check(parse_text(text)) if d.severity is Severity.ERROR] == []


def test_code_in_strings_is_checked_at_its_place() -> None:
    text = PROCESSOR + 'p.setProperty("ProcessTime", "Object current = ownerobject(c);\\n\\treturn normal(10, sd, \\"x\\");");'
    found = [(c, a) for c, a, s, _ in findings(text) if s is Severity.ERROR]
    assert found == [("FS209", "sd"), ("FS213", '\\"x\\"')]


def test_code_made_of_several_strings_is_checked_at_its_place() -> None:
    text = (
        PROCESSOR
        + 'string code = "Object current = ownerobject(c);\\n"\n  + "return exponential(10);";\np.setProperty("SetupTime", code);'
    )
    found = [(c, a) for c, a, s, _ in findings(text) if s is Severity.ERROR]
    assert found == [("FS203", "exponential(10)")]


def test_code_in_a_continued_string_is_checked_at_its_place() -> None:
    text = PROCESSOR + 'p.setProperty("Triggers.OnExit", "Object item = param(1); \\\n  item.Type = duniform(3, 1, 2); \\\n");'
    (found,) = [d for d in check(parse_text(text)) if d.severity is Severity.ERROR]
    assert isinstance(found.where, Span) and (found.where.line, found.where.column) == (3, 15)


def test_syntax_errors_in_code_are_found() -> None:
    text = PROCESSOR + 'p.setProperty("SendToPort", "return (1;");'
    assert [(c, a) for c, a, _, _ in findings(text)] == [("FS107", "(")]


def test_names_of_the_model_are_only_doubted_in_code_out_of_a_model() -> None:
    text = 'Object current = ownerobject(c);\nShared = mycommand(current);\nprint(string(current.name), "a" + current.rank);'
    assert {(c, s) for c, _, s, _ in findings(text)} == {
        ("FS201", Severity.WARNING),
        ("FS209", Severity.WARNING),
        ("FS212", Severity.WARNING),
    }


def test_every_code_is_explained() -> None:
    explained = tomllib.loads((Path(gdt2usd.script.__file__).parent / "codes.toml").read_text(encoding="utf-8"))
    tested = {code for _, code, _, _ in (*ERRORS, *WARNINGS)} | {"FS221"}
    assert tested <= set(explained)
    assert {code for code in explained if code.startswith("FS2")} == tested
    assert all(entry["title"] and entry["explanation"] for entry in explained.values())


def test_rules_say_what_they_check() -> None:
    assert all(rule.__doc__ and rule.__doc__.startswith("FS2") for rule in RULES)


def test_many_problems_are_cut_short() -> None:
    found: tuple[Diagnostic, ...] = check(parse_text("unknown(1);\n" * 5000))
    assert len(found) == 200


@pytest.mark.parametrize("text", ALL)
def test_checking_leaves_the_tree_alone(text: str) -> None:
    program = parse_text(text)
    check(program)
    assert program.statements == parse_text(text).statements


def test_habitual_mistakes_of_language_models() -> None:
    """All in one go, each with its line, code and hint, as in the golden file."""
    case = Path(__file__).parents[1] / "golden" / "habits"
    found = diagnose(Script((case / "2-script.fs").read_text(encoding="utf-8"), "2-script.fs"))
    rows = [
        {"line": d.where.line, "code": d.code, "severity": d.severity.value, "message": d.message, "hint": d.hint}
        for d in found
        if isinstance(d.where, Span)
    ]
    assert rows == json.loads((case / "diagnostics.json").read_text(encoding="utf-8"))
    assert len(rows) == len(found)


@pytest.mark.parametrize(
    ("text", "code", "severity", "hint"),
    [
        ("Array a = [];\na.push();", "FS203", Severity.ERROR, "Array.push(Variant val)"),
        ("double x = Math.max(1);", "FS203", Severity.ERROR, "Math.max(double value1, double value2)"),
        ("double x = Math.sqrt();", "FS203", Severity.ERROR, "Math.sqrt(double value)"),
        ('string s = "a";\ns.replace();', "FS203", Severity.ERROR, "string.replace"),
        (
            PROCESSOR + 'p.setProperty("Triggers.OnProcessFinsh", "return 1;");',
            "FS205",
            Severity.WARNING,
            "Triggers.OnProcessFinish",
        ),
        (PROCESSOR + 'p.setProperty("Triggers.onEntry", "return 1;");', "FS205", Severity.ERROR, "Triggers.OnEntry"),
    ],
)
def test_arguments_of_methods_and_names_of_triggers(text: str, code: str, severity: Severity, hint: str) -> None:
    (found,) = check(parse_text(text))
    assert (found.code, found.severity) == (code, severity)
    assert hint in found.hint


@pytest.mark.parametrize(
    "text",
    [
        'Array a = [3, 1];\na.sort();\na.join();\na.join(",");\na.push(2).push(3);',
        "double x = Math.round(2.5) + Math.round(2.55, 1) + Math.max(1, 2);",
        'string s = "a,b";\nArray parts = s.split(",");\nArray letters = s.split();',
        PROCESSOR + 'p.setProperty("Triggers.OnResourceAvailable", "return 1;");',
        PROCESSOR + 'p.setProperty("Triggers.OnUnload", "return 1;");',
    ],
)
def test_arguments_and_triggers_that_are_right(text: str) -> None:
    assert check(parse_text(text)) == ()
