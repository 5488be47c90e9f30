"""What a script built: objects and connections in FlexSim's own words, before anything is interpreted as a factory.

Values of properties are FlexScript values: float, str (option text or code body), tuples (arrays), `ObjectRef`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from gdt2usd.diagnostics import Span


@dataclass(frozen=True, slots=True)
class ObjectRef:
    """A reference to another object of the model, by index into `ModelTree.objects`."""

    index: int


Value = float | str | ObjectRef | tuple["Value", ...] | None


@dataclass(frozen=True, slots=True)
class ModelObject:
    """One object; `location` is the bottom centre in metres, rotation in degrees, size in metres; None if never set."""

    name: str
    flexsim_class: str
    location: tuple[float, float, float] | None
    rotation: tuple[float, float, float] | None
    size: tuple[float, float, float] | None
    properties: dict[str, Value] = field(default_factory=dict)
    labels: dict[str, Value] = field(default_factory=dict)
    span: Span | None = None
    property_spans: dict[str, Span] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PortConnection:
    """`key` "A": output port of `upstream` to input port of `downstream`; "S": centre ports; "D": extended.

    Objects are indices into `ModelTree.objects`; ports are ranks from 1 at the end of the script.
    """

    upstream: int
    out_port: int
    downstream: int
    in_port: int
    key: Literal["A", "S", "D"]
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class ModelTree:
    """The model when the script has ended. `tools` are toolbox objects (MTBFMTTR, GlobalTable ...) by name."""

    objects: tuple[ModelObject, ...]
    connections: tuple[PortConnection, ...]
    tools: tuple[ModelObject, ...] = ()
    stop_time: float | None = None
    warm_up_time: float | None = None
    time_unit: str = "s"
    length_unit: str = "m"
