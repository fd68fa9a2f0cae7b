"""When an unfinished batch will have ended: an estimate with a range, and what it rests on.

What waits takes as long as the pace says; then comes the last wave, for as long as operations take. A lone
straggler, a late retry and a limit that opens late each set an end of their own, and the latest counts.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from fanfold.batches.model import Counts
from fanfold.batches.pace import TRUSTED_ENDS, Pace, quantile

Basis = Literal["pace", "history"]

_Z = 1.64
"""Ends of operations are counted as a Poisson process; the range covers 90 % of it."""
_WIDEST = 4.0
"""The range is never wider than a quarter to four times the estimate."""
_SHARES = (0.1, 0.5, 0.9)
"""Of the durations, for the low end, the estimate and the high end."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """How long it will take from now on."""

    middle: timedelta
    low: timedelta
    high: timedelta
    basis: Basis


def estimated(counts: Counts, pace: Pace) -> Estimate | None:
    """Return the estimate; None while nothing is known that it could rest on."""
    if pace.waits_for_batch or (not counts.pending and not counts.running):
        return None
    rate, basis = pace.rate, "pace"
    if rate is None:
        if len(pace.history) < TRUSTED_ENDS:
            return None
        rate, basis = _rate_of_history(pace, waiting=counts.pending + counts.running), "history"
    if not pace.typical or not rate:
        return None
    known = pace.ended_count if basis == "pace" else len(pace.history)
    low, middle, high = (
        _delay(counts, pace) + max(_by_pace(counts, pace, queue=queue, share=share), _by_retries(pace, share))
        for queue, share in zip(_queue(counts, rate, known=known), _SHARES, strict=True)
    )
    return Estimate(
        timedelta(seconds=middle),
        timedelta(seconds=min(middle, max(low, middle / _WIDEST))),
        timedelta(seconds=max(middle, min(high, middle * _WIDEST))),
        "pace" if basis == "pace" else "history",
    )


def _rate_of_history(pace: Pace, *, waiting: int) -> float:
    slots = max(1, min(pace.parallel, waiting))
    rate = slots / max(quantile(pace.typical, 0.5), 1e-3)
    return rate if pace.starts_per_second is None else min(rate, pace.starts_per_second)


def _queue(counts: Counts, rate: float, *, known: int) -> tuple[float, float, float]:
    seconds = counts.pending / rate
    spread = _Z / math.sqrt(known)
    return seconds / (1 + spread), seconds, seconds / max(1 - spread, 1 / _WIDEST)


def _by_pace(counts: Counts, pace: Pace, *, queue: float, share: float) -> float:
    """Return when the last of what waits has ended, and not before those that are at work."""
    last_wave = queue + quantile(pace.typical, share) if counts.pending > pace.retry_count else 0.0
    if not counts.running:
        return last_wave
    ages = (pace.longest_seconds or 0.0, pace.shortest_seconds or 0.0)
    return max(last_wave, *(_remaining(pace.typical, age, share=share) for age in ages))


def _by_retries(pace: Pace, share: float) -> float:
    if not pace.retry_count or pace.retry_last_in is None:
        return 0.0
    return max(0.0, pace.retry_last_in) + quantile(pace.typical, share)


def _remaining(typical: Sequence[float], age: float, *, share: float) -> float:
    """Return how much longer an operation of this age takes: like those that took longer than it did."""
    longer = [duration - age for duration in typical if duration > age]
    if longer:
        return quantile(longer, share)
    # Older than any: what has lasted so long may well last as long again.
    return age * share


def _delay(counts: Counts, pace: Pace) -> float:
    """Return for how long nothing can start, while nothing is at work either."""
    return 0.0 if counts.running or pace.opens_in is None else max(0.0, pace.opens_in)
