"""What `#define NAME value` does to the tokens after it.

A name that stands for one closed expression (`12`, `"x"`, `(a + b)`, `node("/x", c)`) becomes a MACRO token with that expression;
anything else is replaced token by token, as the text would be. Not covered: macros with parameters (reported).
"""

from __future__ import annotations

from collections.abc import Callable

from gdt2usd.diagnostics import Diagnostic, error
from gdt2usd.script import ast
from gdt2usd.script.lexer import Token, define_parts, tokenize

MAX_EXPANDED_TOKENS = 50_000

# nodes that need no parentheses wherever an operand may stand
_CLOSED = (ast.Number, ast.String, ast.Character, ast.Constant, ast.Member, ast.Index, ast.Call, ast.ArrayLiteral)

ParseExpression = Callable[[list[Token]], ast.Expression | None]


def expand(tokens: list[Token], diagnostics: list[Diagnostic], parse_expression: ParseExpression) -> list[Token]:
    """The tokens with every use of a defined name replaced, at the span of the use; problems are added to `diagnostics`."""
    if not any(token.kind == "DEFINE" for token in tokens):
        return tokens
    macros: dict[str, list[Token]] = {}
    expanded: list[Token] = []
    added = 0
    for token in tokens:
        if token.kind == "DEFINE":
            expanded.append(token)
            definition = define_parts(token.text)
            if definition is None or (definition[1].startswith("(") and _has_parameters(token.text)):
                diagnostics.append(error("FS106", "this #define is not understood", token.span, "write: #define NAME value"))
                continue
            name, value = definition
            macros[name] = _body(name, value, macros, parse_expression)
        elif token.kind == "NAME" and token.text in macros:
            body = macros[token.text]
            added += len(body)
            if added > MAX_EXPANDED_TOKENS:
                diagnostics.append(error("FS109", "the #defines of this script stand for too much text", token.span))
                return [*expanded, tokens[-1]]
            expanded.extend(part._replace(span=token.span) for part in body)
        else:
            expanded.append(token)
    return expanded


def _has_parameters(text: str) -> bool:
    """Whether the parenthesis follows the name at once, as in `#define AREA(w, h)`."""
    name = text.split("define", 1)[1].strip()
    return name.split("(", 1)[0].isidentifier()


def _body(name: str, value: str, macros: dict[str, list[Token]], parse_expression: ParseExpression) -> list[Token]:
    raw = tokenize(value)
    body = [part for piece in raw.tokens[:-1] for part in macros.get(piece.text, [piece])][:MAX_EXPANDED_TOKENS]
    if body and not raw.diagnostics and len(body) < 200:
        closed = body[0].kind == "(" and body[-1].kind == ")"
        expression = parse_expression([*body, raw.tokens[-1]])
        if expression is not None and (closed or isinstance(expression, _CLOSED)):
            return [Token("MACRO", name, body[0].span, expression)]
    return body
