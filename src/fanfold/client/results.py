"""A batch's table: by the page, as a file, or whole in memory as Arrow, pandas or Polars."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fanfold.client.errors import LibraryMissing
from fanfold.client.models import Column, Table
from fanfold.client.transport import Transport

if TYPE_CHECKING:
    import pyarrow as pa

Filter = Mapping[str, Any]
"""`{"column": "region", "op": "eq", "value": "eu"}`, or op ne lt le gt ge contains in is_null not_null."""


class AsyncResults:
    """The rows that a batch's operations brought so far, as one table; readable while the batch runs."""

    def __init__(self, transport: Transport, batch_id: str) -> None:
        self._transport = transport
        self._path = f"/workflows/batch/{batch_id}/results"

    async def page(
        self, *, limit: int = 100, offset: int = 0, sort: str | None = None, where: Sequence[Filter] = ()
    ) -> Table:
        """Return some rows; *sort* is a column, `-column` for descending."""
        answer = await self._transport.get(
            self._path, limit=limit, offset=offset, sort=sort, filter=_encoded(where), format="json"
        )
        return Table.model_validate(answer.json()["batch_results"]["aggregated_data"])

    async def csv(self, *, sort: str | None = None, where: Sequence[Filter] = ()) -> AsyncGenerator[bytes]:
        """Yield the whole table as CSV, in pieces."""
        pieces = self._transport.download(self._path, format="csv", sort=sort, filter=_encoded(where))
        async with aclosing(pieces):
            async for piece in pieces:
                yield piece

    async def save_csv(self, path: Path | str) -> Path:
        """Write the whole table to *path*, which is complete or absent."""
        final = Path(path)
        partial = final.with_name(f"{final.name}.part")
        with partial.open("wb") as file:
            async for piece in self.csv():
                file.write(piece)
        return partial.rename(final)

    async def to_arrow(self, *, where: Sequence[Filter] = ()) -> pa.Table:
        """Return the whole table as Arrow, typed as the server declares its columns."""
        columns = (await self.page(limit=1, where=where)).columns
        content = BytesIO()
        async for piece in self.csv(where=where):
            content.write(piece)
        return _read_csv(content.getvalue(), columns)

    async def to_pandas(self, *, where: Sequence[Filter] = ()) -> Any:
        """Return the whole table as a pandas data frame. Raises `LibraryMissing`."""
        _need("pandas")
        table: Any = await self.to_arrow(where=where)
        return table.to_pandas()

    async def to_polars(self, *, where: Sequence[Filter] = ()) -> Any:
        """Return the whole table as a Polars data frame. Raises `LibraryMissing`."""
        polars = _need("polars")
        return polars.from_arrow(await self.to_arrow(where=where))


def _encoded(where: Sequence[Filter]) -> str | None:
    return json.dumps(list(where)) if where else None


def _need(library: str) -> Any:
    try:
        return import_module(library)
    except ModuleNotFoundError as error:
        raise LibraryMissing(f"This needs the package {library}: install it, or use to_arrow().") from error


def _read_csv(content: bytes, columns: Sequence[Column]) -> pa.Table:
    # Arrow takes a third of a second to load, which `fanfold batch list` must not pay.
    import pyarrow as pa  # noqa: PLC0415 -- see above
    from pyarrow import csv  # noqa: PLC0415 -- see above

    types = {
        "string": pa.string(),
        "number": pa.float64(),
        "boolean": pa.bool_(),
        "date": pa.date32(),
        "timestamp": pa.timestamp("us", tz="UTC"),
    }
    declared = {column.name: types.get(column.type, pa.string()) for column in columns}
    if not content.strip():
        return pa.schema(declared).empty_table()
    convert = csv.ConvertOptions(
        column_types=declared, strings_can_be_null=True, quoted_strings_can_be_null=False
    )
    return csv.read_csv(BytesIO(content), convert_options=convert)
