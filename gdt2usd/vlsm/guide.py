"""Holds the writing to what was read: the dense heads' verdicts weigh on every choice of the language model.

Objects are declared in the order in which they stand in the input, each once, with the kinds that reader and language model find
together; numbers are spent on the object and the parameter that the reader says they belong to, in their own units; connections
follow the reader's logits for pairs of objects, in which drawn strokes count. Weights are nats added to the model's logits.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import torch
from torch import Tensor

from gdt2usd.vlsm.connect import LINK
from gdt2usd.vlsm.likeness import split_index
from gdt2usd.vlsm.mentions import PROMPT
from gdt2usd.vlsm.numbers import TIME_UNITS
from gdt2usd.vlsm.processor import Encoded
from gdt2usd.vlsm.said import Said
from gdt2usd.vlsm.script_tokens import (
    CONNECTIONS,
    END,
    FAMILIES,
    FIRST_NUMBER,
    FIRST_OBJECT,
    KINDS,
    LITERALS,
    MAX_NUMBERS,
    PARAMETERS,
    ROLES,
    RUN,
    SUFFIXES,
    TOKENS,
    Grammar,
)
from gdt2usd.vlsm.stated import Stated

TIME = "time"
"""The slot of a source's time between arrivals and of a machine's process time: the grammar says which of them a thing can have."""
SLOT_OF = {
    "interarrival": TIME, "process": TIME, "setup": "setup_time_s",
    "failure": "breakdown.time_to_failure_s", "repair": "breakdown.time_to_repair_s", "capacity": "capacity", "batch": "batching",
    "batch_wait": "batching", "components": "components", "quantity": "quantity", "length": "length_m", "speed": "speed_m_s",
    "dwell": "dwell_time_s", "load": "load_time_s", "unload": "unload_time_s", "move": "move_time_s",
}  # fmt: skip
_MODES = frozenset(("pack", "join", "batch_mode", "split", "unpack"))
NEVER = -30.0
UNLIKELY = -4.0
LEFT = -10.0
"""For going on while a number that surely belongs to the object is unsaid."""
HEARD = 4.0
"""How much the reader's logit of a connection counts beside the language model's."""
KIND_HEARD = 2.0
"""How much a log share of a kind counts beside the language model's."""
STRONGEST = 8.0
"""No verdict on a connection weighs more than this."""
POSSIBLE_OWNER = 0.15
LIKELY_OWNER = 0.5
"""Shares of a number's likeliest owner above which another object may own it too, or surely does (`both coaters`)."""
STRAIGHT_BACK = 4.0
UNCOUNTED = 4
"""So many alike are declared at most where no number says how many there are."""
PERCENT_SAID = 3.0
NEIGHBOUR = 3.0
"""For the unit of the number beside one that is written without."""
Key = tuple[int, int]


@dataclass(slots=True)
class Guide:
    """Biases for one reading; call `bias` before and `advance` after each choice."""

    encoded: Encoded
    order: list[int]
    kinds: dict[int, list[float]]
    slot: dict[int, str]
    owners: dict[int, dict[int, float]]
    relations: list[dict[tuple[int, int], float]]
    targets: dict[int, dict[int, float]]
    roles: dict[int, list[float]]
    families: dict[int, list[float]]
    counts: dict[int, int]
    """How many there are of an object: 1 of one that has a number of its own (`Press 2`)."""
    modes: dict[int, str]
    """The mode of a combiner or separator that the prompt states, as a script token."""
    said_families: dict[int, str]
    """The distribution that the prompt names beside a number that stands alone."""
    settings: dict[int, frozenset[str]]
    """What the prompt says of an object without a number, as script tokens."""
    default_unit: str | None
    """The unit of times that are written without one, if the prompt says it."""
    spent: set[int] = field(default_factory=set)
    current: Key | None = None
    parameter: str = ""
    last_number: int | None = None
    arguments: list[str] = field(default_factory=list)
    several: bool = False
    """Whether the distribution that is being said has more than one number; none of those is a rate."""
    used: set[int] = field(default_factory=set)
    """Numbers of the parameter that is being said."""
    linked: set[tuple[int, int]] = field(default_factory=set)
    """The links said so far, by reference."""
    said: set[tuple[int, int]] = field(default_factory=set)
    """(object, number) of what was said so far."""

    @property
    def argument(self) -> str:
        """What the next number is in the distribution that is being said."""
        return self.arguments[0] if self.arguments else ""

    def waiting(self, grammar: Grammar) -> list[int]:
        """References that are still to be declared, in order."""
        declared = {key[0] for key in grammar.declared}
        return [reference for reference in self.order if reference not in declared]

    def owned(self, slot: str | None, *, surely: bool = False) -> list[int]:
        """Numbers (references) that may belong to the current object, for `slot` if given.

        `surely`: those that the reader gives it and that are not spent yet, or that are said of several objects.
        """
        return [] if self.current is None else self.owned_by(self.current[0], slot, surely=surely)

    def _own_numbers(self, slot: str | None) -> list[int]:
        """Numbers that surely belong to the current object for `slot`; where there are none, those that may."""
        return self.owned(slot, surely=True) or self.owned(slot)

    def owned_by(self, owner: int, slot: str | None, *, surely: bool = False) -> list[int]:
        """See `owned`."""
        out = []
        for reference, shares in self.owners.items():
            said = self.slot.get(reference)
            if said is None or (slot is not None and said != slot):
                continue
            most = max(shares.values())
            shared = sum(share >= LIKELY_OWNER * most for share in shares.values()) > 1
            if surely and reference in self.spent and (not shared or (owner, reference) in self.said):
                continue
            if shares[owner] >= (LIKELY_OWNER if surely else POSSIBLE_OWNER) * most:
                out.append(reference)
        return out

    def bias(self, grammar: Grammar, allowed: list[int]) -> Tensor:
        """Nats to add to the logits of `allowed`."""
        waiting = self.waiting(grammar)
        top = grammar.stack[-1] if grammar.stack else ""
        surely = {self.slot[r] for r in self.owned(None, surely=True)} if top == "PARAMETERS" else set()
        surely &= {SLOT_OF.get(TOKENS[token], "") for token in allowed}  # what can still be said of this object
        open_pairs = self._open_pairs(grammar) if END in allowed and not waiting else {}
        return torch.tensor([self._one(token, TOKENS[token], top, waiting, surely, grammar, open_pairs) for token in allowed])

    def _open_pairs(self, grammar: Grammar) -> dict[str, float]:
        """For each connection the largest logit of a pair that may still be said."""
        found = {}
        for what in CONNECTIONS:
            found[what] = max((self._logit(what, a[0], b[0]) for a, b in grammar.open_pairs(what)), default=NEVER)
        return found

    def _one(
        self, token: int, text: str, top: str, waiting: list[int], surely: set[str], grammar: Grammar, open_pairs: dict[str, float]
    ) -> float:
        if text in KINDS:
            single = NEVER if top == "NEW_SUFFIX" and self.still_to_come() else 0.0
            return single + (KIND_HEARD * self.kinds[self.current[0]][KINDS.index(text)] if self.current is not None else 0.0)
        if text in _MODES and self.current is not None and self.current[0] in self.modes:
            return -NEVER if text == self.modes[self.current[0]] else NEVER
        if text in PARAMETERS:
            return self._parameter(text, surely)
        if text == "warm_up" and any(self.slot.get(r) == "warm_up_s" for r in self.slot.keys() - self.spent):
            return NEVER if waiting or self.still_to_come() or surely else STRONGEST
        if token == END or text in CONNECTIONS or text in RUN:
            leave = NEVER if waiting or self.still_to_come() else LEFT if surely else 0.0
            return leave + self._statement(text, open_pairs)
        if text in SUFFIXES:
            return self._suffix(int(text[1:])) if top == "NEW_SUFFIX" else self._which_of(int(text[1:]), grammar)
        if FIRST_OBJECT <= token < FIRST_NUMBER:
            if top in ("ENTITY", "ENTITY_SUFFIX"):
                return self._end_of(token - FIRST_OBJECT, grammar)
            again = self.current is not None and self.current[1] > 0 and token - FIRST_OBJECT == self.current[0]
            again = again and (self.still_to_come() > 0 or self._may_be_more())
            first = bool(waiting) and token - FIRST_OBJECT == waiting[0] and not self.still_to_come()
            return (LEFT if surely else 0.0) + (0.0 if first or again else NEVER)
        if FIRST_NUMBER <= token < FIRST_NUMBER + MAX_NUMBERS:
            return self._number(token - FIRST_NUMBER, top, grammar)
        if text.startswith("u:"):
            return self._unit(text[2:])
        if text.startswith("~"):
            return self._family(text[1:])
        if text in LITERALS and text != "<rest>" and top == "NUMBER" and PARAMETERS.get(self.parameter, ("",))[0] in ("D", "T"):
            return NEVER  # a time is said by a number of the input
        if text == "<rest>":
            return 2 * UNLIKELY if self._percent_numbers(grammar) else 0.0
        return self._share(grammar) if text == "percent" else 0.0

    def still_to_come(self) -> int:
        """The number of the next of several alike (`2 Carts`) if the current object is one of them and more are to be declared."""
        if self.current is None:
            return 0
        count = self.counts.get(self.current[0], 1)
        return self.current[1] + 1 if self.current[1] < count and count > 1 else 0

    def _may_be_more(self) -> bool:
        """Whether more of the current object may be declared though no number says so."""
        return self.current is None or (self.current[0] not in self.counts and self.current[1] < UNCOUNTED)

    def _suffix(self, suffix: int) -> float:
        following = self.still_to_come()
        if following:
            return NEIGHBOUR if suffix == following else UNLIKELY
        numbered = self.current is not None and self.counts.get(self.current[0]) == 1
        return NEVER if numbered else 2 * UNLIKELY

    def _parameter(self, text: str, surely: set[str]) -> float:
        slot = SLOT_OF.get(text)
        if slot is None:
            told = self.current is not None and text in self.settings.get(self.current[0], ())
            return 0.0 if not told else UNLIKELY if surely else -NEVER
        if slot in surely:
            return 2.0
        if self.owned(slot):
            return UNLIKELY
        return NEVER if PARAMETERS[text][0] in ("D", "T") else NEVER / 3  # no time is made up

    def _statement(self, text: str, open_pairs: dict[str, float]) -> float:
        """For a connection how likely its likeliest open pair is; for what comes after, how unlikely it is that any is left."""
        if not open_pairs:
            return 0.0
        if text in CONNECTIONS:
            return HEARD * _log_sigmoid(open_pairs[text])
        return HEARD * _log_sigmoid(-max(open_pairs.values()))

    def _end_of(self, reference: int, grammar: Grammar) -> float:
        """The reader's logit for an end of the connection that is being said."""
        what, first = grammar.connection, grammar.entity
        if first is not None:
            logit = self._logit(what, first[0], reference)
        else:
            logit = max((self._logit(what, a[0], b[0]) for a, b in grammar.open_pairs(what) if a[0] == reference), default=NEVER)
        return HEARD * max(-STRONGEST, min(STRONGEST, logit))

    def _which_of(self, suffix: int, grammar: Grammar) -> float:
        """Which of several alike begins the connection that is being said: one whose likeliest connection is still to be said."""
        if grammar.entity is not None:
            return 0.0
        what = grammar.connection
        ways = [self._logit(what, a[0], b[0]) for a, b in grammar.open_pairs(what) if a[1] == suffix and a[0] == grammar.started]
        return HEARD * max(-STRONGEST, min(STRONGEST, max(ways, default=NEVER)))

    def _logit(self, what: str, first: int, second: int) -> float:
        """The reader's logit of a connection; that items flow straight back takes more."""
        back = what == "link" and (second, first) in self.linked
        return self.relations[CONNECTIONS.index(what)][first, second] - (STRAIGHT_BACK if back else 0.0)

    def _family(self, family: str) -> float:
        """The reader's word on the distribution that the numbers of the parameter make, and whether there are enough of them."""
        wanted = self._own_numbers(SLOT_OF.get(self.parameter))
        if not wanted:
            return 0.0
        at = list(FAMILIES).index(family)
        outright = {self.said_families[r] for r in wanted if r in self.said_families}
        if len(outright) == 1 and self._makes(next(iter(outright)), wanted):
            return 0.0 if family in outright else 2 * UNLIKELY
        told = sum(self.families[r][at] for r in wanted) / len(wanted)
        return max(told, UNLIKELY) + (NEVER if len(FAMILIES[family][0]) > len(wanted) else 0.0)

    def _makes(self, family: str, wanted: list[int]) -> bool:
        """Whether the numbers, each value counted once, are as many as a distribution takes."""
        numbers = dict(zip(self.encoded.number_ids, self.encoded.numbers, strict=True))
        values = {numbers[r].number.value * TIME_UNITS.get(numbers[r].number.unit or "", 1.0) for r in wanted}
        return len(FAMILIES[family][0]) in (len(wanted), len(values))

    def _share(self, grammar: Grammar) -> float:
        """Whether the link just said has a percentage: a number of its upstream object that points at its downstream one."""
        return PERCENT_SAID if self._percent_numbers(grammar) else -PERCENT_SAID

    def _percent_numbers(self, grammar: Grammar) -> list[int]:
        if grammar.connection != "link" or grammar.entity is None or grammar.second is None:
            return []
        mine = self.owned_by(grammar.entity[0], "percent")
        return [r for r in mine if self.targets[r].get(grammar.second[0], 0.0) >= LIKELY_OWNER * max(self.targets[r].values())]

    def _number(self, reference: int, top: str, grammar: Grammar) -> float:
        if top == "SHARE":
            wanted = self._percent_numbers(grammar)
            return 0.0 if reference in wanted else UNLIKELY if wanted else UNLIKELY / 2
        slot = SLOT_OF.get(self.parameter)
        if slot is None:
            return 0.0
        role = max(self.roles[reference][ROLES.index(self.argument)], UNLIKELY) if self.argument in ROLES else 0.0
        wanted = self._own_numbers(slot)
        sure = self.owned(slot, surely=True)
        fresh = [r for r in wanted if (r not in self.spent or r in sure) and r not in self.used]
        if reference in fresh:
            typed = self.encoded.numbers[self.encoded.number_ids.index(reference)].source == PROMPT
            return role + (0.5 if typed else 0.0) + (0.5 if reference == fresh[0] else 0.0)
        if reference in wanted and not fresh:
            return role
        return UNLIKELY if not wanted else NEVER

    def _unit(self, unit: str) -> float:
        if self.last_number is None:
            return 0.0
        own = self.unit_of(self.last_number)
        if own in TIME_UNITS:
            return 0.0 if unit == own or (unit == f"per_{own}" and not self.several) else NEVER
        beside = self._unit_beside(self.last_number) or self.default_unit
        return 0.0 if beside is None else NEIGHBOUR if unit == beside else 2 * UNLIKELY

    def _twins(self, reference: int) -> list[int]:
        """The same value said again of the same thing, in the prompt and in the sketch."""
        numbers = dict(zip(self.encoded.number_ids, self.encoded.numbers, strict=True))
        own = numbers[reference].number
        mine = self.owned(self.slot.get(reference))
        return [r for r in mine if (numbers[r].number.value, numbers[r].number.unit) == (own.value, own.unit)]

    def _said_elsewhere(self, reference: int) -> list[int]:
        """Those of its twins that stand in another text: the prompt says again what a label says."""
        source = dict(zip(self.encoded.number_ids, (n.source for n in self.encoded.numbers), strict=True))
        return [twin for twin in self._twins(reference) if source[twin] != source[reference]]

    def unit_of(self, reference: int) -> str | None:
        """The unit written with a number."""
        return self.encoded.numbers[self.encoded.number_ids.index(reference)].number.unit

    def _unit_beside(self, reference: int) -> str | None:
        """The time unit of the next number that the reader takes for a part of the same parameter (`9/0.28 min`)."""
        owners = self.owners[reference]
        owner = max(owners, key=lambda o: owners[o], default=None)
        after = self.encoded.number_ids[self.encoded.number_ids.index(reference) + 1 :]
        for other in after[:2]:
            same = self.slot.get(other) == self.slot.get(reference) and self.owners[other].get(owner or 0, 0.0) >= LIKELY_OWNER
            if same and (unit := self.unit_of(other)) in TIME_UNITS:
                return unit
        return None

    def advance(self, token: int, top: str, grammar: Grammar) -> None:
        """Take note of a choice; `top` is what the grammar expected, `grammar` is already advanced."""
        text = TOKENS[token]
        if grammar.connection == "link" and grammar.entity is not None and grammar.second is not None:
            self.linked.add((grammar.entity[0], grammar.second[0]))
        if text in PARAMETERS:
            self.parameter, self.arguments, self.several = text, [], False
            self.used = set()
        elif text.startswith("~"):
            self.arguments = list(FAMILIES[text[1:]][0])
            self.several = len(self.arguments) > 1
        elif text in CONNECTIONS or text in KINDS or token == END:
            self.parameter = ""
            if text in CONNECTIONS:
                self.current = None
        elif FIRST_NUMBER <= token < FIRST_NUMBER + MAX_NUMBERS:
            self.last_number = token - FIRST_NUMBER
            spoken = {self.last_number, *self._twins(self.last_number)}
            self.spent |= spoken
            self.said |= {(self.current[0], number) for number in spoken} if self.current is not None else set()
            self.used |= {self.last_number, *self._said_elsewhere(self.last_number)}
            self.arguments = self.arguments[1:]
        elif FIRST_OBJECT <= token < FIRST_NUMBER and top != "ENTITY":
            before = self.current
            again = before is not None and before[0] == token - FIRST_OBJECT
            self.current = (token - FIRST_OBJECT, before[1] if before is not None and again else 0)
        elif text in SUFFIXES and top == "NEW_SUFFIX" and self.current is not None:
            self.current = (self.current[0], int(text[1:]))


def _log_sigmoid(logit: float) -> float:
    return -math.log1p(math.exp(-max(-STRONGEST, min(STRONGEST, logit))))


def guide_of(
    encoded: Encoded, said: Said, slots: tuple[str, ...], left_out: frozenset[int] = frozenset(), told: Stated | None = None
) -> Guide:
    """What the reader says about this input, under the reference numbers of `encoded`; objects `left_out` are never declared.

    `told` is what the prompt states outright.
    """
    objects = {reference: i for i, reference in enumerate(encoded.object_ids)}
    first = {token: at for at, token in reversed(list(enumerate(encoded.tokens)))}
    order = sorted(
        (r for r, i in objects.items() if FIRST_OBJECT + r in first and i not in left_out and said.no_object(i) < math.log(0.5)),
        key=lambda r: first[FIRST_OBJECT + r],
    )
    best = said.slots.argmax(-1).tolist()
    slot = {r: slots[best[i]] for i, r in enumerate(encoded.number_ids) if best[i] < len(slots)}
    slot = {r: TIME if meaning in ("interarrival_time_s", "process_time_s") else meaning for r, meaning in slot.items()}
    owners = {r: {o: float(said.owners[i, k]) for o, k in objects.items()} for i, r in enumerate(encoded.number_ids)}
    kinds = {r: said.kinds[i].tolist() for r, i in objects.items()}
    rows = said.relations.tolist()
    relations = [{(a, b): rows[w][i][j] for a, i in objects.items() for b, j in objects.items()} for w in range(len(CONNECTIONS))]
    targets = {r: {o: float(said.targets[i, k]) for o, k in objects.items()} for i, r in enumerate(encoded.number_ids)}
    for r, meaning in slot.items():
        if meaning == "percent" and objects:
            a, b = max(owners[r], key=lambda o: owners[r][o]), max(targets[r], key=lambda o: targets[r][o])
            if a != b and owners[r][a] * targets[r][b] >= 0.7:
                relations[LINK][a, b] = max(relations[LINK][a, b], STRONGEST)
    roles = {r: said.roles[i].tolist() for i, r in enumerate(encoded.number_ids)}
    families = {r: said.families[i].tolist() for i, r in enumerate(encoded.number_ids)}
    counts = {r: 1 for r, i in objects.items() if split_index(encoded.objects[i].name)[1]}
    for reference, meaning in slot.items():
        value = encoded.numbers[encoded.number_ids.index(reference)].number.value
        if meaning == "count" and owners[reference] and value in range(1, len(SUFFIXES) + 1):
            counts.setdefault(max(owners[reference], key=lambda o: owners[reference][o]), int(value))
    modes = {r: told.modes[i] for r, i in objects.items() if i in told.modes} if told is not None else {}
    named = {r: told.families[i] for i, r in enumerate(encoded.number_ids) if i in told.families} if told is not None else {}
    settings = {r: told.settings[i] for r, i in objects.items() if i in told.settings} if told is not None else {}
    return Guide(
        encoded,
        order,
        kinds,
        slot,
        owners,
        relations,
        targets,
        roles,
        families,
        counts,
        modes,
        named,
        settings,
        told.unit if told is not None else None,
    )
