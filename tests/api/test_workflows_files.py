"""Workflows as files: in and out without loss, compared with what is stored, versions shown and restored."""

from __future__ import annotations

import io
import zipfile

import httpx
import pytest_asyncio

from fanfold.client.transport import Transport
from fanfold.client.workflows import AsyncWorkflows
from fanfold.workflows.differences import file_of
from fanfold.workflows.files import read_workflow
from fanfold.workflows.library import library
from fanfold.workflows.model import Draft, Parameter
from tests.api.bare_app import Desk, open_desk

REACH = """\
-- How many people each campaign reached.
/*
key: reach
name: Reach
tags: [reach]
parameters:
  least: {type: INTEGER, default: 10, description: Smaller ones are left out.}
  since: {type: DATE, default: 2026-01-31}
*/
SELECT campaign, COUNT(DISTINCT user_id) AS reach, MIN(CUSTOM_PARAMETER('since')) AS since
FROM dsp_impressions
GROUP BY campaign
HAVING COUNT(DISTINCT user_id) >= CUSTOM_PARAMETER('least')
"""


@pytest_asyncio.fixture
async def desk(api_database):
    async with open_desk(api_database) as desk:
        yield desk


@pytest_asyncio.fixture
async def as_ada(desk: Desk):
    async with desk.client(desk.ada) as client:
        yield client


async def take_in(client, *texts: str, dry_run: bool = False):
    files = [{"name": f"{number}.sql", "text": text} for number, text in enumerate(texts)]
    return await client.post("/workflows/import", json={"files": files, "dry_run": dry_run})


async def test_the_library_comes_back_as_it_went_in(as_ada):
    texts = [file_of(each.draft) for each in library()]
    answer = await take_in(as_ada, *texts)
    assert answer.status_code == 200, answer.text
    assert {each["outcome"] for each in answer.json()["files"]} == {"created"}
    out = await as_ada.get("/workflows/export")
    with zipfile.ZipFile(io.BytesIO(out.content)) as archive:
        given = {name: archive.read(name).decode() for name in archive.namelist()}
    assert given == {f"{each.draft.key}.sql": text for each, text in zip(library(), texts, strict=True)}
    assert (await as_ada.get("/workflows/export")).content == out.content
    again = (await take_in(as_ada, *given.values())).json()
    assert {each["outcome"] for each in again["files"]} == {"unchanged"}


async def test_a_changed_file_is_a_new_version_and_its_difference_is_shown_before(as_ada):
    await take_in(as_ada, REACH)
    changed = REACH.replace("default: 10", "default: 25")
    first = (await take_in(as_ada, changed, dry_run=True)).json()
    assert first["ok"] is True
    assert first["files"][0]["outcome"] == "updated"
    assert first["files"][0]["version"] is None
    lines = first["files"][0]["difference"].splitlines()
    assert lines[:2] == ["--- reach version 1", "+++ 0.sql"]
    changes = [line for line in lines[2:] if line[0] in "+-"]
    assert len(changes) == 2
    assert "default: 10" in changes[0]
    assert "default: 25" in changes[1]
    assert (await as_ada.get("/workflows/reach")).json()["version"] == 1
    assert (await take_in(as_ada, changed)).json()["files"][0]["version"] == 2
    assert (await take_in(as_ada, changed)).json()["files"][0]["outcome"] == "unchanged"


async def test_dates_of_yaml_become_texts(as_ada):
    await take_in(as_ada, REACH)
    parameters = (await as_ada.get("/workflows/reach")).json()["parameters"]
    assert [each["default"] for each in parameters] == [10, "2026-01-31"]


async def test_one_bad_file_saves_none_and_every_bad_one_is_named(as_ada):
    answer = await take_in(
        as_ada,
        REACH,
        "SELECT 1",
        REACH.replace("key: reach", "key: a b"),
        REACH.replace("key: reach", "key: limited").replace("HAVING", "LIMIT 5; HAVING"),
        REACH.replace("name: Reach", f"name: {'x' * 300}").replace("key: reach", "key: long"),
        REACH,
    )
    assert answer.status_code == 400
    errors = answer.json()["errors"]
    assert {error["pointer"] for error in errors} == {f"/files/{number}" for number in range(1, 6)}
    assert errors[-1]["message"] == "5.sql: 0.sql has the key 'reach' too."
    assert (await as_ada.get("/workflows")).json()["total"] == 0
    dry = (await take_in(as_ada, REACH, "SELECT 1", dry_run=True)).json()
    assert dry["ok"] is False
    assert [each["outcome"] for each in dry["files"]] == ["created", "refused"]


async def test_a_file_is_read_with_the_line_ends_of_windows(as_ada):
    await take_in(as_ada, REACH)
    again = await take_in(as_ada, REACH.replace("\n", "\r\n"))
    assert again.json()["files"][0]["outcome"] == "unchanged"


async def test_versions_are_shown_compared_and_restored(desk, as_ada):
    await take_in(as_ada, REACH)
    await take_in(as_ada, REACH.replace("GROUP BY campaign\n", "GROUP BY 1\n"))
    shown = (await as_ada.get("/workflows/reach/versions/1")).json()
    assert "GROUP BY campaign" in shown["sql_query"]
    changed = (await as_ada.get("/workflows/reach/diff", params={"from": 1})).json()
    assert (changed["from"], changed["to"]) == (1, 2)
    assert "-GROUP BY campaign\n+GROUP BY 1" in changed["text"]
    assert (await as_ada.get("/workflows/reach/diff", params={"from": 2})).json()["text"] == ""
    old = (await as_ada.get("/workflows/reach/file", params={"version": 1})).text
    assert read_workflow(old, name="x").draft.sql_query == shown["sql_query"]
    back = await as_ada.post("/workflows/reach/restore", json={"version": 1})
    assert (back.status_code, back.json()["version"]) == (200, 3)
    assert back.json()["sql_query"] == shown["sql_query"]
    assert (await as_ada.get("/workflows/reach/diff", params={"from": 1, "to": 3})).json()["text"] == ""
    for missing in (
        await as_ada.get("/workflows/reach/versions/9"),
        await as_ada.post("/workflows/reach/restore", json={"version": 9}),
        await as_ada.get("/workflows/none/versions/1"),
    ):
        assert missing.status_code == 404
    async with desk.client(desk.mallory) as client:
        assert (await client.get("/workflows/reach/versions/1")).status_code == 404
        assert (await client.get("/workflows/export", params={"key": "reach"})).status_code == 404


async def test_only_what_is_named_is_given_out(desk, as_ada):
    await desk.workflows.create(
        Draft("one", "One", "SELECT COUNT(*) AS n FROM conversions"), user_id=desk.ada.id
    )
    wide = Draft(
        "two",
        "Zwei \N{RIGHTWARDS ARROW} 2: 'x'",
        "SELECT COUNT(*) AS n, MAX(CUSTOM_PARAMETER('p')) AS p FROM conversions",
        description="A purpose: with # signs, [brackets] and {braces}",
        parameters=(Parameter("p", "STRING", required=True, description="yes: 'no'\nand more"),),
        tags=("ü", "1", "true", "null"),
    )
    await desk.workflows.create(wide, user_id=desk.ada.id)
    out = await as_ada.get("/workflows/export", params={"key": ["two"]})
    with zipfile.ZipFile(io.BytesIO(out.content)) as archive:
        assert archive.namelist() == ["two.sql"]
        assert read_workflow(archive.read("two.sql").decode(), name="two.sql").draft == wide


async def test_the_client_does_all_of_it(desk):
    inner = httpx.ASGITransport(app=desk.app)
    async with Transport("http://fanfold.test", desk.access.issue_token(desk.ada), inner=inner) as transport:
        workflows = AsyncWorkflows(transport)
        assert (await workflows.import_files({"a.sql": REACH}, dry_run=True)).files[0].version is None
        await workflows.import_files({"a.sql": REACH})
        report = await workflows.import_files({"a.sql": REACH.replace("Reach", "Reach again")})
        assert (report.ok, report.files[0].outcome) == (True, "updated")
        assert [each.version for each in await workflows.versions("reach")] == [2, 1]
        assert await workflows.diff("reach", before=1) == ""
        assert (await workflows.restore("reach", 1)).version == 3
        assert "name: Reach again" in await workflows.file("reach", version=1)
