"""A batch's table: by the page, in groups, as a file, or whole in memory as Arrow, pandas or Polars."""

from __future__ import annotations

import csv
import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from importlib import import_module
from io import BytesIO, StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from fanfold.client.errors import LibraryMissing
from fanfold.client.files import FileForm, form_for, saved
from fanfold.client.tables import AggregateReport, Chart, ComparedRows, Groups, Table
from fanfold.client.transport import Transport

if TYPE_CHECKING:
    import pyarrow as pa

Filter = Mapping[str, Any]
"""`{"column": "region", "op": "eq", "value": "eu"}`, or op ne lt le gt ge contains in is_null not_null."""


class RowsAsked(TypedDict, total=False):
    """Which rows of a batch are asked for; all of them in the order of the batch by default."""

    where: Sequence[Filter]
    """All of them must hold."""
    sort: str | None
    """A column, `-column` for descending."""
    columns: Sequence[str]
    """Only these, in this order."""
    skip_missing: bool
    """Leave out rows that the result store has lost, instead of `Conflict`."""
    aggregate: str | None
    """SQL over `results`, the rows that `where` lets through; `saved`: that of the batch's workflow.

    `sort` and `columns` are then of its answer.
    """


class GroupsAsked(TypedDict, total=False):
    """How rows are grouped."""

    measures: Sequence[str]
    """`count`, `sum:cost`, `avg:cost` …; count by default."""
    pivot: str | None
    """A column whose values become columns."""
    sort: str | None
    """A column of the answer, `-column` for descending."""
    where: Sequence[Filter]
    """Of the rows that are grouped."""
    skip_missing: bool
    limit: int
    offset: int


class ChartAsked(TypedDict, total=False):
    """How much is drawn, of which rows."""

    points: int
    """Categories at most."""
    most_series: int
    where: Sequence[Filter]
    skip_missing: bool


class RowsCompared(TypedDict, total=False):
    """What of a comparison row by row is asked for."""

    change: Sequence[str]
    """Only rows that are only_here, only_there or different."""
    across_instances: bool
    """Rows meet whatever instance they are of."""
    tolerance: float
    """Numbers no further apart are the same."""
    limit: int
    offset: int


class AsyncResults:
    """The rows that a batch's operations brought so far, as one table; readable while the batch runs."""

    def __init__(self, transport: Transport, batch_id: str) -> None:
        self._transport = transport
        self._path = f"/batch/jobs/{batch_id}/results"

    async def page(self, *, limit: int = 100, offset: int = 0, **asked: Unpack[RowsAsked]) -> Table:
        """Return some rows. Raises `BadInput` for a column that is not there."""
        query = _query(asked, limit=limit, offset=offset, format="json")
        return Table.model_validate((await self._transport.get(self._path, **query)).json())

    async def groups(self, *by: str, **asked: Unpack[GroupsAsked]) -> Groups:
        """Return one row per value of the columns *by*, times also as `day:month`; none: one row for all.

        table = await results.groups("brand", "day:month", measures=["sum:cost"], sort="-sum:cost")
        """
        query = {
            "group_by": names(by),
            "aggregate": names(asked.get("measures") or ("count",)),
            "pivot": asked.get("pivot"),
            "sort": asked.get("sort"),
            "filter": _encoded(asked.get("where", ())),
            "skip_missing": asked.get("skip_missing"),
            "limit": asked.get("limit"),
            "offset": asked.get("offset"),
        }
        answer = await self._transport.get(f"{self._path}/groups", **query)
        return Groups.model_validate(answer.json())

    async def chart(
        self, x: str, y: str = "count", *, series: str | None = None, **asked: Unpack[ChartAsked]
    ) -> Chart:
        """Return series ready to draw; *x* is a column or `day:month`, *y* `count`, `sum:cost` …

        chart = await results.chart("day", "sum:cost", series="_instance_name", points=60)
        """
        query = {
            "x": x,
            "y": y,
            "series": series,
            "points": asked.get("points"),
            "most_series": asked.get("most_series"),
            "filter": _encoded(asked.get("where", ())),
            "skip_missing": asked.get("skip_missing"),
        }
        return Chart.model_validate((await self._transport.get(f"{self._path}/chart", **query)).json())

    async def compare(
        self, other: str, *, key: Sequence[str] = (), **asked: Unpack[RowsCompared]
    ) -> ComparedRows:
        """Lay the rows beside those of the batch *other*, an earlier one; they meet by the columns of *key*.

        found = await results.compare("batch_a1b2c3d4", key=["campaign", "day"], change=["different"])
        """
        query = {"key": names(key), **asked}
        path = self._path.removesuffix("/results")
        answer = await self._transport.get(f"{path}/compare/{other}/rows", **query)
        return ComparedRows.model_validate(answer.json())

    async def try_aggregate(
        self, sql: str, *, where: Sequence[Filter] = (), limit: int = 20
    ) -> AggregateReport:
        """Return the head of an aggregation's answer, or what is wrong with it and where."""
        body = {"sql": sql, "filter": list(where), "limit": limit}
        answer = await self._transport.post(f"{self._path}/aggregate", body)
        return AggregateReport.model_validate(answer.json())

    async def file(self, form: FileForm, **asked: Unpack[RowsAsked]) -> AsyncGenerator[bytes]:
        """Yield all rows as a file, in pieces, as fast as they are taken."""
        async with aclosing(self._transport.download(self._path, **_query(asked, format=form))) as pieces:
            async for piece in pieces:
                yield piece

    async def save(self, path: Path | str, form: FileForm | None = None, **asked: Unpack[RowsAsked]) -> Path:
        """Write all rows to *path*, which is complete or absent; its ending says the *form* unless given."""
        return await saved(self.file(form_for(path, form), **asked), path)

    async def csv(self, **asked: Unpack[RowsAsked]) -> AsyncGenerator[bytes]:
        """Yield the whole table as CSV, in pieces."""
        async with aclosing(self.file("csv", **asked)) as pieces:
            async for piece in pieces:
                yield piece

    async def save_csv(self, path: Path | str, **asked: Unpack[RowsAsked]) -> Path:
        """Write the whole table as CSV to *path*, which is complete or absent."""
        return await self.save(path, "csv", **asked)

    async def to_arrow(self, **asked: Unpack[RowsAsked]) -> pa.Table:
        """Return the whole table as Arrow, with the types that the rows have."""
        # Arrow takes a third of a second to load, which `fanfold batch list` must not pay.
        import pyarrow as pa  # noqa: PLC0415 -- see above

        content = BytesIO()
        async for piece in self.file("arrow", **asked):
            content.write(piece)
        with pa.ipc.open_stream(pa.BufferReader(content.getbuffer())) as reader:
            return reader.read_all()

    async def to_pandas(self, **asked: Unpack[RowsAsked]) -> Any:
        """Return the whole table as a pandas data frame. Raises `LibraryMissing`."""
        _need("pandas")
        table: Any = await self.to_arrow(**asked)
        return table.to_pandas()

    async def to_polars(self, **asked: Unpack[RowsAsked]) -> Any:
        """Return the whole table as a Polars data frame. Raises `LibraryMissing`."""
        polars = _need("polars")
        return polars.from_arrow(await self.to_arrow(**asked))


def names(given: Sequence[str]) -> str | None:
    """Return names as the API takes them: with commas between, one that holds a comma in double quotes."""
    if not given:
        return None
    line = StringIO()
    csv.writer(line, lineterminator="").writerow(given)
    return line.getvalue()


def _query(asked: RowsAsked, **more: Any) -> dict[str, Any]:
    return {
        "sort": asked.get("sort"),
        "filter": _encoded(asked.get("where", ())),
        "columns": names(asked.get("columns", ())),
        "skip_missing": asked.get("skip_missing"),
        "aggregate": asked.get("aggregate"),
        **more,
    }


def _encoded(where: Sequence[Filter]) -> str | None:
    return json.dumps(list(where)) if where else None


def _need(library: str) -> Any:
    try:
        return import_module(library)
    except ModuleNotFoundError as error:
        raise LibraryMissing(f"This needs the package {library}: install it, or use to_arrow().") from error
