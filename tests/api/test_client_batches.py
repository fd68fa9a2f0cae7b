"""The SDK against the whole application: what is asked for in Python is what happens."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from fanfold.client import (
    AsyncClient,
    BadInput,
    Budget,
    Condition,
    FillStopped,
    IllegalTransition,
    Policy,
    PreviewStale,
    QuietHours,
    Rate,
    Target,
    Waves,
)
from fanfold.client.models import Status
from fanfold.sdk.context import Context
from fanfold.sdk.errors import Permanent
from tests.api.full_app import Site


@pytest_asyncio.fixture
async def client(site: Site) -> AsyncIterator[AsyncClient]:
    """The SDK, acting for ada."""
    token = site.services.access.issue_token(site.ada)
    inside = httpx.ASGITransport(app=site.app)
    async with AsyncClient("http://fanfold.test", token, transport=inside, retry_pauses=()) as client:
        yield client


def fails(_context: Context) -> Exception:
    return Permanent("The table is gone.")


async def test_a_batch_of_any_kind_is_submitted_with_all_that_it_is_made_of(client: AsyncClient):
    policy = Policy(
        max_parallel=2,
        rate=Rate(count=60, per_seconds=60),
        budget=Budget(percent=5, strict=True),
        quiet_hours=(QuietHours(start="22:00", end="22:01", timezone="Europe/Berlin", days=(7,)),),
        waves=Waves(sizes=(1, 2), tolerated=1),
        lock="exclusive",
    )
    batch = await client.batches.submit(
        "scripted",
        name="Spring",
        description="All of it",
        tags=["a", "b"],
        parameters={"window": 3},
        targets=["one", {"key": "two"}, Target(key="three", parameters={"window": 9}), Target(key="four")],
        skip_when=[Condition(parameter="window", operator="gt", value=5, reason="too wide")],
        policy=policy,
    )
    job = await batch.refresh()
    assert (job.name, job.tags, job.total_operations) == ("Spring", ("a", "b"), 4)
    assert job.policy is not None
    assert job.policy.rate is not None
    assert job.policy.rate.body() == {"count": 60, "per_seconds": 60}
    assert job.policy.budget is not None
    assert (job.policy.budget.percent, job.policy.budget.strict, job.policy.lock) == (5, True, "exclusive")
    assert job.policy.quiet_hours[0].timezone == "Europe/Berlin"
    assert job.waves is not None
    assert job.waves.sizes == (1, 2)
    skipped = [one async for one in batch.operations(status="skipped")]
    assert [(one.target_id, one.reason) for one in skipped] == [("three", "condition")]


async def test_bad_input_names_every_bad_item(client: AsyncClient):
    with pytest.raises(BadInput) as caught:
        await client.batches.submit("scripted", targets=["a", "a"], parameters={"window": "wide"})
    assert {one.pointer for one in caught.value.problems} >= {"/targets/1", "/parameters/window"}


async def test_a_draft_is_filled_from_here_and_there_and_started(
    site: Site, client: AsyncClient, tmp_path: Path
):
    table = tmp_path / "targets.csv"
    table.write_text("key,parameters.window:json\nc,3\n")
    draft = await client.batches.draft("scripted", name="Many")
    assert (await draft.fill({"key": key} for key in "ab")).total == 2
    assert (await draft.fill(table)).total == 3
    again = await draft.fill(["a", "d"])
    assert (again.added, again.known, again.total) == (1, 1, 4)
    with pytest.raises(FillStopped) as caught:
        await draft.fill(["e", {"name": "keyless"}])
    assert [one.pointer.startswith("/lines/2") for one in caught.value.problems] == [True]
    job = await draft.start()
    assert job.total_operations == 5
    with pytest.raises(IllegalTransition):
        await draft.fill(["f"])
    await site.drain()
    assert (await draft.refresh()).status is Status.COMPLETED


async def test_what_was_previewed_runs_or_nothing_does(client: AsyncClient):
    preview = await client.batches.preview("scripted", targets=["a", "b"], parameters={"window": 3})
    assert (preview.total_operations, [one.key for one in preview.operations]) == (2, ["a", "b"])
    assert preview.operations[0].parameters == {"window": 3}
    with pytest.raises(PreviewStale) as caught:
        await client.batches.submit("scripted", targets=["a"], parameters={"window": 3}, preview=preview)
    assert caught.value.problems
    bound = await client.batches.submit(
        "scripted", targets=["a", "b"], parameters={"window": 3}, preview=preview
    )
    assert bound.job.total_operations == 2


async def test_a_draft_is_started_as_previewed_or_not_at_all(client: AsyncClient):
    draft = await client.batches.draft("scripted", targets=["a"])
    preview = await draft.preview()
    await draft.fill(["b"])
    with pytest.raises(PreviewStale):
        await draft.start(preview=preview)
    assert (await draft.start(preview=await draft.preview())).status is not Status.PENDING


async def test_a_batch_is_paused_changed_resumed_and_cancelled_and_its_timeline_tells(client: AsyncClient):
    batch = await client.batches.submit("scripted", targets=["a", "b"])
    later = datetime.now(UTC) + timedelta(hours=1)
    job = await batch.pause("freeze", reason="lunch", resume_at=later)
    assert job.pause is not None
    assert (job.status, job.pause.mode, job.pause.reason, job.pause.by) == (
        Status.PAUSED, "freeze", "lunch", "ada",
    )  # fmt: skip
    assert job.pause.resume_at is not None
    assert any(wait.cause == "paused" for wait in batch.waiting_for)
    changed = await batch.change(max_parallel=9, budget=Budget(count=1), rate=None, name="Renamed")
    assert changed.policy is not None
    assert (changed.policy.max_parallel, changed.name) == (9, "Renamed")
    assert (await batch.resume()).pause is None
    await batch.cancel("enough")
    with pytest.raises(IllegalTransition):
        await batch.pause()
    told = [entry async for entry in batch.timeline()]
    assert {"batch.paused", "batch.changed", "batch.resumed"} <= {entry.name for entry in told}
    (change,) = (entry for entry in told if entry.name == "batch.changed")
    assert ("max_parallel", 9) in {(one.field, one.after) for one in change.changes}
    assert change.actor == "ada"


async def test_a_time_without_its_zone_is_refused_before_it_is_sent(client: AsyncClient):
    batch = await client.batches.submit("scripted", targets=["a"])
    with pytest.raises(BadInput, match="time zone"):
        await batch.pause(resume_at=datetime(2027, 1, 1))  # noqa: DTZ001 -- what is tested


async def test_failures_are_grouped_and_one_cause_runs_again_with_other_parameters(
    site: Site, client: AsyncClient
):
    for key in "ab":
        site.kind.script(key, fails)
    batch = await client.batches.submit("scripted", targets=["a", "b", "c"])
    await site.drain()
    (group,) = [one async for one in batch.failure_groups()]
    assert (group.count, group.share, {one.target_id for one in group.examples}) == (2, 100.0, {"a", "b"})
    (spread,) = [one async for one in client.batches.failure_groups()]
    assert (spread.fingerprint, [one.job_id for one in spread.jobs]) == (group.fingerprint, [batch.batch_id])

    told = await batch.retry(fingerprint=group.fingerprint, parameters={"window": 2}, dry_run=True)
    assert (told.dry_run, told.retried_operations) == (True, 2)
    assert [one.parameters for one in told.operations] == [{"window": 2}] * 2
    retried = await batch.retry(fingerprint=group.fingerprint, item_parameters={"a": {"window": 2}})
    assert retried.retried_operations == 2
    await site.drain()
    assert (await batch.refresh()).status is Status.COMPLETED
    (one,) = [one async for one in batch.operations(q="a")]
    detail = await batch.operation(one.id)
    assert [attempt.input.get("window") for attempt in detail.attempts] == [None, 2]


async def test_batches_kinds_and_workers_are_listed(client: AsyncClient):
    for name in ("one", "two"):
        await client.batches.submit("scripted", name=name, targets=["a"])
    assert [job.name async for job in client.batches.list(kind="scripted", status=["queued", "running"])] == [
        "two",
        "one",
    ]
    assert [job.name async for job in client.batches.list(kind="http")] == []
    assert [kind.name for kind in await client.batches.kinds()] == ["scripted"]
    assert (await client.batches.statistics()).by_kind == {"scripted": 2}
    (worker,) = await client.workers.list()
    assert (worker.name, worker.state) == ("bench", "alive")
