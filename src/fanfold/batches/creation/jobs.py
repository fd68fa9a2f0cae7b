"""The verbs that make a batch, for the acting user."""

from __future__ import annotations

from uuid import UUID

from fanfold.batches.creation.planning import Planner
from fanfold.batches.creation.schemas import JobRequest
from fanfold.batches.model import Batch
from fanfold.batches.service import BatchService


class JobCreation:
    """Makes batches of any kind."""

    def __init__(self, planner: Planner, *, batches: BatchService) -> None:
        self._planner = planner
        self._batches = batches

    async def create(self, form: JobRequest, *, user_id: UUID) -> Batch:
        """Store the batch whole, or nothing. Raises `BadInput` naming every bad item, `TooManyUnfinished`."""
        plan = await self._planner.plan(form, user_id=user_id, draft=form.draft)
        return await self._batches.submit(plan.submission, user_id=user_id)
