"""Hostile scripts end soon with a diagnostic: loops, growth, escapes."""

from __future__ import annotations

import time
import tracemalloc

import pytest

from gdt2usd.diagnostics import Span
from gdt2usd.graph.lower import lower
from gdt2usd.script.diagnose import diagnose
from gdt2usd.script.interpreter import interpret
from gdt2usd.script.interpreter_frame import Limits
from gdt2usd.script.parser import parse_text
from gdt2usd.script.source import Script

SMALL = Limits(steps=5_000, objects=200, memory=3_000_000, seconds=5.0)


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("int i = 0;\nwhile (1) {\n i++;\n}", "FS301", 2),
        ("int n = 0;\nwhile (1) {\n for (int i = 0; i < 10; i++) n = i;\n}", "FS301", 2),
        ("for (;;);", "FS301", 1),
        ("int i = 3;\nwhile (1) i *= i;", "FS301", 2),
        ('string s = "x";\nwhile (1) s += s;', "FS303", 2),
        ("Array a = [1];\nwhile (1) a.append(a);", "FS303", 2),
        ("Array a = Array(1000000000);", "FS303", 1),
        ("Array a = [];\nwhile (1) a = [a, a];", "FS301", 2),
        ('while (1) Object.create("Queue");', "FS303", 1),
        ('Object a = Object.create("Queue");\nwhile (1) contextdragconnection(a, a, "A");', "FS303", 2),
        ('Object a = Object.create("Queue");\nObject b = Object.create("Queue");\nb.up = a;\nwhile (1) a.copy(a);', "FS303", 4),
        ('string s = "ab".repeat(1000000000);', "FS303", 1),
        ('Table t = Tools.create("GlobalTable");\nt.setSize(100000, 100000);', "FS303", 2),
        ("iterate(1, 1000000000, 1) { int x = 1; }", "FS301", 1),
    ],
)
def test_ends_with_the_line(text: str, code: str, line: int) -> None:
    began = time.monotonic()
    found = interpret(parse_text(text), SMALL).diagnostics
    assert found[-1].code == code
    assert isinstance(found[-1].where, Span)
    assert found[-1].where.line == line
    assert time.monotonic() - began < 5.0


def test_wall_clock() -> None:
    text = 'for (int i = 0; i < 300; i++) Object.create("Queue");\nwhile (1) Model.find("?nothing");'
    found = interpret(parse_text(text), Limits(steps=10**9, memory=10**12, seconds=0.5)).diagnostics
    assert [x.code for x in found] == ["FS302"]


@pytest.mark.parametrize(
    "text",
    [
        "while (1) kept.push([" + "[], " * 200 + "[]]);",
        "while (1) {" + "kept.push(Vec3(1, 2, 3) * 2.5);" * 100 + "}",
        "while (1) { Array a = [1, 2, 3]; a.push(a); }",
        'string s = "\U0001f600"; while (s.length < 50000) s += s; while (1) kept.push(s + s);',
        'string s = "a,".repeat(1000); while (1) kept.push(s.split(","));',
        "Map m; int i = 0; while (1) m[i++] = i * 1.5;",
    ],
    ids=["arrays", "vectors", "cycles", "wide letters", "parts", "map"],
)
def test_memory_that_a_script_takes_is_bounded(text: str) -> None:
    program = parse_text("Array kept = [];\n" + text)
    tracemalloc.start()
    try:
        found = interpret(program, Limits(memory=2_000_000, seconds=60.0)).diagnostics
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert [x.code for x in found] == ["FS303"]
    assert peak < 12_000_000


@pytest.mark.parametrize(
    "call",
    [
        'runprogram("calc.exe")',
        'fileopen("/etc/passwd")',
        'msg("title", "text")',
        'executestring("1 + 1")',
        'excelopen("book.xlsx")',
        'clientconnect(1, "host", 80)',
        'savebyname(model(), "x.t")',
    ],
)
def test_commands_that_reach_out_are_reported_not_run(call: str) -> None:
    (found,) = interpret(parse_text(f"{call};")).diagnostics
    assert found.code == "FS305"


@pytest.mark.parametrize(
    "text",
    [
        'Object a = Object.create("Queue"); a.__class__;',
        'string s = "x"; s.__class__;',
        "Array a = [1]; a.items;",
        'Object a = Object.create("Queue"); a.__init__();',
        "Math.__dict__;",
        'Object a = Object.create("Queue"); a.labels.__class__;',
        "Vec3 v; v.parts;",
        "Map m; m.items;",
        'Table t = Tools.create("GlobalTable"); t.rows;',
    ],
)
def test_python_is_out_of_reach(text: str) -> None:
    assert interpret(parse_text(text)).diagnostics[0].code in ("FS313", "FS314")


def test_cycles_of_values_and_objects_do_no_harm() -> None:
    text = """
Array a = [];
a.push(a);
Object o = Object.create("Queue");
o.labels.assert("x").value = a;
o.labels.assert("me").value = o;
o.up = o;
o.setLocation(1e308 * 10, 0, 0);
o.setProperty("MaxContent", 1e308 * 10);
"""
    interpreted = interpret(parse_text(text))
    assert [x.code for x in interpreted.diagnostics] == ["FS322"]
    assert lower(interpreted.model).graph.stations[0].pose.position_m == (0.0, 0.0, 0.0)


@pytest.mark.benchmark
def test_a_model_of_ten_thousand_objects_is_lowered_in_linear_time() -> None:
    def seconds(count: int) -> float:
        text = f"""
Object last = Object.create("Source");
for (int i = 1; i < {count}; i++) {{
    Object next = Object.create("Queue");
    contextdragconnection(last, next, "A");
    last = next;
}}"""
        program = parse_text(text)
        began = time.process_time()
        assert len(lower(interpret(program).model).graph.links) == count - 1
        return time.process_time() - began

    seconds(100)
    assert seconds(4000) < 25 * max(seconds(400), 0.01)


@pytest.mark.benchmark
@pytest.mark.parametrize(
    "text",
    [
        "".join(f"unknowncommand{n}(1);\n" for n in range(4000)),
        'for (int i = 0; i < 3000; i++) Object.create("Queue");\n'
        + "".join(f'contextdragconnection(Model.find("Quue{n}"), Model.find("Q{n}ueue"), "A");\n' for n in range(1300)),
        "".join(f'q.propertyy{n} = Model.fnd{n}("a");\n' for n in range(2500)),
        "".join(f'Object o{n} = Object.create("Proces{n}r");\n' for n in range(2300)),
        'Object o = Object.create("Queue");\n' + "".join(f'o.setProperty("MaxContnt{n}", 1);\n' for n in range(2600)),
        "x = " + "(" * 40_000 + "1" + ")" * 40_000 + ";",
        "x = " + "1 + " * 24_000 + "1;",
        "if (1) " * 12_000 + ";",
        "a" * 100_000,
        '"' * 99_999,
    ],
    ids=["commands", "lookups", "members", "classes", "properties", "parentheses", "sum", "ifs", "name", "quotes"],
)
def test_100_kilobytes_take_two_seconds_at_most(text: str) -> None:
    began = time.process_time()
    assert diagnose(Script(text))
    assert time.process_time() - began < 2.0
