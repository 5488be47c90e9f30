"""The parser: what each construct becomes, where it stands, and what is said of text that is no FlexScript."""

from __future__ import annotations

import pytest

from gdt2usd.diagnostics import Diagnostic, GdtError, Severity, Span
from gdt2usd.script import ast
from gdt2usd.script.make_table import make_table
from gdt2usd.script.parser import MAX_DEPTH, parse_body, parse_expression, parse_text, table
from gdt2usd.script.printer import print_expression
from tests.script_frontend.scripts import ALL


def grouped(text: str) -> str:
    """An expression with every operation in parentheses, to see how it was grouped."""

    def show(node: ast.Expression) -> str:
        match node:
            case ast.Binary(operator=operator, left=left, right=right):
                return f"({show(left)}{operator}{show(right)})"
            case ast.Unary(operator=operator, operand=operand):
                return f"({operator}{show(operand)})"
            case ast.Conditional(condition=a, then=b, otherwise=c):
                return f"({show(a)}?{show(b)}:{show(c)})"
            case ast.Assign(operator=operator, target=target, value=value):
                return f"({show(target)}{operator}{show(value)})"
            case ast.Update(operator=operator, target=target, prefix=prefix):
                return f"({operator}{show(target)})" if prefix else f"({show(target)}{operator})"
            case _:
                return print_expression(node)

    return show(parse_expression(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2 * 3 - 4", "((1+(2*3))-4)"),
        ("a - b - c", "((a-b)-c)"),
        ("a || b && c | d ^ e & f == g < h << i + j * k", "(a||(b&&(c|(d^(e&(f==(g<(h<<(i+(j*k))))))))))"),
        ("a * b + c << d < e == f & g ^ h | i && j || k", "((((((((((a*b)+c)<<d)<e)==f)&g)^h)|i)&&j)||k)"),
        ("a = b += c ? d : e", "(a=(b+=(c?d:e)))"),
        ("a ? b : c ? d : e", "(a?b:(c?d:e))"),
        ("-a.b * !c", "((-a.b)*(!c))"),
        ("- -a", "(-(-a))"),
        ("i++ + ++j", "((i++)+(++j))"),
        ("a % b / c", "((a%b)/c)"),
        ("~x & 0x1F", "((~x)&0x1F)"),
        ("a ? .5 : b", "(a?.5:b)"),
    ],
)
def test_operators_group_as_in_c(text: str, expected: str) -> None:
    assert grouped(text) == expected


def test_each_kind_of_literal() -> None:
    assert parse_expression("0x1F") == ast.Number(31)
    assert parse_expression("1e-3") == ast.Number(0.001)
    assert parse_expression("2.") == ast.Number(2.0)
    assert parse_expression(".5") == ast.Number(0.5)
    assert isinstance(parse_expression("7"), ast.Number) and isinstance(parse_expression("7").value, int)  # type: ignore[union-attr]
    assert parse_expression(r'"a\n\t\"\\"') == ast.String('a\n\t"\\')
    assert parse_expression('"a\\\nb"') == ast.String("ab")
    assert parse_expression("'9'") == ast.Character("9")
    assert parse_expression("nullvar") == ast.Constant("nullvar")
    assert parse_expression('[1, "a", [], ]') == ast.ArrayLiteral((ast.Number(1), ast.String("a"), ast.ArrayLiteral(())))


def test_a_slash_is_a_regex_where_an_operand_must_stand() -> None:
    assert parse_expression(r"s.match(/a\/[/]b+/gi)") == ast.Call(
        ast.Member(ast.Name("s"), "match"), (ast.Regex(r"a\/[/]b+", "gi"),)
    )
    assert grouped("a / b / c") == "((a/b)/c)"
    assert grouped("f(x) / 2 / y") == "((f(x)/2)/y)"


def test_types_casts_and_optional_access() -> None:
    program = parse_text("Storage.Slot s = x.as(Storage.Slot), t;\nunsigned int n = (int)y;\nConveyor.Item item;")
    first, second, third = program.statements
    slot = ast.TypeName("Storage.Slot")
    assert first == ast.Declaration(slot, (ast.Declarator("s", ast.AsType(ast.Name("x"), slot)), ast.Declarator("t")))
    assert second == ast.Declaration(
        ast.TypeName("unsigned int"), (ast.Declarator("n", ast.Cast(ast.TypeName("int"), ast.Name("y"))),)
    )
    assert third == ast.Declaration(ast.TypeName("Conveyor.Item"), (ast.Declarator("item"),))
    assert parse_expression("a?.b") == ast.Member(ast.Name("a"), "b", optional=True)
    assert parse_expression("f(item.Rush?, 1)") == ast.Call(
        ast.Name("f"), (ast.IfPresent(ast.Member(ast.Name("item"), "Rush")), ast.Number(1))
    )
    assert parse_expression("(x)(1)") == ast.Call(ast.Name("x"), (ast.Number(1),))
    assert parse_expression("f(int)") == ast.Call(ast.Name("f"), (ast.Name("int"),))


def test_keywords_are_names_after_a_dot() -> None:
    assert parse_expression("a.default.for?.return") == ast.Member(
        ast.Member(ast.Member(ast.Name("a"), "default"), "for"), "return", optional=True
    )


def test_template_comments_are_comments() -> None:
    text = "return /***popup:X*//**/exponential/***tag:a*//**/(0, 10/**/, /***tag:s*//**/getstream(current)/**/)/**direct*/;"
    plain = "return exponential(0, 10, getstream(current));"
    assert parse_text(text).statements == parse_text(plain).statements


def test_defines_are_replaced_where_they_are_used() -> None:
    program = parse_text("#define LIMIT 12 // most\n#define SUM 1 + 2\n#define TYPED double\nint x = LIMIT * SUM; TYPED y;")
    assert program.statements[0] == ast.Define("LIMIT", "12")
    assert isinstance(declaration := program.statements[3], ast.Declaration)
    limit = ast.Macro("LIMIT", ast.Number(12))
    assert declaration.declarators[0].initial == ast.Binary("+", ast.Binary("*", limit, ast.Number(1)), ast.Number(2))
    assert program.statements[4] == ast.Declaration(ast.TypeName("double"), (ast.Declarator("y"),))


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ('#define NOTE "a /* b"', '"a /* b"'),
        ('#define URL "http://x" // where', '"http://x"'),
        ('#define BOTH "/*" + "*/" /* "no" */', '"/*" + "*/"'),
        ("#define QUOTE '\"' /* \" */", "'\"'"),
        ('#define N /* "no */ 5', "5"),
        ('#define OPEN "a', '"a'),
        ('#define ESCAPED "\\"/*" /* */', '"\\"/*"'),
    ],
)
def test_strings_in_defines_are_no_comments(line: str, value: str) -> None:
    found = parse_text(line + "\nint x = 1;").statements
    assert found[0] == ast.Define(line.split()[1], value)
    assert len(found) == 2


def test_what_property_windows_leave_in_code() -> None:
    link = parse_body('/**external python: */ /**/"module.Name"/**/\n/** \\nfunction name:*/ /**/"f"/**/').statements
    assert link == (ast.ExpressionStatement(ast.String("module.Name")), ast.ExpressionStatement(ast.String("f")))
    assert parse_body("return /**/<no path>/**direct*/;").statements == (ast.Return(ast.Name("<no path>")),)
    assert grouped("a <b > (c)") == "((a<b)>c)"


def test_else_belongs_to_the_nearest_if() -> None:
    (outer,) = parse_text("if (a) if (b) c(); else d();").statements
    assert isinstance(outer, ast.If) and outer.otherwise is None
    assert isinstance(outer.then, ast.If) and outer.then.otherwise is not None


def test_every_statement() -> None:
    text = "\n".join(ALL)
    kinds = {type(node) for node in ast.walk(parse_text(text))}
    missing = {kind for kind in ast._FIELDS if kind not in kinds} - {ast.FunctionDefinition, ast.Parameter, ast.Sequence, ast.Await}
    assert not missing
    more = parse_text("double f(int a, Storage.Slot b) { return a; }\nint g() { return 1; }\nfor (a, b; ; c, d) await x;")
    kinds = {type(node) for node in ast.walk(more)}
    assert {ast.FunctionDefinition, ast.Parameter, ast.Sequence, ast.Await} <= kinds


@pytest.mark.parametrize("text", ["", " \n", "// only a comment", "\ufeff", ";", "/* a */ /**/"])
def test_nothing_is_a_script(text: str) -> None:
    assert all(isinstance(s, ast.Empty) for s in parse_text(text).statements)


def test_byte_order_mark_and_line_ends() -> None:
    plain = parse_text("int x = 1; // a\nint y = 2;\n")
    for end in ("\r\n", "\r"):
        program = parse_text(f"\ufeffint x = 1; // a{end}int y = 2;{end}")
        assert program.statements == plain.statements
        assert program.statements[1].span.line == 2


def test_a_single_expression_needs_no_semicolon() -> None:
    assert parse_text('Model.find("Queue1")').statements == parse_text('Model.find("Queue1");').statements


def test_spans_point_at_their_text() -> None:
    text = 'int a = 1;\nobject.method(first, "two\\\nlines") + [3];\n\tif (x) { y++; }'
    program = parse_text(text)
    assert program.script.text == text
    for node in ast.walk(program):
        span = node.span
        assert text[: span.start].count("\n") + 1 == span.line
        assert span.start - (text.rfind("\n", 0, span.start) + 1) + 1 == span.column
        for child in ast.children(node):
            assert span.start <= child.span.start <= child.span.end <= span.end
    call = next(node for node in ast.walk(program) if isinstance(node, ast.Call))
    assert text[call.span.start : call.span.end] == 'object.method(first, "two\\\nlines")'


def problems(text: str) -> tuple[Diagnostic, ...]:
    with pytest.raises(GdtError) as caught:
        parse_text(text)
    assert all(d.severity is Severity.ERROR and isinstance(d.where, Span) for d in caught.value.diagnostics)
    return caught.value.diagnostics


@pytest.mark.parametrize(
    ("text", "code", "line", "column", "hint"),
    [
        ("int x = 3\nint y = 4;", "FS105", 1, 10, ";"),
        ("foo(1, (2;", "FS107", 1, 8, ")"),
        ("while (1) { foo();", "FS107", 1, 11, "}"),
        ("foo(); }", "FS107", 1, 8, "remove"),
        ('x = "abc;\ny = 2;', "FS103", 1, 5, "close"),
        ("a(); /* b", "FS102", 1, 6, "*/"),
        ("x = “a”;", "FS101", 1, 5, '"'),
        ("#include <a>\nx = 1;", "FS106", 1, 1, ""),
        ("#define AREA(w, h) w * h\nx = 1;", "FS106", 1, 1, "NAME"),
        ("x = * 3;", "FS104", 1, 5, "value"),
        ("Object o = new Object();", "FS104", 1, 12, "no `new`"),
        ('print "a";', "FS104", 1, 7, 'print("a")'),
        ('x = "a" "b";', "FS104", 1, 9, "+"),
        ("x = {1, 2};", "FS104", 1, 5, "array"),
        ("try { a(); } catch (e) { }", "FS105", 1, 4, "try"),
        ("for (int i in list) { }", "FS104", 1, 12, "i <= list.length"),
        ("Conveyor::Item item;", "FS104", 1, 9, "dot"),
        ("for (Object o : list) { }", "FS104", 1, 15, "i <= list.length"),
        ("if (a and b) { }", "FS104", 1, 7, "&&"),
        ("if (a === b) { }", "FS104", 1, 9, "=="),
        ("int[] a = [1];", "FS104", 1, 5, "Array name;"),
        ("x = a->b;", "FS104", 1, 7, "dot"),
        ("x = 2 ** 3;", "FS104", 1, 8, "Math.pow"),
        ("foo(a b);", "FS104", 1, 7, "comma"),
    ],
)
def test_what_is_said_of_a_mistake(text: str, code: str, line: int, column: int, hint: str) -> None:
    first = problems(text)[0]
    assert isinstance(first.where, Span)
    assert (first.code, first.where.line, first.where.column) == (code, line, column)
    assert hint in first.hint


def test_all_mistakes_come_in_one_go() -> None:
    text = "int a = ;\nfoo(1;\nint ok = 1;\nif (x y) { bar(; }\nint b = 3\nint c = 4;\n"
    lines = [d.where.line for d in problems(text) if isinstance(d.where, Span)]
    assert lines == [1, 2, 4, 4, 5]


def test_a_mistake_is_not_reported_twice() -> None:
    assert len(problems("if (a b) { c(); } else { d(); }\ne();")) == 1
    assert len(problems("for (int i = 1; i <= ; i++) {\n  a();\n  b();\n}\nc();")) == 1


@pytest.mark.parametrize(
    "text",
    [
        "x = " + "(" * 5000 + "1" + ")" * 5000 + ";",
        "{" * 5000 + "}" * 5000,
        "x = " + "!" * 5000 + "1;",
        "x = " + "+".join(["1"] * 5000) + ";",
        "x = " + "1 ? 2 : " * 5000 + "3;",
        "x = a" + ".b" * 5000 + ";",
        "x = " * 5000 + "1;",
        "if (x) ; else " * 5000 + ";",
        "a(" * 5000,
    ],
)
def test_deep_nesting_is_a_diagnostic(text: str) -> None:
    try:
        parse_text(text)
    except GdtError as problem:
        assert {d.code for d in problem.diagnostics} <= {"FS107", "FS108"}
    else:
        assert text.startswith("x = (((")


def test_what_real_scripts_nest_is_allowed() -> None:
    depth = MAX_DEPTH - 10
    parse_text("string s = " + " + ".join(['"a"'] * depth) + ";")
    parse_text("x = " + "[" * depth + "]" * depth + ";")


def test_too_large_a_script_is_a_diagnostic() -> None:
    assert problems("x;" * 2_100_000)[0].code == "FS109"


def test_defines_cannot_explode() -> None:
    text = "#define A0 1 + 1\n" + "".join(f"#define A{i} A{i - 1} + A{i - 1}\n" for i in range(1, 60)) + "x = A59;"
    assert {d.code for d in problems(text)} <= {"FS104", "FS109"}


def test_bodies_are_the_same_language() -> None:
    assert parse_body("return 1;").statements == parse_text("return 1;").statements


def test_the_packaged_table_is_that_of_the_grammar() -> None:
    made = make_table()
    assert made["states"] == table().states
    assert [(rule.left, rule.length) for rule in table().rules] == [(left, length) for left, length, _ in made["rules"]]
