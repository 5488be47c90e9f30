"""Ovens and booths: the tunnel oven and the spray booth.

Not covered: clean-room and packing equipment (`stage.make_process`).
"""

from __future__ import annotations

from gdt2usd.stage.asset_kit import (
    TRANSPORT_M,
    bar_handle,
    conduit,
    legs,
    louvre,
    pane,
    pendant,
    plinth,
    roller_bed,
    seams,
    wall_panel,
)
from gdt2usd.stage.asset_writer import Builder
from gdt2usd.stage.meshes import box, cylinder, extruded, hull, rod, rounded, row, union

H = TRANSPORT_M


def furnace() -> Builder:
    """A tunnel oven in zones: insulated hood, glowing mouths, exhaust stacks, a mesh belt right through."""
    b = Builder("Furnace", "thermal", ("Furnace", "Machine", "processor"), "Tunnel oven")
    plinth(b, (3.3, 1.3))
    b.add("Base", "LightGrey", rounded((3.3, 1.3, 0.66), (0, 0, 0.1), 0.04, 0.012))
    lid = extruded([(-0.65, 0.78), (0.65, 0.78), (0.65, 1.28), (0.45, 1.5), (-0.45, 1.5), (-0.65, 1.28)], 3.3, "x")
    mouth = box((4.0, 0.86, 0.3), (0, 0, 0.84))
    b.add("Hood", "White", lid - mouth)
    b.add("Seam", "Charcoal", box((3.31, 1.31, 0.025), (0, 0, 0.757)) - box((4.0, 0.86, 0.3), (0, 0, 0.7)))
    for i in range(5):
        b.add(
            "Bands",
            "Orange",
            extruded(
                [(-0.66, 0.8), (0.66, 0.8), (0.66, 1.285), (0.456, 1.51), (-0.456, 1.51), (-0.66, 1.285)],
                0.05,
                "x",
                (-1.5 + 0.75 * i, 0, 0),
            )
            - mouth,
        )
    b.add(
        "Heat",
        "Glow",
        *(box((0.012, 0.86, 0.3), (sx * 1.35, 0, 0.84)) - box((0.1, 0.8, 0.05), (sx * 1.35, 0, 0.83)) for sx in (-1, 1)),
    )
    b.add("Belt", "Brushed", box((4.0, 0.7, 0.018), (0, 0, H - 0.018)))
    b.add("BeltEnds", "DarkSteel", *(cylinder(0.055, 0.76, (sx * 1.99, 0, H - 0.055), "y") for sx in (-1, 1)))
    b.add("BeltRails", "Grey", *(box((0.4, 0.04, 0.14), (sx * 1.82, sy * 0.38, H - 0.13)) for sx in (-1, 1) for sy in (-1, 1)))
    legs(b, [(sx * 1.86, sy * 0.36) for sx in (-1, 1) for sy in (-1, 1)], 0.78)
    for x in (-1.0, 1.0):
        b.add(
            "Stacks",
            "Aluminium",
            cylinder(0.15, 0.55, (x, 0.1, 1.48)),
            cylinder(0.2, 0.05, (x, 0.1, 1.62)),
            hull([cylinder(0.23, 0.02, (x, 0.1, 2.12)), cylinder(0.05, 0.02, (x, 0.1, 2.2))]),
        )
        b.add(
            "StackPosts",
            "DarkSteel",
            *(
                rod((x + 0.13 * cx, 0.1 + 0.13 * cy, 2.0), (x + 0.13 * cx, 0.1 + 0.13 * cy, 2.13), 0.01)
                for cx, cy in ((1, 0), (-1, 0), (0, 1), (0, -1))
            ),
        )
    for i in range(4):
        x = -1.125 + 0.75 * i
        b.add("Doors", "LightGrey", box((0.62, 0.02, 0.5), (x, -0.655, 0.18), chamfer=0.006))
        louvre(b, (0.36, 0.14), (x, -0.668, 0.24), slats=4)
        b.add("ZoneDisplays", "Black", box((0.26, 0.02, 0.1), (x, -0.66, 0.56), chamfer=0.004))
        b.add("ZoneDigits", "Glow", *(box((0.03, 0.006, 0.05), (x - 0.06 + 0.05 * k, -0.672, 0.585)) for k in range(3)))
        bar_handle(b, (x, -0.655, 1.02), 0.3, along="x")
    pendant(b, (1.2, -0.6, 1.2), turn_deg=10, arm=0.25)
    b.lamp(1.3, 0.45, 1.47)
    b.flow(2.0, H)
    return b


def paint_booth() -> Builder:
    """A spray booth: glazed walls, lit ceiling with filters, extraction ducts, overhead gun rail."""
    b = Builder("PaintBooth", "coating", ("Paint_booth", "Machine", "processor"), "Spray booth")
    b.add("Floor", "DarkGrey", box((3.6, 2.6, 0.08), (0, 0, 0), chamfer=0.01))
    b.add("Grating", "Steel", row(box((3.3, 0.02, 0.02), (0, 0, 0.075)), 24, (0, 0.1, 0)))
    shell = box((3.6, 2.6, 2.5), (0, 0, 0.08), chamfer=0.03) - box((3.44, 2.44, 2.36), (0, 0, 0.0))
    cut = union([box((4.0, 1.0, 1.5), (0, 0, 0.45)), box((2.6, 3.0, 1.5), (0, -1.3, 0.75))])
    b.add("Shell", "White", shell - cut)
    b.add(
        "Frame",
        "Violet",
        *(box((0.1, 0.1, 2.52), (sx * 1.77, sy * 1.27, 0.07), chamfer=0.012) for sx in (-1, 1) for sy in (-1, 1)),
        box((3.62, 0.04, 0.22), (0, -1.3, 2.36)),
    )
    for x in (-0.87, 0.0, 0.87):
        pane(b, f"Window{'LCR'[round(x / 0.87) + 1]}", (0.8, 1.42), (x, -1.26, 0.79))
    b.add("CeilingLight", "WorkLight", *(box((0.5, 1.9, 0.02), (x, 0, 2.42)) for x in (-1.1, 0, 1.1)))
    b.add("FilterWall", "LightGrey", row(box((0.5, 0.05, 1.5), (0, 1.19, 0.5), chamfer=0.012), 6, (0.55, 0, 0)))
    roller_bed(b, -2.0, 2.0, 0.7, side="Violet")
    legs(b, [(x, sy * 0.3) for x in (-1.5, -0.5, 0.5, 1.5) for sy in (-1, 1)], 0.8)
    b.add("GunRail", "Aluminium", box((2.8, 0.1, 0.12), (0, 0.5, 2.05)), box((0.2, 0.16, 0.3), (0.2, 0.5, 1.9), chamfer=0.02))
    b.add(
        "GunArm",
        "DarkSteel",
        rod((0.2, 0.5, 1.95), (0.2, 0.25, 1.6), 0.025),
        rod((0.2, 0.25, 1.6), (0.2, 0.1, 1.5), 0.04, end_radius=0.015),
    )
    for x in (-0.9, 0.9):
        b.add("FanBoxes", "Grey", rounded((0.9, 0.9, 0.4), (x, 0.4, 2.57), 0.04, 0.012))
        b.add("Ducts", "Aluminium", cylinder(0.24, 0.4, (x, 0.4, 2.95)), cylinder(0.29, 0.04, (x, 0.4, 2.97)))
        b.add("DuctFlanges", "DarkSteel", cylinder(0.28, 0.03, (x, 0.4, 3.32)), cylinder(0.27, 0.03, (x, 0.4, 3.12)))
    b.add("DuctMain", "Aluminium", rod((-0.9, 0.4, 3.2), (0.9, 0.4, 3.2), 0.17))
    b.add("AirBox", "LightGrey", rounded((2.9, 0.9, 0.22), (0, -0.65, 2.57), 0.03, 0.01))
    louvre(b, (2.5, 0.15), (0, -1.104, 2.6), slats=3, part="AirLouvres")
    seams(b, [-1.2, -0.4, 0.4, 1.2], 1.301, (0.3, 2.45))
    seams(b, [-0.9, 0.9], 1.801, (0.3, 2.45), facing="x")
    seams(b, [-0.9, 0.9], -1.801, (0.3, 2.45), facing="x")
    for sign in (-1, 1):
        b.add("SideBand", "Violet", box((0.012, 2.42, 0.1), (sign * 1.802, 0, 0.26)))
    b.add("BackDoor", "LightGrey", box((0.84, 0.03, 1.9), (0.8, 1.305, 0.2), chamfer=0.008))
    pane(b, "BackDoorWindow", (0.4, 0.5), (0.8, 1.315, 1.35))
    bar_handle(b, (0.5, 1.32, 1.15), 0.3, facing=1.0)
    conduit(b, [(1.72, 0.9, 2.6), (1.72, 0.9, 2.85), (1.35, 0.6, 2.85)])
    b.add("Regulators", "DarkSteel", box((0.3, 0.12, 0.36), (-1.2, 1.35, 1.2), chamfer=0.01))
    b.add("RegulatorDials", "White", *(cylinder(0.05, 0.03, (-1.2 + dx, 1.41, 1.42), "y", segments=16) for dx in (-0.08, 0.08)))
    conduit(b, [(-1.2, 1.38, 1.2), (-1.2, 1.42, 0.75), (-1.3, 1.45, 0.55)], 0.016)
    b.add(
        "DoorSeal",
        "Charcoal",
        *(box((0.03, 1.08, 0.04), (sx * 1.815, 0, 1.95)) for sx in (-1, 1)),
        *(box((0.03, 0.04, 1.5), (sx * 1.815, sy * 0.52, 0.45)) for sx in (-1, 1) for sy in (-1, 1)),
    )
    wall_panel(b, (1.58, -1.31, 1.0))
    b.add(
        "PaintDrums",
        "Violet",
        cylinder(0.2, 0.55, (-1.45, -1.1 + 2.6, 0.0), chamfer=0.02),
        cylinder(0.2, 0.55, (-0.95, 1.5, 0.0), chamfer=0.02),
    )
    b.add("DrumRims", "Steel", *(cylinder(0.207, 0.02, (x, 1.5, z)) for x in (-1.45, -0.95) for z in (0.18, 0.36)))
    b.lamp(1.65, -1.0, 2.58)
    b.flow(2.0, H)
    return b


BUILDERS = (furnace, paint_booth)
