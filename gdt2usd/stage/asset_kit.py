"""Details that many assets share: plinths, doors with windows, control panels, handles, louvres, rollers, guards, cables.

Each function adds parts to a `Builder`. Fronts face -Y, items flow along +X at `TRANSPORT_M`.
Not covered: whole assets (`stage.make_*`).
"""

from __future__ import annotations

from itertools import pairwise

from gdt2usd.stage.asset_writer import Builder, Vec3
from gdt2usd.stage.meshes import Solid, ball, box, cylinder, extruded, moved, rod, rounded, row, union

TRANSPORT_M = 0.9  # height of the underside of an item on conveyors and in machines


def plinth(b: Builder, size: tuple[float, float], at: tuple[float, float] = (0.0, 0.0), height: float = 0.1) -> None:
    """A dark recessed base, so that the housing above it seems to stand on feet."""
    x, y = size
    b.add("Plinth", "Charcoal", box((x - 0.12, y - 0.12, height + 0.02), (at[0], at[1], 0.0)))


def feet(b: Builder, points: list[tuple[float, float]], height: float = 0.08) -> None:
    """Levelling feet: a disc, a spindle."""
    for x, y in points:
        b.add("Feet", "DarkSteel", cylinder(0.045, 0.02, (x, y, 0)), cylinder(0.014, height, (x, y, 0.01), segments=12))


def pane(
    b: Builder, part: str, size: tuple[float, float], at: Vec3, *, material: str = "Glass", facing: str = "y", frame: float = 0.035
) -> None:
    """A framed window: `size` is width and height, `at` the middle of its lower edge; flat against the wall it faces."""
    w, h = size
    depth = 0.03
    outer = box((w + 2 * frame, depth, h + 2 * frame), (0, 0, -frame), chamfer=0.008)
    ring = outer - box((w, depth * 3, h))
    glass = box((w + 0.004, 0.012, h + 0.004), (0, 0, -0.002))
    turn = (0.0, 0.0, 90.0 if facing == "x" else 0.0)
    b.add(f"{part}Frame", "Charcoal", moved(ring, at, turn))
    b.add(f"{part}Pane", material, moved(glass, at, turn))


def bar_handle(b: Builder, at: Vec3, length: float = 0.35, *, along: str = "z", facing: float = -1.0) -> None:
    """A bar handle that stands 5 cm off a front at `at` (its middle)."""
    x, y, z = at
    y1 = y + facing * 0.05
    half = length / 2
    d = (0.0, 0.0, half) if along == "z" else (half, 0.0, 0.0)
    ends = [(x - d[0], z - d[2]), (x + d[0], z + d[2])]
    b.add("Handles", "Brushed", rod((ends[0][0], y1, ends[0][1]), (ends[1][0], y1, ends[1][1]), 0.013, segments=12))
    inner = [(x - 0.8 * d[0], z - 0.8 * d[2]), (x + 0.8 * d[0], z + 0.8 * d[2])]
    for ex, ez in inner:
        b.add("Handles", "Brushed", rod((ex, y, ez), (ex, y1, ez), 0.009, segments=8))


def louvre(b: Builder, size: tuple[float, float], at: Vec3, *, facing: str = "y", slats: int = 7, part: str = "Louvres") -> None:
    """A ventilation grille: slats on a dark plate; `at` is the middle of its lower edge."""
    w, h = size
    plate = box((w, 0.012, h))
    slat = moved(box((w - 0.04, 0.028, 0.012)), (0, 0, 0), (30, 0, 0))
    solids = [plate, *(slat.translate([0, -0.008, h * (i + 0.7) / (slats + 0.4)]) for i in range(slats))]
    turn = (0.0, 0.0, 90.0 if facing == "x" else (180.0 if facing == "-y" else 0.0))
    b.add(part, "DarkGrey", *(moved(s, at, turn) for s in solids))


def pendant(b: Builder, at: Vec3, *, turn_deg: float = 0.0, arm: float = 0.35, name: str = "Pendant") -> None:
    """A control panel on an arm: screen with lines of text, keys, emergency stop. `at` is where the arm leaves the machine."""

    def place(*solids: Solid) -> list[Solid]:
        return [moved(s, at, (0, 0, turn_deg)) for s in solids]

    y = -arm
    tilt = (-12.0, 0.0, 0.0)
    b.add(f"{name}Arm", "DarkSteel", *place(rod((0, 0, 0), (0, y, 0), 0.028), cylinder(0.04, 0.1, (0, y, -0.05))))
    b.add(f"{name}Body", "DarkGrey", *place(moved(rounded((0.46, 0.07, 0.56), (0, 0, -0.34), 0.03), (0, y - 0.05, 0), tilt)))
    b.add(f"{name}Screen", "Screen", *place(moved(box((0.36, 0.008, 0.25), (0, -0.036, -0.06)), (0, y - 0.05, 0), tilt)))
    lines = [
        box((w, 0.006, 0.014), (-0.16 + w / 2, -0.041, z))
        for w, z in ((0.2, 0.15), (0.28, 0.11), (0.14, 0.07), (0.24, 0.03), (0.18, -0.01))
    ]
    b.add(f"{name}Text", "ScreenText", *place(*(moved(s, (0, y - 0.05, 0), tilt) for s in lines)))
    keys = [
        box((0.03, 0.012, 0.022), (-0.14 + 0.045 * i, -0.037, -0.13 - 0.04 * j), chamfer=0.003) for i in range(5) for j in range(3)
    ]
    b.add(f"{name}Keys", "LightGrey", *place(*(moved(s, (0, y - 0.05, 0), tilt) for s in keys)))
    stop = [cylinder(0.03, 0.03, (0.15, -0.045, -0.17), "y")]
    b.add(f"{name}Stop", "ButtonRed", *place(*(moved(s, (0, y - 0.05, 0), tilt) for s in stop)))


def wall_panel(b: Builder, at: Vec3, *, name: str = "Panel") -> None:
    """An operator panel set in a front: screen, a row of buttons, emergency stop; `at` is the middle of its lower edge."""
    x, y, z = at
    b.add(f"{name}Body", "DarkGrey", box((0.42, 0.06, 0.52), (x, y - 0.02, z), chamfer=0.012))
    b.add(f"{name}Screen", "Screen", box((0.34, 0.01, 0.22), (x, y - 0.052, z + 0.24)))
    bars = [
        box((0.05, 0.006, h), (x - 0.13 + 0.065 * i, y - 0.057, z + 0.26)) for i, h in enumerate((0.06, 0.11, 0.15, 0.09, 0.13))
    ]
    b.add(f"{name}Text", "ScreenText", *bars)
    b.add(f"{name}Go", "ButtonGreen", cylinder(0.02, 0.03, (x - 0.11, y - 0.055, z + 0.15), "y", segments=16))
    b.add(f"{name}Keys", "LightGrey", cylinder(0.02, 0.03, (x - 0.04, y - 0.055, z + 0.15), "y", segments=16))
    b.add(f"{name}Stop", "ButtonRed", cylinder(0.034, 0.05, (x + 0.1, y - 0.06, z + 0.12), "y", segments=18))


def rollers(
    b: Builder, length: float, width: float, *, at: Vec3 = (0.0, 0.0, TRANSPORT_M), pitch: float = 0.1, part: str = "Rollers"
) -> None:
    """A row of rollers across the flow; `at` is the middle of their top line."""
    x, y, z = at
    r = 0.028
    n = max(1, int(length / pitch))
    one = cylinder(r, width, (x, y, z - r), "y", segments=14)
    b.add(part, "Brushed", row(one, n, (length / n, 0, 0)))


def roller_bed(
    b: Builder, x0: float, x1: float, width: float = 0.7, *, y: float = 0.0, z: float = TRANSPORT_M, side: str = "Blue"
) -> None:
    """A roller conveyor between two machine edges: side rails over a row of rollers, no legs."""
    length, middle = x1 - x0, (x0 + x1) / 2
    rollers(b, length, width - 0.06, at=(middle, y, z))
    for sign in (-1, 1):
        rail = extruded(
            [(-0.02, -0.12), (0.02, -0.12), (0.02, 0.03), (-0.02, 0.03)], length, "x", (middle, y + sign * (width / 2 - 0.01), z)
        )
        b.add("BedRails", side, rail)


def legs(
    b: Builder,
    points: list[tuple[float, float]],
    height: float,
    *,
    size: float = 0.05,
    material: str = "DarkGrey",
    part: str = "Legs",
) -> None:
    """Square legs on foot plates."""
    for x, y in points:
        b.add(part, material, box((size, size, height - 0.01), (x, y, 0.005)), box((size + 0.06, size + 0.06, 0.012), (x, y, 0)))


def stripe(b: Builder, size: tuple[float, float, float], at: Vec3, material: str, part: str = "Accent") -> None:
    """A band of the family's colour."""
    b.add(part, material, box(size, at))


def seams(b: Builder, places: list[float], at: float, z: tuple[float, float], *, facing: str = "y") -> None:
    """Upright joints between a housing's panels: at `places` along a wall that faces x or y at `at`, from z[0] to z[1]."""
    height = z[1] - z[0]
    for place in places:
        size, foot = ((0.009, 0.008, height), (place, at, z[0])) if facing == "y" else ((0.008, 0.009, height), (at, place, z[0]))
        b.add("Seams", "Charcoal", box(size, foot))


def eye_bolts(b: Builder, points: list[tuple[float, float]], z: float) -> None:
    """Lifting eyes on a roof at height `z`."""
    for x, y in points:
        eye = cylinder(0.045, 0.022, (x, y - 0.011, z + 0.055), "y", segments=14) - cylinder(
            0.024, 0.1, (x, y - 0.05, z + 0.055), "y", segments=10
        )
        b.add("EyeBolts", "DarkSteel", eye, cylinder(0.035, 0.02, (x, y, z - 0.005), segments=12))


def roof_unit(b: Builder, size: tuple[float, float], at: Vec3, *, height: float = 0.3) -> None:
    """A cooling unit on a roof: a housing with louvres on its long sides, two fans under guards, a conduit to the back."""
    (w, d), (x, y, z) = size, at
    b.add("RoofUnit", "LightGrey", rounded((w, d, height), (x, y, z - 0.01), 0.03, 0.01))
    louvre(b, (0.75 * w, 0.6 * height), (x, y - d / 2 - 0.004, z + 0.2 * height), slats=5, part="RoofLouvres")
    radius = min(0.4 * d, 0.21 * w)
    for fx in (x - 0.24 * w, x + 0.24 * w):
        b.add("RoofFans", "Charcoal", cylinder(radius, 0.02, (fx, y, z + height - 0.012), segments=18))
        rings = [
            cylinder(r, 0.012, (fx, y, z + height + 0.01), segments=18)
            - cylinder(r - 0.014, 0.1, (fx, y, z + height - 0.03), segments=18)
            for r in (radius, 0.66 * radius, 0.33 * radius)
        ]
        b.add(
            "RoofFanGuards",
            "Brushed",
            *rings,
            box((2 * radius, 0.014, 0.012), (fx, y, z + height + 0.01)),
            box((0.014, 2 * radius, 0.012), (fx, y, z + height + 0.01)),
        )
        b.add("RoofFanHubs", "DarkGrey", cylinder(0.25 * radius, 0.016, (fx, y, z + height + 0.008), segments=16))


def conduit(b: Builder, points: list[Vec3], radius: float = 0.028) -> None:
    """A bent pipe or armoured cable through `points`, with a gland at each end."""
    for start, end in pairwise(points):
        b.add("Conduits", "DarkGrey", rod(start, end, radius, segments=12))
    for corner in points[1:-1]:
        b.add("Conduits", "DarkGrey", ball(1.02 * radius, corner))


def nameplate(b: Builder, at: Vec3, width: float, paint: str) -> None:
    """A maker's plate on a front that faces -Y: a coloured mark and a word's worth of strokes."""
    x, y, z = at
    height = 0.24 * width
    b.add("Nameplate", paint, box((height, 0.008, height), (x - width / 2 + height / 2, y - 0.003, z)))
    strokes = [
        box((0.10 * width, 0.008, 0.5 * height), (x - 0.16 * width + 0.14 * width * n, y - 0.003, z + 0.25 * height))
        for n in range(5)
    ]
    b.add("NameplateWord", "Charcoal", *strokes)


def bolts(b: Builder, points: list[Vec3], radius: float = 0.018) -> None:
    """Anchor bolts: hexagons standing on `points`."""
    b.add("Bolts", "DarkSteel", *(cylinder(radius, 0.025, p, segments=6) for p in points))


def guard(b: Builder, x0: float, y0: float, x1: float, y1: float, *, height: float = 2.0, part: str = "Guard") -> None:
    """A machine guard along an axis from (x0, y0) to (x1, y1): yellow posts, a frame, wire mesh."""
    along_x = abs(x1 - x0) > abs(y1 - y0)
    length = abs(x1 - x0) if along_x else abs(y1 - y0)
    middle = ((x0 + x1) / 2, (y0 + y1) / 2)

    def bar(a: float, z: float, la: float, lz: float, thick: float) -> Solid:
        size = (la, thick, lz) if along_x else (thick, la, lz)
        at = (middle[0] + a, middle[1], z) if along_x else (middle[0], middle[1] + a, z)
        return box(size, at)

    n = max(1, round(length / 1.2))
    for i in range(n + 1):
        b.add(
            f"{part}Posts",
            "Yellow",
            bar(-length / 2 + length * i / n, 0.0, 0.06, height, 0.06),
            bar(-length / 2 + length * i / n, 0.0, 0.14, 0.012, 0.14),
        )
    wires = [bar(0.0, 0.15 + (height - 0.2) * j / 11, length, 0.012, 0.012) for j in range(12)]
    count = max(2, int(length / 0.16))
    wires += [bar(-length / 2 + length * i / count, 0.15, 0.012, height - 0.2, 0.012) for i in range(1, count)]
    b.add(f"{part}Mesh", "Charcoal", union(wires), bar(0.0, 0.13, length, 0.03, 0.03), bar(0.0, height - 0.06, length, 0.03, 0.03))
