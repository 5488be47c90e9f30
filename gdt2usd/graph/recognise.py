"""Code bodies read as what they are: a distribution, percentages, a port, a label; None where they are more than that.

Works on the syntax tree: constants are folded, variables that are set once are put in, the random stream is dropped.
Not covered: bodies that must be run to be understood (`probe`), what a property means (`lower`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache

from gdt2usd.diagnostics import GdtError
from gdt2usd.graph import code_bodies
from gdt2usd.graph import distributions as d
from gdt2usd.graph import model as m
from gdt2usd.script import ast
from gdt2usd.script.parser import parse_body
from gdt2usd.script.random_draws import DRAWS, ParameterError, log_parameters

_HEADER_CALLS = ("ownerobject", "param", "parnode", "parval")
_SECONDS = {"hours": 3600.0, "minutes": 60.0, "seconds": 1.0, "days": 86400.0}
Names = Mapping[str, ast.Expression]


@lru_cache(maxsize=4096)
def parsed(text: str) -> ast.Program | None:
    """The tree of a code body; None if it is no FlexScript."""
    try:
        return parse_body(text)
    except GdtError:
        return None


@lru_cache(maxsize=64)
def _canonical(text: str) -> tuple[ast.Statement, ...]:
    program = parsed(text)
    assert program is not None
    return program.statements


# ---- shape of a body ----


def result_expression(text: str) -> tuple[ast.Expression, Names] | None:
    """The expression a straight body returns, and the variables set once before it; None for any other body."""
    program = parsed(text)
    if program is None:
        return None
    names: dict[str, ast.Expression] = {}
    for at, statement in enumerate(program.statements):
        match statement:
            case ast.Declaration():
                for declarator in statement.declarators:
                    if declarator.initial is None or declarator.sizes or declarator.arguments is not None:
                        return None
                    names[declarator.name] = _typed(statement.type.name, declarator.initial)
            case ast.Return(value=value) if value is not None and at == len(program.statements) - 1:
                return value, names
            case ast.ExpressionStatement(expression=expression) if len(program.statements) == 1:
                return expression, names
            case ast.Empty() | ast.Define():
                continue
            case _:
                return None
    return None


def _typed(type_name: str, initial: ast.Expression) -> ast.Expression:
    """`int x = 2.7` keeps 2: the declared type cuts the initial value."""
    value = fold(initial, {})
    if type_name == "int" and isinstance(value, float):
        return ast.Number(int(value))
    return ast.Number(float(value)) if type_name == "double" and value is not None else initial


def _resolve(node: ast.Expression, names: Names) -> ast.Expression:
    """Through variables and macros to the expression behind; bounded, since a name may stand for another."""
    for _ in range(20):
        if isinstance(node, ast.Name) and node.name in names:
            node = names[node.name]
        elif isinstance(node, ast.Macro):
            node = node.value
        else:
            break
    return node


# ---- constants ----


def fold(node: ast.Expression, names: Names) -> int | float | None:
    """The number that `node` always is, or None."""
    node = _resolve(node, names)
    match node:
        case ast.Number():
            return _bounded(node.value)
        case ast.Unary(operator="-" | "+" as sign):
            value = fold(node.operand, names)
            return None if value is None else -value if sign == "-" else value
        case ast.Binary():
            left, right = fold(node.left, names), fold(node.right, names)
            return None if left is None or right is None else _apply(node.operator, left, right)
        case ast.Call():
            return _fold_call(node, names)
        case ast.Member(object=ast.Name(name="Math"), name="pi"):
            return math.pi
        case ast.Cast(type=ast.TypeName(name="double")):
            return fold(node.operand, names)
    return None


def _bounded(value: int | float) -> int | float | None:
    """None for an int that no float holds."""
    return None if isinstance(value, int) and abs(value) >= 10**300 else value


def _apply(operator: str, left: int | float, right: int | float) -> int | float | None:
    try:
        match operator:
            case "+":
                return _bounded(left + right)
            case "-":
                return _bounded(left - right)
            case "*":
                return _bounded(left * right)
            case "/" if right != 0:
                return int(left / right) if isinstance(left, int) and isinstance(right, int) else left / right
    except OverflowError:
        return None
    return None


def _fold_call(node: ast.Call, names: Names) -> float | None:
    values = [fold(argument, names) for argument in node.arguments]
    numbers = [value for value in values if value is not None]
    if len(numbers) != len(values):
        return None
    name = called(node)
    if name in _SECONDS and len(numbers) == 1:
        return numbers[0] * _SECONDS[name]
    try:
        match name, numbers:
            case ("Math.exp" | "exp", [x]):
                return math.exp(x)
            case ("Math.sqrt" | "sqrt", [x]):
                return math.sqrt(x)
            case ("Math.log" | "log", [x]):
                return math.log(x)
            case ("Math.max" | "max", [x, y]):
                return max(x, y)
            case ("Math.min" | "min", [x, y]):
                return min(x, y)
            case ("Math.pow" | "pow", [x, y]):
                return float(math.pow(x, y))
            case ("Math.round" | "round", [x]):
                return math.floor(x + 0.5)
    except (ValueError, OverflowError):
        return None
    return None


def called(node: ast.Expression) -> str:
    """`exponential`, `Math.max`: what a call calls; "" for anything else."""
    match node:
        case ast.Call(function=ast.Name(name=name)):
            return name
        case ast.Call(function=ast.Member(object=ast.Name(name=owner), name=name)):
            return f"{owner}.{name}"
    return ""


# ---- distributions ----


def distribution(text: str) -> d.Distribution | None:
    """The distribution a code body (or bare expression) draws from, in the model's time unit; None if it is more than one draw."""
    found = result_expression(text)
    return None if found is None else exact_lognormal(text) or _drawn(*found)


def _drawn(node: ast.Expression, names: Names) -> d.Distribution | None:
    value = fold(node, names)
    if value is not None:
        return d.Constant(float(value)) if math.isfinite(value) else None
    node = _resolve(node, names)
    match node:
        case ast.Binary(operator="*"):
            return _product(node.left, node.right, names) or _product(node.right, node.left, names)
        case ast.Binary(operator="/"):
            divisor = fold(node.right, names)
            return _scaled(_drawn(node.left, names), 1 / divisor) if divisor else None
        case ast.Binary(operator="+"):
            return _sum(node.left, node.right, names) or _sum(node.right, node.left, names)
        case ast.Binary(operator="-"):
            offset = fold(node.right, names)
            return None if offset is None else shifted(_drawn(node.left, names), -offset)
        case ast.Call():
            return _called(node, names)
    return None


def _product(factor: ast.Expression, drawn: ast.Expression, names: Names) -> d.Distribution | None:
    scale = fold(factor, names)
    return None if scale is None else _scaled(_drawn(drawn, names), scale)


def _sum(offset: ast.Expression, drawn: ast.Expression, names: Names) -> d.Distribution | None:
    value = fold(offset, names)
    return None if value is None else shifted(_drawn(drawn, names), value)


def _called(node: ast.Call, names: Names) -> d.Distribution | None:
    name = called(node)
    if name in _SECONDS and len(node.arguments) == 1:
        return _scaled(_drawn(node.arguments[0], names), _SECONDS[name])
    if name in ("Math.max", "max") and len(node.arguments) == 2:
        return _floored(node.arguments, names)
    row = DRAWS.get(name)
    if row is None or not len(row.parameters) <= len(node.arguments) <= len(row.parameters) + 1:
        return None
    values = [fold(argument, names) for argument in node.arguments[: len(row.parameters)]]
    numbers = [float(value) for value in values if value is not None and math.isfinite(value)]
    return from_command(name, tuple(numbers)) if len(numbers) == len(row.parameters) else None


def _floored(arguments: tuple[ast.Expression, ...], names: Names) -> d.Distribution | None:
    """`Math.max(0.001, normal(10, 2))`: a normal whose negative draws do not count, as a normal here means anyway."""
    for low, drawn in (arguments, arguments[::-1]):
        floor = fold(low, names)
        found = _drawn(drawn, names) if floor is not None else None
        if floor is not None and isinstance(found, d.Normal) and 0 <= floor <= 0.001 * max(1.0, abs(found.mean)):
            return found
    return None


def from_command(name: str, arguments: tuple[float, ...]) -> d.Distribution | None:
    """A distribution command with its arguments in FlexScript's order, without the stream; None if it takes others."""
    match name, arguments:
        case "exponential", (location, mean):
            return d.Exponential(mean, location)
        case "normal", (mean, std):
            return d.Normal(mean, std)
        case "triangular", (low, high, mode):
            return d.Triangular(low, mode, high)
        case "uniform", (low, high):
            return d.Uniform(low, high)
        case "lognormal2", (location, scale, shape) if scale > 0:
            return d.Lognormal(math.log(scale), shape, location)
        case "lognormal", (location, mean, std):
            return d.Lognormal(mean, std, location)
        case "lognormalmeanstdev", (mean, std):
            try:
                return d.Lognormal(*log_parameters(mean, std))
            except ParameterError:
                return None
        case "weibull", (location, scale, shape):
            return d.Weibull(shape, scale, location)
        case "gamma", (location, scale, shape):
            return d.Gamma(shape, scale, location)
        case "poisson", (mean,):
            return d.Poisson(mean)
    row = DRAWS.get(name)
    return d.FlexSimDistribution(name, arguments) if row and len(arguments) == len(row.parameters) else None


def _scaled(value: d.Distribution | None, scale: float) -> d.Distribution | None:
    return None if value is None else scaled(value, scale)


def scaled(value: d.Distribution, scale: float) -> d.Distribution | None:
    """The distribution of `scale` times a draw; None if it has no name."""
    if scale == 1.0:
        return value
    if scale <= 0 and not isinstance(value, d.Constant | d.FlexSimDistribution | d.Expression):
        return None
    match value:
        case d.Constant():
            return d.Constant(value.value * scale)
        case d.Exponential():
            return d.Exponential(value.mean * scale, value.location * scale)
        case d.Normal():
            return d.Normal(value.mean * scale, value.std * scale)
        case d.Triangular():
            return d.Triangular(value.min * scale, value.mode * scale, value.max * scale)
        case d.Uniform():
            return d.Uniform(value.min * scale, value.max * scale)
        case d.Lognormal():
            return d.Lognormal(value.mu + math.log(scale), value.sigma, value.location * scale)
        case d.Weibull():
            return d.Weibull(value.shape, value.scale * scale, value.location * scale)
        case d.Gamma():
            return d.Gamma(value.shape, value.scale * scale, value.location * scale)
        case d.Poisson():
            return d.FlexSimDistribution("poisson", (value.mean,), scale)
        case d.FlexSimDistribution():
            return d.FlexSimDistribution(value.command, value.arguments, value.scale * scale)
        case d.Expression():
            return d.Expression(value.flexscript, value.scale * scale)


def shifted(value: d.Distribution | None, offset: float) -> d.Distribution | None:
    """The distribution of a draw plus `offset`; None if it has no name."""
    match value:
        case d.Constant():
            return d.Constant(value.value + offset)
        case d.Exponential():
            return d.Exponential(value.mean, value.location + offset)
        case d.Triangular():
            return d.Triangular(value.min + offset, value.mode + offset, value.max + offset)
        case d.Uniform():
            return d.Uniform(value.min + offset, value.max + offset)
        case d.Lognormal():
            return d.Lognormal(value.mu, value.sigma, value.location + offset)
        case d.Weibull():
            return d.Weibull(value.shape, value.scale, value.location + offset)
        case d.Gamma():
            return d.Gamma(value.shape, value.scale, value.location + offset)
    return None


# the exact inverse of what `code_bodies` writes for a lognormal: mu inside Math.exp
def exact_lognormal(text: str) -> d.Lognormal | None:
    """`lognormal2(location, Math.exp(mu), sigma)` with mu as written, not through exp and log."""
    found = result_expression(text)
    if found is None:
        return None
    match found[0]:
        case ast.Call(function=ast.Name(name="lognormal2"), arguments=(location, ast.Call() as scale, sigma, *_)):
            if called(scale) == "Math.exp" and len(scale.arguments) == 1:
                values = [fold(node, found[1]) for node in (scale.arguments[0], sigma, location)]
                numbers = [float(value) for value in values if value is not None]
                return d.Lognormal(*numbers) if len(numbers) == 3 else None
    return None


# ---- routing ----


def routing(text: str, ports: int) -> m.Routing | None:
    """The routing rule of a SendToPort body at a station with `ports` output ports; None if it must be run to be known."""
    program = parsed(text)
    if program is None:
        return None
    for body, rule in (
        (code_bodies.ROUND_ROBIN, m.RoundRobin()),
        (code_bodies.RANDOM_PORT, m.RandomPort()),
        (code_bodies.SHORTEST_QUEUE, m.ShortestQueue()),
    ):
        if program.statements == _canonical(body):
            return rule
    listed = _percent_list(program)
    if listed is not None:
        return m.Percent(listed)
    found = result_expression(text)
    if found is not None:
        rule_found = _simple_routing(*found, ports)
        if rule_found is not None:
            return rule_found
    from gdt2usd.graph.recognise_branches import branches

    return branches(program, ports)


def _percent_list(program: ast.Program) -> tuple[float, ...] | None:
    for statement in program.statements:
        match statement:
            case ast.Declaration(declarators=(ast.Declarator(name="percents", initial=ast.ArrayLiteral() as array),)):
                values = [fold(item, {}) for item in array.items]
                percents = tuple(float(value) for value in values if value is not None)
                same = len(percents) == len(values) and program.statements == _listed(percents)
                return percents if same else None
    return None


def _listed(percents: tuple[float, ...]) -> tuple[ast.Statement, ...] | None:
    program = parsed(code_bodies.percent_list_body(percents))
    return program.statements if program else None


def _simple_routing(node: ast.Expression, names: Names, ports: int) -> m.Routing | None:
    value = fold(node, names)
    if value is not None:
        return to_port(value)
    node = _resolve(node, names)
    label = label_of_item(node, names)
    if label is not None:
        return m.ByLabel(label)
    name = called(node)
    if not isinstance(node, ast.Call):
        return None
    if name == "bernoulli" and len(node.arguments) in (3, 4):
        percent, first, second = (fold(argument, names) for argument in node.arguments[:3])
        if percent is not None and first is not None and second is not None:
            return percentages({int(first): float(percent), int(second): 100.0 - percent}, ports)
    if name == "duniform" and len(node.arguments) in (2, 3) and fold(node.arguments[0], names) == 1:
        return _random_port(node.arguments[1], names, ports)
    return None


def to_port(value: float) -> m.Routing | None:
    """A constant output port; 0 is the first available."""
    if value == 0:
        return m.FirstAvailable()
    return m.ToPort(int(value)) if value >= 1 and value == int(value) else None


def percentages(shares: dict[int, float], ports: int) -> m.Routing | None:
    """Percent by output port, from a percentage per port; None if a port is below 1 or a share is impossible."""
    if any(port < 1 or port > 1000 for port in shares) or any(not 0 <= share <= 100 for share in shares.values()):
        return None
    count = max(*shares, ports, 1) if len(shares) > 1 else max(ports, *shares)
    return m.Percent(tuple(shares.get(port, 0.0) for port in range(1, count + 1)))


def _random_port(last: ast.Expression, names: Names, ports: int) -> m.Routing | None:
    value = fold(last, names)
    last = _resolve(last, names)
    every = isinstance(last, ast.Member) and last.name == "length" and isinstance(last.object, ast.Member)
    if (every and last.object.name == "outObjects") or called(last) == "nrop" or value == ports:  # type: ignore[union-attr]
        return m.RandomPort()
    if value is not None and 1 <= value <= 1000:
        count = int(value)
        return percentages(dict.fromkeys(range(1, count + 1), 100.0 / count), ports)
    return None


def label_of_item(node: ast.Expression, names: Names) -> str | None:
    """The label that `item.Type`, `item.labels["Type"].value`, `getlabelnum(item, "Type")` reads; None for anything else."""
    match node:
        case ast.Member(object=ast.Name() as item, name=name) if is_item(item, names):
            return name if name != "labels" else None
        case ast.Member(object=ast.Index(object=ast.Member(object=ast.Name() as item, name="labels"), index=ast.String() as key)):
            return key.value if node.name == "value" and is_item(item, names) else None
        case ast.Member(object=ast.Member(object=ast.Name() as item, name="labels"), name=name):
            return name if is_item(item, names) else None
        case ast.Call(function=ast.Name(name="getlabelnum" | "getlabel"), arguments=(ast.Name() as item, ast.String() as key)):
            return key.value if is_item(item, names) else None
        case ast.Call(function=ast.Name(name="getitemtype"), arguments=(ast.Name() as item,)):
            return "Type" if is_item(item, names) else None
    return None


def is_item(node: ast.Name, names: Names) -> bool:
    """Whether a name is the flow item: `param(1)`, or `item` in a bare expression."""
    found = names.get(node.name)
    if found is None:
        return node.name == "item" and not names
    return called(found) in ("param", "parnode") and isinstance(found, ast.Call) and fold(found.arguments[0], {}) == 1


# ---- references ----


def first_free_count(text: str) -> int | None:
    """n, if a reference body returns the first idle of the objects at centre ports 1 to n."""
    program = parsed(text)
    for statement in program.statements if program else ():
        match statement:
            case ast.For(condition=ast.Binary(operator="<=", right=ast.Number(value=count))) if program and isinstance(count, int):
                same = 1 <= count <= 1000 and program.statements == _canonical(code_bodies.first_free_body(count))
                return count if same else None
    return None


def text_argument(node: ast.Expression, command: str) -> str:
    """The text that `command("text", ...)` is called with; "" for any other expression."""
    match node:
        case ast.Call(function=ast.Name(name=name), arguments=(ast.String(value=value), *_)) if name == command:
            return value
    return ""
