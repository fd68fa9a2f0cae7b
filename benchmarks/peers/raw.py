"""The raw limit: claim and complete by two set-based statements; no attempts, limits, counters or events.

`python -m benchmarks.peers.raw URL SIZE WAIT_MS`.
"""

from __future__ import annotations

import asyncio
import sys

import asyncpg
import uvloop

from benchmarks.stage import told_to_begin

SCHEMA = """
create table job (
    id bigint generated always as identity primary key, key text unique, target text,
    status text not null default 'queued'
);
create index job_queued on job (id) where status = 'queued';
"""
CLAIM = """
update job set status = 'running'
 where id in (select id from job where status = 'queued' order by id limit $1 for update skip locked)
returning id
"""
COMPLETE = "update job set status = 'done' where id = any($1::bigint[]) and status = 'running'"


async def main(url: str, size: int, *, wait_ms: int) -> None:
    """Loop until nothing is queued; all of one claim wait together."""
    connection = await asyncpg.connect(url)
    await told_to_begin()
    while rows := await connection.fetch(CLAIM, size):
        if wait_ms:
            await asyncio.gather(*(asyncio.sleep(wait_ms / 1000) for _ in rows))
        await connection.execute(COMPLETE, [row["id"] for row in rows])
    print("drained", flush=True)


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1], int(sys.argv[2]), wait_ms=int(sys.argv[3])))
