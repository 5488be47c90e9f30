"""What is said about one station, or about several that share their values: sentences until every group is stated.

Patterns that express a subset of the pending groups are drawn until none is pending, so that one sentence may state the
process time and the setup, or two sentences one each. Not covered: links (`prompt_flow`), people (`prompt_people`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache

from gdt2usd.dataset.prompt_bank import Pattern, load_bank
from gdt2usd.dataset.prompt_facts import MAIN_TIME, groups_of, kind_of
from gdt2usd.dataset.prompt_numbers import WORDS, count_text, exact, length_text, speed_text
from gdt2usd.dataset.prompt_text import Draft, Piece, join, listed, plain, text_of
from gdt2usd.dataset.prompt_together import stem_of
from gdt2usd.dataset.prompt_work import verbs_of, work_of
from gdt2usd.dataset.prompt_writer import Scope, Times, Writer, plural, with_article
from gdt2usd.dataset.sample import Fact, Modality
from gdt2usd.graph.distributions import Constant, Distribution, Exponential, Normal
from gdt2usd.graph.model import Combiner, Conveyor, Link, MultiProcessor, Queue, Resource, Separator, Source, Station, Storage

ELSEWHERE = frozenset({"operators", "percent", "routing", "team"})

#: The number of a distribution that a writer may get wrong and correct later, and the facts that the first version does not state.
CORRECTABLE: dict[type, str] = {Constant: "value", Normal: "mean", Exponential: "mean"}
SILENT: dict[type, frozenset[str]] = {
    Constant: frozenset({"value", "distribution"}),
    Normal: frozenset({"mean"}),
    Exponential: frozenset({"mean"}),
}
MACHINES = ("processor", "combiner", "separator", "multiprocessor")


def pending_of(writer: Writer, thing_id: str) -> frozenset[str]:
    """The groups that the text must state about a station or resource (contract names)."""
    plan = writer.plan
    silent = {group for subject, group in (*plan.noted, *plan.unsaid) if subject == thing_id}
    return frozenset(groups_of(writer.things[thing_id])) - silent - ELSEWHERE


def signature(writer: Writer, thing_id: str) -> tuple[object, ...]:
    """What makes two stations alike in words: kind and the values of all pending groups."""
    thing = writer.things[thing_id]
    pending = sorted(pending_of(writer, thing_id))
    alone = tuple(key for key in writer.wrong if key[0] == thing_id)
    related = (thing_id,) if thing_id in writer.relative else ()
    return (kind_of(thing), *alone, *related, *((group, getattr(thing, group)) for group in pending))


def count_draft(writer: Writer, owners: Sequence[str], slot: str, count: int, *, digits: bool = False) -> Draft:
    text = (
        str(count)
        if digits or writer.register in ("telegraph", "table", "bullets")
        else count_text(count, writer.habit, writer.rnd)
    )
    return [Piece(text, tuple(Fact(owner, slot, str(count)) for owner in owners))]


def number_draft(owners: Sequence[str], slot: str, value: float, text: str) -> Draft:
    return [Piece(text, tuple(Fact(owner, slot, repr(float(value))) for owner in owners))]


def name_drafts(writer: Writer, owners: tuple[str, ...]) -> dict[str, Draft | Callable[[], Draft]]:
    if len(owners) == 1:
        only = owners[0]
        plurals: dict[str, Draft | Callable[[], Draft]] = {}
        if only[-1] == "s" and only[-2:] != "ss":
            plurals["plural"] = lambda: writer.name(only)
        if kind_of(writer.things[only]) in MACHINES and (work := work_of(only)):
            plurals |= {"work": plain(work), "Work": plain(work.capitalize())}
            plurals["does"] = lambda: plain(writer.rnd.choice(verbs_of(only)))
        return plurals | {
            "name": lambda: writer.name(only),
            "n": lambda: writer.told_of(only),
            "N": lambda: writer.subject(only),
            "n's": lambda: writer.possessive(writer.told_of(only)),
            "N's": lambda: writer.possessive(writer.subject(only)),
            "type": lambda: writer.kind_word(only),
            "a type": lambda: articled(writer.kind_word(only)),
        }
    drafts: dict[str, Draft | Callable[[], Draft]] = {
        "names": lambda: writer.the_names(owners),
        "Names": lambda: opened(writer.the_names(owners)),
        "name list": lambda: (
            writer.together(owners)
            or listed([writer.name(one) for one in owners], writer.rnd.choice((" and ", " & ", ", ", " + ", " / ")))
        ),
        "count": lambda: plain(count_text(len(owners), writer.habit, writer.rnd)),
        "both": lambda: plain("both" if len(owners) == 2 else f"all {WORDS[len(owners)] if len(owners) < 13 else len(owners)}"),
        "types": lambda: kinds_word(writer, owners),
    }
    stem = stem_of(owners)
    if stem is not None:
        facts = tuple(Fact(owner, "name", owner) for owner in owners)
        drafts["stem"] = [Piece(stem, facts, True)]
        if writer.plan.modality is not Modality.NO_SKETCH:
            drafts["stems"] = [Piece(plural(stem), facts, True)]
    return drafts


def kinds_word(writer: Writer, owners: tuple[str, ...]) -> Draft:
    word = writer.kind_word(owners[0], many=True)[0]
    kind = kind_of(writer.things[owners[0]])
    writer.typed.update(owners)
    return [Piece(word.text, tuple(Fact(owner, "type", kind) for owner in owners))]


def articled(draft: Draft) -> Draft:
    return [Piece(with_article(draft[0].text).split(" ")[0] + " "), *draft]


def opened(draft: Draft) -> Draft:
    """A list of names at a sentence's start: `the A and the B` -> `The A and the B`."""
    if draft and draft[0].text == "the ":
        return [Piece("The "), *draft[1:]]
    return draft


def times_of(writer: Writer, owners: tuple[str, ...], thing: Station | Resource, pending: frozenset[str]) -> dict[str, Times]:
    """The random times by pattern letter: P main, S setup, F and R breakdown, Q quantity, L and U load, M move."""
    found: dict[str, tuple[str, Distribution]] = {}
    main = MAIN_TIME.get(kind_of(thing))
    if main in pending:
        found["P"] = (main, getattr(thing, main))
    for letter, group in (("S", "setup_time_s"), ("L", "load_time_s"), ("U", "unload_time_s"), ("M", "move_time_s")):
        if group in pending:
            found[letter] = (group, getattr(thing, group))
    if "breakdown" in pending:
        breakdown = getattr(thing, "breakdown")  # noqa: B009
        found["F"] = ("breakdown.time_to_failure_s", breakdown.time_to_failure_s)
        found["R"] = ("breakdown.time_to_repair_s", breakdown.time_to_repair_s)
    times = {letter: writer.times(owners, path, dist) for letter, (path, dist) in found.items()}
    wrong = writer.wrong.get((owners[0], main or ""))
    if wrong is not None and "P" in times:
        number = CORRECTABLE[type(times["P"].dist)]
        mistaken = replace(times["P"].dist, **{number: wrong})  # type: ignore[arg-type]
        times["P"] = replace(writer.times(owners, times["P"].path, mistaken), silent=SILENT[type(mistaken)])
    return times


def value_drafts(writer: Writer, owners: tuple[str, ...], thing: Station | Resource) -> dict[str, Draft | Callable[[], Draft]]:
    """The slots that state values other than times."""
    drafts: dict[str, Draft | Callable[[], Draft]] = {}
    capacity = getattr(thing, "capacity", None)
    mistaken = writer.wrong.get((owners[0], "capacity"))
    if mistaken is not None:
        drafts["cap"] = lambda: count_draft(writer, (), "capacity", int(mistaken))
    elif capacity is not None:
        drafts["cap"] = lambda: count_draft(writer, owners, "capacity", int(capacity))
    speed = getattr(thing, "speed_m_s", None)
    if speed is not None:
        drafts["spd"] = lambda: number_draft(owners, "speed_m_s", speed, speed_text(speed, writer.habit, writer.rnd))
    match thing:
        case Conveyor():
            length = thing.length_m
            drafts["len"] = lambda: number_draft(owners, "length_m", length, length_text(length, writer.habit, writer.rnd))
        case Queue() if thing.batching is not None:
            batching = thing.batching
            drafts["batch"] = lambda: count_draft(writer, owners, "batching.size", batching.size)
            if batching.max_wait_s > 0:
                wait = writer.times(owners, "batching", Constant(batching.max_wait_s))
                fact = tuple(Fact(owner, "batching.max_wait_s", repr(float(batching.max_wait_s))) for owner in owners)
                drafts["wait"] = lambda: [writer.number(wait, "value")[0]._replace(facts=fact)]
        case Combiner():
            drafts.update(component_drafts(writer, owners, thing))
        case Separator() if thing.quantity is not None:
            drafts.update(quantity_drafts(writer, owners, thing.quantity))
        case MultiProcessor() if thing.steps:
            drafts["steps"] = lambda: steps_draft(writer, thing)
        case Source() if thing.schedule:
            drafts["rows"] = lambda: schedule_draft(writer, thing)
        case _:
            pass
    return drafts


def component_drafts(writer: Writer, owners: tuple[str, ...], thing: Combiner) -> dict[str, Draft | Callable[[], Draft]]:
    counts = thing.components
    drafts: dict[str, Draft | Callable[[], Draft]] = {
        "comps": lambda: listed([count_draft(writer, owners, f"components.{i}", c) for i, c in enumerate(counts)])
    }
    if len(counts) == 1:
        drafts["comp"] = lambda: count_draft(writer, owners, "components.0", counts[0])
    inputs = sorted(writer.ins.get(thing.id, ()), key=lambda link: link.in_port)
    if len(owners) == 1 and len(inputs) > 1:
        sign = writer.rnd.choice((" + ", " + ", "+", " & "))
        drafts["sum"] = lambda: join([writer.name(link.upstream) for link in inputs], sign)
    if len(owners) == 1 and [link.in_port for link in inputs] == list(range(1, len(counts) + 2)):
        drafts["base"] = lambda: writer.the_name(inputs[0].upstream)
        drafts["recipe"] = lambda: recipe_draft(writer, owners, [link.upstream for link in inputs], counts)
        drafts["parts"] = lambda: listed(
            [
                [*count_draft(writer, owners, f"components.{i}", c), Piece(" from "), *writer.the_name(inputs[i + 1].upstream)]
                for i, c in enumerate(counts)
            ]
        )
    return drafts


def recipe_draft(writer: Writer, owners: tuple[str, ...], inputs: list[str], counts: tuple[int, ...]) -> Draft:
    """`one cup of the Cup Feed and 3 lids of the Lid Feed`: what makes one, by where it comes from."""
    of = Piece(f" {writer.rnd.choice(('of', 'of', 'from', 'out of'))} ")
    told: list[Draft] = [[Piece(f"{writer.rnd.choice(('1', 'one'))} {writer.item}"), of, *writer.the_name(inputs[0])]]
    for i, count in enumerate(counts):
        items = Piece(f" {writer.item if count == 1 else writer.items}")
        told.append([*count_draft(writer, owners, f"components.{i}", count), items, of, *writer.the_name(inputs[i + 1])])
    return listed(told, writer.rnd.choice((" and ", " and ", " plus ", " + ")))


def quantity_drafts(writer: Writer, owners: tuple[str, ...], dist: Distribution) -> dict[str, Draft | Callable[[], Draft]]:
    if isinstance(dist, Constant) and dist.value == int(dist.value):
        count = int(dist.value)
        facts = tuple(Fact(owner, "quantity.value", repr(float(count))) for owner in owners)
        return {"qty": lambda: [count_draft(writer, owners, "", count)[0]._replace(facts=facts)]}
    return {"qty": lambda: counted(writer, owners, "quantity", dist)}


def counted(writer: Writer, owners: tuple[str, ...], path: str, dist: Distribution) -> Draft:
    """A random number of things in FlexScript's words: `uniform(2, 5)`."""
    times = writer.times(owners, path, dist)
    numbers = [Piece(exact(value), times.facts(name)) for name, (value, _) in times.values.items() if name != "location"]
    return [Piece(times.family, times.facts("distribution")), Piece("("), *listed([[n] for n in numbers], ", "), Piece(")")]


def steps_draft(writer: Writer, thing: MultiProcessor) -> Draft:
    """`Wash 20 s, Rinse 10 s and Dry 30 s`."""
    drafts: list[Draft] = []
    opening, closing = writer.rnd.choice(((" ", ""), (" (", ")"), (": ", "")))
    for index, step in enumerate(thing.steps):
        times = writer.times((thing.id,), f"steps.{index}.process_time_s", step.process_time_s)
        name = Piece(step.name, (Fact(thing.id, f"steps.{index}.name", step.name),))
        drafts.append([name, Piece(opening), *writer.time_phrase(times, "Z"), *plain(closing)])
    return listed(drafts, writer.rnd.choice((", then ", " and ", " and finally ", ", ")))


def schedule_draft(writer: Writer, thing: Source) -> Draft:
    """`3 at 0 s, 2 (type 2) at 60 s`."""
    rows: list[Draft] = []
    for index, row in enumerate(thing.schedule):
        times = writer.times((thing.id,), f"schedule.{index}", Constant(row.time_s))
        when = writer.number(times, "value")[0]._replace(
            facts=(Fact(thing.id, f"schedule.{index}.time_s", repr(float(row.time_s))),)
        )
        count = Piece(str(row.quantity), (Fact(thing.id, f"schedule.{index}.quantity", str(row.quantity)),))
        kind: Draft = []
        if row.item_type != 1.0:
            fact = Fact(thing.id, f"schedule.{index}.item_type", repr(float(row.item_type)))
            kind = [Piece(" (type "), Piece(exact(row.item_type), (fact,)), Piece(")")]
        rows.append([count, *kind, Piece(" at "), when])
    return listed(rows)


def scope_of(writer: Writer, owners: tuple[str, ...], pending: frozenset[str]) -> Scope:
    thing = writer.things[owners[0]]
    drafts = {**name_drafts(writer, owners), **value_drafts(writer, owners, thing)}
    words: dict[str, tuple[Fact, ...]] = {}
    for group in ("mode", "discipline"):
        if group in pending:
            words[group] = tuple(Fact(owner, group, getattr(thing, group).value) for owner in owners)
    if "accumulating" in pending:
        words["accumulating"] = tuple(Fact(owner, "accumulating", "False") for owner in owners)
    if "arrival_at_zero" in pending:
        words["arrival_at_zero"] = tuple(Fact(owner, "arrival_at_zero", "True") for owner in owners)
    return Scope(drafts, times_of(writer, owners, thing, pending), words)


def topics_of(thing: Station | Resource, scope: Scope) -> tuple[str, ...]:
    """The bank's topics that speak about `thing`."""
    kind = kind_of(thing)
    main = scope.times.get("P")
    family = "" if main is None or "location" in main.values else main.family
    topics = [kind]
    if kind in ("combiner", "separator"):
        topics.append(f"{kind} {getattr(thing, 'mode').value}")  # noqa: B009
    if kind in MACHINES:
        topics += ["machine", "setup", "breakdown", "service"]
        topics += [f"service {family}"] if family else []
        failure = scope.times.get("F")
        topics += [f"breakdown {failure.family}"] if failure is not None and "location" not in failure.values else []
    elif kind == "source":
        topics += ["zero", "schedule"] + ([f"source {family}"] if family else [])
    elif isinstance(thing, Storage) or kind in ("queue", "conveyor", "sink"):
        pass
    else:
        topics += ["mover"]
    return tuple(topics)


@cache
def candidates(
    topics: tuple[str, ...], tag: str, pending: frozenset[str], offered: frozenset[str], prefix: str
) -> tuple[Pattern, ...]:
    """Patterns that state some of `pending`, nothing else, with what the scope offers; prose if the register has none."""
    bank = load_bank()
    for register in (tag, "prose"):
        found = tuple(
            pattern
            for topic in topics
            for pattern in bank.patterns(f"{prefix}{topic}", register)
            if pattern.groups and pattern.groups <= pending and pattern.needs <= offered
        )
        if found:
            return found
    return ()


def bank_groups(writer: Writer, owners: tuple[str, ...], pending: frozenset[str]) -> frozenset[str]:
    """`pending` in the bank's words: the main time is `time`; a batch that goes early also has a `wait`."""
    thing = writer.things[owners[0]]
    groups = {"time" if group == MAIN_TIME.get(kind_of(thing)) else group for group in pending}
    if "batching" in pending and isinstance(thing, Queue) and thing.batching is not None and thing.batching.max_wait_s > 0:
        groups.add("wait")
    return frozenset(groups)


def statements(
    writer: Writer, owners: tuple[str, ...], pending: frozenset[str], tag: str = "", onward: tuple[Link, ...] = ()
) -> list[Draft]:
    """Sentences (fragments if `tag` is terse) that state all of `pending` about `owners`.

    A sentence may also tell the way out `onward` (one link); `writer.told_onward` says whether one did.

    Raises:
        KeyError: the bank has no pattern for what is left.
    """
    scope = scope_of(writer, owners, pending)
    prefix = "group " if len(owners) > 1 else ""
    topics = topics_of(writer.things[owners[0]], scope)
    offered = frozenset(scope.drafts) | {f"{letter}:" for letter in scope.times}
    left = bank_groups(writer, owners, pending)
    if onward:
        link = onward[0]
        scope.drafts["next"] = lambda: writer.the_name(
            link.downstream, Fact(link.upstream, f"link:{link.downstream}", link.downstream)
        )
        offered |= {"next"}
    said: list[Draft] = []
    if left and not tag and introduced(writer, owners):
        said.append(introduction(writer, owners[0]))
    if owners[0] in writer.relative and "time" in left and not tag:
        said.append(relative_sentence(writer, owners[0], scope))
        left -= {"time"}
    elif (rate := rate_of(writer, owners, scope)) is not None and "time" in left and writer.rnd.random() < 0.3:
        said.append(rate_sentence(writer, owners, scope, rate, tag))
        left -= {"time"}
    while left:
        open_groups = left | {"link"} if onward and not writer.told_onward else left
        register = tag or writer.tag()
        found = candidates(topics, register, open_groups, offered, on) if (on := goes_on(writer, owners, said, tag)) else ()
        found = found or candidates(topics, register, open_groups, offered, prefix)
        if not found:
            raise KeyError(f"the phrase bank has nothing for {sorted(left)} of {prefix}{topics}")
        onwards = [pattern for pattern in found if "link" in pattern.groups and left & pattern.groups] if onward else []
        best = onwards or [pattern for pattern in found if "time" in pattern.groups] or list(found)
        pattern = (
            max(writer.rnd.choices(best, k=2), key=lambda p: len(p.groups))
            if writer.rnd.random() < 0.4
            else writer.rnd.choice(best)
        )
        said.append(writer.fill(pattern, scope))
        left -= pattern.groups
        writer.told_onward = writer.told_onward or "link" in pattern.groups
        writer.last = owners[0] if len(owners) == 1 else ""
    return said


def introduced(writer: Writer, owners: tuple[str, ...]) -> bool:
    """Whether the station is first named by a sentence without values, for others to go on about."""
    only = len(owners) == 1 and writer.last != owners[0] and isinstance(writer.things[owners[0]], Station)
    return only and writer.pronouns > 0 and writer.rnd.random() < 0.5 * writer.pronouns


def introduction(writer: Writer, station: str) -> Draft:
    """`The Bag Opener rips the bags.`: names the station and states no value."""
    kind = kind_of(writer.things[station])
    draft = writer.say(f"intro {'machine' if kind in MACHINES else kind}", Scope(name_drafts(writer, (station,))))
    writer.last = station
    return draft


def goes_on(writer: Writer, owners: tuple[str, ...], said: list[Draft], tag: str) -> str:
    """The subject of a sentence that goes on about what the last one named, `it ` or `they `; empty if it names it again."""
    if tag or writer.told_onward or writer.rnd.random() >= writer.pronouns:
        return ""
    if len(owners) > 1:
        return "they " if said else ""
    return "it " if writer.last == owners[0] else ""


RATIOS = {
    2.0: ("twice as long as", "double the time of"),
    0.5: ("half as long as", "half the time of"),
    3.0: ("three times as long as", "three times the time of"),
    1.0: ("as long as", "the same time as", "exactly as long as"),
}


def relative_sentence(writer: Writer, station: str, scope: Scope) -> Draft:
    """`The Press takes twice as long as the Saw.`"""
    other, ratio = writer.relative[station]
    fact = Fact(station, "process_time_s.value", repr(float(getattr(writer.things[station], "process_time_s").value)))  # noqa: B009
    drafts = {**scope.drafts, "ratio": [Piece(writer.rnd.choice(RATIOS[ratio]), (fact,))], "other": lambda: writer.the_name(other)}
    draft = writer.say("relative", Scope(drafts))
    writer.last = ""
    return draft


RATE_WORDS = {
    3600: ("per hour", "per hour", "an hour", "every hour", "/h", "per h"),
    60: ("per minute", "per minute", "a minute", "every minute", "/min", "per min"),
    28800: ("per 8-hour shift", "per 8 h shift", "in an 8-hour shift", "per shift of 8 hours", "every 8 h shift", "a shift (8 h)"),
    86400: ("per 24 h", "in 24 hours", "per day (24 h)", "per day of 24 hours"),
}
_MOST_PER = {60: 900, 3600: 900, 28800: 4000, 86400: 9000}


def rate_of(writer: Writer, owners: tuple[str, ...], scope: Scope) -> tuple[int, int] | None:
    """(items, seconds) if the arrivals of a source are so many whole items per hour, minute, shift or day, exactly."""
    times = scope.times.get("P")
    if times is None or times.path != "interarrival_time_s" or len(owners) > 1 or times.silent or "location" in times.values:
        return None
    if (owners[0], times.path) in writer.wrong or times.family not in ("constant", "exponential"):
        return None
    gap_s = times.values["value" if times.family == "constant" else "mean"][0]
    long = writer.rnd.random() < 0.15
    for period_s in (28800, 86400, 3600, 60) if long else (3600, 60):
        count = round(period_s / gap_s) if gap_s > 0 else 0
        told = count % 5 == 0 or count <= 40 or period_s == 60
        if told and 1 < count <= _MOST_PER[period_s] and period_s / count == gap_s and count != gap_s:
            return count, period_s
    return None


def rate_sentence(writer: Writer, owners: tuple[str, ...], scope: Scope, rate: tuple[int, int], tag: str) -> Draft:
    """`The Dock releases 30 parts per hour.`: the number stands for the time between two."""
    count, period_s = rate
    times = scope.times["P"]
    words = RATE_WORDS[period_s]
    drafts = {
        **scope.drafts,
        "rate": [Piece(str(count), times.facts("value" if times.family == "constant" else "mean"))],
        "per": plain(writer.rnd.choice(words)),
    }
    for _ in range(4):  # `a rate of 800 per shift` reads as 800 of something in a shift
        draft = writer.say(f"rate {times.family}", Scope(drafts, scope.times), tag or None)
        if period_s <= 3600 or f" of {count}" not in text_of(draft):
            break
    writer.last = owners[0]
    return draft


def shared(writer: Writer, order: list[str]) -> dict[str, tuple[str, ...]]:
    """Stations told together, by their first member; only groups of two or more."""
    groups: dict[tuple[object, ...], list[str]] = {}
    for one in order:
        key = signature(writer, one)
        if pending_of(writer, one):
            groups.setdefault(key, []).append(one)
    return {ids[0]: tuple(ids) for ids in groups.values() if len(ids) > 1 and writer.rnd.random() < 0.75}


More = Callable[[tuple[str, ...]], list[Draft]]


def told(writer: Writer, order: list[str], more: More = lambda _owners: []) -> list[tuple[tuple[str, ...], list[Draft]]]:
    """What is said of each station or group, in flow order: (owners, sentences); noted-only stations have no sentences.

    `more` adds what else is said where the sentences about those owners end.
    """
    groups = shared(writer, order)
    grouped = {one: ids for ids in groups.values() for one in ids}
    said: list[tuple[tuple[str, ...], list[Draft]]] = []
    for one in order:
        owners = grouped.get(one, (one,))
        if owners[0] == one:
            drafts = statements(writer, owners, pending_of(writer, one))
            said.append((owners, [*drafts, *more(owners)] if drafts else []))
    return said
