"""What users do with batches: submit, cancel, retry, delete; each verb one transaction, safe to repeat."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from fanfold.access.model import Claim
from fanfold.access.store import mark_key
from fanfold.batches import store
from fanfold.batches.changing import InputCheck
from fanfold.batches.errors import BatchNotFound, IllegalTransition, TooManyUnfinished
from fanfold.batches.lifecycle import BATCH_VERBS, BatchState, Verb
from fanfold.batches.model import Batch, Submission
from fanfold.batches.policy import Policy, refuse_bad_policy
from fanfold.batches.retrying import Retry, RetryWish, refuse_bad_wish, retry
from fanfold.batches.submitting import insert_batch, insert_operations, limits_of
from fanfold.catalog.catalog import Catalog
from fanfold.db.database import Database, Transaction
from fanfold.kit.injection import Point, reach
from fanfold.sdk.errors import BadInput, Problem


@dataclass(frozen=True, slots=True)
class SubmitLimits:
    """What one user may have at once."""

    unfinished_batches: int = 10
    parameters_bytes: int = 10 * 1024
    """What the parameters of one target may take when a retry changes them."""


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

    async def submit(self, submission: Submission, *, user_id: UUID, claim: Claim | None = None) -> Batch:
        """Store the batch and its operations whole, or nothing; acknowledged means committed.

        Raises `BadInput` naming every bad item, `TooManyUnfinished`, or `KeyTakenOver` under a lost *claim*.
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
            if claim is not None:
                await mark_key(transaction, claim, batch_id=uuid)
            batch = await store.find(transaction, str(uuid))
            reach(Point.BEFORE_SUBMIT_COMMIT)
        reach(Point.AFTER_SUBMIT)
        return batch

    async def made_before(self, claim: Claim | None, *, user_id: UUID) -> Batch | None:
        """Return the batch that a lost request made under the same key, if it made one."""
        if claim is None or claim.batch_id is None:
            return None
        async with self._database.transaction(user_id=user_id) as transaction:
            return await store.find(transaction, str(claim.batch_id))

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
        select: Sequence[str] | None = None,
        operation_ids: Sequence[UUID] | None = None,
    ) -> tuple[Batch, int]:
        """Run what failed, or what is selected, again; return the batch and how many operations that are."""
        wish = RetryWish(select=select, operation_ids=operation_ids)
        done = await self.retry_part(reference, wish, user_id=user_id)
        return done.batch, done.count

    async def retry_part(self, reference: str, wish: RetryWish, *, user_id: UUID) -> Retry:
        """Run the chosen part again inside the same batch, or only tell which it is.

        Raises `BadInput` before anything is changed, `BatchNotFound`, `IllegalTransition`.
        """
        refuse_bad_wish(wish)
        async with self._database.transaction(user_id=user_id) as transaction:
            batch = await store.find(transaction, reference, lock=True)
            refuse_illegal(batch, Verb.RETRY)
            check = self._input_check(batch) if wish.change else None
            count, candidates = await retry(transaction, batch, wish=wish, check=check)
            return Retry(await store.find(transaction, reference), count, candidates)

    def _input_check(self, batch: Batch) -> InputCheck:
        return InputCheck(self._catalog.kind(batch.kind), self._limits.parameters_bytes)

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
