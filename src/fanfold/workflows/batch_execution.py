"""The Python face of contract A: the seven methods of seed 001, with their names, arguments and returns.

    service = BatchExecutionService(submissions=..., batches=..., reader=..., results=..., user_id=user.id)
    batch = await service.execute_batch(workflow_id=..., instance_ids=[...], parameters={...})

The returned dictionaries hold JSON values. A batch runs as soon as a worker has room for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from fanfold.access.model import Claim
from fanfold.batches.errors import IllegalTransition
from fanfold.batches.model import Batch
from fanfold.batches.paging import Page
from fanfold.batches.reader import BatchFilter, BatchReader
from fanfold.batches.service import BatchService
from fanfold.kit.ids import new_batch_id
from fanfold.results.asking import MOST_ROWS
from fanfold.results.reader import ResultReader
from fanfold.sdk.errors import BadInput, Problem
from fanfold.workflows.contract_a import presenting
from fanfold.workflows.contract_a.schemas import SubmittedBatch
from fanfold.workflows.model import KIND, BatchRequest
from fanfold.workflows.submission import SubmissionBuilder


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchExecutionService:
    """One workflow over many instances, for the user it is bound to or the one that a call names."""

    submissions: SubmissionBuilder
    batches: BatchService
    reader: BatchReader
    results: ResultReader
    user_id: UUID | None = None

    def acting_for(self, user_id: UUID) -> BatchExecutionService:
        """Return the same service bound to a user."""
        return replace(self, user_id=user_id)

    def generate_batch_id(self) -> str:
        """Return a new public id, `batch_XXXXXXXX`."""
        return new_batch_id()

    async def create_batch_execution(
        self,
        workflow_id: str,
        instance_ids: Sequence[str],
        *,
        parameters: Mapping[str, Any] | None = None,
        instance_parameters: Mapping[str, Any] | None = None,
        name: str | None = None,
        description: str | None = None,
        user_id: UUID | str | None = None,
    ) -> dict[str, Any]:
        """Submit a batch and return its record.

        Raises `WorkflowNotFound`, `InstancesDenied`, `BadInput` naming every bad item, `TooManyUnfinished`.
        """
        request = BatchRequest(instance_ids, parameters or {}, instance_parameters or {}, name, description)
        batch = await self._submit(workflow_id, request, user_id=self._acting(user_id))
        return presenting.record(batch).model_dump(mode="json")

    async def execute_batch(
        self,
        workflow_id: str,
        instance_ids: Sequence[str],
        *,
        parameters: Mapping[str, Any] | None = None,
        instance_parameters: Mapping[str, Any] | None = None,
        name: str | None = None,
        description: str | None = None,
        user_id: UUID | str | None = None,
    ) -> dict[str, Any]:
        """Submit a batch and return it with its executions. Raises as `create_batch_execution` does."""
        request = BatchRequest(instance_ids, parameters or {}, instance_parameters or {}, name, description)
        return (await self.execute(workflow_id, request, user_id=user_id)).model_dump(mode="json")

    async def execute(
        self,
        workflow_id: str,
        request: BatchRequest,
        *,
        user_id: UUID | str | None = None,
        claim: Claim | None = None,
    ) -> SubmittedBatch:
        """Do what `execute_batch` does, for a request that is read already; under one *claim* once."""
        acting = self._acting(user_id)
        batch = await self.batches.made_before(claim, user_id=acting)
        if batch is None:
            batch = await self._submit(workflow_id, request, user_id=acting, claim=claim)
        return presenting.submitted(batch, await self.reader.lines(batch.id, user_id=acting))

    async def get_batch_status(self, batch_id: str, *, user_id: UUID | str | None = None) -> dict[str, Any]:
        """Return where a batch and each of its executions stand. Raises `BatchNotFound`."""
        acting = self._acting(user_id)
        view = await self.reader.get(batch_id, user_id=acting)
        lines = await self.reader.lines(view.id, user_id=acting)
        return presenting.status(view, lines).model_dump(mode="json")

    async def get_batch_results(
        self,
        batch_id: str,
        *,
        limit: int = MOST_ROWS,
        offset: int = 0,
        user_id: UUID | str | None = None,
    ) -> dict[str, Any]:
        """Return what completed executions gave, and a page of all their rows. Raises `BatchNotFound`."""
        acting = self._acting(user_id)
        view = await self.reader.get(batch_id, user_id=acting)
        lines = await self.reader.lines(view.id, user_id=acting)
        page = await self.results.page(view.id, user_id=acting, limit=limit, offset=offset)
        return presenting.results(view, lines, rows=page.body())

    async def cancel_batch_execution(self, batch_id: str, *, user_id: UUID | str | None = None) -> bool:
        """Cancel a batch; return False if it had ended already. Raises `BatchNotFound`."""
        try:
            await self.batches.cancel(batch_id, user_id=self._acting(user_id))
        except IllegalTransition:
            return False
        return True

    async def list_batch_executions(
        self,
        workflow_id: str | None = None,
        user_id: UUID | str | None = None,
        *,
        status: str | None = None,
        limit: int = 20,
        offset: int = 0,
    ) -> list[dict[str, Any]]:
        """Return a page of the user's batches, the newest first."""
        acting = self._acting(user_id)
        where = BatchFilter(
            statuses=presenting.states_of(status),
            kind=KIND,
            workflow_id=None if workflow_id is None else _uuid(workflow_id, "/workflow_id"),
        )
        found = await self.reader.list(where, Page(limit=limit, offset=offset), user_id=acting)
        return [presenting.listed(view).model_dump(mode="json") for view in found.items]

    async def _submit(
        self, workflow_id: str, request: BatchRequest, *, user_id: UUID, claim: Claim | None = None
    ) -> Batch:
        submission = await self.submissions.build(workflow_id, request, user_id=user_id)
        return await self.batches.submit(submission, user_id=user_id, claim=claim)

    def _acting(self, named: UUID | str | None) -> UUID:
        if named is not None:
            return named if isinstance(named, UUID) else _uuid(named, "/user_id")
        if self.user_id is None:
            raise BadInput([Problem("/user_id", "Say for whom: bind the service to a user, or name one.")])
        return self.user_id


def _uuid(text: str, pointer: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise BadInput([Problem(pointer, f"{text!r} is not a UUID.")]) from error
