"""What flows: carton, tote, bottle, wafer box, pallet, board, generic part; and the status lamp on its own.

Origin at the middle of the underside. Not covered: what holds them (`stage.make_handling`).
"""

from __future__ import annotations

from gdt2usd.stage.asset_writer import LAMP_PART, Builder, Part, lens
from gdt2usd.stage.meshes import box, cylinder, extruded, hull, moved, revolved, rounded, row, union


def _item(name: str, title: str, *labels: str) -> Builder:
    return Builder(name, "item", (*labels, "item"), title, folder="items")


def carton() -> Builder:
    """A taped corrugated box with a label and arrows."""
    b = _item("Carton", "Carton", "Cardboard_box")
    b.add("Box", "Cardboard", box((0.4, 0.3, 0.28), chamfer=0.004))
    b.add(
        "Tape",
        "KraftDark",
        box((0.404, 0.05, 0.002), (0, 0, 0.2795)),
        *(box((0.003, 0.05, 0.07), (s * 0.2005, 0, 0.21)) for s in (-1, 1)),
    )
    b.add("Flap", "KraftDark", box((0.396, 0.002, 0.0012), (0, 0.026, 0.2796)))
    b.add("Label", "White", box((0.14, 0.003, 0.1), (0.09, -0.1502, 0.12)), box((0.12, 0.16, 0.002), (0.1, 0.0, 0.2805)))
    b.add(
        "Print",
        "Black",
        *(box((0.004 + 0.003 * (i % 3), 0.002, 0.03), (0.04 + 0.011 * i, -0.1522, 0.13)) for i in range(10)),
        box((0.09, 0.002, 0.008), (0.09, -0.1522, 0.19)),
    )
    return b


def tote() -> Builder:
    """A folding-lid plastic tote with ribs and hand holes."""
    b = _item("Tote", "Tote", "Plastic_container")
    body = hull([rounded((0.52, 0.34, 0.01), (0, 0, 0), 0.03), rounded((0.58, 0.38, 0.01), (0, 0, 0.3), 0.03)])
    hollow = hull([rounded((0.49, 0.31, 0.01), (0, 0, 0.012), 0.03), rounded((0.55, 0.35, 0.01), (0, 0, 0.32), 0.03)])
    holes = union(box((0.1, 0.1, 0.035), (s * 0.28, 0, 0.21), chamfer=0.01) for s in (-1, 1))
    b.add("Body", "Blue", body - hollow - holes)
    b.add("Rim", "Blue", rounded((0.6, 0.4, 0.03), (0, 0, 0.285), 0.035, 0.006) - rounded((0.545, 0.345, 0.1), (0, 0, 0.25), 0.03))
    b.add(
        "Ribs",
        "Navy",
        *(box((0.02, 0.398, 0.22), (x, 0, 0.04)) - box((0.1, 0.352, 0.4), (x, 0, 0.0)) for x in (-0.18, -0.06, 0.06, 0.18)),
    )
    b.add(
        "Parts",
        "Brushed",
        *(
            moved(
                cylinder(0.045, 0.09, (0, 0, 0), segments=6),
                (-0.18 + 0.12 * i, -0.08 + 0.16 * j, 0.05 + 0.02 * ((i + j) % 3)),
                (15 * i, 20 * j, 40 * i),
            )
            for i in range(4)
            for j in range(2)
        ),
    )
    b.add("Label", "White", box((0.12, 0.004, 0.07), (0.0, -0.184, 0.12)))
    return b


def bottle() -> Builder:
    """A filled bottle with shoulder, cap and label."""
    b = _item("Bottle", "Bottle", "Bottle")
    profile = [
        (0, 0),
        (0.036, 0),
        (0.04, 0.008),
        (0.04, 0.16),
        (0.036, 0.185),
        (0.018, 0.225),
        (0.0145, 0.24),
        (0.0145, 0.268),
        (0, 0.268),
    ]
    b.add("Glass", "Teal", revolved(profile, segments=24))
    b.add("Label", "White", cylinder(0.0408, 0.075, (0, 0, 0.055), segments=24))
    b.add("LabelBand", "Orange", cylinder(0.0414, 0.018, (0, 0, 0.1), segments=24))
    b.add("Cap", "Red", cylinder(0.0175, 0.026, (0, 0, 0.252), chamfer=0.003, segments=20))
    return b


def wafer_box() -> Builder:
    """A front-opening wafer box: clear shell with handle plate, wafers inside, blue door."""
    b = _item("WaferBox", "Wafer box", "Wafer_carrier")
    shell = rounded((0.38, 0.36, 0.27), (0, 0, 0.03), 0.1, 0.02)
    b.add("Shell", "Amethyst", shell - rounded((0.36, 0.34, 0.24), (0, 0, 0.045), 0.09))
    b.add("Wafers", "Steel", *(cylinder(0.145, 0.003, (0, 0, 0.07 + 0.022 * i), segments=32) for i in range(9)))
    b.add("Slots", "White", *(box((0.02, 0.06, 0.2), (s * 0.15, 0.05, 0.06)) for s in (-1, 1)))
    b.add("Base", "White", rounded((0.36, 0.34, 0.03), (0, 0, 0.0), 0.08))
    b.add("Door", "SkyBlue", box((0.3, 0.03, 0.25), (0, -0.175, 0.035), chamfer=0.008))
    b.add("Latches", "White", *(cylinder(0.025, 0.012, (s * 0.07, -0.193, 0.16), "y", segments=18) for s in (-1, 1)))
    b.add(
        "Flange",
        "SkyBlue",
        box((0.14, 0.14, 0.014), (0, 0, 0.325), chamfer=0.004),
        cylinder(0.035, 0.05, (0, 0, 0.285), segments=18),
    )
    b.add("SideGrips", "SkyBlue", *(rounded((0.03, 0.15, 0.04), (s * 0.2, 0, 0.16), 0.012) for s in (-1, 1)))
    return b


def pallet() -> Builder:
    """A wooden pallet (1.2 x 0.8 m, 144 mm high): boards, blocks, runners."""
    b = _item("Pallet", "Pallet", "Pallet")
    gaps = (-0.3275, -0.18, 0.0, 0.18, 0.3275)
    widths = (0.145, 0.1, 0.145, 0.1, 0.145)
    b.add("Deck", "Wood", *(box((1.2, w, 0.022), (0, y, 0.122), chamfer=0.003) for y, w in zip(gaps, widths, strict=True)))
    b.add("Stringers", "Wood", *(box((0.145, 0.8, 0.022), (x, 0, 0.1)) for x in (-0.5275, 0.0, 0.5275)))
    b.add(
        "Blocks",
        "KraftDark",
        *(box((0.145, 0.1 if y else 0.145, 0.079), (x, y, 0.0215)) for x in (-0.5275, 0.0, 0.5275) for y in (-0.35, 0.0, 0.35)),
    )
    b.add("Runners", "Wood", *(box((1.2, 0.1 if y else 0.145, 0.022), (0, y, 0.0)) for y in (-0.35, 0.0, 0.35)))
    return b


def board() -> Builder:
    """A populated circuit board in its carrier."""
    b = _item("Board", "Circuit board", "Printed_circuit_board")
    b.add("Carrier", "Charcoal", box((0.34, 0.26, 0.012), (0, 0, 0)) - box((0.28, 0.2, 0.1), (0, 0, -0.02)))
    b.add("Laminate", "BoardGreen", box((0.3, 0.22, 0.003), (0, 0, 0.012)))
    chips = [
        (-0.08, 0.05, 0.05, 0.05),
        (0.05, 0.04, 0.07, 0.04),
        (0.1, -0.05, 0.03, 0.03),
        (-0.06, -0.055, 0.06, 0.025),
        (0.02, -0.05, 0.03, 0.03),
        (-0.125, -0.03, 0.02, 0.05),
    ]
    b.add("Chips", "Black", *(box((w, d, 0.006), (x, y, 0.015), chamfer=0.001) for x, y, w, d in chips))
    pads = [
        row(box((0.003, 0.006, 0.002), (x, y + s * (d / 2 + 0.004), 0.015)), 8, (w / 9, 0, 0))
        for x, y, w, d in chips[:4]
        for s in (-1, 1)
    ]
    b.add("Pads", "Gold", *pads)
    b.add("Capacitors", "Brushed", *(cylinder(0.008, 0.014, (0.125, 0.02 + 0.024 * i, 0.015), segments=14) for i in range(3)))
    b.add("Connector", "White", box((0.12, 0.018, 0.014), (0, 0.1, 0.015), chamfer=0.002))
    b.add("Tracks", "Lime", *(box((0.09, 0.0016, 0.0006), (-0.02, -0.02 + 0.006 * i, 0.015)) for i in range(5)))
    return b


def part() -> Builder:
    """A machined housing: flange, boss, bores, bolts."""
    b = _item("Part", "Part", "Machine_part")
    plate = rounded((0.3, 0.3, 0.05), (0, 0, 0), 0.05, 0.006)
    bores = union(cylinder(0.016, 0.3, (sx * 0.11, sy * 0.11, -0.1), segments=16) for sx in (-1, 1) for sy in (-1, 1))
    boss = cylinder(0.1, 0.13, (0, 0, 0.045), chamfer=0.01, segments=36)
    neck = cylinder(0.04, 0.17, (0.09, 0, 0.1), "x", segments=24)
    ribs = union(
        moved(extruded([(0.09, 0.045), (0.14, 0.045), (0.09, 0.13)], 0.016, "y"), (0, 0, 0), (0, 0, a)) for a in (60, 120, 240, 300)
    )
    b.add(
        "Casting",
        "Steel",
        union([plate, boss, neck, ribs])
        - bores
        - cylinder(0.06, 0.4, (0, 0, 0.03), segments=32)
        - cylinder(0.026, 0.3, (0.12, 0, 0.1), "x", segments=20),
    )
    b.add("Bearing", "Gold", cylinder(0.062, 0.02, (0, 0, 0.15), segments=36) - cylinder(0.042, 0.2, (0, 0, 0.1), segments=32))
    b.add(
        "Collar",
        "Orange",
        cylinder(0.05, 0.03, (0.15, 0, 0.1), "x", segments=24) - cylinder(0.026, 0.3, (0.15, 0, 0.1), "x", segments=20),
    )
    return b


def status_lamp() -> Builder:
    """The lens of the status lamp alone, a little larger than a machine's own, to be laid over it and animated."""
    b = Builder("StatusLamp", "lamp", ("Signal_lamp",), "Status lamp", folder="items")
    b.parts[LAMP_PART] = Part("", LAMP_PART, [lens((0.0, 0.0, -0.001), grow=0.004)])
    b.lamp_m = (0.0, 0.0, 0.0)
    return b


BUILDERS = (carton, tote, bottle, wafer_box, pallet, board, part, status_lamp)
