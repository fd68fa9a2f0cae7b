"""Drafts: filled by streams and files, resumable, then started."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable
from datetime import timedelta
from typing import Any

import httpx
import pytest
from starlette.requests import ClientDisconnect

from fanfold.batches.creation import filling
from fanfold.batches.creation.jobs import prune_drafts
from fanfold.db.statements import parse
from fanfold.sdk.kind import Limit
from tests.api.full_app import Site

DRAFT: dict[str, Any] = {"kind": "scripted", "name": "Many", "parameters": {"window": 7}, "draft": True}
NDJSON = {"Content-Type": "application/x-ndjson"}
CSV = {"Content-Type": "text/csv"}


async def draft(client: httpx.AsyncClient, **given: Any) -> str:
    answer = await client.post("/batch/jobs", json={**DRAFT, **given})
    assert answer.status_code == 201, answer.text
    assert answer.json()["status"] == "pending"
    return f"/batch/jobs/{answer.json()['job_id']}"


def lines(*targets: dict[str, Any] | str) -> bytes:
    return "".join(
        (target if isinstance(target, str) else json.dumps(target)) + "\n" for target in targets
    ).encode()


def keyed(keys: Iterable[str]) -> bytes:
    return lines(*({"key": key} for key in keys))


async def fill(client: httpx.AsyncClient, url: str, content: Any, **headers: str) -> httpx.Response:
    return await client.put(f"{url}/operations", content=content, headers={**NDJSON, **headers})


async def filled(client: httpx.AsyncClient, url: str, content: Any) -> tuple[int, int, int]:
    answer = await fill(client, url, content)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    return told["added"], told["known"], told["total"]


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two lines to a transaction."""
    monkeypatch.setattr(filling, "LINES_AT_ONCE", 2)


async def test_a_draft_is_filled_started_and_runs(site: Site, as_ada: httpx.AsyncClient):
    url = await draft(as_ada, policy={"max_parallel": 1})
    assert await filled(
        as_ada, url, lines({"key": "a"}, {"key": "b", "parameters": {"window": 9}, "priority": 3})
    ) == (2, 0, 2)
    assert await site.step() is False
    answer = await as_ada.post(f"{url}/start")
    assert (answer.status_code, answer.json()["status"], answer.json()["total_operations"]) == (
        200,
        "queued",
        2,
    )
    await site.drain()
    assert site.kind.ran == ["b", "a"]
    job = (await as_ada.get(url)).json()
    assert job["status"] == "completed"


async def test_targets_given_with_the_draft_come_first(site: Site, as_ada: httpx.AsyncClient):
    url = await draft(as_ada, targets=[{"key": "z"}])
    assert await filled(as_ada, url, keyed("zab")) == (2, 1, 3)
    listed = (await as_ada.get(f"{url}/operations")).json()["items"]
    assert [(each["ordinal"], each["target_id"]) for each in listed] == [(0, "z"), (1, "a"), (2, "b")]


@pytest.mark.usefixtures("small_blocks")
async def test_a_stream_is_cut_anywhere_and_sent_again(site: Site, as_ada: httpx.AsyncClient):
    url = await draft(as_ada)
    body = keyed(f"key-{number}" for number in range(7))

    async def cut() -> AsyncIterator[bytes]:
        for at in range(0, 70, 11):
            yield body[at : at + 11]
        raise ClientDisconnect

    assert (await fill(as_ada, url, cut())).status_code == 400
    stored = (await as_ada.get(url)).json()["total_operations"]
    assert 0 < stored < 7
    assert stored % 2 == 0
    assert await filled(as_ada, url, body) == (7 - stored, stored, 7)
    assert await filled(as_ada, url, body) == (0, 7, 7)


async def test_empty_lines_windows_ends_and_a_mark_at_the_beginning_are_no_harm(
    site: Site, as_ada: httpx.AsyncClient
):
    url = await draft(as_ada)
    body = b'\xef\xbb\xbf{"key": "a"}\r\n\r\n  \n{"key": "b"}'
    assert await filled(as_ada, url, body) == (2, 0, 2)
    assert await filled(as_ada, url, b"") == (0, 0, 2)


@pytest.mark.usefixtures("small_blocks")
async def test_a_broken_line_is_named_and_those_before_it_are_kept(site: Site, as_ada: httpx.AsyncClient):
    url = await draft(as_ada)
    body = lines({"key": "a"}, {"key": "b"}, {"key": "c"}, '{"key": "d"', {"key": "e"}, {"name": "f"})
    answer = await fill(as_ada, url, body)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_line")
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/lines/4", "/lines/6"]
    assert answer.json()["detail"] == (
        "Line 4: this is not one JSON object. 1 more are wrong. "
        "The 3 lines before it are kept (3 added, 0 known): correct it and send the same again."
    )
    assert (await as_ada.get(url)).json()["total_operations"] == 3


@pytest.mark.usefixtures("small_blocks")
async def test_a_key_that_comes_twice_is_named_with_both_lines(site: Site, as_ada: httpx.AsyncClient):
    url = await draft(as_ada, targets=[{"key": "z"}])
    for keys, said in [("abca", (4, 1)), ("zabz", (4, 1)), ("dd", (2, 1))]:
        answer = await fill(as_ada, url, keyed(keys))
        assert answer.status_code == 400
        [error] = answer.json()["errors"]
        assert error["pointer"] == f"/lines/{said[0]}"
        assert error["message"].endswith(f"is in this stream already, on line {said[1]}.")
    assert (await as_ada.get(url)).json()["total_operations"] == 5


@pytest.mark.parametrize(
    "other",
    [{"parameters": {"window": 8}}, {"name": "B"}, {"attributes": {"x": 1}}, {"priority": 1}],
    ids=str,
)
async def test_the_same_key_with_other_content_is_named(
    site: Site, as_ada: httpx.AsyncClient, other: dict[str, Any]
):
    url = await draft(as_ada)
    await fill(as_ada, url, keyed("ab"))
    answer = await fill(as_ada, url, lines({"key": "a"}, {"key": "b", **other}, {"key": "c"}))
    assert answer.status_code == 400
    assert answer.json()["errors"] == [
        {"pointer": "/lines/2", "message": "Line 2: b is in the batch already, with other content."}
    ]
    assert (await as_ada.get(url)).json()["total_operations"] == 2


@pytest.mark.parametrize(
    ("target", "pointer"),
    [
        ({"key": "b", "parameters": {"window": "wide"}}, "/lines/2/parameters/window"),
        ({"key": "b", "connection": "nowhere"}, "/lines/2/connection"),
        ({"key": "b", "surprise": 1}, "/lines/2/surprise"),
        ({"key": "b", "attributes": {"x": "y" * 11_000}}, "/lines/2/attributes"),
        ({"instance_id": "01a20479-d9d4-7c83-9d4c-22ba145ef045"}, "/lines/2/instance_id"),
        ("[]", "/lines/2"),
        ('{"key": "' + "b" * 300_000 + '"}', "/lines/2"),
        ("\udcff".encode("utf-8", "surrogatepass").decode("latin-1"), "/lines/2"),
    ],
    ids=lambda value: str(value)[:40],
)
async def test_a_line_that_is_no_good_target_is_named(
    site: Site, as_ada: httpx.AsyncClient, target: dict[str, Any] | str, pointer: str
):
    url = await draft(as_ada)
    answer = await fill(as_ada, url, lines({"key": "a"}, target, {"key": "c"}))
    assert answer.status_code == 400, answer.text
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert answer.json()["errors"][0]["message"].startswith("Line 2: ")


@pytest.mark.usefixtures("small_blocks")
async def test_a_draft_takes_no_more_than_a_batch_may_have(site: Site, as_ada: httpx.AsyncClient):
    filler = site.services.creation._filler
    filler._limits = type(filler._limits)(max_operations=3)
    url = await draft(as_ada)
    answer = await fill(as_ada, url, keyed("abcdef"))
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "/lines/4"
    assert (await as_ada.get(url)).json()["total_operations"] == 3


@pytest.mark.usefixtures("small_blocks")
async def test_keys_common_to_all_are_those_common_to_every_block(site: Site, as_ada: httpx.AsyncClient):
    every, some = Limit("account:one", 10), Limit("account:two", 10)
    site.kind.caps = {"a": [every, some], "b": [every, some], "c": [every]}
    url = await draft(as_ada)
    common = parse("c", "-- test\nselect common_keys from batches")

    async def read() -> Any:
        async with site.service_database.transaction() as transaction:
            return await transaction.value(common)

    await fill(as_ada, url, keyed("ab"))
    assert await read() == ["account:one", "account:two"]
    await fill(as_ada, url, keyed("c"))
    assert await read() == ["account:one"]
    await fill(as_ada, url, keyed("d"))
    assert await read() == []


@pytest.mark.usefixtures("small_blocks")
async def test_an_operation_that_never_fits_its_limit_is_named(site: Site, as_ada: httpx.AsyncClient):
    site.kind.caps = {"d": [Limit("tiny", 1, weight=2)]}
    url = await draft(as_ada)
    answer = await fill(as_ada, url, keyed("abcde"))
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/lines/4"]
    assert (await as_ada.get(url)).json()["total_operations"] == 3


async def test_an_empty_draft_cannot_be_started(site: Site, as_ada: httpx.AsyncClient):
    url = await draft(as_ada)
    answer = await as_ada.post(f"{url}/start")
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_input")
    assert "empty" in answer.json()["detail"]


async def test_starting_twice_is_as_once(site: Site, as_ada: httpx.AsyncClient):
    url = await draft(as_ada, targets=[{"key": "a"}])
    first = await as_ada.post(f"{url}/start", headers={"Idempotency-Key": "go"})
    assert (await as_ada.post(f"{url}/start")).json() == first.json()
    await site.drain()
    assert (await as_ada.post(f"{url}/start")).json()["status"] == "completed"
    assert site.kind.ran == ["a"]
    events = parse("e", "-- test\nselect count(*) from events where name = 'batch.started'")
    async with site.service_database.transaction() as transaction:
        assert await transaction.value(events) == 1


async def test_what_has_started_cannot_be_filled(site: Site, as_ada: httpx.AsyncClient):
    url = await draft(as_ada, targets=[{"key": "a"}])
    await as_ada.post(f"{url}/start")
    answer = await fill(as_ada, url, keyed("b"))
    assert (answer.status_code, answer.json()["code"]) == (409, "illegal_transition")
    assert "cannot fill" in answer.json()["detail"]


async def test_a_cancelled_draft_stays_what_it_is(site: Site, as_ada: httpx.AsyncClient):
    url = await draft(as_ada, targets=[{"key": "a"}])
    assert (await as_ada.post(f"{url}/cancel")).json()["status"] == "cancelled"
    assert (await as_ada.post(f"{url}/start")).status_code == 409
    assert (await fill(as_ada, url, keyed("b"))).status_code == 409


async def test_a_timeout_counts_from_the_start(site: Site, as_ada: httpx.AsyncClient):
    url = await draft(as_ada, targets=[{"key": "a"}], policy={"batch_timeout_seconds": 60})
    timed = parse("t", "-- test\nselect timed_from is null and sealed_at is null from batches")
    async with site.service_database.transaction() as transaction:
        assert await transaction.value(timed) is True
    await as_ada.post(f"{url}/start")
    same = parse("t", "-- test\nselect timed_from = sealed_at from batches")
    async with site.service_database.transaction() as transaction:
        assert await transaction.value(same) is True


async def test_nobody_fills_or_starts_what_is_not_theirs(
    site: Site, as_ada: httpx.AsyncClient, as_mallory: httpx.AsyncClient
):
    url = await draft(as_ada, targets=[{"key": "a"}])
    assert (await fill(as_mallory, url, keyed("b"))).status_code == 404
    assert (await as_mallory.post(f"{url}/start")).status_code == 404
    async with site.client(None) as nobody:
        assert (await fill(nobody, url, keyed("b"))).status_code == 401


async def test_drafts_that_nobody_touched_for_a_day_are_pruned(site: Site, as_ada: httpx.AsyncClient):
    old = await draft(as_ada, targets=[{"key": "a"}])
    young = await draft(as_ada)
    started = await draft(as_ada, targets=[{"key": "a"}])
    await as_ada.post(f"{started}/start")
    async with site.service_database.transaction() as transaction:
        age = parse(
            "a", "-- test\nupdate batches set updated_at = moment() - interval '1.1 d' where id <> :id"
        )
        young_id = (await as_ada.get(young)).json()["id"]
        await transaction.execute(age, id=young_id)
    assert await prune_drafts(site.service_database) == 1
    assert (await as_ada.get(old)).status_code == 404
    assert (await as_ada.get(young)).status_code == 200
    assert (await as_ada.get(started)).status_code == 200
    assert await prune_drafts(site.service_database, older_than=timedelta(seconds=-60)) == 1


async def test_a_csv_file_fills_a_draft_whole(site: Site, as_ada: httpx.AsyncClient):
    url = await draft(as_ada)
    body = (
        "\ufeffkey;name;schema;parameters.window:json\r\n"
        'a;"Table; A";sales;3\r\n\r\n'
        "b;=cmd|' /C calc'!A0;@SUM(1);\r\n"
    )
    answer = await as_ada.put(f"{url}/operations", content=body.encode(), headers=CSV)
    assert answer.status_code == 200, answer.text
    assert answer.json()["added"] == 2
    listed = (await as_ada.get(f"{url}/operations")).json()["items"]
    assert [each["target_name"] for each in listed] == ["Table; A", "=cmd|' /C calc'!A0"]
    detail = (await as_ada.get(f"{url}/operations/{listed[0]['id']}")).json()
    assert (detail["parameters"], detail["overridden"]) == ({"window": 3}, ["window"])
    again = await as_ada.put(f"{url}/operations", content=body.encode(), headers=CSV)
    assert (again.json()["added"], again.json()["known"]) == (0, 2)


async def test_a_file_may_come_in_a_form(site: Site, as_ada: httpx.AsyncClient):
    url = await draft(as_ada)
    csv = await as_ada.put(f"{url}/operations", files={"file": ("t.csv", b"key\na\nb\n", "text/plain")})
    assert csv.json()["added"] == 2
    ndjson = await as_ada.put(f"{url}/operations", files={"file": ("t.jsonl", keyed("bc"))})
    assert (ndjson.json()["added"], ndjson.json()["known"]) == (1, 1)
    without = await as_ada.put(f"{url}/operations", files={"other": ("t.csv", b"key\na\n")})
    assert (without.status_code, without.json()["errors"][0]["pointer"]) == (400, "/file")


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        (b"", [""]),
        (b"key\n", [""]),
        (b"key,key\na,b\n", [""]),
        (b"key,\na,b\n", [""]),
        (b"key,x\na,1\nb\nc,1,2\n", ["/lines/3", "/lines/4"]),
        (b'key\na\n"b\n', ["/lines/3"]),
        (b"key\na\n\xff\n", [""]),
        (b"key,parameters.window:json\na,{\n", ["/lines/2"]),
        (
            b"key,parameters.window\na,wide\nb,7\nc,x\n",
            ["/lines/2/parameters/window", "/lines/4/parameters/window"],
        ),
        (b"key,priority\na,high\n", ["/lines/2"]),
        (b"key\na\nb\na\n", ["/lines/4"]),
    ],
    ids=str,
)
async def test_a_csv_with_a_broken_line_changes_nothing(
    site: Site, as_ada: httpx.AsyncClient, body: bytes, pointers: list[str]
):
    url = await draft(as_ada)
    answer = await as_ada.put(f"{url}/operations", content=body, headers=CSV)
    assert answer.status_code == 400, answer.text
    assert [error["pointer"] for error in answer.json()["errors"]] == pointers
    assert (await as_ada.get(url)).json()["total_operations"] == 0


async def test_what_is_neither_lines_nor_csv_is_refused(site: Site, as_ada: httpx.AsyncClient):
    url = await draft(as_ada)
    answer = await as_ada.put(f"{url}/operations", json=[{"key": "a"}])
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


async def test_a_stream_may_be_longer_than_any_other_request(site: Site, as_ada: httpx.AsyncClient):
    url = await draft(as_ada)
    wide = {"note": "x" * 9_000}
    body = lines(*({"key": f"k{number}", "attributes": wide} for number in range(1_000)))
    assert len(body) > 8 * 1024 * 1024
    assert await filled(as_ada, url, body) == (1_000, 0, 1_000)


async def test_conditions_of_a_draft_are_given_with_its_start(site: Site, as_ada: httpx.AsyncClient):
    skip = [{"attribute": "tier", "operator": "eq", "value": "test", "reason": "Tests wait."}]
    early = await as_ada.post("/batch/jobs", json={**DRAFT, "skip_when": skip})
    assert [error["pointer"] for error in early.json()["errors"]] == ["/skip_when"]
    url = await draft(as_ada)
    await fill(as_ada, url, lines({"key": "a"}, {"key": "b", "attributes": {"tier": "test"}}))
    bad = await as_ada.post(f"{url}/start", json={"skip_when": [{"attribute": "a", "operator": "in"}]})
    assert [error["pointer"] for error in bad.json()["errors"]] == ["/skip_when/0/value"]
    assert (await as_ada.post(f"{url}/start", json={"skip_when": skip})).status_code == 200
    await site.drain()
    assert site.kind.ran == ["a"]
    found = (await as_ada.get(f"{url}/operations")).json()["items"][1]
    assert (found["status"], found["reason"], found["summary"]) == (
        "skipped",
        "condition",
        {"reason": "Tests wait."},
    )


async def test_a_draft_that_conditions_leave_empty_is_done_when_it_starts(
    site: Site, as_ada: httpx.AsyncClient
):
    url = await draft(as_ada, targets=[{"key": "a"}])
    skip = [{"attribute": "tier", "operator": "missing"}]
    assert (await as_ada.post(f"{url}/start", json={"skip_when": skip})).json()["status"] == "completed"
    assert (await as_ada.get(url)).json()["finished_at"] is not None


async def test_a_line_with_a_name_that_cannot_be_stored_is_named(site: Site, as_ada: httpx.AsyncClient):
    job = await draft(as_ada)
    broken = lines({"key": "a"}, {"key": "b", "attributes": {"tier\0": "gold"}})
    answer = await as_ada.put(f"{job}/operations", content=broken, headers=NDJSON)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_line")
    assert answer.json()["detail"].startswith("Line 2: attributes: must not contain NUL bytes")
