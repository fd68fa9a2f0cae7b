"""The kind `amc.workflow` against the simulator over HTTP: one submission, whatever goes wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from fanfold.kinds.amc_workflow import AmcWorkflow
from fanfold.sdk.errors import Permanent, Retryable, TargetUnavailable, Throttled
from fanfold.sdk.outcome import Completed, Snoozed
from fanfold.sdk.testing import RecordingContext, drive

KIND = AmcWorkflow()
CREATE = ["createWorkflowExecution"]
LOOK = ["getWorkflowExecution"]


class WorkerDied(Exception):
    """kill -9."""


def next_attempt(context):
    """The operation as another worker finds it: the same state, nothing else of the old one."""
    return replace(context, attempt_number=context.attempt_number + 1, saved=[], adopted=[])


def dying_at_save(context, number):
    """Let the worker die when it stores a state for the *number*-th time, before it is stored."""

    class DyingContext(RecordingContext):
        async def save(self, state, *, remote_ref=None):
            if len(self.saved) == number - 1:
                raise WorkerDied
            await RecordingContext.save(self, state, remote_ref=remote_ref)

    given = {name: getattr(context, name) for name in RecordingContext.__dataclass_fields__}
    return DyingContext(**given)


async def test_a_workflow_runs_to_its_rows(amc, attempt, workflow):
    outcome = await drive(KIND, attempt)

    assert isinstance(outcome, Completed)
    assert outcome.summary["rows"] == len(attempt.sink.rows) > 0
    assert outcome.summary["workflow_id"].startswith("ff_")
    assert {type(value) for row in attempt.sink.rows for value in row.values()} == {str, int}
    assert list(attempt.sink.rows[0]) == ["campaign", "impressions", "reach"]
    assert amc.executions(workflow) == 1


async def test_the_intent_is_stored_before_the_call_and_the_remote_id_right_after_it(attempt):
    outcome = await KIND.run(attempt)

    intent, submitted = attempt.saved
    assert intent.state["phase"] == "submitting"
    assert intent.remote_ref is None
    assert submitted.state["phase"] == "submitted"
    assert submitted.remote_ref == submitted.state["remote_id"]
    assert outcome == Snoozed(timedelta(seconds=15), submitted.state)


async def test_the_definition_sets_the_pace_of_looking(attempt, workflow):
    workflow["poll_seconds"] = 0.2

    outcome = await KIND.run(attempt)

    assert isinstance(outcome, Snoozed)
    assert outcome.after == timedelta(seconds=0.2)


async def test_a_worker_that_dies_before_the_call_leaves_one_submission(amc, attempt, workflow):
    attempt.state = {"phase": "submitting", "since": attempt.clock.now().isoformat(), "mark": 30_000}

    assert isinstance(await drive(KIND, attempt), Completed)
    assert amc.executions(workflow) == 1


async def test_a_worker_that_dies_between_call_and_remote_id_leaves_one_submission(amc, attempt, workflow):
    dying = dying_at_save(attempt, 2)
    with pytest.raises(WorkerDied):
        await KIND.run(dying)
    assert amc.executions(workflow) == 1

    rescued = next_attempt(replace(attempt, state=dying.state))
    assert isinstance(await drive(KIND, rescued), Completed)
    assert amc.executions(workflow) == 1
    assert rescued.adopted == [rescued.saved[0].state["remote_id"]]


async def test_a_worker_that_dies_while_it_adopts_leaves_one_submission(amc, attempt, workflow):
    dying = dying_at_save(attempt, 2)
    with pytest.raises(WorkerDied):
        await KIND.run(dying)
    second = dying_at_save(next_attempt(replace(attempt, state=dying.state)), 1)
    with pytest.raises(WorkerDied):
        await KIND.run(second)

    third = next_attempt(replace(attempt, state=second.state))
    assert isinstance(await drive(KIND, third), Completed)
    assert amc.executions(workflow) == 1


@pytest.mark.parametrize("fault", ["lose_response", "malformed_json"])
async def test_an_answer_that_is_lost_after_the_work_leaves_one_submission(amc, attempt, workflow, fault):
    amc.fault(fault, operations=CREATE, times=1)

    assert isinstance(await drive(KIND, attempt), Completed)
    assert amc.executions(workflow) == 1
    assert len(attempt.adopted) == 1


@pytest.mark.parametrize(("fault", "fields"), [("reset_connection", {}), ("http_error", {"status": 503})])
async def test_a_call_that_is_lost_before_the_work_is_made_again_once(amc, attempt, workflow, fault, fields):
    amc.fault(fault, operations=CREATE, times=1, **fields)

    assert isinstance(await drive(KIND, attempt), Completed)
    assert amc.executions(workflow) == 1


async def test_a_lost_answer_is_looked_up_twice_before_it_is_believed(amc, attempt, workflow):
    amc.fault("reset_connection", operations=CREATE, times=1)

    phases = []
    for _ in range(3):
        outcome = await KIND.run(attempt)
        attempt.state = outcome.state
        phases.append((outcome.state["phase"], outcome.state.get("looks"), amc.executions(workflow)))

    assert phases == [("submitting", 0, 0), ("submitting", 1, 0), ("submitted", None, 1)]


async def test_a_service_that_never_answers_a_submission_is_unavailable(amc, attempt, workflow):
    amc.fault("reset_connection", operations=CREATE)

    with pytest.raises(TargetUnavailable, match="none of 3 submissions"):
        await drive(KIND, attempt)

    assert attempt.state is None
    assert amc.executions(workflow) == 0


async def test_an_execution_of_another_operation_is_not_taken(amc, attempt, workflow):
    twin = replace(attempt, operation_id=uuid4(), saved=[])
    await KIND.run(twin)
    attempt.state = {"phase": "submitting", "since": attempt.clock.now().isoformat(), "mark": 30_000}

    assert isinstance(await drive(KIND, attempt), Completed)
    assert attempt.adopted == []
    assert amc.executions(workflow) == 2


async def test_an_execution_that_another_operation_has_adopted_is_not_taken(amc, attempt, workflow):
    dying = dying_at_save(attempt, 2)
    with pytest.raises(WorkerDied):
        await KIND.run(dying)
    found = next(
        iter(
            await attempt.client.find_executions(
                AddressOf(attempt.target),
                workflow_id=f"ff_{workflow['workflow_id'].replace('-', '')[:12]}_v3",
                since=attempt.clock.now(),
            )
        )
    )

    rescued = next_attempt(replace(attempt, state=dying.state, taken_elsewhere={found.execution_id}))
    assert isinstance(await drive(KIND, rescued), Completed)
    assert amc.executions(workflow) == 2


class AddressOf:
    """A target's address as the client takes it."""

    def __init__(self, target):
        self.instance_id = target.attributes["instance_id"]
        self.account_id = target.attributes["account_id"]
        self.marketplace_id = target.attributes["marketplace_id"]


async def test_a_throttled_submission_names_the_instance_and_the_pause_and_leaves_no_state(
    amc, attempt, workflow
):
    amc.fault("throttle", operations=CREATE, retry_after=17, times=1)

    with pytest.raises(Throttled) as caught:
        await KIND.run(attempt)

    assert caught.value.key == f"amc.instance:{attempt.target.attributes['instance_id']}"
    assert caught.value.after == timedelta(seconds=17)
    assert attempt.state is None
    assert amc.executions(workflow) == 0
    assert isinstance(await drive(KIND, attempt), Completed)
    assert amc.executions(workflow) == 1


async def test_a_throttled_look_keeps_the_slot_and_waits_as_long_as_asked(amc, attempt, workflow, pauses):
    await KIND.run(attempt)
    amc.fault("throttle", operations=LOOK, retry_after=45, times=1)

    outcome = await KIND.run(attempt)

    assert isinstance(outcome, Snoozed)
    assert outcome.after == timedelta(seconds=45)
    assert outcome.state["misses"] == 1
    assert pauses.seconds == []
    assert isinstance(await drive(KIND, attempt), Completed)
    assert amc.executions(workflow) == 1


async def test_looks_that_keep_failing_slow_down_and_give_up_after_twenty(amc, attempt, workflow):
    await KIND.run(attempt)
    amc.fault("http_error", operations=LOOK, status=503)

    waits = []
    with pytest.raises(TargetUnavailable):
        await drive(KIND, attempt, between=waits.append)

    assert len(waits) == 19
    assert waits == sorted(waits)
    assert waits[-1] == timedelta(minutes=5)
    assert attempt.state["phase"] == "submitted"
    amc.clear()
    assert isinstance(await drive(KIND, next_attempt(attempt)), Completed)
    assert amc.executions(workflow) == 1


async def test_a_list_that_fails_while_a_submission_is_looked_up_is_asked_again(amc, attempt, workflow):
    amc.fault("lose_response", times=1)
    amc.fault("http_error", operations=["listWorkflowExecutions"], status=500, times=4)

    assert isinstance(await drive(KIND, attempt), Completed)
    assert amc.executions(workflow) == 1


async def test_an_execution_that_failed_is_submitted_anew_by_the_next_attempt(amc, attempt, workflow):
    amc.fault("fail_execution", times=1, reason="Out of memory")

    with pytest.raises(Retryable, match="Out of memory"):
        await drive(KIND, attempt)

    assert attempt.state is None
    assert isinstance(await drive(KIND, next_attempt(attempt)), Completed)
    assert amc.executions(workflow) == 2


async def test_an_execution_that_amc_has_forgotten_is_submitted_anew(amc, attempt, workflow):
    await attempt.save({"phase": "submitted", "remote_id": "11111111-2222-4333-8444-555555555555"})

    with pytest.raises(Retryable, match="no longer knows"):
        await drive(KIND, attempt)

    assert attempt.state is None
    assert isinstance(await drive(KIND, next_attempt(attempt)), Completed)
    assert amc.executions(workflow) == 1


async def test_a_rejected_query_fails_for_good_with_amcs_words_and_a_hint(amc, attempt, workflow):
    workflow["sql_query"] = "SELECT brand_of_car, COUNT(*) AS n FROM cars GROUP BY brand_of_car"

    with pytest.raises(Permanent, match="cars") as caught:
        await drive(KIND, attempt)

    assert "not found" in caught.value.message
    assert "without DSP" in str(caught.value.hint)
    assert attempt.state is None
    assert amc.executions(workflow) == 1


async def test_an_execution_that_somebody_cancelled_at_amc_fails_for_good(amc, attempt):
    amc.fault("stuck", times=1)
    await KIND.run(attempt)
    await attempt.client.cancel_execution(AddressOf(attempt.target), attempt.state["remote_id"])

    with pytest.raises(Permanent, match="cancelled at AMC"):
        await drive(KIND, attempt)


async def test_cancelling_stops_the_execution_at_amc(amc, attempt, workflow):
    amc.fault("stuck", times=1)
    await KIND.run(attempt)

    await KIND.cancel(attempt)
    await KIND.cancel(attempt)

    assert amc.counts(workflow)["cancelled"] == 1
    assert amc.counts(workflow)["running"] == 0


async def test_cancelling_reaches_an_execution_whose_answer_was_lost(amc, attempt, workflow):
    amc.fault("stuck", times=1)
    amc.fault("lose_response", times=1)
    outcome = await KIND.run(attempt)
    attempt.state = outcome.state

    await KIND.cancel(attempt)

    assert attempt.state["phase"] == "submitting"
    assert amc.counts(workflow)["cancelled"] == 1


async def test_cancelling_after_the_end_and_before_the_start_is_no_error(amc, attempt, workflow):
    await KIND.cancel(attempt)
    assert amc.executions(workflow) == 0

    await drive(KIND, attempt)
    await KIND.cancel(attempt)
    assert amc.counts(workflow)["cancelled"] == 0


async def test_a_header_without_rows_completes_with_a_warning_and_its_columns(amc, attempt):
    amc.fault("header_only_csv", times=1)

    outcome = await drive(KIND, attempt)

    assert outcome.summary["rows"] == 0
    assert "empty or fully suppressed" in outcome.summary["warnings"][0]
    assert attempt.sink.rows == []
    assert attempt.sink.batches[0].schema.names == ["campaign", "impressions", "reach"]


@pytest.mark.parametrize(
    ("fault", "fields"),
    [
        ("truncated_download", {"times": 1}),
        ("expire_links", {"times": 1}),
        ("http_error", {"operations": ["downloadFile"], "status": 500, "times": 1}),
        ("malformed_json", {"operations": ["getWorkflowExecutionDownloadUrls"], "times": 1}),
        ("throttle", {"operations": ["getWorkflowExecutionDownloadUrls"], "retry_after": 20, "times": 1}),
        ("expire_tokens", {"times": 1}),
    ],
)
async def test_trouble_on_the_way_to_the_rows_passes(amc, attempt, workflow, fault, fields):
    await KIND.run(attempt)
    amc.fault(fault, **fields)

    outcome = await drive(KIND, attempt)

    assert isinstance(outcome, Completed)
    assert outcome.summary["rows"] == len(attempt.sink.rows) > 0
    assert amc.executions(workflow) == 1


async def test_a_download_that_keeps_breaking_never_submits_again(amc, attempt, workflow):
    amc.fault("truncated_download")

    with pytest.raises(TargetUnavailable):
        await drive(KIND, attempt)

    assert attempt.sink.batches == []
    assert attempt.state["phase"] == "submitted"
    assert amc.executions(workflow) == 1


@pytest.mark.parametrize(
    ("changes", "hint"),
    [
        ({"account_id": "ENTITY0000000000000"}, "AMC account id"),
        ({"marketplace_id": "A1PA6795UKMFR9"}, "marketplace id"),
        ({"instance_id": "amcunknown"}, "AMC account id"),
    ],
)
async def test_a_wrong_address_fails_for_good_and_says_what_to_check(amc, attempt, changes, hint):
    attempt.target = amc.target(0, **changes)

    with pytest.raises(Permanent) as caught:
        await KIND.run(attempt)

    assert hint in str(caught.value.hint)
    assert attempt.state is None


async def test_a_target_without_an_account_fails_before_anything_is_sent(amc, attempt, workflow):
    attempt.target = amc.target(0, account_id="")

    with pytest.raises(Permanent, match="lacks its AMC instance id or account id"):
        await KIND.run(attempt)

    assert amc.executions(workflow) == 0


async def test_parameters_reach_the_query_and_defaults_are_amcs_duty(amc, attempt, workflow):
    workflow["sql_query"] = (
        "SELECT CUSTOM_PARAMETER('label') AS label, CUSTOM_PARAMETER('floor') AS floor, "
        "COUNT(*) AS n FROM dsp_impressions "
        "WHERE ARRAY_CONTAINS(CUSTOM_PARAMETER('devices'), device_type) GROUP BY 1, 2;"
    )
    workflow["parameters"] = [
        {"name": "label", "data_type": "STRING", "required": True},
        {"name": "floor", "data_type": "INTEGER", "default": 7},
        {"name": "devices", "data_type": "ARRAY<STRING>", "required": True},
    ]
    attempt.parameters = {**attempt.parameters, "label": 'a "quoted" label', "devices": ["Phone", "PC", "TV"]}

    await drive(KIND, attempt)

    (row,) = attempt.sink.rows
    assert row["label"] == 'a "quoted" label'
    assert row["floor"] == 7
    assert row["n"] > 0


async def test_a_sandbox_instance_runs_on_synthetic_data(amc, attempt):
    sandbox = next(index for index, instance in enumerate(amc.instances) if instance["sandbox"])
    attempt.target = amc.target(sandbox)

    assert isinstance(await drive(KIND, attempt), Completed)
    execution = await attempt.client.get_execution(AddressOf(attempt.target), attempt.state["remote_id"])
    assert execution.status == "SUCCEEDED"
