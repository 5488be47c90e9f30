"""Percentages written as branches: `if` chains and conditionals over one uniform draw.

Not covered: branches over anything else (labels, contents), which are run per item.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from gdt2usd.graph import model as m
from gdt2usd.graph.recognise import Names, called, fold, percentages
from gdt2usd.script import ast


@dataclass(slots=True)
class _Draw:
    """The uniform draw on [low, high], the variable that holds it ("" inside an expression), what is left of its range."""

    low: float
    high: float
    name: str
    names: Names
    shares: dict[int, float] = field(default_factory=dict)


def branches(program: ast.Program, ports: int) -> m.Routing | None:
    """Percent, if the body draws once and returns a port by where the draw falls."""
    names: dict[str, ast.Expression] = {}
    draw: _Draw | None = None
    rest: list[ast.Statement] = []
    for at, statement in enumerate(program.statements):
        if isinstance(statement, ast.Declaration) and all(x.initial is not None for x in statement.declarators):
            for declarator in statement.declarators:
                assert declarator.initial is not None
                found = _uniform(declarator.initial, declarator.name, names)
                if found is not None and draw is None:
                    draw = found
                else:
                    names[declarator.name] = declarator.initial
        elif not isinstance(statement, ast.Empty | ast.Define):
            rest = list(program.statements[at:])
            break
    draw = draw or _inline(rest, names)
    if draw is None or draw.high <= draw.low:
        return None
    left = _statements(rest, draw.low, draw.high, draw)
    if left is None or left[0] < left[1]:
        return None
    scale = 100.0 / (draw.high - draw.low)
    return percentages({port: round(share * scale, 9) for port, share in draw.shares.items()}, ports)


def _uniform(node: ast.Expression, name: str, names: Names) -> _Draw | None:
    if isinstance(node, ast.Call) and called(node) == "uniform" and len(node.arguments) in (2, 3):
        low, high = fold(node.arguments[0], names), fold(node.arguments[1], names)
        if low is not None and high is not None:
            return _Draw(float(low), float(high), name, names)
    return None


def _inline(rest: list[ast.Statement], names: Names) -> _Draw | None:
    """`return uniform(0, 100) < 70 ? 1 : 2;`: exactly one draw, in the condition."""
    match rest:
        case [ast.Return(value=ast.Conditional(condition=ast.Binary(left=left), then=then, otherwise=otherwise))]:
            if fold(then, names) is not None and fold(otherwise, names) is not None:
                return _uniform(left, "", names)
    return None


Range = tuple[float, float]


def _statements(body: list[ast.Statement], low: float, high: float, draw: _Draw) -> Range | None:
    """Give the range to the ports that the statements return; what is left of it, None if they are not understood."""
    for statement in body:
        left = _statement(statement, low, high, draw)
        if left is None:
            return None
        low, high = left
        if low >= high:
            break
    return low, high


def _statement(statement: ast.Statement, low: float, high: float, draw: _Draw) -> Range | None:
    match statement:
        case ast.Block():
            return _statements(list(statement.statements), low, high, draw)
        case ast.Empty():
            return low, high
        case ast.Return(value=value) if value is not None:
            return _returned(value, low, high, draw)
        case ast.If():
            return _if(statement, low, high, draw)
    return None


def _returned(value: ast.Expression, low: float, high: float, draw: _Draw) -> Range | None:
    port = fold(value, draw.names)
    if port is not None and port == int(port):
        draw.shares[int(port)] = draw.shares.get(int(port), 0.0) + max(0.0, high - low)
        return high, high
    if isinstance(value, ast.Conditional):
        split = _split(value.condition, low, high, draw)
        if split is None:
            return None
        if _returned(value.then, *split[0], draw) is None or _returned(value.otherwise, *split[1], draw) is None:
            return None
        return high, high
    return None


def _if(statement: ast.If, low: float, high: float, draw: _Draw) -> Range | None:
    split = _split(statement.condition, low, high, draw)
    if split is None:
        return None
    then, other = split
    left = _statement(statement.then, *then, draw)
    if left is None or left[0] < left[1]:
        return None
    return _statement(statement.otherwise, *other, draw) if statement.otherwise is not None else other


def _split(condition: ast.Expression, low: float, high: float, draw: _Draw) -> tuple[Range, Range] | None:
    """Where a condition on the draw holds and where not, both as ranges."""
    if not isinstance(condition, ast.Binary):
        return None
    operator, left, right = condition.operator, condition.left, condition.right
    if operator == "&&":
        first = _split(left, low, high, draw)
        second = _split(right, *first[0], draw) if first else None
        if first is None or second is None or (first[1][0] < first[1][1] and second[1][0] < second[1][1]):
            return None
        return second[0], (min(first[1][0], second[1][0]), max(first[1][1], second[1][1]))
    if not _is_draw(left, draw):
        operator = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}.get(operator, "")
        left, right = right, left
    bound = fold(right, draw.names)
    if bound is None or not _is_draw(left, draw) or operator not in ("<", "<=", ">", ">="):
        return None
    at = min(max(float(bound), low), high)
    below, above = (low, at), (at, high)
    return (below, above) if operator in ("<", "<=") else (above, below)


def _is_draw(node: ast.Expression, draw: _Draw) -> bool:
    if draw.name:
        return isinstance(node, ast.Name) and node.name == draw.name
    return _uniform(node, "", draw.names) is not None
