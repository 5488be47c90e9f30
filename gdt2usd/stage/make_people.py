"""People: an operator in work clothes with a high-visibility vest and helmet, and one in a clean-room suit. Facing +X.

Legs turn about the hips and arms about the shoulders (`rotateY`), so that they can walk. Not covered: skeletons, faces.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from gdt2usd.stage.asset_writer import Builder
from gdt2usd.stage.meshes import Solid, ball, box, cylinder, hull, limb, revolved, union

HIP_M, SHOULDER_M, HALF_SHOULDERS_M = 0.91, 1.4, 0.2


@dataclass(frozen=True, slots=True)
class _Clothes:
    torso: str
    sleeves: str
    trousers: str
    shoes: str
    hands: str
    head: str


def _slice(x: float, z: float, depth: float, width: float) -> Solid:
    """A flat ellipse of the body at height `z`."""
    return ball(1.0, (x, 0, z), (depth, width, 0.02), 24)


def _torso() -> Solid:
    """Hips to neck, as hulls between ellipses."""
    rings = [
        _slice(0.0, 0.86, 0.115, 0.165),
        _slice(-0.005, 0.96, 0.125, 0.175),
        _slice(0.0, 1.1, 0.11, 0.155),
        _slice(0.012, 1.26, 0.125, 0.18),
        _slice(0.005, 1.38, 0.115, 0.2),
        _slice(-0.005, 1.45, 0.075, 0.12),
        _slice(-0.005, 1.49, 0.055, 0.065),
    ]
    return union(hull(pair) for pair in pairwise(rings))


def _person(b: Builder, clothes: _Clothes) -> None:
    b.add(
        "Hips",
        clothes.trousers,
        union(
            [
                hull([_slice(0, 0.97, 0.122, 0.172), _slice(0, 0.86, 0.12, 0.17)]),
                ball(0.115, (-0.01, 0.075, 0.85)),
                ball(0.115, (-0.01, -0.075, 0.85)),
            ]
        ),
    )
    b.add("Neck", clothes.head, cylinder(0.055, 0.14, (0.0, 0, 1.45)))
    for side, s in (("Left", 1), ("Right", -1)):
        leg = b.pivot(f"{side}Leg", (0.0, s * 0.095, HIP_M), "rotateY", -35.0, 35.0)
        thigh = limb([(0, 0, -0.04), (0.01, 0, -0.42), (-0.015, 0, -0.8)], [0.094, 0.066, 0.052], 18)
        cuff = hull([cylinder(0.07, 0.02, (-0.01, 0, -0.84)), cylinder(0.062, 0.02, (-0.005, 0, -0.7))])
        b.add(f"{side}Trouser", clothes.trousers, thigh, cuff, parent=leg)
        shoe = hull(
            [
                ball(0.05, (0.13, 0, -0.87), (1.1, 0.9, 0.75)),
                ball(0.056, (-0.03, 0, -0.855), (1.0, 0.85, 1.0)),
                ball(0.045, (-0.02, 0, -0.79)),
            ]
        )
        sole = HIP_M + 0.0
        b.add(f"{side}Shoe", clothes.shoes, shoe ^ box((1, 1, 1), (0, 0, -sole + 0.012)), parent=leg)
        b.add(
            f"{side}Sole",
            "Black",
            hull([cylinder(0.048, 0.022, (0.13, 0, -sole)), cylinder(0.048, 0.022, (-0.035, 0, -sole))]),
            parent=leg,
        )
        arm = b.pivot(f"{side}Arm", (0.0, s * HALF_SHOULDERS_M, SHOULDER_M), "rotateY", -80.0, 60.0)
        upper = limb([(0, 0, 0), (-0.015, s * 0.035, -0.28)], [0.07, 0.049], 18)
        lower = limb([(-0.015, s * 0.035, -0.28), (0.05, s * 0.03, -0.5)], [0.048, 0.036], 18)
        b.add(f"{side}Sleeve", clothes.sleeves, upper, lower, parent=arm)
        palm = hull(
            [ball(0.036, (0.062, s * 0.028, -0.55), (1.0, 0.6, 1.0)), ball(0.03, (0.08, s * 0.026, -0.625), (0.9, 0.5, 1.0))]
        )
        thumb = limb([(0.075, s * 0.02, -0.54), (0.11, s * 0.012, -0.59)], [0.016, 0.012], 10)
        b.add(f"{side}Hand", clothes.hands, palm, thumb, parent=arm)


def _head() -> Solid:
    skull = ball(0.1, (0.0, 0, 1.64), (1.0, 0.8, 1.1), 28)
    jaw = ball(0.07, (0.02, 0, 1.565), (1.0, 0.82, 0.85), 20)
    nose = hull([ball(0.012, (0.098, 0, 1.605), segments=10), ball(0.012, (0.092, 0, 1.64), segments=10)])
    ears = union(ball(0.026, (-0.005, s * 0.08, 1.615), (0.7, 0.35, 1.1), 12) for s in (-1, 1))
    return union([hull([skull, jaw]), nose, ears])


def operator() -> Builder:
    """A worker: navy jacket and trousers, orange vest with reflective bands, yellow helmet, gloves, safety shoes."""
    b = Builder("Operator", "person", ("Person", "operator"), "Operator")
    _person(b, _Clothes("HiVis", "Fabric", "WorkTrousers", "Charcoal", "Skin", "Skin"))
    torso = _torso()
    b.add("Jacket", "Fabric", torso.scale([0.985, 0.985, 1.0]))
    vest = torso.translate([0, 0, -1.15]).scale([1.07, 1.05, 1.0]).translate([0, 0, 1.15]) ^ box((1, 0.37, 0.52), (0, 0, 0.93))
    b.add("Vest", "HiVis", vest - hull([ball(0.05, (0.1, 0, 1.33)), ball(0.1, (0.12, 0, 1.5))]))
    bands = [
        torso.translate([0, 0, -1.15]).scale([1.085, 1.062, 1.0]).translate([0, 0, 1.15]) ^ box((1, 0.37, 0.045), (0, 0, z))
        for z in (1.0, 1.13)
    ]
    braces = torso.scale([1.09, 1.06, 1.0]) ^ union(box((1, 0.04, 0.22), (0, s * 0.095, 1.16)) for s in (-1, 1))
    b.add("Bands", "Reflex", *bands, braces)
    b.add("Head", "Skin", _head())
    b.add(
        "Hair",
        "Hair",
        ball(0.104, (-0.012, 0, 1.645), (0.98, 0.84, 1.08), 24)
        ^ hull([box((0.16, 0.3, 0.14), (-0.06, 0, 1.6)), box((0.1, 0.3, 0.1), (-0.06, 0, 1.56))]),
    )
    shell = ball(0.125, (-0.005, 0, 1.665), (1.08, 0.92, 0.98), 32) ^ box((1, 1, 1), (0, 0, 1.67))
    brim = hull([cylinder(0.118, 0.012, (-0.005, 0, 1.665), segments=32), cylinder(0.07, 0.012, (0.09, 0, 1.66), segments=24)])
    ridge = hull(
        [
            ball(0.018, (0.08, 0, 1.768), segments=12),
            ball(0.018, (-0.09, 0, 1.768), segments=12),
            ball(0.018, (0.0, 0, 1.785), segments=12),
        ]
    )
    b.add("Helmet", "Yellow", shell, brim, ridge)
    b.add("Glasses", "DarkGlass", *(ball(0.022, (0.088, s * 0.034, 1.64), (0.5, 1.0, 0.8), 14) for s in (-1, 1)))
    b.add("Belt", "Black", hull([_slice(0, 0.985, 0.129, 0.179), _slice(0, 0.95, 0.129, 0.179)]) ^ box((1, 1, 0.05), (0, 0, 0.945)))
    b.footprint_m = (0.5, 0.6)
    b.slots.append((0.38, 0.0, 1.0))
    return b


def operator_cleanroom() -> Builder:
    """A clean-room worker: white hooded suit, boots, gloves, mask and goggles, blue seams."""
    b = Builder("OperatorCleanroom", "person", ("Person", "operator"), "Clean-room operator")
    _person(b, _Clothes("CleanSuit", "CleanSuit", "CleanSuit", "CleanSuit", "SkyBlue", "CleanSuit"))
    torso = _torso()
    b.add("Suit", "CleanSuit", torso.scale([1.06, 1.04, 1.0]))
    b.add("Seam", "SkyBlue", torso.scale([1.08, 1.05, 1.0]) ^ box((0.5, 0.016, 0.5), (0.3, 0, 0.95)))
    hood = union(
        [
            ball(0.118, (-0.008, 0, 1.635), (1.0, 0.86, 1.12), 28),
            hull([ball(0.09, (-0.01, 0, 1.58), (1, 0.9, 0.8)), revolved([(0, 1.42), (0.13, 1.42), (0.1, 1.5), (0, 1.5)])]),
        ]
    )
    opening = ball(0.07, (0.1, 0, 1.625), (0.8, 0.95, 1.05), 20)
    b.add("Hood", "CleanSuit", hood - opening)
    b.add("Face", "Skin", _head() ^ ball(0.08, (0.075, 0, 1.63), (0.9, 1.0, 1.0), 20))
    b.add("Mask", "SkyBlue", ball(0.056, (0.068, 0, 1.585), (0.82, 1.0, 0.75), 20))
    b.add("Goggles", "DarkGlass", ball(0.05, (0.078, 0, 1.652), (0.62, 1.2, 0.44), 20))
    b.footprint_m = (0.5, 0.6)
    b.slots.append((0.38, 0.0, 1.0))
    return b


BUILDERS = (operator, operator_cleanroom)
