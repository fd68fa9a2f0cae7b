from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fanfold.batches.lifecycle import BatchState
from fanfold.batches.model import Counts
from fanfold.batches.progress import Pace, Progress, progress_of

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)


def counts(**given: int) -> Counts:
    states = dict.fromkeys(("pending", "running", "completed", "failed", "skipped", "cancelled"), 0) | given
    return Counts(total=sum(states.values()), **states)


def pace(ended: int, seconds: float, *, silence: float = 0, **given: Any) -> Pace:
    """So many ends in so many seconds; the last one a while ago."""
    last = NOW - timedelta(seconds=silence)
    began = NOW - timedelta(seconds=seconds)
    return Pace(NOW, ended, began, last if ended else None, last, **given)


def progress(
    shown: Counts, when: Pace | None, *, status: BatchState = BatchState.RUNNING, age: float = 0
) -> Progress:
    return progress_of(shown, status, created_at=NOW - timedelta(seconds=age), pace=when)


def test_the_percentage_counts_what_ended_however_it_did():
    shown = progress(counts(completed=1, failed=1, skipped=1, cancelled=1, running=2, pending=2), pace(4, 10))
    assert shown.percent_complete == 50.0


@pytest.mark.parametrize("status", [BatchState.COMPLETED, BatchState.PARTIAL, BatchState.FAILED])
def test_what_has_ended_is_complete_and_takes_no_time(status: BatchState):
    shown = progress(counts(completed=3), None, status=status)
    assert (shown.percent_complete, shown.eta) == (100.0, timedelta(0))


def test_the_estimate_is_what_remains_by_the_pace():
    shown = progress(counts(completed=50, running=5, pending=45), pace(50, 100))
    assert shown.rate_per_second == 0.5
    assert shown.eta == timedelta(seconds=100)


def test_the_range_holds_the_estimate_and_narrows_with_what_is_known():
    few = progress(counts(completed=4, running=5, pending=45), pace(4, 8))
    many = progress(counts(completed=400, running=5, pending=45), pace(400, 800))
    assert few.eta == many.eta
    for shown in (few, many):
        assert shown.eta_low < shown.eta < shown.eta_high
    assert few.eta_high - few.eta_low > many.eta_high - many.eta_low


def test_the_range_is_never_absurd():
    shown = progress(counts(completed=3, running=5, pending=45), pace(3, 3))
    assert shown.eta_low >= shown.eta / 4
    assert shown.eta_high <= shown.eta * 4


@pytest.mark.parametrize("ended", [0, 1, 2])
def test_nothing_is_estimated_from_too_little(ended: int):
    shown = progress(counts(completed=ended, running=5, pending=5), pace(ended, 60))
    assert shown.rate_per_second is None
    assert shown.eta is None
    assert shown.eta_low is None


def test_a_queue_that_nobody_takes_from_stalls():
    waiting = counts(pending=5)
    queued = BatchState.QUEUED
    assert not progress(waiting, Pace(NOW), status=queued, age=30).stalled
    assert progress(waiting, Pace(NOW), status=queued, age=90).stalled


def test_long_operations_are_no_stall():
    shown = progress(counts(completed=5, running=5, pending=5), pace(5, 1800, silence=900))
    assert not shown.stalled


def test_silence_far_longer_than_operations_take_is_a_stall_and_ends_the_estimate():
    shown = progress(counts(completed=50, running=5, pending=45), pace(50, 200, silence=100))
    assert shown.stalled
    assert shown.eta is None


def test_the_first_wave_is_never_a_stall():
    shown = progress(counts(running=5, pending=5), pace(0, 1500, silence=1500))
    assert not shown.stalled


def test_a_paused_batch_neither_stalls_nor_promises():
    shown = progress(counts(completed=50, pending=50), pace(50, 600, silence=300), status=BatchState.PAUSED)
    assert not shown.stalled
    assert shown.eta is None


def test_the_current_operation_is_shown_only_while_something_runs():
    working = pace(5, 10, current_operation="Instance 7")
    assert progress(counts(completed=5, running=1), working).current_operation == "Instance 7"
    assert progress(counts(completed=5, pending=1), working).current_operation is None
