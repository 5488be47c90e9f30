"""What stands around a description: purpose, legend, remarks on the sketch, types, run length, distractors, corrections.

Not covered: the description itself (`prompt_body`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from gdt2usd.dataset.headings import heading_of
from gdt2usd.dataset.prompt_facts import groups_of, kind_of, location_of
from gdt2usd.dataset.prompt_station import CORRECTABLE, RATIOS, count_draft, name_drafts, pending_of
from gdt2usd.dataset.prompt_text import Draft, Piece, closed, join, listed, plain, text_of
from gdt2usd.dataset.prompt_writer import Scope, Writer
from gdt2usd.dataset.sample import Fact, Modality
from gdt2usd.graph.distributions import Constant
from gdt2usd.graph.model import Conveyor, Queue

SAYS_ITSELF = ("source", "sink", "processor", "queue", "conveyor")


def line_sentence(writer: Writer, topic: str = "purpose") -> Draft:
    """What the line is for; states the layout form if the pattern has it."""
    layout = writer.categories.layout
    bank, rnd = writer.bank, writer.rnd
    place = f"line {writer.categories.industry.replace('_', ' ')}"
    line = bank.pick(rnd, place if bank.patterns(place, "prose") else "line any", "prose").text
    scope = Scope({"line": plain(line), "end": lambda: last_sink(writer)})
    if bank.patterns(f"layout {layout}", "prose"):
        scope.drafts["shape"] = [Piece(bank.pick(rnd, f"layout {layout}", "prose").text, (Fact("", "layout", layout),))]
    return writer.say(topic, scope)


def title_line(writer: Writer) -> Draft:
    """A heading: what the line is called, often with words that station names have too; it names no object."""
    roll = writer.rnd.random()
    if roll < 0.45:
        return line_sentence(writer, "title")
    return plain(heading_of(writer.things, 0 if roll < 0.75 else writer.rnd.randrange(1, 1000)))


HEADING_ENDS = ("\n", "\n", "\n\n", ": ", ": ", ". ", ".\n", ":\n", " // ", " - ", " -- ", "; ", " / ", ", ")


def heading(writer: Writer) -> Draft:
    """A heading before running text with what parts it from the text."""
    return [*title_line(writer), Piece(writer.rnd.choice(HEADING_ENDS))]


def asides(writer: Writer) -> list[Draft]:
    """Sentences about items, work and people near the line, with words that could be names but are none."""
    if writer.rnd.random() > 0.3:
        return []
    names = {one.lower() for one in writer.things}
    words = [word.lower() for one in writer.things for word in one.split(" ") if word.isalpha() and len(word) > 3]
    words = [word for word in words if word not in names]
    said = []
    for _ in range(writer.rnd.choice((1, 1, 2))):
        scope = Scope(
            {"w": plain(writer.rnd.choice(words or ["shop"])), "W": plain(writer.rnd.choice(words or ["shop"]).capitalize())}
        )
        said.append(writer.say("aside", scope))
    return said


def last_sink(writer: Writer) -> Draft:
    sinks = [station.id for station in writer.graph.stations if kind_of(station) == "sink"]
    return writer.the_name(sinks[-1] if sinks else writer.graph.stations[-1].id)


def sketch_sentences(writer: Writer) -> list[Draft]:
    """That the sketch has the connections, and which parameters stand in it."""
    plan, said = writer.plan, []
    if not plan.topology_in_prompt and writer.rnd.random() < 0.7:
        said.append(writer.say("use sketch", Scope({})))
    noted = [one for one in writer.things if any(subject == one and group != "percent" for subject, group in plan.noted)]
    if noted and writer.rnd.random() < 0.75:
        scope = Scope(
            {
                "names": lambda: listed([writer.the_name(one) for one in noted]),
                "Names": lambda: sentence_start(listed([writer.the_name(one) for one in noted])),
            }
        )
        belts = all(isinstance(writer.things[one], Conveyor) for one in noted)
        topic = "noted belts" if belts and writer.rnd.random() < 0.5 else "noted"
        said.append(writer.say(topic, scope) if len(noted) < 5 and writer.rnd.random() < 0.7 else writer.say("noted all", scope))
    return said


def sentence_start(draft: Draft) -> Draft:
    return [Piece("The "), *draft[1:]] if draft and draft[0].text == "the " else draft


SIGNS = (
    " = ", "=", ": ", " is the ", " – ", " - ", " stands for ", " ", " ", " ", " (", " (", " -- ", " is ", " means ", ": ",
    "< (", "< (", "< (", "< = ", "<=", "< - ", "<: ", "< [", "<, ",
)  # fmt: skip
"""What stands between a code and its name; after `<` the name comes first, and a bracket is closed again."""
SIGNS_IN_PASSING = ("=", "=", " = ", " (", " (", "< (", "< (", "< (", " ", " ", " [", "< [", " - ")
"""Of these, what is short enough for names explained where they come up."""


def legend(writer: Writer) -> Draft:
    """`M1 = Rinser, M2 = Filler`: the abbreviations of the sketch explained, but for those explained where they came up."""
    labels = writer.plan.labels
    coded = [one for one, label in labels.items() if label != one and one in writer.things and one not in writer.introduced]
    if not coded or not writer.plan.legend_in_prompt:
        return []
    writer.introduced.update(coded)
    if writer.rnd.random() < 0.15:
        coded = sorted(coded, key=lambda one: labels[one])
    sign = writer.rnd.choice(SIGNS)
    typed = writer.rnd.random() < 0.15 and not sign.endswith(",")
    opening, closing = writer.rnd.choice(((" (", ")"), (" (", ")"), (" ", ""), (" - ", ""))) if "(" not in sign else (" - ", "")
    pairs = [writer.code_and_name(one, sign) for one in coded]
    if typed:
        pairs = [[*pair, Piece(opening), *writer.kind_word(one), *plain(closing)] for pair, one in zip(pairs, coded, strict=True)]
    terse = writer.register in ("telegraph", "bullets", "table")
    if writer.rnd.random() < (0.25 if terse else 0.15):
        columns = writer.rnd.random() < 0.4 and "(" not in sign and "[" not in sign
        if columns:
            sign = writer.rnd.choice(("\t", " | ", " | ", "  ", "; "))
            pairs = [writer.code_and_name(one, sign) for one in coded]
        head = writer.say("legend columns" if columns and writer.rnd.random() < 0.5 else "legend label", Scope({}), "terse")
        return [*head, Piece("\n"), *join(pairs, "\n")]
    marks = (", ", "; ", ", ") if sign.strip(" <") == "," or ":" in sign else (", ", ", ", "; ", "; ", ". ", " | ", " / ", " · ")
    mark = writer.rnd.choice(marks) if sign != "<, " else "; "
    return writer.say("legend", Scope({"pairs": join(pairs, mark)}))


def type_sentences(writer: Writer, order: list[str]) -> list[Draft]:
    """Types said as sentences of their own: those that neither the words nor a sketch would give away."""
    plan, said = writer.plan, []
    forced = plan.modality is Modality.NO_SKETCH
    for one in order:
        kind = kind_of(writer.things[one])
        odd = misleads(one, kind)
        silent = (
            kind in SAYS_ITSELF
            and not (kind in ("sink", "source") and writer.rnd.random() < 0.05)
            and not (forced and kind in ("queue", "conveyor"))
            and not odd
        )
        if one in writer.typed or (silent and not forced):
            continue
        if silent and writer.rnd.random() < 0.6:
            continue
        if odd and not forced and writer.rnd.random() < 0.4:
            continue
        if not forced and not odd and kind in ("sink", "source") and writer.rnd.random() < 0.5:
            said.append(
                closed(writer.say(f"kind {'end' if kind == 'sink' else 'begin'}", Scope(dict(name_drafts(writer, (one,))))))
            )
            writer.last = ""
            continue
        topic = "kind odd" if odd and writer.rnd.random() < 0.6 else "kind"
        said.append(closed(writer.say(topic, Scope(dict(name_drafts(writer, (one,)))))))
        writer.last = ""
    return said


KIND_WORDS = {
    "source": "source", "queue": "queue", "buffer": "queue", "processor": "processor", "machine": "processor",
    "combiner": "combiner", "separator": "separator", "conveyor": "conveyor", "belt": "conveyor", "rack": "storage", "sink": "sink",
    "palletizer": "combiner", "stocker": "storage", "splitter": "separator", "warehouse": "storage", "store": "storage",
}  # fmt: skip


def misleads(name: str, kind: str) -> bool:
    """Whether a name has the word of another type than its object's: a machine called `Queue Turner`."""
    kinds = {KIND_WORDS[word] for word in name.lower().replace("_", " ").replace("-", " ").split() if word in KIND_WORDS}
    return bool(kinds) and kind not in kinds


def horizon_sentences(writer: Writer) -> list[Draft]:
    graph, plan, said = writer.graph, writer.plan, []
    for slot, value in (("horizon_s", graph.horizon_s), ("warm_up_s", graph.warm_up_s)):
        if value is None or ("", slot) in plan.noted or ("", slot) in plan.unsaid:
            continue
        times = writer.constant(("",), slot, value)
        number = writer.number(times, "value")[0]._replace(facts=(Fact("", slot, repr(float(value))),))
        said.append(writer.say(slot[:-2].replace("_", " "), Scope({"span": [number]})))
    return said


def bare_sentence(writer: Writer) -> list[Draft]:
    return [writer.say("bare seconds", Scope({}))] if writer.habit.bare else []


def distractors(writer: Writer, chance: float) -> list[Draft]:
    count = sum(writer.rnd.random() < chance for _ in range(3))
    said = []
    for _ in range(count):
        numbers = {
            f"r{i}": plain(str(writer.rnd.randint(low, high))) for i, (low, high) in enumerate(((2, 12), (13, 60), (100, 900)))
        }
        said.append(writer.say("distractor", Scope(dict(numbers))))
    return said


def corrections(writer: Writer) -> list[Draft]:
    """`Sorry, the Filler takes 4 s, not 3.5`: the last word on a value that was first written wrong."""
    said = []
    for (one, group), wrong in writer.wrong.items():
        right = getattr(writer.things[one], group)
        drafts: dict[str, Draft | Callable[[], Draft]] = dict(name_drafts(writer, (one,)))
        drafts["n"] = lambda one=one: writer.the_name(one)  # type: ignore[misc]
        drafts["N"] = lambda one=one: sentence_start(writer.the_name(one))  # type: ignore[misc]
        writer.last = ""
        if group == "capacity":
            drafts["cap"] = count_draft(writer, (one,), "capacity", int(right))
            drafts["wrong"] = plain(str(int(wrong)))
            said.append(writer.say("correction capacity", Scope(drafts)))
            continue
        number = CORRECTABLE[type(right)]
        times = writer.times((one,), group, right)
        mistaken = writer.times((one,), group, replace(right, **{number: wrong}))
        drafts["wrong"] = plain(text_of(writer.number(mistaken, number)))
        said.append(writer.say("correction" if number == "value" else "correction mean", Scope(drafts, {"P": times})))
    return said


def correctable(writer: Writer) -> list[tuple[str, str, float]]:
    """(station, group, value) that a correction can be about: constant main times, means, places of a queue."""
    found: list[tuple[str, str, float]] = []
    for station in writer.graph.stations:
        pending = pending_of(writer, station.id)
        for group in ("process_time_s", "interarrival_time_s"):
            if group in pending and (number := CORRECTABLE.get(type(getattr(station, group, None)))) is not None:
                dist = getattr(station, group)
                if location_of(dist) == 0:
                    found.append((station.id, group, float(getattr(dist, number))))
        if "capacity" in pending and isinstance(station, Queue):
            found.append((station.id, "capacity", float(station.capacity)))
    return found


def constants(writer: Writer) -> list[tuple[str, str]]:
    """(station, group) pairs of constant main times."""
    return [
        (station.id, group)
        for station in writer.graph.stations
        for group in ("process_time_s", "interarrival_time_s")
        if group in groups_of(station) and group in pending_of(writer, station.id) and isinstance(getattr(station, group), Constant)
    ]


def relations(writer: Writer) -> list[tuple[str, str, float]]:
    """(station, other, ratio) of constant process times that are simple multiples of each other."""
    times = {one: getattr(writer.things[one], group).value for one, group in constants(writer) if group == "process_time_s"}
    return [
        (one, other, ratio)
        for one, value in times.items()
        for other, base in times.items()
        for ratio in RATIOS
        if one != other and base > 0 and value == ratio * base
    ]
