"""The auditor finds every kind of broken promise in a doctored history, and none in a sound one."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from fanfold.sdk.errors import Retryable
from fanfold.sdk.kind import Limit
from fanfold.sdk.outcome import Completed, Skipped, Snoozed
from tests.chaos.auditor import Cap, audit, audit_database
from tests.chaos.history import History
from tests.engine.conftest import Bench, bench, kind

__all__ = ["bench", "kind"]

START = datetime(2026, 11, 1, tzinfo=UTC)
BATCH = UUID(int=1)
ONE, TWO, THREE = UUID(int=11), UUID(int=12), UUID(int=13)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def operation(identifier: UUID, status: str, **fields: Any) -> dict[str, Any]:
    return {
        "id": identifier,
        "execution_id": f"exec_{identifier.int}",
        "item_key": f"t{identifier.int}",
        "batch_id": BATCH,
        "status": status,
        "due_at": None,
        "attempt_id": None,
        "attempt_count": 1,
        "row_count": None,
        "limit_keys": ["k"],
        "limit_weights": None,
        **fields,
    }


def attempt(number: int, operation_id: UUID, state: str, **fields: Any) -> dict[str, Any]:
    identifier = operation_id.int * 10 + number
    ended = {"finished_at": None, **fields}
    return {"id": identifier, "operation_id": operation_id, "number": number, "state": state, **ended}


def event(identifier: int, name: str, *operations: UUID) -> dict[str, Any]:
    return {"id": identifier, "batch_id": BATCH, "name": name, "operation_ids": list(operations)}


def ended_history() -> History:
    """Two at a time: one completes with rows, two fails once and completes, three is cancelled."""
    return History(
        batches=[
            {
                "id": BATCH,
                "batch_id": "batch_1",
                "status": "cancelled",
                "finished_at": at(20),
                "max_parallel": 2,
                "total_count": 3,
                "pending_count": 0,
                "running_count": 0,
                "completed_count": 2,
                "failed_count": 0,
                "skipped_count": 0,
                "cancelled_count": 1,
                "row_count": 7,
            }
        ],
        operations=[
            operation(ONE, "completed", attempt_id=111, row_count=7),
            operation(TWO, "completed", attempt_id=122, attempt_count=2),
            operation(THREE, "cancelled", attempt_id=131),
        ],
        attempts=[
            attempt(1, ONE, "succeeded", started_at=at(0), finished_at=at(5)),
            attempt(1, TWO, "failed", started_at=at(0), finished_at=at(2)),
            attempt(2, TWO, "succeeded", started_at=at(10), finished_at=at(12)),
            attempt(1, THREE, "cancelled", started_at=at(10), finished_at=at(20)),
        ],
        events=[
            event(1, "operation.claimed", ONE, TWO),
            event(2, "operation.retried", TWO),
            event(3, "operation.completed", ONE),
            event(4, "operation.claimed", TWO, THREE),
            event(5, "operation.completed", TWO),
            event(6, "operation.cancelled", THREE),
            event(7, "batch.cancelled"),
        ],
        limits=[{"key": "k", "max_running": 2, "rate_count": 2, "rate_ms": 10_000}],
        usage=[{"key": "k", "running_count": 0}],
        result_sets=[
            {
                "batch_id": BATCH,
                "operation_id": ONE,
                "row_count": 7,
                "byte_count": 100,
                "parts": [{"rows": 4, "bytes": 60}, {"rows": 3, "bytes": 40}],
            }
        ],
        read_at=at(30),
    )


def running_history() -> History:
    """The same before its end: two is at work for the second time, three snoozes."""
    ended = ended_history()
    batch = {**ended.batches[0], "status": "running", "finished_at": None}
    return replace(
        ended,
        batches=[batch | {"completed_count": 1, "cancelled_count": 0, "running_count": 2}],
        operations=[
            ended.operations[0],
            operation(TWO, "running", attempt_id=122, attempt_count=2),
            operation(THREE, "running", attempt_id=131, due_at=at(40)),
        ],
        attempts=[
            *ended.attempts[:2],
            attempt(2, TWO, "running", started_at=at(10)),
            attempt(1, THREE, "snoozed", started_at=at(10)),
        ],
        events=ended.events[:4],
        usage=[{"key": "k", "running_count": 2}],
    )


@pytest.mark.parametrize("history", [ended_history(), running_history()], ids=["ended", "running"])
def test_a_sound_history_has_no_findings(history: History):
    assert audit(history) == []


def doctored(history: History, table: str, row: int, **changes: Any) -> History:
    rows = deepcopy(list(getattr(history, table)))
    rows[row] |= changes
    return replace(history, **{table: rows})


def in_order(history: History) -> History:
    return replace(history, events=sorted(history.events, key=lambda one: one["id"]))


Doctor = Callable[[History], History]

ENDED = [
    pytest.param(
        "lost", lambda h: doctored(h, "operations", 2, status="pending"), id="an operation left behind"
    ),
    pytest.param("end", lambda h: doctored(h, "batches", 0, finished_at=None), id="an end without a time"),
    pytest.param(
        "twice at work",
        lambda h: doctored(h, "attempts", 2, started_at=at(1)),
        id="a second attempt too early",
    ),
    pytest.param(
        "twice at work",
        lambda h: doctored(h, "attempts", 1, finished_at=at(11)),
        id="a first attempt too long",
    ),
    pytest.param("attempts", lambda h: doctored(h, "attempts", 2, number=3), id="a missing attempt"),
    pytest.param(
        "attempts", lambda h: doctored(h, "operations", 1, attempt_count=3), id="a miscounted attempt"
    ),
    pytest.param(
        "live attempt",
        lambda h: doctored(h, "attempts", 3, state="snoozed", finished_at=None),
        id="a live attempt of an ended operation",
    ),
    pytest.param(
        "move", lambda h: doctored(h, "events", 0, operation_ids=[TWO]), id="a retry of what never ran"
    ),
    pytest.param(
        "move", lambda h: doctored(h, "events", 4, name="operation.claimed"), id="a claim of what runs"
    ),
    pytest.param(
        "move",
        lambda h: replace(h, events=[*h.events, event(8, "operation.retried", ONE)]),
        id="a retry of what completed",
    ),
    pytest.param("over the cap", lambda h: doctored(h, "limits", 0, max_running=1), id="one slot too few"),
    pytest.param(
        "over the cap",
        lambda h: doctored(h, "operations", 1, limit_weights=[2]),
        id="an operation of two units",
    ),
    pytest.param(
        "over the cap", lambda h: doctored(h, "batches", 0, max_parallel=1), id="one too many in the batch"
    ),
    pytest.param(
        "over the cap",
        lambda h: doctored(h, "batches", 0, ordering="sequential"),
        id="two at once in a sequence",
    ),
    pytest.param(
        "over the cap",
        lambda h: in_order(doctored(h, "events", 2, id=4.5)),
        id="a claim before its slot was free",
    ),
    pytest.param("over the rate", lambda h: doctored(h, "limits", 0, rate_count=1), id="one start too many"),
    pytest.param(
        "over the rate",
        lambda h: doctored(h, "attempts", 2, started_at=at(9.999)),
        id="a start at the window's edge",
    ),
    pytest.param(
        "over the rate", lambda h: doctored(h, "operations", 2, limit_weights=[2]), id="a start of two units"
    ),
    pytest.param(
        "counters",
        lambda h: doctored(h, "batches", 0, completed_count=1, failed_count=1),
        id="counters of another state",
    ),
    pytest.param("total", lambda h: doctored(h, "batches", 0, total_count=4), id="a total too high"),
    pytest.param("rows", lambda h: doctored(h, "batches", 0, row_count=8), id="a row too many"),
    pytest.param("usage", lambda h: doctored(h, "usage", 0, running_count=1), id="a slot never given back"),
    pytest.param(
        "result", lambda h: doctored(h, "result_sets", 0, row_count=6), id="rows recorded and not counted"
    ),
    pytest.param("result", lambda h: doctored(h, "result_sets", 0, byte_count=99), id="bytes without parts"),
    pytest.param(
        "result",
        lambda h: doctored(h, "result_sets", 0, operation_id=THREE),
        id="a result of what was cancelled",
    ),
    pytest.param(
        "result", lambda h: doctored(h, "result_sets", 0, operation_id=UUID(int=99)), id="a result of nothing"
    ),
    pytest.param("result", lambda h: replace(h, result_sets=[]), id="rows counted and not recorded"),
    pytest.param(
        "timeline",
        lambda h: replace(h, events=[one for one in h.events if one["id"] != 6]),
        id="an untold end of an operation",
    ),
    pytest.param("timeline", lambda h: replace(h, events=h.events[:-1]), id="an untold end of a batch"),
    pytest.param(
        "timeline", lambda h: doctored(h, "events", 6, name="batch.partial"), id="a wrong end of a batch"
    ),
]

RUNNING = [
    pytest.param(
        "held by nobody",
        lambda h: doctored(h, "attempts", 2, state="lost", finished_at=at(20)),
        id="a lost attempt",
    ),
    pytest.param(
        "held by nobody", lambda h: doctored(h, "operations", 1, attempt_id=121), id="another attempt at work"
    ),
    pytest.param(
        "held by nobody", lambda h: doctored(h, "operations", 2, due_at=None), id="a snooze without an end"
    ),
    pytest.param(
        "twice at work",
        lambda h: doctored(h, "attempts", 1, state="running", finished_at=None),
        id="two live attempts",
    ),
    pytest.param("usage", lambda h: replace(h, usage=[]), id="a slot that is not counted"),
]


@pytest.mark.parametrize(("rule", "doctor"), ENDED)
def test_a_doctored_past_is_found(rule: str, doctor: Doctor):
    found = audit(doctor(ended_history()))
    assert rule in {finding.rule for finding in found}


@pytest.mark.parametrize(("rule", "doctor"), RUNNING)
def test_a_doctored_present_is_found(rule: str, doctor: Doctor):
    found = audit(doctor(running_history()))
    assert rule in {finding.rule for finding in found}


def test_a_cap_that_was_lowered_binds_the_claims_that_follow_and_not_what_runs():
    lowered = doctored(ended_history(), "limits", 0, max_running=1)
    told = [Cap("k", since=0, most=2), Cap("k", since=4, most=1)]
    assert audit(lowered, caps=told) == []
    too_early = [Cap("k", since=0, most=2), Cap("k", since=3, most=1)]
    assert {finding.rule for finding in audit(lowered, caps=too_early)} == {"over the cap"}


def test_a_key_without_a_cap_is_never_exceeded():
    assert audit(doctored(ended_history(), "limits", 0, max_running=None)) == []


def test_a_finding_names_promise_operation_and_what_is_wrong():
    (finding,) = audit(doctored(ended_history(), "attempts", 2, started_at=at(1.5), finished_at=at(12)))[:1]
    assert str(finding) == "promise 2, twice at work: exec_12 (t12): attempt 2 began before attempt 1 ended"


async def test_what_a_worker_really_leaves_has_no_findings(bench: Bench):
    bench.kind.caps = {key: [Limit("shared", 2)] for key in "abcdef"}
    bench.kind.script("a", lambda _: Retryable("again"))
    bench.kind.script("b", lambda _: Snoozed(timedelta(seconds=5), {"s": 1}))
    bench.kind.script("c", lambda _: Skipped("nothing to do"))
    bench.kind.script("d", *[lambda _: Retryable("never")] * 3)
    await bench.submit(*"abcdef", max_parallel=3)
    worker = bench.worker()
    for _ in range(60):
        assert await audit_database(bench.url, moment=bench.clock.now()) == []
        bench.clock.advance(timedelta(seconds=2))
        await bench.step(worker)
    rows = await bench.rows("select item_key, status from operations order by item_key")
    ended = "".join(row["status"][0] for row in rows)
    assert ended == "ccsfcc"


async def test_rows_that_were_changed_behind_the_engine_s_back_are_found(bench: Bench):
    bench.kind.script("a", lambda _: Completed({"ok": True}))
    await bench.submit("a", "b")
    await bench.drain(bench.worker())
    assert await audit_database(bench.url, moment=bench.clock.now()) == []
    await bench.rows("update batches set row_count = 5 returning id")
    await bench.rows("delete from events where name = 'operation.completed' returning id")
    await bench.rows("insert into limit_usage values ('forgotten', 1) returning key")
    found = await audit_database(bench.url, moment=bench.clock.now())
    assert {finding.rule for finding in found} == {"rows", "timeline", "usage"}
