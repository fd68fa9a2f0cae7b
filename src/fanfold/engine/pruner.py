"""Deletes what is old enough: silent workers, answers, links, drafts, and keys that nothing uses."""

from __future__ import annotations

import logging
from datetime import timedelta

from fanfold.batches.creation.jobs import prune_drafts
from fanfold.db.database import Database, Transaction
from fanfold.db.statements import Statements
from fanfold.kit.service import Loop
from fanfold.results.pruning import prune_results
from fanfold.results.store import ResultStore

INTERVAL_SECONDS = 600.0

sql = Statements("fanfold.engine")
log = logging.getLogger(__name__)


class Pruner(Loop):
    """Every worker has one; one at a time prunes."""

    def __init__(self, database: Database, results: ResultStore, *, results_kept: timedelta | None) -> None:
        """Make it; *results_kept* is how long rows stay after their batch's end, None for ever."""
        super().__init__(interval=INTERVAL_SECONDS)
        self._database = database
        self._results = results
        self._results_kept = results_kept

    async def run_once(self) -> bool:
        """Prune once."""
        async with self._database.transaction() as transaction:
            if not await transaction.value(sql("lock_pruner")):
                return False
            await transaction.fetch(sql("short_patience"))
            count = await _prune(transaction)
        count += await prune_drafts(self._database)
        if self._results_kept is not None:
            count += await prune_results(self._database, self._results, older_than=self._results_kept)
        if count:
            log.info("pruner.pruned", extra={"count": count})
        return False


async def _prune(transaction: Transaction) -> int:
    count = len(await transaction.fetch(sql("prune_workers")))
    count += await transaction.value(sql("prune_access"))
    count += await transaction.value(sql("prune_limits"))
    await transaction.execute(sql("lock_usage"))
    return count + len(await transaction.fetch(sql("prune_usage")))
