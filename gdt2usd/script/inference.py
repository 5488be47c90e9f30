"""Walks a program once, in the order it runs, and notes for every expression what is known of its value (`Facts`).

Straight code is followed exactly, branches are joined, loops forget what they assign. Not covered: judging what it finds
(the rules of `checker`), running anything (`interpreter`).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from gdt2usd.script import ast
from gdt2usd.script.reference import Reference
from gdt2usd.script.values import RETURNS, UNKNOWN, Value, declared_return, join, result_of

CONSTANT_NAME = re.compile(r"[A-Z][A-Z0-9_]*\Z")

N = TypeVar("N", bound=ast.Node)


@dataclass(slots=True, eq=False)
class Variable:
    """A declared variable; `elements` joins what an array was given (None: nothing yet)."""

    name: str
    type: str
    node: ast.Node
    elements: Value | None = None


@dataclass(slots=True)
class Facts:
    """What is known of a program. `value_of(node)` gives an expression's value at the place where it stands."""

    program: ast.Program
    reference: Reference
    is_body: bool
    values: dict[int, Value] = field(default_factory=dict)
    nodes: dict[type[ast.Node], list[Any]] = field(default_factory=lambda: defaultdict(list))
    undeclared: list[ast.Name] = field(default_factory=list)
    redeclared: list[tuple[Variable, Variable]] = field(default_factory=list)
    variables: list[Variable] = field(default_factory=list)
    called_variables: list[ast.Call] = field(default_factory=list)
    loops: dict[int, bool] = field(default_factory=dict)

    def value_of(self, node: ast.Node) -> Value:
        """What is known of the value of an expression."""
        return self.values.get(id(node), UNKNOWN)

    def all(self, kind: type[N]) -> list[N]:
        """All nodes of one class, in the order of the text."""
        return self.nodes.get(kind, [])


def infer(program: ast.Program, reference: Reference, *, is_body: bool = False) -> Facts:
    """The facts of a program; `is_body` for a code body held in a property."""
    walker = _Walker(Facts(program, reference, is_body))
    for statement in program.statements:
        walker.statement(statement)
    return walker.facts


class _Walker:
    """State of one walk: scopes (name to variable) and what each variable holds now."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.reference = facts.reference
        self.scopes: list[dict[str, Variable]] = [{}]
        self.held: dict[Variable, Value] = {}
        self.journal: list[dict[Variable, Value | None]] = []  # per open branch: what it changed, with the value before
        self.named: dict[str, Value] = {}
        self.breakable = 0
        self.statements: dict[type[ast.Node], Callable[[Any], object]] = {
            ast.Declaration: self.declaration,
            ast.ExpressionStatement: lambda s: self.expression(s.expression),
            ast.If: self.if_,
            ast.While: self.while_,
            ast.DoWhile: self.while_,
            ast.For: self.for_,
            ast.ForObjectTreeUnder: lambda s: self.loop((s.root,), s.body, (s.body,)),
            ast.LegacyLoop: lambda s: self.loop(s.arguments, s.body, (s.body,)),
            ast.Switch: self.switch,
            ast.Block: self.block,
            ast.Return: lambda s: self.expression(s.value) if s.value is not None else None,
            ast.FunctionDefinition: self.function_definition,
        }
        self.expressions: dict[type[ast.Node], Callable[[Any], Value]] = {
            ast.Number: lambda e: Value("int" if isinstance(e.value, int) else "double", number=e.value),
            ast.String: lambda e: Value("string", pieces=(e,)),
            ast.Character: lambda _: UNKNOWN,
            ast.Constant: lambda e: Value("int", number=float(e.name == "true")) if e.name in ("true", "false") else UNKNOWN,
            ast.Name: self.name,
            ast.Macro: lambda e: self.expression(e.value),
            ast.ArrayLiteral: self.array,
            ast.Unary: self.unary,
            ast.Update: lambda e: self.assigned(e.target, Value(self.expression(e.target).type)),
            ast.Binary: lambda e: result_of(e.operator, self.expression(e.left), self.expression(e.right)),
            ast.Conditional: self.conditional,
            ast.Assign: self.assign,
            ast.Member: self.member,
            ast.Index: self.index,
            ast.Call: self.call,
            ast.IfPresent: lambda e: (self.expression(e.object), UNKNOWN)[1],
            ast.AsType: lambda e: self.expression(e.object).held_as(e.type.name),
            ast.IsType: lambda e: (self.expression(e.object), Value("int"))[1],
            ast.Cast: lambda e: self.expression(e.operand).held_as(e.type.name),
            ast.Await: lambda e: (self.expression(e.operand), UNKNOWN)[1],
            ast.Sequence: lambda e: [self.expression(item) for item in e.items][-1],
        }

    # --- statements --------------------------------------------------------------------------------------------------

    def statement(self, node: ast.Statement) -> None:
        """Walk one statement."""
        self.facts.nodes[type(node)].append(node)
        if isinstance(node, ast.Break | ast.Continue):
            self.facts.loops[id(node)] = self.breakable > 0
        handler = self.statements.get(type(node))
        if handler:
            handler(node)

    def scoped(self, nodes: Iterable[ast.Statement]) -> None:
        """Walk statements in a scope of their own."""
        self.scopes.append({})
        for node in nodes:
            self.statement(node)
        self.scopes.pop()

    def block(self, node: ast.Block) -> None:
        self.scoped(node.statements)

    def declaration(self, node: ast.Declaration) -> None:
        for declarator in node.declarators:
            self.facts.nodes[ast.Declarator].append(declarator)
            for size in declarator.sizes:
                self.expression(size)
            value = UNKNOWN
            if declarator.initial is not None:
                value = self.expression(declarator.initial)
            for argument in declarator.arguments or ():
                self.expression(argument)
            type_ = "Array" if declarator.sizes or node.type.name in ast.OLD_ARRAYS else node.type.name
            variable = Variable(declarator.name, type_, declarator)
            self.declare(variable)
            if declarator.initial is None and type_ in ("Object", "treenode"):
                value = Value(classes=frozenset())
            self.store(variable, value, declarator.initial)

    def declare(self, variable: Variable) -> None:
        """Add a variable to the innermost scope."""
        earlier = self.scopes[-1].get(variable.name)
        if earlier is not None:
            self.facts.redeclared.append((variable, earlier))
        self.scopes[-1][variable.name] = variable
        self.facts.variables.append(variable)

    def store(self, variable: Variable, value: Value, source: ast.Expression | None) -> None:
        """Let a variable hold a value that came from `source`."""
        self.hold(variable, value.held_as(variable.type))
        if variable.type in ("Array", "var", "Variant"):
            variable.elements = self.elements_of(source)

    def elements_of(self, source: ast.Expression | None) -> Value | None:
        """What is known of the elements of the array that an expression gives; None: it has none yet."""
        if isinstance(source, ast.ArrayLiteral):
            joined: Value | None = None
            for item in source.items:
                value = self.facts.value_of(item)
                joined = value if joined is None else join(joined, value)
            return joined
        if source is None or (
            isinstance(source, ast.Call) and isinstance(source.function, ast.Name) and source.function.name == "Array"
        ):
            return None
        if isinstance(source, ast.Name) and (shared := self.lookup(source.name)):
            shared.elements = UNKNOWN
        return UNKNOWN

    def lookup(self, name: str) -> Variable | None:
        """The variable of that name in sight."""
        for scope in reversed(self.scopes):
            if name in scope:
                return scope[name]
        return None

    def branches(self, bodies: Iterable[Callable[[], None]]) -> None:
        """Walk alternatives from the same state and join what they leave."""
        outcomes: list[dict[Variable, Value]] = []
        changed: dict[Variable, Value] = {}
        for body in bodies:
            self.journal.append({})
            body()
            before = self.journal.pop()
            outcomes.append({variable: self.held[variable] for variable in before})
            for variable, value in before.items():
                if value is None:
                    del self.held[variable]
                else:
                    self.held[variable] = changed[variable] = value
        for variable, value in changed.items():
            self.hold(variable, self._joined([outcome.get(variable, value) for outcome in outcomes]))

    def hold(self, variable: Variable, value: Value) -> None:
        """Let a variable hold a value from here on."""
        if self.journal:
            self.journal[-1].setdefault(variable, self.held.get(variable))
        self.held[variable] = value

    @staticmethod
    def _joined(values: list[Value]) -> Value:
        joined = values[0]
        for value in values[1:]:
            joined = join(joined, value)
        return joined

    def if_(self, node: ast.If) -> None:
        self.expression(node.condition)
        otherwise = node.otherwise
        self.branches((lambda: self.scoped((node.then,)), lambda: self.scoped((otherwise,) if otherwise is not None else ())))

    def switch(self, node: ast.Switch) -> None:
        self.expression(node.subject)
        self.breakable += 1

        def walk_case(case: ast.Case) -> Callable[[], None]:
            def walk() -> None:
                self.facts.nodes[ast.Case].append(case)
                if case.value is not None:
                    self.expression(case.value)
                for statement in case.statements:
                    self.statement(statement)

            return walk

        self.scopes.append({})
        # falling through from one case into the next is covered by joining all of them with the state before
        self.branches([*(walk_case(case) for case in node.cases), lambda: None])
        self.scopes.pop()
        self.breakable -= 1

    def while_(self, node: ast.While | ast.DoWhile) -> None:
        self.loop((), node.body, (node.condition, node.body), (node.condition,))

    def for_(self, node: ast.For) -> None:
        self.scopes.append({})
        if node.initial is not None:
            self.statement(node.initial)
        inside = [part for part in (node.condition, node.update) if part is not None]
        self.loop((), node.body, (*inside, node.body), inside)
        self.scopes.pop()

    def loop(
        self,
        once: Iterable[ast.Expression],
        body: ast.Statement,
        changing: Iterable[ast.Node],
        inside: Iterable[ast.Expression] = (),
    ) -> None:
        """Walk a loop: what its nodes assign is forgotten before and after the body."""
        for expression in once:
            self.expression(expression)
        assigned = self.assigned_in(changing)
        self.forget(assigned)
        for expression in inside:
            self.expression(expression)
        self.breakable += 1
        self.scoped((body,))
        self.breakable -= 1
        self.forget(assigned)

    def assigned_in(self, nodes: Iterable[ast.Node]) -> set[Variable]:
        """The variables in sight that the nodes may assign."""
        found = set()
        for node in nodes:
            for inner in ast.walk(node):
                if isinstance(inner, ast.Assign | ast.Update) and isinstance(inner.target, ast.Name):
                    variable = self.lookup(inner.target.name)
                    if variable is not None:
                        found.add(variable)
        return found

    def forget(self, variables: Iterable[Variable]) -> None:
        """Keep only the types of these variables."""
        for variable in variables:
            if variable in self.held:
                self.hold(variable, self.held[variable].widened())

    def function_definition(self, node: ast.FunctionDefinition) -> None:
        self.scopes.append({})
        for parameter in node.parameters:
            self.declare(Variable(parameter.name, parameter.type.name, parameter))
        self.scoped(node.body.statements)
        self.scopes.pop()

    # --- expressions -------------------------------------------------------------------------------------------------

    def expression(self, node: ast.Expression) -> Value:
        """Walk one expression and note its value."""
        self.facts.nodes[type(node)].append(node)
        handler = self.expressions.get(type(node))
        value = handler(node) if handler else UNKNOWN
        self.facts.values[id(node)] = value
        return value

    def name(self, node: ast.Name) -> Value:
        variable = self.lookup(node.name)
        if variable is not None:
            return self.held.get(variable, Value(variable.type if variable.type not in ("var", "Variant", "auto") else ""))
        if node.name in ("c", "i", "a", "SAFEREF"):
            return Value("treenode")
        if self.reference.script_class(node.name) or node.name in ("Object", "Model", "Table", "Array"):
            return Value(node.name, static=True)
        known = node.name in self.reference.values or node.name in self.reference.namespaces
        if not (known or CONSTANT_NAME.match(node.name) or node.name[0] in "$%"):
            self.facts.undeclared.append(node)
        return UNKNOWN

    def array(self, node: ast.ArrayLiteral) -> Value:
        for item in node.items:
            self.expression(item)
        return Value("Array")

    def unary(self, node: ast.Unary) -> Value:
        value = self.expression(node.operand)
        if node.operator == "!":
            return Value("int")
        number = -value.number if node.operator == "-" and value.number is not None else None
        return Value(value.type, number=number) if value.is_number else UNKNOWN

    def conditional(self, node: ast.Conditional) -> Value:
        self.expression(node.condition)
        return join(self.expression(node.then), self.expression(node.otherwise))

    def assign(self, node: ast.Assign) -> Value:
        value = self.expression(node.value)
        target = node.target
        if node.operator != "=":
            before = self.expression(target)
            return self.assigned(target, result_of(node.operator[:-1], before, value))
        if isinstance(target, ast.Name) and self.lookup(target.name):
            self.facts.nodes[ast.Name].append(target)
        else:
            self.expression(target)
        if isinstance(target, ast.Name) and (variable := self.lookup(target.name)):
            self.facts.values[id(target)] = Value(variable.type)
            self.store(variable, value, node.value)
            return self.held[variable]
        return self.assigned(target, value)

    def assigned(self, target: ast.Expression, value: Value) -> Value:
        """Note that `target` now holds `value`."""
        if isinstance(target, ast.Name):
            variable = self.lookup(target.name)
            if variable is not None:
                self.hold(variable, value.held_as(variable.type))
        elif isinstance(target, ast.Index) and isinstance(target.object, ast.Name):
            variable = self.lookup(target.object.name)
            if variable is not None:
                variable.elements = value if variable.elements is None else join(variable.elements, value)
        elif isinstance(target, ast.Member) and target.name == "name" and value.text is not None:
            owner = self.facts.value_of(target.object)
            known = self.named.get(value.text)
            self.named[value.text] = owner if known is None else join(owner, known)
        return value

    def index(self, node: ast.Index) -> Value:
        owner = self.expression(node.object)
        self.expression(node.index)
        if isinstance(node.object, ast.Name) and (variable := self.lookup(node.object.name)):
            return variable.elements or UNKNOWN
        if isinstance(node.object, ast.Member) and node.object.name in ("inObjects", "outObjects", "centerObjects"):
            return Value("treenode")
        if owner.is_string:
            return Value("string")
        return UNKNOWN

    def member(self, node: ast.Member) -> Value:
        owner = self.expression(node.object)
        if node.name == "length":
            return Value("int")
        known = self.reference.script_class(owner.type) if owner.type else None
        if known is None or node.optional:
            return UNKNOWN
        signature = known.properties.get(node.name)
        if signature is None and owner.type == "Object":
            node_class = self.reference.script_class("treenode")
            signature = node_class.properties.get(node.name) if node_class else None
            return Value(declared_return(signature, "treenode")) if signature else UNKNOWN
        return Value(declared_return(signature, owner.type.replace(".", "::"))) if signature else UNKNOWN

    # --- calls -------------------------------------------------------------------------------------------------------

    def call(self, node: ast.Call) -> Value:
        function = node.function
        if isinstance(function, ast.Name):
            self.facts.nodes[ast.Name].append(function)
            arguments = [self.expression(argument) for argument in node.arguments]
            return self.command_result(node, function.name, arguments)
        if isinstance(function, ast.Member):
            self.facts.nodes[ast.Member].append(function)
            owner = self.expression(function.object)
            arguments = [self.expression(argument) for argument in node.arguments]
            return self.method_result(function, owner, arguments)
        self.expression(function)
        for argument in node.arguments:
            self.expression(argument)
        return UNKNOWN

    def command_result(self, node: ast.Call, name: str, arguments: list[Value]) -> Value:
        """The value of `name(arguments)`."""
        if self.lookup(name) is not None:
            self.facts.called_variables.append(node)
            return UNKNOWN
        if self.reference.script_class(name) or name in self.reference.type_names:
            return Value(name)
        command = self.reference.command(name)
        if command is None:
            return UNKNOWN
        if name == "createinstance" and arguments:
            return Value("Object", arguments[0].classes)
        if name in ("createcopy", "copy") and arguments:
            return Value("treenode", arguments[0].classes)
        if name in ("model", "library"):
            return Value("treenode")
        return Value(RETURNS.get(command.returns, ""))

    def method_result(self, function: ast.Member, owner: Value, arguments: list[Value]) -> Value:
        """The value of `owner.method(arguments)`."""
        first = arguments[0].text if arguments else None
        if owner.static and owner.type == "Object" and function.name == "create":
            bare = self.reference.bare_class(first) if first is not None else ""
            return Value("Object", frozenset((bare,)) if bare else None)
        if owner.static and owner.type == "Tools":
            return Value("treenode", tool=True)
        if function.name == "find" and first is not None:
            if first in self.named:
                return Value("treenode", self.named[first].classes)
            object = function.object
            if isinstance(object, ast.Call) and isinstance(object.function, ast.Name) and object.function.name == "library":
                bare = self.reference.bare_class(first.rpartition("/")[2].lstrip("?"))
                return Value("treenode", frozenset((bare,)) if bare else None)
            return Value("treenode")
        if function.name == "push" and isinstance(function.object, ast.Name) and (variable := self.lookup(function.object.name)):
            for value in arguments:
                variable.elements = value if variable.elements is None else join(variable.elements, value)
            return Value("Array")
        if function.name in ("append", "unshift", "fill", "splice") and isinstance(function.object, ast.Name):
            variable = self.lookup(function.object.name)
            if variable is not None:
                variable.elements = UNKNOWN
        if function.name == "copy":
            return Value("treenode", owner.classes)
        known = self.reference.script_class(owner.type) if owner.type else None
        signature = known.methods.get(function.name, "") if known else ""
        type_ = declared_return(signature, owner.type.replace(".", "::")) if signature else ""
        return Value(type_, owner.classes if type_ == owner.type == "Object" else None)
