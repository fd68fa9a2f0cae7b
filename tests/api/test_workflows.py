from __future__ import annotations

import asyncio
from uuid import UUID

import pytest
import pytest_asyncio

from fanfold.batches.model import Item, Submission
from fanfold.batches.service import BatchService
from fanfold.catalog.catalog import Catalog
from fanfold.kinds.amc_workflow import AmcWorkflow
from fanfold.sdk.context import Target
from fanfold.workflows.samples import plant_samples, samples
from tests.api.bare_app import Desk, open_desk

SQL = """\
SELECT campaign, SUM(impressions) AS impressions
FROM dsp_impressions
WHERE advertiser = CUSTOM_PARAMETER('advertiser')
GROUP BY campaign"""
NEW = {
    "key": "reach",
    "name": "Reach",
    "description": "How many\nimpressions.",
    "sql_query": SQL,
    "parameters": [{"name": "advertiser", "data_type": "STRING", "required": True}],
    "tags": ["weekly"],
}
PARAMETER = {
    "name": "advertiser",
    "data_type": "STRING",
    "required": True,
    "default": None,
    "description": "",
}


@pytest_asyncio.fixture
async def desk(api_database):
    async with open_desk(api_database) as desk:
        yield desk


@pytest_asyncio.fixture
async def as_ada(desk: Desk):
    async with desk.client(desk.ada) as client:
        yield client


@pytest_asyncio.fixture
async def as_mallory(desk: Desk):
    async with desk.client(desk.mallory) as client:
        yield client


@pytest_asyncio.fixture
async def mine(as_ada) -> dict:
    answer = await as_ada.post("/workflows", json=NEW)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_a_workflow_is_written_and_read_by_id_and_by_key(as_ada, mine):
    assert mine["version"] == 1
    assert mine["last_batch"] is None
    assert {name: mine[name] for name in NEW if name != "parameters"} == {
        name: value for name, value in NEW.items() if name != "parameters"
    }
    assert mine["parameters"] == [PARAMETER]
    by_id = await as_ada.get(f"/workflows/{mine['id']}")
    by_key = await as_ada.get("/workflows/reach")
    assert by_id.json() == by_key.json() == mine


async def test_a_save_is_a_new_version_and_the_old_ones_stay(as_ada, mine):
    changed = {**NEW, "sql_query": SQL.replace("impressions", "viewable_impressions", 1), "name": "Reach 2"}
    answer = await as_ada.put("/workflows/reach", json=changed)
    assert (answer.json()["version"], answer.json()["name"]) == (2, "Reach 2")
    versions = (await as_ada.get("/workflows/reach/versions")).json()["items"]
    assert [version["version"] for version in versions] == [2, 1]
    assert versions[1]["sql_query"] == SQL
    assert versions[0]["sql_query"] == changed["sql_query"]


async def test_saves_at_once_are_versions_one_by_one(as_ada, mine):
    answers = await asyncio.gather(*(as_ada.put("/workflows/reach", json=NEW) for _ in range(5)))
    assert {answer.status_code for answer in answers} == {200}
    versions = (await as_ada.get("/workflows/reach/versions")).json()["items"]
    assert [version["version"] for version in versions] == [6, 5, 4, 3, 2, 1]


async def test_a_key_can_be_changed_to_one_that_is_free(as_ada, mine):
    assert (await as_ada.put("/workflows/reach", json={**NEW, "key": "reach-2"})).status_code == 200
    assert (await as_ada.get("/workflows/reach")).status_code == 404
    await as_ada.post("/workflows", json=NEW)
    clash = await as_ada.put("/workflows/reach-2", json=NEW)
    assert (clash.status_code, clash.json()["code"]) == (409, "workflow_key_taken")


async def test_a_key_is_there_once_per_user(as_ada, as_mallory, mine):
    again = await as_ada.post("/workflows", json=NEW)
    assert (again.status_code, again.json()["code"]) == (409, "workflow_key_taken")
    assert (await as_mallory.post("/workflows", json=NEW)).status_code == 201


@pytest.mark.parametrize(
    ("changes", "pointers"),
    [
        ({"key": "a b"}, ["/key"]),
        ({"key": str(UUID(int=7))}, ["/key"]),
        ({"name": " "}, ["/name"]),
        ({"name": "a\0"}, ["/name"]),
        ({"description": "x" * 2001}, ["/description"]),
        ({"sql_query": ""}, ["/sql_query"]),
        ({"sql_query": "a\0b"}, ["/sql_query"]),
        ({"sql_query": "x" * 50_001}, ["/sql_query"]),
        ({"parameters": [{"name": "1x"}]}, ["/parameters/0/name"]),
        ({"parameters": [{"name": "x", "default": "\0"}]}, ["/parameters/0/default"]),
        ({"tags": ["ok", ""]}, ["/tags/1"]),
        ({"version": 7}, ["/version"]),
        ({"user_id": str(UUID(int=7))}, ["/user_id"]),
        ({"key": "a b", "sql_query": "SELEC 1"}, ["/key", "/sql_query"]),
    ],
    ids=str,
)
async def test_every_bad_field_is_named(as_ada, changes, pointers):
    answer = await as_ada.post("/workflows", json={**NEW, "parameters": [], "sql_query": "", **changes})
    if "sql_query" not in changes:
        answer = await as_ada.post("/workflows", json={**NEW, **changes})
    assert answer.status_code == 400, answer.text
    assert [error["pointer"] for error in answer.json()["errors"]] == pointers


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ("SELECT campaign\nFROM dsp_impressions\nWHERE ((x = 1", "Line 3"),
        ("SELECT *\nFROM dsp_impressions", "Line 1, column 8"),
        (
            "SELECT campaign, COUNT(*) AS n\nFROM dsp_impressions\nGROUP BY campaign\nLIMIT 5",
            "Line 4, column 1",
        ),
        (SQL.replace("'advertiser'", "'nosuch'"), "Line 3"),
        ("DELETE FROM dsp_impressions", "Line 1, column 1"),
    ],
)
async def test_sql_that_amc_refuses_is_refused_with_its_place(as_ada, query, place):
    answer = await as_ada.post("/workflows", json={**NEW, "sql_query": query, "parameters": []})
    assert answer.status_code == 400
    assert {error["pointer"] for error in answer.json()["errors"]} == {"/sql_query"}
    assert any(error["message"].startswith(place) for error in answer.json()["errors"]), answer.text
    assert (await as_ada.get("/workflows")).json()["total"] == 0


@pytest.mark.parametrize("query", ["(" * 20_000, "SELECT " + "(" * 2_000 + "1" + ")" * 2_000])
async def test_sql_that_is_nested_without_end_is_refused(as_ada, query):
    answer = await as_ada.post("/workflows", json={**NEW, "sql_query": query, "parameters": []})
    assert answer.status_code == 400
    assert "nested too deeply" in answer.json()["detail"]


async def test_a_check_tells_everything_and_saves_nothing(as_ada):
    query = {"sql_query": SQL + "\nLIMIT 5", "parameters": NEW["parameters"]}
    report = (await as_ada.post("/workflows/check", json=query)).json()
    assert report["ok"] is False
    assert [(found["rule"], found["severity"], found["line"]) for found in report["findings"]] == [
        ("limit", "error", 5)
    ]
    assert report["findings"][0]["explanation"]
    assert report["findings"][0]["fix"]
    good = (await as_ada.post("/workflows/check", json={**query, "sql_query": SQL})).json()
    assert good == {"ok": True, "findings": [], "problems": [], "instances": []}
    assert (await as_ada.get("/workflows")).json()["total"] == 0


async def test_a_warning_does_not_refuse(as_ada):
    query = {"sql_query": SQL + ";", "parameters": NEW["parameters"]}
    report = (await as_ada.post("/workflows/check", json=query)).json()
    assert report["ok"] is True
    assert [found["severity"] for found in report["findings"]] == ["warning"]
    assert (await as_ada.post("/workflows", json={**NEW, **query})).status_code == 201


async def test_an_empty_query_can_be_checked(as_ada):
    report = (await as_ada.post("/workflows/check", json={"sql_query": ""})).json()
    assert report["ok"] is False


async def test_a_list_is_searched_and_paged(as_ada, as_mallory, desk: Desk):
    await plant_samples(desk.workflows, user_id=desk.ada.id)
    await as_mallory.post("/workflows", json=NEW)
    everything = (await as_ada.get("/workflows")).json()
    assert (everything["total"], everything["limit"], everything["offset"]) == (3, 50, 0)
    keys = [item["key"] for item in everything["items"]]
    assert keys == ["time-to-purchase", "daily-performance", "campaign-reach-frequency"]
    pages = [(await as_ada.get("/workflows", params={"limit": 2, "offset": at})).json() for at in (0, 2)]
    assert [item["key"] for page in pages for item in page["items"]] == keys
    for words, expected in {
        "REACH": ["campaign-reach-frequency"],
        "sample performance": ["daily-performance"],
        "day ad": ["time-to-purchase", "daily-performance"],
        "%": [],
        "nosuch": [],
    }.items():
        found = (await as_ada.get("/workflows", params={"q": words})).json()
        assert [item["key"] for item in found["items"]] == expected, words
        assert found["total"] == len(expected)


async def test_planting_twice_changes_nothing(desk: Desk, as_ada):
    first = await plant_samples(desk.workflows, user_id=desk.ada.id)
    again = await plant_samples(desk.workflows, user_id=desk.ada.id)
    assert first == again
    assert [workflow.draft for workflow in first] == list(samples())


async def test_the_newest_batch_is_shown_and_outlives_its_workflow(desk: Desk, as_ada, api_database, mine):
    catalog = Catalog(kinds={"amc.workflow": AmcWorkflow()}, connectors={})
    batches = BatchService(api_database, catalog=catalog)
    workflow = await desk.workflows.get("reach", user_id=desk.ada.id)
    made = [
        await batches.submit(
            Submission(
                "amc.workflow",
                name,
                [Item(Target("a", "A"))],
                workflow_id=workflow.id,
                definition=workflow.definition(),
            ),
            user_id=desk.ada.id,
        )
        for name in ("first", "second")
    ]
    shown = (await as_ada.get("/workflows/reach")).json()["last_batch"]
    assert (shown["batch_id"], shown["status"]) == (made[1].batch_id, "queued")
    listed = (await as_ada.get("/workflows")).json()["items"][0]["last_batch"]
    assert listed == shown
    assert (await as_ada.delete("/workflows/reach")).status_code == 204
    cancelled = await batches.cancel(made[1].batch_id, user_id=desk.ada.id)
    assert cancelled.workflow_id is None
    assert cancelled.definition["sql_query"] == SQL


async def test_a_deleted_workflow_is_gone_with_its_versions(as_ada, mine):
    assert (await as_ada.delete(f"/workflows/{mine['id']}")).status_code == 204
    assert (await as_ada.get("/workflows/reach")).status_code == 404
    assert (await as_ada.get("/workflows/reach/versions")).status_code == 404
    assert (await as_ada.delete("/workflows/reach")).status_code == 404


@pytest.mark.parametrize("reference", ["key", "id"])
async def test_nobody_reaches_anothers_workflow(as_ada, as_mallory, mine, reference):
    path = f"/workflows/{'reach' if reference == 'key' else mine['id']}"
    answers = [
        await as_mallory.get(path),
        await as_mallory.get(f"{path}/versions"),
        await as_mallory.put(path, json={**NEW, "name": "stolen"}),
        await as_mallory.post(f"{path}/preview", json={"instance_ids": []}),
        await as_mallory.delete(path),
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert {answer.json()["code"] for answer in answers} == {"workflow_not_found"}
    assert (await as_mallory.get("/workflows")).json()["items"] == []
    assert (await as_ada.get(path)).json() == mine


@pytest.mark.parametrize("reference", ["nosuch", "a%00b", "%ED%A0%80", "a%0Ab", "'; --", "é", "x" * 100])
async def test_a_strange_reference_is_not_found(as_ada, reference):
    answer = await as_ada.get(f"/workflows/{reference}")
    assert (answer.status_code, answer.json()["code"]) == (404, "workflow_not_found")


async def test_a_repeated_creation_makes_one(as_ada):
    headers = {"Idempotency-Key": "once"}
    answers = [await as_ada.post("/workflows", json=NEW, headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
