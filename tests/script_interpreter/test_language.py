"""The language: values, operators, loops, texts, arrays, tables, as FlexScript has them."""

from __future__ import annotations

from typing import Any

import pytest

from gdt2usd.script.interpreter import interpret
from gdt2usd.script.parser import parse_text


def value_of(expression: str, before: str = "") -> Any:
    """What an expression is, read back through a label."""
    text = f'Object probe = Object.create("Queue");\n{before}\nprobe.labels.assert("x").value = {expression};'
    interpreted = interpret(parse_text(text))
    assert all(x.code == "FS330" for x in interpreted.diagnostics), interpreted.diagnostics
    return interpreted.model.objects[0].labels["x"]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("7 / 2", 3.0),
        ("-7 / 2", -3.0),
        ("7.0 / 2", 3.5),
        ("-7 % 3", -1.0),
        ("2 + 3 * 4", 14.0),
        ("1 << 3 | 1", 9.0),
        ("!0 && 3 > 2", 1.0),
        ("0 ? 1 : 2", 2.0),
        ('"a" + "b"', "ab"),
        ('"a" == "a"', 1.0),
        ("0x1F", 31.0),
        ("Math.pow(2, 10)", 1024.0),
        ("Math.round(2.5)", 3.0),
        ("Math.round(-2.449, 1)", -2.4),
        ("Math.floor(-2.5)", -3.0),
        ("hours(1) + minutes(1) + days(1)", 90060.0),
        ('"Queue 12".substr(7, 2).toNum() + 1', 13.0),
        ('"a,b,c".split(",")[2]', "b"),
        ('"a,b".split(",").length', 2.0),
        ('"banana".replace("an", "-", 1)', "b--a"),
        ('"banana".replace("an", "-")', "b-ana"),
        ('"x".padStart(3, "0")', "00x"),
        ('string.fromNum(2.50)', "2.5"),
        ('string.fromNum(2.456, 1)', "2.5"),
        ('["a", "b"].indexOf("b")', 2.0),
        ('[3, 1, 2].sort()[1]', 1.0),
        ('[1, 2].concat([3]).join("-")', "1-2-3"),
        ("[1, [2, 3]][2][1]", 2.0),
        ("Vec3(3, 4, 0).magnitude", 5.0),
        ("(Vec3(1, 2, 3) + Vec3(1, 1, 1) * 2).y", 4.0),
        ("Color.red.r", 1.0),
        ("NULL ? 1 : 2", 2.0),
        ("duniform(3, 3)", 3.0),
    ],
)  # fmt: skip
def test_expression(expression: str, expected: Any) -> None:
    assert value_of(expression) == (pytest.approx(expected) if isinstance(expected, float) else expected)


@pytest.mark.parametrize(
    ("before", "expression", "expected"),
    [
        ("intarray a = makearray(3); a[2] = 5;", "a[2] + a.length", 8.0),
        ("Array a = [1, 2]; Array b = a; b.push(3);", "a.length", 3.0),
        ("Array a = [1, 2]; Array b = a.clone(); b.push(3);", "a.length", 2.0),
        ("int n = 0; for (int i = 1; i <= 4; i++) { if (i == 2) continue; if (i == 4) break; n += i; }", "n", 4.0),
        ("int n = 0; while (n < 5) n++;", "n", 5.0),
        ("int n = 0; do { n++; } while (n < 3);", "n", 3.0),
        ("int n = 0; switch (2) { case 1: n = 1; case 2: n += 20; case 3: n += 300; break; default: n = 9; }", "n", 320.0),
        ("int n = 0; switch (7) { case 1: n = 1; break; default: n = 9; }", "n", 9.0),
        ("int a; int b; a = b = 4; a += 1;", "a * 10 + b", 54.0),
        ("int i = 1; int j = i++ + ++i;", "j", 4.0),
        ("int x = 2.9;", "x", 2.0),
        ("double x = 3;", "x / 2", 1.5),
        ("string s = \"a\"; s += \"b\";", "s", "ab"),
        ("Vec3 v = Vec3(1, 2, 3); Vec3 w = v; w.x = 9; v.y += 1;", "v.x + v.y", 4.0),
        ("Map m; m[\"k\"] = 5;", "m[\"k\"]", 5.0),
        ("Array grid = [[1, 2], [3, 4]]; grid[2][1] = 30;", "grid[2][1]", 30.0),
        ("Table t = Tools.create(\"GlobalTable\"); t.name = \"T\"; t.setSize(2, 2); Table(\"T\")[2][1] = 8; t.addRow();",
         "t[2][1] + t.numRows", 11.0),
        ("Group g = Group(\"G\"); g.addMember(probe); g.addMember(Object.create(\"Sink\"));", "g.length", 2.0),
        ("Object o = Object.create(\"Sink\"); o.name = \"Sink A\"; treenode f = Model.find(\"Sink A\");", "f.name", "Sink A"),
        ("Object o = Model.find(\"Nobody\");", "o == NULL", 1.0),
        ("int n = 0; forobjecttreeunder(model()) { n++; }", "n", 1.0),
        ("Object c2 = probe.copy(); c2.name = \"Copy\";", "model().subnodes.length", 2.0),
        ("Object o = Object.create(\"Sink\"); o.destroy();", "model().subnodes.length", 1.0),
        ("probe.setProperty(\"MaxContent\", 12);", "probe.getProperty(\"MaxContent\")", 12.0),
        ("", "probe.getProperty(\"MaxContent\")", 1000.0),
        ("probe.Grade = 3; probe.labels.assert(\"Grade\", 9).value += 1;", "probe.Grade", 4.0),
        ("#define N 6", "N * 2", 12.0),
        ("int n = 0; { int n2 = 5; n = n2; }", "n", 5.0),
        ("Object gone; string s = gone?.name ? \"yes\" : \"no\";", "s", "no"),
    ],
)  # fmt: skip
def test_statements(before: str, expression: str, expected: Any) -> None:
    assert value_of(expression, before) == expected


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("int a = 1;\nb = 2;", "FS311", 2),
        ("Array a = [1, 2];\nint x = a[0];", "FS321", 2),
        ('string s = "a" + 1;', "FS323", 1),
        ("int x = 1 / 0;", "FS324", 1),
        ('Object o = Model.find("Sorce");\no.name = "x";', "FS315", 2),
        ('contextdragconnection(Model.find("Sorce"), Model.find("Queue1"), "A");', "FS315", 1),
        ('Object.create("TaskExecutor");', "FS319", 1),
        ('Object o = Object.create("Processor");\no.setProperty("Capacity", 2);', "FS316", 2),
        ('createObject("Queue");', "FS310", 1),
        ("Math.sqrt(-1);", "FS326", 1),
        ("hours(1, 2);", "FS312", 1),
        ('Object o = "Queue1";', "FS325", 1),
        ("Table t = Table(\"Nothing\");", "FS320", 1),
        ("Object o = Object.create(\"Queue\");\no.nothing;", "FS314", 2),
    ],
)  # fmt: skip
def test_mistakes_are_reported_where_they_are(text: str, code: str, line: int) -> None:
    from gdt2usd.diagnostics import Span

    found = interpret(parse_text(text)).diagnostics
    assert [x.code for x in found] == [code]
    assert isinstance(found[0].where, Span)
    assert found[0].where.line == line


def test_the_script_goes_on_after_a_mistake() -> None:
    interpreted = interpret(
        parse_text('Object a = Object.create("Nope");\nObject b = Object.create("Queue");\nb.oops();\nb.name = "B";')
    )
    assert [x.code for x in interpreted.diagnostics] == ["FS319", "FS314"]
    assert [thing.name for thing in interpreted.model.objects] == ["B"]


def test_default_names_ports_and_run_times() -> None:
    interpreted = interpret(
        parse_text("""
Object a = Object.create("Queue"), b = Object.create("Queue"), s = Object.create("Conveyor::StraightConveyor");
contextdragconnection(a, b, "A");
contextdragconnection(a, s, 65);
contextdragconnection(b, s, "S");
contextdragconnection(a, b, "S");
stoptime(hours(2));
function_s(getmodelunit(WARMUP_TIME_NODE), "setModelTime", 60);
print("done");
return 1;
Object.create("Sink");
""")
    )
    model = interpreted.model
    assert [thing.name for thing in model.objects] == ["Queue1", "Queue2", "StraightConveyor1"]
    assert [(w.upstream, w.out_port, w.downstream, w.in_port, w.key) for w in model.connections] == [
        (0, 1, 1, 1, "A"),
        (0, 2, 2, 1, "A"),
        (1, 1, 2, 1, "S"),
        (0, 1, 1, 2, "S"),
    ]
    assert (model.stop_time, model.warm_up_time) == (7200.0, 60.0)
    assert interpreted.output == ("done",)


SEED = """Object source = Model.find("Source1");
Object queue = Model.find("Queue1");
source.name = "Materials";
queue.name = "Buffer";
queue.setProperty("MaxContent", 5);
Object made = Object.create("Sink");
contextdragconnection(queue, made, "A");
"""


def test_a_script_for_an_open_model_is_told_so_once() -> None:
    (found,) = interpret(parse_text(SEED)).diagnostics
    assert (found.code, found.severity.value) == ("FS330", "error")
    assert '"Source1", "Queue1"; 4 uses' in found.message
    assert found.where is not None
    assert getattr(found.where, "line", 0) == 1


def test_names_that_are_nearly_right_are_reported_where_they_are() -> None:
    text = 'Object q = Object.create("Queue");\nq.name = "Buffer";\n' + 'contextdragconnection(Model.find("Bufer"), q, "A");\n' * 3
    found = interpret(parse_text(text)).diagnostics
    assert [x.code for x in found] == ["FS315"] * 3
    assert all("did you mean 'Buffer'" in x.hint for x in found)


def test_looking_and_testing_is_only_noted() -> None:
    text = 'Object old = Model.find("Old Line");\nif (old) old.destroy();\n'
    assert [(x.code, x.severity.value) for x in interpret(parse_text(text)).diagnostics] == [("FS330", "info")]
    text = 'if (!Model.find("Buffer")) { Object q = Object.create("Queue"); q.name = "Buffer"; }\n'
    assert interpret(parse_text(text)).diagnostics == ()


def test_texts_are_copied_from_the_visual_library() -> None:
    text = """treenode template = node("MAIN:/project/exec/globals/visuallibrary/Text");
Object board = createcopy(template, model());
board.name = "Board";
board.setProperty("TextSize", 0.5);
"""
    interpreted = interpret(parse_text(text))
    assert interpreted.diagnostics == ()
    assert [(x.name, x.flexsim_class) for x in interpreted.model.objects] == [("Board", "VisualTool")]
