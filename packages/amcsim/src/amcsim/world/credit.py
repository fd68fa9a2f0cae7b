"""Who met what before they did something: walks through the days, remembers for every person and brand the
latest view and click, and credits conversions.

What is remembered grows with the people, not with the events; the days may come in stretches of any length.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from amcsim.world import facts
from amcsim.world.facts import DAY_SHIFT, NOBODY, Facts
from amcsim.world.journeys import ORDER
from amcsim.world.profile import Profile

_CREDITED_MS = 14 * 86_400_000
_EXPOSED_MS = 28 * 86_400_000
_DAY_MS = 86_400_000
_NONE = -1
_NEW_OF_TEN = 7
_DSP, _SPONSORED = 0, 1
# a touch in one number: moment (36 bits), whether its event began the day before, channel, number in its day
_MOMENT_SHIFT = 26
_DAY_BEFORE_SHIFT = 25
_CHANNEL_SHIFT = 24
_WITHIN = (1 << _CHANNEL_SHIFT) - 1
_PAIR_SHIFT = 36


class Credit:
    """The walk of one instance."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._brands = len(profile.brands)
        self._first_day = int(facts.days_of(profile)[0])
        pairs = profile.users * self._brands
        self._views, self._clicks = _Trail(pairs), _Trail(pairs)
        self._ordered = np.zeros(pairs, dtype=np.bool_)
        self._expected: list[Facts] = []

    def expect(self, conversions: Facts) -> None:
        """Take conversions of this stretch and of later ones."""
        self._expected.append(conversions)

    def advance(self, traffic: tuple[Facts, Facts], *, end: int) -> Facts:
        """Take the DSP and the sponsored ads *traffic* of a stretch that ends before the day *end*; return
        its conversions in their order, with what earned them.
        """
        for channel, shown in enumerate(traffic):
            known = shown["user_no"] != NOBODY
            clicked = known & shown["clicked"]
            self._views.add(*self._touches(shown, known, channel, moment="ts"))
            self._clicks.add(*self._touches(shown, clicked, channel, moment="click_ts"))
        end_ms = (end - self._first_day) * _DAY_MS
        for trail in (self._views, self._clicks):
            trail.advance(end_ms)
        credited = self._credited(self._due(end_ms))
        for trail in (self._views, self._clicks):
            trail.settle()
        return credited

    def _touches(
        self, shown: Facts, rows: NDArray[np.bool_], channel: int, *, moment: str
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        numbers = shown["event_no"][rows]
        moments = self._since_start(shown[moment][rows])
        day_before = moments // _DAY_MS + self._first_day - (numbers >> DAY_SHIFT).astype(np.int64)
        within = (numbers & np.uint64(_WITHIN)).astype(np.int64)
        packed = (
            moments << _MOMENT_SHIFT | day_before << _DAY_BEFORE_SHIFT | channel << _CHANNEL_SHIFT | within
        )
        return shown["user_no"][rows] * self._brands + shown["brand_no"][rows], packed

    def _since_start(self, moments: NDArray[np.int64]) -> NDArray[np.int64]:
        return moments // 1_000 - self._first_day * _DAY_MS

    def _due(self, end_ms: int) -> Facts:
        columns = self._expected[0]
        found = {name: np.concatenate([part[name] for part in self._expected]) for name in columns}
        due = self._since_start(found["ts"]) < end_ms
        self._expected = [{name: values[~due] for name, values in found.items()}]
        rows = np.flatnonzero(due)
        rows = rows[np.lexsort((found["conversion_no"][rows], found["ts"][rows]))]
        return {name: values[rows] for name, values in found.items()}

    def _credited(self, due: Facts) -> Facts:
        moments = self._since_start(due["ts"])
        pairs = due["user_no"] * self._brands + due["brand_no"]
        exposed = np.zeros(len(moments), dtype=np.bool_)
        for brand in range(self._brands):
            other = due["user_no"] * self._brands + brand
            for trail in (self._views, self._clicks):
                exposed |= _within(trail.before(other, moments), moments, _EXPOSED_MS)
        click, view = (trail.before(pairs, moments) for trail in (self._clicks, self._views))
        by_click = _within(click, moments, _CREDITED_MS)
        by_view = ~by_click & _within(view, moments, _CREDITED_MS)
        touch = np.where(by_click, click, np.where(by_view, view, _NONE))
        return due | {
            "new_to_brand": self._new_to_brand(due, pairs),
            "exposed": exposed,
            "touch_clicked": by_click,
            **self._earned_by(touch, by_click),
        }

    def _new_to_brand(self, due: Facts, pairs: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return whose first order of the brand it is; some had ordered before the history begins."""
        orders = np.flatnonzero(due["step_no"] == ORDER)
        buyers, first = np.unique(pairs[orders], return_index=True)
        is_new = ~self._ordered[buyers]
        self._ordered[buyers] = True
        new = np.zeros(len(pairs), dtype=np.bool_)
        new[orders[first[is_new]]] = True
        return new & (due["user_no"] % 10 < _NEW_OF_TEN)

    def _earned_by(self, touch: NDArray[np.int64], clicked: NDArray[np.bool_]) -> Facts:
        """Return the columns of the traffic events that these touches belong to, -1 where there is none."""
        moments = touch >> _MOMENT_SHIFT
        days = moments // _DAY_MS + self._first_day - (touch >> _DAY_BEFORE_SHIFT & 1)
        numbers = (days << int(DAY_SHIFT)) | (touch & _WITHIN)
        channels = np.where(touch == _NONE, _NONE, touch >> _CHANNEL_SHIFT & 1)
        earned: Facts = {
            "touch_no": np.where(touch == _NONE, _NONE, numbers * 4 + channels * 2 + clicked),
            "touch_ts": np.where(touch == _NONE, _NONE, (moments + self._first_day * _DAY_MS) * 1_000),
        }
        for channel, read, names in (
            (_DSP, facts.impressions, _DSP_COLUMNS),
            (_SPONSORED, facts.sponsored, _SPONSORED_COLUMNS),
        ):
            rows = np.flatnonzero(channels == channel)
            traffic = read(self._profile, numbers[rows].astype(np.uint64))
            for column, name in names.items():
                values = earned.setdefault(name, np.full(len(touch), _NONE, dtype=np.int64))
                values[rows] = traffic[column]
        return earned


_DSP_COLUMNS = {
    "line_no": "dsp_line_no",
    "creative_no": "creative_no",
    "site_no": "site_no",
    "device_no": "device_no",
}
_SPONSORED_COLUMNS = {
    "line_no": "sponsored_line_no",
    "placement_no": "placement_no",
    "device_no": "device_no",
}


def _within(touch: NDArray[np.int64], moments: NDArray[np.int64], reach_ms: int) -> NDArray[np.bool_]:
    return (touch != _NONE) & (touch >> _MOMENT_SHIFT >= moments - reach_ms)


class _Trail:
    """The latest touch of every pair of a person and a brand, and those of the present stretch in order."""

    def __init__(self, pairs: int) -> None:
        self._latest = np.full(pairs, _NONE, dtype=np.int64)
        self._pairs: list[NDArray[Any]] = []
        self._touches: list[NDArray[Any]] = []
        self._keys = self._ordered = np.empty(0, dtype=np.int64)

    def add(self, pairs: NDArray[np.int64], touches: NDArray[np.int64]) -> None:
        self._pairs.append(pairs)
        self._touches.append(touches)

    def advance(self, end_ms: int) -> None:
        """Put what was added and lies before *end_ms* in order; clicks shortly after midnight wait."""
        pairs, touches = np.concatenate(self._pairs), np.concatenate(self._touches)
        later = touches >> _MOMENT_SHIFT >= end_ms
        self._pairs, self._touches = [pairs[later]], [touches[later]]
        keys = (pairs[~later] << _PAIR_SHIFT) | (touches[~later] >> _MOMENT_SHIFT)
        # touches of one moment keep the order of channel and number, whatever the stretch
        order = np.lexsort((touches[~later], keys))
        self._keys, self._ordered = keys[order], touches[~later][order]

    def before(self, pairs: NDArray[np.int64], moments: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the last touch of each pair up to its moment, -1 where there is none."""
        sought = (pairs << _PAIR_SHIFT) | moments
        places = np.searchsorted(self._keys, sought, side="right") - 1
        if not len(self._keys):
            return self._latest[pairs]
        is_own = (places >= 0) & (self._keys[places] >> _PAIR_SHIFT == pairs)
        return np.where(is_own, self._ordered[places], self._latest[pairs])

    def settle(self) -> None:
        """Remember the last touch of every pair."""
        pairs = self._keys >> _PAIR_SHIFT
        last = np.flatnonzero(np.append(pairs[1:] != pairs[:-1], True)) if len(pairs) else pairs
        self._latest[pairs[last]] = self._ordered[last]
