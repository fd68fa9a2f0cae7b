from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fanfold.batches.lifecycle import BatchState
from fanfold.batches.model import Counts
from fanfold.batches.pace import Pace
from fanfold.batches.progress import Progress, progress_of
from fanfold.batches.stalling import in_words

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
HOURS = 3600.0


def counts(**given: int) -> Counts:
    states = dict.fromkeys(("pending", "running", "completed", "failed", "skipped", "cancelled"), 0) | given
    return Counts(total=sum(states.values()), **states)


def pace(ended: int, seconds: float, *, silence: float = 0, slots: int = 5, **given: Any) -> Pace:
    """So many ends in so many seconds, evenly, by so many slots; then nothing for a while."""
    step = seconds / ended if ended else 0.0
    ends = tuple((silence + step * number, 1) for number in range(ended))
    known: dict[str, Any] = {
        "ends": ends,
        "began_ago": silence + seconds,
        "last_event_ago": silence,
        "durations": (step * slots,) * min(ended, 100),
        "parallel": slots,
    }
    return Pace(NOW, **(known | given))


def spans(*seconds: float, **given: Any) -> Pace:
    """One end after each of these times, the last one now."""
    ends = tuple((sum(seconds[number + 1 :]), 1) for number in reversed(range(len(seconds))))
    return Pace(NOW, ends=ends, began_ago=sum(seconds), last_event_ago=0, **given)


def progress(
    shown: Counts, when: Pace | None, *, status: BatchState = BatchState.RUNNING, age: float = 0
) -> Progress:
    return progress_of(shown, status, created_at=NOW - timedelta(seconds=age), pace=when)


def eta_of(shown: Counts, when: Pace) -> tuple[float, float, float]:
    """The low end, the estimate and the high end, in seconds."""
    found = progress(shown, when)
    return found.eta_low.total_seconds(), found.eta.total_seconds(), found.eta_high.total_seconds()


def test_the_percentage_counts_what_ended_however_it_did():
    shown = progress(counts(completed=1, failed=1, skipped=1, cancelled=1, running=2, pending=2), pace(4, 10))
    assert shown.percent_complete == 50.0


@pytest.mark.parametrize("status", [BatchState.COMPLETED, BatchState.PARTIAL, BatchState.FAILED])
def test_what_has_ended_is_complete_and_takes_no_time(status: BatchState):
    shown = progress(counts(completed=3), None, status=status)
    assert (shown.percent_complete, shown.eta) == (100.0, timedelta(0))


def test_the_estimate_is_what_waits_by_the_pace_and_a_last_wave():
    shown = progress(counts(completed=50, running=5, pending=45), pace(50, 100))
    assert shown.rate_per_second == pytest.approx(0.5)
    assert shown.eta.total_seconds() == pytest.approx(100)
    assert shown.eta_basis == "pace"


def test_the_range_holds_the_estimate_and_narrows_with_what_is_known():
    few = progress(counts(completed=4, running=5, pending=45), pace(4, 8))
    many = progress(counts(completed=400, running=5, pending=45), pace(400, 800))
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
    assert (shown.eta, shown.eta_low, shown.eta_basis) == (None, None, None)


def test_one_outlier_does_not_decide_the_rate():
    even = spans(*[10.0] * 30, durations=(10.0,) * 30)
    outlier = spans(*[10.0] * 20, 140 * HOURS, *[10.0] * 10, durations=(10.0,) * 29 + (140 * HOURS,))
    assert even.rate == pytest.approx(0.1)
    assert outlier.rate == pytest.approx(0.1, rel=0.35)
    low, middle, high = eta_of(counts(completed=31, running=1, pending=10), outlier)
    assert 60 < low < middle < high < 600


def test_ends_that_come_in_waves_are_no_outliers():
    wave = (30.0, *[0.01] * 19)
    shown = spans(*wave * 4, durations=(30.0,) * 80)
    assert shown.rate == pytest.approx(20 / 30, rel=0.25)


def test_the_last_ends_count_most():
    quicker = spans(*[10.0] * 40, *[1.0] * 100, durations=(2.0,) * 100)
    assert quicker.rate > 0.8


def test_a_pause_does_not_slow_the_pace():
    paused = Pace(
        NOW,
        began_ago=1100,
        last_event_ago=0,
        ends=tuple((10.0 * number, 1) for number in range(5)) + tuple((1050.0 + 10 * n, 1) for n in range(5)),
        pauses=((1045.0, 45.0),),
        durations=(10.0,) * 10,
    )
    assert paused.rate == pytest.approx(0.1, rel=0.1)


def test_a_pause_is_no_silence():
    shown = pace(50, 100, silence=600, pauses=((595.0, 5.0),))
    assert shown.silence == pytest.approx(10)
    assert not progress(counts(completed=50, running=5, pending=45), shown).stalled


def test_a_lone_straggler_takes_as_long_as_those_that_took_longer_than_it_did():
    durations: Sequence[float] = [10.0] * 80 + [100.0] * 20
    young = pace(100, 100, durations=tuple(durations), longest_seconds=1.0, shortest_seconds=1.0)
    older = pace(
        100, 100, silence=50, durations=tuple(durations), longest_seconds=50.0, shortest_seconds=50.0
    )
    last = counts(completed=100, running=1)
    assert eta_of(last, young)[1] == pytest.approx(9)
    assert eta_of(last, older)[1] == pytest.approx(50)


def test_a_straggler_older_than_any_may_last_as_long_again():
    old = pace(100, 100, durations=(10.0,) * 100, longest_seconds=40.0, shortest_seconds=40.0)
    low, middle, high = eta_of(counts(completed=100, running=1), old)
    assert low < middle < high
    assert middle == pytest.approx(20)


def test_the_estimate_waits_for_the_last_retry():
    late = pace(50, 100, retry_count=1, retry_first_in=300.0, retry_last_in=300.0)
    assert eta_of(counts(completed=50, pending=1), late)[1] == pytest.approx(310)


def test_an_early_retry_adds_nothing_to_a_long_queue():
    early = pace(50, 100, retry_count=1, retry_first_in=2.0, retry_last_in=2.0)
    assert eta_of(counts(completed=50, running=5, pending=45), early)[1] == pytest.approx(100)


def test_a_cold_batch_is_estimated_by_earlier_ones_and_says_so():
    cold = Pace(NOW, began_ago=1.0, last_event_ago=1.0, history=(8.0, 10.0, 12.0, 10.0, 10.0), parallel=5)
    shown = progress(counts(running=5, pending=45), cold)
    assert shown.eta.total_seconds() == pytest.approx(45 * 10 / 5 + 10, rel=0.1)
    assert shown.eta_basis == "history"
    assert shown.rate_per_second is None


def test_the_history_gives_way_to_the_pace():
    warm = pace(50, 100, history=(1000.0,) * 10)
    assert progress(counts(completed=50, running=5, pending=45), warm).eta.total_seconds() == pytest.approx(
        100
    )


def test_limits_that_a_batch_shares_slow_its_history():
    shared = Pace(NOW, history=(10.0,) * 5, parallel=2)
    assert eta_of(counts(pending=20), shared)[1] == pytest.approx(110)
    throttled = Pace(NOW, history=(10.0,) * 5, parallel=20, starts_per_second=0.1)
    assert eta_of(counts(pending=20), throttled)[1] == pytest.approx(210)


def test_what_opens_later_ends_later():
    closed = Pace(NOW, history=(10.0,) * 5, parallel=1, opens_in=3600.0)
    assert eta_of(counts(pending=2), closed)[1] == pytest.approx(3600 + 30)


def test_nobody_knows_when_another_batch_ends():
    assert progress(counts(pending=2), Pace(NOW, history=(10.0,) * 5, waits_for_batch=True)).eta is None


def test_a_queue_that_nobody_takes_from_stalls():
    waiting = counts(pending=5)
    queued = BatchState.QUEUED
    assert not progress(waiting, Pace(NOW), status=queued, age=30).stalled
    shown = progress(waiting, Pace(NOW), status=queued, age=150)
    assert shown.stalled_reason == "Nothing has started for 2 min although 5 operations wait."


def test_a_stall_names_the_limit_that_is_full():
    full = Pace(NOW, full_limit="account:X has 200 of 200 in use")
    shown = progress(counts(pending=1), full, status=BatchState.QUEUED, age=90)
    expected = "Nothing has started for 90 s although 1 operation waits: account:X has 200 of 200 in use."
    assert shown.stalled_reason == expected


@pytest.mark.parametrize("running", [0, 1])
def test_without_workers_nothing_moves_and_the_reason_says_so(running: int):
    lonely = Pace(NOW, last_event_ago=90.0, worker_count=0)
    shown = progress(counts(running=running, pending=5), lonely, age=90)
    assert shown.stalled_reason == "No worker shows a sign of life: start one with `fanfold worker`."


@pytest.mark.parametrize(
    "waiting",
    [
        {"retry_count": 5, "retry_first_in": 60.0, "retry_last_in": 600.0},
        {"opens_in": 600.0},
        {"waits_for_batch": True},
    ],
)
def test_to_wait_for_a_time_or_another_batch_is_no_stall(waiting: dict[str, Any]):
    shown = progress(counts(completed=5, pending=5), pace(5, 10, silence=500, worker_count=0, **waiting))
    assert shown.stalled_reason is None


def test_long_operations_are_no_stall():
    shown = progress(counts(completed=5, running=5, pending=5), pace(5, 1800, silence=900))
    assert not shown.stalled


def test_silence_far_longer_than_operations_take_is_a_stall_and_ends_the_estimate():
    silent = pace(50, 200, silence=100, longest_operation="Instance 7", longest_seconds=150.0)
    shown = progress(counts(completed=50, running=5, pending=45), silent)
    expected = "Nothing has ended for 100 s; operations usually take 20 s. Instance 7 is at work for 2 min."
    assert shown.stalled_reason == expected
    assert shown.eta is None


def test_the_first_wave_is_never_a_stall():
    shown = progress(counts(running=5, pending=5), pace(0, 1500, silence=1500))
    assert not shown.stalled


def test_a_paused_batch_neither_stalls_nor_promises():
    shown = progress(counts(completed=50, pending=50), pace(50, 600, silence=300), status=BatchState.PAUSED)
    assert not shown.stalled
    assert shown.eta is None


def test_current_operations_are_shown_only_while_something_runs():
    working = pace(5, 10, current_operations=("Instance 7", "Instance 6"))
    shown = progress(counts(completed=5, running=2), working)
    assert (shown.current_operation, shown.current_operations) == ("Instance 7", ("Instance 7", "Instance 6"))
    assert progress(counts(completed=5, pending=1), working).current_operation is None


def test_slow_is_over_three_times_what_nine_of_ten_take():
    shown = progress(counts(completed=100, running=1), pace(100, 1000, durations=(10.0,) * 90 + (20.0,) * 10))
    assert shown.slow_before == NOW - timedelta(seconds=30)


def test_slow_needs_others_to_compare_with_and_some_seconds():
    assert progress(counts(completed=4, running=1), pace(4, 40)).slow_before is None
    quick = progress(counts(completed=50, running=1), pace(50, 1))
    assert quick.slow_before == NOW - timedelta(seconds=10)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "less than a second"), (90, "90 s"), (150, "2 min"), (9000, "2 h"), (14 * 86_400, "14 d")],
)
def test_durations_are_said_in_one_unit(seconds: float, words: str):
    assert in_words(seconds) == words
