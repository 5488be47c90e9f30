"""Distributions and routing rules as FlexScript code bodies, in FlexScript's argument orders.

`lower` reads these forms back, among many others. Not covered: where a body is set (`emit`).
"""

from __future__ import annotations

import math
import re

from gdt2usd.graph import distributions as d
from gdt2usd.graph import model as m

HEADER = "Object current = ownerobject(c);\n"
ITEM_HEADER = HEADER + "Object item = param(1);\n"

ROUND_ROBIN = (
    ITEM_HEADER
    + """int port = current.labels.assert("last_port", 0).value;
port = port + 1;
if (port > current.outObjects.length) port = 1;
current.labels["last_port"].value = port;
return port;"""
)

RANDOM_PORT = ITEM_HEADER + "return duniform(1, current.outObjects.length, getstream(current));"

SHORTEST_QUEUE = (
    ITEM_HEADER
    + """int best = 1;
for (int port = 2; port <= current.outObjects.length; port++) {
    if (current.outObjects[port].subnodes.length < current.outObjects[best].subnodes.length) best = port;
}
return best;"""
)


def number(value: float) -> str:
    """The shortest spelling that reads back as the same number."""
    if math.isfinite(value) and value == int(value) and abs(value) < 1e15:
        return str(int(value))
    return repr(float(value)).replace("e+", "e")


def numbers(values: tuple[float, ...]) -> str:
    """`1, 2.5, 3`."""
    return ", ".join(map(number, values))


def quote(text: str) -> str:
    """`text` as a FlexScript string."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r")
    return f'"{escaped}"'


def draw(value: d.Distribution) -> str | None:
    """The FlexScript expression that draws from `value`; None for an expression of the user's own."""
    match value:
        case d.Constant():
            return number(value.value)
        case d.Exponential():
            return _command("exponential", value.location, value.mean)
        case d.Normal():
            return _command("normal", value.mean, value.std)
        case d.Triangular():
            return _command("triangular", value.min, value.max, value.mode)
        case d.Uniform():
            return _command("uniform", value.min, value.max)
        case d.Lognormal():
            return f"lognormal2({number(value.location)}, Math.exp({number(value.mu)}), {number(value.sigma)}, getstream(current))"
        case d.Weibull():
            return _command("weibull", value.location, value.scale, value.shape)
        case d.Gamma():
            return _command("gamma", value.location, value.scale, value.shape)
        case d.Poisson():
            return _command("poisson", value.mean)
        case d.FlexSimDistribution():
            drawn = _command(value.command, *value.arguments)
            return drawn if value.scale == 1.0 else f"{number(value.scale)} * {drawn}"
        case d.Expression():
            return None


def _command(name: str, *arguments: float) -> str:
    return f"{name}({''.join(number(a) + ', ' for a in arguments)}getstream(current))"


def distribution_value(value: d.Distribution, header: str = ITEM_HEADER) -> str:
    """What `setProperty` takes for a time or quantity: a plain number, or a quoted code body."""
    if isinstance(value, d.Constant):
        return number(value.value)
    return quote(distribution_body(value, header))


def distribution_body(value: d.Distribution, header: str = ITEM_HEADER) -> str:
    """The code body that returns a draw from `value`."""
    if isinstance(value, d.Expression):
        return scaled(as_body(value.flexscript, header), value.scale)
    return f"{header}return {draw(value)};"


def as_body(flexscript: str, header: str = ITEM_HEADER) -> str:
    """A code body as FlexSim needs it: a bare expression gets the header and a `return`."""
    from gdt2usd.diagnostics import GdtError
    from gdt2usd.script import ast
    from gdt2usd.script.parser import parse_body, parse_expression

    try:
        program = parse_body(flexscript)
        if any(isinstance(node, ast.Return) for node in ast.walk(program)):
            return flexscript
    except GdtError:
        pass
    try:
        parse_expression(flexscript)
    except GdtError:
        return flexscript
    return f"{header}return {flexscript};"


def scaled(body: str, scale: float) -> str:
    """`body` with every returned value multiplied by `scale`."""
    if scale == 1.0:
        return body
    for start, end in reversed(_returned(body)):
        gap = " " if body[start - 1].isalpha() else ""
        body = f"{body[:start]}{gap}{number(scale)} * ({body[start:end]}){body[end:]}"
    return body


def unscaled(body: str) -> tuple[str, float]:
    """What `scaled` made `body` from, and the factor: every returned value is `number * (...)` with the same number, else 1."""
    original, factors = body, set()
    for start, end in reversed(_returned(body)):
        found = _SCALED.fullmatch(body, start, end)
        if found is None or number(float(found[1])) != found[1] or not _is_one(found[2]):
            return original, 1.0
        factors.add(float(found[1]))
        body = body[:start] + found[2] + body[end:]
    return (body, factors.pop()) if len(factors) == 1 and factors != {1.0} else (original, 1.0)


_SCALED = re.compile(r"(-?[0-9][0-9.e+-]*) \* \((.*)\)", re.DOTALL)
_CLOSING = re.compile(r"(?:(?:\s|/\*.*?\*/|//[^\n]*)*\))*", re.DOTALL)


def _returned(body: str) -> list[tuple[int, int]]:
    """Where the values of the `return` statements of `body` begin and end, their parentheses included, in the order of the text."""
    from gdt2usd.script import ast
    from gdt2usd.script.parser import parse_body

    found = []
    for node in ast.walk(parse_body(body)):
        if isinstance(node, ast.Return) and node.value is not None:
            start = node.span.start + len("return")
            start += len(body[start:]) - len(body[start:].lstrip())
            closing = _CLOSING.match(body, node.value.span.end)
            found.append((start, closing.end() if closing else node.value.span.end))
    return sorted(found)


def _is_one(text: str) -> bool:
    """Whether `text` is one expression, so that the parentheses around it belong together."""
    from gdt2usd.diagnostics import GdtError
    from gdt2usd.script.parser import parse_expression

    try:
        parse_expression(text)
    except GdtError:
        return False
    return True


def routing_value(routing: m.Routing) -> str | None:
    """What `setProperty("SendToPort", ...)` takes; None for FlexSim's default, the first available port."""
    match routing:
        case m.FirstAvailable():
            return None
        case m.ToPort():
            return number(routing.port)
        case m.Percent():
            return quote(percent_body(routing.percents))
        case m.ByLabel():
            access = f".{routing.label}" if _is_plain_label(routing.label) else f".labels[{quote(routing.label)}].value"
            return quote(f"{ITEM_HEADER}return item{access};")
        case m.RoundRobin():
            return quote(ROUND_ROBIN)
        case m.RandomPort():
            return quote(RANDOM_PORT)
        case m.ShortestQueue():
            return quote(SHORTEST_QUEUE)
        case m.RoutingExpression():
            return quote(as_body(routing.flexscript))


_RESERVED = frozenset(
    [
        *("name", "location", "rotation", "size", "color", "labels", "stats", "attrs", "subnodes", "up", "first", "last", "next"),
        *("prev", "rank", "value", "type", "input", "output", "centers", "inObjects", "outObjects", "centerObjects", "find", "as"),
        *("is", "copy", "destroy", "length", "objectAttributes", "dataType", "isVoid"),
    ]
)  # fmt: skip


def _is_plain_label(label: str) -> bool:
    return label.isascii() and label.isidentifier() and label not in _RESERVED


def percent_body(percents: tuple[float, ...]) -> str:
    """The output port by percentage."""
    if len(percents) == 2 and 100.0 - percents[0] == percents[1]:
        return f"{ITEM_HEADER}return bernoulli({number(percents[0])}, 1, 2, getstream(current));"
    return percent_list_body(percents)


def percent_list_body(percents: tuple[float, ...]) -> str:
    """The output port by percentage, for any number of ports."""
    return (
        ITEM_HEADER
        + f"""Array percents = [{numbers(percents)}];
double draw = uniform(0, 100, getstream(current));
double reached = 0;
for (int port = 1; port <= percents.length; port++) {{
    reached += percents[port];
    if (draw <= reached) return port;
}}
return percents.length;"""
    )


def first_free_body(count: int) -> str:
    """The first idle one of the objects at centre ports 1 to `count`, else the first."""
    return (
        ITEM_HEADER
        + f"""for (int i = 1; i <= {count}; i++) {{
    Object member = current.centerObjects[i];
    if (member.stats.state().value == 1) return member;
}}
return current.centerObjects[1];"""
    )


def transport_body(centre_ports: tuple[int, ...]) -> str:
    """The transport by output port: the object at centre port `centre_ports[port - 1]`, 0 for none."""
    if len(set(centre_ports)) == 1:
        return f"{ITEM_HEADER}return current.centerObjects[{centre_ports[0]}];"
    lines = [
        f"if (port == {port}) return {f'current.centerObjects[{centre}]' if centre else 'NULL'};"
        for port, centre in enumerate(centre_ports, 1)
    ]
    return ITEM_HEADER + "int port = param(2);\n" + "\n".join(lines) + "\nreturn NULL;"
