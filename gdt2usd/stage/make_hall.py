"""The hall: floor slab, lane markings, arrows, columns, wall bays, lamps, fence, stocked racks, doors.

The slab and the markings are one metre long and are scaled; the rest stands on a grid. Not covered: machines.
"""

from __future__ import annotations

from gdt2usd.stage.asset_writer import Builder
from gdt2usd.stage.meshes import box, cylinder, extruded, rod, rounded, row, union


def _hall(name: str, title: str, *labels: str) -> Builder:
    return Builder(name, "hall", (*labels, "hall"), title, folder="hall")


def floor() -> Builder:
    """A square metre of floor, its top at 0; scale X and Y to size."""
    b = _hall("Floor", "Floor", "Floor")
    b.add("Slab", "Concrete", box((1.0, 1.0, 0.2), (0, 0, -0.2)))
    b.footprint_m, b.stretch_m = (1.0, 1.0), 1.0
    return b


def floor_joint() -> Builder:
    """One metre of expansion joint along X, a hair above the floor; scale X."""
    b = _hall("FloorJoint", "Floor joint", "Floor_joint")
    b.add("Joint", "Grey", box((1.0, 0.02, 0.003), (0, 0, 0.0)))
    b.footprint_m, b.stretch_m = (1.0, 0.02), 1.0
    return b


def _line(name: str, title: str, material: str, width: float) -> Builder:
    b = _hall(name, title, "Floor_marking")
    b.add("Line", material, box((1.0, width, 0.004), (0, 0, 0.0)))
    b.footprint_m, b.stretch_m = (1.0, width), 1.0
    return b


def lane_line() -> Builder:
    """One metre of yellow lane marking along X; scale X."""
    return _line("LaneLine", "Lane marking", "Yellow", 0.1)


def lane_surface() -> Builder:
    """One metre of painted aisle along X, one metre wide; scale X and Y."""
    return _line("LaneSurface", "Aisle", "FloorPaint", 1.0)


def flow_arrow() -> Builder:
    """A flow arrow on the floor, one metre long, pointing along +X."""
    b = _hall("FlowArrow", "Flow arrow", "Floor_marking")
    b.add(
        "Arrow",
        "SkyBlue",
        extruded(
            [(-0.5, -0.06), (0.15, -0.06), (0.15, -0.2), (0.5, 0.0), (0.15, 0.2), (0.15, 0.06), (-0.5, 0.06)],
            0.004,
            "z",
            (0, 0, 0.004),
        ),
    )
    b.footprint_m, b.stretch_m = (1.0, 0.4), 1.0
    return b


def crossing() -> Builder:
    """A pedestrian crossing, 1.2 m wide, 2 m long."""
    b = _hall("Crossing", "Pedestrian crossing", "Floor_marking")
    b.add("Stripes", "White", row(box((0.22, 1.2, 0.005), (0, 0, 0.002)), 5, (0.42, 0, 0)))
    return b


def column() -> Builder:
    """A steel column, 6 m high, with base plate, anchor bolts, crash guard and a bay sign."""
    b = _hall("Column", "Column", "Column")
    profile = [
        (-0.15, -0.15),
        (0.15, -0.15),
        (0.15, -0.13),
        (0.01, -0.13),
        (0.01, 0.13),
        (0.15, 0.13),
        (0.15, 0.15),
        (-0.15, 0.15),
        (-0.15, 0.13),
        (-0.01, 0.13),
        (-0.01, -0.13),
        (-0.15, -0.13),
    ]
    b.add("Profile", "LightGrey", extruded(profile, 6.0, "z", (0, 0, 3.0)))
    b.add(
        "Base",
        "DarkGrey",
        box((0.5, 0.5, 0.04), (0, 0, 0)),
        *(cylinder(0.02, 0.1, (sx * 0.2, sy * 0.2, 0), segments=6) for sx in (-1, 1) for sy in (-1, 1)),
    )
    guard = rounded((0.44, 0.44, 1.1), (0, 0, 0.02), 0.06) - box((0.36, 0.36, 3.0), (0, 0, -0.5))
    b.add("Guard", "Yellow", guard)
    b.add(
        "GuardBands",
        "Black",
        *(rounded((0.446, 0.446, 0.12), (0, 0, z), 0.062) - box((0.38, 0.38, 3), (0, 0, -1)) for z in (0.25, 0.55, 0.85)),
    )
    b.add("Sign", "Navy", *(box((0.32, 0.012, 0.32), (0, s * 0.16, 2.6)) for s in (-1, 1)))
    b.add(
        "SignBar",
        "White",
        *(box((0.06, 0.006, 0.2), (0, s * 0.169, 2.66)) for s in (-1, 1)),
        *(box((0.16, 0.006, 0.05), (0, s * 0.169, 2.66)) for s in (-1, 1)),
    )
    return b


def wall_bay() -> Builder:
    """Six metres of hall wall, its inner face towards -Y: plinth, sandwich panels, window strip, pilaster, cable tray."""
    b = _hall("WallBay", "Wall", "Wall")
    b.add("Plinth", "Concrete", box((6.0, 0.24, 0.5), (0, 0.02, 0)))
    b.add("Panels", "WallPanel", box((6.0, 0.16, 2.5), (0, 0.02, 0.5)), box((6.0, 0.16, 0.7), (0, 0.02, 4.3)))
    b.add("Seams", "LightGrey", *(box((0.03, 0.17, 2.5), (x, 0.015, 0.5)) for x in (-2, -1, 0, 1, 2)))
    b.add("Band", "SkyBlue", box((6.0, 0.012, 0.18), (0, -0.066, 1.2)))
    frame = box((6.0, 0.14, 1.3), (0, 0.02, 3.0)) - union(
        box((1.4, 1.0, 1.14), (x, 0.02, 3.08)) for x in (-2.25, -0.75, 0.75, 2.25)
    )
    b.add("WindowFrame", "DarkGrey", frame)
    b.add("Panes", "Glass", *(box((1.42, 0.02, 1.16), (x, 0.02, 3.07)) for x in (-2.25, -0.75, 0.75, 2.25)))
    b.add("Tray", "Steel", box((6.0, 0.2, 0.06), (0, -0.16, 2.8)) - box((7.0, 0.17, 0.1), (0, -0.16, 2.82)))
    b.add("Extinguisher", "Red", cylinder(0.08, 0.45, (2.6, -0.18, 0.9), chamfer=0.03), cylinder(0.03, 0.1, (2.6, -0.18, 1.34)))
    b.add("ExtinguisherSign", "Red", box((0.24, 0.012, 0.24), (2.6, -0.066, 1.6)))
    b.footprint_m, b.stretch_m = (6.0, 0.3), 6.0
    return b


def wall_door() -> Builder:
    """A high-speed door for vehicles in four metres of wall, with traffic light and bollards."""
    b = _hall("WallDoor", "Hall door", "Door")
    b.add("Panels", "WallPanel", box((4.0, 0.16, 5.0), (0, 0.02, 0)) - box((3.0, 1.0, 3.2), (0, 0.02, -0.1)))
    b.add("Frame", "DarkGrey", box((3.24, 0.3, 3.24), (0, 0, 0)) - box((2.9, 1.0, 3.05), (0, 0, -0.1)))
    b.add("Drum", "DarkGrey", rounded((3.3, 0.4, 0.4), (0, -0.1, 3.1), 0.05, 0.01))
    b.add("Curtain", "Blue", box((2.92, 0.04, 1.6), (0, 0, 1.5)))
    b.add("CurtainEdge", "Yellow", box((2.92, 0.05, 0.14), (0, 0, 1.38)))
    b.add("Bollards", "Yellow", *(cylinder(0.08, 1.0, (s * 1.75, -0.5, 0), chamfer=0.02) for s in (-1, 1)))
    b.add("BollardBands", "Black", *(cylinder(0.083, 0.1, (s * 1.75, -0.5, z)) for s in (-1, 1) for z in (0.4, 0.7)))
    b.footprint_m = (4.0, 0.4)
    return b


def hall_lamp() -> Builder:
    """A linear luminaire on two wires; the origin is on the floor below it, the light at 5.4 m."""
    b = _hall("HallLamp", "Hall lamp", "Luminaire")
    b.add("Body", "White", extruded([(-0.14, 5.4), (0.14, 5.4), (0.08, 5.5), (-0.08, 5.5)], 2.4, "x"))
    b.add("Tube", "WorkLight", box((2.3, 0.2, 0.02), (0, 0, 5.385)))
    b.add("Wires", "DarkSteel", *(rod((s * 0.9, 0, 5.5), (s * 0.9, 0, 6.0), 0.006, segments=6) for s in (-1, 1)))
    return b


def roof_truss() -> Builder:
    """Six metres of open roof girder along X at 6 m: chords and diagonals that hide little of the line below."""
    b = _hall("RoofTruss", "Roof girder", "Roof_truss")
    b.add("Chords", "LightGrey", *(box((6.0, 0.12, 0.1), (0, 0, z)) for z in (6.0, 6.7)))
    b.add(
        "Diagonals",
        "LightGrey",
        *(
            rod((-3 + i, 0, 6.05 if i % 2 == 0 else 6.75), (-2 + i, 0, 6.75 if i % 2 == 0 else 6.05), 0.03, segments=8)
            for i in range(6)
        ),
    )
    b.footprint_m, b.stretch_m = (6.0, 0.15), 6.0
    return b


def fence() -> Builder:
    """A safety fence panel, 1.5 m: yellow posts, black mesh."""
    b = _hall("Fence", "Safety fence", "Fence")
    b.add(
        "Posts",
        "Yellow",
        *(box((0.06, 0.06, 2.0), (s * 0.72, 0, 0)) for s in (-1, 1)),
        *(box((0.16, 0.16, 0.012), (s * 0.72, 0, 0)) for s in (-1, 1)),
    )
    wires = [box((1.4, 0.006, 0.006), (0, 0, 0.2 + 0.16 * i)) for i in range(11)] + [
        box((0.006, 0.006, 1.7), (-0.64 + 0.08 * i, 0, 0.18)) for i in range(17)
    ]
    b.add("Mesh", "Charcoal", union(wires), box((1.4, 0.025, 0.03), (0, 0, 0.15)), box((1.4, 0.025, 0.03), (0, 0, 1.88)))
    b.footprint_m, b.stretch_m = (1.5, 0.16), 1.5
    return b


def tool_cabinet() -> Builder:
    """A workshop cabinet with drawers and a shelf of binders, to stand along a wall."""
    b = _hall("ToolCabinet", "Tool cabinet", "Cabinet")
    b.add("Body", "DarkGrey", box((1.0, 0.55, 1.0), (0, 0, 0.05), chamfer=0.01))
    b.add(
        "Drawers",
        "Red",
        *(
            box((0.92, 0.02, h), (0, -0.28, z), chamfer=0.004)
            for z, h in ((0.1, 0.26), (0.38, 0.2), (0.6, 0.16), (0.78, 0.12), (0.92, 0.1))
        ),
    )
    b.add("Grips", "Brushed", *(box((0.8, 0.03, 0.02), (0, -0.295, z)) for z in (0.33, 0.55, 0.73, 0.87, 0.99)))
    b.add("Top", "Wood", box((1.04, 0.58, 0.03), (0, 0, 1.05)))
    b.add(
        "Vise",
        "Blue",
        box((0.14, 0.2, 0.14), (0.3, -0.1, 1.08), chamfer=0.015),
        box((0.12, 0.06, 0.1), (0.3, -0.26, 1.12), chamfer=0.01),
    )
    b.add("Box", "Amber", rounded((0.3, 0.2, 0.16), (-0.25, 0.0, 1.08), 0.02))
    b.add("Feet", "Black", *(box((0.08, 0.08, 0.05), (sx * 0.44, sy * 0.22, 0)) for sx in (-1, 1) for sy in (-1, 1)))
    return b


def stock_rack() -> Builder:
    """Two bays of racking with goods in them, to stand along a wall: scenery, lighter than the `PalletRack` that stores items."""
    b = _hall("StockRack", "Stocked rack", "Pallet_rack")
    levels = (0.0, 1.5, 3.0)
    for x in (-2.85, 0.0, 2.85):
        b.add("Uprights", "Navy", *(box((0.1, 0.09, 4.4), (x, s * 0.5, 0)) for s in (-1, 1)))
        b.add("Braces", "Navy", *(box((0.04, 0.9, 0.04), (x, 0, 0.35 + 0.75 * k)) for k in range(6)))
        b.add("Guards", "Yellow", box((0.16, 0.03, 0.4), (x, -0.57, 0)))
    for z in levels[1:]:
        b.add("Beams", "Orange", *(box((2.76, 0.05, 0.12), (x, s * 0.5, z - 0.12)) for x in (-1.425, 1.425) for s in (-1, 1)))
    for number, (level, x) in enumerate((z, x) for z in levels for x in (-2.3, -1.425, -0.55, 0.55, 1.425, 2.3)):
        if number % 7 == 5:
            continue
        b.add("Decks", "Wood", box((0.8, 1.1, 0.025), (x, 0, level + 0.12)))
        b.add("Runners", "KraftDark", *(box((0.1, 1.1, 0.12), (x + d, 0, level)) for d in (-0.35, 0.0, 0.35)))
        _load(b, number, x, level + 0.145)
    b.footprint_m = (5.86, 1.18)
    return b


def _load(b: Builder, number: int, x: float, z: float) -> None:
    """What stands on one pallet: cartons, crates or a wrapped block, by `number`."""
    rows = 2 + number % 2
    if number % 5 == 3:
        b.add("Wrapped", "LightGrey", box((0.74, 1.02, 0.95), (x, 0, z), chamfer=0.03))
    elif number % 5 == 1:
        b.add("Crates", "Blue", *(box((0.36, 0.5, 0.29), (x + dx, dy, z + 0.3 * k)) for dx, dy in _QUARTERS for k in range(rows)))
    else:
        spots = [(dx, dy, z + 0.35 * k) for dx, dy in _QUARTERS for k in range(rows)]
        b.add("Cartons", "Cardboard", *(box((0.365, 0.5, 0.34), (x + dx, dy, height)) for dx, dy, height in spots))
        b.add("Tape", "KraftDark", *(box((0.05, 0.004, 0.34), (x + dx, dy - 0.252, height)) for dx, dy, height in spots if dy < 0))


_QUARTERS = ((-0.19, -0.255), (0.19, -0.255), (-0.19, 0.255), (0.19, 0.255))

BUILDERS = (
    floor,
    floor_joint,
    lane_line,
    lane_surface,
    flow_arrow,
    crossing,
    column,
    wall_bay,
    wall_door,
    hall_lamp,
    roof_truss,
    fence,
    tool_cabinet,
    stock_rack,
)
