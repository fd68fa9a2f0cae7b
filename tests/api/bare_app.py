"""The routers under test in a bare application: what `fanfold.web` composes, without middleware and UI."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import httpx
from argon2 import PasswordHasher
from fastapi import APIRouter, FastAPI

from fanfold.access.audit import Audit
from fanfold.access.idempotency import IdempotencyKeys
from fanfold.access.model import Lifetimes, User
from fanfold.access.passwords import Passwords
from fanfold.access.service import AccessService
from fanfold.access.throttle import SignInThrottle
from fanfold.access.tokens import TokenSigner
from fanfold.batches.creation.policies import PolicyReader
from fanfold.catalog.catalog import Catalog
from fanfold.connections.endpoints import router as connection_router
from fanfold.connections.service import ConnectionService
from fanfold.credentials.keyring import KeyRing
from fanfold.credentials.service import Credentials
from fanfold.db.database import Database
from fanfold.kinds.amc_workflow import AmcWorkflow
from fanfold.kit.clock import Clock, SystemClock
from fanfold.targets.endpoints import router as instance_router
from fanfold.targets.service import InstanceService
from fanfold.web.errors import add_error_handlers
from fanfold.workflows.endpoints import router as workflow_router
from fanfold.workflows.file_endpoints import router as file_router
from fanfold.workflows.library_endpoints import router as library_router
from fanfold.workflows.service import WorkflowService
from fanfold.workflows.submission import SubmissionBuilder
from tests.api.paper_connector import PaperConnector

SECRET = "a test's secret of more than 32 bytes"


def access_over(database: Database, clock: Clock, *, lifetimes: Lifetimes | None = None) -> AccessService:
    """A service with cheap hashes."""
    return AccessService(
        database,
        signer=TokenSigner([SECRET], clock=clock),
        throttle=SignInThrottle(clock),
        lifetimes=lifetimes,
        passwords=Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)),
    )


def bare_app(routers: Iterable[APIRouter], **services: Any) -> FastAPI:
    """An application of these routers that answers errors as the product does."""
    app = FastAPI()
    app.state.services = SimpleNamespace(**services)
    for router in routers:
        app.include_router(router)
    add_error_handlers(app)
    return app


def client_of(app: FastAPI, *, token: str | None = None) -> httpx.AsyncClient:
    """A client inside this process; exceptions that nobody maps reach the test."""
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url="http://fanfold.test", headers=headers
    )


@dataclass(frozen=True)
class Desk:
    """Everything that is written before a batch is submitted, and two people who do."""

    app: FastAPI
    access: AccessService
    connections: ConnectionService
    instances: InstanceService
    workflows: WorkflowService
    submissions: SubmissionBuilder
    connector: PaperConnector
    keys: KeyRing
    ada: User
    mallory: User

    def client(self, user: User) -> httpx.AsyncClient:
        """A client that acts for *user*."""
        return client_of(self.app, token=self.access.issue_token(user))


@asynccontextmanager
async def open_desk(database: Database, *, clock: Clock | None = None) -> AsyncIterator[Desk]:
    """Everything over *database*, with the real kind and a connector of paper under the name `amc`.

    *clock* tells templates what day it is.
    """
    connector = PaperConnector()
    catalog = Catalog(kinds={"amc.workflow": AmcWorkflow()}, connectors={"amc": connector})
    access = access_over(database, SystemClock())
    keys = KeyRing([KeyRing.generate_key()])
    workflows, instances = WorkflowService(database, catalog=catalog), InstanceService(database)
    services: dict[str, Any] = {
        "access": access,
        "connections": ConnectionService(database, catalog=catalog, credentials=Credentials(keys)),
        "instances": instances,
        "workflows": workflows,
        "submissions": SubmissionBuilder(
            workflows,
            instances=instances,
            catalog=catalog,
            audit=Audit(database),
            policies=PolicyReader(database),
            clock=clock,
        ),
    }
    app = bare_app(
        [connection_router, instance_router, library_router, file_router, workflow_router],
        idempotency=IdempotencyKeys(database),
        **services,
    )
    ada, mallory = await access.add_user("ada"), await access.add_user("mallory")
    yield Desk(app=app, connector=connector, keys=keys, ada=ada, mallory=mallory, **services)
