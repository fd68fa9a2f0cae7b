"""A submission whose answer was lost with its server is answered from its batch; never are there two."""

from __future__ import annotations

from uuid import uuid4

import asyncpg
import httpx
import pytest

from fanfold.access.errors import KeyTakenOver
from fanfold.access.model import Claim
from fanfold.batches.model import Item, Submission
from fanfold.db.database import SCHEMA
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


async def test_a_lost_answer_is_made_anew_from_the_batch(site: Site, as_ada: httpx.AsyncClient, clean_url):
    first = await as_ada.post("/batch/jobs", json=BODY, **ONCE)
    await forget_the_answer(clean_url)
    again = await as_ada.post("/batch/jobs", json=BODY, **ONCE)
    assert (again.status_code, again.json()) == (201, first.json())
    assert "Idempotency-Replayed" not in again.headers
    assert (await as_ada.post("/batch/jobs", json=BODY, **ONCE)).headers["Idempotency-Replayed"] == "true"
    assert (await as_ada.get("/batch/jobs")).json()["total"] == 1


async def test_neither_limits_nor_changed_inputs_refuse_what_was_made(
    site: Site, as_ada: httpx.AsyncClient, clean_url
):
    for number in range(10):
        key = {"Idempotency-Key": f"k{number}"}
        assert (await as_ada.post("/batch/jobs", json=BODY, headers=key)).status_code == 201
    await forget_the_answer(clean_url)
    assert (await as_ada.post("/batch/jobs", json=BODY)).status_code == 429
    again = await as_ada.post("/batch/jobs", json=BODY, headers={"Idempotency-Key": "k9"})
    assert again.status_code == 201
    assert (await as_ada.get("/batch/jobs")).json()["total"] == 10


async def test_a_deleted_batch_is_not_made_again(site: Site, as_ada: httpx.AsyncClient, clean_url):
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
