"""One execution: the request as accepted, its state, and how the API shows it."""

from __future__ import annotations

from asyncio import Future
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal

from amcsim.executions.readiness import Gap
from amcsim.executions.window import Window
from amcsim.roster import Instance
from amcsim.sql.compiled import Compiled
from amcsim.sql.options import Filtering
from amcsim.workflows import DeclaredColumn, InputParameter, OutputFormat

_KEPT_FOR = timedelta(hours=24)


class Status(StrEnum):
    """Where an execution stands; REJECTED is a refusal at validation."""

    PENDING = "PENDING"
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"
    REJECTED = "REJECTED"

    @property
    def terminal(self) -> bool:
        """Whether nothing follows."""
        return self not in {Status.PENDING, Status.RUNNING}


@dataclass(frozen=True, slots=True)
class OutputColumn:
    """One column of a result as `outputColumns` describes it."""

    name: str
    column_type: str
    data_type: str
    precision: int | None = None
    scale: int | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the API's shape."""
        shown: dict[str, Any] = {
            "name": self.name,
            "columnType": self.column_type,
            "dataType": self.data_type,
        }
        if self.precision is not None:
            shown |= {"precision": self.precision, "scale": self.scale}
        return shown


@dataclass(frozen=True, slots=True)
class Computed:
    """What the engine made of one execution."""

    files: tuple[Path, ...]
    columns: tuple[OutputColumn, ...]
    row_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionRequest:
    """What was asked, checked for form; the SQL is not compiled yet."""

    instance: Instance
    workflow_id: str
    sql_query: str
    input_parameters: tuple[InputParameter, ...]
    parameter_values: dict[str, Any]
    window: Window
    timeout_seconds: int
    dry_run: bool
    skip_publish: bool
    disable_aggregation_controls: bool
    synthetic_data: bool
    distinct_user_count_column: str | None
    privacy_filtering_behavior: Filtering | None = None
    filtered_metrics_discriminator_column: str | None = None
    filtered_reason_column: str | None = None
    output_columns: tuple[DeclaredColumn, ...] | None = None
    output_format: OutputFormat | None = None
    ignore_data_gaps: bool = False
    advertisers: tuple[dict[str, Any], ...] | None = None
    scheduled: bool = False
    file_stem: str | None = None
    """What its result files are called; the workflow's id when None."""
    folder: Literal["adhoc", "daily", "weekly"] = "adhoc"
    """Where a linked bucket keeps its files."""
    audience_for: Literal["DISPLAY", "SPONSORED_ADS"] | None = None
    """The advertiser for whom people are counted, None when rows are asked for."""
    is_seed: bool = False
    """Whether those people are the seed of a lookalike audience."""

    def with_window(self, window: Window) -> ExecutionRequest:
        """Return the same request over another window."""
        return replace(self, window=window)


@dataclass(slots=True, kw_only=True)
class Execution:
    """A request on its way; only the runner changes it."""

    execution_id: str
    ordinal: int
    request: ExecutionRequest
    created_at: datetime
    updated_at: datetime
    compilation: Future[Compiled]
    validate_at: datetime
    wait_until: datetime | None = None
    """Before this moment a scheduled run does not start."""
    complete_at: datetime | None = None
    """When the data that it waits for are complete."""
    gaps: tuple[Gap, ...] = ()
    status: Status = Status.PENDING
    reason: str | None = None
    validated_at: datetime | None = None
    started_at: datetime | None = None
    finish_at: datetime | None = None
    finished_at: datetime | None = None
    computation: Future[Computed] | None = None
    computed: Computed | None = field(default=None)
    warnings: tuple[str, ...] = ()

    @property
    def startable_at(self) -> datetime | None:
        """Return the moment before which it does not start, None when nothing holds it."""
        held = [moment for moment in (self.wait_until, self.complete_at) if moment is not None]
        return max(held, default=None)

    @property
    def deadline(self) -> datetime | None:
        """Return when its own time-out ends it, None before it runs."""
        if self.started_at is None:
            return None
        return self.started_at + timedelta(seconds=self.request.timeout_seconds)

    def rescale(self, now: datetime, ratio: float) -> None:
        """Multiply what is left of its durations by *ratio*; moments of data and time-outs stay."""
        if self.validated_at is None:
            self.validate_at = _rescaled(self.validate_at, now, ratio)
        if self.wait_until is not None:
            self.wait_until = _rescaled(self.wait_until, now, ratio)
        deadline = self.deadline
        if self.finish_at is not None and deadline is not None and self.finish_at < deadline:
            self.finish_at = min(_rescaled(self.finish_at, now, ratio), deadline)

    def channels_json(self) -> list[dict[str, Any]]:
        """Return the specification's `outputChannels`: the download, and whether it is there."""
        waiting = "UNAVAILABLE" if self.status.terminal else "PENDING"
        there = self.computed is not None and bool(self.computed.files)
        channel: dict[str, Any] = {
            "channel": {"type": "DOWNLOAD"},
            "status": "AVAILABLE" if there else waiting,
        }
        if channel["status"] == "UNAVAILABLE":
            channel["statusReason"] = self.reason or "The execution did not write a result."
        return [channel]

    def as_json(self, *, include_sql: bool = False) -> dict[str, Any]:
        """Return the API's execution object."""
        request = self.request
        window = request.window
        shown: dict[str, Any] = {
            "workflowExecutionId": self.execution_id,
            "workflowId": request.workflow_id,
            "status": self.status.value,
            "createTime": _utc(self.created_at),
            "lastUpdatedTime": _utc(self.updated_at),
            "expireTime": _utc(self.created_at + _KEPT_FOR),
            "waitUntil": _utc(self.startable_at or self.created_at - timedelta(hours=1)),
            "executionCategory": "SCHEDULED" if request.scheduled else "AD_HOC",
            "timeWindowStart": _utc(window.start),
            "timeWindowEnd": _utc(window.end),
            "timeWindowStartOriginal": window.start_original,
            "timeWindowEndOriginal": window.end_original,
            "timeWindowTimeZoneOriginal": window.timezone,
            "parameterValues": request.parameter_values,
            "workflowExecutionTimeoutSeconds": request.timeout_seconds,
            "disableAggregationControls": request.disable_aggregation_controls,
            "requireSyntheticData": request.synthetic_data,
            "ignoreDataGaps": request.ignore_data_gaps,
            "dataGaps": [gap.as_json() for gap in self.gaps],
        }
        if request.advertisers is not None:
            shown["advertisers"] = list(request.advertisers)
        if include_sql:
            shown["sqlQuery"] = request.sql_query
        return shown | self._progress_json()

    def _place(self) -> str:
        """Return where the first file stands in the linked bucket."""
        request = self.request
        if request.instance.bucket is None or self.computed is None or not self.computed.files:
            return "N/A"
        folder = f"workflow={request.workflow_id}/schedule={request.folder}"
        return f"s3://{request.instance.bucket}/{folder}/{self.computed.files[0].name}"

    def _progress_json(self) -> dict[str, Any]:
        shown: dict[str, Any] = {}
        if self.reason is not None:
            shown["statusReason"] = self.reason
        if self.validated_at is not None:
            shown["validatedTime"] = self.validated_at.isoformat(timespec="milliseconds").replace(
                "+00:00", "Z"
            )
        if self.computed is not None and self.status is Status.SUCCEEDED:
            started = self.started_at or self.created_at
            shown |= {
                "executionTime": round(((self.finished_at or started) - started).total_seconds()),
                "availableTimeBeforeWindowSecs": 0,
                "invalidationOffsetSecs": 266_400,
                "outputS3URI": self._place(),
                "outputColumns": [column.as_json() for column in self.computed.columns],
            }
        return shown


def _rescaled(moment: datetime, now: datetime, ratio: float) -> datetime:
    return moment if moment <= now else now + (moment - now) * ratio


def _utc(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
