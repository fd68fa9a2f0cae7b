"""How users write down rates and quiet hours, of a batch and of any key."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from fanfold.limits.bounds import QuietHours
from fanfold.sdk.kind import Rate

LONGEST_SECONDS = 366 * 86_400
MOST = 2**31 - 1
"""The largest number that a column of counts holds."""

Seconds = Annotated[float, Field(ge=0.001, le=LONGEST_SECONDS, allow_inf_nan=False)]
TimeOfDay = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", examples=["22:00"])]


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid")


class RateForm(_Form):
    """How many operations may start per time; no window of that length sees more."""

    count: Annotated[int, Field(ge=1, le=MOST)]
    per_seconds: Seconds = 1

    def rate(self) -> Rate:
        """Return it as it is stored."""
        return Rate(self.count, timedelta(seconds=self.per_seconds))

    @classmethod
    def of(cls, rate: Rate) -> RateForm:
        """Show *rate*."""
        seconds = rate.per.total_seconds()
        return cls.model_construct(count=rate.count, per_seconds=seconds)


class QuietHoursForm(_Form):
    """When nothing may start; a period may pass midnight."""

    start: TimeOfDay
    end: TimeOfDay
    timezone: Annotated[str, Field(max_length=100, description="IANA name, e.g. Europe/Berlin")] = "UTC"
    days: Annotated[
        list[Annotated[int, Field(ge=1, le=7)]],
        Field(max_length=7, description="on which days it begins, Monday is 1; empty: on all"),
    ] = []

    def period(self) -> QuietHours:
        """Return it as it is stored."""
        start, end = time.fromisoformat(self.start), time.fromisoformat(self.end)
        return QuietHours(start, end, self.timezone, tuple(sorted(set(self.days))))

    @classmethod
    def of(cls, period: QuietHours) -> QuietHoursForm:
        """Show *period*."""
        return cls.model_construct(None, **{"days": [], **period.stored()})
