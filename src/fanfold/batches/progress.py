"""How far a batch is, how fast it goes, and when it will have ended, from its counters and its pace.

The cost does not grow with the number of operations. An estimate is given only when it can be trusted, with a
range; a batch that should have moved and did not is called stalled.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from fanfold.batches.estimate import Basis, estimated
from fanfold.batches.lifecycle import TERMINAL_BATCH_STATES, BatchState
from fanfold.batches.model import Counts
from fanfold.batches.pace import Pace
from fanfold.batches.stalling import slow_before, stall_of

_NOTHING = timedelta(0)


@dataclass(frozen=True, slots=True)
class Progress:
    """What progress bars show."""

    counts: Counts
    percent_complete: float
    current_operations: tuple[str, ...] = ()
    rate_per_second: float | None = None
    eta: timedelta | None = None
    eta_low: timedelta | None = None
    eta_high: timedelta | None = None
    eta_basis: Basis | None = None
    stalled_reason: str | None = None
    slow_before: datetime | None = None
    """What is at work since before this takes unusually long."""

    @property
    def stalled(self) -> bool:
        """Whether nothing happens although something should."""
        return self.stalled_reason is not None

    @property
    def current_operation(self) -> str | None:
        """The target that is being worked on, of several the one begun last."""
        return self.current_operations[0] if self.current_operations else None


def progress_of(counts: Counts, status: BatchState, *, created_at: datetime, pace: Pace | None) -> Progress:
    """Return the progress; *pace* is None for a batch that has ended."""
    ended = counts.total - counts.pending - counts.running
    percent = round(100 * ended / counts.total, 2) if counts.total else 0.0
    if status in TERMINAL_BATCH_STATES:
        return Progress(counts, 100.0, eta=_NOTHING, eta_low=_NOTHING, eta_high=_NOTHING)
    if pace is None:
        return Progress(counts, percent)
    moving = status in {BatchState.QUEUED, BatchState.RUNNING, BatchState.CANCELLING}
    stalled_reason = stall_of(counts, status, pace=pace, created_at=created_at)
    estimate = estimated(counts, pace) if moving and stalled_reason is None else None
    return Progress(
        counts,
        percent,
        current_operations=pace.current_operations if counts.running else (),
        rate_per_second=pace.rate,
        eta=estimate.middle if estimate else None,
        eta_low=estimate.low if estimate else None,
        eta_high=estimate.high if estimate else None,
        eta_basis=estimate.basis if estimate else None,
        stalled_reason=stalled_reason,
        slow_before=slow_before(pace),
    )
