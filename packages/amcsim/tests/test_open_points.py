"""Points that public sources leave open, each with both of its answers."""

from datetime import timedelta

import pytest

from amcsim.options import ApiOptions

ARRAY = {
    "workflowId": "w",
    "sqlQuery": "SELECT COUNT(*) AS n FROM dsp_clicks",
    "inputParameters": [{"name": "ids", "dataType": {"type": "ARRAY", "elementDataType": "STRING"}}],
}
COUNTED = "SELECT campaign, COUNT(*) AS n FROM sponsored_ads_traffic GROUP BY campaign"


@pytest.mark.parametrize("status", [415, 406])
async def test_an_accept_header_that_does_not_fit_has_the_status_that_was_chosen(build_client, status):
    client = await build_client(api=ApiOptions(accept_status=status))
    answer = await client.call("GET", "/workflows", headers={"Accept": "text/html"})
    assert (answer.status_code, answer.json()["code"]) == (status, str(status))


@pytest.mark.parametrize("status", [401, 403])
async def test_a_lapsed_token_has_the_status_that_was_chosen(build_client, clock, status):
    client = await build_client(api=ApiOptions(expired_token_status=status))
    clock.advance(seconds=3600)
    assert (await client.call("GET", "/workflows")).status_code == status
    await client.sign_in()
    await client.fault(kind="expire_tokens")
    assert (await client.call("GET", "/workflows")).status_code == status
    client.http.headers["Authorization"] = "Bearer none"
    assert (await client.call("GET", "/workflows")).status_code == 401


@pytest.mark.parametrize(("nullable", "status"), [("optional", 200), ("required", 400)])
async def test_arrays_may_have_to_say_whether_they_hold_nulls(build_client, nullable, status):
    client = await build_client(api=ApiOptions(array_nullable=nullable))
    assert (await client.call("POST", "/workflows", json=ARRAY)).status_code == status
    inline = {"workflow": {**ARRAY, "workflowId": None}, "parameterValues": {"ids": ["a"]}}
    assert (await client.call("POST", "/workflowExecutions", json=inline)).status_code == status
    told = {"type": "ARRAY", "elementDataType": "STRING", "elementNullable": False}
    whole = {**ARRAY, "workflowId": "whole", "inputParameters": [{"name": "ids", "dataType": told}]}
    assert (await client.call("POST", "/workflows", json=whole)).status_code == 200


@pytest.mark.parametrize(
    ("choice", "columns"), [("accept", ["campaign", "n", "users"]), ("ignore", ["campaign", "n"])]
)
async def test_executions_may_name_added_columns_themselves(build_client, choice, columns):
    client = await build_client(api=ApiOptions(run_columns=choice))
    named = {"distinctUserCountColumn": "users", "timeWindowType": "PREVIOUS_MONTH"}
    shown = await client.finish(await client.submit(COUNTED, **named))
    assert [column["name"] for column in shown["outputColumns"]] == columns
    in_workflow = {"workflow": {"distinctUserCountColumn": "users"}, "timeWindowType": "PREVIOUS_MONTH"}
    shown = await client.finish(await client.submit(COUNTED, **in_workflow))
    assert [column["name"] for column in shown["outputColumns"]] == ["campaign", "n", "users"]


@pytest.mark.parametrize(("cancels", "status", "end"), [(True, 200, "CANCELLED"), (False, 405, "PENDING")])
async def test_delete_may_not_cancel(build_client, cancels, status, end):
    client = await build_client(api=ApiOptions(delete_cancels=cancels))
    execution = await client.submit()
    assert (await client.call("DELETE", f"/workflowExecutions/{execution}")).status_code == status
    assert (await client.status(execution))["status"] == end


async def test_a_change_that_names_no_status_changes_nothing(client):
    execution = await client.submit()
    path = f"/workflowExecutions/{execution}"
    answer = await client.call("PUT", path, json={"note": "unknown"})
    assert (answer.status_code, answer.json()) == (200, {})
    assert (await client.status(execution))["status"] == "PENDING"
    await client.call("PUT", path, json={"status": "CANCELLED"})
    assert (await client.call("PUT", path, json={})).status_code == 400


@pytest.mark.parametrize(("choice", "status"), [("repeat", 400), ("carried", 200)])
async def test_filters_may_stand_in_the_token(build_client, choice, status):
    client = await build_client(api=ApiOptions(page_filters=choice))
    ids = [await client.submit(workflow={"workflowId": "same"}) for _ in range(3)]
    await client.call("PUT", f"/workflowExecutions/{ids[1]}", json={"status": "CANCELLED"})
    query = "workflowId=same&includeCancelled=true&sortAscending=true&limit=2"
    first = (await client.call("GET", f"/workflowExecutions?{query}")).json()
    token = first["nextToken"]
    bare = await client.call("GET", "/workflowExecutions", params={"nextToken": token})
    assert bare.status_code == status
    if choice == "carried":
        assert [one["workflowExecutionId"] for one in bare.json()["executions"]] == ids[2:]
    repeated = await client.call("GET", f"/workflowExecutions?{query}&nextToken={token}")
    assert [one["workflowExecutionId"] for one in repeated.json()["executions"]] == ids[2:]


@pytest.mark.parametrize(("days", "status"), [(90, 200), (1, 400)])
async def test_results_are_kept_for_so_many_days(build_client, clock, days, status):
    client = await build_client(api=ApiOptions(result_days=days))
    shown = await client.finish(await client.submit())
    clock.advance(seconds=timedelta(days=1).total_seconds())
    await client.sign_in()
    path = f"/workflowExecutions/{shown['workflowExecutionId']}/downloadUrls"
    answer = await client.call("GET", path)
    assert answer.status_code == status
    assert ("is unavailable for download." in answer.text) == (status == 400)


async def test_a_status_that_nobody_knows_stands_in_the_place_of_running(client, clock):
    await client.fault(kind="odd_status", times=1)
    execution = await client.submit()
    await client.simulation.runner.settle()
    clock.advance(seconds=1)
    assert (await client.status(execution))["status"] == "PUBLISHING"
    assert (await client.status(execution))["status"] == "RUNNING"
    assert (await client.finish(execution))["status"] == "SUCCEEDED"
