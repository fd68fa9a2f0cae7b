"""Builds a worker from the settings and runs it; the engine's one entry point."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from fanfold.catalog.catalog import load_catalog
from fanfold.connections.opener import Connections
from fanfold.credentials.keyring import KeyRing
from fanfold.credentials.service import Credentials
from fanfold.db.database import Database, Role
from fanfold.db.schema import check
from fanfold.engine.store import BreakerRule
from fanfold.engine.worker import Worker, WorkerOptions
from fanfold.kit.clock import SystemClock
from fanfold.results.store import ResultStore
from fanfold.settings import Settings


async def run_worker(settings: Settings, *, stop: asyncio.Event) -> None:
    """Work until *stop* is set. Raises `DatabaseProblem` before anything runs."""
    url = settings.database_url
    await check(url)
    catalog, clock = load_catalog(), SystemClock()
    credentials = Credentials(KeyRing([key.get_secret_value() for key in settings.keys.fernet]))
    database = await Database.open(url, Role.SERVICE, size=settings.database.pool_size)
    try:
        async with Connections(database, catalog=catalog, credentials=credentials, clock=clock) as clients:
            worker = Worker(
                database,
                url=url,
                catalog=catalog,
                clients=clients,
                results=ResultStore.open(settings.results_url),
                options=worker_options(settings),
                clock=clock,
            )
            await worker.run(stop)
    finally:
        await database.close()


def worker_options(settings: Settings) -> WorkerOptions:
    """Return how a worker works by the settings."""
    worker, breaker = settings.worker, settings.breaker
    return WorkerOptions(
        capacity=worker.capacity,
        lease=timedelta(seconds=worker.lease_seconds),
        poll_seconds=worker.poll_seconds,
        drain_seconds=worker.drain_seconds,
        breaker=BreakerRule(
            failures=breaker.failures,
            cool_down=timedelta(seconds=breaker.cool_down_seconds),
            longest=timedelta(seconds=breaker.longest_seconds),
        ),
        results_kept=timedelta(days=settings.results_days) if settings.results_days else None,
    )
