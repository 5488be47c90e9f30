"""Makes the packaged reference from the tables of one FlexSim release: python -m gdt2usd.script.make_reference FOLDER RELEASE

FOLDER holds commands.tsv, class_members.tsv, classes.tsv and properties.tsv; what they lack is in `reference_notes.toml`.
The result is `flexsim-RELEASE.json` beside this file. A new FlexSim is a new table, not new code.
"""

from __future__ import annotations

import csv
import json
import re
import sys
import tomllib
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
NOTES = HERE / "reference_notes.toml"

Row = dict[str, str]


def read_table(path: Path) -> list[Row]:
    """The rows of one tab-separated table by column name."""
    with path.open(encoding="utf-8", newline="") as file:
        return [{k: v or "" for k, v in row.items()} for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)]


def arguments_of(signature: str) -> tuple[int, int | None] | None:
    """The least and greatest number of arguments a signature allows (None: any number); None where it has no list of them."""
    match = re.search(r"\((.*)\)", signature, re.S)
    if match is None:
        return None
    inside = re.sub(r"\{[^}]*\}|\"[^\"]*\"|'[^']*'", "", match.group(1))
    inside = re.sub(r"\([^()]*\)", "", inside).strip()
    if not inside or inside == "void":
        return 0, 0
    if inside == "thing":
        return None
    least = greatest = 0
    depth = 0
    for part in re.findall(r"[\[\]]|[^\[\],]+", inside):
        if part == "[":
            depth += 1
        elif part == "]":
            depth = max(0, depth - 1)
        elif part.strip():
            greatest += 1
            least += depth == 0 and "=" not in part
    return least, None if "..." in inside else greatest


def commands(rows: list[Row]) -> dict[str, Any]:
    """name: [signature, least, greatest (-1: any, -2: unknown), what replaces it or "" or null if not deprecated]."""
    made: dict[str, Any] = {}
    for row in rows:
        limits = arguments_of(row["signature"])
        least, greatest = (0, -2) if limits is None else (limits[0], -1 if limits[1] is None else limits[1])
        replacement = row["replacedBy"] if row["replacedBy"] not in ("null", "the", row["name"]) else ""
        made[row["name"]] = [row["signature"], least, greatest, replacement if row["deprecated"] == "true" else None]
    return made


def corrected(made: dict[str, Any], notes: dict[str, Any]) -> dict[str, Any]:
    """The commands with the numbers of arguments that `reference_notes.toml` corrects."""
    for name, (least, greatest) in notes["commands"]["arity"].items():
        made[name][1:3] = [least, greatest]
    return made


def classes(rows: list[Row]) -> dict[str, Any]:
    """FlexScript class: {"methods": {name: signature}, "properties": {name: signature}}; `::` becomes a dot, as in scripts."""
    made: dict[str, Any] = {}
    for row in rows:
        entry = made.setdefault(row["class"].replace("::", "."), {"methods": {}, "properties": {}})
        entry["methods" if row["kind"] == "method" else "properties"][row["member"]] = row["signature"]
    return made


def options_of(text: str) -> dict[str, float]:
    """`Pack=1; Join=2` as a dictionary."""
    made: dict[str, float] = {}
    for part in text.split(";"):
        name, equals, value = part.strip().rpartition("=")
        if equals and re.fullmatch(r"-?\d+(\.\d+)?", value.strip()):
            made[name.strip()] = float(value)
    return made


def objects(class_rows: list[Row], property_rows: list[Row], notes: dict[str, Any]) -> tuple[dict[str, Any], list[Any]]:
    """FlexSim class: [parents, numbers of its properties]; and the properties, each [name, type, value kind, options]."""
    definitions: dict[tuple[str, str, str, str], int] = {}
    properties: list[Any] = []
    made: dict[str, Any] = {row["schema_class"]: [parents_of(row), []] for row in class_rows}
    for row in property_rows:
        key = (row["property"], row["type"], row["value_kind"], row["options"])
        if key not in definitions:
            definitions[key] = len(properties)
            options = notes["options"].get(row["property"]) or options_of(row["options"])
            properties.append([row["property"], row["type"], row["value_kind"], options])
        made.setdefault(row["class"], [[], []])[1].append(definitions[key])
    return made, properties


def parents_of(row: Row) -> list[str]:
    """The classes whose properties a class has, by their bare names."""
    names = [path.strip().rpartition("/")[2] for path in row["inherits_property_paths"].split(";") if path.strip()]
    return [name for name in dict.fromkeys(names) if name != row["schema_class"]]


def make_reference(folder: Path, release: str) -> dict[str, Any]:
    """The whole reference as one JSON value."""
    notes = tomllib.loads(NOTES.read_text(encoding="utf-8"))
    made_objects, properties = objects(read_table(folder / "classes.tsv"), read_table(folder / "properties.tsv"), notes)
    return {
        "schema": "gdt2usd.reference/1",
        "flexsim": release,
        "commands": corrected(commands(read_table(folder / "commands.tsv")), notes),
        "classes": classes(read_table(folder / "class_members.tsv")),
        "objects": made_objects,
        "properties": properties,
        "notes": notes,
    }


def main(arguments: list[str]) -> int:
    """Write the file for FOLDER and RELEASE."""
    if len(arguments) != 2:
        sys.stderr.write("usage: python -m gdt2usd.script.make_reference FOLDER RELEASE\n")
        return 2
    folder, release = arguments
    text = json.dumps(make_reference(Path(folder), release), separators=(",", ":"), ensure_ascii=False)
    (HERE / f"flexsim-{release}.json").write_text(text + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
