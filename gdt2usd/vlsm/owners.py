"""Gives numbers to the things that the prompt's clauses, rows of names and talk say they belong to.

Not covered: which those are (`vlsm.spoken`), what the numbers mean (`vlsm.consistent`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from gdt2usd.vlsm.likeness import split_index
from gdt2usd.vlsm.mentions import Named, normalised
from gdt2usd.vlsm.said import Said
from gdt2usd.vlsm.script_tokens import KINDS, RESOURCE_CLASSES

ASIDE = 0.2
"""What is left of the shares of others where a clause names one owner only and the reader thinks the same."""
SHARPEN = 2
"""Power of an owner's share: the writing may use a number for all that have half the share of the likeliest."""
TOPIC = 5.0
"""So many times likelier the owner is what was spoken of last."""


def with_topics(said: Said, topics: dict[int, int]) -> Said:
    """The verdicts with some more weight for the thing that was spoken of last as the owner of a number whose clause names none."""
    owners = said.owners.clone()
    for k, thing in topics.items():
        owners[k, thing] = owners[k, thing] * TOPIC + TOPIC / 100
        owners[k] /= owners[k].sum()
    return replace(said, owners=owners)


def with_heads(said: Said, heads: dict[int, int], objects: Sequence[Named]) -> Said:
    """The verdicts with numbers whose owner is seen in another clause given to the only object that their own clause names.

    A name that stands for several numbered ones (`each Wafer Prober`) gives its numbers to all of them.
    """
    owners = said.owners.clone()
    stems = [normalised(split_index(named.name)[0]) if split_index(named.name)[1] else "" for named in objects]
    for k, thing in heads.items():
        own = normalised(objects[thing].name)
        members = [i for i, stem in enumerate(stems) if stem and own in (stem, f"{stem}s", f"{stem}es")]
        wanted = members if len(members) > 1 and not stems[thing] else [thing]
        if int(owners[k].argmax()) not in wanted or len(wanted) > 1:
            owners[k] = 0.0
            owners[k, wanted] = 1.0 / len(wanted)
        else:
            owners[k, [i for i in range(owners.shape[1]) if i != wanted[0]]] *= ASIDE
            owners[k] /= owners[k].sum()
    return replace(said, owners=owners)


def sharpened(said: Said) -> Said:
    """The verdicts with owners that are likelier than others likelier still; of several as likely each stays so."""
    owners = said.owners**SHARPEN
    return replace(said, owners=owners / owners.sum(-1, keepdim=True).clamp(min=1e-9))


def with_chains(said: Said, chains: dict[int, tuple[int, ...]], heads: dict[int, int]) -> Said:
    """The verdicts with numbers that are said of several things in a row (`Packer 1 and Packer 2: 65 s`) given to all of them."""
    owners = said.owners.clone()
    for k, things in chains.items():
        best = [KINDS[int(said.kinds[i, : len(KINDS)].argmax())] for i in things]
        if k not in heads and len(set(best)) == 1 and best[0] not in RESOURCE_CLASSES:
            owners[k] = 0.0
            owners[k, list(things)] = 1.0 / len(things)
    return replace(said, owners=owners)
