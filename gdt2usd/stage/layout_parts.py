"""What a floor plan is made of: what an asset needs on the floor, and one thing placed there.

Metres, Z up, positions are bottom centres, yaw about Z in degrees. Not covered: how a plan is made (`stage.layout`).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from gdt2usd.stage.layout_spread import Rect

Vec3 = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Door:
    """Where items enter or leave in an asset's own frame, and the heading in which they do."""

    at_m: Vec3
    yaw_deg: float


@dataclass(frozen=True, slots=True)
class Body:
    """What an asset needs on the floor: `size_m` (x along the flow, y, z), ports in its own frame, at scale 1.

    `entries` and `exits` are all its doors; the first ones are at `entry_m` and `exit_m`.
    """

    size_m: Vec3
    entry_m: Vec3
    exit_m: Vec3
    service_m: Vec3
    entries: tuple[Door, ...] = ()
    exits: tuple[Door, ...] = ()


@dataclass(frozen=True, slots=True)
class Placement:
    """One thing on the floor. `size_m` is its footprint before rotation; `start_m`, `end_m` are set for conveyors.

    `scale` stretches robots and cranes so that they reach what they serve; what is `mirrored` has left and right exchanged
    (its own y runs the other way), as machines are built for lines that run from right to left.
    """

    id: str
    position_m: Vec3
    yaw_deg: float
    size_m: Vec3
    moved_m: float = 0.0
    start_m: Vec3 | None = None
    end_m: Vec3 | None = None
    scale: Vec3 = (1.0, 1.0, 1.0)
    mirrored: bool = False

    @property
    def hand(self) -> float:
        """The sign of the placement's own y: -1 if it is mirrored."""
        return -1.0 if self.mirrored else 1.0

    @property
    def front_deg(self) -> float:
        """The direction in which its front looks, where people stand."""
        return self.yaw_deg - 90.0 * self.hand

    def world(self, local: Vec3) -> Vec3:
        """A point of the placement's own frame in the world's."""
        angle = math.radians(self.yaw_deg)
        c, s = math.cos(angle), math.sin(angle)
        x, y, z = self.position_m
        along, aside = local[0], self.hand * local[1]
        return x + c * along - s * aside, y + s * along + c * aside, z + local[2]

    def rect(self, margin: float = 0.0) -> Rect:
        """The axis-aligned box of the footprint: x0, y0, x1, y1."""
        angle = math.radians(self.yaw_deg)
        c, s = abs(math.cos(angle)), abs(math.sin(angle))
        hx = (self.size_m[0] * c + self.size_m[1] * s) / 2 + margin
        hy = (self.size_m[0] * s + self.size_m[1] * c) / 2 + margin
        x, y, _ = self.position_m
        return x - hx, y - hy, x + hx, y + hy


def bounds_of(placements: Iterable[Placement]) -> Rect:
    """The box around all footprints; ten metres square without any."""
    rects = [p.rect() for p in placements]
    if not rects:
        return -5.0, -5.0, 5.0, 5.0
    return min(r[0] for r in rects), min(r[1] for r in rects), max(r[2] for r in rects), max(r[3] for r in rects)


def usable(value: float) -> float:
    """A coordinate that can be drawn; 0 for one that is no number or far out."""
    return value if math.isfinite(value) and abs(value) < 1e5 else 0.0


def outward(local: Vec3, size_m: Vec3) -> tuple[float, float]:
    """The side of a footprint that a port at `local` lies on, as a unit step in the footprint's own frame."""
    x, y = local[0] / max(size_m[0], 1e-6), local[1] / max(size_m[1], 1e-6)
    if abs(y) > abs(x):
        return 0.0, math.copysign(1.0, y)
    return math.copysign(1.0, x), 0.0
