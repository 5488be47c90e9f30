"""Makes the asset library: `python -m gdt2usd.stage.make_assets [FOLDER] [NAME ...]` writes all assets, `library.json`, the looks.

The same input gives the same files. Not covered: choosing among them (`catalog.toml`, `stage.catalog`).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from gdt2usd.shipped import assets_folder
from gdt2usd.stage import (
    make_cells,
    make_hall,
    make_handling,
    make_items,
    make_lights,
    make_machines,
    make_people,
    make_process,
    make_thermal,
    make_vehicles,
)
from gdt2usd.stage.asset_writer import Builder, write
from gdt2usd.stage.make_looks import write_looks

MODULES = (
    make_machines,
    make_thermal,
    make_process,
    make_cells,
    make_handling,
    make_vehicles,
    make_people,
    make_items,
    make_hall,
    make_lights,
)
BUILDERS: tuple[Callable[[], Builder], ...] = tuple(build for module in MODULES for build in module.BUILDERS)


def make(folder: Path, names: Iterable[str] = ()) -> dict[str, Any]:
    """Write the assets (only `names`, if any) below `folder` and their rows into its `library.json`; returns all rows."""
    wanted = set(names)
    index = folder / "library.json"
    rows: dict[str, Any] = json.loads(index.read_text(encoding="utf-8"))["assets"] if index.exists() else {}
    for build in BUILDERS:
        if wanted and not any(build.__name__.replace("_", "") == name.lower() for name in wanted):
            continue
        builder = build()
        rows[builder.name] = write(builder, folder)
    write_looks(folder)
    lines = ",\n".join(f"  {json.dumps(name)}: {json.dumps(rows[name])}" for name in sorted(rows))
    index.write_text('{"assets": {\n' + lines + "\n}}\n", encoding="utf-8")
    return rows


if __name__ == "__main__":
    arguments = sys.argv[1:]
    target = Path(arguments[0]) if arguments else assets_folder()
    made = make(target, arguments[1:])
    sys.stderr.write(f"{len(made)} assets, {sum(row['triangles'] for row in made.values())} triangles, in {target}\n")
