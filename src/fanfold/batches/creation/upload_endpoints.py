"""What a request fills a draft with: JSON lines as a stream, or a CSV file, in the body or in a form."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

from fastapi import HTTPException, Request, status
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException

from fanfold.batches.creation.uploads import Upload
from fanfold.sdk.errors import BadInput, Problem

JSON_LINES = ("application/x-ndjson", "application/jsonl", "application/x-jsonlines")
CSV = ("text/csv",)
FORM = "multipart/form-data"
_PIECE = 256 * 1024
_SUFFIXES = {".csv": CSV[0], ".tsv": CSV[0], ".ndjson": JSON_LINES[0], ".jsonl": JSON_LINES[0]}


@asynccontextmanager
async def uploaded(request: Request) -> AsyncGenerator[Upload]:
    """Open what the request brings. Raises an `HTTPException` for a type that is neither."""
    kind = _type(request.headers.get("content-type", ""))
    if kind != FORM:
        yield Upload(_is_csv(kind), request.stream())
        return
    try:
        form = await request.form(max_files=1, max_fields=10)
    except MultiPartException as error:
        raise BadInput([Problem("", f"The form cannot be read: {error.message}.")]) from error
    try:
        yield _of_form(form.get("file"))
    finally:
        await form.close()


def _of_form(file: object) -> Upload:
    if not isinstance(file, UploadFile):
        raise BadInput([Problem("/file", "The form needs one file in its field `file`.")])
    name = (file.filename or "").lower()
    by_name = (kind for suffix, kind in _SUFFIXES.items() if name.endswith(suffix))
    kind = next(by_name, _type(file.content_type))
    return Upload(_is_csv(kind), _pieces(file))


async def _pieces(file: UploadFile) -> AsyncIterator[bytes]:
    while piece := await file.read(_PIECE):
        yield piece


def _is_csv(kind: str) -> bool:
    if kind not in JSON_LINES + CSV:
        raise HTTPException(
            status.HTTP_415_UNSUPPORTED_MEDIA_TYPE, f"Send {JSON_LINES[0]}, {CSV[0]} or {FORM}."
        )
    return kind in CSV


def _type(header: str | None) -> str:
    return (header or "").partition(";")[0].strip().lower()
