"""Whether a batch that should move does not, and why, in words for its user; and what counts as slow."""

from __future__ import annotations

from datetime import datetime, timedelta

from fanfold.batches.lifecycle import BatchState
from fanfold.batches.model import Counts
from fanfold.batches.pace import TRUSTED_ENDS, Pace, quantile

_FLOOR_SECONDS = 60.0
"""No silence shorter than this is a stall."""
_STALL_FACTOR = 3.0
"""A batch stalls when nothing happened for so many times the time that long operations take."""
_SLOW_FACTOR = 3.0
"""An operation is slow after so many times the time that long operations take (the ninth of ten)."""
_SLOW_FLOOR_SECONDS = 10.0
_SLOW_NEEDS = 5
"""Ended operations, before one can be called slow."""
_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400


def stall_of(counts: Counts, status: BatchState, *, pace: Pace, created_at: datetime) -> str | None:
    """Return why the batch does not move although it should; None if it moves or need not."""
    if status not in {BatchState.QUEUED, BatchState.RUNNING, BatchState.CANCELLING}:
        return None
    silence = pace.silence
    if silence is None:
        silence = (pace.now - created_at).total_seconds()
    if silence <= _FLOOR_SECONDS or (not counts.pending and not counts.running):
        return None
    if not pace.worker_count and not _waits_for_time(counts, pace):
        return "No worker shows a sign of life: start one with `fanfold worker`."
    return _silent_work(pace, silence) if counts.running else _silent_queue(counts, pace, silence=silence)


def slow_before(pace: Pace) -> datetime | None:
    """Return since when an operation must be at work to be called slow; None without enough to compare."""
    typical = pace.typical
    if len(typical) < _SLOW_NEEDS:
        return None
    return pace.now - timedelta(seconds=max(_SLOW_FLOOR_SECONDS, _SLOW_FACTOR * quantile(typical, 0.9)))


def _waits_for_time(counts: Counts, pace: Pace) -> bool:
    """Whether all that is left waits for a time that will come: a retry, quiet hours, another batch."""
    if counts.running:
        return False
    opens_later = pace.opens_in is not None and pace.opens_in > 0
    return pace.waits_for_batch or opens_later or pace.retry_count >= counts.pending


def _silent_queue(counts: Counts, pace: Pace, *, silence: float) -> str | None:
    if _waits_for_time(counts, pace):
        return None
    waiting = "operation waits" if counts.pending == 1 else "operations wait"
    reason = f": {pace.full_limit}" if pace.full_limit else ""
    return f"Nothing has started for {in_words(silence)} although {counts.pending} {waiting}{reason}."


def _silent_work(pace: Pace, silence: float) -> str | None:
    typical = pace.typical
    if len(typical) < TRUSTED_ENDS:
        return None
    long = quantile(typical, 0.9)
    if silence <= _STALL_FACTOR * long:
        return None
    usual = f"operations usually take {in_words(quantile(typical, 0.5))}"
    oldest = f" {pace.longest_operation} is at work for {in_words(pace.longest_seconds or silence)}."
    return f"Nothing has ended for {in_words(silence)}; {usual}.{oldest if pace.longest_operation else ''}"


def in_words(seconds: float) -> str:
    """Return a duration as people say it, in one unit."""
    for size, unit in ((_DAY, "d"), (_HOUR, "h"), (_MINUTE, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s" if seconds >= 1 else "less than a second"
