"""The routes of workflows that are saved on AMC."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request, status
from pydantic import BaseModel, ConfigDict, Field

from fanfold.access.current import CurrentUser
from fanfold.access.idempotency import ClaimedKey, IdempotentRoute
from fanfold.access.rate import AdmittedSubmission
from fanfold.workflows.endpoints import Reference
from fanfold.workflows.saving import SavedOn, SavedState, Saving, WorkflowSaver, saved_id

router = APIRouter(prefix="/workflows", tags=["workflows"], route_class=IdempotentRoute)


async def workflow_saver(request: Request) -> WorkflowSaver:
    """Return the application's saver."""
    return request.app.state.services.workflow_saver


Saver = Annotated[WorkflowSaver, Depends(workflow_saver)]


class SyncForm(BaseModel):
    """Where a workflow is to be saved."""

    model_config = ConfigDict(extra="forbid", title="Sync")

    # What is no UUID gets past this form and is named together with all other problems.
    instance_ids: Annotated[list[Any], Field(description="UUIDs of instances")]
    compare_only: Annotated[bool, Field(description="save nothing, only tell what differs")] = False


class SyncStarted(BaseModel):
    """The job that saves it; it is watched, cancelled and retried as every other."""

    job_id: str
    saved_id: Annotated[str, Field(description="the workflow's id at AMC, the same for all versions")]
    total_operations: int


class SavedOnView(BaseModel):
    """An instance, as it was found last."""

    instance_id: UUID | None
    name: str
    state: SavedState
    version: Annotated[int | None, Field(description="the version that was saved or compared")]
    at: datetime | None
    difference: Annotated[str, Field(description="a unified diff from what AMC had then to ours")]
    error: str | None
    job_id: str

    @classmethod
    def of(cls, found: SavedOn) -> SavedOnView:
        """Show *found*."""
        return cls(
            instance_id=found.instance_id,
            name=found.name,
            state=found.state,
            version=found.version,
            at=found.at,
            difference=found.difference,
            error=found.error,
            job_id=found.batch_id,
        )


class SavedStates(BaseModel):
    """Every instance that a workflow was saved on or compared with."""

    saved_id: str
    version: Annotated[int, Field(description="the newest")]
    instances: list[SavedOnView]


@router.post("/{reference}/sync", status_code=status.HTTP_202_ACCEPTED)
async def sync_workflow(
    *,
    reference: Reference,
    body: SyncForm,
    user: CurrentUser,
    saver: Saver,
    claim: ClaimedKey,
    _admitted: AdmittedSubmission,
) -> SyncStarted:
    """Save a workflow on AMC instances under a stable id; those in step are left alone."""
    asked = Saving(body.instance_ids, body.compare_only)
    batch = await saver.start(reference, asked, user_id=user.id, claim=claim)
    return SyncStarted(
        job_id=batch.batch_id,
        saved_id=saved_id(UUID(batch.definition["workflow_id"])),
        total_operations=batch.counts.total,
    )


@router.get("/{reference}/sync")
async def show_saved_states(*, reference: Reference, user: CurrentUser, saver: Saver) -> SavedStates:
    """Show where a workflow is saved, in which version, and how what is there differs."""
    workflow, found = await saver.states(reference, user_id=user.id)
    instances = [SavedOnView.of(each) for each in found]
    return SavedStates(saved_id=saved_id(workflow.id), version=workflow.version, instances=instances)
