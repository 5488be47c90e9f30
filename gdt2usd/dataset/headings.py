"""Headings of prompts and sketches: `Kitting cell 3, draft 2`; their words often stand in names too, but they name no object.

The same names give the same heading, so that a prompt and its sketch can bear one title. Not covered: where it is written.
"""

from __future__ import annotations

import random
import re
import zlib
from collections.abc import Iterable

_THEMES = (
    "Reflow", "Gear shaft", "Door panel", "Syrup", "Blow mould", "Kitting", "Coil", "Reticle", "Outbound", "Crank", "Yoghurt",
    "Sachet", "Stent", "Cabinet", "Rotor", "Stator", "Panel", "Bumper", "Wafer back-end", "Mailer", "Returns", "Dough", "Valve",
    "Casting", "Hose", "Lens", "Pouch", "Chassis", "PCB", "Box build", "Tray", "Vial", "Tablet", "Hinge", "Frame", "Axle", "Filter",
    "Pump", "Inverter", "Sensor", "Cable", "Spindle", "Brake disc", "Cheese", "Snack", "Juice", "Litho", "Etch", "Probe", "Parcel",
    "Mezzanine", "Cold store", "Repack", "Weld", "Paint", "Press", "Trim", "Test", "Packing", "Assembly", "Inspection", "Machining",
)  # fmt: skip
_PLACES = (
    "line", "line", "line", "line", "cell", "cell", "bay", "hall", "shop", "area", "module", "department", "section", "floor",
    "loop", "building", "zone", "production", "assembly", "island", "plant", "unit", "process", "flow",
)  # fmt: skip
_FORMS = (
    "{T} {p}", "{T} {p}", "{t} {p}", "{T} {P}", "{T} {P} {n}", "{T} {p} {n}", "{t} {p} {n}", "{T} {p} no. {n}", "{T} {p} #{n}",
    "{T} {p}, draft {n}", "{T} {p} - draft", "{T} {p} v{n}", "{T} {p}, rev. {n}", "{T} {P} / rev {L}", "{T} {p} (as is)",
    "{T} {p} (new)", "{T} - {P} {n}", "{T} {p} - cell {n}", "{T} {p} - Line {L}", "{P} {n}: {T}", "{P} {L} - {T}", "{p} {n} {t}",
    "{T} {p}, hall {n}", "{T} {p}, plant {n}", "{T} {p}, floor {n}", "{T} {p} {L}", "{T} {P} {L}", "{T} {p} {y}", "{T} {p} {d}",
    "{T} {p}, status {d}", "{T} {p}, {d}", "{P} {T}", "{P} {n}", "{P} {L}", "Layout {T} {p}", "Layout {t} {p} {n}", "{T} layout",
    "{T} layout v{n}", "{T} concept", "{T} & {U} {p}", "{T} and {u} {p}", "{T} + {U}", "{T} / {U}", "{T} {p} simulation",
    "{T} study", "Project {T}", "Project {T} {P}", "{T} pilot", "{T} pilot {p}", "{T} project, phase {n}", "model of {t} {p}",
    "{T} {p} after the rebuild", "{T} {p} (shift {n})", "our {t} {p}", "{t} {p}", "{t} {p} ({L})", "{t}-{p} {n}", "NEW {t} {p}",
)  # fmt: skip
_DATES = (
    "12 March", "3 June", "2025-02-11", "14.09.", "07.11.25", "wk 23", "KW 41", "May", "Q3", "Oct 2025", "21/4", "2027",
)  # fmt: skip


def heading_of(names: Iterable[str], variant: int = 0) -> str:
    """A heading for the line whose objects bear these names; each `variant` is another one."""
    known = sorted(names)
    rnd = random.Random(zlib.crc32("\n".join(known).encode()) + variant)
    words = [word for name in known for word in re.findall(r"[^\W\d_]{4,}", name)]
    spelled = {name.lower() for name in known}
    heading = ""
    for _ in range(8):
        theme, other = (rnd.choice(words).capitalize() if words and rnd.random() < 0.5 else rnd.choice(_THEMES) for _ in range(2))
        place = rnd.choice(_PLACES)
        heading = rnd.choice(_FORMS).format(
            T=theme, t=theme if theme.isupper() else theme.lower(), U=other, u=other.lower(), p=place, P=place.capitalize(),
            n=rnd.randint(1, 9), L=rnd.choice("ABCDEX"), y=rnd.randint(2023, 2029), d=rnd.choice(_DATES),
        )  # fmt: skip
        if not any(len(name) > 2 and name in heading.lower() for name in spelled):
            return heading
    return "Layout"
