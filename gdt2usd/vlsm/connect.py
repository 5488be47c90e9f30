"""Connects what a draft leaves hanging: every station must lead to a sink and be fed by a source, or nothing can be simulated.

Of the links that would do it the one is added that reader and drawing find likeliest; each is a finding to check.
"""

from __future__ import annotations

from dataclasses import replace

from gdt2usd.diagnostics import Diagnostic, Place, warning
from gdt2usd.vlsm.render import Declared, Draft, Joined, Key
from gdt2usd.vlsm.said import Said
from gdt2usd.vlsm.script_tokens import CONNECTIONS, ENDS, KINDS, PARAMETERS, RESOURCE_CLASSES, STATION_CLASSES

LINK = CONNECTIONS.index("link")


def _reached(starts: set[Key], steps: dict[Key, set[Key]]) -> set[Key]:
    seen, waiting = set(starts), list(starts)
    while waiting:
        for after in steps.get(waiting.pop(), set()) - seen:
            seen.add(after)
            waiting.append(after)
    return seen


def _steps(draft: Draft, *, back: bool) -> dict[Key, set[Key]]:
    steps: dict[Key, set[Key]] = {}
    for joined in draft.connections:
        if joined.what == "link":
            a, b = (joined.second, joined.first) if back else (joined.first, joined.second)
            steps.setdefault(a, set()).add(b)
    return steps


def with_ends(draft: Draft, said: Said) -> tuple[Draft, list[Diagnostic]]:
    """The draft with a source and a sink at least: the station that the reader finds likeliest becomes one that is missing."""
    findings: list[Diagnostic] = []
    for kind in ("source", "sink"):
        stations = [t for t in draft.objects if t.kind in STATION_CLASSES]
        if len(stations) < 2 or any(t.kind == kind for t in stations):
            continue
        likeliest = max(
            (t for t in stations if t.kind not in ("source", "sink")),
            key=lambda t: float(said.kinds[t.key[0], KINDS.index(kind)]),
            default=None,
        )
        if likeliest is None:
            continue
        draft = _as(draft, likeliest, kind)
        message = f"nothing was read as a {kind}; {likeliest.name!r} is the likeliest and was made one"
        findings.append(warning("VL311", message, Place(likeliest.name), "check the types of the stations"))
    return draft, findings


def _as(draft: Draft, thing: Declared, kind: str) -> Draft:
    """The draft with `thing` of another kind: what that kind cannot have, parameters and connections, is left out."""
    parameters = tuple(p for p in thing.parameters if kind in PARAMETERS[p.name][1])
    objects = tuple(replace(t, kind=kind, parameters=parameters) if t is thing else t for t in draft.objects)
    connections = tuple(
        c
        for c in draft.connections
        if (c.first != thing.key or kind in ENDS[c.what][0]) and (c.second != thing.key or kind in ENDS[c.what][1])
    )
    return replace(draft, objects=objects, connections=connections)


def connect(draft: Draft, said: Said) -> tuple[Draft, list[Diagnostic]]:
    """The draft with the fewest likely links added so that each station reaches a sink and is reached from a source."""
    kinds = {t.key: t.kind for t in draft.objects if t.kind in STATION_CLASSES}
    names = {t.key: t.name for t in draft.objects}
    findings: list[Diagnostic] = []
    for back, end_kind in ((True, "sink"), (False, "source")):
        while (added := _next_link(draft, kinds, said, back=back, end_kind=end_kind)) is not None:
            draft = replace(draft, connections=(*draft.connections, added))
            message = f"{names[added.first]!r} -> {names[added.second]!r} was added: without it items have no way on"
            findings.append(warning("VL310", message, Place(names[added.first]), "check this connection"))
    return draft, findings


def _next_link(draft: Draft, kinds: dict[Key, str], said: Said, *, back: bool, end_kind: str) -> Joined | None:
    """The likeliest link from a station that is cut off to one that is not; None if all is connected or nothing can be."""
    ends = {key for key, kind in kinds.items() if kind == end_kind}
    inside = _reached(ends, _steps(draft, back=back))
    outside = [key for key in kinds if key not in inside]
    upstreams, downstreams = (outside, list(inside)) if back else (list(inside), outside)
    pairs = [(a, b) for a in upstreams for b in downstreams if a[0] != b[0] and kinds.get(a) != "sink" and kinds.get(b) != "source"]
    if not pairs:
        return None
    first, second = max(sorted(pairs), key=lambda pair: float(said.relations[LINK, pair[0][0], pair[1][0]]))
    return Joined("link", first, second, None, (0, 0))


def with_enough_people(draft: Draft) -> tuple[Draft, list[Diagnostic]]:
    """The draft in which nobody calls a dispatcher without a team, nor more people at a time than there are.

    A dispatcher without a team leads those who have nothing to do; where everybody has, it is not called.
    """
    kinds, names = {t.key: t.kind for t in draft.objects}, {t.key: t.name for t in draft.objects}
    teams: dict[Key, int] = {}
    for joint in draft.connections:
        if joint.what == "team":
            teams[joint.first] = teams.get(joint.first, 0) + 1
    kept: list[Joined] = []
    findings: list[Diagnostic] = []
    busy = {end for joint in draft.connections for end in (joint.first, joint.second)}
    idle = [key for key, kind in kinds.items() if kind in RESOURCE_CLASSES and kind != "dispatcher" and key not in busy]
    leaders = [key for key, kind in kinds.items() if kind == "dispatcher" and not teams.get(key)]
    if len(leaders) == 1 and idle:
        kept += [Joined("team", leaders[0], key, None, (0, 0)) for key in idle]
        teams[leaders[0]] = len(idle)
        message = (
            f"{names[leaders[0]]!r} had no team: it leads {', '.join(repr(names[key]) for key in idle)}, who had nothing to do"
        )
        findings.append(warning("VL312", message, Place(names[leaders[0]]), "check who works there"))
    for joint in draft.connections:
        fitting = joint
        if joint.what in ("serve", "serve_setup", "carry"):
            people = teams.get(joint.first, 0) if kinds[joint.first] == "dispatcher" else 1
            if people == 0 or (joint.what != "carry" and joint.number is not None and joint.number > people):
                calls = f"{names[joint.second]!r} calls {names[joint.first]!r}"
                what = "which has no team: it runs without" if people == 0 else f"of which there are {people}: it calls one"
                findings.append(warning("VL312", f"{calls}, {what}", Place(names[joint.second]), "check who works there"))
                if people == 0:
                    continue
                fitting = replace(joint, number=None)
        kept.append(fitting)
    return replace(draft, connections=tuple(kept)), findings
