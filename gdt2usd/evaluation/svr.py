"""Structural Validity Rate (arXiv 2512.20387): SVR = 0.6 CS + 0.4 OS.

    CS = |connections of the truth that the script makes| / |connections of the truth|     contextdragconnection(src, dst)
    OS = |objects of the truth that the script creates with the same name and type| / |objects of the truth|

Names are compared with their capitals. The paper counts statements of the text and says nothing of loops, of the key letter, or of
connections too many. Chosen here: both scripts are run and what they built is counted, so that a loop counts as what it makes;
centre connections ("S") have no direction; parallel connections count each; what is too many does not lower SVR (as in the paper)
and is seen in the link precision beside it. A script that is not FlexScript has SVR 0; one that fails midway is counted as far as
it came. A truth without connections has CS 1 if the script makes none.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from gdt2usd.script.model_tree import ModelTree

CONNECTION_WEIGHT = 0.6
OBJECT_WEIGHT = 0.4
Connection = tuple[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Structure:
    """Connection score, object score and their weighted sum; `precision` is right connections over connections made."""

    connections: float
    objects: float
    precision: float

    @property
    def svr(self) -> float:
        return CONNECTION_WEIGHT * self.connections + OBJECT_WEIGHT * self.objects


def objects_of(tree: ModelTree) -> Counter[tuple[str, str]]:
    """(name, FlexSim class) of every object."""
    return Counter((thing.name, thing.flexsim_class) for thing in tree.objects)


def connections_of(tree: ModelTree) -> Counter[Connection]:
    """(key, names of the two ends); the ends of a centre connection in alphabetical order."""
    made: Counter[Connection] = Counter()
    for joint in tree.connections:
        ends = (tree.objects[joint.upstream].name, tree.objects[joint.downstream].name)
        made[joint.key, ends if joint.key == "A" else tuple(sorted(ends))] += 1
    return made


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 1.0


def structure(truth: ModelTree, made: ModelTree | None) -> Structure:
    """CS, OS and precision of what a script built (None: nothing) against the truth."""
    if made is None:
        return Structure(0.0, 0.0, 0.0)
    wanted, got = connections_of(truth), connections_of(made)
    right = (wanted & got).total()
    objects = objects_of(truth)
    score = _share(right, wanted.total()) if wanted else float(not got)
    return Structure(score, _share((objects & objects_of(made)).total(), objects.total()), _share(right, got.total()))
