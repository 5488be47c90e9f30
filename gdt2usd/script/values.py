"""What the checker knows of the value of an expression without running the script: its type, its library classes, its constant.

Not knowing is the normal case (`UNKNOWN`); rules speak up only where they know.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from gdt2usd.script import ast

NUMERIC = frozenset(("int", "double", "num", "unsigned int"))
NODES = frozenset(("Object", "treenode", "TaskExecuter", "Dispatcher", "FixedResource", "Group", "List"))


@dataclass(frozen=True, slots=True)
class Value:
    """`type`: FlexScript type, `num` for int or double, "" unknown. `classes`: bare library classes it may have (None: any).

    `pieces`: the string literals it is made of, in order, when it is a constant string. `number`: its value when constant.
    `tool`: made by Tools.create. `static`: it is the class itself, as `Model` in `Model.find`.
    """

    type: str = ""
    classes: frozenset[str] | None = None
    pieces: tuple[ast.String, ...] | None = None
    number: float | None = None
    tool: bool = False
    static: bool = False

    @property
    def text(self) -> str | None:
        """The constant string, or None."""
        return None if self.pieces is None else "".join(piece.value for piece in self.pieces)

    @property
    def is_number(self) -> bool:
        """Whether it certainly is a number."""
        return self.type in NUMERIC

    @property
    def is_string(self) -> bool:
        """Whether it certainly is a string."""
        return self.type == "string"

    def widened(self) -> Value:
        """What is left of it when a loop may have changed it."""
        return Value(self.type)

    def held_as(self, declared: str) -> Value:
        """The value as a variable of the declared type holds it."""
        if declared in ("var", "auto"):
            return replace(self, static=False)
        if declared == "Variant":
            return replace(self, type=self.type if self.type in ("Array", "Object", "treenode") else "", static=False)
        return replace(self, type=declared, static=False)


UNKNOWN = Value()


def join(left: Value, right: Value) -> Value:
    """What is certain when either of two may be the case."""
    if left == right:
        return left
    if left.type == right.type:
        type_ = left.type
    else:
        type_ = "num" if left.is_number and right.is_number else ""
    classes = left.classes | right.classes if left.classes is not None and right.classes is not None else None
    return Value(type_, classes, tool=left.tool or right.tool)


def result_of(operator: str, left: Value, right: Value) -> Value:
    """The value of a binary operation."""
    if operator in ("==", "!=", "<", ">", "<=", ">=", "&&", "||"):
        return Value("int")
    if operator == "+" and left.pieces is not None and right.pieces is not None:
        return Value("string", pieces=left.pieces + right.pieces) if len(left.pieces) < 2000 else Value("string")
    if operator == "+" and left.is_string and right.is_string:
        return Value("string")
    if left.is_number and right.is_number:
        both_int = left.type == right.type == "int"
        return Value("int" if both_int or operator in ("%", "<<", ">>", "&", "|", "^") else "num")
    if left.type == right.type and left.type in ("Vec2", "Vec3", "Vec4"):
        return Value(left.type)
    return UNKNOWN


RETURNS = {
    "num": "num",
    "int": "int",
    "str": "string",
    "string": "string",
    "node": "treenode",
    "obj": "Object",
    "var": "",
    "double": "double",
}


def declared_return(signature: str, owner: str) -> str:
    """The type before `Owner.member` in a signature of the reference: `Vec3 Object.getLocation(...)` gives Vec3; "" if none."""
    head = signature.split("(static)", maxsplit=1)[0] if "(static)" in signature else signature.split(f"{owner}.", maxsplit=1)[0]
    type_ = head.strip().replace("::", ".")
    return "" if type_ in ("", "void", "Variant") or " " in type_ else type_
