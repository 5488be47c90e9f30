"""Objects told by their place in the line or what they are for: `the second machine`, `the conveyor`, `the machine that saws`.

Only where a reader who sees the flow can tell which is meant: in a line without branches, when there is one of a kind, or when
one machine alone has a name that says what it does.
Not covered: names (`prompt_writer`), sentences.
"""

from __future__ import annotations

from gdt2usd.dataset.prompt_facts import kind_of
from gdt2usd.dataset.prompt_flow import flow_order
from gdt2usd.dataset.prompt_station import MACHINES
from gdt2usd.dataset.prompt_work import DOES
from gdt2usd.dataset.prompt_writer import Writer

_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")
_WORDS: dict[str, tuple[str, ...]] = {
    "machine": ("machine", "machine", "station", "step", "process step"),
    "queue": ("queue", "buffer", "buffer"),
    "conveyor": ("conveyor", "belt"),
    "storage": ("rack", "store"),
    "source": ("source", "infeed", "entry"),
}


def _by_purpose(writer: Writer, machines: list[str]) -> dict[str, str]:
    """`machine that saws` for each machine whose name says what it does, if no other does the same."""
    does: dict[str, list[str]] = {}
    verbs: dict[str, tuple[str, ...]] = {}
    for one in machines:
        known = [word for word in one.lower().replace("-", " ").split() if word in DOES]
        if known:
            verbs[one] = DOES[known[-1]]
            does.setdefault(verbs[one][-1], []).append(one)
        for other in {DOES[word][-1] for word in known[:-1]}:
            does.setdefault(other, []).append(one)
    word = writer.rnd.choice(("machine that", "machine that", "station that", "one that", "step that"))
    return {one: f"{word} {writer.rnd.choice(said)}" for one, said in verbs.items() if len(does[said[-1]]) == 1}


def places_in_line(writer: Writer) -> dict[str, str]:
    """A phrase (without `the`) for each station that one can point at by its place; none where the line branches."""
    order = flow_order(writer)
    straight = all(len(writer.outs.get(one, ())) <= 1 and len(writer.ins.get(one, ())) <= 1 for one in order)
    groups: dict[str, list[str]] = {}
    for one in order:
        kind = kind_of(writer.things[one])
        groups.setdefault("machine" if kind in MACHINES else kind, []).append(one)
    found: dict[str, str] = {}
    for group, ids in groups.items():
        if group not in _WORDS:
            continue
        word = writer.rnd.choice(_WORDS[group])
        if len(ids) == 1:
            found[ids[0]] = word if writer.rnd.random() < 0.7 else f"only {word}"
        elif straight and len(ids) <= len(_ORDINALS):
            found |= {one: f"{_ORDINALS[k]} {word}" for k, one in enumerate(ids)}
            if writer.rnd.random() < 0.6:
                found[ids[-1]] = f"last {word}"
    if writer.rnd.random() < 0.4:
        found |= _by_purpose(writer, groups.get("machine", []))
    return found
