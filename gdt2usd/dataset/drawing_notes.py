"""Parameters as people scribble them beside a box: "max 25", "exp(90)", "155±12 s", "tri 60/120/300", "MTBF 1 h".

One habit per picture (units, brackets, abbreviations), so that one drawing speaks one language.
Not covered: where notes stand (`drawing`), which facts are noted (the plan).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from gdt2usd.dataset.prompt_facts import location_of, parameters_of
from gdt2usd.dataset.prompt_numbers import exact
from gdt2usd.dataset.sample import Fact
from gdt2usd.graph.distributions import Distribution
from gdt2usd.graph.model import (
    Combiner,
    Conveyor,
    MultiProcessor,
    Queue,
    Resource,
    Separator,
    Station,
    Storage,
)
from gdt2usd.sketch.draw_styles import pick

Thing = Station | Resource


@dataclass(frozen=True, slots=True)
class NoteHabit:
    """`call` writes exp(90) instead of exp 90; `joiner` stands between numbers; `space` before a unit; `minutes` above 2 min."""

    call: bool
    joiner: str
    space: str
    minutes: bool
    unit: bool
    plus_minus: str
    capacity: str
    long_names: bool
    prefixed: bool
    comma: bool = False


def note_habit(rng: np.random.Generator) -> NoteHabit:
    """The way one person writes notes."""
    return NoteHabit(
        call=bool(rng.random() < 0.45),
        joiner=pick(rng, ("/", "/", ",", ", ", "-", "|")),
        space=pick(rng, (" ", " ", "")),
        minutes=bool(rng.random() < 0.4),
        unit=bool(rng.random() < 0.75),
        plus_minus=pick(rng, ("±", "±", " ± ", "+/-", " +/- ")),
        capacity=pick(
            rng,
            ("max {}", "max {}", "cap {}", "cap. {}", "{} max", "capacity {}", "cap={}", "max. {} pcs", "size {}", "<= {}", "C={}"),
        ),
        long_names=bool(rng.random() < 0.12),
        prefixed=bool(rng.random() < 0.12),
        comma=bool(rng.random() < 0.05),
    )


_SHORT = {
    "exponential": "exp",
    "triangular": "tri",
    "uniform": "U",
    "normal": "N",
    "lognormal": "logn",
    "weibull": "weibull",
    "gamma": "gamma",
    "poisson": "poisson",
}


def _factor(values: tuple[float, ...], habit: NoteHabit) -> tuple[float, str]:
    """The unit for all of `values` (seconds) and its word: only one that keeps the decimals short."""
    for factor, word, least in ((3600.0, "h", 2 * 3600.0), (60.0, "min", 120.0)):
        if habit.minutes and max(values) >= least and all(len(exact(v / factor)) <= 5 for v in values):
            return factor, word
    return 1.0, "s"


def time_note(dist: Distribution, habit: NoteHabit) -> str:
    """`dist` (seconds) in a few characters, "" for FlexScript expressions."""
    family, parameters = parameters_of(dist)
    if family == "expression":
        return ""
    shown = tuple(p for p in parameters if not (family == "gamma" and p.name == "mean"))
    factor, word = _factor((location_of(dist), *(p.value for p in shown if p.is_time)), habit)
    numbers = [exact(p.value / factor) if p.is_time else exact(p.value) for p in shown]
    unit = f"{habit.space}{word}" if habit.unit or word != "s" else ""
    start = f"{exact(location_of(dist) / factor)} + " if location_of(dist) else ""
    return start + _family_note(family, numbers, unit, word, habit)


def _family_note(family: str, numbers: list[str], unit: str, word: str, habit: NoteHabit) -> str:
    if family == "constant":
        return f"{numbers[0]}{unit or ' s'}"
    if family == "lognormallog":
        return f"logn mu={numbers[0]} sigma={numbers[1]}{unit}"
    if family == "normal" and not habit.call:
        return f"{numbers[0]}{habit.plus_minus}{numbers[1]}{unit}"
    if family == "uniform" and not habit.call:
        return f"{numbers[0]}{'..' if habit.joiner == '|' else '-'}{numbers[1]}{unit}"
    name = family if habit.long_names else _SHORT[family]
    if habit.call:
        return f"{name}({(', ' if habit.joiner == ', ' else ',').join(numbers)})" + (unit if word != "s" else "")
    joined = ("/" if habit.joiner in {"-", ","} else habit.joiner).join(numbers)
    return f"{name} {joined}{unit}"


def _dist_facts(thing: Thing, path: str, dist: Distribution) -> tuple[Fact, ...]:
    family, parameters = parameters_of(dist)
    facts = [Fact(thing.id, f"{path}.distribution", family)]
    return (*facts, *(Fact(thing.id, f"{path}.{p.name}", exact(p.value)) for p in parameters))


def _count(text: str, thing: Thing, slot: str, value: float) -> tuple[str, tuple[Fact, ...]]:
    return text.format(exact(value)), (Fact(thing.id, slot, exact(value)),)


_TIMES = {
    "interarrival_time_s": "every ",
    "process_time_s": "t=",
    "dwell_time_s": "stay ",
    "setup_time_s": "setup ",
    "load_time_s": "load ",
    "unload_time_s": "unload ",
    "move_time_s": "move ",
}


def notes_of(thing: Thing, group: str, habit: NoteHabit) -> list[tuple[str, tuple[Fact, ...]]]:
    """The notes that state parameter `group` of `thing`, with their facts; empty if it has no short form."""
    notes = _notes_of(thing, group, habit)
    return [(_with_commas(text), facts) for text, facts in notes] if habit.comma else notes


def _with_commas(text: str) -> str:
    """Numbers as much of Europe writes them: 3,5 for 3.5, and semicolons where commas stood between numbers."""
    return re.sub(r"(?<=\d)\.(?=\d)", ",", re.sub(r"(?<=\d),(?=\s?\d)", ";", text))


def _notes_of(thing: Thing, group: str, habit: NoteHabit) -> list[tuple[str, tuple[Fact, ...]]]:
    if group in _TIMES:
        dist = getattr(thing, group, None)
        text = time_note(dist, habit) if dist is not None else ""
        prefix = _TIMES[group] if habit.prefixed or group not in {"interarrival_time_s", "process_time_s"} else ""
        return [(prefix + text, _dist_facts(thing, group, dist))] if text and dist is not None else []
    if group == "breakdown":
        breakdown = getattr(thing, "breakdown", None)
        if breakdown is None:
            return []
        up, down = time_note(breakdown.time_to_failure_s, habit), time_note(breakdown.time_to_repair_s, habit)
        if not up or not down:
            return []
        return [
            (f"MTBF {up}", _dist_facts(thing, "breakdown.time_to_failure_s", breakdown.time_to_failure_s)),
            (f"MTTR {down}", _dist_facts(thing, "breakdown.time_to_repair_s", breakdown.time_to_repair_s)),
        ]
    return _plain_notes(thing, group, habit)


def _plain_notes(thing: Thing, group: str, habit: NoteHabit) -> list[tuple[str, tuple[Fact, ...]]]:
    match thing, group:
        case (Queue() | Storage(), "capacity"):
            return [_count(habit.capacity, thing, group, thing.capacity)]
        case (_, "capacity"):
            return [_count("{}x" if habit.call else "cap {}", thing, group, getattr(thing, "capacity", 1))]
        case (Queue(), "discipline"):
            return [(thing.discipline.value.upper(), (Fact(thing.id, group, thing.discipline.value),))]
        case (Queue(), "batching") if thing.batching is not None:
            return [_count("batch {}", thing, "batching.size", thing.batching.size)]
        case (Conveyor(), "length_m"):
            return [_count("{}" + habit.space + "m", thing, group, thing.length_m)]
        case (_, "speed_m_s"):
            return [_count("{}" + habit.space + "m/s", thing, group, getattr(thing, "speed_m_s", 1.0))]
        case (Combiner() | Separator(), "mode"):
            return [(thing.mode.value, (Fact(thing.id, group, thing.mode.value),))]
        case (Combiner(), "components"):
            shown = "+".join(str(c) for c in thing.components)
            return [(f"x{shown}", (Fact(thing.id, group, shown),))]
        case (Separator(), "quantity") if thing.quantity is not None:
            text = time_note(thing.quantity, NoteHabit(True, ",", "", False, False, "±", "", False, False)).removesuffix(" s")
            return [(f"1:{text}", _dist_facts(thing, group, thing.quantity))]
        case (MultiProcessor(), "steps"):
            return [
                (f"{s.name} {time_note(s.process_time_s, habit)}", _dist_facts(thing, f"steps.{s.name}", s.process_time_s))
                for s in thing.steps
            ]
        case _:
            return []
