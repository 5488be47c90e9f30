"""The script view of a sample: canonical FlexScript, and a share in the styles of other people's generated scripts.

`arrays`: names and types in arrays, one loop with branches on the index, connections after it. `paper`: the same with the
connections inside the branches and chained assignment of the previous object, as in the paper's scripts. `named`: variables named
after the stations, positions as multiples of a grid step. Every style builds the same graph as the canonical script.
Not covered: the canonical script itself (`graph.emit`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from gdt2usd.dataset.layers.draw import chance, pick, weighted
from gdt2usd.graph.emit import emit
from gdt2usd.graph.model import ProcessGraph

STYLES = {"arrays": 0.35, "paper": 0.4, "named": 0.25}

_CREATE = re.compile(r'Object (\w+) = Object\.create\("([\w:]+)"\);')
_NAME = re.compile(r'(\w+)\.name = ("(?:[^"\\]|\\.)*");')
_PLACE = re.compile(r"(\w+)\.setLocation\((-?[\d.]+), (-?[\d.]+), 0, 0\.5, 0\.5, 0\);")
_CONNECT = re.compile(r'contextdragconnection\((\w+), (\w+), "A"\);')
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|//.*|\w+')
_RESERVED = frozenset(
    {
        "model",
        "library",
        "time",
        "hours",
        "minutes",
        "seconds",
        "days",
        "current",
        "item",
        "port",
        "step",
        "row",
        "i",
        "a",
        "c",
        "in",
        "out",
    }
    | {
        "if",
        "else",
        "for",
        "while",
        "switch",
        "case",
        "break",
        "continue",
        "return",
        "default",
        "await",
        "var",
        "int",
        "double",
        "string",
    }
    | {
        "queue",
        "source",
        "sink",
        "object",
        "array",
        "table",
        "list",
        "token",
        "group",
        "event",
        "start",
        "end",
        "input",
        "output",
        "stop",
        "go",
    }
)


@dataclass(slots=True)
class _Block:
    """One object of a canonical script: variable, class, quoted name, place, and its other lines."""

    variable: str
    flexsim_class: str
    name: str
    place: tuple[str, str] | None
    lines: list[str]


@dataclass(slots=True)
class _Parts:
    """A canonical script taken apart: objects, links between items' stations, and what follows."""

    objects: list[_Block] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)
    rest: list[str] = field(default_factory=list)


def write_script(graph: ProcessGraph, rng: np.random.Generator, paper_share: float) -> tuple[str, str]:
    """The script of `graph` and the name of its style; every style builds the same graph."""
    canonical = emit(graph)
    if not chance(rng, paper_share):
        return canonical, "canonical"
    style = weighted(rng, STYLES)
    return restyled(canonical, style, rng), style


def restyled(canonical: str, style: str, rng: np.random.Generator) -> str:
    """The canonical script in another style (`STYLES`)."""
    parts = _parts(canonical)
    return _named(parts, rng) if style == "named" else _looped(parts, rng, inline=style == "paper")


def _parts(canonical: str) -> _Parts:
    parts = _Parts()
    for block in canonical.split("\n\n"):
        lines = block.split("\n")
        created = _CREATE.fullmatch(lines[0])
        if created:
            parts.objects.append(_block(created, lines))
        elif not lines[0].startswith("/*"):
            parts.rest.extend(_links_out(lines, parts))
            parts.rest.append("")
    while parts.rest and not parts.rest[-1]:
        parts.rest.pop()
    return parts


def _block(created: re.Match[str], lines: list[str]) -> _Block:
    block = _Block(created[1], created[2], '""', None, [])
    for line in lines[1:]:
        if (named := _NAME.fullmatch(line)) and named[1] == block.variable:
            block.name = named[2]
        elif (placed := _PLACE.fullmatch(line)) and not any(".setSize(" in before for before in block.lines):
            block.place = (placed[2], placed[3])
        else:
            block.lines.append(line)
    return block


def _links_out(lines: list[str], parts: _Parts) -> list[str]:
    """Move plain "A" connections of the first connection block into `parts.links`; other lines stay."""
    if parts.links or not lines[0].startswith("// the way"):
        return lines
    kept = []
    for line in lines[1:]:
        if linked := _CONNECT.fullmatch(line):
            parts.links.append((linked[1], linked[2]))
        else:
            kept.append(line)
    return kept


def _renamed(line: str, new: Callable[[str], str | None]) -> str:
    """`line` with identifiers replaced, strings and comments left alone."""
    return _TOKEN.sub(lambda m: m[0] if m[0][0] in '"/' else (new(m[0]) or m[0]), line)


# ---- arrays and loops ----


def _ports(links: list[tuple[str, str]]) -> dict[tuple[str, str], tuple[int, int]]:
    """Port ranks that connecting in this order gives."""
    outs: dict[str, int] = {}
    ins: dict[str, int] = {}
    ranks = {}
    for upstream, downstream in links:
        outs[upstream] = outs.get(upstream, 0) + 1
        ins[downstream] = ins.get(downstream, 0) + 1
        ranks[upstream, downstream] = (outs[upstream], ins[downstream])
    return ranks


def _looped(parts: _Parts, rng: np.random.Generator, *, inline: bool) -> str:
    """Arrays, one loop over them, branches on the index; with `inline` the connections stand in the branches."""
    number = {block.variable: index for index, block in enumerate(parts.objects, 1)}
    objects, current, before = pick(
        rng, (("objs", "newObj", "previousObj"), ("objects", "obj", "prevObj"), ("stations", "o", "lastObj"))
    )
    by_time = sorted(parts.links, key=lambda link: max(number[link[0]], number[link[1]]))
    inline = inline and _ports(by_time) == _ports(parts.links)

    def reference(index: int) -> Callable[[str], str | None]:
        def new(word: str) -> str | None:
            at = number.get(word)
            if at is None:
                return None
            return current if at == index else before if inline and at == index - 1 else f"{objects}[{at}]"

        return new

    lines = _array_heads(parts, objects, rng)
    bodies: list[list[str]] = []
    for index, block in enumerate(parts.objects, 1):
        body = [_renamed(line, reference(index)) for line in block.lines]
        if inline:
            connections = [link for link in by_time if max(number[link[0]], number[link[1]]) == index]
            body += [_renamed(f'contextdragconnection({a}, {b}, "A");', reference(index)) for a, b in connections]
        bodies.append(body)
    lines += [f"Object {before};", f"Object {before}2;"] if inline else []
    lines += [
        "for (int i = 1; i <= names.length; i++) {",
        f"    Object {current} = Object.create(types[i]);",
        f"    {current}.name = names[i];",
    ]
    if all(block.place for block in parts.objects):
        lines.append(f"    {current}.setLocation(xs[i], ys[i], 0, 0.5, 0.5, 0);")
    lines.append(f"    {objects}.push({current});")
    lines += _branches(bodies, chance(rng, 0.4))
    lines += [f"    {before} = {before}2 = {current};"] if inline else []
    lines += ["}", ""]
    if not inline:
        lines += [_renamed(f'contextdragconnection({a}, {b}, "A");', reference(0)) for a, b in parts.links]
    return "\n".join([*lines, *[_renamed(line, reference(0)) for line in parts.rest], ""])


def _array_heads(parts: _Parts, objects: str, rng: np.random.Generator) -> list[str]:
    """The arrays that the loop runs over."""
    lines = [
        pick(rng, ("// Build the production line", "// Create objects from arrays", "/* model generation */", "// Factory layout"))
    ]
    lines.append(f"Array names = [{', '.join(block.name for block in parts.objects)}];")
    types = ", ".join(f'"{block.flexsim_class}"' for block in parts.objects)
    lines.append(f"Array types = [{types}];")
    if all(block.place for block in parts.objects):
        lines.append(f"Array xs = [{', '.join(block.place[0] for block in parts.objects if block.place)}];")
        lines.append(f"Array ys = [{', '.join(block.place[1] for block in parts.objects if block.place)}];")
    else:
        for block in parts.objects:
            if block.place:
                block.lines.insert(0, f"{block.variable}.setLocation({block.place[0]}, {block.place[1]}, 0, 0.5, 0.5, 0);")
    return [*lines, f"Array {objects} = [];", ""]


def _branches(bodies: list[list[str]], shared: bool) -> list[str]:
    """`if / else if` on the index; with `shared` alike branches are one."""
    groups: list[tuple[list[int], list[str]]] = []
    for index, body in enumerate(bodies, 1):
        same = next((numbers for numbers, other in groups if other == body), None) if shared else None
        if same is not None:
            same.append(index)
        elif body:
            groups.append(([index], body))
    lines = []
    for position, (numbers, body) in enumerate(groups):
        test = " || ".join(f"i == {number}" for number in numbers)
        lines.append(f"    {'else ' if position else ''}if ({test}) {{")
        lines += [f"        {line}" for line in body]
        lines.append("    }")
    return lines


# ---- named variables on a grid ----


def _variable(name: str, taken: set[str]) -> str:
    """A variable name for a quoted object name: camel case, unique, no word of the language."""
    words = re.findall(r"[A-Za-z]+|\d+", name)
    stem = "".join(word.capitalize() for word in words)
    stem = stem[:1].lower() + stem[1:] if stem and stem[0].isalpha() else f"m{stem}"
    while stem.lower() in taken or stem.lower() in _RESERVED:
        stem += "Obj" if not stem.endswith("Obj") else "2"
    taken.add(stem.lower())
    return stem


def _multiple(value: str, step: int, word: str) -> str:
    """`value` as a multiple of the grid step where it is one."""
    figure = float(value)
    times = figure / step
    if figure == 0 or times != int(times):
        return value
    return word if times == 1 else f"{int(times)} * {word}"


def _named(parts: _Parts, rng: np.random.Generator) -> str:
    """Variables named after the stations; x and y as multiples of two steps; a remark before each object."""
    taken: set[str] = {"dx", "dy"}
    names = {block.variable: _variable(block.name, taken) for block in parts.objects}
    remarks = chance(rng, 0.6)
    lines = ["int dx = 8;", "int dy = 6;"]
    for block in parts.objects:
        name = names[block.variable]
        lines += ["", *([f"// {block.name[1:-1]} ({block.flexsim_class})"] if remarks else [])]
        lines += [f'Object {name} = Object.create("{block.flexsim_class}");', f"{name}.name = {block.name};"]
        if block.place:
            x, y = _multiple(block.place[0], 8, "dx"), _multiple(block.place[1], 6, "dy")
            lines.append(f"{name}.setLocation({x}, {y}, 0, 0.5, 0.5, 0);")
        lines += [_renamed(line, names.get) for line in block.lines]
    lines += ["", *[f'contextdragconnection({names[a]}, {names[b]}, "A");' for a, b in parts.links], ""]
    return "\n".join([*lines, *[_renamed(line, names.get) for line in parts.rest], ""])
