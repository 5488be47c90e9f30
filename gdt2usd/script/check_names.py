"""Rules on names: commands, members, types and variables that do not exist, and what they were meant to be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gdt2usd.diagnostics import Diagnostic, Severity, Span, error, warning
from gdt2usd.script import ast
from gdt2usd.script.inference import Facts
from gdt2usd.script.reference import ScriptClass, nearest

# types whose members are all known: no labels can be read from them
CLOSED_TYPES = frozenset(("string", "Array", "Vec2", "Vec3", "Vec4", "Color", "DateTime", "Math", "Tools"))
# methods of these are all known, but any name may be a label
LABELLED_TYPES = frozenset(("Object", "treenode"))
# invented members that nobody would give to a label
NEVER_LABELS = frozenset(("className", "outPorts", "inPorts"))

TYPE_HINTS = {
    "bool": "FlexScript has no bool: write int, with 1 and 0",
    "boolean": "FlexScript has no boolean: write int, with 1 and 0",
    "float": "FlexScript has no float: write double",
    "number": "write int or double",
    "char": "FlexScript has no char: write string",
    "auto": "FlexScript has no auto: write var, or the type",
    "let": "write var, or the type",
    "const": "leave const out, or write #define NAME value",
    "String": "write string (small s)",
    "str": "write string",
    "list": "write Array",
    "vector": "write Array or Vec3",
    "object": "write Object (capital O)",
    "node": "write treenode",
    "TreeNode": "write treenode",
    "Treenode": "write treenode",
    "fsnode": "write treenode",
    "array": "write Array (capital A)",
    "long": "write int",
    "dict": "write Map",
    "TaskExecutor": "write Object, or TaskExecuter (with an e)",
}


def name_span(node: ast.Member) -> Span:
    """The span of the member's own name within `object.name`."""
    span, width = node.span, len(node.name)
    return Span(span.end - width, span.end, span.end_line, span.end_column - width, span.end_line, span.end_column)


_PRIMITIVES = frozenset(("int", "double", "string"))
_READS_EVENT = frozenset(("ownerobject", "param", "parnode", "parval", "parstr"))
_BUILDS = frozenset(("createinstance", "contextdragconnection"))


def reads_its_event(calls: Iterable[ast.Call]) -> bool:
    """Whether a text with these calls is code out of a model: it reads what triggered it, and builds nothing."""
    reads = False
    for call in calls:
        match call.function:
            case ast.Name(name=name):
                reads = reads or name in _READS_EVENT
                if name in _BUILDS:
                    return False
            case ast.Member(object=ast.Name(name="Object"), name="create"):
                return False
    return reads


def may_be_from_model(facts: Facts) -> bool:
    """Whether the text is code out of a model, where global variables and user commands may exist."""
    return not facts.is_body and reads_its_event(facts.all(ast.Call))


def unknown_command(facts: Facts) -> Iterator[Diagnostic]:
    """FS201: a command that FlexSim does not have."""
    reference = facts.reference
    variables = {id(call) for call in facts.called_variables}
    lenient = may_be_from_model(facts)
    for call in facts.all(ast.Call):
        if not isinstance(call.function, ast.Name) or id(call) in variables:
            continue
        name = call.function.name
        if name in _PRIMITIVES:
            hint = (
                "write string.fromNum(x)"
                if name == "string"
                else "write text.toNum() for the number of a string, Math.floor(x) to round down"
            )
            if name == "string" and lenient:  # published models do it with names, and run
                yield warning("FS201", "string() around a value is not documented for FlexScript", call.function.span, hint)
            else:
                yield error("FS201", f"{name} is a type and cannot be called", call.function.span, hint)
            continue
        if reference.command(name) or name in reference.type_names or name in reference.attribute_commands or name[0] in "$%":
            continue
        invented = reference.notes["invented_commands"].get(name)
        near = "" if invented else reference.nearest_command(name)
        hint = f"write {invented}" if invented else f"did you mean {near}?" if near else ""
        if lenient and not invented:
            hint = f"{hint} If it is a user command of your model, this is fine".lstrip()
            yield warning("FS201", f"FlexSim {reference.flexsim} has no command {name}", call.function.span, hint)
        else:
            yield error("FS201", f"FlexSim {reference.flexsim} has no command {name}", call.function.span, hint)


def deprecated_command(facts: Facts) -> Iterator[Diagnostic]:
    """FS202: a command that still works but has a successor."""
    variables = {id(call) for call in facts.called_variables}
    for call in facts.all(ast.Call):
        if isinstance(call.function, ast.Name) and id(call) not in variables:
            command = facts.reference.command(call.function.name)
            if command is not None and command.deprecated:
                successor = command.replacement or facts.reference.successors.get(command.name, "")
                hint = f"write {successor} instead" if successor else ""
                yield warning("FS202", f"{command.name} is deprecated", call.function.span, hint)


def unknown_member(facts: Facts) -> Iterator[Diagnostic]:
    """FS207: a method or property that its type does not have."""
    called = {id(call.function): call for call in facts.all(ast.Call)}
    invented = facts.reference.notes["invented_members"]
    seen: set[int] = set()
    for member in facts.all(ast.Member):
        if id(member) in seen or member.optional:
            continue
        seen.add(id(member))
        owner = facts.value_of(member.object)
        call = called.get(id(member))
        known = facts.reference.script_class(owner.type) if owner.type else None
        if known is None:
            if call and not owner.type and member.name in invented and member.name not in facts.reference.method_names:
                yield error("FS207", f"no type has a method {member.name}", name_span(member), f"write {invented[member.name]}")
            continue
        if (
            call
            and member.name in known.properties
            and member.name not in known.methods
            and owner.type in (*CLOSED_TYPES, "treenode")
        ):
            yield error(
                "FS207",
                f"{member.name} is a property, not a method",
                name_span(member),
                f"leave the parentheses out: .{member.name}",
            )
            continue
        if _has(facts, known, owner.type, member.name) or (owner.type == "Model" and not call):
            continue
        strict = owner.type in CLOSED_TYPES or (owner.static and owner.type in ("Model", "Object"))
        if strict or (owner.type in LABELLED_TYPES and (call or member.name in NEVER_LABELS)):
            yield _unknown_member(facts, known, member, bool(call))


def _has(facts: Facts, known: ScriptClass, type_: str, name: str) -> bool:
    if name in known.methods or name in known.properties or name == "value":
        return True
    if type_ in ("Object", "TaskExecuter", "Dispatcher"):
        bases = (facts.reference.script_class(base) for base in ("Object", "treenode"))
        return any(base is not None and (name in base.methods or name in base.properties) for base in bases)
    return False


def _unknown_member(facts: Facts, known: ScriptClass, member: ast.Member, is_call: bool) -> Diagnostic:
    what = "method" if is_call else "property"
    if known.name == "treenode":
        objects = facts.reference.script_class("Object")
        if objects is not None and member.name in objects.methods:
            hint = f"write .as(Object).{member.name}, or assign the node to an Object first: Object o = ...;"
            return error("FS219", f"{member.name} is a method of Object, and this is a treenode", name_span(member), hint)
    invented = facts.reference.notes["invented_members"].get(member.name)
    names = [*known.methods, *known.properties]
    if known.name in LABELLED_TYPES:
        for base in ("Object", "treenode"):
            more = facts.reference.script_class(base)
            names += [*more.methods, *more.properties] if more else []
    near = nearest(member.name, names)
    hint = f"write {invented}" if invented else f"did you mean {known.name}.{near}?" if near else ""
    return error("FS207", f"{known.name} has no {what} {member.name}", name_span(member), hint)


def spatial_of_treenode(facts: Facts) -> Iterator[Diagnostic]:
    """FS219: location, size or rotation of a treenode, which would be labels of these names."""
    for member in facts.all(ast.Member):
        if member.name in ("location", "size", "rotation") and facts.value_of(member.object).type == "treenode":
            hint = f"write .as(Object).{member.name}, or assign the node to an Object first: Object o = ...;"
            yield warning("FS219", f"on a treenode, {member.name} is a label", name_span(member), hint)


def method_written_to(facts: Facts) -> Iterator[Diagnostic]:
    """FS207: a method on the left of an assignment; FS236: a property of the library written like a label."""
    reference = facts.reference
    for node in facts.all(ast.Assign):
        target = node.target
        if not isinstance(target, ast.Member):
            continue
        owner = facts.value_of(target.object)
        known = reference.script_class(owner.type) if owner.type else None
        if known is not None and target.name in known.methods and target.name not in known.properties:
            yield error("FS207", f"{target.name} is a method", name_span(target), f"write .{target.name}(...)")
            continue
        found = {nearest(target.name, reference.properties(c)) for c in owner.classes or () if owner.type == "Object"}
        if (
            len(found) == 1
            and (name := found.pop()).lower() == target.name.lower()
            and known
            and not _has(facts, known, owner.type, target.name)
        ):
            hint = f'if the property is meant: .setProperty("{name}", ...)'
            yield warning("FS236", f"this writes a label {target.name}, not the property {name}", name_span(target), hint)


def stats_of_treenode(facts: Facts) -> Iterator[Diagnostic]:
    """FS219: statistics read from a treenode, where `.stats.input` means something else."""
    for member in facts.all(ast.Member):
        if member.name in ("input", "output", "content", "staytime", "state") and isinstance(member.object, ast.Member):
            stats = member.object
            if stats.name == "stats" and facts.value_of(stats.object).type == "treenode":
                hint = 'assign it to an Object first: Object o = Model.find("..."); then o.stats.' + member.name
                yield error("FS219", "statistics cannot be read from a treenode", stats.span, hint)


def unknown_type(facts: Facts) -> Iterator[Diagnostic]:
    """FS208: a declaration with a type that FlexScript does not have."""
    reference = facts.reference
    for declaration in facts.all(ast.Declaration):
        name = declaration.type.name
        if name in reference.type_names:
            continue
        if name in ast.OLD_ARRAYS:
            yield warning("FS202", f"{name} is deprecated", declaration.type.span, "write Array")
            continue
        words = name.split()
        if words[0] in ("const", "static") and words[-1] in reference.type_names:
            yield error("FS208", f"FlexScript has no {words[0]} variables", declaration.type.span, f"write {words[-1]}")
            continue
        hint = TYPE_HINTS.get(name, "")
        if not hint and reference.bare_class(name):
            hint = f'objects of the library are of type Object: Object {declaration.declarators[0].name} = Object.create("{name}");'
        if not hint and (near := nearest(name, reference.type_names)):
            hint = f"did you mean {near}?"
        if not hint and declaration.declarators[0].span.line > declaration.span.line:
            hint = "is a ; missing at the end of the line?"
        yield error("FS208", f"FlexScript has no type {name}", declaration.type.span, hint)


def undeclared_variable(facts: Facts) -> Iterator[Diagnostic]:
    """FS209 and FS210: a name that no declaration in sight introduces."""
    later = {variable.name: variable.node.span for variable in facts.variables}
    lenient = may_be_from_model(facts)
    seen: set[tuple[str, int]] = set()
    for name in facts.undeclared:
        if (name.name, name.span.line) in seen:
            continue
        seen.add((name.name, name.span.line))
        declared = later.get(name.name)
        if declared is not None and declared.start > name.span.start:
            yield error(
                "FS210", f"{name.name} is used before its declaration in line {declared.line}", name.span, "declare it first"
            )
            continue
        hint = _declaration_hint(facts, name.name, name.span, declared)
        severity = Severity.WARNING if lenient and not declared else Severity.ERROR
        yield Diagnostic("FS209", severity, f"{name.name} is not declared", name.span, hint)


def _declaration_hint(facts: Facts, name: str, span: Span, declared: Span | None) -> str:
    if declared is not None:
        return f"the one of line {declared.line} ends with its block: declare it outside"
    if name == "current":
        return "begin with: Object current = ownerobject(c);"
    if name in ("item", "token"):
        return f"begin with: Object {name} = param(1);" if name == "item" else "begin with: Token token = param(1);"
    before = {v.name for v in facts.variables if v.node.span.start < span.start}
    if near := nearest(name, before):
        return f"did you mean {near}?"
    if facts.reference.command(name):
        return f"a command is called with parentheses: {name}()"
    if name in ("null", "None", "nil", "Null"):
        return "write NULL"
    if name in ("True", "False", "TRUE", "FALSE"):
        return "write true or false, or 1 or 0"
    if name in ("time", "Time"):
        return "write Model.time"
    if name in facts.reference.property_names:
        return f'a property is named in a string: "{name}"'
    if facts.reference.bare_class(name):
        return f'a class of the library is named in a string: "{name}"'
    return "declare it with its type, as in: double x = 0;"


def redeclared_variable(facts: Facts) -> Iterator[Diagnostic]:
    """FS211: the same name declared twice in one block."""
    for again, first in facts.redeclared:
        message = f"{again.name} is already declared in line {first.node.span.line}"
        yield error("FS211", message, again.node.span, "leave the type out to assign it, or choose another name")


def called_variable(facts: Facts) -> Iterator[Diagnostic]:
    """FS227: a variable, or a number, called like a command."""
    for call in facts.called_variables:
        name = call.function.name if isinstance(call.function, ast.Name) else ""
        yield error("FS227", f"{name} is a variable and cannot be called", call.function.span, "rename it if you mean the command")
    for call in facts.all(ast.Call):
        if isinstance(call.function, ast.Number | ast.String | ast.ArrayLiteral | ast.Binary):
            yield error(
                "FS227", "only commands and methods can be called", call.function.span, "is an operator missing before the ( ?"
            )
