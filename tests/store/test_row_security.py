"""By plain SQL, in the API's role, nobody sees or touches what is another's."""

from __future__ import annotations

import asyncpg
import pytest

from fanfold.batches.model import Item, Submission
from fanfold.batches.service import BatchService
from fanfold.catalog.catalog import Catalog
from fanfold.db.database import SCHEMA
from fanfold.db.errors import UserGone
from fanfold.db.statements import parse
from fanfold.kit.ids import uuid7
from fanfold.sdk.context import Target
from tests.engine.conftest import ScriptedKind

HEART = [
    "batches",
    "operations",
    "events",
    "batch_executions",
    "workflow_executions",
    "batch_execution_summary",
]
CLOSED = ["attempts", "result_sets", "events", "limits", "limit_usage", "workers"]


async def api_session(url, user_id):
    connection = await asyncpg.connect(url, server_settings={"search_path": SCHEMA, "role": "fanfold_api"})
    await connection.execute("select set_config('fanfold.user_id', $1, false)", str(user_id or ""))
    return connection


@pytest.fixture
async def batch(api_database, user_id):
    catalog = Catalog(kinds={"amc.workflow": ScriptedKind()}, connectors={})
    service = BatchService(api_database, catalog=catalog)
    submission = Submission("amc.workflow", "mine", [Item(Target(key="a", name="A"))])
    return await service.submit(submission, user_id=user_id)


@pytest.mark.parametrize("table", HEART)
async def test_a_user_sees_their_rows_and_nobody_else_does(clean_url, user_id, other_user_id, batch, table):
    counts = {}
    for who in (user_id, other_user_id, None):
        session = await api_session(clean_url, who)
        counts[who] = await session.fetchval(f"select count(*) from {table}")
        await session.close()
    expected = 0 if table == "events" else 1
    assert counts == {user_id: expected, other_user_id: 0, None: 0}


MINE = parse("mine", "-- Reads what the acting user may see.\nselect name from batches where kind = :kind")
WHO = parse("who", "-- Reads who acts.\nselect acting_user() as id")


async def test_a_read_by_one_statement_shows_its_user_s_rows_alone(
    api_database, user_id, other_user_id, batch
):
    for _ in range(8):  # the server settles on its plan after five
        assert [row["name"] for row in await api_database.read_for(user_id, MINE, kind="amc.workflow")] == [
            "mine"
        ]
        assert await api_database.read_for(other_user_id, MINE, kind="amc.workflow") == []


async def test_nothing_of_the_user_outlives_the_statement(api_database, user_id):
    row = await api_database.read_one_for(user_id, WHO)
    assert row["id"] == user_id
    async with api_database.transaction() as transaction:
        assert await transaction.value(WHO) is None


async def test_a_read_for_somebody_who_is_gone_is_refused(api_database, service_database, user_id):
    with pytest.raises(UserGone):
        await api_database.read_for(uuid7(), WHO)
    async with service_database.transaction() as transaction:
        await transaction.execute(parse("disable", "-- test\nupdate users set disabled_at = now()"))
    with pytest.raises(UserGone):
        await api_database.read_for(user_id, WHO)


@pytest.mark.parametrize(
    "statement",
    [
        "update batches set name = 'stolen'",
        "update operations set summary = '{}'",
        "delete from batches",
        "delete from operations",
    ],
)
async def test_a_stranger_s_change_reaches_no_row(clean_url, other_user_id, batch, statement):
    session = await api_session(clean_url, other_user_id)
    assert (await session.execute(statement)).endswith(" 0")
    await session.close()


async def test_nobody_can_submit_in_another_s_name(clean_url, user_id, other_user_id):
    session = await api_session(clean_url, other_user_id)
    insert = """insert into batches (id, batch_id, user_id, kind, name)
                values (gen_random_uuid(), 'batch_x', $1, 'k', 'n')"""
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
        await session.execute(insert, user_id)
    await session.close()


@pytest.mark.parametrize("table", CLOSED)
async def test_what_only_the_engine_writes_is_closed_to_the_api(clean_url, user_id, batch, table):
    session = await api_session(clean_url, user_id)
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="permission denied"):
        await session.execute(f"delete from {table}")
    await session.close()


async def test_a_sealed_secret_cannot_be_read_back_through_the_api(clean_url, user_id):
    session = await api_session(clean_url, user_id)
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="permission denied"):
        await session.fetch("select sealed from secrets")
    await session.close()


async def test_counters_cannot_be_made_to_lie(clean_url, user_id, batch):
    session = await api_session(clean_url, user_id)
    with pytest.raises(asyncpg.CheckViolationError, match="counters_sum"):
        await session.execute("update batches set completed_count = 5")
    with pytest.raises(asyncpg.PostgresError, match="generated"):
        await session.execute("update batches set status = 'completed'")
    await session.close()
