"""Does for all batches what no single worker's attempts do: resume, time out, open waves, stop, skip."""

from __future__ import annotations

import logging

from fanfold.engine.leading import LeaderStore
from fanfold.kit.service import Loop

log = logging.getLogger(__name__)


class Leader(Loop):
    """Every worker has one; whichever looks first leads for that moment."""

    def __init__(self, store: LeaderStore) -> None:
        super().__init__(interval=1.0)
        self._store = store

    async def run_once(self) -> bool:
        """Do what is due; return whether there may be more at once."""
        done = await self._store.lead()
        if done:
            log.info("leader.led", extra=dict(done))
        return bool(done)
