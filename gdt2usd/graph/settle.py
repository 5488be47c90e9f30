"""Settings by hand applied to a process graph: `Saw.type=queue`, `Saw.process_time_s=normal(3.5, 0.2) min`, `Saw -> Buffer=no`.

Keys are those of `3-graph.json`, dotted; values are written as people write them (`written`). The work is done on the JSON form,
whose strict reader then gives the graph. Not covered: types (`settle_types`) and links (`settle_links`) in detail.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from gdt2usd.diagnostics import Diagnostic, GdtError, Place, error, info
from gdt2usd.graph import written
from gdt2usd.graph.model import ProcessGraph
from gdt2usd.graph.serial import from_json, to_json
from gdt2usd.graph.serial_fields import DISTRIBUTIONS, RESOURCE_FIELDS, STATION_FIELDS, JsonError, read_distribution
from gdt2usd.graph.settle_links import LinkKey, finish_shares, link_key, link_words, set_link
from gdt2usd.graph.settle_types import add, retype
from gdt2usd.graph.words import describe_time

Document = dict[str, Any]
TYPE = "type"
_RUN = ("horizon_s", "warm_up_s")
_PLACE = ("position_m", "yaw_deg", "size_m")
_MACHINES = ("processor", "combiner", "separator", "multiprocessor")
_WHOLE = ("capacity", "size", "process", "setup", "port", "operator_count")
_FLAGS = ("arrival_at_zero", "repeat_schedule", "pull", "accumulating")
_NAMES = ("operators", "team")
_NULLABLE = ("breakdown", "batching", "dispatcher", "move_time_s", "quantity", "start_m", "end_m")
_INSIDE = {
    "breakdown": ("time_to_failure_s", "time_to_repair_s"), "batching": ("size", "max_wait_s"),
    "routing": ("rule", "port", "label", "flexscript"), "operator_counts": ("process", "setup"),
}  # fmt: skip
_TIMES = (
    "interarrival_time_s", "process_time_s", "setup_time_s", "dwell_time_s", "load_time_s", "unload_time_s", "move_time_s",
    "time_to_failure_s", "time_to_repair_s",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Change:
    """One setting as it was carried out: its key as the graph spells it, the value before and after in words."""

    key: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Settled:
    """The graph with the settings, and what they changed (a setting that confirms what stood there included)."""

    graph: ProcessGraph
    changes: tuple[Change, ...]

    @property
    def findings(self) -> tuple[Diagnostic, ...]:
        """One info a setting."""
        return tuple(
            info("GR503", f"{c.key} set to {c.after}" + (f" (read: {c.before})" if c.before != c.after else ""), Place(c.key))
            for c in self.changes
        )


class SettingError(ValueError):
    """A setting that cannot be carried out; `code` GR501 for its key, GR502 for its value."""

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.hint = hint


def settle(graph: ProcessGraph, settings: Sequence[str], addable: Sequence[str] = ()) -> Settled:
    """`graph` with `settings` (`KEY=VALUE` each), in order; `addable` are names that may become objects by `Name.type=KIND`.

    Raises:
        GdtError: GR501 a key that does not exist, GR502 a value that does not fit, all of them together.
    """
    document = _plain(graph)
    problems: list[Diagnostic] = []
    done: list[tuple[_Target, str]] = []
    shares: dict[tuple[str, str], float] = {}
    for text in settings:
        try:
            done.append(_apply(document, text, addable, shares))
            from_json(document)
        except SettingError as problem:
            problems.append(error(problem.code, f"{text!r}: {problem}", Place(text.split("=")[0].strip()), problem.hint))
        except GdtError as problem:
            problems += [error("GR502", f"{text!r}: {d.message}", d.where, d.hint) for d in problem.diagnostics if not _halfway(d)]
    try:
        finish_shares(document, shares)
    except ValueError as problem:
        problems.append(error("GR502", str(problem), hint="the shares of a station's ways out make 100 %"))
    if not problems:
        try:
            return Settled(from_json(document), tuple(Change(t.key, before, _words(document, t)) for t, before in done))
        except GdtError as problem:
            problems = [error("GR502", _with_place(d), d.where, d.hint) for d in problem.diagnostics]
    raise GdtError(problems)


def _halfway(problem: Diagnostic) -> bool:
    """Whether another setting may still complete it (a breakdown needs two times)."""
    return "is missing" in problem.message


def _with_place(problem: Diagnostic) -> str:
    return problem.message + (f" ({problem.where.what})" if isinstance(problem.where, Place) else "")


def _plain(graph: ProcessGraph) -> Document:
    """The document without places in a script that will be written anew."""
    document = to_json(graph)
    for row in (*document["stations"], *document["links"], *document["resources"]):
        row.pop("script_span", None)
    return document


def things_of(document: Document) -> dict[str, Document]:
    """Stations and resources by id."""
    return {row["id"]: row for row in (*document["stations"], *document["resources"])}


def value_of(graph: ProcessGraph, key: str) -> str | None:
    """What stands at `key`, in words; None if there is no such key."""
    document = to_json(graph)
    found = _resolve(document, key, ())
    return None if found is None else _words(document, found)


@dataclass(frozen=True, slots=True)
class _Target:
    """What a key means: a path of the run, of a thing, or a link; `key` is its canonical spelling."""

    key: str
    thing: str = ""
    path: tuple[str, ...] = ()
    link: LinkKey | None = None
    new: bool = False


def _apply(document: Document, text: str, addable: Sequence[str], shares: dict[tuple[str, str], float]) -> tuple[_Target, str]:
    """Carry out one setting: what it was about, and what stood there before."""
    places = [i for i, c in enumerate(text) if c == "="]
    if not places:
        raise SettingError("GR501", "a setting is written KEY=VALUE", "for example 'Saw.process_time_s=normal(40, 4) s'")
    problem: SettingError | None = None
    for i in places:
        try:
            target = _resolve(document, text[:i].strip(), addable)
        except SettingError as found:
            problem = problem or found
            continue
        if target is not None:
            before = _words(document, target)
            try:
                _set(document, target, text[i + 1 :].strip(), shares)
            except ValueError as wrong:
                if isinstance(wrong, SettingError):
                    raise
                raise SettingError("GR502", str(wrong), f"now it is {before}") from None
            return target, before
    raise problem or _no_key(document, text[: places[0]].strip(), addable)


def _no_key(document: Document, key: str, addable: Sequence[str]) -> SettingError:
    if any(arrow in key for arrow in ("->", "\u2192")):
        return _no_link(document, key)
    known = [*_all_keys(document), *(f"{name}.{TYPE}" for name in addable)]
    lower = {k.casefold(): k for k in known}
    near = [lower[k] for k in get_close_matches(key.casefold(), lower, 3, 0.4)]
    hint = f"nearest: {'; '.join(near)}" if near else "keys are Name.type, Name.parameter as in 3-graph.json, and A -> B"
    return SettingError("GR501", f"there is no {key!r} in this model", hint)


def _no_link(document: Document, key: str) -> SettingError:
    names = {name.casefold(): name for name in things_of(document)}
    ends = [" ".join(end.split()).casefold() for end in key.replace("\u2192", "->").split("->")]
    unknown = [end for end in ends if end not in names]
    near = [names[n] for end in unknown for n in get_close_matches(end, names, 2, 0.4)]
    hint = f"nearest: {', '.join(dict.fromkeys(near))}" if near else f"there are {', '.join(names.values())}"
    return SettingError("GR501", f"there is no {' and no '.join(map(repr, unknown or ends))} in this model", hint)


def _all_keys(document: Document) -> list[str]:
    things = things_of(document)
    own = [f"{name}.{key}" for name, row in things.items() for key in (TYPE, *_fields(row))]
    return [*own, *(f"{x['upstream']} -> {x['downstream']}" for x in document["links"]), *_RUN]


def _fields(row: Document) -> tuple[str, ...]:
    table = (STATION_FIELDS | RESOURCE_FIELDS)[row["kind"]][1]
    machine = ("operators", "operator_counts") if row["kind"] in _MACHINES else ()
    return (*(f.key for f in table if f.key != "script_span"), *machine, *_PLACE)


def _resolve(document: Document, key: str, addable: Sequence[str]) -> _Target | None:
    """The target of `key`, None if it names nothing. SettingError if it names a thing but none of its parameters."""
    things = things_of(document)
    if (link := link_key(document, key, things)) is not None:
        return _Target(link.words, link=link)
    folded = " ".join(key.split()).casefold()
    for name in sorted({*things, *addable}, key=len, reverse=True):
        if folded.startswith(name.casefold() + "."):
            rest = tuple(part.strip() for part in folded[len(name) + 1 :].split("."))
            if rest in ((TYPE,), ("kind",)):
                return _Target(f"{name}.{TYPE}", name, (TYPE,), new=name not in things)
            if name in things:
                return _Target(f"{name}.{'.'.join(_path(things[name], rest, name))}", name, rest)
    return _Target(folded, path=(folded,)) if folded in _RUN else None


def _path(row: Document, path: tuple[str, ...], name: str) -> tuple[str, ...]:
    """`path` if the thing may have it."""
    known = _fields(row)
    if path[0] not in known:
        raise _unknown(f"a {row['kind']} such as {name!r} has no {path[0]!r}", path[0], known)
    inside, at = _inside(row, path[0]), 1
    while at < len(path):
        if path[at] not in inside:
            raise _unknown(f"{'.'.join(path[:at])} of {name!r} has no {path[at]!r}", path[at], inside)
        inside, at = _inside(row.get(path[0]) or {}, path[at]), at + 1
    return path


def _unknown(message: str, got: str, known: Sequence[str]) -> SettingError:
    near = get_close_matches(got, known, 3, 0.5)
    return SettingError("GR501", message, f"nearest: {', '.join(near)}" if near else f"it has {', '.join(known) or 'no parts'}")


def _inside(row: Document, key: str) -> tuple[str, ...]:
    """The keys below `key`."""
    if key in _INSIDE:
        return _INSIDE[key]
    value = row.get(key)
    if isinstance(value, dict) and value.get("distribution") in DISTRIBUTIONS:
        _, parameters, shiftable = DISTRIBUTIONS[value["distribution"]]
        return (*parameters, *(("location",) if shiftable else ()))
    return ()


def _set(document: Document, target: _Target, value: str, shares: dict[tuple[str, str], float]) -> None:
    if target.link is not None:
        set_link(document, target.link, value, shares)
    elif not target.thing:
        document[target.path[0]] = written.duration_s(value)
    elif target.path == (TYPE,):
        (add if target.new else retype)(document, target.thing, value)
    else:
        _set_inside(document, things_of(document)[target.thing], target.path, value)


def _set_inside(document: Document, row: Document, path: tuple[str, ...], value: str) -> None:
    key = path[-1]
    if value.lower() in ("none", "null") and (key in _NULLABLE or key in _NAMES):
        row[key] = [] if key in _NAMES else None
        return
    for part in path[:-1]:
        if not isinstance(row.get(part), dict):
            row[part] = {}
        row = row[part]
    family = row.get("distribution")
    if family in DISTRIBUTIONS and key in DISTRIBUTIONS[family][1]:
        parameters, times, _ = written.FAMILIES[family]
        timed = dict(zip(parameters, times, strict=True))[key] and path[-2].endswith("_s")
        row[key] = written.duration_s(value) if timed else written.whole_or_not(value)
    else:
        row[key] = _read(document, key, value)


def _read(document: Document, key: str, value: str) -> Any:
    """The JSON of a value, by the name of its key."""
    if value[:1] in "[{" and value:
        return written.as_json(value)
    if key in _TIMES:
        return written.distribution(value)
    if key == "quantity":
        return written.distribution(value, timed=False)
    if key in _NAMES or key == "dispatcher":
        names = [_named(document, part) for part in value.split(",") if part.strip()]
        return names if key in _NAMES else names[0]
    if key in _FLAGS:
        return written.yes_or_no(value)
    if key == "routing":
        return {"rule": "_".join(value.lower().split())}
    if key == "components":
        return [written.whole(part) for part in value.split(",")]
    if key in ("position_m", "size_m", "start_m", "end_m"):
        return [float(written.whole_or_not(part)) for part in value.split(",")]
    return _read_number(key, value)


def _read_number(key: str, value: str) -> Any:
    if key in _WHOLE:
        return written.whole(value)
    if key.endswith("_m_s"):
        return written.speed_m_s(value)
    if key.endswith("_m"):
        return written.length_m(value)
    if key.endswith("_s"):
        return written.duration_s(value)
    if key in ("yaw_deg", "acceleration_m_s2", "deceleration_m_s2", "location"):
        return written.whole_or_not(value)
    return value.lower() if key in ("mode", "discipline", "rule") else value


def _named(document: Document, text: str) -> str:
    """The id of a resource, however its letters are cased."""
    names = {row["id"].casefold(): str(row["id"]) for row in document["resources"]}
    found = names.get(" ".join(text.split()).casefold())
    if found is None:
        near = get_close_matches(text.strip().casefold(), names, 3, 0.4)
        hint = f"nearest: {', '.join(names[n] for n in near)}" if near else f"there are {', '.join(names.values()) or 'none'}"
        raise SettingError("GR502", f"there is no resource {text.strip()!r}", hint)
    return found


def _words(document: Document, target: _Target) -> str:
    """What stands there now, in words."""
    if target.link is not None:
        return link_words(document, target.link)
    row = things_of(document).get(target.thing, document if not target.thing else {})
    if target.path == (TYPE,):
        return str(row.get("kind", "none"))
    value: Any = row
    for part in target.path:
        value = value.get(part) if isinstance(value, dict) else None
    return in_words(value)


def in_words(value: Any) -> str:
    """A value of the document for people: `normal(70, 6) s`, `Operator 1, Operator 2`, `none`."""
    if value is None or value == []:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict) and "distribution" in value:
        try:
            return describe_time(read_distribution(value, "$"))
        except JsonError:
            return str(value)
    if isinstance(value, dict):
        return ", ".join(f"{k} {in_words(v)}" for k, v in value.items())
    if isinstance(value, list):
        return ", ".join(in_words(v) for v in value)
    return f"{value:g}" if isinstance(value, float) else str(value)
