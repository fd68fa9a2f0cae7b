import asyncio

import pytest


async def test_throttling_answers_429_a_number_of_times_and_is_counted(client):
    await client.fault(kind="throttle", times=2, retry_after=7, operations=["createWorkflowExecution"])
    body = {"workflow": {"sqlQuery": "SELECT COUNT(*) AS n FROM dsp_clicks"}}
    for _ in range(2):
        answer = await client.call("POST", "/workflowExecutions", json=body)
        assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")
        assert answer.json()["code"] == "429"
    assert (await client.call("GET", "/workflows")).status_code == 200
    assert (await client.call("POST", "/workflowExecutions", json=body)).status_code == 200
    stats = await client.stats()
    assert (stats["throttled"], stats["submissions"]) == (2, 1)
    assert stats["by_instance"][client.instance["instanceId"]]["throttled"] == 2


async def test_throttling_without_a_hint_lasts_until_it_is_cleared(client):
    fault = await client.fault(kind="throttle")
    answers = [await client.call("GET", "/workflows") for _ in range(3)]
    assert all(answer.status_code == 429 and "Retry-After" not in answer.headers for answer in answers)
    assert (await client.http.delete(f"/_sim/faults/{fault['id']}")).json() == {"cleared": 1}
    assert (await client.call("GET", "/workflows")).status_code == 200


async def test_a_fault_strikes_only_its_instances(client):
    instances = (await client.http.get("/_sim/instances")).json()["instances"]
    await client.fault(kind="http_error", status=503, instance_ids=[instances[1]["instanceId"]])
    assert (await client.call("GET", "/workflows")).status_code == 200
    client.instance = instances[1]
    assert (await client.call("GET", "/workflows")).status_code == 503


async def test_logins_and_downloads_are_struck_only_by_name(client):
    await client.fault(kind="http_error", status=500)
    token = {"grant_type": "refresh_token", **client.instance["credentials"]}
    assert (await client.http.post("/auth/o2/token", data=token)).status_code == 200
    await client.fault(kind="http_error", status=503, operations=["getToken"])
    assert (await client.http.post("/auth/o2/token", data=token)).status_code == 503


async def test_a_failed_submission_is_not_counted(client):
    await client.fault(kind="fail_submit", times=1, status=502, details="bad gateway")
    body = {"workflow": {"sqlQuery": "SELECT COUNT(*) AS n FROM dsp_clicks"}}
    answer = await client.call("POST", "/workflowExecutions", json=body)
    assert (answer.status_code, answer.json()["details"]) == (502, "bad gateway")
    assert (await client.stats())["submissions"] == 0
    assert (await client.call("POST", "/workflowExecutions", json=body)).status_code == 200


@pytest.mark.parametrize(("kind", "status"), [("fail_execution", "FAILED"), ("reject", "REJECTED")])
async def test_an_execution_fails_once_and_the_next_recovers(client, kind, status):
    await client.fault(kind=kind, times=1, reason="made to")
    first = await client.finish(await client.submit())
    second = await client.finish(await client.submit())
    assert (first["status"], first["statusReason"]) == (status, "made to")
    assert second["status"] == "SUCCEEDED"


async def test_slow_stretches_the_run(client, clock):
    await client.fault(kind="slow", factor=100)
    execution_id = await client.submit()
    await client.simulation.runner.settle()
    clock.advance(seconds=1)
    await client.status(execution_id)
    await client.simulation.runner.settle()
    clock.advance(seconds=200)
    assert (await client.status(execution_id))["status"] == "RUNNING"
    clock.advance(seconds=400)
    assert (await client.status(execution_id))["status"] == "SUCCEEDED"


async def test_a_stuck_execution_can_be_cancelled(client, clock):
    await client.fault(kind="stuck")
    execution_id = await client.submit()
    await client.simulation.runner.settle()
    clock.advance(seconds=1)
    await client.status(execution_id)
    clock.advance(seconds=3000)
    assert (await client.status(execution_id))["status"] == "RUNNING"
    await client.call("PUT", f"/workflowExecutions/{execution_id}", json={"status": "CANCELLED"})
    assert (await client.status(execution_id))["status"] == "CANCELLED"


async def test_header_only_results_succeed_without_rows(client):
    await client.fault(kind="header_only_csv", times=1)
    sql = "SELECT site, COUNT(*) AS n FROM dsp_impressions GROUP BY 1"
    assert await client.rows(sql, timeWindowType="ALL") == []
    assert len(await client.rows(sql, timeWindowType="ALL")) == 10


async def test_links_can_be_made_to_expire(client):
    await client.fault(kind="expire_links", times=1)
    shown = await client.finish(await client.submit())
    (link,) = await client.links(shown["workflowExecutionId"])
    assert (await client.fetch(link)).status_code == 403
    assert (await client.fetch(link)).status_code == 200


async def test_downloads_of_one_instance_can_be_struck_alone(client):
    shown = await client.finish(await client.submit())
    (link,) = await client.links(shown["workflowExecutionId"])
    instances = (await client.http.get("/_sim/instances")).json()["instances"]
    own, other = (instance["instanceId"] for instance in instances[:2])
    await client.fault(kind="http_error", status=500, operations=["downloadFile"], instance_ids=[other])
    await client.fault(
        kind="http_error", status=503, operations=["downloadFile"], instance_ids=[own], times=1
    )
    assert (await client.fetch(link)).status_code == 503
    assert (await client.fetch(link)).status_code == 200


async def test_malformed_json_is_cut_in_the_middle(client):
    await client.fault(kind="malformed_json", times=1, operations=["listWorkflows"])
    answer = await client.call("GET", "/workflows")
    assert answer.status_code == 200
    with pytest.raises(ValueError, match=r"Expecting|Unterminated"):
        answer.json()


async def test_a_lost_response_is_counted_and_found_by_listing(client):
    await client.fault(kind="lose_response", times=1)
    body = {"workflow": {"workflowId": "mine", "sqlQuery": "SELECT COUNT(*) AS n FROM dsp_clicks"}}
    with pytest.raises(ConnectionResetError):
        await client.call("POST", "/workflowExecutions", json=body)
    assert (await client.stats())["by_workflow"]["mine"]["submissions"] == 1
    listed = await client.call("GET", "/workflowExecutions?workflowId=mine")
    assert len(listed.json()["executions"]) == 1


async def test_a_delayed_answer_makes_a_client_give_up(client):
    await client.fault(kind="delay", seconds=3600, operations=["listWorkflows"])
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(client.call("GET", "/workflows"), timeout=0.05)


async def test_faults_are_listed_with_their_hits_and_cleared_by_what_they_are(client):
    await client.fault(kind="slow", factor=2)
    await client.fault(kind="throttle", times=1)
    await client.call("GET", "/workflows")
    listed = (await client.http.get("/_sim/faults")).json()["faults"]
    assert [(fault["kind"], fault["hits"], fault["spent"]) for fault in listed] == [
        ("slow", 0, False),
        ("throttle", 1, True),
    ]
    assert (await client.http.delete("/_sim/faults?kind=slow")).json() == {"cleared": 1}
    assert (await client.http.delete("/_sim/faults")).json() == {"cleared": 1}
    assert (await client.http.delete("/_sim/faults/fault-99")).status_code == 404


async def test_faults_of_one_instance_can_be_cleared_alone(client):
    instance_id = client.instance["instanceId"]
    await client.fault(kind="slow", instance_ids=[instance_id])
    await client.fault(kind="slow")
    assert (await client.http.delete(f"/_sim/faults?instance_id={instance_id}")).json() == {"cleared": 1}


@pytest.mark.parametrize(
    ("fault", "pointer"),
    [
        ({"kind": "explode"}, "/0"),
        ({"kind": "throttle", "retry_after": -1}, "/0/throttle/retry_after"),
        ({"kind": "slow", "factor": 0}, "/0/slow/factor"),
        ({"kind": "http_error", "status": 200}, "/0/http_error/status"),
        ({"kind": "throttle", "operations": ["fly"]}, "/0/throttle/operations/0"),
        ({"kind": "reject", "colour": "red"}, "/0/reject/colour"),
        ({"kind": "reject", "times": 0}, "/0/reject/times"),
    ],
)
async def test_a_wrong_fault_is_refused_with_its_place_and_nothing_is_set(client, fault, pointer):
    answer = await client.http.post("/_sim/faults", json=[{"kind": "slow"}, fault][::-1])
    assert answer.status_code == 400
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert (await client.http.get("/_sim/faults")).json() == {"faults": []}


async def test_a_fault_of_an_unknown_instance_is_refused(client):
    answer = await client.http.post("/_sim/faults", json={"kind": "slow", "instance_ids": ["amcnone"]})
    assert (answer.status_code, answer.json()["error"]) == (400, "Unknown instances: amcnone")


async def test_a_body_that_is_not_json_sets_nothing(client):
    assert (await client.http.post("/_sim/faults", content=b"{")).status_code == 400


async def test_the_schema_of_faults_can_be_read(client):
    schema = (await client.http.get("/_sim/faults/schema")).json()
    assert len(schema["items"]["oneOf"]) == 18


async def test_the_status_page_shows_instances_and_faults(client):
    await client.fault(kind="slow", factor=3)
    page = await client.http.get("/_sim/")
    assert page.headers["content-type"].startswith("text/html")
    assert client.instance["instanceId"] in page.text
    assert "slow" in page.text
