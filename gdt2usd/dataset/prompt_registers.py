"""The registers: how one description is arranged as prose, paper style, telegraph, bullets, table, e-mail, speech, or a title.

Each register is a function from a writer to a draft. Not covered: the sentences themselves.
"""

from __future__ import annotations

from collections.abc import Callable

from gdt2usd.dataset.prompt_facts import groups_of, kind_of
from gdt2usd.dataset.prompt_flow import (
    ARROWS,
    chain_draft,
    chain_sentence,
    chains,
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
from gdt2usd.dataset.prompt_people import people_sentences
from gdt2usd.dataset.prompt_station import name_drafts, pending_of, signature, statements
from gdt2usd.dataset.prompt_text import Draft, Piece, capitalised, closed, join, listed, plain, text_of
from gdt2usd.dataset.prompt_writer import Scope, Writer
from gdt2usd.dataset.sample import Fact, Modality
from gdt2usd.graph.distributions import Constant
from gdt2usd.graph.model import Link

SAYS_ITSELF = ("source", "sink", "processor", "queue", "conveyor")


# ---- groups of stations that share their values ----


def shared(writer: Writer, order: list[str]) -> dict[str, tuple[str, ...]]:
    """Stations told together, by their first member; only groups of two or more."""
    groups: dict[tuple[object, ...], list[str]] = {}
    for one in order:
        key = signature(writer, one)
        if len(key) > 1:
            groups.setdefault(key, []).append(one)
    return {ids[0]: tuple(ids) for ids in groups.values() if len(ids) > 1 and writer.rnd.random() < 0.75}


def told(writer: Writer, order: list[str], tag: str = "") -> list[tuple[tuple[str, ...], list[Draft]]]:
    """What is said of each station or group, in flow order: (owners, sentences); noted-only stations have no sentences."""
    groups = shared(writer, order)
    grouped = {one: ids for ids in groups.values() for one in ids}
    said: list[tuple[tuple[str, ...], list[Draft]]] = []
    for one in order:
        owners = grouped.get(one, (one,))
        if owners[0] == one:
            said.append((owners, statements(writer, owners, pending_of(writer, one), tag)))
    return said


# ---- pieces that several registers use ----


def line_sentence(writer: Writer, topic: str = "purpose") -> Draft:
    """What the line is for; states the layout form if the pattern has it."""
    layout = writer.categories.layout
    shape = writer.bank.pick(writer.rnd, f"layout {layout}", "prose").text
    industry = writer.bank.pick(writer.rnd, f"line {writer.categories.industry.replace('_', ' ')}", "prose").text
    scope = Scope(
        {"line": plain(industry), "shape": [Piece(shape, (Fact("", "layout", layout),))], "end": lambda: last_sink(writer)}
    )
    return writer.say(topic, scope)


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
        said.append(writer.say("noted", scope) if len(noted) < 5 and writer.rnd.random() < 0.7 else writer.say("noted all", scope))
    return said


def sentence_start(draft: Draft) -> Draft:
    return [Piece("The "), *draft[1:]] if draft and draft[0].text == "the " else draft


def legend(writer: Writer) -> Draft:
    """`M1 = Rinser, M2 = Filler`: the abbreviations of the sketch explained."""
    pairs: list[Draft] = []
    sign = writer.rnd.choice((" = ", "=", ": ", " is the ", " – ", " stands for "))
    turned = writer.rnd.random() < 0.15
    for thing_id, label in writer.plan.labels.items():
        if label == thing_id or thing_id not in writer.things:
            continue
        fact = (Fact(thing_id, "name", thing_id),)
        pair = [Piece(label, fact, True), Piece(sign), Piece(thing_id, fact, True)]
        pairs.append([pair[2], Piece(" ("), pair[0], Piece(")")] if turned else pair)
    if not pairs:
        return []
    listing = join(pairs, writer.rnd.choice((", ", "; ", ", ")))
    return writer.say("legend", Scope({"pairs": listing}))


def type_sentences(writer: Writer, order: list[str]) -> list[Draft]:
    """Types said as sentences of their own: those that neither the words nor a sketch would give away."""
    plan, said = writer.plan, []
    forced = plan.modality is Modality.NO_SKETCH
    for one in order:
        kind = kind_of(writer.things[one])
        silent = kind in SAYS_ITSELF and not (forced and kind in ("queue", "conveyor"))
        if one in writer.typed or (silent and not forced):
            continue
        if silent and writer.rnd.random() < 0.6:
            continue
        said.append(closed(writer.say("kind", Scope(dict(name_drafts(writer, (one,)))))))
        writer.last = ""
    return said


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


# ---- topology as sentences ----


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


def contiguous(links: list[Link]) -> list[list[Link]]:
    parts: list[list[Link]] = []
    for link in links:
        if parts and parts[-1][-1].downstream == link.upstream:
            parts[-1].append(link)
        else:
            parts.append([link])
    return parts


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

    def with_values(station: str, named: Draft) -> Draft:
        if station in told_of:
            return named
        told_of.add(station)
        pending = pending_of(writer, station)
        if not pending:
            return named
        return [*named, Piece(" ("), *join(statements(writer, (station,), pending, "terse"), ", "), Piece(")")]

    for run in chains(writer, order):
        part = run
        if says_percent(writer, run[0].upstream):
            if (run[0].upstream, "%") not in done:
                done.add((run[0].upstream, "%"))
                said += tell_rest(writer, [run[0].upstream], told_of)
                said.append(percent_sentence(writer, run[0].upstream, order))
            part = run[1:]
        if not part:
            continue
        said += [] if writer.rnd.random() < 0.5 else tell_rest(writer, [part[0].upstream], told_of)
        first = with_values(part[0].upstream, writer.the_name(part[0].upstream))
        stops = [with_values(link.downstream, writer.the_name(link.downstream, link_fact(link))) for link in part]
        drafts: dict[str, Draft | Callable[[], Draft]] = {
            "n": first, "N": sentence_start(first), "name": first, "stops": listed(stops, writer.rnd.choice((" and ", " and finally ", " and then "))),
            "next": stops[0], "then stops": join(stops, ", then "), "end": stops[-1], "between": listed(stops[:-1]),
        }  # fmt: skip
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


# ---- corrections ----


def corrections(writer: Writer) -> list[Draft]:
    """`Sorry, the Filler takes 4 s, not 3.5`: the last word on a value that was first written wrong."""
    said = []
    for (one, group), wrong in writer.wrong.items():
        times = writer.times((one,), group, getattr(writer.things[one], group))
        drafts: dict[str, Draft | Callable[[], Draft]] = dict(name_drafts(writer, (one,)))
        drafts["wrong"] = plain(text_of(writer.number(writer.times((one,), group, Constant(wrong)), "value")))
        writer.last = ""
        said.append(writer.say("correction", Scope(drafts, {"P": times})))
    return said


# ---- registers ----


def sentences(writer: Writer) -> list[Draft]:
    """The whole description as sentences, in one of several orders."""
    order = flow_order(writer)
    if not writer.plan.topology_in_prompt:
        body = [draft for _, drafts in told(writer, order) for draft in drafts]
        for one in order:
            if says_percent(writer, one):
                body.append(percent_sentence(writer, one, order))
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
            body = [*flow, *(draft for _, drafts in told(writer, order) for draft in drafts)]
        else:
            body = [draft for _, drafts in told(writer, order) for draft in drafts]
            body += flow_sentences(writer, order)
    people = [draft for drafts in people_sentences(writer) for draft in drafts]
    return [*body, *type_sentences(writer, order), *people]


def framed(writer: Writer, body: list[Draft], chance: float = 0.5) -> list[Draft]:
    """The description with what stands before and after it: purpose, legend, sketch remarks, distractors, corrections."""
    head: list[Draft] = []
    if writer.rnd.random() < 0.75:
        head.append(line_sentence(writer))
    remarks = sketch_sentences(writer)
    bare = bare_sentence(writer)
    key = [draft] if (draft := legend(writer)) else []
    noise = distractors(writer, 0.2 * chance)
    tail = [*horizon_sentences(writer), *corrections(writer)]
    if writer.rnd.random() < 0.5:
        head, tail = [*head, *remarks], tail
    else:
        tail = [*remarks, *tail]
    head, tail = ([*head, *bare], tail) if writer.rnd.random() < 0.6 else (head, [*bare, *tail])
    head, tail = ([*head, *key], tail) if writer.rnd.random() < 0.75 else (head, [*tail, *key])
    if noise:
        at = writer.rnd.randrange(len(body) + 1)
        body = [*body[:at], noise[0], *body[at:]]
        tail = [*noise[1:], *tail]
    return [*head, *body, *tail]


def running(writer: Writer, drafts: list[Draft]) -> Draft:
    """Sentences set one after the other, sometimes in paragraphs."""
    done = [closed(capitalised(draft)) for draft in drafts if draft]
    if len(done) > 6 and writer.rnd.random() < 0.3:
        at = len(done) // 2
        return [*join(done[:at], " "), Piece("\n\n"), *join(done[at:], " ")]
    if writer.rnd.random() < 0.06:
        return join(done, "\n")
    return join(done, " ")


def prose(writer: Writer) -> Draft:
    return running(writer, framed(writer, sentences(writer)))


def paper(writer: Writer) -> Draft:
    """The published prompts' way: types and parameters in full sentences, the connections usually left to the sketch."""
    order = flow_order(writer)
    body = [writer.say("kind", Scope(dict(name_drafts(writer, (one,)))), "paper") for one in order if writer.rnd.random() < 0.35]
    writer.last = ""
    described = sentences(writer)
    return running(writer, framed(writer, [*body, *described], 0.2))


def spoken(writer: Writer) -> Draft:
    drafts = [writer.say("spoken start", Scope({})), *framed(writer, sentences(writer), 1.0)]
    if writer.rnd.random() < 0.6:
        drafts.append(writer.say("spoken end", Scope({})))
    return running(writer, drafts)


def broken(writer: Writer) -> Draft:
    return running(writer, framed(writer, sentences(writer), 0.5))


def email(writer: Writer) -> Draft:
    listed_out = writer.rnd.random() < 0.25
    body = (
        [Piece("\n\n"), *bullet_lines(writer), *ending(writer)]
        if listed_out
        else running(writer, framed(writer, sentences(writer), 1.0))
    )
    hello = writer.say("greeting", Scope({}), "prose")
    start = writer.say("mail start", Scope({}), "prose")
    end = writer.say("mail end", Scope({}), "prose")
    name = writer.say("signature", Scope({}), "prose")
    subject: Draft = []
    if writer.rnd.random() < 0.3:
        subject = [Piece("Subject: "), *line_sentence(writer, "title"), Piece("\n\n")]
    return [*subject, *hello, Piece("\n\n"), *start, Piece(" "), *body, Piece("\n\n"), *end, Piece("\n"), *name]


def fragments(writer: Writer, owners: tuple[str, ...], separator: str) -> Draft:
    """`Filler: 3.5±0.2 s, setup 4 min`: one station or group in telegraph style."""
    pending = pending_of(writer, owners[0])
    scope_drafts = name_drafts(writer, owners)
    head: Draft
    if len(owners) == 1:
        head = writer.name(owners[0])
    else:
        head = (
            writer.say("group head", Scope(scope_drafts), "terse")
            if "stem" in scope_drafts and writer.plan.modality is not Modality.NO_SKETCH
            else listed([writer.name(one) for one in owners], writer.rnd.choice((" and ", ", ", " + ", " & ", " / ")))
        )
    if writer.rnd.random() < writer.typing and len(owners) == 1:
        head = [*head, Piece(" ("), *writer.kind_word(owners[0]), Piece(")")]
    values = statements(writer, owners, pending, "terse") if pending else []
    if not values:
        return head
    return [*head, Piece(separator), *join(values, writer.rnd.choice((", ", ", ", " ", ", ")))]


def telegraph(writer: Writer) -> Draft:
    order = flow_order(writer)
    linear = all(
        len(writer.outs.get(a, ())) == 1 and writer.outs[a][0].downstream == b for a, b in zip(order, order[1:], strict=False)
    )
    between = writer.rnd.choice(("; ", "; ", " / ", " | ", ". ", "\n", ", "))
    after = writer.rnd.choice((" ", " ", ": ", " = ", " - "))
    groups = {} if linear else shared(writer, order)
    grouped = {one: ids for ids in groups.values() for one in ids}
    parts: list[Draft] = []
    by_order = linear and writer.plan.topology_in_prompt
    for index, one in enumerate(order):
        owners = grouped.get(one, (one,))
        if owners[0] != one or (not writer.plan.topology_in_prompt and not pending_of(writer, one) and writer.rnd.random() < 0.6):
            continue
        draft = fragments(writer, owners, after)
        if by_order and index:
            link = writer.outs[order[index - 1]][0]
            draft = [piece._replace(facts=(*piece.facts, link_fact(link))) if at == 0 else piece for at, piece in enumerate(draft)]
        parts.append(draft)
        if not writer.plan.topology_in_prompt and says_percent(writer, one):
            parts.append(percent_sentence(writer, one, order, "terse"))
    if by_order and between != "\n" and writer.rnd.random() < 0.3:
        between = writer.rnd.choice((" -> ", " → ", " > "))
    if writer.plan.topology_in_prompt and not linear:
        parts += terse_flow(writer, order)
    parts += [draft for one in order if (draft := routing_sentence(writer, one, "terse"))]
    if writer.plan.modality is Modality.NO_SKETCH:
        parts += [writer.say("kind", Scope(dict(name_drafts(writer, (one,)))), "terse") for one in order if one not in writer.typed]
    head = [line_sentence(writer, "title"), title_end(writer)] if writer.rnd.random() < 0.5 else []
    body = join(parts, between)
    tail = [draft for drafts in people_sentences(writer, "terse") for draft in drafts]
    tail += [*bare_sentence(writer), *sketch_sentences(writer), *horizon_sentences(writer)]
    tail += [draft for draft in (legend(writer),) if draft]
    tail += [*corrections(writer), *distractors(writer, 0.06)]
    glue = between if between not in (" -> ", " → ", " > ") else "; "
    return [*(piece for draft in head for piece in draft), *join([body, *tail], glue)]


def title_end(writer: Writer) -> Draft:
    return plain(writer.rnd.choice((": ", ". ", " / ", "\n", " - ", ":\n")))


def terse_flow(writer: Writer, order: list[str]) -> list[Draft]:
    arrow = writer.rnd.choice(ARROWS[:7])
    parts: list[Draft] = []
    done: set[str] = set()
    for run in chains(writer, order):
        if says_percent(writer, run[0].upstream) and writer.rnd.random() < 0.5:
            if run[0].upstream not in done:
                parts.append(percent_sentence(writer, run[0].upstream, order, "terse"))
            done.add(run[0].upstream)
            if len(run) > 1:
                parts.append(chain_draft(writer, run[1:], arrow))
        elif run[0].upstream in done and says_percent(writer, run[0].upstream):
            if len(run) > 1:
                parts.append(chain_draft(writer, run[1:], arrow))
        else:
            parts.append(chain_draft(writer, run, arrow))
    return parts


def bullet_lines(writer: Writer) -> Draft:
    order = flow_order(writer)
    mark = writer.rnd.choice(("- ", "- ", "* ", "• ", "– ", "", "1"))
    after = writer.rnd.choice((": ", ": ", " - ", " – ", ", ", " "))
    lines: list[Draft] = []
    groups = shared(writer, order)
    grouped = {one: ids for ids in groups.values() for one in ids}
    for one in order:
        owners = grouped.get(one, (one,))
        if owners[0] == one:
            lines.append(fragments(writer, owners, after))
    for drafts in people_sentences(writer, "terse"):
        lines.append(join(drafts, ", "))
    flow: list[Draft] = []
    if writer.plan.topology_in_prompt:
        flow = terse_flow(writer, order)
    else:
        flow = [percent_sentence(writer, one, order, "terse") for one in order if says_percent(writer, one)]
    flow += [draft for one in order if (draft := routing_sentence(writer, one, "terse"))]
    if writer.plan.modality is Modality.NO_SKETCH:
        flow += [writer.say("kind", Scope(dict(name_drafts(writer, (one,)))), "terse") for one in order if one not in writer.typed]
    numbered = [[Piece(f"{i + 1}. " if mark == "1" else mark), *line] for i, line in enumerate(lines)]
    text = join(numbered, "\n")
    if flow:
        label = writer.say("flow label", Scope({}), "terse")
        text = [
            *text,
            Piece("\n"),
            *label,
            Piece(writer.rnd.choice((": ", ":\n"))),
            *join(flow, writer.rnd.choice(("; ", "\n", ", "))),
        ]
    return text


def ending(writer: Writer) -> Draft:
    """Remarks under a list or a table, one a line."""
    tail = [*bare_sentence(writer), *sketch_sentences(writer), *horizon_sentences(writer)]
    tail += [draft for draft in (legend(writer),) if draft]
    tail += [*corrections(writer), *distractors(writer, 0.08)]
    return [Piece("\n"), *join([closed(capitalised(draft)) for draft in tail], "\n")] if tail else []


def bullets(writer: Writer) -> Draft:
    head = [*line_sentence(writer, "title"), Piece(writer.rnd.choice((":\n", "\n", "\n\n")))] if writer.rnd.random() < 0.7 else []
    return [*head, *bullet_lines(writer), *ending(writer)]


def table(writer: Writer) -> Draft:
    """Rows of name, type, parameters and (with the topology) next stations."""
    order = flow_order(writer)
    style = writer.rnd.choice((" | ", " | ", "\t", ", ", "; ", " ; "))
    typed = writer.rnd.random() < 0.75 or writer.plan.modality is Modality.NO_SKETCH
    routed = writer.plan.topology_in_prompt
    titles = [writer.say("column name", Scope({}), "terse")]
    titles += [writer.say("column type", Scope({}), "terse")] if typed else []
    titles += [writer.say("column values", Scope({}), "terse")]
    titles += [writer.say("column next", Scope({}), "terse")] if routed else []
    rows: list[Draft] = [join(titles, style)] if writer.rnd.random() < 0.85 else []
    inner = " / " if "," in style else "; " if "|" in style else ", "
    for one in order:
        values = statements(writer, (one,), pending_of(writer, one), "terse")
        cells = [writer.name(one)]
        cells += [writer.kind_word(one)] if typed else []
        cells += [join(values, inner) if values else plain(writer.rnd.choice(("-", "-", "", "n/a", "–")))]
        cells += [next_cell(writer, one, inner)] if routed else []
        rows.append(join(cells, style))
    if style == " | " and writer.rnd.random() < 0.4:
        rows = [[Piece("| "), *row, Piece(" |")] for row in rows]
    below: list[Draft] = [join(drafts, inner) for drafts in people_sentences(writer, "terse")]
    if not routed:
        below += [percent_sentence(writer, one, order, "terse") for one in order if says_percent(writer, one)]
    below += [draft for one in order if (draft := routing_sentence(writer, one, "terse"))]
    head = [*line_sentence(writer, "title"), Piece("\n")] if writer.rnd.random() < 0.6 else []
    body = join([*rows, *below], "\n")
    return [*head, *body, *ending(writer)]


def next_cell(writer: Writer, station: str, inner: str) -> Draft:
    cells: list[Draft] = []
    for link in writer.outs.get(station, ()):
        named = writer.name(link.downstream, link_fact(link))
        if says_percent(writer, station):
            from_here = writer.percent(station, link.downstream, link.percent or 0.0)
            named = [*named, Piece(" "), *from_here]
        cells.append(named)
    return join(cells, inner) if cells else plain(writer.rnd.choice(("-", "-", "end", "out")))


def title(writer: Writer) -> Draft:
    return line_sentence(writer, "title")


REGISTERS: dict[str, Callable[[Writer], Draft]] = {
    "prose": prose, "paper": paper, "telegraph": telegraph, "bullets": bullets, "table": table, "email": email,
    "spoken": spoken, "broken": broken, "title": title,
}  # fmt: skip

CORRECTABLE = ("process_time_s", "interarrival_time_s")


def constants(writer: Writer) -> list[tuple[str, str]]:
    """(station, group) pairs that a correction can be about: constant main times."""
    return [
        (station.id, group)
        for station in writer.graph.stations
        for group in CORRECTABLE
        if group in groups_of(station) and group in pending_of(writer, station.id) and isinstance(getattr(station, group), Constant)
    ]
