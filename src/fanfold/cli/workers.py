"""`fanfold workers`: who works, on what, and what it takes."""

from __future__ import annotations

import typer

from fanfold.cli.invocation import invocation
from fanfold.cli.output import table
from fanfold.client.workers import Worker

_MEGABYTE = 1024 * 1024


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("workers")(workers)


def workers(context: typer.Context) -> None:
    """List the workers that live, then those that went within the last hour."""
    call = invocation(context)
    found = call.ask(lambda client: client.workers.list())
    columns = ("worker", "state", "at work", "of", "cpu", "memory", "seen", "kinds", "batches")
    rows = [
        (
            one.name,
            one.state,
            one.running_operations,
            one.capacity,
            None if one.cpu_percent is None else f"{one.cpu_percent:.0f} %",
            None if one.memory_bytes is None else f"{one.memory_bytes // _MEGABYTE} MB",
            f"{one.heartbeat_at:%H:%M:%S}",
            "all" if one.kinds is None else ", ".join(one.kinds),
            _batches(one),
        )
        for one in found
    ]
    call.output.show(found, table(columns, rows, numbers=("at work", "of", "cpu", "memory")))


def _batches(worker: Worker) -> str:
    return ", ".join(f"{one.job_id} ({one.running_operations})" for one in worker.jobs)
