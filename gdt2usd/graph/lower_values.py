"""FlexScript values of properties as the graph's: seconds, metres, counts, choices, distributions; problems collected.

Not covered: which property means what (`lower_stations`, `lower_resources`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from gdt2usd.diagnostics import Diagnostic, GdtError, Place, Severity, Span
from gdt2usd.graph import code_bodies, recognise
from gdt2usd.graph import distributions as d
from gdt2usd.script.body import compile_body
from gdt2usd.script.model_tree import ModelObject, Value
from gdt2usd.units import METRES_PER, SECONDS_PER

_TIME = SECONDS_PER | {
    "seconds": 1.0,
    "second": 1.0,
    "minutes": 60.0,
    "minute": 60.0,
    "hours": 3600.0,
    "hour": 3600.0,
    "days": 86400.0,
}
_TIME |= {"day": 86400.0, "mins": 60.0, "hrs": 3600.0, "secs": 1.0, "weeks": 604800.0}
_LENGTH = METRES_PER | {"metre": 1.0, "meter": 1.0, "metres": 1.0, "meters": 1.0, "feet": 0.3048}
_NAMED_SPEEDS = {"mph": 0.44704, "kph": 1 / 3.6, "kmh": 1 / 3.6, "fpm": 0.3048 / 60, "fps": 0.3048}


def unit_factor(unit: str, base: str) -> float | None:
    """What a number in `unit` is multiplied by to be in seconds ("s"), metres ("m"), m/s ("m/s") or m/s2 ("m/s/s")."""
    found = unit.strip().replace("²", "2").replace("s^2", "s/s").replace("s2", "s/s")
    if base == "s":
        return _TIME.get(found)
    if base == "m":
        return _LENGTH.get(found)
    if found in _NAMED_SPEEDS and base == "m/s":
        return _NAMED_SPEEDS[found]
    length, *times = found.split("/")
    if len(times) != base.count("/") or length not in _LENGTH or any(time not in _TIME for time in times):
        return None
    factor = _LENGTH[length]
    for time in times:
        factor /= _TIME[time]
    return factor


@dataclass(slots=True)
class Reader:
    """Reads the properties of one object; `used` are those that were asked for."""

    thing: ModelObject
    diagnostics: list[Diagnostic]
    used: set[str] = field(default_factory=set)

    # ---- reporting ----

    def where(self, name: str = "") -> Span | Place:
        """The place of a property, else of the object."""
        return self.thing.property_spans.get(name) or self.thing.span or Place(self.thing.name)

    def report(self, severity: Severity, code: str, message: str, name: str = "", hint: str = "") -> None:
        """Collect a diagnostic about this object."""
        self.diagnostics.append(Diagnostic(code, severity, f"{self.thing.name}: {message}", self.where(name), hint))

    def _refuse(self, name: str, wanted: str, value: Value) -> None:
        shown = value[:60] if isinstance(value, str) else value
        self.report(Severity.ERROR, "GR104", f"{name} should be {wanted}, got {shown!r}", name)

    # ---- values ----

    def raw(self, name: str) -> Value:
        """The value as set, None if never set."""
        self.used.add(name)
        return self.thing.properties.get(name)

    def number(self, name: str, default: float, base: str = "") -> float:
        """A finite number, in `base` units if given with a unit."""
        value = self.raw(name)
        if value is None:
            return default
        found = self.plain_number(name, value, base)
        if found is None:
            self._refuse(name, "a number", value)
            return default
        return found

    def plain_number(self, name: str, value: Value, base: str) -> float | None:
        """A number, `[number, unit]`, a text or a body that is always the same number; None otherwise."""
        match value:
            case float():
                return value if math.isfinite(value) else None
            case (float() | str() as amount, str() as unit) if base:
                factor = unit_factor(unit, base)
                if factor is None:
                    self.report(Severity.ERROR, "GR106", f"unit {unit[:20]!r} of {name} is not known", name, f"write it in {base}")
                    return 0.0
                found = self.plain_number(name, amount, "")
                return None if found is None else found * factor
            case str():
                drawn = recognise.distribution(value)
                return drawn.value if isinstance(drawn, d.Constant) else None
        return None

    def whole(self, name: str, default: int, least: int = 0) -> int:
        """A whole number from `least`; others are cut and reported."""
        found = self.number(name, float(default))
        if found < least or found != int(found) or abs(found) > 2**53:
            kept = max(least, int(found)) if abs(found) <= 2**53 else 2**53
            self.report(Severity.WARNING, "GR112", f"{name} is {found:g}, taken as {kept}", name)
            return kept
        return int(found)

    def flag(self, name: str, default: bool = False) -> bool:
        """A boolean: 1 or 0, `true` or `false` as text."""
        value = self.raw(name)
        if value is None:
            return default
        if isinstance(value, str) and value.strip().lower() in ("true", "false", "yes", "no"):
            return value.strip().lower() in ("true", "yes")
        found = self.plain_number(name, value, "")
        if found is None:
            self._refuse(name, "1 or 0", value)
            return default
        return found != 0

    def option(self, name: str, options: Mapping[str, int], default: str) -> str:
        """One of the option texts, by text or number."""
        value = self.raw(name)
        if value is None:
            return default
        if isinstance(value, str):
            for text in options:
                if text.lower() == value.strip().lower():
                    return text
        found = self.plain_number(name, value, "")
        for text, number in options.items():
            if found == number:
                return text
        self._refuse(name, f"one of {', '.join(options)}", value)
        return default

    def triple(self, name: str) -> tuple[float, float, float] | None:
        """Three coordinates, None if never set."""
        value = self.raw(name)
        if value is None:
            return None
        parts: list[Value] = list(value) if isinstance(value, tuple) else []
        if isinstance(value, str):
            parts = [self._part(part) for part in value.strip().strip("[]()").split(",")]
        found = [part for part in parts if isinstance(part, float) and math.isfinite(part)]
        if len(found) != 3 or len(parts) != 3:
            self._refuse(name, "three coordinates", value)
            return None
        return found[0], found[1], found[2]

    @staticmethod
    def _part(text: str) -> Value:
        try:
            return float(text)
        except ValueError:
            return None

    # ---- times and quantities ----

    def distribution(self, name: str, default: d.Distribution, base: str = "s") -> d.Distribution:
        """A time (or quantity, `base` ""): a number, `[number, unit]`, or a code body."""
        value = self.raw(name)
        return default if value is None else self.as_distribution(name, value, default, base)

    def as_distribution(self, name: str, value: Value, default: d.Distribution, base: str = "s") -> d.Distribution:
        """`value` as a distribution; `default` where it is none, which is reported."""
        if isinstance(value, str):
            return self._body(name, value, default)
        if isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], str) and isinstance(value[1], str):
            factor = unit_factor(value[1], base) if base else None
            if factor is not None:
                return recognise.scaled(self._body(name, value[0], default), factor) or default
        found = self.plain_number(name, value, base)
        if found is None:
            self._refuse(name, "a time, [time, unit] or code", value)
            return default
        return d.Constant(found)

    def _body(self, name: str, text: str, default: d.Distribution) -> d.Distribution:
        found = recognise.distribution(text)
        if found is not None:
            return found
        return d.Expression(*code_bodies.unscaled(text)) if self.compiles(name, text) else default

    def compiles(self, name: str, text: str) -> bool:
        """Whether a code body is FlexScript; reported if not."""
        try:
            compile_body(text)
        except GdtError as problem:
            first = problem.diagnostics[0]
            self.report(Severity.ERROR, "GR105", f"the code of {name} does not compile: {first.message}", name, first.hint)
            return False
        return True

    # ---- labels ----

    def label_numbers(self, label: str, count: int | None = None) -> tuple[float, ...] | None:
        """The numbers of an array label; None if it is not there, has others, or not `count`."""
        value = self.thing.labels.get(label)
        if not isinstance(value, tuple):
            return None
        found = tuple(part for part in value if isinstance(part, float) and math.isfinite(part))
        return found if len(found) == len(value) and count in (None, len(found)) else None
