"""Two batches side by side, and operations filtered by their cause."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from fanfold.batches.model import Batch
from fanfold.sdk.context import Context
from fanfold.sdk.errors import Permanent
from fanfold.sdk.outcome import Completed
from tests.api.full_app import Site


def fail(_context: Context) -> Exception:
    return Permanent("No.", hint="Ask.")


def say(value: int) -> Any:
    return lambda _context: Completed({"value": value})


@pytest.fixture
async def pair(site: Site) -> tuple[Batch, Batch]:
    """An earlier batch and a later one; every kind of change is there."""
    for key in ("fixed", "still"):
        site.kind.script(key, fail)
    site.kind.script("said", say(1))
    before = await site.submit("fixed", "still", "broken", "said", "slow", "gone", max_parallel=20)
    await site.drain()
    for key in ("still", "broken", "fresh"):
        site.kind.script(key, fail)
    site.kind.script("said", say(2))
    after = await site.submit("still", "broken", "fixed", "said", "slow", "fresh", max_parallel=20)
    await site.drain()
    async with site.service_database.transaction() as transaction:
        for batch, seconds in ((before, 10), (after, 30)):
            await transaction._connection.execute(
                "update operations set finished_at = started_at + make_interval(secs => $2) "
                "where batch_id = $1 and item_key = 'slow'",
                batch.id,
                seconds,
            )
    return before, after


async def compare(client: httpx.AsyncClient, after: Batch, before: Batch, **params: Any) -> dict[str, Any]:
    answer = await client.get(f"/batch/jobs/{after.batch_id}/compare/{before.batch_id}", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_every_target_has_one_change_and_they_sum_up(
    as_ada: httpx.AsyncClient, pair: tuple[Batch, Batch]
):
    before, after = pair
    answer = await compare(as_ada, after, before)
    assert {target["target_key"]: target["change"] for target in answer["items"]} == {
        "still": "still_failing",
        "broken": "newly_failed",
        "fixed": "fixed",
        "said": "succeeded",
        "slow": "succeeded",
        "fresh": "only_here",
        "gone": "only_there",
    }
    counts = answer["counts"]
    changes = ("newly_failed", "still_failing", "fixed", "succeeded", "not_run", "only_here", "only_there")
    assert sum(counts[change] for change in changes) == answer["total"] == 7
    assert (counts["slower"], counts["faster"], counts["different_summary"]) == (1, 0, 1)


async def test_time_counts_by_ratio_and_by_amount(as_ada: httpx.AsyncClient, pair: tuple[Batch, Batch]):
    before, after = pair
    (slow,) = (await compare(as_ada, after, before, **{"class": "slower"}))["items"]
    assert (slow["target_key"], slow["differences"]) == ("slow", ["slower"])
    assert (slow["job"]["duration_ms"], slow["other"]["duration_ms"]) == (30_000, 10_000)
    (faster,) = (await compare(as_ada, before, after, **{"class": "faster"}))["items"]
    assert faster["target_key"] == "slow"
    for params in ({"ratio": 3.5}, {"threshold_ms": 20_001}):
        assert (await compare(as_ada, after, before, **params))["counts"]["slower"] == 0


async def test_pages_of_one_class_go_through_all_of_it(as_ada: httpx.AsyncClient, pair: tuple[Batch, Batch]):
    before, after = pair
    seen: list[str] = []
    params: dict[str, Any] = {"class": ["newly_failed", "still_failing", "only_there"], "limit": 2}
    while True:
        answer = await compare(as_ada, after, before, **params)
        assert answer["total"] == 3
        seen += [target["target_key"] for target in answer["items"]]
        if answer["next_cursor"] is None:
            break
        params["cursor"] = answer["next_cursor"]
    assert seen == ["still", "broken", "gone"]


async def test_what_was_not_run_is_no_failure(site: Site, as_ada: httpx.AsyncClient):
    before = await site.submit("a")
    await site.drain()
    after = await site.submit("a")
    await site.services.batches.cancel(after.batch_id, user_id=site.ada.id)
    (target,) = (await compare(as_ada, after, before))["items"]
    assert (target["change"], target["job"]["status"]) == ("not_run", "cancelled")


async def test_a_batch_is_not_compared_with_itself_nor_with_a_stranger_s(
    as_ada: httpx.AsyncClient, as_mallory: httpx.AsyncClient, pair: tuple[Batch, Batch]
):
    before, after = pair
    answer = await as_ada.get(f"/batch/jobs/{after.batch_id}/compare/{after.id}")
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/other_id")
    answer = await as_mallory.get(f"/batch/jobs/{after.batch_id}/compare/{before.batch_id}")
    assert answer.status_code == 404
    for params, pointer in (
        ({"class": "odd"}, "/class/0"),
        ({"ratio": 1}, "/ratio"),
        ({"cursor": "%"}, "/cursor"),
    ):
        answer = await as_ada.get(f"/batch/jobs/{after.batch_id}/compare/{before.batch_id}", params=params)
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["pointer"].startswith(pointer)


async def test_operations_are_filtered_by_cause_reason_and_what_they_wait_for(
    site: Site, as_ada: httpx.AsyncClient
):
    site.kind.script("a", fail)
    batch = await site.submit("a", "b", "c", max_parallel=1)
    await site.step()
    url = f"/batch/jobs/{batch.batch_id}/operations"
    failed = (await as_ada.get(url, params={"reason": "error"})).json()
    assert ([one["target_id"] for one in failed["items"]], failed["total"]) == (["a"], 1)
    cause = failed["items"][0]["error"]["fingerprint"]
    assert (await as_ada.get(url, params={"fingerprint": cause})).json()["total"] == 1
    assert (await as_ada.get(url, params={"fingerprint": "0" * 12})).json()["items"] == []
    waiting = (await as_ada.get(url, params={"waiting": "slot", "limit": 1})).json()
    assert ([one["target_id"] for one in waiting["items"]], waiting["total"]) == (["b"], 2)
    following = await as_ada.get(url, params={"waiting": "slot", "cursor": waiting["next_cursor"]})
    assert [one["target_id"] for one in following.json()["items"]] == ["c"]
    for params in ({"reason": "odd"}, {"waiting": "godot"}):
        assert (await as_ada.get(url, params=params)).status_code == 400


@pytest.mark.parametrize("sort", ["-duration_ms", "duration_ms", "-row_count", "-target_name"])
async def test_a_sorted_list_goes_on_to_its_end(site: Site, as_ada: httpx.AsyncClient, sort: str):
    keys = {f"t{number}" for number in range(7)}
    batch = await site.submit(*keys)
    await site.drain()
    url = f"/batch/jobs/{batch.batch_id}/operations"
    whole = [one["id"] for one in (await as_ada.get(url, params={"sort": sort})).json()["items"]]
    seen: list[str] = []
    params: dict[str, Any] = {"sort": sort, "limit": 3}
    while True:
        answer = (await as_ada.get(url, params=params)).json()
        seen += [one["id"] for one in answer["items"]]
        if answer["next_cursor"] is None:
            break
        params["cursor"] = answer["next_cursor"]
    assert seen == whole
    refused = await as_ada.get(url, params={"sort": "status", "cursor": params["cursor"]})
    assert refused.status_code == 400
