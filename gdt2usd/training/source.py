"""Where training samples come from: the dataset's endless generator, with the families held back left out.

Held back are industries and sketch styles (`HELD_BACK`), so that evaluation on them is on something never trained on.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np

from gdt2usd.dataset.generate import Config, draw_line, streams
from gdt2usd.dataset.sample import Modality, Sample

HELD_BACK_INDUSTRIES = ("textile", "battery")
HELD_BACK_STYLES = ("pencil", "mermaid_hand")


@cache
def training_config() -> Config:
    """The dataset's shares without the industries held back."""
    config = Config()
    industries = {name: share for name, share in config.industries.items() if name not in HELD_BACK_INDUSTRIES}
    return replace(config, industries=industries)


def training_sample(seed: int, index: int, *, paint: bool = False) -> Sample:
    """Sample number `index` of the training series of `seed`; the picture is painted only with `paint`."""
    from gdt2usd.dataset.drawing import draw_sketch
    from gdt2usd.dataset.plan import plan
    from gdt2usd.dataset.prompt import write_prompt

    config = training_config()
    line_rng, plan_rng, prompt_rng, sketch_rng, _ = streams(seed, index)
    graph, categories = draw_line(line_rng, config)
    chosen = plan(graph, categories, plan_rng, config.modalities)
    if chosen.style in HELD_BACK_STYLES:
        chosen = replace(chosen, style="tablet")
    prompt = write_prompt(graph, categories, chosen, prompt_rng)
    made = Sample(index, categories, chosen.modality, graph, "", "none", prompt)
    if chosen.modality is Modality.NO_SKETCH:
        return made
    drawing, pixels, ocr = draw_sketch(graph, chosen, sketch_rng, paint=paint)
    if not paint:
        pixels = np.broadcast_to(np.uint8(255), pixels.shape)
    return replace(made, drawing=drawing, pixels=pixels, ocr=tuple(ocr))
