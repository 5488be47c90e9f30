"""Machines that shape metal: the plain processor, machining centre, lathe, press, welding cell; and the robot arm.

Not covered: process and clean-room equipment (`stage.make_process`), handling (`stage.make_handling`).
"""

from __future__ import annotations

from gdt2usd.stage.asset_kit import (
    TRANSPORT_M,
    bar_handle,
    bolts,
    conduit,
    eye_bolts,
    feet,
    guard,
    louvre,
    nameplate,
    pane,
    pendant,
    plinth,
    roller_bed,
    roof_unit,
    seams,
    stripe,
    wall_panel,
)
from gdt2usd.stage.asset_writer import Builder, Vec3
from gdt2usd.stage.meshes import Solid, box, cylinder, extruded, hull, limb, moved, rod, rounded, row, union

H = TRANSPORT_M


def processor() -> Builder:
    """The plain machine: an enclosed cell over a roller bed, window and control panel in front."""
    b = Builder("Processor", "machine", ("Machine", "processor"), "Machine")
    plinth(b, (2.4, 1.7))
    body = rounded((2.4, 1.7, 1.9), (0, 0, 0.1), 0.08, 0.02)
    tunnel = box((3.0, 0.84, 0.62), (0, 0, H - 0.16))
    opening = box((1.5, 0.5, 0.86), (-0.3, -0.85, 0.86))
    b.add("Housing", "LightGrey", body - tunnel - opening)
    b.add("Interior", "DarkGrey", box((2.1, 0.04, 0.8), (0, 0.46, 0.84)), box((2.1, 0.8, 0.04), (0, 0, 1.66)))
    b.add("Lighting", "WorkLight", box((1.4, 0.06, 0.02), (0, -0.2, 1.635)))
    roller_bed(b, -1.4, 1.4, 0.7)
    stripe(b, (2.41, 1.71, 0.1), (0, 0, 0.36), "Blue")
    pane(b, "Door", (1.36, 0.72), (-0.3, -0.845, 0.93))
    bar_handle(b, (0.3, -0.86, 1.28), 0.4)
    wall_panel(b, (0.84, -0.85, 1.06))
    roof_unit(b, (1.1, 0.7), (-0.35, 0.3, 2.0))
    conduit(b, [(0.2, 0.45, 2.1), (0.62, 0.45, 2.1), (0.62, 0.45, 1.98)])
    eye_bolts(b, [(sx * 1.0, sy * 0.66) for sx in (-1, 1) for sy in (-1, 1)], 2.0)
    seams(b, [0.5, 1.1], -0.851, (0.5, 1.92))
    seams(b, [-0.5, 0.5], 1.201, (0.5, 1.92), facing="x")
    seams(b, [-0.5, 0.5], -1.201, (0.5, 1.92), facing="x")
    seams(b, [-0.4, 0.4], 0.851, (0.5, 1.92))
    nameplate(b, (-0.3, -0.851, 1.76), 0.5, "Blue")
    louvre(b, (0.7, 0.5), (0.75, -0.855, 0.34 + 0.12))
    louvre(b, (0.8, 0.5), (-0.55, 0.855, 1.2), facing="-y", part="BackLouvres")
    b.add("BackDoor", "Grey", box((0.7, 0.02, 1.3), (0.6, 0.852, 0.5), chamfer=0.008))
    b.add("BackLatch", "Charcoal", box((0.03, 0.03, 0.14), (0.3, 0.865, 1.1)))
    b.add("Spindle", "Brushed", cylinder(0.09, 0.28, (0, 0, 1.38)), cylinder(0.045, 0.14, (0, 0, 1.25)))
    b.lamp(1.0, 0.6, 2.0)
    b.flow(1.4, H)
    return b


def machining_centre() -> Builder:
    """A vertical machining centre: sloped hood, two sliding doors with windows, pendant, chip conveyor, tool magazine."""
    b = Builder("MachiningCentre", "machining", ("Machining_centre", "Machine", "processor"), "CNC machining centre")
    plinth(b, (2.7, 2.1), (0, 0.05))
    profile = [(-1.0, 0.1), (1.1, 0.1), (1.1, 2.45), (-0.35, 2.45), (-0.62, 2.2), (-1.0, 2.1)]
    body = extruded(profile, 2.7, "x")
    cavity = box((1.9, 1.5, 1.2), (-0.2, -0.4, 0.85))
    side = box((3.2, 0.7, 0.62), (0, -0.05, H - 0.12))
    b.add("Housing", "White", body - cavity - side - box((1.9, 0.5, 1.16), (-0.2, -1.0, 0.86)))
    b.add("Skirt", "Teal", box((2.72, 0.04, 0.42), (0, -1.005, 0.16), chamfer=0.01), box((2.72, 0.04, 0.12), (0, 1.105, 0.2)))
    b.add("Skirt", "Teal", box((0.34, 0.03, 1.52), (1.15, -1.005, 0.58), chamfer=0.01))
    for sign, name in ((-1, "LeftDoor"), (1, "RightDoor")):
        x = -0.2 + sign * 0.475
        door = rounded((0.94, 0.05, 1.2), (x, -1.01, 0.84), 0.015) - box((0.66, 0.2, 0.8), (x, -1.01, 1.08))
        b.add(name, "LightGrey", door)
        pane(b, name, (0.64, 0.78), (x, -1.02, 1.09), material="Glass")
        bar_handle(b, (-0.2 + sign * 0.07, -1.035, 1.3), 0.45)
    b.add("Table", "Steel", box((1.5, 0.6, 0.12), (-0.2, -0.05, 0.78), chamfer=0.01))
    slot = row(box((1.5, 0.03, 0.012), (-0.2, -0.05, 0.9)), 4, (0, 0.13, 0))
    b.add("TableSlots", "DarkSteel", slot)
    b.add(
        "Spindle",
        "Brushed",
        cylinder(0.11, 0.42, (-0.2, 0.05, 1.62)),
        cylinder(0.06, 0.2, (-0.2, 0.05, 1.44)),
        cylinder(0.018, 0.16, (-0.2, 0.05, 1.3)),
    )
    b.add("Column", "Grey", box((0.5, 0.4, 1.1), (-0.2, 0.5, 0.88)))
    b.add("Lighting", "WorkLight", box((1.6, 0.05, 0.03), (-0.2, -0.75, 2.0)))
    roller_bed(b, -1.6, -1.05, 0.62, y=-0.05, side="Teal")
    roller_bed(b, 0.78, 1.6, 0.62, y=-0.05, side="Teal")
    b.add("Magazine", "Grey", cylinder(0.42, 0.3, (-1.0, 0.75, 2.0), "y", chamfer=0.03), box((0.5, 0.5, 0.3), (-1.0, 0.75, 1.62)))
    b.add("Cabinet", "LightGrey", rounded((1.1, 0.34, 1.9), (0.6, 1.27, 0.12), 0.03, 0.01))
    louvre(b, (0.5, 0.4), (0.6, 1.445, 1.3), facing="-y")
    eye_bolts(b, [(sx * 1.15, y) for sx in (-1, 1) for y in (-0.2, 0.95)], 2.45)
    seams(b, [-0.3, 0.4], 1.351, (0.6, 2.2), facing="x")
    seams(b, [-0.3, 0.4], -1.351, (0.6, 2.2), facing="x")
    nameplate(b, (-0.72, -1.012, 2.05 - 0.14), 0.01 + 0.42, "Teal")
    roof_unit(b, (0.9, 0.6), (0.1, 0.62, 2.45), height=0.26)
    conduit(b, [(0.55, 0.7, 2.55), (0.95, 0.7, 2.55), (0.95, 1.0, 2.55), (0.95, 1.12, 2.3)])
    _chip_conveyor(b)
    pendant(b, (1.18, -0.98, 1.62), turn_deg=18)
    b.lamp(0.95, 0.2, 2.45)
    b.flow(1.6, H)
    b.outputs[0] = ((1.6, -0.05, H), 0.0)
    b.inputs[0] = ((-1.6, -0.05, H), 0.0)
    b.slots[0] = (-0.2, -0.05, H + 0.01)
    return b


def _chip_conveyor(b: Builder) -> None:
    """Behind and to the left: an inclined trough that drops chips into a bin."""
    b.add(
        "ChipConveyor",
        "Grey",
        extruded(
            [(-0.9, 0.15), (-1.45, 0.15), (-2.0, 0.95), (-2.0, 1.15), (-1.8, 1.15), (-1.35, 0.4), (-0.9, 0.4)],
            0.36,
            "y",
            (0.35, 0.72, 0),
        ),
    )
    bin_ = rounded((0.5, 0.6, 0.6), (-1.62, 0.72, 0.08), 0.03)
    b.add("ChipBin", "DarkGrey", bin_ - box((0.44, 0.54, 0.6), (-1.62, 0.72, 0.14)))
    b.add("ChipBinFill", "Steel", box((0.44, 0.54, 0.06), (-1.62, 0.72, 0.5)))


def lathe() -> Builder:
    """A slant-bed turning centre with a bar feeder, chuck and turret behind the window."""
    b = Builder("Lathe", "machining", ("Lathe", "Machine", "processor"), "CNC lathe")
    plinth(b, (3.0, 1.6))
    profile = [(-0.8, 0.1), (0.85, 0.1), (0.85, 1.95), (-0.1, 1.95), (-0.72, 1.15), (-0.8, 1.05)]
    body = extruded(profile, 2.7, "x", (0.1, 0, 0))
    cut = extruded([(-0.6, 0.8), (0.3, 0.8), (0.3, 1.72), (-0.9, 1.72), (-0.9, 1.22), (-0.6, 1.22)], 1.5, "x", (0.15, 0, 0))
    b.add("Housing", "White", body - cut)
    b.add("Skirt", "Navy", box((2.72, 0.03, 0.5), (0.1, -0.805, 0.2), chamfer=0.008), box((2.71, 1.66, 0.06), (0.1, 0.02, 0.72)))
    b.add("Interior", "Grey", extruded([(-0.35, 0.8), (0.3, 0.8), (0.3, 1.5)], 1.48, "x", (0.15, 0, 0)))
    b.add(
        "Chuck",
        "Brushed",
        cylinder(0.22, 0.22, (-0.46, -0.15, 1.2), "x", chamfer=0.015),
        cylinder(0.14, 0.2, (-0.56, -0.15, 1.2), "x"),
    )
    b.add("Jaws", "DarkSteel", *(moved(box((0.1, 0.06, 0.1), (0, 0, 0.06)), (-0.32, -0.15, 1.2), (a, 0, 0)) for a in (0, 120, 240)))
    b.add("Workpiece", "Steel", cylinder(0.07, 0.3, (-0.24, -0.15, 1.2), "x"))
    turret = cylinder(0.2, 0.14, (0.4, 0.02, 1.32), "x", segments=12)
    tools = [moved(box((0.05, 0.05, 0.14), (0, 0, 0.18)), (0.4, 0.02, 1.32), (60 * i, 0, 0)) for i in range(6)]
    b.add("Turret", "DarkSteel", turret, *tools)
    angle = 50.0
    glass = moved(box((0.66, 0.014, 0.62), (0, 0, -0.31)), (0.15, -0.44, 1.53), (-(90 - angle), 0, 0))
    frame = moved(
        box((1.52, 0.035, 0.96), (0, 0, -0.48)) - box((0.7, 0.2, 0.66), (0, 0, -0.33)), (0.15, -0.44, 1.53), (-(90 - angle), 0, 0)
    )
    b.add("Door", "LightGrey", frame)
    b.add("DoorPane", "Glass", glass)
    bar_handle(b, (0.78, -0.6, 1.42), 0.3)
    b.add("Headstock", "LightGrey", rounded((0.55, 1.2, 1.2), (-1.42, 0.1, 0.1), 0.03, 0.015))
    b.add(
        "BarFeeder", "Grey", rounded((0.5, 0.4, 0.16), (-1.47, -0.15, 1.12), 0.02), cylinder(0.05, 0.5, (-1.47, -0.15, 1.34), "x")
    )
    louvre(b, (0.4, 0.5), (-1.42, -0.505, 0.4))
    b.add(
        "MistCollector", "Grey", cylinder(0.2, 0.7, (-0.5, 0.45, 2.13), "x", chamfer=0.02), box((0.5, 0.3, 0.1), (-0.5, 0.45, 1.92))
    )
    b.add("MistBands", "DarkSteel", *(cylinder(0.206, 0.025, (x, 0.45, 2.13), "x") for x in (-0.66, -0.34)))
    conduit(b, [(-0.15, 0.45, 2.13), (0.2, 0.45, 2.13), (0.2, 0.45, 1.93)], 0.06)
    b.add("RoofCabinet", "LightGrey", rounded((0.7, 0.5, 0.2), (0.75, 0.5, 1.94), 0.03, 0.01))
    eye_bolts(b, [(0.1 + sx * 1.15, y) for sx in (-1, 1) for y in (0.05, 0.75)], 1.95)
    seams(b, [0.1, 0.5], 1.451, (0.8, 1.85), facing="x")
    seams(b, [-0.4, 0.6], 0.851, (0.8, 1.85))
    nameplate(b, (-0.6, -0.822, 0.38), 0.5, "White")
    wall_panel(b, (1.2, -0.76, 0.62 + 0.08))
    roller_bed(b, 1.46, 1.8, 0.5, y=-0.15, side="Navy")
    b.add("Catcher", "Grey", box((0.3, 0.5, 0.05), (1.32, -0.15, 0.84)))
    b.lamp(1.2, 0.5, 1.95)
    b.inputs.append(((-1.75, -0.15, H), 0.0))
    b.outputs.append(((1.8, -0.15, H), 0.0))
    b.slots.append((-0.2, -0.15, 1.1))
    return b


def press() -> Builder:
    """A four-column hydraulic press: bed, crown with cylinder, sliding ram, tool, side guards, light curtain."""
    b = Builder("Press", "forming", ("Press", "Machine", "processor"), "Press")
    b.add("Base", "Green", rounded((1.9, 1.5, 0.72), (0, 0, 0), 0.05, 0.015))
    posts = [(sx * 0.72, sy * 0.52) for sx in (-1, 1) for sy in (-1, 1)]
    b.add("Columns", "Brushed", *(cylinder(0.085, 1.9, (x, y, 0.7), segments=24) for x, y in posts))
    b.add("Nuts", "DarkSteel", *(cylinder(0.14, 0.12, (x, y, z), segments=6) for x, y in posts for z in (0.72, 3.18)))
    b.add("Crown", "Green", rounded((1.9, 1.5, 0.62), (0, 0, 2.56), 0.05, 0.015))
    b.add("Cylinder", "DarkGrey", cylinder(0.36, 0.4, (0, 0, 3.18), chamfer=0.03), cylinder(0.26, 0.14, (0, 0, 3.55), chamfer=0.02))
    ram = b.pivot("Ram", (0.0, 0.0, 1.72), "translateZ", -0.5, 0.0)
    b.add("Slide", "Amber", rounded((1.7, 1.3, 0.3), (0, 0, 0), 0.04, 0.015), parent=ram)
    b.add("Rod", "Brushed", cylinder(0.16, 1.0, (0, 0, 0.28)), parent=ram)
    b.add("UpperTool", "DarkSteel", box((0.9, 0.7, 0.18), (0, 0, -0.18), chamfer=0.015), parent=ram)
    b.add(
        "Bolster", "DarkSteel", box((1.6, 1.2, 0.1), (0, 0, 0.72), chamfer=0.01), box((0.9, 0.7, 0.08), (0, 0, 0.81), chamfer=0.01)
    )
    roller_bed(b, -1.3, -0.62, 0.6, side="Green")
    roller_bed(b, 0.62, 1.3, 0.6, side="Green")
    feet(b, [(sx * 1.22, sy * 0.26) for sx in (-1, 1) for sy in (-1, 1)], 0.78)
    b.add("LightCurtain", "Yellow", *(box((0.07, 0.07, 1.3), (sx * 0.86, -0.8, 0.9), chamfer=0.01) for sx in (-1, 1)))
    b.add("CurtainEye", "Black", *(box((0.03, 0.012, 1.2), (sx * 0.86, -0.837, 0.95)) for sx in (-1, 1)))
    b.add("Warning", "Yellow", box((1.4, 0.012, 0.16), (0, -0.753, 2.76)))
    chevrons = [
        extruded([(x, 2.76), (x + 0.1, 2.76), (x + 0.2, 2.92), (x + 0.1, 2.92)], 0.012, "y", (0, -0.757, 0))
        for x in (-0.6, -0.35, -0.1, 0.15, 0.4)
    ]
    b.add("WarningMarks", "Black", *chevrons)
    b.add(
        "PowerUnit", "Grey", rounded((0.9, 0.5, 1.15), (0.3, 1.05, 0.06), 0.04, 0.015), cylinder(0.16, 0.42, (0.3, 1.05, 1.37), "x")
    )
    b.add(
        "Hoses",
        "Rubber",
        limb([(0.5, 1.0, 1.15), (0.5, 0.95, 2.2), (0.3, 0.6, 2.9)], [0.03] * 3),
        limb([(0.1, 1.0, 1.15), (0.1, 0.95, 2.1), (0.0, 0.6, 2.8)], [0.03] * 3),
    )
    pendant(b, (0.95, -0.55, 1.5), turn_deg=30, arm=0.3)
    bolts(b, [(sx * 0.86, sy * 0.66, 3.18) for sx in (-1, 1) for sy in (-1, 1)], 0.035)
    b.lamp(-0.7, 0.5, 3.18)
    b.flow(1.3, H)
    return b


def arm_segments(
    paint: str, tool: str = "gripper"
) -> list[tuple[str, str, Vec3, str, tuple[float, float], list[tuple[str, str, Solid]]]]:
    """A six-axis arm in its ready pose, reaching along +X, standing at the origin.

    Rows of (joint, parent, pivot in asset space, op, range, [(part, material, solid in asset space)]).
    """
    lower = hull([cylinder(0.15, 0.16, (0.15, 0, 0.78), "y"), cylinder(0.11, 0.14, (0.03, 0, 1.55), "y")])
    upper = hull([cylinder(0.11, 0.18, (0.12, 0, 1.68), "x"), cylinder(0.075, 0.14, (0.78, 0, 1.68), "x")])
    wrist = hull([cylinder(0.07, 0.13, (0.95, 0, 1.68), "y"), cylinder(0.055, 0.05, (0.95, 0, 1.5))])
    cable = limb([(-0.16, 0.06, 0.5), (-0.2, 0.12, 1.0), (-0.12, 0.13, 1.5), (0.1, 0.1, 1.82), (0.5, 0.06, 1.8)], [0.022] * 5, 10)
    turret = union(
        [
            cylinder(0.25, 0.16, (0, 0, 0.36), chamfer=0.02),
            hull([box((0.42, 0.36, 0.1), (0, 0, 0.46)), cylinder(0.17, 0.34, (0.15, 0, 0.78), "y")]),
        ]
    )
    if tool == "torch":
        tools: list[tuple[str, str, Solid]] = [
            (
                "Torch",
                "DarkSteel",
                union(
                    [
                        cylinder(0.04, 0.1, (0.95, 0, 1.36)),
                        limb([(0.95, 0, 1.38), (0.95, 0, 1.2), (1.04, 0, 1.1)], [0.024, 0.024, 0.014]),
                    ]
                ),
            ),
            ("TorchTip", "Copper", rod((1.03, 0, 1.11), (1.1, 0, 1.03), 0.012)),
        ]
    else:
        fingers = union(box((0.045, 0.03, 0.2), (0.95, s * 0.12, 1.08), chamfer=0.006) for s in (-1, 1))
        tools = [
            (
                "Gripper",
                "DarkSteel",
                union([cylinder(0.06, 0.08, (0.95, 0, 1.38)), box((0.14, 0.3, 0.08), (0.95, 0, 1.3), chamfer=0.015)]),
            ),
            ("Fingers", "Brushed", fingers),
        ]
    return [
        (
            "J1",
            "",
            (0, 0, 0.35),
            "rotateZ",
            (-175, 175),
            [("Turret", paint, turret), ("ShoulderMotor", "Charcoal", cylinder(0.1, 0.2, (-0.12, 0, 0.52)))],
        ),
        (
            "J2",
            "J1",
            (0.15, 0, 0.78),
            "rotateY",
            (-60, 75),
            [("LowerArm", paint, lower), ("ShoulderCaps", "Charcoal", cylinder(0.12, 0.42, (0.15, 0, 0.78), "y", chamfer=0.015))],
        ),
        (
            "J3",
            "J2",
            (0.03, 0, 1.55),
            "rotateY",
            (-80, 70),
            [
                ("UpperArm", paint, union([upper, cylinder(0.13, 0.2, (0.03, 0, 1.6), "y")])),
                (
                    "ElbowCaps",
                    "Charcoal",
                    union([cylinder(0.09, 0.28, (0.03, 0, 1.55), "y", chamfer=0.012), cylinder(0.06, 0.22, (-0.16, 0, 1.68), "x")]),
                ),
                ("Cable", "Rubber", cable),
            ],
        ),
        (
            "J4",
            "J3",
            (0.78, 0, 1.68),
            "rotateX",
            (-180, 180),
            [("Forearm", "Charcoal", cylinder(0.07, 0.14, (0.85, 0, 1.68), "x"))],
        ),
        ("J5", "J4", (0.95, 0, 1.68), "rotateY", (-110, 110), [("Wrist", paint, wrist)]),
        (
            "J6",
            "J5",
            (0.95, 0, 1.46),
            "rotateZ",
            (-360, 360),
            [("Flange", "Brushed", cylinder(0.05, 0.06, (0.95, 0, 1.45))), *tools],
        ),
    ]


def arm_base(paint: str) -> list[tuple[str, str, Solid]]:
    """The part of the arm that stands still."""
    foot = union([cylinder(0.32, 0.04, (0, 0, 0)), cylinder(0.26, 0.32, (0, 0, 0.03), top_radius=0.2)])
    return [("ArmBase", paint, foot), ("ArmConnector", "Charcoal", box((0.16, 0.18, 0.2), (-0.26, 0, 0.06), chamfer=0.015))]


def static_arm(
    b: Builder, at: Vec3, turn_deg: float, paint: str, *, tool: str = "gripper", name: str = "Arm", bend: float = 0.0
) -> None:
    """An arm that belongs to a machine and stands still; `bend` tips it about its shoulder, in degrees."""
    parts = list(arm_base(paint))
    for joint, _parent, _at, _op, _range, solids in arm_segments(paint, tool):
        for part, material, solid in solids:
            tipped = solid if joint == "J1" else moved(moved(solid, (-0.15, 0, -0.78)), (0.15, 0, 0.78), (0, bend, 0))
            parts.append((part, material, tipped))
    for part, material, solid in parts:
        b.add(f"{name}{part}", material, moved(solid, at, (0, 0, turn_deg)))


def robot() -> Builder:
    """A six-axis robot on a pedestal, with a two-finger gripper; joints J1 to J6 turn."""
    b = Builder("Robot", "robot", ("Industrial_robot", "robot"), "Robot arm")
    b.add("Pedestal", "DarkGrey", box((0.8, 0.8, 0.03), (0, 0, 0)), rounded((0.56, 0.56, 0.3), (0, 0, 0.02), 0.05, 0.015))
    bolts(b, [(sx * 0.34, sy * 0.34, 0.03) for sx in (-1, 1) for sy in (-1, 1)], 0.03)
    up = 0.32
    for part, material, solid in arm_base("Orange"):
        b.add(part, material, solid.translate([0, 0, up]))
    placed: dict[str, Vec3] = {"": (0.0, 0.0, -up)}
    for joint, parent, at, op, (lower, upper), solids in arm_segments("Orange"):
        base = placed[parent]
        b.pivot(joint, (at[0] - base[0], at[1] - base[1], at[2] - base[2]), op, lower, upper, parent)
        placed[joint] = at
        for part, material, solid in solids:
            b.add(part, material, solid.translate([-at[0], -at[1], -at[2]]), parent=joint)
    ring = cylinder(0.62, 0.006, (0, 0, 0), segments=48) - cylinder(0.56, 0.02, (0, 0, -0.005), segments=48)
    b.add("FloorRing", "Yellow", ring)
    b.footprint_m = (1.3, 1.3)
    b.slots.append((0.95, 0.0, 1.02 + up))
    b.service_m = (0.0, -1.8, 0.0)
    return b


def welding_cell() -> Builder:
    """A fenced robot welding cell: arm with torch, turntable with fixture, power source, fume hood, light curtain posts."""
    b = Builder("WeldingCell", "welding", ("Welding_cell", "Machine", "processor"), "Robot welding cell")
    b.add("FloorPlate", "DarkGrey", box((3.4, 2.8, 0.03), (0, 0, 0)))
    guard(b, -1.7, 1.4, 1.7, 1.4)
    guard(b, -1.7, 0.45, -1.7, 1.4, part="LeftRear")
    guard(b, 1.7, 0.45, 1.7, 1.4, part="RightRear")
    guard(b, -1.7, -1.4, -1.7, -0.45, part="LeftFront")
    guard(b, 1.7, -1.4, 1.7, -0.45, part="RightFront")
    b.add("FrontPosts", "Yellow", *(box((0.09, 0.09, 1.6), (sx * 1.62, -1.36, 0), chamfer=0.01) for sx in (-1, 1)))
    b.add("Curtain", "AmberGlass", box((0.9, 0.012, 1.7), (-1.2, -1.39, 0.2)), box((0.9, 0.012, 1.7), (1.2, -1.39, 0.2)))
    b.add("CurtainRail", "DarkGrey", rod((-1.7, -1.39, 1.94), (1.7, -1.39, 1.94), 0.025))
    roller_bed(b, -1.8, -0.5, 0.6, side="Yellow")
    roller_bed(b, 0.5, 1.8, 0.6, side="Yellow")
    feet(b, [(x, sy * 0.26) for x in (-1.1, 1.1) for sy in (-1, 1)], 0.8)
    b.add("Positioner", "DarkGrey", cylinder(0.34, 0.5, (0, 0, 0.03), top_radius=0.24), cylinder(0.18, 0.3, (0, 0, 0.5)))
    b.add("Table", "DarkSteel", cylinder(0.5, 0.08, (0, 0, 0.81), chamfer=0.015, segments=40))
    clamps = [
        moved(union([box((0.1, 0.06, 0.14), (0.38, 0, 0.88)), box((0.16, 0.04, 0.03), (0.33, 0, 1.01))]), (0, 0, 0), (0, 0, a))
        for a in (45, 135, 225, 315)
    ]
    b.add("Clamps", "Amber", *clamps)
    static_arm(b, (0.0, 0.95, 0.03), -90, "Yellow", tool="torch", bend=8)
    b.add("PowerSource", "Navy", rounded((0.5, 0.6, 0.9), (1.25, 0.95, 0.1), 0.03, 0.015))
    b.add("PowerFace", "LightGrey", box((0.4, 0.01, 0.3), (1.25, 0.645, 0.6)))
    b.add(
        "GasBottle",
        "Green",
        cylinder(0.12, 1.3, (-1.3, 1.05, 0.03), segments=24, chamfer=0.05),
        cylinder(0.04, 0.16, (-1.3, 1.05, 1.31)),
    )
    hood = hull([box((2.0, 1.5, 0.06), (0, 0.2, 2.1)), box((0.5, 0.5, 0.06), (0, 0.4, 2.5))])
    b.add("Hood", "LightGrey", hood - hull([box((1.94, 1.44, 0.06), (0, 0.2, 2.09)), box((0.44, 0.44, 0.06), (0, 0.4, 2.48))]))
    b.add("Duct", "Aluminium", cylinder(0.2, 0.35, (0, 0.4, 2.53)))
    b.add(
        "HoodPosts",
        "DarkGrey",
        *(box((0.06, 0.06, 2.1), (sx * 0.95, 1.2, 0)) for sx in (-1, 1)),
        *(box((0.06, 0.4, 0.06), (sx * 0.95, 1.05, 2.06)) for sx in (-1, 1)),
    )
    wall_panel(b, (1.62, -1.41, 1.02))
    b.lamp(1.62, -1.36, 1.6)
    b.flow(1.8, H)
    return b


BUILDERS = (processor, machining_centre, lathe, press, welding_cell, robot)
