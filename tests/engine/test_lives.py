"""Whatever happens to batches in whatever order, every promise holds and every batch comes to its end."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from fanfold.batches.lifecycle import TERMINAL_BATCH_STATES
from tests.chaos.auditor import audit_database
from tests.engine.life import LIVES, Life, strict_limit

_UNHURRIED = {
    "deadline": None,
    "suppress_health_check": [
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
    ],
}


async def live(bench, actions):
    for table in ("batches", "limits", "limit_usage"):
        await bench.rows(f"delete from {table} returning 1")
    bench.kind.steps.clear()
    life = Life(bench)
    await life.live(actions)
    findings = await audit_database(bench.url, caps=life.caps, moment=bench.clock.now())
    assert [str(finding) for finding in findings] == []
    for submitted in life.batches:
        batch = await bench.batch(submitted)
        assert batch.status in TERMINAL_BATCH_STATES, (batch.status, batch.counts, batch.stop_reason)
        most = strict_limit(batch.policy, batch.counts.total)
        if most is not None and batch.batch_id not in life.retried:
            assert batch.counts.failed <= most


@settings(max_examples=12, **_UNHURRIED)
@given(actions=LIVES)
async def test_every_promise_holds_through_a_random_life(bench, actions):
    await live(bench, actions)


@pytest.mark.long
@pytest.mark.timeout(600)
@settings(max_examples=400, **_UNHURRIED)
@given(actions=LIVES)
async def test_every_promise_holds_through_many_random_lives(bench, actions):
    await live(bench, actions)
