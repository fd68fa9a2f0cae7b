"""Where public sources disagree or leave AMC's HTTP interface open: every such point, with its default.

How SQL is read has options of its own, in `amcsim.sql.options`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from amcsim.choices import refuse_other_values


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiOptions:
    """How the interface answers. Each docstring says what stands behind the default."""

    media_types: Literal["any", "json", "vendor"] = "json"
    """Which Content-Type and Accept are taken, else 415 and 406: anything, any kind of JSON, or only
    `application/json` and the operation's own `application/vnd.…v1+json`. Inferred: neither status is
    published, and `application/json` works.
    """
    accept_status: Literal[415, 406] = 415
    """An Accept header that does not fit: 415 in the specification of one operation, 406 in HTTP's."""
    expired_token_status: Literal[401, 403] = 401
    """An access token that has lapsed; one page of the guide tells of a 403."""
    duplicate_status: Literal[400, 409, 422] = 400
    """Creating a workflow or schedule that exists. Inferred: the specification declares no 409."""
    unknown_workflow_status: Literal[400, 404] = 400
    """Executing or scheduling a workflow that does not exist. Inferred: 404 is not declared there."""
    unknown_replace_status: Literal[404, 405] = 404
    """Replacing a workflow that does not exist; one client also saw 405."""
    scheduled_delete_status: Literal[400, 409] = 400
    """Deleting a workflow that a schedule refers to. Refused by the guide, status inferred."""
    unready_status: Literal[400, 404] = 400
    """Links of an execution without a result. The text is published, the status inferred."""
    unknown_source_status: Literal[404, 400] = 404
    """A data source that does not exist: 404 in the specification, a bad request in one client."""
    invalid_status: Literal[400, 422] = 400
    """A body whose fields are wrong; the specification declares both and no 422 was ever recorded."""
    array_nullable: Literal["optional", "required"] = "optional"
    """`elementNullable` of array parameters: absent in the guide's sample, needed in one live account."""
    run_columns: Literal["accept", "ignore"] = "accept"
    """Whether executions themselves may name `distinctUserCountColumn`, `filteredReasonColumn` and their
    like: seen live, and absent from the specification.
    """
    delete_cancels: bool = True
    """Whether DELETE cancels an execution, as the guide says; the specification has no such operation."""
    page_filters: Literal["repeat", "carried"] = "repeat"
    """Whether the filters of a list of executions have to be given with each `nextToken` (inferred), or
    stand in it.
    """
    result_days: int = 90
    """How long results can be downloaded: published for one kind of instance, inferred for others."""
    last_page: Literal["absent", "null"] = "absent"
    """`nextToken` on the last page: absent in recorded answers, null in the specification's words."""
    output_channels: bool = False
    """Whether executions show `outputChannels`, which the specification has and no recorded answer."""
    metadata_files: bool = True
    """Whether results have metadata links; their format is unpublished, here it is JSON."""
    warnings: Literal["metadata", "status_reason"] = "metadata"
    """Where a query's warnings are told besides `/_sim/executions`: in the metadata file alone, or also
    as `statusReason` of what succeeded. Inferred: no source shows a place for them.
    """
    recent_week: Literal["rolling", "calendar"] = "rolling"
    """MOST_RECENT_WEEK: the seven days before today, or the last whole week from Monday. Inferred."""
    window_rounding: Literal["none", "hour", "day"] = "none"
    """Whether the edges of windows are widened to whole hours or days of the window's zone. The windows
    are called nominal and no rounding was ever recorded.
    """
    recent_data: Literal["accept", "report", "wait", "reject"] = "accept"
    """A window whose data is not complete yet: run over what there is, the same and list it in `dataGaps`,
    stay PENDING until it is complete, or end REJECTED. `ignoreDataGaps` turns the last two into a run.
    Inferred: sources only tell when data is complete.
    """
    data_delay_hours: int = 48
    """When the data of a moment is complete (the published time for AMC)."""
    ad_hoc_per_day: int | None = None
    """Ad hoc executions per instance and UTC day; more get 429. The specification's text says 30, the newer
    FAQ names no such limit.
    """
    terms: Literal["accepted", "pending"] = "accepted"
    """Whether the terms are accepted from the start; else reports get 403 until
    `AmcpLinkSetTermsAcceptanceV2` does it. Seen live; there people accept them in the console, per instance.
    """
    audience_minimum: int = 2_000
    """How many people a rule-based audience needs, else it ends FAILED: the guide's figure. The worlds are
    small, so that tests may want less; seeds of lookalikes need 500.
    """
    audience_entity: Literal["required", "optional"] = "required"
    """The header `Amazon-Advertising-API-EntityId`: the guide requires it, the specification does not."""
    audience_repeat: Literal["another", "same"] = "another"
    """Creating an audience in the very words of an earlier one: the guide makes another one, the operation is
    called idempotent.
    """
    retry_after: Literal["seconds", "none"] = "seconds"
    """Whether a 429 of the rates says when to come back; the general API pages say so, AMC's do not."""

    def __post_init__(self) -> None:
        refuse_other_values(self)
        if self.data_delay_hours < 0:
            raise ValueError("data_delay_hours must not be negative")
        for name in ("result_days", "audience_minimum"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be greater than 0")
        if self.ad_hoc_per_day is not None and self.ad_hoc_per_day < 1:
            raise ValueError("ad_hoc_per_day must be greater than 0")
