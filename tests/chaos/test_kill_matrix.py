"""`kill -9` at every step boundary of an operation: nothing lost, nothing repeated, no limit exceeded."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from fanfold.batches.model import Batch
from fanfold.kit.injection import Point
from tests.chaos.figures import figures
from tests.chaos.stage import STOPPED, Stage, WorkerProcess

KILLED = -9


async def death_of(worker: WorkerProcess) -> datetime:
    """Wait for the worker's death and return its moment."""
    ended = await worker.changed()
    assert ended == KILLED, worker.log.read_text()[-2000:]
    return datetime.now(UTC)


async def killed_at(scene: Stage, count: int, injections: Sequence[str]) -> tuple[Batch, list[datetime]]:
    """Let one worker after another die, each at its injection, and a last one bring the batch to its end."""
    survivor = await scene.standby()
    batch = await scene.submit(count)
    deaths = [await death_of(scene.worker(injection)) for injection in injections]
    survivor.signal(signal.SIGCONT)
    row = await scene.until(batch)
    assert row["completed_count"] == count
    return batch, deaths


SHORT = (
    f"{Point.AFTER_CLAIM}:kill:1",
    f"{Point.BEFORE_REMOTE_ID}:kill:4",
    f"{Point.BEFORE_RESCUE_COMMIT}:kill:1",
    f"{Point.AFTER_SINK_CLOSE}:kill:3",
    f"{Point.BEFORE_COMPLETION_COMMIT}:kill:1",
)


async def test_workers_that_die_one_after_another_lose_nothing_and_repeat_nothing(scene, prove):
    batch, deaths = await killed_at(scene, 20, SHORT)
    prove(await figures(scene, batch, "workers, one after another", deaths=deaths))


@dataclass(frozen=True, slots=True)
class Scenario:
    """How workers come to pass a point, so that they can die there."""

    point: Point
    passages: tuple[int, ...] = (1, 5)
    """One worker dies at each."""
    before: tuple[str, ...] = ()
    """Deaths that must go before."""
    fault: dict[str, Any] = field(default_factory=dict)

    @property
    def injections(self) -> tuple[str, ...]:
        return (*self.before, *(f"{self.point}:kill:{passage}" for passage in self.passages))


LEFT_BEHIND = (f"{Point.AFTER_CLAIM}:kill:1",)
UNKNOWN_ANSWER = (f"{Point.BEFORE_REMOTE_ID}:kill:3",)
FAILING = {"kind": "fail_execution", "times": 12}

MATRIX = [
    Scenario(Point.BEFORE_CLAIM_COMMIT, (1, 2)),
    Scenario(Point.AFTER_CLAIM, (1, 2)),
    Scenario(Point.BEFORE_RUN),
    Scenario(Point.BEFORE_SAVE),
    Scenario(Point.AFTER_SAVE),
    Scenario(Point.BEFORE_REMOTE_ID),
    Scenario(Point.AFTER_REMOTE_ID),
    Scenario(Point.AFTER_ADOPT, (1,), before=UNKNOWN_ANSWER),
    Scenario(Point.BEFORE_SNOOZE, (1, 3)),
    Scenario(Point.BEFORE_SNOOZE_COMMIT, (1, 3)),
    Scenario(Point.AFTER_SNOOZE, (1, 3)),
    Scenario(Point.BEFORE_SINK_CLOSE),
    Scenario(Point.AFTER_SINK_CLOSE),
    Scenario(Point.BEFORE_COMPLETION, (1, 3)),
    Scenario(Point.BEFORE_COMPLETION_COMMIT, (1, 3)),
    Scenario(Point.AFTER_COMPLETION, (1, 3)),
    Scenario(Point.BEFORE_FAILURE, (1, 2), fault=FAILING),
    Scenario(Point.BEFORE_FAILURE_COMMIT, (1, 2), fault=FAILING),
    Scenario(Point.AFTER_FAILURE, (1, 2), fault=FAILING),
    Scenario(Point.BEFORE_BEAT, (2, 4)),
    Scenario(Point.AFTER_BEAT, (1, 3)),
    Scenario(Point.BEFORE_RESCUE_COMMIT, (1,), before=LEFT_BEHIND),
    Scenario(Point.AFTER_RESCUE, (1,), before=LEFT_BEHIND),
]
CANCELLING = (Point.BEFORE_REMOTE_CANCEL, Point.AFTER_REMOTE_CANCEL)
OF_REQUESTS = (Point.AFTER_KEY_CLAIM, Point.BEFORE_SUBMIT_COMMIT, Point.AFTER_SUBMIT)
"""The API passes these: `test_lost_requests`."""
OPERATIONS = 44
"""Of each scenario: 23 of them are 1,000."""


def test_the_matrix_has_every_point():
    assert sorted([*(scenario.point for scenario in MATRIX), *CANCELLING, *OF_REQUESTS]) == sorted(Point)
    assert OPERATIONS * len(MATRIX) >= 1000


@pytest.mark.long
@pytest.mark.parametrize("scenario", MATRIX, ids=[scenario.point.value for scenario in MATRIX])
async def test_workers_die_at(scene, prove, scenario):
    if scenario.fault:
        scene.remote.fault(**scenario.fault)
    batch, deaths = await killed_at(scene, OPERATIONS, scenario.injections)
    prove(await figures(scene, batch, f"worker, {scenario.point}", deaths=deaths))


@pytest.mark.long
@pytest.mark.parametrize("point", CANCELLING)
async def test_workers_die_while_they_cancel_at(scene, prove, point):
    scene.remote.fault("stuck")
    survivor = await scene.standby()
    batch = await scene.submit(OPERATIONS)
    first = scene.worker(f"{point}:kill:1")
    await scene.until(batch, "running_count = max_parallel")
    await scene.batches.cancel(batch.batch_id, user_id=scene.user_id)
    deaths = [await death_of(first), await death_of(scene.worker(f"{point}:kill:4"))]
    survivor.signal(signal.SIGCONT)
    row = await scene.until(batch)
    assert row["status"] == "cancelled"
    counts = scene.remote.counts(batch)
    assert (counts["pending"], counts["running"]) == (0, 0), "AMC still works on what was cancelled"
    prove(await figures(scene, batch, f"worker, {point}", deaths=deaths))


async def stands_still_at(scene: Stage, count: int, injection: str, *, before: Sequence[str] = ()) -> Batch:
    """Let a worker stand still at its injection while another ends the batch; then it goes on."""
    survivor = await scene.standby()
    batch = await scene.submit(count)
    for earlier in before:
        await death_of(scene.worker(earlier))
    late = scene.worker(injection)
    assert await late.changed() == STOPPED, late.log.read_text()[-2000:]
    survivor.signal(signal.SIGCONT)
    row = await scene.until(batch)
    assert row["completed_count"] == count
    before = await scene.everything()
    late.signal(signal.SIGCONT)
    late.signal(signal.SIGTERM)
    assert await late.changed() == 0, late.log.read_text()[-2000:]
    assert await scene.everything() == before, "a late writer has changed something"
    return batch


# Every change of hands waits until the old intent may no longer be sent: on a busy machine some in a row.
@pytest.mark.timeout(300)
async def test_a_worker_that_stood_still_after_its_intent_submits_nothing_when_it_goes_on(scene, prove):
    batch = await stands_still_at(scene, 12, f"{Point.AFTER_SAVE}:stop:3")
    prove(await figures(scene, batch, "worker stands still, after_save"))


STANDING = [scenario for scenario in MATRIX if not scenario.fault]


@pytest.mark.long
@pytest.mark.parametrize("scenario", STANDING, ids=[scenario.point.value for scenario in STANDING])
async def test_workers_stand_still_at(scene, prove, scenario):
    async with asyncio.timeout(180):
        injection = f"{scenario.point}:stop:{scenario.passages[-1]}"
        batch = await stands_still_at(scene, 20, injection, before=scenario.before)
    prove(await figures(scene, batch, f"worker stands still, {scenario.point}"))
