"""`fanfold batch …`: make, watch, control and read batches."""

from __future__ import annotations

import typer

from fanfold.cli import batch_attempts, batch_control, batch_lists, batch_making, batch_reading, batch_results
from fanfold.cli.option_groups import grouped

_COMMANDS = {
    "run": batch_making.run,
    "preview": batch_making.preview,
    "fill": batch_making.fill,
    "start": batch_making.start,
    "list": batch_reading.list_batches,
    "show": batch_reading.show,
    "operations": batch_lists.operations,
    "attempts": batch_attempts.attempts,
    "watch": batch_reading.watch,
    "why": batch_reading.why,
    "failures": batch_reading.failures,
    "compare": batch_lists.compare,
    "export": batch_lists.export,
    "timeline": batch_reading.timeline,
    "results": batch_results.results,
    "pause": batch_control.pause,
    "resume": batch_control.resume,
    "change": batch_control.change,
    "retry": batch_control.retry,
    "fetch": batch_control.fetch,
    "cancel": batch_control.cancel,
    "delete": batch_control.delete,
}


def register(app: typer.Typer) -> None:
    """Add the commands."""
    batch = typer.Typer(no_args_is_help=True, help="Make, watch, control and read batches.")
    for name, command in _COMMANDS.items():
        batch.command(name)(grouped(command))
    app.add_typer(batch, name="batch")
