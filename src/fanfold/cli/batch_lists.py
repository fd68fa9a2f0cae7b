"""`fanfold batch operations`, `compare` and `export`: a batch target by target."""

from __future__ import annotations

import sys
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Group

from fanfold.cli.batch_following import BatchId
from fanfold.cli.invocation import invocation
from fanfold.cli.live import seconds
from fanfold.cli.output import table
from fanfold.cli.row_flags import RowsForm
from fanfold.client.asynchronous import AsyncClient
from fanfold.client.batch import Comparing, OperationFilter
from fanfold.client.comparison import ComparedSide, Comparison
from fanfold.client.files import FileForm, form_of
from fanfold.client.models import Operation


@dataclass(frozen=True, slots=True)
class OperationFlags:
    """Which operations are meant; every filter narrows."""

    status: Annotated[list[str] | None, typer.Option(metavar="STATE", help="Only in this state; repeat.")] = (
        None
    )
    reason: Annotated[
        list[str] | None, typer.Option(metavar="REASON", help="Only ended for this: timeout, lost …; repeat.")
    ] = None
    fingerprint: Annotated[
        list[str] | None, typer.Option(metavar="CAUSE", help="Only failures of this cause; repeat.")
    ] = None
    waiting: Annotated[
        list[str] | None, typer.Option(metavar="FOR", help="Only waiting for slot, retry or remote; repeat.")
    ] = None
    search: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Only targets whose name or key has this text.")
    ] = None

    def where(self) -> OperationFilter:
        """Return what was said."""
        where: OperationFilter = {}
        for name in ("status", "reason", "fingerprint", "waiting"):
            if value := getattr(self, name):
                where[name] = value
        if self.search:
            where["q"] = self.search
        return where


def operations(
    context: typer.Context,
    batch_id: BatchId,
    *,
    asked: OperationFlags,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 50,
) -> None:
    """List a batch's operations in the order of its targets."""
    call = invocation(context)

    async def work(client: AsyncClient) -> list[Operation]:
        found: list[Operation] = []
        batch = await client.batches.get(batch_id)
        async for one in batch.operations(**asked.where()):
            found.append(one)
            if len(found) == limit:
                break
        return found

    found = call.ask(work)
    rows = [
        (
            one.target_name,
            one.status,
            one.reason or one.waiting,
            one.attempt_count or None,
            one.row_count,
            seconds(one.duration_ms),
            one.error and one.error.message,
        )
        for one in found
    ]
    columns = ("target", "state", "reason", "tries", "rows", "time", "error")
    call.output.show(found, table(columns, rows, numbers=("tries", "rows", "time")))


def export(
    context: typer.Context,
    batch_id: BatchId,
    *,
    path: Annotated[str, typer.Argument(metavar="FILE", help="Where to write; - for stdout.")],
    form: Annotated[
        RowsForm | None,
        typer.Option("--format", metavar="FORMAT", help=f"{', '.join(RowsForm)}; else what the name says."),
    ] = None,
    asked: OperationFlags,
) -> None:
    """Write one row per target: state, tries, times, rows, error, parameters, summary."""
    call = invocation(context)
    word: FileForm = form.value if form else form_of(Path(path)) or "csv"

    async def work(client: AsyncClient) -> str:
        batch = await client.batches.get(batch_id)
        if path != "-":
            return str(await batch.export(word, path, **asked.where()))
        async with aclosing(batch.lines(word, **asked.where())) as pieces:
            async for piece in pieces:
                sys.stdout.buffer.write(piece)
        return path

    written = call.ask(work)
    if path != "-":
        call.output.show({"file": written}, f"Saved {written}")


def compare(
    context: typer.Context,
    batch_id: BatchId,
    *,
    other: Annotated[str, typer.Argument(metavar="EARLIER", help="The batch to compare it with.")],
    only: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CHANGE",
            help="newly_failed, still_failing, fixed, succeeded, not_run, only_here, only_there, "
            "slower, faster, different_row_count, different_summary; repeat.",
        ),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many targets.")] = 50,
) -> None:
    """Lay a batch beside an earlier one: what fails newly, is fixed, became slower or has other rows."""
    call = invocation(context)
    asked: Comparing = {"only": only or (), "most": limit}

    async def work(client: AsyncClient) -> Comparison:
        return await (await client.batches.get(batch_id)).compare(other, **asked)

    found = call.ask(work)
    rows = [
        (one.target_name, one.change, ", ".join(one.differences), _side(one.job), _side(one.other))
        for one in found.items
    ]
    counted = ", ".join(
        f"{count:,} {word.replace('_', ' ')}" for word, count in found.counts.items() if count
    )
    columns = ("target", "change", "differs in", "now", "before")
    call.output.show(found, Group(table(columns, rows), counted or "Nothing to compare."))


def _side(side: ComparedSide | None) -> str | None:
    if side is None:
        return None
    rows = f"{side.row_count:,} rows" if side.row_count is not None else ""
    facts = [side.status, seconds(side.duration_ms), rows, side.error_message or ""]
    return ", ".join(fact for fact in facts if fact)
