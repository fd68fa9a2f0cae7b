"""Failures by cause: of one batch, of its attempts, and over all of a user's batches."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from fanfold.batches.model import Batch
from fanfold.sdk.context import Context
from fanfold.sdk.errors import Permanent, Retryable, TargetUnavailable
from tests.api.full_app import Site


def missing(context: Context) -> Exception:
    return Permanent(f"The table '{context.target.key}' does not exist.", hint="Create it.")


def slow(context: Context) -> Exception:
    return Retryable(f"No answer from https://{context.target.key}.example.com within 30 s.")


def away(_context: Context) -> Exception:
    return TargetUnavailable("The target does not answer.")


async def groups(client: httpx.AsyncClient, batch: Batch, **params: Any) -> dict[str, Any]:
    answer = await client.get(f"/batch/jobs/{batch.batch_id}/failure-groups", params=params)
    assert answer.status_code == 200
    return answer.json()


@pytest.fixture
async def failed(site: Site) -> Batch:
    """Seven missing tables, three slow answers, one target away, one success."""
    steps = {**{f"m{n}": missing for n in range(7)}, **{f"s{n}": slow for n in range(3)}, "away": away}
    for key, step in steps.items():
        site.kind.script(key, step)
    batch = await site.submit(*steps, "fine", max_parallel=20, max_attempts=1)
    await site.drain()
    return batch


async def test_many_failures_are_few_causes_the_most_frequent_first(as_ada: httpx.AsyncClient, failed: Batch):
    answer = await groups(as_ada, failed)
    assert (answer["total_failures"], answer["total_groups"]) == (11, 3)
    assert [(group["count"], group["share"]) for group in answer["items"]] == [
        (7, 63.64),
        (3, 27.27),
        (1, 9.09),
    ]
    first = answer["items"][0]
    assert (first["class"], first["hint"], first["reason"]) == ("Permanent", "Create it.", "error")
    assert first["message"] == "The table 'm0' does not exist."
    assert [example["target_id"] for example in first["examples"]] == ["m0", "m1", "m2", "m3", "m4"]
    assert first["first_seen_at"] <= first["last_seen_at"]
    assert first["attempt_count"] is None


async def test_a_group_says_whether_a_retry_helps(as_ada: httpx.AsyncClient, failed: Batch):
    items = (await groups(as_ada, failed))["items"]
    assert [(group["suggested_action"], group["retryable"]) for group in items] == [
        ("fix", False),
        ("retry", True),
        ("wait", True),
    ]
    assert all(group["suggestion"].endswith(".") for group in items)


async def test_an_example_and_a_fingerprint_lead_on(as_ada: httpx.AsyncClient, failed: Batch):
    group = (await groups(as_ada, failed))["items"][1]
    url = f"/batch/jobs/{failed.batch_id}"
    example = await as_ada.get(f"{url}/operations/{group['examples'][0]['operation_id']}")
    assert example.json()["error"]["fingerprint"] == group["fingerprint"]
    retried = await as_ada.post(f"{url}/retry", json={"fingerprint": group["fingerprint"]})
    assert retried.json()["retried_operations"] == group["count"]
    assert (await groups(as_ada, failed))["total_failures"] == 8


async def test_a_batch_without_failures_has_no_groups(site: Site, as_ada: httpx.AsyncClient):
    batch = await site.submit("a")
    await site.drain()
    answer = await groups(as_ada, batch)
    assert (answer["items"], answer["total_failures"], answer["total_groups"]) == ([], 0, 0)
    assert (await groups(as_ada, batch, include="attempts"))["items"] == []


async def test_pages_of_groups_keep_the_totals(as_ada: httpx.AsyncClient, failed: Batch):
    second = await groups(as_ada, failed, limit=1, offset=1)
    assert ([group["count"] for group in second["items"]], second["total_groups"]) == ([3], 3)
    past = await groups(as_ada, failed, limit=1, offset=9)
    assert (past["items"], past["total_groups"], past["total_failures"]) == ([], 3, 11)


async def test_attempts_that_were_tried_again_have_groups_too(site: Site, as_ada: httpx.AsyncClient):
    site.kind.script("cured", slow)
    site.kind.script("lost", slow, missing)
    batch = await site.submit("cured", "lost", "fine", max_attempts=2, backoff_base=timedelta())
    await site.drain()
    assert [group["count"] for group in (await groups(as_ada, batch))["items"]] == [1]
    answer = await groups(as_ada, batch, include="attempts")
    shown = [
        (group["class"], group["count"], group["attempt_count"], group["recovered_count"])
        for group in answer["items"]
    ]
    assert shown == [("Permanent", 1, 1, 0), ("Retryable", 0, 2, 1)]
    assert [example["target_id"] for example in answer["items"][1]["examples"]] == ["cured", "lost"]
    assert answer["total_failures"] == 1


async def test_a_cause_is_followed_over_all_of_ones_batches(
    site: Site, as_ada: httpx.AsyncClient, as_mallory: httpx.AsyncClient, failed: Batch
):
    site.kind.script("m9", missing)
    other = await site.submit("m9", name="other", max_attempts=1)
    await site.drain()
    answer = (await as_ada.get("/batch/failure-groups")).json()
    assert (answer["total_groups"], answer["total_failures"]) == (3, 12)
    first = answer["items"][0]
    assert (first["job_count"], first["count"], first["suggested_action"]) == (2, 8, "fix")
    assert [(job["job_id"], job["failure_count"]) for job in first["jobs"]] == [
        (other.batch_id, 1),
        (failed.batch_id, 7),
    ]
    assert first["message"] == "The table 'm9' does not exist."
    assert [cause["job_count"] for cause in answer["items"][1:]] == [1, 1]
    assert (await as_mallory.get("/batch/failure-groups")).json()["items"] == []


async def test_a_cause_is_followed_since_a_moment(as_ada: httpx.AsyncClient, failed: Batch):
    job = (await as_ada.get(f"/batch/jobs/{failed.batch_id}")).json()
    for since, count in ((job["created_at"], 3), ("2199-01-01T00:00:00Z", 0), ("2020-01-01T00:00:00", 3)):
        answer = (await as_ada.get("/batch/failure-groups", params={"since": since})).json()
        assert answer["total_groups"] == count


async def test_nobody_sees_the_failures_of_others(as_mallory: httpx.AsyncClient, failed: Batch):
    answer = await as_mallory.get(f"/batch/jobs/{failed.batch_id}/failure-groups")
    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("path", "params", "pointer"),
    [
        ("/batch/failure-groups", {"since": "yesterday"}, "/since"),
        ("/batch/jobs/batch_1/failure-groups", {"include": "everything"}, "/include/0"),
        ("/batch/jobs/batch_1/failure-groups", {"limit": 0}, "/limit"),
    ],
)
async def test_a_bad_question_about_failures_is_refused_by_name(
    as_ada: httpx.AsyncClient, path: str, params: dict[str, Any], pointer: str
):
    answer = await as_ada.get(path, params=params)
    assert answer.status_code == 400
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
