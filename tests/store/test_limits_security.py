"""By plain SQL, in the API's role, nobody reads of keys that do not concern them."""

from __future__ import annotations

from datetime import timedelta

import asyncpg
import pytest

from fanfold.batches.model import Item, Submission
from fanfold.batches.policy import Policy
from fanfold.batches.service import BatchService
from fanfold.catalog.catalog import Catalog
from fanfold.db.database import SCHEMA
from fanfold.kit.ids import uuid7
from fanfold.sdk.context import Target
from fanfold.sdk.kind import Limit, Rate
from tests.engine.conftest import ScriptedKind


async def keys_seen(url, user_id, table):
    connection = await asyncpg.connect(url, server_settings={"search_path": SCHEMA, "role": "fanfold_api"})
    await connection.execute("select set_config('fanfold.user_id', $1, false)", str(user_id or ""))
    rows = await connection.fetch(f"select key from {table} order by key")
    await connection.close()
    return [row["key"] for row in rows]


@pytest.fixture
async def batch(clean_url, api_database, user_id):
    kind = ScriptedKind()
    kind.caps["a"] = [Limit("amc.account:SECRET", 3)]
    service = BatchService(api_database, catalog=Catalog(kinds={"scripted": kind}, connectors={}))
    target = Target(key="a", name="A", id=uuid7())
    policy = Policy(rate=Rate(1, timedelta(seconds=1)))
    batch = await service.submit(
        Submission("scripted", "mine", [Item(target)], policy=policy), user_id=user_id
    )
    owner = await asyncpg.connect(clean_url, server_settings={"search_path": SCHEMA})
    await owner.execute(
        "insert into breakers (key, cause, error) values ($1, 'c', '{}')", f"target:{target.id}"
    )
    await owner.execute("insert into limit_usage (key) values ('amc.account:SECRET')")
    await owner.execute("insert into limits (key, max_running) values ('global', 9), ('elsewhere', 1)")
    await owner.close()
    return batch, f"target:{target.id}"


async def test_only_whom_a_key_concerns_reads_of_it(clean_url, user_id, other_user_id, batch):
    mine, target = batch
    assert await keys_seen(clean_url, user_id, "limits") == [
        "amc.account:SECRET",
        f"batch:{mine.id}",
        "global",
        target,
    ]
    assert await keys_seen(clean_url, user_id, "limit_usage") == ["amc.account:SECRET"]
    assert await keys_seen(clean_url, user_id, "breakers") == [target]
    assert await keys_seen(clean_url, other_user_id, "limits") == ["global"]
    assert await keys_seen(clean_url, None, "limits") == ["global"]
    for table in ("limit_usage", "breakers"):
        assert await keys_seen(clean_url, other_user_id, table) == []
        assert await keys_seen(clean_url, None, table) == []
