"""The verbs that make a batch, for the acting user."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

from fanfold.access.model import Claim
from fanfold.batches import store
from fanfold.batches.creation.conditions import Condition
from fanfold.batches.creation.digests import digest_of, refuse_stale
from fanfold.batches.creation.filling import Filler, Tally
from fanfold.batches.creation.planning import Planner, read_conditions
from fanfold.batches.creation.previewing import Preview, Previewer
from fanfold.batches.creation.schemas import DraftForm, JobForm, JobRequest, StartRequest
from fanfold.batches.creation.stored import settle
from fanfold.batches.creation.tables import read_csv
from fanfold.batches.creation.uploads import Upload
from fanfold.batches.lifecycle import BatchState, Verb
from fanfold.batches.model import Batch
from fanfold.batches.service import BatchService, refuse_illegal
from fanfold.batches.store import sql
from fanfold.db.database import Database
from fanfold.sdk.errors import BadInput, Problem

STOPPED = frozenset({BatchState.CANCELLING, BatchState.CANCELLED})
KEPT_DRAFTS = timedelta(days=1)


class JobCreation:
    """Makes batches of any kind."""

    def __init__(
        self,
        database: Database,
        *,
        planner: Planner,
        filler: Filler,
        previewer: Previewer,
        batches: BatchService,
    ) -> None:
        self._database = database
        self._planner = planner
        self._batches = batches
        self._filler = filler
        self._previewer = previewer

    async def create(self, form: JobRequest, *, user_id: UUID, claim: Claim | None = None) -> Batch:
        """Store the batch whole, or nothing; return the one that a lost request made under the same *claim*.

        Raises `BadInput` naming every bad item, `TooManyUnfinished`.
        """
        made = await self._batches.made_before(claim, user_id=user_id)
        if made is not None:
            return made
        plan = await self._planner.plan(form, user_id=user_id, draft=form.draft)
        if form.preview is not None:
            refuse_stale(form.preview, digest_of(plan.submission))
        return await self._batches.submit(plan.submission, user_id=user_id, claim=claim)

    async def fill(self, reference: str, upload: Upload, *, user_id: UUID) -> tuple[Batch, Tally]:
        """Add what was uploaded to a draft: JSON lines as they come, a CSV file whole or not at all.

        Raises `FillStopped`, `BadInput`, `BatchNotFound`, `IllegalTransition`.
        """
        if not upload.is_csv:
            return await self._filler.stream(reference, upload.parts, user_id=user_id)
        table = await asyncio.to_thread(read_csv, await upload.whole(), pointer="")
        if not table.problems and not table.wishes:
            table.problems.append(Problem("", "The CSV has a header and no line below it."))
        if table.problems:
            raise BadInput(table.problems)
        return await self._filler.whole(reference, table.wishes, user_id=user_id)

    async def preview(self, form: JobForm, *, user_id: UUID) -> Preview:
        """Return what a batch would do. Raises `BadInput` naming every bad item."""
        plan = await self._planner.plan(form, user_id=user_id)
        return await self._previewer.of_plan(plan, user_id=user_id)

    async def preview_draft(self, reference: str, form: DraftForm, *, user_id: UUID) -> Preview:
        """Return what a draft would do. Raises `BadInput`, `BatchNotFound`, `IllegalTransition`."""
        conditions = _conditions(form)
        return await self._previewer.of_draft(reference, user_id=user_id, conditions=conditions)

    async def start(self, reference: str, form: StartRequest, *, user_id: UUID) -> Batch:
        """Let a draft's operations be claimed, with a preview only as that showed them; twice is as once.

        Raises `BadInput` for an empty draft, `PreviewStale`, `BatchNotFound`, `IllegalTransition`.
        """
        conditions = _conditions(form)
        async with self._database.transaction(user_id=user_id) as transaction:
            batch = await store.find(transaction, reference, lock=True)
            if batch.status is not BatchState.PENDING and batch.status not in STOPPED:
                return batch
            refuse_illegal(batch, Verb.START)
            if batch.counts.total == 0:
                raise BadInput(
                    [Problem("", f"Batch {batch.batch_id} is empty: fill it before you start it.")]
                )
            if conditions or form.preview is not None:
                rated = await store.with_rate(transaction, batch)
                digest = await settle(transaction, rated, conditions=conditions)
                if form.preview is not None:
                    refuse_stale(form.preview, digest)
            await transaction.execute(sql("start_batch"), id=batch.id)
            return await store.find(transaction, reference)


def _conditions(form: DraftForm) -> list[Condition]:
    problems: list[Problem] = []
    conditions = read_conditions(form.skip_when, problems)
    if problems:
        raise BadInput(problems)
    return conditions


async def prune_drafts(database: Database, *, older_than: timedelta = KEPT_DRAFTS) -> int:
    """Delete drafts that nobody has touched for so long, and return how many there were.

    *database* is the service's: drafts are everybody's.
    """
    async with database.transaction() as transaction:
        seconds = older_than.total_seconds()
        return await transaction.execute(sql("prune_drafts"), older_than_seconds=seconds)
