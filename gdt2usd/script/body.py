"""Code bodies: compiled once, run per item during the simulation (`body_context` has the protocol and an example).

Not covered: recognising a body as a distribution or routing rule (`graph.recognise`).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from numpy.random import Generator

from gdt2usd.diagnostics import Diagnostic, GdtError, Severity, Span, error
from gdt2usd.script import ast, reference
from gdt2usd.script.body_context import BodyContext, ItemView, StationView
from gdt2usd.script.body_values import ItemValue, ListValue, StationValue, unwrap, wrap
from gdt2usd.script.interpreter_build import QUIET_COMMANDS
from gdt2usd.script.interpreter_commands import COMMON, nothing
from gdt2usd.script.interpreter_compile import RETURN, Compiled, compile_program
from gdt2usd.script.interpreter_frame import Command, Frame, Limits, Run
from gdt2usd.script.interpreter_members import call_method, get_member, set_member
from gdt2usd.script.interpreter_nodes import Quiet, TableNode
from gdt2usd.script.interpreter_statics import CONSTRUCTORS
from gdt2usd.script.interpreter_values import ScriptFault, Value, number, text, whole
from gdt2usd.script.parser import parse_body
from gdt2usd.script.source import Script

BodyResult = float | str | StationView | ItemView | None


class CompiledBody:
    """A code body, ready to run; `diagnostics` holds what was not done while running, `text` is its source."""

    __slots__ = ("_code", "_seen", "diagnostics", "text")

    def __init__(self, source: str, code: Compiled) -> None:
        self.text = source
        self._code = code
        self._seen: set[str] = set()
        self.diagnostics: list[Diagnostic] = []

    def __call__(self, context: BodyContext) -> Any:
        """The value that the body returns: a number, a text, a view, or None. Raises GdtError when it fails."""
        frame = Frame(_BodyHost(context), self._code.slots, Limits(context.max_steps, 0, 1_000_000, 2.0, 10))
        span: Span | None = None
        try:
            for step, span in self._code.steps:  # noqa: B007
                if step(frame) == RETURN:
                    break
        except ScriptFault as fault:
            where = fault.span or span
            raise GdtError([error(fault.code, fault.message, where, fault.hint)], source=self.text, name="code body") from None
        except ArithmeticError:
            raise GdtError([error("FS326", "the numbers have become too large", span)], source=self.text) from None
        except RecursionError:
            raise GdtError([error("FS303", "the code body is nested too deeply", span)], source=self.text) from None
        self._keep(frame)
        return unwrap(frame.result)

    def _keep(self, frame: Frame) -> None:
        for diagnostic in frame.diagnostics:
            if diagnostic.message not in self._seen:
                self._seen.add(diagnostic.message)
                self.diagnostics.append(diagnostic)


_PRELUDE = "Object current = ownerobject(c); Object item = param(1); int port = param(2);"


@lru_cache(maxsize=4096)
def _compiled(source: str) -> Compiled:
    program = parse_body(source)
    match program.statements:
        case (ast.ExpressionStatement(expression=bare),) if not isinstance(bare, ast.Assign | ast.Update):
            statements = (*parse_body(_PRELUDE).statements, ast.Return(bare, span=bare.span))
            program = ast.Program(statements, Script(source, "code body"), span=bare.span)
    unknown = [diagnostic for node in ast.walk(program) if (diagnostic := _unknown(node)) is not None]
    if unknown:
        raise GdtError(unknown, source=source, name="code body")
    return compile_program(program, BODY, missing)


def _unknown(node: ast.Node) -> Diagnostic | None:
    """What is wrong with the call of a command that neither FlexSim nor this interpreter has."""
    match node:
        case ast.Call(function=ast.Name(name=name)) if name not in BODY and name not in CONSTRUCTORS:
            known = reference.load()
            if known.command(name) is None and name not in known.attribute_commands:
                near = known.nearest_command(name)
                hint = f"did you mean {near!r}?" if near else ""
                return error("FS310", f"FlexSim has no command {name[:80]!r}", node.span, hint)
    return None


def compile_body(source: str) -> CompiledBody:
    """Compile a code body, or a bare expression of `current`, `item` and `port`. Raises GdtError for what is no FlexScript."""
    try:
        return CompiledBody(source, _compiled(source))
    except RecursionError:
        raise GdtError([error("FS303", "the code body is nested too deeply")], source=source) from None


# ---- the host ----


class _BodyHost:
    """The host of a code body: reads what the context gives, changes nothing but labels."""

    __slots__ = ("context",)

    def __init__(self, context: BodyContext) -> None:
        self.context = context

    @property
    def rng(self) -> Generator:
        if self.context.rng is None:
            raise ScriptFault("FS329", "this code draws random numbers where there are none")
        return self.context.rng

    def parameter(self, index: int) -> Value:
        match index:
            case 1:
                return ItemValue(self.context.item) if self.context.item is not None else None
            case 2:
                return self.context.port
        return None

    def code_owner(self) -> Value:
        return StationValue(self.context.current)

    def find(self, path: Value, frame: Frame) -> Value:
        name = text(path, "the name of an object").lstrip("/?").removeprefix("MODEL:/")
        return wrap(self.context.find(name)) if self.context.find else None

    def time(self) -> float:
        return self.context.time_s

    def table(self, name: Value) -> Value:
        rows = (self.context.tables or {}).get(text(name, "the name of a table"))
        if rows is None:
            raise ScriptFault("FS320", f"there is no global table {str(name)[:80]!r}")
        table = TableNode(text(name))
        table.rows = rows
        table.column_names = [f"Col {i + 1}" for i in range(max((len(row) for row in rows), default=0))]
        table.row_names = [f"Row {i + 1}" for i in range(len(rows))]
        return table

    def model_value(self, frame: Frame, name: str) -> Value:
        if name in ("time", "statisticalTime"):
            return self.context.time_s
        return Quiet(f"Model.{name}")

    def not_done(self, frame: Frame, what: str) -> Value:
        """A change of the model that a body cannot make here: reported."""
        frame.report(Severity.WARNING, "FS329", f"{what} has no effect while the simulation runs", "only labels can be changed")
        return None

    def print(self, line: str) -> None:
        return

    def suggestion(self) -> str:
        return ""

    def __getattr__(self, name: str) -> Callable[..., Value]:
        raise ScriptFault("FS329", "a code body cannot build or rename anything while the simulation runs")


# ---- commands ----


def _labels(value: Value) -> Any:
    if not isinstance(value, StationValue | ItemValue):
        raise ScriptFault("FS315", "there is no object or item here to have labels")
    return value.labelled()


def _get_label(frame: Frame, owner: Value, name: Value) -> Value:
    return wrap(_labels(owner).get(text(name), 0))


def _set_label(frame: Frame, owner: Value, name: Value, value: Value = None) -> Value:
    _labels(owner)[text(name)] = unwrap(value)
    return 0


def _label_node(frame: Frame, owner: Value, name: Value) -> Value:
    return call_method(frame, get_member(frame, owner, "labels"), "assert", [name])


def _ports(member: str) -> Callable[..., Value]:
    def run(frame: Frame, owner: Value, rank: Value) -> Value:
        row = get_member(frame, owner, member)
        index = whole(rank)
        return row.values[index - 1] if isinstance(row, ListValue) and 1 <= index <= len(row.values) else None

    return run


def _count(member: str) -> Callable[..., Value]:
    return lambda frame, owner: get_member(frame, get_member(frame, owner, member), "length")


def _statistic(which: str) -> Callable[..., Value]:
    return lambda frame, owner: get_member(frame, get_member(frame, get_member(frame, owner, "stats"), which), "value")


def _state(frame: Frame, owner: Value) -> Value:
    return get_member(frame, call_method(frame, get_member(frame, owner, "stats"), "state", []), "value")


def _empirical(smooth: bool) -> Callable[..., Value]:
    def run(frame: Frame, name: Value, stream: Value = 0) -> Value:
        rows = [row for row in frame.host.table(name).rows if len(row) >= 2]
        draw, reached, before = frame.host.rng.random() * sum(number(row[0]) for row in rows), 0.0, 0.0
        for row in rows:
            share = number(row[0])
            if draw <= reached + share and share > 0:
                value = number(row[1])
                return before + (value - before) * (draw - reached) / share if smooth else value
            reached, before = reached + share, number(row[1])
        raise ScriptFault("FS326", f"table {str(name)[:40]!r} holds no percentages")

    return run


def _set_value(frame: Frame, node: Value, value: Value) -> Value:
    set_member(frame, node, "value", value)
    return 0


def _increase(frame: Frame, node: Value, by: Value) -> Value:
    return _set_value(frame, node, number(get_member(frame, node, "value")) + number(by))


BODY: dict[str, Command] = {
    **COMMON,
    **{name: Command(nothing, 0, -1) for name in QUIET_COMMANDS},
    "getlabelnum": Command(_get_label, 2, 2),
    "getlabelstr": Command(_get_label, 2, 2),
    "getlabel": Command(_get_label, 2, 2),
    "setlabelnum": Command(_set_label, 3, 3),
    "setlabelstr": Command(_set_label, 3, 3),
    "setlabel": Command(_set_label, 3, 3),
    "addlabel": Command(_set_label, 2, 3),
    "label": Command(_label_node, 2, 2),
    "getitemtype": Command(lambda frame, item: _get_label(frame, item, "Type"), 1, 1),
    "setitemtype": Command(lambda frame, item, kind: _set_label(frame, item, "Type", kind), 2, 2),
    "getname": Command(lambda frame, node: get_member(frame, node, "name"), 1, 1),
    "setname": Command(lambda frame, item, name: _set_label(frame, item, "name", name), 2, 2),
    "outobject": Command(_ports("outObjects"), 2, 2),
    "inobject": Command(_ports("inObjects"), 2, 2),
    "centerobject": Command(_ports("centerObjects"), 2, 2),
    "nrop": Command(_count("outObjects"), 1, 1),
    "nrip": Command(_count("inObjects"), 1, 1),
    "nrcp": Command(_count("centerObjects"), 1, 1),
    "content": Command(_count("subnodes"), 1, 1),
    "getinput": Command(_statistic("input"), 1, 1),
    "getoutput": Command(_statistic("output"), 1, 1),
    "getstatenum": Command(_state, 1, 1),
    "first": Command(lambda frame, node: get_member(frame, node, "first"), 1, 1),
    "last": Command(lambda frame, node: get_member(frame, node, "last"), 1, 1),
    "node": Command(lambda frame, path, start=None: frame.host.find(path, frame), 1, 2),
    "model": Command(lambda frame: Quiet("model"), 0, 0),
    "dempirical": Command(_empirical(False), 1, 2),
    "empirical": Command(_empirical(True), 1, 2),
    "cempirical": Command(_empirical(True), 1, 2),
    "getnodenum": Command(lambda frame, node: get_member(frame, node, "value"), 1, 1),
    "getnodestr": Command(lambda frame, node: get_member(frame, node, "value"), 1, 1),
    "get": Command(lambda frame, node: get_member(frame, node, "value"), 1, 1),
    "setnodenum": Command(_set_value, 2, 2),
    "set": Command(_set_value, 2, 2),
    "inc": Command(_increase, 2, 2),
    "gettablenum": Command(lambda f, table, row, column: f.host.table(table).rows[whole(row) - 1][whole(column) - 1], 3, 3),
}
"""What a code body can call while the simulation runs."""


def missing(name: str, span: Span) -> Run:
    """A command of FlexSim's that has no effect here: reported."""
    return lambda frame: frame.host.not_done(frame, f"{name}()")


__all__ = ["BodyContext", "BodyResult", "CompiledBody", "compile_body"]
