"""Runs the statements of the leader."""

from __future__ import annotations

from collections.abc import Mapping

from fanfold.batches import store as batches
from fanfold.db.database import Database, Transaction
from fanfold.db.statements import Statements

sql = Statements("fanfold.engine")


class LeaderStore:
    """The leader's door to the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def lead(self) -> Mapping[str, int]:
        """Do what is due unless another worker does it now; return how much of what was done."""
        async with self._database.transaction() as transaction:
            due = await transaction.fetch_one(sql("leading_due"))
            if due is None or not any(due.values()):
                return {}
            if not await transaction.value(sql("lock_leader")):
                return {}
            done = {duty: await _do(transaction, duty) for duty, is_due in due.items() if is_due}
        return {duty: count for duty, count in done.items() if count}


async def _do(transaction: Transaction, duty: str) -> int:
    match duty:
        case "resume":
            return await _resume(transaction)
        case "time_out":
            return await _time_out(transaction)
        case "open_waves":
            return len(await transaction.fetch(sql("open_waves")))
        case "stop_unmet":
            return len(await transaction.fetch(sql("stop_unmet")))
        case _:
            return len(await transaction.fetch(sql("skip_stopped")))


async def _resume(transaction: Transaction) -> int:
    rows = await transaction.fetch(sql("paused_due"))
    for row in rows:
        await batches.resume(transaction, row["id"])
    return len(rows)


async def _time_out(transaction: Transaction) -> int:
    rows = await transaction.fetch(sql("time_out_batches"))
    await batches.wake(transaction, [row["id"] for row in rows])
    return len(rows)
