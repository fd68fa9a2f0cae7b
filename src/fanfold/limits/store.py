"""Runs the statements over keys: how they stand, who holds them, and what a person sets."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from fanfold.db.database import Row, Transaction
from fanfold.db.statements import Statements
from fanfold.limits.bounds import Bounds, QuietHours
from fanfold.limits.model import BreakerCause, Holder, KeyState
from fanfold.sdk.kind import Rate

sql = Statements("fanfold.limits")


async def states(transaction: Transaction, keys: Collection[str]) -> dict[str, KeyState]:
    """Return how those of the keys stand that have bounds; only inside `as_service`."""
    rows = await transaction.fetch(sql("read_keys"), keys=list(keys))
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
