"""Before the network: what is written and drawn where. Labels -> names; shapes -> kinds; strips of ink -> candidate links."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdt2usd.diagnostics import Box
from gdt2usd.sketch.sketch import Label, Sketch
from gdt2usd.vlsm.checkpoint import Checkpoint
from gdt2usd.vlsm.mentions import PROMPT, group
from gdt2usd.vlsm.naming import find_places
from gdt2usd.vlsm.numbers import find_numbers
from gdt2usd.vlsm.processor import CandidateLink, Evidence, Stroke
from gdt2usd.vlsm.regions import Regions, Trace, crop, find_regions, strip
from gdt2usd.vlsm.script_tokens import KINDS

STRIP_CLASSES = ("none", "forward", "backward", "line", "dashed")
SURE = 0.85
LIKELY = 0.4
_KIND_SHARE = 0.5


@cache
def _session(path: Path) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 2
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def _softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    shifted = np.exp(logits - logits.max(-1, keepdims=True))
    out: NDArray[np.float32] = shifted / shifted.sum(-1, keepdims=True)
    return out


def _classify(checkpoint: Checkpoint, regions: Regions, width: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Shares of kinds per region (R, kinds) and of link classes per trace (T, 5)."""
    session = _session(checkpoint.perception)
    crops = np.stack([crop(regions, region) for region in regions.regions])
    strips = np.stack([strip(regions, t) for t in regions.traces]) if regions.traces else np.zeros((1, 32, 128), np.float32)
    facts = np.array([(t.gap, len(t.points) / width) for t in regions.traces] or [(1.0, 0.0)], np.float32)
    kinds, links = session.run(None, {"crops": crops, "strips": strips, "facts": facts})
    return _softmax(kinds), _softmax(links)[: len(regions.traces)]


def _near(trace: Trace, box: Box) -> float:
    """Distance in pixels from a label's centre to a trace, the nearer half of the trace (its start) preferred."""
    centre = np.array([(box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2])
    return float(np.hypot(*(trace.points - centre).T).min())


def _percent_labels(labels: tuple[Label, ...], named: set[int]) -> list[int]:
    out = []
    for i, label in enumerate(labels):
        numbers = find_numbers(label.text)
        if i not in named and len(numbers) == 1 and numbers[0].unit == "%" and len(label.text) <= 12:
            out.append(i)
    return out


def _links(
    labels: tuple[Label, ...], named: set[int], traces: tuple[Trace, ...], shares: NDArray[np.float32]
) -> list[CandidateLink]:
    found: dict[tuple[int, int], tuple[float, CandidateLink, Trace]] = {}
    for trace, share in zip(traces, shares, strict=True):
        likely = 1.0 - float(share[0])
        if likely < LIKELY:
            continue
        verdict = STRIP_CLASSES[1 + int(share[1:].argmax())]
        a, b = (trace.second, trace.first) if verdict == "backward" else (trace.first, trace.second)
        stroke = {"line": Stroke.LINE, "dashed": Stroke.DASHED}.get(verdict, Stroke.ARROW)
        sure = float(share[1:].max()) >= SURE
        key = (min(a, b), max(a, b))
        both_ways = stroke is Stroke.ARROW and (b, a) in {(x.upstream, x.downstream) for _, x, _ in found.values()}
        if both_ways:
            key = (a, b)
        if key not in found or found[key][0] < likely:
            found[key] = (likely, CandidateLink(a, b, stroke, sure, None, likely), trace)
    links = dict(found)
    for i in _percent_labels(labels, named):
        box = labels[i].box
        limit = 4 * (box.y1 - box.y0) + 12
        arrows = [k for k, (_, c, _) in links.items() if c.stroke is not Stroke.DASHED and c.percent is None]
        best = min(arrows, key=lambda k: _near(links[k][2], box), default=None)
        if best is not None and _near(links[best][2], box) <= limit:
            likely, c, trace = links[best]
            links[best] = (likely, CandidateLink(c.upstream, c.downstream, c.stroke, c.sure, i, c.confidence), trace)
    return [c for _, c, _ in sorted(links.values(), key=lambda row: (row[1].upstream, row[1].downstream))]


def understand(checkpoint: Checkpoint, sketch: Sketch | None, prompt: str) -> Evidence:
    """The evidence of one sketch (with its labels read) and prompt; either may be missing."""
    labels = sketch.labels if sketch is not None else ()
    places = find_places(checkpoint, prompt, labels)
    objects = group(prompt, places)
    if sketch is None:
        return Evidence(prompt, objects)
    height, width = sketch.pixels.shape[:2]
    named = sorted({p.source for p in places if p.source != PROMPT})
    if not named:
        return Evidence(prompt, objects, labels, (width, height))
    regions = find_regions(sketch.pixels, labels, named)
    kind_shares, link_shares = _classify(checkpoint, regions, width)
    kinds = {
        region.label: KINDS[int(share.argmax())]
        for region, share in zip(regions.regions, kind_shares, strict=True)
        if float(share.max()) >= _KIND_SHARE
    }
    links = _links(labels, set(named), regions.traces, link_shares)
    return Evidence(prompt, objects, labels, (width, height), kinds, tuple(links))
