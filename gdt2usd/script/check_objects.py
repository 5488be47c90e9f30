"""Rules on objects: which classes can be created, which properties they have, which values those take."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from gdt2usd.diagnostics import Diagnostic, Span, error, warning
from gdt2usd.script import ast
from gdt2usd.script.check_calls import STREAM_POSITION
from gdt2usd.script.inference import Facts
from gdt2usd.script.reference import Property, nearest
from gdt2usd.script.values import Value

_TYPING_ERROR = 0.9
_OBJECT_FIRST = ("Processor", "Queue", "Source", "Operator", "StraightConveyor", "Transporter")


def method_calls(facts: Facts, *names: str) -> Iterator[tuple[ast.Call, Value]]:
    """The calls of methods of these names, each with its owner's value."""
    for call in facts.all(ast.Call):
        if isinstance(call.function, ast.Member) and call.function.name in names:
            yield call, facts.value_of(call.function.object)


def created_class(facts: Facts) -> Iterator[Diagnostic]:
    """FS204: Object.create() of a class that is not in the library."""
    reference = facts.reference
    for call, owner in method_calls(facts, "create"):
        if not (owner.static and owner.type == "Object") or not call.arguments:
            continue
        if len(call.arguments) > 1:
            hint = 'to put it into another object write afterwards: o.up = Model.find("Plane1");'
            yield warning("FS231", "only the class name is documented for Object.create()", call.arguments[1].span, hint)
        name = facts.value_of(call.arguments[0]).text
        if name is None:
            if facts.value_of(call.arguments[0]).is_number:
                yield error(
                    "FS204", "Object.create() takes the name of a class", call.arguments[0].span, 'write Object.create("Processor")'
                )
            continue
        bare = reference.bare_class(name)
        never = reference.notes["create"]["never"].get(bare) or reference.notes["create"]["never"].get(name)
        if never:
            yield error("FS204", f"{name} is not created by scripts: {never}", call.arguments[0].span)
        elif name not in reference.creatable:
            near = reference.nearest_class(name)
            hint = (
                f'write Object.create("{near}")'
                if near
                else "classes: Source, Queue, Processor, Combiner, Separator, Sink, Operator ..."
            )
            yield error("FS204", f"the library has no class {name}", call.arguments[0].span, hint)


def library_class(facts: Facts) -> Iterator[Diagnostic]:
    """FS204: library().find("?Name") of a class that is not in the library."""
    for call, _ in method_calls(facts, "find"):
        function = call.function
        source = function.object if isinstance(function, ast.Member) else None
        is_library = isinstance(source, ast.Call) and isinstance(source.function, ast.Name) and source.function.name == "library"
        path = facts.value_of(call.arguments[0]).text if is_library and call.arguments else None
        if not path or "/" in path.lstrip("?"):
            continue
        name = path.lstrip("?")
        if not facts.reference.bare_class(name):
            near = facts.reference.nearest_class(name)
            hint = f'write library().find("?{near}")' if near else ""
            yield error("FS204", f"the library has no class {name}", call.arguments[0].span, hint)
        elif not path.startswith("?"):
            hint = f'write library().find("?{name}"): the question mark searches the folders of the library'
            yield warning("FS204", f'library().find("{name}") does not look into folders', call.arguments[0].span, hint)


def tool_type(facts: Facts) -> Iterator[Diagnostic]:
    """FS225: Tools.create() of a tool that does not exist."""
    types = facts.reference.notes["tools"]["types"]
    for call, owner in method_calls(facts, "create", "get"):
        name = facts.value_of(call.arguments[0]).text if owner.static and owner.type == "Tools" and call.arguments else None
        if name is not None and name not in types:
            near = nearest(name, types)
            hint = f'write Tools.create("{near}")' if near else ""
            if facts.reference.bare_class(name) and not near:
                hint = f'a 3-D object is created with Object.create("{name}")'
            yield error("FS225", f"there is no tool {name}", call.arguments[0].span, hint)


def known_property(facts: Facts) -> Iterator[Diagnostic]:
    """FS205 and FS206: a property that no class has, or that this object's class does not have."""
    for call, owner in method_calls(facts, "setProperty", "getProperty"):
        if not call.arguments or owner.static or owner.tool:
            continue
        name = facts.value_of(call.arguments[0]).text
        if name is None:
            if facts.value_of(call.arguments[0]).is_number:
                yield error("FS205", "the first argument is the name of a property", call.arguments[0].span)
            continue
        finding = _judge_property(facts, name, owner.classes, call.arguments[0].span)
        if finding is not None:
            yield finding


def _judge_property(facts: Facts, name: str, classes: frozenset[str] | None, span: Span) -> Diagnostic | None:
    reference = facts.reference
    root = name.partition(".")[0].partition("[")[0]
    if root == "Triggers":
        return _judge_trigger(facts, name.partition(".")[2], span)
    if root in reference.notes["properties"]["prefixes"] and root in ("Labels", "Variables", "Statistics"):
        return None
    known = [c for c in classes or () if reference.properties(c)]
    if known:
        if any(root in reference.properties(c) for c in known):
            return None
        if root in reference.property_names:
            return _wrong_class(facts, name, known, span)
        names = {p for c in known for p in reference.properties(c)}
    else:
        if root in reference.property_names:
            return None
        names = set(reference.property_names)
    invented = reference.notes["invented_properties"].get(name)
    if not invented and name.startswith("On"):
        invented = f"Triggers.{name}"
    near = nearest(name, names) or nearest(name, reference.property_names)
    hint = f"write {invented}" if invented else f"did you mean {near}?" if near else ""
    owner = f"a {known[0]}" if len(known) == 1 else "FlexSim"
    message = (
        f"{owner} has no property {name}" if len(known) == 1 else f"no object of FlexSim {reference.flexsim} has a property {name}"
    )
    return error("FS205", message, span, hint)


def _judge_trigger(facts: Facts, trigger: str, span: Span) -> Diagnostic | None:
    """Triggers differ by class, and not all are known; capitals are certainly wrong, one letter off probably."""
    known = {name.lower(): name for name in facts.reference.notes["properties"]["triggers"]}
    right = known.get(trigger.lower(), trigger)
    if right != trigger:
        return error("FS205", f"there is no trigger {trigger}", span, f'write "Triggers.{right}"')
    near = get_close_matches(trigger, known.values(), 1, _TYPING_ERROR)
    if near and near[0] != trigger:
        return warning("FS205", f"the trigger {trigger} is not known", span, f'did you mean "Triggers.{near[0]}"?')
    return None


def _wrong_class(facts: Facts, name: str, known: list[str], span: Span) -> Diagnostic:
    reference = facts.reference
    having = reference.classes_with(name.partition(".")[0])
    shown = [c for c in _OBJECT_FIRST if c in having] or list(having)
    names = {p for c in known for p in reference.properties(c)}
    invented = reference.notes["invented_properties"].get(name)
    near = nearest(name, names)
    if name == "Capacity" and "MaxContent" in names:
        hint = "write MaxContent"
    elif name in ("Speed", "Velocity") and "MaxSpeed" in names:
        hint = "write MaxSpeed"
    elif name == "MaxContent" and "Capacity" in names:
        hint = "write Capacity"
    elif invented:
        hint = f"write {invented}"
    else:
        hint = f"did you mean {near}?" if near else f"{', '.join(shown[:4])} {'has' if len(shown) == 1 else 'have'} it"
    return error("FS206", f"a {' or '.join(sorted(known))} has no property {name}", span, hint)


def property_value(facts: Facts) -> Iterator[Diagnostic]:
    """FS217 and FS218: option texts and kinds of value that a property does not take."""
    for call, owner in method_calls(facts, "setProperty"):
        if len(call.arguments) != 2:
            continue
        name = facts.value_of(call.arguments[0]).text
        found = _definition(facts, name, owner.classes) if name else None
        if found is not None:
            yield from _judge_value(facts, found, call.arguments[1])


def _definition(facts: Facts, name: str, classes: frozenset[str] | None) -> Property | None:
    """The property's definition if all classes that the object may have agree on it."""
    reference = facts.reference
    candidates = classes or frozenset(reference.classes_with(name))
    found = {(p.kind, p.type, tuple(p.options.items())): p for c in candidates if (p := reference.properties(c).get(name))}
    return next(iter(found.values())) if len(found) == 1 else None


def _judge_value(facts: Facts, definition: Property, node: ast.Expression) -> Iterator[Diagnostic]:
    value, name, kind = facts.value_of(node), definition.name, definition.kind
    text = value.text
    if kind == "enum" and len(definition.options) > 1:
        if text is not None and text not in definition.options:
            near = nearest(text, definition.options)
            hint = f'did you mean "{near}"?' if near else "one of " + ", ".join(f'"{o}"' for o in definition.options)
            yield error("FS217", f'{name} has no option "{text[:40]}"', node.span, hint)
        elif value.number is not None and value.number not in definition.options.values():
            listed = ", ".join(f"{n:g} {o}" for o, n in definition.options.items())
            yield error("FS217", f"{name} has no option {value.number:g}", node.span, f"one of {listed}")
    elif kind == "boolean" and value.is_string:
        hint = "write 1 or 0" if text is None or text.lower() not in ("true", "yes", "on") else "write 1"
        yield error("FS218", f"{name} is switched on with 1 and off with 0", node.span, hint)
    elif kind in ("vec3", "color_rgba") and (value.is_number or (text is not None and not text.lstrip().startswith("["))):
        yield error(
            "FS218", f"{name} takes an array", node.span, "write [x, y, z]" if kind == "vec3" else "write [red, green, blue, 1]"
        )
    elif kind == "number_with_unit" and isinstance(node, ast.ArrayLiteral):
        yield from _value_with_unit(facts, name, node)
    elif name in ("MaxContent", "Capacity", "BatchSize", "NumProcessOperators", "NumSetupOperators"):
        if text is not None and not _is_number(text) and "return" not in text:
            yield error("FS218", f"{name} takes a number", node.span)
        elif value.number is not None and value.number < 0 and name != "MaxContent":
            yield error("FS218", f"{name} cannot be negative", node.span)


UNITS = frozenset(
    [
        "ms",
        "s",
        "sec",
        "second",
        "seconds",
        "min",
        "minute",
        "minutes",
        "h",
        "hr",
        "hour",
        "hours",
        "day",
        "days",
        "wk",
        "week",
        "weeks",
        "m",
        "cm",
        "mm",
        "ft",
        "in",
        "km",
        "yd",
        "deg",
        "rad",
        "mi",
    ]
)


def _value_with_unit(facts: Facts, name: str, node: ast.ArrayLiteral) -> Iterator[Diagnostic]:
    values = [facts.value_of(item) for item in node.items]
    unit = values[1].text if len(values) == 2 else None
    if len(values) != 2 or (values[0].is_string and values[1].is_number):
        yield error("FS218", f'{name} takes a number, or [value, "unit"]', node.span, 'write [5.7, "min"]')
    elif unit is not None and not set(unit.replace("/", " ").replace("^2", "").split()) <= UNITS:
        yield warning(
            "FS218",
            f'"{unit[:20]}" is not a unit that is known here',
            node.items[1].span,
            'write "s", "min", "hr", "day", "m" or "m/s"',
        )


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def drawn_once(facts: Facts) -> Iterator[Diagnostic]:
    """FS234: a distribution given as value of a property: one number is drawn when the script runs."""
    code = frozenset(facts.reference.notes["properties"]["code"])
    for call, _ in method_calls(facts, "setProperty"):
        if len(call.arguments) != 2 or facts.value_of(call.arguments[0]).text not in code:
            continue
        value = call.arguments[1]
        if isinstance(value, ast.Call) and isinstance(value.function, ast.Name) and value.function.name in STREAM_POSITION:
            hint = f'write "Object current = ownerobject(c);\\nreturn {value.function.name}(...);" as a string'
            yield warning("FS234", "this draws one number now, and every item gets the same", value.span, hint)
