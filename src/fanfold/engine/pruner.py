"""Deletes what is old enough: silent workers, answers, links, drafts, and keys that nothing uses."""

from __future__ import annotations

import logging

from fanfold.batches.creation.jobs import prune_drafts
from fanfold.db.database import Database, Transaction
from fanfold.db.statements import Statements
from fanfold.kit.service import Loop

INTERVAL_SECONDS = 600.0

sql = Statements("fanfold.engine")
log = logging.getLogger(__name__)


class Pruner(Loop):
    """Every worker has one; one at a time prunes."""

    def __init__(self, database: Database) -> None:
        super().__init__(interval=INTERVAL_SECONDS)
        self._database = database

    async def run_once(self) -> bool:
        """Prune once."""
        async with self._database.transaction() as transaction:
            if not await transaction.value(sql("lock_pruner")):
                return False
            await transaction.fetch(sql("short_patience"))
            count = await _prune(transaction)
        count += await prune_drafts(self._database)
        if count:
            log.info("pruner.pruned", extra={"count": count})
        return False


async def _prune(transaction: Transaction) -> int:
    count = len(await transaction.fetch(sql("prune_workers")))
    count += await transaction.value(sql("prune_access"))
    count += await transaction.value(sql("prune_limits"))
    await transaction.execute(sql("lock_usage"))
    return count + len(await transaction.fetch(sql("prune_usage")))
