"""What the limit endpoints take and give."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from fanfold.access.paging import Page
from fanfold.limits.bounds import Bounds, BoundsChange
from fanfold.limits.forms import MOST, QuietHoursForm, RateForm
from fanfold.limits.model import BreakerCause, BreakerState, KeyState
from fanfold.limits.naming import title
from fanfold.limits.service import LimitView


class LimitChange(BaseModel):
    """What a person asks of a key; what is left out stays, null takes a bound away."""

    model_config = ConfigDict(extra="forbid")

    max_running: Annotated[int | None, Field(ge=1, le=MOST, description="units at work at a time")] = None
    rate: RateForm | None = None
    quiet_hours: Annotated[list[QuietHoursForm] | None, Field(max_length=50)] = None

    def change(self) -> BoundsChange:
        """Return it as the service takes it."""
        periods = tuple(form.period() for form in self.quiet_hours or ())
        bounds = Bounds(self.max_running, self.rate.rate() if self.rate else None, periods)
        return BoundsChange(bounds, frozenset(self.model_fields_set))


class BreakerCauseView(BaseModel):
    """Failures of one cause in a row."""

    fingerprint: str
    error_class: str
    message: Annotated[str | None, Field(description="null where it may speak of another user's work")]
    failure_count: int
    first_failed_at: datetime
    last_failed_at: datetime

    @classmethod
    def of(cls, cause: BreakerCause, *, tells_errors: bool) -> BreakerCauseView:
        """Show *cause*."""
        return cls(
            fingerprint=cause.fingerprint,
            error_class=str(cause.error.get("class", "")),
            message=str(cause.error.get("message", "")) if tells_errors else None,
            failure_count=cause.failure_count,
            first_failed_at=cause.first_failed_at,
            last_failed_at=cause.last_failed_at,
        )


class BreakerView(BaseModel):
    """Whether a target is left alone because it fails."""

    state: Annotated[
        BreakerState,
        Field(description="`open`: left alone until the next probe; `probing`: one operation may try"),
    ]
    since: datetime | None
    next_probe_at: datetime | None
    causes: list[BreakerCauseView]

    @classmethod
    def of(cls, state: KeyState, *, tells_errors: bool) -> BreakerView:
        """Show the breaker of a key."""
        return cls(
            state=state.breaker,
            since=state.opened_since,
            next_probe_at=state.probe_at,
            causes=[BreakerCauseView.of(cause, tells_errors=tells_errors) for cause in state.causes],
        )


class HolderView(BaseModel):
    """A job that holds a key now."""

    job_id: str
    name: str
    operations: int


class LimitShown(BaseModel):
    """A key as it stands."""

    key: Annotated[str, Field(examples=["amc.account:ENTITY1", "target:0190…", "global"])]
    title: str
    max_running: Annotated[int | None, Field(description="null: any number")]
    cap: Annotated[int | None, Field(description="what it bears now, less after too many requests")]
    in_use: int
    is_full: bool
    rate: RateForm | None
    rate_left: Annotated[int | None, Field(description="units that may still start now")]
    blocked_until: Annotated[datetime | None, Field(description="the remote side asked for a pause")]
    quiet_hours: list[QuietHoursForm]
    quiet_until: datetime | None
    opens_at: Annotated[datetime | None, Field(description="when time alone opens it")]
    pinned: Annotated[bool, Field(description="set by a person")]
    breaker: Annotated[BreakerView | None, Field(description="null: none watches it")]
    holders: list[HolderView]
    operations_of_others: int

    @classmethod
    def of(cls, view: LimitView) -> LimitShown:
        """Show *view*."""
        state, bounds = view.state, view.state.bounds
        breaker = BreakerView.of(state, tells_errors=view.tells_errors) if state.guarded else None
        return cls(
            key=state.key,
            title=title(state.key),
            max_running=bounds.max_running,
            cap=state.cap,
            in_use=state.in_use,
            is_full=state.room is not None and state.room <= 0,
            rate=RateForm.of(bounds.rate) if bounds.rate else None,
            rate_left=state.rate_room,
            blocked_until=state.blocked_until,
            quiet_hours=[QuietHoursForm.of(period) for period in bounds.quiet_hours],
            quiet_until=state.quiet_until,
            opens_at=state.opens_at,
            pinned=state.pinned,
            breaker=breaker,
            holders=[
                HolderView(job_id=one.batch_id, name=one.name, operations=one.operation_count)
                for one in view.holdings
            ],
            operations_of_others=view.others_count,
        )


class LimitList(Page[LimitShown]):
    """A page of limits."""
