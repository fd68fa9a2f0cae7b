"""What a database tells about its past: its rows as they stand, read by plain SQL in one snapshot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg
import orjson

from fanfold.db.database import SCHEMA

Row = Mapping[str, Any]

_TABLES = {
    "batches": "select * from batches order by id",
    "operations": "select * from operations order by batch_id, ordinal",
    "attempts": "select * from attempts order by operation_id, number",
    "events": "select * from events order by id",
    "limits": "select * from limits order by key",
    "usage": "select * from limit_usage order by key",
    "result_sets": "select * from result_sets order by operation_id",
}


@dataclass(frozen=True, slots=True)
class History:
    """The rows of every table that the promises speak of."""

    batches: Sequence[Row]
    operations: Sequence[Row]
    attempts: Sequence[Row]
    events: Sequence[Row]
    limits: Sequence[Row]
    usage: Sequence[Row]
    result_sets: Sequence[Row]
    read_at: datetime
    """The moment of the reading, by the clock that the rows were written with."""


async def read_history(url: str, *, moment: datetime | None = None) -> History:
    """Read a database as it stands; *moment* stands in for the clock of tests."""
    connection = await asyncpg.connect(url, server_settings={"search_path": SCHEMA})
    try:
        await connection.set_type_codec(
            "jsonb", schema="pg_catalog", encoder=orjson.dumps, decoder=orjson.loads
        )
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            tables = {name: list(map(dict, await connection.fetch(query))) for name, query in _TABLES.items()}
            read_at = moment or await connection.fetchval("select clock_timestamp()")
    finally:
        await connection.close()
    return History(**tables, read_at=read_at)
