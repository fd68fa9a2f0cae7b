"""The faults that `POST /_sim/faults` accepts; the models are the documentation of their fields."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

ANY_OPERATION = "*"
NAMED_ONLY = frozenset({"getToken", "authorize", "downloadFile"})
"""Operations on other hosts in the real world; `*` leaves them alone."""
Operation = Literal[
    "*",
    "getToken",
    "authorize",
    "listAccounts",
    "listInstances",
    "createInstance",
    "getInstance",
    "updateInstance",
    "deleteInstance",
    "updateInstanceCustomerAwsAccountMetadata",
    "getInstanceAdvertisers",
    "listAdvertiserUpdates",
    "createAdvertiserUpdate",
    "getAdvertiserUpdate",
    "getInstanceCollaboration",
    "getAllQueryBasedAudiencesByInstanceId",
    "createQueryBasedAudience",
    "getQueryBasedAudienceByAudienceExecutionId",
    "updateQueryBasedAudienceByAudienceExecutionId",
    "deleteQueryBasedAudienceByAudienceExecutionId",
    "createLookalikeAudience",
    "AmcpLinkGetConnectionsV2",
    "AmcpLinkAddConnectionV2",
    "AmcpLinkRemoveConnectionV2",
    "AmcpLinkGetTermsV2",
    "AmcpLinkSetTermsAcceptanceV2",
    "CreateAudienceMetadataV2",
    "GetAudienceMetadataV2",
    "UpdateAudienceMetadataV2",
    "ManageAudienceV2",
    "ManageAudienceStatusV2",
    "listDataSources",
    "getDataSource",
    "listSchedules",
    "createSchedule",
    "getSchedule",
    "updateSchedule",
    "deleteSchedule",
    "listWorkflows",
    "createWorkflow",
    "getWorkflow",
    "updateWorkflow",
    "deleteWorkflow",
    "listWorkflowExecutions",
    "createWorkflowExecution",
    "getWorkflowExecution",
    "updateWorkflowExecution",
    "deleteWorkflowExecution",
    "getWorkflowExecutionDownloadUrls",
    "downloadFile",
]


class FaultBase(BaseModel):
    """What every fault has: where it applies and how often."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    instance_ids: list[str] | None = Field(
        None, min_length=1, description="Only these instances; null means all."
    )
    times: int | None = Field(None, ge=1, description="How often it strikes; null means until it is cleared.")
    after: int = Field(0, ge=0, description="How many matching calls or executions it lets pass first.")
    probability: float = Field(
        1.0,
        gt=0,
        le=1,
        description="The share of what matches that it strikes; the same seed, the same ones.",
    )
    seconds_active: float | None = Field(
        None, gt=0, description="How long it is in force, in seconds of the simulator's clock; null: forever."
    )


class CallFault(FaultBase):
    """A fault that strikes calls of the named operations."""

    operations: list[Operation] = Field(
        [ANY_OPERATION],
        min_length=1,
        description="Which calls; `*` means all of AMC's own, not getToken, authorize and downloadFile.",
    )


class Throttle(CallFault):
    """Answer 429."""

    kind: Literal["throttle"]
    retry_after: int | None = Field(
        None, ge=0, description="Seconds for the Retry-After header; null leaves it out."
    )


class HttpError(CallFault):
    """Answer an error instead of doing the work."""

    kind: Literal["http_error"]
    status: int = Field(500, ge=400, le=599)
    details: str = "Internal server error"
    retry_after: int | None = Field(None, ge=0)
    shape: Literal["amc", "gateway", "html"] = Field(
        "amc", description="Whose body it has: AMC's, the gateway's `message`, or a web page."
    )


class ResetConnection(CallFault):
    """Drop the connection before any work is done."""

    kind: Literal["reset_connection"]


class MalformedJson(CallFault):
    """Do the work, answer 200 with a body that is cut in the middle."""

    kind: Literal["malformed_json"]


class Delay(CallFault):
    """Hold every answer back for real seconds, to make a client run into its time-out."""

    kind: Literal["delay"]
    seconds: float = Field(gt=0, le=3600)


class LoseResponse(CallFault):
    """Do the work and count it, then drop the connection instead of answering."""

    kind: Literal["lose_response"]
    operations: list[Operation] = Field(["createWorkflowExecution"], min_length=1)


class ExpireTokens(FaultBase):
    """Answer 401 to every token issued before the fault was set; a refreshed token works."""

    kind: Literal["expire_tokens"]


class RefuseLogin(FaultBase):
    """Refuse to issue access tokens, as OAuth does; tokens that were issued stay good."""

    kind: Literal["refuse_login"]
    error: str = "invalid_grant"
    description: str = "The request has an invalid grant parameter : refresh_token"
    status: int = Field(400, ge=400, le=599)


class DataGap(FaultBase):
    """Declare data missing between two moments; executions over them list it in `dataGaps`. The rows
    stay: it is the answer that tells.
    """

    kind: Literal["data_gap"]
    start: datetime
    end: datetime
    outcome: Literal["report", "reject", "fail"] = Field(
        "report", description="What becomes of executions that do not set `ignoreDataGaps`."
    )
    reason: str = "Data is missing for a part of the time window."

    @model_validator(mode="after")
    def _refuse_backwards(self) -> Self:
        if self.from_moment >= self.to_moment:
            raise ValueError("start must be before end")
        return self

    @property
    def from_moment(self) -> datetime:
        """Return `start` in UTC; a moment without a zone is UTC."""
        return _utc(self.start)

    @property
    def to_moment(self) -> datetime:
        """Return `end` in UTC."""
        return _utc(self.end)


class FailSubmit(FaultBase):
    """Refuse to create an execution; nothing is counted."""

    kind: Literal["fail_submit"]
    status: int = Field(500, ge=400, le=599)
    details: str = "Internal server error"


class FailExecution(FaultBase):
    """Let an execution run and end FAILED."""

    kind: Literal["fail_execution"]
    reason: str = "Workflow execution failed due to an internal error. Please try again."


class Reject(FaultBase):
    """Let an execution end REJECTED at validation."""

    kind: Literal["reject"]
    reason: str = "From line 1, column 1 to line 1, column 6: Workflow was rejected"


class Slow(FaultBase):
    """Make executions take *factor* times as long."""

    kind: Literal["slow"]
    factor: float = Field(10.0, gt=0)


class Stuck(FaultBase):
    """Leave executions RUNNING until their own time-out; a cancel still works."""

    kind: Literal["stuck"]


class OddStatus(FaultBase):
    """Show another status, one that clients need not know, where executions are RUNNING."""

    kind: Literal["odd_status"]
    status: str = Field("PUBLISHING", min_length=1)


class HeaderOnly(FaultBase):
    """Let an execution succeed with a result file of nothing but its header."""

    kind: Literal["header_only_csv"]


class TruncatedDownload(FaultBase):
    """Promise the whole file and close the connection after half of it."""

    kind: Literal["truncated_download"]


class ExpireLinks(FaultBase):
    """Answer download links as if their ten minutes were over."""

    kind: Literal["expire_links"]


Fault = Annotated[
    Throttle
    | HttpError
    | ResetConnection
    | MalformedJson
    | Delay
    | LoseResponse
    | ExpireTokens
    | RefuseLogin
    | DataGap
    | FailSubmit
    | FailExecution
    | Reject
    | Slow
    | Stuck
    | OddStatus
    | HeaderOnly
    | TruncatedDownload
    | ExpireLinks,
    Field(discriminator="kind"),
]


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


FAULTS: TypeAdapter[list[Fault]] = TypeAdapter(list[Fault])
