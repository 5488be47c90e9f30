"""From lines of text to labels: the lines of one name joined, type words and parameter notes kept apart.

Works on text and boxes only, so that the dataset's imitation of an OCR goes through the very same steps.
Not covered: reading the lines (`ocr`), what the labels mean (the network).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from gdt2usd.diagnostics import Box
from gdt2usd.sketch.sketch import Label

_NUMBER = r"\d+(?:[.,]\d+)?"
_UNIT = r"(?:s|sec|secs|seconds?|min|mins|minutes?|h|hrs?|hours?|ms|m/s|m|mm|pcs|pieces|parts|items|units|x|%)"
_FAMILY = (
    r"(?:exp|expo|exponential|tri|triang|triangular|unif|uniform|norm|normal|gamma|weibull"
    r"|logn|lognormal|lognorm|poisson|erlang|const)"
)
#: In turn: 12 s, 0.8 m/s; 93 %; 155±12, 60-90, 80/100/130; 15 max; exp 90; U(8,12); max 25; t=3; load 4 s; batch 5; MTBF ...;
#: x4, 1:2; 2x; FIFO; and a misread "S00±40 s" or "triso/00/130" is still a note.
_NOTE = re.compile(
    rf"""^(?:
        [~<=≤≈\s]*{_NUMBER}\s*{_UNIT}\b.*
      | [(~<=≤≈\s]*{_NUMBER}\s*%.*
      | {_NUMBER}\s*(?:±|\+\s*/?\s*-|\+-|-|–|\.\.+|/|,|\||to)\s*{_NUMBER}.*
      | {_NUMBER}\s*(?:max|min|cap)\b.*
      | .*\b{_FAMILY}\s*[(\[:]?\s*[~=]?\s*{_NUMBER}.*
      | (?:U|N|T|E)\s*[(\[]\s*{_NUMBER}.*
      | .*\b(?:max|cap|capacity|setup|mtbf|mttr|mttf|every)\s*[.:=<≤]*\s*{_NUMBER}\b.*
      | .*\b(?:ct|c|t|q|n|size|batch|stay|speed|length|cycle)\s*[:=<≤]+\s*{_NUMBER}\b.*
      | .*\b(?:load|unload|stay|move|speed|length|cycle)\s+{_NUMBER}\s*{_UNIT}\b.*
      | (?:size|batch)\s+{_NUMBER}
      | (?:mtbf|mttr|mttf)\b.*
      | (?:x|1:)\s*{_NUMBER}(?:\+\d+)*
      | {_NUMBER}\s*x
      | (?:fifo|lifo)
      | .*\d\s*(?:±|\+/-)\s*\S.*
      | .*\S/[\dOoIl]+/[\dOoIl]+.*
    )$""",
    re.VERBOSE | re.IGNORECASE,
)
_PERCENT = re.compile(r"(?<=\d)\s%")
_BRACKETS = "()[]<>«»{}"
_TAG_TAIL = re.compile(r"^(?P<name>.*?[^\s(\[<«{])\s*(?P<tag>[(\[<«{]{1,2}\s*[A-Za-z][A-Za-z _]{0,18}[)\]>»}]{0,2})$")
_WORD = r"[A-Za-z][A-Za-z _]{0,18}"
_TAG_ONLY = re.compile(
    rf"^(?:[(\[<«{{]{{1,2}}\s*{_WORD}\s*[)\]>»}}]{{0,2}}|{_WORD}\s*[)\]>»}}]{{1,2}}|-\s*[A-Za-z][A-Za-z _]{{2,18}}\s*-)$"
)
_STATION_WORDS = {"source", "src", "queue", "buffer", "processor", "proc", "machine", "combiner", "assembly", "separator", "split"}
_BELT_WORDS = {"multiprocessor", "conveyor", "belt", "rack", "storage", "store", "sink", "exit"}
_CREW_WORDS = {"operator", "worker", "transporter", "forklift", "truck", "robot", "agv", "vehicle", "crane", "dispatcher"}
_TYPE_WORDS = frozenset(_STATION_WORDS | _BELT_WORDS | _CREW_WORDS)


class Role(Enum):
    """What a line looks like: part of a name, a type word, a note with a figure."""

    NAME = "name"
    TAG = "tag"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Piece:
    """A line or a part of one, with its role."""

    text: str
    box: Box
    confidence: float
    role: Role


def role_of(text: str) -> Role:
    """What `text` looks like by its characters alone."""
    bare = text.strip()
    if _TAG_ONLY.match(bare):
        return Role.TAG
    if _NOTE.match(bare):
        return Role.NOTE
    if bare.strip(_BRACKETS + "- ").lower().replace(" ", "") in _TYPE_WORDS and bare == bare.lower():
        return Role.TAG
    return Role.NAME


def _pieces(line: Label) -> list[Piece]:
    """The line, with a bracketed type word at its end cut off."""
    text = _PERCENT.sub("%", " ".join(line.text.split()))
    role = role_of(text)
    match = _TAG_TAIL.match(text) if role is not Role.TAG else None
    if match is None or role_of(match["tag"]) is not Role.TAG:
        return [Piece(text, line.box, line.confidence, role)]
    name, tag = match["name"], match["tag"]
    cut = line.box.x0 + (line.box.x1 - line.box.x0) * (len(name) + 0.5) / max(1, len(text))
    left, right = Box(line.box.x0, line.box.y0, cut, line.box.y1), Box(cut, line.box.y0, line.box.x1, line.box.y1)
    return [Piece(name, left, line.confidence, role_of(name)), Piece(tag, right, line.confidence, Role.TAG)]


def _height(piece: Piece) -> float:
    return piece.box.y1 - piece.box.y0


def _continues(above: Piece, below: Piece) -> bool:
    """Whether `below` is the next line of the name whose line is `above`."""
    small, large = sorted((_height(above), _height(below)))
    if large > 1.7 * small or above.role is not Role.NAME or below.role is not Role.NAME:
        return False
    step = (below.box.y0 + below.box.y1 - above.box.y0 - above.box.y1) / 2
    if not 0.45 * small < step < 1.75 * large:
        return False
    widest = max(above.box.x1 - above.box.x0, below.box.x1 - below.box.x0)
    off_centre = abs(above.box.x0 + above.box.x1 - below.box.x0 - below.box.x1) / 2
    off_left = abs(above.box.x0 - below.box.x0)
    return min(off_centre, off_left) < max(0.25 * widest, 0.6 * large) and _overlap(above, below) > 0.5


def _overlap(a: Piece, b: Piece) -> float:
    """Shared horizontal extent over the narrower one's."""
    shared = min(a.box.x1, b.box.x1) - max(a.box.x0, b.box.x0)
    return shared / max(1.0, min(a.box.x1 - a.box.x0, b.box.x1 - b.box.x0))


def _beside(left: Piece, right: Piece) -> bool:
    """Whether `right` goes on in the same line after a word's space."""
    if left.role is not right.role or left.role is Role.TAG:
        return False
    small, large = sorted((_height(left), _height(right)))
    level = abs(left.box.y0 + left.box.y1 - right.box.y0 - right.box.y1) / 2
    gap = right.box.x0 - left.box.x1
    return large < 1.6 * small and level < 0.35 * small and -0.5 * small < gap < 0.55 * small


def _join(first: Piece, second: Piece) -> Piece:
    a, b = first.box, second.box
    box = Box(min(a.x0, b.x0), min(a.y0, b.y0), max(a.x1, b.x1), max(a.y1, b.y1))
    return Piece(f"{first.text} {second.text}", box, min(first.confidence, second.confidence), first.role)


def compose(lines: Sequence[Label]) -> tuple[Label, ...]:
    """Labels from lines of text: names joined over their lines, type words and notes apart, in reading order."""
    pieces = [piece for line in lines if line.text.strip() for piece in _pieces(line)]
    pieces = _join_neighbours(sorted(pieces, key=lambda p: (p.box.x0, p.box.y0)))
    return in_reading_order([Label(p.text, p.box, p.confidence) for p in _join_stacks(pieces)])


def _join_neighbours(pieces: list[Piece]) -> list[Piece]:
    """Words of one line that were read apart, put together from left to right."""
    joined: list[Piece] = []
    for piece in pieces:
        for k, earlier in enumerate(joined):
            if _beside(earlier, piece):
                joined[k] = _join(earlier, piece)
                break
        else:
            joined.append(piece)
    return joined


def _join_stacks(pieces: list[Piece]) -> list[Piece]:
    """Lines of one name below each other, put together from the top; at most four."""
    waiting = sorted(pieces, key=lambda p: p.box.y0)
    done: list[Piece] = []
    while waiting:
        first = waiting.pop(0)
        whole, last, count = first, first, 1
        while count < 4:
            below = [p for p in waiting if p.box.y0 + p.box.y1 > last.box.y0 + last.box.y1 and _overlap(last, p) > 0.3]
            following = min(below, key=lambda p: p.box.y0 + p.box.y1, default=None)
            if following is None or not _continues(last, following):
                break
            waiting.remove(following)
            whole, last, count = _join(whole, following), following, count + 1
        done.append(whole)
    return done


def in_reading_order(labels: Sequence[Label]) -> tuple[Label, ...]:
    """Row by row from the top, each row from the left; what is less than 0.7 of a typical height lower is in the same row."""
    if not labels:
        return ()
    heights = sorted(label.box.y1 - label.box.y0 for label in labels)
    band = max(1.0, 0.7 * heights[len(heights) // 2])
    rows: list[list[Label]] = []
    for label in sorted(labels, key=lambda one: one.box.y0 + one.box.y1):
        middle = (label.box.y0 + label.box.y1) / 2
        if rows and middle - (rows[-1][0].box.y0 + rows[-1][0].box.y1) / 2 < band:
            rows[-1].append(label)
        else:
            rows.append([label])
    return tuple(label for row in rows for label in sorted(row, key=lambda one: one.box.x0))
