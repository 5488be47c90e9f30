"""The registers: how one description is arranged as prose, paper style, telegraph, bullets, table, e-mail, speech, or a title.

Each register is a function from a writer to a draft. Not covered: the sentences themselves.
"""

from __future__ import annotations

from collections.abc import Callable

from gdt2usd.dataset.prompt_body import sentences
from gdt2usd.dataset.prompt_flow import (
    flow_order,
)
from gdt2usd.dataset.prompt_remarks import (
    asides,
    bare_sentence,
    corrections,
    distractors,
    heading,
    horizon_sentences,
    legend,
    line_sentence,
    sketch_sentences,
    title_line,
)
from gdt2usd.dataset.prompt_station import name_drafts
from gdt2usd.dataset.prompt_terse import bullet_lines, bullets, ending, table, telegraph
from gdt2usd.dataset.prompt_text import Draft, Piece, capitalised, closed, join
from gdt2usd.dataset.prompt_writer import Scope, Writer


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
        head = [*head, *remarks]
    else:
        tail = [*remarks, *tail]
    head, tail = ([*head, *bare], tail) if writer.rnd.random() < 0.6 else (head, [*bare, *tail])
    head, tail = ([*head, *key], tail) if writer.rnd.random() < 0.75 else (head, [*tail, *key])
    for one in asides(writer):
        body = put_in(writer, body, one)
    if noise:
        body = put_in(writer, body, noise[0])
        tail = [*noise[1:], *tail]
    return [*head, *body, *tail]


def put_in(writer: Writer, body: list[Draft], one: Draft) -> list[Draft]:
    """The body with a sentence put in somewhere, never before one that goes on about what the last has named."""
    places = [at for at, draft in enumerate(body) if any(piece.is_name for piece in draft[:4])]
    at = writer.rnd.choice([*places, len(body)])
    return [*body[:at], one, *body[at:]]


def running(writer: Writer, drafts: list[Draft]) -> Draft:
    """Sentences set one after the other, sometimes in paragraphs."""
    done = [closed(capitalised(draft)) for draft in linked(writer, [draft for draft in drafts if draft])]
    if len(done) > 3 and writer.register in ("paper", "prose", "email") and writer.rnd.random() < 0.08:
        return join(numbered(writer, done), writer.rnd.choice((" ", "\n", "\n")))
    if len(done) > 6 and writer.rnd.random() < 0.3:
        at = len(done) // 2
        return [*join(done[:at], " "), Piece("\n\n"), *join(done[at:], " ")]
    if writer.rnd.random() < 0.06:
        return join(done, "\n")
    return join(done, " ")


def numbered(writer: Writer, drafts: list[Draft]) -> list[Draft]:
    """Every sentence a clause of its own: `(2) The Saw takes 3 s.`"""
    form, first = (
        writer.rnd.choice(("({}) ", "({}) ", "{}) ", "{}. ", "3.{} ", "§{} ", "[{}] ")),
        writer.rnd.choice((1, 1, 1, 2, 11)),
    )
    return [[Piece(form.format(first + at)), *draft] for at, draft in enumerate(drafts)]


LINKS = ("; ", "; ", "; ", ", ", " and ", ", and ", " – ")


def linked(writer: Writer, drafts: list[Draft]) -> list[Draft]:
    """Some neighbours made one sentence: `The Saw takes 3 s; the Drill needs 4 s.`"""
    chance = writer.rnd.choice((0.0, 0.0, 0.1, 0.3))
    found: list[Draft] = []
    for draft in drafts:
        last = found[-1] if found else []
        short = len(draft) < 12 and len(last) < 12
        plain_end = last and last[-1].text.endswith(".") and not last[-1].facts
        starts = draft[0].text in ("The ", "It") or draft[0].facts
        if short and plain_end and starts and writer.rnd.random() < chance:
            opening = draft[0]._replace(text=draft[0].text.lower()) if draft[0].text in ("The ", "It") else draft[0]
            ending = last[-1]._replace(text=last[-1].text[:-1])
            found[-1] = [*last[:-1], *([ending] if ending.text else []), Piece(writer.rnd.choice(LINKS)), opening, *draft[1:]]
        else:
            found.append(draft)
    return found


def headed(writer: Writer, draft: Draft, chance: float = 0.3) -> Draft:
    """The text, now and then under a heading."""
    return [*heading(writer), *draft] if writer.rnd.random() < chance else draft


def prose(writer: Writer) -> Draft:
    return headed(writer, running(writer, framed(writer, sentences(writer))))


def paper(writer: Writer) -> Draft:
    """The published prompts' way: types and parameters in full sentences, the connections usually left to the sketch."""
    order = flow_order(writer)
    body = [writer.say("kind", Scope(dict(name_drafts(writer, (one,)))), "paper") for one in order if writer.rnd.random() < 0.35]
    writer.last = ""
    described = sentences(writer)
    return headed(writer, running(writer, framed(writer, [*body, *described], 0.2)), 0.2)


def spoken(writer: Writer) -> Draft:
    drafts = [writer.say("spoken start", Scope({})), *framed(writer, sentences(writer), 1.0)]
    if writer.rnd.random() < 0.6:
        drafts.append(writer.say("spoken end", Scope({})))
    return headed(writer, running(writer, drafts), 0.15)


def broken(writer: Writer) -> Draft:
    return headed(writer, running(writer, framed(writer, sentences(writer), 0.5)))


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
        subject = [Piece("Subject: "), *title_line(writer), Piece("\n\n")]
    return [*subject, *hello, Piece("\n\n"), *start, Piece(" "), *body, Piece("\n\n"), *end, Piece("\n"), *name]


def title(writer: Writer) -> Draft:
    return title_line(writer)


REGISTERS: dict[str, Callable[[Writer], Draft]] = {
    "prose": prose, "paper": paper, "telegraph": telegraph, "bullets": bullets, "table": table, "email": email,
    "spoken": spoken, "broken": broken, "title": title,
}  # fmt: skip
