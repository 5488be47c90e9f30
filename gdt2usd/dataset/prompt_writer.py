"""The writer of one prompt: its habits, its names for things, and how a pattern's slots become text with facts.

Habits (article before names, number words, item nouns, typing care) are drawn once per prompt, so that a prompt reads as
one person's. Not covered: the order of what is said (`prompt_registers`).
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from gdt2usd.dataset.prompt_bank import Bank, Pattern
from gdt2usd.dataset.prompt_facts import distribution_name, kind_of, location_of, parameters_of
from gdt2usd.dataset.prompt_numbers import FACTOR, WORDS, Habit, choose_unit, exact, spelled, time_text, unit_word
from gdt2usd.dataset.prompt_text import Draft, Piece, listed, plain
from gdt2usd.dataset.prompt_together import in_one_breath, stem_and_number
from gdt2usd.dataset.sample import Categories, Fact, Modality, Plan
from gdt2usd.graph.distributions import Constant, Distribution, Expression, FlexSimDistribution
from gdt2usd.graph.model import Link, ProcessGraph, Resource, Station

_SPELLABLE = re.compile(r"\{\w+\.\} (?:and|to) \{")
"""Numbers between which words stand: `between {min.} and {max}` may be `between five and fifteen minutes`."""
_TIMES = re.compile(r" ?[x×](?: |$)")
SENTENCE_GOES_ON = re.compile(r" [a-z]")
TYPE_WORDS = frozenset({
    "source", "sink", "queue", "buffer", "separator", "combiner", "processor", "multiprocessor", "conveyor", "belt", "rack",
    "store", "machine", "station", "unit", "cell", "center", "line", "area", "exit", "entry", "input", "output", "feed",
    "infeed", "outfeed", "operator", "robot", "dispatcher", "vehicle", "crane", "forklift", "worker", "technician", "warehouse",
    "shelf", "splitter", "workstation", "module", "tool", "system", "team", "controller",
})  # fmt: skip
TAGS: dict[str, tuple[tuple[str, float], ...]] = {
    "prose": (("prose", 1.0),),
    "email": (("prose", 0.8), ("spoken", 0.2)),
    "paper": (("paper", 0.65), ("prose", 0.35)),
    "spoken": (("spoken", 0.7), ("prose", 0.3)),
    "broken": (("broken", 0.75), ("prose", 0.25)),
    "telegraph": (("terse", 1.0),),
    "bullets": (("terse", 1.0),),
    "table": (("terse", 1.0),),
    "title": (("prose", 1.0),),
}


STUMBLES = (
    (", no wait, ", ""), (", no, ", ""), (", sorry, ", ""), (" - no, ", ""), (", no, make that ", ""), (" - sorry, ", ""),
    (", no wait, since the rebuild it's ", ""), (", no wait, since they cut the shift it's ", ""), (", or rather ", ""),
    (", I mean ", ""), (" (no, ", ")"), (", no longer, now ", ""), (", that was before, now it's ", ""), (", hmm, no, ", ""),
)  # fmt: skip
"""What stands between a number said wrong and the right one, and what behind it."""
STUMBLED = frozenset({"process_time_s", "interarrival_time_s", "setup_time_s", "dwell_time_s"})


@dataclass(frozen=True)
class Times:
    """One random time as it will be written: whose (`owners`), which (`path`), its numbers in one unit."""

    owners: tuple[str, ...]
    path: str
    dist: Distribution
    family: str
    values: dict[str, tuple[float, bool]]
    unit: str
    silent: frozenset[str] = frozenset()

    def facts(self, name: str) -> tuple[Fact, ...]:
        if name in self.silent:
            return ()
        value = distribution_name(self.dist) if name == "distribution" else repr(float(self.values[name][0]))
        return tuple(Fact(owner, f"{self.path}.{name}", value) for owner in self.owners)


@dataclass
class Scope:
    """What a pattern's slots mean: drafts (or their makers), times by letter, and the facts of a `[word]` by group."""

    drafts: dict[str, Draft | Callable[[], Draft]]
    times: dict[str, Times] = field(default_factory=dict)
    words: dict[str, tuple[Fact, ...]] = field(default_factory=dict)

    @property
    def optional(self) -> frozenset[str]:
        return frozenset(self.drafts)


@dataclass
class Writer:
    """Everything that stays the same within one prompt, and what was said last (`last`)."""

    graph: ProcessGraph
    categories: Categories
    plan: Plan
    rnd: random.Random
    bank: Bank
    habit: Habit
    register: str
    article: float
    abbreviations: float
    item: str
    items: str
    things: Mapping[str, Station | Resource]
    outs: Mapping[str, tuple[Link, ...]]
    ins: Mapping[str, tuple[Link, ...]]
    typing: float
    told_onward: bool = False
    digits: bool = False
    shortens: float = 0.0
    named: set[str] = field(default_factory=set)
    relative: dict[str, tuple[str, float]] = field(default_factory=dict)
    last: str = ""
    wrong: dict[tuple[str, str], float] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    by_place: float = 0.0
    typed: set[str] = field(default_factory=set)
    ellipses: float = 0.0
    appositions: float = 0.0
    introduces: str = ""
    introduced: set[str] = field(default_factory=set)
    hyphens: bool = False
    pronouns: float = 0.0
    mans: float = 0.0
    stumbles: float = 0.0
    spells: bool = False
    describes: Callable[[str, Draft], Draft] | None = None
    told_at: dict[str, set[str]] = field(default_factory=dict)

    # ---- names ----

    def name(self, thing_id: str, *more: Fact) -> Draft:
        """The object's name, or by habit its abbreviation in the sketch when a legend explains it."""
        text = thing_id
        self.named.add(thing_id)
        label = self.plan.labels.get(thing_id, thing_id)
        if label != thing_id and self.plan.legend_in_prompt:
            if self.introduces and thing_id not in self.introduced:
                self.introduced.add(thing_id)
                return self.code_and_name(thing_id, self.introduces, *more)
            if self.rnd.random() < self.abbreviations:
                text = label
        return [Piece(text, (Fact(thing_id, "name", thing_id), *more), True)]

    def code_and_name(self, thing_id: str, sign: str, *more: Fact) -> Draft:
        """`M1 = Lathe`, or with a sign that begins with `<` the other way round: `Lathe (M1)`; `(` is closed again."""
        fact = Fact(thing_id, "name", thing_id)
        first, second = self.plan.labels[thing_id], thing_id
        if turned := sign.startswith("<"):
            first, second = second, first
        sign = sign.removeprefix("<") if turned else sign
        close = ")" if "(" in sign else "]" if "[" in sign else ""
        return [Piece(first, (fact, *more), True), Piece(sign), Piece(second, (fact,), True), *plain(close)]

    def the_name(self, thing_id: str, *more: Fact) -> Draft:
        """The name, after `the` as this writer does; seldom before numbered names; sometimes its last word if that is enough."""
        if self.shortens and thing_id in self.named and self.rnd.random() < self.shortens and (word := self.last_word(thing_id)):
            return [Piece("the "), Piece(word, (Fact(thing_id, "name", thing_id), *more), True)]
        name = self.name(thing_id, *more)
        text = name[0].text
        chance = self.article * (0.2 if text[-1].isdigit() or len(text) < 4 else 1.0)
        if text[:4].lower() != "the " and self.rnd.random() < chance:
            return [Piece("the "), *name]
        return name

    def described(self, thing_id: str, named: Draft) -> Draft:
        """The name, with what is to be said of the object behind it where this text says it there."""
        return named if self.describes is None else self.describes(thing_id, named)

    def told_of(self, thing_id: str) -> Draft:
        """The object a sentence is about: its name, or by habit its place in the line (`the second machine`)."""
        if thing_id in self.places and self.rnd.random() < self.by_place:
            return [Piece("the "), Piece(self.places[thing_id])]
        return self.the_name(thing_id)

    def last_word(self, thing_id: str) -> str:
        """`saw` for the Dicing Saw when no other name has that word; else empty."""
        words = thing_id.split(" ")
        last = words[-1].lower()
        if len(words) < 2 or len(last) < 4 or not last.isalpha() or last in TYPE_WORDS:
            return ""
        return "" if any(last in other.lower() for other in self.things if other != thing_id) else last

    def subject(self, thing_id: str) -> Draft:
        """The name at a sentence's start, or `It` if the last sentence was about the same object."""
        if self.last == thing_id and self.rnd.random() < 0.6:
            return [Piece("It")]
        if thing_id in self.places and self.rnd.random() < self.by_place:
            return [Piece("The "), Piece(self.places[thing_id])]
        named = self.the_name(thing_id)
        return [Piece("The "), *named[1:]] if named[0].text == "the " else named

    def possessive(self, draft: Draft) -> Draft:
        if draft[-1].text == "It":
            return [Piece("Its")]
        return [*draft, Piece("'" if draft[-1].text.endswith("s") else "'s")]

    def together(self, ids: tuple[str, ...], *more: Fact) -> Draft | None:
        """`Pick Bench A and B`: numbered objects named in one breath, by habit, if the sketch has each name in full."""
        if len(ids) < 2 or self.rnd.random() >= self.ellipses:
            return None
        runs = in_one_breath(ids, self.rnd, plural(stem_and_number(ids[0]) or ids[0]))
        if runs is None:
            return None
        self.named.update(ids)
        draft = [Piece(text, tuple(Fact(one, "name", one) for one in owners), bool(owners)) for text, owners in runs]
        return [draft[0]._replace(facts=(*draft[0].facts, *more)), *draft[1:]]

    def the_names(self, ids: tuple[str, ...], last: str = " and ") -> Draft:
        if (breath := self.together(ids)) is not None:
            return breath
        return listed([self.the_name(one) for one in ids], last)

    def kind_word(self, thing_id: str, many: bool = False) -> Draft:
        """A word for the object's type, FlexSim's own or a synonym."""
        kind = kind_of(self.things[thing_id])
        tag = "paper" if self.register == "paper" else "prose"
        word = self.bank.pick(self.rnd, f"type {kind}", tag).text
        self.typed.add(thing_id)
        return [Piece(plural(word) if many else word, (Fact(thing_id, "type", kind),))]

    # ---- patterns ----

    def tag(self) -> str:
        """The bank's register for the next sentence."""
        roll = self.rnd.random()
        for tag, share in TAGS.get(self.register, TAGS["prose"]):
            roll -= share
            if roll < 0:
                return tag
        return "prose"

    def say(self, topic: str, scope: Scope, tag: str | None = None) -> Draft:
        """A pattern of the topic that needs no more than `scope` offers, filled."""
        offered = frozenset(scope.drafts) | {f"{letter}:" for letter in scope.times}
        sketch = self.plan.modality is not Modality.NO_SKETCH
        return self.fill(self.bank.pick(self.rnd, topic, tag or self.tag(), offered, sketch=sketch), scope)

    def fill(self, pattern: Pattern, scope: Scope, *, digits: bool = False) -> Draft:
        """The pattern's text with its slots filled from `scope`.

        Raises:
            KeyError: the scope has no such slot.
        """
        draft: Draft = []
        before, self.digits = self.digits, digits or any(slot.endswith(".") for slot in pattern.slots)
        spelt, self.spells = (
            self.spells,
            _SPELLABLE.search(pattern.text) is not None and self.rnd.random() < self.habit.number_words,
        )
        for at, part in enumerate(pattern.parts):
            match part.kind:
                case "text":
                    if draft and draft[-1].text.lower() in WORDS and _TIMES.match(part.text):  # `2x`, never `twox`
                        draft[-1] = draft[-1]._replace(text=str(WORDS.index(draft[-1].text.lower())))
                    draft.append(Piece(part.text))
                case "choice":
                    draft.append(Piece(self.rnd.choice(part.choices)))
                case "word":
                    draft.append(Piece(part.text, self.word_facts(pattern, scope)))
                case _:
                    if part.text == "N" and not SENTENCE_GOES_ON.match(
                        pattern.parts[at + 1].text if at + 1 < len(pattern.parts) else ""
                    ):
                        self.last = ""
                    one = part.text == "items" and len(draft) > 1 and draft[-1].text == " " and draft[-2].text in ("1", "one")
                    made = self.slot("item" if one else part.text, scope)
                    if draft and draft[-1].text[-1:] in ("x", "×") and made and made[0].text in WORDS:  # `x2`, never `xtwo`
                        made = [made[0]._replace(text=str(WORDS.index(made[0].text))), *made[1:]]
                    draft.extend(made)
                    if part.text == "N" and not pattern.slots & {"type", "a type"} and self.rnd.random() < self.appositions:
                        draft.extend(self.apposition(made, pattern.parts[at + 1].text if at + 1 < len(pattern.parts) else ""))
        self.digits, self.spells = before, spelt
        return tidy(draft)

    def apposition(self, named: Draft, following: str) -> Draft:
        """`, a rack,` behind a name at a sentence's start, or the type in brackets; nothing behind `It` or before no verb."""
        owner = next((piece.facts[0].subject for piece in named if piece.is_name and piece.facts), "")
        if owner not in self.things or owner in self.typed or not SENTENCE_GOES_ON.match(following):
            return []
        word = self.kind_word(owner)
        opening, closing = self.rnd.choice(((", ", ","), (", ", ","), (" (", ")"), (", ", ","), (" - ", " -")))
        article = f"{with_article(word[0].text).split(' ')[0]} " if self.rnd.random() < 0.7 else ""
        return [Piece(opening + article), *word, Piece(closing)]

    def word_facts(self, pattern: Pattern, scope: Scope) -> tuple[Fact, ...]:
        for group in ("mode", "discipline", "accumulating", "arrival_at_zero", "routing", "only"):
            if group in scope.words and (group in pattern.groups or pattern.topic.startswith(("routing", "need only"))):
                return scope.words[group]
        if "breakdown" in pattern.topic and "F" in scope.times:
            return scope.times["F"].facts("distribution")
        return scope.times["P"].facts("distribution") if "P" in scope.times else ()

    def slot(self, slot: str, scope: Scope) -> Draft:
        made = scope.drafts.get(slot)
        if made is not None:
            return made() if callable(made) else made
        if slot == "item":
            return plain(self.item)
        if slot in ("items", "Items"):
            return plain(self.items if slot == "items" else self.items[:1].upper() + self.items[1:])
        letter, _, form = slot.partition(":")
        if form:
            return self.time_phrase(scope.times[letter], form)
        letter, dot, rest = slot.partition(".")
        if dot and rest and letter in scope.times:
            return self.number(scope.times[letter], rest)
        return self.number(scope.times["P"], slot)

    # ---- times ----

    def times(self, owners: tuple[str, ...], path: str, dist: Distribution) -> Times:
        """The time as it will be written; the unit is chosen here, once."""
        family, parameters = parameters_of(dist)
        values = {parameter.name: (parameter.value, parameter.is_time) for parameter in parameters}
        if location_of(dist):
            values["location"] = (location_of(dist), True)
        unit = choose_unit([value for name, (value, is_time) in values.items() if is_time], self.habit, self.rnd)
        return Times(owners, path, dist, family, values, unit)

    def number(self, times: Times, slot: str) -> Draft:
        """`{mean}` with its unit, `{mean.}` without, `{unit}` alone."""
        if slot == "unit":
            word = unit_word(times.unit, 2.0, self.habit)
            return [] if self.habit.bare and times.unit == "s" else plain(word)
        name = slot.rstrip(".")
        value, is_time = times.values[name]
        if not is_time:
            return [Piece(exact(value), times.facts(name))]
        if (
            slot in ("value", "mean", "mode")
            and times.path in STUMBLED
            and not self.digits
            and self.rnd.random() < self.stumbles
            and times.facts(name)
        ):
            return self.put_right(times, name)
        if self.spells and len(unit_word(times.unit, 2.0, self.habit)) > 3:
            words = {one: spelled(number / FACTOR[times.unit]) for one, (number, is_time) in times.values.items() if is_time}
            if (spelt := words[name]) and all(words.values()):
                unit = "" if slot.endswith(".") else f" {unit_word(times.unit, value / FACTOR[times.unit], self.habit)}"
                return [Piece(f"{spelt}{unit}", times.facts(name))]
        if slot.endswith("."):
            number = value / FACTOR[times.unit]
            return [Piece(exact(number), times.facts(name))]
        return [Piece(time_text(value, times.unit, self.habit, self.rnd, digits=self.digits), times.facts(name))]

    def put_right(self, times: Times, name: str) -> Draft:
        """`12 s, no wait, 14 s`: a number said wrong and put right in the same breath; only the last one is meant."""
        value, _ = times.values[name]
        unit = times.unit
        wrong = self.rnd.choice((value * 0.5, value * 0.8, value * 1.2, value * 1.5, value * 2))
        self.stumbles *= 0.3
        said = time_text(float(f"{wrong:.3g}"), unit, self.habit, self.rnd, digits=True)
        opening, closing = self.rnd.choice(STUMBLES)
        right = Piece(time_text(value, unit, self.habit, self.rnd, digits=True), times.facts(name))
        return [Piece(said + opening), right, *plain(closing)]

    def time_phrase(self, times: Times, form: str) -> Draft:
        """A whole random time: `T` after takes, `D` a noun, `A` an adjective after is, `Z` telegraph."""
        dist = times.dist
        if isinstance(dist, FlexSimDistribution):
            return [Piece(f"{dist.command}({', '.join(exact(a) for a in dist.arguments)})", times.facts("distribution"))]
        if isinstance(dist, Expression):
            return [Piece(dist.flexscript, times.facts("distribution"))]
        scope = Scope({}, {"P": times})
        pattern = self.bank.pick(self.rnd, f"dist {times.family} {form.lower()}", "prose", frozenset({"P:"}))
        draft = self.fill(pattern, scope, digits=form == "E")
        if "location" in times.values:
            tail = self.say("shift", scope, "prose")
            return [*draft, Piece(" "), *tail]
        return draft

    def constant(self, owners: tuple[str, ...], path: str, value_s: float) -> Times:
        return self.times(owners, path, Constant(value_s))

    def percent(self, upstream: str, downstream: str, value: float) -> Draft:
        fact = Fact(upstream, f"percent:{downstream}", repr(float(value)))
        roll = self.rnd.random()
        if roll < 0.08 and self.register not in ("telegraph", "table", "bullets"):
            word = spelled(value) if self.habit.number_words > 0.4 else None
            return [Piece(f"{word or exact(value)} {'percent' if roll < 0.06 else 'per cent'}", (fact,))]
        return [Piece(f"{exact(value)}{' ' if self.habit.space and roll < 0.35 else ''}%", (fact,))]


def plural(word: str) -> str:
    if word.endswith(("s", "x", "ch", "sh")):
        return f"{word}es"
    if word.endswith("y") and word[-2] not in "aeiou":
        return f"{word[:-1]}ies"
    return f"{word}s"


def with_article(word: str) -> str:
    vowel = word[0].lower() in "aeiou" and not word.lower().startswith("uni")
    return f"{'an' if vowel else 'a'} {word}"


def tidy(draft: Draft) -> Draft:
    """No space before an empty slot's full stop, none doubled."""
    cleaned: Draft = []
    for piece in draft:
        if not piece.text:
            continue
        if cleaned and not piece.facts and not cleaned[-1].facts and cleaned[-1].text.endswith(" ") and piece.text[0] in " .,;)":
            cleaned[-1] = cleaned[-1]._replace(text=cleaned[-1].text.rstrip())
        cleaned.append(piece)
    while cleaned and not cleaned[-1].facts and cleaned[-1].text.endswith(" "):
        rest = cleaned[-1].text.rstrip()
        if rest:
            cleaned[-1] = cleaned[-1]._replace(text=rest)
            break
        cleaned.pop()
    return cleaned
