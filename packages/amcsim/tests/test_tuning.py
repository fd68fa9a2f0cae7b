"""Speed and clock, changed while the simulator runs, and the views of what it does."""

import pytest


async def _running(client, clock):
    execution_id = await client.submit()
    await client.simulation.runner.settle()
    clock.advance(seconds=0.5)
    await client.status(execution_id)
    await client.simulation.runner.settle()
    return execution_id


async def test_a_new_speed_changes_what_is_left_of_a_run(client, clock):
    execution_id = await _running(client, clock)
    assert (await client.http.post("/_sim/speed", json={"speed": 100})).json() == {"speed": 100}
    clock.advance(seconds=0.06)
    assert (await client.status(execution_id))["status"] == "SUCCEEDED"


async def test_a_lower_speed_makes_a_run_last_longer(client, clock):
    execution_id = await _running(client, clock)
    await client.http.post("/_sim/speed", json={"speed": 0.01})
    clock.advance(seconds=200)
    assert (await client.status(execution_id))["status"] == "RUNNING"
    clock.advance(seconds=400)
    assert (await client.status(execution_id))["status"] == "SUCCEEDED"


async def test_a_new_speed_leaves_time_outs_alone(client, clock):
    await client.fault(kind="stuck", times=1)
    execution_id = await client.submit(workflowExecutionTimeoutSeconds=900)
    await client.simulation.runner.settle()
    clock.advance(seconds=1)
    await client.status(execution_id)
    await client.simulation.runner.settle()
    await client.http.post("/_sim/speed", json={"speed": 1000})
    clock.advance(seconds=800)
    assert (await client.status(execution_id))["status"] == "RUNNING"
    clock.advance(seconds=100)
    assert (await client.status(execution_id))["status"] == "FAILED"


@pytest.mark.parametrize("body", [{"speed": 0}, {"speed": "fast"}, {}, {"speed": 1, "x": 2}])
async def test_a_wrong_speed_is_refused(client, body):
    assert (await client.http.post("/_sim/speed", json=body)).status_code == 400
    assert (await client.http.get("/_sim/speed")).json() == {"speed": 1.0}


async def test_the_clock_can_be_moved_forward(client):
    execution_id = await client.submit()
    await client.simulation.runner.settle()
    moved = (await client.http.post("/_sim/clock", json={"advance_seconds": 3500})).json()
    assert moved == {"now": "2026-11-02T12:58:20+00:00", "ahead_seconds": 3500.0}
    await client.simulation.runner.settle()
    await client.http.post("/_sim/clock", json={"advance_seconds": 60})
    assert (await client.status(execution_id))["status"] == "SUCCEEDED"
    await client.http.post("/_sim/clock", json={"advance_seconds": 60})
    assert (await client.call("GET", "/workflows")).status_code == 401
    assert (await client.http.get("/_sim/clock")).json()["ahead_seconds"] == 3620


@pytest.mark.parametrize("seconds", [0, -1, 10**9])
async def test_the_clock_does_not_go_back_nor_out_of_sight(client, seconds):
    assert (await client.http.post("/_sim/clock", json={"advance_seconds": seconds})).status_code == 400


async def test_what_computes_longer_than_its_time_out_is_stopped(build_client, clock):
    client = await build_client(compute_threads=1, token_seconds=10**6)
    endless = await client.submit(
        "SELECT SUM(a.impressions * b.clicks) AS n FROM dsp_impressions a, sponsored_ads_traffic b,"
        " dsp_clicks c WHERE a.campaign_id + b.campaign_id <> c.campaign_id + a.bid_price",
        timeWindowType="ALL",
        workflowExecutionTimeoutSeconds=900,
    )
    await client.simulation.runner.settle()
    clock.advance(seconds=1)
    while endless not in client.simulation.engine._computing:
        assert (await client.status(endless))["status"] == "RUNNING"
    clock.advance(seconds=900)
    shown = await client.status(endless)
    assert (shown["status"], shown["statusReason"]) == ("FAILED", "Workflow execution timed out.")
    assert (await client.finish(await client.submit()))["status"] == "SUCCEEDED"


async def test_executions_of_all_instances_are_listed_with_their_warnings(client):
    sql = "SELECT site, COUNT(*) AS n FROM dsp_impressions GROUP BY 1 ORDER BY 2"
    warned = await client.submit(sql, timeWindowType="ALL")
    await client.finish(warned)
    pending = await client.submit()
    listed = (await client.http.get("/_sim/executions")).json()
    assert [shown["workflowExecutionId"] for shown in listed["executions"]] == [pending, warned]
    assert listed["executions"][1]["warnings"]
    done = (await client.http.get("/_sim/executions?status=SUCCEEDED")).json()
    assert (done["total"], done["executions"][0]["rowCount"]) == (1, 10)
    one = (await client.http.get("/_sim/executions?limit=1")).json()
    assert (one["total"], len(one["executions"])) == (2, 1)
    assert (await client.http.get("/_sim/executions?instance_id=other")).json()["total"] == 0
    assert (await client.http.get("/_sim/executions?limit=x")).status_code == 400


async def test_the_status_page_shows_everything_and_fetches_nothing_else(client):
    await client.fault(kind="slow", factor=3)
    await client.http.post("/_sim/scenarios", json={"name": "rush-hour"})
    saved = {"workflowId": "<b>reach</b>", "sqlQuery": "SELECT COUNT(*) AS n FROM dsp_clicks"}
    await client.call("POST", "/workflows", json=saved | {"workflowId": "reach"})
    plan = {"scheduleId": "nightly", "workflowId": "reach", "aggregationPeriod": "Daily"}
    await client.call("POST", "/schedules", json=plan)
    done = await client.finish(await client.submit("SELECT nothing FROM dsp_clicks"))
    page = (await client.http.get("/_sim/")).text
    for text in (
        client.instance["instanceId"],
        "slow",
        "rush-hour",
        "creates=2/4",
        "nightly",
        done["status"],
    ):
        assert text in page
    assert "2026-11-03 00:00" in page
    assert "http" not in page.replace("http_error", "")
    scheduled = (await client.http.get("/_sim/schedules")).json()["schedules"]
    assert [plan["nextRunTime"] for plan in scheduled] == ["2026-11-03T00:00:00+00:00"]


async def test_the_status_page_writes_what_it_shows_as_text(client):
    await client.fault(kind="reject", reason="<script>alert(1)</script>", times=1)
    await client.finish(await client.submit())
    page = (await client.http.get("/_sim/")).text
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page
