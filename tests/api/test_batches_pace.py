"""Progress as the API tells it, from real rows: what runs, what is slow, what is stuck, what is expected."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import httpx
import pytest

from fanfold.batches.model import Batch
from fanfold.batches.stream import BatchSource
from fanfold.sdk.kind import Limit
from fanfold.sdk.outcome import Snoozed
from tests.api.full_app import Site

_SLOW = (
    "update operations set started_at = now() - interval '1 minute' where batch_id = $1 and item_key = 'slow'"
)


def wait(_context: object) -> Snoozed:
    return Snoozed(timedelta(hours=1), {})


async def change(site: Site, statement: str, *values: Any) -> None:
    """Change rows past every rule, e.g. to make them older."""
    async with site.service_database.transaction() as transaction:
        await transaction._connection.execute(statement, *values)


async def progress_of(as_ada: httpx.AsyncClient, batch: Batch) -> dict[str, Any]:
    return (await as_ada.get(f"/batch/jobs/{batch.batch_id}/progress")).json()["progress"]


async def slow_targets(as_ada: httpx.AsyncClient, batch: Batch) -> list[str]:
    answer = (await as_ada.get(f"/batch/jobs/{batch.batch_id}/operations")).json()
    return [operation["target_id"] for operation in answer["items"] if operation["slow"]]


async def test_up_to_five_current_operations_are_named_the_last_begun_first(
    site: Site, as_ada: httpx.AsyncClient
):
    targets = [f"t{number}" for number in range(7)]
    for target in targets:
        site.kind.script(target, wait)
    batch = await site.submit(*targets, max_parallel=7)
    await site.step()
    await change(
        site,
        "update operations set started_at = now() - (7 - ordinal) * interval '1 s' where batch_id = $1",
        batch.id,
    )
    progress = await progress_of(as_ada, batch)
    assert progress["current_operations"] == ["T6", "T5", "T4", "T3", "T2"]
    assert progress["current_operation"] == "T6"


async def test_a_straggler_is_named_however_much_happened_since(site: Site, as_ada: httpx.AsyncClient):
    site.kind.script("straggler", wait)
    others = [f"t{number}" for number in range(40)]
    batch = await site.submit("straggler", *others, max_parallel=2)
    await site.drain()
    await change(
        site,
        "insert into events (batch_id, user_id, name)"
        " select $1, $2, 'batch.changed' from generate_series(1, 300)",
        batch.id,
        site.ada.id,
    )
    assert (await progress_of(as_ada, batch))["current_operations"] == ["STRAGGLER"]


async def test_a_new_batch_is_estimated_by_earlier_ones_of_the_same_work(
    site: Site, as_ada: httpx.AsyncClient
):
    earlier = await site.submit("a", "b", "c", "d")
    await site.drain()
    await change(
        site,
        "update operations set started_at = finished_at - interval '10 s' where batch_id = $1",
        earlier.id,
    )
    batch = await site.submit("e", "f", "g", "h", max_parallel=2)
    progress = await progress_of(as_ada, batch)
    assert progress["eta_basis"] == "history"
    # 4 operations of 10 s by 2 at a time, and the last of them begins before it ends
    assert progress["estimated_time_remaining_ms"] == pytest.approx(30_000, rel=0.05)
    assert progress["eta_low_ms"] <= progress["estimated_time_remaining_ms"] <= progress["eta_high_ms"]


async def test_the_history_of_other_work_says_nothing(site: Site, as_ada: httpx.AsyncClient):
    earlier = await site.submit("a", "b", "c", "d")
    await site.drain()
    await change(site, """update batches set definition = '{"other": 1}' where id = $1""", earlier.id)
    progress = await progress_of(as_ada, await site.submit("e"))
    assert (progress["estimated_time_remaining_ms"], progress["eta_basis"]) == (None, None)


async def test_an_operation_far_slower_than_the_others_is_marked(site: Site, as_ada: httpx.AsyncClient):
    site.kind.script("slow", wait)
    site.kind.script("young", wait)
    batch = await site.submit("slow", "young", *(f"t{number}" for number in range(6)), max_parallel=8)
    await site.drain()
    assert await slow_targets(as_ada, batch) == []
    await change(site, _SLOW, batch.id)
    assert await slow_targets(as_ada, batch) == ["slow"]
    (found,) = (await as_ada.get(f"/batch/jobs/{batch.batch_id}/operations", params={"q": "slow"})).json()[
        "items"
    ]
    detail = (await as_ada.get(f"/batch/jobs/{batch.batch_id}/operations/{found['id']}")).json()
    assert detail["slow"] is True


async def test_an_operation_that_becomes_slow_is_told_though_nothing_happened(site: Site):
    site.kind.script("slow", wait)
    batch = await site.submit("slow", *(f"t{number}" for number in range(6)), max_parallel=8)
    await site.drain()
    source = BatchSource(site.services.database, batch.id, user_id=site.ada.id)
    assert await source.advance() is None
    assert await source.advance() is None
    await change(site, _SLOW, batch.id)
    message = await source.advance()
    (operation,) = json.loads(message.payload)["operations"]
    assert (operation["target_id"], operation["slow"]) == ("slow", True)


async def test_a_queue_without_workers_says_what_to_do(site: Site, as_ada: httpx.AsyncClient):
    batch = await site.submit("a")
    await change(site, "update workers set heartbeat_at = now() - interval '5 minutes'")
    await change(site, "update batches set created_at = now() - interval '5 minutes' where id = $1", batch.id)
    progress = await progress_of(as_ada, batch)
    assert progress["stalled"] is True
    assert progress["stalled_reason"] == "No worker shows a sign of life: start one with `fanfold worker`."


async def test_a_queue_behind_a_full_limit_names_it(site: Site, as_ada: httpx.AsyncClient):
    for target in ("a", "b"):
        site.kind.caps[target] = [Limit("account:X", 1)]
    site.kind.script("a", wait)
    await site.submit("a")
    await site.drain()
    batch = await site.submit("b")
    await site.drain()
    await change(site, "update batches set created_at = now() - interval '5 minutes' where id = $1", batch.id)
    progress = await progress_of(as_ada, batch)
    expected = "Nothing has started for 5 min although 1 operation waits: account:X has 1 of 1 in use."
    assert progress["stalled_reason"] == expected


async def test_a_paused_hour_does_not_count(site: Site, as_ada: httpx.AsyncClient):
    site.kind.script("last", wait)
    batch = await site.submit("a", "b", "c", "d", "last", max_parallel=1)
    await site.drain()
    # Ends 10 s apart, but for an hour's pause between the second and the third.
    times = {1: 3640, 2: 3630, 3: 3625, 4: 25, 5: 20, 6: 10, 7: 0}
    names = {2: "batch.paused", 3: "batch.paused", 4: "batch.resumed"}
    await change(site, "delete from events where batch_id = $1", batch.id)
    for number, ago in times.items():
        name = "operation.completed" if number in {2, 5, 6, 7} else names.get(number, "operation.claimed")
        await change(
            site,
            "insert into events (batch_id, user_id, name, operation_ids, at)"
            " values ($1, $2, $3, array[gen_random_uuid()], now() - $4 * interval '1 s')",
            batch.id,
            site.ada.id,
            name,
            ago,
        )
    assert (await progress_of(as_ada, batch))["rate_per_second"] == pytest.approx(0.1, rel=0.15)
