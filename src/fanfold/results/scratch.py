"""Tables that are made for one request: they stand in Parquet files of their own and go when it ends."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

import duckdb
import pyarrow.parquet as pq

from fanfold.results.asking import Rows
from fanfold.results.columns import Column, column_type, unite
from fanfold.results.duck import Duck
from fanfold.results.errors import ResultTooLarge
from fanfold.results.filters import Field, check
from fanfold.results.manifest import Manifest, Part, ResultSet
from fanfold.results.outside import outside
from fanfold.results.places import Held
from fanfold.results.plain_rows import table_of
from fanfold.results.reading import Reading
from fanfold.results.scan import pieces_of
from fanfold.results.selection import Selection
from fanfold.results.shown import Shown, chosen_of

_NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Made:
    """A Parquet file of some of the table's rows."""

    path: Path
    columns: tuple[Column, ...]
    row_count: int

    @classmethod
    def at(cls, path: Path, row_count: int) -> Made:
        """Look up its columns. Blocks."""
        file: Any = pq.ParquetFile(path)
        types = zip(file.schema_arrow.names, map(str, file.schema_arrow.types), strict=True)
        return cls(path, tuple(Column(name, column_type(kind), kind) for name, kind in types), row_count)


class Scratch:
    """Where such tables are; one per process."""

    def __init__(self, duck: Duck, folder: Path) -> None:
        self._duck = duck
        self._folder = folder

    def folder(self) -> TemporaryDirectory[str]:
        """Return a folder for the files of one table."""
        return TemporaryDirectory(prefix="table-", dir=self._folder)

    def reading(self, files: Sequence[Made], rows: Rows, *, of: Selection | None = None) -> Reading:
        """Return the rows of *files*, which must stay, with what is to be said *of* what they come from.

        Raises `BadInput` for a sort or columns that they do not have.
        """
        paths = {str(number): str(each.path) for number, each in enumerate(files)}
        return Reading(_selected(files, rows, of=of), self._duck, lambda _: _held(paths))

    @asynccontextmanager
    async def written(
        self, pages: AsyncIterable[Sequence[Mapping[str, Any]]], *, columns: Mapping[str, type]
    ) -> AsyncGenerator[Reading]:
        """Write *pages* of rows, the first may be empty, and give them to be read.

        Every row has *columns*; of further ones the values tell the types, page by page.
        """
        with self.folder() as folder:
            files: list[Made] = []
            async for page in pages:
                path = Path(folder, f"{len(files)}.parquet")
                files.append(await outside(partial(_write, path, page, columns=columns)))
            yield self.reading(files, Rows())


def _write(path: Path, page: Sequence[Mapping[str, Any]], *, columns: Mapping[str, type]) -> Made:
    table, stored = table_of(page, columns)
    parquet: Any = pq
    parquet.write_table(table, path, compression="zstd")
    return Made(path, stored, table.num_rows)


@asynccontextmanager
async def _held(paths: Mapping[str, str]) -> AsyncGenerator[Held]:
    try:
        yield Held(dict(paths))
    except duckdb.OutOfMemoryException as error:
        raise ResultTooLarge from error


def _selected(files: Sequence[Made], rows: Rows, *, of: Selection | None) -> Selection:
    columns = unite([each.columns for each in files])
    everything = tuple(Shown(column, f"c{index}") for index, column in enumerate(columns))
    known: Mapping[str, Field] = {
        each.column.key: Field(each.comparable, each.column.type) for each in everything
    }
    check((), sort=rows.sort, fields=known)
    return Selection(
        columns=columns,
        shown=chosen_of(everything, rows.columns),
        pieces=pieces_of([_owner(number, each) for number, each in enumerate(files)]),
        filters=(),
        sort=rows.sort,
        notes=of.notes if of else (),
        skipped=of.skipped if of else (),
    )


def _owner(number: int, made: Made) -> ResultSet:
    parts = (Part(str(number), made.row_count, 0, ""),) if made.row_count else ()
    manifest = Manifest(parts, made.columns, made.row_count, 0)
    return ResultSet(_NOBODY, "", number, "", None, "", manifest)
