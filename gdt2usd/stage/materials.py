"""The paint shop: the named surfaces of the asset library as UsdPreviewSurface figures, and the colours of the status lamp.

Colours are written as sRGB hex and stored linear. Not covered: textures (the library has none).
"""

from __future__ import annotations

from dataclasses import dataclass

Vec3 = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Material:
    """A UsdPreviewSurface: `colour` and `glow` linear RGB in 0..1 (glow may exceed 1)."""

    colour: Vec3
    roughness: float = 0.5
    metallic: float = 0.0
    opacity: float = 1.0
    glow: Vec3 = (0.0, 0.0, 0.0)


def linear(hex_colour: str) -> Vec3:
    """`#rrggbb` (sRGB) as linear RGB."""

    def channel(start: int) -> float:
        value = int(hex_colour[start : start + 2], 16) / 255
        return round(value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4, 4)

    return channel(1), channel(3), channel(5)


def _paint(colour: str, roughness: float = 0.42) -> Material:
    return Material(linear(colour), roughness)


def _glow(colour: str, strength: float) -> Material:
    r, g, b = linear(colour)
    return Material((r, g, b), 0.4, glow=(r * strength, g * strength, b * strength))


MATERIALS: dict[str, Material] = {
    # housings
    "White": _paint("#eceeec"),
    "LightGrey": _paint("#c9cdcf"),
    "Grey": _paint("#8f969a"),
    "DarkGrey": _paint("#4a5156"),
    "Charcoal": _paint("#2a2f33", 0.5),
    "Black": _paint("#16181a", 0.55),
    "Cream": _paint("#e4dfd0"),
    # accents of the families
    "Blue": _paint("#1f5fa8"),
    "SkyBlue": _paint("#4f9fd0"),
    "Navy": _paint("#1d3557"),
    "Teal": _paint("#12808a"),
    "Green": _paint("#2e7d4f"),
    "Lime": _paint("#7fb83d"),
    "Yellow": _paint("#f2b90c"),
    "Amber": _paint("#e8890c"),
    "Orange": _paint("#e2621b"),
    "Red": _paint("#b9281f"),
    "Violet": _paint("#6b4fa0"),
    # stuff
    "Steel": Material(linear("#b4b9bd"), 0.32, 0.85),
    "Brushed": Material(linear("#cfd3d6"), 0.42, 0.75),
    "DarkSteel": Material(linear("#6c7378"), 0.42, 0.7),
    "Aluminium": Material(linear("#d5d9dc"), 0.38, 0.6),
    "Copper": Material(linear("#c77b46"), 0.35, 0.8),
    "Rubber": _paint("#202224", 0.85),
    "BeltRubber": _paint("#303438", 0.75),
    "Concrete": _paint("#b3b5b1", 0.5),
    "FloorPaint": _paint("#b9bfbf", 0.45),
    "WallPanel": _paint("#dfe3e4", 0.65),
    "Cardboard": _paint("#c29562", 0.85),
    "KraftDark": _paint("#a57a4b", 0.85),
    "Wood": _paint("#c9a06a", 0.75),
    "Skin": _paint("#d9a27e", 0.6),
    "Hair": _paint("#3b2a20", 0.8),
    "Fabric": _paint("#2b3f63", 0.9),
    "WorkTrousers": _paint("#2c3440", 0.9),
    "HiVis": _paint("#f27b13", 0.75),
    "Reflex": _paint("#eef2d8", 0.35),
    "CleanSuit": _paint("#f2f5f7", 0.7),
    "BoardGreen": _paint("#1e6b3a", 0.45),
    "Gold": Material(linear("#d6b25a"), 0.35, 0.8),
    "Amethyst": Material(linear("#c9e4f2"), 0.12, 0.0, 0.5),
    "Glass": Material(linear("#9fc4d2"), 0.08, 0.0, 0.28),
    "AmberGlass": Material(linear("#d98a1f"), 0.1, 0.0, 0.45),
    "DarkGlass": Material(linear("#1a2a33"), 0.08, 0.0, 0.72),
    "Liquid": Material(linear("#3fb1c9"), 0.08, 0.0, 0.6),
    # light
    "Screen": _glow("#2f7fb8", 0.9),
    "ScreenText": _glow("#c8f0ff", 1.0),
    "Glow": _glow("#ff6a1a", 1.6),
    "WorkLight": _glow("#f6fbff", 1.3),
    "Laser": _glow("#5ad1ff", 1.4),
    "ButtonGreen": _glow("#2fc85a", 0.5),
    "ButtonRed": _glow("#e02b20", 0.5),
}

# what the lamp shows in each state: the colours of IEC 60073 where it has one
STATE_COLOURS: dict[str, str] = {
    "idle": "#9aa4ab",
    "processing": "#1fd655",
    "setup": "#2f7dff",
    "blocked": "#ff9a0a",
    "starved": "#f5f06a",
    "down": "#ff2a1f",
}


def lamp_material(state: str) -> Material:
    """The status lamp's lens in `state`: dark when idle, lit otherwise."""
    r, g, b = linear(STATE_COLOURS[state])
    strength = 0.15 if state == "idle" else 1.6
    return Material((r, g, b), 0.25, glow=(r * strength, g * strength, b * strength))
