"""Values as people write them, as JSON of `3-graph.json`: `3.5 min`, `normal(3.5, 0.2) s`, `60/h`, `exp 4 s`, `20-25 s`, `1.5 m/s`.

Every reader raises ValueError with what was expected. Not covered: which key takes which value (`settle`).
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

from gdt2usd.units import METRES_PER

SECONDS = {
    **dict.fromkeys(("ms", "msec", "millisecond", "milliseconds"), 1e-3),
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), 1.0),
    **dict.fromkeys(("min", "mins", "minute", "minutes"), 60.0),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), 3600.0),
    **dict.fromkeys(("d", "day", "days"), 86400.0),
    **dict.fromkeys(("wk", "week", "weeks"), 604800.0),
}
# family -> parameters, which of them are times; may be shifted by `location`
FAMILIES: dict[str, tuple[tuple[str, ...], tuple[bool, ...], bool]] = {
    "constant": (("value",), (True,), False),
    "exponential": (("mean",), (True,), True),
    "normal": (("mean", "std"), (True, True), False),
    "triangular": (("min", "mode", "max"), (True, True, True), False),
    "uniform": (("min", "max"), (True, True), False),
    "lognormal": (("mu", "sigma"), (False, False), True),
    "weibull": (("shape", "scale"), (False, True), True),
    "gamma": (("shape", "scale"), (False, True), True),
    "poisson": (("mean",), (True,), False),
}
_FAMILY_WORDS = {
    **dict.fromkeys(("constant", "const", "fixed", "exactly", "always", "deterministic"), "constant"),
    **dict.fromkeys(("exponential", "expo", "exp"), "exponential"),
    **dict.fromkeys(("normal", "norm", "gaussian", "gauss"), "normal"),
    **dict.fromkeys(("triangular", "triangle", "triang", "tri"), "triangular"),
    **dict.fromkeys(("uniform", "unif", "between"), "uniform"),
    **dict.fromkeys(("lognormal", "lognorm", "log-normal"), "lognormal"),
    "weibull": "weibull", "gamma": "gamma", "poisson": "poisson",
}  # fmt: skip
_KEYWORDS = {
    **dict.fromkeys(("mean", "average", "avg", "mu"), "mean"),
    **dict.fromkeys(("std", "sd", "stdev", "sigma", "standard deviation"), "std"),
    **dict.fromkeys(("min", "minimum", "from"), "min"),
    **dict.fromkeys(("max", "maximum", "to"), "max"),
    **dict.fromkeys(("mode", "most likely", "peak"), "mode"),
    **dict.fromkeys(("shape", "k", "alpha"), "shape"),
    **dict.fromkeys(("scale", "lambda", "theta", "beta"), "scale"),
    **dict.fromkeys(("location", "shift", "offset"), "location"),
    "value": "value",
}  # fmt: skip
_SEPARATE = "|".join(k for k in _KEYWORDS if k != "min")  # which is a unit as well
_DEVIATION = "|".join(k for k, v in _KEYWORDS.items() if v == "std")
_NUMBER = r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[-+]?\d+)?"
_UNITS = "|".join(sorted(SECONDS, key=len, reverse=True))
_ARGUMENT = re.compile(rf"(?P<key>[a-z][a-z -]*?)?\s*[=:]?\s*(?P<number>{_NUMBER})\s*(?P<rest>[^\d]*)")
_RATE = re.compile(rf"[a-z ]{{0,20}}(?:/|\bper\b|\ban?\b|\beach\b)\s*(?P<unit>{_UNITS})")
_CALL = re.compile(r"(?P<family>[a-z-]+)[\s:]*(?P<body>\(.*\)|.*?)", re.S)
_BRACKETS = re.compile(r"\((?P<inside>[^()]*)\)\s*(?P<unit>[a-z]*)\s*(?:\+\s*(?P<shift>.+))?", re.S)
_SPREAD = re.compile(rf"(?P<a>{_NUMBER})\s*(?P<ua>[a-z]*)\s*(?:\+/?-|\u00b1)\s*(?P<b>{_NUMBER})\s*(?P<ub>[a-z]*)")
_RANGE = re.compile(rf"(?P<a>{_NUMBER})\s*(?P<ua>[a-z]*)\s*(?:-|\.\.\.?|to|\u2013)\s*(?P<b>{_NUMBER})\s*(?P<ub>[a-z]*)")
_TIME = "write 90 s, 3.5 min, 2 h, 60/h, exp 40 s, normal(70, 6) s, triangular(20, 25, 34) s or uniform(5, 8) min"


def duration_s(text: str) -> float:
    """Seconds in `90 s`, `3.5 min`, `1 h 30 min`, `60/h` (the time between two), or a plain number of seconds."""
    parts = re.findall(rf"({_NUMBER})\s*({_UNITS})\b", text.lower())
    if len(parts) > 1 and not re.sub(rf"({_NUMBER})\s*({_UNITS})\b", "", text.lower()).strip(" ,and"):
        return _checked(sum(float(n) * SECONDS[u] for n, u in parts), text)
    key, value, unit = _argument(_points(text))
    if key:
        raise ValueError(f"{text!r} is no time: {_TIME}")
    return _checked(value * (1.0 if unit is None else unit), text)


def _points(text: str) -> str:
    """Lower case; one decimal comma of a lone number becomes a point."""
    plain = " ".join(text.lower().split())
    return re.sub(r"^(\D*\d+),(\d{1,2}\D*)$", r"\1.\2", plain)


def _checked(value: float, text: str) -> float:
    if not math.isfinite(value) or value < 0:
        raise ValueError(f"{text!r} is negative or not finite")
    return float(f"{value:.12g}")


def _argument(text: str) -> tuple[str, float, float | None]:
    """Keyword (or ""), value, seconds per unit (None where no unit stands); a rate `60/h` gives the time between two."""
    match = _ARGUMENT.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text.strip()!r} is no number: {_TIME}")
    key, value, rest = (match["key"] or "").strip(), float(match["number"]), match["rest"].strip()
    if key and key not in _KEYWORDS:
        raise ValueError(f"{key!r} is no parameter: {', '.join(sorted(set(_KEYWORDS.values())))}")
    if not rest:
        return _KEYWORDS.get(key, ""), value, None
    if rest in SECONDS:
        return _KEYWORDS.get(key, ""), value, SECONDS[rest]
    rate = _RATE.fullmatch(rest)
    if rate is None:
        raise ValueError(f"{rest!r} is no unit of time: ms, s, min, h, d, or a rate such as 60/h")
    if value <= 0:
        raise ValueError(f"a rate of {value:g} is none")
    return _KEYWORDS.get(key, ""), 1.0 / value, SECONDS[rate["unit"]]


def distribution(text: str, *, timed: bool = True) -> dict[str, Any]:
    """The JSON of a distribution; a bare value is constant. `timed`: arguments are times, in seconds unless a unit stands there."""
    if text.lstrip().startswith("{"):
        return dict(as_json(text))
    plain = " ".join(text.lower().split())
    shaped = _SPREAD.fullmatch(plain) or _RANGE.fullmatch(plain)
    if shaped is not None:
        family = "normal" if _SPREAD.fullmatch(plain) else "uniform"
        return _made(family, f"{shaped['a']} {shaped['ua']}; {shaped['b']} {shaped['ub']}", "", timed)
    call = _CALL.fullmatch(plain)
    if call is not None and call["family"] in _FAMILY_WORDS:
        return _called(_FAMILY_WORDS[call["family"]], call["body"], timed)
    if call is not None and call["family"][0].isalpha() and call["family"] not in _KEYWORDS:
        from difflib import get_close_matches

        near = get_close_matches(call["family"], _FAMILY_WORDS, 1)
        raise ValueError(f"{call['family']!r} is no distribution" + (f"; did you mean {near[0]}?" if near else f": {_TIME}"))
    if re.search(rf"\b({_DEVIATION})\b", plain):
        return _made("normal", plain, "", timed)
    if timed and len(re.findall(_NUMBER, _points(plain))) > 1 and re.search(r",|;|\band\b", _points(plain)):
        raise ValueError(f"{text!r} are several values: say which distribution, for example triangular(20, 25, 34) s")
    value = duration_s(plain) if timed else whole_or_not(plain)
    return {"distribution": "constant", "value": value}


def _called(family: str, body: str, timed: bool) -> dict[str, Any]:
    match = _BRACKETS.fullmatch(body)
    if match is None:
        return _made(family, body, "", timed)
    found = _made(family, match["inside"], match["unit"], timed)
    if match["shift"]:
        found["location"] = duration_s(match["shift"])
    return found


def _made(family: str, inside: str, unit: str, timed: bool) -> dict[str, Any]:
    """The arguments between the brackets, by position or by name; the unit behind the last one counts for those without."""
    if unit and unit not in SECONDS:
        raise ValueError(f"{unit!r} is no unit of time: ms, s, min, h, d")
    separators = r";" if ";" in inside else rf",|\band\b|\bto\b|\s(?=(?:{_SEPARATE})\s*[=:]?\s*[-+.\d])"
    pieces = [p for p in re.split(separators, inside) if p.strip()]
    if len(pieces) == 1 and not re.search(r"[a-z=:/]", re.sub(rf"\b({_UNITS})\b", "", pieces[0])):
        pieces = re.findall(rf"{_NUMBER}(?:\s*(?:{_UNITS})\b)?", pieces[0]) or pieces
    if ";" in inside:
        pieces = [p.replace(",", ".") for p in pieces]
    arguments = [_argument(p) for p in pieces]
    last = SECONDS[unit] if unit else next((u for _, _, u in reversed(arguments) if u is not None), 1.0)
    parameters, times, shiftable = FAMILIES[family]
    given: dict[str, tuple[float, float | None]] = {}
    for place, (key, value, own) in enumerate(arguments):
        name = key or (parameters[place] if place < len(parameters) else "")
        if not name or name in given:
            raise ValueError(f"{family} takes {', '.join(parameters)}, not {len(arguments)} values")
        given[name] = (value, own)
    factors = dict(zip(parameters, times, strict=True)) | {"location": True, "mean": True, "std": True}
    values = {
        k: v * ((own if own is not None else last) if timed and factors.get(k, True) else 1.0) for k, (v, own) in given.items()
    }
    values = _in_terms(family, values)
    if family == "lognormal" and timed and "mu" in given:
        values["mu"] = given["mu"][0] + math.log(last)
    missing = [p for p in parameters if p not in values]
    extra = [k for k in values if k not in parameters and not (k == "location" and shiftable)]
    if missing or extra:
        raise ValueError(f"{family} takes {', '.join(parameters)}" + (f": {', '.join(missing)} is missing" if missing else ""))
    _refuse_nonsense(family, values)
    return {"distribution": family} | {k: float(f"{values[k]:.12g}") for k in (*parameters, "location") if k in values}


def _in_terms(family: str, values: dict[str, float]) -> dict[str, float]:
    """Mean and deviation in the family's own parameters, where people give those."""
    if family == "lognormal" and {"mean", "std"} <= set(values) and values["mean"] > 0:
        variance = math.log(1.0 + (values["std"] / values["mean"]) ** 2)
        kept = {k: v for k, v in values.items() if k not in ("mean", "std")}
        return kept | {"mu": math.log(values["mean"]) - variance / 2, "sigma": math.sqrt(variance)}
    if family == "gamma" and "mean" in values and values["mean"] > 0:
        mean = values.pop("mean")
        if "std" in values:
            values["shape"] = (mean / max(values.pop("std"), 1e-9)) ** 2
        if values.get("shape", 0.0) > 0:
            values["scale"] = mean / values["shape"]
    return values


def _refuse_nonsense(family: str, values: dict[str, float]) -> None:
    for key, value in values.items():
        if not math.isfinite(value) or (value < 0 and key != "mu"):
            raise ValueError(f"{key} {value:g} of {family} is negative or not finite")
    if family == "lognormal" and values["mu"] > 25:
        raise ValueError("mu and sigma of a lognormal belong to the logarithm: write lognormal(mean 80 s, std 25 s)")
    order = [values[k] for k in ("min", "mode", "max") if k in values]
    if order != sorted(order):
        raise ValueError(f"the parameters of {family} must rise: {', '.join(f'{v:g}' for v in order)}")


def as_json(text: str) -> Any:
    """Text that is written as JSON."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError(f"{text[:60]!r} is no JSON") from None


def whole_or_not(text: str) -> float:
    """A plain number; a word may follow (`12 trays`)."""
    match = re.fullmatch(rf"({_NUMBER})\s*%?(?:\s*[a-z]+)?", _points(text))
    if match is None or not math.isfinite(float(match[1])):
        raise ValueError(f"{text!r} is no number")
    return float(match[1])


def whole(text: str) -> int:
    """A whole number from 0."""
    value = whole_or_not(text)
    if value != int(value) or not 0 <= value <= 2**31:
        raise ValueError(f"{text!r} is no whole number from 0")
    return int(value)


def length_m(text: str) -> float:
    """Metres in `12`, `12 m`, `300 cm`, `40 ft`."""
    match = re.fullmatch(rf"({_NUMBER})\s*([a-z]*)", _points(text))
    unit = (match[2] or "m") if match else ""
    unit = {"metre": "m", "metres": "m", "meter": "m", "meters": "m", "feet": "ft", "foot": "ft"}.get(unit, unit)
    if match is None or unit not in METRES_PER:
        raise ValueError(f"{text!r} is no length: write 12 m, 300 cm or 40 ft")
    return _checked(float(match[1]) * METRES_PER[unit], text)


def speed_m_s(text: str) -> float:
    """Metres a second in `1.5`, `1.5 m/s`, `90 m/min`, `5 km/h`."""
    match = re.fullmatch(rf"({_NUMBER})\s*(?:([a-z]+)\s*(?:/|per)\s*([a-z]+))?", _points(text))
    if match is None or (match[2] and (match[2] not in METRES_PER or match[3] not in SECONDS)):
        raise ValueError(f"{text!r} is no speed: write 1.5 m/s, 90 m/min or 5 km/h")
    factor = METRES_PER[match[2]] / SECONDS[match[3]] if match[2] else 1.0
    return _checked(float(match[1]) * factor, text)


def yes_or_no(text: str) -> bool:
    """`yes`, `true`, `1`, `ja`, or their opposites."""
    word = text.strip().lower()
    if word in ("yes", "y", "true", "1", "on", "ja", "ok"):
        return True
    if word in ("no", "n", "false", "0", "off", "nein", "none"):
        return False
    raise ValueError(f"{text!r} is neither yes nor no")


def share_percent(text: str) -> float:
    """`30`, `30 %`, `30 percent`: 0 to 100."""
    match = re.fullmatch(rf"({_NUMBER})\s*(?:%|percent|pct|per cent)?", _points(text))
    value = float(match[1]) if match else -1.0
    if not 0.0 <= value <= 100.0:
        raise ValueError(f"{text!r} is no percentage from 0 to 100")
    return value
