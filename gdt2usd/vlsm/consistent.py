"""Makes the reader's verdicts agree with each other and with what is drawn: what a thing is, what its numbers mean, whose they are.

The reader says kinds, slots and owners apart; a queue with a process time or a source that an arrow enters is a contradiction,
which the sum of the evidence settles. Not covered: what words say outright (`vlsm.stated`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import replace
from itertools import pairwise

import torch
from torch import Tensor

from gdt2usd.vlsm.connect import LINK
from gdt2usd.vlsm.mentions import PROMPT, is_code
from gdt2usd.vlsm.numbers import TIME_UNITS
from gdt2usd.vlsm.processor import Encoded, Evidence, Stroke
from gdt2usd.vlsm.said import Said
from gdt2usd.vlsm.script_tokens import KINDS, RESOURCE_CLASSES
from gdt2usd.vlsm.stated import Stated

_MACHINE = (
    "process_time_s",
    "setup_time_s",
    "breakdown.time_to_failure_s",
    "breakdown.time_to_repair_s",
    "capacity",
    "interarrival_time_s",
)
_MOVER = ("count", "capacity", "speed_m_s", "load_time_s", "unload_time_s", "move_time_s")
SLOTS_OF: dict[str, tuple[str, ...]] = {
    "source": ("interarrival_time_s", "process_time_s"),
    "queue": ("capacity", "batching"),
    "processor": _MACHINE,
    "combiner": (*_MACHINE, "components"),
    "separator": (*_MACHINE, "quantity"),
    "multiprocessor": _MACHINE,
    "conveyor": ("length_m", "speed_m_s"),
    "storage": ("capacity", "dwell_time_s"),
    "sink": (),
    **dict.fromkeys(RESOURCE_CLASSES, _MOVER),
}
"""What can be said of each kind; of a source a bare time is the one between arrivals, of a machine it is the process time."""
_SOURCE, _SINK, _COMBINER = (KINDS.index(kind) for kind in ("source", "sink", "combiner"))
_OPERATOR, _ROBOT = KINDS.index("operator"), KINDS.index("robot")
MOVES = re.compile(
    r"transport|truck|loader|\btugs?\b|tugger|fork|tractor|\bagvs?\b|\bamrs?\b|\bcarts?\b|\bbots?\b|shuttle|carrier|vehicle|crane|hoist|\bmover\b",
    re.I,
)
"""What names of vehicles have and those of people have not."""
_ON_WHEELS = re.compile(r"\b(?:bots?|carts?|agvs?|amrs?|shuttles?|vehicles?|mover)\b", re.I)
MOVER = 3.0
"""Nats against a person and a robot arm of that name."""
_RESOURCES = [KINDS.index(kind) for kind in RESOURCE_CLASSES]
_STATIONS = [KINDS.index(kind) for kind in KINDS if kind not in RESOURCE_CLASSES]
_WITHIN = [k for k in _STATIONS if k not in (_SOURCE, _SINK)]
_NEEDS: dict[str, tuple[tuple[str, Collection[str | None]], ...]] = {
    "source": (("interarrival_time_s", TIME_UNITS),),
    **dict.fromkeys(("processor", "combiner", "separator", "multiprocessor"), (("process_time_s", TIME_UNITS),)),
    "conveyor": (("length_m", ("m",)), ("speed_m_s", ("m/s",))),
    **dict.fromkeys(("queue", "storage"), (("capacity", (None,)),)),
}
"""What each kind has to have, and in which units it is said."""
ALWAYS = ("percent", "other", "horizon_s", "warm_up_s")
_TIMES = ("interarrival_time_s", "process_time_s", "setup_time_s", "breakdown.time_to_failure_s", "breakdown.time_to_repair_s",
          "dwell_time_s", "load_time_s", "unload_time_s", "move_time_s", "batching", "horizon_s", "warm_up_s", "other")  # fmt: skip
OF_UNIT: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(TIME_UNITS, _TIMES), "m": ("length_m", "other"), "m/s": ("speed_m_s", "other"), "%": ("percent", "other"),
}  # fmt: skip
"""What a number with a unit can be."""
_WRITTEN_AS_ONE = re.compile(r"\s*(?:/|\||-|\u2013|\.\.|to|\u00b1|\+/-|\+-|<)\s*", re.I)
_LISTED = re.compile(r"\s*(?:,(?: and)?|and)\s*", re.I)
_LIMIT = (
    r"(?:(?:at (?:the )?)?(?:min(?:imum)?|mode|modal|max(?:imum)?|most|best|worst|least)\.?(?: likely)?(?: value)?"
    r"|typical(?:ly)?|usual(?:ly)?|mostly|normally|likely)"
)
_LIMITED = re.compile(rf"\s*{_LIMIT}?\s*(?:[,/]|and|to|up to)?\s*{_LIMIT}?\s*[=:]?\s*", re.I)
"""Between numbers that are the limits and the mode of one distribution: `5 s min, 6 s mode, 8 s max`."""
_SCATTERS = re.compile(
    r"(?:\(|\btri\w*|\bunif?\w*|\bnorm\w*|\bgamma|\bweib\w*|\blogn\w*|\bbetween|\bmean|\baverage)[^\d;.]{0,14}$", re.I
)
"""What stands before numbers that are listed as one."""
_SPREAD = re.compile(r"\s*(?:-|\u2013|\.\.|to|\u00b1|\+/-|\+-)\s*", re.I)
"""Between two numbers with units of their own."""
FLOOR = 0.02
"""What a slot that does not fit a kind is still worth."""
HOLDS_ONLY = 5.0
"""Nats against a machine that has a capacity and no time."""
SHOWS_FLOW = 3
"""So many arrows make a sketch that shows the flow."""
AGAINST_ARROWS = 6.0
"""Nats against a source that an arrow enters, a sink that one leaves and a resource with any."""
HELPS_ONLY = 6.0
"""Nats against a station if all lines drawn to a thing are dashed."""
AT_AN_END = 4.0
"""Nats against a station within the line into which no line leads or out of which none leads."""
TWO_INPUTS, ONE_INPUT = 0.7, 3.0
"""Nats for a combiner with several arrows in, and against one with a single one."""
WITH_UNITS = 0.8
"""Share of the times of a prompt with units from which on a bare number is no time."""
FEWEST = 2
"""So many times with units show how a writer writes them."""
HAS_TIME = 10.0
"""Nats against a queue, a belt and a sink of which a time is said."""
_COMPANY = 50
"""Letters between numbers of one distribution."""
_BARE = re.compile(r"\s*(?:max(?:imum)?|at most|places|slots|spaces|positions)?\s*(?:[.;,\n/|)]|$)", re.I)
"""Behind a bare number that ends what is said of a thing."""
POSSIBLE = 0.5
"""Share of what a percentage points at from which on that is a station."""
UNLED = 0.03
"""Share of a connection below which it says nothing of whose a percentage is."""
POINTED = 0.9
"""Share of the name right behind a percentage as what it points at: so it was with 291 of 292 written by others."""
_POINTS, _APART = 70, 160
"""Letters from a percentage to the name that it points at, and between percentages of the same thing."""
_NOT = re.compile(r"(?:,|\band|\bbut)\s+not\s+(?:the )?$|\b(?:instead of|rather than)\s+$", re.I)
_WRONG = re.compile(r"\s*(?:is|was|are|were) (?:wrong|old|not right|not correct|an? (?:old|wrong)|out of date)\b", re.I)
_RETRACTS = re.compile(
    r"\bno[,.]? (?:wait|sorry)|\bsorry\b|\bscratch that|\bcorrection\b|\bi mean\b|\bmake (?:it|that)\b|\bhang on\b|\bactually\b"
    r"|\bno[,:;-]+\s|\bwait,", re.I
)  # fmt: skip
_RETRACTED = 90
"""Letters from a number that is taken back to the one that stands for it."""
CODED = 1.5
"""Nats for the kinds that the letters of a code commonly stand for."""
CODES: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("S", "SRC", "SO"), ("source",)),
    **dict.fromkeys(("K", "SK", "SNK"), ("sink",)),
    **dict.fromkeys(("Q", "BUF", "WIP"), ("queue",)),
    **dict.fromkeys(("M", "MC", "P", "PR", "WS", "ST"), ("processor",)),
    **dict.fromkeys(("C", "CMB"), ("combiner",)),
    **dict.fromkeys(("SP", "SEP"), ("separator",)),
    **dict.fromkeys(("CV", "CNV"), ("conveyor",)),
    "OP": ("operator",),
    "AGV": ("agv",),
    "FL": ("transporter",),
    "R": ("storage", "robot"),
}


def consistent(said: Said, encoded: Encoded, evidence: Evidence, slots: tuple[str, ...]) -> Said:
    """The verdicts with kinds weighed by the numbers that each thing owns and by the arrows at it, and slots that fit the kinds."""
    kinds, shares = said.kinds.clone(), said.slots.clone()
    fitting = torch.tensor([[slot in SLOTS_OF[kind] or slot in ALWAYS for slot in slots] for kind in KINDS])
    if len(encoded.objects) == 0 or not set(slots).issuperset(_MACHINE):
        return said
    scores = kinds[:, : len(KINDS)] + _drawn(evidence, len(encoded.objects))
    if len(encoded.numbers):
        mass = shares[:, : len(slots)] @ fitting.T.float() + shares[:, len(slots) :]  # (M, K)
        scores = scores + said.owners.T @ torch.log(FLOOR + (1 - FLOOR) * mass.clamp(0, 1)) - _holds_only(said, slots)
        for k, shares_of in enumerate(said.slots):
            if "percent" in slots and int(shares_of.argmax()) == slots.index("percent") and float(said.targets[k].max()) > POSSIBLE:
                scores[int(said.targets[k].argmax()), _RESOURCES] -= AGAINST_ARROWS
    stay = torch.logsumexp(kinds[:, : len(KINDS)], -1, keepdim=True)
    kinds[:, : len(KINDS)] = scores.log_softmax(-1) + stay
    best = kinds[:, : len(KINDS)].argmax(-1)
    for k in range(len(encoded.numbers)):
        kind = int(best[int(said.owners[k].argmax())])
        _rename(shares[k], slots, KINDS[kind])
        shares[k, : len(slots)] *= torch.where(fitting[kind], 1.0, FLOOR)
        shares[k] /= shares[k].sum().clamp(min=1e-9)
    return replace(said, kinds=kinds, slots=shares)


def _holds_only(said: Said, slots: tuple[str, ...]) -> Tensor:
    """(N, K) nats against the machines among things that own a capacity but no time of any kind."""
    best, owners = said.slots.argmax(-1), said.owners.argmax(-1)
    times = {slots.index(slot) for slot in ("process_time_s", "setup_time_s", "interarrival_time_s")}
    machines = [KINDS.index(kind) for kind, fitting in SLOTS_OF.items() if "setup_time_s" in fitting]
    out = torch.zeros(said.kinds.shape[0], len(KINDS))
    for i in range(len(out)):
        meant = {int(best[k]) for k in range(len(owners)) if int(owners[k]) == i}
        if slots.index("capacity") in meant and not meant & times:
            out[i, machines] = HOLDS_ONLY
    return out


def _rename(shares: Tensor, slots: tuple[str, ...], kind: str) -> None:
    """A source's process time is its time between arrivals, and a machine's time between arrivals its process time."""
    arrival, process = slots.index("interarrival_time_s"), slots.index("process_time_s")
    if kind == "source":
        shares[arrival] += shares[process].item()
        shares[process] = 0.0
    elif "process_time_s" in SLOTS_OF[kind]:
        shares[process] += shares[arrival].item()
        shares[arrival] = 0.0


def _drawn(evidence: Evidence, count: int) -> Tensor:
    """(N, K) nats for what the drawn lines and the codes of the sketch speak for.

    How often each kind has lines in, lines out and dashed ones was counted over pictures drawn by others: of 125 things with lines
    in only 116 were sinks, of 118 with lines out only 107 sources, of 480 with both none was either, of 93 with dashed lines only
    89 were helpers.
    """
    out = torch.zeros(count, len(KINDS))
    of_label = {label: i for label, i in evidence.object_of_label().items() if i < count}
    ins, outs, dashed, plain = Counter[int](), Counter[int](), Counter[int](), Counter[int]()
    for link, a, b in evidence.drawn_between(count):
        if link.stroke is Stroke.ARROW:
            outs[a] += 1
            ins[b] += 1
        else:
            (dashed if link.stroke is Stroke.DASHED else plain).update((a, b))
    shows = sum(outs.values()) >= SHOWS_FLOW
    for i in set(of_label.values()):
        if dashed[i] and not (ins[i] or outs[i] or plain[i]):
            out[i, _STATIONS] -= HELPS_ONLY
        if ins[i]:
            out[i, _SOURCE] -= AGAINST_ARROWS
        if outs[i]:
            out[i, _SINK] -= AGAINST_ARROWS
        if plain[i] or not shows or not (ins[i] or outs[i]):
            continue
        out[i, _RESOURCES] -= AGAINST_ARROWS
        if ins[i] and outs[i]:
            out[i, _COMBINER] += TWO_INPUTS if ins[i] > 1 else -ONE_INPUT
        else:
            out[i, _WITHIN] -= AT_AN_END / 4 if dashed[i] else AT_AN_END
            out[i, _SINK] -= AT_AN_END if dashed[i] else 0.0
    for i, named in enumerate(evidence.objects[:count]):
        if MOVES.search(named.name):
            out[i, _OPERATOR] -= MOVER
        if _ON_WHEELS.search(named.name):
            out[i, _ROBOT] -= MOVER
    for label, i in of_label.items():
        text = evidence.labels[label].text.strip() if label < len(evidence.labels) else ""
        letters = re.match(r"[A-Za-z]+", text)
        if is_code(text) and letters is not None:
            out[i, [KINDS.index(kind) for kind in CODES.get(letters[0].upper(), ())]] += CODED
    return out


def with_groups(said: Said, encoded: Encoded, evidence: Evidence, slots: tuple[str, ...]) -> Said:
    """The verdicts with one meaning and one owner for numbers that are written as one (`tri 60/120/300 s`), in line with units."""
    if not set(slots).issuperset(_MACHINE):
        return said
    shares, owners = said.slots.clone(), said.owners.clone()
    for group in _groups(encoded, evidence):
        for table in (shares, owners):
            told = torch.log(table[group].clamp(min=1e-4)).sum(0)
            table[group] = told.softmax(-1)
        units = {encoded.numbers[k].number.unit for k in group} - {None}
        allowed = next((OF_UNIT[unit] for unit in units if unit in OF_UNIT), None)
        if allowed is not None:
            noted = all(encoded.numbers[k].source != PROMPT for k in group) and not units.isdisjoint(("m", "m/s"))
            fitting = torch.tensor([*(slot in allowed for slot in slots), not noted])
            shares[group] *= torch.where(fitting, 1.0, 1e-3)
            shares[group] /= shares[group].sum(-1, keepdim=True).clamp(min=1e-9)
    return replace(said, slots=shares, owners=owners)


def _groups(encoded: Encoded, evidence: Evidence) -> Iterator[list[int]]:
    """Indices of numbers that follow each other with no word but `to` or `and` between; each alone if none does."""
    group: list[int] = []
    for k, reference in enumerate(encoded.numbers):
        if group:
            before = encoded.numbers[group[-1]]
            text = evidence.prompt if reference.source == PROMPT else evidence.labels[reference.source].text
            first, at = encoded.numbers[group[0]].number.start, (before.number.end, reference.number.start)
            joined = _SPREAD.fullmatch(text, *at) or _limit(text, *at)
            if before.number.unit is None and joined is None:
                listed = _SCATTERS.search(text, max(0, first - 40), first) is not None
                joined = _WRITTEN_AS_ONE.fullmatch(text, *at) or (_LISTED.fullmatch(text, *at) if listed else None)
            if before.source != reference.source or not joined or "%" in (before.number.unit, reference.number.unit):
                yield group
                group = []
        group.append(k)
    if group:
        yield group


def _limit(text: str, start: int, end: int) -> re.Match[str] | None:
    """What stands between two numbers if it only says which of them is the least, the likeliest or the most."""
    return _LIMITED.fullmatch(text, start, end) if re.search(_LIMIT, text[start:end], re.I) else None


def with_drawn_shares(said: Said, encoded: Encoded, evidence: Evidence, slots: tuple[str, ...]) -> Said:
    """The verdicts with each percentage that stands at a drawn arrow given to that arrow."""
    if "percent" not in slots or not len(encoded.numbers):
        return said
    shares, owners, targets = said.slots.clone(), said.owners.clone(), said.targets.clone()
    of_label = evidence.object_of_label()
    outs = Counter(of_label.get(link.upstream, -1) for link in evidence.links if link.stroke is Stroke.ARROW)
    for link, a, b in evidence.drawn_between(len(encoded.objects)):
        if link.percent is None or link.stroke is not Stroke.ARROW:
            continue
        again = [k for k in range(len(encoded.numbers)) if _says_again(encoded, k, link.percent)]
        if outs[a] < 2 and not any(int(targets[k].argmax()) == b for k in again):
            continue  # a share of the only way on: the number stands at another arrow, which was not seen
        for k, reference in enumerate(encoded.numbers):
            if reference.source == link.percent or k in again:
                shares[k], owners[k], targets[k] = 0.0, 0.0, 0.0
                shares[k, slots.index("percent")] = owners[k, a] = targets[k, b] = 1.0
    return replace(said, slots=shares, owners=owners, targets=targets)


def _says_again(encoded: Encoded, index: int, label: int) -> bool:
    """Whether a percentage of the prompt is the one that stands at an arrow, and at no other."""
    number = encoded.numbers[index]
    drawn = [
        n.source for n in encoded.numbers if n.source != PROMPT and n.number.unit == "%" and n.number.value == number.number.value
    ]
    return number.source == PROMPT and number.number.unit == "%" and drawn == [label]


def with_corrections(said: Said, encoded: Encoded, evidence: Evidence) -> Said:
    """The verdicts without the numbers that the writer takes back: `12 s, no wait, 14 s`, `48 s, not 44`."""
    shares = said.slots.clone()
    typed = [(k, n.number) for k, n in enumerate(encoded.numbers) if n.source == PROMPT and n.number.unit != "%"]
    best, owners = said.slots.argmax(-1).tolist(), said.owners.argmax(-1).tolist()
    dropped = {
        k for k, number in typed if _NOT.search(evidence.prompt, 0, number.start) or _WRONG.match(evidence.prompt, number.end)
    }
    denied = {number.value for k, number in typed if k in dropped}
    dropped |= {
        k for k, number in typed if number.value in denied and any(k < other and owners[k] == owners[other] for other in dropped)
    }
    for (k, number), (other, later) in pairwise(typed):
        alike = best[k] == best[other] and owners[k] == owners[other]
        if alike and later.start - number.end < _RETRACTED and _RETRACTS.search(evidence.prompt, number.end, later.start):
            dropped.add(k)
    for k in dropped:
        shares[k] = 0.0
        shares[k, -1] = 1.0
    return replace(said, slots=shares)


def with_whole_shares(said: Said, encoded: Encoded, evidence: Evidence, slots: tuple[str, ...]) -> Said:
    """The verdicts with one owner for percentages of the prompt that follow each other and make a hundred, each pointing at
    something else than that; a name right behind a percentage is likely where it goes, and what leads there whence."""
    if "percent" not in slots or len(encoded.objects) < 2:
        return said
    owners, targets = said.owners.clone(), said.targets.clone()
    places = [(p.start, i) for p, i in evidence.named_in_prompt(len(encoded.objects))]
    numbers = sorted((n.number.start, k) for k, n in enumerate(encoded.numbers) if n.source == PROMPT)
    for at, k in numbers:
        if encoded.numbers[k].number.unit != "%":
            continue
        stop = min([at + _POINTS, *(start for start, other in numbers if start > at)])
        behind = min(((start, i) for start, i in places if at < start < stop), default=None)
        if behind is not None and not re.search(r"[.;](?=\s)", evidence.prompt[encoded.numbers[k].number.end : behind[0]]):
            targets[k] *= 1.0 - POINTED
            targets[k, behind[1]] += POINTED
    passing = said.kinds[:, [k for k in _STATIONS if k != _SINK]].exp().sum(-1)
    for group in _hundreds(encoded):
        aimed = {int(targets[k].argmax()) for k in group if float(targets[k].max()) > 0.5}
        leads = said.relations[LINK][:, targets[group].argmax(-1)].sigmoid().clamp(min=UNLED).T  # (numbers, objects)
        owners[group] = (
            (torch.log((owners[group] * passing).clamp(min=1e-3)) + torch.log(leads * passing.clamp(min=UNLED))).sum(0).softmax(-1)
        )
        owners[group] *= torch.tensor([0.05 if i in aimed else 1.0 for i in range(owners.shape[1])])
        owners[group] /= owners[group].sum(-1, keepdim=True)
        owner = int(owners[group[0]].argmax())
        targets[group, owner] = 0.0
        targets[group] /= targets[group].sum(-1, keepdim=True).clamp(min=1e-9)
    return replace(said, owners=owners, targets=targets)


def _hundreds(encoded: Encoded) -> Iterator[list[int]]:
    """Indices of percentages of the prompt that stand near each other and make a hundred."""
    group: list[int] = []
    for k, reference in enumerate(encoded.numbers):
        number = reference.number
        if reference.source != PROMPT or number.unit != "%":
            continue
        if group and number.start - encoded.numbers[group[-1]].number.end > _APART:
            group = []
        group.append(k)
        total = sum(encoded.numbers[i].number.value for i in group)
        if abs(total - 100.0) < 0.01 and len(group) > 1:
            yield group
        if total > 99.99:
            group = []


def with_bare_numbers(said: Said, encoded: Encoded, evidence: Evidence, slots: tuple[str, ...], told: Stated) -> Said:
    """The verdicts where times are written with units: a bare number that stands alone is no time but likely what a thing can hold,
    and a time in a clause that names one thing only is one of that thing's."""
    if told.unit is not None or not set(slots).issuperset(_MACHINE):
        return said
    shares, kinds = said.slots.clone(), said.kinds.clone()
    best = said.slots.argmax(-1).tolist()
    timeless = [KINDS.index(kind) for kind, fitting in SLOTS_OF.items() if not any(slot in _TIMES for slot in fitting)]
    times = {slots.index(slot) for slot in _TIMES if slot in slots and slot != "other"}
    groups = [group for group in _groups(encoded, evidence) if encoded.numbers[group[0]].source == PROMPT]
    timed = [group for group in groups if any(best[k] in times for k in group)]
    with_unit = [group for group in timed if any(encoded.numbers[k].number.unit in TIME_UNITS for k in group)]
    if len(with_unit) < FEWEST or len(with_unit) < WITH_UNITS * len(timed):
        return said
    counted = {k for k, _ in (*told.counts, *told.components, *told.quantities)}
    none = len(slots)
    idle = {none, *(slots.index(slot) for slot in ("batching", "dwell_time_s", "other") if slot in slots)}
    for group in groups:
        k = group[0]
        number = encoded.numbers[k].number
        if len(group) > 1 or k in counted or k in told.warm_ups or _has_company(encoded, said, k):
            continue
        whole = number.value >= 2 and number.value == int(number.value)
        if number.unit is None and whole and k not in told.families and k in told.heads:
            shares[k, list(times)] *= FLOOR
            if best[k] in times or (best[k] == none and _BARE.match(evidence.prompt, number.end) is not None):
                shares[k, slots.index("capacity")] += 0.5
        elif (
            number.unit in TIME_UNITS
            and number.value > 0
            and best[k] in idle
            and k in told.heads
            and told.heads[k] not in told.kinds
        ):
            shares[k] *= FLOOR
            shares[k, slots.index("process_time_s")] += 0.6
            shares[k, slots.index("interarrival_time_s")] += 0.3
            kinds[told.heads[k], timeless] -= HAS_TIME
        shares[k] /= shares[k].sum().clamp(min=1e-9)
    return replace(said, slots=shares, kinds=kinds)


def _has_company(encoded: Encoded, said: Said, index: int) -> bool:
    """Whether a number of the same meaning and owner stands near a number: both are likely one distribution."""
    own = encoded.numbers[index].number
    for k in (index - 1, index + 1):
        if 0 <= k < len(encoded.numbers) and encoded.numbers[k].source == PROMPT:
            other = encoded.numbers[k].number
            near = max(own.start - other.end, other.start - own.end) < _COMPANY
            if (
                near
                and said.slots[k].argmax() == said.slots[index].argmax()
                and said.owners[k].argmax() == said.owners[index].argmax()
            ):
                return True
    return False


def with_needs(said: Said, encoded: Encoded, slots: tuple[str, ...], heads: dict[int, int]) -> Said:
    """The verdicts with a number that is said to mean nothing given to the source, machine or conveyor that lacks it otherwise.

    `heads`: by number the only object that its clause names.
    """
    if not set(slots).issuperset((*_MACHINE, "length_m", "speed_m_s")):
        return said
    shares = said.slots.clone()
    best, owners = said.slots.argmax(-1).tolist(), said.owners.argmax(-1).tolist()
    nothing = {len(slots), slots.index("other")} if "other" in slots else {len(slots)}
    for i, row in enumerate(said.kinds[:, : len(KINDS)]):
        for slot, units in _NEEDS.get(KINDS[int(row.argmax())], ()):
            meant = {
                slots.index(name) for name in (slot, "process_time_s", "interarrival_time_s") if units is TIME_UNITS or name == slot
            }
            mine = [k for k, reference in enumerate(encoded.numbers) if owners[k] == i and reference.number.unit in units]
            idle = [
                k
                for k in mine
                if best[k] in nothing
                and encoded.numbers[k].number.value > 0
                and (encoded.numbers[k].source != PROMPT or (None not in units and heads.get(k) == i))
            ]
            if idle and not any(best[k] in meant for k in mine):
                likeliest = max(idle, key=lambda k: float(shares[k, slots.index(slot)]))
                shares[likeliest] = 0.0
                shares[likeliest, slots.index(slot)] = 1.0
    return replace(said, slots=shares)
