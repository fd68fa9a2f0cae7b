"""What commands share that end with a batch: watching it to its end, and saying how it ended."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from fanfold.cli.exits import exit_code_of
from fanfold.cli.invocation import Invocation
from fanfold.cli.live import BatchView, seconds, watching
from fanfold.client.batch import AsyncBatch
from fanfold.client.models import Job

BatchId = Annotated[str, typer.Argument(metavar="BATCH", help="The batch's id.")]
Wait = Annotated[bool, typer.Option("--wait/--no-wait", help="Stay until the batch ends.")]


async def follow(call: Invocation, batch: AsyncBatch) -> Job:
    """Show *batch* until it ends; Ctrl-C stops the showing and leaves the batch alone."""
    console = call.output.errors if call.output.as_json else call.output.console
    try:
        with watching(BatchView(batch.job), console) as watcher:
            return await batch.wait(watcher=watcher)
    except asyncio.CancelledError:
        call.output.note(f"{batch.batch_id} goes on; `fanfold batch watch {batch.batch_id}` shows it again.")
        raise


def end(call: Invocation, job: Job, *, waited: bool) -> None:
    """Say how a batch stands, and exit as it ended if it was waited for."""
    progress = job.progress
    took = (job.finished_at - job.started_at) if job.finished_at and job.started_at else None
    facts = [
        f"{job.job_id} is {job.status.word}",
        f"{progress.completed_operations:,} of {job.total_operations:,} completed",
        f"{progress.failed_operations:,} failed" if progress.failed_operations else "",
        f"{progress.skipped_operations:,} skipped" if progress.skipped_operations else "",
        f"{job.row_count:,} rows" if job.row_count is not None else "",
        seconds(int(took.total_seconds() * 1000)) if took else "",
    ]
    call.output.show(job, ", ".join(fact for fact in facts if fact))
    if waited:
        raise typer.Exit(exit_code_of(job.status))
