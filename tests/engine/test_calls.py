"""What attempts ask of remote sides is kept with them: whose it was, in order, bounded, seen by its owner."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import asyncpg
import pytest

from fanfold.db.database import SCHEMA
from fanfold.engine.calls import CallLog
from fanfold.sdk.errors import Retryable
from fanfold.sdk.outcome import Completed
from fanfold.sdk.tracing import RemoteCall, record, recording
from tests.api.full_app import SiteKind, open_site

AT = datetime(2026, 10, 1, tzinfo=UTC)


def call_of(step, **fields):
    given = {"status": 200, "duration_ms": 7, "request_id": "RID1", **fields}
    return RemoteCall(AT, step, "GET", "/amc/accounts", **given)


def asking(*steps, outcome=None):
    async def ask(_context):
        for step in steps:
            # A task of its own is still the attempt's.
            await asyncio.gather(asyncio.to_thread(lambda: None), _told(step))
        return outcome or Completed({})

    return ask


async def _told(step):
    record(call_of(step))


@pytest.fixture
async def site(clean_url):
    async with open_site(clean_url, SiteKind()) as site:
        yield site


async def detail(site, batch):
    async with site.client(site.ada) as http:
        listed = (await http.get(f"/batch/jobs/{batch.batch_id}/operations")).json()["items"]
        return [
            (await http.get(f"/batch/jobs/{batch.batch_id}/operations/{each['id']}")).json()
            for each in listed
        ]


async def test_each_attempt_shows_its_own_calls_in_order(site):
    site.kind.script("a", asking("sign in", "create", outcome=Retryable("again")), asking("look"))
    site.kind.script("b", asking("other"))
    batch = await site.submit("a", "b", max_attempts=2)
    await site.drain()
    await site.worker.calls.run_once()

    first, second = await detail(site, batch)

    shown = [[call["step"] for call in attempt["calls"]] for attempt in first["attempts"]]
    assert shown[0] == ["sign in", "create"]
    assert [[call["step"] for call in attempt["calls"]] for attempt in second["attempts"]] == [["other"]]
    told = first["attempts"][0]["calls"][0]
    assert (told["number"], told["status"], told["request_id"], told["duration_ms"]) == (1, 200, "RID1", 7)


async def test_of_very_many_calls_the_first_and_the_latest_stay(site, clean_url):
    site.kind.script("a", asking("look"))
    batch = await site.submit("a")
    await site.drain()
    (shown,) = await detail(site, batch)
    attempt_id = await _attempt_id(clean_url)
    log = CallLog(site.service_database, first=3, latest=5)
    for step in range(40):
        log.recorder(attempt_id)(call_of(f"look {step}"))
        await log.run_once()

    (shown,) = await detail(site, batch)

    numbers = [call["number"] for call in shown["attempts"][0]["calls"]]
    assert numbers[:3] == [1, 2, 3]
    assert numbers[3:] == list(range(36, 41))


async def test_calls_of_an_attempt_that_is_gone_are_dropped(site):
    log = CallLog(site.service_database)
    log.recorder(987_654_321)(call_of("look"))

    assert await log.run_once() is False


async def test_long_words_are_cut_and_a_call_without_an_answer_says_why(site, clean_url):
    site.kind.script("a", asking("look"))
    batch = await site.submit("a")
    await site.drain()
    log = CallLog(site.service_database)
    log.recorder(await _attempt_id(clean_url))(call_of("x" * 5000, status=None, error="ConnectTimeout\0"))
    await log.run_once()

    (shown,) = await detail(site, batch)

    told = shown["attempts"][0]["calls"][-1]
    assert len(told["step"]) == 301
    assert (told["status"], told["error"]) == (None, "ConnectTimeout")


def test_outside_an_attempt_nothing_is_kept_and_a_block_ends():
    kept = []
    record(call_of("before"))
    with recording(kept.append):
        record(call_of("within"))
    record(call_of("after"))

    assert [call.step for call in kept] == ["within"]


async def _attempt_id(url):
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(f"select max(id) from {SCHEMA}.attempts")
    finally:
        await connection.close()
