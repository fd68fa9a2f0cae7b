"""What all operations have in common: names, media types, error bodies, wrapping, administration reads."""

import json

import pytest

from amcsim.faults.model import Operation
from amcsim.http.routes import API
from amcsim.options import ApiOptions

SPECIFIED = {
    "listDataSources",
    "getDataSource",
    "listSchedules",
    "createSchedule",
    "getSchedule",
    "updateSchedule",
    "deleteSchedule",
    "listWorkflowExecutions",
    "createWorkflowExecution",
    "getWorkflowExecution",
    "updateWorkflowExecution",
    "getWorkflowExecutionDownloadUrls",
    "listWorkflows",
    "createWorkflow",
    "getWorkflow",
    "updateWorkflow",
    "deleteWorkflow",
}
WORKFLOW = {"workflowId": "w", "sqlQuery": "SELECT COUNT(*) AS n FROM dsp_clicks"}


def test_all_seventeen_operations_are_there_by_their_names():
    named = {route.name for route in API if "/amc/reporting/" in route.path}
    assert named - {"deleteWorkflowExecution"} == SPECIFIED


def test_faults_can_name_every_operation_and_no_other():
    assert {*Operation.__args__} - {"*"} == {route.name for route in API}


@pytest.mark.parametrize(
    ("path", "noun"),
    [
        ("/workflows", "amcworkflows"),
        ("/dataSources", "amcdatasources"),
        ("/schedules", "amcschedules"),
        ("/workflowExecutions?workflowId=w", "amcworkflowexecutions"),
        ("/workflows/none", "amcworkflows"),
    ],
)
async def test_answers_and_refusals_have_the_media_type_of_their_noun(client, path, noun):
    answer = await client.call("GET", path)
    assert answer.headers["content-type"] == f"application/vnd.{noun}.v1+json"
    assert answer.headers["x-amz-rid"]


MEDIA = [
    ("json", "application/json", "*/*", 200),
    (
        "json",
        "application/vnd.amcworkflows.v1+json; charset=utf-8",
        "application/vnd.amcworkflows.v1+json",
        200,
    ),
    ("json", "text/csv", "*/*", 415),
    ("json", "application/x-www-form-urlencoded", "*/*", 415),
    ("json", "application/json", "text/html", 415),
    ("json", "application/json", "text/html, application/json;q=0.9", 200),
    ("any", "text/csv", "text/html", 200),
    ("vendor", "application/vnd.amcworkflows.v1+json", "application/vnd.amcworkflows.v1+json", 200),
    ("vendor", "application/vnd.amcworkflowexecutions.v1+json", "*/*", 415),
    ("vendor", "application/json", "application/vnd.amcschedules.v1+json", 415),
]


@pytest.mark.parametrize(("mode", "sent", "accepted", "status"), MEDIA)
async def test_media_types_are_taken_as_told(build_client, mode, sent, accepted, status):
    client = await build_client(api=ApiOptions(media_types=mode))
    answer = await client.call(
        "POST", "/workflows", content=json.dumps(WORKFLOW), headers={"Content-Type": sent, "Accept": accepted}
    )
    assert answer.status_code == status
    assert status == 200 or answer.json()["code"] == str(status)


@pytest.mark.parametrize(
    ("option", "method", "path", "body", "status"),
    [
        ({"duplicate_status": 409}, "POST", "/workflows", WORKFLOW, 409),
        ({"unknown_workflow_status": 404}, "POST", "/workflowExecutions", {"workflowId": "none"}, 404),
        ({"unknown_replace_status": 405}, "PUT", "/workflows/none", WORKFLOW, 405),
        ({"unknown_source_status": 400}, "GET", "/dataSources/none", None, 400),
        ({"invalid_status": 422}, "POST", "/workflows", {"workflowId": "x"}, 422),
    ],
)
async def test_a_status_that_is_unpublished_can_be_chosen(build_client, option, method, path, body, status):
    client = await build_client(api=ApiOptions(**option))
    await client.call("POST", "/workflows", json=WORKFLOW)
    answer = await client.call(method, path, json=body)
    assert (answer.status_code, answer.json()["code"]) == (status, str(status))


async def test_the_last_page_may_carry_a_null_token(build_client):
    client = await build_client(api=ApiOptions(last_page="null"))
    assert (await client.call("GET", "/workflows")).json() == {"workflows": [], "nextToken": None}
    assert (await client.call("GET", "/workflows?nextToken=")).status_code == 200


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ("gateway", {"message": "Endpoint request timed out"}),
        ("amc", {"details": "Endpoint request timed out"}),
    ],
)
async def test_errors_come_in_the_shape_that_was_asked_for(client, shape, expected):
    await client.fault(kind="http_error", status=504, details="Endpoint request timed out", shape=shape)
    answer = await client.call("GET", "/workflows")
    assert answer.status_code == 504
    assert expected.items() <= answer.json().items()


async def test_an_error_may_be_a_web_page(client):
    await client.fault(kind="http_error", status=502, details="<Bad Gateway>", shape="html")
    answer = await client.call("GET", "/workflows")
    assert answer.headers["content-type"].startswith("text/html")
    assert "&lt;Bad Gateway&gt;" in answer.text


async def test_a_table_shows_the_thresholds_in_force(build_client, config_of):
    options = config_of().sql.__class__(thresholds=(("conversions.event_subtype", "HIGH"),))
    client = await build_client(sql=options)
    table = (await client.call("GET", "/dataSources/conversions")).json()
    levels = {column["name"]: column["sensitivity"] for column in table["columns"]}
    assert (levels["event_subtype"], levels["event_type"]) == ("HIGH", "LOW")


async def _path(client, path=""):
    return await client.http.get(f"/amc/instances/{client.instance['instanceId']}{path}")


async def test_advertisers_of_an_instance_can_be_listed_by_type(client):
    all_of_them = (await _path(client, "/advertisers")).json()
    dsp = (await _path(client, "/advertisers?type=DISPLAY")).json()
    assert all_of_them["totalCount"] == len(all_of_them["advertisers"]) == 2 * dsp["totalCount"]
    assert {advertiser["type"] for advertiser in dsp["advertisers"]} == {"DISPLAY"}
    assert {"id", "name", "marketplaceId", "configuredAdvertiserTypes"} < set(dsp["advertisers"][0])


async def test_an_update_of_advertisers_goes_through_its_states(client, clock):
    added = {"id": "ENTITYNEW", "type": "SPONSORED_ADS", "marketplaceId": "ATVPDKIKX0DER"}
    base = f"/amc/instances/{client.instance['instanceId']}/advertisers/updates"
    asked = (await client.http.post(base, json={"advertisersToAdd": [added]})).json()["advertiserUpdate"]
    assert (asked["updateId"], asked["status"], asked["advertisersToAdd"]) == (1, "PENDING", [added])
    assert (await client.http.post(base, json={"advertisersToAdd": [added]})).status_code == 400
    states = []
    for _ in range(3):
        states.append((await client.http.get(f"{base}/1")).json()["advertiserUpdate"]["status"])
        clock.advance(seconds=3)
    assert states == ["PENDING", "UPDATING", "COMPLETED"]
    assert "ENTITYNEW" in (await _path(client, "/advertisers")).text
    listed = (await client.http.get(base)).json()["advertiserUpdates"]
    assert listed == [{"updateId": 1, "status": "COMPLETED"}]
    assert (await client.http.get(f"{base}/9")).status_code == 404
    await client.http.post(base, json={"advertisersToRemove": [added]})
    clock.advance(seconds=6)
    assert "ENTITYNEW" not in (await _path(client, "/advertisers")).text


async def test_too_many_advertisers_at_once_are_refused(client):
    base = f"/amc/instances/{client.instance['instanceId']}/advertisers/updates"
    eleven = [{"id": str(number), "type": "DISPLAY"} for number in range(11)]
    assert (await client.http.post(base, json={"advertisersToAdd": eleven})).status_code == 400
    assert (await client.http.post(base, json={})).status_code == 400


async def test_no_instance_has_a_collaboration(client):
    assert (await _path(client, "/collaboration")).status_code == 404
