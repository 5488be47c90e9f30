"""Where items come, go, meet and part: source, sink, dock, scrap bin, combiner, separator, multiprocessor.

Not covered: buffers, conveyors and vehicles (`stage.make_handling`).
"""

from __future__ import annotations

from gdt2usd.stage.asset_kit import (
    TRANSPORT_M,
    bar_handle,
    conduit,
    eye_bolts,
    feet,
    guard,
    legs,
    louvre,
    pane,
    roller_bed,
    rollers,
    roof_unit,
    wall_panel,
)
from gdt2usd.stage.asset_writer import Builder
from gdt2usd.stage.make_machines import static_arm
from gdt2usd.stage.meshes import box, cylinder, extruded, moved, rod, rounded

H = TRANSPORT_M


def _gate(b: Builder, x: float, paint: str, arrow: float) -> None:
    """A portal over the flow with light barrier and an arrow sign (`arrow` +1: out of the gate along +X)."""
    b.add(
        "Gate",
        paint,
        *(rounded((0.1, 0.1, 1.5), (x, s * 0.56, 0.0), 0.02) for s in (-1, 1)),
        rounded((0.16, 1.3, 0.3), (x, 0, 1.5), 0.03, 0.01),
    )
    b.add("GateFeet", "DarkGrey", *(box((0.22, 0.22, 0.015), (x, s * 0.56, 0)) for s in (-1, 1)))
    b.add("Barrier", "Black", *(box((0.05, 0.03, 0.1), (x, s * 0.5, 1.02), chamfer=0.006) for s in (-1, 1)))
    for face in (-1, 1):
        chevron = [
            extruded(
                [(y, 1.56), (y + 0.09, 1.65), (y, 1.74), (y + 0.06, 1.74), (y + 0.15, 1.65), (y + 0.06, 1.56)],
                0.012,
                "x",
                (x + face * 0.085, 0, 0),
            )
            for y in (-0.3, -0.08, 0.14)
        ]
        b.add("GateArrows", "White", *chevron)
    del arrow


def source() -> Builder:
    """Infeed: a roller table that starts at a portal with a stack of empty pallets' worth of guide rails."""
    b = Builder("Source", "source", ("Infeed", "source"), "Infeed")
    roller_bed(b, -1.1, 1.1, 0.8, side="Green")
    legs(b, [(sx * 0.9, sy * 0.36) for sx in (-1, 1) for sy in (-1, 1)], 0.8, material="DarkGrey")
    b.add(
        "Braces",
        "DarkGrey",
        *(box((1.8, 0.03, 0.05), (0, sy * 0.36, 0.3)) for sy in (-1, 1)),
        *(box((0.05, 0.72, 0.05), (sx * 0.9, 0, 0.3)) for sx in (-1, 1)),
    )
    b.add("Guides", "Brushed", *(rod((-1.1, sy * 0.47, H + 0.14), (1.1, sy * 0.36, H + 0.14), 0.018) for sy in (-1, 1)))
    b.add(
        "GuidePosts",
        "DarkSteel",
        *(
            rod((x, sy * (0.415 - 0.05 * x), H - 0.05), (x, sy * (0.415 - 0.05 * x), H + 0.14), 0.012)
            for x in (-0.8, 0, 0.8)
            for sy in (-1, 1)
        ),
    )
    _gate(b, -0.55, "Green", 1.0)
    b.add("Motor", "Charcoal", rounded((0.26, 0.18, 0.2), (0.4, -0.5, 0.62), 0.03), cylinder(0.08, 0.2, (0.62, -0.5, 0.72), "x"))
    wall_panel(b, (0.95, -0.47, 0.52))
    b.lamp(-0.55, 0.56, 1.8, pole=0.1)
    b.outputs.append(((1.1, 0.0, H), 0.0))
    b.slots += [(x, 0.0, H) for x in (0.75, 0.25, -0.25, -0.75)]
    return b


def sink() -> Builder:
    """Outfeed: a roller table through a portal down to a stop, with a barcode gate and a stack of totes beside."""
    b = Builder("Sink", "sink", ("Outfeed", "sink"), "Outfeed")
    roller_bed(b, -1.1, 1.1, 0.8, side="Red")
    legs(b, [(sx * 0.9, sy * 0.36) for sx in (-1, 1) for sy in (-1, 1)], 0.8, material="DarkGrey")
    b.add("Braces", "DarkGrey", *(box((1.8, 0.03, 0.05), (0, sy * 0.36, 0.3)) for sy in (-1, 1)))
    b.add("Stop", "DarkSteel", box((0.05, 0.8, 0.16), (1.1, 0, H - 0.06), chamfer=0.01))
    b.add("Buffers", "Rubber", *(cylinder(0.04, 0.05, (1.06, s * 0.22, H + 0.05), "x") for s in (-1, 1)))
    _gate(b, 0.35, "Red", -1.0)
    b.add("ScannerHead", "Charcoal", box((0.12, 0.2, 0.12), (0.35, 0, 1.4), chamfer=0.02))
    b.add("ScannerEye", "ButtonRed", box((0.06, 0.12, 0.008), (0.35, 0, 1.394)))
    wall_panel(b, (-0.8, -0.47, 0.52))
    b.lamp(0.35, 0.56, 1.8, pole=0.1)
    b.inputs.append(((-1.1, 0.0, H), 0.0))
    b.slots += [(x, 0.0, H) for x in (0.8, 0.35, -0.1, -0.55)]
    return b


def dock() -> Builder:
    """The loading dock as an outfeed: items arrive from -X."""
    b = _dock()
    b.outputs = []
    return b


def _dock() -> Builder:
    """A loading dock: sectional door in a wall section, dock shelter, leveller, bumpers, wheel guides, traffic light."""
    b = Builder("Dock", "sink", ("Loading_dock", "dock"), "Loading dock")
    wall = box((0.25, 3.4, 3.9), (1.45, 0, 0)) - box((1.0, 2.5, 2.9), (1.45, 0, 0.0))
    b.add("Wall", "WallPanel", wall)
    b.add("Door", "LightGrey", *(box((0.06, 2.46, 0.46), (1.42, 0, 1.42 + 0.49 * i), chamfer=0.012) for i in range(3)))
    b.add(
        "Tracks",
        "Steel",
        *(box((0.1, 0.06, 2.9), (1.34, s * 1.28, 0)) for s in (-1, 1)),
        *(box((1.5, 0.05, 0.05), (0.62, s * 1.28, 2.96)) for s in (-1, 1)),
    )
    b.add("Shelter", "Rubber", *(box((0.3, 0.35, 3.1), (1.7, s * 1.4, 0)) for s in (-1, 1)), box((0.3, 3.15, 0.4), (1.7, 0, 2.9)))
    b.add(
        "Leveller",
        "DarkSteel",
        box((2.4, 2.0, 0.05), (0.15, 0, 0.0), chamfer=0.01),
        moved(box((0.45, 1.9, 0.03)), (1.52, 0, 0.03), (0, 4, 0)),
    )
    b.add("Edges", "Yellow", *(box((2.4, 0.1, 0.055), (0.15, s * 1.05, 0.0)) for s in (-1, 1)))
    marks = [
        extruded([(x, -1.1), (x + 0.15, -1.1), (x + 0.25, -1.0), (x + 0.1, -1.0)], 0.004, "z", (0, 0, 0.057))
        for x in [-0.95 + 0.4 * i for i in range(6)]
    ]
    b.add("EdgeMarks", "Black", *marks, *(m.mirror([0, 1, 0]) for m in marks))
    b.add("Number", "Navy", box((0.02, 0.7, 0.5), (1.31, 0, 3.24)))
    b.add(
        "Digit",
        "White",
        *(box((0.02, w, h), (1.3, y, z)) for y, z, w, h in ((0.0, 3.31, 0.06, 0.36),)),
        box((0.02, 0.16, 0.05), (1.3, 0, 3.31)),
        moved(box((0.02, 0.05, 0.14)), (1.3, 0.05, 3.54), (30, 0, 0)),
    )
    b.add("Bollards", "Yellow", *(cylinder(0.09, 1.0, (1.05, s * 1.5, 0), chamfer=0.03) for s in (-1, 1)))
    b.add("BollardBands", "Black", *(cylinder(0.093, 0.1, (1.05, s * 1.5, z)) for s in (-1, 1) for z in (0.4, 0.7)))
    roller_bed(b, -1.6, -0.2, 0.8, side="Blue", z=H)
    legs(b, [(x, sy * 0.36) for x in (-1.45, -0.35) for sy in (-1, 1)], 0.8)
    wall_panel(b, (1.25, -1.62, 1.1))
    b.lamp(1.2, 1.62, 3.0, pole=0.12)
    b.add("LampArm", "DarkSteel", box((0.3, 0.1, 0.03), (1.28, 1.62, 2.97)))
    b.inputs.append(((-1.6, 0.0, H), 0.0))
    b.outputs.append(((-1.6, 0.0, H), 180.0))
    b.slots += [(x, 0.0, H) for x in (-0.4, -0.8, -1.2)]
    b.slots += [(x, y, 0.06) for x in (0.7, 0.1) for y in (-0.5, 0.5)]
    return b


def dock_in() -> Builder:
    """The loading dock as an infeed: the door at -X, items leave along +X."""
    b = _dock()
    b.name, b.family, b.title, b.labels = "DockIn", "source", "Receiving dock", ("Loading_dock", "source")
    b.turn_round()
    b.inputs, b.outputs = [], [(at, 0.0) for at, _ in b.outputs]
    return b


def scrap_bin() -> Builder:
    """A tipping container for rejects, with fork pockets, a chute above and a label."""
    b = Builder("ScrapBin", "sink", ("Waste_container", "sink"), "Scrap container")
    outer = extruded([(-0.6, 0.22), (0.5, 0.22), (0.75, 0.85), (0.75, 1.0), (-0.6, 1.0)], 1.1, "y")
    inner = extruded([(-0.55, 0.27), (0.48, 0.27), (0.7, 0.86), (0.7, 1.2), (-0.55, 1.2)], 1.0, "y")
    b.add("Body", "Red", outer - inner)
    b.add("Rim", "Red", (box((1.43, 1.18, 0.07), (0.075, 0, 0.95)) - box((1.27, 1.02, 0.3), (0.075, 0, 0.9))))
    b.add(
        "Pockets",
        "DarkGrey",
        *(box((1.15, 0.2, 0.1), (-0.02, s * 0.3, 0.1)) - box((2, 0.16, 0.07), (0, s * 0.3, 0.115)) for s in (-1, 1)),
    )
    b.add("Wheels", "Rubber", *(cylinder(0.1, 0.06, (x, s * 0.46, 0.1), "y") for x in (-0.45, 0.4) for s in (-1, 1)))
    b.add("Ribs", "Red", *(box((0.04, 1.16, 0.7), (x, 0, 0.25)) - box((0.2, 1.09, 0.8), (x, 0, 0.2)) for x in (-0.3, 0.1)))
    parts = [
        moved(
            box((0.14 + 0.03 * (i % 4), 0.1 + 0.04 * (i % 3), 0.08), chamfer=0.01),
            (-0.4 + 0.17 * (i % 6), -0.36 + 0.24 * (i // 6), 0.8 + 0.03 * (i % 3)),
            (20 * i, 13 * i, 31 * i),
        )
        for i in range(22)
    ]
    b.add("Scrap", "DarkSteel", box((1.2, 0.98, 0.5), (0.05, 0, 0.35)), *parts)
    b.add("Label", "White", box((0.5, 0.012, 0.22), (-0.1, -0.556, 0.6)))
    b.add(
        "LabelMark",
        "Red",
        moved(box((0.24, 0.01, 0.04)), (-0.1, -0.563, 0.71), (0, 45, 0)),
        moved(box((0.24, 0.01, 0.04)), (-0.1, -0.563, 0.71), (0, -45, 0)),
    )
    b.lamp(-0.5, 0.62, 0.0, pole=1.25)
    b.inputs.append(((-0.72, 0.0, 1.0), 0.0))
    b.slots += [(x, y, 0.86) for x in (-0.25, 0.35) for y in (-0.25, 0.25)]
    return b


def combiner() -> Builder:
    """An assembly cell: two infeeds meet under a gantry robot in a glazed frame; the joined item leaves in front."""
    b = Builder("Combiner", "assembly", ("Assembly_cell", "Machine", "combiner"), "Assembly cell")
    b.add("Floor", "Grey", rounded((2.8, 2.4, 0.05), (0, 0, 0), 0.1))
    roller_bed(b, -1.7, 1.7, 0.64, side="Teal")
    rollers(b, 0.95, 0.5, at=(0, 0, H), part="CrossSpacer", pitch=0.1)
    side = [cylinder(0.028, 0.5, (0, 0.4 + 0.09 * i, H - 0.028), "x", segments=14) for i in range(11)]
    b.add("SideRollers", "Brushed", *side)
    b.add("SideRails", "Teal", *(box((0.04, 1.02, 0.15), (s * 0.28, 0.86, H - 0.12)) for s in (-1, 1)))
    legs(b, [(sx * 1.5, sy * 0.28) for sx in (-1, 1) for sy in (-1, 1)] + [(sx * 0.24, 1.25) for sx in (-1, 1)], 0.8)
    legs(b, [(sx * 1.25, sy * 1.0) for sx in (-1, 1) for sy in (-1, 1)], 2.3, size=0.1, material="LightGrey", part="Posts")
    b.add(
        "TopFrame",
        "LightGrey",
        *(box((2.6, 0.1, 0.12), (0, s * 1.0, 2.2)) for s in (-1, 1)),
        *(box((0.1, 2.0, 0.12), (s * 1.25, 0, 2.2)) for s in (-1, 1)),
    )
    b.add(
        "TopBand",
        "Teal",
        *(box((2.62, 0.02, 0.07), (0, s * 1.055, 2.22)) for s in (-1, 1)),
        *(box((0.02, 2.1, 0.07), (s * 1.305, 0, 2.22)) for s in (-1, 1)),
    )
    for x, n in ((-0.62, "Left"), (0.62, "Right")):
        pane(b, f"Front{n}", (1.12, 1.1), (x, -1.0, 1.02))
        b.add("Kick", "Teal", box((1.2, 0.03, 0.7), (x, -1.0, 0.2), chamfer=0.006))
        bar_handle(b, (x - 0.48 * (1 if x > 0 else -1), -1.02, 1.5), 0.4)
    b.add(
        "Bridge",
        "Aluminium",
        *(box((2.4, 0.1, 0.12), (0, s * 0.75, 2.04)) for s in (-1, 1)),
        box((0.16, 1.6, 0.12), (0.0, 0, 2.16)),
    )
    axis = b.pivot("Head", (0.0, 0.0, 1.5), "translateZ", -0.3, 0.2)
    b.add("Carriage", "DarkGrey", rounded((0.3, 0.28, 0.34), (0, 0, 1.92), 0.03, 0.01))
    b.add("Quill", "Brushed", box((0.12, 0.12, 0.8), (0, 0, -0.1)), parent=axis)
    b.add(
        "Gripper",
        "Orange",
        box((0.34, 0.2, 0.08), (0, 0, -0.16), chamfer=0.015),
        *(box((0.04, 0.14, 0.16), (s * 0.15, 0, -0.3), chamfer=0.008) for s in (-1, 1)),
        parent=axis,
    )
    b.add("Fixture", "DarkSteel", *(box((0.06, 0.5, 0.08), (s * 0.3, 0, H - 0.07)) for s in (-1, 1)))
    b.add(
        "Bowl",
        "Brushed",
        cylinder(0.3, 0.26, (-0.85, 0.62, 0.92), top_radius=0.36) - cylinder(0.27, 0.3, (-0.85, 0.62, 0.98), top_radius=0.34),
        cylinder(0.16, 0.9, (-0.85, 0.62, 0.03)),
    )
    b.add("Cabinet", "LightGrey", rounded((0.7, 0.34, 1.6), (0.85, 0.78, 0.06), 0.03, 0.01))
    louvre(b, (0.4, 0.3), (0.85, 0.955, 1.1), facing="-y")
    wall_panel(b, (1.25, -1.06, 1.1))
    b.lamp(-1.25, 1.0, 2.32)
    b.inputs += [((-1.7, 0.0, H), 0.0), ((0.0, 1.36, H), -90.0)]
    b.outputs.append(((1.7, 0.0, H), 0.0))
    b.slots += [(0.0, 0.0, H), (0.0, 0.7, H), (0.0, 1.1, H), (-0.9, 0.0, H)]
    return b


def separator() -> Builder:
    """An unpacking cell: one infeed under a cutting portal, two outfeeds (straight on and across) behind a diverter."""
    b = Builder("Separator", "assembly", ("Unpacking_station", "Machine", "separator"), "Separator")
    roller_bed(b, -1.6, 1.6, 0.64, side="Amber")
    cross = [cylinder(0.028, 0.5, (0.75, 0.4 + 0.09 * i, H - 0.028), "x", segments=14) for i in range(8)]
    b.add("SideRollers", "Brushed", *cross)
    b.add("SideRails", "Amber", *(box((0.04, 0.78, 0.15), (0.75 + s * 0.28, 0.74, H - 0.12)) for s in (-1, 1)))
    legs(b, [(x, sy * 0.28) for x in (-1.4, -0.3, 1.4) for sy in (-1, 1)] + [(0.75 + sx * 0.24, 1.05) for sx in (-1, 1)], 0.8)
    hood = (
        rounded((1.3, 1.5, 1.16), (-0.55, 0, 0.86), 0.08, 0.02)
        - box((3.0, 0.8, 0.56), (-0.55, 0, 0.7))
        - box((0.96, 3.0, 0.66), (-0.55, 0, 1.14))
        - box((1.1, 1.3, 0.9), (-0.55, 0, 0.8))
    )
    b.add("Hood", "White", hood)
    b.add("HoodLegs", "White", *(box((0.1, 0.1, 0.9), (-0.55 + sx * 0.58, sy * 0.68, 0.0)) for sx in (-1, 1) for sy in (-1, 1)))
    b.add("HoodBand", "Amber", rounded((1.31, 1.51, 0.06), (-0.55, 0, 1.9), 0.08))
    pane(b, "Front", (0.92, 0.6), (-0.55, -0.74, 1.17))
    pane(b, "Rear", (0.92, 0.6), (-0.55, 0.74, 1.17))
    b.add("Blade", "Brushed", cylinder(0.2, 0.012, (-0.55, 0.1, 1.5), "x", segments=36), cylinder(0.05, 0.2, (-0.6, 0.1, 1.5), "x"))
    b.add(
        "BladeDrive", "DarkGrey", box((0.2, 0.22, 0.32), (-0.75, 0.1, 1.4), chamfer=0.02), box((0.12, 1.2, 0.1), (-0.75, 0, 1.72))
    )
    b.add(
        "Diverter",
        "Orange",
        moved(box((0.75, 0.035, 0.12), chamfer=0.008), (0.75, 0.0, H + 0.02), (0, 0, 40)),
        cylinder(0.045, 0.2, (0.46, -0.25, H - 0.02)),
    )
    b.add(
        "Cups",
        "Black",
        *(cylinder(0.04, 0.12, (0.15 + 0.12 * i, -0.06 + 0.12 * j, 1.2), top_radius=0.016) for i in range(2) for j in range(2)),
    )
    b.add(
        "Lift",
        "Aluminium",
        box((0.1, 0.1, 1.55), (0.2, 0.56, 0.3)),
        box((0.1, 0.66, 0.1), (0.2, 0.26, 1.6)),
        box((0.08, 0.08, 0.35), (0.2, 0.0, 1.3)),
        box((0.22, 0.22, 0.03), (0.21, 0.0, 1.3)),
    )
    b.add(
        "CrateBin", "Grey", rounded((0.6, 0.5, 0.6), (-0.2, 1.05, 0.0), 0.04) - rounded((0.54, 0.44, 0.6), (-0.2, 1.05, 0.05), 0.03)
    )
    b.add(
        "Scraps",
        "Cardboard",
        *(moved(box((0.4, 0.02, 0.3)), (-0.2 + 0.05 * i, 1.05 + 0.03 * i, 0.42), (20 * i, 70, 30 * i)) for i in range(4)),
    )
    roof_unit(b, (0.8, 0.6), (-0.5, -0.2, 2.02), height=0.2)
    conduit(b, [(-0.5, 0.1, 2.1), (-0.5, 0.5, 2.1), (-0.5, 0.7, 2.1), (-0.5, 0.78, 1.85)])
    eye_bolts(b, [(-0.55 + sx * 0.55, sy * 0.62) for sx in (-1, 1) for sy in (-1, 1)], 2.02)
    wall_panel(b, (-0.05, -0.78, 1.0))
    b.lamp(-1.0, 0.5, 2.02)
    b.inputs.append(((-1.6, 0.0, H), 0.0))
    b.outputs += [((1.6, 0.0, H), 0.0), ((0.75, 1.12, H), 90.0)]
    b.slots += [(-0.55, 0.0, H), (0.75, 0.0, H), (1.3, 0.0, H)]
    return b


def multiprocessor() -> Builder:
    """A flexible cell: three work stages around a robot behind a glazed fence, with a cabinet row at the back."""
    b = Builder("MultiProcessor", "machining", ("Flexible_cell", "Machine", "multiprocessor"), "Flexible cell")
    b.add("Floor", "DarkGrey", box((3.6, 2.8, 0.03), (0, 0, 0)))
    for i, (x, paint) in enumerate(((-1.2, "Blue"), (0.0, "Teal"), (1.2, "Violet"))):
        b.add(
            f"Stage{i + 1}",
            "White",
            rounded((1.08, 0.9, 1.85), (x, 0.92, 0.03), 0.05, 0.015) - box((0.72, 0.6, 0.7), (x, 0.5, 0.85)),
        )
        b.add(f"Stage{i + 1}Band", paint, box((1.09, 0.91, 0.1), (x, 0.92, 1.68)))
        b.add("StageLights", "WorkLight", box((0.6, 0.05, 0.02), (x, 0.55, 1.53)))
        b.add("StageTables", "Steel", box((0.6, 0.36, 0.05), (x, 0.66, 0.86), chamfer=0.006))
        b.add("StageHeads", "DarkSteel", cylinder(0.07, 0.3, (x, 0.68, 1.26)), cylinder(0.03, 0.14, (x, 0.68, 1.13)))
        louvre(b, (0.5, 0.3), (x, 0.46, 0.3))
        roof_unit(b, (0.7, 0.5), (x + 0.1, 1.0, 1.88), height=0.16)
        louvre(b, (0.6, 0.5), (x, 1.375, 1.0), facing="-y", part="BackLouvres")
    roller_bed(b, -1.9, -0.5, 0.56, y=-0.1, side="Blue")
    roller_bed(b, 0.5, 1.9, 0.56, y=-0.1, side="Blue")
    feet(b, [(x, -0.1 + s * 0.25) for x in (-1.7, -0.6, 0.6, 1.7) for s in (-1, 1)], 0.8)
    static_arm(b, (0.0, -0.35, 0.03), 90, "Orange", bend=-6)
    guard(b, -1.8, -1.38, -0.7, -1.38, part="FrontLeft")
    guard(b, 0.7, -1.38, 1.8, -1.38, part="FrontRight")
    guard(b, -1.8, -1.38, -1.8, -0.5, part="SideLeft")
    guard(b, 1.8, -1.38, 1.8, -0.5, part="SideRight")
    b.add(
        "Door",
        "Aluminium",
        box((1.3, 0.04, 1.96), (0, -1.38, 0.03)) - box((1.18, 0.2, 1.8), (0, -1.38, 0.12)),
        box((1.3, 0.045, 0.06), (0, -1.38, 1.0)),
    )
    b.add("DoorPane", "Glass", box((1.2, 0.014, 1.84), (0, -1.38, 0.1)))
    bar_handle(b, (0.5, -1.4, 1.1), 0.3)
    wall_panel(b, (1.0, -1.42, 1.0))
    b.lamp(-1.2, 0.6, 1.88)
    b.inputs.append(((-1.9, -0.1, H), 0.0))
    b.outputs.append(((1.9, -0.1, H), 0.0))
    b.slots += [(0.8, -0.1, H), (-1.2, 0.64, 0.91), (0.0, 0.64, 0.91), (1.2, 0.64, 0.91)]
    return b


BUILDERS = (source, sink, dock, dock_in, scrap_bin, combiner, separator, multiprocessor)
