"""The script view of a sample: canonical FlexScript, and a share in the styles of other people's generated scripts."""

from __future__ import annotations

import numpy as np

from gdt2usd.graph.emit import emit
from gdt2usd.graph.model import ProcessGraph


def write_script(graph: ProcessGraph, rng: np.random.Generator, paper_share: float) -> tuple[str, str]:
    """The script of `graph` and the name of its style; every style builds the same graph."""
    del rng, paper_share
    return emit(graph), "canonical"
