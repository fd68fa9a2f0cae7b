"""The kind `amc.workflow` running what is saved on the instance: by its id, and never another text."""

from __future__ import annotations

from typing import Any

import pytest

from fanfold.kinds.amc_workflow import AmcWorkflow, AmcWorkflowSync
from fanfold.kinds.amc_workflow.definition import definition_of
from fanfold.kinds.amc_workflow.remote import Address, address_of
from fanfold.kinds.amc_workflow.saved import as_saved
from fanfold.kinds.amc_workflow.submission import submission_of
from fanfold.sdk.errors import Permanent, Retryable
from fanfold.sdk.outcome import Completed
from fanfold.sdk.testing import RecordingContext, drive
from tests.contract.conftest import QUERY

KIND = AmcWorkflow()
LISTED = "WITH w (c) AS (VALUES (CUSTOM_PARAMETER('campaigns'))) SELECT c, COUNT(*) AS n FROM w GROUP BY 1"


def saved_id(workflow: dict[str, Any]) -> str:
    return f"ff_{workflow['workflow_id'].replace('-', '')}"


async def sync(attempt: RecordingContext, client: Any, workflow: dict[str, Any]) -> None:
    context = RecordingContext(
        parameters={"action": "save"},
        definition=workflow,
        target=attempt.target,
        client=client,
        clock=attempt.clock,
    )
    assert isinstance(await AmcWorkflowSync().run(context), Completed)


async def test_what_was_saved_is_run_by_its_id(amc, attempt, client, workflow):
    await sync(attempt, client, workflow)
    workflow["query_source"] = "saved"

    outcome = await drive(KIND, attempt)

    assert isinstance(outcome, Completed)
    assert outcome.summary["workflow_id"] == saved_id(workflow)
    assert outcome.summary["rows"] == len(attempt.sink.rows) > 0
    assert amc.executions(workflow) == 1
    assert amc.executions({**workflow, "query_source": "inline"}) == 0


async def test_an_instance_that_has_none_saved_runs_nothing(amc, attempt, workflow):
    workflow["query_source"] = "saved"
    with pytest.raises(Permanent, match="has no workflow under ff_") as refused:
        await drive(KIND, attempt)
    assert "fanfold workflow sync reach-by-campaign" in str(refused.value.hint)
    assert amc.executions(workflow) == 0
    assert attempt.saved == []


async def test_an_instance_that_has_another_text_runs_nothing(amc, attempt, client, workflow):
    await sync(attempt, client, workflow)
    workflow |= {"query_source": "saved", "version": 4, "sql_query": f"{QUERY} HAVING SUM(impressions) > 10"}
    with pytest.raises(Permanent, match=r"has another text or other parameters under ff_.*version 4"):
        await drive(KIND, attempt)
    assert amc.executions(workflow) == 0


async def test_what_differs_is_saved_first_where_that_is_asked_for(amc, attempt, client, workflow):
    for changes in ({}, {"version": 4, "sql_query": f"{QUERY} HAVING SUM(impressions) > 0"}):
        workflow |= {"query_source": "save_first", **changes}
        attempt.state = None
        assert isinstance(await drive(KIND, attempt), Completed)
        there = await client.get_workflow(address_of(attempt.target), saved_id(workflow))
        assert there["sqlQuery"] == as_saved(definition_of(workflow))["sqlQuery"]
    assert amc.executions(workflow) == 2


async def test_rows_of_a_text_that_was_saved_in_between_are_not_kept(amc, attempt, client, workflow):
    workflow["query_source"] = "save_first"
    save = client.save_workflow

    class Meddled:
        """Somebody saves another text right after us."""

        async def save_workflow(self, address, ours):
            await save(address, ours)
            await save(address, {**ours, "sqlQuery": QUERY.replace("SUM(impressions)", "MAX(impressions)")})

        def __getattr__(self, name):
            return getattr(client, name)

    attempt.client = Meddled()
    with pytest.raises(Retryable, match="ran another text than version 3"):
        await drive(KIND, attempt)
    assert attempt.sink.rows == []
    assert attempt.saved[-1].state == {}

    attempt.client, attempt.state = client, attempt.saved[-1].state
    assert isinstance(await drive(KIND, attempt), Completed)
    assert amc.executions(workflow) == 2


async def test_a_query_that_amc_does_not_show_is_told(attempt, client, workflow):
    await sync(attempt, client, workflow)
    workflow["query_source"] = "saved"

    class Silent:
        async def get_query(self, *_asked):
            return None

        def __getattr__(self, name):
            return getattr(client, name)

    attempt.client = Silent()
    outcome = await drive(KIND, attempt)
    assert isinstance(outcome, Completed)
    assert outcome.summary["warnings"][0].startswith("AMC does not show the text it ran")
    assert attempt.sink.rows


def test_defaults_are_sent_along_since_the_saved_ones_may_change():
    definition = {
        "workflow_id": "01a20603-23c4-73ef-960b-065860a7dc97",
        "version": 1,
        "sql_query": QUERY,
        "parameters": [
            {"name": "brand", "data_type": "STRING", "default": "Acme"},
            {"name": "least", "data_type": "INTEGER", "default": 3},
        ],
    }
    address = Address("amc1", "ENTITY1", "M1", sandbox=False)
    for source, sent in (("inline", {"least": 5}), ("saved", {"brand": "Acme", "least": 5})):
        frozen = definition_of({**definition, "query_source": source})
        submission = submission_of(frozen, {"least": 5}, address=address, mark=30_000)
        assert submission.request["parameterValues"] == sent


async def test_an_execution_whose_answer_is_lost_is_found_under_the_saved_id(amc, attempt, client, workflow):
    await sync(attempt, client, workflow)
    workflow["query_source"] = "saved"
    amc.fault("lose_response", operations=["createWorkflowExecution"], times=1)
    assert isinstance(await drive(KIND, attempt), Completed)
    assert amc.executions(workflow) == 1


def test_a_query_whose_text_changes_with_a_list_is_refused_before_anything_runs():
    definition = {
        "sql_query": LISTED,
        "parameters": [{"name": "campaigns", "data_type": "ARRAY<STRING>"}],
        "query_source": "saved",
    }
    given = {"campaigns": ["a", "b"]}
    (problem,) = KIND.check(definition, given)
    assert problem.pointer == "/campaigns"
    assert "run it inline" in problem.message
    assert KIND.check({**definition, "query_source": "inline"}, given) == []
