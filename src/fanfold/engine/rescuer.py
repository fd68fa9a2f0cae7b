"""Takes operations back from workers whose lease ran out."""

from __future__ import annotations

import logging
from datetime import timedelta

from fanfold.engine.store import EngineStore
from fanfold.kit.service import Loop

log = logging.getLogger(__name__)


class Rescuer(Loop):
    """Any worker may run it at any time: the statement is safe beside itself."""

    def __init__(self, store: EngineStore, *, lease: timedelta) -> None:
        super().__init__(interval=min(5.0, lease.total_seconds() / 3))
        self._store = store

    async def run_once(self) -> bool:
        """Rescue once."""
        if count := await self._store.rescue():
            log.warning("operations.rescued", extra={"count": count})
        return False
