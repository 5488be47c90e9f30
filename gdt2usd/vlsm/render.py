"""From script tokens to FlexScript: the draft that the parser, checker and interpreter then see.

Numbers appear as a person wrote them (`minutes(2)`, `lognormalmeanstdev(80, 25, ...)`): the interpreter computes. Positions are
not part of the draft; the layout form is a comment in its first line. Each token's stretch of text is kept as provenance.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gdt2usd.vlsm.processor import Encoded
from gdt2usd.vlsm.script_tokens import (
    CONNECTIONS,
    ENDS,
    FAMILIES,
    FIRST_NUMBER,
    FIRST_OBJECT,
    PARAMETERS,
    RESOURCE_CLASSES,
    STATION_CLASSES,
    TOKENS,
)

_HEADER = "Object current = ownerobject(c);\\n"
_ITEM = "Object item = param(1);\\n"
_TIME = {
    "s": "{}",
    "min": "minutes({})",
    "h": "hours({})",
    "d": "days({})",
    "ms": "{} / 1000",
    "per_h": "hours(1) / {}",
    "per_min": "minutes(1) / {}",
}
_FLAGS = {
    "at_zero": 'setProperty("TimeZeroArrival", 1)',
    "lifo": 'setProperty("LIFO", 1)',
    "pack": 'setProperty("CombineMode", "Pack")',
    "join": 'setProperty("CombineMode", "Join")',
    "batch_mode": 'setProperty("CombineMode", "Batch")',
    "split": 'setProperty("SeparateMode", "Split")',
    "unpack": 'setProperty("SeparateMode", "Unpack")',
    "not_accumulating": 'setProperty("IsAccumulating", 0)',
}
_ROUTES = frozenset({"round_robin", "by_label", "random_port", "shortest_queue"})
Key = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of an object as the network said it: token, family and arguments (number, unit), with their token places."""

    name: str
    family: str | None
    arguments: tuple[tuple[float, str | None], ...]
    numbers: tuple[int | None, ...]
    at: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Declared:
    """An object of the draft: reference, kind, its name and parameters; `at` is the range of its tokens."""

    key: Key
    kind: str
    name: str
    parameters: tuple[Parameter, ...]
    at: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Joined:
    """A connection statement: what (`link`, `serve`, ...), the two objects, a number (percentage or count; NaN: the rest)."""

    what: str
    first: Key
    second: Key
    number: float | None
    at: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Draft:
    """What the tokens say, still in the network's terms."""

    form: str
    objects: tuple[Declared, ...]
    connections: tuple[Joined, ...]
    run: tuple[Parameter, ...] = ()


class _Reader:
    def __init__(self, tokens: list[int], encoded: Encoded) -> None:
        self.tokens = tokens
        self.texts = [TOKENS[t] for t in tokens]
        self.at = 0
        self.object_at = {reference: i for i, reference in enumerate(encoded.object_ids)}
        self.number_at = {reference: i for i, reference in enumerate(encoded.number_ids)}
        self.encoded = encoded

    def peek(self) -> str:
        return self.texts[self.at] if self.at < len(self.texts) else "<end>"

    def next(self) -> str:
        text = self.peek()
        self.at += 1
        return text

    def entity(self) -> Key:
        index = self.object_at[self.tokens[self.at] - FIRST_OBJECT]
        self.at += 1
        if self.peek().startswith("#"):
            return index, int(self.next()[1:])
        return index, 0

    def number(self) -> tuple[float, int | None]:
        token, text = self.tokens[self.at], self.next()
        if text == "<rest>":
            return float("nan"), None
        if token >= FIRST_NUMBER:
            index = self.number_at[token - FIRST_NUMBER]
            return self.encoded.numbers[index].number.value, index
        return float(text[1:-1]), None

    def parameter(self, name: str, follow: str) -> Parameter:
        start = self.at - 1
        family = None
        timed: tuple[bool, ...] = {"N": (False,), "T": (True,), "": ()}.get(follow, ())
        if follow == "D":
            family = self.next()[1:]
            timed = FAMILIES[family][1]
        arguments, numbers = [], []
        for is_time in timed:
            value, index = self.number()
            arguments.append((value, self.next()[2:] if is_time else None))
            numbers.append(index)
        return Parameter(name, family, tuple(arguments), tuple(numbers), (start, self.at))

    def declared(self) -> Declared:
        start = self.at
        key = self.entity()
        kind = self.next()
        name = self.encoded.objects[key[0]].name
        parameters = []
        while self.peek() in PARAMETERS:
            token = self.next()
            parameters.append(self.parameter(token, PARAMETERS[token][0]))
        return Declared(key, kind, f"{name} {key[1]}" if key[1] else name, tuple(parameters), (start, self.at))

    def joined(self, what: str) -> Joined:
        start = self.at - 1
        first, second = self.entity(), self.entity()
        number = None
        if self.peek() in ("percent", "count"):
            self.next()
            number = self.number()[0]
        return Joined(what, first, second, number, (start, self.at))


def read_tokens(tokens: list[int], encoded: Encoded) -> Draft:
    """The draft that a token sequence accepted by `Grammar` says."""
    reader = _Reader(tokens, encoded)
    form = reader.next().removeprefix("form:")
    objects: list[Declared] = []
    connections: list[Joined] = []
    run: list[Parameter] = []
    while (text := reader.peek()) != "<end>":
        if text.startswith("<o"):
            objects.append(reader.declared())
        elif reader.next() in CONNECTIONS:
            connections.append(reader.joined(text))
        else:
            run.append(reader.parameter(text, "T"))
    return Draft(form, tuple(objects), tuple(connections), tuple(run))


def quote(text: str) -> str:
    """A FlexScript string literal."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'


def _plain(value: float) -> str:
    return repr(int(value)) if value == int(value) else repr(value)


def _argument(argument: tuple[float, str | None]) -> str:
    value, unit = argument
    return _TIME[unit].format(_plain(value)) if unit else _plain(value)


def expression(parameter: Parameter) -> str:
    """The FlexScript expression of a random time."""
    a = [_argument(x) for x in parameter.arguments]
    stream = "getstream(current)"
    match parameter.family:
        case "constant" | None:
            return a[0]
        case "exponential":
            return f"exponential(0, {a[0]}, {stream})"
        case "normal" | "uniform":
            return f"{parameter.family}({a[0]}, {a[1]}, {stream})"
        case "triangular":
            return f"triangular({a[0]}, {a[2]}, {a[1]}, {stream})"
        case "lognormal_meanstd":
            return f"lognormalmeanstdev({a[0]}, {a[1]}, {stream})"
        case "lognormal":
            return f"lognormal2(0, Math.exp({a[0]}), {a[1]}, {stream})"
        case "weibull" | "gamma":
            return f"{parameter.family}(0, {a[1]}, {a[0]}, {stream})"
        case "gamma_meanshape":
            return f"gamma(0, {a[1]} / {a[0]}, {a[0]}, {stream})"
        case _:
            return f"poisson({a[0]}, {stream})"


def _body(parameter: Parameter, *, with_item: bool = True) -> str:
    if parameter.family in ("constant", None):
        return expression(parameter)
    return f'"{_HEADER}{_ITEM if with_item else ""}return {expression(parameter)};"'


_PROPERTY = {
    "interarrival": "InterArrivalTime", "process": "ProcessTime", "setup": "SetupTime", "batch": "BatchSize",
    "batch_wait": "MaxBatchTime", "quantity": "SeparateQty", "length": "HorizontalLength", "dwell": "MinimumDwellTime",
    "load": "LoadTime", "unload": "UnloadTime", "move": "MoveTime",
}  # fmt: skip


def _object_lines(thing: Declared, v: str) -> Iterator[str]:
    yield f"Object {v} = Object.create({quote({**STATION_CLASSES, **RESOURCE_CLASSES}[thing.kind])});"
    yield f"{v}.name = {quote(thing.name)};"
    if thing.kind == "agv":
        yield f'{v}.labels.assert("kind").value = "agv";'
    said = {p.name: p for p in thing.parameters}
    for parameter in thing.parameters:
        yield from _parameter_lines(thing.kind, parameter, v)
    if thing.kind == "combiner" and "components" in said:
        counts = ", ".join(_plain(p.arguments[0][0]) for p in thing.parameters if p.name == "components")
        yield f'{v}.labels.assert("components").value = [{counts}];'
    if "batch" in said:
        yield f'{v}.setProperty("DoBatching", 1);'
    if "failure" in said and "repair" in said:
        bodies = ", ".join(_body(said[p], with_item=False) for p in ("failure", "repair"))
        yield f'treenode {v}_stops = Tools.create("MTBFMTTR");'
        yield f"{v}_stops.name = {quote('Breakdowns of ' + thing.name)};"
        yield f'{v}.labels.assert("breakdown").value = [{bodies}];'
        yield f'{v}.setProperty("MTBFMTTRs", [{v}_stops]);'


def _parameter_lines(kind: str, parameter: Parameter, v: str) -> Iterator[str]:
    name = parameter.name
    if name in _FLAGS:
        yield f"{v}.{_FLAGS[name]};"
    elif kind == "multiprocessor" and name in ("process", "setup", "capacity"):
        label = {"process": "process_time", "setup": "setup_time", "capacity": "capacity"}[name]
        yield f'{v}.labels.assert("{label}").value = {_body(parameter, with_item=False)};'
    elif name == "capacity":
        yield f'{v}.setProperty("{"Capacity" if kind in RESOURCE_CLASSES else "MaxContent"}", {expression(parameter)});'
    elif name == "speed":
        yield f'{v}.setProperty("{"Speed" if kind == "conveyor" else "MaxSpeed"}", {expression(parameter)});'
    elif name in _PROPERTY:
        if name == "move":
            yield f'{v}.setProperty("MotionMode", "Move Time");'
        yield f'{v}.setProperty("{_PROPERTY[name]}", {_body(parameter, with_item=name != "interarrival")});'


def _routes(draft: Draft, names: dict[Key, str]) -> Iterator[str]:
    """SendToPort of stations with percentages or a rule; ports are ranked in the order of the links."""
    outs: dict[Key, list[Joined]] = {}
    for link in draft.connections:
        if link.what == "link":
            outs.setdefault(link.first, []).append(link)
    for thing in draft.objects:
        links = outs.get(thing.key, [])
        rule = next((p.name for p in thing.parameters if p.name in _ROUTES), None)
        if len(links) < 2:
            continue
        if any(link.number is not None for link in links):
            body = _percent_body(shares(links))
        elif rule is not None:
            body = _rule_body(rule)
        else:
            continue
        if thing.kind == "conveyor":
            yield "// FlexSim keeps this on the exit transfers that connections make: set it there"
            yield f'{names[thing.key]}.labels.assert("send_to_port").value = "{_HEADER}{_ITEM}{body}";'
        else:
            yield f'{names[thing.key]}.setProperty("SendToPort", "{_HEADER}{_ITEM}{body}");'


def shares(links: list[Joined]) -> list[float]:
    """Percentages of the links; unsaid ones share what is left of 100."""
    said = [link.number if link.number is not None and link.number == link.number else None for link in links]
    left = max(0.0, 100.0 - sum(x for x in said if x is not None))
    unsaid = sum(1 for x in said if x is None)
    return [x if x is not None else round(left / unsaid, 9) for x in said]


def _percent_body(percents: list[float]) -> str:
    if len(percents) == 2:
        return f"return bernoulli({_plain(min(100.0, percents[0]))}, 1, 2, getstream(current));"
    lines = ["double draw = uniform(0, 100, getstream(current));"]
    total = 0.0
    for port, percent in enumerate(percents[:-1], start=1):
        total += percent
        lines.append(f"if (draw < {_plain(round(total, 9))}) return {port};")
    return "\\n".join([*lines, f"return {len(percents)};"])


def _rule_body(rule: str) -> str:
    match rule:
        case "by_label":
            return "return item.Type;"
        case "random_port":
            return "return duniform(1, current.outObjects.length, getstream(current));"
        case "shortest_queue":
            return (
                "int best = 1;\\nfor (int i = 2; i <= current.outObjects.length; i++) {\\n"
                "if (current.outObjects[i].subnodes.length < current.outObjects[best].subnodes.length) best = i;\\n}\\nreturn best;"
            )
        case _:
            return (
                'int next = current.labels.assert(\\"next\\", 0).value % current.outObjects.length + 1;\\n'
                'current.labels[\\"next\\"].value = next;\\nreturn next;'
            )


def render(draft: Draft) -> str:
    """The draft as FlexScript."""
    names = {thing.key: f"o{i}" for i, thing in enumerate(draft.objects, start=1)}
    kinds = {thing.key: thing.kind for thing in draft.objects}
    lines = [f"// layout: {draft.form}"]
    for thing in draft.objects:
        lines += _object_lines(thing, names[thing.key])
    order = {"link": 0, "team": 1}
    for joined in sorted(draft.connections, key=lambda c: order.get(c.what, 2)):
        firsts, seconds = ENDS[joined.what]
        if kinds[joined.first] not in firsts or kinds[joined.second] not in seconds:
            continue  # FlexSim has no such connection
        a, b = names[joined.first], names[joined.second]
        match joined.what:
            case "link" | "team":
                lines.append(f'contextdragconnection({a}, {b}, "A");')
            case "serve" | "serve_setup":
                lines.append(f'contextdragconnection({b}, {a}, "S");')
                use = "Process" if joined.what == "serve" else "Setup"
                if kinds[joined.second] != "multiprocessor":
                    lines.append(f'{b}.setProperty("Use{use}Operators", 1);')
                    lines.append(f'{b}.setProperty("Num{use}Operators", {_plain(joined.number or 1)});')
            case _:
                lines.append(f'contextdragconnection({b}, {a}, "S");')
                if kinds[joined.second] == "conveyor":
                    outs = sum(c.what == "link" and c.first == joined.second for c in draft.connections)
                    lines.append(f'{b}.labels.assert("transport").value = [{", ".join(["1"] * max(1, outs))}];')
                else:
                    lines.append(f'{b}.setProperty("UseTransport", 1);')
    lines += _routes(draft, names)
    for parameter in draft.run:
        if parameter.name == "horizon":
            lines.append(f"stoptime({expression(parameter)});")
    lines.append('return "ok";')
    return "\n".join(lines) + "\n"
