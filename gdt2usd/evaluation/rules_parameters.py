"""Parameters by regular expressions: the distributions, capacities, lengths and speeds in a stretch of text behind a name."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from gdt2usd.vlsm.render import Parameter

_UNIT = r"(?:milliseconds?|msec|ms|seconds?|secs?|s|minutes?|mins?|min|hours?|hrs?|h|days?|d)"
_Q = rf"(\d+(?:\.\d+)?)\s*({_UNIT}\b)?"
_GAP = r"(?:(?!\. )[^\d;|\n]){0,45}?"
_SEP = r"(?:(?!\. )[^\d;|\n]){1,32}?"
_RANGE = r"\s*(?:\.\.+|to|-|–|and)\s*"
_PATTERNS: tuple[tuple[str, str], ...] = (
    ("triangular", rf"\btri\w*{_GAP}{_Q}{_SEP}{_Q}{_SEP}{_Q}"),
    ("lognormal_meanstd", rf"\blog-?\s?n\w*{_GAP}{_Q}{_SEP}{_Q}"),
    ("gamma", rf"\bgamma{_GAP}{_Q}{_SEP}{_Q}"),
    ("weibull", rf"\bweibull{_GAP}{_Q}{_SEP}{_Q}"),
    ("uniform", rf"(?:\bunif\w*|\bU\s*\(|\bbetween){_GAP}{_Q}{_SEP}{_Q}"),
    ("normal", rf"(?:\bnorm\w*|\bN\s*\(){_GAP}{_Q}{_SEP}{_Q}"),
    ("exponential", rf"(?:\bexp\w*){_GAP}{_Q}"),
    ("normal", rf"{_Q}\s*(?:±|\+\s*/?\s*-)\s*{_Q}"),
    ("normal", rf"{_Q}\s*,?\s*(?:\(|with\s+)?(?:sd|std\.?|st\.? ?dev\.?|standard deviation|sigma)\b[^\d;]{{0,12}}{_Q}"),
    ("poisson", rf"\bpoisson{_GAP}{_Q}"),
    ("triangular", rf"{_Q}\s*/\s*{_Q}\s*/\s*{_Q}"),
    ("uniform", rf"{_Q}{_RANGE}{_Q}"),
    ("constant", rf"(?<![\d.]){_Q}"),
)
_COMPILED = tuple((family, re.compile(pattern, re.I)) for family, pattern in _PATTERNS)
_KEYS = (
    ("failure", r"mtbf|mttf|between failures|fail\w*|breaks? down|jams?|up-?time"),
    ("repair", r"mttr|repair\w*|to fix|down-?time"),
    ("setup", r"set-?\s?up|changeover|change-?over"),
    ("load", r"\bload\w*"),
    ("unload", r"\bunload\w*"),
    ("warm", r"warm"),
)
_KEY = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in _KEYS), re.I)
_CAPACITY = re.compile(
    r"(?:\bcap(?:acity)?\b|\bmax(?:imum)?\b|\bholds?\b|\bup to\b|\broom for\b|\bat most\b|\bsize\b)[^\d;.%]{0,16}"
    r"(\d+)(?!\s*(?:%|m\b|s\b|min|\.\d))"
    r"|(\d+)\s*(?:max\b|places|slots|pcs|pieces|items at (?:a time|once))",
    re.I,
)
_LENGTH = re.compile(r"(\d+(?:\.\d+)?)\s*(?:m|metres?|meters?)\b(?!\s*/)", re.I)
_SPEED = re.compile(r"(\d+(?:\.\d+)?)\s*(?:m/s|m/sec|mps|met(?:re|er)s? per second)", re.I)
_QUANTITY = re.compile(r"(?:into|splits?\s+\w+\s+into|1\s*(?:->|:|to))\s*(\d+|two|three|four|five|six)\b", re.I)
_FLAGS = {
    "pack": r"\bpack mode|\bpack\b(?=.*mode)", "join": r"\bjoin\b", "split": r"\bsplit", "unpack": r"\bunpack", "lifo": r"\blifo\b",
}  # fmt: skip
_WORDS = {"two": 2.0, "three": 3.0, "four": 4.0, "five": 5.0, "six": 6.0}
_SHORT = {"mi": "ms", "ms": "ms", "m": "min", "s": "s", "h": "h", "d": "d"}


@dataclass(slots=True)
class Said:
    """What was said of one object; `bare` is a number that stands alone behind the name."""

    time: Parameter | None = None
    setup: Parameter | None = None
    failure: Parameter | None = None
    repair: Parameter | None = None
    capacity: float | None = None
    length: float | None = None
    speed: float | None = None
    quantity: float | None = None
    bare: float | None = None
    flags: list[str] = field(default_factory=list)

    @property
    def known(self) -> bool:
        return any(getattr(self, name) is not None for name in ("time", "setup", "capacity", "length", "bare"))

    def take(self, other: Said) -> None:
        """Fill what is still open."""
        for name in ("time", "setup", "failure", "repair", "capacity", "length", "speed", "quantity", "bare"):
            if getattr(self, name) is None:
                setattr(self, name, getattr(other, name))
        self.flags += [flag for flag in other.flags if flag not in self.flags]


def unit_of(word: str | None) -> str | None:
    """The token's unit of a written one."""
    if not word:
        return None
    lower = word.lower()
    return "ms" if lower.startswith(("ms", "mil")) else _SHORT[lower[0]]


def _parameter(family: str, match: re.Match[str], text: str) -> Parameter:
    groups = match.groups()
    values = [float(v) for v in groups[0::2]]
    units = [unit_of(u) for u in groups[1::2]]
    if units[-1] is None:
        behind = re.match(rf"\s*[)\]]\s*({_UNIT})\b", text[match.end() :], re.I)
        units[-1] = unit_of(behind[1]) if behind else None
    last = units[-1] or "s"
    plain = family in ("gamma", "weibull")
    arguments = []
    for i, value in enumerate(values):
        arguments.append((value, None if plain and i == 0 else units[i] or last))
    return Parameter("process", family, tuple(arguments), (None,) * len(values), (0, 0))


def _slot(text: str, start: int, end: int) -> str:
    before = [m for m in _KEY.finditer(text, 0, start + 6) if m.start() < start + 1 or m.end() <= end]
    after = re.match(r"\s*(?:of\s+|for\s+)?(set-?\s?up|changeover)", text[end:], re.I)
    if after:
        return "setup"
    if not before:
        return "time"
    last = before[-1]
    return str(last.lastgroup) if not re.search(r"\. |;", text[last.end() : start]) else "time"


def parameters_in(text: str) -> Said:
    """Everything that a stretch of text says about one object."""
    said = Said()
    taken: list[tuple[int, int]] = []

    def free(match: re.Match[str]) -> bool:
        return all(match.end() <= a or match.start() >= b for a, b in taken)

    for name, pattern in (("speed", _SPEED), ("length", _LENGTH), ("capacity", _CAPACITY), ("quantity", _QUANTITY)):
        for match in pattern.finditer(text):
            if free(match) and getattr(said, name) is None:
                figure = next(g for g in match.groups() if g)
                setattr(said, name, _WORDS.get(figure.lower()) or float(figure))
                taken.append(match.span())
    taken += [m.span() for m in re.finditer(r"\d+(?:\.\d+)?\s*(?:%|per ?cent)", text)]
    for family, compiled in _COMPILED:
        for match in compiled.finditer(text):
            if not free(match):
                continue
            taken.append(match.span())
            if family == "constant" and match[2] is None:
                word = re.search(r"(?:constant|fixed|takes|every|=|:)\s*$", text[: match.start()], re.I)
                if word is None:
                    said.bare = said.bare if said.bare is not None else float(match[1])
                    continue
            slot = _slot(text, match.start(), match.end())
            if slot in ("time", "setup", "failure", "repair") and getattr(said, slot) is None:
                setattr(said, slot, _parameter(family, match, text))
    said.flags = [flag for flag, pattern in _FLAGS.items() if re.search(pattern, text, re.I)]
    return said
