"""What an operation that is taken up again does with the execution that it has left at AMC."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta

import pytest

from fanfold.batches.errors import StaleAttempt
from fanfold.kinds.amc_workflow import AmcWorkflow
from fanfold.kinds.amc_workflow.session import session_of
from fanfold.sdk.errors import Permanent, TargetUnavailable
from fanfold.sdk.outcome import Completed, Snoozed
from fanfold.sdk.testing import RecordingContext, drive

KIND = AmcWorkflow()
LOOK = ["getWorkflowExecution"]


class LateList:
    """AMC whose list shows an execution only after it was asked a few times."""

    def __init__(self, client, *, asked: int) -> None:
        self._client = client
        self.left = asked

    def __getattr__(self, name):
        return getattr(self._client, name)

    async def find_executions(self, address, *, workflow_id, since):
        self.left -= 1
        if self.left >= 0:
            return []
        return await self._client.find_executions(address, workflow_id=workflow_id, since=since)


async def test_cancelling_waits_for_an_execution_that_amc_does_not_list_yet(amc, attempt, workflow):
    workflow["poll_seconds"] = 0.01
    amc.fault("stuck", times=1)
    amc.fault("lose_response", times=1)
    attempt.state = (await KIND.run(attempt)).state
    attempt.client = LateList(attempt.client, asked=2)

    await KIND.cancel(attempt)

    assert attempt.client.left == -1
    assert amc.counts(workflow)["cancelled"] == 1


async def test_cancelling_what_amc_never_received_ends(amc, attempt, workflow):
    workflow["poll_seconds"] = 0.01
    amc.fault("reset_connection", operations=["createWorkflowExecution"], times=1)
    attempt.state = (await KIND.run(attempt)).state

    await KIND.cancel(attempt)

    assert amc.executions(workflow) == 0


async def refused_while_polling(amc, attempt):
    """Submit, lose the access to the instance, fail for good; then have the access again."""
    await KIND.run(attempt)
    amc.fault("http_error", operations=LOOK, status=403, details="Forbidden")
    with pytest.raises(Permanent, match="403"):
        await KIND.run(attempt)
    assert attempt.state["phase"] == "submitted"
    amc.clear()


async def test_a_retry_after_lost_access_fetches_what_was_submitted_and_submits_nothing(
    amc, attempt, workflow
):
    await refused_while_polling(amc, attempt)

    again = replace(attempt, attempt_number=2, saved=[])
    assert isinstance(await drive(KIND, again), Completed)
    assert amc.executions(workflow) == 1


async def test_a_retry_with_another_input_submits_it_and_stops_the_execution_of_the_old_one(
    amc, attempt, workflow
):
    amc.fault("stuck", times=1)
    await refused_while_polling(amc, attempt)

    window = {"startDate": "2026-09-01", "endDate": "2026-09-30"}
    again = replace(attempt, attempt_number=2, saved=[], parameters=window)
    assert isinstance(await drive(KIND, again), Completed)
    counts = amc.counts(workflow)
    assert (counts["submissions"], counts["cancelled"], counts["running"]) == (2, 1, 0)


async def test_a_state_of_an_earlier_version_is_followed(amc, attempt, workflow):
    await KIND.run(attempt)
    attempt.state = {"phase": "submitted", "remote_id": attempt.state["remote_id"]}

    assert isinstance(await drive(KIND, attempt), Completed)
    assert amc.executions(workflow) == 1


class FrozenContext(RecordingContext):
    """A worker that stands still while it stores its intent, and loses its lease meanwhile."""

    async def save(self, state, *, remote_ref=None):
        if self.saved:
            raise StaleAttempt
        await RecordingContext.save(self, state, remote_ref=remote_ref)
        self.clock.advance(timedelta(minutes=1))


async def test_a_worker_that_stood_still_after_its_intent_sends_nothing(amc, attempt, workflow):
    given = {name: getattr(attempt, name) for name in RecordingContext.__dataclass_fields__}
    frozen = FrozenContext(**given)

    with pytest.raises(StaleAttempt):
        await KIND.run(frozen)

    assert amc.executions(workflow) == 0


async def test_who_takes_an_operation_over_submits_when_nobody_else_may_any_more(amc, attempt, workflow):
    now = attempt.clock.now()
    attempt.state = {
        "phase": "submitting",
        "since": now.isoformat(),
        "mark": 30_000,
        "looks": 5,
        "send_until": (now + timedelta(seconds=8)).isoformat(),
    }

    outcome = await KIND.run(attempt)

    assert isinstance(outcome, Snoozed)
    assert outcome.after == timedelta(seconds=8 + 5 + 5)
    assert amc.executions(workflow) == 0
    attempt.state = outcome.state
    attempt.clock.advance(outcome.after)
    assert isinstance(await drive(KIND, attempt), Completed)
    assert amc.executions(workflow) == 1


async def test_a_create_that_is_late_is_not_sent_and_burns_no_attempt(amc, attempt, workflow):
    late = attempt.clock.now() - timedelta(seconds=1)
    session = await session_of(attempt)

    with pytest.raises(TargetUnavailable, match="was not asked to start the execution") as caught:
        await session.remote.create_execution(
            session.address, session.submission(30_000).request, send_until=late
        )

    assert not caught.value.reached
    assert amc.executions(workflow) == 0


async def test_a_create_that_stands_still_before_its_body_is_never_whole(amc, attempt, workflow, caplog):
    session = await session_of(attempt)

    class Standstill(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.getMessage().startswith("send_request_headers.complete"):
                attempt.clock.advance(timedelta(seconds=30))

    still, wire = Standstill(logging.DEBUG), logging.getLogger("httpcore.http11")
    await session.remote.find_executions(session.address, workflow_id="w", since=attempt.clock.now())
    caplog.set_level(logging.DEBUG, "httpcore.http11")
    wire.addHandler(still)
    try:
        with pytest.raises(TargetUnavailable, match="was not asked to start the execution"):
            await session.remote.create_execution(
                session.address,
                session.submission(30_000).request,
                send_until=attempt.clock.now() + timedelta(seconds=5),
            )
    finally:
        wire.removeHandler(still)

    assert amc.executions(workflow) == 0
