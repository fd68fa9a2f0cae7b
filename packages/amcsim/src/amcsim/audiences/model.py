"""A rule-based audience: what is asked for, where it stands, and how each version of the API shows it (AMC
rule-based audiences API).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from amcsim import noise
from amcsim.executions.model import Execution, Status
from amcsim.executions.window import WINDOW_FORMAT, Window
from amcsim.workflows import ApiModel, InputParameter

AdvertiserType = Literal["DISPLAY", "SPONSORED_ADS"]
_DEACTIVATED_AFTER = timedelta(days=30)
_SINCE_1_1 = {"audienceCount", "dspCanonicalId"}
_SINCE_1_2 = {
    "advertiserType",
    "audienceType",
    "deletable",
    "inputParameters",
    "lookalikeAudienceExpectedReach",
    "parameterValues",
    "workflowId",
}


class AudienceStatus(StrEnum):
    """Where an audience stands."""

    PENDING = "PENDING"
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    DEACTIVATED = "DEACTIVATED"


class AudienceQuery(ApiModel):
    """Which people: a query or a saved workflow, and the window that it reads."""

    query: str | None = Field(None, min_length=1)
    workflow_id: str | None = Field(None, min_length=1)
    input_parameters: list[InputParameter] = Field(default_factory=list[InputParameter], max_length=100)
    parameter_values: dict[str, Any] = Field(default_factory=dict[str, Any], max_length=100)
    time_window_start: datetime
    time_window_end: datetime
    time_window_relative: bool = False
    advertiser_id: str = Field(min_length=1)
    audience_name: str = Field(min_length=1)
    audience_description: str | None = None
    country_code: str | None = None

    @field_validator("time_window_start", "time_window_end")
    @classmethod
    def _as_utc(cls, moment: datetime) -> datetime:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)

    @model_validator(mode="after")
    def _refuse_what_does_not_fit(self) -> Self:
        if (self.query is None) == (self.workflow_id is None):
            raise ValueError("exactly one of query and workflowId must be provided")
        if self.time_window_start >= self.time_window_end:
            raise ValueError("timeWindowStart must be before timeWindowEnd")
        return self

    def window(self, moved: timedelta = timedelta(0)) -> Window:
        """Return the window, *moved* forward when it goes with the refreshes."""
        by = moved if self.time_window_relative else timedelta(0)
        start, end = self.time_window_start + by, self.time_window_end + by
        originals = (moment.strftime(WINDOW_FORMAT) for moment in (start, end))
        return Window(start, end, *originals, timezone="UTC")


class AudienceRequest(AudienceQuery):
    """The body of a create."""

    refresh_rate_days: int = Field(21, ge=0, le=21)


class LookalikeRequest(AudienceQuery):
    """The body of a create of people who are like those of the query."""

    refresh_rate_days: int = Field(21, ge=7, le=21)
    lookalike_audience_expected_reach: Literal["MOST_SIMILAR", "SIMILAR", "BALANCED", "BROAD", "MOST_BROAD"]


class AudienceUpdate(AudienceQuery):
    """The body of an update: what must stay as it is has to be given too."""

    audience_type: Literal["RULE_BASED", "LOOKALIKE"]
    lookalike_audience_expected_reach: str | None = None


@dataclass(slots=True, kw_only=True)
class Audience:
    """One audience; `run` is the execution that decides what is shown, `refresh` the one on its way."""

    audience_id: str
    instance_id: str
    advertiser_type: AdvertiserType
    asked: AudienceRequest | LookalikeRequest
    sql_query: str
    created_at: datetime
    run: Execution
    refresh: Execution | None = None
    refreshes: int = 0

    @property
    def audience_type(self) -> str:
        """RULE_BASED or LOOKALIKE."""
        return "LOOKALIKE" if isinstance(self.asked, LookalikeRequest) else "RULE_BASED"

    @property
    def window(self) -> Window:
        """The window of the newest run that has ended."""
        return self.run.request.window

    def status(self, now: datetime) -> AudienceStatus:
        """Return where it stands: what is not refreshed is switched off after thirty days."""
        if self.run.status is Status.SUCCEEDED:
            old = self.asked.refresh_rate_days == 0 and now >= self.created_at + _DEACTIVATED_AFTER
            return AudienceStatus.DEACTIVATED if old else AudienceStatus.SUCCEEDED
        if self.run.status.terminal:
            return AudienceStatus.FAILED
        return AudienceStatus(self.run.status.value)

    def refreshes_due(self, now: datetime) -> int:
        """Return how often it should have been refreshed by *now*."""
        rate = timedelta(days=self.asked.refresh_rate_days)
        return (now - self.created_at) // rate if rate else 0

    def as_json(self, now: datetime, *, minor: int) -> dict[str, Any]:
        """Return the API's shape of version 1.*minor*."""
        status = self.status(now)
        shown = self.asked.model_dump(mode="json", by_alias=True, exclude_none=True) | {
            "audienceExecutionId": self.audience_id,
            "instanceId": self.instance_id,
            "query": self.sql_query,
            "timeWindowStart": _utc(self.window.start),
            "timeWindowEnd": _utc(self.window.end),
            "createTime": _utc(self.created_at),
            "status": status.value,
            "advertiserType": self.advertiser_type,
            "audienceType": self.audience_type,
            "deletable": status in {AudienceStatus.FAILED, AudienceStatus.SUCCEEDED},
            "no3pTrackers": True,
        }
        if self.run.reason is not None:
            shown["statusReason"] = self.run.reason
        shown |= self._activated_json()
        hidden = (_SINCE_1_2 | {"no3pTrackers"} if minor < 2 else set[str]()) | (  # noqa: PLR2004 -- version 1.2
            _SINCE_1_1 if minor < 1 else set[str]()
        )
        return {name: value for name, value in shown.items() if name not in hidden}

    def _activated_json(self) -> dict[str, Any]:
        computed, ended = self.run.computed, self.run.finished_at
        if computed is None or ended is None:
            return {}
        number = noise.below(10**9, self.audience_id, "dsp")
        shown: dict[str, Any] = {
            "lastRefreshedTime": _utc(ended),
            "dspAudienceId": str(number),
            "dspCanonicalId": str(10**17 + number),
        }
        if self.audience_type == "RULE_BASED":
            shown["audienceCount"] = computed.row_count
        return shown


def _utc(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
