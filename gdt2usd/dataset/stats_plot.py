"""Draws the shares of a set's categories, one panel for each of the paper's figure 3 categories and the three views.

Needs matplotlib (the extra `plot`). Not covered: counting (`stats`).
"""

from __future__ import annotations

from pathlib import Path

from gdt2usd.dataset.stats import Statistics
from gdt2usd.diagnostics import GdtError, error

_PANELS = ("line", "feature", "parameters", "automation", "industry", "layout", "modality", "register", "style")


def plot_statistics(statistics: Statistics, path: Path) -> None:
    """Write a page of bar charts (.png, .svg or .pdf).

    Raises:
        GdtError: DS209 matplotlib is not installed or does not know the kind of picture.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise GdtError(
            [error("DS209", "plots need matplotlib, which is not installed", None, 'install it: pip install "gdt2usd[plot]"')]
        ) from None
    figure = Figure(figsize=(15, 13), layout="constrained")
    panels = figure.subplots(4, 3).ravel()
    for panel, aspect in zip(panels, _PANELS, strict=False):
        found = list(reversed(statistics.counts[aspect].items()))
        panel.barh([name for name, _ in found], [100 * count / max(1, statistics.samples) for _, count in found], color="0.45")
        panel.set(title=aspect.replace("_", " "), xlabel="% of samples")
    machines = panels[len(_PANELS)]
    machines.bar(
        list(statistics.machines), [100 * n / max(1, statistics.samples) for n in statistics.machines.values()], color="0.45"
    )
    machines.set(title=f"machines per line (mean {statistics.mean_machines:.2f})", ylabel="% of samples")
    grams = panels[len(_PANELS) + 1]
    grams.bar([str(n) for n in statistics.variety.distinct_ngrams], list(statistics.variety.distinct_ngrams.values()), color="0.45")
    grams.set(title="distinct masked n-grams", xlabel="n")
    panels[-1].set_axis_off()
    figure.suptitle(f"{statistics.samples} samples")
    try:
        figure.savefig(path, dpi=110)
    except ValueError as problem:
        raise GdtError(
            [error("DS209", f"{path.name} cannot be drawn: {problem}", None, "use a name that ends in .png, .svg or .pdf")]
        ) from None
