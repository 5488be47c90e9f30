"""The printer: parsing what it prints gives the tree again."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, example, given, settings

from gdt2usd.script import ast
from gdt2usd.script.parser import parse_expression, parse_text
from gdt2usd.script.printer import print_expression, print_program, quote
from tests.script_frontend.scripts import ALL
from tests.script_frontend.trees import expressions, programs

relaxed = settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@relaxed
@given(expressions)
@example(ast.Unary("-", ast.Unary("-", ast.Number(1))))
@example(ast.Unary("-", ast.Update("--", ast.Name("x"), True)))
@example(ast.Member(ast.Number(1), "x"))
@example(ast.Sequence((ast.Sequence((ast.Name("a"), ast.Name("b"))), ast.Name("c"))))
@example(ast.Binary("-", ast.Name("a"), ast.Binary("-", ast.Name("b"), ast.Name("c"))))
@example(ast.Call(ast.Name("f"), (ast.Sequence((ast.Name("a"), ast.Name("b"))),)))
def test_an_expression_survives_print_and_parse(tree: ast.Expression) -> None:
    assert parse_expression(print_expression(tree)) == tree


@relaxed
@given(programs)
def test_a_program_survives_print_and_parse(tree: ast.Program) -> None:
    assert parse_text(print_program(tree)).statements == tree.statements


@pytest.mark.parametrize("text", ALL)
def test_scripts_survive_print_and_parse(text: str) -> None:
    program = parse_text(text)
    printed = print_program(program)
    assert parse_text(printed).statements == program.statements
    assert print_program(parse_text(printed)) == printed


def test_literals_keep_their_spelling() -> None:
    assert print_expression(parse_expression('f(0x1F, 1e6, .50, "a\\tb")')) == 'f(0x1F, 1e6, .50, "a\\tb")'


def test_an_else_does_not_change_its_if() -> None:
    inner = ast.If(ast.Name("b"), ast.ExpressionStatement(ast.Name("x")))
    tree = ast.If(ast.Name("a"), inner, ast.ExpressionStatement(ast.Name("y")))
    (again,) = parse_text(print_program(ast.Program((tree,)))).statements
    assert isinstance(again, ast.If) and again.otherwise == tree.otherwise
    assert again.then == ast.Block((inner,))


def test_layout() -> None:
    text = "if(a)b();else if(c){d();}else{for(int i=1;i<3;i++)e();}switch(x){case 1:f();break;default:g();}"
    assert print_program(parse_text(text)) == (
        "if (a)\n    b();\nelse if (c) {\n    d();\n} else {\n    for (int i = 1; i < 3; i++)\n        e();\n}\n"
        "switch (x) {\n    case 1:\n        f();\n        break;\n    default:\n        g();\n}\n"
    )


def test_quote_is_read_back() -> None:
    value = 'say "hi"\\\n\tend'
    assert parse_expression(quote(value)) == ast.String(value)


def test_infinity_has_no_literal() -> None:
    with pytest.raises(ValueError, match="literal"):
        print_expression(ast.Number(float("inf")))


def test_a_backslash_at_the_end_of_a_definition_joins_no_lines() -> None:
    tree = parse_text('#define SIDE (2 + 3)"\\/* a side */\nint a = 1;\n')
    assert parse_text(print_program(tree)) == tree
    assert len(tree.statements) == 2
