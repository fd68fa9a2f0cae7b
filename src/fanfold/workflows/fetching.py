"""Rows fetched again from AMC: a batch downloads what earlier executions left there, and runs no query."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from fanfold.access.model import Claim
from fanfold.batches.model import Batch, Item, Submission
from fanfold.batches.policy import Policy
from fanfold.batches.rows import operation_from
from fanfold.batches.service import BatchService
from fanfold.batches.store import find
from fanfold.db.database import Database
from fanfold.results.reader import ResultReader
from fanfold.sdk.errors import BadInput, Problem
from fanfold.workflows import store

KIND = "amc.result.fetch"
"""The kind that fetches rows again."""
_OF = frozenset({"amc.workflow", KIND})
_AT_A_TIME = 20


class ResultFetcher:
    """Fetches rows again that AMC still keeps."""

    def __init__(self, database: Database, *, batches: BatchService, results: ResultReader) -> None:
        self._database = database
        self._batches = batches
        self._results = results

    async def start(
        self,
        reference: str,
        *,
        user_id: UUID,
        operation_ids: Sequence[UUID] | None = None,
        claim: Claim | None = None,
    ) -> Batch:
        """Submit the batch that fetches the rows of chosen operations, or of all whose rows are gone.

        Raises `BatchNotFound`, `TooManyUnfinished`, and `BadInput` where there is nothing to fetch.
        """
        made = await self._batches.made_before(claim, user_id=user_id)
        if made is not None:
            return made
        async with self._database.transaction(user_id=user_id) as transaction:
            batch = await find(transaction, reference)
        if batch.kind not in _OF:
            raise BadInput([Problem("/job_id", f"{batch.batch_id} is no batch of AMC workflows.")])
        items = await self._items(batch, user_id=user_id, operation_ids=operation_ids)
        submission = Submission(
            kind=KIND,
            name=f"Rows of {batch.name}, fetched again"[:200],
            description=f"The rows of {batch.batch_id}, downloaded again from AMC without running the query.",
            items=items,
            policy=Policy(max_parallel=_AT_A_TIME),
            workflow_id=batch.workflow_id,
        )
        return await self._batches.submit(submission, user_id=user_id, claim=claim)

    async def _items(
        self, batch: Batch, *, user_id: UUID, operation_ids: Sequence[UUID] | None
    ) -> list[Item]:
        lost: list[UUID] = []
        if operation_ids is None:
            lost = [part.operation_id for part in await self._results.check(batch.id, user_id=user_id)]
        async with self._database.transaction(user_id=user_id) as transaction:
            rows = await transaction.fetch(
                store.sql("list_fetchable"),
                batch_id=batch.id,
                operation_ids=None if operation_ids is None else list(operation_ids),
                lost_ids=lost,
            )
        _refuse_unknown(batch, operation_ids, found={row["id"] for row in rows})
        return [Item(operation_from(row).target, {"execution_id": row["remote_id"]}) for row in rows]


def _refuse_unknown(batch: Batch, operation_ids: Sequence[UUID] | None, *, found: set[UUID]) -> None:
    problems = [
        Problem(f"/operation_ids/{index}", f"{one} is no operation of {batch.batch_id} with rows at AMC.")
        for index, one in enumerate(operation_ids or ())
        if one not in found
    ]
    if not found and not problems:
        problems = [Problem("/operation_ids", f"No rows of {batch.batch_id} are gone; nothing is fetched.")]
    if problems:
        raise BadInput(problems)
