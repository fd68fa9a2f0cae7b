"""The SDK against the whole application: what is asked for in Python is what happens."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import openpyxl
import pytest
import pytest_asyncio

from fanfold.access.model import UserRole
from fanfold.client import (
    AsyncClient,
    BadInput,
    Budget,
    Condition,
    FillStopped,
    Forbidden,
    IllegalTransition,
    NotFound,
    Policy,
    PreviewStale,
    QuietHours,
    Rate,
    Target,
    Waves,
    blocking,
    submission,
)
from fanfold.client.batch import AsyncBatch
from fanfold.client.batches import AsyncBatches
from fanfold.client.limits import AsyncLimits
from fanfold.client.models import Status
from fanfold.client.workers import AsyncWorkers
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


async def test_targets_from_here_and_there_add_up(client: AsyncClient, tmp_path: Path):
    table, lines = tmp_path / "a.csv", tmp_path / "b.jsonl"
    table.write_text("key\na\n")
    lines.write_text('{"key": "b"}\n')
    batch = await client.batches.submit("scripted", targets=[table, lines, "c"])
    assert {one.target_id async for one in batch.operations()} == {"a", "b", "c"}
    with pytest.raises(BadInput, match="csv"):
        await client.batches.submit("scripted", targets=[table, table])


async def test_what_is_too_large_for_one_request_is_streamed_and_nothing_stays_if_it_is_wrong(
    client: AsyncClient, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(submission, "_FEW", 2)
    monkeypatch.setattr(submission, "_MOST_INLINE_BYTES", 100)
    targets = [{"key": f"target-{number:03}"} for number in range(300)]
    condition = Condition(parameter="window", operator="missing", reason="no window")
    batch = await client.batches.submit(
        "scripted", targets=[*targets, {"key": "wide", "parameters": {"window": 9}}], skip_when=[condition]
    )
    assert (batch.job.total_operations, batch.job.progress.skipped_operations) == (301, 300)
    with pytest.raises(BadInput, match="nothing runs") as caught:
        await client.batches.submit("scripted", name="Wrong", targets=[*targets, "target-007"])
    assert [one.pointer for one in caught.value.problems] == ["/lines/301"]
    assert [job.name async for job in client.batches.list(q="Wrong")] == []


async def test_batches_are_compared_and_exported_target_by_target(
    site: Site, client: AsyncClient, tmp_path: Path
):
    before = await client.batches.submit("scripted", targets=["a", "b", "c"])
    await site.drain()
    site.kind.script("a", fails)
    after = await client.batches.submit("scripted", targets=["a", "b", "d"])
    await site.drain()
    found = await after.compare(before)
    assert {one.target_key: one.change for one in found.items} == {
        "a": "newly_failed", "b": "succeeded", "c": "only_there", "d": "only_here",
    }  # fmt: skip
    worse = await after.compare(before.batch_id, only=["newly_failed"])
    assert [one.job.error_message if one.job else None for one in worse.items] == ["The table is gone."]
    assert (len((await after.compare(before, most=1)).items), found.counts["newly_failed"]) == (1, 1)

    path = await after.export("jsonl", tmp_path / "all.jsonl", status="failed")
    assert [json.loads(line)["target_key"] for line in path.read_text().splitlines()] == ["a"]
    table = await after.export("csv", tmp_path / "all.csv")
    assert len(table.read_text().splitlines()) == 4
    sheet = await after.export(None, tmp_path / "all.xlsx", status="failed")
    (name, *_), line = openpyxl.load_workbook(sheet).worksheets[0].iter_rows(values_only=True)
    assert (name, line[0]) == ("target_key", "a")
    with pytest.raises(ValueError, match="give the form"):
        await after.export(None, tmp_path / "all.txt")
    with pytest.raises(BadInput):
        await after.export("csv", tmp_path / "none.csv", status="odd")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["all.csv", "all.jsonl", "all.xlsx"]


async def test_limits_are_looked_at_set_and_given_back(site: Site, client: AsyncClient):
    with pytest.raises(Forbidden):
        await client.limits.set("kind:scripted", max_running=3)
    token = site.services.access.issue_token(await site.services.access.add_user("root", role=UserRole.ADMIN))
    inside = httpx.ASGITransport(app=site.app)
    async with AsyncClient("http://fanfold.test", token, transport=inside, retry_pauses=()) as admin:
        limit = await admin.limits.set("kind:scripted", max_running=3, rate=Rate(count=5, per_seconds=2))
        assert limit.rate is not None
        assert (limit.max_running, limit.rate.body(), limit.pinned) == (
            3, {"count": 5, "per_seconds": 2}, True,
        )  # fmt: skip
        assert (await admin.limits.set("kind:scripted", rate=None)).rate is None
        assert [one.key async for one in admin.limits.list(q="scripted")] == ["kind:scripted"]
        assert (await admin.limits.get("kind:scripted")).max_running == 3
        await admin.limits.clear("kind:scripted")
        with pytest.raises(NotFound):
            await admin.limits.reset_breaker("target:nowhere")


def test_the_blocking_face_has_every_method_of_the_core():
    pairs: list[tuple[type[Any], type[Any]]] = [
        (blocking.Batch, AsyncBatch),
        (blocking.Batches, AsyncBatches),
        (blocking.Limits, AsyncLimits),
        (blocking.Workers, AsyncWorkers),
    ]
    for face, core in pairs:
        names = {name for name in vars(core) if not name.startswith("_")}
        assert names - set(vars(face)) == set(), face
