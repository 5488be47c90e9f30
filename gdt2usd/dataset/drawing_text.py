"""The words of one drawing: names wrapped as people wrap them, type words, notes, and where each line of text stands.

Not covered: letters (`sketch.draw_glyphs`), shapes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gdt2usd.dataset.sample import Fact
from gdt2usd.sketch.draw_glyphs import Typeface
from gdt2usd.sketch.draw_styles import Look, pick

LINE = 1.95

TYPE_WORDS: dict[str, tuple[str, ...]] = {
    "source": ("source", "source", "Source", "SOURCE", "src"),
    "queue": ("queue", "queue", "Queue", "buffer", "QUEUE"),
    "processor": ("processor", "processor", "Processor", "machine", "PROCESSOR", "proc"),
    "combiner": ("combiner", "combiner", "Combiner", "assembly", "COMBINER"),
    "separator": ("separator", "separator", "Separator", "split", "SEPARATOR"),
    "multiprocessor": ("multiprocessor", "MultiProcessor", "multi processor", "MULTIPROCESSOR"),
    "conveyor": ("conveyor", "conveyor", "Conveyor", "belt", "CONVEYOR"),
    "storage": ("rack", "storage", "Rack", "store", "RACK"),
    "sink": ("sink", "sink", "Sink", "exit", "SINK"),
    "operator": ("operator", "operator", "Operator", "worker", "OPERATOR"),
    "transporter": ("transporter", "forklift", "Transporter", "truck", "TRANSPORTER"),
    "robot": ("robot", "Robot", "ROBOT"),
    "agv": ("agv", "AGV", "agv", "vehicle"),
    "task_executer": ("task executer", "TaskExecuter", "task executer", "TASK EXECUTER"),
    "crane": ("crane", "Crane", "CRANE"),
    "dispatcher": ("dispatcher", "Dispatcher", "DISPATCHER"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text: `role` is name, name+tag, tag, note, percent, title or word; capitals are `size` high."""

    text: str
    role: str
    size: float
    facts: tuple[Fact, ...] = ()


def type_word(kind: str, style_index: int) -> str:
    """The word written for a type; one habit (index) per picture."""
    words = TYPE_WORDS[kind]
    return words[min(style_index, len(words) - 1)]


def wrap(text: str, face: Typeface, size: float, limit: float) -> list[str]:
    """`text` broken between words so that lines stay under `limit` where possible, at most three lines."""
    words = text.split()
    lines: list[str] = []
    for word in words:
        if lines and (face.width(f"{lines[-1]} {word}", size) <= limit or len(lines) == 3):
            lines[-1] = f"{lines[-1]} {word}"
        else:
            lines.append(word)
    return lines or [text]


@dataclass(frozen=True, slots=True)
class TagHabit:
    """Which word for a type, its form, and whether it shares a line with the name."""

    form: str
    word: int
    same_line: bool
    scale: float


def tag_habit(look: Look, rng: np.random.Generator) -> TagHabit:
    """One way of writing type words for the whole picture."""
    return TagHabit(
        look.tag, int(rng.choice([0, 0, 0, 0, 1, 2, 3, 4])), bool(rng.random() < 0.25), pick(rng, (1.0, 1.0, 0.85, 0.75))
    )


def tag_text(kind: str, habit: TagHabit) -> str:
    """The type word in its form: "(queue)", "<<queue>>", "[Q]"."""
    word = type_word(kind, habit.word)
    if habit.form == "[{!s:.1}]":
        return f"[{word[0].upper()}]"
    return habit.form.format(word)


def height(lines: list[Line]) -> float:
    """Height of a block of lines."""
    return sum(LINE * line.size for line in lines)


def width(lines: list[Line], face: Typeface) -> float:
    """Width of the widest line."""
    return max((face.width(line.text, line.size) for line in lines), default=0.0)
