"""A submission whose answer was lost with its server is answered from its batch; never are there two."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest

from fanfold.access.errors import KeyTakenOver
from fanfold.access.idempotency import IdempotencyKeys
from fanfold.access.model import Claim
from fanfold.access.store import mark_key
from fanfold.batches.model import Item, Submission
from fanfold.db.database import SCHEMA, Database
from fanfold.kit.ids import uuid7
from fanfold.sdk.context import Target
from tests.api.full_app import Site

BODY = {"kind": "scripted", "targets": [{"key": "a"}, {"key": "b"}]}
ONCE = {"headers": {"Idempotency-Key": "once"}}


async def forget_the_answer(url: str) -> None:
    """Leave the key as a server does that dies before it has kept its answer."""
    connection = await asyncpg.connect(url, server_settings={"search_path": SCHEMA})
    try:
        await connection.execute("update idempotency_keys set status_code = null, response = null")
    finally:
        await connection.close()


async def test_a_lost_answer_is_made_anew_from_the_batch(
    site: Site, as_ada: httpx.AsyncClient, clean_url: str
):
    first = await as_ada.post("/batch/jobs", json=BODY, **ONCE)
    await forget_the_answer(clean_url)
    again = await as_ada.post("/batch/jobs", json=BODY, **ONCE)
    assert (again.status_code, again.json()) == (201, first.json())
    assert "Idempotency-Replayed" not in again.headers
    assert (await as_ada.post("/batch/jobs", json=BODY, **ONCE)).headers["Idempotency-Replayed"] == "true"
    assert (await as_ada.get("/batch/jobs")).json()["total"] == 1


async def test_neither_limits_nor_changed_inputs_refuse_what_was_made(
    site: Site, as_ada: httpx.AsyncClient, clean_url: str
):
    for number in range(10):
        key = {"Idempotency-Key": f"k{number}"}
        assert (await as_ada.post("/batch/jobs", json=BODY, headers=key)).status_code == 201
    await forget_the_answer(clean_url)
    assert (await as_ada.post("/batch/jobs", json=BODY)).status_code == 429
    again = await as_ada.post("/batch/jobs", json=BODY, headers={"Idempotency-Key": "k9"})
    assert again.status_code == 201
    assert (await as_ada.get("/batch/jobs")).json()["total"] == 10


async def test_a_deleted_batch_is_not_made_again(site: Site, as_ada: httpx.AsyncClient, clean_url: str):
    job = (await as_ada.post("/batch/jobs", json=BODY, **ONCE)).json()["job_id"]
    await as_ada.post(f"/batch/jobs/{job}/cancel")
    assert (await as_ada.delete(f"/batch/jobs/{job}")).status_code == 204
    await forget_the_answer(clean_url)
    for _ in range(2):
        assert (await as_ada.post("/batch/jobs", json=BODY, **ONCE)).status_code == 404


async def test_who_was_taken_for_lost_makes_no_batch(site: Site, as_ada: httpx.AsyncClient):
    asked = {"request_hash": b"x", "user_id": site.ada.id}
    held = await site.services.idempotency.claim("slow", **asked)
    assert isinstance(held, Claim)
    submission = Submission("scripted", "late", [Item(Target("a", "A"))], parameters={"window": 7})
    late = Claim(held.key, uuid4())
    with pytest.raises(KeyTakenOver):
        await site.services.batches.submit(submission, user_id=site.ada.id, claim=late)
    assert (await as_ada.get("/batch/jobs")).json()["total"] == 0
    await site.services.batches.submit(submission, user_id=site.ada.id, claim=held)
    assert (await as_ada.get("/batch/jobs")).json()["total"] == 1


async def test_who_takes_a_key_over_waits_for_the_batch_that_is_being_made(
    api_database: Database, clean_url: str, user_id: UUID
):
    keys = IdempotencyKeys(api_database, lost_after=timedelta())
    slow = await keys.claim("k", request_hash=b"x", user_id=user_id)
    assert isinstance(slow, Claim)
    made = uuid7()
    async with api_database.transaction(user_id=user_id) as transaction:
        await mark_key(transaction, slow, batch_id=made)
        taking = asyncio.create_task(keys.claim("k", request_hash=b"x", user_id=user_id))
        await somebody_waits(clean_url)
    taken = await taking
    assert isinstance(taken, Claim)
    assert (taken.batch_id, taken.id == slow.id) == (made, False)


async def somebody_waits(url: str) -> None:
    """Return when a session of ours waits for a row that another one holds."""
    connection = await asyncpg.connect(url)
    waiting = (
        "select from pg_stat_activity where wait_event_type = 'Lock' and application_name like 'fanfold %'"
    )
    try:
        while not await connection.fetch(waiting):  # noqa: ASYNC110 -- it tells nobody
            await asyncio.sleep(0)
    finally:
        await connection.close()
