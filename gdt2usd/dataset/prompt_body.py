"""The description as sentences, in one of several orders: station by station, flow first, parameters first, in brackets, as a list.

Not covered: telegraph, bullets and tables (`prompt_terse`), what stands before and after (`prompt_remarks`).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from gdt2usd.dataset.prompt_flow import (
    ARROWS,
    chain_draft,
    chain_sentence,
    chains,
    contiguous,
    flow_order,
    link_fact,
    link_sentence,
    merge_sentence,
    merges,
    percent_sentence,
    routing_sentence,
    says_percent,
    then_sentence,
)
from gdt2usd.dataset.prompt_people import manned, people_sentences
from gdt2usd.dataset.prompt_remarks import sentence_start, type_sentences
from gdt2usd.dataset.prompt_station import pending_of, shared, statements, told
from gdt2usd.dataset.prompt_terse import loose_fragments, ordered_fragments
from gdt2usd.dataset.prompt_text import Draft, Piece, join, listed, plain
from gdt2usd.dataset.prompt_writer import Scope, Writer
from gdt2usd.graph.model import Link


def flow_sentences(writer: Writer, order: list[str]) -> list[Draft]:
    """All links, each told once: chains, splits, percentages, merges."""
    said: list[Draft] = []
    done: set[tuple[str, str]] = set()
    if writer.rnd.random() < 0.6:
        for _, links in merges(writer):
            if writer.rnd.random() < 0.7:
                said.append(merge_sentence(writer, links))
                done |= {(link.upstream, link.downstream) for link in links}
    compact = writer.rnd.random()
    arrow = writer.rnd.choice(ARROWS)
    runs: list[Draft] = []
    for run in chains(writer, order):
        left = [link for link in run if (link.upstream, link.downstream) not in done]
        for part in contiguous(left):
            if says_percent(writer, part[0].upstream):
                if (part[0].upstream, "%") not in done:
                    done.add((part[0].upstream, "%"))
                    runs.append(percent_sentence(writer, part[0].upstream, order))
                part = part[1:]  # noqa: PLW2901
            if len(part) > 1 and compact < 0.75:
                runs.append(chain_draft(writer, part, arrow) if compact < 0.25 else chain_sentence(writer, part))
            else:
                runs.extend(single_links(writer, part, order, done))
    runs += [draft for one in order if (draft := routing_sentence(writer, one))]
    return [*runs, *said]


def single_links(writer: Writer, links: list[Link], order: list[str], done: set[tuple[str, str]]) -> list[Draft]:
    said: list[Draft] = []
    for link in links:
        ways = writer.outs[link.upstream]
        if (link.upstream, "*") in done:
            continue
        if any((way.upstream, way.downstream) in done for way in ways):
            said.append(chain_sentence(writer, [link], "link"))
            continue
        done.add((link.upstream, "*"))
        said.append(link_sentence(writer, link.upstream, order))
    return said


def walk(writer: Writer, order: list[str]) -> list[Draft]:
    """Station by station: what it does, then where its items go."""
    said: list[Draft] = []
    previous = ""
    groups = shared(writer, order) if writer.rnd.random() < 0.7 else {}
    grouped = {one: ids for ids in groups.values() for one in ids}
    for one in order:
        came_from = [link for link in writer.outs.get(previous, ()) if link.downstream == one]
        alone = len(writer.outs.get(previous, ())) == 1
        if came_from and alone and not says_percent(writer, previous):
            if writer.rnd.random() < 0.45:
                said.append(then_sentence(writer, came_from[0]))
            else:
                writer.last = previous if writer.rnd.random() < 0.3 else ""
                said.append(link_sentence(writer, previous, order))
        owners = grouped.get(one, (one,))
        ways = writer.outs.get(one, ())
        onward = ways if len(owners) == 1 and len(ways) == 1 and writer.rnd.random() < 0.35 else ()
        if owners[0] == one:
            said += statements(writer, owners, pending_of(writer, one), onward=onward)
            said += manned(writer, owners)
        if writer.told_onward:
            writer.told_onward = False
            previous = ""
            said += [rule] if (rule := routing_sentence(writer, one)) else []
            continue
        follows = len(ways) == 1 and order.index(one) + 1 < len(order) and order[order.index(one) + 1] == ways[0].downstream
        if ways and says_percent(writer, one):
            said.append(percent_sentence(writer, one, order))
        elif ways and not follows:
            said.append(link_sentence(writer, one, order))
        if rule := routing_sentence(writer, one):
            said.append(rule)
        previous = one
    return said


def inline(writer: Writer, order: list[str]) -> list[Draft]:
    """Chains with the parameters in brackets after each name: `to the Rinser (constant 3 s), the Filler (...)`."""
    said: list[Draft] = []
    told_of: set[str] = set()
    done: set[tuple[str, str]] = set()
    around = writer.rnd.choice(((" (", ")"), (" (", ")"), (" [", "]"), (", ", ""), (" ", ""), (": ", "")))

    def with_values(station: str, named: Draft) -> Draft:
        if station in told_of:
            return named
        told_of.add(station)
        pending = pending_of(writer, station)
        if not pending:
            return named
        opening, closing = around
        return [*named, Piece(opening), *join(statements(writer, (station,), pending, "terse"), ", "), *plain(closing)]

    for run in chains(writer, order):
        part = run
        if says_percent(writer, run[0].upstream):
            if (run[0].upstream, "%") not in done:
                done.add((run[0].upstream, "%"))
                said += tell_rest(writer, [run[0].upstream], told_of)
                writer.describes = with_values if around[1] in (")", "]") and writer.rnd.random() < 0.6 else None
                said.append(percent_sentence(writer, run[0].upstream, order))
                writer.describes = None
            part = run[1:]
        if not part:
            continue
        said += [] if writer.rnd.random() < 0.5 else tell_rest(writer, [part[0].upstream], told_of)
        first = with_values(part[0].upstream, writer.the_name(part[0].upstream))
        stops = [with_values(link.downstream, writer.the_name(link.downstream, link_fact(link))) for link in part]
        last = writer.rnd.choice((" and ", " and finally ", " and then "))
        drafts: dict[str, Draft | Callable[[], Draft]] = {
            "n": first,
            "N": sentence_start(first),
            "name": first,
            "stops": listed(stops, last),
            "next": stops[0],
            "then stops": join(stops, ", then "),
            "end": stops[-1],
            "between": listed(stops[:-1]),
        }
        topic = "chain" if len(stops) > 1 else "link"
        said.append(writer.say(topic, Scope(drafts)))
    said += tell_rest(writer, order, told_of)
    said += [draft for one in order if (draft := routing_sentence(writer, one))]
    return said


def tell_rest(writer: Writer, order: list[str], told_of: set[str]) -> list[Draft]:
    said: list[Draft] = []
    for one in order:
        if one not in told_of:
            told_of.add(one)
            said += statements(writer, (one,), pending_of(writer, one))
    return said


def listing(writer: Writer, order: list[str]) -> list[Draft] | None:
    """Names and values in running text: `Saw normal 110 s, sd 9 s. Bander 95 s, setup 4 min; Drill 3 min.`

    With the topology in the text its order must tell the links; None if it cannot.
    """
    separator = writer.rnd.choice((" ", " ", ": ", ", ", " - "))
    told_too = writer.plan.topology_in_prompt
    parts = ordered_fragments(writer, order, separator) if told_too else loose_fragments(writer, order, separator)
    if parts is None:
        return None
    parts += [rule for one in order if (rule := routing_sentence(writer, one, "terse"))]
    glue = writer.rnd.choice((". ", ". ", "; ", ", ") if not told_too else (", ", ", then ", "; ", " and then ", ". "))
    if glue != ". ":
        return [join(parts, glue)] if parts else []
    return parts


def sentences(writer: Writer) -> list[Draft]:
    """The whole description as sentences, in one of several orders."""
    order = flow_order(writer)
    named, typed, introduced = set(writer.named), set(writer.typed), set(writer.introduced)
    listed_body = listing(writer, order) if writer.rnd.random() < 0.22 else None
    if listed_body is None:  # what was tried is not said
        writer.last, writer.named, writer.typed, writer.introduced = "", named, typed, introduced
    if listed_body is not None:
        body = listed_body
    elif not writer.plan.topology_in_prompt:
        body = [draft for _, drafts in told(writer, order, partial(manned, writer)) for draft in drafts]
        for one in order:
            if says_percent(writer, one):
                body.append(percent_sentence(writer, one, order, bare=writer.rnd.random() < 0.35))
            if rule := routing_sentence(writer, one):
                body.append(rule)
    else:
        form = writer.rnd.random()
        if form < 0.4:
            body = walk(writer, order)
        elif form < 0.6:
            body = inline(writer, order)
        elif form < 0.8:
            flow = flow_sentences(writer, order)
            body = [*flow, *(draft for _, drafts in told(writer, order, partial(manned, writer)) for draft in drafts)]
        else:
            body = [draft for _, drafts in told(writer, order, partial(manned, writer)) for draft in drafts]
            body += flow_sentences(writer, order)
    people = [draft for drafts in people_sentences(writer) for draft in drafts]
    return [*body, *type_sentences(writer, order), *people]
