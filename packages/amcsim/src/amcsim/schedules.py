"""Schedules of an instance: daily or weekly runs of saved workflows, due on the simulator's clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from pydantic import Field

from amcsim.errors import BadRequest, NotFound
from amcsim.executions.window import WINDOW_FORMAT, Window
from amcsim.workflows import ApiModel, refuse_id

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
Day = Literal["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


class Schedule(ApiModel):
    """A schedule as the API takes and gives it; the hour is midnight unless given (inferred)."""

    schedule_id: str = Field(min_length=1)
    workflow_id: str = Field(min_length=1)
    aggregation_period: Literal["Daily", "Weekly"]
    aggregation_start_day: Day | None = None
    aggregation_hour_utc: int = Field(0, ge=0, le=23)
    schedule_enabled: bool = True
    require_synthetic_data: bool = False
    disable_aggregation_controls: bool = False
    marketplace_id: str | None = None

    @property
    def period(self) -> timedelta:
        """Return how far two runs lie apart, which is also the length of their windows."""
        return timedelta(days=7 if self.aggregation_period == "Weekly" else 1)

    def window(self, nominal: datetime) -> Window:
        """Return the window of the run that is due at *nominal*: the period up to the hour."""
        start = nominal - self.period
        return Window(
            start=start,
            end=nominal,
            start_original=start.strftime(WINDOW_FORMAT),
            end_original=nominal.strftime(WINDOW_FORMAT),
            timezone="UTC",
        )

    def next_after(self, moment: datetime) -> datetime:
        """Return the first moment after *moment* at which a run is due."""
        due = moment.astimezone(UTC).replace(
            hour=self.aggregation_hour_utc, minute=0, second=0, microsecond=0
        )
        if self.aggregation_period == "Weekly" and self.aggregation_start_day is not None:
            due += timedelta(days=(_DAYS.index(self.aggregation_start_day) - due.weekday()) % 7)
        return due if due > moment else due + self.period


@dataclass(slots=True)
class _Planned:
    schedule: Schedule
    next_at: datetime


class ScheduleBook:
    """The schedules of one instance and when each is due next."""

    def __init__(self) -> None:
        self._planned: dict[str, _Planned] = {}

    def listed(self, marketplace_id: str | None) -> list[Schedule]:
        """Return those of *marketplace_id*, or all, in the order of their ids; one that names no
        marketplace is in each.
        """
        return [
            planned.schedule
            for _, planned in sorted(self._planned.items())
            if marketplace_id is None or planned.schedule.marketplace_id in {None, marketplace_id}
        ]

    def get(self, schedule_id: str, marketplace_id: str | None = None) -> Schedule:
        """Return one; raises NotFound, also for one of another marketplace."""
        for schedule in self.listed(marketplace_id):
            if schedule.schedule_id == schedule_id:
                return schedule
        raise NotFound(f"Schedule with ID {schedule_id} does not exist.")

    def create(self, schedule: Schedule, *, now: datetime, duplicate_status: int = 400) -> None:
        """Add one; raises BadRequest for a taken or impossible id."""
        refuse_id("scheduleId", schedule.schedule_id)
        if schedule.schedule_id in self._planned:
            text = f"Schedule with ID {schedule.schedule_id} already exists."
            raise BadRequest(text, status=duplicate_status)
        self._plan(schedule, now)

    def replace(self, schedule_id: str, schedule: Schedule, *, now: datetime) -> None:
        """Put *schedule* in the place of what was; raises NotFound, BadRequest."""
        self.get(schedule_id)
        if schedule.schedule_id != schedule_id:
            raise BadRequest("scheduleId in the body must be the scheduleId in the path")
        self._plan(schedule, now)

    def delete(self, schedule_id: str, marketplace_id: str | None = None) -> None:
        """Remove one; raises NotFound."""
        self.get(schedule_id, marketplace_id)
        del self._planned[schedule_id]

    def refers_to(self, workflow_id: str) -> bool:
        """Return whether a schedule runs *workflow_id*."""
        return any(planned.schedule.workflow_id == workflow_id for planned in self._planned.values())

    def next_at(self) -> datetime | None:
        """Return when something is due next."""
        return min((planned.next_at for planned in self._planned.values()), default=None)

    def take_due(self, now: datetime) -> list[tuple[Schedule, datetime]]:
        """Return every run that came due up to *now*, oldest first; what is switched off is passed over."""
        due: list[tuple[Schedule, datetime]] = []
        for planned in self._planned.values():
            while planned.next_at <= now:
                if planned.schedule.schedule_enabled:
                    due.append((planned.schedule, planned.next_at))
                planned.next_at = planned.schedule.next_after(planned.next_at)
        return sorted(due, key=lambda run: run[1])

    def next_of(self, schedule_id: str) -> datetime | None:
        """Return when a schedule runs next, None while it is switched off."""
        planned = self._planned[schedule_id]
        return planned.next_at if planned.schedule.schedule_enabled else None

    def _plan(self, schedule: Schedule, now: datetime) -> None:
        if schedule.aggregation_period == "Weekly" and schedule.aggregation_start_day is None:
            # the day of the creation, as the reporting API says
            schedule = schedule.model_copy(
                update={"aggregation_start_day": _DAYS[now.astimezone(UTC).weekday()]}
            )
        self._planned[schedule.schedule_id] = _Planned(schedule, schedule.next_after(now))
