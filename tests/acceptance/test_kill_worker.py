"""`kill -9` of the worker in mid-batch: the batch still ends, and AMC is asked once per operation."""

from __future__ import annotations

import psutil
import pytest

from fanfold.client import Batch
from tests.acceptance.running import Running

pytestmark = pytest.mark.timeout(200)


def test_a_killed_worker_is_replaced_and_nothing_is_submitted_twice(healthy: Running):
    with healthy.client() as client, healthy.simulator() as simulator:
        instances = list(client.instances.list(tag="demo"))
        before = simulator.get("/_sim/stats").json()["by_instance"]
        batch = client.batches.run(
            "campaign-reach-frequency", instances, parameters={"timeWindowType": "MOST_RECENT_WEEK"}
        )
        wait_for_remote_work(batch)
        worker = healthy.child("worker")
        worker.kill()
        psutil.wait_procs([worker], timeout=10)

        job = batch.wait(timeout=150)

        after = simulator.get("/_sim/stats").json()["by_instance"]
    assert job.status == "completed"
    assert job.progress.completed_operations == len(instances) == 12
    submitted = {
        one.instance_id: after[one.instance_id]["submissions"] - submissions(before, one.instance_id)
        for one in instances
    }
    assert submitted == {one.instance_id: 1 for one in instances}
    assert healthy.child("worker").pid != worker.pid


def wait_for_remote_work(batch: Batch) -> None:
    for change in batch.changes():
        if any(one.waiting == "remote" for one in change.operations):
            return
    pytest.fail("no operation ever waited for AMC")


def submissions(stats: dict[str, dict[str, int]], instance_id: str) -> int:
    return stats.get(instance_id, {}).get("submissions", 0)
