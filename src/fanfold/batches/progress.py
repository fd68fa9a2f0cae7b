"""How far a batch is, how fast it goes, and when it will have ended, from its counters and its last events.

The cost does not grow with the number of operations. An estimate is given only when it can be trusted, with a
range; a batch that should have moved and did not is called stalled.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from fanfold.batches.lifecycle import TERMINAL_BATCH_STATES, BatchState
from fanfold.batches.model import Counts

TRUSTED_ENDS = 3
"""Fewer ends than this say nothing about the pace."""
_Z = 1.64
"""Ends of operations are counted as a Poisson process; the range covers 90 % of it."""
_WIDEST = 4.0
"""The range is never wider than a quarter to four times the estimate."""
_STALL_FLOOR = timedelta(seconds=60)
_STALL_FACTOR = 3
"""A batch stalls when nothing happened for so many times the mean duration of its operations."""


@dataclass(frozen=True, slots=True)
class Pace:
    """What an unfinished batch's last events say."""

    now: datetime
    ended_count: int = 0
    """Operations that ended since `began_at`."""
    began_at: datetime | None = None
    last_ended_at: datetime | None = None
    last_event_at: datetime | None = None
    current_operation: str | None = None
    """The name of a target that is being worked on, the one begun last."""


@dataclass(frozen=True, slots=True)
class Progress:
    """What progress bars show."""

    counts: Counts
    percent_complete: float
    current_operation: str | None = None
    rate_per_second: float | None = None
    eta: timedelta | None = None
    eta_low: timedelta | None = None
    eta_high: timedelta | None = None
    stalled: bool = False


def progress_of(counts: Counts, status: BatchState, *, created_at: datetime, pace: Pace | None) -> Progress:
    """Return the progress; *pace* is None for a batch that has ended."""
    ended = counts.total - counts.pending - counts.running
    percent = round(100 * ended / counts.total, 2) if counts.total else 0.0
    if status in TERMINAL_BATCH_STATES:
        return Progress(counts, 100.0, eta=timedelta(0), eta_low=timedelta(0), eta_high=timedelta(0))
    if pace is None:
        return Progress(counts, percent)
    rate = _rate(pace)
    moving = status in {BatchState.RUNNING, BatchState.CANCELLING}
    stalled = _is_stalled(counts, status, pace=pace, created_at=created_at)
    eta = _estimate(counts, rate) if moving and not stalled else None
    low, high = _range(eta, pace.ended_count)
    return Progress(
        counts,
        percent,
        current_operation=pace.current_operation if counts.running else None,
        rate_per_second=rate,
        eta=eta,
        eta_low=low,
        eta_high=high,
        stalled=stalled,
    )


def _rate(pace: Pace) -> float | None:
    if pace.began_at is None or pace.ended_count < TRUSTED_ENDS:
        return None
    seconds = (pace.now - pace.began_at).total_seconds()
    return pace.ended_count / seconds if seconds > 0 else None


def _estimate(counts: Counts, rate: float | None) -> timedelta | None:
    # While all slots are busy the rate is slots per mean duration, so the last wave needs no term of its own.
    return timedelta(seconds=(counts.pending + counts.running) / rate) if rate else None


def _range(eta: timedelta | None, ended_count: int) -> tuple[timedelta | None, timedelta | None]:
    if eta is None:
        return None, None
    spread = _Z / math.sqrt(ended_count)
    return eta / min(1 + spread, _WIDEST), eta * min(1 / max(1 - spread, 1 / _WIDEST), _WIDEST)


def _is_stalled(counts: Counts, status: BatchState, *, pace: Pace, created_at: datetime) -> bool:
    if status not in {BatchState.QUEUED, BatchState.RUNNING, BatchState.CANCELLING}:
        return False
    silence = pace.now - (pace.last_event_at or created_at)
    if not counts.running:
        return silence > _STALL_FLOOR
    expected = _mean_duration(counts, pace)
    return expected is not None and silence > max(_STALL_FLOOR, _STALL_FACTOR * expected)


def _mean_duration(counts: Counts, pace: Pace) -> timedelta | None:
    # Measured up to the last end, or the silence itself would stretch what is expected. Little's law.
    if pace.began_at is None or pace.last_ended_at is None or pace.ended_count < TRUSTED_ENDS:
        return None
    return (pace.last_ended_at - pace.began_at) * (counts.running / pace.ended_count)
