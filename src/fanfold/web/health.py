"""Whether this process can do its duty: the database, the AMC API, and a worker that lives."""

from __future__ import annotations

import asyncio
import time

import httpx
from pydantic import BaseModel

from fanfold.db.database import Database
from fanfold.db.statements import Statements
from fanfold.web.store import OUTAGE

sql = Statements("fanfold.web")

_DATABASE_SECONDS = 2.0
_AMC_SECONDS = 3.0
_AMC_KEPT_SECONDS = 30.0
"""AMC is asked no more often than this, however often we are."""


class Checks(BaseModel):
    """What was looked at; null where there is nothing to look at."""

    database: bool
    amc_api: bool | None
    worker: bool


class HealthReport(BaseModel):
    """Seed 000's shape."""

    status: str
    checks: Checks

    @property
    def is_healthy(self) -> bool:
        """Whether nothing is wrong."""
        return self.status == "healthy"


class Health:
    """Looks."""

    def __init__(self, database: Database, *, amc_url: str | None, client: httpx.AsyncClient) -> None:
        self._database = database
        self._amc_url = amc_url
        self._client = client
        self._amc_seen: tuple[float, bool] | None = None

    async def report(self) -> HealthReport:
        """Look at everything."""
        workers, amc_api = await asyncio.gather(self._workers(), self._amc_answers())
        checks = Checks(database=workers is not None, amc_api=amc_api, worker=bool(workers))
        healthy = checks.database and checks.worker and amc_api is not False
        return HealthReport(status="healthy" if healthy else "degraded", checks=checks)

    async def database_answers(self) -> bool:
        """Whether the database can be used: what a load balancer wants to know."""
        return await self._workers() is not None

    async def _workers(self) -> int | None:
        try:
            async with asyncio.timeout(_DATABASE_SECONDS), self._database.transaction() as transaction:
                return await transaction.value(sql("count_workers"))
        except OUTAGE:
            return None

    async def _amc_answers(self) -> bool | None:
        if self._amc_url is None:
            return None
        now = time.monotonic()
        if self._amc_seen is None or now - self._amc_seen[0] > _AMC_KEPT_SECONDS:
            self._amc_seen = (now, await self._reach(self._amc_url))
        return self._amc_seen[1]

    async def _reach(self, url: str) -> bool:
        try:
            # Any answer will do, also a refusal: without credentials there is no better one.
            await self._client.get(url, timeout=_AMC_SECONDS)
        except httpx.HTTPError:
            return False
        return True
