"""The lines between drawn objects: item flow with arrows and percentages, centre connections dashed.

Not covered: possible courses of a line (`sketch.draw_links`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import accumulate, pairwise

import numpy as np
from numpy.typing import NDArray

from gdt2usd.dataset import drawing_layout as layout
from gdt2usd.dataset.drawing_board import Board, Piece
from gdt2usd.dataset.drawing_text import Line
from gdt2usd.dataset.prompt_numbers import exact
from gdt2usd.dataset.sample import Fact, Plan
from gdt2usd.graph.model import Link, ProcessGraph, Sink, Source
from gdt2usd.sketch import draw_links
from gdt2usd.sketch.draw_canvas import LINK, MASK, Colour, bounds
from gdt2usd.sketch.draw_strokes import Hand, arrow_head, by_hand, dashes, length
from gdt2usd.sketch.draw_styles import pick

Points = NDArray[np.float64]
_GOOD = ("ok", "OK", "good", "pass", "i.O.")
_BAD = ("rework", "nok", "NOK", "fail", "back", "scrap", "n.i.O.", "reject")


def draw_links_of(graph: ProcessGraph, plan: Plan, pieces: dict[str, Piece], board: Board) -> None:
    share = 1.0 if board.rng.random() < 0.6 else float(board.rng.random())
    ground = _Ground.of(pieces)
    for link in graph.links:
        line = _route(link.upstream, link.downstream, pieces, ground, board)
        headed, drawn = _draw_line(line, board, dashed=False, ink=board.look.link_ink)
        board.links.append((link.upstream, link.downstream, False, headed, drawn))
        pair = (link.upstream, "percent")
        if link.percent is not None and (pair in plan.noted or (pair not in plan.unsaid and board.rng.random() < share)):
            _write_on(line, _percent_line(link, graph, board), board)
    both = plan.topology_in_prompt is False or board.rng.random() < 0.85
    for resource, served in layout.centre_connections(graph, both_ends=both):
        if resource in pieces and served in pieces:
            line = _route(resource, served, pieces, ground, board, straight=board.rng.random() < 0.6)
            dashed = not board.look.solid_centre
            headed, drawn = _draw_line(line, board, dashed=dashed, ink=board.look.dashed_ink, headless=True)
            board.links.append((resource, served, True, headed, drawn))
    if board.look.manner.stub:
        _draw_stubs(graph, pieces, board)


def _draw_stubs(graph: ProcessGraph, pieces: dict[str, Piece], board: Board) -> None:
    """Arrows from nowhere into the sources and out of the sinks: no links, but people draw them."""
    for station in graph.stations:
        if not isinstance(station, Source | Sink):
            continue
        piece = pieces[station.id]
        x, y = piece.centre
        outer = np.array([x - (piece.size[0] / 2 + board.look.size * 3.5), y])
        edge = np.array([x - piece.size[0] / 2, y])
        if isinstance(station, Sink):
            edge, outer = np.array([2 * x - outer[0], y]), np.array([2 * x - edge[0], y])
        _draw_line(np.stack([outer, edge]), board, dashed=False, ink=board.look.link_ink)


def _percent_line(link: Link, graph: ProcessGraph, board: Board) -> Line:
    """The percentage of a link as written at it: "93%", "7% rework"."""
    look, rng = board.look, board.rng
    text = look.manner.percent_form.format(exact(link.percent or 0.0))
    if look.manner.percent_words:
        main = (link.percent or 0.0) >= max(other.percent or 0.0 for other in graph.links if other.upstream == link.upstream)
        text = f"{text} {pick(rng, _GOOD if main else _BAD)}"
    return Line(text, "percent", look.size * 0.85, (Fact(link.upstream, f"percent:{link.downstream}", exact(link.percent or 0.0)),))


@dataclass(slots=True)
class _Ground:
    """What lines have to keep clear of: `boxes` (N, 4) of objects then of words outside them, how much each weighs (N,).

    `places` finds an object's row, `half` is half of a usual object's size, `taken` the stretches (M, 2, 2) drawn so far.
    """

    places: dict[str, int]
    boxes: Points
    weights: Points
    extent: tuple[float, float, float, float]
    half: Points
    taken: Points = field(default_factory=lambda: np.empty((0, 2, 2)))

    @classmethod
    def of(cls, pieces: dict[str, Piece]) -> _Ground:
        outlines = [p.shape.outline for p in pieces.values() if p.shape is not None]
        boxes = np.array([bounds([outline]) for outline in outlines])
        texts = np.array([p.text_box for p in pieces.values() if p.text_box is not None]).reshape(-1, 4)
        half = 0.5 * np.median(boxes[:, 2:] - boxes[:, :2], axis=0)
        grown = boxes + np.array([-2.0, -2.0, 2.0, 2.0])
        weights = np.concatenate([np.full(len(boxes), 3.0), np.full(len(texts), 0.6)])
        places = {i: k for k, i in enumerate(pieces)}
        return cls(places, np.concatenate([grown, texts]), weights, bounds(outlines), half)


def _route(a: str, b: str, pieces: dict[str, Piece], ground: _Ground, board: Board, *, straight: bool = False) -> Points:
    """The line from `a` to `b` that runs through the fewest other things, cut at their outlines."""
    look, rng = board.look, board.rng
    first, last = pieces[a], pieces[b]
    clearance = look.gap * float(rng.uniform(0.35, 0.7))
    route = "straight" if straight else look.route
    options = draw_links.candidates(first.centre, last.centre, ground.extent, clearance, ground.half + clearance, route)
    ends = np.array([(*p, *q) for option in options for p, q in pairwise(option)])
    firsts, lasts = ends[:, :2], ends[:, 2:]
    weights = ground.weights.copy()
    weights[[ground.places[a], ground.places[b]]] = 0.0
    costs = draw_links.blocked(firsts, lasts, ground.boxes) @ weights + draw_links.hidden(firsts, lasts, ground.taken)
    run = lasts - firsts
    costs += 0.002 / look.size * np.sqrt((run * run).sum(axis=1))
    totals = np.add.reduceat(costs, [0, *accumulate(len(option) - 1 for option in options[:-1])])
    totals[1:] += 0.5
    totals[5:] += 0.15 * np.arange(5, len(options))
    best = int(totals.argmin())
    line = np.array(options[best])
    ground.taken = np.concatenate([ground.taken, np.stack([line[:-1], line[1:]], axis=1)])
    return _bent(draw_links.clip_ends(line, _outlines(first, board), _outlines(last, board), _gaps(board)), board)


def _outlines(piece: Piece, board: Board) -> tuple[Points, ...]:
    """Where a line to or from the object ends: its shape, in some people's drawings the words under it too."""
    assert piece.shape is not None
    if piece.text_box is None or not board.look.manner.past_words:
        return (piece.shape.outline,)
    x0, y0, x1, y1 = piece.text_box
    return piece.shape.outline, np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]])


def _gaps(board: Board) -> tuple[float, float]:
    """How far from the outlines a line begins and ends; below zero it runs into the shape."""
    look, rng = board.look, board.rng
    manner = look.manner
    gaps = look.link_gap + look.size * manner.slack * rng.normal(0.0, 1.0, 2)
    if manner.gaping and rng.random() < manner.gaping:
        gaps[int(rng.integers(2))] += look.size * float(rng.uniform(0.8, 2.6))
    return float(gaps[0]), float(gaps[1])


def _bent(line: Points, board: Board) -> Points:
    """The line with its bends as this person or program makes them."""
    look = board.look
    if look.route == "curve":
        bow = float(board.rng.normal(0, 5))
        return draw_links.bow(line, bow) if len(line) == 2 else draw_links.round_corners(line, look.gap)
    if look.route == "rounded":
        return draw_links.round_corners(line, 9.0)
    return draw_links.round_corners(line, look.size * look.manner.soft, 4) if look.manner.soft else line


def _draw_line(line: Points, board: Board, *, dashed: bool, ink: Colour, headless: bool = False) -> tuple[bool, Points]:
    """Draws a link; says whether it got an arrow head, and where the pen went."""
    look = board.look
    board.extents.append(line)
    headed = look.head != "none" and not (headless and not (dashed and look.manner.dash_headed))
    if not board.paint:
        return headed, line
    hand = Hand(look.hand.wobble, look.hand.bow, 0.0, look.hand.passes if not dashed else 1)
    layer = board.scene.layer(ink, LINK)
    strokes = by_hand(line, hand, board.rng) if len(line) == 2 or hand.wobble else [line]
    for stroke in strokes:
        parts = dashes(stroke, look.size * look.manner.dash, look.size * look.manner.dash_gap) if dashed else [stroke]
        layer.strokes.extend((part, look.link_width) for part in parts)
    if not headed:
        return False, strokes[0]
    tip, before = strokes[0][-1], strokes[0][max(0, len(strokes[0]) - 3)]
    head_strokes, head_fills = arrow_head(tip, tip - before, look.head_size, look.head)
    layer.strokes.extend(
        (p, look.link_width) for s in head_strokes for p in by_hand(s, Hand(look.hand.wobble * 0.6, 0.0, 0.0, 1), board.rng)
    )
    layer.fills.extend(head_fills)
    return True, strokes[0]


def _write_on(line: Points, text: Line, board: Board) -> None:
    """A word at the longest stretch of a line: beside it or on it."""
    manner = board.look.manner
    steps = np.hypot(*np.diff(line, axis=0).T)
    half = board.face.width(text.text, text.size) / 2
    at = manner.percent_at if steps.sum() > 6 * half + 6 * text.size else 0.5
    k = int(np.argmax(steps)) if len(line) < 8 else min(int(len(line) * at), len(line) - 2)
    middle = line[k] + (line[k + 1] - line[k]) * (at if len(line) < 8 else 0.5)
    level = abs(line[k + 1][0] - line[k][0]) >= abs(line[k + 1][1] - line[k][1])
    if manner.percent_on and length(line) > 2 * half + 3 * text.size:
        x, y, pad = middle[0], middle[1], text.size * 0.35
        wide, high = half + pad, 0.9 * text.size
        patch = np.array([[x - wide, y - high], [x + wide, y - high], [x + wide, y + high], [x - wide, y + high]])
        paper = (232, 232, 232) if board.look.style.startswith("mermaid") else (255, 255, 255)
        board.scene.layer(paper, MASK).fills.append(patch)
        board.write(text, "", x, y + 0.5 * text.size, board.look.note_ink)
        return
    offset = (0.0, -text.size * 0.5) if level else (half + text.size * 0.6, text.size * 0.5)
    board.write(text, "", middle[0] + offset[0], middle[1] + offset[1], board.look.note_ink)
