"""Fitting: the family and the parameters that made the data come back; tables are read as people keep them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from gdt2usd.dataset.fit import FAMILIES, Floats, fit_times, flexscript, frozen_of, outlying
from gdt2usd.dataset.fit_read import parse_number, parse_stamp, parse_time_s, read_times
from gdt2usd.diagnostics import GdtError
from gdt2usd.graph.distributions import (
    Constant,
    Distribution,
    Exponential,
    Gamma,
    Lognormal,
    Normal,
    Poisson,
    Triangular,
    Uniform,
    Weibull,
)

TRUTHS: list[Distribution] = [
    Exponential(40.0),
    Normal(50.0, 5.0),
    Triangular(20.0, 50.0, 60.0),
    Uniform(8.0, 12.0),
    Lognormal(3.5, 0.6),
    Weibull(2.2, 90.0),
    Gamma(3.0, 20.0),
    Poisson(6.0),
]


def _draw(truth: Distribution, count: int, seed: int) -> Floats:
    return np.asarray(frozen_of(truth).rvs(count, random_state=np.random.default_rng(seed)), dtype=np.float64)


@pytest.mark.parametrize("truth", TRUTHS, ids=lambda truth: type(truth).__name__)
def test_the_family_that_made_the_data_is_found(truth: Distribution) -> None:
    report = fit_times(_draw(truth, 2500, 7).tolist())
    assert report.best.family == type(truth).__name__.lower()
    assert report.best.p_value is not None and report.best.p_value > 0.01
    assert frozen_of(report.best.distribution).mean() == pytest.approx(frozen_of(truth).mean(), rel=0.04)
    assert frozen_of(report.best.distribution).std() == pytest.approx(frozen_of(truth).std(), rel=0.06)


@pytest.mark.parametrize("truth", TRUTHS, ids=lambda truth: type(truth).__name__)
def test_the_likelihood_is_at_its_maximum(truth: Distribution) -> None:
    """Neither the truth nor a change of 2 % in any parameter is more likely than the fit."""
    from dataclasses import fields, replace

    from gdt2usd.dataset.fit import _log_likelihood

    x = _draw(truth, 300, 3)
    fitted = FAMILIES[type(truth).__name__.lower()][0](x)
    assert fitted is not None
    best = _log_likelihood(fitted, x)
    assert best >= _log_likelihood(truth, x) - 0.05
    for field in fields(fitted):
        value = getattr(fitted, field.name)
        if field.name == "location" or value == 0:
            continue
        for factor in (0.98, 1.02):
            moved = replace(fitted, **{field.name: value * factor})
            if isinstance(moved, Triangular) and not moved.min <= moved.mode <= moved.max:
                continue
            assert _log_likelihood(moved, x) < best + 0.05


def test_scipy_finds_nothing_better_for_weibull_and_gamma() -> None:
    from scipy import stats

    x = _draw(Gamma(2.5, 30.0), 500, 9)
    shape, _, scale = stats.weibull_min.fit(x, floc=0)
    weibull = FAMILIES["weibull"][0](x)
    assert isinstance(weibull, Weibull)
    assert (weibull.shape, weibull.scale) == pytest.approx((shape, scale), rel=1e-3)
    alpha, _, theta = stats.gamma.fit(x, floc=0)
    gamma = FAMILIES["gamma"][0](x)
    assert isinstance(gamma, Gamma)
    assert (gamma.shape, gamma.scale) == pytest.approx((alpha, theta), rel=1e-3)


def test_p_values_are_fair_when_the_family_is_right() -> None:
    """About 10 % of the p-values of true families are below 0.1 (an uncorrected KS test would give almost none)."""
    small = sum((fit_times(_draw(Normal(50.0, 5.0), 60, 100 + i).tolist()).best.p_value or 0.0) < 0.1 for i in range(16))
    assert small < 7


def test_a_mixture_is_rejected() -> None:
    x = [*_draw(Normal(20.0, 1.0), 200, 1), *_draw(Normal(60.0, 1.0), 200, 2)]
    report = fit_times([float(v) for v in x])
    assert "DS208" in {diagnostic.code for diagnostic in report.diagnostics}


def test_equal_times_are_a_constant() -> None:
    report = fit_times([12.5] * 20)
    assert report.best.distribution == Constant(12.5)
    assert flexscript(report.best.distribution) == "12.5"


def test_outliers_are_named_and_can_be_dropped() -> None:
    x = [*_draw(Normal(12.0, 0.5), 200, 5).tolist(), 3600.0]
    kept = fit_times(x)
    assert kept.outliers_s == (3600.0,) and len(kept.values_s) == 201
    dropped = fit_times(x, drop_outliers=True)
    assert len(dropped.values_s) == 200
    assert dropped.best.family in ("normal", "gamma", "lognormal")


def test_long_tails_are_no_outliers() -> None:
    for seed in range(20):
        assert outlying(_draw(Exponential(30.0), 1000, seed)).sum() == 0


def test_too_few_values_are_refused() -> None:
    with pytest.raises(GdtError, match="DS204"):
        fit_times([1.0, 2.0, 3.0])


@settings(max_examples=15, deadline=None)
@given(st.lists(st.floats(0, 1e7, allow_nan=False), min_size=10, max_size=40))
def test_any_times_give_a_report(values: list[float]) -> None:
    report = fit_times(values)
    assert report.fits and flexscript(report.best.distribution)


def test_expressions_are_flexscript() -> None:
    from gdt2usd.script.parser import parse_expression

    for truth in TRUTHS:
        text = flexscript(truth)
        parse_expression(text)
        assert text.startswith(("exponential(0, 40", "normal(50, 5", "triangular(20, 60, 50", "uniform(8, 12", "lognormal2(0, ",
            "weibull(0, 90, 2.2",
                                "gamma(0, 20, 3", "poisson(6"))  # fmt: skip


# ---- reading ----


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("12.4", 12.4), ("12,4", 12.4), (" 12.4 s ", 12.4), ("2 min", 120.0), ("0,5 h", 1800.0), ("1:23", 83.0),
        ("0:01:23.5", 83.5),
        ("2m30s", 150.0), ("1 h 5 min", 3900.0), ("1.234,5", 1234.5), ("1,234.5", 1234.5), ("~7 sec", 7.0), ("1'30\"", 90.0),
        ("450ms", 0.45),
        ("2.5e2", 250.0), ("-3", -3.0), ("n/a", None), ("", None), ("Pause", None), ("12 parts", None),
        ("1.2.3.4", None), ("12;5", None),
    ],
)  # fmt: skip
def test_cells(text: str, seconds: float | None) -> None:
    assert parse_time_s(text) == (pytest.approx(seconds) if seconds is not None else None)


def test_stamps_of_many_forms_are_the_same_moment() -> None:
    moments = {
        parse_stamp(text)
        for text in (
            "2024-05-13 08:00:03",
            "2024-05-13T08:00:03Z",
            "13.05.2024 08:00:03",
            "05/13/2024 8:00:03 AM",
            "13/05/2024 08:00:03",
        )
    }
    assert len(moments) == 1 and None not in moments
    assert parse_stamp("M12 08:00") is None


def _file(folder: Path, text: str | bytes, name: str = "times.csv") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_german_export(tmp_path: Path) -> None:
    rows = "\n".join(f"{i};Hans;{i % 7 + 1},5" for i in range(1, 40))
    path = _file(
        tmp_path, f"Auswertung Linie 3\n\nNr;Werker;Dauer [min]\n{rows}\n40;Eva;k.A.\n41;Eva;Pause\n42;Eva;-1\n".encode("cp1252")
    )
    times = read_times(path)
    assert times.column == "Dauer [min]"
    assert times.values_s[0] == pytest.approx(150.0) and len(times.values_s) == 39
    assert times.left_out == ("Pause",)
    assert {d.code for d in times.diagnostics} == {"DS210", "DS205", "DS206"}


def test_a_single_column_with_decimal_commas(tmp_path: Path) -> None:
    times = read_times(_file(tmp_path, "\n".join(f"{i},{i % 10}" for i in range(10, 40))))
    assert times.values_s[:2] == (10.0, 11.1)


def test_stamps_become_differences_over_midnight(tmp_path: Path) -> None:
    stamps = "\n".join(f"2024-05-01 23:{58 + i // 60:02d}:{i % 60:02d},M1" for i in range(0, 120, 5))
    stamps += "\n" + "\n".join(f"2024-05-02 00:00:{i:02d},M1" for i in range(0, 60, 5))
    times = read_times(_file(tmp_path, f"when,machine\n{stamps}\n"))
    assert set(times.values_s) == {5.0}
    clocks = "\n".join(
        f"{(86000 + 30 * i) % 86400 // 3600:02d}:{(86000 + 30 * i) % 3600 // 60:02d}:{(86000 + 30 * i) % 60:02d}" for i in range(60)
    )
    times = read_times(_file(tmp_path, f"time\n{clocks}\n"))
    assert set(times.values_s) == {30.0}


def test_start_and_end_columns(tmp_path: Path) -> None:
    rows = "\n".join(f"A{i},2024-05-01 08:{i:02d}:00,2024-05-01 08:{i:02d}:{20 + i % 5}" for i in range(30))
    times = read_times(_file(tmp_path, f"part,start time,end time\n{rows}\n"))
    assert set(times.values_s) == {20.0, 21.0, 22.0, 23.0, 24.0}


def test_units_from_header_option_and_cell(tmp_path: Path) -> None:
    body = "\n".join(str(i) for i in range(1, 21))
    assert read_times(_file(tmp_path, f"cycle_ms\n{body}")).values_s[9] == pytest.approx(0.01)
    assert read_times(_file(tmp_path, f"cycle\n{body}"), unit="min").values_s[9] == 600.0


def test_columns_by_name_and_number_and_ambiguity(tmp_path: Path) -> None:
    path = _file(tmp_path, "saw,mill\n" + "\n".join(f"{i % 9 + 1}.5,{i % 7 + 2}.25" for i in range(30)))
    assert read_times(path, "mill").values_s[0] == 2.25
    assert read_times(path, "1").values_s[0] == 1.5
    with pytest.raises(GdtError, match="DS203"):
        read_times(path)
    with pytest.raises(GdtError, match="DS202"):
        read_times(path, "drill")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n\n\n",
        b"PK\x03\x04 sheet",
        b"\x00\x01\x02" * 50,
        b"name\nHans\nEva\nPaul\n",
        b'"unclosed,1\n2',
        b";;;;\n;;;;",
        b"\xff\xfe" + b"a" * 7,
    ],
)
def test_files_without_times_give_a_diagnostic(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(GdtError, match=r"DS20[13]"):
        read_times(_file(tmp_path, data))


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_give_times_or_a_diagnostic(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = _file(tmp_path_factory.mktemp("fuzz"), data)
    try:
        read_times(path)
    except GdtError as problem:
        assert problem.diagnostics


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="0123456789.,:;-'\" \teEhmsin/T\n", max_size=200))
def test_any_figures_give_times_or_a_diagnostic(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = _file(tmp_path_factory.mktemp("fuzz"), text)
    try:
        times = read_times(path)
    except GdtError as problem:
        assert problem.diagnostics
        return
    assert all(value >= 0 for value in times.values_s)


def test_numbers_are_never_infinite() -> None:
    assert parse_number("1e999") is None


def test_the_command_prints_the_expression_and_json(tmp_path: Path) -> None:
    from gdt2usd.cli.main import app

    x = _draw(Gamma(4.0, 12.0), 200, 3)
    path = _file(tmp_path, "seconds\n" + "\n".join(f"{v:.2f}" for v in x))
    shown = CliRunner().invoke(app, ["fit", str(path)])
    assert shown.exit_code == 0 and "paste: gamma(0, " in shown.output
    plain = CliRunner().invoke(app, ["fit", str(path), "--json"])
    report = json.loads(plain.stdout)
    assert report["best"] == "gamma" and report["count"] == 200
    assert report["fits"][0]["parameters"]["shape"] == pytest.approx(4.0, rel=0.3)
    assert CliRunner().invoke(app, ["fit", str(path), "--column", "none"]).exit_code == 1
    assert CliRunner().invoke(app, ["fit", str(tmp_path / "missing.csv")]).exit_code == 2


def test_the_plot_is_a_picture(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    from gdt2usd.dataset.fit_plot import plot_fit

    path = tmp_path / "fit.png"
    plot_fit(fit_times(_draw(Lognormal(2.0, 0.4), 100, 1).tolist()), path)
    assert path.read_bytes().startswith(b"\x89PNG") and path.stat().st_size > 10_000
    with pytest.raises(GdtError, match="DS209"):
        plot_fit(fit_times(_draw(Lognormal(2.0, 0.4), 100, 1).tolist()), tmp_path / "fit.docx")
