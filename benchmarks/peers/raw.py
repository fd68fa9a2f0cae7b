"""The raw limit: claim and complete by two set-based statements; no attempts, limits, counters or events."""

from __future__ import annotations

import sys

import asyncpg
import uvloop

from benchmarks.stage import told_to_begin

SCHEMA = """
create table job (id bigint generated always as identity primary key, status text not null default 'queued');
create index job_queued on job (id) where status = 'queued';
"""
CLAIM = """
update job set status = 'running'
 where id in (select id from job where status = 'queued' order by id limit $1 for update skip locked)
returning id
"""
COMPLETE = "update job set status = 'done' where id = any($1::bigint[]) and status = 'running'"


async def main(url: str, size: int) -> None:
    """Loop until nothing is queued."""
    connection = await asyncpg.connect(url)
    await told_to_begin()
    while rows := await connection.fetch(CLAIM, size):
        await connection.execute(COMPLETE, [row["id"] for row in rows])


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1], int(sys.argv[2])))
