"""A review as one self-contained page: the sketch with an overlay, tables of what was understood, the prompt marked, findings.

No script and nothing from a network; every text of a user is escaped. Doubtful rows come first and are marked with a number as well
as a colour.
"""

from __future__ import annotations

import base64
import io
import textwrap
from html import escape
from pathlib import Path

from PIL import Image

from gdt2usd.sketch.sketch import Sketch
from gdt2usd.studio.review import Item, Review, Wire
from gdt2usd.studio.review_shapes import DOUBT, centre, colour_of, framed, line

_LONGEST = 1600
_LONGEST_FACTS, _MOST_LINES = 18, 3
_STYLE = (Path(__file__).parent / "review.css").read_text(encoding="utf-8")


def page(review: Review) -> str:
    """The whole page as HTML."""
    title = escape(review.title)
    parts = [
        f"<!doctype html><html lang='en'><head><meta charset='utf-8'><title>Review: {title}</title>",
        f"<meta name='viewport' content='width=device-width'><style>{_STYLE}</style></head><body>",
        f"<header><h1>{title}</h1><p>{escape(_words(review))}</p></header>",
    ]
    if review.sketch is not None:
        parts.append(f"<figure>{overlay(review, review.sketch)}</figure>")
    parts += [_doubts(review), _objects(review), _connections(review), _prompt(review), _findings(review)]
    parts.append(f"<details><summary>Script</summary><pre>{escape(review.script)}</pre></details></body></html>")
    return "\n".join(parts)


def _words(review: Review) -> str:
    doubts = f"{len(review.doubts)} to check" if review.doubts else "nothing doubtful"
    return "; ".join([f"{len(review.items)} objects, {len(review.wires)} connections, {doubts}", *review.verdict]) + "."


def _doubts(review: Review) -> str:
    """What to check, in the order of importance, with the command that settles it."""
    if not review.doubts:
        return ""
    rows = []
    for doubt in review.doubts:
        sure = "" if doubt.confidence is None else f"{doubt.confidence:.0%}"
        read = escape(doubt.reading if doubt.key else doubt.value)
        other = escape(", ".join(doubt.alternatives))
        cells = f"<td class='doubt'>{doubt.number}</td><td>{escape(doubt.question)}</td><td>{read}</td>"
        rows.append(f"<tr>{cells}<td>{sure}</td><td>{other}</td></tr>")
    head = "<tr><th></th><th>To check</th><th>Read as</th><th>Confidence</th><th>Perhaps</th></tr>"
    first = review.doubts[0].number
    how = (
        f"Build again with <code>--answer {first}=VALUE</code> (<code>{first}=ok</code> keeps the reading), with "
        "<code>--set 'KEY=VALUE'</code> or with <code>--ask</code>; or correct <code>2-script.fs</code> and build from it."
    )
    return f"<section><h2>To check</h2><table class='check'>{head}{''.join(rows)}</table><p><small>{how}</small></p></section>"


def _picture(sketch: Sketch) -> str:
    image = Image.fromarray(sketch.pixels)
    image.thumbnail((_LONGEST, _LONGEST))
    data = io.BytesIO()
    image.convert("RGB").save(data, "JPEG", quality=82)
    return "data:image/jpeg;base64," + base64.b64encode(data.getvalue()).decode()


def overlay(review: Review, sketch: Sketch) -> str:
    """The sketch with boxes and lines as SVG, in the sketch's pixels."""
    height, width = sketch.pixels.shape[:2]
    unit = max(width, height) / 1000
    boxes = {item.name: framed(item.box) for item in review.items if item.box is not None}
    rows = [
        f"<svg viewBox='0 0 {width} {height}' role='img' aria-label='The sketch with what was understood'>",
        "<defs>" + _head("ok", "#30363d") + _head("doubt", DOUBT) + "</defs>",
        f"<image href='{_picture(sketch)}' width='{width}' height='{height}' opacity='0.55'/>",
    ]
    for wire in review.wires:
        if wire.first in boxes and wire.second in boxes:
            rows.append(_wire(wire, line(boxes[wire.first], boxes[wire.second]), unit))
    for item in review.items:
        if item.name in boxes:
            rows.append(_item(item, unit))
    return "\n".join([*rows, "</svg>"])


def _head(name: str, colour: str) -> str:
    return (
        f"<marker id='{name}' viewBox='0 0 10 10' refX='9' refY='5' markerWidth='6' markerHeight='6' orient='auto'>"
        f"<path d='M0 0L10 5L0 10z' fill='{colour}'/></marker>"
    )


def _wire(wire: Wire, ends: tuple[tuple[float, float], tuple[float, float]], unit: float) -> str:
    (x0, y0), (x1, y1) = ends
    colour, head = (DOUBT, "doubt") if wire.doubts else ("#30363d", "ok")
    dash = "" if wire.what == "link" else f" stroke-dasharray='{6 * unit:.1f} {4 * unit:.1f}'"
    arrow = f" marker-end='url(#{head})'" if wire.what == "link" else ""
    told = f"{wire.first} {wire.words} {wire.second}" + (f", {wire.share}" if wire.share else "")
    row = (
        f"<line x1='{x0:.1f}' y1='{y0:.1f}' x2='{x1:.1f}' y2='{y1:.1f}' stroke='{colour}' stroke-width='{2.2 * unit:.1f}'"
        f"{dash}{arrow}><title>{escape(told)}</title></line>"
    )
    shown = wire.share + (f" ?{_marks_of(wire)}" if wire.doubts else "")
    if shown:
        at = f"x='{(x0 + x1) / 2:.1f}' y='{(y0 + y1) / 2 - 4 * unit:.1f}'"
        row += f"<text {at} font-size='{14 * unit:.1f}' fill='{colour}' text-anchor='middle' class='facts'>{escape(shown)}</text>"
    return row


def _marks_of(row: Item | Wire) -> str:
    return ",".join(str(d.number) for d in row.doubts)


def _item(item: Item, unit: float) -> str:
    assert item.box is not None
    box = framed(item.box)
    colour = DOUBT if item.doubts else colour_of(item.kind)
    size = 14 * unit
    words = item.kind.replace("_", " ") + (f" ?{_marks_of(item)}" if item.doubts else "")
    told = f"{item.name}: {item.kind}\n{item.facts}"
    lines = textwrap.wrap(item.facts, _LONGEST_FACTS)
    facts = [*lines[: _MOST_LINES - 1], "..."] if len(lines) > _MOST_LINES else lines
    tag_width = 0.58 * size * len(words) + 0.6 * size
    frame = f"x='{box.x0:.1f}' y='{box.y0:.1f}' width='{box.x1 - box.x0:.1f}' height='{box.y1 - box.y0:.1f}'"
    tag = f"x='{box.x0:.1f}' y='{box.y0 - 1.25 * size:.1f}' width='{tag_width:.1f}' height='{1.25 * size:.1f}'"
    word_at = f"x='{box.x0 + 0.3 * size:.1f}' y='{box.y0 - 0.33 * size:.1f}' font-size='{size:.1f}'"
    middle, below = centre(box)[0], box.y1 + 1.0 * size
    rows = "".join(f"<tspan x='{middle:.1f}' y='{below + 0.95 * k * size:.1f}'>{escape(f)}</tspan>" for k, f in enumerate(facts))
    stroke = f"stroke='{colour}' stroke-width='{2.4 * unit:.1f}'"
    return (
        f"<g><title>{escape(told)}</title>"
        f"<rect {frame} rx='{3 * unit:.1f}' fill='{colour}' fill-opacity='0.08' {stroke}/>"
        f"<rect {tag} fill='{colour}'/><text {word_at} fill='white'>{escape(words)}</text>"
        f"<text class='facts' font-size='{0.85 * size:.1f}' fill='{colour}' text-anchor='middle'>{rows}</text></g>"
    )


def _sure(row: Item | Wire) -> str:
    """The last cell of a row: how sure, and the numbers to check."""
    sure = "" if row.confidence is None else f"{row.confidence:.0%}"
    return f"<td class='doubt'>{sure} check {_marks_of(row)}</td>" if row.doubts else f"<td>{sure}</td>"


def _objects(review: Review) -> str:
    rows = []
    for item in sorted(review.items, key=lambda i: not i.doubts):
        swatch = f"<i style='background:{colour_of(item.kind)}'></i>"
        kind = escape(item.kind.replace("_", " "))
        where = "" if item.box is not None else " <small>not in the sketch</small>" if review.sketch is not None else ""
        rows.append(
            f"<tr><td>{escape(item.name)}{where}</td><td>{swatch}{kind}</td><td>{escape(item.facts)}</td>{_sure(item)}</tr>"
        )
    head = "<tr><th>Object</th><th>Kind</th><th>Parameters</th><th>Confidence</th></tr>"
    return f"<section><h2>Objects</h2><table>{head}{''.join(rows)}</table></section>"


def _connections(review: Review) -> str:
    rows = []
    for wire in sorted(review.wires, key=lambda w: not w.doubts):
        first, second = escape(wire.first), escape(wire.second)
        more = escape("; ".join(filter(None, (wire.share, wire.note))))
        rows.append(f"<tr><td>{first}</td><td>{wire.words}</td><td>{second}</td><td>{more}</td>{_sure(wire)}</tr>")
    head = "<tr><th>From</th><th></th><th>To</th><th></th><th>Confidence</th></tr>"
    return f"<section><h2>Connections</h2><table>{head}{''.join(rows)}</table></section>"


def _findings(review: Review) -> str:
    if not review.findings:
        return ""
    rows = "".join(
        f"<li><b>{escape(d.code)}</b> {escape(d.message)}" + (f" <small>{escape(d.hint)}</small>" if d.hint else "") + "</li>"
        for d in review.findings
    )
    return f"<section><h2>Findings</h2><ul>{rows}</ul></section>"


def _prompt(review: Review) -> str:
    if not review.prompt.strip():
        return ""
    out, at = [], 0
    for start, end, what, unused in review.marks:
        if start < at:
            continue
        name = f"{what} unused" if unused else what
        out.append(escape(review.prompt[at:start]) + f"<mark class='{name}'>{escape(review.prompt[start:end])}</mark>")
        at = end
    out.append(escape(review.prompt[at:]))
    legend = "<small>names and numbers that were used are marked; underlined in red: not used in the model</small>"
    return f"<section><h2>Prompt</h2><p class='prompt'>{''.join(out)}</p>{legend}</section>"
