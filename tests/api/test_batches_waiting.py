"""Every reason to wait is told by its cause, with what a user needs to know of it, and to nobody else."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

import httpx
import pytest

from fanfold.batches.model import Batch, Item, Submission
from fanfold.batches.policy import FailureBudget, LockMode, Policy, QuietHours, Waves
from fanfold.kit.ids import uuid7
from fanfold.sdk.context import Target
from fanfold.sdk.errors import Permanent, Retryable, TargetUnavailable, Throttled
from fanfold.sdk.kind import Limit, Rate
from fanfold.sdk.outcome import Snoozed
from tests.api.full_app import Site

HOUR = timedelta(hours=1)
ALL_DAY = QuietHours(time(0), time(0))


def hold(site: Site, *targets: str) -> None:
    """Let operations on these targets hold what they got."""
    for target in targets:
        site.kind.script(target, lambda _: Snoozed(HOUR, {"remote": 1}))


def bound(site: Site, *targets: str, limit: Limit) -> None:
    for target in targets:
        site.kind.caps[target] = [limit]


async def sql(site: Site, query: str, *values: Any) -> None:
    async with site.service_database.transaction() as transaction:
        await transaction._connection.execute(query, *values)


async def waits(client: httpx.AsyncClient, batch: Batch) -> dict[str, dict[str, Any]]:
    job = (await client.get(f"/batch/jobs/{batch.batch_id}")).json()
    return {wait["cause"]: wait for wait in job["waiting_for"]}


async def submit_to(
    site: Site, *targets: Target, owner: Any = None, draft: bool = False, **policy: Any
) -> Batch:
    submission = Submission(
        "scripted", "test", [Item(target) for target in targets], policy=Policy(**policy), draft=draft
    )
    return await site.services.batches.submit(submission, user_id=(owner or site.ada).id)


async def test_a_full_key_says_how_full_and_who_holds_it_longest(site: Site, as_ada: httpx.AsyncClient):
    bound(site, "a", "b", "c", limit=Limit("amc.account:E1", 1))
    hold(site, "a")
    first = await site.submit("a")
    await site.drain()
    second = await site.submit("b", "c")
    wait = (await waits(as_ada, second))["key"]
    assert wait["text"] == f"waiting for account E1: 1 of 1 in use, oldest holder {first.batch_id}"
    assert (wait["key"], wait["count"], wait["in_use"], wait["cap"]) == ("amc.account:E1", 2, 1, 1)
    assert wait["holder"] == first.batch_id


async def test_nobody_learns_the_name_of_another_s_batch(site: Site, as_mallory: httpx.AsyncClient):
    bound(site, "a", limit=Limit("amc.account:E1", 1))
    hold(site, "a")
    batch = await site.submit("a")
    await site.drain()
    other = await submit_to(site, Target(key="a", name="A"), owner=site.mallory)
    answer = await as_mallory.get(f"/batch/jobs/{other.batch_id}")
    (wait,) = answer.json()["waiting_for"]
    assert wait["text"] == "waiting for account E1: 1 of 1 in use, oldest holder another user's batch"
    assert wait["holder"] is None
    assert batch.batch_id not in answer.text


async def test_a_weight_that_does_not_fit_is_told(site: Site, as_ada: httpx.AsyncClient):
    bound(site, "a", limit=Limit("pool", 4, weight=2))
    bound(site, "b", limit=Limit("pool", 4, weight=3))
    hold(site, "a")
    batch = await site.submit("a", "b")
    await site.drain()
    wait = (await waits(as_ada, batch))["key"]
    assert wait["text"] == f"waiting for limit pool: 2 of 4 in use, 3 needed, oldest holder {batch.batch_id}"


async def test_the_batch_s_own_slots(site: Site, as_ada: httpx.AsyncClient):
    hold(site, "a")
    batch = await site.submit("a", "b", "c", max_parallel=1)
    await site.drain()
    found = await waits(as_ada, batch)
    assert found.keys() == {"parallelism"}
    wait = found["parallelism"]
    assert (wait["count"], wait["in_use"], wait["cap"]) == (2, 1, 1)
    assert wait["text"] == "waiting for a slot of this batch: 1 of 1 in use"


async def test_what_is_beyond_the_free_slots_waits_for_the_others(site: Site, as_ada: httpx.AsyncClient):
    batch = await site.submit("a", "b", "c", max_parallel=2)
    found = await waits(as_ada, batch)
    assert {cause: wait["count"] for cause, wait in found.items()} == {"parallelism": 1}


async def test_one_after_the_other(site: Site, as_ada: httpx.AsyncClient):
    hold(site, "a")
    batch = await site.submit("a", "b", "c", sequential=True)
    assert {cause: wait["count"] for cause, wait in (await waits(as_ada, batch)).items()} == {"sequential": 2}
    await site.drain()
    wait = (await waits(as_ada, batch))["sequential"]
    assert (wait["count"], wait["text"]) == (2, "waiting for its turn: one operation after the other")


async def test_a_wave(site: Site, as_ada: httpx.AsyncClient):
    hold(site, "a")
    batch = await site.submit("a", "b", "c", waves=Waves((1,)))
    await site.drain()
    wait = (await waits(as_ada, batch))["wave"]
    assert (wait["count"], wait["text"]) == (2, "waiting for wave 1 to pass: its 1 operations run first")
    job = (await as_ada.get(f"/batch/jobs/{batch.batch_id}")).json()
    assert job["waves"] == {"current": 1, "sizes": [1], "tolerated": 0}


async def test_a_strict_budget(site: Site, as_ada: httpx.AsyncClient):
    hold(site, "a")
    batch = await site.submit("a", "b", budget=FailureBudget(count=0, strict=True))
    await site.drain()
    wait = (await waits(as_ada, batch))["budget"]
    assert wait["text"] == "the strict failure budget bears 0 more: only 1 may run at once"


@pytest.mark.parametrize(
    ("mode", "text"), [("drain", "paused: lunch"), ("freeze", "frozen until 2999-01-01 00:00:00 UTC: lunch")]
)
async def test_a_pause(site: Site, as_ada: httpx.AsyncClient, mode: str, text: str):
    batch = await site.submit("a", "b")
    resume_at = "2999-01-01T00:00:00Z" if mode == "freeze" else None
    await as_ada.post(
        f"/batch/jobs/{batch.batch_id}/pause", json={"mode": mode, "reason": "lunch", "resume_at": resume_at}
    )
    wait = (await waits(as_ada, batch))["paused"]
    assert (wait["text"], wait["count"], wait["opens_at"]) == (text, 2, resume_at)


async def test_a_predecessor(site: Site, as_ada: httpx.AsyncClient):
    first = await site.submit("a")
    second = await site.submit("b", after=first.id)
    wait = (await waits(as_ada, second))["after"]
    assert wait["text"] == f"waiting for {first.batch_id} to be completed: it is queued"
    assert wait["holder"] == first.batch_id
    await site.drain()
    assert await waits(as_ada, second) == {}


async def test_a_draft(site: Site, as_ada: httpx.AsyncClient):
    batch = await submit_to(site, Target(key="a", name="A"), draft=True)
    assert (await waits(as_ada, batch))["draft"]["text"] == "waiting to be started"


async def test_a_stopped_batch(site: Site, as_ada: httpx.AsyncClient):
    site.kind.script("a", lambda _: Permanent("no"))
    batch = await site.submit("a", "b", max_parallel=1, stop_on_error=True)
    await site.step()
    wait = (await waits(as_ada, batch))["stopped"]
    assert wait["text"] == "the batch has stopped (stop_on_error): what has not begun is being skipped"


async def test_quiet_hours_of_the_batch(site: Site, as_ada: httpx.AsyncClient):
    batch = await site.submit("a", quiet_hours=(ALL_DAY,))
    wait = (await waits(as_ada, batch))["quiet_hours"]
    assert wait["text"].startswith("quiet hours of this batch until ")
    assert wait["key"] is None
    assert datetime.fromisoformat(wait["opens_at"]) > datetime.now(UTC)


async def test_a_retry(site: Site, as_ada: httpx.AsyncClient):
    site.kind.script("a", lambda _: Retryable("again", after=HOUR))
    batch = await site.submit("a")
    await site.drain()
    wait = (await waits(as_ada, batch))["retry"]
    assert wait["text"].startswith("waiting for the next try at ")
    assert datetime.fromisoformat(wait["opens_at"]) > datetime.now(UTC) + HOUR / 2


async def test_a_key_that_asked_for_a_pause(site: Site, as_ada: httpx.AsyncClient):
    bound(site, "a", "b", limit=Limit("amc.account:E1", 5))
    site.kind.script("a", lambda _: Throttled("slow down", key="amc.account:E1", after=HOUR))
    batch = await site.submit("a", "b", max_parallel=1)
    await site.step()
    wait = (await waits(as_ada, batch))["blocked"]
    assert wait["text"].startswith("account E1 asked for a pause until ")
    assert wait["opens_at"] is not None


async def test_a_cap_that_was_halved(site: Site, as_ada: httpx.AsyncClient):
    bound(site, "a", "b", limit=Limit("amc.account:E1", 8))
    hold(site, "a")
    batch = await site.submit("a", "b", max_parallel=2)
    await sql(site, "update limits set adapted_running = 1, adapted_at = now()")
    await site.drain()
    wait = (await waits(as_ada, batch))["throttled"]
    assert wait["text"] == "account E1 bears 1 instead of 8 since it said too many: 1 of 1 in use"


async def test_a_rate(site: Site, as_ada: httpx.AsyncClient):
    bound(site, "a", "b", limit=Limit("api", rate=Rate(1, HOUR)))
    batch = await site.submit("a", "b")
    await site.drain()
    wait = (await waits(as_ada, batch))["rate"]
    assert wait["text"].startswith("rate of limit api: 1 per 3600 s are spent, the next at ")
    assert datetime.fromisoformat(wait["opens_at"]) > datetime.now(UTC)


async def test_the_batch_s_own_rate(site: Site, as_ada: httpx.AsyncClient):
    batch = await site.submit("a", "b", rate=Rate(1, HOUR))
    await site.drain()
    wait = (await waits(as_ada, batch))["rate"]
    assert (wait["count"], wait["key"]) == (1, f"batch:{batch.id}")


async def test_a_target_s_breaker_lock_and_quiet_hours(site: Site, as_ada: httpx.AsyncClient):
    broken, locked, quiet = (Target(key=name, name=name.upper(), id=uuid7()) for name in ("x", "y", "z"))
    for _ in range(5):
        site.kind.script("x", lambda _: TargetUnavailable("connection refused"))
        await submit_to(site, broken, max_attempts=1)
        await site.drain()
    hold(site, "y")
    holder = await submit_to(site, locked, lock=LockMode.EXCLUSIVE)
    await site.drain()
    batch = await submit_to(site, broken, locked, quiet, lock=LockMode.SHARED)
    await sql(
        site, "update limits set quiet_hours = $2 where key = $1", f"target:{quiet.id}", [ALL_DAY.stored()]
    )
    found = await waits(as_ada, batch)
    assert found.keys() == {"breaker", "lock", "quiet_hours"}
    assert found["breaker"]["text"].startswith("X fails since ")
    assert "(connection refused): it is left alone, one try at " in found["breaker"]["text"]
    assert found["lock"]["text"] == f"Y is locked by {holder.batch_id}"
    assert found["quiet_hours"]["text"].startswith("quiet hours of Z until ")
    assert found["quiet_hours"]["key"] == f"target:{quiet.id}"


async def test_an_open_breaker_that_is_due_lets_one_try(site: Site, as_ada: httpx.AsyncClient):
    broken = Target(key="x", name="X", id=uuid7())
    hold(site, "x")
    first = await submit_to(site, broken)
    await sql(
        site, "update limits set probe_at = now() - interval '1 s' where key = $1", f"target:{broken.id}"
    )
    await site.drain()
    assert (await as_ada.get(f"/batch/jobs/{first.batch_id}")).json()["waiting_for"] == []
    second = await submit_to(site, broken)
    assert (await waits(as_ada, second))["breaker"]["text"] == "X fails: one operation tries it now"


@pytest.mark.parametrize(
    ("key", "cause", "text"),
    [
        ("global", "global_limit", "waiting for the whole installation: 1 of 1 in use, oldest holder {}"),
        ("kind:scripted", "kind_limit", "waiting for kind scripted: 1 of 1 in use, oldest holder {}"),
        ("user:{}", "user_limit", "waiting for your own limit: 1 of 1 in use"),
    ],
)
async def test_a_wide_limit(site: Site, as_ada: httpx.AsyncClient, key: str, cause: str, text: str):
    await sql(site, "insert into limits (key, max_running) values ($1, 1)", key.format(site.ada.id))
    hold(site, "a")
    batch = await site.submit("a", "b")
    await site.drain()
    found = await waits(as_ada, batch)
    assert found.keys() == {cause}
    assert found[cause]["text"] == text.format(batch.batch_id)


async def test_no_worker_and_no_free_worker(site: Site, as_ada: httpx.AsyncClient):
    batch = await site.submit("a", "b", max_parallel=1)
    await sql(site, "update workers set running_count = capacity")
    found = await waits(as_ada, batch)
    assert found["worker"]["text"] == "waiting for a worker: 50 of 50 places are taken"
    assert {cause: wait["count"] for cause, wait in found.items()} == {"worker": 1, "parallelism": 1}
    await sql(site, "update workers set stopped_at = now()")
    wait = (await waits(as_ada, batch))["worker"]
    assert (wait["text"], wait["count"]) == ("no worker is alive: start one with `fanfold worker`", 2)


async def test_no_worker_that_knows_the_kind(site: Site, as_ada: httpx.AsyncClient):
    batch = await site.submit("a", "b")
    await sql(site, "update workers set kinds = '{noop,http}'")
    wait = (await waits(as_ada, batch))["worker"]
    text = "no worker has the kind scripted installed: 1 alive without it"
    assert (wait["text"], wait["count"]) == (text, 2)
    await sql(
        site,
        "insert into workers (id, name, version, capacity, running_count, kinds)"
        " values ($1, 'k', '0', 3, 3, $2)",
        uuid7(),
        ["scripted"],
    )
    assert (await waits(as_ada, batch))["worker"]["text"] == "waiting for a worker: 3 of 3 places are taken"


async def test_a_worker_of_an_older_version_may_know_every_kind(site: Site, as_ada: httpx.AsyncClient):
    batch = await site.submit("a", "b")
    await sql(site, "update workers set kinds = null")
    assert "worker" not in await waits(as_ada, batch)


async def test_only_the_first_operations_are_looked_at_and_it_says_so(site: Site, as_ada: httpx.AsyncClient):
    keys = [f"t{number:03}" for number in range(230)]
    bound(site, *keys, limit=Limit("pool", 1))
    hold(site, keys[0])
    batch = await site.submit(*keys, max_parallel=5)
    await site.drain()
    job = (await as_ada.get(f"/batch/jobs/{batch.batch_id}")).json()
    assert job["waiting_looked_at"] == 200
    assert [(wait["cause"], wait["count"]) for wait in job["waiting_for"]] == [("key", 200)]
    assert job["progress"]["pending_operations"] == 229


async def test_an_operation_tells_its_own_reasons(site: Site, as_ada: httpx.AsyncClient):
    keys = [f"t{number:03}" for number in range(203)]
    bound(site, keys[1], keys[-1], limit=Limit("pool", 1))
    hold(site, keys[1])
    batch = await site.submit(*keys, max_parallel=2)
    await site.step()
    url = f"/batch/jobs/{batch.batch_id}/operations"
    listed = (await as_ada.get(url, params={"limit": 200, "status": "pending"})).json()["items"]
    last = (await as_ada.get(url, params={"limit": 1, "sort": "-ordinal"})).json()["items"][0]
    ordinary = (await as_ada.get(f"{url}/{listed[0]['id']}")).json()["waiting_for"]
    assert ordinary == []
    far = (await as_ada.get(f"{url}/{last['id']}")).json()["waiting_for"]
    assert [(wait["cause"], wait["count"]) for wait in far] == [("key", 1)]
    running = (await as_ada.get(url, params={"status": "running"})).json()["items"][0]
    assert (await as_ada.get(f"{url}/{running['id']}")).json()["waiting_for"] == []


async def test_a_poll_is_told_when_the_reason_to_wait_changes(site: Site, as_ada: httpx.AsyncClient):
    bound(site, "a", "b", limit=Limit("pool", 1))
    hold(site, "a")
    first = await site.submit("a")
    await site.drain()
    second = await site.submit("b")
    url = f"/batch/jobs/{second.batch_id}"
    held = (await as_ada.get(url)).headers["ETag"]
    assert (await as_ada.get(url, headers={"If-None-Match": held})).status_code == 304
    await as_ada.post(f"/batch/jobs/{first.batch_id}/cancel")
    await site.drain()
    again = await as_ada.get(url, headers={"If-None-Match": held})
    assert again.status_code == 200
    assert again.json()["waiting_for"] == []


async def test_what_has_ended_waits_for_nothing(site: Site, as_ada: httpx.AsyncClient):
    batch = await site.submit("a")
    await site.drain()
    job = (await as_ada.get(f"/batch/jobs/{batch.batch_id}")).json()
    assert (job["waiting_for"], job["waiting_looked_at"]) == ([], 0)
