"""Draws a fit: the histogram of the times with the densities of the best families, and the distribution functions.

Needs matplotlib (the extra `plot`). Not covered: fitting (`fit`).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from gdt2usd.dataset.fit import FitReport, frozen_of
from gdt2usd.diagnostics import GdtError, error
from gdt2usd.graph.distributions import Constant, Poisson


def plot_fit(report: FitReport, path: Path, title: str = "") -> None:
    """Write a picture (the suffix of `path` says which kind: .png, .svg, .pdf).

    Raises:
        GdtError: DS209 matplotlib is not installed or does not know the kind of picture.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise GdtError(
            [error("DS209", "plots need matplotlib, which is not installed", None, 'install it: pip install "gdt2usd[plot]"')]
        ) from None
    x = np.asarray(report.values_s)
    figure = Figure(figsize=(10, 4), layout="constrained")
    left, right = figure.subplots(1, 2)
    left.hist(x, bins="auto" if x.max() > x.min() else 10, density=True, color="0.8", edgecolor="0.6")
    ordered = np.sort(x)
    right.step(ordered, np.arange(1, len(x) + 1) / len(x), where="post", color="0.3", label="measured")
    grid = np.linspace(max(0.0, x.min() - 0.1 * np.ptp(x)), x.max() + 0.1 * np.ptp(x), 400)
    for fit in report.fits[:3]:
        if isinstance(fit.distribution, Constant):
            continue
        frozen = frozen_of(fit.distribution)
        if isinstance(fit.distribution, Poisson):
            whole = np.unique(np.round(grid))
            left.plot(whole, frozen.pmf(whole), "o", markersize=3, label=fit.family)
        else:
            with np.errstate(all="ignore"):
                left.plot(grid, frozen.pdf(grid), label=fit.family)
        right.plot(grid, frozen.cdf(grid), label=fit.family)
    left.set(xlabel="time (s)", ylabel="density", title=title)
    right.set(xlabel="time (s)", ylabel="share of times not longer")
    right.legend()
    try:
        figure.savefig(path, dpi=120)
    except ValueError as problem:
        raise GdtError(
            [error("DS209", f"{path.name} cannot be drawn: {problem}", None, "use a name that ends in .png, .svg or .pdf")]
        ) from None
