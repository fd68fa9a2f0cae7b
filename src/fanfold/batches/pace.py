"""How fast an unfinished batch went of late, from its last events, without pauses and outliers.

Times are seconds before now, so that nothing here asks a clock.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

TRUSTED_ENDS = 3
"""Fewer ends than this say nothing about the pace."""
_WINDOW_EVENTS = 20
"""The weight of an end fades within about so many events, and not in less than the shortest window."""
_SHORTEST_WINDOW = 10.0
_WINDOW_WAVES = 3
"""Nor in less than so many long operations take, for operations that begin together end together."""
_OUTLIER = 3.0
"""A silence longer than so many times the long ones among the others counts as if it had been that long."""


@dataclass(frozen=True, slots=True)
class Pace:
    """What the last events and the rows of an unfinished batch say."""

    now: datetime
    began_ago: float | None = None
    """The first known event of this run; what ended before has no known duration."""
    last_event_ago: float | None = None
    ends: tuple[tuple[float, int], ...] = ()
    """How long ago, and how many operations ended then; the newest first."""
    pauses: tuple[tuple[float, float], ...] = ()
    """From how long ago until how long ago."""
    durations: tuple[float, ...] = ()
    """Of the operations that ended last."""
    history: tuple[float, ...] = ()
    """How long operations of the same work took before, if this batch cannot tell yet."""
    current_operations: tuple[str, ...] = ()
    """Names of targets that are being worked on, the one begun last first."""
    longest_operation: str | None = None
    longest_seconds: float | None = None
    """How long the operation that began first is at work; the shortest is the one that began last."""
    shortest_seconds: float | None = None
    retry_count: int = 0
    """Operations that wait for their next attempt."""
    retry_first_in: float | None = None
    retry_last_in: float | None = None
    parallel: int = 1
    """Operations that may run at a time, by the batch's own limit and those that it shares with others."""
    starts_per_second: float | None = None
    """What rate budgets allow."""
    opens_in: float | None = None
    """When what holds the rest back opens by itself."""
    full_limit: str | None = None
    """What holds the rest back and opens only when others end, in words."""
    waits_for_batch: bool = False
    worker_count: int = 1

    @property
    def ended_count(self) -> int:
        """Operations whose end says something about the pace."""
        return sum(count for _, count in self._measured)

    @property
    def typical(self) -> tuple[float, ...]:
        """How long operations take, sorted: this batch's own, or those of before."""
        return tuple(sorted(self.durations if len(self.durations) >= TRUSTED_ENDS else self.history))

    @property
    def rate(self) -> float | None:
        """Operations that end per second; the last ones count most."""
        if self.ended_count < TRUSTED_ENDS:
            return None
        spans = [span for span, _ in self._spans()]
        long = quantile(sorted(self.durations), 0.9) if self.durations else 0.0
        # With all slots busy no silence is longer than an operation, so that is no outlier yet.
        longest = max(_OUTLIER * quantile(sorted(spans), 0.9), 2 * long)
        even = [(min(span, longest), count) for span, count in self._spans()]
        return _weighted_rate(even, window=max(_SHORTEST_WINDOW, _WINDOW_WAVES * long))

    @property
    def silence(self) -> float | None:
        """For how long nothing has happened, pauses aside."""
        return None if self.last_event_ago is None else self._active(self.last_event_ago)

    @property
    def _measured(self) -> tuple[tuple[float, int], ...]:
        began = self.began_ago
        return tuple(end for end in self.ends if began is not None and end[0] < began)

    def _spans(self) -> list[tuple[float, int]]:
        """Return the time before each end since the one before it, and how many ended; the newest first."""
        times = [self._active(ago) for ago, _ in self._measured]
        before = [*times[1:], self._active(self.began_ago or 0.0)]
        closed = [
            (earlier - time, count)
            for time, earlier, (_, count) in zip(times, before, self._measured, strict=True)
        ]
        return [(times[0], 0), *closed]

    def _active(self, ago: float) -> float:
        return ago - sum(max(0.0, min(begin, ago) - end) for begin, end in self.pauses)


def quantile(ordered: Sequence[float], share: float) -> float:
    """Return the value that *share* of the others do not exceed; below 1 never the largest of several."""
    return ordered[int((len(ordered) - 1) * share)]


def _weighted_rate(spans: Sequence[tuple[float, int]], *, window: float) -> float | None:
    window = max(window, sum(span for span, _ in spans[: _WINDOW_EVENTS + 1]))
    ago = ended = waited = 0.0
    for span, count in spans:
        # What ended is weighted like the time before it, or an even pace would not come out even.
        weight = math.exp(-(ago + span / 2) / window)
        ended += weight * count
        waited += weight * span
        ago += span
    return ended / waited if waited > 0 else None
