"""A batch in the database, its rows in a folder, and a reader over both."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest
import pytest_asyncio

from fanfold.db.database import Database
from fanfold.results.reader import ResultReader
from fanfold.results.store import ResultStore
from tests.store.result_batches import ResultBatch


@pytest.fixture
def store(tmp_path: Path) -> ResultStore:
    return ResultStore.open(str(tmp_path / "rows"))


@pytest_asyncio.fixture
async def reader(store: ResultStore, api_database: Database) -> AsyncIterator[ResultReader]:
    reader = ResultReader(store, api_database, threads=2)
    yield reader
    reader.close()


@pytest_asyncio.fixture
async def batch(service_database: Database, store: ResultStore, user_id: UUID) -> ResultBatch:
    return await ResultBatch.create(service_database, store, user_id)
