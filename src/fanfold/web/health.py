"""Whether this process can do its duty: the database, the AMC API, and a worker that lives."""

from __future__ import annotations

import asyncio
import time
from typing import Literal, Self

import httpx
from pydantic import BaseModel

from fanfold.db.database import Database
from fanfold.db.outage import OUTAGE
from fanfold.db.statements import Statements

sql = Statements("fanfold.web")

_DATABASE_SECONDS = 2.0
_AMC_SECONDS = 3.0
_AMC_KEPT_SECONDS = 30.0


class Checks(BaseModel):
    """What was looked at; null where there is nothing to look at."""

    database: bool
    amc_api: bool | None
    worker: bool


class HealthReport(BaseModel):
    """Seed 000's shape."""

    status: Literal["healthy", "degraded"]
    checks: Checks

    @property
    def is_healthy(self) -> bool:
        """Whether nothing is wrong."""
        return self.status == "healthy"


class AmcProbe:
    """Asks whether AMC answers, not more often than twice a minute; an asynchronous context."""

    def __init__(self, url: str | None) -> None:
        self._url = url
        self._client: httpx.AsyncClient | None = None
        self._seen: tuple[float, bool] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_error: object) -> None:
        if self._client is not None:
            await self._client.aclose()

    async def answers(self) -> bool | None:
        """Return whether AMC answers; None if no address is known."""
        if self._url is None:
            return None
        now = time.monotonic()
        if self._seen is None or now - self._seen[0] > _AMC_KEPT_SECONDS:
            self._seen = (now, await self._reach(self._url))
        return self._seen[1]

    async def _reach(self, url: str) -> bool:
        # Made late: reading the certificates takes longer than anything else at the start.
        self._client = self._client or httpx.AsyncClient()
        try:
            # Any answer will do, also a refusal: without credentials there is no better one.
            await self._client.get(url, timeout=_AMC_SECONDS)
        except httpx.HTTPError:
            return False
        return True


class Health:
    """Looks."""

    def __init__(self, database: Database, amc: AmcProbe) -> None:
        self._database = database
        self._amc = amc

    async def report(self) -> HealthReport:
        """Look at everything."""
        workers, amc_api = await asyncio.gather(self._workers(), self._amc.answers())
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
