"""The sketch of a sample: the graph laid out, drawn as vectors in one style, rasterised, with the geometry of everything in it.

Not covered: shapes and pens (`sketch.draw_*`), what an OCR makes of the words (`ocr_noise`).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from gdt2usd.dataset import drawing_layout as layout
from gdt2usd.dataset import drawing_text as words
from gdt2usd.dataset.drawing_extras import add_extras
from gdt2usd.dataset.drawing_notes import NoteHabit, note_habit, notes_of
from gdt2usd.dataset.drawing_text import Line
from gdt2usd.dataset.ocr_noise import TextRun, read_like_ocr
from gdt2usd.dataset.prompt_facts import groups_of, kind_of
from gdt2usd.dataset.prompt_numbers import exact
from gdt2usd.dataset.sample import Drawing, DrawnLink, DrawnNote, DrawnObject, Fact, Plan
from gdt2usd.diagnostics import Box
from gdt2usd.graph.model import ProcessGraph, Resource, Station
from gdt2usd.sketch import draw_links, draw_photo
from gdt2usd.sketch.draw_canvas import FILL, LINK, PEN, SHADE, WORD, Colour, Scene, bounds, project, rasterise
from gdt2usd.sketch.draw_glyphs import FONTS, Typeface, load_typeface, set_text
from gdt2usd.sketch.draw_shapes import NAMED_OUTSIDE, SHAPES, Shape
from gdt2usd.sketch.draw_strokes import Hand, arrow_head, by_hand, dashes, hatch, length
from gdt2usd.sketch.draw_styles import RESOURCES, STYLES, Look, choose_look
from gdt2usd.sketch.sketch import Label

Points = NDArray[np.float64]
_ROUND = {
    "ellipse": 1.36,
    "double_ellipse": 1.45,
    "cloud": 1.4,
    "diamond": 1.75,
    "hexagon": 1.3,
    "triangle_down": 2.0,
    "triangle_up": 2.0,
}

__all__ = ["STYLES", "draw_sketch"]


@dataclass(slots=True)
class Piece:
    """One object to draw: text inside its shape and text outside, the shape's size, and its centre once placed."""

    id: str
    kind: str
    shape_name: str
    inside: list[Line]
    outside: list[Line]
    size: tuple[float, float]
    above: bool = False
    centre: tuple[float, float] = (0.0, 0.0)
    shape: Shape | None = None

    def footprint(self, face: Typeface) -> tuple[float, float]:
        """Width and height with the text outside (height as if it were above and below, so that rows stay apart)."""
        return max(self.size[0], words.width(self.outside, face)), self.size[1] + 1.2 * words.height(self.outside)


@dataclass(slots=True)
class Board:
    """The drawing in progress: the scene, and what was written and drawn where, in sheet units."""

    look: Look
    face: Typeface
    rng: np.random.Generator
    scene: Scene = field(default_factory=Scene)
    texts: list[tuple[Line, str, Points]] = field(default_factory=list)
    pending: list[tuple[Line, str, Points, Colour]] = field(default_factory=list)
    links: list[tuple[str, str, bool, bool, Points]] = field(default_factory=list)
    extents: list[Points] = field(default_factory=list)

    def stroke(self, points: Points, width: float, ink: Colour, hand: Hand) -> None:
        """One pen stroke."""
        layer = self.scene.layer(ink)
        layer.strokes.extend((line, width) for line in by_hand(points, hand, self.rng))
        self.extents.append(points)

    def write(self, line: Line, owner: str, centre_x: float, baseline: float, ink: Colour) -> None:
        """One line of text centred at `centre_x`; letters are laid over everything else at the end."""
        self.pending.append((line, owner, np.array([centre_x, baseline]), ink))

    def finish_text(self) -> None:
        """Set all lines, those of one colour together."""
        for ink in dict.fromkeys(item[3] for item in self.pending):
            layer = self.scene.layer(ink, WORD)
            for line, owner, (x, baseline), colour in self.pending:
                if colour != ink:
                    continue
                left = x - self.face.width(line.text, line.size) / 2
                groups = set_text(self.face, line.text, left, baseline, line.size, self.look.writing, self.rng)
                layer.letters.extend(groups)
                contours = [contour for group in groups for contour in group]
                if contours:
                    self.texts.append((line, owner, np.concatenate(contours)))
                    self.extents.append(self.texts[-1][2])


def draw_sketch(graph: ProcessGraph, plan: Plan, rng: np.random.Generator) -> tuple[Drawing, NDArray[np.uint8], tuple[Label, ...]]:
    """The picture of `graph` as `plan` asks, (H, W, 3) uint8 RGB upright at most 1600 long, with its record and OCR-like labels.

    `plan.style` is one of `STYLES` (KeyError otherwise). The same generator state gives the same picture.
    """
    drawing, pixels, runs = draw_with_runs(graph, plan, rng)
    return drawing, pixels, read_like_ocr(runs, plan.style, (pixels.shape[1], pixels.shape[0]), rng)


def draw_with_runs(graph: ProcessGraph, plan: Plan, rng: np.random.Generator) -> tuple[Drawing, NDArray[np.uint8], list[TextRun]]:
    """As `draw_sketch`, with the lines of text as drawn instead of as read."""
    look = choose_look(plan.style, rng)
    board = Board(look, load_typeface(FONTS / f"{look.face}.woff"), rng)
    pieces = _pieces(graph, plan, board)
    _place(graph, pieces, board)
    for piece in pieces.values():
        _draw_piece(piece, board)
    _draw_links(graph, plan, pieces, board)
    add_extras(board, [p.centre for p in pieces.values()])
    board.finish_text()
    surface = draw_photo.surface(look.backdrop, bounds(board.extents), look.size, plan.style, rng)
    if look.backdrop in {"whiteboard", "board_sheet"} and rng.random() < 0.6:
        draw_photo.smudges(surface.picture, rng)
    rasterise(board.scene, surface.matrix, surface.picture, surface.grain)
    pixels = draw_photo.develop(surface, plan.style, rng)
    drawing, runs = _record(plan, pieces, board, surface.matrix, (pixels.shape[1], pixels.shape[0]))
    return drawing, pixels, runs


# ---- what is written at each object ----


def _pieces(graph: ProcessGraph, plan: Plan, board: Board) -> dict[str, Piece]:
    look, rng = board.look, board.rng
    habit, tags = note_habit(rng), words.tag_habit(look, rng)
    extra_notes = 0.0 if rng.random() < 0.5 else float(rng.uniform(0.15, 0.9))
    limit = look.size * float(rng.uniform(7.0, 15.0))
    outside = {kind for kind in look.shapes if look.shapes[kind] in NAMED_OUTSIDE or _named_outside(look, kind, rng)}
    pieces = {}
    for thing in (*graph.stations, *graph.resources):
        kind = kind_of(thing)
        name = plan.labels.get(thing.id, thing.id)
        lines = [Line(text, "name", look.size) for text in words.wrap(name, board.face, look.size, limit)]
        if ((thing.id, "type") in plan.noted) or (tags.form and rng.random() < look.tag_share):
            lines = _with_tag(lines, thing, kind, tags, look)
        notes = _notes(thing, plan, habit, extra_notes, look, rng)
        inside, below = lines, notes
        if kind in outside:
            inside, below = [], lines + notes
        elif look.note_place == "inside":
            inside, below = lines + notes, []
        shape = look.shapes[kind]
        pieces[thing.id] = Piece(
            thing.id, kind, shape, inside, below, _shape_size(shape, inside, board), look.note_place == "above" and bool(inside)
        )
    if look.uniform:
        _make_uniform(pieces)
    return pieces


def _named_outside(look: Look, kind: str, rng: np.random.Generator) -> bool:
    if look.style == "icons":
        return True
    return (
        look.shapes[kind] in {"ellipse", "double_ellipse", "open_box", "cylinder", "diamond"}
        and look.arrange == "poses"
        and bool(rng.random() < 0.55)
    )


def _with_tag(lines: list[Line], thing: Station | Resource, kind: str, tags: words.TagHabit, look: Look) -> list[Line]:
    form = tags if tags.form else words.TagHabit("({})", tags.word, tags.same_line, tags.scale)
    text = words.tag_text(kind, form)
    fact = (Fact(thing.id, "type", kind),)
    if form.form.startswith(("<<", "«")):
        return [Line(text, "tag", look.size * tags.scale, fact), *lines]
    if tags.same_line and len(lines) == 1:
        return [Line(f"{lines[0].text} {text}", "name+tag", look.size, fact)]
    return [*lines, Line(text, "tag", look.size * tags.scale, fact)]


def _notes(
    thing: Station | Resource, plan: Plan, habit: NoteHabit, share: float, look: Look, rng: np.random.Generator
) -> list[Line]:
    lines = []
    for group in groups_of(thing):
        pair = (thing.id, group)
        if pair in plan.noted or (pair not in plan.unsaid and rng.random() < share):
            lines += [Line(text, "note", look.size * look.note_scale, facts) for text, facts in notes_of(thing, group, habit)]
    return lines


def _shape_size(shape: str, inside: list[Line], board: Board) -> tuple[float, float]:
    look, rng = board.look, board.rng
    unit = look.size * float(rng.uniform(2.6, 4.6))
    if not inside:
        wide = {"stick_figure": 0.55, "truck": 1.7, "cart": 1.4, "rollers": 2.6, "ladder": 2.8, "lane": 2.0, "rack": 1.4, "belt": 2.2,
                "cube": 1.3, "double_box": 1.5, "barred_box": 1.5, "smiley": 0.7, "parallelogram": 1.5, "cylinder": 0.9, "bust": 0.9}  # fmt: skip
        tall = {"stick_figure": 1.5, "rollers": 0.55, "ladder": 0.6, "belt": 0.6, "smiley": 1.0}
        return unit * wide.get(shape, 1.0), unit * tall.get(shape, 1.0)
    grow = _ROUND.get(shape, 1.0)
    width = words.width(inside, board.face) * (grow if grow > 1 else 1.0) + 2 * look.padding
    height = words.height(inside) * (grow if grow > 1 else 1.0) + 1.3 * look.padding
    if shape == "cylinder":
        height *= 1.45
    if shape in {"house_down", "house", "factory"}:
        height *= 1.5
    if shape in {
        "signpost",
        "chevron",
        "parallelogram",
        "trapezium",
        "inverted_trapezium",
        "barred_box",
        "double_box",
        "cube",
        "lying_cylinder",
    }:
        width *= 1.3
    return width * float(rng.uniform(1.0, 1.15)), height * float(rng.uniform(1.0, 1.25))


def _make_uniform(pieces: dict[str, Piece]) -> None:
    """Same shapes, same size: boxes as programs and tidy people draw them."""
    for name in {p.shape_name for p in pieces.values()}:
        alike = [p for p in pieces.values() if p.shape_name == name]
        size = (max(p.size[0] for p in alike), max(p.size[1] for p in alike))
        for piece in alike:
            piece.size = size


# ---- where it stands ----


def _place(graph: ProcessGraph, pieces: dict[str, Piece], board: Board) -> None:
    look, rng = board.look, board.rng
    cells = layout.grid_cells(graph) if look.arrange == "poses" else layout.layered_cells(graph, downwards=look.arrange == "down")
    if look.arrange == "poses" and rng.random() < 0.05:
        cells = {i: (-c, r) for i, (c, r) in cells.items()}
    sizes = {i: p.footprint(board.face) for i, p in pieces.items()}
    row_gap = look.gap * float(rng.uniform(0.55, 1.1))
    centres = layout.spread(cells, sizes, look.gap, row_gap)
    jitter = 0.0 if look.arrange != "poses" or look.hand == Hand() else look.gap * 0.07
    for i, piece in pieces.items():
        dx, dy = np.clip(rng.normal(0.0, 1.0, 2), -2, 2) * jitter
        piece.centre = (centres[i][0] + float(dx), centres[i][1] + float(dy))


# ---- drawing ----


def _draw_piece(piece: Piece, board: Board) -> None:
    look = board.look
    (x, y), (w, h) = piece.centre, piece.size
    shape = SHAPES[piece.shape_name](x, y, w, h)
    piece.shape = shape
    ink = look.dashed_ink if piece.kind in RESOURCES and look.style in {"tablet", "whiteboard"} else look.ink
    fill = look.fills.get(piece.kind)
    if look.shadow and fill is not None:
        board.scene.layer((150, 150, 150), SHADE, 0.45).fills.append(shape.outline + 3.0)
    if fill is not None and not look.hatched:
        board.scene.layer(fill, FILL).fills.append(shape.outline)
    elif fill is not None:
        layer = board.scene.layer(fill, FILL)
        layer.strokes.extend((line, 1.1) for line in hatch(shape.outline, look.size * 0.5, board.rng))
    for inner in shape.solid:
        board.scene.layer((255, 255, 255), PEN).fills.append(inner)
    hand = (
        look.hand
        if shape.corners or look.hand == Hand()
        else Hand(look.hand.wobble, 0.0, look.hand.overshoot * 0.5, look.hand.passes)
    )
    for stroke in shape.strokes:
        board.stroke(stroke, look.width, ink, hand)
    _write_piece(piece, board, ink)


def _write_piece(piece: Piece, board: Board, ink: Colour) -> None:
    look = board.look
    (x, y), (_, h) = piece.centre, piece.size
    text_ink: Colour = (255, 255, 255) if look.white_on_dark and piece.inside else look.text_ink
    if piece.kind in RESOURCES and ink != look.ink:
        text_ink = ink
    shift = {"cylinder": 0.1 * h, "house_down": -0.12 * h, "house": 0.12 * h, "factory": 0.1 * h, "cube": 0.06 * h}.get(
        piece.shape_name, 0.0
    )
    top = y + shift - words.height(piece.inside) / 2
    for line in piece.inside:
        board.write(
            line, piece.id, x, top + line.size * 1.45, look.note_ink if line.role == "note" and not look.white_on_dark else text_ink
        )
        top += words.LINE * line.size
    gap = look.size * 0.55
    top = (
        y - h / 2 - gap - words.height(piece.outside)
        if piece.above
        else y + h / 2 + gap + (h * 0.2 if piece.shape_name in {"belt", "truck"} else 0)
    )
    for line in piece.outside:
        board.write(
            line,
            piece.id,
            x,
            top + line.size * 1.35,
            look.note_ink if line.role == "note" else look.text_ink if ink == look.ink else ink,
        )
        top += words.LINE * line.size


def _draw_links(graph: ProcessGraph, plan: Plan, pieces: dict[str, Piece], board: Board) -> None:
    boxes = {i: _box(p.shape.outline) for i, p in pieces.items() if p.shape is not None}
    extent = bounds([p.shape.outline for p in pieces.values() if p.shape is not None])
    share = 1.0 if board.rng.random() < 0.6 else float(board.rng.random())
    taken: list[Points] = []
    for link in graph.links:
        line = _route(link.upstream, link.downstream, pieces, boxes, extent, taken, board)
        headed = _draw_line(line, board, dashed=False, ink=board.look.link_ink)
        board.links.append((link.upstream, link.downstream, False, headed, line))
        pair = (link.upstream, "percent")
        if link.percent is not None and (pair in plan.noted or (pair not in plan.unsaid and board.rng.random() < share)):
            text = f"{exact(link.percent)}{'%' if board.rng.random() < 0.9 else ' %'}"
            _write_on(
                line,
                Line(
                    text,
                    "percent",
                    board.look.size * 0.85,
                    (Fact(link.upstream, f"percent:{link.downstream}", exact(link.percent)),),
                ),
                board,
            )
    both = plan.topology_in_prompt is False or board.rng.random() < 0.85
    for resource, served in layout.centre_connections(graph, both_ends=both):
        if resource in pieces and served in pieces:
            line = _route(resource, served, pieces, boxes, extent, taken, board, straight=board.rng.random() < 0.6)
            _draw_line(line, board, dashed=not board.look.solid_centre, ink=board.look.dashed_ink, headless=True)
            board.links.append((resource, served, True, False, line))


def _box(points: Points) -> tuple[float, float, float, float]:
    return bounds([points])


def _route(
    a: str,
    b: str,
    pieces: dict[str, Piece],
    boxes: dict[str, tuple[float, float, float, float]],
    extent: tuple[float, float, float, float],
    taken: list[Points],
    board: Board,
    *,
    straight: bool = False,
) -> Points:
    """The line from `a` to `b` that runs through the fewest other things, cut at their outlines."""
    look, rng = board.look, board.rng
    first, last = pieces[a], pieces[b]
    assert first.shape is not None and last.shape is not None
    others = np.array([box for i, box in boxes.items() if i not in (a, b)]).reshape(-1, 4)
    start, end = np.array(first.centre), np.array(last.centre)
    options = draw_links.candidates(
        start, end, extent, look.gap * float(rng.uniform(0.35, 0.7)), "straight" if straight else look.route
    )
    drawn = np.concatenate(taken) if taken else np.empty((0, 2, 2))
    best, least = options[0], np.inf
    for k, option in enumerate(options):
        cost = 3 * draw_links.blocked(option, others) + draw_links.hidden(option, drawn) + 0.5 * (k > 0) + 0.15 * k * (k > 4)
        cost += 0.002 * length(option) / look.size
        if cost < least:
            best, least = option, cost
        if least < 0.5:
            break
    taken.append(np.stack([best[:-1], best[1:]], axis=1))
    line = draw_links.clip_ends(best, first.shape.outline, last.shape.outline, look.link_gap)
    if look.route == "curve":
        return draw_links.bow(line, float(rng.normal(0, 5))) if len(line) == 2 else draw_links.round_corners(line, look.gap)
    return draw_links.round_corners(line, 9.0) if look.route == "rounded" else line


def _draw_line(line: Points, board: Board, *, dashed: bool, ink: Colour, headless: bool = False) -> bool:
    """Draws a link; says whether it got an arrow head."""
    look = board.look
    hand = Hand(look.hand.wobble, look.hand.bow, 0.0, look.hand.passes if not dashed else 1)
    layer = board.scene.layer(ink, LINK)
    strokes = by_hand(line, hand, board.rng) if len(line) == 2 or hand.wobble else [line]
    for stroke in strokes:
        parts = dashes(stroke, look.size * 0.7, look.size * 0.55) if dashed else [stroke]
        layer.strokes.extend((part, look.link_width) for part in parts)
    board.extents.append(line)
    if headless or look.head == "none":
        return False
    tip, before = strokes[0][-1], strokes[0][max(0, len(strokes[0]) - 3)]
    head_strokes, head_fills = arrow_head(tip, tip - before, look.head_size, look.head)
    layer.strokes.extend(
        (p, look.link_width) for s in head_strokes for p in by_hand(s, Hand(look.hand.wobble * 0.6, 0.0, 0.0, 1), board.rng)
    )
    layer.fills.extend(head_fills)
    return True


def _write_on(line: Points, text: Line, board: Board) -> None:
    """A word at the longest stretch of a line: beside it or on it."""
    steps = np.hypot(*np.diff(line, axis=0).T)
    k = int(np.argmax(steps)) if len(line) < 8 else len(line) // 2 - 1
    middle = (line[k] + line[k + 1]) / 2
    level = abs(line[k + 1][0] - line[k][0]) >= abs(line[k + 1][1] - line[k][1])
    half = board.face.width(text.text, text.size) / 2
    offset = (0.0, -text.size * 0.5) if level else (half + text.size * 0.6, text.size * 0.5)
    board.write(text, "", middle[0] + offset[0], middle[1] + offset[1], board.look.note_ink)


# ---- the record ----


def _record(
    plan: Plan, pieces: dict[str, Piece], board: Board, matrix: Points, size: tuple[int, int]
) -> tuple[Drawing, list[TextRun]]:
    def box(points: list[Points]) -> Box:
        x0, y0, x1, y1 = bounds([project(matrix, np.concatenate(points))])
        return Box(max(0.0, x0), max(0.0, y0), min(float(size[0]), x1), min(float(size[1]), y1))

    runs = [TextRun(line.text, line.role, owner, box([ink])) for line, owner, ink in board.texts]
    names: dict[str, list[Points]] = {i: [] for i in pieces}
    notes = []
    for line, owner, ink in board.texts:
        if line.role in {"name", "name+tag"}:
            names[owner].append(ink)
        if line.role != "name":
            notes.append(DrawnNote(line.text, box([ink]), line.facts))
    objects = []
    for i, piece in pieces.items():
        assert piece.shape is not None
        outline = box([piece.shape.outline])
        objects.append(DrawnObject(i, piece.kind, outline, plan.labels.get(i, i), box(names[i]) if names[i] else outline))
    links = tuple(
        DrawnLink(a, b, dashed, arrow, tuple((float(x), float(y)) for x, y in project(matrix, line)))
        for a, b, dashed, arrow, line in board.links
    )
    return Drawing(plan.style, tuple(objects), links, tuple(notes)), runs
