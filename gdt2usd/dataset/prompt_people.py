"""Operators, vehicles, robots, cranes and dispatchers in words: who they are, how many, whom they serve, what they carry.

Not covered: their speeds and loads as sentences of their own, which are station-like (`prompt_station`).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from gdt2usd.dataset.prompt_facts import kind_of
from gdt2usd.dataset.prompt_numbers import WORDS, count_text
from gdt2usd.dataset.prompt_station import MACHINES, articled, name_drafts, opened, pending_of, statements
from gdt2usd.dataset.prompt_text import Draft, Piece, join, listed, plain
from gdt2usd.dataset.prompt_together import stem_and_number, stem_of
from gdt2usd.dataset.prompt_writer import Scope, Writer, plural
from gdt2usd.dataset.sample import Fact, Modality
from gdt2usd.graph.model import Dispatcher, Link, Operator


def served_by(writer: Writer, resource_id: str) -> tuple[str, ...]:
    """Stations that call the resource for their process or setup."""
    found = []
    for station in writer.graph.stations:
        need = getattr(station, "operators", None)
        silent = (station.id, "operators") in writer.plan.noted or (station.id, "operators") in writer.plan.unsaid
        if need is not None and resource_id in need.resources and not silent:
            found.append(station.id)
    return tuple(found)


def carried_by(writer: Writer, resource_id: str) -> tuple[Link, ...]:
    return tuple(link for link in writer.graph.links if link.transport == resource_id)


def crews(writer: Writer) -> list[tuple[str, ...]]:
    """Resources to be told together: numbered alike, same dispatcher, same work."""
    groups: dict[tuple[object, ...], list[str]] = {}
    for resource in writer.graph.resources:
        if isinstance(resource, Dispatcher):
            continue
        stem = resource.dispatcher or stem_and_number(resource.id) or resource.id
        work = (served_by(writer, resource.id), tuple((link.upstream, link.downstream) for link in carried_by(writer, resource.id)))
        values = tuple((group, getattr(resource, group)) for group in sorted(pending_of(writer, resource.id)))
        groups.setdefault((kind_of(resource), stem, resource.dispatcher, work, values), []).append(resource.id)
    return [tuple(ids) for ids in groups.values()]


def stations_draft(writer: Writer, crew: tuple[str, ...], stations: tuple[str, ...], last: str = " and ") -> Draft:
    """The served stations by name, or as `all machines` when they are just those."""
    machines = tuple(one.id for one in writer.graph.stations if kind_of(one) in MACHINES)
    many = WORDS[len(stations)] if len(stations) < 13 else str(len(stations))
    facts = tuple(Fact(one, f"serves:{station}", station) for station in stations for one in crew)
    if len(stations) > 1 and set(stations) == set(machines) and writer.rnd.random() < 0.2:
        words = ("all machines", f"the {many} machines", "all stations", "every machine", f"all {many} machines", "the machines")
        return [Piece(writer.rnd.choice(words), facts)]
    if (breath := writer.together(stations, *facts)) is not None:
        return breath
    named = []
    for station in stations:
        serves = tuple(Fact(one, f"serves:{station}", station) for one in crew)
        named.append(writer.name(station, *serves) if writer.register in TERSE else writer.the_name(station, *serves))
    both = plain("both ") if len(stations) == 2 and writer.register not in TERSE and writer.rnd.random() < 0.2 else []
    return [*both, *listed(named, last)]


TERSE = ("telegraph", "bullets", "table")


def legs_draft(writer: Writer, crew: tuple[str, ...], links: tuple[Link, ...]) -> Draft:
    """`from the Stocker to the Polisher and from the Clean to the Sorter`."""
    arrow = writer.register in TERSE
    legs: list[Draft] = []
    for link in links:
        facts = tuple(Fact(one, f"carries:{link.upstream}", link.downstream) for one in crew)
        if arrow:
            legs.append([*writer.name(link.upstream, *facts), Piece(" -> "), *writer.name(link.downstream)])
        else:
            legs.append([Piece("from "), *writer.the_name(link.upstream, *facts), Piece(" to "), *writer.the_name(link.downstream)])
    return listed(legs)


def count_of(writer: Writer, crew: tuple[str, ...]) -> Draft:
    text = str(len(crew)) if writer.register in TERSE else count_text(len(crew), writer.habit, writer.rnd)
    return [Piece(text, (Fact(crew[0], "count", str(len(crew))),))]


PAIRS = ("a pair of", "two", "a couple of", "two identical", "two equal")


def crew_words(writer: Writer, crew: tuple[str, ...]) -> dict[str, Draft | Callable[[], Draft]]:
    """What a crew is besides its name: `forklifts`, `an AGV`, and `a pair of` for two; the stem in the singular."""
    stem = stem_of(crew)
    if stem is None:
        return {}
    kind = kind_of(writer.things[crew[0]])
    types = tuple(Fact(one, "type", kind) for one in crew)
    tag = "paper" if writer.register == "paper" else "prose"

    def word(many: bool) -> Draft:
        one = writer.bank.pick(writer.rnd, f"type {kind}", tag).text
        writer.typed.update(crew)
        return [Piece(plural(one), types)] if many else [*articled([Piece(one)])[:-1], Piece(one, types)]

    drafts: dict[str, Draft | Callable[[], Draft]] = {
        "stem": [Piece(stem, tuple(Fact(one, "name", one) for one in crew), True)],
        "types": lambda: word(True),
        "a kind": lambda: word(False),
    }
    if len(crew) == 2:
        drafts["pair"] = [Piece(writer.rnd.choice(PAIRS), (Fact(crew[0], "count", "2"),))]
    return drafts


def crew_scope(writer: Writer, crew: tuple[str, ...]) -> Scope:
    stem = stem_of(crew) or crew[0]
    names = tuple(Fact(one, "name", one) for one in crew)
    many = len(crew) > 1 and writer.rnd.random() < 0.6
    drafts: dict[str, Draft | Callable[[], Draft]] = dict(name_drafts(writer, crew))
    drafts["crew"] = [Piece(plural(stem) if many else stem, names, True)]
    drafts["count"] = lambda: count_of(writer, crew)
    drafts |= crew_words(writer, crew)
    if len(crew) > 1:
        drafts["all"] = plain("both" if len(crew) == 2 else f"all {WORDS[min(len(crew), 12)]}")
    return Scope(drafts)


def cleared(writer: Writer, links: tuple[Link, ...]) -> tuple[str, ...]:
    """The stations whose every way out is among `links`, if those are all there are; else none."""
    ups = tuple(dict.fromkeys(link.upstream for link in links))
    return ups if sum(len(writer.outs.get(one, ())) for one in ups) == len(links) else ()


def ups_draft(writer: Writer, crew: tuple[str, ...], links: tuple[Link, ...], before: str = "") -> Draft:
    """`the Stocker and the Clean`, or with `before` `at the Stocker and at the Clean`: where what they carry stands."""
    named: list[Draft] = []
    for up in dict.fromkeys(link.upstream for link in links):
        facts = tuple(Fact(one, f"carries:{up}", link.downstream) for link in links if link.upstream == up for one in crew)
        name = writer.name(up, *facts) if writer.register in TERSE else writer.the_name(up, *facts)
        named.append([*plain(before), *name])
    both = plain("both ") if len(named) == 2 and not before and writer.register not in TERSE and writer.rnd.random() < 0.3 else []
    return [*both, *listed(named, writer.rnd.choice((" & ", ", ", " + ", " and ")) if writer.register in TERSE else " and ")]


def ups_drafts(writer: Writer, crew: tuple[str, ...], links: tuple[Link, ...]) -> dict[str, Draft | Callable[[], Draft]]:
    if not cleared(writer, links):
        return {}
    drafts: dict[str, Draft | Callable[[], Draft]] = {"at ups": lambda: ups_draft(writer, crew, links, "at ")}
    if len(cleared(writer, links)) > 1:
        drafts["ups"] = lambda: ups_draft(writer, crew, links)
    else:
        drafts["up"] = lambda: ups_draft(writer, crew, links)
    return drafts


def who_draft(writer: Writer, crew: tuple[str, ...], facts: tuple[Fact, ...]) -> Draft:
    """A crew in another's sentence: `two Packers`, `Anna and Ben`, `the Forklift`; how many only where they come up first."""
    stem = stem_of(crew)
    first = crew[0] not in writer.told_at
    if len(crew) == 1:
        named = writer.the_name(crew[0], *facts)
        roll = writer.rnd.random()
        if not first or roll < 0.6:
            return named
        return [*count_of(writer, crew), Piece(" "), *writer.name(crew[0], *facts)]
    if stem is None:
        draft = listed([writer.name(one) for one in crew])
        return [draft[0]._replace(facts=(*draft[0].facts, *facts)), *draft[1:]]
    names = (*(Fact(one, "name", one) for one in crew), *facts)
    many = Piece(plural(stem), names, True)
    if not first:
        return [Piece("the "), many] if writer.register not in TERSE else [many]
    one = Piece(stem, names, True)
    count = count_of(writer, crew)
    if writer.register in TERSE:
        times = writer.rnd.choice(("x ", " x ", "x", "× ", " "))
        return [*count, Piece(times if times != "x" else "x "), one] if writer.rnd.random() < 0.6 else [one, Piece(" x"), *count]
    people = " people" if isinstance(writer.things[crew[0]], Operator) else " of them"
    forms: tuple[Draft, ...] = (
        [*count, Piece(" "), many],
        [*count, Piece(" "), one],
        [*count, Piece(" of the "), one],
        [one, Piece(" ("), *count, Piece(people if people == " people" else ""), Piece(")")],
        [Piece("the "), many, Piece(", "), *count, Piece(" of them,")]
        if people == " of them"
        else [*count, Piece(" people ("), one, Piece(")")],
    )
    return writer.rnd.choice(forms)


def manned(writer: Writer, owners: tuple[str, ...], tag: str = "") -> list[Draft]:
    """Who works at the stations just told of, and who takes things away from them, by habit said right there."""
    said: list[Draft] = []
    if writer.rnd.random() >= writer.mans:
        return said
    subject = "they " if len(owners) > 1 else "it " if writer.last == owners[0] and not writer.told_onward else ""
    for crew in crews(writer):
        person = "operator" if isinstance(writer.things[crew[0]], Operator) else "mover"
        ways = tuple(link for link in carried_by(writer, crew[0]) if link.upstream in owners)
        serves = set(owners) <= set(served_by(writer, crew[0]))
        carries = bool(ways) and set(cleared(writer, ways)) == set(owners)
        if not serves and not carries:
            continue
        if serves:
            facts = tuple(Fact(one, f"serves:{station}", station) for station in owners for one in crew)
        else:
            facts = tuple(Fact(one, f"carries:{link.upstream}", link.downstream) for link in ways for one in crew)
        scope = Scope(dict(name_drafts(writer, owners)))
        scope.drafts["who"] = partial(who_draft, writer, crew, facts)
        stem = stem_of(crew)
        if crew[0] not in writer.told_at and stem is not None:
            scope.drafts["count"] = lambda crew=crew: count_of(writer, crew)  # type: ignore[misc]
            scope.drafts["stem"] = [Piece(stem, (*(Fact(one, "name", one) for one in crew), *facts), True)]
        topic = f"{person} manned" if serves else "emptied"
        said.append(writer.say(topic if tag else f"{subject}{topic}", scope, tag or writer.tag()))
        writer.told_at.setdefault(crew[0], set()).update(owners)
        writer.last = ""
    return said


def crew_sentences(writer: Writer, crew: tuple[str, ...], tag: str = "") -> list[Draft]:
    """Who the crew are, what they serve and carry, then their parameters."""
    known = writer.told_at.get(crew[0], set())
    shown = writer.plan.topology_in_prompt or bool(known) or writer.rnd.random() < 0.4
    stations = tuple(one for one in served_by(writer, crew[0]) if one not in known) if shown else ()
    links = tuple(link for link in carried_by(writer, crew[0]) if link.upstream not in known) if shown else ()
    scope = crew_scope(writer, crew)
    many = "crew" if len(crew) > 1 and stem_of(crew) else "one" if len(crew) == 1 else "several"
    person = "operator" if isinstance(writer.things[crew[0]], Operator) else "mover"
    said: list[Draft] = []
    if stations:
        scope.drafts["stations"] = lambda: stations_draft(writer, crew, stations)
        last = writer.rnd.choice((", ", ", ", " & ", " + ", "+", " and "))
        scope.drafts["station list"] = lambda: stations_draft(writer, crew, stations, last)
        said.append(writer.say(f"{person} serves {many}", scope, tag or writer.tag()))
    if links:
        scope.drafts["legs"] = lambda: legs_draft(writer, crew, links)
        scope.drafts |= ups_drafts(writer, crew, links)
        said.append(writer.say(f"carries {many}", scope, tag or writer.tag()))
    team = getattr(writer.things[crew[0]], "dispatcher", None)
    if not said and team is None and not known:
        said.append(writer.say(f"{person} only {many}", scope, tag or writer.tag()))
    writer.last = crew[0] if len(crew) == 1 and said else ""
    pending = pending_of(writer, crew[0])
    if pending and tag:
        head = crew_head(writer, crew)
        said.append([*head, Piece(writer.rnd.choice((" ", ": ", " - "))), *join(statements(writer, crew, pending, tag), ", ")])
    elif pending:
        said += statements(writer, crew, pending, tag)
    return said


def crew_head(writer: Writer, crew: tuple[str, ...]) -> Draft:
    """The crew's name before a fragment: `AGV 1`, `Forklifts`, `Anna, Ben`."""
    stem = stem_of(crew)
    if stem is not None:
        return [Piece(writer.rnd.choice((plural(stem), stem)), tuple(Fact(one, "name", one) for one in crew), True)]
    return listed([writer.name(one) for one in crew], ", ")


def dispatcher_jobs(writer: Writer, dispatcher: Dispatcher, team: tuple[str, ...], tag: str) -> list[Draft]:
    """`D1 is the dispatcher; it hands the jobs of M1 and M2 to two Cart Bots.`: team and work at once; empty if too much."""
    stations, links = served_by(writer, dispatcher.id), carried_by(writer, dispatcher.id)
    stem = stem_of(team)
    if stem is None or bool(stations) == bool(links) or writer.plan.modality is Modality.NO_SKETCH or writer.rnd.random() > 0.3:
        return []
    names = (*(Fact(one, "name", one) for one in team), *(Fact(dispatcher.id, f"team:{one}", one) for one in team))
    kind = kind_of(writer.things[team[0]])
    types = tuple(Fact(one, "type", kind) for one in team)
    word = writer.bank.pick(writer.rnd, f"type {kind}", "paper" if writer.register == "paper" else "prose").text
    scope = Scope(dict(name_drafts(writer, (dispatcher.id,))))
    scope.drafts["crew"] = [Piece(plural(stem) if writer.rnd.random() < 0.5 else stem, names, True)]
    scope.drafts["count"] = lambda: count_of(writer, team)
    scope.drafts["types"] = [Piece(plural(word), types)]
    if stations:
        scope.drafts["at"] = lambda: stations_draft(writer, (dispatcher.id,), stations)
    elif cleared(writer, links):
        scope.drafts["at"] = lambda: ups_draft(writer, (dispatcher.id,), links)
    else:
        return []
    writer.typed.update(team)
    return [writer.say("dispatcher work" if stations else "dispatcher jobs", scope, tag or writer.tag())]


def dispatcher_sentences(writer: Writer, dispatcher: Dispatcher, tag: str = "") -> list[Draft]:
    """The dispatcher with its team, and what the team serves and carries when the text tells it."""
    team = tuple(one for one in dispatcher.team if one in writer.things)
    scope = Scope(dict(name_drafts(writer, (dispatcher.id,))))
    silent = (dispatcher.id, "team") in writer.plan.noted or (dispatcher.id, "team") in writer.plan.unsaid
    said: list[Draft] = []
    shown = writer.plan.topology_in_prompt or writer.rnd.random() < 0.4
    stations, links = served_by(writer, dispatcher.id), carried_by(writer, dispatcher.id)
    if shown and team and not silent and (jobs := dispatcher_jobs(writer, dispatcher, team, tag)):
        return jobs
    if team and not silent:
        facts = {one: (Fact(dispatcher.id, f"team:{one}", one),) for one in team}
        stem = stem_of(team)
        if stem is not None and writer.plan.modality is not Modality.NO_SKETCH:
            names = tuple(Fact(one, "name", one) for one in team) + tuple(fact for one in team for fact in facts[one])
            many = writer.rnd.random() < 0.6
            scope.drafts["crew"] = [Piece(plural(stem) if many else stem, names, True)]
            scope.drafts["count"] = lambda: count_of(writer, team)
            scope.drafts |= crew_words(writer, team)
            scope.drafts["stem"] = [Piece(stem, names, True)]
            said.append(writer.say("dispatcher crew", scope, tag or writer.tag()))
        else:
            scope.drafts["names"] = lambda: listed([writer.name(one, *facts[one]) for one in team])
            scope.drafts["Names"] = lambda: opened(listed([writer.name(one, *facts[one]) for one in team]))
            said.append(writer.say("dispatcher team", scope, tag or writer.tag()))
    else:
        said.append(writer.say("dispatcher only", scope, tag or writer.tag()))
    if shown and stations:
        scope.drafts["stations"] = lambda: stations_draft(writer, (dispatcher.id,), stations)
        scope.drafts["station list"] = lambda: stations_draft(writer, (dispatcher.id,), stations, ", ")
        said.append(writer.say("dispatcher serves", scope, tag or writer.tag()))
    if shown and links:
        scope.drafts["legs"] = lambda: legs_draft(writer, (dispatcher.id,), links)
        said.append(writer.say("dispatcher carries", scope, tag or writer.tag()))
    return said


def needed(writer: Writer, station: str, slot: str, count: int, tag: str) -> Scope:
    """The scope of a sentence about how many operators a station needs; words agree with the number."""
    text = str(count) if tag else count_text(count, writer.habit, writer.rnd)
    drafts = dict(name_drafts(writer, (station,)))
    drafts["count"] = [Piece(text, (Fact(station, f"operators.{slot}", str(count)),))]
    single = count == 1
    drafts |= {"ops": plain("operator" if single else "operators"), "are": plain("is" if single else "are")}
    drafts["do"] = plain("does" if single else "do")
    return Scope(drafts)


def need_sentences(writer: Writer, tag: str = "") -> list[Draft]:
    """Stations that need more than one operator, or operators for their setup."""
    said: list[Draft] = []
    for station in writer.graph.stations:
        need = getattr(station, "operators", None)
        silent = (station.id, "operators") in writer.plan.noted or (station.id, "operators") in writer.plan.unsaid
        if need is None or silent:
            continue
        if need.process_count == 0:
            scope = needed(writer, station.id, "setup_count", need.setup_count, tag)
            scope.words["only"] = (Fact(station.id, "operators.process_count", "0"),)
            said.append(writer.say("need only", scope, tag or writer.tag()))
            continue
        if need.process_count != 1:
            scope = needed(writer, station.id, "process_count", need.process_count, tag)
            said.append(writer.say("need process", scope, tag or writer.tag()))
        if need.setup_count:
            scope = needed(writer, station.id, "setup_count", need.setup_count, tag)
            said.append(writer.say("need setup", scope, tag or writer.tag()))
    return said


def people_sentences(writer: Writer, tag: str = "") -> list[list[Draft]]:
    """All that is said about resources, one list per crew or dispatcher."""
    said = [dispatcher_sentences(writer, one, tag) for one in writer.graph.resources if isinstance(one, Dispatcher)]
    for crew in crews(writer):
        said.append(crew_sentences(writer, crew, tag))
    said.append(need_sentences(writer, tag))
    writer.last = ""
    return [drafts for drafts in said if drafts]
