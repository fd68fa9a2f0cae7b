"""Retry in full over HTTP: what is chosen, what it runs with, what is only told, what is refused."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx
import pytest

from fanfold.batches.control import BatchControl
from fanfold.batches.model import Batch, Item, Submission
from fanfold.batches.paging import Page
from fanfold.batches.reader import OperationFilter
from fanfold.sdk.context import Context, Target
from fanfold.sdk.errors import Permanent, Problem
from tests.api.full_app import Site


def gone(_context: Context) -> Exception:
    return Permanent("The table is gone.")


def denied(_context: Context) -> Exception:
    return Permanent("The table is denied.")


def url_of(batch: Batch) -> str:
    return f"/batch/jobs/{batch.batch_id}"


async def retry(client: httpx.AsyncClient, batch: Batch, **body: Any) -> httpx.Response:
    return await client.post(f"{url_of(batch)}/retry", json=body)


async def operations(client: httpx.AsyncClient, batch: Batch) -> dict[str, dict[str, Any]]:
    listed = (await client.get(f"{url_of(batch)}/operations", params={"limit": 200})).json()["items"]
    return {operation["target_id"]: operation for operation in listed}


async def detail(client: httpx.AsyncClient, batch: Batch, key: str) -> dict[str, Any]:
    identifier = (await operations(client, batch))[key]["id"]
    return (await client.get(f"{url_of(batch)}/operations/{identifier}")).json()


@pytest.fixture
async def mixed(site: Site) -> Batch:
    """A batch of each end: a and e failed by one cause, b by another, c completed, d never begun."""
    for key, step in (("a", gone), ("b", denied), ("e", gone)):
        site.kind.script(key, step)
    batch = await site.submit("a", "b", "c", "d", "e", max_parallel=1)
    for _ in range(3):
        await site.step()
    identifiers = {row.target.key: row.id for row in await listed(site, batch)}
    async with site.service_database.transaction() as transaction:
        await transaction._connection.execute(
            "update operations set priority = 1 where id = $1", identifiers["e"]
        )
    await site.step()
    await site.services.batches.cancel(batch.batch_id, user_id=site.ada.id)
    site.kind.ran.clear()
    return batch


async def listed(site: Site, batch: Batch) -> list[Any]:
    reader = site.services.batch_reader
    found = await reader.operations(batch.batch_id, where=OperationFilter(), page=Page(), user_id=site.ada.id)
    return found.items


@pytest.mark.parametrize(
    ("select", "expected"),
    [
        (None, "abe"),
        (["failed"], "abe"),
        (["error"], "abe"),
        (["cancelled"], "d"),
        (["user"], "d"),
        (["unstarted"], "d"),
        (["remainder"], "abde"),
        (["failed", "unstarted"], "abde"),
    ],
)
async def test_a_retry_runs_exactly_what_is_selected(
    site: Site, as_ada: httpx.AsyncClient, mixed: Batch, select: list[str] | None, expected: str
):
    answer = await retry(as_ada, mixed, **({} if select is None else {"select": select}))
    assert answer.json()["retried_operations"] == len(expected)
    await site.drain()
    assert "".join(sorted(site.kind.ran)) == expected
    job = (await as_ada.get(url_of(mixed))).json()
    counts = job["progress"]
    assert counts["completed_operations"] == 1 + len(expected)
    assert counts["failed_operations"] + counts["cancelled_operations"] == 4 - len(expected)
    assert counts["total_operations"] == 5


async def test_one_cause_is_retried_alone(site: Site, as_ada: httpx.AsyncClient, mixed: Batch):
    cause = (await operations(as_ada, mixed))["a"]["error"]["fingerprint"]
    assert (await retry(as_ada, mixed, fingerprint=cause)).json()["retried_operations"] == 2
    await site.drain()
    assert sorted(site.kind.ran) == ["a", "e"]


async def test_chosen_operations_run_again_however_they_ended(
    site: Site, as_ada: httpx.AsyncClient, mixed: Batch
):
    shown = await operations(as_ada, mixed)
    answer = await retry(as_ada, mixed, operation_ids=[shown["d"]["id"], shown["b"]["id"]])
    assert answer.json()["retried_operations"] == 2
    await site.drain()
    assert sorted(site.kind.ran) == ["b", "d"]


async def test_a_text_chooses_targets_by_name(site: Site, as_ada: httpx.AsyncClient):
    for key in ("shop_de", "shop_fr", "other"):
        site.kind.script(key, gone)
    batch = await site.submit("shop_de", "shop_fr", "other")
    await site.drain()
    assert (await retry(as_ada, batch, q="SHOP_")).json()["retried_operations"] == 2


async def test_a_dry_run_tells_how_many_and_which_and_changes_nothing(
    site: Site, as_ada: httpx.AsyncClient, mixed: Batch
):
    before = (await as_ada.get(url_of(mixed))).json()
    answer = (await retry(as_ada, mixed, dry_run=True, parameters={"window": 30})).json()
    assert (answer["dry_run"], answer["retried_operations"]) == (True, 3)
    assert [one["target_id"] for one in answer["operations"]] == ["a", "b", "e"]
    assert {one["parameters"]["window"] for one in answer["operations"]} == {30}
    assert answer["operations"][0]["error_message"] == "The table is gone."
    assert (await as_ada.get(url_of(mixed))).json() == before
    assert (await detail(as_ada, mixed, "a"))["parameters"] == {"window": 7}


async def test_a_patched_retry_runs_with_the_new_input_and_keeps_the_old_with_its_attempt(
    site: Site, as_ada: httpx.AsyncClient, mixed: Batch
):
    seen: dict[str, Any] = {}

    def look(context: Context) -> Any:
        seen[context.target.key] = dict(context.parameters)
        return gone(context)

    for key in "abe":
        site.kind.script(key, look)
    await retry(as_ada, mixed, parameters={"window": 30}, item_parameters={"b": {"window": 31}})
    await site.drain()
    assert seen == {"a": {"window": 30}, "b": {"window": 31}, "e": {"window": 30}}
    shown = await detail(as_ada, mixed, "b")
    assert shown["parameters"] == {"window": 31}
    assert [attempt["input"] for attempt in shown["attempts"]] == [{"window": 7}, {"window": 31}]
    untouched = await detail(as_ada, mixed, "c")
    assert (untouched["parameters"], untouched["overridden"]) == ({"window": 7}, [])


async def test_what_an_operation_overrides_stays_unless_the_patch_names_it(
    site: Site, as_ada: httpx.AsyncClient
):
    items = [
        Item(Target(key="a", name="A"), {"brand": "x", "window": 9}),
        Item(Target(key="b", name="B"), {"options": {"deep": 1}}),
        Item(Target(key="c", name="C")),
    ]
    for item in items:
        site.kind.script(item.target.key, gone)
    submission = Submission(site.kind.name, "own", items, parameters={"window": 7, "options": {"keep": 1}})
    batch = await site.services.batches.submit(submission, user_id=site.ada.id)
    await site.drain()
    await retry(as_ada, batch, parameters={"options": {"more": 2}, "brand": None})
    found = {key: (await detail(as_ada, batch, key))["parameters"] for key in "abc"}
    assert found == {
        "a": {"window": 9, "options": {"keep": 1, "more": 2}},
        "b": {"window": 7, "options": {"deep": 1, "more": 2}},
        "c": {"window": 7, "options": {"keep": 1, "more": 2}},
    }


async def test_a_patch_that_the_kind_refuses_changes_nothing_and_every_target_is_named(
    site: Site, as_ada: httpx.AsyncClient, mixed: Batch, monkeypatch: pytest.MonkeyPatch
):
    def check(_definition: object, parameters: dict[str, Any]) -> list[Problem]:
        too_long = parameters["window"] > 90
        return [Problem("/window", "At most 90 days are kept.")] if too_long else []

    monkeypatch.setattr(site.kind, "check", check)
    before = (await as_ada.get(url_of(mixed))).json()
    answer = await retry(
        as_ada, mixed, parameters={"window": 91}, item_parameters={"b": {"window": 92}, "e": {"window": 9}}
    )
    assert answer.status_code == 400
    assert {error["pointer"]: error["message"] for error in answer.json()["errors"]} == {
        "/parameters/window": "a: At most 90 days are kept.",
        "/item_parameters/b/window": "b: At most 90 days are kept.",
    }
    assert (await as_ada.get(url_of(mixed))).json() == before
    assert (await detail(as_ada, mixed, "e"))["parameters"] == {"window": 7}


async def test_a_patch_that_the_kind_s_model_refuses_is_refused(
    as_ada: httpx.AsyncClient, mixed: Batch, site: Site
):
    answer = await retry(as_ada, mixed, parameters={"window": "soon"})
    assert answer.status_code == 400
    (error,) = answer.json()["errors"]
    assert error["pointer"] == "/parameters/window"
    assert error["message"].startswith("a, b, e: window: ")


async def test_patches_of_targets_that_do_not_run_again_are_named(as_ada: httpx.AsyncClient, mixed: Batch):
    answer = await retry(as_ada, mixed, item_parameters={"a": {"window": 1}, "c": {}, "z/z": {"window": 1}})
    assert answer.status_code == 400
    pointers = [error["pointer"] for error in answer.json()["errors"]]
    assert pointers == ["/item_parameters/c", "/item_parameters/z~1z"]


async def test_parameters_of_one_target_stay_below_the_limit(as_ada: httpx.AsyncClient, mixed: Batch):
    answer = await retry(as_ada, mixed, parameters={"note": "x" * 20_000})
    assert answer.status_code == 400
    assert "at most 10,240 are allowed" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"fingerprint": "0123456789ab"}, "/fingerprint"),
        ({"select": ["timeout"]}, "/select"),
        ({"select": ["remainder"], "q": "nowhere"}, "/q"),
        ({"q": "nowhere"}, "/q"),
    ],
)
async def test_a_filter_that_matches_nothing_is_told(
    as_ada: httpx.AsyncClient, mixed: Batch, body: dict[str, Any], pointer: str
):
    answer = await retry(as_ada, mixed, **body)
    assert answer.status_code == 400
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert "has ended without success" in answer.json()["detail"]


async def test_a_second_click_on_the_remainder_finds_nothing_left(as_ada: httpx.AsyncClient, mixed: Batch):
    first = await retry(as_ada, mixed, select=["remainder"])
    second = await retry(as_ada, mixed, select=["remainder"])
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json()["retried_operations"] > second.json()["retried_operations"] == 0


async def test_operations_of_another_batch_are_named(site: Site, as_ada: httpx.AsyncClient, mixed: Batch):
    site.kind.script("x", gone)
    other = await site.submit("x")
    await site.drain()
    own = (await operations(as_ada, mixed))["a"]["id"]
    strange = (await operations(as_ada, other))["x"]["id"]
    unknown = str(uuid4())
    answer = await retry(as_ada, mixed, operation_ids=[own, strange, unknown])
    assert answer.status_code == 400
    assert [error["pointer"] for error in answer.json()["errors"]] == [
        "/operation_ids/1",
        "/operation_ids/2",
    ]
    assert strange in answer.json()["detail"]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"fingerprint": "no"}, "/fingerprint"),
        ({"operation_ids": []}, "/operation_ids"),
        ({"q": ""}, "/q"),
        ({"parameters": []}, "/parameters"),
        ({"parameters": {"a": "\0"}}, "/parameters/a"),
        ({"item_parameters": {}, "instance_parameters": {}}, ""),
        ({"max_retries": 101}, "/max_retries"),
    ],
)
async def test_a_bad_wish_is_refused_by_name(
    as_ada: httpx.AsyncClient, mixed: Batch, body: dict[str, Any], pointer: str
):
    answer = await retry(as_ada, mixed, **body)
    assert answer.status_code == 400
    assert all(error["pointer"].startswith(pointer) for error in answer.json()["errors"])


async def test_a_retry_while_the_batch_still_runs_takes_what_has_ended(site: Site, as_ada: httpx.AsyncClient):
    site.kind.script("a", gone)
    batch = await site.submit("a", "b", "c", max_parallel=1)
    await site.step()
    await site.step()
    answer = (await retry(as_ada, batch)).json()
    assert (answer["retried_operations"], answer["status"]) == (1, "running")
    await site.drain()
    assert (await as_ada.get(url_of(batch))).json()["status"] == "completed"


async def test_a_paused_batch_takes_a_retry_and_stays_paused(site: Site, as_ada: httpx.AsyncClient):
    site.kind.script("a", gone)
    batch = await site.submit("a", "b", max_parallel=1)
    await site.step()
    control = BatchControl(site.services.database, now=lambda: batch.created_at)
    await control.pause(batch.batch_id, user_id=site.ada.id)
    answer = (await retry(as_ada, batch)).json()
    assert (answer["retried_operations"], answer["status"]) == (1, "paused")
    assert await site.step() is False


async def test_what_a_condition_left_out_runs_only_when_it_is_named(site: Site, as_ada: httpx.AsyncClient):
    items = [
        Item(Target(key="a", name="A"), skip_reason="no data there"),
        Item(Target(key="b", name="B")),
    ]
    site.kind.script("b", gone)
    submission = Submission(site.kind.name, "left out", items, parameters={"window": 7})
    batch = await site.services.batches.submit(submission, user_id=site.ada.id)
    await site.drain()
    for select, count in ((["remainder"], 1), (["condition"], 1), (["skipped"], 1)):
        answer = await retry(as_ada, batch, select=select, dry_run=True)
        assert answer.json()["retried_operations"] == count
    told = (await retry(as_ada, batch, select=["remainder"], dry_run=True)).json()
    assert [one["target_id"] for one in told["operations"]] == ["b"]
    assert (await retry(as_ada, batch, select=["unstarted"], dry_run=True)).status_code == 400
