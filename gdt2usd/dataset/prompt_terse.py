"""Telegraph style, bullet lists and tables: names with fragments of values, and the flow as arrows.

Not covered: sentences (`prompt_body`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from itertools import pairwise

from gdt2usd.dataset.prompt_facts import kind_of
from gdt2usd.dataset.prompt_flow import (
    ARROWS,
    chain_draft,
    chains,
    contiguous,
    flow_order,
    link_fact,
    merges,
    percent_sentence,
    routing_sentence,
    says_percent,
    says_percent_in,
)
from gdt2usd.dataset.prompt_people import manned, people_sentences
from gdt2usd.dataset.prompt_remarks import (
    asides,
    bare_sentence,
    corrections,
    distractors,
    horizon_sentences,
    legend,
    misleads,
    sketch_sentences,
    title_line,
)
from gdt2usd.dataset.prompt_station import name_drafts, pending_of, shared, signature, statements
from gdt2usd.dataset.prompt_text import Draft, Piece, capitalised, closed, join, listed, plain, text_of
from gdt2usd.dataset.prompt_writer import Scope, Writer
from gdt2usd.dataset.sample import Fact, Modality
from gdt2usd.graph.model import Link


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
            if "stem" in scope_drafts and writer.plan.modality is not Modality.NO_SKETCH and writer.rnd.random() >= writer.ellipses
            else writer.together(owners)
            or listed([writer.name(one) for one in owners], writer.rnd.choice((" and ", ", ", " + ", " & ", " / ", " | ", "/")))
        )
    odd = len(owners) == 1 and misleads(owners[0], kind_of(writer.things[owners[0]]))
    if writer.rnd.random() < max(writer.typing, 0.4 if odd else 0.0) and len(owners) == 1:
        head = [*head, *typed_behind(writer, owners[0], odd)]
    values = statements(writer, owners, pending, "terse") if pending else []
    values += manned(writer, owners, "terse") if values else []
    if not values:
        return head
    if head[-1].text.endswith(":"):
        separator = " "
    glue = writer.rnd.choice((", ", ", ", " ", ", "))
    word = writer.last_word(owners[0]) if len(values) > 1 and len(owners) == 1 and separator == " " else ""
    if word and writer.rnd.random() < 0.15:
        again = Piece(word, (Fact(owners[0], "name", owners[0]),), True)
        return [*head, Piece(separator), *values[0], Piece("; "), again, Piece(" "), *join(values[1:], glue)]
    return [*head, Piece(separator), *join(values, glue)]


BEHIND = (
    (" (", ")"), (" (", ")"), (" (", ")"), (", ", ""), (", a ", ""), (" - ", ""), (" [", "]"), (" = ", ""), (" ", ""), (" ", ""),
    (" / ", ""), (": ", ""), (" (a ", ")"), (", type ", ""), (" <", ">"), (" – ", ""),
)  # fmt: skip
BEHIND_ODD = (
    (" (", "!)"),
    (" (", "!!)"),
    (" (= ", ")"),
    (" (is a ", ")"),
    (" (just a ", ")"),
    (" = a normal ", ""),
    (" (no, a ", ")"),
)


def typed_behind(writer: Writer, station: str, odd: bool) -> Draft:
    """The type behind the name: `(rack)`, `, a rack`, ` = rack`; with a mark where the name misleads: `(machine!)`."""
    opening, closing = writer.rnd.choice(BEHIND_ODD if odd and writer.rnd.random() < 0.5 else BEHIND)
    word = writer.kind_word(station)
    if opening.endswith(" a ") and word[0].text[:1].lower() in "aeiou":
        opening = f"{opening[:-1]}n "
    if opening == " " and word[0].text.lower() in station.lower():
        opening, closing = " (", ")"
    return [Piece(opening), *word, *plain(closing)]


def parallels(writer: Writer, order: list[str]) -> list[tuple[str, ...]]:
    """The stations in flow order, neighbours alike in values and connections taken together."""
    steps: list[tuple[str, ...]] = []
    for one in order:
        key = (signature(writer, one), ends(writer, one))
        if steps and key == (signature(writer, steps[-1][0]), ends(writer, steps[-1][0])):
            steps[-1] = (*steps[-1], one)
        else:
            steps.append((one,))
    return steps


def ends(writer: Writer, station: str) -> tuple[frozenset[str], frozenset[str]]:
    ups = frozenset(link.upstream for link in writer.ins.get(station, ()))
    return ups, frozenset(link.downstream for link in writer.outs.get(station, ()))


def told_by_order(writer: Writer, steps: list[tuple[str, ...]]) -> bool:
    """Whether reading the steps one after the other gives all links but those with percentages."""
    for step, following in pairwise([*steps, ()]):
        for one in step:
            ways = {link.downstream for link in writer.outs.get(one, ())}
            if ways and not says_percent(writer, one) and (ways != set(following) or len(writer.outs[one]) != len(ways)):
                return False
    return True


def ordered_fragments(writer: Writer, order: list[str], after: str) -> list[Draft] | None:
    """Fragments in flow order whose order tells the links; percentages as fragments of their own. None if order cannot tell."""
    steps = parallels(writer, order)
    if not told_by_order(writer, steps):
        return None
    parts: list[Draft] = []
    before: tuple[str, ...] = ()
    for step in steps:
        draft = fragments(writer, step, after)
        links = [link for one in before for link in writer.outs.get(one, ()) if not says_percent(writer, one)]
        if links:
            facts = tuple(link_fact(link) for link in links)
            at = next(index for index, piece in enumerate(draft) if piece.is_name)
            draft[at] = draft[at]._replace(facts=(*draft[at].facts, *facts))
        parts.append(draft)
        parts += [percent_sentence(writer, one, order, "terse") for one in step if says_percent(writer, one)]
        before = step
    return parts


def telegraph(writer: Writer) -> Draft:
    order = flow_order(writer)
    between = writer.rnd.choice(("; ", "; ", " / ", " | ", ". ", "\n", ", ", " // ", " | ", "\n\n", ";\n", " · "))
    after = writer.rnd.choice((" ", " ", " ", ": ", " = ", " - "))
    told = writer.plan.topology_in_prompt
    ordered = ordered_fragments(writer, order, after) if told and writer.rnd.random() < 0.6 else None
    if ordered is not None:
        parts = ordered
        if "\n" not in between and writer.rnd.random() < 0.2 and not any(says_percent(writer, one) for one in order):
            between = writer.rnd.choice((" -> ", " → ", " > "))
    elif told and writer.rnd.random() < 0.6:
        parts = strung(writer, order, after)
    else:
        parts = loose_fragments(writer, order, after)
        parts += terse_flow(writer, order) if told else []
    parts += [draft for one in order if (draft := routing_sentence(writer, one, "terse"))]
    if writer.plan.modality is Modality.NO_SKETCH:
        parts += [writer.say("kind", Scope(dict(name_drafts(writer, (one,)))), "terse") for one in order if one not in writer.typed]
    head = [title_line(writer), title_end(writer)] if writer.rnd.random() < 0.5 else []
    tail = [draft for drafts in people_sentences(writer, "terse") for draft in drafts]
    tail += [*bare_sentence(writer), *sketch_sentences(writer), *horizon_sentences(writer)]
    glue = between if between not in (" -> ", " → ", " > ") else "; "
    if key := legend(writer):
        first = writer.rnd.random() < 0.5
        head += [key, plain(writer.rnd.choice(("\n", ". ", "\n\n")) if "\n" not in text_of(key) else "\n")] if first else []
        tail += [] if first else [key]
    tail += [*corrections(writer), *distractors(writer, 0.06), *asides(writer)]
    return [*(piece for draft in head for piece in draft), *join([join(parts, between), *tail], glue)]


def behind_names(writer: Writer, told_of: set[str], together: Collection[str] = ()) -> Callable[[str, Draft], Draft]:
    """What puts the values of a station behind its name where that is first written, but for those told `together` with others."""
    opening, closing = writer.rnd.choice(((" ", ""), (" ", ""), (" (", ")"), (" (", ")"), (" [", "]"), (": ", "")))

    def described(station: str, named: Draft) -> Draft:
        if station in told_of or station in together:
            return named
        told_of.add(station)
        pending = pending_of(writer, station)
        values = statements(writer, (station,), pending, "terse") if pending else []
        if not values:
            return named
        return [*named, Piece(opening), *join([*values, *manned(writer, (station,), "terse")], ", "), *plain(closing)]

    return described


def strung(writer: Writer, order: list[str], after: str) -> list[Draft]:
    """The flow as arrows with values behind the names: `Saw 40 s > 96% Desk U(2;4) min, 4% Washer`; what is left as fragments."""
    told_of: set[str] = set()
    writer.describes = behind_names(writer, told_of)
    parts = terse_flow(writer, order)
    writer.describes = None
    return [*parts, *(fragments(writer, (one,), after) for one in order if one not in told_of and pending_of(writer, one))]


def loose_fragments(writer: Writer, order: list[str], after: str) -> list[Draft]:
    """Fragments whose order tells nothing; without topology in the text also the percentages."""
    groups = shared(writer, order)
    grouped = {one: ids for ids in groups.values() for one in ids}
    told = writer.plan.topology_in_prompt
    parts: list[Draft] = []
    told_of: set[str] = set()
    at_shares = writer.rnd.random() < 0.4
    for one in order:
        owners = grouped.get(one, (one,))
        if owners[0] == one and one not in told_of and (told or pending_of(writer, one) or writer.rnd.random() < 0.4):
            parts.append(fragments(writer, owners, after))
        told_of.add(one)
        if not told and says_percent(writer, one):
            writer.describes = behind_names(writer, told_of, grouped) if at_shares else None
            parts.append(percent_sentence(writer, one, order, "terse", bare=not at_shares and writer.rnd.random() < 0.35))
            writer.describes = None
    return parts


def title_end(writer: Writer) -> Draft:
    return plain(writer.rnd.choice((": ", ". ", " / ", "\n", " - ", ":\n")))


def terse_flow(writer: Writer, order: list[str]) -> list[Draft]:
    arrow = writer.rnd.choice(ARROWS[:7])
    parts: list[Draft] = []
    done: set[str] = set()
    met: set[tuple[str, str]] = set()
    for _, links in merges(writer) if writer.rnd.random() < 0.35 else ():
        if not says_percent_in(writer, list(links)):
            parts.append(sum_draft(writer, links, arrow))
            met |= {(link.upstream, link.downstream) for link in links}
    left = [[link for link in run if (link.upstream, link.downstream) not in met] for run in chains(writer, order)]
    for run in [part for links in left for part in contiguous(links)]:
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


def sum_draft(writer: Writer, links: tuple[Link, ...], arrow: str) -> Draft:
    """`Lid Feed + Cup Feed = Case Packer`, with an arrow where nothing is put together."""
    into = links[0].downstream
    adds = kind_of(writer.things[into]) == "combiner"
    sign = writer.rnd.choice((" + ", " + ", "+", " & ") if adds else (" + ", ", ", " & ", " / "))
    ups = join([writer.described(link.upstream, writer.name(link.upstream, link_fact(link))) for link in links], sign)
    equals = writer.rnd.choice((" = ", arrow)) if adds else arrow
    return [*ups, Piece(equals), *writer.described(into, writer.name(into))]


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
    tail += [*corrections(writer), *distractors(writer, 0.08), *asides(writer)]
    return [Piece("\n"), *join([closed(capitalised(draft)) for draft in tail], "\n")] if tail else []


def bullets(writer: Writer) -> Draft:
    head = [*title_line(writer), Piece(writer.rnd.choice((":\n", "\n", "\n\n")))] if writer.rnd.random() < 0.7 else []
    lines = bullet_lines(writer)
    return [*head, *early_legend(writer), *lines, *ending(writer)]


def early_legend(writer: Writer) -> Draft:
    """The legend before what it is for, now and then; else `ending` has it."""
    key = legend(writer) if writer.rnd.random() < 0.4 else []
    return [*key, Piece("\n")] if key else []


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
    head = [*title_line(writer), Piece("\n")] if writer.rnd.random() < 0.6 else []
    body = join([*rows, *below], "\n")
    return [*head, *early_legend(writer), *body, *ending(writer)]


def next_cell(writer: Writer, station: str, inner: str) -> Draft:
    cells: list[Draft] = []
    for link in writer.outs.get(station, ()):
        named = writer.name(link.downstream, link_fact(link))
        if says_percent(writer, station):
            from_here = writer.percent(station, link.downstream, link.percent or 0.0)
            named = [*named, Piece(" "), *from_here]
        cells.append(named)
    return join(cells, inner) if cells else plain(writer.rnd.choice(("-", "-", "end", "out")))
