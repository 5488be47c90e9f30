"""Links changed by hand in the JSON form of a graph: there or not, their share, their transport; ports stay without gaps.

Raises ValueError for what cannot be. Not covered: keys of things (`settle`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gdt2usd.graph import written

Document = dict[str, Any]
_ARROW = re.compile(r"\s*(?:->|=>|\u2192)\s*")


@dataclass(frozen=True, slots=True)
class LinkKey:
    """`upstream -> downstream`, or a `part` of it (`percent`, `transport`)."""

    upstream: str
    downstream: str
    part: str = ""

    @property
    def words(self) -> str:
        """The key as it is written."""
        return f"{self.upstream} -> {self.downstream}" + (f".{self.part}" if self.part else "")


def link_key(document: Document, key: str, things: Mapping[str, Document]) -> LinkKey | None:
    """What `A -> B`, `A -> B.percent` or `A -> B.transport` means; None if an end is not there or it is no link at all."""
    names = {" ".join(name.split()).casefold(): name for name in things}
    for arrow in _ARROW.finditer(key):
        first, second = (" ".join(x.split()).casefold() for x in (key[: arrow.start()], key[arrow.end() :]))
        for part in ("", "percent", "transport"):
            end = second.removesuffix(f".{part}") if part else second
            if first in names and end in names and (not part or end != second):
                return LinkKey(names[first], names[end], part)
    return None


def links_of(document: Document, name: str) -> list[Document]:
    """The links that leave or enter an object."""
    return [x for x in document["links"] if name in (x["upstream"], x["downstream"])]


def _find(document: Document, key: LinkKey) -> list[Document]:
    return [x for x in document["links"] if (x["upstream"], x["downstream"]) == (key.upstream, key.downstream)]


def _ways_out(document: Document, name: str) -> list[Document]:
    return sorted((x for x in document["links"] if x["upstream"] == name), key=lambda x: int(x["out_port"]))


def _row(document: Document, name: str) -> Document:
    rows: list[Document] = [*document["stations"], *document["resources"]]
    return next(row for row in rows if row["id"] == name)


def link_words(document: Document, key: LinkKey) -> str:
    """`yes`, `no`, `30 %`; for a part its value. Of a resource: whether it works at the station (or is in the team)."""
    try:
        served = _service(document, key)
    except ValueError:
        return "no"
    if served is not None:
        row, field, member = served
        return "yes" if member in row.get(field, ()) else "no"
    found = _find(document, key)
    if key.part == "transport":
        return str(found[0].get("transport") or "none") if found else "none"
    share = found[0].get("percent") if found else None
    return f"{share:g} %" if share is not None else "yes" if found else "no"


def _service(document: Document, key: LinkKey) -> tuple[Document, str, str] | None:
    """For a key whose first end is a resource: the row and list that say whom it serves, and the member in question."""
    resources = {row["id"] for row in document["resources"]}
    stations = {row["id"] for row in document["stations"]}
    ends = {key.upstream, key.downstream}
    if key.part or not ends & resources or not ends <= resources | stations:
        return None
    first, second = _row(document, key.upstream), _row(document, key.downstream)
    if first["kind"] == "dispatcher" and second["id"] in resources:
        return first, "team", second["id"]
    resource, station = (first, second) if first["id"] in resources else (second, first)
    if station["kind"] not in ("processor", "combiner", "separator", "multiprocessor"):
        raise ValueError(f"{resource['id']!r} is a {resource['kind']}: it can work at a machine, not at a {station['kind']}")
    return station, "operators", resource["id"]


def set_link(document: Document, key: LinkKey, value: str, shares: dict[tuple[str, str], float]) -> None:
    """Make, take out or change a link; shares are collected in `shares` and given out by `finish_shares`."""
    if served := _service(document, key):
        _set_service(*served, wanted=written.yes_or_no(value))
        return
    found = _find(document, key)
    if key.part == "transport":
        _set_transport(document, found, value)
        return
    word = value.strip().lower()
    if word in ("rest", "the rest"):
        wanted, share = True, None
    elif key.part == "percent" or re.match(r"[\d.]", word):
        share = written.share_percent(value)
        wanted = share > 0
    else:
        wanted, share = written.yes_or_no(value), None
    if not wanted:
        for link in found:
            remove_link(document, link)
        shares.pop((key.upstream, key.downstream), None)
        return
    if not found:
        _add_link(document, key)
    if share is not None:
        shares[key.upstream, key.downstream] = share


def _set_service(row: Document, field: str, member: str, *, wanted: bool) -> None:
    present = row.get(field, [])
    if wanted and member not in present:
        present = [*present, member]
    row[field] = present if wanted else [x for x in present if x != member]
    if field == "operators" and not row[field]:
        row.pop("operator_counts", None)


def _set_transport(document: Document, found: list[Document], value: str) -> None:
    if not found:
        raise ValueError("there is no such link to carry items along")
    names = {row["id"].casefold(): row["id"] for row in document["resources"]}
    wanted = " ".join(value.split()).casefold()
    if wanted not in names and wanted not in ("none", "no"):
        raise ValueError(f"there is no resource {value!r}; there are {', '.join(names.values()) or 'none'}")
    for link in found:
        link["transport"] = names.get(wanted)


def _add_link(document: Document, key: LinkKey) -> None:
    first, second = _row(document, key.upstream), _row(document, key.downstream)
    if first["id"] == second["id"]:
        raise ValueError(f"{first['id']!r} cannot lead to itself")
    if first["kind"] == "sink" or second["kind"] == "source":
        what = f"{first['id']!r} is a sink: nothing leaves it" if first["kind"] == "sink" else f"{second['id']!r} is a source"
        raise ValueError(f"{what}; set its type first")
    entering = sum(x["downstream"] == second["id"] for x in document["links"])
    leaving = _ways_out(document, first["id"])
    document["links"].append(
        {"upstream": first["id"], "downstream": second["id"], "out_port": len(leaving) + 1, "in_port": entering + 1,
         "percent": None, "transport": None}
    )  # fmt: skip
    if second["kind"] == "combiner" and entering and len(second.get("components", [1])) < entering:
        second["components"] = [*second.get("components", []), 1]


def remove_link(document: Document, link: Document) -> None:
    """Take a link out and close the gaps in the ports; a combiner forgets the quantity of that input."""
    document["links"].remove(link)
    for other in document["links"]:
        for end, port in (("upstream", "out_port"), ("downstream", "in_port")):
            if other[end] == link[end] and other[port] > link[port]:
                other[port] -= 1
    first, second = _row(document, link["upstream"]), _row(document, link["downstream"])
    components = second.get("components", [])
    if second["kind"] == "combiner" and len(components) > 1:
        second["components"] = [n for i, n in enumerate(components) if i != max(0, link["in_port"] - 2)]
    rule = first.get("routing", {}).get("rule")
    if rule == "port" and first["routing"]["port"] >= link["out_port"]:
        first["routing"] = {"rule": "first_available"}


def finish_shares(document: Document, shares: Mapping[tuple[str, str], float]) -> None:
    """Percentages that make 100: those said stand, the other ways out share the rest as before (evenly if they had none).

    Raises:
        ValueError: they cannot.
    """
    said_by = {upstream for upstream, _ in shares}
    for row in document["stations"]:
        links = _ways_out(document, row["id"])
        if row["id"] in said_by or row.get("routing", {}).get("rule") == "percent":
            row["routing"] = {"rule": "percent"} if len(links) > 1 else {"rule": "first_available"}
            _share_out(row["id"], links, shares)


def _share_out(name: str, links: list[Document], shares: Mapping[tuple[str, str], float]) -> None:
    said = {i: shares[name, x["downstream"]] for i, x in enumerate(links) if (name, x["downstream"]) in shares}
    total, rest = sum(said.values()), [i for i in range(len(links)) if i not in said]
    if len(links) == 1:
        if said and total != 100:
            raise ValueError(f"{name!r} has only one way out: {total:g} % of the items cannot leave by it alone")
        links[0]["percent"] = None
        return
    if total > 100 + 1e-9 or (not rest and abs(total - 100) > 1e-6):
        raise ValueError(f"the shares of the ways out of {name!r} make {total:g} %")
    before = [links[i]["percent"] for i in rest]
    known = [x for x in before if x is not None]
    weights = [x if x is not None else (sum(known) / len(known) if known else 1.0) for x in before]
    if sum(weights) <= 0:
        weights = [1.0] * len(rest)
    for i, weight in zip(rest, weights, strict=True):
        links[i]["percent"] = round((100 - total) * weight / sum(weights), 9)
    for i, share in said.items():
        links[i]["percent"] = share
