"""From the body of `POST /workflowExecutions` to a checked request."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from pydantic import Field

from amcsim.advertisers import Advertiser
from amcsim.config import SimulatorConfig
from amcsim.errors import BadRequest
from amcsim.executions.model import ExecutionRequest
from amcsim.executions.window import WindowRules, WindowType, resolve_window
from amcsim.options import ApiOptions
from amcsim.roster import Instance
from amcsim.schedules import Schedule
from amcsim.sql.options import Filtering
from amcsim.workflows import ApiModel, DeclaredColumn, OutputFormat, Workflow, WorkflowBook

_TIMEOUT_SECONDS = (900, 86_400)
_USUAL_TIMEOUT_SECONDS = 21_600
_COLUMNS = ("distinct_user_count_column", "filtered_metrics_discriminator_column", "filtered_reason_column")


class ExecutionBody(ApiModel):
    """The body as it comes (AMC reporting API); fields that this simulator does not act on are accepted."""

    workflow_id: str | None = None
    workflow: Workflow | None = None
    time_window_type: WindowType = WindowType.MOST_RECENT_DAY
    time_window_start: str | None = None
    time_window_end: str | None = None
    time_window_time_zone: str = "UTC"
    parameter_values: dict[str, Any] = Field(default_factory=dict[str, Any])
    workflow_execution_timeout_seconds: int = Field(
        _USUAL_TIMEOUT_SECONDS, ge=_TIMEOUT_SECONDS[0], le=_TIMEOUT_SECONDS[1]
    )
    dry_run: bool = False
    skip_publish: bool = False
    disable_aggregation_controls: bool = False
    require_synthetic_data: bool = False
    distinct_user_count_column: str | None = None
    privacy_filtering_behavior: Filtering | None = None
    filtered_metrics_discriminator_column: str | None = None
    filtered_reason_column: str | None = None
    ignore_data_gaps: bool = False
    advertisers: list[Advertiser] | None = None


def to_request(
    body: ExecutionBody, instance: Instance, *, book: WorkflowBook, now: datetime, config: SimulatorConfig
) -> ExecutionRequest:
    """Return what *body* asks for; raises BadRequest."""
    if config.api.run_columns == "ignore":
        body = body.model_copy(update=dict.fromkeys(_COLUMNS))
    workflow = _workflow(body, book, options=config.api)
    window = resolve_window(
        body.time_window_type,
        start=body.time_window_start,
        end=body.time_window_end,
        timezone=body.time_window_time_zone,
        now=now,
        rules=WindowRules(config.zulu_window, config.api.recent_week, config.api.window_rounding),
    )
    workflow_id = workflow.workflow_id or f"transient_{uuid.uuid4()}"
    return ExecutionRequest(
        instance=instance,
        workflow_id=workflow_id,
        sql_query=workflow.sql_query,
        input_parameters=tuple(workflow.input_parameters),
        parameter_values=body.parameter_values,
        window=window,
        timeout_seconds=body.workflow_execution_timeout_seconds,
        dry_run=body.dry_run,
        skip_publish=body.skip_publish,
        disable_aggregation_controls=body.disable_aggregation_controls,
        synthetic_data=body.require_synthetic_data,
        distinct_user_count_column=body.distinct_user_count_column or workflow.distinct_user_count_column,
        privacy_filtering_behavior=body.privacy_filtering_behavior or workflow.privacy_filtering_behavior,
        filtered_metrics_discriminator_column=body.filtered_metrics_discriminator_column
        or workflow.filtered_metrics_discriminator_column,
        filtered_reason_column=body.filtered_reason_column or workflow.filtered_reason_column,
        output_columns=_columns(workflow),
        output_format=_format(workflow),
        ignore_data_gaps=body.ignore_data_gaps,
        advertisers=_advertisers(body),
        file_stem=f"{now:%Y-%m-%dT%H-%M-%S}-{workflow_id}",
    )


def scheduled_request(
    schedule: Schedule, workflow: Workflow, *, instance: Instance, nominal: datetime
) -> ExecutionRequest:
    """Return the run of *schedule* that is due at *nominal*: parameters have their defaults."""
    return ExecutionRequest(
        instance=instance,
        workflow_id=schedule.workflow_id,
        sql_query=workflow.sql_query,
        input_parameters=tuple(workflow.input_parameters),
        parameter_values={},
        window=schedule.window(nominal),
        timeout_seconds=_USUAL_TIMEOUT_SECONDS,
        dry_run=False,
        skip_publish=False,
        disable_aggregation_controls=schedule.disable_aggregation_controls,
        synthetic_data=schedule.require_synthetic_data,
        distinct_user_count_column=workflow.distinct_user_count_column,
        privacy_filtering_behavior=workflow.privacy_filtering_behavior,
        filtered_metrics_discriminator_column=workflow.filtered_metrics_discriminator_column,
        filtered_reason_column=workflow.filtered_reason_column,
        output_columns=_columns(workflow),
        output_format=_format(workflow),
        scheduled=True,
        folder="weekly" if schedule.aggregation_period == "Weekly" else "daily",
        file_stem=f"{nominal:%Y-%m-%d}-{schedule.workflow_id}-ver1",
    )


def _columns(workflow: Workflow) -> tuple[DeclaredColumn, ...] | None:
    return None if not workflow.output_columns else tuple(workflow.output_columns)


def _format(workflow: Workflow) -> OutputFormat | None:
    return workflow.output_format if isinstance(workflow.output_format, OutputFormat) else None


def _advertisers(body: ExecutionBody) -> tuple[dict[str, Any], ...] | None:
    if body.advertisers is None:
        return None
    return tuple(advertiser.model_dump(mode="json", by_alias=True) for advertiser in body.advertisers)


def _workflow(body: ExecutionBody, book: WorkflowBook, *, options: ApiOptions) -> Workflow:
    if body.workflow is not None and body.workflow_id is not None:
        raise BadRequest("Only one of workflowId and workflow may be provided")
    if body.workflow is not None:
        return body.workflow.checked(nullable_required=options.array_nullable == "required")
    if body.workflow_id is None:
        raise BadRequest("One of workflowId and workflow must be provided")
    saved = book.find(body.workflow_id)
    if saved is None:
        text = f"Workflow with ID {body.workflow_id} does not exist."
        raise BadRequest(text, status=options.unknown_workflow_status)
    return saved
