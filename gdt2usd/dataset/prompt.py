"""The prompt view of a sample: English as engineers, sales people and non-native speakers write it.

`write_prompt` composes a description of a graph from the hand-written phrase bank (`phrases/`) in the register that the plan
asks for, and records which characters state which fact. Not covered: notes drawn in the sketch (`dataset.sketch`).
"""

from __future__ import annotations

import random

import numpy as np

from gdt2usd.dataset.layers.industry import INDUSTRIES, vocabulary
from gdt2usd.dataset.prompt_bank import load_bank
from gdt2usd.dataset.prompt_numbers import draw_habit
from gdt2usd.dataset.prompt_places import places_in_line
from gdt2usd.dataset.prompt_registers import REGISTERS
from gdt2usd.dataset.prompt_remarks import SIGNS_IN_PASSING, correctable, relations
from gdt2usd.dataset.prompt_text import finished, text_of, with_decimal_commas, with_typos
from gdt2usd.dataset.prompt_writer import Writer, plural
from gdt2usd.dataset.sample import Categories, Modality, Plan, Prompt
from gdt2usd.graph.model import Link, ProcessGraph
from gdt2usd.vlsm.numbers import writes_decimal_commas

TYPO_RATES = {"telegraph": 0.012, "spoken": 0.01, "broken": 0.03, "email": 0.01, "prose": 0.008, "bullets": 0.008}


RELATING = ("prose", "email", "spoken", "broken")


def links_by(graph: ProcessGraph, *, upstream: bool) -> dict[str, tuple[Link, ...]]:
    found: dict[str, list[Link]] = {}
    for link in sorted(graph.links, key=lambda one: one.out_port if upstream else one.in_port):
        found.setdefault(link.upstream if upstream else link.downstream, []).append(link)
    return {station: tuple(links) for station, links in found.items()}


def new_writer(graph: ProcessGraph, categories: Categories, plan: Plan, rnd: random.Random, register: str) -> Writer:
    """A writer with habits of its own."""
    bank = load_bank()
    known = categories.industry in INDUSTRIES and rnd.random() < 0.55
    item = rnd.choice(vocabulary(categories.industry).words["items"]) if known else bank.pick(rnd, "item any", "prose").text
    sentences = register in (*RELATING, "paper")
    sketched = plan.modality is not Modality.NO_SKETCH and not plan.legend_in_prompt
    return Writer(
        graph=graph,
        categories=categories,
        plan=plan,
        rnd=rnd,
        bank=bank,
        habit=draw_habit(rnd, register),
        register=register,
        article=0.0
        if register in ("telegraph", "bullets", "table")
        else rnd.choice((0.0, 0.3, 0.9, 1.0)) * (0.3 if register == "broken" else 1),
        abbreviations=rnd.choice((0.0, 0.5, 0.95, 1.0, 1.0)),
        item=item,
        items=plural(item),
        things={thing.id: thing for thing in (*graph.stations, *graph.resources)},
        outs=links_by(graph, upstream=True),
        ins=links_by(graph, upstream=False),
        shortens=rnd.choice((0.0, 0.0, 0.0, 0.15, 0.4)) if sentences and not plan.legend_in_prompt else 0.0,
        typing=rnd.choice((0.0, 0.9, 1.0) if plan.modality is Modality.NO_SKETCH else (0.0, 0.1, 0.4, 0.95)),
        appositions=rnd.choice((0.0, 0.0, 0.1, 0.4)),
        ellipses=rnd.choice((0.0, 0.3, 0.7)) if sketched else 0.0,
        introduces=rnd.choice(SIGNS_IN_PASSING) if plan.legend_in_prompt and rnd.random() < 0.35 else "",
        hyphens=plan.legend_in_prompt and rnd.random() < 0.3,
        pronouns=rnd.choice((0.0, 0.0, 0.0, 0.4, 0.9)) if sentences else 0.0,
        mans=rnd.choice((0.0, 0.0, 0.5, 1.0)) if plan.topology_in_prompt or rnd.random() < 0.3 else 0.0,
    )


def mistaken(right: float, *, whole: bool, rnd: random.Random) -> float:
    """A value that somebody wrote for `right` by mistake."""
    while True:
        wrong = right * rnd.choice((0.5, 0.8, 0.9, 1.1, 1.2, 1.5, 2))
        wrong = max(1.0, round(wrong)) if whole else float(f"{wrong:.3g}")
        if wrong != right:
            return wrong
        right += 1.0 if whole else 0.0


def write_prompt(graph: ProcessGraph, categories: Categories, plan: Plan, rng: np.random.Generator) -> Prompt:
    """The prompt of one sample; the same `rng` state gives the same prompt.

    Raises:
        KeyError: `plan.register` is unknown, or the phrase bank lacks a topic that the graph needs.
    """
    rnd = random.Random(int(rng.integers(2**63)))
    register = "title" if plan.modality is Modality.TITLE_ONLY else plan.register
    writer = new_writer(graph, categories, plan, rnd, register)
    if register not in ("title", "paper", "table") and rnd.random() < 0.09 and (choices := correctable(writer)):
        for one, group, right in rnd.sample(choices, min(len(choices), rnd.choice((1, 1, 1, 2)))):
            writer.wrong[one, group] = mistaken(right, whole=group == "capacity", rnd=rnd)
    elif register in RELATING and rnd.random() < 0.06 and (pairs := relations(writer)):
        one, other, ratio = rnd.choice(pairs)
        writer.relative[one] = (other, ratio)
    if register in RELATING and plan.modality is not Modality.NO_SKETCH and rnd.random() < 0.08:
        writer.places, writer.by_place = places_in_line(writer), rnd.choice((0.3, 0.6, 0.9))
    if register in ("spoken", "email", "prose", "broken") and not writer.wrong and rnd.random() < 0.16:
        writer.stumbles = rnd.choice((0.15, 0.3, 0.6))
    draft = REGISTERS[register](writer)
    if plan.modality is not Modality.NO_SKETCH and not plan.legend_in_prompt and rnd.random() < 0.07:
        case = rnd.choice((str.lower, str.lower, str.lower, str.upper, str.title))
        draft = [piece._replace(text=case(piece.text)) if piece.is_name else piece for piece in draft]
    if not writer.habit.bare and rnd.random() < 0.06:
        commas = with_decimal_commas(draft)
        draft = commas if writes_decimal_commas(text_of(commas)) else draft  # not beside `clause 3.3`, nor where no unit tells
    careless = rnd.random() < 0.35
    rate = TYPO_RATES.get(register, 0.0) * rnd.choice((0.5, 1, 3)) if careless else 0.0
    safe = plan.modality is not Modality.NO_SKETCH and not plan.legend_in_prompt
    name_rate = 0.01 if careless and safe else 0.0
    return finished(with_typos(draft, rnd, rate, name_rate), register)
