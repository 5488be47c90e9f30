"""What drives and lifts: AGV, forklift, bridge crane; and the dispatcher's desk. Vehicles face +X.

Not covered: people (`stage.make_people`).
"""

from __future__ import annotations

from gdt2usd.stage.asset_writer import Builder
from gdt2usd.stage.meshes import box, cylinder, extruded, hull, limb, moved, rod, rounded, row


def agv() -> Builder:
    """A flat mobile robot: rounded body, lift deck, scanners at two corners, light band, wheels."""
    b = Builder("AGV", "vehicle", ("Automated_guided_vehicle", "agv"), "AGV")
    b.add(
        "Body",
        "White",
        rounded((1.5, 0.86, 0.22), (0, 0, 0.06), 0.16, 0.03)
        - cylinder(0.16, 0.1, (0.72, -0.4, 0.13))
        - cylinder(0.16, 0.1, (-0.72, 0.4, 0.13)),
    )
    b.add("Skirt", "Charcoal", rounded((1.46, 0.82, 0.1), (0, 0, 0.035), 0.15))
    b.add("Band", "Laser", rounded((1.51, 0.87, 0.018), (0, 0, 0.235), 0.165))
    b.add("Deck", "DarkGrey", rounded((1.24, 0.72, 0.05), (0, 0, 0.28), 0.06, 0.01))
    b.add("Grip", "Rubber", row(box((1.1, 0.05, 0.008), (0, 0, 0.328)), 5, (0, 0.13, 0)))
    b.add("Scanners", "Yellow", *(cylinder(0.075, 0.035, (sx * 0.66, -sx * 0.34, 0.135)) for sx in (-1, 1)))
    b.add("ScannerEyes", "Black", *(cylinder(0.07, 0.03, (sx * 0.66, -sx * 0.34, 0.165)) for sx in (-1, 1)))
    b.add("Wheels", "Rubber", *(cylinder(0.09, 0.06, (x, s * 0.32, 0.09), "y") for x in (-0.45, 0.0, 0.45) for s in (-1, 1)))
    b.add("Accent", "Orange", *(box((0.5, 0.012, 0.05), (0, s * 0.427, 0.15)) for s in (-1, 1)))
    b.add("Arrow", "Orange", extruded([(0.42, 0.0), (0.3, 0.12), (0.3, -0.12)], 0.006, "z", (0, 0, 0.334)))
    b.add(
        "Stop",
        "ButtonRed",
        cylinder(0.03, 0.025, (-0.66, -0.25, 0.28), segments=16),
        cylinder(0.03, 0.025, (0.66, 0.25, 0.28), segments=16),
    )
    b.slots += [(0.0, 0.0, 0.336), (-0.35, 0.0, 0.336), (0.35, 0.0, 0.336)]
    return b


def forklift() -> Builder:
    """A counterbalance truck: body, overhead guard, seat, wheel, two-stage mast, carriage with forks that lift."""
    b = Builder("Forklift", "vehicle", ("Forklift", "transporter"), "Forklift")
    hull_ = extruded(
        [
            (-1.15, 0.28),
            (0.3, 0.28),
            (0.42, 0.5),
            (0.42, 0.62),
            (0.0, 0.62),
            (-0.1, 0.78),
            (-0.3, 0.86),
            (-0.95, 0.95),
            (-1.18, 0.85),
            (-1.25, 0.5),
        ],
        1.06,
        "y",
    )
    b.add("Body", "Yellow", hull_)
    b.add("Counterweight", "Charcoal", rounded((0.42, 1.08, 0.52), (-1.1, 0, 0.26), 0.14, 0.03))
    b.add("FloorPlate", "Charcoal", box((0.5, 0.9, 0.03), (0.18, 0, 0.615)))
    b.add(
        "Seat",
        "Black",
        rounded((0.46, 0.48, 0.13), (-0.32, 0, 0.86), 0.06, 0.02),
        moved(rounded((0.12, 0.46, 0.58), (0, 0, 0), 0.05, 0.02), (-0.56, 0, 0.94), (0, -8, 0)),
    )
    b.add("Dash", "Charcoal", moved(box((0.14, 0.8, 0.5), chamfer=0.03), (0.36, 0, 0.6), (0, 8, 0)))
    b.add(
        "Steering",
        "Black",
        moved(
            cylinder(0.17, 0.025, (0, 0, 0), segments=28) - cylinder(0.14, 0.1, (0, 0, -0.03), segments=28),
            (0.18, 0.0, 1.18),
            (0, -35, 0),
        ),
        rod((0.34, 0, 1.02), (0.18, 0, 1.19), 0.018),
        moved(box((0.28, 0.03, 0.012)), (0.18, 0, 1.185), (0, -35, 0)),
    )
    b.add(
        "Roof",
        "Charcoal",
        *(
            rod(p, q, 0.032)
            for s in (-1, 1)
            for p, q in (
                ((0.38, s * 0.46, 0.62), (0.22, s * 0.44, 2.08)),
                ((0.22, s * 0.44, 2.08), (-0.72, s * 0.44, 2.1)),
                ((-0.72, s * 0.44, 2.1), (-0.95, s * 0.46, 0.9)),
            )
        ),
    )
    b.add(
        "RoofBars",
        "Charcoal",
        row(box((0.03, 0.9, 0.03), (-0.25, 0, 2.075)), 7, (0.14, 0, 0)),
        *(box((0.05, 0.9, 0.05), (x, 0, 2.07)) for x in (0.2, -0.7)),
    )
    tyres = [(0.5, 0.32, 0.2), (-0.85, 0.28, 0.18)]
    for x, r, w in tyres:
        b.add("Tyres", "Rubber", *(cylinder(r, w, (x, s * 0.5, r), "y", chamfer=0.03, segments=36) for s in (-1, 1)))
        b.add("Rims", "LightGrey", *(cylinder(r * 0.55, w + 0.02, (x, s * 0.5, r), "y", segments=28) for s in (-1, 1)))
        b.add("Hubs", "DarkSteel", *(cylinder(r * 0.2, w + 0.05, (x, s * 0.5, r), "y", segments=12) for s in (-1, 1)))
    b.add(
        "Mast",
        "DarkSteel",
        *(box((0.12, 0.08, 1.98), (0.88, s * 0.32, 0.1)) for s in (-1, 1)),
        *(box((0.07, 0.7, 0.1), (0.9, 0, z)) for z in (0.16, 1.1, 1.96)),
    )
    b.add("MastBase", "Yellow", box((0.36, 0.6, 0.2), (0.68, 0, 0.26)))
    b.add("LiftCylinders", "Brushed", *(cylinder(0.035, 1.7, (0.82, s * 0.2, 0.15)) for s in (-1, 1)))
    fork = b.pivot("Carriage", (1.0, 0.0, 0.0), "translateZ", 0.0, 2.6)
    b.add(
        "CarriagePlate",
        "Charcoal",
        *(box((0.05, 0.92, 0.08), (0.0, 0, z)) for z in (0.14, 0.5)),
        *(box((0.05, 0.06, 0.44), (0.0, s * 0.2, 0.14)) for s in (-1, 1)),
        parent=fork,
    )
    b.add(
        "Backrest",
        "Charcoal",
        row(box((0.03, 0.025, 0.7), (0.0, 0, 0.55)), 6, (0, 0.17, 0)),
        box((0.03, 0.9, 0.04), (0, 0, 1.24)),
        parent=fork,
    )
    b.add(
        "Forks",
        "DarkSteel",
        *(
            extruded(
                [(0.02, 0.05), (0.9, 0.05), (1.15, 0.06), (1.15, 0.075), (0.9, 0.095), (0.065, 0.1), (0.065, 0.58), (0.02, 0.58)],
                0.11,
                "y",
                (0, s * 0.27, 0),
            )
            for s in (-1, 1)
        ),
        parent=fork,
    )
    b.add("Lights", "WorkLight", *(cylinder(0.06, 0.06, (0.42, s * 0.4, 1.9), "x", segments=18) for s in (-1, 1)))
    b.add("Beacon", "AmberGlass", cylinder(0.05, 0.09, (-0.6, 0, 2.12)))
    b.add("TailLights", "ButtonRed", *(box((0.02, 0.1, 0.06), (-1.245, s * 0.36, 0.86)) for s in (-1, 1)))
    b.footprint_m = (2.6, 1.2)
    b.slots += [(1.55, 0.0, 0.105)]
    return b


def crane() -> Builder:
    """A bridge crane on its own portal: runway beams on columns, a bridge that travels, a trolley, a hook that lowers."""
    b = Builder("Crane", "crane", ("Overhead_crane", "crane"), "Bridge crane")
    posts = [(sx * 3.9, sy * 2.9) for sx in (-1, 1) for sy in (-1, 1)]
    h_beam = [
        (-0.12, -0.12),
        (0.12, -0.12),
        (0.12, -0.09),
        (0.015, -0.09),
        (0.015, 0.09),
        (0.12, 0.09),
        (0.12, 0.12),
        (-0.12, 0.12),
        (-0.12, 0.09),
        (-0.015, 0.09),
        (-0.015, -0.09),
        (-0.12, -0.09),
    ]
    b.add("Columns", "Yellow", *(extruded(h_beam, 4.3, "z", (x, y, 2.15)) for x, y in posts))
    b.add("ColumnFeet", "DarkGrey", *(box((0.45, 0.45, 0.03), (x, y, 0)) for x, y in posts))
    b.add(
        "ColumnMarks",
        "Black",
        *(box((0.25, 0.25, 0.12), (x, y, z)) - box((0.4, 0.4, 0.02), (x, y, 0)) for x, y in posts for z in (0.4, 0.75)),
    )
    runway = [
        (-0.1, 0),
        (0.1, 0),
        (0.1, 0.03),
        (0.012, 0.03),
        (0.012, 0.33),
        (0.1, 0.33),
        (0.1, 0.36),
        (-0.1, 0.36),
        (-0.1, 0.33),
        (-0.012, 0.33),
        (-0.012, 0.03),
        (-0.1, 0.03),
    ]
    b.add("Runways", "Yellow", *(extruded([(y, z + 4.3) for y, z in runway], 8.2, "x", (0, s * 2.9, 0)) for s in (-1, 1)))
    b.add("Rails", "DarkSteel", *(box((8.2, 0.05, 0.05), (0, s * 2.9, 4.66)) for s in (-1, 1)))
    b.add(
        "Knees",
        "Yellow",
        *(
            extruded([(x - sx * 0.1, 3.7), (x - sx * 0.16, 3.7), (x - sx * 0.8, 4.3), (x - sx * 0.7, 4.3)], 0.08, "y", (0, y, 0))
            for (x, y), sx in zip(posts, (-1, -1, 1, 1), strict=True)
        ),
    )
    bridge = b.pivot("Bridge", (0.0, 0.0, 4.71), "translateX", -3.3, 3.3)
    b.add("Girder", "Orange", *(box((0.22, 5.9, 0.42), (sx * 0.4, 0, 0.06), chamfer=0.01) for sx in (-1, 1)), parent=bridge)
    b.add("EndTrucks", "Charcoal", *(box((1.4, 0.26, 0.26), (0, s * 2.9, 0.0), chamfer=0.02) for s in (-1, 1)), parent=bridge)
    b.add("GirderSign", "White", box((0.012, 1.1, 0.2), (-0.516, 0, 0.16)), parent=bridge)
    b.add("SignBars", "Navy", *(box((0.012, 0.12, 0.12), (-0.523, y, 0.2)) for y in (-0.36, -0.12, 0.12, 0.36)), parent=bridge)
    trolley = b.pivot("Trolley", (0.0, 0.0, 0.48), "translateY", -2.3, 2.3, bridge)
    b.add(
        "TrolleyBody",
        "Charcoal",
        box((1.05, 0.7, 0.12), (0, 0, 0.04), chamfer=0.015),
        rounded((0.5, 0.4, 0.26), (0.1, 0, 0.16), 0.05),
        cylinder(0.13, 0.3, (-0.3, 0, 0.26), "x"),
        parent=trolley,
    )
    b.add("Drum", "Steel", cylinder(0.14, 0.5, (0, 0, -0.02), "y"), parent=trolley)
    hook = b.pivot("Hook", (0.0, 0.0, -2.2), "translateZ", -2.4, 1.2, trolley)
    ropes = b.pivot("Ropes", (0.0, 0.0, 0.0), "scaleZ", 0.3, 2.2, trolley)
    b.add(
        "RopePair", "DarkSteel", *(rod((s * 0.06, 0, -2.0), (s * 0.06, 0, 0.0), 0.012, segments=8) for s in (-1, 1)), parent=ropes
    )
    b.add("Block", "Yellow", rounded((0.26, 0.16, 0.32), (0, 0, -0.05), 0.05, 0.02), parent=hook)
    b.add(
        "HookIron",
        "DarkSteel",
        limb(
            [(0, 0, -0.05), (0, 0, -0.14), (0.08, 0, -0.22), (0.03, 0, -0.31), (-0.06, 0, -0.28)],
            [0.028, 0.028, 0.026, 0.024, 0.012],
        ),
        parent=hook,
    )
    b.lamp(-3.9, -2.9, 4.66, pole=0.1)
    b.slots += [(0.0, 0.0, 2.4)]
    b.service_m = (0.0, -3.4, 0.0)
    return b


def dispatcher() -> Builder:
    """A control desk: table with three screens, keyboard, chair, low partition with a planning board."""
    b = Builder("Dispatcher", "office", ("Control_desk", "dispatcher"), "Dispatcher")
    top = hull([box((1.8, 0.7, 0.04), (0, 0.15, 0.72)), box((1.5, 0.1, 0.04), (0, -0.22, 0.72))])
    b.add("Top", "Wood", top)
    b.add(
        "Frame",
        "DarkGrey",
        *(box((0.06, 0.6, 0.05), (s * 0.78, 0.12, 0)) for s in (-1, 1)),
        *(box((0.08, 0.08, 0.7), (s * 0.78, 0.2, 0.02)) for s in (-1, 1)),
        box((1.5, 0.05, 0.1), (0, 0.3, 0.6)),
    )
    for i, (x, y, turn) in enumerate(((-0.56, 0.16, 22), (0.0, 0.25, 0), (0.56, 0.16, -22))):
        b.add(
            "Monitors",
            "Black",
            moved(box((0.56, 0.03, 0.36), (0, 0, 0.16), chamfer=0.008), (x, y, 0.76), (0, 0, turn)),
            moved(box((0.05, 0.04, 0.2)), (x, y + 0.02, 0.76), (0, 0, turn)),
            cylinder(0.11, 0.012, (x, y + 0.02, 0.76)),
        )
        b.add("Screens", "Screen", moved(box((0.52, 0.008, 0.32), (0, -0.016, 0.18)), (x, y, 0.76), (0, 0, turn)))
        bars = [box((0.04, 0.006, 0.06 + 0.035 * ((k * 3 + i) % 5)), (-0.18 + 0.075 * k, -0.021, 0.2)) for k in range(6)]
        b.add("Charts", "ScreenText", *(moved(m, (x, y, 0.76), (0, 0, turn)) for m in bars))
    b.add(
        "Keyboard",
        "Charcoal",
        box((0.46, 0.16, 0.022), (0, -0.12, 0.76), chamfer=0.006),
        box((0.07, 0.11, 0.03), (0.36, -0.12, 0.76), chamfer=0.01),
    )
    b.add("Partition", "SkyBlue", rounded((2.0, 0.06, 1.45), (0, 0.62, 0.05), 0.02))
    b.add(
        "PartitionFrame",
        "Aluminium",
        *(box((0.05, 0.09, 1.55), (s * 1.0, 0.62, 0)) for s in (-1, 1)),
        box((2.05, 0.08, 0.04), (0, 0.62, 1.5)),
    )
    b.add("Board", "White", box((1.1, 0.012, 0.5), (0, 0.583, 1.0 - 0.08)))
    b.add(
        "Cards",
        "Amber",
        *(
            box((0.09, 0.01, 0.06), (-0.42 + 0.14 * i, 0.576, 1.02 + 0.1 * j))
            for i in range(7)
            for j in range(4)
            if (i * 5 + j * 3) % 4
        ),
    )
    b.add(
        "Chair",
        "Charcoal",
        rounded((0.46, 0.46, 0.08), (0, -0.62, 0.46), 0.1, 0.02),
        moved(rounded((0.42, 0.06, 0.5), (0, 0, 0), 0.03), (0, -0.86, 0.6), (8, 0, 0)),
        cylinder(0.025, 0.4, (0, -0.62, 0.08)),
    )
    b.add(
        "ChairStar",
        "Black",
        cylinder(0.05, 0.06, (0, -0.62, 0.06)),
        *(
            rod((0.2 * p[0], -0.62 + 0.2 * (p[1] + 0.62), 0.085), p, 0.02)
            for p in ((0.28, -0.62, 0.05), (-0.28, -0.62, 0.05), (0.0, -0.34, 0.05), (0.16, -0.86, 0.05), (-0.16, -0.86, 0.05))
        ),
    )
    b.lamp(0.95, 0.62, 1.54, pole=0.06)
    b.footprint_m = (2.1, 1.9)
    return b


BUILDERS = (agv, forklift, crane, dispatcher)
