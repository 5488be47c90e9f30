"""FlexScript text to tokens: comments are taken out, types and casts are told from names.

What the grammar cannot see with one token of lookahead is settled here: a (dotted) name that is followed by a name is a
type (`Storage.Slot s`), a slash where an operand must stand opens a regular expression, a name after a dot is a member
even if it is a keyword.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import NamedTuple

from gdt2usd.diagnostics import Diagnostic, Span, error

MAX_CHARACTERS = 4_000_000
MAX_TOKENS = 600_000
MAX_UNKNOWN = 50  # characters without meaning that are reported

KEYWORDS = frozenset(
    ("if", "else", "while", "do", "for", "forobjecttreeunder", "switch", "case", "default", "break", "continue", "return", "await")
)
LOOPS = frozenset(
    ("iterate", "forobjecthighlightedin", "forobjectlayerunder", "forobjectsbefore", "forobjectsbehind", "forobjectselectionset")
)
CONSTANTS = frozenset(("true", "false", "NULL", "nullvar"))
CAST_TYPES = frozenset(
    ("int", "double", "string", "treenode", "Object", "Variant", "char", "float", "bool", "unsigned int", "long")
)

TOKEN = re.compile(
    r"""(?P<space>(?:[\s\ufeff\x00]+|//[^\r\n]*|/\*[\s\S]*?\*/)+)
      | (?P<NAME>[^\W\d]\w*|\$[^\W\d]\w*)
      | (?P<NUMBER>0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
      | (?P<STRING>"(?:[^"\\\n]|\\[\s\S])*")
      | (?P<CHARACTER>'(?:[^'\\\n]|\\.)*')
      | (?P<DEFINE>\#[ \t]*define\b(?:"(?:[^"\\\n]|\\[\s\S])*"|'(?:[^'\\\n]|\\.)'|[^\n\\/]|\\\r?\n|\\|/(?![/*])|/\*[\s\S]*?\*/)*)
      | (?P<ASSIGN><<=|>>=|[-+*/%&|^]=)
      | (?P<UPDATE>\+\+|--)
      | (?P<BINARY>==|!=|<=|>=|&&|\|\||<<|>>|[*/%<>&|^])
      | (?P<SIGN>[-+])
      | (?P<NOT>[!~])
      | (?P<punctuation>\?\.(?!\d)|[=?:.,;()\[\]{}])""",
    re.VERBOSE,
)
# what FlexSim's property windows put in for the user stands in picklist code as %name%, an object that is gone as <no path>
_PLACEHOLDER = re.compile(r"%[^\W\d]\w*%|<no path>")
_REGEX = re.compile(r"/(?![*/])((?:[^/\\\n\[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+)/([a-z]*)")
# what stands in a definition and is not of its value; strings are, whatever they hold
_NO_VALUE = re.compile(r"""("(?:[^"\\\n]|\\[\s\S])*"|'(?:[^'\\\n]|\\.)')|/\*[\s\S]*?\*/|\\\r?\n""")
_DEFINITION = re.compile(r"#[ \t]*define[ \t]+([^\W\d]\w*)(\([^)\n]*\))?([\s\S]*)")
# a question mark before one of these is no choice: `item.Rush?`
_AFTER_IF_PRESENT = frozenset((")", "]", ",", ";", ":", "?", ".", "?.", "}", "=", "BINARY", "ASSIGN", "$END"))
# after these a slash divides; anywhere else an operand must follow
_OPERAND_ENDS = frozenset(("NAME", "MEMBER", "NUMBER", "STRING", "CHARACTER", "REGEX", "CONSTANT", "MACRO", "UPDATE", ")", "]"))


class Token(NamedTuple):
    """`kind` is a terminal of the grammar: a class such as NAME, or the keyword or punctuation itself; `value` only of a MACRO."""

    kind: str
    text: str
    span: Span
    value: object = None


class Lines:
    """Offsets to lines and columns, both from 1."""

    def __init__(self, text: str) -> None:
        self.starts = [0, *(m.end() for m in re.finditer(r"\n|\r(?!\n)", text))]

    def span(self, start: int, end: int) -> Span:
        """The span of the text from offset `start` to `end`."""
        line = bisect_right(self.starts, start)
        end_line = bisect_right(self.starts, end, line - 1)
        return Span(start, end, line, start - self.starts[line - 1] + 1, end_line, end - self.starts[end_line - 1] + 1)


class Lexed(NamedTuple):
    """All tokens of a text, ended by one of kind `$END`, and what was wrong with it."""

    tokens: list[Token]
    diagnostics: list[Diagnostic]


def tokenize(text: str) -> Lexed:
    """The tokens of `text`. Never raises: what is no token is reported and skipped."""
    lines = Lines(text)
    if len(text) > MAX_CHARACTERS:
        span = lines.span(MAX_CHARACTERS, MAX_CHARACTERS + 1)
        problem = error("FS109", f"the script has {len(text):,} characters; at most {MAX_CHARACTERS:,} are read", span)
        return Lexed([Token("$END", "", span)], [problem])
    tokens, diagnostics = _raw_tokens(text, lines)
    tokens.append(Token("$END", "", lines.span(len(text), len(text))))
    return Lexed(tokens, diagnostics)


def _raw_tokens(text: str, lines: Lines) -> tuple[list[Token], list[Diagnostic]]:
    tokens: list[Token] = []
    diagnostics: list[Diagnostic] = []
    starts, match_at, append = lines.starts, TOKEN.match, tokens.append
    position, line, previous = 0, 1, ""
    while position < len(text):
        match = match_at(text, position)
        if match is None or (match.group()[0] == "/" and match.lastgroup != "space"):
            regex = _REGEX.match(text, position) if text[position] == "/" and previous not in _OPERAND_ENDS else None
            if regex is not None:
                append(Token("REGEX", regex.group(), lines.span(position, regex.end())))
                position, previous = regex.end(), "REGEX"
                continue
        if text[position] in "%<" and previous not in _OPERAND_ENDS and (placeholder := _PLACEHOLDER.match(text, position)):
            kind = "MEMBER" if previous in (".", "?.") else "NAME"
            append(Token(kind, placeholder.group(), lines.span(position, placeholder.end())))
            position, previous = placeholder.end(), kind
            continue
        if match is None or (group := match.lastgroup) is None or (text.startswith("/*", position) and group != "space"):
            position = _skip_unknown(text, position, lines, diagnostics)
            continue
        kind, start, position = group, position, match.end()
        if kind == "space":
            continue
        word = match.group()
        if kind == "punctuation":
            kind = word
        elif kind == "NAME":
            if previous in (".", "?."):
                kind = "MEMBER"
            elif word in KEYWORDS:
                kind = word
            elif word in CONSTANTS:
                kind = "CONSTANT"
        while line < len(starts) and starts[line] <= start:
            line += 1
        column = start - starts[line - 1] + 1
        if kind in ("STRING", "DEFINE"):
            span = lines.span(start, position)
        else:
            span = Span(start, position, line, column, line, column + position - start)
        append(Token(kind, word, span))
        previous = kind
        if len(tokens) > MAX_TOKENS:
            diagnostics.append(error("FS109", f"the script has more than {MAX_TOKENS:,} words and signs", span))
            break
    return tokens, diagnostics


def _skip_unknown(text: str, position: int, lines: Lines, diagnostics: list[Diagnostic]) -> int:
    """Report what stands at `position` and give the offset to go on from."""
    character = text[position]
    end_of_line = text.find("\n", position)
    end_of_line = len(text) if end_of_line < 0 else end_of_line
    if text.startswith("/*", position):
        diagnostics.append(error("FS102", "this comment is not closed", lines.span(position, position + 2), "end it with */"))
        return len(text)
    if character in "\"'":
        span = lines.span(position, end_of_line)
        hint = f"close it with {character}; a line break inside a string is written \\n, or ends the line with a backslash"
        diagnostics.append(error("FS103", "this string is not closed", span, hint))
        return end_of_line
    if character == "#":
        span = lines.span(position, end_of_line)
        diagnostics.append(error("FS106", "of the # directives FlexScript has only #define", span))
        return end_of_line
    span = lines.span(position, position + 1)
    hint = {"@": "FlexScript has no decorators", "“": 'write a straight quote: "', "”": 'write a straight quote: "'}.get(
        character, ""
    )
    shown = character if character.isprintable() else f"U+{ord(character):04X}"
    last = diagnostics[-1].where if diagnostics else None
    follows_another = isinstance(last, Span) and last.end == position
    if len(diagnostics) < MAX_UNKNOWN and not follows_another:
        diagnostics.append(error("FS101", f"the character {shown} has no meaning here", span, hint))
    return position + 1


def mark_types(tokens: list[Token]) -> list[Token]:
    """Merge `Name(.Name)* Name`, `unsigned int x` and casts into TYPE and CAST tokens; mark old loops and `label?`."""
    marked: list[Token] = []
    position, count = 0, len(tokens)
    while position < count:
        token = tokens[position]
        if token.kind == "NAME":
            last = position
            while last + 2 < count and tokens[last + 1].kind == "." and tokens[last + 2].kind == "MEMBER":
                last += 2
            if token.text in ("unsigned", "const", "static") and last + 1 < count and tokens[last + 1].kind == "NAME":
                last += 1
                while last + 2 < count and tokens[last + 1].kind == "." and tokens[last + 2].kind == "MEMBER":
                    last += 2
            if last + 1 < count and tokens[last + 1].kind == "NAME" and (not marked or marked[-1].kind not in (".", "?.")):
                parts = tokens[position : last + 1]
                marked.append(Token("TYPE", _joined(parts), token.span.to(parts[-1].span)))
                position = last + 1
                if position + 1 <= count:
                    marked.append(tokens[position])
                    position += 1
                continue
            if (
                token.text in CAST_TYPES
                and marked
                and marked[-1].kind == "("
                and position + 2 < count
                and _is_cast(tokens, position, marked)
            ):
                opening = marked.pop()
                marked.append(Token("CAST", token.text, opening.span.to(tokens[position + 1].span)))
                position += 2
                continue
            if token.text in LOOPS and position + 1 < count and tokens[position + 1].kind == "(":
                token = token._replace(kind="LOOP")
        elif token.kind == "?" and tokens[position + 1].kind in _AFTER_IF_PRESENT:
            token = token._replace(kind="IF_PRESENT")
        marked.append(token)
        position += 1
    return marked


def _is_cast(tokens: list[Token], position: int, marked: list[Token]) -> bool:
    """Whether the type name at `position`, after `(`, is a cast: `)` and an operand follow, and no call precedes."""
    if tokens[position + 1].kind != ")" or tokens[position + 2].kind not in ("NAME", "NUMBER", "STRING", "CONSTANT", "("):
        return False
    return len(marked) < 2 or marked[-2].kind not in ("NAME", "MEMBER", ")", "]", "if", "while", "for", "switch")


def _joined(parts: list[Token]) -> str:
    text = parts[0].text
    for part in parts[1:]:
        text += part.text if part.kind in (".", "MEMBER") else " " + part.text
    return text


def define_parts(text: str) -> tuple[str, str] | None:
    """Name and value of a `#define` line, comments left out; None if it is not one. The value of `F(x) y` begins with `(x)`."""
    match = _DEFINITION.match(text)
    if match is None:
        return None
    value = _NO_VALUE.sub(lambda m: m.group(1) or " ", (match.group(2) or "") + match.group(3)).strip()
    return match.group(1), value.rstrip("\\ \t")  # a backslash left at the end would join the next line when printed
