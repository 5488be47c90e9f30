"""Reads the legend of a prompt: which code of the sketch (`S1`, `BY`) is short for which name, and where both stand.

A writer joins codes and names in one way throughout (`S1 = Cell Trays`, `S1 Cell Trays`, `M2: Lathe`, `Lathe (M2)`), so the way
that explains most codes is taken, and only if it explains several. Not covered: a single explained code (`vlsm.mentions`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from rapidfuzz.distance import OSA

from gdt2usd.vlsm.listing import is_type
from gdt2usd.vlsm.mentions import LONGEST_CODE, PROMPT, Place, is_code

CAPITALISED = 0.6
"""Share of the names written with capitals throughout from which on all are."""
LAST_INDEX = 20
"""Numbers of names seldom go further."""
FEWEST = 3
"""So many codes of the sketch must be explained alike before a text is taken for a legend."""
_ALIKE = str.maketrans({"Z": "2", "I": "1", "L": "1", "|": "1", "O": "0", "Q": "0", "D": "0", "S": "5", "B": "8", "G": "6"})
_EDGES = " .:()[]/|<>-"
_NUMBER = re.compile(r"\d{1,2}")
_NUMBERED = re.compile(r"[A-Z]{1,4}(?:-|\.? )?\d{1,3}")
_TOKEN = re.compile(r"(?<![\w-])(?:[A-Za-z]{1,4}[-.]?\d{1,3}(?:[A-Za-z]|[A-Z]{2,3})?|[A-Z]{2,4}|\d{1,2})(?!\w|[.,]\d)")
_SPACED = re.compile(r"(?<![\w-])[A-Za-z]{1,4}\.? \d{1,3}(?!\w|[.,]\d)")
_PLAIN = (
    r"exp|exponential\w*|norm|normal\w*|uni|unif|uniform\w*|tri|triang\w*|const|constant\w*|fix|fixed|logn\w*|lognormal\w*|gamma"
    r"|weibull|poisson|every|each|takes?|needs?|has|have|releases?|mean|max\w*|min\w*|cap|capacity|set-?up|mtbf|mttr|cycle|time|sd|std"
    r"|an?|the|is|are|and|then|to|with|or|on|at|in|speed|length|batch|per|about|approx\w*|holds?|room|for|under"
    r"|combiner|separator|processor|machine|queue|buffer|source|sink|conveyor|conv|rack|operator|dispatcher"
)
_NO_NAME = (
    rf"(?:(?-i:{_PLAIN}|EXP|NORM|NORMAL|UNI|TRI|CONST|MAX|MIN|CAP|SETUP|MTBF|MTTR|SD|[UN](?=[ (]\d)|(?:AGV|AMR)s?(?! \d+(?!\w)))"
    r"|(?:exponential|lognormal|triangular|uniform|constant)(?=\s|$))\b"
)
"""Words that end a name: small or shouted, as names have capitals."""
_WORD = r"[^\W\d_](?:[\w'\u2019&]|[/.-](?=\w))*"
_INDEX = (
    r"#?\d{1,2}(?! (?:AGVs?|AMRs?|[a-z]+s)\b)(?!\w|[.,/-]\d|\.\.|\s?(?:s|sec|secs|min|mins|h|hr|m|x|%|pcs)\b"
    r"|\s(?:per|every|max|places|slots|pcs|pieces)\b|\s?[\u00b1+\u2013])"
)
_NAME = re.compile(rf"(?!{_NO_NAME}){_WORD}(?: (?!{_NO_NAME})(?:{_WORD}|{_INDEX}|&|of(?= [A-Z])))*", re.I)
_CAPITALS = re.compile(
    rf"(?=[A-Z\u00c0-\u00de])(?!{_NO_NAME}){_WORD}"
    rf"(?: (?:(?=[A-Z\u00c0-\u00de])(?!{_NO_NAME}){_WORD}|{_INDEX}|&|of(?= [A-Z])))*"
)
_TYPE_AT_END = re.compile(r"( (?:queue|buffer|conveyor|rack|machine|station|sink|source))(?=\s*[\t|\n(\[/;\u2013]|$)")
_IS = r"\s(?:(?:is|stands for|means|is short for|for)(?: the| our)?|the)\s"
_BRACKET = r"\s?\("
_CLOSED = r"\)\s?"
_SPACE = r"[ \t\u00a0]"
_ENTRY = r"(?:[ ])"
"""A space behind a code that opens a line or an item of a list."""
_OPENS = re.compile(r"(?:^|\n|[|;\u2022])\W*$")
_NEXT_CODE = re.compile(r"[ ,;]+[A-Z]{1,4}\d{0,3}\s?=")
_ENDS = re.compile(r"\s*(?:[^\w\s]|\n|$)")
_CELLS = (r"[ ]?\|[ ]?", r"[ ]?;[ ]?", r",[ ]")
"""What parts the cells of a table."""
_LEFT = (
    r"\s?=\s?",
    r"\s?(?:--|->|\u2192)\s?",
    r"\s?:\s?",
    _IS,
    r"\s?[\u2013\u2014-]\s",
    _SPACE,
    _ENTRY,
    _BRACKET,
    r"\s?\[",
    _CLOSED,
    *_CELLS,
)
_LOOSE = frozenset((r"\s?=\s?", _IS, _ENTRY))
"""Ways in which a name may be written small."""
_RIGHT = (r"\s?=\s?", _BRACKET, r"\s?\[", *_CELLS)
_FIGURE_WAYS = frozenset((r"\s?=\s?", r"\s?:\s?", _CLOSED))
"""Ways in which a bare figure may be explained."""


@dataclass(frozen=True, slots=True)
class Legend:
    """`names`: the name that each code is short for; `places`: codes and their explained names in the prompt, under the name."""

    names: dict[str, str]
    places: tuple[Place, ...]

    def name_of(self, label: str, others: Sequence[str]) -> tuple[int, int, str] | None:
        """(start, end, name) of a code in a label, if need be one misread (`MZ` for `M2`) that no other label reads."""
        match = _SPACED.match(label) or _TOKEN.match(label)
        code = match[0] if match is not None else ""
        code = code if code in self.names else re.sub(r"\W", "", code)
        if match is not None and code in self.names and not re.match(r"\s+[^\W\d_]{3}", label[match.end() :]):
            return 0, match.end(), self.names[code]
        word = re.match(r"\W*([A-Za-z0-9|!]{1,5})(?![A-Za-z0-9])", label)
        if word is None or re.search(r"[^\W\d_]{3}|[\u00b1+/%]", label[word.end() :]):
            return None
        text = word[1].replace("!", "1")
        read = {other.strip(_EDGES) for other in others}
        free = [code for code in self.names if code not in read]
        likely = [code for code in free if _alike(code) == _alike(text)]
        likely = likely or [code for code in free if OSA.distance(_alike(code), _alike(text)) == 1 and code[0] == text[0].upper()]
        return (word.start(1), word.end(1), self.names[likely[0]]) if len(likely) == 1 else None


def _alike(code: str) -> str:
    return re.sub(r"\W", "", code).upper().translate(_ALIKE)


def _codes(prompt: str, labels: Sequence[str]) -> dict[str, list[tuple[int, int]]]:
    """What looks like a code in the prompt, with its places: codes of the sketch, and numbered ones if those are numbered."""
    drawn = {_alike(label) for label in labels}
    numbered = sum(_alike(label)[-1:].isdigit() for label in labels) * 2 > len(labels)
    found: dict[str, list[tuple[int, int]]] = {}
    initials = _initials(prompt)
    spaced, close = (len({m[0] for m in t.finditer(prompt) if _alike(m[0]) in drawn}) for t in (_SPACED, _TOKEN))
    token = _SPACED if spaced > close else _TOKEN
    for match in token.finditer(prompt):
        if _alike(match[0]) in drawn or (numbered and _NUMBERED.fullmatch(match[0])) or match[0] in initials:
            found.setdefault(match[0], []).append(match.span())
    return found


def _initials(prompt: str) -> set[str]:
    """Codes that are the first letters of the words before or behind them: `RT Repair Tech`, `Repair Tech (RT)`."""
    found = set()
    for match in re.finditer(r"(?<![\w-])[A-Z]{2,4}(?![\w-])", prompt):
        name = r"\s".join(rf"{letter}[a-z]+" for letter in match[0])
        behind = re.compile(rf"\s?[=:(\u2013,;|-]?\s?{name}\b").match(prompt, match.end())
        if behind is not None or re.search(rf"\b{name}\s?[=:(\[,;|]\s?$", prompt[: match.start()]) is not None:
            found.add(match[0])
    return found


def _explained(prompt: str, codes: dict[str, list[tuple[int, int]]]) -> Iterator[tuple[str, str, tuple[int, int], str]]:
    """(way, code, span of the name, name) for everything that reads like an explanation."""
    starts = {start for spans in codes.values() for start, _ in spans}
    for code, spans in codes.items():
        for start, end in spans:
            for way in _LEFT:
                if (code.isdigit() and way not in _FIGURE_WAYS) or (way == _CLOSED and prompt[start - 1 : start] == "("):
                    continue
                if way == _ENTRY and _OPENS.search(prompt[max(0, start - 8) : start]) is None:
                    continue
                joint = re.compile(way).match(prompt, end)
                name = (_NAME if way in _LOOSE else _CAPITALS).match(prompt, joint.end()) if joint is not None else None
                again = joint is not None and re.match(rf"{re.escape(code)} [A-Z]", prompt[joint.end() :]) is not None
                if joint is None or name is None or (joint.end() in starts and not again):
                    continue
                if way == _BRACKET and not prompt[name.end() :].lstrip().startswith(")"):
                    continue
                last = min([name.end(), *(s - 1 for s in starts if joint.end() < s < name.end())])
                if "=" in way and (following := _NEXT_CODE.search(prompt, joint.end(), last + 4)) is not None:
                    last = min(last, following.start())
                if last == name.end() and re.search(r"(?:^| )[a-z][\w-]*$", name[0]):
                    more = _TYPE_AT_END.match(prompt, last)
                    last = more.end(1) if more is not None else last  # `BUF1=Pallet dispenser queue`, then the next cell
                if way == _ENTRY and _ENDS.match(prompt, last) is None:
                    continue
                text = prompt[joint.end() : last].rstrip(" -\u2013,;.")
                if sum(c.isalpha() for c in text) >= 3:
                    yield "left" + way, code, (joint.end(), joint.end() + len(text)), text
            for way in _RIGHT:
                before = re.search(rf"(?:\b(?:The|A|An|Our)\s)?({_CAPITALS.pattern}){way}$", prompt[max(0, start - 60) : start])
                if before is not None and not code.isdigit() and sum(c.isalpha() for c in before[1]) >= 3:
                    at = max(0, start - 60) + before.start(1)
                    yield "right" + way, code, (at, at + len(before[1])), before[1]


_BOTH = r"\s?(?:,|/|&|and)\s?"
_TWO_NAMES = rf"(?P<a>{_CAPITALS.pattern}){_BOTH}(?P<b>{_CAPITALS.pattern})"


def _pairs(prompt: str, codes: dict[str, list[tuple[int, int]]]) -> dict[str, tuple[tuple[int, int], str]]:
    """Two codes explained together: `X1 and X2 = Screening 1 and Screening 2`."""
    found = {}
    for first, spans in codes.items():
        for _, end in spans:
            told = re.compile(rf"{_BOTH}(?P<code>[\w-]+)\s?(?:=|:|are|stand for)\s?{_TWO_NAMES}").match(prompt, end)
            if told is not None and told["code"] in codes:
                found[first] = (told.span("a"), told["a"])
                found[told["code"]] = (told.span("b"), told["b"])
    return found


def _series(prompt: str, codes: dict[str, list[tuple[int, int]]]) -> Legend | None:
    """A legend of numbered codes in one go: `IMM1, IMM2 and IMM3 are Moulding Press 1, 2 and 3`, `MC1/2 = Mill 1/2`."""
    for first in codes:
        stem = first.removesuffix("1")
        if stem == first or not stem.isalpha():
            continue
        told = re.search(
            rf"\b{stem}1\b(?:\W|\d|and|{stem}|in the \w+)*(?:=|stand for|are|mean)\s*({_CAPITALS.pattern}) ?1\b", prompt
        )
        bare = rf"\b{stem}1{_BOTH}(?:{stem})?2 ({_CAPITALS.pattern}) ?1{_BOTH}2\b"  # `NC1/NC2 Note Counter 1/2`
        told = told or re.search(bare, prompt)
        if told is not None:
            name = re.sub(r"\s+\d+$", "", told[1])
            listed = rf"{re.escape(name)} ?(?:1\b(?:[\s,/&+\u2013-]|and|to|\d)*?(?<!\d))?"
            names = {
                f"{stem}{k}": f"{name} {k}"
                for k in range(1, 10)
                if re.search(rf"\b{stem}{k}\b|\b{stem}1\W[\d\W]*{k}\b", prompt) and (k == 1 or re.search(rf"{listed}{k}\b", prompt))
            }
            if len(names) < 2:
                continue
            return Legend(names, tuple(Place(PROMPT, *span, names[code]) for code in names for span in codes.get(code, ())))
    return None


def _without_value(name: str, told: dict[str, tuple[tuple[int, int], str]]) -> str | None:
    """The name without a large number at its end that no other name has in its place (`Empty Can Lane 90`); None if it has none."""
    match = re.fullmatch(r"(.*[^\W\d_])\s+(\d{2,})", name)
    if match is None or int(match[2]) <= LAST_INDEX:
        return None
    others = [other for _, other in told.values() if other != name and re.fullmatch(re.escape(match[1]) + r"\s+\d+", other)]
    return None if others else match[1]


def with_marked(legend: Legend, prompt: str, marked: Sequence[tuple[int, int]]) -> Legend:
    """The legend with names as long as those `marked` ([start, end) of the prompt) that begin alike: `Sock pair Folding`."""
    ends = dict(marked)
    longer = {
        p.text: " ".join(prompt[p.start : ends[p.start]].split())
        for p in legend.places
        if p.end < ends.get(p.start, 0) and not any(p.end < q.start < ends[p.start] for q in legend.places)
        if prompt[p.start : p.end] == p.text and not is_type(prompt[p.end : ends[p.start]].strip())
    }
    places = tuple(
        replace(
            p,
            end=ends.get(p.start, p.end) if p.text in longer and prompt[p.start : p.end] == p.text else p.end,
            text=longer.get(p.text, p.text),
        )
        for p in legend.places
    )
    return Legend({code: longer.get(name, name) for code, name in legend.names.items()}, places)


def legend_of(prompt: str, labels: Sequence[str]) -> Legend | None:
    """The legend of the codes that the sketch's labels are; None if the prompt has none."""
    written = {
        _alike(match[0]) for token in (_TOKEN, _SPACED) for match in token.finditer(prompt) if any(c.isupper() for c in match[0])
    }
    shown = [
        text
        for label in labels
        if is_code(text := label.strip(_EDGES))
        or _NUMBER.fullmatch(text)
        or (len(text) <= LONGEST_CODE and any(c.isalpha() for c in text) and _alike(text) in written)
    ]
    drawn = {_alike(text) for text in (*shown, *_initials(prompt))}
    codes = _codes(prompt, shown)
    series = _series(prompt, codes)
    ways: dict[str, dict[str, tuple[tuple[int, int], str]]] = {}
    for way, code, span, name in _explained(prompt, codes):
        ways.setdefault(way, {}).setdefault(code, (span, name))

    def explains(found: dict[str, tuple[tuple[int, int], str]]) -> int:
        return len({name.lower() for code, (_, name) in found.items() if _alike(code) in drawn})

    def fits(found: dict[str, tuple[tuple[int, int], str]]) -> int:
        initials = sum(code == "".join(word[0] for word in name.split()).upper() for code, (_, name) in found.items())
        return explains(found) + initials

    enough = max(FEWEST, sum(_alike(code) in drawn for code in codes) // 2)
    plain = [found for way, found in ways.items() if not way.endswith((_ENTRY, *_CELLS))]
    best = max(plain, key=fits, default={})
    if explains(best) < enough:
        best = max(ways.values(), key=fits, default={})
    if explains(best) < enough:
        return series
    for way, found in ways.items():
        if (way.startswith("left") and not way.endswith((_ENTRY, *_CELLS))) or way == "right" + _BRACKET:
            best |= {code: told for code, told in found.items() if code not in best}
    best |= _pairs(prompt, codes)
    if series is not None:
        best = {code: told for code, told in best.items() if code not in series.names}
    best = {code: (span, name) if (cut := _without_value(name, best)) is None else ((span[0], span[0] + len(cut)), cut)
            for code, (span, name) in best.items()}  # fmt: skip
    whole = [name for _, name in best.values() if all(word[0].isupper() or word.isdigit() for word in name.split())]
    if len(whole) >= CAPITALISED * len(best):  # then a small word ends a name
        for code, ((start, _), name) in list(best.items()):
            told = _CAPITALS.match(name)
            if told is not None and told.end() < len(name):
                best[code] = ((start, start + told.end()), told[0])
    names = {code: " ".join(name.split()) for code, (_, name) in best.items()}
    places = [Place(PROMPT, *span, names[code]) for code, (span, _) in best.items()]
    named = [span for span, _ in best.values()]
    for code, name in names.items():
        for match in re.finditer(rf"(?<![^\W_]){re.escape(code)}(?![^\W_])", prompt):
            if not any(a < match.end() and match.start() < b for a, b in named):
                places.append(Place(PROMPT, *match.span(), name))
    if series is not None:
        names |= series.names
        places += series.places
    return Legend(names, tuple(sorted(places, key=lambda p: p.start)))
