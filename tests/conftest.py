"""One PostgreSQL and one migrated template per test session; every test starts from empty tables."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest
import pytest_asyncio

from fanfold.db.database import SCHEMA, Database, Role
from fanfold.db.embedded import EmbeddedServer
from fanfold.db.schema import migrate
from fanfold.kit.clock import ManualClock
from fanfold.kit.ids import uuid7


@pytest.fixture(scope="session")
def database_url() -> Iterator[str]:
    """The URL of an embedded server that is ours alone, migrated."""
    with tempfile.TemporaryDirectory(prefix="fanfold-test-") as folder:
        server = EmbeddedServer(Path(folder))

        async def prepare() -> str:
            url = await server.start()
            await migrate(url)
            return url

        yield asyncio.run(prepare())
        server.stop()


@pytest_asyncio.fixture
async def clean_url(database_url: str) -> AsyncIterator[str]:
    """The URL of a database with empty tables; what a test commits is deleted after it."""
    yield database_url
    connection = await asyncpg.connect(database_url, server_settings={"search_path": SCHEMA})
    try:
        for table in ("users", "limits", "limit_usage", "workers", "audit"):
            await connection.execute(f"delete from {table}")
    finally:
        await connection.close()


@pytest.fixture
def clock() -> ManualClock:
    """A clock that moves only by hand; the databases of the test obey it too."""
    return ManualClock()


@pytest_asyncio.fixture
async def api_database(clean_url: str) -> AsyncIterator[Database]:
    """The API's view: row-level security applies."""
    database = await Database.open(clean_url, Role.API, size=5)
    yield database
    await database.close()


@pytest_asyncio.fixture
async def service_database(clean_url: str) -> AsyncIterator[Database]:
    """The worker's view: every row."""
    database = await Database.open(clean_url, Role.SERVICE, size=10)
    yield database
    await database.close()


@pytest_asyncio.fixture
async def user_id(clean_url: str) -> UUID:
    """A user who owns what the test makes."""
    return await add_user(clean_url, "ada")


@pytest_asyncio.fixture
async def other_user_id(clean_url: str) -> UUID:
    """A user who must see nothing of it."""
    return await add_user(clean_url, "mallory")


async def add_user(url: str, username: str) -> UUID:
    """Insert a user past every rule."""
    connection = await asyncpg.connect(url, server_settings={"search_path": SCHEMA})
    try:
        identifier = uuid7()
        await connection.execute(
            "insert into users (id, username, display_name) values ($1, $2, $2)", identifier, username
        )
    finally:
        await connection.close()
    return identifier
