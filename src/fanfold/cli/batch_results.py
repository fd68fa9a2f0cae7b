"""`fanfold batch results`: the head of a batch's table, groups of its rows, or a file with all of them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from fanfold.cli.batch_following import BatchId
from fanfold.cli.invocation import Invocation, invocation
from fanfold.cli.output import table
from fanfold.cli.row_flags import RowFlags, listed
from fanfold.client.asynchronous import AsyncClient
from fanfold.client.errors import BadInput
from fanfold.client.files import FileForm, form_of
from fanfold.client.results import AsyncResults, GroupsAsked
from fanfold.client.tables import Column, Groups, Note, SkippedPart, Table


class Form(StrEnum):
    """A page, or a file with all rows."""

    JSON = "json"
    CSV = "csv"
    JSONL = "jsonl"
    XLSX = "xlsx"
    PARQUET = "parquet"
    ARROW = "arrow"

    @property
    def file(self) -> FileForm | None:
        """What file it is."""
        return None if self is Form.JSON else self.value


@dataclass(frozen=True, slots=True)
class GroupFlags:
    """How rows are grouped; not at all by default."""

    group_by: Annotated[
        str | None,
        typer.Option(metavar="NAMES", help="One row for each value of these; times also as day:month."),
    ] = None
    measure: Annotated[
        str | None,
        typer.Option(metavar="NAMES", help="Of each group: count, sum:cost, avg:cost, distinct:user …"),
    ] = None
    pivot: Annotated[
        str | None, typer.Option(metavar="NAME", help="Make columns of this column's values.")
    ] = None

    @property
    def is_given(self) -> bool:
        """Whether rows are grouped."""
        return bool(self.group_by or self.measure or self.pivot)


@dataclass(frozen=True, slots=True)
class FileFlags:
    """Where rows go; to the screen by default."""

    form: Annotated[
        Form | None, typer.Option("--format", metavar="FORMAT", help=f"All rows as {', '.join(Form)}.")
    ] = None
    output: Annotated[
        str | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Save all rows here, - for stdout; the name says the format.",
        ),
    ] = None
    csv: Annotated[
        str | None, typer.Option(metavar="FILE", help="The same as --format csv --output FILE.")
    ] = None

    def place(self) -> tuple[FileForm, str] | None:
        """Return the format and where it goes, None for the screen. Raises `BadInput`."""
        if self.csv is not None:
            return "csv", self.csv
        if self.form is Form.JSON and self.output is None:
            return None
        given = self.form.file if self.form else None
        if self.output is None:
            return None if given is None else (given, "-")
        form = given or form_of(Path(self.output))
        if form is None or self.form is Form.JSON:
            raise BadInput(400, "A file is csv, jsonl, xlsx, parquet or arrow: say it by --format.")
        return form, self.output


def results(
    context: typer.Context,
    batch_id: BatchId,
    *,
    rows: RowFlags,
    groups: GroupFlags,
    file: FileFlags,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="Rows to show.")] = 20,
    offset: Annotated[int, typer.Option(min=0, help="Rows to leave out before them.")] = 0,
) -> None:
    """Show the head of a batch's table or groups of its rows, or save all rows as a file."""
    call = invocation(context)
    place = file.place()
    if groups.is_given and place is not None:
        raise BadInput(400, "Groups are shown by the page; for a file of them say --aggregate.")
    if groups.is_given and rows.aggregate:
        raise BadInput(400, "Say either --aggregate or groups.")
    if place is not None:
        call.ask(lambda client: _save(call, client, batch_id=batch_id, rows=rows, place=place))
        return

    async def work(client: AsyncClient) -> Table | Groups:
        found = await results_of(client, batch_id)
        if groups.is_given:
            asked = await _grouped(found, rows, groups=groups)
            asked["limit"], asked["offset"] = limit, offset
            return await found.groups(*listed(groups.group_by), **asked)
        return await found.page(limit=limit, offset=offset, **await rows.asked(found))

    page = call.ask(work)
    if file.form is Form.JSON:
        call.output.json(page)
        return
    call.output.show(page, table_of(page))
    noun = "groups" if isinstance(page, Groups) else "rows"
    call.output.say(f"{len(page.rows):,} of {page.total_rows:,} {noun}")
    _remark(call, page.notes, page.skipped)


async def results_of(client: AsyncClient, batch_id: str) -> AsyncResults:
    """Return the door to a batch's table. Raises `NotFound`."""
    return (await client.batches.get(batch_id)).results()


def table_of(page: Table | Groups) -> Any:
    """Return a page of a batch's table for people."""
    # The name says which instance it is; its id is for programs, in the files and the JSON.
    columns: Sequence[Column] = page.columns
    shown = [column.name for column in columns]
    if "_instance_name" in shown:
        shown = [name for name in shown if name != "_instance_id"]
    numbers = [column.name for column in columns if column.type == "number"]
    return table(shown, ([row.get(name) for name in shown] for row in page.rows), numbers=numbers)


async def _grouped(found: AsyncResults, rows: RowFlags, *, groups: GroupFlags) -> GroupsAsked:
    return {
        "measures": listed(groups.measure) or ["count"],
        "pivot": groups.pivot,
        "sort": rows.sort,
        "where": await rows.conditions(found),
        "skip_missing": rows.skip_missing,
    }


async def _save(
    call: Invocation, client: AsyncClient, *, batch_id: str, rows: RowFlags, place: tuple[FileForm, str]
) -> None:
    form, path = place
    found = await results_of(client, batch_id)
    asked = await rows.asked(found)
    if path == "-":
        async with aclosing(found.file(form, **asked)) as pieces:
            async for piece in pieces:
                sys.stdout.buffer.write(piece)
        return
    written = await found.save(path, form, **asked)
    call.output.show({"file": str(written), form: str(written)}, f"Saved {written}")


def _remark(call: Invocation, notes: Sequence[Note], skipped: Sequence[SkippedPart]) -> None:
    for note in notes:
        more = note.instance_count - 3
        named = ", ".join(note.instances[:3]) + (f" and {more} more" if more > 0 else "")
        call.output.say(f"{note.column}: {note.note} ({named})")
    for part in skipped:
        call.output.say(f"Left out: {part.instance_name} ({part.part} is {part.reason})")
