"""Intervals of a mean by the kind of its values, for :func:`inpaintlib.metrics.interval`.

Values of one group, such as four holes of one digit, need not be independent. So means resample
groups instead of values, and shares count as many values as would be as informative if they were
independent.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Interval = tuple[float, float]

#: What cannot be told.
NONE = (math.nan, math.nan)


def too_few(count: int, level: float) -> bool:
    """Return whether even the whole range of so many values misses their median too often."""
    return 2 * 0.5**count > 1 - level


def of_mean(
    values: NDArray[np.float64],
    groups: NDArray[np.integer],
    *,
    bounds: Interval,
    level: float,
    resamples: int,
    seed: int,
) -> Interval:
    """Return the cluster bootstrap's percentile interval, expanded for few groups.

    Args:
        values: ``(N,)``.
        groups: The group of each, ``(N,)``, from 0 on without gaps.
        bounds: The lowest and the highest possible value.
        level: Of confidence.
        resamples: How many draws.
        seed: Of the draws.
    """
    count = int(groups.max()) + 1
    if np.ptp(values) == 0:
        return of_equal(float(values[0]), count, bounds=bounds, level=level)
    if too_few(count, level):
        return NONE
    sums, sizes = np.bincount(groups, values), np.bincount(groups)
    rng = np.random.default_rng(seed)
    draws = (rng.integers(count, size=count) for _ in range(resamples))
    means = [sums[drawn].sum() / sizes[drawn].sum() for drawn in draws]
    # The bootstrap is narrow by this factor, and its normal quantiles should be Student's
    # (Hesterberg 2015, What teachers should know about the bootstrap).
    wide = math.sqrt(count / (count - 1)) * stats.t.ppf((1 + level) / 2, count - 1)
    low, high = np.quantile(means, [stats.norm.cdf(-wide), stats.norm.cdf(wide)])
    return float(low), float(high)


def of_equal(value: float, count: int, *, bounds: Interval, level: float) -> Interval:
    """Return the interval of the mean where all ``count`` groups have one value.

    If other values were more frequent than a share q with (1 − q)^count = 1 − level, one of them
    would have been seen. This is the rule of three (Hanley and Lippman-Hand 1983). Unless both
    bounds are finite, a few other values could move the mean anywhere.
    """
    if not np.isfinite(bounds).all():
        return NONE
    unseen = 1 - (1 - level) ** (1 / count)
    return value - unseen * (value - bounds[0]), value + unseen * (bounds[1] - value)


def of_share(values: NDArray[np.float64], groups: NDArray[np.integer], *, level: float) -> Interval:
    """Return Wilson's score interval of a share of values 0 and 1.

    It has width at 0 and 1, and its coverage is near to the level on average, while that of the
    exact interval is above it (Brown, Cai and DasGupta 2001). The count of values is the effective
    one (Dean and Pagano 2015).
    """
    share, count, z = values.mean(), effective(values, groups), stats.norm.ppf((1 + level) / 2)
    middle = share + z**2 / (2 * count)
    half = z * math.sqrt(share * (1 - share) / count + z**2 / (4 * count**2))
    low, high = np.array([middle - half, middle + half]) / (1 + z**2 / count)
    return float(min(max(low, 0), share)), float(max(min(high, 1), share))


def of_difference(
    values: NDArray[np.float64], groups: NDArray[np.integer], *, level: float
) -> Interval:
    """Return the interval of a paired difference of shares, of values −1, 0 and 1.

    It is Wald's interval after one more case each of 1 and −1 (Bonett and Price 2012). The count of
    values is the effective one.
    """
    count, z = effective(values, groups), stats.norm.ppf((1 + level) / 2)
    more, less = ((count * np.mean(values == sign) + 1) / (count + 2) for sign in (1, -1))
    half = z * math.sqrt((more + less - (more - less) ** 2) / (count + 2))
    value, middle = values.mean(), more - less
    low, high = max(middle - half, -1), min(middle + half, 1)
    return float(min(low, value)), float(max(high, value))


def effective(values: NDArray[np.float64], groups: NDArray[np.integer]) -> float:
    """Return the number of independent values that would tell the mean as well as these do.

    It is the number of values over the design effect, the variance of the mean between groups over
    that between values (Kish 1965), which is set to 1 if it is less. Where all values are equal it
    cannot be estimated; then a group counts as one value.
    """
    count, clusters = len(values), int(groups.max()) + 1
    if clusters == count:
        return count
    if np.ptp(values) == 0 or clusters == 1:
        return clusters
    apart = np.bincount(groups, values - values.mean())
    between = clusters / (clusters - 1) * np.square(apart).sum() / count**2
    effect = between / (values.var() / (count - 1))
    return float(count / max(1.0, effect))
