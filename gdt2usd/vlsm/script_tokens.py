"""The script vocabulary: tokens that stand for pieces of FlexScript, with references where names and numbers go.

The network never spells: it says which object (`<o3>`) and which number (`<n5>`) it means, and syntax comes whole.
`Grammar` says which tokens may come next, so that every sequence it lets through renders as FlexScript (`render`) that
parses, declares each object once and connects only declared objects.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

MAX_OBJECTS = 48
MAX_NUMBERS = 96

FORMS = ("linear", "u", "parallel", "conveyor", "vertical", "snake", "loop", "network")
STATION_CLASSES = {
    "source": "Source", "queue": "Queue", "processor": "Processor", "combiner": "Combiner", "separator": "Separator",
    "multiprocessor": "MultiProcessor", "conveyor": "Conveyor::StraightConveyor", "storage": "Rack", "sink": "Sink",
}  # fmt: skip
RESOURCE_CLASSES = {
    "operator": "Operator", "transporter": "Transporter", "robot": "Robot", "agv": "TaskExecuter",
    "task_executer": "TaskExecuter", "crane": "Crane", "dispatcher": "Dispatcher",
}  # fmt: skip
KINDS = (*STATION_CLASSES, *RESOURCE_CLASSES)
# family -> (argument names in the order of the contract, which of them are times)
FAMILIES: dict[str, tuple[tuple[str, ...], tuple[bool, ...]]] = {
    "constant": (("value",), (True,)),
    "exponential": (("mean",), (True,)),
    "normal": (("mean", "std"), (True, True)),
    "triangular": (("min", "mode", "max"), (True, True, True)),
    "uniform": (("min", "max"), (True, True)),
    "lognormal_meanstd": (("mean", "std"), (True, True)),
    "lognormal": (("mu", "sigma"), (False, False)),
    "weibull": (("shape", "scale"), (False, True)),
    "gamma": (("shape", "scale"), (False, True)),
    "gamma_meanshape": (("shape", "mean"), (False, True)),
    "poisson": (("mean",), (True,)),
}
ROLES = ("value", "mean", "std", "min", "mode", "max", "shape", "scale", "mu", "sigma")
"""What a number can be in a distribution: the argument names of `FAMILIES`."""
UNITS = ("s", "min", "h", "d", "ms", "per_h", "per_min")
# parameter token -> what follows it: D distribution, N number, T number with a time unit; which kinds may have it
_MACHINES = ("processor", "combiner", "separator", "multiprocessor")
_MOVERS = ("operator", "transporter", "robot", "agv", "task_executer", "crane")
PARAMETERS: dict[str, tuple[str, tuple[str, ...]]] = {
    "interarrival": ("D", ("source",)),
    "at_zero": ("", ("source",)),
    "process": ("D", _MACHINES),
    "setup": ("D", _MACHINES),
    "failure": ("D", _MACHINES),
    "repair": ("D", _MACHINES),
    "capacity": ("N", ("queue", "storage", *_MACHINES, *_MOVERS)),
    "lifo": ("", ("queue",)),
    "batch": ("N", ("queue",)),
    "batch_wait": ("T", ("queue",)),
    "pack": ("", ("combiner",)),
    "join": ("", ("combiner",)),
    "batch_mode": ("", ("combiner",)),
    "components": ("N", ("combiner",)),
    "split": ("", ("separator",)),
    "unpack": ("", ("separator",)),
    "quantity": ("N", ("separator",)),
    "length": ("N", ("conveyor",)),
    "speed": ("N", ("conveyor", *_MOVERS)),
    "not_accumulating": ("", ("conveyor",)),
    "dwell": ("D", ("storage",)),
    "load": ("D", _MOVERS),
    "unload": ("D", _MOVERS),
    "move": ("D", ("robot",)),
    "round_robin": ("", ("source", "queue", "storage", "conveyor", *_MACHINES)),
    "by_label": ("", ("source", "queue", "storage", "conveyor", *_MACHINES)),
    "random_port": ("", ("source", "queue", "storage", "conveyor", *_MACHINES)),
    "shortest_queue": ("", ("source", "queue", "storage", "conveyor", *_MACHINES)),
}
REPEATABLE = frozenset({"components"})
CONNECTIONS = ("link", "serve", "serve_setup", "carry", "team")
_RESOURCES = frozenset(RESOURCE_CLASSES)
_STATIONS = frozenset(STATION_CLASSES)
# connection -> kinds of its first and of its second object
ENDS = {
    "link": (_STATIONS - {"sink"}, _STATIONS - {"source"}),
    "serve": (_RESOURCES, frozenset(_MACHINES)),
    "serve_setup": (_RESOURCES, frozenset(_MACHINES)),
    "carry": (_RESOURCES, _STATIONS - {"sink"}),
    "team": (frozenset({"dispatcher"}), _RESOURCES - {"dispatcher"}),
}
RUN = ("horizon", "warm_up")
LITERALS = (*(f"<{i}>" for i in range(1, 13)), "<rest>")
SUFFIXES = tuple(f"#{i}" for i in range(1, 13))

_GROUPS: tuple[tuple[str, ...], ...] = (
    ("<end>",),
    tuple(f"form:{f}" for f in FORMS),
    KINDS,
    tuple(PARAMETERS),
    tuple(f"~{f}" for f in FAMILIES),
    tuple(f"u:{u}" for u in UNITS),
    CONNECTIONS,
    RUN,
    ("percent", "count"),
    LITERALS,
    SUFFIXES,
    tuple(f"<o{i}>" for i in range(MAX_OBJECTS)),
    tuple(f"<n{i}>" for i in range(MAX_NUMBERS)),
)
TOKENS: tuple[str, ...] = tuple(t for group in _GROUPS for t in group)
IDS: dict[str, int] = {t: i for i, t in enumerate(TOKENS)}
END = IDS["<end>"]
FIRST_OBJECT = IDS["<o0>"]
FIRST_NUMBER = IDS["<n0>"]
_SUFFIX_IDS = frozenset(IDS[t] for t in SUFFIXES)


@dataclass(slots=True)
class Grammar:
    """An incremental acceptor: `allowed()` gives the ids that may come next, `advance(id)` takes one.

    `objects` and `numbers` say how many references of each kind exist in the input.
    """

    objects: int
    numbers: int
    stack: list[str] = field(default_factory=lambda: ["BODY", "FORM"])
    declared: dict[tuple[int, int], str] = field(default_factory=dict)
    _kind: str = ""
    _used: set[str] = field(default_factory=set)
    entity: tuple[int, int] | None = None
    second: tuple[int, int] | None = None
    _links: set[tuple[str, tuple[int, int], tuple[int, int]]] = field(default_factory=set)
    connection: str = ""
    _run: set[str] = field(default_factory=set)
    _first: tuple[int, int] = (0, 0)

    @property
    def started(self) -> int:
        """The reference of the object that is being named."""
        return self._first[0]

    def allowed(self) -> set[int]:
        """Token ids that may come next; empty when the script has ended."""
        return self._allowed(self.stack) if self.stack else set()

    def _allowed(self, stack: list[str]) -> set[int]:
        top = stack[-1]
        below = stack[:-1]
        match top:
            case "FORM":
                return {IDS[f"form:{f}"] for f in FORMS}
            case "BODY":
                run = {IDS[r] for r in RUN if r not in self._run}
                return self._new_objects() | self._connection_ids() | (run | {END} if self.declared else set())
            case "NEW_SUFFIX":
                alone = len(self._free_suffixes(self._first[0])) == len(SUFFIXES)
                return self._free_suffixes(self._first[0]) | (self._allowed(below) if alone else set())
            case "KIND":
                return {IDS[k] for k in KINDS}
            case "PARAMETERS":
                own = {
                    IDS[p]
                    for p, (_, kinds) in PARAMETERS.items()
                    if self._kind in kinds and (p not in self._used or p in REPEATABLE)
                }
                return own | self._allowed(below)
            case "DISTRIBUTION":
                return {IDS[f"~{f}"] for f in FAMILIES}
            case "NUMBER":
                return {FIRST_NUMBER + i for i in range(self.numbers)} | {IDS[t] for t in LITERALS if t != "<rest>"}
            case "SHARE":
                return {FIRST_NUMBER + i for i in range(self.numbers)} | {IDS[t] for t in LITERALS}
            case "UNIT":
                return {IDS[f"u:{u}"] for u in UNITS}
            case "ENTITY":
                return {FIRST_OBJECT + key[0] for key in self._candidates()}
            case "ENTITY_SUFFIX":
                return {IDS[f"#{key[1]}"] for key in self._candidates() if key[0] == self._first[0]}
            case "PERCENT" | "COUNT":
                return {IDS[top.lower()]} | self._allowed(below)
            case _:
                raise AssertionError(top)

    def _new_objects(self) -> set[int]:
        if self._links:
            return set()
        return {FIRST_OBJECT + i for i in range(self.objects) if (i, 0) not in self.declared and self._free_suffixes(i)}

    def _free_suffixes(self, index: int) -> set[int]:
        return {IDS[t] for n, t in enumerate(SUFFIXES, start=1) if (index, n) not in self.declared}

    def _connection_ids(self) -> set[int]:
        return {IDS[c] for c in CONNECTIONS if any(self.open_pairs(c))}

    def open_pairs(self, connection: str) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
        """Ordered pairs of declared objects that `connection` may still join."""
        firsts, seconds = ENDS[connection]
        for first, first_kind in self.declared.items():
            if first_kind in firsts:
                for second, second_kind in self.declared.items():
                    if second_kind in seconds and first != second and (connection, first, second) not in self._links:
                        yield first, second

    def _candidates(self) -> set[tuple[int, int]]:
        if self.entity is None:
            return {first for first, _ in self.open_pairs(self.connection)}
        return {second for first, second in self.open_pairs(self.connection) if first == self.entity}

    def advance(self, token: int) -> None:
        """Take `token`, which must be one of `allowed()`."""
        text = TOKENS[token]
        while True:
            top = self.stack.pop()
            if self._take(top, token, text):
                return

    def _take(self, top: str, token: int, text: str) -> bool:
        match top:
            case "FORM":
                return True
            case "BODY":
                self._take_statement(token, text)
                return True
            case "NEW_SUFFIX":
                if token not in _SUFFIX_IDS:
                    return False
                self._first = (self._first[0], int(text[1:]))
                return True
            case "KIND":
                self._kind = text
                self.declared[self._first] = text
                return True
            case "ENTITY":
                self._first = (token - FIRST_OBJECT, 0)
                if self._first in self.declared:
                    self._join(self._first)
                else:
                    self.stack.append("ENTITY_SUFFIX")
                return True
            case "ENTITY_SUFFIX":
                self._join((self._first[0], int(text[1:])))
                return True
            case "PARAMETERS":
                if text not in PARAMETERS:
                    return False
                self._used.add(text)
                self.stack.append("PARAMETERS")
                self.stack.extend({"D": ["DISTRIBUTION"], "N": ["NUMBER"], "T": ["UNIT", "NUMBER"], "": []}[PARAMETERS[text][0]])
                return True
            case "DISTRIBUTION":
                for is_time in reversed(FAMILIES[text[1:]][1]):
                    self.stack.extend(["UNIT", "NUMBER"] if is_time else ["NUMBER"])
                return True
            case "PERCENT" | "COUNT":
                if text not in ("percent", "count"):
                    return False
                self.stack.append("SHARE" if text == "percent" else "NUMBER")
                return True
            case _:
                return True

    def _join(self, key: tuple[int, int]) -> None:
        if self.entity is None:
            self.entity = key
        else:
            self.second = key
            self._links.add((self.connection, self.entity, key))

    def _take_statement(self, token: int, text: str) -> None:
        if token == END:
            self.stack = []
            return
        self.stack.append("BODY")
        if FIRST_OBJECT <= token < FIRST_NUMBER:
            self._first, self._used = (token - FIRST_OBJECT, 0), set()
            self.stack.extend(["PARAMETERS", "KIND", "NEW_SUFFIX"])
            return
        if text in RUN:
            self._run.add(text)
            self.stack.extend(["UNIT", "NUMBER"])
            return
        self.connection, self.entity, self.second = text, None, None
        tail = {"link": ["PERCENT"], "serve": ["COUNT"], "serve_setup": ["COUNT"]}.get(text, [])
        self.stack.extend([*tail, "ENTITY", "ENTITY"])
