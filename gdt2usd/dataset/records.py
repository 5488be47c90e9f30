"""Samples as rows of a table and back: one column per view, nested records as JSON, pictures as encoded bytes.

Not covered: files and splits (`build`), reading a set (`dataset`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdt2usd.dataset.sample import Categories, Drawing, DrawnLink, DrawnNote, DrawnObject, Fact, Mention, Modality, Prompt, Sample
from gdt2usd.diagnostics import Box
from gdt2usd.graph.serial import from_json, to_json
from gdt2usd.sketch.sketch import Label

PHOTO_STYLES = frozenset({"paper", "pencil", "whiteboard", "print_photo", "icons"})
#: JPEG qualities from bad to good; each picture has one, by its index.
JPEG_QUALITIES = (50, 88)
PNG_COMPRESSION = 2

# column -> the `datasets` library's feature; "list" is a list of strings
FEATURES: dict[str, str] = {
    "index": "int64", "modality": "string", "industry": "string", "automation": "string", "layout": "string", "line": "list",
    "parameters": "list", "register": "string", "style": "string", "script_style": "string", "identity": "string",
    "prompt": "string", "script": "string", "image": "image", "graph": "string", "mentions": "string", "drawing": "string",
    "ocr": "string",
}  # fmt: skip

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Picture:
    """An encoded picture: PNG, or JPEG where a camera took it or a chat program passed it on."""

    data: bytes
    name: str


def encode_picture(pixels: NDArray[np.uint8], style: str, index: int) -> Picture:
    """`pixels` (H, W, 3) RGB as JPEG (photographed styles and every third of the others) or PNG."""
    import cv2

    low, high = JPEG_QUALITIES
    suffix, options = (
        (".jpg", [cv2.IMWRITE_JPEG_QUALITY, low + index * 7 % (high - low + 1)])
        if style in PHOTO_STYLES or index % 3 == 0
        else (".png", [cv2.IMWRITE_PNG_COMPRESSION, PNG_COMPRESSION, cv2.IMWRITE_PNG_FILTER, cv2.IMWRITE_PNG_FILTER_NONE])
    )
    done, data = cv2.imencode(suffix, cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), options)
    if not done:
        raise ValueError(f"the picture of sample {index} of shape {pixels.shape} cannot be encoded")
    return Picture(bytes(data), f"{index:07d}{suffix}")


def decode_picture(data: bytes) -> NDArray[np.uint8]:
    """RGB pixels (H, W, 3) of an encoded picture.

    Raises:
        ValueError: `data` is no picture.
    """
    import cv2

    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    if pixels is None:
        raise ValueError(f"{len(data)} bytes are no picture that can be decoded")
    return np.ascontiguousarray(pixels[:, :, ::-1]).astype(np.uint8, copy=False)


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _box(box: Box) -> list[float]:
    return [round(v, 1) for v in (box.x0, box.y0, box.x1, box.y1)]


def _fact(fact: Fact) -> list[str]:
    return [fact.subject, fact.slot, fact.value]


def _drawing(drawing: Drawing) -> dict[str, Any]:
    return {
        "objects": [[o.id, o.kind, _box(o.box), o.label, _box(o.label_box), o.symbol] for o in drawing.objects],
        "links": [
            [k.upstream, k.downstream, k.dashed, k.arrow, [[round(x, 1), round(y, 1)] for x, y in k.points]] for k in drawing.links
        ],
        "notes": [[n.text, _box(n.box), [_fact(f) for f in n.facts]] for n in drawing.notes],
    }


def to_row(sample: Sample, identity: str) -> Row:
    """One row of the table; `identity` groups samples that must not be split."""
    picture = None
    if sample.pixels is not None and sample.drawing is not None:
        encoded = encode_picture(sample.pixels, sample.drawing.style, sample.index)
        picture = {"bytes": encoded.data, "path": encoded.name}
    return {
        "index": sample.index,
        "modality": str(sample.modality),
        "industry": sample.categories.industry,
        "automation": sample.categories.automation,
        "layout": sample.categories.layout,
        "line": list(sample.categories.line),
        "parameters": list(sample.categories.parameters),
        "register": sample.prompt.register,
        "style": sample.drawing.style if sample.drawing else "",
        "script_style": sample.script_style,
        "identity": identity,
        "prompt": sample.prompt.text,
        "script": sample.script,
        "image": picture,
        "graph": _text(to_json(sample.graph)),
        "mentions": _text([[*_fact(m.fact), m.start, m.end] for m in sample.prompt.mentions]),
        "drawing": _text(_drawing(sample.drawing)) if sample.drawing else "",
        "ocr": _text([[label.text, _box(label.box), round(label.confidence, 3)] for label in sample.ocr]),
    }


def _read_drawing(style: str, data: dict[str, Any]) -> Drawing:
    return Drawing(
        style,
        tuple(DrawnObject(i, kind, Box(*box), label, Box(*at), *symbol) for i, kind, box, label, at, *symbol in data["objects"]),
        tuple(DrawnLink(a, b, dashed, arrow, tuple((x, y) for x, y in points)) for a, b, dashed, arrow, points in data["links"]),
        tuple(DrawnNote(text, Box(*box), tuple(Fact(*fact) for fact in facts)) for text, box, facts in data["notes"]),
    )


def from_row(row: Row, *, pictures: bool = True) -> Sample:
    """The sample of a row; without `pictures` its pixels stay undecoded (None)."""
    image = row["image"]
    return Sample(
        index=row["index"],
        categories=Categories(tuple(row["line"]), tuple(row["parameters"]), row["automation"], row["industry"], row["layout"]),
        modality=Modality(row["modality"]),
        graph=from_json(json.loads(row["graph"]), f"sample {row['index']}"),
        script=row["script"],
        script_style=row["script_style"],
        prompt=Prompt(
            row["prompt"],
            row["register"],
            tuple(
                Mention(Fact(subject, slot, value), start, end) for subject, slot, value, start, end in json.loads(row["mentions"])
            ),
        ),
        drawing=_read_drawing(row["style"], json.loads(row["drawing"])) if row["drawing"] else None,
        pixels=decode_picture(image["bytes"]) if pictures and image is not None else None,
        ocr=tuple(Label(text, Box(*box), confidence) for text, box, confidence in json.loads(row["ocr"])),
    )
