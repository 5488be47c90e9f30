"""What pictures are chosen from: styles, fonts, inks, palettes, and the symbols that people draw for each kind."""

from __future__ import annotations

from gdt2usd.sketch.draw_canvas import Colour

STYLES: tuple[str, ...] = (
    "paper",
    "pencil",
    "whiteboard",
    "tablet",
    "excalidraw",
    "drawio",
    "pptx",
    "mermaid",
    "mermaid_hand",
    "d2",
    "d2_sketch",
    "graphviz",
    "print_photo",
    "icons",
)

WRITERS = (
    "architects-daughter-400", "caveat-400", "coming-soon-400", "dekko-400", "delius-400", "gochi-hand-400", "handlee-400",
    "indie-flower-400", "itim-400", "kalam-400", "kalam-700", "mali-400", "neucha-400", "pangolin-400", "patrick-hand-400",
    "schoolbell-400", "shadows-into-light-400", "short-stack-400", "sriracha-400", "gaegu-400", "comic-neue-400",
)  # fmt: skip
#: Narrow, loose or shouting hands: seldom, as they are hard to read even for people.
RARE_WRITERS = (
    "rock-salt-400", "permanent-marker-400", "loved-by-the-king-400", "walter-turncoat-400", "crafty-girls-400",
    "sue-ellen-francisco-400", "over-the-rainbow-400", "just-another-hand-400", "reenie-beanie-400", "give-you-glory-400",
    "annie-use-your-telescope-400", "nanum-pen-script-400", "covered-by-your-grace-400", "waiting-for-the-sunrise-400",
)  # fmt: skip
SANS = (
    "arimo-400",
    "inter-400",
    "lato-400",
    "roboto-400",
    "open-sans-400",
    "source-sans-3-400",
    "nunito-400",
    "fira-sans-400",
    "carlito-400",
)
DRAWN = (
    "patrick-hand-400",
    "patrick-hand-400",
    "architects-daughter-400",
    "kalam-400",
    "pangolin-400",
    "delius-400",
    "mali-400",
    "coming-soon-400",
    "gochi-hand-400",
    "itim-400",
    "comic-neue-400",
)

BLACK: Colour = (22, 22, 26)
PENS: tuple[Colour, ...] = ((28, 44, 110), (24, 24, 28), (20, 30, 70), (40, 40, 46), (16, 60, 140), (130, 24, 30))
MARKERS: tuple[Colour, ...] = ((30, 70, 160), (24, 24, 28), (16, 120, 70), (190, 36, 44), (50, 50, 56), (90, 50, 140))
ACCENTS: tuple[Colour, ...] = ((190, 40, 44), (20, 110, 190), (16, 120, 70), (200, 110, 20), (120, 60, 160), (90, 90, 96))

STATIONS = ("source", "queue", "processor", "combiner", "separator", "multiprocessor", "conveyor", "storage", "sink")
RESOURCES = ("operator", "transporter", "robot", "agv", "task_executer", "crane", "dispatcher")

#: What a person with imagination draws for a kind; the first is what most would recognise.
SYMBOLS: dict[str, tuple[str, ...]] = {
    "source": (
        "ellipse", "ellipse", "double_ellipse", "pill", "factory", "house_down", "truck", "chevron", "cloud", "pallet", "dock",
        "warehouse", "signpost", "crates",
    ),
    "sink": (
        "double_ellipse", "ellipse", "donut", "pill", "crossed_circle", "truck", "house", "factory", "pallet", "dock", "warehouse",
        "crates",
    ),
    "queue": (
        "triangle_down", "cylinder", "open_box", "triangle_up", "barred_box", "lane", "row_of_boxes", "inverted_trapezium",
        "lying_cylinder", "waiting_items", "pallet", "crates", "ellipse",
    ),
    "processor": (
        "rectangle", "rectangle", "rounded", "slightly_rounded", "double_box", "cube", "headed_box", "foot_box", "ellipse", "gear",
        "machine",
    ),
    "combiner": (
        "rectangle", "hexagon", "trapezium", "diamond", "rounded", "double_box", "plus_circle", "triangle_right",
        "inverted_trapezium",
    ),
    "separator": ("rectangle", "inverted_trapezium", "diamond", "hexagon", "rounded", "triangle_left", "trapezium", "chevron"),
    "multiprocessor": ("double_box", "rectangle", "hexagon", "rounded", "cube", "stacked_boxes", "headed_box"),
    "conveyor": (
        "belt", "rollers", "signpost", "ladder", "chevron", "parallelogram", "rectangle", "lying_cylinder", "double_line",
        "pulleys", "arrowed_band", "supported_belt", "pill",
    ),
    "storage": ("rack", "cylinder", "open_box", "rectangle", "cube", "warehouse", "row_of_boxes"),
    "operator": (
        "stick_figure", "bust", "stick_figure", "ellipse", "smiley", "walking_figure", "rounded", "helmet",
        "seen_from_above", "worker",
    ),
    "transporter": ("cart", "truck", "forklift", "rectangle", "rounded"),
    "robot": ("robot_arm", "rectangle", "hexagon", "rounded", "ellipse"),
    "agv": ("cart", "rectangle", "rounded", "chevron", "truck", "pill"),
    "task_executer": ("stick_figure", "bust", "rectangle", "ellipse", "cart", "walking_figure", "robot_arm"),
    "crane": ("rectangle", "gantry", "trapezium", "house"),
    "dispatcher": ("rectangle", "diamond", "hexagon", "rounded", "ellipse", "monitor", "pill"),
}  # fmt: skip
PALETTES: tuple[dict[str, Colour], ...] = (
    {
        "source": (213, 232, 212),
        "sink": (248, 206, 204),
        "queue": (255, 242, 204),
        "processor": (218, 232, 252),
        "resource": (225, 213, 231),
    },
    {
        "source": (112, 173, 71),
        "sink": (192, 0, 0),
        "queue": (255, 192, 0),
        "processor": (68, 114, 196),
        "resource": (237, 125, 49),
    },
    {
        "source": (178, 242, 187),
        "sink": (255, 201, 201),
        "queue": (255, 236, 153),
        "processor": (165, 216, 255),
        "resource": (208, 191, 255),
    },
    {
        "source": (236, 236, 255),
        "sink": (236, 236, 255),
        "queue": (236, 236, 255),
        "processor": (236, 236, 255),
        "resource": (236, 236, 255),
    },
    {
        "source": (230, 230, 230),
        "sink": (205, 205, 205),
        "queue": (245, 245, 245),
        "processor": (235, 235, 235),
        "resource": (250, 250, 250),
    },
    {
        "source": (21, 96, 130),
        "sink": (78, 167, 46),
        "queue": (15, 158, 213),
        "processor": (21, 96, 130),
        "resource": (233, 113, 50),
    },
)
