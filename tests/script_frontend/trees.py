"""Hypothesis strategies for syntax trees: any tree that a script can have."""

from __future__ import annotations

from hypothesis import strategies as st

from gdt2usd.script import ast
from gdt2usd.script.builder import PRECEDENCE

NAMES = st.sampled_from(("x", "item", "current", "o1", "Model", "Object", "print", "a", "_t", "größe"))
MEMBERS = st.sampled_from(("name", "find", "location", "x", "default", "for", "return", "length", "type"))
TYPES = st.sampled_from(("int", "double", "string", "treenode", "Object", "Storage.Slot", "unsigned int", "Array")).map(
    ast.TypeName
)
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=8)

literals = st.one_of(
    st.integers(0, 10**12).map(ast.Number),
    st.floats(0, 1e12, allow_nan=False).map(ast.Number),
    TEXTS.map(ast.String),
    st.sampled_from("a9'\\").map(ast.Character),
    st.sampled_from(("true", "false", "NULL", "nullvar")).map(ast.Constant),
    NAMES.map(ast.Name),
)


def _compound(inner: st.SearchStrategy[ast.Expression]) -> st.SearchStrategy[ast.Expression]:
    items = st.lists(inner, max_size=3).map(tuple)
    assignable = st.one_of(NAMES.map(ast.Name), st.builds(ast.Member, inner, MEMBERS), st.builds(ast.Index, inner, inner))
    not_type_test = MEMBERS.filter(lambda name: name not in ("as", "is"))
    return st.one_of(
        items.map(ast.ArrayLiteral),
        st.builds(ast.Unary, st.sampled_from("-+!~"), inner),
        st.builds(ast.Update, st.sampled_from(("++", "--")), assignable, st.booleans()),
        st.builds(ast.Binary, st.sampled_from(sorted(PRECEDENCE)), inner, inner),
        st.builds(ast.Conditional, inner, inner, inner),
        st.builds(
            ast.Assign, st.sampled_from(("=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<=", ">>=")), assignable, inner
        ),
        st.builds(ast.Member, inner, not_type_test, st.booleans()),
        st.builds(ast.Index, inner, inner),
        st.builds(ast.Call, st.one_of(NAMES.map(ast.Name), st.builds(ast.Member, inner, not_type_test)), items),
        st.builds(ast.Call, st.just(ast.Name("f")), st.just((ast.Regex(r"[a/]+\/b", "gi"),))),
        st.builds(ast.IfPresent, st.builds(ast.Member, inner, not_type_test)),
        st.builds(ast.AsType, inner, TYPES.filter(lambda t: " " not in t.name), st.booleans()),
        st.builds(ast.IsType, inner, TYPES.filter(lambda t: " " not in t.name), st.booleans()),
        st.builds(ast.Cast, st.sampled_from(("int", "double", "string", "treenode")).map(ast.TypeName), inner),
        st.builds(ast.Await, inner),
        st.lists(inner, min_size=2, max_size=3).map(tuple).map(ast.Sequence),
    )


expressions: st.SearchStrategy[ast.Expression] = st.recursive(literals, _compound, max_leaves=12)

declarators = st.one_of(
    st.builds(ast.Declarator, NAMES, st.none() | expressions),
    st.builds(ast.Declarator, NAMES, st.none() | expressions, st.lists(expressions, min_size=1, max_size=2).map(tuple)),
    st.builds(ast.Declarator, NAMES, st.none(), st.just(()), st.lists(expressions, max_size=2).map(tuple)),
)
declarations = st.builds(ast.Declaration, TYPES, st.lists(declarators, min_size=1, max_size=3).map(tuple))

simple_statements = st.one_of(
    declarations,
    expressions.map(ast.ExpressionStatement),
    st.just(ast.Break()),
    st.just(ast.Continue()),
    st.just(ast.Empty()),
    (st.none() | expressions).map(ast.Return),
    st.builds(ast.Define, st.just("UNUSED_NAME"), st.sampled_from(("1", "a + b", '"text"', ""))),
)


def _nested(inner: st.SearchStrategy[ast.Statement]) -> st.SearchStrategy[ast.Statement]:
    several = st.lists(inner, max_size=3).map(tuple)
    block = several.map(ast.Block)
    body = inner | block
    cases = st.lists(st.builds(ast.Case, st.none() | expressions, several), max_size=3).map(tuple)
    initial = st.none() | declarations | expressions.map(ast.ExpressionStatement)
    parameters = st.lists(st.builds(ast.Parameter, TYPES, NAMES), max_size=2).map(tuple)
    return st.one_of(
        block,
        st.builds(ast.If, expressions, body, st.none()),
        # an inner if in braces: an open one would take the else, which no text can say
        st.builds(ast.If, expressions, block, body),
        st.builds(ast.While, expressions, body),
        st.builds(ast.DoWhile, body, expressions),
        st.builds(ast.For, initial, st.none() | expressions, st.none() | expressions, body),
        st.builds(ast.ForObjectTreeUnder, expressions, body),
        st.builds(
            ast.LegacyLoop, st.sampled_from(("iterate", "forobjectsbehind")), st.lists(expressions, max_size=3).map(tuple), body
        ),
        st.builds(ast.Switch, expressions, cases),
        st.builds(ast.FunctionDefinition, TYPES, NAMES, parameters, block),
    )


statements: st.SearchStrategy[ast.Statement] = st.recursive(simple_statements, _nested, max_leaves=8)
programs = st.lists(statements, max_size=5).map(tuple).map(ast.Program)
