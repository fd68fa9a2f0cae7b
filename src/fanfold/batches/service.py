"""What users do with batches: submit, cancel, retry, delete; each verb one transaction, safe to repeat."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from fanfold.batches import store
from fanfold.batches.errors import BatchNotFound, IllegalTransition, TooManyUnfinished
from fanfold.batches.lifecycle import BATCH_VERBS, BatchState, Reason, Verb
from fanfold.batches.model import Batch, Submission
from fanfold.batches.policy import Policy, refuse_bad_policy
from fanfold.batches.submitting import insert_batch, insert_operations, limits_of
from fanfold.catalog.catalog import Catalog
from fanfold.db.database import Database, Transaction
from fanfold.sdk.errors import BadInput, Problem

RETRYABLE = ("failed", "cancelled", "skipped", *Reason)
"""What `retry` can select: end states, and the reasons of failed operations."""


@dataclass(frozen=True, slots=True)
class SubmitLimits:
    """What one user may have at once."""

    unfinished_batches: int = 10


class BatchService:
    """The verbs of a batch, for the acting user."""

    def __init__(
        self,
        database: Database,
        *,
        catalog: Catalog,
        limits: SubmitLimits | None = None,
        purge: Callable[[UUID], Awaitable[None]] | None = None,
    ) -> None:
        self._database = database
        self._catalog = catalog
        self._limits = limits or SubmitLimits()
        self._purge = purge
        """Removes a deleted batch's rows from the result store."""

    async def submit(self, submission: Submission, *, user_id: UUID) -> Batch:
        """Store the batch and its operations whole, or nothing; acknowledged means committed.

        Raises `BadInput` naming every bad item, or `TooManyUnfinished`.
        """
        kind = self._catalog.kind(submission.kind)
        _refuse_bad_items(submission)
        refuse_bad_policy(submission.policy, pointer="/policy")
        limits = limits_of(submission, kind=kind, user_id=user_id)
        async with self._database.transaction(user_id=user_id) as transaction:
            allowed = self._limits.unfinished_batches
            if await store.unfinished_count(transaction, user_id=user_id) >= allowed:
                raise TooManyUnfinished(allowed)
            await self._refuse_bad_predecessor(transaction, submission.policy)
            uuid = await insert_batch(transaction, submission, limits=limits, user_id=user_id)
            await insert_operations(
                transaction,
                submission.items,
                limits=limits,
                batch_uuid=uuid,
                user_id=user_id,
                attempts=submission.policy.max_attempts,
            )
            return await store.find(transaction, str(uuid))

    async def _refuse_bad_predecessor(self, transaction: Transaction, policy: Policy) -> None:
        if policy.after is None:
            return
        try:
            await store.find(transaction, str(policy.after))
        except BatchNotFound as error:
            raise BadInput([Problem("/policy/after", str(error))]) from error

    async def cancel(self, reference: str, *, user_id: UUID, reason: str | None = None) -> Batch:
        """Stop a batch: what waits ends now, what runs is told, and the remote sides; twice is as once."""
        async with self._database.transaction(user_id=user_id) as transaction:
            batch = await store.find(transaction, reference, lock=True)
            if batch.status in {BatchState.CANCELLING, BatchState.CANCELLED}:
                return batch
            refuse_illegal(batch, Verb.CANCEL)
            await store.cancel(transaction, batch, reason=reason)
            return await store.find(transaction, reference)

    async def retry(
        self,
        reference: str,
        *,
        user_id: UUID,
        select: Sequence[str] = ("failed",),
        operation_ids: Sequence[UUID] | None = None,
        max_attempts: int | None = None,
    ) -> tuple[Batch, int]:
        """Run the chosen part again inside the same batch; return it and how many operations were sent back.

        *select* takes end states and reasons, see `RETRYABLE`; *operation_ids* narrows it. Raises `BadInput`,
        `BatchNotFound`, `IllegalTransition`.
        """
        _refuse_bad_selection(select)
        async with self._database.transaction(user_id=user_id) as transaction:
            batch = await store.find(transaction, reference, lock=True)
            refuse_illegal(batch, Verb.RETRY)
            count = await store.retry(
                transaction,
                batch,
                states=[choice for choice in select if choice not in set(Reason)],
                reasons=[choice for choice in select if choice in set(Reason)],
                operation_ids=operation_ids,
                max_attempts=max_attempts or batch.policy.max_attempts,
            )
            return await store.find(transaction, reference), count

    async def delete(self, reference: str, *, user_id: UUID) -> None:
        """Remove a batch that has ended, with its results."""
        async with self._database.transaction(user_id=user_id) as transaction:
            batch = await store.find(transaction, reference, lock=True)
            refuse_illegal(batch, Verb.PRUNE)
            await store.delete(transaction, batch)
        if self._purge is not None:
            await self._purge(batch.id)


def refuse_illegal(batch: Batch, verb: Verb) -> None:
    """Raise `IllegalTransition` where the batch's state does not allow *verb*."""
    if batch.status not in BATCH_VERBS[verb]:
        raise IllegalTransition(batch.batch_id, state=batch.status, verb=verb)


def _refuse_bad_items(submission: Submission) -> None:
    if not submission.items and not submission.draft:
        raise BadInput([Problem("/items", "The list of targets is empty.")])
    seen: dict[str, int] = {}
    problems: list[Problem] = []
    for index, item in enumerate(submission.items):
        first = seen.setdefault(item.target.key, index)
        if first != index:
            problems.append(
                Problem(f"/items/{index}", f"{item.target.key} is in the list already, at {first}.")
            )
    if problems:
        raise BadInput(problems)


def _refuse_bad_selection(select: Sequence[str]) -> None:
    problems = [
        Problem(f"/select/{index}", f"{choice!r} cannot be retried; choose from {', '.join(RETRYABLE)}.")
        for index, choice in enumerate(select)
        if choice not in RETRYABLE
    ]
    if not select:
        problems.append(Problem("/select", f"Choose at least one of {', '.join(RETRYABLE)}."))
    if problems:
        raise BadInput(problems)
