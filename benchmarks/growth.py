"""Fills the tables with finished operations by copying one that really ran, by SQL and as the tables' owner.

It names only the columns that must differ, so that a new column needs no change here.
"""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

import asyncpg

from benchmarks.stage import Stage

TABLES = ("batches", "operations", "attempts", "events")
COLUMNS = """
select array_agg(column_name::text order by ordinal_position) from information_schema.columns
 where table_schema = 'fanfold' and table_name = $1 and is_generated = 'NEVER' and is_identity = 'NO'
"""
IDS = """
select batch_id, array_agg(id) ids from operations where batch_id = any($2::uuid[]) group by batch_id
"""


class Growth:
    """Copies of a batch with one finished operation."""

    def __init__(self, here: Stage, template: UUID, *, batch_size: int = 1000) -> None:
        self._admin: asyncpg.Connection = here.admin
        self._template = template
        self._batch_size = batch_size
        self.batch_ids: list[UUID] = []

    @property
    def count(self) -> int:
        """How many finished operations there are."""
        return len(self.batch_ids) * self._batch_size

    async def to(self, count: int) -> None:
        """Add finished batches until there are *count* operations."""
        missing = (count - self.count) // self._batch_size
        async with self._admin.transaction():
            # Counters and timeline are copied too, so nothing may be counted a second time.
            await self._triggers("disable")
            added = await self._batches(missing)
            await self._operations(added)
            await self._attempts(added)
            await self._events(added)
            await self._triggers("enable")
        self.batch_ids += added
        await self._admin.execute("vacuum analyze")

    async def _triggers(self, verb: str) -> None:
        for table in TABLES:
            await self._admin.execute(f"alter table {table} {verb} trigger user")

    async def _batches(self, count: int) -> list[UUID]:
        size = str(self._batch_size)
        changed = {
            "id": "uuidv7()",
            "batch_id": "generate_batch_id()",
            "total_count": size,
            "completed_count": size,
            "created_at": "t.created_at - n * interval '1 minute'",
        }
        statement = await self._copy("batches", changed, source="batches t, generate_series(1, $2) n")
        rows = await self._admin.fetch(f"{statement} where t.id = $1 returning id", self._template, count)
        return [row["id"] for row in rows]

    async def _operations(self, batch_ids: list[UUID]) -> None:
        changed = {
            "id": "uuidv7()",
            "batch_id": "b.id",
            "ordinal": "n",
            "item_key": "'t' || n",
            "attempt_id": "nextval(pg_get_serial_sequence('attempts', 'id'))",
        }
        source = "unnest($2::uuid[]) b(id), generate_series(0, $3 - 1) n, operations t"
        statement = await self._copy("operations", changed, source=source)
        size = self._batch_size
        await self._admin.execute(f"{statement} where t.batch_id = $1", self._template, batch_ids, size)

    async def _attempts(self, batch_ids: list[UUID]) -> None:
        changed = {"id": "o.attempt_id", "operation_id": "o.id"}
        source = "operations t join attempts a on a.id = t.attempt_id, operations o"
        statement = await self._copy("attempts", changed, source=source, alias="a", extra=("id",))
        where = "where t.batch_id = $1 and o.batch_id = any($2::uuid[])"
        await self._admin.execute(f"{statement} {where}", self._template, batch_ids)

    async def _events(self, batch_ids: list[UUID]) -> None:
        changed = {"batch_id": "g.batch_id", "operation_ids": "g.ids"}
        statement = await self._copy("events", changed, source=f"events t, ({IDS}) g")
        await self._admin.execute(f"{statement} where t.batch_id = $1", self._template, batch_ids)

    async def _copy(
        self,
        table: str,
        changed: Mapping[str, str],
        *,
        source: str,
        alias: str = "t",
        extra: tuple[str, ...] = (),
    ) -> str:
        columns = [*extra, *await self._admin.fetchval(COLUMNS, table)]
        values = ", ".join(changed.get(column, f"{alias}.{column}") for column in columns)
        return (
            f"insert into {table} ({', '.join(columns)}) overriding system value "  # noqa: S608 -- our own names
            f"select {values} from {source}"
        )
