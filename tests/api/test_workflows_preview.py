"""What a batch would do, or everything that is wrong with it: preview and submission share every check."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

import pytest
import pytest_asyncio

from fanfold.batches.creation.errors import PreviewStale
from fanfold.batches.policy_forms import PolicyForm
from fanfold.connections.model import Draft as ConnectionDraft
from fanfold.db.statements import parse
from fanfold.sdk.errors import BadInput
from fanfold.targets.errors import InstancesDenied
from fanfold.targets.model import Details
from fanfold.workflows.errors import WorkflowNotFound
from fanfold.workflows.model import BatchRequest, Draft, Parameter
from tests.api.bare_app import Desk, open_desk

SQL = """\
SELECT campaign, SUM(impressions) AS impressions
FROM dsp_impressions
WHERE advertiser = CUSTOM_PARAMETER('advertiser') AND impressions >= CUSTOM_PARAMETER('least')
GROUP BY campaign"""
WORKFLOW = Draft(
    key="reach",
    name="Reach",
    sql_query=SQL,
    parameters=(
        Parameter("advertiser", "STRING", required=True),
        Parameter("least", "INTEGER", default=1),
    ),
)
GOOD = {"advertiser": "Acme", "startDate": "2026-10-01", "endDate": "2026-10-31"}


@pytest_asyncio.fixture
async def desk(api_database):
    async with open_desk(api_database) as desk:
        login = ConnectionDraft("c", {"host": "h"}, {"refresh_token": "t"})
        await desk.connections.create("amc", login, user_id=desk.ada.id)
        await desk.workflows.create(WORKFLOW, user_id=desk.ada.id)
        yield desk


@pytest_asyncio.fixture
async def ids(desk: Desk) -> list[str]:
    """Three instances of ada; the last is a sandbox."""
    made = []
    for number in range(3):
        details = Details(f"amc{number}", f"I{number}", "us-east-1", "E", "M", sandbox=number == 2)
        made.append(str((await desk.instances.create(details, user_id=desk.ada.id)).id))
    return made


@pytest_asyncio.fixture
async def as_ada(desk: Desk):
    async with desk.client(desk.ada) as client:
        yield client


async def pointers(client, **body) -> list[str]:
    answer = await client.post("/workflows/reach/preview", json=body)
    assert answer.status_code == 400, answer.text
    return [error["pointer"] for error in answer.json()["errors"]]


async def test_a_preview_shows_what_each_instance_would_run_with(as_ada, ids):
    body = {
        "instance_ids": [ids[1], ids[0], ids[2]],
        "parameters": GOOD,
        "instance_parameters": {ids[0]: {"advertiser": "Roadrunner", "least": 5}, ids[1]: GOOD},
        "name": "Autumn",
    }
    answer = await as_ada.post("/workflows/reach/preview", json=body)
    assert answer.status_code == 200, answer.text
    preview = answer.json()
    assert preview["workflow"]["key"] == "reach"
    assert preview["total_instances"] == 3
    assert preview["findings"] == []
    first, second, third = preview["instances"]
    assert (first["instance_id"], first["name"], first["region"]) == (ids[1], "I1", "us-east-1")
    assert first["overridden"] == ["advertiser", "startDate", "endDate"]
    assert first["warnings"][0] == "advertiser is overridden with the value that all instances have."
    assert second["parameters"] == {**GOOD, "advertiser": "Roadrunner", "least": 5}
    assert second["warnings"] == []
    assert (third["parameters"], third["overridden"]) == (GOOD, [])
    assert third["warnings"] == ["A sandbox holds synthetic data only."]


async def test_a_preview_does_not_submit(as_ada, ids, service_database):
    await as_ada.post("/workflows/reach/preview", json={"instance_ids": ids, "parameters": GOOD})
    async with service_database.transaction() as transaction:
        assert await transaction.value(parse("n", "-- test\nselect count(*) from batches")) == 0


async def test_everything_that_is_wrong_is_named_at_once(as_ada, ids):
    stranger = str(uuid4())
    body = {
        "instance_ids": [ids[0], "x", ids[0], ids[1]],
        "parameters": {"least": "many", "odd": 1, "startDate": "yesterday"},
        "instance_parameters": {
            ids[1]: {"advertiser": 7, "least": 1},
            stranger: {},
            "nonsense": {},
            ids[0]: "x",
        },
        "name": "a\0b",
        "description": "x" * 2001,
    }
    found = await pointers(as_ada, **body)
    assert set(found) == {
        "/instance_ids/1",
        "/instance_ids/2",
        "/name",
        "/description",
        "/parameters/least",
        "/parameters/odd",
        "/parameters/startDate",
        "/parameters/advertiser",
        f"/instance_parameters/{ids[1]}/advertiser",
        f"/instance_parameters/{stranger}",
        "/instance_parameters/nonsense",
        f"/instance_parameters/{ids[0]}",
    }
    assert len(found) == len(set(found))


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"instance_ids": []}, ["/instance_ids"]),
        ({"parameters": {}}, ["/parameters/advertiser"]),
        ({"parameters": {"advertiser": None}}, ["/parameters/advertiser"]),
        ({"parameters": GOOD | {"nosuch": 1}}, ["/parameters/nosuch"]),
        ({"parameters": GOOD | {"least": 1.5}}, ["/parameters/least"]),
        ({"parameters": GOOD | {"least": True}}, ["/parameters/least"]),
        ({"parameters": GOOD | {"advertiser": "x" * 11_000}}, ["/parameters"]),
        ({"parameters": GOOD | {"advertiser": "\0"}}, ["/parameters"]),
        ({"parameters": GOOD | {"endDate": "2026-09-01"}}, ["/parameters/startDate"]),
        ({"parameters": GOOD | {"timeZone": "Mars/Olympus"}}, ["/parameters/timeZone"]),
        ({"parameters": []}, ["/parameters"]),
        ({"instance_parameters": []}, ["/instance_parameters"]),
        ({"instance_ids": "x"}, ["/instance_ids"]),
        ({"name": "x" * 201}, ["/name"]),
        ({"name": 7}, ["/name"]),
        ({"user_id": "x"}, ["/user_id"]),
    ],
    ids=str,
)
async def test_a_bad_request_is_refused(as_ada, ids, body, expected):
    assert await pointers(as_ada, **{"instance_ids": ids, "parameters": GOOD, **body}) == expected


async def test_more_than_the_limit_is_refused(as_ada, ids):
    answer = await as_ada.post(
        "/workflows/reach/preview", json={"instance_ids": ["x"] * 101, "parameters": GOOD}
    )
    assert answer.status_code == 400
    assert answer.json()["errors"][0] == {
        "pointer": "/instance_ids",
        "message": "101 instances are more than the 100 that one batch may have.",
    }


async def test_a_broken_surrogate_is_bad_input_and_not_an_error_of_ours(as_ada, ids):
    body = f'{{"instance_ids": ["{ids[0]}"], "parameters": {{"adv\\ud800": "\\udfff"}}, "name": "n"}}'
    answer = await as_ada.post(
        "/workflows/reach/preview", content=body, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 400
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/parameters"]


async def test_unknown_and_foreign_instances_are_denied_named_and_written_down(
    desk: Desk, as_ada, ids, service_database
):
    login = ConnectionDraft("c", {"host": "h"}, {"refresh_token": "t"})
    await desk.connections.create("amc", login, user_id=desk.mallory.id)
    details = Details("amc9", "Hers", "us-east-1", "E", "M")
    foreign = str((await desk.instances.create(details, user_id=desk.mallory.id)).id)
    unknown = str(uuid4())
    answer = await as_ada.post(
        "/workflows/reach/preview",
        json={"instance_ids": [ids[0], foreign, unknown], "parameters": {"odd": 1}},
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "instances_denied")
    assert answer.json()["detail"].startswith("Access denied")
    named = {error["pointer"]: error["message"] for error in answer.json()["errors"]}
    assert named["/instance_ids/1"] == f"Access denied to instance {foreign}."
    assert named["/instance_ids/2"] == f"Access denied to instance {unknown}."
    assert {"/parameters/odd", "/parameters/advertiser"} < named.keys()
    async with service_database.transaction() as transaction:
        row = await transaction.fetch_one(
            parse(
                "denied", "-- test\nselect user_id, detail::text from audit where action = 'instances.denied'"
            )
        )
    assert row is not None
    assert row["user_id"] == desk.ada.id
    assert foreign in row["detail"]


async def test_a_submission_is_what_was_previewed(desk: Desk, ids):
    request = BatchRequest(
        instance_ids=[ids[2], ids[0]],
        parameters=GOOD,
        instance_parameters={ids[0].upper(): {"least": 5}, ids[2]: {}},
        policy=PolicyForm(max_parallel=3),
    )
    submission = await desk.submissions.build("reach", request, user_id=desk.ada.id)
    workflow = await desk.workflows.get("reach", user_id=desk.ada.id)
    assert submission.kind == "amc.workflow"
    assert submission.name == "Reach – 2 instances"
    assert submission.workflow_id == workflow.id
    assert submission.policy.max_parallel == 3
    assert submission.parameters == GOOD
    assert [(item.target.key, item.overrides) for item in submission.items] == [
        (ids[2], None),
        (ids[0], {"least": 5}),
    ]
    assert submission.definition == {
        "workflow_id": str(workflow.id),
        "key": "reach",
        "version": 1,
        "sql_query": SQL,
        "parameters": [parameter.as_json() for parameter in WORKFLOW.parameters],
    }


async def test_a_name_of_ones_own_is_kept(desk: Desk, ids):
    request = BatchRequest(ids[:1], GOOD, name="  Autumn ", description="d")
    submission = await desk.submissions.build("reach", request, user_id=desk.ada.id)
    assert (submission.name, submission.description) == ("Autumn", "d")
    blank = await desk.submissions.build("reach", replace(request, name=" "), user_id=desk.ada.id)
    assert blank.name.endswith("1 instance")


async def test_errors_belong_to_the_domain(desk: Desk, ids):
    with pytest.raises(BadInput):
        await desk.submissions.build("reach", BatchRequest([]), user_id=desk.ada.id)
    with pytest.raises(InstancesDenied):
        await desk.submissions.build("reach", BatchRequest([str(uuid4())], GOOD), user_id=desk.ada.id)
    with pytest.raises(WorkflowNotFound):
        await desk.submissions.build("reach", BatchRequest(ids, GOOD), user_id=desk.mallory.id)


async def test_sql_that_was_saved_under_older_rules_is_refused_before_anything_runs(
    desk: Desk, as_ada, ids, service_database
):
    async with service_database.transaction() as transaction:
        await transaction.execute(
            parse("age", "-- test\nupdate workflows set sql_query = sql_query || ' LIMIT 5'")
        )
    found = await pointers(as_ada, instance_ids=ids, parameters=GOOD)
    assert found == ["/workflow"]


async def test_a_submission_may_be_bound_to_its_preview(desk: Desk, as_ada, ids):
    body = {"instance_ids": ids[:2], "parameters": GOOD}
    answer = await as_ada.post("/workflows/reach/preview", json=body)
    request = BatchRequest(ids[:2], GOOD, name="Another name", preview=answer.json()["preview"])
    assert await desk.submissions.build("reach", request, user_id=desk.ada.id)
    with pytest.raises(PreviewStale, match="the targets have changed"):
        await desk.submissions.build("reach", replace(request, instance_ids=ids[1::-1]), user_id=desk.ada.id)
    changed = replace(WORKFLOW, sql_query=SQL.replace("SUM", "MAX"))
    await desk.workflows.replace("reach", changed, user_id=desk.ada.id)
    with pytest.raises(PreviewStale, match="the definition has changed"):
        await desk.submissions.build("reach", request, user_id=desk.ada.id)
