"""What holds and moves items: floor buffer, flow rack, accumulation table, pallet rack, conveyors, AGV, forklift, crane, desk.

Movers face +X. Not covered: people (`stage.make_people`), items (`stage.make_items`).
"""

from __future__ import annotations

import math

from gdt2usd.stage.asset_kit import TRANSPORT_M, legs, rollers
from gdt2usd.stage.asset_writer import Builder
from gdt2usd.stage.meshes import Solid, beam, box, cylinder, extruded, moved, rod, rounded, row, union

H = TRANSPORT_M


def queue() -> Builder:
    """A floor buffer: a marked bay with corner posts and pallet places; items stack up in it."""
    b = Builder("Queue", "queue", ("Buffer_area", "queue"), "Floor buffer")
    b.add("Bay", "FloorPaint", box((2.5, 2.3, 0.006), (0, 0, 0)))
    frame = box((2.6, 2.4, 0.008), (0, 0, 0)) - box((2.44, 2.24, 0.1), (0, 0, -0.05))
    b.add("Marking", "Yellow", frame)
    hatch = union(
        extruded([(x, -1.12), (x + 0.09, -1.12), (x + 0.34, -0.87), (x + 0.25, -0.87)], 0.01, "z", (0, 0, 0.005))
        for x in [-1.2 + 0.22 * i for i in range(10)]
    )
    b.add("Hatching", "Yellow", hatch ^ box((2.42, 2.2, 0.1), (0, 0, -0.05)))
    b.add("Posts", "Yellow", *(cylinder(0.05, 0.95, (sx * 1.22, 1.12, 0), chamfer=0.02) for sx in (-1, 1)))
    b.add("PostBands", "Black", *(cylinder(0.053, 0.1, (sx * 1.22, 1.12, z)) for sx in (-1, 1) for z in (0.35, 0.65)))
    b.add("Sign", "Amber", rounded((0.7, 0.03, 0.42), (0, 1.13, 1.32), 0.015))
    b.add(
        "SignFace",
        "White",
        *(box((w, 0.008, 0.05), (-0.25 + w / 2, 1.112, z)) for w, z in ((0.5, 1.62), (0.36, 1.52), (0.42, 1.42))),
    )
    b.add("SignPost", "DarkGrey", box((0.06, 0.06, 1.35), (0, 1.16, 0)), box((0.3, 0.3, 0.015), (0, 1.16, 0)))
    b.lamp(0.55, 1.16, 0.0, pole=1.35)
    b.inputs.append(((-1.3, 0.0, 0.02), 0.0))
    b.outputs.append(((1.3, 0.0, 0.02), 0.0))
    b.slots += [(-0.85 + 0.57 * i, -0.62 + 0.62 * j, 0.01 + 0.34 * k) for k in range(3) for j in (1, 0, 2) for i in (3, 2, 1, 0)]
    return b


def queue_rack() -> Builder:
    """A gravity flow rack: inclined roller lanes on three levels in a steel frame, coloured lane fronts."""
    b = Builder("QueueRack", "queue", ("Flow_rack", "queue"), "Flow rack")
    posts = [(x, y) for x in (-1.15, 0.0, 1.15) for y in (-0.5, 0.5)]
    legs(b, posts, 2.1, size=0.06, material="Blue", part="Posts")
    levels = (0.45, 1.0, 1.55)
    for z in levels:
        b.add("Beams", "Amber", *(box((2.36, 0.05, 0.1), (0, y, z - 0.12 + dz)) for y, dz in ((-0.5, 0.0), (0.5, 0.06))))
        tilt = math.degrees(math.atan2(0.06, 1.0))
        for i in range(4):
            x = -0.86 + 0.575 * i
            lane = [
                moved(cylinder(0.018, 0.44, (0, -0.46 + 0.092 * k, 0), "x", segments=10), (x, 0, z + 0.01), (tilt, 0, 0))
                for k in range(11)
            ]
            b.add("Rollers", "LightGrey", *lane)
            b.add(
                "Lanes",
                "DarkGrey",
                *(moved(box((0.02, 1.04, 0.07), (s * 0.25, 0, -0.05)), (x, 0, z + 0.01), (tilt, 0, 0)) for s in (-1, 1)),
            )
        b.add("Labels", "White", *(box((0.2, 0.008, 0.06), (-0.86 + 0.575 * i, -0.53, z - 0.1)) for i in range(4)))
    b.add(
        "Top",
        "Blue",
        *(box((2.36, 0.06, 0.06), (0, s * 0.5, 2.06)) for s in (-1, 1)),
        *(box((0.06, 1.0, 0.06), (x, 0, 2.06)) for x in (-1.15, 0, 1.15)),
    )
    b.add("Braces", "Blue", *(beam((s * 1.15, -0.5, 0.3), (s * 1.15, 0.5, 1.5), 0.03) for s in (-1, 1)))
    b.lamp(1.0, 0.45, 2.12, pole=0.1)
    b.inputs.append(((-1.25, 0.3, 1.0), 0.0))
    b.outputs.append(((1.25, -0.3, 1.0), 0.0))
    b.slots += [(-0.86 + 0.575 * i, -0.28 + 0.52 * j, z + 0.04 + 0.03 * j) for z in levels for j in range(2) for i in range(4)]
    return b


def queue_table() -> Builder:
    """A rotary accumulation table with a rail, drive below, and guides for in and out."""
    b = Builder("QueueTable", "queue", ("Accumulation_table", "queue"), "Accumulation table")
    b.add("Disc", "Brushed", cylinder(0.86, 0.04, (0, 0, H - 0.04), segments=64))
    b.add(
        "Rings",
        "DarkSteel",
        *(
            cylinder(r, 0.004, (0, 0, H), segments=64) - cylinder(r - 0.012, 0.1, (0, 0, H - 0.05), segments=64)
            for r in (0.84, 0.56, 0.28)
        ),
    )
    ring = cylinder(0.96, 0.13, (0, 0, H + 0.02), segments=64) - cylinder(0.93, 0.4, (0, 0, H - 0.1), segments=64)
    b.add("Rail", "Amber", ring - box((3.0, 0.5, 0.6), (0, 0, H - 0.1)))
    rim = cylinder(0.96, 0.16, (0, 0, H - 0.16), segments=64) - cylinder(0.9, 0.4, (0, 0, H - 0.2), segments=64)
    b.add("Rim", "LightGrey", rim)
    b.add("Pedestal", "DarkGrey", rounded((0.8, 0.8, 0.72), (0, 0, 0.05), 0.12, 0.02), cylinder(0.3, 0.1, (0, 0, 0.76)))
    legs(b, [(0.8 * math.cos(a), 0.8 * math.sin(a)) for a in (0.8, 2.34, 3.94, 5.48)], 0.78, size=0.06, material="Grey")
    b.add("Tracks", "Steel", *(box((0.5, 0.4, 0.03), (s * 1.05, 0, H - 0.03)) for s in (-1, 1)))
    b.add("TrackSides", "Amber", *(box((0.5, 0.03, 0.14), (s * 1.1, t * 0.215, H - 0.06)) for s in (-1, 1) for t in (-1, 1)))
    b.add("Arm", "Brushed", moved(box((0.7, 0.02, 0.1)), (0.28, 0.0, H + 0.03), (0, 0, 28)))
    b.add("Panel", "DarkGrey", box((0.26, 0.06, 0.34), (0, -0.98, 0.55), chamfer=0.012))
    b.add("PanelGo", "ButtonGreen", cylinder(0.022, 0.03, (-0.05, -1.01, 0.75), "y", segments=16))
    b.add("PanelStop", "ButtonRed", cylinder(0.034, 0.04, (0.05, -1.01, 0.68), "y", segments=16))
    b.lamp(0.0, 1.02, 0.0, pole=1.2)
    b.flow(1.3, H)
    b.slots = [
        (round(0.62 * math.cos(a), 3), round(0.62 * math.sin(a), 3), H) for a in (math.radians(20 + 40 * i) for i in range(9))
    ]
    b.slots += [(round(0.28 * math.cos(a), 3), round(0.28 * math.sin(a), 3), H) for a in (math.radians(90 * i) for i in range(4))]
    return b


def pallet_rack() -> Builder:
    """Two bays of pallet racking: perforated uprights with bracing, orange beams, four levels, guards, wire decks, some stock."""
    b = Builder("PalletRack", "storage", ("Pallet_rack", "storage"), "Pallet rack")
    frames = (-2.85, 0.0, 2.85)
    levels = (0.12, 1.75, 3.35)
    for x in frames:
        b.add(
            "Uprights",
            "Navy",
            *(box((0.1, 0.09, 4.9), (x, s * 0.5, 0)) for s in (-1, 1)),
            *(box((0.2, 0.18, 0.012), (x, s * 0.5, 0)) for s in (-1, 1)),
        )
        zig = [(-1) ** k * 0.46 for k in range(9)]
        b.add("Bracing", "Navy", *(beam((x, zig[k], 0.2 + 0.56 * k), (x, zig[k + 1], 0.76 + 0.56 * k), 0.035) for k in range(8)))
        b.add(
            "Guards",
            "Yellow",
            extruded(
                [(-0.12, 0), (0.12, 0), (0.12, 0.4), (0.09, 0.4), (0.09, 0.02), (-0.09, 0.02), (-0.09, 0.4), (-0.12, 0.4)],
                0.02,
                "y",
                (x, -0.6, 0),
            ),
            box((0.2, 0.016, 0.36), (x, -0.604, 0.01)),
        )
    for z in levels[1:]:
        b.add("Beams", "Orange", *(box((2.76, 0.05, 0.12), (x, s * 0.5, z - 0.13)) for x in (-1.425, 1.425) for s in (-1, 1)))
        wires = [row(box((2.72, 0.008, 0.008), (x, 0, z - 0.012)), 11, (0, 0.095, 0)) for x in (-1.425, 1.425)]
        wires += [row(box((0.008, 1.0, 0.008), (x, 0, z - 0.016)), 14, (0.2, 0, 0)) for x in (-1.425, 1.425)]
        b.add("Decks", "Steel", *wires)
        b.add(
            "Labels",
            "White",
            *(box((0.24, 0.006, 0.08), (x + d, -0.528, z - 0.11)) for x in (-1.425, 1.425) for d in (-0.9, 0, 0.9)),
        )
    b.lamp(2.85, 0.0, 4.9, pole=0.08)
    b.inputs.append(((-2.0, -0.7, 0.15), 90.0))
    b.outputs.append(((2.0, -0.7, 0.15), -90.0))
    b.slots += [(x, 0.0, z + 0.01) for z in levels for x in (-2.3, -1.425, -0.55, 0.55, 1.425, 2.3)]
    b.service_m = (0.0, -1.5, 0.0)
    return b


def _conveyor_frame(b: Builder, paint: str) -> None:
    """Side profiles and one pair of legs of a one-metre module."""
    profile = [
        (-0.025, -0.13),
        (0.025, -0.13),
        (0.025, -0.11),
        (0.0, -0.11),
        (0.0, 0.01),
        (0.025, 0.01),
        (0.025, 0.03),
        (-0.025, 0.03),
    ]
    b.add(
        "SideRails",
        paint,
        extruded(profile, 1.0, "x", (0, 0.375, H)),
        extruded([(-y, z) for y, z in profile], 1.0, "x", (0, -0.375, H)),
    )
    for s in (-1, 1):
        b.add("Legs", "Grey", box((0.06, 0.04, 0.7), (0, s * 0.35, 0.08)), box((0.12, 0.1, 0.012), (0, s * 0.35, 0)))
        b.add("Spindles", "DarkSteel", cylinder(0.014, 0.09, (0, s * 0.35, 0.0), segments=10))
    b.add("Crossbar", "Grey", box((0.05, 0.7, 0.04), (0, 0, 0.3)), box((0.05, 0.7, 0.05), (0, 0, 0.74)))
    b.stretch_m = 1.0
    b.footprint_m = (1.0, 0.8)


def conveyor_roller() -> Builder:
    """One metre of roller conveyor; modules join without a seam."""
    b = Builder("ConveyorRoller", "conveyor", ("Roller_conveyor", "conveyor"), "Roller conveyor")
    _conveyor_frame(b, "Blue")
    rollers(b, 1.0, 0.7, pitch=0.1)
    b.add("Axles", "DarkSteel", row(cylinder(0.008, 0.78, (0, 0, H - 0.028), "y", segments=8), 10, (0.1, 0, 0)))
    b.flow(0.5, H)
    return b


def conveyor_belt() -> Builder:
    """One metre of belt conveyor with side guides; modules join without a seam."""
    b = Builder("ConveyorBelt", "conveyor", ("Belt_conveyor", "conveyor"), "Belt conveyor")
    _conveyor_frame(b, "Teal")
    b.add("Belt", "BeltRubber", box((1.0, 0.68, 0.02), (0, 0, H - 0.02)), box((1.0, 0.68, 0.012), (0, 0, H - 0.11)))
    b.add("BeltEdges", "LightGrey", *(box((1.0, 0.012, 0.003), (0, s * 0.3, H)) for s in (-1, 1)))
    b.add("SlideBed", "Steel", box((1.0, 0.66, 0.02), (0, 0, H - 0.045)))
    b.add("GuideRails", "Brushed", *(box((1.0, 0.02, 0.035), (0, s * 0.36, H + 0.1)) for s in (-1, 1)))
    b.add("GuidePosts", "DarkSteel", *(box((0.025, 0.02, 0.12), (0, s * 0.38, H)) for s in (-1, 1)))
    b.flow(0.5, H)
    return b


def _drive(name: str, title: str, paint: str, *, belt: bool) -> Builder:
    """The end of a conveyor (0.3 m): end roller, drive motor below, emergency stop, side plates."""
    b = Builder(name, "conveyor", ("Conveyor_drive", "conveyor"), title)
    b.add("Plates", paint, *(rounded((0.3, 0.05, 0.22), (0, s * 0.375, H - 0.17), 0.02) for s in (-1, 1)))
    b.add(
        "EndRoller",
        "BeltRubber" if belt else "Brushed",
        *(cylinder(0.05, 0.68, (0.08, 0, H - 0.05), "y"),)
        if belt
        else (cylinder(0.028, 0.7, (x, 0, H - 0.028), "y", segments=14) for x in (-0.1, 0.0, 0.1)),
    )
    if belt:
        b.add("Belt", "BeltRubber", box((0.26, 0.68, 0.02), (-0.03, 0, H - 0.02)))
    b.add(
        "Motor",
        "Charcoal",
        cylinder(0.085, 0.26, (0.0, -0.15, H - 0.26), "y"),
        box((0.16, 0.14, 0.18), (0, 0.08, H - 0.35), chamfer=0.015),
    )
    b.add("Stop", "ButtonRed", cylinder(0.034, 0.04, (0.0, -0.425, H - 0.05), "y", segments=16))
    b.add("StopBox", "Yellow", box((0.1, 0.03, 0.1), (0.0, -0.405, H - 0.1), chamfer=0.008))
    b.add("Legs", "Grey", *(box((0.06, 0.04, 0.74), (0, s * 0.35, 0.0)) for s in (-1, 1)))
    b.add("Feet", "Grey", *(box((0.14, 0.12, 0.012), (0, s * 0.35, 0)) for s in (-1, 1)))
    b.footprint_m = (0.3, 0.84)
    return b


def conveyor_roller_drive() -> Builder:
    """The driven end of a roller conveyor."""
    return _drive("ConveyorRollerDrive", "Roller conveyor drive", "Navy", belt=False)


def conveyor_belt_drive() -> Builder:
    """The driven end of a belt conveyor."""
    return _drive("ConveyorBeltDrive", "Belt conveyor drive", "Charcoal", belt=True)


def conveyor_curve() -> Builder:
    """A 90 degree roller curve of 1.2 m radius: in at -X, out at -Y... turning right; centre of the turn at (-0.6, -0.6)."""
    b = Builder("ConveyorCurve", "conveyor", ("Conveyor_curve", "conveyor"), "Conveyor curve")
    radius, centre = 1.0, (-0.7, -0.7)

    def arc(r0: float, r1: float, z0: float, z1: float) -> Solid:
        ring = cylinder(r1, z1 - z0, (*centre, z0), segments=96) - cylinder(r0, 1.0, (*centre, z0 - 0.3), segments=96)
        return ring ^ box((2.0, 2.0, 3.0), (centre[0] + 1.0, centre[1] + 1.0, 0))

    b.add(
        "SideRails",
        "Blue",
        arc(radius - 0.4, radius - 0.35, H - 0.13, H + 0.03),
        arc(radius + 0.35, radius + 0.4, H - 0.13, H + 0.03),
    )
    turned = []
    for i in range(15):
        angle = math.radians(3 + 6 * i)
        inner, outer = (radius - 0.35), (radius + 0.35)
        p = [(centre[0] + r * math.cos(angle), centre[1] + r * math.sin(angle)) for r in (inner, outer)]
        turned.append(rod((*p[0], H - 0.02), (*p[1], H - 0.034), 0.019, end_radius=0.034, segments=14))
    b.add("Rollers", "Brushed", *turned)
    spots = [
        (centre[0] + r * math.cos(a), centre[1] + r * math.sin(a))
        for a in (math.radians(10), math.radians(80))
        for r in (radius - 0.35, radius + 0.35)
    ]
    legs(b, spots, 0.78, material="Grey")
    b.footprint_m = (1.5, 1.5)
    b.inputs.append(((centre[0], centre[1] + radius, H), 0.0))
    b.outputs.append(((centre[0] + radius, centre[1], H), -90.0))
    b.slots.append((centre[0] + radius * math.sqrt(0.5), centre[1] + radius * math.sqrt(0.5), H))
    return b


BUILDERS = (
    queue,
    queue_rack,
    queue_table,
    pallet_rack,
    conveyor_roller,
    conveyor_belt,
    conveyor_roller_drive,
    conveyor_belt_drive,
    conveyor_curve,
)
