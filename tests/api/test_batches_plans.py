"""The reads keep their indexes whatever there is besides: a user's long history, a wide batch."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
import pytest_asyncio

from fanfold.batches.paging import BATCH_ORDERS, OPERATION_ORDERS, Page, ordered
from fanfold.batches.reader import sql
from fanfold.db.database import SCHEMA, Database, Role, Transaction
from fanfold.db.statements import Statement
from fanfold.timeline.events import sql as timeline_sql

OPERATIONS = 50_000
BATCHES = 20_000


@pytest_asyncio.fixture
async def history(
    clean_url: str, api_database: Database, user_id: UUID, other_user_id: UUID
) -> AsyncIterator[tuple[Transaction, UUID]]:
    """A user's batches among another's, one of them wide; and a transaction of that user."""
    owner = await asyncpg.connect(
        clean_url, server_settings={"search_path": SCHEMA, "role": Role.SERVICE.value}
    )
    try:
        await owner.execute(
            """insert into batches (id, batch_id, user_id, kind, name, sealed_at, created_at, finished_at)
               select gen_random_uuid(), 'batch_' || n || right(u::text, 4), u, 'noop', 'n' || n, now(),
                      now() - n * interval '1 minute', case when n > 10 then now() - interval '1 day' end
                 from unnest($1::uuid[]) u, generate_series(1, $2::integer) n""",
            [user_id, other_user_id],
            BATCHES,
        )
        batch_id: UUID = await owner.fetchval("select id from batches where user_id = $1 limit 1", user_id)
        await owner.execute(
            """insert into operations (id, batch_id, user_id, ordinal, item_key, target)
               select gen_random_uuid(), $1, $2, n, 't' || n, '{"name": "n"}'
                 from generate_series(1, $3::integer) n""",
            batch_id,
            user_id,
            OPERATIONS,
        )
        await owner.execute(
            """insert into events (batch_id, user_id, name, operation_ids)
               select id, user_id, 'operation.completed', array[id] from batches, generate_series(1, 3)""",
        )
        await owner.execute("set role none")
        await owner.execute("analyze batches, operations, events")
    finally:
        await owner.close()
    async with api_database.transaction(user_id=user_id) as transaction:
        yield transaction, batch_id


async def plan_of(transaction: Transaction, statement: Statement, **given: Any) -> str:
    rows = await transaction._connection.fetch(
        f"explain (costs off) {statement.sql}", *statement.arguments(given)
    )
    return "\n".join(row[0] for row in rows)


async def test_the_reads_keep_their_indexes(history: tuple[Transaction, UUID], user_id: UUID):
    transaction, batch_id = history
    everything = {"status": None, "q": None, "limit": 50, "offset": 0}

    by_uuid = await plan_of(transaction, sql("get_batch"), id=batch_id, reference=str(batch_id))
    assert "batches_pkey" in by_uuid
    by_name = await plan_of(transaction, sql("get_batch"), id=None, reference="batch_7")
    assert "idx_batch_executions_batch_id" in by_name

    batches = await plan_of(
        transaction,
        ordered(sql("list_batches"), Page(), orders=BATCH_ORDERS),
        user_id=user_id,
        kind=None,
        workflow_id=None,
        before_at=datetime.now(UTC),
        before_id=batch_id,
        **everything,
    )
    assert "Index Scan using idx_batch_executions_user_id" in batches
    assert "Sort" not in batches

    operations = await plan_of(
        transaction,
        ordered(sql("list_operations"), Page(), orders=OPERATION_ORDERS),
        batch_id=batch_id,
        after_ordinal=-1,
        reasons=None,
        fingerprints=None,
        waiting=None,
        **everything,
    )
    assert "Index Scan using idx_workflow_executions_batch_id" in operations
    assert "Sort" not in operations

    timeline = await plan_of(transaction, timeline_sql("list_events"), batch_id=batch_id, after=1, limit=10)
    assert "events_of_batch" in timeline
    last = await plan_of(transaction, timeline_sql("get_last_event"), batch_id=batch_id)
    assert "events_of_batch" in last

    live = await plan_of(
        transaction, sql("list_live_batches"), user_id=user_id, since=None, ids=[batch_id], limit=100
    )
    assert "batches_live" in live

    pace = await plan_of(transaction, sql("get_pace"), ids=[batch_id], depth=200, sample=100)
    for index in ("events_of_batch", "operations_pkey", "operations_running", "operations_retrying"):
        assert index in pace
    before = await plan_of(transaction, sql("get_history"), id=batch_id)
    for plan in (by_uuid, by_name, batches, operations, timeline, last, pace, live, before):
        assert not re.search("Seq Scan on (batches|operations|events)", plan), plan


async def test_failures_by_cause_keep_their_indexes(history: tuple[Transaction, UUID], user_id: UUID):
    transaction, batch_id = history
    page = {"examples": 5, "limit": 50, "offset": 0}
    groups = await plan_of(transaction, sql("list_failure_groups"), batch_id=batch_id, **page)
    causes = await plan_of(transaction, sql("list_failure_causes"), user_id=user_id, since=None, **page)
    for plan in (groups, causes):
        assert "operations_failures" in plan
        assert "Seq Scan on operations" not in plan
