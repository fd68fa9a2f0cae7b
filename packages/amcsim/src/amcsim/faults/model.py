"""The faults that `POST /_sim/faults` accepts; the models are the documentation of their fields."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

ANY_OPERATION = "*"
NAMED_ONLY = frozenset({"getToken", "downloadFile"})
"""Operations on other hosts in the real world; `*` leaves them alone."""
Operation = Literal[
    "*",
    "getToken",
    "listAccounts",
    "listInstances",
    "getInstance",
    "listDataSources",
    "getDataSource",
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


class CallFault(FaultBase):
    """A fault that strikes calls of the named operations."""

    operations: list[Operation] = Field(
        [ANY_OPERATION], min_length=1, description="Which calls; `*` means all but getToken and downloadFile."
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
    | FailSubmit
    | FailExecution
    | Reject
    | Slow
    | Stuck
    | HeaderOnly
    | TruncatedDownload
    | ExpireLinks,
    Field(discriminator="kind"),
]
FAULTS: TypeAdapter[list[Fault]] = TypeAdapter(list[Fault])
