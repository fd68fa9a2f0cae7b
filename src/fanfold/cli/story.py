"""What `fanfold demo` shows: a batch meets trouble, ends partial, is retried in part, and ends completed."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from fanfold.cli.batch_results import table_of
from fanfold.cli.live import BatchView, watching
from fanfold.cli.output import Output
from fanfold.cli.simulated import SimulatedInstance
from fanfold.client.asynchronous import AsyncClient
from fanfold.client.batch import AsyncBatch
from fanfold.client.errors import Conflict
from fanfold.client.models import Job, Status

_HEAD_ROWS = 8
_SORT = "activity_date"
"""A day's rows of all instances together: one table, not twelve."""
_TRIES_OF_THE_FLAKY = 2


class NotAsTold(Exception):
    """The demo did not go as it should."""


@dataclass(frozen=True, slots=True)
class Cast:
    """The three instances that meet trouble."""

    throttled: SimulatedInstance
    flaky: SimulatedInstance
    broken: SimulatedInstance

    @classmethod
    def of(cls, offered: Sequence[SimulatedInstance]) -> Cast:
        """Choose them from what the simulator offers."""
        return cls(throttled=offered[1], flaky=offered[4], broken=offered[7])

    def faults(self) -> list[dict[str, Any]]:
        """Return their troubles as the simulator takes them."""
        return [
            {
                "kind": "throttle",
                "instance_ids": [self.throttled.instance_id],
                "operations": ["createWorkflowExecution"],
                "retry_after": 2,
                "times": 2,
            },
            {"kind": "fail_execution", "instance_ids": [self.flaky.instance_id], "times": 1},
            {
                "kind": "reject",
                "instance_ids": [self.broken.instance_id],
                "reason": "From line 4, column 6 to line 4, column 20: Object is not available here",
            },
        ]


class Story:
    """Tells the story over HTTP, as any user's program would."""

    def __init__(self, client: AsyncClient, *, simulator: httpx.AsyncClient, output: Output) -> None:
        self._client = client
        self._simulator = simulator
        self._output = output

    async def tell(self, workflow: str, *, offered: Sequence[SimulatedInstance], folder: Path) -> Path:
        """Run it and return the CSV's path. Raises `NotAsTold`."""
        cast = Cast.of(offered)
        await self._end_earlier()
        await self._set_faults(cast)
        batch = await self._client.batches.run(
            workflow,
            [one.instance_id for one in offered],
            parameters={"timeWindowType": "MOST_RECENT_WEEK"},
            name="Demo: one query, twelve instances",
        )
        view = BatchView(batch.job)
        self._say(
            f"Batch {batch.batch_id} runs {workflow} on {len(offered)} instances; three will meet trouble."
        )
        _expect(await self._follow(batch, view), Status.PARTIAL)
        await self._check_troubles(batch, cast)

        self._say(
            f"\n{cast.broken.name} refused the query. Its owner mends it; only that operation runs again."
        )
        await self._mend(cast.broken)
        await batch.retry()
        _expect(await self._follow(batch, view), Status.COMPLETED)
        return await self._show_table(batch, folder)

    async def _end_earlier(self) -> None:
        """Cancel what an interrupted demo left: it would go on, and meet the troubles meant for this one."""
        left = [job.job_id async for job in self._client.batches.list() if not job.status.is_final]
        for batch_id in left:
            batch = await self._client.batches.get(batch_id)
            with suppress(Conflict):
                await batch.cancel("A new demo began.")
            await batch.wait()

    async def _follow(self, batch: AsyncBatch, view: BatchView) -> Job:
        with watching(view, self._output.console) as watcher:
            job = await batch.wait(watcher=watcher)
        done = f"{job.progress.completed_operations} of {job.total_operations} completed"
        self._say(f"The batch is [bold]{job.status.word}[/bold]: {done}.")
        return job

    async def _check_troubles(self, batch: AsyncBatch, cast: Cast) -> None:
        operations = {one.target_name: one async for one in batch.operations()}
        failed = [one.target_name for one in operations.values() if one.status == "failed"]
        if failed != [cast.broken.name]:
            raise NotAsTold(
                f"{cast.broken.name} alone should have failed, not {', '.join(failed) or 'none'}."
            )
        if operations[cast.flaky.name].attempt_count != _TRIES_OF_THE_FLAKY:
            raise NotAsTold(f"{cast.flaky.name} should have failed once and been tried again.")

    async def _show_table(self, batch: AsyncBatch, folder: Path) -> Path:
        results = batch.results()
        page = await results.page(limit=_HEAD_ROWS, sort=_SORT)
        path = await results.save_csv(folder / f"{batch.batch_id}.csv")
        self._say()
        self._output.console.print(table_of(page))
        self._say(f"{len(page.rows)} of {page.total_rows:,} rows; all of them as CSV: {path}")
        if page.total_rows == 0:
            raise NotAsTold("The table should have rows.")
        return path

    async def _set_faults(self, cast: Cast) -> None:
        (await self._simulator.delete("/_sim/faults")).raise_for_status()
        (await self._simulator.post("/_sim/faults", json=cast.faults())).raise_for_status()

    async def _mend(self, instance: SimulatedInstance) -> None:
        chosen = {"instance_id": instance.instance_id}
        (await self._simulator.delete("/_sim/faults", params=chosen)).raise_for_status()

    def _say(self, text: str = "") -> None:
        self._output.console.print(text, soft_wrap=True)


def _expect(job: Job, status: Status) -> None:
    if job.status is not status:
        raise NotAsTold(f"Batch {job.job_id} should be {status.word}, and is {job.status.word}.")
