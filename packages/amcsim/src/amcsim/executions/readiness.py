"""Whether the data of a window are complete, and what their absence means for an execution."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from amcsim.executions.window import Window
from amcsim.options import ApiOptions


@dataclass(frozen=True, slots=True)
class Gap:
    """A part of a window without its data; the shape in which AMC lists gaps is unpublished."""

    start: datetime
    end: datetime
    reason: str
    outcome: Literal["report", "reject", "fail"]

    @property
    def fails(self) -> bool:
        """Whether it lets executions end FAILED, where others are REJECTED."""
        return self.outcome == "fail"

    def as_json(self) -> dict[str, Any]:
        """Return its entry in `dataGaps`."""
        return {
            "start": self.start.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "end": self.end.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "reason": self.reason,
        }


def complete_at(window: Window, *, options: ApiOptions) -> datetime:
    """Return when every moment of *window* has its data."""
    return window.end + timedelta(hours=options.data_delay_hours)


def recent_gaps(window: Window, *, now: datetime, options: ApiOptions) -> Iterable[Gap]:
    """Yield the part of *window* whose data are not complete at *now*, unless that does not matter."""
    complete_until = now - timedelta(hours=options.data_delay_hours)
    if options.recent_data == "accept" or window.end <= complete_until:
        return
    reason = f"Data is complete {options.data_delay_hours} hours after its time."
    outcome = "reject" if options.recent_data == "reject" else "report"
    yield Gap(max(window.start, complete_until), window.end, reason, outcome)


def refusal_of(gaps: Iterable[Gap], *, ignored: bool) -> Gap | None:
    """Return the gap that keeps an execution from running, None when nothing does."""
    if ignored:
        return None
    return next((gap for gap in gaps if gap.outcome != "report"), None)
