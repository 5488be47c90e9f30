"""Rules on the arguments of calls: how many, of which kind, in which order; distributions above all."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gdt2usd.diagnostics import Diagnostic, error, info, warning
from gdt2usd.script import ast
from gdt2usd.script.inference import Facts

# distributions: number of arguments before the stream
STREAM_POSITION = {
    name: count
    for count, names in {
        1: "poisson geometric dempirical empirical cempirical",
        2: "exponential normal uniform duniform logistic laplace extremevalue1a extremevalue1b pareto cauchy binomial negbinomial",
        3: "triangular lognormal2 lognormal weibull gamma erlang pearsont5 loglogistic inversegaussian inverseweibull "
        "invertedweibull randomwalk bernoulli hypergeometric",
        4: "beta pearsont6 johnsonbounded johnsonunbounded",
    }.items()
    for name in names.split()
}

# what to say where a wrong number of arguments has a usual cause
ARITY_HINTS = {
    "exponential": "write exponential(0, mean, getstream(current)): the location comes first",
    "triangular": "write triangular(min, max, mode, getstream(current)): the mode comes last",
    "normal": "write normal(mean, standard deviation, getstream(current))",
    "uniform": "write uniform(min, max, getstream(current))",
    "weibull": "write weibull(location, scale, shape, getstream(current))",
    "gamma": "write gamma(location, scale, shape, getstream(current))",
    "lognormal2": "write lognormal2(location, scale, shape, getstream(current))",
    "bernoulli": "write bernoulli(percent, value if it succeeds, value if it fails, getstream(current))",
    "contextdragconnection": 'write contextdragconnection(from, to, "A")',
}

# methods whose overloads are all known: allowed numbers of arguments
METHOD_ARITY = {
    ("Object", "setLocation"): ((1, 3, 6), "setLocation(x, y, z), setLocation(x, y, z, xf, yf, zf), or with Vec3"),
    ("Object", "setSize"): ((1, 3), "setSize(x, y, z) or setSize(Vec3(x, y, z))"),
    ("Object", "setRotation"): ((1, 3), "setRotation(x, y, z) in degrees, or setRotation(Vec3(x, y, z))"),
    ("Object", "getLocation"): ((0, 1, 3), "getLocation(xf, yf, zf)"),
    ("Object", "setProperty"): ((2,), 'setProperty("Name", value)'),
    ("Object", "getProperty"): ((1, 2), 'getProperty("Name")'),
    ("Object", "destroy"): ((0,), "destroy()"),
    ("Model", "find"): ((1,), 'Model.find("Name")'),
    ("Tools", "create"): ((1, 2), 'Tools.create("GlobalTable")'),
    ("Tools", "get"): ((2,), 'Tools.get("GlobalTable", "Table1")'),
    ("string", "fromNum"): ((1, 2), "string.fromNum(number, precision)"),
    ("string", "toNum"): ((0,), "text.toNum()"),
}
CONSTRUCTOR_ARITY = {
    "Vec3": ((0, 1, 3), "Vec3(x, y, z)"),
    "Vec2": ((0, 1, 2), "Vec2(x, y)"),
    "Color": ((0, 1, 3, 4), "Color(red, green, blue), each 0 to 1"),
    "Table": ((0, 1), 'Table("Name")'),
}


# their signatures in the reference do not say how they are called
LOOSE = frozenset(("if", "for", "while", "switch", "return", "case", "repeat", "break", "continue", "iterate"))


def command_calls(facts: Facts) -> Iterator[tuple[ast.Call, str]]:
    """The calls of global names that are not variables, with the name."""
    variables = {id(call) for call in facts.called_variables}
    for call in facts.all(ast.Call):
        if isinstance(call.function, ast.Name) and id(call) not in variables:
            yield call, call.function.name


def _count(allowed: tuple[int, ...]) -> str:
    words = [str(n) for n in allowed]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def wrong_count(facts: Facts) -> Iterator[Diagnostic]:
    """FS203: too few or too many arguments."""
    for call, name in command_calls(facts):
        count = len(call.arguments)
        if name in CONSTRUCTOR_ARITY:
            allowed, form = CONSTRUCTOR_ARITY[name]
            if count not in allowed:
                yield error("FS203", f"{name} takes {_count(allowed)} arguments, not {count}", call.span, f"write {form}")
            continue
        command = facts.reference.command(name)
        if command is None or not command.counted or command.least <= count <= (command.greatest or count) or name in LOOSE:
            continue
        limits = f"{command.least}" if command.least == command.greatest else f"{command.least} to {command.greatest}"
        limits = limits if command.greatest is not None else f"at least {command.least}"
        hint = ARITY_HINTS.get(name, f"its form is {command.signature}")
        yield error("FS203", f"{name} takes {limits} arguments, not {count}", call.span, hint)


def wrong_method_count(facts: Facts) -> Iterator[Diagnostic]:
    """FS203: too few or too many arguments of a method."""
    for call in facts.all(ast.Call):
        if not isinstance(call.function, ast.Member):
            continue
        owner = facts.value_of(call.function.object)
        form = METHOD_ARITY.get((owner.type, call.function.name))
        two_vectors = len(call.arguments) == 2 and not facts.value_of(call.arguments[0]).is_number
        if form and len(call.arguments) not in form[0] and not (two_vectors and call.function.name == "setLocation"):
            message = f"{call.function.name} takes {_count(form[0])} arguments, not {len(call.arguments)}"
            yield error("FS203", message, call.span, f"write {form[1]}")
        elif form is None and owner.type in ("Array", "string", "Math"):
            known = facts.reference.script_class(owner.type)
            signature = known.methods.get(call.function.name, "") if known else ""
            least, greatest = _documented_count(signature)
            got = len(call.arguments)
            if signature and (got == 0 < least or (owner.type == "Math" and not least <= got <= greatest)):
                form_of = signature.partition("(static) ")[2] or signature.partition(" ")[2]
                wanted = _count(tuple(range(least, greatest + 1)))
                yield error(
                    "FS203", f"{call.function.name} takes {wanted} arguments, not {got}", call.span, f"its form is {form_of}"
                )


def _documented_count(signature: str) -> tuple[int, int]:
    """The least and greatest number of arguments of a method: 1 and 2 for `double Math.round(double value, int precision = 0)`."""
    parameters = [part for part in signature.rpartition("(")[2].rstrip(")").split(",") if part.strip()]
    return sum("=" not in part for part in parameters), len(parameters)


def wrong_kind(facts: Facts) -> Iterator[Diagnostic]:
    """FS213: a string where a command wants a number or an object, or the other way round."""
    for call, name in command_calls(facts):
        command = facts.reference.command(name)
        if command is None or not command.counted or command.greatest is None:
            continue
        if not command.least <= len(call.arguments) <= command.greatest:
            continue
        kinds = parameter_kinds(command.signature)
        for argument, kind in zip(call.arguments, kinds, strict=False):
            value = facts.value_of(argument)
            if value.is_string and kind == "num":
                yield error("FS213", f"{name} wants a number here, not a string", argument.span, f"its form is {command.signature}")
            elif value.is_string and kind == "obj":
                hint = f"write Model.find({argument.text})" if isinstance(argument, ast.String) else "write Model.find(...)"
                yield error("FS213", f"{name} wants an object here, not a string", argument.span, hint)
            elif value.is_number and kind == "str":
                yield error("FS213", f"{name} wants a string here, not a number", argument.span, f"its form is {command.signature}")
            elif kind == "obj" and value.number and not isinstance(argument, ast.Name):
                yield error(
                    "FS213", f"{name} wants an object here, not a number", argument.span, f"its form is {command.signature}"
                )


def parameter_kinds(signature: str) -> list[str]:
    """num, str, obj, node or var for each parameter of a command's signature; "" where it is none of these alone."""
    match = re.search(r"\((.*)\)", signature, re.S)
    if match is None:
        return []
    inside = re.sub(r"\{[^}]*\}|\([^()]*\)|[\[\]]", " ", match.group(1))
    kinds = []
    for part in inside.split(","):
        word = part.split()[0] if part.split() else ""
        word = {"int": "num", "double": "num", "string": "str", "treenode": "node"}.get(word, word)
        kinds.append(word if word in ("num", "str", "obj", "node", "var") else "")
    return kinds


def distribution_arguments(facts: Facts) -> Iterator[Diagnostic]:
    """FS220: arguments of a distribution that cannot be meant as they stand."""
    for call, name in command_calls(facts):
        numbers = [facts.value_of(argument).number for argument in call.arguments]
        if name == "triangular" and len(numbers) >= 3:
            low, high, mode = numbers[:3]
            if low is not None and high is not None and mode is not None and not low <= mode <= high:
                hint = (
                    f"write triangular({low:g}, {mode:g}, {high:g}, ...): min, max, mode"
                    if low <= high <= mode
                    else "the mode lies between min and max"
                )
                yield error("FS220", "triangular takes min, max, mode: the mode comes last", call.span, hint)
        elif name == "bernoulli" and numbers:
            chance = numbers[0]
            if chance is not None and not 0 <= chance <= 100:
                yield error("FS220", "the chance of bernoulli is a percentage from 0 to 100", call.arguments[0].span)
            elif chance is not None and 0 < chance < 1:
                hint = f"write {chance * 100:g} for {chance * 100:g} %"
                yield warning("FS220", "the chance of bernoulli is a percentage from 0 to 100", call.arguments[0].span, hint)
        elif name in ("uniform", "duniform") and len(numbers) >= 2:
            low, high = numbers[:2]
            if low is not None and high is not None and low > high:
                yield error("FS220", f"{name} takes min, then max", call.span, f"write {name}({high:g}, {low:g}, ...)")
        elif name == "normal" and len(numbers) >= 2 and numbers[1] is not None and numbers[1] < 0:
            yield error("FS220", "a standard deviation cannot be negative", call.arguments[1].span)
        elif name == "exponential" and len(numbers) >= 2:
            yield from _exponential(call, numbers)


def _exponential(call: ast.Call, numbers: list[float | None]) -> Iterator[Diagnostic]:
    location, mean = numbers[:2]
    if mean is not None and mean <= 0:
        hint = f"write exponential(0, {location:g}, ...)" if location else ""
        yield error("FS220", "exponential takes location, then mean; the mean is positive", call.arguments[1].span, hint)


def missing_stream(facts: Facts) -> Iterator[Diagnostic]:
    """FS221: a distribution on random stream 0, shared by everything in the model."""
    for call, name in command_calls(facts):
        position = STREAM_POSITION.get(name)
        if position is not None and len(call.arguments) == position:
            hint = "add getstream(current) as last argument, so that objects do not share their random numbers"
            yield info("FS221", f"{name} uses random stream 0", call.span, hint)


CONNECTION_KEYS = {"A": "Q", "S": "W", "D": "E", "Q": "", "W": "", "E": ""}


def connection_key(facts: Facts) -> Iterator[Diagnostic]:
    """FS216: a key that connects nothing."""
    for call, name in command_calls(facts):
        if name != "contextdragconnection" or len(call.arguments) != 3:
            continue
        text = facts.value_of(call.arguments[2]).text
        if text is None or text in CONNECTION_KEYS:
            continue
        if text.upper() in CONNECTION_KEYS:
            yield warning("FS216", f'the key is written as a capital: "{text.upper()}"', call.arguments[2].span)
            continue
        hint = '"A" joins output to input, "S" centre ports, "D" extended; "Q", "W", "E" undo them'
        yield error("FS216", f'"{text[:20]}" is no connection key', call.arguments[2].span, hint)


def colour_range(facts: Facts) -> Iterator[Diagnostic]:
    """FS232: colour channels run from 0 to 1."""
    for call, name in command_calls(facts):
        if name == "Color" and len(call.arguments) >= 3:
            numbers = [facts.value_of(argument).number for argument in call.arguments]
            if any(n is not None and n > 1 for n in numbers):
                known = [n for n in numbers[:3] if n is not None]
                hint = f"write Color({', '.join(f'{n / 255:.3g}' for n in known)})" if len(known) == 3 else "divide by 255"
                yield warning("FS232", "colour channels run from 0 to 1", call.span, hint)
