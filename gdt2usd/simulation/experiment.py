"""How long, how often and with which randomness to simulate."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment:
    """`warm_up_s` None: found by MSER-5. `confidence` of the t intervals, 0 < confidence < 1."""

    horizon_s: float = 8 * 3600.0
    warm_up_s: float | None = None
    replications: int = 10
    seed: int = 1
    confidence: float = 0.95
