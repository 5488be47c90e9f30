"""FlexScript as a tree: one frozen node per construct, each with the span of the text it came from.

Two trees are equal when they mean the same text: spans, and how a literal was spelt, do not take part.
Not covered: comments (they belong to the text, see `formatter`), types of expressions (see `checker`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from gdt2usd.diagnostics import Span
from gdt2usd.script.source import Script

NOWHERE = Span(0, 0, 1, 1, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """Anything with a place in the text; `span` is not part of a node's identity."""

    span: Span = field(default=NOWHERE, compare=False, repr=False)


# --- expressions -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Number(Node):
    """`3` (int), `2.5`, `1e-5`, `0x1F`; `text` is the spelling in the script ("" if made by a program)."""

    value: int | float
    text: str = field(default="", compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class String(Node):
    """`"..."` with its escapes resolved in `value`; `text` is the spelling with quotes ("" if made by a program)."""

    value: str
    text: str = field(default="", compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Character(Node):
    """`'9'`, escapes resolved in `value`."""

    value: str


@dataclass(frozen=True, slots=True)
class Regex(Node):
    """`/pattern/flags`, an argument of the string methods match, replace and search."""

    pattern: str
    flags: str = ""


@dataclass(frozen=True, slots=True)
class Constant(Node):
    """One of `true`, `false`, `NULL`, `nullvar`."""

    name: str


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A variable, command, class or constant by name; `$iter` too."""

    name: str


@dataclass(frozen=True, slots=True)
class Macro(Node):
    """The use of a `#define`d name that stands for one expression, `value`."""

    name: str
    value: Expression


@dataclass(frozen=True, slots=True)
class ArrayLiteral(Node):
    """`[1, "a", [2]]`."""

    items: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Unary(Node):
    """`-x`, `+x`, `!x`, `~x`."""

    operator: str
    operand: Expression


@dataclass(frozen=True, slots=True)
class Update(Node):
    """`++x`, `x++`, `--x`, `x--`; `prefix` is true where the operator stands first."""

    operator: str
    target: Expression
    prefix: bool


@dataclass(frozen=True, slots=True)
class Binary(Node):
    """`left operator right` for arithmetic, comparison, logic, bits and shifts."""

    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Conditional(Node):
    """`condition ? then : otherwise`."""

    condition: Expression
    then: Expression
    otherwise: Expression


@dataclass(frozen=True, slots=True)
class Assign(Node):
    """`target operator value`, operator one of `= += -= *= /= %= &= |= ^= <<= >>=`; an expression, so that it chains."""

    operator: str
    target: Expression
    value: Expression


@dataclass(frozen=True, slots=True)
class Member(Node):
    """`object.name`, or `object?.name` when `optional`."""

    object: Expression
    name: str
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Index(Node):
    """`object[index]`."""

    object: Expression
    index: Expression


@dataclass(frozen=True, slots=True)
class Call(Node):
    """`function(arguments)`; `function` is a `Name` for commands and constructors, a `Member` for methods."""

    function: Expression
    arguments: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class IfPresent(Node):
    """`object.label?`: the value, or null where there is no such label."""

    object: Expression


@dataclass(frozen=True, slots=True)
class AsType(Node):
    """`object.as(Type)`."""

    object: Expression
    type: TypeName
    optional: bool = False


@dataclass(frozen=True, slots=True)
class IsType(Node):
    """`object.is(Type)`."""

    object: Expression
    type: TypeName
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Cast(Node):
    """`(int)x`, as old code has it."""

    type: TypeName
    operand: Expression


@dataclass(frozen=True, slots=True)
class Await(Node):
    """`await x`."""

    operand: Expression


@dataclass(frozen=True, slots=True)
class Sequence(Node):
    """`a, b` where one expression is expected, as in `for (...; ...; i++, j--)`."""

    items: tuple[Expression, ...]


OLD_ARRAYS = frozenset(("intarray", "doublearray", "stringarray", "treenodearray"))  # types before there was Array


@dataclass(frozen=True, slots=True)
class TypeName(Node):
    """`int`, `unsigned int`, `Storage.Slot`, `treenode`; not an expression."""

    name: str


# --- statements ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Declarator(Node):
    """`name`, `name = initial`, `name[size]`, `name(arguments)` within a declaration; `None` where a part is absent."""

    name: str
    initial: Expression | None = None
    sizes: tuple[Expression, ...] = ()
    arguments: tuple[Expression, ...] | None = None


@dataclass(frozen=True, slots=True)
class Declaration(Node):
    """`Type a = 1, b;`."""

    type: TypeName
    declarators: tuple[Declarator, ...]


@dataclass(frozen=True, slots=True)
class ExpressionStatement(Node):
    """`expression;`."""

    expression: Expression


@dataclass(frozen=True, slots=True)
class If(Node):
    """`if (condition) then else otherwise`; an `else if` is an `If` in `otherwise`."""

    condition: Expression
    then: Statement
    otherwise: Statement | None = None


@dataclass(frozen=True, slots=True)
class While(Node):
    """`while (condition) body`."""

    condition: Expression
    body: Statement


@dataclass(frozen=True, slots=True)
class DoWhile(Node):
    """`do body while (condition);`."""

    body: Statement
    condition: Expression


@dataclass(frozen=True, slots=True)
class For(Node):
    """`for (initial; condition; update) body`."""

    initial: Declaration | ExpressionStatement | None
    condition: Expression | None
    update: Expression | None
    body: Statement


@dataclass(frozen=True, slots=True)
class ForObjectTreeUnder(Node):
    """`forobjecttreeunder(root) body`; the loop variable is the name `a`."""

    root: Expression
    body: Statement


@dataclass(frozen=True, slots=True)
class LegacyLoop(Node):
    """`iterate(first, last, step) body` (its variable: the command `count`), `forobjectsbehind(node) body` and its kin (`a`)."""

    name: str
    arguments: tuple[Expression, ...]
    body: Statement


@dataclass(frozen=True, slots=True)
class Case(Node):
    """`case value:` (or `default:` when `value` is None) and the statements up to the next label."""

    value: Expression | None
    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Switch(Node):
    """`switch (subject) { cases }`."""

    subject: Expression
    cases: tuple[Case, ...]


@dataclass(frozen=True, slots=True)
class Break(Node):
    """`break;`."""


@dataclass(frozen=True, slots=True)
class Continue(Node):
    """`continue;`."""


@dataclass(frozen=True, slots=True)
class Return(Node):
    """`return value;`; a bare `return;` (value None) parses, the checker rejects it."""

    value: Expression | None


@dataclass(frozen=True, slots=True)
class Block(Node):
    """`{ statements }`."""

    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Empty(Node):
    """`;`."""


@dataclass(frozen=True, slots=True)
class Define(Node):
    """`#define name text`; uses of the name are already replaced in the tree (`Macro`, or the tokens themselves)."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Parameter(Node):
    """`Type name` of a function definition."""

    type: TypeName
    name: str


@dataclass(frozen=True, slots=True)
class FunctionDefinition(Node):
    """`Type name(parameters) body`: FlexScript has none; it parses so that the checker can say so."""

    type: TypeName
    name: str
    parameters: tuple[Parameter, ...]
    body: Block


Expression = (
    Number
    | String
    | Character
    | Regex
    | Constant
    | Name
    | Macro
    | ArrayLiteral
    | Unary
    | Update
    | Binary
    | Conditional
    | Assign
    | Member
    | Index
    | Call
    | IfPresent
    | AsType
    | IsType
    | Cast
    | Await
    | Sequence
)

Statement = (
    Declaration
    | ExpressionStatement
    | If
    | While
    | DoWhile
    | For
    | ForObjectTreeUnder
    | LegacyLoop
    | Switch
    | Break
    | Continue
    | Return
    | Block
    | Empty
    | Define
    | FunctionDefinition
)


@dataclass(frozen=True, slots=True)
class Program(Node):
    """A whole script; spans of its nodes are offsets into `script.text`."""

    statements: tuple[Statement, ...]
    script: Script = field(default=Script(""), compare=False, repr=False)


def children(node: Node) -> Iterator[Node]:
    """The nodes directly below `node`, in the order of the text."""
    for name in _FIELDS[type(node)]:
        value = getattr(node, name)
        if isinstance(value, Node):
            yield value
        elif isinstance(value, tuple):
            yield from value


def walk(node: Node) -> Iterator[Node]:
    """`node` and all nodes below it, parents first; works at any depth of nesting."""
    stack = [node]
    while stack:
        top = stack.pop()
        yield top
        stack.extend(reversed(tuple(children(top))))


# the fields of each class that hold nodes, in the order of the text
_FIELDS: dict[type[Node], tuple[str, ...]] = {
    Number: (),
    String: (),
    Character: (),
    Regex: (),
    Constant: (),
    Name: (),
    Macro: ("value",),
    ArrayLiteral: ("items",),
    Unary: ("operand",),
    Update: ("target",),
    Binary: ("left", "right"),
    Conditional: ("condition", "then", "otherwise"),
    Assign: ("target", "value"),
    Member: ("object",),
    Index: ("object", "index"),
    Call: ("function", "arguments"),
    IfPresent: ("object",),
    AsType: ("object", "type"),
    IsType: ("object", "type"),
    Cast: ("type", "operand"),
    Await: ("operand",),
    Sequence: ("items",),
    TypeName: (),
    Declarator: ("sizes", "arguments", "initial"),
    Declaration: ("type", "declarators"),
    ExpressionStatement: ("expression",),
    If: ("condition", "then", "otherwise"),
    While: ("condition", "body"),
    DoWhile: ("body", "condition"),
    For: ("initial", "condition", "update", "body"),
    ForObjectTreeUnder: ("root", "body"),
    LegacyLoop: ("arguments", "body"),
    Case: ("value", "statements"),
    Switch: ("subject", "cases"),
    Break: (),
    Continue: (),
    Return: ("value",),
    Block: ("statements",),
    Empty: (),
    Define: (),
    Parameter: ("type",),
    FunctionDefinition: ("type", "parameters", "body"),
    Program: ("statements",),
}
