"""The schema goes up, down and up again; what cannot be used is refused in one line that says what to do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import asyncpg
import pytest
import pytest_asyncio

from fanfold.db import schema
from fanfold.db.database import SCHEMA
from fanfold.db.errors import RightsMissing, TooOld, Unreachable, WrongSchema
from fanfold.db.schema import check, head, migrate
from fanfold.kit.ids import uuid7

OBJECTS = """
select 'relation', relname::text, relkind::text from pg_class where relnamespace = 'fanfold'::regnamespace
union all
select 'function', proname, pg_get_functiondef(oid) from pg_proc where pronamespace = 'fanfold'::regnamespace
union all
select 'policy', policyname, coalesce(qual, '') from pg_policies where schemaname = 'fanfold'
union all
select 'trigger', tgname, pg_get_triggerdef(oid) from pg_trigger where not tgisinternal
union all
select 'column', table_name || '.' || column_name, data_type from information_schema.columns
 where table_schema = 'fanfold'
order by 1, 2, 3
"""


@pytest_asyncio.fixture
async def empty_url(database_url: str) -> AsyncIterator[str]:
    """The URL of a new, empty database on the same server; its roles exist already."""
    name = f"m{uuid7().hex}"
    server = await asyncpg.connect(database_url)
    try:
        await server.execute(f"create database {name}")
        yield database_url.replace("/fanfold?", f"/{name}?")
        await server.execute(f"drop database {name} with (force)")
    finally:
        await server.close()


async def objects(url: str) -> list[tuple[str, str, str]]:
    """Return everything in the schema, by what it is."""
    connection = await asyncpg.connect(url, server_settings={"search_path": SCHEMA})
    try:
        rows = await connection.fetch(OBJECTS)
    finally:
        await connection.close()
    return [tuple(row) for row in rows]


async def test_every_migration_can_be_rolled_back_and_run_again(empty_url):
    await migrate(empty_url)
    whole = await objects(empty_url)
    await migrate(empty_url, to="base")
    assert [row for row in await objects(empty_url) if not row[1].startswith("alembic")] == []
    await migrate(empty_url)
    assert await objects(empty_url) == whole
    await check(empty_url)


async def test_migrating_twice_changes_nothing(empty_url):
    await migrate(empty_url)
    whole = await objects(empty_url)
    await migrate(empty_url)
    assert await objects(empty_url) == whole


async def test_the_tables_views_functions_and_indexes_of_the_seeds_have_their_names(database_url):
    names = {name for _, name, _ in await objects(database_url)}
    assert names >= {
        "batch_executions",
        "workflow_executions",
        "batch_execution_summary",
        "generate_batch_id",
        "update_batch_status_on_execution_change",
        "idx_batch_executions_workflow_id",
        "idx_batch_executions_status",
        "idx_batch_executions_user_id",
        "idx_batch_executions_batch_id",
        "idx_workflow_executions_batch_id",
        "idx_workflow_executions_target_instance",
    }


async def test_an_empty_database_is_told_to_migrate(empty_url):
    with pytest.raises(WrongSchema, match=f"at nothing, this version needs {head()}: run `fanfold migrate`"):
        await check(empty_url)


async def test_a_newer_schema_is_left_alone(empty_url):
    await migrate(empty_url)
    connection = await asyncpg.connect(empty_url)
    await connection.execute(f"update {SCHEMA}.alembic_version set version_num = '9999'")
    await connection.close()
    for use in (check, migrate):
        with pytest.raises(
            WrongSchema, match="9999, which this version does not know: install a newer Fanfold"
        ):
            await use(empty_url)


async def test_nobody_at_the_address_is_told_in_one_line():
    with pytest.raises(Unreachable, match="does not answer") as told:
        await check("postgresql://nobody:secret@127.0.0.1:9/none")
    assert "secret" not in str(told.value)


async def test_a_wrong_password_is_told_without_it(database_url):
    parts = urlsplit(database_url)
    url = database_url.replace(parts.password or "", "hunter2")
    with pytest.raises(Unreachable, match="password authentication failed") as told:
        await check(url)
    assert "hunter2" not in str(told.value)


async def test_a_user_without_rights_is_told_which(database_url, empty_url):
    owner = await asyncpg.connect(empty_url)
    await owner.execute("create role guest login password 'guest'")
    try:
        parts = urlsplit(empty_url)
        guest = empty_url.replace(f"{parts.username}:{parts.password}", "guest:guest")
        with pytest.raises(RightsMissing, match="alter role guest createrole; grant create on database"):
            await migrate(guest)
    finally:
        await owner.execute("drop role guest")
        await owner.close()


async def test_an_old_server_is_refused_by_its_version(database_url, monkeypatch):
    monkeypatch.setattr(schema, "OLDEST_SERVER", 99)
    with pytest.raises(TooOld, match="Fanfold needs 99 or newer"):
        await check(database_url)
