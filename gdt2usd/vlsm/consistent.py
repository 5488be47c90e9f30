"""Makes the reader's verdicts agree with each other and with what is drawn: what a thing is, what its numbers mean, whose they are.

The reader says kinds, slots and owners apart; a queue with a process time or a source that an arrow enters is a contradiction,
which the sum of the evidence settles. Not covered: what words say outright (`vlsm.stated`).
"""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from gdt2usd.vlsm.mentions import PROMPT
from gdt2usd.vlsm.processor import Encoded, Evidence, Stroke
from gdt2usd.vlsm.said import Said
from gdt2usd.vlsm.script_tokens import KINDS, RESOURCE_CLASSES

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
ALWAYS = ("percent", "other", "horizon_s", "warm_up_s")
FLOOR = 0.02
"""What a slot that does not fit a kind is still worth."""
AGAINST_ARROWS = 3.0
"""Nats against a source that a sure arrow enters and a sink that one leaves."""


def consistent(said: Said, encoded: Encoded, evidence: Evidence, slots: tuple[str, ...]) -> Said:
    """The verdicts with kinds weighed by the numbers that each thing owns and by the arrows at it, and slots that fit the kinds."""
    kinds, shares = said.kinds.clone(), said.slots.clone()
    fitting = torch.tensor([[slot in SLOTS_OF[kind] or slot in ALWAYS for slot in slots] for kind in KINDS])
    if len(encoded.objects) == 0 or not set(slots).issuperset(_MACHINE):
        return said
    scores = kinds[:, : len(KINDS)] + _arrows(evidence, len(encoded.objects))
    if len(encoded.numbers):
        mass = shares[:, : len(slots)] @ fitting.T.float() + shares[:, len(slots) :]  # (M, K)
        scores = scores + said.owners.T @ torch.log(FLOOR + (1 - FLOOR) * mass.clamp(0, 1))
    stay = torch.logsumexp(kinds[:, : len(KINDS)], -1, keepdim=True)
    kinds[:, : len(KINDS)] = scores.log_softmax(-1) + stay
    best = kinds[:, : len(KINDS)].argmax(-1)
    for k in range(len(encoded.numbers)):
        kind = int(best[int(said.owners[k].argmax())])
        _rename(shares[k], slots, KINDS[kind])
        shares[k, : len(slots)] *= torch.where(fitting[kind], 1.0, FLOOR)
        shares[k] /= shares[k].sum().clamp(min=1e-9)
    return replace(said, kinds=kinds, slots=shares)


def _rename(shares: Tensor, slots: tuple[str, ...], kind: str) -> None:
    """A source's process time is its time between arrivals, and a machine's time between arrivals its process time."""
    if not {"interarrival_time_s", "process_time_s"} <= set(slots):
        return
    arrival, process = slots.index("interarrival_time_s"), slots.index("process_time_s")
    if kind == "source":
        shares[arrival] += shares[process].item()
        shares[process] = 0.0
    elif "process_time_s" in SLOTS_OF[kind]:
        shares[process] += shares[arrival].item()
        shares[arrival] = 0.0


def _arrows(evidence: Evidence, count: int) -> Tensor:
    """(N, K) nats against kinds that the surely drawn arrows contradict."""
    out = torch.zeros(count, len(KINDS))
    of_label = {p.source: i for i, named in enumerate(evidence.objects) for p in named.places if p.source != PROMPT}
    for link in evidence.links:
        a, b = of_label.get(link.upstream, count), of_label.get(link.downstream, count)
        if link.stroke is Stroke.ARROW and link.sure and a != b:
            if a < count:
                out[a, KINDS.index("sink")] = -AGAINST_ARROWS
            if b < count:
                out[b, KINDS.index("source")] = -AGAINST_ARROWS
    return out


def with_drawn_shares(said: Said, encoded: Encoded, evidence: Evidence, slots: tuple[str, ...]) -> Said:
    """The verdicts with each percentage that stands at a drawn arrow given to that arrow."""
    if "percent" not in slots or not len(encoded.numbers):
        return said
    shares, owners, targets = said.slots.clone(), said.owners.clone(), said.targets.clone()
    of_label = {p.source: i for i, named in enumerate(evidence.objects) for p in named.places if p.source != PROMPT}
    for link in evidence.links:
        a, b = of_label.get(link.upstream, -1), of_label.get(link.downstream, -1)
        if link.percent is None or link.stroke is not Stroke.ARROW or min(a, b) < 0 or a == b or max(a, b) >= len(encoded.objects):
            continue
        for k, reference in enumerate(encoded.numbers):
            if reference.source == link.percent:
                shares[k], owners[k], targets[k] = 0.0, 0.0, 0.0
                shares[k, slots.index("percent")] = owners[k, a] = targets[k, b] = 1.0
    return replace(said, slots=shares, owners=owners, targets=targets)


def with_chains(said: Said, encoded: Encoded, chains: dict[int, tuple[int, ...]]) -> Said:
    """The verdicts with numbers that are said of several things in a row (`Packer 1 and Packer 2: 65 s`) given to all of them."""
    owners = said.owners.clone()
    for k, things in chains.items():
        best = [KINDS[int(said.kinds[i, : len(KINDS)].argmax())] for i in things]
        if int(owners[k].argmax()) in things and len(set(best)) == 1 and best[0] not in RESOURCE_CLASSES:
            owners[k] = 0.0
            owners[k, list(things)] = 1.0 / len(things)
    return replace(said, owners=owners)
