"""Workflows saved on AMC: a batch brings instances in step, and its operations remember how they stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from fanfold.access.model import Claim
from fanfold.batches.model import Batch, Item, Submission
from fanfold.batches.policy import Policy
from fanfold.batches.service import BatchService
from fanfold.db.database import Database, Row
from fanfold.sdk.errors import BadInput
from fanfold.targets.service import InstanceService
from fanfold.workflows import store
from fanfold.workflows.inspection import refusals
from fanfold.workflows.model import Workflow
from fanfold.workflows.service import WorkflowService

KIND = "amc.workflow.sync"
"""The kind that saves workflows."""
MOST_INSTANCES = 5_000
_AT_A_TIME = 20


class SavedState(StrEnum):
    """How what an instance has saved compares with the workflow."""

    IN_STEP = "in_step"
    BEHIND = "behind"
    """It was in step with an earlier version."""
    DIFFERS = "differs"
    MISSING = "missing"
    AT_WORK = "at_work"
    UNREACHABLE = "unreachable"
    """It could not be saved or looked at; the error says why."""


@dataclass(frozen=True, slots=True)
class SavedOn:
    """An instance, as it was found last."""

    instance_id: UUID | None
    name: str
    state: SavedState
    version: int | None
    """The version that was saved or compared."""
    at: datetime | None
    difference: str
    """A unified diff from what AMC had then."""
    error: str | None
    batch_id: str


@dataclass(frozen=True, slots=True)
class Saving:
    """What is to be saved where."""

    instance_ids: Sequence[object]
    compare_only: bool = False


class WorkflowSaver:
    """Saves workflows on AMC under stable ids."""

    def __init__(
        self,
        database: Database,
        *,
        workflows: WorkflowService,
        instances: InstanceService,
        batches: BatchService,
        policy: Policy | None = None,
    ) -> None:
        self._database = database
        self._workflows = workflows
        self._instances = instances
        self._batches = batches
        self._policy = policy or Policy(max_parallel=_AT_A_TIME)

    async def start(
        self, reference: str, asked: Saving, *, user_id: UUID, claim: Claim | None = None
    ) -> Batch:
        """Submit the batch that saves a workflow, or only compares.

        Raises `WorkflowNotFound`, `InstancesDenied`, `BadInput`, `TooManyUnfinished`.
        """
        made = await self._batches.made_before(claim, user_id=user_id)
        if made is not None:
            return made
        workflow = await self._workflows.get(reference, user_id=user_id)
        targets = await self._instances.freeze(asked.instance_ids, user_id=user_id, at_most=MOST_INSTANCES)
        findings = await self._workflows.check(workflow.draft.sql_query, workflow.draft.parameters)
        if problems := refusals(findings, pointer="/workflow"):
            raise BadInput(problems)
        verb = "Compare" if asked.compare_only else "Save"
        submission = Submission(
            kind=KIND,
            name=f"{verb} {workflow.draft.name} on AMC",
            items=[Item(target) for target in targets],
            definition=workflow.definition(),
            parameters={"action": "compare" if asked.compare_only else "save"},
            policy=self._policy,
            workflow_id=workflow.id,
        )
        return await self._batches.submit(submission, user_id=user_id, claim=claim)

    async def states(self, reference: str, *, user_id: UUID) -> tuple[Workflow, list[SavedOn]]:
        """Return how each instance was found last, by name. Raises `WorkflowNotFound`."""
        workflow = await self._workflows.get(reference, user_id=user_id)
        async with self._database.transaction(user_id=user_id) as transaction:
            rows = await transaction.fetch(store.sql("list_saved_states"), workflow_id=workflow.id, kind=KIND)
        return workflow, [_saved_on(row, current=workflow.version) for row in rows]


def saved_id(workflow_id: UUID) -> str:
    """Return a workflow's id at AMC, as the kind makes it: the same for all versions."""
    return f"ff_{workflow_id.hex}"


def _saved_on(row: Row, *, current: int) -> SavedOn:
    summary: dict[str, Any] = row["summary"] or {}
    error: dict[str, Any] = row["error"] or {}
    version = summary.get("version")
    return SavedOn(
        instance_id=row["target_id"],
        name=row["target_name"] or row["item_key"],
        state=_state(row["status"], str(summary.get("state", "")), is_current=version == current),
        version=version,
        at=row["finished_at"],
        difference=str(summary.get("difference", "")),
        error=error.get("message"),
        batch_id=row["batch_id"],
    )


def _state(status: str, found: str, *, is_current: bool) -> SavedState:
    if status in {"pending", "running"}:
        return SavedState.AT_WORK
    if status != "completed":
        return SavedState.UNREACHABLE
    if found in {"differs", "missing"}:
        return SavedState(found)
    return SavedState.IN_STEP if is_current else SavedState.BEHIND
