"""The events, as NumPy columns: each value is a function of seed, instance, calendar day and number in that
day.

A day's events stay the same whatever the day on which they are asked for; only days come and go at the edges.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from amcsim import noise
from amcsim.world.profile import CREATIVES_PER_LINE, HISTORY_DAYS, Profile

Facts = dict[str, NDArray[Any]]
SITES = 10
DEVICES = 6
PLACEMENTS = 4
STEPS = ("detailPageView", "shoppingCart", "order")
_MICROSECONDS = 1_000_000
_DAY_SHIFT = np.uint64(24)
_EPOCH_ORDINAL = 719_163
# hour by hour, evening heavy
_HOURS = [8, 5, 3, 2, 2, 3, 6, 12, 18, 22, 25, 28, 32, 30, 28, 27, 28, 32, 40, 48, 52, 46, 32, 18]
_WEEKDAYS = [95, 96, 98, 100, 108, 118, 112]
_NO_USER_PER_MILLION = 20_000
_NOBODY = -1


def impressions(profile: Profile) -> Facts:
    """Return the DSP impressions."""
    draw, days = _daily(profile, "dsp_impressions", share=62)
    facts = _who_and_when(profile, draw, days)
    facts["line_no"] = _line_of(draw, facts["brand_no"], len(profile.dsp_lines) // len(profile.brands))
    facts["creative_no"] = draw.integers("creative", CREATIVES_PER_LINE)
    facts["site_no"] = draw.skewed("site", SITES)
    facts["device_no"] = draw.weighted("device", [14, 38, 20, 16, 9, 3])
    facts["cost_percent"] = 70 + draw.integers("cost", 61)
    facts["clicked"] = draw.chance("clicked", 30_000)
    facts["click_ts"] = facts["ts"] + (3 + draw.integers("hesitation", 90)) * _MICROSECONDS
    return facts


def sponsored(profile: Profile) -> Facts:
    """Return sponsored ads impressions, and which of them was clicked."""
    draw, days = _daily(profile, "sponsored_ads_traffic", share=30)
    facts = _who_and_when(profile, draw, days)
    facts["line_no"] = _line_of(draw, facts["brand_no"], len(profile.sponsored_lines) // len(profile.brands))
    facts["placement_no"] = draw.weighted("placement", [40, 25, 30, 5])
    facts["device_no"] = draw.weighted("device", [8, 60, 0, 32, 0, 0])
    facts["cost_percent"] = 70 + draw.integers("cost", 61)
    facts["clicked"] = draw.chance("clicked", 90_000)
    facts["click_ts"] = facts["ts"] + (2 + draw.integers("hesitation", 60)) * _MICROSECONDS
    return facts


def journeys(profile: Profile, traffic: Facts, *, name: str, per_million: tuple[int, int]) -> Facts:
    """Return the conversions that *traffic* leads to; the chances are those after an impression and after
    a click.
    """
    draw = noise.Stream(traffic["event_no"], profile.seed, profile.instance.ordinal, name)
    clicked = traffic["clicked"]
    lured = np.where(
        clicked, draw.chance("after click", per_million[1]), draw.chance("after view", per_million[0])
    )
    chosen = np.flatnonzero(lured & (traffic["user_no"] != _NOBODY))
    start = np.where(clicked, traffic["click_ts"], traffic["ts"])[chosen]
    return _steps(
        profile,
        name,
        traffic["event_no"][chosen],
        traffic["user_no"][chosen],
        traffic["brand_no"][chosen],
        start,
    )


def organic(profile: Profile) -> Facts:
    """Return the conversions of people who came without an advertisement's help."""
    draw, days = _daily(profile, "organic", share=4)
    facts = _who_and_when(profile, draw, days)
    known = facts["user_no"] != _NOBODY
    return _steps(
        profile,
        "organic",
        facts["event_no"][known],
        facts["user_no"][known],
        facts["brand_no"][known],
        facts["ts"][known],
    )


def _steps(
    profile: Profile,
    name: str,
    event_no: NDArray[Any],
    user_no: NDArray[Any],
    brand_no: NDArray[Any],
    start: NDArray[Any],
) -> Facts:
    draw = noise.Stream(event_no, profile.seed, profile.instance.ordinal, name, "steps")
    # crowds close to the advertisement and thins out over two weeks
    viewed = start + draw.skewed("until view", 14 * 86_400, power=5) * _MICROSECONDS
    carted = viewed + (60 + draw.skewed("until cart", 86_400, power=3)) * _MICROSECONDS
    ordered = carted + (60 + draw.skewed("until order", 2 * 86_400, power=3)) * _MICROSECONDS
    reaches_cart = draw.chance("cart", 420_000)
    reaches_order = reaches_cart & draw.chance("order", 520_000)
    product_no = brand_no * 8 + draw.skewed("product", 8)
    units = 1 + draw.weighted("units", [80, 14, 6])
    parts = [
        _step(step, rows, moment, event_no, user_no, brand_no, product_no, units)
        for step, rows, moment in (
            (0, np.ones(len(event_no), dtype=np.bool_), viewed),
            (1, reaches_cart, carted),
            (2, reaches_order, ordered),
        )
    ]
    return {column: np.concatenate([part[column] for part in parts]) for column in parts[0]}


def _step(step: int, rows: NDArray[np.bool_], moment: NDArray[Any], *columns: NDArray[Any]) -> Facts:
    event_no, user_no, brand_no, product_no, units = (column[rows] for column in columns)
    return {
        "conversion_no": event_no * np.uint64(4) + np.uint64(step),
        "step_no": np.full(len(event_no), step, dtype=np.int64),
        "ts": moment[rows],
        "user_no": user_no,
        "brand_no": brand_no,
        "product_no": product_no,
        "units": units,
    }


def _daily(profile: Profile, table: str, *, share: int) -> tuple[noise.Stream, NDArray[np.int64]]:
    """Return a stream over the table's event numbers, and the day (since 1970) of each."""
    first = profile.first_day.toordinal() - _EPOCH_ORDINAL
    days = np.arange(first, first + HISTORY_DAYS, dtype=np.int64)
    by_day = noise.Stream(days.astype(np.uint64), profile.seed, profile.instance.ordinal, table, "volume")
    weekday = np.asarray(_WEEKDAYS, dtype=np.int64)[(days + 3) % 7]
    average = profile.events * share * 1_000 // (100 * HISTORY_DAYS)
    counts = average * weekday // 104 * (75 + by_day.integers("mood", 51)) // 100_000
    counts = np.maximum(counts, 1)
    day_of = np.repeat(days, counts)
    within = np.arange(len(day_of), dtype=np.int64) - np.repeat(np.cumsum(counts) - counts, counts)
    event_no = (day_of.astype(np.uint64) << _DAY_SHIFT) | within.astype(np.uint64)
    return noise.Stream(event_no, profile.seed, profile.instance.ordinal, table), day_of


def _who_and_when(profile: Profile, draw: noise.Stream, days: NDArray[np.int64]) -> Facts:
    seconds = draw.weighted("hour", _HOURS) * 3_600 + draw.integers("second", 3_600)
    user_no = draw.skewed("user", profile.users)
    loves = noise.Stream(user_no.astype(np.uint64), profile.seed, profile.instance.ordinal, "taste")
    brands = len(profile.brands)
    faithful = draw.chance("faithful", 800_000)
    brand_no = np.where(faithful, loves.integers("brand", brands), draw.integers("brand", brands))
    user_no = np.where(draw.chance("nobody", _NO_USER_PER_MILLION), _NOBODY, user_no)
    return {
        "event_no": draw.numbers,
        "ts": (days * 86_400 + seconds) * _MICROSECONDS + draw.integers("millisecond", 1_000) * 1_000,
        "user_no": user_no,
        "brand_no": brand_no,
    }


def _line_of(draw: noise.Stream, brand_no: NDArray[np.int64], lines_per_brand: int) -> NDArray[np.int64]:
    return brand_no * lines_per_brand + draw.skewed("line", lines_per_brand)
