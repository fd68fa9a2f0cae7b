"""The routes of a batch's rows, pages and files; contract A asks and answers in the same way."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from fanfold.access.current import CurrentUser
from fanfold.batches import results_schemas as schemas
from fanfold.batches.endpoints import JobId, Reader
from fanfold.batches.wanted_endpoints import WantedRoute
from fanfold.results.asking import MOST_ROWS, Rows, names
from fanfold.results.exporting import MEDIA_TYPES, File, FileFormat
from fanfold.results.filters import parse_filters
from fanfold.results.pages import Page
from fanfold.results.reader import ResultReader

router = APIRouter(prefix="/batch", tags=["results"], route_class=WantedRoute)


class ResultFormat(StrEnum):
    """A page as JSON, or a file with all rows."""

    JSON = "json"
    CSV = "csv"
    JSONL = "jsonl"
    XLSX = "xlsx"
    PARQUET = "parquet"
    ARROW = "arrow"

    @property
    def file(self) -> FileFormat | None:
        """What file it is."""
        return None if self is ResultFormat.JSON else FileFormat(self.value)


async def result_reader(request: Request) -> ResultReader:
    """Return the application's reader of results."""
    return request.app.state.services.results


async def rows_asked(
    *,
    sort: Annotated[str | None, Query(max_length=300, description="`column` or `-column`")] = None,
    filter: Annotated[  # noqa: A002 -- the parameter's name in the contract
        str | None,
        Query(max_length=20_000, description='JSON: `[{"column", "op", "value"}]`, all must hold'),
    ] = None,
    columns: Annotated[
        str | None,
        Query(max_length=20_000, description="only these, `a,b`; a name with a comma in double quotes"),
    ] = None,
    skip_missing: Annotated[
        bool, Query(description="leave out parts that are lost or damaged, and name them")
    ] = False,
    aggregate: Annotated[
        str | None,
        Query(
            max_length=20_000,
            description="SQL over `results`, the rows that the filter lets through: one SELECT; "
            "or `saved`, the one of the batch's workflow. `sort` and `columns` are then of its answer.",
        ),
    ] = None,
) -> Rows:
    """Read which rows are asked for."""
    chosen = names(columns, "/columns")
    return Rows(parse_filters(filter), sort, chosen, skip_missing, (aggregate or "").strip() or None)


RowsAsked = Annotated[Rows, Depends(rows_asked)]
Results = Annotated[ResultReader, Depends(result_reader)]


@dataclass(frozen=True, slots=True)
class PageOfRows:
    """Which page of which rows is asked for."""

    rows: Rows
    limit: int
    offset: int

    async def read(self, results: ResultReader, batch_id: UUID, *, user_id: UUID) -> Page:
        """Read it."""
        return await results.page(
            batch_id, user_id=user_id, rows=self.rows, limit=self.limit, offset=self.offset
        )


async def page_of_rows(
    *,
    rows: RowsAsked,
    limit: Annotated[int, Query(ge=1, le=MOST_ROWS)] = 1_000,
    offset: Annotated[int, Query(ge=0, le=1_000_000_000)] = 0,
) -> PageOfRows:
    """Read which page is asked for."""
    return PageOfRows(rows, limit, offset)


PageAsked = Annotated[PageOfRows, Depends(page_of_rows)]

FILES: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {
            kind.partition(";")[0]: {
                "schema": {"type": "string"}
                if form in {FileFormat.CSV, FileFormat.JSONL}
                else {"type": "string", "format": "binary"}
            }
            for form, kind in MEDIA_TYPES.items()
        }
    }
}
"""How OpenAPI describes what is not JSON."""


class Download(StreamingResponse):
    """A file that frees what it reads from, whatever becomes of the connection."""

    def __init__(self, file: File, name: str) -> None:
        headers = {"Content-Disposition": f'attachment; filename="{name}.{file.form.suffix}"'}
        if file.skipped:
            headers["Fanfold-Skipped-Parts"] = str(len(file.skipped))
        super().__init__(file.chunks, media_type=file.form.media_type, headers=headers)
        self._chunks: AsyncGenerator[bytes] = file.chunks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            await self._chunks.aclose()


@router.get("/jobs/{job_id}/results", response_model=schemas.JobResults, responses=FILES)
async def get_job_results(
    *,
    job_id: JobId,
    user: CurrentUser,
    reader: Reader,
    results: Results,
    asked: PageAsked,
    format: ResultFormat = ResultFormat.JSON,  # noqa: A002 -- the parameter's name in the contract
) -> Response:
    """Show the rows of all targets as one table, also while the job runs; a file brings all of them."""
    job = await reader.get(job_id, user_id=user.id)
    if format.file is not None:
        file = await results.file(job.id, format.file, user_id=user.id, rows=asked.rows)
        return Download(file, job.batch_id)
    page = await asked.read(results, job.id, user_id=user.id)
    given = {"job_id": job.batch_id, "limit": asked.limit, "offset": asked.offset}
    return answered(given | page.body())


def answered(content: object) -> Response:
    """Return rows as they are: checking a thousand of them against a schema costs more than reading them."""
    return Response(orjson.dumps(content, default=str), media_type="application/json")
