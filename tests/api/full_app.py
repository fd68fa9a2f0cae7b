"""The whole application over a test's database, with a worker that the test steps by hand."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any

import httpx
from argon2 import PasswordHasher
from cryptography.fernet import Fernet
from fastapi import FastAPI
from pydantic import BaseModel, SecretStr

from fanfold.access.model import User
from fanfold.access.passwords import Passwords
from fanfold.batches.model import Batch, Item, Submission
from fanfold.batches.policy import Policy
from fanfold.catalog.catalog import Catalog
from fanfold.connectors.amc import AmcConnector
from fanfold.db.database import Database, Role
from fanfold.engine.worker import Worker, WorkerOptions
from fanfold.kit.clock import SystemClock
from fanfold.results.store import ResultStore
from fanfold.sdk.context import Target
from fanfold.sdk.kind import Finding
from fanfold.settings import Settings, load_settings
from fanfold.timeline.feed import Tempo
from fanfold.web.app import create_app
from fanfold.web.services import Services, open_services
from tests.engine.conftest import NoClients, ScriptedKind

CHEAP_PASSWORDS = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
QUICK = Tempo(spacing=0.02, poll=0.2, heartbeat=30)
SECRET = "a test's secret of more than 32 bytes"


class Window(BaseModel):
    """What the scripted kind takes."""

    window: int = 7


class SiteKind(ScriptedKind):
    """The scripted kind with a parameter, and findings that a test gives it."""

    parameters = Window

    def __init__(self) -> None:
        super().__init__()
        self.findings: list[Finding] = []

    def inspect(self, definition: Mapping[str, Any]) -> list[Finding]:
        del definition
        return self.findings


@dataclass
class Site:
    """An application, its services, and two people who use it."""

    app: FastAPI
    services: Services
    kind: SiteKind
    worker: Worker
    service_database: Database
    ada: User
    mallory: User

    def client(self, user: User | None) -> httpx.AsyncClient:
        """Return a client inside this process that acts for *user*."""
        headers = {"Authorization": f"Bearer {self.services.access.issue_token(user)}"} if user else {}
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(app=self.app), base_url="http://fanfold.test", headers=headers
        )

    async def submit(self, *targets: str, name: str = "test", **policy: Any) -> Batch:
        """Submit a batch of the scripted kind for ada."""
        items = [
            Item(Target(key=key, name=key.upper(), attributes={"region": "us-east-1"})) for key in targets
        ]
        submission = Submission(
            self.kind.name, name, items, parameters={"window": 7}, policy=Policy(**policy), tags=("spring",)
        )
        return await self.services.batches.submit(submission, user_id=self.ada.id)

    async def step(self) -> bool:
        """Let the worker claim once and finish what it claimed."""
        claimed = await self.worker.claimer.run_once() or len(self.worker.roster) > 0
        await self.worker.roster.drain(timeout=10)
        while await self.worker.completer.run_once():
            pass
        return claimed

    async def drain(self) -> None:
        """Let the worker do all that is due."""
        while await self.step():
            pass


def settings_over(url: str, folder: str, **limits: int) -> Settings:
    """Return settings for tests, from no environment."""
    settings = load_settings(data_dir=folder).with_values("database", url=SecretStr(url), pool_size=5)
    settings = settings.with_values("amc", use_real_api=False)
    if limits:
        settings = settings.with_values("limits", **limits)
    key = SecretStr(Fernet.generate_key().decode())
    return settings.with_values("keys", fernet=(key,), jwt=SecretStr(SECRET))


@asynccontextmanager
async def open_site(url: str, kind: SiteKind, **limits: int) -> AsyncIterator[Site]:
    """Open everything over the database at *url*."""
    catalog = Catalog(kinds={kind.name: kind}, connectors={"amc": AmcConnector()})
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="fanfold-site-"))
        settings = settings_over(url, folder, **limits)
        services = await stack.enter_async_context(
            open_services(
                settings,
                catalog=catalog,
                passwords=CHEAP_PASSWORDS,
                tempo=QUICK,
                # Each look at it is a second later: nothing is kept from one question to the next.
                seconds=count().__next__,
            )
        )
        database = await Database.open(url, Role.SERVICE, size=5)
        stack.push_async_callback(database.close)
        worker = _worker(url, database, catalog=catalog, settings=settings)
        await worker.store.register(name="bench", version="0", capacity=50)
        yield Site(
            app=create_app(services),
            services=services,
            kind=kind,
            worker=worker,
            service_database=database,
            ada=await services.access.add_user("ada"),
            mallory=await services.access.add_user("mallory"),
        )


def _worker(url: str, database: Database, *, catalog: Catalog, settings: Settings) -> Worker:
    return Worker(
        database,
        url=url,
        catalog=catalog,
        clients=NoClients(),
        results=ResultStore.open(settings.results_url),
        options=WorkerOptions(capacity=50),
        clock=SystemClock(),
    )
