"""Runs the statements over keys: how they stand, who holds them, and what a person sets."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from fanfold.db.database import Row, Transaction
from fanfold.db.statements import Statements
from fanfold.limits.bounds import Bounds, BoundsChange, QuietHours
from fanfold.limits.model import BatchHolding, BreakerCause, Holder, KeyState
from fanfold.sdk.context import Target
from fanfold.sdk.kind import Limit, Rate

sql = Statements("fanfold.limits")


async def states(transaction: Transaction, keys: Collection[str]) -> dict[str, KeyState]:
    """Return how those of the keys stand that have bounds; only inside `as_service`."""
    return await _read(transaction, keys, weights=())


async def tight(transaction: Transaction, weights: Mapping[str, int]) -> dict[str, KeyState]:
    """Return those of the keys that have less room than so many units; only inside `as_service`."""
    return await _read(transaction, weights, weights=weights.values())


async def _read(
    transaction: Transaction, keys: Collection[str], *, weights: Collection[int]
) -> dict[str, KeyState]:
    rows = await transaction.fetch(sql("read_keys"), keys=list(keys), weights=list(weights))
    found = {row["key"]: _state(row) for row in rows}
    failing = [key for key, state in found.items() if state.guarded]
    if failing:
        causes = await _causes(transaction, failing)
        found |= {key: replace(found[key], causes=causes.get(key, ())) for key in failing}
    return found


async def oldest_holders(transaction: Transaction, keys: Collection[str]) -> dict[str, Holder]:
    """Return who has held each key longest, where one was found; only inside `as_service`."""
    if not keys:
        return {}
    rows = await transaction.fetch(sql("find_oldest_holders"), keys=list(keys))
    return {row["key"]: Holder(row["key"], row["batch_id"], row["user_id"]) for row in rows}


async def visible(
    transaction: Transaction,
    viewer: UUID | None,
    *,
    key: str | None = None,
    q: str | None = None,
    full: bool = False,
    limit: int = 1,
    offset: int = 0,
) -> tuple[list[str], int]:
    """Return a page of the bounded keys that *viewer* may see (None: all) and how many there are.

    Only inside `as_service`.
    """
    rows = await transaction.fetch(
        sql("list_keys"), viewer=viewer, key=key, q=q, full=full, limit=limit, offset=offset
    )
    return [row["key"] for row in rows], rows[0]["total"] if rows else 0


async def holdings(transaction: Transaction, keys: Collection[str]) -> dict[str, list[BatchHolding]]:
    """Return which batches hold each key now, the greediest first; only inside `as_service`."""
    found: dict[str, list[BatchHolding]] = {}
    for row in await transaction.fetch(sql("list_holdings"), keys=list(keys)):
        holding = BatchHolding(row["key"], row["batch_id"], row["name"], row["user_id"], row["operations"])
        found.setdefault(row["key"], []).append(holding)
    return found


async def set_bounds(transaction: Transaction, key: str, *, change: BoundsChange) -> None:
    """Set those of a key's bounds that are given; only inside `as_service`."""
    bounds, given = change.bounds, change.given
    rate = bounds.rate
    await transaction.execute(
        sql("set_bounds"),
        key=key,
        max_running=bounds.max_running,
        rate_count=rate.count if rate else None,
        rate_ms=_milliseconds(rate),
        quiet_hours=[period.stored() for period in bounds.quiet_hours] or None,
        sets_running="max_running" in given,
        sets_rate="rate" in given,
        sets_quiet_hours="quiet_hours" in given,
    )


async def return_bounds(transaction: Transaction, key: str, *, declared: Limit) -> None:
    """Give a key back what is declared of it; only inside `as_service`."""
    rate = declared.rate
    await transaction.execute(
        sql("return_bounds"),
        key=key,
        max_running=declared.max_running,
        rate_count=rate.count if rate else None,
        rate_ms=_milliseconds(rate),
    )


async def drop(transaction: Transaction, key: str) -> None:
    """Forget a key; only inside `as_service`."""
    await transaction.execute(sql("drop_key"), key=key)


async def declarer(transaction: Transaction, key: str) -> tuple[str, Target] | None:
    """Return kind and target of an unfinished operation that holds a key; only inside `as_service`."""
    row = await transaction.fetch_one(sql("find_declarer"), key=key)
    if row is None:
        return None
    frozen = row["target"]
    connection = frozen.get("connection_id")
    target = Target(
        key=row["item_key"],
        name=frozen.get("name", row["item_key"]),
        id=row["target_id"],
        connection_id=UUID(connection) if connection else None,
        attributes=frozen.get("attributes", {}),
    )
    return row["kind"], target


async def reset_breaker(transaction: Transaction, key: str) -> None:
    """Close a key's breaker; only inside `as_service`."""
    await transaction.execute(sql("lock_key"), key=key)
    await transaction.execute(sql("reset_breaker"), key=key)


async def unblock(transaction: Transaction, key: str) -> None:
    """End a key's pause and what throttling took from it; only inside `as_service`."""
    await transaction.execute(sql("unblock_key"), key=key)


async def owns(transaction: Transaction, key: str) -> bool:
    """Whether the key is that of a target or a connection of the acting user."""
    return await transaction.value(sql("owns_key"), key=key)


async def set_default(transaction: Transaction, key: str, *, max_running: int | None) -> None:
    """Set or, with None, forget the cap of a key that no person has set; only inside `as_service`."""
    if max_running is None:
        await transaction.execute(sql("drop_default"), key=key)
    else:
        await transaction.execute(sql("set_default"), key=key, max_running=max_running)


async def spread_user_default(transaction: Transaction) -> None:
    """Give every user without a cap of their own that of `user:*`; only inside `as_service`."""
    await transaction.execute(sql("spread_user_default"))


def _milliseconds(rate: Rate | None) -> int | None:
    return None if rate is None else int(rate.per.total_seconds() * 1000)


async def _causes(transaction: Transaction, keys: Collection[str]) -> dict[str, tuple[BreakerCause, ...]]:
    found: dict[str, tuple[BreakerCause, ...]] = {}
    for row in await transaction.fetch(sql("read_breakers"), keys=list(keys)):
        cause = BreakerCause(
            row["cause"],
            row["error"],
            row["failure_count"],
            first_failed_at=row["first_failed_at"],
            last_failed_at=row["last_failed_at"],
            opened_at=row["opened_at"],
        )
        found[row["key"]] = (*found.get(row["key"], ()), cause)
    return found


def _state(row: Row) -> KeyState:
    return KeyState(
        key=row["key"],
        bounds=bounds_from(row),
        in_use=row["in_use"],
        cap=row["cap"],
        rate_room=row["rate_room"],
        room=row["room"],
        blocked_until=row["blocked_until"],
        quiet_until=row["quiet_until"],
        probe_at=row["probe_at"],
        opens_at=row["opens_at"],
        guarded=row["guarded"],
        pinned=row["pinned"],
        now=row["now"],
    )


def bounds_from(row: Mapping[str, Any]) -> Bounds:
    """Read the bounds of a row of `limits`."""
    rate = None
    if row["rate_count"] is not None:
        rate = Rate(row["rate_count"], timedelta(milliseconds=row["rate_ms"]))
    periods = tuple(QuietHours.from_stored(period) for period in row["quiet_hours"] or ())
    return Bounds(row["max_running"], rate, periods)
