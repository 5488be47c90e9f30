"""`gdt2usd fit`: measured times to a distribution and the FlexScript expression for it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from . import console

if TYPE_CHECKING:
    from gdt2usd.dataset.fit import FitReport
    from gdt2usd.dataset.fit_read import Times


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("fit")(console.reports_errors(fit))


def fit(
    file: Annotated[Path, typer.Argument(help="A text table (CSV) of measured times or time stamps.")],
    column: Annotated[
        str | None, typer.Option(help="Column by name or number (from 1); default: the one that looks like times.")
    ] = None,
    unit: Annotated[
        str | None, typer.Option(help="Unit of bare numbers: ms, s, min, h, d; default: as the header says, else s.")
    ] = None,
    drop_outliers: Annotated[bool, typer.Option("--drop-outliers", help="Leave outliers out of the fit.")] = False,
    plot: Annotated[Path | None, typer.Option(help="Draw histogram and fits to this file (.png, .svg, .pdf).")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Fit the nine families of distributions to a timing log by maximum likelihood."""
    from gdt2usd.dataset.fit import fit_times
    from gdt2usd.dataset.fit_read import read_times

    times = read_times(file, column, unit)
    report = fit_times(list(times.values_s), drop_outliers=drop_outliers)
    if plot is not None:
        from gdt2usd.dataset.fit_plot import plot_fit

        plot_fit(report, plot, times.column)
    remarks = [*times.diagnostics, *report.diagnostics]
    if as_json:
        console.print_json({**_summary(times, report), "diagnostics": [console.diagnostic_json(d) for d in remarks]})
        return
    console.print_diagnostics(remarks, name=file.name)
    _print(report)


def _summary(times: Times, report: FitReport) -> dict[str, object]:
    from dataclasses import asdict
    from math import isfinite

    from gdt2usd.dataset.fit import flexscript, rounded

    def figure(value: float | None) -> float | None:
        return value if value is not None and isfinite(value) else None

    return {
        "column": times.column,
        "how": times.how,
        "count": len(report.values_s),
        "left_out": len(times.left_out),
        "outliers_s": list(report.outliers_s),
        "outliers_dropped": report.outliers_dropped,
        "best": report.best.family,
        "flexscript": flexscript(report.best.distribution),
        "fits": [
            {
                "distribution": fit.family,
                "parameters": asdict(rounded(fit.distribution)),
                "log_likelihood": figure(fit.log_likelihood),
                "aic": figure(fit.aic),
                "ks": fit.ks,
                "ad": figure(fit.ad),
                "p_value": fit.p_value,
                "flexscript": flexscript(fit.distribution),
            }
            for fit in report.fits
        ],
    }


def _print(report: FitReport) -> None:
    from statistics import fmean, pstdev

    from gdt2usd.dataset.fit import flexscript

    values = report.values_s
    spread = f"standard deviation {pstdev(values):.4g} s, {min(values):.4g} to {max(values):.4g} s"
    console.print_text(f"{len(values)} times: mean {fmean(values):.4g} s, {spread}")
    console.print_text()
    rows = [
        (
            fit.family,
            f"{fit.aic:.1f}",
            f"{fit.ks:.4f}",
            f"{fit.ad:.3f}",
            "" if fit.p_value is None else f"{fit.p_value:.3f}",
            flexscript(fit.distribution),
        )
        for fit in report.fits
    ]
    console.print_table(("family", "AIC", "KS", "AD", "KS p", "FlexScript"), rows, "<>>>><")
    console.print_text()
    console.print_text(f"paste: {flexscript(report.best.distribution)}")
