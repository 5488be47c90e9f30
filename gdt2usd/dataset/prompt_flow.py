"""How items flow, in words: links, percentages, rework, routing rules, chains and merges.

Every link that is told has a mention on the downstream object's name. Not covered: what stations do.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from gdt2usd.dataset.prompt_facts import kind_of
from gdt2usd.dataset.prompt_numbers import WORDS, count_text
from gdt2usd.dataset.prompt_text import Draft, Piece, join, listed, plain
from gdt2usd.dataset.prompt_work import work_of
from gdt2usd.dataset.prompt_writer import Scope, Writer
from gdt2usd.dataset.sample import Fact
from gdt2usd.graph.model import ByLabel, FirstAvailable, Link, Percent, RandomPort, RoundRobin, ShortestQueue, ToPort


def flow_order(writer: Writer) -> list[str]:
    """Station ids from the sources onwards, each after its first upstream; unreachable ones last."""
    ids = [station.id for station in writer.graph.stations]
    order: list[str] = []
    seen: set[str] = set()
    stack = [one for one in reversed(ids) if not writer.ins.get(one)]
    waiting = {one: len({link.upstream for link in writer.ins.get(one, ())}) for one in ids}
    while len(order) < len(ids):
        if not stack:
            rest = [one for one in ids if one not in seen]
            near = [one for one in rest if any(link.upstream in seen for link in writer.ins.get(one, ()))]
            stack.append((near or rest)[0])
        one = stack.pop()
        if one in seen:
            continue
        seen.add(one)
        order.append(one)
        for link in reversed(writer.outs.get(one, ())):
            waiting[link.downstream] -= 1
            if link.downstream not in seen and waiting[link.downstream] <= 0:
                stack.append(link.downstream)
    return order


def link_fact(link: Link) -> Fact:
    return Fact(link.upstream, f"link:{link.downstream}", link.downstream)


def target(writer: Writer, link: Link) -> Draft:
    return writer.described(link.downstream, writer.the_name(link.downstream, link_fact(link)))


def says_percent(writer: Writer, station_id: str) -> bool:
    station = writer.things[station_id]
    silent = (station_id, "percent") in writer.plan.noted or (station_id, "percent") in writer.plan.unsaid
    return isinstance(getattr(station, "routing", None), Percent) and not silent


def percent_of(writer: Writer, link: Link) -> float:
    routing = getattr(writer.things[link.upstream], "routing", None)
    if link.percent is not None:
        return link.percent
    return routing.percents[link.out_port - 1] if isinstance(routing, Percent) else 0.0


def percent_sentence(writer: Writer, station_id: str, order: list[str], tag: str = "", *, bare: bool = False) -> Draft:
    """`93 % go to the Next Module and 7 % return to the Stocker`; `bare` leaves the places of a rework loop to the sketch."""
    links = list(writer.outs[station_id])
    back = [link for link in links if order.index(link.downstream) <= order.index(station_id)]
    drafts: dict[str, Draft | Callable[[], Draft]] = {
        "n": lambda: writer.the_name(station_id),
        "N": lambda: writer.subject(station_id),
        "name": lambda: writer.described(station_id, writer.name(station_id)) if tag else writer.name(station_id),
    }
    topic, carried_on = "percent many", not tag and writer.last == station_id and writer.rnd.random() < writer.pronouns
    if len(links) == 2:
        first, second = links if links[0] not in back else (links[1], links[0])
        topic = ("percent bare" if bare else "percent back") if len(back) == 1 else "percent two"
        for number, link in (("1", first), ("2", second)):
            share = writer.percent(link.upstream, link.downstream, percent_of(writer, link))
            drafts[f"p{number}"] = share
            drafts[f"d{number}"] = partial(target, writer, link)
            drafts[f"rest{number}"] = [Piece(writer.rnd.choice(RESTS), share[0].facts)]
    drafts["shares"] = lambda: listed(
        [writer.say("share terse" if tag == "terse" else "share", share_scope(writer, link), "prose") for link in links]
    )
    draft = writer.say(f"it {topic}" if carried_on else topic, Scope(drafts), tag or writer.tag())
    writer.last = ""
    return draft


def share_scope(writer: Writer, link: Link) -> Scope:
    return Scope({"p": writer.percent(link.upstream, link.downstream, percent_of(writer, link)), "d": lambda: target(writer, link)})


RESTS = ("the rest", "the rest", "the others", "all others", "everything else", "the remaining ones", "what remains")

ROUTING_TOPIC: dict[type, tuple[str, str]] = {
    RoundRobin: ("routing roundrobin", "round_robin"),
    RandomPort: ("routing random", "random"),
    ShortestQueue: ("routing shortest", "shortest_queue"),
    ByLabel: ("routing bylabel", "by_label"),
    ToPort: ("routing toport", "port"),
}


def routing_sentence(writer: Writer, station_id: str, tag: str = "") -> Draft:
    """The rule by which a station chooses its way out; empty when there is nothing to say."""
    routing = getattr(writer.things[station_id], "routing", FirstAvailable())
    plan = writer.plan
    silent = (station_id, "routing") in plan.noted or (station_id, "routing") in plan.unsaid
    if silent or isinstance(routing, FirstAvailable | Percent):
        return []
    topic, value = ROUTING_TOPIC.get(type(routing), ("routing expression", "expression"))
    drafts: dict[str, Draft | Callable[[], Draft]] = {
        "n": lambda: writer.the_name(station_id),
        "N": lambda: writer.subject(station_id),
        "name": lambda: writer.name(station_id),
        "label": [Piece(getattr(routing, "label", ""), (Fact(station_id, "routing.label", getattr(routing, "label", "")),))],
        "port": [Piece(str(getattr(routing, "port", "")), (Fact(station_id, "routing.port", str(getattr(routing, "port", ""))),))],
        "code": plain(getattr(routing, "flexscript", "")),
    }
    words: dict[str, tuple[Fact, ...]] = {"routing": (Fact(station_id, "routing.rule", value),)}
    return writer.say(topic, Scope(drafts, {}, words), tag or writer.tag())


def link_sentence(writer: Writer, station_id: str, order: list[str]) -> Draft:
    """Where items go from one station, without percentages; empty for a station without ways out."""
    links = writer.outs.get(station_id, ())
    if not links:
        return []
    breath = writer.together(tuple(link.downstream for link in links), *(link_fact(link) for link in links))
    named = [target(writer, link) for link in links] if breath is None else [breath]
    drafts: dict[str, Draft | Callable[[], Draft]] = {
        "n": lambda: writer.the_name(station_id),
        "N": lambda: writer.subject(station_id),
        "name": lambda: writer.name(station_id),
        "next": listed(named, writer.rnd.choice((" and ", " and ", " or ")) if len(named) > 1 else " and "),
        "count": plain(count_text(len(links), writer.habit, writer.rnd)),
    }
    if len(links) > 1:
        topic = "flow many"
        drafts["both"] = plain("both" if len(links) == 2 else f"all {WORDS[min(len(links), 12)]}")
    elif order.index(links[0].downstream) <= order.index(station_id):
        topic = "flow back"
    elif kind_of(writer.things[links[0].downstream]) == "sink":
        topic = "flow exit"
    else:
        topic = "flow one"
    draft = writer.say(topic, Scope(drafts))
    writer.last = links[0].downstream if len(links) == 1 and writer.rnd.random() < 0.5 else ""
    return draft


def then_sentence(writer: Writer, link: Link) -> Draft:
    """The next station after the one just described: `Next comes the Capper.`"""
    sink = kind_of(writer.things[link.downstream]) == "sink"
    scope = Scope({"next": lambda: target(writer, link)})
    if writer.rnd.random() < writer.pronouns and (work := work_of(link.upstream)):
        scope.drafts["work"] = plain(work)
    draft = writer.say("then work" if "work" in scope.drafts else "then exit" if sink else "then", scope)
    writer.last = link.downstream
    return draft


def chains(writer: Writer, order: list[str]) -> list[list[Link]]:
    """Maximal runs of links through stations with one way out; splits start new runs."""
    runs: list[list[Link]] = []
    used: set[int] = set()
    for station in order:
        for link in writer.outs.get(station, ()):
            if id(link) in used:
                continue
            run = [link]
            used.add(id(link))
            while len(onward := writer.outs.get(run[-1].downstream, ())) == 1 and id(onward[0]) not in used:
                run.append(onward[0])
                used.add(id(onward[0]))
            runs.append(run)
    return runs


def contiguous(links: list[Link]) -> list[list[Link]]:
    """The links as runs in which each goes on where the one before ends."""
    parts: list[list[Link]] = []
    for link in links:
        if parts and parts[-1][-1].downstream == link.upstream:
            parts[-1].append(link)
        else:
            parts.append([link])
    return parts


ARROWS = (" -> ", " → ", " > ", " --> ", " => ", "->", "→", ", then ", " - ")


def chain_draft(writer: Writer, run: list[Link], arrow: str, *, bare: bool = True) -> Draft:
    """`Rinser -> Filler -> Capper`, with percentages on the arrows that carry one."""
    if (
        writer.hyphens
        and writer.describes is None
        and bare
        and writer.abbreviations == 1.0
        and not writer.introduces
        and not says_percent_in(writer, run)
    ):
        arrow = writer.rnd.choice(("-", "-", "–", ">"))
    first = writer.name(run[0].upstream) if bare else writer.the_name(run[0].upstream)
    draft = list(writer.described(run[0].upstream, first))
    for link in run:
        draft.append(Piece(arrow))
        if says_percent(writer, link.upstream):
            draft += [*writer.percent(link.upstream, link.downstream, percent_of(writer, link)), Piece(" ")]
        draft += writer.described(link.downstream, writer.name(link.downstream, link_fact(link))) if bare else target(writer, link)
    return draft


def says_percent_in(writer: Writer, run: list[Link]) -> bool:
    return any(says_percent(writer, link.upstream) for link in run)


def chain_sentence(writer: Writer, run: list[Link], topic: str = "chain") -> Draft:
    """One sentence over a run of links: `From the Saw parts go to the Bander, the Drill and the Press.`"""
    stops = [target(writer, link) for link in run]
    drafts: dict[str, Draft | Callable[[], Draft]] = {
        "n": lambda: writer.the_name(run[0].upstream),
        "N": lambda: writer.subject(run[0].upstream),
        "name": lambda: writer.name(run[0].upstream),
        "next": stops[0],
        "stops": listed(stops, writer.rnd.choice((" and ", ", then ", " and then ", " and finally "))),
        "then stops": join(stops, ", then "),
        "end": stops[-1],
        "between": listed(stops[:-1], " and "),
    }
    draft = writer.say(topic, Scope(drafts))
    writer.last = ""
    return draft


def merges(writer: Writer) -> list[tuple[str, tuple[Link, ...]]]:
    """Stations that several others feed, when each of those has no other way out."""
    found = []
    for station in writer.graph.stations:
        links = writer.ins.get(station.id, ())
        if len(links) > 1 and all(len(writer.outs[link.upstream]) == 1 for link in links):
            found.append((station.id, tuple(links)))
    return found


def merge_sentence(writer: Writer, links: tuple[Link, ...]) -> Draft:
    """`Both presses feed the Output Buffer.` with one link fact per upstream station."""
    downstream = links[0].downstream
    facts = tuple(link_fact(link) for link in links)
    ids = tuple(link.upstream for link in links)
    drafts: dict[str, Draft | Callable[[], Draft]] = {
        "names": lambda: writer.the_names(ids),
        "Names": lambda: [Piece("The "), *named[1:]] if (named := writer.the_names(ids))[0].text == "the " else named,
        "next": lambda: writer.the_name(downstream, *facts),
        "Next": lambda: [Piece("The "), *named[1:]] if (named := writer.the_name(downstream, *facts))[0].text == "the " else named,
        "count": plain(count_text(len(links), writer.habit, writer.rnd)),
        "both": plain("both" if len(links) == 2 else f"all {WORDS[min(len(links), 12)]}"),
    }
    draft = writer.say("merge", Scope(drafts))
    writer.last = ""
    return draft
