import asyncio

import pytest

from amcsim.faults.model import FAULTS

EXPLICIT = {
    "timeWindowType": "EXPLICIT",
    "timeWindowStart": "2026-10-01T00:00:00",
    "timeWindowEnd": "2026-10-08T00:00:00",
}


async def test_an_execution_is_validated_then_runs_then_succeeds(client, clock):
    execution_id = await client.submit(**EXPLICIT)
    fresh = await client.status(execution_id)
    assert fresh["status"] == "PENDING"
    assert "validatedTime" not in fresh
    assert fresh["workflowId"].startswith("transient_")
    assert (fresh["timeWindowStart"], fresh["timeWindowEnd"]) == (
        "2026-10-01T00:00:00Z",
        "2026-10-08T00:00:00Z",
    )
    await client.simulation.runner.settle()
    clock.advance(seconds=0.5)
    running = await client.status(execution_id)
    assert running["status"] == "RUNNING"
    assert running["validatedTime"] == "2026-11-02T12:00:00.500Z"
    await client.simulation.runner.settle()
    assert (await client.status(execution_id))["status"] == "RUNNING"
    clock.advance(seconds=6)
    done = await client.status(execution_id)
    assert done["status"] == "SUCCEEDED"
    assert [(column["name"], column["dataType"]) for column in done["outputColumns"]] == [
        ("campaign", "STRING"),
        ("n", "LONG"),
    ]


async def test_ten_run_at_a_time_per_instance_and_the_rest_wait_in_order(client, clock):
    ids = [await client.submit() for _ in range(13)]
    await client.simulation.runner.settle()
    clock.advance(seconds=1)
    states = [(await client.status(execution_id))["status"] for execution_id in ids]
    assert states == ["RUNNING"] * 10 + ["PENDING"] * 3
    await client.call("PUT", f"/workflowExecutions/{ids[4]}", json={"status": "CANCELLED"})
    states = [(await client.status(execution_id))["status"] for execution_id in ids]
    assert states[10:] == ["RUNNING", "PENDING", "PENDING"]
    for execution_id in ids:
        await client.finish(execution_id)
    stats = await client.stats()
    assert (stats["peak_running"], stats["succeeded"], stats["cancelled"]) == (10, 12, 1)
    assert (stats["running"], stats["pending"]) == (0, 0)


async def test_an_account_has_a_limit_over_its_instances(build_client, clock):
    client = await build_client(running_per_account=3)
    instances = (await client.http.get("/_sim/instances")).json()["instances"][:3]
    for instance in instances:
        client.instance = instance
        await client.submit()
        await client.submit()
    await client.simulation.runner.settle()
    clock.advance(seconds=1)
    stats = await client.stats()
    assert (stats["running"], stats["pending"], stats["submissions"]) == (3, 3, 6)


async def test_speed_divides_the_length_of_runs(build_client, clock):
    client = await build_client(speed=100)
    execution_id = await client.submit()
    await client.simulation.runner.settle()
    clock.advance(seconds=0.01)
    await client.status(execution_id)
    await client.simulation.runner.settle()
    clock.advance(seconds=0.06)
    assert (await client.status(execution_id))["status"] == "SUCCEEDED"


async def test_a_pending_and_a_running_execution_can_be_cancelled_by_put_and_by_delete(client, clock):
    pending, running = await client.submit(), await client.submit()
    cancelled = await client.call("DELETE", f"/workflowExecutions/{pending}")
    assert (cancelled.status_code, cancelled.json()) == (200, {})
    await client.simulation.runner.settle()
    clock.advance(seconds=1)
    assert (await client.status(running))["status"] == "RUNNING"
    await client.call("PUT", f"/workflowExecutions/{running}", json={"status": "CANCELLED"})
    for execution_id in (pending, running):
        shown = await client.status(execution_id)
        assert shown["status"] == "CANCELLED"
        assert shown["statusReason"]


async def test_a_cancel_stops_the_computing_and_frees_the_thread(build_client, clock):
    client = await build_client(compute_threads=1)
    await client.finish(await client.submit())
    endless = await client.submit(
        "SELECT SUM(a.impressions * b.clicks) AS n FROM dsp_impressions a, sponsored_ads_traffic b,"
        " dsp_clicks c WHERE a.campaign_id + b.campaign_id <> c.campaign_id + a.bid_price",
        timeWindowType="ALL",
    )
    await client.simulation.runner.settle()
    clock.advance(seconds=1)
    while endless not in client.simulation.engine._computing:
        assert (await client.status(endless))["status"] == "RUNNING"
    await client.call("PUT", f"/workflowExecutions/{endless}", json={"status": "CANCELLED"})
    shown = await client.finish(await client.submit())
    assert shown["status"] == "SUCCEEDED"
    assert not client.simulation.engine._computing


async def test_what_has_ended_cannot_be_cancelled(client):
    execution_id = await client.submit()
    await client.finish(execution_id)
    answer = await client.call("PUT", f"/workflowExecutions/{execution_id}", json={"status": "CANCELLED"})
    assert answer.status_code == 400
    assert (await client.call("DELETE", f"/workflowExecutions/{execution_id}")).status_code == 400


async def test_only_a_cancel_can_be_put(client):
    execution_id = await client.submit()
    answer = await client.call("PUT", f"/workflowExecutions/{execution_id}", json={"status": "SUCCEEDED"})
    assert answer.status_code == 400


async def test_a_query_that_amc_refuses_ends_rejected_with_its_reason(client):
    shown = await client.finish(await client.submit("SELECT campaign FROM dsp_impression"))
    assert shown["status"] == "REJECTED"
    assert (
        shown["statusReason"]
        == "From line 1, column 22 to line 1, column 35: Object 'dsp_impression' not found"
    )
    assert "outputColumns" not in shown


async def test_a_query_that_breaks_while_it_runs_ends_failed(client):
    sql = "SELECT SUM(CAST(campaign AS INTEGER)) AS n FROM dsp_impressions"
    shown = await client.finish(await client.submit(sql, timeWindowType="ALL"))
    assert shown["status"] == "FAILED"
    assert "Could not convert string" in shown["statusReason"]


async def test_a_dry_run_only_validates(client):
    good = await client.finish(await client.submit(dryRun=True))
    bad = await client.finish(await client.submit("SELECT nothing FROM dsp_clicks", dryRun=True))
    assert (good["status"], bad["status"]) == ("SUCCEEDED", "REJECTED")
    answer = await client.call("GET", f"/workflowExecutions/{good['workflowExecutionId']}/downloadUrls")
    assert answer.status_code == 400
    assert (await client.stats())["peak_running"] == 0


async def test_a_saved_workflow_runs_with_its_defaults_and_the_given_values(client):
    sql = "SELECT COUNT(*) AS n, CUSTOM_PARAMETER('label') AS label FROM dsp_impressions"
    declared = [{"name": "label", "dataType": "STRING", "defaultValue": "usual"}]
    await client.call(
        "POST", "/workflows", json={"workflowId": "w", "sqlQuery": sql, "inputParameters": declared}
    )
    for values, expected in (({}, "usual"), ({"label": "it's"}, "it's")):
        (row,) = await client.rows("", workflowId="w", parameterValues=values, timeWindowType="ALL")
        assert row["label"] == expected
    assert (await client.stats())["by_workflow"]["w"]["submissions"] == 2


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ({"workflowId": "missing"}, "does not exist"),
        ({}, "must be provided"),
        ({"workflowId": "a", "workflow": {"sqlQuery": "SELECT 1"}}, "Only one"),
        ({"workflow": {"sqlQuery": "x"}, **EXPLICIT, "timeWindowEnd": None}, "required"),
        ({"workflow": {"sqlQuery": "x"}, **EXPLICIT, "timeWindowStart": "2026-10-01"}, "Invalid date"),
        (
            {"workflow": {"sqlQuery": "x"}, **EXPLICIT, "timeWindowStart": "2026-13-01T00:00:00"},
            "Invalid date",
        ),
        ({"workflow": {"sqlQuery": "x"}, **EXPLICIT, "timeWindowEnd": "2026-09-01T00:00:00"}, "before"),
        ({"workflow": {"sqlQuery": "x"}, "timeWindowType": "YESTERDAY"}, "timeWindowType"),
        ({"workflow": {"sqlQuery": "x"}, "timeWindowTimeZone": "Mars/Base"}, "time zone"),
        ({"workflow": {"sqlQuery": "x"}, "workflowExecutionTimeoutSeconds": 10}, "900"),
        ({"workflow": {"sqlQuery": "x"}, "timeWindowStart": "2026-10-01T00:00:00"}, "EXPLICIT"),
    ],
)
async def test_a_wrong_body_is_refused_and_not_counted(client, body, word):
    answer = await client.call("POST", "/workflowExecutions", json=body)
    assert answer.status_code == 400
    assert word in answer.json()["details"]
    assert (await client.stats())["submissions"] == 0


async def test_a_body_that_is_not_json_is_refused(client):
    assert (await client.call("POST", "/workflowExecutions", content=b"{no")).status_code == 400


async def test_lists_need_a_workflow_or_a_time_and_hide_what_was_cancelled(client, clock):
    first = await client.submit(workflow={"workflowId": "w"})
    clock.advance(seconds=3000)
    second = await client.submit(workflow={"workflowId": "w"})
    third = await client.submit(workflow={"workflowId": "other"})
    await client.call("PUT", f"/workflowExecutions/{second}", json={"status": "CANCELLED"})

    async def listed(query):
        answer = await client.call("GET", f"/workflowExecutions?{query}")
        assert answer.status_code == 200, answer.text
        return [execution["workflowExecutionId"] for execution in answer.json()["executions"]]

    assert (await client.call("GET", "/workflowExecutions")).status_code == 400
    assert await listed("workflowId=w") == [first]
    assert await listed("workflowId=w&includeCancelled=true") == [second, first]
    assert await listed("minCreationTime=2026-11-02T12:30:00&includeCancelled=true&sortAscending=true") == [
        second,
        third,
    ]
    assert await listed("minCreationTime=2026-11-02T13:30:00&timeZone=Europe/Berlin") == [third]
    assert await listed("minCreationTime=2026-11-01T00:00:00&maxCreationTime=2026-11-02T12:30:00") == [first]


async def test_long_lists_come_in_pages_without_gaps(client):
    ids = [await client.submit(workflow={"workflowId": "w"}) for _ in range(7)]
    seen, query = [], "workflowId=w&limit=3&sortAscending=true"
    page = (await client.call("GET", f"/workflowExecutions?{query}")).json()
    while True:
        seen += [execution["workflowExecutionId"] for execution in page["executions"]]
        if "nextToken" not in page:
            break
        page = (await client.call("GET", f"/workflowExecutions?{query}&nextToken={page['nextToken']}")).json()
    assert seen == ids


async def test_the_sql_is_shown_when_asked_for(client):
    execution_id = await client.submit("SELECT COUNT(*) AS n FROM dsp_clicks")
    answer = await client.call("GET", f"/workflowExecutions/{execution_id}?includeWorkflow=true")
    assert answer.json()["sqlQuery"] == "SELECT COUNT(*) AS n FROM dsp_clicks"
    assert "sqlQuery" not in await client.status(execution_id)


async def test_a_sandbox_needs_synthetic_data_when_strict(build_client):
    client = await build_client(strict_sandbox=True)
    instances = (await client.http.get("/_sim/instances")).json()["instances"]
    client.instance = next(instance for instance in instances if instance["sandbox"])
    await client.sign_in()
    refused = await client.finish(await client.submit())
    allowed = await client.finish(await client.submit(requireSyntheticData=True))
    assert (refused["status"], allowed["status"]) == ("REJECTED", "SUCCEEDED")
    client.instance = instances[0]
    await client.sign_in()
    real = await client.finish(await client.submit(requireSyntheticData=True))
    assert (real["status"], "synthetic" in real["statusReason"]) == ("REJECTED", True)


async def test_the_mover_advances_executions_that_nobody_watches(client, clock):
    simulation = client.simulation
    execution_id = await client.submit()
    await simulation.runner.settle()
    clock.advance(seconds=1)
    execution = simulation.ledger.get(client.instance["instanceId"], execution_id)
    assert execution.status == "PENDING"
    mover = asyncio.create_task(simulation.run())
    await asyncio.wait({mover}, timeout=0.01)
    mover.cancel()
    assert execution.status == "RUNNING"


async def test_a_stuck_execution_ends_at_its_own_timeout(client, clock):
    client.simulation.faults.add(FAULTS.validate_python([{"kind": "stuck", "times": 1}])[0])
    execution_id = await client.submit(workflowExecutionTimeoutSeconds=900)
    await client.simulation.runner.settle()
    clock.advance(seconds=1)
    await client.status(execution_id)
    await client.simulation.runner.settle()
    clock.advance(seconds=899)
    assert (await client.status(execution_id))["status"] == "RUNNING"
    clock.advance(seconds=1)
    shown = await client.status(execution_id)
    assert (shown["status"], shown["statusReason"]) == ("FAILED", "Workflow execution timed out.")


JUST_ACCEPTED = {
    "createTime",
    "dataGaps",
    "disableAggregationControls",
    "executionCategory",
    "expireTime",
    "ignoreDataGaps",
    "lastUpdatedTime",
    "parameterValues",
    "requireSyntheticData",
    "status",
    "timeWindowEnd",
    "timeWindowEndOriginal",
    "timeWindowStart",
    "timeWindowStartOriginal",
    "timeWindowTimeZoneOriginal",
    "waitUntil",
    "workflowExecutionId",
    "workflowExecutionTimeoutSeconds",
    "workflowId",
}
ADDED_BY_SUCCESS = {
    "availableTimeBeforeWindowSecs",
    "executionTime",
    "invalidationOffsetSecs",
    "outputColumns",
    "outputS3URI",
    "validatedTime",
}


async def test_an_execution_shows_the_recorded_fields_and_no_other(client):
    window = {"timeWindowStart": "2026-10-01T00:00:00", "timeWindowEnd": "2026-10-02T00:00:00"}
    body = {
        "workflow": {
            "sqlQuery": "SELECT campaign, SUM(clicks) AS c, COUNT(DISTINCT user_id) AS u"
            " FROM dsp_clicks GROUP BY 1"
        },
        "timeWindowType": "EXPLICIT",
        "timeWindowTimeZone": "Europe/Berlin",
        **window,
    }
    shown = (await client.call("POST", "/workflowExecutions", json=body)).json()
    assert set(shown) == JUST_ACCEPTED
    assert (shown["createTime"], shown["expireTime"]) == ("2026-11-02T12:00:00Z", "2026-11-03T12:00:00Z")
    assert shown["waitUntil"] == "2026-11-02T11:00:00Z"
    assert (shown["status"], shown["executionCategory"]) == ("PENDING", "AD_HOC")
    assert (shown["workflowExecutionTimeoutSeconds"], shown["dataGaps"]) == (21_600, [])
    assert shown["workflowId"].startswith("transient_")
    assert (shown["timeWindowStart"], shown["timeWindowEnd"]) == (
        "2026-09-30T22:00:00Z",
        "2026-10-01T22:00:00Z",
    )
    originals = (shown["timeWindowStartOriginal"], shown["timeWindowEndOriginal"])
    assert (*originals, shown["timeWindowTimeZoneOriginal"]) == (*window.values(), "Europe/Berlin")
    ended = await client.finish(shown["workflowExecutionId"])
    assert set(ended) == JUST_ACCEPTED | ADDED_BY_SUCCESS
    assert (ended["availableTimeBeforeWindowSecs"], ended["invalidationOffsetSecs"]) == (0, 266_400)
    assert (ended["outputS3URI"], len(ended["validatedTime"])) == ("N/A", len("2026-11-02T12:00:00.000Z"))
    kinds = [(column["columnType"], column["dataType"]) for column in ended["outputColumns"]]
    assert kinds == [("DIMENSION", "STRING"), ("METRIC", "LONG"), ("DIMENSION", "LONG")]
