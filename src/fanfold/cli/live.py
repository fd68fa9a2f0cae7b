"""A batch on the terminal while it runs: a table that redraws itself, or plain lines where that cannot be."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from datetime import UTC, datetime
from uuid import UUID

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from fanfold.client.models import Change, Job, Operation, Progress, Status

_SHOWN = 24
"""More rows than this do not fit on a usual terminal; what needs attention comes first."""
_URGENCY = {"running": 0, "failed": 1, "pending": 2, "cancelled": 3, "skipped": 4, "completed": 5}
_UNTOUCHED = ("pending", None)
_STYLES = {
    "running": "blue",
    "failed": "red",
    "pending": "dim",
    "cancelled": "yellow",
    "skipped": "dim",
    "completed": "green",
    "partial": "yellow",
}

Watcher = Callable[[Change], None]


class BatchView:
    """What is known of a batch so far."""

    def __init__(self, job: Job) -> None:
        self.name = job.name
        self.batch_id = job.job_id
        self.status: Status = job.status
        self.progress: Progress = job.progress
        self._operations: dict[UUID, Operation] = {}

    def update(self, change: Change) -> list[Operation]:
        """Take *change* in and return the operations that reached another state by it."""
        self.status, self.progress = change.status, change.progress
        moved = [one for one in change.operations if self._state_of(one.id) != _state(one)]
        self._operations |= {one.id: one for one in change.operations}
        return moved

    def render(self) -> RenderableType:
        """Return the batch as a table under a bar."""
        rows = Table(box=None, pad_edge=False, header_style="bold", expand=False)
        for name in ("target", "state", "tries", "rows", "time", ""):
            rows.add_column(
                name, justify="right" if name in {"tries", "rows", "time"} else "left", no_wrap=True
            )
        for operation in self._shown():
            rows.add_row(*_cells(operation))
        hidden = self.progress.total_operations - len(rows.rows)
        more = [Text(f"… and {hidden} more", style="dim")] if hidden > 0 and self._operations else []
        return Group(self._heading(), rows, *more)

    def _heading(self) -> RenderableType:
        progress = self.progress
        line = Table.grid(padding=(0, 2))
        bar = ProgressBar(total=progress.total_operations, completed=progress.finished_operations, width=30)
        line.add_row(
            Text(self.name, style="bold"),
            bar,
            f"{progress.finished_operations}/{progress.total_operations}",
            styled(self.status.word),
            _remaining(progress),
        )
        return line

    def _shown(self) -> list[Operation]:
        ordered = sorted(self._operations.values(), key=lambda one: one.ordinal)
        if len(ordered) <= _SHOWN:
            return ordered
        urgent = sorted(ordered, key=lambda one: _URGENCY.get(one.status, 9))[:_SHOWN]
        return sorted(urgent, key=lambda one: one.ordinal)

    def _state_of(self, operation_id: UUID) -> tuple[str, str | None]:
        known = self._operations.get(operation_id)
        return _state(known) if known else _UNTOUCHED


@contextmanager
def watching(view: BatchView, console: Console) -> Generator[Watcher]:
    """Show the batch on *console* while the block runs; lines tell only what *view* did not know."""
    if not console.is_terminal:
        yield lambda change: _print_lines(view.update(change), console)
        return
    with Live(view.render(), console=console, refresh_per_second=8) as live:

        def watch(change: Change) -> None:
            view.update(change)
            live.update(view.render())

        yield watch


def styled(state: str) -> Text:
    """Return a state's word in its colour."""
    return Text(state, style=_STYLES.get(state, ""))


def seconds(milliseconds: int | None) -> str:
    """Return a duration as people read it."""
    if milliseconds is None:
        return ""
    whole = milliseconds / 1000
    return f"{whole:.1f} s" if whole < 60 else f"{int(whole // 60)} min {int(whole % 60)} s"  # noqa: PLR2004 -- a minute


def _print_lines(moved: Iterable[Operation], console: Console) -> None:
    for operation in moved:
        name, state, tries, rows, took, note = _cells(operation)
        facts = [
            f"try {tries}" if operation.attempt_count > 1 else "",
            f"{rows} rows" if rows else "",
            took,
            note.plain,
        ]
        tail = ", ".join(fact for fact in facts if fact)
        stamp = datetime.now(UTC).strftime("%H:%M:%S")
        console.print(
            f"{stamp}  {name.plain:<32} {state.plain:<10} {tail}".rstrip(), markup=False, soft_wrap=True
        )


def _cells(operation: Operation) -> tuple[Text, Text, str, str, str, Text]:
    return (
        # As text: a name may hold square brackets, which are mark-up to rich.
        Text(operation.target_name),
        styled(operation.status),
        str(operation.attempt_count or ""),
        "" if operation.row_count is None else f"{operation.row_count:,}",
        seconds(operation.duration_ms),
        Text(_note(operation)),
    )


def _note(operation: Operation) -> str:
    if operation.waiting == "retry":
        reason = f": {operation.error.message}" if operation.error else ""
        return f"tries again soon{reason}"
    if operation.status == "failed" and operation.error:
        return operation.error.message
    return "AMC works" if operation.waiting == "remote" else ""


def _state(operation: Operation) -> tuple[str, str | None]:
    # A wait for the remote side comes and goes with every look at it; a wait for the next try is news.
    return operation.status, "retry" if operation.waiting == "retry" else None


def _remaining(progress: Progress) -> str:
    if progress.stalled:
        return "stalled"
    return f"about {seconds(left)} left" if (left := progress.estimated_time_remaining_ms) else ""
