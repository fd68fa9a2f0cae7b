"""A progress bar for one batch."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from fanfold.client.models import Change, Job


@contextmanager
def progress_bar(job: Job) -> Generator[Callable[[Change], None]]:
    """Draw a bar on stderr while the block runs; it is told of changes."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[note]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(job.name, total=job.total_operations, note="")

        def watch(change: Change) -> None:
            bar.update(task, completed=change.progress.finished_operations, note=_note(change))

        yield watch


def _note(change: Change) -> str:
    failed = f", {change.progress.failed_operations} failed" if change.progress.failed_operations else ""
    return f"{change.status.word}, {change.progress.running_operations} running{failed}"
