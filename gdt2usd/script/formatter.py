"""Lays out a script as its author wrote it, but tidily: indentation, spaces, blank lines; not one word or comment changes.

Works on the words and comments of the text, not on the tree, so that template comments such as `/***tag:par1*/` stay where
FlexSim's property windows look for them. Line breaks stay the author's. Not covered: breaking or joining lines.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from gdt2usd.diagnostics import GdtError, error
from gdt2usd.script.lexer import LOOPS, tokenize
from gdt2usd.script.parser import parse
from gdt2usd.script.printer import INDENT
from gdt2usd.script.source import Script

_TRIVIA = re.compile(r"//[^\n]*|/\*[\s\S]*?\*/")
_NO_SPACE_BEFORE = frozenset((";", ",", ")", "]", ".", "?."))
_NO_SPACE_AFTER = frozenset(("(", "[", ".", "?."))
_OPERAND_ENDS = frozenset(("NAME", "MEMBER", "NUMBER", "STRING", "CHARACTER", "REGEX", "CONSTANT", ")", "]"))
_CALLABLE = frozenset(("NAME", "MEMBER", ")", "]", "forobjecttreeunder"))
_HEADERS = frozenset(("if", "while", "for", "switch", "forobjecttreeunder"))
_COMMENTS = frozenset(("comment", "line comment"))


@dataclass(frozen=True, slots=True)
class _Piece:
    """A word or a comment with the text between it and the piece before."""

    kind: str
    text: str
    gap: str


def format_script(script: Script) -> str:
    """The tidy text of a script. Raises GdtError if it cannot be parsed."""
    parse(script)
    text = script.text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    pieces = _pieces(text)
    formatted = _Layout().lay_out(pieces)
    if [(p.kind, _tidy_comment(p)) for p in _pieces(formatted)] != [(p.kind, _tidy_comment(p)) for p in pieces]:
        hint = "the file is left as it is; please report the script"
        raise GdtError(
            [error("FS110", "formatting would have changed this script", None, hint)], source=script.text, name=script.name
        )
    return formatted


def _pieces(text: str) -> list[_Piece]:
    """All words and comments in order."""
    pieces: list[_Piece] = []
    position = 0
    for token in tokenize(text).tokens:
        between = text[position : token.span.start]
        start = 0
        for match in _TRIVIA.finditer(between):
            kind = "line comment" if match.group().startswith("//") else "comment"
            pieces.append(_Piece(kind, match.group(), between[start : match.start()]))
            start = match.end()
        pieces.append(_Piece(token.kind, token.text, between[start:]))
        position = token.span.end
    return pieces


def _tidy_comment(piece: _Piece) -> str:
    return piece.text.rstrip() if piece.kind in ("line comment", "DEFINE") else piece.text


class _Layout:
    """State of one pass over the pieces: open brackets, headers such as `if (...)` that wait for their statement."""

    def __init__(self) -> None:
        self.out: list[str] = []
        self.words: list[_Piece] = []
        self.previous: _Piece | None = None
        self.depth = 0
        self.brackets: list[str] = []  # ( and [ with the header word before a (
        self.blocks: list[tuple[int, int]] = []  # per open {: levels it adds, and how far its } stands out from its body
        self.waiting = 0  # headers whose statement has not come yet
        self.header = ""  # the header word whose ) or that itself was the last word
        self.label = False  # between case and its colon
        self.choices = 0  # question marks that wait for their colon

    def lay_out(self, pieces: list[_Piece]) -> str:
        """The text of all pieces."""
        for piece in pieces:
            if piece.kind == "$END":
                break
            if self.previous is not None:
                self._separate(self.previous, piece)
            self.out.append(_tidy_comment(piece))
            if piece.kind not in _COMMENTS:
                self._follow(piece)
            self.previous = piece
        text = "".join(self.out)
        return text + "\n" if text else ""

    def _separate(self, left: _Piece, right: _Piece) -> None:
        breaks = right.gap.count("\n")
        if breaks or left.kind == "line comment" or (left.kind == "DEFINE" and right.kind not in _COMMENTS):
            self.out.append("\n" * max(1, min(breaks, 2)) + INDENT * self._levels(right))
        elif right.kind == "line comment":
            self.out.append(right.gap.replace("\t", " ") or " ")
        elif right.kind in _COMMENTS or left.kind in _COMMENTS:
            self.out.append(right.gap)
        elif self._spaced(left, right):
            self.out.append(" ")

    def _levels(self, piece: _Piece) -> int:
        """How deep a piece at the start of a line stands."""
        if piece.kind == "DEFINE":
            return 0
        if piece.kind == "}":
            return self.depth - (self.blocks[-1][1] if self.blocks else 0)
        if piece.kind in ("case", "default"):
            return max(0, self.depth - 1)
        if self.brackets:
            return self.depth + self.waiting + (piece.kind not in (")", "]"))
        if piece.kind == "{" and self.waiting:
            return self.depth + self.waiting - 1
        return self.depth + self.waiting + (not self.header and not self._at_statement_start())

    def _at_statement_start(self) -> bool:
        return (
            not self.words or self.words[-1].kind in (";", "{", "}", "DEFINE") or (self.words[-1].kind == ":" and self.choices == 0)
        )

    def _spaced(self, left: _Piece, right: _Piece) -> bool:
        """Whether a space stands between two words of one line."""
        if right.kind in _NO_SPACE_BEFORE or left.kind in _NO_SPACE_AFTER or (left.kind == "{" and right.kind == "}"):
            return False
        if self._is_prefix():
            return right.text.startswith(left.text[0])
        if right.kind in ("UPDATE", "["):
            return left.kind not in _OPERAND_ENDS
        if right.kind == "(":
            return left.kind not in _CALLABLE
        if right.kind == ":":
            return not self.label or self.choices > 0
        return right.kind != "?" or bool(right.gap)

    def _is_prefix(self) -> bool:
        """Whether the last word is an operator that stands before its operand."""
        kind = self.words[-1].kind
        before = self.words[-2].kind if len(self.words) > 1 else ""
        if kind == "SIGN":
            return before not in _OPERAND_ENDS and before != "UPDATE"
        return kind == "NOT" or (kind == "UPDATE" and before not in _OPERAND_ENDS)

    def _follow(self, piece: _Piece) -> None:
        """Note what this word opens, closes or ends."""
        kind, before = piece.kind, self.words[-1].kind if self.words else ""
        header, self.header = self.header, ""
        if kind in ("(", "["):
            is_header = kind == "(" and (before in _HEADERS or (bool(self.words) and self.words[-1].text in LOOPS))
            self.brackets.append(self.words[-1].text if is_header else "")
        elif kind in (")", "]") and self.brackets:
            self._end_header(self.brackets.pop())
        elif kind in ("else", "do"):
            self._end_header(kind)
        elif kind == "if" and header == "else":
            self.waiting -= 1
        elif kind == "{":
            self._open_block(header)
        elif kind == "}":
            self.depth -= self.blocks.pop()[0] if self.blocks else 0
            self.waiting = 0
        elif kind == ";" and not self.brackets:
            self.waiting = 0
        elif kind in ("case", "default"):
            self.label, self.choices = True, 0
        elif kind == "?":
            self.choices += 1
        elif kind == ":":
            self.label = self.label and self.choices > 0
            self.choices = max(0, self.choices - 1)
        if kind in (";", "{", "}"):
            self.choices = 0
        self.words.append(piece)

    def _end_header(self, word: str) -> None:
        if word:
            self.header = word
            self.waiting += 1

    def _open_block(self, header: str) -> None:
        own = 1 + (header == "switch")
        levels = max(0, self.waiting - 1) + own
        self.blocks.append((levels, own))
        self.depth += levels
        self.waiting = 0
