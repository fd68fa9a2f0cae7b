"""Runs a chosen part of a batch again inside the same batch: by state, reason, cause, id or target.

All of it is set-based and happens under the batch's lock, so each operation is sent back once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from fanfold.batches.changing import InputChange, InputCheck, InputGroup, plan_inputs, write_inputs
from fanfold.batches.lifecycle import OperationState, Reason
from fanfold.batches.model import Batch, Operation
from fanfold.batches.patching import merged
from fanfold.batches.rows import operation_from
from fanfold.batches.store import sql
from fanfold.db.database import Transaction
from fanfold.sdk.errors import BadInput, Problem

REMAINDER = "remainder"
"""All that did not succeed."""
UNSTARTED = "unstarted"
"""What ended without a single attempt."""
_STATES = (OperationState.FAILED, OperationState.CANCELLED, OperationState.SKIPPED)
RETRYABLE = (*(state.value for state in _STATES), REMAINDER, UNSTARTED, *(reason.value for reason in Reason))
"""What `retry` can select: end states, the two words above, and the reasons of an end."""
_NAMED = 3
SHOWN = 100
"""How many operations a dry run names."""
_WHOLE = ({"failed"}, {REMAINDER})
"""Choices that may be empty: who clicks twice finds all of it sent back already."""


@dataclass(frozen=True, slots=True)
class RetryWish:
    """Which part of a batch runs again, and with what. Every filter narrows."""

    select: Sequence[str] | None = None
    """Of `RETRYABLE`; None is `failed`, or with ids whatever can be retried."""
    fingerprints: Sequence[str] | None = None
    operation_ids: Sequence[UUID] | None = None
    q: str | None = None
    """A part of the target's name or key."""
    change: InputChange = field(default_factory=InputChange)
    max_attempts: int | None = None
    dry_run: bool = False

    @property
    def selected(self) -> Sequence[str]:
        """The states and reasons that are meant."""
        if self.select is not None:
            return self.select
        return [OperationState.FAILED] if self.operation_ids is None else _STATES

    @property
    def filters(self) -> Mapping[str, Any]:
        """What was asked for in so many words, by its name in the request."""
        named = {
            "select": None if self.select is None or set(self.select) in _WHOLE else list(self.select),
            "fingerprint": self.fingerprints,
            "operation_ids": self.operation_ids,
            "q": self.q,
        }
        return {name: value for name, value in named.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Candidate:
    """An operation that would run again, and what it would run with."""

    operation: Operation
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Retry:
    """What a retry did, or what it would do."""

    batch: Batch
    count: int
    candidates: Sequence[Candidate] | None = None
    """The first `SHOWN` of a dry run."""


def refuse_bad_wish(wish: RetryWish) -> None:
    """Raise `BadInput` for a selection that cannot be."""
    problems = [
        Problem(f"/select/{index}", f"{choice!r} cannot be retried; choose from {', '.join(RETRYABLE)}.")
        for index, choice in enumerate(wish.selected)
        if choice not in RETRYABLE
    ]
    if not wish.selected:
        problems.append(Problem("/select", f"Choose at least one of {', '.join(RETRYABLE)}."))
    if wish.operation_ids is not None and not wish.operation_ids:
        problems.append(Problem("/operation_ids", "The list of operations is empty."))
    if problems:
        raise BadInput(problems)


async def retry(
    transaction: Transaction, batch: Batch, *, wish: RetryWish, check: InputCheck | None
) -> tuple[int, Sequence[Candidate] | None]:
    """Send the chosen operations of a locked batch back to the queue, or only tell which they are.

    *check* is needed where the wish changes inputs. Raises `BadInput` before anything is changed.
    """
    ids = await _choose(transaction, batch, wish=wish)
    groups: Sequence[InputGroup] = ()
    if check is not None:
        groups = await plan_inputs(transaction, batch, ids=ids, change=wish.change, check=check)
    if wish.dry_run:
        return len(ids), await _candidates(transaction, batch, ids=ids[:SHOWN], change=wish.change)
    if check is not None and groups:
        await write_inputs(transaction, batch, ids=ids, groups=groups, kind=check.kind)
    if ids:
        allowance = wish.max_attempts or batch.policy.max_attempts
        await transaction.execute(sql("retry_operations"), batch_id=batch.id, ids=ids, max_attempts=allowance)
        await transaction.execute(sql("resume_cancelled"), id=batch.id)
    return len(ids), None


async def _choose(transaction: Transaction, batch: Batch, *, wish: RetryWish) -> list[UUID]:
    if wish.operation_ids is not None:
        await _refuse_strangers(transaction, batch, ids=wish.operation_ids)
    selected = set(wish.selected)
    rows = await transaction.fetch(
        sql("choose_operations"),
        batch_id=batch.id,
        states=[state for state in _STATES if state in selected],
        reasons=[reason for reason in Reason if reason in selected],
        remainder=REMAINDER in selected,
        unstarted=UNSTARTED in selected,
        fingerprints=None if wish.fingerprints is None else list(wish.fingerprints),
        operation_ids=None if wish.operation_ids is None else list(wish.operation_ids),
        q=wish.q,
    )
    if not rows and wish.filters:
        raise BadInput([_nothing(batch, wish)])
    return [row["id"] for row in rows]


async def _refuse_strangers(transaction: Transaction, batch: Batch, *, ids: Sequence[UUID]) -> None:
    given = {"batch_id": batch.id, "operation_ids": list(ids)}
    strangers = {row["id"] for row in await transaction.fetch(sql("find_strangers"), **given)}
    if strangers:
        raise BadInput(
            [
                Problem(f"/operation_ids/{index}", f"There is no operation {one} in {batch.batch_id}.")
                for index, one in enumerate(ids)
                if one in strangers
            ]
        )


def _nothing(batch: Batch, wish: RetryWish) -> Problem:
    named = ", ".join(f"{name} {_shown(value)}" for name, value in wish.filters.items())
    return Problem(
        f"/{next(iter(wish.filters))}",
        f"Nothing of {batch.batch_id} that has ended without success matches {named}.",
    )


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return repr(value)
    words = [str(one) for one in value]
    more = len(words) - _NAMED
    return ", ".join(words[:_NAMED]) + (f" and {more} more" if more > 0 else "")


async def _candidates(
    transaction: Transaction, batch: Batch, *, ids: Sequence[UUID], change: InputChange
) -> list[Candidate]:
    rows = await transaction.fetch(sql("list_operations_by_id"), batch_id=batch.id, ids=list(ids))
    operations = [operation_from(row) for row in rows]
    base = batch.parameters
    return [
        Candidate(one, merged(base, change.overrides(base, one.overrides, key=one.target.key)))
        for one in operations
    ]
