"""Fits the nine families of distributions to measured times by maximum likelihood, and says how well each describes them.

Locations are zero (FlexSim's first argument); triangular and uniform have their own bounds. Goodness of fit: Kolmogorov-Smirnov and
Anderson-Darling statistics, p-values by parametric bootstrap because the parameters were estimated from the same data (Lilliefors
1967; Stute, Manteiga, Quindimil 1993). Not covered: reading files (`fit_read`), plots (`fit_plot`).
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdt2usd.diagnostics import Diagnostic, GdtError, error, warning
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

Floats = NDArray[np.float64]
FEWEST = 10
_BOOTSTRAPS = 200
_BOOTSTRAP_SAMPLE = 1000
_DIGITS = 4
_SHORTEST_S = 1e-9  # no clock of a factory resolves less; shorter times are zero


@dataclass(frozen=True, slots=True)
class Fit:
    """One family fitted: `aic` (small-sample corrected), `ks` and `ad` statistics, `p_value` of the KS test (None: not tested)."""

    family: str
    distribution: Distribution
    parameters: int
    log_likelihood: float
    aic: float
    ks: float
    ad: float
    p_value: float | None = None


@dataclass(frozen=True, slots=True)
class FitReport:
    """The families from best to worst by AIC, the values used (seconds), outliers found, and remarks."""

    values_s: tuple[float, ...]
    fits: tuple[Fit, ...]
    outliers_s: tuple[float, ...]
    outliers_dropped: bool
    diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def best(self) -> Fit:
        """The family with the smallest AIC."""
        return self.fits[0]


def frozen_of(distribution: Distribution) -> Any:
    """The scipy distribution of ours."""
    from scipy import stats

    match distribution:
        case Exponential(mean):
            return stats.expon(scale=mean)
        case Normal(mean, std):
            return stats.norm(mean, std)
        case Triangular(low, mode, high):
            return stats.triang((mode - low) / (high - low), low, high - low)
        case Uniform(low, high):
            return stats.uniform(low, high - low)
        case Lognormal(mu, sigma):
            return stats.lognorm(sigma, scale=math.exp(mu))
        case Weibull(shape, scale):
            return stats.weibull_min(shape, scale=scale)
        case Gamma(shape, scale):
            return stats.gamma(shape, scale=scale)
        case Poisson(mean):
            return stats.poisson(mean)
        case _:
            raise ValueError(f"{distribution!r} has no density")


def mean_of(distribution: Distribution) -> float:
    """The mean of one of the nine families (negative normal draws not cut off); a location counts."""
    if isinstance(distribution, Constant):
        return distribution.value
    mean: float = frozen_of(distribution).mean() + getattr(distribution, "location", 0.0)
    return mean


def _exponential(x: Floats) -> Distribution | None:
    return Exponential(float(x.mean())) if x.min() >= 0 else None


def _normal(x: Floats) -> Distribution | None:
    return Normal(float(x.mean()), float(x.std()))


def _uniform(x: Floats) -> Distribution | None:
    return Uniform(float(x.min()), float(x.max()))


def _triangular(x: Floats) -> Distribution | None:
    """Maximum over the bounds; for given bounds the likelihood peaks with the mode at a data point (Oliver 1972)."""
    from scipy.optimize import minimize

    ordered = np.sort(x if len(x) <= 400 else np.quantile(x, np.linspace(0, 1, 400)))
    low, high = float(ordered[0]), float(ordered[-1])
    spread = high - low

    def split(log_gaps: Floats) -> tuple[float, float, float, float]:
        a, b = low - spread * math.exp(log_gaps[0]), high + spread * math.exp(log_gaps[1])
        below = np.concatenate([[0.0], np.cumsum(np.log(ordered - a))])[:-1]
        above = np.cumsum(np.log(b - ordered)[::-1])[::-1] - np.log(b - ordered)
        rank = np.arange(len(ordered))
        at_mode = below - rank * np.log(ordered - a) + above - (len(ordered) - 1 - rank) * np.log(b - ordered)
        best = int(np.argmax(at_mode))
        return a, float(ordered[best]), b, float(at_mode[best]) + len(ordered) * math.log(2 / (b - a))

    def loss(log_gaps: Floats) -> float:
        if np.any(np.abs(log_gaps) > 12):
            return math.inf
        return -split(log_gaps)[3]

    found = minimize(loss, np.array([-2.5, -2.5]), method="Nelder-Mead", options={"maxiter": 200, "xatol": 0.02, "fatol": 0.01})
    a, mode, b, _ = split(found.x)
    return Triangular(max(a, 0.0) if low > 0 else a, mode, b)


def _lognormal(x: Floats) -> Distribution | None:
    if x.min() <= 0:
        return None
    logs = np.log(x)
    return Lognormal(float(logs.mean()), float(logs.std())) if logs.std() > 0 else None


def _weibull(x: Floats) -> Distribution | None:
    """The profile likelihood's root in the shape, by bisection."""
    if x.min() <= 0:
        return None
    logs = np.log(x / x.max())
    mean_log = logs.mean()

    def slope(shape: float) -> float:
        powers = np.exp(shape * logs)
        return float((powers * logs).sum() / powers.sum() - 1 / shape - mean_log)

    low, high = 1e-3, 1.0
    while slope(high) < 0 and high < 1e6:
        low, high = high, high * 2
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if slope(middle) < 0 else (low, middle)
    return Weibull(high, float(x.max() * np.mean(np.exp(high * logs)) ** (1 / high)))


def _gamma(x: Floats) -> Distribution | None:
    """Minka's (2002) iteration for the shape."""
    from scipy.special import digamma, polygamma

    if x.min() <= 0:
        return None
    s = math.log(x.mean()) - float(np.log(x).mean())
    if s <= 1e-12:
        return None
    shape = (3 - s + math.sqrt((s - 3) ** 2 + 24 * s)) / (12 * s)
    for _ in range(30):
        step = (math.log(shape) - float(digamma(shape)) - s) / (1 / shape - float(polygamma(1, shape)))
        shape = max(shape - step, shape / 10)
        if abs(step) < 1e-10 * shape:
            break
    return Gamma(shape, float(x.mean()) / shape)


def _poisson(x: Floats) -> Distribution | None:
    whole = bool(np.all(x == np.round(x))) and x.min() >= 0
    return Poisson(float(x.mean())) if whole and x.mean() > 0 else None


FAMILIES: dict[str, tuple[Callable[[Floats], Distribution | None], int]] = {
    "exponential": (_exponential, 1),
    "normal": (_normal, 2),
    "triangular": (_triangular, 3),
    "uniform": (_uniform, 2),
    "lognormal": (_lognormal, 2),
    "weibull": (_weibull, 2),
    "gamma": (_gamma, 2),
    "poisson": (_poisson, 1),
}
"""How each family is fitted (None: impossible for these values) and how many parameters that takes; `constant` is fitted apart."""


def _log_likelihood(distribution: Distribution, x: Floats) -> float:
    frozen = frozen_of(distribution)
    with np.errstate(all="ignore"):
        logs = frozen.logpmf(x) if isinstance(distribution, Poisson) else frozen.logpdf(x)
    finite = np.where(np.isfinite(logs), logs, -745.0)
    return float(finite.sum())


def _statistics(distribution: Distribution, x: Floats) -> tuple[float, float]:
    """KS distance and Anderson-Darling A^2 (for counts: of the jittered distribution function)."""
    ordered = np.sort(x)
    n = len(ordered)
    frozen = frozen_of(distribution)
    with np.errstate(all="ignore"):
        cdf = frozen.cdf(ordered)
    if isinstance(distribution, Poisson):
        cdf = (cdf + frozen.cdf(ordered - 1)) / 2
    cdf = np.clip(cdf, 1e-12, 1 - 1e-12)
    rank = np.arange(1, n + 1)
    ks = float(max(np.max(rank / n - cdf), np.max(cdf - (rank - 1) / n)))
    ad = float(-n - np.mean((2 * rank - 1) * (np.log(cdf) + np.log1p(-cdf[::-1]))))
    return ks, ad


def _aic(log_likelihood: float, parameters: int, n: int) -> float:
    return 2 * parameters - 2 * log_likelihood + 2 * parameters * (parameters + 1) / max(n - parameters - 1, 1)


def _resolution(x: Floats) -> float:
    """The step to which the values seem rounded: 1, 0.1, 0.01 ..., 0 if finer than a millionth."""
    for digits in range(7):
        if np.allclose(x, np.round(x, digits), rtol=0, atol=1e-9):
            return float(10.0**-digits)
    return 0.0


def p_value(fit: Fit, x: Floats, seed: int = 1) -> float:
    """Probability that data from the fitted distribution, fitted and rounded alike, lie further from their own fit (KS)."""
    rng = np.random.default_rng(seed)
    data = x if len(x) <= _BOOTSTRAP_SAMPLE else rng.choice(x, _BOOTSTRAP_SAMPLE, replace=False)
    fitter = FAMILIES[fit.family][0]
    own = fitter(data)
    if own is None:
        return 0.0
    observed = _statistics(own, data)[0]
    frozen, step = frozen_of(own), _resolution(x)
    rounds = _BOOTSTRAPS if fit.family != "triangular" else 60
    worse = 0
    for _ in range(rounds):
        drawn = np.asarray(frozen.rvs(len(data), random_state=rng), dtype=np.float64)
        if step:
            drawn = np.maximum(np.round(drawn / step) * step, step if x.min() > 0 else 0.0)
        refitted = fitter(drawn) if drawn.std() > 0 else None
        worse += refitted is not None and _statistics(refitted, drawn)[0] >= observed
    return (worse + 1) / (rounds + 1)


def outlying(x: Floats) -> NDArray[np.bool_]:
    """More than three interquartile ranges outside the middle half, on the plain and (for positive data) on the log scale.

    Both scales, so that the long tail of an exponential or lognormal is no outlier.
    """

    def outside(values: Floats) -> NDArray[np.bool_]:
        q1, q3 = np.quantile(values, [0.25, 0.75])
        return np.asarray((values < q1 - 3 * (q3 - q1)) | (values > q3 + 3 * (q3 - q1)))

    found = outside(x)
    if x.min() > 0:
        found &= outside(np.log(x))
    spread = np.quantile(x, 0.75) - np.quantile(x, 0.25)
    return found if spread > 0 else np.zeros(len(x), dtype=bool)


def fit_times(values_s: list[float], *, drop_outliers: bool = False) -> FitReport:
    """All families fitted to `values_s` (seconds, >= 0), best first by AIC.

    Raises:
        GdtError: DS204 fewer than ten values.
    """
    if len(values_s) < FEWEST:
        raise GdtError(
            [error("DS204", f"{len(values_s)} usable times; a fit needs at least {FEWEST}", None, "measure more, thirty or better")]
        )
    x = np.asarray(values_s, dtype=np.float64)
    x = np.where(x < _SHORTEST_S, 0.0, x)
    strange = outlying(x)
    outliers = tuple(float(v) for v in np.sort(x[strange]))
    remarks = []
    if outliers:
        shown = ", ".join(f"{v:g}" for v in outliers[-5:])
        hint = "they were left out" if drop_outliers else "leave them out with --drop-outliers if they are pauses or errors"
        remarks.append(warning("DS207", f"{len(outliers)} of {len(x)} values are outliers: {shown} s", None, hint))
    if drop_outliers and outliers:
        x = x[~strange]
    fits = _all_fits(x)
    if isinstance(fits[0].distribution, Constant):
        return FitReport(tuple(x.tolist()), fits, outliers, drop_outliers, tuple(remarks))
    best = fits[0]
    with np.errstate(all="ignore"):
        p = p_value(best, x)
    fits = (Fit(best.family, best.distribution, best.parameters, best.log_likelihood, best.aic, best.ks, best.ad, p), *fits[1:])
    if p < 0.01:
        said = f"the best family, {best.family}, is rejected (KS p = {p:.3g}, n = {len(x)})"
        remarks.append(warning("DS208", said, None, "look at the plot; several kinds of items or stops may be mixed"))
    return FitReport(tuple(x.tolist()), fits, outliers, drop_outliers, tuple(remarks))


def _all_fits(x: Floats) -> tuple[Fit, ...]:
    if x.max() - x.min() <= 1e-9 * max(abs(float(x.max())), 1e-300):
        return (Fit("constant", Constant(float(x[0])), 1, math.inf, -math.inf, 0.0, 0.0, 1.0),)
    fits = []
    for family, (fitter, parameters) in FAMILIES.items():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            found = fitter(x)
        if found is None:
            continue
        likelihood = _log_likelihood(found, x)
        ks, ad = _statistics(found, x)
        fits.append(Fit(family, found, parameters, likelihood, _aic(likelihood, parameters, len(x)), ks, ad))
    return tuple(sorted(fits, key=lambda fit: fit.aic))


def rounded(distribution: Distribution) -> Distribution:
    """`distribution` with parameters to four significant digits, as one would paste them."""

    def short(value: float) -> float:
        return float(f"{value:.{_DIGITS}g}")

    short_ones: dict[str, Any] = {f.name: short(getattr(distribution, f.name)) for f in fields(distribution)}
    return replace(distribution, **short_ones)


def flexscript(distribution: Distribution) -> str:
    """The FlexScript expression of a fitted distribution, in seconds, ready to paste into a time field."""
    from gdt2usd.graph.code_bodies import draw

    expression = draw(rounded(distribution))
    if expression is None:
        raise ValueError(f"{distribution!r} is no fitted distribution")
    return expression
