"""Lights of the library: the daylight of a hall (a sky dome and a soft sun), with moods to choose from.

Intensities suit Omniverse's RTX. Not covered: lamps that hang in the hall (`make_hall`), the preview engine's own light.
"""

from __future__ import annotations

from gdt2usd.stage.asset_writer import Builder, Light

MOODS: dict[str, dict[str, tuple[float, tuple[float, float, float]]]] = {
    "day": {"Sky": (700.0, (0.93, 0.96, 1.0)), "Sun": (2200.0, (1.0, 0.965, 0.91))},
    "overcast": {"Sky": (1300.0, (0.95, 0.97, 1.0)), "Sun": (250.0, (0.98, 0.99, 1.0))},
    "evening": {"Sky": (320.0, (0.72, 0.82, 1.0)), "Sun": (1500.0, (1.0, 0.78, 0.55))},
    "studio": {"Sky": (900.0, (1.0, 1.0, 1.0)), "Sun": (1400.0, (1.0, 1.0, 1.0))},
}


def daylight() -> Builder:
    """A sky dome and a sun with soft edges from the front left; `mood` = day, overcast, evening, studio."""
    b = Builder("Daylight", "light", ("Light",), "Daylight", folder="hall")
    b.lights = [Light("Sky", "DomeLight"), Light("Sun", "DistantLight", angle_deg=4.0, rotate_deg=(38.0, -24.0, 0.0))]
    b.moods = MOODS
    b.footprint_m = (1.0, 1.0)
    return b


BUILDERS = (daylight,)
