"""The formatter: tidy, the same words and comments, the same the second time."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from gdt2usd.diagnostics import GdtError
from gdt2usd.script import ast
from gdt2usd.script.formatter import format_script
from gdt2usd.script.parser import parse_text
from gdt2usd.script.printer import print_program
from gdt2usd.script.source import Script
from tests.script_frontend.scripts import ALL
from tests.script_frontend.trees import programs

CASES = [
    ("int x=1 ;", "int x = 1;\n"),
    ("foo( a,b [ 1 ] , - 1 ) ;", "foo(a, b[1], -1);\n"),
    ("x=a-b- -c*!d;i ++;-- j;", "x = a - b - -c * !d; i++; --j;\n"),
    ("if(a){\nb();\n}else{\nc();\n}", "if (a) {\n    b();\n} else {\n    c();\n}\n"),
    ("if(a)\nb();\nelse if(c)\nd();\ne();", "if (a)\n    b();\nelse if (c)\n    d();\ne();\n"),
    (
        "for(int i=1;i<3;i++)\nfor(;;)\n{\na();\n}\nb();",
        "for (int i = 1; i < 3; i++)\n    for (;;)\n    {\n        a();\n    }\nb();\n",
    ),
    ("switch(x){\ncase 1:\ncase a?2:3: b();\nbreak;\ndefault:c();\n}", None),
    ("a();\n\n\n\nb();   \n\n", "a();\n\nb();\n"),
    ('string s="a"\n+"b";', 'string s = "a"\n    + "b";\n'),
    ("foo(\na,\nb\n);", "foo(\n    a,\n    b\n);\n"),
    (
        "return /***popup:X*//**/exponential/**/( 0,10 /**direct*/);",
        "return /***popup:X*//**/exponential/**/(0, 10 /**direct*/);\n",
    ),
    (
        "/* head\n   second */\n  x = 1; // tail  \n\t// own line\ny=2;",
        "/* head\n   second */\nx = 1; // tail\n// own line\ny = 2;\n",
    ),
    ("{\n#define N 3 // three\nx=N;\n}", "{\n#define N 3 // three\n    x = N;\n}\n"),
    ("s.match( /a +b/g );x=item.Rush ? ;", "s.match(/a +b/g); x = item.Rush ?;\n"),
    ('string s = "a\\\n   b";\r\nx = 1;', 'string s = "a\\\n   b";\nx = 1;\n'),
    ("", ""),
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_layout(text: str, expected: str | None) -> None:
    formatted = format_script(Script(text))
    if expected is not None:
        assert formatted == expected
    assert format_script(Script(formatted)) == formatted


def test_switch() -> None:
    text = "switch(x){\ncase 1:\ncase 2: b();\nbreak;\ndefault:\nc();\n}\nd();"
    expected = "switch (x) {\n    case 1:\n    case 2: b();\n        break;\n    default:\n        c();\n}\nd();\n"
    assert format_script(Script(text)) == expected


@pytest.mark.parametrize("text", ALL)
def test_meaning_and_comments_stay(text: str) -> None:
    crammed = "\n".join(line.strip() for line in text.split("\n"))
    formatted = format_script(Script(crammed))
    assert parse_text(formatted).statements == parse_text(crammed).statements
    assert formatted.count("/*") == text.count("/*")
    assert format_script(Script(formatted)) == formatted


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(programs)
def test_any_program(tree: ast.Program) -> None:
    text = print_program(tree)
    formatted = format_script(Script(text))
    assert parse_text(formatted).statements == tree.statements
    assert format_script(Script(formatted)) == formatted


def test_a_wrong_script_is_left_alone() -> None:
    with pytest.raises(GdtError):
        format_script(Script("int x = ;"))
