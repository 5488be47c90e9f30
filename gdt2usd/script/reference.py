"""What FlexSim knows: its commands, FlexScript classes with members, library classes with properties; and the nearest right name.

Read from one packaged table per FlexSim release (see `make_reference`). Not covered: what any of it does when run.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Any

RELEASE = "2026"


@dataclass(frozen=True, slots=True)
class Command:
    """A global command; `least` to `greatest` arguments (greatest None: any number, `counted` False: not known)."""

    name: str
    signature: str
    least: int
    greatest: int | None
    counted: bool
    deprecated: bool
    replacement: str

    @property
    def returns(self) -> str:
        """The type it gives back in the reference's words: num, str, node, obj, var; "" if none."""
        return self.signature.rpartition("->")[2].strip() if "->" in self.signature else ""


@dataclass(frozen=True, slots=True)
class ScriptClass:
    """A FlexScript type; members map a name to its signature in the reference."""

    name: str
    methods: dict[str, str]
    properties: dict[str, str]


@dataclass(frozen=True, slots=True)
class Property:
    """A property of a library class; `kind`: boolean, number, number_with_unit, enum, array, vec3, any, unknown ..."""

    name: str
    type: str
    kind: str
    options: dict[str, float]


@dataclass(frozen=True, eq=False)
class Reference:
    """The reference of one FlexSim release."""

    raw: dict[str, Any]

    @property
    def flexsim(self) -> str:
        """The release the tables were taken from, such as "2026"."""
        return str(self.raw["flexsim"])

    @property
    def notes(self) -> dict[str, Any]:
        """What is kept by hand, see `reference_notes.toml`."""
        return self.raw["notes"]  # type: ignore[no-any-return]

    # --- commands ----------------------------------------------------------------------------------------------------

    def command(self, name: str) -> Command | None:
        """The command of that name."""
        row = self.raw["commands"].get(name)
        if row is None:
            return None
        signature, least, greatest, replacement = row
        return Command(
            name, signature, least, None if greatest < 0 else greatest, greatest != -2, replacement is not None, replacement or ""
        )

    @cached_property
    def attribute_commands(self) -> frozenset[str]:
        """Attributes of a node that old code reads and writes as functions: `spatialx(o)`."""
        return frozenset(self.notes["commands"]["attributes"])

    @cached_property
    def successors(self) -> dict[str, str]:
        """What stands for deprecated commands whose row names no successor."""
        return {name: text for text, names in self.notes["successors"].items() for name in names}

    @cached_property
    def values(self) -> frozenset[str]:
        """Names that are read without a declaration and without parentheses: `c`, `i`, `a`, `count` ..."""
        return frozenset(self.notes["commands"]["values"])

    def nearest_command(self, name: str) -> str:
        """The existing command that `name` was most likely meant to be, or ""."""
        return nearest(name, self._command_names)

    @cached_property
    def _command_names(self) -> tuple[str, ...]:
        return tuple(self.raw["commands"])

    # --- FlexScript classes ------------------------------------------------------------------------------------------

    def script_class(self, name: str) -> ScriptClass | None:
        """The FlexScript type of that name (`Storage.Slot` with a dot)."""
        row = self.raw["classes"].get(name)
        return ScriptClass(name, row["methods"], row["properties"]) if row else None

    @cached_property
    def type_names(self) -> frozenset[str]:
        """Every name that can stand as the type of a declaration."""
        return frozenset((*self.raw["classes"], *self.notes["commands"]["types"]))

    @cached_property
    def method_names(self) -> frozenset[str]:
        """The methods of all types."""
        return frozenset(method for row in self.raw["classes"].values() for method in row["methods"])

    @cached_property
    def namespaces(self) -> frozenset[str]:
        """The first parts of dotted type names: `Storage`, `Http` ..."""
        return frozenset(name.split(".")[0] for name in self.type_names if "." in name)

    # --- library classes ---------------------------------------------------------------------------------------------

    @cached_property
    def _namespaced(self) -> dict[str, str]:
        return {bare: f"{space}::{bare}" for space, names in self.notes["namespaces"].items() for bare in names}

    @cached_property
    def creatable(self) -> dict[str, str]:
        """Class text for Object.create() to bare class name: {"Processor": "Processor", "Conveyor::Station": "Station"}."""
        return {name: name for name in self.notes["create"]["library"]} | {full: bare for bare, full in self._namespaced.items()}

    def bare_class(self, name: str) -> str:
        """`Conveyor::StraightConveyor` and `StraightConveyor` alike to `StraightConveyor`; "" if there is no such class."""
        bare = name.rpartition("::")[2]
        return bare if bare in self.raw["objects"] or bare in self.creatable or bare in self._namespaced else ""

    def full_class(self, bare: str) -> str:
        """The text that Object.create() wants for a bare class name."""
        return self._namespaced.get(bare, bare)

    def nearest_class(self, name: str) -> str:
        """The library class that `name` was most likely meant to be, or ""."""
        alias: str = self.notes["class_aliases"].get(name, "")
        if not alias and (bare := name.rpartition("::")[2]) in self._namespaced:
            alias = self._namespaced[bare]
        return alias or nearest(name, self.creatable)

    def properties(self, flexsim_class: str) -> dict[str, Property]:
        """The properties of a library class, own and inherited, by name; empty if the class is not known."""
        return _properties(self, self.bare_class(flexsim_class))

    def classes_with(self, name: str) -> tuple[str, ...]:
        """The library classes that have a property of that name."""
        numbers = {n for n, row in enumerate(self.raw["properties"]) if row[0] == name}
        return tuple(c for c, (_, own) in self.raw["objects"].items() if not numbers.isdisjoint(own))

    @cached_property
    def property_names(self) -> frozenset[str]:
        """Every property name of any class."""
        return frozenset(row[0] for row in self.raw["properties"])


@cache
def _properties(reference: Reference, bare: str) -> dict[str, Property]:
    if not bare:
        return {}
    parents, numbers = reference.raw["objects"].get(bare, ([], []))
    namesake = reference.notes["namesakes"].get(bare)
    if namesake:
        parents, numbers = namesake, []
    made: dict[str, Property] = {}
    for parent in () if numbers else parents:
        made |= _properties(reference, parent)
    for name, type_, kind, options in (reference.raw["properties"][n] for n in numbers):
        made[name] = Property(name, type_, kind, options)
    return made


def nearest(name: str, names: Iterable[str]) -> str:
    """The one of `names` that is spelt most like `name`, capitals aside; "" if none is near."""
    return _nearest(name, tuple(names))


@lru_cache(maxsize=2000)
def _nearest(name: str, names: tuple[str, ...]) -> str:
    plain = _plain(name)
    if not plain or len(name) > 80:
        return ""
    folded = _folded(names)
    if plain in folded:
        return folded[plain]
    found = get_close_matches(plain, folded, n=1, cutoff=0.75)
    return folded[found[0]] if found else ""


@lru_cache(maxsize=100)
def _folded(names: tuple[str, ...]) -> dict[str, str]:
    return {_plain(candidate): candidate for candidate in reversed(names)}


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


@cache
def load(release: str = RELEASE) -> Reference:
    """The packaged reference of a FlexSim release, read once."""
    path = Path(__file__).parent / f"flexsim-{release}.json"
    return Reference(json.loads(path.read_text(encoding="utf-8")))
