"""A page of samples for the eye: picture with its boxes, prompt with its marked facts, script and graph side by side.

`page` is HTML, `contact_sheet` a PNG of pictures only. Not covered: figures about a set (`stats`).
"""

from __future__ import annotations

import base64
import html
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from gdt2usd.dataset.records import encode_picture
from gdt2usd.dataset.sample import Prompt, Sample
from gdt2usd.graph.serial import dumps

_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;margin:2rem;max-width:1500px;color:#222}
section{border-top:2px solid #888;padding:1rem 0;display:grid;grid-template-columns:1fr 1fr;gap:1rem}
h2{grid-column:1/3;font-size:1rem;margin:0} img{max-width:100%;border:1px solid #ccc} .frame{position:relative;display:inline-block}
svg{position:absolute;inset:0;width:100%;height:100%}
pre{background:#f5f5f3;padding:.7rem;overflow:auto;max-height:32rem;font-size:12px;white-space:pre-wrap}
mark{background:#fde9a9} mark.name{background:#cfe3f7} details{grid-column:1/3} p{white-space:pre-wrap;margin:0}
"""


def _marked(prompt: Prompt) -> str:
    """The prompt as HTML, with the facts as tooltips on what states them."""
    spans: dict[tuple[int, int], list[str]] = {}
    for mention in prompt.mentions:
        fact = mention.fact
        spans.setdefault((mention.start, mention.end), []).append(f"{fact.subject} {fact.slot} = {fact.value}")
    parts, at = [], 0
    for (start, end), facts in sorted(spans.items(), key=lambda item: (item[0][0], -item[0][1])):
        if start < at:
            continue
        css = "name" if all(" name = " in fact for fact in facts) else "fact"
        title = html.escape("\n".join(facts), quote=True)
        parts.append(
            f'{html.escape(prompt.text[at:start])}<mark class="{css}" title="{title}">{html.escape(prompt.text[start:end])}</mark>'
        )
        at = end
    return "".join([*parts, html.escape(prompt.text[at:])])


def _picture(sample: Sample) -> str:
    """The picture as a data URI with the recorded boxes and lines over it."""
    if sample.pixels is None or sample.drawing is None:
        return "<p>(no sketch)</p>"
    encoded = encode_picture(sample.pixels, sample.drawing.style, sample.index)
    kind = "jpeg" if encoded.name.endswith("jpg") else "png"
    height, width = sample.pixels.shape[:2]
    shapes = [
        f'<rect x="{o.box.x0:.0f}" y="{o.box.y0:.0f}" width="{o.box.x1 - o.box.x0:.0f}" height="{o.box.y1 - o.box.y0:.0f}" '
        f'stroke="#c33">'
        f"<title>{html.escape(f'{o.kind}: {o.id}')}</title></rect>"
        for o in sample.drawing.objects
    ]
    shapes += [
        f'<polyline points="{" ".join(f"{x:.0f},{y:.0f}" for x, y in k.points)}" stroke="#28a">'
        f"<title>{html.escape(f'{k.upstream} to {k.downstream}')}</title></polyline>"
        for k in sample.drawing.links
    ]
    frame = f'viewBox="0 0 {width} {height}" fill="none" stroke-width="{max(1, width // 700)}" opacity="0.6"'
    overlay = f"<svg {frame}>{''.join(shapes)}</svg>"
    data = base64.b64encode(encoded.data).decode()
    return f'<div class="frame"><img alt="" src="data:image/{kind};base64,{data}">{overlay}</div>'


def page(samples: Iterable[Sample], title: str = "Samples") -> str:
    """One HTML page that needs no other file."""
    sections = []
    for one in samples:
        c = one.categories
        head = f"{one.index}: {one.modality}, {c.industry}, {c.automation}, {c.layout}, {', '.join(c.line)}; "
        head += f"prompt {one.prompt.register}; script {one.script_style}"
        read = ", ".join(f"{label.text!r} {label.confidence:.2f}" for label in one.ocr)
        sections.append(
            f"<section><h2>{html.escape(head)}</h2><div>{_picture(one)}</div><div><p>{_marked(one.prompt)}</p></div>"
            f"<details open><summary>script</summary><pre>{html.escape(one.script)}</pre></details>"
            f"<details><summary>graph</summary><pre>{html.escape(dumps(one.graph))}</pre></details>"
            f"<details><summary>labels as read</summary><pre>{html.escape(read)}</pre></details></section>"
        )
    body = "\n".join(sections)
    head = f"<title>{html.escape(title)}</title><style>{_STYLE}</style>"
    return f'<!doctype html><html lang="en"><meta charset="utf-8">{head}<h1>{html.escape(title)}</h1>{body}</html>'


def contact_sheet(samples: Iterable[Sample], path: Path, columns: int = 6, tile: tuple[int, int] = (420, 300)) -> int:
    """A PNG of the samples' pictures in rows; how many there are (samples without a sketch are left out)."""
    import cv2

    width, height = tile
    tiles = []
    for one in samples:
        if one.pixels is None:
            continue
        scale = min(width / one.pixels.shape[1], height / one.pixels.shape[0])
        small = cv2.resize(one.pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        canvas = np.full((height + 6, width + 6, 3), 90, dtype=np.uint8)
        top, left = (height - small.shape[0]) // 2 + 3, (width - small.shape[1]) // 2 + 3
        canvas[top : top + small.shape[0], left : left + small.shape[1]] = small
        tiles.append(canvas)
    if not tiles:
        return 0
    tiles += [np.full_like(tiles[0], 90)] * (-len(tiles) % columns)
    rows = [np.hstack(tiles[i : i + columns]) for i in range(0, len(tiles), columns)]
    sheet = np.vstack(rows)
    cv2.imwrite(str(path), sheet[:, :, ::-1])
    return len(tiles)
