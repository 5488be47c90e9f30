"""What the user expects of a factory, and whether it is met, with how much confidence.

Not covered: exit codes (`cli.simulate`).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Literal

from gdt2usd.diagnostics import Diagnostic, error, info, warning
from gdt2usd.simulation.statistics import Estimate
from gdt2usd.units import SECONDS_PER, format_duration, parse_duration_s

Quantity = Literal["throughput_per_hour", "wip", "flow_time_s"]

_RATE = re.compile(r"\s*(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)\s*(?:/|per)\s*(\w+)\s*")


@dataclass(frozen=True, slots=True)
class Expectation:
    """At least `limit` items per hour, or at most `limit` items of WIP or seconds of flow time."""

    quantity: Quantity
    limit: float

    @property
    def text(self) -> str:
        """`at least 30/h`, `at most 20 min of flow time`."""
        if self.quantity == "throughput_per_hour":
            return f"at least {self.limit:g}/h"
        if self.quantity == "wip":
            return f"at most {self.limit:g} items in the system"
        return f"at most {format_duration(self.limit)} of flow time"


def parse_rate_per_hour(text: str) -> float:
    """Items per hour in `30/h`, `0.5/min`, `200/d`.

    Raises:
        ValueError: `text` is no rate; the message says what is accepted.
    """
    match = _RATE.fullmatch(text)
    if match is None or match[2] not in SECONDS_PER:
        raise ValueError(f"{text!r} is no rate: write 30/h, 0.5/min or 200/d")
    return float(match[1]) * 3600.0 / SECONDS_PER[match[2]]


def parse_expectations(rate: str | None, max_wip: float | None, flow_time: str | None) -> tuple[Expectation, ...]:
    """The expectations of the options `--expect`, `--expect-max-wip`, `--expect-flow-time`.

    Raises:
        ValueError: one of them is not written as it should be.
    """
    wanted = []
    if rate is not None:
        wanted.append(Expectation("throughput_per_hour", parse_rate_per_hour(rate)))
    if max_wip is not None:
        wanted.append(Expectation("wip", max_wip))
    if flow_time is not None:
        wanted.append(Expectation("flow_time_s", parse_duration_s(flow_time)))
    return tuple(wanted)


@dataclass(frozen=True, slots=True)
class Outcome:
    """`confidence`: that the long-run mean is on the side that `met` says (one-sided t; NaN with a single replication)."""

    expectation: Expectation
    met: bool
    confidence: float
    found: Estimate

    def to_json(self) -> dict[str, object]:
        return {
            "quantity": self.expectation.quantity,
            "limit": self.expectation.limit,
            "met": self.met,
            "confidence": None if math.isnan(self.confidence) else self.confidence,
        }


def judge(expectation: Expectation, found: Estimate) -> Outcome:
    """Whether `found` meets `expectation`; no figure at all is not met."""
    margin = found.mean - expectation.limit
    if expectation.quantity != "throughput_per_hour":
        margin = -margin
    met = margin >= 0.0  # NaN: not met
    if not math.isfinite(margin) or not math.isfinite(found.half_width):
        return Outcome(expectation, met, math.nan, found)
    if found.half_width == 0.0:
        return Outcome(expectation, met, 1.0, found)
    from scipy.special import stdtr, stdtrit

    freedom = found.replications - 1
    error_of_mean = found.half_width / float(stdtrit(freedom, 0.5 + found.confidence / 2.0))
    return Outcome(expectation, met, float(stdtr(freedom, abs(margin) / error_of_mean)), found)


def outcome_finding(outcome: Outcome) -> Diagnostic:
    """The outcome in words: SM220 met, SM221 missed, SM222 too close to call."""
    wanted, found = outcome.expectation, outcome.found
    sure = (
        "with one replication there is no confidence figure"
        if math.isnan(outcome.confidence)
        else f"{outcome.confidence:.1%} confidence"
    )
    if not math.isfinite(found.mean):
        return error("SM221", f"expected {wanted.text}: no item left the factory", hint="see the other findings for the reason")
    value = format_duration(found.mean) if wanted.quantity == "flow_time_s" else f"{found.mean:.4g}"
    message = f"expected {wanted.text}: {'met' if outcome.met else 'missed'} with {value} ({sure})"
    if not outcome.met:
        return error("SM221", message, hint="the bottleneck and the overloaded stations say where to begin")
    if not math.isnan(outcome.confidence) and outcome.confidence < found.confidence:
        return warning("SM222", message, hint="too close to call: run more replications or a longer horizon")
    return info("SM220", message)
