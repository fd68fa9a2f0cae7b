"""What users do to a batch that runs: pause, resume, change; each verb one transaction, safe to repeat."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from fanfold.batches import store
from fanfold.batches.lifecycle import BatchState, PauseMode, Verb
from fanfold.batches.model import Batch
from fanfold.batches.policy import refuse_bad_policy
from fanfold.batches.service import refuse_illegal
from fanfold.db.database import Database
from fanfold.sdk.errors import BadInput, Problem


class BatchControl:
    """The verbs of a batch that runs, for the acting user."""

    def __init__(self, database: Database, *, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now

    async def pause(
        self,
        reference: str,
        *,
        user_id: UUID,
        mode: PauseMode = PauseMode.DRAIN,
        reason: str | None = None,
        resume_at: datetime | None = None,
    ) -> Batch:
        """Rest a batch, until *resume_at* or until it is resumed; a paused one takes the new mode and time.

        Raises `BadInput`, `BatchNotFound`, `IllegalTransition`.
        """
        if resume_at is not None and resume_at <= self._now():
            raise BadInput([Problem("/resume_at", "resume_at must lie in the future.")])
        async with self._database.transaction(user_id=user_id) as transaction:
            batch = await store.find(transaction, reference, lock=True)
            refuse_illegal(batch, Verb.PAUSE)
            await store.pause(transaction, batch, mode=mode, reason=reason, resume_at=resume_at)
            return await store.find(transaction, reference)

    async def resume(self, reference: str, *, user_id: UUID) -> Batch:
        """Let a paused batch go on; one that is not paused stays as it is."""
        async with self._database.transaction(user_id=user_id) as transaction:
            batch = await store.find(transaction, reference, lock=True)
            refuse_illegal(batch, Verb.RESUME)
            if batch.status is BatchState.PAUSED:
                await store.resume(transaction, batch.id)
            return await store.find(transaction, reference)

    async def change(self, reference: str, change: Callable[[Batch], Batch], *, user_id: UUID) -> Batch:
        """Change name, description, tags and live policies of a batch that has not ended; they bind at once.

        *change* gets the batch as it stands under its lock and returns it as it shall be.
        Raises `BadInput`, `BatchNotFound`, `IllegalTransition`.
        """
        async with self._database.transaction(user_id=user_id) as transaction:
            found = await store.find(transaction, reference, lock=True)
            batch = await store.with_rate(transaction, found)
            refuse_illegal(batch, Verb.CHANGE)
            changed = change(batch)
            refuse_bad_policy(changed.policy)
            await store.change(transaction, batch, changed=changed)
            return await store.with_rate(transaction, await store.find(transaction, reference))
