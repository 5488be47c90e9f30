"""What a machine does, from the words of its name: `washes` and `washing` for the Tray Washer.

Not covered: machines whose name has no such word.
"""

from __future__ import annotations

#: What a machine does whose name has the word.
DOES: dict[str, tuple[str, ...]] = {
    "saw": ("saws", "cuts"), "cutter": ("cuts",), "slitter": ("slits", "cuts"), "press": ("presses",), "drill": ("drills",),
    "mill": ("mills",), "milling": ("mills",), "lathe": ("turns",), "turning": ("turns",), "grinder": ("grinds",),
    "grinding": ("grinds",), "polisher": ("polishes",), "polishing": ("polishes",), "sander": ("sands",), "welder": ("welds",),
    "welding": ("welds",), "washer": ("washes",), "washing": ("washes",), "cleaner": ("cleans",), "cleaning": ("cleans",),
    "rinser": ("rinses",), "dryer": ("dries",), "drying": ("dries",), "oven": ("bakes", "heats"), "furnace": ("heats",),
    "coater": ("coats",), "coating": ("coats",), "painting": ("paints",), "printer": ("prints",), "filler": ("fills",),
    "filling": ("fills",), "capper": ("caps", "puts the caps on"), "sealer": ("seals",), "sealing": ("seals",),
    "labeler": ("labels", "sticks the labels on"), "labeller": ("labels",), "labeling": ("labels",), "packer": ("packs",),
    "packing": ("packs",), "wrapper": ("wraps",), "mixer": ("mixes",), "mixing": ("mixes",), "blender": ("blends",),
    "tester": ("tests",), "test": ("tests",), "inspection": ("inspects", "checks"), "scanner": ("scans",), "sorter": ("sorts",),
    "palletizer": ("palletizes", "stacks"), "assembly": ("assembles",), "bonder": ("bonds",), "etcher": ("etches",),
    "etch": ("etches",), "stripper": ("strips",), "weigher": ("weighs",), "sewing": ("sews",), "dyeing": ("dyes",),
    "laminator": ("laminates",), "bending": ("bends",), "riveting": ("rivets",), "deburring": ("deburrs",),
    "opener": ("opens", "rips open"), "slicer": ("slices",), "mincer": ("minces",), "peeler": ("peels",), "fryer": ("fries",),
    "cooker": ("cooks",), "roaster": ("roasts",), "freezer": ("freezes",), "sterilizer": ("sterilizes",),
    "autoclave": ("sterilizes",), "extruder": ("extrudes",), "molder": ("moulds",), "kneader": ("kneads",), "planer": ("planes",),
    "winder": ("winds",), "check": ("checks",), "review": ("looks at",), "strapper": ("straps",), "bagger": ("bags",),
    "boxing": ("boxes",), "cure": ("cures",), "clean": ("cleans",), "fitting": ("fits",), "gluing": ("glues",),
}  # fmt: skip
_DOUBLED = frozenset({"cuts", "slits", "caps", "wraps", "scans", "strips", "straps", "bags", "fits"})
_ODD = {"dyes": "dyeing", "dries": "drying", "labels": "labelling", "fries": "frying"}


def verbs_of(name: str) -> tuple[str, ...]:
    """What the machine of that name does, in the third person; empty if its name does not say."""
    known = [word for word in name.lower().replace("-", " ").replace("_", " ").split() if word in DOES]
    return DOES[known[-1]] if known else ()


def work_of(name: str) -> str:
    """`washing` for the Tray Washer; empty if the name does not say."""
    verb = next(iter(verbs_of(name)), "")
    if " " in verb or not verb:
        return ""
    if verb in _ODD:
        return _ODD[verb]
    stem = verb[:-2] if verb.endswith("es") else verb[:-1]
    return f"{stem}{stem[-1]}ing" if verb in _DOUBLED else f"{stem}ing"
