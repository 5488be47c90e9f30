"""A review as a picture: the sketch, paled, with boxes, kinds and connections drawn over it."""

from __future__ import annotations

import math
import textwrap

from PIL import Image, ImageDraw, ImageFont

from gdt2usd.studio.review import Review
from gdt2usd.studio.review_shapes import DOUBT, Point, centre, colour_of, framed, line


def picture(review: Review) -> Image.Image:
    """The overlay at the sketch's own size. `review.sketch` must be there."""
    assert review.sketch is not None
    plain = Image.fromarray(review.sketch.pixels).convert("RGB")
    shown = Image.blend(plain, Image.new("RGB", plain.size, "white"), 0.45)
    draw = ImageDraw.Draw(shown)
    unit = max(1.0, max(plain.size) / 1000)
    font = ImageFont.load_default(round(13 * unit))
    boxes = {item.name: framed(item.box) for item in review.items if item.box is not None}
    for wire in review.wires:
        if wire.first in boxes and wire.second in boxes:
            colour = DOUBT if wire.doubts else "#30363d"
            start, end = line(boxes[wire.first], boxes[wire.second])
            _arrow(draw, start, end, colour, unit, dashed=wire.what != "link")
            if told := wire.share + (f" ?{review.numbers(wire.doubts)}" if wire.doubts else ""):
                draw.text(((start[0] + end[0]) / 2, (start[1] + end[1]) / 2), told.strip(), fill=colour, font=font)
    for item in review.items:
        if item.name not in boxes:
            continue
        box, colour = boxes[item.name], DOUBT if item.doubts else colour_of(item.kind)
        draw.rectangle((box.x0, box.y0, box.x1, box.y1), outline=colour, width=round(2.5 * unit))
        words = item.kind + (f" ?{review.numbers(item.doubts)}" if item.doubts else "")
        left, top, right, bottom = draw.textbbox((box.x0, box.y0), words, font=font, anchor="ls")
        draw.rectangle((left - 2 * unit, top - 2 * unit, right + 2 * unit, bottom + unit), fill=colour)
        draw.text((box.x0, box.y0), words, fill="white", font=font, anchor="ls")
        draw.text(
            (centre(box)[0], box.y1 + 2 * unit), "\n".join(textwrap.wrap(item.facts, 18)[:3]), fill=colour, font=font, anchor="ma"
        )
    return shown


def _arrow(draw: ImageDraw.ImageDraw, start: Point, end: Point, colour: str, unit: float, *, dashed: bool) -> None:
    length = math.dist(start, end)
    if length < 1:
        return
    ux, uy = (end[0] - start[0]) / length, (end[1] - start[1]) / length
    width, step = round(2 * unit), 9 * unit
    at = 0.0
    while at < length:
        stop = min(length, at + (step * 0.6 if dashed else length))
        draw.line((start[0] + ux * at, start[1] + uy * at, start[0] + ux * stop, start[1] + uy * stop), fill=colour, width=width)
        at += step if dashed else length
    if not dashed:
        head = 11 * unit
        sides = [(end[0] - head * (ux * 0.9 + s * uy * 0.45), end[1] - head * (uy * 0.9 - s * ux * 0.45)) for s in (1, -1)]
        draw.polygon([end, *sides], fill=colour)
