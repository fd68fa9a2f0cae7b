"""What a retry takes and gives."""

from __future__ import annotations

from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from fanfold.access.text import JsonObject, Line
from fanfold.batches.changing import InputChange
from fanfold.batches.retrying import RetryWish
from fanfold.batches.schemas import JobStatus, OperationStatus

Fingerprint = Annotated[str, Field(pattern=r"^[0-9a-f]{12}$", examples=["3f2a9c0b71de"])]
Patch = JsonObject
_MOST = 100_000


class RetryRequest(BaseModel):
    """Which part of a job runs again, and with what; every filter narrows."""

    model_config = ConfigDict(extra="forbid")

    select: Annotated[
        list[str] | None,
        Field(
            max_length=20,
            description="end states (`failed`, `cancelled`, `skipped`), reasons (`timeout`, `lost`, …), "
            "`unstarted` (never tried) or `remainder` (all that did not succeed); "
            "`failed` when left out, with `operation_ids` any of them",
        ),
    ] = None
    fingerprint: Annotated[
        Fingerprint | list[Fingerprint] | None, Field(description="only the failures of this cause")
    ] = None
    operation_ids: Annotated[
        list[UUID] | None, Field(max_length=_MOST, description="only these; each must be of this job")
    ] = None
    q: Annotated[
        Line | None, Field(min_length=1, description="only targets whose name or key has this in it")
    ] = None
    parameters: Annotated[
        Patch | None,
        Field(description="JSON Merge Patch (RFC 7396) of what each chosen operation runs with"),
    ] = None
    item_parameters: Annotated[
        dict[str, Patch] | None,
        Field(max_length=_MOST, description="patches of single targets, by key, after `parameters`"),
    ] = None
    instance_parameters: Annotated[
        dict[str, Patch] | None,
        Field(max_length=_MOST, description="the same by the UUID of an AMC instance"),
    ] = None
    max_retries: Annotated[
        int | None,
        Field(ge=1, le=100, description="attempts allowed from now on; the job's own when left out"),
    ] = None
    dry_run: Annotated[bool, Field(description="only tell what would run again")] = False

    @model_validator(mode="after")
    def _has_one_sort_of_single_patches(self) -> Self:
        if self.item_parameters is not None and self.instance_parameters is not None:
            raise PydanticCustomError("two_patches", "give item_parameters or instance_parameters, not both")
        return self

    def wish(self) -> RetryWish:
        """Return it as the service takes it."""
        single = self.item_parameters if self.instance_parameters is None else self.instance_parameters
        pointer = "/item_parameters" if self.instance_parameters is None else "/instance_parameters"
        prints = [self.fingerprint] if isinstance(self.fingerprint, str) else self.fingerprint
        return RetryWish(
            select=self.select,
            fingerprints=prints,
            operation_ids=self.operation_ids,
            q=self.q,
            change=InputChange(self.parameters or {}, single or {}, pointer),
            max_attempts=self.max_retries,
            dry_run=self.dry_run,
        )


class RetryCandidate(BaseModel):
    """An operation that would run again."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    target_id: str
    target_name: str
    status: OperationStatus
    reason: str | None
    attempt_count: int
    error_message: str | None
    fingerprint: str | None
    parameters: Annotated[dict[str, Any], Field(description="what it would run with")]


class Retried(BaseModel):
    """The answer to a retry; of a dry run it tells what would happen."""

    model_config = ConfigDict(frozen=True)

    job_id: str
    status: JobStatus
    retried_operations: Annotated[int, Field(description="of a dry run: how many would run again")]
    message: str
    dry_run: Annotated[bool, Field(description="present and true when nothing was changed")] = False
    operations: Annotated[
        list[RetryCandidate] | None, Field(description="the first 100 of a dry run, in the job's order")
    ] = None
