"""The library over the API, and aggregations that are saved with workflows."""

from __future__ import annotations

import httpx
import pytest
import pytest_asyncio

from fanfold.client.transport import Transport
from fanfold.client.workflows import AsyncWorkflows
from fanfold.workflows.files import read_workflow, write_workflow
from fanfold.workflows.library import library
from fanfold.workflows.model import Draft
from tests.api.bare_app import Desk, open_desk

TOTALS = "select campaign,\n       sum(reach) as reach\nfrom results\ngroup by 1"
EDIT = {
    "key": "reach",
    "name": "Reach",
    "sql_query": "SELECT COUNT(DISTINCT user_id) AS reach FROM conversions",
}


@pytest_asyncio.fixture
async def desk(api_database):
    async with open_desk(api_database) as desk:
        yield desk


@pytest_asyncio.fixture
async def as_ada(desk: Desk):
    async with desk.client(desk.ada) as client:
        yield client


async def test_the_library_is_listed_by_theme(as_ada: httpx.AsyncClient):
    answer = (await as_ada.get("/workflows/library")).json()
    assert answer["total"] == len(answer["items"]) == len(library())
    assert {item["theme"] for item in answer["items"]} == set(answer["themes"])
    assert all(item["description"] and item["tables"] and item["name"] for item in answer["items"])
    assert [item["theme"] for item in answer["items"]] == sorted(item["theme"] for item in answer["items"])


async def test_the_library_is_searched(as_ada: httpx.AsyncClient):
    found = (await as_ada.get("/workflows/library", params={"q": "REACH campaign dsp_impressions"})).json()
    assert "reach-by-campaign" in [item["key"] for item in found["items"]]
    of_theme = (await as_ada.get("/workflows/library", params={"theme": "overlap"})).json()
    assert {item["theme"] for item in of_theme["items"]} == {"overlap"}
    assert (await as_ada.get("/workflows/library", params={"q": "no such words"})).json()["items"] == []


async def test_a_copy_is_the_users_own_and_remembers_its_origin(as_ada: httpx.AsyncClient):
    shown = (await as_ada.get("/workflows/library/reach-by-campaign")).json()
    answer = await as_ada.post("/workflows/library/reach-by-campaign/copy", json={"key": "mine"})
    assert answer.status_code == 201, answer.text
    copy = answer.json()
    assert (copy["key"], copy["origin"]) == ("mine", "library:reach-by-campaign")
    assert (copy["sql_query"], copy["parameters"]) == (shown["sql_query"], shown["parameters"])
    edited = await as_ada.put("/workflows/mine", json={**EDIT, "key": "mine"})
    assert (edited.json()["version"], edited.json()["origin"]) == (2, "library:reach-by-campaign")


async def test_the_library_tells_what_its_user_has_of_it(desk: Desk, as_ada: httpx.AsyncClient):
    path = "/workflows/library/reach-by-campaign"
    assert (await as_ada.get(path)).json()["copies"] == []
    made = [(await as_ada.post(f"{path}/copy", json={"key": key})).json() for key in ("mine", "another")]
    wanted = [{name: copy[name] for name in ("id", "key", "name")} for copy in made]
    assert (await as_ada.get(path)).json()["copies"] == wanted
    listed = (await as_ada.get("/workflows/library")).json()["items"]
    assert {item["key"]: item["copies"] for item in listed if item["copies"]} == {"reach-by-campaign": wanted}
    async with desk.client(desk.mallory) as as_mallory:
        assert (await as_mallory.get(path)).json()["copies"] == []


async def test_the_columns_of_a_library_workflow_are_named(as_ada: httpx.AsyncClient):
    listed = (await as_ada.get("/workflows/library")).json()["items"]
    assert all(item["columns"] and "*" not in item["columns"] for item in listed)
    shown = (await as_ada.get("/workflows/library/segment-overlap")).json()
    assert shown["columns"] == ["segment", "other_segment", "people"]


async def test_a_copy_takes_no_key_away(as_ada: httpx.AsyncClient):
    assert (await as_ada.post("/workflows/library/reach-by-campaign/copy")).status_code == 201
    again = await as_ada.post("/workflows/library/reach-by-campaign/copy", json={})
    assert (again.status_code, again.json()["code"]) == (409, "workflow_key_taken")


async def test_what_the_library_does_not_have_is_said(as_ada: httpx.AsyncClient):
    for answer in (
        await as_ada.get("/workflows/library/nothing"),
        await as_ada.post("/workflows/library/nothing/copy", json={}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "library_workflow_not_found")


async def test_every_workflow_of_the_library_can_be_copied(desk: Desk):
    token = desk.client(desk.ada).headers["Authorization"].removeprefix("Bearer ")
    transport = Transport("http://fanfold.test", token, inner=httpx.ASGITransport(app=desk.app))
    async with transport:
        workflows = AsyncWorkflows(transport)
        for entry in await workflows.library():
            copy = await workflows.copy_from_library(entry.key)
            assert copy.origin == f"library:{entry.key}"
        assert (await workflows.library_workflow("reach-by-campaign")).sql_query


async def test_an_aggregation_is_saved_and_has_versions(as_ada: httpx.AsyncClient):
    made = (await as_ada.post("/workflows", json={**EDIT, "aggregate": TOTALS})).json()
    assert made["aggregate"] == TOTALS
    kept = (await as_ada.put("/workflows/reach", json=EDIT)).json()
    assert (kept["version"], kept["aggregate"]) == (2, TOTALS)
    emptied = (await as_ada.put("/workflows/reach", json={**EDIT, "aggregate": ""})).json()
    assert (emptied["version"], emptied["aggregate"]) == (3, "")
    versions = (await as_ada.get("/workflows/reach/versions")).json()["items"]
    assert [each["aggregate"] for each in versions] == ["", TOTALS, TOTALS]
    restored = (await as_ada.post("/workflows/reach/restore", json={"version": 1})).json()
    assert (restored["version"], restored["aggregate"]) == (4, TOTALS)
    diff = (await as_ada.get("/workflows/reach/diff", params={"from": 3, "to": 4})).json()["text"]
    assert "+  select campaign," in diff


@pytest.mark.parametrize("sql", ["copy results to 'x'", "select * from read_csv('x')", "selec 1"])
async def test_an_aggregation_that_would_be_refused_is_not_saved(as_ada: httpx.AsyncClient, sql: str):
    answer = await as_ada.post("/workflows", json={**EDIT, "aggregate": sql})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/aggregate")
    check = (
        await as_ada.post("/workflows/check", json={"sql_query": EDIT["sql_query"], "aggregate": sql})
    ).json()
    assert check["ok"] is False
    assert "aggregate" in {finding["rule"] for finding in check["findings"]}
    text = write_workflow(Draft("one", "One", EDIT["sql_query"], aggregate=sql))
    refused = await as_ada.post("/workflows/import", json={"files": [{"name": "one.sql", "text": text}]})
    assert (refused.status_code, "aggregate" in refused.json()["errors"][0]["message"]) == (400, True)


def test_an_aggregation_stands_readably_in_a_file():
    draft = Draft("one", "One", "SELECT 1", description="One.", aggregate=TOTALS)
    text = write_workflow(draft)
    assert "aggregate: |-\n  select campaign,\n         sum(reach) as reach\n" in text
    assert read_workflow(text, name="one").draft == draft
