"""The sketch of a sample: the graph laid out, drawn as vectors in one style, rasterised, with the geometry of everything in it.

Not covered: shapes and pens (`sketch.draw_*`), what an OCR makes of the words (`ocr_noise`).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from gdt2usd.dataset import drawing_layout as layout
from gdt2usd.dataset import drawing_text as words
from gdt2usd.dataset.drawing_board import Board, Piece
from gdt2usd.dataset.drawing_extras import add_extras
from gdt2usd.dataset.drawing_lines import draw_links_of
from gdt2usd.dataset.drawing_notes import NoteHabit, note_habit, notes_of
from gdt2usd.dataset.drawing_record import record
from gdt2usd.dataset.drawing_text import Line
from gdt2usd.dataset.ocr_noise import TextRun, read_like_ocr
from gdt2usd.dataset.prompt_facts import groups_of, kind_of
from gdt2usd.dataset.sample import Drawing, Fact, Plan
from gdt2usd.graph.model import ProcessGraph, Resource, Station
from gdt2usd.sketch import draw_photo
from gdt2usd.sketch.draw_canvas import FILL, PEN, SHADE, Colour, bounds, rasterise
from gdt2usd.sketch.draw_glyphs import FONTS, load_typeface
from gdt2usd.sketch.draw_options import RESOURCES, STYLES
from gdt2usd.sketch.draw_shapes import Shape
from gdt2usd.sketch.draw_strokes import Hand, hatch, in_one_go, loosely_closed
from gdt2usd.sketch.draw_styles import Look, choose_look
from gdt2usd.sketch.draw_symbols import ALL_SHAPES, NAMED_OUTSIDE, SIDED, TALL, WIDE
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

#: Width of a drawing in capital heights from which things are set closer.
_WIDEST = 95.0

__all__ = ["STYLES", "draw_sketch"]


def draw_sketch(
    graph: ProcessGraph, plan: Plan, rng: np.random.Generator, *, paint: bool = True
) -> tuple[Drawing, NDArray[np.uint8], tuple[Label, ...]]:
    """The picture of `graph` as `plan` asks, (H, W, 3) uint8 RGB upright at most 1600 long, with its record and OCR-like labels.

    `plan.style` is one of `STYLES` (KeyError otherwise). The same generator state gives the same picture.
    Without `paint` the picture stays black: geometry and labels only, for training on what is read; letters are boxes and no
    stroke is drawn, which takes a fraction of the time.
    """
    drawing, pixels, runs = draw_with_runs(graph, plan, rng, paint=paint)
    return drawing, pixels, read_like_ocr(runs, plan.style, (pixels.shape[1], pixels.shape[0]), rng)


def draw_with_runs(
    graph: ProcessGraph, plan: Plan, rng: np.random.Generator, *, paint: bool = True
) -> tuple[Drawing, NDArray[np.uint8], list[TextRun]]:
    """As `draw_sketch`, with the lines of text as drawn instead of as read."""
    look = choose_look(plan.style, rng)
    if look.head == "none" and not plan.topology_in_prompt and not _runs_rightwards(graph):
        look = replace(look, head="open")
    board = Board(look, replace(load_typeface(FONTS / f"{look.face}.woff"), stretch=look.stretch), rng, paint)
    pieces = _pieces(graph, plan, board)
    _place(graph, pieces, board)
    for piece in pieces.values():
        _draw_piece(piece, board)
    draw_links_of(graph, plan, pieces, board)
    add_extras(board, pieces)
    board.finish()
    sight = draw_photo.view(look.backdrop, bounds(board.extents), look.size, rng)
    pixels = _painted(board, sight, plan.style) if paint else np.zeros((*sight.frame[::-1], 3), np.uint8)
    drawing, runs = record(plan, pieces, board, sight.matrix, sight.frame)
    return drawing, pixels, runs


def _painted(board: Board, sight: draw_photo.View, style: str) -> NDArray[np.uint8]:
    """The pixels of the finished board seen as `sight`."""
    backdrop, rng = board.look.backdrop, board.rng
    surface = draw_photo.surface(backdrop, sight, board.look.size, style, rng)
    if backdrop in {"whiteboard", "board_sheet"} and rng.random() < 0.6:
        draw_photo.smudges(surface.picture, rng)
    rasterise(board.scene, sight.matrix, surface.picture, surface.grain)
    return draw_photo.develop(surface, style, rng)


def _runs_rightwards(graph: ProcessGraph) -> bool:
    """Whether every link goes to the right, so that a drawing without arrow heads can still be read."""
    x = {station.id: station.pose.position_m[0] for station in graph.stations}
    return all(x[link.downstream] > x[link.upstream] for link in graph.links)


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
        place = "above" if look.note_place == "above" and inside else "below"
        if look.manner.beside and kind in RESOURCES and not inside:
            place = "beside"
        pieces[thing.id] = Piece(thing.id, kind, shape, inside, below, _shape_size(shape, inside, board), place)
    if look.uniform:
        _make_uniform(pieces)
    return pieces


def _named_outside(look: Look, kind: str, rng: np.random.Generator) -> bool:
    if look.style == "icons":
        return True
    return (
        look.shapes[kind] in {"ellipse", "double_ellipse", "open_box", "cylinder", "diamond", "double_line", "cloud"}
        and look.arrange == "poses"
        and bool(
            rng.random() < (0.55 if kind in {"source", "sink", "operator"} else 0.3 if kind in {"queue", "conveyor"} else 0.08)
        )
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
        return unit * WIDE.get(shape, 1.0), unit * TALL.get(shape, 1.0)
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
    for name, filled in {(p.shape_name, bool(p.inside)) for p in pieces.values()}:
        alike = [p for p in pieces.values() if p.shape_name == name and bool(p.inside) == filled]
        size = (max(p.size[0] for p in alike), max(p.size[1] for p in alike))
        for piece in alike:
            piece.size = size


# ---- where it stands ----


def _place(graph: ProcessGraph, pieces: dict[str, Piece], board: Board) -> None:
    look, rng = board.look, board.rng
    cells = layout.grid_cells(graph) if look.arrange == "poses" else layout.layered_cells(graph, downwards=look.arrange == "down")
    if look.arrange == "poses" and look.head != "none" and rng.random() < 0.05:
        cells = {i: (-c, r) for i, (c, r) in cells.items()}
    sizes = {i: p.footprint(board.face) for i, p in pieces.items()}
    row_gap = look.gap * float(rng.uniform(0.55, 1.1))
    centres = layout.spread(cells, sizes, look.gap, row_gap)
    width, height = (max(c[k] for c in centres.values()) - min(c[k] for c in centres.values()) for k in (0, 1))
    if width > 1.15 * _WIDEST * look.size and width > 4.5 * height and look.arrange == "poses" and look.head != "none":
        cells = layout.folded(cells, 2 if width < 2.2 * _WIDEST * look.size else 3)
        centres = layout.spread(cells, sizes, look.gap, row_gap)
        width, height = (max(c[k] for c in centres.values()) - min(c[k] for c in centres.values()) for k in (0, 1))
    crowd = max(width, height) / (_WIDEST * look.size)
    if crowd > 1.0:  # people move closer together before they write too small to read
        centres = layout.spread(cells, sizes, look.gap * max(0.35, 1 / crowd**2), row_gap * max(0.35, 1 / crowd**2))
    jitter = 0.0 if look.arrange != "poses" or look.hand == Hand() else look.gap * 0.07
    for i, piece in pieces.items():
        dx, dy = np.clip(rng.normal(0.0, 1.0, 2), -2, 2) * jitter
        piece.centre = (centres[i][0] + float(dx), centres[i][1] + float(dy))


# ---- drawing ----


def _draw_piece(piece: Piece, board: Board) -> None:
    look = board.look
    (x, y), (w, h) = piece.centre, piece.size
    shape = ALL_SHAPES[piece.shape_name](x, y, w, h)
    piece.shape = shape
    board.extents.append(shape.outline)
    ink = look.dashed_ink if piece.kind in RESOURCES and look.style in {"tablet", "whiteboard"} else look.ink
    if board.paint:
        _paint_piece(piece, shape, board, ink)
    _write_piece(piece, board, ink)


def _paint_piece(piece: Piece, shape: Shape, board: Board, ink: Colour) -> None:
    """Colour, hatching and pen strokes of one object."""
    look = board.look
    fill = look.fills.get(piece.kind)
    if look.shadow and fill is not None:
        board.scene.layer((150, 150, 150), SHADE, 0.45).fills.append(shape.outline + 3.0)
    if fill is not None and not look.hatched:
        board.scene.layer(fill, FILL).fills.extend(shape.bodies)
    elif fill is not None:
        layer = board.scene.layer(fill, FILL)
        spacing = look.size * (0.5 if look.style != "icons" else 0.28)
        layer.strokes.extend((line, 1.1) for body in shape.bodies for line in hatch(body, spacing, board.rng))
    for inner in shape.solid:
        board.scene.layer((255, 255, 255), PEN).fills.append(inner)
    hand = (
        look.hand
        if shape.corners or look.hand == Hand()
        else Hand(look.hand.wobble, 0.0, look.hand.overshoot * 0.5, look.hand.passes)
    )
    for stroke in _drawn_strokes(piece, shape, board):
        board.stroke(stroke, look.width, ink, hand)


def _drawn_strokes(piece: Piece, shape: Shape, board: Board) -> tuple[Points, ...]:
    """The strokes as a hand makes them: sides in one go that end near their beginning, rings that do not quite close."""
    look, rng = board.look, board.rng
    if look.hand == Hand() or not shape.strokes:
        return shape.strokes
    if piece.shape_name in SIDED:
        if rng.random() >= look.manner.one_stroke:
            return shape.strokes
        ring = in_one_go(shape.outline, look.size * look.manner.cut, look.size * 0.3, rng)
        return (ring, *shape.strokes[len(shape.outline) :])
    if shape.corners:
        return shape.strokes
    return tuple(loosely_closed(stroke, rng) for stroke in shape.strokes)


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
    if piece.outside:
        _write_outside(piece, board, ink)


def _write_outside(piece: Piece, board: Board, ink: Colour) -> None:
    """The lines under, above or beside the shape."""
    look, face = board.look, board.face
    (x, y), (w, h) = piece.centre, piece.size
    wide, high = words.width(piece.outside, face), words.height(piece.outside)
    gap = look.size * 0.55
    if piece.place == "above":
        left, top = x - wide / 2, y - h / 2 - gap - high
    elif piece.place == "beside":
        left, top = x + w / 2 + gap, y - high / 2
    else:
        left, top = x - wide / 2, y + h / 2 + gap + (h * 0.2 if piece.shape_name in {"belt", "truck"} else 0)
    piece.text_box = (left, top - gap, left + wide, top - gap + high)
    to_edge = look.manner.left_aligned or piece.place == "beside"
    for line in piece.outside:
        middle = left + face.width(line.text, line.size) / 2 if to_edge else left + wide / 2
        colour = look.note_ink if line.role == "note" else look.text_ink if ink == look.ink else ink
        board.write(line, piece.id, middle, top + line.size * 1.35, colour)
        top += words.LINE * line.size
