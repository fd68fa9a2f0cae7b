"""Shows what a batch would do, target by target, without doing it, and binds to this by a digest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from fanfold.batches import store
from fanfold.batches.creation.conditions import Condition
from fanfold.batches.creation.digests import Digest, digest_over
from fanfold.batches.creation.planning import Plan
from fanfold.batches.creation.stored import header_of, stored_items
from fanfold.batches.lifecycle import Verb
from fanfold.batches.model import Item
from fanfold.batches.policy import Policy
from fanfold.batches.service import refuse_illegal
from fanfold.batches.store import sql
from fanfold.batches.submitting import limits_of
from fanfold.catalog.catalog import Catalog
from fanfold.db.database import Database, Transaction
from fanfold.sdk.kind import Finding

SHOWN = 100


@dataclass(frozen=True, slots=True)
class PreviewedItem:
    """What a batch would do for one target."""

    item: Item
    does: str
    parameters: Mapping[str, Any]
    warnings: Sequence[str]


@dataclass(slots=True)
class Preview:
    """What a batch would do."""

    digest: str
    kind: str
    total: int
    skipped: int
    findings: Sequence[Finding]
    warnings: Sequence[str]
    items: Sequence[PreviewedItem]
    """The first `SHOWN`."""


@dataclass(slots=True)
class _Seen:
    total: int = 0
    skipped: int = 0
    first: list[Item] = field(default_factory=list[Item])

    def add(self, items: Sequence[Item]) -> None:
        self.total += len(items)
        self.skipped += sum(item.skip_reason is not None for item in items)
        self.first.extend(items[: SHOWN - len(self.first)])


class Previewer:
    """Previews for the acting user."""

    def __init__(self, database: Database, *, catalog: Catalog) -> None:
        self._database = database
        self._catalog = catalog

    async def of_plan(self, plan: Plan, *, user_id: UUID) -> Preview:
        """Return what a request that passed every check would do."""
        submission = plan.submission
        seen = _Seen()
        seen.add(submission.items)
        digest = digest_over(submission)
        digest.add(submission.items)
        async with self._database.transaction(user_id=user_id) as transaction:
            return await self._preview(transaction, plan, seen=seen, digest=digest, user_id=user_id)

    async def of_draft(
        self, reference: str, *, user_id: UUID, conditions: Sequence[Condition] = ()
    ) -> Preview:
        """Return what a draft would do. Raises `BatchNotFound`, `IllegalTransition`."""
        async with self._database.transaction(user_id=user_id) as transaction:
            batch = await store.with_rate(transaction, await store.find(transaction, reference))
            refuse_illegal(batch, Verb.START)
            submission, seen = header_of(batch), _Seen()
            digest = digest_over(submission)
            async for part in stored_items(transaction, batch, conditions=conditions):
                items = [item for _, item in part]
                digest.add(items)
                seen.add(items)
            kind = self._catalog.kind(batch.kind)
            plan = Plan(submission, kind, kind.inspect(batch.definition))
            return await self._preview(transaction, plan, seen=seen, digest=digest, user_id=user_id)

    async def _preview(
        self,
        transaction: Transaction,
        plan: Plan,
        *,
        seen: _Seen,
        digest: Digest,
        user_id: UUID,
    ) -> Preview:
        submission = plan.submission
        shown = replace(submission, items=seen.first)
        found = limits_of(shown, kind=plan.kind, user_id=user_id)
        keys = [[limit.key for limit in limits] for limits in found]
        wide = ["global", f"kind:{submission.kind}", f"user:{user_id}"]
        closed = await _closed(transaction, {*wide, *(key for each in keys for key in each)})
        items = [
            _previewed(item, plan, closed=[closed[key] for key in held if key in closed])
            for item, held in zip(seen.first, keys, strict=True)
        ]
        quiet = await _quiet_until(transaction, submission.policy)
        warnings = [closed[key] for key in wide if key in closed]
        if quiet is not None:
            warnings.append(f"It is quiet hours: nothing starts before {_moment(quiet)}.")
        if seen.total and seen.skipped == seen.total:
            warnings.append("Conditions leave every target out: nothing would run.")
        return Preview(
            digest.text(), submission.kind, seen.total, seen.skipped, plan.findings, warnings, items
        )


async def _closed(transaction: Transaction, keys: set[str]) -> dict[str, str]:
    rows = await transaction.fetch(sql("closed_keys"), keys=sorted(keys))
    return {row["key"]: _closed_sentence(row) for row in rows}


def _closed_sentence(row: Mapping[str, Any]) -> str:
    until = f" until {_moment(row['opens_at'])}" if row["opens_at"] else ""
    match row["reason"]:
        case "breaker":
            return f"The circuit breaker of {row['key']} is open{until}: {row['error']}"
        case "blocked":
            return f"{row['key']} rests{until}, as the other side has asked."
        case "quiet":
            return f"{row['key']} has quiet hours{until}."
        case _:
            return f"{row['key']} is full now; operations on it wait."


async def _quiet_until(transaction: Transaction, policy: Policy) -> datetime | None:
    if not policy.quiet_hours:
        return None
    return await transaction.value(sql("quiet_now"), hours=[period.stored() for period in policy.quiet_hours])


def _previewed(item: Item, plan: Plan, *, closed: Sequence[str]) -> PreviewedItem:
    own, base = item.overrides or {}, plan.submission.parameters
    merged = {**base, **own}
    same = [name for name, value in own.items() if name in base and base[name] == value]
    warnings = [f"{name} is overridden with the value that all targets have." for name in same]
    does = plan.kind.describe(item.target, definition=plan.submission.definition, parameters=merged)
    return PreviewedItem(item, does, merged, [*warnings, *closed])


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
