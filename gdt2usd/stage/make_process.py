"""Process equipment: wet bench, exposure scanner, inspection, packaging, filler, work bench.

Not covered: ovens and booths (`stage.make_thermal`), machines that shape metal (`stage.make_machines`),
assembly cells (`stage.make_cells`).
"""

from __future__ import annotations

from gdt2usd.stage.asset_kit import (
    TRANSPORT_M,
    bar_handle,
    conduit,
    eye_bolts,
    feet,
    legs,
    louvre,
    nameplate,
    pane,
    pendant,
    plinth,
    roller_bed,
    rollers,
    roof_unit,
    seams,
    wall_panel,
)
from gdt2usd.stage.asset_writer import Builder
from gdt2usd.stage.meshes import box, cylinder, extruded, limb, moved, revolved, rod, rounded, row, union

H = TRANSPORT_M


def wet_bench() -> Builder:
    """A clean-room wet bench: white laminar-flow hood over a row of tanks, robot rail, glazed front."""
    b = Builder("WetBench", "cleanroom", ("Wet_bench", "Machine", "processor"), "Wet bench")
    plinth(b, (3.2, 1.4))
    deck = rounded((3.2, 1.4, 0.74), (0, 0, 0.1), 0.04, 0.012)
    tanks = [(-1.05, 0.0), (-0.35, 0.0), (0.35, 0.0), (1.05, 0.0)]
    b.add("Deck", "White", deck - union(box((0.54, 0.62, 0.4), (x, y, 0.5)) for x, y in tanks))
    b.add("Tanks", "Brushed", *((box((0.56, 0.64, 0.42), (x, y, 0.44)) - box((0.5, 0.58, 0.5), (x, y, 0.5))) for x, y in tanks))
    b.add("Baths", "Liquid", *(box((0.5, 0.58, 0.24), (x, y, 0.5)) for x, y in tanks[:3]))
    b.add("Cassette", "Cream", *(box((0.3, 0.02, 0.22), (0.35, -0.18 + 0.06 * i, 0.7)) for i in range(7)))
    b.add(
        "Back", "White", box((3.2, 0.1, 1.5), (0, 0.65, 0.84)), *(box((0.06, 1.3, 0.9), (sx * 1.57, 0.05, 1.46)) for sx in (-1, 1))
    )
    b.add("Header", "White", rounded((3.2, 1.4, 0.42), (0, 0, 2.1), 0.05, 0.015))
    b.add("Band", "SkyBlue", box((3.21, 1.41, 0.07), (0, 0, 2.16)), box((3.21, 1.41, 0.05), (0, 0, 0.3)))
    b.add("Filters", "LightGrey", row(box((0.9, 1.0, 0.05), (0, 0, 2.06)), 3, (1.0, 0, 0)))
    b.add("Lighting", "WorkLight", box((2.8, 0.05, 0.02), (0, -0.5, 2.085)))
    for x, n in ((-0.78, "Left"), (0.78, "Right")):
        pane(b, f"Sash{n}", (1.48, 0.62), (x, -0.66, 1.44))
    b.add("Rail", "Aluminium", box((3.0, 0.08, 0.12), (0, 0.52, 1.75)))
    b.add(
        "Lifter",
        "SkyBlue",
        rounded((0.24, 0.2, 0.4), (0.35, 0.44, 1.6), 0.03, 0.01),
        box((0.08, 0.08, 0.5), (0.35, 0.36, 1.15)),
        box((0.4, 0.06, 0.05), (0.35, 0.1, 1.12)),
        box((0.05, 0.5, 0.05), (0.35, 0.25, 1.14)),
    )
    b.add(
        "Taps",
        "Brushed",
        *(limb([(x, 0.5, 0.84), (x, 0.5, 1.06), (x, 0.34, 1.06), (x, 0.34, 0.98)], [0.018] * 4, 10) for x, _ in tanks),
    )
    for i in range(4):
        x = -1.2 + 0.8 * i
        b.add("Doors", "LightGrey", box((0.74, 0.02, 0.3), (x, -0.705, 0.42), chamfer=0.006))
        bar_handle(b, (x, -0.71, 0.64), 0.24, along="x")
    roller_bed(b, -1.8, -1.36, 0.5, side="SkyBlue")
    roller_bed(b, 1.36, 1.8, 0.5, side="SkyBlue")
    b.add("Exhaust", "Aluminium", cylinder(0.16, 0.35, (-1.0, 0.35, 2.5)), cylinder(0.16, 0.35, (1.0, 0.35, 2.5)))
    wall_panel(b, (1.3, -0.7, 0.88))
    roof_unit(b, (1.2, 0.8), (0, 0.1, 2.52), height=0.2)
    b.add("DuctMain", "Aluminium", rod((-1.0, 0.35, 2.86), (1.0, 0.35, 2.86), 0.13))
    b.add("DuctFlanges", "DarkSteel", *(cylinder(0.19, 0.03, (x, 0.35, 2.56)) for x in (-1.0, 1.0)))
    seams(b, [-0.8, 0.0, 0.8], -0.701, (2.14, 2.5))
    seams(b, [-0.8, 0.0, 0.8], 0.701, (0.9, 2.3))
    b.lamp(1.4, -0.4, 2.52)
    b.flow(1.8, H)
    b.slots[0] = (-0.35, 0.0, 0.86)
    return b


def scanner() -> Builder:
    """A clean-room exposure tool: smooth white body, load ports with boxes, dark optics window, monitor, light signature."""
    b = Builder("Scanner", "cleanroom", ("Lithography_tool", "Machine", "processor"), "Exposure tool")
    plinth(b, (3.0, 2.1), (0, 0.1), 0.08)
    b.add("Body", "White", rounded((2.1, 2.1, 2.16), (0.35, 0.1, 0.08), 0.12, 0.03))
    b.add(
        "Handler",
        "LightGrey",
        rounded((0.95, 1.9, 1.75), (-1.05, 0.1, 0.08), 0.1, 0.025) - box((0.9, 0.7, 0.5), (-1.5, 0, H - 0.06)),
    )
    b.add("Signature", "Screen", box((0.04, 0.012, 1.7), (-0.42, -0.957, 0.3)), box((1.5, 0.012, 0.03), (0.35, -0.957, 0.3)))
    b.add("Facade", "Charcoal", box((1.3, 0.016, 0.66), (0.45, -0.955, 1.3), chamfer=0.006))
    b.add("Optics", "DarkGlass", box((1.22, 0.012, 0.58), (0.45, -0.966, 1.34)))
    b.add("Reticle", "Laser", box((0.3, 0.008, 0.008), (0.45, -0.974, 1.58)), box((0.012, 0.008, 0.2), (0.45, -0.974, 1.48)))
    b.add(
        "Seams",
        "Grey",
        *(box((0.008, 0.012, 2.0), (x, -0.951, 0.16)) for x in (-0.2, 1.1)),
        box((2.0, 0.012, 0.008), (0.35, -0.951, 1.16)),
        box((0.012, 1.9, 0.008), (1.402, 0.1, 1.16)),
        *(box((0.012, 0.008, 1.9), (1.402, y, 0.2)) for y in (-0.3, 0.5)),
    )
    b.add(
        "Ports",
        "Charcoal",
        box((0.12, 0.56, 0.72), (-1.5, 0, 0.52)),
        box((0.4, 0.5, 0.05), (-1.62, 0, H - 0.05), chamfer=0.01),
        box((0.4, 0.5, 0.05), (1.58, 0, H - 0.05), chamfer=0.01),
        box((0.12, 0.56, 0.72), (1.4, 0, 0.52)),
    )
    b.add("PortFeet", "DarkGrey", box((0.14, 0.3, 0.86), (-1.66, 0, 0.0)), box((0.14, 0.3, 0.86), (1.62, 0, 0.0)))
    b.add(
        "Pins",
        "Brushed",
        *(
            cylinder(0.02, 0.02, (sx * 1.6 + dx, dy, H - 0.01))
            for sx in (-1, 1)
            for dx, dy in ((-0.08, -0.12), (-0.08, 0.12), (0.1, 0))
        ),
    )
    b.add(
        "TopUnit",
        "LightGrey",
        rounded((1.1, 1.0, 0.24), (0.5, 0.45, 2.22), 0.06, 0.02),
        rounded((0.6, 1.2, 0.14), (-1.05, 0.2, 1.82), 0.05, 0.015),
    )
    b.add("Duct", "Aluminium", cylinder(0.17, 0.3, (0.5, 0.45, 2.44)), cylinder(0.21, 0.03, (0.5, 0.45, 2.46)))
    louvre(b, (0.9, 0.3), (0.5, 1.155, 1.4), facing="-y")
    b.add("Handler_Pane", "DarkGlass", box((0.62, 0.012, 0.4), (-1.05, -0.856, 1.22)))
    b.add("HandlerFrame", "Charcoal", box((0.68, 0.012, 0.46), (-1.05, -0.852, 1.19), chamfer=0.004))
    pendant(b, (1.15, -0.94, 1.3), arm=0.2)
    b.add("Stripe", "Teal", box((2.11, 0.01, 0.05), (0.35, -0.95, 2.08)))
    b.lamp(1.1, -0.6, 2.24)
    b.flow(1.78, H)
    b.slots[0] = (-1.62, 0.0, H)
    b.slots.append((1.58, 0.0, H))
    return b


def inspection() -> Builder:
    """An optical inspection station: granite portal, camera head with ring light, monitor, screened enclosure."""
    b = Builder("Inspection", "inspection", ("Inspection_machine", "Machine", "processor"), "Inspection station")
    feet(b, [(sx * 0.78, sy * 0.55) for sx in (-1, 1) for sy in (-1, 1)])
    b.add("Base", "White", rounded((1.8, 1.3, 0.66), (0, 0, 0.07), 0.05, 0.012))
    b.add("Accent", "Violet", box((1.81, 1.31, 0.06), (0, 0, 0.6)))
    b.add("Granite", "Charcoal", box((1.66, 1.2, 0.08), (0, 0, 0.73), chamfer=0.01))
    shell = box((1.8, 1.3, 0.95), (0, 0, 1.0), chamfer=0.03)
    hollow = union(
        [
            box((1.68, 1.18, 0.86), (0, 0, 0.98)),
            box((2.2, 0.8, 0.5), (0, 0, 0.8)),
            box((1.4, 0.8, 0.6), (0, -0.6, 1.12)),
            box((0.9, 0.8, 0.2), (0, 0, 1.9)) - box((0.9, 0.8, 0.2), (0, 0, 1.9)),
        ]
    )
    b.add("Hood", "White", shell - hollow)
    b.add("Pillars", "LightGrey", *(box((0.08, 0.08, 0.24), (sx * 0.84, sy * 0.6, 0.78)) for sx in (-1, 1) for sy in (-1, 1)))
    pane(b, "Front", (1.36, 0.56), (0, -0.635, 1.14), material="Glass")
    roller_bed(b, -1.1, 1.1, 0.6, side="Violet")
    b.add(
        "Bridge",
        "Aluminium",
        box((0.16, 1.1, 0.14), (0.0, 0, 1.56)),
        box((0.1, 0.1, 0.85), (0, 0.52, 0.8)),
        box((0.1, 0.1, 0.85), (0, -0.5, 0.8)) ^ box((0.1, 0.1, 0.1), (0, 5, 0)),
    )
    b.add("Camera", "Black", cylinder(0.07, 0.22, (0, -0.05, 1.38)), box((0.14, 0.14, 0.18), (0, -0.05, 1.56), chamfer=0.012))
    b.add(
        "RingLight",
        "WorkLight",
        cylinder(0.15, 0.03, (0, -0.05, 1.34), segments=32) - cylinder(0.1, 0.2, (0, -0.05, 1.3), segments=32),
    )
    b.add("Beam", "Laser", box((0.5, 0.01, 0.006), (0, -0.05, 0.905)))
    b.add(
        "MonitorArm",
        "DarkSteel",
        rod((0.74, -0.6, 1.9), (0.74, -0.82, 1.86), 0.025),
        rod((0.74, -0.82, 1.86), (0.74, -0.82, 1.66), 0.025),
    )
    monitor = moved(box((0.62, 0.045, 0.4), (0, 0, -0.2), chamfer=0.01), (0.74, -0.86, 1.52), (-8, 0, 0))
    b.add("MonitorBody", "Black", monitor)
    b.add("MonitorScreen", "Screen", moved(box((0.57, 0.01, 0.34), (0, -0.023, -0.17)), (0.74, -0.86, 1.52), (-8, 0, 0)))
    marks = [
        box((0.1, 0.006, 0.1), (-0.16 + 0.16 * i, -0.029, -0.02)) - box((0.08, 0.1, 0.08), (-0.16 + 0.16 * i, -0.029, -0.01))
        for i in range(3)
    ]
    b.add(
        "MonitorMarks",
        "ScreenText",
        *(moved(m, (0.74, -0.86, 1.52), (-8, 0, 0)) for m in marks),
        *(
            moved(box((w, 0.006, 0.012), (-0.22 + w / 2, -0.029, z)), (0.74, -0.86, 1.52), (-8, 0, 0))
            for w, z in ((0.3, -0.08), (0.2, -0.12))
        ),
    )
    b.add("Keyboard", "Charcoal", moved(box((0.5, 0.2, 0.025), (0, 0, 0), chamfer=0.006), (-0.3, -0.78, 0.72), (8, 0, 0)))
    b.add("Shelf", "LightGrey", box((0.62, 0.26, 0.025), (-0.3, -0.77, 0.69)))
    b.add(
        "DoorLines",
        "Grey",
        box((0.8, 0.012, 0.44), (-0.42, -0.655, 0.12), chamfer=0.004),
        box((0.8, 0.012, 0.44), (0.42, -0.655, 0.12), chamfer=0.004),
    )
    roof_unit(b, (1.0, 0.7), (0.2, 0.05, 1.95), height=0.18)
    conduit(b, [(-0.3, 0.3, 2.03), (-0.45, 0.3, 2.03), (-0.45, 0.6, 2.03), (-0.45, 0.68, 1.8)])
    seams(b, [0.0], 0.651, (1.02, 1.92))
    b.lamp(-0.7, 0.45, 1.95)
    b.flow(1.1, H)
    return b


def packaging() -> Builder:
    """A case packer: tall frame with glazed guards, carton magazine, tape head, roller bed with two cartons."""
    b = Builder("Packaging", "packaging", ("Packaging_machine", "Machine", "processor"), "Packaging machine")
    legs(b, [(sx * 1.15, sy * 0.6) for sx in (-1, 1) for sy in (-1, 1)], 2.0, size=0.08, material="LightGrey", part="FramePosts")
    b.add(
        "FrameBars",
        "LightGrey",
        *(box((2.3, 0.08, 0.08), (0, sy * 0.6, z)) for sy in (-1, 1) for z in (0.3, 1.94)),
        *(box((0.08, 1.2, 0.08), (sx * 1.15, 0, z)) for sx in (-1, 1) for z in (0.3, 1.94)),
    )
    b.add("Cladding", "Lime", *(box((2.2, 0.02, 0.42), (0, sy * 0.62, 0.38), chamfer=0.004) for sy in (-1, 1)))
    b.add("Roof", "White", rounded((2.42, 1.34, 0.16), (0, 0, 2.02), 0.04, 0.012))
    b.add("RoofBand", "Lime", box((2.43, 1.35, 0.05), (0, 0, 2.06)))
    for x, n in ((-0.55, "Left"), (0.55, "Right")):
        pane(b, f"Guard{n}", (0.98, 1.0), (x, -0.62, 0.88))
        bar_handle(b, (x + (0.4 if x < 0 else -0.4), -0.64, 1.35), 0.3)
        pane(b, f"Rear{n}", (0.98, 1.0), (x, 0.62, 0.88))
    roller_bed(b, -1.6, 1.6, 0.7, side="Lime")
    feet(b, [(sx * 1.5, sy * 0.33) for sx in (-1, 1) for sy in (-1, 1)], 0.8)
    b.add("TapeHead", "DarkGrey", rounded((0.5, 0.16, 0.5), (0.4, 0, 1.32), 0.03), cylinder(0.13, 0.1, (0.4, -0.12, 1.62), "y"))
    b.add(
        "TapeRoll",
        "Cream",
        cylinder(0.16, 0.06, (0.25, -0.13, 1.66), "y", segments=32) - cylinder(0.07, 0.2, (0.25, -0.13, 1.66), "y"),
    )
    b.add(
        "Gantry",
        "Aluminium",
        box((2.1, 0.1, 0.1), (0, 0.35, 1.76)),
        box((0.1, 0.1, 0.5), (-0.5, 0.25, 1.4)),
        box((0.1, 0.3, 0.1), (-0.5, 0.25, 1.74)),
    )
    b.add(
        "Cups",
        "Black",
        *(cylinder(0.035, 0.1, (-0.6 + 0.1 * i, 0.12 + 0.1 * j, 1.3), top_radius=0.015) for i in range(3) for j in range(2)),
        box((0.34, 0.26, 0.03), (-0.5, 0.17, 1.39)),
    )
    b.add(
        "Magazine",
        "Steel",
        box((0.9, 0.5, 0.03), (-0.7, 0.95, 0.72)),
        *(box((0.03, 0.5, 0.6), (-0.7 + s * 0.46, 0.95, 0.72)) for s in (-1, 1)),
    )
    b.add("Blanks", "Cardboard", row(box((0.8, 0.012, 0.5), (-0.7, 0.95, 0.75)), 16, (0, 0.024, 0)))
    legs(b, [(-0.7 + sx * 0.4, 1.12) for sx in (-1, 1)], 0.72)
    roof_unit(b, (0.9, 0.6), (-0.55, 0.15, 2.18), height=0.24)
    b.add("Cabinet", "LightGrey", rounded((0.8, 0.5, 0.36), (0.4, 0.2, 2.17), 0.02, 0.01))
    b.add("CabinetDoors", "Grey", *(box((0.36, 0.014, 0.28), (0.4 + s * 0.19, -0.054, 2.21), chamfer=0.004) for s in (-1, 1)))
    conduit(b, [(0.0, 0.3, 2.28), (-0.1, 0.3, 2.28)])
    eye_bolts(b, [(sx * 1.1, sy * 0.55) for sx in (-1, 1) for sy in (-1, 1)], 2.18)
    nameplate(b, (0.0, -0.632, 0.5), 0.7, "White")
    pendant(b, (1.15, -0.6, 1.5), turn_deg=25, arm=0.25)
    b.lamp(0.95, 0.4, 2.18)
    b.flow(1.6, H)
    return b


def filler() -> Builder:
    """A rotary filler: round machine with a ring of valves under a glazed guard, product tank above, bottle track through."""
    b = Builder("Filler", "process", ("Filling_machine", "Machine", "processor"), "Rotary filler")
    plinth(b, (2.2, 1.8))
    b.add("Base", "Brushed", rounded((2.2, 1.8, 0.6), (0, 0, 0.1), 0.12, 0.02))
    b.add("Band", "SkyBlue", rounded((2.21, 1.81, 0.07), (0, 0, 0.52), 0.12))
    b.add(
        "Carousel",
        "Steel",
        cylinder(0.62, 0.08, (0, 0.1, 0.8), chamfer=0.015, segments=48),
        cylinder(0.24, 0.9, (0, 0.1, 0.7), segments=36),
    )
    b.add("Ring", "Brushed", cylinder(0.64, 0.14, (0, 0.1, 1.42), chamfer=0.02, segments=48))
    valves, bottles = [], []
    for i in range(16):
        valves.append(
            moved(
                union([cylinder(0.03, 0.16, (0.55, 0, 1.27), segments=12), cylinder(0.016, 0.1, (0.55, 0, 1.19), segments=10)]),
                (0, 0.1, 0),
                (0, 0, 22.5 * i),
            )
        )
        profile = [(0, 0.88), (0.034, 0.88), (0.036, 1.04), (0.014, 1.1), (0.014, 1.16), (0, 1.16)]
        bottles.append(moved(revolved(profile, (0.55, 0, 0), 10), (0, 0.1, 0), (0, 0, 22.5 * i)))
    b.add("Valves", "DarkSteel", *valves)
    b.add("Bottles", "Teal", *bottles)
    b.add("Tank", "Brushed", revolved([(0, 1.62), (0.3, 1.62), (0.5, 1.8), (0.5, 2.3), (0.38, 2.46), (0, 2.52)], (0, 0.1, 0), 40))
    b.add(
        "TankBands",
        "DarkSteel",
        cylinder(0.512, 0.03, (0, 0.1, 1.9), segments=40),
        cylinder(0.512, 0.03, (0, 0.1, 2.2), segments=40),
        cylinder(0.12, 0.06, (0, 0.1, 2.5)),
    )
    b.add(
        "Pipes",
        "Brushed",
        limb([(0, 0.1, 2.5), (0, 0.1, 2.66), (0.8, 0.1, 2.66), (0.8, 0.75, 2.66), (0.8, 0.75, 0.65)], [0.045] * 5, 14),
    )
    posts = [(sx * 1.0, sy * 0.8) for sx in (-1, 1) for sy in (-1, 1)]
    b.add(
        "Posts",
        "Brushed",
        *(box((0.06, 0.06, 1.0), (x, y, 0.68)) for x, y in posts),
        *(box((2.06, 0.06, 0.06), (0, sy * 0.8, 1.64)) for sy in (-1, 1)),
        *(box((0.06, 1.66, 0.06), (sx * 1.0, 0, 1.64)) for sx in (-1, 1)),
    )
    for x, n in ((-0.5, "Left"), (0.5, "Right")):
        pane(b, f"Guard{n}", (0.86, 0.84), (x, -0.8, 0.76))
        pane(b, f"Rear{n}", (0.86, 0.84), (x, 0.8, 0.76))
    b.add("Track", "Steel", box((3.0, 0.14, 0.03), (0, -0.5, H - 0.03)))
    b.add(
        "TrackSides",
        "Aluminium",
        *(box((0.95, 0.02, 0.16), (sx * 1.02, -0.5 + s * 0.09, H - 0.08)) for sx in (-1, 1) for s in (-1, 1)),
    )
    feet(b, [(sx * 1.42, -0.5) for sx in (-1, 1)], 0.86)
    b.add("Stars", "Amber", *(cylinder(0.24, 0.03, (sx * 0.5, -0.3, 0.97), segments=10) for sx in (-1, 1)))
    pendant(b, (1.02, -0.72, 1.4), turn_deg=30, arm=0.2)
    b.lamp(-0.95, 0.7, 1.68)
    b.flow(1.5, H, y=-0.5)
    return b


def bench() -> Builder:
    """A manual workplace: table with lit overhead frame, tool board, part bins, screwdriver on a balancer, mat, stool."""
    b = Builder("Bench", "manual", ("Workbench", "Workstation", "processor"), "Work bench")
    legs(b, [(sx * 0.9, sy * 0.34) for sx in (-1, 1) for sy in (-1, 1)], 0.86, size=0.06, material="Grey")
    b.add("Top", "Wood", box((2.0, 0.86, 0.045), (0, 0, 0.855), chamfer=0.008))
    b.add(
        "Apron",
        "Grey",
        box((1.9, 0.04, 0.08), (0, -0.36, 0.78)),
        box((1.9, 0.04, 0.08), (0, 0.36, 0.78)),
        box((1.86, 0.04, 0.06), (0, 0.34, 0.2)),
    )
    b.add(
        "Uprights",
        "Aluminium",
        *(box((0.05, 0.05, 1.25), (sx * 0.95, 0.4, 0.86)) for sx in (-1, 1)),
        *(box((0.05, 0.72, 0.05), (sx * 0.95, 0.06, 2.06)) for sx in (-1, 1)),
        box((1.95, 0.05, 0.05), (0, -0.28, 2.06)),
        box((1.95, 0.05, 0.05), (0, 0.4, 2.06)),
    )
    b.add("LampBody", "LightGrey", box((1.5, 0.16, 0.05), (0, -0.1, 2.03), chamfer=0.01))
    b.add("LampTube", "WorkLight", box((1.44, 0.1, 0.012), (0, -0.1, 2.022)))
    holes = row(row(box((0.02, 0.1, 0.02), (0, 0.41, 1.7)), 22, (0.08, 0, 0)), 5, (0, 0, 0.08))
    b.add("ToolBoard", "LightGrey", box((1.86, 0.02, 0.62), (0, 0.41, 1.4)) - holes)
    b.add(
        "Tools",
        "DarkSteel",
        *(rod((x, 0.37, 1.78), (x, 0.37, 1.78 - h), 0.014) for x, h in ((-0.7, 0.22), (-0.55, 0.26), (-0.4, 0.2), (-0.25, 0.3))),
    )
    b.add("ToolGrips", "Red", *(rod((x, 0.37, 1.8), (x, 0.37, 1.7), 0.024) for x in (-0.7, -0.55, -0.4, -0.25)))
    colours = ("Blue", "Red", "Yellow", "Blue", "Lime", "Blue")
    for i, colour in enumerate(colours):
        x = -0.75 + 0.3 * i
        outer = extruded([(0.08, 1.05), (0.38, 1.05), (0.38, 1.24), (0.14, 1.24), (0.05, 1.13)], 0.24, "x", (x, 0, 0))
        inner = extruded([(0.1, 1.07), (0.36, 1.07), (0.36, 1.4), (0.0, 1.4), (0.07, 1.14)], 0.21, "x", (x, 0, 0))
        b.add(f"Bins{colour}", colour, outer - inner)
    b.add("BinRail", "Aluminium", box((1.9, 0.3, 0.02), (0, 0.24, 1.03)))
    b.add("BinParts", "Brushed", *(box((0.18, 0.2, 0.05), (-0.75 + 0.3 * i, 0.22, 1.07), chamfer=0.02) for i in (0, 2, 4)))
    b.add("Balancer", "Yellow", cylinder(0.07, 0.1, (0.45, -0.12, 1.92), "y"))
    b.add("Cord", "Black", rod((0.45, -0.12, 1.86), (0.45, -0.12, 1.36), 0.006, segments=8))
    b.add("Driver", "Charcoal", cylinder(0.03, 0.2, (0.45, -0.12, 1.17)), cylinder(0.012, 0.08, (0.45, -0.12, 1.09), segments=10))
    b.add("Fixture", "Aluminium", box((0.46, 0.36, 0.03), (0, -0.1, H - 0.0), chamfer=0.006))
    b.add("Mat", "Rubber", box((1.4, 0.6, 0.015), (0, -0.8, 0), chamfer=0.005))
    b.add("Screen", "Screen", moved(box((0.5, 0.012, 0.3), (0, -0.02, 0)), (0.55, 0.36, 1.55), (0, 0, 0)))
    b.add("ScreenBody", "Black", box((0.54, 0.04, 0.34), (0.55, 0.37, 1.53), chamfer=0.008))
    rollers(b, 0.4, 0.4, at=(-1.2, -0.05, H), part="InRollers")
    rollers(b, 0.4, 0.4, at=(1.2, -0.05, H), part="OutRollers")
    b.add("SideRails", "Blue", *(box((0.4, 0.03, 0.1), (sx * 1.2, -0.05 + s * 0.215, H - 0.08)) for sx in (-1, 1) for s in (-1, 1)))
    feet(b, [(sx * 1.34, -0.05 + s * 0.2) for sx in (-1, 1) for s in (-1, 1)], 0.84)
    b.lamp(-0.88, 0.36, 2.1, pole=0.1)
    b.flow(1.4, H, y=-0.05)
    b.slots[0] = (0.0, -0.1, H + 0.03)
    return b


BUILDERS = (wet_bench, scanner, inspection, packaging, filler, bench)
