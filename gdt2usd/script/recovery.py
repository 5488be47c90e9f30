"""How the parser goes on after a syntax error: say what is wrong in a user's words, repair or skip, resume.

First choice is to put in the `;` or `)` that is missing; else the statement is dropped and parsing resumes at the next one.
"""

from __future__ import annotations

from typing import Any, Protocol

from gdt2usd.diagnostics import Diagnostic, Span, error
from gdt2usd.script.lexer import KEYWORDS, Token

MAX_ERRORS = 50

STARTS = frozenset(
    ("if", "while", "do", "for", "forobjecttreeunder", "LOOP", "switch", "break", "continue", "return", "TYPE", "DEFINE", "{")
)

# what people bring from other languages: the word, and what FlexScript has instead
FOREIGN = {
    "new": 'FlexScript has no `new`: write Vec3(0, 0, 0), Array(3), Object.create("Queue")',
    "try": "FlexScript has no try and catch: test with `if`",
    "catch": "FlexScript has no try and catch: test with `if`",
    "function": "FlexScript has no function definitions: make a user command in the model, or write the code in place",
    "def": "FlexScript has no function definitions: make a user command in the model, or write the code in place",
    "class": "FlexScript has no class definitions",
    "const": "FlexScript has no const and let: write the type, as in Object sink = ...;",
    "struct": "FlexScript has no struct definitions: use a Map or labels",
    "foreach": "write: for (int i = 1; i <= list.length; i++) { ... }",
    "elif": "write: else if (...)",
    "elseif": "write: else if (...)",
    "then": "write: if (condition) { ... }",
    "and": "write &&",
    "or": "write ||",
    "not": "write !",
    "in": "write: for (int i = 1; i <= list.length; i++) { ... }",
    "let": "write the type: int, double, string, treenode, Object, Array, Variant or var",
    "import": "FlexScript has no imports",
    "goto": "FlexScript has no goto",
}


# two signs that follow each other in other languages
DOUBLED = {
    ("<", ">"): "write !=",
    ("==", "="): "write ==",
    ("!=", "="): "write !=",
    ("=", ">"): "write >=",
    ("=", "<"): "write <=",
    ("-", ">"): "write a dot: object.member",
    ("*", "*"): "write Math.pow(a, b)",
    ("[", "]"): "an array is declared as: Array name;",
    (":", "="): "write =",
    (":", ":"): "class names with :: stand in strings only; a type is written with a dot: Conveyor.Item",
}


class TableLike(Protocol):
    """What is needed of `parser.Table`."""

    @property
    def states(self) -> list[dict[str, int]]: ...

    @property
    def rules(self) -> list[Any]: ...


class Recovery:
    """Repairs one parse; `tokens` may come to hold tokens that the text lacks."""

    def __init__(self, table: TableLike, tokens: list[Token], diagnostics: list[Diagnostic]) -> None:
        self.table = table
        self.tokens = tokens
        self.diagnostics = diagnostics
        self.reported = 0
        self.last_position = -1
        self.one_statement = sum(token.kind == ";" for token in tokens) == 0

    def repair(self, states: list[int], values: list[Any], position: int) -> int | None:
        """Report the error at token `position`, change the stacks so that parsing can go on; the position to go on from."""
        token = self.tokens[position]
        if self.tokens[0].kind == "EXPRESSION_START":
            self.report(states, position)
            return None
        if self.reported >= MAX_ERRORS:
            return None
        if self._insert(states, position):
            return position
        if not (token.kind == "else" and self.last_position >= 0):
            self.report(states, position)
        return self._resume(states, values, position)

    # --- putting in what is missing ----------------------------------------------------------------------------------

    def _insert(self, states: list[int], position: int) -> bool:
        """Put in a `;` where only that is missing; silently at the very end, where FlexSim's one-line fields have none."""
        token, previous = self.tokens[position], self.tokens[position - 1] if position else None
        if previous is None or not self.accepts(states, ";", token.kind):
            return False
        if token.kind != "$END":
            new_line = token.span.line > previous.span.end_line
            if not (new_line or token.kind in STARTS or token.kind == "}") or previous.kind in ("BINARY", "SIGN", ","):
                return False
            hint = FOREIGN.get(previous.text, "")
            self._add(error("FS105", "a ; is missing here", _end_of(previous.span), hint or "end the statement with ;"))
        self.tokens = [*self.tokens[:position], Token(";", ";", _end_of(previous.span)), *self.tokens[position:]]
        return True

    def accepts(self, states: list[int], *kinds: str) -> bool:
        """Whether the parser in these states would take these tokens one after the other."""
        trial = list(states)
        for kind in kinds:
            while True:
                action = self.table.states[trial[-1]].get(kind)
                if action is None:
                    return False
                if action >= 0:
                    trial.append(action - 1 if action else 0)
                    break
                left, length, _ = self.table.rules[-action - 1]
                if length:
                    del trial[-length:]
                trial.append(self.table.states[trial[-1]][left] - 1)
        return True

    # --- saying what is wrong ----------------------------------------------------------------------------------------

    def _add(self, diagnostic: Diagnostic) -> None:
        self.reported += 1
        self.diagnostics.append(diagnostic)

    def report(self, states: list[int], position: int) -> None:
        """Add the diagnostic for the token at `position`."""
        token, previous = self.tokens[position], self.tokens[position - 1] if position else None
        if token.kind == "}" and not self._open_bracket(position):
            self._add(error("FS107", "this } closes nothing", token.span, "remove it, or open the block with {"))
            return
        opening = self._open_bracket(position)
        if token.kind == "$END" and opening:
            closing = {"(": ")", "[": "]", "{": "}"}[opening.kind]
            self._add(
                error(
                    "FS107", f"this {opening.kind} is not closed before the script ends", opening.span, f"close it with {closing}"
                )
            )
            return
        closing = {"(": ")", "[": "]"}.get(opening.kind, "") if opening else ""
        if opening and closing and token.kind in (";", "{", "}", ")", "]") and self.accepts(states, closing):
            self._add(
                error("FS107", f"this {opening.kind} is not closed", opening.span, f"a {closing} is missing before {_shown(token)}")
            )
            return
        if (
            token.kind == "TYPE"
            and token.text not in FOREIGN
            and self.tokens[position + 1].kind == "NAME"
            and not self.accepts(states, "TYPE")
        ):
            previous, token = token, self.tokens[position + 1]
        hint = FOREIGN.get(token.text, "") or (FOREIGN.get(previous.text, "") if previous else "")
        hint = hint or (DOUBLED.get((previous.text, token.text), "") if previous else "")
        after = f" after {_shown(previous)}" if previous and previous.kind != "EXPRESSION_START" else ""
        self._add(
            error(
                "FS104",
                f"{_shown(token)} cannot stand{after or ' here'}",
                token.span,
                hint or self._expected(states, token, previous),
            )
        )

    def _expected(self, states: list[int], token: Token, previous: Token | None) -> str:
        if previous is not None and previous.kind == "NAME" and token.kind == "STRING":
            return f"a call needs parentheses: {previous.text}({token.text})"
        if token.kind == "{" and previous is not None and previous.kind in ("=", "(", ",", "["):
            return "FlexScript has no { } values: an array is written [1, 2, 3]"
        if token.kind == ":" and self.accepts(states, ";"):
            in_for = any(t.kind == "for" for t in self.tokens[: self.tokens.index(token)][-8:])
            return FOREIGN["in"] if in_for else DOUBLED[":", ":"]
        if previous is not None and previous.kind in ("NAME", "TYPE") and token.kind in ("NAME", "NUMBER"):
            return "is an operator or a comma missing?"
        if previous is not None and previous.kind == "STRING" and token.kind == "STRING":
            return "join strings with +"
        wanted = [kind for kind in (";", ")", "]", "(", ",", ":", "while", "case", "{", "}") if self.accepts(states, kind)]
        if self.accepts(states, "NUMBER"):
            return "a value is expected here"
        if self.accepts(states, "NAME") and not wanted:
            return "a name is expected here"
        return f"expected {' or '.join(wanted[:3])}" if wanted else ""

    def _open_bracket(self, position: int) -> Token | None:
        """The innermost bracket still open before the token at `position`."""
        closed = 0
        for token in reversed(self.tokens[:position]):
            if token.kind in (")", "]", "}"):
                closed += 1
            elif token.kind in ("(", "[", "{"):
                if closed == 0:
                    return token
                closed -= 1
        return None

    # --- going on ----------------------------------------------------------------------------------------------------

    def _resume(self, states: list[int], values: list[Any], position: int) -> int | None:
        """Drop the statement at hand: unwind to where a statement may begin, skip to the next one."""
        start, depth = position, 0
        while not ("statement" in self.table.states[states[-1]] or "statements" in self.table.states[states[-1]]):
            states.pop()
            dropped = values.pop()
            depth += isinstance(dropped, Token) and dropped.kind in ("(", "[")
        if "statement" not in self.table.states[states[-1]]:
            states.append(self.table.states[states[-1]]["statements"] - 1)
            values.append([])
        while True:
            token = self.tokens[position]
            kind = token.kind
            if kind == "$END":
                if not self.accepts(states, "$END"):
                    return None
                break
            if kind == "{" and position > start:
                break
            if kind in ("(", "["):
                depth += 1
            elif kind in (")", "]"):
                depth = max(0, depth - 1)
            elif kind == ";" and (depth == 0 or self.tokens[position + 1].span.line > token.span.end_line):
                position += 1
                break
            elif kind == "}":
                if self.accepts(states, "}"):
                    break
                depth = 0
            elif kind in STARTS and position > start and token.span.line > self.tokens[position - 1].span.end_line:
                break
            position += 1
        if position <= self.last_position:
            position = self.last_position + 1
            if position >= len(self.tokens):
                return None
        self.last_position = position
        return position


def _end_of(span: Span) -> Span:
    """The place right after `span`, one character wide."""
    return Span(span.end, span.end + 1, span.end_line, span.end_column, span.end_line, span.end_column + 1)


def _shown(token: Token) -> str:
    if token.kind == "$END":
        return "the end of the script"
    text = " ".join(token.text.split())
    text = text if len(text) <= 30 else f"{text[:27]}..."
    if token.kind in KEYWORDS or token.kind in ("TYPE", "NAME", "MEMBER", "CONSTANT", "LOOP"):
        return f"`{text}`"
    return text if token.kind in ("STRING", "NUMBER", "REGEX", "CHARACTER") else f"`{text}`"
