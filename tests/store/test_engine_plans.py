"""The hot statements keep their indexes among a hundred thousand rows of every sort."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
import pytest_asyncio

from fanfold.db.database import SCHEMA, Role
from fanfold.db.statements import Statement
from fanfold.engine.store import sql

ROWS = 100_000
BIG = ("operations", "attempts", "limits", "limit_usage", "events")


@pytest_asyncio.fixture
async def crowd(clean_url: str, user_id: UUID) -> AsyncIterator[asyncpg.Connection]:
    """As many pending, running and finished operations as that, each with keys of its own."""
    connection = await asyncpg.connect(
        clean_url, server_settings={"search_path": SCHEMA, "role": Role.SERVICE.value}
    )
    try:
        await connection.set_type_codec("jsonb", schema="pg_catalog", encoder=str, decoder=str)
        await _fill(connection, user_id)
        await connection.execute("set role none")
        await connection.execute(f"analyze {', '.join(BIG)}, batches")
        await connection.execute(f"set role {Role.SERVICE}")
        yield connection
    finally:
        await connection.close()


async def _fill(connection: asyncpg.Connection, user_id: UUID) -> None:
    batch_ids = [uuid4() for _ in range(40)]
    await connection.execute(
        """insert into batches (id, batch_id, user_id, kind, name, sealed_at, timed_from, max_parallel)
           select id, 'batch_' || id, $2, 'noop', 'n', now(), now(), 100 from unnest($1::uuid[]) id""",
        batch_ids,
        user_id,
    )
    # Without its trigger: the events and counters of two hundred thousand moves are not what is asked here.
    await connection.execute("set role none")
    await connection.execute("alter table operations disable trigger user")
    await connection.execute(
        """insert into operations (id, batch_id, user_id, ordinal, item_key, limit_keys, status, finished_at,
                                   attempt_count, attempt_id, error_fingerprint)
           select gen_random_uuid(), ($1::uuid[])[1 + n % 40], $2, n, 't' || n,
                  array['key:' || n % 50000, 'shared'], status,
                  case status when 'completed' then now() end, 1, null, null
             from generate_series(1, $3::integer) n,
                  unnest(array['pending', 'completed']) with ordinality s(status, i)
            where (n + i) % 2 = 0""",
        batch_ids,
        user_id,
        ROWS,
    )
    await connection.execute(
        """insert into attempts (operation_id, number, worker_id, state, lease_until, finished_at)
           select id, 1, gen_random_uuid(), 'succeeded', null, now()
             from operations where status = 'completed'"""
    )
    keys = "select 'key:' || n key from generate_series(1, 50000) n"
    await connection.execute(f"insert into limits (key, max_running) select key, 5 from ({keys}) k")
    await connection.execute(
        "insert into limit_usage (key) select 'key:' || n from generate_series(1, 50000) n"
    )
    await connection.execute("alter table operations enable trigger user")
    await connection.execute(
        """update batches b set total_count = n, pending_count = p, completed_count = n - p
             from (select batch_id, count(*) n, count(*) filter (where status = 'pending') p
                     from operations group by 1) c where c.batch_id = b.id"""
    )
    await connection.execute(f"set role {Role.SERVICE}")


async def plan_of(connection: asyncpg.Connection, statement: Statement, **given: Any) -> str:
    rows = await connection.fetch(f"explain (costs off) {statement.sql}", *statement.arguments(given))
    return "\n".join(row[0] for row in rows)


CLAIMANT = {"worker_id": uuid4(), "lease": timedelta(seconds=15), "kinds": ["noop"], "capacity": 50}
FENCE = {"operation_ids": [uuid4()], "attempt_ids": [1], "lease_tokens": [1], "batch_ids": [uuid4()]}
VITALS = {"cpu_percent": 1.0, "loop_lag_ms": 1.0, "memory_bytes": 1}
HOT = {
    "claim": CLAIMANT,
    "wake": CLAIMANT,
    "complete": {**FENCE, "states": ["completed"], "summaries": ["{}"], "row_counts": [1]},
    "fail": {
        **FENCE,
        "attempt_states": ["failed"],
        "reasons": ["error"],
        "errors": ["{}"],
        "fingerprints": ["x"],
        "retry_after_ms": [None],
        "counts": [True],
        "forget": [False],
    },
    "snooze": {**FENCE, "states": ["{}"], "after_ms": [1]},
    "beat": {"worker_id": uuid4(), "lease": timedelta(seconds=15), "attempt_ids": [1, 2], **VITALS},
    "rescue": {"error": {}, "fingerprint": "x"},
    "next_due": {},
    "leading_due": {},
    "stopping": {"ids": [uuid4()]},
    "save_state": {
        "operation_id": uuid4(),
        "attempt_id": 1,
        "lease_token": 1,
        "state": {},
        "remote_ref": "r",
    },
}


async def test_the_hot_statements_keep_their_indexes(crowd: asyncpg.Connection):
    scanned: dict[str, list[str]] = {}
    for name, given in HOT.items():
        plan = await plan_of(crowd, sql(name), **given)
        found = re.findall(rf"Seq Scan on ({'|'.join(BIG)})\b", plan)
        if found:
            scanned[name] = found
    assert scanned == {}


@pytest.mark.parametrize("closed", [[], ["key:7"], ["shared"]], ids=["open", "one key full", "all keys full"])
async def test_a_claim_reads_no_more_than_it_takes(crowd: asyncpg.Connection, closed: list[str]):
    await crowd.execute("insert into limits (key, max_running) values ('shared', 1000)")
    await crowd.execute("update batches set common_keys = '{shared}'")
    for key in closed:
        await crowd.execute("update limits set blocked_until = moment() + interval '1 h' where key = $1", key)
    statement = sql("claim")
    rows = await crowd.fetch(
        f"explain (analyze, format text, timing off) {statement.sql}", *statement.arguments(CLAIMANT)
    )
    plan = "\n".join(row[0] for row in rows)
    removed = sum(int(count) for count in re.findall(r"Rows Removed by Filter: (\d+)", plan))
    assert removed < ROWS / 20, plan
