"""The lines between drawn objects: item flow with arrows and percentages, centre connections dashed.

Not covered: possible courses of a line (`sketch.draw_links`).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
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
from gdt2usd.sketch.draw_strokes import STEADY, Hand, arrow_head, by_hand, dashes, length
from gdt2usd.sketch.draw_styles import pick

Points = NDArray[np.float64]
_GOOD = ("ok", "OK", "good", "pass", "i.O.")
_BAD = ("rework", "nok", "NOK", "fail", "back", "scrap", "n.i.O.", "reject")


@dataclass(frozen=True, slots=True)
class _Course:
    """A line to draw: its ends' names ("" for a line that links nothing), where it runs, how."""

    upstream: str
    downstream: str
    line: Points
    ink: Colour
    dashed: bool = False
    headless: bool = False


def draw_links_of(graph: ProcessGraph, plan: Plan, pieces: dict[str, Piece], board: Board) -> None:
    look, rng = board.look, board.rng
    share = 1.0 if rng.random() < 0.6 else float(rng.random())
    ground = _Ground.of(pieces)
    courses = []
    for link in graph.links:
        line = _route(link.upstream, link.downstream, pieces, ground, board)
        courses.append(_Course(link.upstream, link.downstream, line, look.link_ink))
        pair = (link.upstream, "percent")
        if link.percent is not None and (pair in plan.noted or (pair not in plan.unsaid and rng.random() < share)):
            _write_on(line, _percent_line(link, graph, board), board)
    both = plan.topology_in_prompt is False or rng.random() < 0.85
    for resource, served in layout.centre_connections(graph, both_ends=both):
        if resource in pieces and served in pieces:
            line = _route(resource, served, pieces, ground, board, straight=rng.random() < 0.6)
            courses.append(_Course(resource, served, line, look.dashed_ink, not look.solid_centre, headless=True))
    if look.manner.stub:
        courses += _stubs(graph, pieces, board)
    _draw_lines(courses, board)


def _stubs(graph: ProcessGraph, pieces: dict[str, Piece], board: Board) -> list[_Course]:
    """Arrows from nowhere into the sources and out of the sinks: no links, but people draw them."""
    courses = []
    for station in graph.stations:
        if not isinstance(station, Source | Sink):
            continue
        piece = pieces[station.id]
        x, y = piece.centre
        outer = np.array([x - (piece.size[0] / 2 + board.look.size * 3.5), y])
        edge = np.array([x - piece.size[0] / 2, y])
        if isinstance(station, Sink):
            edge, outer = np.array([2 * x - outer[0], y]), np.array([2 * x - edge[0], y])
        courses.append(_Course("", "", np.stack([outer, edge]), board.look.link_ink))
    return courses


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

    `places` finds an object's row, `half` is half of a usual object's size, `taken` the stretches drawn so far.
    """

    places: dict[str, int]
    boxes: Points
    weights: Points
    extent: tuple[float, float, float, float]
    half: Points
    taken: list[tuple[draw_links.Point, draw_links.Point]] = field(default_factory=list)
    corners: list[list[float]] = field(default_factory=list)

    @classmethod
    def of(cls, pieces: dict[str, Piece]) -> _Ground:
        outlines = [p.shape.outline for p in pieces.values() if p.shape is not None]
        boxes = np.array([bounds([outline]) for outline in outlines])
        texts = np.array([p.text_box for p in pieces.values() if p.text_box is not None]).reshape(-1, 4)
        half = 0.5 * np.median(boxes[:, 2:] - boxes[:, :2], axis=0)
        grown = boxes + np.array([-2.0, -2.0, 2.0, 2.0])
        weights = np.concatenate([np.full(len(boxes), 3.0), np.full(len(texts), 0.6)])
        places = {i: k for k, i in enumerate(pieces)}
        everything = np.concatenate([grown, texts])
        return cls(places, everything, weights, bounds(outlines), half, corners=everything.tolist())

    def is_free(self, line: list[draw_links.Point], *own: int) -> bool:
        """Whether nothing but the boxes `own` lies on the polyline, nor it upon another line."""
        return all(
            not any(draw_links.upon(p, q, a, b) for a, b in self.taken)
            and not any(draw_links.crosses(p, q, box) for k, box in enumerate(self.corners) if k not in own)
            for p, q in pairwise(line)
        )


def _route(a: str, b: str, pieces: dict[str, Piece], ground: _Ground, board: Board, *, straight: bool = False) -> Points:
    """The line from `a` to `b` that runs through the fewest other things, cut at their outlines."""
    look, rng = board.look, board.rng
    first, last = pieces[a], pieces[b]
    clearance = look.gap * float(rng.uniform(0.35, 0.7))
    route = "straight" if straight else look.route
    options = draw_links.candidates(first.centre, last.centre, ground.extent, clearance, ground.half + clearance, route)
    if ground.is_free(options[0], ground.places[a], ground.places[b]):  # every other way costs more
        best = 0
    else:
        best = _cheapest(options, ground, (ground.places[a], ground.places[b]), look.size)
    line = np.array(options[best])
    ground.taken += pairwise(options[best])
    return _bent(draw_links.clip_ends(line, _outlines(first, board), _outlines(last, board), _gaps(board)), board)


def _cheapest(options: list[list[draw_links.Point]], ground: _Ground, own: tuple[int, int], size: float) -> int:
    """Which of `options` runs through the fewest things and upon the fewest lines; the first are preferred, short ones too."""
    ends = np.array([(*p, *q) for option in options for p, q in pairwise(option)])
    firsts, lasts = ends[:, :2], ends[:, 2:]
    weights = ground.weights.copy()
    weights[list(own)] = 0.0
    taken = np.array(ground.taken).reshape(-1, 2, 2)
    costs = draw_links.blocked(firsts, lasts, ground.boxes) @ weights + draw_links.hidden(firsts, lasts, taken)
    run = lasts - firsts
    costs += 0.002 / size * np.sqrt((run * run).sum(axis=1))
    totals = np.add.reduceat(costs, [0, *accumulate(len(option) - 1 for option in options[:-1])])
    totals[1:] += 0.5
    totals[5:] += 0.15 * np.arange(5, len(options))
    return int(totals.argmin())


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


def _draw_lines(courses: list[_Course], board: Board) -> None:
    """Draws the links and records whether each got an arrow head, and where the pen went."""
    look = board.look
    board.extents += [course.line for course in courses]
    headed = [look.head != "none" and not (c.headless and not (c.dashed and look.manner.dash_headed)) for c in courses]
    strokes = [[course.line] for course in courses]
    if board.paint:
        strokes = _strokes_of(courses, board)
        dash, gap = look.size * look.manner.dash, look.size * look.manner.dash_gap
        heads = []
        for course, passes, head in zip(courses, strokes, headed, strict=True):
            layer = board.scene.layer(course.ink, LINK)
            for stroke in passes:
                parts = dashes(stroke, dash, gap) if course.dashed else [stroke]
                layer.strokes.extend((part, look.link_width) for part in parts)
            if head:
                tip, before = passes[0][-1], passes[0][max(0, len(passes[0]) - 3)]
                lines, fills = arrow_head(tip, tip - before, look.head_size, look.head)
                layer.fills.extend(fills)
                heads += [(line, layer) for line in lines]
        hand = Hand(look.hand.wobble * 0.6, 0.0, 0.0, 1)
        drawn = by_hand([line for line, _ in heads], [hand] * len(heads), board.rng)
        for (_, layer), line in zip(heads, drawn, strict=True):
            layer.strokes.append((line, look.link_width))
    for course, head, passes in zip(courses, headed, strokes, strict=True):
        if course.upstream:
            board.links.append((course.upstream, course.downstream, course.dashed, head, passes[0]))


def _strokes_of(courses: list[_Course], board: Board) -> list[list[Points]]:
    """The pen's strokes along each course; curves and bends of programs stay as they are."""
    hand = board.look.hand
    waving = Hand(hand.wobble, hand.bow, 0.0, hand.passes)
    hands = [
        STEADY if len(course.line) > 2 and not hand.wobble else replace(waving, passes=1) if course.dashed else waving
        for course in courses
    ]
    drawn = iter(by_hand([course.line for course in courses], hands, board.rng))
    return [[next(drawn) for _ in range(one.strokes)] for one in hands]


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
