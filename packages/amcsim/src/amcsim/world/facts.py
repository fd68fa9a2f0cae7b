"""The events, as NumPy columns: each value is a function of seed, instance, calendar day and number in that
day.

A day's events stay the same whatever the day on which they are asked for, and however many days are asked for
at once.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from amcsim import noise
from amcsim.world.profile import CREATIVES_PER_LINE, Profile

Facts = dict[str, NDArray[Any]]
DAY_SHIFT = np.uint64(24)
NOBODY = -1
_SITES = 10
_PLACES = 24
_MICROSECONDS = 1_000_000
_EPOCH_ORDINAL = 719_163
# hour by hour where people live, evening heavy
_HOURS = [8, 5, 3, 2, 2, 3, 6, 12, 18, 22, 25, 28, 32, 30, 28, 27, 28, 32, 40, 48, 52, 46, 32, 18]
_WEEKDAYS = [95, 96, 98, 100, 108, 118, 112]
_NO_USER_PER_MILLION = 20_000
_SHARES = {"dsp_impressions": 62, "sponsored_ads_traffic": 30, "organic": 4}
"""Hundredths of an instance's events."""
ORGANIC = "organic"


def days_of(profile: Profile) -> NDArray[np.int64]:
    """Return the days with data, counted since 1970."""
    first, until = (day.toordinal() - _EPOCH_ORDINAL for day in (profile.first_day, profile.until))
    return np.arange(first, until, dtype=np.int64)


def event_numbers(profile: Profile, table: str, *, days: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Return the numbers of all events of *table* on *days*; a number holds its day and its place in it."""
    by_day = noise.Stream(days.astype(np.uint64), profile.seed, profile.instance.ordinal, table, "volume")
    weekday = np.asarray(_WEEKDAYS, dtype=np.int64)[(days + 3) % 7]
    average = profile.events * _SHARES[table] * 1_000 // (100 * len(days_of(profile)))
    counts = average * weekday // 104 * (75 + by_day.integers("mood", 51)) // 100_000
    counts = np.maximum(counts, 1)
    within = np.arange(counts.sum(), dtype=np.int64) - np.repeat(np.cumsum(counts) - counts, counts)
    return (np.repeat(days, counts).astype(np.uint64) << DAY_SHIFT) | within.astype(np.uint64)


def impressions(profile: Profile, numbers: NDArray[np.uint64]) -> Facts:
    """Return the DSP impressions of these numbers."""
    draw = noise.Stream(numbers, profile.seed, profile.instance.ordinal, "dsp_impressions")
    facts = _who_and_when(profile, draw)
    facts["line_no"] = _line_of(draw, facts["brand_no"], len(profile.dsp_lines) // len(profile.brands))
    facts["creative_no"] = draw.integers("creative", CREATIVES_PER_LINE)
    facts["site_no"] = draw.skewed("site", _SITES)
    facts["device_no"] = draw.weighted("device", [14, 38, 20, 16, 9, 3])
    facts["cost_percent"] = 70 + draw.integers("cost", 61)
    facts["clicked"] = draw.chance("clicked", 30_000)
    facts["click_ts"] = facts["ts"] + (3 + draw.integers("hesitation", 90)) * _MICROSECONDS
    return facts


def sponsored(profile: Profile, numbers: NDArray[np.uint64]) -> Facts:
    """Return the sponsored ads impressions of these numbers, and which of them was clicked."""
    draw = noise.Stream(numbers, profile.seed, profile.instance.ordinal, "sponsored_ads_traffic")
    facts = _who_and_when(profile, draw)
    facts["line_no"] = _line_of(draw, facts["brand_no"], len(profile.sponsored_lines) // len(profile.brands))
    facts["placement_no"] = draw.weighted("placement", [40, 25, 30, 5])
    facts["device_no"] = draw.weighted("device", [8, 60, 0, 32, 0, 0])
    facts["cost_percent"] = 70 + draw.integers("cost", 61)
    facts["clicked"] = draw.chance("clicked", 90_000)
    facts["click_ts"] = facts["ts"] + (2 + draw.integers("hesitation", 60)) * _MICROSECONDS
    return facts


def strolls(profile: Profile, numbers: NDArray[np.uint64]) -> Facts:
    """Return those who come to the shop by themselves."""
    draw = noise.Stream(numbers, profile.seed, profile.instance.ordinal, ORGANIC)
    return _who_and_when(profile, draw)


def people(profile: Profile, numbers: NDArray[np.uint64]) -> Facts:
    """Return the people of these numbers."""
    draw = noise.Stream(numbers, profile.seed, profile.instance.ordinal, "people")
    return {
        "user_no": numbers.astype(np.int64),
        "place_no": draw.skewed("place", _PLACES, power=2),
        "kind_no": draw.weighted("kind", [75, 15, 10]),
        "code": noise.mix(noise.key(profile.seed, profile.instance.ordinal, "ids"), numbers),
    }


def _who_and_when(profile: Profile, draw: noise.Stream) -> Facts:
    days = (draw.numbers >> DAY_SHIFT).astype(np.int64)
    seconds = draw.weighted("hour", _hours_in_utc(profile)) * 3_600 + draw.integers("second", 3_600)
    user_no = draw.skewed("user", profile.users)
    loves = noise.Stream(user_no.astype(np.uint64), profile.seed, profile.instance.ordinal, "taste")
    brands = len(profile.brands)
    faithful = draw.chance("faithful", 800_000)
    brand_no = np.where(faithful, loves.integers("brand", brands), draw.integers("brand", brands))
    user_no = np.where(draw.chance("nobody", _NO_USER_PER_MILLION), NOBODY, user_no)
    return {
        "event_no": draw.numbers,
        "ts": (days * 86_400 + seconds) * _MICROSECONDS + draw.integers("millisecond", 1_000) * 1_000,
        "user_no": user_no,
        "brand_no": brand_no,
    }


def _hours_in_utc(profile: Profile) -> list[int]:
    """Return the weights of the hours of a day of UTC; summer time is left out, so that days stay alike."""
    zone = ZoneInfo(profile.instance.account.market.timezone)
    ahead = datetime(2026, 1, 1, tzinfo=zone).utcoffset() or timedelta()
    hours = round(ahead / timedelta(hours=1))
    return [_HOURS[(hour + hours) % 24] for hour in range(24)]


def _line_of(draw: noise.Stream, brand_no: NDArray[np.int64], lines_per_brand: int) -> NDArray[np.int64]:
    return brand_no * lines_per_brand + draw.skewed("line", lines_per_brand)
